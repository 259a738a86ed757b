-- Recurring revenue from tables named like Chargebee's: subscriptions with items and addons, pauses, ramps and contract terms.
-- Shows: addons and one-time charges, pause and resume, scheduled changes (ramps), contracted revenue, pauses that are to count
-- as kept. Map of the fields: README.md.
--
-- To use it, put views of the same names over your own tables in place of the first part. The second part is to be kept, the third
-- asks. Plain SQL throughout. It can be run again: it drops the schema recipe_chargebee first, so leave nothing else in there.
--
-- What counts, and from when:
--   * The unit is a month's revenue (MRR): quantity * unit price / months of the billing period, of plans and addons. Items of
--     type charge are one-time and left out; so is what was metered.
--   * A subscription counts from the day it is activated, which is the end of a trial, to the day it is cancelled.
--   * A pause is an absence: churn when it starts, reactivation when it ends. Where pauses shorter than a period of grace are to
--     count as kept, close_gaps does that in the question; what is stored stays as it was. Chargebee's own reports never call a
--     pause churn: for that, leave the pauses out of the view earning.
--   * A ramp changes items on its own day. Those to come are in the history too, and so is a cancellation to come: figures end
--     where their bounds end, and a day that is yet to come tells what is under contract. Failed and draft ramps never count.

DROP SCHEMA IF EXISTS recipe_chargebee CASCADE;
CREATE SCHEMA recipe_chargebee;

-- 1. What your sync has loaded. The API gives seconds since 1970; for their days at the company see stripe_subscriptions.sql.

CREATE TABLE recipe_chargebee.item_prices (
	id text PRIMARY KEY, item_type text, period int, period_unit text               -- item_type: plan, addon, charge
);
CREATE TABLE recipe_chargebee.subscriptions (
	id text PRIMARY KEY, customer_id text, status text, currency_code text,
	started_at date, activated_at date, cancelled_at date                           -- cancelled_at: may be to come (non_renewing)
);
-- Items as they were when the subscription was created: content of the event subscription_created. The API shows them as they
-- are now, with the ramps that have succeeded.
CREATE TABLE recipe_chargebee.subscription_items (
	subscription_id text, item_price_id text, quantity numeric, unit_price bigint    -- minor units
);
CREATE TABLE recipe_chargebee.ramps (id text PRIMARY KEY, subscription_id text, effective_from date, status text);
-- items_to_add, items_to_update and items_to_remove of a ramp; what is removed has a quantity of 0.
CREATE TABLE recipe_chargebee.ramp_items (
	ramp_id text, item_price_id text, quantity numeric, unit_price bigint
);
-- The API shows the last pause; those before are in the events subscription_paused and subscription_resumed.
CREATE TABLE recipe_chargebee.pauses (subscription_id text, pause_date date, resume_date date);
CREATE TABLE recipe_chargebee.contract_terms (
	id text PRIMARY KEY, subscription_id text, contract_start date, contract_end date, status text, action_at_term_end text
);

INSERT INTO recipe_chargebee.item_prices VALUES ('team_yearly', 'plan', 1, 'year'), ('team_monthly', 'plan', 1, 'month'),
	('seats_monthly', 'addon', 1, 'month'), ('setup', 'charge', NULL, NULL);
INSERT INTO recipe_chargebee.subscriptions VALUES
	('acme',  'acme',  'active',       'USD', '2023-01-01', '2023-01-01', NULL),
	('acme_eu', 'acme', 'active',      'USD', '2023-11-01', '2023-11-01', NULL),
	('birch', 'birch', 'active',       'USD', '2023-05-15', '2023-05-15', NULL),
	('cedar', 'cedar', 'active',       'USD', '2022-09-01', '2022-09-01', NULL),
	('doyle', 'doyle', 'cancelled',    'USD', '2023-07-01', '2023-07-01', '2024-07-01'),
	('egret', 'egret', 'non_renewing', 'USD', '2023-10-01', '2023-10-01', '2025-10-01'),
	('fjord', 'fjord', 'active',       'USD', '2024-05-06', '2024-05-20', NULL),
	('gale',  'gale',  'future',       'USD', '2025-02-01', '2025-02-01', NULL);
