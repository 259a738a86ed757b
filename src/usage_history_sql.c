/*
 * usage_history_sql.c
 *		usage_history as SQL sees it: aggregates, what is asked of a history, its text and
 *		binary forms.
 *
 * Text form: {"events": [["2024-01-01 00:00:00+00", "signup"], ...]}, times in UTC whatever the
 * session says.
 *
 * Binary form: version, the number of names in two bytes, each name in UTF-8 after a byte of
 * its length, the number of events in eight bytes, each event as a time of eight bytes and the
 * number of its name in two.  It may be in any order.
 */
#include "base/port.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "common/int.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/json.h"
#include "utils/memutils.h"
#include "utils/rangetypes.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"
#include "utils/typcache.h"

#include "base/calendar_sql.h"
#include "base/object_sql.h"
#include "base/wire_sql.h"
#include "usage_history_sql.h"

#define USAGE_HISTORY "usage_history"

/* An event of the binary form. */
#define BINARY_EVENT 10

/*
 * Arguments
 */

csm_usage_history *
csm_usage_argument(FunctionCallInfo fcinfo, int i)
{
	csm_usage_history *h = PG_GETARG_VARLENA_PP(i);

	csm_check_version(USAGE_HISTORY, *(unsigned char *) VARDATA_ANY(h), CSM_USAGE_VERSION);
	return h;
}

static void *
usage_at_rest(const void *builder)
{
	return csm_usage_build((csm_usage_builder *) builder);
}

static const char *
usage_problem(const void *h)
{
	return csm_usage_problem(h);
}

static const csm_value_type usage_type = {
	.name = USAGE_HISTORY, .at_rest = usage_at_rest, .problem = usage_problem};

static Datum
usage_result(csm_usage_builder *builder)
{
	return csm_value_result(&usage_type, builder);
}

/* A finite time; messages say what the argument is called. */
TimestampTz
csm_usage_time(FunctionCallInfo fcinfo, int i, const char *name)
{
	TimestampTz at;

	csm_check_argument_not_null(fcinfo, i, name);
	at = PG_GETARG_TIMESTAMPTZ(i);
	if (TIMESTAMP_NOT_FINITE(at))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the time \"%s\" must be finite", name),
						errhint("Leave out events whose time is not known.")));
	return at;
}

static void
check_not_negative(int depth)
{
	if (depth < 1)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("depth must be 1 or more, not %d", depth)));
}

/* A length of time in microseconds; months have none. */
static int64
fixed_length(const Interval *interval, const char *name)
{
	int64 days;
	int64 length;

	if (interval->month != 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("%s must not be in months, which have no fixed length", name),
						errhint("Say it in days, as in '30 days'.")));
	if (pg_mul_s64_overflow(interval->day, USECS_PER_DAY, &days) ||
		pg_add_s64_overflow(days, interval->time, &length))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("%s is out of range", name)));
	return length;
}

/*
 * Aggregates
 */

/* The state to add to: the first argument, or a new one with what that holds. */
static csm_object *
state_to_change(FunctionCallInfo fcinfo)
{
	csm_object *object = csm_object_to_change(fcinfo, &usage_type);

	if (object != NULL)
		return object;
	object = csm_object_new(fcinfo, &usage_type);
	object->state = csm_usage_builder_new(object->header.eoh_context);
	if (!PG_ARGISNULL(0))
		csm_usage_add_history(object->state, csm_usage_argument(fcinfo, 0));
	return object;
}

/* (state, at, event); a row without an event does not count. */
PG_FUNCTION_INFO_V1(csm_usage_accum);
Datum
csm_usage_accum(PG_FUNCTION_ARGS)
{
	csm_object *object;
	TimestampTz at;
	text *event;

	if (PG_ARGISNULL(2))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	at = csm_usage_time(fcinfo, 1, "at");
	object = state_to_change(fcinfo);
	event = PG_GETARG_TEXT_PP(2);
	csm_usage_put(
		object->state, at,
		csm_usage_number(object->state, VARDATA_ANY(event), (int) VARSIZE_ANY_EXHDR(event)));
	return csm_object_result(fcinfo, object);
}

