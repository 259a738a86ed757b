-- Early warning, and who is ready to expand: one list of accounts to save, one of accounts to offer more to, and a check of each list.
-- Shows: score, its fall in 30 and 90 days, the next renewal, the expected loss of each account; readiness out of use, health, renewals
-- and products not yet bought; whether score and readiness told anything before.
--
-- To use it, put views of the same names over your own tables in place of the first part. The second part is to be kept, the third
-- asks. Plain SQL throughout. It can be run again: it drops the schema recipe_warning first, so leave nothing else in there.
--
-- What counts:
--   * A list is made as of a day, from what was known before it. So it can be made for an earlier day, and checked.
--   * The expected loss of an account is its amount times the share that accounts in its band lost in a quarter, over the last eight
--     quarters. Losses add up to that of grr_forecast: it is a share of a group, not a prophecy about one account.
--   * Ready to expand: green; at least 80 % of what is paid for is used; nothing was cut in the last year; no renewal within 180 days
--     is expected to be for less; there is a product that the account does not have. Readiness counts how many of the five hold.

DROP SCHEMA IF EXISTS recipe_warning CASCADE;
CREATE SCHEMA recipe_warning;

-- 1. What you have.

CREATE TABLE recipe_warning.subscription (account text, product text, valid daterange, amount numeric(12,2));
CREATE TABLE recipe_warning.score (account text, noted_on date, score numeric, PRIMARY KEY (account, noted_on));
CREATE TABLE recipe_warning.usage (account text, noted_on date, used numeric, paid_for numeric, PRIMARY KEY (account, noted_on));
-- What is due, and what of it was expected on the day of the note.
CREATE TABLE recipe_warning.renewal (account text, due_on date, noted_on date, due numeric(12,2), expected numeric(12,2), PRIMARY KEY (account, due_on, noted_on));
CREATE TABLE recipe_warning.product (product text PRIMARY KEY);
INSERT INTO recipe_warning.product VALUES ('core'), ('analytics'), ('support');

-- 150 accounts, each with one turn: of six one leaves, one shrinks, two buy analytics. Signs come before most turns, and before some none.
CREATE VIEW recipe_warning.sample AS
SELECT i, 'account ' || i AS account, date '2022-01-01' + i * 37 % 300 AS began, date '2023-01-01' + i * 53 % 900 AS turned, 1000 + i * 7919 % 9000 AS amount, i % 6 AS kind
FROM generate_series(1, 150) AS i;
INSERT INTO recipe_warning.subscription
SELECT account, part.* FROM recipe_warning.sample, LATERAL (VALUES
	('core', daterange(began, CASE WHEN kind < 2 THEN turned END), amount), ('core', daterange(turned, NULL), CASE WHEN kind = 1 THEN amount * 0.6 END),
	('analytics', daterange(turned, NULL), CASE WHEN kind IN (3, 4) THEN amount * 0.25 END),
	('support', daterange(began, CASE WHEN kind < 2 THEN turned END), CASE WHEN i % 7 < 2 THEN amount * 0.1 END)) AS part (product, valid, amount)
WHERE part.amount > 0;
INSERT INTO recipe_warning.score
SELECT account, noted_on, 57 + (i * 37 + month * 11) % 43 - CASE WHEN kind < 2 AND i % 5 > 0 AND turned > noted_on AND turned < noted_on + 250 THEN 35 ELSE 0 END
FROM recipe_warning.sample, generate_series(0, 41) AS month, LATERAL (SELECT date '2022-01-01' + 30 * month AS noted_on) AS x WHERE i <= 147;
INSERT INTO recipe_warning.usage
SELECT account, noted_on, 50 + (i * 29 + month * 7) % 45 + CASE WHEN kind IN (3, 4) AND i % 5 > 0 AND turned < noted_on + 200 THEN 20 ELSE 0 END, 100
FROM recipe_warning.sample, generate_series(0, 41) AS month, LATERAL (SELECT date '2022-01-15' + 30 * month AS noted_on) AS x;
INSERT INTO recipe_warning.renewal
SELECT account, due_on, due_on - note, amount, amount * CASE WHEN kind < 2 AND i % 4 > 0 AND note = 60 AND turned <= due_on AND turned > due_on - 365 THEN 0.5 ELSE 1 END
FROM recipe_warning.sample, generate_series(1, 4) AS year, unnest('{180,60}'::int[]) AS note, LATERAL (SELECT began + 365 * year AS due_on) AS x WHERE turned >= due_on - 180 OR kind > 1;
DROP VIEW recipe_warning.sample;

