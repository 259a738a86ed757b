\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- funnel_agg straight from raw rows: the same summary as from histories, for all keys, orders of rows, definitions, and with little memory; strata and
-- amounts of the first entry row; every entry; errors.
SELECT plan(52);
SET LOCAL jit = off;
SET LOCAL max_parallel_workers_per_gather = 0;
-- 3,000 accounts, 40 events each on average, many at one time; a stratum and an amount by account.
CREATE TEMP TABLE event AS
SELECT a AS account, timestamptz '2024-01-01 00:00Z' + (('x' || left(md5(a || '/' || i), 6))::bit(24)::int % 2000) * interval '7 minutes 3.000001 seconds' AS at,
    (ARRAY['a', 'b', 'c', 'd', 'x', 'other', NULL])[1 + ('x' || left(md5(i || '.' || a), 4))::bit(16)::int % 7] AS event,
    CASE a % 4 WHEN 0 THEN NULL ELSE 'segment ' || a % 4 END AS stratum, a * 1.25 AS amount
FROM generate_series(1, 3000) a, generate_series(1, a % 80) i;
CREATE TEMP TABLE history AS SELECT account, usage_history_agg(at, event) AS h, min(stratum) AS stratum, min(amount) AS amount FROM event GROUP BY account;
CREATE TEMP TABLE definition AS
SELECT f::funnel_steps, o FROM unnest('{a > b > c,a > b > c within 2 hours,a > a,a > a > b within 1 day,a >> b,a >> b >> c,a > b >> c within 10 hours,a > !x > b,a > b > !x > c within 5 hours,a > !a > b,a|b > c,a > b|x > a within 30 hours,
    a & b & c within 3 hours,a > b > c first entry,a > b within 2 hours first entry,a & b & c within 5 hours first entry,z > a,a,other > x}'::text[]) WITH ORDINALITY AS u (f, o);
ANALYZE event, history, definition;
SELECT is((SELECT funnel_agg(account, at, event, f) FROM event), (SELECT funnel_agg(h, f) FROM history), 'as from histories: ' || f) FROM definition ORDER BY o;
SELECT is((SELECT count(*) FROM definition d WHERE (SELECT funnel_agg(account, at, event, d.f, stratum, amount) FROM event) = (SELECT funnel_agg(h, d.f, stratum, amount) FROM history)), (SELECT count(*) FROM definition), 'with stratum and amount likewise');
SELECT is((SELECT funnel_agg(account, at, event, 'a > b > c within 2 hours', stratum, amount, '2024-01-06 00:00Z') FROM event),
    (SELECT funnel_agg(h, 'a > b > c within 2 hours', stratum, amount, '2024-01-06 00:00Z') FROM history), 'with as_of likewise');
SELECT is((SELECT funnel_agg(account::text || ' of a name that is longer than 23 bytes', at, event, 'a > b >> c') FROM event), (SELECT funnel_agg(h, 'a > b >> c') FROM history), 'keys of long text');
SELECT is((SELECT funnel_agg(account::text, at, event, 'a > b >> c') FROM event), (SELECT funnel_agg(h, 'a > b >> c') FROM history), 'keys of text');
SELECT is((SELECT funnel_agg(md5(account::text)::uuid, at, event, 'a > b >> c') FROM event), (SELECT funnel_agg(h, 'a > b >> c') FROM history), 'keys of uuid');
SELECT is((SELECT funnel_agg(account, at AT TIME ZONE 'UTC', event, 'a > b >> c', stratum, amount) FROM event), (SELECT funnel_agg(h, 'a > b >> c', stratum, amount) FROM history), 'times without a zone');
SELECT is((SELECT funnel_agg(account, at, event, 'a > b > c', stratum, amount) FROM (SELECT * FROM event ORDER BY md5(account::text || at || event)) x), (SELECT funnel_agg(h, 'a > b > c', stratum, amount) FROM history), 'shuffled');
SELECT is((SELECT funnel_agg(account, at, event, 'a > b > c', stratum, amount) FROM (SELECT * FROM event UNION ALL SELECT * FROM event WHERE account % 3 > 0) x), (SELECT funnel_agg(h, 'a > b > c', stratum, amount) FROM history), 'loaded twice, in part');
SELECT is((SELECT array_agg(s ORDER BY g) FROM (SELECT account % 3 AS g, funnel_agg(account, at, event, 'a > b > c', stratum, amount) AS s FROM event GROUP BY 1) x),
    (SELECT array_agg(s ORDER BY g) FROM (SELECT account % 3 AS g, funnel_agg(h, 'a > b > c', stratum, amount) AS s FROM history GROUP BY 1) x), 'in groups');
