\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
SET LOCAL intervalstyle = 'postgres';
\set histories :tests '/include/histories.sql'
\i :histories
-- Cohorts of histories and of events against plain SQL, one answer from every plan and every way of merging, the type's forms.
SELECT plan(67);

CREATE TABLE hist AS SELECT account, account % 4 AS grp, history_agg(valid, amount) AS h FROM subscriptions GROUP BY account;
CREATE TABLE runs (id int, from_date date, to_date date, step interval);
INSERT INTO runs VALUES (1, '2022-07-01', '2026-01-01', '1 month'), (2, '2023-01-31', '2025-12-31', '1 month'), (3, '2022-01-01', '2026-01-01', '1 year'), (4, '2022-07-04', '2023-07-03', '1 week'), (5, '2010-01-01', '2011-01-01', '1 month'), (6, '2024-01-01', '2024-02-28', '2 months');

-- Of histories: who was first active in which period, and what there was on the last day of each.
CREATE TABLE expected AS
WITH periods AS (SELECT id, k, (from_date + k * step)::date AS a, (from_date + (k + 1) * step)::date AS b FROM runs, generate_series(0, 200) k WHERE from_date + (k + 1) * step <= to_date),
first AS (SELECT account, min(lower(valid)) AS day FROM subscriptions WHERE NOT isempty(valid) AND amount > 0 GROUP BY account),
members AS (SELECT id, k AS cohort, a, account, count(*) OVER (PARTITION BY id, k) AS accounts FROM periods JOIN first ON day >= a AND day < b)
SELECT id, m.a AS cohort, k - m.cohort AS age, accounts, count(*) FILTER (WHERE amount > 0) AS active, coalesce(sum(amount), 0) AS revenue
FROM members m JOIN periods p USING (id), LATERAL (SELECT sum(amount) AS amount FROM subscriptions s WHERE s.account = m.account AND valid @> b - 1) x WHERE k >= m.cohort GROUP BY 1, 2, 3, 4;
CREATE TABLE got AS SELECT id, t.* FROM runs, cohort_table((SELECT cohort_agg(h, from_date, to_date, step) FROM hist)) t;
SELECT cmp_ok((SELECT count(*) FROM expected WHERE id = 1 AND active > 0), '>', 500::bigint, 'there are cohorts to compare');
SELECT is_empty(format($$ (SELECT cohort, age, accounts, active, revenue FROM expected WHERE id = %1$s EXCEPT ALL SELECT cohort, age, accounts, active, revenue FROM got WHERE id = %1$s)
                          UNION ALL (SELECT cohort, age, accounts, active, revenue FROM got WHERE id = %1$s EXCEPT ALL SELECT cohort, age, accounts, active, revenue FROM expected WHERE id = %1$s) $$, id),
                format('histories by %s from %s: as plain SQL', step, from_date)) FROM runs ORDER BY id;
SELECT is_empty($$ SELECT id FROM got g JOIN (SELECT id, cohort, revenue AS first FROM got WHERE age = 0) z USING (id, cohort)
                   WHERE logo_retention IS DISTINCT FROM active::numeric / accounts OR revenue_retention IS DISTINCT FROM revenue / nullif(first, 0) $$, 'retention is active over accounts, and revenue over revenue at age 0');
SELECT is_empty($$ SELECT id FROM runs JOIN got USING (id) WHERE cohort + (age + 1) * step > to_date $$, 'no cell past the last period');

-- Of events: active is who had one, whatever its amount.
CREATE TABLE events AS SELECT account, at, abs(change) AS amount FROM ledger;
CREATE FUNCTION expected_events(step interval) RETURNS TABLE (cohort date, age int, accounts bigint, active bigint, revenue numeric) LANGUAGE sql STABLE AS $$
    WITH units AS (SELECT account, date_trunc(CASE step WHEN '1 month' THEN 'month' WHEN '3 months' THEN 'quarter' WHEN '1 year' THEN 'year' WHEN '1 week' THEN 'week' ELSE 'day' END, at)::date AS u, sum(coalesce(amount, 0)) AS amount FROM events GROUP BY 1, 2),
    first AS (SELECT account, min(u) AS c FROM units GROUP BY account),
    spine AS (SELECT c, n AS accounts, k, (c + k * step)::date AS u FROM (SELECT c, count(*) AS n FROM first GROUP BY c) x, generate_series(0, 1300) k WHERE c + k * step <= (SELECT max(u) FROM units))
    SELECT c, k, accounts, count(units.account), coalesce(sum(amount), 0) FROM spine LEFT JOIN (units JOIN first USING (account)) USING (c, u) GROUP BY c, k, accounts
