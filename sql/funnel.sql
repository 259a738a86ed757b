-- funnel: how far accounts get in a journey of steps

CREATE TYPE funnel_steps;
COMMENT ON TYPE funnel_steps IS
	'the steps of a funnel with its gaps, its window and what counts as an entry';

CREATE FUNCTION csm_funnel_steps_in(cstring) RETURNS funnel_steps
	AS 'MODULE_PATHNAME', 'csm_funnel_steps_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_steps_in(cstring) IS
	'text input of funnel_steps';

CREATE FUNCTION csm_funnel_steps_out(funnel_steps) RETURNS cstring
	AS 'MODULE_PATHNAME', 'csm_funnel_steps_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_steps_out(funnel_steps) IS
	'text output of funnel_steps';

CREATE FUNCTION csm_funnel_steps_recv(internal) RETURNS funnel_steps
	AS 'MODULE_PATHNAME', 'csm_funnel_steps_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_steps_recv(internal) IS
	'binary input of funnel_steps';

CREATE FUNCTION csm_funnel_steps_send(funnel_steps) RETURNS bytea
	AS 'MODULE_PATHNAME', 'csm_funnel_steps_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_steps_send(funnel_steps) IS
	'binary output of funnel_steps';

CREATE TYPE funnel_steps (
	INPUT = csm_funnel_steps_in, OUTPUT = csm_funnel_steps_out,
	RECEIVE = csm_funnel_steps_recv, SEND = csm_funnel_steps_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);

-- Comparison: a total order, otherwise arbitrary

CREATE FUNCTION csm_funnel_steps_eq(funnel_steps, funnel_steps) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_funnel_steps_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_steps_eq(funnel_steps, funnel_steps) IS
	'implementation of = operator';

CREATE FUNCTION csm_funnel_steps_ne(funnel_steps, funnel_steps) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_funnel_steps_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_steps_ne(funnel_steps, funnel_steps) IS
	'implementation of <> operator';

CREATE FUNCTION csm_funnel_steps_lt(funnel_steps, funnel_steps) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_funnel_steps_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_steps_lt(funnel_steps, funnel_steps) IS
	'implementation of < operator';

CREATE FUNCTION csm_funnel_steps_le(funnel_steps, funnel_steps) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_funnel_steps_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_steps_le(funnel_steps, funnel_steps) IS
	'implementation of <= operator';

CREATE FUNCTION csm_funnel_steps_gt(funnel_steps, funnel_steps) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_funnel_steps_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_steps_gt(funnel_steps, funnel_steps) IS
	'implementation of > operator';

CREATE FUNCTION csm_funnel_steps_ge(funnel_steps, funnel_steps) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_funnel_steps_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_steps_ge(funnel_steps, funnel_steps) IS
	'implementation of >= operator';

CREATE FUNCTION csm_funnel_steps_cmp(funnel_steps, funnel_steps) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_funnel_steps_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_steps_cmp(funnel_steps, funnel_steps) IS
	'btree comparison: -1, 0 or 1';

CREATE FUNCTION csm_funnel_steps_hash(funnel_steps) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_funnel_steps_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_steps_hash(funnel_steps) IS
	'hash';

