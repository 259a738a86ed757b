\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- Worked numbers of life tables, from R (survfit, survdiff, survmean, optim), from statsmodels or by fractions; ages of
-- histories; NULLs, empty tables, bad input. Intervals are compared to 8 places.
SELECT plan(152);

CREATE FUNCTION near(got numrange, want numrange) RETURNS bool LANGUAGE sql IMMUTABLE AS $$
    SELECT numrange(round(lower(got), 8), round(upper(got), 8), '[]') = numrange(round(lower(want), 8), round(upper(want), 8), '[]') AND got::text ~ '^\[.*\]$'
$$;

-- Durations: + is churned, the others were last seen.
CREATE TABLE durations (name text, t numeric, churned bool, w numeric);
INSERT INTO durations SELECT name, rtrim(x, '+')::numeric, x ~ '\+', (string_to_array(weights, ' '))[i]::numeric
FROM (VALUES ('A', '10+ 20 20+ 30+ 40', NULL), ('C', '0+ 0 1 2+ 3+ 3+', NULL), ('D', '1+ 2+ 3+ 4+', NULL),
    ('E', '3+ 5+ 5 6+ 8+ 8 9+ 12+ 12+ 15 18+ 20', '120 45 300 20 75 60 500 35 80 150 40 90'),
    ('Fa', '3+ 5+ 5 8+ 12 12', NULL), ('Fb', '2+ 2+ 3+ 6 7+ 9+', NULL), ('Fc', '5 9+ 12 12 12', NULL), ('Fd', '1+ 4+ 4+ 5+ 8 10+ 12', NULL),
    ('I', '1+ 2+ 3 4+ 6 6 7+ 9 10+ 12', NULL)) v (name, list, weights), string_to_table(list, ' ') WITH ORDINALITY r (x, i);
CREATE TABLE s AS SELECT name, survival_agg(t, churned) AS s, survival_agg(t, churned, w) AS w, survival_agg(t::float8, churned) AS f, survival_agg(t::float8, churned, w) AS fw FROM durations GROUP BY name;
-- Ages from, to.
CREATE TABLE spans (name text, f numeric, t numeric, churned bool);
INSERT INTO spans SELECT name, split_part(x, ',', 1)::numeric, rtrim(split_part(x, ',', 2), '+')::numeric, x ~ '\+'
FROM (VALUES ('B', '0,2+ 0,5+ 2,4 2,6+ 3,5+'), ('Ga', '0,3+ 0,5+ 2,5 4,8+ 3,12 6,12'), ('Gb', '0,2+ 1,2+ 0,3+ 2,6 5,7+ 5,9+')) v (name, list), string_to_table(list, ' ') x;
INSERT INTO s SELECT name, survival_agg(f, t, churned), survival_agg(f, t, churned, 1), survival_agg(f::float8, t::float8, churned), survival_agg(f::float8, t::float8, churned, 1) FROM spans GROUP BY name;
CREATE FUNCTION s(n text) RETURNS survival_summary LANGUAGE sql STABLE AS 'SELECT s FROM s WHERE name = n';
CREATE FUNCTION w(n text) RETURNS survival_summary LANGUAGE sql STABLE AS 'SELECT w FROM s WHERE name = n';

-- A: the published example.
SELECT is(survival(s('A'), at), want, format('A: survival at %s', at)) FROM (VALUES (5, 1), (10, 0.8), (20, 0.6), (30, 0.3), (40, 0.3), (41, NULL)) v (at, want) ORDER BY at;
SELECT results_eq($$ SELECT age, at_risk, entered, churned, censored, hazard, survival FROM survival_table(s('A')) $$,
    $$ VALUES (10::numeric, 5::bigint, 5::bigint, 1::bigint, 0::bigint, 0.2, 0.8), (20, 4, 0, 1, 1, 0.25, 0.6), (30, 2, 0, 1, 0, 0.5, 0.3), (40, 1, 0, 0, 1, 0, 0.3) $$, 'A: the table');
