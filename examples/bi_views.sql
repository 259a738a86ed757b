-- Views for charting tools, over the tables of scheduled_reports.sql, which is loaded first. They are in a schema of their
-- own, bi: let the tool's role see that one and nothing else,
--     GRANT USAGE ON SCHEMA bi TO tool; GRANT SELECT ON ALL TABLES IN SCHEMA bi TO tool;
-- Only text, numeric, bigint, date and boolean come out, no NaN and no infinite date. A ratio is a plain number, 1.25 for
-- 125 %, rounded to 10 places; NULL where it is not defined. Sums and counts may be added up over rows, ratios never: for a
-- total there is a view of its own.

-- What fills a manager, by segment: the rule of thumb to begin with.
CREATE TABLE capacity (segment segment PRIMARY KEY, arr_capacity numeric, account_capacity bigint);
INSERT INTO capacity
SELECT s, c.high, a.high
FROM unnest(segment_scheme('enterprise')) AS s, default_benchmarks() AS c, default_benchmarks() AS a
WHERE c.metric = 'arr_capacity' AND c.segment IS NULL AND a.metric = 'accounts_per_csm' AND a.segment = label(s);

-- What your figures are held against; edit it.
CREATE TABLE benchmark AS SELECT * FROM default_benchmarks();

-- All views look back from the last day that is reported, so they agree with each other: 36 months, in whole months.
CREATE VIEW bi_bound AS
SELECT until, (whole - interval '36 months')::date AS from_date, whole AS to_date
FROM (SELECT max(day) + 1 AS until, date_trunc('month', (max(day) + 1)::timestamp)::date AS whole FROM retention_day) x;

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
SELECT f.*
FROM unnest((SELECT bridge_agg(history, from_date, to_date, '1 month') FROM account_history, bi_bound)) AS r, bi_figures(r) f;

CREATE VIEW bi.trailing_year AS
SELECT f.*
FROM unnest((SELECT trailing_agg(history, from_date, to_date, '1 month', '1 year') FROM account_history, bi_bound)) AS r, bi_figures(r) f;

-- Which accounts stand behind a cell of bi.bridge_month: filter by period_start and movement.
CREATE VIEW bi.movement AS
SELECT m.period_start, m.period_end, account_id, name AS account, csm, m.movement, m.change, m.starting, m.ending
FROM account_history JOIN account USING (account_id), bi_bound, movements(history, from_date, to_date, '1 month') m;

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

-- Accounts on the last reported day. The band is that of what they pay now, for who looks after whom; not for retention.
CREATE VIEW managed AS
SELECT account_id, name, csm, history, until, arr, segment_of(arr, segment_scheme('enterprise')) AS segment
FROM account_history JOIN account USING (account_id), bi_bound, amount_at(history, until - 1) AS arr;

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
FROM coverage;

CREATE VIEW bi.book AS
SELECT csm, accounts, arr, round(load, 10) AS load, round(covered_arr, 10) AS arr_covered FROM coverage, books(c);

-- By segment through the books of all: a manager who is full in one segment has no room in another.
CREATE VIEW bi.coverage_segment AS
SELECT label(segment) AS segment, coalesce(arr_from(segment), 0) AS segment_from, count(*) AS accounts, sum(m.arr) AS arr,
	round(sum(m.arr * coalesce(b.arr_covered / nullif(b.arr, 0), 0)) / sum(m.arr), 10) AS covered
FROM managed m LEFT JOIN bi.book b USING (csm)
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
	round(ndr_forecast(past, open) * starting(book), 10) AS arr_expected, round((1 - grr_forecast(past, open)) * starting(book), 10) AS arr_expected_loss
FROM bi_bound,
	(SELECT array_agg(past ORDER BY segment) AS past, array_agg(open ORDER BY segment) AS open, rollup(open) AS book FROM forecast_segment) AS s,
	LATERAL (SELECT bridge_agg(history, (to_date - interval '2 years')::date, to_date, '3 months') AS run FROM account_history) AS r,
	LATERAL (SELECT ndr_forecast_interval(past, open, run, 0.95) AS ndr_interval, grr_forecast_interval(past, open, run, 0.95) AS grr_interval) AS i;

