\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- Worked numbers of trend, mix and rate, flows between segments; plain SQL over generated accounts; bad input.
SELECT plan(86);

-- The ends of an interval, rounded.
CREATE FUNCTION ends(numrange, places int) RETURNS text LANGUAGE sql AS $$ SELECT format('[%s,%s]', round(lower($1), places), round(upper($1), places)) $$;

-- Trend. The expected values are those of R: lm(churned / n ~ x, weights = n) and confint.
CREATE FUNCTION months(n int[], churned int[]) RETURNS retention_summary[] LANGUAGE sql AS $$
    SELECT array_agg(r ORDER BY period(r)) FROM (SELECT retention_agg(10, CASE WHEN i > churned[t] THEN 10 END, daterange((date '2024-01-01' + (t - 1) * interval '1 month')::date, (date '2024-01-01' + t * interval '1 month')::date)) AS r
    FROM generate_subscripts(n, 1) t, generate_series(1, n[t]) i GROUP BY t) x $$;
CREATE TABLE trend AS SELECT months('{100,104,110,98,120,115}', '{6,5,6,3,4,2}') AS r;
SELECT is((SELECT round(churn_trend(r), 10) FROM trend), -0.0080371402, 'churn_trend');
SELECT is((SELECT ends(churn_trend_interval(r, 0.95), 8) || ends(churn_trend_interval(r, 0.8), 8) FROM trend), '[-0.01258970,-0.00348458][-0.01055115,-0.00552313]', 'churn_trend_interval');
SELECT is((SELECT round(revenue_churn_trend(r), 15) = round(churn_trend(r), 15) AND revenue_churn_trend_interval(r, 0.95) = churn_trend_interval(r, 0.95) FROM trend), true, 'of equal amounts that nobody reduces revenue churn is logo churn');
SELECT is((SELECT churn_trend(months('{10,10,10}', '{3,2,1}'))), -0.10000000000000000000, 'a line');
SELECT is((SELECT churn_trend_interval(months('{10,10,10,10}', '{3,3,3,3}'), 0.95)), NULL, 'all on one line: no interval');
SELECT is((SELECT churn_trend_interval(months('{9,9,9,9}', '{1,2,3,4}'), 0.95)), NULL, '... of thirds and ninths');
SELECT is((SELECT row(churn_trend(months('{10,10}', '{1,2}')), churn_trend_interval(months('{10,10}', '{1,2}'), 0.9), churn_trend('{}'), churn_trend(NULL))::text), '(,,,)', 'fewer than three intervals: NULL');
CREATE TABLE uneven AS SELECT t, i, (10 + (i * 37 + t * 11) % 91)::numeric AS s, CASE (i * 7 + t * 5) % 6 WHEN 0 THEN 0 WHEN 1 THEN 0.5 WHEN 2 THEN 1.5 ELSE 1 END AS f FROM generate_series(1, 9) t, generate_series(1, 7 + t * 3) i WHERE t <> 4;
CREATE TABLE uneven_run AS SELECT array_agg(r ORDER BY period(r)) AS r FROM (SELECT retention_agg(s, s * f, daterange(date '2024-01-01' + t * 7, date '2024-01-08' + t * 7)) AS r FROM (TABLE uneven UNION ALL SELECT 4, 1, 0, 1) x GROUP BY t) y;
CREATE VIEW weighted AS SELECT t::float8 AS x, p::float8, w::float8, lp::float8, n::float8 FROM (SELECT t, sum(s - least(s, s * f)) / sum(s) AS p, sum(s) ^ 2 / sum(s * s) AS w, avg((f = 0)::int) AS lp, count(*) AS n FROM uneven GROUP BY t) v;
CREATE FUNCTION slope(x float8[], p float8[], w float8[]) RETURNS TABLE (b float8, se float8) LANGUAGE sql AS $$
    WITH v AS (SELECT * FROM unnest(x, p, w) AS v (x, p, w)), m AS (SELECT sum(w * x) / sum(w) AS mx, sum(w * p) / sum(w) AS mp FROM v), s AS (SELECT sum(w * (x - mx) * (p - mp)) / sum(w * (x - mx) ^ 2) AS b, sum(w * (x - mx) ^ 2) AS sxx FROM v, m)
    SELECT min(s.b), sqrt(sum(w * (p - mp - s.b * (v.x - mx)) ^ 2) / (count(*) - 2) / min(sxx)) FROM v, m, s $$;
