\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The recipe examples/failed_payments.sql: the worked numbers, and random episodes against the product of Kaplan and Meier by hand.
SELECT plan(8);
\set failed_payments :tests '/../examples/failed_payments.sql'
\i :failed_payments
SELECT is((SELECT round(1 - survival(episodes, 14), 10) FROM recipe_dunning.curves('2024-03-31')), 0.70::numeric(11,10), 'recovered after 2, 5, 9 days, open 7, abandoned 21: 0.70 by day 14');
SELECT results_eq($$ SELECT outcome, count(*) FROM recipe_dunning.known('2024-03-31') GROUP BY 1 ORDER BY 1 $$, $$ VALUES ('given up', 1::bigint), ('open', 1), ('recovered', 3) $$, '3 of 5, naively');
SELECT results_eq($$ SELECT account, days, outcome FROM recipe_dunning.known('2024-03-05') ORDER BY 1 $$, $$ VALUES ('acme', 2, 'recovered'), ('birch', 4, 'open'), ('cedar', 3, 'open'), ('egret', 4, 'open') $$, 'what was not known yet is open');
UPDATE recipe_dunning.episode SET cancelled_on = '2024-03-28' WHERE account = 'doyle';
SELECT results_eq($$ SELECT days, outcome FROM recipe_dunning.known('2024-03-31') WHERE account = 'doyle' $$, $$ VALUES (4, 'cancelled') $$, 'who cancels meanwhile leaves of his own will');
CREATE FUNCTION draw(i int, j int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || left(md5(i || '/' || j), 7))::bit(28)::int % below $$;
TRUNCATE recipe_dunning.episode;
INSERT INTO recipe_dunning.episode SELECT 'a' || i, d, CASE WHEN draw(2, i, 3) > 0 THEN d + draw(3, i, 30) END, CASE WHEN draw(4, i, 5) = 0 THEN d + 21 END, CASE WHEN draw(5, i, 9) = 0 THEN d + draw(6, i, 25) END, draw(7, i, 9000) / 100.0 FROM generate_series(1, 300) i, LATERAL (SELECT date '2024-01-01' + draw(1, i, 90) AS d) x;
SELECT is((SELECT round(1 - survival(episodes, day), 8) FROM recipe_dunning.curves('2024-03-31')), (
    WITH e AS (SELECT *, least(recovered_on, given_up_on, cancelled_on, '2024-03-31') - failed_on AS days, recovered_on <= least(given_up_on, cancelled_on, '2024-03-31') AS back FROM recipe_dunning.episode WHERE failed_on <= '2024-03-31')
    SELECT round(1 - exp(sum(ln(1 - n::numeric / r))), 8) FROM (SELECT k, (SELECT count(*) FROM e WHERE days = k AND back) AS n, (SELECT count(*) FROM e WHERE days >= k) AS r FROM generate_series(0, day) k) x WHERE n > 0), 'by hand, day ' || day) FROM unnest('{1,7,14}'::int[]) day;
SELECT results_eq($$ SELECT outcome, count(*), sum(amount) FROM recipe_dunning.known('2024-03-31') GROUP BY 1 ORDER BY 1 $$, $$
    SELECT CASE WHEN f IS NULL OR f > '2024-03-31' THEN 'open' WHEN f = recovered_on THEN 'recovered' WHEN f = cancelled_on THEN 'cancelled' ELSE 'given up' END, count(*), sum(amount) FROM (SELECT *, least(recovered_on, given_up_on, cancelled_on) AS f FROM recipe_dunning.episode WHERE failed_on <= '2024-03-31') x GROUP BY 1 ORDER BY 1 $$, 'what became of them');
SELECT * FROM finish();
ROLLBACK;
