\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The type usage_history: a set of events whatever way it came about; what is asked of it, against plain SQL; forms, limits, errors.
SELECT plan(83);
SET LOCAL timezone = 'America/New_York';
CREATE TEMP TABLE event AS
SELECT a AS account, timestamptz '2024-01-01 00:00Z' + (('x' || left(md5(a || '/' || i), 6))::bit(24)::int % 4000000) * CASE a % 3 WHEN 0 THEN interval '1 second' WHEN 1 THEN interval '0.017 seconds' ELSE interval '1.000001 seconds' END AS at,
    (ARRAY['signup', 'view', 'ünïcode', 'a "quoted" \', 'x', 'y', NULL])[1 + ('x' || left(md5(i || '.' || a), 4))::bit(16)::int % 7] AS event
FROM generate_series(1, 300) a, generate_series(1, a % 70) i;
INSERT INTO event SELECT account, at, 'same time' FROM event WHERE account % 4 = 0;
CREATE TEMP TABLE history AS SELECT account, usage_history_agg(at, event) AS h FROM event GROUP BY account;
ANALYZE event, history;
CREATE VIEW plain AS SELECT DISTINCT account, at, event FROM event WHERE event IS NOT NULL;

-- One value, whatever the way
CREATE FUNCTION bytes(h usage_history) RETURNS bytea LANGUAGE sql AS $$ SELECT csm_usage_history_send(h) $$;
SELECT is_empty($$ SELECT account FROM (SELECT account, usage_history_agg(at, event ORDER BY md5(at::text || event)) AS s FROM event GROUP BY account) x JOIN history USING (account) WHERE bytes(s) IS DISTINCT FROM bytes(h) OR s <> h $$, 'shuffled: the same bytes');
SELECT is_empty($$ SELECT account FROM (SELECT account, usage_history_agg(at, event) AS s FROM (SELECT * FROM event UNION ALL SELECT * FROM event) y GROUP BY account) x JOIN history USING (account) WHERE bytes(s) IS DISTINCT FROM bytes(h) $$, 'twice loaded: the same bytes');
SELECT is_empty($$ SELECT account FROM (SELECT account, rollup(p) AS s FROM (SELECT account, usage_history_agg(at, event) AS p FROM event GROUP BY account, extract(day FROM at)) y GROUP BY account) x JOIN history USING (account) WHERE bytes(s) IS DISTINCT FROM bytes(h) $$, 'by day, rolled up: the same bytes');
SELECT is_empty($$ SELECT account FROM history WHERE h + h IS DISTINCT FROM h OR bytes(h + h) <> bytes(h) $$, 'h + h is h');
SELECT is_empty($$ SELECT account FROM history WHERE bytes(during(h, tstzrange(NULL, '2024-01-15')) + during(h, tstzrange('2024-01-15', NULL))) IS DISTINCT FROM bytes(h) $$, 'cut in two and added up');
SELECT is_empty($$ SELECT account FROM history WHERE bytes(keep(h, '{view,x}') + keep(h, ARRAY(SELECT DISTINCT event FROM events(h) WHERE event NOT IN ('view', 'x')))) IS DISTINCT FROM bytes(h) $$, 'by names and added up');
SELECT is_empty($$ SELECT account FROM history WHERE bytes(csm_usage_combine(h, csm_usage_accum(NULL, '2025-01-01 00:00Z'::timestamptz, 'late'))) IS DISTINCT FROM bytes(csm_usage_accum(h, '2025-01-01 00:00Z'::timestamptz, 'late')) AND h IS NOT NULL $$, 'the functions of the aggregates, called by hand');
SELECT is((SELECT csm_usage_accum(NULL, NULL::timestamptz, NULL)), NULL, '... a row without an event');
SELECT is((SELECT csm_usage_final(h) FROM history WHERE account = 7), (SELECT h FROM history WHERE account = 7), '... the final one');
SELECT is((SELECT usage_history_agg(at AT TIME ZONE 'UTC', event) FROM event WHERE account = 7), (SELECT h FROM history WHERE account = 7), 'times without a zone are those of UTC, whatever the session says');
SET LOCAL work_mem = '64kB';
SELECT is((SELECT md5(string_agg(bytes(s)::text, ',' ORDER BY account)) FROM (SELECT account, usage_history_agg(at, event) AS s FROM event GROUP BY account) x), (SELECT md5(string_agg(bytes(h)::text, ',' ORDER BY account)) FROM history), 'in 64 kB');
RESET work_mem;
SELECT is((SELECT count(*) FROM (SELECT usage_history_agg(at, event) OVER (PARTITION BY account ORDER BY at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS s, usage_history_agg(at, event) OVER (PARTITION BY account ORDER BY at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) + NULL AS n FROM event WHERE account = 40) x WHERE s IS NOT NULL), (SELECT count(*) FROM event WHERE account = 40 AND at >= (SELECT min(at) FROM plain WHERE account = 40)), 'over a window');

-- What is asked, against plain SQL
SELECT results_eq($$ SELECT account, at, event FROM history, events(h) ORDER BY account, at, event COLLATE "C" $$, $$ SELECT * FROM plain ORDER BY account, at, event COLLATE "C" $$, 'events');
SELECT is_empty($$ SELECT account FROM (SELECT account, array_agg((at, event)) AS have, (SELECT array_agg((p.at, p.event) ORDER BY p.at, p.event COLLATE "C") FROM plain p WHERE p.account = x.account) AS want FROM (SELECT account, at, event FROM history, events(h)) x GROUP BY account) y WHERE have <> want $$, '... in their order');
SELECT results_eq('SELECT account, event_count(h), event_count(h, ''view''), event_count(h, ''nothing'') FROM history WHERE h IS NOT NULL ORDER BY 1', $$ SELECT account, count(*), count(*) FILTER (WHERE event = 'view'), 0::bigint FROM plain GROUP BY 1 ORDER BY 1 $$, 'counts');
SELECT results_eq('SELECT account, first_at(h), last_at(h), first_at(h, ''view''), last_at(h, ''view'') FROM history WHERE h IS NOT NULL ORDER BY 1', $$ SELECT account, min(at), max(at), min(at) FILTER (WHERE event = 'view'), max(at) FILTER (WHERE event = 'view') FROM plain GROUP BY 1 ORDER BY 1 $$, 'first and last');
SELECT results_eq($$ SELECT account, at FROM history, events(during(h, '(2024-01-03,2024-01-20]')) ORDER BY 1, 2 $$, $$ SELECT account, at FROM plain WHERE at > '2024-01-03' AND at <= '2024-01-20' ORDER BY 1, 2 $$, 'during');
SELECT is((SELECT sum(event_count(during(h, 'empty')) + event_count(during(h, '(,)')) - event_count(h)) FROM history), 0::numeric, '... an empty period, and one without ends');
SELECT results_eq($$ SELECT account, at FROM history, events(keep(h, '{view,NULL,nothing}')) ORDER BY 1, 2 $$, $$ SELECT account, at FROM plain WHERE event = 'view' ORDER BY 1, 2 $$, 'keep');
SELECT is_empty($$ SELECT account FROM history, unnest('{UTC,Europe/Berlin,America/New_York,Asia/Kathmandu,+03}'::text[]) z WHERE active_days(h, z) IS DISTINCT FROM (SELECT array_agg(DISTINCT (at AT TIME ZONE z)::date) FROM plain p WHERE p.account = history.account) AND h IS NOT NULL $$, 'active days, in five zones');
SELECT is_empty($$ SELECT account FROM history, unnest('{1 hour,7 days,36 hours}'::interval[]) step WHERE ages(h, step, 'signup', 'view') IS DISTINCT FROM
    (SELECT CASE WHEN s IS NOT NULL THEN coalesce((SELECT array_agg(DISTINCT floor(extract(epoch FROM at - s) / extract(epoch FROM step))::int) FROM plain p WHERE p.account = history.account AND event = 'view' AND at >= s), '{}') END FROM (SELECT min(at) AS s FROM plain p WHERE p.account = history.account AND event = 'signup') x) $$, 'ages by fixed lengths');
SELECT is_empty($$ SELECT account FROM history, unnest('{UTC,Europe/Berlin}'::text[]) z WHERE ages(h, '1 day', zone => z) IS DISTINCT FROM
    (SELECT array_agg(DISTINCT (at AT TIME ZONE z)::date - (s AT TIME ZONE z)::date) FROM plain p, (SELECT min(at) AS s FROM plain p WHERE p.account = history.account) x WHERE p.account = history.account) $$, 'ages by days of the calendar');
SELECT is_empty($$ SELECT account FROM history WHERE ages(h, '1 month', zone => 'UTC') IS DISTINCT FROM
    (SELECT array_agg(DISTINCT (12 * (date_part('year', at AT TIME ZONE 'UTC') - date_part('year', s AT TIME ZONE 'UTC')) + date_part('month', at AT TIME ZONE 'UTC') - date_part('month', s AT TIME ZONE 'UTC'))::int) FROM plain p, (SELECT min(at) AS s FROM plain p WHERE p.account = history.account) x WHERE p.account = history.account) $$, 'ages by months');
SELECT is_empty($$ SELECT account FROM history WHERE ages(h, '7 days', zone => 'UTC') IS DISTINCT FROM
    (SELECT array_agg(DISTINCT (date_trunc('week', at AT TIME ZONE 'UTC')::date - date_trunc('week', s AT TIME ZONE 'UTC')::date) / 7) FROM plain p, (SELECT min(at) AS s FROM plain p WHERE p.account = history.account) x WHERE p.account = history.account) $$, 'ages by weeks');
-- Paths: names in order, a new one after a silence, repeats in a row once.
CREATE VIEW in_order AS
SELECT account, pause, collapse, session, array_agg(event ORDER BY n) AS names FROM (
    SELECT *, lag(event) OVER (PARTITION BY account, pause, collapse, session ORDER BY n) AS before FROM (
        SELECT *, count(*) FILTER (WHERE starts) OVER (PARTITION BY account, pause, collapse ORDER BY n) AS session FROM (
            SELECT account, event, pause, collapse, row_number() OVER w AS n, coalesce(at - lag(at) OVER w > pause, false) AS starts
            FROM plain, unnest('{1 day,30 minutes}'::interval[] || NULL::interval) pause, unnest('{true,false}'::bool[]) collapse WINDOW w AS (PARTITION BY account, pause, collapse ORDER BY at, event COLLATE "C")) x) y) z
WHERE NOT collapse OR event IS DISTINCT FROM before GROUP BY 1, 2, 3, 4;
CREATE FUNCTION path(names text[], anchor text, depth int, backward bool) RETURNS text[] LANGUAGE sql AS $$
    SELECT CASE WHEN anchor IS NULL AND backward THEN names[greatest(cardinality(names) - depth + 1, 1):] WHEN anchor IS NULL THEN names[:depth]
        WHEN backward THEN names[greatest(array_position(names, anchor) - depth + 1, 1):array_position(names, anchor)] ELSE names[array_position(names, anchor):array_position(names, anchor) + depth - 1] END $$;
SELECT is_empty(format($$ (SELECT account, pause, collapse, p FROM history, unnest('{1 day,30 minutes}'::interval[] || NULL::interval) pause, unnest('{true,false}'::bool[]) collapse, %s(h, %L, %s, pause, collapse) p
    EXCEPT ALL SELECT account, pause, collapse, path(names, %2$L, %3$s, %4$L) FROM in_order WHERE %2$L IS NULL OR %2$L = ANY (names)) LIMIT 3 $$, f, anchor, depth, f = 'paths_to'), format('%s %s, %s deep', f, anchor, depth))
FROM unnest('{paths_from,paths_to}'::text[]) f, unnest('{view,NULL}'::text[]) anchor, unnest('{1,3,1000}'::int[]) depth;
SELECT is((SELECT count(*) FROM history, paths_from(h, 'view', 3, '30 minutes')), (SELECT count(*) FROM in_order WHERE pause = '30 minutes' AND collapse AND 'view' = ANY (names)), 'as many paths as there are');

-- NULL and nothing
SELECT is((SELECT usage_history_agg(at, event) FROM event WHERE false), NULL, 'no rows: NULL');
SELECT is((SELECT usage_history_agg('2024-01-01'::timestamptz, NULL)), NULL, 'no events: NULL');
SELECT is((SELECT rollup(NULL::usage_history)), NULL, 'only NULL: NULL');
SELECT is((SELECT event_count(keep(h, '{}')) FROM history WHERE account = 7), 0::bigint, 'a history without events');
SELECT is((SELECT (first_at(k), last_at(k), ages(k, '1 day'), active_days(k, 'UTC'), furthest(k, 'a'))::text FROM history, keep(h, '{}') k WHERE account = 7), '(,,,{},0)', '... has no first and no ages');
SELECT is((SELECT h + keep(h, '{}') FROM history WHERE account = 7), (SELECT h FROM history WHERE account = 7), '... and adds nothing');
SELECT is(event_count(NULL), NULL, 'NULL: NULL');

-- Forms
SELECT is(t, usage_history_agg::text::usage_history::text, 'the first and the last time that there are') FROM (SELECT usage_history_agg(x, 'a'), usage_history_agg(x, 'a')::text AS t FROM unnest('{4713-01-01 BC,294276-12-31}'::timestamp[]) x) y;
SELECT is_empty($$ SELECT account FROM history WHERE bytes(h::text::usage_history) IS DISTINCT FROM bytes(h) OR bytes(h::jsonb::text::usage_history) IS DISTINCT FROM bytes(h) $$, 'text, and JSON, and back');
SELECT is('{"events": [["2024-01-01 08:00:00+00", "b"], ["2024-01-01 08:00:00.000+00", "a"], ["2024-01-01 08:00:00+00", "b"]]}'::usage_history::text, '{"events": [["2024-01-01 08:00:00+00", "a"], ["2024-01-01 08:00:00+00", "b"]]}', 'in any order, with repetitions');
SELECT throws_ok(format('SELECT %L::usage_history', t), state, NULL, t) FROM (VALUES ('', '22P02'), ('{}', '22P02'), ('[]', '22P02'), ('{"events": 1}', '22P02'), ('{"events": [1]}', '22P02'), ('{"events": [["2024-01-01"]]}', '22P02'), ('{"events": [["2024-01-01 00:00:00+00", 1]]}', '22P02'), ('{"events": [["2024-01-01 00:00:00+00", "a", "b"]]}', '22P02'),
    ('{"events": [["yesterday or so", "a"]]}', '22P02'), ('{"events": [["infinity", "a"]]}', '22P02'), ('{"events": [["2024-01-01 00:00:00+02", "a"]]}', '22P02'), ('{"events": [], "more": 1}', '22P02')) v (t, state);
-- Random ones: names that look like anything, times from end to end, written in one style and read in another
SELECT coalesce((SELECT '/dev/shm' FROM pg_stat_file('/dev/shm', true) WHERE isdir), current_setting('data_directory')) || '/csm_metrics_usage.' || pg_backend_pid() AS file \gset
SELECT set_config('csm_metrics_test.file', :'file', true) AS file \gset
\set remove 'cat > /dev/null; rm -f "' :file '"'
SELECT setseed(0.25) \g /dev/null
CREATE TEMP TABLE random AS SELECT i, usage_history_agg(date_trunc((ARRAY['second', 'milliseconds', 'microseconds'])[1 + i % 3], '2000-01-01 00:00Z'::timestamptz + CASE n % 4 WHEN 0 THEN random() * interval '106000000 days' WHEN 1 THEN random() * interval '-2400000 days' ELSE random() * interval '9 days' END),
    (ARRAY['', ' ', 'null', '1', 'a,b', E'\\', '"', E'\\u0041', E'tab\tnew\nline\x01\x7f', '日本', '🙂', repeat('x', 255), 'within', '-infinity'])[1 + floor(random() * 14)::int]) AS h FROM generate_series(1, 600) i, generate_series(1, i % 12) n GROUP BY i;
CREATE TEMP TABLE read_back AS SELECT i, h::text AS t, NULL::usage_history AS h FROM random;
SET LOCAL timezone = 'Asia/Kathmandu';
SET LOCAL datestyle = 'SQL, DMY';
UPDATE read_back SET h = t::usage_history;
SELECT is_empty($$ SELECT i FROM random a JOIN read_back b USING (i) WHERE a.h <> b.h OR bytes(a.h) <> bytes(b.h) OR b.h::text <> t OR csm_usage_history_hash(a.h) <> csm_usage_history_hash(b.h) $$, 'random histories: text and back');
TRUNCATE read_back;
COPY random TO :'file' (FORMAT binary);
COPY read_back (i, h) FROM :'file' (FORMAT binary);
SELECT is_empty($$ SELECT i FROM random a FULL JOIN read_back b USING (i) WHERE a.h::text IS DISTINCT FROM b.h::text OR bytes(a.h) <> bytes(b.h) $$, 'binary form and back');
CREATE TEMP TABLE received (v usage_history);
CREATE FUNCTION verdict(value bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text := receive(value, 'received');
BEGIN
    RETURN CASE WHEN state <> '00000' THEN state ELSE (SELECT CASE WHEN bytes(v::text::usage_history) = bytes(v) AND v + v = v AND receive(bytes(v), 'received') = '00000' THEN (SELECT CASE WHEN bytes(r.v) = bytes(x.v) THEN 'good' ELSE 'another value' END FROM received r) ELSE 'bad value' END FROM received x) END;
END $$;
SELECT results_eq($$ SELECT DISTINCT left(verdict(CASE how WHEN 0 THEN set_byte(b, i, get_byte(b, i) # 1) WHEN 1 THEN set_byte(b, i, 255) WHEN 2 THEN set_byte(b, i, 0) ELSE substr(b, 1, i) END), 5) COLLATE "C" FROM (SELECT bytes(h) AS b FROM random WHERE length(bytes(h)) BETWEEN 60 AND 160 ORDER BY random.i LIMIT 3) x, generate_series(0, length(b) - 1) i, generate_series(0, 3) how ORDER BY 1 $$, $$ VALUES ('22021' COLLATE "C"), ('22P03'), ('good') $$, 'damaged: refused, or a value that goes round');
COPY (SELECT) TO PROGRAM :'remove';
SET LOCAL datestyle = 'ISO, YMD';
SET LOCAL timezone = 'America/New_York';
CREATE TEMP TABLE kept (h usage_history);
CREATE INDEX ON kept (h);
INSERT INTO kept SELECT h FROM history UNION ALL SELECT h + h FROM history;
SELECT is((SELECT count(DISTINCT h) FROM kept), (SELECT count(DISTINCT h) FROM history), 'distinct, by an order and by a hash');

-- Errors and limits
SELECT throws_ok($$ SELECT usage_history_agg(NULL::timestamptz, 'a') $$, '22004', NULL, 'no time');
SELECT throws_ok($$ SELECT usage_history_agg('infinity'::timestamptz, 'a') $$, '22023', NULL, 'an infinite time');
SELECT is(event_count(usage_history_agg(now(), repeat('ü', 127))), 1::bigint, 'a name of 254 bytes');
SELECT throws_ok($$ SELECT usage_history_agg(now(), repeat('ü', 128)) $$, '54000', NULL, 'a name of 256 bytes');
SELECT is((SELECT cardinality(ARRAY(SELECT DISTINCT event FROM events(h))) FROM (SELECT usage_history_agg(now(), 'n' || i) AS h FROM generate_series(1, 65535) i) x), 65535, '65,535 names');
SELECT throws_ok($$ SELECT usage_history_agg(now(), 'n' || i) FROM generate_series(1, 65536) i $$, '54000', NULL, 'one more');
SELECT is(md5(bytes(h::text::usage_history)), md5(bytes(h)), 'as many names, and more events than names: text and back') FROM (SELECT usage_history_agg('2024-01-01 00:00Z'::timestamptz + i * interval '1 second', 'n' || i % 65535) AS h FROM generate_series(1, 65540) i) x;
SELECT throws_ok(format('SELECT %L::usage_history', replace(h::text, ']]}', '], ["2025-01-01 00:00:00+00", "one more"]]}')), '22P02', NULL, 'one more in a text') FROM (SELECT usage_history_agg('2024-01-01 00:00Z'::timestamptz, 'n' || i) AS h FROM generate_series(1, 65535) i) x;
SELECT is((SELECT event_count(h) FROM (SELECT usage_history_agg('2024-01-01'::timestamptz + i % 100000 * interval '1 second', 'e' || i % 2) AS h FROM generate_series(1, 600000) i) x), 100000::bigint, 'what comes again and again takes no room');
SELECT throws_ok(format('SELECT ages(h, %s) FROM history', a), s, NULL, 'ages: ' || a) FROM (VALUES ($$'0 days'$$, '22023'), ($$'-1 day'$$, '22023'), ($$'1 month'$$, '22023'), ($$'1 month 3 days', zone => 'UTC'$$, '22023'), ($$NULL$$, '22004'), ($$'1 day', zone => 'Mars/Olympus'$$, '22023'), ($$'0.000001 seconds'$$, '22003')) v (a, s);
SELECT throws_ok(format('SELECT paths_from(h, %s) FROM history', a), '22023', NULL, 'paths: ' || a) FROM (VALUES ($$'view', 0$$), ($$'view', 2, '-1 hour'$$), ($$'view', 2, '1 month'$$)) v (a);
SELECT throws_ok($$ SELECT active_days(h, 'Mars/Olympus') FROM history $$, '22023', NULL, 'days of a zone that is not there');
SELECT * FROM finish();
ROLLBACK;
