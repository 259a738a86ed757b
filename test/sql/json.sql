\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- What PostgreSQL's own functions make of summaries: objects, not strings. They look for a cast to json that is a function.
SELECT plan(83);

SELECT is_empty($$ SELECT typname FROM pg_type t JOIN pg_depend ON classid = 'pg_type'::regclass AND objid = t.oid AND deptype = 'e' JOIN pg_extension e ON e.oid = refobjid AND extname = 'csm_metrics'
    WHERE EXISTS (SELECT FROM pg_cast WHERE castsource = t.oid AND casttarget = 'jsonb'::regtype) AND NOT EXISTS (SELECT FROM pg_cast WHERE castsource = t.oid AND casttarget = 'json'::regtype AND castmethod = 'f' AND castcontext = 'e') $$,
    'every type with a cast to jsonb has one to json, by a function, where it is asked for');

CREATE TABLE histories AS SELECT i, history_agg(daterange('2024-01-01', '2025-03-05'), i * 10.5, 'EUR') AS h FROM generate_series(1, 3) i GROUP BY i;
CREATE TABLE retention AS SELECT rollup(retention_agg) AS v FROM (SELECT retention_agg(i, i * 1.50, daterange('2024-01-01', '2025-01-01')) FROM generate_series(0, 20) i) x;
CREATE TABLE history AS SELECT h AS v FROM histories WHERE i = 2;
CREATE TABLE cohorts AS SELECT cohort_agg(h, '2023-11-01', '2024-06-01', '1 month') AS v FROM histories;
CREATE TABLE coverage AS SELECT coverage_agg('Ann "A" ' || i % 3, i / 7.0, 100, 9) AS v FROM generate_series(1, 20) i;
CREATE TABLE lift AS SELECT lift_agg(i % 2 = 0, i * 10, 100, 'stratum ' || i % 3) AS v FROM generate_series(1, 20) i;

CREATE TABLE survival AS SELECT survival_agg(i, i % 3 > 0, i * 1.5) AS v FROM generate_series(1, 20) i;
CREATE TABLE health AS SELECT health_agg(nullif(i, 3) * 2.5, i % 4 = 0, i) AS v FROM generate_series(1, 20) i;
CREATE TABLE usage AS SELECT usage_history_agg('2024-01-01 00:00Z'::timestamptz + i * interval '1 hour', 'event "' || i % 4) AS v FROM generate_series(1, 20) i;
CREATE TABLE funnel AS SELECT funnel_agg(i, '2024-01-01 00:00Z'::timestamptz + j * interval '1 hour', chr(97 + j), 'a > b > c within 2 hours', 'stratum ' || i % 3, i * 1.5) AS v FROM generate_series(1, 20) i, generate_series(0, i % 3) j;

-- A line for each function: the value of each is the text form, read as an object.
CREATE FUNCTION tests_of(source regclass) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    call text;
    expected text;
BEGIN
    FOR call, expected IN VALUES ('to_jsonb(v)', 'v::text::jsonb'), ('to_json(v)::text', 'v::text'), ('row_to_json(x)::text', $q$'{"v":' || v::text || '}'$q$), ('(SELECT json_agg(v)::text FROM x)', $q$'[' || v::text || ']'$q$),
        ('(SELECT jsonb_agg(v) FROM x)', 'jsonb_build_array(v::jsonb)'), ('json_build_object(''value'', v)::text', $q$'{"value" : ' || v::text || '}'$q$), ('jsonb_build_object(''value'', v)->''value''', 'v::jsonb'),
        ('v::json::text', 'v::text'), ('to_json(ARRAY[v, v])::text', $q$'[' || v::text || ',' || v::text || ']'$q$) LOOP
        RETURN QUERY EXECUTE format('WITH x AS MATERIALIZED (SELECT v FROM %s) SELECT is(%s, %s, %L) FROM x', source, call, expected, source || ': ' || call);
    END LOOP;
END $$;
SELECT tests_of(source) FROM unnest(ARRAY['retention', 'history', 'cohorts', 'coverage', 'lift', 'survival', 'health', 'usage', 'funnel']::regclass[]) WITH ORDINALITY u (source, n) ORDER BY n;

SELECT is((SELECT to_jsonb(v)->>'starting' FROM retention), '210.00', 'a figure can be taken out of the object');

SELECT * FROM finish();
ROLLBACK;
