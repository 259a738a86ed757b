\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The recipe examples/win_back.sql: worked numbers, and random companies against plain SQL that looks at every day.
SELECT plan(17);
\set win_back :tests '/../examples/win_back.sql'
\i :win_back
CREATE FUNCTION draw(i int, j int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || left(md5(i || '/' || j), 7))::bit(28)::int % below $$;

SELECT diag('Worked numbers');
-- Back after 30, 60, 90 days; away for 45 and 200: 4/5, then of the four without the one of 45 days 2/3, then 1/2.
SELECT results_eq($$ SELECT d, round(recipe_win_back.back_within(curve, d), 10) FROM (SELECT rollup(curve) AS curve FROM recipe_win_back.by_segment('2025-01-01', '30 days')) c, unnest('{29,30,60,89,90,200,201}'::int[]) d $$,
    'VALUES (29, 0.0), (30, 0.2), (60, round(1 - 0.8 * 2 / 3, 10)), (89, round(1 - 0.8 * 2 / 3, 10)), (90, round(1 - 0.8 / 3, 10)), (200, round(1 - 0.8 / 3, 10)), (201, NULL)', 'who is still away counts for as long as it was seen');
SELECT results_eq($$ SELECT count(*), count(returned_on), sum(lost), sum(back) FROM recipe_win_back.absence('2025-01-01', '30 days') $$, 'VALUES (5::bigint, 3::bigint, 300.00, 230.00)', 'five absences, three are over');
SELECT results_eq($$ SELECT account, days FROM recipe_win_back.absence('2025-01-01', '1 day') WHERE account IN ('fjord', 'gale') $$, $$ VALUES ('fjord', 9) $$, 'nine days late: an absence without a grace period');
SELECT results_eq($$ SELECT returned_on, days FROM recipe_win_back.absence('2024-03-31', '30 days') WHERE account = 'acme' $$, 'VALUES (NULL::date, 30)', 'the return is not known on its own day');
SELECT is((SELECT count(*) FROM recipe_win_back.absence('2024-03-30', '30 days') WHERE account = 'acme'), 0::bigint, 'a day earlier it might have been a late renewal');
SELECT ok(recipe_win_back.back_within_interval((SELECT rollup(curve) FROM recipe_win_back.by_segment('2025-01-01', '30 days')), 1000, 0.95) IS NULL, 'beyond what was seen there is no interval');

SELECT diag('Random companies');
TRUNCATE recipe_win_back.account, recipe_win_back.subscription;
INSERT INTO recipe_win_back.account SELECT 'a' || i, (ARRAY['x', 'y', NULL])[1 + draw(1, i, 3)] FROM generate_series(1, 250) i;
INSERT INTO recipe_win_back.subscription SELECT 'a' || draw(2, i, 250) + 1, daterange(date '2023-01-01' + draw(3, i, 800), CASE WHEN draw(4, i, 8) > 0 THEN date '2023-01-01' + draw(3, i, 800) + 1 + draw(5, i, 250) END), (100 + draw(6, i, 10000)) / 100.0 FROM generate_series(1, 800) i;
CREATE TABLE on_day AS SELECT account, d::date AS day, sum(amount) AS amount FROM recipe_win_back.subscription, generate_series(timestamp '2023-01-01', '2026-12-31', '1 day') d WHERE valid @> d::date GROUP BY account, d;
CREATE TABLE gap AS SELECT account, day + 1 AS left_on, next AS back_on, amount AS lost, back FROM (SELECT *, lead(day) OVER w AS next, lead(amount) OVER w AS back FROM on_day WINDOW w AS (PARTITION BY account ORDER BY day)) x WHERE day < '2026-12-31' AND next IS DISTINCT FROM day + 1;
-- As known on a day: three dates, two periods of grace.
CREATE FUNCTION plain(as_of date, grace interval) RETURNS TABLE (account text, segment text, left_on date, returned_on date, days int, lost numeric, back numeric) LANGUAGE sql AS $$
    SELECT account, segment, left_on, CASE WHEN back_on < as_of THEN back_on END, CASE WHEN back_on < as_of THEN back_on ELSE as_of END - left_on, lost, CASE WHEN back_on < as_of THEN back END
    FROM gap JOIN recipe_win_back.account USING (account) WHERE left_on < as_of AND CASE WHEN back_on < as_of THEN back_on ELSE as_of END >= left_on + grace $$;
