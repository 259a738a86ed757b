-- A database that holds values of every type of the extension, in columns of every way of
-- storage, in arrays, in views over aggregates, next to the raw rows that they come from.
-- What random_calls and sqlsmith work on.

CREATE TABLE snapshots AS
SELECT i % 40 AS account, md5((i % 40)::text) AS account_name, md5((i % 40)::text)::uuid AS account_id, date '2023-01-15' + i % 24 * 30 AS at,
       round((i * 7919 % 5000)::numeric / 7, 2) AS amount, interval '1 month' AS every
FROM generate_series(0, 959) i WHERE i % 11 <> 0;
CREATE TABLE subscriptions AS
SELECT i % 30 AS account, daterange(date '2023-01-01' + i * 13 % 500, CASE WHEN i % 5 > 0 THEN date '2023-02-01' + i * 13 % 500 + i * 7 % 300 END) AS valid, (i * 31 % 900)::numeric AS amount
FROM generate_series(0, 149) i;
CREATE TABLE pairs AS
SELECT i AS account, 'manager ' || i % 7 AS csm, round((i * 7 % 101)::numeric * 9.99, 2) AS starting, round((i * 11 % 97)::numeric * 9.99, 2) AS ending,
       i % 3 = 0 AS was_customer, daterange('2024-01-01', '2024-02-01') AS period, CASE i % 2 WHEN 0 THEN 'EUR' ELSE 'USD' END AS currency
FROM generate_series(0, 199) i;

-- Each value in four columns; the long ones are compressed, out of line or both, the short
-- ones have a short header.
CREATE TABLE retention_summary_values (i int PRIMARY KEY, v retention_summary, extended retention_summary, external retention_summary, main retention_summary);
INSERT INTO retention_summary_values (i, v)
SELECT row_number() OVER (), r FROM (
    SELECT retention_agg(starting, ending) FROM pairs GROUP BY csm
    UNION ALL SELECT retention_agg(starting, ending, period) FROM pairs GROUP BY csm
    UNION ALL SELECT retention_agg(starting, ending, period, currency) FROM pairs GROUP BY currency
    UNION ALL SELECT retention_agg(starting, ending, was_customer, period) FROM pairs
    UNION ALL SELECT retention_agg(99999999999999999999999999999999999998, 99999999999999999999999999999999999997)
    UNION ALL SELECT retention_agg(0.00000000000000000000000000000000000001, 0.00000000000000000000000000000000000002)
    UNION ALL SELECT retention_agg(NULL::numeric, 0.000)
    UNION ALL SELECT unnest(bridge_agg(account, at, amount, '1 month', '2023-02-01', '2024-02-01')) FROM snapshots) x (r);
CREATE TABLE retention_sums_values (i int PRIMARY KEY, v retention_sums, extended retention_sums, external retention_sums, main retention_sums);
INSERT INTO retention_sums_values (i, v) VALUES
    (1, csm_sums_accum(NULL, 10, 7.5)), (2, csm_sums_accum(csm_sums_accum(NULL, 0, 5), 99999999999999999999999999999999999998, 1)), (3, csm_churned_accum(csm_churned_accum(NULL, true), false)),
    (4, csm_sums_accum(NULL, NULL, NULL)), (5, csm_survivor_accum(NULL, 3, 4.0000000000000000000000000000000000000, 2));
CREATE TABLE revenue_history_values (i int PRIMARY KEY, v revenue_history, extended revenue_history, external revenue_history, main revenue_history);
INSERT INTO revenue_history_values (i, v)
SELECT row_number() OVER (), h FROM (
    SELECT history_agg(at, amount, '1 month') FROM snapshots WHERE account < 8 GROUP BY account
    UNION ALL SELECT history_agg(valid, amount) FROM subscriptions WHERE account < 8 GROUP BY account
    UNION ALL SELECT history_agg(valid, amount, 'EUR') FROM subscriptions WHERE account < 3 GROUP BY account
    UNION ALL SELECT history_change_agg(date '2020-01-01' + i * 37 % 3000, i % 100 + 0.25) FROM generate_series(1, 2000) i
    UNION ALL SELECT history_change_agg('2024-01-01', 0)
    UNION ALL SELECT history_change_agg('2024-01-01', -5)
    UNION ALL SELECT history_change_agg(d, 99999999999999999999999999999999999999 * s) FROM (VALUES (date '5874897-12-30', 1), ('4713-01-01 BC', -1)) x (d, s)
    UNION ALL SELECT history_agg(daterange('2023-05-01', 'infinity'), 0.00000000000000000000000000000000000001)) x (h);
