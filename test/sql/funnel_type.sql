\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The types funnel_steps and funnel_summary: the grammar and its errors, the figures against plain SQL, merging on every path, forms, hostile values.
SELECT plan(114);
-- Definitions: what they are read as, and that this is read as the same
SELECT is(t::funnel_steps::text, want, t) FROM (VALUES
    ('a', 'a'), ('  a>b  ', 'a > b'), ('a >>b>c', 'a >> b > c'), ('a>! x | y>b', 'a > !x|y > b'), ('b|a > c', 'b|a > c'), ('a & b|c', 'a & b|c'), ('"a"', 'a'), ('"a b" > "q\"u\\o"', '"a b" > "q\"u\\o"'),
    ('a > b within 7 days', 'a > b within 7 days'), ('a > b within 1 week', 'a > b within 7 days'), ('a > b within 36 hours', 'a > b within 1 day 12 hours'), ('a > b within 90 min', 'a > b within 1 hour 30 minutes'),
    ('a > b within 0.000001 seconds', 'a > b within 0.000001 seconds'), ('a > b within 0 seconds', 'a > b within 0 seconds'), ('a > b every entry', 'a > b every entry'), ('a > b within 2 days first entry', 'a > b within 2 days first entry'),
    ('within > first > every > entry within 1 day every entry', 'within > first > every > entry within 1 day every entry'), ('größe > a.b-c:d/e_1', 'größe > a.b-c:d/e_1'), ('"" > a', '"" > a'), ('a > a > a', 'a > a > a')) v (t, want);
SELECT is(f::text::funnel_steps, f, 'read again: ' || f) FROM (VALUES ('a > b >> c|d > !x > e within 36 hours every entry'::funnel_steps), ('"x y" & b within 3 days'), ('a > !"q w"|z > b')) v (f);
-- Random definitions, whose names look like anything: what is accepted is read again as the same, in binary too
SELECT coalesce((SELECT '/dev/shm' FROM pg_stat_file('/dev/shm', true) WHERE isdir), current_setting('data_directory')) || '/csm_metrics_funnel.' || pg_backend_pid() AS file \gset
SELECT set_config('csm_metrics_test.file', :'file', true) AS file \gset
\set remove 'cat > /dev/null; rm -f "' :file '"'
SELECT setseed(0.5) \g /dev/null
CREATE FUNCTION accepted(t text) RETURNS funnel_steps LANGUAGE plpgsql AS $$ BEGIN RETURN t::funnel_steps; EXCEPTION WHEN OTHERS THEN RETURN NULL; END $$;
CREATE TEMP TABLE random AS SELECT i, accepted(string_agg(CASE WHEN n > 1 THEN (ARRAY[' > ', '>>', E'\t>\n', '>!"no such"|q>', '|', ' & '])[1 + (i * i + n) % CASE WHEN i % 5 = 0 THEN 6 ELSE 5 END] ELSE '' END || name, '' ORDER BY n) || w || e) AS f
FROM (SELECT i, n, (ARRAY['a', 'b', 'c', 'within', 'first', '"entry"', '"1 day"', '"\"\\"', '""', E'"tab\t\x01\x7f"', '">"', '"!x"', '"a|b"', 'größe', '日本', '7', '-', '"\e\v"', 'NULL', repeat('x', 255)])[1 + floor(random() * 20)::int] AS name FROM generate_series(1, 2000) i, generate_series(1, 1 + i % 5) n) x
JOIN LATERAL (SELECT (ARRAY['', ' within 24 hours', ' WITHIN 1 day', ' within 0 s', ' within 1.500000 seconds', ' within 90061.000001 sec', E' within\n1 w 2 D 25 h', ' within 106751991 days'])[1 + i % 8] AS w, (ARRAY['', '', ' first entry', ' Every  entry'])[1 + i % 4] AS e) y ON true GROUP BY i, w, e;
SELECT cmp_ok((SELECT count(f) FROM random), '>', 800::bigint, 'random definitions: many are accepted');
SELECT is_empty($$ SELECT f FROM random WHERE f::text::funnel_steps <> f OR f::text::funnel_steps::text <> f::text OR csm_funnel_steps_hash(f::text::funnel_steps) <> csm_funnel_steps_hash(f) OR steps(f::text::funnel_steps) <> steps(f) $$, '... and read again as the same');
CREATE TEMP TABLE received (i int, f funnel_steps);
COPY random TO :'file' (FORMAT binary);
COPY received FROM :'file' (FORMAT binary);
SELECT is_empty($$ SELECT i FROM random a FULL JOIN received b USING (i) WHERE a.f::text IS DISTINCT FROM b.f::text $$, '... in binary too');
SELECT throws_ok(format('SELECT %L::funnel_steps', t), state, NULL, left(t, 60)) FROM (VALUES
    ('', '22P02'), (' ', '22P02'), ('>', '22P02'), ('a >', '22P02'), ('> a', '22P02'), ('a b', '22P02'), ('a > > b', '22P02'), ('a >>> b', '22P02'), ('a|', '22P02'), ('"a', '22P02'), ('a > b within', '22P02'), ('a > b within soon', '22P02'), ('a > b within 7 days last entry', '22P02'), ('a > b every', '22P02'), ('a; b', '22P02'),
    ('!x > a', '22023'), ('a > !x', '22023'), ('a|b > b|c', '22023'), ('a & a', '22023'), ('a & b every entry', '22023'), ('a > b & c', '22P02'), ('a > b within -1 day', '22023'), ('a > b within 1 month', '22023'), ('a > b within 1 year', '22023'),
    (repeat('a > ', 32) || 'a', '22023'), (repeat('x', 256), '54000'), ('a' || repeat('|' || repeat('y', 255), 33), '54000')) v (t, state);
