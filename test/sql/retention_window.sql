\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
\set accounts :tests '/include/accounts.sql'
\i :accounts
-- Moving windows: a row enters, a row leaves, and each row's figure is what plain SQL gives over its frame.
SELECT plan(30);

-- The figures of one frame in plain SQL; amounts at the largest display scale that the frame holds.
CREATE TYPE figures AS (ndr numeric, grr numeric, churn numeric, churn_flag numeric, revenue_churn numeric, quick_ratio numeric, survivor_ndr numeric);
CREATE FUNCTION figures_of(of_shape int, low int, high int) RETURNS figures LANGUAGE sql STABLE AS $$
    WITH frame AS (
        SELECT coalesce(s, 0) AS s, coalesce(e, 0) AS e, e AS e_or_null, coalesce(max(greatest(scale(s), scale(e))) OVER (), 0) AS d
        FROM accounts WHERE shape = of_shape AND i BETWEEN low AND high)
    SELECT round(sum(e) FILTER (WHERE s > 0), d) / round(sum(s) FILTER (WHERE s > 0), d),
           round(sum(least(s, e)) FILTER (WHERE s > 0), d) / round(sum(s) FILTER (WHERE s > 0), d),
           count(*) FILTER (WHERE s > 0 AND e = 0)::numeric / nullif(count(*) FILTER (WHERE s > 0), 0),
           count(*) FILTER (WHERE e_or_null = 0)::numeric / nullif(count(e_or_null), 0),
           round(sum(greatest(s - e, 0)) FILTER (WHERE s > 0), d) / round(sum(s) FILTER (WHERE s > 0), d),
           round(sum(greatest(e - s, 0)), d) / nullif(round(sum(greatest(s - e, 0)), d), 0),
           round(sum(e) FILTER (WHERE s > 5 AND e > 5), d) / round(sum(s) FILTER (WHERE s > 5 AND e > 5), d)
    FROM frame GROUP BY d
$$;
CREATE INDEX ON accounts (shape, i);
ANALYZE accounts;

-- A frame clause, and the rows whose figures differ from the plain ones between i + low and i + high.
CREATE FUNCTION moving(frame text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT format('SELECT shape, i, (ndr_agg(s, e) OVER w, grr_agg(s, e) OVER w, churn_agg(s, e) OVER w, churn_agg(e = 0) OVER w, revenue_churn_agg(s, e) OVER w,
                          quick_ratio_agg(s, e) OVER w, survivor_ndr_agg(s, e, 5) OVER w)::figures AS have
                   FROM accounts WHERE shape < 60 WINDOW w AS (PARTITION BY shape ORDER BY i %s)', frame)
$$;
CREATE FUNCTION differing(frame text, low int, high int) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT format(''shape %%s row %%s: %%s, expected %%s'', shape, i, have::text, want::text)
                                 FROM (%s) m, LATERAL figures_of(shape, i + %s, i + %s) want WHERE have::text IS DISTINCT FROM coalesce(want::text, ''(,,,,,,)'') LIMIT 3',
                                moving(frame), low, high);
END $$;
SELECT matches(plan_of(moving('ROWS 3 PRECEDING')), 'WindowAgg', 'moving window: the plan has WindowAgg');
SELECT is_empty(format('SELECT differing(%L, %s, %s)', frame, low, high), format('moving window: %s gives the plain figures of each frame', frame))
FROM (VALUES
    (1, 'ROWS BETWEEN 6 PRECEDING AND CURRENT ROW', -6, 0),
    (2, 'ROWS BETWEEN 3 PRECEDING AND 2 FOLLOWING', -3, 2),
    (3, 'ROWS BETWEEN 2 FOLLOWING AND 7 FOLLOWING', 2, 7),
    (4, 'ROWS BETWEEN 9 PRECEDING AND 4 PRECEDING', -9, -4),
    (5, 'ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING', 0, 1),
    (6, 'ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING', 0, 1000),
    (7, 'ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW', -1000, 0),
    (8, 'ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING', -1000, 1000),
    (9, 'GROUPS BETWEEN 4 PRECEDING AND CURRENT ROW', -4, 0),
    (10, 'RANGE BETWEEN 4 PRECEDING AND 1 FOLLOWING', -4, 1)
) AS frame_of (n, frame, low, high) ORDER BY n;
SELECT is_empty($$ SELECT shape, i FROM (SELECT shape, i, ndr_agg(s, e) FILTER (WHERE i % 3 > 0) OVER w AS filtered, ndr_agg(CASE WHEN i % 3 > 0 THEN s END, CASE WHEN i % 3 > 0 THEN e END) OVER w AS nulled
                   FROM accounts WINDOW w AS (PARTITION BY shape ORDER BY i ROWS 5 PRECEDING)) x WHERE filtered::text IS DISTINCT FROM nulled::text $$,
                'moving window: FILTER leaves rows out');

