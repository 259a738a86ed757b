-- Values of every type, the same on every machine and by every version since 0.1.0: one table a type in the schema stored,
-- named like the type, with the columns id and v. Read with the extension in search_path.
CREATE SCHEMA stored;

-- A draw from 0 to below - 1.
CREATE FUNCTION stored.draw(seed int, i int, below int) RETURNS int LANGUAGE sql IMMUTABLE
    RETURN ('x' || substr(md5(seed || '/' || i), 1, 7))::bit(28)::int % below;

-- Aggregates that hand out their states, which servers send to each other.
CREATE AGGREGATE stored.sums_agg(starting numeric, ending numeric) (
    SFUNC = csm_sums_accum, STYPE = retention_sums, COMBINEFUNC = csm_sums_combine, PARALLEL = safe);
CREATE AGGREGATE stored.bridge_state_agg(h revenue_history, from_date date, to_date date, step interval) (
    SFUNC = csm_bridge_accum, STYPE = bridge_state, COMBINEFUNC = csm_bridge_combine, PARALLEL = safe);

-- Accounts in groups: few and many, whole and fine amounts, zeros and NULLs, up to 35 digits.
CREATE TABLE stored.accounts AS
SELECT grp, i, CASE WHEN stored.draw(1, key, 9) = 0 THEN NULL WHEN stored.draw(2, key, 7) = 0 THEN 0
                    ELSE round(stored.draw(3, key, 90000000) * unit, grp % 4) END AS s,
       CASE WHEN stored.draw(4, key, 9) = 0 THEN NULL WHEN stored.draw(5, key, 7) = 0 THEN 0.0
            ELSE round(stored.draw(6, key, 90000000) * unit, grp % 4) END AS e,
       stored.draw(7, key, 3) = 0 AS was
FROM (VALUES (1, 1, 0.01), (2, 3, 0.013), (3, 12, 0.0007), (4, 90, 1), (5, 40, 123456789012345678901234.567), (6, 200, 0.25)) g (grp, n, unit),
    generate_series(1, n) i, LATERAL (SELECT grp * 1000 + i AS key) k;

CREATE TABLE stored.retention_summary (id int, v retention_summary);
INSERT INTO stored.retention_summary SELECT grp, retention_agg(s, e ORDER BY i) FROM stored.accounts GROUP BY grp;
INSERT INTO stored.retention_summary SELECT 10 + grp, retention_agg(s, e, daterange('2024-01-01', '2024-04-01') ORDER BY i) FROM stored.accounts GROUP BY grp;
INSERT INTO stored.retention_summary SELECT 20 + grp, retention_agg(s, e, daterange('1999-12-31', '2000-02-29'), 'EUR' ORDER BY i) FROM stored.accounts GROUP BY grp;
INSERT INTO stored.retention_summary SELECT 30 + grp, retention_agg(s, e, was ORDER BY i) FROM stored.accounts GROUP BY grp;
INSERT INTO stored.retention_summary SELECT 40 + grp, retention_agg(s, e, was, daterange('2024-01-31', '2025-01-31'), 'longest-code.15' ORDER BY i) FROM stored.accounts GROUP BY grp;
INSERT INTO stored.retention_summary SELECT 50, retention_agg(NULL, NULL);
INSERT INTO stored.retention_summary SELECT 51, retention_agg(99999999999999999999999999999999999998, 1);
INSERT INTO stored.retention_summary SELECT 52, retention_agg(0.00000000000000000000000000000000000001, 0.5);
INSERT INTO stored.retention_summary SELECT 53, rollup(v) FROM stored.retention_summary WHERE id BETWEEN 1 AND 6;
INSERT INTO stored.retention_summary VALUES (99, NULL);

CREATE TABLE stored.retention_sums (id int, v retention_sums);
INSERT INTO stored.retention_sums SELECT grp, stored.sums_agg(s, e ORDER BY i) FROM stored.accounts GROUP BY grp;
INSERT INTO stored.retention_sums SELECT 7, stored.sums_agg(s, e) FROM (VALUES (0, 0), (NULL, 5), (99999999999999999999999999999999999998, 0)) v (s, e);
INSERT INTO stored.retention_sums VALUES (99, NULL);

