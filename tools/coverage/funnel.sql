-- How often the intervals of conversion hold the true conversion: a simulation.
--
--     make coverage-table ONLY=funnel           on a private server, half a minute
--     psql -X -f tools/coverage/funnel.sql      in a database that has the extension
--
-- 2,000 samples of n accounts enter a funnel of two steps; each converts or not by chance, whatever its amount, or, in
-- "large convert", large ones (the upper half) twice as often as the others. Amounts are lognormal, the logarithm with standard
-- deviation 1 (of 10 accounts the largest holds a third), or 1.5. An interval that does not exist counts as a miss.
--
-- The random numbers are seeded: each run on one version of PostgreSQL prints the same table.

\set trials 2000
\pset footer off
SET work_mem = '256MB';
SET max_parallel_workers_per_gather = 0;

-- How likely it is to convert: small accounts, large accounts.
CREATE TEMP TABLE population (population text, small float8, large float8);
INSERT INTO population VALUES ('1 in 10', 0.1, 0.1), ('1 in 2', 0.5, 0.5), ('9 in 10', 0.9, 0.9), ('large convert', 0.3, 0.6);
-- Of a lognormal, the share of the sum that the upper half has is the normal distribution at its standard deviation.
CREATE TEMP TABLE spread (spread float8, share_of_upper float8);
INSERT INTO spread VALUES (1, 0.8413447460685429), (1.5, 0.9331927987311419);

CREATE TEMP TABLE history AS SELECT usage_history_agg(at, 'a') AS entered, usage_history_agg(at, 'a') + usage_history_agg(at + interval '1 hour', 'b') AS converted FROM (SELECT timestamptz '2024-01-01 00:00Z' AS at) AS x;
DO 'BEGIN PERFORM setseed(0.5); END';
CREATE TEMP TABLE sample AS
SELECT spread, population, n, trial, funnel_agg(CASE WHEN random() < CASE WHEN z > 0 THEN large ELSE small END THEN converted ELSE entered END, 'a > b', NULL, round((1000 * exp(spread * z))::numeric, 2)) AS s
FROM (SELECT spread, n, trial, sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) AS z
	FROM spread, unnest(ARRAY[10, 20, 40, 100, 400]) AS n, generate_series(1, :trials) AS trial, generate_series(1, n)) AS drawn, population, history
GROUP BY spread, population, n, trial;

SELECT spread, population, n,
	round(100.0 * count(*) FILTER (WHERE conversion_interval(s, 0.80) @> ((small + large) / 2)::numeric) / :trials, 1) AS accounts_80,
	round(100.0 * count(*) FILTER (WHERE conversion_interval(s, 0.95) @> ((small + large) / 2)::numeric) / :trials, 1) AS accounts_95,
	round(100.0 * count(*) FILTER (WHERE amount_conversion_interval(s, 0.80) @> (small + (large - small) * share_of_upper)::numeric) / :trials, 1) AS amount_80,
	round(100.0 * count(*) FILTER (WHERE amount_conversion_interval(s, 0.95) @> (small + (large - small) * share_of_upper)::numeric) / :trials, 1) AS amount_95
FROM sample JOIN population USING (population) JOIN spread USING (spread) GROUP BY spread, population, n ORDER BY spread, population, n;
