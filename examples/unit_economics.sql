-- What does a customer cost, when has it come back, what is it worth? By acquisition channel; and who does better than whom.
-- Shows: cost of a customer and months until it has come back; lifetime value by the curve and what was really paid, against the first
-- deal; NDR by channel, mix and rate apart; the percentile of a manager, a segment, a channel among its peers.
--
-- To use it, put views of the same names over your own tables in place of the first part. The second part is to be kept, the third
-- asks. Plain SQL throughout. It can be run again: it drops the schema recipe_unit first, so leave nothing else in there.
--
-- What counts:
--   * Amounts are a year's (ARR). The first deal is the amount on the first day, so it leaves out what was sold later.
--   * Cost of a customer: what a channel cost in a period over the customers it won in it. Where a sale takes long, shift the cost.
--   * Months until it has come back: cost over first deal a month times the margin.
--   * The lifetime value rests on the curve of the channel and ends where the curve is not known: NULL, never an average that goes on
--     for ever. It takes the amount to stay at the first deal; what was really paid has expansion and contraction in it.
--   * A percentile is the share of the others that are below. It says nothing of how sure it is: look at the interval.

DROP SCHEMA IF EXISTS recipe_unit CASCADE;
CREATE SCHEMA recipe_unit;

-- 1. What you have.

CREATE TABLE recipe_unit.account (account text PRIMARY KEY, channel text, segment text, csm text);
CREATE TABLE recipe_unit.subscription (account text, valid daterange, amount numeric(12,2));
CREATE TABLE recipe_unit.spend (channel text, quarter date, cost numeric(12,2), PRIMARY KEY (channel, quarter));

-- 240 accounts won from 2021 on. Those of self-service are small and leave sooner, those of partners stay; two in five grow.
INSERT INTO recipe_unit.account
SELECT 'account ' || i, (ARRAY['outbound', 'partner', 'self-service'])[1 + i % 3], CASE WHEN i * 31 % 100 < 40 THEN 'large' ELSE 'small' END, (ARRAY['ann', 'bob', 'cem', 'dora', 'emil'])[1 + i * 17 % 5]
FROM generate_series(1, 240) AS i;
INSERT INTO recipe_unit.subscription
SELECT 'account ' || i, part.valid, part.amount
FROM generate_series(1, 240) AS i,
	LATERAL (SELECT date '2021-01-01' + i * 41 % 1400 AS won, (ARRAY[200, 400, 120])[1 + i % 3] + i * 29 % (ARRAY[1500, 3000, 900])[1 + i % 3] AS stays, (ARRAY[9000, 7000, 1200])[1 + i % 3] + i * 7919 % 3000 AS amount) AS x,
	LATERAL (VALUES (daterange(won, won + least(stays, 400)), amount), (daterange(won + 400, won + greatest(stays, 400)), amount * (ARRAY[1.3, 1.3, 0.8, 1, 1])[1 + i % 5])) AS part (valid, amount)
WHERE NOT isempty(part.valid);
INSERT INTO recipe_unit.spend
SELECT channel, quarter::date, cost
FROM (VALUES ('outbound', 42000), ('partner', 21000), ('self-service', 3500)) AS c (channel, cost), generate_series(timestamp '2021-01-01', '2024-10-01', '3 months') AS quarter;

-- 2. To keep.

CREATE VIEW recipe_unit.history AS
SELECT account, history_agg(valid, amount) AS h FROM recipe_unit.subscription GROUP BY account;

CREATE VIEW recipe_unit.customer AS
SELECT account, channel, segment, csm, h, first_active(h) AS won_on, amount_at(h, first_active(h)) AS first_deal
FROM recipe_unit.account JOIN recipe_unit.history USING (account);

-- What a channel cost and won in a period. A channel that won nobody has a cost and no cost of a customer.
CREATE FUNCTION recipe_unit.acquisition(from_date date, to_date date, margin numeric) RETURNS TABLE (channel text, cost numeric, won bigint, first_deal numeric, cost_of_a_customer numeric, months_to_come_back numeric)
LANGUAGE sql STABLE AS $$
	SELECT channel, s.cost, coalesce(w.won, 0), w.deals / w.won, s.cost / w.won, s.cost / nullif(w.deals / 12 * margin, 0)
	FROM (SELECT channel, sum(cost) AS cost FROM recipe_unit.spend WHERE quarter >= from_date AND quarter < to_date GROUP BY channel) AS s
	FULL JOIN (SELECT channel, count(*) AS won, sum(first_deal) AS deals FROM recipe_unit.customer WHERE won_on >= from_date AND won_on < to_date GROUP BY channel) AS w USING (channel)
$$;

