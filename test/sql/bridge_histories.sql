\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
SET LOCAL intervalstyle = 'postgres';
\set histories :tests '/include/histories.sql'
\i :histories
-- bridge_agg, trailing_agg and retention_agg over histories: against retention_agg over the raw rows, interval by interval, and
-- one answer from every plan and every way of merging.
SELECT plan(68);

CREATE TABLE hist AS SELECT account, account % 4 AS grp, history_agg(valid, amount, 'EUR') AS h FROM subscriptions GROUP BY account;
CREATE TABLE plain AS SELECT account, history_agg(valid, amount) AS h FROM subscriptions GROUP BY account;
-- What an aggregate leaves to its nodes, by hand: a state of some rows, and states merged.
CREATE FUNCTION one_run(bridge_state, revenue_history) RETURNS bridge_state LANGUAGE sql IMMUTABLE AS $$ SELECT csm_bridge_accum($1, $2, '2022-08-31', '2025-12-30', '1 month') $$;
CREATE AGGREGATE csm_fold(revenue_history) (SFUNC = one_run, STYPE = bridge_state);
CREATE AGGREGATE csm_join(bridge_state) (SFUNC = csm_bridge_combine, STYPE = bridge_state, FINALFUNC = csm_bridge_final);

-- The runs that are asked for, and the intervals that they must have.
CREATE TABLE runs (id int, from_date date, to_date date, step interval, span interval);
INSERT INTO runs VALUES
    (1, '2022-06-01', '2026-06-01', '1 month', NULL), (2, '2022-08-31', '2025-12-30', '1 month', NULL), (3, '2023-01-01', '2026-01-01', '3 months', NULL), (4, '2024-02-29', '2026-12-31', '1 year', NULL),
    (5, '2023-01-02', '2024-06-01', '1 week', NULL), (6, '2023-05-05', '2023-08-05', '1 day', NULL), (7, '2030-01-01', '2031-01-01', '1 month', NULL), (8, '2010-01-01', '2022-01-01', '2 years', NULL),
    (9, '2023-06-01', '2025-06-01', '1 month', '1 year'), (10, '2023-01-31', '2025-01-31', '3 months', '3 months'), (11, '2023-03-29', '2023-04-10', '1 day', '1 month'), (12, '2022-01-01', '2026-01-01', '1 year', '10 days');
CREATE TABLE intervals AS
SELECT id, k, a, b FROM runs, generate_series(0, 700) k,
    LATERAL (SELECT CASE WHEN span IS NULL THEN (from_date + k * step)::date ELSE ((from_date + k * step)::date - span)::date END AS a, (from_date + (CASE WHEN span IS NULL THEN k + 1 ELSE k END) * step)::date AS b) x
WHERE b <= to_date;

-- A summary for each interval, from the amounts on the two days and whether there was one before.
CREATE TABLE expected AS
SELECT id, k, retention_agg(s, e, known, daterange(a, b)) AS r FROM intervals,
    LATERAL (SELECT account, coalesce(sum(amount) FILTER (WHERE valid @> a - 1), 0) AS s, coalesce(sum(amount) FILTER (WHERE valid @> b - 1), 0) AS e,
                    coalesce(bool_or(amount > 0 AND lower(valid) < a), false) AS known FROM subscriptions WHERE NOT isempty(valid) GROUP BY account) x
GROUP BY id, k;
CREATE TABLE expected_runs AS SELECT id, array_agg(r ORDER BY k) AS rs FROM expected GROUP BY id;

CREATE TABLE bridged AS
SELECT id, (SELECT bridge_agg(h, from_date, to_date, step) FROM plain) AS rs FROM runs WHERE span IS NULL
UNION ALL SELECT id, (SELECT trailing_agg(h, from_date, to_date, step, span) FROM plain) FROM runs WHERE span IS NOT NULL;

SELECT is(b.rs, e.rs, format('run %s from %s to %s by %s%s: as from the raw rows', id, from_date, to_date, step, ' over ' || span))
FROM runs JOIN bridged b USING (id) LEFT JOIN expected_runs e USING (id) ORDER BY id;
SELECT cmp_ok((SELECT count(*) FROM expected WHERE reactivation(r) > 0 AND new_business(r) > 0 AND contraction(r) > 0 AND expansion(r) > 0 AND churned(r) > 0), '>', 30::bigint,
              'many intervals have every movement');

