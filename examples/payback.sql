-- Has what we spent on customers come back, cohort by cohort, with money that really came?
-- Shows: the month in which a cohort has paid for itself, NULL while it has not; the share that is back after so many months, over the
-- cohorts that are old enough; retention from the third month on, when those who only looked are gone.
--
-- To use it, put views of the same names over your own tables in place of the first part. The second part is to be kept, the third
-- asks. Plain SQL throughout. It can be run again: it drops the schema recipe_payback first, so leave nothing else in there.
--
-- What counts:
--   * A cohort is the accounts of a channel with their first revenue in a month. Its cost is what was spent on the channel in that month.
--     Where a sale takes three months, shift the cost by three months.
--   * Month 1 is the month of the cohort. The cost has come back in the first month whose revenue up to then, times the margin, reaches it.
--   * A cohort that has not reached it yet is NULL, and so is any figure of a month that is not over. Means over cohorts hold only those
--     that are old enough, in the revenue and in the cost.
--   * Money spent on nobody counts: a month in which nobody came has a cost and no revenue.

DROP SCHEMA IF EXISTS recipe_payback CASCADE;
CREATE SCHEMA recipe_payback;

-- 1. What you have. Revenue: invoices, payments, or recognised, by day. Refunds are below zero.

CREATE TABLE recipe_payback.account (account text PRIMARY KEY, channel text);
CREATE TABLE recipe_payback.revenue (account text, day date, amount numeric(12,2));
CREATE TABLE recipe_payback.spend (channel text, month date, cost numeric(12,2), PRIMARY KEY (channel, month));

INSERT INTO recipe_payback.account VALUES ('acme', 'ads'), ('birch', 'ads'), ('cedar', 'ads'), ('doyle', 'ads'), ('egret', 'ads'), ('fjord', 'ads'), ('gale', 'partner');
INSERT INTO recipe_payback.revenue
SELECT account, (month + interval '1 month' * k - interval '1 day')::date, amounts[k]
FROM (VALUES ('acme', date '2024-01-01', '{500,500,500,500,500}'::numeric[]), ('birch', '2024-01-01', '{300,300,300,300,300}'), ('cedar', '2024-01-01', '{100}'), ('doyle', '2024-01-01', '{100,100,50}'),
		('egret', '2024-02-01', '{400,400,400,400}'), ('fjord', '2024-02-01', '{200,200,100,100}'), ('gale', '2024-04-01', '{400,400}')) AS bill (account, month, amounts),
	generate_subscripts(amounts, 1) AS k;
INSERT INTO recipe_payback.spend VALUES ('ads', '2024-01-01', 3000), ('ads', '2024-02-01', 2000), ('ads', '2024-03-01', 500), ('partner', '2024-04-01', 500);

-- 2. To keep.

-- Each channel's cohorts, from the first of a month to the first of another. Who had revenue before from_date is in none.
CREATE FUNCTION recipe_payback.cohorts(from_date date, to_date date) RETURNS TABLE (channel text, m cohort_matrix)
LANGUAGE sql STABLE AS $$
	SELECT coalesce(channel, 'unknown') AS channel, cohort_agg(account, day, amount, '1 month', from_date, to_date)
	FROM recipe_payback.account JOIN recipe_payback.revenue USING (account) GROUP BY 1
$$;

-- A row for each cohort, or month with a cost, and each month that is over: revenue, revenue so far, the share of the cost that is back.
CREATE FUNCTION recipe_payback.by_month(from_date date, to_date date, margin numeric) RETURNS TABLE (channel text, cohort date, month int, accounts bigint, active bigint, cost numeric, revenue numeric, so_far numeric, share numeric)
LANGUAGE sql STABLE AS $$
	WITH cell AS (SELECT channel, t.* FROM recipe_payback.cohorts(from_date, to_date), cohort_table(m) AS t),
		start AS (SELECT channel, cohort, max(accounts) AS accounts FROM cell GROUP BY channel, cohort),
		spent AS (SELECT channel, month AS cohort, cost FROM recipe_payback.spend WHERE month >= from_date AND month < to_date),
		grid AS (SELECT channel, cohort, coalesce(accounts, 0) AS accounts, cost, month
			FROM start FULL JOIN spent USING (channel, cohort),
				LATERAL generate_series(1, (12 * (date_part('year', to_date) - date_part('year', cohort)) + date_part('month', to_date) - date_part('month', cohort))::int) AS month)
	SELECT channel, cohort, month, g.accounts, coalesce(active, 0), cost, coalesce(revenue, 0), so_far, so_far * margin / nullif(cost, 0)
	FROM (SELECT g.*, c.active, c.revenue, coalesce(sum(c.revenue) OVER (PARTITION BY g.channel, g.cohort ORDER BY g.month), 0) AS so_far
		FROM grid AS g LEFT JOIN cell AS c ON c.channel = g.channel AND c.cohort = g.cohort AND c.age = g.month - 1) AS g
