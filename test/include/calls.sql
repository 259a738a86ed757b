-- Every aggregate of the extension, called over the table of company.sql. An aggregate without a call here is found by
-- "uncalled", a call that is not of its aggregate by "miscalled". Read after company.sql; needs the extension, creates no table.

CREATE VIEW aggregates AS
SELECT p.oid, p.oid::regprocedure::text AS name, aggcombinefn <> 0 AS combines
FROM pg_depend JOIN pg_aggregate ON aggfnoid = objid JOIN pg_proc p ON p.oid = objid
WHERE classid = 'pg_proc'::regclass AND refclassid = 'pg_extension'::regclass AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'csm_metrics');

CREATE VIEW calls AS
SELECT name, call, combines, true AS in_parts FROM (VALUES
    ('ndr_agg(numeric,numeric)', 'ndr_agg(s, e)'),
    ('grr_agg(numeric,numeric)', 'grr_agg(s, e)'),
    ('churn_agg(numeric,numeric)', 'churn_agg(s, e)'),
    ('churn_agg(boolean)', 'churn_agg(e = 0)'),
    ('revenue_churn_agg(numeric,numeric)', 'revenue_churn_agg(s, e)'),
    ('quick_ratio_agg(numeric,numeric)', 'quick_ratio_agg(s, e)'),
    ('survivor_ndr_agg(numeric,numeric,numeric)', 'survivor_ndr_agg(s, e, 5)'),
    ('ndr_difference_agg(numeric,numeric,numeric,numeric)', 'ndr_difference_agg(s, e, e, s)'),
    ('ndr_difference_interval_agg(numeric,numeric,numeric,numeric,double precision)', 'ndr_difference_interval_agg(s, e, e, s, 0.95)'),
    ('retention_agg(numeric,numeric)', 'retention_agg(s, e)'),
    ('retention_agg(numeric,numeric,daterange)', 'retention_agg(s, e, ''[2024-01-01,2024-04-01)''::daterange)'),
    ('retention_agg(numeric,numeric,daterange,text)', 'retention_agg(s, e, ''[2024-01-01,2024-04-01)''::daterange, currency)'),
    ('retention_agg(numeric,numeric,boolean)', 'retention_agg(s, e, was)'),
    ('retention_agg(numeric,numeric,boolean,daterange)', 'retention_agg(s, e, was, ''[2024-01-01,2024-04-01)''::daterange)'),
    ('retention_agg(numeric,numeric,boolean,daterange,text)', 'retention_agg(s, e, was, ''[2024-01-01,2024-04-01)''::daterange, currency)'),
    ('retention_agg(revenue_history,date,date)', 'retention_agg(h, ''2023-01-01'', ''2024-01-01'')'),
    ('bridge_agg(revenue_history,date,date,interval)', 'bridge_agg(h, ''2022-08-31'', ''2024-12-29'', ''1 month'')'),
    ('trailing_agg(revenue_history,date,date,interval,interval)', 'trailing_agg(h, ''2023-09-01'', ''2024-12-01'', ''1 month'', ''1 year'')'),
    ('cohort_agg(revenue_history,date,date,interval)', 'cohort_agg(h, ''2022-07-01'', ''2025-01-01'', ''1 month'')'),
    ('history_agg(date,numeric,interval)', 'history_agg(at, amount, ''1 month'')'),
    ('history_agg(date,numeric,interval,text)', 'history_agg(at, amount, ''1 month'', currency)'),
    ('history_agg(date,numeric,interval,text,date)', 'history_agg(at, amount, ''1 month'', currency, ''2024-01-15'')'),
    ('history_agg(daterange,numeric)', 'history_agg(valid, amount)'),
    ('history_agg(daterange,numeric,text)', 'history_agg(valid, amount, currency)'),
    ('history_change_agg(date,numeric)', 'history_change_agg(at, change)'),
    ('history_change_agg(date,numeric,text)', 'history_change_agg(at, change, currency)'),
    ('history_latest_agg(daterange,numeric)', 'history_latest_agg(valid, (lower(valid) - ''2020-01-01''::date)::numeric)'),
    ('history_latest_agg(daterange,numeric,timestamp with time zone)', 'history_latest_agg(valid, amount, to_timestamp(i * 3600))'),
    ('history_latest_agg(daterange,numeric,timestamp without time zone)', 'history_latest_agg(valid, amount, ''2024-01-01''::timestamp - i * interval ''1 hour'')'),
    ('history_latest_agg(daterange,numeric,date)', 'history_latest_agg(valid, amount, ''2000-01-01''::date + i)'),
    ('history_latest_agg(daterange,numeric,timestamp with time zone,text)', 'history_latest_agg(valid, amount, to_timestamp(i * 3600), currency)'),
    ('history_latest_agg(daterange,numeric,timestamp without time zone,text)', 'history_latest_agg(valid, amount, ''2024-01-01''::timestamp - i * interval ''1 hour'', currency)'),
    ('history_latest_agg(daterange,numeric,date,text)', 'history_latest_agg(valid, amount, ''2000-01-01''::date + i, currency)'),
    ('csm_coverage(text,numeric)', 'csm_coverage(csm, arr)'),
    ('csm_coverage(text,numeric,numeric)', 'csm_coverage(csm, arr, arr_capacity)'),
    ('csm_coverage(text,numeric,numeric,bigint)', 'csm_coverage(csm, arr, arr_capacity, account_capacity)'),
    ('csm_coverage(bigint,numeric)', 'csm_coverage(csm_number, arr)'),
    ('csm_coverage(bigint,numeric,numeric)', 'csm_coverage(csm_number, arr, arr_capacity)'),
    ('csm_coverage(bigint,numeric,numeric,bigint)', 'csm_coverage(csm_number, arr, arr_capacity, account_capacity)'),
    ('csm_coverage(uuid,numeric)', 'csm_coverage(csm_uuid, arr)'),
    ('csm_coverage(uuid,numeric,numeric)', 'csm_coverage(csm_uuid, arr, arr_capacity)'),
    ('csm_coverage(uuid,numeric,numeric,bigint)', 'csm_coverage(csm_uuid, arr, arr_capacity, account_capacity)'),
    ('coverage_agg(text,numeric)', 'coverage_agg(csm, arr)'),
    ('coverage_agg(text,numeric,numeric)', 'coverage_agg(csm, arr, arr_capacity)'),
    ('coverage_agg(text,numeric,numeric,bigint)', 'coverage_agg(csm, arr, arr_capacity, account_capacity)'),
    ('coverage_agg(bigint,numeric)', 'coverage_agg(csm_number, arr)'),
    ('coverage_agg(bigint,numeric,numeric)', 'coverage_agg(csm_number, arr, arr_capacity)'),
    ('coverage_agg(bigint,numeric,numeric,bigint)', 'coverage_agg(csm_number, arr, arr_capacity, account_capacity)'),
    ('coverage_agg(uuid,numeric)', 'coverage_agg(csm_uuid, arr)'),
    ('coverage_agg(uuid,numeric,numeric)', 'coverage_agg(csm_uuid, arr, arr_capacity)'),
    ('coverage_agg(uuid,numeric,numeric,bigint)', 'coverage_agg(csm_uuid, arr, arr_capacity, account_capacity)'),
    ('min(segment)', 'min(segment_of(grp, ''{' || (SELECT string_agg(format('"g%1$s [%1$s,%2$s)"', k, k + 1), ',') FROM generate_series(0, 39) AS k) || '}''::segment[]))'),
    ('max(segment)', 'max(segment_of(grp, ''{' || (SELECT string_agg(format('"g%1$s [%1$s,%2$s)"', k, k + 1), ',') FROM generate_series(0, 39) AS k) || '}''::segment[]))'),
    ('lift_agg(boolean,numeric)', 'lift_agg(touched, outcome)'),
    ('lift_agg(boolean,numeric,numeric)', 'lift_agg(touched, outcome, base)'),
    ('lift_agg(boolean,numeric,numeric,text)', 'lift_agg(touched, outcome, base, stratum)'),
    ('segment_flow_agg(numeric,numeric,boolean,text,text)', 'segment_flow_agg(s, e, was, stratum, csm)'),
    ('segment_flow_agg(numeric,numeric,boolean,text,text,daterange)', 'segment_flow_agg(s, e, was, stratum, csm, ''[2024-01-01,2024-04-01)'')'),
    ('survival_agg(numeric,boolean)', 'survival_agg(age, touched)'),
    ('survival_agg(numeric,boolean,numeric)', 'survival_agg(age, touched, arr)'),
    ('survival_agg(numeric,numeric,boolean)', 'survival_agg(age, (age + 1 + i % 7), touched)'),
    ('survival_agg(numeric,numeric,boolean,numeric)', 'survival_agg(age, (age + 1 + i % 7), touched, arr)'),
    ('survival_agg(double precision,boolean)', 'survival_agg(age::float8, touched)'),
    ('survival_agg(double precision,boolean,numeric)', 'survival_agg(age::float8, touched, arr)'),
    ('survival_agg(double precision,double precision,boolean)', 'survival_agg(age::float8, (age + 1 + i % 7)::float8, touched)'),
    ('survival_agg(double precision,double precision,boolean,numeric)', 'survival_agg(age::float8, (age + 1 + i % 7)::float8, touched, arr)'),
    ('survival_agg(revenue_history,date,date,interval)', 'survival_agg(h, ''2022-08-31'', ''2024-12-29'', ''1 month'')'),
    ('health_agg(numeric,boolean)', 'health_agg(score, touched)'),
    ('health_agg(numeric,boolean,numeric)', 'health_agg(score, touched, arr)'),
    ('health_agg(double precision,boolean)', 'health_agg(score::float8, touched)'),
    ('health_agg(double precision,boolean,numeric)', 'health_agg(score::float8, touched, arr)'),
    ('usage_history_agg(timestamp with time zone,text)', 'usage_history_agg(moment, stratum)'),
    ('usage_history_agg(timestamp without time zone,text)', 'usage_history_agg(moment_utc, stratum)'),
    ('funnel_agg(usage_history,funnel_steps)', 'funnel_agg(u, ''small & large within 400 days'')'),
    ('funnel_agg(usage_history,funnel_steps,text)', 'funnel_agg(u, ''small & large within 400 days'', csm)'),
    ('funnel_agg(usage_history,funnel_steps,text,numeric)', 'funnel_agg(u, ''small & large within 400 days'', csm, arr)'),
    ('funnel_agg(usage_history,funnel_steps,text,numeric,timestamp with time zone)', 'funnel_agg(u, ''small & large within 400 days'', csm, arr, ''2024-06-01 00:00Z'')'),
    ('rollup(usage_history)', 'rollup(u)'),
    ('rollup(funnel_summary)', 'rollup(fs)'),
    ('rollup(retention_summary)', 'rollup(r)'),
    ('rollup(retention_summary[])', 'rollup(rs)'),
    ('rollup(revenue_history)', 'rollup(h)'),
    ('rollup(cohort_matrix)', 'rollup(m)'),
    ('rollup(coverage_summary)', 'rollup(c)'),
    ('rollup(lift_summary)', 'rollup(l)'),
    ('rollup(segment_flows)', 'rollup(f)'),
    ('rollup(survival_summary)', 'rollup(sv)'),
    ('rollup(health_summary)', 'rollup(hs)')
) AS v (name, call) LEFT JOIN aggregates USING (name)
UNION ALL
-- Those that run over raw rows in one pass come in the same forms for three types of account. Bounds are far apart, so that
-- every row counts; without bounds a group has its own.
SELECT name, call, combines, false
FROM (VALUES ('bigint', 'account'), ('text', 'account_text'), ('uuid', 'account_uuid')) AS types (type, account),
     (VALUES ('bridge_agg(%s,date,numeric,interval)', 'bridge_agg(%s, at, amount, ''1 month'')'),
             ('bridge_agg(%s,date,numeric,interval,date,date)', 'bridge_agg(%s, at, amount, ''1 month'', ''2022-01-01'', ''2026-01-01'')'),
             ('bridge_agg(%s,date,numeric,interval,interval)', 'bridge_agg(%s, at, amount, ''1 month''::interval, ''3 months''::interval)'),
             ('bridge_agg(%s,date,numeric,interval,interval,date,date)', 'bridge_agg(%s, at, amount, ''1 month'', ''3 months'', ''2022-01-01'', ''2026-01-01'')'),
             ('bridge_agg(%s,daterange,numeric,interval)', 'bridge_agg(%s, valid, amount, ''1 month'')'),
             ('bridge_agg(%s,daterange,numeric,interval,date,date)', 'bridge_agg(%s, valid, amount, ''1 month'', ''2022-01-01'', ''2026-01-01'')'),
             ('bridge_agg(%s,daterange,numeric,text,interval,date,date)', 'bridge_agg(%s, valid, amount, currency, ''1 month'', ''2022-01-01'', ''2026-01-01'')'),
             ('bridge_agg(%s,date,numeric,text,interval,interval,date,date)', 'bridge_agg(%s, at, amount, currency, ''1 month'', ''3 months'', ''2022-01-01'', ''2026-01-01'')'),
             ('retention_agg(%s,daterange,numeric,date,date)', 'retention_agg(%s, valid, amount, ''2022-01-01'', ''2026-01-01'')'),
             ('retention_agg(%s,date,numeric,interval,date,date)', 'retention_agg(%s, at, amount, ''1 month'', ''2022-01-01'', ''2026-01-01'')'),
             ('trailing_agg(%s,daterange,numeric,interval,interval,date,date)', 'trailing_agg(%s, valid, amount, ''1 month'', ''1 year'', ''2022-01-01'', ''2026-01-01'')'),
             ('trailing_agg(%s,date,numeric,interval,interval,interval,date,date)', 'trailing_agg(%s, at, amount, ''1 month'', ''3 months'', ''1 year'', ''2022-01-01'', ''2026-01-01'')'),
             ('cohort_agg(%s,daterange,numeric,interval,date,date)', 'cohort_agg(%s, valid, amount, ''1 month'', ''2022-01-01'', ''2026-01-01'')'),
             ('survival_agg(%s,daterange,numeric,interval,date,date)', 'survival_agg(%s, valid, amount, ''1 month'', ''2022-01-01'', ''2026-01-01'')'),
             ('cohort_agg(%s,date,numeric,interval,date,date)', 'cohort_agg(%s, at, amount, ''1 month'', ''2022-01-01'', ''2026-01-01'')'),
             ('cohort_agg(%s,date,date,numeric,interval,date,date)', 'cohort_agg(%s, ''2022-01-01''::date + (account %% 900)::int, at, amount, ''1 month'', ''2022-01-01'', ''2026-01-01'')'),
             ('funnel_agg(%s,timestamp with time zone,text,funnel_steps)', 'funnel_agg(%s, moment, stratum, ''small & large within 400 days'')'),
             ('funnel_agg(%s,timestamp with time zone,text,funnel_steps,text)', 'funnel_agg(%s, moment, stratum, ''small & large within 400 days'', csm)'),
             ('funnel_agg(%s,timestamp with time zone,text,funnel_steps,text,numeric)', 'funnel_agg(%s, moment, stratum, ''small & large within 400 days'', csm, arr)'),
             ('funnel_agg(%s,timestamp with time zone,text,funnel_steps,text,numeric,timestamp with time zone)', 'funnel_agg(%s, moment, stratum, ''small & large within 400 days'', csm, arr, ''2024-06-01 00:00Z'')'),
             ('funnel_agg(%s,timestamp without time zone,text,funnel_steps)', 'funnel_agg(%s, moment_utc, stratum, ''small & large within 400 days'')'),
             ('funnel_agg(%s,timestamp without time zone,text,funnel_steps,text)', 'funnel_agg(%s, moment_utc, stratum, ''small & large within 400 days'', csm)'),
             ('funnel_agg(%s,timestamp without time zone,text,funnel_steps,text,numeric)', 'funnel_agg(%s, moment_utc, stratum, ''small & large within 400 days'', csm, arr)'),
             ('funnel_agg(%s,timestamp without time zone,text,funnel_steps,text,numeric,timestamp with time zone)', 'funnel_agg(%s, moment_utc, stratum, ''small & large within 400 days'', csm, arr, ''2024-06-01 00:00Z'')'),
             ('cohort_agg(%s,date,numeric,interval)', 'cohort_agg(%s, at, amount, ''1 month'')')) AS forms (form, call_form),
     LATERAL (SELECT format(form, type) AS name, format(call_form, account) AS call) AS x LEFT JOIN aggregates USING (name);

