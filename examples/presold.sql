-- Pre-sold against earned expansion: how much of NDR was signed before the period began?
-- Shows: ramps, upsells signed ahead, renewals at a higher price; NDR with and without what was scheduled; by account, by quarter.
--
-- To use it, put a view of the same name over your own tables in place of the first part. The second part is to be kept, the third
-- asks. Plain SQL throughout. It can be run again: it drops the schema recipe_presold first, so leave nothing else in there.
--
-- What counts:
--   * A term is an amount of an item (a product of an account) on some days. A ramp is a term for each step, signed on one day. On each day
--     the term that starts last holds; of those that start on one day, the one signed last. Notice is a term of 0.
--   * Scheduled is what the terms signed before the period change from its start to its end. A term that simply ends is no notice: its
--     amount goes on, so a renewal at the same price was neither scheduled nor earned.
--   * Pre-sold is what was scheduled and came: in accounts with an amount at the start, the smaller of what was scheduled up and what the
--     account expanded. The rest of the expansion is earned. Both add up to the expansion of the bridge by account.
--   * Earned NDR is NDR with the pre-sold part taken out of the ending amount.

DROP SCHEMA IF EXISTS recipe_presold CASCADE;
CREATE SCHEMA recipe_presold;

-- 1. What you have: terms with the day on which each was signed. NULL: on its first day.

CREATE TABLE recipe_presold.term (account text, item text, valid daterange, amount numeric(12,2), signed date);
INSERT INTO recipe_presold.term VALUES
	('acme',  'core',  '[2023-07-01,2024-07-01)', 60, '2023-06-20'), ('acme', 'core', '[2024-07-01,2026-07-01)', 80, '2023-06-20'),    -- a ramp
	('acme',  'extra', '[2024-09-01,2025-09-01)', 15, '2024-08-20'),                                                                     -- an upsell
	('birch', 'core',  '[2023-03-01,2024-03-01)', 40, '2023-02-10'), ('birch', 'core', '[2024-03-01,2025-03-01)', 55, '2024-02-15');   -- a renewal

-- 2. To keep.

-- What happened, by account. The terms of one item replace each other; items add up.
CREATE VIEW recipe_presold.history AS
SELECT account, rollup(h) AS h
FROM (SELECT account, item, history_latest_agg(valid, amount, coalesce(signed, lower(valid))) AS h FROM recipe_presold.term GROUP BY account, item) AS x
GROUP BY account;

-- What was signed before a day, by account. The term of an item that ends last goes on.
CREATE FUNCTION recipe_presold.signed_before(day date) RETURNS TABLE (account text, h revenue_history)
LANGUAGE sql STABLE AS $$
	SELECT account, rollup(h)
	FROM (SELECT account, item, history_latest_agg(daterange(lower(valid), CASE WHEN ends < last THEN ends END), amount, signed_on) AS h
		FROM (SELECT account, item, valid, amount, signed_on, ends, max(ends) OVER (PARTITION BY account, item) AS last
			FROM recipe_presold.term, LATERAL (SELECT coalesce(signed, lower(valid)) AS signed_on, coalesce(upper(valid), 'infinity') AS ends) AS e
			WHERE signed_on < day AND NOT isempty(valid)) AS t
		GROUP BY account, item) AS i
	GROUP BY account
$$;

-- The accounts that have an amount at an end of the period: what they had, what was scheduled to change, what they have, and the part of
-- the expansion that was sold before.
CREATE FUNCTION recipe_presold.by_account(from_date date, to_date date) RETURNS TABLE (account text, starting numeric, scheduled numeric, ending numeric, presold numeric, earned numeric, was_customer boolean)
LANGUAGE sql STABLE AS $$
	SELECT account, s, c, e, p, CASE WHEN s > 0 THEN greatest(e - s, 0) - p ELSE 0 END, first_active(h) < from_date
	FROM recipe_presold.history LEFT JOIN recipe_presold.signed_before(from_date) AS before (account, signed) USING (account),
		LATERAL (SELECT amount_at(h, from_date - 1) AS s, amount_at(h, to_date - 1) AS e,
			coalesce(amount_at(signed, to_date - 1) - amount_at(signed, from_date - 1), 0) AS c) AS amounts,
		LATERAL (SELECT CASE WHEN s > 0 THEN greatest(least(c, e - s), 0) ELSE 0 END AS p) AS part
	WHERE s <> 0 OR e <> 0
$$;

-- The period, and the period as it would have been without what was sold before.
CREATE FUNCTION recipe_presold.summary(from_date date, to_date date) RETURNS TABLE (actual retention_summary, earned retention_summary)
LANGUAGE sql STABLE AS $$
	SELECT retention_agg(starting, ending, was_customer, daterange(from_date, to_date)),
		retention_agg(starting, ending - presold, was_customer, daterange(from_date, to_date))
	FROM recipe_presold.by_account(from_date, to_date)
$$;

-- 3. Ask.

\echo 'The year 2024'
SELECT starting(actual), expansion(actual), expansion(actual) - expansion(earned) AS presold, expansion(earned) AS earned,
	round(ndr(actual), 4) AS ndr, round(ndr(earned), 4) AS earned_ndr
FROM recipe_presold.summary('2024-01-01', '2025-01-01');

\echo 'By account: scheduled is what the terms signed before the year change'
SELECT account, starting, scheduled, ending, presold, earned FROM recipe_presold.by_account('2024-01-01', '2025-01-01') ORDER BY account;

\echo 'By quarter: what is signed in one quarter is pre-sold in the next'
SELECT period_start, starting(actual), expansion(actual), expansion(actual) - expansion(earned) AS presold, expansion(earned) AS earned,
	round(ndr(actual), 4) AS ndr, round(ndr(earned), 4) AS earned_ndr
FROM intervals('2024-01-01', '2025-01-01', '3 months'), recipe_presold.summary(period_start, period_end) ORDER BY period_start;
