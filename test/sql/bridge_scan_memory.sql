\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- bridge_agg over raw rows in little memory: the same answer by way of temporary files, which are gone afterwards; many groups; windows.
SELECT plan(38);
SET LOCAL max_parallel_workers_per_gather = 0;

CREATE TABLE r AS
SELECT row_number() OVER (ORDER BY m, a) AS i, a::bigint * 7919 % 1000003 AS account, '2023-01-10'::date + 30 * m AS at, ((a * 37 + m / 5 * 1009 + a % 7 * m) % 5000)* 0.25 AS amount
FROM generate_series(0, 23) AS m, generate_series(1, 6000) AS a WHERE (a * 31 + m * 7) % 23 > 3 AND m BETWEEN a % 20 - 8 AND a % 20 + 9;
CREATE INDEX ON r (i);
CREATE TABLE shuffled AS SELECT account, at, amount FROM r ORDER BY md5(i::text);
CREATE TABLE s AS SELECT account, daterange(at, CASE WHEN i % 13 > 0 THEN at + (i % 200)::int + 1 END) AS valid, amount FROM r;
ANALYZE;

CREATE FUNCTION temp_files() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM pg_ls_tmpdir() WHERE name ~ ('^pgsql_tmp' || pg_backend_pid() || '\.') $$;
CREATE FUNCTION temp_blocks(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, FORMAT json) ' || query INTO plan;
    RETURN plan -> 0 -> 'Plan' ->> 'Temp Written Blocks';
END $$;

CREATE FUNCTION answers() RETURNS TABLE (query int, answer text) LANGUAGE sql AS $$
    SELECT 1, (SELECT bridge_agg(account, at, amount, '1 month')::text FROM r) UNION ALL
    SELECT 2, (SELECT bridge_agg(account, at, amount, '1 month')::text FROM shuffled) UNION ALL
    SELECT 3, (SELECT bridge_agg(repeat(account::text, 5), at, amount, '1 month')::text FROM r) UNION ALL
    SELECT 4, (SELECT bridge_agg(repeat(account::text, 5), at, amount, '1 month')::text FROM shuffled) UNION ALL
    SELECT 5, (SELECT bridge_agg(md5(account::text)::uuid, at, amount, '1 month', '3 months')::text FROM r) UNION ALL
    SELECT 6, (SELECT bridge_agg(md5(account::text)::uuid, at, amount, '1 month', '3 months')::text FROM shuffled) UNION ALL
    SELECT 7, (SELECT bridge_agg(account, at, amount, '1 month', '2023-02-15', '2024-11-01')::text FROM r) UNION ALL
    SELECT 8, (SELECT bridge_agg(account, at, amount * (1 + account % 3 * 12345678901234567890), '1 month', '2023-02-15', '2024-11-01')::text FROM shuffled) UNION ALL
    SELECT 9, (SELECT bridge_agg(account, at, round(amount, (account % 5)::int), '1 month')::text FROM shuffled) UNION ALL
    SELECT 10, (SELECT bridge_agg(account, valid, amount, '1 month')::text FROM s) UNION ALL
    SELECT 11, (SELECT bridge_agg(account % 3, at, amount, '1 day')::text FROM shuffled) UNION ALL
    SELECT 12, (SELECT bridge_agg(1, valid, amount, '1 month')::text FROM s) UNION ALL
    SELECT 13, (SELECT bridge_agg(CASE WHEN account % 10 > 0 THEN account::text ELSE '' END, at, amount, '1 month' ORDER BY i DESC)::text FROM r) UNION ALL
    SELECT 14, (SELECT bridge_agg(account, at, amount, '1 month' ORDER BY i)::text FROM (SELECT * FROM r UNION ALL SELECT 1000000 + i, (2000000 + i)::bigint, '2022-09-09'::date - i % 50, 5 FROM generate_series(1, 300) AS i) AS late) UNION ALL
    SELECT 15, (SELECT bridge_agg(account, at, amount, '1 month', '2 months' ORDER BY i)::text FROM (SELECT * FROM r UNION ALL SELECT 1000000 + i, (2000000 + i)::bigint, '2022-09-09'::date - i % 50, 5 FROM generate_series(1, 300) AS i) AS late)
