\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- Published life tables and churn of other people's data, read from the folder that the environment variable
-- CSM_SHARED_DATA names. Where it is missing the file says so and stops: the other expected output is for that.
\set found `cat "$CSM_SHARED_DATA/survival/g3.csv" "$CSM_SHARED_DATA/telco/ltv_by_contract.csv" 2>/dev/null | head -n 1`
SELECT :'found' = '' AS missing \gset
\if :missing
    SELECT plan(1);
    SELECT skip('the folder of shared data is missing: CSM_SHARED_DATA names it', 1);
    SELECT * FROM finish();
    ROLLBACK;
    \q
\endif
SELECT plan(20);

-- Three data sets in the same columns: data, group, age, churned.
CREATE TABLE life (data text, grp text, age numeric, churned bool);
CREATE TEMP TABLE g3 (no int, age int, sex text, histology text, grp text, event bool, months numeric);
\copy g3 FROM PROGRAM 'cat "$CSM_SHARED_DATA/survival/g3.csv"' (FORMAT csv, HEADER)
INSERT INTO life SELECT 'g3', grp, months, event FROM g3;
CREATE TEMP TABLE leukemia (t numeric, status int, sex int, wbc numeric, rx text);
\copy leukemia FROM PROGRAM 'cat "$CSM_SHARED_DATA/survival/anderson.csv"' (FORMAT csv, HEADER, DELIMITER ' ')
INSERT INTO life SELECT 'leukemia', rx, t, status = 1 FROM leukemia;
CREATE TEMP TABLE waltons (t numeric, e int, grp text);
\copy waltons FROM PROGRAM 'cat "$CSM_SHARED_DATA/survival/waltons_dataset.csv"' (FORMAT csv, HEADER)
INSERT INTO life SELECT 'waltons', grp, t, e = 1 FROM waltons;
CREATE TABLE s AS SELECT data, grp, survival_agg(age, churned) AS s, max(age) AS last FROM life GROUP BY data, grp;

CREATE TABLE km (grp text, age numeric, at_risk bigint, churned bigint, censored bigint, survival numeric, se numeric, hazard numeric, plain_low numeric, plain_high numeric, log_low numeric, log_high numeric, log_log_low numeric, log_log_high numeric, data text);
CREATE TABLE test (test text, rho int, chisq numeric, df int, p float8, data text);
CREATE TABLE oe (grp text, n bigint, observed bigint, expected numeric, data text);
CREATE TABLE quantiles (grp text, n bigint, events bigint, q25 numeric, median numeric, q75 numeric, low numeric, high numeric, rmean numeric, data text);
\copy km (grp, age, at_risk, churned, censored, survival, se, hazard, plain_low, plain_high, log_low, log_high, log_log_low, log_log_high) FROM PROGRAM 'cat "$CSM_SHARED_DATA/survival/g3_by_group_km.csv"' (FORMAT csv, HEADER)
\copy test (test, rho, chisq, df, p) FROM PROGRAM 'cat "$CSM_SHARED_DATA/survival/g3_by_group_logrank.csv"' (FORMAT csv, HEADER)
\copy oe (grp, n, observed, expected) FROM PROGRAM 'cat "$CSM_SHARED_DATA/survival/g3_by_group_logrank_oe.csv"' (FORMAT csv, HEADER)
\copy quantiles (grp, n, events, q25, median, q75, low, high, rmean) FROM PROGRAM 'cat "$CSM_SHARED_DATA/survival/g3_by_group_quantiles.csv"' (FORMAT csv, HEADER)
UPDATE km SET data = 'g3' WHERE data IS NULL; UPDATE test SET data = 'g3' WHERE data IS NULL; UPDATE oe SET data = 'g3' WHERE data IS NULL; UPDATE quantiles SET data = 'g3' WHERE data IS NULL;
\copy km (grp, age, at_risk, churned, censored, survival, se, hazard, plain_low, plain_high, log_low, log_high, log_log_low, log_log_high) FROM PROGRAM 'cat "$CSM_SHARED_DATA/survival/leukemia_by_Rx_km.csv"' (FORMAT csv, HEADER)
\copy test (test, rho, chisq, df, p) FROM PROGRAM 'cat "$CSM_SHARED_DATA/survival/leukemia_by_Rx_logrank.csv"' (FORMAT csv, HEADER)
\copy oe (grp, n, observed, expected) FROM PROGRAM 'cat "$CSM_SHARED_DATA/survival/leukemia_by_Rx_logrank_oe.csv"' (FORMAT csv, HEADER)
\copy quantiles (grp, n, events, q25, median, q75, low, high, rmean) FROM PROGRAM 'cat "$CSM_SHARED_DATA/survival/leukemia_by_Rx_quantiles.csv"' (FORMAT csv, HEADER)
UPDATE km SET data = 'leukemia' WHERE data IS NULL; UPDATE test SET data = 'leukemia' WHERE data IS NULL; UPDATE oe SET data = 'leukemia' WHERE data IS NULL; UPDATE quantiles SET data = 'leukemia' WHERE data IS NULL;
\copy km (grp, age, at_risk, churned, censored, survival, se, hazard, plain_low, plain_high, log_low, log_high, log_log_low, log_log_high) FROM PROGRAM 'cat "$CSM_SHARED_DATA/survival/waltons_by_group_km.csv"' (FORMAT csv, HEADER)
\copy test (test, rho, chisq, df, p) FROM PROGRAM 'cat "$CSM_SHARED_DATA/survival/waltons_by_group_logrank.csv"' (FORMAT csv, HEADER)
\copy oe (grp, n, observed, expected) FROM PROGRAM 'cat "$CSM_SHARED_DATA/survival/waltons_by_group_logrank_oe.csv"' (FORMAT csv, HEADER)
\copy quantiles (grp, n, events, q25, median, q75, low, high, rmean) FROM PROGRAM 'cat "$CSM_SHARED_DATA/survival/waltons_by_group_quantiles.csv"' (FORMAT csv, HEADER)
UPDATE km SET data = 'waltons' WHERE data IS NULL; UPDATE test SET data = 'waltons' WHERE data IS NULL; UPDATE oe SET data = 'waltons' WHERE data IS NULL; UPDATE quantiles SET data = 'waltons' WHERE data IS NULL;

