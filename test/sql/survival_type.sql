\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- survival_summary and health_summary as types: hostile text and bytes, a million ages, order and hash, states by hand.
SELECT plan(66);

-- Text that is refused, softly where the server can: the SQLSTATE and what the message says.
SELECT refused(format('SELECT %L::%s', form, type), state, pattern, format('%s: %s', type, form))
FROM (VALUES (1, 'survival_summary', '{}', '22P02', 'missing'), (2, 'survival_summary', '[]', '22P02', 'object'), (3, 'survival_summary', '{', '22P02', 'json'),
    (4, 'survival_summary', '{"weights": false, "scale": 0, "rows": [], "more": 1}', '22P02', 'unknown keys'), (5, 'survival_summary', '{"weights": 1, "scale": 0, "rows": []}', '22P02', 'true or false'),
    (6, 'survival_summary', '{"weights": false, "scale": 19, "rows": []}', '22P02', 'scale'), (7, 'survival_summary', '{"weights": false, "scale": 1, "rows": []}', '22P02', 'without rows'), (8, 'survival_summary', '{"weights": false, "scale": 0, "rows": [[0, 1, 0, 0]]}', '22P02', 'string'),
    (9, 'survival_summary', '{"weights": false, "scale": 0, "rows": [["0", 1, 0, 0]]}', '22P02', 'not all who entered leave'), (10, 'survival_summary', '{"weights": false, "scale": 0, "rows": [["1", 0, 1, 0]]}', '22P02', 'more accounts leave'),
    (11, 'survival_summary', '{"weights": false, "scale": 0, "rows": [["5", 1, 1, 0]]}', '22P02', 'more accounts leave'), (12, 'survival_summary', '{"weights": false, "scale": 0, "rows": [["-1", 1, 0, 0], ["1", 0, 1, 0]]}', '22P02', 'negative'),
    (13, 'survival_summary', '{"weights": false, "scale": 0, "rows": [["2", 0, 1, 0], ["0", 1, 0, 0]]}', '22P02', 'order'), (14, 'survival_summary', '{"weights": false, "scale": 0, "rows": [["0", 1, 0, 0], ["0", 0, 1, 0]]}', '22P02', 'order'),
    (15, 'survival_summary', '{"weights": false, "scale": 0, "rows": [["0", 1, 0, 0], ["1", 0, 0, 0], ["2", 0, 1, 0]]}', '22P02', 'no accounts'), (16, 'survival_summary', '{"weights": false, "scale": 0, "rows": [["0", 1, 0, 0], ["1.5", 0, 1, 0]]}', '22P02', 'decimal places'),
    (17, 'survival_summary', '{"weights": false, "scale": 0, "rows": [["0", 9223372036854775807, 0, 0], ["1", 0, 9223372036854775807, 0]]}', '22P02', 'too many accounts'), (18, 'survival_summary', '{"weights": false, "scale": 0, "rows": [["0", 1, 0, 0], ["1000000000000000000", 0, 1, 0]]}', '22P02', 'digits'),
    (19, 'survival_summary', '{"weights": false, "scale": 0, "rows": [["0", -1, 0, 0]]}', '22P02', 'not negative'), (20, 'survival_summary', '{"weights": false, "scale": 0, "rows": [["0", 1, 0]]}', '22P02', 'of 4 values'), (21, 'survival_summary', '{"weights": false, "scale": 0, "rows": [[null, 1, 0, 0]]}', '22P02', 'string'),
    (22, 'survival_summary', '{"step": "1 month", "weights": false, "scale": 1, "rows": [["0.0", 1, 0, 0], ["1.0", 0, 1, 0]]}', '22P02', 'step'), (23, 'survival_summary', '{"step": "0 days", "weights": false, "scale": 0, "rows": []}', '22P02', 'months or of days'), (24, 'survival_summary', '{"step": "1 month 1 day", "weights": false, "scale": 0, "rows": []}', '22P02', 'months or of days'),
    (25, 'survival_summary', '{"weights": true, "scale": 0, "weight_scale": 0, "rows": [["0", 1, 0, 0, "5", "25", "0", "0", "0", "0"], ["1", 0, 1, 0, "0", "0", "6", "36", "0", "0"]]}', '22P02', 'weights of those who leave'),
    (26, 'survival_summary', '{"weights": true, "scale": 0, "weight_scale": 0, "rows": [["0", 1, 0, 0, "5", "26", "0", "0", "0", "0"], ["1", 0, 1, 0, "0", "0", "5", "25", "0", "0"]]}', '22P02', 'squares'),
    (27, 'survival_summary', '{"weights": true, "scale": 0, "weight_scale": 0, "rows": [["0", 2, 0, 0, "5", "13", "0", "0", "0", "0"], ["1", 0, 2, 0, "0", "0", "5", "17", "0", "0"]]}', '22P02', 'squared weights'),
    (28, 'survival_summary', '{"weights": true, "scale": 0, "weight_scale": 39, "rows": []}', '22P02', 'weight_scale'), (29, 'survival_summary', '{"weights": true, "scale": 0, "rows": []}', '22P02', 'weight_scale'), (30, 'survival_summary', '{"weights": false, "scale": 0, "weight_scale": 0, "rows": []}', '22P02', 'unknown keys'),
    (31, 'health_summary', '{"arr": false, "scale": 0, "rows": [["1", 0, 0]]}', '22P02', 'no accounts'), (32, 'health_summary', '{"arr": true, "scale": 0, "arr_scale": 0, "rows": [["1", 1, 0, "0", "5"]]}', '22P02', 'without accounts'), (33, 'health_summary', '{"arr": true, "scale": 0, "arr_scale": 0, "rows": [["1", 1, 0, "-5", "0"]]}', '22P02', 'negative'),
    (34, 'health_summary', '{"arr": false, "scale": 0, "rows": [["1", 1, 0], [null, 1, 0]]}', '22P02', 'order'), (35, 'health_summary', '{"arr": false, "scale": 0, "rows": [[null, 1, 0], [null, 1, 0]]}', '22P02', 'order'), (36, 'health_summary', '{"step": "1 month", "arr": false, "scale": 0, "rows": []}', '22P02', 'step'),
    (37, 'health_summary', '{"arr": false, "scale": 0, "rows": [["100000000000000000000000000000000000000", 1, 0]]}', '22003', 'digits'), (38, 'health_summary', '{"arr": true, "scale": 0, "arr_scale": 0, "rows": [["1", 1, 0, "99999999999999999999999999999999999999", "0"], ["2", 1, 0, "1", "0"]]}', '22P02', 'digits')) v (n, type, form, state, pattern) ORDER BY n;

