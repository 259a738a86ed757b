\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The recipe examples/failed_payments.sql: the worked numbers, and random episodes against the product of Kaplan and Meier and the variance of Greenwood by hand.
SELECT plan(17);
\set failed_payments :tests '/../examples/failed_payments.sql'
\i :failed_payments
SELECT is((SELECT round(1 - survival(episodes, 14), 10) FROM recipe_failed_payments.curves('2024-03-31')), 0.70::numeric(11,10), 'recovered after 2, 5, 9 days, open 7, abandoned 21: 0.70 by day 14');
SELECT results_eq($$ SELECT outcome, count(*) FROM recipe_failed_payments.known('2024-03-31') GROUP BY 1 ORDER BY 1 $$, $$ VALUES ('given up', 1::bigint), ('open', 1), ('recovered', 3) $$, '3 of 5, naively');
SELECT results_eq($$ SELECT account, days, outcome FROM recipe_failed_payments.known('2024-03-05') ORDER BY 1 $$, $$ VALUES ('acme', 2, 'recovered'), ('birch', 4, 'open'), ('cedar', 3, 'open'), ('egret', 4, 'open') $$, 'what was not known yet is open');
-- 2 of 5 after 5 days: S = 0.6, V = 1 / (5 * 4) + 1 / (4 * 3).
SELECT results_eq($$ SELECT round(lower(i), 8), round(upper(i), 8) FROM recipe_failed_payments.curves('2024-03-31'), recipe_failed_payments.recovered_interval(episodes, 5, 0.95) i $$,
    $$ SELECT round(1 - power(0.6, exp(-1.959963984540054 * sqrt(1 / 20.0 + 1 / 12.0) / -ln(0.6))), 8), round(1 - power(0.6, exp(1.959963984540054 * sqrt(1 / 20.0 + 1 / 12.0) / -ln(0.6))), 8) $$, 'the interval is that of recovered, by hand');
SELECT results_eq($$ SELECT d, recipe_failed_payments.recovered_interval(episodes, d, 0.95) @> recipe_failed_payments.recovered(episodes, d) FROM recipe_failed_payments.curves('2024-03-31'), unnest('{2,5,9,14,21}'::int[]) d $$, 'SELECT d, true FROM unnest(''{2,5,9,14,21}''::int[]) d', '... and holds it');
SELECT results_eq($$ SELECT recipe_failed_payments.recovered(episodes, 22), recipe_failed_payments.recovered_interval(episodes, 22, 0.95) FROM recipe_failed_payments.curves('2024-03-31') $$, 'VALUES (NULL::numeric, NULL::numrange)', 'beyond what was seen there is neither');
UPDATE recipe_failed_payments.episode SET cancelled_on = '2024-03-28' WHERE account = 'doyle';
SELECT results_eq($$ SELECT days, outcome FROM recipe_failed_payments.known('2024-03-31') WHERE account = 'doyle' $$, $$ VALUES (4, 'cancelled') $$, 'who cancels meanwhile leaves of his own will');
SELECT results_eq($$ SELECT days, outcome FROM recipe_failed_payments.known('2024-03-28') WHERE account = 'doyle' UNION ALL SELECT days, outcome FROM recipe_failed_payments.known('2024-03-27') WHERE account = 'doyle' $$, $$ VALUES (4, 'cancelled'), (3, 'open') $$, 'known from its own day on');
-- Censored: with a thousand given up on the day of their failure the curve is the same, 1 - 4/5 * 2/3 * 1/2, and the naive share next to nothing.
SELECT lives_ok($$ INSERT INTO recipe_failed_payments.episode SELECT 'g' || i, '2024-03-01', NULL, '2024-03-01', NULL, 10 FROM generate_series(1, 1000) i $$, 'many that were given up at once');
SELECT is((SELECT round(recipe_failed_payments.recovered(episodes, 14), 10) FROM recipe_failed_payments.curves('2024-03-31')), round(1 - 4/15.0, 10), '... change nothing: the curve is as if nobody had been given up');
CREATE FUNCTION draw(i int, j int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || left(md5(i || '/' || j), 7))::bit(28)::int % below $$;
TRUNCATE recipe_failed_payments.episode;
SELECT results_eq($$ SELECT episodes, money FROM recipe_failed_payments.curves('2024-03-31') $$, 'VALUES (NULL::survival_summary, NULL::survival_summary)', 'no episodes, no curve');
INSERT INTO recipe_failed_payments.episode SELECT 'a' || i, d, CASE WHEN draw(2, i, 3) > 0 THEN d + draw(3, i, 30) END, CASE WHEN draw(4, i, 5) = 0 THEN d + 21 END, CASE WHEN draw(5, i, 9) = 0 THEN d + draw(6, i, 25) END, CASE WHEN draw(8, i, 15) > 0 THEN draw(7, i, 9000) / 100.0 END
FROM generate_series(1, 300) i, LATERAL (SELECT date '2024-01-01' + draw(1, i, 90) AS d) x;
-- What happened first, of all that has a day; of two on one day the recovery.
CREATE FUNCTION plain(as_of date) RETURNS TABLE (days int, back boolean, amount numeric) LANGUAGE sql AS $$
    SELECT min(d) - failed_on, bool_or(d = recovered_on) FILTER (WHERE d <= as_of AND d <= coalesce(given_up_on, d) AND d <= coalesce(cancelled_on, d)) IS TRUE, coalesce(amount, 0)
    FROM recipe_failed_payments.episode, unnest(ARRAY[recovered_on, given_up_on, cancelled_on, as_of]) d WHERE failed_on <= as_of GROUP BY account, failed_on, amount $$;
