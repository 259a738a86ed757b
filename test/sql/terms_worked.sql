\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- history_latest_agg: terms that replace each other. Worked cases; against plain SQL, day by day, over random terms; one answer from
-- rows in any order, from every plan and every way of merging; the forms of revenue_terms.
SELECT plan(50);
SET LOCAL timezone = 'America/New_York';
SET LOCAL datestyle = 'German, DMY';

-- Worked: a plan log, an early renewal, versions of rows that overlap.
CREATE FUNCTION ends(h revenue_history[], days date[]) RETURNS numeric[] LANGUAGE sql AS $$ SELECT array_agg(s ORDER BY d) FROM (SELECT d, sum(amount_at(x, d)) AS s FROM unnest(days) d, unnest(h) x GROUP BY d) y $$;
SELECT is((SELECT history_latest_agg(valid, amount) FROM (VALUES ('[2024-01-01,)'::daterange, 50), ('[2024-02-15,)', 50)) v (valid, amount))::text, '{"scale": 0, "steps": [["2024-01-01", "50"]]}', 'the same amount again changes nothing');
CREATE TABLE renewed AS SELECT history_latest_agg(valid, amount) AS h FROM (VALUES ('[2023-04-01,2024-04-01)'::daterange, 40), ('[2024-02-01,2025-02-01)', 50)) v (valid, amount);
SELECT is(h::text, '{"scale": 0, "steps": [["2023-04-01", "40"], ["2024-02-01", "50"], ["2025-02-01", "0"]]}', 'a renewal that was booked early replaces the old term') FROM renewed;
SELECT results_eq($$ SELECT period_start, movement, change FROM renewed, movements(h, '2024-01-01', '2024-06-01', '1 month') $$, $$ VALUES ('2024-02-01'::date, 'expansion'::text, 10::numeric) $$, 'February expands by 10, April does nothing');
CREATE TABLE versions (item text, starts timestamp, ends timestamp, amount numeric);
INSERT INTO versions VALUES ('s1', '2024-01-05 10:00', '2024-03-10 12:00', 100), ('s1', '2024-03-10 11:59:57', NULL, 120), ('s2', '2024-01-01', NULL, 50), ('s2', '2024-02-15', NULL, 50), ('s3', '2024-01-01', '9999-12-31', 80);
CREATE TABLE versioned AS SELECT item, history_latest_agg(daterange(starts::date, nullif(ends::date, '9999-12-31')), amount, starts) AS h FROM versions GROUP BY item;
SELECT is((SELECT ends(array_agg(h), '{2024-02-29,2024-03-31,2024-04-30}') FROM versioned), '{230,250,250}', 'versions of rows that overlap by seconds: endings');
SELECT is((SELECT sum(expansion) FROM bridge((SELECT bridge_agg(h, '2024-03-01', '2024-04-01', '1 month') FROM versioned))), 20::numeric, 'and expansion in March');
SELECT is((SELECT history_latest_agg(valid, amount, at) FROM (VALUES ('[2024-05-10,)'::daterange, 70, '2024-05-10 09:00+00'::timestamptz), ('[2024-05-10,)', 90, '2024-05-10 17:00+00'), ('[2024-01-01,)', 50, '2024-01-01 09:00+00')) v (valid, amount, at))::text,
    '{"scale": 0, "steps": [["2024-01-01", "50"], ["2024-05-10", "90"]]}', 'of two changes on one day the later one holds');
SELECT is((SELECT history_latest_agg(valid, amount, at) FROM (VALUES ('[2024-05-10,)'::daterange, 70, NULL::date), ('[2024-05-10,2024-06-01)', 90, '-infinity'), ('[2024-05-10,2024-05-20)', 95, '2024-01-01')) v (valid, amount, at) WHERE amount <> 90)::text,
    '{"scale": 0, "steps": [["2024-05-10", "95"], ["2024-05-20", "70"]]}', 'no time of record comes first, and holds again where the later one ends');
