-- How far accounts get in a funnel, straight from rows of events: one pass, rows in any order

CREATE FUNCTION csm_funnel_accum(internal, bigint, timestamp with time zone, text, funnel_steps) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, bigint, timestamp with time zone, text, funnel_steps) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, bigint, timestamp with time zone, text, funnel_steps, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, bigint, timestamp with time zone, text, funnel_steps, text) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, bigint, timestamp with time zone, text, funnel_steps, text, numeric) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, bigint, timestamp with time zone, text, funnel_steps, text, numeric) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, bigint, timestamp with time zone, text, funnel_steps, text, numeric, timestamp with time zone) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, bigint, timestamp with time zone, text, funnel_steps, text, numeric, timestamp with time zone) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, bigint, timestamp without time zone, text, funnel_steps) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, bigint, timestamp without time zone, text, funnel_steps) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, bigint, timestamp without time zone, text, funnel_steps, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, bigint, timestamp without time zone, text, funnel_steps, text) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, bigint, timestamp without time zone, text, funnel_steps, text, numeric) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, bigint, timestamp without time zone, text, funnel_steps, text, numeric) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, bigint, timestamp without time zone, text, funnel_steps, text, numeric, timestamp with time zone) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, bigint, timestamp without time zone, text, funnel_steps, text, numeric, timestamp with time zone) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, text, timestamp with time zone, text, funnel_steps) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, text, timestamp with time zone, text, funnel_steps) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, text, timestamp with time zone, text, funnel_steps, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, text, timestamp with time zone, text, funnel_steps, text) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, text, timestamp with time zone, text, funnel_steps, text, numeric) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, text, timestamp with time zone, text, funnel_steps, text, numeric) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, text, timestamp with time zone, text, funnel_steps, text, numeric, timestamp with time zone) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, text, timestamp with time zone, text, funnel_steps, text, numeric, timestamp with time zone) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, text, timestamp without time zone, text, funnel_steps) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, text, timestamp without time zone, text, funnel_steps) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, text, timestamp without time zone, text, funnel_steps, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, text, timestamp without time zone, text, funnel_steps, text) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, text, timestamp without time zone, text, funnel_steps, text, numeric) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, text, timestamp without time zone, text, funnel_steps, text, numeric) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, text, timestamp without time zone, text, funnel_steps, text, numeric, timestamp with time zone) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, text, timestamp without time zone, text, funnel_steps, text, numeric, timestamp with time zone) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, uuid, timestamp with time zone, text, funnel_steps) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, uuid, timestamp with time zone, text, funnel_steps) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, uuid, timestamp with time zone, text, funnel_steps, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, uuid, timestamp with time zone, text, funnel_steps, text) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, uuid, timestamp with time zone, text, funnel_steps, text, numeric) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, uuid, timestamp with time zone, text, funnel_steps, text, numeric) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, uuid, timestamp with time zone, text, funnel_steps, text, numeric, timestamp with time zone) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, uuid, timestamp with time zone, text, funnel_steps, text, numeric, timestamp with time zone) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, uuid, timestamp without time zone, text, funnel_steps) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, uuid, timestamp without time zone, text, funnel_steps) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, uuid, timestamp without time zone, text, funnel_steps, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, uuid, timestamp without time zone, text, funnel_steps, text) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, uuid, timestamp without time zone, text, funnel_steps, text, numeric) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, uuid, timestamp without time zone, text, funnel_steps, text, numeric) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, uuid, timestamp without time zone, text, funnel_steps, text, numeric, timestamp with time zone) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, uuid, timestamp without time zone, text, funnel_steps, text, numeric, timestamp with time zone) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_scan_final(internal) RETURNS funnel_summary
	AS 'MODULE_PATHNAME', 'csm_funnel_scan_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION csm_funnel_scan_final(internal) IS
	'leads each account through the funnel';