$$;
SELECT is_empty(format($$ (SELECT * FROM expected_events(%1$L) EXCEPT ALL SELECT cohort, age, accounts, active, revenue FROM cohort_table((SELECT cohort_agg(account, at, amount, %1$L) FROM events)))
                          UNION ALL (SELECT cohort, age, accounts, active, revenue FROM cohort_table((SELECT cohort_agg(account, at, amount, %1$L) FROM events)) EXCEPT ALL SELECT * FROM expected_events(%1$L)) $$, step),
                'events by ' || step || ': as plain SQL') FROM (VALUES ('1 month'), ('3 months'), ('1 year'), ('1 week'), ('1 day')) v (step);
CREATE TABLE matrices AS SELECT cohort_agg(account, at, amount, '1 month') AS m FROM events;
SELECT is((SELECT cohort_agg(account::text, at, amount, '1 month' ORDER BY md5(account::text || at)) FROM events)::text, m::text, 'events of accounts by text, in another order: the same') FROM matrices;
SELECT is((SELECT cohort_agg(md5(account::text)::uuid, at, amount, '1 month' ORDER BY at DESC) FROM events)::text, m::text, 'events of accounts by uuid, in another order: the same') FROM matrices;
SELECT is((SELECT cohort_agg(repeat('key', 40000) || account, at, amount, '1 month' ORDER BY account) FROM events)::text, m::text, 'events of accounts by long keys: the same') FROM matrices;
SELECT is((SELECT cohort_agg(account, at, amount, '1 month') FROM (SELECT account, at, CASE n WHEN 5 THEN amount WHEN 6 THEN 0 END AS amount FROM events, generate_series(1, 8) n) x), m, 'more rows, the same sums') FROM matrices;
SELECT is((SELECT rollup(m ORDER BY account) FROM (SELECT account, cohort_agg(account, at, amount, '1 month') AS m FROM events GROUP BY account) x)::text, m::text, 'matrices of single accounts roll up to that of all, whatever units each covers') FROM matrices;
SELECT is((SELECT rollup(m ORDER BY account DESC) FROM (SELECT account, cohort_agg(account, at, amount, '1 month') AS m FROM events GROUP BY account) x)::text, m::text, 'in another order: the same') FROM matrices;
SELECT is((SELECT array_agg(t::text) FROM cohort_table((SELECT cohort_agg(a, at, x, '1 month') FROM (VALUES (1, date '2024-01-31', 5.0), (2, '2024-02-01', NULL), (1, '2024-02-29', 3), (1, '2024-02-01', -1)) v (a, at, x))) t),
          '{"(2024-01-01,0,1,1,5.0,1.00000000000000000000,1.00000000000000000000)","(2024-01-01,1,1,1,2.0,1.00000000000000000000,0.40000000000000000000)","(2024-02-01,0,1,1,0.0,1.00000000000000000000,)"}', 'worked by hand: a credit within a month, an event without an amount');
SELECT is((SELECT sum(total) FROM (SELECT count(*) AS total FROM generate_series(1, 20000) i GROUP BY i % 100) x), (SELECT sum(active) FROM cohort_table((SELECT cohort_agg(i, date '2024-01-01' + i % 60, 1, '1 day') FROM generate_series(1, 20000) i))), 'twenty thousand accounts of one event');

-- One answer from every plan.
\set asked 'SELECT grp, cohort_agg(h, $$2022-07-01$$, $$2026-01-01$$, $$1 month$$) AS m FROM hist GROUP BY grp'
SET LOCAL max_parallel_workers_per_gather = 0;
CREATE TABLE serial AS :asked;
SELECT unalike(plan_of(:'asked'), '%Partial%', 'the serial plan is serial');
SELECT is((SELECT string_agg(m::text, ';' ORDER BY grp) FROM (SELECT grp, cohort_agg(h, '2022-07-01', '2026-01-01', '1 month' ORDER BY md5(account::text)) AS m FROM hist GROUP BY grp) x), (SELECT string_agg(m::text, ';' ORDER BY grp) FROM serial), 'the order of the rows does not matter');
SELECT is((SELECT rollup(m) FROM serial)::text, (SELECT cohort_agg(h, '2022-07-01', '2026-01-01', '1 month') FROM hist)::text, 'groups roll up to the whole');

