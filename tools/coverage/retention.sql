-- How often the intervals of csm_metrics hold the true value: a simulation.
--
--     make coverage-table ONLY=retention           on a private server, one to two minutes
--     psql -X -f tools/coverage/retention.sql      in a database that has the extension
--
-- A sample of n accounts is drawn 4,000 times from a population whose NDR, GRR and logo
-- churn are known exactly. Of each sample the extension draws its intervals; the table says
-- what share of them holds the true value. An interval that does not exist counts as a miss.
-- "plain" is what the extension does not use: GRR plus and minus the normal quantile times
-- the standard error of the ratio estimator.
--
-- Starting amounts are lognormal: the logarithm is normal with standard deviation 1, so that
-- the largest of 10 accounts holds a third of the sum. An account churns, contracts to
-- 0.7, stays, or expands to 1.3. In the population "alike" size has no bearing on that; in the
-- population "small leave" one half of the accounts is 4 times as large as the other and
-- churns less.
--
-- The random numbers are seeded: each run on one version of PostgreSQL prints the same table.

\set trials 4000
\pset footer off
SET work_mem = '256MB';
SET max_parallel_workers_per_gather = 0;

-- A population is a mixture of kinds of accounts: the share of accounts that are of the kind,
-- their median size, and how likely each outcome is; whatever remains is unchanged.
CREATE TEMP TABLE kind (population text, low float8, high float8, median float8,
	churns float8, contracts float8, expands float8);
INSERT INTO kind VALUES
	('alike',       0.0, 1.0, 10000, 0.08, 0.10, 0.30),
	('small leave', 0.0, 0.5,  5000, 0.14, 0.06, 0.15),
	('small leave', 0.5, 1.0, 20000, 0.04, 0.12, 0.35);

-- The true values: expected amounts, each kind with its share and its mean size.
CREATE TEMP TABLE truth AS
SELECT population,
	sum(size * (1 - churns - 0.3 * contracts + 0.3 * expands)) / sum(size) AS true_ndr,
	sum(size * (1 - churns - 0.3 * contracts)) / sum(size) AS true_grr,
	sum((high - low) * churns) AS true_churn
FROM kind, LATERAL (SELECT (high - low) * median AS size) AS weight
GROUP BY population;

-- Each account of each sample: its two amounts. 1 - random() is never 0.
CREATE TEMP VIEW account AS
WITH drawn AS MATERIALIZED (
	SELECT n, trial, random() AS of_kind, random() AS outcome,
		exp(sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())) AS size
	FROM unnest(ARRAY[10, 20, 40, 100, 400]) AS n, generate_series(1, :trials) AS trial,
		generate_series(1, n) AS account
)
SELECT population, n, trial, round((median * size)::numeric, 2) AS starting,
	round((median * size * CASE
		WHEN outcome < churns THEN 0
		WHEN outcome < churns + contracts THEN 0.7
		WHEN outcome < churns + contracts + expands THEN 1.3
		ELSE 1 END)::numeric, 2) AS ending
FROM drawn JOIN kind ON of_kind >= low AND of_kind < high;

-- The samples, with the means that the plain interval needs.
DO 'BEGIN PERFORM setseed(0.25); END';
CREATE TEMP TABLE sample AS
SELECT population, n, retention_agg(starting, ending) AS r, avg(starting)::float8 AS mean_s,
	avg(starting::float8 ^ 2) AS mean_ss, avg(least(starting, ending)::float8 ^ 2) AS mean_mm,
	avg(starting::float8 * least(starting, ending)::float8) AS mean_sm
FROM account
GROUP BY population, n, trial;

CREATE TEMP TABLE trial AS
SELECT population, n, confidence, true_ndr, true_grr, true_churn,
	ndr_interval(r, confidence) AS ndr, grr_interval(r, confidence) AS grr,
	logo_churn_interval(r, confidence) AS logo_churn, grr(r)::float8 AS g,
	z * sqrt(greatest(0, mean_mm - 2 * grr(r)::float8 * mean_sm + grr(r)::float8 ^ 2 * mean_ss) / (n - 1)) / mean_s AS half
FROM sample JOIN truth USING (population),
	(VALUES (0.80, 1.2815515655446004), (0.95, 1.959963984540054)) AS level (confidence, z);

-- The share of intervals that hold the true value, in percent.
CREATE TEMP VIEW coverage AS
SELECT population, n, confidence,
	round(100.0 * count(*) FILTER (WHERE ndr @> true_ndr::numeric) / :trials, 1) AS ndr,
	round(100.0 * count(*) FILTER (WHERE grr @> true_grr::numeric) / :trials, 1) AS grr,
	round(100.0 * count(*) FILTER (WHERE abs(g - true_grr) <= half) / :trials, 1) AS grr_plain,
	round(100.0 * count(*) FILTER (WHERE logo_churn @> true_churn::numeric) / :trials, 1) AS logo_churn
FROM trial
GROUP BY population, n, confidence;

\echo The populations: true values, and the share of the largest account of 10 and of 100
SELECT population, round(true_ndr::numeric, 4) AS ndr, round(true_grr::numeric, 4) AS grr,
	round(true_churn::numeric, 4) AS logo_churn,
	round(avg(top_share(r, 1)) FILTER (WHERE n = 10), 2) AS largest_of_10,
	round(avg(top_share(r, 1)) FILTER (WHERE n = 100), 2) AS largest_of_100
FROM truth JOIN sample USING (population)
GROUP BY population, true_ndr, true_grr, true_churn
ORDER BY population;

\echo Percent of the 80 % and of the 95 % intervals that hold the true value
SELECT population, n, low.ndr AS ndr_80, high.ndr AS ndr_95, low.grr AS grr_80, high.grr AS grr_95,
	low.grr_plain AS plain_grr_80, high.grr_plain AS plain_grr_95,
	low.logo_churn AS churn_80, high.logo_churn AS churn_95
FROM coverage AS low JOIN coverage AS high USING (population, n)
WHERE low.confidence = 0.80 AND high.confidence = 0.95
ORDER BY population, n;
