\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
\set accounts :tests '/include/books.sql'
\i :accounts
\set raw_bytes :tests '/include/raw_bytes.sql'
\i :raw_bytes
-- The transition and combine functions of coverage_summary and lift_summary, called by hand, as anybody may: what they return is
-- at rest and is read again, or it is an error. Limits that no row and no merge looks at are one rule for every plan.
SELECT plan(25);

-- By hand the same value as by the aggregate, down to the bytes that a table holds.
CREATE TABLE parts AS SELECT shape, grp, coverage_agg(csm, arr, arr_capacity, account_capacity) AS c, lift_agg(i % 3 > 0, arr * (1 - 2 * (i % 2)), round(abs(arr) * 0.1, 2), csm) AS l FROM books GROUP BY shape, grp;
CREATE TABLE pairs AS SELECT a.shape, a.c AS c1, b.c AS c2, a.l AS l1, b.l AS l2, (SELECT rollup(c) FROM unnest(ARRAY[a.c, b.c]) c) AS c, (SELECT rollup(l) FROM unnest(ARRAY[a.l, b.l]) l) AS l FROM parts a JOIN parts b USING (shape) WHERE a.grp = 1 AND b.grp = 2;
SELECT cmp_ok((SELECT count(*) FROM pairs WHERE c <> c1 AND l <> l1), '>', 20::bigint, 'there are values to merge');
SELECT is_empty('SELECT shape FROM pairs WHERE csm_coverage_combine(c1, c2)::raw::text <> c::raw::text', 'csm_coverage_combine: the bytes of rollup');
SELECT is_empty('SELECT shape FROM pairs WHERE csm_lift_combine(l1, l2)::raw::text <> l::raw::text', 'csm_lift_combine: the bytes of rollup');
SELECT is_empty('SELECT shape FROM pairs, LATERAL (SELECT c1::text AS before, csm_coverage_combine(c1, c2) OFFSET 0) x WHERE c1::text <> before', 'the arguments stay as they are');
SELECT is((SELECT csm_coverage_accum(csm_coverage_accum(csm_coverage_accum(NULL, 'b', 5.5, 10), 'a', 7, 10, 3), NULL, 2)::raw::text), (SELECT coverage_agg(csm, arr, ac, nc)::raw::text FROM (VALUES ('b', 5.5, 10, NULL), ('a', 7, 10, 3), (NULL, 2, NULL, NULL)) v (csm, arr, ac, nc)), 'csm_coverage_accum: the bytes of coverage_agg');
SELECT is((SELECT csm_coverage_accum(csm_coverage_accum(NULL, 7::bigint, 5.5), 3::bigint, 1)::raw::text), (SELECT coverage_agg(csm, arr)::raw::text FROM (VALUES (7, 5.5), (3, 1)) v (csm, arr)), 'csm_coverage_accum of numbers: the bytes of coverage_agg');
SELECT is((SELECT csm_lift_accum(csm_lift_accum(csm_lift_accum(NULL, true, 5.5, 10, 'b'), false, -7, 10, 'a'), false, 2)::raw::text), (SELECT lift_agg(t, y, b, s)::raw::text FROM (VALUES (true, 5.5, 10, 'b'), (false, -7, 10, 'a'), (false, 2, 1, NULL)) v (t, y, b, s)), 'csm_lift_accum: the bytes of lift_agg');

-- What would not be read again is an error, for a role without any privilege as well.
CREATE ROLE csm_metrics_test_nobody;
SET LOCAL ROLE csm_metrics_test_nobody;
\set large 90000000000000000000000000000000000000
SELECT refused(format('SELECT %s FROM (SELECT coverage_agg(''Ann'', %s, 5) AS a, coverage_agg(''Ann'', %2$s, 6) AS b, coverage_agg(''Bob'', %2$s) AS other) x', call, :'large'), '22003', '38 digits', call || ' is refused')
FROM (VALUES (1, 'csm_coverage_combine(a, b)'), (2, 'csm_coverage_combine(a, other)'), (3, 'csm_coverage_accum(a, ''Ann'', arr(b), 7)'), (4, 'csm_coverage_accum(a, ''Bob'', arr(b))'), (5, 'csm_coverage_accum(a, NULL, arr(b))')) v (n, call) ORDER BY n;
SELECT refused(format('SELECT %s FROM (SELECT lift_agg(true, %s) AS a, lift_agg(true, -%2$s) AS b) x', call, :'large'), '22003', '38 digits', call || ' is refused')
FROM (VALUES (1, 'csm_lift_combine(a, b)'), (2, 'csm_lift_accum(a, true, -90000000000000000000000000000000000000)')) v (n, call) ORDER BY n;
RESET ROLE;