-- The product of (n - d) / n by episodes or money, and 1 / S * dS of Greenwood.
CREATE FUNCTION by_hand(as_of date, day int, by_money boolean) RETURNS TABLE (share numeric, v numeric) LANGUAGE sql AS $$
    WITH e AS (SELECT *, CASE WHEN by_money THEN amount ELSE 1 END AS w FROM plain(as_of)),
        step AS (SELECT (SELECT sum(w) FROM e WHERE days >= k) AS n, (SELECT sum(w) FROM e WHERE days = k AND back) AS d FROM generate_series(0, day) k)
    SELECT 1 - exp(sum(ln(1 - d / n))), sum(d / (n * (n - d))) FROM step WHERE d > 0 $$;
SELECT results_eq(format('SELECT d, round(recipe_failed_payments.recovered(episodes, d), 8), round(recipe_failed_payments.recovered(money, d), 8) FROM recipe_failed_payments.curves(%L), unnest(''{0,1,7,14,20}''::int[]) d ORDER BY 1', as_of),
    format('SELECT d, round(e.share, 8), round(m.share, 8) FROM unnest(''{0,1,7,14,20}''::int[]) d, by_hand(%L, d, false) e, by_hand(%1$L, d, true) m ORDER BY 1', as_of), 'by hand, of episodes and money, ' || as_of) FROM unnest('{2024-02-10,2024-03-31,2024-06-01}'::date[]) as_of;
SELECT results_eq($$ SELECT d, round(lower(i), 6), round(upper(i), 6) FROM recipe_failed_payments.curves('2024-03-31'), unnest('{1,7,14,20}'::int[]) d, recipe_failed_payments.recovered_interval(episodes, d, 0.95) i ORDER BY 1 $$, $$
    SELECT d, round(1 - power(1 - share, exp(-1.959963984540054 * sqrt(v) / -ln(1 - share))), 6), round(1 - power(1 - share, exp(1.959963984540054 * sqrt(v) / -ln(1 - share))), 6) FROM unnest('{1,7,14,20}'::int[]) d, by_hand('2024-03-31', d, false) ORDER BY 1 $$, 'the interval by hand');
SELECT cmp_ok((SELECT least(count(*) FILTER (WHERE outcome = 'open'), count(*) FILTER (WHERE outcome = 'given up'), count(*) FILTER (WHERE outcome = 'cancelled'), count(*) FILTER (WHERE outcome = 'recovered' AND days = 0)) FROM recipe_failed_payments.known('2024-03-31')), '>', 1::bigint, 'all outcomes are there');
SELECT results_eq($$ SELECT outcome, count(*), sum(amount) FROM recipe_failed_payments.known('2024-03-31') GROUP BY 1 ORDER BY 1 $$, $$
    SELECT CASE WHEN f IS NULL OR f > '2024-03-31' THEN 'open' WHEN f = recovered_on THEN 'recovered' WHEN f = cancelled_on THEN 'cancelled' ELSE 'given up' END, count(*), sum(amount) FROM (SELECT *, least(recovered_on, given_up_on, cancelled_on) AS f FROM recipe_failed_payments.episode WHERE failed_on <= '2024-03-31') x GROUP BY 1 ORDER BY 1 $$, 'what became of them');
SELECT * FROM finish();
ROLLBACK;
