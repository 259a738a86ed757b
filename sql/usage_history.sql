-- usage_history: what one account did through time

CREATE TYPE usage_history;
COMMENT ON TYPE usage_history IS
	'what one account did: a set of events, each a time and a name';

CREATE FUNCTION csm_usage_history_in(cstring) RETURNS usage_history
	AS 'MODULE_PATHNAME', 'csm_usage_history_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_usage_history_in(cstring) IS
	'text input of usage_history';

CREATE FUNCTION csm_usage_history_out(usage_history) RETURNS cstring
	AS 'MODULE_PATHNAME', 'csm_usage_history_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_usage_history_out(usage_history) IS
	'text output of usage_history';

CREATE FUNCTION csm_usage_history_recv(internal) RETURNS usage_history
	AS 'MODULE_PATHNAME', 'csm_usage_history_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_usage_history_recv(internal) IS
	'binary input of usage_history';

CREATE FUNCTION csm_usage_history_send(usage_history) RETURNS bytea
	AS 'MODULE_PATHNAME', 'csm_usage_history_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_usage_history_send(usage_history) IS
	'binary output of usage_history';

CREATE TYPE usage_history (
	INPUT = csm_usage_history_in, OUTPUT = csm_usage_history_out,
	RECEIVE = csm_usage_history_recv, SEND = csm_usage_history_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);

CREATE FUNCTION csm_usage_history_to_json(usage_history) RETURNS json
	AS 'MODULE_PATHNAME', 'csm_usage_history_to_json' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_usage_history_to_json(usage_history) IS
	'cast of usage_history to json: the text form';

CREATE CAST (usage_history AS json) WITH FUNCTION csm_usage_history_to_json(usage_history);
CREATE CAST (usage_history AS jsonb) WITH INOUT;
CREATE CAST (jsonb AS usage_history) WITH INOUT;

-- Comparison: a total order, otherwise arbitrary

CREATE FUNCTION csm_usage_history_eq(usage_history, usage_history) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_usage_history_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_usage_history_eq(usage_history, usage_history) IS
	'implementation of = operator';

CREATE FUNCTION csm_usage_history_ne(usage_history, usage_history) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_usage_history_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_usage_history_ne(usage_history, usage_history) IS
	'implementation of <> operator';

CREATE FUNCTION csm_usage_history_lt(usage_history, usage_history) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_usage_history_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_usage_history_lt(usage_history, usage_history) IS
	'implementation of < operator';

CREATE FUNCTION csm_usage_history_le(usage_history, usage_history) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_usage_history_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_usage_history_le(usage_history, usage_history) IS
	'implementation of <= operator';

CREATE FUNCTION csm_usage_history_gt(usage_history, usage_history) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_usage_history_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_usage_history_gt(usage_history, usage_history) IS
	'implementation of > operator';

CREATE FUNCTION csm_usage_history_ge(usage_history, usage_history) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_usage_history_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_usage_history_ge(usage_history, usage_history) IS
	'implementation of >= operator';

CREATE FUNCTION csm_usage_history_cmp(usage_history, usage_history) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_usage_history_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_usage_history_cmp(usage_history, usage_history) IS
	'btree comparison: -1, 0 or 1';

CREATE FUNCTION csm_usage_history_hash(usage_history) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_usage_history_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_usage_history_hash(usage_history) IS
	'hash';

