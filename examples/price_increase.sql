-- Did the price increase pay? Accounts that were to pay more against those that were not.
-- Shows: retention that was reached and that would be needed, by segment; what came of the increase as price, beside volume; the money it
-- brought, those who left because of it included, with an interval.
--
-- To use it, put views of the same names over your own tables in place of the first part. The second part is to be kept, the third
-- asks. Plain SQL throughout. It can be run again: it drops the schema recipe_price first, so leave nothing else in there.
--
-- What counts:
--   * Exposed are the accounts with an amount at the start whose increase was to apply within the period: also those who left before it
--     did, and those who were let off. Who was told, and pays more only later, is on neither side. All others are not exposed.
--   * Break-even: where a share r0 stays without the increase, r0 / (1 + p) has to stay with it. Where serving a customer costs
--     something, less is needed: with a margin m it is r0 * m / (m + p).
--   * Over all segments the others are weighed as the exposed are, so that it makes no difference that other segments were asked to pay.
--   * Price and volume as in expansion by kind: volume is the change of quantity at the old price, price the rest of the change of an
--     item that is there at both ends with quantities.
--   * It is a comparison, no experiment, unless who was asked was left to chance.

DROP SCHEMA IF EXISTS recipe_price CASCADE;
CREATE SCHEMA recipe_price;

-- 1. What you have. An increase of 0.1 is 10 %.

CREATE TABLE recipe_price.account (account text PRIMARY KEY, segment text);
CREATE TABLE recipe_price.item (account text, item text, valid daterange, amount numeric(12,2), quantity numeric);
CREATE TABLE recipe_price.increase (account text, told_on date, applies_on date, increase numeric);

-- Twenty accounts, ten of them exposed. Of the small ones three of five stay, of the large ones all; of the others four of five, and all.
INSERT INTO recipe_price.account SELECT 'account ' || i, CASE WHEN i % 2 = 0 THEN 'large' ELSE 'small' END FROM generate_series(1, 20) AS i;
INSERT INTO recipe_price.increase SELECT 'account ' || i, '2024-02-01', '2024-06-01', 0.1 FROM generate_series(1, 10) AS i;
INSERT INTO recipe_price.item
SELECT account, 'seats', part.valid, amount * part.price, 10
FROM (SELECT account, increase, CASE segment WHEN 'large' THEN 1000 ELSE 100 END AS amount, account IN ('account 1', 'account 3', 'account 11') AS leaves
		FROM recipe_price.account LEFT JOIN recipe_price.increase USING (account)) AS a,
	LATERAL (VALUES (daterange('2023-01-01', CASE WHEN leaves THEN date '2024-05-01' WHEN increase > 0 THEN '2024-06-01' END), 1),
		(daterange('2024-06-01', NULL), CASE WHEN NOT leaves THEN 1 + increase END)) AS part (valid, price)
WHERE part.price IS NOT NULL;

-- 2. To keep.

-- An item through time. Where one of its rows has no quantity, no quantity is known.
CREATE VIEW recipe_price.item_history AS
SELECT account, item, history_agg(valid, amount) AS amounts, CASE WHEN bool_and(coalesce(quantity, 0) > 0) THEN history_agg(valid, quantity) END AS quantities
FROM recipe_price.item GROUP BY account, item;

-- The accounts with an amount at the start that are on one of both sides. Price and volume: of those that stayed.
CREATE FUNCTION recipe_price.by_account(from_date date, to_date date) RETURNS TABLE (account text, segment text, exposed boolean, increase numeric, starting numeric, ending numeric, volume numeric, price numeric)
LANGUAGE sql STABLE AS $$
	SELECT account, segment, i.increase IS NOT NULL, i.increase, s, e, CASE WHEN e > 0 THEN volume ELSE 0 END, CASE WHEN e > 0 THEN price ELSE 0 END
	FROM (SELECT account, sum(s) AS s, sum(e) AS e, coalesce(sum(v), 0) AS volume, coalesce(sum(e - s - v), 0) AS price
			FROM recipe_price.item_history,
				LATERAL (SELECT amount_at(amounts, from_date - 1) AS s, amount_at(amounts, to_date - 1) AS e, amount_at(quantities, from_date - 1) AS qs, amount_at(quantities, to_date - 1) AS qe) AS ends,
				LATERAL (SELECT CASE WHEN s > 0 AND e > 0 AND qs > 0 AND qe > 0 THEN round(s * (qe - qs) / qs, greatest(scale(s), scale(e))) END AS v) AS part
			GROUP BY account) AS a
		JOIN recipe_price.account USING (account)
		LEFT JOIN (SELECT account, max(increase) AS increase FROM recipe_price.increase WHERE applies_on >= from_date AND applies_on < to_date GROUP BY account) AS i USING (account)
	WHERE s > 0 AND (i.increase IS NOT NULL OR NOT EXISTS (SELECT FROM recipe_price.increase AS told WHERE told.account = a.account AND told_on < to_date AND applies_on >= to_date))