-- Published numbers have 15 significant digits.
CREATE FUNCTION near(got numeric, want numeric) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT coalesce(abs(got - want) <= 2e-10 * greatest(1, abs(want)), got IS NULL AND want IS NULL)';
SELECT cmp_ok((SELECT count(*) FROM km), '>', 60::bigint, 'published curves are read');
SELECT is_empty($$ SELECT * FROM (SELECT data, grp, t.* FROM s, survival_table(s) t) t FULL JOIN km USING (data, grp, age) WHERE t.at_risk IS DISTINCT FROM km.at_risk OR t.churned IS DISTINCT FROM km.churned OR t.censored IS DISTINCT FROM km.censored OR NOT near(t.survival, km.survival) $$, 'at risk, churned, censored and the curve at every age');
SELECT is_empty(format($$ SELECT data, grp, age, i, %2$s_low, %2$s_high FROM km JOIN s USING (data, grp), LATERAL (SELECT survival_interval(s, age, 0.95, %1$L) AS i) x WHERE km.survival BETWEEN 0.0000001 AND 0.9999999 AND NOT (near(lower(i), %2$s_low) AND near(upper(i), %2$s_high)) $$, kind, replace(kind, '-', '_')), format('the %s interval at every age', kind))
FROM unnest(ARRAY['plain', 'log', 'log-log']) kind;
-- R takes the middle of a step that lies on the share: its number is halfway to the next churn then.
SELECT is_empty(format($$ SELECT * FROM quantiles JOIN s USING (data, grp), LATERAL (SELECT age_at(s, %1$s) AS a, (SELECT min(age) FROM survival_table(s) t WHERE churned > 0 AND age > age_at(s, %1$s)) AS b, survival(s, age_at(s, %1$s)) AS curve) x
    WHERE NOT coalesce(CASE WHEN round(curve, 12) = %1$s AND b IS NOT NULL THEN (a + b) / 2 ELSE a END = %2$s, a IS NULL AND %2$s IS NULL) $$, share, name), format('%s: the age at which %s are left', name, share)) FROM (VALUES (0.75, 'q25'), (0.5, 'median'), (0.25, 'q75')) v (share, name);