CREATE FUNCTION csm_funnel_steps_hash_extended(funnel_steps, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_funnel_steps_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_steps_hash_extended(funnel_steps, bigint) IS
	'64-bit hash with a seed';

CREATE OPERATOR = (
	LEFTARG = funnel_steps, RIGHTARG = funnel_steps, FUNCTION = csm_funnel_steps_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (funnel_steps, funnel_steps) IS 'equal';

CREATE OPERATOR <> (
	LEFTARG = funnel_steps, RIGHTARG = funnel_steps, FUNCTION = csm_funnel_steps_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (funnel_steps, funnel_steps) IS 'not equal';

CREATE OPERATOR < (
	LEFTARG = funnel_steps, RIGHTARG = funnel_steps, FUNCTION = csm_funnel_steps_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (funnel_steps, funnel_steps) IS 'less than';

CREATE OPERATOR <= (
	LEFTARG = funnel_steps, RIGHTARG = funnel_steps, FUNCTION = csm_funnel_steps_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (funnel_steps, funnel_steps) IS 'less than or equal';

CREATE OPERATOR > (
	LEFTARG = funnel_steps, RIGHTARG = funnel_steps, FUNCTION = csm_funnel_steps_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (funnel_steps, funnel_steps) IS 'greater than';

CREATE OPERATOR >= (
	LEFTARG = funnel_steps, RIGHTARG = funnel_steps, FUNCTION = csm_funnel_steps_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (funnel_steps, funnel_steps) IS 'greater than or equal';

CREATE OPERATOR CLASS funnel_steps_btree_ops DEFAULT FOR TYPE funnel_steps USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 csm_funnel_steps_cmp(funnel_steps, funnel_steps);

CREATE OPERATOR CLASS funnel_steps_hash_ops DEFAULT FOR TYPE funnel_steps USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 csm_funnel_steps_hash(funnel_steps),
	FUNCTION 2 csm_funnel_steps_hash_extended(funnel_steps, bigint);

CREATE FUNCTION funnel_of(steps text[], within interval DEFAULT NULL) RETURNS funnel_steps
	AS 'MODULE_PATHNAME', 'csm_funnel_of' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION funnel_of(steps text[], within interval) IS
	'a funnel of steps that are names as they are, and a window; NULL: without one';

CREATE FUNCTION steps(funnel_steps) RETURNS text[]
	AS 'MODULE_PATHNAME', 'csm_funnel_labels' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION steps(funnel_steps) IS
	'the steps of a funnel: the name of each, or its names';

-- One account

CREATE FUNCTION furthest(usage_history, funnel funnel_steps) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_funnel_furthest' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION furthest(usage_history, funnel funnel_steps) IS
	'how many steps the account got; 0 when it never entered; the furthest of its entries where each counts';

CREATE FUNCTION chain(usage_history, funnel funnel_steps) RETURNS TABLE (entry integer, step integer, event text, at timestamp with time zone)
	AS 'MODULE_PATHNAME', 'csm_funnel_chain' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 ROWS 4;
COMMENT ON FUNCTION chain(usage_history, funnel funnel_steps) IS
	'the chain that counts, a row a step; one for each entry where each counts';

-- Of many accounts

CREATE TYPE funnel_summary;
COMMENT ON TYPE funnel_summary IS
	'how many accounts and how much ARR got how far in a funnel, and how fast, by stratum';

CREATE FUNCTION csm_funnel_summary_in(cstring) RETURNS funnel_summary
	AS 'MODULE_PATHNAME', 'csm_funnel_summary_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_summary_in(cstring) IS
	'text input of funnel_summary';

CREATE FUNCTION csm_funnel_summary_out(funnel_summary) RETURNS cstring
	AS 'MODULE_PATHNAME', 'csm_funnel_summary_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_summary_out(funnel_summary) IS
	'text output of funnel_summary';

CREATE FUNCTION csm_funnel_summary_recv(internal) RETURNS funnel_summary
	AS 'MODULE_PATHNAME', 'csm_funnel_summary_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_summary_recv(internal) IS
	'binary input of funnel_summary';

CREATE FUNCTION csm_funnel_summary_send(funnel_summary) RETURNS bytea
	AS 'MODULE_PATHNAME', 'csm_funnel_summary_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_summary_send(funnel_summary) IS
	'binary output of funnel_summary';

CREATE TYPE funnel_summary (
	INPUT = csm_funnel_summary_in, OUTPUT = csm_funnel_summary_out,
	RECEIVE = csm_funnel_summary_recv, SEND = csm_funnel_summary_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);

CREATE FUNCTION csm_funnel_summary_to_json(funnel_summary) RETURNS json
	AS 'MODULE_PATHNAME', 'csm_funnel_summary_to_json' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_summary_to_json(funnel_summary) IS
	'cast of funnel_summary to json: the text form';

CREATE CAST (funnel_summary AS json) WITH FUNCTION csm_funnel_summary_to_json(funnel_summary);
CREATE CAST (funnel_summary AS jsonb) WITH INOUT;
CREATE CAST (jsonb AS funnel_summary) WITH INOUT;

-- Comparison: a total order, otherwise arbitrary

CREATE FUNCTION csm_funnel_summary_eq(funnel_summary, funnel_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_funnel_summary_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_summary_eq(funnel_summary, funnel_summary) IS
	'implementation of = operator';

CREATE FUNCTION csm_funnel_summary_ne(funnel_summary, funnel_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_funnel_summary_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_summary_ne(funnel_summary, funnel_summary) IS
	'implementation of <> operator';

CREATE FUNCTION csm_funnel_summary_lt(funnel_summary, funnel_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_funnel_summary_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_summary_lt(funnel_summary, funnel_summary) IS
	'implementation of < operator';

CREATE FUNCTION csm_funnel_summary_le(funnel_summary, funnel_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_funnel_summary_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_summary_le(funnel_summary, funnel_summary) IS
	'implementation of <= operator';

CREATE FUNCTION csm_funnel_summary_gt(funnel_summary, funnel_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_funnel_summary_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_summary_gt(funnel_summary, funnel_summary) IS
	'implementation of > operator';

CREATE FUNCTION csm_funnel_summary_ge(funnel_summary, funnel_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_funnel_summary_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_summary_ge(funnel_summary, funnel_summary) IS
	'implementation of >= operator';

CREATE FUNCTION csm_funnel_summary_cmp(funnel_summary, funnel_summary) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_funnel_summary_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_summary_cmp(funnel_summary, funnel_summary) IS
	'btree comparison: -1, 0 or 1';

CREATE FUNCTION csm_funnel_summary_hash(funnel_summary) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_funnel_summary_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_summary_hash(funnel_summary) IS
	'hash; equal values hash alike whatever their display scale';

CREATE FUNCTION csm_funnel_summary_hash_extended(funnel_summary, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_funnel_summary_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_summary_hash_extended(funnel_summary, bigint) IS
	'64-bit hash with a seed';

CREATE OPERATOR = (
	LEFTARG = funnel_summary, RIGHTARG = funnel_summary, FUNCTION = csm_funnel_summary_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (funnel_summary, funnel_summary) IS 'equal';

CREATE OPERATOR <> (
	LEFTARG = funnel_summary, RIGHTARG = funnel_summary, FUNCTION = csm_funnel_summary_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (funnel_summary, funnel_summary) IS 'not equal';

CREATE OPERATOR < (
	LEFTARG = funnel_summary, RIGHTARG = funnel_summary, FUNCTION = csm_funnel_summary_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (funnel_summary, funnel_summary) IS 'less than';

CREATE OPERATOR <= (
	LEFTARG = funnel_summary, RIGHTARG = funnel_summary, FUNCTION = csm_funnel_summary_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (funnel_summary, funnel_summary) IS 'less than or equal';

CREATE OPERATOR > (
	LEFTARG = funnel_summary, RIGHTARG = funnel_summary, FUNCTION = csm_funnel_summary_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (funnel_summary, funnel_summary) IS 'greater than';

CREATE OPERATOR >= (
	LEFTARG = funnel_summary, RIGHTARG = funnel_summary, FUNCTION = csm_funnel_summary_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (funnel_summary, funnel_summary) IS 'greater than or equal';

CREATE OPERATOR CLASS funnel_summary_btree_ops DEFAULT FOR TYPE funnel_summary USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 csm_funnel_summary_cmp(funnel_summary, funnel_summary);

CREATE OPERATOR CLASS funnel_summary_hash_ops DEFAULT FOR TYPE funnel_summary USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 csm_funnel_summary_hash(funnel_summary),
	FUNCTION 2 csm_funnel_summary_hash_extended(funnel_summary, bigint);

-- Aggregates

CREATE FUNCTION csm_funnel_accum(funnel_summary, usage_history, funnel_steps) RETURNS funnel_summary
	AS 'MODULE_PATHNAME', 'csm_funnel_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50;
COMMENT ON FUNCTION csm_funnel_accum(funnel_summary, usage_history, funnel_steps) IS
	'transition: adds an account';

CREATE FUNCTION csm_funnel_accum(funnel_summary, usage_history, funnel_steps, text) RETURNS funnel_summary
	AS 'MODULE_PATHNAME', 'csm_funnel_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50;
COMMENT ON FUNCTION csm_funnel_accum(funnel_summary, usage_history, funnel_steps, text) IS
	'transition: adds an account';

CREATE FUNCTION csm_funnel_accum(funnel_summary, usage_history, funnel_steps, text, numeric) RETURNS funnel_summary
	AS 'MODULE_PATHNAME', 'csm_funnel_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50;
COMMENT ON FUNCTION csm_funnel_accum(funnel_summary, usage_history, funnel_steps, text, numeric) IS
	'transition: adds an account';

CREATE FUNCTION csm_funnel_accum(funnel_summary, usage_history, funnel_steps, text, numeric, timestamp with time zone) RETURNS funnel_summary
	AS 'MODULE_PATHNAME', 'csm_funnel_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50;
COMMENT ON FUNCTION csm_funnel_accum(funnel_summary, usage_history, funnel_steps, text, numeric, timestamp with time zone) IS
	'transition: adds an account';

CREATE FUNCTION csm_funnel_combine(funnel_summary, funnel_summary) RETURNS funnel_summary
	AS 'MODULE_PATHNAME', 'csm_funnel_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_funnel_combine(funnel_summary, funnel_summary) IS
	'implementation of + operator';

CREATE FUNCTION csm_funnel_final(funnel_summary) RETURNS funnel_summary
	AS 'MODULE_PATHNAME', 'csm_funnel_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_funnel_final(funnel_summary) IS
	'the summary of a state';

CREATE AGGREGATE funnel_agg(history usage_history, funnel funnel_steps) (
	SFUNC = csm_funnel_accum, STYPE = funnel_summary, SSPACE = 8192,
	FINALFUNC = csm_funnel_final, COMBINEFUNC = csm_funnel_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(history usage_history, funnel funnel_steps) IS
	'how far accounts get in a funnel, from their histories';

CREATE AGGREGATE funnel_agg(history usage_history, funnel funnel_steps, stratum text) (
	SFUNC = csm_funnel_accum, STYPE = funnel_summary, SSPACE = 8192,
	FINALFUNC = csm_funnel_final, COMBINEFUNC = csm_funnel_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(history usage_history, funnel funnel_steps, stratum text) IS
	'how far accounts get in a funnel, from their histories, by stratum';

CREATE AGGREGATE funnel_agg(history usage_history, funnel funnel_steps, stratum text, amount numeric) (
	SFUNC = csm_funnel_accum, STYPE = funnel_summary, SSPACE = 8192,
	FINALFUNC = csm_funnel_final, COMBINEFUNC = csm_funnel_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(history usage_history, funnel funnel_steps, stratum text, amount numeric) IS
	'how far accounts and their ARR get in a funnel, from their histories, by stratum';

CREATE AGGREGATE funnel_agg(history usage_history, funnel funnel_steps, stratum text, amount numeric, as_of timestamp with time zone) (
	SFUNC = csm_funnel_accum, STYPE = funnel_summary, SSPACE = 8192,
	FINALFUNC = csm_funnel_final, COMBINEFUNC = csm_funnel_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(history usage_history, funnel funnel_steps, stratum text, amount numeric, as_of timestamp with time zone) IS
	'how far accounts and their ARR get in a funnel as of a time, from their histories, by stratum: accounts whose window is still open do not count';

CREATE AGGREGATE rollup(funnel_summary) (
	SFUNC = csm_funnel_combine, STYPE = funnel_summary, SSPACE = 8192,
	FINALFUNC = csm_funnel_final, COMBINEFUNC = csm_funnel_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE rollup(funnel_summary) IS
	'adds up summaries of the same funnel over disjoint accounts, stratum by stratum';

CREATE OPERATOR + (
	LEFTARG = funnel_summary, RIGHTARG = funnel_summary, FUNCTION = csm_funnel_combine, COMMUTATOR = +
);
COMMENT ON OPERATOR + (funnel_summary, funnel_summary) IS
	'adds up two summaries of the same funnel over disjoint accounts';

-- Figures

CREATE FUNCTION funnel_table(funnel_summary) RETURNS TABLE (
		stratum text, step integer, event text, reached bigint, stopped bigint, amount numeric, conversion numeric,
		step_conversion numeric, amount_conversion numeric, median_time interval, median_step_time interval)
	AS 'MODULE_PATHNAME', 'csm_funnel_table' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 ROWS 10;
COMMENT ON FUNCTION funnel_table(funnel_summary) IS
	'a row for each stratum and step: how many reached it and stopped there, their amount, the shares of those who entered and of the step before, median times';

CREATE FUNCTION conversion(funnel_summary, step integer DEFAULT NULL) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_funnel_conversion' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION conversion(funnel_summary, step integer) IS
	'share of those who entered that reached a step, the last one by default; NULL when nobody entered';

CREATE FUNCTION amount_conversion(funnel_summary, step integer DEFAULT NULL) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_funnel_amount_conversion' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION amount_conversion(funnel_summary, step integer) IS
	'the same by amount; NULL without an amount';

CREATE FUNCTION conversion_interval(funnel_summary, confidence double precision, step integer DEFAULT NULL) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_funnel_conversion_interval' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION conversion_interval(funnel_summary, confidence double precision, step integer) IS
	'confidence interval of conversion: Wilson''s; NULL when nobody entered';

CREATE FUNCTION amount_conversion_interval(funnel_summary, confidence double precision, step integer DEFAULT NULL) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_funnel_amount_interval' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION amount_conversion_interval(funnel_summary, confidence double precision, step integer) IS
	'confidence interval of amount_conversion: Wilson''s with effective n; NULL without an amount';

CREATE FUNCTION time_to(funnel_summary, step integer, q double precision) RETURNS interval
	AS 'MODULE_PATHNAME', 'csm_funnel_time_to' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION time_to(funnel_summary, step integer, q double precision) IS
	'quantile of the time from the start to a step, within 1/64; NULL when nobody reached it';

CREATE FUNCTION step_time(funnel_summary, step integer, q double precision) RETURNS interval
	AS 'MODULE_PATHNAME', 'csm_funnel_step_time' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION step_time(funnel_summary, step integer, q double precision) IS
	'quantile of the time from the step before to a step, within 1/64; NULL when nobody reached it and for the first step';

CREATE FUNCTION definition(funnel_summary) RETURNS funnel_steps
	AS 'MODULE_PATHNAME', 'csm_funnel_definition' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION definition(funnel_summary) IS
	'the funnel that a summary is of';
