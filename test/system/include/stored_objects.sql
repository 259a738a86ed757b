-- What databases build on values of the extension, over the tables of stored_values.sql: indexes, constraints, generated
-- columns, domains, partitions, views, functions, arrays. Read with the extension in search_path.

-- Indexes: on the values, on figures of them, on some of them.
CREATE INDEX history_btree ON stored.revenue_history (v) WHERE id <> 6;
CREATE INDEX history_hash ON stored.revenue_history USING hash (v);
CREATE INDEX summary_btree ON stored.retention_summary (v);
CREATE INDEX summary_hash ON stored.retention_summary USING hash (v);
CREATE INDEX summary_ndr ON stored.retention_summary (ndr(v)) WHERE currency(v) IS NULL;
CREATE UNIQUE INDEX coverage_btree ON stored.coverage_summary (v, id);
CREATE INDEX coverage_hash ON stored.coverage_summary USING hash (v);
CREATE INDEX lift_btree ON stored.lift_summary (v DESC NULLS LAST);
CREATE INDEX lift_hash ON stored.lift_summary USING hash (v);
SELECT to_regtype('segment_flows') IS NOT NULL AS has_flows \gset
\if :has_flows
CREATE INDEX flows_btree ON stored.segment_flows (v DESC NULLS LAST);
CREATE INDEX flows_hash ON stored.segment_flows USING hash (v);
\endif
SELECT to_regtype('survival_summary') IS NOT NULL AS has_lifetimes \gset
\if :has_lifetimes
CREATE INDEX survival_btree ON stored.survival_summary (v);
CREATE INDEX survival_hash ON stored.survival_summary USING hash (v);
CREATE INDEX health_btree ON stored.health_summary (v);
CREATE INDEX health_hash ON stored.health_summary USING hash (v);
\endif
SELECT to_regtype('usage_history') IS NOT NULL AS has_usage \gset
\if :has_usage
CREATE INDEX usage_btree ON stored.usage_history (v);
CREATE INDEX usage_hash ON stored.usage_history USING hash (v);
CREATE INDEX steps_btree ON stored.funnel_steps (v);
CREATE INDEX steps_hash ON stored.funnel_steps USING hash (v);
CREATE INDEX funnel_btree ON stored.funnel_summary (v);
CREATE INDEX funnel_hash ON stored.funnel_summary USING hash (v);
\endif
CREATE INDEX cohorts_btree ON stored.cohort_matrix (v) INCLUDE (id);
CREATE INDEX cohorts_hash ON stored.cohort_matrix USING hash (v);
CREATE INDEX segment_hash ON stored.segment USING hash (v);
CREATE INDEX segment_some ON stored.segment (id) WHERE v > 'mid [25000,100000)'::segment;

-- Constraints, domains, defaults, generated columns.
ALTER TABLE stored.retention_summary ADD CONSTRAINT adds_up CHECK (starting(v) = ending_existing(v) + churned(v) + contraction(v) - expansion(v));
ALTER TABLE stored.segment ADD CONSTRAINT not_that CHECK (v <> 'nothing [0,0.5)'::segment), ADD CONSTRAINT distinct_segments EXCLUDE USING hash (v WITH =) WHERE (id < 20);
CREATE DOMAIN stored.band AS segment DEFAULT 'none of "these", really [0,0.5)' CHECK (arr_from(VALUE) >= 0);
CREATE TABLE stored.bands (band segment PRIMARY KEY, label text GENERATED ALWAYS AS (label(band)) STORED);
INSERT INTO stored.bands SELECT unnest(segment_scheme('enterprise') || 'rest (,0)'::segment);
CREATE TABLE stored.deals (id int PRIMARY KEY, arr numeric, given stored.band, found segment GENERATED ALWAYS AS (segment_of(arr, segment_scheme('enterprise'))) STORED REFERENCES stored.bands, CHECK (arr <@ found));
INSERT INTO stored.deals SELECT i, i * 777.25 FROM generate_series(0, 300) i;

-- Partitions.
CREATE TABLE stored.listed (s segment, n int) PARTITION BY LIST (s);
CREATE TABLE stored.listed_1 PARTITION OF stored.listed FOR VALUES IN ('Größe "x", y (z) [0,25000.5)', NULL);
CREATE TABLE stored.listed_2 PARTITION OF stored.listed FOR VALUES IN ('all (,)');
INSERT INTO stored.listed VALUES ('Größe "x", y (z) [0,25000.5)', 1), ('all (,)', 2), (NULL, 3);
CREATE TABLE stored.ranged (s segment, n int) PARTITION BY RANGE (s);
CREATE TABLE stored.ranged_1 PARTITION OF stored.ranged FOR VALUES FROM ('a [0,5)') TO ('b [100,)');
INSERT INTO stored.ranged VALUES ('m [7,8)', 1);
CREATE TABLE stored.hashed (id int, v revenue_history) PARTITION BY HASH (v);
CREATE TABLE stored.hashed_0 PARTITION OF stored.hashed FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE stored.hashed_1 PARTITION OF stored.hashed FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE stored.hashed_2 PARTITION OF stored.hashed FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO stored.hashed SELECT * FROM stored.revenue_history;

