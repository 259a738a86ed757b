\echo Use "ALTER EXTENSION csm_metrics UPDATE TO '0.2.0'" to load this file. \quit

CREATE FUNCTION csm_times_history(numeric, revenue_history) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_times_history' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_times_history(numeric, revenue_history) IS
	'implementation of * operator';

-- the operator * of revenue_history and numeric becomes its commutator by that
CREATE OPERATOR * (
	LEFTARG = numeric, RIGHTARG = revenue_history, FUNCTION = csm_times_history, COMMUTATOR = *
);
COMMENT ON OPERATOR * (numeric, revenue_history) IS
	'multiplies all amounts, exactly';

CREATE CAST (coverage_summary AS jsonb) WITH INOUT;
CREATE CAST (jsonb AS coverage_summary) WITH INOUT;

CREATE CAST (lift_summary AS jsonb) WITH INOUT;
CREATE CAST (jsonb AS lift_summary) WITH INOUT;

CREATE OR REPLACE FUNCTION benchmark_position(value numeric, low numeric, high numeric) RETURNS text
	AS 'MODULE_PATHNAME', 'csm_benchmark_position' LANGUAGE C IMMUTABLE PARALLEL SAFE;
