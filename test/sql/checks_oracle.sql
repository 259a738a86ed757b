\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The checks over random tables: each count is that of plain SQL; order of the rows, memory and type of the key change nothing.
SELECT plan(22);

CREATE TABLE subscription AS
SELECT i, 'account ' || (r1 * r1 * 150)::int AS account, starts, CASE WHEN r2 < 0.2 THEN NULL WHEN r2 < 0.25 THEN 'infinity' WHEN r2 < 0.28 THEN '9999-12-31' ELSE starts + (r3 * 130)::int - 6 END AS ends,
       CASE WHEN r4 < 0.05 THEN NULL WHEN r4 < 0.07 THEN 'NaN' WHEN r4 < 0.15 THEN -round((r3 * 90)::numeric, 1) ELSE round((r3 * 12)::numeric, 1) * 10 END AS amount,
       CASE WHEN r5 < 0.02 THEN NULL WHEN r5 < 0.06 THEN 'GBP' ELSE 'EUR' END AS currency
FROM (SELECT setseed(0.7)) x, LATERAL (SELECT i, random() AS r1, random() AS r2, random() AS r3, random() AS r4, random() AS r5, random() AS r6 FROM generate_series(1, 4000) i) y,
     LATERAL (SELECT CASE WHEN r6 < 0.01 THEN NULL ELSE date '2023-01-01' + (i * 7919 % 1200) END AS starts) z;
INSERT INTO subscription SELECT i + 10000, account, starts, ends, amount, currency FROM subscription WHERE i % 40 = 0;
INSERT INTO subscription SELECT i + 20000, upper(account), starts, ends, amount, currency FROM subscription WHERE i % 333 = 0;
UPDATE subscription SET account = NULL WHERE i % 177 = 0;
CREATE TABLE found AS SELECT * FROM check_subscriptions('subscription', 'account', 'starts', 'ends', 'amount', 'currency', '2025-12-31');

-- Rows that aggregates take, and each of them once.
CREATE VIEW counted AS SELECT account, starts AS s, days(starts, ends) AS d, coalesce(upper(days(starts, ends)), 'infinity') AS e, coalesce(amount, 0) AS amount, amount IS NULL AS unknown, currency, ends
                      FROM subscription WHERE account IS NOT NULL AND starts IS NOT NULL AND amount IS DISTINCT FROM 'NaN';
