\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- Figures of health scores against plain SQL over random accounts: ties, negative scores, mixed display scales, accounts without
-- a score or ARR; one value in every way to run.
SELECT plan(20);

CREATE FUNCTION draw(seed int, i int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT ('x' || left(md5(seed::text || '/' || i::text), 7))::bit(28)::int % below
$$;
CREATE TABLE account AS
SELECT shape, i, i % 4 AS part, CASE WHEN draw(1, key, 15) = 0 THEN NULL ELSE round((drawn - CASE WHEN shape % 4 = 0 THEN scores / 2 ELSE 0 END) * unit, draw(2, key, 4)) END AS score, draw(3, key, scores) > drawn AND draw(4, key, 4) > 0 AS churned,
       CASE WHEN draw(5, key, 12) = 0 THEN NULL ELSE round(draw(6, key, 10000000) * 0.01, draw(7, key, 4)) END AS arr
FROM generate_series(1, 30) shape, generate_series(1, 2 + shape * shape / 3) i, LATERAL (SELECT shape * 10000 + i AS key, 3 + (shape * 7) % 98 AS scores, CASE shape % 3 WHEN 0 THEN 1 WHEN 1 THEN 0.25 ELSE 0.01 END AS unit) k, LATERAL (SELECT draw(8, key, scores) AS drawn) d;
ANALYZE account;
CREATE TABLE serial AS SELECT shape, health_agg(score, churned, arr) AS h, health_agg(score, churned) AS plain FROM account GROUP BY shape;
CREATE VIEW scored AS SELECT * FROM account WHERE score IS NOT NULL;

SELECT is_empty($$ SELECT shape FROM serial LEFT JOIN (SELECT shape, count(score) AS n, count(score) FILTER (WHERE churned) AS c, count(*) - count(score) AS u FROM account GROUP BY shape) a USING (shape) WHERE (accounts(h), accounts_churned(h), unscored_accounts(h)) IS DISTINCT FROM (n, c, u) OR (accounts(plain), accounts_churned(plain), unscored_accounts(plain)) IS DISTINCT FROM (n, c, u) $$, 'accounts');
CREATE TABLE pairs AS SELECT shape, count(*) FILTER (WHERE c.score < s.score) AS concordant, count(*) FILTER (WHERE c.score = s.score) AS ties, count(*) AS n FROM scored c JOIN scored s USING (shape) WHERE c.churned AND NOT s.churned GROUP BY shape;
SELECT cmp_ok((SELECT count(*) FROM pairs WHERE ties > 0 AND concordant > 0), '>', 20::bigint, 'there are pairs to compare');
SELECT is_empty('SELECT shape FROM serial LEFT JOIN pairs USING (shape) WHERE auc(h) IS DISTINCT FROM (2 * concordant + ties)::numeric / (2 * n) OR auc(plain) IS DISTINCT FROM auc(h)', 'auc, in every digit');
-- DeLong by the shares of each account, and Wilson by hand; quantiles of one degree of freedom are those of Cauchy.
CREATE TABLE placement AS SELECT shape, i, churned, (SELECT avg(CASE WHEN o.score = a.score THEN 0.5 WHEN (o.score > a.score) = a.churned THEN 1 ELSE 0 END)::float8 FROM scored o WHERE o.shape = a.shape AND o.churned <> a.churned) AS v FROM scored a;
CREATE TABLE variance AS SELECT shape, coalesce(var_samp(v) FILTER (WHERE churned) / nullif(count(*) FILTER (WHERE churned), 0), 0) + coalesce(var_samp(v) FILTER (WHERE NOT churned) / nullif(count(*) FILTER (WHERE NOT churned), 0), 0) AS v, least(count(*) FILTER (WHERE churned), count(*) FILTER (WHERE NOT churned)) AS smaller FROM placement GROUP BY shape;
-- the ends of Wilson's interval are where (share - end)^2 n = q^2 end (1 - end): q is found from the interval, and is the same at both ends
SELECT is_empty($$ SELECT shape, q1, q2 FROM serial JOIN variance USING (shape), LATERAL (SELECT auc(h)::float8 AS a, auc_interval(h, 0.9) AS i) x, LATERAL (SELECT a * (1 - a) / nullif(v, 0) AS n, lower(i)::float8 AS low, upper(i)::float8 AS high) y, LATERAL (SELECT abs(a - low) * sqrt(n / nullif(low * (1 - low), 0)) AS q1, abs(high - a) * sqrt(n / nullif(high * (1 - high), 0)) AS q2) z
    WHERE (i IS NULL) <> (smaller < 2 OR v < 1e-15) OR abs(q1 - q2) > 1e-5 $$, 'auc interval: Wilson by DeLong, where there are two on each side');
SELECT is_empty($$ SELECT shape, q FROM serial JOIN variance USING (shape), LATERAL (SELECT auc(h)::float8 AS a, lower(auc_interval(h, 0.9))::float8 AS low) x, LATERAL (SELECT abs(a - low) * sqrt(a * (1 - a) / nullif(v, 0) / nullif(low * (1 - low), 0)) AS q) y WHERE smaller = 2 AND abs(q - tan(pi() * 0.45)) > 1e-6 OR smaller > 100 AND abs(q - 1.65) > 0.012 OR smaller > 2 AND q NOT BETWEEN 1.6448 AND 2.93 $$, 'auc interval: Student''s quantile');
SELECT is_empty($$ SELECT shape, t FROM serial, unnest(ARRAY[-3, 0, 0.5, 2.25, 10, 33.3, 1000]) t, LATERAL (SELECT count(*) FILTER (WHERE score < t) AS flagged, count(*) FILTER (WHERE score < t AND churned) AS caught, count(*) AS n, count(*) FILTER (WHERE churned) AS c FROM scored s WHERE s.shape = serial.shape) x
    WHERE (churn_recall(h, t), churn_precision(h, t), green_churn(h, t)) IS DISTINCT FROM (caught::numeric / nullif(c, 0), caught::numeric / nullif(flagged, 0), (c - caught)::numeric / nullif(n - flagged, 0)) $$, 'recall, precision and green churn, in every digit');
CREATE TABLE likely AS SELECT shape, i, abs(score) / 100 AS p, churned FROM scored WHERE abs(score) <= 100;
SELECT is_empty($$ SELECT shape FROM (SELECT shape, health_agg(p, churned) AS h FROM likely GROUP BY shape) x JOIN (SELECT shape, avg((p - CASE WHEN churned THEN 0 ELSE 1 END) ^ 2) AS b, count(*) FILTER (WHERE NOT churned)::numeric / count(*) AS stay FROM likely GROUP BY shape) y USING (shape)
    WHERE abs(brier(h) - b) > 1e-18 OR abs(brier_skill(h) - (1 - b / nullif(stay * (1 - stay), 0))) > 1e-14 OR (brier_skill(h) IS NULL) <> (stay IN (0, 1)) $$, 'brier and its skill');
SELECT is_empty($$ SELECT shape FROM (SELECT shape, t.* FROM serial, health_table(h) t) g FULL JOIN (SELECT shape, score, count(*) AS n, count(*) FILTER (WHERE churned) AS c, coalesce(sum(arr), 0) AS arr, coalesce(sum(arr) FILTER (WHERE churned), 0) AS lost FROM scored GROUP BY shape, score) o USING (shape, score)
    WHERE g.accounts IS DISTINCT FROM o.n OR g.accounts_churned IS DISTINCT FROM o.c OR g.arr IS DISTINCT FROM o.arr OR g.arr_churned IS DISTINCT FROM o.lost $$, 'the table: accounts and ARR of each score');
SELECT is_empty($$ SELECT shape, t.score FROM serial, health_table(h) t WHERE t.churn_recall IS DISTINCT FROM churn_recall(h, t.score + 0.001) OR t.churn_precision IS DISTINCT FROM churn_precision(h, t.score + 0.001) $$, 'the table: flagged at or below');
CREATE TABLE scheme AS SELECT ARRAY['a (,0)', 'b [0,2.5)', 'c [2.5,20)', 'again [10,30)', 'empty [500,600)']::segment[] AS bands;
SELECT is_empty($$ SELECT g.shape, g.band FROM (SELECT shape, b.* FROM serial, scheme, health_bands(h, bands, 0.9) b) g FULL JOIN
    (SELECT shape, band, count(i) AS n, count(i) FILTER (WHERE churned) AS c, avg(score) AS mean, coalesce(sum(arr), 0) AS arr, coalesce(sum(arr) FILTER (WHERE churned), 0) AS lost FROM (SELECT shape, band, i, score, churned, arr FROM (SELECT DISTINCT shape FROM account) s CROSS JOIN (SELECT unnest(bands) AS band FROM scheme UNION ALL SELECT NULL) b LEFT JOIN LATERAL (SELECT i, score, churned, arr FROM account a, scheme WHERE a.shape = s.shape AND segment_of(score, bands) IS NOT DISTINCT FROM band) a ON true) x GROUP BY shape, band HAVING band IS NOT NULL OR count(i) > 0) o
    ON g.shape = o.shape AND g.band IS NOT DISTINCT FROM o.band WHERE g.accounts IS DISTINCT FROM o.n OR g.accounts_churned IS DISTINCT FROM o.c OR g.arr IS DISTINCT FROM o.arr OR g.arr_churned IS DISTINCT FROM o.lost OR round(g.mean_score, 14) IS DISTINCT FROM round(o.mean, 14) OR g.churn IS DISTINCT FROM o.c::numeric / nullif(o.n, 0) OR g.churn_interval IS DISTINCT FROM wilson_interval(o.c, o.n, 0.9) $$, 'bands');

-- One value in every way to run, bit for bit.
CREATE FUNCTION print(source text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    EXECUTE format('SELECT md5(string_agg(shape || csm_health_summary_send(h)::text || csm_health_summary_send(plain)::text || h::text, '','' ORDER BY shape)) FROM (%s) x', source) INTO answer;
    RETURN answer;
END $$;
\set aggregates 'health_agg(score, churned, arr) AS h, health_agg(score, churned) AS plain'
SELECT is(print('SELECT shape, ' || :'aggregates' || ' FROM (SELECT * FROM account ORDER BY md5(i::text || shape)) l GROUP BY shape'), print('SELECT * FROM serial'), 'in another order: identical');
CREATE TABLE stored AS SELECT shape, part, health_agg(score, churned, arr) AS h, health_agg(score, churned) AS plain FROM account GROUP BY shape, part;
SELECT is(print('SELECT shape, rollup(h) AS h, rollup(plain) AS plain FROM stored GROUP BY shape'), print('SELECT * FROM serial'), 'stored and rolled up: identical');
SELECT is(print('SELECT shape, rollup(h::text::health_summary) AS h, rollup(plain::jsonb::health_summary) AS plain FROM stored GROUP BY shape'), print('SELECT * FROM serial'), 'through text and jsonb: identical');
SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0; SET LOCAL max_parallel_workers_per_gather = 2; SET LOCAL parallel_leader_participation = off;
ALTER TABLE account SET (parallel_workers = 2);
SELECT matches(plan_of('SELECT shape, ' || :'aggregates' || ' FROM account GROUP BY shape'), 'Finalize .*Gather.*Partial', 'two workers: the plan is in parts');
SELECT is(print('SELECT shape, ' || :'aggregates' || ' FROM account GROUP BY shape'), print('SELECT * FROM serial'), 'two workers: identical');
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL enable_partitionwise_aggregate = on;
CREATE TABLE parted (LIKE account) PARTITION BY LIST (part);
CREATE TABLE parted_0 PARTITION OF parted FOR VALUES IN (0); CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1); CREATE TABLE parted_2 PARTITION OF parted FOR VALUES IN (2, 3);
INSERT INTO parted SELECT * FROM account;
ANALYZE parted;
SELECT matches(plan_of('SELECT shape, ' || :'aggregates' || ' FROM parted GROUP BY shape'), 'Finalize .*Append.*Partial', 'partition by partition: the plan is in parts');
SELECT is(print('SELECT shape, ' || :'aggregates' || ' FROM parted GROUP BY shape'), print('SELECT * FROM serial'), 'partition by partition: identical');
SELECT is((SELECT health_agg(score, churned) FILTER (WHERE i > 3) FROM account WHERE shape = 9), (SELECT health_agg(score, churned) FROM account WHERE shape = 9 AND i > 3), 'FILTER');
SELECT is_empty('SELECT shape FROM (SELECT shape, health_agg(score::float8, churned) AS f FROM account GROUP BY shape) x JOIN serial USING (shape) WHERE f <> plain', 'as double precision: equal');
SELECT is((SELECT health_agg(score, churned) FROM account), (SELECT rollup(plain) FROM serial), 'all shapes rolled up');

SELECT * FROM finish();
ROLLBACK;
