\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The recipe examples/cadence.sql: worked numbers, and random companies against plain SQL that looks at every day.
SELECT plan(19);
SET LOCAL jit = off; -- tables that were never analysed look large
\set cadence :tests '/../examples/cadence.sql'
\i :cadence
CREATE FUNCTION draw(i int, j int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || left(md5(i || '/' || j), 7))::bit(28)::int % below $$;

SELECT diag('Worked numbers');
SELECT results_eq($$ SELECT kind, sum(amount), sum(covered), round(sum(covered) / sum(amount), 10) FROM recipe_cadence.share_on('2024-06-30') GROUP BY kind ORDER BY kind $$, $$ VALUES ('call', 1100.00, 670.00, 0.6090909091), ('review', 1000.00, 400.00, 0.4) $$, '600, 50 and 20 of 1,100 were called in time, 400 of 1,000 reviewed');
SELECT results_eq($$ SELECT d, covered FROM unnest('{2024-05-09,2024-05-10,2024-08-07,2024-08-08}'::date[]) d, recipe_cadence.on_day(d) WHERE account = 'acme' AND kind = 'call' ORDER BY d $$, $$ VALUES (date '2024-05-09', true), ('2024-05-10', true), ('2024-08-07', true), ('2024-08-08', false) $$, '90 days from 10 May on, which is the 90th day, not the 91st');
SELECT is((SELECT covered FROM recipe_cadence.on_day('2024-08-09') WHERE account = 'acme' AND kind = 'call'), false, 'two calls in one cadence do not add up');
SELECT results_eq($$ SELECT account, kind, due_on, overdue FROM recipe_cadence.on_day('2024-06-30') WHERE NOT covered ORDER BY amount DESC $$, $$ VALUES ('acme', 'review', date '2024-05-01', 61), ('birch', 'call', '2024-05-01', 61), ('doyle', 'call', '2024-03-01', 122) $$, 'days overdue; never touched: from the first day on');
SELECT is((SELECT round(share, 10) FROM recipe_cadence.share_over('2024-01-01', '2024-07-01') WHERE csm IS NULL), round(2 / 182.0, 10), 'a call on the day before the last covers two days of 182');
SELECT is((SELECT count(*) FROM recipe_cadence.on_day('2024-06-30') WHERE account = 'egret' AND kind = 'review'), 0::bigint, 'what the segment does not ask for is not counted');

SELECT diag('Random companies');
TRUNCATE recipe_cadence.account, recipe_cadence.subscription, recipe_cadence.cadence, recipe_cadence.touch;
INSERT INTO recipe_cadence.cadence VALUES ('x', 'call', '30 days'), ('x', 'review', '3 months'), ('y', 'call', '75 days'), ('z', 'mail', '1 month');
INSERT INTO recipe_cadence.account SELECT 'a' || i, (ARRAY['x', 'y', 'z', 'none'])[1 + draw(1, i, 4)], (ARRAY['m1', 'm2', NULL])[1 + draw(2, i, 3)] FROM generate_series(1, 200) i;
INSERT INTO recipe_cadence.subscription SELECT 'a' || draw(3, i, 200) + 1, daterange(date '2023-06-01' + draw(4, i, 500), CASE WHEN draw(5, i, 2) > 0 THEN date '2023-06-01' + draw(4, i, 500) + 1 + draw(6, i, 400) END), (100 + draw(7, i, 100000)) / 100.0 FROM generate_series(1, 330) i;
INSERT INTO recipe_cadence.touch SELECT 'a' || draw(8, i, 200) + 1, (ARRAY['call', 'call', 'review', 'mail'])[1 + draw(9, i, 4)], date '2023-09-01' + draw(10, i, 500) FROM generate_series(1, 1500) i;
INSERT INTO recipe_cadence.touch SELECT * FROM recipe_cadence.touch WHERE day > '2024-08-01';  -- written down twice
CREATE TABLE plain AS
SELECT account, segment, csm, kind, d::date AS day, amount, EXISTS (SELECT FROM recipe_cadence.touch t WHERE t.account = x.account AND t.kind = x.kind AND t.day <= d AND d < t.day + every) AS covered
FROM (SELECT account, segment, csm, kind, every, d, (SELECT coalesce(sum(amount), 0) FROM recipe_cadence.subscription s WHERE s.account = a.account AND valid @> d::date) AS amount
    FROM recipe_cadence.account a JOIN recipe_cadence.cadence USING (segment), generate_series(timestamp '2024-03-01', '2024-06-30', '1 day') d) x WHERE amount > 0;
SELECT results_eq($$ SELECT account, segment, csm, kind, amount, covered FROM recipe_cadence.on_day('2024-06-10') ORDER BY 1, 4 $$, $$ SELECT account, segment, csm, kind, amount, covered FROM plain WHERE day = '2024-06-10' ORDER BY 1, 4 $$, 'who is covered on a day');
SELECT results_eq($$ SELECT account, kind, overdue FROM recipe_cadence.on_day('2024-06-30') WHERE NOT covered AND last_touch > '2024-03-01' ORDER BY 1, 2 $$,
    $$ SELECT account, kind, (SELECT count(*)::int FROM generate_series(timestamp '2024-03-01', '2024-06-30', '1 day') g WHERE g > (SELECT max(t.day + every - interval '1 day') FROM recipe_cadence.touch t, recipe_cadence.cadence c WHERE t.account = p.account AND t.kind = p.kind AND (c.segment, c.kind) = (p.segment, p.kind) AND t.day <= '2024-06-30'))
       FROM plain p WHERE day = '2024-06-30' AND NOT covered AND EXISTS (SELECT FROM recipe_cadence.touch t WHERE t.account = p.account AND t.kind = p.kind AND t.day > '2024-03-01' AND t.day <= '2024-06-30') ORDER BY 1, 2 $$, 'days overdue: those after the last one that is covered');
