\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
\set accounts :tests '/include/accounts.sql'
\i :accounts
-- One answer however it is made: in any order of rows, stored by group and rolled up, added, spilled, by grouping sets. Plans in
-- parts are in engines_plans.
-- Rows are compared as text, so in every digit, in display scale and in all that a summary holds.
SELECT plan(14);

-- Everything that an aggregate of the concept returns, by shape.
\set figures 'ndr_agg(s, e), grr_agg(s, e), churn_agg(s, e), churn_agg(e = 0) AS churn_flag_agg, revenue_churn_agg(s, e), quick_ratio_agg(s, e), survivor_ndr_agg(s, e, 5), retention_agg(s, e) AS plain, retention_agg(s, e, was) AS r, retention_agg(s, e, daterange($$2024-01-01$$, $$2024-04-01$$), $$EUR$$) AS dated, ndr_agg(s, e) FILTER (WHERE grp = 1) AS ndr_filtered, retention_agg(s, e) FILTER (WHERE grp = 1) AS filtered'
\set by_shape 'SELECT shape, ' :figures ' FROM accounts GROUP BY shape'
\set by_group 'SELECT shape, grp, ' :figures ' FROM accounts GROUP BY shape, grp'
\set rolled_by_shape 'SELECT shape, rollup(plain) AS plain, rollup(r) AS r, rollup(dated) AS dated FROM stored GROUP BY shape'

-- The shapes in which two tables differ, in any column or by absence.
CREATE FUNCTION differing(a regclass, b regclass) RETURNS SETOF int LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT shape FROM %s a FULL JOIN %s b USING (shape) WHERE a::text IS DISTINCT FROM b::text', a, b);
END $$;
CREATE FUNCTION differing_columns(a regclass, b regclass) RETURNS SETOF int LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT shape FROM %s a FULL JOIN %s b USING (shape) WHERE (a.plain, a.r, a.dated)::text IS DISTINCT FROM (b.plain, b.r, b.dated)::text', a, b);
END $$;

SET LOCAL max_parallel_workers_per_gather = 0;
CREATE TABLE serial AS :by_shape;
CREATE TABLE stored AS :by_group;
SELECT unalike(plan_of(:'by_shape'), '%Partial%', 'the serial plan is serial');
SELECT is((SELECT count(*) FROM serial WHERE ndr_agg IS NOT NULL AND quick_ratio_agg IS NOT NULL) > 100, true, 'more than 100 shapes have figures to compare');
SELECT is_empty($$ SELECT shape FROM serial WHERE ndr_filtered::text IS DISTINCT FROM (SELECT ndr_agg(s, e)::text FROM accounts WHERE accounts.shape = serial.shape AND grp = 1) $$,
                'FILTER is WHERE');
SELECT is_empty($$ SELECT shape FROM serial WHERE filtered::text IS DISTINCT FROM (SELECT retention_agg(s, e)::text FROM accounts WHERE accounts.shape = serial.shape AND grp = 1) $$,
                'FILTER is WHERE for the summary, NULL where it leaves no row');

-- Order of the rows.
CREATE TABLE reversed AS SELECT * FROM serial LIMIT 0;
INSERT INTO reversed SELECT shape, ndr_agg(s, e ORDER BY i DESC), grr_agg(s, e ORDER BY e), churn_agg(s, e ORDER BY i DESC), churn_agg(e = 0 ORDER BY i DESC),
    revenue_churn_agg(s, e ORDER BY s), quick_ratio_agg(s, e ORDER BY i DESC), survivor_ndr_agg(s, e, 5 ORDER BY e DESC), retention_agg(s, e ORDER BY i DESC),
    retention_agg(s, e, was ORDER BY s, e), retention_agg(s, e, daterange('2024-01-01', '2024-04-01'), 'EUR' ORDER BY md5(i::text)),
    ndr_agg(s, e ORDER BY i DESC) FILTER (WHERE grp = 1), retention_agg(s, e ORDER BY i DESC) FILTER (WHERE grp = 1) FROM accounts GROUP BY shape;
