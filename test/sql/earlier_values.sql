\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- Values that earlier versions of the extension wrote, kept in test/versions: as text, in binary, and as their tables held them. Each is
-- read, is what it was, and is written again as it was.
SELECT plan(11);
\set raw_bytes :tests '/include/raw_bytes.sql'
\i :raw_bytes
CREATE TABLE kept (version text, type text, id int, form text, sent text, raw text);
\copy kept FROM PROGRAM 'cat "$PG_ABS_SRCDIR"/versions/*/values.copy'
DELETE FROM kept WHERE form IS NULL;
SELECT cmp_ok((SELECT count(*) FROM kept), '>', 100::bigint, 'there are values to look at');
SELECT is_empty($$ SELECT typname FROM pg_type t JOIN pg_depend d ON objid = t.oid AND classid = 'pg_type'::regclass AND deptype = 'e' JOIN pg_extension e ON e.oid = refobjid AND extname = 'csm_metrics'
                   WHERE typtype = 'b' AND typelem = 0 AND typname NOT IN (SELECT type FROM kept WHERE version = '0.1.0')
                     -- types that no earlier version had
                     AND typname NOT IN ('segment_flows', 'survival_summary', 'health_summary', 'revenue_terms', 'usage_history', 'funnel_steps', 'funnel_summary') $$, 'of every type');

-- Reads the values of all types in three ways, and says of each what they are now.
SELECT coalesce((SELECT '/dev/shm' FROM pg_stat_file('/dev/shm', true) WHERE isdir), current_setting('data_directory')) || '/csm_metrics_earlier.' || pg_backend_pid() AS file \gset
SELECT set_config('csm_metrics_test.file', :'file', true) AS file \gset
\set remove 'cat > /dev/null; rm -f "' :file '"'
CREATE TABLE read (type text, version text, id int, way text, form text, sent text, json text, hash text);
CREATE FUNCTION read_values() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    file CONSTANT text := current_setting('csm_metrics_test.file');
    t record;
BEGIN
    FOR t IN SELECT typname, typsend, EXISTS (SELECT FROM pg_cast WHERE castsource = p.oid AND casttarget = 'jsonb'::regtype) AS has_json,
                    EXISTS (SELECT FROM pg_opclass c JOIN pg_am a ON a.oid = opcmethod WHERE opcintype = p.oid AND amname = 'hash') AS has_hash
             FROM pg_type p WHERE typtype = 'b' AND typname IN (SELECT type FROM kept) LOOP
        EXECUTE format('CREATE TEMP TABLE v (version text, id int, way text DEFAULT ''binary form'', v %I) ON COMMIT DROP', t.typname);
        EXECUTE format('COPY (SELECT version, id, decode(sent, ''hex'') FROM kept WHERE type = %L) TO %L (FORMAT binary)', t.typname, file);
        EXECUTE format('COPY v (version, id, v) FROM %L (FORMAT binary)', file);
        EXECUTE format('INSERT INTO v SELECT version, id, ''text form'', form::%I FROM kept WHERE type = %L', t.typname, t.typname);
        EXECUTE format('INSERT INTO v SELECT version, id, ''stored bytes'', (''\x'' || raw)::raw::%I FROM kept WHERE type = %L', t.typname, t.typname);
        EXECUTE format('INSERT INTO read SELECT %L, version, id, way, v::text, encode(%s(v), ''hex''), %s, %s FROM v', t.typname, t.typsend,
                       CASE WHEN t.has_json THEN format('v::jsonb::%I::text', t.typname) ELSE 'v::text' END,
                       CASE WHEN t.has_hash THEN 'hash_record_extended(ROW(v), 7)' ELSE '0' END);
        DROP TABLE v;
    END LOOP;
END $$;
DO $$ BEGIN PERFORM read_values(); END $$;
COPY (SELECT) TO PROGRAM :'remove';

CREATE VIEW compared AS SELECT k.*, r.way, r.form AS now_form, r.sent AS now_sent, r.json FROM kept k LEFT JOIN read r USING (version, type, id);
SELECT is_empty(format($$ SELECT version, type, id, now_form FROM compared WHERE way = %L AND now_form IS DISTINCT FROM form $$, way), format('%s: every value is what it was', way)) FROM unnest(ARRAY['text form', 'binary form', 'stored bytes']) way;
SELECT is_empty(format($$ SELECT version, type, id, now_sent FROM compared WHERE way = %L AND now_sent IS DISTINCT FROM sent $$, way), format('%s: written again bit for bit', way)) FROM unnest(ARRAY['text form', 'binary form', 'stored bytes']) way;
SELECT is((SELECT count(*) FROM read), (SELECT 3 * count(*) FROM kept), 'no value is missing');
SELECT is_empty('SELECT version, type, id FROM compared WHERE json IS DISTINCT FROM form', 'through jsonb: every value is what it was');
SELECT is_empty('SELECT version, type, id FROM read GROUP BY version, type, id HAVING count(DISTINCT hash) > 1', 'whichever way it was read, a value has one hash');
SELECT * FROM finish();
ROLLBACK;
