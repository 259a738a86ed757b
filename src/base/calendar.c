/*
 * calendar.c
 *		Days, steps, calendar units and the boundaries of a run of intervals; calendar.h says
 *		how they are kept.
 */
#include "base/port.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "optimizer/optimizer.h"
#include "utils/date.h"
#include "utils/datetime.h"

#include "base/calendar.h"

/* A finite date that PostgreSQL can show. */
bool
csm_date_is_valid(int32 day)
{
	return IS_VALID_DATE(day);
}

bool
csm_period_is_valid(int32 from, int32 to)
{
	return csm_date_is_valid(from) && csm_date_is_valid(to) && from < to;
}

static void
split_date(int32 day, int *year, int *month, int *day_of_month)
{
	j2date(day + POSTGRES_EPOCH_JDATE, year, month, day_of_month);
}

static int
last_day_of_month(int year, int month)
{
	return day_tab[isleap(year)][month - 1];
}

/*
 * How many whole months after "from" is "to"?  False when it is none.  As in date
 * arithmetic, a day that a month does not have is the month's last: 31 January and
 * 28 February are a month apart, 28 February and 31 March as well.
 */
bool
csm_whole_months(int32 from, int32 to, int *months)
{
	int year1;
	int month1;
	int day1;
	int year2;
	int month2;
	int day2;

	split_date(from, &year1, &month1, &day1);
	split_date(to, &year2, &month2, &day2);
	*months = (year2 - year1) * MONTHS_PER_YEAR + month2 - month1;
	return day1 == day2 || (day1 > day2 && day2 == last_day_of_month(year2, month2)) ||
		   (day1 < day2 && day1 == last_day_of_month(year1, month1));
}

/* Are two stretches of time of one length: a number of months if they are, else of days? */
bool
csm_same_stretch(int32 from1, int32 to1, int32 from2, int32 to2)
{
	int months1;
	int months2;

	return to1 - from1 == to2 - from2 ||
		   (csm_whole_months(from1, to1, &months1) && csm_whole_months(from2, to2, &months2) &&
			months1 == months2);
}

/* Days from 1 March of the year -4800, before the first date there is, to 2000-01-01. */
#define DAYS_BEFORE_EPOCH (17 * 146097 - 60)

/*
 * January of the year 0, which the server's calendar calls 1 BC, is month 0.
 *
 * Every raw row asks for its month, so this is faster than by way of j2date.  Years start
 * in March here: leap days come last in the year then, in four years and in 400, and the
 * months' lengths follow a line.
 */
static inline int32
month_index(int32 day, int *day_of_month)
{
	uint64 quarters = 4 * (uint64) ((int64) day + DAYS_BEFORE_EPOCH) + 3;
	uint32 century = (uint32) (quarters / 146097);
	uint32 in_century = (uint32) (quarters % 146097) | 3;
	uint32 year = in_century / 1461;
	uint32 day_of_year = in_century % 1461 / 4;
	uint32 month = (5 * day_of_year + 2) / 153;

	*day_of_month = (int) (day_of_year - (153 * month + 2) / 5) + 1;
	return ((int32) (100 * century + year) - 4800) * MONTHS_PER_YEAR + (int32) month + 2;
}

static bool
starts_month(int32 day)
{
	int day_of_month;

	(void) month_index(day, &day_of_month);
	return csm_date_is_valid(day) && day_of_month == 1;
}

static inline int64
floor_divide(int64 dividend, int64 divisor)
{
	return dividend / divisor - (dividend % divisor < 0);
}

/* A day number that may be none; what lies beyond the calendar is infinitely far. */
static int32
day_in_calendar(int64 day)
{
	if (day < DATETIME_MIN_JULIAN - POSTGRES_EPOCH_JDATE)
		return DATEVAL_NOBEGIN;
	if (day >= DATE_END_JULIAN - POSTGRES_EPOCH_JDATE)
		return DATEVAL_NOEND;
	return (int32) day;
}

