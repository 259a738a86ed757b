select currency, period_end - 1 as day, {{ csm_metrics.figures('r') }}
from (
	select currency, unnest({{ csm_metrics.fn('bridge_agg') }}(history, {{ csm_metrics.from_month() }}, {{ csm_metrics.to_month() }}, '1 month')) as r
	from {{ ref('csm_history') }}
	group by currency) as x,
	{{ csm_metrics.fn('bridge') }}(r) as b
