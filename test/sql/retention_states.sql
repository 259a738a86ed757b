\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
\set histories :tests '/include/histories.sql'
\i :histories
\set raw_bytes :tests '/include/raw_bytes.sql'
\i :raw_bytes
-- The transition and combine functions of retention_sums, retention_summary, revenue_history, bridge_state and cohort_matrix, called
-- by hand, as anybody may: what they return has the bytes of a value at rest, is read again, and leaves its arguments alone.
SELECT plan(30);

-- Values are read again from their text, with the same bytes.
CREATE FUNCTION is_at_rest(value anyelement) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE
    bytes text;
    again text;
BEGIN
    EXECUTE format('SELECT $1::raw::text, $1::text::%s::raw::text', pg_typeof(value)) INTO bytes, again USING value;
    RETURN bytes = again;
END $$;

-- Sums: rows by hand are the rows of the aggregate, and counted accounts do not mix with accounts that have amounts.
SELECT is((SELECT csm_sums_accum(csm_sums_accum(NULL, 10, 5.5), 7.25, 0)::text), '{"starting": "17.25", "ending_existing": "5.50", "retained": "5.50", "new": "0.00", "accounts_starting": 2, "accounts_churned": 1}', 'csm_sums_accum: rows add up');
SELECT is((SELECT csm_survivor_accum(csm_survivor_accum(NULL, 10, 5.5, 5), 7.25, 0, 5)::text), '{"starting": "10.00", "ending_existing": "5.50", "retained": "5.50", "new": "0.00", "accounts_starting": 1, "accounts_churned": 0}', 'csm_survivor_accum: rows add up');
SELECT is((SELECT csm_churned_accum(csm_churned_accum(csm_churned_accum(NULL, true), NULL), false)::text), '{"starting": "0", "ending_existing": "0", "retained": "0", "new": "0", "accounts_starting": 2, "accounts_churned": 1}', 'csm_churned_accum: rows add up');
SELECT is((SELECT csm_sums_combine(csm_sums_accum(NULL, 10, 5.5), csm_sums_accum(NULL, 7.25, 0))::text), (SELECT csm_sums_accum(csm_sums_accum(NULL, 10, 5.5), 7.25, 0)::text), 'csm_sums_combine: states add up');
SELECT is((SELECT string_agg(grp, ', ') FROM (VALUES ('accum', csm_sums_accum(csm_sums_accum(NULL, 10, 5.5), 7.25, 0)), ('survivor', csm_survivor_accum(NULL, 1, 1, 0)), ('churned', csm_churned_accum(NULL, true)), ('nobody', csm_sums_accum(NULL, 0, 0.00)), ('combine', csm_sums_combine(csm_sums_accum(NULL, 1, 2), csm_sums_accum(NULL, 3.5, 0)))) v (grp, s) WHERE NOT is_at_rest(s)), NULL, 'sums are at rest');
CREATE ROLE csm_metrics_test_nobody;
SET LOCAL ROLE csm_metrics_test_nobody;
SELECT refused(format('SELECT %s', call), '22023', 'without their amounts', call || ' is refused')
FROM (VALUES (1, 'csm_sums_accum(csm_churned_accum(NULL, true), 1, 1)'), (2, 'csm_sums_accum(csm_churned_accum(NULL, false), 10, 5)'), (3, 'csm_churned_accum(csm_sums_accum(NULL, 1, 1), true)'),
    (4, 'csm_survivor_accum(csm_churned_accum(NULL, true), 5, 5, 0)'), (5, 'csm_sums_combine(csm_churned_accum(NULL, true), csm_sums_accum(NULL, 1, 1))')) v (n, call) ORDER BY n;
SELECT refused(format('SELECT %s', call), '22003', '38 digits', call || ' is refused')
FROM (VALUES (1, 'csm_sums_accum(csm_sums_accum(NULL, 9e37, 0), 9e37, 0)'), (2, 'csm_retention_accum(csm_retention_accum(NULL, 9e37, 0), 9e37, 0)'), (3, 'csm_history_accum_subscription(csm_history_accum_subscription(NULL, daterange(''2024-01-01'', NULL), 9e37), daterange(''2025-01-01'', NULL), 9e37)')) v (n, call) ORDER BY n;
RESET ROLE;

