\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- Worked numbers of lift and returns; NULLs, zeros, signs; bad input.
SELECT plan(52);

-- 20 touched of 100k with 18 renewed, 100 untouched of 10k with 90 renewed.
CREATE TABLE renewals AS SELECT true AS touched, 100000 AS due, CASE WHEN i <= 18 THEN 100000 ELSE 0 END AS renewed FROM generate_series(1, 20) i
               UNION ALL SELECT false, 10000, CASE WHEN i <= 90 THEN 10000 ELSE 0 END FROM generate_series(1, 100) i;
CREATE TABLE l AS SELECT lift_agg(touched, renewed, due) AS l, lift_agg(touched, renewed) AS plain FROM renewals;
SELECT is((SELECT incremental(l) FROM l), 0::numeric, 'renewals with their base: incremental 0');
SELECT is((SELECT lift(l) FROM l), 0::numeric, 'renewals with their base: lift 0');
SELECT is((SELECT round(incremental(plain)) FROM l), 1620000::numeric, 'without a base it would read 1.62 M');
-- By side 20/19 * 1.8e10 + 2^2 * 100/99 * 9e8 = 2.2584e10; pooled 120/119 * 1.89e10 / 2.1e11 * (2e11 + 2^2 * 1e10) = 2.1782e10; 20 accounts of one size: 19 degrees of freedom.
SELECT is((SELECT incremental_interval(l, 0.95)::text FROM l), (SELECT format('[-%s,%1$s]', ceil(2.093024054408263 * sqrt(20/19.0 * (18 * 10000.0 ^ 2 + 2 * 90000.0 ^ 2) + 4 * 100/99.0 * (90 * 1000.0 ^ 2 + 10 * 9000.0 ^ 2)))) FROM l), 'renewals: the interval by hand, by side');
SELECT is((SELECT lift_interval(l, 0.95)::text FROM l), (SELECT format('[-%s,%1$s]', round((2.093024054408263 * sqrt(20/19.0 * (18 * 10000.0 ^ 2 + 2 * 90000.0 ^ 2) + 4 * 100/99.0 * (90 * 1000.0 ^ 2 + 10 * 9000.0 ^ 2)) / 2000000)::numeric + 0.00000000005, 10)) FROM l), 'renewals: lift_interval is the same over the base, 2,000,000');
-- Ten touched, all renewed, of 100 that lost 6: by side 0 for the touched. Pooled 110/109 * 6 * 104/110 / 110 * (10 + 0.1^2 * 100) = 0.5725; 9 degrees of freedom.
CREATE TABLE few AS SELECT lift_agg(i > 100, CASE WHEN i <= 6 THEN 0.00 ELSE 1 END) AS l FROM generate_series(1, 110) i;
SELECT is((SELECT row(incremental(l), incremental_interval(l, 0.95))::text FROM few), (SELECT row(0.60000000000000000000, numrange(round(floor((0.6 - half) * 100) / 100, 2), round(ceil((0.6 + half) * 100) / 100, 2), '[]'))::text FROM (SELECT 2.262157162740992 * sqrt(110/109.0 * (6 - 36/110.0) / 110 * 11) AS half) h), 'a side that lost nobody: the interval by hand, pooled');
-- Two touched of very different size: one degree of freedom, and no less.
SELECT is((SELECT round(upper(v) - lower(v), 1) FROM (SELECT incremental_interval(lift_agg(i <= 2, i * 1.00, CASE i WHEN 1 THEN 1000 ELSE 1 END), 0.95) AS v FROM generate_series(1, 50) i) x),
          (SELECT round(2 * 12.706204736174698 * sqrt(greatest(by_side, pooled)), 1) FROM (
              SELECT 2 * (tyy - 2 * (ty / tb) * tyb + (ty / tb) ^ 2 * tbb) + (tb / ub) ^ 2 * 48 / 47 * (uyy - 2 * (uy / ub) * uyb + (uy / ub) ^ 2 * ubb) AS by_side, 50 / 49.0 * (tyy + uyy - 2 * r * (tyb + uyb) + r ^ 2 * (tbb + ubb)) / (tbb + ubb) * (tbb + (tb / ub) ^ 2 * ubb) AS pooled
              FROM (SELECT 3::numeric AS ty, 1001::numeric AS tb, 5::numeric AS tyy, 1000001::numeric AS tbb, 1002::numeric AS tyb, sum(i)::numeric AS uy, 48::numeric AS ub, sum(i * i)::numeric AS uyy, 48::numeric AS ubb, sum(i)::numeric AS uyb FROM generate_series(3, 50) i) s, LATERAL (SELECT (ty + uy) / (tb + ub) AS r) p) v), 'one degree of freedom at least');
