\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- examples/customer_success.sql over a small company, against figures worked by hand.
SELECT plan(34);
\set examples :tests '/../examples/customer_success.sql'
\i :examples

INSERT INTO capacity VALUES ('small business [0,25000)', NULL, 250), ('mid-market [25000,100000)', 1000000, 20), ('enterprise [100000,)', 2000000, NULL);
INSERT INTO manager VALUES ('Ann', 1, 1.20), ('Bob', 0.5, 1.10), ('Cleo', 1, 1.05);
INSERT INTO account VALUES
    (1, 1000000, 1100000, 'Ann', 'Ann'), (2, 500000, 400000, 'Ann', 'Ann'), (3, 200000, 0, NULL, 'Ann'), (4, 80000, 90000, 'Bob', 'Bob'), (5, 50000, 60000, 'Bob', 'Bob'), (6, NULL, 50000, 'Bob', NULL),
    (7, 20000, 20000, NULL, NULL), (8, 10000, 12000, NULL, NULL), (9, 1500000, 1800000, 'Ann', 'Bob');
SELECT results_eq('SELECT csm, accounts, arr, round(load, 6), round(covered_arr, 2) FROM manager_book ORDER BY csm', $$ VALUES ('Ann', 3::bigint, 3300000::numeric, 1.65, 2000000.00), ('Bob', 3, 200000, 0.4, 200000.00), ('Cleo', 0, 0, 0, 0.00) $$, 'books: half-time halves the capacity, a manager without accounts is there');
SELECT results_eq('SELECT segment::text, accounts, round(covered, 6) FROM segment_coverage s ORDER BY s.segment', $$ VALUES ('small business [0,25000)', 2::bigint, 0::numeric), ('mid-market [25000,100000)', 3, 1), ('enterprise [100000,)', 3, round(2 / 3.3, 6)) $$, 'coverage by segment');
SELECT is((SELECT sum(covered * arr) / sum(arr) - csm_coverage(c) FROM segment_coverage, coverage GROUP BY c) < 1e-15, true, 'coverage by segment adds up to coverage');
SELECT is((SELECT row(csms(c), overloaded_csms(c), round(required_csms(c), 4), headcount_gap(c))::text FROM coverage), row(3, 1, 1.65 + 0.4 + 0.0080, 0)::text, 'managers required: two and a bit of three');
SELECT results_eq('SELECT segment::text, round(required, 4), round(managers, 4), round(gap, 4), large_accounts, has_manager, hire_first, round(contacts_per_account) FROM segment_headcount s ORDER BY s.segment',
                  $$ VALUES ('small business [0,25000)', 0.0080, 0.0, 0.0080, 0::bigint, false, false, 400::numeric), ('mid-market [25000,100000)', 0.2, 0.5, -0.3, 3, true, false, 267), ('enterprise [100000,)', 1.65, 1, 0.65, 3, true, false, 533) $$, 'headcount by segment');
