\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
\set accounts :tests '/include/books.sql'
\i :accounts
-- Loads whose common denominator has more than 38 digits: who is overloaded and how many managers are missing, against exact
-- fractions in plain SQL.
SELECT plan(19);

-- Six managers a third full each.
CREATE TABLE third AS SELECT 'm' || row_number() OVER () AS csm, arr, 3 * arr AS capacity FROM unnest(ARRAY[611111.11, 611112.13, 611113.17, 611119.19, 611123.31, 611129.37]) arr;
SELECT is((SELECT required_csms(coverage_agg(csm, arr, capacity)) FROM third), 2::numeric, 'six thirds are a load of 2');
SELECT is((SELECT headcount_gap(coverage_agg(csm, arr, capacity)) FROM third), -4::bigint, 'six thirds: four managers too many');
SELECT is((SELECT row(required_csms(c), headcount_gap(c))::text FROM (SELECT coverage_agg(csm, arr + CASE csm WHEN 'm3' THEN 0.01 ELSE 0 END, capacity) AS c FROM third) x), '(2.0000000054545271,-3)', 'a cent more takes a third manager');
SELECT is((SELECT headcount_gap(coverage_agg(csm, arr + CASE csm WHEN 'm3' THEN 0.00000000000000000000000000001 ELSE 0 END, capacity)) FROM third), -3::bigint, 'and so does less than what the quotient shows');
-- 18 accounts that are an 18th of a manager each, whatever their size.
CREATE TABLE eighteenth AS SELECT arr, 18 * arr AS capacity FROM generate_series(1, 18) i, LATERAL (SELECT 611111.11 + 7.13 * i AS arr) x;
SELECT is((SELECT row(load, overloaded_csms(c), headcount_gap(c), csm_coverage(c))::text FROM (SELECT coverage_agg('Ann', arr, capacity) AS c FROM eighteenth) x, books(c)), '(1.00000000000000000000,0,0,1.00000000000000000000)', '18 accounts of an 18th: a load of exactly 1, no overload, nobody missing');
SELECT is((SELECT row(overloaded_csms(c), headcount_gap(c))::text FROM (SELECT coverage_agg('Ann', arr + CASE WHEN arr < 611120 THEN 0.01 ELSE 0 END, capacity) AS c FROM eighteenth) x), '(1,1)', 'a cent more is an overload');
SELECT is((SELECT row(overloaded_csms(c), headcount_gap(c))::text FROM (SELECT coverage_agg('Ann', arr - CASE WHEN arr < 611120 THEN 0.01 ELSE 0 END, capacity) AS c FROM eighteenth) x), '(0,0)', 'a cent less is none');
-- One capacity: the quotient is rounded to 2, the load is above it.
SELECT is((SELECT row(required_csms(c), headcount_gap(c))::text FROM (SELECT coverage_agg('Ann', 2000000.0000000000000000000000001, 1000000) AS c) x), '(2.0000000000000000000000000,2)', 'one capacity: a gap by the fraction, not by its quotient');
SELECT is((SELECT row(round(required_csms(c), 16), headcount_gap(c), overloaded_csms(c))::text FROM (SELECT coverage_agg('Ann', 1e-30 + 0.1, 0.1) AS c) x), '(1.0000000000000000,1,1)', 'one capacity: an overload by the fraction');

-- Denominators of thousands of digits: a whole load stays whole.
SELECT is((SELECT row(load, overloaded_csms(c), headcount_gap(c))::text FROM (SELECT coverage_agg('Ann', arr, 400 * arr) AS c FROM generate_series(1, 400) i, LATERAL (SELECT 1000003 + 7 * i AS arr) x) x, books(c)), '(1.00000000000000000000,0,0)', '400 capacities: a load of exactly 1');
SELECT is((SELECT row(round(load, 10), overloaded_csms(c), headcount_gap(c))::text FROM (SELECT coverage_agg('Ann', arr + i / 400, 400 * arr) AS c FROM generate_series(1, 400) i, LATERAL (SELECT 1000003 + 7 * i AS arr) x) x, books(c)), '(1.0000000025,1,1)', '400 capacities: one unit more is an overload');
SELECT is((SELECT round(load * 1e-37, 15) FROM books((SELECT coverage_agg('Ann', 1, capacity) FROM unnest(ARRAY[0.0000000000000000000000000000000000013, 0.00000000000000000000000000000000000017, 2000000, 0.7]) capacity))), round(1 / 13.0 + 1 / 1.7, 15), 'capacities far apart');
SELECT is((SELECT round(load * 1e30, 12) FROM books((SELECT coverage_agg('Ann', 1, i * 1000000000000000000000000000000 + 7 * i + 1) FROM generate_series(1, 9) i))), (SELECT round(sum(1e30 / (i * 1000000000000000000000000000000 + 7 * i + 1)), 12) FROM generate_series(1, 9) i), 'a load near 0 keeps its digits');

