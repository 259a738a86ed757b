/*
 * raw_rows_sql.c
 *		Rows of subscriptions and of snapshots on their way into a scan.
 */
#include "base/port.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"

#include "engine/raw_rows_sql.h"

void
csm_rows_init(csm_raw_rows *rows, FunctionCallInfo fcinfo, csm_key_kind keys, bool is_subscription)
{
	memset(rows, 0, sizeof(*rows));
	rows->keys = keys;
	rows->is_subscription = is_subscription;
	rows->day = CSM_NO_DAY;
	rows->last_unit = PG_INT32_MAX;
	rows->scan =
		csm_scan_for_aggregate(fcinfo, keys, is_subscription ? CSM_SPAN_ROWS : CSM_SNAPSHOT_ROWS);
}

/*
 * The unit of snapshots, counted from a day where there is one.  Units of the calendar are
 * the same ones as those that start where one of them does, and are found in less time.
 */
void
csm_rows_set_every(csm_raw_rows *rows, csm_step every, const DateADT *origin)
{
	rows->every = every;
	rows->has_origin =
		origin != NULL && (!csm_unit_is_valid(every) ||
						   csm_unit_start(csm_unit_index(*origin, every), every) != *origin);
	rows->origin = origin != NULL ? *origin : 0;
}

int32
csm_rows_unit_of(const csm_raw_rows *rows, DateADT day)
{
	if (!rows->has_origin)
		return csm_unit_index(day, rows->every);
	return (int32) csm_unit_index_from(rows->origin, rows->every, day);
}

DateADT
csm_rows_unit_start(const csm_raw_rows *rows, int32 unit)
{
	if (!rows->has_origin)
		return csm_unit_start(unit, rows->every);
	return csm_step_from(rows->origin, rows->every, unit);
}

static csm_key
account_of(FunctionCallInfo fcinfo, const csm_raw_rows *rows)
{
	return csm_account_argument(fcinfo, CSM_ACCOUNT_ARGUMENT, rows->keys);
}

/* A row that is looked at with care. */
typedef struct careful_row
{
	FunctionCallInfo fcinfo;
	const csm_raw_rows *rows;
} careful_row;

/* Errors of a row say whose it is. */
static void
say_whose_row(void *argument)
{
	const careful_row *row = argument;
	csm_key key;

	if (row->fcinfo->args[CSM_ACCOUNT_ARGUMENT].isnull)
		return;
	key = account_of(row->fcinfo, row->rows);
	errcontext("row of account %s", csm_key_to_text(row->rows->keys, &key));
}

/* The amount of a row that is none of the quick ones. */
static csm_decimal
amount_of(FunctionCallInfo fcinfo, const csm_raw_rows *rows)
{
	careful_row row = {fcinfo, rows};
	ErrorContextCallback callback = {error_context_stack, say_whose_row, &row};
	csm_decimal amount;

	error_context_stack = &callback;
	amount = csm_row_amount(fcinfo, CSM_AMOUNT_ARGUMENT);
	error_context_stack = callback.previous;
	return amount;
}

/* A day that is not there or infinite, or one that nobody has seen yet. */
static pg_noinline void
start_day_carefully(FunctionCallInfo fcinfo, csm_raw_rows *rows)
{
	careful_row row = {fcinfo, rows};
	ErrorContextCallback callback = {error_context_stack, say_whose_row, &row};

	error_context_stack = &callback;
	rows->day = csm_date_argument(fcinfo, CSM_TIME_ARGUMENT, "at");
	rows->unit = csm_rows_unit_of(rows, rows->day);
	if (rows->note != NULL)
		rows->note(rows, rows->unit);
	error_context_stack = callback.previous;
}

/* A row of another day than the one before, which in a table without order most rows are. */
void
csm_rows_start_day(FunctionCallInfo fcinfo, csm_raw_rows *rows)
{
	if (unlikely(rows->note != NULL || PG_ARGISNULL(CSM_TIME_ARGUMENT) ||
				 !csm_date_is_valid(PG_GETARG_DATEADT(CSM_TIME_ARGUMENT))))
	{
		start_day_carefully(fcinfo, rows);
		return;
	}
	rows->day = PG_GETARG_DATEADT(CSM_TIME_ARGUMENT);
	rows->unit = csm_rows_unit_of(rows, rows->day);
}

/* Of a row after the last boundary no more than the display scale of its amount counts. */
void
csm_rows_add_other_snapshot(FunctionCallInfo fcinfo, csm_raw_rows *rows)
{
	csm_rows_add_other_span(fcinfo, rows, rows->unit, rows->unit + 1);
}

void
csm_rows_add_other_span(FunctionCallInfo fcinfo, csm_raw_rows *rows, DateADT start, DateADT end)
{
	csm_key key = account_of(fcinfo, rows);
	csm_decimal amount = amount_of(fcinfo, rows);

	if (start > rows->last_unit)
		csm_scan_note_scale(rows->scan, amount.scale);
	else
		csm_scan_add(rows->scan, &key, start, end, amount);
}

void
csm_rows_start_error(FunctionCallInfo fcinfo, const csm_raw_rows *rows, const RangeType *range)
{
	csm_key key = account_of(fcinfo, rows);

	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("a subscription of account %s must start on a day: %s",
						   csm_key_to_text(rows->keys, &key),
						   OidOutputFunctionCall(F_RANGE_OUT, RangeTypePGetDatum(range))),
					errhint("Only its end may be open. Give it as daterange(start, end).")));
}
