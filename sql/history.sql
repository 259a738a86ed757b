-- history: one account's amount through time

CREATE TYPE revenue_history;
COMMENT ON TYPE revenue_history IS
	'one account''s amount through time: the days on which it changes, and the amount from each of them on';

CREATE FUNCTION csm_history_in(cstring) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_history_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_history_in(cstring) IS
	'text input of revenue_history';

CREATE FUNCTION csm_history_out(revenue_history) RETURNS cstring
	AS 'MODULE_PATHNAME', 'csm_history_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_history_out(revenue_history) IS
	'text output of revenue_history';

CREATE FUNCTION csm_history_recv(internal) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_history_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_history_recv(internal) IS
	'binary input of revenue_history';

CREATE FUNCTION csm_history_send(revenue_history) RETURNS bytea
	AS 'MODULE_PATHNAME', 'csm_history_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_history_send(revenue_history) IS
	'binary output of revenue_history';

CREATE TYPE revenue_history (
	INPUT = csm_history_in, OUTPUT = csm_history_out,
	RECEIVE = csm_history_recv, SEND = csm_history_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);

CREATE FUNCTION csm_history_to_jsonb(revenue_history) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'csm_history_to_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_history_to_jsonb(revenue_history) IS
	'cast of revenue_history to jsonb: the text form';

CREATE FUNCTION csm_history_from_jsonb(jsonb) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_history_from_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_history_from_jsonb(jsonb) IS
	'cast of jsonb to revenue_history';

CREATE FUNCTION csm_history_to_json(revenue_history) RETURNS json
	AS 'MODULE_PATHNAME', 'csm_history_to_json' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_history_to_json(revenue_history) IS
	'cast of revenue_history to json: the text form';

CREATE CAST (revenue_history AS json) WITH FUNCTION csm_history_to_json(revenue_history);
CREATE CAST (revenue_history AS jsonb) WITH FUNCTION csm_history_to_jsonb(revenue_history);
CREATE CAST (jsonb AS revenue_history) WITH FUNCTION csm_history_from_jsonb(jsonb);

-- Comparison: equal is the same amount on every day in the same currency; the order is total, otherwise arbitrary

CREATE FUNCTION csm_history_eq(revenue_history, revenue_history) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_history_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_history_eq(revenue_history, revenue_history) IS
	'implementation of = operator';

CREATE FUNCTION csm_history_ne(revenue_history, revenue_history) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_history_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_history_ne(revenue_history, revenue_history) IS
	'implementation of <> operator';

CREATE FUNCTION csm_history_lt(revenue_history, revenue_history) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_history_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_history_lt(revenue_history, revenue_history) IS
	'implementation of < operator';

CREATE FUNCTION csm_history_le(revenue_history, revenue_history) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_history_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_history_le(revenue_history, revenue_history) IS
	'implementation of <= operator';

CREATE FUNCTION csm_history_gt(revenue_history, revenue_history) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_history_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_history_gt(revenue_history, revenue_history) IS
	'implementation of > operator';

CREATE FUNCTION csm_history_ge(revenue_history, revenue_history) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_history_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_history_ge(revenue_history, revenue_history) IS
	'implementation of >= operator';

CREATE FUNCTION csm_history_cmp(revenue_history, revenue_history) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_history_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_history_cmp(revenue_history, revenue_history) IS
	'btree comparison: -1, 0 or 1';

CREATE FUNCTION csm_history_hash(revenue_history) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_history_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_history_hash(revenue_history) IS
	'hash; equal values hash alike whatever their display scale';