$$;
SET LOCAL work_mem = '256MB';
CREATE TABLE roomy AS SELECT * FROM answers();
SELECT is(temp_blocks('SELECT bridge_agg(account, at, amount, $$1 month$$) FROM shuffled'), 0::bigint, 'no temporary files in 256 MB');
SET LOCAL work_mem = '64kB';
CREATE TABLE narrow AS SELECT * FROM answers();
SELECT is_empty($$ SELECT query FROM roomy JOIN narrow USING (query) WHERE roomy.answer IS DISTINCT FROM narrow.answer OR roomy.answer IS NULL $$, 'the same in 64 kB');
SELECT is((SELECT answer FROM narrow WHERE query = 2), (SELECT answer FROM narrow WHERE query = 1), 'bigint, shuffled');
SELECT is((SELECT answer FROM narrow WHERE query = 4), (SELECT answer FROM narrow WHERE query = 1), 'text, shuffled');
SELECT is((SELECT answer FROM narrow WHERE query = 6), (SELECT answer FROM narrow WHERE query = 5), 'uuid, shuffled');
SELECT cmp_ok(temp_blocks('SELECT bridge_agg(account, at, amount, $$1 month$$) FROM r'), '>', 0::bigint, 'temporary files: bigint');
SELECT cmp_ok(temp_blocks('SELECT bridge_agg(account, at, amount, $$1 month$$) FROM shuffled'), '>', 100::bigint, 'temporary files: bigint, shuffled');
SELECT cmp_ok(temp_blocks('SELECT bridge_agg(repeat(account::text, 5), at, amount, $$1 month$$) FROM shuffled'), '>', 100::bigint, 'temporary files: text');
SELECT cmp_ok(temp_blocks('SELECT bridge_agg(md5(account::text)::uuid, at, amount, $$1 month$$, $$3 months$$) FROM shuffled'), '>', 100::bigint, 'temporary files: uuid');
SELECT cmp_ok(temp_blocks('SELECT bridge_agg(account, valid, amount, $$1 month$$) FROM s'), '>', 100::bigint, 'temporary files: subscriptions');
SELECT is(temp_files(), 0::bigint, 'they are gone');

-- When a query fails.
SET LOCAL temp_file_limit = '100kB';
SELECT refused('SELECT bridge_agg(account, at, amount, $$1 month$$) FROM shuffled', '53400', 'temp_file_limit', 'temporary files are counted');
SELECT is(temp_files(), 0::bigint, 'they are gone after an error');
RESET temp_file_limit;
SELECT refused($$ SELECT bridge_agg(account, at, CASE WHEN i = 50000 THEN -1 ELSE amount END, '1 month') FROM r $$, '22023', 'is negative on', 'a negative total among files');
SELECT is(temp_files(), 0::bigint, 'they are gone after that, too');
CREATE FUNCTION cancelled(query text) RETURNS interval LANGUAGE plpgsql AS $$
DECLARE
    began timestamptz := clock_timestamp();
BEGIN
    EXECUTE query;
    RETURN NULL;
EXCEPTION WHEN query_canceled THEN
    RETURN clock_timestamp() - began;
END $$;
SET LOCAL statement_timeout = '700ms';
SELECT cmp_ok(cancelled('SELECT bridge_agg(account + 1000000 * g, at, amount, $$1 month$$) FROM r, generate_series(1, 10000) AS g'), '<', '1.7 s'::interval, 'a timeout is obeyed');
SELECT cmp_ok(cancelled('SELECT bridge_agg(account + 1000000 * g, at, amount, $$1 month$$) FROM shuffled, generate_series(1, 10000) AS g'), '<', '1.7 s'::interval, 'a timeout is obeyed when rows are shuffled');
SELECT cmp_ok(cancelled('SELECT cohort_agg(account + 1000000 * g, at, amount, $$1 month$$) FROM shuffled, generate_series(1, 10000) AS g'), '<', '1.7 s'::interval, 'a timeout is obeyed by cohorts of events');
RESET statement_timeout;
SELECT is(temp_files(), 0::bigint, 'they are gone after a timeout');

