\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
\set accounts :tests '/include/books.sql'
\i :accounts
-- coverage_summary and lift_summary as types: text and binary forms, damaged values, equality, order, hash, indexes, joins.
SELECT plan(54);
SET LOCAL log_min_messages = panic;

CREATE TABLE vals AS SELECT row_number() OVER (ORDER BY shape, grp) AS id, shape, grp, coverage_agg(csm, arr, arr_capacity, account_capacity) AS c, lift_agg(i % 3 > 0, arr * (1 - 2 * (i % 2)), round(abs(arr) * 0.1, 2), csm) AS l FROM books GROUP BY shape, grp;
CREATE TABLE odd AS SELECT coverage_agg(csm, 1, 5) AS c, lift_agg(true, 1, 1, csm) AS l FROM unnest(ARRAY['', ' ', 'a', E'a\n\t"b"\\', 'ä€𝄞', NULL, 'null', repeat('x', 3000)]) csm;
INSERT INTO vals SELECT -1, -1, -1, c, l FROM odd;
SELECT is_empty('SELECT id FROM vals WHERE (c::text)::coverage_summary::text <> c::text OR (c::text)::coverage_summary <> c', 'coverage_summary: text goes round');
SELECT is_empty('SELECT id FROM vals WHERE (l::text)::lift_summary::text <> l::text OR (l::text)::lift_summary <> l', 'lift_summary: text goes round');
SELECT is_empty($$ SELECT id FROM vals WHERE c::text ~ '[\n\r]' OR l::text ~ '[\n\r]' OR jsonb_typeof(c::text::jsonb) <> 'object' OR jsonb_typeof(l::text::jsonb) <> 'object' $$, 'both are one-line JSON objects');

-- Binary, through COPY.
SELECT coalesce((SELECT '/dev/shm' FROM pg_stat_file('/dev/shm', true) WHERE isdir), current_setting('data_directory')) || '/csm_metrics_tally.' || pg_backend_pid() AS file \gset
SELECT set_config('csm_metrics_test.file', :'file', true) AS file \gset
\set remove 'cat > /dev/null; rm -f "' :file '"'
CREATE TABLE received (LIKE vals);
COPY vals TO :'file' (FORMAT binary);
COPY received FROM :'file' (FORMAT binary);
SELECT is_empty('SELECT id FROM vals v FULL JOIN received r USING (id) WHERE v.c::text IS DISTINCT FROM r.c::text OR v.c <> r.c OR csm_coverage_summary_send(v.c) <> csm_coverage_summary_send(r.c)', 'coverage_summary: the binary form goes round');
SELECT is_empty('SELECT id FROM vals v FULL JOIN received r USING (id) WHERE v.l::text IS DISTINCT FROM r.l::text OR v.l <> r.l OR csm_lift_summary_send(v.l) <> csm_lift_summary_send(r.l)', 'lift_summary: the binary form goes round');
SELECT is_empty('SELECT id FROM vals WHERE csm_coverage_summary_send(c::text::coverage_summary) <> csm_coverage_summary_send(c) OR csm_lift_summary_send(l::text::lift_summary) <> csm_lift_summary_send(l)', 'text and binary forms hold the same');
CREATE TABLE external (id bigint, c coverage_summary, l lift_summary);
ALTER TABLE external ALTER c SET STORAGE EXTERNAL, ALTER l SET STORAGE EXTERNAL;
INSERT INTO external SELECT id, c, l FROM vals;
SELECT is_empty('SELECT id FROM vals v JOIN external e USING (id) WHERE v.c::text <> e.c::text OR arr(v.c) <> arr(e.c) OR v.l <> e.l', 'what is stored out of line is read all the same');
SELECT is((SELECT rollup(c)::text FROM external), (SELECT rollup(c)::text FROM vals), 'rollup reads stored values');

