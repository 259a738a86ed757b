\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
\set accounts :tests '/include/books.sql'
\i :accounts
-- Every figure of a coverage_summary against plain SQL, and one answer however it is made: in any order of rows, stored by group and
-- rolled up, spilled. Plans in parts are in engines_plans. Values are compared as text, so in every digit.
SELECT plan(19);

\set figures 'coverage_agg(csm, arr) AS plain, coverage_agg(csm, arr, arr_capacity) AS c1, coverage_agg(csm, arr, arr_capacity, account_capacity) AS c, csm_coverage(csm, arr), csm_coverage(csm, arr, arr_capacity) AS coverage1, csm_coverage(csm, arr, arr_capacity, account_capacity) AS coverage'
\set by_shape 'SELECT shape, ' :figures ' FROM books GROUP BY shape'
\set by_group 'SELECT shape, grp, ' :figures ' FROM books GROUP BY shape, grp'
\set rolled_by_shape 'SELECT shape, rollup(plain) AS plain, rollup(c1) AS c1, rollup(c) AS c FROM stored GROUP BY shape'
SET LOCAL max_parallel_workers_per_gather = 0;
CREATE TABLE serial AS :by_shape;
CREATE TABLE stored AS :by_group;
SELECT unalike(plan_of(:'by_shape'), '%Partial%', 'the serial plan is serial');
SELECT cmp_ok((SELECT count(*) FROM serial), '>', 50::bigint, 'there are shapes to compare');

-- The oracle. L is a common multiple of all capacities, so that loads are whole numbers over L.
\set L 2800014000000::numeric
SELECT is_empty($$ SELECT DISTINCT arr_capacity, account_capacity FROM books WHERE 2800014000000 % arr_capacity <> 0 OR 2800014000000 % account_capacity <> 0 $$, 'the common multiple of the oracle is one');
CREATE TABLE loads AS
SELECT shape, csm, arr, greatest(coalesce(arr * div(:L, arr_capacity), 0), coalesce(div(:L, account_capacity), 0)) AS load FROM books WHERE arr > 0;
CREATE TABLE managers AS
SELECT shape, csm, count(arr) FILTER (WHERE arr > 0) AS accounts, coalesce(sum(arr), 0) AS arr, coalesce((SELECT sum(load) FROM loads l WHERE l.shape = b.shape AND l.csm = b.csm), 0) AS load
FROM books b WHERE csm IS NOT NULL GROUP BY shape, csm;
CREATE TABLE covered AS SELECT shape, csm, accounts, arr, load / :L AS load, CASE WHEN load > :L THEN arr * :L / load ELSE arr END AS covered_arr FROM managers;
CREATE TABLE totals AS
SELECT shape, count(*) FILTER (WHERE arr > 0) AS accounts, count(*) FILTER (WHERE arr > 0 AND csm IS NULL) AS unassigned_accounts, coalesce(sum(arr), 0) AS arr, coalesce(sum(arr) FILTER (WHERE csm IS NULL), 0) AS unassigned_arr,
       count(DISTINCT csm) AS csms, (SELECT sum(load) / :L FROM loads l WHERE l.shape = b.shape HAVING bool_or(load > 0)) AS required, (SELECT count(*) FROM managers m WHERE m.shape = b.shape AND m.load > :L) AS overloaded,
       (SELECT coalesce(sum(covered_arr), 0) FROM covered c WHERE c.shape = b.shape) AS covered_arr
FROM books b GROUP BY shape;
-- Both are quotients of the same numbers, divided to at least 16 places; they may differ in how many more.
CREATE FUNCTION near(a numeric, b numeric) RETURNS bool LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(abs(a - b) <= 1e-15 * greatest(abs(a), 1), a IS NULL AND b IS NULL) $$;
SELECT is_empty($$ SELECT shape FROM serial JOIN totals t USING (shape) WHERE (accounts(c), unassigned_accounts(c), arr(c), unassigned_arr(c), csms(c)) IS DISTINCT FROM (t.accounts, t.unassigned_accounts, t.arr, t.unassigned_arr, t.csms) $$, 'accounts, amounts and managers are those of plain SQL');
SELECT is_empty($$ SELECT shape FROM serial JOIN totals t USING (shape) WHERE arr_per_csm(c) IS DISTINCT FROM (t.arr - t.unassigned_arr) / nullif(t.csms, 0) OR accounts_per_csm(c) IS DISTINCT FROM (t.accounts - t.unassigned_accounts)::numeric / nullif(t.csms, 0) $$, 'amounts and accounts per manager are those of plain SQL');
SELECT is_empty($$ SELECT shape, required_csms(c), t.required FROM serial JOIN totals t USING (shape) WHERE NOT near(required_csms(c), t.required) OR CASE WHEN shape % 11 > 0 THEN headcount_gap(c) IS DISTINCT FROM ceil(t.required) - t.csms END OR overloaded_csms(c) <> t.overloaded $$, 'required managers, gap and overloads are those of plain SQL');
SELECT cmp_ok((SELECT sum(overloaded) FROM totals), '>', 20::numeric, 'there are overloads');
SELECT is_empty($$ SELECT shape, coverage, csm_coverage(c) FROM serial JOIN totals t USING (shape) WHERE NOT near(csm_coverage(c), t.covered_arr / nullif(t.arr, 0)) OR coverage IS DISTINCT FROM csm_coverage(c) $$, 'coverage is that of plain SQL, by aggregate and accessor');
SELECT is_empty($$ SELECT shape FROM serial JOIN totals t USING (shape) WHERE csm_coverage IS DISTINCT FROM (t.arr - t.unassigned_arr) / nullif(t.arr, 0) OR csm_coverage IS DISTINCT FROM csm_coverage(plain) $$, 'coverage without capacities is that of plain SQL');
SELECT is_empty($$ SELECT s.shape, b, c FROM serial s CROSS JOIN LATERAL books(s.c) b FULL JOIN covered c ON c.shape = s.shape AND c.csm = b.csm WHERE s.shape IS NULL OR c.shape IS NULL OR b.accounts <> c.accounts OR b.arr <> c.arr OR NOT near(b.load, c.load) OR NOT near(b.covered_arr, c.covered_arr) $$, 'books are those of plain SQL');
SELECT is_empty($$ SELECT shape FROM (SELECT b.shape, csm, sum(b.arr) AS arr, round(sum(b.arr), scale(arr(s.c1))) / 2000000 AS load FROM books b JOIN serial s USING (shape) WHERE shape % 4 = 1 AND csm IS NOT NULL GROUP BY 1, 2, s.c1) o JOIN (SELECT shape, b.* FROM serial, books(c1) b WHERE shape % 4 = 1) b USING (shape, csm)
                  WHERE o.arr > 0 AND b.load::text <> o.load::text OR b.covered_arr <> CASE WHEN o.load > 1 THEN o.arr * 2000000 / o.arr ELSE coalesce(o.arr, 0) END $$, 'under one capacity loads are those of plain SQL in every digit');
