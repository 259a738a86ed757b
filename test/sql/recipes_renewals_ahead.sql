\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The recipe examples/renewals_ahead.sql: the worked numbers, and random terms against plain SQL that counts day by day.
SELECT plan(21);
\set ahead :tests '/../examples/renewals_ahead.sql'
\i :ahead
CREATE FUNCTION draw(i int, j int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || left(md5(i || '/' || j), 7))::bit(28)::int % below $$;

SELECT diag('The worked numbers');
SELECT results_eq($$ SELECT round(sum(remaining), 10), round(sum(within_a_year), 10), round(sum(arr * months_left) / sum(arr), 2) FROM recipe_ahead.run('2024-01-01') WHERE ends IS NOT NULL $$, 'VALUES (615.0, 375.0, 17.57)', '120, 60 and 240 with 12, 3 and 24 months left: 615, of it 375 within a year; 17.57 months');
SELECT results_eq($$ SELECT arr, with_end, without_end, round(months_left, 2), round(remaining, 10), round(within_a_year, 10), of_it_not_started FROM recipe_ahead.outlook('2024-01-01') $$, 'VALUES (450.00, 420.00, 30.00, 17.57, 615.0, 375.0, 0::numeric)', 'what has no end is beside it');
SELECT results_eq($$ SELECT month, renewals, due FROM recipe_ahead.due('2024-01-01', 25) WHERE renewals > 0 ORDER BY month $$, $$ VALUES (date '2024-04-01', 1::bigint, 60.00), ('2025-01-01', 1, 120.00), ('2026-01-01', 1, 240.00) $$, 'what is due by month');
SELECT results_eq($$ SELECT sum(due), count(*) FROM recipe_ahead.due('2023-07-01', 13) $$, 'VALUES (360.00, 13::bigint)', 'half a year before; each month has a row');

SELECT diag('One case at a time');
CREATE FUNCTION with_terms(terms text) RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN
    TRUNCATE recipe_ahead.term;
    EXECUTE 'INSERT INTO recipe_ahead.term VALUES ' || terms;
    RETURN QUERY SELECT row(starts, ends, arr, due, round(months_left, 2), round(remaining, 2), round(within_a_year, 2))::text FROM recipe_ahead.run('2024-01-01') ORDER BY starts;
END $$;
SELECT results_eq($$ SELECT with_terms($q$ ('a', 'x', '[2023-01-01,2024-01-01)', 100, '2023-01-01'), ('a', 'x', '[2024-07-01,2025-07-01)', 240, '2023-12-01') $q$) $$, $$ VALUES ('(2024-07-01,2025-07-01,0,240.00,18.00,240.00,120.00)') $$, 'signed and not started: money to come, nothing live');
SELECT results_eq($$ SELECT with_terms($q$ ('a', 'x', '[2023-07-01,2024-07-01)', 120, '2023-06-01'), ('a', 'x', '[2024-07-01,2025-07-01)', 240, '2023-06-01') $q$) $$, $$ VALUES ('(2023-07-01,2025-07-01,120.00,240.00,18.00,300.00,180.00)') $$, 'a ramp is one run, due at its last amount');
SELECT results_eq($$ SELECT with_terms($q$ ('a', 'x', '[2023-07-01,2024-07-01)', 120, '2023-06-01'), ('a', 'x', '[2024-09-01,2025-09-01)', 240, '2023-06-01') $q$) $$, $$ VALUES ('(2023-07-01,2024-07-01,120.00,120.00,6.00,60.00,60.00)'), ('(2024-09-01,2025-09-01,0,240.00,20.00,240.00,80.00)') $$, 'a gap makes two runs');
SELECT results_eq($$ SELECT with_terms($q$ ('a', 'x', '[2023-07-01,2024-07-01)', 120, '2023-06-01'), ('a', 'x', '[2024-07-01,2025-07-01)', 240, '2024-01-02') $q$) $$, $$ VALUES ('(2023-07-01,2024-07-01,120.00,120.00,6.00,60.00,60.00)') $$, 'what is signed later does not count yet');
SELECT results_eq($$ SELECT with_terms($q$ ('a', 'x', '[2024-01-01,2024-07-01)', 120, '2024-01-01') $q$) $$, $$ VALUES ('(2024-01-01,2024-07-01,120.00,120.00,6.00,60.00,60.00)') $$, 'what is signed on the day counts');
SELECT results_eq($$ SELECT with_terms($q$ ('a', 'x', '[2023-07-01,2025-07-01)', 120, '2023-06-01'), ('a', 'x', '[2024-04-01,)', NULL, '2023-12-01') $q$) $$, $$ VALUES ('(2023-07-01,2024-04-01,120.00,120.00,3.00,30.00,30.00)') $$, 'notice ends the run');
SELECT results_eq($$ SELECT with_terms($q$ ('a', 'x', '[2023-07-01,2024-07-01)', 120, NULL), ('a', 'x', '[2024-02-01,)', 130, '2023-12-01') $q$) $$, $$ VALUES ('(2023-07-01,,120.00,,,0.00,0.00)') $$, 'replaced by one without an end: never due');
SELECT is((SELECT row(arr, with_end, without_end, months_left, remaining)::text FROM recipe_ahead.outlook('2020-01-01')), '(,0,0,,)', 'nothing signed');
SELECT results_eq($$ SELECT recipe_ahead.months('2024-01-31', d::date) FROM unnest('{2024-01-31,2024-02-29,2024-03-30,2024-03-31,2025-01-31}'::date[]) d $$, 'VALUES (0::numeric), (1), (1 + 30 / 31.0), (2), (12)', 'months from the last day of one');