-- Every bridge reconciles, exactly.
CREATE TABLE rows_of_bridges AS SELECT id, b.* FROM bridged, bridge(rs) b;
SELECT is_empty($$ SELECT * FROM rows_of_bridges WHERE starting + new + reactivation + expansion - contraction - churned <> ending $$, 'amounts reconcile in every interval');
SELECT is_empty($$ SELECT * FROM rows_of_bridges WHERE accounts_starting + accounts_new + accounts_reactivated - accounts_churned <> accounts_ending $$, 'counts reconcile in every interval');
SELECT is_empty($$ SELECT * FROM (SELECT id, starting, accounts_starting, lag(ending) OVER w AS before, lag(accounts_ending) OVER w AS accounts_before FROM rows_of_bridges WHERE id < 9 WINDOW w AS (PARTITION BY id ORDER BY period_start)) x
                   WHERE starting <> before OR accounts_starting <> accounts_before $$, 'each interval of a bridge starts with what the one before ended with');
SELECT is((SELECT sum(new + reactivation + expansion - contraction - churned) FROM rows_of_bridges WHERE id = 1), (SELECT ending FROM rows_of_bridges WHERE id = 1 ORDER BY period_start DESC LIMIT 1),
          'all movements since before the first account make up what there is');
SELECT is_empty($$ SELECT id FROM rows_of_bridges GROUP BY id HAVING count(DISTINCT scale(starting)) > 1 $$, 'all intervals of a run have one display scale');

-- One interval alone, and the account's own movements.
SELECT is_empty($$ SELECT id, k FROM expected JOIN intervals USING (id, k) WHERE r IS DISTINCT FROM (SELECT retention_agg(h, a, b) FROM plain) $$, 'retention_agg of an interval is that interval of the bridge');
SELECT is_empty($$ SELECT period_start FROM (SELECT period_start, sum(starting) FILTER (WHERE movement = 'churn') AS churned, sum(change) FILTER (WHERE movement = 'new') AS new, sum(change) FILTER (WHERE movement = 'reactivation') AS reactivation,
                          sum(change) FILTER (WHERE movement = 'expansion') AS expansion, -sum(change) FILTER (WHERE movement = 'contraction') AS contraction, count(*) FILTER (WHERE movement = 'expansion') AS expanded
                          FROM plain, movements(h, '2022-08-31', '2025-12-30', '1 month') GROUP BY period_start) m FULL JOIN (SELECT * FROM rows_of_bridges WHERE id = 2) b USING (period_start)
                   WHERE coalesce(m.churned, 0) <> b.churned OR coalesce(m.new, 0) <> b.new OR coalesce(m.reactivation, 0) <> b.reactivation OR coalesce(m.expansion, 0) <> b.expansion
                   OR coalesce(m.contraction, 0) <> b.contraction OR coalesce(expanded, 0) <> accounts_expanded $$, 'movements of the accounts add up to the bridge');