-- Summaries.
CREATE TABLE rows AS SELECT i, draw(1, i, 90) * 0.5 AS s, draw(2, i, 90) * 0.25 AS e, draw(3, i, 2) = 0 AS was FROM generate_series(1, 25) i;
CREATE FUNCTION by_hand() RETURNS retention_summary LANGUAGE plpgsql AS $$
DECLARE
    r retention_summary;
    a record;
BEGIN
    FOR a IN SELECT * FROM rows LOOP
        r := csm_retention_accum(r, a.s, a.e, a.was, daterange('2024-01-01', '2025-01-01'), 'USD');
    END LOOP;
    RETURN r;
END $$;
SELECT is(by_hand()::raw::text, (SELECT retention_agg(s, e, was, daterange('2024-01-01', '2025-01-01'), 'USD')::raw::text FROM rows), 'csm_retention_accum: the bytes of retention_agg');
SELECT is((SELECT csm_retention_combine(a, b)::raw::text FROM (SELECT retention_agg(s, e) FILTER (WHERE i < 5) AS a, retention_agg(s, e) FILTER (WHERE i >= 5) AS b FROM rows) x), (SELECT retention_agg(s, e)::raw::text FROM rows), 'csm_retention_combine: the bytes of retention_agg');

-- Histories: the same steps as the aggregate, without a tail, whatever the order.
CREATE TABLE books AS SELECT account, history_agg(valid, amount) AS h FROM subscriptions GROUP BY account;
CREATE FUNCTION history_by_hand(wanted int) RETURNS revenue_history LANGUAGE plpgsql AS $$
DECLARE
    h revenue_history;
    s record;
BEGIN
    FOR s IN SELECT * FROM subscriptions WHERE account = wanted ORDER BY i DESC LOOP
        h := csm_history_accum_subscription(h, s.valid, s.amount);
        IF h IS NOT NULL AND NOT is_at_rest(h) THEN
            RAISE 'not at rest: %', h;
        END IF;
    END LOOP;
    RETURN h;
END $$;
SELECT is_empty('SELECT account FROM books WHERE history_by_hand(account)::raw::text IS DISTINCT FROM h::raw::text', 'csm_history_accum_subscription: the bytes of history_agg');
SELECT is((SELECT csm_history_accum_snapshot(csm_history_accum_snapshot(csm_history_accum_snapshot(NULL, '2024-03-05', 5.5, '1 month'), '2024-01-31', 7, '1 month'), '2024-03-01', 1, '1 month')::text), '{"every": "1 month", "scale": 1, "steps": [["2024-01-01", "7.0"], ["2024-02-01", "0.0"], ["2024-03-01", "6.5"], ["2024-04-01", "0.0"]]}', 'csm_history_accum_snapshot: steps in order, and the unit to go on with');
SELECT ok(is_at_rest(csm_history_accum_snapshot(csm_history_accum_snapshot(NULL, '2024-03-05', 5.5, '1 month'), '2024-01-31', 7, '1 month')), 'csm_history_accum_snapshot is at rest');
SELECT ok(is_at_rest(csm_history_accum_change(csm_history_accum_change(csm_history_accum_change(NULL, '2024-03-05', 5.5), '2024-01-31', 7), '2024-01-31', -7)), 'csm_history_accum_change is at rest');
SELECT is_empty('SELECT a.account FROM books a JOIN books b ON b.account = a.account + 1 WHERE NOT is_at_rest(csm_history_combine(a.h, b.h)) OR csm_history_combine(a.h, b.h)::raw::text <> (a.h + b.h)::raw::text', 'csm_history_combine: the bytes of h + h');
SELECT is_empty('SELECT account FROM books WHERE NOT (is_at_rest(h * 0.5) AND is_at_rest(0 * h) AND is_at_rest(h - h) AND is_at_rest(close_gaps(h, ''1 month'')) AND is_at_rest(new_after(h, ''1 month'')) AND is_at_rest(in_currency(h, 1.1, ''EUR'')))', 'what is made of histories is at rest');

