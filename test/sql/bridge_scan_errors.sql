\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- What bridge_agg over raw rows refuses, and what it makes of little or nothing.
SELECT plan(78);

CREATE TABLE r (account bigint, at date, amount numeric);
INSERT INTO r VALUES (1, '2024-01-31', 10), (2, '2024-01-01', 20), (1, '2024-02-10', 15), (3, '2024-03-03', 5);
CREATE TABLE s (account bigint, valid daterange, amount numeric);
INSERT INTO s VALUES (1, '[2024-01-10,2024-03-01)', 10), (2, '[2024-02-01,)', 20);

-- NULL arguments
SELECT refused($$ SELECT bridge_agg(NULLIF(account, 3), at, amount, '1 month') FROM r $$, '22004', 'account', 'a NULL account: bigint');
SELECT refused($$ SELECT bridge_agg(NULLIF(account, 3)::text, at, amount, '1 month') FROM r $$, '22004', 'account', 'a NULL account: text');
SELECT refused($$ SELECT bridge_agg(NULL::uuid, at, amount, '1 month') FROM r $$, '22004', 'account', 'a NULL account: uuid');
SELECT refused($$ SELECT bridge_agg(NULL::bigint, valid, amount, '1 month') FROM s $$, '22004', 'account', 'a NULL account of a subscription');
SELECT refused($$ SELECT bridge_agg(account, NULLIF(at, '2024-03-03'), amount, '1 month') FROM r $$, '22004', '"at"', 'a NULL date');
SELECT refused($$ SELECT bridge_agg(account, at, amount, NULL::interval) FROM r $$, '22004', '"step"', 'a NULL step');
SELECT refused($$ SELECT bridge_agg(account, at, amount, CASE WHEN account < 3 THEN '1 month'::interval END) FROM r $$, '22004', '"step"', 'a step that becomes NULL');
SELECT refused($$ SELECT bridge_agg(account, at, amount, NULL::interval, '1 month') FROM r $$, '22004', '"every"', 'a NULL every');
SELECT refused($$ SELECT bridge_agg(account, at, amount, '1 month', NULL::date, '2025-01-01') FROM r $$, '22004', '"from_date"', 'a NULL from_date');
SELECT refused($$ SELECT bridge_agg(account, at, amount, '1 month', '2024-01-01', NULL::date) FROM r $$, '22004', '"to_date"', 'a NULL to_date');
SELECT refused($$ SELECT bridge_agg(account, at, amount, '1 month', '2024-01-01', CASE WHEN account < 3 THEN '2025-01-01'::date END) FROM r $$, '22004', '"to_date"', 'a to_date that becomes NULL');
SELECT refused($$ SELECT bridge_agg(account, valid, amount, NULL::interval) FROM s $$, '22004', '"step"', 'a NULL step of subscriptions');

-- Parameters that vary
SELECT refused($$ SELECT bridge_agg(account, at, amount, account * '1 month'::interval) FROM r $$, '22023', '"step" varies', 'a step that varies');
SELECT refused($$ SELECT bridge_agg(account, at, amount, account * '1 month'::interval, '12 months') FROM r $$, '22023', '"every" varies', 'an every that varies');
SELECT refused($$ SELECT bridge_agg(account, at, amount, '1 month', account * '1 month'::interval) FROM r $$, '22023', '"step" varies', 'a step that varies beside every');
SELECT refused($$ SELECT bridge_agg(account, at, amount, '1 month', '2024-01-01'::date + account::int, '2025-01-01') FROM r $$, '22023', '"from_date" varies', 'a from_date that varies');
SELECT refused($$ SELECT bridge_agg(account, valid, amount, '1 month', '2024-01-01', '2025-01-01'::date + account::int) FROM s $$, '22023', '"to_date" varies', 'a to_date that varies');

