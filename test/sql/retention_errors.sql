\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- Bad input: every refusal with its SQLSTATE, and the value in the message where one value is to blame.
SELECT plan(189);

-- Amounts, through every aggregate and movement().
CREATE TABLE calls (n int, call text);
INSERT INTO calls VALUES
    (1, 'ndr_agg(%s, %s)'), (2, 'grr_agg(%s, %s)'), (3, 'churn_agg(%s, %s)'), (4, 'revenue_churn_agg(%s, %s)'), (5, 'quick_ratio_agg(%s, %s)'), (6, 'survivor_ndr_agg(%s, %s, 1)'),
    (7, 'retention_agg(%s, %s)'), (8, 'retention_agg(%s, %s, daterange(''2024-01-01'', ''2025-01-01''))'), (9, 'retention_agg(%s, %s, true)'), (10, 'movement(%s, %s)'), (11, 'movement(%s, %s, true)');
SELECT refused('SELECT ' || format(call, s, e), state, pattern, format('%s: %s is refused with %s', format(call, s, e), problem, state))
FROM calls, (VALUES
    (1, '-0.01', '5', '22023', '-0\.01', 'a negative starting amount'), (2, '5', '-12.5', '22023', '-12\.5', 'a negative ending amount'),
    (3, '''NaN''', '5', '22023', 'NaN', 'NaN'), (4, '5', '''Infinity''', '22023', 'nfinity', 'an infinite amount'), (5, '''-Infinity''', '5', '22023', 'nfinity', 'a negative infinite amount')
) AS bad (m, s, e, state, pattern, problem) WHERE n < 3 OR n IN (6, 7) OR m IN (1, 3) ORDER BY n, m;
SELECT refused(format('SELECT %s OVER (ROWS 1 PRECEDING) FROM (VALUES (1, 1), (2, 2), (-3, 3)) v (s, e)', replace(call, '%s, %s', 's, e')), '22023', '-3', format('%s over a moving window: a negative amount is refused', format(call, 's', 'e')))
FROM calls WHERE n IN (1, 6) ORDER BY n;

-- More than 38 digits.
SELECT refused('SELECT ' || format(call, s, e), '22003', '', format('%s: %s is refused with 22003', format(call, 's', 'e'), problem))
FROM calls, (VALUES
    (1, '1e38', '5', 'an amount of 39 digits'), (2, '5', '1e-39', 'an amount of 39 decimal places'), (3, '1234567890123456789012345678901234567.25', '5', 'an amount of 39 digits around the point'),
    (4, '99999999999999999999999999999999999999', '1.1', 'two amounts that need 39 digits at the common scale'), (5, '1e1000', '1', 'an amount far out')
) AS bad (m, s, e, problem) WHERE n IN (1, 6, 7) OR (m = 1 AND n < 10) ORDER BY n, m;
SELECT refused(format('SELECT %s FROM (VALUES %s) v (s, e)', format(call, 's', 'e'), rows), '22003', '38 digits', format('%s: %s is refused with 22003', format(call, 's', 'e'), problem))
FROM calls, (VALUES
    (1, '(99999999999999999999999999999999999999, 1), (1, 1)', 'a starting total of 39 digits'),
    (2, '(99999999999999999999999999999999999999, 1), (99999999999999999999999999999999999999, 1)', 'a starting total near 2e38'),
    (3, '(1, 99999999999999999999999999999999999999), (1, 99999999999999999999999999999999999999)', 'an ending total near 2e38'),
    (4, '(0, 99999999999999999999999999999999999999), (0, 99999999999999999999999999999999999999)', 'new business near 2e38'),
    (5, '(9, 60000000000000000000000000000000000000), (0, 60000000000000000000000000000000000000)', 'an ending total of existing and new accounts that is too large'),
    (6, '(99999999999999999999999999999999999999, 1), (1, 0.5)', 'a sum that needs 39 digits at the common scale'),
    (7, '(1, 0.5), (99999999999999999999999999999999999999, 1)', 'the same in the other order')
) AS bad (m, rows, problem) WHERE n IN (1, 7) ORDER BY n, m;
SELECT refused($$ SELECT retention_agg(s, e, was) FROM (VALUES (1, 90000000000000000000000000000000000000, false), (0, 90000000000000000000000000000000000000, false), (0, 90000000000000000000000000000000000000, true)) v (s, e, was) $$,
               '22003', '38 digits', 'existing, new and reactivated business near 3e38 are refused with 22003');