-- Arrays, rows, all ways of storage.
CREATE TYPE stored.pair AS (history revenue_history, band segment);
CREATE TABLE stored.together AS
SELECT a.id, ROW(a.v, 'x [1,2)')::stored.pair AS pair, ARRAY(SELECT v FROM stored.retention_summary r WHERE r.id / 10 = a.id / 10 ORDER BY r.id) AS summaries, segment_scheme('deal_size') AS scheme,
       bridge_agg(a.v, '2023-01-01', '2024-01-01', '1 month') AS intervals FROM stored.revenue_history a GROUP BY a.id, a.v;
CREATE TABLE stored.ways (id int, extended retention_summary, external retention_summary, main retention_summary, plain segment);
ALTER TABLE stored.ways ALTER external SET STORAGE external, ALTER main SET STORAGE main;
INSERT INTO stored.ways SELECT r.id, r.v, r.v, r.v, s.v FROM stored.retention_summary r LEFT JOIN stored.segment s USING (id);

-- Views over aggregates, with constants of the types in them; functions; statistics.
CREATE VIEW stored.by_group AS
SELECT grp, ndr_agg(s, e) AS ndr, grr_agg(s, e) AS grr, churn_agg(s, e) AS churn, churn_agg(was) AS left, quick_ratio_agg(s, e) AS quick, survivor_ndr_agg(s, e, 5) AS survivors,
       retention_agg(s, e, was, '[2024-01-01,2024-04-01)', 'USD' ORDER BY i) AS summary
FROM stored.accounts GROUP BY grp;
CREATE VIEW stored.moving AS SELECT i, grr_agg(s, e) OVER (ORDER BY i ROWS 7 PRECEDING) AS grr, rollup(r) OVER (ORDER BY i) AS so_far FROM (SELECT i, s, e, retention_agg(s, e) AS r FROM stored.accounts WHERE grp = 4 GROUP BY i, s, e) x;
CREATE VIEW stored.monthly AS SELECT * FROM bridge((SELECT bridge_agg(v, '2022-01-01', '2025-01-01', '1 month') FROM stored.revenue_history WHERE id BETWEEN 11 AND 22));
CREATE VIEW stored.from_rows AS SELECT * FROM bridge((SELECT bridge_agg(i % 40, date '2024-01-01' + i, s, '1 month', '1 month', '2024-02-01', '2024-08-01') FROM stored.accounts WHERE grp = 6));
CREATE VIEW stored.cohorts AS SELECT c.id, t.* FROM stored.cohort_matrix c, cohort_table(c.v) t;
CREATE VIEW stored.constants AS
SELECT 'mid [25000.5,100000)'::segment AS s, ARRAY['a [1,2)', 'b "c" (,)']::segment[] AS ss, '2020-02-29'::date AS day, amount_at(v, '2024-02-29') AS amount, v + v AS twice, (v * 1.1)::jsonb AS more
FROM stored.revenue_history WHERE v > (SELECT v FROM stored.revenue_history WHERE id = 1);
CREATE MATERIALIZED VIEW stored.kept_figures AS SELECT rollup(v) AS all_accounts, ndr(rollup(v)) AS ndr FROM stored.retention_summary WHERE id BETWEEN 1 AND 6;
CREATE FUNCTION stored.growth_of(r retention_summary DEFAULT NULL) RETURNS numeric LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT growth(r + r); END;
CREATE STATISTICS stored.of_figures ON ndr(v), grr(v) FROM stored.retention_summary;
CREATE POLICY not_hidden ON stored.segment USING (v <> 'hidden [0,1)'::segment);
ANALYZE;

-- One line a table or view of the schema stored: how many rows, and a hash of their text.
CREATE FUNCTION stored.contents() RETURNS TABLE (relation text, n bigint, rows text)
    LANGUAGE plpgsql SET datestyle = 'ISO, YMD' SET timezone = 'UTC' SET bytea_output = hex SET extra_float_digits = 1 SET intervalstyle = postgres AS $$
BEGIN
    FOR relation IN SELECT relname FROM pg_class WHERE relnamespace = 'stored'::regnamespace AND relkind IN ('r', 'v', 'm') ORDER BY relname COLLATE "C" LOOP
        EXECUTE format('SELECT count(*), md5(string_agg(r::text, E''\n'' ORDER BY r::text COLLATE "C")) FROM stored.%I r', relation) INTO n, rows;
        RETURN NEXT;
    END LOOP;
END $$;
