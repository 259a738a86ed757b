-- Accounts whose key changes: merged into another, split, moved to another parent.
-- Shows: a table of who belonged to whom and when; figures by parent in which a merger is no churn and a move no contraction.
--
-- To use it, put views of the same names over your own tables in place of the first part. The second part is to be kept, the third
-- asks. Plain SQL throughout. It can be run again: it drops the schema recipe_parents first, so leave nothing else in there.
--
-- What counts:
--   * An account is what has rows of its own: a site, a subscription, a customer number. A parent is who is asked about.
--   * Of each interval both ends are added up by the mapping of its last day. So what moves inside an interval has moved at its
--     start already: the revenue that a parent gets or loses by the move alone is no movement, in whatever interval.
--   * The ending of an interval and the starting of the next may differ by parent, never in their sum over all parents.
--   * A merger is the old account below the new one from the day on; a split is the new accounts below the old one for as long as
--     they count as one customer; an account without a row is its own parent.

DROP SCHEMA IF EXISTS recipe_parents CASCADE;
CREATE SCHEMA recipe_parents;

-- 1. What you have: subscriptions, and who belonged to whom. Two examples: b merges into a, which signs one contract for both; the
-- site c1 moves from the group p to the group q.

CREATE TABLE recipe_parents.subscription (account text, valid daterange, amount numeric(12,2));
INSERT INTO recipe_parents.subscription VALUES
	('a', '[2023-02-01,2024-07-01)', 100), ('a', '[2024-07-01,)', 150), ('b', '[2023-03-01,2024-07-01)', 60), ('c', '[2023-04-01,)', 40),
	('p1', '[2023-02-01,)', 70), ('c1', '[2023-02-01,2024-06-01)', 30), ('c1', '[2024-06-01,)', 45), ('q1', '[2023-02-01,)', 50), ('n1', '[2024-03-10,)', 20);

CREATE TABLE recipe_parents.parent_of (account text, parent text, valid daterange);
INSERT INTO recipe_parents.parent_of VALUES
	('b', 'a', '[2024-07-01,)'),
	('p1', 'p', '(,)'), ('c1', 'p', '(,2024-05-15)'), ('c1', 'q', '[2024-05-15,)'), ('q1', 'q', '(,)'), ('n1', 'q', '(,)');

-- 2. To keep.

CREATE VIEW recipe_parents.account_history AS
SELECT account, history_agg(valid, amount) AS history FROM recipe_parents.subscription GROUP BY account;

-- An account has one parent on a day: rows of this view would count twice.
CREATE VIEW recipe_parents.parent_conflict AS
SELECT a.account, a.parent, b.parent AS other_parent, a.valid * b.valid AS days
FROM recipe_parents.parent_of a JOIN recipe_parents.parent_of b ON a.account = b.account AND a.valid && b.valid AND a.ctid < b.ctid;

-- For each interval the history of each parent, by the mapping of the interval's last day.
CREATE FUNCTION recipe_parents.parent_history(from_date date, to_date date, step interval)
RETURNS TABLE (period_start date, period_end date, parent text, history revenue_history)
LANGUAGE sql STABLE AS $$
	SELECT i.period_start, i.period_end, coalesce(p.parent, a.account), rollup(a.history)
	FROM intervals(from_date, to_date, step) AS i CROSS JOIN recipe_parents.account_history AS a
	LEFT JOIN recipe_parents.parent_of AS p ON p.account = a.account AND p.valid @> i.period_end - 1
	GROUP BY 1, 2, 3
$$;

CREATE FUNCTION recipe_parents.bridge(from_date date, to_date date, step interval) RETURNS retention_summary[]
LANGUAGE sql STABLE AS $$
	SELECT array_agg(r ORDER BY period_start)
	FROM (SELECT h.period_start, retention_agg(h.history, h.period_start, h.period_end) AS r
		FROM recipe_parents.parent_history(from_date, to_date, step) AS h GROUP BY h.period_start) AS x
$$;

-- 3. What people ask.

-- Is the mapping sound? It should print nothing.
SELECT * FROM recipe_parents.parent_conflict;

-- The year of a, b and c, by parent and by account: the merger costs nobody, and 10 of revenue.
SELECT 'by parent' AS grain, round(ndr(r), 4) AS ndr, round(grr(r), 4) AS grr, round(logo_churn(r), 4) AS logo_churn
FROM (SELECT retention_agg(history, period_start, period_end) AS r
	FROM recipe_parents.parent_history('2024-01-01', '2025-01-01', '1 year') WHERE parent IN ('a', 'b', 'c')) AS x
UNION ALL
SELECT 'by account', round(ndr(r), 4), round(grr(r), 4), round(logo_churn(r), 4)
FROM (SELECT retention_agg(history, '2024-01-01', '2025-01-01') AS r
	FROM recipe_parents.account_history WHERE account IN ('a', 'b', 'c')) AS x;

-- Month by month, of all: each line adds up, and starts with what the line before ended with.
SELECT to_char(period_start, 'YYYY-MM') AS month, starting, new, expansion, contraction, churned, ending
FROM bridge(recipe_parents.bridge('2024-03-01', '2024-08-01', '1 month')) ORDER BY 1;

-- And by parent, of p and q: q has the site from the start of May, in whose course it moves, and the move is no movement.
SELECT to_char(period_start, 'YYYY-MM') AS month, parent, starting(r), expansion(r), contraction(r), ending(r)
FROM (SELECT period_start, parent, retention_agg(history, period_start, period_end) AS r
	FROM recipe_parents.parent_history('2024-03-01', '2024-07-01', '1 month') WHERE parent IN ('p', 'q') GROUP BY 1, 2) AS x
ORDER BY 2, 1;