SELECT is_empty($$ SELECT differing('serial', 'reversed') $$, 'the order of the rows does not matter');

-- Stored by group, then rolled up.
CREATE TABLE rolled AS :rolled_by_shape;
SELECT is_empty($$ SELECT differing_columns('serial', 'rolled') $$, 'stored by group and rolled up: identical to serial');
CREATE TABLE rolled_twice AS
SELECT shape, rollup(plain ORDER BY half) AS plain, rollup(r ORDER BY half DESC) AS r, rollup(dated) AS dated
FROM (SELECT shape, grp % 3 AS half, rollup(plain) AS plain, rollup(r ORDER BY md5(grp::text)) AS r, rollup(dated ORDER BY grp DESC) AS dated FROM stored GROUP BY shape, grp % 3) x
GROUP BY shape;
SELECT is_empty($$ SELECT differing_columns('serial', 'rolled_twice') $$, 'rolled up in two levels, in other orders: identical to serial');
CREATE FUNCTION plus(a retention_summary, b retention_summary) RETURNS retention_summary LANGUAGE sql IMMUTABLE STRICT AS 'SELECT a + b';
CREATE AGGREGATE folded(retention_summary) (SFUNC = plus, STYPE = retention_summary);
CREATE TABLE added AS SELECT shape, folded(plain ORDER BY grp) AS plain, folded(r ORDER BY grp DESC) AS r, folded(dated ORDER BY md5(grp::text)) AS dated FROM stored GROUP BY shape;
SELECT is_empty($$ SELECT differing_columns('serial', 'added') $$, 'r + r in any order: identical to serial');
SELECT is_empty($$ SELECT a.shape FROM stored a JOIN stored b USING (shape) WHERE a.grp < 4 AND b.grp < 4 AND (a.r + b.r)::text <> (b.r + a.r)::text $$, 'r + r commutes');
SELECT is_empty($$ SELECT a.shape FROM stored a JOIN stored b USING (shape) JOIN stored c USING (shape) WHERE a.grp < 3 AND b.grp < 3 AND c.grp < 3 AND ((a.r + b.r) + c.r)::text <> (a.r + (b.r + c.r))::text $$,
                'r + r is associative');
SELECT is_empty($$ SELECT shape FROM (SELECT shape, rollup(CASE WHEN grp % 2 = 0 THEN r END) AS r, rollup(r) FILTER (WHERE grp % 2 = 0) AS even FROM stored GROUP BY shape) x WHERE r::text IS DISTINCT FROM even::text $$,
                'rollup ignores NULLs');

-- Hash aggregation that spills, and grouping sets.
SET LOCAL enable_sort = off;
SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
SELECT matches(plan_of(:'by_group', true), 'HashAggregate.*Disk Usage', 'spilled: hash aggregation goes to disk');
CREATE TABLE spilled AS :by_group;
SELECT is_empty($$ SELECT shape, grp FROM stored a FULL JOIN spilled b USING (shape, grp) WHERE a::text IS DISTINCT FROM b::text $$, 'spilled: identical to what fits in memory');
SET LOCAL work_mem = '64MB';
SELECT is_empty($$ SELECT a.shape FROM serial a FULL JOIN (SELECT shape, retention_agg(s, e, was) AS r, ndr_agg(s, e) FROM accounts WHERE shape % 7 > 0 AND shape % 4 > 0 GROUP BY GROUPING SETS ((shape), (grp))) b
                   USING (shape) WHERE b.shape IS NOT NULL AND (a.r::text IS DISTINCT FROM b.r::text OR a.ndr_agg::text IS DISTINCT FROM b.ndr_agg::text) $$, 'GROUPING SETS: identical to GROUP BY');

SELECT * FROM finish();
ROLLBACK;
