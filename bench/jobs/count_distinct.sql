-- What is written for it: the month of the first row of each account, joined to all rows.
SELECT cohort, age, count(DISTINCT account), sum(amount)
FROM (SELECT account, first AS cohort, (extract(year FROM at) * 12 + extract(month FROM at) - extract(year FROM first) * 12 - extract(month FROM first))::int AS age, amount
	FROM (SELECT account, min(date_trunc('month', at))::date AS first FROM :data GROUP BY account) f JOIN :data USING (account)) x
GROUP BY cohort, age
ORDER BY cohort, age;
