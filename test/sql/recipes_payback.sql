\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The recipe examples/payback.sql: the worked numbers, and random companies against plain SQL over the raw rows.
SET LOCAL jit = off; -- tables that were never analysed look large
SELECT plan(19);
\set payback :tests '/../examples/payback.sql'
\i :payback
CREATE FUNCTION draw(i int, j int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || left(md5(i || '/' || j), 7))::bit(28)::int % below $$;

SELECT diag('The worked numbers');
SELECT results_eq($$ SELECT revenue, so_far * 0.8 FROM recipe_payback.by_month('2024-01-01', '2024-06-01', 0.8) WHERE cohort = '2024-01-01' ORDER BY month $$, 'VALUES (1000.0, 800.0), (900, 1520), (850, 2200), (800, 2840), (800, 3480)', 'cost 3,000, revenue 1000, 900, 850, 800, 800, a margin of 0.8');
SELECT results_eq($$ SELECT channel, cohort, month FROM recipe_payback.payback('2024-01-01', '2024-06-01', 0.8) ORDER BY channel, cohort $$, $$ VALUES ('ads', date '2024-01-01', 5), ('ads', '2024-02-01', NULL), ('ads', '2024-03-01', NULL), ('partner', '2024-04-01', 2) $$, 'month 5; who has not got there yet is NULL');
SELECT is((SELECT month FROM recipe_payback.payback('2024-01-01', '2024-05-01', 0.8) WHERE cohort = '2024-01-01'), NULL::int, 'a month earlier nobody could know');
SELECT results_eq($$ SELECT cohorts, cost, round(share, 10) FROM recipe_payback.share_after('2024-01-01', '2024-06-01', 0.8, 4) ORDER BY channel $$, 'VALUES (2::bigint, 5000.00, 0.92), (0, NULL, NULL)', 'by month 4: only the cohorts that are so old');
SELECT results_eq($$ SELECT channel, cohorts, round(logo_retention, 10), round(revenue_retention, 10) FROM recipe_payback.retention('2024-01-01', '2024-06-01', 3, 5) $$, $$ VALUES ('ads', 1::bigint, 0.6666666667, 0.9411764706) $$, 'month 5 of month 3: 800 of 850');
SELECT is((SELECT month FROM recipe_payback.payback('2024-01-01', '2024-06-01', 0.75) WHERE cohort = '2024-01-01'), 5, 'a margin of 0.75: 3,262.50');
SELECT is((SELECT month FROM recipe_payback.payback('2024-01-01', '2024-06-01', 0.68) WHERE cohort = '2024-01-01'), NULL::int, '... of 0.68: 2,958');
UPDATE recipe_payback.spend SET cost = 2840 WHERE cost = 3000;
SELECT is((SELECT month FROM recipe_payback.payback('2024-01-01', '2024-06-01', 0.8) WHERE cohort = '2024-01-01'), 4, 'to the cent is enough');
DELETE FROM recipe_payback.spend WHERE cost = 2840;
SELECT is((SELECT row(accounts, cost, share, month)::text FROM recipe_payback.payback('2024-01-01', '2024-06-01', 0.8) WHERE cohort = '2024-01-01'), '(4,,,)', 'without a cost nothing comes back');

SELECT diag('Random companies');
TRUNCATE recipe_payback.account, recipe_payback.revenue, recipe_payback.spend;
INSERT INTO recipe_payback.account SELECT 'a' || i, (ARRAY['x', 'y', 'z', NULL])[1 + draw(1, i, 4)] FROM generate_series(1, 300) i;
INSERT INTO recipe_payback.revenue SELECT 'a' || a, date '2023-11-15' + draw(3, a, 500) + draw(4, i, 400), CASE WHEN draw(5, i, 15) = 0 THEN NULL ELSE (draw(6, i, 100000) - 8000) / 100.0 END FROM generate_series(1, 2500) i, LATERAL (SELECT 1 + draw(2, i, 300) AS a) x;
INSERT INTO recipe_payback.spend SELECT c, m::date, 1000 + draw(7, date_part('month', m)::int + length(c), 6000) FROM unnest('{x,y,nobody}'::text[]) c, generate_series(timestamp '2023-10-01', '2025-03-01', '1 month') m WHERE NOT (c = 'y' AND date_part('month', m) = 5);
-- A refund is no event; before the month of the first event of an account it counts nowhere.
CREATE TABLE born AS SELECT account, coalesce(channel, 'unknown') AS channel, min(day) AS day FROM recipe_payback.account JOIN recipe_payback.revenue USING (account) WHERE amount >= 0 OR amount IS NULL GROUP BY account;
CREATE TABLE bill AS SELECT channel, date_trunc('month', b.day)::date AS cohort, account, amount, (12 * date_part('year', r.day) + date_part('month', r.day) - 12 * date_part('year', b.day) - date_part('month', b.day) + 1)::int AS k FROM born b JOIN recipe_payback.revenue r USING (account);
CREATE INDEX ON bill (channel, cohort);
CREATE TABLE cohort AS
SELECT channel, cohort, (SELECT count(*) FROM born b WHERE b.channel = c.channel AND date_trunc('month', b.day) = cohort) AS accounts, (SELECT cost FROM recipe_payback.spend s WHERE s.channel = c.channel AND s.month = cohort) AS cost
FROM (SELECT channel, month AS cohort FROM recipe_payback.spend UNION SELECT channel, date_trunc('month', day)::date FROM born) AS c WHERE cohort >= '2024-01-01' AND cohort < '2025-01-01';
CREATE FUNCTION got(c text, m date, from_month int, to_month int) RETURNS numeric LANGUAGE sql AS $$ SELECT coalesce(sum(amount), 0) FROM bill WHERE channel = c AND cohort = m AND k BETWEEN from_month AND to_month $$;
CREATE FUNCTION there(c text, m date, month int) RETURNS bigint LANGUAGE sql AS $$ SELECT count(DISTINCT account) FROM bill WHERE channel = c AND cohort = m AND k = month AND (amount >= 0 OR amount IS NULL) $$;
CREATE TABLE cell AS SELECT c.*, k, got(channel, cohort, k, k) AS revenue, got(channel, cohort, 1, k) AS so_far, there(channel, cohort, k) AS active FROM cohort c, generate_series(1, 12) k WHERE cohort + k * interval '1 month' <= '2025-01-01';
SELECT results_eq($$ SELECT channel, cohort, month, accounts, active, cost, revenue, so_far, round(share, 10) FROM recipe_payback.by_month('2024-01-01', '2025-01-01', 0.7) ORDER BY 1, 2, 3 $$,
    'SELECT channel, cohort, k, accounts, active, cost, revenue, so_far, round(so_far * 0.7 / cost, 10) FROM cell ORDER BY 1, 2, 3', 'each cohort, month by month');
