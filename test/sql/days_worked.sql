\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- Days out of columns, and the boundaries of intervals: by hand, and over random rows what plain SQL says of each day.
SELECT plan(54);
SET LOCAL timezone = 'America/New_York';

SELECT is(days(date '2024-03-01', date '2024-03-10'), '[2024-03-01,2024-03-10)', 'two dates');
SELECT is(days(date '2024-03-01', NULL), '[2024-03-01,)', 'an end that is NULL is open');
SELECT is(days(date '2024-03-01', 'infinity'), '[2024-03-01,)', 'so is one that is infinite');
SELECT is(days(date '2024-03-01', '9999-01-01'), '[2024-03-01,)', 'and the year 9999');
SELECT is(days(date '2024-03-01', '5874897-12-31'), '[2024-03-01,)', 'and any later one');
SELECT is(days(date '2024-03-01', '9998-12-31'), '[2024-03-01,9998-12-31)', 'but not the year before');
SELECT is(days(date '2024-03-01', '2024-02-01'), 'empty', 'an end before its start');
SELECT is(days(date '2024-03-01', '-infinity'), 'empty', 'however far before');
SELECT is(days(date '2024-03-01', date '2024-03-01'), 'empty', 'an end on its start');
SELECT is(days(date '9999-06-01', date '9999-07-01'), '[9999-06-01,)', 'a start in the year 9999 is a day, the end is open');
SELECT is(days(NULL::date, '2024-03-01'), '(,2024-03-01)', 'a start that is NULL stays none');
SELECT is(days(NULL::date, NULL), '(,)', 'two that are NULL');
SELECT is(days(date '-infinity', '2024-03-01'), '[-infinity,2024-03-01)', 'a start that is infinite stays so');
SELECT is(days(date '-infinity', '-infinity'), '[-infinity,)', 'and is not hidden by its end');
SELECT is(days(date 'infinity', '2024-03-01'), '[infinity,)', 'neither is an infinite start after the end');
SELECT refused($$ SELECT history_agg(days(s, e), 5) FROM (VALUES (NULL::date, date '2024-03-01')) v (s, e) $$, '22023', 'start', 'a start that is NULL is an error of the aggregate');
SELECT refused($$ SELECT history_agg(days(s, e), 5) FROM (VALUES (date 'infinity', date '2024-03-01')) v (s, e) $$, '22023', 'start', 'so is one that is infinite');
SELECT is((SELECT history_agg(days(s, e), 5) FROM (VALUES (date '2024-03-10', date '2024-03-01')) v (s, e)), NULL, 'an end before its start is no row to an aggregate');
SELECT is((SELECT last_active(history_agg(days(s, e), 5)) FROM (VALUES (date '2024-03-10', date '9999-12-31')) v (s, e)), 'infinity', '9999-12-31 is an open end');

SELECT is(days(timestamp '2024-03-01 09:00', timestamp '2024-03-10 17:00'), '[2024-03-01,2024-03-10)', 'two timestamps: on at the end of 1 March, off at the end of 10 March');
SELECT is(days(timestamp '2024-03-01 00:00', timestamp '2024-03-10 00:00'), '[2024-03-01,2024-03-10)', 'at midnight');
SELECT is(days(timestamp '1999-12-31 23:59:59.999999', timestamp '2000-01-01 00:00'), '[1999-12-31,2000-01-01)', 'before and after the epoch');
SELECT is(days(date '2024-03-01', timestamp '2024-03-10 17:00'), '[2024-03-01,2024-03-10)', 'a date and a timestamp');
SELECT is(days(timestamp '2024-03-01 09:00', timestamp '9999-12-31 23:59:59'), '[2024-03-01,)', 'the last second of 9999');
SELECT is(days(timestamp '2024-03-01 09:00', timestamp 'infinity'), '[2024-03-01,)', 'an infinite timestamp');
SELECT refused($$ SELECT days(timestamptz '2024-03-01 09:00', timestamptz '2024-03-10 17:00') $$, '42883', 'does not exist', 'a timestamptz needs a zone');
SELECT refused($$ SELECT days(date '2024-03-01', timestamptz '2024-03-10 17:00') $$, '42883', 'does not exist', 'beside a date as well');