-- A cursor that is closed before its groups are all done.
DECLARE groups CURSOR FOR SELECT bridge_agg(account, valid, amount, '1 month', '2023-01-01', '2025-01-01') FROM s GROUP BY account % 20;
\o /dev/null
FETCH 1 FROM groups;
\o
SELECT cmp_ok(temp_files(), '>', 0::bigint, 'a cursor has temporary files');
CLOSE groups;
SELECT is(temp_files(), 0::bigint, 'they are gone when it is closed');

-- Odd shapes of rows.
SELECT is((SELECT array_agg(ending(b)) FROM unnest((SELECT bridge_agg(1, '2024-01-01'::date + i % 60, 0.5, '1 month', '2024-01-01', '2024-03-01') FROM generate_series(1, 300000) AS i)) AS b), '{77500.0,72500.0}', 'one account with many rows');
SELECT is((SELECT array_agg(accounts_ending(b)) FROM unnest((SELECT bridge_agg(i, daterange('2024-01-01'::date, NULL), 0.5, '1 month', '2024-01-01', '2024-03-01') FROM generate_series(1, 100000) AS i)) AS b), '{100000,100000}', 'many accounts with a row each');
SELECT is((SELECT sum(ending(b)) FROM unnest((SELECT bridge_agg(1, '0001-01-01'::date + (i * 7919) % 90001, 1, '1 day') FROM generate_series(0, 120000) AS i)) AS b), 119999::numeric, 'one account with a row on every day');
SELECT is((SELECT array_agg(ending(b)) FROM unnest((SELECT bridge_agg(repeat(chr(65 + i % 7), 1000000), '2024-01-01'::date + 20 * (i / 7), i, '1 month', '2024-01-01', '2024-03-01') FROM generate_series(0, 20) AS i)) AS b), '{91,119}', 'keys of a megabyte');

-- Many groups, one after the other and hashed.
CREATE TABLE g AS SELECT account % 3000 AS grp, count(*) AS n FROM r GROUP BY 1;
SET LOCAL enable_sort = off;
SELECT is((SELECT rollup(b)::text FROM (SELECT bridge_agg(account, at, amount, '1 month', '2023-02-15', '2024-11-01') AS b FROM shuffled GROUP BY account % 3000) AS x), (SELECT answer FROM narrow WHERE query = 7), 'thousands of groups, hashed');
SET LOCAL enable_sort = on;
SET LOCAL enable_hashagg = off;
SELECT is((SELECT rollup(b)::text FROM (SELECT bridge_agg(account, at, amount, '1 month', '2023-02-15', '2024-11-01') AS b FROM shuffled GROUP BY account % 3000) AS x), (SELECT answer FROM narrow WHERE query = 7), 'sorted');
SELECT is((SELECT rollup(b)::text FROM (SELECT bridge_agg(account, at, amount, '1 month', '2023-02-15', '2024-11-01') AS b FROM shuffled GROUP BY account % 4) AS x), (SELECT answer FROM narrow WHERE query = 7), 'few groups with files each');

-- The final function uses a state up: no windows.
SELECT refused('SELECT bridge_agg(account, at, amount, $$1 month$$) OVER (ORDER BY i) FROM r', '0A000', 'does not support use as a window function', 'no window function');
SELECT refused('SELECT cohort_agg(account, at, amount, $$1 month$$) OVER (PARTITION BY account) FROM r', '0A000', 'does not support use as a window function', 'nor cohorts of events');

-- Thousands of accounts in the order of dates, whose amounts get more decimal places as time goes by: of every length, among them credits and several in a month.
CREATE TABLE finer AS
SELECT row_number() OVER (ORDER BY m, a, part) AS i, a::bigint AS account, ('2023-01-01'::date + m * interval '1 month')::date AS at,
       CASE WHEN part = 1 THEN -0.5 ELSE round((7 + a % 11 + m / 5) * (ARRAY[1, 40000000000, 1000.25, 1234567.0125, 100000000.75, 0.9999])[1 + a % 6], (ARRAY[0, 0, 1, 1, 2, 4])[1 + m / 3]) END AS amount
