-- Views for charting tools, over the tables of scheduled_reports.sql, which is loaded first. They are in a schema of their
-- own, bi: let the tool's role see that one and nothing else,
--     GRANT USAGE ON SCHEMA bi TO tool; GRANT SELECT ON ALL TABLES IN SCHEMA bi TO tool;
-- Only text, numeric, bigint, date and boolean come out, no NaN and no infinite date. A ratio is a plain number, 1.25 for
-- 125 %, rounded to 10 places; NULL where it is not defined. Amounts have the decimal places of your rows.
-- Before the first report all views are empty but bi.status, which has one row and says so.
--
-- What may be added up, and over what:
--   Stocks (starting, ending, arr, accounts, accounts_starting, accounts_ending): over segments, accounts and managers of one
--   day, never over time. Of a quarter take the starting of its first month and the ending of its last.
--   Movements (new_business, reactivation, expansion, contraction, churned, net_new, change, accounts_new and so on): over
--   segments and accounts, and over months in bridge_month, bridge_segment_month, movement and the steps 2 to 6 of
--   bridge_step with the span 'month'. An account that moves in two months is counted in both. Never over the rows of
--   trailing_year and of the span 'trailing year', which overlap; of 'month to date' only over rows that are is_month_end.
--   Transfers between segments: over months; over all segments, transfer_in and transfer_out are equal.
--   at_risk, entered and churned of survival: churned over ages, the others never. accounts of cohort: over cohorts of one age.
--   Ratios, intervals, top_10_share, loads: never. For all accounts there is a view of its own; how a semantic layer makes
--   a ratio of sums is in doc/reports.md.

-- What fills a manager, by segment: the rule of thumb to begin with.
CREATE TABLE capacity (segment segment PRIMARY KEY, arr_capacity numeric, account_capacity bigint);
INSERT INTO capacity
SELECT s, c.high, a.high
FROM unnest(segment_scheme('enterprise')) AS s, default_benchmarks() AS c, default_benchmarks() AS a
WHERE c.metric = 'arr_capacity' AND c.segment IS NULL AND a.metric = 'accounts_per_csm' AND a.segment = label(s);

-- What your figures are held against; edit it.
CREATE TABLE benchmark AS SELECT * FROM default_benchmarks();

-- All views look back from the last day that is reported, so they agree with each other: 36 months, in whole months. No row
-- before the first report, and so no rows in the views.
CREATE VIEW bi_bound AS
SELECT until, (whole - interval '36 months')::date AS from_date, whole AS to_date
FROM (SELECT max(day) + 1 AS until, date_trunc('month', (max(day) + 1)::timestamp)::date AS whole FROM retention_day HAVING max(day) IS NOT NULL) x;

-- The figures of a summary as columns.
CREATE FUNCTION bi_figures(r retention_summary) RETURNS TABLE (
	period_start date, period_end date,
	starting numeric, new_business numeric, reactivation numeric, expansion numeric, contraction numeric, churned numeric,
	ending numeric, net_new numeric,
	accounts_starting bigint, accounts_new bigint, accounts_reactivated bigint, accounts_expanded bigint,
	accounts_contracted bigint, accounts_churned bigint, accounts_ending bigint,
	ndr numeric, ndr_low numeric, ndr_high numeric, grr numeric, logo_churn numeric, quick_ratio numeric, top_10_share numeric)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
	SELECT b.period_start, b.period_end, b.starting, b.new, b.reactivation, b.expansion, b.contraction, b.churned, b.ending, b.net_new,
		b.accounts_starting, b.accounts_new, b.accounts_reactivated, b.accounts_expanded,
		b.accounts_contracted, b.accounts_churned, b.accounts_ending,
		round(b.ndr, 10), lower(ndr_interval(r, 0.95)), upper(ndr_interval(r, 0.95)), round(b.grr, 10),
		round(b.logo_churn, 10), round(b.quick_ratio, 10), round(top_share(r, 10), 10)
	FROM bridge(r) AS b;
END;

