\set ECHO none
\getenv tests PG_ABS_SRCDIR
\getenv built PG_ABS_BUILDDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The recipes of examples/: what they print, against plain SQL over their own tables, day by day, and against figures worked by hand.
SELECT plan(72);
\set stripe :tests '/../examples/stripe_subscriptions.sql'
\set chargebee :tests '/../examples/chargebee_subscriptions.sql'
\set crm :tests '/../examples/crm_opportunities.sql'
\set invoices :tests '/../examples/invoices_with_periods.sql'
\set events :tests '/../examples/event_log.sql'

-- The oracle: what each account has at the end of each day, looked up in the tables that the recipe has loaded, no range and no
-- history in it; then a spine of steps, and what changed between two of them.
CREATE TABLE daily (account text, day date, amount numeric NOT NULL, PRIMARY KEY (account, day));
CREATE FUNCTION plain_bridge(first date, last date, step interval)
RETURNS TABLE (period_start date, starting numeric, new numeric, reactivation numeric, expansion numeric, contraction numeric, churned numeric, ending numeric) LANGUAGE sql AS $$
    WITH spine AS (SELECT t::date AS b FROM generate_series(first::timestamp, last::timestamp, step) t),
    point AS (SELECT account, lag(b) OVER w AS period_start, lag(amount) OVER w AS s, amount AS e FROM spine JOIN daily ON day = b - 1 WINDOW w AS (PARTITION BY account ORDER BY b)),
    known AS (SELECT account, min(day) AS since FROM daily WHERE amount > 0 GROUP BY account)
    SELECT period_start, sum(s), sum(CASE WHEN s = 0 AND since >= period_start THEN e ELSE 0 END), sum(CASE WHEN s = 0 AND since < period_start THEN e ELSE 0 END),
           sum(CASE WHEN s > 0 THEN greatest(e - s, 0) ELSE 0 END), sum(CASE WHEN s > e AND e > 0 THEN s - e ELSE 0 END), sum(CASE WHEN e = 0 THEN s ELSE 0 END), sum(e)
    FROM point LEFT JOIN known USING (account) WHERE period_start IS NOT NULL GROUP BY period_start ORDER BY period_start
$$;
-- NDR, GRR and logo churn between the ends of two days.
CREATE FUNCTION plain_figures(a date, b date) RETURNS TABLE (ndr numeric, grr numeric, logo_churn numeric) LANGUAGE sql AS $$
    SELECT sum(e.amount) / sum(s.amount), sum(least(s.amount, e.amount)) / sum(s.amount), count(*) FILTER (WHERE e.amount = 0)::numeric / count(*)
    FROM daily s JOIN daily e USING (account) WHERE s.day = a AND e.day = b AND s.amount > 0
$$;
-- Absences shorter than that, with a day of return, get the amount before them.
CREATE FUNCTION fill_absences(shorter_than interval) RETURNS void LANGUAGE sql AS $$
    UPDATE daily d SET amount = p.amount
    FROM (SELECT account, day, amount, lead(day) OVER (PARTITION BY account ORDER BY day) AS back FROM daily WHERE amount > 0) p
    WHERE d.account = p.account AND d.day > p.day AND d.day < p.back AND p.day + 1 + shorter_than > p.back
$$;

SELECT diag('Stripe');
\i :stripe
-- The balance at midnight in Berlin, in seconds.
INSERT INTO daily
SELECT c.id, day, coalesce(sum(round(list, 2) - coalesce(round(CASE WHEN duration = 'once' THEN 0 WHEN amount_off IS NULL THEN list * percent_off / 100 ELSE least(list, amount_off / 100.0 / bill) END, 2), 0)), 0)
FROM recipe_stripe.customers c CROSS JOIN (SELECT t::date AS day, extract(epoch FROM (t + interval '1 day') AT TIME ZONE 'Europe/Berlin') AS midnight FROM generate_series(timestamp '2023-10-01', '2024-07-31', '1 day') t) d
LEFT JOIN LATERAL (
    SELECT s.id AS subscription, sum(quantity * unit_amount / 100.0 / bill) AS list, max(bill) AS bill
    FROM recipe_stripe.subscriptions s JOIN recipe_stripe.subscription_items i ON i.subscription = s.id JOIN recipe_stripe.prices p ON p.id = i.price,
        LATERAL (SELECT recurring_interval_count * CASE WHEN recurring_interval = 'year' THEN 12 ELSE 1 END AS bill) b
    WHERE s.customer = c.id AND s.status <> 'trialing' AND s.start_date < midnight AND (trial_end IS NULL OR trial_end < midnight)
        AND (ended_at IS NULL OR ended_at >= midnight) AND (ended_at IS NOT NULL OR cancel_at IS NULL OR cancel_at >= midnight) AND (since IS NULL OR since < midnight) AND (until IS NULL OR until >= midnight)
    GROUP BY s.id) s ON true
