\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- rollup of cohort matrices of events that reach over different periods: the matrix of all events, whatever the order, in time that
-- grows with what is added.
SELECT plan(13);

-- One matrix a day, of accounts of its own, over two years.
CREATE TABLE events AS
SELECT d, d * 10 + a AS account, '2023-01-01'::date + d AS at, (d * 7 + a) % 50 + CASE WHEN d = 300 THEN 0.25 ELSE 0 END AS amount FROM generate_series(0, 599) d, generate_series(1, 3) a WHERE d % 9 <> 4
UNION ALL SELECT d, d * 10 + 1, '2023-01-01'::date + d + d % 40, 5 FROM generate_series(0, 560) d WHERE d % 9 <> 4;
CREATE TABLE daily AS SELECT d, cohort_agg(account, at, amount, '1 day') AS m FROM events GROUP BY d;
CREATE TABLE everything AS SELECT cohort_agg(account, at, amount, '1 day') AS m FROM events;
CREATE TABLE orders (name text, by text);
INSERT INTO orders VALUES ('in the order of time', 'd'), ('backwards', 'd DESC'), ('in no order', 'md5(d::text)'), ('from the middle', 'abs(d - 300), d'), ('evens first', 'd % 2, d');
CREATE FUNCTION rolled_up(ordering text) RETURNS cohort_matrix LANGUAGE plpgsql AS $$
DECLARE
    answer cohort_matrix;
BEGIN
    EXECUTE format('SELECT rollup(m) FROM (SELECT m FROM daily ORDER BY %s OFFSET 0) x', ordering) INTO answer;
    RETURN answer;
END $$;
CREATE TABLE answers AS SELECT name, rolled_up(by) AS m FROM orders;
SELECT is(md5(csm_cohorts_send(a.m)), md5(csm_cohorts_send(e.m)), 'the matrix of all events: ' || name) FROM answers a, everything e ORDER BY name;
SELECT is_empty($$ SELECT name FROM answers a, everything e WHERE a.m <> e.m OR csm_cohorts_hash(a.m) <> csm_cohorts_hash(e.m) OR csm_cohorts_send(a.m) <> csm_cohorts_send(e.m) OR length(a.m::text) <> length(e.m::text) $$,
    'bit for bit');

-- A state that is handed on before it is finished: as a value, to be merged, to be asked.
CREATE AGGREGATE unfinished(cohort_matrix) (SFUNC = csm_cohorts_combine, STYPE = cohort_matrix);
CREATE TABLE parts AS SELECT d / 150 AS part, unfinished(m ORDER BY d) AS m FROM daily GROUP BY d / 150;
SELECT is((SELECT md5(csm_cohorts_send(rollup(m))) FROM parts), (SELECT md5(csm_cohorts_send(m)) FROM everything), 'states that have spare periods merge');
SELECT is((SELECT md5(csm_cohorts_send(unfinished(m ORDER BY part DESC))) FROM parts), (SELECT md5(csm_cohorts_send(m)) FROM everything), 'and are shown without them');
SELECT is_empty($$ SELECT part FROM parts p WHERE m <> (SELECT rollup(m) FROM daily WHERE d / 150 = part) OR md5(csm_cohorts_send(m)) <> md5(csm_cohorts_send((SELECT rollup(m) FROM daily WHERE d / 150 = part)))
    OR (SELECT md5(string_agg(t::text, ',')) FROM cohort_table(m) t) <> (SELECT md5(string_agg(t::text, ',')) FROM cohort_table((SELECT rollup(m) FROM daily WHERE d / 150 = part)) t) $$, 'and equal the value at rest');
SELECT is((SELECT rollup(m) FROM (SELECT cohort_agg(1::bigint, d, 1, '1 day') AS m FROM unnest('{5874897-12-29,5874897-12-30}'::date[]) d GROUP BY d) x)::text, (SELECT cohort_agg(d - '5874897-12-01'::date + 1::bigint, d, 1, '1 day') FROM unnest('{5874897-12-29,5874897-12-30}'::date[]) d)::text, 'at the end of the calendar there is no spare period');
SELECT refused($$ SELECT rollup(m) FROM (SELECT cohort_agg(1::bigint, d, 1, '1 day') AS m FROM unnest('{2000-01-01,2010-01-01,2020-01-01}'::date[]) d GROUP BY d) x $$, '54000', 'periods', 'too many periods are refused');

-- In the order of time is no slower than in no order, where the first few matrices span everything: best of two each.
CREATE FUNCTION seconds(ordering text) RETURNS float LANGUAGE plpgsql AS $$
DECLARE
    best float := 'infinity';
    start timestamptz;
BEGIN
    FOR i IN 1 .. 2 LOOP
        start := clock_timestamp();
        PERFORM rolled_up(ordering);
        best := least(best, extract(epoch FROM clock_timestamp() - start));
    END LOOP;
    RETURN best;
END $$;
SELECT cmp_ok(seconds('d') / seconds('md5(d::text)'), '<', 5::float, 'linear in what it adds: 600 days in the order of time');
SELECT cmp_ok(seconds('d DESC') / seconds('md5(d::text)'), '<', 5::float, 'linear in what it adds: 600 days backwards');

SELECT * FROM finish();
ROLLBACK;
