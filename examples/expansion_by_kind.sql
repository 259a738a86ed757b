-- Expansion and contraction by kind: more of the same, a higher price, another product, another buyer.
-- Shows: volume and price apart, products that are swapped, buyers who come and go; parts that add up to the bridge by account, to
-- the cent; a run of months.
--
-- To use it, put a view of the same name over your own tables in place of the first part. The second part is to be kept, the third
-- asks. Plain SQL throughout. It can be run again: it drops the schema recipe_expansion first, so leave nothing else in there.
--
-- What counts as what, in accounts that have an amount at both ends (all others are new, back or churned, as always):
--   * An item is a product of a buyer (a department, a site) in an account. NULL is a product, or a buyer, of its own.
--   * The item is there at both ends and its quantities are known: volume is the change of quantity at the old price, price the rest.
--     Quantities are not known: same product.
--   * The item is new: new product where the buyer had anything at the start, else new buyer.
--   * The item is gone: dropped product where the buyer still has anything, else lost buyer.
--   * Up is what rose, down what fell, each by kind. In one account both can happen: one product replaced by another. "Netted" is the
--     smaller of the two, summed over accounts. Up less netted is the expansion of the bridge, down less netted its contraction.

DROP SCHEMA IF EXISTS recipe_expansion CASCADE;
CREATE SCHEMA recipe_expansion;

-- 1. What your billing system has: items, each with its days, amount and quantity.

CREATE TABLE recipe_expansion.item (account text, product text, buyer text, valid daterange, amount numeric(12,2), quantity numeric);
INSERT INTO recipe_expansion.item VALUES
	('a', 'core', 'it', '[2023-03-01,2024-06-01)', 1000, 10), ('a', 'core', 'it', '[2024-06-01,)', 1500, 12),
	('b', 'core', 'it', '[2023-03-01,2024-02-15)', 1000, 10), ('b', 'core', 'it', '[2024-02-15,)', 900, 12),
	('c', 'core', 'it', '[2023-03-01,)', 500, 5),             ('c', 'extra', 'it', '[2024-04-01,)', 200, 2),
	('d', 'core', 'it', '[2023-03-01,)', 500, 5),             ('d', 'core', 'hr', '[2024-05-01,)', 250, NULL), ('d', 'extra', 'hr', '[2024-05-01,)', 100, NULL),
	('e', 'old', 'it', '[2023-03-01,2024-07-01)', 800, NULL), ('e', 'new', 'it', '[2024-07-01,)', 950, NULL),
	('f', 'core', 'it', '[2023-03-01,2024-10-01)', 300, NULL), ('f', 'extra', 'hr', '[2023-03-01,)', 200, NULL),
	('g', 'core', 'it', '[2023-03-01,2024-08-01)', 400, NULL), ('h', 'core', 'it', '[2024-02-01,)', 600, NULL),
	('i', 'core', 'it', '[2022-01-01,2023-02-01)', 90, NULL), ('i', 'core', 'it', '[2024-09-01,)', 120, NULL),
	('j', 'core', 'it', '[2023-03-01,2024-11-01)', 700, NULL), ('j', 'core', 'it', '[2024-11-01,)', 1000, NULL), ('j', 'extra', 'it', '[2023-03-01,2024-03-01)', 100, NULL),
	('k', 'core', 'it', '[2023-03-01,2024-12-01)', 333.33, 7), ('k', 'core', 'it', '[2024-12-01,)', 400.00, 9);

-- 2. To keep.

-- An item through time. Where one of its rows has no quantity, no quantity is known.
CREATE VIEW recipe_expansion.item_history AS
SELECT account, product, buyer, history_agg(valid, amount) AS amounts,
	CASE WHEN bool_and(coalesce(quantity, 0) > 0) THEN history_agg(valid, quantity) END AS quantities
FROM recipe_expansion.item GROUP BY account, product, buyer;

-- What every item did between the two ends of a period, with what its buyer and its account did.
CREATE FUNCTION recipe_expansion.change(from_date date, to_date date) RETURNS TABLE (account text, product text, buyer text,
	s numeric, e numeric, quantity_s numeric, quantity_e numeric, was_customer boolean, buyer_s numeric, buyer_e numeric, account_s numeric, account_e numeric)