LEFT JOIN recipe_stripe.discounts di ON di.subscription = s.subscription AND di.start < midnight AND (di."end" IS NULL OR di."end" >= midnight)
LEFT JOIN recipe_stripe.coupons co ON co.id = di.coupon
GROUP BY c.id, day;
SELECT results_eq('SELECT period_start, starting, new, reactivation, expansion, contraction, churned, ending FROM recipe_stripe.monthly_bridge', $$ SELECT * FROM plain_bridge('2024-01-01', '2024-07-01', '1 month') $$, 'the bridge by month is that of plain SQL');
SELECT results_eq('SELECT round(ndr, 16), round(grr, 16), round(logo_churn, 16) FROM recipe_stripe.half_year', $$ SELECT round(ndr, 16), round(grr, 16), round(logo_churn, 16) FROM plain_figures('2023-12-31', '2024-06-30') $$, 'and so are NDR, GRR and logo churn');
SELECT results_eq('SELECT round(ndr, 10), round(grr, 10), round(logo_churn, 10) FROM recipe_stripe.half_year', 'SELECT round((400 + 85) / 385.0, 10), round((200 + 85) / 385.0, 10), round(1 / 3.0, 10)', 'by hand: Acme 200 to 400, Birch 100 to 0, Egret 85');
SELECT is((SELECT sum(change) FROM recipe_stripe.movement), (SELECT sum(net_new) FROM recipe_stripe.monthly_bridge), 'the movements make up the bridge');
SELECT results_eq($$ SELECT amount_at(history, day) FROM recipe_stripe.account_history, unnest('{2024-01-31,2024-02-01}'::date[]) day WHERE customer = 'cus_birch' ORDER BY day $$, 'VALUES (100.00), (0.00)', 'time zone: what ends at 23:30 UTC on 31 January counts on 31 January in Berlin');
SELECT results_eq('SELECT churned FROM recipe_stripe.monthly_bridge LIMIT 2', 'VALUES (0.00), (100.00)', 'time zone: so it is churn of February');
SELECT is((SELECT first_active(history) FROM recipe_stripe.account_history WHERE customer = 'cus_cedar'), '2024-03-01', 'time zone, trial: a trial to 23:30 UTC on 29 February converts on 1 March');
SELECT results_eq('SELECT new FROM recipe_stripe.monthly_bridge OFFSET 1 LIMIT 2', 'VALUES (0.00), (80.00)', 'trial: new in the month that it converts, not in that it starts');
SELECT is((SELECT count(*) FROM recipe_stripe.account_history WHERE customer IN ('cus_doyle', 'cus_gale')), 0::bigint, 'trial: what did not convert, or not yet, is no customer');
SELECT results_eq($$ SELECT amount_at(history, day) FROM recipe_stripe.account_history, unnest('{2024-05-31,2024-06-01}'::date[]) day WHERE customer = 'cus_cedar' ORDER BY day $$, 'VALUES (80.00), (100.00)', 'discount: 20 % of 100 for three months, and an expansion when they are over');
SELECT results_eq($$ SELECT customer, amount_at(history, '2024-06-30') FROM recipe_stripe.account_history WHERE customer IN ('cus_acme', 'cus_egret', 'cus_fjord') ORDER BY 1 $$, $$ VALUES ('cus_acme', 400.00), ('cus_egret', 85.00), ('cus_fjord', 90.00) $$, 'discount: one that applies once is none; 15 off each bill of a quarter is 5 a month; 10 % of 100');
SELECT is((SELECT last_active(history) FROM recipe_stripe.account_history WHERE customer = 'cus_egret'), '2024-09-30', 'the end that was asked for counts, not the day of the notice');
-- An amount off that is more than there is.
UPDATE recipe_stripe.coupons SET amount_off = 30000 WHERE id = 'fifteen_a_bill';
SELECT is((SELECT sum(amount) FROM (SELECT amount FROM recipe_stripe.item_line WHERE customer = 'cus_egret' UNION ALL SELECT amount FROM recipe_stripe.discount_line WHERE customer = 'cus_egret') x), 0::numeric, 'discount: never more than there is');
-- Two items in one subscription: the share is of both.
INSERT INTO recipe_stripe.subscription_items VALUES ('si_10', 'sub_fjord_2', 'seat_monthly', 4, NULL, NULL);
SELECT is((SELECT sum(amount) FROM recipe_stripe.discount_line WHERE customer = 'cus_fjord'), -30.00, 'discount: 10 % of 100 and 200 together');
SELECT results_eq($$ SELECT round(1200 / recipe_stripe.months(every, n), 2) FROM (VALUES (1, 'year', 1), (2, 'month', 3), (3, 'week', 2), (4, 'day', 1)) v (i, every, n) ORDER BY i $$, 'VALUES (100.00), (400.00), (round(1200 * 26 / 12.0, 2)), (round(1200 * 365 / 12.0, 2))', 'what 1,200 a year, quarter, fortnight and day are a month');