-- Summaries, bridges and cohorts of histories.
CREATE TABLE paid AS SELECT account, h FROM books WHERE NOT EXISTS (SELECT 1 FROM steps(h) WHERE amount < 0);
CREATE TABLE two AS SELECT row_number() OVER (ORDER BY account) AS n, h FROM paid WHERE account % 9 > 0 AND h <> h * 0 LIMIT 2;
CREATE TABLE pair AS SELECT (SELECT h FROM two WHERE n = 1) AS a, (SELECT h FROM two WHERE n = 2) AS b;
SELECT is((SELECT csm_retention_accum(csm_retention_accum(NULL, a, '2023-01-01', '2024-01-01'), b, '2023-01-01', '2024-01-01')::raw::text FROM pair), (SELECT retention_agg(h, '2023-01-01', '2024-01-01')::raw::text FROM two), 'csm_retention_accum of histories: the bytes of retention_agg');
CREATE TABLE hands AS SELECT csm_bridge_accum(csm_bridge_accum(NULL, a, '2023-01-01', '2024-01-01', '1 month'), b, '2023-01-01', '2024-01-01', '1 month') AS b, csm_bridge_combine(csm_bridge_accum(NULL, a, '2023-01-01', '2024-01-01', '1 month'), csm_bridge_accum(NULL, b, '2023-01-01', '2024-01-01', '1 month')) AS combined,
    csm_cohorts_accum(csm_cohorts_accum(NULL, a, '2022-07-01', '2024-01-01', '3 months'), b, '2022-07-01', '2024-01-01', '3 months') AS c, csm_cohorts_combine(csm_cohorts_accum(NULL, a, '2022-07-01', '2024-01-01', '3 months'), csm_cohorts_accum(NULL, b, '2022-07-01', '2024-01-01', '3 months')) AS cohorts_combined FROM pair;
SELECT is((SELECT csm_bridge_final(b)::text FROM hands), (SELECT bridge_agg(h, '2023-01-01', '2024-01-01', '1 month')::text FROM two), 'csm_bridge_accum: the figures of bridge_agg');
SELECT is((SELECT combined::raw::text FROM hands), (SELECT b::raw::text FROM hands), 'csm_bridge_combine: the bytes of csm_bridge_accum');
SELECT ok(is_at_rest(b), 'csm_bridge_accum is at rest') FROM hands;
SELECT is((SELECT c::raw::text FROM hands), (SELECT cohort_agg(h, '2022-07-01', '2024-01-01', '3 months')::raw::text FROM two), 'csm_cohorts_accum: the bytes of cohort_agg');
SELECT is((SELECT cohorts_combined::raw::text FROM hands), (SELECT c::raw::text FROM hands), 'csm_cohorts_combine: the bytes of csm_cohorts_accum');
SELECT ok(is_at_rest(c), 'csm_cohorts_accum is at rest') FROM hands;
SELECT refused($$ SELECT csm_cohorts_accum(m, h, '2024-01-01', '2025-01-01', '1 month') FROM (SELECT cohort_agg(i, d, 5, '1 month') AS m FROM (VALUES (1, date '2024-01-05'), (2, date '2024-12-09')) v (i, d)) x, (SELECT history_agg(daterange('2024-03-15', '2024-03-20'), 1) AS h) y $$, '22023', 'age 0', 'csm_cohorts_accum: a history that breaks the rules of events is refused');

SELECT is_empty('SELECT a.account FROM paid a, LATERAL (SELECT h::raw::text AS before, csm_history_combine(h, h), csm_bridge_accum(NULL, h, ''2023-01-01'', ''2024-01-01'', ''1 month'') OFFSET 0) x WHERE h::raw::text <> before', 'the arguments stay as they are');

SELECT * FROM finish();
ROLLBACK;
