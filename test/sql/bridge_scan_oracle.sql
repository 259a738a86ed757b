\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
\set raw_rows :tests '/include/raw_rows.sql'
\i :raw_rows
-- bridge_agg straight from raw rows equals plain SQL, in every digit, whatever the order of the rows.
SELECT plan(17);

CREATE TABLE cases (c int GENERATED ALWAYS AS IDENTITY, every interval, step interval, from_date date, to_date date);
INSERT INTO cases (every, step, from_date, to_date) VALUES
    ('1 month', '1 month', NULL, NULL), ('1 month', '3 months', NULL, NULL), ('3 months', '3 months', NULL, NULL), ('1 month', '1 year', NULL, NULL), ('6 months', '1 year', NULL, NULL),
    ('7 days', '7 days', NULL, NULL), ('7 days', '14 days', NULL, NULL), ('1 day', '30 days', NULL, NULL),
    ('1 month', '1 month', '2023-01-31', '2024-06-30'), ('1 month', '2 months', '2023-02-15', '2024-09-01'), ('3 months', '6 months', '2023-01-01', '2025-01-01'),
    ('1 month', '1 month', '2021-01-01', '2026-06-01'), ('14 days', '28 days', '2023-03-08', '2024-03-20'), ('1 month', '1 month', '2024-06-15', '2024-07-14'),
    ('1 month', '24 months', '2022-12-31', '2025-01-01'), ('1 day', '1 day', '2024-02-20', '2024-03-05');
CREATE TABLE expected AS
SELECT shape, cases.*, coalesce(snapshots_oracle(shape, every, step, from_date, to_date), '{}') AS intervals FROM cases, generate_series(0, 4) AS shape WHERE shape IN (1, 3) OR c IN (1, 2, 9, 12);
SELECT cmp_ok((SELECT count(*) FROM expected WHERE cardinality(intervals) > 0), '>', 40::bigint, 'there is something to compare');
SELECT cmp_ok((SELECT sum(accounts_reactivated(r)) FROM expected, unnest(intervals) AS r WHERE c = 1), '>', 50::numeric, 'accounts come back in it');

-- The same in five orders of the rows.
CREATE TABLE results AS
SELECT e.*, b.* FROM expected AS e, LATERAL (
    SELECT bridge_agg(account, at, amount, e.every, e.step ORDER BY i) AS in_order,
           bridge_agg(account, at, amount, e.every, e.step ORDER BY late, i) AS some_late,
           bridge_agg(account, at, amount, e.every, e.step ORDER BY i DESC) AS backwards,
           bridge_agg(account, at, amount, e.every, e.step ORDER BY account, at) AS by_account,
           bridge_agg(account, at, amount, e.every, e.step ORDER BY md5(i::text)) AS shuffled
    FROM snapshots AS s WHERE s.shape = e.shape) AS b
WHERE from_date IS NULL
UNION ALL
SELECT e.*, b.* FROM expected AS e, LATERAL (
    SELECT bridge_agg(account, at, amount, e.every, e.step, e.from_date, e.to_date ORDER BY i),
           bridge_agg(account, at, amount, e.every, e.step, e.from_date, e.to_date ORDER BY late, i),
           bridge_agg(account, at, amount, e.every, e.step, e.from_date, e.to_date ORDER BY i DESC),
           bridge_agg(account, at, amount, e.every, e.step, e.from_date, e.to_date ORDER BY account, at),
           bridge_agg(account, at, amount, e.every, e.step, e.from_date, e.to_date ORDER BY md5(i::text))
    FROM snapshots AS s WHERE s.shape = e.shape) AS b
WHERE from_date IS NOT NULL;
SELECT is_empty($$ SELECT shape, every, step, from_date FROM results WHERE in_order::text IS DISTINCT FROM intervals::text $$, 'rows in the order of dates');
SELECT is_empty($$ SELECT shape, every, step, from_date FROM results WHERE some_late::text IS DISTINCT FROM intervals::text $$, 'some rows come late');
SELECT is_empty($$ SELECT shape, every, step, from_date FROM results WHERE backwards::text IS DISTINCT FROM intervals::text $$, 'the latest rows come first');
SELECT is_empty($$ SELECT shape, every, step, from_date FROM results WHERE by_account::text IS DISTINCT FROM intervals::text $$, 'one account after the other');
SELECT is_empty($$ SELECT shape, every, step, from_date FROM results WHERE shuffled::text IS DISTINCT FROM intervals::text $$, 'rows in no order');

-- Keys of other types, and every = step left out.
CREATE TABLE by_key AS
SELECT bridge_agg(account, at, amount, '1 month' ORDER BY i) AS as_bigint, bridge_agg('account ' || account, at, amount, '1 month' ORDER BY i) AS as_text,
       bridge_agg(md5(account::text)::uuid, at, amount, '1 month' ORDER BY i) AS as_uuid, bridge_agg(repeat(md5(account::text), 1 + account % 100), at, amount, '1 month' ORDER BY md5(i::text)) AS as_long_text,
       bridge_agg(md5(account::text)::uuid, at, amount, '1 month', '2023-01-31', '2024-06-30' ORDER BY md5(i::text)) AS bounded_uuid,
       bridge_agg(account::text, at, amount, '1 month', '2023-01-31', '2024-06-30' ORDER BY late, i) AS bounded_text
