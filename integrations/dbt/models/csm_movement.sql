select account_id, currency, m.period_start, m.period_end, m.movement, m.change, m.starting, m.ending
from {{ ref('csm_history') }},
	{{ csm_metrics.fn('movements') }}(history, {{ csm_metrics.from_month() }}, {{ csm_metrics.to_month() }}, '1 month') as m
