{{ config(
	materialized='incremental', incremental_strategy='delete+insert', unique_key='account_id',
	post_hook="delete from {{ this }} where history is null") }}
-- One account's amount through time. A run writes the accounts whose rows say something else than before: late rows, corrected
-- and deleted ones. An account that has no rows any more comes as NULL and is deleted at the end of the run.

with input as (
	{{ csm_metrics.input() }}
)
{%- if is_incremental() and var('csm_changed_at') %},
touched as (
	select distinct account_id from input
	where changed_at >= coalesce((select max(raw_newest) - interval '{{ var('csm_look_back') }}' from {{ this }}), '-infinity')
)
{%- endif %},
raw as (
	select account_id, currency, {{ csm_metrics.history() }} as history, count(*) as raw_rows, max(changed_at) as raw_newest
	from input
	{%- if is_incremental() and var('csm_changed_at') %}
	where account_id in (select account_id from touched)
	{%- endif %}
	group by account_id, currency
)
{%- if is_incremental() %},
stored as (
	select * from {{ this }}
	{%- if var('csm_changed_at') %}
	where account_id in (select account_id from touched)
	{%- endif %}
),
changed as (
	select distinct account_id
	from (select *, coalesce(currency, '') as unit from raw) as r
		full join (select *, coalesce(currency, '') as unit from stored) as s using (account_id, unit)
	where not coalesce(r.history {{ csm_metrics.op('=') }} s.history
		and r.raw_rows = s.raw_rows and r.raw_newest = s.raw_newest, false)
)
select account_id, currency, history, raw_rows, raw_newest from raw where account_id in (select account_id from changed)
union all
select account_id, null, null, 0, null from changed where account_id not in (select account_id from raw)
{%- else %}
select account_id, currency, history, raw_rows, raw_newest from raw
{%- endif %}
