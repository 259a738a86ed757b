\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- Cohorts of events within bounds and with a cohort date: against plain SQL over random rows in any order, by any key, in little memory;
-- refunds; who was active then or later; what earlier versions stored.
SELECT plan(84);
SET LOCAL max_parallel_workers_per_gather = 0;

-- Worked by hand.
SELECT results_eq($$ SELECT cohort, age, accounts, active, logo_retention::numeric(4,3) FROM cohort_table((SELECT cohort_agg(u, date '2024-05-06', at, 1, '7 days', '2024-05-06', '2024-05-27') FROM (VALUES (1, date '2024-05-07'), (2, '2024-05-15'), (3, '2024-05-26')) v (u, at))) $$,
    $$ VALUES (date '2024-05-06', 0, 3::bigint, 1::bigint, 0.333), ('2024-05-06', 1, 3, 1, 0.333), ('2024-05-06', 2, 3, 1, 0.333) $$, 'three sign-ups of 6 May, one purchase a week: a third each');
CREATE TABLE payments (account text, signed_up date, at date, amount numeric);
INSERT INTO payments VALUES ('a', '2024-01-10', '2024-01-20', 10), ('a', '2024-01-10', '2024-02-20', 10), ('a', '2024-01-10', '2024-03-20', 10), ('a', '2024-01-10', '2024-04-20', 10),
    ('b', '2024-01-15', '2024-03-01', 20), ('b', '2024-01-15', '2024-04-01', 20), ('c', '2024-01-30', NULL, NULL);
SELECT results_eq($$ SELECT cohort, age, accounts, active, revenue, active_or_later, last_active FROM cohort_activity((SELECT cohort_agg(account, signed_up, at, amount, '1 month', '2024-01-01', '2024-05-01') FROM payments)) WHERE accounts > 0 $$,
    $$ VALUES (date '2024-01-01', 0, 3::bigint, 1::bigint, 10::numeric, 2::bigint, 0::bigint), ('2024-01-01', 1, 3, 1, 10, 2, 0), ('2024-01-01', 2, 3, 2, 30, 2, 0), ('2024-01-01', 3, 3, 2, 30, 2, 2) $$, 'three sign-ups of January, one of them without a payment');
CREATE TABLE refunds (account bigint, at date, amount numeric);
INSERT INTO refunds VALUES (1, '2024-04-02', 10), (1, '2024-05-01', -10), (2, '2024-04-02', 10);
SELECT results_eq($$ SELECT cohort, age, accounts, active, revenue FROM cohort_table((SELECT cohort_agg(account, at, amount, '1 month') FROM refunds)) $$,
    $$ VALUES (date '2024-04-01', 0, 2::bigint, 2::bigint, 20::numeric), ('2024-04-01', 1, 2, 0, -10) $$, 'a refund of a later month is that month''s negative revenue');
SELECT results_eq($$ SELECT cohort, age, accounts, active, revenue FROM cohort_table((SELECT cohort_agg(account, at, amount, '1 month', '2024-04-01', '2024-06-01') FROM refunds)) $$,
    $$ VALUES (date '2024-04-01', 0, 2::bigint, 2::bigint, 20::numeric), ('2024-04-01', 1, 2, 0, -10) $$, 'with bounds too');
SELECT results_eq($$ SELECT cohort, age, accounts, active, revenue, active_or_later, last_active FROM cohort_activity((SELECT cohort_agg(a, at, x, '1 month', '2024-02-01', '2024-04-20') FROM
    (VALUES (1, date '2024-01-31', 5), (1, '2024-02-10', 7), (2, '2024-02-03', -9), (2, '2024-02-05', 4), (2, '2024-03-31', 0), (3, '2024-03-01', -1), (4, '2024-03-05', NULL), (4, '2024-04-01', 100)) v (a, at, x))) $$,
    $$ VALUES (date '2024-02-01', 0, 1::bigint, 1::bigint, -5::numeric, 1::bigint, 0::bigint), ('2024-02-01', 1, 1, 1, 0, 1, 1), ('2024-03-01', 0, 1, 1, 0, 1, 1) $$, 'who came before is in no cohort, a period that is not over is no cell, refunds alone make no account');
