-- Forecast: what becomes of the open book in the next quarter, how sure is that, and was the forecast right before?
-- Shows: the past by band, the open book by band, a run of quarters, one view over them; forecasts of earlier dates beside what
-- happened.
--
-- To use it, put views of the same names over your own tables in place of the first part. The second part is to be kept, the third
-- asks. Plain SQL throughout. It can be run again: it drops the schema recipe_forecast first, so leave nothing else in there.
--
-- What counts:
--   * The band of an account is that of its last score before the window. A score of the day on which it left knows the answer.
--   * Past windows are as long as what is forecast and do not overlap: an account that counted twice in a window would count as two.
--   * The run is the same windows over all accounts. Rates move from quarter to quarter more than chance alone would move them; an
--     interval without a run leaves that out.
--   * New business is no part of it: NDR and GRR speak of the accounts that are there.

DROP SCHEMA IF EXISTS recipe_forecast CASCADE;
CREATE SCHEMA recipe_forecast;

-- 1. What you have: subscriptions and health scores. A segment, or the way in which an account renews, does as well as a score.

CREATE TABLE recipe_forecast.subscription (account text, valid daterange, amount numeric(12,2));
CREATE TABLE recipe_forecast.score (account text, noted_on date, score numeric, PRIMARY KEY (account, noted_on));

-- 150 accounts, each with one turn: of six one leaves, one shrinks, two grow. The score falls before most who leave, and some others.
INSERT INTO recipe_forecast.subscription
SELECT 'account ' || i, part.valid, part.amount
FROM generate_series(1, 150) AS i,
	LATERAL (SELECT date '2022-01-01' + i * 37 % 300 AS began, date '2023-01-01' + i * 53 % 900 AS turned, 1000 + i * 7919 % 9000 AS amount) AS x,
	LATERAL (VALUES (daterange(began, turned), amount), (daterange(turned, NULL), amount * (ARRAY[0, 0.6, 1, 1.25, 1.1, 1])[1 + i % 6])) AS part (valid, amount)
WHERE part.amount > 0;
INSERT INTO recipe_forecast.score
SELECT 'account ' || i, noted_on, 57 + (i * 37 + month * 11) % 43 - CASE WHEN i % 6 < 2 AND i % 5 > 0 AND turned > noted_on AND turned < noted_on + 150 THEN 35 ELSE 0 END
FROM generate_series(1, 147) AS i, generate_series(0, 41) AS month,
	LATERAL (SELECT date '2022-01-01' + 30 * month AS noted_on, date '2023-01-01' + i * 53 % 900 AS turned) AS x;

-- 2. To keep.

-- The day of the forecast, the first one of a quarter. Yours: date_trunc('quarter', current_date)::date.
CREATE VIEW recipe_forecast.today AS SELECT date '2025-04-01' AS as_of;

CREATE VIEW recipe_forecast.history AS
SELECT account, history_agg(valid, amount) AS h FROM recipe_forecast.subscription GROUP BY account;

-- A score holds until the next one.
CREATE VIEW recipe_forecast.band AS
SELECT account, daterange(noted_on, lead(noted_on) OVER (PARTITION BY account ORDER BY noted_on)) AS valid,
	label(segment_of(score, '{"red [0,50)","yellow [50,75)","green [75,)"}')) AS band
FROM recipe_forecast.score;

-- Who is there when a window begins, with the band that was known by then.
CREATE FUNCTION recipe_forecast.book(window_start date) RETURNS TABLE (account text, h revenue_history, arr numeric, band text)
LANGUAGE sql STABLE AS $$
	SELECT a.account, a.h, amount_at(a.h, window_start - 1), coalesce(b.band, 'none')
	FROM recipe_forecast.history AS a LEFT JOIN recipe_forecast.band AS b ON b.account = a.account AND b.valid @> window_start - 1
	WHERE amount_at(a.h, window_start - 1) > 0
$$;

-- By band: the past of so many windows before a day, and what is open on it. One row a band, so that the two stay aligned.
CREATE FUNCTION recipe_forecast.bands(as_of date, step interval, windows int) RETURNS TABLE (band text, past retention_summary, open retention_summary)
LANGUAGE sql STABLE AS $$
	SELECT band, p.past, o.open
	FROM (SELECT band, retention_agg(arr, amount_at(h, period_end - 1)) AS past
		FROM intervals((as_of - windows * step)::date, as_of, step), recipe_forecast.book(period_start) GROUP BY band) AS p
	FULL JOIN (SELECT band, retention_agg(arr, NULL) AS open FROM recipe_forecast.book(as_of) GROUP BY band) AS o USING (band)
