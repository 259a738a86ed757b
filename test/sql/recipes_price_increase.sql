\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The recipe examples/price_increase.sql: the worked numbers, and random companies against plain SQL over days and the recipe for expansion by kind.
SELECT plan(17);
\set price :tests '/../examples/price_increase.sql'
\i :price
\set expansion :tests '/../examples/expansion_by_kind.sql'
\o /dev/null
\i :expansion
\o
CREATE FUNCTION draw(i int, j int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || left(md5(i || '/' || j), 7))::bit(28)::int % below $$;

SELECT diag('The worked numbers');
SELECT results_eq($$ SELECT exposed, kept, round(reached, 10), round(kept_others, 10), round(increase, 10), round(needed, 3) FROM recipe_price.overall('2024-01-01', '2025-01-01') $$, 'VALUES (10::numeric, 8::numeric, 0.8, 0.9, 0.1, 0.818)', '8 of 10 kept at +10 % against 9 of 10: 0.80 reached, 0.818 needed');
SELECT results_eq($$ SELECT segment, round(needed, 3), round(reached, 3), price, round(realised, 10), round(ndr(with_increase), 10), round(ndr(without), 10) FROM recipe_price.by_segment('2024-01-01', '2025-01-01') ORDER BY segment $$,
    $$ VALUES ('large', 0.909, 1.000, 500.00, 0.1, 1.1, 1.0), ('small', 0.727, 0.600, 30.00, 0.1, 0.66, 0.8) $$, 'enough in one segment, not in the other');
SELECT results_eq($$ SELECT brought, round(share, 6), brought_interval @> brought FROM recipe_price.overall('2024-01-01', '2025-01-01') $$, 'VALUES (430.0, 0.078182, true)', 'in money: 5,830 against 5,400 of 5,500');
SELECT is(round(recipe_price.needed(0.9, 0.1), 10), 0.8181818182, 'r0 / (1 + p)');
SELECT ok((SELECT bool_and(abs(q * (1 + p - (1 - m)) - r * m) < 1e-12) FROM (VALUES (0.9, 0.1, 0.8), (0.95, 0.3, 0.5), (0.5, -0.1, 1)) v (r, p, m), LATERAL (SELECT recipe_price.needed(r, p, m) AS q) x), 'at the share that is needed the profit is the same');
SELECT ok(recipe_price.needed(0.9, -0.8, 0.8) IS NULL, 'no share makes up for a price at cost');

SELECT diag('Random companies');
TRUNCATE recipe_price.account, recipe_price.item, recipe_price.increase, recipe_expansion.item;
INSERT INTO recipe_price.account SELECT 'a' || i, (ARRAY['s', 't', 'u', 'v'])[1 + draw(1, i, 4)] FROM generate_series(1, 250) i;
INSERT INTO recipe_price.item SELECT 'a' || 1 + i % 250, (ARRAY['x', 'y', NULL])[1 + draw(2, i, 3)], daterange(date '2023-01-01' + draw(3, i, 600), CASE WHEN draw(4, i, 5) > 0 THEN date '2023-01-01' + draw(3, i, 600) + 1 + draw(5, i, 600) END), (100 + draw(6, i, 100000)) / 100.0, CASE WHEN draw(7, i, 5) > 0 THEN draw(8, i, 20) END FROM generate_series(1, 600) i;
-- In segment u nobody is exposed, in v everybody; some are told twice, some for later, some were there before.
INSERT INTO recipe_price.increase
SELECT 'a' || j, applies_on - draw(10, i, 200), applies_on, draw(11, i, 30) / 100.0 FROM generate_series(1, 220) i, LATERAL (SELECT 1 + draw(9, i, 250) AS j, date '2023-06-01' + draw(12, i, 900) AS applies_on) x WHERE (ARRAY['s', 't', 'u', 'v'])[1 + draw(1, j, 4)] < 'u'
UNION ALL SELECT account, '2023-11-01', '2024-02-01', 0.07 FROM recipe_price.account WHERE segment = 'v';
INSERT INTO recipe_expansion.item (account, product, valid, amount, quantity) SELECT account, item, valid, amount, quantity FROM recipe_price.item;
CREATE VIEW plain_item AS SELECT account, item, coalesce(sum(amount) FILTER (WHERE valid @> date '2023-12-31'), 0) AS s, coalesce(sum(amount) FILTER (WHERE valid @> date '2024-12-31'), 0) AS e, sum(quantity) FILTER (WHERE valid @> date '2023-12-31') AS q0, sum(quantity) FILTER (WHERE valid @> date '2024-12-31') AS q1,
    bool_and(coalesce(quantity, 0) > 0) AS known FROM recipe_price.item GROUP BY account, item;
CREATE TABLE plain AS SELECT account, segment, (SELECT max(increase) FROM recipe_price.increase i WHERE i.account = a.account AND applies_on BETWEEN '2024-01-01' AND '2024-12-31') AS p,
    EXISTS (SELECT FROM recipe_price.increase i WHERE i.account = a.account AND told_on < '2025-01-01' AND applies_on >= '2025-01-01') AS told, sum(s) AS s, sum(e) AS e,
    coalesce(sum(e - s - round(s * (q1 - q0) / q0, 2)) FILTER (WHERE s > 0 AND e > 0 AND known), 0) AS price, coalesce(sum(round(s * (q1 - q0) / q0, 2)) FILTER (WHERE s > 0 AND e > 0 AND known), 0) AS volume
    FROM recipe_price.account a JOIN plain_item USING (account) GROUP BY account HAVING sum(s) > 0;