SELECT diag('Chargebee');
\i :chargebee
CREATE FUNCTION chargebee_days() RETURNS void LANGUAGE sql AS $$
    TRUNCATE daily;
    INSERT INTO daily
    SELECT customer, day, coalesce(sum(round(quantity * unit_price / 100.0 / CASE WHEN item_price LIKE '%yearly' THEN 12 ELSE 1 END, 2)), 0)
    FROM (SELECT DISTINCT customer_id FROM recipe_chargebee.subscriptions) c (customer) CROSS JOIN (SELECT t::date AS day FROM generate_series(timestamp '2023-12-01', '2026-01-31', '1 day') t) d
    LEFT JOIN recipe_chargebee.subscriptions s ON s.customer_id = customer AND activated_at <= day AND coalesce(day < cancelled_at, true)
        AND NOT EXISTS (SELECT FROM recipe_chargebee.pauses p WHERE p.subscription_id = s.id AND pause_date <= day AND coalesce(day < resume_date, true))
    LEFT JOIN LATERAL (
        SELECT DISTINCT ON (item_price) item_price, quantity, unit_price
        FROM (SELECT item_price_id, quantity, unit_price, date '-infinity' FROM recipe_chargebee.subscription_items WHERE subscription_id = s.id
              UNION ALL SELECT item_price_id, quantity, unit_price, effective_from FROM recipe_chargebee.ramp_items i JOIN recipe_chargebee.ramps r ON r.id = i.ramp_id WHERE r.subscription_id = s.id AND r.status NOT IN ('failed', 'draft') AND effective_from <= day
             ) v (item_price, quantity, unit_price, since)
        WHERE item_price <> 'setup' ORDER BY item_price, since DESC) v ON true
    GROUP BY customer, day;