-- Dates
SELECT refused($$ SELECT bridge_agg(account, CASE account WHEN 3 THEN 'infinity' ELSE at END, amount, '1 month') FROM r $$, '22023', '"at" .* infinity', 'an infinite date');
SELECT refused($$ SELECT bridge_agg(account, CASE account WHEN 3 THEN '-infinity' ELSE at END, amount, '1 month', '2024-01-01', '2025-01-01') FROM r $$, '22023', '"at" .* -infinity', 'an infinite date in the past');
SELECT refused($$ SELECT bridge_agg(account, at, amount, '1 month', '-infinity', '2025-01-01') FROM r $$, '22023', 'infinity', 'an infinite from_date');
SELECT refused($$ SELECT bridge_agg(account, at, amount, '1 month', '2024-01-01', 'infinity') FROM r $$, '22023', 'infinity', 'an infinite to_date');
SELECT refused($$ SELECT bridge_agg(account, at, amount, '1 month', '2025-01-01', '2024-01-01') FROM r $$, '22023', 'order', 'bounds in the wrong order');
SELECT refused($$ SELECT bridge_agg(account, at, amount, '1 month', '2025-01-01', '2025-01-01') FROM r $$, '22023', 'order', 'bounds that are the same');
SELECT refused($$ SELECT bridge_agg(account, daterange(NULL, '2024-03-01'), amount, '1 month') FROM s $$, '22023', 'start', 'a subscription without a start');
SELECT refused($$ SELECT bridge_agg(account, daterange('-infinity', '2024-03-01'), amount, '1 month') FROM s $$, '22023', 'start', 'a subscription with an infinite start');
SELECT refused($$ SELECT bridge_agg(account, daterange('infinity', NULL), amount, '1 month') FROM s $$, '22023', 'start', 'a subscription that starts in the infinite');
SELECT refused($$ SELECT bridge_agg(1, at, 1, '1 month') FROM unnest(ARRAY['5874897-11-30', '5874897-12-31']::date[]) AS at $$, '22008', 'unit .5874897-12-01,infinity. reaches', 'a unit that reaches beyond the last date');
SELECT refused($$ SELECT bridge_agg(1::bigint, daterange('5874897-12-30', NULL), 1, '1 month') $$, '22008', 'unit .5874897-12-01,infinity. reaches', 'the same of a subscription');

-- Steps
SELECT refused(format($$ SELECT bridge_agg(account, at, amount, %L::interval) FROM r $$, step), '22023', '"step"', 'a step of ' || step)
FROM unnest(ARRAY['0', '-1 month', '-7 days', '1 month 1 day', '1 hour', '1 day 1 hour', '5 months', '24 months', '1 month -1 day']) AS step;
SELECT refused($$ SELECT bridge_agg(account, at, amount, '5 months', '10 months') FROM r $$, '22023', '"every"', 'an every that does not divide a year');
SELECT refused($$ SELECT bridge_agg(account, at, amount, '3 months', '4 months') FROM r $$, '22023', 'multiple', 'a step that is no multiple of every');
SELECT refused($$ SELECT bridge_agg(account, at, amount, '1 month', '30 days') FROM r $$, '22023', 'multiple', 'a step of days over months', 'whole calendar units');
SELECT refused($$ SELECT bridge_agg(account, at, amount, '1 day', '1 month') FROM r $$, '22023', 'multiple', 'a step of months over days', 'daterange\(at, at \+ 1\)');
SELECT refused($$ SELECT bridge_agg(account, at, amount, '14 days', '1 month') FROM r $$, '22023', 'multiple', 'a step of months over weeks', 'daterange\(at, at \+ 14\)');
SELECT refused($$ SELECT bridge_agg(account, at, amount, '3 months', '1 month') FROM r $$, '22023', 'multiple', 'a step shorter than every');
SELECT refused($$ SELECT bridge_agg(account, valid, amount, '5 months') FROM s $$, '22023', '"step"', 'subscriptions in steps that lie nowhere on the calendar');
SELECT is((SELECT cardinality(bridge_agg(account, valid, amount, '5 months', '2024-01-01', '2025-01-01')) FROM s), 2, 'within bounds they need not');