CREATE TABLE stored.segment (id int, v segment);
INSERT INTO stored.segment VALUES
    (1, 'enterprise [100000,)'), (2, 'small business [0,25000)'), (3, 'a [1.50,2.00)'), (4, 'all (,)'), (5, 'low (,5)'), (6, 'Größe €uro, "quoted" \ (x) [10] [1000,2000)'),
    (7, 'credit [-5.0,-0.25)'), (8, 'wide [0,99999999999999999999999999999999999999)'), (9, 'fine [0.00000000000000000000000000000000000001,)'),
    (10, (repeat('x', 100) || ' [1,2)')::segment), (99, NULL);
INSERT INTO stored.segment SELECT 20 + n, s FROM unnest(segment_scheme('deal_size') || segment_scheme('enterprise')) WITH ORDINALITY x (s, n);

CREATE TABLE stored.revenue_history (id int, v revenue_history);
INSERT INTO stored.revenue_history SELECT 1, history_agg(date '2024-01-15', 100.50, '1 month');
INSERT INTO stored.revenue_history SELECT 2, history_agg(daterange('2023-02-28', '2024-02-29'), 7.125);
INSERT INTO stored.revenue_history SELECT 3, history_agg(daterange('2023-02-28', NULL), 99999999999999999999999999999999.25, 'USD');
INSERT INTO stored.revenue_history SELECT 4, history_change_agg(d, c, 'jpy') FROM (VALUES (date '1999-12-31', 5), ('2000-02-29', 2.50), ('2031-07-01', -7.5)) v (d, c);
INSERT INTO stored.revenue_history SELECT 5, history_agg(daterange('2024-01-01', '2024-01-01'), 1);
INSERT INTO stored.revenue_history SELECT 6, history_agg(date '2020-01-01' + 7 * i, stored.draw(8, i, 900000) * 0.01, '1 week') FROM generate_series(1, 400) i;
INSERT INTO stored.revenue_history SELECT 7, history_agg(date '2022-01-31' + 31 * i, NULLIF(stored.draw(9, i, 4), 0) * 12.345, '1 month', 'EUR') FROM generate_series(1, 40) i;
INSERT INTO stored.revenue_history SELECT 10 + a, history_agg(daterange(starts, starts + 30 + stored.draw(10, key, 500)), 1 + stored.draw(11, key, 900) * 0.25)
FROM generate_series(1, 12) a, generate_series(1, 6) i, LATERAL (SELECT a * 100 + i AS key) k, LATERAL (SELECT date '2022-01-01' + stored.draw(12, key, 1200) AS starts) s GROUP BY a;
INSERT INTO stored.revenue_history VALUES (99, NULL);

CREATE TABLE stored.bridge_state (id int, v bridge_state);
INSERT INTO stored.bridge_state SELECT 1, stored.bridge_state_agg(v, '2022-01-01', '2026-01-01', '3 months' ORDER BY id) FROM stored.revenue_history WHERE id BETWEEN 11 AND 22;
INSERT INTO stored.bridge_state SELECT 2, stored.bridge_state_agg(v, '2023-01-31', '2024-01-31', '1 month' ORDER BY id) FROM stored.revenue_history WHERE id = 11;
INSERT INTO stored.bridge_state SELECT 3, stored.bridge_state_agg(v, '2020-01-06', '2020-12-28', '1 month') FROM stored.revenue_history WHERE id = 6;
INSERT INTO stored.bridge_state VALUES (99, NULL);

-- A matrix as 0.2.0 and before made it: without who was active for the last time.
CREATE FUNCTION stored.as_before(m cohort_matrix) RETURNS cohort_matrix LANGUAGE sql IMMUTABLE AS $$
    SELECT regexp_replace(m::text, '("\]), \[[0-9, ]+\]\]', '\1]', 'g')::cohort_matrix
$$;
CREATE TABLE stored.cohort_matrix (id int, v cohort_matrix);
INSERT INTO stored.cohort_matrix SELECT 1, stored.as_before(cohort_agg(v, '2022-01-01', '2026-01-01', '3 months' ORDER BY id)) FROM stored.revenue_history WHERE id BETWEEN 11 AND 22;
INSERT INTO stored.cohort_matrix SELECT 2, stored.as_before(cohort_agg(v, '2023-01-01', '2025-01-01', '1 year' ORDER BY id)) FROM stored.revenue_history WHERE id = 11;
INSERT INTO stored.cohort_matrix SELECT 3, stored.as_before(cohort_agg(i % 17, date '2024-01-01' + stored.draw(13, i, 600), stored.draw(14, i, 9000) * 0.01, '1 month')) FROM generate_series(1, 300) i;
INSERT INTO stored.cohort_matrix SELECT 4, stored.as_before(cohort_agg(v, '2022-01-01', '2022-03-01', '1 month')) FROM stored.revenue_history WHERE id = 4;
INSERT INTO stored.cohort_matrix VALUES (99, NULL);

