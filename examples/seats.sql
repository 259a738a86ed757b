-- Seats and price: did NDR come from more seats or from a higher price per seat? And how much ARR are seats that nobody uses?
-- Shows: NDR as seat retention times price per seat, price like for like and mix apart; ARR of unused seats; what became of accounts by how
-- much of their seats they used.
--
-- To use it, put views of the same names over your own tables in place of the first part. The second part is to be kept, the third
-- asks. Plain SQL throughout. It can be run again: it drops the schema recipe_seats first, so leave nothing else in there.
--
-- What counts:
--   * Seat retention is NDR of seats: those that accounts of the start have at the end over those that they had. Price per seat is
--     amount over seats, of all these accounts together; its change times seat retention is NDR, exactly.
--   * The price per seat of all also changes where those with dear seats keep more of them. Price like for like holds the seats of the end at
--     the old prices of each account; mix is the rest: NDR = seats * price * mix.
--   * Seats of an account that pays nothing any more are gone. Where a row of an account has no seats, they are not known: it is left out, and
--     its starting amount is said.
--   * Unused seats are those above the number of people who used it in the month. Where use is not known, nothing is said.

DROP SCHEMA IF EXISTS recipe_seats CASCADE;
CREATE SCHEMA recipe_seats;

-- 1. What you have: subscriptions with seats, and how many people used them in each month.

CREATE TABLE recipe_seats.account (account text PRIMARY KEY, segment text);
CREATE TABLE recipe_seats.subscription (account text, valid daterange, amount numeric(12,2), seats numeric);
CREATE TABLE recipe_seats.usage (account text, month date, people int, PRIMARY KEY (account, month));
INSERT INTO recipe_seats.account VALUES ('acme', 'large'), ('birch', 'small'), ('cedar', 'small');
INSERT INTO recipe_seats.subscription VALUES
	('acme',  '[2023-01-01,2024-04-01)', 600, 50), ('acme',  '[2024-04-01,)', 700, 50),    -- 12 a seat, then 14
	('birch', '[2023-01-01,2024-07-01)', 400, 50), ('birch', '[2024-07-01,)', 400, 40),    -- 8, then 10, and ten seats less
	('cedar', '[2024-10-01,)',           300, 20);                                          -- new
INSERT INTO recipe_seats.usage VALUES ('acme', '2023-12-01', 41), ('birch', '2023-12-01', 24), ('acme', '2024-12-01', 35), ('birch', '2024-12-01', 44);

-- 2. To keep.

-- Amounts and seats through time. Where one of its rows has no seats, they are not known.
CREATE VIEW recipe_seats.history AS
SELECT account, segment, history_agg(valid, amount) AS amounts, CASE WHEN bool_and(coalesce(seats, 0) > 0) THEN history_agg(valid, seats) END AS seats
FROM recipe_seats.account JOIN recipe_seats.subscription USING (account) GROUP BY account, segment;

-- The accounts with an amount at the start: amounts and paid seats at both ends.
CREATE FUNCTION recipe_seats.by_account(from_date date, to_date date) RETURNS TABLE (account text, segment text, starting numeric, ending numeric, seats_starting numeric, seats_ending numeric, known boolean)
LANGUAGE sql STABLE AS $$
	SELECT account, segment, s, e, qs, CASE WHEN e > 0 THEN qe ELSE 0 END, seats IS NOT NULL
	FROM recipe_seats.history, LATERAL (SELECT amount_at(amounts, from_date - 1) AS s, amount_at(amounts, to_date - 1) AS e, amount_at(seats, from_date - 1) AS qs, amount_at(seats, to_date - 1) AS qe) AS ends
	WHERE s > 0
$$;