-- Parameters and rows that do not count.
SELECT is((SELECT bridge_agg(h, '2024-01-01', '2024-01-31', '1 month') FROM plain), '{}', 'fewer than one whole step: an empty array');
SELECT is((SELECT array_length(trailing_agg(h, '2024-01-01', '2024-01-31', '1 month', '1 year'), 1) FROM plain), 1, 'fewer than one whole step: one trailing window');
SELECT is((SELECT bridge_agg(h, '2024-01-01', '2025-01-01', '1 month') FROM plain WHERE false), NULL, 'no rows: NULL');
SELECT is((SELECT bridge_agg(NULL::revenue_history, '2024-01-01', '2025-01-01', '1 month') FROM plain), NULL, 'only NULLs: NULL');
SELECT is((SELECT retention_agg(NULL::revenue_history, '2024-01-01', '2025-01-01') FROM plain), NULL, 'only NULLs: NULL of retention_agg');
SELECT is((SELECT bridge_agg(h, '2024-01-01', '2025-01-01', '1 month') FROM (SELECT h FROM plain UNION ALL SELECT NULL) x)::text, (SELECT bridge_agg(h, '2024-01-01', '2025-01-01', '1 month') FROM plain)::text, 'NULL histories do not count');
SELECT is((SELECT currency(r) FROM (SELECT retention_agg(h, '2024-01-01', '2025-01-01') AS r FROM hist) x), 'EUR', 'the currency is that of the histories');
SELECT is((SELECT currency(rs[1]) || currency(rs[12]) FROM (SELECT bridge_agg(h, '2024-01-01', '2025-01-01', '1 month') AS rs FROM hist) x), 'EUREUR', 'the currency is that of the histories in every interval');
SELECT refused(format('SELECT %s FROM (SELECT account, h FROM hist) x', call), state, pattern, 'refused: ' || call) FROM (VALUES
    ('bridge_agg(h, NULL, ''2025-01-01'', ''1 month'')', '22004', 'from_date'),
    ('bridge_agg(h, ''2024-01-01'', NULL, ''1 month'')', '22004', 'to_date'),
    ('bridge_agg(h, ''2024-01-01'', ''2025-01-01'', NULL)', '22004', 'step'),
    ('trailing_agg(h, ''2024-01-01'', ''2025-01-01'', ''1 month'', NULL)', '22004', 'span'),
    ('bridge_agg(h, ''2024-01-01'', ''2024-01-01'', ''1 month'')', '22023', '2024-01-01'),
    ('bridge_agg(h, ''2024-01-01'', ''infinity'', ''1 month'')', '22023', 'infinity'),
    ('bridge_agg(h, ''2024-01-01'', ''2025-01-01'', ''0'')', '22023', 'step.*00:00:00'),
    ('bridge_agg(h, ''2024-01-01'', ''2025-01-01'', ''-1 month'')', '22023', '-1 mon'),
    ('bridge_agg(h, ''2024-01-01'', ''2025-01-01'', ''1 month 1 day'')', '22023', '1 mon 1 day'),
    ('bridge_agg(h, ''2024-01-01'', ''2025-01-01'', ''1 day 1 hour'')', '22023', '01:00:00'),
    ('bridge_agg(h, ''1700-01-01'', ''2025-01-01'', ''1 day'')', '54000', '1 day'),
    ('bridge_agg(h, ''2024-01-01'', ''2025-01-01'', CASE account % 2 WHEN 0 THEN interval ''1 month'' ELSE ''2 months'' END)', '22023', 'step.*varies.*month'),
    ('bridge_agg(h, ''2024-01-01'', date ''2025-01-01'' + account % 2, ''1 month'')', '22023', 'to_date.*varies'),
    ('retention_agg(h, date ''2024-01-01'' + account % 2, ''2025-01-01'')', '22023', 'from_date.*varies'),
    ('retention_agg(h, ''2025-01-01'', ''2024-01-01'')', '22023', 'order'),
    ('bridge_agg(CASE account % 2 WHEN 0 THEN h ELSE in_currency(h, 1, ''USD'') END, ''2024-01-01'', ''2025-01-01'', ''1 month'')', '22023', 'currenc.*(USD|EUR)'),
    ('bridge_agg(h * -1, ''2024-01-01'', ''2025-01-01'', ''1 month'')', '22023', 'negative on 2023-12-31: -[0-9.]+$'),
    ('retention_agg(h * -1, ''2024-01-01'', ''2025-01-01'')', '22023', 'negative on')
) v (call, state, pattern);

-- One answer from every plan.
\set asked 'bridge_agg(h, $$2022-08-31$$, $$2025-12-30$$, $$1 month$$) AS b, trailing_agg(h, $$2023-06-01$$, $$2025-06-01$$, $$1 month$$, $$1 year$$) AS t, retention_agg(h, $$2023-06-01$$, $$2025-06-01$$) AS r'
\set by_grp 'SELECT grp, ' :asked ' FROM hist GROUP BY grp'
SET LOCAL max_parallel_workers_per_gather = 0;
CREATE TABLE serial AS :by_grp;
SELECT unalike(plan_of(:'by_grp'), '%Partial%', 'the serial plan is serial');
SELECT is((SELECT string_agg(x::text, ';' ORDER BY grp) FROM (SELECT grp, bridge_agg(h, '2022-08-31', '2025-12-30', '1 month' ORDER BY md5(account::text)) AS b, trailing_agg(h, '2023-06-01', '2025-06-01', '1 month', '1 year' ORDER BY account DESC) AS t,
                  retention_agg(h, '2023-06-01', '2025-06-01' ORDER BY account % 7) AS r FROM hist GROUP BY grp) x), (SELECT string_agg(serial::text, ';' ORDER BY grp) FROM serial), 'the order of the rows does not matter');
