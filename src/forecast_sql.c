/*
 * forecast_sql.c
 *		NDR and GRR of the open book as SQL sees them.
 *
 * The arguments are arrays of summaries that are aligned by index, an element a band; an
 * element may be NULL.  A band with fewer than two past accounts takes the figures of all
 * past accounts together.  The forecast is a sum of quotients of exact numbers, its
 * interval floating point.
 */
#include "base/port.h"

#include <math.h>

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "base/calendar.h"
#include "base/decimal_sql.h"
#include "base/statistics_sql.h"
#include "forecast.h"
#include "retention_sql.h"

#define PAST       0
#define OPEN       1
#define RUN        2
#define CONFIDENCE (PG_NARGS() - 1)

/* Fewer windows say nothing of how far periods lie apart. */
#define LEAST_WINDOWS 3

/* What is forecast: the bands, and all past accounts together. */
typedef struct forecast_arguments
{
	csm_summary_array past;
	csm_summary_array open;
	csm_retention_summary *all; /* NULL without any past account */
	bool is_open;               /* is there an amount to forecast? */
} forecast_arguments;

static void
check_currency(csm_retention_summary **first, csm_retention_summary *r)
{
	if (r == NULL)
		return;
	if (*first == NULL)
		*first = r;
	csm_retention_check_currency(*first, r);
}

static csm_retention_summary *
all_past(const csm_summary_array *past)
{
	csm_retention_summary *all = NULL;

	for (int i = 0; i < past->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (past->items[i] == NULL || past->items[i]->accounts_starting == 0)
			continue;
		if (all == NULL)
			all = csm_retention_copy(past->items[i], CSM_LARGEST);
		else
			csm_retention_merge(all, past->items[i]);
	}
	return all;
}

static forecast_arguments
read_arguments(FunctionCallInfo fcinfo)
{
	forecast_arguments arguments;
	csm_retention_summary *first = NULL;

	memset(&arguments, 0, sizeof(arguments));
	arguments.past = csm_summaries_or_nulls(PG_GETARG_DATUM(PAST), "past accounts");
	arguments.open = csm_summaries_or_nulls(PG_GETARG_DATUM(OPEN), "open accounts");
	if (arguments.past.count != arguments.open.count)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the arrays of past and of open accounts have %d and %d bands",
						arguments.past.count, arguments.open.count),
				 errhint("Aggregate both in one query: array_agg(past ORDER BY band), "
						 "array_agg(open ORDER BY band) FROM past FULL JOIN open USING (band).")));
	for (int i = 0; i < arguments.past.count; i++)
	{
		check_currency(&first, arguments.past.items[i]);
		check_currency(&first, arguments.open.items[i]);
		if (arguments.open.items[i] != NULL && arguments.open.items[i]->starting > 0)
			arguments.is_open = true;
	}
	arguments.all = all_past(&arguments.past);
	return arguments;
}

/* The past that speaks for a band; NULL when nothing of it is open. */
static const csm_retention_summary *
past_of_band(const forecast_arguments *arguments, int i)
{
	const csm_retention_summary *open = arguments->open.items[i];
	const csm_retention_summary *past = arguments->past.items[i];

	if (open == NULL || open->starting == 0)
		return NULL;
	return past != NULL && past->accounts_starting >= 2 ? past : arguments->all;
}

/* The sum of rate times open amount over bands, over all that is open; false without either. */
static bool
forecast_rate(const forecast_arguments *arguments, csm_summary_amount amount, Datum *rate)
{
	csm_running_number open = csm_running_start(0);
	csm_running_number expected = csm_running_start(0);

	if (arguments->all == NULL || !arguments->is_open)
		return false;
	for (int i = 0; i < arguments->open.count; i++)
	{
		const csm_retention_summary *past = past_of_band(arguments, i);
		Datum starting;

		if (past == NULL)
			continue;
		csm_running_enter(&open);
		csm_running_leave(
			&open, csm_numeric_add(open.value, csm_starting_numeric(arguments->open.items[i])));
		csm_running_enter(&expected);
		starting = csm_numeric_multiply(csm_decimal_to_numeric(amount(past), past->scale),
										csm_starting_numeric(arguments->open.items[i]));
		csm_running_leave(
			&expected, csm_numeric_add(expected.value,
									   csm_numeric_divide(starting, csm_starting_numeric(past))));
	}
	*rate = csm_numeric_divide(expected.value, open.value);
	return true;
}

static Datum
forecast(FunctionCallInfo fcinfo, csm_summary_amount amount)
{
	forecast_arguments arguments = read_arguments(fcinfo);
	Datum rate;

	if (!forecast_rate(&arguments, amount, &rate))
		PG_RETURN_NULL();
	return rate;
}

PG_FUNCTION_INFO_V1(csm_ndr_forecast);
Datum
csm_ndr_forecast(PG_FUNCTION_ARGS)
{
	return forecast(fcinfo, csm_ending_existing_of);
}

PG_FUNCTION_INFO_V1(csm_grr_forecast);
Datum
csm_grr_forecast(PG_FUNCTION_ARGS)
{
	return forecast(fcinfo, csm_retained_of);
}

/*
 * Intervals
 */