-- 2. To keep.

-- The day of the lists. Yours: current_date.
CREATE VIEW recipe_warning.today AS SELECT date '2025-01-01' AS as_of;

CREATE VIEW recipe_warning.history AS
SELECT account, history_agg(valid, amount) AS h FROM recipe_warning.subscription GROUP BY account;

-- A score holds until the next one.
CREATE VIEW recipe_warning.band AS
SELECT account, daterange(noted_on, lead(noted_on) OVER (PARTITION BY account ORDER BY noted_on)) AS valid, score,
	label(segment_of(score, '{"red [0,50)","yellow [50,75)","green [75,)"}')) AS band
FROM recipe_warning.score;

-- Who is there when a day begins, with the score and the band that were known by then.
CREATE FUNCTION recipe_warning.book(as_of date) RETURNS TABLE (account text, h revenue_history, arr numeric, score numeric, band text)
LANGUAGE sql STABLE AS $$
	SELECT a.account, a.h, amount_at(a.h, as_of - 1), b.score, coalesce(b.band, 'none')
	FROM recipe_warning.history AS a LEFT JOIN recipe_warning.band AS b ON b.account = a.account AND b.valid @> as_of - 1
	WHERE amount_at(a.h, as_of - 1) > 0
$$;

-- What accounts of each band kept of their amount, a quarter, over the last eight; where a band has no past, that of all.
CREATE FUNCTION recipe_warning.kept_by_band(as_of date) RETURNS TABLE (band text, grr numeric)
LANGUAGE sql STABLE AS $$
	WITH past AS (
			SELECT band, retention_agg(arr, amount_at(h, period_end - 1)) AS past
			FROM intervals((as_of - interval '2 years')::date, as_of, '3 months'), recipe_warning.book(period_start) GROUP BY band),
		open AS (SELECT band, retention_agg(arr, NULL) AS open FROM recipe_warning.book(as_of) GROUP BY band),
		bands AS (SELECT band, past, open FROM past FULL JOIN open USING (band))
	SELECT b.band, grr_forecast(array_agg(every.past ORDER BY every.band), array_agg(CASE WHEN every.band = b.band THEN every.open END ORDER BY every.band))
	FROM bands AS b CROSS JOIN bands AS every WHERE b.open IS NOT NULL GROUP BY b.band
$$;

-- Renewals that are to come, as they were last expected before a day.
CREATE FUNCTION recipe_warning.to_come(as_of date) RETURNS TABLE (account text, due_on date, due numeric, expected numeric)
LANGUAGE sql STABLE AS $$
	SELECT DISTINCT ON (account, due_on) account, due_on, due, expected
	FROM recipe_warning.renewal WHERE noted_on < as_of AND due_on >= as_of ORDER BY account, due_on, noted_on DESC
$$;

-- The list of accounts to look at. A fall is what the score has lost; NULL where there was no score then.
CREATE FUNCTION recipe_warning.warnings(as_of date) RETURNS TABLE (account text, arr numeric, band text, score numeric, fall_30 numeric, fall_90 numeric, next_renewal date, expected_loss numeric)
LANGUAGE sql STABLE AS $$
	SELECT a.account, a.arr, a.band, a.score, month_ago.score - a.score, quarter_ago.score - a.score, r.due_on, a.arr * (1 - k.grr)
	FROM recipe_warning.book(as_of) AS a JOIN recipe_warning.kept_by_band(as_of) AS k USING (band)
	LEFT JOIN recipe_warning.band AS month_ago ON month_ago.account = a.account AND month_ago.valid @> as_of - 31
	LEFT JOIN recipe_warning.band AS quarter_ago ON quarter_ago.account = a.account AND quarter_ago.valid @> as_of - 91
	LEFT JOIN (SELECT account, min(due_on) AS due_on FROM recipe_warning.to_come(as_of) GROUP BY account) AS r ON r.account = a.account
$$;

CREATE VIEW recipe_warning.early_warning AS
SELECT w.* FROM recipe_warning.today, recipe_warning.warnings(as_of) AS w ORDER BY expected_loss DESC, w.account;

