-- Recurring revenue from a CRM: opportunities that were won, and the contracts that they made, renewed or amended, named as in
-- Salesforce.
-- Shows: inclusive end dates, co-terminating upsells and downgrades, early renewals, late renewals (close_gaps), renewals that are
-- still open, renewal rate. Map of the fields: README.md.
--
-- To use it, put views of the same names over your own tables in place of the first part. The second part is to be kept, the third
-- asks. Plain SQL throughout. It can be run again: it drops the schema recipe_crm first, so leave nothing else in there.
--
-- What counts, and from when:
--   * The unit is a year's revenue (ARR), of recurring products only. What a contract of several years is worth in all is no unit.
--   * Only what was won counts, from the day it takes effect: not from its close date.
--   * The end of a contract is its last day: the account still counts on it. daterange(start, end, '[]') says so; without it every
--     renewal leaves a gap of a day, and every account churns a day early.
--   * What amends a contract ends with it (co-termination). A renewal that starts early replaces the rest of the old term, so that
--     no day counts twice.
--   * A renewal that is signed late leaves a gap: churn, then reactivation. Where service went on meanwhile, close_gaps fills
--     absences shorter than a period of grace with the amount before. It never fills the open end: who has not signed yet is gone
--     for now, and figures of the past change when the renewal comes in.

DROP SCHEMA IF EXISTS recipe_crm CASCADE;
CREATE SCHEMA recipe_crm;

-- 1. What your sync has loaded.

CREATE TABLE recipe_crm.account (id text PRIMARY KEY, name text);
CREATE TABLE recipe_crm.contract (id text PRIMARY KEY, account_id text, start_date date, end_date date);   -- end_date: the last day
CREATE TABLE recipe_crm.opportunity (
	id text PRIMARY KEY, account_id text, type text, stage_name text, is_closed boolean, is_won boolean, close_date date,
	arr numeric(14,2),                        -- a field of your own; what the deal adds, below 0 for a downgrade
	effective_date date,                      -- of an amendment; what makes a contract starts with that
	contract_id text,                         -- the contract that it made
	renewed_contract_id text,                 -- the contract that it renews
	amended_contract_id text                  -- the contract that it adds to or takes from
);

INSERT INTO recipe_crm.account VALUES ('001a', 'Acme'), ('001b', 'Birch'), ('001c', 'Cedar'), ('001d', 'Doyle'), ('001e', 'Egret'),
	('001f', 'Fjord'), ('001g', 'Gale');
INSERT INTO recipe_crm.contract VALUES
	('800a1', '001a', '2023-01-01', '2023-12-31'), ('800a2', '001a', '2024-01-01', '2024-12-31'),
	('800b1', '001b', '2023-04-01', '2024-03-31'), ('800b2', '001b', '2024-02-01', '2025-01-31'),
	('800c1', '001c', '2023-06-16', '2024-06-15'), ('800c2', '001c', '2024-07-20', '2025-07-19'),
	('800d1', '001d', '2023-10-01', '2024-09-30'), ('800e1', '001e', '2024-02-15', '2025-02-14'),
	('800f1', '001f', '2023-12-01', '2024-11-30'), ('800f2', '001f', '2024-11-15', '2025-11-14');              -- the last one: a draft
INSERT INTO recipe_crm.opportunity VALUES
	('006a1', '001a', 'New Business', 'Closed Won',  true,  true,  '2022-12-12', 60000, NULL,         '800a1', NULL,    NULL),
	('006a2', '001a', 'Upsell',       'Closed Won',  true,  true,  '2023-06-20', 12000, '2023-07-01', NULL,    NULL,    '800a1'),
	('006a3', '001a', 'Renewal',      'Closed Won',  true,  true,  '2023-12-18', 75000, NULL,         '800a2', '800a1', NULL),
	('006a4', '001a', 'Upsell',       'Closed Won',  true,  true,  '2024-08-02', 15000, '2024-08-15', NULL,    NULL,    '800a2'),
	('006a5', '001a', 'Upsell',       'Proposal',    false, false, '2024-12-05', 20000, '2024-11-01', NULL,    NULL,    '800a2'),
	('006b1', '001b', 'New Business', 'Closed Won',  true,  true,  '2023-03-15', 40000, NULL,         '800b1', NULL,    NULL),
	('006b2', '001b', 'Renewal',      'Closed Won',  true,  true,  '2024-01-25', 50000, NULL,         '800b2', '800b1', NULL),
	('006c1', '001c', 'New Business', 'Closed Won',  true,  true,  '2023-06-02', 24000, NULL,         '800c1', NULL,    NULL),
	('006c2', '001c', 'Renewal',      'Closed Won',  true,  true,  '2024-07-19', 22000, NULL,         '800c2', '800c1', NULL),
	('006d1', '001d', 'New Business', 'Closed Won',  true,  true,  '2023-09-11', 18000, NULL,         '800d1', NULL,    NULL),
	('006d2', '001d', 'Renewal',      'Closed Lost', true,  false, '2024-09-27', 18000, NULL,         NULL,    '800d1', NULL),
	('006e1', '001e', 'New Business', 'Closed Won',  true,  true,  '2024-02-09', 30000, NULL,         '800e1', NULL,    NULL),
	('006e2', '001e', 'Downsell',     'Closed Won',  true,  true,  '2024-10-21', -6000, '2024-11-01', NULL,    NULL,    '800e1'),
	('006f1', '001f', 'New Business', 'Closed Won',  true,  true,  '2023-11-20', 10000, NULL,         '800f1', NULL,    NULL),
	('006f2', '001f', 'Renewal',      'Negotiation', false, false, '2025-01-15', 11000, NULL,         '800f2', '800f1', NULL),
	('006g1', '001g', 'New Business', 'Prospecting', false, false, '2025-02-28', 90000, NULL,         NULL,    NULL,    NULL);