SELECT ok((SELECT abs(churn_trend(r) - b) < 1e-14 AND abs(upper(churn_trend_interval(r, 0.95)) - b - 2.446911851144969 * se) < 1e-9 FROM uneven_run, (SELECT (slope(array_agg(x), array_agg(lp), array_agg(n))).* FROM weighted) q), 'an interval without accounts has no weight: churn_trend by hand, t with 6 degrees of freedom');
SELECT ok((SELECT abs(revenue_churn_trend(r) - b) < 1e-14 AND abs(lower(revenue_churn_trend_interval(r, 0.95)) - b + 2.446911851144969 * se) < 1e-9 FROM uneven_run, (SELECT (slope(array_agg(x), array_agg(p), array_agg(w))).* FROM weighted) q), 'revenue_churn_trend by hand');
SELECT refused($$ SELECT churn_trend(r[1:2] || r[4:6]) FROM trend $$, '22023', 'adjacent', 'a gap');
SELECT refused($$ SELECT churn_trend(array_agg(r)) FROM (SELECT retention_agg(1, 1, d) AS r FROM (VALUES (daterange '[2024-01-01,2024-02-01)'), ('[2024-02-01,2024-03-01)'), ('[2024-03-01,2024-05-01)')) v (d) GROUP BY d ORDER BY d) x $$, '22023', 'one length', 'intervals of two lengths');
SELECT refused('SELECT churn_trend(ARRAY[retention_agg(1, 1), retention_agg(1, 1)])', '22023', 'period of interval 1', 'without a period');
SELECT refused('SELECT churn_trend_interval(r, 95) FROM trend', '22023', 'confidence', 'a percentage', '0.95');
SELECT refused('SELECT revenue_churn_trend(array_append(r, NULL)) FROM trend', '22004', 'interval 7', 'a NULL element');

-- Mix and rate.
CREATE FUNCTION of(s numeric, e numeric) RETURNS retention_summary LANGUAGE sql AS 'SELECT retention_agg(s, e)';
SELECT results_eq($$ SELECT segment, round(mix, 12), round(rate, 12) FROM mix_rate('{enterprise,small}', ARRAY[of(800, 880), of(200, 140)], ARRAY[of(500, 560), of(500, 360)]) $$,
    $$ VALUES ('enterprise', -0.042000000000, 0.013000000000), ('small', -0.078, 0.007) $$, 'two segments');
SELECT results_eq($$ SELECT segment, round(mix, 12), round(rate, 12), figure_before IS NULL, figure_after IS NULL FROM mix_rate('{x,y,z}', ARRAY[of(60, 54), of(40, 40), NULL], ARRAY[of(50, 50), NULL, of(50, 30)]) $$,
    $$ VALUES ('x', -0.008000000000, 0.055000000000, false, false), ('y', -0.052, 0, false, true), ('z', -0.135, 0, true, false) $$, 'segments that are absent in one period');
SELECT results_eq($$ SELECT share_before, share_after, figure_before, figure_after FROM mix_rate('{x,y}', ARRAY[of(60, 54), of(40, 40)], ARRAY[of(0, 5), of(10, 5)]) $$,
    $$ VALUES (0.60000000000000000000, 0.00000000000000000000, 0.90000000000000000000, NULL::numeric), (0.4, 1, 1, 0.5) $$, 'shares and figures; nobody who starts is absent');
SELECT results_eq($$ SELECT mix, rate, share_before, share_after FROM mix_rate('{x,y}', ARRAY[of(60, 54), NULL], ARRAY[NULL, NULL]::retention_summary[]) $$,
    $$ VALUES (NULL::numeric, NULL::numeric, 1.0, NULL::numeric), (NULL, NULL, 0, NULL) $$, 'a period without anybody: no parts');