SELECT is((SELECT rollup(b) FROM serial), (SELECT bridge_agg(h, '2022-08-31', '2025-12-30', '1 month') FROM hist), 'bridges of groups roll up to the bridge of all');

-- The state as it travels between nodes: text and binary, there and back, then merged.
CREATE TABLE states AS
SELECT grp, state FROM (SELECT DISTINCT grp FROM hist) g, LATERAL (SELECT csm_fold(h) AS state FROM hist WHERE hist.grp = g.grp) x;
\set file `mktemp -u /tmp/csm_metrics_bridge.XXXXXX`
COPY states TO :'file' (FORMAT binary);
CREATE TABLE arrived (LIKE states);
COPY arrived FROM :'file' (FORMAT binary);
\set remove 'cat > /dev/null; rm ' :file
COPY (SELECT) TO PROGRAM :'remove';
SELECT is((SELECT string_agg(state::text, ';' ORDER BY grp) FROM arrived), (SELECT string_agg(state::text, ';' ORDER BY grp) FROM states), 'states come back from their binary form');
SELECT is((SELECT csm_join(state::text::bridge_state) FROM arrived), (SELECT bridge_agg(h, '2022-08-31', '2025-12-30', '1 month') FROM hist), 'states come back from their text form and merge to the bridge of all');
SELECT refused(format('SELECT %L::bridge_state', regexp_replace(state::text, pattern, replacement)), '22P02', message, 'a damaged state is refused: ' || message)
FROM states, (VALUES ('"step": "1 month"', '"step": "2 months"', 'number of intervals'), ('"period_start": "2023', '"period_start": "2021', 'another period'), ('"accounts_new": \d+', '"accounts_new": 999999', 'agree'),
                     ('"scale": \d+', '"scale": 0', 'another scale'), ('"currency": "EUR"', '"currency": "USD"', 'currency')) v (pattern, replacement, message) WHERE grp = 1;
SELECT is_empty($$ SELECT movements(history_agg(daterange('2024-01-01', NULL), -1), '2024-01-31', '2024-02-10', '1 month') $$, 'movements of no whole step: none, and no figure is drawn');

-- Stretches without a change are kept as differences until the end. The same interval by interval, where nothing is kept: many accounts of one price, amounts near 2^63 and far
-- beyond, decimal places that come late, accounts that leave and return; rows in any order; states that are passed on half full.
CREATE TABLE stretches AS
SELECT i AS account, history_agg(daterange('2024-01-01'::date + at, CASE WHEN length > 60 THEN NULL ELSE '2024-01-01'::date + at + length END), amount) AS h
FROM generate_series(1, 300) i, generate_series(1, 1 + i % 4) n,
    LATERAL (SELECT ('x' || substr(md5(i || '/' || n), 1, 7))::bit(28)::int AS at_seed, ('x' || substr(md5(n || ':' || i), 1, 7))::bit(28)::int AS seed) d,
    LATERAL (SELECT at_seed % 130 - 20 AS at, 1 + seed % 90 AS length,
        CASE WHEN i <= 150 THEN 100 WHEN i % 7 = 0 THEN 9223372036854775800::numeric + seed % 16 WHEN i % 11 = 0 THEN 1e30 + seed % 3 WHEN i = 298 THEN seed % 5 + 0.00001 ELSE seed % 40 END AS amount) a
GROUP BY i;
CREATE TABLE asked AS SELECT * FROM (VALUES (1, '2024-01-01'::date, '2024-04-30'::date, '1 day'::interval, NULL::interval), (2, '2023-12-01', '2024-06-01', '1 month', NULL), (3, '2024-01-03', '2024-04-30', '13 days', NULL),
    (4, '2024-01-01', '2024-05-01', '1 day', '1 month'), (5, '2024-01-31', '2024-06-30', '1 month', '10 days'), (6, '2024-01-01', '2024-06-01', '5 days', '30 days')) v (id, f, t, step, span);
CREATE TABLE by_interval AS
SELECT id, (SELECT array_agg(r ORDER BY a) FROM (SELECT a, (SELECT retention_agg(h, a, b) FROM stretches) AS r
    FROM generate_series(0, 150) k, LATERAL (SELECT CASE WHEN span IS NULL THEN (f + k * step)::date ELSE ((f + k * step)::date - span)::date END AS a, (f + (CASE WHEN span IS NULL THEN k + 1 ELSE k END) * step)::date AS b) x WHERE b <= t) y) AS rs
