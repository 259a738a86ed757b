-- Cadence: how much of our ARR is looked after as often as we said, and who is overdue?
-- Shows: share of the ARR that is covered, on a day and over a period; by manager, by kind of touch; accounts that are overdue, the largest first;
-- what became of covered and uncovered accounts.
--
-- To use it, put views of the same names over your own tables in place of the first part. The second part is to be kept, the third
-- asks. Plain SQL throughout. It can be run again: it drops the schema recipe_cadence first, so leave nothing else in there.
--
-- What counts:
--   * A touch is a term as long as its cadence: with one call every 90 days an account is covered on the day of the call and on the
--     89 days after it. Two calls in one week do not cover 180 days.
--   * Each kind that the segment asks for is a row of its own: covered by calls is not covered by reviews.
--   * An account that was never touched is overdue from its first day on. What the segment does not ask for is not counted.
--   * Covered over a period is by days: amount times days covered over amount times days. Nobody gets there by calls in the last week.

DROP SCHEMA IF EXISTS recipe_cadence CASCADE;
CREATE SCHEMA recipe_cadence;

-- 1. What you have. Touches that happened, not those that are planned.

CREATE TABLE recipe_cadence.account (account text PRIMARY KEY, segment text, csm text);
CREATE TABLE recipe_cadence.subscription (account text, valid daterange, amount numeric(12,2));
CREATE TABLE recipe_cadence.cadence (segment text, kind text, every interval, PRIMARY KEY (segment, kind));
CREATE TABLE recipe_cadence.touch (account text, kind text, day date);
INSERT INTO recipe_cadence.cadence VALUES ('large', 'call', '90 days'), ('large', 'review', '1 year'), ('small', 'call', '180 days');
INSERT INTO recipe_cadence.account VALUES ('acme', 'large', 'ann'), ('birch', 'large', 'ann'), ('cedar', 'small', 'bob'), ('doyle', 'small', 'bob'), ('egret', 'small', NULL);
INSERT INTO recipe_cadence.subscription VALUES
	('acme', '[2023-01-01,)', 600), ('birch', '[2023-01-01,2024-09-15)', 400), ('cedar', '[2023-01-01,)', 50), ('doyle', '[2024-03-01,)', 30), ('egret', '[2023-01-01,)', 20);
INSERT INTO recipe_cadence.touch VALUES
	('acme', 'call', '2023-12-01'), ('acme', 'call', '2024-02-20'), ('acme', 'call', '2024-05-10'), ('acme', 'review', '2023-05-01'),
	('birch', 'call', '2024-02-01'), ('birch', 'review', '2024-01-15'), ('cedar', 'call', '2024-01-05'), ('egret', 'call', '2024-06-29'), ('egret', 'review', '2024-06-29');

-- 2. To keep.

CREATE VIEW recipe_cadence.history AS
SELECT account, segment, csm, history_agg(valid, amount) AS h
FROM recipe_cadence.account JOIN recipe_cadence.subscription USING (account) GROUP BY account, segment, csm;

-- What each account is to get, and the days on which it is covered: how many touches cover it. NULL: never touched.
CREATE VIEW recipe_cadence.cover AS
SELECT account, segment, csm, kind, every, h, (SELECT history_agg(daterange(day, (day + every)::date), 1) FROM recipe_cadence.touch AS t WHERE t.account = a.account AND t.kind = c.kind) AS cover
FROM recipe_cadence.history AS a JOIN recipe_cadence.cadence AS c USING (segment);

-- Each account and kind on a day: covered or not, when the next touch is due, for how many days it has been overdue.
CREATE FUNCTION recipe_cadence.on_day(day date) RETURNS TABLE (account text, segment text, csm text, kind text, amount numeric, covered boolean, last_touch date, due_on date, overdue int)
LANGUAGE sql STABLE AS $$
	SELECT account, segment, csm, kind, amount, covered, last, due, CASE WHEN covered THEN 0 ELSE on_day.day - due + 1 END
	FROM recipe_cadence.cover AS c,
		LATERAL (SELECT amount_at(h, on_day.day) AS amount, coalesce(is_active(cover, on_day.day), false) AS covered,
			(SELECT max(t.day) FROM recipe_cadence.touch AS t WHERE t.account = c.account AND t.kind = c.kind AND t.day <= on_day.day) AS last) AS x,
		LATERAL (SELECT coalesce((last + every)::date, first_active(h)) AS due) AS y
	WHERE amount > 0
