\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
SET LOCAL intervalstyle = 'postgres';
\set histories :tests '/include/histories.sql'
\i :histories
-- revenue_history as a type and a state: operators, order of the rows, merging, plans, text and binary forms, equality, errors.
SELECT plan(110);

CREATE TABLE hist AS
SELECT account, account % 4 AS grp, history_agg(valid, amount, 'EUR') AS h FROM subscriptions GROUP BY account HAVING count(*) FILTER (WHERE NOT isempty(valid)) > 0
UNION ALL SELECT account + 1000, account % 4, history_agg(at, amount, '1 month', 'EUR') FROM snapshots GROUP BY account
UNION ALL SELECT account + 2000, account % 4, history_change_agg(at, change, 'EUR') FROM ledger GROUP BY account;
ANALYZE hist;
CREATE TABLE probes AS SELECT day FROM days WHERE extract(day FROM day) IN (1, 15, 28);

-- Operators, by the amounts of the days.
SELECT is_empty($$ SELECT a.account FROM hist a JOIN hist b ON b.account = a.account + 1000, probes WHERE amount_at(a.h + b.h, day) <> amount_at(a.h, day) + amount_at(b.h, day) $$, 'h + h adds the amounts of each day');
SELECT is_empty($$ SELECT a.account FROM hist a JOIN hist b ON b.account = a.account + 1000, probes WHERE amount_at(a.h - b.h, day) <> amount_at(a.h, day) - amount_at(b.h, day) $$, 'h - h subtracts the amounts of each day');
SELECT is_empty($$ SELECT account FROM hist, probes WHERE amount_at(h * -2.5, day) <> amount_at(h, day) * -2.5 OR scale(amount_at(h * -2.5, day)) <> scale(amount_at(h, day)) + 1 $$, 'h * numeric multiplies the amounts, scale and all');
SELECT is_empty($$ SELECT account FROM hist, probes WHERE amount_at(in_currency(h, 1.08, 'USD'), day) <> amount_at(h, day) * 1.08 OR currency(in_currency(h, 1.08, 'USD')) <> 'USD' $$, 'in_currency multiplies and sets the code');
SELECT is_empty($$ SELECT a.account FROM hist a JOIN hist b ON b.account = a.account + 1000 WHERE (a.h + b.h)::text <> (b.h + a.h)::text OR a.h + b.h - b.h <> a.h OR a.h - a.h <> b.h - b.h $$, 'h + h commutes and h - h takes it back');
SELECT is_empty($$ SELECT a.account FROM hist a JOIN hist b ON b.account = a.account + 1000 JOIN hist c ON c.account = a.account + 2000 WHERE (a.h + b.h + c.h)::text <> (a.h + (b.h + c.h))::text $$, 'h + h is associative');
SELECT is_empty($$ SELECT account FROM hist WHERE h * 0 <> h - h $$, 'h * 0 is nothing');

-- Order of the rows: the identical bits.
SELECT is_empty($$ SELECT account FROM subscriptions GROUP BY account HAVING history_agg(valid, amount ORDER BY i)::text IS DISTINCT FROM history_agg(valid, amount ORDER BY md5(i::text))::text
                   OR history_agg(valid, amount ORDER BY valid)::text IS DISTINCT FROM history_agg(valid, amount ORDER BY valid DESC)::text OR history_agg(valid, amount ORDER BY i)::text IS DISTINCT FROM history_agg(valid, amount ORDER BY valid)::text $$,
                'subscriptions: the order of the rows does not matter');
SELECT is_empty($$ SELECT account FROM snapshots GROUP BY account HAVING history_agg(at, amount, '1 month' ORDER BY at)::text <> history_agg(at, amount, '1 month' ORDER BY at DESC)::text
                   OR history_agg(at, amount, '1 month' ORDER BY at)::text <> history_agg(at, amount, '1 month' ORDER BY md5(i::text))::text $$, 'snapshots: the order of the rows does not matter');
SELECT is_empty($$ SELECT account FROM ledger GROUP BY account HAVING history_change_agg(at, change ORDER BY at)::text <> history_change_agg(at, change ORDER BY at DESC)::text
                   OR history_change_agg(at, change ORDER BY at)::text <> history_change_agg(at, change ORDER BY md5(i::text))::text $$, 'ledger: the order of the rows does not matter');
