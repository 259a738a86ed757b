-- A manager against the mix he was given: his NDR beside what others reach with accounts of the same segments.
--
-- To use it, put a view of the same name over your own table in place of the first part. The second part is to be kept, the third
-- asks. Plain SQL throughout. It can be run again: it drops the schema recipe_manager_mix first, so leave nothing else in there.
--
-- What counts:
--   * Expected is the manager's own starting amount by segment at the NDR that all others reach in that segment. Who has large accounts is measured
--     against large accounts, whoever they belong to.
--   * A segment that nobody else has has nothing to be measured against: it is left out on both sides, and its amount is shown.
--   * An association all the same: accounts are not handed out by chance. The interval says how sure the difference is.

DROP SCHEMA IF EXISTS recipe_manager_mix CASCADE;
CREATE SCHEMA recipe_manager_mix;

-- 1. What you have: the amounts of each account at both ends of the year, with the manager and the segment at its start.

CREATE TABLE recipe_manager_mix.account (account text, csm text, segment text, starting numeric(12,2), ending numeric(12,2));
INSERT INTO recipe_manager_mix.account VALUES
	('a1', 'ann', 'enterprise', 400, 420), ('a2', 'ann', 'enterprise', 400, 400), ('a3', 'ann', 'small', 100, 90), ('a4', 'ann', 'small', 100, 70),
	('b1', 'bob', 'enterprise', 200, 240), ('b2', 'bob', 'small', 100, 100),      ('b3', 'bob', 'small', 100, 110), ('b4', 'bob', 'small', 200, 150), ('b5', 'bob', 'small', 200, 160),
	('c1', 'cem', 'enterprise', 300, 339), ('c2', 'cem', 'enterprise', 300, 330), ('c3', 'cem', 'small', 150, 120), ('c4', 'cem', 'small', 150, 105);

-- 2. To keep.

CREATE FUNCTION recipe_manager_mix.against_mix(confidence float8)
RETURNS TABLE (csm text, starting numeric, ndr numeric, expected numeric, difference numeric, difference_interval numrange, not_compared numeric) LANGUAGE sql STABLE AS $$
	SELECT csm, own, ndr, ndr_compared - lift(l), lift(l), lift_interval(l, confidence), own - compared
	FROM (SELECT m.csm, lift_agg(a.csm = m.csm, coalesce(a.ending, 0), a.starting, a.segment) AS l, ndr_agg(a.starting, a.ending) FILTER (WHERE a.csm = m.csm) AS ndr, sum(a.starting) FILTER (WHERE a.csm = m.csm) AS own
		FROM (SELECT DISTINCT csm FROM recipe_manager_mix.account WHERE csm IS NOT NULL) AS m CROSS JOIN recipe_manager_mix.account AS a
		WHERE a.csm IS NOT NULL AND a.starting > 0 GROUP BY m.csm) AS x
	CROSS JOIN LATERAL (SELECT coalesce(sum(base_touched), 0) AS compared, sum(outcome_touched) / nullif(sum(base_touched), 0) AS ndr_compared FROM strata(l) WHERE base_touched > 0 AND base_untouched > 0) AS s
$$;

-- 3. Ask.

\echo 'By NDR alone Ann leads Bob; with the mix they were given it is the other way round'
SELECT csm, starting, round(ndr, 3) AS ndr, round(expected, 3) AS expected, round(difference, 3) AS difference, difference_interval FROM recipe_manager_mix.against_mix(0.95) ORDER BY ndr DESC;