CREATE AGGREGATE funnel_agg(account bigint, at timestamp with time zone, event text, funnel funnel_steps) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account bigint, at timestamp with time zone, event text, funnel funnel_steps) IS
	'how far accounts get in a funnel, from their events';

CREATE AGGREGATE funnel_agg(account bigint, at timestamp with time zone, event text, funnel funnel_steps, stratum text) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account bigint, at timestamp with time zone, event text, funnel funnel_steps, stratum text) IS
	'how far accounts get in a funnel, from their events, by stratum: that of the first entry row';

CREATE AGGREGATE funnel_agg(account bigint, at timestamp with time zone, event text, funnel funnel_steps, stratum text, amount numeric) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account bigint, at timestamp with time zone, event text, funnel funnel_steps, stratum text, amount numeric) IS
	'how far accounts and their ARR get in a funnel, from their events: stratum and amount of the first entry row';

CREATE AGGREGATE funnel_agg(account bigint, at timestamp with time zone, event text, funnel funnel_steps, stratum text, amount numeric, as_of timestamp with time zone) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account bigint, at timestamp with time zone, event text, funnel funnel_steps, stratum text, amount numeric, as_of timestamp with time zone) IS
	'how far accounts and their ARR get in a funnel as of a time, from their events: accounts whose window is still open do not count';

CREATE AGGREGATE funnel_agg(account bigint, at timestamp without time zone, event text, funnel funnel_steps) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account bigint, at timestamp without time zone, event text, funnel funnel_steps) IS
	'how far accounts get in a funnel, from their events; times are those of UTC';

CREATE AGGREGATE funnel_agg(account bigint, at timestamp without time zone, event text, funnel funnel_steps, stratum text) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account bigint, at timestamp without time zone, event text, funnel funnel_steps, stratum text) IS
	'how far accounts get in a funnel, from their events, by stratum: that of the first entry row; times are those of UTC';

CREATE AGGREGATE funnel_agg(account bigint, at timestamp without time zone, event text, funnel funnel_steps, stratum text, amount numeric) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account bigint, at timestamp without time zone, event text, funnel funnel_steps, stratum text, amount numeric) IS
	'how far accounts and their ARR get in a funnel, from their events: stratum and amount of the first entry row; times are those of UTC';

CREATE AGGREGATE funnel_agg(account bigint, at timestamp without time zone, event text, funnel funnel_steps, stratum text, amount numeric, as_of timestamp with time zone) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account bigint, at timestamp without time zone, event text, funnel funnel_steps, stratum text, amount numeric, as_of timestamp with time zone) IS
	'how far accounts and their ARR get in a funnel as of a time, from their events: accounts whose window is still open do not count; times are those of UTC';

CREATE AGGREGATE funnel_agg(account text, at timestamp with time zone, event text, funnel funnel_steps) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account text, at timestamp with time zone, event text, funnel funnel_steps) IS
	'how far accounts get in a funnel, from their events';

CREATE AGGREGATE funnel_agg(account text, at timestamp with time zone, event text, funnel funnel_steps, stratum text) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account text, at timestamp with time zone, event text, funnel funnel_steps, stratum text) IS
	'how far accounts get in a funnel, from their events, by stratum: that of the first entry row';

CREATE AGGREGATE funnel_agg(account text, at timestamp with time zone, event text, funnel funnel_steps, stratum text, amount numeric) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account text, at timestamp with time zone, event text, funnel funnel_steps, stratum text, amount numeric) IS
	'how far accounts and their ARR get in a funnel, from their events: stratum and amount of the first entry row';

CREATE AGGREGATE funnel_agg(account text, at timestamp with time zone, event text, funnel funnel_steps, stratum text, amount numeric, as_of timestamp with time zone) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account text, at timestamp with time zone, event text, funnel funnel_steps, stratum text, amount numeric, as_of timestamp with time zone) IS
	'how far accounts and their ARR get in a funnel as of a time, from their events: accounts whose window is still open do not count';

