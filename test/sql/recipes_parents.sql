\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- Accounts that merge, split and move: figures worked by hand, and random moves against plain SQL, in which a move is no movement.
SELECT plan(11);
\set recipe :tests '/../examples/merged_accounts.sql'
\o /dev/null
\i :recipe
\o

SELECT results_eq($$ SELECT ndr(r), grr(r), logo_churn(r) FROM (SELECT retention_agg(history, period_start, period_end) AS r FROM recipe_parents.parent_history('2024-01-01', '2025-01-01', '1 year') WHERE parent IN ('a', 'b', 'c')) x $$,
    'VALUES (0.95, 0.95, 0::numeric)', 'b merges into a: by parent NDR and GRR 95 %, nobody leaves');
SELECT is((SELECT format('%s %s %s', round(ndr(r), 3), round(grr(r), 3), round(logo_churn(r), 3)) FROM (SELECT retention_agg(history, '2024-01-01', '2025-01-01') AS r FROM recipe_parents.account_history WHERE account IN ('a', 'b', 'c')) x),
    '0.950 0.700 0.333', 'by account a third leaves');
SELECT results_eq($$ SELECT expansion, contraction, churned, new FROM bridge((SELECT array_agg(r ORDER BY period_start) FROM (SELECT period_start, retention_agg(history, period_start, period_end) AS r
    FROM recipe_parents.parent_history('2024-03-01', '2024-07-01', '1 month') WHERE parent IN ('p', 'q') GROUP BY 1) x)) $$,
    'VALUES (20.00, 0.00, 0.00, 0.00), (0.00, 0.00, 0.00, 0.00), (0.00, 0.00, 0.00, 0.00), (15.00, 0.00, 0.00, 0.00)', 'c1 moves from p to q in May: 20 in March, 15 in June, no contraction');
SELECT is_empty('SELECT * FROM recipe_parents.parent_conflict', 'the mapping is sound');
INSERT INTO recipe_parents.parent_of VALUES ('c1', 'r', '[2024-05-01,2024-05-20)');
SELECT results_eq('SELECT account, days FROM recipe_parents.parent_conflict ORDER BY days', $$ VALUES ('c1', daterange('2024-05-01', '2024-05-15')), ('c1', daterange('2024-05-15', '2024-05-20')) $$, 'two parents on a day are found');

-- A split: the new accounts below the old one.
TRUNCATE recipe_parents.subscription, recipe_parents.parent_of;
INSERT INTO recipe_parents.subscription VALUES ('old', '[2023-01-01,2024-05-10)', 100), ('new1', '[2024-05-10,)', 70), ('new2', '[2024-05-10,)', 20);
INSERT INTO recipe_parents.parent_of VALUES ('new1', 'old', '[2024-05-10,)'), ('new2', 'old', '[2024-05-10,)');
SELECT results_eq($$ SELECT starting, new, contraction, churned, ending FROM bridge(recipe_parents.bridge('2024-05-01', '2024-06-01', '1 month')) $$, 'VALUES (100.00, 0.00, 10.00, 0.00, 90.00)', 'a split is a contraction of 10, and nobody new');

-- Random companies: sites that keep what they pay and move about never move the bridge; with changes it is that of plain SQL.
TRUNCATE recipe_parents.subscription, recipe_parents.parent_of;
INSERT INTO recipe_parents.parent_of
SELECT 's' || i, 'p' || (random() * 9)::int, daterange(date '2023-01-01' + k * 90 + i % 40, CASE WHEN k < 7 THEN date '2023-01-01' + (k + 1) * 90 + i % 40 END)
FROM (SELECT setseed(0.5)) x, generate_series(1, 60) i, generate_series(-1, 7) k;
INSERT INTO recipe_parents.subscription SELECT 's' || i, '[2023-01-01,)', 10 + i FROM generate_series(1, 60) i;
SELECT is((SELECT sum(expansion + contraction + churned + new + reactivation) FROM bridge(recipe_parents.bridge('2024-01-01', '2025-01-01', '1 month'))), 0::numeric, 'moves alone: no movement in any month');
SELECT is((SELECT count(DISTINCT parent) > 5 FROM recipe_parents.parent_history('2024-01-01', '2025-01-01', '1 month')), true, 'though there are many parents');
UPDATE recipe_parents.subscription SET valid = daterange('2023-01-01', date '2024-01-01' + (random() * 300)::int) WHERE random() < 0.3;
INSERT INTO recipe_parents.subscription SELECT 's' || i, daterange(date '2024-01-01' + (random() * 300)::int, NULL), 1 + (random() * 50)::int FROM generate_series(1, 60, 2) i;
CREATE VIEW plain AS
SELECT i.period_start, p.parent, sum(a) AS s, sum(b) AS e
FROM intervals('2024-01-01', '2025-01-01', '1 month') i JOIN recipe_parents.parent_of p ON p.valid @> i.period_end - 1
JOIN LATERAL (SELECT coalesce(sum(amount) FILTER (WHERE valid @> i.period_start - 1), 0) AS a, coalesce(sum(amount) FILTER (WHERE valid @> i.period_end - 1), 0) AS b FROM recipe_parents.subscription u WHERE u.account = p.account) u ON true
GROUP BY 1, 2;
SELECT results_eq($$ SELECT period_start, starting, expansion, contraction, churned, ending FROM bridge(recipe_parents.bridge('2024-01-01', '2025-01-01', '1 month')) $$,
    $$ SELECT period_start, sum(s), sum(CASE WHEN s > 0 THEN greatest(e - s, 0) ELSE 0 END), sum(CASE WHEN e > 0 THEN greatest(s - e, 0) ELSE 0 END), sum(CASE WHEN e = 0 THEN s ELSE 0 END), sum(e) FROM plain GROUP BY 1 ORDER BY 1 $$, 'random companies: the bridge is that of plain SQL');
SELECT is_empty($$ SELECT b.period_start FROM bridge(recipe_parents.bridge('2024-01-01', '2025-01-01', '1 month')) b JOIN bridge(recipe_parents.bridge('2024-01-01', '2025-01-01', '1 month')) n ON n.period_start = b.period_end WHERE n.starting <> b.ending $$, 'over all parents each month starts with what the one before ended with');
SELECT cmp_ok((SELECT sum(expansion + contraction) FROM bridge(recipe_parents.bridge('2024-01-01', '2025-01-01', '1 month'))), '>', 0::numeric, 'and there is something to move');

SELECT * FROM finish();
ROLLBACK;