-- A curve as rows: it begins with all, and has one for every age, for a tool that draws a gap where there is none.
-- Where nobody left and nobody's time ended, those at risk are those whom the age before left.
CREATE FUNCTION bi_curve(s survival_summary) RETURNS TABLE (
	age bigint, at_risk bigint, entered bigint, churned bigint, survival numeric, survival_low numeric, survival_high numeric)
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
	SELECT 0, NULL::bigint, NULL::bigint, 0, 1.0000000000, NULL::numeric, NULL::numeric WHERE s IS NOT NULL
	UNION ALL
	SELECT a, coalesce(CASE WHEN t.age = a THEN t.at_risk ELSE t.at_risk - t.churned - t.censored END, 0),
		CASE WHEN t.age = a THEN t.entered ELSE 0 END, CASE WHEN t.age = a THEN t.churned ELSE 0 END,
		round(survival(s, a), 10), lower(i), upper(i)
	FROM generate_series(1, (SELECT max(age)::bigint FROM survival_table(s))) AS a
		LEFT JOIN LATERAL (SELECT * FROM survival_table(s) WHERE age <= a ORDER BY age DESC LIMIT 1) AS t ON true,
		survival_interval(s, a, 0.95) AS i;
END;

CREATE SCHEMA bi;

-- As it was reported. A day, a span and a segment make a row; for a chart by month take is_month_end. With the span
-- 'month to date' the ends of the months are the bridge by segment.
CREATE VIEW bi.retention_segment AS
SELECT day, extract(day FROM day + 1) = 1 AS is_month_end, span, label(segment) AS segment, coalesce(arr_from(segment), 0) AS segment_from, f.*
FROM retention_day, bi_figures(summary) f;

CREATE VIEW bi.retention AS
SELECT day, extract(day FROM day + 1) = 1 AS is_month_end, span, f.*
FROM (SELECT day, span, rollup(summary) AS r FROM retention_day GROUP BY day, span) x, bi_figures(r) f;

-- As it is known now, a row a month, all accounts: the bridge, and the year before each end of a month.
CREATE VIEW bi.bridge_month AS
SELECT f.period_end - 1 AS day, f.*
FROM unnest((SELECT bridge_agg(history, from_date, to_date, '1 month') FROM account_history, bi_bound)) AS r, bi_figures(r) f;

CREATE VIEW bi.trailing_year AS
SELECT f.period_end - 1 AS day, f.*
FROM unnest((SELECT trailing_agg(history, from_date, to_date, '1 month', '1 year') FROM account_history, bi_bound)) AS r, bi_figures(r) f;

-- Both as the bars of a waterfall: SELECT step, amount FROM bi.bridge_step WHERE span = 'month' AND day = ... ORDER BY position.
-- A tool that knows no waterfall draws each bar from bar_low to bar_high.
CREATE VIEW bi.bridge_step AS
SELECT day, span, period_start, period_end, position, step, is_total, amount,
	CASE WHEN is_total THEN least(amount, 0) ELSE least(running - amount, running) END AS bar_low,
	CASE WHEN is_total THEN greatest(amount, 0) ELSE greatest(running - amount, running) END AS bar_high
FROM (
	SELECT day, span, period_start, period_end, s.*,
		sum(CASE WHEN position < 7 THEN amount ELSE 0 END) OVER (PARTITION BY span, day ORDER BY position) AS running
	FROM (SELECT 'month' AS span, b.* FROM bi.bridge_month b UNION ALL SELECT 'trailing year', t.* FROM bi.trailing_year t) f,
		LATERAL (VALUES (1::bigint, 'starting', true, starting), (2, 'new business', false, new_business),
			(3, 'reactivation', false, reactivation), (4, 'expansion', false, expansion), (5, 'contraction', false, -contraction),
			(6, 'churned', false, -churned), (7, 'ending', true, ending)) s (position, step, is_total, amount)) x;

-- The bridge by segment: an account is in its band on each day, and what crosses from one to another is a transfer.
CREATE VIEW bi.bridge_segment_month AS
SELECT period_end - 1 AS day, period_start, period_end, label(segment::segment) AS segment, coalesce(arr_from(segment::segment), 0) AS segment_from,
	b.starting, b.new AS new_business, b.reactivation, b.expansion, b.contraction, b.churned, b.transfer_in, b.transfer_out, b.ending,
	b.accounts_starting, b.accounts_new, b.accounts_reactivated, b.accounts_churned, b.accounts_in, b.accounts_out, b.accounts_ending,
	round(b.ndr, 10) AS ndr, round(b.grr, 10) AS grr, round(b.logo_churn, 10) AS logo_churn
