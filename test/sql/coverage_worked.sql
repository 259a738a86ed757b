\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- Worked numbers of coverage, capacity and benchmarks; NULLs, zeros, keys; bad input.
SELECT plan(76);

-- The rule of 2,000,000 for a manager: a load of exactly 1, and by the exact fraction less coverage for one account more.
CREATE TABLE rule (n int, size numeric);
INSERT INTO rule VALUES (20, 100000), (100, 20000), (400, 5000), (2000, 1000);
SELECT is((SELECT load FROM books((SELECT coverage_agg('Ann', size + 0 * i, 2000000) FROM generate_series(1, n) i))), 1::numeric, format('%s accounts of %s are a load of exactly 1', n, size)) FROM rule ORDER BY n;
SELECT is((SELECT csm_coverage('Ann', size + 0 * i, 2000000) FROM generate_series(1, n) i), 1::numeric, format('%s accounts of %s are covered', n, size)) FROM rule ORDER BY n;
SELECT is((SELECT csm_coverage('Ann', size + 0 * i, 2000000) FROM generate_series(1, n + 1) i), 2000000 / (size * (n + 1)), format('one account of %s more: coverage is %s / %s', size, n, n + 1)) FROM rule ORDER BY n;
SELECT is((SELECT load FROM books((SELECT coverage_agg('Ann', i * 1000, NULL, 6) FROM generate_series(1, 6) i))), 1::numeric, 'six accounts under an account capacity of 6 are a load of exactly 1');
SELECT is((SELECT csm_coverage('Ann', 7000, NULL, 6) FROM generate_series(1, 7) i), 6 / 7::numeric, 'seven accounts under an account capacity of 6: coverage 6/7');
SELECT is((SELECT overloaded_csms(coverage_agg('Ann', 1000, NULL, 6)) FROM generate_series(1, 6)), 0::bigint, 'a full manager is not overloaded');
SELECT is((SELECT overloaded_csms(coverage_agg('Ann', 1000, NULL, 6)) FROM generate_series(1, 7)), 1::bigint, 'one account more is an overload');

-- Exact over a common denominator: thirds and sixths make a whole.
SELECT is((SELECT row(load, overloaded_csms(c), csm_coverage(c))::text FROM (SELECT coverage_agg('Ann', arr, NULL, capacity) AS c FROM (VALUES (100, 3), (100, 6), (100, 6), (100, 3)) v (arr, capacity)) x, books(c)), row(1.00000000000000000000, 0, 1.00000000000000000000)::text,
          '1/3 + 1/6 + 1/6 + 1/3 is a load of exactly 1');
SELECT is((SELECT load FROM books((SELECT coverage_agg('Ann', 100, ac, nc) FROM (VALUES (600.0, NULL), (NULL, 7), (700, 9), (210.5, 3)) v (ac, nc)))), 1 / 6::numeric + 1 / 7::numeric + 1 / 7::numeric + 100 / 210.5, 'each account counts with its own capacities');
SELECT is((SELECT load FROM books((SELECT coverage_agg('Ann', arr, 200000, 10) FROM (VALUES (10000), (20000), (40000)) v (arr)))), 0.1 + 0.1 + 0.2, 'the larger of the two loads of an account counts');
SELECT cmp_ok((SELECT abs(load - 1.0064516129) FROM books((SELECT coverage_agg('Ann', arr, NULL, arr) FROM unnest(ARRAY[2,3,7,43,1807,3263443,10650056950807]) arr)))::numeric, '<', 0.01, 'denominators that have no small common one');
SELECT is((SELECT round(load * 1e-37, 15) FROM books((SELECT coverage_agg('Ann', 1, capacity) FROM unnest(ARRAY[0.0000000000000000000000000000000000013, 0.00000000000000000000000000000000000017, 2000000, 0.7]) capacity))), round(1 / 13.0 + 1 / 1.7, 15), 'capacities far apart, without a denominator of 38 digits');
SELECT cmp_ok((SELECT abs(load - (SELECT sum(1 / (i::numeric * 1000003 + 7)) FROM generate_series(1, 300) i)) FROM books((SELECT coverage_agg('Ann', 1, NULL, i * 1000003 + 7) FROM generate_series(1, 300) i))), '<', 1e-15, 'hundreds of capacities without a common denominator');

