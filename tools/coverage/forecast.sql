-- How often the intervals of a forecast hold what then happens: a simulation.
--
--     make coverage-table ONLY=forecast            on a private server
--     psql -X -f tools/coverage/forecast.sql       in a database that has the extension
--
-- Three bands of a third of the accounts each churn with 3, 15 and 40 %; an account that stays
-- contracts to 0.7 with 10 %, expands to 1.3 with 30 % or is unchanged. Amounts are lognormal, the
-- standard deviation of their logarithm is in the table. Past accounts are drawn, then the open ones, and
-- what became of the open ones is compared with the interval that the past gave.
--
-- In the second table the odds of churn move from period to period: their logarithm has the given standard
-- deviation. The past is what all periods have together, the run is the periods one by one.
--
-- The random numbers are seeded: each run on one version of PostgreSQL prints the same table.

\set trials 1500
\pset footer off
SET work_mem = '256MB';
SET max_parallel_workers_per_gather = 0;
SELECT setseed(0.1364) \g /dev/null

CREATE TEMP TABLE band (band int, churn float8);
INSERT INTO band VALUES (1, 0.03), (2, 0.15), (3, 0.40);

-- What an account ends with that starts with s; "odds" multiplies its odds of churn.
CREATE FUNCTION pg_temp.outcome(s float8, churn float8, odds float8, u float8) RETURNS float8 LANGUAGE sql AS $$
	SELECT CASE WHEN u < p THEN 0 WHEN u < p + (1 - p) * 0.1 THEN s * 0.7 WHEN u < p + (1 - p) * 0.4 THEN s * 1.3 ELSE s END
	FROM (SELECT odds * churn / (1 - churn + odds * churn) AS p) AS x $$;

-- Chance only.
CREATE TEMP TABLE cell (cell int, past int, open int, sd float8);
INSERT INTO cell SELECT row_number() OVER (), past, open, sd
FROM (VALUES (40, 15), (100, 30), (400, 40), (400, 400)) v (past, open), unnest(ARRAY[0.5, 1.0, 1.5]) sd;

CREATE TEMP TABLE drawn AS
SELECT cell, trial, band, churn, is_open, round(s::numeric, 2) AS s, round(pg_temp.outcome(s, churn, 1, random())::numeric, 2) AS e
FROM (SELECT cell, trial, band, churn, i > past AS is_open, 1000 * exp(sd * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())) AS s
      FROM cell, generate_series(1, :trials) AS trial, generate_series(1, past + open) AS i, band WHERE band = 1 + i % 3) AS x;

CREATE TEMP TABLE forecast AS
SELECT cell, trial, array_agg(past ORDER BY band) AS past, array_agg(open ORDER BY band) AS open, ndr(rollup(done)) AS ndr, grr(rollup(done)) AS grr
FROM (SELECT cell, trial, band, retention_agg(s, e) FILTER (WHERE NOT is_open) AS past,
             retention_agg(s, NULL) FILTER (WHERE is_open) AS open, retention_agg(s, e) FILTER (WHERE is_open) AS done
      FROM drawn GROUP BY cell, trial, band) AS x GROUP BY cell, trial;

\echo 'Chance only: share of 95 % intervals that hold what the open accounts then did'
SELECT c.past AS past_accounts, c.open AS open_accounts, sd AS sd_of_log,
       round(avg((ndr_forecast_interval(f.past, f.open, 0.95) @> ndr)::int), 3) AS ndr,
       round(avg((grr_forecast_interval(f.past, f.open, 0.95) @> grr)::int), 3) AS grr
FROM forecast AS f JOIN cell AS c USING (cell) GROUP BY cell, c.past, c.open, sd ORDER BY cell;

-- Rates that move between periods; 200 accounts a period, 200 open.
DROP TABLE drawn, forecast;
CREATE TEMP TABLE moving (cell int, periods int, sd float8);
INSERT INTO moving SELECT row_number() OVER (), periods, sd FROM unnest(ARRAY[4, 8, 12]) periods, unnest(ARRAY[0, 0.2, 0.4, 0.8]) sd;

CREATE TEMP TABLE drawn AS
SELECT cell, trial, period, is_open, band, round(s::numeric, 2) AS s, round(pg_temp.outcome(s, churn, odds, random())::numeric, 2) AS e
FROM (SELECT cell, trial, period, period = periods + 1 AS is_open, exp(sd * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())) AS odds
      FROM moving, generate_series(1, :trials / 3) AS trial, generate_series(1, periods + 1) AS period) AS p,
     LATERAL (SELECT band, churn, 1000 * exp(sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())) AS s
              FROM generate_series(1, 200) AS i, band WHERE band = 1 + i % 3 AND period > 0) AS x;

CREATE TEMP TABLE forecast AS
SELECT cell, trial, array_agg(past ORDER BY band) AS past, array_agg(open ORDER BY band) AS open, ndr(rollup(done)) AS ndr, grr(rollup(done)) AS grr
FROM (SELECT cell, trial, band, retention_agg(s, e) FILTER (WHERE NOT is_open) AS past,
             retention_agg(s, NULL) FILTER (WHERE is_open) AS open, retention_agg(s, e) FILTER (WHERE is_open) AS done
      FROM drawn GROUP BY cell, trial, band) AS x GROUP BY cell, trial;
CREATE TEMP TABLE run AS
SELECT cell, trial, array_agg(r ORDER BY period) AS run
FROM (SELECT cell, trial, period, retention_agg(s, e, daterange('2020-01-01'::date + 100 * period, '2020-01-01'::date + 100 * period + 100)) AS r
      FROM drawn WHERE NOT is_open GROUP BY cell, trial, period) AS x GROUP BY cell, trial;

\echo 'Rates that move between periods: the same, by the number of periods and the sd of the logarithm of the odds of churn'
SELECT periods, sd, round(avg((ndr_forecast_interval(past, open, 0.95) @> ndr)::int), 2) AS ndr_chance_only,
       round(avg((ndr_forecast_interval(past, open, run, 0.95) @> ndr)::int), 2) AS ndr_with_run,
       round(avg((grr_forecast_interval(past, open, 0.95) @> grr)::int), 2) AS grr_chance_only,
       round(avg((grr_forecast_interval(past, open, run, 0.95) @> grr)::int), 2) AS grr_with_run
FROM forecast JOIN run USING (cell, trial) JOIN moving USING (cell) GROUP BY cell, periods, sd ORDER BY cell;