$$;
SELECT chargebee_days() AS done \gset
SELECT results_eq('SELECT period_start, starting, new, reactivation, expansion, contraction, churned, ending FROM recipe_chargebee.quarterly_bridge', $$ SELECT * FROM plain_bridge('2024-01-01', '2025-01-01', '3 months') $$, 'the bridge by quarter is that of plain SQL');
SELECT results_eq($$ SELECT round(ndr, 16), round(grr, 16), round(logo_churn, 16) FROM recipe_chargebee.year WHERE rule = 'a pause is churn' $$, $$ SELECT round(ndr, 16), round(grr, 16), round(logo_churn, 16) FROM plain_figures('2023-12-31', '2024-12-31') $$, 'and so are NDR, GRR and logo churn');
SELECT results_eq($$ SELECT day, mrr FROM recipe_chargebee.contracted ORDER BY day $$, $$ SELECT day, sum(amount) FROM daily WHERE day IN ('2024-12-31', '2025-03-31', '2025-12-31') GROUP BY day ORDER BY day $$, 'what is under contract is what plain SQL finds on days to come');
SELECT results_eq($$ SELECT mrr FROM recipe_chargebee.contracted ORDER BY day $$, $$ VALUES (2875.00), (2875.00 + 500 + 300), (2875.00 + 500 + 300 - 725) $$, 'by hand: a ramp of 500 and a subscription of 300 to come, then a cancellation of 725');
SELECT is((SELECT sum(change) FROM recipe_chargebee.movement), (SELECT sum(net_new) FROM recipe_chargebee.quarterly_bridge), 'the movements make up the bridge');
SELECT results_eq($$ SELECT to_char(period_start, 'Q'), movement, change FROM recipe_chargebee.movement WHERE customer_id = 'cedar' ORDER BY 1 $$, $$ VALUES ('1', 'churn', -400.00), ('2', 'reactivation', 400.00), ('3', 'churn', -400.00) $$, 'a pause is churn and reactivation');
SELECT results_eq($$ SELECT amount_at(history, day) FROM recipe_chargebee.account_history, unnest('{2024-03-09,2024-03-10,2024-05-01,2024-05-02}'::date[]) day WHERE customer_id = 'cedar' ORDER BY day $$, 'VALUES (400.00), (0.00), (0.00), (400.00)', 'pauses begin on their first day, service resumes on its own');
SELECT is((SELECT amount_at(history, '2024-01-01') FROM recipe_chargebee.account_history WHERE customer_id = 'birch'), 500.00, 'plan and addon count, the one-time charge does not');
UPDATE recipe_chargebee.item_prices SET period = 1, period_unit = 'month' WHERE id = 'setup';
SELECT is((SELECT sum(amount) FROM recipe_chargebee.line WHERE customer_id = 'birch' AND valid @> date '2024-01-01'), 500.00, 'not even if it had a period');
SELECT is((SELECT amount_at(history, '2024-12-31') FROM recipe_chargebee.account_history WHERE customer_id = 'birch'), 300.00, 'ramps: what was removed is gone, what failed never came');
SELECT is((SELECT first_active(history) FROM recipe_chargebee.account_history WHERE customer_id = 'fjord'), '2024-05-20', 'it counts from activation');
SELECT is((SELECT row(sum(due), sum(renewed), round(grr_agg(due, renewed), 10), round(ndr_agg(due, renewed), 10))::text FROM recipe_chargebee.renewal), row(2100.00, 1725.00, round(1500 / 2100.0, 10), round(1725 / 2100.0, 10))::text, 'by hand: 1,000 renewed as it was, 500 for 725, 600 not');
SELECT fill_absences('3 months') AS done \gset
SELECT results_eq($$ SELECT round(chained_grr, 14) FROM recipe_chargebee.year WHERE rule = 'short pauses are kept' $$, $$ SELECT round(exp(sum(ln(g)))::numeric, 14) FROM generate_series(timestamp '2024-01-01', '2024-12-01', '1 month') t, LATERAL (SELECT grr AS g FROM plain_figures(t::date - 1, (t + interval '1 month')::date - 1)) f $$, 'pauses under three months as kept: chained GRR is that of plain SQL over filled days');
SELECT is((SELECT count(*) FROM daily WHERE account = 'cedar' AND amount = 0 AND day BETWEEN '2024-01-01' AND '2024-12-31'), (SELECT date '2025-01-01' - date '2024-09-15')::bigint, 'and the one that is still open stays an absence');

SELECT diag('CRM');
\i :crm
TRUNCATE daily;
INSERT INTO daily
SELECT a.id, day, coalesce(sum(arr), 0)
FROM recipe_crm.account a CROSS JOIN (SELECT t::date AS day FROM generate_series(timestamp '2023-12-01', '2025-01-31', '1 day') t) d
LEFT JOIN (recipe_crm.opportunity o JOIN recipe_crm.contract c ON c.id IN (o.contract_id, o.amended_contract_id)) ON o.account_id = a.id AND is_won AND day BETWEEN start_date AND end_date AND coalesce(effective_date <= day, true)
    AND NOT EXISTS (SELECT FROM recipe_crm.opportunity ro JOIN recipe_crm.contract rc ON rc.id = ro.contract_id WHERE ro.is_won AND ro.renewed_contract_id = c.id AND rc.start_date <= day)
