-- Why did they leave? Each lost amount has one reason, so that the reasons add up to the bridge.
-- Shows: reasons ranked by amount, contraction beside churn, what the customer wanted apart from failed payments, further reasons as a
-- count, reasons by health band and by manager.
--
-- To use it, put views of the same names over your own tables in place of the first part. The second part is to be kept, the third
-- asks. Plain SQL throughout. It can be run again: it drops the schema recipe_reasons first, so leave nothing else in there.
--
-- What counts:
--   * A loss is a churn or a contraction of the bridge. Its reason is the latest entry about the account from 90 days before the period
--     starts to 30 days after it ends, by date, then by id. None there: 'unknown'.
--   * Causes come in combinations. Further reasons in that time are counted, never added up as amounts: else they would add up to more
--     than was lost.
--   * Health is the band on the day before the period starts. A band of the day of the loss always looks right.

DROP SCHEMA IF EXISTS recipe_reasons CASCADE;
CREATE SCHEMA recipe_reasons;

-- 1. What you have.

CREATE TABLE recipe_reasons.subscription (account text, valid daterange, amount numeric(12,2));
CREATE TABLE recipe_reasons.entry (id int, account text, noted_on date, reason text, voluntary boolean);
CREATE TABLE recipe_reasons.health (account text, valid daterange, band text);
INSERT INTO recipe_reasons.subscription VALUES
	('acme', '[2023-01-01,2024-02-10)', 500), ('birch', '[2023-01-01,2024-03-05)', 300), ('birch', '[2024-03-05,)', 200),
	('cedar', '[2023-01-01,2024-05-01)', 250), ('cedar', '[2024-08-01,)', 250), ('doyle', '[2023-01-01,2024-11-20)', 120),
	('egret', '[2023-01-01,)', 900), ('fjord', '[2023-06-01,2024-06-15)', 80);
INSERT INTO recipe_reasons.entry VALUES
	(1, 'acme', '2023-11-20', 'missing feature', true), (2, 'acme', '2024-01-15', 'price', true), (3, 'birch', '2024-03-01', 'fewer seats', true),
	(4, 'cedar', '2024-05-02', 'failed payment', false), (5, 'cedar', '2023-02-01', 'price', true), (6, 'fjord', '2024-07-10', 'champion left', true),
	(7, 'fjord', '2024-07-10', 'price', true), (8, 'egret', '2024-04-01', 'price', true);
INSERT INTO recipe_reasons.health VALUES
	('acme', '[2023-01-01,)', 'green'), ('birch', '[2023-01-01,2024-02-01)', 'green'), ('birch', '[2024-02-01,)', 'yellow'), ('cedar', '[2023-01-01,)', 'red'),
	('doyle', '[2024-01-01,)', 'red'), ('egret', '[2023-01-01,)', 'green');

-- 2. To keep.

CREATE VIEW recipe_reasons.history AS
SELECT account, history_agg(valid, amount) AS h FROM recipe_reasons.subscription GROUP BY account;

-- Every loss of a run of periods, with its one reason.
CREATE FUNCTION recipe_reasons.loss(from_date date, to_date date, step interval) RETURNS TABLE (account text, period_start date, period_end date,
	movement text, amount numeric, reason text, voluntary boolean, further_reasons bigint, band text)
LANGUAGE sql STABLE AS $$
	SELECT a.account, m.period_start, m.period_end, m.movement, -m.change, coalesce(e.reason, 'unknown'), e.voluntary,
		greatest(coalesce(e.reasons, 0) - 1, 0), coalesce(health.band, 'none')
	FROM recipe_reasons.history AS a CROSS JOIN movements(a.h, from_date, to_date, step) AS m
	LEFT JOIN LATERAL (
		SELECT reason, voluntary, count(*) OVER () AS reasons
		FROM (SELECT DISTINCT ON (reason) * FROM recipe_reasons.entry AS n
			WHERE n.account = a.account AND noted_on >= m.period_start - 90 AND noted_on < m.period_end + 30
			ORDER BY reason, noted_on DESC, id DESC) AS each_once
		ORDER BY noted_on DESC, id DESC LIMIT 1) AS e ON true
	LEFT JOIN recipe_reasons.health ON health.account = a.account AND health.valid @> m.period_start - 1
	WHERE m.movement IN ('churn', 'contraction')
$$;

-- 3. Ask.

\echo 'Losses of 2024 by reason'
SELECT reason, sum(amount) AS lost, sum(amount) FILTER (WHERE movement = 'churn') AS churned, sum(amount) FILTER (WHERE movement = 'contraction') AS contraction,
	count(*) AS losses, round(sum(amount) / sum(sum(amount)) OVER (), 4) AS share, sum(further_reasons) AS further_reasons
FROM recipe_reasons.loss('2024-01-01', '2025-01-01', '3 months') GROUP BY reason ORDER BY lost DESC, reason;

\echo 'They add up to the bridge'
SELECT sum(amount) AS by_reason, (SELECT sum(churned + contraction) FROM bridge((SELECT bridge_agg(h, '2024-01-01', '2025-01-01', '3 months') FROM recipe_reasons.history))) AS of_the_bridge
FROM recipe_reasons.loss('2024-01-01', '2025-01-01', '3 months');

\echo 'Chosen or not: a failed payment is no decision'
SELECT CASE WHEN voluntary THEN 'chosen' WHEN NOT voluntary THEN 'not chosen' ELSE 'unknown' END AS choice, sum(amount) AS lost
FROM recipe_reasons.loss('2024-01-01', '2025-01-01', '3 months') GROUP BY 1 ORDER BY lost DESC;

\echo 'Seen coming? By the health band before the quarter of the loss'
SELECT band, sum(amount) AS lost, count(*) AS losses FROM recipe_reasons.loss('2024-01-01', '2025-01-01', '3 months') GROUP BY band ORDER BY lost DESC;
