\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The text forms of long values: what is written is read again, and takes a few times the memory of the value, where the server can say so.
SELECT plan(36);

-- Long values: 12 accounts by day over 16 years, a history of as many steps, cohorts of 400 months.
CREATE TABLE lives AS SELECT history_agg(daterange(('2000-01-01'::date + i * 20), NULL), i * 1000.25, 'EUR') AS h FROM generate_series(1, 12) i GROUP BY i;
CREATE FUNCTION by_hand() RETURNS bridge_state LANGUAGE plpgsql AS $$
DECLARE
    b bridge_state;
    l record;
BEGIN
    FOR l IN SELECT * FROM lives LOOP
        b := csm_bridge_accum(b, l.h, '2000-01-01', '2016-01-01', '1 day');
    END LOOP;
    RETURN b;
END $$;
CREATE TABLE long (bridge bridge_state, history revenue_history, cohorts cohort_matrix);
ALTER TABLE long ALTER bridge SET STORAGE EXTERNAL, ALTER history SET STORAGE EXTERNAL, ALTER cohorts SET STORAGE EXTERNAL;
INSERT INTO long SELECT by_hand(), (SELECT history_change_agg('1000-01-01'::date + i, i % 97 + 0.25) FROM generate_series(1, 100000) i), (SELECT cohort_agg(h, '1990-01-01', '2023-05-01', '1 month') FROM lives);

-- How much more memory this process has at most during a query, in bytes; NULL where the system does not tell, or where
-- the address sanitizer keeps what is freed.
CREATE FUNCTION most_memory() RETURNS bigint LANGUAGE sql AS $$
    SELECT substring(pg_read_file('/proc/self/status') FROM 'VmHWM:\s*(\d+) kB')::bigint * 1024
    WHERE pg_read_file('/proc/self/maps') !~ 'libasan'