CREATE TABLE stored.coverage_summary (id int, v coverage_summary);
INSERT INTO stored.coverage_summary SELECT grp, coverage_agg(CASE WHEN i % 5 > 0 THEN 'm' || i % 7 END, s ORDER BY i) FROM stored.accounts GROUP BY grp;
INSERT INTO stored.coverage_summary SELECT 10 + grp, coverage_agg('Größe, "x"' || i % 3, s, 2000000.50 ORDER BY i) FROM stored.accounts WHERE grp <> 5 GROUP BY grp;
INSERT INTO stored.coverage_summary SELECT 20 + grp, coverage_agg(i % 60, s, 1000000 + 500000 * (i % 2), 50 - i % 3 ORDER BY i) FROM stored.accounts WHERE grp <> 5 GROUP BY grp;
INSERT INTO stored.coverage_summary SELECT 30, coverage_agg(md5(i::text)::uuid, i) FROM generate_series(1, 3) i;
INSERT INTO stored.coverage_summary SELECT 31, coverage_agg(NULL::text, NULL);
INSERT INTO stored.coverage_summary VALUES (99, NULL);

CREATE TABLE stored.lift_summary (id int, v lift_summary);
INSERT INTO stored.lift_summary SELECT grp, lift_agg(was, e - coalesce(s, 0) ORDER BY i) FROM stored.accounts GROUP BY grp;
INSERT INTO stored.lift_summary SELECT 10 + grp, lift_agg(was, e, s ORDER BY i) FROM stored.accounts GROUP BY grp;
INSERT INTO stored.lift_summary SELECT 20 + grp, lift_agg(was, e, s, CASE WHEN i % 4 > 0 THEN 'strate é ' || i % 4 END ORDER BY i) FROM stored.accounts GROUP BY grp;
INSERT INTO stored.lift_summary VALUES (99, NULL);

-- Matrices that 0.2.0 could not make.
SELECT to_regproc('cohort_activity') IS NOT NULL AS has_activity \gset
\if :has_activity
INSERT INTO stored.cohort_matrix SELECT 10, cohort_agg(i % 17, date '2024-01-01' + stored.draw(13, i, 600), (stored.draw(14, i, 9000) - 2000) * 0.01, '1 month', '2024-02-15', '2025-06-01') FROM generate_series(1, 300) i;
INSERT INTO stored.cohort_matrix SELECT 11, cohort_agg('account ' || i % 17, date '2024-01-01' + i % 17 * 20, date '2024-01-01' + stored.draw(13, i, 600), (stored.draw(14, i, 9000) - 2000) * 0.01, '3 months', '2024-01-01', '2025-06-01') FROM generate_series(1, 300) i;
INSERT INTO stored.cohort_matrix SELECT 12, cohort_agg(1, date '2024-01-01', -9.5, '1 month', '2024-01-01', '2024-01-15');
INSERT INTO stored.cohort_matrix VALUES (13, '{"from_date": "2024-01-01", "to_date": "2024-03-01", "step": "1 month", "currency": "EUR", "scale": 0, "cohorts": [[2, [1, 0], ["5", "0"]], [0, [0], ["0"]]]}');
\endif

-- Types that 0.2.0 did not have.
SELECT to_regtype('revenue_terms') IS NOT NULL AS has_terms \gset
\if :has_terms
CREATE AGGREGATE stored.terms_agg(valid daterange, amount numeric, recorded timestamptz, currency text) (
    SFUNC = csm_terms_accum, STYPE = revenue_terms, COMBINEFUNC = csm_terms_combine, PARALLEL = safe);
