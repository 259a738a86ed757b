-- The retention report. Expects the variables day_from, day_to and csv (empty
-- for the sample company). Each query is shown above its table.

\pset footer off
\pset null ''
SELECT count(csm) > 0 AS has_managers, :'csv' = '' AS is_sample,
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
\if :is_sample
\echo '== 11. Quota by manager of the start. Target: NDR 105 %; few accounts say little'
\else
\echo '== 11. Quota by the manager of now. Target: NDR 105 %; few accounts say little'
\endif
\set ECHO queries
SELECT coalesce(csm, '(nobody)') AS csm, accounts_starting(r) AS accounts,
       whole(starting(r)) AS revenue, pct(ndr(r)) AS ndr, pct(ndr_interval(r, 0.95)) AS interval,
       pct(grr(r)) AS grr, pct(quota_attainment(r, 1.05)) AS of_target
FROM (SELECT csm, retention_agg(starting, ending, was_customer, period) AS r
      FROM book GROUP BY csm) AS x
ORDER BY starting(r) DESC LIMIT 6;

\set ECHO none
\endif
-- How many accounts a manager has room for, and his cost, no file says.
\if :is_sample
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

-- What needs health scores, or seats: a CSV file has neither.
SELECT to_regclass('score') IS NOT NULL AS has_scores \gset
\if :has_scores
\echo '== 15. How long do customers stay, by what the year saw of each age; what is one worth at a'
\echo '   margin of 80 %? The textbook takes the churn of the year to be that of every age, for ever.'
\set ECHO queries
CREATE VIEW lives AS
SELECT segment, survival_agg(h, DATE :'day_from' + 1, DATE :'day_to' + 1, '1 month') AS s
FROM history JOIN account USING (account_id) GROUP BY segment;
SELECT segment, accounts_churned(s) AS left_us, pct(survival(s, 6)) AS "6 months",
       pct(survival(s, 12)) AS "12 months", pct(survival_interval(s, 12, 0.95)) AS interval,
       pct(survival(s, 18)) AS "18 months", pct(survival(s, 24)) AS "24 months"
FROM lives ORDER BY survival(s, 24) DESC;
SELECT segment, whole(arpa) AS a_month, whole(lifetime_value(s, arpa, 0.8, 24)) AS in_24_months,
       whole(lifetime_value(arpa, 0.8, churn)) AS "for ever, by the textbook"
FROM lives JOIN (SELECT segment, avg(ending) / 12 AS arpa, churn_agg(starting, ending) / 12 AS churn
                 FROM book GROUP BY segment) AS x USING (segment) ORDER BY arpa DESC;

\set ECHO none
\echo '== 16. Is the health score any good? Churn of each quarter of the year, by the score before it.'
\echo '   An AUC of 50 % is a coin. Recall: of the churned so many were red, below 50. Precision: of the'
\echo '   red so many churned. Green, from 75 on, is where nobody looks.'
\set ECHO queries
CREATE VIEW quarter AS
SELECT period_start, a.account_id, score, amount_at(h, period_start - 1) AS starting,
       amount_at(h, period_end - 1) AS ending,
       label(segment_of(score, '{"red [0,50)","yellow [50,75)","green [75,)"}')) AS band
FROM history AS a
CROSS JOIN intervals((DATE :'day_to' + 1 - interval '2 years')::date,
                     (DATE :'day_to' + 1 + interval '3 months')::date, '3 months')
LEFT JOIN score AS s ON s.account_id = a.account_id AND noted_on = period_start - 1
WHERE amount_at(h, period_start - 1) > 0;
SELECT months_before, accounts_churned(s) AS churned, pct(auc(s)) AS auc,
       pct(auc_interval(s, 0.95)) AS interval, pct(churn_recall(s, 50)) AS recall,
       pct(churn_precision(s, 50)) AS precision, pct(green_churn(s, 75)) AS green_churn
FROM (SELECT months AS months_before, health_agg(s.score, ending = 0, starting) AS s
      FROM quarter AS q CROSS JOIN unnest('{0,3,6}'::int[]) AS months
      LEFT JOIN score AS s ON s.account_id = q.account_id
        AND noted_on = (period_start - make_interval(months => months))::date - 1
      WHERE period_start > DATE :'day_from' AND period_start <= DATE :'day_to' GROUP BY 1) AS x
ORDER BY 1;
SELECT coalesce(band::text, 'no score') AS band, accounts, accounts_churned AS churned,
       pct(churn) AS churn, pct(churn_interval) AS interval, whole(arr_churned) AS revenue_churned