CREATE FUNCTION csm_history_hash_extended(revenue_history, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_history_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_history_hash_extended(revenue_history, bigint) IS
	'64-bit hash with a seed';

CREATE OPERATOR = (
	LEFTARG = revenue_history, RIGHTARG = revenue_history, FUNCTION = csm_history_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (revenue_history, revenue_history) IS 'equal';

CREATE OPERATOR <> (
	LEFTARG = revenue_history, RIGHTARG = revenue_history, FUNCTION = csm_history_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (revenue_history, revenue_history) IS 'not equal';

CREATE OPERATOR < (
	LEFTARG = revenue_history, RIGHTARG = revenue_history, FUNCTION = csm_history_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (revenue_history, revenue_history) IS 'less than';

CREATE OPERATOR <= (
	LEFTARG = revenue_history, RIGHTARG = revenue_history, FUNCTION = csm_history_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (revenue_history, revenue_history) IS 'less than or equal';

CREATE OPERATOR > (
	LEFTARG = revenue_history, RIGHTARG = revenue_history, FUNCTION = csm_history_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (revenue_history, revenue_history) IS 'greater than';

CREATE OPERATOR >= (
	LEFTARG = revenue_history, RIGHTARG = revenue_history, FUNCTION = csm_history_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (revenue_history, revenue_history) IS 'greater than or equal';

CREATE OPERATOR CLASS revenue_history_btree_ops DEFAULT FOR TYPE revenue_history USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 csm_history_cmp(revenue_history, revenue_history);

CREATE OPERATOR CLASS revenue_history_hash_ops DEFAULT FOR TYPE revenue_history USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 csm_history_hash(revenue_history),
	FUNCTION 2 csm_history_hash_extended(revenue_history, bigint);

-- Aggregates that make histories

CREATE FUNCTION csm_history_accum_snapshot(revenue_history, date, numeric, interval) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_history_accum_snapshot' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_accum_snapshot(revenue_history, date, numeric, interval) IS
	'transition: adds a snapshot of a calendar unit';

CREATE FUNCTION csm_history_accum_subscription(revenue_history, daterange, numeric) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_history_accum_subscription' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_accum_subscription(revenue_history, daterange, numeric) IS
	'transition: adds a subscription';

CREATE FUNCTION csm_history_accum_change(revenue_history, date, numeric) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_history_accum_change' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_history_accum_change(revenue_history, date, numeric) IS
	'transition: adds an entry of a ledger';

CREATE FUNCTION csm_history_accum_snapshot(revenue_history, date, numeric, interval, text) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_history_accum_snapshot' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_accum_snapshot(revenue_history, date, numeric, interval, text) IS
	'transition: adds a snapshot of a calendar unit';

CREATE FUNCTION csm_history_accum_snapshot(revenue_history, date, numeric, interval, text, date) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_history_accum_snapshot' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_accum_snapshot(revenue_history, date, numeric, interval, text, date) IS
	'transition: adds a snapshot of a unit that is counted from a day';

CREATE FUNCTION csm_history_accum_subscription(revenue_history, daterange, numeric, text) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_history_accum_subscription' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_accum_subscription(revenue_history, daterange, numeric, text) IS
	'transition: adds a subscription';

CREATE FUNCTION csm_history_accum_change(revenue_history, date, numeric, text) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_history_accum_change' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_history_accum_change(revenue_history, date, numeric, text) IS
	'transition: adds an entry of a ledger';

CREATE FUNCTION csm_history_combine(revenue_history, revenue_history) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_history_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_history_combine(revenue_history, revenue_history) IS
	'adds up two states, for aggregates';

CREATE FUNCTION csm_history_final(revenue_history) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_history_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_history_final(revenue_history) IS
	'a state as a value at rest';

CREATE AGGREGATE history_agg(at date, amount numeric, every interval) (
	SFUNC = csm_history_accum_snapshot, STYPE = revenue_history, SSPACE = 256,
	FINALFUNC = csm_history_final, COMBINEFUNC = csm_history_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE history_agg(at date, amount numeric, every interval) IS
	'history of snapshots: each row stands for the calendar unit that contains its date, a missing unit is 0';

CREATE AGGREGATE history_agg(valid daterange, amount numeric) (
	SFUNC = csm_history_accum_subscription, STYPE = revenue_history, SSPACE = 256,
	FINALFUNC = csm_history_final, COMBINEFUNC = csm_history_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE history_agg(valid daterange, amount numeric) IS
	'history of subscriptions: overlapping ones add up, an open end stays open';

CREATE AGGREGATE history_agg(at date, amount numeric, every interval, currency text, origin date) (
	SFUNC = csm_history_accum_snapshot, STYPE = revenue_history, SSPACE = 256,
	FINALFUNC = csm_history_final, COMBINEFUNC = csm_history_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE history_agg(at date, amount numeric, every interval, currency text, origin date) IS
	'history of snapshots, each of the unit that contains its date, counted from the origin; a missing unit is 0';

CREATE AGGREGATE history_change_agg(at date, change numeric) (
	SFUNC = csm_history_accum_change, STYPE = revenue_history, SSPACE = 256,
	FINALFUNC = csm_history_final, COMBINEFUNC = csm_history_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE history_change_agg(at date, change numeric) IS
	'history of a ledger: each row changes the amount from its day on';

CREATE AGGREGATE history_agg(at date, amount numeric, every interval, currency text) (
	SFUNC = csm_history_accum_snapshot, STYPE = revenue_history, SSPACE = 256,
	FINALFUNC = csm_history_final, COMBINEFUNC = csm_history_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE history_agg(at date, amount numeric, every interval, currency text) IS
	'history of snapshots: each row stands for the calendar unit that contains its date, a missing unit is 0, in a currency';

CREATE AGGREGATE history_agg(valid daterange, amount numeric, currency text) (
	SFUNC = csm_history_accum_subscription, STYPE = revenue_history, SSPACE = 256,
	FINALFUNC = csm_history_final, COMBINEFUNC = csm_history_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE history_agg(valid daterange, amount numeric, currency text) IS
	'history of subscriptions: overlapping ones add up, an open end stays open, in a currency';

CREATE AGGREGATE history_change_agg(at date, change numeric, currency text) (
	SFUNC = csm_history_accum_change, STYPE = revenue_history, SSPACE = 256,
	FINALFUNC = csm_history_final, COMBINEFUNC = csm_history_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE history_change_agg(at date, change numeric, currency text) IS
	'history of a ledger: each row changes the amount from its day on, in a currency';

CREATE FUNCTION csm_history_add_up(revenue_history, revenue_history) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_history_add_up' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_history_add_up(revenue_history, revenue_history) IS
	'transition and combination: adds up two histories';

CREATE AGGREGATE rollup(revenue_history) (
	SFUNC = csm_history_add_up, STYPE = revenue_history, SSPACE = 1024,
	FINALFUNC = csm_history_final, COMBINEFUNC = csm_history_add_up, PARALLEL = safe
);
COMMENT ON AGGREGATE rollup(revenue_history) IS
	'adds histories up';

-- Operators

CREATE FUNCTION csm_history_plus(revenue_history, revenue_history) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_history_plus' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_history_plus(revenue_history, revenue_history) IS
	'implementation of + operator';

CREATE FUNCTION csm_history_minus(revenue_history, revenue_history) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_history_minus' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_history_minus(revenue_history, revenue_history) IS
	'implementation of - operator';

CREATE FUNCTION csm_history_times(revenue_history, numeric) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_history_times' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_times(revenue_history, numeric) IS
	'implementation of * operator';

CREATE FUNCTION csm_times_history(numeric, revenue_history) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_times_history' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_times_history(numeric, revenue_history) IS
	'implementation of * operator';

CREATE OPERATOR + (
	LEFTARG = revenue_history, RIGHTARG = revenue_history, FUNCTION = csm_history_plus, COMMUTATOR = +
);
COMMENT ON OPERATOR + (revenue_history, revenue_history) IS
	'adds up two histories in one currency';

CREATE OPERATOR - (
	LEFTARG = revenue_history, RIGHTARG = revenue_history, FUNCTION = csm_history_minus
);
COMMENT ON OPERATOR - (revenue_history, revenue_history) IS
	'takes a history out of another';

CREATE OPERATOR * (
	LEFTARG = revenue_history, RIGHTARG = numeric, FUNCTION = csm_history_times, COMMUTATOR = *
);
COMMENT ON OPERATOR * (revenue_history, numeric) IS
	'multiplies all amounts, exactly';

CREATE OPERATOR * (
	LEFTARG = numeric, RIGHTARG = revenue_history, FUNCTION = csm_times_history, COMMUTATOR = *
);
COMMENT ON OPERATOR * (numeric, revenue_history) IS
	'multiplies all amounts, exactly';

CREATE FUNCTION in_currency(revenue_history, rate numeric, code text) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_history_convert' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION in_currency(revenue_history, rate numeric, code text) IS
	'the history in another currency, at one rate for all dates';

-- Accessors

CREATE FUNCTION amount_at(revenue_history, date) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_history_amount_at' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION amount_at(revenue_history, date) IS
	'the amount on a day';

CREATE FUNCTION is_active(revenue_history, date) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_history_is_active' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION is_active(revenue_history, date) IS
	'is there an amount above 0 on that day?';

CREATE FUNCTION first_active(revenue_history) RETURNS date
	AS 'MODULE_PATHNAME', 'csm_history_first_active_day' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION first_active(revenue_history) IS
	'the first day with an amount above 0, NULL when there is none';

CREATE FUNCTION last_active(revenue_history) RETURNS date
	AS 'MODULE_PATHNAME', 'csm_history_last_active_day' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION last_active(revenue_history) IS
	'the last day with an amount above 0: infinity when open, NULL when there is none';

CREATE FUNCTION currency(revenue_history) RETURNS text
	AS 'MODULE_PATHNAME', 'csm_history_currency' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION currency(revenue_history) IS
	'the currency code, NULL when not known';

CREATE FUNCTION close_gaps(revenue_history, shorter_than interval) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_history_close_gaps_up_to' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION close_gaps(revenue_history, shorter_than interval) IS
	'fills absences shorter than that with the amount before them, never the open end';

CREATE FUNCTION new_after(revenue_history, longer_than interval) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_history_new_after_gap' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION new_after(revenue_history, longer_than interval) IS
	'forgets what precedes an absence longer than that, so that the return is new';

CREATE FUNCTION without_negatives(revenue_history) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_history_without_negative_parts' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION without_negatives(revenue_history) IS
	'the history with 0 where the amount is below zero';

CREATE FUNCTION steps(revenue_history) RETURNS TABLE (from_date date, to_date date, amount numeric)
	AS 'MODULE_PATHNAME', 'csm_history_steps' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 10;
COMMENT ON FUNCTION steps(revenue_history) IS
	'the stretches of time [from_date, to_date) that have an amount other than 0; to_date is NULL when open';

CREATE FUNCTION total(revenue_history, from_date date, to_date date, step interval) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_history_total' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION total(revenue_history, from_date date, to_date date, step interval) IS
	'sum of the amounts on the first day of each step';

CREATE FUNCTION movements(revenue_history, from_date date, to_date date, step interval)
	RETURNS TABLE (period_start date, period_end date, movement text, change numeric, starting numeric, ending numeric)
	AS 'MODULE_PATHNAME', 'csm_history_movements' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 ROWS 10;
COMMENT ON FUNCTION movements(revenue_history, from_date date, to_date date, step interval) IS
	'what the account did in each interval: new, reactivation, expansion, contraction or churn; unchanged ones are left out';