CREATE TABLE stored.revenue_terms (id int, v revenue_terms);
INSERT INTO stored.revenue_terms SELECT grp, stored.terms_agg(daterange('2023-01-01'::date + i % 40, CASE WHEN i % 3 > 0 THEN '2023-06-01'::date + i END), s, CASE WHEN i % 5 > 0 THEN '2023-01-01 10:00+02'::timestamptz + i * interval '1 hour 0.000001 seconds' END, 'EUR' ORDER BY i)
FROM stored.accounts GROUP BY grp;
INSERT INTO stored.revenue_terms SELECT 10, stored.terms_agg(daterange('4713-01-01 BC', '5874897-12-31'), -5.250, 'infinity', NULL);
INSERT INTO stored.revenue_terms VALUES (99, NULL);
\endif
SELECT to_regtype('segment_flows') IS NOT NULL AS has_flows \gset
\if :has_flows
CREATE TABLE stored.segment_flows (id int, v segment_flows);
INSERT INTO stored.segment_flows SELECT grp, segment_flow_agg(s, e, was, CASE WHEN i % 4 > 0 THEN 'Größe ' || i % 4 END, E'tab\t' || i % 3 ORDER BY i) FROM stored.accounts GROUP BY grp;
INSERT INTO stored.segment_flows SELECT 10 + grp, segment_flow_agg(s, e, was, 'a', 'b', '[2024-01-01,2025-01-01)' ORDER BY i) FROM stored.accounts GROUP BY grp;
INSERT INTO stored.segment_flows VALUES (99, NULL);
\endif
SELECT to_regtype('survival_summary') IS NOT NULL AS has_lifetimes \gset
\if :has_lifetimes
CREATE TABLE stored.survival_summary (id int, v survival_summary);
INSERT INTO stored.survival_summary SELECT grp, survival_agg(round(i % 37 * 0.25, grp % 3), was ORDER BY i) FROM stored.accounts GROUP BY grp;
INSERT INTO stored.survival_summary SELECT 10 + grp, survival_agg(i % 7, i % 7 + 1 + i % 11, was ORDER BY i) FROM stored.accounts GROUP BY grp;
INSERT INTO stored.survival_summary SELECT 20 + grp, survival_agg(i % 37, was, s ORDER BY i) FROM stored.accounts GROUP BY grp;
INSERT INTO stored.survival_summary SELECT 30, survival_agg(v, '2023-01-01', '2024-01-01', '1 month' ORDER BY id) FROM stored.revenue_history;
INSERT INTO stored.survival_summary SELECT 31, survival_agg(v, '2022-01-01', '2025-01-01', '7 days' ORDER BY id) FROM stored.revenue_history;
INSERT INTO stored.survival_summary VALUES (99, NULL);
CREATE TABLE stored.health_summary (id int, v health_summary);
INSERT INTO stored.health_summary SELECT grp, health_agg(round(i % 37 * 0.25, grp % 3), was ORDER BY i) FROM stored.accounts GROUP BY grp;
INSERT INTO stored.health_summary SELECT 10 + grp, health_agg(nullif(i % 23, 5) - 3, was, s ORDER BY i) FROM stored.accounts GROUP BY grp;
INSERT INTO stored.health_summary SELECT 20 + grp, health_agg(i % 101 / 100.0, was ORDER BY i) FROM stored.accounts GROUP BY grp;
INSERT INTO stored.health_summary VALUES (99, NULL);
\endif
SELECT to_regtype('usage_history') IS NOT NULL AS has_usage \gset
\if :has_usage
CREATE TABLE stored.usage_history (id int, v usage_history);
INSERT INTO stored.usage_history SELECT grp, usage_history_agg(timestamp '2024-01-01' + i * interval '1 hour 0.000001 seconds', 'Größe ' || i % 7) FROM stored.accounts GROUP BY grp;
INSERT INTO stored.usage_history SELECT 10 + grp, usage_history_agg(timestamp '2024-01-01' + i * interval '1 day', chr(97 + i % 5)) FROM stored.accounts GROUP BY grp;
INSERT INTO stored.usage_history SELECT 20, keep(v, '{}') FROM stored.usage_history WHERE id = 11;
INSERT INTO stored.usage_history VALUES (99, NULL);
CREATE TABLE stored.funnel_steps (id int, v funnel_steps);
INSERT INTO stored.funnel_steps VALUES (1, 'a > b >> "Größe 1" within 36 hours every entry'), (2, 'a & b | c within 7 days'), (99, NULL);
CREATE TABLE stored.funnel_summary (id int, v funnel_summary);
INSERT INTO stored.funnel_summary SELECT grp, funnel_agg(i / 4, timestamp '2024-01-01' + i * interval '1 hour', chr(97 + i % 5), 'a > b > c within 2 days', 'Größe ' || i / 4 % 3, s) FROM stored.accounts GROUP BY grp;
INSERT INTO stored.funnel_summary SELECT 10 + grp, funnel_agg(i / 4, timestamp '2024-01-01' + i * interval '1 hour', chr(97 + i % 5), 'a >> b >> c within 2 days', NULL, s, '2024-03-01 00:00Z') FROM stored.accounts GROUP BY grp;
INSERT INTO stored.funnel_summary VALUES (99, NULL);
\endif