GROUP BY a.id, day;
SELECT results_eq($$ SELECT period_start, starting, new, reactivation, expansion, contraction, churned, ending FROM recipe_crm.quarterly_bridge WHERE rule = 'as signed' $$, $$ SELECT * FROM plain_bridge('2024-01-01', '2025-01-01', '3 months') $$, 'the bridge as signed is that of plain SQL');
SELECT results_eq($$ SELECT round(ndr, 16), round(grr, 16), round(logo_churn, 16) FROM recipe_crm.year WHERE rule = 'as signed' $$, $$ SELECT round(ndr, 16), round(grr, 16), round(logo_churn, 16) FROM plain_figures('2023-12-31', '2024-12-31') $$, 'and so are NDR, GRR and logo churn');
SELECT fill_absences('3 months') AS done \gset
SELECT results_eq($$ SELECT period_start, starting, new, reactivation, expansion, contraction, churned, ending FROM recipe_crm.quarterly_bridge WHERE rule = 'late renewals are kept' $$, $$ SELECT * FROM plain_bridge('2024-01-01', '2025-01-01', '3 months') $$, 'with late renewals as kept it is that of plain SQL over filled days');
SELECT results_eq($$ SELECT amount_at(history, day) FROM recipe_crm.account_history, unnest('{2024-09-30,2024-10-01}'::date[]) day WHERE account_id = '001d' ORDER BY day $$, 'VALUES (18000.00), (0.00)', 'inclusive ends: on its last day the account is still there');
SELECT results_eq($$ SELECT to_char(period_start, 'Q'), change FROM recipe_crm.movement WHERE account_id = '001d' $$, $$ VALUES ('4', -18000.00) $$, 'inclusive ends: what ends on 30 September is churn of the fourth quarter');
SELECT results_eq($$ SELECT amount_at(history, day) FROM recipe_crm.account_history, unnest('{2023-12-30,2023-12-31,2024-01-01}'::date[]) day WHERE account_id = '001a' ORDER BY day $$, 'VALUES (72000.00), (72000.00), (75000.00)', 'inclusive ends, co-termination: the upsell ends with its contract, the renewal follows without a gap');
SELECT is((SELECT count(*) FROM recipe_crm.movement WHERE account_id = '001a' AND movement IN ('churn', 'reactivation')), 0::bigint, 'a renewal on time is no movement of its own');
SELECT results_eq($$ SELECT amount_at(history, day) FROM recipe_crm.account_history, unnest('{2024-01-31,2024-02-01,2024-03-31}'::date[]) day WHERE account_id = '001b' ORDER BY day $$, 'VALUES (40000.00), (50000.00), (50000.00)', 'a renewal that starts early replaces the rest of the term');
SELECT results_eq($$ SELECT churned, reactivation, contraction FROM recipe_crm.quarterly_bridge WHERE to_char(period_start, 'Q') IN ('2', '3') ORDER BY rule, period_start $$, 'VALUES (24000.00, 0.00, 0.00), (0.00, 22000.00, 0.00), (0.00, 0.00, 0.00), (0.00, 0.00, 2000.00)', 'a late renewal: churn of 24,000 and reactivation of 22,000, or contraction of 2,000');
SELECT results_eq($$ SELECT churned FROM recipe_crm.quarterly_bridge WHERE to_char(period_start, 'Q') = '4' ORDER BY rule $$, 'VALUES (28000.00), (28000.00)', 'a renewal that is not signed yet is churn by both rules');
SELECT results_eq('SELECT name, last_day, due FROM recipe_crm.renewal WHERE NOT is_closed', $$ VALUES ('Fjord', date '2024-11-30', 10000.00) $$, 'and is listed as undecided');
SELECT is((SELECT row(sum(due), sum(renewed), round(grr_agg(due, renewed), 10), round(ndr_agg(due, renewed), 10))::text FROM recipe_crm.renewal WHERE is_closed), row(154000.00, 147000.00, round(134 / 154.0, 10), round(147 / 154.0, 10))::text, 'by hand: 72 of 75, 40 of 50, 22 of 24 and 0 of 18 thousand renewed');
SELECT is((SELECT sum(change) FROM recipe_crm.movement), (SELECT sum(net_new) FROM recipe_crm.quarterly_bridge WHERE rule = 'late renewals are kept'), 'the movements make up the bridge');
INSERT INTO recipe_crm.contract VALUES ('800a3', '001a', '2024-01-01', '2024-12-31');
INSERT INTO recipe_crm.opportunity VALUES ('006a6', '001a', 'Renewal', 'Closed Won', true, true, '2023-12-20', 5000, NULL, '800a3', '800a1', NULL);
SELECT results_eq($$ SELECT sum(amount) FROM recipe_crm.line, unnest('{2023-12-31,2024-01-01}'::date[]) day WHERE account_id = '001a' AND valid @> day GROUP BY day ORDER BY day $$, 'VALUES (72000.00), (80000.00)', 'a contract renewed by two counts once');

SELECT diag('Invoices');
\i :invoices
-- Each day of service is a share of its month; the key is account and currency.
TRUNCATE daily;
INSERT INTO daily
SELECT key, day, coalesce(sum(monthly), 0)
FROM (SELECT DISTINCT account || ' ' || currency FROM recipe_invoices.invoice_line) k (key) CROSS JOIN (SELECT t::date AS day FROM generate_series(timestamp '2023-12-01', '2025-01-31', '1 day') t) d
LEFT JOIN (
    SELECT l.*, round(amount / (SELECT sum(1 / extract(day FROM date_trunc('month', t) + interval '1 month - 1 day')) FROM generate_series(service_start::timestamp, service_end::timestamp, '1 day') t), 2) AS monthly
    FROM recipe_invoices.invoice_line l WHERE kind NOT IN ('one-time', 'refund')) l ON l.account || ' ' || l.currency = key AND day >= service_start AND day <= service_end