SELECT results_eq($$ SELECT account, kind, overdue FROM recipe_cadence.on_day('2024-06-30') WHERE last_touch IS NULL ORDER BY 1, 2 $$,
    $$ SELECT account, kind, date '2024-07-01' - (SELECT min(lower(valid)) FROM recipe_cadence.subscription s WHERE s.account = p.account) FROM plain p WHERE day = '2024-06-30' AND NOT EXISTS (SELECT FROM recipe_cadence.touch t WHERE t.account = p.account AND t.kind = p.kind AND t.day <= '2024-06-30') ORDER BY 1, 2 $$, '... never touched: from the first day on');
SELECT results_eq($$ SELECT csm, kind, accounts, amount, covered, round(share, 12) FROM recipe_cadence.share_on('2024-06-30') ORDER BY 1, 2 $$,
    $$ SELECT csm, kind, count(*), sum(amount), coalesce(sum(amount) FILTER (WHERE covered), 0), round(coalesce(sum(amount) FILTER (WHERE covered), 0) / sum(amount), 12) FROM plain WHERE day = '2024-06-30' GROUP BY 1, 2 ORDER BY 1, 2 $$, 'the share on a day, by manager and kind');
SELECT results_eq($$ SELECT csm, kind, round(share, 12) FROM recipe_cadence.share_over('2024-03-01', '2024-07-01') ORDER BY 1, 2 $$,
    $$ SELECT csm, kind, round(coalesce(sum(amount) FILTER (WHERE covered), 0) / sum(amount), 12) FROM plain GROUP BY 1, 2 ORDER BY 1, 2 $$, 'the share over four months, day by day');
SELECT results_eq($$ SELECT csm, kind, round(share, 12) FROM recipe_cadence.share_over('2024-04-17', '2024-04-18') ORDER BY 1, 2 $$, $$ SELECT csm, kind, round(share, 12) FROM recipe_cadence.share_on('2024-04-17') ORDER BY 1, 2 $$, 'over one day it is that of the day');
SELECT results_eq($$ SELECT kind, accounts_starting(covered), accounts_starting(others), round(ndr(covered), 12), round(ndr(others), 12) FROM recipe_cadence.outcome('2024-04-01', '2024-07-01') ORDER BY 1 $$,
    $$ SELECT kind, count(*) FILTER (WHERE covered), count(*) FILTER (WHERE NOT covered), round(sum(e) FILTER (WHERE covered) / sum(amount) FILTER (WHERE covered), 12), round(sum(e) FILTER (WHERE NOT covered) / sum(amount) FILTER (WHERE NOT covered), 12)
       FROM (SELECT *, coalesce((SELECT amount FROM plain e WHERE e.day = '2024-06-30' AND (e.account, e.kind) = (p.account, p.kind)), 0) AS e FROM plain p WHERE day = '2024-03-31') x GROUP BY kind ORDER BY 1 $$, 'what became of both');
SELECT results_eq($$ SELECT kind, round(incremental(l), 8) FROM recipe_cadence.outcome('2024-04-01', '2024-07-01') ORDER BY 1 $$,
    $$ SELECT kind, round(sum(y - u * b), 8) FROM (SELECT kind, segment, sum(e) FILTER (WHERE covered) AS y, sum(amount) FILTER (WHERE covered) AS b, sum(e) FILTER (WHERE NOT covered) / sum(amount) FILTER (WHERE NOT covered) AS u
       FROM (SELECT *, coalesce((SELECT amount FROM plain e WHERE e.day = '2024-06-30' AND (e.account, e.kind) = (p.account, p.kind)), 0) AS e FROM plain p WHERE day = '2024-03-31') x GROUP BY kind, segment) y GROUP BY kind ORDER BY 1 $$, '... like with like');
SELECT is((SELECT count(*) FROM recipe_cadence.on_day('2024-06-30') JOIN recipe_cadence.account USING (account) WHERE account.segment = 'none'), 0::bigint, 'a segment without a cadence is not counted');
SELECT ok((SELECT bool_and(covered = (due_on > '2024-06-30') AND covered = (overdue = 0)) FROM recipe_cadence.on_day('2024-06-30')), 'covered, not due and not overdue are the same');
SELECT is((SELECT count(*) FROM recipe_cadence.on_day('2020-01-01')), 0::bigint, 'before the first account');
SELECT cmp_ok((SELECT least(count(*) FILTER (WHERE covered), count(*) FILTER (WHERE NOT covered), count(*) FILTER (WHERE last_touch IS NULL), count(*) FILTER (WHERE csm IS NULL)) FROM recipe_cadence.on_day('2024-06-30')), '>', 5::bigint, 'covered, overdue, never touched, without a manager: all are there');
SELECT cmp_ok((SELECT count(*) FROM recipe_cadence.touch t JOIN recipe_cadence.touch u USING (account, kind) JOIN recipe_cadence.account USING (account) JOIN recipe_cadence.cadence c USING (segment, kind) WHERE u.day > t.day AND u.day < t.day + every), '>', 20::bigint, 'many touches overlap');
SELECT finish();
ROLLBACK;
