\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
SET LOCAL intervalstyle = 'postgres';
\set histories :tests '/include/histories.sql'
\i :histories
-- Every function over revenue_history against plain SQL on the rows that the histories were made of.
SELECT plan(44);

-- What the amounts are, day by day.
CREATE TABLE daily AS
SELECT account, day, coalesce(sum(amount) FILTER (WHERE valid @> day), 0) AS amount FROM subscriptions, days WHERE NOT isempty(valid) GROUP BY account, day;
CREATE TABLE subscribed AS SELECT account, history_agg(valid, amount) AS h FROM subscriptions GROUP BY account;
CREATE TABLE snapped AS SELECT account, history_agg(at, amount, '1 month') AS h FROM snapshots GROUP BY account;
CREATE TABLE booked AS SELECT account, history_change_agg(at, change) AS h FROM ledger GROUP BY account;
ANALYZE daily;

SELECT cmp_ok((SELECT count(*) FROM subscribed), '>', 70::bigint, 'there are histories of subscriptions');
SELECT is_empty($$ SELECT account FROM subscribed WHERE (h IS NULL) <> NOT EXISTS (SELECT FROM daily WHERE daily.account = subscribed.account) $$,
                'a history is NULL exactly when no row has a day');
SELECT is_empty($$ SELECT account, day FROM subscribed JOIN daily USING (account) WHERE amount_at(h, day) IS DISTINCT FROM amount $$,
                'subscriptions: the amount of each day is the sum of those valid on it');
SELECT is_empty($$ SELECT account FROM subscribed JOIN (SELECT account, max(scale(amount)) AS scale FROM subscriptions WHERE NOT isempty(valid) GROUP BY account) s USING (account)
                   WHERE scale(amount_at(h, '2023-01-01')) <> scale $$, 'amounts have the largest display scale of the rows');
SELECT is_empty($$ SELECT account, day FROM snapped CROSS JOIN days LEFT JOIN (SELECT account, date_trunc('month', at) AS month, sum(amount) AS amount FROM snapshots GROUP BY 1, 2) s
                   USING (account) WHERE month = date_trunc('month', day) AND amount_at(h, day) IS DISTINCT FROM coalesce(amount, 0) $$,
                'snapshots: the amount of each day is the sum over its month');
SELECT is_empty($$ SELECT account, day FROM snapped, days WHERE amount_at(h, day) <> 0 AND NOT EXISTS (SELECT FROM snapshots s WHERE s.account = snapped.account AND date_trunc('month', at) = date_trunc('month', day)) $$,
                'snapshots: a month without one is 0');
SELECT is_empty($$ SELECT account, day FROM booked, days WHERE extract(day FROM day) IN (1, 8, 17, 28) AND
                   amount_at(h, day) IS DISTINCT FROM (SELECT coalesce(sum(change), 0) FROM ledger l WHERE l.account = booked.account AND at <= day) $$,
                'ledger: the amount of a day is the sum of the changes until then');

-- Calendar units of every length. Those of months lie on the year, those of days are counted from Monday 2001-01-01.
CREATE FUNCTION unit_start(day date, months int, days int) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN months > 0 THEN make_date(extract(year FROM day)::int, (extract(month FROM day)::int - 1) / months * months + 1, 1)
                ELSE date '2001-01-01' + floor((day - date '2001-01-01') / days::float8)::int * days END
$$;
CREATE TABLE units (every interval, months int, days int);
INSERT INTO units VALUES ('1 month', 1, 0), ('2 months', 2, 0), ('3 months', 3, 0), ('4 months', 4, 0), ('6 months', 6, 0), ('1 year', 12, 0),
    ('1 day', 0, 1), ('1 week', 0, 7), ('2 weeks', 0, 14), ('10 days', 0, 10), ('365 days', 0, 365);
SELECT is((SELECT count(*) FROM generate_series('1999-12-01'::date, '2004-03-05', '9 days') d, LATERAL (SELECT unit_start(d::date, months, days) AS start) x,
           LATERAL (SELECT CASE WHEN months > 0 THEN (start + make_interval(months => months))::date ELSE start + days END AS stop) y
           WHERE (SELECT history_agg(at, 7.00, every) FROM (VALUES (d::date)) v (at)) IS DISTINCT FROM (SELECT history_agg(valid, 7) FROM (VALUES (daterange(start, stop))) v (valid))), 0::bigint,
          'a snapshot stands for its unit of ' || every || ', first day to last') FROM units ORDER BY months, days, every;

-- Accessors.
SELECT is_empty($$ SELECT account FROM subscribed, LATERAL (SELECT history_agg(daterange(from_date, to_date), amount) AS again FROM steps(h)) s WHERE first_active(h) IS NOT NULL AND again IS DISTINCT FROM h $$,
                'steps of a history make it up again');