SELECT results_eq('SELECT round(required, 4), managers, round(gap, 4), to_hire FROM headcount', 'VALUES (1.858, 2.5, -0.642, 0::numeric)', 'headcount over all: in full-time managers, those without accounts too');
SAVEPOINT split;
DELETE FROM account;
DELETE FROM manager;
INSERT INTO manager VALUES ('Half', 0.5, NULL);
INSERT INTO account (account, arr, csm) SELECT i, 500000, 'Half' FROM generate_series(1, 8) i;
SELECT results_eq('SELECT required, managers, gap, to_hire FROM headcount', 'VALUES (2.0, 0.5, 1.5, 2::numeric)', 'a half-time manager of a book for two: hire two');
UPDATE manager SET fte = 2;
SELECT results_eq('SELECT required, managers, gap, to_hire FROM headcount', 'VALUES (2.0, 2.0, 0.0, 0::numeric)', 'a pool of two for it: nobody');
ROLLBACK TO split;
DELETE FROM account;
UPDATE manager SET fte = CASE WHEN csm = 'Bob' THEN 1 ELSE 0.5 END;
UPDATE capacity SET arr_capacity = 3000000, account_capacity = NULL;
INSERT INTO account (account, arr, csm) SELECT i, 20000, 'Bob' FROM generate_series(1, 100) i UNION ALL SELECT 100 + i, 50000, 'Bob' FROM generate_series(1, 40) i UNION ALL SELECT 200 + i, 200000, 'Ann' FROM generate_series(1, 10) i;
SELECT results_eq('SELECT round(required, 10), managers, gap, to_hire FROM headcount', 'VALUES (2.0, 2.0, 0.0, 0::numeric)', 'three segments of two thirds make two, whatever the last digit says');
UPDATE capacity SET arr_capacity = NULL WHERE label(segment) = 'enterprise';
SELECT results_eq('SELECT required, gap, to_hire FROM headcount', 'VALUES (NULL::numeric, NULL::numeric, NULL::numeric)', 'a segment whose capacity nobody knows: not known');
DELETE FROM account;
SELECT results_eq('SELECT required, managers, to_hire FROM headcount', 'VALUES (0::numeric, 2.0, -2::numeric)', 'without accounts: nobody is needed');
ROLLBACK TO split;
UPDATE account SET csm = 'Ann' WHERE account = 4;
UPDATE account SET csm = 'Bob' WHERE account = 2;
SELECT results_eq('SELECT segment::text, round(required, 4), round(managers, 4), round(gap, 4) FROM segment_headcount s ORDER BY s.segment',
                  $$ VALUES ('small business [0,25000)', 0.0080, 0.0, 0.0080), ('mid-market [25000,100000)', 0.2, round(0.09 / 1.54 + 0.5 * 0.22 / 0.62, 4), round(0.2 - 0.09 / 1.54 - 0.5 * 0.22 / 0.62, 4)), ('enterprise [100000,)', 1.65, round(1.45 / 1.54 + 0.5 * 0.4 / 0.62, 4), round(1.65 - 1.45 / 1.54 - 0.5 * 0.4 / 0.62, 4)) $$,
                  'a manager of two segments is in each with the share of his load');
SELECT is((SELECT round(sum(managers), 10) FROM segment_headcount), 1.5::numeric(20, 10), 'and one manager in all: one full-time, one half-time');
ROLLBACK TO split;
-- Bob is away: no row.
SELECT throws_ok('UPDATE manager SET fte = 0 WHERE csm = ''Bob''', '23514', NULL, 'no working time at all is refused');
DELETE FROM manager WHERE csm = 'Bob';
SELECT results_eq('SELECT csm, accounts FROM manager_book ORDER BY csm', $$ VALUES ('Ann', 3::bigint), ('Cleo', 0) $$, 'a manager without a row is away');
SELECT is((SELECT row(unassigned_accounts(c), unassigned_arr(c))::text FROM coverage), row(5, 232000)::text, 'and his accounts are nobody''s');
ROLLBACK TO split;
SELECT results_eq('SELECT * FROM renewals_manager', 'VALUES (8::bigint, false)', 'no manager for renewals yet');
UPDATE account SET csm = NULL WHERE csm = 'Bob';
SELECT is((SELECT hire_first FROM segment_headcount WHERE label(segment) = 'mid-market'), true, 'hire the first manager at two accounts of 50k');
SAVEPOINT first;
UPDATE account SET csm = NULL;
UPDATE account SET arr = CASE WHEN account = 1 THEN 600000 ELSE 0 END WHERE arr >= 50000;
INSERT INTO account (account, arr) SELECT i, 20000 FROM generate_series(101, 125) i UNION ALL SELECT i, 40000 FROM generate_series(201, 207) i;
SELECT is((SELECT string_agg(label(segment), ',') FROM segment_headcount WHERE hire_first), NULL, 'no first manager at 532k of small accounts, one account of 600k, 280k in the middle');
INSERT INTO account (account, arr) VALUES (208, 40000);
SELECT is((SELECT string_agg(label(segment), ',') FROM segment_headcount WHERE hire_first), 'mid-market', 'hire the first manager at 300k in a middle segment');
ROLLBACK TO first;
SELECT results_eq('SELECT csm, round(ndr, 6), round(attainment, 6), round(growth_attainment, 6), gap, rank FROM quota ORDER BY rank', $$ VALUES ('Bob', round(1950 / 1630.0, 6), round(1950 / 1793.0, 6), round(320 / 163.0, 6), -157000.00, 1::bigint), ('Ann', round(15 / 17.0, 6), round(15 / 20.4, 6), round(-2 / 3.4, 6), 540000.00, 2) $$, 'quota: accounts count for whom they had at the start');
SELECT is((SELECT sum(change) FROM quota_account WHERE csm = 'Ann'), -200000::numeric, 'the accounts behind a quota make it up');
-- The worked number of the definitions: 100 accounts of 10k, 1.0 M became 1.1 M against a target of 1.20.
SELECT is((SELECT (round(quota_attainment(r, 1.20), 3), round(quota_growth_attainment(r, 1.20), 3), quota_gap(r, 1.20))::text FROM (SELECT retention_agg(10000, 11000) AS r FROM generate_series(1, 100)) x), '(0.917,0.500,100000.00)', '1.1 M of 1.0 M at a target of 1.20: 91.7 %, half of the growth, 0.1 M missing');