SELECT diag('Random terms');
TRUNCATE recipe_ahead.term;
INSERT INTO recipe_ahead.term
SELECT DISTINCT ON (account, item, starts, coalesce(signed, starts)) account, item, daterange(starts, ends), arr, signed
FROM (SELECT 'a' || draw(1, i, 200) AS account, (ARRAY['x', 'y'])[1 + draw(2, i, 2)] AS item, date '2023-01-01' + draw(3, i, 800) AS starts,
        CASE WHEN draw(4, i, 6) > 0 THEN date '2023-01-01' + draw(3, i, 800) + 1 + draw(5, i, 700) END AS ends, CASE WHEN draw(6, i, 12) = 0 THEN NULL ELSE draw(7, i, 100000) / 100.0 END AS arr,
        CASE WHEN draw(8, i, 10) > 0 THEN date '2023-01-01' + draw(3, i, 800) - 500 + draw(9, i, 530) END AS signed
    FROM generate_series(1, 700) AS i) AS x
ORDER BY account, item, starts, coalesce(signed, starts), arr;
-- A run that adjoins the next one.
INSERT INTO recipe_ahead.term SELECT account, item, daterange(upper(valid), upper(valid) + 365), arr * 1.5, lower(valid) FROM recipe_ahead.term AS t WHERE upper(valid) > '2024-03-17' AND arr > 0 AND draw(10, length(account) + arr::int, 3) = 0
    AND NOT EXISTS (SELECT FROM recipe_ahead.term AS o WHERE (o.account, o.item, lower(o.valid)) = (t.account, t.item, upper(t.valid)));
CREATE TABLE day AS
SELECT account, item, d::date AS day, arr, NOT upper_inf(valid) AS ends, date_part('day', age) AS n
FROM (SELECT DISTINCT ON (account, item, d) account, item, d, arr, valid, d - date '2024-03-17' AS age FROM recipe_ahead.term, generate_series(timestamp '2024-03-17', '2028-06-01', '1 day') AS d
    WHERE coalesce(signed, lower(valid)) <= '2024-03-17' AND valid @> d::date ORDER BY account, item, d, lower(valid) DESC, coalesce(signed, lower(valid)) DESC) AS x WHERE arr > 0;
-- Each day is its share of the month that it is in; months are counted from the 17th. A run goes on until a day is missing.
CREATE TABLE run AS
SELECT account, item, min(day) AS starts, max(day) + 1 AS ends, (array_agg(arr ORDER BY day DESC))[1] AS due, max(day) = '2028-06-01' AS open,
    sum(arr * share) / 12 AS remaining, coalesce(sum(arr * share) FILTER (WHERE day < '2025-03-17'), 0) / 12 AS within, coalesce(max(arr) FILTER (WHERE day = '2024-03-17'), 0) AS arr