SELECT is((SELECT history_change_agg(date '2000-01-01' + ((i * 7919) % 30000), 1) FROM generate_series(0, 59999) i), (SELECT history_change_agg(date '2000-01-01' + i, 2) FROM generate_series(0, 29999) i),
          'a long history out of order is the one in order');

-- Plans.
\set made 'SELECT account, history_agg(valid, amount) AS a, history_agg(lower(valid), amount, $$3 months$$) FILTER (WHERE valid <> $$empty$$) AS b, history_change_agg(lower(valid), amount) FILTER (WHERE valid <> $$empty$$) AS c FROM many GROUP BY account'
CREATE TABLE many AS SELECT account % 10 AS account, valid, amount FROM subscriptions CROSS JOIN generate_series(1, 20);
ANALYZE many;
SET LOCAL max_parallel_workers_per_gather = 0;
CREATE TABLE serial AS :made;
SELECT unalike(plan_of(:'made'), '%Partial%', 'the serial plan is serial');
SELECT cmp_ok((SELECT sum(length(serial::text)) FROM serial), '>', 10000::bigint, 'there is something to compare');
SELECT is((SELECT rollup(a) FROM serial)::text, (SELECT history_agg(valid, amount) FROM many)::text, 'stored by account and rolled up: the history of all');
SELECT is((SELECT rollup(h ORDER BY md5(account::text)) FROM hist)::text, (SELECT rollup(h) FROM (SELECT rollup(h) AS h FROM hist GROUP BY grp) x)::text, 'rolled up in two levels and another order: the same');
SELECT is((SELECT rollup(CASE WHEN grp = 1 THEN h END) FROM hist)::text, (SELECT rollup(h) FROM hist WHERE grp = 1)::text, 'rollup ignores NULLs');

-- Text, jsonb and binary forms.
SELECT is_empty($$ SELECT account FROM hist WHERE h::text::revenue_history::text <> h::text OR csm_history_send(h::text::revenue_history) <> csm_history_send(h) $$, 'text form: round trip gives the same bits');
SELECT is_empty($$ SELECT account FROM hist WHERE h::jsonb::revenue_history::text <> h::text $$, 'jsonb form: round trip gives the same text');
\set file `mktemp -u /tmp/csm_metrics_history.XXXXXX`
COPY hist TO :'file' (FORMAT binary);
CREATE TABLE restored (LIKE hist);
COPY restored FROM :'file' (FORMAT binary);
\set remove 'cat > /dev/null; rm ' :file
COPY (SELECT) TO PROGRAM :'remove';
SELECT is_empty($$ SELECT account FROM hist a FULL JOIN restored b USING (account) WHERE a.h::text IS DISTINCT FROM b.h::text $$, 'binary form: round trip gives the same text');
SET LOCAL datestyle = 'German';
SELECT is((SELECT history_agg(daterange('0044-03-15 BC', '2024-02-29'), 1.50, 'USD'))::text, '{"currency": "USD", "scale": 2, "steps": [["0044-03-15 BC", "1.50"], ["2024-02-29", "0.00"]]}', 'text form: whatever DateStyle says');
SELECT is('{"scale": 0, "steps": [["0044-03-15 BC", "1"]]}'::revenue_history::text, '{"scale": 0, "steps": [["0044-03-15 BC", "1"]]}', 'text form: read whatever DateStyle says');
SET LOCAL datestyle = 'ISO, YMD';
SELECT is('{"scale": 3, "steps": []}'::revenue_history::text, '{"scale": 3, "steps": []}', 'text form: a history of nothing keeps its scale');

