{{ config(materialized='view') }}
-- The figures of csm_retention_day, all segments together. For one segment take its summary alone; ratios are never added up.

select currency, day, extract(day from day + 1) = 1 as is_month_end, span, {{ csm_metrics.figures('r') }}
from (
	select day, span, currency, {{ csm_metrics.fn('rollup') }}(summary) as r
	from {{ ref('csm_retention_day') }}
	group by day, span, currency) as x,
	{{ csm_metrics.fn('bridge') }}(r) as b
