\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- One pass over a table that is partitioned by hash of the account: partitions side by side, rolled up, are the whole.
SELECT plan(9);
CREATE TABLE snapshot (account text, account_id bigint, at date, amount numeric) PARTITION BY HASH (account);
CREATE TABLE subscription (account text, valid daterange, amount numeric) PARTITION BY HASH (account);
SELECT format('CREATE TABLE %s_%s PARTITION OF %1$s FOR VALUES WITH (MODULUS 4, REMAINDER %2$s)', t, i) FROM unnest('{snapshot,subscription}'::text[]) t, generate_series(0, 3) i \gexec
CREATE FUNCTION draw(i int, j int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || left(md5(i || '/' || j), 7))::bit(28)::int % below $$;
INSERT INTO snapshot SELECT 'account ' || a, a, (date '2023-01-01' + m * interval '1 month')::date + draw(1, a, 28), CASE WHEN draw(2, a * 40 + m / 3, 6) > 0 THEN draw(3, a * 40 + m / 4, 90000) / 100.0 END
FROM generate_series(1, 400) a, generate_series(0, 23) m WHERE draw(4, a * 40 + m, 8) > 0;
INSERT INTO subscription SELECT 'account ' || a, daterange(date '2023-01-01' + draw(5, a * 9 + n, 700), CASE WHEN draw(6, a * 9 + n, 3) > 0 THEN date '2023-01-01' + draw(5, a * 9 + n, 700) + 1 + draw(7, a * 9 + n, 400) END), draw(8, a * 9 + n, 90000) / 100.0
FROM generate_series(1, 400) a, generate_series(1, 3) n;
ANALYZE snapshot;
ANALYZE subscription;
-- The same question of each partition, added up.
CREATE FUNCTION side_by_side(call text, source text) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT rollup(r) FROM (%s) AS part', string_agg(format('SELECT %s AS r FROM %s_%s', call, source, i), ' UNION ALL ')) FROM generate_series(0, 3) i
$$;
CREATE FUNCTION answer(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
    EXECUTE format('SELECT (%s)::text', query) INTO answer;
    RETURN answer;
END $$;
CREATE TABLE calls (n int GENERATED ALWAYS AS IDENTITY, call text, source text);
INSERT INTO calls (call, source) VALUES
    ('bridge_agg(account, at, amount, ''1 month'', ''2023-02-01'', ''2025-01-01'')', 'snapshot'), ('bridge_agg(account_id, at, amount, ''1 month'', ''3 months'', ''2023-02-01'', ''2025-01-01'')', 'snapshot'),
    ('retention_agg(account, at, amount, ''1 month'', ''2024-01-01'', ''2025-01-01'')', 'snapshot'), ('bridge_agg(account, valid, amount, ''1 month'', ''2023-02-01'', ''2025-01-01'')', 'subscription'),
    ('retention_agg(account, valid, amount, ''2024-01-01'', ''2025-01-01'')', 'subscription'), ('cohort_agg(account, valid, amount, ''3 months'', ''2023-01-01'', ''2025-01-01'')', 'subscription'),
    ('survival_agg(account, valid, amount, ''1 month'', ''2023-01-01'', ''2025-01-01'')', 'subscription');
SELECT is((SELECT count(DISTINCT tableoid) FROM snapshot) + (SELECT count(DISTINCT tableoid) FROM subscription), 8::bigint, 'every partition has rows');
SET LOCAL max_parallel_workers_per_gather = 0;
CREATE TABLE in_one AS SELECT n, answer(format('SELECT %s FROM %s', call, source)) AS answer FROM calls;
SELECT ok((SELECT bool_and(length(answer) > 100) FROM in_one), 'one process: there are answers');
SELECT is_empty('SELECT n FROM calls JOIN in_one USING (n) WHERE answer IS DISTINCT FROM answer(side_by_side(call, source))', 'one partition after the other: the same, bit for bit');
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SELECT is_empty($$ SELECT n FROM calls WHERE plan_of(side_by_side(call, source)) !~ 'Gather.*Parallel Append(.*Aggregate.*Seq Scan on (snapshot|subscription)_){4}' $$, 'workers share the partitions: a Parallel Append of whole aggregates');
SELECT is_empty($$ SELECT n FROM calls WHERE plan_of(side_by_side(call, source), run => true) !~ 'Workers Launched: 2' $$, 'two workers come');
SELECT is_empty('SELECT n FROM calls JOIN in_one USING (n) WHERE answer IS DISTINCT FROM answer(side_by_side(call, source))', '... and give the same');
-- By a group as well: an attribute of the account.
SELECT is_empty($$ SELECT g, bridge_agg(account, at, amount, '1 month', '2023-02-01', '2025-01-01')::text FROM (SELECT account_id % 3 AS g, * FROM snapshot) x GROUP BY g
    EXCEPT SELECT g, rollup(r)::text FROM (SELECT account_id % 3 AS g, bridge_agg(account, at, amount, '1 month', '2023-02-01', '2025-01-01') AS r FROM snapshot_0 GROUP BY 1 UNION ALL SELECT account_id % 3, bridge_agg(account, at, amount, '1 month', '2023-02-01', '2025-01-01') FROM snapshot_1 GROUP BY 1
        UNION ALL SELECT account_id % 3, bridge_agg(account, at, amount, '1 month', '2023-02-01', '2025-01-01') FROM snapshot_2 GROUP BY 1 UNION ALL SELECT account_id % 3, bridge_agg(account, at, amount, '1 month', '2023-02-01', '2025-01-01') FROM snapshot_3 GROUP BY 1) x GROUP BY g $$, 'by groups');
-- A table whose partitions are not by account gives another answer: an account in two parts counts twice.
SELECT isnt((SELECT rollup(r)::text FROM (SELECT retention_agg(account, at, amount, '1 month', '2024-01-01', '2025-01-01') AS r FROM snapshot GROUP BY extract(month FROM at)::int % 2) y),
    (SELECT retention_agg(account, at, amount, '1 month', '2024-01-01', '2025-01-01')::text FROM snapshot), 'parts that share accounts are no such partitions');
SELECT is((SELECT count(*) FROM calls), 7::bigint, 'seven calls were asked');
SELECT finish();
ROLLBACK;
