\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
\set accounts :tests '/include/books.sql'
\i :accounts
-- Every figure of a lift_summary against plain SQL over random strata, and one answer in any order of rows,
-- stored by group and rolled up. Plans in parts are in engines_plans.
SELECT plan(17);

-- Strata of 0 to 400 accounts; touched, base and outcome from what the books hold. The amounts are far below 38 digits, as the oracle uses numeric throughout.
CREATE TABLE touches AS
SELECT shape, i, grp, draw(41, key, 100) < 5 + shape AS touched, CASE WHEN shape % 5 > 0 THEN csm END AS stratum,
       CASE WHEN draw(42, key, 20) = 0 THEN NULL WHEN draw(42, key, 20) = 1 THEN 0 ELSE round(draw(43, key, 50000000) * 0.01, draw(44, key, 5)) END AS base,
       CASE WHEN draw(45, key, 20) = 0 THEN NULL WHEN draw(45, key, 5) = 1 THEN 0 ELSE round((draw(46, key, 60000000) - 15000000) * 0.01, draw(47, key, 4)) END AS outcome
FROM books, LATERAL (SELECT 10000 * shape + i AS key) k;
ANALYZE touches;

\set figures 'lift_agg(touched, outcome) AS plain, lift_agg(touched, outcome, base) AS based, lift_agg(touched, outcome, base, stratum) AS l'
\set by_shape 'SELECT shape, ' :figures ' FROM touches GROUP BY shape'
\set by_group 'SELECT shape, grp, ' :figures ' FROM touches GROUP BY shape, grp'
\set rolled_by_shape 'SELECT shape, rollup(plain) AS plain, rollup(based) AS based, rollup(l) AS l FROM stored GROUP BY shape'
SET LOCAL max_parallel_workers_per_gather = 0;
CREATE TABLE serial AS :by_shape;
CREATE TABLE stored AS :by_group;
SELECT unalike(plan_of(:'by_shape'), '%Partial%', 'the serial plan is serial');

-- The oracle, in numeric; three ways to call the aggregate are three bases and strata.
CREATE TABLE rows AS
SELECT shape, 'plain' AS way, touched, NULL AS stratum, coalesce(outcome, 0) AS y, 1::numeric AS b FROM touches
UNION ALL SELECT shape, 'based', touched, NULL, coalesce(outcome, 0), coalesce(base, 0) FROM touches
UNION ALL SELECT shape, 'l', touched, stratum, coalesce(outcome, 0), coalesce(base, 0) FROM touches;
CREATE TABLE sides AS SELECT shape, way, stratum, touched, count(*) AS n, sum(y) AS y, sum(b) AS b, sum(y * y) AS yy, sum(b * b) AS bb, sum(y * b) AS yb FROM rows GROUP BY 1, 2, 3, 4;
CREATE TABLE strata AS
SELECT s.shape, s.way, s.stratum, coalesce(t.n, 0) AS touched, coalesce(u.n, 0) AS untouched, coalesce(t.y, 0) AS y_t, coalesce(u.y, 0) AS y_u, coalesce(t.b, 0) AS b_t, coalesce(u.b, 0) AS b_u, t.n > 0 AND u.b > 0 AS compared,
       (t.y * u.b - u.y * t.b) / nullif(u.b, 0) AS incremental,
       t.n::numeric / nullif(t.n - 1, 0) * (t.yy - 2 * (t.y / nullif(t.b, 0)) * t.yb + (t.y / nullif(t.b, 0)) ^ 2 * t.bb) + (t.b / nullif(u.b, 0)) ^ 2 * u.n / nullif(u.n - 1, 0) * (u.yy - 2 * (u.y / nullif(u.b, 0)) * u.yb + (u.y / nullif(u.b, 0)) ^ 2 * u.bb) AS by_side,
       (t.n + u.n)::numeric / nullif(t.n + u.n - 1, 0) * (t.yy + u.yy - 2 * r * (t.yb + u.yb) + r ^ 2 * (t.bb + u.bb)) / nullif(t.bb + u.bb, 0) * (t.bb + (t.b / nullif(u.b, 0)) ^ 2 * u.bb) AS pooled, t.bb AS bb_t, u.bb AS bb_u
FROM (SELECT DISTINCT shape, way, stratum FROM sides) s LEFT JOIN LATERAL (SELECT * FROM sides x WHERE x.shape = s.shape AND x.way = s.way AND x.stratum IS NOT DISTINCT FROM s.stratum AND touched) t ON true
     LEFT JOIN LATERAL (SELECT * FROM sides x WHERE x.shape = s.shape AND x.way = s.way AND x.stratum IS NOT DISTINCT FROM s.stratum AND NOT touched) u ON true, LATERAL (SELECT (t.y + u.y) / nullif(t.b + u.b, 0) AS r) p;
