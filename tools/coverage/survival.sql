-- How often the intervals of life tables hold the true value: a simulation.
--
--     make coverage-table ONLY=survival            on a private server, about a minute
--     psql -X -f tools/coverage/survival.sql       in a database that has the extension
--
-- Lifetimes are exponential, 70 % stay for twelve months; accounts have been there for up to three
-- years, so that a part of them is still there. Weights are lognormal: the logarithm is normal with standard
-- deviation 0 (all alike), 1 or 1.5. In the population "small leave" one half of the accounts is four
-- times as large and stays longer: of its weight, and of its accounts, other shares are left.
-- The table says in how many of 1,000 samples the 95 % interval at twelve months holds the true share: by accounts, of all
-- three kinds, and by weight; and that of the restricted mean of 24 months. An interval that does not exist counts as a miss.
--
-- The random numbers are seeded: each run on one version of PostgreSQL prints the same table.

\set trials 1000
\pset footer off
SET work_mem = '256MB';
SET max_parallel_workers_per_gather = 0;

CREATE TEMP TABLE kind (population text, half int, size float8, stay float8);
INSERT INTO kind VALUES ('alike', 0, 1, 0.7), ('alike', 1, 1, 0.7), ('small leave', 0, 1, 0.55), ('small leave', 1, 4, 0.85);
CREATE TEMP TABLE truth AS
SELECT population, avg(stay) AS accounts, sum(size * stay) / sum(size) AS weight, avg(12 / -ln(stay) * (1 - stay ^ 2)) AS mean FROM kind GROUP BY population;

DO 'BEGIN PERFORM setseed(0.25); END';
CREATE TEMP TABLE account AS
SELECT population, spread, n, trial, round((size * 100 * exp(spread * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())))::numeric, 2) AS w,
	random() AS luck, 24 + 12 * random() AS seen, stay
FROM unnest(ARRAY[0, 1, 1.5]) AS spread, unnest(ARRAY[20, 50, 200]) AS n, generate_series(1, :trials) AS trial, LATERAL generate_series(1, n) AS account, kind
WHERE half = account % 2;
-- A lifetime has as many months as the logarithm says; who came a short while ago is seen for less.
CREATE TEMP TABLE life AS
SELECT population, spread, n, trial, w, -12 / -ln(stay) * ln(1 - luck) AS life, CASE WHEN luck * 997 - floor(luck * 997) < 0.3 THEN seen - 22 ELSE seen END AS seen FROM account;
CREATE TEMP TABLE sample AS
SELECT population, spread, n, trial, survival_agg(round(least(life, seen)::numeric, 3), life <= seen) AS s, survival_agg(round(least(life, seen)::numeric, 3), life <= seen, w) AS w
FROM life GROUP BY population, spread, n, trial;

\echo Percent of the 95 % intervals that hold the true value
SELECT population, n, spread,
	round(100.0 * count(*) FILTER (WHERE survival_interval(s, 12, 0.95) @> accounts::numeric) / count(*), 1) AS "log-log",
	round(100.0 * count(*) FILTER (WHERE survival_interval(s, 12, 0.95, 'log') @> accounts::numeric) / count(*), 1) AS log,
	round(100.0 * count(*) FILTER (WHERE survival_interval(s, 12, 0.95, 'plain') @> accounts::numeric) / count(*), 1) AS plain,
	round(100.0 * count(*) FILTER (WHERE survival_interval(w, 12, 0.95) @> weight::numeric) / count(*), 1) AS weighted,
	round(100.0 * count(*) FILTER (WHERE restricted_mean_interval(s, 24, 0.95) @> mean::numeric) / count(*) FILTER (WHERE restricted_mean(s, 24) IS NOT NULL), 1) AS "mean of 24"
FROM sample JOIN truth USING (population)
GROUP BY population, n, spread ORDER BY population, n, spread;