SELECT refused($$ SELECT a.r + b.r FROM (SELECT retention_agg(s, e, was) AS r FROM (VALUES (1::numeric, 90000000000000000000000000000000000000, false)) v (s, e, was)) a,
                                       (SELECT retention_agg(s, e, was) AS r FROM (VALUES (0::numeric, 90000000000000000000000000000000000000, true)) v (s, e, was)) b $$,
               '22003', '38 digits', 'r + r past 38 digits is refused with 22003');
SELECT refused($$ SELECT rollup(r) FROM (SELECT retention_agg(99999999999999999999999999999999999999, i) AS r FROM generate_series(1, 2) i GROUP BY i) x $$, '22003', '38 digits', 'rollup near 2e38 is refused with 22003');
SELECT refused($$ SELECT a.r + b.r FROM (SELECT retention_agg(99999999999999999999999999999999999999, 1) AS r) a, (SELECT retention_agg(0, 0.25) AS r) b $$, '22003', '38 digits', 'r + r that needs 39 digits at the common scale is refused with 22003');

-- Threshold, target, confidence, k.
SELECT refused('SELECT ' || call, state, pattern, format('%s is refused with %s', call, state))
FROM (VALUES
    (1, 'survivor_ndr_agg(1, 1, NULL)', '22004', 'threshold'), (2, 'survivor_ndr_agg(1, 1, -1)', '22023', 'the threshold must not be negative: -1'), (3, 'survivor_ndr_agg(1, 1, ''NaN'')', '22023', 'the threshold must be a finite number, not NaN'), (4, 'survivor_ndr_agg(1, 1, ''Infinity'')', '22023', 'nfinity')
) AS bad (n, call, state, pattern) ORDER BY n;
SELECT refused(format('SELECT %s(r, %s) FROM (SELECT retention_agg(10, 10) AS r) x', accessor, argument), '22023', '', format('%s(r, %s) is refused with 22023', accessor, argument))
FROM (VALUES (1, 'quota_attainment', '{-1,''NaN'',''Infinity''}'::text[]), (2, 'quota_growth_attainment', '{-1,''NaN'',''Infinity''}'), (3, 'quota_gap', '{-1,''NaN'',''Infinity''}'),
             (4, 'ndr_interval', '{0,1,-0.5,95,''NaN'',''Infinity''}'), (5, 'grr_interval', '{0,1,-0.5,95,''NaN''}'), (6, 'logo_churn_interval', '{0,1,-0.5,95,''NaN''}'),
             (7, 'top_share', '{0,11,-1,2147483647}'), (8, 'ndr_without_top', '{0,11,-1}')) v (n, accessor, arguments), unnest(arguments) WITH ORDINALITY u (argument, m) ORDER BY n, m;
SELECT refused(format('SELECT %s(r, %s) FROM (SELECT retention_agg(10, 10) AS r) x', accessor, argument), '22023', 'target must be a ratio, not ' || argument, format('%s(r, %s): a percent is refused', accessor, argument), hint)
FROM (VALUES (1, 'quota_attainment', '110', 'Use 1.10 for 110 %'), (2, 'quota_growth_attainment', '120', 'Use 1.20 for 120 %'), (3, 'quota_gap', '102.5', 'Use 1.025 for 102.5 %'), (4, 'quota_attainment', '5', 'Use 0.05 for 5 %')) v (n, accessor, argument, hint) ORDER BY n;
SELECT is((SELECT (quota_attainment(r, 4.99), quota_growth_attainment(r, 4.99), quota_gap(r, 4.99))::text FROM (SELECT retention_agg(10, 499) AS r) x), '(10.0000000000000000,12.2556390977443609,-449.10)', 'a target below 5 is a ratio');
SELECT is((SELECT (ndr_interval(r, NULL), grr_interval(r, NULL), logo_churn_interval(r, NULL), top_share(r, NULL), ndr_without_top(r, NULL), quota_gap(r, NULL))::text FROM (SELECT retention_agg(10, 10) AS r) x),
          '(,,,,,)', 'a NULL argument of an accessor gives NULL');