FROM (
	SELECT period_start, period_end,
		segment_flow_agg(s, e, first_active(history) < period_start, segment_of(s, scheme)::text, segment_of(e, scheme)::text) AS flows
	FROM bi_bound, segment_scheme('enterprise') AS scheme, intervals(from_date, to_date, '1 month'), account_history,
		LATERAL (SELECT amount_at(history, period_start - 1) AS s, amount_at(history, period_end - 1) AS e OFFSET 0) AS a
	WHERE s <> 0 OR e <> 0
	GROUP BY period_start, period_end) AS x, segment_bridge(flows) AS b;

-- Who the accounts are. One that the table account does not know has its key for a name, or sums over accounts would be less than the whole.
CREATE VIEW named_account AS
SELECT account_id, coalesce(name, account_id::text) AS name, CASE WHEN trim(csm) <> '' THEN csm END AS csm, history
FROM account_history LEFT JOIN account USING (account_id);

-- Which accounts stand behind a cell of bi.bridge_month: filter by period_start and movement.
CREATE VIEW bi.movement AS
SELECT m.period_start, m.period_end, account_id, name AS account, csm, m.movement, m.change, m.starting, m.ending
FROM named_account, bi_bound, movements(history, from_date, to_date, '1 month') m;

-- Cohorts by quarter: a row for each age for charts, and a row a cohort for tables.
CREATE VIEW bi.cohort AS
SELECT cohort, age::bigint AS age, accounts, active, revenue, round(logo_retention, 10) AS logo_retention,
	round(revenue_retention, 10) AS revenue_retention
FROM cohort_table((SELECT cohort_agg(history, from_date, to_date, '3 months') FROM account_history, bi_bound));

CREATE VIEW bi.cohort_wide AS
SELECT cohort, max(accounts) AS accounts,
	max(revenue_retention) FILTER (WHERE age = 0) AS after_0_quarters, max(revenue_retention) FILTER (WHERE age = 1) AS after_1_quarter,
	max(revenue_retention) FILTER (WHERE age = 2) AS after_2_quarters, max(revenue_retention) FILTER (WHERE age = 3) AS after_3_quarters,
	max(revenue_retention) FILTER (WHERE age = 4) AS after_4_quarters, max(revenue_retention) FILTER (WHERE age = 8) AS after_8_quarters,
	max(revenue_retention) FILTER (WHERE age = 11) AS after_11_quarters
FROM bi.cohort GROUP BY cohort;

-- How long accounts stay: the share that is still there at each age, in months. Segments are those of the first day, which
-- no account can grow or shrink into.
CREATE VIEW bi.survival AS
SELECT c.*
FROM (SELECT survival_agg(history, from_date, to_date, '1 month') AS s FROM account_history, bi_bound) x, bi_curve(s) c;

CREATE VIEW bi.survival_segment AS
SELECT label(segment) AS segment, coalesce(arr_from(segment), 0) AS segment_from, c.*
FROM (
	SELECT segment_of(abs(amount_at(history, first_active(history))), segment_scheme('enterprise')) AS segment,
		survival_agg(history, from_date, to_date, '1 month') AS s
	FROM account_history, bi_bound
	GROUP BY 1) x, bi_curve(s) c;

-- Accounts on the last reported day. The band is that of what they pay now, for who looks after whom; not for retention.
CREATE VIEW managed AS
SELECT account_id, name, csm, history, until, arr, segment_of(arr, segment_scheme('enterprise')) AS segment
FROM named_account, bi_bound, amount_at(history, until - 1) AS arr;

CREATE VIEW bi.account AS
SELECT account_id, name AS account, csm, CASE WHEN arr > 0 THEN label(segment) END AS segment, arr,
	amount_at(history, (until - interval '1 year')::date - 1) AS arr_year_ago,
	movement(amount_at(history, (until - interval '1 year')::date - 1), arr,
		first_active(history) < (until - interval '1 year')::date) AS movement_of_year,
	first_active(history) AS customer_since,
	CASE WHEN arr = 0 AND last_active(history) < until THEN last_active(history) + 1 END AS left_on