-- What a customer of a channel is worth over so many months, by what the period saw of each age, against the first deal.
CREATE FUNCTION recipe_unit.worth(from_date date, to_date date, margin numeric, months int) RETURNS TABLE (channel text, stay_a_year numeric, stay numeric, first_deal numeric, worth numeric, in_first_deals numeric)
LANGUAGE sql STABLE AS $$
	SELECT channel, survival(s, 12), survival(s, months), deal, lifetime_value(s, deal / 12, margin, months), lifetime_value(s, deal / 12, margin, months) / deal
	FROM (SELECT channel, survival_agg(h, from_date, to_date, '1 month') AS s, avg(first_deal) FILTER (WHERE won_on >= from_date AND won_on < to_date) AS deal
		FROM recipe_unit.customer GROUP BY channel) AS x
$$;

-- What customers really paid in their first years, of those who were won early enough to know: also in first deals, and the part of it
-- that is the first year.
CREATE FUNCTION recipe_unit.paid(to_date date, years int) RETURNS TABLE (channel text, customers bigint, paid numeric, in_first_deals numeric, share_of_first_year numeric)
LANGUAGE sql STABLE AS $$
	SELECT channel, count(*), sum(paid), sum(paid) / sum(first_deal), sum(first_year) / sum(paid)
	FROM (SELECT channel, first_deal, total(h, won_on, (won_on + make_interval(years => years))::date, '1 month') / 12 AS paid,
			total(h, won_on, (won_on + interval '1 year')::date, '1 month') / 12 AS first_year
		FROM recipe_unit.customer WHERE won_on + make_interval(years => years) <= to_date) AS x
	GROUP BY channel
$$;

-- NDR by channel in two periods. Mix and rate of all channels add up to the change of the company's NDR.
CREATE FUNCTION recipe_unit.ndr_by_channel(before_start date, before_end date, after_start date, after_end date) RETURNS TABLE (channel text, share_before numeric, share_after numeric, ndr_before numeric, ndr_after numeric, mix numeric, rate numeric)
LANGUAGE sql STABLE AS $$
	SELECT m.*
	FROM (SELECT array_agg(channel ORDER BY channel) AS channel, array_agg(before ORDER BY channel) AS before, array_agg(after ORDER BY channel) AS after
		FROM (SELECT channel, retention_agg(h, before_start, before_end) AS before, retention_agg(h, after_start, after_end) AS after FROM recipe_unit.customer GROUP BY channel) AS c) AS a,
		mix_rate(a.channel, before, after) AS m
$$;

-- Managers, segments and channels, each among its own kind: the share of the others whose NDR is lower.
CREATE FUNCTION recipe_unit.peers(from_date date, to_date date) RETURNS TABLE (kind text, name text, accounts bigint, ndr numeric, ndr_interval numrange, percentile numeric)
LANGUAGE sql STABLE AS $$
	SELECT kind, name, accounts_starting(r), ndr(r), ndr_interval(r, 0.95), percent_rank() OVER (PARTITION BY kind ORDER BY ndr(r))::numeric
	FROM (SELECT kind, name, retention_agg(h, from_date, to_date) AS r
		FROM recipe_unit.customer, LATERAL (VALUES ('manager', csm), ('segment', segment), ('channel', channel)) AS k (kind, name)
		WHERE name IS NOT NULL GROUP BY kind, name) AS x
	WHERE accounts_starting(r) > 0
$$;

-- 3. Ask.

\echo 'What a customer cost in 2024, and the months until it has come back at a margin of 80 %'
SELECT channel, cost, won, round(first_deal, 2) AS first_deal, round(cost_of_a_customer, 2) AS cost_of_a_customer, round(months_to_come_back, 1) AS months
FROM recipe_unit.acquisition('2024-01-01', '2025-01-01', 0.8) ORDER BY months_to_come_back;

\echo 'What one is worth over three years, by the churn of 2023 and 2024 at each age'
SELECT channel, round(stay_a_year, 3) AS stay_a_year, round(stay, 3) AS stay_three, round(first_deal, 2) AS first_deal, round(worth, 2) AS worth, round(in_first_deals, 2) AS in_first_deals
FROM recipe_unit.worth('2023-01-01', '2025-01-01', 0.8, 36) ORDER BY in_first_deals DESC;

\echo 'What was paid in the first three years, by those who were won until the end of 2021'
SELECT channel, customers, round(paid, 2) AS paid, round(in_first_deals, 2) AS in_first_deals, round(share_of_first_year, 3) AS share_of_first_year
FROM recipe_unit.paid('2025-01-01', 3) ORDER BY in_first_deals DESC;

\echo 'NDR by channel, 2023 and 2024: the mix or the rate?'
SELECT channel, round(share_before, 3) AS share_before, round(share_after, 3) AS share_after, round(ndr_before, 3) AS ndr_before, round(ndr_after, 3) AS ndr_after, round(mix, 4) AS mix, round(rate, 4) AS rate
FROM recipe_unit.ndr_by_channel('2023-01-01', '2024-01-01', '2024-01-01', '2025-01-01') ORDER BY channel;

\echo 'Among peers, in 2024'
SELECT kind, name, accounts, round(ndr, 3) AS ndr, ndr_interval, round(percentile, 2) AS percentile
FROM recipe_unit.peers('2024-01-01', '2025-01-01') ORDER BY kind, percentile DESC, name;