SELECT is((SELECT revenue_retention FROM cohort_table((SELECT cohort_agg(a, at, x, '1 month', '2024-02-01', '2024-04-01') FROM (VALUES (1, date '2024-02-03', -9), (1, '2024-02-05', 4), (1, '2024-03-05', 5)) v (a, at, x))) WHERE age = 1), NULL, 'no share of refunds');
SELECT is((SELECT string_agg(format('%s %s', cohort, accounts), ', ') FROM cohort_table((SELECT cohort_agg(a, at, 1, '3 months', '2024-02-01', '2025-02-01') FROM (VALUES (1, date '2024-02-01'), (2, '2024-04-30'), (3, '2024-05-01')) v (a, at))) WHERE age = 0), '2024-02-01 2, 2024-05-01 1', 'fiscal quarters from February');
SELECT is((SELECT count(*) FROM cohort_table((SELECT cohort_agg(1, date '2024-02-01', 1, '1 month', '2024-02-01', '2024-02-15')))), 0::bigint, 'fewer than one whole step: no rows');
SELECT is((SELECT cohort_agg(1, date '2024-02-01', 1, '1 month', '2024-02-01', '2024-02-15'))::text::cohort_matrix::text, (SELECT cohort_agg(1, date '2024-02-01', 1, '1 month', '2024-02-01', '2024-02-15'))::text, 'and a value all the same');
SELECT is((SELECT cohort_agg(account, at, amount, '1 month', '2024-04-01', '2024-06-01') FROM refunds WHERE false), NULL, 'no rows: NULL');
SELECT is((SELECT string_agg(accounts::text, ' ') FROM cohort_table((SELECT cohort_agg(account, at, amount, '1 month', '2025-04-01', '2025-06-01') FROM refunds))), NULL, 'rows outside the bounds alone: a matrix without accounts');
SELECT is((SELECT string_agg(format('%s %s %s', age, active, revenue), ', ') FROM cohort_table((SELECT cohort_agg(a, c, at, x, '1 month', '2024-01-01', '2024-03-01') FROM (VALUES (1, date '2024-01-10', date '2024-01-09', 50), (1, '2024-01-10', '2024-01-10', 3), (1, '2024-01-10', '2024-02-09', -2)) v (a, c, at, x))) WHERE cohort = '2024-01-01'), '0 1 3, 1 0 -2', 'an event before the cohort date counts nowhere');

