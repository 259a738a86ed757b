{# The figures of a summary as plain columns, with lateral bridge(r) as b beside it. Names and rounding are those of
   examples/bi_views.sql. #}
{% macro figures(r) -%}
b.period_start, b.period_end, b.starting, b.new as new_business, b.reactivation, b.expansion, b.contraction, b.churned,
	b.ending, b.net_new, b.accounts_starting, b.accounts_new, b.accounts_reactivated, b.accounts_expanded, b.accounts_contracted,
	b.accounts_churned, b.accounts_ending, round(b.ndr, 10) as ndr,
	lower({{ csm_metrics.fn('ndr_interval') }}({{ r }}, 0.95)) as ndr_low, upper({{ csm_metrics.fn('ndr_interval') }}({{ r }}, 0.95)) as ndr_high,
	round(b.grr, 10) as grr, round(b.logo_churn, 10) as logo_churn, round(b.quick_ratio, 10) as quick_ratio,
	round({{ csm_metrics.fn('top_share') }}({{ r }}, 10), 10) as top_10_share
{%- endmacro %}
