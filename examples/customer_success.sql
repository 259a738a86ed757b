-- Customer success as views over tables of your own: who covers what, who is missing, quotas, and what the work returned.
-- Copy it, and put your own tables in place of the first part.

-- What is expected of your data.

CREATE TABLE account (
	account int PRIMARY KEY, arr_starting numeric, arr numeric,  -- a year ago, and now
	csm text,                                                    -- who manages it now; NULL: nobody
	csm_starting text                                            -- who managed it a year ago
);
CREATE TABLE manager (                                           -- who is away has no row: the accounts are nobody's meanwhile
	csm text PRIMARY KEY, fte numeric NOT NULL DEFAULT 1 CHECK (fte > 0), target_ndr numeric
);
CREATE TABLE capacity (                                          -- what fills a manager, by segment
	segment segment PRIMARY KEY, arr_capacity numeric, account_capacity bigint
);
CREATE TABLE opportunity (opportunity int PRIMARY KEY, lead_source text, referenced boolean, arr numeric, won boolean);
CREATE TABLE renewal (account int, touched boolean, due numeric, renewed numeric);
CREATE TABLE upsell (account int, touched boolean, arr_before numeric, added numeric);
-- Where nobody is untouched there is nothing to compare with: a share that you have agreed on replaces the lift.
CREATE TABLE agreed_multiplier (activity text PRIMARY KEY, value_influenced numeric, share numeric);
CREATE TABLE yearly_cost (what text PRIMARY KEY, cost numeric);

-- Coverage. Each account counts with the capacities of its segment, times the working time of its manager: part-time,
-- ramping up, a pool of several.

CREATE VIEW managed AS
SELECT account, m.csm, arr, segment_of(arr, segment_scheme('enterprise')) AS segment,
	c.arr_capacity * coalesce(m.fte, 1) AS arr_capacity,
	CASE WHEN c.account_capacity > 0 THEN greatest(floor(c.account_capacity * coalesce(m.fte, 1)), 1)::bigint END AS account_capacity
FROM account a
LEFT JOIN manager m USING (csm)
LEFT JOIN capacity c ON c.segment = segment_of(arr, segment_scheme('enterprise'));

-- All managers are in it, also those who have no accounts yet.
CREATE VIEW coverage AS
SELECT coverage_agg(csm, arr, arr_capacity, account_capacity) AS c FROM (
	SELECT csm, arr, arr_capacity, account_capacity FROM managed
	UNION ALL SELECT csm, NULL, NULL, NULL FROM manager) x;

CREATE VIEW manager_book AS SELECT b.* FROM coverage, books(c) b;

-- By segment through the books of all: a manager who is full in one segment has no room in another.
CREATE VIEW segment_coverage AS
SELECT a.segment, count(*) AS accounts, sum(a.arr) AS arr,
	sum(a.arr * coalesce(b.covered_arr / nullif(b.arr, 0), 0)) / sum(a.arr) AS covered
FROM managed a LEFT JOIN manager_book b ON b.csm = a.csm
WHERE a.arr > 0
GROUP BY a.segment;

-- What each segment has of the managers, in full-time ones: of each the share of his load that lies in the segment. A
-- manager of two segments is one manager, and would be one in each if headcount_gap were asked by segment.
CREATE VIEW segment_managers AS
SELECT segment, sum(m.fte * required_csms(part) / nullif(b.load, 0)) AS managers
FROM (
	SELECT segment, csm, coverage_agg(csm, arr, arr_capacity, account_capacity) AS part
	FROM managed
	WHERE arr > 0
	GROUP BY segment, csm) x
JOIN manager_book b USING (csm)
JOIN manager m USING (csm)
GROUP BY segment;

-- Full-time managers that each segment takes, has, and lacks; whether a segment without one should get its first (at two
-- accounts of 50k, in a middle segment also at 300k in all); contacts that an account can expect in a year of 200 days with
-- 4 contacts each.
CREATE VIEW segment_headcount AS
SELECT segment, required_csms(c) AS required, coalesce(managers, 0) AS managers,
	required_csms(c) - coalesce(managers, 0) AS gap, large_accounts, accounts_managed > 0 AS has_manager,
	accounts_managed = 0 AND (large_accounts >= 2 OR middle AND arr(c) >= 300000) AS hire_first,
	200 * 4 * ceil(required_csms(c)) / nullif(accounts(c), 0) AS contacts_per_account
FROM (
	SELECT segment, coverage_agg(a.csm, arr, c.arr_capacity, c.account_capacity) AS c, count(a.csm) AS accounts_managed,
		count(*) FILTER (WHERE arr >= 50000) AS large_accounts,
		coalesce(arr_from(segment), 0) > 0 AND arr_to(segment) IS NOT NULL AS middle  -- neither the lowest nor the highest
	FROM managed a LEFT JOIN capacity c USING (segment)
	WHERE arr > 0
	GROUP BY segment) x
LEFT JOIN segment_managers USING (segment);

