\echo Use "CREATE EXTENSION csm_metrics" to load this file. \quit

-- retention: what happened to a set of accounts between two points in time

-- retention_sums: the state of the number-returning aggregates

CREATE TYPE retention_sums;
COMMENT ON TYPE retention_sums IS
	'transition state of ndr_agg and its relatives: the sums behind NDR, GRR, churn and quick ratio';

CREATE FUNCTION csm_retention_sums_in(cstring) RETURNS retention_sums
	AS 'MODULE_PATHNAME', 'csm_retention_sums_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_retention_sums_in(cstring) IS
	'text input of retention_sums';

CREATE FUNCTION csm_retention_sums_out(retention_sums) RETURNS cstring
	AS 'MODULE_PATHNAME', 'csm_retention_sums_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_retention_sums_out(retention_sums) IS
	'text output of retention_sums';

CREATE FUNCTION csm_retention_sums_recv(internal) RETURNS retention_sums
	AS 'MODULE_PATHNAME', 'csm_retention_sums_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_retention_sums_recv(internal) IS
	'binary input of retention_sums';

CREATE FUNCTION csm_retention_sums_send(retention_sums) RETURNS bytea
	AS 'MODULE_PATHNAME', 'csm_retention_sums_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_retention_sums_send(retention_sums) IS
	'binary output of retention_sums';

CREATE TYPE retention_sums (
	INPUT = csm_retention_sums_in, OUTPUT = csm_retention_sums_out,
	RECEIVE = csm_retention_sums_recv, SEND = csm_retention_sums_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);

-- retention_summary: answers every question about an interval, and merges

CREATE TYPE retention_summary;
COMMENT ON TYPE retention_summary IS
	'what happened to a set of accounts between two points in time: amounts, counts, sums of squares and the ten largest accounts';

CREATE FUNCTION csm_retention_summary_in(cstring) RETURNS retention_summary
	AS 'MODULE_PATHNAME', 'csm_retention_summary_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_retention_summary_in(cstring) IS
	'text input of retention_summary';

CREATE FUNCTION csm_retention_summary_out(retention_summary) RETURNS cstring
	AS 'MODULE_PATHNAME', 'csm_retention_summary_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_retention_summary_out(retention_summary) IS
	'text output of retention_summary';

CREATE FUNCTION csm_retention_summary_recv(internal) RETURNS retention_summary
	AS 'MODULE_PATHNAME', 'csm_retention_summary_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_retention_summary_recv(internal) IS
	'binary input of retention_summary';

CREATE FUNCTION csm_retention_summary_send(retention_summary) RETURNS bytea
	AS 'MODULE_PATHNAME', 'csm_retention_summary_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_retention_summary_send(retention_summary) IS
	'binary output of retention_summary';

CREATE TYPE retention_summary (
	INPUT = csm_retention_summary_in, OUTPUT = csm_retention_summary_out,
	RECEIVE = csm_retention_summary_recv, SEND = csm_retention_summary_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);

CREATE FUNCTION csm_retention_summary_to_jsonb(retention_summary) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'csm_retention_summary_to_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_retention_summary_to_jsonb(retention_summary) IS
	'cast of retention_summary to jsonb: the text form';

CREATE FUNCTION csm_retention_summary_from_jsonb(jsonb) RETURNS retention_summary
	AS 'MODULE_PATHNAME', 'csm_retention_summary_from_jsonb' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_retention_summary_from_jsonb(jsonb) IS
	'cast of jsonb to retention_summary';

CREATE CAST (retention_summary AS jsonb) WITH FUNCTION csm_retention_summary_to_jsonb(retention_summary);
CREATE CAST (jsonb AS retention_summary) WITH FUNCTION csm_retention_summary_from_jsonb(jsonb);

-- Comparison: a total order, by period and currency first, otherwise arbitrary