SELECT is(cardinality(steps((repeat('a > ', 31) || 'a')::funnel_steps)), 32, '32 steps');
SELECT is(steps('b|a > "c d" >> e'::funnel_steps), '{b|a,c d,e}', 'labels');
SELECT is(funnel_of('{a,b c,"d\"e"}', '36 hours'), 'a > "b c" > "d\"e" within 36 hours', 'from data');
SELECT is(funnel_of('{a}'), 'a', '... without a window');
SELECT throws_ok(format('SELECT funnel_of(%s)', a), state, NULL, 'funnel_of ' || a) FROM (VALUES ($$'{}'$$, '22023'), ($$NULL$$, '22004'), ($$'{a,NULL}'$$, '22004'), ($$'{a}', '1 month'$$, '22023'), ($$'{a}', '-1 day'$$, '22023'), ($$array_fill('a'::text, ARRAY[33])$$, '22023')) v (a, state);
SELECT is((SELECT count(DISTINCT f) FROM unnest('{a > b,a>b,b > a,a >> b}'::funnel_steps[]) f), 3::bigint, 'equal where they mean the same');

-- Summaries: 400 accounts, strata, amounts of many digits
CREATE TEMP TABLE event AS
SELECT a AS account, timestamptz '2024-01-01 00:00Z' + (('x' || left(md5(a || '/' || i), 6))::bit(24)::int % 30000) * interval '1 minute 0.37 seconds' AS at, (ARRAY['a', 'b', 'c'])[1 + ('x' || left(md5(i || '.' || a), 4))::bit(16)::int % 3] AS event
FROM generate_series(1, 400) a, generate_series(1, 1 + a % 9) i;
CREATE TEMP TABLE account AS SELECT account, usage_history_agg(at, event) AS h, CASE WHEN account % 12 > 0 THEN 'stratum ' || account % 12 END AS stratum, (account * 7919 % 1000000) * 1000000000000.01 + 0.0000000001 AS amount FROM event GROUP BY account;
CREATE TEMP TABLE s AS SELECT funnel_agg(h, 'a > b > c within 12 days', stratum, amount) AS s FROM account;
CREATE VIEW chains AS SELECT account, stratum, amount, max(step) AS level, array_agg(at ORDER BY step) AS times FROM account, chain(h, 'a > b > c within 12 days') GROUP BY 1, 2, 3;
SELECT results_eq($$ SELECT stratum, step, reached, stopped, amount, conversion, step_conversion, amount_conversion FROM s, funnel_table(s) ORDER BY stratum, step $$,
    $$ SELECT stratum, k, r, r - coalesce(lead(r) OVER w, r), w, r / nullif(first_value(r) OVER w, 0)::numeric, coalesce(r / nullif(lag(r) OVER w, 0)::numeric, CASE WHEN k = 1 THEN 1 END), w / nullif(first_value(w) OVER w, 0) FROM (
        SELECT stratum, k, count(*) FILTER (WHERE level >= k) AS r, coalesce(sum(amount) FILTER (WHERE level >= k), 0) AS w FROM chains, generate_series(1, 3) k GROUP BY 1, 2) x WINDOW w AS (PARTITION BY stratum ORDER BY k) ORDER BY stratum, k $$, 'the table by plain SQL, to the last digit');