/* The day of a month, or the month's last day. */
static int32
day_of_month_index(int64 index, int day_of_month)
{
	int64 year = floor_divide(index, MONTHS_PER_YEAR);
	int month = (int) (index - year * MONTHS_PER_YEAR) + 1;

	if (year < JULIAN_MINYEAR)
		return DATEVAL_NOBEGIN;
	if (year >= JULIAN_MAXYEAR)
		return DATEVAL_NOEND;
	day_of_month = Min(day_of_month, last_day_of_month((int) year, month));
	return day_in_calendar((int64) date2j((int) year, month, day_of_month) - POSTGRES_EPOCH_JDATE);
}

/*
 * Steps
 */

bool
csm_step_is_same(csm_step a, csm_step b)
{
	return a.months == b.months && a.days == b.days;
}

bool
csm_step_is_multiple(csm_step step, csm_step of)
{
	return step.months > 0 ? of.months > 0 && step.months % of.months == 0
						   : of.days > 0 && step.days % of.days == 0;
}

/* How many times one step is another that it is a multiple of. */
int32
csm_step_ratio(csm_step step, csm_step of)
{
	return step.months > 0 ? step.months / of.months : step.days / of.days;
}

bool
csm_step_is_valid(csm_step step)
{
	return step.months >= 0 && step.days >= 0 && (step.months > 0) != (step.days > 0);
}

const char *
csm_step_to_text(csm_step step, char *buffer)
{
	int count = step.months > 0 ? step.months : step.days;

	snprintf(buffer, CSM_STEP_TEXT_SIZE, "%d %s%s", count, step.months > 0 ? "month" : "day",
			 count == 1 ? "" : "s");
	return buffer;
}

/* Reads what csm_step_to_text gives; false for anything else. */
bool
csm_step_from_text(const char *text, csm_step *step)
{
	char *unit;
	char canonical[CSM_STEP_TEXT_SIZE];
	long count = strtol(text, &unit, 10);

	step->months = strncmp(unit, " month", 6) == 0 ? (int32) count : 0;
	step->days = strncmp(unit, " day", 4) == 0 ? (int32) count : 0;
	return csm_step_is_valid(*step) && strcmp(text, csm_step_to_text(*step, canonical)) == 0;
}

/*
 * The day k steps after "from" (before it, for a negative k), by one multiplication as in
 * "date + k * interval": a day that a month does not have is the month's last.
 */
int32
csm_step_from(int32 from, csm_step step, int64 k)
{
	int day_of_month;
	int32 index;

	if (step.days > 0)
		return day_in_calendar(from + k * step.days);
	index = month_index(from, &day_of_month);
	return day_of_month_index(index + k * step.months, day_of_month);
}

/* How many whole steps fit between two days, from <= to. */
int64
csm_whole_steps(int32 from, int32 to, csm_step step)
{
	int day1;
	int day2;
	int64 count;

	if (step.days > 0)
		return ((int64) to - from) / step.days;
	count = (month_index(to, &day2) - month_index(from, &day1)) / step.months;
	return csm_step_from(from, step, count) > to ? count - 1 : count;
}

/*
 * Calendar units
 */

/* Of the lengths in months only those that divide a year lie on the calendar. */
bool
csm_unit_is_valid(csm_step every)
{
	return csm_step_is_valid(every) && (every.months == 0 || MONTHS_PER_YEAR % every.months == 0);
}

/* The number of the unit that contains the day: in order, without gaps. */
int32
csm_unit_index(int32 day, csm_step every)
{
	int day_of_month;
	int32 index;

	Assert(csm_unit_is_valid(every));
	if (every.days > 0)
		return (int32) floor_divide((int64) day - CSM_UNIT_EPOCH, every.days);
	index = month_index(day, &day_of_month);
	return every.months == 1 ? index : (int32) floor_divide(index, every.months);
}