-- Bytes: every value comes back, cut off and with a bit turned it is another good value or refused, and nothing else.
SELECT coalesce((SELECT '/dev/shm' FROM pg_stat_file('/dev/shm', true) WHERE isdir), current_setting('data_directory')) || '/csm_metrics_survival.' || pg_backend_pid() AS file \gset
SELECT set_config('csm_metrics_test.file', :'file', true) AS file \gset
CREATE TABLE survivals (v survival_summary);
CREATE TABLE healths (v health_summary);
CREATE TABLE bytes AS
SELECT 'survivals'::regclass AS target, csm_survival_summary_send(s) AS b FROM (SELECT survival_agg(i % 5, i % 5 + i, i % 3 = 0, i * 1.5) AS s FROM generate_series(1, 4) i UNION ALL SELECT survival_agg(i, true) FROM generate_series(1, 3) i
    UNION ALL SELECT survival_agg(history_agg, '2024-01-01', '2025-01-01', '1 month') FROM (SELECT history_agg(daterange('2024-02-01', '2024-09-09'), 5)) h) x
UNION ALL SELECT 'healths', csm_health_summary_send(h) FROM (SELECT health_agg(nullif(i, 2) * 0.5, i % 2 = 0, i) AS h FROM generate_series(1, 4) i UNION ALL SELECT health_agg(i, true) FROM generate_series(1, 3) i) x;
SELECT is((SELECT array_agg(DISTINCT receive(b, target)) FROM bytes), '{00000}', 'binary forms are read');
SELECT is((SELECT array_agg(DISTINCT receive(substr(b, 1, n), target)) FROM bytes, generate_series(0, length(b) - 1, 3) n), '{22P03}', 'cut off: refused');
SELECT is((SELECT array_agg(DISTINCT receive(b || '\x00', target)) FROM bytes), '{22P03}', 'a byte too many: refused');
SELECT is((SELECT array_agg(DISTINCT receive(set_bit(b, bit, 1 - get_bit(b, bit)), target)) <@ '{00000,22P03}' FROM bytes, generate_series(0, length(b) * 8 - 1, 5) bit), true, 'a bit turned: read or refused');
\set remove 'cat > /dev/null; rm -f "' :file '"'
COPY (SELECT) TO PROGRAM :'remove';

