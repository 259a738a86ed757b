\echo Use "ALTER EXTENSION csm_metrics UPDATE TO '0.3.0'" to load this file. \quit

-- Beside "convert" the server's own function of that name was not unique; views go on calling it
ALTER FUNCTION convert(revenue_history, numeric, text) RENAME TO in_currency;

-- Histories that are equal add up alike, whatever unit of rows they carry
CREATE FUNCTION csm_history_add_up(revenue_history, revenue_history) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_history_add_up' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_history_add_up(revenue_history, revenue_history) IS
	'transition and combination: adds up two histories';

CREATE OR REPLACE AGGREGATE rollup(revenue_history) (
	SFUNC = csm_history_add_up, STYPE = revenue_history, SSPACE = 1024,
	FINALFUNC = csm_history_final, COMBINEFUNC = csm_history_add_up, PARALLEL = safe
);

-- The planner knows what membership in a constant segment is, and segments have min and max
CREATE FUNCTION csm_segment_contains_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_segment_contains_support' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_contains_support(internal) IS
	'planner support of @>: membership in a constant segment is two comparisons';

CREATE FUNCTION csm_numeric_in_segment_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_numeric_in_segment_support' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_numeric_in_segment_support(internal) IS
	'planner support of <@: membership in a constant segment is two comparisons';

ALTER FUNCTION csm_segment_contains(segment, numeric) SUPPORT csm_segment_contains_support;
ALTER FUNCTION csm_numeric_in_segment(numeric, segment) SUPPORT csm_numeric_in_segment_support;

-- Equal segments have equal bytes
ALTER OPERATOR FAMILY segment_btree_ops USING btree ADD FUNCTION 4 (segment, segment) btequalimage(oid);

CREATE FUNCTION csm_segment_smaller(segment, segment) RETURNS segment
	AS 'MODULE_PATHNAME', 'csm_segment_smaller' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_smaller(segment, segment) IS
	'transition of min: the first of two in order';

CREATE FUNCTION csm_segment_larger(segment, segment) RETURNS segment
	AS 'MODULE_PATHNAME', 'csm_segment_larger' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_larger(segment, segment) IS
	'transition of max: the last of two in order';

CREATE AGGREGATE min(segment) (
	SFUNC = csm_segment_smaller, STYPE = segment, COMBINEFUNC = csm_segment_smaller, SORTOP = <, PARALLEL = safe
);
COMMENT ON AGGREGATE min(segment) IS
	'the first segment in order: that of the lowest band';

CREATE AGGREGATE max(segment) (
	SFUNC = csm_segment_larger, STYPE = segment, COMBINEFUNC = csm_segment_larger, SORTOP = >, PARALLEL = safe
);
COMMENT ON AGGREGATE max(segment) IS
	'the last segment in order: that of the highest band';

-- Days out of the columns that people have, and the boundaries of a run of intervals

CREATE FUNCTION days(starts date, ends date) RETURNS daterange
	AS 'MODULE_PATHNAME', 'csm_days_date_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION days(starts date, ends date) IS
	'the days on which a subscription is on, from its start to its end';

CREATE FUNCTION days(starts timestamp, ends timestamp) RETURNS daterange
	AS 'MODULE_PATHNAME', 'csm_days_timestamp_timestamp' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION days(starts timestamp, ends timestamp) IS
	'the days on which a subscription is on, from its start to its end';

CREATE FUNCTION days(starts date, ends date, zone text) RETURNS daterange
	AS 'MODULE_PATHNAME', 'csm_days_date_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION days(starts date, ends date, zone text) IS
	'the days on which a subscription is on, from its start to its end; moments in the zone that is named';

CREATE FUNCTION days(starts date, ends timestamp, zone text) RETURNS daterange
	AS 'MODULE_PATHNAME', 'csm_days_date_timestamp' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION days(starts date, ends timestamp, zone text) IS
	'the days on which a subscription is on, from its start to its end; moments in the zone that is named';

CREATE FUNCTION days(starts date, ends timestamptz, zone text) RETURNS daterange
	AS 'MODULE_PATHNAME', 'csm_days_date_timestamptz' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION days(starts date, ends timestamptz, zone text) IS
	'the days on which a subscription is on, from its start to its end; moments in the zone that is named';

CREATE FUNCTION days(starts timestamp, ends date, zone text) RETURNS daterange
	AS 'MODULE_PATHNAME', 'csm_days_timestamp_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION days(starts timestamp, ends date, zone text) IS
	'the days on which a subscription is on, from its start to its end; moments in the zone that is named';

CREATE FUNCTION days(starts timestamp, ends timestamp, zone text) RETURNS daterange
	AS 'MODULE_PATHNAME', 'csm_days_timestamp_timestamp' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION days(starts timestamp, ends timestamp, zone text) IS
	'the days on which a subscription is on, from its start to its end; moments in the zone that is named';

CREATE FUNCTION days(starts timestamp, ends timestamptz, zone text) RETURNS daterange
	AS 'MODULE_PATHNAME', 'csm_days_timestamp_timestamptz' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION days(starts timestamp, ends timestamptz, zone text) IS
	'the days on which a subscription is on, from its start to its end; moments in the zone that is named';

CREATE FUNCTION days(starts timestamptz, ends date, zone text) RETURNS daterange
	AS 'MODULE_PATHNAME', 'csm_days_timestamptz_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION days(starts timestamptz, ends date, zone text) IS
	'the days on which a subscription is on, from its start to its end; moments in the zone that is named';

CREATE FUNCTION days(starts timestamptz, ends timestamp, zone text) RETURNS daterange
	AS 'MODULE_PATHNAME', 'csm_days_timestamptz_timestamp' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION days(starts timestamptz, ends timestamp, zone text) IS
	'the days on which a subscription is on, from its start to its end; moments in the zone that is named';

CREATE FUNCTION days(starts timestamptz, ends timestamptz, zone text) RETURNS daterange
	AS 'MODULE_PATHNAME', 'csm_days_timestamptz_timestamptz' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION days(starts timestamptz, ends timestamptz, zone text) IS
	'the days on which a subscription is on, from its start to its end; moments in the zone that is named';

CREATE FUNCTION days(valid tsrange) RETURNS daterange
	AS 'MODULE_PATHNAME', 'csm_days_tsrange' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION days(tsrange) IS
	'the days on which a subscription is on, of its range';

CREATE FUNCTION days(valid tstzrange, zone text) RETURNS daterange
	AS 'MODULE_PATHNAME', 'csm_days_tstzrange' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION days(tstzrange, text) IS
	'the days on which a subscription is on, of its range in the zone that is named';

CREATE FUNCTION intervals(from_date date, to_date date, step interval)
	RETURNS TABLE (period_start date, period_end date)
	AS 'MODULE_PATHNAME', 'csm_intervals' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100 ROWS 36;
COMMENT ON FUNCTION intervals(date, date, interval) IS
	'a row an interval [from_date + k * step, from_date + (k + 1) * step) that ends by to_date';