-- 2. What to keep: lines of revenue, and a history an account.

-- From when to when a contract runs: to its last day, or to the day before the renewal takes over.
CREATE VIEW recipe_crm.term AS
SELECT c.id AS contract_id, c.account_id, daterange(c.start_date, c.end_date, '[]') * daterange(NULL, (
		SELECT min(renewal.start_date)
		FROM recipe_crm.opportunity o JOIN recipe_crm.contract renewal ON renewal.id = o.contract_id
		WHERE o.is_won AND o.renewed_contract_id = c.id)) AS valid
FROM recipe_crm.contract c;

CREATE VIEW recipe_crm.line AS
SELECT o.account_id, t.contract_id, t.valid * daterange(o.effective_date, NULL) AS valid, o.arr AS amount
FROM recipe_crm.opportunity o
JOIN recipe_crm.term t ON t.contract_id = coalesce(o.contract_id, o.amended_contract_id)
WHERE o.is_won;

CREATE TABLE recipe_crm.account_history (account_id text PRIMARY KEY, history revenue_history NOT NULL);
INSERT INTO recipe_crm.account_history
SELECT account_id, history_agg(valid, amount) FROM recipe_crm.line WHERE NOT isempty(valid) GROUP BY account_id;

-- Both rules side by side: as it was signed, and with late renewals as kept.
CREATE VIEW recipe_crm.history AS
SELECT 'as signed' AS rule, account_id, history FROM recipe_crm.account_history
UNION ALL
SELECT 'late renewals are kept', account_id, close_gaps(history, '3 months') FROM recipe_crm.account_history;

-- 3. What people ask.

-- What is our ARR bridge by quarter?
CREATE VIEW recipe_crm.quarterly_bridge AS
SELECT rule, b.*
FROM (SELECT rule, bridge_agg(history, '2024-01-01', '2025-01-01', '3 months') AS rs FROM recipe_crm.history GROUP BY rule) x,
	bridge(rs) AS b;

SELECT rule, to_char(period_start, 'YYYY-"Q"Q') AS quarter, starting, new, reactivation, expansion, contraction, churned, ending
FROM recipe_crm.quarterly_bridge ORDER BY rule, period_start;

-- What is our retention of the year, and chained over its quarters?
CREATE VIEW recipe_crm.year AS
SELECT rule, ndr(retention_agg(history, '2024-01-01', '2025-01-01')), grr(retention_agg(history, '2024-01-01', '2025-01-01')),
	logo_churn(retention_agg(history, '2024-01-01', '2025-01-01')),
	chained_ndr(bridge_agg(history, '2024-01-01', '2025-01-01', '3 months'))
FROM recipe_crm.history GROUP BY rule;

SELECT rule, round(ndr, 4) AS ndr, round(grr, 4) AS grr, round(logo_churn, 4) AS logo_churn,
	round(chained_ndr, 4) AS ndr_of_quarters_chained
FROM recipe_crm.year ORDER BY rule;

-- What is our renewal rate? Of the terms that a decision was taken on: what the contract came to on its last day, amendments
-- included, against what it was renewed for. The renewal is the account here.
CREATE VIEW recipe_crm.renewal AS
SELECT o.id AS opportunity_id, a.name, upper(t.valid) - 1 AS last_day, o.stage_name, o.is_closed,
	(SELECT sum(amount) FROM recipe_crm.line l WHERE l.contract_id = t.contract_id AND l.valid @> upper(t.valid) - 1) AS due,
	CASE WHEN o.is_won THEN o.arr ELSE 0 END AS renewed
FROM recipe_crm.opportunity o
JOIN recipe_crm.account a ON a.id = o.account_id
JOIN recipe_crm.term t ON t.contract_id = o.renewed_contract_id
WHERE upper(t.valid) >= '2024-01-01' AND upper(t.valid) < '2025-01-01';

SELECT sum(due) AS due, sum(renewed) AS renewed, round(grr_agg(due, renewed), 4) AS renewal_rate,
	round(ndr_agg(due, renewed), 4) AS with_upsell
FROM recipe_crm.renewal WHERE is_closed;

-- Which churn of the year may still come back? Terms that have ended, with a renewal nobody has decided on.
SELECT name, to_char(last_day, 'YYYY-MM-DD') AS last_day, due, stage_name FROM recipe_crm.renewal WHERE NOT is_closed ORDER BY 1;

-- Who stands behind it?
CREATE VIEW recipe_crm.movement AS
SELECT account_id, m.*
FROM recipe_crm.account_history, movements(close_gaps(history, '3 months'), '2024-01-01', '2025-01-01', '3 months') AS m;

SELECT to_char(period_start, 'YYYY-"Q"Q') AS quarter, name, movement, change
FROM recipe_crm.movement JOIN recipe_crm.account ON id = account_id ORDER BY 1, 2;
