/*
 * retention_runs_sql.c
 *		Runs of intervals as SQL sees them: figures over arrays of retention_summary, rollup of
 *		arrays, and bridge().
 */
#include "base/port.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/array.h"

#include "base/calendar.h"
#include "base/decimal_sql.h"
#include "base/wire_sql.h"
#include "retention_sql.h"

/* The elements of an array, NULL where one is; "name" says of what, as in "intervals". */
csm_summary_array
csm_summaries_or_nulls(Datum datum, const char *name)
{
	ArrayType *array = DatumGetArrayTypeP(datum);
	csm_summary_array result = {0, NULL};
	Datum *items;
	bool *nulls;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an array of %s must have one dimension, not %d", name, ARR_NDIM(array))));
	deconstruct_array(array, ARR_ELEMTYPE(array), -1, false, TYPALIGN_DOUBLE, &items, &nulls,
					  &result.count);
	result.items = palloc0(sizeof(*result.items) * Max(result.count, 1));
	for (int i = 0; i < result.count; i++)
	{
		if (!nulls[i])
			result.items[i] = csm_retention_from_datum(items[i]);
	}
	return result;
}

static csm_summary_array
summaries_from_datum(Datum datum)
{
	csm_summary_array result = csm_summaries_or_nulls(datum, "intervals");

	for (int i = 0; i < result.count; i++)
	{
		if (result.items[i] == NULL)
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
							errmsg("interval %d of the array is NULL", i + 1),
							errhint("Leave it out, as in array_agg(r) FILTER (WHERE r IS NOT "
									"NULL).")));
	}
	return result;
}

static void
check_one_currency(const csm_summary_array *intervals)
{
	for (int i = 1; i < intervals->count; i++)
		csm_retention_check_currency(intervals->items[0], intervals->items[i]);
}

static void
check_periods_known(const csm_summary_array *intervals)
{
	for (int i = 0; i < intervals->count; i++)
	{
		if (!csm_retention_has_period(intervals->items[i]))
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("the period of interval %d is not known", i + 1),
							errhint("Give it to retention_agg as daterange(from, to).")));
	}
}

static void
interval_error(const csm_summary_array *intervals, int i, const char *problem)
{
	const csm_retention_summary *before = intervals->items[i - 1];
	const csm_retention_summary *r = intervals->items[i];
	char text_before[CSM_PERIOD_TEXT_SIZE];
	char text[CSM_PERIOD_TEXT_SIZE];

	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("%s: %s follows %s", problem,
						   csm_period_to_text(r->period_from, r->period_to, text),
						   csm_period_to_text(before->period_from, before->period_to, text_before)),
					errhint("Order the array by period, as in array_agg(r ORDER BY period(r)).")));
}

/* Each interval must start where the one before it ended. */
csm_summary_array
csm_adjacent_intervals(Datum datum)
{
	csm_summary_array intervals = summaries_from_datum(datum);

	check_periods_known(&intervals);
	check_one_currency(&intervals);
	for (int i = 1; i < intervals.count; i++)
	{
		if (intervals.items[i]->period_from != intervals.items[i - 1]->period_to)
			interval_error(&intervals, i, "intervals must be adjacent");
	}
	return intervals;
}

/* All of one length, each as far after the one before it. */
csm_summary_array
csm_regular_intervals(Datum datum)
{
	csm_summary_array intervals = summaries_from_datum(datum);
	csm_retention_summary **r = intervals.items;

	check_periods_known(&intervals);
	check_one_currency(&intervals);
	for (int i = 1; i < intervals.count; i++)
	{
		if (r[i]->period_from <= r[i - 1]->period_from)
			interval_error(&intervals, i, "intervals must be in order");
		if (!csm_same_stretch(r[0]->period_from, r[0]->period_to, r[i]->period_from,
							  r[i]->period_to))
			interval_error(&intervals, i, "intervals must be of one length");
		if (!csm_same_stretch(r[0]->period_from, r[1]->period_from, r[i - 1]->period_from,
							  r[i]->period_from))
			interval_error(&intervals, i, "intervals must come at equal steps");
	}
	return intervals;
}