-- Hand-made frames. A: the amount of the largest display scale enters and leaves. B: 38 digits meet 38 places, never in one frame.
CREATE TABLE by_hand (run text, i int, s numeric, e numeric);
INSERT INTO by_hand VALUES
    ('A', 1, 3, 1), ('A', 2, 3, 2), ('A', 3, 3, 1.00000000000000000000000000), ('A', 4, 3, 2.0), ('A', 5, 3, 1), ('A', 6, 3, 2), ('A', 7, NULL, NULL), ('A', 8, NULL, NULL), ('A', 9, 3, 1),
    ('B', 1, 99999999999999999999999999999999999999, 9), ('B', 2, 0, NULL), ('B', 3, 0.00000000000000000000000000000000000003, 0.00000000000000000000000000000000000001), ('B', 4, NULL, 0),
    ('B', 5, 99999999999999999999999999999999999999, 0), ('B', 6, 0, 0), ('B', 7, 0.3, 0.1),
    ('C', 1, 50000000000000000000000000000000000000, 1), ('C', 2, 49999999999999999999999999999999999999, 1), ('C', 3, 50000000000000000000000000000000000000, 1), ('C', 4, 1, 1.5);
CREATE TABLE moved AS SELECT *, ndr_agg(s, e) OVER w AS ndr, grr_agg(s, e) OVER w AS grr, quick_ratio_agg(s, e) OVER w AS quick_ratio FROM by_hand WHERE run < 'C' OR i < 4
                      WINDOW w AS (PARTITION BY run ORDER BY i ROWS 1 PRECEDING);
SELECT is(ndr::text, expected, format('largest display scale: row %s of the run where it enters at 3 and leaves at 5', i))
FROM moved, LATERAL (SELECT CASE WHEN moved.i IN (3, 4) THEN (round(sum(e), 26) / round(sum(s), 26))::text ELSE (sum(e) / sum(s))::text END AS expected
                     FROM by_hand b WHERE b.run = 'A' AND b.i IN (moved.i, moved.i - 1)) x WHERE run = 'A' ORDER BY i;
SELECT results_eq($$ SELECT scale(ndr) FROM moved WHERE run = 'A' AND i BETWEEN 2 AND 5 ORDER BY i $$, ARRAY[20, 26, 26, 20], 'largest display scale: it shrinks back when its amount leaves');
SELECT is((SELECT string_agg(coalesce(ndr::text, 'NULL'), ' ' ORDER BY i) FROM moved WHERE run = 'B'),
          (SELECT string_agg(coalesce(ndr, 'NULL'), ' ' ORDER BY n) FROM (VALUES
              (1, (9 / 99999999999999999999999999999999999999::numeric)::text), (2, (9 / 99999999999999999999999999999999999999::numeric)::text),
              (3, (1::numeric(76, 38) / 3)::text), (4, (1::numeric(76, 38) / 3)::text), (5, (0 / 99999999999999999999999999999999999999::numeric)::text),
              (6, (0 / 99999999999999999999999999999999999999::numeric)::text), (7, (0.1 / 0.3)::text)) v (n, ndr)),
          'amounts of 38 digits and of 38 places follow each other through the window');
SELECT is((SELECT ndr FROM moved WHERE run = 'C' AND i = 3), 2 / 99999999999999999999999999999999999999::numeric, 'totals of exactly 38 digits follow each other through the window');
SELECT refused($$ SELECT ndr_agg(s, e) OVER (ORDER BY i ROWS 2 PRECEDING) FROM by_hand WHERE run = 'C' $$, '22003', '38 digits', 'a frame that adds up to more than 38 digits is refused');
SELECT lives_ok($$ SELECT count(ndr) FROM (SELECT ndr_agg(s, e) OVER (ORDER BY i ROWS 1 PRECEDING) AS ndr FROM by_hand WHERE run = 'C' AND i < 4) x $$, 'frames that each stay within 38 digits are not');

-- Cost: a frame of 20,000 rows over 40,000 rows. Adding each frame up afresh would read 600 million rows, a matter of minutes.
CREATE TABLE long AS SELECT i, (i % 977 + 1)::numeric(12,2) AS s, (i % 883)::numeric(12,2) AS e, i % 5 = 0 AS churned FROM generate_series(1, 40000) i;
ANALYZE long;
SELECT performs_ok(format('SELECT count(figure) FROM (SELECT %s OVER (ORDER BY i ROWS BETWEEN 19999 PRECEDING AND CURRENT ROW) AS figure FROM long) x', figure), 5000,
                   format('moving window: %s costs the same however long the frame', figure))
FROM (VALUES (1, 'ndr_agg(s, e)'), (2, 'churn_agg(churned)'), (3, 'survivor_ndr_agg(s, e, 100)'), (4, 'quick_ratio_agg(s, nullif(round(e, i % 9), 0))')) v (n, figure) ORDER BY n;

SELECT * FROM finish();
ROLLBACK;
