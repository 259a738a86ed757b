-- bridge: what happened to accounts over runs of intervals, from their histories

CREATE TYPE bridge_state;
COMMENT ON TYPE bridge_state IS
	'transition state of bridge_agg and trailing_agg over histories: a run of intervals and a summary for each';

CREATE FUNCTION csm_bridge_in(cstring) RETURNS bridge_state
	AS 'MODULE_PATHNAME', 'csm_bridge_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_bridge_in(cstring) IS
	'text input of bridge_state';

CREATE FUNCTION csm_bridge_out(bridge_state) RETURNS cstring
	AS 'MODULE_PATHNAME', 'csm_bridge_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_bridge_out(bridge_state) IS
	'text output of bridge_state';

CREATE FUNCTION csm_bridge_recv(internal) RETURNS bridge_state
	AS 'MODULE_PATHNAME', 'csm_bridge_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_bridge_recv(internal) IS
	'binary input of bridge_state';

CREATE FUNCTION csm_bridge_send(bridge_state) RETURNS bytea
	AS 'MODULE_PATHNAME', 'csm_bridge_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_bridge_send(bridge_state) IS
	'binary output of bridge_state';

CREATE TYPE bridge_state (
	INPUT = csm_bridge_in, OUTPUT = csm_bridge_out,
	RECEIVE = csm_bridge_recv, SEND = csm_bridge_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);

CREATE FUNCTION csm_bridge_accum(bridge_state, revenue_history, date, date, interval) RETURNS bridge_state
	AS 'MODULE_PATHNAME', 'csm_bridge_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50;
COMMENT ON FUNCTION csm_bridge_accum(bridge_state, revenue_history, date, date, interval) IS
	'transition: adds an account to the intervals between two dates';

CREATE FUNCTION csm_bridge_accum(bridge_state, revenue_history, date, date, interval, interval) RETURNS bridge_state
	AS 'MODULE_PATHNAME', 'csm_bridge_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50;
COMMENT ON FUNCTION csm_bridge_accum(bridge_state, revenue_history, date, date, interval, interval) IS
	'transition: adds an account to trailing windows';

CREATE FUNCTION csm_bridge_combine(bridge_state, bridge_state) RETURNS bridge_state
	AS 'MODULE_PATHNAME', 'csm_bridge_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION csm_bridge_combine(bridge_state, bridge_state) IS
	'adds up two states';

CREATE FUNCTION csm_bridge_final(bridge_state) RETURNS retention_summary[]
	AS 'MODULE_PATHNAME', 'csm_bridge_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION csm_bridge_final(bridge_state) IS
	'the summaries of a state';

CREATE AGGREGATE bridge_agg(h revenue_history, from_date date, to_date date, step interval) (
	SFUNC = csm_bridge_accum, STYPE = bridge_state, SSPACE = 20480,
	FINALFUNC = csm_bridge_final, COMBINEFUNC = csm_bridge_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(h revenue_history, from_date date, to_date date, step interval) IS
	'what happened to the accounts in each interval between two dates';

CREATE AGGREGATE trailing_agg(h revenue_history, from_date date, to_date date, step interval, span interval) (
	SFUNC = csm_bridge_accum, STYPE = bridge_state, SSPACE = 20480,
	FINALFUNC = csm_bridge_final, COMBINEFUNC = csm_bridge_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE trailing_agg(h revenue_history, from_date date, to_date date, step interval, span interval) IS
	'what happened to the accounts in the window [b - span, b) before each boundary b';

-- One interval; the state is the summary itself

CREATE FUNCTION csm_retention_accum(retention_summary, revenue_history, date, date) RETURNS retention_summary
	AS 'MODULE_PATHNAME', 'csm_retention_accum_history' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_retention_accum(retention_summary, revenue_history, date, date) IS
	'transition: adds an account by its history';

CREATE AGGREGATE retention_agg(h revenue_history, from_date date, to_date date) (
	SFUNC = csm_retention_accum, STYPE = retention_summary, SSPACE = 608,
	FINALFUNC = csm_retention_final, COMBINEFUNC = csm_retention_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE retention_agg(h revenue_history, from_date date, to_date date) IS
	'what happened to the accounts between two dates, from their histories';
