-- Questions asked of histories, straight from raw rows: one process, no combine function

CREATE FUNCTION csm_history_scan_accum(internal, bigint, daterange, numeric, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_subscription_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, bigint, daterange, numeric, date, date) IS
	'transition: adds a subscription of an account';

CREATE FUNCTION csm_history_scan_accum(internal, bigint, date, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_snapshot_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, bigint, date, numeric, interval, date, date) IS
	'transition: adds a snapshot of an account';

CREATE FUNCTION csm_history_scan_accum(internal, bigint, daterange, numeric, interval, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_subscription_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, bigint, daterange, numeric, interval, interval, date, date) IS
	'transition: adds a subscription of an account';

CREATE FUNCTION csm_history_scan_accum(internal, bigint, date, numeric, interval, interval, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_snapshot_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, bigint, date, numeric, interval, interval, interval, date, date) IS
	'transition: adds a snapshot of an account';

CREATE FUNCTION csm_history_scan_accum(internal, bigint, daterange, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_subscription_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, bigint, daterange, numeric, interval, date, date) IS
	'transition: adds a subscription of an account';

CREATE FUNCTION csm_history_scan_accum(internal, text, daterange, numeric, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_subscription_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, text, daterange, numeric, date, date) IS
	'transition: adds a subscription of an account';

CREATE FUNCTION csm_history_scan_accum(internal, text, date, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_snapshot_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, text, date, numeric, interval, date, date) IS
	'transition: adds a snapshot of an account';

CREATE FUNCTION csm_history_scan_accum(internal, text, daterange, numeric, interval, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_subscription_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, text, daterange, numeric, interval, interval, date, date) IS
	'transition: adds a subscription of an account';

CREATE FUNCTION csm_history_scan_accum(internal, text, date, numeric, interval, interval, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_snapshot_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, text, date, numeric, interval, interval, interval, date, date) IS
	'transition: adds a snapshot of an account';

CREATE FUNCTION csm_history_scan_accum(internal, text, daterange, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_subscription_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, text, daterange, numeric, interval, date, date) IS
	'transition: adds a subscription of an account';

CREATE FUNCTION csm_history_scan_accum(internal, uuid, daterange, numeric, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_subscription_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, uuid, daterange, numeric, date, date) IS
	'transition: adds a subscription of an account';

CREATE FUNCTION csm_history_scan_accum(internal, uuid, date, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_snapshot_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, uuid, date, numeric, interval, date, date) IS
	'transition: adds a snapshot of an account';

CREATE FUNCTION csm_history_scan_accum(internal, uuid, daterange, numeric, interval, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_subscription_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, uuid, daterange, numeric, interval, interval, date, date) IS
	'transition: adds a subscription of an account';

CREATE FUNCTION csm_history_scan_accum(internal, uuid, date, numeric, interval, interval, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_snapshot_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, uuid, date, numeric, interval, interval, interval, date, date) IS
	'transition: adds a snapshot of an account';

CREATE FUNCTION csm_history_scan_accum(internal, uuid, daterange, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_subscription_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, uuid, daterange, numeric, interval, date, date) IS
	'transition: adds a subscription of an account';

CREATE FUNCTION csm_retention_scan_final(internal) RETURNS retention_summary
	AS 'MODULE_PATHNAME', 'csm_retention_scan_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION csm_retention_scan_final(internal) IS
	'reads the rows of each account as its history';

CREATE FUNCTION csm_trailing_scan_final(internal) RETURNS retention_summary[]
	AS 'MODULE_PATHNAME', 'csm_trailing_scan_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION csm_trailing_scan_final(internal) IS
	'reads the rows of each account as its history';

CREATE FUNCTION csm_cohorts_scan_final(internal) RETURNS cohort_matrix
	AS 'MODULE_PATHNAME', 'csm_cohorts_scan_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION csm_cohorts_scan_final(internal) IS
	'reads the rows of each account as its history';

CREATE FUNCTION csm_survival_scan_final(internal) RETURNS survival_summary
	AS 'MODULE_PATHNAME', 'csm_survival_scan_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION csm_survival_scan_final(internal) IS
	'reads the rows of each account as its history';