FROM managed
WHERE first_active(history) < until;

CREATE VIEW coverage AS
SELECT coverage_agg(csm, arr, arr_capacity, account_capacity) AS c FROM managed LEFT JOIN capacity USING (segment);

CREATE VIEW bi.coverage AS
SELECT round(csm_coverage(c), 10) AS covered, accounts(c) AS accounts, unassigned_accounts(c) AS accounts_unassigned,
	arr(c) AS arr, unassigned_arr(c) AS arr_unassigned, csms(c) AS csms, round(required_csms(c), 10) AS csms_required,
	headcount_gap(c) AS csms_to_hire, overloaded_csms(c) AS csms_overloaded
FROM coverage
WHERE c IS NOT NULL;

-- The row without a csm is the accounts that nobody looks after.
CREATE VIEW bi.book AS
SELECT csm, accounts, arr, round(load, 10) AS load, round(covered_arr, scale(arr)) AS arr_covered FROM coverage, books(c)
UNION ALL
SELECT NULL, unassigned_accounts(c), unassigned_arr(c), NULL, round(0, scale(unassigned_arr(c))) FROM coverage WHERE unassigned_accounts(c) > 0;

-- By segment through the books of all: a manager who is full in one segment has no room in another.
CREATE VIEW bi.coverage_segment AS
SELECT label(segment) AS segment, coalesce(arr_from(segment), 0) AS segment_from, count(*) AS accounts, sum(m.arr) AS arr,
	round(sum(m.arr * coalesce(b.covered_arr / nullif(b.arr, 0), 0)) / sum(m.arr), 10) AS covered
FROM managed m LEFT JOIN (SELECT b.* FROM coverage, books(c) b) AS b USING (csm)
WHERE m.arr > 0
GROUP BY segment;

-- Books of a segment against the published ones. A manager of two segments is in each with his accounts there.
CREATE VIEW bi.benchmark AS
SELECT metric, label(s.segment) AS segment, round(value, 10) AS value, low, high, benchmark_position(value, low, high) AS position,
	unit, source, remark
FROM (SELECT segment, coverage_agg(csm, arr) AS c FROM managed WHERE csm IS NOT NULL AND arr > 0 GROUP BY segment) s,
	LATERAL (VALUES ('arr_per_csm', arr_per_csm(c)), ('accounts_per_csm', accounts_per_csm(c))) v (metric, value)
JOIN benchmark b USING (metric)
WHERE b.segment = label(s.segment);

-- The quarter after the last whole month: each segment does what accounts of that segment did in the eight quarters before. With health
-- scores at hand take their bands in place of segments: examples/forecast.sql.
CREATE VIEW forecast_segment AS
SELECT segment_of(arr, segment_scheme('enterprise')) AS segment,
	retention_agg(arr, amount_at(history, period_end - 1)) FILTER (WHERE period_start < to_date) AS past,
	retention_agg(arr, NULL) FILTER (WHERE period_start = to_date) AS open
FROM bi_bound, intervals((to_date - interval '2 years')::date, (to_date + interval '3 months')::date, '3 months'),
	account_history, amount_at(history, period_start - 1) AS arr
WHERE arr > 0
GROUP BY 1;

CREATE VIEW bi.forecast AS
SELECT to_date AS period_start, (to_date + interval '3 months')::date AS period_end, accounts_starting(book) AS accounts, starting(book) AS arr,
	round(ndr_forecast(past, open), 10) AS ndr_expected, lower(ndr_interval) AS ndr_expected_low, upper(ndr_interval) AS ndr_expected_high,
	round(grr_forecast(past, open), 10) AS grr_expected, lower(grr_interval) AS grr_expected_low, upper(grr_interval) AS grr_expected_high,
	round(ndr_forecast(past, open) * starting(book), scale(starting(book))) AS arr_expected,
	round((1 - grr_forecast(past, open)) * starting(book), scale(starting(book))) AS arr_expected_loss
