\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The recipe examples/seats.sql: the worked numbers, and random companies against plain SQL over the raw rows.
SELECT plan(19);
\set seats :tests '/../examples/seats.sql'
\i :seats
CREATE FUNCTION draw(i int, j int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || left(md5(i || '/' || j), 7))::bit(28)::int % below $$;

SELECT diag('The worked numbers');
SELECT results_eq($$ SELECT round(seat_retention, 10), round(price_per_seat, 4), round(ndr, 10), round(seat_retention * price_per_seat, 10) FROM recipe_seats.factors('2024-01-01', '2025-01-01') WHERE segment = 'all' $$, 'VALUES (0.9, 1.2222, 1.1, 1.1)', '0.9 * 1.2222 = 1.1');
SELECT results_eq($$ SELECT round(price, 10), round(mix, 10) FROM recipe_seats.factors('2024-01-01', '2025-01-01') WHERE segment = 'all' $$, 'VALUES (round(1100 / 920.0, 10), round(92 / 90.0, 10))', '920 at the old prices, 900 at the old price of all');
SELECT results_eq($$ SELECT segment, round(seat_retention, 10), round(price, 10), round(mix, 10) FROM recipe_seats.factors('2024-01-01', '2025-01-01') WHERE segment <> 'all' ORDER BY segment $$, $$ VALUES ('large', 1.0, round(7 / 6.0, 10), 1.0), ('small', 0.8, 1.25, 1.0) $$, 'by segment');
SELECT results_eq($$ SELECT amount, known, unused, above, round(unused_amount, 10), round(share, 10) FROM recipe_seats.unused_on('2024-12-31') WHERE segment = 'all' $$, 'VALUES (1400.00, 1100.00, 15::numeric, 4::numeric, 210.0, round(210 / 1100.0, 10))', '15 of 50 seats of 700 are unused; four people too many elsewhere do not make up for it');
SELECT results_eq($$ SELECT people, share_used, unused, above, unused_amount FROM recipe_seats.use_on('2024-12-31') WHERE account = 'cedar' $$, 'VALUES (NULL::int, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric)', 'where use is not known nothing is said');
SELECT results_eq($$ SELECT used, ndr(seats) FROM recipe_seats.outcome('2024-01-01', '2025-01-01') ORDER BY used $$, $$ VALUES ('80 to 100 %', 1.0), ('below 50 %', 0.8) $$, 'what became of them');
INSERT INTO recipe_seats.account VALUES ('doyle', 'large'), ('egret', 'large');
INSERT INTO recipe_seats.subscription VALUES ('doyle', '[2023-01-01,2024-05-01)', 100, 10), ('doyle', '[2024-05-01,)', 0, 10), ('egret', '[2023-01-01,)', 70, NULL);
SELECT results_eq($$ SELECT account, seats_ending, known FROM recipe_seats.by_account('2024-01-01', '2025-01-01') WHERE account > 'd' ORDER BY account $$, $$ VALUES ('doyle', 0::numeric, true), ('egret', NULL, false) $$, 'seats that are free are not kept; seats that are not known');
SELECT is((SELECT left_out FROM recipe_seats.factors('2024-01-01', '2025-01-01') WHERE segment = 'all'), 70.00, 'what is left out is said');

SELECT diag('Random companies');
TRUNCATE recipe_seats.account, recipe_seats.subscription, recipe_seats.usage;
INSERT INTO recipe_seats.account SELECT 'a' || i, (ARRAY['x', 'y', NULL])[1 + draw(1, i, 3)] FROM generate_series(1, 300) i;
INSERT INTO recipe_seats.subscription SELECT 'a' || draw(2, i, 300) + 1, daterange(date '2023-01-01' + draw(3, i, 700), CASE WHEN draw(4, i, 3) > 0 THEN date '2023-01-01' + draw(3, i, 700) + 1 + draw(5, i, 700) END), (100 + draw(6, i, 100000)) / 100.0, CASE WHEN draw(7, i, 12) > 0 THEN draw(8, i, 40) END FROM generate_series(1, 700) i;
INSERT INTO recipe_seats.usage SELECT 'a' || i, m::date, draw(9, i * 13 + date_part('month', m)::int, 45) FROM generate_series(1, 300) i, unnest('{2023-12-01,2024-12-01}'::timestamp[]) m WHERE draw(10, i, 4) > 0;
CREATE TABLE plain AS
SELECT account, segment, coalesce(sum(amount) FILTER (WHERE valid @> date '2023-12-31'), 0) AS s, coalesce(sum(amount) FILTER (WHERE valid @> date '2024-12-31'), 0) AS e, coalesce(sum(seats) FILTER (WHERE valid @> date '2023-12-31'), 0) AS q0, coalesce(sum(seats) FILTER (WHERE valid @> date '2024-12-31'), 0) AS q1, count(*) FILTER (WHERE coalesce(seats, 0) = 0) = 0 AS known
FROM recipe_seats.account JOIN recipe_seats.subscription USING (account) GROUP BY account, segment;
SELECT results_eq($$ SELECT account, segment, starting, ending, known FROM recipe_seats.by_account('2024-01-01', '2025-01-01') ORDER BY 1 $$, 'SELECT account, segment, s, e, known FROM plain WHERE s > 0 ORDER BY 1', 'amounts of each account, and whether its seats are known');
SELECT results_eq($$ SELECT account, seats_starting, seats_ending FROM recipe_seats.by_account('2024-01-01', '2025-01-01') WHERE known ORDER BY 1 $$, 'SELECT account, q0, q1 FROM plain WHERE s > 0 AND known ORDER BY 1', '... and seats');
CREATE FUNCTION plain_factors() RETURNS TABLE (segment text, n bigint, ndr numeric, seats numeric, per_seat numeric, price numeric, left_out numeric) LANGUAGE sql AS $$
    SELECT g, count(*) FILTER (WHERE known), round(sum(e) FILTER (WHERE known) / sum(s) FILTER (WHERE known), 10), round(sum(q1) FILTER (WHERE known) / sum(q0) FILTER (WHERE known), 10), round(sum(e) FILTER (WHERE known) / sum(q1) FILTER (WHERE known) / (sum(s) FILTER (WHERE known) / sum(q0) FILTER (WHERE known)), 10),
        round(sum(e) FILTER (WHERE known) / sum(q1 * s / nullif(q0, 0)) FILTER (WHERE known), 10), coalesce(sum(s) FILTER (WHERE NOT known), 0)
    FROM plain, LATERAL (VALUES ('all'), (coalesce(segment, 'unknown'))) v (g) WHERE s > 0 GROUP BY g $$;