CREATE FUNCTION csm_usage_history_hash_extended(usage_history, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_usage_history_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_usage_history_hash_extended(usage_history, bigint) IS
	'64-bit hash with a seed';

CREATE OPERATOR = (
	LEFTARG = usage_history, RIGHTARG = usage_history, FUNCTION = csm_usage_history_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (usage_history, usage_history) IS 'equal';

CREATE OPERATOR <> (
	LEFTARG = usage_history, RIGHTARG = usage_history, FUNCTION = csm_usage_history_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (usage_history, usage_history) IS 'not equal';

CREATE OPERATOR < (
	LEFTARG = usage_history, RIGHTARG = usage_history, FUNCTION = csm_usage_history_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (usage_history, usage_history) IS 'less than';

CREATE OPERATOR <= (
	LEFTARG = usage_history, RIGHTARG = usage_history, FUNCTION = csm_usage_history_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (usage_history, usage_history) IS 'less than or equal';

CREATE OPERATOR > (
	LEFTARG = usage_history, RIGHTARG = usage_history, FUNCTION = csm_usage_history_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (usage_history, usage_history) IS 'greater than';

CREATE OPERATOR >= (
	LEFTARG = usage_history, RIGHTARG = usage_history, FUNCTION = csm_usage_history_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (usage_history, usage_history) IS 'greater than or equal';

CREATE OPERATOR CLASS usage_history_btree_ops DEFAULT FOR TYPE usage_history USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 csm_usage_history_cmp(usage_history, usage_history);

CREATE OPERATOR CLASS usage_history_hash_ops DEFAULT FOR TYPE usage_history USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 csm_usage_history_hash(usage_history),
	FUNCTION 2 csm_usage_history_hash_extended(usage_history, bigint);

-- Aggregates

CREATE FUNCTION csm_usage_accum(usage_history, timestamp with time zone, text) RETURNS usage_history
	AS 'MODULE_PATHNAME', 'csm_usage_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_usage_accum(usage_history, timestamp with time zone, text) IS
	'transition: adds an event';

CREATE FUNCTION csm_usage_accum(usage_history, timestamp without time zone, text) RETURNS usage_history
	AS 'MODULE_PATHNAME', 'csm_usage_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_usage_accum(usage_history, timestamp without time zone, text) IS
	'transition: adds an event, whose time is one of UTC';

CREATE FUNCTION csm_usage_combine(usage_history, usage_history) RETURNS usage_history
	AS 'MODULE_PATHNAME', 'csm_usage_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_usage_combine(usage_history, usage_history) IS
	'implementation of + operator';

CREATE FUNCTION csm_usage_final(usage_history) RETURNS usage_history
	AS 'MODULE_PATHNAME', 'csm_usage_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_usage_final(usage_history) IS
	'the history of the events of a state';

CREATE AGGREGATE usage_history_agg(at timestamp with time zone, event text) (
	SFUNC = csm_usage_accum, STYPE = usage_history, SSPACE = 1024,
	FINALFUNC = csm_usage_final, COMBINEFUNC = csm_usage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE usage_history_agg(at timestamp with time zone, event text) IS
	'what an account did: the set of its events, in any order and however often they come';

CREATE AGGREGATE usage_history_agg(at timestamp without time zone, event text) (
	SFUNC = csm_usage_accum, STYPE = usage_history, SSPACE = 1024,
	FINALFUNC = csm_usage_final, COMBINEFUNC = csm_usage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE usage_history_agg(at timestamp without time zone, event text) IS
	'the same for times without a zone, which are those of UTC';

CREATE AGGREGATE rollup(usage_history) (
	SFUNC = csm_usage_combine, STYPE = usage_history, SSPACE = 1024,
	FINALFUNC = csm_usage_final, COMBINEFUNC = csm_usage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE rollup(usage_history) IS
	'the union of histories: an event that several of them have counts once';

CREATE OPERATOR + (
	LEFTARG = usage_history, RIGHTARG = usage_history, FUNCTION = csm_usage_combine, COMMUTATOR = +
);
COMMENT ON OPERATOR + (usage_history, usage_history) IS
	'the union of two histories; adding one twice changes nothing';

-- What is in a history

CREATE FUNCTION events(usage_history) RETURNS TABLE (at timestamp with time zone, event text)
	AS 'MODULE_PATHNAME', 'csm_usage_events' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 100;
COMMENT ON FUNCTION events(usage_history) IS
	'the events of a history, a row each, by time and name';

CREATE FUNCTION event_count(usage_history) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_usage_event_count' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION event_count(usage_history) IS
	'how many events there are';

CREATE FUNCTION event_count(usage_history, event text) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_usage_event_count' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION event_count(usage_history, event text) IS
	'how many events of a name there are';

CREATE FUNCTION first_at(usage_history) RETURNS timestamp with time zone
	AS 'MODULE_PATHNAME', 'csm_usage_first_at' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION first_at(usage_history) IS
	'the time of the first event; NULL without any';

CREATE FUNCTION first_at(usage_history, event text) RETURNS timestamp with time zone
	AS 'MODULE_PATHNAME', 'csm_usage_first_at' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION first_at(usage_history, event text) IS
	'the time of the first event of a name; NULL without any';

CREATE FUNCTION last_at(usage_history) RETURNS timestamp with time zone
	AS 'MODULE_PATHNAME', 'csm_usage_last_at' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION last_at(usage_history) IS
	'the time of the last event; NULL without any';

CREATE FUNCTION last_at(usage_history, event text) RETURNS timestamp with time zone
	AS 'MODULE_PATHNAME', 'csm_usage_last_at' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION last_at(usage_history, event text) IS
	'the time of the last event of a name; NULL without any';

CREATE FUNCTION keep(usage_history, events text[]) RETURNS usage_history
	AS 'MODULE_PATHNAME', 'csm_usage_keep' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION keep(usage_history, events text[]) IS
	'the history of the events of some names alone';

CREATE FUNCTION during(usage_history, period tstzrange) RETURNS usage_history
	AS 'MODULE_PATHNAME', 'csm_usage_during' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION during(usage_history, period tstzrange) IS
	'the history of the events within a period alone';

-- Days, ages, paths

CREATE FUNCTION active_days(usage_history, zone text) RETURNS date[]
	AS 'MODULE_PATHNAME', 'csm_usage_active_days' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION active_days(usage_history, zone text) IS
	'the days of a zone on which there is an event, ascending';

CREATE FUNCTION ages(usage_history, step interval, start text DEFAULT NULL, return text DEFAULT NULL, zone text DEFAULT NULL) RETURNS integer[]
	AS 'MODULE_PATHNAME', 'csm_usage_ages' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50;
COMMENT ON FUNCTION ages(usage_history, step interval, start text, return text, zone text) IS
	'how many steps after its first start event the account came back, ascending and each once; NULL without a start event';

CREATE FUNCTION paths_from(usage_history, event text, depth integer, pause interval DEFAULT NULL, collapse boolean DEFAULT true) RETURNS SETOF text[]
	AS 'MODULE_PATHNAME', 'csm_usage_paths_from' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20 ROWS 1;
COMMENT ON FUNCTION paths_from(usage_history, event text, depth integer, pause interval, collapse boolean) IS
	'what came next: so many names from the first event of a name on, a path for each stretch without a longer silence';

CREATE FUNCTION paths_to(usage_history, event text, depth integer, pause interval DEFAULT NULL, collapse boolean DEFAULT true) RETURNS SETOF text[]
	AS 'MODULE_PATHNAME', 'csm_usage_paths_to' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20 ROWS 1;
COMMENT ON FUNCTION paths_to(usage_history, event text, depth integer, pause interval, collapse boolean) IS
	'how they got there: so many names up to the first event of a name, a path for each stretch without a longer silence';