SELECT is_empty($$ SELECT account FROM booked, LATERAL (SELECT from_date, to_date, amount, lead(from_date) OVER w AS next, lead(amount) OVER w AS next_amount FROM steps(h) WINDOW w AS (ORDER BY from_date)) s
                   WHERE amount = 0 OR to_date > next OR (to_date = next AND amount = next_amount) $$, 'steps are disjoint, in order, and as long as they can be');
SELECT is_empty($$ SELECT account FROM subscribed, LATERAL (SELECT min(day) AS first, max(day) AS last FROM daily WHERE daily.account = subscribed.account AND amount > 0) d
                   WHERE first_active(h) IS DISTINCT FROM first OR (first IS NOT NULL AND least(last_active(h), '2026-03-01') IS DISTINCT FROM last) OR (last_active(h) IS NULL) <> (first IS NULL) $$,
                'first_active and last_active are the first and last day with an amount');
SELECT is_empty($$ SELECT account, day FROM booked, days WHERE is_active(h, day) IS DISTINCT FROM (amount_at(h, day) > 0) $$, 'is_active is an amount above 0');
SELECT is_empty($$ SELECT account FROM booked, (VALUES (interval '1 month'), ('3 months'), ('1 week'), ('45 days')) s (step)
                   WHERE total(h, '2022-08-31', '2025-08-30', step) IS DISTINCT FROM
                   (SELECT sum(amount_at(h, ('2022-08-31'::date + k * step)::date)) FROM generate_series(0, 200) k WHERE '2022-08-31'::date + (k + 1) * step <= '2025-08-30') $$,
                'total is the sum of the amounts on the first days of the whole steps');

-- Movements, by the table of movements typed as SQL.
CREATE FUNCTION expected_movements(h revenue_history, from_date date, to_date date, step interval)
RETURNS TABLE (period_start date, period_end date, movement text, change numeric, starting numeric, ending numeric) LANGUAGE sql STABLE AS $$
    SELECT a, b, CASE WHEN s = 0 AND e > 0 THEN CASE WHEN first_active(h) < a THEN 'reactivation' ELSE 'new' END WHEN e = 0 THEN 'churn' WHEN e > s THEN 'expansion' ELSE 'contraction' END, e - s, s, e
    FROM (SELECT (from_date + k * step)::date AS a, (from_date + (k + 1) * step)::date AS b FROM generate_series(0, 80) k WHERE from_date + (k + 1) * step <= to_date) i,
        LATERAL (SELECT amount_at(h, a - 1) AS s, amount_at(h, b - 1) AS e) x WHERE s <> e
$$;
SELECT is_empty(format($$ SELECT account FROM subscribed WHERE h IS NOT NULL AND EXISTS
                          ((SELECT m::text FROM movements(h, %1$L, %2$L, %3$L) m EXCEPT ALL SELECT m::text FROM expected_movements(h, %1$L, %2$L, %3$L) m) UNION ALL
                           (SELECT m::text FROM expected_movements(h, %1$L, %2$L, %3$L) m EXCEPT ALL SELECT m::text FROM movements(h, %1$L, %2$L, %3$L) m)) $$, from_date, to_date, step),
                'movements as plain SQL has them, by ' || step || ' from ' || from_date)
FROM (VALUES ('2022-08-31'::date, '2026-01-31'::date, '1 month'::interval), ('2023-01-01', '2026-01-01', '3 months'), ('2024-02-29', '2026-03-01', '1 year'), ('2023-01-02', '2024-01-01', '1 week')) v (from_date, to_date, step);

-- Gaps, by plain SQL over the stretches of the days.
CREATE TABLE gaps AS
SELECT account, starts, stops, before FROM (
    SELECT account, to_date AS starts, lead(from_date) OVER (PARTITION BY account ORDER BY from_date) AS stops, amount AS before FROM subscribed, steps(h)) x WHERE stops > starts;
SELECT cmp_ok((SELECT count(*) FROM gaps), '>', 40::bigint, 'there are gaps');
SELECT is_empty(format($$ SELECT account, day FROM (SELECT account, close_gaps(h, %1$L) AS closed FROM subscribed OFFSET 0) c JOIN daily USING (account) WHERE amount_at(closed, day) IS DISTINCT FROM
                          coalesce((SELECT before FROM gaps g WHERE g.account = c.account AND day >= starts AND day < stops AND stops < starts + interval %1$L), amount) $$, grace),
                'close_gaps: gaps shorter than ' || grace || ' have the amount before them, others none') FROM (VALUES ('1 month'), ('100 days'), ('1 year')) v (grace);
