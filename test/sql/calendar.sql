\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
SET LOCAL intervalstyle = 'postgres';
-- Steps, boundaries and calendar units, asked through what uses them: boundary k is from + k * step, as the server adds it.
SELECT plan(54);

CREATE FUNCTION periods(from_date date, to_date date, step interval) RETURNS daterange[] LANGUAGE sql IMMUTABLE AS $$
    SELECT array_agg(period(r) ORDER BY i) FROM (SELECT bridge_agg('{"scale": 0, "steps": []}'::revenue_history, from_date, to_date, step) AS rs) x, unnest(rs) WITH ORDINALITY u (r, i)
$$;
CREATE FUNCTION expected_periods(from_date date, to_date date, step interval) RETURNS daterange[] LANGUAGE sql IMMUTABLE AS $$
    SELECT array_agg(daterange((from_date + k * step)::date, (from_date + (k + 1) * step)::date) ORDER BY k) FROM generate_series(0, 1500) k WHERE from_date + (k + 1) * step <= to_date
$$;

SELECT is((SELECT count(*) FROM generate_series('2023-12-25'::date, '2024-03-05', '1 day') f, generate_series(1, 13) n
           WHERE periods(f::date, f::date + 1000, n * interval '1 month') IS DISTINCT FROM expected_periods(f::date, f::date + 1000, n * interval '1 month')), 0::bigint, 'steps of 1 to 13 months from each day around a leap year''s February');
SELECT is((SELECT count(*) FROM generate_series(1, 400) d WHERE periods('2023-11-30', '2023-11-30'::date + d, '1 month') IS DISTINCT FROM expected_periods('2023-11-30', '2023-11-30'::date + d, '1 month')), 0::bigint, 'an interval that would end after the last day is not returned');
SELECT is((SELECT count(*) FROM generate_series(1, 40) n WHERE periods('2023-12-31', '2025-03-01', n * interval '1 day') IS DISTINCT FROM expected_periods('2023-12-31', '2025-03-01', n * interval '1 day')), 0::bigint, 'steps of 1 to 40 days');
SELECT is((SELECT count(*) FROM (VALUES ('0044-03-31 BC'::date), ('0001-01-31'), ('0001-12-31 BC'), ('1582-10-04'), ('1900-02-28'), ('2000-02-29'), ('2100-02-28'), ('9999-12-31')) v (f), generate_series(1, 25, 4) n
           WHERE periods(f, f + 2000, n * interval '1 month') IS DISTINCT FROM expected_periods(f, f + 2000, n * interval '1 month')), 0::bigint, 'years BC, leap and common centuries');
SELECT is(periods('2024-01-31', '2024-05-01', '1 month'), '{"[2024-01-31,2024-02-29)","[2024-02-29,2024-03-31)","[2024-03-31,2024-04-30)"}', 'from 31 January: ends of months, not the 29th for ever');
SELECT is(periods('2024-02-29', '2028-03-01', '1 year'), '{"[2024-02-29,2025-02-28)","[2025-02-28,2026-02-28)","[2026-02-28,2027-02-28)","[2027-02-28,2028-02-29)"}', 'from a leap day by years');
SELECT is(array_length(periods('2000-01-01', '2273-10-16', '1 day'), 1), 100000, '100,000 intervals are allowed');
SELECT refused('SELECT periods(''2000-01-01'', ''2273-10-17'', ''1 day'')', '54000', '1 day.*100001', 'one more is refused');
SELECT refused('SELECT trailing_agg(''{"scale": 0, "steps": []}''::revenue_history, ''2000-01-01'', ''2273-10-16'', ''1 day'', ''1 day'')', '54000', '1 day.*100001', 'trailing windows are counted too');
SELECT is(periods('5874896-01-31', '5874897-12-31', '11 months'), '{"[5874896-01-31,5874896-12-31)","[5874896-12-31,5874897-11-30)"}', 'up to the last date there is');
SELECT is(periods('4714-11-24 BC', '4714-12-31 BC', '1 month'), '{"[4714-11-24 BC,4714-12-24 BC)"}', 'from the first date there is');
SELECT is(periods('2024-01-01', '5874897-12-31', '80000000 months'), NULL, 'a step beyond the calendar makes no interval');
SELECT refused('SELECT trailing_agg(''{"scale": 0, "steps": []}''::revenue_history, ''4714-11-24 BC'', ''4713-11-24 BC'', ''1 month'', ''1 year'')', '22023', '-infinity.*first date', 'a window that starts before the first date there is');

