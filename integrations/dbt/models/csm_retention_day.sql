{{ config(materialized='incremental', incremental_strategy='append', full_refresh=var('csm_rewrite_reports')) }}
-- Every day as it was known after it: days without a report are added, days that have one stay as they are.

with day as (
	select day::date as day
	from generate_series(
		{%- if is_incremental() %}
		coalesce((select max(day) + 1 from {{ this }}), {{ csm_metrics.report_from() }})::timestamp,
		{%- else %}
		{{ csm_metrics.report_from() }}::timestamp,
		{%- endif %}
		({{ csm_metrics.until() }} - 1)::timestamp, interval '1 day') as day
),
span as (
	select day, 'trailing year' as span, (day + 1 - interval '1 year')::date as from_date, day + 1 as to_date from day
	union all
	select day, 'month to date', date_trunc('month', day::timestamp)::date, day + 1 from day
)
select day, span, currency, segment, {{ csm_metrics.fn('retention_agg') }}(history, from_date, to_date) as summary
from (
	select day, span, from_date, to_date, currency, history,
		{{ csm_metrics.band(csm_metrics.fn('amount_at') ~ '(history, from_date - 1)', csm_metrics.fn('amount_at') ~ '(history, to_date - 1)') }} as segment
	from span, {{ ref('csm_history') }}) as x
where segment is not null
group by day, span, currency, segment