-- Too many intervals
SELECT refused($$ SELECT bridge_agg(account, at, amount, '1 day', '2000-01-01', '2300-01-01') FROM r $$, '54000', '100000', 'too many intervals between bounds');
SELECT refused($$ SELECT bridge_agg(account, CASE account WHEN 3 THEN '2300-01-01' ELSE at END, amount, '1 day') FROM r $$, '54000', '100000', 'too many intervals between rows');
SELECT refused($$ SELECT bridge_agg(account, daterange(CASE account WHEN 1 THEN '1700-01-01' ELSE '2024-01-01'::date END, NULL), amount, '1 day') FROM s $$, '54000', '100000', 'too many intervals between subscriptions');
SELECT is((SELECT cardinality(bridge_agg(account, at, amount, '1 day', '2024-01-01', '2024-01-01'::date + 100000)) FROM r), 100000, '100,000 intervals');

-- Amounts
SELECT refused($$ SELECT bridge_agg(account, at, CASE account WHEN 3 THEN 'NaN' ELSE amount END, '1 month') FROM r $$, '22023', 'NaN', 'NaN');
SELECT refused($$ SELECT bridge_agg(account, at, CASE account WHEN 3 THEN 'Infinity' ELSE amount END, '1 month') FROM r $$, '22023', 'Infinity', 'an infinite amount');
SELECT refused($$ SELECT bridge_agg(account, valid, 'NaN', '1 month') FROM s $$, '22023', 'NaN', 'NaN of a subscription');
SELECT refused($$ SELECT bridge_agg(account, at, 1e38 * amount, '1 month') FROM r $$, '22003', '38 digits', 'more than 38 digits');
SELECT refused($$ SELECT bridge_agg(1, at, 9e37, '1 month', '2024-01-01', '2025-01-01') FROM r $$, '22003', '38 digits', 'amounts of one account that add up to more');
SELECT refused($$ SELECT bridge_agg(account, at, 9e37, '1 month', '2024-01-01', '2025-01-01') FROM r $$, '22003', '38 digits', 'amounts of accounts that add up to more');
SELECT refused($$ SELECT bridge_agg(account, daterange('2024-01-01', NULL), 9e37, '1 month', '2023-01-01', '2025-01-01') FROM s $$, '22003', '38 digits', 'amounts of subscriptions that add up to more');
SELECT is((SELECT ending(unnest(bridge_agg(1, '2024-01-01'::date, a, '1 month', '2024-01-01', '2024-02-01'))) FROM unnest(ARRAY[9e37, 9e37, -9e37, 5]) AS a), 9e37 + 5, 'sums along the way may be larger');
SELECT refused($$ SELECT bridge_agg(account, at, amount + 0.00000000000000000001, '1 month') FROM (SELECT * FROM r UNION ALL SELECT 4, '2024-03-01', 1e30) AS x $$, '22003', '38 digits', 'more than 38 digits at the common scale');

