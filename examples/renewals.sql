-- Renewals: what is due, what was renewed, what is to come; contracts of several years; what is lost at renewals and between them.
-- Shows: renewals by due date (ATR), a rate that no upsell lifts above 1, late renewals, a forecast of the open ones, pooled rates,
-- churn a year of contracts of several years, renewals found in contracts when there are no opportunities.
--
-- To use it, put views of the same names over your own tables in place of the first part. The second part is to be kept, the third
-- asks. Plain SQL throughout. It can be run again: it drops the schema recipe_renewals first, so leave nothing else in there.
--
-- What counts:
--   * A renewal counts in the period in which it is due, whenever it is closed.
--   * The renewal rate is GRR over renewals: grr_agg(due, renewed). An upsell at renewal does not lift it; it shows in ndr_agg.
--   * Rates of several periods are pooled: sum of what was lost over sum of what was due, never the mean of rates.
--   * A contract of three years comes up a third as often as one of a year. To compare, make the rate one of a year (annual_churn) and
--     weigh with the ARR under contract, which is what is due times the years.
--   * All ARR is another denominator: what is lost at renewals and between them is churned + contraction of the bridge.

DROP SCHEMA IF EXISTS recipe_renewals CASCADE;
CREATE SCHEMA recipe_renewals;

-- 1. What your CRM has. Status: won, lost, open. "due" is the ARR that ends on due_on, "renewed" what goes on.

CREATE TABLE recipe_renewals.renewal (contract text, account text, due_on date, due numeric(12,2), status text, renewed numeric(12,2), closed_on date, years int);
INSERT INTO recipe_renewals.renewal VALUES
	('r1', 'acme',  '2024-02-01', 1500, 'won',  1250, '2024-01-20', 1), ('r2', 'birch', '2024-05-01', 1750, 'won',  1475, '2024-05-20', 1),
	('r3', 'cedar', '2024-08-01', 2500, 'won',  2175, '2024-08-10', 1), ('r4', 'doyle', '2024-11-01', 4250, 'won',  3850, '2024-10-30', 1),
	('r5', 'egret', '2025-01-15', 100,  'won',  120,  '2025-01-10', 1), ('r6', 'fjord', '2025-02-01', 90,   'open', 80,   NULL, 1),
	('r7', 'gale',  '2025-02-10', 110,  'open', 130,  NULL, 1),         ('r8', 'hazel', '2025-03-01', 50,   'lost', 0,    '2025-03-05', 1),
	('r9', 'iris',  '2025-06-01', 100,  'won',  90,   '2025-05-20', 1), ('r10', 'jade', '2025-07-01', 100,  'won',  72.9, '2025-06-25', 3);

-- Contracts, for those who have no opportunities: the term is [starts, ends).
CREATE TABLE recipe_renewals.contract (contract text, account text, product text, starts date, ends date, arr numeric(12,2));
INSERT INTO recipe_renewals.contract VALUES
	('c1', 'acme', 'core', '2023-01-01', '2024-01-01', 100), ('c2', 'acme', 'core', '2024-01-01', '2025-01-01', 120),     -- with an upsell
	('c3', 'birch', 'core', '2023-02-01', '2024-02-01', 200), ('c4', 'birch', 'core', '2024-02-20', '2025-02-20', 150),   -- late, for less
	('c5', 'cedar', 'core', '2023-03-01', '2024-03-01', 300),                                                             -- gone
	('c6', 'doyle', 'core', '2023-04-01', '2024-04-01', 80), ('c7', 'doyle', 'core', '2023-06-01', '2024-04-01', 40),     -- two, renewed as one
	('c8', 'doyle', 'core', '2024-03-25', '2025-04-01', 110);

-- 2. To keep.

