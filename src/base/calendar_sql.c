/*
 * calendar_sql.c
 *		Dates and intervals as SQL hands them over.
 */
#include "base/port.h"

#include "fmgr.h"
#include "utils/date.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/calendar_sql.h"

void
csm_check_argument_not_null(FunctionCallInfo fcinfo, int i, const char *name)
{
	if (PG_ARGISNULL(i))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("the argument \"%s\" must not be NULL", name)));
}

/* A finite date. */
DateADT
csm_date_argument(FunctionCallInfo fcinfo, int i, const char *name)
{
	DateADT day;
	char text[CSM_DATE_TEXT_SIZE];

	csm_check_argument_not_null(fcinfo, i, name);
	day = PG_GETARG_DATEADT(i);
	if (!csm_date_is_valid(day))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the argument \"%s\" must be a finite date, not %s", name,
							   csm_date_to_text(day, text))));
	return day;
}

static const char *
interval_to_text(Interval *interval)
{
	return DatumGetCString(DirectFunctionCall1(interval_out, IntervalPGetDatum(interval)));
}

/* A number of months or a number of days. */
csm_step
csm_step_argument(FunctionCallInfo fcinfo, int i, const char *name)
{
	Interval *interval;
	csm_step step;

	csm_check_argument_not_null(fcinfo, i, name);
	interval = PG_GETARG_INTERVAL_P(i);
	step.months = interval->month;
	step.days = interval->day;
	if (interval->time != 0 || !csm_step_is_valid(step))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the argument \"%s\" cannot be %s", name, interval_to_text(interval)),
				 errdetail("It must be a positive number of months, or of days."),
				 errhint("Use an interval such as '1 month', '3 months', '1 year', '7 days' "
						 "or '2 weeks'.")));
	return step;
}

/* The length of a calendar unit. */
csm_step
csm_unit_argument(FunctionCallInfo fcinfo, int i, const char *name)
{
	csm_step every = csm_step_argument(fcinfo, i, name);
	char text[CSM_STEP_TEXT_SIZE];

	if (!csm_unit_is_valid(every))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the argument \"%s\" cannot be %s, which do not divide a year", name,
							   csm_step_to_text(every, text)),
						errhint("Use 1, 2, 3, 4, 6 or 12 months, or a number of days or weeks.")));
	return every;
}

/* Parameters of an aggregate must be the same in all rows. */
void
csm_check_same_step(csm_step a, csm_step b, const char *name)
{
	char text_a[CSM_STEP_TEXT_SIZE];
	char text_b[CSM_STEP_TEXT_SIZE];

	if (!csm_step_is_same(a, b))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the argument \"%s\" varies between rows: %s and %s", name,
							   csm_step_to_text(a, text_a), csm_step_to_text(b, text_b)),
						errhint("Pass a constant, or group by it.")));
}

void
csm_check_same_date(DateADT a, DateADT b, const char *name)
{
	char text_a[CSM_DATE_TEXT_SIZE];
	char text_b[CSM_DATE_TEXT_SIZE];

	if (a != b)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the argument \"%s\" varies between rows: %s and %s", name,
							   csm_date_to_text(a, text_a), csm_date_to_text(b, text_b)),
						errhint("Pass a constant, or group by it.")));
}

void
csm_check_multiple(csm_step step, csm_step every)
{
	char step_text[CSM_STEP_TEXT_SIZE];
	char every_text[CSM_STEP_TEXT_SIZE];

	if (!csm_step_is_multiple(step, every))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the step of %s is not a whole multiple of %s",
						csm_step_to_text(step, step_text), csm_step_to_text(every, every_text)),
				 step.months > 0 && every.days > 0
					 ? errhint("Months differ in days. Leave out \"every\" and pass each row as "
							   "daterange(at, at + %d), "
							   "or keep histories: history_agg(at, amount, every).",
							   every.days)
					 : errhint("Every interval must be made up of whole calendar units.")));
}