-- Random rows: everyday amounts, some near 2^63, some of 30 digits; refunds, zeros, NULLs; decimal places that come late; accounts without events.
CREATE FUNCTION draw(seed int, i bigint, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT ((hashint8extended(i, seed) & 9223372036854775807) % below)::int $$;
CREATE TABLE rows AS
SELECT i, account, account % 4 AS grp, '2022-11-10'::date + draw(4, account, 600) AS signed_up, at,
       round(CASE WHEN draw(9, i, 6) = 0 THEN -1 ELSE 1 END * CASE draw(10, i, 20) WHEN 0 THEN NULL WHEN 1 THEN 0 ELSE
           CASE draw(7, account, 6) WHEN 0 THEN 9223372036854775807 - draw(8, i, 3) WHEN 1 THEN 123456789012345678901234567.5 * (1 + draw(8, i, 3)) ELSE (1 + draw(8, i, 100000)) / 7.0 END END,
             CASE WHEN i < 4000 THEN 0 WHEN i < 6000 THEN 2 ELSE 5 END) AS amount
FROM (SELECT i, 1 + draw(1, i, 1500)::bigint AS account, CASE WHEN draw(5, i, 30) > 0 THEN '2022-09-01'::date + i / 10 - CASE WHEN draw(2, i, 20) = 0 THEN draw(3, i, 100) ELSE 0 END END AS at FROM generate_series(1, 8000) AS i
      UNION ALL SELECT 8000 + i, 1500 + i, NULL FROM generate_series(1, 200) AS i) AS r;
CREATE TABLE runs (run int, step interval, from_date date, to_date date);
INSERT INTO runs VALUES (1, '1 month', '2023-01-01', '2024-11-01'), (2, '1 month', '2023-01-31', '2024-10-15'), (3, '3 months', '2022-11-01', '2024-12-31'), (4, '7 days', '2023-03-05', '2023-09-01'), (5, '5 months', '2022-01-15', '2025-09-01'), (6, '1 year', '2023-02-01', '2025-02-01');
CREATE TABLE came AS SELECT account, min(signed_up) AS signed_up, min(at) FILTER (WHERE coalesce(amount, 0) >= 0) AS first FROM rows GROUP BY account;
CREATE FUNCTION expected(given boolean, of_run int) RETURNS TABLE (cohort date, age int, accounts bigint, active bigint, revenue numeric, active_or_later bigint, last_active bigint) LANGUAGE sql STABLE SET enable_nestloop = off AS $$
    WITH periods AS MATERIALIZED (SELECT k, (from_date + k * step)::date AS a, (from_date + (k + 1) * step)::date AS b FROM runs, generate_series(0, 100) AS k WHERE run = of_run AND (from_date + (k + 1) * step)::date <= to_date),
    members AS MATERIALIZED (SELECT account, k AS c FROM came JOIN periods ON CASE WHEN given THEN signed_up ELSE first END >= a AND CASE WHEN given THEN signed_up ELSE first END < b),
    dated AS MATERIALIZED (SELECT account, k, bool_or(coalesce(amount, 0) >= 0) AS active, sum(coalesce(amount, 0)) AS amount FROM rows JOIN periods ON at >= a AND at < b WHERE NOT given OR at >= signed_up GROUP BY account, k),
    acts AS MATERIALIZED (SELECT account, c, k - c AS age, active, amount FROM dated JOIN members USING (account) WHERE k >= c),
    lasts AS (SELECT account, c, max(age) AS age FROM acts WHERE active GROUP BY account, c),
    cells AS (SELECT c, age, count(*) FILTER (WHERE active) AS active, sum(amount) AS revenue FROM acts GROUP BY c, age),
    ended AS (SELECT c, age, count(*) AS n FROM lasts GROUP BY c, age)
    SELECT a, k - s.c, s.n, coalesce(cells.active, 0), coalesce(cells.revenue, 0), coalesce(sum(ended.n) OVER (PARTITION BY s.c ORDER BY k DESC), 0)::bigint, coalesce(ended.n, 0)
    FROM (SELECT c, a, count(*) AS n FROM members JOIN periods ON k = c GROUP BY c, a) AS s JOIN periods AS p (k, b, e) ON k >= s.c
    LEFT JOIN cells ON cells.c = s.c AND cells.age = k - s.c LEFT JOIN ended ON ended.c = s.c AND ended.age = k - s.c
$$;
CREATE TABLE answers AS
SELECT false AS given, run, cohort_agg(account, at, amount, step, from_date, to_date ORDER BY i) AS m FROM runs, rows WHERE at IS NOT NULL GROUP BY run UNION ALL
SELECT true, run, cohort_agg(account, signed_up, at, amount, step, from_date, to_date ORDER BY i) FROM runs, rows GROUP BY run;
SELECT is_empty(format($$ (SELECT * FROM expected(%1$L, %2$s) EXCEPT ALL SELECT cohort, age, accounts, active, revenue, active_or_later, last_active FROM answers, cohort_activity(m) WHERE given = %1$L AND run = %2$s)
    UNION ALL (SELECT cohort, age, accounts, active, revenue, active_or_later, last_active FROM answers, cohort_activity(m) WHERE given = %1$L AND run = %2$s EXCEPT ALL SELECT * FROM expected(%1$L, %2$s)) $$, given, run),
    format('%s, by %s from %s: as plain SQL', CASE WHEN given THEN 'sign-ups' ELSE 'first events' END, step, from_date)) FROM answers JOIN runs USING (run) ORDER BY given, run;
SELECT cmp_ok((SELECT count(*) FROM answers, cohort_activity(m) WHERE revenue < 0 AND given), '>', 20::bigint, 'there is negative revenue to compare');
SELECT cmp_ok((SELECT count(*) FROM answers, cohort_activity(m) WHERE active = 0 AND revenue < 0), '>', 0::bigint, 'and refunds where nobody is active');
SELECT is_empty('SELECT given, run, cohort, age, accounts, active, revenue, logo_retention, revenue_retention FROM answers, cohort_activity(m) EXCEPT SELECT given, run, t.* FROM answers, cohort_table(m) t', 'the other columns are those of cohort_table');

-- One answer, bit for bit: orders, keys, memory.
CREATE PROCEDURE ask(name text, account text, ordering text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('INSERT INTO others SELECT %1$L, false, run, cohort_agg(%2$s, at, amount, step, from_date, to_date ORDER BY %3$s) FROM runs, rows WHERE run < 3 AND at IS NOT NULL GROUP BY run UNION ALL
                    SELECT %1$L, true, run, cohort_agg(%2$s, signed_up, at, amount, step, from_date, to_date ORDER BY %3$s) FROM runs, rows WHERE run < 3 GROUP BY run', name, account, ordering);
END $$;
CREATE TABLE others (name text, given boolean, run int, m cohort_matrix);
CALL ask('backwards', 'account', 'i DESC');
CALL ask('by text', '''account '' || account', 'md5(i::text)');
CALL ask('by long text', 'repeat(md5(account::text), 20)', 'account, at DESC');
CALL ask('by uuid', 'md5(account::text)::uuid', 'at, i');
SET LOCAL work_mem = '64kB';
CALL ask('little memory', 'account', 'i');
CALL ask('little memory, no order', 'account', 'md5(i::text)');
CALL ask('little memory, by text', '''customer '' || account', 'i DESC');
CALL ask('little memory, by uuid', 'md5(account::text)::uuid', 'md5(i::text)');
RESET work_mem;
SELECT is((SELECT count(*) FROM others), 32::bigint, 'eight ways of two runs');
SELECT is_empty(format('SELECT run FROM others o JOIN answers a USING (given, run) WHERE o.name = %L AND (csm_cohorts_send(o.m) <> csm_cohorts_send(a.m) OR o.m <> a.m)', name), 'the same bits: ' || name) FROM (SELECT DISTINCT name FROM others) n ORDER BY name;

-- So many accounts that rows wait for each other, in order and in none.
CREATE TABLE many AS SELECT i, draw(21, i, 6000)::bigint AS account, '2024-01-01'::date + draw(22, i, 366) AS at, draw(23, i, 100) - 20 AS amount FROM generate_series(1, 40000) AS i;
CREATE TABLE of_many AS
SELECT 'in order' AS name, cohort_agg(account, at, amount, '1 month', '2024-02-01', '2025-01-01' ORDER BY at, i) AS m, cohort_agg(account, '2024-02-10', at, amount, '1 month', '2024-02-01', '2025-01-01' ORDER BY at, i) AS given FROM many UNION ALL
SELECT 'in none', cohort_agg(account, at, amount, '1 month', '2024-02-01', '2025-01-01' ORDER BY i), cohort_agg(account, '2024-02-10', at, amount, '1 month', '2024-02-01', '2025-01-01' ORDER BY i) FROM many;
SELECT is((SELECT format('%s %s', count(DISTINCT csm_cohorts_send(m)), count(DISTINCT csm_cohorts_send(given))) FROM of_many), '1 1', 'many accounts, in order and in none: the same bits');
SELECT is((SELECT format('%s %s %s', sum(active), sum(revenue), sum(last_active)) FROM of_many, cohort_activity(m) WHERE name = 'in none'),
    (SELECT format('%s %s %s', count(*) FILTER (WHERE active), sum(amount), count(DISTINCT account)) FROM (SELECT account, date_trunc('month', at) AS unit, bool_or(amount >= 0) AS active, sum(amount) AS amount FROM many GROUP BY 1, 2) u
     JOIN (SELECT account, date_trunc('month', min(at)) AS first FROM many WHERE amount >= 0 GROUP BY 1) f USING (account) WHERE first >= '2024-02-01' AND unit >= first), 'and as plain SQL');
SELECT is((SELECT format('%s %s %s', sum(active), sum(revenue), max(accounts)) FROM of_many, cohort_activity(given) WHERE name = 'in none'),
    (SELECT format('%s %s %s', count(*) FILTER (WHERE active), sum(amount), (SELECT count(DISTINCT account) FROM many)) FROM (SELECT account, date_trunc('month', at) AS unit, bool_or(amount >= 0) AS active, sum(amount) AS amount FROM many WHERE at >= '2024-02-10' GROUP BY 1, 2) u), 'with a cohort date too');

-- Groups: those of one run roll up to the whole, and may be pooled by age, since each triangle ends with the bounds.
CREATE TABLE groups AS
SELECT false AS given, run, grp, cohort_agg(account, at, amount, step, from_date, to_date) AS m FROM runs, rows WHERE at IS NOT NULL GROUP BY run, grp UNION ALL
SELECT true, run, grp, cohort_agg(account, signed_up, at, amount, step, from_date, to_date) FROM runs, rows GROUP BY run, grp;
SELECT is_empty('SELECT run FROM (SELECT given, run, rollup(m) AS m FROM groups GROUP BY given, run) g JOIN answers a USING (given, run) WHERE csm_cohorts_send(g.m) <> csm_cohorts_send(a.m)', 'groups roll up to the whole, bit for bit');
SELECT is_empty($$ (SELECT given, run, age, sum(accounts), sum(active), sum(revenue), sum(active_or_later) FROM groups, cohort_activity(m) GROUP BY 1, 2, 3) EXCEPT (SELECT given, run, age, sum(accounts), sum(active), sum(revenue), sum(active_or_later) FROM answers, cohort_activity(m) GROUP BY 1, 2, 3) $$, 'and pool by age');
SELECT is((SELECT string_agg(g || ' ' || (SELECT count(*) FROM cohort_table(m) WHERE cohort = '2024-01-01'), ', ' ORDER BY g) FROM (SELECT g, cohort_agg(g, at, 1, '1 month', '2024-01-01', '2024-07-01') AS m FROM (VALUES (1, date '2024-01-05'), (1, '2024-06-05'), (2, '2024-01-05')) v (g, at) GROUP BY g) x), '1 6, 2 6', 'the triangle ends at to_date for every group');
SELECT refused($$ SELECT rollup(m) FROM (SELECT cohort_agg(1, date '2024-01-05', 1, '1 month', '2024-01-01', '2024-03-01') AS m UNION ALL SELECT $$ || other || $$) x $$, '22023', pattern, 'no sum with ' || what) FROM (VALUES
    ('cohort_agg(2, date ''2024-01-05'', 1, ''1 month'')', 'kinds', 'one without bounds'), ('cohort_agg(2, date ''2024-01-05'', date ''2024-01-05'', 1, ''1 month'', ''2024-01-01'', ''2024-03-01'')', 'kinds', 'one of given dates'),
    ('cohort_agg(h, ''2024-01-01'', ''2024-03-01'', ''1 month'') FROM (SELECT history_agg(''[2024-01-05,)'', 1) AS h) h', 'kinds', 'one of histories'), ('cohort_agg(2, date ''2024-01-05'', 1, ''1 month'', ''2024-01-01'', ''2024-04-01'')', 'bounds', 'one of other bounds')) v (other, pattern, what);

-- Sums that pass 38 digits on the way, of accounts in any order; and in the end.
SELECT is((SELECT revenue FROM cohort_table((SELECT cohort_agg(a, date '2024-01-05', x, '1 month' ORDER BY a * sign) FROM (VALUES (1, 9e37), (2, 9e37), (3, -9e37), (3, 0), (4, -8e37), (4, 0)) AS v (a, x)))), 1e37, 'the order of accounts cannot be told: ' || sign) FROM unnest('{1,-1}'::int[]) AS sign;
SELECT refused($$ SELECT cohort_agg(a, date '2024-01-05', x, '1 month') FROM (VALUES (1, 9e37), (2, 9e37)) AS v (a, x) $$, '22003', '38 digits', 'too many digits in the end');
SELECT refused($$ SELECT cohort_agg(a, date '2024-01-05', x, '1 month') FROM (VALUES (1, 0), (1, -9e37), (2, 0), (2, -9e37)) AS v (a, x) $$, '22003', '38 digits', 'below zero as well');

-- The type's forms.
SELECT is_empty('SELECT run FROM answers WHERE m::text::cohort_matrix::text <> m::text OR csm_cohorts_send(m::text::cohort_matrix) <> csm_cohorts_send(m) OR m::jsonb::cohort_matrix <> m', 'text and jsonb: round trip gives the same bits');
\set file `mktemp -u /tmp/csm_metrics_cohorts.XXXXXX`
COPY answers TO :'file' (FORMAT binary);
CREATE TABLE restored (LIKE answers);
COPY restored FROM :'file' (FORMAT binary);
\set remove 'cat > /dev/null; rm ' :file
COPY (SELECT) TO PROGRAM :'remove';
SELECT is((SELECT count(*) FROM answers a JOIN restored b ON a.m = b.m AND a.m::text = b.m::text), (SELECT count(*) FROM answers), 'binary: equal to themselves and to nothing else');
SELECT is((SELECT cohort_agg(account, signed_up, at, amount, '1 month', '2024-01-01', '2024-03-01') FROM payments)::text, '{"from_date": "2024-01-01", "to_date": "2024-03-01", "step": "1 month", "cohort": "given date", "scale": 0, "cohorts": [[3, [1, 1], ["10", "10"], [0, 1]], [0, [0], ["0"], [0]]]}', 'the text form');
SELECT refused(format('SELECT %L::cohort_matrix', text), '22P02', pattern, 'no matrix: ' || text) FROM (VALUES
    ('{"from_date": "2024-01-01", "to_date": "2024-02-01", "step": "1 month", "cohort": "any", "scale": 0, "cohorts": [[1, [1], ["1"], [1]]]}', 'kind'),
    ('{"from_date": "2024-01-01", "to_date": "2024-02-01", "unit": "1 month", "cohort": "given date", "scale": 0, "cohorts": [[1, [1], ["1"], [1]]]}', 'kind'),
    ('{"from_date": "2024-01-01", "to_date": "2024-02-01", "step": "1 month", "cohort": "first event", "scale": 0, "cohorts": [[1, [0], ["0"], [0]]]}', 'age 0'),
    ('{"from_date": "2024-01-01", "to_date": "2024-02-01", "step": "1 month", "cohort": "given date", "scale": 0, "cohorts": [[1, [0], ["1"], [0]]]}', 'agree'),
    ('{"from_date": "2024-01-01", "to_date": "2024-02-01", "step": "1 month", "scale": 0, "cohorts": [[1, [0], ["-1"], [0]]]}', 'out of range'),
    ('{"from_date": "2024-01-01", "to_date": "2024-02-01", "step": "1 month", "scale": 0, "cohorts": [[1, [1], ["1"], [0]]]}', 'last activity'),
    ('{"from_date": "2024-01-01", "to_date": "2024-02-01", "step": "1 month", "cohort": "given date", "scale": 0, "cohorts": [[1, [1], ["1"], [2]]]}', 'last activity'),
    ('{"from_date": "2024-01-01", "to_date": "2024-02-01", "step": "1 month", "scale": 0, "cohorts": [[1, [1], ["1"], [-1]]]}', 'cohorts|last'),
    ('{"from_date": "2024-01-01", "to_date": "2024-03-01", "step": "1 month", "scale": 0, "cohorts": [[1, [1, 0], ["1", "0"], [1, 0]], [0, [0], ["0"]]]}', 'triangle')) v (text, pattern);

-- Matrices of earlier versions do not know last activity, and nor does a sum with one.
CREATE TABLE old AS SELECT '{"from_date": "2024-04-01", "to_date": "2024-06-01", "unit": "1 month", "scale": 0, "cohorts": [[1, [1, 1], ["5", "6"]], [0, [0], ["0"]]]}'::cohort_matrix AS m;
SELECT is((SELECT m::text FROM old), '{"from_date": "2024-04-01", "to_date": "2024-06-01", "unit": "1 month", "scale": 0, "cohorts": [[1, [1, 1], ["5", "6"]], [0, [0], ["0"]]]}', 'one of an earlier version is what it was');
SELECT results_eq('SELECT age, active_or_later, last_active FROM old, cohort_activity(m)', 'VALUES (0, NULL::bigint, NULL::bigint), (1, NULL, NULL)', 'and knows nothing of last activity');
CREATE TABLE mixed AS SELECT 1 AS i, m FROM old UNION ALL SELECT 2, cohort_agg(account, at, amount, '1 month') FROM refunds UNION ALL SELECT 3, cohort_agg(9, date '2024-07-09', 2.5, '1 month');
SELECT is((SELECT rollup(m ORDER BY i) FROM mixed)::text, '{"from_date": "2024-04-01", "to_date": "2024-08-01", "unit": "1 month", "scale": 1, "cohorts": [[3, [3, 1, 0, 0], ["25.0", "-4.0", "0.0", "0.0"]], [0, [0, 0, 0], ["0.0", "0.0", "0.0"]], [0, [0, 0], ["0.0", "0.0"]], [1, [1], ["2.5"]]]}', 'old and new add up');
SELECT is_empty($$ SELECT by FROM (SELECT 'i' AS by, rollup(m ORDER BY i) AS m FROM mixed UNION ALL SELECT '-i', rollup(m ORDER BY -i) FROM mixed UNION ALL SELECT 'middle', rollup(m ORDER BY abs(i - 2), i) FROM mixed) x WHERE csm_cohorts_send(m) <> csm_cohorts_send((SELECT rollup(m ORDER BY i) FROM mixed)) $$, 'in any order');
SELECT is((SELECT sum(last_active) FROM cohort_activity((SELECT rollup(m) FROM mixed WHERE i > 1))), 3::numeric, 'new ones alone know it');
CREATE TABLE lives AS SELECT account, history_agg(daterange(at, at + 1 + draw(11, i, 90)), abs(amount)) AS h FROM rows WHERE at IS NOT NULL GROUP BY account;
SELECT results_eq($$ SELECT cohort, age, active_or_later, last_active FROM cohort_activity((SELECT cohort_agg(h, '2022-05-01', '2024-11-01', '1 month') FROM lives)) ORDER BY 1, 2 $$,
    $$ WITH ends AS (SELECT k, ('2022-05-01'::date + (k + 1) * interval '1 month')::date - 1 AS day FROM generate_series(0, 29) k),
       l AS (SELECT c.k AS c, max(e.k) FILTER (WHERE amount_at(h, e.day) > 0) - c.k AS last FROM lives JOIN ends c ON first_active(h) <= c.day AND first_active(h) >= date_trunc('month', c.day) JOIN ends e ON e.k >= c.k GROUP BY account, c.k)
       SELECT ('2022-05-01'::date + c * interval '1 month')::date, a, count(*) FILTER (WHERE last >= a), count(*) FILTER (WHERE last = a) FROM l, generate_series(0, 29) a WHERE a < 30 - c GROUP BY c, a ORDER BY 1, 2 $$, 'of histories: as plain SQL');

-- What is refused says whose row it is.
CREATE FUNCTION whole_message(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    message text;
    context text;
BEGIN
    EXECUTE statement;
    RETURN 'nothing';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, context = PG_EXCEPTION_CONTEXT;
    RETURN sqlstate || ' ' || message || ' / ' || split_part(context, E'\n', 1);
END $$;
SELECT is(whole_message('SELECT ' || call), message, 'refused: ' || call) FROM (VALUES
    ('cohort_agg(a, c, date ''2024-01-05'', 1, ''1 month'', ''2024-01-01'', ''2024-03-01'') FROM (VALUES (''acme'', date ''2024-01-01''), (''acme'', ''2024-01-02'')) v (a, c)', '22023 account acme has two cohort dates: 2024-01-01 and 2024-01-02 / SQL statement "SELECT cohort_agg(a, c, date ''2024-01-05'', 1, ''1 month'', ''2024-01-01'', ''2024-03-01'') FROM (VALUES (''acme'', date ''2024-01-01''), (''acme'', ''2024-01-02'')) v (a, c)"'),
    ('cohort_agg(7, NULL, date ''2024-01-05'', 1, ''1 month'', ''2024-01-01'', ''2024-03-01'')', '22004 the argument "cohort" must not be NULL / event of account 7 on 2024-01-05'),
    ('cohort_agg(7, ''infinity'', date ''2024-01-05'', 1, ''1 month'', ''2024-01-01'', ''2024-03-01'')', '22023 the argument "cohort" must be a finite date, not infinity / event of account 7 on 2024-01-05'),
    ('cohort_agg(7, ''2024-01-01'', date ''infinity'', 1, ''1 month'', ''2024-01-01'', ''2024-03-01'')', '22023 the argument "at" must be a finite date, not infinity / event of account 7 on infinity'),
    ('cohort_agg(''acme''::text, NULL::date, 1, ''1 month'', ''2024-01-01'', ''2024-03-01'')', '22004 the argument "at" must not be NULL / row of account acme'),
    ('cohort_agg(7, date ''2024-01-05'', ''NaN'', ''1 month'', ''2024-01-01'', ''2024-03-01'')', '22023 an amount must be a finite number, not NaN / event of account 7 on 2024-01-05')) v (call, message);
SELECT refused('SELECT ' || call, state, pattern, 'refused: ' || call) FROM (VALUES
    ('cohort_agg(NULL::bigint, date ''2024-01-05'', 1, ''1 month'', ''2024-01-01'', ''2024-03-01'')', '22004', 'account'), ('cohort_agg(NULL::uuid, date ''2024-01-05'', date ''2024-01-05'', 1, ''1 month'', ''2024-01-01'', ''2024-03-01'')', '22004', 'account'),
    ('cohort_agg(7, date ''2024-01-05'', 1, ''1 month'', NULL, ''2024-03-01'')', '22004', 'from_date'), ('cohort_agg(7, date ''2024-01-05'', 1, ''1 month'', ''2024-03-01'', ''2024-01-01'')', '22023', 'order'),
    ('cohort_agg(7, date ''2024-01-05'', 1, ''1 month 1 day'', ''2024-01-01'', ''2024-03-01'')', '22023', 'step'), ('cohort_agg(7, date ''2024-01-05'', 1, ''1 day'', ''2014-01-01'', ''2024-03-01'')', '54000', 'periods'),
    ('cohort_agg(7, date ''2024-01-05'', 1, ''1 month'', date ''2024-01-01'' + i, ''2024-03-01'') FROM generate_series(0, 1) i', '22023', 'from_date.*varies'), ('cohort_agg(7, date ''2024-01-05'', date ''2024-01-05'', 1, i * interval ''1 month'', ''2024-01-01'', ''2024-03-01'') FROM generate_series(1, 2) i', '22023', 'step.*varies')) v (call, state, pattern);
SELECT refused(format($$ SELECT cohort_agg(a, date '2024-01-01' + (i = 29999)::int, date '2024-02-01', %s, '1 month', '2024-01-01', '2024-03-01') FROM (SELECT i, %s AS a FROM generate_series(1, 30000) i) x $$, amount, account), '22023', 'account 9999 has two cohort dates', 'among many rows: ' || account) FROM (VALUES ('1', 'i % 10000'), ('1e30', '(i % 10000)::text')) v (amount, account);

SELECT * FROM finish();
ROLLBACK;