-- Negative totals
SELECT refused($$ SELECT bridge_agg(account, at, amount, '1 month') FROM (SELECT * FROM r UNION ALL SELECT 77, '2024-02-05', -5.5) AS x $$, '22023', 'account 77 is negative on 2024-02-29: -5.50?$', 'a negative total names account and date: bigint');
SELECT refused($$ SELECT bridge_agg('Ac' || account, at, -amount, '1 month', '2024-01-15', '2024-03-15') FROM r WHERE account = 2 $$, '22023', 'account Ac2 is negative on 2024-01-14: -20', 'text');
SELECT refused($$ SELECT bridge_agg(repeat('long', 100), at, -amount, '1 month', '2024-01-15', '2024-03-15') FROM r WHERE account = 2 $$, '22023', 'account (long){20} is', 'long text is cut');
SELECT refused($$ SELECT bridge_agg('00000000-0000-0000-0000-00000000002a'::uuid, valid, -amount, '1 month', '2024-01-31', '2025-01-31') FROM s WHERE account = 1 $$, '22023', 'account 00000000-0000-0000-0000-00000000002a is negative on 2024-01-30: -10', 'uuid, subscriptions');
SELECT refused($$ SELECT bridge_agg(a, '2023-12-01'::date + 30 * m, CASE WHEN a = 777 AND m = 5 THEN -1 ELSE a END, '1 month') FROM generate_series(1, 900) AS a, generate_series(0, 9) AS m $$, '22023', 'account 777 is negative on 2024-04-30: -1', 'among many rows');
SELECT refused($$ SELECT bridge_agg(a, '2023-12-01'::date + 30 * m, CASE WHEN a = 777 AND m = 9 THEN -1 ELSE a END, '1 month' ORDER BY m) FROM generate_series(1, 900) AS a, generate_series(0, 9) AS m $$, '22023', 'account 777 is negative on 2024-08-31: -1', 'in the last unit of many in order');
SELECT is((SELECT ending(b[2]) FROM (SELECT bridge_agg(account, at, amount, '1 month') AS b FROM (SELECT * FROM r UNION ALL SELECT 77, '2024-02-05', -5 UNION ALL SELECT 77, '2024-02-07', 5) AS x) AS y), 5::numeric, 'a negative row is none');
SELECT is((SELECT cardinality(bridge_agg(account, at, amount, '1 month', '3 months', '2024-01-01', '2024-07-01')) FROM (SELECT * FROM r UNION ALL SELECT 77, '2024-02-05', -5) AS x), 2, 'a negative total between the boundaries is none');
SELECT is((SELECT bridge_agg(account, at, amount, '1 month', '2024-01-01', '2024-03-01')::text FROM (SELECT * FROM r UNION ALL SELECT 77, '2024-03-05', -5) AS x), (SELECT bridge_agg(account, at, amount, '1 month', '2024-01-01', '2024-03-01')::text FROM r), 'nor is one behind the last boundary');

-- Little or nothing
SELECT is((SELECT bridge_agg(account, at, amount, '1 month') FROM r WHERE false), NULL, 'no rows');
SELECT is((SELECT bridge_agg(account, NULL::daterange, amount, '1 month') FROM s), NULL, 'only rows that are ignored');
SELECT is((SELECT bridge_agg(account, CASE WHEN account > 5 THEN valid ELSE 'empty' END, amount, '1 month', '2024-01-01', '2025-01-01') FROM s), NULL, 'only empty ranges');
SELECT is((SELECT bridge_agg(account, at, amount, '1 year') FROM r), '{}', 'one unit');
SELECT is((SELECT bridge_agg(account, at, amount, '1 month', '6 months') FROM r), '{}', 'fewer units than a step');
SELECT is((SELECT bridge_agg(account, at, amount, '1 month', '2024-01-01', '2024-01-31') FROM r), '{}', 'bounds closer than a step');
SELECT is((SELECT bridge_agg(account, valid, amount, '1 year', '2024-01-02', '2025-01-01') FROM s), '{}', 'subscriptions in bounds closer than a step');
SELECT is((SELECT array_agg(ending(i) || ' ' || accounts_new(i)) FROM unnest((SELECT bridge_agg(account, at, amount, '1 month', '2030-01-01', '2030-03-01') FROM r)) AS i), '{"0 0","0 0"}', 'rows all before the bounds');
SELECT is((SELECT array_agg(ending(i) || ' ' || accounts_new(i)) FROM unnest((SELECT bridge_agg(account, at, amount * 1.00, '1 month', '2020-01-01', '2020-03-01') FROM r)) AS i), '{"0.00 0","0.00 0"}', 'rows all behind the bounds');
SELECT is((SELECT array_agg(period(i) || ' ' || starting(i)) FROM unnest((SELECT bridge_agg(account, at, amount, '1 month') FROM r)) AS i), '{"[2024-02-01,2024-03-01) 30","[2024-03-01,2024-04-01) 15"}', 'without bounds, the first unit is the opening balance');
SELECT is((SELECT array_agg(period(i) || ' ' || new_business(i)) FROM unnest((SELECT bridge_agg(account, valid, amount, '1 month') FROM s)) AS i), '{"[2024-01-01,2024-02-01) 10","[2024-02-01,2024-03-01) 20"}', 'without bounds, subscriptions run to the unit of the latest start');

SELECT finish();
ROLLBACK;
