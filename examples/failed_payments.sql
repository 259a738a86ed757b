-- Failed payments: how many are recovered, by when? A curve, with the episodes that are still open; who cancels meanwhile leaves of his own will.
--
-- To use it, put views of the same names over your own tables in place of the first part. The second part is to be kept, the third
-- asks. Plain SQL throughout. It can be run again: it drops the schema recipe_failed_payments first, so leave nothing else in there.
--
-- What counts:
--   * An episode starts with the first payment that fails and ends with the one that goes through. Further attempts that fail belong to it.
--   * An episode that is open was seen for as many days as it is old: it is neither recovered nor lost. One that was given up, or whose customer
--     cancelled, was seen until then.
--   * Recovered over all episodes counts last week's as failures. The curve does not.
--   * As who was given up or cancelled is seen until then and no longer, the curve is what would be recovered had nobody given up or cancelled.
--     What really came in is in the table of outcomes.
--   * Who cancels meanwhile is voluntary churn; what is given up is involuntary. They are two lines of the loss report.

DROP SCHEMA IF EXISTS recipe_failed_payments CASCADE;
CREATE SCHEMA recipe_failed_payments;

-- 1. What you have.

CREATE TABLE recipe_failed_payments.episode (account text, failed_on date, recovered_on date, given_up_on date, cancelled_on date, amount numeric(12,2));
INSERT INTO recipe_failed_payments.episode VALUES
	('acme',  '2024-03-01', '2024-03-03', NULL,         NULL, 100),    -- recovered after 2 days
	('birch', '2024-03-01', '2024-03-06', NULL,         NULL,  50),    -- after 5
	('cedar', '2024-03-02', '2024-03-11', NULL,         NULL,  20),    -- after 9
	('doyle', '2024-03-24', NULL,         NULL,         NULL,  80),    -- open for 7 days
	('egret', '2024-03-01', NULL,         '2024-03-22', NULL,  30);    -- given up after 21

-- 2. To keep.

-- Each episode as known on a day: how it ended, and for how many days it was seen.
CREATE FUNCTION recipe_failed_payments.known(as_of date) RETURNS TABLE (account text, failed_on date, days int, outcome text, amount numeric) LANGUAGE sql STABLE AS $$
	SELECT account, failed_on, least(recovered_on, given_up_on, cancelled_on, as_of) - failed_on,
		CASE least(recovered_on, given_up_on, cancelled_on, as_of + 1) WHEN as_of + 1 THEN 'open' WHEN recovered_on THEN 'recovered' WHEN cancelled_on THEN 'cancelled' ELSE 'given up' END, amount
	FROM recipe_failed_payments.episode WHERE failed_on <= as_of
$$;

-- The curves: of episodes, and of the money in them.
CREATE FUNCTION recipe_failed_payments.curves(as_of date) RETURNS TABLE (episodes survival_summary, money survival_summary) LANGUAGE sql STABLE AS $$
	SELECT survival_agg(days, outcome = 'recovered'), survival_agg(days, outcome = 'recovered', amount) FROM recipe_failed_payments.known(as_of)
$$;

-- The share that is recovered by a day, and its interval. NULL: nobody was seen for so long.
CREATE FUNCTION recipe_failed_payments.recovered(curve survival_summary, day int) RETURNS numeric
LANGUAGE sql IMMUTABLE AS $$ SELECT 1 - survival(curve, day) $$;

CREATE FUNCTION recipe_failed_payments.recovered_interval(curve survival_summary, day int, confidence float8) RETURNS numrange
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN i IS NOT NULL THEN numrange(1 - upper(i), 1 - lower(i), '[]') END FROM survival_interval(curve, day, confidence) AS i
$$;

-- 3. Ask.

\echo 'Recovered by day, of episodes and of money; 3 of 5 were recovered, naively 0.60'
SELECT day, round(recipe_failed_payments.recovered(episodes, day), 4) AS recovered, recipe_failed_payments.recovered_interval(episodes, day, 0.95) AS with_95_percent,
	round(recipe_failed_payments.recovered(money, day), 4) AS of_the_money
FROM recipe_failed_payments.curves('2024-03-31'), unnest('{2,5,9,14}'::int[]) AS day;

\echo 'What became of them'
SELECT outcome, count(*) AS episodes, sum(amount) AS amount FROM recipe_failed_payments.known('2024-03-31') GROUP BY outcome ORDER BY outcome;