SELECT is((SELECT history_latest_agg(valid, amount) FROM (VALUES ('[2024-01-01,)'::daterange, 50), ('[2024-04-01,)', 0), ('[2024-07-01,)', 60), ('[2024-09-01,)', NULL)) v (valid, amount))::text,
    '{"scale": 0, "steps": [["2024-01-01", "50"], ["2024-04-01", "0"], ["2024-07-01", "60"], ["2024-09-01", "0"]]}', 'a cancellation is a term of 0 or NULL');
SELECT is((SELECT history_latest_agg(valid, amount) FROM (VALUES ('[2024-01-01,2025-01-01)'::daterange, 50), ('[2024-03-01,2024-05-01)', 80), ('[2024-04-01,2024-04-15)', 10.50)) v (valid, amount))::text,
    '{"scale": 2, "steps": [["2024-01-01", "50.00"], ["2024-03-01", "80.00"], ["2024-04-01", "10.50"], ["2024-04-15", "80.00"], ["2024-05-01", "50.00"], ["2025-01-01", "0.00"]]}', 'a term within another one, within another one');
SELECT is((SELECT history_latest_agg(valid, amount) FROM (VALUES (NULL::daterange, 50), ('empty', 80)) v (valid, amount)), NULL, 'no row with a day: NULL');
SELECT is((SELECT history_latest_agg(valid, 5, NULL, 'EUR') FROM (VALUES ('[2024-01-01,infinity)'::daterange)) v (valid))::text, '{"currency": "EUR", "scale": 0, "steps": [["2024-01-01", "5"]]}', 'a currency, an open end');
SELECT is((SELECT history_latest_agg(valid, a, '2024-01-01'::date) FROM (VALUES ('[2024-01-01,2024-03-01)'::daterange, 5.0), ('[2024-01-01,2024-02-01)', 5), ('[2024-01-01,2024-02-01)', 5.00)) v (valid, a))::text, '{"scale": 2, "steps": [["2024-01-01", "5.00"], ["2024-03-01", "0.00"]]}', 'equal amounts count once');
SELECT is((SELECT history_latest_agg(valid, a, r::date) FROM (VALUES ('[2024-01-01,2024-03-01)'::daterange, 5, '2024-01-01'), ('[2024-01-01,2024-02-01)', 6, '2024-01-01'), ('[2024-01-01,2024-02-01)', 7, '2024-01-02')) v (valid, a, r))::text, '{"scale": 0, "steps": [["2024-01-01", "7"], ["2024-02-01", "5"], ["2024-03-01", "0"]]}', 'what differs but never holds is no conflict');

-- What is refused.
SELECT refused('SELECT history_latest_agg(' || call || ') FROM (VALUES (''[2024-01-01,2024-03-01)''::daterange, 5, 1), (''[2024-01-01,)'', 6, 2), (''[2024-05-01,)'', 6, 2)) v (v, a, n)', state, pattern, 'refused: ' || call, hint) FROM (VALUES
    ('v, a', '22023', 'hold on 2024-01-01: 5 and 6', 'item'), ('v, a, ''2024-01-01''::date', '22023', 'hold on 2024-01-01: 5 and 6', 'later one holds'), ('v * daterange(''2024-02-01'', NULL), a + 0.5', '22023', 'hold on 2024-02-01: 5.5 and 6.5', ''),
    ('daterange(NULL, upper(v)), a', '22023', 'start', ''), ('v, ''NaN''', '22023', 'NaN', ''), ('v, 1e38', '22003', '38', ''), ('v, a, NULL, CASE n WHEN 1 THEN ''EUR'' END', '22023', 'currenc', ''), ('v, a, NULL, ''E R''', '22023', 'E R', ''),
    ('v, CASE n WHEN 1 THEN 1e-30 ELSE 1e20 END', '22003', '38', '')) c (call, state, pattern, hint);