CREATE TABLE oracle AS
SELECT shape, way, sum(incremental) FILTER (WHERE compared) AS incremental, sum(incremental) FILTER (WHERE compared) / nullif(sum(b_t) FILTER (WHERE compared), 0) AS lift, count(*) FILTER (WHERE touched > 0 AND NOT coalesce(compared, false)) AS without_control,
       CASE WHEN bool_and(by_side IS NOT NULL) FILTER (WHERE compared) THEN sum(greatest(by_side, pooled)) FILTER (WHERE compared) END AS variance, sum(b_t) FILTER (WHERE compared) AS base, count(*) FILTER (WHERE compared AND by_side > pooled) AS by_side, count(*) FILTER (WHERE compared AND by_side < pooled) AS pooled,
       greatest(1, least(sum(b_t) FILTER (WHERE compared) ^ 2 / nullif(sum(bb_t) FILTER (WHERE compared), 0), sum(b_u) FILTER (WHERE compared) ^ 2 / nullif(sum(bb_u) FILTER (WHERE compared), 0)) - 1) AS df
FROM strata GROUP BY 1, 2;
CREATE TABLE answers AS SELECT shape, way, v.l FROM serial, LATERAL (VALUES ('plain', plain), ('based', based), ('l', serial.l)) v (way, l);
CREATE FUNCTION near(a numeric, b numeric, digits float8) RETURNS bool LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(abs(a - b) <= digits * greatest(abs(b), 1), a IS NULL AND b IS NULL) $$;
SELECT cmp_ok((SELECT count(*) FROM oracle WHERE way = 'l' AND incremental <> 0), '>', 20::bigint, 'there are shapes to compare');
SELECT cmp_ok((SELECT count(*) FROM oracle WHERE way = 'l' AND variance > 0), '>', 10::bigint, 'some of them have an interval');
SELECT cmp_ok((SELECT count(*) FROM oracle WHERE without_control > 0), '>', 5::bigint, 'some of them have strata without control');
SELECT is_empty($$ SELECT shape, way FROM answers a FULL JOIN oracle o USING (shape, way) WHERE NOT near(incremental(a.l), o.incremental, 1e-14) OR NOT near(lift(a.l), o.lift, 1e-14) OR strata_without_control(a.l) IS DISTINCT FROM o.without_control $$, 'incremental, lift and strata without control are those of plain SQL');
SELECT is_empty($$ SELECT shape, way FROM answers a JOIN oracle o USING (shape, way) WHERE way <> 'l' AND NOT incremental(a.l) = round(o.incremental, scale(incremental(a.l))) $$, 'over one stratum in every digit');
-- P(|T| <= t) by Simpson's rule: with t = sqrt(df) * tan(x) the density of T is cos(x) ^ (df - 1), but for a constant.
CREATE FUNCTION area(until float8, df float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT until / 6000 * sum(CASE WHEN i IN (0, 2000) THEN 1 WHEN i % 2 = 0 THEN 2 ELSE 4 END * exp(greatest((df - 1) * ln(cos(until * i / 2000)), -700))) FROM generate_series(0, 2000) i
$$;
CREATE TABLE intervals AS
SELECT o.*, ii, li, unit, (upper(ii) - lower(ii)) / 2 AS half, area(atan(greatest((upper(ii) - lower(ii)) / 2 - unit, 0) / sqrt(variance * df)), df) / whole AS at_least, area(atan((upper(ii) - lower(ii)) / 2 / sqrt(variance * df)), df) / whole AS at_most
FROM answers a JOIN oracle o USING (shape, way), LATERAL (SELECT incremental_interval(a.l, 0.9) AS ii, lift_interval(a.l, 0.9) AS li, (SELECT 10.0 ^ -max(greatest(scale(y), scale(b))) FROM rows r WHERE r.shape = a.shape AND r.way = a.way) AS unit) i, LATERAL (SELECT area(pi() / 2, df) AS whole) w;
SELECT cmp_ok((SELECT least(sum(by_side), sum(pooled)) FROM intervals WHERE ii IS NOT NULL), '>', 20::numeric, 'of some strata the variance by side is the larger one, of others the pooled one');
SELECT is_empty($$ SELECT shape, way, ii, variance FROM intervals WHERE (ii IS NULL) <> coalesce(variance <= 1e-9, true) OR (li IS NULL) <> (ii IS NULL) $$, 'an interval is there where plain SQL has a variance');
SELECT is_empty($$ SELECT shape, way, ii, at_least, at_most FROM intervals WHERE NOT (at_least <= 0.90001 AND at_most >= 0.89999) OR NOT abs((upper(ii) + lower(ii)) / 2 - incremental) <= unit $$, 'the interval is that of plain SQL, rounded outwards');
SELECT is_empty($$ SELECT shape, way, ii, li FROM intervals WHERE NOT (abs(lower(li) - lower(ii) / base) <= unit / base + 1e-10 AND abs(upper(li) - upper(ii) / base) <= unit / base + 1e-10 AND scale(lower(li)) = 10 AND 10.0 ^ -scale(lower(ii)) = unit) $$, 'the interval of lift is that of incremental over the base');
SELECT is_empty($$ SELECT a.shape, a.way FROM answers a CROSS JOIN LATERAL strata(a.l) s FULL JOIN strata o ON o.shape = a.shape AND o.way = a.way AND o.stratum IS NOT DISTINCT FROM s.stratum
                  WHERE a.shape IS NULL OR o.shape IS NULL OR (s.touched, s.untouched, s.base_touched, s.base_untouched, s.outcome_touched, s.outcome_untouched) IS DISTINCT FROM (o.touched, o.untouched, o.b_t, o.b_u, o.y_t, o.y_u)
                  OR NOT near(s.rate_touched, o.y_t / nullif(o.b_t, 0), 1e-15) OR NOT near(s.rate_untouched, o.y_u / nullif(o.b_u, 0), 1e-15) OR NOT near(s.incremental, CASE WHEN o.compared THEN o.incremental END, 1e-14) $$, 'strata are those of plain SQL');

CREATE FUNCTION differing(a regclass, b regclass) RETURNS SETOF int LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT shape FROM %s a FULL JOIN %s b USING (shape) WHERE (a.plain, a.based, a.l)::text IS DISTINCT FROM (b.plain, b.based, b.l)::text OR NOT (a.plain = b.plain AND a.based = b.based AND a.l = b.l) OR (incremental_interval(a.l, 0.95), lift_interval(a.l, 0.95))::text IS DISTINCT FROM (incremental_interval(b.l, 0.95), lift_interval(b.l, 0.95))::text', a, b);
END $$;
CREATE TABLE reversed AS SELECT shape, lift_agg(touched, outcome ORDER BY i DESC) AS plain, lift_agg(touched, outcome, base ORDER BY md5(i::text)) AS based, lift_agg(touched, outcome, base, stratum ORDER BY base, i) AS l FROM touches GROUP BY shape;
SELECT is_empty($$ SELECT differing('serial', 'reversed') $$, 'the order of the rows does not matter');
CREATE TABLE rolled AS :rolled_by_shape;
SELECT is_empty($$ SELECT differing('serial', 'rolled') $$, 'stored by group and rolled up: identical to serial');
CREATE TABLE rolled_twice AS SELECT shape, rollup(plain ORDER BY half) AS plain, rollup(based ORDER BY half DESC) AS based, rollup(l) AS l
    FROM (SELECT shape, grp % 3 AS half, rollup(plain) AS plain, rollup(based ORDER BY grp DESC) AS based, rollup(l ORDER BY md5(grp::text)) AS l FROM stored GROUP BY shape, grp % 3) x GROUP BY shape;
SELECT is_empty($$ SELECT differing('serial', 'rolled_twice') $$, 'rolled up in two levels, in other orders: identical to serial');
SELECT is_empty($$ SELECT shape FROM serial WHERE (l::text)::lift_summary::text <> l::text OR csm_lift_summary_send((l::text)::lift_summary) <> csm_lift_summary_send(l) $$, 'text form goes round bit for bit');

-- Many digits: sums of squares and products in 256 bits.
SELECT is((SELECT round(incremental(lift_agg(i % 2 = 0, i * 1234567890123456789012.5, i * 987654321098765432109.75)), 5) FROM generate_series(1, 400) i), 0.00000, '25 digits: proportional outcomes have no lift');
SELECT is((SELECT l::text::lift_summary = l AND csm_lift_summary_send(l::text::lift_summary) = csm_lift_summary_send(l) FROM (SELECT lift_agg(i % 2 = 0, CASE WHEN i % 3 = 0 THEN -1 ELSE 1 END * (i + 1234567890123456789012345678901234.5), i + 9876543210987654321098765432109876.75) AS l FROM generate_series(1, 20) i) x), true, '38 digits go round');

SELECT * FROM finish();
ROLLBACK;
