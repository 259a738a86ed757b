\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The recipe examples/expansion_by_kind.sql: worked numbers, and random companies whose kinds add up to the bridge by account, exactly.
SELECT plan(12);
\set expansion :tests '/../examples/expansion_by_kind.sql'
\i :expansion
SELECT results_eq($$ SELECT kind, up FROM recipe_expansion.by_kind('2024-01-01', '2025-01-01') WHERE up > 0 $$, $$ VALUES ('volume', 495.24), ('price', 300.00), ('same product', 300.00), ('new product', 1150.00), ('new buyer', 350.00) $$, 'up by kind');
SELECT results_eq($$ SELECT kind, down FROM recipe_expansion.by_kind('2024-01-01', '2025-01-01') WHERE down > 0 $$, $$ VALUES ('price', 328.57), ('dropped product', 900.00), ('lost buyer', 300.00) $$, 'down by kind');
SELECT is(recipe_expansion.netted('2024-01-01', '2025-01-01'), 1128.57, 'netted');
SELECT is((SELECT row(expansion(r), contraction(r), new_business(r), reactivation(r), churned(r))::text FROM recipe_expansion.bridge('2024-01-01', '2025-01-01') r), '(1466.67,400.00,600.00,120.00,400.00)', 'the bridge by account');

-- Random companies: products and buyers that are NULL, quantities that are not known, that are 0, decimal places.
CREATE FUNCTION draw(i int, j int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || left(md5(i || '/' || j), 7))::bit(28)::int % below $$;
TRUNCATE recipe_expansion.item;
INSERT INTO recipe_expansion.item
SELECT 'account ' || i % 150, (ARRAY['core', 'extra', 'old', NULL])[1 + draw(1, i, 4)], (ARRAY['it', 'hr', NULL])[1 + draw(2, i, 3)],
       daterange(date '2023-06-01' + draw(3, i, 400), CASE WHEN draw(4, i, 3) > 0 THEN date '2023-06-01' + draw(3, i, 400) + 1 + draw(5, i, 500) END),
       draw(6, i, 100000) / 100.0, CASE WHEN draw(7, i, 3) > 0 THEN draw(8, i, 20) END
FROM generate_series(1, 1200) i;
CREATE TABLE checked AS SELECT i.*, (SELECT coalesce(sum(up), 0) FROM recipe_expansion.by_kind(period_start, period_end)) AS up, (SELECT coalesce(sum(down), 0) FROM recipe_expansion.by_kind(period_start, period_end)) AS down,
    recipe_expansion.netted(period_start, period_end) AS netted, recipe_expansion.bridge(period_start, period_end) AS r FROM (SELECT * FROM intervals('2024-01-01', '2024-10-01', '1 month') UNION ALL SELECT '2024-01-01', '2024-12-31') i;
SELECT is((SELECT count(*) FROM checked WHERE up - netted = expansion(r) AND down - netted = contraction(r)), 10::bigint, 'up and down less netted are expansion and contraction, in nine months and a year');
SELECT ok((SELECT bool_and(up > 0 AND down > 0 AND netted > 0) FROM checked), '... and none is 0');
SELECT is((SELECT count(DISTINCT kind) FROM recipe_expansion.part('2024-01-01', '2024-12-31')), 7::bigint, 'all kinds are there');
-- The bridge by account in one pass over the raw rows.
SELECT results_eq($$ SELECT expansion(r), contraction(r), churned(r), ending(r) FROM checked WHERE period_end <= '2024-10-01' ORDER BY period_start $$,
    $$ SELECT expansion, contraction, churned, ending FROM bridge((SELECT bridge_agg(account, valid, amount, '1 month', '2024-01-01', '2024-10-01') FROM recipe_expansion.item)) $$, 'the months of the bridge are those of bridge_agg');
-- Kinds by plain SQL over days.
CREATE VIEW at_end AS SELECT account, product, buyer, coalesce(sum(amount) FILTER (WHERE valid @> date '2023-12-31'), 0) AS s, coalesce(sum(amount) FILTER (WHERE valid @> date '2024-12-30'), 0) AS e,
    sum(quantity) FILTER (WHERE valid @> date '2023-12-31') AS q0, sum(quantity) FILTER (WHERE valid @> date '2024-12-30') AS q1, bool_and(coalesce(quantity, 0) > 0) AS known FROM recipe_expansion.item GROUP BY account, product, buyer;
CREATE VIEW known_ends AS SELECT a.*, (SELECT sum(s) FROM at_end x WHERE x.account = a.account AND x.buyer IS NOT DISTINCT FROM a.buyer) AS bs, (SELECT sum(e) FROM at_end x WHERE x.account = a.account AND x.buyer IS NOT DISTINCT FROM a.buyer) AS be
    FROM at_end a WHERE (SELECT sum(s) > 0 AND sum(e) > 0 FROM at_end x WHERE x.account = a.account);
SELECT results_eq($$ SELECT sum(change) FROM recipe_expansion.part('2024-01-01', '2024-12-31') WHERE kind = 'volume' $$, 'SELECT sum(round(s * (q1 - q0) / q0, 2)) FROM known_ends WHERE s > 0 AND e > 0 AND known AND q0 > 0 AND q1 > 0', 'volume');
SELECT results_eq($$ SELECT sum(change) FROM recipe_expansion.part('2024-01-01', '2024-12-31') WHERE kind IN ('new product', 'new buyer') GROUP BY kind ORDER BY kind $$, 'SELECT sum(e) FROM known_ends WHERE s = 0 AND e > 0 GROUP BY bs > 0 ORDER BY bs > 0', 'new buyers and new products');
SELECT results_eq($$ SELECT -sum(change) FROM recipe_expansion.part('2024-01-01', '2024-12-31') WHERE kind IN ('dropped product', 'lost buyer') GROUP BY kind ORDER BY kind DESC $$, 'SELECT sum(s) FROM known_ends WHERE s > 0 AND e = 0 GROUP BY be > 0 ORDER BY be > 0', 'lost buyers and dropped products');
SELECT is((SELECT sum(change) FROM recipe_expansion.part('2024-01-01', '2024-12-31')), (SELECT expansion(r) - contraction(r) FROM checked WHERE period_end = '2024-12-31'), 'all parts together are the change of the accounts that stayed');
SELECT finish();
ROLLBACK;