CREATE TABLE bridge_state_values (i int PRIMARY KEY, v bridge_state, extended bridge_state, external bridge_state, main bridge_state);
INSERT INTO bridge_state_values (i, v)
SELECT row_number() OVER (), s FROM (
    SELECT csm_bridge_accum(NULL, v, '2023-01-01', '2024-01-01', '1 month') FROM revenue_history_values WHERE i IN (1, 2, 9)
    UNION ALL SELECT csm_bridge_accum(csm_bridge_accum(NULL, a.v, '2023-01-01', '2024-01-01', '1 month', '1 year'), b.v, '2023-01-01', '2024-01-01', '1 month', '1 year')
              FROM revenue_history_values a, revenue_history_values b WHERE a.i = 3 AND b.i = 4) x (s);
CREATE TABLE cohort_matrix_values (i int PRIMARY KEY, v cohort_matrix, extended cohort_matrix, external cohort_matrix, main cohort_matrix);
INSERT INTO cohort_matrix_values (i, v)
SELECT row_number() OVER (), m FROM (
    SELECT cohort_agg(v, '2023-01-01', '2024-01-01', '1 month') FROM revenue_history_values WHERE i <= 8
    UNION ALL SELECT cohort_agg(v, '2023-01-01', '2024-01-01', '1 month') FROM revenue_history_values WHERE i IN (1, 3)
    UNION ALL SELECT cohort_agg(v, '2023-01-01', '2024-01-01', '7 days') FROM revenue_history_values WHERE i <= 8
    UNION ALL SELECT cohort_agg(account, at, amount, '1 month') FROM snapshots
    UNION ALL SELECT cohort_agg(account_name, at, amount, '3 months') FROM snapshots GROUP BY account % 3) x (m);
CREATE TABLE segment_values (i int PRIMARY KEY, v segment);
INSERT INTO segment_values
SELECT row_number() OVER (), s FROM (
    SELECT unnest(segment_scheme('deal_size') || segment_scheme('enterprise')) UNION ALL SELECT 'all (,)'
    UNION ALL SELECT 'tiny [0.00000000000000000000000000000000000001,0.1)' UNION ALL SELECT 'huge [99999999999999999999999999999999999999,)' UNION ALL SELECT 'größer [5.50,7.0)') x (s);
CREATE TABLE coverage_summary_values (i int PRIMARY KEY, v coverage_summary, extended coverage_summary, external coverage_summary, main coverage_summary);
INSERT INTO coverage_summary_values (i, v)
SELECT row_number() OVER (), c FROM (
    SELECT coverage_agg(csm, starting) FROM pairs
    UNION ALL SELECT coverage_agg(NULLIF(csm, 'manager 3'), starting, 3000 + account % 7, account % 7 + 2) FROM pairs
    UNION ALL SELECT coverage_agg(account::bigint % 150, ending, NULL, 10) FROM pairs
    UNION ALL SELECT coverage_agg(md5(account::text)::uuid, ending, 1000) FROM pairs GROUP BY account % 5
    UNION ALL SELECT coverage_agg('one'::text, 99999999999999999999999999999999999999, 0.00000000000000000000000000000000000001)) x (c);
CREATE TABLE lift_summary_values (i int PRIMARY KEY, v lift_summary, extended lift_summary, external lift_summary, main lift_summary);
INSERT INTO lift_summary_values (i, v)
SELECT row_number() OVER (), l FROM (
    SELECT lift_agg(was_customer, ending - starting) FROM pairs
    UNION ALL SELECT lift_agg(was_customer, ending - starting, starting) FROM pairs GROUP BY csm
    UNION ALL SELECT lift_agg(was_customer, ending - starting, starting, csm) FROM pairs
    UNION ALL SELECT lift_agg(true, -99999999999999999999999999999999999999, 1)) x (l);
CREATE AGGREGATE terms_agg(valid daterange, amount numeric, recorded date) (SFUNC = csm_terms_accum, STYPE = revenue_terms, COMBINEFUNC = csm_terms_combine, PARALLEL = safe);
CREATE TABLE revenue_terms_values (i int PRIMARY KEY, v revenue_terms, extended revenue_terms, external revenue_terms, main revenue_terms);
INSERT INTO revenue_terms_values (i, v)
SELECT row_number() OVER (), t FROM (
    SELECT terms_agg(valid, amount, '2024-01-01'::date + account) FROM subscriptions WHERE account < 8 GROUP BY account
    UNION ALL SELECT terms_agg(valid, amount, NULL) FROM subscriptions
    UNION ALL SELECT terms_agg(daterange('2024-01-01', NULL), -99999999999999999999999999999999999999, 'infinity')) x (t);