SELECT is_empty($$ SELECT shape FROM serial, LATERAL (SELECT sum(arr) AS arr, sum(accounts) AS accounts, count(*) AS csms, count(*) FILTER (WHERE load > 1) AS overloaded FROM books(c)) b WHERE coalesce(b.arr, 0) + unassigned_arr(c) <> arr(c) OR coalesce(b.accounts, 0) + unassigned_accounts(c) <> accounts(c) OR b.csms <> csms(c) $$, 'books and unassigned accounts make up the whole');

-- Coverage by segment through the books of all.
SELECT is_empty($$ SELECT shape FROM (SELECT a.shape, a.i % 3 AS seg, sum(a.arr * coalesce(b.covered_arr / nullif(b.arr, 0), 0)) AS recipe, sum(a.arr * CASE WHEN o.csm IS NULL THEN 0 WHEN o.load > 1 THEN 1 / o.load ELSE 1 END) AS oracle
                   FROM books a JOIN serial s USING (shape) LEFT JOIN LATERAL books(s.c) b ON b.csm = a.csm LEFT JOIN covered o ON o.shape = a.shape AND o.csm = a.csm GROUP BY 1, 2) x WHERE abs(recipe - oracle) > 1e-12 * oracle $$, 'coverage by segment through the books of all');

CREATE FUNCTION differing(a regclass, b regclass) RETURNS SETOF int LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT shape FROM %s a FULL JOIN %s b USING (shape) WHERE (a.plain, a.c1, a.c)::text IS DISTINCT FROM (b.plain, b.c1, b.c)::text OR NOT (a.plain = b.plain AND a.c1 = b.c1 AND a.c = b.c)', a, b);
END $$;
CREATE TABLE reversed AS SELECT shape, coverage_agg(csm, arr ORDER BY i DESC) AS plain, coverage_agg(csm, arr, arr_capacity ORDER BY md5(i::text)) AS c1, coverage_agg(csm, arr, arr_capacity, account_capacity ORDER BY arr, csm, i) AS c FROM books GROUP BY shape;
SELECT is_empty($$ SELECT differing('serial', 'reversed') $$, 'the order of the rows does not matter');
CREATE TABLE rolled AS :rolled_by_shape;
SELECT is_empty($$ SELECT differing('serial', 'rolled') $$, 'stored by group and rolled up: identical to serial');
CREATE TABLE rolled_twice AS SELECT shape, rollup(plain ORDER BY half) AS plain, rollup(c1 ORDER BY half DESC) AS c1, rollup(c) AS c
    FROM (SELECT shape, grp % 3 AS half, rollup(plain) AS plain, rollup(c1 ORDER BY grp DESC) AS c1, rollup(c ORDER BY md5(grp::text)) AS c FROM stored GROUP BY shape, grp % 3) x GROUP BY shape;
SELECT is_empty($$ SELECT differing('serial', 'rolled_twice') $$, 'rolled up in two levels, in other orders: identical to serial');
SELECT is_empty($$ SELECT shape FROM serial WHERE (c::text)::coverage_summary::text <> c::text OR (c::text)::coverage_summary <> c OR csm_coverage_summary_send((c::text)::coverage_summary) <> csm_coverage_summary_send(c) $$, 'text form goes round bit for bit');

-- Hash aggregation that spills.
SET LOCAL enable_sort = off;
SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
SELECT matches(plan_of(:'by_group', true), 'HashAggregate.*Disk Usage', 'spilled: hash aggregation goes to disk');
CREATE TABLE spilled AS :by_group;
SELECT is_empty($$ SELECT shape, grp FROM stored a FULL JOIN spilled b USING (shape, grp) WHERE a::text IS DISTINCT FROM b::text $$, 'spilled: identical to what fits in memory');

SELECT * FROM finish();
ROLLBACK;