-- Damaged: each byte changed, each truncation; refused, or a good value that goes round.
CREATE TABLE one_c (v coverage_summary);
CREATE TABLE one_l (v lift_summary);
CREATE FUNCTION verdict_c(value bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text := receive(value, 'one_c');
    v coverage_summary;
BEGIN
    IF state <> '00000' THEN
        RETURN state;
    END IF;
    SELECT one_c.v INTO v FROM one_c;
    PERFORM csm_coverage(v), accounts(v), unassigned_accounts(v), arr(v), unassigned_arr(v), csms(v), required_csms(v), overloaded_csms(v), arr_per_csm(v), accounts_per_csm(v), csm_coverage_summary_hash(v);
    RETURN CASE WHEN (v::text)::coverage_summary = v AND coalesce(csm_coverage(v) BETWEEN 0 AND 1, true) AND unassigned_arr(v) <= arr(v) AND (SELECT coalesce(bool_and(covered_arr <= arr AND load >= 0 AND accounts >= 0), true) FROM books(v)) THEN 'good' ELSE 'bad value' END;
END $$;
CREATE FUNCTION verdict_l(value bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text := receive(value, 'one_l');
    v lift_summary;
BEGIN
    IF state <> '00000' THEN
        RETURN state;
    END IF;
    SELECT one_l.v INTO v FROM one_l;
    PERFORM incremental(v), incremental_interval(v, 0.9), lift_interval(v, 0.9), lift(v), strata_without_control(v), csm_lift_summary_hash(v), (SELECT count(*) FROM strata(v));
    RETURN CASE WHEN (v::text)::lift_summary = v THEN 'good' ELSE 'bad value' END;
END $$;
CREATE FUNCTION damages(v bytea) RETURNS TABLE (what text, value bytea) LANGUAGE sql AS $$
    SELECT 'byte ' || i || ' = ' || b, set_byte(v, i, b) FROM generate_series(0, length(v) - 1) i, LATERAL unnest(ARRAY[0, 1, 127, 128, 255, get_byte(v, i) + 1 & 255, get_byte(v, i) + 255 & 255]) b
    UNION ALL SELECT 'cut at ' || i, substr(v, 1, i) FROM generate_series(0, length(v) - 1) i UNION ALL SELECT 'longer by ' || length(x), v || x FROM unnest(ARRAY['\x00', '\xff', v]::bytea[]) x UNION ALL SELECT 'intact', v
$$;
CREATE TABLE damaged AS
SELECT 'c' AS type, what, verdict_c(value) AS verdict FROM damages((SELECT csm_coverage_summary_send(coverage_agg(csm, arr, ac, nc)) FROM (VALUES ('Ann', 30.25, 10, 5), ('Ann', 0.5, 100.5, 3), (NULL, 7, NULL, 2), ('Bob', NULL, 1, 1)) v (csm, arr, ac, nc)))
UNION ALL SELECT 'l', what, verdict_l(value) FROM damages((SELECT csm_lift_summary_send(lift_agg(t, y, b, s)) FROM (VALUES (true, 30.25, 10, 'web'), (false, -0.5, 100.5, 'web'), (true, 7, NULL, NULL)) v (t, y, b, s)));
-- Two books of 2^63 - 1 accounts: none of them is too large.
CREATE TABLE crowds AS SELECT decode(replace(encode(csm_coverage_summary_send(coverage_agg(csm, 9223372036854775807)), 'hex'), '0000000000000001' || repeat('0', 32) || '7fffffffffffffff', '7fffffffffffffff' || repeat('0', 32) || '7fffffffffffffff'), 'hex') AS value
                       FROM (VALUES (1, 'Ann'), (2, 'Ann'), (2, 'Bob')) v (n, csm) GROUP BY n ORDER BY n;
SELECT results_eq('SELECT verdict_c(value) FROM crowds', ARRAY['good', '22P03'], 'coverage_summary: more accounts than can be counted are refused');
SELECT is(receive('\x010300000000', 'one_l'), '22P03', 'lift_summary: decimal places without strata, which the text form cannot say, are refused');
COPY (SELECT) TO PROGRAM :'remove';
SELECT cmp_ok((SELECT count(*) FROM damaged), '>', 4000::bigint, 'thousands of damaged values');
SELECT is((SELECT string_agg(verdict, ' ' ORDER BY type) FROM damaged WHERE what = 'intact'), 'good good', 'intact bytes are read');
SELECT is_empty($$ SELECT type, what, verdict FROM damaged WHERE verdict NOT IN ('good', '22P03', '22021', '22003') $$, 'damaged bytes are refused, or a good value');
SELECT is_empty($$ SELECT type, what FROM damaged WHERE what ~ 'cut|longer' AND verdict <> '22P03' $$, 'what is cut or has bytes left over is refused');

-- Text that is no value.
SELECT refused(format('SELECT %L::coverage_summary', input), state, pattern, format('coverage_summary: %s is refused with %s', problem, state))
FROM (VALUES
    (1, '', '22P02', '', 'an empty text'), (2, '[]', '22P02', 'object', 'an array'), (3, '{}', '22P02', 'missing', 'an object without keys'), (4, '{"arr": "0", "books": [], "x": 1}', '22P02', 'unknown', 'an unknown key'), (5, '{"arr": 0, "books": []}', '22P02', 'string', 'an amount as a number'),
    (6, '{"arr": "0", "books": {}}', '22P02', 'array', 'books that are no array'), (7, '{"arr": "0", "books": [1]}', '22P02', 'arrays of 7', 'a book that is no array'), (8, '{"arr": "0", "books": [["a", null, null, "0", "0", 0]]}', '22P02', 'arrays of 7', 'a book that is too short'),
    (9, '{"arr": "1", "books": [["a", null, null, "0", "0", 0, 0]]}', '22P02', 'add up', 'books that do not add up'), (10, '{"arr": "2", "books": [["a", null, null, "1", "0", 1, 0], ["a", null, null, "1", "0", 1, 0]]}', '22P02', 'twice', 'a manager and capacities twice'),
    (11, '{"arr": "1", "books": [["a", "0", null, "1", "1", 1, 0]]}', '22P02', 'positive', 'a capacity of 0'), (12, '{"arr": "1", "books": [["a", null, 0, "1", "0", 1, 1]]}', '22P02', 'positive', 'an account capacity of 0'), (13, '{"arr": "1", "books": [["a", "5", null, "1", "0.5", 1, 0]]}', '22P02', 'do not agree', 'a load that misses an account'),
    (14, '{"arr": "1", "books": [["a", null, null, "1", "1", 1, 0]]}', '22P02', 'without a capacity', 'a load without a capacity'), (15, '{"arr": "1", "books": [["a", null, 5, "1", "0", 1, 2]]}', '22P02', 'do not agree', 'more accounts bound than there are'), (16, '{"arr": "0", "books": [["a", null, 5, "0", "0", 0, 0]]}', '22P02', 'no accounts', 'an empty book with a capacity'),
    (17, '{"arr": "0", "books": [[null, null, null, "0", "0", 0, 0]]}', '22P02', 'no accounts', 'an entry of nothing'), (18, '{"arr": "-1", "books": [["a", null, null, "-1", "0", 1, 0]]}', '22P02', 'negative', 'a negative amount'), (19, '{"arr": "1", "books": [["a", null, null, "1", "0", 0, 0]]}', '22P02', '', 'an amount without accounts'),
    (20, '{"arr": "1", "books": [["a", null, null, "1", "0", 2, 0]]}', '22P02', 'agree', 'fewer units than accounts'), (21, '{"arr": "1", "books": [["a", null, null, "1", "0", -1, 0]]}', '22P02', 'whole number', 'a negative count'), (22, '{"arr": "1", "books": [[5, null, null, "1", "0", 1, 0]]}', '22P02', 'string', 'a manager as a number'),
    (23, '{"arr": "NaN", "books": []}', '22P02', 'decimal number', 'NaN'), (24, '{"arr": "100000000000000000000000000000000000000", "books": []}', '22003', '38 digits', '39 digits'),
    (25, '{"arr": "0", "books": [["a", null, null, "99999999999999999999999999999999999999", "0", 1, 0], ["b", null, null, "1", "0", 1, 0]]}', '22P02', 'digits', 'books of 39 digits')
) AS bad (n, input, state, pattern, problem) ORDER BY n;
SELECT refused(format('SELECT %L::lift_summary', input), state, pattern, format('lift_summary: %s is refused with %s', problem, state))
FROM (VALUES
    (1, '{"strata": [["a"]]}', '22P02', 'arrays of 17', 'a stratum that is too short'), (2, '{"strata": [[null, 0, "0", "0", "0", "0", "0", "0", "0", 0, "0", "0", "0", "0", "0", "0", "0"]]}', '22P02', 'no accounts', 'a stratum of nothing'),
    (3, '{"strata": [[null, 0, "1", "0", "0", "1", "0", "0", "0", 1, "0", "0", "0", "0", "0", "0", "0"]]}', '22P02', 'without accounts', 'amounts without accounts'), (4, '{"strata": [[null, 1, "1", "0", "0", "2", "0", "0", "0", 0, "0", "0", "0", "0", "0", "0", "0"]]}', '22P02', 'too large', 'a square that is too large'),
    (5, '{"strata": [[null, 2, "2", "0", "0", "1", "0", "0", "0", 0, "0", "0", "0", "0", "0", "0", "0"]]}', '22P02', 'too small', 'a square that is too small'), (6, '{"strata": [[null, 1, "1", "1", "0", "1", "1", "2", "0", 0, "0", "0", "0", "0", "0", "0", "0"]]}', '22P02', 'too large', 'a product that is too large'),
    (7, '{"strata": [[null, 1, "1", "-1", "0", "1", "1", "0", "1", 0, "0", "0", "0", "0", "0", "0", "0"]]}', '22P02', 'negative', 'a negative sum'), (8, '{"strata": [[null, 1, "1", "0", "0", "-1", "0", "0", "0", 0, "0", "0", "0", "0", "0", "0", "0"]]}', '22P02', '', 'a negative square'),
    (9, '{"strata": [["a", 1, "1", "0", "0", "1", "0", "0", "0", 0, "0", "0", "0", "0", "0", "0", "0"], ["a", 1, "1", "0", "0", "1", "0", "0", "0", 0, "0", "0", "0", "0", "0", "0", "0"]]}', '22P02', 'twice', 'a stratum twice')
) AS bad (n, input, state, pattern, problem) ORDER BY n;

-- Equality, order, hash.
CREATE TABLE wide AS SELECT shape, coverage_agg(csm, arr, arr_capacity, account_capacity) AS c, coverage_agg(csm, round(arr, 18), round(arr_capacity, 7), account_capacity) AS wider, lift_agg(i % 2 = 0, arr, 1.5, csm) AS l, lift_agg(i % 2 = 0, round(arr, 17), 1.500, csm) AS l_wider FROM books WHERE shape % 11 > 0 GROUP BY shape;
SELECT is_empty('SELECT shape FROM wide WHERE c <> wider OR csm_coverage_summary_hash(c) <> csm_coverage_summary_hash(wider) OR csm_coverage_summary_hash_extended(c, 7) <> csm_coverage_summary_hash_extended(wider, 7) OR l <> l_wider OR csm_lift_summary_hash(l) <> csm_lift_summary_hash(l_wider)',
                '= and hash ignore trailing zeros');
SELECT cmp_ok((SELECT count(*) FROM wide WHERE c::text <> wider::text AND l::text <> l_wider::text), '>', 30::bigint, 'most of them differ in display scale');
SELECT is((SELECT coverage_agg('a', arr, 5) FROM (VALUES (10)) v (arr)) = (SELECT coverage_agg('a', arr, 5) FROM (VALUES (10), (0), (NULL)) v (arr)), true, 'an account that is no customer makes no other value');
SELECT is((SELECT count(DISTINCT c) FROM unnest(ARRAY[(SELECT coverage_agg('a', 10)), (SELECT coverage_agg('b', 10)), (SELECT coverage_agg(NULL::text, 10)), (SELECT coverage_agg('a', 10.1)), (SELECT coverage_agg('a', 10, 5)), (SELECT coverage_agg('a', 10, 6)), (SELECT coverage_agg('a', 10, NULL, 5)), (SELECT coverage_agg('a', 10, 5, 5)), (SELECT coverage_agg('a', 1.0)), (SELECT coverage_agg('', 10))]) c), 10::bigint, 'what differs in anything is another value');
SELECT is_empty($$ SELECT a.id, b.id FROM vals a, vals b WHERE a.id % 9 = 0 AND b.id % 9 = 0 AND ((a.c < b.c)::int + (a.c = b.c)::int + (a.c > b.c)::int <> 1 OR (a.c <= b.c) = (a.c > b.c) OR (a.c >= b.c) = (a.c < b.c) OR (a.c = b.c) <> (csm_coverage_summary_send(a.c) = csm_coverage_summary_send(b.c) OR a.c::text::jsonb = b.c::text::jsonb)
                  OR (a.l < b.l)::int + (a.l = b.l)::int + (a.l > b.l)::int <> 1) $$, 'the operators are a total order');
CREATE INDEX vals_c ON vals (c) WHERE shape < 8;
CREATE INDEX vals_l ON vals USING hash (l);
SELECT is((SELECT count(*) FROM vals a JOIN received b ON a.c = b.c AND a.l = b.l WHERE a.id = b.id), (SELECT count(*) FROM vals), 'values join and index');

SELECT * FROM finish();
ROLLBACK;
