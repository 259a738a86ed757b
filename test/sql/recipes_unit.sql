\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The recipe examples/unit_economics.sql: against plain SQL over the raw rows, over random companies.
SELECT plan(22);
\set unit :tests '/../examples/unit_economics.sql'
\i :unit
CREATE FUNCTION draw(i int, j int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || left(md5(i || '/' || j), 7))::bit(28)::int % below $$;

-- The oracle: amounts looked up day by day, the first stretch of each account, each month of its life that ends within the period.
CREATE FUNCTION amount_of(who text, day date) RETURNS numeric LANGUAGE sql AS $$ SELECT coalesce(sum(amount), 0) FROM recipe_unit.subscription WHERE account = who AND valid @> day $$;
CREATE VIEW born AS SELECT account, channel, segment, csm, min(lower(valid)) AS won FROM recipe_unit.account JOIN recipe_unit.subscription USING (account) GROUP BY account;
CREATE VIEW life AS SELECT b.*, amount_of(account, won) AS deal,
    (SELECT min(upper(valid)) FROM recipe_unit.subscription s WHERE s.account = b.account AND amount_of(account, upper(valid)) = 0) AS gone FROM born b;
CREATE FUNCTION plain_stay(from_date date, to_date date, months int) RETURNS TABLE (channel text, k int, stay numeric) LANGUAGE sql AS $$
    WITH month AS (SELECT channel, k, count(*) AS n, count(*) FILTER (WHERE gone <= won + k * interval '1 month') AS d
        FROM life, generate_series(1, months) k
        WHERE won + k * interval '1 month' >= from_date AND won + k * interval '1 month' < to_date AND (gone IS NULL OR gone > won + (k - 1) * interval '1 month') GROUP BY channel, k)
    SELECT channel, k, CASE WHEN bool_or(d = n) OVER w THEN 0 ELSE exp(sum(CASE WHEN d < n THEN ln(1 - d::numeric / n) END) OVER w) END FROM month WINDOW w AS (PARTITION BY channel ORDER BY k) $$;
-- S(k) holds from one age at which somebody is at risk to the next; each month is paid at its start.
CREATE FUNCTION plain_worth(from_date date, to_date date, margin numeric, months int) RETURNS TABLE (channel text, in_first_deals numeric) LANGUAGE sql AS $$
    WITH stay AS MATERIALIZED (SELECT * FROM plain_stay(from_date, to_date, months))
    SELECT c, round(margin / 12 * (1 + sum((SELECT stay FROM stay s WHERE s.channel = c AND s.k <= g ORDER BY s.k DESC LIMIT 1))), 8)
    FROM (SELECT DISTINCT channel AS c FROM stay) x, generate_series(1, months - 1) g GROUP BY c $$;
CREATE FUNCTION same_figures() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT results_eq($q$ SELECT channel, cost, won, round(first_deal, 8), round(cost_of_a_customer, 8), round(months_to_come_back, 8) FROM recipe_unit.acquisition('2024-01-01', '2025-01-01', 0.8) ORDER BY channel $q$,
        $q$ SELECT channel, cost, count(life.account), round(avg(deal), 8), round(cost / nullif(count(life.account), 0), 8), round(cost * 12 / (0.8 * sum(deal)), 8)
            FROM (SELECT channel, sum(cost) AS cost FROM recipe_unit.spend WHERE quarter >= '2024-01-01' AND quarter < '2025-01-01' GROUP BY channel) s
            LEFT JOIN life USING (channel) WHERE won IS NULL OR won >= '2024-01-01' AND won < '2025-01-01' GROUP BY channel, cost ORDER BY channel $q$, 'cost of a customer, months until it has come back')
    UNION ALL SELECT results_eq($q$ SELECT channel, round(stay_a_year, 8) FROM recipe_unit.worth('2023-01-01', '2025-01-01', 0.8, 24) ORDER BY channel $q$,
        $q$ SELECT DISTINCT ON (channel) channel, round(stay, 8) FROM plain_stay('2023-01-01', '2025-01-01', 12) ORDER BY channel, k DESC $q$, 'who stays a year')
    UNION ALL SELECT results_eq($q$ SELECT channel, round(in_first_deals, 8) FROM recipe_unit.worth('2023-01-01', '2025-01-01', 0.8, 24) ORDER BY channel $q$, $q$ SELECT * FROM plain_worth('2023-01-01', '2025-01-01', 0.8, 24) ORDER BY channel $q$, 'worth in first deals')
    UNION ALL SELECT results_eq($q$ SELECT channel, customers, round(paid, 6), round(in_first_deals, 8), round(share_of_first_year, 8) FROM recipe_unit.paid('2025-01-01', 2) ORDER BY channel $q$,
        $q$ SELECT channel, count(DISTINCT account), round(sum(paid) / 12, 6), round(sum(paid) / 12 / sum(deal) FILTER (WHERE k = 0), 8), round(sum(paid) FILTER (WHERE k < 12) / sum(paid), 8)
            FROM (SELECT channel, account, deal, k, amount_of(account, (won + k * interval '1 month')::date) AS paid FROM life, generate_series(0, 23) k WHERE won + interval '2 years' <= '2025-01-01') x GROUP BY channel ORDER BY channel $q$, 'what was really paid')
    UNION ALL SELECT results_eq($q$ SELECT channel, round(ndr_before, 10), round(ndr_after, 10) FROM recipe_unit.ndr_by_channel('2023-01-01', '2024-01-01', '2024-01-01', '2025-01-01') ORDER BY channel $q$,
        $q$ SELECT channel, round(sum(b) FILTER (WHERE a > 0) / nullif(sum(a), 0), 10), round(sum(c) FILTER (WHERE b > 0) / nullif(sum(b), 0), 10) FROM (SELECT channel, amount_of(account, '2022-12-31') AS a, amount_of(account, '2023-12-31') AS b, amount_of(account, '2024-12-31') AS c FROM born) x GROUP BY channel ORDER BY channel $q$, 'NDR by channel')
    UNION ALL SELECT results_eq($q$ SELECT round(sum(mix) + sum(rate), 10) FROM recipe_unit.ndr_by_channel('2023-01-01', '2024-01-01', '2024-01-01', '2025-01-01') $q$,
        $q$ SELECT round(sum(c) FILTER (WHERE b > 0) / sum(b) - sum(b) FILTER (WHERE a > 0) / sum(a), 10) FROM (SELECT amount_of(account, '2022-12-31') AS a, amount_of(account, '2023-12-31') AS b, amount_of(account, '2024-12-31') AS c FROM born) x $q$, 'mix and rate add up to the change of the company')
    UNION ALL SELECT results_eq($q$ SELECT name, accounts, round(percentile, 10) FROM recipe_unit.peers('2024-01-01', '2025-01-01') WHERE kind = 'manager' ORDER BY name $q$,
        $q$ WITH x AS (SELECT csm, count(*) AS n, round(sum(e) / sum(s), 15) AS ndr FROM (SELECT csm, amount_of(account, '2023-12-31') AS s, amount_of(account, '2024-12-31') AS e FROM born WHERE csm IS NOT NULL) y WHERE s > 0 GROUP BY csm)
            SELECT csm, n, round((SELECT count(*) FROM x o WHERE o.ndr < x.ndr)::numeric / (SELECT count(*) - 1 FROM x), 10) FROM x ORDER BY csm $q$, 'percentile: the share of the others that are below') $$;

