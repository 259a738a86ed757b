\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The recipe examples/forecast.sql: against plain SQL over the raw rows, over random companies; nothing of the time after the forecast is in it.
SELECT plan(21);
\set forecast :tests '/../examples/forecast.sql'
\i :forecast
CREATE FUNCTION draw(i int, j int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || left(md5(i || '/' || j), 7))::bit(28)::int % below $$;

-- The oracle: amounts and bands by looking up rows, a window a row; sums and ratios by plain SQL.
CREATE FUNCTION amount_of(who text, day date) RETURNS numeric LANGUAGE sql AS $$ SELECT coalesce(sum(amount), 0) FROM recipe_forecast.subscription WHERE account = who AND valid @> day $$;
CREATE FUNCTION band_of(who text, day date) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce((SELECT CASE WHEN score < 0 THEN NULL WHEN score < 50 THEN 'red' WHEN score < 75 THEN 'yellow' ELSE 'green' END FROM recipe_forecast.score WHERE account = who AND noted_on <= day ORDER BY noted_on DESC LIMIT 1), 'none') $$;
CREATE FUNCTION plain_past(as_of date) RETURNS TABLE (band text, accounts bigint, starting numeric, ending numeric, kept numeric) LANGUAGE sql AS $$
    SELECT band_of(account, b), count(*), sum(s), sum(e), sum(least(s, e))
    FROM (SELECT account, b, amount_of(account, b) AS s, amount_of(account, (b + 1 + interval '3 months')::date - 1) AS e
        FROM (SELECT DISTINCT account FROM recipe_forecast.subscription) a, LATERAL (SELECT (as_of - k * interval '3 months')::date - 1 AS b FROM generate_series(1, 8) k) w) x
    WHERE s > 0 GROUP BY 1 $$;
CREATE FUNCTION plain_open(as_of date) RETURNS TABLE (band text, accounts bigint, arr numeric) LANGUAGE sql AS $$
    SELECT band_of(account, as_of - 1), count(*), sum(a) FROM (SELECT account, amount_of(account, as_of - 1) AS a FROM (SELECT DISTINCT account FROM recipe_forecast.subscription) d) x WHERE a > 0 GROUP BY 1 $$;
CREATE FUNCTION plain_forecast(as_of date) RETURNS TABLE (ndr numeric, grr numeric) LANGUAGE sql AS $$
    SELECT round(sum(arr * CASE WHEN p.accounts > 1 THEN p.ending / p.starting ELSE every.ending / every.starting END) / sum(arr), 12),
           round(sum(arr * CASE WHEN p.accounts > 1 THEN p.kept / p.starting ELSE every.kept / every.starting END) / sum(arr), 12)
    FROM plain_open(as_of) o LEFT JOIN plain_past(as_of) p USING (band), (SELECT sum(starting) AS starting, sum(ending) AS ending, sum(kept) AS kept FROM plain_past(as_of)) every $$;

SELECT diag('The sample rows');
SELECT results_eq('SELECT round(ndr, 12), round(grr, 12) FROM recipe_forecast.forecast', $$ SELECT * FROM plain_forecast('2025-04-01') $$, 'the view is what plain SQL says');
SELECT results_eq($$ SELECT band, accounts_starting(past), starting(past), ending_existing(past), retained(past) FROM recipe_forecast.bands('2025-04-01', '3 months', 8) WHERE past IS NOT NULL ORDER BY band COLLATE "C" $$, $$ SELECT * FROM plain_past('2025-04-01') ORDER BY band COLLATE "C" $$, 'the past by band');
SELECT results_eq($$ SELECT band, accounts_starting(open), starting(open) FROM recipe_forecast.bands('2025-04-01', '3 months', 8) WHERE open IS NOT NULL ORDER BY band COLLATE "C" $$, $$ SELECT * FROM plain_open('2025-04-01') ORDER BY band COLLATE "C" $$, 'the open book by band');
SELECT ok((SELECT ndr_interval @> ndr AND grr_interval @> grr AND NOT isempty(ndr_interval) AND upper(ndr_interval) > lower(ndr_interval) FROM recipe_forecast.forecast), 'the figures lie within their intervals');
SELECT ok((SELECT upper(f.ndr_interval) - lower(f.ndr_interval) >= upper(chance) - lower(chance) FROM recipe_forecast.forecast f, LATERAL (SELECT ndr_forecast_interval(array_agg(past ORDER BY band), array_agg(open ORDER BY band), 0.95) AS chance FROM recipe_forecast.bands('2025-04-01', '3 months', 8)) x), 'never narrower than chance alone');
SELECT ok((SELECT upper(narrow.ndr_interval) - lower(narrow.ndr_interval) < upper(f.ndr_interval) - lower(f.ndr_interval) FROM recipe_forecast.forecast f, recipe_forecast.forecast_of('2025-04-01', confidence => 0.8) narrow), 'less confidence, a narrower interval');
SELECT is((SELECT count(*) FROM unnest(recipe_forecast.run('2025-04-01', '3 months', 8)) r), 8::bigint, 'the run has eight quarters');
SELECT is((SELECT upper(period(r)) FROM unnest(recipe_forecast.run('2025-04-01', '3 months', 8)) r ORDER BY 1 DESC LIMIT 1), '2025-04-01'::date, '... up to the day of the forecast');
SELECT results_eq('SELECT round(sum(expected_loss), 8), sum(arr), sum(accounts)::bigint FROM recipe_forecast.forecast_by_band', 'SELECT round(expected_loss, 8), arr, accounts FROM recipe_forecast.forecast', 'losses by band add up to that of the forecast');
SELECT results_eq('SELECT band, round(ndr, 12), round(grr, 12) FROM recipe_forecast.forecast_by_band WHERE band <> ''none'' ORDER BY band COLLATE "C"', $$ SELECT band, round(ending / starting, 12), round(kept / starting, 12) FROM plain_past('2025-04-01') WHERE band <> 'none' ORDER BY band COLLATE "C" $$, 'a band has the rates of its own past');
SELECT ok((SELECT max(grr) FILTER (WHERE band = 'red') < max(grr) FILTER (WHERE band = 'yellow') AND max(grr) FILTER (WHERE band = 'yellow') < max(grr) FILTER (WHERE band = 'green') FROM recipe_forecast.forecast_by_band), 'the redder, the worse');
SELECT ok((SELECT ndr_interval IS NULL AND ndr IS NOT NULL AND period_end = '2026-04-01' FROM recipe_forecast.forecast_of('2025-04-01', '1 year', 2)), 'two windows: a figure without an interval');
SELECT results_eq($$ SELECT period_start, round(ndr_happened, 12) FROM recipe_forecast.looking_back('2024-04-01', '2025-04-01') ORDER BY 1 $$,
    $$ SELECT b, round(sum(amount_of(account, (b + interval '3 months')::date - 1)) / sum(s), 12) FROM (SELECT i AS b, account, amount_of(account, i - 1) AS s FROM unnest('{2024-04-01,2024-07-01,2024-10-01,2025-01-01}'::date[]) i, (SELECT DISTINCT account FROM recipe_forecast.subscription) d) x WHERE s > 0 GROUP BY b ORDER BY b $$, 'looking back: what happened');