CREATE TABLE segment_flows_values (i int PRIMARY KEY, v segment_flows, extended segment_flows, external segment_flows, main segment_flows);
INSERT INTO segment_flows_values (i, v)
SELECT row_number() OVER (), f FROM (
    SELECT segment_flow_agg(starting, ending, was_customer, csm, NULLIF(csm, 'manager 3')) FROM pairs
    UNION ALL SELECT segment_flow_agg(starting, ending, was_customer, csm, 'all', period) FROM pairs GROUP BY csm, period
    UNION ALL SELECT segment_flow_agg(99999999999999999999999999999999999999, 1, true, E'tab\t', E'back\\')) x (f);
CREATE TABLE survival_summary_values (i int PRIMARY KEY, v survival_summary, extended survival_summary, external survival_summary, main survival_summary);
INSERT INTO survival_summary_values (i, v)
SELECT row_number() OVER (), s FROM (
    SELECT survival_agg(account % 50, was_customer) FROM pairs
    UNION ALL SELECT survival_agg(account % 9 * 0.5, account % 9 * 0.5 + 1 + account % 4, was_customer, starting) FROM pairs GROUP BY csm
    UNION ALL SELECT survival_agg(v, '2023-01-01', '2024-01-01', '1 month') FROM revenue_history_values WHERE i <= 8
    UNION ALL SELECT survival_agg(999999999999999999::numeric, true, 99999999999999999999999999999999999999)) x (s);
CREATE TABLE health_summary_values (i int PRIMARY KEY, v health_summary, extended health_summary, external health_summary, main health_summary);
INSERT INTO health_summary_values (i, v)
SELECT row_number() OVER (), h FROM (
    SELECT health_agg(nullif(account % 101, 7), was_customer, starting) FROM pairs
    UNION ALL SELECT health_agg(account % 21 * 0.05, was_customer) FROM pairs GROUP BY csm
    UNION ALL SELECT health_agg(-99999999999999999999999999999999999999, true, 99999999999999999999999999999999999999)) x (h);
CREATE TABLE usage_history_values (i int PRIMARY KEY, v usage_history, extended usage_history, external usage_history, main usage_history);
INSERT INTO usage_history_values (i, v)
SELECT row_number() OVER (), h FROM (
    SELECT usage_history_agg(timestamp '2024-01-01' + account * interval '1 hour 0.000001 seconds', csm) FROM pairs
    UNION ALL SELECT usage_history_agg(timestamp '2024-01-01' + account * interval '7 minutes', 'a "name" ' || account % 5) FROM pairs GROUP BY csm
    UNION ALL SELECT keep(usage_history_agg(timestamp '2024-01-01', 'a'), '{}') FROM pairs
    UNION ALL SELECT usage_history_agg(t, repeat('x', 255)) FROM unnest('{4713-01-01 BC,294276-12-31}'::timestamp[]) t) x (h);
CREATE TABLE funnel_steps_values (i int PRIMARY KEY, v funnel_steps, extended funnel_steps, external funnel_steps, main funnel_steps);
INSERT INTO funnel_steps_values (i, v)
SELECT row_number() OVER (), f FROM unnest(ARRAY['a', 'a > b >> "c d" within 2 hours', 'a & b | c & d within 7 days first entry', 'a > !x | y > b within 0.000001 seconds every entry',
    (SELECT string_agg('step_' || n, ' > ') FROM generate_series(1, 32) n)]::funnel_steps[]) f;
CREATE TABLE funnel_summary_values (i int PRIMARY KEY, v funnel_summary, extended funnel_summary, external funnel_summary, main funnel_summary);
INSERT INTO funnel_summary_values (i, v)
SELECT row_number() OVER (), s FROM (
    SELECT funnel_agg(account, timestamp '2024-01-01' + n * account * interval '7 minutes', chr(96 + n), 'a > b > c within 10 days', csm, starting) FROM pairs, generate_series(1, account::int % 4) n
    UNION ALL SELECT funnel_agg(account, timestamp '2024-01-01' + n * account * interval '7 minutes', chr(96 + n), 'a > b > c within 10 days', NULL, starting, '2024-01-12') FROM pairs, generate_series(1, account::int % 4) n GROUP BY csm
    UNION ALL SELECT funnel_agg(1, timestamp '2024-01-01', 'x', 'a > b')
    UNION ALL SELECT funnel_agg(1, timestamp '2024-01-01', 'a', 'a', E'tab\t', 99999999999999999999999999999999999999)) x (s);
