-- How often auc_interval holds the true value: a simulation.
--
--     make coverage-table ONLY=health              on a private server, about a minute
--     psql -X -f tools/coverage/health.sql         in a database that has the extension
--
-- Scores of those who stay are normal, those of the churned are as much lower as makes the
-- true auc. The table says in how many of 1,000 samples the 80 % and the 95 % interval hold it, and beside
-- them DeLong's plain one, auc plus and minus the normal quantile times the standard error. An
-- interval that does not exist, as where the score separates them perfectly, counts as a miss.
--
-- The random numbers are seeded: each run on one version of PostgreSQL prints the same table.

\set trials 1000
\pset footer off
SET work_mem = '256MB';
SET max_parallel_workers_per_gather = 0;

-- The distance of two normal variables with that auc is the square root of 2 times a quantile.
CREATE TEMP TABLE goal (auc numeric, distance float8);
INSERT INTO goal VALUES (0.5, 0), (0.7, 0.741614309), (0.8, 1.190232324), (0.9, 1.812387604), (0.95, 2.326174307);
CREATE TEMP TABLE size (churned int, stayed int);
INSERT INTO size VALUES (5, 50), (10, 40), (20, 80), (40, 200), (100, 900);

DO 'BEGIN PERFORM setseed(0.25); END';
CREATE TEMP TABLE sample AS
SELECT g.auc, distance, churned, stayed, trial,
	health_agg(round((sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) - CASE WHEN account <= churned THEN distance ELSE 0 END)::numeric, 4), account <= churned) AS h
FROM goal g, size, generate_series(1, :trials) AS trial, LATERAL generate_series(1, churned + stayed) AS account
GROUP BY g.auc, distance, churned, stayed, trial;

-- Wilson's interval gives its variance away: at its low end (auc - low)^2 = t^2 low (1 - low) v / (auc (1 - auc)).
-- Plain DeLong is taken from the 95 % interval with the quantile of the two sides' size, as R's qt has it.
CREATE TEMP TABLE quantile (churned int, t float8);
INSERT INTO quantile VALUES (5, 2.776445105), (10, 2.262157163), (20, 2.093024054), (40, 2.022690920), (100, 1.984216952);
CREATE TEMP TABLE trial AS
SELECT s.auc, churned, stayed, auc_interval(h, 0.8) AS i80, auc_interval(h, 0.95) AS i95, auc(h)::float8 AS a, t FROM sample s JOIN quantile USING (churned);

\echo Percent of the intervals that hold the true auc
SELECT auc, churned, stayed, round(100.0 * count(*) FILTER (WHERE i80 @> auc) / count(*), 1) AS "80 %", round(100.0 * count(*) FILTER (WHERE i95 @> auc) / count(*), 1) AS "95 %",
	round(100.0 * count(*) FILTER (WHERE abs(a - auc::float8) <= 1.959963985 * (a - lower(i95)::float8) / t * sqrt(a * (1 - a) / (lower(i95) * (1 - lower(i95)))::float8)) / count(*), 1) AS "plain 95 %",
	round(percentile_cont(0.5) WITHIN GROUP (ORDER BY (upper(i95) - lower(i95))::float8 / 2)::numeric, 2) AS half
FROM trial GROUP BY auc, churned, stayed ORDER BY auc, churned;
