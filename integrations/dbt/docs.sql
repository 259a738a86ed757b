-- models/docs.md from the comments of examples/bi_views.sql, in a database that has its views:
--     psql -XAtq -f integrations/dbt/docs.sql >integrations/dbt/models/docs.md
\echo '{# Made by docs.sql from the comments of examples/bi_views.sql: change them there. #}'
WITH named AS (
	SELECT 'csm_view_' || relname AS name, obj_description(oid, 'pg_class') AS meaning
	FROM pg_class
	WHERE relnamespace = 'bi'::regnamespace AND relname IN ('bridge_month', 'trailing_year', 'movement', 'cohort', 'retention')
	UNION
	SELECT 'csm_' || attname, col_description(attrelid, attnum)
	FROM pg_attribute
	WHERE attnum > 0 AND attrelid IN ('bi.bridge_month'::regclass, 'bi.trailing_year'::regclass, 'bi.movement'::regclass,
		'bi.cohort'::regclass, 'bi.retention'::regclass)
		AND attname NOT IN ('account_id', 'account', 'csm', 'segment'))
SELECT format(E'\n{%% docs %s %%}\n%s\n{%% enddocs %%}', name, string_agg(meaning, '; ')) FROM named WHERE meaning IS NOT NULL GROUP BY name ORDER BY name COLLATE "C";
