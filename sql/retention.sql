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

CREATE FUNCTION csm_retention_summary_to_json(retention_summary) RETURNS json
	AS 'MODULE_PATHNAME', 'csm_retention_summary_to_json' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_retention_summary_to_json(retention_summary) IS
	'cast of retention_summary to json: the text form';

CREATE CAST (retention_summary AS json) WITH FUNCTION csm_retention_summary_to_json(retention_summary);
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

CREATE FUNCTION bridge(retention_summary) RETURNS TABLE (
		period_start date, period_end date,
		starting numeric, "new" numeric, reactivation numeric, expansion numeric,
		contraction numeric, churned numeric, ending numeric, net_new numeric,
		accounts_starting bigint, accounts_new bigint, accounts_reactivated bigint,
		accounts_expanded bigint, accounts_contracted bigint, accounts_churned bigint,
		accounts_ending bigint,
		ndr numeric, grr numeric, logo_churn numeric, quick_ratio numeric)
	AS 'MODULE_PATHNAME', 'csm_retention_bridge_row' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	COST 100 ROWS 1;
COMMENT ON FUNCTION bridge(retention_summary) IS
	'the ARR bridge of one interval: a row from the starting to the ending amount';

CREATE FUNCTION figures(retention_summary) RETURNS TABLE (
		figure text, value numeric, shown text, meaning text)
	AS 'MODULE_PATHNAME', 'csm_retention_figures' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	COST 100 ROWS 26;
COMMENT ON FUNCTION figures(retention_summary) IS
	'all figures as rows, to be read: name, value, the value as people write it, what it means';