SELECT diag('The sample rows');
SELECT same_figures();
SELECT is((SELECT count(*) FROM recipe_unit.worth('2023-01-01', '2025-01-01', 0.8, 60) WHERE worth IS NULL), 2::bigint, 'where the curve is not known there is no worth');
SELECT ok((SELECT bool_and(ndr_interval @> ndr) AND count(*) = 10 AND min(percentile) = 0 AND max(percentile) = 1 FROM recipe_unit.peers('2024-01-01', '2025-01-01')), 'ten peers of three kinds, each with its interval');
SELECT ok((SELECT bool_and(months_to_come_back IS NULL) FROM recipe_unit.acquisition('2024-01-01', '2025-01-01', 0)), 'a margin of 0: it never comes back');

SELECT diag('Random companies');
TRUNCATE recipe_unit.account, recipe_unit.subscription, recipe_unit.spend;
INSERT INTO recipe_unit.account SELECT 'a' || i, (ARRAY['x', 'y', 'z'])[1 + draw(1, i, 3)], (ARRAY['s', 't'])[1 + draw(2, i, 2)], (ARRAY['m1', 'm2', 'm3', 'm4', NULL])[1 + draw(3, i, 5)] FROM generate_series(1, 150) i;
INSERT INTO recipe_unit.subscription SELECT 'a' || 1 + i % 150, daterange(date '2021-06-01' + draw(4, i, 1200), CASE WHEN draw(5, i, 3) > 0 THEN date '2021-06-01' + draw(4, i, 1200) + 1 + draw(6, i, 1000) END), (100 + draw(7, i, 1000000)) / 100.0 FROM generate_series(1, 320) i;
INSERT INTO recipe_unit.spend SELECT c, q::date, 1000 + draw(8, date_part('month', q)::int, 9000) FROM unnest('{x,y,z,nobody}'::text[]) c, generate_series(timestamp '2023-01-01', '2024-10-01', '3 months') q;
SELECT same_figures();
SELECT results_eq($$ SELECT won, cost_of_a_customer IS NULL, cost > 0 FROM recipe_unit.acquisition('2024-01-01', '2025-01-01', 0.8) WHERE channel = 'nobody' $$, 'VALUES (0::bigint, true, true)', 'a channel that won nobody has a cost, and no cost of a customer');
DELETE FROM recipe_unit.spend WHERE channel = 'x';
SELECT results_eq($$ SELECT won > 0, cost IS NULL, cost_of_a_customer IS NULL FROM recipe_unit.acquisition('2024-01-01', '2025-01-01', 0.8) WHERE channel = 'x' $$, 'VALUES (true, true, true)', 'a channel of which no cost is known has no cost of a customer');
SELECT is((SELECT sum(won) FROM recipe_unit.acquisition('2024-01-01', '2025-01-01', 0.8)), (SELECT count(*)::numeric FROM life WHERE won >= '2024-01-01' AND won < '2025-01-01'), 'nobody is won twice');
SELECT is((SELECT count(*) FROM recipe_unit.peers('2024-01-01', '2025-01-01') WHERE kind = 'manager'), 4::bigint, 'accounts without a manager are no peer');
SELECT ok((SELECT count(*) > 0 FROM life WHERE gone IS NOT NULL AND amount_of(account, gone + 400) > 0), 'some came back');
SELECT finish();
ROLLBACK;
