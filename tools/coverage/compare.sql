-- How often the intervals of differences hold the true difference: a simulation.
--
--     make coverage-table ONLY=compare           on a private server, half a minute
--     psql -X -f tools/coverage/compare.sql      in a database that has the extension
--
-- Two groups of accounts, 1,000 samples each: in one, n accounts that keep more; in the other as
-- many, or four times as many, that keep less. And one group in two years that follow each other,
-- each account paying at the start of the second what it paid at the end of the first; one in five
-- joins between them. An interval that does not exist counts as a miss.
--
-- Amounts are lognormal, the logarithm with standard deviation 1 (of 10 accounts the largest holds
-- a third), or 1.5 ("skewed"). An account churns, contracts to 0.7, stays, or expands to 1.3,
-- whatever its size.
--
-- The random numbers are seeded: each run on one version of PostgreSQL prints the same table.

\set trials 1000
\pset footer off
SET work_mem = '256MB';
SET max_parallel_workers_per_gather = 0;

-- What an amount is multiplied by: how likely, in the better group or year and in the worse.
CREATE TEMP TABLE chance (who text PRIMARY KEY, churns float8, contracts float8, expands float8);
INSERT INTO chance VALUES ('better', 0.05, 0.08, 0.35), ('worse', 0.12, 0.12, 0.25);
CREATE TEMP VIEW truth AS
SELECT who, 1 - churns - 0.3 * contracts + 0.3 * expands AS ndr, 1 - churns - 0.3 * contracts AS grr, churns AS logo_churn FROM chance;
CREATE FUNCTION outcome(which text, u float8) RETURNS float8 LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN u < churns THEN 0 WHEN u < churns + contracts THEN 0.7 WHEN u < churns + contracts + expands THEN 1.3 ELSE 1 END FROM chance WHERE who = which
$$;

DO 'BEGIN PERFORM setseed(0.25); END';
CREATE TEMP TABLE drawn AS
SELECT spread, size, n, trial, k, random() AS u, random() AS v, random() AS joined,
	1000 * exp(spread * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())) AS amount
FROM unnest(ARRAY[1, 1.5]) AS spread, unnest(ARRAY[10, 20, 40, 100]) AS n, unnest(ARRAY[1, 4]) AS size, generate_series(1, :trials) AS trial, generate_series(1, n * size) AS k;

-- Two groups: a is of n accounts, b of n or of four times as many.
CREATE TEMP TABLE a AS
SELECT spread, n, trial, retention_agg(round(amount::numeric, 2), round((amount * outcome('better', u))::numeric, 2)) AS r FROM drawn WHERE size = 1 GROUP BY 1, 2, 3;
CREATE TEMP TABLE b AS
SELECT spread, size, n, trial, retention_agg(round(amount::numeric, 2), round((amount * outcome('worse', v))::numeric, 2)) AS r
FROM drawn GROUP BY 1, 2, 3, 4;

CREATE TEMP VIEW disjoint AS
SELECT a.spread, a.n, size, confidence, ndr_difference_interval(a.r, b.r, confidence) AS ndr, grr_difference_interval(a.r, b.r, confidence) AS grr,
	logo_churn_difference_interval(a.r, b.r, confidence) AS churn
-- of a sample with as many accounts the other group is that of the next trial: it shares none
FROM a JOIN b ON b.spread = a.spread AND b.n = a.n AND b.trial = a.trial % :trials + 1, unnest(ARRAY[0.80, 0.95]) AS confidence;

\echo Two groups: percent of the 80 % and of the 95 % intervals that hold the true difference
SELECT d.spread, d.n AS n_a, d.n * size AS n_b,
	round(100.0 * count(*) FILTER (WHERE confidence = 0.8 AND d.ndr @> (x.ndr - y.ndr)::numeric) / :trials, 1) AS ndr_80,
	round(100.0 * count(*) FILTER (WHERE confidence = 0.95 AND d.ndr @> (x.ndr - y.ndr)::numeric) / :trials, 1) AS ndr_95,
	round(100.0 * count(*) FILTER (WHERE confidence = 0.8 AND d.grr @> (x.grr - y.grr)::numeric) / :trials, 1) AS grr_80,
	round(100.0 * count(*) FILTER (WHERE confidence = 0.95 AND d.grr @> (x.grr - y.grr)::numeric) / :trials, 1) AS grr_95,
	round(100.0 * count(*) FILTER (WHERE confidence = 0.8 AND churn @> (x.logo_churn - y.logo_churn)::numeric) / :trials, 1) AS churn_80,
	round(100.0 * count(*) FILTER (WHERE confidence = 0.95 AND churn @> (x.logo_churn - y.logo_churn)::numeric) / :trials, 1) AS churn_95
FROM disjoint AS d, truth AS x, truth AS y WHERE x.who = 'better' AND y.who = 'worse'
GROUP BY d.spread, d.n, size ORDER BY d.spread, size, d.n;

-- One group in two years. Who joins between them starts the second year alone.
CREATE TEMP TABLE paired AS
SELECT spread, n, trial, ndr_difference_interval_agg(s0, e0, s1, e1, 0.80) AS low, ndr_difference_interval_agg(s0, e0, s1, e1, 0.95) AS high,
	-- what it would be, were the two years taken for two groups
	ndr_difference_interval(retention_agg(s1, e1), retention_agg(s0, e0), 0.95) AS as_groups
FROM (SELECT spread, n, trial, CASE WHEN joined < 0.2 THEN 0 ELSE first END AS s0, CASE WHEN joined < 0.2 THEN 0 ELSE round((first * outcome('better', u)::numeric), 2) END AS e0,
		s1, round((s1 * outcome('worse', v)::numeric), 2) AS e1
	FROM (SELECT *, CASE WHEN joined < 0.2 THEN first ELSE round(first * outcome('better', u)::numeric, 2) END AS s1
		FROM (SELECT *, round(amount::numeric, 2) AS first FROM drawn WHERE size = 1) AS x) AS y) AS account
GROUP BY spread, n, trial;

\echo One group in two years: the same of the paired form; as_groups_95 is what the two summaries would give
SELECT spread, p.n, round(100.0 * count(*) FILTER (WHERE low @> (y.ndr - x.ndr)::numeric) / :trials, 1) AS paired_80,
	round(100.0 * count(*) FILTER (WHERE high @> (y.ndr - x.ndr)::numeric) / :trials, 1) AS paired_95,
	round(100.0 * count(*) FILTER (WHERE as_groups @> (y.ndr - x.ndr)::numeric) / :trials, 1) AS as_groups_95,
	round((percentile_cont(0.5) WITHIN GROUP (ORDER BY (upper(high) - lower(high))::float8) / 2)::numeric, 3) AS half_95
FROM paired AS p, truth AS x, truth AS y WHERE x.who = 'better' AND y.who = 'worse' GROUP BY spread, p.n ORDER BY spread, p.n;