DO $$
DECLARE
    name text;
    storage text;
BEGIN
    FOREACH name IN ARRAY '{retention_summary,retention_sums,revenue_history,bridge_state,cohort_matrix,coverage_summary,lift_summary,segment_flows,revenue_terms,survival_summary,health_summary,usage_history,funnel_steps,funnel_summary}'::text[] LOOP
        FOREACH storage IN ARRAY '{extended,external,main}'::text[] LOOP
            EXECUTE format('ALTER TABLE %I ALTER COLUMN %I SET STORAGE %I', name || '_values', storage, storage);
            EXECUTE format('UPDATE %I SET %I = v::text::%I', name || '_values', storage, name);
        END LOOP;
    END LOOP;
END $$;

CREATE TABLE arrays AS
SELECT 1 AS i, bridge_agg(account, at, amount, '1 month', '2023-02-01', '2024-02-01') AS summaries FROM snapshots
UNION ALL SELECT 2, bridge_agg(account, at, amount, '1 month', '2023-02-01', '2024-02-01') FROM snapshots WHERE account % 3 = 0
UNION ALL SELECT 3, bridge_agg(v, '2023-02-01', '2024-02-01', '1 month') FROM revenue_history_values WHERE i <= 8
UNION ALL SELECT 4, trailing_agg(v, '2023-02-01', '2024-02-01', '1 month', '1 year') FROM revenue_history_values WHERE i <= 8
UNION ALL SELECT 5, bridge_agg(account, valid, amount, '1 week', '2023-01-02', '2024-01-01') FROM subscriptions
UNION ALL SELECT 6, '{}' UNION ALL SELECT 7, ARRAY[NULL]::retention_summary[]
UNION ALL SELECT 8, array_agg(v ORDER BY i) FROM retention_summary_values
UNION ALL SELECT 9, ARRAY[[v, v], [v, v]] FROM retention_summary_values WHERE i = 3;
CREATE TABLE schemes AS
SELECT 1 AS i, segment_scheme('deal_size') AS scheme UNION ALL SELECT 2, segment_scheme('enterprise') UNION ALL SELECT 3, '{}' UNION ALL SELECT 4, ARRAY[NULL]::segment[]
UNION ALL SELECT 5, '{"a (,10)","b [10,20)","c [20,)"}' UNION ALL SELECT 6, '{"a (,10)","b [15,20)"}' UNION ALL SELECT 7, '{"a (,10)","b [5,)"}';

CREATE VIEW monthly AS SELECT b.* FROM bridge((SELECT bridge_agg(account, at, amount, '1 month', '2023-02-01', '2024-02-01') FROM snapshots)) b;
CREATE VIEW by_manager AS
SELECT csm, ndr_agg(starting, ending) AS ndr, grr_agg(starting, ending) AS grr, churn_agg(starting, ending) AS churn, quick_ratio_agg(starting, ending) AS quick_ratio, retention_agg(starting, ending) AS r,
       lift_agg(was_customer, ending, starting) AS l FROM pairs GROUP BY csm;
CREATE VIEW rolled_up AS SELECT rollup(v) AS h, cohort_agg(v, '2023-01-01', '2024-01-01', '1 month') AS m, retention_agg(v, '2023-01-01', '2024-01-01') AS r FROM revenue_history_values WHERE i <= 8;
CREATE VIEW managers AS SELECT c.i, b.* FROM coverage_summary_values c, books(c.v) b;
CREATE VIEW cohorts AS SELECT m.i, t.* FROM cohort_matrix_values m, cohort_table(m.v) t;
CREATE VIEW steps_of AS SELECT h.i, s.*, first_active(h.v), last_active(h.v) FROM revenue_history_values h, steps(h.v) s;
CREATE VIEW moving AS SELECT account, ndr_agg(starting, ending) OVER w AS ndr, churn_agg(was_customer) OVER w AS churn, survivor_ndr_agg(starting, ending, 10) OVER w AS survivors
                      FROM pairs WINDOW w AS (ORDER BY account ROWS BETWEEN 20 PRECEDING AND 3 FOLLOWING);
CREATE VIEW strata_of AS SELECT l.i, s.* FROM lift_summary_values l, strata(l.v) s;
CREATE MATERIALIZED VIEW kept AS SELECT csm, retention_agg(starting, ending, period) AS r, coverage_agg(csm, starting, 2000) AS c FROM pairs GROUP BY csm;
CREATE INDEX ON retention_summary_values (v);
CREATE INDEX ON segment_values (v);
CREATE INDEX ON segment_values USING hash (v);
ANALYZE;
