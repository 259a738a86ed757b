\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- Text that is no value of a type: refused, and since PostgreSQL 16 also softly, by pg_input_is_valid and by COPY that
-- skips such lines, with the same words. On 15 there are no soft errors, and the plain ones are looked at.
SELECT plan(27);
CREATE TABLE kept (version text, type text, id int, form text, sent text, raw text);
\copy kept FROM PROGRAM 'cat "$PG_ABS_SRCDIR"/versions/0.1.0/values.copy'
DELETE FROM kept WHERE form IS NULL OR length(form) > 6000;

-- Every form with each of its keys gone, and each of its values at the first levels put to something else.
CREATE TABLE wrong (n int GENERATED ALWAYS AS IDENTITY, value jsonb);
INSERT INTO wrong (value) VALUES ('null'), ('true'), ('""'), ('"x"'), ('-1'), ('0'), ('1.5'), ('99999999999999999999'), ('"NaN"'), ('"-0.01"'), ('"Infinity"'), ('1e400'), ('"1e38"'), ('"1e-39"'),
    ('"99999999999999999999999999999999999999"'), ('"2024-02-30"'), ('"infinity"'), ('"2024-01-01"'), ('"5874897-12-31"'), ('"4714-11-24 BC"'), ('"1 month"'), ('"-1 day"'), ('"[2024-01-01,2024-01-01)"'), ('"[2024-01-01,)"'),
    ('"a currency code"'), ('[]'), ('[null]'), ('[[]]'), ('[1]'), ('["1"]'), ('[["x", "1"]]'), ('[[1, 2, 3]]'), ('{}'), ('{"a": 1}');
