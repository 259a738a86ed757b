\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- Published tables of two companies, read from the folder that the environment variable CSM_SHARED_DATA names. Where it is
-- missing the file says so and stops: the other expected output is for that.
\set subscriptions `cut -d, -f1-4,7 "$CSM_SHARED_DATA/ravenstack/ravenstack_subscriptions.csv" 2>/dev/null`
\set months `cat "$CSM_SHARED_DATA/ravenstack/published/mrr_monthly_aggregate_mrr.csv" 2>/dev/null`
\set orders `cut -d, -f1,3,4 "$CSM_SHARED_DATA/online_retail/orders_clean.csv" 2>/dev/null`
SELECT :'subscriptions' = '' OR :'months' = '' OR :'orders' = '' AS missing \gset
\if :missing
    SELECT plan(1);
    SELECT skip('the folder of shared data is missing: CSM_SHARED_DATA names it', 1);
    SELECT * FROM finish();
    ROLLBACK;
    \q
\endif
SELECT plan(9);

CREATE TABLE subscriptions AS
SELECT f[1] AS id, f[2] AS account, f[3]::date AS starts, nullif(f[4], '')::date AS ends, f[5]::numeric AS mrr
FROM string_to_table(:'subscriptions', E'\n') WITH ORDINALITY line (line, n), LATERAL (SELECT string_to_array(line, ',') AS f) x WHERE n > 1 AND line <> '';
CREATE TABLE months AS
SELECT f[2]::date AS month, f[4]::numeric AS mrr FROM string_to_table(:'months', E'\n') WITH ORDINALITY line (line, n), LATERAL (SELECT string_to_array(line, ',') AS f) x WHERE n > 1 AND line <> '';
CREATE TABLE orders AS
SELECT f[1]::bigint AS customer, f[2]::timestamp::date AS at, f[3]::numeric AS revenue
FROM string_to_table(:'orders', E'\n') WITH ORDINALITY line (line, n), LATERAL (SELECT string_to_array(line, ',') AS f) x WHERE n > 1 AND line <> '';
SELECT is((SELECT count(*) FROM subscriptions), 5000::bigint, 'five thousand subscriptions are read');

-- The published amounts count a subscription in each month that it touches.
CREATE TABLE touched AS
SELECT account, history_agg(daterange(date_trunc('month', starts)::date, (date_trunc('month', ends) + interval '1 month')::date), mrr) AS h FROM subscriptions GROUP BY account;
SELECT is_empty($$ SELECT month FROM months WHERE mrr IS DISTINCT FROM (SELECT amount_at(rollup(h), month) FROM touched) $$, 'amounts by month are those that the author published');
SELECT is_empty($$ SELECT month FROM months m JOIN bridge((SELECT bridge_agg(h, '2023-01-01', '2025-01-01', '1 month') FROM touched)) b ON b.period_start = m.month WHERE b.ending <> mrr $$, 'so are the ending amounts of the bridge');

-- As subscriptions are meant: end exclusive; against plain SQL, with the subscription as the account because accounts hardly ever leave.
CREATE TABLE hist AS SELECT id, history_agg(daterange(starts, ends), mrr) AS h FROM subscriptions WHERE starts < ends OR ends IS NULL GROUP BY id;
CREATE TABLE bridged AS SELECT * FROM bridge((SELECT bridge_agg(h, '2023-01-01', '2025-01-01', '1 month') FROM hist));
SELECT is_empty($$ SELECT period_start FROM bridged b, LATERAL (SELECT coalesce(sum(mrr) FILTER (WHERE starts < period_start AND (ends >= period_start OR ends IS NULL)), 0) AS starting,
                       coalesce(sum(mrr) FILTER (WHERE starts >= period_start AND starts < period_end AND (ends >= period_end OR ends IS NULL)), 0) AS new,
                       coalesce(sum(mrr) FILTER (WHERE starts < period_start AND ends >= period_start AND ends < period_end), 0) AS churned,
                       count(*) FILTER (WHERE mrr > 0 AND starts < period_start AND ends >= period_start AND ends < period_end) AS left FROM subscriptions) s
                   WHERE s.starting <> b.starting OR s.new <> b.new OR s.churned <> b.churned OR s.left <> b.accounts_churned $$, 'by subscription: starting, new and churned as plain SQL');
SELECT is_empty('SELECT period_start FROM bridged WHERE starting + new + reactivation + expansion - contraction - churned <> ending OR accounts_starting + accounts_new + accounts_reactivated - accounts_churned <> accounts_ending', 'every month reconciles');
SELECT is((SELECT sum(reactivation + expansion + contraction) FROM bridged), 0::numeric, 'a subscription only comes and goes');

-- Orders: revenue by cohort adds up to all of it.
SELECT is((SELECT count(*) FROM orders), 18532::bigint, 'the orders are read');
SELECT is((SELECT round(sum(revenue), 2) FROM cohort_table((SELECT cohort_agg(customer, at, revenue, '1 month') FROM orders))), 8911407.90, 'revenue of all cohorts is the published total');
SELECT is_empty($$ SELECT cohort, age, active FROM cohort_table((SELECT cohort_agg(customer, at, revenue, '1 month') FROM orders)) WHERE active > 0
                   EXCEPT SELECT first, (extract(year FROM age(month, first)) * 12 + extract(month FROM age(month, first)))::int, count(*) FROM (SELECT DISTINCT customer, date_trunc('month', at)::date AS month, min(date_trunc('month', at)::date) OVER (PARTITION BY customer) AS first FROM orders) x GROUP BY 1, 2 $$,
                'active customers of each cohort and age as plain SQL');

SELECT * FROM finish();
ROLLBACK;