-- What reads back is what was written.
CREATE FUNCTION round_trips(n int) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    different bigint := 0;
    s survival_summary;
    h health_summary;
BEGIN
    FOR i IN 1 .. n LOOP
        SELECT survival_agg(k % i, k % i + 0.25 * (1 + (k * i) % 7), (k * i) % 3 = 0, (k * i % 11) * 0.125), health_agg(nullif(k * i % 9, 4) * 0.5 - 2, (k * i) % 4 = 0, (k * i % 13) * 1.5) INTO s, h FROM generate_series(1, i) k;
        different := different + (s::text::survival_summary::text <> s::text)::int + (h::text::health_summary::text <> h::text)::int + (s::jsonb::survival_summary <> s)::int + (h::jsonb::health_summary <> h)::int;
    END LOOP;
    RETURN different;
END $$;
SELECT is(round_trips(40), 0::bigint, 'through text and jsonb: what it was');

-- A million ages and scores.
CREATE TABLE large AS SELECT survival_agg(i, i % 3 = 0) AS s, health_agg(i * 0.001, i % 3 = 0, 1) AS h FROM generate_series(1, 1000000) i;
SELECT is((SELECT (accounts(s), accounts_churned(s), median_lifetime(s))::text FROM large), '(1000000,333333,875001)', 'a million ages');
SELECT is((SELECT round(restricted_mean(s, 1000000) / 1000000, 3)::text FROM large), '0.750', 'a million ages: the mean, where S(t) is about (1 - t)^(1/3)');
SELECT is((SELECT round(auc(h), 5)::text || ' ' || (auc_interval(h, 0.95) @> 0.5)::text FROM large), '0.50000 true', 'a million scores');
SELECT is((SELECT count(*) FROM large, survival_table(s)), 1000000::bigint, 'a million rows of a table');
SELECT is((SELECT s + s = rollup FROM large, (SELECT rollup(s) FROM (SELECT s FROM large UNION ALL SELECT s FROM large) x) y), true, 'two of them merged');
SELECT is((SELECT round(chi_square, 6)::text || ' ' || degrees FROM large, logrank(ARRAY[s, s])), '0.000000 1', 'log-rank of two of them');

-- Order and hash.
CREATE TABLE ordered AS SELECT i, survival_agg(k % 3 + i, k % 2 = 0) AS s, health_agg(k % 3 - i, k % 2 = 0) AS h FROM generate_series(1, 20) i, generate_series(1, 5) k GROUP BY i;
INSERT INTO ordered SELECT i + 100, survival_agg((k % 3 + i)::numeric(9, 3), k % 2 = 0), health_agg((k % 3 - i)::numeric(9, 3), k % 2 = 0) FROM generate_series(1, 20) i, generate_series(1, 5) k GROUP BY i;
SELECT is((SELECT (count(DISTINCT s), count(DISTINCT h))::text FROM ordered), '(20,20)', 'equal whatever their display scale');
SELECT is((SELECT count(*) FROM (SELECT s FROM ordered GROUP BY s HAVING count(*) = 2) x), 20::bigint, 'GROUP BY');
SELECT is_empty('SELECT a.i FROM ordered a JOIN ordered b ON b.i = a.i + 100 WHERE hash_record_extended(ROW(a.s), 5) <> hash_record_extended(ROW(b.s), 5) OR hash_record_extended(ROW(a.h), 5) <> hash_record_extended(ROW(b.h), 5)', 'equal values hash alike');
SELECT is_empty('SELECT a.i FROM ordered a, ordered b WHERE (a.s < b.s)::int + (a.s = b.s)::int + (a.s > b.s)::int <> 1 OR (a.s <= b.s) <> (a.s < b.s OR a.s = b.s) OR (a.s <> b.s) = (a.s = b.s) OR (a.h < b.h)::int + (a.h = b.h)::int + (a.h > b.h)::int <> 1', 'one order');
CREATE INDEX ON ordered (s); CREATE INDEX ON ordered USING hash (h);
SET LOCAL enable_seqscan = off;
SELECT is((SELECT count(*) FROM ordered o, LATERAL (SELECT count(*) AS n FROM ordered x WHERE x.s = o.s) a, LATERAL (SELECT count(*) AS n FROM ordered x WHERE x.h = o.h) b WHERE a.n = 2 AND b.n = 2), 40::bigint, 'by index');