SELECT is(days(timestamptz '2024-02-29 23:30+00', timestamptz '2024-03-10 23:30+00', 'Europe/Berlin'), '[2024-03-01,2024-03-11)', 'days of Berlin');
SELECT is(days(timestamptz '2024-02-29 23:30+00', timestamptz '2024-03-10 23:30+00', 'UTC'), '[2024-02-29,2024-03-10)', 'days of UTC');
SELECT is(days(date '2024-02-29', timestamptz '2024-03-10 23:30+00', 'Europe/Berlin'), '[2024-02-29,2024-03-11)', 'a date as it stands, an end in Berlin');
SELECT is(days(timestamp '2024-02-29 23:30', timestamptz '2024-03-10 23:30+00', 'Europe/Berlin'), '[2024-02-29,2024-03-11)', 'a timestamp as it stands, an end in Berlin');
SELECT is(days(timestamptz '2024-02-29 23:30+00', date '2024-03-10', 'Europe/Berlin'), '[2024-03-01,2024-03-10)', 'a start in Berlin, a date as it stands');
SELECT is(days(timestamptz '2024-02-29 23:30+00', timestamp '2024-03-10 23:30', 'Europe/Berlin'), '[2024-03-01,2024-03-10)', 'a start in Berlin, a timestamp as it stands');
SELECT is(days(timestamptz '2024-02-29 23:30+00', NULL, 'Europe/Berlin'), '[2024-03-01,)', 'an open end, whatever its type');
SELECT is(days(date '2024-02-29', date '2024-03-10', 'Europe/Berlin'), '[2024-02-29,2024-03-10)', 'two dates and a zone');
SELECT is(days(timestamptz '2024-01-01 00:00+00', timestamptz '9999-01-01 00:00+00', 'America/Los_Angeles'), '[2023-12-31,)', 'the year 9999 of UTC is 9998 in California, and open');
SELECT is(days(timestamptz '2024-01-01 00:00+00', timestamptz '9998-12-31 23:00+00', 'Asia/Tokyo'), '[2024-01-01,)', 'and the other way round in Tokyo');
SELECT is(days(tstzrange '[2024-03-01 09:00+00,2024-03-01 15:00+00)', 'UTC'), 'empty', 'a range within a day');
SELECT is(days(tstzrange '[2024-02-29 23:30+00,)', 'Europe/Berlin'), '[2024-03-01,)', 'a range without end');
SELECT is(days(tstzrange '(2024-02-29 23:30+00,infinity]', 'Europe/Berlin'), '[2024-03-01,)', 'an infinite end, whatever its bracket');
SELECT is(days(tstzrange 'empty', 'UTC'), 'empty', 'an empty range');
SELECT is(days(NULL::tstzrange, 'UTC'), NULL, 'no range');
SELECT is(days(tsrange '[2024-03-01 09:00,2024-03-10 23:59:59.999999]'), '[2024-03-01,2024-03-11)', 'a last microsecond that is included lasts to the end of its day');
SELECT is(days(tsrange '(,2024-03-10 17:00)'), '(,2024-03-10)', 'a range without start');
SELECT is((SELECT amount_at(history_agg(days(valid, 'UTC'), amount), '2024-03-01')
           FROM (VALUES (tstzrange '[2024-03-01 09:00+00,2024-03-01 15:00+00)', 100), ('[2024-03-01 15:00+00,)', 200)) v (valid, amount)), 200::numeric,
          'replaced on 1 March at 15:00: the run rate at the end of 1 March is 200');
SELECT refused($$ SELECT days(timestamptz '2024-03-01 09:00', NULL, 'Europe/Atlantis') $$, '22023', 'Atlantis', 'a zone that there is not', 'Europe/Berlin');
SELECT refused($$ SELECT days(timestamptz '2024-03-01 09:00', NULL, 'CEST') $$, '22023', 'CEST', 'an abbreviation, which is an offset and depends on settings', 'Europe/Berlin');
SELECT refused($$ SELECT days(timestamptz '2024-03-01 09:00', NULL, NULL) $$, '22004', 'zone', 'a zone that is NULL');

