-- cohorts: who came when, and what became of them

CREATE TYPE cohort_matrix;
COMMENT ON TYPE cohort_matrix IS
	'cohorts by age: how many accounts came in each period, how many were active later on and with what revenue';

CREATE FUNCTION csm_cohorts_in(cstring) RETURNS cohort_matrix
	AS 'MODULE_PATHNAME', 'csm_cohorts_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_cohorts_in(cstring) IS
	'text input of cohort_matrix';

CREATE FUNCTION csm_cohorts_out(cohort_matrix) RETURNS cstring
	AS 'MODULE_PATHNAME', 'csm_cohorts_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_cohorts_out(cohort_matrix) IS
	'text output of cohort_matrix';

CREATE FUNCTION csm_cohorts_recv(internal) RETURNS cohort_matrix
	AS 'MODULE_PATHNAME', 'csm_cohorts_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_cohorts_recv(internal) IS
	'binary input of cohort_matrix';

CREATE FUNCTION csm_cohorts_send(cohort_matrix) RETURNS bytea
	AS 'MODULE_PATHNAME', 'csm_cohorts_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_cohorts_send(cohort_matrix) IS
	'binary output of cohort_matrix';

CREATE TYPE cohort_matrix (
	INPUT = csm_cohorts_in, OUTPUT = csm_cohorts_out,
	RECEIVE = csm_cohorts_recv, SEND = csm_cohorts_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);

CREATE FUNCTION csm_cohorts_to_jsonb(cohort_matrix) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'csm_cohorts_to_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_cohorts_to_jsonb(cohort_matrix) IS
	'cast of cohort_matrix to jsonb: the text form';

CREATE FUNCTION csm_cohorts_from_jsonb(jsonb) RETURNS cohort_matrix
	AS 'MODULE_PATHNAME', 'csm_cohorts_from_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_cohorts_from_jsonb(jsonb) IS
	'cast of jsonb to cohort_matrix';

CREATE FUNCTION csm_cohorts_to_json(cohort_matrix) RETURNS json
	AS 'MODULE_PATHNAME', 'csm_cohorts_to_json' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_cohorts_to_json(cohort_matrix) IS
	'cast of cohort_matrix to json: the text form';

CREATE CAST (cohort_matrix AS json) WITH FUNCTION csm_cohorts_to_json(cohort_matrix);
CREATE CAST (cohort_matrix AS jsonb) WITH FUNCTION csm_cohorts_to_jsonb(cohort_matrix);
CREATE CAST (jsonb AS cohort_matrix) WITH FUNCTION csm_cohorts_from_jsonb(jsonb);

-- Comparison: a total order, by bounds and step first, otherwise arbitrary

CREATE FUNCTION csm_cohorts_eq(cohort_matrix, cohort_matrix) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_cohorts_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_cohorts_eq(cohort_matrix, cohort_matrix) IS
	'implementation of = operator';

CREATE FUNCTION csm_cohorts_ne(cohort_matrix, cohort_matrix) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_cohorts_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_cohorts_ne(cohort_matrix, cohort_matrix) IS
	'implementation of <> operator';

CREATE FUNCTION csm_cohorts_lt(cohort_matrix, cohort_matrix) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_cohorts_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_cohorts_lt(cohort_matrix, cohort_matrix) IS
	'implementation of < operator';

CREATE FUNCTION csm_cohorts_le(cohort_matrix, cohort_matrix) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_cohorts_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_cohorts_le(cohort_matrix, cohort_matrix) IS
	'implementation of <= operator';

CREATE FUNCTION csm_cohorts_gt(cohort_matrix, cohort_matrix) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_cohorts_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_cohorts_gt(cohort_matrix, cohort_matrix) IS
	'implementation of > operator';

CREATE FUNCTION csm_cohorts_ge(cohort_matrix, cohort_matrix) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_cohorts_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_cohorts_ge(cohort_matrix, cohort_matrix) IS
	'implementation of >= operator';

CREATE FUNCTION csm_cohorts_cmp(cohort_matrix, cohort_matrix) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_cohorts_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_cohorts_cmp(cohort_matrix, cohort_matrix) IS
	'btree comparison: -1, 0 or 1';

CREATE FUNCTION csm_cohorts_hash(cohort_matrix) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_cohorts_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_cohorts_hash(cohort_matrix) IS
	'hash; equal values hash alike whatever their display scale';

