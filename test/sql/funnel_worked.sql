\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- Funnels and paths over worked numbers: chains, ties, gaps, windows, entries, and the cases of ClickHouse's own tests that mean the same here.
SELECT plan(174);
-- Events as name and time: 'a0 b5' in hours from an instant, or in another unit.
CREATE FUNCTION ev(spec text, unit interval DEFAULT '1 hour') RETURNS usage_history LANGUAGE sql AS $$
    SELECT usage_history_agg(timestamptz '2024-01-01 00:00Z' + substring(e FROM '[0-9]+$')::int * unit, substring(e FROM '^[a-z]+')) FROM unnest(string_to_array(spec, ' ')) e $$;
-- One letter, one event, an hour apart.
CREATE FUNCTION letters(spec text) RETURNS usage_history LANGUAGE sql AS $$
    SELECT usage_history_agg(timestamptz '2024-01-01 00:00Z' + n * interval '1 hour', e) FROM string_to_table(spec, NULL) WITH ORDINALITY s (e, n) $$;
CREATE FUNCTION ch(spec text, f text, unit interval DEFAULT '1 hour') RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(level || ' (' || times || ')', '; ' ORDER BY entry), '0')
    FROM (SELECT entry, max(step) AS level, string_agg((extract(epoch FROM at - timestamptz '2024-01-01 00:00Z') / extract(epoch FROM unit))::int::text, ', ' ORDER BY step) AS times
          FROM chain(ev(spec, unit), f::funnel_steps) GROUP BY entry) x $$;
SELECT is(ch(e, f, u), want, format('%s: %s of %s', n, f, e)) FROM (VALUES
 ('1','a0 b5 c9','a > b > c within 9 hours', interval '1 hour','3 (0, 5, 9)'),
 ('2','a0 b5 c9','a > b > c within 8 hours', '1 hour','2 (0, 5)'),
 ('3','b0 a1','a > b','1 hour','1 (1)'),
 ('4','a0 c1 b2 d3 c4','a > b > c','1 hour','3 (0, 2, 4)'),
 ('5','a0 a5 b12','a > b within 10 hours','1 hour','2 (5, 12)'),
 ('6','a0 a5 b12','a > b within 10 hours first entry','1 hour','1 (0)'),
 ('7','a0 a5 b12','a > b within 10 hours every entry','1 hour','1 (0)'),
 ('8','a0 a11 b12','a > b within 10 hours every entry','1 hour','1 (0); 2 (11, 12)'),
 ('9','a60 a90 b105 c135','a > b > c within 60 minutes','1 minute','3 (90, 105, 135)'),
 ('9b','a60 a90 b105 c135','a > b > c within 60 minutes first entry','1 minute','2 (60, 105)'),
 ('10','a0 a1 a2 a3 b4','a > b','1 hour','2 (3, 4)'),
 ('10b','a0 a1 a2 a3 b4','a > b first entry','1 hour','2 (0, 4)'),
 ('11','a1 b2 a5 b6 a20','a > b within 30 days every entry','1 day','2 (1, 2); 2 (5, 6); 1 (20)'),
 ('12','a0 b1 c2 a3 b4 d5','a > b > c > d','1 hour','4 (0, 1, 2, 5)'),
 ('13','a0 b1 b2 c3','a > b > c','1 hour','3 (0, 1, 3)'),
 ('14','b0 a0','a > b','1 hour','2 (0, 0)'),
 ('15','a0 a0','a > a','1 hour','1 (0)'),
 ('15b','a0 a1','a > a','1 hour','2 (0, 1)'),
 ('16','a0','a > a > a','1 hour','1 (0)'),
 ('17','a0 b1 c1 d1 e2','a > b > c > d > e','1 hour','5 (0, 1, 1, 1, 2)'),
 ('18','p1 q2 r2 s2 q3 r3 s3 q4 r4 s4','p > q > r > s','1 hour','4 (1, 2, 2, 2)'),
 ('19','a0 x1 b2','a >> b','1 hour','1 (0)'),
 ('19b','a0 x2 b2','a >> b','1 hour','2 (0, 2)'),
 ('19c','a0 a1 b2','a >> b','1 hour','2 (1, 2)'),
 ('20','a0 b1 b2 c3','a >> b >> c','1 hour','2 (0, 1)'),
 ('21','a0 x1 b2 c3','a > b >> c','1 hour','3 (0, 2, 3)'),
 ('22','a0 x1 b2','a > !x > b','1 hour','1 (0)'),
 ('22b','a0 x1 a2 b3','a > !x > b','1 hour','2 (2, 3)'),
 ('22c','a0 x2 b2','a > !x > b','1 hour','2 (0, 2)'),
 ('23','a0 b1 x2 b3 c4','a > b > !x > c','1 hour','3 (0, 3, 4)'),
 ('24','a1 a2 a3 b4','a > !a > b every entry','1 hour','1 (1); 2 (3, 4)'),
 ('25','a0 d1 c2','a > b|d > c','1 hour','3 (0, 1, 2)'),
 ('26','a0 b5 c6','a & b & c within 3 hours','1 hour','2 (5, 6)'),
 ('26b','c0 b1 a2','a & b & c within 3 hours','1 hour','3 (0, 1, 2)'),
 ('26c','a0 b2 a4 c5','a & b & c within 3 hours','1 hour','3 (2, 4, 5)'),
 ('27','install0 start5 login10 install15 start20 install25 start30 login35 end40','install > start > login > end within 60 hours','1 hour','4 (25, 30, 35, 40)')
) v (n, e, f, u, want);
-- The level of any entry is what furthest says.
SELECT results_eq($$ SELECT furthest(ev(e), 'a > b > c') FROM unnest('{a0 b5 c9,b0 a1,a0 c1 b2 d3 c4,x0,a0}'::text[]) WITH ORDINALITY AS u (e, o) ORDER BY o $$, ARRAY[3, 1, 3, 0, 1], 'furthest, 0 for who never entered');

