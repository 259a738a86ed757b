-- The bridge as analysts write it: a spine of months from each account's first
-- one on, so that churned and paused months exist as rows; lag() over it; sums.
-- One row an account and month is taken for granted, which spares a GROUP BY.
WITH month AS (
	SELECT generate_series(date '2023-01-01', date '2025-12-01', interval '1 month')::date AS month
), first AS (
	SELECT account, min(at) AS first_month FROM :data WHERE amount > 0 GROUP BY account
), filled AS (
	SELECT f.account, m.month, m.month = f.first_month AS is_first, coalesce(s.amount, 0.00) AS ending
	FROM first f
	JOIN month m ON m.month >= f.first_month
	LEFT JOIN :data s ON s.account = f.account AND s.at = m.month
), moved AS (
	SELECT month, is_first, ending,
		coalesce(lag(ending) OVER (PARTITION BY account ORDER BY month), 0.00) AS starting
	FROM filled
), figures AS (
	SELECT month AS period_start, (month + interval '1 month')::date AS period_end,
		sum(starting) AS starting,
		coalesce(sum(ending) FILTER (WHERE starting = 0 AND is_first), 0.00) AS new,
		coalesce(sum(ending) FILTER (WHERE starting = 0 AND NOT is_first), 0.00) AS reactivation,
		coalesce(sum(ending - starting) FILTER (WHERE starting > 0 AND ending > starting), 0.00) AS expansion,
		coalesce(sum(starting - ending) FILTER (WHERE ending > 0 AND ending < starting), 0.00) AS contraction,
		coalesce(sum(starting) FILTER (WHERE ending = 0), 0.00) AS churned,
		sum(ending) AS ending,
		sum(ending) - sum(starting) AS net_new,
		count(*) FILTER (WHERE starting > 0) AS accounts_starting,
		count(*) FILTER (WHERE starting = 0 AND ending > 0 AND is_first) AS accounts_new,
		count(*) FILTER (WHERE starting = 0 AND ending > 0 AND NOT is_first) AS accounts_reactivated,
		count(*) FILTER (WHERE starting > 0 AND ending > starting) AS accounts_expanded,
		count(*) FILTER (WHERE ending > 0 AND ending < starting) AS accounts_contracted,
		count(*) FILTER (WHERE starting > 0 AND ending = 0) AS accounts_churned,
		count(*) FILTER (WHERE ending > 0) AS accounts_ending,
		sum(ending) FILTER (WHERE starting > 0) AS ending_existing,
		sum(least(starting, ending)) AS retained
	FROM moved
	WHERE month >= '2023-02-01'
	GROUP BY month
)
SELECT period_start, period_end, starting, new, reactivation, expansion, contraction, churned,
	ending, net_new, accounts_starting, accounts_new, accounts_reactivated, accounts_expanded,
	accounts_contracted, accounts_churned, accounts_ending,
	ending_existing / nullif(starting, 0) AS ndr,
	retained / nullif(starting, 0) AS grr,
	accounts_churned::numeric / nullif(accounts_starting, 0) AS logo_churn,
	(new + reactivation + expansion) / nullif(contraction + churned, 0) AS quick_ratio
FROM figures
ORDER BY period_start;