-- The type's forms.
CREATE TABLE vals AS SELECT id AS id, cohort_agg(h, from_date, to_date, step) AS m FROM runs, hist GROUP BY id UNION ALL SELECT 100, m FROM matrices UNION ALL SELECT 101, cohort_agg(in_currency(h, 1, 'EUR'), '2023-01-01', '2024-01-01', '3 months') FROM hist;
SELECT is_empty('SELECT id FROM vals WHERE m::text::cohort_matrix::text <> m::text OR csm_cohorts_send(m::text::cohort_matrix) <> csm_cohorts_send(m)', 'text form: round trip gives the same bits');
SELECT is_empty('SELECT id FROM vals WHERE m::jsonb::cohort_matrix::text <> m::text', 'jsonb form: round trip gives the same text');
\set file `mktemp -u /tmp/csm_metrics_cohorts.XXXXXX`
COPY vals TO :'file' (FORMAT binary);
CREATE TABLE restored (LIKE vals);
COPY restored FROM :'file' (FORMAT binary);
\set remove 'cat > /dev/null; rm ' :file
COPY (SELECT) TO PROGRAM :'remove';
SELECT is_empty('SELECT id FROM vals a FULL JOIN restored b USING (id) WHERE a.m::text IS DISTINCT FROM b.m::text', 'binary form: round trip gives the same text');
SELECT is((SELECT count(*) FROM vals a JOIN restored b ON a.m = b.m), (SELECT count(*) FROM vals), 'equal to themselves and to nothing else');
SELECT is((SELECT cohort_agg(1, d, 1.00, '1 month') FROM (VALUES (date '2024-01-01')) v (d)), (SELECT cohort_agg(2, d, 1, '1 month') FROM (VALUES (date '2024-01-31')) v (d)), 'equal whatever the scale');
SELECT is(csm_cohorts_hash((SELECT cohort_agg(1, d, 1.00, '1 month') FROM (VALUES (date '2024-01-01')) v (d))), csm_cohorts_hash((SELECT cohort_agg(2, d, 1, '1 month') FROM (VALUES (date '2024-01-31')) v (d))), 'and hashed alike');
SELECT is_empty('SELECT a.id FROM vals a, vals b WHERE (a.m < b.m)::int + (a.m = b.m)::int + (a.m > b.m)::int <> 1', 'the order is total');