-- 29: conversion, by accounts and by ARR, with intervals.
CREATE TEMP TABLE s AS SELECT funnel_agg(ev(e), 'a > b > c', NULL, arr) AS s FROM (VALUES ('a0 b1 c2', 100000), ('a0 b2', 50000), ('a1 c0', 10000), ('a0 b4 c8', 40000)) v (e, arr);
SELECT results_eq($$ SELECT step, event, reached, stopped, amount, round(conversion, 4), round(step_conversion, 4), round(amount_conversion, 4), median_step_time FROM s, funnel_table(s) $$,
    $$ VALUES (1, 'a', 4::bigint, 1::bigint, 200000::numeric, 1::numeric, 1::numeric, 1::numeric, NULL::interval), (2, 'b', 3, 1, 190000, 0.75, 0.75, 0.95, time_to((SELECT funnel_agg(ev('a0 b2'), 'a > b')), 2, 0.5)), (3, 'c', 2, 0, 140000, 0.5, 0.6667, 0.7, time_to((SELECT funnel_agg(ev('a0 b1'), 'a > b')), 2, 0.5)) $$, '29: the table');
SELECT is((SELECT conversion(s) FROM s), 0.5, '29: conversion');
SELECT is((SELECT conversion(s, step => 2) FROM s), 0.75, '... to the second step');
SELECT is((SELECT conversion_interval(s, 0.95) FROM s), numrange(0.1500389892, 0.8499610108, '[]'), '... its interval');
SELECT is((SELECT amount_conversion(s) FROM s), 0.7, '29: by ARR');
SELECT is((SELECT amount_conversion_interval(s, 0.95) FROM s), numrange(0.2179093262, 0.9513156068, '[]'), '... its interval');
SELECT is((SELECT time_to(funnel_agg(ev(e), 'a > b'), 2, 0.5) FROM unnest('{a0 b1,a0 b2,a0 b4,a0 b8}'::text[]) e), interval '01:59:40.648448', '30: the median of 1, 2, 4 and 8 hours, within 1/64 of 2');
SELECT results_eq($$ SELECT stratum, step, reached FROM funnel_table((SELECT funnel_agg(usage_history, 'a > b', browser) FROM (VALUES (ev('a0 b1'), 'Chrome')) v (usage_history, browser))) $$, $$ VALUES ('Chrome', 1, 1::bigint), ('Chrome', 2, 1) $$, '31: first touch');
SELECT results_eq($$ SELECT reached FROM (SELECT browser, funnel_agg(ev(e), 'a > b') AS s FROM (VALUES (1, 'a0'), (2, 'b1')) v (browser, e) GROUP BY browser) x, funnel_table(s) ORDER BY browser, step $$, '{1,0,0,0}'::bigint[], '... the trap: a group for each browser tears the chain apart');
CREATE TEMP TABLE over_months AS SELECT usage_history_agg(at, event) AS h FROM (VALUES (timestamptz '2024-01-30 12:00Z', 'a'), ('2024-02-02 12:00Z', 'b')) v (at, event);
SELECT is(furthest(h, 'a > b within 7 days'), 2, '32: across the end of the month') FROM over_months;
SELECT is(furthest(during(h, '[2024-01-01 00:00Z,2024-02-01 00:00Z)'), 'a > b within 7 days'), 1, '... January alone') FROM over_months;
SELECT results_eq($$ SELECT reached FROM funnel_table((SELECT funnel_agg(during(h, '[2024-01-01 00:00Z,2024-02-01 00:00Z)'), 'a > b') + funnel_agg(during(h, '[2024-02-01 00:00Z,2024-03-01 00:00Z)'), 'a > b') FROM over_months)) $$, '{1,0}'::bigint[], '... and added to February: the trap');
SELECT is(h + h, h, '33: twice is once') FROM over_months;
SELECT is(ev('a0 b1 c2 a2 b5'), ev('b5 a2') + ev('c2 a0 b1 b5'), '... and any split, in any order');

