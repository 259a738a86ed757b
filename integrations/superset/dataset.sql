-- One dataset of the dashboard, from the catalogs: columns with their comments, and the metrics. psql -XAtq -v view=cohort -f dataset.sql
-- What is a ratio is a ratio of sums here or one row a point (MAX); what is a stock is never added over time.
WITH metric (view, name, formula, format, description) AS (VALUES
	('trailing_year', 'ARR', 'SUM(ending)', ',.0f', 'ARR at the end of the day; a row a day, never added over days'),
	('trailing_year', 'NDR', 'MAX(ndr)', '.1%', 'Net dollar retention of the year before the day'),
	('trailing_year', 'NDR, 95 % from', 'MAX(ndr_low)', '.1%', 'Lower end of the interval'),
	('trailing_year', 'NDR, 95 % to', 'MAX(ndr_high)', '.1%', 'Upper end of the interval'),
	('trailing_year', 'GRR', 'MAX(grr)', '.1%', 'Gross retention of the year before the day'),
	('bridge_step', 'amount', 'SUM(amount)', ',.0f', 'What the step adds; negative for contraction and churn'),
	('bridge_segment_month', 'NDR', '(SUM(starting) + SUM(expansion) - SUM(contraction) - SUM(churned)) / NULLIF(SUM(starting), 0)', '.1%', 'Net dollar retention of the month, over all that is selected'),
	('bridge_segment_month', 'ending', 'SUM(ending)', ',.0f', 'ARR at the end of the month: adds up over segments, never over months'),
	('cohort', 'revenue retention', 'MAX(revenue_retention)', '.0%', 'One row a cohort and age'),
	('cohort', 'logo retention', 'MAX(logo_retention)', '.0%', 'One row a cohort and age'),
	('survival_segment', 'still there', 'MAX(survival)', '.1%', 'Share of accounts still there, one row a segment and age'),
	('funnel', 'reached', 'SUM(reached)', ',d', 'Accounts that reached the step'),
	('funnel', 'ARR', 'SUM(arr)', ',.0f', 'ARR of the accounts that reached the step'),
	('coverage_segment', 'covered', 'MAX(covered)', '.1%', 'Share of the ARR that a manager has time for, one row a segment'),
	('book', 'load', 'MAX(load)', '.2f', 'What is in the book over what one manager can carry, one row a manager'),
	('book', 'ARR', 'SUM(arr)', ',.0f', 'ARR in the book'),
	('forecast_segment', 'NDR expected', 'MAX(ndr_expected)', '.1%', 'One row a segment'),
	('status', 'accounts', 'SUM(accounts)', ',d', 'Accounts with a history')),
-- Columns that Superset works out itself.
calculated (view, name, formula, description) AS (VALUES
	('bridge_step', 'bar', 'position || '' '' || step', 'The step with its number before it: Superset sorts bars by their names'),
	('bridge_step', 'last_day', 'to_char(day, ''YYYY-MM-DD'')', 'The day as text, for a filter'),
	('cohort', 'since', 'to_char(cohort, ''YYYY-MM-DD'')', 'The cohort as text'))
SELECT concat_ws(E'\n',
	'table_name: ' || :'view', 'schema: bi',
	format('description: ''%s''', replace(obj_description(c.oid), '''', '''''')),
	'uuid: ' || md5('csm_metrics superset dataset ' || :'view')::uuid,
	'database_uuid: ' || md5('csm_metrics superset database')::uuid,
	'main_dttm_col: ' || coalesce((SELECT attname FROM pg_attribute WHERE attrelid = c.oid AND atttypid = 'date'::regtype AND attnum > 0 ORDER BY attname <> 'day', attnum LIMIT 1), 'null'),
	'version: 1.0.0', 'columns:',
	(SELECT string_agg(format(E'- column_name: %s\n  type: %s\n  is_dttm: %s\n  groupby: true\n  filterable: true\n  description: ''%s''', attname, upper(format_type(atttypid, NULL)),
			(atttypid = 'date'::regtype)::text, replace(col_description(c.oid, attnum), '''', '''''')), E'\n' ORDER BY attnum)
		FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0),
	(SELECT string_agg(format(E'- column_name: %s\n  type: TEXT\n  expression: "%s"\n  groupby: true\n  filterable: true\n  description: ''%s''', name, formula, description), E'\n' ORDER BY name)
		FROM calculated WHERE view = :'view'),
	'metrics:' || CASE WHEN m.list IS NULL THEN ' []' ELSE '' END, m.list)
FROM pg_class c, (SELECT string_agg(format(E'- metric_name: ''%s''\n  verbose_name: ''%s''\n  expression: %s\n  d3format: ''%s''\n  description: ''%s''', name, name, formula, format, description), E'\n' ORDER BY name) AS list
	FROM metric WHERE view = :'view') AS m
WHERE c.oid = ('bi.' || :'view')::regclass;
