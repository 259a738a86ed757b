\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The recipe examples/manager_mix.sql: two managers whose order turns round, and random books against plain SQL.
SELECT plan(6);
\set manager_mix :tests '/../examples/manager_mix.sql'
\i :manager_mix
SELECT results_eq($$ SELECT csm FROM recipe_manager_mix.against_mix(0.95) WHERE csm IN ('ann', 'bob') ORDER BY ndr DESC $$, '{ann,bob}'::text[], 'by NDR alone Ann leads');
SELECT results_eq($$ SELECT csm FROM recipe_manager_mix.against_mix(0.95) WHERE csm IN ('ann', 'bob') ORDER BY difference DESC $$, '{bob,ann}'::text[], 'against the mix Bob does');
-- Ann has 800 of enterprise, where the others make 909 of 800, and 200 of small, where they make 745 of 900.
SELECT results_eq($$ SELECT round(ndr, 10), round(expected, 10), not_compared FROM recipe_manager_mix.against_mix(0.95) WHERE csm = 'ann' $$, 'VALUES (0.98, round((909 + 200 * 745 / 900.0) / 1000, 10), 0.00)', 'Ann by hand');
CREATE FUNCTION draw(i int, j int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || left(md5(i || '/' || j), 7))::bit(28)::int % below $$;
TRUNCATE recipe_manager_mix.account;
INSERT INTO recipe_manager_mix.account SELECT 'a' || i, CASE WHEN draw(1, i, 9) > 0 THEN 'm' || draw(1, i, 9) END, 's' || draw(2, i, 4), draw(3, i, 5000) / 100.0, CASE WHEN draw(4, i, 6) > 0 THEN draw(5, i, 6000) / 100.0 END FROM generate_series(1, 300) i;
INSERT INTO recipe_manager_mix.account VALUES ('alone', 'm1', 'a segment of his own', 77, 88);
SELECT results_eq($$ SELECT csm, starting, round(ndr, 10), round(expected, 10), round(difference, 10), not_compared FROM recipe_manager_mix.against_mix(0.95) ORDER BY 1 $$,
    $$ WITH a AS (SELECT csm, segment, starting AS s, coalesce(ending, 0) AS e FROM recipe_manager_mix.account WHERE csm IS NOT NULL AND starting > 0),
        x AS (SELECT m.csm, segment, sum(s) FILTER (WHERE a.csm = m.csm) AS s, sum(e) FILTER (WHERE a.csm = m.csm) AS e, sum(e) FILTER (WHERE a.csm <> m.csm) / sum(s) FILTER (WHERE a.csm <> m.csm) AS others FROM (SELECT DISTINCT csm FROM a) m, a GROUP BY 1, 2)
       SELECT csm, sum(s), round(sum(e) / sum(s), 10), round(sum(s * others) / sum(s) FILTER (WHERE others IS NOT NULL), 10), round((sum(e) FILTER (WHERE others IS NOT NULL) - sum(s * others)) / sum(s) FILTER (WHERE others IS NOT NULL), 10), coalesce(sum(s) FILTER (WHERE others IS NULL), 0.00) FROM x WHERE s > 0 GROUP BY 1 ORDER BY 1 $$, 'by plain SQL');
SELECT is((SELECT not_compared FROM recipe_manager_mix.against_mix(0.95) WHERE csm = 'm1'), 77.00, 'a segment that nobody else has is shown');
SELECT is_empty($$ SELECT csm FROM recipe_manager_mix.against_mix(0.95) WHERE NOT difference_interval @> difference $$, 'the interval holds the difference');
SELECT * FROM finish();
ROLLBACK;
