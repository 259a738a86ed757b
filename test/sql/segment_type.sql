\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- segment as a type and as a key: text and binary forms, order, membership, schemes, indexes, joins, partitions, generated columns.
SELECT plan(104);

-- Text form: one canonical form of each segment.
CREATE TABLE forms (n int, input text, output text);
INSERT INTO forms VALUES
    (1, 'enterprise [100000,)', 'enterprise [100000,)'), (2, 'small business [0,25000)', 'small business [0,25000)'), (3, '  a  [ 1.50 , 2.00 )  ', 'a [1.5,2.0)'), (4, 'x[1,2)', 'x [1,2)'),
    (5, 'low (,5)', 'low (,5)'), (6, 'low [,5)', 'low (,5)'), (7, 'all (,)', 'all (,)'), (8, 'all [,)', 'all (,)'), (9, 'Größe €uro [1e3,2e3)', 'Größe €uro [1000,2000)'), (10, 'EMEA (large) [10] [5,6)', 'EMEA (large) [10] [5,6)'),
    (11, 'a, b "c" \ [1,2)', 'a, b "c" \ [1,2)'), (12, 'credit [-5.0,-0.25)', 'credit [-5.00,-0.25)'), (13, 'zero [0.000,)', 'zero [0,)'), (14, repeat('x', 100) || ' [1,2)', repeat('x', 100) || ' [1,2)'),
    (15, 'wide [0,99999999999999999999999999999999999999)', 'wide [0,99999999999999999999999999999999999999)'), (16, 'fine [0.00000000000000000000000000000000000001,)', 'fine [0.00000000000000000000000000000000000001,)'),
    (17, '1 [100,1000)', '1 [100,1000)'), (18, '<1k [0,1000)', '<1k [0,1000)');
SELECT is(input::segment::text, output, format('text form %s', n)) FROM forms ORDER BY n;
SELECT is_empty('SELECT n FROM forms WHERE output::segment::text <> output OR input::segment <> output::segment OR NOT input::segment = output::segment', 'the canonical form goes round, and is equal to what was written');
SELECT is_empty('SELECT n FROM forms WHERE csm_segment_send(input::segment) <> csm_segment_send(output::segment)', 'equal segments have equal bits');
SELECT is((ARRAY['a, b "c" \ [1,2)', 'small business [0,5)']::segment[])::text::segment[]::text, (ARRAY['a, b "c" \ [1,2)', 'small business [0,5)']::segment[])::text, 'an array of segments goes round as text');

-- What is no segment.
SELECT refused(format('SELECT %L::segment', input), state, pattern, format('%s is refused with %s', problem, state))
FROM (VALUES
    (1, '', '22P02', 'band is missing', 'an empty text'), (2, 'enterprise', '22P02', 'band is missing', 'a label without a band'), (3, '[1,2)', '22P02', 'label is empty', 'a band without a label'), (4, '   [1,2)', '22P02', 'label is empty', 'a blank label'),
    (5, 'a [2,2)', '22P02', 'band is empty', 'an empty band'), (6, 'a [2,1)', '22P02', 'below', 'a reversed band'), (7, 'a (1,2)', '22P02', 'included', 'an excluded low end'), (8, 'a [1,2]', '22P02', 'excluded', 'an included high end'),
    (9, 'a [1)', '22P02', 'comma', 'a band of one amount'), (10, 'a [1,2,3)', '22P02', '', 'a band of three amounts'), (11, 'a [one,2)', '22P02', 'one', 'an amount that is none'), (12, 'a [NaN,)', '22023', 'NaN', 'NaN as an end'),
    (13, 'a [1,Infinity)', '22023', 'nfinity', 'infinity as an end'), (14, 'a [1e38,)', '22003', '38 digits', 'an end of 39 digits'), (15, 'a [0.5,99999999999999999999999999999999999999)', '22P02', '38 digits', 'ends that need 39 digits together'),
    (16, E'a\tb [1,2)', '22P02', 'control', 'a tab in the label'), (17, E'a\x01 [1,2)', '22P02', 'control', 'a control character in the label'), (18, E'a\x7f [1,2)', '22P02', 'control', 'DEL in the label'),
    (19, repeat('x', 101) || ' [1,2)', '22P02', '100 characters', 'a label of 101 characters'), (20, repeat('x', 10240) || ' [1,2)', '22P02', '100 characters', 'a label of 10 kB'), (21, 'a 1,2)', '22P02', 'band is missing', 'a band without its start'), (22, 'a [1,2) b', '22P02', 'band is missing', 'something behind the band')
) AS bad (n, input, state, pattern, problem) ORDER BY n;
SELECT is((repeat('ü', 100) || ' [1,2)')::segment::text, repeat('ü', 100) || ' [1,2)', 'a label of 100 characters, more bytes');
SELECT refused(format('SELECT %L::segment', repeat('ü', 101) || ' [1,2)'), '22P02', '100 characters', 'a label of 101 characters, more bytes');
SELECT refused(format('SELECT %L::segment', repeat('ü', 5000) || ' [1,2)'), '22P02', '^.{0,160}$', 'a long text is cut in the message, between characters');

