\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- Worked numbers of the forecast, computed by hand from the formulas and by R; bands without a past, runs, bad input.
SELECT plan(37);

CREATE TABLE past (band text, s numeric, e numeric);
INSERT INTO past VALUES ('green', 100, 110), ('green', 200, 200), ('green', 50, 50), ('green', 80, 100), ('green', 400, 380), ('green', 120, 0), ('green', 60, 60), ('green', 90, 99),
    ('yellow', 100, 80), ('yellow', 150, 0), ('yellow', 70, 70), ('yellow', 30, 45), ('yellow', 220, 220), ('red', 90, 0), ('red', 40, 0), ('red', 160, 100), ('red', 25, 30);
CREATE TABLE open (band text, a numeric);
INSERT INTO open VALUES ('green', 300), ('green', 120), ('green', 75), ('green', 60), ('green', 500), ('yellow', 200), ('yellow', 90), ('red', 150), ('red', 35);
CREATE VIEW bands AS SELECT array_agg(p ORDER BY band) AS p, array_agg(o ORDER BY band) AS o
    FROM (SELECT band, retention_agg(s, e) AS p FROM past GROUP BY band) x FULL JOIN (SELECT band, retention_agg(a, NULL) AS o FROM open GROUP BY band) y USING (band);

-- The ends of an interval, rounded.
CREATE FUNCTION ends(numrange, places int) RETURNS text LANGUAGE sql AS $$ SELECT format('[%s,%s]', round(lower($1), places), round(upper($1), places)) $$;

SELECT is((SELECT row(round(ndr_forecast(p, o), 10), round(grr_forecast(p, o), 10))::text FROM bands), '(0.8141316179,0.7827769563)', 'three bands');
SELECT is((SELECT ends(ndr_forecast_interval(p, o, 0.95), 8) FROM bands), '[0.18127593,1.44698731]', 'NDR, 95 %');
SELECT is((SELECT ends(grr_forecast_interval(p, o, 0.95), 8) FROM bands), '[0.28962960,1.00000000]', 'GRR, 95 %: cut at 1');
SELECT is((SELECT ends(ndr_forecast_interval(p, o, 0.8), 8) || ends(grr_forecast_interval(p, o, 0.8), 8) FROM bands), '[0.45865235,1.16961088][0.46032523,1.00000000]', 'both at 80 %');
INSERT INTO open VALUES ('blue', 100), ('blue', 20);
SELECT is((SELECT round(ndr_forecast(p, o), 10) || ends(ndr_forecast_interval(p, o, 0.95), 8) FROM bands), '0.8114917732[0.24783984,1.37514371]', 'a band without a past: all past accounts together, NDR');
SELECT is((SELECT round(grr_forecast(p, o), 10) || ends(grr_forecast_interval(p, o, 0.95), 8) FROM bands), '0.7802557835[0.31905245,1.00000000]', '... and GRR');
INSERT INTO past VALUES ('blue', 1000000, 1);
SELECT is((SELECT round(ndr_forecast(p[1:1], o[1:1]), 10) FROM bands), round(1 / 1000000.0, 10), 'a single past account is all there is');
SELECT is((SELECT ndr_forecast_interval(p[1:1], o[1:1], 0.95) FROM bands), NULL, '... and has no interval');
SELECT is((SELECT round(ndr_forecast(p, o), 12) FROM bands),
          (WITH r AS (SELECT band, count(*) AS n, sum(e) / sum(s) AS r FROM past GROUP BY band), a AS (SELECT band, sum(a) AS a FROM open GROUP BY band)
           SELECT round(sum(a * CASE WHEN n >= 2 THEN r ELSE (SELECT sum(e) / sum(s) FROM past) END) / sum(a), 12) FROM r JOIN a USING (band)), '... which counts among all past accounts');
DELETE FROM past WHERE band = 'blue';
DELETE FROM open WHERE band = 'blue';