CREATE FUNCTION csm_retention_summary_eq(retention_summary, retention_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_retention_summary_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_retention_summary_eq(retention_summary, retention_summary) IS
	'implementation of = operator';

CREATE FUNCTION csm_retention_summary_ne(retention_summary, retention_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_retention_summary_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_retention_summary_ne(retention_summary, retention_summary) IS
	'implementation of <> operator';

CREATE FUNCTION csm_retention_summary_lt(retention_summary, retention_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_retention_summary_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_retention_summary_lt(retention_summary, retention_summary) IS
	'implementation of < operator';

CREATE FUNCTION csm_retention_summary_le(retention_summary, retention_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_retention_summary_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_retention_summary_le(retention_summary, retention_summary) IS
	'implementation of <= operator';

CREATE FUNCTION csm_retention_summary_gt(retention_summary, retention_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_retention_summary_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_retention_summary_gt(retention_summary, retention_summary) IS
	'implementation of > operator';

CREATE FUNCTION csm_retention_summary_ge(retention_summary, retention_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_retention_summary_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_retention_summary_ge(retention_summary, retention_summary) IS
	'implementation of >= operator';

CREATE FUNCTION csm_retention_summary_cmp(retention_summary, retention_summary) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_retention_summary_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_retention_summary_cmp(retention_summary, retention_summary) IS
	'btree comparison: -1, 0 or 1';

CREATE FUNCTION csm_retention_summary_hash(retention_summary) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_retention_summary_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_retention_summary_hash(retention_summary) IS
	'hash; equal values hash alike whatever their display scale';

CREATE FUNCTION csm_retention_summary_hash_extended(retention_summary, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_retention_summary_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_retention_summary_hash_extended(retention_summary, bigint) IS
	'64-bit hash with a seed';

CREATE OPERATOR = (
	LEFTARG = retention_summary, RIGHTARG = retention_summary, FUNCTION = csm_retention_summary_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (retention_summary, retention_summary) IS 'equal';

CREATE OPERATOR <> (
	LEFTARG = retention_summary, RIGHTARG = retention_summary, FUNCTION = csm_retention_summary_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (retention_summary, retention_summary) IS 'not equal';

CREATE OPERATOR < (
	LEFTARG = retention_summary, RIGHTARG = retention_summary, FUNCTION = csm_retention_summary_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (retention_summary, retention_summary) IS 'less than';

CREATE OPERATOR <= (
	LEFTARG = retention_summary, RIGHTARG = retention_summary, FUNCTION = csm_retention_summary_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (retention_summary, retention_summary) IS 'less than or equal';

CREATE OPERATOR > (
	LEFTARG = retention_summary, RIGHTARG = retention_summary, FUNCTION = csm_retention_summary_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (retention_summary, retention_summary) IS 'greater than';

CREATE OPERATOR >= (
	LEFTARG = retention_summary, RIGHTARG = retention_summary, FUNCTION = csm_retention_summary_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (retention_summary, retention_summary) IS 'greater than or equal';

CREATE OPERATOR CLASS retention_summary_btree_ops DEFAULT FOR TYPE retention_summary USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 csm_retention_summary_cmp(retention_summary, retention_summary);

CREATE OPERATOR CLASS retention_summary_hash_ops DEFAULT FOR TYPE retention_summary USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 csm_retention_summary_hash(retention_summary),
	FUNCTION 2 csm_retention_summary_hash_extended(retention_summary, bigint);

-- Two amounts of one account


CREATE FUNCTION movement(starting numeric, ending numeric) RETURNS text
	AS 'MODULE_PATHNAME', 'csm_movement' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION movement(starting numeric, ending numeric) IS
	'what an account did: new, reactivation, expansion, contraction, churn or unchanged; NULL when both amounts are 0 or NULL';

CREATE FUNCTION movement(starting numeric, ending numeric, was_customer boolean) RETURNS text
	AS 'MODULE_PATHNAME', 'csm_movement' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION movement(starting numeric, ending numeric, was_customer boolean) IS
	'what an account did: new, reactivation, expansion, contraction, churn or unchanged; NULL when both amounts are 0 or NULL';

-- Aggregates that return a number. They share one state and one transition, so that several of
-- them over the same arguments cost little more than one.

CREATE FUNCTION csm_sums_accum(retention_sums, numeric, numeric) RETURNS retention_sums
	AS 'MODULE_PATHNAME', 'csm_sums_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2;
COMMENT ON FUNCTION csm_sums_accum(retention_sums, numeric, numeric) IS
	'transition: adds an account';

CREATE FUNCTION csm_survivor_accum(retention_sums, numeric, numeric, numeric) RETURNS retention_sums
	AS 'MODULE_PATHNAME', 'csm_survivor_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_survivor_accum(retention_sums, numeric, numeric, numeric) IS
	'transition: adds an account that is above the threshold at both ends';

CREATE FUNCTION csm_churned_accum(retention_sums, boolean) RETURNS retention_sums
	AS 'MODULE_PATHNAME', 'csm_churned_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION csm_churned_accum(retention_sums, boolean) IS
	'transition: counts a customer and whether it churned';

CREATE FUNCTION csm_sums_combine(retention_sums, retention_sums) RETURNS retention_sums
	AS 'MODULE_PATHNAME', 'csm_sums_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_sums_combine(retention_sums, retention_sums) IS
	'adds up two states';

CREATE FUNCTION csm_window_accum(internal, numeric, numeric) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_window_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2;
COMMENT ON FUNCTION csm_window_accum(internal, numeric, numeric) IS
	'moving window: adds an account';

CREATE FUNCTION csm_window_remove(internal, numeric, numeric) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_window_remove' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2;
COMMENT ON FUNCTION csm_window_remove(internal, numeric, numeric) IS
	'moving window: takes an account out';

CREATE FUNCTION csm_survivor_window_accum(internal, numeric, numeric, numeric) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_survivor_window_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_survivor_window_accum(internal, numeric, numeric, numeric) IS
	'moving window: adds an account that is above the threshold at both ends';

CREATE FUNCTION csm_survivor_window_remove(internal, numeric, numeric, numeric) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_survivor_window_remove' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_survivor_window_remove(internal, numeric, numeric, numeric) IS
	'moving window: takes such an account out';

CREATE FUNCTION csm_churned_window_accum(internal, boolean) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_churned_window_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION csm_churned_window_accum(internal, boolean) IS
	'moving window: counts a customer';

CREATE FUNCTION csm_churned_window_remove(internal, boolean) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_churned_window_remove' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION csm_churned_window_remove(internal, boolean) IS
	'moving window: takes a customer out';

CREATE FUNCTION csm_ndr_final(retention_sums) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_ndr_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_ndr_final(retention_sums) IS
	'NDR of a state';

CREATE FUNCTION csm_ndr_window_final(internal) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_ndr_window_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_ndr_window_final(internal) IS
	'NDR of a moving window';

CREATE FUNCTION csm_grr_final(retention_sums) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_grr_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_grr_final(retention_sums) IS
	'GRR of a state';

CREATE FUNCTION csm_grr_window_final(internal) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_grr_window_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_grr_window_final(internal) IS
	'GRR of a moving window';

CREATE FUNCTION csm_logo_churn_final(retention_sums) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_logo_churn_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_logo_churn_final(retention_sums) IS
	'logo churn of a state';

CREATE FUNCTION csm_logo_churn_window_final(internal) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_logo_churn_window_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_logo_churn_window_final(internal) IS
	'logo churn of a moving window';

CREATE FUNCTION csm_revenue_churn_final(retention_sums) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_revenue_churn_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_revenue_churn_final(retention_sums) IS
	'revenue churn of a state';

CREATE FUNCTION csm_revenue_churn_window_final(internal) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_revenue_churn_window_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_revenue_churn_window_final(internal) IS
	'revenue churn of a moving window';

CREATE FUNCTION csm_quick_ratio_final(retention_sums) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_quick_ratio_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_quick_ratio_final(retention_sums) IS
	'quick ratio of a state';

CREATE FUNCTION csm_quick_ratio_window_final(internal) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_quick_ratio_window_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_quick_ratio_window_final(internal) IS
	'quick ratio of a moving window';

CREATE AGGREGATE ndr_agg(starting numeric, ending numeric) (
	SFUNC = csm_sums_accum, STYPE = retention_sums, SSPACE = 96,
	FINALFUNC = csm_ndr_final, COMBINEFUNC = csm_sums_combine,
	MSFUNC = csm_window_accum, MINVFUNC = csm_window_remove,
	MSTYPE = internal, MSSPACE = 416, MFINALFUNC = csm_ndr_window_final,
	PARALLEL = safe
);
COMMENT ON AGGREGATE ndr_agg(starting numeric, ending numeric) IS
	'net dollar retention: what accounts with a starting amount have at the end, over what they started with; 1.25 means 125 %';

CREATE AGGREGATE grr_agg(starting numeric, ending numeric) (
	SFUNC = csm_sums_accum, STYPE = retention_sums, SSPACE = 96,
	FINALFUNC = csm_grr_final, COMBINEFUNC = csm_sums_combine,
	MSFUNC = csm_window_accum, MINVFUNC = csm_window_remove,
	MSTYPE = internal, MSSPACE = 416, MFINALFUNC = csm_grr_window_final,
	PARALLEL = safe
);
COMMENT ON AGGREGATE grr_agg(starting numeric, ending numeric) IS
	'gross revenue retention: NDR without expansion, capped per account; never above 1';

CREATE AGGREGATE churn_agg(starting numeric, ending numeric) (
	SFUNC = csm_sums_accum, STYPE = retention_sums, SSPACE = 96,
	FINALFUNC = csm_logo_churn_final, COMBINEFUNC = csm_sums_combine,
	MSFUNC = csm_window_accum, MINVFUNC = csm_window_remove,
	MSTYPE = internal, MSSPACE = 416, MFINALFUNC = csm_logo_churn_window_final,
	PARALLEL = safe
);
COMMENT ON AGGREGATE churn_agg(starting numeric, ending numeric) IS
	'logo churn: accounts that went from an amount to none, over accounts that had one';

CREATE AGGREGATE revenue_churn_agg(starting numeric, ending numeric) (
	SFUNC = csm_sums_accum, STYPE = retention_sums, SSPACE = 96,
	FINALFUNC = csm_revenue_churn_final, COMBINEFUNC = csm_sums_combine,
	MSFUNC = csm_window_accum, MINVFUNC = csm_window_remove,
	MSTYPE = internal, MSSPACE = 416, MFINALFUNC = csm_revenue_churn_window_final,
	PARALLEL = safe
);
COMMENT ON AGGREGATE revenue_churn_agg(starting numeric, ending numeric) IS
	'gross revenue churn: churn and contraction over the starting amount; 1 - GRR';

CREATE AGGREGATE quick_ratio_agg(starting numeric, ending numeric) (
	SFUNC = csm_sums_accum, STYPE = retention_sums, SSPACE = 96,
	FINALFUNC = csm_quick_ratio_final, COMBINEFUNC = csm_sums_combine,
	MSFUNC = csm_window_accum, MINVFUNC = csm_window_remove,
	MSTYPE = internal, MSSPACE = 416, MFINALFUNC = csm_quick_ratio_window_final,
	PARALLEL = safe
);
COMMENT ON AGGREGATE quick_ratio_agg(starting numeric, ending numeric) IS
	'quick ratio: new business and expansion over contraction and churn';

CREATE AGGREGATE churn_agg(churned boolean) (
	SFUNC = csm_churned_accum, STYPE = retention_sums, SSPACE = 96,
	FINALFUNC = csm_logo_churn_final, COMBINEFUNC = csm_sums_combine,
	MSFUNC = csm_churned_window_accum, MINVFUNC = csm_churned_window_remove,
	MSTYPE = internal, MSSPACE = 416, MFINALFUNC = csm_logo_churn_window_final,
	PARALLEL = safe
);
COMMENT ON AGGREGATE churn_agg(churned boolean) IS
	'logo churn of rows that are customers at the start: true churned, false stayed, NULL does not count';

CREATE AGGREGATE survivor_ndr_agg(starting numeric, ending numeric, threshold numeric) (
	SFUNC = csm_survivor_accum, STYPE = retention_sums, SSPACE = 96,
	FINALFUNC = csm_ndr_final, COMBINEFUNC = csm_sums_combine,
	MSFUNC = csm_survivor_window_accum, MINVFUNC = csm_survivor_window_remove,
	MSTYPE = internal, MSSPACE = 416, MFINALFUNC = csm_ndr_window_final,
	PARALLEL = safe
);
COMMENT ON AGGREGATE survivor_ndr_agg(starting numeric, ending numeric, threshold numeric) IS
	'diagnostic: NDR over accounts above a threshold at both ends, from which churn vanishes; overstates retention';

-- retention_agg and rollup

CREATE FUNCTION csm_retention_accum(retention_summary, numeric, numeric) RETURNS retention_summary
	AS 'MODULE_PATHNAME', 'csm_retention_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 6;
COMMENT ON FUNCTION csm_retention_accum(retention_summary, numeric, numeric) IS
	'transition: adds an account';

CREATE FUNCTION csm_retention_accum(retention_summary, numeric, numeric, daterange) RETURNS retention_summary
	AS 'MODULE_PATHNAME', 'csm_retention_accum_period' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 8;
COMMENT ON FUNCTION csm_retention_accum(retention_summary, numeric, numeric, daterange) IS
	'transition: adds an account of a period';

CREATE FUNCTION csm_retention_accum(retention_summary, numeric, numeric, daterange, text) RETURNS retention_summary
	AS 'MODULE_PATHNAME', 'csm_retention_accum_currency' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 8;
COMMENT ON FUNCTION csm_retention_accum(retention_summary, numeric, numeric, daterange, text) IS
	'transition: adds an account of a period and currency';

CREATE FUNCTION csm_retention_accum(retention_summary, numeric, numeric, boolean) RETURNS retention_summary
	AS 'MODULE_PATHNAME', 'csm_retention_accum_customer' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 6;
COMMENT ON FUNCTION csm_retention_accum(retention_summary, numeric, numeric, boolean) IS
	'transition: adds an account that was a customer before, or was not';

CREATE FUNCTION csm_retention_accum(retention_summary, numeric, numeric, boolean, daterange) RETURNS retention_summary
	AS 'MODULE_PATHNAME', 'csm_retention_accum_customer_period' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 8;
COMMENT ON FUNCTION csm_retention_accum(retention_summary, numeric, numeric, boolean, daterange) IS
	'transition: adds an account of a period that was a customer before, or was not';

CREATE FUNCTION csm_retention_accum(retention_summary, numeric, numeric, boolean, daterange, text) RETURNS retention_summary
	AS 'MODULE_PATHNAME', 'csm_retention_accum_customer_currency' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 8;
COMMENT ON FUNCTION csm_retention_accum(retention_summary, numeric, numeric, boolean, daterange, text) IS
	'transition: adds an account of a period and currency that was a customer before, or was not';

CREATE FUNCTION csm_retention_combine(retention_summary, retention_summary) RETURNS retention_summary
	AS 'MODULE_PATHNAME', 'csm_retention_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 6;
COMMENT ON FUNCTION csm_retention_combine(retention_summary, retention_summary) IS
	'adds up two states; implementation of + operator';

CREATE FUNCTION csm_retention_final(retention_summary) RETURNS retention_summary
	AS 'MODULE_PATHNAME', 'csm_retention_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_retention_final(retention_summary) IS
	'a state without its spare room';

CREATE AGGREGATE retention_agg(starting numeric, ending numeric) (
	SFUNC = csm_retention_accum, STYPE = retention_summary, SSPACE = 608,
	FINALFUNC = csm_retention_final, COMBINEFUNC = csm_retention_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE retention_agg(starting numeric, ending numeric) IS
	'what happened to the accounts between two points in time';

CREATE AGGREGATE retention_agg(starting numeric, ending numeric, period daterange) (
	SFUNC = csm_retention_accum, STYPE = retention_summary, SSPACE = 608,
	FINALFUNC = csm_retention_final, COMBINEFUNC = csm_retention_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE retention_agg(starting numeric, ending numeric, period daterange) IS
	'what happened to the accounts between two points in time, of a known period';

CREATE AGGREGATE retention_agg(starting numeric, ending numeric, period daterange, currency text) (
	SFUNC = csm_retention_accum, STYPE = retention_summary, SSPACE = 608,
	FINALFUNC = csm_retention_final, COMBINEFUNC = csm_retention_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE retention_agg(starting numeric, ending numeric, period daterange, currency text) IS
	'what happened to the accounts between two points in time, of a known period and currency';

CREATE AGGREGATE retention_agg(starting numeric, ending numeric, was_customer boolean) (
	SFUNC = csm_retention_accum, STYPE = retention_summary, SSPACE = 608,
	FINALFUNC = csm_retention_final, COMBINEFUNC = csm_retention_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE retention_agg(starting numeric, ending numeric, was_customer boolean) IS
	'what happened to the accounts between two points in time, telling reactivation from new business';

CREATE AGGREGATE retention_agg(starting numeric, ending numeric, was_customer boolean, period daterange) (
	SFUNC = csm_retention_accum, STYPE = retention_summary, SSPACE = 608,
	FINALFUNC = csm_retention_final, COMBINEFUNC = csm_retention_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE retention_agg(starting numeric, ending numeric, was_customer boolean, period daterange) IS
	'what happened to the accounts between two points in time, of a known period, telling reactivation from new business';

CREATE AGGREGATE retention_agg(starting numeric, ending numeric, was_customer boolean, period daterange, currency text) (
	SFUNC = csm_retention_accum, STYPE = retention_summary, SSPACE = 608,
	FINALFUNC = csm_retention_final, COMBINEFUNC = csm_retention_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE retention_agg(starting numeric, ending numeric, was_customer boolean, period daterange, currency text) IS
	'what happened to the accounts between two points in time, of a known period and currency, telling reactivation from new business';

CREATE AGGREGATE rollup(retention_summary) (
	SFUNC = csm_retention_combine, STYPE = retention_summary, SSPACE = 608,
	FINALFUNC = csm_retention_final, COMBINEFUNC = csm_retention_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE rollup(retention_summary) IS
	'adds up summaries of the same period and currency over disjoint accounts';

CREATE FUNCTION csm_retention_rollup_arrays(retention_summary[], retention_summary[]) RETURNS retention_summary[]
	AS 'MODULE_PATHNAME', 'csm_retention_rollup_arrays' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION csm_retention_rollup_arrays(retention_summary[], retention_summary[]) IS
	'adds up two arrays interval by interval';

CREATE FUNCTION csm_retention_rollup_arrays_final(retention_summary[]) RETURNS retention_summary[]
	AS 'MODULE_PATHNAME', 'csm_retention_rollup_arrays_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_retention_rollup_arrays_final(retention_summary[]) IS
	'checks that no interval of the array is NULL';

CREATE AGGREGATE rollup(retention_summary[]) (
	SFUNC = csm_retention_rollup_arrays, STYPE = retention_summary[], SSPACE = 8192,
	FINALFUNC = csm_retention_rollup_arrays_final,
	COMBINEFUNC = csm_retention_rollup_arrays, PARALLEL = safe
);
COMMENT ON AGGREGATE rollup(retention_summary[]) IS
	'adds up arrays of summaries interval by interval; all must have the same intervals';

CREATE OPERATOR + (
	LEFTARG = retention_summary, RIGHTARG = retention_summary, FUNCTION = csm_retention_combine, COMMUTATOR = +
);
COMMENT ON OPERATOR + (retention_summary, retention_summary) IS
	'adds up two summaries of the same period and currency over disjoint accounts';

-- Accessors: ratios, NULL where the denominator is 0

CREATE FUNCTION ndr(retention_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_ndr' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION ndr(retention_summary) IS
	'net dollar retention: ending amount of the accounts with a starting amount, over that';

CREATE FUNCTION grr(retention_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_grr' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION grr(retention_summary) IS
	'gross revenue retention: retained over starting, capped per account';

CREATE FUNCTION logo_churn(retention_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_logo_churn' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION logo_churn(retention_summary) IS
	'churned accounts over accounts at the start';

CREATE FUNCTION logo_retention(retention_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_logo_retention' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION logo_retention(retention_summary) IS
	'retained accounts over accounts at the start';

CREATE FUNCTION revenue_churn(retention_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_revenue_churn' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION revenue_churn(retention_summary) IS
	'gross revenue churn: (churned + contraction) / starting';

CREATE FUNCTION revenue_churn_without_contraction(retention_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_revenue_churn_without_contraction' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION revenue_churn_without_contraction(retention_summary) IS
	'churned / starting';

CREATE FUNCTION net_revenue_churn(retention_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_net_revenue_churn' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION net_revenue_churn(retention_summary) IS
	'(churned + contraction - expansion) / starting; 1 - NDR';

CREATE FUNCTION net_churn_with_reactivation(retention_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_net_churn_with_reactivation' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION net_churn_with_reactivation(retention_summary) IS
	'(churned + contraction - expansion - reactivation) / starting';

CREATE FUNCTION quick_ratio(retention_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_quick_ratio' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION quick_ratio(retention_summary) IS
	'(new + reactivation + expansion) / (contraction + churned)';

CREATE FUNCTION quick_ratio_without_reactivation(retention_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_quick_ratio_without_reactivation' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION quick_ratio_without_reactivation(retention_summary) IS
	'(new + expansion) / (contraction + churned)';

CREATE FUNCTION growth(retention_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_growth' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION growth(retention_summary) IS
	'(ending - starting) / starting';

-- Accessors: amounts

CREATE FUNCTION starting(retention_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_starting' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION starting(retention_summary) IS
	'amount at the start';

CREATE FUNCTION ending(retention_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_ending' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION ending(retention_summary) IS
	'amount at the end, of all accounts';

CREATE FUNCTION ending_existing(retention_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_ending_existing' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION ending_existing(retention_summary) IS
	'amount at the end of the accounts that have one at the start';

CREATE FUNCTION retained(retention_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_retained' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION retained(retention_summary) IS
	'sum over the accounts of the smaller of starting and ending amount';

CREATE FUNCTION new_business(retention_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_new_business' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION new_business(retention_summary) IS
	'amount at the end of accounts that are new';

CREATE FUNCTION reactivation(retention_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_reactivation' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION reactivation(retention_summary) IS
	'amount at the end of accounts that came back';

CREATE FUNCTION expansion(retention_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_expansion' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION expansion(retention_summary) IS
	'what accounts with a starting amount gained';

CREATE FUNCTION contraction(retention_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_contraction' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION contraction(retention_summary) IS
	'what accounts that stayed lost';

CREATE FUNCTION churned(retention_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_churned' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION churned(retention_summary) IS
	'starting amount of the accounts that left';

CREATE FUNCTION net_new(retention_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_net_new' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION net_new(retention_summary) IS
	'ending - starting';

CREATE FUNCTION arpa_starting(retention_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_arpa_starting' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION arpa_starting(retention_summary) IS
	'starting amount per account; NULL without accounts';

CREATE FUNCTION arpa_ending(retention_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_arpa_ending' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION arpa_ending(retention_summary) IS
	'ending amount per account; NULL without accounts';

-- Accessors: counts

CREATE FUNCTION accounts_starting(retention_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_retention_accounts_starting' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION accounts_starting(retention_summary) IS
	'accounts with an amount at the start';

CREATE FUNCTION accounts_ending(retention_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_retention_accounts_ending' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION accounts_ending(retention_summary) IS
	'accounts with an amount at the end';

CREATE FUNCTION accounts_new(retention_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_retention_accounts_new' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION accounts_new(retention_summary) IS
	'accounts that are new';

CREATE FUNCTION accounts_reactivated(retention_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_retention_accounts_reactivated' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION accounts_reactivated(retention_summary) IS
	'accounts that came back';

CREATE FUNCTION accounts_expanded(retention_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_retention_accounts_expanded' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION accounts_expanded(retention_summary) IS
	'accounts that stayed and gained';

CREATE FUNCTION accounts_contracted(retention_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_retention_accounts_contracted' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION accounts_contracted(retention_summary) IS
	'accounts that stayed and lost';

CREATE FUNCTION accounts_churned(retention_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_retention_accounts_churned' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION accounts_churned(retention_summary) IS
	'accounts that left';

CREATE FUNCTION accounts_retained(retention_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_retention_accounts_retained' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION accounts_retained(retention_summary) IS
	'accounts that stayed';

CREATE FUNCTION period(retention_summary) RETURNS daterange
	AS 'MODULE_PATHNAME', 'csm_retention_period' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION period(retention_summary) IS
	'the interval, NULL when not known';

CREATE FUNCTION currency(retention_summary) RETURNS text
	AS 'MODULE_PATHNAME', 'csm_retention_currency' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION currency(retention_summary) IS
	'the currency code, NULL when not known';

-- Uncertainty: the accounts are a sample

CREATE FUNCTION ndr_interval(retention_summary, confidence double precision) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_retention_ndr_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION ndr_interval(retention_summary, confidence double precision) IS
	'confidence interval of NDR: ratio estimator with Student''s t; NULL below two accounts or at zero variance';

CREATE FUNCTION grr_interval(retention_summary, confidence double precision) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_retention_grr_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION grr_interval(retention_summary, confidence double precision) IS
	'confidence interval of GRR: Wilson''s with effective n';

CREATE FUNCTION logo_churn_interval(retention_summary, confidence double precision) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_retention_logo_churn_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION logo_churn_interval(retention_summary, confidence double precision) IS
	'confidence interval of logo churn: Wilson''s';

-- Whales: how much hangs on the k largest accounts, k from 1 to 10

CREATE FUNCTION top_share(retention_summary, k integer) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_top_share' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION top_share(retention_summary, k integer) IS
	'share of the starting amount that the k largest accounts hold';

CREATE FUNCTION hhi(retention_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_hhi' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION hhi(retention_summary) IS
	'Herfindahl index of the starting amounts: 1 is one account, 1/n is n equal ones';

CREATE FUNCTION ndr_without_top(retention_summary, k integer) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_ndr_without_top' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION ndr_without_top(retention_summary, k integer) IS
	'NDR had the k largest accounts not been there';

-- Quota: a book of accounts against a target NDR

CREATE FUNCTION quota_attainment(retention_summary, target_ndr numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_quota_attainment' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION quota_attainment(retention_summary, target_ndr numeric) IS
	'NDR over the target';

CREATE FUNCTION quota_growth_attainment(retention_summary, target_ndr numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_quota_growth_attainment' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION quota_growth_attainment(retention_summary, target_ndr numeric) IS
	'share of the growth that the target asks for; NULL at a target of 1 or less';

CREATE FUNCTION quota_gap(retention_summary, target_ndr numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_quota_gap' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION quota_gap(retention_summary, target_ndr numeric) IS
	'amount missing to the target; negative when it is passed';

-- A run of intervals

CREATE FUNCTION chained_ndr(retention_summary[]) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_chained_ndr' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION chained_ndr(retention_summary[]) IS
	'product of the NDRs of adjacent intervals, each step rounded to 20 places';

CREATE FUNCTION chained_grr(retention_summary[]) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_chained_grr' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION chained_grr(retention_summary[]) IS
	'product of the GRRs of adjacent intervals, each step rounded to 20 places';

CREATE FUNCTION flow_ndr(retention_summary[]) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_flow_ndr' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION flow_ndr(retention_summary[]) IS
	'diagnostic: 1 + all expansion, contraction and churn over the first starting amount; those who join in between leak in';

CREATE FUNCTION mean_ndr(retention_summary[]) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_mean_ndr' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION mean_ndr(retention_summary[]) IS
	'mean of the NDRs of equal intervals at equal steps, undefined ones left out';

CREATE FUNCTION weighted_ndr(retention_summary[]) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_retention_weighted_ndr' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION weighted_ndr(retention_summary[]) IS
	'NDR over the sums of equal intervals at equal steps';

CREATE FUNCTION bridge(retention_summary[]) RETURNS TABLE (
		period_start date, period_end date,
		starting numeric, "new" numeric, reactivation numeric, expansion numeric,
		contraction numeric, churned numeric, ending numeric, net_new numeric,
		accounts_starting bigint, accounts_new bigint, accounts_reactivated bigint,
		accounts_expanded bigint, accounts_contracted bigint, accounts_churned bigint,
		accounts_ending bigint,
		ndr numeric, grr numeric, logo_churn numeric, quick_ratio numeric)
	AS 'MODULE_PATHNAME', 'csm_retention_bridge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	COST 100 ROWS 36;
COMMENT ON FUNCTION bridge(retention_summary[]) IS
	'the ARR bridge: a row an interval, from the starting to the ending amount';
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

CREATE AGGREGATE rollup(revenue_history) (
	SFUNC = csm_history_combine, STYPE = revenue_history, SSPACE = 1024,
	FINALFUNC = csm_history_final, COMBINEFUNC = csm_history_combine, PARALLEL = safe
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

CREATE FUNCTION convert(revenue_history, rate numeric, code text) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_history_convert' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION convert(revenue_history, rate numeric, code text) IS
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
-- bridge_agg straight from raw rows, in one pass and one process: there is no combine function

CREATE FUNCTION csm_bridge_scan_accum(internal, bigint, date, numeric, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_snapshot_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, bigint, date, numeric, interval) IS
	'transition: adds a snapshot of an account';

CREATE FUNCTION csm_bridge_scan_accum(internal, bigint, date, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_snapshot_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, bigint, date, numeric, interval, date, date) IS
	'transition: adds a snapshot of an account within bounds';

CREATE FUNCTION csm_bridge_scan_accum(internal, bigint, date, numeric, interval, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_snapshot_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, bigint, date, numeric, interval, interval) IS
	'transition: adds a snapshot of an account';

CREATE FUNCTION csm_bridge_scan_accum(internal, bigint, date, numeric, interval, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_snapshot_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, bigint, date, numeric, interval, interval, date, date) IS
	'transition: adds a snapshot of an account within bounds';

CREATE FUNCTION csm_bridge_scan_accum(internal, bigint, daterange, numeric, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_subscription_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, bigint, daterange, numeric, interval) IS
	'transition: adds a subscription of an account';

CREATE FUNCTION csm_bridge_scan_accum(internal, bigint, daterange, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_subscription_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, bigint, daterange, numeric, interval, date, date) IS
	'transition: adds a subscription of an account within bounds';

CREATE FUNCTION csm_bridge_scan_accum(internal, text, date, numeric, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_snapshot_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, text, date, numeric, interval) IS
	'transition: adds a snapshot of an account';

CREATE FUNCTION csm_bridge_scan_accum(internal, text, date, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_snapshot_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, text, date, numeric, interval, date, date) IS
	'transition: adds a snapshot of an account within bounds';

CREATE FUNCTION csm_bridge_scan_accum(internal, text, date, numeric, interval, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_snapshot_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, text, date, numeric, interval, interval) IS
	'transition: adds a snapshot of an account';

CREATE FUNCTION csm_bridge_scan_accum(internal, text, date, numeric, interval, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_snapshot_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, text, date, numeric, interval, interval, date, date) IS
	'transition: adds a snapshot of an account within bounds';

CREATE FUNCTION csm_bridge_scan_accum(internal, text, daterange, numeric, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_subscription_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, text, daterange, numeric, interval) IS
	'transition: adds a subscription of an account';

CREATE FUNCTION csm_bridge_scan_accum(internal, text, daterange, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_subscription_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, text, daterange, numeric, interval, date, date) IS
	'transition: adds a subscription of an account within bounds';

CREATE FUNCTION csm_bridge_scan_accum(internal, uuid, date, numeric, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_snapshot_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, uuid, date, numeric, interval) IS
	'transition: adds a snapshot of an account';

CREATE FUNCTION csm_bridge_scan_accum(internal, uuid, date, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_snapshot_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, uuid, date, numeric, interval, date, date) IS
	'transition: adds a snapshot of an account within bounds';

CREATE FUNCTION csm_bridge_scan_accum(internal, uuid, date, numeric, interval, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_snapshot_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, uuid, date, numeric, interval, interval) IS
	'transition: adds a snapshot of an account';

CREATE FUNCTION csm_bridge_scan_accum(internal, uuid, date, numeric, interval, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_snapshot_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, uuid, date, numeric, interval, interval, date, date) IS
	'transition: adds a snapshot of an account within bounds';

CREATE FUNCTION csm_bridge_scan_accum(internal, uuid, daterange, numeric, interval) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_subscription_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, uuid, daterange, numeric, interval) IS
	'transition: adds a subscription of an account';

CREATE FUNCTION csm_bridge_scan_accum(internal, uuid, daterange, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_subscription_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, uuid, daterange, numeric, interval, date, date) IS
	'transition: adds a subscription of an account within bounds';

CREATE FUNCTION csm_bridge_scan_final(internal) RETURNS retention_summary[]
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION csm_bridge_scan_final(internal) IS
	'final: the intervals of a scan';

CREATE AGGREGATE bridge_agg(account bigint, at date, amount numeric, step interval) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account bigint, at date, amount numeric, step interval) IS
	'the ARR bridge straight from rows of snapshots, a unit each step, from the first to the last';

CREATE AGGREGATE bridge_agg(account bigint, at date, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account bigint, at date, amount numeric, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of snapshots, a unit each step, between two dates';

CREATE AGGREGATE bridge_agg(account bigint, at date, amount numeric, every interval, step interval) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account bigint, at date, amount numeric, every interval, step interval) IS
	'the ARR bridge straight from rows of snapshots of units that steps are multiples of, from the first to the last';

CREATE AGGREGATE bridge_agg(account bigint, at date, amount numeric, every interval, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account bigint, at date, amount numeric, every interval, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of snapshots of units that steps are multiples of, between two dates';

CREATE AGGREGATE bridge_agg(account bigint, valid daterange, amount numeric, step interval) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account bigint, valid daterange, amount numeric, step interval) IS
	'the ARR bridge straight from rows of subscriptions, from the first to the last';

CREATE AGGREGATE bridge_agg(account bigint, valid daterange, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account bigint, valid daterange, amount numeric, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of subscriptions, between two dates';

CREATE AGGREGATE bridge_agg(account text, at date, amount numeric, step interval) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account text, at date, amount numeric, step interval) IS
	'the ARR bridge straight from rows of snapshots, a unit each step, from the first to the last';

CREATE AGGREGATE bridge_agg(account text, at date, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account text, at date, amount numeric, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of snapshots, a unit each step, between two dates';

CREATE AGGREGATE bridge_agg(account text, at date, amount numeric, every interval, step interval) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account text, at date, amount numeric, every interval, step interval) IS
	'the ARR bridge straight from rows of snapshots of units that steps are multiples of, from the first to the last';

CREATE AGGREGATE bridge_agg(account text, at date, amount numeric, every interval, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account text, at date, amount numeric, every interval, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of snapshots of units that steps are multiples of, between two dates';

CREATE AGGREGATE bridge_agg(account text, valid daterange, amount numeric, step interval) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account text, valid daterange, amount numeric, step interval) IS
	'the ARR bridge straight from rows of subscriptions, from the first to the last';

CREATE AGGREGATE bridge_agg(account text, valid daterange, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account text, valid daterange, amount numeric, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of subscriptions, between two dates';

CREATE AGGREGATE bridge_agg(account uuid, at date, amount numeric, step interval) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account uuid, at date, amount numeric, step interval) IS
	'the ARR bridge straight from rows of snapshots, a unit each step, from the first to the last';

CREATE AGGREGATE bridge_agg(account uuid, at date, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account uuid, at date, amount numeric, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of snapshots, a unit each step, between two dates';

CREATE AGGREGATE bridge_agg(account uuid, at date, amount numeric, every interval, step interval) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account uuid, at date, amount numeric, every interval, step interval) IS
	'the ARR bridge straight from rows of snapshots of units that steps are multiples of, from the first to the last';

CREATE AGGREGATE bridge_agg(account uuid, at date, amount numeric, every interval, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account uuid, at date, amount numeric, every interval, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of snapshots of units that steps are multiples of, between two dates';

CREATE AGGREGATE bridge_agg(account uuid, valid daterange, amount numeric, step interval) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account uuid, valid daterange, amount numeric, step interval) IS
	'the ARR bridge straight from rows of subscriptions, from the first to the last';

CREATE AGGREGATE bridge_agg(account uuid, valid daterange, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account uuid, valid daterange, amount numeric, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of subscriptions, between two dates';
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

CREATE AGGREGATE rollup(cohort_matrix) (
	SFUNC = csm_cohorts_combine, STYPE = cohort_matrix, SSPACE = 16384,
	COMBINEFUNC = csm_cohorts_combine, PARALLEL = safe
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
	FINALFUNC = csm_cohorts_events_final, PARALLEL = safe
);
COMMENT ON AGGREGATE cohort_agg(account bigint, at date, amount numeric, step interval) IS
	'cohorts of accounts by the calendar unit of their first event, active by their events in each unit';

CREATE AGGREGATE cohort_agg(account text, at date, amount numeric, step interval) (
	SFUNC = csm_cohorts_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_cohorts_events_final, PARALLEL = safe
);
COMMENT ON AGGREGATE cohort_agg(account text, at date, amount numeric, step interval) IS
	'cohorts of accounts by the calendar unit of their first event, active by their events in each unit';

CREATE AGGREGATE cohort_agg(account uuid, at date, amount numeric, step interval) (
	SFUNC = csm_cohorts_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_cohorts_events_final, PARALLEL = safe
);
COMMENT ON AGGREGATE cohort_agg(account uuid, at date, amount numeric, step interval) IS
	'cohorts of accounts by the calendar unit of their first event, active by their events in each unit';

-- The table

CREATE FUNCTION cohort_table(cohort_matrix) RETURNS TABLE (
		cohort date, age integer, accounts bigint, active bigint, revenue numeric,
		logo_retention numeric, revenue_retention numeric)
	AS 'MODULE_PATHNAME', 'csm_cohorts_table' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	COST 100 ROWS 100;
COMMENT ON FUNCTION cohort_table(cohort_matrix) IS
	'a row for each cohort that has accounts and each age: accounts, active ones, revenue, and both over those at the start';
-- segment: a named band of amounts

CREATE TYPE segment;
COMMENT ON TYPE segment IS
	'a named band of yearly revenue: a label, a low end that is included and a high end that is not';

CREATE FUNCTION csm_segment_in(cstring) RETURNS segment
	AS 'MODULE_PATHNAME', 'csm_segment_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_in(cstring) IS
	'text input of segment';

CREATE FUNCTION csm_segment_out(segment) RETURNS cstring
	AS 'MODULE_PATHNAME', 'csm_segment_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_out(segment) IS
	'text output of segment';

CREATE FUNCTION csm_segment_recv(internal) RETURNS segment
	AS 'MODULE_PATHNAME', 'csm_segment_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_recv(internal) IS
	'binary input of segment';

CREATE FUNCTION csm_segment_send(segment) RETURNS bytea
	AS 'MODULE_PATHNAME', 'csm_segment_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_send(segment) IS
	'binary output of segment';

CREATE TYPE segment (
	INPUT = csm_segment_in, OUTPUT = csm_segment_out,
	RECEIVE = csm_segment_recv, SEND = csm_segment_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = plain
);

-- Parts

CREATE FUNCTION label(segment) RETURNS text
	AS 'MODULE_PATHNAME', 'csm_segment_label' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION label(segment) IS
	'the name of a segment';

CREATE FUNCTION arr_from(segment) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_segment_arr_from' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION arr_from(segment) IS
	'the low end of a segment, which it includes; NULL when open';

CREATE FUNCTION arr_to(segment) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_segment_arr_to' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION arr_to(segment) IS
	'the high end of a segment, which it excludes; NULL when open';

CREATE FUNCTION csm_segment_to_numrange(segment) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_segment_to_numrange' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_to_numrange(segment) IS
	'cast of segment to numrange: its band';

CREATE CAST (segment AS numrange) WITH FUNCTION csm_segment_to_numrange(segment);

-- Membership and schemes

CREATE FUNCTION csm_segment_contains(segment, numeric) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_segment_contains_numeric' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_contains(segment, numeric) IS
	'implementation of @> operator';

CREATE FUNCTION csm_numeric_in_segment(numeric, segment) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_numeric_in_segment' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_numeric_in_segment(numeric, segment) IS
	'implementation of <@ operator';

CREATE OPERATOR @> (
	LEFTARG = segment, RIGHTARG = numeric, FUNCTION = csm_segment_contains,
	COMMUTATOR = <@, RESTRICT = contsel, JOIN = contjoinsel
);
COMMENT ON OPERATOR @> (segment, numeric) IS 'does the band hold the amount';

CREATE OPERATOR <@ (
	LEFTARG = numeric, RIGHTARG = segment, FUNCTION = csm_numeric_in_segment,
	COMMUTATOR = @>, RESTRICT = contsel, JOIN = contjoinsel
);
COMMENT ON OPERATOR <@ (numeric, segment) IS 'is the amount within the band';

CREATE FUNCTION segment_of(arr numeric, scheme segment[]) RETURNS segment
	AS 'MODULE_PATHNAME', 'csm_segment_of' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION segment_of(arr numeric, scheme segment[]) IS
	'the first segment of the scheme whose band holds the amount; NULL outside all bands';

CREATE FUNCTION segment_scheme(name text) RETURNS segment[]
	AS 'MODULE_PATHNAME', 'csm_segment_scheme' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION segment_scheme(name text) IS
	'the schemes of the field: deal_size and enterprise';

CREATE FUNCTION check_scheme(segment[]) RETURNS segment[]
	AS 'MODULE_PATHNAME', 'csm_check_scheme' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION check_scheme(segment[]) IS
	'the scheme in order, or an error that names its gap, overlap or repeated label';

-- Comparison: by low end, high end, label; the same in every collation

CREATE FUNCTION csm_segment_eq(segment, segment) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_segment_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_eq(segment, segment) IS
	'implementation of = operator';

CREATE FUNCTION csm_segment_ne(segment, segment) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_segment_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_ne(segment, segment) IS
	'implementation of <> operator';

CREATE FUNCTION csm_segment_lt(segment, segment) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_segment_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_lt(segment, segment) IS
	'implementation of < operator';

CREATE FUNCTION csm_segment_le(segment, segment) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_segment_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_le(segment, segment) IS
	'implementation of <= operator';

CREATE FUNCTION csm_segment_gt(segment, segment) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_segment_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_gt(segment, segment) IS
	'implementation of > operator';

CREATE FUNCTION csm_segment_ge(segment, segment) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_segment_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_ge(segment, segment) IS
	'implementation of >= operator';

CREATE FUNCTION csm_segment_cmp(segment, segment) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_segment_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_cmp(segment, segment) IS
	'btree comparison: -1, 0 or 1';

CREATE FUNCTION csm_segment_hash(segment) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_segment_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_hash(segment) IS
	'hash';

CREATE FUNCTION csm_segment_hash_extended(segment, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_segment_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_hash_extended(segment, bigint) IS
	'64-bit hash with a seed';

CREATE OPERATOR = (
	LEFTARG = segment, RIGHTARG = segment, FUNCTION = csm_segment_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (segment, segment) IS 'equal';

CREATE OPERATOR <> (
	LEFTARG = segment, RIGHTARG = segment, FUNCTION = csm_segment_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (segment, segment) IS 'not equal';

CREATE OPERATOR < (
	LEFTARG = segment, RIGHTARG = segment, FUNCTION = csm_segment_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (segment, segment) IS 'less than';

CREATE OPERATOR <= (
	LEFTARG = segment, RIGHTARG = segment, FUNCTION = csm_segment_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (segment, segment) IS 'less than or equal';

CREATE OPERATOR > (
	LEFTARG = segment, RIGHTARG = segment, FUNCTION = csm_segment_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (segment, segment) IS 'greater than';

CREATE OPERATOR >= (
	LEFTARG = segment, RIGHTARG = segment, FUNCTION = csm_segment_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (segment, segment) IS 'greater than or equal';

CREATE OPERATOR CLASS segment_btree_ops DEFAULT FOR TYPE segment USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 csm_segment_cmp(segment, segment);

CREATE OPERATOR CLASS segment_hash_ops DEFAULT FOR TYPE segment USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 csm_segment_hash(segment),
	FUNCTION 2 csm_segment_hash_extended(segment, bigint);
-- coverage: managers, their books and what they have room for

CREATE TYPE coverage_summary;
COMMENT ON TYPE coverage_summary IS
	'managers, their books and what they have room for';

CREATE FUNCTION csm_coverage_summary_in(cstring) RETURNS coverage_summary
	AS 'MODULE_PATHNAME', 'csm_coverage_summary_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_coverage_summary_in(cstring) IS
	'text input of coverage_summary';

CREATE FUNCTION csm_coverage_summary_out(coverage_summary) RETURNS cstring
	AS 'MODULE_PATHNAME', 'csm_coverage_summary_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_coverage_summary_out(coverage_summary) IS
	'text output of coverage_summary';

CREATE FUNCTION csm_coverage_summary_recv(internal) RETURNS coverage_summary
	AS 'MODULE_PATHNAME', 'csm_coverage_summary_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_coverage_summary_recv(internal) IS
	'binary input of coverage_summary';

CREATE FUNCTION csm_coverage_summary_send(coverage_summary) RETURNS bytea
	AS 'MODULE_PATHNAME', 'csm_coverage_summary_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_coverage_summary_send(coverage_summary) IS
	'binary output of coverage_summary';

CREATE TYPE coverage_summary (
	INPUT = csm_coverage_summary_in, OUTPUT = csm_coverage_summary_out,
	RECEIVE = csm_coverage_summary_recv, SEND = csm_coverage_summary_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);

CREATE CAST (coverage_summary AS jsonb) WITH INOUT;
CREATE CAST (jsonb AS coverage_summary) WITH INOUT;

-- Comparison: a total order, otherwise arbitrary

CREATE FUNCTION csm_coverage_summary_eq(coverage_summary, coverage_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_coverage_summary_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_coverage_summary_eq(coverage_summary, coverage_summary) IS
	'implementation of = operator';

CREATE FUNCTION csm_coverage_summary_ne(coverage_summary, coverage_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_coverage_summary_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_coverage_summary_ne(coverage_summary, coverage_summary) IS
	'implementation of <> operator';

CREATE FUNCTION csm_coverage_summary_lt(coverage_summary, coverage_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_coverage_summary_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_coverage_summary_lt(coverage_summary, coverage_summary) IS
	'implementation of < operator';

CREATE FUNCTION csm_coverage_summary_le(coverage_summary, coverage_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_coverage_summary_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_coverage_summary_le(coverage_summary, coverage_summary) IS
	'implementation of <= operator';

CREATE FUNCTION csm_coverage_summary_gt(coverage_summary, coverage_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_coverage_summary_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_coverage_summary_gt(coverage_summary, coverage_summary) IS
	'implementation of > operator';

CREATE FUNCTION csm_coverage_summary_ge(coverage_summary, coverage_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_coverage_summary_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_coverage_summary_ge(coverage_summary, coverage_summary) IS
	'implementation of >= operator';

CREATE FUNCTION csm_coverage_summary_cmp(coverage_summary, coverage_summary) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_coverage_summary_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_coverage_summary_cmp(coverage_summary, coverage_summary) IS
	'btree comparison: -1, 0 or 1';

CREATE FUNCTION csm_coverage_summary_hash(coverage_summary) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_coverage_summary_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_coverage_summary_hash(coverage_summary) IS
	'hash; equal values hash alike whatever their display scale';

CREATE FUNCTION csm_coverage_summary_hash_extended(coverage_summary, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_coverage_summary_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_coverage_summary_hash_extended(coverage_summary, bigint) IS
	'64-bit hash with a seed';

CREATE OPERATOR = (
	LEFTARG = coverage_summary, RIGHTARG = coverage_summary, FUNCTION = csm_coverage_summary_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (coverage_summary, coverage_summary) IS 'equal';

CREATE OPERATOR <> (
	LEFTARG = coverage_summary, RIGHTARG = coverage_summary, FUNCTION = csm_coverage_summary_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (coverage_summary, coverage_summary) IS 'not equal';

CREATE OPERATOR < (
	LEFTARG = coverage_summary, RIGHTARG = coverage_summary, FUNCTION = csm_coverage_summary_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (coverage_summary, coverage_summary) IS 'less than';

CREATE OPERATOR <= (
	LEFTARG = coverage_summary, RIGHTARG = coverage_summary, FUNCTION = csm_coverage_summary_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (coverage_summary, coverage_summary) IS 'less than or equal';

CREATE OPERATOR > (
	LEFTARG = coverage_summary, RIGHTARG = coverage_summary, FUNCTION = csm_coverage_summary_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (coverage_summary, coverage_summary) IS 'greater than';

CREATE OPERATOR >= (
	LEFTARG = coverage_summary, RIGHTARG = coverage_summary, FUNCTION = csm_coverage_summary_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (coverage_summary, coverage_summary) IS 'greater than or equal';

CREATE OPERATOR CLASS coverage_summary_btree_ops DEFAULT FOR TYPE coverage_summary USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 csm_coverage_summary_cmp(coverage_summary, coverage_summary);

CREATE OPERATOR CLASS coverage_summary_hash_ops DEFAULT FOR TYPE coverage_summary USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 csm_coverage_summary_hash(coverage_summary),
	FUNCTION 2 csm_coverage_summary_hash_extended(coverage_summary, bigint);

-- Aggregates. A manager is text; bigint 42, text 42 and uuid keys are one with their text.
-- capacity: the amount or the number of accounts that fill a manager; NULL sets no limit.

CREATE FUNCTION csm_coverage_accum(coverage_summary, text, numeric) RETURNS coverage_summary
	AS 'MODULE_PATHNAME', 'csm_coverage_accum_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_coverage_accum(coverage_summary, text, numeric) IS
	'transition: adds an account';

CREATE FUNCTION csm_coverage_accum(coverage_summary, text, numeric, numeric) RETURNS coverage_summary
	AS 'MODULE_PATHNAME', 'csm_coverage_accum_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_coverage_accum(coverage_summary, text, numeric, numeric) IS
	'transition: adds an account with a capacity in amount';

CREATE FUNCTION csm_coverage_accum(coverage_summary, text, numeric, numeric, bigint) RETURNS coverage_summary
	AS 'MODULE_PATHNAME', 'csm_coverage_accum_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_coverage_accum(coverage_summary, text, numeric, numeric, bigint) IS
	'transition: adds an account with capacities in amount and in accounts';

CREATE FUNCTION csm_coverage_accum(coverage_summary, bigint, numeric) RETURNS coverage_summary
	AS 'MODULE_PATHNAME', 'csm_coverage_accum_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_coverage_accum(coverage_summary, bigint, numeric) IS
	'transition: adds an account';

CREATE FUNCTION csm_coverage_accum(coverage_summary, bigint, numeric, numeric) RETURNS coverage_summary
	AS 'MODULE_PATHNAME', 'csm_coverage_accum_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_coverage_accum(coverage_summary, bigint, numeric, numeric) IS
	'transition: adds an account with a capacity in amount';

CREATE FUNCTION csm_coverage_accum(coverage_summary, bigint, numeric, numeric, bigint) RETURNS coverage_summary
	AS 'MODULE_PATHNAME', 'csm_coverage_accum_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_coverage_accum(coverage_summary, bigint, numeric, numeric, bigint) IS
	'transition: adds an account with capacities in amount and in accounts';

CREATE FUNCTION csm_coverage_accum(coverage_summary, uuid, numeric) RETURNS coverage_summary
	AS 'MODULE_PATHNAME', 'csm_coverage_accum_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_coverage_accum(coverage_summary, uuid, numeric) IS
	'transition: adds an account';

CREATE FUNCTION csm_coverage_accum(coverage_summary, uuid, numeric, numeric) RETURNS coverage_summary
	AS 'MODULE_PATHNAME', 'csm_coverage_accum_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_coverage_accum(coverage_summary, uuid, numeric, numeric) IS
	'transition: adds an account with a capacity in amount';

CREATE FUNCTION csm_coverage_accum(coverage_summary, uuid, numeric, numeric, bigint) RETURNS coverage_summary
	AS 'MODULE_PATHNAME', 'csm_coverage_accum_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_coverage_accum(coverage_summary, uuid, numeric, numeric, bigint) IS
	'transition: adds an account with capacities in amount and in accounts';

CREATE FUNCTION csm_coverage_combine(coverage_summary, coverage_summary) RETURNS coverage_summary
	AS 'MODULE_PATHNAME', 'csm_coverage_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_coverage_combine(coverage_summary, coverage_summary) IS
	'adds up two states, for aggregates';

CREATE FUNCTION csm_coverage_final(coverage_summary) RETURNS coverage_summary
	AS 'MODULE_PATHNAME', 'csm_coverage_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_coverage_final(coverage_summary) IS
	'a state in its stored form';

CREATE FUNCTION csm_coverage(coverage_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_coverage_share' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_coverage(coverage_summary) IS
	'share of the amount that a manager has room for; without capacities, share that has a manager';

CREATE AGGREGATE csm_coverage(csm text, arr numeric) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE csm_coverage(csm text, arr numeric) IS
	'share of the amount with a manager; NULL without an amount';

CREATE AGGREGATE csm_coverage(csm text, arr numeric, arr_capacity numeric) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE csm_coverage(csm text, arr numeric, arr_capacity numeric) IS
	'share of the amount with a manager who has room for it; NULL without an amount';

CREATE AGGREGATE csm_coverage(csm text, arr numeric, arr_capacity numeric, account_capacity bigint) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE csm_coverage(csm text, arr numeric, arr_capacity numeric, account_capacity bigint) IS
	'share of the amount with a manager who has room for it; NULL without an amount';

CREATE AGGREGATE csm_coverage(csm bigint, arr numeric) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE csm_coverage(csm bigint, arr numeric) IS
	'share of the amount with a manager; NULL without an amount';

CREATE AGGREGATE csm_coverage(csm bigint, arr numeric, arr_capacity numeric) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE csm_coverage(csm bigint, arr numeric, arr_capacity numeric) IS
	'share of the amount with a manager who has room for it; NULL without an amount';

CREATE AGGREGATE csm_coverage(csm bigint, arr numeric, arr_capacity numeric, account_capacity bigint) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE csm_coverage(csm bigint, arr numeric, arr_capacity numeric, account_capacity bigint) IS
	'share of the amount with a manager who has room for it; NULL without an amount';

CREATE AGGREGATE csm_coverage(csm uuid, arr numeric) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE csm_coverage(csm uuid, arr numeric) IS
	'share of the amount with a manager; NULL without an amount';

CREATE AGGREGATE csm_coverage(csm uuid, arr numeric, arr_capacity numeric) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE csm_coverage(csm uuid, arr numeric, arr_capacity numeric) IS
	'share of the amount with a manager who has room for it; NULL without an amount';

CREATE AGGREGATE csm_coverage(csm uuid, arr numeric, arr_capacity numeric, account_capacity bigint) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE csm_coverage(csm uuid, arr numeric, arr_capacity numeric, account_capacity bigint) IS
	'share of the amount with a manager who has room for it; NULL without an amount';

CREATE AGGREGATE coverage_agg(csm text, arr numeric) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage_final, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE coverage_agg(csm text, arr numeric) IS
	'managers, their books and what they have room for';

CREATE AGGREGATE coverage_agg(csm text, arr numeric, arr_capacity numeric) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage_final, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE coverage_agg(csm text, arr numeric, arr_capacity numeric) IS
	'managers, their books and what they have room for';

CREATE AGGREGATE coverage_agg(csm text, arr numeric, arr_capacity numeric, account_capacity bigint) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage_final, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE coverage_agg(csm text, arr numeric, arr_capacity numeric, account_capacity bigint) IS
	'managers, their books and what they have room for';

CREATE AGGREGATE coverage_agg(csm bigint, arr numeric) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage_final, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE coverage_agg(csm bigint, arr numeric) IS
	'managers, their books and what they have room for';

CREATE AGGREGATE coverage_agg(csm bigint, arr numeric, arr_capacity numeric) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage_final, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE coverage_agg(csm bigint, arr numeric, arr_capacity numeric) IS
	'managers, their books and what they have room for';

CREATE AGGREGATE coverage_agg(csm bigint, arr numeric, arr_capacity numeric, account_capacity bigint) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage_final, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE coverage_agg(csm bigint, arr numeric, arr_capacity numeric, account_capacity bigint) IS
	'managers, their books and what they have room for';

CREATE AGGREGATE coverage_agg(csm uuid, arr numeric) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage_final, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE coverage_agg(csm uuid, arr numeric) IS
	'managers, their books and what they have room for';

CREATE AGGREGATE coverage_agg(csm uuid, arr numeric, arr_capacity numeric) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage_final, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE coverage_agg(csm uuid, arr numeric, arr_capacity numeric) IS
	'managers, their books and what they have room for';

CREATE AGGREGATE coverage_agg(csm uuid, arr numeric, arr_capacity numeric, account_capacity bigint) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage_final, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE coverage_agg(csm uuid, arr numeric, arr_capacity numeric, account_capacity bigint) IS
	'managers, their books and what they have room for';

CREATE AGGREGATE rollup(coverage_summary) (
	SFUNC = csm_coverage_combine, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage_final, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE rollup(coverage_summary) IS
	'adds up summaries over disjoint accounts; the parts of a manager''s book become one book';

-- Accessors

CREATE FUNCTION accounts(coverage_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_coverage_accounts' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION accounts(coverage_summary) IS
	'accounts that have an amount';

CREATE FUNCTION unassigned_accounts(coverage_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_coverage_unassigned_accounts' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION unassigned_accounts(coverage_summary) IS
	'accounts that have an amount and no manager';

CREATE FUNCTION arr(coverage_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_coverage_arr' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION arr(coverage_summary) IS
	'amount of all accounts';

CREATE FUNCTION unassigned_arr(coverage_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_coverage_unassigned_arr' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION unassigned_arr(coverage_summary) IS
	'amount of the accounts that have no manager';

CREATE FUNCTION csms(coverage_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_coverage_csms' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csms(coverage_summary) IS
	'managers, also those whose book is empty';

CREATE FUNCTION required_csms(coverage_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_coverage_required_csms' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION required_csms(coverage_summary) IS
	'managers that the load of all accounts takes, unrounded; NULL without capacities';

CREATE FUNCTION headcount_gap(coverage_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_coverage_headcount_gap' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION headcount_gap(coverage_summary) IS
	'required managers, rounded up, less those that there are: positive, hire; NULL without capacities';

CREATE FUNCTION overloaded_csms(coverage_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_coverage_overloaded_csms' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION overloaded_csms(coverage_summary) IS
	'managers whose load is above 1';

CREATE FUNCTION arr_per_csm(coverage_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_coverage_arr_per_csm' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION arr_per_csm(coverage_summary) IS
	'amount that has a manager, per manager; NULL without managers';

CREATE FUNCTION accounts_per_csm(coverage_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_coverage_accounts_per_csm' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION accounts_per_csm(coverage_summary) IS
	'accounts that have a manager, per manager; NULL without managers';

CREATE FUNCTION books(coverage_summary) RETURNS TABLE (
		csm text, accounts bigint, arr numeric, load numeric, covered_arr numeric)
	AS 'MODULE_PATHNAME', 'csm_coverage_books' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	COST 100 ROWS 50;
COMMENT ON FUNCTION books(coverage_summary) IS
	'a row a manager: the book, its load (1 is full) and the part of its amount that there is room for';

-- Benchmarks

CREATE FUNCTION default_benchmarks() RETURNS TABLE (
		metric text, segment text, low numeric, high numeric, share numeric, unit text, source text, remark text)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 25
BEGIN ATOMIC
	VALUES
	('arr_per_csm', 'enterprise', 2000000::numeric, 5000000::numeric, 0.69::numeric, 'USD of ARR per manager', 'survey of customer success teams', 'share: teams above 2,000,000'),
	('arr_per_csm', 'mid-market', 2000000, 5000000, 0.42, 'USD of ARR per manager', 'survey of customer success teams', 'share: teams above 2,000,000 as published; it contradicts the median beside it, which lies above 2,000,000'),
	('arr_per_csm', 'small business', 1000000, 2000000, 0.54, 'USD of ARR per manager', 'survey of customer success teams', 'share: teams above 2,000,000 as published; it contradicts the median beside it, which lies below 2,000,000'),
	('accounts_per_csm', 'enterprise', 10, 50, NULL, 'accounts per manager', 'survey of customer success teams', NULL),
	('accounts_per_csm', 'mid-market', 100, 250, NULL, 'accounts per manager', 'survey of customer success teams', NULL),
	('accounts_per_csm', 'small business', 100, 250, 0.37, 'accounts per manager', 'survey of customer success teams', 'share: teams above 250 accounts'),
	('arr_capacity', NULL, 2000000, 2000000, NULL, 'USD of ARR per manager', 'common rule of the field', 'the amount that fills one manager'),
	('arr_capacity', 'growing fast', 1000000, 1000000, NULL, 'USD of ARR per manager', 'common rule of the field', 'the amount that fills one manager while the company grows fast'),
	('account_capacity', 'accounts of 100k', 20, 20, NULL, 'accounts per manager', 'common rule of the field', '2,000,000 over 100,000'),
	('account_capacity', 'accounts of 20k', 100, 100, NULL, 'accounts per manager', 'common rule of the field', '2,000,000 over 20,000'),
	('account_capacity', 'accounts of 5k', 400, 400, NULL, 'accounts per manager', 'common rule of the field', '2,000,000 over 5,000'),
	('account_capacity', 'accounts of 1k', 2000, 2000, NULL, 'accounts per manager', 'common rule of the field', '2,000,000 over 1,000'),
	('hours_per_quarter', NULL, 331.5, 331.5, NULL, 'hours per manager and quarter', 'arithmetic', '40 hours x 13 weeks x 75 % with customers x 85 % present'),
	('hours_per_account', NULL, 16, 16, NULL, 'hours per account and quarter', 'common rule of the field', 'managed accounts'),
	('account_capacity', 'by time', 20, 20, NULL, 'accounts per manager', 'arithmetic', '331.5 hours over 16 hours an account, about 20'),
	('contacts_per_day', NULL, 3, 5, NULL, 'contacts per manager and working day', 'common rule of the field', NULL),
	('working_days', NULL, 200, 200, NULL, 'days per year', 'common rule of the field', NULL),
	('contacts_per_account', '400 accounts per manager', 1.5, 2.5, NULL, 'contacts per account and year', 'arithmetic', '200 days x 3 to 5 contacts over 400 accounts'),
	('first_csm', 'accounts of 50k to 100k', 2, 2, NULL, 'accounts', 'common rule of the field', 'hire the first manager of the segment at two such accounts'),
	('first_csm', 'middle segment', 300000, 500000, NULL, 'USD of ARR', 'common rule of the field', 'hire the first manager of the segment at this amount'),
	('first_renewals_manager', NULL, 150, NULL, NULL, 'customers', 'common rule of the field', 'hire a renewals manager from here on'),
	('cs_cost_share', 'company below 10M', NULL, 0.20, NULL, 'share of ARR', 'survey of customer success teams', 'cost of customer success; below 20 %'),
	('cs_cost_share', 'company of 10M to 100M', NULL, 0.15, NULL, 'share of ARR', 'survey of customer success teams', 'cost of customer success; below 15 %'),
	('cs_cost_share', 'company above 100M', NULL, 0.10, 0.39, 'share of ARR', 'survey of customer success teams', 'cost of customer success; at most 10 %; share: companies below 5 %'),
	('csm_cost', NULL, 100000, 100000, NULL, 'USD per manager and year', 'common rule of the field', 'all-in; 5 % of a book of 2,000,000');
END;
COMMENT ON FUNCTION default_benchmarks() IS
	'figures of the field to start from: copy them into a table of your own and edit them there';

CREATE FUNCTION benchmark_position(value numeric, low numeric, high numeric) RETURNS text
	AS 'MODULE_PATHNAME', 'csm_benchmark_position' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION benchmark_position(value numeric, low numeric, high numeric) IS
	'below, within or above the range, both ends included; NULL is an open end; NULL without a value or a range';
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
	'normal interval of incremental; NULL when a side of a stratum has fewer than two accounts';

CREATE FUNCTION lift(lift_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_lift_lift' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION lift(lift_summary) IS
	'incremental over the base of the touched accounts; NULL without one';

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