-- One manager of two segments: the load is that of the whole book. Grouping the aggregate itself hides it.
CREATE TABLE two (account int, segment text, csm text, arr numeric);
INSERT INTO two VALUES (1, 'enterprise', 'Ann', 1500000), (2, 'mid-market', 'Ann', 1500000);
SELECT is((SELECT csm_coverage(csm, arr, 2000000) FROM two), 2 / 3::numeric, 'two books of 1.5 M of one manager: coverage 2/3');
SELECT results_eq($$ SELECT segment, csm_coverage(csm, arr, 2000000) FROM two GROUP BY segment ORDER BY segment $$, $$ VALUES ('enterprise', 1::numeric), ('mid-market', 1) $$, 'the trap: grouped by segment, each half seems covered');
SELECT results_eq($$ WITH b AS (SELECT * FROM books((SELECT coverage_agg(csm, arr, 2000000) FROM two)))
                     SELECT segment, sum(two.arr * coalesce(b.covered_arr / nullif(b.arr, 0), 0)) / sum(two.arr) FROM two LEFT JOIN b USING (csm) GROUP BY segment ORDER BY segment $$,
                  $$ VALUES ('enterprise', 2 / 3::numeric), ('mid-market', 2 / 3::numeric) $$, 'by segment through the books of all: 2/3 in both');

-- Without capacities: share with a manager. Unassigned, empty, no accounts.
SELECT is((SELECT csm_coverage(csm, arr) FROM (VALUES ('Ann', 30), ('Bob', 50), (NULL, 20)) v (csm, arr)), 0.8, 'without capacities: the share that has a manager');
SELECT is((SELECT row(accounts(c), unassigned_accounts(c), arr(c), unassigned_arr(c), csms(c), required_csms(c), headcount_gap(c), overloaded_csms(c), arr_per_csm(c), accounts_per_csm(c), csm_coverage(c))::text
           FROM (SELECT coverage_agg(csm, arr) AS c FROM (VALUES ('Ann', 30.5), ('Bob', 50), ('Bob', 0), (NULL, 20), (NULL, NULL), ('Cleo', NULL)) v (csm, arr)) x),
          row(3, 1, 100.5, 20.0, 3, NULL, NULL, 0, 80.5 / 3, 2 / 3::numeric, 80.5 / 100.5)::text, 'accessors without capacities; an account of 0 or NULL is no customer, its manager is one');
SELECT is((SELECT row(csm_coverage(c), csms(c), unassigned_arr(c), arr_per_csm(c), accounts_per_csm(c), required_csms(c), headcount_gap(c), (SELECT count(*) FROM books(c)))::text FROM (SELECT coverage_agg(NULL::text, 250000, 100000) AS c FROM generate_series(1, 3)) x),
          row(0.000000000000000000000000, 0, 750000, NULL, NULL, 7.5000000000000000, 8, 0)::text, 'all accounts unassigned: coverage 0, no books, all managers missing');
SELECT is((SELECT row(csm_coverage(csm, arr, 5), coverage_agg(csm, arr, 5))::text FROM (SELECT 'x' AS csm, 1 AS arr WHERE false) x), '(,)', 'no rows: NULL');
SELECT is((SELECT row(csm_coverage(c), arr(c), accounts(c), csms(c), required_csms(c), headcount_gap(c))::text FROM (SELECT coverage_agg('Ann', 0.00, 5) AS c) x), row(NULL, 0.00, 0, 1, NULL, NULL)::text, 'no customers: coverage is NULL, the manager is there');
SELECT is((SELECT row(csm_coverage(c), arr(c), accounts(c), csms(c), c)::text FROM (SELECT coverage_agg(NULL::text, NULL, 5) AS c) x), '(,0,0,0,"{""arr"": ""0"", ""books"": []}")', 'neither customers nor managers');
SELECT is((SELECT row(csm_coverage(csm, arr, 100), csm_coverage(csm, arr, NULL::numeric, 2), csm_coverage(csm, arr, 100, NULL), csm_coverage(csm, arr, NULL, NULL))::text FROM (VALUES ('Ann', 300), ('Ann', 100)) v (csm, arr)),
          row(0.25000000000000000000, 1.00000000000000000000, 0.25000000000000000000, 1.00000000000000000000)::text, 'a NULL capacity does not bind');
SELECT results_eq($$ SELECT csm, accounts, arr, load, round(covered_arr, 4) FROM books((SELECT coverage_agg(csm, arr, ac, nc) FROM (VALUES ('b', 30.0, 10.0, NULL::int), ('a', 5, NULL, NULL), ('b', 10, NULL, 1), (NULL, 7, 10, 1), ('c', 0, 1, 1)) v (csm, arr, ac, nc))) $$,
                  $$ VALUES ('a', 1::bigint, 5.0, 0::numeric, 5.0000), ('b', 2, 40.0, 4.0, 10.0000), ('c', 0, 0, 0, 0) $$, 'books: a row a manager in order of their bytes; tech touch has no load, an empty book is there, accounts without a manager are not');

