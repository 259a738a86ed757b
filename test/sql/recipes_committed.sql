\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The recipe examples/committed.sql: the worked numbers, renewals and notices by hand, and random terms against plain SQL that looks at each term.
SELECT plan(23);
\set committed :tests '/../examples/committed.sql'
\i :committed
SELECT results_eq($$ SELECT * FROM recipe_committed.bridge('2024-09-15') $$, 'VALUES (160.00, 40.00, 30.00, 0.00, 60.00, 170.00)', 'live 160, signed 70, notice 60: committed 170');
SELECT results_eq($$ SELECT account, committed FROM recipe_committed.arr('2024-12-15') ORDER BY account $$, $$ VALUES ('acme', 130.00), ('birch', 0.00), ('cedar', 40.00), ('doyle', 0.00) $$, 'a quarter later the same, all of it live');
SELECT is((SELECT live FROM recipe_committed.bridge('2024-12-15')), 170.00, '... live is what was committed');
INSERT INTO recipe_committed.term VALUES ('acme', 'core', '[2025-01-01,2026-01-01)', 90, '2024-09-01', NULL);
SELECT results_eq($$ SELECT contraction, committed FROM recipe_committed.bridge('2024-09-15') $$, 'VALUES (0.00, 160.00)', 'an early renewal for less replaces its term, and the new seats still outweigh it');

