-- The bridge of subscriptions in DuckDB: changes by account and month, and their running sum.
WITH change AS (
	SELECT account, k, sum(change) AS change
	FROM (SELECT account, greatest(date_diff('month', DATE '2023-01-01', starts), -1) AS k, amount AS change FROM data
		UNION ALL
		SELECT account, greatest(date_diff('month', DATE '2023-01-01', ends), -1), -amount FROM data WHERE ends IS NOT NULL)
	WHERE k < 36
	GROUP BY account, k
), level AS (
	SELECT account, k, sum(change) OVER (PARTITION BY account ORDER BY k) AS e, change FROM change
), first AS (
	SELECT account, min(greatest(date_diff('month', DATE '2023-01-01', starts), -1)) AS k FROM data WHERE amount > 0 GROUP BY account
), moved AS (
	SELECT l.k, e - change AS s, e, f.k = l.k AS is_first FROM level l JOIN first f USING (account) WHERE change <> 0
), by_month AS (
	SELECT k,
		coalesce(sum(e) FILTER (s = 0 AND is_first), 0) AS new,
		coalesce(sum(e) FILTER (s = 0 AND NOT is_first), 0) AS reactivation,
		coalesce(sum(e - s) FILTER (s > 0 AND e > s), 0) AS expansion,
		coalesce(sum(s - e) FILTER (e > 0 AND e < s), 0) AS contraction,
		coalesce(sum(s) FILTER (e = 0), 0) AS churned,
		sum(e - s) AS net_new
	FROM moved GROUP BY k
)
SELECT starting, new, reactivation, expansion, contraction, churned, starting + net_new AS ending
FROM (SELECT *, sum(net_new) OVER (ORDER BY k) - net_new AS starting FROM by_month)
WHERE k >= 0
ORDER BY k