FROM bi_bound,
	(SELECT array_agg(past ORDER BY segment) AS past, array_agg(open ORDER BY segment) AS open, rollup(open) AS book FROM forecast_segment) AS s,
	LATERAL (SELECT bridge_agg(history, (to_date - interval '2 years')::date, to_date, '3 months') AS run FROM account_history) AS r,
	LATERAL (SELECT ndr_forecast_interval(past, open, run, 0.95) AS ndr_interval, grr_forecast_interval(past, open, run, 0.95) AS grr_interval) AS i;

-- Each segment alone in the open book; its losses add up to that of bi.forecast.
CREATE VIEW bi.forecast_segment AS
SELECT label(segment) AS segment, coalesce(arr_from(segment), 0) AS segment_from, accounts_starting(open) AS accounts, starting(open) AS arr,
	round(ndr_forecast(past, its), 10) AS ndr_expected, round(grr_forecast(past, its), 10) AS grr_expected,
	round((1 - grr_forecast(past, its)) * starting(open), scale(starting(open))) AS arr_expected_loss
FROM (SELECT s.segment, s.open, array_agg(every.past ORDER BY every.segment) AS past,
		array_agg(CASE WHEN every.segment = s.segment THEN every.open END ORDER BY every.segment) AS its
	FROM forecast_segment AS s CROSS JOIN forecast_segment AS every
	WHERE s.open IS NOT NULL
	GROUP BY s.segment, s.open) AS x;

-- How far accounts get with the product, by the band of what they pay now: who is still within the window is left out. An account is as
-- far as all of its users together. Your events, and the steps that matter; edit them.
CREATE TABLE IF NOT EXISTS usage_event AS SELECT account_id, NULL::text AS user_id, NULL::timestamptz AS at, NULL::text AS event FROM subscription WITH NO DATA;
CREATE FUNCTION bi_journey() RETURNS funnel_steps LANGUAGE sql IMMUTABLE RETURN 'signup > invite > connect > report within 14 days'::funnel_steps;

CREATE VIEW bi.funnel AS
SELECT f.stratum AS segment, coalesce(arr_from(b.segment), 0) AS segment_from, f.step::bigint AS position, f.event AS step, f.reached, f.stopped, f.amount AS arr,
	round(f.conversion, 10) AS conversion, round(f.step_conversion, 10) AS step_conversion, round(f.amount_conversion, 10) AS arr_conversion,
	round((extract(epoch FROM f.median_time) / 86400)::numeric, 2) AS median_days
FROM (SELECT funnel_agg(account_id::text, at, event, bi_journey(), label(segment), arr, until::timestamp AT TIME ZONE report_zone()) AS s
	FROM usage_event JOIN managed USING (account_id) WHERE arr > 0) AS x,
	funnel_table(s) AS f LEFT JOIN unnest(segment_scheme('enterprise')) AS b (segment) ON label(b.segment) = f.stratum;

-- How far all of this goes, always one row. Read it before a figure is believed, and let a tool warn where stale is true.
CREATE VIEW bi.status AS
SELECT (SELECT until - 1 FROM bi_bound) AS reported_until, (kept_up_at AT TIME ZONE report_zone())::date AS histories_until,
	(SELECT count(*) FROM history_change) AS notes_waiting, rows_are_noted() AS rows_noted, histories_are_stale() AS histories_stale,
	(SELECT count(*) FROM account_history) AS accounts
FROM history_state;

