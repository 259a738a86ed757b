\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- What reads raw rows, over random ones: amounts near 2^63, decimal places that come late, three orders, three sizes of memory, one budget for all groups.
SELECT plan(18);
SET LOCAL max_parallel_workers_per_gather = 0;

CREATE FUNCTION draw(seed int, i bigint, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT ((hashint8extended(i, seed) & 9223372036854775807) % below)::int
$$;
-- Each account has a size: everyday amounts, some at the end of 64 bits, some of 30 digits. Decimal places grow with time.
CREATE TABLE rows AS
SELECT i, account, at, daterange(at, CASE WHEN draw(5, i, 4) > 0 THEN at + 1 + draw(6, i, 400) END) AS valid,
       round(CASE draw(7, account, 6) WHEN 0 THEN 9223372036854775807 - draw(8, i, 3) WHEN 1 THEN 123456789012345678901234567.5 * (1 + draw(8, i, 3)) ELSE (1 + draw(8, i, 100000)) / 7.0 END,
             CASE WHEN at < '2024-06-01' THEN 0 WHEN at < '2024-11-01' THEN 2 ELSE 5 END) AS amount
FROM (SELECT i, 1 + draw(1, i, 4000) AS account, '2023-06-01'::date + i / 80 + CASE WHEN draw(2, i, 50) = 0 THEN -draw(3, i, 100) ELSE 0 END AS at FROM generate_series(1, 45000) AS i) AS r;

CREATE FUNCTION answers(order_of_rows text) RETURNS TABLE (question text, answer text) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format($q$
        SELECT 'snapshots', bridge_agg(account, at, amount, '1 month', '2023-09-01', '2025-01-01' ORDER BY %1$s)::text FROM rows UNION ALL
        SELECT 'snapshots, quarters', bridge_agg(account, at, amount, '1 month', '3 months' ORDER BY %1$s)::text FROM rows UNION ALL
        SELECT 'spans', bridge_agg(account, valid, amount, '1 month', '2023-09-01', '2025-01-01' ORDER BY %1$s)::text FROM rows UNION ALL
        SELECT 'spans by uuid', bridge_agg(md5(account::text)::uuid, valid, amount, '1 month', '2023-09-01', '2025-01-01' ORDER BY %1$s)::text FROM rows UNION ALL
        SELECT 'snapshots by text', bridge_agg('cus_' || md5((account / 2)::text) || account, at, amount, '1 month', '2023-09-01', '2025-01-01' ORDER BY %1$s)::text FROM rows UNION ALL
        SELECT 'events', cohort_agg(account, at, amount, '1 month' ORDER BY %1$s)::text FROM rows UNION ALL
        SELECT 'events by short text', cohort_agg(to_hex(account), at, amount, '1 month' ORDER BY %1$s)::text FROM rows
    $q$, order_of_rows);
END $$;
CREATE TABLE results (work_mem text, order_of_rows text, question text, answer text);
SELECT format('SET LOCAL work_mem = %L; INSERT INTO results SELECT %1$L, %2$L, * FROM answers(%2$L);', work_mem, order_of_rows)
FROM unnest('{256MB,4MB,64kB}'::text[]) AS work_mem, unnest('{i,i DESC,md5(i::text)}'::text[]) AS order_of_rows \gexec
RESET work_mem;
SELECT is(count(*), 63::bigint, 'every question in every order and size of memory') FROM results WHERE answer IS NOT NULL;
SELECT is(count(DISTINCT answer), 1::bigint, question || ': one answer, bit for bit') FROM results GROUP BY question ORDER BY question;
SELECT is(count(DISTINCT answer), 1::bigint, 'the same by keys of other types') FROM results WHERE question LIKE 'spans%';

-- Plain SQL.
CREATE TABLE months AS SELECT m::date AS b, (m + interval '1 month')::date AS c FROM generate_series(timestamp '2023-09-01', '2024-12-01', '1 month') AS m;
CREATE TABLE paid AS SELECT account, date_trunc('month', at)::date AS unit, sum(amount) AS amount FROM rows GROUP BY 1, 2;
SELECT results_eq($$ SELECT period_start, starting, accounts_starting, ending, accounts_ending FROM bridge((SELECT answer::retention_summary[] FROM results WHERE question = 'snapshots' LIMIT 1)) $$,
    $$ SELECT b, round(coalesce(s.amount, 0), 5), coalesce(s.n, 0), round(coalesce(e.amount, 0), 5), coalesce(e.n, 0) FROM months LEFT JOIN (SELECT unit, sum(amount) AS amount, count(*) AS n FROM paid GROUP BY unit) AS s ON s.unit = (b - interval '1 month')::date
       LEFT JOIN (SELECT unit, sum(amount) AS amount, count(*) AS n FROM paid GROUP BY unit) AS e ON e.unit = b ORDER BY b $$, 'snapshots: as plain SQL');
SELECT results_eq($$ SELECT period_start, ending, accounts_ending FROM bridge((SELECT answer::retention_summary[] FROM results WHERE question = 'spans' LIMIT 1)) $$,
    $$ SELECT b, round(sum(amount), 5), count(DISTINCT account) FROM months JOIN rows ON valid @> c - 1 GROUP BY b ORDER BY b $$, 'spans: as plain SQL');
SELECT results_eq($$ SELECT cohort, age, accounts, active, revenue FROM cohort_table((SELECT answer::cohort_matrix FROM results WHERE question = 'events' LIMIT 1)) WHERE active > 0 ORDER BY 1, 2 $$,
    $$ SELECT c, (extract(year FROM age(unit, c)) * 12 + extract(month FROM age(unit, c)))::int, n, count(*), round(sum(amount), 5)
       FROM (SELECT c, account, count(*) OVER (PARTITION BY c) AS n FROM (SELECT account, min(unit) AS c FROM paid GROUP BY account) AS f) AS f JOIN paid USING (account) GROUP BY c, unit, n ORDER BY 1, 2 $$, 'events: as plain SQL');

-- Cohorts of events: what an account does in a unit may pass 38 digits on the way, in any order.
SELECT is((SELECT revenue FROM cohort_table((SELECT cohort_agg(1, date '2024-01-05', a, '1 month' ORDER BY a * sign) FROM unnest('{9e37,9e37,-9e37}'::numeric[]) AS a))), 9e37, 'sums of an account along the way: ' || sign) FROM unnest('{1,-1}'::int[]) AS sign;
SELECT is((SELECT format('%s %s', active, revenue) FROM cohort_table((SELECT cohort_agg(i % 2, date '2024-01-05', CASE i WHEN 900 THEN -1e9 ELSE 1 END, '1 month') FROM generate_series(1, 5000) AS i))), '2 -999995001', 'a sum may be negative');

-- One budget for all groups: 40 of them, each of which alone would have room for its rows.
CREATE TABLE many AS SELECT i::bigint % 20000 AS account, daterange('2023-01-01'::date + draw(9, i, 700), '2025-01-01'::date + draw(10, i, 300)) AS valid, 1.5 AS amount FROM generate_series(1, 300000) AS i;
CREATE FUNCTION memory_now(anything bigint) RETURNS numeric LANGUAGE sql VOLATILE AS $$ SELECT sum(total_bytes) FROM pg_backend_memory_contexts WHERE anything IS NOT NULL $$;
SET LOCAL work_mem = '2MB';
SET LOCAL hash_mem_multiplier = 2;
SET LOCAL enable_sort = off;
SELECT memory_now(1) AS before \gset
CREATE TABLE grouped AS SELECT g, b::text AS b, memory_now(g) AS memory FROM (SELECT account % 40 AS g, bridge_agg(account, valid, amount, '1 month', '2023-01-01', '2026-01-01') AS b FROM many GROUP BY 1 OFFSET 0) AS x;
SELECT cmp_ok(max(memory) - :before, '<', 6e6::numeric, 'forty groups at a time keep to what one may have') FROM grouped;
SET LOCAL work_mem = '256MB';
SELECT is_empty('SELECT g FROM grouped JOIN (SELECT account % 40 AS g, bridge_agg(account, valid, amount, $$1 month$$, $$2023-01-01$$, $$2026-01-01$$) AS b FROM many GROUP BY 1) AS x USING (g) WHERE grouped.b IS DISTINCT FROM x.b::text', 'and each has the answer of much memory');
SELECT is((SELECT count(*) FROM pg_ls_tmpdir() WHERE name ~ ('^pgsql_tmp' || pg_backend_pid() || '\.')), 0::bigint, 'no temporary file is left');

SELECT finish();
ROLLBACK;