CREATE TABLE paths AS
WITH RECURSIVE path (type, id, form, path, part) AS (
    SELECT type, id, form::jsonb, ARRAY[]::text[], form::jsonb FROM kept WHERE type <> 'segment'
    UNION ALL
    SELECT type, id, form, path || step, further FROM path, LATERAL (
        SELECT key AS step, value AS further FROM jsonb_each(CASE jsonb_typeof(part) WHEN 'object' THEN part ELSE '{}' END)
        UNION ALL SELECT (n - 1)::text, e FROM jsonb_array_elements(CASE jsonb_typeof(part) WHEN 'array' THEN part ELSE '[]' END) WITH ORDINALITY x (e, n) WHERE n <= 2) below
)
SELECT type, id, form, path FROM path WHERE path <> '{}';
-- One value of each list of keys and places.
CREATE TABLE texts AS
SELECT DISTINCT type, text FROM (
    SELECT DISTINCT ON (type, path) type, path, form FROM paths ORDER BY type, path, id) p,
    LATERAL (SELECT (form #- path)::text AS text UNION ALL SELECT jsonb_set(form, path, value)::text FROM wrong UNION ALL SELECT jsonb_set(form, path || 'more'::text, '1')::text WHERE jsonb_typeof(form #> path) = 'object') t;
-- All amounts, all counts, all dates put to one value, the largest above all: sums of what is allowed may not be.
INSERT INTO texts SELECT DISTINCT type, text FROM kept, unnest(ARRAY['99999999999999999999999999999999999999', '0.00000000000000000000000000000000000001', '50000000000000000000000000000000000000', '0']) x,
    unnest(ARRAY['9223372036854775807', '0']) y,
    LATERAL (SELECT regexp_replace(form, '"-?\d+(\.\d+)?"', format('"%s"', x), 'g') AS amounts, regexp_replace(form, '(?<=[ \[])\d+(?=[],])', y, 'g') AS counts) a,
    LATERAL (SELECT unnest(ARRAY[amounts, counts, regexp_replace(amounts, '(?<=[ \[])\d+(?=[],])', y, 'g'), regexp_replace(form, '"-?\d+(\.\d+)?"', format('"%s"', x)),
                                 regexp_replace(form, '"\d{4,}-\d\d-\d\d"', '"5874897-12-31"', 'g'), regexp_replace(form, '"\d{4,}-\d\d-\d\d"', '"4714-11-24 BC"')]) AS text) t
WHERE type <> 'segment';
INSERT INTO texts SELECT type, text FROM (SELECT DISTINCT type FROM kept) t, unnest(ARRAY['', ' ', 'x', '{', '{}', '[]', 'null', '1', '{"a": 1}', '{"scale": 1e400}', '"\u0000"']) text;
INSERT INTO texts SELECT 'segment', text FROM unnest(ARRAY['[1,2)', 'a', 'a [1)', 'a [2,2)', 'a (1,2)', 'a [1,2]', 'a [one,2)', 'a [NaN,)', 'a [1,Infinity)', 'a [1e38,)', 'a [1e400000,)', E'a\tb [1,2)', repeat('x', 101) || ' [1,2)', 'a [0,2,)', 'good [1,2)']) text;

-- The error of a text, softly where the server can; an error that is not soft where it should be is one of its own kind.
CREATE FUNCTION hard_error(text, type text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    message text;
    detail text;
    hint text;
BEGIN
    EXECUTE format('SELECT %L::%I', $1, type);
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN format('%s %s (%s) (%s)', sqlstate, message, detail, hint);
END $$;
CREATE FUNCTION soft_error(text, type text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    error text;
    valid bool;
BEGIN
    IF current_setting('server_version_num')::int < 160000 THEN
        RETURN hard_error($1, type);
    END IF;
    EXECUTE 'SELECT format(''%s %s (%s) (%s)'', sql_error_code, message, detail, hint) FROM pg_input_error_info($1, $2) WHERE message IS NOT NULL' INTO error USING $1, type;
    EXECUTE 'SELECT pg_input_is_valid($1, $2)' INTO valid USING $1, type;
    RETURN CASE WHEN valid = (error IS NULL) THEN error ELSE 'pg_input_is_valid is of another opinion' END;
EXCEPTION WHEN OTHERS THEN
    RETURN 'not soft: ' || sqlstate || ' ' || sqlerrm;
END $$;
CREATE TABLE errors AS SELECT type, text, hard_error(text, type) AS hard, soft_error(text, type) AS soft, soft_error('{"' || replace(replace(text, '\', '\\'), '"', '\"') || '"}', '_' || type) AS in_array FROM texts;

SELECT cmp_ok((SELECT count(*) FROM errors e WHERE e.type = t.type AND hard IS NOT NULL), '>=', CASE type WHEN 'segment' THEN 20 ELSE 100 END::bigint, format('%s: many texts are refused', type)) FROM (SELECT DISTINCT type FROM kept) t ORDER BY type;
SELECT is((SELECT string_agg(format('%s: %s, softly: %s', left(text, 200), hard, soft), E'\n') FROM (SELECT * FROM errors e WHERE e.type = t.type AND hard IS DISTINCT FROM soft LIMIT 5) x), NULL, format('%s: soft errors say what the others say', type)) FROM (SELECT DISTINCT type FROM kept) t ORDER BY type;
SELECT is((SELECT string_agg(format('%s: %s, softly in an array: %s', left(text, 200), hard, in_array), E'\n') FROM (SELECT * FROM errors e WHERE e.type = t.type AND hard IS DISTINCT FROM in_array LIMIT 5) x), NULL, format('%s: also in arrays', type)) FROM (SELECT DISTINCT type FROM kept) t ORDER BY type;
SELECT is_empty($$ SELECT hard FROM errors WHERE hard !~ '^(22P02|22023|22003|22007|22008|22P03|22P05|54001|23514) ' $$, 'every error is one of bad data');
SELECT cmp_ok((SELECT count(*) FROM errors WHERE hard IS NULL), '>', 10::bigint, 'some of the texts are values');
SELECT is((SELECT count(DISTINCT type) FROM errors), 8::bigint, 'eight types');
SELECT * FROM finish();
ROLLBACK;