GROUP BY key, day;
CREATE TABLE by_hand AS
WITH quarter AS (SELECT t::date AS b, (t + interval '3 months')::date AS next FROM generate_series(timestamp '2024-01-01', '2024-10-01', '3 months') t),
account AS (
    SELECT b, split_part(s.account, ' ', 1) AS account, sum(s.amount * o.rate) AS s, sum(e.amount * o.rate) AS e, sum(e.amount * c.rate) AS e_closing
    FROM quarter JOIN daily s ON s.day = b - 1 JOIN daily e ON e.day = next - 1 AND e.account = s.account
    JOIN recipe_invoices.exchange_rate o ON o.at = b - 1 AND o.currency = split_part(s.account, ' ', 2) JOIN recipe_invoices.exchange_rate c ON c.at = next - 1 AND c.currency = o.currency
    GROUP BY 1, 2)
SELECT b, sum(s) AS starting, sum(CASE WHEN s = 0 THEN e ELSE 0 END) AS won, sum(CASE WHEN s > 0 AND e > s THEN e - s ELSE 0 END) AS expansion, sum(CASE WHEN s > e AND e > 0 THEN s - e ELSE 0 END) AS contraction,
       sum(CASE WHEN e = 0 THEN s ELSE 0 END) AS churned, sum(e_closing - e) AS exchange_effect, sum(e_closing) AS ending
FROM account GROUP BY b;
SELECT results_eq('SELECT period_start, starting, new + reactivation, expansion, contraction, churned, exchange_effect, ending FROM recipe_invoices.quarterly_bridge ORDER BY 1', 'SELECT * FROM by_hand ORDER BY 1', 'the bridge by quarter, exchange effect included, is that of plain SQL');
SELECT is_empty('SELECT * FROM recipe_invoices.quarterly_bridge WHERE starting + new + reactivation + expansion - contraction - churned + exchange_effect <> ending', 'bridge and exchange effect close exactly');
SELECT is_empty('SELECT * FROM (SELECT starting, lag(ending) OVER (ORDER BY period_start) AS before FROM recipe_invoices.quarterly_bridge) x WHERE starting <> before', 'and each quarter starts with what the one before ended with');
SELECT is((SELECT ending FROM recipe_invoices.quarterly_bridge ORDER BY period_start DESC LIMIT 1), (SELECT sum(amount * rate) FROM daily JOIN recipe_invoices.exchange_rate ON at = day AND currency = split_part(account, ' ', 2) WHERE day = '2024-12-31'), 'the ending amount is that of the last day at its rates');
SELECT results_eq('SELECT exchange_effect FROM recipe_invoices.quarterly_bridge ORDER BY period_start', 'VALUES (1300 * 0.03 + 200 * 0.02), (200 * 0.01), (1300 * -0.04 + 160 * 0.02), (300 * 0.07 + 160 * 0.01)', 'by hand: amounts at the end times the change of the rate');
SELECT results_eq('SELECT starting, ending FROM recipe_invoices.quarterly_bridge ORDER BY period_start LIMIT 1', 'VALUES (100 + 1200 * 0.90, 100 + 1300 * 0.93 + 200 * 1.17)', 'by hand: starting at the rates when the quarter starts, ending at those when it ends');
SELECT results_eq('SELECT round(ndr, 10), round(grr, 10), round(logo_churn, 10), round(ndr_with_exchange, 10) FROM recipe_invoices.year', 'SELECT round((150 + 300 * 0.90 + 50) / 1180, 10), round((100 + 300 * 0.90) / 1180, 10), round(1 / 3.0, 10), round((150 + 300 * 0.96 + 50) / 1180, 10)', 'by hand: NDR in constant currency, and with what the exchange did');
SELECT is((SELECT ndr FROM recipe_invoices.year), (SELECT ndr(retention_agg(h, '2024-01-01', '2025-01-01')) FROM (SELECT rollup(in_currency(history, rate, 'EUR')) AS h FROM recipe_invoices.account_history JOIN recipe_invoices.exchange_rate USING (currency) WHERE at = '2023-12-31' GROUP BY account) x), 'which is that of the histories converted at one rate');
SELECT is((SELECT sum(change) FROM recipe_invoices.movement), (SELECT sum(ending - starting) FROM recipe_invoices.quarterly_bridge), 'the movements make up the bridge, the exchange effect is one of them');
SELECT results_eq($$ SELECT account, movement, change FROM recipe_invoices.movement WHERE period_start = '2024-07-01' AND account = 'doyle' ORDER BY 2 $$, $$ VALUES ('doyle', 'exchange', -12.00), ('doyle', 'expansion', 50.00) $$, 'two currencies of one account: a second product is an expansion');
SELECT results_eq($$ SELECT amount_at(history, day) FROM recipe_invoices.account_history, unnest('{2024-04-15,2024-04-16,2024-05-01}'::date[]) day WHERE account = 'acme' ORDER BY day $$, 'VALUES (100.00), (150.00), (150.00)', 'prorations: less the old price, plus the new one, from their first day on');
SELECT results_eq($$ SELECT amount_at(history, day) FROM recipe_invoices.account_history, unnest('{2024-09-30,2024-10-01}'::date[]) day WHERE account = 'birch' ORDER BY day $$, 'VALUES (1000.00), (0.00)', 'a credit for days of service takes their revenue back, from the first of them on');
SELECT results_eq($$ SELECT amount_at(history, day) FROM recipe_invoices.account_history, unnest('{2024-05-19,2024-05-31}'::date[]) day WHERE account = 'acme' ORDER BY day $$, 'VALUES (150.00), (150.00)', 'a refund changes nothing');
SELECT is((SELECT count(*) FROM recipe_invoices.account_history, steps(history) WHERE account = 'doyle'), 2::bigint, 'neither does a one-time line, nor a credit without a period');
SELECT results_eq($$ SELECT amount_at(history, day) FROM recipe_invoices.account_history, unnest('{2023-12-31,2024-01-01}'::date[]) day WHERE account = 'birch' ORDER BY day $$, 'VALUES (900.00), (1000.00)', 'a year billed at once is a twelfth a month, to its last day');
SELECT results_eq($$ SELECT first, round(recipe_invoices.months(first, next), 4) FROM (VALUES (date '2024-01-01', date '2025-01-01'), ('2024-01-31', '2024-02-29'), ('2024-02-29', '2024-03-29'), ('2024-03-16', '2024-04-01'), ('2024-11-15', '2025-02-15')) v (first, next) ORDER BY next - first DESC $$,
                  $$ VALUES (date '2024-01-01', 12.0000), ('2024-11-15', 3.0000), ('2024-01-31', 1.0000), ('2024-02-29', 1.0000), ('2024-03-16', round(16 / 31.0, 4)) $$, 'months of a period');
