\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The recipe examples/committed.sql: the worked numbers, and random terms against plain SQL that looks each item up.
SELECT plan(8);
\set committed :tests '/../examples/committed.sql'
\i :committed
SELECT results_eq($$ SELECT * FROM recipe_committed.bridge('2024-09-15') $$, 'VALUES (160.00, 40.00, 30.00, 0.00, 60.00, 170.00)', 'live 160, signed 70, notice 60: committed 170');
SELECT results_eq($$ SELECT account, committed FROM recipe_committed.arr('2024-12-15') ORDER BY account $$, $$ VALUES ('acme', 130.00), ('birch', 0.00), ('cedar', 40.00), ('doyle', 0.00) $$, 'a quarter later the same, all of it live');
SELECT is((SELECT live FROM recipe_committed.bridge('2024-12-15')), 170.00, '... live is what was committed');
INSERT INTO recipe_committed.term VALUES ('acme', 'core', '[2025-01-01,2026-01-01)', 90, '2024-09-01', NULL);
SELECT results_eq($$ SELECT contraction, committed FROM recipe_committed.bridge('2024-09-15') $$, 'VALUES (0.00, 160.00)', 'an early renewal for less replaces its term, and the new seats still outweigh it');

CREATE FUNCTION draw(i int, j int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || left(md5(i || '/' || j), 7))::bit(28)::int % below $$;
TRUNCATE recipe_committed.term;
INSERT INTO recipe_committed.term
SELECT 'a' || draw(1, i, 120), 'item ' || draw(2, i, 3), daterange(s, s + 200 + draw(4, i, 300)), 10 + draw(5, i, 9000) / 100.0, s - draw(6, i, 150), CASE WHEN draw(7, i, 4) = 0 THEN s + draw(8, i, 300) END
FROM generate_series(1, 600) i, LATERAL (SELECT date '2023-01-01' + 7 * draw(3, i, 130) + i % 7 AS s) x;
DELETE FROM recipe_committed.term t WHERE EXISTS (SELECT FROM recipe_committed.term o WHERE o.account = t.account AND o.item = t.item AND lower(o.valid) = lower(t.valid) AND o.ctid < t.ctid);
-- Of an item: the term that starts last holds, of those that run; one that has not ended and has no notice runs on.
CREATE FUNCTION plain(as_of date, day date) RETURNS TABLE (account text, amount numeric) LANGUAGE sql AS $$
    SELECT account, sum(arr) FROM (SELECT DISTINCT ON (account, item) account, arr FROM recipe_committed.term
        WHERE signed_on <= as_of AND lower(valid) <= day AND (upper(valid) > day OR upper(valid) > as_of AND (notice_on IS NULL OR notice_on > as_of)) ORDER BY account, item, lower(valid) DESC) x GROUP BY account $$;
SELECT results_eq(format('SELECT account, live, committed FROM recipe_committed.arr(%L) WHERE live > 0 OR committed > 0 ORDER BY 1', d),
    format('SELECT account, coalesce(l.amount, 0), coalesce(c.amount, 0) FROM plain(%L, %1$L) l FULL JOIN plain(%1$L, ''9999-01-01'') c USING (account) ORDER BY 1', d), 'by plain SQL, ' || d) FROM unnest('{2024-01-01,2024-09-15,2025-03-31}'::date[]) d;
SELECT is((SELECT live + new + expansion - contraction - churn - committed FROM recipe_committed.bridge('2024-09-15')), 0.00, 'the bridge adds up');
SELECT * FROM finish();
ROLLBACK;
