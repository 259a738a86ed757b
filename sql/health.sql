-- health: did the health score see churn coming?

CREATE TYPE health_summary;
COMMENT ON TYPE health_summary IS
	'at each health score how many accounts stayed and how many churned, with their ARR: what figures of the score are drawn from';

CREATE FUNCTION csm_health_summary_in(cstring) RETURNS health_summary
	AS 'MODULE_PATHNAME', 'csm_health_summary_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_health_summary_in(cstring) IS
	'text input of health_summary';

CREATE FUNCTION csm_health_summary_out(health_summary) RETURNS cstring
	AS 'MODULE_PATHNAME', 'csm_health_summary_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_health_summary_out(health_summary) IS
	'text output of health_summary';

CREATE FUNCTION csm_health_summary_recv(internal) RETURNS health_summary
	AS 'MODULE_PATHNAME', 'csm_health_summary_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_health_summary_recv(internal) IS
	'binary input of health_summary';

CREATE FUNCTION csm_health_summary_send(health_summary) RETURNS bytea
	AS 'MODULE_PATHNAME', 'csm_health_summary_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_health_summary_send(health_summary) IS
	'binary output of health_summary';

CREATE TYPE health_summary (
	INPUT = csm_health_summary_in, OUTPUT = csm_health_summary_out,
	RECEIVE = csm_health_summary_recv, SEND = csm_health_summary_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);

CREATE FUNCTION csm_health_summary_to_json(health_summary) RETURNS json
	AS 'MODULE_PATHNAME', 'csm_health_summary_to_json' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_health_summary_to_json(health_summary) IS
	'cast of health_summary to json: the text form';

CREATE CAST (health_summary AS json) WITH FUNCTION csm_health_summary_to_json(health_summary);
CREATE CAST (health_summary AS jsonb) WITH INOUT;
CREATE CAST (jsonb AS health_summary) WITH INOUT;

-- Comparison: a total order, otherwise arbitrary