$$;

-- The share of the amount that is covered on a day.
CREATE FUNCTION recipe_cadence.share_on(day date) RETURNS TABLE (csm text, kind text, accounts bigint, amount numeric, covered numeric, share numeric)
LANGUAGE sql STABLE AS $$
	SELECT csm, kind, count(*), sum(amount), coalesce(sum(amount) FILTER (WHERE covered), 0), csm_coverage(CASE WHEN covered THEN account END, amount)
	FROM recipe_cadence.on_day(share_on.day) GROUP BY csm, kind
$$;

-- The same over all days of a period.
CREATE FUNCTION recipe_cadence.share_over(from_date date, to_date date) RETURNS TABLE (csm text, kind text, share numeric)
LANGUAGE sql STABLE AS $$
	SELECT csm, kind, sum(amount * covered) / nullif(sum(amount * days), 0)
	FROM recipe_cadence.cover, steps(h) AS s,
		LATERAL (SELECT greatest(s.from_date, share_over.from_date) AS f, least(s.to_date, share_over.to_date) AS t) AS x,
		LATERAL (SELECT t - f AS days, (SELECT coalesce(sum(least(c.to_date, t) - greatest(c.from_date, f)) FILTER (WHERE c.from_date < t AND c.to_date > f), 0) FROM steps(cover) AS c) AS covered) AS y
	WHERE f < t
	GROUP BY csm, kind
$$;

-- What became of those who were covered when a period began, and of those who were not.
CREATE FUNCTION recipe_cadence.outcome(from_date date, to_date date) RETURNS TABLE (kind text, covered retention_summary, others retention_summary, l lift_summary)
LANGUAGE sql STABLE AS $$
	SELECT kind, retention_agg(amount, ending, daterange(from_date, to_date)) FILTER (WHERE d.covered), retention_agg(amount, ending, daterange(from_date, to_date)) FILTER (WHERE NOT d.covered), lift_agg(d.covered, ending, amount, segment)
	FROM recipe_cadence.on_day(from_date - 1) AS d JOIN recipe_cadence.history USING (account, segment), LATERAL (SELECT amount_at(h, to_date - 1) AS ending) AS x
	GROUP BY kind
$$;

-- 3. Ask.

\echo 'On 30 June 2024: share of the ARR that is covered'
SELECT kind, sum(accounts) AS accounts, sum(amount) AS arr, sum(covered) AS covered, round(sum(covered) / sum(amount), 3) AS share FROM recipe_cadence.share_on('2024-06-30') GROUP BY kind ORDER BY kind;

\echo 'By manager, on that day and over the half year'
SELECT d.csm, kind, d.accounts, round(d.share, 3) AS on_the_day, round(p.share, 3) AS over_the_half_year
FROM recipe_cadence.share_on('2024-06-30') AS d JOIN recipe_cadence.share_over('2024-01-01', '2024-07-01') AS p USING (kind) WHERE d.csm IS NOT DISTINCT FROM p.csm ORDER BY d.csm, kind;

\echo 'Who is overdue, the largest first'
SELECT account, csm, kind, amount, last_touch, due_on, overdue FROM recipe_cadence.on_day('2024-06-30') WHERE NOT covered ORDER BY amount DESC, account, kind;

\echo 'At the end of each month'
SELECT (period_end - 1) AS day, round(csm_coverage(CASE WHEN covered THEN account END, amount), 3) AS called
FROM intervals('2024-01-01', '2024-07-01', '1 month'), recipe_cadence.on_day(period_end - 1) WHERE kind = 'call' GROUP BY period_end ORDER BY period_end;

\echo 'The half year after it: NDR of those who had been called in time, and of the others'
SELECT kind, round(ndr(covered), 3) AS ndr, round(ndr(others), 3) AS ndr_others FROM recipe_cadence.outcome('2024-07-01', '2025-01-01') ORDER BY kind;