SELECT is_empty(format($$ SELECT account, day FROM (SELECT account, new_after(h, %1$L) AS later, (SELECT max(stops) FROM gaps g WHERE g.account = subscribed.account AND stops > starts + interval %1$L) AS return FROM subscribed OFFSET 0) n
                          JOIN daily USING (account) WHERE amount_at(later, day) IS DISTINCT FROM CASE WHEN day < return THEN 0 ELSE amount END $$, absence),
                'new_after: nothing is left before an absence longer than ' || absence) FROM (VALUES ('1 month'), ('1 year')) v (absence);

-- Units that are counted from a day: the one of k for which origin + k * every is the last such day up to the snapshot's.
CREATE TABLE origins AS SELECT origin, every, at, k, start, stop FROM unnest('{2024-02-01,2024-01-31,2024-02-29,2023-12-30,2024-03-03,1999-05-15}'::date[]) origin, unnest('{1 month,3 months,1 year,7 days,2 weeks,10 days,1 day}'::interval[]) every,
    generate_series(0, 25) n, LATERAL (SELECT '2023-07-01'::date + n * 17 AS at) a, generate_series(-400, 10400) k, LATERAL (SELECT (origin + k * every)::date AS start, (origin + (k + 1) * every)::date AS stop) x
WHERE start <= at AND at < stop AND (every < '28 days' OR k BETWEEN -400 AND 400);
SELECT is((SELECT count(*) FROM origins), (6 * 7 * 26)::bigint, 'each day lies in one of them');
SELECT is_empty($$ SELECT origin, every, at FROM origins WHERE (SELECT history_agg(d, 7.00, every, NULL, origin) FROM (VALUES (at)) v (d)) IS DISTINCT FROM (SELECT history_agg(valid, 7) FROM (VALUES (daterange(start, stop))) v (valid)) $$, 'a snapshot stands for the unit counted from the origin');
SELECT is((SELECT count(DISTINCT h) FROM (SELECT history_agg(at, 7, '1 month') AS h FROM origins GROUP BY origin, every UNION ALL SELECT history_agg(at, 7, '1 month', NULL, '2019-07-01') FROM origins GROUP BY origin, every) x), 1::bigint, 'which is that of the calendar where the origin starts one');
SELECT results_eq($$ SELECT starting, ending FROM bridge((SELECT bridge_agg(h, '2024-02-01', '2024-08-01', '3 months') FROM (SELECT history_agg(at, amount, '3 months', NULL, '2024-02-01') AS h FROM (VALUES ('2023-11-01'::date, 100), ('2024-02-01', 120), ('2024-05-01', 150)) v (at, amount)) x)) $$,
    $$ VALUES (100::numeric, 120::numeric), (120, 150) $$, 'fiscal quarters from February');
CREATE TABLE origin_states AS SELECT every, origin, csm_history_accum_snapshot(NULL, '2024-02-10', 5, every, 'EUR', origin) AS state FROM (SELECT DISTINCT every, origin FROM origins) x;
SELECT is_empty($$ SELECT every, origin FROM origin_states WHERE state::text::revenue_history::text <> state::text OR csm_history_send(state) <> csm_history_send(state::text::revenue_history) OR csm_history_final(state)::text ~ 'phase|every' $$, 'states of an origin go round; what is finished has none');
SELECT is_empty($$ SELECT every, origin FROM origin_states WHERE extract(day FROM origin) <= 28 AND csm_history_final(csm_history_combine(state, csm_history_accum_snapshot(NULL, '2024-02-10', 5, every, 'EUR', (origin + 3 * every)::date))) <> csm_history_final(state) * 2 $$,
    'states of the same units merge, whichever day they are counted from');
SELECT refused($$ SELECT csm_history_combine(a.state, b.state) FROM origin_states a, origin_states b WHERE a.every = '1 month' AND b.every = '1 month' AND a.origin = '2024-01-31' AND b.origin = '2024-02-29' $$, '22023', 'origin.*varies', 'states of other units do not');
SELECT refused('SELECT history_agg(''2024-01-01''::date + n, 1, ' || call || ') FROM generate_series(0, 1) n', state, pattern, 'refused: ' || call) FROM (VALUES ('''1 month'', NULL, NULL', '22004', 'origin'), ('''1 month'', NULL, ''2024-01-05''::date + n', '22023', 'origin.*varies'),
    ('''1 month'', NULL, ''infinity''', '22023', 'origin'), ('''70000 days'', NULL, ''2024-01-01''', '22023', '70000 days')) v (call, state, pattern);

SELECT * FROM finish();
ROLLBACK;