LANGUAGE sql STABLE AS $$
	SELECT account, product, buyer, s, e, amount_at(quantities, from_date - 1), amount_at(quantities, to_date - 1),
		bool_or(first_active(amounts) < from_date) OVER account,
		sum(s) OVER buyer, sum(e) OVER buyer, sum(s) OVER account, sum(e) OVER account
	FROM recipe_expansion.item_history, LATERAL (SELECT amount_at(amounts, from_date - 1) AS s, amount_at(amounts, to_date - 1) AS e) AS ends
	WINDOW account AS (PARTITION BY account), buyer AS (PARTITION BY account, buyer)
$$;

-- Each change as one part, or as two: volume and price. The price is the rest, so that no cent is lost.
CREATE FUNCTION recipe_expansion.part(from_date date, to_date date) RETURNS TABLE (account text, product text, buyer text, kind text, change numeric)
LANGUAGE sql STABLE AS $$
	SELECT account, product, buyer, p.kind, p.change
	FROM recipe_expansion.change(from_date, to_date),
		LATERAL (SELECT round(s * (quantity_e - quantity_s) / nullif(quantity_s, 0), greatest(scale(s), scale(e))) AS volume) AS v,
		LATERAL (SELECT 'volume' AS kind, volume AS change WHERE s > 0 AND e > 0 AND quantity_s > 0 AND quantity_e > 0
			UNION ALL SELECT 'price', e - s - volume WHERE s > 0 AND e > 0 AND quantity_s > 0 AND quantity_e > 0
			UNION ALL SELECT 'same product', e - s WHERE s > 0 AND e > 0 AND (quantity_s > 0 AND quantity_e > 0) IS NOT TRUE
			UNION ALL SELECT CASE WHEN buyer_s > 0 THEN 'new product' ELSE 'new buyer' END, e WHERE s = 0 AND e > 0
			UNION ALL SELECT CASE WHEN buyer_e > 0 THEN 'dropped product' ELSE 'lost buyer' END, -s WHERE s > 0 AND e = 0) AS p
	WHERE account_s > 0 AND account_e > 0 AND p.change <> 0
$$;

CREATE FUNCTION recipe_expansion.by_kind(from_date date, to_date date) RETURNS TABLE (kind text, up numeric, down numeric)
LANGUAGE sql STABLE AS $$
	SELECT kind, coalesce(sum(change) FILTER (WHERE change > 0), 0), coalesce(-sum(change) FILTER (WHERE change < 0), 0)
	FROM recipe_expansion.part(from_date, to_date) GROUP BY kind
	ORDER BY array_position('{volume,price,"same product","new product","new buyer","dropped product","lost buyer"}', kind)
$$;

-- Movements inside an account that cancel out in its total: one product for another above all.
CREATE FUNCTION recipe_expansion.netted(from_date date, to_date date) RETURNS numeric
LANGUAGE sql STABLE AS $$
	SELECT coalesce(sum(least(up, down)), 0)
	FROM (SELECT coalesce(sum(change) FILTER (WHERE change > 0), 0) AS up, coalesce(-sum(change) FILTER (WHERE change < 0), 0) AS down
		FROM recipe_expansion.part(from_date, to_date) GROUP BY account) AS x
$$;

-- The bridge by account, which the kinds add up to.
CREATE FUNCTION recipe_expansion.bridge(from_date date, to_date date) RETURNS retention_summary
LANGUAGE sql STABLE AS $$
	SELECT retention_agg(s, e, was, daterange(from_date, to_date))
	FROM (SELECT sum(s) AS s, sum(e) AS e, bool_or(was_customer) AS was FROM recipe_expansion.change(from_date, to_date) GROUP BY account) AS x
$$;

-- 3. Ask.

\echo 'The year 2024: what rose and what fell, by kind'
SELECT * FROM recipe_expansion.by_kind('2024-01-01', '2025-01-01');

\echo 'It adds up to the bridge by account'
SELECT sum(up) AS up, sum(down) AS down, netted, sum(up) - netted AS up_less_netted, expansion(r) AS expansion,
	sum(down) - netted AS down_less_netted, contraction(r) AS contraction
FROM recipe_expansion.by_kind('2024-01-01', '2025-01-01'), recipe_expansion.netted('2024-01-01', '2025-01-01') AS netted,
	recipe_expansion.bridge('2024-01-01', '2025-01-01') AS r GROUP BY netted, r;

\echo 'By quarter'
SELECT period_start, kind, up, down
FROM intervals('2024-01-01', '2025-01-01', '3 months') AS i, recipe_expansion.by_kind(period_start, period_end) ORDER BY period_start, kind;