-- Calendar units by name.
CREATE FUNCTION unit(at date, every interval) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT format('%s to %s', first_active(h), last_active(h)) FROM (SELECT history_agg(d, 1, every) AS h FROM (VALUES (at)) v (d)) x
$$;
SELECT is(unit(at, every), expected, format('the unit of %s that contains %s', every, at)) FROM (VALUES
    ('2024-02-29'::date, '1 month'::interval, '2024-02-01 to 2024-02-29'),
    ('2023-02-28', '1 month', '2023-02-01 to 2023-02-28'),
    ('2023-12-31', '1 month', '2023-12-01 to 2023-12-31'),
    ('2024-05-15', '3 months', '2024-04-01 to 2024-06-30'),
    ('2024-12-31', '3 months', '2024-10-01 to 2024-12-31'),
    ('2024-12-31', '4 months', '2024-09-01 to 2024-12-31'),
    ('2024-02-29', '6 months', '2024-01-01 to 2024-06-30'),
    ('2024-02-29', '1 year', '2024-01-01 to 2024-12-31'),
    ('0001-06-01 BC', '1 year', '0001-01-01 BC to 0001-12-31 BC'),
    ('2001-01-01', '1 week', '2001-01-01 to 2001-01-07'),
    ('2000-12-31', '1 week', '2000-12-25 to 2000-12-31'),
    ('2024-12-31', '1 week', '2024-12-30 to 2025-01-05'),
    ('2001-01-14', '2 weeks', '2001-01-01 to 2001-01-14'),
    ('2000-12-31', '2 weeks', '2000-12-18 to 2000-12-31'),
    ('2001-01-11', '10 days', '2001-01-11 to 2001-01-20'),
    ('2000-12-31', '10 days', '2000-12-22 to 2000-12-31'),
    ('2024-02-29', '1 day', '2024-02-29 to 2024-02-29'),
    ('2024-02-29', '24 months', NULL)
) v (at, every, expected) WHERE expected IS NOT NULL;
SELECT is((SELECT count(*) FROM generate_series('2019-01-01'::date, '2026-12-31', '1 day') d WHERE extract(isodow FROM split_part(unit(d::date, '1 week'), ' to ', 1)::date) <> 1), 0::bigint, 'weeks start on Monday');

-- Whoever names the last day where the day after it is asked for is told so: once a statement, whatever the number of groups, rows and calls.
CREATE TABLE held AS SELECT i AS account, i % 7 AS grp, history_agg(daterange('2023-05-01', NULL), i) AS h FROM generate_series(1, 50) i GROUP BY i;
CREATE TABLE asked (n int GENERATED ALWAYS AS IDENTITY, call text);
INSERT INTO asked (call) VALUES
    ('bridge_agg(h, f, t, ''1 month'')'), ('trailing_agg(h, f, t, ''1 month'', ''1 year'')'), ('cohort_agg(h, f, t, ''1 month'')'), ('sum(total(h, f, t, ''1 month''))'),
    ('sum((SELECT count(*) FROM movements(h, f, t, ''1 month'')))'), ('bridge_agg(account, daterange(''2023-05-01'', NULL), 5, ''1 month'', f, t)'), ('bridge_agg(account, ''2024-05-01''::date, 5, ''1 month'', f, t)'),
    ('bridge_agg(account, ''2024-05-01''::date, 5, ''1 month'', ''3 months'', f, t)'), ('retention_agg(h, f, t)'), ('retention_agg(account, daterange(''2023-05-01'', NULL), 5, f, t)');