-- Random rows: a subscription counts on the days at whose end it is on.
CREATE TABLE moments AS
SELECT i, zone, s, CASE WHEN r < 0.1 THEN NULL WHEN r < 0.15 THEN 'infinity' WHEN r < 0.2 THEN '9999-12-31 23:59:59+00' ELSE s + (random() * 600 - 60) * interval '1 hour' END AS e
FROM (SELECT setseed(0.4)) x,
     LATERAL (SELECT i, random() AS r, (ARRAY['UTC', 'Europe/Berlin', 'America/New_York', 'Pacific/Kiritimati', 'Australia/Lord_Howe', 'Asia/Kolkata'])[1 + i % 6] AS zone,
                     CASE WHEN i % 5 = 0 THEN date_trunc('day', t, 'UTC') ELSE t END AS s
              FROM generate_series(1, 3000) i, LATERAL (SELECT timestamptz '2023-10-20 00:00+00' + random() * interval '200 days' + i * interval '0' AS t) y) z;
CREATE VIEW wrong_days AS
SELECT i FROM moments, LATERAL (SELECT (s AT TIME ZONE zone)::date - 3 + k AS d FROM generate_series(0, 34) k) x, LATERAL (SELECT (d + 1)::timestamp - interval '1 microsecond' AS local_end) y
WHERE days(s, e, zone) @> d IS DISTINCT FROM (s <= local_end AT TIME ZONE zone AND coalesce(e > local_end AT TIME ZONE zone, true))
   OR days(s AT TIME ZONE zone, e AT TIME ZONE zone) @> d IS DISTINCT FROM (s AT TIME ZONE zone <= local_end AND coalesce(e AT TIME ZONE zone > local_end, true))
   OR (e >= s AND days(tstzrange(s, e), zone) @> d IS DISTINCT FROM days(s, e, zone) @> d)
   OR (e >= s AND days(tsrange(s AT TIME ZONE zone, e AT TIME ZONE zone)) @> d IS DISTINCT FROM days(s, e, zone) @> d);
SELECT is((SELECT count(*) FROM wrong_days), 0::bigint, 'random rows: each day is in it that the subscription is on at the end of');
CREATE FUNCTION all_days() RETURNS text LANGUAGE sql AS $$
    SELECT md5(string_agg(concat_ws(' ', days(s, e, zone), days(s::timestamptz, (e AT TIME ZONE 'UTC')::date, zone), days((s AT TIME ZONE 'UTC')::date, e, zone), days(tstzrange(s, greatest(s, e)), zone)), ',' ORDER BY i)) FROM moments
$$;
SELECT all_days() AS in_new_york \gset
SET LOCAL timezone = 'Pacific/Kiritimati';
SELECT is(all_days(), :'in_new_york', 'the zone of the session changes nothing');

-- intervals
SELECT results_eq($$ SELECT * FROM intervals('2024-01-31', '2024-05-15', '1 month') $$,
    $$ VALUES (date '2024-01-31', date '2024-02-29'), ('2024-02-29', '2024-03-31'), ('2024-03-31', '2024-04-30') $$, 'from 31 January: ends of months; what would end after the last day is left out');
SELECT results_eq($$ SELECT n, f, period_start, period_end FROM generate_series(1, 13) n, generate_series(timestamp '2023-12-25', '2024-03-05', '1 day') f, intervals(f::date, f::date + 1000, n * interval '1 month') ORDER BY 1, 2, 3 $$,
    $$ SELECT n, f, (f + k * n * interval '1 month')::date, (f + (k + 1) * n * interval '1 month')::date FROM generate_series(1, 13) n, generate_series(timestamp '2023-12-25', '2024-03-05', '1 day') f, generate_series(0, 40) k
       WHERE f + (k + 1) * n * interval '1 month' <= f + interval '1000 days' ORDER BY 1, 2, 3 $$, 'boundary k is from_date + k * step');
SELECT is_empty($$ SELECT * FROM intervals('2024-01-01', '2024-01-20', '1 month') $$, 'fewer days than a step: no row');
SELECT refused($$ SELECT * FROM intervals('2024-01-01', NULL, '1 month') $$, '22004', 'to_date', 'a bound that is NULL');

SELECT * FROM finish();
ROLLBACK;