CREATE VIEW uncalled AS SELECT name FROM aggregates WHERE name NOT IN (SELECT name FROM calls);

-- A view depends on the aggregate that its query calls.
CREATE FUNCTION miscalled() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT name, call FROM calls LOOP
        EXECUTE format('CREATE TEMP VIEW one_call AS SELECT %s FROM company', one.call);
        IF NOT EXISTS (SELECT FROM pg_depend JOIN pg_rewrite r ON r.oid = objid WHERE classid = 'pg_rewrite'::regclass AND ev_class = 'one_call'::regclass
                       AND refclassid = 'pg_proc'::regclass AND refobjid = to_regprocedure(one.name)) THEN
            RETURN NEXT one.name;
        END IF;
        DROP VIEW one_call;
    END LOOP;
END $$;

-- The query that a call is asked by, over a table, by groups ('' for one answer).
CREATE FUNCTION question(call text, source text, groups text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT format('SELECT %s AS answer FROM %s', concat_ws(', ', nullif(groups, ''), call), source) || coalesce(' GROUP BY ' || nullif(groups, ''), '')
$$;

-- The same merged: rollup of the answers of the nodes.
CREATE FUNCTION merged(call text, source text, groups text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT question('rollup(answer)', format('(%s) AS nodes', question(call, source, concat_ws(', ', nullif(groups, ''), 'node'))), groups)
$$;

-- Which calls have a rollup of what they return. Terms of several nodes replace each other, which finished histories cannot. Runs over raw rows find bounds of their own on each node, unless they are given some.
CREATE VIEW merging AS
SELECT calls.* FROM calls JOIN pg_proc p ON p.oid = to_regprocedure(name)
WHERE to_regprocedure(format('rollup(%s)', p.prorettype::regtype)) IS NOT NULL AND (in_parts OR call ~ '2022-01-01|^cohort_agg|^funnel_agg') AND call !~ '^history_latest_agg';

-- A query for the fingerprint of a query's rows in the types' binary forms, and what a query of one value answers.
CREATE FUNCTION fingerprint(query text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT format('SELECT md5(string_agg(record_send(x)::text, '','' ORDER BY record_send(x))) FROM (%s) AS x', query)
$$;
CREATE FUNCTION answer_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    EXECUTE query INTO answer;
    RETURN answer;
END $$;