CREATE AGGREGATE funnel_agg(account text, at timestamp without time zone, event text, funnel funnel_steps) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account text, at timestamp without time zone, event text, funnel funnel_steps) IS
	'how far accounts get in a funnel, from their events; times are those of UTC';

CREATE AGGREGATE funnel_agg(account text, at timestamp without time zone, event text, funnel funnel_steps, stratum text) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account text, at timestamp without time zone, event text, funnel funnel_steps, stratum text) IS
	'how far accounts get in a funnel, from their events, by stratum: that of the first entry row; times are those of UTC';

CREATE AGGREGATE funnel_agg(account text, at timestamp without time zone, event text, funnel funnel_steps, stratum text, amount numeric) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account text, at timestamp without time zone, event text, funnel funnel_steps, stratum text, amount numeric) IS
	'how far accounts and their ARR get in a funnel, from their events: stratum and amount of the first entry row; times are those of UTC';

CREATE AGGREGATE funnel_agg(account text, at timestamp without time zone, event text, funnel funnel_steps, stratum text, amount numeric, as_of timestamp with time zone) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account text, at timestamp without time zone, event text, funnel funnel_steps, stratum text, amount numeric, as_of timestamp with time zone) IS
	'how far accounts and their ARR get in a funnel as of a time, from their events: accounts whose window is still open do not count; times are those of UTC';

CREATE AGGREGATE funnel_agg(account uuid, at timestamp with time zone, event text, funnel funnel_steps) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account uuid, at timestamp with time zone, event text, funnel funnel_steps) IS
	'how far accounts get in a funnel, from their events';

CREATE AGGREGATE funnel_agg(account uuid, at timestamp with time zone, event text, funnel funnel_steps, stratum text) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account uuid, at timestamp with time zone, event text, funnel funnel_steps, stratum text) IS
	'how far accounts get in a funnel, from their events, by stratum: that of the first entry row';

CREATE AGGREGATE funnel_agg(account uuid, at timestamp with time zone, event text, funnel funnel_steps, stratum text, amount numeric) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account uuid, at timestamp with time zone, event text, funnel funnel_steps, stratum text, amount numeric) IS
	'how far accounts and their ARR get in a funnel, from their events: stratum and amount of the first entry row';

CREATE AGGREGATE funnel_agg(account uuid, at timestamp with time zone, event text, funnel funnel_steps, stratum text, amount numeric, as_of timestamp with time zone) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account uuid, at timestamp with time zone, event text, funnel funnel_steps, stratum text, amount numeric, as_of timestamp with time zone) IS
	'how far accounts and their ARR get in a funnel as of a time, from their events: accounts whose window is still open do not count';

CREATE AGGREGATE funnel_agg(account uuid, at timestamp without time zone, event text, funnel funnel_steps) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account uuid, at timestamp without time zone, event text, funnel funnel_steps) IS
	'how far accounts get in a funnel, from their events; times are those of UTC';

CREATE AGGREGATE funnel_agg(account uuid, at timestamp without time zone, event text, funnel funnel_steps, stratum text) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account uuid, at timestamp without time zone, event text, funnel funnel_steps, stratum text) IS
	'how far accounts get in a funnel, from their events, by stratum: that of the first entry row; times are those of UTC';

CREATE AGGREGATE funnel_agg(account uuid, at timestamp without time zone, event text, funnel funnel_steps, stratum text, amount numeric) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account uuid, at timestamp without time zone, event text, funnel funnel_steps, stratum text, amount numeric) IS
	'how far accounts and their ARR get in a funnel, from their events: stratum and amount of the first entry row; times are those of UTC';

CREATE AGGREGATE funnel_agg(account uuid, at timestamp without time zone, event text, funnel funnel_steps, stratum text, amount numeric, as_of timestamp with time zone) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account uuid, at timestamp without time zone, event text, funnel funnel_steps, stratum text, amount numeric, as_of timestamp with time zone) IS
	'how far accounts and their ARR get in a funnel as of a time, from their events: accounts whose window is still open do not count; times are those of UTC';