CREATE TABLE sides AS SELECT account, segment, p, p IS NOT NULL AS exposed, s, e, price, volume FROM plain WHERE p IS NOT NULL OR NOT told;
SELECT results_eq($$ SELECT account, segment, exposed, increase, starting, ending, volume, price FROM recipe_price.by_account('2024-01-01', '2025-01-01') ORDER BY account $$, 'SELECT account, segment, exposed, p, s, e, volume, price FROM sides ORDER BY account', 'who is exposed, amounts, volume and price of each account');
SELECT is((SELECT sum(price) FROM recipe_price.by_account('2024-01-01', '2025-01-01')) + (SELECT sum(price) FROM plain WHERE p IS NULL AND told), (SELECT sum(change) FROM recipe_expansion.part('2024-01-01', '2025-01-01') WHERE kind = 'price'), 'price of both sides, and of those on none, is that of expansion by kind');
SELECT is((SELECT sum(volume) FROM recipe_price.by_account('2024-01-01', '2025-01-01')) + (SELECT sum(volume) FROM plain WHERE p IS NULL AND told), (SELECT sum(change) FROM recipe_expansion.part('2024-01-01', '2025-01-01') WHERE kind = 'volume'), '... so is volume');
CREATE VIEW figures_of AS SELECT segment, count(*) FILTER (WHERE exposed) AS n, count(*) FILTER (WHERE NOT exposed) AS m, sum(p * s) / sum(s) FILTER (WHERE exposed) AS p,
    count(*) FILTER (WHERE NOT exposed AND e > 0)::numeric / nullif(count(*) FILTER (WHERE NOT exposed), 0) AS r0, count(*) FILTER (WHERE exposed AND e > 0)::numeric / nullif(count(*) FILTER (WHERE exposed), 0) AS r1, sum(price) FILTER (WHERE exposed) AS price FROM sides GROUP BY segment;
SELECT results_eq($$ SELECT segment, exposed, others, round(increase, 12), round(kept_others, 12), round(needed, 12), round(reached, 12), price FROM recipe_price.by_segment('2024-01-01', '2025-01-01') ORDER BY segment $$,
    'SELECT segment, n, m, round(p, 12), round(r0, 12), round(r0 / (1 + p), 12), round(r1, 12), price FROM figures_of ORDER BY segment', 'by segment: the increase, what was needed and reached');
SELECT results_eq($$ SELECT segment, round(realised, 12) FROM recipe_price.by_segment('2024-01-01', '2025-01-01') ORDER BY segment $$, 'SELECT segment, round(sum(price) FILTER (WHERE exposed) / sum(e - price) FILTER (WHERE exposed), 12) FROM sides GROUP BY segment ORDER BY segment', '... realised');
SELECT results_eq($$ SELECT exposed, round(reached, 12), round(kept_others, 12), round(needed, 12) FROM recipe_price.overall('2024-01-01', '2025-01-01') $$,
    $$ SELECT sum(n), round(sum(n * r1) / sum(n), 12), round(sum(n * r0) / sum(n), 12), round(sum(n * r0) / sum(n) / (1 + (SELECT sum(p * s) / sum(s) FROM sides WHERE exposed AND segment IN ('s', 't'))), 12) FROM figures_of WHERE segment IN ('s', 't') $$, 'over all segments that have both sides');
SELECT results_eq($$ SELECT round(brought, 8), round(share, 12) FROM recipe_price.overall('2024-01-01', '2025-01-01') $$,
    $$ SELECT round(sum(t - u * b), 8), round(sum(t - u * b) / sum(b), 12) FROM (SELECT sum(e) FILTER (WHERE exposed) AS t, sum(s) FILTER (WHERE exposed) AS b, sum(e) FILTER (WHERE NOT exposed) / sum(s) FILTER (WHERE NOT exposed) AS u FROM sides WHERE segment IN ('s', 't') GROUP BY segment) x $$, '... and in money');
SELECT ok((SELECT bool_and(reached_interval @> reached) AND bool_and(churn_difference IS NULL OR churn_difference @> (1 - reached) - (1 - kept_others)) FROM recipe_price.by_segment('2024-01-01', '2025-01-01')), 'the intervals hold their figures');
SELECT results_eq($$ SELECT segment, needed IS NULL, reached IS NULL FROM recipe_price.by_segment('2024-01-01', '2025-01-01') ORDER BY segment $$, $$ VALUES ('s', false, false), ('t', false, false), ('u', true, true), ('v', true, false) $$, 'without one of both sides nothing is said');
SELECT cmp_ok(least((SELECT count(*) FROM plain WHERE p IS NULL AND told), (SELECT count(*) FROM sides WHERE exposed AND e = 0), (SELECT count(*) FROM sides WHERE price <> 0 AND exposed), (SELECT count(*) FROM recipe_price.increase JOIN sides USING (account) WHERE NOT exposed AND applies_on < '2024-01-01'), (SELECT count(*) FROM recipe_price.increase JOIN sides USING (account) WHERE NOT exposed AND told_on >= '2025-01-01')), '>', 3::bigint, 'told for later, gone, paying more, exposed before, told afterwards: all are there');
SELECT is((SELECT count(*) FROM recipe_price.overall('2020-01-01', '2021-01-01')), 0::bigint, 'nobody exposed: no row');
SELECT finish();
ROLLBACK;