-- Five windows of 40 accounts of 100, half of which end 1 above the rate and half 1 below.
CREATE TABLE run AS SELECT array_agg(r ORDER BY t) AS r FROM (
    SELECT t, retention_agg(100, rate + CASE WHEN i % 2 = 0 THEN 1 ELSE -1 END, daterange(date '2023-01-01' + 91 * (t::int - 1), date '2023-01-01' + 91 * t::int)) AS r
    FROM unnest(ARRAY[98, 70, 95, 60, 92]) WITH ORDINALITY AS w (rate, t), generate_series(1, 40) i GROUP BY t) x;
SELECT is((SELECT ends(ndr_forecast_interval(p, o, r, 0.95), 8) FROM bands, run), '[0.00000000,1.64704847]', 'with a run of five windows');
SELECT ok((SELECT bool_and(ndr_forecast_interval(p, o, c) <@ ndr_forecast_interval(p, o, r, c) AND grr_forecast_interval(p, o, c) <@ grr_forecast_interval(p, o, r, c))
           FROM bands, run, unnest(ARRAY[0.5, 0.8, 0.95, 0.99]) c), 'a run never makes it narrower');
SELECT is((SELECT array_agg(ndr_forecast_interval(p, o, r[1:n], 0.95) IS NULL ORDER BY n) FROM bands, run, generate_series(0, 4) n), '{t,t,t,f,f}', 'fewer than three windows: NULL');
SELECT is((SELECT ends(ndr_forecast_interval(p, o, array_cat(r, ARRAY[(SELECT retention_agg(100, 50, '[2030-01-01,2030-04-02)'::daterange))]), 0.95), 8) FROM bands, run), '[0.00000000,1.64704847]', 'a window of one account says nothing');
SELECT is((SELECT ndr_forecast_interval(p, o, same, 0.95) <> ndr_forecast_interval(p, o, 0.95) FROM bands,
           (SELECT array_agg(r) AS same FROM (SELECT retention_agg(100, 90 + i % 2, daterange(date '2023-01-01' + 91 * t, date '2023-01-01' + 91 * (t + 1))) AS r FROM generate_series(1, 4) t, generate_series(1, 40) i GROUP BY t ORDER BY t) x) y), true,
          'windows that do not differ: no spread between them, but fewer degrees of freedom');

-- By other SQL: the formulas over raw rows, floating point.
CREATE TABLE shapes AS SELECT k, b AS band, (500 + 97 * ((k * 7 + b * 13 + i * 31) % 89))::numeric / 4 AS s, i, ((k * 5 + b * 3 + i * 17) % 11) AS kind FROM generate_series(1, 60) k, generate_series(1, 3) b, generate_series(1, 2 + (k + b) % 9) i;
CREATE VIEW shaped AS SELECT k, band, i, s, CASE WHEN kind < 3 THEN 0 WHEN kind < 5 THEN s * 0.5 WHEN kind < 8 THEN s ELSE s * 1.25 END AS e FROM shapes;
CREATE VIEW shaped_open AS SELECT k, band, s * 2 + i AS a FROM shapes WHERE i <= 2;
CREATE VIEW by_hand AS
WITH all_past AS (SELECT k, sum(s) * sum(s) / sum(s * s) AS n FROM shaped GROUP BY k),
r AS (SELECT k, band, count(*)::float8 AS n, sum(s)::float8 AS s, sum(s * s)::float8 AS q, (sum(e) / sum(s))::float8 AS r, (sum(least(s, e)) / sum(s))::float8 AS g, (count(*) FILTER (WHERE e = 0))::float8 AS c, (count(*) FILTER (WHERE e > s))::float8 AS x FROM shaped GROUP BY k, band),
d AS (SELECT r.*, (SELECT r.n / (r.n - 1) * sum((e::float8 - r.r * x.s::float8) ^ 2) FROM shaped x WHERE x.k = r.k AND x.band = r.band) AS d FROM r),
w AS (SELECT *, s * s / q AS eff, 1 - (c + 1) / (n + 2) AS keep, least((x + 1) / (n + 2), 1 - (c + 1) / (n + 2)) AS q2, r - g AS up FROM d),
v AS (SELECT *, greatest(d / q, CASE WHEN up <= 0 THEN keep * (1 - keep) ELSE (1 - keep) * (keep + up) ^ 2 + q2 * (1 + up / q2 - keep - up) ^ 2 + (keep - q2) * (1 - keep - up) ^ 2 END) AS v, (g * eff + 2) / (eff + 4) AS gt FROM w),
o AS (SELECT k, band, sum(a)::float8 AS a, sum(a * a)::float8 AS aa FROM shaped_open GROUP BY k, band)
SELECT k, sum(r * a) / sum(a) AS ndr, sum(g * a) / sum(a) AS grr, sqrt(sum(v * (aa + a * a / eff))) / sum(a) AS ndr_sd, sqrt(sum(gt * (1 - gt) * (aa + a * a / eff))) / sum(a) AS grr_sd,
       greatest(1, least(min(all_past.n), sum(a) ^ 2 / sum(aa)) - 1) AS df FROM v JOIN o USING (k, band) JOIN all_past USING (k) GROUP BY k;