$$;

-- The share that has to stay.
CREATE FUNCTION recipe_price.needed(kept_without numeric, increase numeric, margin numeric DEFAULT 1) RETURNS numeric
LANGUAGE sql IMMUTABLE AS $$ SELECT kept_without * margin / nullif(margin + increase, 0) $$;

-- By segment. The increase is weighed with the starting amounts; realised is the price part over what those who stayed would pay at the old prices.
CREATE FUNCTION recipe_price.by_segment(from_date date, to_date date, margin numeric DEFAULT 1) RETURNS TABLE (segment text, exposed bigint, others bigint, increase numeric, kept_others numeric, needed numeric, reached numeric,
	reached_interval numrange, churn_difference numrange, price numeric, realised numeric, with_increase retention_summary, without retention_summary)
LANGUAGE sql STABLE AS $$
	SELECT segment, n, m, p, logo_retention(b), recipe_price.needed(logo_retention(b), p, margin), logo_retention(a),
		numrange(1 - upper(i), 1 - lower(i), '[]'), logo_churn_difference_interval(a, b, 0.95), price, price / nullif(stayed - price, 0), a, b
	FROM (SELECT segment, count(*) FILTER (WHERE exposed) AS n, count(*) FILTER (WHERE NOT exposed) AS m,
			sum(increase * starting) / sum(starting) FILTER (WHERE exposed) AS p, sum(price) FILTER (WHERE exposed) AS price, sum(ending) FILTER (WHERE exposed) AS stayed,
			retention_agg(starting, ending, daterange(from_date, to_date)) FILTER (WHERE exposed) AS a, retention_agg(starting, ending, daterange(from_date, to_date)) FILTER (WHERE NOT exposed) AS b
		FROM recipe_price.by_account(from_date, to_date) GROUP BY segment) AS s,
		LATERAL (SELECT logo_churn_interval(a, 0.95) AS i) AS c
$$;

-- Over the segments that have both sides: the others weighed as the exposed are, by accounts; and in money what the increase brought.
CREATE FUNCTION recipe_price.overall(from_date date, to_date date, margin numeric DEFAULT 1) RETURNS TABLE (exposed numeric, kept numeric, reached numeric, kept_others numeric, increase numeric, needed numeric, brought numeric, brought_interval numrange, share numeric)
LANGUAGE sql STABLE AS $$
	SELECT n, kept, kept / n, others / n, p, recipe_price.needed(others / n, p, margin), incremental(l), incremental_interval(l, 0.95), lift(l)
	FROM (SELECT sum(exposed) AS n, sum(accounts_retained(with_increase)) AS kept, sum(exposed * kept_others) AS others, sum(increase * starting(with_increase)) / sum(starting(with_increase)) AS p
			FROM recipe_price.by_segment(from_date, to_date) WHERE exposed > 0 AND others > 0) AS s,
		(SELECT lift_agg(exposed, ending, starting, segment) AS l FROM recipe_price.by_account(from_date, to_date)) AS m
	WHERE n > 0
$$;

-- 3. Ask.

\echo 'By accounts, over all segments: what was reached, and what was needed'
SELECT exposed, kept, round(reached, 3) AS reached, round(kept_others, 3) AS kept_others, round(increase, 3) AS increase, round(needed, 3) AS needed FROM recipe_price.overall('2024-01-01', '2025-01-01');

\echo 'By segment'
SELECT segment, exposed, others, round(kept_others, 3) AS kept_others, round(needed, 3) AS needed, round(reached, 3) AS reached, reached >= needed AS enough, reached_interval, round(ndr(with_increase), 3) AS ndr, round(ndr(without), 3) AS ndr_others
FROM recipe_price.by_segment('2024-01-01', '2025-01-01') ORDER BY segment;

\echo 'Do more leave? The interval of the difference in churn'
SELECT segment, churn_difference FROM recipe_price.by_segment('2024-01-01', '2025-01-01') ORDER BY segment;

\echo 'What came of it as price, and in all'
SELECT segment, price, round(realised, 3) AS realised, churned(with_increase) AS churned, ending(with_increase) - starting(with_increase) AS change FROM recipe_price.by_segment('2024-01-01', '2025-01-01') ORDER BY segment;
SELECT round(brought, 2) AS brought, brought_interval, round(share, 3) AS share FROM recipe_price.overall('2024-01-01', '2025-01-01');