-- Each segment alone in the open book; its losses add up to that of bi.forecast.
CREATE VIEW bi.forecast_segment AS
SELECT label(segment) AS segment, coalesce(arr_from(segment), 0) AS segment_from, accounts_starting(open) AS accounts, starting(open) AS arr,
	round(ndr_forecast(past, its), 10) AS ndr_expected, round(grr_forecast(past, its), 10) AS grr_expected,
	round((1 - grr_forecast(past, its)) * starting(open), 10) AS arr_expected_loss
FROM (SELECT s.segment, s.open, array_agg(every.past ORDER BY every.segment) AS past,
		array_agg(CASE WHEN every.segment = s.segment THEN every.open END ORDER BY every.segment) AS its
	FROM forecast_segment AS s CROSS JOIN forecast_segment AS every
	WHERE s.open IS NOT NULL
	GROUP BY s.segment, s.open) AS x;

COMMENT ON VIEW bi.retention_segment IS 'retention as it was reported, by day, span and segment';
COMMENT ON VIEW bi.retention IS 'retention as it was reported, by day and span, all accounts';
COMMENT ON VIEW bi.bridge_month IS 'what became of yearly revenue, month by month, as it is known now';
COMMENT ON VIEW bi.trailing_year IS 'retention over the year before each end of a month, as it is known now';
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

-- A column of one name means one thing in all views. Tools that read comments show them beside the column.
DO $$
DECLARE
	meaning text;
	place text;
BEGIN
	FOR place, meaning IN
		SELECT format('bi.%I.%I', table_name, column_name), text
		FROM information_schema.columns
		JOIN (VALUES
			('day', 'the day the figures were reported for; they end with it'),
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
			('ndr', 'net dollar retention, a ratio: 1.25 is 125 %; never add it up'),
			('ndr_low', 'low end of the 95 % interval of ndr, a ratio'),
			('ndr_high', 'high end of the 95 % interval of ndr, a ratio'),
			('grr', 'gross revenue retention, a ratio from 0 to 1'),
			('logo_churn', 'accounts that left to accounts at the start, a ratio from 0 to 1'),
			('quick_ratio', 'won to lost revenue: 4 is 4 won for 1 lost'),
			('top_10_share', 'share of the ten largest accounts in starting, from 0 to 1'),
			('change', 'of yearly revenue; negative for contraction and churn'),
			('cohort', 'first day of the quarter in which the accounts became customers'),
			('age', 'quarters since then'),
			('logo_retention', 'accounts that are active to all of the cohort, a ratio from 0 to 1'),
			('revenue_retention', 'revenue to that at the end of the first quarter, a ratio: 1.25 is 125 %'),
			('revenue', 'yearly revenue of the cohort at the end of the quarter'),
			('arr', 'yearly revenue on the last reported day'),
			('arr_year_ago', 'yearly revenue a year before the last reported day'),
			('arr_unassigned', 'yearly revenue without a manager'),
			('arr_covered', 'yearly revenue of the book that its manager has room for'),
			('left_on', 'the first day without revenue; NULL for customers'),
			('covered', 'share of revenue with a manager who has room for it, from 0 to 1'),
			('load', 'how full a manager is: 1 is full'),
			('csms_required', 'full-time managers that all accounts take'),
			('csms_to_hire', 'whole managers missing; negative: too many'),
			('ndr_expected', 'net dollar retention to expect of the accounts of now, a ratio: 1.25 is 125 %'),
			('ndr_expected_low', 'low end of the 95 % interval of ndr_expected, a ratio'),
			('ndr_expected_high', 'high end of the 95 % interval of ndr_expected, a ratio'),
			('grr_expected', 'gross revenue retention to expect, a ratio from 0 to 1'),
			('grr_expected_low', 'low end of the 95 % interval of grr_expected, a ratio'),
			('grr_expected_high', 'high end of the 95 % interval of grr_expected, a ratio'),
			('arr_expected', 'yearly revenue to expect of the accounts of now at the end, new ones left out'),
			('arr_expected_loss', 'yearly revenue to be lost by churn and contraction, as expected'),
			('position', 'below, within or above the benchmark')
		) d (column_name, text) USING (column_name)
		WHERE table_schema = 'bi'
	LOOP
		EXECUTE format('COMMENT ON COLUMN %s IS %L', place, meaning);
	END LOOP;
END $$;