FROM snapshots WHERE shape = 1;
SELECT is_empty($$ SELECT FROM by_key, expected WHERE shape = 1 AND c = 1 AND (as_bigint::text, as_text::text, as_uuid::text, as_long_text::text) IS DISTINCT FROM (intervals::text, intervals::text, intervals::text, intervals::text) $$,
                'accounts by bigint, text and uuid');
SELECT is_empty($$ SELECT FROM by_key, expected WHERE shape = 1 AND c = 9 AND (bounded_uuid::text, bounded_text::text) IS DISTINCT FROM (intervals::text, intervals::text) $$, 'the same within bounds');

-- Subscriptions.
CREATE TABLE subscription_results AS
SELECT * FROM (VALUES ('1 month'::interval), ('3 months'), ('7 days')) AS v(step), LATERAL (
    SELECT subscriptions_oracle(step) AS intervals, bridge_agg(account, valid, amount, step ORDER BY i) AS in_order, bridge_agg(account::text, valid, amount, step ORDER BY i DESC) AS backwards,
           bridge_agg(md5(account::text)::uuid, valid, amount, step ORDER BY md5(i::text)) AS shuffled
    FROM subscriptions) AS b;
CREATE TABLE bounded_subscription_results AS
SELECT * FROM (VALUES ('1 month'::interval, '2023-01-31'::date, '2024-12-31'::date), ('5 months', '2022-08-30', '2026-01-01'), ('10 days', '2023-05-05', '2024-05-05'), ('1 year', '2022-01-01', '2022-11-30'),
                     ('24 months', '2022-07-01', '2024-07-01'), ('1 month', '2023-01-01', '2030-01-01')) AS v(step, from_date, to_date), LATERAL (
    SELECT coalesce(subscriptions_oracle(step, from_date, to_date), '{}') AS intervals, bridge_agg(account, valid, amount, step, from_date, to_date ORDER BY i) AS in_order,
           bridge_agg(account::text, valid, amount, step, from_date, to_date ORDER BY i DESC) AS backwards, bridge_agg(md5(account::text)::uuid, valid, amount, step, from_date, to_date ORDER BY md5(i::text)) AS shuffled
    FROM subscriptions) AS b;
SELECT is_empty($$ SELECT step FROM subscription_results WHERE (in_order::text, backwards::text, shuffled::text) IS DISTINCT FROM (intervals::text, intervals::text, intervals::text) $$, 'subscriptions');
SELECT is_empty($$ SELECT step FROM bounded_subscription_results WHERE (in_order::text, backwards::text, shuffled::text) IS DISTINCT FROM (intervals::text, intervals::text, intervals::text) $$, 'subscriptions within bounds');
SELECT cmp_ok((SELECT sum(accounts_reactivated(r)) FROM subscription_results, unnest(intervals) AS r), '>', 20::numeric, 'subscribers come back in it');

-- Every bridge closes, and each interval starts where the one before ended.
CREATE VIEW bridges AS
SELECT row_number() OVER () AS n, intervals FROM (SELECT in_order AS intervals FROM results UNION ALL SELECT in_order FROM subscription_results UNION ALL SELECT in_order FROM bounded_subscription_results) AS b;
CREATE TABLE rows AS SELECT n, b.*, lag(b.ending) OVER w AS before, lag(b.accounts_ending) OVER w AS accounts_before FROM bridges, bridge(intervals) AS b WINDOW w AS (PARTITION BY n ORDER BY period_start);
SELECT is_empty($$ SELECT n FROM rows WHERE starting + "new" + reactivation + expansion - contraction - churned <> ending OR accounts_starting + accounts_new + accounts_reactivated - accounts_churned <> accounts_ending $$, 'every bridge closes');
SELECT is_empty($$ SELECT n FROM rows WHERE before <> starting OR accounts_before <> accounts_starting $$, 'every interval starts where the one before ended');

-- Groups within bounds add up to the whole.
SELECT is((SELECT rollup(r)::text FROM (SELECT bridge_agg(account, at, amount, '1 month', '2023-01-31', '2024-06-30' ORDER BY late, i) AS r FROM snapshots WHERE shape = 1 GROUP BY account) AS g),
          (SELECT intervals::text FROM expected WHERE shape = 1 AND c = 9), 'accounts one by one, rolled up');

-- The same by way of histories.
CREATE TABLE by_history AS
SELECT 'snapshots ' || c AS name, (SELECT bridge_agg(h, e.from_date, e.to_date, e.step)::text FROM (SELECT history_agg(at, amount, e.every, NULL, e.from_date) AS h FROM snapshots AS s WHERE s.shape = e.shape GROUP BY account) AS x) AS history, intervals::text AS raw
FROM expected AS e WHERE from_date IS NOT NULL
UNION ALL
SELECT 'subscriptions ' || step, (SELECT bridge_agg(h, e.from_date, e.to_date, e.step)::text FROM (SELECT history_agg(valid, amount) AS h FROM subscriptions GROUP BY account) AS x), in_order::text
FROM bounded_subscription_results AS e;
SELECT is_empty($$ SELECT name FROM by_history WHERE history IS DISTINCT FROM raw $$, 'by way of histories');
SELECT cmp_ok((SELECT count(*) FROM by_history), '>', 15::bigint, 'often');

SELECT finish();
ROLLBACK;