CREATE FUNCTION ask(call text, f date, t date) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE answer AS SELECT grp, %s AS one, %1$s AS two FROM held, (VALUES (%L::date, %L::date)) v (f, t) GROUP BY grp', call, f, t);
    DROP TABLE answer;
    RETURN call || ', up to ' || t;
END $$;
SET LOCAL client_min_messages = notice;
SELECT pass(ask(call, '2024-01-01', '2024-12-31')) FROM asked WHERE n = 1;
SELECT pass(ask(call, '2024-01-01', '2024-12-31')) FROM asked WHERE n = 2;
SELECT pass(ask(call, '2024-01-01', '2024-12-31')) FROM asked WHERE n = 3;
SELECT pass(ask(call, '2024-01-01', '2024-12-31')) FROM asked WHERE n = 4;
SELECT pass(ask(call, '2024-01-01', '2024-12-31')) FROM asked WHERE n = 5;
SELECT pass(ask(call, '2024-01-01', '2024-12-31')) FROM asked WHERE n = 6;
SELECT pass(ask(call, '2024-01-01', '2024-12-31')) FROM asked WHERE n = 7;
SELECT pass(ask(call, '2024-01-01', '2024-12-31')) FROM asked WHERE n = 8;
SELECT pass(ask(call, '2024-01-01', '2024-12-31')) FROM asked WHERE n = 9;
SELECT pass(ask(call, '2024-01-01', '2024-12-31')) FROM asked WHERE n = 10;
SELECT pass(ask(call, '2023-02-01', '2025-01-31')) FROM asked WHERE n = 9;
SELECT pass(format('nothing is said up to %s: %s', t, string_agg(ask(call, f, t), '; '))) FROM asked, (VALUES ('2024-01-01'::date, '2025-01-01'::date), ('2024-01-01', '2024-12-30'), ('2024-01-15', '2024-12-31'), ('2024-02-10', '2024-12-31')) v (f, t) GROUP BY f, t ORDER BY f, t;
SELECT pass('nothing is said of days: ' || count(bridge)) FROM (SELECT bridge_agg(h, '2024-01-01', '2024-12-31', '1 day') AS bridge FROM held) x;
SELECT pass('nothing is said of one interval that starts within a month: ' || count(r)) FROM (SELECT retention_agg(h, '2023-12-31', '2024-12-31') AS r FROM held) x;
SELECT pass('nothing is said of a month up to its last day, as in a daily report: ' || count(r)) FROM (SELECT retention_agg(h, '2024-05-01', '2024-05-31') AS r FROM held) x;
SELECT pass('nothing is said of snapshots, whose unit counts whole: ' || count(r)) FROM (SELECT retention_agg(account, '2024-05-01'::date, 5, '1 month', '2024-01-01', '2024-12-31') AS r FROM held) x;
SELECT pass('nothing is said without bounds: ' || count(bridge)) FROM (SELECT bridge_agg(1::bigint, d, 5, '1 day', '7 days') AS bridge FROM (VALUES (date '2024-01-01'), ('2024-01-14')) v (d)) x;

-- Step and span in the wrong order are told from each other where the windows do not even touch.
SELECT pass(ask('trailing_agg(h, f, t, ''1 year'', ''1 month'')', '2023-01-01', '2025-01-01'));
SELECT pass(ask('trailing_agg(account, daterange(''2023-05-01'', NULL), 5, ''3 months'', ''89 days'', f, t)', '2023-01-01', '2025-01-01'));
SELECT pass('windows may touch: ' || ask('trailing_agg(h, f, t, ''3 months'', ''3 months'')', '2023-01-01', '2025-01-01'));
SET LOCAL client_min_messages = warning;

SELECT * FROM finish();
ROLLBACK;
