-- Renewals ahead: what comes up when, how long is what we have under contract, and how much money is that?
-- Shows: ARR due by month, remaining term weighted by ARR, what is still to come of signed terms, of it within a year; ramps, early
-- renewals, terms that start later, contracts without an end.
--
-- To use it, put a view of the same name over your own tables in place of the first part. The second part is to be kept, the third
-- asks. Plain SQL throughout. It can be run again: it drops the schema recipe_ahead first, so leave nothing else in there.
--
-- What counts:
--   * A term is an amount a year (ARR) of an item (a product of an account) on some days. Terms signed by the day count. On each day the
--     term that starts last holds: an early renewal replaces the rest of its term, a ramp is a term for each step.
--   * Terms that adjoin are one run. It is due on the first day without an amount. Who has renewed already is due at the end of that.
--   * What has no end is never due, and is no money to come: it can be gone next month.
--   * Months left are whole months and a share of the last one. Money to come is the amount a year times months / 12.
--   * It is no accounting figure: remaining performance obligations under ASC 606 or IFRS 15 know one-time charges, invoices, usage,
--     credits and the right to cancel. Take those from your ledger.

DROP SCHEMA IF EXISTS recipe_ahead CASCADE;
CREATE SCHEMA recipe_ahead;

-- 1. What you have: terms with the day on which each was signed. NULL: on its first day.

CREATE TABLE recipe_ahead.term (account text, item text, valid daterange, arr numeric(12,2), signed date);
INSERT INTO recipe_ahead.term VALUES
	('acme',  'core', '[2023-07-01,2024-07-01)', 100, '2023-06-20'), ('acme', 'core', '[2024-01-01,2025-01-01)', 120, '2023-12-15'),     -- renewed early
	('birch', 'core', '[2023-04-01,2024-04-01)', 60,  '2023-04-01'),
	('cedar', 'core', '[2023-01-01,2024-01-01)', 200, '2022-12-01'), ('cedar', 'core', '[2024-01-01,2026-01-01)', 240, '2023-11-30'),
	('doyle', 'core', '[2022-05-01,)',           30,  '2022-05-01');                                                                      -- month by month

-- 2. To keep.

-- Months from one day to another: whole ones, and the rest as a share of the month that it is in.
CREATE FUNCTION recipe_ahead.months(from_date date, to_date date) RETURNS numeric
LANGUAGE sql IMMUTABLE AS $$
	SELECT k + (to_date - (from_date + k * interval '1 month')::date)::numeric / ((from_date + (k + 1) * interval '1 month')::date - (from_date + k * interval '1 month')::date)
	FROM (SELECT n - CASE WHEN from_date + n * interval '1 month' > to_date THEN 1 ELSE 0 END AS k
		FROM (SELECT (12 * (date_part('year', to_date) - date_part('year', from_date)) + date_part('month', to_date) - date_part('month', from_date))::int AS n) AS x) AS y
$$;

-- Each run of terms that is not over on a day: what it is worth a year on that day (0: not started), what is due when it ends, and what is to come.
CREATE FUNCTION recipe_ahead.run(as_of date) RETURNS TABLE (account text, item text, starts date, ends date, arr numeric, due numeric, months_left numeric, remaining numeric, within_a_year numeric)
LANGUAGE sql STABLE AS $$
	WITH item AS (SELECT account, item, history_latest_agg(valid, arr, coalesce(signed, lower(valid))) AS h
			FROM recipe_ahead.term WHERE coalesce(signed, lower(valid)) <= as_of GROUP BY account, item),
		stretch AS (SELECT account, item, h, s.*, CASE WHEN s.from_date = lag(s.to_date) OVER w THEN 0 ELSE 1 END AS first
			FROM item, steps(h) AS s WINDOW w AS (PARTITION BY account, item ORDER BY s.from_date)),
		part AS (SELECT *, sum(first) OVER (PARTITION BY account, item ORDER BY from_date) AS number,
				recipe_ahead.months(as_of, greatest(from_date, as_of)) AS from_month, recipe_ahead.months(as_of, greatest(to_date, as_of)) AS to_month
			FROM stretch),
		run AS (SELECT account, item, min(from_date) AS starts, CASE WHEN count(to_date) = count(*) THEN max(to_date) END AS ends,
				coalesce(sum(amount) FILTER (WHERE from_date <= as_of AND coalesce(to_date > as_of, true)), 0) AS arr, (array_agg(amount ORDER BY from_date DESC))[1] AS due,
				sum(amount * (to_month - from_month)) / 12 AS remaining, sum(amount * (least(to_month, 12) - least(from_month, 12))) / 12 AS within_a_year
			FROM part GROUP BY account, item, number)
	SELECT account, item, starts, ends, arr, CASE WHEN ends IS NOT NULL THEN due END, recipe_ahead.months(as_of, ends),
		CASE WHEN ends IS NOT NULL THEN remaining ELSE 0 END, CASE WHEN ends IS NOT NULL THEN within_a_year ELSE 0 END
	FROM run WHERE coalesce(ends > as_of, true)