/* Decimal places to which each step of a chain is rounded. */
#define CHAIN_PLACES 20

/* expansion - contraction - churned */
static int128
amount_net_of_existing(const csm_retention_summary *r)
{
	return r->ending_existing - r->starting;
}

/* The product of amount / starting, left to right; NULL where one of them is. */
static Datum
chained_ratio(FunctionCallInfo fcinfo, csm_summary_amount amount)
{
	csm_summary_array intervals = csm_adjacent_intervals(PG_GETARG_DATUM(0));
	csm_running_number product = csm_running_start(1);

	if (intervals.count == 0)
		PG_RETURN_NULL();
	for (int i = 0; i < intervals.count; i++)
	{
		const csm_retention_summary *r = intervals.items[i];
		Datum ratio;

		if (r->starting == 0)
			PG_RETURN_NULL();
		csm_running_enter(&product);
		ratio = csm_numeric_divide(csm_decimal_to_numeric(amount(r), r->scale),
								   csm_starting_numeric(r));
		csm_running_leave(
			&product, csm_numeric_round(csm_numeric_multiply(product.value, ratio), CHAIN_PLACES));
	}
	return product.value;
}

PG_FUNCTION_INFO_V1(csm_retention_chained_ndr);
Datum
csm_retention_chained_ndr(PG_FUNCTION_ARGS)
{
	return chained_ratio(fcinfo, csm_ending_existing_of);
}

PG_FUNCTION_INFO_V1(csm_retention_chained_grr);
Datum
csm_retention_chained_grr(PG_FUNCTION_ARGS)
{
	return chained_ratio(fcinfo, csm_retained_of);
}

/* The sum of an amount over the intervals. */
static Datum
sum_over(const csm_summary_array *intervals, csm_summary_amount amount)
{
	csm_running_number sum = csm_running_start(0);

	for (int i = 0; i < intervals->count; i++)
	{
		const csm_retention_summary *r = intervals->items[i];

		csm_running_enter(&sum);
		csm_running_leave(&sum,
						  csm_numeric_add(sum.value, csm_decimal_to_numeric(amount(r), r->scale)));
	}
	return sum.value;
}

PG_FUNCTION_INFO_V1(csm_retention_flow_ndr);
Datum
csm_retention_flow_ndr(PG_FUNCTION_ARGS)
{
	csm_summary_array intervals = csm_adjacent_intervals(PG_GETARG_DATUM(0));

	if (intervals.count == 0 || intervals.items[0]->starting == 0)
		PG_RETURN_NULL();
	return csm_numeric_add(csm_integer_to_numeric(1),
						   csm_numeric_divide(sum_over(&intervals, amount_net_of_existing),
											  csm_starting_numeric(intervals.items[0])));
}

PG_FUNCTION_INFO_V1(csm_retention_mean_ndr);
Datum
csm_retention_mean_ndr(PG_FUNCTION_ARGS)
{
	csm_summary_array intervals = csm_regular_intervals(PG_GETARG_DATUM(0));
	csm_running_number sum = csm_running_start(0);
	int64 count = 0;

	for (int i = 0; i < intervals.count; i++)
	{
		const csm_retention_summary *r = intervals.items[i];

		if (r->starting == 0)
			continue;
		csm_running_enter(&sum);
		csm_running_leave(
			&sum, csm_numeric_add(sum.value, csm_numeric_divide(csm_ending_existing_numeric(r),
																csm_starting_numeric(r))));
		count++;
	}
	return csm_numeric_ratio(sum.value, csm_integer_to_numeric(count), &fcinfo->isnull);
}

PG_FUNCTION_INFO_V1(csm_retention_weighted_ndr);
Datum
csm_retention_weighted_ndr(PG_FUNCTION_ARGS)
{
	csm_summary_array intervals = csm_regular_intervals(PG_GETARG_DATUM(0));

	return csm_numeric_ratio(sum_over(&intervals, csm_ending_existing_of),
							 sum_over(&intervals, csm_starting_of), &fcinfo->isnull);
}