COMMENT ON VIEW bi.retention_segment IS 'retention as it was reported, by day, span and segment';
COMMENT ON VIEW bi.retention IS 'retention as it was reported, by day and span, all accounts';
COMMENT ON VIEW bi.bridge_month IS 'what became of yearly revenue, month by month, as it is known now';
COMMENT ON VIEW bi.trailing_year IS 'retention over the year before each end of a month, as it is known now';
COMMENT ON VIEW bi.bridge_step IS 'bridge_month and trailing_year as the bars of a waterfall, a row a step';
COMMENT ON VIEW bi.bridge_segment_month IS 'bridge_month by segment, with what moved from one segment to another';
COMMENT ON VIEW bi.survival IS 'how long accounts stay: the share still there at each age, all accounts';
COMMENT ON VIEW bi.survival_segment IS 'how long accounts stay, by the segment they started in';
COMMENT ON VIEW bi.funnel IS 'how many accounts and how much revenue get how far with the product, a row a segment and step';
COMMENT ON VIEW bi.status IS 'how far reports and histories go, and whether they are stale: always one row';
COMMENT ON VIEW bi.movement IS 'accounts behind the cells of bridge_month: what each did in a month';
COMMENT ON VIEW bi.cohort IS 'what is left of each quarter''s new accounts, a row a cohort and age';
COMMENT ON VIEW bi.cohort_wide IS 'revenue_retention of each cohort, a column an age; ratios: 1.25 is 125 %';
COMMENT ON VIEW bi.account IS 'accounts on the last reported day';
COMMENT ON VIEW bi.coverage IS 'who covers the accounts, in one row';
COMMENT ON VIEW bi.book IS 'the accounts of each manager';
COMMENT ON VIEW bi.coverage_segment IS 'share of each segment that managers have room for';
COMMENT ON VIEW bi.forecast IS 'what is to be expected of the accounts of now in the next quarter, in one row';
COMMENT ON VIEW bi.forecast_segment IS 'what is to be expected of each segment in the next quarter';
COMMENT ON VIEW bi.benchmark IS 'books of each segment against published ones; unit says in what';

-- A column of one name means one thing in all views, but for those named with their view. Tools that read comments show them
-- beside the column.
DO $$
DECLARE
	meaning text;
	place text;