FROM health_bands((SELECT health_agg(score, ending = 0, starting) FROM quarter
                   WHERE period_start > DATE :'day_from' AND period_start <= DATE :'day_to'),
                  '{"red [0,50)","yellow [50,75)","green [75,)"}', 0.95);

\set ECHO none
\echo '== 17. What will the next quarter bring? Each band as in the eight quarters before; the interval'
\echo '   has chance in it, and how much quarters differ'
\set ECHO queries
CREATE VIEW bands AS
SELECT coalesce(band, 'none') AS band,
       retention_agg(starting, ending) FILTER (WHERE period_start <= DATE :'day_to') AS past,
       retention_agg(starting, NULL) FILTER (WHERE period_start > DATE :'day_to') AS open
FROM quarter GROUP BY 1;
SELECT figure, pct(forecast) AS forecast, pct(interval) AS "95 % interval",
       whole(forecast * arr) AS amount, whole(lower(interval) * arr) AS at_least
FROM (SELECT array_agg(past ORDER BY band) AS past, array_agg(open ORDER BY band) AS open,
             starting(rollup(open)) AS arr FROM bands) AS b,
     (SELECT bridge_agg(h, (DATE :'day_to' + 1 - interval '2 years')::date,
                        DATE :'day_to' + 1, '3 months') AS run FROM history) AS r,
LATERAL (VALUES ('NDR', ndr_forecast(past, open), ndr_forecast_interval(past, open, run, 0.95)),
                ('GRR', grr_forecast(past, open), grr_forecast_interval(past, open, run, 0.95)))
  AS f (figure, forecast, interval);
SELECT band, accounts_starting(open) AS accounts, whole(starting(open)) AS revenue,
       pct(grr(past)) AS grr_before, whole((1 - grr(past)) * starting(open)) AS expected_loss
FROM bands ORDER BY grr(past);

\set ECHO none
\echo '== 18. The bridge by band of revenue, in thousands: who outgrows a band moves to the next one'
\set ECHO queries
SELECT coalesce(segment, 'no band') AS band, thousands(starting) AS starting,
       thousands(new + reactivation) AS won, thousands(expansion) AS grown,
       thousands(-contraction) AS shrunk, thousands(-churned) AS churned,
       thousands(transfer_in) AS moved_in, thousands(-transfer_out) AS moved_out,
       thousands(ending) AS ending
FROM segment_bridge((SELECT segment_flow_agg(starting, ending, was_customer,
  label(segment_of(starting, segment_scheme('enterprise'))),
  label(segment_of(ending, segment_scheme('enterprise'))), period) FROM book)) AS b
ORDER BY b.starting;

\set ECHO none
\echo '== 19. Expansion and contraction by kind, of accounts that are there at both ends'
\set ECHO queries
CREATE VIEW item AS
SELECT account_id, product, coalesce(sum(amount) FILTER (WHERE valid @> DATE :'day_from'), 0) AS s,
       coalesce(sum(amount) FILTER (WHERE valid @> DATE :'day_to'), 0) AS e,
       sum(seats) FILTER (WHERE valid @> DATE :'day_from') AS seats_before,
       sum(seats) FILTER (WHERE valid @> DATE :'day_to') AS seats_after
FROM subscription GROUP BY account_id, product;
CREATE VIEW part AS
SELECT account_id, kind, change
FROM book JOIN item USING (account_id),
     LATERAL (SELECT round(s * (seats_after - seats_before) / seats_before) AS volume) AS v,
     LATERAL (VALUES ('seats', CASE WHEN s > 0 AND e > 0 THEN volume END),
                     ('price', CASE WHEN s > 0 AND e > 0 THEN e - s - volume END),
                     ('same product', CASE WHEN s > 0 AND e > 0 AND volume IS NULL THEN e - s END),
                     ('new product', CASE WHEN s = 0 THEN e END),
                     ('dropped product', CASE WHEN e = 0 THEN -s END)) AS k (kind, change)
WHERE starting > 0 AND ending > 0 AND change <> 0;
SELECT kind, count(*) FILTER (WHERE change > 0) AS rises,
       whole(sum(change) FILTER (WHERE change > 0)) AS up,
       whole(-sum(change) FILTER (WHERE change < 0)) AS down FROM part GROUP BY kind ORDER BY kind;