-- The state as it travels between nodes: its text form knows the unit of its rows.
CREATE TABLE states AS
SELECT account, csm_history_accum_snapshot(csm_history_accum_snapshot(NULL, b, 5.00, '1 month'), a, 3, '1 month')::text AS state, (SELECT history_agg(d, x, '1 month') FROM (VALUES (b, 5.00), (a, 3)) v (d, x)) AS h
FROM (SELECT account, min(at) AS a, max(at) AS b FROM snapshots GROUP BY account) s;
SELECT is_empty($$ SELECT account FROM states WHERE state NOT LIKE '{"every": "1 month", %' OR csm_history_final(state::revenue_history) <> h $$, 'a state goes through text, unit and tail and all');
SELECT is((SELECT csm_history_final(csm_history_combine(a.state::revenue_history, b.state::revenue_history))::text FROM states a, states b WHERE a.account = 1 AND b.account = 2), (SELECT (a.h + b.h)::text FROM states a, states b WHERE a.account = 1 AND b.account = 2), 'states that travelled merge');
SELECT refused($$ SELECT csm_history_combine(state::revenue_history, csm_history_accum_snapshot(NULL, '2024-01-01', 1, '1 week')) FROM states LIMIT 1 $$, '22023', 'every.*varies.*1 month.*7 days', 'states of different units do not merge');

-- The unit of the rows is known to a state alone: a value that still carries one equals the one without, and behaves like it. Nothing that is made of it carries one.
CREATE TABLE carriers AS
SELECT h, replace(h::text, '"scale"', '"every": "1 month", "scale"')::revenue_history AS by_month, replace(h::text, '"scale"', '"every": "7 days", "scale"')::revenue_history AS by_week
FROM hist WHERE first_active(h) IS NOT NULL;
SELECT cmp_ok((SELECT count(*) FROM carriers), '>', 20::bigint, 'there are values that carry a unit');
SELECT is_empty($$ SELECT h FROM carriers WHERE by_month::text !~ '"every": "1 month"' OR by_month <> h OR by_month <> by_week OR csm_history_hash(by_month) <> csm_history_hash(h) $$, 'a value that carries a unit equals the one without, and one that carries another');
SELECT is_empty(format($$ SELECT h FROM carriers WHERE (%s)::text IS DISTINCT FROM (%s)::text OR (%1$s)::text ~ 'every' $$, format(call, 'by_month', 'by_week'), format(call, 'h', 'h')), 'the same whatever unit they carry: ' || format(call, 'a', 'b'))
FROM (VALUES ('%s + %s'), ('%1$s + %1$s'), ('%s - %s'), ('%s * 2'), ('2 * %s'), ('in_currency(%s, 2, ''USD'')'), ('close_gaps(%s, ''40 days'')'), ('new_after(%s, ''40 days'')'),
    ('(SELECT rollup(x) FROM (VALUES (%s)) v (x))'), ('(SELECT rollup(x) FROM (VALUES (%s), (%s)) v (x))'), ('(SELECT rollup(x) FROM (VALUES (%s), (h), (%s)) v (x))')) c (call);

-- Equality is that of the function and the currency, whatever rows and scale.
SELECT is_empty($$ SELECT account FROM hist WHERE h <> h * 1.000 OR NOT h = h * 1.000 OR csm_history_hash(h) <> csm_history_hash(h * 1.000) OR csm_history_hash_extended(h, 5) <> csm_history_hash_extended(h * 1.000, 5) $$, 'equal whatever the scale, and hashed alike');
SELECT is_empty($$ SELECT a.account FROM hist a JOIN hist b ON a.h = b.h WHERE EXISTS (SELECT FROM probes WHERE amount_at(a.h, day) <> amount_at(b.h, day)) $$, 'equal histories have equal amounts');
SELECT is((SELECT count(DISTINCT h) FROM hist), (SELECT count(DISTINCT a) FROM (SELECT array_agg(trim_scale(amount_at(h, day)) ORDER BY day) AS a FROM hist, days GROUP BY account) x), 'as many different histories as functions of the day');
SELECT is((SELECT history_agg(v, a) FROM (VALUES (daterange('2024-01-01', '2024-03-01'), 5), (daterange('2024-02-01', NULL), 5.0)) r (v, a)), (SELECT history_agg(v, a) FROM (VALUES (daterange('2024-01-01', NULL), 5), (daterange('2024-02-01', '2024-03-01'), 5)) r (v, a)), 'equal whatever the rows');
SELECT isnt(in_currency(h, 1, 'EUR'), in_currency(h, 1, 'USD'), 'different in another currency') FROM hist LIMIT 1;
SELECT is((SELECT count(*) FROM hist a JOIN hist b ON a.h = b.h * 1.0), (SELECT count(*) FROM hist a JOIN hist b ON a.h::text = b.h::text OR (a.h <= b.h AND a.h >= b.h)), 'a hash join finds the equal ones');
SELECT is_empty($$ SELECT * FROM (SELECT h, lag(h) OVER (ORDER BY h) AS before FROM hist) x WHERE before > h OR NOT before <= h OR csm_history_cmp(before, h) > 0 $$, 'sorting agrees with the operators');
SELECT is_empty($$ SELECT a.account FROM hist a, hist b WHERE a.account % 10 = 3 AND ((a.h < b.h)::int + (a.h = b.h)::int + (a.h > b.h)::int <> 1 OR (a.h < b.h) <> (b.h > a.h)) $$, 'the order is total');