-- Headcount.
SELECT is((SELECT row(required_csms(c), headcount_gap(c))::text FROM (SELECT coverage_agg(CASE WHEN i <= 10 THEN 'm' || i % 3 END, 300000, 2000000) AS c FROM generate_series(1, 31) i) x), row(4.6500000000000000, 2)::text, 'required managers and gap: 9.3 M over 2 M, three there, two missing');
SELECT is((SELECT headcount_gap(coverage_agg('m' || i, 100000, 2000000)) FROM generate_series(1, 5) i), -4::bigint, 'a negative gap: four managers more than required');

-- One manager, whatever the type of the key.
SELECT is((SELECT rollup(c)::text FROM (SELECT coverage_agg(42, 10.5, 100) AS c UNION ALL SELECT coverage_agg('42'::text, 20, 100) UNION ALL SELECT coverage_agg('42'::varchar, 1, 100)) x), '{"arr": "31.5", "books": [["42", "100", null, "31.5", "31.5", 3, 0]]}', 'bigint 42 and text 42 are one manager');
SELECT is((SELECT csms(rollup(c)) FROM (SELECT coverage_agg('c0ffee00-0000-4000-8000-000000000001'::uuid, 1) AS c UNION ALL SELECT coverage_agg('c0ffee00-0000-4000-8000-000000000001'::text, 1)) x), 1::bigint, 'uuid and its text are one manager');
SELECT is((SELECT csms(coverage_agg(csm, 1)) FROM unnest(ARRAY['', ' ', 'a', 'A', 'ä', 'a ', repeat('x', 10000), repeat('x', 10001), E'a\n"b"\\', NULL, 'null']) csm), 10::bigint, 'names are compared byte by byte');
SELECT is((SELECT count(*) FROM books((SELECT coverage_agg(csm, 1) FROM unnest(ARRAY[-9223372036854775808, 9223372036854775807, 0]) csm)) WHERE csm::bigint IS NOT NULL), 3::bigint, 'the ends of bigint');
SELECT is((SELECT coverage_agg(csm, 1, 5.00) = coverage_agg(csm, 1.000, 5) FROM generate_series(1, 3) csm), true, 'trailing zeros of amounts and capacities do not make another value');
SELECT is((SELECT length(coverage_agg('a', 1, ac)::text) FROM unnest(ARRAY[5, 5.0, 5.000]) ac), length('{"arr": "3", "books": [["a", "5", null, "3", "3", 3, 0]]}'), 'capacities that differ in trailing zeros are one');

-- As windows, with FILTER, DISTINCT and ORDER BY.
SELECT results_eq($$ SELECT csm_coverage(csm, arr, 10) OVER (ORDER BY i) FROM (VALUES (1, 'a', 10), (2, 'a', 10), (3, NULL, 20)) v (i, csm, arr) $$, $$ VALUES (1::numeric), (0.5), (0.25) $$, 'as a window function');
SELECT is((SELECT row(csm_coverage(csm, arr) FILTER (WHERE arr > 5), csm_coverage(csm, arr ORDER BY arr DESC), csm_coverage(DISTINCT csm, arr))::text FROM (VALUES ('a', 10), (NULL, 5), (NULL, 5), ('a', 10)) v (csm, arr)), row(1.00000000000000000000, 0.66666666666666666667, 0.66666666666666666667)::text, 'FILTER, ORDER BY and DISTINCT');

-- Bad input.
SELECT refused('SELECT ' || call, state, pattern, format('%s is refused with %s', call, state))
FROM (VALUES
    (1, 'csm_coverage(''a'', 1, 0)', '22023', 'positive'), (2, 'csm_coverage(''a'', 1, -2.5)', '22023', '-2\.5'), (3, 'csm_coverage(''a'', 1, ''NaN'')', '22023', 'NaN'), (4, 'csm_coverage(''a'', 1, ''Infinity'')', '22023', 'nfinity'),
    (5, 'coverage_agg(''a'', 1, NULL, 0)', '22023', 'not 0'), (6, 'coverage_agg(1, 1, NULL, -7)', '22023', '-7'), (7, 'coverage_agg(''a'', 0, -1)', '22023', '-1'), (8, 'csm_coverage(''a'', -0.01)', '22023', '-0\.01'), (9, 'csm_coverage(''a'', ''NaN'')', '22023', 'NaN'),
    (10, 'coverage_agg(''a'', 1e38)', '22003', '38 digits'), (11, 'coverage_agg(''a'', 1, 1e38)', '22003', '38 digits')
) AS bad (n, call, state, pattern) ORDER BY n;
SELECT refused(format('SELECT coverage_agg(csm, arr) FROM (VALUES %s) v (csm, arr)', rows), '22003', '38 digits', format('%s is refused with 22003', problem))
FROM (VALUES (1, '(1, 99999999999999999999999999999999999999), (1, 1)', 'a book of 39 digits'), (2, '(1, 99999999999999999999999999999999999999), (2, 1)', 'books that add up to 39 digits'), (3, '(1, 99999999999999999999999999999999999999), (2, 99999999999999999999999999999999999999)', 'books near 2e38'),
             (4, '(1, 0.5), (2, 99999999999999999999999999999999999999)', 'amounts that need 39 digits at the common scale')) v (n, rows, problem) ORDER BY n;

