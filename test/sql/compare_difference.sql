\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- Differences of two figures and their intervals, and what changed NDR, against plain SQL.
SELECT plan(28);
CREATE TABLE account AS SELECT i % 3 AS g, ('x' || left(md5(i || 'a'), 5))::bit(20)::int % 5000 * 0.01 AS s0, ('x' || left(md5(i || 'b'), 5))::bit(20)::int % 6000 * 0.01 * (i % 7 > 0)::int AS e0,
    ('x' || left(md5(i || 'c'), 5))::bit(20)::int % 5000 * 0.01 * (i % 5 > 0)::int AS s1, ('x' || left(md5(i || 'd'), 5))::bit(20)::int % 6000 * 0.01 AS e1 FROM generate_series(1, 300) i;
CREATE TABLE r AS SELECT g, retention_agg(s0, e0) AS r FROM account GROUP BY g;
-- Newcombe's ends out of a figure and its interval.
CREATE FUNCTION newcombe(a numeric, i numrange, b numeric, j numrange) RETURNS numeric[] LANGUAGE sql AS $$
    SELECT ARRAY[round(a - b - sqrt((a - lower(i)) ^ 2 + (upper(j) - b) ^ 2), 8), round(a - b + sqrt((upper(i) - a) ^ 2 + (b - lower(j)) ^ 2), 8)] $$;
CREATE FUNCTION ends(i numrange) RETURNS numeric[] LANGUAGE sql AS $$ SELECT ARRAY[round(lower(i), 8), round(upper(i), 8)] $$;
SELECT is(ndr_difference(a.r, b.r), ndr(a.r) - ndr(b.r), 'difference of NDR') FROM r a, r b WHERE a.g = 0 AND b.g = 1;
SELECT is(ends(ndr_difference_interval(a.r, b.r, 0.95)), newcombe(ndr(a.r), ndr_interval(a.r, 0.95), ndr(b.r), ndr_interval(b.r, 0.95)), '... and its interval') FROM r a, r b WHERE a.g = 0 AND b.g = 1;
SELECT is(grr_difference(a.r, b.r), grr(a.r) - grr(b.r), 'difference of GRR') FROM r a, r b WHERE a.g = 1 AND b.g = 2;
SELECT is(ends(grr_difference_interval(a.r, b.r, 0.9)), newcombe(grr(a.r), grr_interval(a.r, 0.9), grr(b.r), grr_interval(b.r, 0.9)), '... and its interval') FROM r a, r b WHERE a.g = 1 AND b.g = 2;
SELECT is(logo_churn_difference(a.r, b.r), logo_churn(a.r) - logo_churn(b.r), 'difference of logo churn') FROM r a, r b WHERE a.g = 0 AND b.g = 2;
SELECT is(ends(logo_churn_difference_interval(a.r, b.r, 0.99)), newcombe(logo_churn(a.r), logo_churn_interval(a.r, 0.99), logo_churn(b.r), logo_churn_interval(b.r, 0.99)), '... and its interval') FROM r a, r b WHERE a.g = 0 AND b.g = 2;
SELECT throws_ok($$ SELECT ndr_difference(retention_agg(1, 1, true, '[2024-01-01,2025-01-01)'::daterange), retention_agg(1, 1, true, '[2025-01-01,2026-01-01)'::daterange)) $$, '22023', NULL, 'two periods are not compared by summaries');
SELECT throws_ok($$ SELECT ndr_difference_interval(r, r, 1) FROM r $$, '22023', NULL, 'a confidence of 1');
SELECT is((SELECT round(ndr_difference_agg(s0, e0, s1, e1), 12) FROM account), (SELECT round(sum(e1) FILTER (WHERE s1 > 0) / sum(s1) - sum(e0) FILTER (WHERE s0 > 0) / sum(s0), 12) FROM account), 'paired difference by plain SQL');
-- d of each account; 1.968 is the quantile that the interval was built with, so it is taken from the width at another confidence.
SELECT is((WITH t AS (SELECT sum(s0) AS s0, sum(e0) FILTER (WHERE s0 > 0) AS e0, sum(s1) AS s1, sum(e1) FILTER (WHERE s1 > 0) AS e1, least(count(*) FILTER (WHERE s0 > 0), count(*) FILTER (WHERE s1 > 0)) AS n FROM account),
    d AS (SELECT n, CASE WHEN a.s1 > 0 THEN (a.e1 - t.e1 / t.s1 * a.s1) / t.s1 ELSE 0 END - CASE WHEN a.s0 > 0 THEN (a.e0 - t.e0 / t.s0 * a.s0) / t.s0 ELSE 0 END AS d FROM account a, t)
    SELECT round(max(n) / (max(n) - 1) :: numeric * sum(d * d), 8) FROM d),
    (WITH i AS (SELECT ndr_difference_interval_agg(s0, e0, s1, e1, 0.95) AS i, least(count(*) FILTER (WHERE s0 > 0), count(*) FILTER (WHERE s1 > 0)) AS n FROM account)
    -- Student's quantile, out of the interval of an NDR of as many accounts, whose variance is known
    SELECT round(((upper(i) - lower(i)) / 2 / q) ^ 2, 8) FROM i, LATERAL (
        SELECT (upper(ndr_interval(r, 0.95)) - lower(ndr_interval(r, 0.95))) / 2 / sqrt(v) AS q
        FROM (SELECT retention_agg(1, k % 2) AS r, n / (n - 1)::numeric * sum((k % 2 - m) ^ 2) / n::numeric ^ 2 AS v FROM generate_series(1, n) k, LATERAL (SELECT (n / 2)::numeric / n + CASE WHEN n % 2 = 1 THEN 1::numeric / n ELSE 0 END AS m) mm) y) x), 'paired interval by plain SQL');
