-- Recurring revenue from invoice lines that say which days they are for, in several currencies.
-- Shows: service periods, prorations, credits, refunds, one-time lines, exchange rates, and the exchange effect as a line of its
-- own in the bridge. Map of the fields: README.md.
--
-- To use it, put views of the same names over your own tables in place of the first part. The second part is to be kept, the third
-- asks. Plain SQL throughout. It can be run again: it drops the schema recipe_invoices first, so leave nothing else in there.
--
-- What counts, and from when:
--   * The unit is a month's revenue (MRR): what a line comes to, without tax, over the months of its service period. What is
--     billed in one go for a year counts a twelfth on every day of that year. The day of the invoice does not matter.
--   * service_end is the last day of the period: daterange(service_start, service_end, '[]').
--   * A proration is two lines for the rest of a period, the old price back and the new one: they add up to the change.
--   * A credit for days of service takes revenue of those days back: less, or none, from the first of these days on.
--   * A refund is money on its way back, and a credit without a period is a courtesy: the price of the days to come is what it
--     was, so neither changes MRR. Who is refunded and leaves has no line for the next period. One-time lines never count.
--   * Nothing is known after the last day that was billed: ask for intervals that end before it, or all accounts churn there.
--   * Amounts in different currencies never add up. In each interval all amounts are converted at the rates on the day before it
--     starts, so that movements are what customers did. What the rates did to the amounts at the end is the exchange effect:
--         starting + new + reactivation + expansion - contraction - churned + exchange effect = ending
--     with the starting amount at the rates when the interval starts, and the ending one at the rates when it ends.

DROP SCHEMA IF EXISTS recipe_invoices CASCADE;
CREATE SCHEMA recipe_invoices;

-- 1. What you have.

CREATE TABLE recipe_invoices.invoice_line (
	account text, invoice_date date, kind text,                   -- recurring, proration, one-time, credit, refund
	service_start date, service_end date,                         -- the last day; NULL: for no days in particular
	currency text, amount numeric(14,2)
);
-- Euros for one unit of a currency, at the end of a day; a row for the day before each interval and for the last day.
CREATE TABLE recipe_invoices.exchange_rate (currency text, at date, rate numeric(12,4), PRIMARY KEY (currency, at));

INSERT INTO recipe_invoices.exchange_rate VALUES
	('USD', '2023-12-31', 0.90), ('USD', '2024-03-31', 0.93), ('USD', '2024-06-30', 0.93),
	('USD', '2024-09-30', 0.89), ('USD', '2024-12-31', 0.96),
	('GBP', '2023-12-31', 1.15), ('GBP', '2024-03-31', 1.17), ('GBP', '2024-06-30', 1.18),
	('GBP', '2024-09-30', 1.20), ('GBP', '2024-12-31', 1.21);
INSERT INTO recipe_invoices.exchange_rate SELECT 'EUR', at, 1 FROM recipe_invoices.exchange_rate WHERE currency = 'USD';

-- Acme, by month: 100, and 150 from the middle of April on; 30 refunded in May.
INSERT INTO recipe_invoices.invoice_line
SELECT 'acme', day, 'recurring', day, (day + interval '1 month')::date - 1, 'EUR',
	CASE WHEN day < '2024-05-01' THEN 100 ELSE 150 END
FROM generate_series(timestamp '2023-11-01', '2024-12-01', '1 month') AS t, LATERAL (SELECT t::date AS day) d;
INSERT INTO recipe_invoices.invoice_line VALUES
	('acme',  '2024-04-16', 'proration', '2024-04-16', '2024-04-30', 'EUR',   -50),
	('acme',  '2024-04-16', 'proration', '2024-04-16', '2024-04-30', 'EUR',    75),
	('acme',  '2024-05-20', 'refund',    '2024-05-01', '2024-05-31', 'EUR',   -30),
-- Birch, by year: 10,800, then 12,000; ended early, so that the last quarter was credited.
	('birch', '2022-12-15', 'recurring', '2023-01-01', '2023-12-31', 'USD', 10800),
	('birch', '2023-12-15', 'recurring', '2024-01-01', '2024-12-31', 'USD', 12000),
	('birch', '2024-09-20', 'credit',    '2024-10-01', '2024-12-31', 'USD', -3000),
-- Cedar, by quarter, from February on.
	('cedar', '2024-02-01', 'recurring', '2024-02-01', '2024-04-30', 'GBP',   600),
	('cedar', '2024-05-01', 'recurring', '2024-05-01', '2024-07-31', 'GBP',   600),
	('cedar', '2024-08-01', 'recurring', '2024-08-01', '2024-10-31', 'GBP',   480),
	('cedar', '2024-11-01', 'recurring', '2024-11-01', '2025-01-31', 'GBP',   480),
-- Doyle, one year of 3,600 after the other, with a setup fee, a courtesy, and a second product that is billed in euros.
	('doyle', '2023-06-01', 'recurring', '2023-06-01', '2024-05-31', 'USD',  3600),
	('doyle', '2024-06-01', 'recurring', '2024-06-01', '2025-05-31', 'USD',  3600),
	('doyle', '2024-06-01', 'one-time',  '2024-06-01', '2024-06-30', 'USD',   500),
	('doyle', '2024-06-15', 'credit',    NULL,         NULL,         'USD',  -100),
	('doyle', '2024-08-01', 'recurring', '2024-08-01', '2025-07-31', 'EUR',   600);

-- 2. What to keep: lines of revenue, and a history for each account and currency.

-- Months of a period: whole ones, and what is left as a share of the month that it lies in.
CREATE FUNCTION recipe_invoices.months(first date, next date) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
	SELECT whole + (next - (first + make_interval(months => whole))::date)
		/ ((first + make_interval(months => whole + 1))::date - (first + make_interval(months => whole))::date)::numeric
	FROM (SELECT (12 * extract(year FROM age) + extract(month FROM age))::int AS whole FROM age(next::timestamp, first::timestamp)) m
