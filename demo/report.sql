-- The retention report. Expects the variables day_from, day_to and csv (empty
-- for the sample company). Each query is shown above its table.

\pset footer off
\pset null ''
SELECT count(csm) > 0 AS has_managers,
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
SELECT figure, pad(shown, 11) AS shown, meaning
FROM figures((SELECT retention_agg(starting, ending, was_customer, period) FROM book))
WHERE figure IN ('starting', 'ending', 'ndr', 'ndr_low', 'ndr_high', 'grr', 'logo_churn',
                 'quick_ratio');

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
\echo '== 3. By quarter, straight from the raw subscriptions: each line adds up to its ending'
\set ECHO queries
SELECT period_start AS quarter, whole(starting) AS starting, whole(new + reactivation) AS won,
       whole(expansion) AS expansion, whole(-contraction) AS contraction,
       whole(-churned) AS churned, whole(ending) AS ending
FROM bridge((SELECT bridge_agg(account_id, valid, amount, '3 months',
                               DATE :'day_from' + 1, DATE :'day_to' + 1) FROM subscription));

\set ECHO none
\echo '== 4. Which accounts stand behind a cell: the churn of the worst quarter'
SELECT period_start AS worst
FROM bridge((SELECT bridge_agg(account_id, valid, amount, '3 months',
                               DATE :'day_from' + 1, DATE :'day_to' + 1) FROM subscription))
ORDER BY churned DESC, 1 LIMIT 1 \gset
\set ECHO queries
CREATE VIEW history AS
SELECT account_id, history_agg(valid, amount) AS h FROM subscription GROUP BY account_id;
SELECT left(name, 30) AS name, segment, whole(m.starting) AS starting, whole(m.change) AS change
FROM history JOIN account USING (account_id),
     movements(h, DATE :'day_from' + 1, DATE :'day_to' + 1, '3 months') AS m
WHERE m.movement = 'churn' AND m.period_start = :'worst' ORDER BY m.change, name LIMIT 4;

\set ECHO none
\echo '== 5. One year, five NDRs: why two reports of one company can differ'
\set ECHO queries
SELECT variant, pct(ndr) AS ndr, meaning
FROM (SELECT retention_agg(h, a, b) AS year, bridge_agg(h, a, b, '1 month') AS months,
             trailing_agg(h, a, b, '3 months', '1 year') AS windows
      FROM history, (VALUES (DATE :'day_from' + 1, DATE :'day_to' + 1)) AS bounds (a, b)) AS x,
LATERAL (VALUES
  ('point to point', ndr(year),             'accounts of the first day on the last: the plain one'),
  ('chained',        chained_ndr(months),   'months multiplied: who joins counts from then on'),
  ('mean',           mean_ndr(windows),     'of five windows of a year, a quarter apart: smooth'),
  ('weighted',       weighted_ndr(windows), 'of the same windows, by their starting revenue'),
  ('flow',           flow_ndr(months),      'a diagnostic: gains of new accounts leak in')
) AS v(variant, ndr, meaning);

\set ECHO none
\echo '== 6. Trailing twelve months, by quarter: each line looks back a year'
\set ECHO queries
SELECT upper(period(r)) AS until, pct(ndr(r)) AS ndr, pct(grr(r)) AS grr,
       pct(logo_churn(r)) AS logo_churn
FROM unnest((SELECT trailing_agg(h, DATE :'day_from' + 1, DATE :'day_to' + 1,
                                 '3 months', '1 year') FROM history)) AS r;

\set ECHO none
\echo '== 7. Cohorts: of the revenue that a quarter''s new accounts ended it with, what is left later'
\set ECHO queries
SELECT cohort, max(accounts) AS accounts,
       max(pct(revenue_retention)) FILTER (WHERE age = 1) AS "after 1 quarter",
       max(pct(revenue_retention)) FILTER (WHERE age = 2) AS "after 2",
       max(pct(revenue_retention)) FILTER (WHERE age = 3) AS "after 3"
FROM cohort_table((SELECT cohort_agg(h, DATE :'day_from' + 1, DATE :'day_to' + 1, '3 months')
                   FROM history))
GROUP BY cohort ORDER BY cohort;

\set ECHO none
\echo '== 8. Whales: what hangs on the largest accounts, and how the others do'
\set ECHO queries
SELECT k AS largest, pct(top_share(r, k)) AS share, pct(ndr_without_top(r, k)) AS rest_ndr
FROM (SELECT retention_agg(starting, ending) AS r FROM book) AS x, unnest(ARRAY[1, 3, 10]) AS k;