SELECT is((SELECT rollup(s) FROM (SELECT funnel_agg(account, at, event, 'a > b > c', stratum, amount) AS s FROM event GROUP BY account % 7) x), (SELECT funnel_agg(h, 'a > b > c', stratum, amount) FROM history), 'rolled up over disjoint accounts');
-- Little memory: accounts go to files, and come back the same.
SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
SELECT is((SELECT funnel_agg(account, at, event, 'a > b >> c', stratum, amount) FROM event), (SELECT funnel_agg(h, 'a > b >> c', stratum, amount) FROM history), 'in 64 kB');
SELECT is((SELECT funnel_agg(account::text || ' of a name that is longer than 23 bytes', at, event, 'a > b >> c', stratum, amount) FROM event), (SELECT funnel_agg(h, 'a > b >> c', stratum, amount) FROM history), 'keys of long text, in 64 kB');
SELECT is((SELECT funnel_agg(account, at, event, 'a > b within 3 hours every entry', stratum, amount) FROM event), (SELECT funnel_agg(h, 'a > b within 3 hours every entry', stratum, amount) FROM history), 'every entry, in 64 kB');
SELECT is((SELECT funnel_agg(7, at, event, 'a > b > c within 20 minutes') FROM (SELECT at + n * interval '1 second' AS at, event FROM event, generate_series(1, 3) n WHERE account < 1000) x),
    (SELECT funnel_agg(h, 'a > b > c within 20 minutes') FROM (SELECT usage_history_agg(at + n * interval '1 second', event) AS h FROM event, generate_series(1, 3) n WHERE account < 1000) x), 'one account with all events, in 64 kB');
SELECT is((SELECT reached FROM funnel_table((SELECT funnel_agg(1, timestamptz '2024-01-01 00:00Z', (ARRAY['a', 'b'])[1 + n % 2], 'a > b > a') FROM generate_series(1, 200000) n)) WHERE step = 2), 1::bigint, '200,000 events at one time, in 64 kB');
RESET work_mem;
RESET hash_mem_multiplier;

-- Stratum and amount of the first entry row, by plain SQL: here both vary from row to row.
CREATE TEMP TABLE touched AS SELECT *, 'touch ' || ('x' || left(md5(at::text || event || account), 2))::bit(8)::int % 5 AS touch, (('x' || left(md5(event || account || at), 4))::bit(16)::int % 1000) / 100.0 AS value FROM event;
INSERT INTO touched SELECT account, at, event, stratum, amount, 'touch 9', value + 1000 FROM touched WHERE account % 5 = 0;
CREATE TEMP TABLE first_touch AS SELECT DISTINCT ON (account) account, touch, value FROM touched WHERE event = 'a' ORDER BY account, at, touch COLLATE "C", value DESC;
SELECT is((SELECT funnel_agg(account, at, event, 'a > b > c within 2 hours', touch, value) FROM touched), (SELECT funnel_agg(h, 'a > b > c within 2 hours', touch, value) FROM history LEFT JOIN first_touch USING (account)), 'first touch by plain SQL');
SELECT is((SELECT funnel_agg(account, at, event, 'a > b > c within 2 hours', touch, round(value, 2) * 1e15 + 0.000000000001) FROM touched), (SELECT funnel_agg(h, 'a > b > c within 2 hours', touch, round(value, 2) * 1e15 + 0.000000000001) FROM history LEFT JOIN first_touch USING (account)), '... with amounts of many digits');
SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
SELECT is((SELECT funnel_agg(account, at, event, 'a > b > c within 2 hours', touch, value) FROM touched), (SELECT funnel_agg(h, 'a > b > c within 2 hours', touch, value) FROM history LEFT JOIN first_touch USING (account)), '... in 64 kB');
RESET work_mem;
RESET hash_mem_multiplier;
SELECT is((SELECT funnel_agg(1, at, event, 'a > b', s, v) FROM (VALUES (timestamptz '2024-01-01 00:00Z', 'a', 'm', 1), ('2024-01-01 00:00Z', 'a', NULL, 7), ('2024-01-01 00:00Z', 'a', 'k', 2), ('2024-01-01 00:00Z', 'a', 'k', 3), ('2024-01-02 00:00Z', 'a', 'b', 9), ('2024-01-03 00:00Z', 'b', 'c', 9)) t (at, event, s, v)),
    (SELECT funnel_agg(usage_history_agg, 'a > b', 'k', 3) FROM (SELECT usage_history_agg(at, event) FROM (VALUES (timestamptz '2024-01-01 00:00Z', 'a'), ('2024-01-02 00:00Z', 'a'), ('2024-01-03 00:00Z', 'b')) t (at, event)) x), 'of two at one time the smaller stratum, then the larger amount; no stratum comes last');