SELECT results_eq($$ SELECT segment, accounts, round(ndr, 10), round(seat_retention, 10), round(price_per_seat, 10), round(price, 10), left_out FROM recipe_seats.factors('2024-01-01', '2025-01-01') ORDER BY 1 $$, 'SELECT * FROM plain_factors() ORDER BY 1', 'the factors by segment and of all');
SELECT results_eq($$ SELECT segment, round(seat_retention * price * mix, 10) FROM recipe_seats.factors('2024-01-01', '2025-01-01') ORDER BY 1 $$, 'SELECT segment, ndr FROM plain_factors() ORDER BY 1', 'NDR is seats times price times mix');
SELECT ok((SELECT count(*) = 4 AND bool_and(price <> 1 AND mix <> 1) FROM recipe_seats.factors('2024-01-01', '2025-01-01')), '... and none of them is 1');
SELECT is((SELECT round(ndr(rollup(money)), 10) FROM recipe_seats.factors('2024-01-01', '2025-01-01') WHERE segment <> 'all'), (SELECT round(ndr, 10) FROM recipe_seats.factors('2024-01-01', '2025-01-01') WHERE segment = 'all'), 'segments roll up to all');
CREATE VIEW plain_use AS SELECT segment, account, e, q1, people, CASE WHEN people < q1 THEN q1 - people WHEN people IS NOT NULL THEN 0 END AS unused, CASE WHEN people > q1 THEN people - q1 WHEN people IS NOT NULL THEN 0 END AS above
    FROM (SELECT p.*, (SELECT people FROM recipe_seats.usage u WHERE u.account = p.account AND month = '2024-12-01' AND known) AS people FROM plain p) x WHERE e > 0;
SELECT results_eq($$ SELECT account, amount, people, round(share_used, 10), unused, above, round(unused_amount, 8) FROM recipe_seats.use_on('2024-12-31') ORDER BY 1 $$,
    'SELECT account, e, people, CASE WHEN people IS NOT NULL THEN round(people / q1, 10) END, unused, above, round(e * unused / nullif(q1, 0), 8) FROM plain_use ORDER BY 1', 'who uses the seats of each account');
SELECT results_eq($$ SELECT segment, amount, known, unused, above, round(unused_amount, 8), round(share, 10) FROM recipe_seats.unused_on('2024-12-31') ORDER BY 1 $$,
    $$ SELECT g, sum(e), sum(e) FILTER (WHERE people IS NOT NULL), sum(unused), sum(above), round(sum(e * unused / nullif(q1, 0)), 8), round(sum(e * unused / nullif(q1, 0)) / sum(e) FILTER (WHERE people IS NOT NULL), 10) FROM plain_use, LATERAL (VALUES ('all'), (coalesce(segment, 'unknown'))) v (g) GROUP BY g ORDER BY 1 $$, 'ARR of unused seats');
SELECT results_eq($$ SELECT used, accounts, round(ndr(money), 10) FROM recipe_seats.outcome('2024-01-01', '2025-01-01') ORDER BY 1 $$,
    $$ SELECT CASE WHEN r IS NULL THEN 'not known' WHEN r < 0.5 THEN 'below 50 %' WHEN r < 0.8 THEN '50 to 80 %' WHEN r <= 1 THEN '80 to 100 %' ELSE 'above 100 %' END, count(*), round(sum(e) / sum(s), 10)
       FROM (SELECT s, e, (SELECT people FROM recipe_seats.usage u WHERE u.account = p.account AND month = '2023-12-01' AND known) / nullif(q0, 0) AS r FROM plain p WHERE s > 0) x GROUP BY 1 ORDER BY 1 $$, 'what became of accounts by use');
SELECT is((SELECT sum(accounts) FROM recipe_seats.outcome('2024-01-01', '2025-01-01')), (SELECT count(*)::numeric FROM plain WHERE s > 0), '... of all of them');
SELECT cmp_ok((SELECT least(count(*) FILTER (WHERE people IS NULL), count(*) FILTER (WHERE unused > 0), count(*) FILTER (WHERE above > 0)) FROM plain_use), '>', 5::bigint, 'unused, above and not known: all are there');
SELECT finish();
ROLLBACK;
