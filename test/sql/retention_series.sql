\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
\set accounts :tests '/include/accounts.sql'
\i :accounts
-- Runs of intervals: bridge, chained, mean, weighted and flow figures, rollup of arrays.
SELECT plan(48);

-- 60 accounts over 13 month ends, amounts with two places, many of them zero; months[k] is the interval after month end k - 1.
CREATE TABLE month_ends AS
SELECT account, k, CASE WHEN draw(41, account * 100 + k, 5) = 0 THEN 0 ELSE draw(42, account * 100 + k, 99999) / 100.0 END::numeric(12,2) AS amount
FROM generate_series(1, 60) account, generate_series(0, 12) k;
CREATE FUNCTION month(k int) RETURNS daterange LANGUAGE sql IMMUTABLE AS $$
    SELECT daterange(('2024-01-01'::date + (k - 1) * interval '1 month')::date, ('2024-01-01'::date + k * interval '1 month')::date)
$$;
CREATE TABLE months AS
SELECT b.k, a.account % 4 AS team, retention_agg(a.amount, b.amount, EXISTS (SELECT FROM month_ends p WHERE p.account = a.account AND p.k < a.k AND p.amount > 0), month(b.k)) AS r,
       sum(a.amount) AS starting, sum(b.amount) FILTER (WHERE a.amount > 0) AS ending_existing, sum(least(a.amount, b.amount)) AS retained,
       sum(b.amount) AS ending, sum(greatest(b.amount - a.amount, 0)) FILTER (WHERE a.amount > 0) AS expansion, sum(greatest(a.amount - b.amount, 0)) AS lost
FROM month_ends a JOIN month_ends b ON b.account = a.account AND b.k = a.k + 1 GROUP BY b.k, a.account % 4;
CREATE TABLE run AS SELECT k, rollup(r) AS r, sum(starting) AS starting, sum(ending_existing) AS ending_existing, sum(retained) AS retained, sum(ending) AS ending, sum(expansion) AS expansion, sum(lost) AS lost
                    FROM months GROUP BY k;
CREATE TABLE the_array AS SELECT array_agg(r ORDER BY k) AS rs FROM run;

-- The bridge says of each interval what the accessors say.
SELECT is((SELECT string_agg(key, ' ' ORDER BY n) FROM (SELECT * FROM the_array, bridge(rs) b, LATERAL json_each(row_to_json(b)) WITH ORDINALITY j (key, value, n) LIMIT 21) x),
          'period_start period_end starting new reactivation expansion contraction churned ending net_new accounts_starting accounts_new accounts_reactivated accounts_expanded accounts_contracted accounts_churned accounts_ending ndr grr logo_churn quick_ratio',
          'bridge has these columns, in this order');
SELECT results_eq('SELECT b.* FROM the_array, bridge(rs) b',
    $$ SELECT lower(period(r)), upper(period(r)), starting(r), new_business(r), reactivation(r), expansion(r), contraction(r), churned(r), ending(r), net_new(r), accounts_starting(r), accounts_new(r),
              accounts_reactivated(r), accounts_expanded(r), accounts_contracted(r), accounts_churned(r), accounts_ending(r), ndr(r), grr(r), logo_churn(r), quick_ratio(r) FROM run ORDER BY k $$,
    'bridge gives a row an interval, in the order of the array, as the accessors give them');
SELECT results_eq('SELECT period_start, period_end, starting, ending, ndr, grr, expansion FROM the_array, bridge(rs)',
    'SELECT lower(month(k)), upper(month(k)), starting, ending, ending_existing / starting, retained / starting, expansion FROM run ORDER BY k', 'bridge agrees with plain SQL over the month ends');
SELECT is((SELECT array_agg(ending ORDER BY period_start) FROM the_array, bridge(rs) WHERE period_start < '2024-12-01'),
          (SELECT array_agg(starting ORDER BY period_start) FROM the_array, bridge(rs) WHERE period_start > '2024-01-01'), 'what an interval ends with the next one starts with');
