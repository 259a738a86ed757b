-- survival: how long accounts stay, and what that is worth

CREATE TYPE survival_summary;
COMMENT ON TYPE survival_summary IS
	'life table: at each age how many accounts entered, churned and were last seen, what curves and lifetimes are drawn from';

CREATE FUNCTION csm_survival_summary_in(cstring) RETURNS survival_summary
	AS 'MODULE_PATHNAME', 'csm_survival_summary_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_survival_summary_in(cstring) IS
	'text input of survival_summary';

CREATE FUNCTION csm_survival_summary_out(survival_summary) RETURNS cstring
	AS 'MODULE_PATHNAME', 'csm_survival_summary_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_survival_summary_out(survival_summary) IS
	'text output of survival_summary';

CREATE FUNCTION csm_survival_summary_recv(internal) RETURNS survival_summary
	AS 'MODULE_PATHNAME', 'csm_survival_summary_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_survival_summary_recv(internal) IS
	'binary input of survival_summary';

CREATE FUNCTION csm_survival_summary_send(survival_summary) RETURNS bytea
	AS 'MODULE_PATHNAME', 'csm_survival_summary_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_survival_summary_send(survival_summary) IS
	'binary output of survival_summary';

CREATE TYPE survival_summary (
	INPUT = csm_survival_summary_in, OUTPUT = csm_survival_summary_out,
	RECEIVE = csm_survival_summary_recv, SEND = csm_survival_summary_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);

CREATE FUNCTION csm_survival_summary_to_json(survival_summary) RETURNS json
	AS 'MODULE_PATHNAME', 'csm_survival_summary_to_json' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_survival_summary_to_json(survival_summary) IS
	'cast of survival_summary to json: the text form';

CREATE CAST (survival_summary AS json) WITH FUNCTION csm_survival_summary_to_json(survival_summary);
CREATE CAST (survival_summary AS jsonb) WITH INOUT;
CREATE CAST (jsonb AS survival_summary) WITH INOUT;

-- Comparison: a total order, otherwise arbitrary

