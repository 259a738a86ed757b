-- What was restated? The figures of a day as known on two days, and what moved between them: late bookings, late churn, corrections.
--
-- To use it, put views of the same names over your own tables in place of the first part. The second part is to be kept, the third
-- asks. Plain SQL throughout. It can be run again: it drops the schema recipe_restated first, so leave nothing else in there.
--
-- What counts:
--   * A row says from when till when an amount held, and from when till when this was what the books said (a temporal table, an audit log,
--     snapshots of dbt). What the books said on a day are the rows whose second period contains it.
--   * A restatement is no movement: the account did not change, what was known of it did. It is shown by account and boundary, and adds up to the
--     difference of the two reports exactly.
--   * A boundary that is named twice counts once. Where the day of a report is NULL there is no report and no row.

DROP SCHEMA IF EXISTS recipe_restated CASCADE;
CREATE SCHEMA recipe_restated;

-- 1. What you have.

CREATE TABLE recipe_restated.version (account text, valid daterange, amount numeric(12,2), known daterange);
INSERT INTO recipe_restated.version VALUES
	('acme',  '[2024-01-01,)',           100, '[2024-01-05,)'),
	('birch', '[2024-02-01,)',            50, '[2024-02-01,2024-05-02)'),    -- the notice came in May, and was dated back
	('birch', '[2024-02-01,2024-03-20)',  50, '[2024-05-02,)'),
	('cedar', '[2024-03-25,)',            20, '[2024-04-28,)');              -- booked a month late

-- 2. To keep.

-- What each account paid through time, as the books said on a day.
CREATE FUNCTION recipe_restated.history(known_on date) RETURNS TABLE (account text, h revenue_history) LANGUAGE sql STABLE AS $$
	SELECT account, history_agg(valid, amount) FROM recipe_restated.version WHERE known @> known_on GROUP BY account
$$;

-- By account and boundary: the amount as known first, and later, where they differ.
CREATE FUNCTION recipe_restated.restatement(boundaries date[], first date, later date)
RETURNS TABLE (boundary date, account text, kind text, known_first numeric, known_later numeric, change numeric) LANGUAGE sql STABLE STRICT AS $$
	SELECT boundary, account, CASE WHEN a = 0 THEN 'late booking' WHEN b = 0 THEN 'late churn' WHEN b > a THEN 'corrected upwards' ELSE 'corrected downwards' END, a, b, b - a
	FROM (SELECT account, history_agg(valid, amount) FILTER (WHERE known @> first) AS before, history_agg(valid, amount) FILTER (WHERE known @> later) AS after
		FROM recipe_restated.version GROUP BY account) AS x
	CROSS JOIN (SELECT DISTINCT boundary FROM unnest(boundaries) AS boundary WHERE boundary IS NOT NULL) AS asked
	CROSS JOIN LATERAL (SELECT coalesce(amount_at(before, boundary), 0) AS a, coalesce(amount_at(after, boundary), 0) AS b) AS amounts WHERE a <> b
$$;

-- The bridge between the two reports, by boundary.
CREATE FUNCTION recipe_restated.bridge(boundaries date[], first date, later date)
RETURNS TABLE (boundary date, known_first numeric, late_bookings numeric, late_churn numeric, corrections numeric, known_later numeric) LANGUAGE sql STABLE STRICT AS $$
	SELECT boundary, (SELECT coalesce(sum(amount_at(h, boundary)), 0) FROM recipe_restated.history(first)),
		coalesce(sum(change) FILTER (WHERE kind = 'late booking'), 0), coalesce(sum(change) FILTER (WHERE kind = 'late churn'), 0), coalesce(sum(change) FILTER (WHERE kind LIKE 'corrected%'), 0),
		(SELECT coalesce(sum(amount_at(h, boundary)), 0) FROM recipe_restated.history(later))
	FROM (SELECT DISTINCT boundary FROM unnest(boundaries) AS boundary WHERE boundary IS NOT NULL) AS asked LEFT JOIN recipe_restated.restatement(boundaries, first, later) USING (boundary) GROUP BY boundary
$$;

-- 3. Ask.

\echo 'The ARR of the end of March, as known on 3 April and on 1 June'
SELECT * FROM recipe_restated.bridge('{2024-03-31}', '2024-04-03', '2024-06-01');

\echo 'Which accounts'
SELECT * FROM recipe_restated.restatement('{2024-02-29,2024-03-31}', '2024-04-03', '2024-06-01') ORDER BY boundary, account;