SELECT is_empty('SELECT period_start FROM the_array, bridge(rs) WHERE starting + new + reactivation + expansion - contraction - churned <> ending OR accounts_starting + accounts_new + accounts_reactivated - accounts_churned <> accounts_ending
                 OR net_new <> ending - starting', 'both identities hold in every row of the bridge');
SELECT is((SELECT count(*) FROM bridge('{}'::retention_summary[])), 0::bigint, 'the bridge of no intervals has no rows');
SELECT is((SELECT count(*) FROM bridge(NULL::retention_summary[])), 0::bigint, 'the bridge of NULL has no rows');

-- Chained: left to right, each step rounded to 20 places.
CREATE FUNCTION chained(ratios numeric[]) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    product numeric := round(ratios[1], 20);
BEGIN
    FOR i IN 2 .. cardinality(ratios) LOOP
        product := round(product * ratios[i], 20);
    END LOOP;
    RETURN product;
END $$;
SELECT is(chained_ndr(rs[1:n])::text, (SELECT chained(array_agg(ending_existing / starting ORDER BY k))::text FROM run WHERE k <= n), format('chained NDR of %s months is the product, each step rounded to 20 places', n))
FROM the_array, (VALUES (1), (2), (3), (12)) v (n) ORDER BY n;
SELECT is(chained_grr(rs[1:n])::text, (SELECT chained(array_agg(retained / starting ORDER BY k))::text FROM run WHERE k <= n), format('chained GRR of %s months is the product, each step rounded to 20 places', n))
FROM the_array, (VALUES (1), (2), (3), (12)) v (n) ORDER BY n;
SELECT is(chained_ndr(rs || (SELECT retention_agg(0, 5, month(13)))), NULL, 'chained NDR is NULL if one NDR is NULL') FROM the_array;
SELECT is(chained_grr((SELECT retention_agg(0, 5, month(0))) || rs), NULL, 'chained GRR is NULL if one GRR is NULL') FROM the_array;
SELECT is(chained_ndr(ARRAY[(SELECT retention_agg(10, 0, month(1))), (SELECT retention_agg(10, 20, month(2)))]), 0::numeric, 'chained NDR stays 0 once all is lost');

-- Mean, weighted, flow.
SELECT is(mean_ndr(rs)::text, (SELECT (sum(ending_existing / starting) / count(*))::text FROM run), 'mean NDR is the mean of the values of the intervals') FROM the_array;
SELECT is(mean_ndr(rs || (SELECT retention_agg(0, 5, month(13))))::text, mean_ndr(rs)::text, 'mean NDR leaves NULLs out') FROM the_array;
SELECT is(mean_ndr(ARRAY[(SELECT retention_agg(0, 5, month(1)))]), NULL, 'mean NDR is NULL where all are NULL');
SELECT is(weighted_ndr(rs)::text, (SELECT (sum(ending_existing) / sum(starting))::text FROM run), 'weighted NDR is the sum of E'' over the sum of S') FROM the_array;
SELECT is(weighted_ndr(rs || (SELECT retention_agg(0, 5, month(13)))), weighted_ndr(rs), 'weighted NDR: an interval without a starting base adds nothing') FROM the_array;
SELECT is(weighted_ndr(ARRAY[(SELECT retention_agg(0, 5, month(1)))]), NULL, 'weighted NDR is NULL where nothing was there');
SELECT is(flow_ndr(rs)::text, (SELECT (1 + (sum(expansion) - sum(lost)) / min(starting) FILTER (WHERE k = 1))::text FROM run), 'flow NDR is 1 + (expansion - contraction - churned) over S of the first interval') FROM the_array;
SELECT is(flow_ndr((SELECT retention_agg(0, 5, month(0))) || rs), NULL, 'flow NDR is NULL where the first interval starts with nothing') FROM the_array;
SELECT isnt(flow_ndr(rs), chained_ndr(rs), 'flow and chained NDR are not the same figure') FROM the_array;
SELECT is(ARRAY[chained_ndr(e.rs), chained_grr(e.rs), mean_ndr(e.rs), weighted_ndr(e.rs), flow_ndr(e.rs)], ARRAY[NULL, NULL, NULL, NULL, NULL]::numeric[], 'figures of no intervals are NULL')
FROM (SELECT '{}'::retention_summary[] AS rs) e;
-- Different scales in one array: worked by hand.
SELECT is(weighted_ndr(ARRAY[(SELECT retention_agg(10, 11.5, month(1))), (SELECT retention_agg(10.25, 9, month(2)))])::text, (20.50 / 20.25)::text, 'weighted NDR over intervals of different display scale');
SELECT is(flow_ndr(ARRAY[(SELECT retention_agg(10, 11.5, month(1))), (SELECT retention_agg(11.50, 9.125, month(2)))])::text, (1 + (1.500 - 2.375) / 10.000)::text, 'flow NDR over intervals of different display scale');

-- Equal windows at equal steps may overlap: year over year by quarter.
CREATE FUNCTION year_to(q int) RETURNS daterange LANGUAGE sql IMMUTABLE AS $$
    SELECT daterange(('2023-01-01'::date + q * interval '3 months')::date, ('2024-01-01'::date + q * interval '3 months')::date)
$$;
CREATE TABLE year_over_year AS SELECT array_agg(r ORDER BY q) AS rs FROM (SELECT q, retention_agg(100 + q, 110 - q, year_to(q)) AS r FROM generate_series(0, 3) q GROUP BY q) x;
SELECT is(mean_ndr(rs)::text, ((110.0::numeric(9,0) / 100 + 109.0::numeric(9,0) / 101 + 108.0::numeric(9,0) / 102 + 107.0::numeric(9,0) / 103) / 4)::text, 'mean NDR of four year-over-year quarters') FROM year_over_year;
SELECT is(weighted_ndr(rs)::text, (434::numeric / 406)::text, 'weighted NDR of four year-over-year quarters') FROM year_over_year;
SELECT refused(format('SELECT %s(rs) FROM year_over_year', figure), '22023', '', format('%s of windows that overlap is refused', figure))
FROM (VALUES ('chained_grr'), ('chained_ndr'), ('flow_ndr')) v (figure) ORDER BY figure;
-- Months that start on the 31st have other lengths in days, and end on the last day of a shorter month.
CREATE TABLE month_ends_apart AS
SELECT array_agg(r ORDER BY k) AS rs FROM (SELECT k, retention_agg(100, 100 + k, daterange(('2024-01-31'::date + k * interval '1 month')::date, ('2024-01-31'::date + (k + 1) * interval '1 month')::date)) AS r
                                           FROM generate_series(0, 12) k GROUP BY k) x;
SELECT is(mean_ndr(rs), 1.06, 'months that start on the 31st are equal windows at equal steps') FROM month_ends_apart;
SELECT is(chained_ndr(rs[1:3]), 1.00 * 1.01 * 1.02, 'months that start on the 31st are adjacent') FROM month_ends_apart;
SELECT lives_ok('SELECT bridge(rs) FROM year_over_year', 'bridge takes windows that overlap');

-- Arrays rolled up interval by interval.
CREATE TABLE teams AS SELECT team, array_agg(r ORDER BY k) AS rs FROM months GROUP BY team;
SELECT is((SELECT rollup(rs)::text FROM teams), (SELECT rs::text FROM the_array), 'rollup of arrays adds up interval by interval');
SELECT ok((SELECT rollup(rs) FROM teams) = (SELECT rs FROM the_array), 'rollup of arrays is equal with = to the whole');
SELECT is((SELECT rollup(rs ORDER BY team DESC)::text FROM teams), (SELECT rs::text FROM the_array), 'rollup of arrays: the order does not matter');
SELECT is((SELECT rollup(rs)::text FROM teams WHERE team = 2), (SELECT rs::text FROM teams WHERE team = 2), 'rollup of one array is that array');
SELECT is((SELECT rollup(rs)::text FROM (SELECT rs FROM teams UNION ALL SELECT NULL) x), (SELECT rs::text FROM the_array), 'rollup of arrays ignores NULL');
SELECT is((SELECT rollup(rs) FROM teams WHERE false), NULL, 'rollup of no arrays is NULL');
SELECT is((SELECT rollup(rs)::text FROM (VALUES ('{}'::retention_summary[]), ('{}')) v (rs)), '{}', 'rollup of empty arrays is empty');
INSERT INTO teams SELECT team + 10 * n, rs FROM teams, generate_series(1, 300) n;
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_leader_participation = off;
ALTER TABLE teams SET (parallel_workers = 2);
SELECT matches(plan_of('SELECT rollup(rs) FROM teams'), 'Finalize Aggregate.*Gather.*Partial Aggregate', 'rollup of arrays by two workers: Partial Aggregate below Gather');
CREATE TABLE rolled AS SELECT rollup(rs) AS rs FROM teams;
SET LOCAL max_parallel_workers_per_gather = 0;
SELECT is((SELECT rs::text FROM rolled), (SELECT rollup(rs)::text FROM teams), 'rollup of arrays by two workers: identical to serial');
SELECT is((SELECT starting(rs[7]) FROM rolled), (SELECT 301 * starting FROM run WHERE k = 7), 'rollup of arrays: 301 times the amounts');

SELECT * FROM finish();
ROLLBACK;