CREATE TABLE made AS SELECT k, ndr_forecast(p, o) AS ndr, grr_forecast(p, o) AS grr, ndr_forecast_interval(p, o, 0.5) AS ndr_i, grr_forecast_interval(p, o, 0.6826894921370859) AS grr_i
    FROM (SELECT k, array_agg(p ORDER BY band) AS p, array_agg(o ORDER BY band) AS o FROM (SELECT k, band, retention_agg(s, e) AS p FROM shaped GROUP BY k, band) x JOIN (SELECT k, band, retention_agg(a, NULL) AS o FROM shaped_open GROUP BY k, band) y USING (k, band) GROUP BY k) z;
SELECT is((SELECT count(*) FROM made JOIN by_hand USING (k) WHERE abs(made.ndr - by_hand.ndr) < 1e-12 AND abs(made.grr - by_hand.grr) < 1e-12), 60::bigint, 'rates over 60 books by plain SQL');
SELECT is((SELECT count(*) FROM made JOIN by_hand b USING (k) WHERE abs(upper(grr_i) - least(1, b.grr + grr_sd)) < 1e-9 AND abs(lower(grr_i) - greatest(0, b.grr - grr_sd)) < 1e-9), 60::bigint, 'the interval of GRR by plain SQL');
SELECT is((SELECT bool_and((upper(ndr_i) - ndr) / ndr_sd BETWEEN 0.6744 AND 1.0001) FROM (SELECT ndr_i, m.ndr, ndr_sd FROM made m JOIN by_hand b USING (k)) x), true, '... the t quantile at 50 %: between that of the normal one and 1');

-- Nothing to say.
SELECT is((SELECT row(ndr_forecast(ARRAY[NULL, NULL]::retention_summary[], o[1:2]), grr_forecast(ARRAY[NULL, NULL]::retention_summary[], o[1:2]), ndr_forecast_interval(ARRAY[NULL, NULL]::retention_summary[], o[1:2], 0.95))::text FROM bands), '(,,)', 'no past at all: NULL');
SELECT is((SELECT row(ndr_forecast(p, ARRAY[NULL, NULL, NULL]::retention_summary[]), grr_forecast_interval(p, ARRAY[NULL, NULL, NULL]::retention_summary[], 0.95))::text FROM bands), '(,)', 'nothing open: NULL');
SELECT is(ndr_forecast('{}', '{}'), NULL, 'no bands: NULL');
SELECT is((SELECT ndr_forecast(NULL, o) FROM bands), NULL, 'NULL array: NULL');
SELECT is((SELECT round(ndr_forecast(p, ARRAY[o[1], NULL, NULL]), 10) FROM bands), (SELECT round(sum(e) / sum(s), 10) FROM past WHERE band = 'green'), 'a band of which nothing is open does not count');
SELECT is((SELECT ndr_forecast(ARRAY[retention_agg(10, 10), retention_agg(10, 10)], ARRAY[retention_agg(5, NULL), NULL])), 1.00000000000000000000, 'bands of one account each: together they are two');