-- Random books against exact fractions. Of most companies one book in three is full to the last unit, one has a unit more, one a
-- unit less; every fourth company has books of any load.
CREATE FUNCTION add_fraction(a numeric[], b numeric[]) RETURNS numeric[] LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT ARRAY[n / g, d / g] FROM (SELECT a[1] * b[2] + b[1] * a[2] AS n, a[2] * b[2] AS d) x, LATERAL (SELECT gcd(n, d) AS g) y
$$;
CREATE AGGREGATE sum_of_fractions(numeric[]) (SFUNC = add_fraction, STYPE = numeric[]);
CREATE TABLE random_books AS
SELECT company, 'm' || m AS csm, 10000::numeric + draw(61, key, 90000000) + CASE WHEN company % 4 = 0 THEN draw(64, key, 70000000) WHEN i > 1 THEN 0 ELSE m % 3 - 1 END AS arr, n::numeric * (10000 + draw(61, key, 90000000)) AS arr_capacity,
       CASE draw(62, key, 9) WHEN 0 THEN n END AS account_capacity, draw(63, key, 5) AS part
FROM generate_series(1, 40) company, generate_series(1, 1 + company % 7) m, LATERAL (SELECT 1 + draw(60, 100 * company + m, 30) AS n) s, generate_series(1, n) i, LATERAL (SELECT 100000 * company + 1000 * m + i AS key) k;
CREATE TABLE exact AS
SELECT company, csm, sum_of_fractions(CASE WHEN account_capacity IS NULL OR arr * account_capacity >= arr_capacity THEN ARRAY[arr, arr_capacity] ELSE ARRAY[1, account_capacity] END::numeric[]) AS load FROM random_books GROUP BY 1, 2;
CREATE TABLE exact_totals AS SELECT company, sum_of_fractions(load) AS load, count(*) AS csms, count(*) FILTER (WHERE load[1] > load[2]) AS overloaded, count(*) FILTER (WHERE load[1] = load[2]) AS full_ones FROM exact GROUP BY 1;
CREATE TABLE answers AS SELECT company, coverage_agg(csm, arr, arr_capacity, account_capacity) AS c FROM random_books GROUP BY 1;
SELECT cmp_ok((SELECT count(*) FROM exact WHERE load[2] > 1e38), '>', 20::bigint, 'there are denominators beyond 38 digits');
SELECT cmp_ok((SELECT sum(full_ones) FROM exact_totals), '>', 30::numeric, 'there are managers who are exactly full');
SELECT is_empty('SELECT company, overloaded_csms(c), overloaded FROM answers JOIN exact_totals USING (company) WHERE overloaded_csms(c) <> overloaded', 'overloaded managers are those of exact fractions');
SELECT is_empty('SELECT company, headcount_gap(c) FROM answers JOIN exact_totals USING (company) WHERE headcount_gap(c) <> div(load[1], load[2]) + (mod(load[1], load[2]) > 0)::int - csms', 'the gap is that of exact fractions');
SELECT is_empty('SELECT company FROM answers JOIN exact_totals USING (company) WHERE abs(required_csms(c) - load[1] / load[2]) > 1e-15 * load[1] / load[2] UNION ALL SELECT company FROM answers CROSS JOIN LATERAL books(c) b JOIN exact e USING (company, csm) WHERE abs(b.load - e.load[1] / e.load[2]) > 1e-15 * e.load[1] / e.load[2]', 'loads are those of exact fractions, rounded once');
SELECT is_empty('SELECT company FROM (SELECT company, rollup(c ORDER BY part DESC) AS c FROM (SELECT company, part, coverage_agg(csm, arr, arr_capacity, account_capacity) AS c FROM random_books GROUP BY 1, 2) p GROUP BY 1) r JOIN answers a USING (company) WHERE (r.c, required_csms(r.c), headcount_gap(r.c), overloaded_csms(r.c))::text <> (a.c, required_csms(a.c), headcount_gap(a.c), overloaded_csms(a.c))::text', 'one answer however it was merged');

SELECT * FROM finish();
ROLLBACK;