BEGIN
	FOR place, meaning IN
		SELECT format('bi.%I.%I', c.table_name, c.column_name), coalesce(own.text, every.text)
		FROM information_schema.columns c
		LEFT JOIN (VALUES
			('day', 'the last day of the period that the figures are of'),
			('is_month_end', 'the last day of a month: filter by it for a row a month'),
			('span', 'trailing year: against the same day a year before; month to date: since the last of the month before'),
			('segment', 'band of yearly revenue; in retention the one at the start of the period, at its end for a new account'),
			('segment_from', 'lower end of the band, to sort segments by'),
			('period_start', 'first day of the period'),
			('period_end', 'the day after the last one of the period'),
			('starting', 'yearly revenue before the period'),
			('new_business', 'yearly revenue of accounts that were never customers before'),
			('reactivation', 'yearly revenue of accounts that came back'),
			('expansion', 'what accounts pay more, a positive amount'),
			('contraction', 'what accounts pay less, a positive amount'),
			('churned', 'what accounts paid that left, a positive amount'),
			('ending', 'yearly revenue at the end: starting + new_business + reactivation + expansion - contraction - churned'),
			('net_new', 'ending - starting'),
			('accounts', 'number of accounts'),
			('accounts_starting', 'accounts with revenue before the period'),
			('accounts_new', 'accounts that were never customers before'),
			('accounts_reactivated', 'accounts that came back'),
			('accounts_expanded', 'accounts that pay more'),
			('accounts_contracted', 'accounts that pay less and stay'),
			('accounts_churned', 'accounts that left'),
			('accounts_ending', 'accounts with revenue at the end of the period'),
			('accounts_in', 'accounts that moved into the segment from another one'),
			('accounts_out', 'accounts that moved out of the segment into another one'),
			('transfer_in', 'yearly revenue that accounts brought from another segment, a positive amount'),
			('transfer_out', 'yearly revenue that accounts took along into another segment, a positive amount'),
			('ndr', 'net dollar retention, a ratio: 1.25 is 125 %; never add it up'),
			('ndr_low', 'low end of the 95 % interval of ndr, a ratio'),
			('ndr_high', 'high end of the 95 % interval of ndr, a ratio'),
			('grr', 'gross revenue retention, a ratio from 0 to 1'),
			('logo_churn', 'accounts that left to accounts at the start, a ratio from 0 to 1'),
			('quick_ratio', 'won to lost revenue: 4 is 4 won for 1 lost'),
			('top_10_share', 'share of the ten largest accounts in starting, from 0 to 1'),
			('position', 'order of the steps, from 1 for starting to 7 for ending'),
			('step', 'starting, new business, reactivation, expansion, contraction, churned or ending'),
			('is_total', 'a bar from zero, starting or ending; the others stand on the one before'),
			('amount', 'yearly revenue, negative for contraction and churned; steps 1 to 6 add up to step 7'),
			('bar_low', 'where the bar of the step begins'),
			('bar_high', 'where the bar of the step ends'),
			('account_id', 'key of the account'),
			('account', 'name of the account; its key where the table account does not know it'),
			('csm', 'who looks after the account, its customer success manager; NULL: nobody'),
			('movement', 'new, reactivation, expansion, contraction or churn'),
			('movement_of_year', 'what the account did since the day a year before; NULL: nothing changed'),
			('change', 'of yearly revenue; negative for contraction and churn'),
			('cohort', 'first day of the quarter in which the accounts became customers'),
			('active', 'accounts of the cohort that have revenue at the end of the quarter'),
			('age', 'quarters since then'),
			('logo_retention', 'accounts that are active to all of the cohort, a ratio from 0 to 1'),
			('revenue_retention', 'revenue to that at the end of the first quarter, a ratio: 1.25 is 125 %'),
			('revenue', 'yearly revenue of the cohort at the end of the quarter'),
			('after_0_quarters', 'revenue_retention at the end of the first quarter, 1 by definition'),
			('after_1_quarter', 'revenue_retention a quarter later, a ratio: 1.25 is 125 %'),
			('after_2_quarters', 'revenue_retention 2 quarters later, a ratio: 1.25 is 125 %'),
			('after_3_quarters', 'revenue_retention 3 quarters later, a ratio: 1.25 is 125 %'),
			('after_4_quarters', 'revenue_retention 4 quarters later, a ratio: 1.25 is 125 %'),
			('after_8_quarters', 'revenue_retention 8 quarters later, a ratio: 1.25 is 125 %'),
			('after_11_quarters', 'revenue_retention 11 quarters later, a ratio: 1.25 is 125 %'),
			('at_risk', 'accounts that were seen at this age; NULL at age 0'),
			('entered', 'accounts that came into view since the age before'),
			('survival', 'share of accounts that are still there at this age, a ratio from 0 to 1'),
			('survival_low', 'low end of the 95 % interval of survival, a ratio'),
			('survival_high', 'high end of the 95 % interval of survival, a ratio'),
			('arr', 'yearly revenue on the last reported day'),
			('arr_year_ago', 'yearly revenue a year before the last reported day'),
			('arr_unassigned', 'yearly revenue without a manager'),
			('arr_covered', 'yearly revenue of the book that its manager has room for'),
			('accounts_unassigned', 'accounts without a manager'),
			('customer_since', 'the first day with revenue'),
			('left_on', 'the first day without revenue; NULL for customers'),
			('covered', 'share of revenue with a manager who has room for it, from 0 to 1'),
			('load', 'how full a manager is: 1 is full; NULL where there is none'),
			('csms', 'managers who look after accounts'),
			('csms_required', 'full-time managers that all accounts take'),
			('csms_to_hire', 'whole managers missing; negative: too many'),
			('csms_overloaded', 'managers who are more than full'),
			('ndr_expected', 'net dollar retention to expect of the accounts of now, a ratio: 1.25 is 125 %'),
			('ndr_expected_low', 'low end of the 95 % interval of ndr_expected, a ratio'),
			('ndr_expected_high', 'high end of the 95 % interval of ndr_expected, a ratio'),
			('grr_expected', 'gross revenue retention to expect, a ratio from 0 to 1'),
			('grr_expected_low', 'low end of the 95 % interval of grr_expected, a ratio'),
			('grr_expected_high', 'high end of the 95 % interval of grr_expected, a ratio'),
			('arr_expected', 'yearly revenue to expect of the accounts of now at the end, new ones left out'),
			('arr_expected_loss', 'yearly revenue to be lost by churn and contraction, as expected'),
			('metric', 'arr_per_csm, yearly revenue a manager, or accounts_per_csm'),
			('value', 'yours, in the unit of the row'),
			('low', 'low end of the benchmark, in the unit of the row; NULL: none'),
			('high', 'high end of the benchmark, in the unit of the row; NULL: none'),
			('unit', 'what value, low and high are in'),
			('source', 'who published the benchmark'),
			('remark', 'what the benchmark is of'),
			('reached', 'accounts that got to the step'),
			('stopped', 'accounts that got to the step and no further; 0 at the last one'),
			('conversion', 'accounts that got to the step to those at the first one, a ratio from 0 to 1'),
			('step_conversion', 'accounts that got to the step to those at the one before, a ratio from 0 to 1'),
			('arr_conversion', 'revenue of the accounts that got to the step to that of those at the first one, a ratio from 0 to 1'),
			('median_days', 'days from the first step to this one, of half of the accounts; within 1/64; NULL at the first step'),
			('reported_until', 'the last day that is reported; NULL: none yet, and the other views are empty'),
			('histories_until', 'the day on which histories were last brought up to date with the rows'),
			('notes_waiting', 'changes of rows that the next nightly run will add to the histories'),
			('rows_noted', 'what is written to the rows is noted; false: replicated or foreign rows are followed by rebuilding only'),
			('histories_stale', 'histories, with the notes waiting, are not what the rows add up to: SELECT rebuild_histories()')
		) every (column_name, text) USING (column_name)
		LEFT JOIN (VALUES
			('retention', 'day', 'the day the figures were reported for; they end with it'),
			('retention_segment', 'day', 'the day the figures were reported for; they end with it'),
			('bridge_step', 'span', 'month, the steps of bridge_month; trailing year, those of trailing_year'),
			('bridge_segment_month', 'segment', 'band of yearly revenue on the day; an account that leaves is booked where it was'),
			('bridge_segment_month', 'ending', 'yearly revenue at the end: starting + new_business + reactivation + expansion - contraction - churned + transfer_in - transfer_out'),
			('bridge_segment_month', 'ndr', 'net dollar retention of those that started in the segment, a ratio: 1.25 is 125 %'),
			('movement', 'starting', 'yearly revenue of the account before the period'),
			('movement', 'ending', 'yearly revenue of the account at the end of the period'),
			('survival', 'age', 'months since the first day with revenue'),
			('survival_segment', 'age', 'months since the first day with revenue'),
			('survival', 'churned', 'accounts that left at this age'),
			('survival_segment', 'churned', 'accounts that left at this age'),
			('survival_segment', 'segment', 'band of yearly revenue on the first day of the account'),
			('account', 'segment', 'band of yearly revenue on the last reported day; NULL without revenue'),
			('coverage', 'accounts', 'accounts with revenue on the last reported day'),
			('coverage_segment', 'accounts', 'accounts with revenue on the last reported day'),
			('coverage_segment', 'segment', 'band of yearly revenue on the last reported day'),
			('funnel', 'position', 'order of the steps, from 1'),
			('funnel', 'step', 'what the account did, as it is called in the events'),
			('funnel', 'arr', 'yearly revenue now of the accounts that got to the step'),
			('funnel', 'segment', 'band of yearly revenue on the last reported day'),
			('book', 'accounts', 'accounts with revenue that the manager looks after; in the row without one those of nobody'),
			('cohort', 'accounts', 'accounts that became customers in the quarter'),
			('cohort_wide', 'accounts', 'accounts that became customers in the quarter'),
			('forecast', 'accounts', 'accounts with revenue before the period'),
			('forecast_segment', 'accounts', 'accounts with revenue before the period'),
			('forecast', 'arr', 'their yearly revenue before the period'),
			('forecast_segment', 'arr', 'their yearly revenue before the period'),
			('forecast_segment', 'segment', 'band of yearly revenue before the period'),
			('benchmark', 'segment', 'band of yearly revenue on the last reported day'),
			('benchmark', 'position', 'below, within or above the benchmark'),
			('status', 'accounts', 'accounts that have a history')
		) own (table_name, column_name, text) USING (table_name, column_name)
		WHERE c.table_schema = 'bi' AND coalesce(own.text, every.text) IS NOT NULL
	LOOP
		EXECUTE format('COMMENT ON COLUMN %s IS %L', place, meaning);
	END LOOP;
END $$;