INSERT INTO recipe_chargebee.subscription_items VALUES
	('acme', 'team_yearly', 1, 1200000), ('acme_eu', 'seats_monthly', 5, 2000), ('birch', 'team_monthly', 1, 30000),
	('birch', 'seats_monthly', 10, 2000), ('birch', 'setup', 1, 99900), ('cedar', 'team_monthly', 1, 40000),
	('doyle', 'team_yearly', 1, 720000), ('egret', 'team_yearly', 1, 600000), ('fjord', 'team_monthly', 1, 25000),
	('gale', 'team_yearly', 1, 360000);
INSERT INTO recipe_chargebee.ramps VALUES
	('acme_2024', 'acme', '2024-04-01', 'succeeded'), ('acme_2025', 'acme', '2025-01-01', 'scheduled'),
	('birch_less', 'birch', '2024-02-15', 'succeeded'), ('birch_back', 'birch', '2024-11-10', 'failed'),
	('egret_2024', 'egret', '2024-10-01', 'succeeded');
INSERT INTO recipe_chargebee.ramp_items VALUES ('acme_2024', 'team_yearly', 1, 1800000), ('acme_2025', 'team_yearly', 1, 2400000),
	('birch_less', 'seats_monthly', 0, 2000), ('birch_back', 'seats_monthly', 20, 2000), ('egret_2024', 'team_yearly', 1, 750000),
	('egret_2024', 'seats_monthly', 5, 2000);
INSERT INTO recipe_chargebee.pauses VALUES ('cedar', '2024-03-10', '2024-05-02'), ('cedar', '2024-09-15', NULL);
INSERT INTO recipe_chargebee.contract_terms VALUES
	('acme_1',  'acme',  '2023-01-01', '2024-01-01', 'completed', 'renew'),
	('acme_2',  'acme',  '2024-01-01', '2026-01-01', 'active', 'renew'),
	('doyle_1', 'doyle', '2023-07-01', '2024-07-01', 'completed', 'cancel'),
	('egret_1', 'egret', '2023-10-01', '2024-10-01', 'completed', 'renew'),
	('egret_2', 'egret', '2024-10-01', '2025-10-01', 'active', 'cancel');

-- 2. What to keep: lines of revenue, a history for each subscription, and the account's, which is their sum.

CREATE FUNCTION recipe_chargebee.months(period int, period_unit text) RETURNS numeric LANGUAGE sql IMMUTABLE
AS $$ SELECT period * CASE period_unit WHEN 'year' THEN 12 WHEN 'month' THEN 1 WHEN 'week' THEN 12 / 52.0 ELSE 12 / 365.0 END $$;

-- What an item is from a day on, until the next ramp that touches it.
CREATE VIEW recipe_chargebee.item_version AS
SELECT subscription_id, item_price_id, quantity, unit_price,
	daterange(since, lead(since) OVER (PARTITION BY subscription_id, item_price_id ORDER BY since)) AS valid
FROM (
	SELECT subscription_id, item_price_id, quantity, unit_price, started_at AS since
	FROM recipe_chargebee.subscription_items i JOIN recipe_chargebee.subscriptions s ON s.id = i.subscription_id
	UNION ALL
	SELECT subscription_id, item_price_id, quantity, unit_price, effective_from
	FROM recipe_chargebee.ramp_items i JOIN recipe_chargebee.ramps r ON r.id = i.ramp_id
	WHERE r.status IN ('succeeded', 'scheduled')) AS version;

-- When a subscription earns: from activation to cancellation, but for its pauses.
CREATE VIEW recipe_chargebee.earning AS
SELECT id AS subscription_id, customer_id, currency_code,
	datemultirange(daterange(activated_at, NULL) * daterange(NULL, cancelled_at)) - coalesce(pauses, '{}') AS valid
FROM recipe_chargebee.subscriptions s
LEFT JOIN (
	SELECT subscription_id, range_agg(daterange(pause_date, resume_date)) AS pauses
	FROM recipe_chargebee.pauses
	GROUP BY subscription_id) p ON p.subscription_id = s.id
WHERE activated_at IS NOT NULL;                                   -- still in trial

CREATE VIEW recipe_chargebee.line AS
SELECT subscription_id, customer_id, currency_code, stretch AS valid,
	round(quantity * unit_price / 100.0 / recipe_chargebee.months(period, period_unit), 2) AS amount