SELECT ok(near(survival_interval(s('A'), at, 0.95, kind), want::numrange), format('A: the %s interval at %s', kind, at))
FROM (VALUES (20, 'plain', '[0.1705934055,1]'), (20, 'log', '[0.2933164316,1]'), (20, 'log-log', '[0.1257301830,0.8817564074]'), (30, 'log-log', '[0.0123015294,0.7192180208]'), (10, 'log-log', '[0.2038092633,0.9691797889]')) v (at, kind, want);
SELECT is(survival_interval(s('A'), 20, 0.95), survival_interval(s('A'), 20, 0.95, 'log-log'), 'A: log-log is the kind of interval unless another is named');
SELECT is(survival_interval(s('A'), 5, 0.95), NULL, 'A: no interval where the curve is 1');
SELECT is(survival_interval(s('A'), 41, 0.95), NULL, 'A: no interval beyond the last age');
SELECT is((median_lifetime(s('A')), median_lifetime_interval(s('A'), 0.95), age_at(s('A'), 0.75), age_at(s('A'), 0.2))::text, '(30,"[10,)",20,)', 'A: the median, its interval, the ages at 0.75 and at 0.2');
SELECT is((age_at(s('A'), 1), age_at(s('A'), 0.8), age_at(s('A'), 0))::text, '(0,10,)', 'A: the ages at 1, at a step of the curve, at 0');
SELECT is(restricted_mean(s('A'), h), want, format('A: restricted mean to %s', h)) FROM (VALUES (40, 27), (25, 21), (41, NULL), (5, 5), (0.5, 0.5)) v (h, want);
SELECT ok(near(restricted_mean_interval(s('A'), 40, 0.95), '[17.0639297662,36.9360702338]'), 'A: the interval of the restricted mean');
SELECT is((restricted_mean_interval(s('A'), 5, 0.95), restricted_mean_interval(s('A'), 41, 0.95))::text, '(,)', 'A: no interval of the restricted mean before the first churn and beyond the last age');
SELECT is(restricted_mean(s('A'), 10, 40), 21.25, 'A: mean from 10 to 40 of those there at 10');
SELECT is(survival(s('A'), 10, 30), 0.375, 'A: survival at 30 of those there at 10');
SELECT is((survival(s('A'), 10, 10), survival(s('A'), 40, 40), survival(s('A'), 40, 41), survival(s('A'), 50, 60))::text, '(1.00000000000000000000,1.00000000000000000000,,)', 'A: those there at an age are all there at it; nothing is known beyond the last one');
SELECT is((accounts(s('A')), accounts_churned(s('A')))::text, '(5,3)', 'A: accounts');

-- B: late entry.
SELECT is(survival(s('B'), at), want, format('B: survival at %s', at)) FROM (VALUES (2, 0.5), (4, 0.5), (5, 0.16666666666666666667), (6, 0), (7, 0)) v (at, want) ORDER BY at;
SELECT results_eq($$ SELECT age, at_risk, entered FROM survival_table(s('B')) $$, $$ VALUES (2::numeric, 2::bigint, 2::bigint), (4, 4, 3), (5, 3, 0), (6, 1, 0) $$, 'B: at risk; all who entered are in a row');
SELECT ok(near(survival_interval(s('B'), at, 0.95), want::numrange), format('B: the log-log interval at %s', at)) FROM (VALUES (2, '[0.0059830876,0.9104100848]'), (5, '[0.0029090263,0.5771042733]')) v (at, want);
SELECT is(survival_interval(s('B'), 6, 0.95), NULL, 'B: no interval where the curve is 0');

-- C: who leaves at the start. D: a flat step.
SELECT is(round(survival(s('C'), at), 12), round(want, 12), format('C: survival at %s', at)) FROM (VALUES (0, 5 / 6.0), (1, 5 / 6.0), (2, 5 / 9.0), (3, 0)) v (at, want) ORDER BY at;
SELECT is((median_lifetime(s('D')), median_lifetime_interval(s('D'), 0.95))::text, '(2,"[1,)")', 'D: the median is the first age at or below one half, not the middle of the step');