/* The union of two, each a state or a history: also the transition of rollup. */
PG_FUNCTION_INFO_V1(csm_usage_combine);
Datum
csm_usage_combine(PG_FUNCTION_ARGS)
{
	csm_object *other = csm_object_of(PG_GETARG_DATUM(1), &usage_type);
	csm_object *object = state_to_change(fcinfo);

	if (other != NULL)
		csm_usage_add_builder(object->state, other->state);
	else
		csm_usage_add_history(object->state, csm_usage_argument(fcinfo, 1));
	return csm_object_result(fcinfo, object);
}

PG_FUNCTION_INFO_V1(csm_usage_final);
Datum
csm_usage_final(PG_FUNCTION_ARGS)
{
	csm_object *object = csm_object_of(PG_GETARG_DATUM(0), &usage_type);

	if (object == NULL)
		return PointerGetDatum(csm_usage_argument(fcinfo, 0));
	return csm_value_result(&usage_type, object->state);
}

/*
 * Parts of a history
 */

/* Those events for which the flag of the name is set, from .. to - 1. */
static Datum
part_of(const csm_usage_history *h, const bool *wanted, TimestampTz from, TimestampTz to)
{
	csm_usage_builder *builder = csm_usage_builder_new(CurrentMemoryContext);
	csm_usage_reader reader;
	const csm_usage_name *names;
	uint32 *numbers;
	TimestampTz at;
	uint32 name;

	csm_usage_reader_init(&reader, h);
	names = csm_usage_read_names(&reader);
	numbers = palloc((reader.names + 1) * sizeof(uint32));
	memset(numbers, 0xFF, (reader.names + 1) * sizeof(uint32));
	while (csm_usage_next(&reader, &at, &name))
	{
		if (at < from || at >= to || (wanted != NULL && !wanted[name]))
			continue;
		if (numbers[name] == PG_UINT32_MAX)
			numbers[name] = csm_usage_number(builder, names[name].bytes, names[name].size);
		csm_usage_put(builder, at, numbers[name]);
	}
	return usage_result(builder);
}

/* Which names are those of an array? */
static bool *
find_names(const csm_usage_history *h, ArrayType *array)
{
	csm_usage_reader reader;
	const csm_usage_name *names;
	bool *wanted;
	Datum *items;
	bool *nulls;
	int count;

	csm_usage_reader_init(&reader, h);
	names = csm_usage_read_names(&reader);
	wanted = palloc0(reader.names + 1);
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &items, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		text *item;

		if (nulls[i])
			continue;
		item = DatumGetTextPP(items[i]);
		for (int j = 0; j < reader.names; j++)
		{
			if (names[j].size == (int) VARSIZE_ANY_EXHDR(item) &&
				memcmp(names[j].bytes, VARDATA_ANY(item), names[j].size) == 0)
				wanted[j] = true;
		}
	}
	return wanted;
}

PG_FUNCTION_INFO_V1(csm_usage_keep);
Datum
csm_usage_keep(PG_FUNCTION_ARGS)
{
	csm_usage_history *h = csm_usage_argument(fcinfo, 0);

	return part_of(h, find_names(h, PG_GETARG_ARRAYTYPE_P(1)), DT_NOBEGIN, DT_NOEND);
}

PG_FUNCTION_INFO_V1(csm_usage_during);
Datum
csm_usage_during(PG_FUNCTION_ARGS)
{
	csm_usage_history *h = csm_usage_argument(fcinfo, 0);
	RangeType *range = PG_GETARG_RANGE_P(1);
	TypeCacheEntry *type = lookup_type_cache(RangeTypeGetOid(range), TYPECACHE_RANGE_INFO);
	RangeBound lower;
	RangeBound upper;
	bool is_empty;
	TimestampTz from = DT_NOBEGIN;
	TimestampTz to = DT_NOEND;

	range_deserialize(type, range, &lower, &upper, &is_empty);
	if (is_empty)
		to = DT_NOBEGIN;
	else
	{
		if (!lower.infinite)
			from = DatumGetTimestampTz(lower.val);
		if (!upper.infinite)
			to = DatumGetTimestampTz(upper.val);
		/* times are whole microseconds */
		if (!lower.infinite && !lower.inclusive && !TIMESTAMP_NOT_FINITE(from))
			from++;
		if (!upper.infinite && upper.inclusive && !TIMESTAMP_NOT_FINITE(to))
			to++;
	}
	return part_of(h, NULL, from, to);
}