SELECT results_eq($$ SELECT mix, rate FROM mix_rate('{x,y}', ARRAY[of(60, 54), NULL], ARRAY[of(60, 54), NULL]) $$, $$ VALUES (0.0, 0.0), (0, 0) $$, 'absent in both');
SELECT results_eq($$ SELECT segment IS NULL FROM mix_rate(ARRAY[NULL]::text[], ARRAY[of(60, 54)], ARRAY[of(60, 54)]) $$, 'VALUES (true)', 'a NULL label is the caller''s');
CREATE TABLE two AS SELECT k, seg, when_, (10 + (i * 37 + k * 11 + seg * 3) % 91)::numeric / 4 AS s, CASE (i * 7 + k * 5 + when_) % 6 WHEN 0 THEN 0 WHEN 1 THEN 0.5 WHEN 2 THEN 1.5 ELSE 1 END AS f
    FROM generate_series(1, 50) k, generate_series(1, 4) seg, generate_series(0, 1) when_, generate_series(1, (k * seg + when_ * 7) % 12) i;
CREATE VIEW parts AS SELECT k, name, sum(mix) AS mix, sum(rate) AS rate, sum(mix + rate) AS change FROM (SELECT k, array_agg(seg::text ORDER BY seg) AS seg, array_agg(b ORDER BY seg) AS b, array_agg(a ORDER BY seg) AS a FROM
    (SELECT k, seg, retention_agg(s, s * f) FILTER (WHERE when_ = 0) AS b, retention_agg(s, s * f) FILTER (WHERE when_ = 1) AS a FROM two GROUP BY k, seg) x GROUP BY k) y, unnest('{ndr,grr,logo_churn,revenue_churn}'::text[]) name, mix_rate(seg, b, a, name) GROUP BY k, name;
CREATE VIEW totals AS SELECT k, CASE name WHEN 'ndr' THEN ndr(a) - ndr(b) WHEN 'grr' THEN grr(a) - grr(b) WHEN 'logo_churn' THEN logo_churn(a) - logo_churn(b) ELSE revenue_churn(a) - revenue_churn(b) END AS change, name
    FROM (SELECT k, retention_agg(s, s * f) FILTER (WHERE when_ = 0) AS b, retention_agg(s, s * f) FILTER (WHERE when_ = 1) AS a FROM two GROUP BY k) x, unnest('{ndr,grr,logo_churn,revenue_churn}'::text[]) name;
SELECT is((SELECT count(*) FROM parts JOIN totals t USING (k, name) WHERE abs(parts.change - t.change) < 1e-16), (SELECT count(*) FROM totals WHERE change IS NOT NULL), 'parts add up to the change of the figure of all, four figures over 50 companies');
SELECT ok((SELECT count(DISTINCT round(mix, 6)) > 100 FROM parts), '... which are not all 0');
SELECT refused($$ SELECT * FROM mix_rate('{x}', ARRAY[of(60, 54), NULL], ARRAY[of(1, 1)]) $$, '22023', 'there are 1 segments, 2 summaries before and 1 after', 'arrays of different length', 'FULL JOIN');
SELECT refused($$ SELECT * FROM mix_rate('{x}', ARRAY[of(60, 54)], ARRAY[of(1, 1)], 'quick_ratio') $$, '22023', '"quick_ratio" is no figure', 'an unknown figure', 'revenue_churn');
SELECT refused($$ SELECT * FROM mix_rate('{{x}}', ARRAY[of(60, 54)], ARRAY[of(1, 1)]) $$, '22023', 'one dimension', 'labels in two dimensions');
SELECT refused($$ SELECT * FROM mix_rate('{x}', ARRAY[(SELECT retention_agg(1, 1, '[2024-01-01,2025-01-01)'::daterange, 'EUR'))], ARRAY[(SELECT retention_agg(1, 1, '[2024-01-01,2025-01-01)'::daterange, 'USD'))]) $$, '22023', 'EUR', 'two currencies');
SELECT is_empty($$ SELECT * FROM mix_rate('{x}', NULL, ARRAY[of(1, 1)]) $$, 'a NULL array: no rows');

-- Flows between segments.
CREATE TABLE moved (account text, s numeric, e numeric, was boolean, at_start text, at_end text);
INSERT INTO moved VALUES ('a', 100, 130, true, 'small', 'mid'), ('b', 80, 80, true, 'small', 'small'), ('c', 60, 0, true, 'small', NULL), ('d', 400, 300, true, 'mid', 'mid'), ('e', 500, 90, true, 'mid', 'small'),
    ('f', 0, 50, false, NULL, 'small'), ('g', 0, 700, true, NULL, 'mid'), ('h', 200, 260, true, NULL, 'mid'), ('i', 90, 90, true, 'small', NULL), ('j', 0, 0, NULL, NULL, NULL);