FROM (SELECT *, day - (row_number() OVER (PARTITION BY account, item ORDER BY day))::int AS island FROM day) AS x,
    LATERAL (SELECT 1.0 / (m2::date - m1::date) AS share FROM (SELECT date_trunc('month', day - interval '16 days') + interval '16 days' AS m1, date_trunc('month', day - interval '16 days') + interval '1 month 16 days' AS m2) AS m) AS s
GROUP BY account, item, island;
SELECT results_eq($$ SELECT account, item, greatest(starts, '2024-03-17'), ends, arr, due, round(remaining, 8), round(within_a_year, 8) FROM recipe_ahead.run('2024-03-17') ORDER BY account, item, starts $$,
    $$ SELECT account, item, starts, CASE WHEN NOT open THEN ends END, arr, CASE WHEN NOT open THEN due END, CASE WHEN open THEN 0 ELSE round(remaining, 8) END, CASE WHEN open THEN 0 ELSE round(within, 8) END FROM run ORDER BY account, item, starts $$, 'each run: its end, what is due, what is to come');
SELECT results_eq($$ SELECT arr, with_end, without_end, round(remaining, 6), round(within_a_year, 6), round(of_it_not_started, 6) FROM recipe_ahead.outlook('2024-03-17') $$,
    $$ SELECT sum(arr), sum(arr) FILTER (WHERE NOT open), sum(arr) FILTER (WHERE open), round(sum(remaining) FILTER (WHERE NOT open), 6), round(sum(within) FILTER (WHERE NOT open), 6), round(sum(remaining) FILTER (WHERE NOT open AND starts > '2024-03-17'), 6) FROM run $$, 'in all');
SELECT results_eq($$ SELECT round(months_left, 8) FROM recipe_ahead.outlook('2024-03-17') $$,
    $$ SELECT round(sum(arr * (SELECT sum(1.0 / ((date_trunc('month', d - interval '16 days') + interval '1 month 16 days')::date - (date_trunc('month', d - interval '16 days') + interval '16 days')::date)) FROM generate_series(timestamp '2024-03-17', ends - 1, '1 day') d)) / sum(arr), 8) FROM run WHERE NOT open AND arr > 0 $$, 'months left, weighted');
SELECT results_eq($$ SELECT month, renewals, due, round(share_of_arr, 10), still_under_contract FROM recipe_ahead.due('2024-03-17', 18) ORDER BY month $$,
    $$ SELECT m::date, count(r.ends), coalesce(sum(due), 0), round(coalesce(sum(due), 0) / (SELECT sum(arr) FROM run), 10), (SELECT sum(arr) FROM run WHERE NOT open AND ends >= m + interval '1 month')
       FROM generate_series(timestamp '2024-03-01', '2025-08-01', '1 month') m LEFT JOIN run r ON NOT open AND date_trunc('month', ends) = m GROUP BY m ORDER BY m $$, 'due by month, and what is left');
SELECT is((SELECT sum(due) FROM recipe_ahead.due('2024-03-17', 60)), (SELECT sum(due) FROM recipe_ahead.run('2024-03-17')), 'all that has an end is due once');
SELECT ok((SELECT bool_and(remaining >= within_a_year AND (ends IS NULL OR ends > '2024-03-17')) FROM recipe_ahead.run('2024-03-17')), 'what is within a year is part of it');
SELECT cmp_ok((SELECT least(count(*) FILTER (WHERE open), count(*) FILTER (WHERE NOT open AND starts > '2024-03-17'), count(*) FILTER (WHERE due <> arr AND arr > 0), count(*) FILTER (WHERE ends > '2025-03-17' AND NOT open)) FROM run), '>', 10::bigint, 'open runs, later ones, ramps, long ones: all are there');
SELECT cmp_ok((SELECT sum(remaining) - sum(within_a_year) FROM recipe_ahead.run('2024-03-17')), '>', 0.0, '... and money after a year');
SELECT finish();
ROLLBACK;