$$;

-- The same windows over all accounts, in order.
CREATE FUNCTION recipe_forecast.run(as_of date, step interval, windows int) RETURNS retention_summary[]
LANGUAGE sql STABLE AS $$
	SELECT bridge_agg(h, (as_of - windows * step)::date, as_of, step) FROM recipe_forecast.history
$$;

-- The forecast of a day: of the window that starts on it, by default a quarter, from the eight before it.
CREATE FUNCTION recipe_forecast.forecast_of(as_of date, step interval DEFAULT '3 months', windows int DEFAULT 8, confidence float8 DEFAULT 0.95)
RETURNS TABLE (period_start date, period_end date, accounts bigint, arr numeric, ndr numeric, ndr_interval numrange, grr numeric, grr_interval numrange, expected numeric, expected_loss numeric)
LANGUAGE sql STABLE AS $$
	SELECT as_of, (as_of + step)::date, accounts_starting(book), starting(book), ndr_forecast(past, open), ndr_forecast_interval(past, open, run, confidence),
		grr_forecast(past, open), grr_forecast_interval(past, open, run, confidence),
		ndr_forecast(past, open) * starting(book), (1 - grr_forecast(past, open)) * starting(book)
	FROM (SELECT array_agg(past ORDER BY band) AS past, array_agg(open ORDER BY band) AS open, rollup(open) AS book
		FROM recipe_forecast.bands(as_of, step, windows)) AS b, recipe_forecast.run(as_of, step, windows) AS run
$$;

CREATE VIEW recipe_forecast.forecast AS
SELECT f.* FROM recipe_forecast.today, recipe_forecast.forecast_of(as_of) AS f;

-- By band: each alone in the open book. Expected losses add up to that of the forecast.
CREATE VIEW recipe_forecast.forecast_by_band AS
WITH b AS (SELECT b.* FROM recipe_forecast.today, recipe_forecast.bands(as_of, '3 months', 8) AS b),
	alone AS (SELECT b.band, b.open, array_agg(every.past ORDER BY every.band) AS past,
			array_agg(CASE WHEN every.band = b.band THEN every.open END ORDER BY every.band) AS its
		FROM b CROSS JOIN b AS every WHERE b.open IS NOT NULL GROUP BY b.band, b.open)
SELECT band, accounts_starting(open) AS accounts, starting(open) AS arr, ndr_forecast(past, its) AS ndr, grr_forecast(past, its) AS grr,
	(1 - grr_forecast(past, its)) * starting(open) AS expected_loss
FROM alone;

-- The same forecast made earlier, beside what happened.
CREATE FUNCTION recipe_forecast.looking_back(from_date date, to_date date) RETURNS TABLE (period_start date, ndr numeric, ndr_interval numrange, ndr_happened numeric,
	grr numeric, grr_interval numrange, grr_happened numeric)
LANGUAGE sql STABLE AS $$
	SELECT i.period_start, f.ndr, f.ndr_interval, ndr(r), f.grr, f.grr_interval, grr(r)
	FROM intervals(from_date, to_date, '3 months') AS i, recipe_forecast.forecast_of(i.period_start, windows => 4) AS f,
		LATERAL (SELECT retention_agg(arr, amount_at(h, i.period_end - 1)) AS r FROM recipe_forecast.book(i.period_start)) AS x
$$;

-- 3. Ask.

\echo 'The next quarter'
SELECT period_start, accounts, arr, round(ndr, 4) AS ndr, ndr_interval, round(grr, 4) AS grr, grr_interval FROM recipe_forecast.forecast;

\echo 'By band'
SELECT band, accounts, arr, round(ndr, 4) AS ndr, round(grr, 4) AS grr, round(expected_loss, 2) AS expected_loss FROM recipe_forecast.forecast_by_band ORDER BY grr, band;

\echo 'The next year, from the two before it; a run of two windows is too short for an interval'
SELECT period_end, round(ndr, 4) AS ndr, ndr_interval, round(grr, 4) AS grr FROM recipe_forecast.today, recipe_forecast.forecast_of(as_of, '1 year', 2);

\echo 'Was it right? Four quarters, each from the four before it'
SELECT period_start, round(ndr, 3) AS ndr, ndr_interval, round(ndr_happened, 3) AS happened, ndr_happened <@ ndr_interval AS inside
FROM recipe_forecast.looking_back('2024-04-01', '2025-04-01') ORDER BY period_start;
