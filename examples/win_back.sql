-- Win-back: of those who left, how many come back, how soon, and with how much?
-- Shows: the time from churn to return as a curve, with those who may still return; by segment and in money; late renewals that are no churn.
--
-- To use it, put views of the same names over your own tables in place of the first part. The second part is to be kept, the third
-- asks. Plain SQL throughout. It can be run again: it drops the schema recipe_win_back first, so leave nothing else in there.
--
-- What counts:
--   * An absence starts on the first day without an amount and ends on the day of the return. Each absence of an account counts.
--   * Who is still away was seen for as long as that: the curve knows that the return may come. Returned over left does not, so it makes
--     last month's churn look lost for ever.
--   * An absence shorter than the grace period is a late renewal (close_gaps). Who has been away for less than that is not counted yet.
--   * What is not before the day asked for is not known: a return that is signed and not started is none.

DROP SCHEMA IF EXISTS recipe_win_back CASCADE;
CREATE SCHEMA recipe_win_back;

-- 1. What you have.

CREATE TABLE recipe_win_back.account (account text PRIMARY KEY, segment text);
CREATE TABLE recipe_win_back.subscription (account text, valid daterange, amount numeric(12,2));
INSERT INTO recipe_win_back.account VALUES ('acme', 'large'), ('birch', 'large'), ('cedar', 'small'), ('doyle', 'small'), ('egret', 'small'), ('fjord', 'small'), ('gale', 'large');
INSERT INTO recipe_win_back.subscription VALUES
	('acme',  '[2023-01-01,2024-03-01)', 100), ('acme',  '[2024-03-31,)', 120),    -- back after 30 days
	('birch', '[2023-01-01,2024-02-01)', 80),  ('birch', '[2024-04-01,)', 60),     -- after 60
	('cedar', '[2023-01-01,2024-05-01)', 50),  ('cedar', '[2024-07-30,)', 50),     -- after 90
	('doyle', '[2023-01-01,2024-11-17)', 40),                                       -- away for 45 days at the end of the year
	('egret', '[2023-01-01,2024-06-15)', 30),                                       -- away for 200
	('fjord', '[2023-01-01,2024-08-01)', 20),  ('fjord', '[2024-08-10,)', 20),     -- nine days late: no churn
	('gale',  '[2023-01-01,)', 90);

-- 2. To keep.

CREATE VIEW recipe_win_back.history AS
SELECT account, segment, history_agg(valid, amount) AS h
FROM recipe_win_back.account JOIN recipe_win_back.subscription USING (account) GROUP BY account, segment;

-- Each absence, as known on a day: NULL where the account has not returned. Days are those from churn to return, or up to that day.
CREATE FUNCTION recipe_win_back.absence(as_of date, grace interval) RETURNS TABLE (account text, segment text, left_on date, returned_on date, days int, lost numeric, back numeric)
LANGUAGE sql STABLE AS $$
	SELECT account, segment, left_on, CASE WHEN next < as_of THEN next END, least(next, as_of) - left_on, lost, CASE WHEN next < as_of THEN next_amount END
	FROM (SELECT account, segment, s.to_date AS left_on, s.amount AS lost, lead(s.from_date) OVER w AS next, lead(s.amount) OVER w AS next_amount
		FROM recipe_win_back.history, steps(close_gaps(h, grace)) AS s WINDOW w AS (PARTITION BY account ORDER BY s.from_date)) AS x
	WHERE left_on < as_of AND next IS DISTINCT FROM left_on AND (next < as_of OR left_on + grace <= as_of)
$$;

-- By segment: curves of accounts and of the amounts that were lost. rollup() of them is that of all segments.
CREATE FUNCTION recipe_win_back.by_segment(as_of date, grace interval) RETURNS TABLE (segment text, absences bigint, returned bigint, lost numeric, lost_of_returned numeric, back numeric, curve survival_summary, money survival_summary)
LANGUAGE sql STABLE AS $$
	SELECT segment, count(*), count(returned_on), sum(lost), coalesce(sum(lost) FILTER (WHERE returned_on IS NOT NULL), 0), coalesce(sum(back), 0),
		survival_agg(days, returned_on IS NOT NULL), survival_agg(days, returned_on IS NOT NULL, lost)
	FROM recipe_win_back.absence(as_of, grace) GROUP BY segment
$$;

-- The share that is back within so many days, and its interval. NULL: nobody was seen for so long.
CREATE FUNCTION recipe_win_back.back_within(curve survival_summary, days int) RETURNS numeric
LANGUAGE sql IMMUTABLE AS $$ SELECT 1 - survival(curve, days) $$;

CREATE FUNCTION recipe_win_back.back_within_interval(curve survival_summary, days int, confidence float8) RETURNS numrange
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN i IS NOT NULL THEN numrange(1 - upper(i), 1 - lower(i), '[]') END FROM survival_interval(curve, days, confidence) AS i
$$;

-- 3. Ask.

\echo 'Absences of 30 days and more, as known on 1 January 2025'
SELECT account, left_on, returned_on, days, lost, back FROM recipe_win_back.absence('2025-01-01', '30 days') ORDER BY left_on;

\echo 'How many are back within 30, 60, 90 days? Returned over left says 0.6'
SELECT days, round(recipe_win_back.back_within(curve, days), 4) AS back, recipe_win_back.back_within_interval(curve, days, 0.95) AS with_95_percent, round(recipe_win_back.back_within(money, days), 4) AS of_the_money
FROM (SELECT rollup(curve) AS curve, rollup(money) AS money FROM recipe_win_back.by_segment('2025-01-01', '30 days')) AS c, unnest(ARRAY[30, 60, 90, 365]) AS days;

\echo 'By segment: who is back, and with how much of what was lost'
SELECT segment, absences, returned, lost, back, round(back / nullif(lost_of_returned, 0), 3) AS of_what_they_had, round(recipe_win_back.back_within(curve, 90), 3) AS back_within_90
FROM recipe_win_back.by_segment('2025-01-01', '30 days') ORDER BY segment;

\echo 'A month earlier'
SELECT sum(absences) AS absences, sum(returned) AS returned, round(recipe_win_back.back_within(rollup(curve), 90), 4) AS back_within_90 FROM recipe_win_back.by_segment('2024-12-01', '30 days');