-- Binary form: round trip; each byte changed, each truncation.
SELECT coalesce((SELECT '/dev/shm' FROM pg_stat_file('/dev/shm', true) WHERE isdir), current_setting('data_directory')) || '/csm_metrics_segment.' || pg_backend_pid() AS file \gset
SELECT set_config('csm_metrics_test.file', :'file', true) AS file \gset
\set remove 'cat > /dev/null; rm -f "' :file '"'
CREATE TABLE sent AS SELECT n, input::segment AS s FROM forms;
CREATE TABLE received (n int, s segment);
COPY sent TO :'file' (FORMAT binary);
COPY received FROM :'file' (FORMAT binary);
SELECT is_empty('SELECT n FROM sent FULL JOIN received r USING (n) WHERE r.s IS DISTINCT FROM sent.s OR r.s::text <> sent.s::text', 'binary form: every segment comes back');
CREATE TABLE one (s segment);
CREATE FUNCTION receive(value bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    s segment;
BEGIN
    EXECUTE format('COPY (SELECT %L::bytea) TO %L (FORMAT binary)', value, current_setting('csm_metrics_test.file'));
    DELETE FROM one;
    EXECUTE format('COPY one FROM %L (FORMAT binary)', current_setting('csm_metrics_test.file'));
    SELECT one.s INTO s FROM one;
    RETURN CASE WHEN csm_segment_send(s) = value AND s::text::segment = s AND s::text::segment::text = s::text THEN 'good' ELSE 'other' END;
EXCEPTION WHEN OTHERS THEN
    RETURN sqlstate;
END $$;
CREATE TABLE damaged AS
SELECT what, receive(value) AS verdict FROM (SELECT csm_segment_send('mid [25000.5,100000)') AS v) x, LATERAL (
    SELECT 'byte ' || i || ' = ' || b AS what, set_byte(v, i, b) AS value FROM generate_series(0, length(v) - 1) i, unnest(ARRAY[0, 1, 2, 10, 31, 127, 128, 200, 255]) b
    UNION ALL SELECT 'cut at ' || i, substr(v, 1, i) FROM generate_series(0, length(v) - 1) i UNION ALL SELECT 'intact', v) d;
COPY (SELECT) TO PROGRAM :'remove';
SELECT is((SELECT verdict FROM damaged WHERE what = 'intact'), 'good', 'binary form: intact bytes are read');
SELECT is_empty($$ SELECT what, verdict FROM damaged WHERE verdict NOT IN ('good', '22P03', '22021') $$, 'binary form: damaged bytes are refused, or are the segment that they say');
SELECT is_empty($$ SELECT what FROM damaged WHERE what ~ '^cut at ([0-9]|[12][0-9]|3[0-5])$' AND verdict <> '22P03' $$, 'binary form: a value that is cut in its fixed part or has no label is refused');

-- Parts, cast, membership.
SELECT is((label(s), arr_from(s), arr_to(s), s::numrange)::text, row(l, f, t, r::numrange)::text, format('parts of %s', s))
FROM (VALUES (1, 'mid market [25000.50,1e5)'::segment, 'mid market', 25000.5, 100000.0, '[25000.5,100000.0)'), (2, 'low (,5)', 'low', NULL, 5, '(,5)'), (3, 'high [5,)', 'high', 5, NULL, '[5,)'), (4, 'all (,)', 'all', NULL, NULL, '(,)')) v (n, s, l, f, t, r) ORDER BY n;
CREATE TABLE probes AS SELECT n, output::segment AS s, a FROM forms, unnest(ARRAY[-5, -0.25, 0, 0.00, 0.00000000000000000000000000000000000001, 1, 1.5, 1.50, 2, 4.999999, 5, 1000, 24999.99, 25000, 99999999999999999999999999999999999999]) a;
SELECT is_empty('SELECT s, a FROM probes WHERE (s @> a) IS DISTINCT FROM (s::numrange @> a) OR (a <@ s) IS DISTINCT FROM (a <@ s::numrange)', '@> and <@ are those of the range');
-- Amounts of any number of digits, by the order of numeric; an infinite one is in the band that is open on its side, NaN in none. The segment is a constant to the planner, and is none.
CREATE TABLE any_amounts AS SELECT a::numeric FROM unnest('{0.000000000000000000000000000000000000000000,-0.000000000000000000000000000000000000000001,0.999999999999999999999999999999999999999999999,1.000000000000000000000000000000000000000000001,4.999999999999999999999999999999999999999999999,1e60,-1e60,99999999999999999999999999999999999999,99999999999999999999999999999999999998.999,99999999999999999999999999999999999999.5,100000000000000000000000000000000000000000,25000,24999.99,Infinity,-Infinity,NaN,-7,0,5}'::text[]) a;
SELECT is_empty($$ SELECT s, a FROM sent, any_amounts WHERE (s @> a) IS DISTINCT FROM (s::numrange @> a AND a <> 'NaN') OR (a <@ s) IS DISTINCT FROM (s @> a) OR (segment_of(a, ARRAY[s]) = s) IS DISTINCT FROM CASE WHEN s @> a THEN true END $$, 'any numeric has an answer: that of the range, but NaN is in no band');
CREATE FUNCTION by_constant(s segment) RETURNS SETOF any_amounts LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT a FROM any_amounts WHERE a <@ %L::segment', s);
    RETURN QUERY EXECUTE format('SELECT a FROM any_amounts WHERE (%L::segment @> a) IS NOT TRUE', s);
END $$;
SELECT is_empty($$ SELECT s FROM sent WHERE (SELECT array_agg(c.a) FROM by_constant(s) c) <> (SELECT array_agg(a) FROM (SELECT a FROM any_amounts WHERE a <@ s UNION ALL SELECT a FROM any_amounts WHERE NOT s @> a) x) $$, 'a constant segment and one of a table hold the same amounts');
SELECT is((SELECT ('all (,)'::segment @> a) IS NULL AND (a <@ 'high [5,)'::segment) IS NULL FROM (SELECT nullif(a, a) AS a FROM any_amounts LIMIT 1) x), true, 'NULL is NULL in a constant segment too');
SELECT is((SELECT ('a [1,2)'::segment @> NULL::numeric) IS NULL AND segment_of(NULL, segment_scheme('enterprise')) IS NULL AND segment_of(1, NULL) IS NULL), true, 'NULL in, NULL out');

-- segment_of against CASE, over all kinds of amounts.
CREATE FUNCTION draw(i int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || substr(md5(i::text), 1, 7))::bit(28)::int % below $$;
CREATE TABLE arrs AS SELECT i, CASE WHEN i % 50 = 0 THEN NULL WHEN i % 51 = 0 THEN 0 WHEN i % 17 = 0 THEN (ARRAY[999.99, 1000, 1000.000, 4999.995, 5000, 19999.9, 20000, 24999.99, 25000, 99999.9999, 100000, 1e30, -0.01])[1 + i % 13]
    ELSE (draw(i, 400000) + draw(i + 1000000, 100) / 100.0)::numeric(12,2) END AS arr FROM generate_series(1, 5000) i;
SELECT is_empty($$ SELECT arr FROM arrs WHERE label(segment_of(arr, segment_scheme('enterprise'))) IS DISTINCT FROM CASE WHEN arr < 0 THEN NULL WHEN arr < 25000 THEN 'small business' WHEN arr < 100000 THEN 'mid-market' WHEN arr >= 100000 THEN 'enterprise' END $$,
                'segment_of is CASE: enterprise');
SELECT is_empty($$ SELECT arr FROM arrs WHERE label(segment_of(arr, segment_scheme('deal_size'))) IS DISTINCT FROM CASE WHEN arr < 0 THEN NULL WHEN arr < 1000 THEN '<1k' WHEN arr < 5000 THEN '1k+' WHEN arr < 20000 THEN '5k+' WHEN arr < 100000 THEN '20k+' WHEN arr >= 100000 THEN '100k+' END $$,
                'segment_of is CASE: deal_size');
SELECT is((SELECT count(*) FROM arrs WHERE segment_of(arr, '{}') IS NOT NULL), 0::bigint, 'an empty scheme has no segment for anything');
SELECT is(segment_of(5, ARRAY['first [0,10)', 'second [5,20)']::segment[])::text, 'first [0,10)', 'of two segments that hold the amount the first in the array counts');
SELECT is(segment_of(15, ARRAY[ARRAY['a [0,10)', 'b [10,20)'], ARRAY['c [20,30)', 'd [30,40)']]::segment[])::text, 'b [10,20)', 'segment_of reads arrays of any shape');
SELECT refused($$ SELECT segment_of(5, ARRAY['a [0,10)', NULL]::segment[]) $$, '22004', 'NULL', 'a scheme with NULL is refused with 22004');
SELECT is(segment_of('NaN', segment_scheme('enterprise')), NULL, 'NaN has no segment');
CREATE TABLE schemes AS SELECT i AS id, array_agg(format('band %s of a longer name [%s,%s)', k, k * i, (k + 1) * i)::segment ORDER BY md5(k::text)) AS scheme FROM generate_series(1, 300, 50) i, generate_series(0, 200) k GROUP BY i;
SELECT is_empty($$ SELECT id, a FROM schemes, generate_series(0.5, 1000, 7.25) a WHERE label(segment_of(a, scheme)) IS DISTINCT FROM CASE WHEN a < 201 * id THEN format('band %s of a longer name', floor(a / id)) END $$,
                'segment_of reads stored schemes, compressed ones too');

-- Schemes.
SELECT is(segment_scheme('enterprise')::text, '{"small business [0,25000)","mid-market [25000,100000)","enterprise [100000,)"}', 'the scheme enterprise');
SELECT is(segment_scheme('deal_size')::text, '{"<1k [0,1000)","1k+ [1000,5000)","5k+ [5000,20000)","20k+ [20000,100000)","100k+ [100000,)"}', 'the scheme deal_size');
SELECT is(check_scheme(ARRAY['c [10,)', 'a (,5)', 'b [5.0,10.00)']::segment[])::text, '{"a (,5)","b [5,10)","c [10,)"}', 'check_scheme gives the scheme in order');
SELECT refused(format('SELECT check_scheme(%L)', scheme), state, pattern, format('check_scheme: %s is refused with %s', problem, state))
FROM (VALUES (1, '{"a [0,10)","b [12.5,20)"}', '22023', 'gap from 10(.0)? to 12.5', 'a gap'), (2, '{"b [5,20)","a [0,10)"}', '22023', 'overlap from 5 to 10', 'an overlap'), (3, '{"a [0,)","b [5,20)"}', '22023', 'overlap from 5 to 20', 'an overlap with an open end'),
             (4, '{"a [0,)","b [5,)"}', '22023', 'overlap from 5 to infinity', 'two open ends'), (5, '{"a (,3)","b (,5)"}', '22023', 'overlap from -infinity to 3', 'two open low ends'), (6, '{"a [0,10)","a [10,20)"}', '22023', 'label "a"', 'a label twice'),
             (7, '{}', '22023', 'no segments', 'an empty scheme'), (8, '{"a [0,10)",NULL}', '22004', 'NULL', 'NULL in a scheme')) v (n, scheme, state, pattern, problem) ORDER BY n;
SELECT refused($$ SELECT segment_scheme('no such') $$, '22023', 'no such', 'an unknown scheme is refused with 22023');

-- Order: by low end, high end, label by bytes.
SELECT is((SELECT array_agg(s::text ORDER BY s) FROM unnest('{"z [0,5)","a [0,5)","Z [0,5)","b (,5)","c [0,)","d [0,4.5)","e (,)","f [-1,0)","g [0.5,1)","aa [0,5)"}'::segment[]) s)::text,
          '{"b (,5)","e (,)","f [-1,0)","d [0.0,4.5)","Z [0,5)","a [0,5)","aa [0,5)","z [0,5)","c [0,)","g [0.5,1.0)"}', 'segments sort by band, then by the bytes of the label');
SELECT is_empty($$ SELECT a.s, b.s FROM sent a, sent b WHERE (a.s < b.s)::int + (a.s = b.s)::int + (a.s > b.s)::int <> 1 OR (a.s <= b.s) <> (a.s < b.s OR a.s = b.s) OR (a.s >= b.s) <> (a.s > b.s OR a.s = b.s) OR (a.s <> b.s) = (a.s = b.s)
                  OR (a.s = b.s AND csm_segment_hash(a.s) <> csm_segment_hash(b.s)) OR sign(csm_segment_cmp(a.s, b.s)) <> -sign(csm_segment_cmp(b.s, a.s)) $$, 'the operators are one total order, and equal segments hash alike');

-- As a key.
CREATE TABLE accounts AS SELECT i AS account, arr, segment_of(arr, segment_scheme('deal_size')) AS s FROM arrs;
ANALYZE accounts;
CREATE TABLE names AS SELECT s, label(s) AS name FROM unnest(segment_scheme('deal_size')) s;
CREATE TABLE expected AS SELECT n.name, count(*) FROM accounts a JOIN names n ON label(a.s) = n.name GROUP BY 1;
CREATE FUNCTION by_plan(query text, VARIADIC off text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    setting text;
BEGIN
    FOREACH setting IN ARRAY ARRAY['enable_hashjoin', 'enable_mergejoin', 'enable_nestloop', 'enable_hashagg', 'enable_sort', 'enable_seqscan', 'enable_bitmapscan'] LOOP
        PERFORM set_config(setting, CASE WHEN setting = ANY (off) THEN 'off' ELSE 'on' END, true);
    END LOOP;
    RETURN plan_of(query);
END $$;
\set joined 'SELECT n.name, count(*) FROM accounts a JOIN names n USING (s) GROUP BY 1'
SELECT matches(by_plan(:'joined', 'enable_mergejoin', 'enable_nestloop'), 'Hash Join', 'a hash join on segments');
SELECT set_eq(:'joined', 'SELECT * FROM expected', 'a hash join finds what belongs together');
SELECT matches(by_plan(:'joined', 'enable_hashjoin', 'enable_nestloop'), 'Merge Join', 'a merge join on segments');
SELECT set_eq(:'joined', 'SELECT * FROM expected', 'a merge join finds what belongs together');
\set grouped 'SELECT s, count(*) FROM accounts GROUP BY s'
SELECT matches(by_plan(:'grouped', 'enable_sort'), 'HashAggregate', 'hash aggregation by segment');
CREATE TABLE grouped AS :grouped;
SELECT matches(by_plan(:'grouped', 'enable_hashagg'), 'GroupAggregate', 'sorted aggregation by segment');
SELECT set_eq(:'grouped', 'SELECT * FROM grouped', 'both kinds of aggregation agree');
CREATE INDEX accounts_s ON accounts (s);
SELECT matches(by_plan($$ SELECT count(*) FROM accounts WHERE s = '20k+ [20000,100000)' $$, 'enable_seqscan'), 'Index', 'a btree index on segments is used');
SELECT is((SELECT count(*) FROM accounts WHERE s >= '5k+ [5000,20000)' AND s < '100k+ [100000,)'), (SELECT count(*) FROM accounts WHERE arr >= 5000 AND arr < 100000), 'a btree index finds a run of segments');
-- min, max, and what the planner knows of a constant segment
SELECT is((SELECT min(s)::text || ' ' || max(s) FROM accounts), '<1k [0,1000) 100k+ [100000,)', 'min and max');
SELECT matches(by_plan('SELECT min(s) FROM accounts', 'enable_seqscan'), 'Index Only Scan using accounts_s.*|Index Scan using accounts_s', 'min takes the first entry of an index');
SELECT is((SELECT (min(s) IS NULL AND max(s) IS NULL) FROM accounts WHERE s IS NULL), true, 'min and max of nothing but NULLs');
CREATE TABLE many AS SELECT (i * 7919 % 100003)::numeric(12,2) AS arr, segment_of(i * 7919 % 100003, segment_scheme('enterprise')) AS s FROM generate_series(1, 50000) i;
ANALYZE many;
CREATE FUNCTION estimate(query text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
    RETURN plan->0->'Plan'->>'Plan Rows';
END $$;
SELECT is_empty($$ SELECT band, wanted, there FROM (SELECT band, estimate(format('SELECT FROM many WHERE arr <@ %L::segment', band)) AS wanted, estimate(format('SELECT FROM many WHERE %L::segment @> arr', band)) AS other, (SELECT count(*) FROM many WHERE arr <@ band) AS there
    FROM unnest(segment_scheme('enterprise') || '{"all (,)","low (,30000)","narrow [50000,50500)"}'::segment[]) band) x WHERE wanted NOT BETWEEN there * 0.7 AND there * 1.4 + 10 OR other <> wanted $$, 'the planner knows how many amounts a constant segment holds');
CREATE INDEX many_arr ON many (arr);
SELECT matches(by_plan($$ SELECT count(*) FROM many WHERE arr <@ 'narrow [50000,50500)'::segment $$, 'none'), 'Index Cond: \(+arr >= .50000.*arr < .50500', '<@ a constant segment uses an index on the amount');
SELECT matches(by_plan($$ SELECT count(*) FROM many WHERE 'narrow [50000,50500)'::segment @> arr $$, 'none'), 'Index Cond: \(+arr >= .50000.*arr < .50500', '@> the same');
SELECT matches(by_plan($$ SELECT count(*) FROM many WHERE arr + random()::numeric <@ 'narrow [50000,50500)'::segment $$, 'none'), 'Filter: .*<@ .narrow', 'what is volatile is looked at once');
CREATE INDEX many_s ON many (s);
CREATE INDEX many_s_each ON many (s) WITH (deduplicate_items = off);
SELECT cmp_ok(pg_relation_size('many_s') * 3, '<', pg_relation_size('many_s_each'), 'an index on segments keeps each of them once a page');
CREATE INDEX accounts_hash ON accounts USING hash (s);
CREATE INDEX accounts_of ON accounts (segment_of(arr, segment_scheme('enterprise')));
SELECT is((SELECT count(*) FROM accounts WHERE segment_of(arr, segment_scheme('enterprise')) = 'mid-market [25000,100000)'), (SELECT count(*) FROM accounts WHERE arr >= 25000 AND arr < 100000), 'segment_of in an index');
CREATE TABLE generated (arr numeric, s segment GENERATED ALWAYS AS (segment_of(arr, segment_scheme('enterprise'))) STORED, UNIQUE (arr, s));
INSERT INTO generated SELECT DISTINCT arr FROM arrs WHERE arr < 1e20;
UPDATE generated SET arr = arr + 30000 WHERE arr = 24999.99;
SELECT is_empty($$ SELECT arr FROM generated WHERE s IS DISTINCT FROM segment_of(arr, segment_scheme('enterprise')) $$, 'segment_of in a generated column');
CREATE TABLE parts (arr numeric, s segment) PARTITION BY LIST (s);
CREATE TABLE parts_small PARTITION OF parts FOR VALUES IN ('small business [0,25000)');
CREATE TABLE parts_other PARTITION OF parts FOR VALUES IN ('mid-market [25000,100000)', 'enterprise [100000,)', NULL);
INSERT INTO parts SELECT arr, segment_of(arr, segment_scheme('enterprise')) FROM arrs;
SELECT is((SELECT count(*) FROM parts_small), (SELECT count(*) FROM arrs WHERE arr >= 0 AND arr < 25000), 'a list partition by segment');
SELECT unalike(plan_of($$ SELECT * FROM parts WHERE s = 'small business [0,25000.00)' $$), '%parts_other%', 'partitions are pruned by segment');
CREATE TABLE hashed (arr numeric, s segment) PARTITION BY HASH (s);
CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE hashed_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE ranged (arr numeric, s segment) PARTITION BY RANGE (s);
CREATE TABLE ranged_low PARTITION OF ranged FOR VALUES FROM (MINVALUE) TO ('20k+ [20000,100000)');
CREATE TABLE ranged_high PARTITION OF ranged FOR VALUES FROM ('20k+ [20000,100000)') TO (MAXVALUE);
INSERT INTO hashed SELECT arr, s FROM accounts;
INSERT INTO ranged SELECT arr, s FROM accounts WHERE s IS NOT NULL;
SELECT is((SELECT count(*) FROM hashed), 5000::bigint, 'hash partitions by segment');
SELECT is((SELECT count(*) FROM ranged_low), (SELECT count(*) FROM arrs WHERE arr >= 0 AND arr < 20000), 'range partitions by segment');

SELECT * FROM finish();
ROLLBACK;