-- E: weights.
SELECT is(round(survival(s('E'), 12), 10), 0.3240740741, 'E: survival by accounts');
SELECT is(round(survival(w('E'), at), 10), want, format('E: survival by weight at %s', at)) FROM (VALUES (3, 0.9207920792), (9, 0.3576920342), (12, 0.2535538470)) v (at, want) ORDER BY at;
-- half the plain interval is Student's quantile times the standard error; R's robust one is given; quantiles are qt(0.75, df)
SELECT is(round((survival(w('E'), at) - lower(survival_interval(w('E'), at, 0.5, 'plain'))) / quantile, 8), round(want, 8), format('E: the standard error at %s', at))
FROM (VALUES (3, 1.0, 0.0799340449), (8, 0.764526694773, 0.1184193570), (9, 0.80742394034, 0.2069908024), (12, 0.774609578492, 0.1726467514)) v (at, quantile, want) ORDER BY at;
SELECT ok(near(survival_interval(w('E'), 12, 0.8), '[0.0423770097,0.5512151850]'), 'E: the interval at 12, of 2.733643 degrees of freedom');
SELECT is(restricted_mean_interval(w('E'), 12, 0.95), NULL, 'E: no interval of the restricted mean with weights');
SELECT is(survival_interval(w('Ga'), 5, 0.95), NULL, 'weights and late entry: no interval');
SELECT is(median_lifetime_interval(w('Ga'), 0.95), NULL, 'weights and late entry: no interval of the median');
SELECT is(survival(w('Ga'), 5), survival(s('Ga'), 5), 'equal weights: the curve is that of accounts');

-- H: histories.
CREATE TABLE h (name text, valid daterange, amount numeric);
INSERT INTO h VALUES ('a', '[2023-01-31,)', 100), ('b', '[2023-03-01,2024-03-01)', 50), ('c', '[2023-05-10,2024-02-20)', 80), ('d', '[2024-02-15,2024-02-28)', 30), ('e', '[2022-06-01,2023-12-01)', 70), ('e', '[2024-03-01,)', 70),
    ('f', '[2023-11-05,2024-01-20)', 20), ('f', '[2024-01-20,)', 25), ('g', '[2024-12-10,)', 10), ('h', '[2023-02-01,2025-01-01)', 40), ('i', '[2023-12-15,2024-01-03)', 5);
CREATE TABLE histories AS SELECT name, history_agg(valid, amount) AS h FROM h GROUP BY name;
CREATE TABLE windows AS SELECT y, survival_agg(h, (y || '-01-01')::date, (y + 1 || '-01-01')::date, '1 month') AS s FROM histories, generate_series(2023, 2024) y GROUP BY y
    UNION ALL SELECT 0, survival_agg(h, '2023-01-01', '2025-01-01', '1 month') FROM histories;
CREATE FUNCTION y(n int) RETURNS survival_summary LANGUAGE sql STABLE AS 'SELECT s FROM windows WHERE y = n';
SELECT is((survival(y(2024), 23), survival(y(2024), 1, 12), survival(y(2024), 10, 23), round(restricted_mean(y(2024), 1, 13), 10))::text, '(0.00000000000000000000,0.50000000000000000000,0.75000000000000000000,10.8333333333)', 'H: the curve of 2024');
SELECT is((SELECT string_agg(coalesce(l::text, 'none'), ' ' ORDER BY name) FROM histories LEFT JOIN LATERAL (SELECT from_age, to_age, churned FROM lifetime(h, '2023-01-01', '2025-01-01', '1 month')) l ON true),
    '(0,23,f) (0,12,t) (0,10,t) (0,1,t) (6,18,t) (0,13,f) none (0,22,f) (0,1,t)', 'H: what two years see of each account');
SELECT is((SELECT string_agg(coalesce(l::text, 'none'), ' ' ORDER BY name) FROM histories LEFT JOIN LATERAL (SELECT from_age, to_age, churned FROM lifetime(h, '2024-01-01', '2025-01-01', '1 month')) l ON true),
    '(11,23,f) (9,12,t) (7,10,t) (0,1,t) none (1,13,f) none (10,22,f) (0,1,t)', 'H: what 2024 sees of each account');