-- Gains and losses of a stratum and side: 38 digits together, whoever adds them up, and at the scale of the whole.
CREATE TABLE outcomes (node int, touched bool, outcome numeric, stratum text);
INSERT INTO outcomes VALUES (1, true, :large, 'a'), (2, true, -:large, 'a');
CREATE TABLE fine_outcomes (node int, touched bool, outcome numeric, stratum text);
INSERT INTO fine_outcomes VALUES (1, false, :large / 10, 'a'), (2, false, -:large / 10, 'a'), (3, true, 0.5, 'b');
SELECT refused(format(query, source), '22003', '38 digits', format('%s: %s', source, way))
FROM (VALUES (1, 'outcomes'), (2, 'fine_outcomes')) s (n, source), (VALUES (1, 'one by one', 'SELECT lift_agg(touched, outcome, 1, stratum) FROM %s'), (2, 'rolled up', 'SELECT rollup(l) FROM (SELECT lift_agg(touched, outcome, 1, stratum) AS l FROM %s GROUP BY node) x'),
    (3, 'rolled up the other way round', 'SELECT rollup(l ORDER BY node DESC) FROM (SELECT node, lift_agg(touched, outcome, 1, stratum) AS l FROM %s GROUP BY node) x')) w (m, way, query) ORDER BY n, m;

-- The same by partitions, where each has one of the two.
CREATE TABLE by_node (LIKE outcomes) PARTITION BY LIST (node);
CREATE TABLE by_node_1 PARTITION OF by_node FOR VALUES IN (1);
CREATE TABLE by_node_2 PARTITION OF by_node FOR VALUES IN (2);
INSERT INTO by_node SELECT * FROM outcomes;
SET LOCAL enable_partitionwise_aggregate = on;
SET LOCAL max_parallel_workers_per_gather = 0;
\set by_touched 'SELECT touched, lift_agg(touched, outcome, 1, stratum) FROM by_node GROUP BY touched'
SELECT matches(plan_of(:'by_touched'), 'Finalize .*Partial .*Partial ', 'partitions are aggregated one by one');
SELECT refused(:'by_touched', '22003', '38 digits', 'partition by partition: refused as well');

-- Moving windows: each frame has the value of its rows alone, and the state goes on unharmed.
CREATE TABLE framed AS SELECT i, csm, arr, coverage_agg(csm, arr, arr_capacity, account_capacity) OVER w AS c, csm_coverage(csm, arr, arr_capacity) OVER w AS share, lift_agg(i % 3 = 0, arr, 1.5, csm) OVER w AS l, coverage_agg(csm, arr) OVER (w ROWS BETWEEN 5 PRECEDING AND 2 FOLLOWING) AS c_moving, lift_agg(i % 3 = 0, arr) OVER (w ROWS BETWEEN 5 PRECEDING AND 2 FOLLOWING) AS l_moving
FROM books WHERE shape = 33 WINDOW w AS (ORDER BY i);
SELECT cmp_ok((SELECT count(*) FROM framed), '>', 50::bigint, 'there are frames');
SELECT is_empty($$ SELECT f.i FROM framed f, LATERAL (SELECT coverage_agg(csm, arr, arr_capacity, account_capacity) AS c, csm_coverage(csm, arr, arr_capacity) AS share, lift_agg(b.i % 3 = 0, arr, 1.5, csm) AS l FROM books b WHERE shape = 33 AND b.i <= f.i) x WHERE (f.c::raw::text, f.share, f.l::raw::text) IS DISTINCT FROM (x.c::raw::text, x.share, x.l::raw::text) $$, 'growing frames: the value of their rows');
SELECT is_empty($$ SELECT f.i FROM framed f, LATERAL (SELECT coverage_agg(csm, arr) AS c, lift_agg(b.i % 3 = 0, arr) AS l FROM books b WHERE shape = 33 AND b.i BETWEEN f.i - 5 AND f.i + 2) x WHERE (f.c_moving::raw::text, f.l_moving::raw::text) IS DISTINCT FROM (x.c::raw::text, x.l::raw::text) $$, 'moving frames: the value of their rows');

SELECT * FROM finish();
ROLLBACK;