-- Outwards, to the decimal places of the amounts: never an interval of nothing.
SELECT is((SELECT incremental_interval(l, 0.95)::text FROM (SELECT lift_agg(i % 2 = 0, i * 0.0000000000046) AS l FROM generate_series(1, 10) i) x), '[-0.0000000001048,0.0000000001508]', 'amounts of 13 decimal places: an interval of 13 places');
SELECT is((SELECT lift_interval(l, 0.95)::text FROM (SELECT lift_agg(i % 2 = 0, i * 0.0000000000046) AS l FROM generate_series(1, 10) i) x), '[-0.0000000001,0.0000000001]', 'a lift below 10 decimal places: outwards');
SELECT results_eq('SELECT scale(lower(v)), scale(upper(v)) FROM (SELECT incremental_interval(lift_agg(i % 2 = 0, (i * i)::numeric(12, 2), 7.5), 0.9) AS v FROM generate_series(1, 30) i) x', 'VALUES (2, 2)', 'amounts of two decimal places: bounds of two');
SELECT is_empty($$ SELECT places, v, e FROM (SELECT places, incremental_interval(lift_agg(i % 2 = 0, round((i * i % 17) / 7.0, places), 1), 0.9) AS v, incremental_interval(lift_agg(i % 2 = 0, round((i * i % 17) / 7.0, places) + 0.00000000000000000000, 1), 0.9) AS e FROM generate_series(1, 30) i, generate_series(0, 9) places GROUP BY places) x
                  WHERE NOT v @> e OR lower(e) - lower(v) >= 10.0 ^ -places OR upper(v) - upper(e) >= 10.0 ^ -places $$, 'rounded outwards, by less than a unit');

-- One stratum, base 1: the difference of means times the touched, with its standard error.
CREATE TABLE outcomes AS SELECT i % 3 = 0 AS touched, (('x' || substr(md5(i::text), 1, 5))::bit(20)::int / 100.0)::numeric(12,2) * CASE WHEN i % 7 = 0 THEN -1 ELSE 1 END AS y FROM generate_series(1, 200) i;
SELECT is((SELECT round(incremental(lift_agg(touched, y)), 8) FROM outcomes), (SELECT round(count(*) FILTER (WHERE touched) * (avg(y) FILTER (WHERE touched) - avg(y) FILTER (WHERE NOT touched)), 8) FROM outcomes), 'base 1: the difference of means times the touched');
SELECT is((SELECT round(lift(lift_agg(touched, y)), 8) FROM outcomes), (SELECT round(avg(y) FILTER (WHERE touched) - avg(y) FILTER (WHERE NOT touched), 8) FROM outcomes), 'base 1: lift is the difference of means');
SELECT is((SELECT round(upper(v) - lower(v), -1) FROM (SELECT incremental_interval(lift_agg(touched, y), 0.95) AS v FROM outcomes) x),
          (SELECT round((2 * 1.99713790839 * count(*) FILTER (WHERE touched) * sqrt(greatest(var_samp(y) FILTER (WHERE touched) / count(*) FILTER (WHERE touched) + var_samp(y) FILTER (WHERE NOT touched) / count(*) FILTER (WHERE NOT touched),
                                 var_samp(y) / count(*) FILTER (WHERE touched) + var_samp(y) / count(*) FILTER (WHERE NOT touched))))::numeric, -1) FROM outcomes), 'base 1: the larger of the two standard errors of a difference of means');
