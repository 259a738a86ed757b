/*
 * days_sql.c
 *		Days out of the columns that people have, and the boundaries of a run of intervals.
 *
 * days(starts, ends) is [starts, ends) by calendar day: the days at whose end a subscription
 * is on.  So both moments are cut to their day, a timestamp with time zone in the zone that
 * is an argument; the session's zone is never read.
 *
 * - The end is open where it is NULL, infinite or of the year 9999 or later, which is how
 *   many systems write "no end".
 * - An end before its start makes the empty range, which aggregates ignore.
 * - A start that is NULL or infinite stays what it is, so that aggregates refuse it.
 */
#include "base/port.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/rangetypes.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "base/calendar_sql.h"
#include "base/wire_sql.h"
#include "days_sql.h"

/* A start or an end: NULL, or a day that may be infinite. */
typedef struct boundary
{
	bool is_null;
	DateADT day;
} boundary;

/*
 * Zones.  An abbreviation is not looked for: it stands for an offset whatever the season, and
 * which one depends on settings of the session.
 */
static pg_tz *
zone_argument(FunctionCallInfo fcinfo, int i)
{
	char *name;
	pg_tz *zone;

	csm_check_argument_not_null(fcinfo, i, "zone");
	name = text_to_cstring(PG_GETARG_TEXT_PP(i));
	zone = pg_tzset(name);
	if (zone == NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("there is no time zone \"%s\"", name),
						errhint("Use a full name such as 'Europe/Berlin' or 'UTC', not an "
								"abbreviation; pg_timezone_names lists them.")));
	return zone;
}

/* The day of a timestamp as it stands. */
DateADT
csm_day_of_timestamp(Timestamp at)
{
	if (TIMESTAMP_NOT_FINITE(at))
		return TIMESTAMP_IS_NOEND(at) ? DATEVAL_NOEND : DATEVAL_NOBEGIN;
	return (DateADT) (at / USECS_PER_DAY - (at % USECS_PER_DAY < 0));
}

static DateADT
day_in_zone(TimestampTz at, pg_tz *zone)
{
	struct pg_tm tm;
	fsec_t fsec;
	int offset;

	if (TIMESTAMP_NOT_FINITE(at))
		return csm_day_of_timestamp(at);
	if (timestamp2tm(at, &offset, &tm, &fsec, NULL, zone) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("timestamp out of range")));
	return date2j(tm.tm_year, tm.tm_mon, tm.tm_mday) - POSTGRES_EPOCH_JDATE;
}

/* The year 9999 of UTC may be 9998 in the zone, and the other way round. */
static DateADT
end_in_zone(TimestampTz at, pg_tz *zone)
{
	return csm_day_of_timestamp(at) >= CSM_FIRST_OPEN_DAY ? DATEVAL_NOEND : day_in_zone(at, zone);
}

/* The days from one boundary to the other. */
static Datum
days_between(boundary start, boundary end)
{
	TypeCacheEntry *typcache = lookup_type_cache(DATERANGEOID, TYPECACHE_RANGE_INFO);
	bool is_open = end.is_null || end.day >= CSM_FIRST_OPEN_DAY;
	RangeBound lower = {DateADTGetDatum(start.day), start.is_null, true, true};
	RangeBound upper = {DateADTGetDatum(end.day), is_open, false, false};

	if (!start.is_null && !is_open && end.day <= start.day)
	{
		if (!DATE_NOT_FINITE(start.day))
			return RangeTypePGetDatum(make_empty_range(typcache));
		upper.infinite = true;
	}
	return RangeTypePGetDatum(csm_make_range(typcache, &lower, &upper));
}

/*
 * Two columns
 */

static boundary
date_argument(FunctionCallInfo fcinfo, int i)
{
	return (boundary){PG_ARGISNULL(i), PG_ARGISNULL(i) ? 0 : PG_GETARG_DATEADT(i)};
}

static boundary
timestamp_argument(FunctionCallInfo fcinfo, int i)
{
	return (boundary){PG_ARGISNULL(i),
					  PG_ARGISNULL(i) ? 0 : csm_day_of_timestamp(PG_GETARG_TIMESTAMP(i))};
}

static boundary
timestamptz_argument(FunctionCallInfo fcinfo, int i)
{
	pg_tz *zone = zone_argument(fcinfo, 2);

	if (PG_ARGISNULL(i))
		return (boundary){true, 0};
	return (boundary){false, i == 0 ? day_in_zone(PG_GETARG_TIMESTAMPTZ(i), zone)
									: end_in_zone(PG_GETARG_TIMESTAMPTZ(i), zone)};
}