CREATE AGGREGATE retention_agg(account bigint, valid daterange, amount numeric, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_retention_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE retention_agg(account bigint, valid daterange, amount numeric, from_date date, to_date date) IS
	'what happened to subscriptions between two dates, straight from rows';

CREATE AGGREGATE retention_agg(account bigint, at date, amount numeric, every interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_retention_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE retention_agg(account bigint, at date, amount numeric, every interval, from_date date, to_date date) IS
	'what happened to accounts between two dates, straight from rows of snapshots';

CREATE AGGREGATE trailing_agg(account bigint, valid daterange, amount numeric, step interval, span interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_trailing_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE trailing_agg(account bigint, valid daterange, amount numeric, step interval, span interval, from_date date, to_date date) IS
	'trailing windows straight from rows of subscriptions';

CREATE AGGREGATE trailing_agg(account bigint, at date, amount numeric, every interval, step interval, span interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_trailing_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE trailing_agg(account bigint, at date, amount numeric, every interval, step interval, span interval, from_date date, to_date date) IS
	'trailing windows straight from rows of snapshots';

CREATE AGGREGATE cohort_agg(account bigint, valid daterange, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_cohorts_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE cohort_agg(account bigint, valid daterange, amount numeric, step interval, from_date date, to_date date) IS
	'cohorts by the period of the first active day, straight from rows of subscriptions';

CREATE AGGREGATE survival_agg(account bigint, valid daterange, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_survival_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE survival_agg(account bigint, valid daterange, amount numeric, step interval, from_date date, to_date date) IS
	'how long accounts stay, straight from rows of subscriptions';

CREATE AGGREGATE retention_agg(account text, valid daterange, amount numeric, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_retention_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE retention_agg(account text, valid daterange, amount numeric, from_date date, to_date date) IS
	'what happened to subscriptions between two dates, straight from rows';

CREATE AGGREGATE retention_agg(account text, at date, amount numeric, every interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_retention_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE retention_agg(account text, at date, amount numeric, every interval, from_date date, to_date date) IS
	'what happened to accounts between two dates, straight from rows of snapshots';

CREATE AGGREGATE trailing_agg(account text, valid daterange, amount numeric, step interval, span interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_trailing_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE trailing_agg(account text, valid daterange, amount numeric, step interval, span interval, from_date date, to_date date) IS
	'trailing windows straight from rows of subscriptions';

CREATE AGGREGATE trailing_agg(account text, at date, amount numeric, every interval, step interval, span interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_trailing_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE trailing_agg(account text, at date, amount numeric, every interval, step interval, span interval, from_date date, to_date date) IS
	'trailing windows straight from rows of snapshots';

CREATE AGGREGATE cohort_agg(account text, valid daterange, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_cohorts_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE cohort_agg(account text, valid daterange, amount numeric, step interval, from_date date, to_date date) IS
	'cohorts by the period of the first active day, straight from rows of subscriptions';

CREATE AGGREGATE survival_agg(account text, valid daterange, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_survival_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE survival_agg(account text, valid daterange, amount numeric, step interval, from_date date, to_date date) IS
	'how long accounts stay, straight from rows of subscriptions';

CREATE AGGREGATE retention_agg(account uuid, valid daterange, amount numeric, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_retention_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE retention_agg(account uuid, valid daterange, amount numeric, from_date date, to_date date) IS
	'what happened to subscriptions between two dates, straight from rows';

CREATE AGGREGATE retention_agg(account uuid, at date, amount numeric, every interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_retention_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE retention_agg(account uuid, at date, amount numeric, every interval, from_date date, to_date date) IS
	'what happened to accounts between two dates, straight from rows of snapshots';

CREATE AGGREGATE trailing_agg(account uuid, valid daterange, amount numeric, step interval, span interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_trailing_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE trailing_agg(account uuid, valid daterange, amount numeric, step interval, span interval, from_date date, to_date date) IS
	'trailing windows straight from rows of subscriptions';

CREATE AGGREGATE trailing_agg(account uuid, at date, amount numeric, every interval, step interval, span interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_trailing_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE trailing_agg(account uuid, at date, amount numeric, every interval, step interval, span interval, from_date date, to_date date) IS
	'trailing windows straight from rows of snapshots';

CREATE AGGREGATE cohort_agg(account uuid, valid daterange, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_cohorts_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE cohort_agg(account uuid, valid daterange, amount numeric, step interval, from_date date, to_date date) IS
	'cohorts by the period of the first active day, straight from rows of subscriptions';

CREATE AGGREGATE survival_agg(account uuid, valid daterange, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_survival_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE survival_agg(account uuid, valid daterange, amount numeric, step interval, from_date date, to_date date) IS
	'how long accounts stay, straight from rows of subscriptions';
