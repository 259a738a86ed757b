-- The values that the fuzzer starts from: for each type some, each in its text and its binary form, and some triples.
-- Among the values are neighbours that are equal and differ in display scale alone, which chance would not come upon.
-- A triple is three binary forms, each with its length in two bytes before it.

CREATE TEMP TABLE seeds (target text, name text, contents text);

CREATE FUNCTION pg_temp.piece(value bytea) RETURNS bytea LANGUAGE sql AS $$
    SELECT set_byte(set_byte('\x0000', 0, length(value) / 256), 1, length(value) % 256) || value
$$;

-- Enters the values of a temporary table of the type's name, one column v.
CREATE PROCEDURE pg_temp.enter(type regtype) LANGUAGE plpgsql AS $$
DECLARE
    send regproc := (SELECT typsend FROM pg_type WHERE oid = type);
BEGIN
    EXECUTE format($sql$
        CREATE TEMP TABLE forms ON COMMIT DROP AS
        SELECT row_number() OVER () AS n, v::text AS words, %1$s(v) AS bytes FROM %2$I;
    $sql$, send, 'some_' || type);
    INSERT INTO seeds SELECT type, 'text-' || n, encode(convert_to(words, 'UTF8'), 'hex') FROM forms;
    INSERT INTO seeds SELECT type, 'binary-' || n, encode(bytes, 'hex') FROM forms;
    INSERT INTO seeds
    SELECT type || '-merge', 'triple-' || a.n, encode(pg_temp.piece(a.bytes) || pg_temp.piece(b.bytes) || pg_temp.piece(c.bytes), 'hex')
    FROM (SELECT count(*) AS n FROM forms) total, forms a, forms b, forms c
    WHERE b.n = a.n % total.n + 1 AND c.n = b.n % total.n + 1;
    DROP TABLE forms;
END $$;

-- Accounts at both ends of an interval, in five lots of rising variety.
CREATE TEMP TABLE accounts AS
SELECT lot, i, CASE i % 5 WHEN 0 THEN 0 ELSE i * 10.50 END AS s, CASE i % 4 WHEN 0 THEN 0 WHEN 1 THEN i * 12.125 ELSE i * 9 END AS e, i % 3 = 0 AS was
FROM (VALUES (1, 0), (2, 1), (3, 3), (4, 12), (5, 30)) lots (lot, n), generate_series(1, n) i;

CREATE TEMP TABLE some_retention_sums AS
SELECT v FROM (
    SELECT 0, csm_sums_accum(NULL, 0, 0) AS v UNION ALL
    SELECT 1, csm_sums_accum(NULL, 100, 110.5) UNION ALL
    SELECT 2, csm_sums_accum(csm_sums_accum(csm_sums_accum(NULL, 100, 0), 20.25, 30), 0, 7) UNION ALL
    SELECT 3, csm_sums_accum(NULL, 99999999999999999999999999999999999999, 1) UNION ALL
    SELECT 4, csm_churned_accum(csm_churned_accum(NULL, true), false)) w (n, v);
CALL pg_temp.enter('retention_sums');

CREATE TEMP TABLE some_retention_summary AS
SELECT retention_agg(s, e, was) AS v FROM accounts GROUP BY lot UNION ALL
SELECT retention_agg(0, 0.00) UNION ALL
SELECT retention_agg(s, e, was, daterange('2024-01-01', '2025-01-01'), 'EUR') FROM accounts GROUP BY lot UNION ALL
SELECT retention_agg(10, 12.5) UNION ALL SELECT retention_agg(10, 12.500) UNION ALL
SELECT retention_agg(x, x) FROM (VALUES (33333333333333333333333333333333333333), (1)) t (x) UNION ALL
SELECT retention_agg(0.00000000000000000000000000000000000001, 0.3);
CALL pg_temp.enter('retention_summary');

CREATE TEMP TABLE some_revenue_history AS
SELECT history_agg(daterange('2024-01-01', '2024-07-01'), 10.5) AS v UNION ALL
SELECT history_agg(daterange('2024-01-01', NULL), 100, 'EUR') UNION ALL
SELECT history_agg(daterange('2024-01-01', NULL), 100.000, 'EUR') UNION ALL
SELECT history_agg(date '2024-01-31', 7.25, interval '1 month', 'EUR') UNION ALL
SELECT history_agg(d::date, extract(day FROM d) * 1000, interval '1 month') FROM generate_series(timestamp '2023-01-15', '2024-06-15', '1 month') d UNION ALL
SELECT history_change_agg(d, c) FROM (VALUES (date '2020-02-29', 5), ('2021-01-01', -8.125), ('4713-01-01 BC', 1)) t (d, c) UNION ALL
SELECT history_agg(daterange('2024-01-01', '2024-01-01'), 10.5);
CALL pg_temp.enter('revenue_history');