\set ECHO none
\echo '== 9. The largest movements, account by account'
\set ECHO queries
SELECT left(name, 30) AS name, segment, movement(starting, ending, was_customer),
       whole(starting) AS starting, whole(ending) AS ending
FROM book WHERE movement(starting, ending, was_customer) <> 'unchanged'
ORDER BY abs(coalesce(ending, 0) - coalesce(starting, 0)) DESC, name LIMIT 6;

\set ECHO none
\echo '== 10. The check: the same by plain SQL'
\set ECHO queries
SELECT 'csm_metrics' AS by, round(ndr_agg(starting, ending), 16) AS ndr,
       round(grr_agg(starting, ending), 16) AS grr, round(churn_agg(starting, ending), 16) AS churn
FROM book
UNION ALL
SELECT 'plain SQL', round(sum(coalesce(ending, 0)) / sum(starting), 16),
       round(sum(least(starting, coalesce(ending, 0))) / sum(starting), 16),
       round(count(*) FILTER (WHERE coalesce(ending, 0) = 0) / nullif(count(*), 0)::numeric, 16)
FROM book WHERE starting > 0;

\set ECHO none
\if :has_managers
\echo '== 11. Quota by manager of the start. Target: NDR 105 %; few accounts say little'
\set ECHO queries
SELECT coalesce(csm, '(nobody)') AS csm, accounts_starting(r) AS accounts,
       whole(starting(r)) AS revenue, pct(ndr(r)) AS ndr, pct(ndr_interval(r, 0.95)) AS interval,
       pct(grr(r)) AS grr, pct(quota_attainment(r, 1.05)) AS of_target
FROM (SELECT csm, retention_agg(starting, ending, was_customer, period) AS r
      FROM book GROUP BY csm) AS x
ORDER BY starting(r) DESC LIMIT 6;

\set ECHO none
\echo '== 12. Is each segment covered? A manager, of one segment each, has room for 4 M'
\set ECHO queries
CREATE VIEW coverage AS
SELECT coverage_agg(csm, ending, 4000000, CASE segment WHEN 'enterprise' THEN 40
                                               WHEN 'mid-market' THEN 100 ELSE 250 END) AS c
FROM book;
SELECT pct(csm_coverage(c)) AS covered, csms(c) AS managers,
       round(required_csms(c), 2) AS required, headcount_gap(c) AS to_hire,
       overloaded_csms(c) AS overloaded, whole(arr_per_csm(c)) AS per_manager
FROM coverage;
SELECT segment, count(*) AS accounts, whole(sum(ending)) AS revenue,
       pct(sum(ending * coalesce(b.covered_arr / b.arr, 0)) / sum(ending)) AS covered,
       count(DISTINCT csm) AS managers,
       round(required_csms(coverage_agg(csm, ending, 4000000, room)), 2) AS required,
       headcount_gap(coverage_agg(csm, ending, 4000000, room)) AS to_hire
FROM (SELECT *, CASE segment WHEN 'enterprise' THEN 40 WHEN 'mid-market' THEN 100
                             ELSE 250 END AS room FROM book) AS a
LEFT JOIN (coverage CROSS JOIN books(c) AS b) USING (csm)
WHERE ending > 0 GROUP BY segment ORDER BY sum(ending) DESC;

\set ECHO none
\echo '== 13. Is its cost in line? 100,000 a manager, against the published benchmark'
\set ECHO queries
SELECT pct(csms(c) * cost.high / arr(c)) AS cost_share, pct(b.high) AS benchmark_at_most, b.segment,
       benchmark_position(csms(c) * cost.high / arr(c), b.low, b.high) AS position
FROM coverage, default_benchmarks() AS cost, default_benchmarks() AS b
WHERE cost.metric = 'csm_cost' AND b.metric = 'cs_cost_share' AND b.segment ~ '10M to 100M';

\set ECHO none
\echo '== 14. What did the managers bring? Small accounts with one against those without: where'
\echo '   all or none have one, there is nothing to compare. The cost is that of their 2 managers.'
\set ECHO queries
SELECT whole(incremental(l)) AS kept_more, pct(lift(l)) AS of_their_revenue,
       pct(csm_roi(incremental(l), 200000)) AS return_on_cost,
       pct(csm_roi(lower(i), 200000)) AS at_least, pct(csm_roi(upper(i), 200000)) AS at_most,
       strata_without_control(l) AS segments_left_out
FROM (SELECT lift_agg(csm IS NOT NULL, least(starting, coalesce(ending, 0)), starting, segment) AS l
      FROM book WHERE starting > 0) AS x, incremental_interval(l, 0.95) AS i;

\set ECHO none
\endif