INSERT INTO opportunity SELECT row_number() OVER (), s, t, 10000, i <= k FROM (VALUES ('web', true, 10, 6), ('web', false, 40, 12), ('partner', true, 20, 10), ('partner', false, 20, 8), ('fair', true, 2, 2)) v (s, t, n, k), generate_series(1, n) i;
INSERT INTO renewal SELECT i, true, 100000, CASE WHEN i <= 18 THEN 100000 ELSE 0 END FROM generate_series(1, 20) i UNION ALL SELECT i, false, 10000, CASE WHEN i <= 90 THEN 10000 ELSE 0 END FROM generate_series(1, 100) i;
INSERT INTO renewal SELECT i, false, 100000, CASE WHEN i <= 8 THEN 100000 ELSE 0 END FROM generate_series(1, 10) i;
INSERT INTO upsell SELECT i, i <= 10, 50000, CASE WHEN i % 5 = 0 THEN 10000 WHEN i <= 10 THEN 5000 ELSE 0 END FROM generate_series(1, 30) i;
INSERT INTO agreed_multiplier VALUES ('onboarding', 400000, 0.25);
INSERT INTO yearly_cost VALUES ('salaries', 250000), ('tools', 50000);
SELECT results_eq('SELECT activity, round(value, 4), left_out, interval IS NULL FROM influence ORDER BY activity', $$ VALUES ('onboarding', 100000::numeric, 0::bigint, true), ('references', 50000, 1, false), ('renewals', 200000, 0, false), ('upsell', 40000, 0, false) $$,
                  'influence: references 3 of web and 2 of partner, 2 renewals of 100k, upsell 4k an account; what has no control is left out or agreed');
SELECT is((SELECT (round(value), cost, round(roi, 4), round(multiple, 4), roi_interval @> roi)::text FROM team_return), '(390000,300000,0.3000,1.3000,t)', 'the return of the team, and its interval');
SELECT cmp_ok((SELECT upper(roi_interval) - lower(roi_interval) FROM team_return), '>', 0.5, 'the interval is not small');
SAVEPOINT unknown;
DELETE FROM upsell WHERE account NOT IN (1, 11);
SELECT is((SELECT (value IS NOT NULL, interval)::text FROM influence WHERE activity = 'upsell'), '(t,)', 'one account a side: a value, its interval is not known');
SELECT is((SELECT (round(value), roi_interval)::text FROM team_return), '(355000,)', 'neither is that of the sum');
DELETE FROM upsell;
SELECT is((SELECT (round(value), roi_interval @> roi)::text FROM team_return), '(350000,t)', 'an activity without data is not in the sum');
DELETE FROM renewal;
DELETE FROM opportunity;
SELECT is((SELECT (round(value), roi_interval)::text FROM team_return), '(100000,)', 'agreed shares alone have no interval');
ROLLBACK TO unknown;
SELECT is((SELECT benchmark_position(sum(cost) / (SELECT sum(arr) FROM account), low, high) FROM yearly_cost, default_benchmarks() WHERE metric = 'cs_cost_share' AND segment = 'company below 10M' GROUP BY low, high), 'within', 'cost share against the benchmark');
SELECT cmp_ok((SELECT count(*) FROM metric_owner), '>', 10::bigint, 'metrics have departments that answer for them');
SELECT is_empty('SELECT metric FROM metric_owner WHERE answers = ANY (influences)', 'no department is both');
SELECT is((SELECT array_agg(metric ORDER BY metric)::text FROM metric_owner WHERE 'customer success' = ANY (influences)), '{"close rate of referenced deals",expansion,"lead volume","new business","product adoption","time to first value"}', 'what customer success influences without answering for it');

SELECT * FROM finish();
ROLLBACK;