SELECT is((SELECT ndr_difference_interval_agg(1, 1, 1, 2, 0.95)), NULL, 'one account has no interval');
SELECT results_eq($$ SELECT segment, round(expansion, 10), round(contraction, 10), round(churned, 10) FROM ndr_change('{enterprise,small}', ARRAY[(SELECT retention_agg(800, 880)), (SELECT retention_agg(200, 140))], ARRAY[(SELECT retention_agg(500, 560)), (SELECT retention_agg(500, 360))]) $$,
    $$ VALUES ('enterprise', -0.02, 0.0, 0.0), ('small', 0.0, -0.08, 0.0) $$, 'enterprise expands less, small contracts more');
SELECT is((SELECT sum(total) FROM ndr_change('{a,b,c}', (SELECT array_agg(r ORDER BY g) FROM r), (SELECT array_agg(x ORDER BY g) FROM (SELECT g, retention_agg(s1, e1) AS x FROM account GROUP BY g) y))),
    (SELECT ndr_agg(s1, e1) - ndr_agg(s0, e0) FROM account), 'the parts add up to the change, to the last digit');
SELECT throws_ok($$ SELECT * FROM ndr_change('{a}', ARRAY[]::retention_summary[], ARRAY[]::retention_summary[]) $$, '22023', NULL, 'lengths differ');
-- Rules of the paired form, on every path.
SELECT is((SELECT ndr_difference_agg(s0, e0, s1, e1) FROM (SELECT * FROM account UNION ALL VALUES (0, NULL, NULL, 5.0, 6.0), (0, 4.0, NULL, NULL, NULL), (0, NULL, 3.0, NULL, 9.0)) x),
    (SELECT ndr_difference_agg(s0, e0, s1, e1) FROM (SELECT * FROM account UNION ALL VALUES (0, 0.0, 0.0, 5.0, 6.0), (0, 4.0, 0.0, 0.0, 0.0), (0, 0.0, 3.0, 0.0, 9.0)) x), 'NULL is 0');
SELECT is((SELECT ndr_difference_agg(s0, e0, s1, e1) FROM account WHERE false), NULL, 'no rows');
SELECT is((SELECT ndr_difference_agg(0, e0, s1, e1) FROM account), NULL, 'nobody starts the first period');
SELECT is((SELECT ndr_difference_interval_agg(s0, 0, s1, e1, 0.95) FROM account WHERE s1 = 0), NULL, 'nobody starts the second');
SELECT throws_ok($$ SELECT ndr_difference_agg(s0, e0, s1, -1) FROM account $$, '22023', NULL, 'a negative amount');
SELECT throws_ok($$ SELECT ndr_difference_agg(s0, e0, 'NaN', e1) FROM account $$, '22023', NULL, 'NaN');
SELECT throws_ok($$ SELECT ndr_difference_interval_agg(s0, e0, s1, e1, 0.9 + (g = 1)::int * 0.05) FROM account $$, '22023', NULL, 'the confidence varies');
SELECT throws_ok($$ SELECT ndr_difference_interval_agg(s0, e0, s1, e1, NULL) FROM account $$, '22004', NULL, 'no confidence');
SELECT throws_ok($$ SELECT ndr_difference_interval_agg(s0, e0, s1, e1, 'NaN') FROM account $$, '22023', NULL, 'NaN as confidence');
-- Twenty digits before the point and ten after: the squares are exact.
SELECT is((SELECT round(ndr_difference_agg(s0 * 1e18 + 0.0000000001, e0 * 1e18, s1 * 1e18, e1 * 1e18), 20) FROM account WHERE s0 > 0),
    (SELECT round(sum(e1 * 1e18) FILTER (WHERE s1 > 0) / sum(s1 * 1e18) - sum(e0 * 1e18) / sum(s0 * 1e18 + 0.0000000001), 20) FROM account WHERE s0 > 0), 'huge amounts with many digits');
SELECT is((SELECT ndr_difference_interval_agg(s0 * 1e15, e0 * 1e15, s1 * 1e-9, e1 * 1e-9, 0.95) FROM account), (SELECT ndr_difference_interval_agg(s0, e0, s1, e1, 0.95) FROM account), 'the interval does not depend on the currency of a period');
-- States by hand.
CREATE FUNCTION by_hand(state numeric[]) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT %s(%L, %L)', aggcombinefn::regproc, state, state) FROM pg_aggregate WHERE aggfnoid = 'ndr_difference_agg(numeric,numeric,numeric,numeric)'::regprocedure $$;
SELECT throws_ok(by_hand('{1,2}'), '22023', NULL, 'a state of two sums');
SELECT throws_ok(by_hand(array_fill(NULL::numeric, ARRAY[16])), '22023', NULL, 'a state of NULLs');
SELECT throws_ok(by_hand(array_fill('NaN'::numeric, ARRAY[16])), '22023', NULL, 'a state of NaN');
SELECT finish();
ROLLBACK;