-- The same over all, and how many full-time managers to hire; not known while a segment has accounts and no capacity.
-- headcount_gap of the view coverage is not that: its capacities are those of the managers there are, part-time ones
-- included. Rounded before it is rounded up: quotients have a last digit.
CREATE VIEW headcount AS
SELECT required, managers, round(required - managers, 10) AS gap, ceil(round(required - managers, 10)) AS to_hire
FROM (
	SELECT CASE WHEN count(*) = count(required) THEN coalesce(sum(required), 0) END AS required,
		(SELECT coalesce(sum(fte), 0) FROM manager) AS managers
	FROM segment_headcount) x;

-- A manager for renewals alone pays from 150 customers on.
CREATE VIEW renewals_manager AS SELECT accounts(c) AS customers, accounts(c) >= 150 AS hire FROM coverage;

-- Quota: what became of the accounts that a manager had a year ago. New business is not part of it.

CREATE VIEW quota AS
SELECT csm, target_ndr, ndr(r), quota_attainment(r, target_ndr) AS attainment,
	quota_growth_attainment(r, target_ndr) AS growth_attainment, quota_gap(r, target_ndr) AS gap,
	rank() OVER (ORDER BY quota_attainment(r, target_ndr) DESC NULLS LAST) AS rank
FROM (
	SELECT m.csm, m.target_ndr, retention_agg(a.arr_starting, a.arr) AS r
	FROM account a JOIN manager m ON m.csm = a.csm_starting
	GROUP BY m.csm, m.target_ndr) x;

CREATE VIEW quota_account AS
SELECT csm_starting AS csm, account, movement(arr_starting, arr), coalesce(arr, 0) - coalesce(arr_starting, 0) AS change
FROM account
WHERE csm_starting IS NOT NULL AND movement(arr_starting, arr) <> 'new';

-- Influence. Like is compared with like: deals of one lead source, renewals of one segment. What there was to win or to
-- keep is the base.

CREATE VIEW influence AS
SELECT activity, incremental(l) AS value, incremental_interval(l, 0.95) AS interval, strata_without_control(l) AS left_out,
	'compared with the untouched' AS basis
FROM (
	SELECT 'references' AS activity, lift_agg(referenced, CASE WHEN won THEN arr ELSE 0 END, arr, lead_source) AS l
	FROM opportunity
	UNION ALL
	SELECT 'renewals', lift_agg(touched, renewed, due, label(segment_of(due, segment_scheme('enterprise')))) FROM renewal
	UNION ALL
	SELECT 'upsell', lift_agg(touched, added, arr_before, label(segment_of(arr_before, segment_scheme('enterprise'))))
	FROM upsell) x
UNION ALL
SELECT activity, value_influenced * share, NULL, 0, 'agreed share' FROM agreed_multiplier;

-- The return of the team. Activities over different accounts vary independently: squares of half intervals add up. An
-- agreed share does not vary. The interval is NULL where that of a value in the sum is not known, where nothing but agreed
-- shares is in it, and without a cost.
CREATE VIEW team_return AS
SELECT value, cost, csm_roi(value, cost) AS roi, return_multiple(value, cost) AS multiple,
	CASE WHEN known AND cost > 0
		THEN numrange(csm_roi(round(value - half, 10), cost), csm_roi(round(value + half, 10), cost), '[]') END AS roi_interval
FROM (
	SELECT sum(value) AS value, sqrt(sum(((upper(interval) - lower(interval)) / 2) ^ 2)) AS half,
		bool_and(interval IS NOT NULL) FILTER (WHERE value IS NOT NULL AND basis <> 'agreed share') AS known
	FROM influence) v,
	(SELECT sum(cost) AS cost FROM yearly_cost) c;

-- Which department answers for each metric, and which influence it.

CREATE TABLE metric_owner (metric text PRIMARY KEY, answers text NOT NULL, influences text[] NOT NULL, how text NOT NULL);
INSERT INTO metric_owner VALUES
	('net dollar retention', 'customer success', '{sales,product,support}', 'renewals and growth of the accounts that are there'),
	('gross revenue retention', 'customer success', '{product,support,onboarding}', 'what is kept, growth left out'),
	('logo churn', 'customer success', '{product,support,sales}', 'customers that do not fit leave: whom sales wins counts'),
	('renewals', 'customer success', '{finance,support}', 'what was due and what was renewed'),
	('expansion', 'sales', '{customer success,product,marketing}', 'customer success finds the need, sales closes'),
	('new business', 'sales', '{marketing,customer success}', 'references and cases come from customers'),
	('close rate of referenced deals', 'sales', '{customer success}', 'lift of referenced over other deals of a lead source'),
	('lead volume', 'marketing', '{sales,customer success}', 'advocates bring leads'),
	('product adoption', 'product', '{customer success,onboarding}', 'what is not used is not renewed'),
	('time to first value', 'onboarding', '{product,customer success}', 'from signature to the first result'),
	('time to resolution', 'support', '{product}', 'tickets by age'),
	('coverage', 'customer success', '{finance}', 'managers hired in time'),
	('cost of customer success', 'customer success', '{finance}', 'share of yearly revenue');
