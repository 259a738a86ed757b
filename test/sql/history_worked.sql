\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
SET LOCAL intervalstyle = 'postgres';
-- Worked numbers and rules of movements over histories, each with its exact figure.
SELECT plan(37);

-- 8: 100 accounts at 100 a month and 50 accounts at 600 a year.
CREATE TABLE billed AS
SELECT account, history_agg('[2024-01-01,)'::daterange, CASE WHEN account <= 100 THEN 100 ELSE round(600 / 12.0, 2) END) AS h FROM generate_series(1, 150) account GROUP BY account;
SELECT is((SELECT amount_at(rollup(h), '2024-06-30') FROM billed), 12500.00, 'worked number 8: MRR is 12,500');
SELECT is((SELECT ending(retention_agg(h, '2024-01-01', '2024-07-01')) FROM billed), 12500.00, 'worked number 8: the ending amount is 12,500');
SELECT is((SELECT new_business(retention_agg(h, '2024-01-01', '2024-07-01')) FROM billed), 12500.00, 'worked number 8: all of it new');

-- 9: 500 before the interval, upgraded to 1,379 inside it, then churned.
CREATE TABLE upgraded AS SELECT history_agg(valid, amount) AS h FROM (VALUES (daterange('2023-05-01', '2024-03-01'), 500), (daterange('2024-03-01', '2024-10-01'), 1379)) v (valid, amount);
SELECT is((SELECT ndr(retention_agg(h, '2024-01-01', '2025-01-01')) FROM upgraded), 0.00000000000000000000, 'worked number 9: NDR is 0');
SELECT is((SELECT revenue_churn(retention_agg(h, '2024-01-01', '2025-01-01')) FROM upgraded), 1.00000000000000000000, 'worked number 9: revenue churn is 1.00, not 2.758');
SELECT is((SELECT churned(retention_agg(h, '2024-01-01', '2025-01-01')) FROM upgraded), 500::numeric, 'worked number 9: 500 churned');
SELECT is((SELECT array_agg(movement || ' ' || change ORDER BY period_start) FROM upgraded, movements(h, '2024-01-01', '2025-01-01', '1 month')), '{expansion 879,churn -1379}', 'worked number 9: by month it grew first');

-- 10: 2,000 a year, 60 a year more, 60 less, ended, back.
CREATE TABLE yearly AS
SELECT history_agg(valid, round(amount / 12.0, 2)) AS h FROM (VALUES (daterange('2024-01-10', '2024-02-10'), 2000), (daterange('2024-02-10', '2024-03-10'), 2060), (daterange('2024-03-10', '2024-04-10'), 2000), (daterange('2024-05-10', NULL), 2000)) v (valid, amount);
SELECT is((SELECT array_agg(movement || ' ' || change ORDER BY period_start) FROM yearly, movements(h, '2024-01-01', '2024-07-01', '1 month')),
          '{new 166.67,expansion 5.00,contraction -5.00,churn -166.67,reactivation 166.67}', 'worked number 10: new, expansion, contraction, churn, reactivation');

-- Rules of movements, month by month: an amount for each month from January, and what each month must be.
CREATE TABLE scenarios (scenario text, amounts numeric[], movements text[]);
INSERT INTO scenarios VALUES
    ('arrives and leaves', '{100,0}', '{new,churn}'),
    ('stays away', '{100,0,0}', '{new,churn,NULL}'),
    ('returns with more', '{100,0,120}', '{new,churn,reactivation}'),
    ('returns as before', '{100,0,100}', '{new,churn,reactivation}'),
    ('returns with less after a long time', '{100,0,0,0,0,0,0,80}', '{new,churn,NULL,NULL,NULL,NULL,NULL,reactivation}'),
    ('returns twice', '{5,0,7,0,9}', '{new,churn,reactivation,churn,reactivation}'),
    ('is halved', '{100,50}', '{new,contraction}'),
    ('grows', '{100,150}', '{new,expansion}'),
    ('stays as it is', '{100,100}', '{new,NULL}'),
    ('starts with a free month', '{0,100}', '{NULL,new}'),
    ('starts with two free months', '{0,0,100}', '{NULL,NULL,new}'),
    ('is only ever free', '{0,0}', '{NULL,NULL}'),
    ('misses a row, which is an amount of 0', '{100,NULL,100}', '{new,churn,reactivation}');
CREATE TABLE told AS
SELECT scenario, history_agg((date '2023-12-15' + i * interval '1 month')::date, a, '1 month') AS h FROM scenarios, unnest(amounts) WITH ORDINALITY u (a, i) GROUP BY scenario;
SELECT is((SELECT array_agg(movement ORDER BY i) FROM generate_series(1, cardinality(movements)) i LEFT JOIN movements(h, '2024-01-01', '2025-01-01', '1 month') m ON period_start = (date '2023-12-01' + i * interval '1 month')::date), movements,
          'an account that ' || scenario) FROM scenarios JOIN told USING (scenario) ORDER BY scenario;