-- The five conditions of each account, and how many hold. A score or a use that is not known holds none.
CREATE FUNCTION recipe_warning.readiness(as_of date) RETURNS TABLE (account text, h revenue_history, arr numeric, green boolean, use numeric, cut_on date, renewal_in_danger date, not_yet_bought text[], readiness int)
LANGUAGE sql STABLE AS $$
	SELECT a.account, a.h, a.arr, a.band = 'green', u.use, c.cut_on, r.due_on, p.missing,
		(a.band = 'green')::int + coalesce(u.use >= 0.8, false)::int + (c.cut_on IS NULL)::int + (r.due_on IS NULL)::int + (p.missing IS NOT NULL)::int
	FROM recipe_warning.book(as_of) AS a
	LEFT JOIN (SELECT DISTINCT ON (account) account, used / nullif(paid_for, 0) AS use FROM recipe_warning.usage WHERE noted_on < as_of ORDER BY account, noted_on DESC) AS u ON u.account = a.account
	LEFT JOIN (SELECT account, min(due_on) AS due_on FROM recipe_warning.to_come(as_of) WHERE due_on < as_of + 180 AND expected < due GROUP BY account) AS r ON r.account = a.account
	CROSS JOIN LATERAL (SELECT max(to_date) AS cut_on FROM steps(a.h) AS s WHERE to_date >= as_of - interval '1 year' AND to_date < as_of AND amount_at(a.h, to_date) < amount) AS c
	LEFT JOIN (SELECT account, array_agg(product) AS bought FROM recipe_warning.subscription
		WHERE valid @> as_of - 1 AND amount > 0 AND product IS NOT NULL GROUP BY account) AS b ON b.account = a.account
	CROSS JOIN LATERAL (SELECT array_agg(product ORDER BY product) AS missing FROM recipe_warning.product WHERE product <> ALL (coalesce(bought, '{}'))) AS p
$$;

CREATE VIEW recipe_warning.ready_to_expand AS
SELECT r.account, r.arr, round(r.use, 2) AS use, r.not_yet_bought FROM recipe_warning.today, recipe_warning.readiness(as_of) AS r WHERE readiness = 5 ORDER BY r.arr DESC, r.account;

-- The checks, over an earlier quarter: did the score see who left, did readiness see who expanded? Lists of the first day, outcomes of the
-- days after it.
CREATE FUNCTION recipe_warning.check_score(from_date date, to_date date) RETURNS health_summary
LANGUAGE sql STABLE AS $$
	SELECT health_agg(score, amount_at(h, to_date - 1) = 0, arr) FROM recipe_warning.book(from_date)
$$;

CREATE FUNCTION recipe_warning.check_readiness(from_date date, to_date date) RETURNS health_summary
LANGUAGE sql STABLE AS $$
	SELECT health_agg(-readiness, amount_at(h, to_date - 1) > arr, arr) FROM recipe_warning.readiness(from_date)
$$;

-- 3. Ask.

\echo 'The accounts to look at first'
SELECT account, arr, band, score, fall_30, fall_90, next_renewal, round(expected_loss, 2) AS expected_loss FROM recipe_warning.early_warning LIMIT 8;

\echo 'Ready to expand'
SELECT * FROM recipe_warning.ready_to_expand LIMIT 5;

\echo 'Does the score see who leaves? Scores before 2024, churn in 2024'
SELECT accounts(s) + unscored_accounts(s) AS accounts, accounts_churned(s) AS churned, round(auc(s), 3) AS auc, auc_interval(s, 0.95), round(green_churn(s, 75), 3) AS green_churn
FROM recipe_warning.check_score('2024-01-01', '2025-01-01') AS s;

\echo 'Does readiness see who expands? Readiness before 2024, more than that at the end of 2024'
SELECT accounts(s) AS accounts, accounts_churned(s) AS expanded, round(auc(s), 3) AS auc, auc_interval(s, 0.95)
FROM recipe_warning.check_readiness('2024-01-01', '2025-01-01') AS s;

\echo 'By readiness: how many of them expanded'
SELECT -score AS readiness, accounts, accounts_churned AS expanded, round(accounts_churned::numeric / accounts, 3) AS share, wilson_interval(accounts_churned, accounts, 0.95)
FROM health_table(recipe_warning.check_readiness('2024-01-01', '2025-01-01')) ORDER BY score;
