-- Recurring revenue and cohorts from a log of events: created, activated, changed, cancelled, and what people do in the product.
-- Shows: a ledger of changes out of amounts that events tell, events that come twice or late, trials by event, upkeep of the
-- accounts that have news, cohorts by revenue and by activity. Map of the fields: README.md.
--
-- To use it, put views of the same names over your own tables in place of the first part. The second part is to be kept, the third
-- asks. Plain SQL throughout. It can be run again: it drops the schema recipe_events first, so leave nothing else in there.
--
-- What counts, and from when:
--   * The unit is a month's revenue (MRR). An event tells what the subscription comes to from then on; a change is that less what
--     it came to before. Changes of all subscriptions of an account on a day add up.
--   * The day is the one on which it happened, not on which it was received: a late event changes the past, where it belongs.
--   * Created is the start of a trial and worth 0; activated is when revenue starts. Who cancels in the trial never was a customer.
--   * A cancellation that is announced changes nothing; the one that takes effect does.
--   * Cohorts by revenue are of the month of the first day with an amount above 0; cohorts by activity of that of the first event.

DROP SCHEMA IF EXISTS recipe_events CASCADE;
CREATE SCHEMA recipe_events;

-- 1. What you have.

CREATE TABLE recipe_events.event_log (
	event_id text, received_at timestamptz, occurred_at timestamptz, account text, subscription text, type text,
	mrr numeric(12,2)                         -- what the subscription comes to from then on
);
INSERT INTO recipe_events.event_log (event_id, received_at, occurred_at, account, subscription, type, mrr)
SELECT event_id, occurred_at::timestamptz, occurred_at::timestamptz, split_part(subscription, '_', 1), subscription, type, mrr
FROM (VALUES
	('e01', '2023-11-20 10:00+00', 'acme_1',  'subscription_created',   0),
	('e02', '2023-12-04 10:00+00', 'acme_1',  'subscription_activated', 200),
	('e03', '2024-02-10 10:00+00', 'acme_1',  'subscription_changed',   300),
	('e04', '2024-05-03 10:00+00', 'acme_1',  'subscription_changed',   260),
	('e05', '2024-01-15 10:00+00', 'birch_1', 'subscription_activated', 100),
	('e06', '2024-03-31 10:00+00', 'birch_1', 'subscription_cancelled', 0),
	('e07', '2024-05-20 10:00+00', 'birch_1', 'subscription_activated', 120),
	('e08', '2024-02-01 10:00+00', 'cedar_1', 'subscription_activated', 80),
	('e09', '2024-02-20 10:00+00', 'cedar_2', 'subscription_activated', 40),
	('e10', '2024-06-11 10:00+00', 'cedar_2', 'subscription_cancelled', 0),
	('e11', '2024-01-09 10:00+00', 'doyle_1', 'subscription_created',   0),
	('e12', '2024-01-23 10:00+00', 'doyle_1', 'subscription_cancelled', 0),
	('e13', '2024-02-05 10:00+00', 'egret_1', 'subscription_activated', 150),
	('e13', '2024-02-05 10:00+00', 'egret_1', 'subscription_activated', 150),                    -- delivered twice
	('e14', '2024-04-02 10:00+00', 'egret_1', 'subscription_cancellation_scheduled', NULL),
	('e15', '2024-04-30 10:00+00', 'egret_1', 'subscription_cancelled', 0),
	('e16', '2024-03-04 10:00+00', 'fjord_1', 'subscription_activated', 60),
	('e17', '2024-06-20 10:00+00', 'fjord_1', 'subscription_changed',   100)
) AS v (event_id, occurred_at, subscription, type, mrr);
INSERT INTO recipe_events.event_log (event_id, received_at, occurred_at, account, type)
SELECT account || ' ' || day, (day || ' 12:00+00')::timestamptz, (day || ' 12:00+00')::timestamptz, account, 'login'
FROM (VALUES
	('acme',  '{2024-01-03,2024-01-19,2024-02-02,2024-03-05,2024-04-08,2024-05-02,2024-06-03}'::text[]),
	('birch', '{2024-01-16,2024-02-19,2024-05-21,2024-06-04}'),
	('cedar', '{2024-02-01,2024-02-01,2024-03-08,2024-03-29,2024-05-13}'),                       -- the first one delivered twice
	('doyle', '{2024-01-09}'),
	('egret', '{2024-02-06,2024-03-01}'),
	('fjord', '{2024-03-04,2024-04-22,2024-06-28}')) AS v (account, days),
	unnest(days) AS day;

-- 2. What to keep: the ledger, and a history an account.

