-- Committed beside live ARR: what is signed and has not started, what has given notice and is not gone yet, and the bridge from live to committed.
--
-- To use it, put views of the same names over your own tables in place of the first part. The second part is to be kept, the third
-- asks. Plain SQL throughout. It can be run again: it drops the schema recipe_committed first, so leave nothing else in there.
--
-- What counts:
--   * Live is what is paid on the day. Committed is what will be paid once everything signed has started and every notice has taken effect.
--   * A term that simply ends is no notice: it is taken to go on until somebody says otherwise. One that has ended is over.
--   * An early renewal replaces its term: on a day, of the terms of one item the one that starts last holds. What it replaces is not committed
--     any more, and does not come back when notice is given on the renewal. A notice on the replaced term does not touch the renewal.
--   * A notice counts at once, however long the term still runs, and without an end too.
--   * Only what was known on the day counts: a signature or a notice of the day after does not. Without a day of signature it is the first day.
--   * Who was a customer before and signs again is in the bridge as new: the bridge compares two amounts of today.

DROP SCHEMA IF EXISTS recipe_committed CASCADE;
CREATE SCHEMA recipe_committed;

-- 1. What you have: terms of items. notice_on is the day of a notice, or NULL; signed_on may be NULL.

CREATE TABLE recipe_committed.term (account text, item text, valid daterange, arr numeric(12,2), signed_on date, notice_on date);
INSERT INTO recipe_committed.term VALUES
	('acme',  'core',  '[2024-01-01,2025-01-01)', 100, '2023-11-20', NULL),            -- simply ends: no notice
	('acme',  'seats', '[2024-10-01,2025-10-01)',  30, '2024-08-25', NULL),            -- signed, starts in October: expansion
	('birch', 'core',  '[2023-12-01,2024-12-01)',  60, '2023-12-01', '2024-08-30'),    -- notice given, still paying: churn to come
	('cedar', 'core',  '[2024-11-01,2025-11-01)',  40, '2024-09-10', NULL),            -- signed, not live yet: new
	('doyle', 'core',  '[2023-01-01,2024-01-01)',  55, '2022-12-01', NULL);            -- over

-- 2. To keep.

-- By account: live on the day, and committed, as known on that day.
CREATE FUNCTION recipe_committed.arr(as_of date) RETURNS TABLE (account text, live numeric, committed numeric) LANGUAGE sql STABLE AS $$
	SELECT account, coalesce(sum(amount_at(running, as_of)), 0), coalesce(sum(amount_at(signed, '9999-12-30')), 0)
	FROM (SELECT account, item, history_latest_agg(valid, arr, known_on) AS running,
			-- what is not over goes on for ever, or is nothing once there is notice: nothing ends, so that nothing before it comes back
			history_latest_agg(daterange(lower(valid), NULL), CASE WHEN notice_on <= as_of THEN 0.00 ELSE arr END, known_on) FILTER (WHERE valid @> as_of OR lower(valid) > as_of) AS signed
		FROM recipe_committed.term, LATERAL (SELECT coalesce(signed_on, lower(valid)) AS known_on) AS x WHERE known_on <= as_of GROUP BY account, item) AS item
	GROUP BY account
$$;

-- The bridge from live to committed: what the signed and the notices move.
CREATE FUNCTION recipe_committed.bridge(as_of date) RETURNS TABLE (live numeric, new numeric, expansion numeric, contraction numeric, churn numeric, committed numeric) LANGUAGE sql STABLE AS $$
	SELECT starting(r), new_business(r), expansion(r), contraction(r), churned(r), ending(r)
	FROM (SELECT retention_agg(live, committed, live > 0) AS r FROM recipe_committed.arr(as_of)) AS x
$$;

-- 3. Ask.

\echo 'Live, what is signed and under notice, and committed, on 15 September 2024'
SELECT * FROM recipe_committed.bridge('2024-09-15');

\echo 'By account'
SELECT * FROM recipe_committed.arr('2024-09-15') WHERE live > 0 OR committed > 0 ORDER BY account;

\echo 'A month before: neither the notice nor most signatures were known'
SELECT * FROM recipe_committed.bridge('2024-08-15');