-- Closed renewals by quarter of the due date; counts of late ones.
CREATE VIEW recipe_renewals.by_quarter AS
SELECT date_trunc('quarter', due_on)::date AS quarter, sum(due) AS due, sum(due) - sum(least(due, renewed)) AS lost,
	grr_agg(due, renewed) AS renewal_rate, ndr_agg(due, renewed) AS with_upsell, churn_agg(due, renewed) AS contracts_lost,
	count(*) FILTER (WHERE status = 'won' AND closed_on > due_on) AS late
FROM recipe_renewals.renewal WHERE status IN ('won', 'lost') GROUP BY 1;

-- Of what is due in a period: all of what is due, and what is expected. What is won or open counts, up to what is due.
CREATE FUNCTION recipe_renewals.outlook(from_date date, to_date date) RETURNS TABLE (due numeric, forecast numeric, rate numeric)
LANGUAGE sql STABLE AS $$
	SELECT sum(due), sum(least(due, renewed)) FILTER (WHERE status <> 'lost'), sum(least(due, renewed)) FILTER (WHERE status <> 'lost') / sum(due)
	FROM recipe_renewals.renewal WHERE due_on >= from_date AND due_on < to_date
$$;

-- By length of the term: the rate of a term, that of a year, and what the company's year looks like.
CREATE VIEW recipe_renewals.by_term AS
SELECT years, sum(due) AS due, revenue_churn_agg(due, renewed) AS churn_of_a_term, annual_churn(revenue_churn_agg(due, renewed), years) AS churn_of_a_year,
	sum(due) * years AS under_contract
FROM recipe_renewals.renewal WHERE status IN ('won', 'lost') GROUP BY years;

-- Without opportunities: a term of an account and product that ends is due, terms that start within the grace period around it are its
-- renewal. Each is used once, earliest due first: terms that end on one day are one renewal.
CREATE FUNCTION recipe_renewals.from_contracts(grace interval) RETURNS TABLE (account text, product text, due_on date, due numeric, renewed numeric, renewed_on date)
LANGUAGE sql STABLE AS $$
	WITH due AS (SELECT account, product, ends AS due_on, sum(arr) AS due FROM recipe_renewals.contract GROUP BY account, product, ends),
	next AS (
		SELECT c.account, c.product, c.starts, c.arr, min(d.due_on) AS due_on
		FROM recipe_renewals.contract AS c JOIN due AS d ON d.account = c.account AND d.product = c.product
			AND c.starts >= d.due_on - grace AND c.starts <= d.due_on + grace AND c.ends > d.due_on
		GROUP BY c.contract, c.account, c.product, c.starts, c.arr)
	SELECT account, product, due_on, due, coalesce(sum(n.arr), 0), min(n.starts)
	FROM due LEFT JOIN next AS n USING (account, product, due_on) GROUP BY account, product, due_on, due
$$;

-- 3. Ask.

\echo 'Renewals by quarter of the due date'
SELECT quarter, due, lost, round(renewal_rate, 4) AS renewal_rate, round(with_upsell, 4) AS with_upsell, late FROM recipe_renewals.by_quarter ORDER BY quarter;

\echo 'The year 2024: pooled, and the mean of rates, which is wrong'
SELECT sum(lost) / sum(due) AS pooled, round(avg(1 - renewal_rate), 4) AS mean_of_rates FROM recipe_renewals.by_quarter WHERE quarter < '2025-01-01';

\echo 'The first quarter of 2025: due, and what is expected'
SELECT due, forecast, round(rate, 10) AS rate FROM recipe_renewals.outlook('2025-01-01', '2025-04-01');

\echo 'Terms of one and of three years, of what is due from June 2025 on'
SELECT years, due, round(1 - grr_agg(due, renewed), 4) AS churn_of_a_term, round(annual_churn(1 - grr_agg(due, renewed), years), 4) AS churn_of_a_year
FROM recipe_renewals.renewal WHERE due_on >= '2025-06-01' GROUP BY years, due ORDER BY years;

\echo 'From contracts alone, with a grace period of 30 days'
SELECT account, due_on, due, renewed, renewed_on FROM recipe_renewals.from_contracts('30 days') WHERE due_on < '2025-01-01' ORDER BY due_on;