SELECT is((SELECT incremental_interval(l, 0.8) <@ incremental_interval(l, 0.95) AND incremental_interval(l, 0.8) <> incremental_interval(l, 0.95) FROM (SELECT lift_agg(touched, y) AS l FROM outcomes) x), true, 'a larger confidence is a wider interval');

-- Two strata that give 0, where pooling them would not.
CREATE TABLE won AS SELECT s, t, i <= k AS won FROM (VALUES ('A', true, 100, 90), ('A', false, 10, 9), ('B', true, 10, 3), ('B', false, 100, 30)) v (s, t, n, k), generate_series(1, n) i;
SELECT is((SELECT incremental(lift_agg(t, won::int, 1, s)) FROM won), 0::numeric, 'two strata: 0');
SELECT is((SELECT round(incremental(lift_agg(t, won::int)), 6) FROM won), 54::numeric, 'pooled: 54');
SELECT results_eq('SELECT stratum, touched, untouched, outcome_touched, outcome_untouched, rate_touched, rate_untouched, incremental FROM strata((SELECT lift_agg(t, won::int, 1, s) FROM won))',
                  $$ VALUES ('A', 100::bigint, 10::bigint, 90::numeric, 9::numeric, 0.9, 0.9, 0::numeric), ('B', 10, 100, 3, 30, 0.3, 0.3, 0) $$, 'strata: a row each');

-- Strata that cannot be compared.
CREATE TABLE mixed (t bool, y numeric, b numeric, s text);
INSERT INTO mixed VALUES (true, 5, 10, 'no control'), (true, 8, 10, 'both'), (true, 6, 10, 'both'), (false, 5, 10, 'both'), (false, 7, 10, 'both'), (false, 9, 10, 'no touch'), (true, 3, 10, 'control without base'), (false, 3, 0, 'control without base'), (true, 1, 10, NULL);
SELECT is((SELECT row(incremental(l), lift(l), strata_without_control(l))::text FROM (SELECT lift_agg(t, y, b, s) AS l FROM mixed) x), row(2.0000000000000000, 0.10000000000000000000, 3)::text, 'strata without untouched accounts or their base are left out and counted; one without touched accounts adds nothing');
SELECT is((SELECT incremental_interval(lift_agg(t, y, b, s), 0.95) FROM mixed)::text, (SELECT incremental_interval(lift_agg(t, y, b), 0.95) FROM mixed WHERE s = 'both')::text, 'the interval is that of the strata that are compared');
SELECT is((SELECT count(*) FILTER (WHERE incremental IS NULL) FROM strata((SELECT lift_agg(t, y, b, s) FROM mixed))), 4::bigint, 'strata: those that are not compared have no figure');
SELECT is((SELECT row(incremental(l), incremental_interval(l, 0.9), lift_interval(l, 0.9), lift(l), strata_without_control(l))::text FROM (SELECT lift_agg(true, 5, 10) AS l FROM generate_series(1, 3)) x), '(,,,,1)', 'no untouched accounts: NULL');
SELECT is((SELECT row(incremental(l), incremental_interval(l, 0.9), lift(l), strata_without_control(l))::text FROM (SELECT lift_agg(false, 5, 10) AS l FROM generate_series(1, 3)) x), '(,,,0)', 'no touched accounts: NULL');
SELECT is((SELECT (lift_agg(t, y), lift_agg(t, y, b), lift_agg(t, y, b, s))::text FROM mixed WHERE false), '(,,)', 'no accounts: NULL');
SELECT is((SELECT row(incremental(l), incremental_interval(l, 0.9), lift_interval(l, 0.9))::text FROM (SELECT lift_agg(t, y) AS l FROM (VALUES (true, 4), (false, 1), (false, 2)) v (t, y)) x), '(2.5000000000000000,,)', 'one account on a side: no interval');
SELECT is((SELECT incremental_interval(lift_agg(i % 2 = 0, 1), 0.9) FROM generate_series(1, 10) i), NULL, 'no variance: no interval');
SELECT is((SELECT row(incremental(l), lift(l), incremental_interval(l, 0.9), lift_interval(l, 0.9))::text FROM (SELECT lift_agg(t, y, b) AS l FROM (VALUES (true, 4, 0), (true, 5, 0), (false, 1, 10), (false, 2, 10)) v (t, y, b)) x), '(9.0000000000000000,,,)', 'touched accounts without a base: no lift and no interval');
SELECT is((SELECT strata(lift_agg(t, y, b, s))::text FROM (VALUES (true, NULL, 5.00, 'x'), (true, -2.5, NULL, 'x'), (false, -1, 4, 'x')) v (t, y, b, s)), '(x,2,1,5.00,4.00,-2.50,-1.00,-0.50000000000000000000,-0.25000000000000000000,-1.2500000000000000)', 'a NULL outcome or base is 0, an outcome may be negative');
SELECT is((SELECT rollup(l)::text FROM (SELECT lift_agg(t, y, b, s) AS l FROM mixed GROUP BY y) x), (SELECT lift_agg(t, y, b, s)::text FROM mixed), 'rollup adds up stratum by stratum');
-- Signs do not make the order matter: sums of either sign have 38 digits.
SELECT is((SELECT outcome_touched FROM strata((SELECT lift_agg(true, y) FROM unnest(ARRAY[60000000000000000000000000000000000000, -30000000000000000000000000000000000000]) y))), 30000000000000000000000000000000000000, '38 digits');
SELECT refused(format('SELECT lift_agg(true, y ORDER BY %s) FROM unnest(ARRAY[60000000000000000000000000000000000000, -60000000000000000000000000000000000000]) y', o), '22003', '38 digits', format('more than 38 digits are refused in any order (%s)', o)) FROM unnest(ARRAY['y', 'y DESC']) o;