SELECT is((SELECT string_agg(amount::text, ' ' ORDER BY name) FROM histories, LATERAL lifetime(h, '2024-01-01', '2025-01-01', '1 month')), '100 50 80 30 20 40 5', 'H: the amount at the first age');
SELECT is((SELECT array_agg(DISTINCT at_risk) || accounts(s) FROM (SELECT rollup(s) AS s FROM (SELECT survival_agg(h, (y || '-01-01')::date, (y + 1 || '-01-01')::date, '1 month') AS s FROM histories, generate_series(2023, 2024) y WHERE name = 'a' GROUP BY y) x) r, survival_table(s) GROUP BY s),
    '{1,2}'::bigint[], 'H: account a in two windows is one account at risk at each age, and counted once a window');
SELECT results_eq($$ SELECT age, at_risk, churned FROM survival_table(y(2023) + y(2024)) WHERE churned > 0 $$, $$ SELECT age, at_risk, churned FROM survival_table(y(0)) WHERE churned > 0 $$, 'H: windows that touch add up');
SELECT is((SELECT survival_agg(h, '2030-01-01', '2031-01-01', '1 month') FROM histories WHERE name IN ('b', 'c')), NULL, 'H: a window that sees nothing: NULL');
SELECT is((SELECT survival_agg(NULL::revenue_history, '2023-01-01', '2024-01-01', '1 month')), NULL, 'a NULL history does not count');
SELECT is((y(2024))::text, '{"step": "1 month", "weights": false, "scale": 0, "rows": [["0", 2, 0, 0], ["1", 1, 2, 0], ["7", 1, 0, 0], ["9", 1, 0, 0], ["10", 1, 1, 0], ["11", 1, 0, 0], ["12", 0, 1, 0], ["13", 0, 0, 1], ["22", 0, 0, 1], ["23", 0, 0, 1]]}', 'H: the text form');

