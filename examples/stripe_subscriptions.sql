-- Recurring revenue from tables named like the objects of Stripe's API: subscriptions, their items, prices, coupons and discounts.
-- Shows: time zone, trials, discounts, amounts in minor units, monthly and yearly prices. Map of the fields: README.md.
--
-- To use it, put views of the same names over your own tables in place of the first part. The second part is to be kept, the third
-- asks. Plain SQL throughout. It can be run again: it drops the schema recipe_stripe first, so leave nothing else in there.
--
-- What counts, and from when:
--   * The unit is a month's revenue (MRR): quantity * unit amount / months of the interval; 1,200 a year is 100 a month.
--     Rounded once for each row, to cents. One-time prices are no subscription items; setup fees do not come in.
--   * A change dated d belongs to the interval that contains d, and d is a day at the company, not in UTC.
--   * A trial is 0: the account is new on the day it converts, and one that never converts never was a customer.
--   * A customer leaves on the day service ends (ended_at; cancel_at while that is to come), not on the day of the notice
--     (canceled_at). past_due and unpaid still count: nobody has ended the subscription. Stripe's own figure drops unpaid ones.
--   * A discount lowers MRR while it lasts; the end of a repeating one is an expansion. One that applies once is a credit on an
--     invoice and changes nothing. Stripe lets you choose; the place to change is marked below.

DROP SCHEMA IF EXISTS recipe_stripe CASCADE;
CREATE SCHEMA recipe_stripe;

-- 1. What your sync has loaded. Times are seconds since 1970, as in the API.

CREATE TABLE recipe_stripe.customers (id text PRIMARY KEY, name text);
CREATE TABLE recipe_stripe.prices (
	id text PRIMARY KEY, unit_amount bigint, currency text,       -- unit_amount: minor units, cents (a yen has none: divide by 1)
	recurring_interval text, recurring_interval_count int         -- recurring.interval, recurring.interval_count
);
CREATE TABLE recipe_stripe.subscriptions (
	id text PRIMARY KEY, customer text, status text, currency text,
	start_date bigint, trial_end bigint, cancel_at bigint, canceled_at bigint, ended_at bigint
);
-- The API knows an item as it is now. since and until come from the history that your sync keeps of it, or from the events
-- customer.subscription.updated; NULL: as long as the subscription.
CREATE TABLE recipe_stripe.subscription_items (
	id text, subscription text, price text, quantity bigint, since bigint, until bigint
);
CREATE TABLE recipe_stripe.coupons (
	id text PRIMARY KEY, percent_off numeric, amount_off bigint, duration text     -- once, repeating, forever
);
CREATE TABLE recipe_stripe.discounts (id text PRIMARY KEY, subscription text, coupon text, start bigint, "end" bigint);