CREATE TABLE flows AS SELECT segment_flow_agg(s, e, was, at_start, at_end) AS f FROM moved;
SELECT results_eq('SELECT segment, starting, new, reactivation, expansion, contraction, churned, transfer_in, transfer_out, ending FROM flows, segment_bridge(f)',
    $$ VALUES ('mid', 900::numeric, 0::numeric, 700::numeric, 0::numeric, 510::numeric, 0::numeric, 390::numeric, 90::numeric, 1390::numeric), ('small', 330, 50, 0, 30, 0, 60, 90, 220, 220), (NULL, 200, 0, 0, 60, 0, 0, 90, 260, 90) $$, 'the bridge by segment');
SELECT results_eq('SELECT accounts_starting, accounts_new, accounts_reactivated, accounts_churned, accounts_in, accounts_out, accounts_ending FROM flows, segment_bridge(f)',
    $$ VALUES (2::bigint, 0::bigint, 1::bigint, 0::bigint, 2::bigint, 1::bigint, 4::bigint), (4, 1, 0, 1, 1, 2, 3), (1, 0, 0, 0, 1, 1, 1) $$, '... its accounts');
SELECT results_eq('SELECT round(ndr, 6), round(grr, 6), round(logo_churn, 6) FROM flows, segment_bridge(f)', $$ VALUES (0.433333, 0.433333, 0.000000), (0.909091, 0.818182, 0.250000), (1.3, 1, 0) $$, '... its ratios: those of the segment at the start');
SELECT results_eq('SELECT sum(starting), sum(new), sum(reactivation), sum(expansion), sum(contraction), sum(churned), sum(ending), sum(transfer_in), sum(transfer_out) FROM flows, segment_bridge(f)',
    $$ VALUES (1430::numeric, 50::numeric, 700::numeric, 90::numeric, 510::numeric, 60::numeric, 1700::numeric, 570::numeric, 570::numeric) $$, '... and its sums');
SELECT results_eq('SELECT * FROM flows, segment_flow_table(f) ORDER BY 2, 3',
    $$ SELECT (SELECT f FROM flows), * FROM (VALUES ('mid', 'mid', 2::bigint, 400::numeric, 1000::numeric), ('mid', 'small', 1, 500, 90), ('small', 'mid', 1, 100, 130), ('small', 'small', 3, 140, 130), ('small', NULL, 1, 90, 90), (NULL, 'mid', 1, 200, 260)) v $$, 'the cells');
SELECT results_eq('SELECT step, segment, round(amount, 10) FROM flows, roll_forward(f, 2)',
    $$ VALUES (1, 'mid', 667.0000000000), (1, 'small', 192.3333333333), (1, NULL, 60.0000000000), (2, 'mid', 376.1010101010), (2, 'small', 113.3262626263), (2, NULL, 52.4545454545) $$, 'two steps on');
SELECT results_eq($$ SELECT step, segment, round(amount, 6) FROM roll_forward((SELECT segment_flow_agg(s, e, false, f, t) FROM (VALUES (100, 50, 'a', 'a'), (0, 80, NULL, 'b')) v (s, e, f, t)), 2) $$,
    $$ VALUES (1, 'a', 25.000000), (1, 'b', 40.000000), (2, 'a', 12.5), (2, 'b', 20) $$, 'a segment in which nobody started follows all');
SELECT results_eq($$ SELECT step, segment, amount FROM roll_forward((SELECT segment_flow_agg(0, 5, false, NULL, 'a')), 1) $$, $$ VALUES (1, 'a', NULL::numeric) $$, 'nobody started at all: not known');
SELECT is((SELECT round(amount, 9) FROM roll_forward((SELECT segment_flow_agg(1000, 631, true, 'x', 'x')), 5) WHERE step = 5), round(631 * 0.631 ^ 5, 9), 'five years at the rate of the first');
SELECT is((SELECT count(*) FROM segment_bridge((SELECT segment_flow_agg(0, NULL, false, 'x', 'y')))), 0::bigint, 'accounts without an amount: a value without segments');
SELECT is((SELECT segment_flow_agg(s, e, was, at_start, at_end) FROM moved WHERE false), NULL, 'no rows: NULL');
SELECT is((SELECT count(*) FROM segment_bridge(NULL)), 0::bigint, 'NULL: no rows');