/*
 * Accessors
 */

PG_FUNCTION_INFO_V1(csm_usage_events);
Datum
csm_usage_events(PG_FUNCTION_ARGS)
{
	csm_usage_reader reader;
	const csm_usage_name *names;
	csm_rows rows;
	TimestampTz at;
	uint32 name;

	csm_usage_reader_init(&reader, csm_usage_argument(fcinfo, 0));
	names = csm_usage_read_names(&reader);
	rows = csm_rows_start(fcinfo);
	while (csm_usage_next(&reader, &at, &name))
	{
		Datum values[2];
		bool nulls[2] = {false, false};

		values[0] = TimestampTzGetDatum(at);
		values[1] = PointerGetDatum(cstring_to_text_with_len(names[name].bytes, names[name].size));
		csm_rows_put(&rows, values, nulls);
	}
	return csm_rows_end(&rows);
}

/* The number of a name, given as an argument; -1 when the history does not have it. */
static int
name_argument(FunctionCallInfo fcinfo, int i, const csm_usage_reader *reader)
{
	text *event = PG_GETARG_TEXT_PP(i);
	const unsigned char *next = reader->names_start;

	for (int n = 0; n < reader->names; n++)
	{
		if (*next == VARSIZE_ANY_EXHDR(event) && memcmp(next + 1, VARDATA_ANY(event), *next) == 0)
			return n;
		next += 1 + *next;
	}
	return -1;
}

#define ANY_NAME (-2)

/* The same of an argument that may be NULL: any name. */
static int
name_or_any(FunctionCallInfo fcinfo, int i, const csm_usage_reader *reader)
{
	return PG_NARGS() <= i || PG_ARGISNULL(i) ? ANY_NAME : name_argument(fcinfo, i, reader);
}

static inline bool
is_named(int wanted, uint32 name)
{
	return wanted == ANY_NAME || (int) name == wanted;
}

/* (h [, event]): all three start here */
typedef struct csm_usage_found
{
	int64 count;
	TimestampTz first;
	TimestampTz last;
} csm_usage_found;

static csm_usage_found
find_events(FunctionCallInfo fcinfo, bool only_first)
{
	csm_usage_found found = {0, 0, 0};
	csm_usage_reader reader;
	TimestampTz at;
	uint32 name;
	int wanted;

	csm_usage_reader_init(&reader, csm_usage_argument(fcinfo, 0));
	wanted = name_or_any(fcinfo, 1, &reader);
	if (wanted == -1)
		return found;
	while (csm_usage_next(&reader, &at, &name))
	{
		if (!is_named(wanted, name))
			continue;
		if (found.count++ == 0)
			found.first = at;
		found.last = at;
		if (only_first)
			break;
	}
	return found;
}

PG_FUNCTION_INFO_V1(csm_usage_event_count);
Datum
csm_usage_event_count(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(find_events(fcinfo, false).count);
}

PG_FUNCTION_INFO_V1(csm_usage_first_at);
Datum
csm_usage_first_at(PG_FUNCTION_ARGS)
{
	csm_usage_found found = find_events(fcinfo, true);

	if (found.count == 0)
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(found.first);
}

PG_FUNCTION_INFO_V1(csm_usage_last_at);
Datum
csm_usage_last_at(PG_FUNCTION_ARGS)
{
	csm_usage_found found = find_events(fcinfo, false);

	if (found.count == 0)
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(found.last);
}

/*
 * Days and ages
 */

static int64
floor_divide(int64 a, int64 b)
{
	return a / b - (a % b < 0);
}

/* The day of a time in a zone. */
static int32
day_in_zone(Datum zone, TimestampTz at)
{
	Timestamp local =
		DatumGetTimestamp(DirectFunctionCall2(timestamptz_zone, zone, TimestampTzGetDatum(at)));

	return (int32) floor_divide(local, USECS_PER_DAY);
}

/* Numbers, a list that grows. */
typedef struct csm_numbers
{
	int32 *values;
	int64 count;
	int64 room;
} csm_numbers;