-- Bad input.
SELECT refused('SELECT ' || call, state, pattern, format('%s is refused with %s', call, state))
FROM (VALUES (1, 'lift_agg(NULL, 1)', '22004', 'touched'), (2, 'lift_agg(true, 1, -1)', '22023', '-1'), (3, 'lift_agg(true, ''NaN'')', '22023', 'NaN'), (4, 'lift_agg(true, 1, ''Infinity'')', '22023', 'nfinity'), (5, 'lift_agg(true, 1e38)', '22003', '38 digits'),
             (6, 'incremental_interval(lift_agg(true, 1), 1)', '22023', 'confidence'), (14, 'lift_interval(lift_agg(true, 1), 95)', '22023', 'between 0 and 1, not 95'), (7, 'incremental_interval(lift_agg(true, 1), ''NaN'')', '22023', 'confidence'), (8, 'csm_roi(1, -1)', '22023', 'the cost must not be negative: -1$'), (9, 'csm_roi(''NaN'', 1)', '22023', 'NaN'), (10, 'return_multiple(1, ''Infinity'')', '22023', 'nfinity'),
             (11, 'annuity(100, -0.1, 0.2)', '22023', 'churn'), (12, 'annuity(-1, 0.1, 0.2)', '22023', 'amount'), (13, 'annuity(1, 0.1, ''NaN'')', '22023', 'the discount rate must be a finite number, not NaN')) v (n, call, state, pattern) ORDER BY n;

-- Returns.
SELECT is(l::jsonb::lift_summary, l, 'jsonb, there and back') FROM (SELECT lift_agg(i % 2 = 0, i / 7.0, i, 'a "b" ' || i % 5) AS l FROM generate_series(1, 50) i) x;
SELECT is(csm_roi(150, 100), 0.5, 'csm_roi');
SELECT is(csm_roi(-50, 100), -1.5, 'csm_roi of a loss');
SELECT is(return_multiple(450000, 100000), 4.5, 'return_multiple');
SELECT is(annuity(100000, 0.10, 0.15) * 0.8, 320000.0, 'annuity times gross margin');
SELECT is((csm_roi(1, 0), return_multiple(1, 0), annuity(1, 0, 0), csm_roi(NULL, 1), annuity(1, NULL, 1))::text, '(,,,,)', 'a cost or rate of 0, and NULL: NULL');

SELECT * FROM finish();
ROLLBACK;