$$;

-- The whole, or a part: one row. Months left are weighted by ARR.
CREATE FUNCTION recipe_ahead.outlook(as_of date) RETURNS TABLE (arr numeric, with_end numeric, without_end numeric, months_left numeric, remaining numeric, within_a_year numeric, of_it_not_started numeric)
LANGUAGE sql STABLE AS $$
	SELECT sum(arr), coalesce(sum(arr) FILTER (WHERE ends IS NOT NULL), 0), coalesce(sum(arr) FILTER (WHERE ends IS NULL), 0),
		sum(arr * months_left) / nullif(sum(arr) FILTER (WHERE ends IS NOT NULL), 0), sum(remaining), sum(within_a_year), coalesce(sum(remaining) FILTER (WHERE starts > as_of), 0)
	FROM recipe_ahead.run(as_of)
$$;

-- What is due in each of so many months, and what is left under contract after it if nothing is renewed.
CREATE FUNCTION recipe_ahead.due(as_of date, months int) RETURNS TABLE (month date, renewals bigint, due numeric, share_of_arr numeric, still_under_contract numeric)
LANGUAGE sql STABLE AS $$
	SELECT m, count(r.ends), coalesce(sum(r.due), 0), coalesce(sum(r.due), 0) / nullif((SELECT sum(arr) FROM recipe_ahead.run(as_of)), 0),
		(SELECT coalesce(sum(arr), 0) FROM recipe_ahead.run(as_of) WHERE ends >= m + interval '1 month')
	FROM generate_series(0, months - 1) AS k, LATERAL (SELECT (date_trunc('month', as_of::timestamp) + k * interval '1 month')::date AS m) AS x
		LEFT JOIN recipe_ahead.run(as_of) AS r ON r.ends >= m AND r.ends < m + interval '1 month'
	GROUP BY m
$$;

-- 3. Ask.

\echo 'On 1 January 2024: run by run'
SELECT account, item, ends, arr, due, round(months_left, 2) AS months_left, round(remaining, 2) AS remaining, round(within_a_year, 2) AS within_a_year FROM recipe_ahead.run('2024-01-01') ORDER BY account, starts;

\echo 'In all: months left weighted by ARR, money to come of signed terms'
SELECT arr, with_end, without_end, round(months_left, 2) AS months_left, round(remaining, 2) AS remaining, round(within_a_year, 2) AS within_a_year FROM recipe_ahead.outlook('2024-01-01');

\echo 'What is due'
SELECT month, renewals, due, round(share_of_arr, 3) AS share_of_arr, still_under_contract FROM recipe_ahead.due('2024-01-01', 25) WHERE renewals > 0 ORDER BY month;

\echo 'The same figures a half year before'
SELECT arr, with_end, without_end, round(months_left, 2) AS months_left, round(remaining, 2) AS remaining, round(within_a_year, 2) AS within_a_year, round(of_it_not_started, 2) AS of_it_not_started FROM recipe_ahead.outlook('2023-07-01');