-- Functions of aggregates called by hand: a value at rest, and the same refusals.
SELECT is(csm_survival_accum(csm_survival_accum(NULL, 3::numeric, true), 5::numeric, false)::text::survival_summary, survival_agg(x, x = 3), 'a transition by hand') FROM unnest(ARRAY[3, 5]::numeric[]) x;
SELECT is(csm_survival_accum(survival_agg(1, true), 2::numeric, true), survival_agg(1, true) + survival_agg(2, true), 'a transition over a value at rest');
SELECT is((SELECT csm_survival_combine(a, b) = csm_survival_final(csm_survival_combine(b, a)) FROM (SELECT survival_agg(1, true) AS a, survival_agg(2, false) AS b) x), true, 'combine and final by hand');
SELECT is(csm_health_accum(csm_health_accum(NULL, 3::numeric, true, 5), NULL::numeric, false, NULL)::text, '{"arr": true, "scale": 0, "arr_scale": 0, "rows": [[null, 1, 0, "0", "0"], ["3", 0, 1, "0", "5"]]}', 'a transition of health by hand');
SELECT is(csm_survival_accum(NULL, history_agg, '2024-01-01', '2025-01-01', '1 month') + csm_survival_accum(NULL, history_agg, '2025-01-01', '2026-01-01', '1 month'), survival_agg, 'windows by hand') FROM (SELECT history_agg(daterange('2024-01-01', '2025-06-01'), 5)) h, LATERAL (SELECT rollup(s) AS survival_agg FROM (SELECT survival_agg(history_agg, d, (d + interval '1 year')::date, '1 month') AS s FROM unnest('{2024-01-01,2025-01-01}'::date[]) d GROUP BY d) x) y;
SELECT refused('SELECT ' || call, state, pattern, call) FROM (VALUES (1, 'csm_survival_accum(survival_agg(1, true), 2::numeric, true, 5)', '22023', 'weights'), (2, 'csm_survival_accum(NULL, history_agg(daterange(''2024-01-01'', NULL), 5), ''2024-01-01'', ''2025-01-01'', ''1 month'') + csm_survival_accum(NULL, 2::numeric, true)', '22023', 'steps'),
    (3, 'csm_health_accum(health_agg(1, true), 2::numeric, true, 5)', '22023', 'arr'), (4, 'csm_survival_accum(csm_survival_accum(NULL, 1::numeric, true, 99999999999999999999999999999999999999), 2::numeric, true, 1)', '22003', '38 digits'), (5, 'survival_agg(i, true, 60000000000000000000000000000000000000) FROM generate_series(1, 2) i', '22003', '38 digits'),
    (6, 'health_agg(i, true, 60000000000000000000000000000000000000) FROM generate_series(1, 2) i', '22003', '38 digits'), (7, 'csm_survival_accum(csm_survival_accum(NULL, h, ''2024-01-01'', ''2025-01-01'', ''1 month''), 2::numeric, true) FROM (SELECT history_agg(daterange(''2024-01-01'', NULL), 5) AS h) x', '22023', 'steps')) v (n, call, state, pattern) ORDER BY n;

SELECT * FROM finish();
ROLLBACK;
