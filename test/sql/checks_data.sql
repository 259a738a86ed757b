\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The checks of published tables, read from the folder that the environment variable CSM_SHARED_DATA names. Where it is missing
-- the file says so and stops: the other expected output is for that.
\set subscriptions `cut -d, -f1-4,7 "$CSM_SHARED_DATA/ravenstack/ravenstack_subscriptions.csv" 2>/dev/null`
\set orders `cut -d, -f1,3,4 "$CSM_SHARED_DATA/online_retail/orders_clean.csv" 2>/dev/null`
SELECT :'subscriptions' = '' OR :'orders' = '' AS missing \gset
\if :missing
    SELECT plan(1);
    SELECT skip('the folder of shared data is missing: CSM_SHARED_DATA names it', 1);
    SELECT * FROM finish();
    ROLLBACK;
    \q
\endif
SELECT plan(5);

CREATE TABLE subscription AS
SELECT f[1] AS id, f[2] AS account, f[3]::date AS starts, nullif(f[4], '')::date AS ends, f[5]::numeric AS mrr FROM regexp_split_to_table(:'subscriptions', '\n') line, LATERAL string_to_array(line, ',') f WHERE line !~ '^subscription_id';
CREATE TABLE purchase AS
SELECT f[1]::int AS customer, f[2]::timestamp AS at, f[3]::numeric AS revenue FROM regexp_split_to_table(:'orders', '\n') line, LATERAL string_to_array(line, ',') f WHERE line !~ '^customer_id';
SELECT is((SELECT count(*) FROM subscription) || ' ' || (SELECT count(*) FROM purchase), '5000 18532', 'all lines are there');
SELECT results_eq($$ SELECT problem, rows FROM check_subscriptions('subscription', 'account', 'starts', 'ends', 'mrr', NULL, '2024-12-31') $$, $$ VALUES
    ('exact duplicate', (SELECT sum(n - 1) FROM (SELECT count(*) AS n FROM subscription WHERE mrr > 0 GROUP BY account, starts, ends, mrr) x)::bigint),
    ('two open versions', 568), ('early renewal', 126), ('short gap', 4), ('no day', (SELECT count(*) FROM subscription WHERE ends = starts)) $$,
    'ravenstack by account: subscriptions side by side, which look like versions, and some of a day');
SELECT results_eq($$ SELECT problem, rows FROM check_subscriptions('subscription', 'id', 'starts', 'ends', 'mrr', NULL, '2024-12-31') $$, $$ VALUES ('no day', 13::bigint) $$, 'ravenstack by subscription: only those remain');
SELECT results_eq($$ SELECT problem, rows FROM check_snapshots('purchase', 'customer', 'at', 'revenue', '1 month', '2011-12-09') $$, $$ VALUES
    ('exact duplicate', (SELECT sum(n - 1) FROM (SELECT count(*) AS n FROM purchase GROUP BY customer, at::date, revenue) x)::bigint),
    ('last unit not over', (SELECT count(*) FROM purchase WHERE at >= '2011-12-01')),
    ('several rows in a unit', (SELECT sum(n - 1) FROM (SELECT count(DISTINCT (at::date, revenue)) AS n FROM purchase GROUP BY customer, date_trunc('month', at)) x)::bigint) $$,
    'online_retail by the month: December is not over, customers order more than once');
SELECT is((SELECT example FROM check_snapshots('purchase', 'customer', 'at', 'revenue', '1 week', '2011-12-09') WHERE problem = 'unit without rows'), '[2010-12-27,2011-01-03)', 'online_retail by the week: nobody orders between the years');

SELECT * FROM finish();
ROLLBACK;