-- Random terms of items: nested, adjacent, open, of one start, of one time of record with one amount; amounts from -5 to beyond 64 bits.
CREATE FUNCTION draw(what int, key int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || substr(md5(what || '/' || key), 1, 7))::bit(28)::int % below $$;
CREATE TABLE terms AS
SELECT i AS id, i % 80 AS item, '2024-01-01'::date + start AS starts, CASE WHEN draw(2, i, 4) > 0 THEN '2024-01-01'::date + start + 1 + draw(3, i, 40) END AS stops, (start * 7 + recorded) % 6 - 1 + CASE WHEN i % 80 = 7 THEN 0.125 WHEN i % 80 = 8 THEN 1e25 ELSE 0 END AS amount,
    CASE WHEN recorded > 0 THEN '2023-12-01 10:00+00'::timestamptz + recorded * interval '90 minutes' END AS recorded
FROM generate_series(1, 1500) i, LATERAL (SELECT draw(1, i, 60) / (1 + i % 4) AS start, draw(4, i, 4) AS recorded) d;
CREATE TABLE latest AS SELECT item, history_latest_agg(daterange(starts, stops), amount, recorded) AS h FROM terms GROUP BY item;
SELECT is((SELECT count(*) FROM latest), 80::bigint, 'there are items');
SELECT is_empty($$ SELECT item, d FROM latest, generate_series(-3, 115) k, LATERAL (SELECT '2024-01-01'::date + k AS d) x
    WHERE amount_at(h, d) <> coalesce((SELECT amount FROM terms t WHERE t.item = latest.item AND starts <= d AND (stops > d OR stops IS NULL) ORDER BY starts DESC, recorded DESC NULLS LAST, amount LIMIT 1), 0) $$, 'on each day the term that plain SQL finds');
