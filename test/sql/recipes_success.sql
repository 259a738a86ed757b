\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The recipes examples/renewals.sql and churn_reasons.sql: worked numbers, and that their parts add up over random companies.
SELECT plan(22);
\set renewals :tests '/../examples/renewals.sql'
\set reasons :tests '/../examples/churn_reasons.sql'
SELECT diag('Renewals');
\i :renewals
SELECT results_eq($$ SELECT round(1 - renewal_rate, 4) FROM recipe_renewals.by_quarter WHERE quarter < '2025-01-01' ORDER BY quarter $$, 'VALUES (0.1667), (0.1571), (0.1300), (0.0941)', 'the rate of each quarter');
SELECT results_eq($$ SELECT sum(lost) / sum(due), round(avg(1 - renewal_rate), 3) FROM recipe_renewals.by_quarter WHERE quarter < '2025-01-01' $$, 'VALUES (0.12500000000000000000, 0.137)', 'the year is pooled; the mean of rates is another number');
SELECT results_eq($$ SELECT due, forecast, round(rate, 10) FROM recipe_renewals.outlook('2025-01-01', '2025-04-01') $$, 'VALUES (350.00, 290.00, 0.8285714286)', 'the outlook: each renewal counts up to what is due');
SELECT is((SELECT 1 - grr_agg(due, renewed) FROM recipe_renewals.renewal WHERE due_on >= '2025-06-01'), 0.18550000000000000000, 'terms of one and three years, pooled by what is due');
SELECT is((SELECT round(sum(churn_of_a_year * under_contract) / sum(under_contract), 10) FROM (SELECT years, sum(due) * years AS under_contract, annual_churn(1 - grr_agg(due, renewed), years) AS churn_of_a_year FROM recipe_renewals.renewal WHERE due_on >= '2025-06-01' GROUP BY years) x), 0.1000000000, '... by year, weighted with what is under contract');
SELECT is((SELECT late FROM recipe_renewals.by_quarter WHERE quarter = '2024-04-01'), 1::bigint, 'closed after it was due');
SELECT results_eq('SELECT account, due_on, due, renewed FROM recipe_renewals.from_contracts(''30 days'') WHERE due_on < ''2025-01-01'' ORDER BY due_on', $$ VALUES ('acme', date '2024-01-01', 100.00, 120.00), ('birch', '2024-02-01', 200.00, 150.00), ('cedar', '2024-03-01', 300.00, 0), ('doyle', '2024-04-01', 120.00, 110.00) $$, 'from contracts: two terms that end on one day are one renewal');
SELECT is((SELECT renewed FROM recipe_renewals.from_contracts('10 days') WHERE account = 'birch' AND due_on = '2024-02-01'), 0::numeric, 'a grace period that is too short: not renewed');
-- Random contracts: each contract renews at most one term.
TRUNCATE recipe_renewals.contract;
CREATE FUNCTION draw(i int, j int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || left(md5(i || '/' || j), 7))::bit(28)::int % below $$;
INSERT INTO recipe_renewals.contract SELECT 'c' || i, 'a' || i % 40, 'p' || i % 2, date '2022-01-01' + n * 365 + draw(1, i, 60) - 30, date '2022-01-01' + n * 365 + 365 + draw(2, i, 40) - 20, 100 + draw(3, i, 900) FROM generate_series(1, 300) i, LATERAL (SELECT draw(4, i, 3) AS n) x;
SELECT is_empty($$ SELECT account, product FROM recipe_renewals.from_contracts('30 days') GROUP BY account, product HAVING sum(renewed) > (SELECT sum(arr) FROM recipe_renewals.contract c WHERE c.account = from_contracts.account AND c.product = from_contracts.product) $$, 'no contract renews twice');
SELECT is((SELECT sum(due) FROM recipe_renewals.from_contracts('30 days')), (SELECT sum(arr) FROM recipe_renewals.contract), 'every term that ends is due once');
-- Loss at renewals and loss between them make up churned and contraction of the bridge: the second is the difference.
SELECT ok((SELECT churned(r) + contraction(r) > 0 FROM (SELECT retention_agg(s, e) AS r FROM (SELECT account, sum(arr) FILTER (WHERE daterange(starts, ends) @> date '2022-12-31') AS s, sum(arr) FILTER (WHERE daterange(starts, ends) @> date '2023-12-31') AS e FROM recipe_renewals.contract GROUP BY account) x) y), 'the bridge of the same contracts has losses');

