{# Stops a run that has no extension to call, and says what to do. It installs nothing. #}
{% macro need_extension() %}
{% if execute %}
	{% set found = run_query("select nspname, nspname = any (current_schemas(true)) from pg_extension as e join pg_namespace as n on n.oid = extnamespace where extname = 'csm_metrics'") %}
	{% if not found %}
		{{ exceptions.raise_compiler_error('the extension csm_metrics is not in the database ' ~ target.dbname ~ ': CREATE EXTENSION csm_metrics') }}
	{% elif not found[0][1] and var('csm_schema') != found[0][0] %}
		{{ exceptions.raise_compiler_error('the extension csm_metrics is in the schema ' ~ found[0][0] ~ ', which is not on the search_path: set the var csm_schema to it') }}
	{% endif %}
{% endif %}
{% endmacro %}