/* Exact sums of a past with at least two accounts, as the arithmetic wants them. */
static csm_past
describe_past(const csm_retention_summary *r)
{
	Datum starting = csm_starting_numeric(r);
	Datum ending = csm_decimal_to_numeric(r->ending_existing, r->scale);
	Datum square = csm_numeric_multiply(starting, starting);
	Datum squared = csm_uint256_to_numeric(&r->starting_squared, 2 * r->scale);
	int64 n = r->accounts_starting;
	Datum deviations = csm_squared_deviations(
		starting, ending, squared, csm_uint256_to_numeric(&r->ending_squared, 2 * r->scale),
		csm_uint256_to_numeric(&r->starting_ending, 2 * r->scale));
	double factor = (double) n / (double) (n - 1);
	csm_past past;

	past.accounts = (double) n;
	past.churned = (double) r->accounts_churned;
	past.expanded = (double) r->accounts_expanded;
	past.ndr = csm_ratio_to_double(ending, starting);
	past.grr = csm_ratio_to_double(csm_decimal_to_numeric(r->retained, r->scale), starting);
	past.effective = csm_ratio_to_double(square, squared);
	/* the deviations are times S^2; negative only in a forged value */
	past.spread =
		Max(0, factor * csm_ratio_to_double(deviations, csm_numeric_multiply(square, squared)));
	past.sampling = past.spread / past.effective;
	return past;
}

static csm_forecast
describe_forecast(const forecast_arguments *arguments)
{
	csm_forecast forecast = {0};

	for (int i = 0; i < arguments->open.count; i++)
	{
		const csm_retention_summary *past = past_of_band(arguments, i);
		const csm_retention_summary *open = arguments->open.items[i];
		csm_past figures;

		if (past == NULL)
			continue;
		figures = describe_past(past);
		csm_forecast_add(&forecast, &figures, csm_numeric_to_double(csm_starting_numeric(open)),
						 csm_numeric_to_double(
							 csm_uint256_to_numeric(&open->starting_squared, 2 * open->scale)));
	}
	return forecast;
}

static void
check_window(const csm_retention_summary *first, const csm_retention_summary *before,
			 const csm_retention_summary *r, int number)
{
	char text[CSM_PERIOD_TEXT_SIZE];
	char text_before[CSM_PERIOD_TEXT_SIZE];

	if (r == NULL)
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("window %d of the run is NULL", number),
						errhint("Leave it out, as in array_agg(r) FILTER (WHERE r IS NOT NULL).")));
	if (!csm_retention_has_period(r))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the period of window %d of the run is not known", number),
						errhint("Make the run by bridge_agg, or give retention_agg its period.")));
	if (before == NULL)
		return;
	csm_period_to_text(r->period_from, r->period_to, text);
	csm_period_to_text(before->period_from, before->period_to, text_before);
	if (r->period_from < before->period_to)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("windows of a run must follow each other without overlap: %s "
							   "follows %s",
							   text, text_before),
						errhint("Order them, as in array_agg(r ORDER BY period(r)); take "
								"bridge_agg rather than trailing_agg.")));
	if (!csm_same_stretch(first->period_from, first->period_to, r->period_from, r->period_to))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("windows of a run must be of one length: %s follows %s", text,
							   text_before)));
}

/* How far the windows lie apart; false when there are too few with two accounts each. */
static bool
read_run(FunctionCallInfo fcinfo, const forecast_arguments *arguments, csm_period_spread *spread)
{
	csm_summary_array run = csm_summaries_or_nulls(PG_GETARG_DATUM(RUN), "windows");
	csm_past *windows = palloc(sizeof(csm_past) * Max(run.count, 1));
	int count = 0;

	for (int i = 0; i < run.count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		check_window(run.items[0], i > 0 ? run.items[i - 1] : NULL, run.items[i], i + 1);
		if (arguments->all != NULL)
			csm_retention_check_currency(arguments->all, run.items[i]);
		if (run.items[i]->accounts_starting >= 2)
			windows[count++] = describe_past(run.items[i]);
	}
	if (count < LEAST_WINDOWS)
		return false;
	*spread = csm_period_spread_of(windows, count);
	return true;
}

typedef csm_interval (*forecast_interval)(const csm_forecast *forecast, const csm_past *all,
										  const csm_period_spread *spread, double rate,
										  double confidence);

static Datum
interval_of(FunctionCallInfo fcinfo, csm_summary_amount amount, forecast_interval interval)
{
	forecast_arguments arguments = read_arguments(fcinfo);
	double confidence = csm_confidence_argument(fcinfo, CONFIDENCE);
	csm_period_spread spread;
	bool has_run = PG_NARGS() > RUN + 1;
	csm_forecast forecast;
	csm_past all;
	Datum rate;

	if (has_run && !read_run(fcinfo, &arguments, &spread))
		PG_RETURN_NULL();
	if (!forecast_rate(&arguments, amount, &rate) || arguments.all->accounts_starting < 2)
		PG_RETURN_NULL();
	all = describe_past(arguments.all);
	forecast = describe_forecast(&arguments);
	return csm_interval_to_range(interval(&forecast, &all, has_run ? &spread : NULL,
										  csm_numeric_to_double(rate), confidence));
}

PG_FUNCTION_INFO_V1(csm_ndr_forecast_interval_sql);
Datum
csm_ndr_forecast_interval_sql(PG_FUNCTION_ARGS)
{
	return interval_of(fcinfo, csm_ending_existing_of, csm_ndr_forecast_interval);
}

PG_FUNCTION_INFO_V1(csm_grr_forecast_interval_sql);
Datum
csm_grr_forecast_interval_sql(PG_FUNCTION_ARGS)
{
	return interval_of(fcinfo, csm_retained_of, csm_grr_forecast_interval);
}