CREATE TEMP TABLE some_segment AS
SELECT unnest(ARRAY['small (,10000)', 'small (,10000.00)', 'middle [10000,100000)', 'enterprise [100000,)', 'all (,)', 'Größe, in "k" [ [0.5,1.25)']::segment[]) AS v;
CALL pg_temp.enter('segment');

CREATE TEMP TABLE some_coverage_summary AS
SELECT coverage_agg('m' || i % 3, e) AS v FROM accounts GROUP BY lot UNION ALL
SELECT coverage_agg(CASE WHEN i % 4 > 0 THEN 'Ünal ' || i % 4 END, s, 2000000, 50) FROM accounts GROUP BY lot UNION ALL
SELECT coverage_agg(7::bigint, 12.5, 100.25) UNION ALL
SELECT coverage_agg(7::bigint, 12.500, 100.25);
CALL pg_temp.enter('coverage_summary');

CREATE TEMP TABLE histories AS
SELECT history_agg(daterange(date '2024-01-10' + 20 * i, date '2024-03-01' + 33 * i), 10.5 * i) AS h FROM generate_series(1, 6) i GROUP BY i;

CREATE TEMP TABLE some_cohort_matrix AS
SELECT cohort_agg(h, date '2024-01-01', date '2024-07-01', interval '1 month') AS v FROM histories UNION ALL
SELECT cohort_agg(h * 1.00, date '2024-01-01', date '2024-07-01', interval '1 month') FROM histories UNION ALL
SELECT cohort_agg(h, date '2024-01-01', date '2024-12-01', interval '3 months') FROM histories UNION ALL
SELECT cohort_agg(h, date '2024-01-01', date '2024-01-29', interval '7 days') FROM histories UNION ALL
SELECT cohort_agg(i % 3::bigint, date '2024-01-05' + 40 * i, 12.5 * i, interval '1 month') FROM generate_series(0, 4) i UNION ALL
SELECT cohort_agg(i % 2::bigint, date '2023-11-05' + 30 * i, i, interval '1 month') FROM generate_series(0, 3) i UNION ALL
SELECT cohort_agg(i % 3::bigint, date '2024-01-05' + 17 * i, 12.5 - 4 * i, interval '1 month', date '2024-01-01', date '2024-05-01') FROM generate_series(0, 6) i UNION ALL
SELECT cohort_agg(i % 3::bigint, date '2024-01-31' + i % 3, date '2024-01-05' + 17 * i, 12.5 - 4 * i, interval '14 days', date '2024-01-15', date '2024-05-01') FROM generate_series(0, 6) i UNION ALL
SELECT '{"from_date": "2024-01-01", "to_date": "2024-02-01", "step": "1 month", "scale": 0, "cohorts": [[2, [1], ["5"]]]}'::cohort_matrix;
CALL pg_temp.enter('cohort_matrix');

CREATE TEMP TABLE some_lift_summary AS
SELECT lift_agg(was, e) AS v FROM accounts GROUP BY lot UNION ALL
SELECT lift_agg(true, 7, 1, 'web') UNION ALL SELECT lift_agg(true, 7, 1.00, 'web') UNION ALL
SELECT lift_agg(was, e, s) FROM accounts GROUP BY lot UNION ALL
SELECT lift_agg(was, e, s, CASE WHEN i % 4 > 0 THEN 'größer ' || i % 4 END) FROM accounts GROUP BY lot;
CALL pg_temp.enter('lift_summary');

CREATE TEMP TABLE some_segment_flows AS
SELECT segment_flow_agg(s, e, was, 'a', 'b') AS v FROM accounts GROUP BY lot UNION ALL
SELECT segment_flow_agg(7, 5, true, 'a', 'a') UNION ALL SELECT segment_flow_agg(7.00, 5, true, 'a', 'a') UNION ALL
SELECT segment_flow_agg(s, e, was, CASE WHEN i % 4 > 0 THEN E'tab\t' || i % 4 END, 'größer ' || i % 3, '[2024-01-01,2025-01-01)') FROM accounts GROUP BY lot;
CALL pg_temp.enter('segment_flows');

CREATE TEMP TABLE some_revenue_terms AS
SELECT csm_terms_accum(NULL, '[2024-01-01,2024-07-01)', 10.5) AS v UNION ALL
SELECT csm_terms_accum(NULL, '[2024-01-01,2024-07-01)', 10.50) UNION ALL
SELECT csm_terms_accum(csm_terms_accum(NULL, '[2024-01-01,)', -7, '2024-01-05 10:30'::timestamptz, 'EUR'), '[2024-01-01,)', 7.25, NULL::timestamptz, 'EUR') UNION ALL
SELECT csm_terms_accum(csm_terms_accum(csm_terms_accum(NULL, '[2024-01-01,2024-02-01)', 1, '2024-01-05'::date), '[2024-01-01,2024-03-01)', 2, '2024-01-05'::date), '[2023-01-01,)', 3, 'infinity'::date);
CALL pg_temp.enter('revenue_terms');