/* Transition and combine function of rollup over arrays: interval by interval. */
PG_FUNCTION_INFO_V1(csm_retention_rollup_arrays);
Datum
csm_retention_rollup_arrays(PG_FUNCTION_ARGS)
{
	csm_summary_array a = summaries_from_datum(PG_GETARG_DATUM(0));
	csm_summary_array b = summaries_from_datum(PG_GETARG_DATUM(1));
	Datum *merged = palloc(sizeof(Datum) * Max(a.count, 1));

	if (a.count != b.count)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("arrays of %d and of %d intervals cannot be added up", a.count, b.count),
				 errhint("Give every group the same bounds, so that each has the same "
						 "intervals.")));
	for (int i = 0; i < a.count; i++)
	{
		csm_retention_summary *r = csm_retention_copy(a.items[i], CSM_LARGEST);

		CHECK_FOR_INTERRUPTS();

		csm_retention_merge(r, b.items[i]);
		merged[i] = csm_value_result(&csm_retention_type, r);
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(merged, a.count,
										  ARR_ELEMTYPE(DatumGetArrayTypeP(PG_GETARG_DATUM(0))), -1,
										  false, TYPALIGN_DOUBLE));
}

/* A rollup of a single array has not seen what is in it. */
PG_FUNCTION_INFO_V1(csm_retention_rollup_arrays_final);
Datum
csm_retention_rollup_arrays_final(PG_FUNCTION_ARGS)
{
	(void) summaries_from_datum(PG_GETARG_DATUM(0));
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

/* The columns of bridge() after the period. */
static const csm_retention_figure bridge_columns[] = {
	csm_figure_starting,
	csm_figure_new_business,
	csm_figure_reactivation,
	csm_figure_expansion,
	csm_figure_contraction,
	csm_figure_churned,
	csm_figure_ending,
	csm_figure_net_new,
	csm_figure_accounts_starting,
	csm_figure_accounts_new,
	csm_figure_accounts_reactivated,
	csm_figure_accounts_expanded,
	csm_figure_accounts_contracted,
	csm_figure_accounts_churned,
	csm_figure_accounts_ending,
	csm_figure_ndr,
	csm_figure_grr,
	csm_figure_logo_churn,
	csm_figure_quick_ratio,
};

static void
put_bridge_row(csm_rows *rows, const csm_retention_summary *r)
{
	Datum values[2 + lengthof(bridge_columns)];
	bool nulls[2 + lengthof(bridge_columns)] = {false};

	values[0] = DateADTGetDatum(r->period_from);
	values[1] = DateADTGetDatum(r->period_to);
	nulls[0] = nulls[1] = !csm_retention_has_period(r);
	for (int c = 0; c < (int) lengthof(bridge_columns); c++)
		values[2 + c] = bridge_columns[c](r, &nulls[2 + c]);
	csm_rows_put(rows, values, nulls);
}

/* A row an interval */
PG_FUNCTION_INFO_V1(csm_retention_bridge);
Datum
csm_retention_bridge(PG_FUNCTION_ARGS)
{
	csm_summary_array intervals = summaries_from_datum(PG_GETARG_DATUM(0));
	csm_rows rows = csm_rows_start(fcinfo);

	for (int i = 0; i < intervals.count; i++)
		put_bridge_row(&rows, intervals.items[i]);
	return csm_rows_end(&rows);
}

/* The row of one interval */
PG_FUNCTION_INFO_V1(csm_retention_bridge_row);
Datum
csm_retention_bridge_row(PG_FUNCTION_ARGS)
{
	const csm_retention_summary *r = PG_GETARG_SUMMARY(0);
	csm_rows rows = csm_rows_start(fcinfo);

	put_bridge_row(&rows, r);
	return csm_rows_end(&rows);
}
