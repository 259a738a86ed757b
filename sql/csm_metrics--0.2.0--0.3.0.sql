\echo Use "ALTER EXTENSION csm_metrics UPDATE TO '0.3.0'" to load this file. \quit

-- Beside "convert" the server's own function of that name was not unique; views go on calling it
ALTER FUNCTION convert(revenue_history, numeric, text) RENAME TO in_currency;

-- Histories that are equal add up alike, whatever unit of rows they carry
CREATE FUNCTION csm_history_add_up(revenue_history, revenue_history) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_history_add_up' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_history_add_up(revenue_history, revenue_history) IS
	'transition and combination: adds up two histories';

CREATE OR REPLACE AGGREGATE rollup(revenue_history) (
	SFUNC = csm_history_add_up, STYPE = revenue_history, SSPACE = 1024,
	FINALFUNC = csm_history_final, COMBINEFUNC = csm_history_add_up, PARALLEL = safe
);