$$;

-- When has a cohort paid for itself? NULL: it has not yet, or its cost is not known.
CREATE FUNCTION recipe_payback.payback(from_date date, to_date date, margin numeric) RETURNS TABLE (channel text, cohort date, accounts bigint, cost numeric, months_seen int, share numeric, month int)
LANGUAGE sql STABLE AS $$
	SELECT channel, cohort, accounts, cost, max(month), (array_agg(share ORDER BY month DESC))[1], min(month) FILTER (WHERE so_far * margin >= cost)
	FROM recipe_payback.by_month(from_date, to_date, margin) GROUP BY channel, cohort, accounts, cost
$$;

-- The share of the cost that is back after so many months, over the cohorts that are so old and whose cost is known.
CREATE FUNCTION recipe_payback.share_after(from_date date, to_date date, margin numeric, months int) RETURNS TABLE (channel text, cohorts bigint, cost numeric, share numeric)
LANGUAGE sql STABLE AS $$
	SELECT channel, count(*) FILTER (WHERE cost IS NOT NULL AND month = months), sum(cost) FILTER (WHERE month = months), sum(so_far) FILTER (WHERE cost IS NOT NULL AND month = months) * margin / nullif(sum(cost) FILTER (WHERE month = months), 0)
	FROM recipe_payback.by_month(from_date, to_date, margin) GROUP BY channel
$$;

-- Of what was there in one month, how much is there in a later one? Accounts and revenue, over the cohorts that are so old.
CREATE FUNCTION recipe_payback.retention(from_date date, to_date date, from_month int, at_month int) RETURNS TABLE (channel text, cohorts bigint, accounts numeric, logo_retention numeric, revenue_retention numeric)
LANGUAGE sql STABLE AS $$
	SELECT channel, count(*) FILTER (WHERE a.cohort IS NOT NULL), sum(f.active) FILTER (WHERE a.cohort IS NOT NULL), sum(a.active) / nullif(sum(f.active) FILTER (WHERE a.cohort IS NOT NULL), 0), sum(a.revenue) / nullif(sum(f.revenue) FILTER (WHERE a.cohort IS NOT NULL), 0)
	FROM (SELECT * FROM recipe_payback.by_month(from_date, to_date, 1) WHERE month = from_month AND accounts > 0) AS f
		LEFT JOIN (SELECT * FROM recipe_payback.by_month(from_date, to_date, 1) WHERE month = at_month) AS a USING (channel, cohort)
	GROUP BY channel
$$;

-- 3. Ask.

\echo 'The cohort of January, month by month, at a margin of 80 %'
SELECT month, active, revenue, so_far, round(so_far * 0.8, 2) AS earned, cost, round(share, 3) AS share FROM recipe_payback.by_month('2024-01-01', '2024-06-01', 0.8) WHERE cohort = '2024-01-01' ORDER BY month;

\echo 'In which month had a cohort paid for itself?'
SELECT channel, cohort, accounts, cost, months_seen, round(share, 3) AS share, month FROM recipe_payback.payback('2024-01-01', '2024-06-01', 0.8) ORDER BY channel, cohort;

\echo 'The share that was back by month 2, 3, 4 and 5: the triangle'
SELECT channel, cohort, round(max(share) FILTER (WHERE month = 2), 3) AS by_2, round(max(share) FILTER (WHERE month = 3), 3) AS by_3, round(max(share) FILTER (WHERE month = 4), 3) AS by_4, round(max(share) FILTER (WHERE month = 5), 3) AS by_5
FROM recipe_payback.by_month('2024-01-01', '2024-06-01', 0.8) GROUP BY channel, cohort ORDER BY channel, cohort;

\echo 'All cohorts of a channel that are old enough'
SELECT channel, months, cohorts, cost, round(share, 3) AS share FROM unnest(ARRAY[2, 3, 4]) AS months, recipe_payback.share_after('2024-01-01', '2024-06-01', 0.8, months) ORDER BY channel, months;

\echo 'Retention: month 4 of month 1, and month 4 of month 3'
SELECT channel, from_month, cohorts, accounts, round(logo_retention, 3) AS logo_retention, round(revenue_retention, 3) AS revenue_retention
FROM unnest(ARRAY[1, 3]) AS from_month, recipe_payback.retention('2024-01-01', '2024-06-01', from_month, 4) ORDER BY channel, from_month;