$$;

-- Recurring lines are for whole months, also where a month is too short for the day they start on. A proration was rounded to
-- cents before: over a few days that may come out as a cent or two more or less.
CREATE VIEW recipe_invoices.line AS
SELECT account, currency, valid, round(amount / CASE kind WHEN 'recurring' THEN round(months) ELSE months END, 2) AS amount
FROM (
	SELECT account, currency, kind, amount, daterange(service_start, service_end, '[]') AS valid,
		recipe_invoices.months(service_start, service_end + 1) AS months
	FROM recipe_invoices.invoice_line
	WHERE kind IN ('recurring', 'proration', 'credit') AND service_start IS NOT NULL) l;

CREATE TABLE recipe_invoices.account_history (
	account text, currency text, history revenue_history NOT NULL, PRIMARY KEY (account, currency)
);
INSERT INTO recipe_invoices.account_history
SELECT account, currency, history_agg(valid, amount, currency) FROM recipe_invoices.line GROUP BY account, currency;

-- 3. What people ask.

CREATE VIEW recipe_invoices.quarter AS
SELECT t::date AS from_date, (t + interval '3 months')::date AS to_date
FROM generate_series(timestamp '2024-01-01', '2024-10-01', '3 months') AS t;

-- Each account in each quarter, in euros at the rates when the quarter starts; and what the change of the rates until it ends did
-- to what the account has then. The currencies of an account add up before movements are told.
CREATE VIEW recipe_invoices.account_quarter AS
SELECT from_date, to_date, account, rollup(in_currency(history, opening.rate, 'EUR')) AS history,
	sum(amount_at(history, to_date - 1) * (closing.rate - opening.rate)) AS exchange_effect
FROM recipe_invoices.quarter
CROSS JOIN recipe_invoices.account_history h
JOIN recipe_invoices.exchange_rate opening ON opening.currency = h.currency AND opening.at = from_date - 1
JOIN recipe_invoices.exchange_rate closing ON closing.currency = h.currency AND closing.at = to_date - 1
GROUP BY from_date, to_date, account;

-- Must be empty: accounts in a currency without a rate would be left out.
CREATE VIEW recipe_invoices.missing_rate AS
SELECT currency, at
FROM (SELECT from_date - 1 AS at FROM recipe_invoices.quarter UNION SELECT to_date - 1 FROM recipe_invoices.quarter) d
CROSS JOIN (SELECT DISTINCT currency FROM recipe_invoices.account_history) c
WHERE NOT EXISTS (SELECT FROM recipe_invoices.exchange_rate r WHERE r.currency = c.currency AND r.at = d.at);

SELECT count(*) AS missing_rates FROM recipe_invoices.missing_rate;

-- What is our bridge by quarter, in euros?
CREATE VIEW recipe_invoices.quarterly_bridge AS
SELECT b.period_start, b.starting, b.new, b.reactivation, b.expansion, b.contraction, b.churned, exchange_effect,
	b.ending + exchange_effect AS ending, b.ndr, b.grr
FROM (
	SELECT retention_agg(history, from_date, to_date) AS r, sum(exchange_effect) AS exchange_effect
	FROM recipe_invoices.account_quarter
	GROUP BY from_date, to_date) x,
	bridge(ARRAY[r]) AS b;

SELECT to_char(period_start, 'YYYY-"Q"Q') AS quarter, round(starting, 2) AS starting, round(new, 2) AS new,
	round(reactivation, 2) AS reactivation, round(expansion, 2) AS expansion, round(contraction, 2) AS contraction,
	round(churned, 2) AS churned, round(exchange_effect, 2) AS exchange_effect, round(ending, 2) AS ending
FROM recipe_invoices.quarterly_bridge ORDER BY 1;

-- What is our retention of the year, at the rates when it started (constant currency: what customers did), and at the rates of
-- each of its two days (what the exchange did as well)?
CREATE VIEW recipe_invoices.year AS
SELECT ndr_agg(starting, ending) AS ndr, grr_agg(starting, ending) AS grr, churn_agg(starting, ending) AS logo_churn,
	ndr_agg(starting, ending_at_closing_rates) AS ndr_with_exchange
FROM (
	SELECT account, sum(amount_at(history, '2023-12-31') * opening.rate) AS starting,
		sum(amount_at(history, '2024-12-31') * opening.rate) AS ending,
		sum(amount_at(history, '2024-12-31') * closing.rate) AS ending_at_closing_rates
	FROM recipe_invoices.account_history h
	JOIN recipe_invoices.exchange_rate opening ON opening.currency = h.currency AND opening.at = '2023-12-31'
	JOIN recipe_invoices.exchange_rate closing ON closing.currency = h.currency AND closing.at = '2024-12-31'
	GROUP BY account) x;

SELECT round(ndr, 4) AS ndr, round(grr, 4) AS grr, round(logo_churn, 4) AS logo_churn,
	round(ndr_with_exchange, 4) AS ndr_with_exchange
FROM recipe_invoices.year;

-- Who stands behind it? The exchange effect is a movement like the others.
CREATE VIEW recipe_invoices.movement AS
SELECT from_date AS period_start, account, movement, change
FROM recipe_invoices.account_quarter, movements(history, from_date, to_date, '3 months')
UNION ALL
SELECT from_date, account, 'exchange', exchange_effect FROM recipe_invoices.account_quarter WHERE exchange_effect <> 0;

SELECT to_char(period_start, 'YYYY-"Q"Q') AS quarter, account, movement, round(change, 2) AS change
FROM recipe_invoices.movement ORDER BY 1, 2, 3;