-- 34, 35: paths
CREATE FUNCTION paths(h usage_history, VARIADIC text[]) RETURNS text[] LANGUAGE sql AS $$ SELECT array_agg(p::text) FROM paths_from(h, $2[1], $2[2]::int, NULL, $2[3]::boolean) p $$;
SELECT is(paths(letters('ABCD'), NULL, '3', 'f'), '{"{A,B,C}"}', '34: from the start');
SELECT is(paths(letters('AAABC'), NULL, '3', 'f'), '{"{A,A,A}"}', '... with repeats');
SELECT is(paths(letters('ABAC'), NULL, '3', 'f'), '{"{A,B,A}"}', '... that are not in a row');
SELECT is(paths(letters('AAABC'), NULL, '3', 't'), '{"{A,B,C}"}', '... collapsed');
SELECT is(paths(letters('ABAC'), NULL, '3', 't'), '{"{A,B,A}"}', '... only those in a row');
SELECT is((SELECT array_agg(p::text) FROM paths_from(letters('ABCD'), 'B', 2) p), '{"{B,C}"}', '35: from a name on');
SELECT is((SELECT array_agg(p::text) FROM paths_to(letters('ABCD'), 'C', 2) p), '{"{B,C}"}', '... to a name');
SELECT is_empty($$ SELECT paths_from(letters('ABCD'), 'E', 2) $$, '... a name that is not there');
SELECT is((SELECT array_agg(p::text ORDER BY p) FROM paths_from(ev('a0 b1 a5 c6'), 'a', 2, '2 hours') p), '{"{a,b}","{a,c}"}', 'a pause starts a new path');
SELECT is((SELECT array_agg(p::text ORDER BY p) FROM paths_to(ev('a0 b1 a5 c6'), NULL, 2, '2 hours') p), '{"{a,b}","{a,c}"}', '... and ends one');
-- Heads and tails of ClickHouse's users, against the letters themselves.
SELECT is(paths(letters(u), NULL, d::text, 'f'), ARRAY[string_to_array(left(u, d), NULL)::text], format('head of %s, %s', u, d)) FROM unnest('{ABCD,BBDC,AB,AAABC,ABAC,ABABC}'::text[]) u, generate_series(1, 4) d;
SELECT is((SELECT array_agg(p) FROM paths_to(letters(u), NULL, d, collapse => false) p), ARRAY[string_to_array(right(u, d), NULL)], format('tail of %s, %s', u, d)) FROM unnest('{ABCD,BBDC,AB,AAABC,ABAC,ABABC}'::text[]) u, generate_series(1, 4) d;
SELECT is((SELECT array_agg(p::text) FROM paths_from(ev('d0 c0 b0 a0'), NULL, 4) p), '{"{a,b,c,d}"}', 'four actions in one second sort by name');

-- 36: ages
CREATE TEMP TABLE late AS SELECT usage_history_agg(at, event) AS h FROM (VALUES (timestamptz '2024-01-01 23:45Z', 'signup'), ('2024-01-02 00:01Z', 'use')) v (at, event);
SELECT is(ages(h, '1 day'), '{0}', '36: 24 hours') FROM late;
SELECT is(ages(h, '1 day', zone => 'UTC'), '{0,1}', '... days of the calendar') FROM late;
SELECT is(active_days(h, 'UTC'), '{2024-01-01,2024-01-02}', '... two active days') FROM late;
SELECT is(active_days(h, 'America/New_York'), '{2024-01-01}', '... or one') FROM late;

-- as_of: windows that are open count on neither side.
SELECT results_eq($$ SELECT reached FROM funnel_table((SELECT funnel_agg(ev(e), 'a > b within 3 hours', NULL, NULL, '2024-01-01 04:00Z') FROM unnest('{a0 b1,a2 b3,a1 b4 c5,a1 b5}'::text[]) e)) $$, '{3,2}'::bigint[], 'as_of: who entered after as_of less the window does not count');
SELECT results_eq($$ SELECT reached FROM funnel_table((SELECT funnel_agg(ev('b0'), 'a > b'))) $$, '{0,0}'::bigint[], 'nobody entered: zeros');
SELECT is((SELECT conversion(funnel_agg(ev('b0'), 'a > b'))), NULL, '... and no conversion');
SELECT is((SELECT funnel_agg(h, 'a > b') FROM late WHERE false), NULL, 'no rows: NULL');
SELECT is((SELECT funnel_agg(NULL::usage_history, 'a > b')), NULL, 'only NULL: NULL');

