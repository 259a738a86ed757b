select currency, cohort, age::bigint as age, accounts, active, revenue, round(logo_retention, 10) as logo_retention,
	round(revenue_retention, 10) as revenue_retention
from (
	select currency, {{ csm_metrics.fn('cohort_agg') }}(history, {{ csm_metrics.from_month() }}, {{ csm_metrics.to_month() }}, '3 months') as cohorts
	from {{ ref('csm_history') }}
	group by currency) as x,
	{{ csm_metrics.fn('cohort_table') }}(cohorts)