INSERT INTO recipe_invoices.invoice_line VALUES ('egret', '2024-01-31', 'recurring', '2024-01-31', '2024-02-28', 'EUR', 70), ('egret', '2024-02-29', 'recurring', '2024-02-29', '2024-03-30', 'EUR', 70), ('egret', '2024-03-31', 'recurring', '2024-03-31', '2024-04-29', 'EUR', 70);
SELECT is((SELECT history_agg(valid, amount) FROM recipe_invoices.line WHERE account = 'egret'), history_agg('[2024-01-31,2024-04-30)'::daterange, 70), 'months from the 31st on are months');
DELETE FROM recipe_invoices.exchange_rate WHERE currency = 'GBP' AND at = '2024-06-30';
SELECT results_eq('SELECT currency, at FROM recipe_invoices.missing_rate', $$ VALUES ('GBP', date '2024-06-30') $$, 'a rate that is missing is named');

SELECT diag('Events');
\i :events
TRUNCATE daily;
INSERT INTO daily
SELECT account, day, coalesce(sum(mrr), 0)
FROM (SELECT DISTINCT account FROM recipe_events.event_log) a CROSS JOIN (SELECT t::date AS day FROM generate_series(timestamp '2023-11-01', '2024-07-31', '1 day') t) d
LEFT JOIN LATERAL (
    SELECT DISTINCT ON (subscription) mrr FROM recipe_events.event_log l
    WHERE l.account = a.account AND l.mrr IS NOT NULL AND occurred_at < (day + 1)::timestamp AT TIME ZONE 'UTC' ORDER BY subscription, occurred_at DESC) s ON true