-- Bad input.
SELECT refused('SELECT ndr_forecast(p, o[1:2]) FROM bands', '22023', 'have 3 and 2 bands', 'arrays of different length', 'FULL JOIN');
SELECT refused('SELECT ndr_forecast(ARRAY[p, p], ARRAY[o, o]) FROM bands', '22023', 'past accounts must have one dimension, not 2', 'two dimensions');
SELECT refused($$ SELECT ndr_forecast(ARRAY[retention_agg(1, 1, '[2024-01-01,2025-01-01)'::daterange, 'EUR')], ARRAY[retention_agg(1, 1, '[2024-01-01,2025-01-01)'::daterange, 'USD')]) $$, '22023', 'EUR', 'two currencies');
SELECT refused($$ SELECT ndr_forecast_interval(p, o, ARRAY[(SELECT retention_agg(1, 1, '[2024-01-01,2025-01-01)'::daterange, 'EUR'))], 0.9) FROM bands $$, '22023', 'EUR', 'a run in another currency');
SELECT refused('SELECT ndr_forecast_interval(p, o, 95) FROM bands', '22023', 'confidence must be between 0 and 1, not 95', 'a percentage', '0.95');
SELECT refused($$ SELECT grr_forecast_interval(p, o, 'NaN') FROM bands $$, '22023', 'confidence', 'NaN');
SELECT refused('SELECT ndr_forecast_interval(p, o, p, 0.9) FROM bands', '22023', 'period of window 1 .* not known', 'windows without a period', 'bridge_agg');
SELECT refused('SELECT ndr_forecast_interval(p, o, array_append(r[1:2], NULL) || r[3:5], 0.9) FROM bands, run', '22004', 'window 3 of the run is NULL', 'a window that is NULL');
SELECT refused('SELECT ndr_forecast_interval(p, o, r[2:3] || r[1:1], 0.9) FROM bands, run', '22023', 'without overlap', 'windows that go back', 'ORDER BY');
SELECT refused($$ SELECT ndr_forecast_interval(p, o, r[1:2] || (SELECT retention_agg(1, 1, '[2024-01-01,2025-01-01)'::daterange)), 0.9) FROM bands, run $$, '22023', 'one length', 'windows of two lengths');
SELECT is((SELECT ndr_forecast_interval(p, o, months, 0.9) IS NOT NULL FROM bands, (SELECT array_agg(r) AS months FROM (SELECT retention_agg(100, 90 + i, daterange((date '2023-01-01' + t * interval '1 month')::date, (date '2023-01-01' + (t + 1) * interval '1 month')::date)) AS r FROM generate_series(0, 5) t, generate_series(1, 9) i GROUP BY t ORDER BY t) x) y), true, 'months are of one length');

-- Many-digit amounts and tiny ones.
SELECT is((SELECT ndr_forecast(ARRAY[retention_agg(s, s)], ARRAY[retention_agg(s, NULL)]) FROM (SELECT repeat('9', 30)::numeric AS s) x), 1.00000000000000000000, 'a large amount');
SELECT ok((SELECT ndr_forecast_interval(ARRAY[retention_agg(s, s)], ARRAY[retention_agg(s, NULL)], 0.95) @> 1.0 FROM (VALUES (1e-19), (3e-19), (1e17)) v (s)), 'amounts that lie far apart');
SELECT is((SELECT row(lower(i), upper(i))::text FROM (SELECT grr_forecast_interval(ARRAY[retention_agg(10, 0)], ARRAY[retention_agg(10, NULL)], 0.95) AS i FROM generate_series(1, 3)) x), (SELECT row(0.0000000000, round((1.959963984540054 * sqrt((2 / 7.0) * (5 / 7.0) * (3 * 100 + 900 / 3.0)) / 30)::numeric, 10))::text), 'everyone left: the interval of GRR starts at 0 and is not empty');
SELECT finish();
ROLLBACK;