-- A million managers.
CREATE TABLE million AS SELECT coverage_agg(i % 1000000, 1.25 * (i % 7), 10) AS c FROM generate_series(1, 1100000) i;
SELECT is((SELECT row(csms(c), accounts(c), arr(c))::text FROM million), (SELECT row(1000000, count(*) FILTER (WHERE i % 7 > 0), sum(1.25 * (i % 7)))::text FROM generate_series(1, 1100000) i), 'a million managers');

-- Benchmarks.
SELECT cmp_ok((SELECT count(*) FROM default_benchmarks()), '>=', 25::bigint, 'there are benchmarks');
SELECT is_empty($$ SELECT metric FROM default_benchmarks() WHERE coalesce(low, high) IS NULL OR low > high OR unit IS NULL OR source IS NULL OR share NOT BETWEEN 0 AND 1 OR (share IS NOT NULL AND remark !~ 'share') $$, 'each has a range, a unit and a source, and says what its share is of');
SELECT is((SELECT string_agg(format('%s %s-%s %s', segment, low, high, share), ', ' ORDER BY low DESC, share DESC) FROM default_benchmarks() WHERE metric = 'arr_per_csm'), 'enterprise 2000000-5000000 0.69, mid-market 2000000-5000000 0.42, small business 1000000-2000000 0.54', 'amounts per manager');
SELECT is((SELECT count(*) FROM default_benchmarks() WHERE remark ~ 'contradicts'), 2::bigint, 'the two figures that contradict the medians beside them say so');
SELECT is((SELECT string_agg(format('%s %s', segment, high), ', ' ORDER BY high) FROM default_benchmarks() WHERE metric = 'cs_cost_share'), 'company above 100M 0.10, company of 10M to 100M 0.15, company below 10M 0.20', 'cost shares by company size');
SELECT is((SELECT array_agg(benchmark_position(v, l, h) ORDER BY n)::text FROM (VALUES (1, 1, 2, 5), (2, 2, 2, 5), (3, 5, 2, 5), (4, 5.01, 2, 5), (5, 1, NULL, 5), (6, 6, NULL, 5), (7, 1, 2, NULL), (8, 9, 2, NULL), (9, 9, NULL, NULL), (10, NULL, 2, 5)) x (n, v, l, h)),
          '{below,within,within,above,within,above,below,within,NULL,NULL}', 'benchmark_position: ends included, NULL is an open end');
SELECT refused(format('SELECT benchmark_position(%s)', arguments), '22023', pattern, 'benchmark_position(' || arguments || ')')
FROM (VALUES (1, '2.5, 3, 2', 'not in order: 3 and 2'), (2, 'NULL, 3, 2', 'not in order'), (3, '''NaN'', 1, 2', 'value must be a finite number, not NaN'), (4, '1, ''NaN'', NULL', 'low end must be'), (5, '1, NULL, ''Infinity''', 'high end must be a finite number, not Infinity')) v (n, arguments, pattern) ORDER BY n;
SELECT refused(format('SELECT benchmark_position(%s)', arguments), '22023', 'value must be a share', 'benchmark_position(' || arguments || '): a percent is refused', hint)
FROM (VALUES (1, '12, 0, 0.15', 'Use 0.12 for 12 %'), (2, '8.5, NULL, 0.10', 'Use 0.085 for 8.5 %'), (3, '5, 0.05, 1', 'Use 0.05 for 5 %')) v (n, arguments, hint) ORDER BY n;
SELECT is((SELECT array_agg(benchmark_position(v, l, h) ORDER BY n)::text FROM (VALUES (1, 1.5, 0, 0.15), (2, 4.99, 0, 1), (3, 12, 0, 1.01), (4, 12, 0.5, NULL), (5, 12, -1, 1)) x (n, v, l, h)), '{above,above,above,within,above}', 'benchmark_position: what may be a share is one');
SELECT is(benchmark_position(2, 2, 2.0), 'within', 'benchmark_position: a range of one number');
SELECT is(c::jsonb::coverage_summary, c, 'jsonb, there and back') FROM (SELECT coverage_agg('a "b" ' || i % 5, i / 7.0, 100 + i % 3, 9) AS c FROM generate_series(1, 50) i) x;

SELECT * FROM finish();
ROLLBACK;
