-- lift: what touching accounts moved, by stratum, and what it returned

CREATE TYPE lift_summary;
COMMENT ON TYPE lift_summary IS
	'touched and untouched accounts by stratum: what the effect of touching and its interval are drawn from';

CREATE FUNCTION csm_lift_summary_in(cstring) RETURNS lift_summary
	AS 'MODULE_PATHNAME', 'csm_lift_summary_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_lift_summary_in(cstring) IS
	'text input of lift_summary';

CREATE FUNCTION csm_lift_summary_out(lift_summary) RETURNS cstring
	AS 'MODULE_PATHNAME', 'csm_lift_summary_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_lift_summary_out(lift_summary) IS
	'text output of lift_summary';

CREATE FUNCTION csm_lift_summary_recv(internal) RETURNS lift_summary
	AS 'MODULE_PATHNAME', 'csm_lift_summary_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_lift_summary_recv(internal) IS
	'binary input of lift_summary';

CREATE FUNCTION csm_lift_summary_send(lift_summary) RETURNS bytea
	AS 'MODULE_PATHNAME', 'csm_lift_summary_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_lift_summary_send(lift_summary) IS
	'binary output of lift_summary';

CREATE TYPE lift_summary (
	INPUT = csm_lift_summary_in, OUTPUT = csm_lift_summary_out,
	RECEIVE = csm_lift_summary_recv, SEND = csm_lift_summary_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);

CREATE FUNCTION csm_lift_summary_to_json(lift_summary) RETURNS json
	AS 'MODULE_PATHNAME', 'csm_lift_summary_to_json' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_lift_summary_to_json(lift_summary) IS
	'cast of lift_summary to json: the text form';

CREATE CAST (lift_summary AS json) WITH FUNCTION csm_lift_summary_to_json(lift_summary);
CREATE CAST (lift_summary AS jsonb) WITH INOUT;
CREATE CAST (jsonb AS lift_summary) WITH INOUT;

-- Comparison: a total order, otherwise arbitrary