GROUP BY account, day;
SELECT results_eq('SELECT period_start, starting, new, reactivation, expansion, contraction, churned, ending FROM recipe_events.monthly_bridge', $$ SELECT * FROM plain_bridge('2024-01-01', '2024-07-01', '1 month') $$, 'the bridge by month is that of plain SQL');
SELECT is((SELECT sum(change) FROM recipe_events.movement), (SELECT sum(net_new) FROM recipe_events.monthly_bridge), 'the movements make up the bridge');
SELECT results_eq('SELECT account, history FROM recipe_events.account_history ORDER BY 1', 'SELECT account, history_change_agg(day, change) FROM recipe_events.ledger GROUP BY account ORDER BY 1', 'upkeep leaves what a fill from all events gives');
SELECT results_eq($$ SELECT period_start, movement, change FROM recipe_events.movement WHERE account = 'fjord' ORDER BY 1 $$, $$ VALUES (date '2024-03-01', 'new', 60.00), ('2024-04-01', 'expansion', 30.00), ('2024-06-01', 'expansion', 10.00) $$, 'a late event has its place in April, and the next change is less by it');
SELECT results_eq($$ SELECT movement, change FROM recipe_events.movement WHERE account = 'egret' ORDER BY period_start $$, $$ VALUES ('new', 150.00), ('churn', -150.00) $$, 'an event that comes twice counts once; an announced cancellation changes nothing, one that takes effect does');
SELECT is((SELECT first_active(history) FROM recipe_events.account_history WHERE account = 'doyle'), NULL, 'who cancels in the trial never was a customer');
SELECT results_eq($$ SELECT cohort, age, accounts, active, revenue FROM recipe_events.revenue_cohort ORDER BY 1, 2 $$,
    $$ WITH came AS (SELECT account, date_trunc('month', min(day))::date AS cohort FROM daily WHERE amount > 0 GROUP BY account),
       cell AS (SELECT cohort, age, (cohort + (age + 1) * interval '1 month')::date - 1 AS last_day FROM (SELECT DISTINCT cohort FROM came WHERE cohort >= '2024-01-01') c, generate_series(0, 5) age)
       SELECT cohort, age, count(*), count(*) FILTER (WHERE amount > 0), sum(amount) FROM cell JOIN came USING (cohort) JOIN daily USING (account) WHERE day = last_day AND last_day < '2024-07-01' GROUP BY 1, 2 ORDER BY 1, 2 $$, 'cohorts by revenue are those of plain SQL');
SELECT results_eq($$ SELECT cohort, age, accounts, active, logins FROM recipe_events.activity_cohort ORDER BY 1, 2 $$,
    $$ WITH login AS (SELECT DISTINCT event_id, account, date_trunc('month', occurred_at AT TIME ZONE 'UTC') AS month FROM recipe_events.event_log WHERE type = 'login'),
       came AS (SELECT account, min(month) AS cohort FROM login GROUP BY account)
       SELECT c.cohort::date, age, (SELECT count(*) FROM came x WHERE x.cohort = c.cohort), count(DISTINCT l.account), count(l.account)::numeric
       FROM (SELECT DISTINCT cohort FROM came) c CROSS JOIN generate_series(0, 5) age LEFT JOIN (login l JOIN came USING (account)) ON came.cohort = c.cohort AND l.month = c.cohort + age * interval '1 month'
       WHERE c.cohort + age * interval '1 month' <= '2024-06-01' GROUP BY c.cohort, age ORDER BY 1, 2 $$, 'cohorts by activity are those of plain SQL, each event once');
SELECT is((SELECT row(accounts, active, logins)::text FROM recipe_events.activity_cohort WHERE cohort = '2024-02-01' AND age = 0), '(2,2,2)', 'by hand: two came in February, one login was delivered twice');

SELECT diag('Settings');
-- Run again, under other settings: the same, to the letter.
\set first :built '/results/recipes.first.txt'
\set second :built '/results/recipes.second.txt'
\o :first
\i :stripe
\i :chargebee
\i :crm
\i :invoices
\i :events
SET LOCAL timezone = 'Pacific/Kiritimati';
SET LOCAL datestyle = 'SQL, DMY';
SET LOCAL intervalstyle = 'iso_8601';
SET LOCAL extra_float_digits = -15;
DO $$
BEGIN
    SET LOCAL lc_numeric = 'de_DE.utf8';
    SET LOCAL lc_time = 'de_DE.utf8';
    SET LOCAL lc_monetary = 'de_DE.utf8';
EXCEPTION WHEN invalid_parameter_value THEN
    NULL;  -- this system has no such locale
END $$;
\o :second
\i :stripe
\i :chargebee
\i :crm
\i :invoices
\i :events
\o
\set same `cmp :'first' :'second' && echo yes`
\set lines `wc -l < :'first'`
\set removed `rm -f :'first' :'second'`
SELECT is(:'same'::text, 'yes', 'they run again, and print the same under other settings');
SELECT cmp_ok(:lines::bigint, '>', 80::bigint, 'and that is not nothing');
SELECT * FROM finish();
ROLLBACK;