-- ClickHouse's tests of windowFunnel, sequenceMatch and sequenceCount, those that mean the same here (times in seconds)
CREATE TEMP TABLE nine AS SELECT usage_history_agg(timestamptz '2024-01-01 00:00Z' + (n - 1000) * interval '1 second', n::text) AS h FROM generate_series(1000, 1008) n;
SELECT is(furthest(h, funnel_of(ARRAY(SELECT n::text FROM generate_series(1000, last) n), '10000 seconds')), last - 999, '1000 to ' || last) FROM nine, generate_series(1000, 1008) last;
SELECT is(furthest(h, funnel_of('{1003,1004,1005,1006,1007}', w * interval '1 second')), w + 1, format('within %s seconds', w)) FROM nine, generate_series(1, 4) w;
SELECT is(furthest(h, '1001 > 1008 within 10000 seconds'), 2, 'far apart') FROM nine;
SELECT is(furthest(h, '1008 > 1001 within 10000 seconds'), 1, 'the other way round') FROM nine;
SELECT is(furthest(letters(u), 'a > b > c within 10 hours'), want, 'default mode: ' || u) FROM (VALUES ('abc', 3), ('adbc', 3), ('aabbcc', 3), ('aaaabbcc', 3), ('aabbdcc', 3), ('ccbbaa', 1)) v (u, want);
SELECT is(furthest(letters(u), 'a >> b >> c within 10 hours'), want, 'nothing between: ' || u) FROM (VALUES ('abc', 3), ('adbc', 1), ('aabbcc', 2), ('aaaabbcc', 2), ('aabbdcc', 2), ('ccbbaa', 1)) v (u, want);
SELECT is(furthest(ev('a0 b1 c1 d1 e2'), 'a > b > c > d > e within 10 hours'), 5, 'three steps at one instant');
SELECT is((SELECT furthest(usage_history_agg(at, event), '1003 > 1004 within 1 day') FROM (VALUES (timestamptz '2024-01-02 00:00Z', x), ('2024-01-02 00:00Z', y), ('2024-01-01 00:00Z', '1002')) v (at, event)), 2, format('%s, %s at one instant', x, y)) FROM (VALUES ('1003', '1004'), ('1004', '1003')) v (x, y);
CREATE TEMP TABLE million AS SELECT usage_history_agg(timestamptz '2024-01-01 00:00Z' + n * interval '1 second', CASE n WHEN 0 THEN 'A' WHEN 1000001 THEN 'C' ELSE 'B' END) AS h FROM generate_series(0, 1000001) n;
SELECT is(furthest(h, f::funnel_steps), want, 'a million events: ' || f) FROM million, (VALUES ('A > B > C', 3), ('A > B > A', 2), ('A > B > B > C', 4), ('A >> B >> C', 2), ('A > C', 2), ('A > !B > C', 1)) v (f, want);
SELECT is(furthest(ev(d, '1 second'), f::funnel_steps) = array_length(steps(f::funnel_steps), 1), want, 'sequence: ' || f) FROM (SELECT 'z0 z1 z2 z3 o4 t5 z6 z7 z8 z9 o10 o11' AS d) d, (VALUES
    ('z', true), ('z >> z', true), ('z >> z >> z', true), ('z >> z >> z >> z', true), ('z >> z >> z >> z >> z', false), ('z >> z >> z >> z >> o', true), ('z > o within 10 seconds', true), ('z > t within 2 seconds', true), ('z > t within 1 second', false), ('o >> t >> z', true)) v (f, want);
SELECT is((SELECT count(*) FROM (SELECT entry FROM chain(ev(d, '1 second'), (f || ' every entry')::funnel_steps) GROUP BY entry HAVING max(step) = array_length(steps(f::funnel_steps), 1)) x), want::bigint, 'how often: ' || f)
    FROM (SELECT 'z0 z1 z2 z3 o4 t5 z6 z7 z8 z9 o10 o11' AS d) d, (VALUES ('z', 8), ('z >> z', 4), ('z >> z >> z', 2), ('z >> z >> z >> z', 2), ('z >> z >> z >> z >> z', 0), ('o', 3), ('t', 1), ('x', 0), ('z >> z >> z >> z >> o', 2)) v (f, want);
SELECT * FROM finish();
ROLLBACK;