-- Random companies against plain SQL.
CREATE TABLE company AS SELECT k, i, CASE WHEN r % 4 > 0 THEN ((r * 7919) % 100000)::numeric / CASE k % 3 WHEN 0 THEN 1 WHEN 1 THEN 100 ELSE 1000 END END AS s, CASE WHEN r % 5 > 0 THEN ((r * 104729) % 100000)::numeric / 100 END AS e, r % 3 = 0 AS was,
    (ARRAY['a', 'b', E'tab\there', E'back\\slash', '\N', NULL, 'é', ''])[1 + r % 8] AS f, (ARRAY['a', 'b', E'tab\there', E'back\\slash', '\N', NULL, 'é', ''])[1 + r / 8 % 8] AS t
    FROM generate_series(1, 30) k, generate_series(1, 120) i, LATERAL (SELECT ('x' || substr(md5(k || ' ' || i), 1, 7))::bit(28)::bigint AS r) x;
CREATE VIEW sides AS SELECT k, coalesce(s, 0) AS s, coalesce(e, 0) AS e, was, CASE WHEN s > 0 THEN f ELSE t END AS f, CASE WHEN e > 0 THEN t ELSE f END AS t FROM company WHERE s > 0 OR e > 0;
CREATE VIEW by_hand AS SELECT k, seg AS segment,
    coalesce(sum(s) FILTER (WHERE at = 0), 0) AS starting, coalesce(sum(e) FILTER (WHERE at = 1 AND s = 0 AND NOT was), 0) AS new, coalesce(sum(e) FILTER (WHERE at = 1 AND s = 0 AND was), 0) AS reactivation,
    coalesce(sum(e - s) FILTER (WHERE at = 0 AND s > 0 AND e > s), 0) AS expansion, coalesce(sum(s - e) FILTER (WHERE at = 0 AND e > 0 AND e < s), 0) AS contraction, coalesce(sum(s) FILTER (WHERE at = 0 AND s > 0 AND e = 0), 0) AS churned,
    coalesce(sum(e) FILTER (WHERE at = 1 AND s > 0 AND e > 0 AND moves), 0) AS transfer_in, coalesce(sum(e) FILTER (WHERE at = 0 AND s > 0 AND e > 0 AND moves), 0) AS transfer_out, coalesce(sum(e) FILTER (WHERE at = 1), 0) AS ending,
    count(*) FILTER (WHERE at = 0 AND s > 0) AS accounts_starting, count(*) FILTER (WHERE at = 1 AND s = 0 AND NOT was) AS accounts_new, count(*) FILTER (WHERE at = 1 AND s = 0 AND was) AS accounts_reactivated, count(*) FILTER (WHERE at = 0 AND s > 0 AND e = 0) AS accounts_churned,
    count(*) FILTER (WHERE at = 1 AND s > 0 AND e > 0 AND moves) AS accounts_in, count(*) FILTER (WHERE at = 0 AND s > 0 AND e > 0 AND moves) AS accounts_out, count(*) FILTER (WHERE at = 1 AND e > 0) AS accounts_ending,
    sum(e) FILTER (WHERE at = 0 AND s > 0) / nullif(sum(s) FILTER (WHERE at = 0), 0) AS ndr, sum(least(s, e)) FILTER (WHERE at = 0 AND s > 0) / nullif(sum(s) FILTER (WHERE at = 0), 0) AS grr
    FROM (SELECT k, s, e, was, f IS DISTINCT FROM t AS moves, at, CASE at WHEN 0 THEN f ELSE t END AS seg FROM sides, generate_series(0, 1) at) x GROUP BY k, seg;