SELECT whole(sum(up)) AS up, whole(sum(least(up, down))) AS of_it_cancelled_out,
       whole(sum(up) - sum(least(up, down))) AS up_less_that, whole(expansion(r)) AS of_the_bridge
FROM (SELECT coalesce(sum(change) FILTER (WHERE change > 0), 0) AS up,
             coalesce(-sum(change) FILTER (WHERE change < 0), 0) AS down
      FROM part GROUP BY account_id) AS x,
     (SELECT retention_agg(starting, ending) AS r FROM book) AS b GROUP BY r;

\set ECHO none
\echo '== 20. How far new users get within 14 days of their signup, by segment of their account'
\set ECHO queries
SELECT stratum AS segment, step, event, reached, stopped, pct(conversion) AS conversion,
       pct(step_conversion) AS of_step, date_trunc('minute', median_step_time) AS median_time
FROM funnel_table((SELECT funnel_agg(user_id, at, event,
  'signup > invite > connect > report within 14 days', segment, NULL,
  (DATE :'day_to' + 1)::timestamp AT TIME ZONE 'UTC')
  FROM usage_event JOIN account USING (account_id)));

\set ECHO none
\echo '== 21. The same by account and by what it pays. An account is as far as all of its users together'
\set ECHO queries
CREATE VIEW usage AS
SELECT account_id, usage_history_agg(at, event) AS h FROM usage_event GROUP BY account_id;
SELECT segment, pct(conversion(s)) AS of_accounts, pct(amount_conversion(s)) AS of_revenue,
       pct(amount_conversion_interval(s, 0.95)) AS interval
FROM (SELECT segment, funnel_agg(h, 'signup > invite > connect > report within 14 days',
                                 NULL, coalesce(ending, 0)) AS s
      FROM usage JOIN book USING (account_id) GROUP BY segment) AS x ORDER BY segment;

\set ECHO none
\echo '== 22. What did users do next who never connected a source?'
\set ECHO queries
SELECT path, count(*) AS users
FROM (SELECT user_id, usage_history_agg(at, event) AS h FROM usage_event GROUP BY user_id) AS u,
     paths_from(h, 'invite', 3) AS path
WHERE furthest(h, 'signup > invite > connect > report within 14 days') = 2
GROUP BY path ORDER BY users DESC, path LIMIT 5;

\set ECHO none
\echo '== 23. Who used a feature in the first quarter, and the NDR of those who did and of the others'
\set ECHO queries
SELECT feature, count(*) FILTER (WHERE used) AS accounts,
       pct(sum(starting) FILTER (WHERE used) / sum(starting)) AS of_revenue,
       pct(ndr_agg(starting, ending) FILTER (WHERE used)) AS ndr_users,
       pct(ndr_agg(starting, ending) FILTER (WHERE NOT used)) AS ndr_others,
       pct(lift(lift_agg(used, coalesce(ending, 0), starting, segment))) AS lift,
       pct(lift_interval(lift_agg(used, coalesce(ending, 0), starting, segment), 0.95)) AS interval
FROM (SELECT book.*, feature, EXISTS (SELECT FROM usage_event AS e
        WHERE e.account_id = book.account_id AND event = feature
          AND (at AT TIME ZONE 'UTC')::date > DATE :'day_from'
          AND (at AT TIME ZONE 'UTC')::date <= DATE :'day_from' + interval '3 months') AS used
      FROM book, unnest('{report,alert,export}'::text[]) AS feature WHERE starting > 0) AS x
GROUP BY feature ORDER BY feature;

\set ECHO none
\echo '== 24. Who went quiet, and what hangs on it: paid on the last day, not seen for 28 days'
\set ECHO queries
SELECT coalesce(segment, 'all') AS segment, count(*) AS accounts, whole(sum(ending)) AS revenue
FROM book LEFT JOIN usage USING (account_id)
WHERE ending > 0 AND coalesce((last_at(h) AT TIME ZONE 'UTC')::date <= DATE :'day_to' - 28, true)
GROUP BY ROLLUP (segment) ORDER BY sum(ending) DESC;
SELECT left(name, 30) AS name, segment, csm, whole(ending) AS revenue,
       (last_at(h) AT TIME ZONE 'UTC')::date AS last_seen
FROM book LEFT JOIN usage USING (account_id)
WHERE ending > 0 AND coalesce((last_at(h) AT TIME ZONE 'UTC')::date <= DATE :'day_to' - 28, true)
ORDER BY ending DESC, name LIMIT 5;

\set ECHO none
\endif
