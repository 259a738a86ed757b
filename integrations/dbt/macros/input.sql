{# What the vars say, as SQL. #}

{# The name of a function, type or operator's schema of the extension: csm_metrics.fn('ndr_agg'). #}
{% macro fn(name) -%}
{%- if var('csm_schema') -%}{{ adapter.quote(var('csm_schema')) }}.{%- endif -%}{{ name }}
{%- endmacro %}

{# An operator between values of the extension's types: a {{ csm_metrics.op('=') }} b. #}
{% macro op(name) -%}
{%- if var('csm_schema') -%}operator({{ adapter.quote(var('csm_schema')) }}.{{ name }}){%- else -%}{{ name }}{%- endif -%}
{%- endmacro %}

{% macro input_relation() -%}
{%- set name = var('csm_input') or '' -%}
{%- if not name -%}
	{{ exceptions.raise_compiler_error("csm_metrics: set the var csm_input to a model's name or to source.table") }}
{%- elif '.' in name -%}
	{{ source(name.split('.')[0], name.split('.')[1]) }}
{%- else -%}
	{{ ref(name) }}
{%- endif -%}
{%- endmacro %}

{# The days on which a subscription counts, as a daterange. #}
{% macro valid() -%}
{%- set more = ' + 1' if var('csm_ends_inclusive') else '' -%}
{%- set zone = var('csm_time_zone') -%}
{%- if var('csm_days') -%}
	{{ var('csm_days') }}
{%- elif zone and more -%}
	{{ csm_metrics.fn('days') }}(({{ var('csm_starts') }} at time zone '{{ zone }}')::date, ({{ var('csm_ends') }} at time zone '{{ zone }}')::date + 1)
{%- elif zone -%}
	{{ csm_metrics.fn('days') }}({{ var('csm_starts') }}, {{ var('csm_ends') }}, '{{ zone }}')
{%- else -%}
	{{ csm_metrics.fn('days') }}({{ var('csm_starts') }}, {{ var('csm_ends') }}{{ more }})
{%- endif -%}
{%- endmacro %}

{# The subscriptions under our names; changed_at is the start where the rows have no time of change. #}
{% macro input() -%}
select account_id, currency, valid, amount, {{ 'changed_at' if var('csm_changed_at') else "lower(valid)::timestamp at time zone 'UTC'" }} as changed_at
	from (
		select {{ var('csm_account') }} as account_id, {{ var('csm_currency') or 'null' }}::text as currency, {{ csm_metrics.valid() }} as valid,
			{{ var('csm_amount') }}::numeric as amount, {{ var('csm_changed_at') or 'null' }}::timestamptz as changed_at
		from {{ csm_metrics.input_relation() }}) as given
	where not isempty(valid)
{%- endmacro %}

{# An account's history from rows of input(). #}
{% macro history() -%}
{{ csm_metrics.fn('history_agg') }}(valid, amount{{ ', currency' if var('csm_currency') }})
{%- endmacro %}

{# The first day that is left out. #}
{% macro until() -%}
{%- if var('csm_until') -%}
	'{{ var('csm_until') }}'::date
{%- elif var('csm_time_zone') -%}
	'{{ run_started_at.astimezone(modules.pytz.timezone(var('csm_time_zone'))).date() }}'::date
{%- else -%}
	'{{ run_started_at.date() }}'::date
{%- endif -%}
{%- endmacro %}

{# The months of the monthly models: [from_month, to_month). #}
{% macro to_month() -%}
date_trunc('month', {{ csm_metrics.until() }}::timestamp)::date
{%- endmacro %}

{% macro from_month() -%}
({{ csm_metrics.to_month() }} - interval '{{ var('csm_months') }} months')::date
{%- endmacro %}

{# The band of an account: that at the start, for a new one that at the end. #}
{% macro band(starting, ending) -%}
{{ csm_metrics.fn('segment_of') }}(abs(coalesce(nullif({{ starting }}, 0), nullif({{ ending }}, 0))), {{ csm_metrics.fn('segment_scheme') }}('{{ var('csm_scheme') }}'))
{%- endmacro %}

{% macro report_from() -%}
{%- if var('csm_report_from') -%}'{{ var('csm_report_from') }}'::date{%- else -%}({{ csm_metrics.until() }} - 1){%- endif -%}
{%- endmacro %}