CREATE TEMP TABLE some_bridge_state AS
SELECT csm_bridge_accum(NULL, h, '2024-01-01', '2024-04-01', '1 month') AS v FROM (SELECT * FROM histories LIMIT 3) h UNION ALL
SELECT csm_bridge_accum(csm_bridge_accum(NULL, h, '2024-01-31', '2024-05-31', '1 month'), h, '2024-01-31', '2024-05-31', '1 month') FROM (SELECT * FROM histories LIMIT 1) h UNION ALL
SELECT csm_bridge_accum(NULL, h, '2024-02-01', '2024-05-01', '1 month', '3 months') FROM (SELECT * FROM histories LIMIT 2) h;
CALL pg_temp.enter('bridge_state');

CREATE TEMP TABLE some_survival_summary AS
SELECT survival_agg(i, was) AS v FROM accounts GROUP BY lot UNION ALL
SELECT survival_agg(i % 4, i % 4 + i / 4.0 + 1, was) FROM accounts GROUP BY lot UNION ALL
SELECT survival_agg(i, was, e) FROM accounts GROUP BY lot UNION ALL
SELECT survival_agg(3, true) UNION ALL SELECT survival_agg(3.00, true) UNION ALL
SELECT survival_agg(3, true, 2.5) UNION ALL SELECT survival_agg(3, true, 2.50) UNION ALL
SELECT survival_agg(h, '2024-01-01', '2025-01-01', '1 month') FROM histories UNION ALL
SELECT survival_agg(h, '2024-01-01', '2024-09-01', '7 days') FROM histories UNION ALL
SELECT survival_agg(123456789012345678, false, 99999999999999999999999999999999999999);
CALL pg_temp.enter('survival_summary');

CREATE TEMP TABLE some_usage_history AS
SELECT usage_history_agg(timestamp '2024-01-01' + i * interval '7 minutes', 'e' || i % 3) AS v FROM accounts GROUP BY lot UNION ALL
SELECT usage_history_agg(timestamp '2024-01-01' + i * interval '0.001 seconds', 'a "b" \') FROM accounts GROUP BY lot UNION ALL
SELECT usage_history_agg(timestamp '2024-01-01' + i % 2 * interval '0.000001 seconds', chr(97 + i % 4)) FROM accounts GROUP BY lot UNION ALL
SELECT keep(usage_history_agg(timestamp '2024-01-01', 'a'), '{}') UNION ALL
SELECT usage_history_agg(t, repeat('x', 255)) FROM unnest('{4713-01-01 BC,294276-12-31}'::timestamp[]) t;
CALL pg_temp.enter('usage_history');

CREATE TEMP TABLE some_funnel_steps AS
SELECT f AS v FROM unnest('{a,a > b,a >> b > !x | y > c within 36 hours every entry,a & b | c within 7 days first entry,a > a within 0.5 seconds}'::funnel_steps[]) f UNION ALL
SELECT funnel_of('{within,"a b","q\"u",first}', '90 minutes');
CALL pg_temp.enter('funnel_steps');

CREATE TEMP TABLE some_funnel_summary AS
SELECT funnel_agg(i / 3, timestamp '2024-01-01' + i * interval '7 minutes', chr(97 + i % 3), 'a > b > c within 2 hours', 'lot ' || i % 2, s) AS v FROM accounts GROUP BY lot UNION ALL
SELECT funnel_agg(i / 3, timestamp '2024-01-01' + i * interval '7 minutes', chr(97 + i % 3), 'a > b > c within 2 hours', NULL, s, '2024-01-01 03:00Z') FROM accounts GROUP BY lot UNION ALL
SELECT funnel_agg(1, timestamp '2024-01-01', 'x', 'a > b > c within 2 hours') UNION ALL
SELECT funnel_agg(1, timestamp '2024-01-01', 'a', 'a > b > c within 2 hours', NULL, 2.5) UNION ALL SELECT funnel_agg(1, timestamp '2024-01-01', 'a', 'a > b > c within 2 hours', NULL, 2.50) UNION ALL
SELECT funnel_agg(1, timestamp '2024-01-01', 'a', 'a', E'tab\t', 99999999999999999999999999999999999999);
CALL pg_temp.enter('funnel_summary');

CREATE TEMP TABLE some_health_summary AS
SELECT health_agg(i % 7, was) AS v FROM accounts GROUP BY lot UNION ALL
SELECT health_agg(nullif(i % 5, 0) / 4.0, was, e) FROM accounts GROUP BY lot UNION ALL
SELECT health_agg(-0.5, true) UNION ALL SELECT health_agg(-0.50, true) UNION ALL
SELECT health_agg(0.9, false, 7) UNION ALL SELECT health_agg(0.9, false, 7.00) UNION ALL
SELECT health_agg(NULL::numeric, true) UNION ALL
SELECT health_agg(99999999999999999999999999999999999999, false, 1);
CALL pg_temp.enter('health_summary');
