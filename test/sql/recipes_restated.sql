\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The recipe examples/restated.sql: the worked numbers, and random versions against plain SQL.
SELECT plan(6);
\set restated :tests '/../examples/restated.sql'
\i :restated
SELECT results_eq($$ SELECT known_first, late_bookings, late_churn, corrections, known_later FROM recipe_restated.bridge('{2024-03-31}', '2024-04-03', '2024-06-01') $$, 'VALUES (150.00, 20.00, -50.00, 0::numeric, 120.00)', '150 known on 3 April, 120 on 1 June');
SELECT is_empty($$ SELECT * FROM recipe_restated.restatement('{2024-03-31}', '2024-06-01', '2024-06-02') $$, 'nothing was restated overnight');
SELECT results_eq($$ SELECT boundary, known_first, known_later FROM recipe_restated.bridge('{2023-12-31,2024-03-31}', '2024-06-01', '2024-06-02') ORDER BY 1 $$, $$ VALUES (date '2023-12-31', 0::numeric, 0::numeric), ('2024-03-31', 120.00, 120.00) $$, '... and a boundary before the first account is there with 0');
CREATE FUNCTION draw(i int, j int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || left(md5(i || '/' || j), 7))::bit(28)::int % below $$;
TRUNCATE recipe_restated.version;
INSERT INTO recipe_restated.version SELECT 'a' || draw(1, i, 150), daterange(s, CASE WHEN draw(2, i, 3) > 0 THEN s + 1 + draw(3, i, 300) END), draw(4, i, 10000) / 100.0, daterange(k, CASE WHEN draw(5, i, 2) = 0 THEN k + 1 + draw(6, i, 200) END)
FROM generate_series(1, 700) i, LATERAL (SELECT date '2023-06-01' + draw(7, i, 400) AS s, date '2023-07-01' + draw(8, i, 400) AS k) x;
CREATE FUNCTION plain(day date, known_on date) RETURNS TABLE (account text, amount numeric) LANGUAGE sql AS $$ SELECT account, sum(amount) FROM recipe_restated.version WHERE valid @> day AND known @> known_on GROUP BY account $$;
CREATE VIEW by_hand AS SELECT d AS boundary, account, sum(amount) FILTER (WHERE known @> date '2024-04-03') AS f, sum(amount) FILTER (WHERE known @> date '2024-06-01') AS l FROM unnest('{2024-01-31,2024-02-29,2024-03-31}'::date[]) d JOIN recipe_restated.version ON valid @> d GROUP BY 1, 2;
SELECT results_eq($$ SELECT boundary, account, known_first, known_later, change FROM recipe_restated.restatement('{2024-01-31,2024-02-29,2024-03-31}', '2024-04-03', '2024-06-01') ORDER BY 1, 2 $$,
    'SELECT boundary, account, coalesce(f, 0), coalesce(l, 0), coalesce(l, 0) - coalesce(f, 0) FROM by_hand WHERE coalesce(f, 0) <> coalesce(l, 0) ORDER BY 1, 2', 'by plain SQL');
SELECT results_eq($$ SELECT boundary, known_first, late_bookings, late_churn, corrections, known_later FROM recipe_restated.bridge('{2024-01-31,2024-02-29,2024-03-31}', '2024-04-03', '2024-06-01') ORDER BY 1 $$,
    'SELECT boundary, sum(coalesce(f, 0)), sum(l) FILTER (WHERE coalesce(f, 0) = 0), -sum(f) FILTER (WHERE coalesce(l, 0) = 0), coalesce(sum(l - f) FILTER (WHERE f <> 0 AND l <> 0), 0), sum(coalesce(l, 0)) FROM by_hand GROUP BY 1 ORDER BY 1', 'the bridge likewise');
SELECT is_empty($$ SELECT * FROM recipe_restated.bridge('{2024-01-31,2024-02-29,2024-03-31}', '2024-04-03', '2024-06-01') WHERE known_first + late_bookings + late_churn + corrections <> known_later $$, 'it adds up');
SELECT * FROM finish();
ROLLBACK;