FROM asked;
CREATE FUNCTION bridge_of(f date, t date, step interval, span interval, ordering text) RETURNS retention_summary[] LANGUAGE plpgsql AS $$
DECLARE
    answer retention_summary[];
BEGIN
    EXECUTE format('SELECT %s FROM (SELECT h FROM stretches ORDER BY %s OFFSET 0) x', CASE WHEN span IS NULL THEN 'bridge_agg(h, $1, $2, $3)' ELSE 'trailing_agg(h, $1, $2, $3, $4)' END, ordering) INTO answer USING f, t, step, span;
    RETURN answer;
END $$;
SELECT is((SELECT rs::text FROM by_interval WHERE id = asked.id), bridge_of(f, t, step, span, 'account')::text, format('differences: steps of %s, windows of %s', step, span)) FROM asked ORDER BY id;
SELECT is_empty($$ SELECT id, o FROM asked JOIN by_interval USING (id), unnest('{account DESC,md5(account::text),account % 13,account % 11 DESC}'::text[]) o WHERE bridge_of(f, t, step, span, o)::text <> rs::text $$, 'differences: rows in any order');
CREATE FUNCTION daily_run(bridge_state, revenue_history) RETURNS bridge_state LANGUAGE sql IMMUTABLE AS $$ SELECT csm_bridge_accum($1, $2, '2024-01-01', '2024-04-30', '1 day') $$;
CREATE AGGREGATE csm_fold_daily(h revenue_history, f date, t date, step interval) (SFUNC = csm_bridge_accum, STYPE = bridge_state, COMBINEFUNC = csm_bridge_combine);
CREATE TABLE half_full AS SELECT account % 5 AS part, csm_fold_daily(h, '2024-01-01', '2024-04-30', '1 day') AS state FROM stretches GROUP BY account % 5;
SELECT is((SELECT csm_join(state) FROM half_full)::text, (SELECT rs::text FROM by_interval WHERE id = 1), 'differences: states that are full of them merge');
SELECT is((SELECT csm_bridge_final(daily_run(daily_run(NULL, a.h), b.h)) FROM stretches a, stretches b WHERE a.account = 7 AND b.account = 298)::text, (SELECT bridge_agg(h, '2024-01-01', '2024-04-30', '1 day') FROM stretches WHERE account IN (7, 298))::text, 'differences: by hand');
SELECT is((SELECT csm_bridge_final(csm_bridge_accum(csm_bridge_accum(state, a.h, '2024-01-01', '2024-04-30', '1 day'), b.h, '2024-01-01', '2024-04-30', '1 day')) FROM half_full, stretches a, stretches b WHERE part = 2 AND a.account = 7 AND b.account = 298)::text,
    (SELECT bridge_agg(h, '2024-01-01', '2024-04-30', '1 day') FROM (SELECT h FROM stretches WHERE account % 5 = 2 UNION ALL SELECT h FROM stretches WHERE account IN (7, 298)) x)::text, 'differences: rows are added to a state at rest');

-- All accounts at one price are no slower than all at prices of their own: the best of three each.
CREATE TABLE priced AS SELECT i AS account, history_agg(daterange('2023-01-01'::date + i % 300, NULL), 100) AS one, history_agg(daterange('2023-01-01'::date + i % 300, NULL), i * 7919 % 10007) AS own FROM generate_series(1, 10000) i GROUP BY i;
CREATE FUNCTION seconds(query text) RETURNS float LANGUAGE plpgsql AS $$
DECLARE
    best float := 'infinity';
    start timestamptz;
BEGIN
    FOR i IN 1 .. 3 LOOP
        start := clock_timestamp();
        EXECUTE query;
        best := least(best, extract(epoch FROM clock_timestamp() - start));
    END LOOP;
    RETURN best;
END $$;
SELECT cmp_ok(seconds($$ SELECT bridge_agg(one, '2023-01-01', '2025-01-01', '1 day') FROM priced $$) / seconds($$ SELECT bridge_agg(own, '2023-01-01', '2025-01-01', '1 day') FROM priced $$), '<', 3::float, 'one price is not the slow path');

SELECT * FROM finish();
ROLLBACK;