/* The first day of a unit, which is the day after the last one of the unit before it. */
int32
csm_unit_start(int32 index, csm_step every)
{
	if (every.days > 0)
		return day_in_calendar(CSM_UNIT_EPOCH + (int64) index * every.days);
	return day_of_month_index((int64) index * every.months, 1);
}

/* Units must lie within the calendar as a whole. */
void
csm_unit_check(int32 start, int32 end)
{
	char text[CSM_PERIOD_TEXT_SIZE];

	if (!csm_period_is_valid(start, end))
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("the calendar unit %s reaches beyond the dates that there are",
							   csm_period_to_text(start, end, text))));
}

/* The unit [start, end) that contains the day. */
void
csm_unit_of(int32 day, csm_step every, int32 *start, int32 *end)
{
	int32 index = csm_unit_index(day, every);

	*start = csm_unit_start(index, every);
	*end = csm_unit_start(index + 1, every);
	csm_unit_check(*start, *end);
}

/* The unit that contains a day, counted from the one that starts with "origin". */
int64
csm_unit_index_from(int32 origin, csm_step every, int32 day)
{
	int day1;
	int day2;
	int64 k;

	if (every.days > 0)
		return floor_divide((int64) day - origin, every.days);
	k = floor_divide((int64) month_index(day, &day2) - month_index(origin, &day1), every.months);
	return csm_step_from(origin, every, k) > day ? k - 1 : k;
}

/* The unit [start, end) that contains the day, where one of them starts with "origin". */
void
csm_unit_of_origin(int32 origin, csm_step every, int32 day, int32 *start, int32 *end)
{
	int64 k = csm_unit_index_from(origin, every, day);

	*start = csm_step_from(origin, every, k);
	*end = csm_step_from(origin, every, k + 1);
	csm_unit_check(*start, *end);
}

#define MOST_DAYS_OF_MONTH 31

/* Two days start the same units where this is the same. */
int32
csm_unit_phase(int32 origin, csm_step every)
{
	int day_of_month;
	int64 index;

	if (every.days > 0)
	{
		index = (int64) origin - CSM_UNIT_EPOCH;
		return (int32) (index - floor_divide(index, every.days) * every.days);
	}
	index = month_index(origin, &day_of_month);
	index -= floor_divide(index, every.months) * every.months;
	return (int32) index * MOST_DAYS_OF_MONTH + day_of_month - 1;
}

bool
csm_unit_phase_is_valid(int32 phase, csm_step every)
{
	return phase >= 0 && phase < (every.days > 0 ? every.days : every.months * MOST_DAYS_OF_MONTH);
}

/*
 * Runs of intervals
 */

void
csm_check_bounds(int32 from, int32 to)
{
	char from_text[CSM_DATE_TEXT_SIZE];
	char to_text[CSM_DATE_TEXT_SIZE];

	if (!csm_date_is_valid(from) || !csm_date_is_valid(to))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the bounds must be finite dates: from %s to %s",
							   csm_date_to_text(from, from_text), csm_date_to_text(to, to_text))));
	if (from >= to)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the bounds are not in order: from %s to %s",
						csm_date_to_text(from, from_text), csm_date_to_text(to, to_text)),
				 errhint("from_date is the first day, to_date the day after the last one.")));
}

void
csm_check_interval_count(int64 count, csm_step step)
{
	char text[CSM_STEP_TEXT_SIZE];

	if (count > CSM_INTERVALS_MAX)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("steps of %s make %lld intervals, more than %d",
							   csm_step_to_text(step, text), (long long) count, CSM_INTERVALS_MAX),
						errhint("Use a longer step or closer bounds.")));
}

/*
 * Bounds that users name in each row are looked at in each row, and a statement may have
 * thousands of groups: one notice is enough.  Of parallel processes only the one that leads
 * speaks, if it takes part.
 */
static bool
may_notify(TimestampTz *notified)
{
	TimestampTz statement = GetCurrentStatementStartTimestamp();

	if (statement == *notified || (IsParallelWorker() && parallel_leader_participation))
		return false;
	*notified = statement;
	return true;
}