static void
put_number(csm_numbers *numbers, int32 value)
{
	if (numbers->count == numbers->room)
	{
		numbers->room = numbers->room == 0 ? 16 : 2 * numbers->room;
		numbers->values = numbers->values == NULL
							  ? palloc(numbers->room * sizeof(int32))
							  : repalloc_huge(numbers->values, numbers->room * sizeof(int32));
	}
	numbers->values[numbers->count++] = value;
}

/* An array of int or date, of which both are 32 bits. */
static Datum
numbers_to_array(const csm_numbers *numbers, Oid type)
{
	Datum *items;

	if (numbers->count > (int64) (MaxAllocSize / sizeof(Datum)))
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("there are too many for an array: " INT64_FORMAT, numbers->count)));
	items = palloc((numbers->count + 1) * sizeof(Datum));
	for (int64 i = 0; i < numbers->count; i++)
		items[i] = Int32GetDatum(numbers->values[i]);
	return PointerGetDatum(
		construct_array(items, (int) numbers->count, type, sizeof(int32), true, TYPALIGN_INT));
}

PG_FUNCTION_INFO_V1(csm_usage_active_days);
Datum
csm_usage_active_days(PG_FUNCTION_ARGS)
{
	Datum zone = PG_GETARG_DATUM(1);
	csm_numbers days = {NULL, 0, 0};
	csm_usage_reader reader;
	TimestampTz at;
	uint32 name;

	csm_usage_reader_init(&reader, csm_usage_argument(fcinfo, 0));
	while (csm_usage_next(&reader, &at, &name))
	{
		int32 day = day_in_zone(zone, at);

		CHECK_FOR_INTERRUPTS();
		/* where clocks are set back a later time may be of an earlier day: at midnight */
		if (days.count == 0 || day > days.values[days.count - 1])
			put_number(&days, day);
	}
	return numbers_to_array(&days, DATEOID);
}

/* How ages are counted: in microseconds, or in units of the calendar of a zone. */
typedef struct csm_age_step
{
	int64 length;
	csm_step unit;
	bool has_zone;
	Datum zone;
} csm_age_step;

static void
age_step_error(const char *problem, const char *hint)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("step %s", problem),
					errhint("%s", hint)));
}

static csm_age_step
age_step_argument(FunctionCallInfo fcinfo, int i, int zone)
{
	Interval *interval = PG_GETARG_INTERVAL_P(i);
	csm_age_step step = {0};

	if ((interval->month != 0) + (interval->day != 0) + (interval->time != 0) != 1)
		age_step_error("must be a number of months, of days, or a time",
					   "Write it as in '1 month', '7 days' or '12 hours'.");
	if (interval->month < 0 || interval->day < 0 || interval->time < 0)
		age_step_error("must be above 0", "Write it as in '1 month', '7 days' or '12 hours'.");
	step.has_zone = !PG_ARGISNULL(zone);
	if (!step.has_zone)
	{
		if (interval->month != 0)
			age_step_error("must not be in months, which have no fixed length",
						   "Name a zone for months of its calendar, or say '30 days'.");
		step.length = fixed_length(interval, "step");
		return step;
	}
	if (interval->time != 0)
		age_step_error("must be in days or months, with a zone",
					   "Leave the zone out for steps of hours.");
	step.zone = PG_GETARG_DATUM(zone);
	step.unit = csm_unit_argument(fcinfo, i, "step");
	return step;
}

/* Which step a time is in, from some origin on. */
static int64
step_index(const csm_age_step *step, TimestampTz at)
{
	return csm_unit_index(day_in_zone(step->zone, at), step->unit);
}

static int64
age_of(const csm_age_step *step, TimestampTz start, int64 start_index, TimestampTz at)
{
	if (step->has_zone)
		return step_index(step, at) - start_index;
	return (int64) (((uint64) at - (uint64) start) / (uint64) step->length);
}

/* The first event of a name; false when there is none. */
static bool
find_start(csm_usage_reader reader, int wanted, TimestampTz *start)
{
	uint32 name;

	while (csm_usage_next(&reader, start, &name))
	{
		if (is_named(wanted, name))
			return true;
	}
	return false;
}

