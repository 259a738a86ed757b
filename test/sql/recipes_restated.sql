\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The recipe examples/restated.sql: the worked numbers, and random versions against plain SQL that looks at each row.
SELECT plan(15);
\set restated :tests '/../examples/restated.sql'
\i :restated
SELECT results_eq($$ SELECT known_first, late_bookings, late_churn, corrections, known_later FROM recipe_restated.bridge('{2024-03-31}', '2024-04-03', '2024-06-01') $$, 'VALUES (150.00, 20.00, -50.00, 0::numeric, 120.00)', '150 known on 3 April, 120 on 1 June');
SELECT is_empty($$ SELECT * FROM recipe_restated.restatement('{2024-03-31}', '2024-06-01', '2024-06-02') $$, 'nothing was restated overnight');
SELECT results_eq($$ SELECT boundary, known_first, known_later FROM recipe_restated.bridge('{2023-12-31,2024-03-31}', '2024-06-01', '2024-06-02') ORDER BY 1 $$, $$ VALUES (date '2023-12-31', 0::numeric, 0::numeric), ('2024-03-31', 120.00, 120.00) $$, '... and a boundary before the first account is there with 0');
SELECT results_eq($$ SELECT * FROM recipe_restated.bridge('{2024-03-31,2024-02-29,2024-03-31,NULL}', '2024-04-03', '2024-06-01') ORDER BY 1 $$, $$ SELECT * FROM recipe_restated.bridge('{2024-02-29,2024-03-31}', '2024-04-03', '2024-06-01') ORDER BY 1 $$, 'a boundary that is named twice counts once, and NULL is none');
SELECT results_eq($$ SELECT * FROM recipe_restated.restatement('{2024-03-31,2024-03-31,NULL}', '2024-04-03', '2024-06-01') ORDER BY 2 $$, $$ SELECT * FROM recipe_restated.restatement('{2024-03-31}', '2024-04-03', '2024-06-01') ORDER BY 2 $$, '... by account too');
SELECT is_empty($$ SELECT * FROM recipe_restated.bridge(NULL, '2024-04-03', '2024-06-01') UNION ALL SELECT * FROM recipe_restated.bridge('{}', '2024-04-03', '2024-06-01') $$, 'no boundary, no row');
SELECT is_empty($$ SELECT * FROM recipe_restated.bridge('{2024-03-31}', NULL, '2024-06-01') UNION ALL SELECT * FROM recipe_restated.bridge('{2024-03-31}', '2024-04-03', NULL) $$, 'no day of a report, no row: nothing is made a late booking of');
SELECT is_empty($$ SELECT * FROM recipe_restated.restatement('{2024-03-31}', NULL, '2024-06-01') $$, '... by account too');
INSERT INTO recipe_restated.version VALUES (NULL, '[2024-01-01,)', 7, '[2024-01-05,)'), (NULL, '[2024-01-01,)', 1, '[2024-05-01,)');
SELECT results_eq($$ SELECT kind, known_first, known_later FROM recipe_restated.restatement('{2024-03-31}', '2024-04-03', '2024-06-01') WHERE account IS NULL $$, $$ VALUES ('corrected upwards', 7.00, 8.00) $$, 'rows without an account are one on both days');
CREATE FUNCTION draw(i int, j int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || left(md5(i || '/' || j), 7))::bit(28)::int % below $$;
TRUNCATE recipe_restated.version;
INSERT INTO recipe_restated.version SELECT CASE WHEN draw(9, i, 40) > 0 THEN 'a' || draw(1, i, 150) END, CASE WHEN draw(10, i, 30) > 0 THEN daterange(s, CASE WHEN draw(2, i, 3) > 0 THEN s + draw(3, i, 300) END) END,
    CASE WHEN draw(11, i, 20) > 0 THEN draw(4, i, 10000) / 100.0 END, CASE WHEN draw(12, i, 30) > 0 THEN daterange(k, CASE WHEN draw(5, i, 2) = 0 THEN k + draw(6, i, 200) END) END
FROM generate_series(1, 700) i, LATERAL (SELECT date '2023-06-01' + draw(7, i, 400) AS s, date '2023-07-01' + draw(8, i, 400) AS k) x;
-- Corrections: what was known until a day of some of them is known with another amount after it; and rows that are there twice.
INSERT INTO recipe_restated.version SELECT account, valid, amount + 5, daterange(upper(known), NULL) FROM recipe_restated.version WHERE upper(known) IS NOT NULL;
INSERT INTO recipe_restated.version SELECT * FROM recipe_restated.version WHERE amount < 10;
CREATE VIEW asked AS SELECT * FROM (VALUES (date '2024-04-03', date '2024-06-01'), ('2024-06-01', '2024-04-03'), ('2023-12-01', '2025-01-01')) v (first, later);
CREATE FUNCTION by_hand(first date, later date) RETURNS TABLE (boundary date, account text, f numeric, l numeric) LANGUAGE sql AS $$
    SELECT d, account, coalesce(sum(amount) FILTER (WHERE known @> first), 0), coalesce(sum(amount) FILTER (WHERE known @> later), 0)
    FROM unnest('{2024-01-31,2024-02-29,2024-03-31}'::date[]) d JOIN recipe_restated.version ON valid @> d GROUP BY 1, 2 $$;
SELECT results_eq($$ SELECT a.*, boundary, account, kind, known_first, known_later, change FROM asked a, recipe_restated.restatement('{2024-02-29,2024-01-31,2024-03-31,2024-01-31}', first, later) ORDER BY 1, 2, 3, 4 $$, $$
    SELECT a.*, boundary, account, CASE WHEN f = 0 THEN 'late booking' WHEN l = 0 THEN 'late churn' WHEN l > f THEN 'corrected upwards' ELSE 'corrected downwards' END, f, l, l - f FROM asked a, by_hand(first, later) WHERE f <> l ORDER BY 1, 2, 3, 4 $$, 'by plain SQL');
SELECT results_eq($$ SELECT a.*, boundary, known_first, late_bookings, late_churn, corrections, known_later FROM asked a, recipe_restated.bridge('{2024-02-29,2024-01-31,2024-03-31,2024-01-31}', first, later) ORDER BY 1, 2, 3 $$, $$
    SELECT a.*, boundary, sum(f), coalesce(sum(l) FILTER (WHERE f = 0), 0), coalesce(-sum(f) FILTER (WHERE l = 0), 0), coalesce(sum(l - f) FILTER (WHERE f <> 0 AND l <> 0), 0), sum(l) FROM asked a, by_hand(first, later) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 $$, 'the bridge likewise');
SELECT is_empty($$ SELECT a.* FROM asked a, recipe_restated.bridge('{2024-01-31,2024-02-29,2024-03-31}', first, later) WHERE known_first + late_bookings + late_churn + corrections <> known_later $$, 'it adds up');
SELECT is((SELECT count(DISTINCT kind) FROM asked, recipe_restated.restatement('{2024-03-31}', first, later)), 4::bigint, 'all kinds are there');
TRUNCATE recipe_restated.version;
SELECT results_eq($$ SELECT * FROM recipe_restated.bridge('{2024-03-31}', '2024-04-03', '2024-06-01') $$, $$ VALUES (date '2024-03-31', 0::numeric, 0::numeric, 0::numeric, 0::numeric, 0::numeric) $$, 'nothing is known: zeros');
SELECT is_empty($$ SELECT * FROM recipe_restated.restatement('{2024-03-31}', '2024-04-03', '2024-06-01') $$, '... and no account');
SELECT * FROM finish();
ROLLBACK;