SELECT is((SELECT conversion(s, k) FROM s), (SELECT count(*) FILTER (WHERE level >= k)::numeric / count(*) FROM chains), 'conversion to step ' || k) FROM generate_series(1, 3) k;
SELECT is((SELECT amount_conversion(s) FROM s), (SELECT sum(amount) FILTER (WHERE level = 3) / sum(amount) FROM chains), 'conversion by amount');
SELECT is((SELECT conversion_interval(s, 0.9, 2) FROM s), (SELECT wilson_interval(count(*) FILTER (WHERE level >= 2), count(*), 0.9) FROM chains), 'its interval is Wilson''s');
SELECT ok((SELECT abs(extract(epoch FROM time_to(s, k, q)) / extract(epoch FROM want) - 1) <= 1 / 64.0 FROM s), format('time to step %s, quantile %s: within 1/64', k, q)) FROM generate_series(2, 3) k, unnest('{0,0.1,0.5,0.9,1}'::float8[]) q,
    LATERAL (SELECT coalesce((array_agg(t ORDER BY t))[greatest(ceil(q * count(*))::int, 1)], '1 s') AS want FROM (SELECT times[k] - times[1] AS t FROM chains WHERE level >= k) x) y;
SELECT ok((SELECT abs(extract(epoch FROM step_time(s, 3, q)) / extract(epoch FROM want) - 1) <= 1 / 64.0 FROM s), 'time of a step, quantile ' || q) FROM unnest('{0.25,0.5}'::float8[]) q, LATERAL (SELECT (array_agg(t ORDER BY t))[ceil(q * count(*))::int] AS want FROM (SELECT times[3] - times[2] AS t FROM chains WHERE level = 3) x) y;
SELECT is((SELECT step_time(s, 1, 0.5) FROM s), NULL, 'the first step takes no time');

-- One value, whatever the way
SELECT is((SELECT rollup(p) FROM (SELECT funnel_agg(h, 'a > b > c within 12 days', stratum, amount) AS p FROM account GROUP BY account % 7) x), (SELECT s FROM s), 'rolled up');
SELECT is((SELECT a.p + b.p FROM (SELECT funnel_agg(h, 'a > b > c within 12 days', stratum, amount) AS p FROM account WHERE account % 3 = 0) a, (SELECT funnel_agg(h, 'a > b > c within 12 days', stratum, amount) AS p FROM account WHERE account % 3 > 0) b), (SELECT s FROM s), 'added up');
SELECT is((SELECT funnel_agg(h, 'a > b > c within 12 days', stratum, amount ORDER BY md5(account::text)) FROM account), (SELECT s FROM s), 'in another order');
SELECT is((SELECT csm_funnel_final(csm_funnel_combine(csm_funnel_accum(NULL, a.h, 'a > b > c within 12 days', a.stratum, a.amount), csm_funnel_accum(NULL, b.h, 'a > b > c within 12 days', b.stratum, b.amount))) FROM account a, account b WHERE a.account = 8 AND b.account = 17),
    (SELECT funnel_agg(h, 'a > b > c within 12 days', stratum, amount) FROM account WHERE account IN (8, 17)), 'by the functions of the aggregate, called by hand');
SELECT is((SELECT csm_funnel_accum(csm_funnel_accum(NULL, a.h, 'a > b > c within 12 days', a.stratum, a.amount), b.h, 'a > b > c within 12 days', b.stratum, b.amount) FROM account a, account b WHERE a.account = 8 AND b.account = 17),
    (SELECT funnel_agg(h, 'a > b > c within 12 days', stratum, amount) FROM account WHERE account IN (8, 17)), '... from row to row');
