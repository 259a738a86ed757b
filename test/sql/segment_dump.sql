\set ECHO none
\pset format unaligned
\pset tuples_only on
\set VERBOSITY terse
SET client_min_messages = warning;
-- Dump and restore of what segments are used for: columns, defaults, generated columns, indexes, constraints, partition bounds;
-- and of stored coverage_summary and lift_summary. A schema is dumped, renamed, and restored beside it.
SELECT plan(4);
DROP SCHEMA IF EXISTS dumped, original CASCADE;
CREATE SCHEMA dumped;
CREATE TABLE dumped.account (account int PRIMARY KEY, arr numeric, s segment GENERATED ALWAYS AS (public.segment_of(arr, public.segment_scheme('enterprise'))) STORED, fallback segment DEFAULT 'none of "these", really [0,0.5)', CHECK (s IS NULL OR arr <@ s));
CREATE INDEX ON dumped.account (s);
CREATE TABLE dumped.part (s segment, n int) PARTITION BY LIST (s);
CREATE TABLE dumped.part_1 PARTITION OF dumped.part FOR VALUES IN ('Größe "x", y (z) [0,25000.5)', NULL);
CREATE TABLE dumped.part_2 PARTITION OF dumped.part FOR VALUES IN ('all (,)');
CREATE TABLE dumped.range (s segment) PARTITION BY RANGE (s);
CREATE TABLE dumped.range_1 PARTITION OF dumped.range FOR VALUES FROM ('a [0,5)') TO ('b [100,)');
INSERT INTO dumped.account (account, arr) SELECT i, i * 777.25 FROM generate_series(0, 300) i;
INSERT INTO dumped.part VALUES ('Größe "x", y (z) [0,25000.5)', 1), ('all (,)', 2), (NULL, 3);
INSERT INTO dumped.range VALUES ('m [7,8)');
CREATE TABLE dumped.summaries AS SELECT coverage_agg('m' || i % 7, i * 1.50, 100, 3) AS c, lift_agg(i % 2 = 0, i * 0.25 - 3, i, 's' || i % 3) AS l, segment_scheme('deal_size') AS scheme FROM generate_series(1, 50) i;
CREATE TABLE public.before AS SELECT (SELECT string_agg(a::text, ';' ORDER BY account) FROM dumped.account a) AS accounts, (SELECT string_agg(p.tableoid::regclass::text || p::text, ';' ORDER BY n) FROM dumped.part p) AS parts, (SELECT string_agg(x::text, ';') FROM dumped.summaries x) AS summaries, (SELECT string_agg(r::text, ';') FROM dumped.range r) AS ranges;
SELECT current_database() AS database \gset
\setenv CSM_TEST_DATABASE :database
\! "$("${PG_CONFIG:-pg_config}" --bindir)/pg_dump" -n dumped "$CSM_TEST_DATABASE" > "${TMPDIR:-/tmp}/csm_metrics_dump.$PPID"
ALTER SCHEMA dumped RENAME TO original;
\! "$("${PG_CONFIG:-pg_config}" --bindir)/psql" -Xq -v ON_ERROR_STOP=1 -d "$CSM_TEST_DATABASE" -f "${TMPDIR:-/tmp}/csm_metrics_dump.$PPID" > /dev/null; rm -f "${TMPDIR:-/tmp}/csm_metrics_dump.$PPID"
SELECT is((SELECT string_agg(a::text, ';' ORDER BY account) FROM dumped.account a), accounts, 'generated columns of segments survive dump and restore') FROM public.before;
SELECT is((SELECT string_agg(p.tableoid::regclass::text || p::text, ';' ORDER BY n) FROM dumped.part p), parts, 'list partitions by segment survive dump and restore') FROM public.before;
SELECT is((SELECT string_agg(r::text, ';') FROM dumped.range r), ranges, 'range partitions by segment survive dump and restore') FROM public.before;
SELECT is((SELECT string_agg(x::text, ';') FROM dumped.summaries x), summaries, 'stored summaries and schemes survive dump and restore') FROM public.before;
SELECT * FROM finish();
DROP SCHEMA dumped, original CASCADE;
DROP TABLE public.before;