-- NDR in factors, by segment and for all (segment 'all'): ndr = seat_retention * price_per_seat, and price_per_seat = price * mix.
CREATE FUNCTION recipe_seats.factors(from_date date, to_date date) RETURNS TABLE (segment text, accounts bigint, ndr numeric, seat_retention numeric, price_per_seat numeric, price numeric, mix numeric, left_out numeric, seats retention_summary, money retention_summary)
LANGUAGE sql STABLE AS $$
	SELECT segment, n, ndr(m), ndr(q), ndr(m) / nullif(ndr(q), 0), e / nullif(old, 0), old * qs / nullif(s * qe, 0), left_out, q, m
	FROM (SELECT CASE WHEN grouping(segment) = 1 THEN 'all' ELSE coalesce(segment, 'unknown') END AS segment, count(*) FILTER (WHERE known) AS n, coalesce(sum(starting) FILTER (WHERE NOT known), 0) AS left_out,
			sum(starting) FILTER (WHERE known) AS s, sum(ending) FILTER (WHERE known) AS e, sum(seats_starting) FILTER (WHERE known) AS qs, sum(seats_ending) FILTER (WHERE known) AS qe,
			sum(seats_ending * starting / nullif(seats_starting, 0)) FILTER (WHERE known) AS old,
			retention_agg(seats_starting, seats_ending, daterange(from_date, to_date)) FILTER (WHERE known) AS q, retention_agg(starting, ending, daterange(from_date, to_date)) FILTER (WHERE known) AS m
		FROM recipe_seats.by_account(from_date, to_date) GROUP BY ROLLUP (segment)) AS x
$$;

-- The seats of a day and who used them in its month. NULL: not known.
CREATE FUNCTION recipe_seats.use_on(day date) RETURNS TABLE (account text, segment text, amount numeric, seats numeric, people int, share_used numeric, unused numeric, above numeric, unused_amount numeric)
LANGUAGE sql STABLE AS $$
	SELECT account, segment, a, q, u.people, u.people / q, unused, unused - (q - u.people), a * unused / q
	FROM recipe_seats.history,
		LATERAL (SELECT amount_at(amounts, day) AS a, nullif(amount_at(seats, day), 0) AS q) AS x
		LEFT JOIN LATERAL (SELECT people, greatest(q - people, 0) AS unused FROM recipe_seats.usage WHERE usage.account = history.account AND q > 0 AND month = date_trunc('month', day::timestamp)) AS u ON true
	WHERE a > 0
$$;

-- All of it: the amount of which use is known, and the part of it that is unused seats.
CREATE FUNCTION recipe_seats.unused_on(day date) RETURNS TABLE (segment text, amount numeric, known numeric, unused numeric, above numeric, unused_amount numeric, share numeric)
LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN grouping(segment) = 1 THEN 'all' ELSE coalesce(segment, 'unknown') END, sum(amount), coalesce(sum(amount) FILTER (WHERE people IS NOT NULL), 0), sum(unused), sum(above), sum(unused_amount), sum(unused_amount) / sum(amount) FILTER (WHERE people IS NOT NULL)
	FROM recipe_seats.use_on(day) GROUP BY ROLLUP (segment)
$$;

-- What became of accounts, by the share of seats that they used in the month before the period.
CREATE FUNCTION recipe_seats.outcome(from_date date, to_date date) RETURNS TABLE (used text, accounts bigint, money retention_summary, seats retention_summary)
LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN share_used IS NULL THEN 'not known' WHEN share_used < 0.5 THEN 'below 50 %' WHEN share_used < 0.8 THEN '50 to 80 %' WHEN share_used <= 1 THEN '80 to 100 %' ELSE 'above 100 %' END, count(*),
		retention_agg(starting, ending, daterange(from_date, to_date)), retention_agg(seats_starting, seats_ending, daterange(from_date, to_date)) FILTER (WHERE known)
	FROM recipe_seats.by_account(from_date, to_date) JOIN recipe_seats.use_on(from_date - 1) USING (account) GROUP BY 1
$$;

-- 3. Ask.

\echo 'The year 2024: NDR is seat retention times price per seat, and that is price times mix'
SELECT segment, accounts, round(ndr, 4) AS ndr, round(seat_retention, 4) AS seats, round(price_per_seat, 4) AS per_seat, round(price, 4) AS price, round(mix, 4) AS mix FROM recipe_seats.factors('2024-01-01', '2025-01-01') ORDER BY segment;

\echo 'Seats and use at the end of 2024'
SELECT account, amount, seats, people, round(share_used, 2) AS share_used, unused, above, round(unused_amount, 2) AS unused_amount FROM recipe_seats.use_on('2024-12-31') ORDER BY account;

\echo 'ARR of unused seats'
SELECT segment, amount, known, unused, above, round(unused_amount, 2) AS unused_amount, round(share, 3) AS share FROM recipe_seats.unused_on('2024-12-31') ORDER BY segment;

\echo 'The year after: NDR and seats, by the share of seats that were used'
SELECT used, accounts, round(ndr(money), 3) AS ndr, round(ndr(seats), 3) AS seats FROM recipe_seats.outcome('2024-01-01', '2025-01-01') ORDER BY used;