/* (h, step, start, return, zone) */
PG_FUNCTION_INFO_V1(csm_usage_ages);
Datum
csm_usage_ages(PG_FUNCTION_ARGS)
{
	csm_age_step step;
	csm_numbers ages = {NULL, 0, 0};
	csm_usage_reader reader;
	TimestampTz start;
	int64 start_index;
	TimestampTz at;
	uint32 name;
	int returns;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	csm_check_argument_not_null(fcinfo, 1, "step");
	step = age_step_argument(fcinfo, 1, 4);
	csm_usage_reader_init(&reader, csm_usage_argument(fcinfo, 0));
	if (!find_start(reader, name_or_any(fcinfo, 2, &reader), &start))
		PG_RETURN_NULL();
	start_index = step.has_zone ? step_index(&step, start) : 0;
	returns = name_or_any(fcinfo, 3, &reader);
	while (csm_usage_next(&reader, &at, &name))
	{
		int64 age;

		if (at < start || !is_named(returns, name))
			continue;
		CHECK_FOR_INTERRUPTS();
		age = age_of(&step, start, start_index, at);
		if (age > PG_INT32_MAX)
			ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
							errmsg("an age of " INT64_FORMAT " steps is out of range", age),
							errhint("Take a longer step.")));
		if (ages.count == 0 || age > ages.values[ages.count - 1])
			put_number(&ages, (int32) age);
	}
	return numbers_to_array(&ages, INT4OID);
}

/*
 * Paths
 */

typedef struct csm_paths
{
	ReturnSetInfo *set;
	const csm_usage_name *names;
	Datum *texts;      /* of the names, made when they are needed; 0 until then */
	csm_numbers steps; /* the names of the path that is being read */
	int anchor;        /* the name to look for */
	int64 depth;
	bool is_backward;
	bool has_anchor;    /* it has been read */
	int64 since_anchor; /* steps, the anchor itself included */
} csm_paths;

/*
 * Is the path there before its end?  Forwards when it has all of its steps, backwards at the
 * anchor.
 */
static inline bool
is_path_complete(csm_paths *paths, int32 name)
{
	paths->has_anchor = paths->has_anchor || paths->anchor == ANY_NAME || name == paths->anchor;
	if (paths->is_backward)
		return paths->anchor != ANY_NAME && paths->has_anchor;
	paths->since_anchor += paths->has_anchor;
	return paths->since_anchor >= paths->depth;
}

/* A path that is over, from or up to the first step of the anchor's name. */
static void
put_path(csm_paths *paths)
{
	int64 count = paths->steps.count;
	int64 from = 0;
	int64 to = count;
	Datum *items;
	Datum value;
	bool isnull = false;

	if (count == 0)
		return;
	paths->steps.count = 0;
	paths->has_anchor = false;
	paths->since_anchor = 0;
	if (paths->anchor != ANY_NAME)
	{
		while (from < count && paths->steps.values[from] != paths->anchor)
			from++;
		if (from == count)
			return;
		to = from + 1;
	}
	if (paths->is_backward)
		from = Max(to - paths->depth, 0);
	else
		to = Min(from + paths->depth, count);
	if (to - from > (int64) (MaxAllocSize / sizeof(Datum)))
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("a path has too many steps: " INT64_FORMAT, to - from)));
	items = palloc((to - from) * sizeof(Datum));
	for (int64 i = from; i < to; i++)
	{
		int32 name = paths->steps.values[i];

		if (paths->texts[name] == 0)
			paths->texts[name] = PointerGetDatum(
				cstring_to_text_with_len(paths->names[name].bytes, paths->names[name].size));
		items[i - from] = paths->texts[name];
	}
	value = PointerGetDatum(
		construct_array(items, (int) (to - from), TEXTOID, -1, false, TYPALIGN_INT));
	tuplestore_putvalues(paths->set->setResult, paths->set->setDesc, &value, &isnull);
	pfree(items);
	pfree(DatumGetPointer(value));
}