FROM generate_series(0, 17) AS m, generate_series(1, 5000) AS a, generate_series(0, 1) AS part WHERE m >= a % 9 AND (a + m) % 13 > 0 AND (part = 0 OR ((a + m) % 17 = 0 AND m > 8));
CREATE FUNCTION finer_answers() RETURNS TABLE (ordered text, late text, backwards text, quarters text, late_quarters text, backward_quarters text) LANGUAGE sql AS $$
    SELECT bridge_agg(account, at, amount, '1 month' ORDER BY i)::text, bridge_agg(account, at, amount, '1 month' ORDER BY i = 7000, i)::text, bridge_agg(account, at, amount, '1 month' ORDER BY i DESC)::text,
           bridge_agg(account, at, amount, '1 month', '3 months', '2023-04-01', '2024-07-01' ORDER BY i)::text, bridge_agg(account, at, amount, '1 month', '3 months', '2023-04-01', '2024-07-01' ORDER BY i = 7000, i)::text,
           bridge_agg(account, at, amount, '1 month', '3 months', '2023-04-01', '2024-07-01' ORDER BY i DESC)::text FROM finer
$$;
SET LOCAL work_mem = '64MB';
CREATE TABLE finer_roomy AS SELECT * FROM finer_answers();
SET LOCAL work_mem = '64kB';
CREATE TABLE finer_narrow AS SELECT * FROM finer_answers();
RESET work_mem;
SELECT results_eq('SELECT ending(b) FROM finer_roomy, unnest(ordered::retention_summary[]) AS b', 'SELECT sum(amount) FROM finer WHERE at > ''2023-01-01'' GROUP BY at ORDER BY at', 'amounts of every length');
SELECT is_empty('SELECT FROM finer_roomy WHERE ordered IS DISTINCT FROM backwards OR quarters IS DISTINCT FROM backward_quarters', 'more decimal places as time goes by');
SELECT is_empty('SELECT FROM finer_roomy WHERE late IS DISTINCT FROM backwards OR late_quarters IS DISTINCT FROM backward_quarters', 'a late row in the end');
SELECT is_empty('SELECT FROM finer_roomy r, finer_narrow n WHERE r IS DISTINCT FROM n', 'the same in little memory');

-- Amounts near the end of 64 bits and a scale that grows by many places in the end: refused, never wrapped, in files as in memory.
CREATE TABLE nearly AS SELECT 0 AS i, 1::bigint AS account, 9200000000000000000 AS amount FROM generate_series(1, 4) UNION ALL SELECT i, 1 + i, 1 FROM generate_series(1, 60000) AS i UNION ALL SELECT 60001, 1, 0.0000000000000000001;
SET LOCAL work_mem = '64kB';
SELECT refused($$ SELECT bridge_agg(account, daterange('2024-01-01', NULL), amount, '1 month', '2024-01-01', '2024-02-01' ORDER BY i) FROM nearly $$, '22003', '38 digits', 'a scale that grows late: 64 kB');
SET LOCAL work_mem = '64MB';
SELECT refused($$ SELECT bridge_agg(account, daterange('2024-01-01', NULL), amount, '1 month', '2024-01-01', '2024-02-01' ORDER BY i) FROM nearly $$, '22003', '38 digits', 'a scale that grows late: 64 MB');
RESET work_mem;

-- A cursor that failed in a subtransaction is closed later than its files: others that were opened since stay whole.
SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
DECLARE failing CURSOR FOR SELECT 1 / (array_length(b, 1) - 192) FROM (SELECT bridge_agg(i % 50, daterange('2023-01-01'::date + (i * 7919 % 5000)::int, NULL), (i % 100)::numeric, '1 month', '2024-01-01', '2040-01-01') AS b
    FROM generate_series(1::bigint, 20000) i) x;
SAVEPOINT before;
\set ON_ERROR_STOP off
FETCH ALL FROM failing;
ROLLBACK TO before;
DECLARE first CURSOR FOR SELECT * FROM generate_series(1, 300000) i;
FETCH 1 FROM first \gset ignored_
CLOSE failing;
DECLARE second CURSOR FOR SELECT * FROM generate_series(1000001, 1300000) i;
FETCH 1 FROM second \gset ignored_
\o /dev/null
MOVE 200000 FROM first;
\o
FETCH 1 FROM first \gset first_
SELECT is(:first_i, 200002, 'another cursor keeps its temporary file when a failed one is closed');
CLOSE first;
CLOSE second;
SELECT is((SELECT count(*) FROM pg_ls_tmpdir()), 0::bigint, 'no temporary file is left of a failed cursor');

SELECT finish();
ROLLBACK;