CREATE TABLE bridged AS SELECT k, b.* FROM (SELECT k, segment_flow_agg(s, e, was, f, t) AS v FROM company GROUP BY k) x, segment_bridge(v) b;
SELECT is((SELECT count(*) FROM bridged), (SELECT count(*) FROM by_hand), 'random companies: as many segments');
SELECT is_empty($$ SELECT k, segment, starting, new, reactivation, expansion, contraction, churned, transfer_in, transfer_out, ending, accounts_starting, accounts_new, accounts_reactivated, accounts_churned, accounts_in, accounts_out, accounts_ending, round(ndr, 12), round(grr, 12) FROM bridged
           EXCEPT SELECT k, segment, starting, new, reactivation, expansion, contraction, churned, transfer_in, transfer_out, ending, accounts_starting, accounts_new, accounts_reactivated, accounts_churned, accounts_in, accounts_out, accounts_ending, round(ndr, 12), round(grr, 12) FROM by_hand $$, '... and every column as by plain SQL');
SELECT is_empty('SELECT k FROM bridged GROUP BY k HAVING sum(transfer_in) <> sum(transfer_out) OR sum(accounts_in) <> sum(accounts_out)', 'what goes out somewhere comes in elsewhere');
SELECT is_empty('SELECT * FROM bridged WHERE starting + new + reactivation + expansion - contraction - churned + transfer_in - transfer_out <> ending OR accounts_starting + accounts_new + accounts_reactivated - accounts_churned + accounts_in - accounts_out <> accounts_ending', 'every segment adds up');
SELECT is_empty($$ SELECT k, sum(starting), sum(new), sum(reactivation), sum(expansion), sum(contraction), sum(churned), sum(ending), sum(accounts_ending) FROM bridged GROUP BY k
    EXCEPT SELECT k, starting(r), new_business(r), reactivation(r), expansion(r), contraction(r), churned(r), ending(r), accounts_ending(r) FROM (SELECT k, retention_agg(s, e, was) AS r FROM company GROUP BY k) x $$, 'all but the transfers add up to the bridge of the company');
SELECT is((SELECT array_agg(segment ORDER BY n) FROM segment_bridge((SELECT segment_flow_agg(s, e, was, f, t) FROM company WHERE k = 2)) WITH ORDINALITY AS b (segment, a1, a2, a3, a4, a5, a6, a7, a8, a9, b1, b2, b3, b4, b5, b6, b7, c1, c2, c3, n)),
    (SELECT array_agg(segment ORDER BY segment COLLATE "C" NULLS LAST) FROM by_hand WHERE k = 2), 'rows come in the order of bytes, NULL last');
SELECT is((SELECT count(*) FROM (SELECT k, round(sum(amount), 9) FROM (SELECT k, segment_flow_agg(s, e, was, f, t) AS v FROM company GROUP BY k) x, roll_forward(v, 1) GROUP BY k
    EXCEPT SELECT o.k, round(sum(o.ending * coalesce(c.e / c.s, (SELECT sum(e) FILTER (WHERE s > 0) / sum(s) FROM sides WHERE sides.k = o.k))), 9) FROM by_hand o
    LEFT JOIN (SELECT k, f, sum(e) AS e, sum(s) AS s FROM sides WHERE s > 0 GROUP BY k, f) c ON c.k = o.k AND c.f IS NOT DISTINCT FROM o.segment GROUP BY o.k) y), 0::bigint, 'one step on by plain SQL');