/*
 * Whoever writes 31 December as the last day of a year loses December.  Says so when no
 * interval ends with "to", but one would end a day later.
 */
void
csm_note_left_out_day(int32 from, int32 to, csm_step step)
{
	static TimestampTz notified = 0;
	int64 count = csm_whole_steps(from, to, step);
	char last[CSM_DATE_TEXT_SIZE];
	char next[CSM_DATE_TEXT_SIZE];

	if (csm_step_from(from, step, count + 1) - 1 == to && csm_step_from(from, step, count) != to &&
		may_notify(&notified))
		ereport(NOTICE,
				(errmsg("to_date is the day after the last one, so the interval that ends with %s "
						"is left out",
						csm_date_to_text(to, last)),
				 errhint("To include it, write %s as to_date.", csm_date_to_text(to + 1, next))));
}

/*
 * The same of one interval, which may end on any day: where it lacks a day to whole years from
 * the first of a month, somebody means these.  Shorter ones are left alone: a daily report
 * from the first of the month on comes by the last day of each month.
 */
void
csm_note_left_out_end(int32 from, int32 to)
{
	static TimestampTz notified = 0;
	char last[CSM_DATE_TEXT_SIZE];
	char next[CSM_DATE_TEXT_SIZE];
	int months;

	if (starts_month(from) && csm_date_is_valid(to + 1) &&
		csm_whole_months(from, to + 1, &months) && months % MONTHS_PER_YEAR == 0 &&
		may_notify(&notified))
		ereport(NOTICE,
				(errmsg("to_date is the day after the last one, so %s is left out",
						csm_date_to_text(to, last)),
				 errhint("To include it, write %s as to_date.", csm_date_to_text(to + 1, next))));
}

/* Both are intervals, and who exchanges them gets a window now and then. */
void
csm_note_step_beyond_span(int32 from, csm_step step, csm_step span)
{
	static TimestampTz notified = 0;
	char step_text[CSM_STEP_TEXT_SIZE];
	char span_text[CSM_STEP_TEXT_SIZE];

	if (csm_step_from(from, step, 1) > csm_step_from(from, span, 1) && may_notify(&notified))
		ereport(NOTICE,
				(errmsg("the step of %s is longer than the span of %s, so no window sees "
						"what happens between them",
						csm_step_to_text(step, step_text), csm_step_to_text(span, span_text)),
				 errhint("The step comes before the span: '1 month', '1 year'.")));
}

/* How many intervals a run has; one that would end after "to" is none of them. */
int
csm_count_intervals(int32 from, int32 to, csm_step step)
{
	int64 count;

	csm_check_bounds(from, to);
	count = csm_whole_steps(from, to, step);
	csm_check_interval_count(count, step);
	csm_note_left_out_day(from, to, step);
	return (int) count;
}

/*
 * Text
 */

/* ISO whatever DateStyle says: text forms must not depend on settings. */
const char *
csm_date_to_text(int32 day, char *buffer)
{
	int year;
	int month;
	int day_of_month;

	if (DATE_IS_NOBEGIN(day) || DATE_IS_NOEND(day))
	{
		strlcpy(buffer, DATE_IS_NOEND(day) ? "infinity" : "-infinity", CSM_DATE_TEXT_SIZE);
		return buffer;
	}
	split_date(day, &year, &month, &day_of_month);
	snprintf(buffer, CSM_DATE_TEXT_SIZE, "%04d-%02d-%02d%s", year > 0 ? year : 1 - year, month,
			 day_of_month, year > 0 ? "" : " BC");
	return buffer;
}

const char *
csm_period_to_text(int32 from, int32 to, char *buffer)
{
	char from_text[CSM_DATE_TEXT_SIZE];
	char to_text[CSM_DATE_TEXT_SIZE];

	csm_date_to_text(from, from_text);
	csm_date_to_text(to, to_text);
	snprintf(buffer, CSM_PERIOD_TEXT_SIZE, "[%s,%s)", from_text, to_text);
	return buffer;
}