/* (starts, ends [, zone]): a zone is looked at also where neither needs one */
#define DAYS_OF_COLUMNS(start_type, end_type)                                                  \
	PG_FUNCTION_INFO_V1(csm_days_##start_type##_##end_type);                                   \
	Datum csm_days_##start_type##_##end_type(PG_FUNCTION_ARGS)                                 \
	{                                                                                          \
		if (PG_NARGS() > 2)                                                                    \
			(void) zone_argument(fcinfo, 2);                                                   \
		return days_between(start_type##_argument(fcinfo, 0), end_type##_argument(fcinfo, 1)); \
	}

DAYS_OF_COLUMNS(date, date)
DAYS_OF_COLUMNS(date, timestamp)
DAYS_OF_COLUMNS(date, timestamptz)
DAYS_OF_COLUMNS(timestamp, date)
DAYS_OF_COLUMNS(timestamp, timestamp)
DAYS_OF_COLUMNS(timestamp, timestamptz)
DAYS_OF_COLUMNS(timestamptz, date)
DAYS_OF_COLUMNS(timestamptz, timestamp)
DAYS_OF_COLUMNS(timestamptz, timestamptz)

/*
 * Ranges
 */

/* The first moment of a range, and the first after it; false for the empty range. */
bool
csm_moments_of_range(Datum range, Oid type, RangeBound *lower, RangeBound *upper)
{
	TypeCacheEntry *typcache = lookup_type_cache(type, TYPECACHE_RANGE_INFO);
	bool is_empty;

	range_deserialize(typcache, DatumGetRangeTypeP(range), lower, upper, &is_empty);
	if (!lower->infinite && !lower->inclusive &&
		!TIMESTAMP_NOT_FINITE(DatumGetTimestamp(lower->val)))
		lower->val = TimestampGetDatum(DatumGetTimestamp(lower->val) + 1);
	if (!upper->infinite && upper->inclusive &&
		!TIMESTAMP_NOT_FINITE(DatumGetTimestamp(upper->val)))
		upper->val = TimestampGetDatum(DatumGetTimestamp(upper->val) + 1);
	return !is_empty;
}

static Datum
empty_days(void)
{
	return RangeTypePGetDatum(
		make_empty_range(lookup_type_cache(DATERANGEOID, TYPECACHE_RANGE_INFO)));
}

PG_FUNCTION_INFO_V1(csm_days_tsrange);
Datum
csm_days_tsrange(PG_FUNCTION_ARGS)
{
	RangeBound lower;
	RangeBound upper;
	boundary start = {true, 0};
	boundary end = {true, 0};

	if (!csm_moments_of_range(PG_GETARG_DATUM(0), TSRANGEOID, &lower, &upper))
		return empty_days();
	if (!lower.infinite)
		start = (boundary){false, csm_day_of_timestamp(DatumGetTimestamp(lower.val))};
	if (!upper.infinite)
		end = (boundary){false, csm_day_of_timestamp(DatumGetTimestamp(upper.val))};
	return days_between(start, end);
}

PG_FUNCTION_INFO_V1(csm_days_tstzrange);
Datum
csm_days_tstzrange(PG_FUNCTION_ARGS)
{
	pg_tz *zone = zone_argument(fcinfo, 1);
	RangeBound lower;
	RangeBound upper;
	boundary start = {true, 0};
	boundary end = {true, 0};

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (!csm_moments_of_range(PG_GETARG_DATUM(0), TSTZRANGEOID, &lower, &upper))
		return empty_days();
	if (!lower.infinite)
		start = (boundary){false, day_in_zone(DatumGetTimestampTz(lower.val), zone)};
	if (!upper.infinite)
		end = (boundary){false, end_in_zone(DatumGetTimestampTz(upper.val), zone)};
	return days_between(start, end);
}

/*
 * Boundaries
 */

/* (from_date, to_date, step) */
PG_FUNCTION_INFO_V1(csm_intervals);
Datum
csm_intervals(PG_FUNCTION_ARGS)
{
	DateADT from = csm_date_argument(fcinfo, 0, "from_date");
	DateADT to = csm_date_argument(fcinfo, 1, "to_date");
	csm_step step = csm_step_argument(fcinfo, 2, "step");
	int count = csm_count_intervals(from, to, step);
	csm_rows rows = csm_rows_start(fcinfo);

	for (int k = 0; k < count; k++)
	{
		Datum values[2] = {DateADTGetDatum(csm_step_from(from, step, k)),
						   DateADTGetDatum(csm_step_from(from, step, k + 1))};
		bool nulls[2] = {false, false};

		csm_rows_put(&rows, values, nulls);
	}
	return csm_rows_end(&rows);
}
