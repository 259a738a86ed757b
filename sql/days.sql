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