-- Any way to the same value.
CREATE TABLE whole AS SELECT k, segment_flow_agg(s, e, was, f, t) AS v FROM company GROUP BY k;
SELECT is_empty('SELECT k, v FROM whole EXCEPT SELECT k, rollup(v) FROM (SELECT k, i % 7 AS g, segment_flow_agg(s, e, was, f, t) AS v FROM company GROUP BY k, i % 7) x GROUP BY k', 'parts rolled up');
SELECT is_empty('SELECT k, v::text FROM whole EXCEPT SELECT k, (a + b)::text FROM (SELECT k, segment_flow_agg(s, e, was, f, t ORDER BY i) FILTER (WHERE i % 2 = 0) AS a, segment_flow_agg(s, e, was, f, t ORDER BY i DESC) FILTER (WHERE i % 2 = 1) AS b FROM company GROUP BY k) x', 'two halves, added up: the same text');
SELECT is_empty('SELECT k FROM whole WHERE v <> v::text::segment_flows OR v::text <> v::text::segment_flows::text OR v <> v::jsonb::segment_flows', 'text and jsonb');
SELECT ok((SELECT segment_flow_agg(1, 2, true, 'a', 'b') = segment_flow_agg(1.00, 2.0, true, 'a', 'b')), 'trailing zeros are no difference');
SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0; SET LOCAL max_parallel_workers_per_gather = 2;
ALTER TABLE company SET (parallel_workers = 2);
SELECT ok(plan_of('SELECT segment_flow_agg(s, e, was, f, t) FROM company') ~ 'Partial Aggregate', 'a parallel plan');
SELECT is((SELECT segment_flow_agg(s, e, was, f, t)::text FROM company), (SELECT rollup(v)::text FROM whole), '... gives the same');
SET LOCAL max_parallel_workers_per_gather = 0;
CREATE TABLE halves (LIKE company) PARTITION BY HASH (i);
CREATE TABLE half_0 PARTITION OF halves FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE half_1 PARTITION OF halves FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO halves SELECT * FROM company;
ANALYZE halves;
SET LOCAL enable_partitionwise_aggregate = on;
SET LOCAL cpu_tuple_cost = 1;
SELECT ok(plan_of('SELECT k, segment_flow_agg(s, e, was, f, t) FROM halves GROUP BY k') ~ 'Partial (Hash|Group)Aggregate', 'a partition-wise plan');
SELECT is_empty('SELECT k, segment_flow_agg(s, e, was, f, t)::text FROM halves GROUP BY k EXCEPT SELECT k, v::text FROM whole', '... gives the same');

-- Periods.
CREATE FUNCTION one(d daterange) RETURNS segment_flows LANGUAGE sql AS $$ SELECT segment_flow_agg(1, 2, true, 'a', 'b', d) $$;
SELECT is(one('[2024-01-01,2025-01-01)')::text, '{"period_start": "2024-01-01", "period_end": "2025-01-01", "cells": [["a", "b", "1", "2", "1", "0", "0", "0", 1, 0, 0, 1, 0, 0]]}', 'the text form');
SELECT is(one('[2024-01-01,2025-01-01)')::text::segment_flows, one('[2024-01-01,2025-01-01)'), 'the period is in the text');
SELECT isnt(one('[2024-01-01,2025-01-01)'), one('[2024-01-01,2025-01-02)'), '... and part of the value');
SELECT refused($$ SELECT one('[2024-01-01,2025-01-01)') + one('[2025-01-01,2026-01-01)') $$, '22023', '2024-01-01.*2025-01-01', 'other periods do not add up', 'Group by');
SELECT refused($$ SELECT one('[2024-01-01,2025-01-01)') + (SELECT segment_flow_agg(1, 2, true, 'a', 'b')) $$, '22023', 'unknown', '... nor a known with an unknown one');
SELECT refused($$ SELECT rollup(v) FROM (VALUES (one('[2024-01-01,2025-01-01)')), (one('[2025-01-01,2026-01-01)'))) x (v) $$, '22023', 'different periods', '... nor in rollup');
SELECT refused($$ SELECT segment_flow_agg(1, 2, true, 'a', 'b', d) FROM (VALUES (daterange '[2024-01-01,2025-01-01)'), ('[2025-01-01,2026-01-01)')) x (d) $$, '22023', 'different periods', '... nor row by row');
SELECT refused($$ SELECT segment_flow_agg(1, 2, true, 'a', 'b', NULL::daterange) $$, '22004', 'period', 'a NULL period');
SELECT refused($$ SELECT segment_flow_agg(1, 2, true, 'a', 'b', '[2024-01-01,)'::daterange) $$, '22023', '', 'an open period');
SELECT is((one('[2024-01-01,2025-01-01)') + (SELECT segment_flow_agg(0, 0, true, 'a', 'b'))), one('[2024-01-01,2025-01-01)'), 'a value without accounts adds nothing');

