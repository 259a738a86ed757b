\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The recipe examples/trials.sql: the worked numbers, and random trials against plain SQL.
SELECT plan(12);
\set trials :tests '/../examples/trials.sql'
\i :trials
SELECT results_eq($$ SELECT step, sum(reached) FROM funnel_table(recipe_trials.funnel('2024-03-10 00:00Z')) GROUP BY 1 ORDER BY 1 $$, 'VALUES (1, 2::numeric), (2, 1)', 'as of 10 March one of two');
SELECT is(conversion(recipe_trials.funnel('2024-03-10 00:00Z')), 0.5, '... a half');
SELECT is((SELECT sum(reached) FROM funnel_table(recipe_trials.funnel('2024-03-11 09:00Z')) WHERE step = 1), 3::numeric, 'the third is over when its 30 days are');
SELECT results_eq($$ SELECT step, sum(reached) FROM funnel_table(recipe_trials.funnel('2024-05-01 00:00Z')) GROUP BY 1 ORDER BY 1 $$, 'VALUES (1, 5::numeric), (2, 2)', 'in the end two of five: a failed payment and a late one are no conversion');
CREATE FUNCTION draw(i int, j int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || left(md5(i || '/' || j), 7))::bit(28)::int % below $$;
TRUNCATE recipe_trials.event;
-- 400 trials of 220 accounts, some with two plans one after the other, and 900 payments, of which a third fails.
INSERT INTO recipe_trials.event SELECT 'a' || draw(6, i, 220), timestamptz '2024-01-01 00:00Z' + draw(1, i, 2000) * interval '1 hour', 'trial_started', (ARRAY['p0', 'p1', 'p2', NULL])[1 + draw(2, i, 4)], draw(7, i, 50000) / 100.0 FROM generate_series(1, 400) i;
INSERT INTO recipe_trials.event SELECT 'a' || draw(8, i, 260), timestamptz '2024-01-01 00:00Z' + draw(3, i, 3500) * interval '1 hour', CASE WHEN draw(4, i, 3) > 0 THEN 'payment_succeeded' ELSE 'payment_failed' END, 'p9', 999 FROM generate_series(1, 900) i;
-- A payment at the very end of the 30 days, one a second later, one at the instant of the trial.
INSERT INTO recipe_trials.event SELECT a, at, kind, 'p0', 7 FROM (VALUES ('end', '2024-01-01 00:00Z'::timestamptz, 'trial_started'), ('end', '2024-01-31 00:00Z', 'payment_succeeded'), ('late', '2024-01-01 00:00Z', 'trial_started'), ('late', '2024-01-31 00:00:01Z', 'payment_succeeded'),
    ('at once', '2024-01-01 00:00Z', 'trial_started'), ('at once', '2024-01-01 00:00Z', 'payment_succeeded')) v (a, at, kind);
-- Of an account the trials that are over; it has converted if one of them was paid within its own 30 days. Plan and amount are those of its first trial.
CREATE FUNCTION plain_trials(as_of timestamptz) RETURNS TABLE (account text, plan text, arr numeric, paid_after interval) LANGUAGE sql AS $$
    WITH t AS (SELECT * FROM recipe_trials.event WHERE kind = 'trial_started' AND at + interval '720 hours' <= as_of)
    SELECT DISTINCT ON (account) account, plan, arr, (SELECT min(p.at) - max(o.at) FROM (SELECT p.at FROM recipe_trials.event p JOIN t o ON o.account = p.account AND p.at BETWEEN o.at AND o.at + interval '720 hours' WHERE p.kind = 'payment_succeeded' AND p.account = t.account ORDER BY p.at LIMIT 1) p,
        t o WHERE o.account = t.account AND o.at <= p.at)
    FROM t ORDER BY account, at, plan, arr DESC $$;
SELECT results_eq(format('SELECT stratum, step, reached, amount FROM funnel_table(recipe_trials.funnel(%L)) ORDER BY 1, 2', as_of),
    format('SELECT plan, s, count(*) FILTER (WHERE s = 1 OR paid_after IS NOT NULL), coalesce(sum(arr) FILTER (WHERE s = 1 OR paid_after IS NOT NULL), 0) FROM plain_trials(%L), generate_series(1, 2) s GROUP BY 1, 2 ORDER BY 1, 2', as_of), 'by plain SQL, as of ' || as_of)
FROM unnest('{2024-02-15 00:00Z,2024-03-10 12:00Z,2025-01-01 00:00Z}'::text[]) as_of;
SELECT is(round(conversion(s), 10), (SELECT round(count(paid_after)::numeric / count(*), 10) FROM plain_trials('2024-03-10 12:00Z')), 'the share') FROM recipe_trials.funnel('2024-03-10 12:00Z') s;
SELECT is(round(amount_conversion(s), 10), (SELECT round(sum(arr) FILTER (WHERE paid_after IS NOT NULL) / sum(arr), 10) FROM plain_trials('2024-03-10 12:00Z')), 'the share by ARR') FROM recipe_trials.funnel('2024-03-10 12:00Z') s;
SELECT ok(abs(extract(epoch FROM time_to(s, 2, 0.5)) / extract(epoch FROM (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY paid_after) FROM plain_trials('2024-03-10 12:00Z'))) - 1) <= 1 / 64.0, 'the median time within 1/64') FROM recipe_trials.funnel('2024-03-10 12:00Z') s;
SELECT cmp_ok((SELECT count(*) FROM (SELECT account FROM recipe_trials.event WHERE kind = 'trial_started' GROUP BY account HAVING count(*) > 2) x), '>', 20::bigint, 'many tried more than twice');
SELECT results_eq($$ SELECT account, paid_after IS NOT NULL FROM plain_trials('2024-03-10 12:00Z') WHERE account IN ('end', 'late', 'at once') ORDER BY 1 $$, $$ VALUES ('at once', true), ('end', true), ('late', false) $$, 'the ends of the window are looked at');
SELECT * FROM finish();
ROLLBACK;