-- Rows that do not count, and what is refused.
SELECT is((SELECT history_agg(valid, 5) FROM (VALUES (NULL::daterange), ('empty')) v (valid)), NULL, 'no row with a day: NULL');
SELECT is((SELECT history_agg(at, NULL, '1 month') FROM (VALUES (date '2024-01-01')) v (at))::text, '{"scale": 0, "steps": []}', 'a NULL amount is 0');
SELECT is((SELECT array_agg(s::text) FROM steps((SELECT history_agg('[2024-01-01,)', 5))) s)::text, '{"(2024-01-01,,5)"}', 'an open end is NULL in steps');
SELECT is(last_active(history_agg(daterange('2024-01-01', 'infinity'), 5)), 'infinity', 'an infinite end is open');
SELECT is((SELECT history_change_agg(date '2024-01-01', 5))::text, '{"scale": 0, "steps": [["2024-01-01", "5"]]}', 'no currency, no code');
SELECT is(first_active('{"scale": 0, "steps": []}'), NULL, 'never active: NULL');
SELECT is(last_active('{"scale": 0, "steps": [["2024-01-01", "-5"]]}'), NULL, 'below 0 is not active');
SELECT is(amount_at('{"scale": 38, "steps": [["2024-01-01", "0.99999999999999999999999999999999999999"]]}', '2024-01-01'), 0.99999999999999999999999999999999999999, '38 digits');
SELECT refused('SELECT ' || call || rest, state, pattern, 'refused: ' || call) FROM (VALUES
    ('history_agg(at, 1, ''0 days'')', '22023', 'every.*00:00:00'),
    ('history_agg(at, 1, ''-1 month'')', '22023', '-1 mons'),
    ('history_agg(at, 1, ''1 month 1 day'')', '22023', '1 mon 1 day'),
    ('history_agg(at, 1, ''1 hour'')', '22023', '01:00:00'),
    ('history_agg(at, 1, ''5 months'')', '22023', '5 months'),
    ('history_agg(at, 1, ''2 years'')', '22023', '24 months'),
    ('history_agg(at, 1, NULL)', '22004', 'every'),
    ('history_agg(at, 1, n * interval ''1 month'')', '22023', 'every.*varies.*(1 month|2 months)'),
    ('history_agg(NULL::date, 1, ''1 month'')', '22004', 'at'),
    ('history_agg(date ''infinity'', 1, ''1 month'')', '22023', 'at.*infinity'),
    ('history_agg(date ''5874897-12-31'', 1, ''1 month'')', '22008', '5874897-12-01'),
    ('history_change_agg(NULL, 1)', '22004', 'at'),
    ('history_change_agg(''-infinity'', 1)', '22023', '-infinity'),
    ('history_change_agg(at, ''NaN'')', '22023', 'NaN'),
    ('history_change_agg(at, ''Infinity'')', '22023', 'Infinity'),
    ('history_change_agg(at, 1e38)', '22003', '38 digits'),
    ('history_change_agg(at, 99999999999999999999999999999999999999)', '22003', '38 digits'),
    ('history_agg(daterange(NULL, at), 1)', '22023', 'start'),
    ('history_agg(daterange(''-infinity'', at), 1)', '22023', 'start'),
    ('history_agg(daterange(at, NULL), 1, ''E R'')', '22023', 'E R'),
    ('history_agg(daterange(at, NULL), 1, CASE n WHEN 1 THEN ''EUR'' END)', '22023', 'currenc.*(EUR|none)'),
    ('history_agg(daterange(at, NULL), 1, CASE n WHEN 1 THEN ''EUR'' ELSE ''USD'' END)', '22023', 'currenc.*(EUR|USD)'),
    ('rollup(CASE n WHEN 1 THEN h ELSE in_currency(h, 1, ''USD'') END)', '22023', 'currenc.*(none|USD)')
) v (call, state, pattern), (VALUES (' FROM (VALUES (date ''2024-01-31'', 1, ''{"scale": 0, "steps": [["2024-01-01", "5"]]}''::revenue_history), (''2024-02-05'', 2, ''{"scale": 0, "steps": [["2024-01-01", "5"]]}'')) v (at, n, h)')) r (rest);
SELECT refused('SELECT ' || regexp_replace(call, '\mh\M', '''{"scale": 2, "steps": [["2024-01-01", "5"]]}''::revenue_history', 'g'), state, pattern, 'refused: ' || call) FROM (VALUES
    ('amount_at(h, ''infinity'')', '22023', 'infinity'), ('is_active(h, ''-infinity'')', '22023', 'infinity'),
    ('h * ''NaN''', '22023', 'NaN'), ('h * 0.0000000000000000000000000000000000001', '22003', '38'), ('h * 9999999999999999999999999999999999999', '22003', '38'),
    ('in_currency(h, 0, ''USD'')', '22023', 'rate.*0'), ('in_currency(h, -1, ''USD'')', '22023', 'rate.*-1'), ('in_currency(h, 1, '''')', '22023', 'currency'), ('h + in_currency(h, 1, ''USD'')', '22023', 'currenc'),
    ('close_gaps(h, ''1 month -1 day'')', '22023', '1 mon -1 day'), ('new_after(h, ''-1 day'')', '22023', '-1 day'),
    ('total(h, ''2024-01-01'', ''2024-01-01'', ''1 day'')', '22023', 'order'), ('total(h, ''1700-01-01'', ''2024-01-01'', ''1 day'')', '54000', '1 day'),
    ('movements(h, ''2024-02-01'', ''2024-01-01'', ''1 day'')', '22023', 'order'), ('movements(h * -1, ''2024-01-01'', ''2024-03-01'', ''1 month'')', '22023', 'negative on 2024-01-31')
) v (call, state, pattern);
SELECT refused(format('SELECT %L::revenue_history', text), state, pattern, 'refused as text: ' || text) FROM (VALUES
    ('', '22P02', ''), ('[]', '22P02', 'object'), ('{}', '22P02', 'scale'), ('{"scale": 39, "steps": []}', '22P02', 'scale'), ('{"scale": 0}', '22P02', 'steps'), ('{"scale": 0, "steps": {}}', '22P02', 'array'),
    ('{"scale": 0, "steps": [], "more": 1}', '22P02', 'unknown keys'), ('{"scale": 0, "steps": [["2024-01-01"]]}', '22P02', 'pairs'), ('{"scale": 0, "steps": [["today", "1"]]}', '22P02', 'date'),
    ('{"scale": 0, "steps": [["2024-01-01", 1]]}', '22P02', 'string'), ('{"scale": 0, "steps": [["2024-01-01", "1.5"]]}', '22P02', 'places'), ('{"scale": 38, "steps": [["2024-01-01", "1"]]}', '22P02', 'digits'),
    ('{"scale": 0, "steps": [["2024-01-01", "0"]]}', '22P02', 'change'), ('{"scale": 0, "steps": [["2024-01-01", "1"], ["2024-01-02", "1"]]}', '22P02', 'change'),
    ('{"scale": 0, "steps": [["2024-01-02", "1"], ["2024-01-01", "2"]]}', '22P02', 'ascend'), ('{"currency": "no code", "scale": 0, "steps": []}', '22P02', 'currency'), ('{"every": "5 months", "scale": 0, "steps": []}', '22P02', 'unit'),
    ('{"every": "1 mon", "scale": 0, "steps": []}', '22P02', 'every')
) v (text, state, pattern);

SELECT * FROM finish();
ROLLBACK;
