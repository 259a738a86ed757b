\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- Subscriptions of a company, read from the folder that the environment variable CSM_SHARED_DATA names: who was touched is drawn
-- at random, so that touching has no effect. Where the folder is missing the file says so and stops: the other expected output is for that.
\set subscriptions `cut -d, -f1,3,4,5,8 "$CSM_SHARED_DATA/ravenstack/ravenstack_subscriptions.csv" 2>/dev/null`
SELECT :'subscriptions' = '' AS missing \gset
\if :missing
    SELECT plan(1);
    SELECT skip('the folder of shared data is missing: CSM_SHARED_DATA names it', 1);
    SELECT * FROM finish();
    ROLLBACK;
    \q
\endif
SELECT plan(4);

CREATE TABLE subscriptions AS
SELECT f[1] AS id, f[4] AS plan, f[5]::numeric AS base, CASE WHEN coalesce(nullif(f[3], '')::date, 'infinity') > '2024-12-31' THEN f[5]::numeric ELSE 0 END AS outcome
FROM string_to_table(:'subscriptions', E'\n') WITH ORDINALITY line (line, n), LATERAL (SELECT string_to_array(line, ',') AS f) x
WHERE n > 1 AND line <> '' AND f[2]::date < '2024-07-01' AND '2024-07-01' < coalesce(nullif(f[3], '')::date, 'infinity') AND f[5]::numeric > 0;
SELECT is((SELECT row(count(*), round(avg((outcome = 0)::int), 3))::text FROM subscriptions), '(1457,0.056)', '1,457 subscriptions, of which 5.6 % are lost');

CREATE TABLE draws AS
SELECT share, draw, lift_agg(('x' || substr(md5(draw || id), 1, 7))::bit(28)::int < share * (1 << 28), outcome, base, plan) AS l
FROM subscriptions, generate_series(1, 200) draw, unnest(ARRAY[0.02, 0.04, 0.10]) share GROUP BY share, draw;
SELECT cmp_ok((SELECT avg((NOT incremental_interval(l, 0.95) @> 0::numeric)::int)::float8 FROM draws d WHERE d.share = shares.share), '<', 0.07::float8, format('%s %% touched: the interval seldom leaves 0 out', share * 100))
FROM unnest(ARRAY[0.02, 0.04, 0.10]) shares (share) ORDER BY share;

SELECT * FROM finish();
ROLLBACK;