CREATE FUNCTION csm_survival_summary_eq(survival_summary, survival_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_survival_summary_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_survival_summary_eq(survival_summary, survival_summary) IS
	'implementation of = operator';

CREATE FUNCTION csm_survival_summary_ne(survival_summary, survival_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_survival_summary_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_survival_summary_ne(survival_summary, survival_summary) IS
	'implementation of <> operator';

CREATE FUNCTION csm_survival_summary_lt(survival_summary, survival_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_survival_summary_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_survival_summary_lt(survival_summary, survival_summary) IS
	'implementation of < operator';

CREATE FUNCTION csm_survival_summary_le(survival_summary, survival_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_survival_summary_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_survival_summary_le(survival_summary, survival_summary) IS
	'implementation of <= operator';

CREATE FUNCTION csm_survival_summary_gt(survival_summary, survival_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_survival_summary_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_survival_summary_gt(survival_summary, survival_summary) IS
	'implementation of > operator';

CREATE FUNCTION csm_survival_summary_ge(survival_summary, survival_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_survival_summary_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_survival_summary_ge(survival_summary, survival_summary) IS
	'implementation of >= operator';

CREATE FUNCTION csm_survival_summary_cmp(survival_summary, survival_summary) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_survival_summary_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_survival_summary_cmp(survival_summary, survival_summary) IS
	'btree comparison: -1, 0 or 1';

CREATE FUNCTION csm_survival_summary_hash(survival_summary) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_survival_summary_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_survival_summary_hash(survival_summary) IS
	'hash; equal values hash alike whatever their display scale';

CREATE FUNCTION csm_survival_summary_hash_extended(survival_summary, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_survival_summary_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_survival_summary_hash_extended(survival_summary, bigint) IS
	'64-bit hash with a seed';

CREATE OPERATOR = (
	LEFTARG = survival_summary, RIGHTARG = survival_summary, FUNCTION = csm_survival_summary_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (survival_summary, survival_summary) IS 'equal';

CREATE OPERATOR <> (
	LEFTARG = survival_summary, RIGHTARG = survival_summary, FUNCTION = csm_survival_summary_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (survival_summary, survival_summary) IS 'not equal';

CREATE OPERATOR < (
	LEFTARG = survival_summary, RIGHTARG = survival_summary, FUNCTION = csm_survival_summary_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (survival_summary, survival_summary) IS 'less than';

CREATE OPERATOR <= (
	LEFTARG = survival_summary, RIGHTARG = survival_summary, FUNCTION = csm_survival_summary_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (survival_summary, survival_summary) IS 'less than or equal';

CREATE OPERATOR > (
	LEFTARG = survival_summary, RIGHTARG = survival_summary, FUNCTION = csm_survival_summary_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (survival_summary, survival_summary) IS 'greater than';

CREATE OPERATOR >= (
	LEFTARG = survival_summary, RIGHTARG = survival_summary, FUNCTION = csm_survival_summary_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (survival_summary, survival_summary) IS 'greater than or equal';

CREATE OPERATOR CLASS survival_summary_btree_ops DEFAULT FOR TYPE survival_summary USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 csm_survival_summary_cmp(survival_summary, survival_summary);

CREATE OPERATOR CLASS survival_summary_hash_ops DEFAULT FOR TYPE survival_summary USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 csm_survival_summary_hash(survival_summary),
	FUNCTION 2 csm_survival_summary_hash_extended(survival_summary, bigint);

-- Aggregates

CREATE FUNCTION csm_survival_accum(survival_summary, numeric, boolean) RETURNS survival_summary
	AS 'MODULE_PATHNAME', 'csm_survival_accum_duration' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_survival_accum(survival_summary, numeric, boolean) IS
	'transition: adds an account';

CREATE FUNCTION csm_survival_accum(survival_summary, numeric, boolean, numeric) RETURNS survival_summary
	AS 'MODULE_PATHNAME', 'csm_survival_accum_duration' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_survival_accum(survival_summary, numeric, boolean, numeric) IS
	'transition: adds an account';

CREATE FUNCTION csm_survival_accum(survival_summary, double precision, boolean) RETURNS survival_summary
	AS 'MODULE_PATHNAME', 'csm_survival_accum_duration_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_survival_accum(survival_summary, double precision, boolean) IS
	'transition: adds an account';

CREATE FUNCTION csm_survival_accum(survival_summary, double precision, boolean, numeric) RETURNS survival_summary
	AS 'MODULE_PATHNAME', 'csm_survival_accum_duration_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_survival_accum(survival_summary, double precision, boolean, numeric) IS
	'transition: adds an account';

CREATE FUNCTION csm_survival_accum(survival_summary, numeric, numeric, boolean) RETURNS survival_summary
	AS 'MODULE_PATHNAME', 'csm_survival_accum_ages' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_survival_accum(survival_summary, numeric, numeric, boolean) IS
	'transition: adds an account';

CREATE FUNCTION csm_survival_accum(survival_summary, numeric, numeric, boolean, numeric) RETURNS survival_summary
	AS 'MODULE_PATHNAME', 'csm_survival_accum_ages' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_survival_accum(survival_summary, numeric, numeric, boolean, numeric) IS
	'transition: adds an account';

CREATE FUNCTION csm_survival_accum(survival_summary, double precision, double precision, boolean) RETURNS survival_summary
	AS 'MODULE_PATHNAME', 'csm_survival_accum_ages_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_survival_accum(survival_summary, double precision, double precision, boolean) IS
	'transition: adds an account';

CREATE FUNCTION csm_survival_accum(survival_summary, double precision, double precision, boolean, numeric) RETURNS survival_summary
	AS 'MODULE_PATHNAME', 'csm_survival_accum_ages_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_survival_accum(survival_summary, double precision, double precision, boolean, numeric) IS
	'transition: adds an account';

CREATE FUNCTION csm_survival_accum(survival_summary, revenue_history, date, date, interval) RETURNS survival_summary
	AS 'MODULE_PATHNAME', 'csm_survival_accum_history' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_survival_accum(survival_summary, revenue_history, date, date, interval) IS
	'transition: adds what a window sees of an account';

CREATE FUNCTION csm_survival_combine(survival_summary, survival_summary) RETURNS survival_summary
	AS 'MODULE_PATHNAME', 'csm_survival_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_survival_combine(survival_summary, survival_summary) IS
	'adds up two states, for aggregates and +';

CREATE FUNCTION csm_survival_final(survival_summary) RETURNS survival_summary
	AS 'MODULE_PATHNAME', 'csm_survival_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_survival_final(survival_summary) IS
	'a state in its stored form';

CREATE AGGREGATE survival_agg(duration numeric, churned boolean) (
	SFUNC = csm_survival_accum, STYPE = survival_summary, SSPACE = 1024,
	FINALFUNC = csm_survival_final, COMBINEFUNC = csm_survival_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE survival_agg(duration numeric, churned boolean) IS
	'life table of accounts that were all seen from their start: how long, and did they churn then';

CREATE AGGREGATE survival_agg(duration numeric, churned boolean, weight numeric) (
	SFUNC = csm_survival_accum, STYPE = survival_summary, SSPACE = 1024,
	FINALFUNC = csm_survival_final, COMBINEFUNC = csm_survival_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE survival_agg(duration numeric, churned boolean, weight numeric) IS
	'life table of accounts that were all seen from their start, each with a weight, such as its ARR';

CREATE AGGREGATE survival_agg(from_age numeric, to_age numeric, churned boolean) (
	SFUNC = csm_survival_accum, STYPE = survival_summary, SSPACE = 1024,
	FINALFUNC = csm_survival_final, COMBINEFUNC = csm_survival_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE survival_agg(from_age numeric, to_age numeric, churned boolean) IS
	'life table of accounts that were seen from an age to an age, as those that were there already when the records begin';

CREATE AGGREGATE survival_agg(from_age numeric, to_age numeric, churned boolean, weight numeric) (
	SFUNC = csm_survival_accum, STYPE = survival_summary, SSPACE = 1024,
	FINALFUNC = csm_survival_final, COMBINEFUNC = csm_survival_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE survival_agg(from_age numeric, to_age numeric, churned boolean, weight numeric) IS
	'life table of accounts that were seen from an age to an age, each with a weight';

CREATE AGGREGATE survival_agg(duration double precision, churned boolean) (
	SFUNC = csm_survival_accum, STYPE = survival_summary, SSPACE = 1024,
	FINALFUNC = csm_survival_final, COMBINEFUNC = csm_survival_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE survival_agg(duration double precision, churned boolean) IS
	'life table of accounts that were all seen from their start: how long, and did they churn then';

CREATE AGGREGATE survival_agg(duration double precision, churned boolean, weight numeric) (
	SFUNC = csm_survival_accum, STYPE = survival_summary, SSPACE = 1024,
	FINALFUNC = csm_survival_final, COMBINEFUNC = csm_survival_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE survival_agg(duration double precision, churned boolean, weight numeric) IS
	'life table of accounts that were all seen from their start, each with a weight, such as its ARR';

CREATE AGGREGATE survival_agg(from_age double precision, to_age double precision, churned boolean) (
	SFUNC = csm_survival_accum, STYPE = survival_summary, SSPACE = 1024,
	FINALFUNC = csm_survival_final, COMBINEFUNC = csm_survival_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE survival_agg(from_age double precision, to_age double precision, churned boolean) IS
	'life table of accounts that were seen from an age to an age, as those that were there already when the records begin';

CREATE AGGREGATE survival_agg(from_age double precision, to_age double precision, churned boolean, weight numeric) (
	SFUNC = csm_survival_accum, STYPE = survival_summary, SSPACE = 1024,
	FINALFUNC = csm_survival_final, COMBINEFUNC = csm_survival_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE survival_agg(from_age double precision, to_age double precision, churned boolean, weight numeric) IS
	'life table of accounts that were seen from an age to an age, each with a weight';

CREATE AGGREGATE survival_agg(h revenue_history, from_date date, to_date date, step interval) (
	SFUNC = csm_survival_accum, STYPE = survival_summary, SSPACE = 1024,
	FINALFUNC = csm_survival_final, COMBINEFUNC = csm_survival_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE survival_agg(h revenue_history, from_date date, to_date date, step interval) IS
	'life table in whole steps, of what a window sees of the first spell of each account';

CREATE AGGREGATE rollup(survival_summary) (
	SFUNC = csm_survival_combine, STYPE = survival_summary, SSPACE = 1024,
	FINALFUNC = csm_survival_final, COMBINEFUNC = csm_survival_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE rollup(survival_summary) IS
	'adds up life tables of disjoint accounts, or of windows of the same ones that do not overlap';

CREATE OPERATOR + (
	LEFTARG = survival_summary, RIGHTARG = survival_summary, FUNCTION = csm_survival_combine, COMMUTATOR = +
);
COMMENT ON OPERATOR + (survival_summary, survival_summary) IS
	'adds up two life tables of disjoint accounts or windows';

-- What one history adds

CREATE FUNCTION lifetime(h revenue_history, from_date date, to_date date, step interval) RETURNS TABLE (
		from_age integer, to_age integer, churned boolean, amount numeric)
	AS 'MODULE_PATHNAME', 'csm_survival_lifetime' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 1;
COMMENT ON FUNCTION lifetime(h revenue_history, from_date date, to_date date, step interval) IS
	'what a window sees of the first spell of an account: the ages in whole steps, whether it churned, its amount at the first; no row when it sees nothing';

-- The curve

CREATE FUNCTION survival(survival_summary, at numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_survival_curve' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION survival(survival_summary, at numeric) IS
	'share of accounts that are still there at an age, by Kaplan and Meier; NULL beyond the last age';

CREATE FUNCTION survival(survival_summary, from_age numeric, at numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_survival_curve_from' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION survival(survival_summary, from_age numeric, at numeric) IS
	'the same of those that are there at from_age';

CREATE FUNCTION survival_interval(survival_summary, at numeric, confidence double precision, kind text DEFAULT 'log-log') RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_survival_curve_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION survival_interval(survival_summary, at numeric, confidence double precision, kind text) IS
	'interval of survival: log-log, log or plain; NULL where the curve is 1 or 0';

CREATE FUNCTION age_at(survival_summary, share numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_survival_quantile' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION age_at(survival_summary, share numeric) IS
	'the first age at which no more than the share is still there; NULL when never';

CREATE FUNCTION median_lifetime(survival_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_survival_median' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION median_lifetime(survival_summary) IS
	'the first age at which no more than half of the accounts are still there; NULL when never';

CREATE FUNCTION median_lifetime_interval(survival_summary, confidence double precision, kind text DEFAULT 'log-log') RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_survival_median_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION median_lifetime_interval(survival_summary, confidence double precision, kind text) IS
	'interval of median_lifetime: from the first age whose interval of survival reaches one half to the first whose interval is below it; open when never';

CREATE FUNCTION restricted_mean(survival_summary, horizon numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_survival_restricted_mean' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION restricted_mean(survival_summary, horizon numeric) IS
	'mean lifetime within a horizon: the area below the curve; NULL beyond the last age';

CREATE FUNCTION restricted_mean(survival_summary, from_age numeric, horizon numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_survival_restricted_mean_from' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION restricted_mean(survival_summary, from_age numeric, horizon numeric) IS
	'mean time from an age to a horizon of those that are there at that age';

CREATE FUNCTION restricted_mean_interval(survival_summary, horizon numeric, confidence double precision) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_survival_restricted_mean_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION restricted_mean_interval(survival_summary, horizon numeric, confidence double precision) IS
	'normal interval of restricted_mean; NULL with weights';

CREATE FUNCTION survival_table(survival_summary) RETURNS TABLE (
		age numeric, at_risk bigint, entered bigint, churned bigint, censored bigint, hazard numeric,
		survival numeric)
	AS 'MODULE_PATHNAME', 'csm_survival_table' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 100;
COMMENT ON FUNCTION survival_table(survival_summary) IS
	'a row for each age at which accounts leave: at risk, entered since the row before, churned, last seen, churned over at risk, and the curve';

CREATE FUNCTION accounts(survival_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_survival_accounts' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION accounts(survival_summary) IS
	'accounts, each counted once a window';

CREATE FUNCTION accounts_churned(survival_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_survival_accounts_churned' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION accounts_churned(survival_summary) IS
	'accounts that churned';

-- Comparing, projecting, valuing

CREATE FUNCTION logrank(survival_summary[], OUT chi_square numeric, OUT degrees integer, OUT p_value double precision,
	OUT observed bigint[], OUT expected numeric[]) RETURNS record
	AS 'MODULE_PATHNAME', 'csm_survival_logrank_test' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION logrank(survival_summary[]) IS
	'log-rank test: do the groups differ, over all ages? NULL when nobody churned or fewer than two groups had anybody at risk then';

CREATE FUNCTION projection(survival_summary, OUT alpha numeric, OUT beta numeric, OUT log_likelihood numeric) RETURNS record
	AS 'MODULE_PATHNAME', 'csm_survival_projection' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500;
COMMENT ON FUNCTION projection(survival_summary) IS
	'shifted beta-geometric curve that fits best: the churn rate at age t is alpha / (alpha + beta + t - 1); NULL when nobody churned';

CREATE FUNCTION projected_survival(survival_summary, at integer) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_survival_projected' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500;
COMMENT ON FUNCTION projected_survival(survival_summary, at integer) IS
	'share of accounts that stay for so many steps by the projection, beyond the data too';

CREATE FUNCTION lifetime_value(survival_summary, arpa numeric, margin numeric, steps integer, discount numeric DEFAULT 0,
	from_age integer DEFAULT 0) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_survival_lifetime_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION lifetime_value(survival_summary, arpa numeric, margin numeric, steps integer, discount numeric,
	from_age integer) IS
	'what an account is worth over so many steps, each paid at its start, by the curve; NULL where the curve is not known';

CREATE FUNCTION lifetime_value(arpa numeric, margin numeric, churn numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_survival_textbook_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION lifetime_value(arpa numeric, margin numeric, churn numeric) IS
	'the textbook figure: arpa * margin / churn; NULL at a churn of 0';

CREATE FUNCTION annual_churn(churn numeric, years numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_survival_annual_churn' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION annual_churn(churn numeric, years numeric) IS
	'churn of one year, from the churn of a term of some years: 1 - (1 - churn)^(1 / years)';