CREATE TABLE term AS SELECT row_number() OVER () AS i, * FROM (SELECT DISTINCT account, s, e, amount, unknown, currency, ends >= '9999-01-01' AND ends < 'infinity' AS far FROM counted WHERE NOT isempty(d)) x;
CREATE FUNCTION alike(a numeric, b numeric, times numeric) RETURNS bool LANGUAGE sql AS $$ SELECT a > 0 AND b > 0 AND a <= b * times AND b <= a * times $$;
CREATE VIEW changed AS SELECT account, day, sum(sum(change)) OVER (PARTITION BY account ORDER BY day) AS total FROM (SELECT account, s AS day, amount AS change FROM counted WHERE NOT isempty(d) UNION ALL SELECT account, e, -amount FROM counted WHERE NOT isempty(d)) x GROUP BY 1, 2;
CREATE VIEW reached AS SELECT account, s, s - nullif(max(e) OVER (PARTITION BY account ORDER BY s, e ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 'infinity') AS gap FROM term;
CREATE VIEW inclusive AS SELECT *, (SELECT count(*) FROM term n WHERE n.account = t.account AND n.s >= t.e) > 0 AS followed FROM term t WHERE e < 'infinity';
CREATE VIEW opened AS SELECT account, amount, lag(amount) OVER (PARTITION BY account ORDER BY s, e, amount, currency) AS before FROM term WHERE e = 'infinity' AND amount <> 0;
CREATE VIEW expected (problem, rows, accounts) AS
    SELECT 'missing account', count(*), 0 FROM subscription WHERE account IS NULL
    UNION ALL SELECT 'missing start', count(*), count(DISTINCT account) FROM subscription WHERE starts IS NULL
    UNION ALL SELECT 'impossible amount', count(*), count(DISTINCT account) FROM subscription WHERE amount = 'NaN'
    UNION ALL SELECT 'total below zero', count(DISTINCT account), count(DISTINCT account) FROM changed WHERE total < 0 AND day < 'infinity'
    UNION ALL SELECT 'several currencies', count(*), count(DISTINCT account) FROM subscription WHERE currency = 'GBP'
    UNION ALL SELECT 'missing currency', count(*), count(DISTINCT account) FROM subscription WHERE currency IS NULL
    UNION ALL SELECT 'exact duplicate', sum(n - 1), count(DISTINCT account) FROM (SELECT account, count(*) AS n FROM subscription WHERE account IS NOT NULL AND amount <> 0 AND amount <> 'NaN'
                     GROUP BY account, starts, CASE WHEN starts IS NOT NULL THEN coalesce(ends, 'infinity') END, amount, currency HAVING count(*) > 1) x
    UNION ALL SELECT 'one account in several spellings', count(*), count(*) FROM (SELECT lower(account) FROM subscription WHERE account IS NOT NULL GROUP BY 1 HAVING count(DISTINCT account) = 2) x
    UNION ALL SELECT 'two open versions', count(*), count(DISTINCT account) FROM opened WHERE alike(amount, before, 1.25)
    UNION ALL SELECT 'early renewal', count(*), count(DISTINCT account) FROM term t WHERE e < 'infinity' AND NOT EXISTS (SELECT FROM term n WHERE n.account = t.account AND n.s = t.e)
                     AND EXISTS (SELECT FROM term n WHERE n.account = t.account AND n.s > t.s AND n.s >= t.e - 92 AND n.s < t.e AND n.e > t.e AND alike(t.amount, n.amount, 2)
                                 AND NOT EXISTS (SELECT FROM term p WHERE p.account = t.account AND p.e = n.s))
    UNION ALL SELECT 'short gap', count(*), count(DISTINCT account) FROM reached WHERE gap BETWEEN 1 AND 7
    UNION ALL SELECT 'end before start', count(*), count(DISTINCT account) FROM subscription WHERE ends < starts
    UNION ALL SELECT 'missing amount', count(*), count(DISTINCT account) FROM subscription WHERE amount IS NULL
    UNION ALL SELECT 'no day', count(*), count(DISTINCT account) FROM subscription WHERE ends = starts
    UNION ALL SELECT 'start in the future', count(*), count(DISTINCT account) FROM subscription WHERE starts > '2025-12-31'
    UNION ALL SELECT 'end in the year 9999', count(*), count(DISTINCT account) FROM subscription WHERE ends = '9999-12-31' AND starts IS NOT NULL;
SELECT is(format('%s %s', f.rows, f.accounts), format('%s %s', e.rows, e.accounts), 'subscriptions: ' || problem) FROM found f FULL JOIN expected e USING (problem) WHERE e.rows > 0 OR f.rows > 0 ORDER BY problem;
SELECT cmp_ok((SELECT 4 * count(*) FILTER (WHERE EXISTS (SELECT FROM term n WHERE n.account = t.account AND n.s = t.e + 1)) FROM inclusive t), '<', (SELECT count(*) FROM inclusive WHERE followed), 'few ends lie a day before a start: they are gaps');

-- Order, memory, type of the key.
CREATE TABLE shuffled AS SELECT * FROM subscription ORDER BY md5(i::text);
SELECT results_eq($$ SELECT * FROM check_subscriptions('shuffled', 'account', 'starts', 'ends', 'amount', 'currency', '2025-12-31') $$, 'SELECT * FROM found', 'in another order: the same to the letter');
SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
SELECT results_eq($$ SELECT * FROM check_subscriptions('shuffled', 'account', 'starts', 'ends', 'amount', 'currency', '2025-12-31') $$, 'SELECT * FROM found', 'in little memory: the same to the letter');
RESET work_mem;
CREATE TABLE numbered AS SELECT dense_rank() OVER (ORDER BY account) AS n, md5(account)::uuid AS u, s.* FROM subscription s WHERE account IS NOT NULL;
CREATE VIEW keyed AS SELECT n, u, n::numeric AS d, account::varchar(40) AS v, point(n, n) AS p, starts, ends, amount, currency FROM numbered;
SELECT is((SELECT count(DISTINCT md5) FROM unnest('{n,u,d,p}'::text[]) key, LATERAL (SELECT md5(string_agg(concat_ws(' ', problem, rows, accounts), ',')) FROM check_subscriptions('keyed', key, 'starts', 'ends', 'amount', 'currency', '2025-12-31')) m), 1::bigint,
          'keys of bigint, uuid, numeric, and of a type without a hash: the same counts');
SELECT results_eq($$ SELECT problem, accounts FROM check_subscriptions('keyed', 'v', 'starts', 'ends', 'amount', 'currency', '2025-12-31') $$, $$ SELECT problem, accounts FROM found WHERE problem <> 'missing account' $$, 'varchar as text');

-- Snapshots.
CREATE TABLE snapshot AS
SELECT i, (r1 * 200)::int AS account, date '2023-01-05' + 28 * (r2 * 20)::int + (r3 * 3)::int AS at, CASE WHEN r4 < 0.03 THEN NULL WHEN r4 < 0.2 THEN -5 ELSE (r4 * 10)::int END AS amount
FROM (SELECT setseed(0.3)) x, LATERAL (SELECT i, random() AS r1, random() AS r2, random() AS r3, random() AS r4 FROM generate_series(1, 5000) i) y;
DELETE FROM snapshot WHERE date_trunc('month', at) IN ('2023-07-01', '2024-02-01') OR (date_trunc('month', at) = '2023-10-01' AND i % 10 > 0);
CREATE VIEW by_unit AS SELECT date_trunc('month', at)::date AS m, account, sum(amount) AS total, count(*) AS n, count(DISTINCT (at, amount)) AS different,
       count(*) FILTER (WHERE amount <> 0) - count(DISTINCT (at, amount)) FILTER (WHERE amount <> 0) AS twice FROM snapshot GROUP BY 1, 2;
CREATE VIEW by_month AS SELECT m, n, accounts, lag(n) OVER (ORDER BY m) AS before, lead(n) OVER (ORDER BY m) AS after FROM (SELECT m::date, coalesce(sum(n), 0) AS n, count(account) AS accounts FROM generate_series(timestamp '2023-01-01', '2024-07-01', '1 month') m LEFT JOIN by_unit USING (m) GROUP BY 1) x;
SELECT results_eq($$ SELECT problem, rows, accounts FROM check_snapshots('snapshot', 'account', 'at', 'amount', '1 month', '2024-07-30') ORDER BY problem COLLATE "C" $$, $$
    SELECT 'exact duplicate', sum(twice)::bigint, count(DISTINCT account) FROM by_unit WHERE twice > 0
    UNION ALL SELECT 'last unit not over', count(*), count(DISTINCT account) FROM snapshot WHERE at >= '2024-07-01'
    UNION ALL SELECT 'missing amount', count(*), count(DISTINCT account) FROM snapshot WHERE amount IS NULL
    UNION ALL SELECT 'several rows in a unit', sum(different - 1)::bigint, count(DISTINCT account) FROM by_unit WHERE different > 1
    UNION ALL SELECT 'total below zero', count(*), count(DISTINCT account) FROM by_unit WHERE total < 0
    UNION ALL SELECT 'unit with few rows', sum(n)::bigint, sum(accounts)::bigint FROM by_month WHERE n > 0 AND 2 * n < before AND 2 * n < after
    UNION ALL SELECT 'unit without rows', 0, 0 ORDER BY 1 $$, 'snapshots: each count is that of plain SQL');

SELECT * FROM finish();
ROLLBACK;