SELECT diag('Churn reasons');
\i :reasons
SELECT results_eq($$ SELECT reason, sum(amount) FROM recipe_reasons.loss('2024-01-01', '2025-01-01', '3 months') GROUP BY reason ORDER BY 2 DESC, 1 $$, $$ VALUES ('price', 580.00), ('failed payment', 250.00), ('unknown', 120.00), ('fewer seats', 100.00) $$, 'each lost amount has one reason');
SELECT results_eq($$ SELECT account, reason, further_reasons FROM recipe_reasons.loss('2024-01-01', '2025-01-01', '3 months') WHERE account IN ('acme', 'cedar', 'fjord') ORDER BY account $$, $$ VALUES ('acme', 'price', 1::bigint), ('cedar', 'failed payment', 0), ('fjord', 'price', 1) $$, 'the latest entry, of one day the one with the larger id; older ones are further reasons');
SELECT results_eq($$ SELECT account, band FROM recipe_reasons.loss('2024-01-01', '2025-01-01', '3 months') ORDER BY account $$, $$ VALUES ('acme', 'green'), ('birch', 'green'), ('cedar', 'red'), ('doyle', 'red'), ('fjord', 'none') $$, 'the band before the period, not that of the day of the loss');
SELECT is((SELECT sum(amount) FROM recipe_reasons.loss('2024-01-01', '2025-01-01', '3 months')), 1050.00, 'who is still there has lost nothing, whatever is noted');
TRUNCATE recipe_reasons.subscription, recipe_reasons.entry, recipe_reasons.health;
INSERT INTO recipe_reasons.subscription SELECT 'a' || i % 90, daterange(date '2023-01-01' + draw(5, i, 500), date '2023-01-01' + draw(5, i, 500) + 1 + draw(6, i, 500)), draw(7, i, 100000) / 100.0 FROM generate_series(1, 400) i;
INSERT INTO recipe_reasons.entry SELECT i, 'a' || draw(8, i, 90), date '2023-06-01' + draw(9, i, 700), (ARRAY['price', 'feature', 'payment', 'champion'])[1 + draw(10, i, 4)], draw(11, i, 3) > 0 FROM generate_series(1, 300) i;
SELECT is((SELECT sum(amount) FROM recipe_reasons.loss('2024-01-01', '2025-01-01', step)), (SELECT sum(churned + contraction) FROM bridge((SELECT bridge_agg(h, '2024-01-01', '2025-01-01', step) FROM recipe_reasons.history))), 'random companies: reasons add up to the bridge in steps of ' || step) FROM unnest('{1 month,3 months,1 year}'::interval[]) step;
SELECT is((SELECT count(*) FROM recipe_reasons.loss('2024-01-01', '2025-01-01', '1 month')), (SELECT sum(accounts_churned + accounts_contracted)::bigint FROM bridge((SELECT bridge_agg(h, '2024-01-01', '2025-01-01', '1 month') FROM recipe_reasons.history))), '... and so do the losses');
SELECT is_empty($$ SELECT account, period_start FROM recipe_reasons.loss('2024-01-01', '2025-01-01', '1 month') GROUP BY 1, 2 HAVING count(*) > 1 $$, 'one reason each');
SELECT results_eq($$ SELECT reason, count(*) FROM recipe_reasons.loss('2024-01-01', '2025-01-01', '1 month') GROUP BY 1 ORDER BY 1 $$,
    $$ SELECT coalesce((SELECT reason FROM recipe_reasons.entry e WHERE e.account = l.account AND noted_on BETWEEN period_start - 90 AND period_end + 29 ORDER BY noted_on DESC, id DESC LIMIT 1), 'unknown'), count(*) FROM recipe_reasons.loss('2024-01-01', '2025-01-01', '1 month') l GROUP BY 1 ORDER BY 1 $$, 'the latest entry by plain SQL');
SELECT ok((SELECT count(DISTINCT reason) = 5 AND max(further_reasons) > 0 FROM recipe_reasons.loss('2024-01-01', '2025-01-01', '1 month')), 'all reasons are there, and further ones');
SELECT finish();
ROLLBACK;