FROM recipe_chargebee.earning e
JOIN recipe_chargebee.item_version v USING (subscription_id)
JOIN recipe_chargebee.item_prices p ON p.id = v.item_price_id,
	unnest(e.valid * datemultirange(v.valid)) AS stretch
WHERE item_type IN ('plan', 'addon');

CREATE TABLE recipe_chargebee.subscription_history (
	subscription_id text PRIMARY KEY, customer_id text NOT NULL, history revenue_history NOT NULL
);
INSERT INTO recipe_chargebee.subscription_history
SELECT subscription_id, customer_id, history_agg(valid, amount, currency_code)
FROM recipe_chargebee.line
GROUP BY subscription_id, customer_id;

CREATE VIEW recipe_chargebee.account_history AS
SELECT customer_id, rollup(history) AS history FROM recipe_chargebee.subscription_history GROUP BY customer_id;

-- 3. What people ask.

-- Where did the money go, quarter by quarter?
CREATE VIEW recipe_chargebee.quarterly_bridge AS
SELECT b.*
FROM bridge((SELECT bridge_agg(history, '2024-01-01', '2025-01-01', '3 months') FROM recipe_chargebee.account_history)) AS b;

SELECT to_char(period_start, 'YYYY-"Q"Q') AS quarter, starting, new, reactivation, expansion, contraction, churned, ending
FROM recipe_chargebee.quarterly_bridge ORDER BY 1;

-- What is our retention of the year, with pauses as churn, and with pauses of up to three months as kept?
CREATE VIEW recipe_chargebee.year AS
SELECT 'a pause is churn' AS rule, ndr(r), grr(r), logo_churn(r), chained_grr(rs)
FROM (
	SELECT retention_agg(history, '2024-01-01', '2025-01-01') AS r, bridge_agg(history, '2024-01-01', '2025-01-01', '1 month') AS rs
	FROM recipe_chargebee.account_history) x
UNION ALL
SELECT 'short pauses are kept', ndr(r), grr(r), logo_churn(r), chained_grr(rs)
FROM (
	SELECT retention_agg(h, '2024-01-01', '2025-01-01') AS r, bridge_agg(h, '2024-01-01', '2025-01-01', '1 month') AS rs
	FROM (SELECT close_gaps(history, '3 months') AS h FROM recipe_chargebee.account_history) x) y;

SELECT rule, round(ndr, 4) AS ndr, round(grr, 4) AS grr, round(logo_churn, 4) AS logo_churn,
	round(chained_grr, 4) AS grr_of_months_chained
FROM recipe_chargebee.year ORDER BY rule;

-- What earns at the end of the year, and what of the year after is under contract: ramps and new subscriptions to come
-- included, cancellations to come taken off?
CREATE VIEW recipe_chargebee.contracted AS
SELECT day, amount_at(total, day) AS mrr
FROM (SELECT rollup(history) AS total FROM recipe_chargebee.account_history) x,
	unnest('{2024-12-31,2025-03-31,2025-12-31}'::date[]) AS day;

SELECT to_char(day, 'YYYY-MM-DD') AS day, mrr FROM recipe_chargebee.contracted ORDER BY 1;

-- Contract terms that ended in the year: what was due, and what was renewed of it? The term of a subscription is the account here.
CREATE VIEW recipe_chargebee.renewal AS
SELECT t.id AS term, contract_end, amount_at(history, contract_end - 1) AS due, amount_at(history, contract_end) AS renewed
FROM recipe_chargebee.contract_terms t
JOIN recipe_chargebee.subscription_history USING (subscription_id)
WHERE contract_end >= '2024-01-01' AND contract_end < '2025-01-01';

SELECT sum(due) AS due, sum(renewed) AS renewed, round(grr_agg(due, renewed), 4) AS renewal_rate,
	round(ndr_agg(due, renewed), 4) AS with_upsell
FROM recipe_chargebee.renewal;

-- Who stands behind it?
CREATE VIEW recipe_chargebee.movement AS
SELECT customer_id, m.* FROM recipe_chargebee.account_history, movements(history, '2024-01-01', '2025-01-01', '3 months') AS m;

SELECT to_char(period_start, 'YYYY-"Q"Q') AS quarter, customer_id, movement, change
FROM recipe_chargebee.movement ORDER BY 1, 2;
