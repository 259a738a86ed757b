{# Rows whose parts do not make the end: starting + new_business + reactivation + expansion - contraction - churned = ending,
   and the same of accounts. #}
{% test reconciles(model) %}
select * from {{ model }}
where starting + new_business + reactivation + expansion - contraction - churned is distinct from ending
	or accounts_starting + accounts_new + accounts_reactivated - accounts_churned is distinct from accounts_ending
	or ending - starting is distinct from net_new
{% endtest %}

{# Rows that do not start where the row before ended, or on another day than that. Of one currency each. #}
{% test continues(model, partition_by='currency') %}
select * from (
	select *, lag(ending) over w as ended, lag(accounts_ending) over w as accounts_ended, lag(period_end) over w as ended_on
	from {{ model }} window w as (partition by {{ partition_by }} order by period_start)) as x
where ended_on is not null
	and (ended_on is distinct from period_start or ended is distinct from starting or accounts_ended is distinct from accounts_starting)
{% endtest %}

{# Of csm_history: accounts whose history is not what their rows say, worked out anew. Of a model with a day and an amount: days
   whose amount is not the plain sum of the rows that count on it, by sum() alone. #}
{% test matches_raw(model, amount=none, day='day') %}
{%- if amount %}
select * from (
	select {{ day }} as day, currency, {{ amount }} as stored,
		(select coalesce(sum(i.amount), 0) from ({{ csm_metrics.input() }}) as i
		 where i.valid @> m.{{ day }} and i.currency is not distinct from m.currency) as raw
	from {{ model }} as m) as x
where stored is distinct from raw
{%- else %}
select account_id, unit, stored, raw
from (select account_id, coalesce(currency, '') as unit, history as stored from {{ model }}) as s
full join (
	select account_id, coalesce(currency, '') as unit, {{ csm_metrics.history() }} as raw
	from ({{ csm_metrics.input() }}) as i group by account_id, currency) as r using (account_id, unit)
where not coalesce(stored {{ csm_metrics.op('=') }} raw, false)
{%- endif %}
{% endtest %}

{# Accounts that have other rows than when their history was made: another number, or newer ones. Cheaper than matches_raw, and
   blind to a change that neither shows in csm_changed_at nor in the newest start. #}
{% test history_is_fresh(model) %}
select account_id, unit, known, rows, raw_newest, newest
from (select account_id, coalesce(currency, '') as unit, raw_rows as known, raw_newest from {{ model }}) as s
full join (
	select account_id, coalesce(currency, '') as unit, count(*) as rows, max(changed_at) as newest
	from ({{ csm_metrics.input() }}) as i group by account_id, currency) as r using (account_id, unit)
where known is distinct from rows or raw_newest is distinct from newest
{% endtest %}

{% test one_row_an_account_and_unit(model, account='account_id', unit='currency') %}
select {{ account }}, {{ unit }}, count(*) from {{ model }} group by {{ account }}, {{ unit }} having count(*) > 1
{% endtest %}

{# Days, or first days of months, that are missing between the first and the last. #}
{% test no_gap_in_snapshots(model, column_name, every='1 day') %}
select missing::date
from (select min({{ column_name }})::timestamp as first, max({{ column_name }})::timestamp as last from {{ model }}) as b,
	generate_series(first, last, interval '{{ every }}') as missing
where not exists (select from {{ model }} where {{ column_name }} = missing::date)
{% endtest %}
