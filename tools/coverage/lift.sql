-- How often lift_interval holds the true effect of touching: a simulation.
--
--     make coverage-table ONLY=lift                on a private server, about two minutes
--     psql -X -f tools/coverage/lift.sql           in a database that has the extension
--
-- Each account has an amount due and renews all of it or nothing. Left alone, it is lost with
-- a known probability; touching changes that by a known number of points. Who is touched is
-- left to chance. So the true lift is the effect. The table says in how many of 1,000 samples
-- the 95 % interval holds it. An interval that does not exist counts as a miss.
--
-- Amounts are all alike (spread 0), or lognormal: the logarithm is normal with standard
-- deviation 1 (the largest of 10 accounts holds a third of the sum) or 1.5.
--
-- The random numbers are seeded: each run on one version of PostgreSQL prints the same table.

\set trials 1000
\pset footer off
SET work_mem = '256MB';
SET max_parallel_workers_per_gather = 0;

CREATE TEMP TABLE effect (effect numeric);
INSERT INTO effect VALUES (-0.15), (0), (0.03);
CREATE TEMP TABLE cell (lost float8, spread float8, n int, share numeric);
INSERT INTO cell SELECT 0.10, spread, n, share FROM unnest(ARRAY[0, 1, 1.5]) AS spread, unnest(ARRAY[100, 400, 1600]) AS n, unnest(ARRAY[0.02, 0.10, 0.50, 0.90]) AS share;
-- Where fewer are lost: cells in which the interval is too short.
INSERT INTO cell VALUES (0.056, 0, 400, 0.02), (0.056, 1.5, 100, 0.50), (0.056, 1.5, 100, 0.90);

-- One draw of accounts serves all shares and effects. 1 - random() is never 0.
CREATE FUNCTION simulate(of_spread float8, of_n int) RETURNS TABLE (lost float8, spread float8, n int, share numeric, effect numeric, trial int, l lift_summary) LANGUAGE sql AS $$
	SELECT cell.lost, of_spread, of_n, cell.share, effect.effect, trial,
		lift_agg(account <= share * of_n, CASE WHEN luck < lost - CASE WHEN account <= share * of_n THEN effect ELSE 0 END THEN 0 ELSE due END, due)
	FROM (SELECT trial, account, random() AS luck, round((10000 * exp(of_spread * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())))::numeric, 2) AS due
		FROM generate_series(1, current_setting('simulation.trials')::int) AS trial, generate_series(1, of_n) AS account OFFSET 0) AS drawn,
		cell, effect
	WHERE cell.spread = of_spread AND cell.n = of_n
	GROUP BY cell.lost, cell.share, effect.effect, trial
$$;

SELECT set_config('simulation.trials', :'trials', false) AS trials \gset
DO 'BEGIN PERFORM setseed(0.25); END';
CREATE TEMP TABLE sample AS
SELECT s.* FROM (SELECT DISTINCT spread, n FROM cell ORDER BY spread, n) c, simulate(c.spread, c.n) s;
CREATE TEMP TABLE coverage AS
SELECT lost, spread, n, share, effect, round(count(*) FILTER (WHERE i @> effect) / count(*)::numeric, 3) AS covered,
	round(percentile_cont(0.5) WITHIN GROUP (ORDER BY (upper(i) - lower(i))::float8 / 2)::numeric, 3) AS half
FROM sample, LATERAL (SELECT lift_interval(l, 0.95) AS i) AS x
GROUP BY lost, spread, n, share, effect;

CREATE TEMP VIEW shown AS
SELECT lost, spread, n AS accounts, share AS touched, max(covered) FILTER (WHERE effect < 0) AS "-15 points",
	max(covered) FILTER (WHERE effect = 0) AS "no effect", max(covered) FILTER (WHERE effect > 0) AS "+3 points",
	max(half) FILTER (WHERE effect = 0) AS half_of_no_effect
FROM coverage GROUP BY 1, 2, 3, 4;

\echo Share of the 95 % intervals of lift that hold the true effect, where 10 % are lost untouched; half the median interval
SELECT spread, accounts, touched, "-15 points", "no effect", "+3 points", half_of_no_effect FROM shown WHERE lost = 0.10 ORDER BY 1, 2, 3;
\echo The same where 5.6 % are lost
SELECT spread, accounts, touched, "-15 points", "no effect", "+3 points", half_of_no_effect FROM shown WHERE lost < 0.10 ORDER BY 1, 2, 3;