SELECT is((SELECT funnel_agg(h, 'a > b > c within 12 days', stratum, amount * 1.0000) FROM account), (SELECT s FROM s), 'another display scale: equal');
SELECT is((SELECT count(DISTINCT x) FROM (SELECT s FROM s UNION ALL SELECT funnel_agg(h, 'a > b > c within 12 days', stratum, amount * 1.0000) FROM account) y (x)), 1::bigint, '... and one hash');
SELECT throws_ok($$ SELECT s + funnel_agg(h, 'a > b > c') FROM s, account GROUP BY s $$, '22023', NULL, 'another funnel is not added');
SELECT throws_ok($$ SELECT s + funnel_agg(h, 'a > b > c within 12 days', NULL, NULL, '2024-02-01') FROM s, account GROUP BY s $$, '22023', NULL, 'another as_of is not added');
SELECT throws_ok($$ SELECT rollup(x) FROM (SELECT s FROM s UNION ALL SELECT funnel_agg(h, 'a > b') FROM account) y (x) $$, '22023', NULL, '... nor rolled up');
SELECT throws_ok($$ SELECT funnel_agg(h, CASE WHEN account < 200 THEN 'a > b' ELSE 'a > c' END::funnel_steps) FROM account $$, '22023', NULL, 'a funnel that varies');
SELECT throws_ok($$ SELECT funnel_agg(h, NULL) FROM account $$, '22004', NULL, 'no funnel');
SELECT throws_ok(format('SELECT funnel_agg(h, ''a > b'', stratum, %s) FROM account', a), '22023', NULL, 'an amount of ' || a) FROM unnest('{-1,''NaN'',''infinity''}'::text[]) a;
SELECT throws_ok($$ SELECT funnel_agg(h, 'a > b', account || '/' || n) FROM account, generate_series(1, 60) n $$, '54000', NULL, 'more than 10,000 strata');
SELECT throws_ok($$ SELECT conversion(s, 4) FROM s $$, '22023', NULL, 'a step that is not there');
SELECT throws_ok($$ SELECT time_to(s, 2, 1.01) FROM s $$, '22023', NULL, 'a quantile above 1');
SELECT throws_ok($$ SELECT time_to(s, 2, 'NaN') FROM s $$, '22023', NULL, 'a quantile that is no number');
SELECT throws_ok($$ SELECT conversion_interval(s, 1) FROM s $$, '22023', NULL, 'a confidence of 1');
SELECT is(rollup(NULL::funnel_summary), NULL, 'only NULL: NULL');
SELECT is((SELECT (conversion(x), amount_conversion(x), conversion_interval(x, 0.9), amount_conversion_interval(x, 0.9), time_to(x, 2, 0.5))::text FROM (SELECT funnel_agg(h, 'z > a') AS x FROM account) y), '(,,,,)', 'nobody entered');