-- Bad input.
SELECT refused($$ SELECT segment_flow_agg(-1, 2, true, 'a', 'b') $$, '22023', 'negative.*-1', 'a negative amount');
SELECT refused($$ SELECT segment_flow_agg('NaN', 2, true, 'a', 'b') $$, '22023', 'NaN', 'NaN');
SELECT refused($$ SELECT segment_flow_agg(s, 2, true, 'a', 'b') FROM (VALUES (9e37), (9e37)) v (s) $$, '22003', '', 'a sum of more than 38 digits');
SELECT is((SELECT sum(starting) FROM segment_bridge((SELECT segment_flow_agg(9e37, 9e37, true, 'a', t) FROM unnest('{a,b,c}'::text[]) t))), 27e37, '... but segments are sums of cells');
SELECT refused('SELECT * FROM flows, roll_forward(f, 0)', '22023', 'at least 1, not 0', 'no step');
SELECT refused('SELECT * FROM flows, roll_forward(f, 2000000000)', '54000', 'steps', 'too many steps');
SELECT refused(format('SELECT %L::segment_flows', v), '22P02', '', v) FROM unnest(ARRAY['', '{}', '{"cells": {}}', '{"cells": [["a", "b"]]}', '{"cells": [["a", "b", 1, 2, 1, 0, 0, 5, 1, 0, 0, 1, 0, 1]]}', '{"cells": [["a", "a", 1, 2, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0]]}',
    '{"period_start": "2024-01-01", "cells": []}', '{"period_start": "2000-01-01", "period_end": "2000-01-01", "cells": []}', '{"cells": [["a", 1, 1, 2, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0]]}', '{"cells": [["a", "b", -1, 2, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0]]}', '{"cells": [["a", "a", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]]}']) v;

-- By hand: a value at rest, or an error; never one that cannot be read back.
SELECT is(csm_flows_accum(one('[2024-01-01,2025-01-01)'), 0, 5, false, NULL, 'c', '[2024-01-01,2025-01-01)'::daterange)::text::segment_flows, one('[2024-01-01,2025-01-01)') + (SELECT segment_flow_agg(0, 5, false, NULL, 'c', '[2024-01-01,2025-01-01)'::daterange)), 'the transition called by hand');
SELECT refused($$ SELECT csm_flows_combine((SELECT segment_flow_agg(9e37, 9e37, true, 'a', 'a')), (SELECT segment_flow_agg(9e37, 9e37, true, 'a', 'a'))) $$, '22003', '', 'the combine function called by hand');

-- Damaged binary forms: each byte changed; refused, or a good value that goes round.
SELECT coalesce((SELECT '/dev/shm' FROM pg_stat_file('/dev/shm', true) WHERE isdir), current_setting('data_directory')) || '/csm_metrics_compare.' || pg_backend_pid() AS file \gset
SELECT set_config('csm_metrics_test.file', :'file', true) AS file \gset
\set remove 'cat > /dev/null; rm -f "' :file '"'
CREATE TABLE one_f (v segment_flows);
CREATE FUNCTION verdict(value bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text := receive(value, 'one_f');
    f segment_flows;
BEGIN
    IF state <> '00000' THEN
        RETURN state;
    END IF;
    SELECT v INTO f FROM one_f;
    PERFORM csm_segment_flows_hash(f), (SELECT count(*) FROM segment_flow_table(f)), (SELECT count(*) FROM roll_forward(f, 2));
    RETURN CASE WHEN (f::text)::segment_flows = f AND (SELECT coalesce(bool_and(starting + new + reactivation + expansion - contraction - churned + transfer_in - transfer_out = ending AND grr <= 1), true) FROM segment_bridge(f)) THEN 'good' ELSE 'bad value' END;
END $$;
CREATE TABLE bytes AS SELECT csm_segment_flows_send(segment_flow_agg(s, e, was, at_start, at_end, '[2024-01-01,2025-01-01)')) AS b FROM moved;
SELECT is((SELECT verdict(b) FROM bytes), 'good', 'the binary form goes round');
CREATE TABLE damaged AS SELECT i, how, verdict(CASE how WHEN 0 THEN set_byte(b, i, get_byte(b, i) # 1) WHEN 1 THEN set_byte(b, i, 255) WHEN 2 THEN set_byte(b, i, 0) ELSE substr(b, 1, i) END) AS verdict FROM bytes, generate_series(0, length(b) - 1) i, generate_series(0, 3) how;
COPY (SELECT) TO PROGRAM :'remove';
SELECT is_empty($$ SELECT i, how, verdict FROM damaged WHERE verdict NOT IN ('good', '22P03', '22003', '22021') $$, 'damaged: refused, or a good value');
SELECT cmp_ok((SELECT count(*) FROM damaged WHERE verdict = '22P03'), '>', (SELECT count(*) / 2 FROM damaged), '... mostly refused');
SELECT finish();
ROLLBACK;