-- In between the two points nothing shows; the finer run shows it.
SELECT is((SELECT accounts_ending(r) + accounts_churned(r) + accounts_new(r) FROM (SELECT retention_agg(h, '2024-01-01', '2025-01-01') AS r FROM told WHERE scenario = 'arrives and leaves') x), 0::bigint, 'joined and left between two points: invisible');
SELECT is((SELECT array_agg(new || ' ' || churned ORDER BY period_start) FROM (SELECT bridge_agg(h, '2024-01-01', '2024-04-01', '1 month') AS rs FROM told WHERE scenario = 'arrives and leaves') x, bridge(rs)), '{"100 0","0 100","0 0"}', 'joined and left: the finer run shows both');
SELECT is((SELECT ndr(retention_agg(h, '2024-02-01', '2024-04-01')) FROM told WHERE scenario = 'returns with more'), 1.2, 'a gap inside the interval is invisible point to point');
SELECT is((SELECT grr(retention_agg(h, '2024-02-01', '2024-04-01')) FROM told WHERE scenario = 'returns with more'), 1.0, 'a gap inside the interval: retained, with its cap');
SELECT is((SELECT new_business(retention_agg(h, '2024-03-01', '2024-04-01')) + 0 * reactivation(retention_agg(h, '2024-03-01', '2024-04-01')) FROM told WHERE scenario = 'returns with more'), 0::numeric, 'a return is not new');
SELECT is((SELECT new_business(retention_agg(new_after(h, '3 weeks'), '2024-03-01', '2024-04-01')) FROM told WHERE scenario = 'returns with more'), 120::numeric, 'new_after: after an absence that is longer, it is');
SELECT is((SELECT array_agg(movement || ' ' || change ORDER BY period_start) FROM told, movements(close_gaps(h, '2 months'), '2024-01-01', '2024-07-01', '1 month') WHERE scenario = 'returns with more'), '{"new 100","expansion 20","churn -120"}', 'close_gaps: an absence within the period of grace is none');
SELECT is((SELECT count(*) FROM told, movements(close_gaps(h, '1 month'), '2024-01-01', '2024-07-01', '1 month') WHERE scenario = 'returns with more'), 4::bigint, 'close_gaps: an absence as long as the period of grace is one');
SELECT is((SELECT count(*) FROM told, movements(new_after(h, '1 month'), '2024-03-01', '2024-07-01', '1 month') WHERE scenario = 'returns with more' AND movement = 'reactivation'), 1::bigint, 'new_after: an absence as long as that is not longer');

-- Grain, product swap, first seen inside the interval.
SELECT is((SELECT expansion(r) || ' ' || contraction(r) FROM (SELECT retention_agg(h, '2024-01-01', '2025-01-01') AS r FROM (SELECT history_agg(valid, 100) AS h FROM (VALUES (daterange('2023-01-01', '2024-06-01')), (daterange('2024-06-01', NULL))) v (valid)) x) y), '0 0', 'a product swap nets out at the grain of the account');
SELECT is((SELECT new_business(r) || ' ' || churned(r) FROM (SELECT retention_agg(h, '2024-01-01', '2025-01-01') AS r FROM (SELECT history_agg(valid, 100) AS h FROM (VALUES (daterange('2023-01-01', '2024-06-01')), (daterange('2024-06-01', NULL))) v (valid) GROUP BY valid) x) y), '100 100', 'a product swap by key is churn and new');
SELECT is((SELECT accounts_new(retention_agg(h, '2024-01-01', '2024-04-01')) FROM told WHERE scenario = 'returns as before'), 1::bigint, 'first active inside the interval, gap or not, is new');
SELECT is((SELECT starting(r) || ' ' || ending(r) FROM (SELECT retention_agg(h, '2024-01-01', '2025-01-01') AS r FROM (SELECT history_change_agg(at, change) AS h FROM (VALUES (date '2024-01-01', 10), ('2023-12-31', 5), ('2024-12-31', 3), ('2025-01-01', 7)) v (at, change)) y) x), '5 18',
          'a change belongs to the interval that contains its day');

-- Upkeep: a table of histories that is added to is the one that is built anew.
CREATE TABLE sold AS SELECT i % 7 AS account, (date '2023-01-01' + i * 3) AS at, i AS amount FROM generate_series(1, 200) i;
CREATE TABLE kept (account int PRIMARY KEY, history revenue_history NOT NULL);
INSERT INTO kept SELECT account, history_agg(at, amount, '1 month') FROM sold WHERE at < '2024-01-01' GROUP BY account;
INSERT INTO kept SELECT account, history_agg(at, amount, '1 month') FROM sold WHERE at >= '2024-01-01' GROUP BY account ON CONFLICT (account) DO UPDATE SET history = kept.history + excluded.history;
SELECT is_empty($$ SELECT account FROM kept JOIN (SELECT account, history_agg(at, amount, '1 month') AS h FROM sold GROUP BY account) s USING (account) WHERE history <> h $$, 'adding the new months is building anew');
UPDATE kept SET history = history - (SELECT history_agg(date '2023-06-03', 10, '1 month')) + (SELECT history_agg(date '2023-06-03', 25, '1 month')) WHERE account = 3;
SELECT is((SELECT amount_at(history, '2023-06-30') FROM kept WHERE account = 3), (SELECT sum(amount)::numeric + 15 FROM sold WHERE account = 3 AND date_trunc('month', at) = '2023-06-01'), 'a row of the past is taken back and entered anew');
SELECT is(12 * h, h * 12, 'a factor before or behind') FROM (SELECT history_agg(date '2024-01-01', 10.50, '1 month') AS h) x;

SELECT * FROM finish();
ROLLBACK;