-- Forms, and hostile ones: every piece of the JSON changed in turn
SELECT is((SELECT s::text::funnel_summary FROM s), (SELECT s FROM s), 'text and back');
SELECT is((SELECT s::jsonb::text::funnel_summary FROM s), (SELECT s FROM s), 'JSON and back');
CREATE TEMP TABLE made AS SELECT i, funnel_agg(h, (ARRAY['a > b > c', 'a & b & c', 'a >> b', 'a > !c > b > b every entry', 'a|b > c first entry'])[1 + i % 5]::funnel_steps, CASE account % 4 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN E'"\\ \n' ELSE 'ü' END, (ARRAY[NULL, 0.000, 1.0, 1.00, 12345678901234567, 0.000000000000001])[1 + (account * i) % 6]) AS s FROM account, generate_series(0, 29) i WHERE account % 30 <= i GROUP BY i;
SELECT is_empty($$ SELECT a.i, b.i FROM made a JOIN made b ON definition(a.s) = definition(b.s) CROSS JOIN LATERAL (SELECT a.s + b.s AS s OFFSET 0) x WHERE x.s <> b.s + a.s OR x.s::text::funnel_summary <> x.s OR x.s::text::funnel_summary::text <> x.s::text OR csm_funnel_summary_hash(x.s::text::funnel_summary) <> csm_funnel_summary_hash(b.s + a.s) $$, 'sums of two: text and back');
CREATE TEMP TABLE came (i int, s funnel_summary);
COPY made TO :'file' (FORMAT binary);
COPY came FROM :'file' (FORMAT binary);
SELECT is_empty($$ SELECT i FROM made a FULL JOIN came b USING (i) WHERE a.s::text IS DISTINCT FROM b.s::text OR a.s <> b.s $$, 'binary form and back');
CREATE TEMP TABLE one_received (v funnel_summary);
CREATE FUNCTION verdict(value bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text := receive(value, 'one_received');
BEGIN
    RETURN CASE WHEN state <> '00000' THEN state ELSE (SELECT CASE WHEN v::text::funnel_summary::text = v::text AND v::text::funnel_summary = v AND receive(csm_funnel_summary_send(v), 'one_received') = '00000' THEN (SELECT CASE WHEN r.v::text = x.v::text THEN 'good' ELSE 'another value' END FROM one_received r) ELSE 'bad value' END FROM one_received x) END;
END $$;
SELECT results_eq($$ SELECT DISTINCT verdict(CASE how WHEN 0 THEN set_byte(b, i, get_byte(b, i) # 1) WHEN 1 THEN set_byte(b, i, 255) WHEN 2 THEN set_byte(b, i, 0) ELSE substr(b, 1, i) END) COLLATE "C" FROM (SELECT csm_funnel_summary_send(s) AS b FROM made WHERE made.i = 2) x, generate_series(0, least(length(b) - 1, 600)) i, generate_series(0, 3) how ORDER BY 1 $$, $$ VALUES ('22021' COLLATE "C"), ('22P03'), ('good') $$, 'damaged: refused, or a value that goes round');
COPY (SELECT) TO PROGRAM :'remove';
CREATE TEMP TABLE one AS SELECT funnel_agg(account, at, event, 'a > b within 2 hours', 'x', 10, '2024-01-02 00:00Z') AS s, funnel_agg(account, at, event, 'a > b within 2 hours', 'x', 10, '2024-01-02 00:00Z')::jsonb AS j
FROM (VALUES (1, timestamptz '2024-01-01 00:00Z', 'a'), (1, '2024-01-01 01:00Z', 'b'), (2, '2024-01-01 00:00Z', 'a')) v (account, at, event);
CREATE FUNCTION refusal(t text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM t::funnel_summary; RETURN 'accepted'; EXCEPTION WHEN OTHERS THEN RETURN sqlstate; END $$;
SELECT is_empty($$ SELECT key, refusal((j - key)::text) FROM one, jsonb_object_keys(j) key WHERE key <> 'as_of' AND refusal((j - key)::text) NOT IN ('22P02', '22023') $$, 'a key that is missing');
SELECT is_empty($$ SELECT key, refusal(jsonb_set(j, ARRAY[key], v::jsonb)::text) FROM one, jsonb_object_keys(j) key, unnest(ARRAY['null', 'true', '[]', '"x"', '-1', '1e40']) v WHERE (key, v) NOT IN (('as_of', 'null'), ('strata', '[]')) AND refusal(jsonb_set(j, ARRAY[key], v::jsonb)::text) = 'accepted' $$, 'a value of another kind');
SELECT is_empty($$ SELECT p, v, refusal(jsonb_set(j, p::text[], v::jsonb)::text) FROM one, unnest('{"{strata,0,1,0}","{strata,0,1,1}","{strata,0,1,2}","{strata,0,2,0}","{strata,0,2,1}","{strata,0,2,2}","{strata,0,2,3,0}","{strata,0,2,3}"}'::text[]) p,
    unnest(ARRAY['null', 'true', '-1', '99999999999999999999', '"-1"', '"1e400"', '0', '7', '[]']) v WHERE (p, v) <> ('{strata,0,1,0}', '7') AND refusal(jsonb_set(j, p::text[], v::jsonb)::text) = 'accepted' $$, 'a number that cannot be');
SELECT is(refusal(jsonb_set(j, '{strata}', (j->'strata') || (j->'strata'))::text), '22P02', 'a stratum twice') FROM one;
SELECT * FROM finish();
ROLLBACK;
