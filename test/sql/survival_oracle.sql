\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- Life tables against plain SQL: what windows see of random histories; counts, curves, means and log-rank of random ages with
-- ties, late entry, weights and mixed display scales, every digit; one value in every way to run.
SELECT plan(25);

CREATE FUNCTION draw(seed int, i int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT ('x' || left(md5(seed::text || '/' || i::text), 7))::bit(28)::int % below
$$;

-- Histories of up to three spells, some open, some with a change on the way, in and around 2022 to 2024.
CREATE TABLE spell AS
SELECT i AS account, daterange(start, CASE WHEN draw(1, key, 4) = 0 THEN NULL ELSE start + 1 + draw(2, key, 500) END) AS valid, 10 + draw(3, key, 90) AS amount
FROM generate_series(1, 150) i, generate_series(0, draw(4, i, 3)) part, LATERAL (SELECT i * 10 + part AS key) k, LATERAL (SELECT date '2021-06-01' + draw(5, i, 900) + part * (100 + draw(6, key, 300)) AS start) s;
CREATE TABLE history AS SELECT account, history_agg(valid, amount) AS h FROM spell GROUP BY account;
CREATE TABLE step AS SELECT account, from_date, to_date, amount FROM history, steps(h);
CREATE TABLE runs (n int, from_date date, to_date date, step interval);
INSERT INTO runs VALUES (1, '2022-01-01', '2023-01-01', '1 month'), (2, '2023-01-01', '2024-01-01', '1 month'), (3, '2022-01-01', '2024-01-01', '1 month'), (4, '2022-01-31', '2024-02-29', '1 month'), (5, '2021-01-01', '2026-01-01', '3 months'),
    (6, '2022-01-01', '2024-06-01', '7 days'), (7, '2023-06-15', '2023-06-16', '1 day'), (8, '2020-01-01', '2030-01-01', '1 year'), (9, '2022-07-01', '2022-07-15', '1 month');
-- The rule, day by day: the first spell, boundaries by one multiplication, what is decided inside of the window.
CREATE TABLE spells AS
SELECT account, start, (SELECT min(to_date) FROM step s WHERE s.account = f.account AND s.to_date >= start AND NOT EXISTS (SELECT FROM step n WHERE n.account = s.account AND n.from_date = s.to_date)) AS ends
FROM (SELECT account, min(from_date) AS start FROM step GROUP BY account) f;
CREATE TABLE seen AS
SELECT n, account, from_age, CASE WHEN churn_age <= last_age THEN churn_age ELSE last_age END AS to_age, churn_age <= last_age AS churned
FROM runs, spells, LATERAL (
    SELECT greatest(0, min(k) FILTER (WHERE b >= from_date) - 1) AS from_age, max(k) FILTER (WHERE b < to_date) AS last_age, coalesce(min(k) FILTER (WHERE b >= ends), 100000) AS churn_age
    FROM (SELECT k, (start + k * step)::date AS b FROM generate_series(0, CASE step WHEN '1 day' THEN 2000 WHEN '7 days' THEN 500 ELSE 120 END) k) x) y
WHERE start < to_date;
DELETE FROM seen WHERE to_age <= from_age OR to_age IS NULL;
UPDATE seen SET churned = coalesce(churned, false);
CREATE TABLE got AS SELECT n, account, l.* FROM runs, history, lifetime(h, from_date, to_date, step) l;
SELECT cmp_ok((SELECT count(*) FROM seen WHERE from_age > 0 AND churned), '>', 60::bigint, 'histories: many enter late and churn');
SELECT is_empty('(SELECT n, account, from_age, to_age, churned FROM got EXCEPT SELECT * FROM seen) UNION ALL (SELECT * FROM seen EXCEPT SELECT n, account, from_age, to_age, churned FROM got)', 'histories: lifetime is what the rule says, day by day');
SELECT is_empty('SELECT * FROM got JOIN history USING (account) JOIN runs USING (n) WHERE amount <> amount_at(h, (first_active(h) + from_age * step)::date)', 'histories: the amount at the first age');
CREATE TABLE tables AS SELECT n, (SELECT survival_agg(h, from_date, to_date, step) FROM history) AS s FROM runs;
SELECT is_empty('SELECT n FROM (SELECT n, survival_agg(from_age, to_age, churned) AS s FROM seen GROUP BY n) x FULL JOIN tables t USING (n) WHERE (SELECT array_agg(v ORDER BY age) FROM survival_table(x.s) v) IS DISTINCT FROM (SELECT array_agg(v ORDER BY age) FROM survival_table(t.s) v)', 'histories: the table is that of the lifetimes');
SELECT is_empty($$ SELECT a.age FROM survival_table((SELECT rollup(s) FROM tables WHERE n IN (1, 2))) a FULL JOIN survival_table((SELECT s FROM tables WHERE n = 3)) b USING (age) WHERE coalesce(a.churned, 0) <> coalesce(b.churned, 0) OR a.at_risk <> b.at_risk AND b.censored = 0 AND a.censored = 0 $$, 'histories: windows that touch add up');
SELECT is_empty($$ SELECT age FROM generate_series(1, 40) age, tables t WHERE n = 3 AND survival(s, age) IS DISTINCT FROM survival((SELECT rollup(s) FROM tables WHERE n IN (1, 2)), age) $$, 'histories: and give one curve');

-- Accounts seen from age to age, in thirty shapes.
CREATE TABLE life AS
SELECT shape, i, i % 4 AS part, f, f + CASE WHEN f > 0 THEN 0.5 ELSE 0.25 END + round(draw(11, key, ages) * unit, shape % 4) AS t, draw(12, key, 100) < 10 + 3 * shape AS churned,
       CASE WHEN draw(13, key, 12) = 0 THEN NULL ELSE round(draw(14, key, 100000) * 0.01, draw(15, key, 3)) END AS w
FROM generate_series(1, 30) shape, generate_series(1, 5 + shape * shape / 3) i, LATERAL (SELECT shape * 10000 + i AS key, 2 + shape % 17 AS ages, CASE shape % 3 WHEN 0 THEN 1 WHEN 1 THEN 0.5 ELSE 0.125 END AS unit) k,
    LATERAL (SELECT CASE WHEN shape % 2 = 0 AND draw(16, key, 2) = 0 THEN round(draw(17, key, 6) * 1.0, draw(18, key, 2)) ELSE 0 END AS f) e;
ANALYZE life;
CREATE TABLE serial AS SELECT shape, survival_agg(f, t, churned) AS s, survival_agg(f, t, churned, w) AS weighted, survival_agg(t, churned) AS plain FROM life GROUP BY shape;
CREATE TABLE ways AS SELECT shape, 's' AS way, s AS v FROM serial UNION ALL SELECT shape, 'weighted', weighted FROM serial UNION ALL SELECT shape, 'plain', plain FROM serial;
CREATE TABLE rows AS SELECT shape, 's' AS way, f, t, churned, 1::numeric AS w FROM life UNION ALL SELECT shape, 'weighted', f, t, churned, coalesce(w, 0) FROM life UNION ALL SELECT shape, 'plain', 0, t, churned, 1 FROM life;
CREATE TABLE ages AS
SELECT a.shape, a.way, a.t AS age, sum(w) FILTER (WHERE r.f < a.t AND r.t >= a.t OR a.t = 0 AND r.f = 0) AS n, coalesce(sum(w) FILTER (WHERE r.t = a.t AND r.churned), 0) AS d, count(*) FILTER (WHERE r.f < a.t AND r.t >= a.t) AS at_risk, count(*) FILTER (WHERE r.t = a.t AND r.churned) AS churned, count(*) FILTER (WHERE r.t = a.t AND NOT r.churned) AS censored,
       row_number() OVER (PARTITION BY a.shape, a.way ORDER BY a.t) AS k
FROM (SELECT DISTINCT shape, way, t FROM rows) a JOIN rows r USING (shape, way) GROUP BY a.shape, a.way, a.t;
CREATE INDEX ON ages (shape, way, k);
CREATE TABLE curve AS
WITH RECURSIVE c AS (SELECT shape, way, 0::bigint AS k, NULL::numeric AS age, 1::numeric AS s, NULL::numeric AS hazard, 0::bigint AS at_risk, 0::bigint AS churned, 0::bigint AS censored FROM ages WHERE k = 1
    UNION ALL SELECT a.shape, a.way, a.k, a.age, CASE WHEN a.n > 0 AND a.d > 0 THEN round(round(c.s * (a.n - a.d), 45) / a.n, 20) ELSE c.s END, a.d / nullif(a.n, 0), a.at_risk, a.churned, a.censored FROM c JOIN ages a ON a.shape = c.shape AND a.way = c.way AND a.k = c.k + 1)
SELECT * FROM c WHERE k > 0;
SELECT cmp_ok((SELECT count(*) FROM curve WHERE s > 0 AND s < 1), '>', 400::bigint, 'there are curves to compare');
SELECT is_empty($$ SELECT shape, way, age FROM (SELECT shape, way, t.* FROM ways, survival_table(v) t) g FULL JOIN curve c USING (shape, way, age) WHERE g.at_risk IS DISTINCT FROM c.at_risk OR g.churned IS DISTINCT FROM c.churned OR g.censored IS DISTINCT FROM c.censored OR g.survival IS DISTINCT FROM c.s OR round(g.hazard, 15) IS DISTINCT FROM round(c.hazard, 15) $$, 'the table is that of plain SQL, the curve in every digit');
SELECT is_empty($$ SELECT shape, way, at FROM ways, generate_series(0, 22, 0.375) at, LATERAL (SELECT (SELECT s FROM curve c WHERE c.shape = ways.shape AND c.way = ways.way AND age <= at ORDER BY age DESC LIMIT 1) AS s, (SELECT max(age) FROM curve c WHERE c.shape = ways.shape AND c.way = ways.way) AS last) c
    WHERE survival(v, at) IS DISTINCT FROM CASE WHEN at <= last OR c.s = 0 THEN coalesce(c.s, 1) END $$, 'survival at any age; NULL beyond the last one');
SELECT is_empty($$ SELECT shape, way, x FROM ways, unnest(ARRAY[0, 0.1, 0.25, 0.5, 0.8, 0.99]) x WHERE age_at(v, x) IS DISTINCT FROM (SELECT min(age) FROM curve c WHERE c.shape = ways.shape AND c.way = ways.way AND round(s, 15) <= x) $$, 'the first age at or below a share');
CREATE FUNCTION area(n int, w text, a numeric, b numeric) RETURNS numeric LANGUAGE sql STABLE AS $$
    SELECT sum(s * (least(upto, b) - greatest(age, a))) FROM (SELECT age, s, coalesce(lead(age) OVER (ORDER BY age), b) AS upto FROM (SELECT 0::numeric AS age, 1::numeric AS s UNION ALL SELECT age, s FROM curve WHERE shape = n AND way = w) x) y WHERE least(upto, b) > greatest(age, a)
$$;
SELECT is_empty($$ SELECT shape, way, horizon FROM ways, LATERAL (SELECT max(age) AS last FROM curve c WHERE c.shape = ways.shape AND c.way = ways.way) l, LATERAL (VALUES (last), (last / 3), (1.1)) h (horizon) WHERE horizon <= last AND restricted_mean(v, horizon) IS DISTINCT FROM area(shape, way, 0, horizon) $$, 'restricted mean, in every digit');
-- A step up to 0.5 off is within one unit of the 20th place for each age: conditional curves start anew.
SELECT is_empty($$ SELECT shape, way FROM ways, generate_series(1, 5) a, generate_series(6, 9) b WHERE way <> 'plain' AND survival(v, a) > 0.01 AND abs(survival(v, a, b) - survival(v, b) / nullif(survival(v, a), 0)) > 1e-15 $$, 'survival from an age is the quotient, where there is one');
-- Greenwood, by plain SQL in floats.
SELECT is_empty($$ SELECT shape, way, age, i FROM (SELECT shape, way, age, s::float8 AS s, sum(churned::float8 / at_risk / nullif(at_risk - churned, 0)) OVER (PARTITION BY shape, way ORDER BY age) AS v FROM curve WHERE way <> 'weighted') c JOIN ways w USING (shape, way), LATERAL (SELECT survival_interval(w.v, age, 0.8, 'log') AS i) x
    WHERE c.s > 1e-9 AND c.s < 1 AND NOT coalesce(abs(lower(i)::float8 - c.s * exp(-1.2815515655446004 * sqrt(c.v))) < 1e-9 AND abs(upper(i)::float8 - least(1, c.s * exp(1.2815515655446004 * sqrt(c.v)))) < 1e-9, false) $$, 'intervals by Greenwood');
-- Log-rank of two shapes, by plain SQL in floats.
CREATE FUNCTION plain_logrank(a int, b int) RETURNS float8 LANGUAGE sql STABLE AS $$
    SELECT sum(x.d1 - x.d * x.n1 / x.n) ^ 2 / nullif(sum(CASE WHEN x.n > 1 THEN x.n1 / x.n * (1 - x.n1 / x.n) * x.d * (x.n - x.d) / (x.n - 1) END), 0)
    FROM (SELECT t, (SELECT count(*)::float8 FROM life r WHERE r.shape = a AND r.f < e.t AND r.t >= e.t) AS n1, (SELECT count(*)::float8 FROM life r WHERE r.shape IN (a, b) AND r.f < e.t AND r.t >= e.t) AS n, (SELECT count(*)::float8 FROM life r WHERE r.shape = a AND r.t = e.t AND churned) AS d1, (SELECT count(*)::float8 FROM life r WHERE r.shape IN (a, b) AND r.t = e.t AND churned) AS d
          FROM (SELECT DISTINCT t FROM life WHERE shape IN (a, b) AND churned) e) x
$$;
SELECT is_empty($$ SELECT a, b, l.chi_square, p FROM (SELECT x.shape AS a, y.shape AS b, ARRAY[x.s, y.s] AS s FROM serial x, serial y WHERE x.shape % 5 = 1 AND y.shape % 7 = 2 AND x.shape <> y.shape) q, logrank(q.s) l, plain_logrank(a, b) p WHERE NOT coalesce(abs(l.chi_square::float8 - p) < 1e-8 * greatest(1, p) AND degrees = 1, l.chi_square IS NULL AND p IS NULL) $$, 'log-rank of two, whatever the scales');
SELECT is_empty($$ SELECT shape FROM serial WHERE accounts(s) <> (SELECT count(*) FROM life l WHERE l.shape = serial.shape) OR accounts_churned(s) <> (SELECT count(*) FROM life l WHERE l.shape = serial.shape AND churned) $$, 'accounts');

-- One value in every way to run, bit for bit.
CREATE FUNCTION print(source text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    EXECUTE format('SELECT md5(string_agg(shape || csm_survival_summary_send(s)::text || csm_survival_summary_send(weighted)::text || csm_survival_summary_send(plain)::text || weighted::text, '','' ORDER BY shape)) FROM (%s) x', source) INTO answer;
    RETURN answer;
END $$;
\set aggregates 'survival_agg(f, t, churned) AS s, survival_agg(f, t, churned, w) AS weighted, survival_agg(t, churned) AS plain'
SELECT is(print('SELECT shape, ' || :'aggregates' || ' FROM (SELECT * FROM life ORDER BY md5(i::text || shape)) l GROUP BY shape'), print('SELECT * FROM serial'), 'in another order: identical');
CREATE TABLE stored AS SELECT shape, part, survival_agg(f, t, churned) AS s, survival_agg(f, t, churned, w) AS weighted, survival_agg(t, churned) AS plain FROM life GROUP BY shape, part;
SELECT is(print('SELECT shape, rollup(s) AS s, rollup(weighted) AS weighted, rollup(plain) AS plain FROM stored GROUP BY shape'), print('SELECT * FROM serial'), 'stored and rolled up: identical');
SELECT is(print('SELECT shape, rollup(s::text::survival_summary) AS s, rollup(weighted::text::survival_summary) AS weighted, rollup(plain::text::survival_summary) AS plain FROM stored GROUP BY shape'), print('SELECT * FROM serial'), 'through text: identical');
SELECT is_empty($$ SELECT shape FROM (SELECT a.shape, a.s + b.s + c.s + d.s AS s FROM stored a, stored b, stored c, stored d WHERE a.part = 0 AND b.part = 1 AND c.part = 2 AND d.part = 3 AND a.shape = b.shape AND a.shape = c.shape AND a.shape = d.shape) x JOIN serial USING (shape) WHERE x.s <> serial.s $$, 'by +: equal');
SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0; SET LOCAL max_parallel_workers_per_gather = 2; SET LOCAL parallel_leader_participation = off;
ALTER TABLE life SET (parallel_workers = 2);
SELECT matches(plan_of('SELECT shape, ' || :'aggregates' || ' FROM life GROUP BY shape'), 'Finalize .*Gather.*Partial', 'two workers: the plan is in parts');
SELECT is(print('SELECT shape, ' || :'aggregates' || ' FROM life GROUP BY shape'), print('SELECT * FROM serial'), 'two workers: identical');
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL enable_partitionwise_aggregate = on;
CREATE TABLE parted (LIKE life) PARTITION BY LIST (part);
CREATE TABLE parted_0 PARTITION OF parted FOR VALUES IN (0); CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1); CREATE TABLE parted_2 PARTITION OF parted FOR VALUES IN (2, 3);
INSERT INTO parted SELECT * FROM life;
ANALYZE parted;
SELECT matches(plan_of('SELECT shape, ' || :'aggregates' || ' FROM parted GROUP BY shape'), 'Finalize .*Append.*Partial', 'partition by partition: the plan is in parts');
SELECT is(print('SELECT shape, ' || :'aggregates' || ' FROM parted GROUP BY shape'), print('SELECT * FROM serial'), 'partition by partition: identical');
SELECT is((SELECT survival_agg(t, churned) FILTER (WHERE i > 3) FROM life WHERE shape = 9), (SELECT survival_agg(t, churned) FROM life WHERE shape = 9 AND i > 3), 'FILTER');
SELECT is_empty($$ SELECT shape FROM (SELECT shape, survival_agg(t::float8, churned) AS f FROM life GROUP BY shape) x JOIN serial USING (shape) WHERE f <> plain $$, 'as double precision: equal');

SELECT * FROM finish();
ROLLBACK;
