-- The retention report. Expects the variables day_from, day_to and csv (empty
-- for the sample company). Each query is shown above its table.

\pset footer off
\pset null ''
SELECT count(csm) > 0 AS has_managers,
	(to_regprocedure('bridge_agg(bigint,daterange,numeric,interval,date,date)') IS NOT NULL) AS has_bridge_agg,
	CASE :'csv' WHEN '' THEN 'Sample company' ELSE :'csv' END AS company FROM account \gset

\echo
\echo '====' :company '====' :day_from 'compared with' :day_to '===='
\echo
\echo 'One row an account: what it paid on the first day, on the last, and if it ever had till then.'
\echo 'Everything below is asked of this view. pct() and whole() only format: 1.079 is 107.9 %.'
\set ECHO queries
CREATE VIEW book AS
SELECT account_id, name, segment, csm,
       sum(amount) FILTER (WHERE valid @> DATE :'day_from') AS starting,
       sum(amount) FILTER (WHERE valid @> DATE :'day_to') AS ending,
       bool_or(amount > 0 AND lower(valid) <= DATE :'day_from') AS was_customer,
       daterange(:'day_from', :'day_to', '(]') AS period
FROM account JOIN subscription USING (account_id) GROUP BY account_id;

\set ECHO none
\echo
\echo '== 1. The year at a glance'
\set ECHO queries
SELECT figure, pad(value, 14) AS value, meaning
FROM (SELECT retention_agg(starting, ending, was_customer, period) AS r FROM book) AS x,
LATERAL (VALUES
  ('Revenue, start', whole(starting(r)), 'from ' || accounts_starting(r) || ' accounts'),
  ('Revenue, end',   whole(ending(r)),   'from ' || accounts_ending(r) || ' accounts'),
  ('NDR',            pct(ndr(r)),        'of the starting revenue is what those accounts pay now'),
  ('95 % interval',  pct(ndr_interval(r, 0.95)), '% NDR: smaller differences may be chance'),
  ('GRR',            pct(grr(r)),        'of the starting revenue was kept, growth left out'),
  ('Logo churn',     pct(logo_churn(r)), accounts_churned(r) || ' accounts left'),
  ('Quick ratio',    round(quick_ratio(r), 2)::text, 'won (new, returned, expanded) for 1 lost')
) AS f(figure, value, meaning);

\set ECHO none
\echo '== 2. By segment. NDR above 100 %: what stays grows by more than what goes'
\set ECHO queries
SELECT coalesce(segment, 'Everyone') AS segment, accounts_starting(r) AS accounts,
       whole(starting(r)) AS revenue, pct(ndr(r)) AS ndr, pct(ndr_interval(r, 0.95)) AS interval,
       pct(grr(r)) AS grr, pct(logo_churn(r)) AS churn, round(quick_ratio(r), 2) AS quick
FROM (SELECT segment, retention_agg(starting, ending, was_customer, period) AS r
      FROM book GROUP BY ROLLUP (segment)) AS x
ORDER BY starting(r) DESC, x.segment DESC LIMIT 10;

\set ECHO none
\echo '== 3. By quarter: each line adds up to its ending'
\if :has_bridge_agg
\set ECHO queries
SELECT period_start AS quarter, whole(starting) AS starting, whole(new + reactivation) AS won,
       whole(expansion) AS expansion, whole(-contraction) AS contraction,
       whole(-churned) AS churned, whole(ending) AS ending
FROM bridge((SELECT bridge_agg(account_id, valid, amount, '3 months',
                               DATE :'day_from' + 1, DATE :'day_to' + 1) FROM subscription));

\set ECHO none
\else
\set ECHO queries
SELECT period_start AS quarter, whole(starting) AS starting, whole(new + reactivation) AS won,
       whole(expansion) AS expansion, whole(-contraction) AS contraction,
       whole(-churned) AS churned, whole(ending) AS ending
FROM bridge(ARRAY(
  SELECT retention_agg(starting, ending, was_customer, daterange(a, b))
  FROM (SELECT a, b, sum(amount) FILTER (WHERE valid @> a - 1) AS starting,
               sum(amount) FILTER (WHERE valid @> b - 1) AS ending,
               bool_or(amount > 0 AND lower(valid) < a) AS was_customer
        FROM subscription,
             LATERAL (SELECT (DATE :'day_from' + 1 + k * interval '3 months')::date AS a,
                             (DATE :'day_from' + 1 + (k + 1) * interval '3 months')::date AS b
                      FROM generate_series(0, 3) AS k) AS quarter
        GROUP BY a, b, account_id) AS x
  GROUP BY a, b ORDER BY a));

\set ECHO none
\endif
\if :has_managers
\echo '== 4. By manager. Target: NDR 105 %. The fewer accounts, the less a difference says'
\set ECHO queries
SELECT coalesce(csm, '(nobody)') AS csm, accounts_starting(r) AS accounts,
       whole(starting(r)) AS revenue, pct(ndr(r)) AS ndr, pct(ndr_interval(r, 0.95)) AS interval,
       pct(grr(r)) AS grr, pct(quota_attainment(r, 1.05)) AS of_target
FROM (SELECT csm, retention_agg(starting, ending, was_customer, period) AS r
      FROM book GROUP BY csm) AS x
ORDER BY starting(r) DESC LIMIT 6;

\set ECHO none
\endif
\echo '== 5. Whales: what hangs on the largest accounts, and how the others do'
\set ECHO queries
SELECT k AS largest, pct(top_share(r, k)) AS share, pct(ndr_without_top(r, k)) AS rest_ndr
FROM (SELECT retention_agg(starting, ending) AS r FROM book) AS x, unnest(ARRAY[1, 3, 10]) AS k;

\set ECHO none
\echo '== 6. The largest movements, account by account'
\set ECHO queries
SELECT left(name, 30) AS name, segment, movement(starting, ending, was_customer),
       whole(starting) AS starting, whole(ending) AS ending
FROM book WHERE movement(starting, ending, was_customer) <> 'unchanged'
ORDER BY abs(coalesce(ending, 0) - coalesce(starting, 0)) DESC, name LIMIT 6;

\set ECHO none
\echo '== 7. The check: the same by plain SQL'
\set ECHO queries
SELECT 'csm_metrics' AS by, round(ndr_agg(starting, ending), 16) AS ndr,
       round(grr_agg(starting, ending), 16) AS grr, round(churn_agg(starting, ending), 16) AS churn
FROM book
UNION ALL
SELECT 'plain SQL', round(sum(coalesce(ending, 0)) / sum(starting), 16),
       round(sum(least(starting, coalesce(ending, 0))) / sum(starting), 16),
       round(count(*) FILTER (WHERE coalesce(ending, 0) = 0) / nullif(count(*), 0)::numeric, 16)
FROM book WHERE starting > 0;
