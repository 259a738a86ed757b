\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- How often the interval of lift holds the true effect: a few cells of the simulation in tools/coverage/lift.sql, each chosen so that
-- another formula fails in it. Limits are far enough from what is expected for any random numbers.
SELECT plan(5);

CREATE TABLE cell (cell text, lost float8, spread float8, n int, share numeric, effect numeric);
INSERT INTO cell VALUES ('eight touched, no effect', 0.056, 0, 400, 0.02, 0), ('small side varies more', 0.056, 0, 400, 0.10, -0.15), ('two touched', 0.056, 1, 100, 0.02, -0.15), ('half and half', 0.10, 0, 400, 0.50, 0), ('few untouched', 0.10, 1, 400, 0.90, 0.03);
DO $$ BEGIN PERFORM setseed(0.5); END $$;
CREATE TABLE sample AS
SELECT cell, effect, trial, lift_agg(i <= share * n, CASE WHEN random() < lost - CASE WHEN i <= share * n THEN effect ELSE 0 END THEN 0 ELSE due END, due) AS l
FROM cell, generate_series(1, 400) trial, generate_series(1, n) i, LATERAL (SELECT round((10000 * exp(spread * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())))::numeric, 2) AS due OFFSET 0) d
GROUP BY cell, effect, trial;
CREATE TABLE coverage AS SELECT cell, count(*) FILTER (WHERE lift_interval(l, 0.95) @> effect) / count(*)::float8 AS covered FROM sample GROUP BY cell;
SELECT cmp_ok(covered, '>', limits.low, format('%s: covered often enough', cell)) FROM coverage JOIN (VALUES
    (1, 'eight touched, no effect', 0.95::float8), -- 0.38 with the variance by side alone
    (2, 'small side varies more', 0.87), -- 0.82 with the pooled variance alone
    (3, 'two touched', 0.95), -- 0.72 with the normal quantile
    (4, 'few untouched', 0.93)) limits (n, cell, low) USING (cell) ORDER BY n;
SELECT cmp_ok(covered, '<', 0.99::float8, 'half and half: the interval is no wider than it must be') FROM coverage WHERE cell = 'half and half';

SELECT * FROM finish();
ROLLBACK;
