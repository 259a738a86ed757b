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
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account bigint, at date, amount numeric, step interval) IS
	'the ARR bridge straight from rows of snapshots, a unit each step, from the first to the last';

CREATE AGGREGATE bridge_agg(account bigint, at date, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account bigint, at date, amount numeric, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of snapshots, a unit each step, between two dates';

CREATE AGGREGATE bridge_agg(account bigint, at date, amount numeric, every interval, step interval) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account bigint, at date, amount numeric, every interval, step interval) IS
	'the ARR bridge straight from rows of snapshots of units that steps are multiples of, from the first to the last';

CREATE AGGREGATE bridge_agg(account bigint, at date, amount numeric, every interval, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account bigint, at date, amount numeric, every interval, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of snapshots of units that steps are multiples of, between two dates';

CREATE AGGREGATE bridge_agg(account bigint, valid daterange, amount numeric, step interval) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account bigint, valid daterange, amount numeric, step interval) IS
	'the ARR bridge straight from rows of subscriptions, from the first to the last';

CREATE AGGREGATE bridge_agg(account bigint, valid daterange, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account bigint, valid daterange, amount numeric, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of subscriptions, between two dates';

CREATE AGGREGATE bridge_agg(account text, at date, amount numeric, step interval) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account text, at date, amount numeric, step interval) IS
	'the ARR bridge straight from rows of snapshots, a unit each step, from the first to the last';

CREATE AGGREGATE bridge_agg(account text, at date, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account text, at date, amount numeric, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of snapshots, a unit each step, between two dates';

CREATE AGGREGATE bridge_agg(account text, at date, amount numeric, every interval, step interval) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account text, at date, amount numeric, every interval, step interval) IS
	'the ARR bridge straight from rows of snapshots of units that steps are multiples of, from the first to the last';

CREATE AGGREGATE bridge_agg(account text, at date, amount numeric, every interval, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account text, at date, amount numeric, every interval, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of snapshots of units that steps are multiples of, between two dates';

CREATE AGGREGATE bridge_agg(account text, valid daterange, amount numeric, step interval) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account text, valid daterange, amount numeric, step interval) IS
	'the ARR bridge straight from rows of subscriptions, from the first to the last';

CREATE AGGREGATE bridge_agg(account text, valid daterange, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account text, valid daterange, amount numeric, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of subscriptions, between two dates';

CREATE AGGREGATE bridge_agg(account uuid, at date, amount numeric, step interval) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account uuid, at date, amount numeric, step interval) IS
	'the ARR bridge straight from rows of snapshots, a unit each step, from the first to the last';

CREATE AGGREGATE bridge_agg(account uuid, at date, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account uuid, at date, amount numeric, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of snapshots, a unit each step, between two dates';

CREATE AGGREGATE bridge_agg(account uuid, at date, amount numeric, every interval, step interval) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account uuid, at date, amount numeric, every interval, step interval) IS
	'the ARR bridge straight from rows of snapshots of units that steps are multiples of, from the first to the last';

CREATE AGGREGATE bridge_agg(account uuid, at date, amount numeric, every interval, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account uuid, at date, amount numeric, every interval, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of snapshots of units that steps are multiples of, between two dates';

CREATE AGGREGATE bridge_agg(account uuid, valid daterange, amount numeric, step interval) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account uuid, valid daterange, amount numeric, step interval) IS
	'the ARR bridge straight from rows of subscriptions, from the first to the last';

CREATE AGGREGATE bridge_agg(account uuid, valid daterange, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account uuid, valid daterange, amount numeric, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of subscriptions, between two dates';

CREATE FUNCTION csm_bridge_scan_accum(internal, bigint, daterange, numeric, text, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_subscription_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, bigint, daterange, numeric, text, interval, date, date) IS
	'transition: adds a subscription of an account in a currency';

CREATE FUNCTION csm_bridge_scan_accum(internal, bigint, date, numeric, text, interval, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_snapshot_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, bigint, date, numeric, text, interval, interval, date, date) IS
	'transition: adds a snapshot of an account in a currency';

CREATE FUNCTION csm_bridge_scan_accum(internal, text, daterange, numeric, text, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_subscription_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, text, daterange, numeric, text, interval, date, date) IS
	'transition: adds a subscription of an account in a currency';

CREATE FUNCTION csm_bridge_scan_accum(internal, text, date, numeric, text, interval, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_snapshot_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, text, date, numeric, text, interval, interval, date, date) IS
	'transition: adds a snapshot of an account in a currency';

CREATE FUNCTION csm_bridge_scan_accum(internal, uuid, daterange, numeric, text, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_subscription_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, uuid, daterange, numeric, text, interval, date, date) IS
	'transition: adds a subscription of an account in a currency';

CREATE FUNCTION csm_bridge_scan_accum(internal, uuid, date, numeric, text, interval, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_snapshot_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, uuid, date, numeric, text, interval, interval, date, date) IS
	'transition: adds a snapshot of an account in a currency';

CREATE AGGREGATE bridge_agg(account bigint, valid daterange, amount numeric, currency text, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account bigint, valid daterange, amount numeric, currency text, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of subscriptions in one currency, between two dates';

CREATE AGGREGATE bridge_agg(account bigint, at date, amount numeric, currency text, every interval, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account bigint, at date, amount numeric, currency text, every interval, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of snapshots in one currency, between two dates';

CREATE AGGREGATE bridge_agg(account text, valid daterange, amount numeric, currency text, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account text, valid daterange, amount numeric, currency text, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of subscriptions in one currency, between two dates';

CREATE AGGREGATE bridge_agg(account text, at date, amount numeric, currency text, every interval, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account text, at date, amount numeric, currency text, every interval, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of snapshots in one currency, between two dates';

CREATE AGGREGATE bridge_agg(account uuid, valid daterange, amount numeric, currency text, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account uuid, valid daterange, amount numeric, currency text, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of subscriptions in one currency, between two dates';

CREATE AGGREGATE bridge_agg(account uuid, at date, amount numeric, currency text, every interval, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account uuid, at date, amount numeric, currency text, every interval, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of snapshots in one currency, between two dates';