CREATE TABLE asked (as_of date, grace interval);
INSERT INTO asked VALUES ('2024-03-31', '30 days'), ('2024-10-01', '1 month'), ('2025-01-01', '45 days');
SELECT results_eq('SELECT a.*, x.* FROM asked a, recipe_win_back.absence(as_of, grace) x ORDER BY 1, 3, 5', 'SELECT a.*, x.* FROM asked a, plain(as_of, grace) x ORDER BY 1, 3, 5', 'each absence, on three days');
SELECT results_eq($$ SELECT segment, absences, returned, lost, lost_of_returned, back FROM recipe_win_back.by_segment('2025-01-01', '45 days') ORDER BY 1 $$,
    $$ SELECT segment, count(*), count(back), sum(lost), sum(lost) FILTER (WHERE back > 0), sum(back) FROM plain('2025-01-01', '45 days') GROUP BY segment ORDER BY 1 $$, 'counts and sums by segment');
CREATE FUNCTION plain_back(who text[], within int, by_money boolean) RETURNS numeric LANGUAGE sql AS $$
    WITH x AS (SELECT days, returned_on IS NOT NULL AS returned, CASE WHEN by_money THEN lost ELSE 1 END AS w FROM plain('2025-01-01', '45 days') WHERE coalesce(segment, '-') = ANY (who))
    SELECT CASE WHEN bool_or(d = n) THEN 1 ELSE round(1 - exp(coalesce(sum(ln(1 - d / n)) FILTER (WHERE d < n), 0)), 8) END
    FROM (SELECT t.days, (SELECT sum(w) FROM x WHERE x.days >= t.days) AS n, (SELECT sum(w) FROM x WHERE x.days = t.days AND returned) AS d FROM (SELECT DISTINCT days FROM x WHERE returned AND days <= within) t) y $$;
SELECT results_eq($$ SELECT segment, d, round(recipe_win_back.back_within(curve, d), 8), round(recipe_win_back.back_within(money, d), 8) FROM recipe_win_back.by_segment('2025-01-01', '45 days'), unnest('{45,90,180,365}'::int[]) d ORDER BY 1, 2 $$,
    $$ SELECT segment, d, plain_back(ARRAY[coalesce(segment, '-')], d, false), plain_back(ARRAY[coalesce(segment, '-')], d, true) FROM (SELECT DISTINCT segment FROM recipe_win_back.account) s, unnest('{45,90,180,365}'::int[]) d ORDER BY 1, 2 $$, 'the curve by accounts and by money');
SELECT results_eq($$ SELECT d, round(recipe_win_back.back_within(rollup(curve), d), 8), round(recipe_win_back.back_within(rollup(money), d), 8) FROM recipe_win_back.by_segment('2025-01-01', '45 days'), unnest('{90,365}'::int[]) d GROUP BY d ORDER BY d $$,
    $$ SELECT d, plain_back('{x,y,-}', d, false), plain_back('{x,y,-}', d, true) FROM unnest('{90,365}'::int[]) d ORDER BY d $$, 'all segments together');
SELECT ok((SELECT bool_and(recipe_win_back.back_within_interval(curve, 180, 0.95) @> recipe_win_back.back_within(curve, 180)) FROM recipe_win_back.by_segment('2025-01-01', '45 days')), 'the interval holds the share');
SELECT ok((SELECT recipe_win_back.back_within(rollup(curve), 365) > sum(returned) / sum(absences) FROM recipe_win_back.by_segment('2025-01-01', '45 days')), 'returned over left is too low');
SELECT is((SELECT sum(back) FROM recipe_win_back.absence('2025-01-01', '1 day') WHERE returned_on >= '2024-10-01'), (SELECT sum(amount) FROM gap JOIN on_day o ON o.account = gap.account AND o.day = back_on WHERE back_on BETWEEN '2024-10-01' AND '2024-12-31'), 'what came back in a quarter');
SELECT is((SELECT sum(lost) FROM recipe_win_back.absence('2025-01-01', '1 day')), (SELECT sum(churned) FROM bridge((SELECT bridge_agg(h, '2023-01-01', '2025-01-01', '1 day') FROM recipe_win_back.history))), 'all that was lost is the churn of the bridge by days');
SELECT is((SELECT sum(back) FROM recipe_win_back.absence('2025-01-01', '1 day')), (SELECT sum(reactivation) FROM bridge((SELECT bridge_agg(h, '2023-01-01', '2025-01-01', '1 day') FROM recipe_win_back.history))), '... what came back its reactivation');
SELECT cmp_ok((SELECT least(count(*) FILTER (WHERE back_on IS NULL), count(*) FILTER (WHERE back_on - left_on < 45), count(*) FILTER (WHERE back_on > '2025-01-01' AND left_on < '2024-11-01')) FROM gap), '>', 5::bigint, 'gone, late, back afterwards: all are there');
SELECT cmp_ok((SELECT max(n) FROM (SELECT count(*) AS n FROM recipe_win_back.absence('2025-01-01', '45 days') GROUP BY account) x), '>', 1::bigint, 'some left twice');
SELECT finish();
ROLLBACK;
