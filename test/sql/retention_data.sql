\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- Published examples of other people's arithmetic, read from the folder that the environment variable CSM_SHARED_DATA
-- names. Where it is missing the file says so and stops: the other expected output is for that.
\set csv `cat "$CSM_SHARED_DATA/worked_examples/nrr_grr_examples.csv" 2>/dev/null`
\set rules `cat "$CSM_SHARED_DATA/worked_examples/movement_rules_compared.csv" 2>/dev/null`
SELECT :'csv' = '' OR :'rules' = '' AS missing \gset
\if :missing
    SELECT plan(1);
    SELECT skip('the folder of shared data is missing: CSM_SHARED_DATA names it', 1);
    SELECT * FROM finish();
    ROLLBACK;
    \q
\endif
SELECT plan(21);

CREATE TABLE published AS
SELECT n, f[1] AS id, nullif(f[2], '')::numeric AS opening, nullif(f[3], '')::numeric AS new, nullif(f[4], '')::numeric AS expansion, nullif(f[6], '')::numeric AS contraction,
       nullif(f[7], '')::numeric AS churn, nullif(f[8], '')::numeric AS closing_existing, nullif(f[9], '')::numeric AS nrr, nullif(f[11], '')::numeric AS quick_ratio
FROM string_to_table(:'csv', E'\n') WITH ORDINALITY line (line, n), LATERAL (SELECT string_to_array(line, ',') AS f) x WHERE n > 1 AND line <> '';

-- Accounts behind the published sums: one leaves, one halves, one grows, one is new. An opening that is not given is made up.
CREATE TABLE accounts AS
SELECT id, s, e FROM published, LATERAL (SELECT coalesce(opening, churn + 2 * contraction + 1000) AS opening) o,
    LATERAL (VALUES (churn, 0), (2 * contraction, contraction), (o.opening - churn - 2 * contraction, o.opening - churn - 2 * contraction + expansion), (NULL, new)) a (s, e);
CREATE TABLE summaries AS SELECT id, retention_agg(s, e) AS r, ndr_agg(s, e) AS ndr, quick_ratio_agg(s, e) AS quick_ratio FROM accounts GROUP BY id;

SELECT cmp_ok((SELECT count(*) FROM published), '=', 10::bigint, 'ten published examples are read');
SELECT is(ending_existing(r), closing_existing, format('published example %s: closing amount of existing accounts', id))
FROM published JOIN summaries USING (id) WHERE closing_existing IS NOT NULL ORDER BY n;
SELECT is(round(100 * s.ndr, scale(nrr)), nrr, format('published example %s: NRR by ndr_agg', id)) FROM published JOIN summaries s USING (id) WHERE nrr IS NOT NULL ORDER BY n;
SELECT is(round(100 * ndr(r), scale(nrr)), nrr, format('published example %s: NRR by ndr(r)', id)) FROM published JOIN summaries s USING (id) WHERE nrr IS NOT NULL ORDER BY n;
SELECT is(round(s.quick_ratio, scale(p.quick_ratio)), p.quick_ratio, format('published example %s: quick ratio', id))
FROM published p JOIN summaries s USING (id) WHERE p.quick_ratio IS NOT NULL ORDER BY n;

-- Month after month of one account, classified by a published rule that tells new from reactivation as movement() does; its words differ.
CREATE FUNCTION translated(movement text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE movement WHEN 'expansion' THEN 'upgrade' WHEN 'contraction' THEN 'downgrade' WHEN 'unchanged' THEN '' ELSE movement END
$$;
CREATE TABLE rules AS
SELECT f[1] AS scenario, f[2]::int AS month, f[3]::numeric AS s, f[4]::numeric AS e, f[5] AS published
FROM string_to_table(:'rules', E'\n') WITH ORDINALITY line (line, n), LATERAL (SELECT string_to_array(line, ',') AS f) x WHERE n > 1 AND line <> '';
SELECT cmp_ok((SELECT count(*) FROM rules), '=', 26::bigint, '26 published movements are read');
SELECT is_empty($$ SELECT * FROM rules WHERE published IS DISTINCT FROM coalesce(translated(movement(s, e, EXISTS (SELECT FROM rules p WHERE p.scenario = rules.scenario AND p.month < rules.month AND p.e > 0))), '') $$,
                'movement(s, e, was_customer) is the published movement of each month');

SELECT * FROM finish();
ROLLBACK;