SELECT is_empty($$ SELECT *, i FROM quantiles JOIN s USING (data, grp), LATERAL (SELECT median_lifetime_interval(s, 0.95) AS i) x WHERE lower(i) IS DISTINCT FROM low OR upper(i) IS DISTINCT FROM high $$, 'intervals of medians');
SELECT is_empty('SELECT * FROM quantiles JOIN s USING (data, grp) WHERE NOT near(restricted_mean(s, last), rmean) OR accounts(s) <> n OR accounts_churned(s) <> events', 'restricted means, accounts, churned');
CREATE TABLE ranks AS SELECT data, l.* FROM (SELECT data, array_agg(s ORDER BY grp) AS s FROM s GROUP BY data) x, logrank(s) l;
SELECT is_empty($$ SELECT * FROM ranks JOIN test USING (data) WHERE test = 'logrank' AND NOT (near(chi_square, chisq) AND degrees = df AND abs(p_value / p - 1) < 1e-8) $$, 'log-rank: chi-square, degrees of freedom, and p values down to 2e-28');
SELECT is_empty($$ SELECT * FROM ranks, LATERAL (SELECT array_agg(observed ORDER BY grp) AS o, array_agg(expected ORDER BY grp) AS e FROM oe WHERE oe.data = ranks.data) x WHERE o <> observed OR NOT near(e[1], expected[1]) OR NOT near(e[2], expected[2]) $$, 'log-rank: observed and expected');

-- Customers of a telecom, tenure in months; the published lifetime is 1 / churn, capped at 72.
CREATE TABLE telco (id text, gender text, senior int, partner text, dependents text, tenure int, phone text, lines text, internet text, security text, backup text, protection text, support text, tv text, movies text, contract text, paperless text, payment text, monthly numeric, total text, churn text);
\copy telco FROM PROGRAM 'cat "$CSM_SHARED_DATA/telco/Telco-Customer-Churn.csv"' (FORMAT csv, HEADER)
CREATE TABLE ltv (contract text, customers bigint, monthly numeric, hazard numeric, months numeric, ltv numeric, cost numeric);
\copy ltv FROM PROGRAM 'cat "$CSM_SHARED_DATA/telco/ltv_by_contract.csv"' (FORMAT csv, HEADER)
CREATE TABLE hazards (contract text, customers bigint, churned bigint, months bigint, hazard numeric, lifetime numeric);
\copy hazards FROM PROGRAM 'cat "$CSM_SHARED_DATA/telco/kpi_hazard_by_contract.csv"' (FORMAT csv, HEADER)
CREATE TABLE t AS SELECT contract, survival_agg(tenure, churn = 'Yes') AS s FROM telco GROUP BY contract;
SELECT is((SELECT string_agg(contract || ' ' || round(restricted_mean(s, 72), 10), ', ' ORDER BY contract) FROM t), 'Month-to-month 36.2978999019, One year 66.4174719811, Two year 71.5403284503', 'telco: months of the first 72 by contract, where the published 1 / churn says 42.2, and 72 by a cap');
SELECT is((SELECT round(chi_square, 2) || ' ' || degrees FROM logrank((SELECT array_agg(s ORDER BY contract) FROM t))), '2352.87 2', 'telco: contracts differ, the published chi-square');
SELECT is_empty('SELECT * FROM t JOIN hazards USING (contract) WHERE accounts(s) <> customers OR accounts_churned(s) <> churned', 'telco: customers and churned by contract');
-- Every month of every customer is one at risk: the ages are whole; the publisher counts a month of those who have none yet.
SELECT is_empty($$ SELECT * FROM t JOIN hazards USING (contract), LATERAL (SELECT sum(n) + coalesce(sum(censored) FILTER (WHERE age = 0), 0) AS months FROM (SELECT age, censored, at_risk * (age - lag(age, 1, 0) OVER (ORDER BY age)) AS n FROM survival_table(s)) x) m WHERE m.months <> hazards.months $$, 'telco: customer months are the accounts at risk over all ages');
SELECT is((SELECT round(lifetime_value(1, 1, hazard), 8) FROM ltv WHERE contract = 'Month-to-month'), (SELECT round(months, 8) FROM ltv WHERE contract = 'Month-to-month'), 'telco: the textbook lifetime');
SELECT is_empty('SELECT * FROM ltv WHERE contract <> ''Month-to-month'' AND NOT (months = 72 AND lifetime_value(1, 1, hazard) > 300)', 'telco: by the textbook the other contracts last for more than 300 months, which the publisher caps');
SELECT is_empty($$ SELECT * FROM t WHERE restricted_mean(s, 73) IS NOT NULL OR survival(s, 73) IS NOT NULL $$, 'telco: beyond the last month nothing is known');
SELECT is((SELECT rollup(s) FROM t), (SELECT survival_agg(tenure, churn = 'Yes') FROM telco), 'telco: contracts rolled up are all customers');

SELECT * FROM finish();
ROLLBACK;
