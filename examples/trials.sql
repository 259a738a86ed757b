-- Trials: how many become customers within 30 days? Trials that are still running are on neither side.
--
-- To use it, put a view of the same name over your own table in place of the first part. The second part is to be kept, the third
-- asks. Plain SQL throughout. It can be run again: it drops the schema recipe_trials first, so leave nothing else in there.
--
-- What counts:
--   * A conversion is a payment that went through. A first payment that failed is none, and never churn: who has not paid was no customer.
--   * A trial whose 30 days are not over yet has neither converted nor failed, even if it has been paid already: otherwise quick ones would count
--     before slow ones could.
--   * The last trial of an account that leads to a payment counts (any entry); say "first entry" to hold everybody to his first one.

DROP SCHEMA IF EXISTS recipe_trials CASCADE;
CREATE SCHEMA recipe_trials;

-- 1. What you have: events of the billing system.

CREATE TABLE recipe_trials.event (account text, at timestamptz, kind text, plan text, arr numeric(12,2));
INSERT INTO recipe_trials.event VALUES
	('acme',  '2024-01-05 09:00Z', 'trial_started', 'team', 1200), ('acme',  '2024-01-19 09:00Z', 'payment_succeeded', 'team', 1200),    -- within 14 days
	('birch', '2024-01-20 09:00Z', 'trial_started', 'solo', 240),  ('birch', '2024-02-19 08:00Z', 'payment_failed', 'solo', 240),
	('birch', '2024-02-20 10:00Z', 'payment_succeeded', 'solo', 240),                                                                    -- a day too late
	('cedar', '2024-02-10 09:00Z', 'trial_started', 'team', 1200),                                                                       -- still running
	('doyle', '2024-02-25 09:00Z', 'trial_started', 'solo', 240),  ('doyle', '2024-03-05 09:00Z', 'payment_succeeded', 'solo', 240),     -- paid, but the 30 days are not over
	('egret', '2024-03-01 09:00Z', 'trial_started', 'solo', 240);

-- 2. To keep.

-- The funnel as of a time; by plan, with the ARR of the trial.
CREATE FUNCTION recipe_trials.funnel(as_of timestamptz) RETURNS funnel_summary LANGUAGE sql STABLE AS $$
	SELECT funnel_agg(account, at, CASE kind WHEN 'trial_started' THEN 'trial' WHEN 'payment_succeeded' THEN 'paid' END, 'trial > paid within 30 days', plan, arr, as_of) FROM recipe_trials.event
$$;

-- 3. Ask.

\echo 'As of 10 March: one of the two trials that are over'
SELECT step, event, sum(reached) AS reached, sum(amount) AS arr FROM funnel_table(recipe_trials.funnel('2024-03-10 00:00Z')) GROUP BY step, event ORDER BY step;
SELECT conversion(s), conversion_interval(s, 0.95), round(amount_conversion(s), 3) AS by_arr, time_to(s, 2, 0.5) AS median_time FROM recipe_trials.funnel('2024-03-10 00:00Z') AS s;

\echo 'As of 1 April, by plan'
SELECT stratum AS plan, step, event, reached, round(conversion, 2) AS conversion, amount FROM funnel_table(recipe_trials.funnel('2024-04-01 00:00Z'));