SELECT results_eq($$ SELECT channel, cohort, accounts, cost, months_seen, round(share, 10), month FROM recipe_payback.payback('2024-01-01', '2025-01-01', 0.7) ORDER BY 1, 2 $$,
    $$ SELECT channel, cohort, accounts, cost, 13 - date_part('month', cohort)::int, (SELECT round(so_far * 0.7 / cost, 10) FROM cell x WHERE x.channel = c.channel AND x.cohort = c.cohort ORDER BY k DESC LIMIT 1), (SELECT k FROM cell x WHERE x.channel = c.channel AND x.cohort = c.cohort AND so_far * 0.7 / cost >= 1 ORDER BY k LIMIT 1)
       FROM cohort c ORDER BY 1, 2 $$, 'the month in which it had come back');
SELECT results_eq($$ SELECT channel, cohorts, cost, round(share, 10) FROM recipe_payback.share_after('2024-01-01', '2025-01-01', 0.7, 6) ORDER BY 1 $$,
    $$ SELECT channel, count(cost) FILTER (WHERE cohort <= '2024-07-01'), sum(cost) FILTER (WHERE cohort <= '2024-07-01'), round(sum(got(channel, cohort, 1, 6)) FILTER (WHERE cohort <= '2024-07-01' AND cost > 0) * 0.7 / sum(cost) FILTER (WHERE cohort <= '2024-07-01'), 10) FROM cohort GROUP BY channel ORDER BY 1 $$, 'the share that is back after six months');
SELECT results_eq($$ SELECT channel, cohorts, accounts, round(logo_retention, 10), round(revenue_retention, 10) FROM recipe_payback.retention('2024-01-01', '2025-01-01', 3, 8) ORDER BY 1 $$,
    $$ SELECT channel, count(*), sum(there(channel, cohort, 3)), round(sum(there(channel, cohort, 8)) / sum(there(channel, cohort, 3)), 10), round(sum(got(channel, cohort, 8, 8)) / sum(got(channel, cohort, 3, 3)), 10) FROM cohort WHERE cohort <= '2024-05-01' AND accounts > 0 GROUP BY channel ORDER BY 1 $$, 'month 8 of month 3');
SELECT is((SELECT sum(accounts) FROM recipe_payback.payback('2024-01-01', '2025-01-01', 0.7)), (SELECT count(*)::numeric FROM born WHERE day BETWEEN '2024-01-01' AND '2024-12-31'), 'nobody is in two cohorts');
SELECT results_eq($$ SELECT count(*), sum(accounts), max(share), count(month) FROM recipe_payback.payback('2024-01-01', '2025-01-01', 0.7) WHERE channel = 'nobody' $$, 'VALUES (12::bigint, 0::numeric, 0::numeric, 0::bigint)', 'a channel that won nobody');
SELECT results_eq($$ SELECT DISTINCT channel FROM recipe_payback.payback('2024-01-01', '2025-01-01', 0.7) WHERE cost IS NULL ORDER BY channel $$, $$ VALUES ('unknown'), ('y'), ('z') $$, 'cohorts whose cost is not known');
SELECT ok((SELECT bool_and(month IS NULL AND share IS NULL) FROM recipe_payback.payback('2024-01-01', '2025-01-01', 0.7) WHERE cost IS NULL), '... come back never');
SELECT cmp_ok((SELECT least(count(month), count(*) FILTER (WHERE month IS NULL AND share > 0), count(*) FILTER (WHERE month > 2)) FROM recipe_payback.payback('2024-01-01', '2025-01-01', 0.7)), '>', 2::bigint, 'some have, some have not, some late');
SELECT cmp_ok((SELECT count(*) FROM recipe_payback.revenue WHERE amount < 0), '>', 20::bigint, 'there are refunds');
SELECT finish();
ROLLBACK;
