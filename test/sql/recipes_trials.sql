\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The recipe examples/trials.sql: the worked numbers, and random trials against plain SQL.
SELECT plan(7);
\set trials :tests '/../examples/trials.sql'
\i :trials
SELECT results_eq($$ SELECT step, sum(reached) FROM funnel_table(recipe_trials.funnel('2024-03-10 00:00Z')) GROUP BY 1 ORDER BY 1 $$, 'VALUES (1, 2::numeric), (2, 1)', 'as of 10 March one of two');
SELECT is(conversion(recipe_trials.funnel('2024-03-10 00:00Z')), 0.5, '... a half');
SELECT is((SELECT sum(reached) FROM funnel_table(recipe_trials.funnel('2024-03-11 09:00Z')) WHERE step = 1), 3::numeric, 'the third is over when its 30 days are');
SELECT results_eq($$ SELECT step, sum(reached) FROM funnel_table(recipe_trials.funnel('2024-05-01 00:00Z')) GROUP BY 1 ORDER BY 1 $$, 'VALUES (1, 5::numeric), (2, 2)', 'in the end two of five: a failed payment and a late one are no conversion');
CREATE FUNCTION draw(i int, j int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || left(md5(i || '/' || j), 7))::bit(28)::int % below $$;
TRUNCATE recipe_trials.event;
INSERT INTO recipe_trials.event SELECT 'a' || i, t, 'trial_started', 'p' || draw(2, i, 3), 100 FROM generate_series(1, 300) i, LATERAL (SELECT timestamptz '2024-01-01 00:00Z' + draw(1, i, 2000) * interval '1 hour' AS t) x;
INSERT INTO recipe_trials.event SELECT account, at + draw(3, substr(account, 2)::int, 1500) * interval '1 hour', CASE WHEN draw(4, substr(account, 2)::int, 4) > 0 THEN 'payment_succeeded' ELSE 'payment_failed' END, plan, arr FROM recipe_trials.event WHERE draw(5, substr(account, 2)::int, 4) > 0;
SELECT results_eq(format('SELECT stratum, step, reached FROM funnel_table(recipe_trials.funnel(%L)) ORDER BY 1, 2', as_of), format($$
    WITH t AS (SELECT account, plan, at FROM recipe_trials.event WHERE kind = 'trial_started' AND at + interval '30 days' <= %L), c AS (SELECT t.*, EXISTS (SELECT FROM recipe_trials.event p WHERE p.account = t.account AND kind = 'payment_succeeded' AND p.at >= t.at AND p.at <= t.at + interval '30 days') AS paid FROM t)
    SELECT plan, s, count(*) FILTER (WHERE s = 1 OR paid) FROM c, generate_series(1, 2) s GROUP BY 1, 2 ORDER BY 1, 2 $$, as_of), 'by plain SQL, as of ' || as_of) FROM unnest('{2024-02-15 00:00Z,2024-03-10 12:00Z,2025-01-01 00:00Z}'::text[]) as_of;
SELECT * FROM finish();
ROLLBACK;