SELECT diag('Random companies');
TRUNCATE recipe_forecast.subscription, recipe_forecast.score;
INSERT INTO recipe_forecast.subscription SELECT 'a' || i % 120, daterange(date '2022-06-01' + draw(1, i, 900), CASE WHEN draw(2, i, 2) = 0 THEN date '2022-06-01' + draw(1, i, 900) + 1 + draw(3, i, 700) END), draw(4, i, 1000000) / 100.0 FROM generate_series(1, 300) i;
INSERT INTO recipe_forecast.score SELECT DISTINCT ON (1, 2) 'a' || draw(5, i, 110), date '2022-06-01' + draw(6, i, 1300), (draw(7, i, 1400) - 100) / 10.0 FROM generate_series(1, 1500) i ORDER BY 1, 2, i;
CREATE TABLE made AS SELECT * FROM recipe_forecast.forecast;
SELECT results_eq('SELECT round(ndr, 12), round(grr, 12) FROM made', $$ SELECT * FROM plain_forecast('2025-04-01') $$, 'the forecast is what plain SQL says');
SELECT results_eq($$ SELECT band, accounts_starting(past), starting(past), ending_existing(past), retained(past) FROM recipe_forecast.bands('2025-04-01', '3 months', 8) WHERE past IS NOT NULL ORDER BY band COLLATE "C" $$, $$ SELECT * FROM plain_past('2025-04-01') ORDER BY band COLLATE "C" $$, 'the past by band');
SELECT ok((SELECT count(*) = 4 AND bool_and(accounts > 5) FROM plain_past('2025-04-01')), '... all four bands');
SELECT results_eq('SELECT round(expected, 8), round(expected_loss, 8) FROM made', 'SELECT round(ndr * arr, 8), round((1 - grr) * arr, 8) FROM made', 'what is expected, in money');
SELECT results_eq('SELECT round(sum(expected_loss), 8) FROM recipe_forecast.forecast_by_band', 'SELECT round(expected_loss, 8) FROM made', '... and it is that of its bands');
-- What is noted later, and what happens later, changes nothing.
INSERT INTO recipe_forecast.score SELECT 'a' || i, date '2025-04-01', 1 FROM generate_series(0, 119) i ON CONFLICT (account, noted_on) DO UPDATE SET score = 1;
UPDATE recipe_forecast.subscription SET valid = valid * '(,2025-04-01)';
DELETE FROM recipe_forecast.subscription WHERE isempty(valid);
SELECT results_eq('SELECT * FROM recipe_forecast.forecast', 'SELECT * FROM made', 'nothing of the time after the forecast is in it');
-- A band without a past of its own takes that of all; an account of it is in the open book.
DELETE FROM recipe_forecast.score WHERE account = 'a0';
DELETE FROM recipe_forecast.score WHERE score >= 75 AND noted_on < '2025-03-01';
INSERT INTO recipe_forecast.score SELECT DISTINCT account, date '2025-03-31', 90 FROM recipe_forecast.subscription WHERE account ~ '5$' ON CONFLICT (account, noted_on) DO UPDATE SET score = 90;
SELECT ok((SELECT past IS NULL AND open IS NOT NULL FROM recipe_forecast.bands('2025-04-01', '3 months', 8) WHERE band = 'green'), 'a band that has no past');
SELECT results_eq('SELECT round(ndr, 12), round(grr, 12) FROM recipe_forecast.forecast', $$ SELECT * FROM plain_forecast('2025-04-01') $$, '... takes that of all');
SELECT finish();
ROLLBACK;