-- One item of 60 a year, and what was signed and said about it: each case on 15 September 2024.
CREATE FUNCTION on_15_september(terms text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE recipe_committed.term;
    EXECUTE 'INSERT INTO recipe_committed.term VALUES ' || terms;
    RETURN (SELECT live || ' ' || committed FROM recipe_committed.arr('2024-09-15'));
END $$;
SELECT is(on_15_september(first || coalesce(', ' || second, '')), result, description) FROM (VALUES
    ($$ ('a', 'i', '[2024-01-01,2025-01-01)', 60, '2023-12-01', NULL) $$, $$ ('a', 'i', '[2024-10-01,2025-10-01)', 70, '2024-08-01', '2024-09-10') $$, '60.00 0.00', 'notice on an early renewal: what it replaces does not come back'),
    ($$ ('a', 'i', '[2024-01-01,2025-01-01)', 60, '2023-12-01', NULL) $$, $$ ('a', 'i', '[2025-01-01,2026-01-01)', 70, '2024-08-01', '2024-09-10') $$, '60.00 0.00', '... nor what it follows'),
    ($$ ('a', 'i', '[2024-01-01,2025-01-01)', 60, '2023-12-01', NULL) $$, $$ ('a', 'i', '[2025-03-01,2026-01-01)', 70, '2024-08-01', '2024-09-10') $$, '60.00 0.00', '... nor after a gap'),
    ($$ ('a', 'i', '[2024-01-01,2025-01-01)', 60, '2023-12-01', NULL) $$, $$ ('a', 'i', '[2024-07-01,2025-07-01)', 70, '2024-06-01', '2024-09-10') $$, '70.00 0.00', '... nor when it runs already'),
    ($$ ('a', 'i', '[2024-01-01,2025-01-01)', 60, '2023-12-01', '2024-07-20') $$, $$ ('a', 'i', '[2024-10-01,2025-10-01)', 70, '2024-08-01', NULL) $$, '60.00 70.00', 'notice on the replaced term: its renewal stands'),
    ($$ ('a', 'i', '[2024-01-01,2025-01-01)', 60, '2023-12-01', '2024-09-10') $$, $$ ('a', 'i', '[2025-03-01,2026-01-01)', 70, '2024-08-01', NULL) $$, '60.00 70.00', '... after a gap too'),
    ($$ ('a', 'i', '[2024-01-01,)', 60, '2023-12-01', '2024-09-10') $$, NULL, '60.00 0.00', 'notice on a term without an end: gone, though nobody knows when'),
    ($$ ('a', 'i', '[2024-01-01,infinity)', 60, '2023-12-01', '2024-09-10') $$, NULL, '60.00 0.00', '... with an end at infinity'),
    ($$ ('a', 'i', '[2024-01-01,)', 60, '2023-12-01', NULL) $$, $$ ('a', 'i', '[2024-03-01,2024-09-01)', 70, '2024-02-01', NULL) $$, '60.00 60.00', 'a term within a longer one is over: what still runs holds again, as in a history'),
    ($$ ('a', 'i', '[2024-01-01,2025-01-01)', 60, NULL, NULL) $$, $$ ('a', 'i', '[2025-01-01,2026-01-01)', 70, NULL, NULL) $$, '60.00 60.00', 'without a day of signature a term is known from its first day on'),
    ($$ ('a', 'i', '[2024-01-01,2025-01-01)', 60, '2023-12-01', '2024-09-10') $$, $$ ('a', 'i', '[2024-01-01,2025-01-01)', 70, '2024-08-01', NULL) $$, '70.00 70.00', 'of two terms that start on one day the one signed last'),
    ($$ ('a', 'i', '[2024-01-01,2025-01-01)', 60, '2023-12-01', NULL) $$, $$ ('a', 'j', '[2024-10-01,2025-10-01)', 70, '2024-08-01', '2024-09-10') $$, '60.00 60.00', 'another item replaces nothing')) v (first, second, result, description);
SELECT refused($$ SELECT on_15_september('(''a'', ''i'', ''[2024-01-01,2025-01-01)'', 60, ''2023-12-01'', NULL), (''a'', ''i'', ''[2024-01-01,2026-01-01)'', 70, ''2023-12-01'', NULL)') $$, '22023', 'two terms hold on 2024-01-01', 'two terms that nothing tells apart');

CREATE FUNCTION draw(i int, j int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || left(md5(i || '/' || j), 7))::bit(28)::int % below $$;
TRUNCATE recipe_committed.term;
-- Up to four terms of an item, each from some months before the end of the one before it (an early renewal), from its end, or after a gap.
CREATE FUNCTION random_term(i int) RETURNS SETOF recipe_committed.term LANGUAGE plpgsql AS $$
DECLARE
    starts date := date '2023-01-01' + draw(i, 1, 500);
    ends date;
    signed date;
BEGIN
    FOR k IN 1 .. 1 + draw(i, 2, 4) LOOP
        ends := starts + 60 + draw(i, 10 * k, 400);
        signed := starts - draw(i, 10 * k + 1, 200);
        RETURN QUERY SELECT 'a' || i / 3, 'item ' || i % 3, daterange(starts, CASE draw(i, 10 * k + 2, 6) WHEN 0 THEN NULL WHEN 1 THEN date 'infinity' ELSE ends END), (10 + draw(i, 10 * k + 3, 9000) / 100.0)::numeric(12,2),
            CASE WHEN draw(i, 10 * k + 4, 9) > 0 THEN signed END, CASE WHEN draw(i, 10 * k + 5, 3) = 0 THEN signed + draw(i, 10 * k + 6, 400) END;
        starts := CASE draw(i, 10 * k + 7, 3) WHEN 0 THEN starts + 1 + draw(i, 10 * k + 8, ends - starts - 1) WHEN 1 THEN ends ELSE ends + 1 + draw(i, 10 * k + 8, 90) END;
    END LOOP;
END $$;
INSERT INTO recipe_committed.term SELECT t.* FROM generate_series(1, 400) i, random_term(i) t;
INSERT INTO recipe_committed.term SELECT account, item, 'empty', 999, signed_on, NULL FROM recipe_committed.term LIMIT 20;
-- By term: committed is live, plus what is signed for later, less what has notice, less what a later signature replaces.
CREATE FUNCTION plain(as_of date) RETURNS TABLE (account text, live numeric, committed numeric) LANGUAGE sql AS $$
    WITH known AS (SELECT account, item, lower(valid) AS starts, coalesce(upper(valid), 'infinity') AS ends, arr, coalesce(notice_on <= as_of, false) AS notice FROM recipe_committed.term
            WHERE coalesce(signed_on, lower(valid)) <= as_of AND NOT isempty(valid)),
        live AS (SELECT *, EXISTS (SELECT FROM known o WHERE (o.account, o.item) = (t.account, t.item) AND o.starts > as_of) AS replaced FROM known t
            WHERE starts <= as_of AND ends > as_of AND NOT EXISTS (SELECT FROM known o WHERE (o.account, o.item) = (t.account, t.item) AND o.starts > t.starts AND o.starts <= as_of AND o.ends > as_of)),
        signed AS (SELECT * FROM known t WHERE starts > as_of AND NOT notice AND NOT EXISTS (SELECT FROM known o WHERE (o.account, o.item) = (t.account, t.item) AND o.starts > t.starts))
    SELECT account, sum(a), sum(a + b - c) FROM (SELECT account, arr AS a, 0 AS b, CASE WHEN notice OR replaced THEN arr ELSE 0 END AS c FROM live UNION ALL SELECT account, 0, arr, 0 FROM signed) x GROUP BY account
$$;
SELECT results_eq(format('SELECT account, live, committed FROM recipe_committed.arr(%L) WHERE live > 0 OR committed > 0 ORDER BY 1', d), format('SELECT account, live, committed FROM plain(%L) WHERE live > 0 OR committed > 0 ORDER BY 1', d), 'by plain SQL, ' || d)
FROM unnest('{2023-06-30,2024-01-01,2024-09-15,2025-03-31}'::date[]) d;
SELECT ok((SELECT least(count(*) FILTER (WHERE valid @> next AND notice_on < '2024-09-15'), count(*) FILTER (WHERE renewal AND notice_on < '2024-09-15'), count(*) FILTER (WHERE lower(valid) > '2024-09-15' AND notice_on < '2024-09-15'),
    count(*) FILTER (WHERE upper(valid) IS NULL AND notice_on < '2024-09-15'), count(*) FILTER (WHERE upper(valid) = next), count(*) FILTER (WHERE upper(valid) < next)) > 5
    FROM (SELECT *, lead(lower(valid)) OVER w AS next, lag(valid) OVER w @> lower(valid) AS renewal FROM recipe_committed.term WHERE NOT isempty(valid) WINDOW w AS (PARTITION BY account, item ORDER BY lower(valid))) x), 'notices on replaced terms and others are there');
SELECT is((SELECT live + new + expansion - contraction - churn - committed FROM recipe_committed.bridge('2024-09-15')), 0.00, 'the bridge adds up');
SELECT * FROM finish();
ROLLBACK;