$$;
CREATE FUNCTION memory_of(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    before bigint;
BEGIN
    BEGIN
        COPY (SELECT 5) TO '/proc/self/clear_refs';
        before := most_memory();
    EXCEPTION WHEN OTHERS THEN
        NULL;
    END;
    EXECUTE query;
    RETURN CASE WHEN before IS NOT NULL THEN most_memory() - before END;
END $$;
CREATE TABLE sizes AS SELECT pg_column_size(bridge) AS bridge, pg_column_size(history) AS history, pg_column_size(cohorts) AS cohorts FROM long;
SELECT cmp_ok(least(bridge, history), '>', 2000000, 'there are values of megabytes') FROM sizes;
SELECT cmp_ok(coalesce(memory_of('CREATE TABLE texts AS SELECT bridge::text AS bridge, history::text AS history, cohorts::text AS cohorts FROM long'), 0), '<', 15::bigint * bridge, 'text forms are written in a few times the size of the value') FROM sizes;
SELECT cmp_ok(coalesce(memory_of('CREATE TABLE again AS SELECT bridge::bridge_state AS bridge FROM texts'), 0), '<', 6::bigint * bridge, 'and read: bridge_state') FROM sizes;
SELECT cmp_ok(coalesce(memory_of('CREATE TABLE history_again AS SELECT history::revenue_history AS history FROM texts'), 0), '<', 6::bigint * history, 'and read: revenue_history') FROM sizes;
SELECT cmp_ok(coalesce(memory_of('CREATE TABLE cohorts_again AS SELECT cohorts::cohort_matrix AS cohorts FROM texts'), 0), '<', 4::bigint * cohorts, 'and read: cohort_matrix') FROM sizes;
SELECT ok((SELECT csm_bridge_send(a.bridge) = csm_bridge_send(l.bridge) FROM again a, long l), 'the same bridge_state');
SELECT ok((SELECT csm_history_send(a.history) = csm_history_send(l.history) FROM history_again a, long l), 'the same revenue_history');
SELECT ok((SELECT csm_cohorts_send(a.cohorts) = csm_cohorts_send(l.cohorts) FROM cohorts_again a, long l), 'the same cohort_matrix');
SELECT ok((SELECT history::jsonb::revenue_history = history AND cohorts::jsonb::cohort_matrix = cohorts FROM long), 'by jsonb too');

-- White space, other orders of keys, keys that come twice: read as short texts are.
CREATE TABLE parts AS SELECT history::text AS whole, substring(history::text FROM '\[.*\]') AS steps FROM (SELECT history_change_agg('1000-01-01'::date + i, i % 97 + 0.25) AS history FROM generate_series(1, 8000) i) x;
SELECT ok(format(E' {\n"steps"\t: %s , "scale" : 2 }\n', replace(steps, ', ', E'\n , '))::revenue_history::text = whole, 'white space and another order of keys') FROM parts;
SELECT ok(format('{"scale": 2, "steps": %s, "currency": "EUR"}', steps)::revenue_history = ('{"scale": 2, "currency": "EUR", "steps": ' || steps || '}')::revenue_history, 'keys after the long one') FROM parts;
SELECT ok(format('{"scale": 2, "steps": [], "steps": %s}', steps)::revenue_history::text = whole, 'of two keys of one name the last counts') FROM parts;
SELECT is(format('{"scale": 2, "steps": %s, "steps": [["2024-01-01", "5.00"]]}', steps)::revenue_history::text, '{"scale": 2, "steps": [["2024-01-01", "5.00"]]}', 'of two keys of one name the last counts, also where it is short') FROM parts;
SELECT is(format('{"scale": 2, "steps": %s, "\u0073teps": [["2024-01-01", "5.00"]]}', steps)::revenue_history::text, '{"scale": 2, "steps": [["2024-01-01", "5.00"]]}', 'also where it is written in another way') FROM parts;

-- What is wrong in a long text is found, and said as it is of a short one.
CREATE FUNCTION refusal(value text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN 'read: ' || left(value::revenue_history::text, 50);
EXCEPTION WHEN OTHERS THEN
    RETURN sqlstate || ' ' || split_part(sqlerrm, E'\n', 1);
END $$;
CREATE TABLE wrong AS
SELECT n, what, format('{"scale": 2, "steps": %s}', replace(short, '@', '["2024-01-02", "7.00"]')) AS short, format('{"scale": 2, "steps": %s}', replace(short, '@', substr(steps, 2, length(steps) - 2))) AS long
FROM parts, (VALUES (1, 'a bracket too many', '[@]]'), (2, 'a bracket too few', '[@'), (3, 'another bracket', '[@}'), (4, 'a comma too many', '[@, ]'), (5, 'a comma before', '[, @]'), (6, 'two commas', '[@,, @]'), (7, 'a quote', '[@, "]'), (8, 'a brace', '[@, {]'),
    (9, 'a bare word', '[@, x]'), (10, 'no comma', '[@ @]'), (11, 'a number', '[@, 5]'), (12, 'three of a pair', '[@, ["9999-01-01", "5", "7"]]'), (13, 'an object', '[@, {"a": 5}]'), (14, 'no date', '[@, ["5", "5"]]'), (15, 'no amount', '[@, ["9999-01-01", "x"]]'),
    (16, 'days that do not ascend', '[@, ["0990-01-01", "5"]]'), (17, 'mixed brackets', '[@, ["9999-01-01", "5"}, ["9999-01-02", "6"]]'), (18, 'an escape', '[@, ["9999-01-01", "5\"]]'), (19, 'an unknown key', '[@], "more": 1'), (20, 'an unknown escape', '[@, ["9999-01-01", "\x"]]'), (21, 'a colon', '[@, "a": 5]')) v (n, what, short);
SELECT is(refusal(long), refusal(short), what) FROM wrong ORDER BY n;
SELECT is_empty('SELECT n, what FROM wrong WHERE refusal(long) ~ ''^read''', 'each is refused');

SELECT * FROM finish();
ROLLBACK;