/* (h, event, depth, pause, collapse) */
static Datum
paths_of(FunctionCallInfo fcinfo, bool is_backward)
{
	csm_paths paths = {0};
	csm_usage_reader reader;
	TimestampTz before = 0;
	TimestampTz at;
	uint32 name;
	uint64 pause = PG_UINT64_MAX;
	bool collapse;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	csm_check_argument_not_null(fcinfo, 2, "depth");
	check_not_negative(PG_GETARG_INT32(2));
	if (!PG_ARGISNULL(3))
	{
		int64 length = fixed_length(PG_GETARG_INTERVAL_P(3), "pause");

		if (length < 0)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("pause must not be negative")));
		pause = (uint64) length;
	}
	collapse = PG_ARGISNULL(4) || PG_GETARG_BOOL(4);
	csm_usage_reader_init(&reader, csm_usage_argument(fcinfo, 0));
	paths.set = (ReturnSetInfo *) fcinfo->resultinfo;
	paths.names = csm_usage_read_names(&reader);
	paths.texts = palloc0((reader.names + 1) * sizeof(Datum));
	paths.anchor = name_or_any(fcinfo, 1, &reader);
	paths.depth = PG_GETARG_INT32(2);
	paths.is_backward = is_backward;
	while (csm_usage_next(&reader, &at, &name))
	{
		CHECK_FOR_INTERRUPTS();
		if (paths.steps.count > 0 && (uint64) at - (uint64) before > pause)
			put_path(&paths);
		before = at;
		if (collapse && paths.steps.count > 0 &&
			paths.steps.values[paths.steps.count - 1] == (int32) name)
			continue;
		put_number(&paths.steps, (int32) name);
		if (is_path_complete(&paths, (int32) name) && pause == PG_UINT64_MAX)
			break;
	}
	put_path(&paths);
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(csm_usage_paths_from);
Datum
csm_usage_paths_from(PG_FUNCTION_ARGS)
{
	return paths_of(fcinfo, false);
}

PG_FUNCTION_INFO_V1(csm_usage_paths_to);
Datum
csm_usage_paths_to(PG_FUNCTION_ARGS)
{
	return paths_of(fcinfo, true);
}

/*
 * Text form
 */

/* A time as "2024-01-01 00:00:00.5+00", in UTC whatever the session's zone and style. */
void
csm_usage_append_time(StringInfo text, TimestampTz at)
{
	struct pg_tm tm;
	fsec_t fsec;
	char buffer[MAXDATELEN + 1];

	if (timestamp2tm(at, NULL, &tm, &fsec, NULL, NULL) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE), errmsg("timestamp out of range")));
	/* or the zone is left out */
	tm.tm_isdst = 0;
	EncodeDateTime(&tm, fsec, true, 0, NULL, USE_ISO_DATES, buffer);
	appendStringInfoString(text, buffer);
}

static char *
usage_to_text(const csm_usage_history *h)
{
	StringInfoData text;
	csm_usage_reader reader;
	const csm_usage_name *names;
	TimestampTz at;
	uint32 name;

	csm_usage_reader_init(&reader, h);
	names = csm_usage_read_names(&reader);
	csm_json_start(&text);
	csm_json_put_key(&text, "events");
	appendStringInfoChar(&text, '[');
	for (int64 i = 0; csm_usage_next(&reader, &at, &name); i++)
	{
		char *copy = pnstrdup(names[name].bytes, names[name].size);

		CHECK_FOR_INTERRUPTS();
		appendStringInfoString(&text, i > 0 ? ", [\"" : "[\"");
		csm_usage_append_time(&text, at);
		appendStringInfoString(&text, "\", ");
		escape_json(&text, copy);
		appendStringInfoChar(&text, ']');
		pfree(copy);
	}
	appendStringInfoChar(&text, ']');
	csm_json_end(&text);
	return text.data;
}

/* What csm_usage_append_time writes. */
static bool
is_time_text(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	if (digits < 4)
		return false;
	text += digits;
	for (const char *form = "-00-00 00:00:00"; *form != '\0'; form++, text++)
	{
		if (*form == '0' ? *text < '0' || *text > '9' : *text != *form)
			return false;
	}
	if (*text == '.')
	{
		digits = strspn(++text, "0123456789");
		if (digits < 1 || digits > 6)
			return false;
		text += digits;
	}
	return strcmp(text, "+00") == 0 || strcmp(text, "+00 BC") == 0;
}