SELECT is_empty($$ SELECT item FROM latest WHERE h::text::revenue_history::text <> h::text $$, 'which are whole histories');
CREATE FUNCTION ordered(ordering text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    EXECUTE format('SELECT string_agg(h::text, '';'' ORDER BY item) FROM (SELECT item, history_latest_agg(daterange(starts, stops), amount, recorded) AS h FROM (SELECT * FROM terms ORDER BY %s OFFSET 0) t GROUP BY item) x', ordering) INTO answer;
    RETURN answer;
END $$;
SELECT is_empty($$ SELECT o FROM unnest('{id,id DESC,md5(id::text),starts,starts DESC,recorded DESC}'::text[]) o WHERE md5(ordered(o)) <> (SELECT md5(string_agg(h::text, ';' ORDER BY item)) FROM latest) $$, 'rows in any order');

-- Two workers, partitions, by hand, through text and bytes, again and again.
ALTER TABLE terms SET (parallel_workers = 2);
SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0; SET LOCAL max_parallel_workers_per_gather = 2;
\set asked 'SELECT item, history_latest_agg(daterange(starts, stops), amount, recorded) AS h FROM terms GROUP BY item'
ANALYZE terms;
SET LOCAL enable_hashagg = off; SET LOCAL enable_sort = on;
SELECT matches(plan_of('SELECT history_latest_agg(daterange(starts, stops), amount, recorded) FROM terms'), 'Finalize Aggregate(.|\n)*Partial Aggregate', 'a parallel plan');
SELECT is((SELECT history_latest_agg(daterange(starts, stops), amount, recorded)::text FROM terms WHERE item = 5), (SELECT h::text FROM latest WHERE item = 5), 'from two workers');
SELECT is((SELECT md5(string_agg(h::text, ';' ORDER BY item)) FROM (:asked) x), (SELECT md5(string_agg(h::text, ';' ORDER BY item)) FROM latest), 'from two workers by item');
RESET enable_hashagg;
CREATE TABLE parts (LIKE terms) PARTITION BY HASH (item);
CREATE TABLE parts_0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parts SELECT * FROM terms;
SET LOCAL enable_partitionwise_aggregate = on; SET LOCAL max_parallel_workers_per_gather = 0;
SELECT is((SELECT md5(string_agg(h::text, ';' ORDER BY item)) FROM (SELECT item, history_latest_agg(daterange(starts, stops), amount, recorded) AS h FROM parts GROUP BY item) x), (SELECT md5(string_agg(h::text, ';' ORDER BY item)) FROM latest), 'partition by partition');
CREATE AGGREGATE terms_agg(valid daterange, amount numeric, recorded timestamptz) (SFUNC = csm_terms_accum, STYPE = revenue_terms);
CREATE AGGREGATE join_agg(revenue_terms) (SFUNC = csm_terms_combine, STYPE = revenue_terms, FINALFUNC = csm_terms_final);
CREATE TABLE states AS SELECT item, id % 5 AS part, terms_agg(daterange(starts, stops), amount, recorded) AS state FROM terms GROUP BY item, id % 5;
CREATE TABLE arrived (LIKE states);
\set file `mktemp -u /tmp/csm_metrics_terms.XXXXXX`
COPY states TO :'file' (FORMAT binary);
COPY arrived FROM :'file' (FORMAT binary);
\set remove 'cat > /dev/null; rm ' :file
COPY (SELECT) TO PROGRAM :'remove';
SELECT is((SELECT md5(string_agg(h::text, ';' ORDER BY item)) FROM (SELECT item, join_agg(state) AS h FROM states GROUP BY item) x), (SELECT md5(string_agg(h::text, ';' ORDER BY item)) FROM latest), 'states merge');
SELECT is((SELECT md5(string_agg(h::text, ';' ORDER BY item)) FROM (SELECT item, join_agg(state ORDER BY part DESC) AS h FROM (SELECT item, part, state FROM arrived UNION ALL SELECT item, part + 10, state::text::revenue_terms FROM states) s GROUP BY item) x), (SELECT md5(string_agg(h::text, ';' ORDER BY item)) FROM latest), 'states that travelled, each of them twice: a set');
SELECT is_empty($$ SELECT item FROM states JOIN arrived USING (item, part) WHERE states.state::text <> arrived.state::text OR states.state::text::revenue_terms::text <> states.state::text OR csm_terms_send(states.state) <> csm_terms_send(states.state::text::revenue_terms) $$, 'text and bytes go round, whatever DateStyle and TimeZone say');
SELECT is(csm_terms_accum(csm_terms_accum(csm_terms_accum(NULL, '[4713-01-01 BC,2024-02-01)', -5.25, '2024-01-01 01:02:03.45+00'::timestamptz, 'EUR'), '[2024-01-01,)', NULL, 'infinity'::timestamptz, 'EUR'), '[2024-01-01,)', 7, '4713-01-01 00:00:00+00 BC'::timestamptz, 'EUR')::text,
    '{"currency": "EUR", "scale": 2, "terms": [["4713-01-01 BC", "2024-02-01", "2024-01-01 01:02:03.450000", "-5.25"], ["2024-01-01", null, "4713-01-01 BC 00:00:00.000000", "7.00"], ["2024-01-01", null, "infinity", "0.00"]]}', 'text form');
SELECT is((SELECT terms_agg(v, 5, r) FROM (VALUES ('[2024-01-01,)'::daterange, '2024-01-01 12:00+00'::timestamptz)) x (v, r))::text, (SELECT csm_terms_accum(NULL, '[2024-01-01,)', 5, '2024-01-01 12:00'::timestamp))::text, 'a time without a zone is kept as it stands');
SELECT is(csm_terms_accum(NULL, '[2024-01-01,)', 5, '2024-01-01'::date)::text, csm_terms_accum(NULL, '[2024-01-01,)', 5, '2024-01-01 00:00'::timestamp)::text, 'a day is its start, whatever the zone');

-- What is no value.
SELECT refused(format('SELECT %L::revenue_terms', text), '22P02', pattern, 'refused as text: ' || text) FROM (VALUES
    ('{"scale": 0, "terms": [["2024-01-02", null, null, "1"], ["2024-01-01", null, null, "2"]]}', 'order'), ('{"scale": 0, "terms": [["2024-01-01", null, null, "1"], ["2024-01-01", null, null, "1"]]}', 'order'),
    ('{"scale": 0, "terms": [["2024-01-02", "2024-01-02", null, "1"]]}', 'days'), ('{"scale": 0, "terms": [["2024-01-02", "2024-01-05", null]]}', 'array'), ('{"scale": 0, "terms": [["2024-01-02", null, "2024-01-01", "1"]]}', 'times'),
    ('{"scale": 0, "terms": [["2024-01-02", null, "2024-01-01 24:00:00.000000", "1"]]}', 'times'), ('{"scale": 0, "terms": [["2024-01-02", null, "5874897-12-31 00:00:00.000000", "1"]]}', 'range'), ('{"scale": 0, "terms": [], "more": 1}', 'unknown')) v (text, pattern);
CREATE TABLE received (v revenue_terms);
SELECT set_config('csm_metrics_test.file', :'file', true) AS file \gset
CREATE TABLE damaged AS
SELECT what, receive(value, 'received') AS verdict FROM (SELECT csm_terms_send(state) AS v FROM states WHERE item = 7 ORDER BY part LIMIT 1) x, LATERAL (
    SELECT 'byte' AS what, set_byte(v, i, b) AS value FROM generate_series(0, length(v) - 1) i, unnest(ARRAY[0, 255]) b UNION ALL SELECT 'cut', substr(v, 1, i) FROM generate_series(0, length(v) - 1) i UNION ALL SELECT 'intact', v) d;
COPY (SELECT) TO PROGRAM :'remove';
SELECT is_empty($$ SELECT what, verdict FROM damaged WHERE verdict <> ALL (CASE what WHEN 'intact' THEN '{00000}' WHEN 'cut' THEN '{22P03}' ELSE '{00000,22P03}' END::text[]) $$, 'damaged bytes are refused, or are other terms');

-- Parts below zero, for those who want the figures of the others now.
SELECT is(without_negatives(history_change_agg(d, c))::text, '{"scale": 1, "steps": [["2024-01-01", "5.0"], ["2024-03-01", "0.0"], ["2024-05-01", "2.5"], ["2024-06-01", "0.0"]]}', 'without_negatives: what is below zero is 0')
FROM (VALUES ('2023-06-01'::date, -1.0), ('2023-07-01', 1), ('2024-01-01', 5), ('2024-03-01', -8), ('2024-04-01', 1), ('2024-05-01', 4.5), ('2024-06-01', -3)) v (d, c);
SELECT is_empty($$ SELECT item FROM latest, generate_series(-3, 115) k, LATERAL (SELECT '2024-01-01'::date + k AS d) x WHERE amount_at(without_negatives(h), d) <> greatest(amount_at(h, d), 0) OR without_negatives(h)::text::revenue_history <> without_negatives(h) $$, 'without_negatives: day by day');
SELECT is((SELECT ndr(retention_agg(without_negatives(h), '2024-02-01', '2024-03-01')) IS NOT NULL FROM latest), true, 'which figures can be drawn from');

-- A stored value without terms has no room for one: as the first of a union it gets it.
CREATE AGGREGATE keep_agg(revenue_terms) (SFUNC = csm_terms_combine, STYPE = revenue_terms);
CREATE TABLE pieces AS SELECT i, terms_agg(daterange('2024-01-01'::date + i, NULL), i, '2024-01-01') FILTER (WHERE i > 0) AS v FROM generate_series(0, 9) i GROUP BY i;
UPDATE pieces SET v = (SELECT replace(v::text, substring(v::text FROM '\[.*\]'), '[]')::revenue_terms FROM pieces WHERE i = 1) WHERE i = 0;
SELECT is((SELECT csm_terms_combine(a.v, b.v)::text FROM pieces a, pieces b WHERE a.i = 0 AND b.i = 1), (SELECT v::text FROM pieces WHERE i = 1), 'nothing and a term, by hand');
SELECT is((SELECT keep_agg(v ORDER BY i)::text FROM pieces), (SELECT keep_agg(v ORDER BY i DESC)::text FROM pieces), 'nothing first and nothing last, in an aggregate');

SELECT * FROM finish();
ROLLBACK;