CREATE FUNCTION csm_lift_summary_eq(lift_summary, lift_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_lift_summary_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_lift_summary_eq(lift_summary, lift_summary) IS
	'implementation of = operator';

CREATE FUNCTION csm_lift_summary_ne(lift_summary, lift_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_lift_summary_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_lift_summary_ne(lift_summary, lift_summary) IS
	'implementation of <> operator';

CREATE FUNCTION csm_lift_summary_lt(lift_summary, lift_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_lift_summary_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_lift_summary_lt(lift_summary, lift_summary) IS
	'implementation of < operator';

CREATE FUNCTION csm_lift_summary_le(lift_summary, lift_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_lift_summary_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_lift_summary_le(lift_summary, lift_summary) IS
	'implementation of <= operator';

CREATE FUNCTION csm_lift_summary_gt(lift_summary, lift_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_lift_summary_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_lift_summary_gt(lift_summary, lift_summary) IS
	'implementation of > operator';

CREATE FUNCTION csm_lift_summary_ge(lift_summary, lift_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_lift_summary_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_lift_summary_ge(lift_summary, lift_summary) IS
	'implementation of >= operator';

CREATE FUNCTION csm_lift_summary_cmp(lift_summary, lift_summary) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_lift_summary_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_lift_summary_cmp(lift_summary, lift_summary) IS
	'btree comparison: -1, 0 or 1';

CREATE FUNCTION csm_lift_summary_hash(lift_summary) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_lift_summary_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_lift_summary_hash(lift_summary) IS
	'hash; equal values hash alike whatever their display scale';

CREATE FUNCTION csm_lift_summary_hash_extended(lift_summary, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_lift_summary_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_lift_summary_hash_extended(lift_summary, bigint) IS
	'64-bit hash with a seed';

CREATE OPERATOR = (
	LEFTARG = lift_summary, RIGHTARG = lift_summary, FUNCTION = csm_lift_summary_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (lift_summary, lift_summary) IS 'equal';

CREATE OPERATOR <> (
	LEFTARG = lift_summary, RIGHTARG = lift_summary, FUNCTION = csm_lift_summary_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (lift_summary, lift_summary) IS 'not equal';

CREATE OPERATOR < (
	LEFTARG = lift_summary, RIGHTARG = lift_summary, FUNCTION = csm_lift_summary_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (lift_summary, lift_summary) IS 'less than';

CREATE OPERATOR <= (
	LEFTARG = lift_summary, RIGHTARG = lift_summary, FUNCTION = csm_lift_summary_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (lift_summary, lift_summary) IS 'less than or equal';

CREATE OPERATOR > (
	LEFTARG = lift_summary, RIGHTARG = lift_summary, FUNCTION = csm_lift_summary_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (lift_summary, lift_summary) IS 'greater than';

CREATE OPERATOR >= (
	LEFTARG = lift_summary, RIGHTARG = lift_summary, FUNCTION = csm_lift_summary_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (lift_summary, lift_summary) IS 'greater than or equal';

CREATE OPERATOR CLASS lift_summary_btree_ops DEFAULT FOR TYPE lift_summary USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 csm_lift_summary_cmp(lift_summary, lift_summary);

CREATE OPERATOR CLASS lift_summary_hash_ops DEFAULT FOR TYPE lift_summary USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 csm_lift_summary_hash(lift_summary),
	FUNCTION 2 csm_lift_summary_hash_extended(lift_summary, bigint);

-- Aggregate

CREATE FUNCTION csm_lift_accum(lift_summary, boolean, numeric) RETURNS lift_summary
	AS 'MODULE_PATHNAME', 'csm_lift_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_lift_accum(lift_summary, boolean, numeric) IS
	'transition: adds an account';

CREATE FUNCTION csm_lift_accum(lift_summary, boolean, numeric, numeric) RETURNS lift_summary
	AS 'MODULE_PATHNAME', 'csm_lift_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_lift_accum(lift_summary, boolean, numeric, numeric) IS
	'transition: adds an account';

CREATE FUNCTION csm_lift_accum(lift_summary, boolean, numeric, numeric, text) RETURNS lift_summary
	AS 'MODULE_PATHNAME', 'csm_lift_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_lift_accum(lift_summary, boolean, numeric, numeric, text) IS
	'transition: adds an account';

CREATE FUNCTION csm_lift_combine(lift_summary, lift_summary) RETURNS lift_summary
	AS 'MODULE_PATHNAME', 'csm_lift_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_lift_combine(lift_summary, lift_summary) IS
	'adds up two states, for aggregates';

CREATE FUNCTION csm_lift_final(lift_summary) RETURNS lift_summary
	AS 'MODULE_PATHNAME', 'csm_lift_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_lift_final(lift_summary) IS
	'a state in its stored form';

CREATE AGGREGATE lift_agg(touched boolean, outcome numeric) (
	SFUNC = csm_lift_accum, STYPE = lift_summary, SSPACE = 800,
	FINALFUNC = csm_lift_final, COMBINEFUNC = csm_lift_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE lift_agg(touched boolean, outcome numeric) IS
	'outcomes of touched against untouched accounts; every account counts 1';

CREATE AGGREGATE lift_agg(touched boolean, outcome numeric, base numeric) (
	SFUNC = csm_lift_accum, STYPE = lift_summary, SSPACE = 800,
	FINALFUNC = csm_lift_final, COMBINEFUNC = csm_lift_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE lift_agg(touched boolean, outcome numeric, base numeric) IS
	'outcomes of touched against untouched accounts; with what there was to win or keep as base';

CREATE AGGREGATE lift_agg(touched boolean, outcome numeric, base numeric, stratum text) (
	SFUNC = csm_lift_accum, STYPE = lift_summary, SSPACE = 800,
	FINALFUNC = csm_lift_final, COMBINEFUNC = csm_lift_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE lift_agg(touched boolean, outcome numeric, base numeric, stratum text) IS
	'outcomes of touched against untouched accounts; like with like';

CREATE AGGREGATE rollup(lift_summary) (
	SFUNC = csm_lift_combine, STYPE = lift_summary, SSPACE = 800,
	FINALFUNC = csm_lift_final, COMBINEFUNC = csm_lift_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE rollup(lift_summary) IS
	'adds up summaries over disjoint accounts, stratum by stratum';

-- Accessors

CREATE FUNCTION incremental(lift_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_lift_incremental' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION incremental(lift_summary) IS
	'what touching added: the outcome of the touched less what their base would have brought at the rate of the untouched; NULL when no stratum has both';

CREATE FUNCTION incremental_interval(lift_summary, confidence double precision) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_lift_incremental_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION incremental_interval(lift_summary, confidence double precision) IS
	'interval of incremental by Student''s t; NULL when a side of a stratum has fewer than two accounts';

CREATE FUNCTION lift(lift_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_lift_lift' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION lift(lift_summary) IS
	'incremental over the base of the touched accounts; NULL without one';

CREATE FUNCTION lift_interval(lift_summary, confidence double precision) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_lift_lift_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION lift_interval(lift_summary, confidence double precision) IS
	'interval of lift: that of incremental over the base of the touched accounts; NULL where that is';

CREATE FUNCTION strata_without_control(lift_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_lift_strata_without_control' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION strata_without_control(lift_summary) IS
	'strata with touched accounts that are left out, because no untouched account has a base';

CREATE FUNCTION strata(lift_summary) RETURNS TABLE (
		stratum text, touched bigint, untouched bigint, base_touched numeric, base_untouched numeric,
		outcome_touched numeric, outcome_untouched numeric, rate_touched numeric, rate_untouched numeric,
		incremental numeric)
	AS 'MODULE_PATHNAME', 'csm_lift_strata' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	COST 100 ROWS 10;
COMMENT ON FUNCTION strata(lift_summary) IS
	'a row a stratum: accounts, bases, outcomes, rates and what touching added';

-- Returns

CREATE FUNCTION csm_roi(value numeric, cost numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_return_on_cost' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_roi(value numeric, cost numeric) IS
	'return on cost: (value - cost) / cost; NULL at a cost of 0';

CREATE FUNCTION return_multiple(value numeric, cost numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_return_multiple' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION return_multiple(value numeric, cost numeric) IS
	'value / cost; NULL at a cost of 0';

CREATE FUNCTION annuity(arr numeric, churn numeric, discount numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_annuity' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION annuity(arr numeric, churn numeric, discount numeric) IS
	'value today of a saved yearly amount: arr / (churn + discount); NULL when both are 0';