-- Period and currency of retention_agg.
SELECT refused('SELECT ' || call, state, pattern, format('%s is refused with %s', call, state))
FROM (VALUES
    (1, 'retention_agg(1, 1, NULL::daterange)', '22004', 'period'), (2, 'retention_agg(1, 1, true, NULL)', '22004', 'period'), (3, 'retention_agg(1, 1, daterange(''empty''))', '22023', 'empty'),
    (4, 'retention_agg(1, 1, daterange(NULL, ''2024-01-01''))', '22023', ''), (5, 'retention_agg(1, 1, daterange(''2024-01-01'', NULL))', '22023', ''),
    (6, 'retention_agg(1, 1, daterange(''-infinity'', ''2024-01-01''))', '22023', ''), (7, 'retention_agg(1, 1, daterange(''2024-01-01'', ''infinity''))', '22023', ''),
    (8, 'retention_agg(1, 1, true, daterange(''2024-01-01'', NULL))', '22023', ''),
    (9, 'retention_agg(1, 1, daterange(''2024-01-01'', ''2025-01-01''), '''')', '22023', ''), (10, 'retention_agg(1, 1, daterange(''2024-01-01'', ''2025-01-01''), ''EU R'')', '22023', 'EU R'),
    (11, 'retention_agg(1, 1, daterange(''2024-01-01'', ''2025-01-01''), ''ABCDEFGHIJKLMNOP'')', '22023', ''), (12, 'retention_agg(1, 1, daterange(''2024-01-01'', ''2025-01-01''), ''E"R'')', '22023', ''),
    (13, 'retention_agg(1, 1, daterange(''2024-01-01'', ''2025-01-01''), ''EUR'' || chr(10))', '22023', '')
) AS bad (n, call, state, pattern) ORDER BY n;
SELECT is((SELECT period(retention_agg(1, 1, '[2024-01-01,2024-12-31]'::daterange))::text), '[2024-01-01,2025-01-01)', 'an inclusive end is read as the day after');
SELECT is((SELECT currency(retention_agg(1, 1, '[2024-01-01,2025-01-01)'::daterange, NULL))), NULL, 'currency NULL is no code');
SELECT is((SELECT currency(retention_agg(1, 1, '[2024-01-01,2025-01-01)'::daterange, 'Az0_.-cdefghijk'))), 'Az0_.-cdefghijk', 'a currency code of 15 characters is kept as it is');

-- What does not merge, by every way of merging.
CREATE TABLE kinds (kind text, r retention_summary);
INSERT INTO kinds VALUES ('unknown', (SELECT retention_agg(1, 2))), ('january', (SELECT retention_agg(1, 2, daterange('2024-01-01', '2024-02-01')))), ('february', (SELECT retention_agg(1, 2, daterange('2024-02-01', '2024-03-01')))),
    ('quarter', (SELECT retention_agg(1, 2, daterange('2024-01-01', '2024-04-01')))), ('january EUR', (SELECT retention_agg(1, 2, daterange('2024-01-01', '2024-02-01'), 'EUR'))),
    ('january USD', (SELECT retention_agg(1, 2, daterange('2024-01-01', '2024-02-01'), 'USD')));
SELECT refused(format('SELECT a.r + b.r FROM kinds a, kinds b WHERE a.kind = %L AND b.kind = %L', a, b), '22023', pattern, format('r + r of %s and %s is refused, with a hint', a, b), '.')
FROM (VALUES (1, 'unknown', 'january', 'period'), (2, 'january', 'unknown', 'period'), (3, 'january', 'february', 'period'), (4, 'january', 'quarter', 'period'),
             (5, 'january', 'january EUR', 'currenc'), (6, 'january EUR', 'january', 'currenc'), (7, 'january EUR', 'january USD', 'currenc')) v (n, a, b, pattern) ORDER BY n;
SELECT refused(format('SELECT rollup(r) FROM kinds WHERE kind = ANY (%L)', k), '22023', '', format('rollup of %s is refused, with a hint', array_to_string(k, ' and ')), '.')
FROM (VALUES (1, '{unknown,january}'::text[]), (2, '{january,february}'), (3, '{january,january EUR}'), (4, '{january EUR,january USD}')) v (n, k) ORDER BY n;
SELECT refused(format('SELECT rollup(rs) FROM (SELECT ARRAY[r] AS rs FROM kinds WHERE kind = ANY (%L)) x', k), '22023', '', format('rollup of arrays of %s is refused, with a hint', array_to_string(k, ' and ')), '.')
FROM (VALUES (1, '{unknown,january}'::text[]), (2, '{january,february}'), (3, '{january EUR,january USD}')) v (n, k) ORDER BY n;
SELECT refused($$ SELECT retention_agg(1, 1, p) FROM (VALUES (daterange('2024-01-01', '2024-02-01')), (daterange('2024-02-01', '2024-03-01'))) v (p) $$, '22023', '', 'retention_agg over rows of two periods is refused, with a hint', '.');
SELECT refused($$ SELECT retention_agg(1, 1, daterange('2024-01-01', '2024-02-01'), c) FROM (VALUES ('EUR'), ('USD')) v (c) $$, '22023', '', 'retention_agg over rows of two currencies is refused, with a hint', '.');
SELECT refused($$ SELECT retention_agg(1, 1, daterange('2024-01-01', '2024-02-01'), c) FROM (VALUES ('EUR'), (NULL)) v (c) $$, '22023', '', 'retention_agg over rows with and without a currency is refused, with a hint', '.');

-- Arrays: elements that are NULL, of unknown period, out of order, with holes, of different lengths.
CREATE FUNCTION month(k int) RETURNS retention_summary LANGUAGE sql AS $$
    SELECT retention_agg(1, 2, daterange(('2024-01-01'::date + (k - 1) * interval '1 month')::date, ('2024-01-01'::date + k * interval '1 month')::date))
$$;
SELECT refused(format('SELECT count(*) FROM %s(ARRAY[month(1), NULL, month(3)])', figure), '22004', '', format('%s of an array with a NULL is refused with 22004', figure))
FROM unnest('{bridge,chained_ndr,chained_grr,flow_ndr,mean_ndr,weighted_ndr,rollup}'::text[]) WITH ORDINALITY u (figure, n) WHERE figure <> 'rollup' ORDER BY n;
SELECT refused('SELECT rollup(rs) FROM (VALUES (ARRAY[month(1), NULL])) v (rs)', '22004', '', 'rollup of an array with a NULL is refused with 22004');
SELECT refused(format('SELECT %s(ARRAY[%s])', figure, elements), '22023', '', format('%s of %s is refused', figure, problem))
FROM unnest('{chained_ndr,chained_grr,flow_ndr}'::text[]) WITH ORDINALITY u (figure, n),
     (VALUES (1, 'month(1), month(3)', 'intervals with a hole'), (2, 'month(2), month(1)', 'intervals in disorder'), (3, 'month(1), month(1)', 'an interval given twice'),
             (4, '(SELECT retention_agg(1, 2)), (SELECT retention_agg(1, 2))', 'intervals unknown'), (5, '(SELECT r FROM kinds WHERE kind = ''january EUR''), month(2)', 'amounts in different currencies')) v (m, elements, problem) ORDER BY n, m;
SELECT refused(format('SELECT %s(ARRAY[%s])', figure, elements), '22023', '', format('%s of %s is refused', figure, problem))
FROM unnest('{mean_ndr,weighted_ndr}'::text[]) WITH ORDINALITY u (figure, n),
     (VALUES (1, 'month(1), (SELECT r FROM kinds WHERE kind = ''quarter'')', 'windows that are not equal'), (2, 'month(1), month(2), month(4)', 'steps that are not equal'), (3, 'month(2), month(1)', 'windows in disorder'),
             (4, '(SELECT retention_agg(1, 2)), (SELECT retention_agg(1, 2))', 'intervals unknown'), (5, '(SELECT r FROM kinds WHERE kind = ''january EUR''), month(2)', 'amounts in different currencies')) v (m, elements, problem) ORDER BY n, m;
SELECT refused(format('SELECT count(*) FROM %s(ARRAY[[month(1)], [month(2)]])', figure), '22023', '', format('%s of an array of two dimensions is refused', figure))
FROM unnest('{bridge,chained_ndr,mean_ndr}'::text[]) WITH ORDINALITY u (figure, n) ORDER BY n;
SELECT refused('SELECT rollup(rs) FROM (VALUES (ARRAY[month(1), month(2)]), (ARRAY[month(1)])) v (rs)', '22023', '', 'rollup of arrays of different lengths is refused');
SELECT refused('SELECT rollup(rs) FROM (VALUES (ARRAY[month(1), month(2)]), (ARRAY[month(2), month(1)])) v (rs)', '22023', '', 'rollup of arrays with other intervals at the same place is refused');
SELECT refused('SELECT rollup(rs) FROM (VALUES (ARRAY[month(1)]), (ARRAY[]::retention_summary[])) v (rs)', '22023', '', 'rollup of an empty array and one that is not is refused');

-- Empty input.
SELECT is((SELECT (ndr_agg(1, 1), grr_agg(1, 1), churn_agg(1, 1), churn_agg(true), revenue_churn_agg(1, 1), quick_ratio_agg(1, 1), survivor_ndr_agg(1, 1, 0), retention_agg(1, 1),
                   retention_agg(1, 1, daterange(NULL, NULL)), rollup(NULL::retention_summary[]))::text FROM generate_series(1, 0)), '(,,,,,,,,,)', 'aggregates of no rows are NULL');

SELECT * FROM finish();
ROLLBACK;
