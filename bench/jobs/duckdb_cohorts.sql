-- The same cohorts in DuckDB.
WITH first AS (
	SELECT account, min(date_trunc('month', day))::DATE AS cohort FROM data GROUP BY account
)
SELECT cohort, date_diff('month', cohort, day) AS age, count(DISTINCT account), sum(amount)
FROM data JOIN first USING (account)
GROUP BY ALL
ORDER BY ALL