-- Rows that do not count, and what is refused.
SELECT is((SELECT cohort_agg(h, '2024-01-01', '2025-01-01', '1 month') FROM hist WHERE false), NULL, 'no rows: NULL');
SELECT is((SELECT cohort_agg(NULL::revenue_history, '2024-01-01', '2025-01-01', '1 month') FROM hist), NULL, 'only NULLs: NULL');
SELECT is((SELECT cohort_agg(account, at, amount, '1 month') FROM events WHERE false), NULL, 'no events: NULL');
SELECT is((SELECT count(*) FROM cohort_table((SELECT cohort_agg(h, '2024-01-01', '2024-01-15', '1 month') FROM hist))), 0::bigint, 'fewer than one whole step: no rows');
SELECT refused('SELECT ' || call || ' FROM hist', state, pattern, 'refused: ' || call) FROM (VALUES
    ('cohort_agg(h, NULL, ''2025-01-01'', ''1 month'')', '22004', 'from_date'), ('cohort_agg(h, ''2024-01-01'', ''2025-01-01'', NULL)', '22004', 'step'),
    ('cohort_agg(h, ''2025-01-01'', ''2024-01-01'', ''1 month'')', '22023', 'order'), ('cohort_agg(h, ''2000-01-01'', ''2024-01-01'', ''1 day'')', '54000', '2500'),
    ('cohort_agg(h, date ''2024-01-01'' + account % 2, ''2025-01-01'', ''1 month'')', '22023', 'from_date.*varies'), ('cohort_agg(h, ''2024-01-01'', ''2025-01-01'', (1 + account % 2) * interval ''1 month'')', '22023', 'step.*varies'),
    ('cohort_agg(h * -1 + history, ''2020-01-01'', ''2025-01-01'', ''1 month'')', '22023', 'negative on'),
    ('cohort_agg(NULL::bigint, ''2024-01-01'', 1, ''1 month'')', '22004', 'account'), ('cohort_agg(NULL::text, ''2024-01-01'', 1, ''1 month'')', '22004', 'account'), ('cohort_agg(NULL::uuid, ''2024-01-01'', 1, ''1 month'')', '22004', 'account'),
    ('cohort_agg(account, NULL, 1, ''1 month'')', '22004', 'at'), ('cohort_agg(account, ''infinity'', 1, ''1 month'')', '22023', 'infinity'), ('cohort_agg(account, ''2024-01-01'', 1, NULL)', '22004', 'step'),
    ('cohort_agg(account, ''2024-01-01'', 1, ''5 months'')', '22023', '5 months'), ('cohort_agg(account, ''2024-01-01'', 1, (1 + account % 2) * interval ''1 month'')', '22023', 'step.*varies'),
    ('cohort_agg(account, ''2024-01-01'', ''NaN'', ''1 month'')', '22023', 'NaN'),
    ('cohort_agg(account, date ''2000-01-01'' + account * 100, 1, ''1 day'')', '54000', '2500')
) v (call, state, pattern) WHERE call !~ 'history';
SELECT refused('SELECT rollup(m) FROM vals WHERE id IN ' || ids, '22023', 'bounds|kinds|currenc', 'refused: rollup of matrices ' || ids) FROM (VALUES ('(1, 2)'), ('(1, 100)'), ('(1, 101)')) v (ids);
SELECT refused(format('SELECT %L::cohort_matrix', text), '22P02', pattern, 'refused as text: ' || text) FROM (VALUES
    ('{}', 'missing'), ('{"from_date": "2024-01-01", "to_date": "2024-02-01", "step": "1 month", "scale": 0, "cohorts": []}', 'number of periods'),
    ('{"from_date": "2024-01-01", "to_date": "2024-02-01", "step": "1 month", "scale": 0, "cohorts": [[1, [1, 1], ["1"]]]}', 'triangle'),
    ('{"from_date": "2024-01-01", "to_date": "2024-02-01", "step": "1 month", "scale": 0, "cohorts": [[1, [2], ["2"]]]}', 'more accounts'),
    ('{"from_date": "2024-01-01", "to_date": "2024-02-01", "step": "1 month", "scale": 0, "cohorts": [[1, [0], ["2"]]]}', 'agree'),
    ('{"from_date": "2024-01-01", "to_date": "2024-02-01", "unit": "1 month", "scale": 0, "cohorts": [[1, [0], ["0"]]]}', 'age 0'),
    ('{"from_date": "2024-01-02", "to_date": "2024-02-01", "unit": "1 month", "scale": 0, "cohorts": [[1, [1], ["0"]]]}', 'calendar units')) v (text, pattern);
-- Rolled up, and read, a matrix may have more periods than one is made of: up to 5,000.
CREATE TABLE large AS SELECT ('{"from_date": "2001-01-01", "to_date": "' || date '2001-01-01' + 2501 || '", "unit": "1 day", "scale": 0, "cohorts": ['
    || (SELECT string_agg(format('[0, [%s], [%s]]', repeat('0, ', 2501 - k) || '0', repeat('"0", ', 2501 - k) || '"0"'), ', ' ORDER BY k) FROM generate_series(1, 2501) k) || ']}')::cohort_matrix AS m;
CREATE TABLE small AS SELECT n, cohort_agg(1::bigint, date '2001-01-01' + n, 1, '1 day') AS m FROM unnest('{0, 2500, 5000}'::int[]) n GROUP BY n;
SELECT is((SELECT rollup(m ORDER BY length(m::text)) FROM (SELECT m FROM large UNION ALL SELECT m FROM small WHERE n < 5000) x), (SELECT rollup(m ORDER BY length(m::text) DESC) FROM (SELECT m FROM large UNION ALL SELECT m FROM small WHERE n < 5000) x), 'more periods than are made are read, and merge in any order');
SELECT is((SELECT count(*) FROM cohort_table((SELECT rollup(m) FROM small WHERE n < 5000)) WHERE active > 0), 2::bigint, 'matrices over several times roll up to more periods than are made');
SELECT refused('SELECT rollup(m) FROM small', '54000', '5001 periods, the most is 5000', 'and not without end');
SELECT refused($$ SELECT cohort_agg(1::bigint, date '2001-01-01' + i * 2500, 1, '1 day') FROM generate_series(0, 1) i $$, '54000', '2501 periods', 'but no longer made: of events');
SELECT refused($$ SELECT cohort_agg('{"scale": 0, "steps": []}'::revenue_history, '2001-01-01', date '2001-01-01' + 2501, '1 day') $$, '54000', '2501 periods', 'nor of histories');

SELECT * FROM finish();
ROLLBACK;