bool
csm_usage_read_time(csm_json *json, const char *key, char *text, TimestampTz *at)
{
	Datum value;

	if (!is_time_text(text))
		return csm_json_fail(json, key, "must have times as YYYY-MM-DD HH:MM:SS+00");
	if (!csm_input_function(timestamptz_in, text, json->escontext, &value))
		return false;
	*at = DatumGetTimestampTz(value);
	return true;
}

static bool
read_event(csm_json *json, const JsonbValue *pair, int i, void *into)
{
	csm_usage_builder *builder = into;
	char *text = NULL;
	TimestampTz at;
	JsonbValue *name;

	if (csm_json_length(pair) != 2)
		return csm_json_fail(json, "events", "must be an array of pairs of a time and a name");
	if (!csm_json_text_value(json, "events", csm_json_item(pair, 0), &text) ||
		!csm_usage_read_time(json, "events", text, &at))
		return false;
	name = csm_json_item(pair, 1);
	if (name->type != jbvString)
		return csm_json_fail(json, "events", "must have names that are strings");
	if (name->val.string.len > CSM_USAGE_NAME_MAX)
		return csm_json_fail(json, "events", "has a name of more than 255 bytes");
	if (!csm_usage_has_room(builder, name->val.string.val, name->val.string.len))
		return csm_json_fail(json, "events", "has too many names");
	csm_usage_put(builder, at,
				  csm_usage_number(builder, name->val.string.val, name->val.string.len));
	return true;
}

/* Reads an open object; NULL after a soft error. */
static csm_usage_history *
usage_from_json(csm_json *json)
{
	csm_usage_builder *builder = csm_usage_builder_new(CurrentMemoryContext);
	csm_json_items items;

	if (!csm_json_find_items(json, "events", &items) ||
		!csm_json_each(json, &items, read_event, builder) || !csm_json_close(json))
		return NULL;
	return csm_usage_build(builder);
}

PG_FUNCTION_INFO_V1(csm_usage_history_in);
Datum
csm_usage_history_in(PG_FUNCTION_ARGS)
{
	csm_json json;
	csm_usage_history *h = NULL;

	if (csm_json_open_long(&json, USAGE_HISTORY, PG_GETARG_CSTRING(0), "events", fcinfo->context))
		h = usage_from_json(&json);
	if (h == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(h);
}

PG_FUNCTION_INFO_V1(csm_usage_history_out);
Datum
csm_usage_history_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(usage_to_text(csm_usage_argument(fcinfo, 0)));
}

CSM_CAST_TO_JSON(csm_usage_history)

/*
 * Binary form
 */

static bytea *
names_to_utf8(const csm_usage_name *names, int count, Size *size)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < count; i++)
	{
		int length = names[i].size;
		const char *name = csm_text_to_utf8(names[i].bytes, &length);

		if (length > PG_UINT16_MAX)
			csm_binary_error(USAGE_HISTORY, "a name is too long");
		appendStringInfoChar(&text, (char) (length >> 8));
		appendStringInfoChar(&text, (char) length);
		appendBinaryStringInfo(&text, name, length);
	}
	*size = text.len;
	return (bytea *) text.data;
}

PG_FUNCTION_INFO_V1(csm_usage_history_send);
Datum
csm_usage_history_send(PG_FUNCTION_ARGS)
{
	csm_usage_reader reader;
	const csm_usage_name *names;
	csm_writer writer;
	bytea *result;
	Size size;
	void *utf8;
	TimestampTz at;
	uint32 name;

	csm_usage_reader_init(&reader, csm_usage_argument(fcinfo, 0));
	names = csm_usage_read_names(&reader);
	utf8 = names_to_utf8(names, reader.names, &size);
	if (reader.events > (int64) ((MaxAllocSize - size - 16) / BINARY_EVENT))
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("a usage history of " INT64_FORMAT " events is too large for the "
							   "binary form",
							   reader.events)));
	result = csm_writer_start(&writer, (int) (1 + 2 + size + 8 + reader.events * BINARY_EVENT));
	csm_write_integer(&writer, CSM_USAGE_VERSION, 1);
	csm_write_integer(&writer, reader.names, 2);
	csm_write_bytes(&writer, utf8, (int) size);
	csm_write_integer(&writer, reader.events, 8);
	while (csm_usage_next(&reader, &at, &name))
	{
		csm_write_integer(&writer, (uint64) at, 8);
		csm_write_integer(&writer, name, 2);
	}
	PG_RETURN_BYTEA_P(result);
}