-- Each event once, on its day at the company; for other zones see stripe_subscriptions.sql.
CREATE VIEW recipe_events.event AS
SELECT DISTINCT ON (event_id) event_id, occurred_at, (occurred_at AT TIME ZONE 'UTC')::date AS day, account, subscription, type, mrr
FROM recipe_events.event_log
ORDER BY event_id, received_at;

CREATE VIEW recipe_events.ledger AS
SELECT account, day, mrr - lag(mrr, 1, 0.00) OVER (PARTITION BY subscription ORDER BY occurred_at, event_id) AS change
FROM recipe_events.event
WHERE type IN ('subscription_created', 'subscription_activated', 'subscription_changed', 'subscription_cancelled');

CREATE TABLE recipe_events.account_history (account text PRIMARY KEY, history revenue_history NOT NULL);
INSERT INTO recipe_events.account_history
SELECT account, history_change_agg(day, change) FROM recipe_events.ledger GROUP BY account;

-- Upkeep: the accounts that have news are made anew from all of their events. So an event that comes late finds its place, one
-- that comes twice does no harm, and neither does running this twice. Here an event of April is received in July.
INSERT INTO recipe_events.event_log VALUES
	('e18', '2024-07-02 09:00+00', '2024-04-15 10:00+00', 'fjord', 'fjord_1', 'subscription_changed', 90);

INSERT INTO recipe_events.account_history AS a
SELECT account, history_change_agg(day, change)
FROM recipe_events.ledger
WHERE account IN (SELECT account FROM recipe_events.event_log WHERE received_at >= '2024-07-01 00:00+00')
GROUP BY account
ON CONFLICT (account) DO UPDATE SET history = excluded.history;

-- 3. What people ask.

-- Where did the money go, month by month?
CREATE VIEW recipe_events.monthly_bridge AS
SELECT b.* FROM bridge((SELECT bridge_agg(history, '2024-01-01', '2024-07-01', '1 month') FROM recipe_events.account_history)) AS b;

SELECT to_char(period_start, 'YYYY-MM') AS month, starting, new, reactivation, expansion, contraction, churned, ending
FROM recipe_events.monthly_bridge ORDER BY 1;

-- What is left of the revenue of each month's new accounts?
CREATE VIEW recipe_events.revenue_cohort AS
SELECT c.*
FROM cohort_table((SELECT cohort_agg(history, '2024-01-01', '2024-07-01', '1 month') FROM recipe_events.account_history)) AS c;

SELECT to_char(cohort, 'YYYY-MM') AS came_in, max(accounts) AS accounts, max(revenue) FILTER (WHERE age = 0) AS revenue,
	max(round(revenue_retention, 2)) FILTER (WHERE age = 1) AS "1", max(round(revenue_retention, 2)) FILTER (WHERE age = 2) AS "2",
	max(round(revenue_retention, 2)) FILTER (WHERE age = 3) AS "3", max(round(revenue_retention, 2)) FILTER (WHERE age = 4) AS "4",
	max(round(revenue_retention, 2)) FILTER (WHERE age = 5) AS "5"
FROM recipe_events.revenue_cohort GROUP BY cohort ORDER BY cohort;

-- Who comes back to use it? Trials are in it; an account is active in a month with any login.
CREATE VIEW recipe_events.activity_cohort AS
SELECT c.cohort, c.age, c.accounts, c.active, c.revenue AS logins, c.logo_retention
FROM cohort_table((SELECT cohort_agg(account, day, 1, '1 month') FROM recipe_events.event WHERE type = 'login')) AS c;

SELECT to_char(cohort, 'YYYY-MM') AS came_in, max(accounts) AS accounts, max(logins) FILTER (WHERE age = 0) AS logins,
	max(round(logo_retention, 2)) FILTER (WHERE age = 1) AS "1", max(round(logo_retention, 2)) FILTER (WHERE age = 2) AS "2",
	max(round(logo_retention, 2)) FILTER (WHERE age = 3) AS "3", max(round(logo_retention, 2)) FILTER (WHERE age = 4) AS "4",
	max(round(logo_retention, 2)) FILTER (WHERE age = 5) AS "5"
FROM recipe_events.activity_cohort GROUP BY cohort ORDER BY cohort;

-- Who stands behind it?
CREATE VIEW recipe_events.movement AS
SELECT account, m.* FROM recipe_events.account_history, movements(history, '2024-01-01', '2024-07-01', '1 month') AS m;

SELECT to_char(period_start, 'YYYY-MM') AS month, account, movement, change FROM recipe_events.movement ORDER BY 1, 2;