-- Every entry: the stratum and the amount of its own row. Ties take the smaller stratum, then the larger amount.
CREATE TEMP TABLE entry_rows AS SELECT DISTINCT ON (account, at) account, at, touch, value FROM touched WHERE event = 'a' ORDER BY account, at, touch COLLATE "C", value DESC;
SELECT results_eq($$ SELECT stratum, step, reached, amount FROM funnel_table((SELECT funnel_agg(account, at, event, 'a > b within 3 hours every entry', touch, value) FROM touched)) ORDER BY 1, 2 $$,
    $$ WITH e AS (SELECT h.account, entry, min(at) AS at, max(step) AS level FROM history h, chain(h, 'a > b within 3 hours every entry') GROUP BY 1, 2)
       SELECT touch, s, count(*) FILTER (WHERE level >= s), coalesce(sum(value) FILTER (WHERE level >= s), 0) FROM e JOIN entry_rows USING (account, at), generate_series(1, 2) s GROUP BY 1, 2 ORDER BY 1, 2 $$, 'every entry by plain SQL');

-- What does not count, and errors
SELECT is((SELECT funnel_agg(1, timestamptz '2024-01-01 00:00Z', NULL, 'a > b')), NULL, 'no event: no rows');
SELECT is((SELECT conversion(funnel_agg(1, timestamptz '2024-01-01 00:00Z', 'b', 'a > b'))), NULL, 'nobody entered');
SELECT throws_ok($$ SELECT funnel_agg(NULL::bigint, now(), 'a', 'a > b') $$, '22004', NULL, 'no account');
SELECT throws_ok($$ SELECT funnel_agg(1, NULL::timestamptz, 'a', 'a > b') $$, '22004', NULL, 'no time');
SELECT throws_ok($$ SELECT funnel_agg(1, timestamptz 'infinity', 'other', 'a > b') $$, '22023', NULL, 'an infinite time, of any event');
SELECT throws_ok($$ SELECT funnel_agg(1, now(), 'a', NULL) $$, '22004', NULL, 'no funnel');
SELECT throws_ok($$ SELECT funnel_agg(account, at, event, f) FROM event, definition WHERE o < 3 $$, '22023', NULL, 'a funnel that varies');
SELECT throws_ok($$ SELECT funnel_agg(account, at, event, 'a > b within 1 day', NULL, NULL, at) FROM event $$, '22023', NULL, 'an as_of that varies');
SELECT throws_ok($$ SELECT funnel_agg(account, at, event, 'a > b', NULL, NULL, now()) FROM event $$, '22023', NULL, 'as_of without a window');
SELECT throws_ok($$ SELECT funnel_agg(account, at, event, 'a > b', NULL, -1) FROM event $$, '22023', NULL, 'a negative amount');
SELECT throws_ok($$ SELECT funnel_agg(account, at, event, 'a > b', NULL, 'NaN') FROM event $$, '22023', NULL, 'NaN');
SELECT lives_ok($$ SELECT funnel_agg(account, at, event, 'a > b', NULL, CASE event WHEN 'a' THEN 1 ELSE -1 END) FROM event $$, 'only amounts of entry rows are read');
SELECT throws_ok($$ SELECT funnel_agg(n, now(), 'a', 'a > b', n::text) FROM generate_series(1, 10001) n $$, '54000', NULL, '10,001 strata');
SELECT * FROM finish();
ROLLBACK;