/* The names of a message, as numbers of a builder; they are added when an event has them. */
static void
read_binary_names(csm_reader *reader, csm_usage_name *names, int count)
{
	for (int i = 0; i < count && !reader->failed; i++)
	{
		int size = (int) csm_read_integer(reader, 2);
		const char *name = (const char *) reader->next;

		if (reader->end - reader->next < size)
		{
			reader->failed = true;
			return;
		}
		reader->next += size;
		names[i].bytes = csm_text_from_utf8(name, &size);
		names[i].size = size;
		if (size > CSM_USAGE_NAME_MAX)
			csm_binary_error(USAGE_HISTORY, "a name is too long");
		if (memchr(names[i].bytes, '\0', size) != NULL)
			csm_binary_error(USAGE_HISTORY, "a name has a zero byte");
	}
}

PG_FUNCTION_INFO_V1(csm_usage_history_recv);
Datum
csm_usage_history_recv(PG_FUNCTION_ARGS)
{
	csm_reader reader = csm_reader_from_message((StringInfo) PG_GETARG_POINTER(0));
	csm_usage_builder *builder = csm_usage_builder_new(CurrentMemoryContext);
	csm_usage_name *names;
	uint32 *numbers;
	uint64 events;
	int count;

	if (csm_read_integer(&reader, 1) != CSM_USAGE_VERSION)
		csm_binary_error(USAGE_HISTORY, "unknown version");
	count = (int) csm_read_integer(&reader, 2);
	names = palloc0((count + 1) * sizeof(csm_usage_name));
	numbers = palloc((count + 1) * sizeof(uint32));
	memset(numbers, 0xFF, (count + 1) * sizeof(uint32));
	read_binary_names(&reader, names, count);
	events = csm_read_integer(&reader, 8);
	if (reader.failed || (uint64) (reader.end - reader.next) / BINARY_EVENT != events ||
		(reader.end - reader.next) % BINARY_EVENT != 0)
		csm_binary_error(USAGE_HISTORY, "its size is wrong");
	for (uint64 i = 0; i < events; i++)
	{
		TimestampTz at = (TimestampTz) csm_read_integer(&reader, 8);
		int name = (int) csm_read_integer(&reader, 2);

		if (!IS_VALID_TIMESTAMP(at))
			csm_binary_error(USAGE_HISTORY, "a time is out of range");
		if (name >= count)
			csm_binary_error(USAGE_HISTORY, "an event has a name that is not there");
		if (numbers[name] == PG_UINT32_MAX)
			numbers[name] = csm_usage_number(builder, names[name].bytes, names[name].size);
		csm_usage_put(builder, at, numbers[name]);
	}
	return usage_result(builder);
}

/*
 * Comparison: of equal sets the bytes are equal
 */

static int
compare_arguments(FunctionCallInfo fcinfo)
{
	csm_usage_history *a = csm_usage_argument(fcinfo, 0);
	csm_usage_history *b = csm_usage_argument(fcinfo, 1);
	Size a_size = VARSIZE_ANY_EXHDR(a);
	Size b_size = VARSIZE_ANY_EXHDR(b);
	int order = memcmp(VARDATA_ANY(a), VARDATA_ANY(b), Min(a_size, b_size));

	if (order == 0 && a_size != b_size)
		order = a_size < b_size ? -1 : 1;
	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	return order;
}

static uint64
hash_argument(FunctionCallInfo fcinfo, uint64 seed)
{
	csm_usage_history *h = csm_usage_argument(fcinfo, 0);
	uint64 hash = hash_bytes_extended((const unsigned char *) VARDATA_ANY(h),
									  (int) VARSIZE_ANY_EXHDR(h), seed);

	PG_FREE_IF_COPY(h, 0);
	return hash;
}

CSM_COMPARISON(csm_usage_history, compare_arguments, hash_argument)