CREATE FUNCTION csm_health_summary_eq(health_summary, health_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_health_summary_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_health_summary_eq(health_summary, health_summary) IS
	'implementation of = operator';

CREATE FUNCTION csm_health_summary_ne(health_summary, health_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_health_summary_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_health_summary_ne(health_summary, health_summary) IS
	'implementation of <> operator';

CREATE FUNCTION csm_health_summary_lt(health_summary, health_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_health_summary_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_health_summary_lt(health_summary, health_summary) IS
	'implementation of < operator';

CREATE FUNCTION csm_health_summary_le(health_summary, health_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_health_summary_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_health_summary_le(health_summary, health_summary) IS
	'implementation of <= operator';

CREATE FUNCTION csm_health_summary_gt(health_summary, health_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_health_summary_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_health_summary_gt(health_summary, health_summary) IS
	'implementation of > operator';

CREATE FUNCTION csm_health_summary_ge(health_summary, health_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_health_summary_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_health_summary_ge(health_summary, health_summary) IS
	'implementation of >= operator';

CREATE FUNCTION csm_health_summary_cmp(health_summary, health_summary) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_health_summary_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_health_summary_cmp(health_summary, health_summary) IS
	'btree comparison: -1, 0 or 1';

CREATE FUNCTION csm_health_summary_hash(health_summary) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_health_summary_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_health_summary_hash(health_summary) IS
	'hash; equal values hash alike whatever their display scale';

CREATE FUNCTION csm_health_summary_hash_extended(health_summary, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_health_summary_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_health_summary_hash_extended(health_summary, bigint) IS
	'64-bit hash with a seed';

CREATE OPERATOR = (
	LEFTARG = health_summary, RIGHTARG = health_summary, FUNCTION = csm_health_summary_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (health_summary, health_summary) IS 'equal';

CREATE OPERATOR <> (
	LEFTARG = health_summary, RIGHTARG = health_summary, FUNCTION = csm_health_summary_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (health_summary, health_summary) IS 'not equal';

CREATE OPERATOR < (
	LEFTARG = health_summary, RIGHTARG = health_summary, FUNCTION = csm_health_summary_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (health_summary, health_summary) IS 'less than';

CREATE OPERATOR <= (
	LEFTARG = health_summary, RIGHTARG = health_summary, FUNCTION = csm_health_summary_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (health_summary, health_summary) IS 'less than or equal';

CREATE OPERATOR > (
	LEFTARG = health_summary, RIGHTARG = health_summary, FUNCTION = csm_health_summary_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (health_summary, health_summary) IS 'greater than';

CREATE OPERATOR >= (
	LEFTARG = health_summary, RIGHTARG = health_summary, FUNCTION = csm_health_summary_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (health_summary, health_summary) IS 'greater than or equal';

CREATE OPERATOR CLASS health_summary_btree_ops DEFAULT FOR TYPE health_summary USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 csm_health_summary_cmp(health_summary, health_summary);

CREATE OPERATOR CLASS health_summary_hash_ops DEFAULT FOR TYPE health_summary USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 csm_health_summary_hash(health_summary),
	FUNCTION 2 csm_health_summary_hash_extended(health_summary, bigint);

-- Aggregates

CREATE FUNCTION csm_health_accum(health_summary, numeric, boolean) RETURNS health_summary
	AS 'MODULE_PATHNAME', 'csm_health_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_health_accum(health_summary, numeric, boolean) IS
	'transition: adds an account';

CREATE FUNCTION csm_health_accum(health_summary, numeric, boolean, numeric) RETURNS health_summary
	AS 'MODULE_PATHNAME', 'csm_health_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_health_accum(health_summary, numeric, boolean, numeric) IS
	'transition: adds an account';

CREATE FUNCTION csm_health_accum(health_summary, double precision, boolean) RETURNS health_summary
	AS 'MODULE_PATHNAME', 'csm_health_accum_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_health_accum(health_summary, double precision, boolean) IS
	'transition: adds an account';

CREATE FUNCTION csm_health_accum(health_summary, double precision, boolean, numeric) RETURNS health_summary
	AS 'MODULE_PATHNAME', 'csm_health_accum_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_health_accum(health_summary, double precision, boolean, numeric) IS
	'transition: adds an account';

CREATE FUNCTION csm_health_combine(health_summary, health_summary) RETURNS health_summary
	AS 'MODULE_PATHNAME', 'csm_health_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_health_combine(health_summary, health_summary) IS
	'adds up two states, for aggregates and +';

CREATE FUNCTION csm_health_final(health_summary) RETURNS health_summary
	AS 'MODULE_PATHNAME', 'csm_health_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_health_final(health_summary) IS
	'a state in its stored form';

CREATE AGGREGATE health_agg(score numeric, churned boolean) (
	SFUNC = csm_health_accum, STYPE = health_summary, SSPACE = 1024,
	FINALFUNC = csm_health_final, COMBINEFUNC = csm_health_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE health_agg(score numeric, churned boolean) IS
	'scores of accounts, higher is healthier, and whether they churned afterwards';

CREATE AGGREGATE health_agg(score numeric, churned boolean, arr numeric) (
	SFUNC = csm_health_accum, STYPE = health_summary, SSPACE = 1024,
	FINALFUNC = csm_health_final, COMBINEFUNC = csm_health_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE health_agg(score numeric, churned boolean, arr numeric) IS
	'scores of accounts, higher is healthier, whether they churned afterwards, and their ARR';

CREATE AGGREGATE health_agg(score double precision, churned boolean) (
	SFUNC = csm_health_accum, STYPE = health_summary, SSPACE = 1024,
	FINALFUNC = csm_health_final, COMBINEFUNC = csm_health_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE health_agg(score double precision, churned boolean) IS
	'scores of accounts, higher is healthier, and whether they churned afterwards';

CREATE AGGREGATE health_agg(score double precision, churned boolean, arr numeric) (
	SFUNC = csm_health_accum, STYPE = health_summary, SSPACE = 1024,
	FINALFUNC = csm_health_final, COMBINEFUNC = csm_health_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE health_agg(score double precision, churned boolean, arr numeric) IS
	'scores of accounts, higher is healthier, whether they churned afterwards, and their ARR';

CREATE AGGREGATE rollup(health_summary) (
	SFUNC = csm_health_combine, STYPE = health_summary, SSPACE = 1024,
	FINALFUNC = csm_health_final, COMBINEFUNC = csm_health_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE rollup(health_summary) IS
	'adds up summaries over disjoint accounts, score by score';

CREATE OPERATOR + (
	LEFTARG = health_summary, RIGHTARG = health_summary, FUNCTION = csm_health_combine, COMMUTATOR = +
);
COMMENT ON OPERATOR + (health_summary, health_summary) IS
	'adds up two summaries over disjoint accounts';

-- Accessors

CREATE FUNCTION accounts(health_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_health_accounts' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION accounts(health_summary) IS
	'accounts that have a score';

CREATE FUNCTION accounts_churned(health_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_health_accounts_churned' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION accounts_churned(health_summary) IS
	'accounts with a score that churned';

CREATE FUNCTION unscored_accounts(health_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_health_unscored_accounts' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION unscored_accounts(health_summary) IS
	'accounts without a score';

CREATE FUNCTION auc(health_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_health_auc_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION auc(health_summary) IS
	'the chance that of an account that churned and one that stayed the churned one had the lower score, equal scores counting one half; NULL when nobody or everybody churned';

CREATE FUNCTION auc_interval(health_summary, confidence double precision) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_health_auc_bounds' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION auc_interval(health_summary, confidence double precision) IS
	'interval of auc; NULL when fewer than two accounts churned or stayed, or when the score separates them perfectly';

CREATE FUNCTION churn_recall(health_summary, threshold numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_health_churn_recall' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION churn_recall(health_summary, threshold numeric) IS
	'share of the churned accounts whose score was below the threshold; NULL when nobody churned';

CREATE FUNCTION churn_precision(health_summary, threshold numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_health_churn_precision' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION churn_precision(health_summary, threshold numeric) IS
	'share of the accounts below the threshold that churned; NULL when there are none';

CREATE FUNCTION green_churn(health_summary, threshold numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_health_green_churn' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION green_churn(health_summary, threshold numeric) IS
	'share of the accounts at or above the threshold that churned nevertheless; NULL when there are none';

CREATE FUNCTION brier(health_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_health_brier' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION brier(health_summary) IS
	'mean squared distance of the score, a likelihood of staying between 0 and 1, from what happened';

CREATE FUNCTION brier_skill(health_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_health_brier_skill' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION brier_skill(health_summary) IS
	'1 - brier over that of a likelihood that is the same for all; NULL when nobody or everybody churned';

CREATE FUNCTION health_bands(health_summary, scheme segment[], confidence double precision) RETURNS TABLE (
		band segment, accounts bigint, accounts_churned bigint, churn numeric, churn_interval numrange,
		mean_score numeric, arr numeric, arr_churned numeric)
	AS 'MODULE_PATHNAME', 'csm_health_bands' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200 ROWS 4;
COMMENT ON FUNCTION health_bands(health_summary, scheme segment[], confidence double precision) IS
	'a row for each band of the scheme, and one for scores outside of all bands and accounts without a score: accounts, churn with its interval, mean score, ARR';

CREATE FUNCTION health_table(health_summary) RETURNS TABLE (
		score numeric, accounts bigint, accounts_churned bigint, arr numeric, arr_churned numeric,
		churn_recall numeric, churn_precision numeric)
	AS 'MODULE_PATHNAME', 'csm_health_table' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 100;
COMMENT ON FUNCTION health_table(health_summary) IS
	'a row for each score, with recall and precision of flagging all accounts at or below it';

CREATE FUNCTION wilson_interval(successes numeric, trials numeric, confidence double precision) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_health_wilson_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION wilson_interval(successes numeric, trials numeric, confidence double precision) IS
	'interval of a share by Wilson: so many successes of so many trials; NULL without trials';