CREATE FUNCTION csm_cohorts_hash_extended(cohort_matrix, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_cohorts_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_cohorts_hash_extended(cohort_matrix, bigint) IS
	'64-bit hash with a seed';

CREATE OPERATOR = (
	LEFTARG = cohort_matrix, RIGHTARG = cohort_matrix, FUNCTION = csm_cohorts_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (cohort_matrix, cohort_matrix) IS 'equal';

CREATE OPERATOR <> (
	LEFTARG = cohort_matrix, RIGHTARG = cohort_matrix, FUNCTION = csm_cohorts_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (cohort_matrix, cohort_matrix) IS 'not equal';

CREATE OPERATOR < (
	LEFTARG = cohort_matrix, RIGHTARG = cohort_matrix, FUNCTION = csm_cohorts_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (cohort_matrix, cohort_matrix) IS 'less than';

CREATE OPERATOR <= (
	LEFTARG = cohort_matrix, RIGHTARG = cohort_matrix, FUNCTION = csm_cohorts_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (cohort_matrix, cohort_matrix) IS 'less than or equal';

CREATE OPERATOR > (
	LEFTARG = cohort_matrix, RIGHTARG = cohort_matrix, FUNCTION = csm_cohorts_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (cohort_matrix, cohort_matrix) IS 'greater than';

CREATE OPERATOR >= (
	LEFTARG = cohort_matrix, RIGHTARG = cohort_matrix, FUNCTION = csm_cohorts_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (cohort_matrix, cohort_matrix) IS 'greater than or equal';

CREATE OPERATOR CLASS cohort_matrix_btree_ops DEFAULT FOR TYPE cohort_matrix USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 csm_cohorts_cmp(cohort_matrix, cohort_matrix);

CREATE OPERATOR CLASS cohort_matrix_hash_ops DEFAULT FOR TYPE cohort_matrix USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 csm_cohorts_hash(cohort_matrix),
	FUNCTION 2 csm_cohorts_hash_extended(cohort_matrix, bigint);

-- Aggregates

CREATE FUNCTION csm_cohorts_accum(cohort_matrix, revenue_history, date, date, interval) RETURNS cohort_matrix
	AS 'MODULE_PATHNAME', 'csm_cohorts_accum_history' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50;
COMMENT ON FUNCTION csm_cohorts_accum(cohort_matrix, revenue_history, date, date, interval) IS
	'transition: adds an account by its history';

CREATE FUNCTION csm_cohorts_combine(cohort_matrix, cohort_matrix) RETURNS cohort_matrix
	AS 'MODULE_PATHNAME', 'csm_cohorts_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION csm_cohorts_combine(cohort_matrix, cohort_matrix) IS
	'adds up two states, for aggregates';

CREATE AGGREGATE cohort_agg(h revenue_history, from_date date, to_date date, step interval) (
	SFUNC = csm_cohorts_accum, STYPE = cohort_matrix, SSPACE = 16384,
	COMBINEFUNC = csm_cohorts_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE cohort_agg(h revenue_history, from_date date, to_date date, step interval) IS
	'cohorts of accounts by the period of their first active day, as of the last day of each period';

CREATE FUNCTION csm_cohorts_final(cohort_matrix) RETURNS cohort_matrix
	AS 'MODULE_PATHNAME', 'csm_cohorts_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_cohorts_final(cohort_matrix) IS
	'the value of a state: without spare periods';

CREATE AGGREGATE rollup(cohort_matrix) (
	SFUNC = csm_cohorts_combine, STYPE = cohort_matrix, SSPACE = 16384,
	FINALFUNC = csm_cohorts_final, COMBINEFUNC = csm_cohorts_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE rollup(cohort_matrix) IS
	'adds cohorts of disjoint accounts up';

-- Events: all rows in one process, so there is no combine function

CREATE FUNCTION csm_cohorts_events_final(internal) RETURNS cohort_matrix
	AS 'MODULE_PATHNAME', 'csm_cohorts_events_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION csm_cohorts_events_final(internal) IS
	'the cohorts of the events so far';

CREATE FUNCTION csm_cohorts_accum(internal, bigint, date, numeric, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_cohorts_accum_event_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_cohorts_accum(internal, bigint, date, numeric, interval) IS
	'transition: adds an event of an account';

CREATE FUNCTION csm_cohorts_accum(internal, text, date, numeric, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_cohorts_accum_event_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_cohorts_accum(internal, text, date, numeric, interval) IS
	'transition: adds an event of an account';

CREATE FUNCTION csm_cohorts_accum(internal, uuid, date, numeric, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_cohorts_accum_event_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_cohorts_accum(internal, uuid, date, numeric, interval) IS
	'transition: adds an event of an account';

CREATE AGGREGATE cohort_agg(account bigint, at date, amount numeric, step interval) (
	SFUNC = csm_cohorts_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_cohorts_events_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE cohort_agg(account bigint, at date, amount numeric, step interval) IS
	'cohorts of accounts by the calendar unit of their first event, active by their events in each unit';

CREATE AGGREGATE cohort_agg(account text, at date, amount numeric, step interval) (
	SFUNC = csm_cohorts_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_cohorts_events_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE cohort_agg(account text, at date, amount numeric, step interval) IS
	'cohorts of accounts by the calendar unit of their first event, active by their events in each unit';

CREATE AGGREGATE cohort_agg(account uuid, at date, amount numeric, step interval) (
	SFUNC = csm_cohorts_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_cohorts_events_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE cohort_agg(account uuid, at date, amount numeric, step interval) IS
	'cohorts of accounts by the calendar unit of their first event, active by their events in each unit';

-- The same with bounds, and with a cohort date as well

CREATE FUNCTION csm_cohorts_accum(internal, bigint, date, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_cohorts_accum_event_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_cohorts_accum(internal, bigint, date, numeric, interval, date, date) IS
	'transition: adds an event of an account, within bounds';

CREATE FUNCTION csm_cohorts_accum(internal, text, date, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_cohorts_accum_event_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_cohorts_accum(internal, text, date, numeric, interval, date, date) IS
	'transition: adds an event of an account, within bounds';

CREATE FUNCTION csm_cohorts_accum(internal, uuid, date, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_cohorts_accum_event_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_cohorts_accum(internal, uuid, date, numeric, interval, date, date) IS
	'transition: adds an event of an account, within bounds';

CREATE FUNCTION csm_cohorts_accum(internal, bigint, date, date, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_cohorts_accum_member_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_cohorts_accum(internal, bigint, date, date, numeric, interval, date, date) IS
	'transition: adds an event of an account whose cohort is given';

CREATE FUNCTION csm_cohorts_accum(internal, text, date, date, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_cohorts_accum_member_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_cohorts_accum(internal, text, date, date, numeric, interval, date, date) IS
	'transition: adds an event of an account whose cohort is given';

CREATE FUNCTION csm_cohorts_accum(internal, uuid, date, date, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_cohorts_accum_member_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_cohorts_accum(internal, uuid, date, date, numeric, interval, date, date) IS
	'transition: adds an event of an account whose cohort is given';

CREATE AGGREGATE cohort_agg(account bigint, at date, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_cohorts_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_cohorts_events_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE cohort_agg(account bigint, at date, amount numeric, step interval, from_date date, to_date date) IS
	'cohorts of accounts by the period of their first event, active by their events in each period that is over at to_date';

CREATE AGGREGATE cohort_agg(account text, at date, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_cohorts_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_cohorts_events_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE cohort_agg(account text, at date, amount numeric, step interval, from_date date, to_date date) IS
	'cohorts of accounts by the period of their first event, active by their events in each period that is over at to_date';

CREATE AGGREGATE cohort_agg(account uuid, at date, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_cohorts_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_cohorts_events_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE cohort_agg(account uuid, at date, amount numeric, step interval, from_date date, to_date date) IS
	'cohorts of accounts by the period of their first event, active by their events in each period that is over at to_date';

CREATE AGGREGATE cohort_agg(account bigint, cohort date, at date, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_cohorts_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_cohorts_events_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE cohort_agg(account bigint, cohort date, at date, amount numeric, step interval, from_date date, to_date date) IS
	'cohorts of accounts by a date that is given, such as their sign-up, active by their events in each period that is over at to_date';

CREATE AGGREGATE cohort_agg(account text, cohort date, at date, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_cohorts_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_cohorts_events_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE cohort_agg(account text, cohort date, at date, amount numeric, step interval, from_date date, to_date date) IS
	'cohorts of accounts by a date that is given, such as their sign-up, active by their events in each period that is over at to_date';

CREATE AGGREGATE cohort_agg(account uuid, cohort date, at date, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_cohorts_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_cohorts_events_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE cohort_agg(account uuid, cohort date, at date, amount numeric, step interval, from_date date, to_date date) IS
	'cohorts of accounts by a date that is given, such as their sign-up, active by their events in each period that is over at to_date';

-- The table

CREATE FUNCTION cohort_table(cohort_matrix) RETURNS TABLE (
		cohort date, age integer, accounts bigint, active bigint, revenue numeric,
		logo_retention numeric, revenue_retention numeric)
	AS 'MODULE_PATHNAME', 'csm_cohorts_table' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	COST 100 ROWS 100;
COMMENT ON FUNCTION cohort_table(cohort_matrix) IS
	'a row for each cohort that has accounts and each age: accounts, active ones, revenue, and both over those at the start';

CREATE FUNCTION cohort_activity(cohort_matrix) RETURNS TABLE (
		cohort date, age integer, accounts bigint, active bigint, revenue numeric,
		logo_retention numeric, revenue_retention numeric, active_or_later bigint, last_active bigint)
	AS 'MODULE_PATHNAME', 'csm_cohorts_activity' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	COST 100 ROWS 100;
COMMENT ON FUNCTION cohort_activity(cohort_matrix) IS
	'the rows of cohort_table and, by age, how many accounts were active then or later, and how many for the last time';