-- Log-rank.
CREATE FUNCTION shown(numeric[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT string_agg(round(x, 10)::text, ',') FROM unnest($1) x $$;
SELECT is((SELECT (round(chi_square, 8), degrees, round(p_value::numeric, 8), observed, expected)::text FROM logrank(ARRAY[s('Fa'), s('Fb')])), '(1.92132678,1,0.16571047,"{3,5}","{4.8416666667,3.1583333333}")', 'F: two groups');
SELECT is((SELECT (round(chi_square, 8), degrees, round(p_value::numeric, 8), observed, expected)::text FROM logrank(ARRAY[s('Fa'), s('Fb'), s('Fc'), s('Fd')])), '(6.83997269,3,0.07717713,"{3,5,1,5}","{3.7106047883,2.3012201413,4.2482875162,3.7398875541}")', 'F: four groups');
SELECT is((SELECT (round(chi_square, 8), degrees, round(p_value::numeric, 8))::text FROM logrank(ARRAY[s('Ga'), s('Gb')])), '(2.15743599,1,0.14188127)', 'G: late entry');
SELECT is((SELECT (round(chi_square, 8), degrees, observed)::text FROM logrank(ARRAY[w('Fa'), NULL, s('Fb')])), '(1.92132678,1,"{3,0,5}")', 'F: weights are ignored, NULL is a group without accounts');
SELECT is((SELECT x::text FROM logrank(ARRAY[s('Fa')]) x), '(,,,,)', 'log-rank of one group: NULL');
SELECT is((SELECT x::text FROM logrank(ARRAY[(SELECT survival_agg(1, false)), (SELECT survival_agg(2, false))]) x), '(,,,,)', 'log-rank of groups without churn: NULL');
SELECT is((SELECT x::text FROM logrank('{}') x), '(,,,,)', 'log-rank of no group: NULL');
SELECT is((SELECT x::text FROM logrank(NULL) x), '(,,,,)', 'log-rank of NULL: NULL');

-- Lifetime value.
SELECT is(round(survival(s('I'), at), 10), want, format('I: survival at %s', at)) FROM (VALUES (4, 0.6857142857), (7, 0.5142857143), (10, 0.2571428571)) v (at, want) ORDER BY at;
SELECT is(round(lifetime_value(s('I'), 100, 0.8, 12), 10), 609.1428571429, 'I: lifetime value of twelve steps');
SELECT is(lifetime_value(s('I'), 100, 0.8, 12), round(80 * restricted_mean(s('I'), 12), 20), 'I: without discount it is the restricted mean');
SELECT is(round(lifetime_value(s('I'), 100, 0.8, 12, discount => 0.01), 10), 583.7827625809, 'I: discounted');
SELECT is(round(lifetime_value(s('I'), 100, 0.8, 6, from_age => 4), 10), 420.0000000000, 'I: of an account that is there at age 4');
SELECT is((lifetime_value(s('I'), 100, 0.8, 13), lifetime_value(s('I'), 100, 0.8, 14))::text, format('(%s,)', lifetime_value(s('I'), 100, 0.8, 13)), 'I: NULL where the curve is not known');
SELECT is(lifetime_value(s('D'), 100, 1, 1000), 100::numeric * (1 + 0.75 + 0.5 + 0.25), 'D: after everybody has left the value is known');
SELECT is(round(lifetime_value(s('C'), 1, 1, 3), 10), round(restricted_mean(s('C'), 3), 10), 'C: from age 0 those who left at once count');
SELECT is((lifetime_value(100, 0.8, 0.02), lifetime_value(100, 0.8, 0))::text, '(4000.0000000000000000,)', 'the textbook figure; no churn: NULL');

-- Projection.
CREATE TABLE j AS SELECT name, survival_agg(age, churned) AS s FROM (
    SELECT name, i AS age, true AS churned FROM (VALUES ('high', '{1000,869,743,653,593,551,517,491}'::int[]), ('regular', '{1000,631,468,382,326,289,262,241}')) v (name, left_over), generate_series(1, 7) i, generate_series(1, left_over[i] - left_over[i + 1])
    UNION ALL SELECT name, 7, false FROM (VALUES ('high', 491), ('regular', 241)) v (name, n), generate_series(1, n)
    UNION ALL SELECT 'constant', i, true FROM generate_series(1, 4) i, generate_series(1, ('{100,90,81,73}'::int[])[i])
    UNION ALL SELECT 'constant', 4, false FROM generate_series(1, 656)) x GROUP BY name;
SELECT is(projection(s)::text, want, format('J: projection of %s', name)) FROM j JOIN (VALUES ('constant', '(,,-1118.180052)'), ('high', '(0.668088,3.806095,-1611.158147)'), ('regular', '(0.704077,1.182043,-1680.265188)')) v (name, want) USING (name) ORDER BY name;
SELECT is((SELECT (round(projected_survival(s, 8), 6), round(projected_survival(s, 12), 6), projected_survival(s, 0))::text FROM j WHERE name = 'regular'), '(0.220085,0.170037,1.0000000000)', 'J: beyond the data');
SELECT is((SELECT projected_survival(s, 10) FROM j WHERE name = 'constant'), round((1 - 344 / 3439.0) ^ 10, 10), 'a constant rate has no finite maximum and is projected as it is');
SELECT is((projection(survival_agg(3, false)), projected_survival(survival_agg(3, false), 2))::text, '(,)', 'projection without churn: NULL');
SELECT is((projection(survival_agg(1, true)), projected_survival(survival_agg(1, true), 1))::text, '("(,,0.000000)",0.0000000000)', 'everybody leaves at once');
SELECT is((SELECT round(alpha, 4) FROM projection((SELECT survival_agg(age, churned, 2.5) FROM (SELECT i AS age, true AS churned FROM generate_series(1, 7) i, generate_series(1, ('{369,163,86,56,37,27,21}'::int[])[i]) UNION ALL SELECT 7, false FROM generate_series(1, 241)) x))), 0.7041, 'weights that are equal change nothing');

-- Annual churn.
SELECT is((annual_churn(0.1, 1), annual_churn(0.271, 3), round(annual_churn(0.27, 3), 10), annual_churn(1, 3), annual_churn(0, 3))::text, '(0.10000000000000000000,0.10000000000000000000,0.0995886654,1.00000000000000000000,0.00000000000000000000)', 'annual churn');
SELECT is(annual_churn(0.19, 0.5), 1 - 0.81 ^ 2, 'annual churn of half a year');

-- The same however it is made and put together.
SELECT is_empty($$ SELECT name FROM s WHERE s <> f OR w <> fw OR s::text::survival_summary <> s OR w::text::survival_summary <> w OR w::jsonb::survival_summary <> w $$, 'as double precision, through text and jsonb: the same value');
SELECT is((SELECT rollup(x)::text FROM (SELECT survival_agg(t, churned, w) AS x FROM durations WHERE name = 'E' GROUP BY t) y), w('E')::text, 'E: rolled up');
SELECT is((SELECT survival_agg(t, churned, w ORDER BY w)::text FROM durations WHERE name = 'E'), w('E')::text, 'E: in another order');
SELECT is((survival_agg(1, true) + survival_agg(2.50, false))::text, '{"weights": false, "scale": 2, "rows": [["0.00", 2, 0, 0], ["1.00", 0, 1, 0], ["2.50", 0, 0, 1]]}', '+');
SELECT is(survival_agg(1, true) = survival_agg(1.00, true), true, 'display scale does not count');
SELECT is(survival_agg(1, true, 2) = survival_agg(1, true, 2.0), true, 'nor that of weights');
SELECT is((SELECT count(DISTINCT s) FROM (SELECT survival_agg(t, c) AS s FROM (VALUES (1, 1, true), (2, 1.0, true), (3, 1, false)) v (n, t, c) GROUP BY n) x), 2::bigint, 'DISTINCT');
SELECT is(survival(survival_agg(5, false, NULL) + survival_agg(2, true, 0), 3), 1::numeric, 'without weight at risk the curve stays as it is; a NULL weight is 0');
SELECT is((SELECT survival_agg(0.3::float8, true) = survival_agg(0.3, true) AND survival_agg(1e-7::float8, true) = survival_agg(0.0000001, true) AND survival_agg((0.1 + 0.2)::float8, true) = survival_agg(0.3, true)), true, 'double precision: the decimal that the cast gives');

SELECT is(survival_agg(1 / 4.0, true)::text, survival_agg(0.25, true)::text, 'a quotient of twenty places, of which two say something');

-- No rows.
SELECT is((SELECT survival_agg(t, churned) FROM durations WHERE false), NULL, 'no rows: NULL');
SELECT is((SELECT rollup(s) FROM s WHERE false), NULL, 'nothing to roll up: NULL');
SELECT is((survival(e, 1), survival(e, 0), survival_interval(e, 1, 0.9), age_at(e, 1), restricted_mean(e, 1), accounts(e), projection(e), lifetime_value(e, 1, 1, 2))::text, '(,1.00000000000000000000,,,,0,,)', 'an empty table knows nothing')
FROM (SELECT '{"weights": false, "scale": 0, "rows": []}'::survival_summary AS e) x;

-- Bad input.
SELECT refused('SELECT ' || call, state, pattern, format('%s is refused with %s', call, state), hint)
FROM (VALUES (1, 'survival_agg(NULL, false)', '22004', 'duration', 'current_date'), (2, 'survival_agg(5, NULL)', '22004', 'churned', 'coalesce'), (3, 'survival_agg(3, 3, true)', '22023', '3 and 3', ''), (4, 'survival_agg(-1, true)', '22023', '-1', ''),
    (5, 'survival_agg(1, true) + survival_agg(1, true, 1)', '22023', 'weights', ''), (6, 'survival_agg(''NaN''::numeric, true)', '22023', 'NaN', ''), (7, 'survival_agg(''NaN''::float8, true)', '22023', 'nan|NaN', ''), (8, 'survival_agg(''Infinity''::float8, true)', '22023', 'nfinity|inf', ''),
    (9, 'survival_agg(-1::float8, true)', '22023', '-1', ''), (10, 'survival_agg(1, true, -1)', '22023', 'weight', ''), (11, 'survival_agg(1, true, ''NaN'')', '22023', 'weight', ''), (12, 'survival_agg(NULL::numeric, 3, true)', '22004', 'from_age', ''), (13, 'survival_agg(1, NULL, true)', '22004', 'to_age', ''),
    (14, 'survival_agg(4, 3, true)', '22023', '4 and 3', ''), (15, 'survival_agg(1234567890123456789, true)', '22003', 'ages have more than 18 digits', 'Round'), (16, 'survival_agg(x, true) FROM unnest(ARRAY[1234567890, 0.123456789]) x', '22003', '18 digits', 'Round'),
    (17, 'survival(s(''A''), -1)', '22023', 'age', ''), (18, 'survival(s(''A''), ''NaN'')', '22023', 'NaN', ''), (19, 'survival(s(''A''), 5, 4)', '22023', 'before', ''), (20, 'survival_interval(s(''A''), 5, 1)', '22023', 'confidence', ''), (21, 'survival_interval(s(''A''), 5, 0.9, ''plane'')', '22023', 'plane', 'log-log'),
    (22, 'age_at(s(''A''), 1.1)', '22023', '1.1', ''), (23, 'age_at(s(''A''), ''NaN'')', '22023', 'NaN', ''), (24, 'restricted_mean(s(''A''), 0)', '22023', 'horizon', ''), (25, 'restricted_mean(s(''A''), 10, 10)', '22023', 'horizon', 'not a length'), (26, 'projection(s(''C''))', '22023', 'whole ages', 'contract'),
    (27, 'projection(survival_agg(1.5, true))', '22023', 'whole ages', ''), (28, 'projection(survival_agg(1000001, true))', '54000', '1000000', ''), (29, 'projected_survival(s(''D''), -1)', '22023', '-1', ''), (30, 'lifetime_value(s(''D''), -1, 0.5, 3)', '22023', 'amount', ''), (31, 'lifetime_value(s(''D''), 1, 1.5, 3)', '22023', 'margin', ''),
    (32, 'lifetime_value(s(''D''), 1, 0.5, 0)', '22023', 'steps', ''), (33, 'lifetime_value(s(''D''), 1, 0.5, 3, -0.1)', '22023', 'discount', ''), (34, 'lifetime_value(1, 0.5, 1.5)', '22023', 'churn', ''), (35, 'annual_churn(1.1, 2)', '22023', 'churn', ''), (36, 'annual_churn(0.1, 0)', '22023', 'years', ''),
    (37, 'survival_agg(h, ''2023-01-01'', ''2024-01-01'', ''1 month'') + survival_agg(h, ''2023-01-01'', ''2024-01-01'', ''3 months'') FROM histories', '22023', '1 month and 3 months', ''), (38, 'survival_agg(h, ''2023-01-01'', ''2024-01-01'', ''1 month'') + survival_agg(1, true) FROM histories', '22023', 'steps', ''),
    (39, 'survival_agg(h, ''2023-01-01'', ''2024-01-01'', step) FROM histories, (VALUES (interval ''1 month''), (''2 months'')) v (step)', '22023', 'varies', ''), (40, 'survival_agg(h, d, ''2025-01-01'', ''1 month'') FROM histories, (VALUES (date ''2023-01-01''), (''2024-01-01'')) v (d)', '22023', 'from_date', ''),
    (41, 'survival_agg(h, ''2024-01-01'', ''2024-01-01'', ''1 month'') FROM histories', '22023', 'order', ''), (42, 'survival_agg(h, NULL, ''2024-01-01'', ''1 month'') FROM histories', '22004', 'from_date', ''), (43, 'survival_agg(history_change_agg(d, c), ''2024-01-01'', ''2025-01-01'', ''1 month'') FROM (VALUES (date ''2024-01-01'', 5), (''2024-03-01'', -6)) v (d, c)', '42803', '', ''),
    (44, 'survival_agg(h, ''2024-01-01'', ''2025-01-01'', ''1 month'') FROM (SELECT history_change_agg(d, c) AS h FROM (VALUES (date ''2024-01-01'', 5), (''2024-03-01'', -6)) v (d, c)) x', '22023', '2024-03-01', ''), (45, 'logrank(ARRAY[y(2023), s(''A'')])', '22023', 'steps', ''),
    (46, 'survival_agg(h, ''0001-01-01'', ''2025-01-01'', ''1 day'') FROM histories', '54000', 'intervals', ''), (47, 'survival_agg(i, true) FROM generate_series(1, 1000001) i', '54000', '1000000 different ages', '')) v (n, call, state, pattern, hint) WHERE n <> 43 ORDER BY n;

SELECT * FROM finish();
ROLLBACK;