CREATE FUNCTION recipe_stripe.seconds(timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE
AS $$ SELECT extract(epoch FROM $1)::bigint $$;

INSERT INTO recipe_stripe.customers VALUES ('cus_acme', 'Acme'), ('cus_birch', 'Birch'), ('cus_cedar', 'Cedar'),
	('cus_doyle', 'Doyle'), ('cus_egret', 'Egret'), ('cus_fjord', 'Fjord'), ('cus_gale', 'Gale');
INSERT INTO recipe_stripe.prices VALUES ('seat_monthly', 5000, 'eur', 'month', 1), ('pro_yearly', 120000, 'eur', 'year', 1),
	('pro_quarterly', 27000, 'eur', 'month', 3);
INSERT INTO recipe_stripe.subscriptions
SELECT 'sub_' || id, 'cus_' || split_part(id, '_', 1), status, 'eur', recipe_stripe.seconds(started::timestamptz),
	recipe_stripe.seconds(trial_until::timestamptz), recipe_stripe.seconds(to_end::timestamptz),
	recipe_stripe.seconds(notice::timestamptz), recipe_stripe.seconds(ended::timestamptz)
FROM (VALUES
	('acme_1',  'active',   '2023-03-10 09:00+00', NULL,                  NULL,                  NULL,                  NULL),
	('acme_2',  'active',   '2024-05-20 15:10+00', NULL,                  NULL,                  NULL,                  NULL),
	-- half past eleven at night of 31 January in UTC is 1 February in Berlin
	('birch_1', 'canceled', '2023-06-01 08:00+00', NULL,                  NULL,                  '2023-12-18 10:00+00', '2024-01-31 23:30+00'),
	('cedar_1', 'active',   '2024-02-15 12:00+00', '2024-02-29 23:30+00', NULL,                  NULL,                  NULL),
	('doyle_1', 'canceled', '2024-02-10 12:00+00', '2024-02-24 12:00+00', NULL,                  '2024-02-20 12:00+00', '2024-02-24 12:00+00'),
	('egret_1', 'active',   '2023-10-01 10:00+00', NULL,                  '2024-10-01 10:00+00', '2024-06-03 10:00+00', NULL),
	('fjord_1', 'canceled', '2022-01-15 10:00+00', NULL,                  NULL,                  '2023-11-20 10:00+00', '2023-11-20 10:00+00'),
	('fjord_2', 'past_due', '2024-04-05 10:00+00', NULL,                  NULL,                  NULL,                  NULL),
	('gale_1',  'trialing', '2024-06-10 10:00+00', '2024-06-24 10:00+00', NULL,                  NULL,                  NULL)
) AS v (id, status, started, trial_until, to_end, notice, ended);
INSERT INTO recipe_stripe.subscription_items VALUES
	('si_1', 'sub_acme_1', 'seat_monthly', 4, NULL, recipe_stripe.seconds('2024-03-15 10:00+00')),
	('si_1', 'sub_acme_1', 'seat_monthly', 6, recipe_stripe.seconds('2024-03-15 10:00+00'), NULL),
	('si_2', 'sub_acme_2', 'pro_yearly', 1, NULL, NULL), ('si_3', 'sub_birch_1', 'pro_yearly', 1, NULL, NULL),
	('si_4', 'sub_cedar_1', 'seat_monthly', 2, NULL, NULL), ('si_5', 'sub_doyle_1', 'seat_monthly', 9, NULL, NULL),
	('si_6', 'sub_egret_1', 'pro_quarterly', 1, NULL, NULL), ('si_7', 'sub_fjord_1', 'seat_monthly', 1, NULL, NULL),
	('si_8', 'sub_fjord_2', 'pro_yearly', 1, NULL, NULL), ('si_9', 'sub_gale_1', 'seat_monthly', 3, NULL, NULL);
INSERT INTO recipe_stripe.coupons VALUES ('twenty_for_three_months', 20, NULL, 'repeating'),
	('fifteen_a_bill', NULL, 1500, 'forever'), ('ten_percent', 10, NULL, 'forever'), ('welcome', 50, NULL, 'once');
INSERT INTO recipe_stripe.discounts VALUES
	('di_1', 'sub_cedar_1', 'twenty_for_three_months', recipe_stripe.seconds('2024-02-29 23:30+00'),
		recipe_stripe.seconds('2024-05-31 22:30+00')),
	('di_2', 'sub_egret_1', 'fifteen_a_bill', recipe_stripe.seconds('2023-10-01 10:00+00'), NULL),
	('di_3', 'sub_fjord_2', 'ten_percent', recipe_stripe.seconds('2024-04-05 10:00+00'), NULL),
	('di_4', 'sub_acme_2', 'welcome', recipe_stripe.seconds('2024-05-20 15:10+00'), NULL);

-- 2. What to keep: lines of revenue, and a history an account.

-- The day at the company. For a column of type timestamptz: ($1 AT TIME ZONE 'Europe/Berlin')::date.
CREATE FUNCTION recipe_stripe.day(bigint) RETURNS date LANGUAGE sql IMMUTABLE
AS $$ SELECT (to_timestamp($1) AT TIME ZONE 'Europe/Berlin')::date $$;

-- Months that one bill covers.
CREATE FUNCTION recipe_stripe.months(every text, how_many int) RETURNS numeric LANGUAGE sql IMMUTABLE
AS $$ SELECT how_many * CASE every WHEN 'year' THEN 12 WHEN 'month' THEN 1 WHEN 'week' THEN 12 / 52.0 ELSE 12 / 365.0 END $$;

-- When a subscription earns. Only what never has is left out by its status: a status is of today, and must not change the past.
CREATE VIEW recipe_stripe.earning AS
SELECT id AS subscription, customer, upper(currency) AS currency,
	daterange(recipe_stripe.day(coalesce(trial_end, start_date)), NULL)
		* daterange(NULL, recipe_stripe.day(coalesce(ended_at, cancel_at))) AS valid
FROM recipe_stripe.subscriptions
WHERE status NOT IN ('trialing', 'incomplete', 'incomplete_expired');

CREATE VIEW recipe_stripe.item_line AS
SELECT e.customer, e.subscription, e.currency, e.valid * daterange(recipe_stripe.day(since), recipe_stripe.day(until)) AS valid,
	round(quantity * unit_amount / 100.0 / months, 2) AS amount, months
FROM recipe_stripe.earning e
JOIN recipe_stripe.subscription_items i USING (subscription)
JOIN recipe_stripe.prices p ON p.id = i.price,
	recipe_stripe.months(recurring_interval, recurring_interval_count) AS months;

-- A discount is a line below zero: a share of what all items of the subscription come to, or an amount off each bill, but never
-- more than there is.
CREATE VIEW recipe_stripe.discount_line AS
SELECT customer, subscription, x.currency,
	daterange(s.from_date, s.to_date) * daterange(recipe_stripe.day(d.start), recipe_stripe.day(d."end")) AS valid,
	-least(s.amount, round(coalesce(s.amount * percent_off / 100, amount_off / 100.0 / months), 2)) AS amount
FROM (
	SELECT customer, subscription, currency, max(months) AS months, history_agg(valid, amount) AS list
	FROM recipe_stripe.item_line
	GROUP BY customer, subscription, currency) x
JOIN recipe_stripe.discounts d USING (subscription)
JOIN recipe_stripe.coupons c ON c.id = d.coupon,
	steps(list) AS s
WHERE duration <> 'once';                                         -- = 'forever' where passing discounts are not to count

-- Several subscriptions of a customer, items and discounts add up. Different currencies of one customer are an error here;
-- invoices_with_periods.sql shows what to do.
CREATE TABLE recipe_stripe.account_history (customer text PRIMARY KEY, history revenue_history NOT NULL);
INSERT INTO recipe_stripe.account_history
SELECT customer, history_agg(valid, amount, currency)
FROM (
	SELECT customer, valid, amount, currency FROM recipe_stripe.item_line
	UNION ALL SELECT customer, valid, amount, currency FROM recipe_stripe.discount_line) AS line
WHERE NOT isempty(valid)                                          -- a trial that never converted has no history
GROUP BY customer;

-- 3. What people ask.

-- Where did the money go, month by month?
CREATE VIEW recipe_stripe.monthly_bridge AS
SELECT b.*
FROM bridge((SELECT bridge_agg(history, '2024-01-01', '2024-07-01', '1 month') FROM recipe_stripe.account_history)) AS b;

SELECT to_char(period_start, 'YYYY-MM') AS month, starting, new, reactivation, expansion, contraction, churned, ending
FROM recipe_stripe.monthly_bridge ORDER BY 1;

-- What is our retention of the half-year?
CREATE VIEW recipe_stripe.half_year AS
SELECT ndr(r), grr(r), logo_churn(r), accounts_churned(r), accounts_starting(r)
FROM (SELECT retention_agg(history, '2024-01-01', '2024-07-01') AS r FROM recipe_stripe.account_history) x;

SELECT round(ndr, 4) AS ndr, round(grr, 4) AS grr, round(logo_churn, 4) AS logo_churn FROM recipe_stripe.half_year;

-- Who stands behind it?
CREATE VIEW recipe_stripe.movement AS
SELECT customer, m.* FROM recipe_stripe.account_history, movements(history, '2024-01-01', '2024-07-01', '1 month') AS m;

SELECT to_char(period_start, 'YYYY-MM') AS month, name, movement, change
FROM recipe_stripe.movement JOIN recipe_stripe.customers ON id = customer ORDER BY 1, 2;
