/*
 * funnel_summary_sql.c
 *		funnel_summary as SQL sees it: the aggregate over histories, figures, the table, text and
 *		binary forms.
 *
 * Text form: a JSON object: the definition, as_of where there is one, the scale of amounts, and
 * "strata", an array of [name, first step, other steps ...]. The first step is
 * [reached, "amount", "sum of squares"], another one [reached, "amount", "sum", buckets, "sum",
 * buckets], from the start and from the step before, in microseconds; buckets are pairs of a
 * number and a count.
 */
#include "base/port.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/calendar_sql.h"
#include "base/decimal_sql.h"
#include "base/object_sql.h"
#include "base/statistics_sql.h"
#include "base/wire_sql.h"
#include "funnel_sql.h"
#include "funnel_summary_sql.h"
#include "usage_history_sql.h"

#define FUNNEL_SUMMARY "funnel_summary"

/*
 * Values and states
 */

static csm_funnel_summary *
summary_from_stored(struct varlena *stored)
{
	csm_reader reader = {(const unsigned char *) VARDATA_ANY(stored), NULL, false};
	csm_funnel_summary *summary;
	const char *problem;

	reader.end = reader.next + VARSIZE_ANY_EXHDR(stored);
	csm_check_version(FUNNEL_SUMMARY, reader.next[0], CSM_FUNNEL_SUMMARY_VERSION);
	summary = csm_summary_read(&reader, NULL, &problem);
	if (summary == NULL)
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED),
						errmsg("a stored %s cannot be read: %s", FUNNEL_SUMMARY, problem)));
	return summary;
}

static csm_funnel_summary *
summary_argument(FunctionCallInfo fcinfo, int i)
{
	return summary_from_stored(PG_GETARG_VARLENA_PP(i));
}

static void *
summary_at_rest(const void *state)
{
	return csm_summary_write(state, NULL);
}

static const char *
stored_problem(const void *stored)
{
	return csm_summary_problem(summary_from_stored((struct varlena *) stored));
}

static const csm_value_type summary_type = {
	.name = FUNNEL_SUMMARY, .at_rest = summary_at_rest, .problem = stored_problem};

Datum
csm_summary_result(const csm_funnel_summary *summary)
{
	return csm_value_result(&summary_type, summary);
}

static const char *
time_text(TimestampTz at)
{
	return TIMESTAMP_IS_NOEND(at)
			   ? "none"
			   : DatumGetCString(DirectFunctionCall1(timestamptz_out, TimestampTzGetDatum(at)));
}

/* Two funnels, or one as of two days, say different things. */
static void
check_same_question(const csm_funnel_summary *a, const csm_funnel_summary *b)
{
	if (strcmp(a->f->text, b->f->text) != 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("summaries of different funnels cannot be added up"),
						errdetail("One is %s, the other %s.", a->f->text, b->f->text),
						errhint("Group by definition(s).")));
	if (a->as_of != b->as_of)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("summaries as of different times cannot be added up: %s and %s",
							   time_text(a->as_of), time_text(b->as_of)),
						errhint("Make all of them with the same as_of.")));
}

/*
 * The aggregate's arguments, which the one over raw rows has as well
 */

/* as_of, DT_NOEND where there is none. */
TimestampTz
csm_as_of_argument(FunctionCallInfo fcinfo, int i, const csm_funnel *f)
{
	TimestampTz as_of;

	if (PG_NARGS() <= i || PG_ARGISNULL(i))
		return DT_NOEND;
	as_of = csm_usage_time(fcinfo, i, "as_of");
	if (f->within == CSM_UNBOUNDED)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("as_of needs a funnel with a window"),
						errhint("Add one, as in '%s within 14 days': without it no account is ever "
								"through.",
								f->text)));
	return as_of;
}

void
csm_funnel_check_same(const csm_funnel *f, const text *stored)
{
	if (VARSIZE_ANY_EXHDR(stored) != strlen(f->text) ||
		memcmp(VARDATA_ANY(stored), f->text, strlen(f->text)) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the funnel varies between rows"),
				 errdetail("One is %s, another %.*s.", f->text, (int) VARSIZE_ANY_EXHDR(stored),
						   VARDATA_ANY(stored)),
				 errhint("Pass a constant, or group by it.")));
}

void
csm_as_of_check_same(FunctionCallInfo fcinfo, int i, TimestampTz as_of)
{
	TimestampTz other = PG_NARGS() <= i || PG_ARGISNULL(i) ? DT_NOEND : PG_GETARG_TIMESTAMPTZ(i);

	if (other != as_of)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("as_of varies between rows: %s and %s", time_text(as_of), time_text(other)),
				 errhint("Pass a constant, or group by it.")));
}

/*
 * The aggregate over histories
 */

/* What runs histories through the funnel of a state, and the row that it is at. */
typedef struct histories_run
{
	csm_funnel_summary *summary;
	csm_funnel_run *run;
	uint32 stratum;
	bool has_stratum; /* it has been looked up */
	csm_decimal amount;
	FunctionCallInfo fcinfo;
} histories_run;

/* An account is in a stratum from its first chain on: who does not enter makes none. */
static void
count_chain(void *argument, const csm_chain *chain)
{
	histories_run *row = argument;
	FunctionCallInfo fcinfo = row->fcinfo;

	if (!row->has_stratum)
	{
		bool is_null = PG_NARGS() <= 3 || PG_ARGISNULL(3);
		text *name = is_null ? NULL : PG_GETARG_TEXT_PP(3);

		row->stratum = csm_summary_stratum(row->summary, is_null ? NULL : VARDATA_ANY(name),
										   is_null ? 0 : (int) VARSIZE_ANY_EXHDR(name), is_null);
		if (PG_NARGS() > 4 && !PG_ARGISNULL(4))
			row->amount = csm_not_negative_from_numeric("amount", PG_GETARG_DATUM(4));
		row->has_stratum = true;
	}
	csm_summary_add(row->summary, row->stratum, chain, row->amount);
}

/* The state to add to: the first argument, or a new one with what that holds, if anything. */
static csm_object *
state_to_change(FunctionCallInfo fcinfo)
{
	csm_object *object = csm_object_to_change(fcinfo, &summary_type);

	if (object != NULL)
		return object;
	object = csm_object_new(fcinfo, &summary_type);
	if (!PG_ARGISNULL(0))
	{
		MemoryContext caller = MemoryContextSwitchTo(object->header.eoh_context);

		object->state = summary_argument(fcinfo, 0);
		MemoryContextSwitchTo(caller);
	}
	return object;
}

/* The funnel and as_of of the first row; what came before must be of the same. */
static void
start_run(FunctionCallInfo fcinfo, csm_object *object)
{
	MemoryContext context = object->header.eoh_context;
	MemoryContext caller = MemoryContextSwitchTo(context);
	histories_run *row = palloc0(sizeof(histories_run));

	if (object->state == NULL)
	{
		text *stored = PG_GETARG_TEXT_PP(2);
		csm_funnel *f = csm_funnel_from_text(VARDATA_ANY(stored), VARSIZE_ANY_EXHDR(stored), NULL);

		object->state = csm_summary_new(context, f, csm_as_of_argument(fcinfo, 5, f));
	}
	row->summary = object->state;
	row->run = csm_funnel_run_new(row->summary->f, row->summary->as_of, count_chain, row);
	object->tools = row;
	MemoryContextSwitchTo(caller);
}

/* (state, history, funnel [, stratum [, amount [, as_of]]]) */
PG_FUNCTION_INFO_V1(csm_funnel_accum);
Datum
csm_funnel_accum(PG_FUNCTION_ARGS)
{
	csm_object *object;
	histories_run *row;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	csm_check_argument_not_null(fcinfo, 2, "funnel");
	object = state_to_change(fcinfo);
	if (object->tools == NULL)
		start_run(fcinfo, object);
	row = object->tools;
	csm_funnel_check_same(row->summary->f, PG_GETARG_TEXT_PP(2));
	csm_as_of_check_same(fcinfo, 5, row->summary->as_of);
	row->has_stratum = false;
	row->amount = (csm_decimal){0, 0};
	row->fcinfo = fcinfo;
	csm_funnel_run_history(row->run, row->summary->f, csm_usage_argument(fcinfo, 1));
	return csm_object_result(fcinfo, object);
}

/* The sum of two, each a state or a summary: also the transition of rollup. */
PG_FUNCTION_INFO_V1(csm_funnel_combine);
Datum
csm_funnel_combine(PG_FUNCTION_ARGS)
{
	csm_object *other_object = csm_object_of(PG_GETARG_DATUM(1), &summary_type);
	const csm_funnel_summary *other =
		other_object != NULL ? other_object->state : summary_argument(fcinfo, 1);
	csm_object *object = state_to_change(fcinfo);

	check_same_question(object->state, other);
	csm_summary_merge(object->state, other);
	return csm_object_result(fcinfo, object);
}

PG_FUNCTION_INFO_V1(csm_funnel_final);
Datum
csm_funnel_final(PG_FUNCTION_ARGS)
{
	csm_object *object = csm_object_of(PG_GETARG_DATUM(0), &summary_type);

	return csm_summary_result(object != NULL ? object->state : summary_argument(fcinfo, 0));
}

/*
 * Figures of all strata
 */

/* All strata as one; a summary without any has one in which nobody is. */
static csm_reached *
sum_of_strata(const csm_funnel_summary *summary)
{
	csm_funnel_summary *sum = csm_summary_new(CurrentMemoryContext, summary->f, summary->as_of);
	csm_funnel_summary part = *summary;
	csm_stratum nameless;

	(void) csm_summary_stratum(sum, NULL, 0, true);
	part.strata = 1;
	part.stratum = &nameless;
	for (uint32 i = 0; i < summary->strata; i++)
	{
		nameless = summary->stratum[i];
		nameless.name = NULL;
		nameless.size = 0;
		csm_summary_merge(sum, &part);
	}
	return sum->stratum[0].steps;
}

/* A step, from 0 on; NULL is the last one. */
static int
step_argument(FunctionCallInfo fcinfo, int i, const csm_funnel_summary *summary)
{
	int step;

	if (PG_ARGISNULL(i))
		return summary->f->steps - 1;
	step = PG_GETARG_INT32(i);
	if (step < 1 || step > summary->f->steps)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("there is no step %d: the funnel has %d", step, summary->f->steps),
						errdetail("It is %s.", summary->f->text)));
	return step - 1;
}

PG_FUNCTION_INFO_V1(csm_funnel_conversion);
Datum
csm_funnel_conversion(PG_FUNCTION_ARGS)
{
	csm_funnel_summary *summary;
	csm_reached *steps;
	int k;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	summary = summary_argument(fcinfo, 0);
	k = step_argument(fcinfo, 1, summary);
	steps = sum_of_strata(summary);
	return csm_count_ratio(steps[k].count, steps[0].count, &fcinfo->isnull);
}

PG_FUNCTION_INFO_V1(csm_funnel_amount_conversion);
Datum
csm_funnel_amount_conversion(PG_FUNCTION_ARGS)
{
	csm_funnel_summary *summary;
	csm_reached *steps;
	int k;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	summary = summary_argument(fcinfo, 0);
	k = step_argument(fcinfo, 1, summary);
	steps = sum_of_strata(summary);
	return csm_amount_ratio(steps[k].amount, steps[0].amount, summary->scale, &fcinfo->isnull);
}

/* (summary, confidence, step): Wilson's, of accounts. */
PG_FUNCTION_INFO_V1(csm_funnel_conversion_interval);
Datum
csm_funnel_conversion_interval(PG_FUNCTION_ARGS)
{
	csm_funnel_summary *summary;
	csm_reached *steps;
	double confidence;
	double n;
	int k;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	summary = summary_argument(fcinfo, 0);
	confidence = csm_confidence_argument(fcinfo, 1);
	k = step_argument(fcinfo, 2, summary);
	steps = sum_of_strata(summary);
	n = (double) steps[0].count;
	if (steps[0].count == 0)
		PG_RETURN_NULL();
	return csm_interval_to_range(csm_wilson_interval((double) steps[k].count / n, n, confidence));
}

/* The same of amounts: with the number of equal ones that vary as much. */
PG_FUNCTION_INFO_V1(csm_funnel_amount_interval);
Datum
csm_funnel_amount_interval(PG_FUNCTION_ARGS)
{
	csm_funnel_summary *summary;
	csm_reached *steps;
	csm_uint256 square;
	double confidence;
	double share;
	double n;
	int k;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	summary = summary_argument(fcinfo, 0);
	confidence = csm_confidence_argument(fcinfo, 1);
	k = step_argument(fcinfo, 2, summary);
	steps = sum_of_strata(summary);
	if (steps[0].amount == 0)
		PG_RETURN_NULL();
	square = csm_uint256_product(steps[0].amount, steps[0].amount);
	share = csm_ratio_to_double(csm_decimal_to_numeric(steps[k].amount, summary->scale),
								csm_decimal_to_numeric(steps[0].amount, summary->scale));
	n = csm_ratio_to_double(csm_uint256_to_numeric(&square, 2 * summary->scale),
							csm_uint256_to_numeric(&steps[0].squares, 2 * summary->scale));
	return csm_interval_to_range(csm_wilson_interval(share, n, confidence));
}

/*
 * Times
 */

/* Microseconds as an interval of days of 24 hours and a time. */
static Datum
length_to_interval(int64 length)
{
	Interval *interval = palloc0(sizeof(Interval));

	interval->day = (int32) (length / USECS_PER_DAY);
	interval->time = length % USECS_PER_DAY;
	return IntervalPGetDatum(interval);
}

/* The so many-th smallest, from 1 on, as the middle of its bucket. */
static Datum
quantile_of(const csm_durations *durations, int64 count, double q, bool *isnull)
{
	double rank = ceil(q * (double) count);
	int64 wanted = rank < 1.0 ? 1 : rank >= (double) count ? count : (int64) rank;
	int64 before = 0;

	*isnull = count == 0;
	if (*isnull)
		return (Datum) 0;
	/* the first step is where the time starts */
	for (int bucket = 0; durations != NULL && bucket < CSM_BUCKETS; bucket++)
	{
		before += csm_durations_count(durations, bucket);
		if (before >= wanted)
			return length_to_interval(csm_bucket_middle(bucket));
	}
	return length_to_interval(0);
}

static double
quantile_argument(FunctionCallInfo fcinfo, int i)
{
	double q = PG_GETARG_FLOAT8(i);

	if (!(q >= 0.0 && q <= 1.0))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the quantile must be between 0 and 1, not %g", q)));
	return q;
}

/* (summary, step, q) */
PG_FUNCTION_INFO_V1(csm_funnel_time_to);
Datum
csm_funnel_time_to(PG_FUNCTION_ARGS)
{
	csm_funnel_summary *summary = summary_argument(fcinfo, 0);
	int k = step_argument(fcinfo, 1, summary);
	double q = quantile_argument(fcinfo, 2);
	csm_reached *steps = sum_of_strata(summary);

	return quantile_of(steps[k].entry, steps[k].count, q, &fcinfo->isnull);
}

PG_FUNCTION_INFO_V1(csm_funnel_step_time);
Datum
csm_funnel_step_time(PG_FUNCTION_ARGS)
{
	csm_funnel_summary *summary = summary_argument(fcinfo, 0);
	int k = step_argument(fcinfo, 1, summary);
	double q = quantile_argument(fcinfo, 2);
	csm_reached *steps = sum_of_strata(summary);

	if (k == 0)
		PG_RETURN_NULL();
	return quantile_of(steps[k].before, steps[k].count, q, &fcinfo->isnull);
}

PG_FUNCTION_INFO_V1(csm_funnel_definition);
Datum
csm_funnel_definition(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(summary_argument(fcinfo, 0)->f->text));
}

/*
 * The table
 */

static void
put_step(csm_rows *rows, const csm_funnel_summary *summary, const csm_stratum *stratum, int k)
{
	const csm_reached *steps = stratum->steps;
	bool is_last = k == summary->f->steps - 1;
	Datum values[11];
	bool nulls[11] = {false};

	nulls[0] = stratum->name == NULL;
	if (stratum->name != NULL)
		values[0] = PointerGetDatum(cstring_to_text_with_len(stratum->name, stratum->size));
	values[1] = Int32GetDatum(k + 1);
	values[2] = CStringGetTextDatum(summary->f->any_order ? psprintf("any %d", k + 1)
														  : summary->f->step[k].label);
	values[3] = Int64GetDatum(steps[k].count);
	values[4] = Int64GetDatum(is_last ? 0 : steps[k].count - steps[k + 1].count);
	values[5] = csm_decimal_to_numeric(steps[k].amount, summary->scale);
	values[6] = csm_count_ratio(steps[k].count, steps[0].count, &nulls[6]);
	values[7] = csm_count_ratio(steps[k].count, steps[Max(k - 1, 0)].count, &nulls[7]);
	values[8] = csm_amount_ratio(steps[k].amount, steps[0].amount, summary->scale, &nulls[8]);
	values[9] = quantile_of(steps[k].entry, steps[k].count, 0.5, &nulls[9]);
	nulls[10] = k == 0;
	if (k > 0)
		values[10] = quantile_of(steps[k].before, steps[k].count, 0.5, &nulls[10]);
	csm_rows_put(rows, values, nulls);
}

PG_FUNCTION_INFO_V1(csm_funnel_table);
Datum
csm_funnel_table(PG_FUNCTION_ARGS)
{
	csm_funnel_summary *summary = summary_argument(fcinfo, 0);
	csm_rows rows;

	/* where nobody entered, there is something to be seen as well */
	if (summary->strata == 0)
		(void) csm_summary_stratum(summary, NULL, 0, true);
	rows = csm_rows_start(fcinfo);
	for (uint32 i = 0; i < summary->strata; i++)
	{
		for (int k = 0; k < summary->f->steps; k++)
			put_step(&rows, summary, &summary->stratum[i], k);
	}
	return csm_rows_end(&rows);
}

/*
 * Text form
 */

static void
append_durations(StringInfo text, const csm_durations *durations)
{
	char sum[CSM_DECIMAL_TEXT_SIZE];
	const char *comma = "";

	appendStringInfo(text, ", \"%s\", [",
					 csm_decimal_to_text(durations == NULL ? 0 : durations->sum, 0, sum));
	for (int bucket = 0; durations != NULL && bucket < CSM_BUCKETS; bucket++)
	{
		int64 count = csm_durations_count(durations, bucket);

		if (count == 0)
			continue;
		appendStringInfo(text, "%s[%d, " INT64_FORMAT "]", comma, bucket, count);
		comma = ", ";
	}
	appendStringInfoChar(text, ']');
}

static void
append_stratum(StringInfo text, const csm_funnel_summary *summary, const csm_stratum *stratum)
{
	char amount[CSM_DECIMAL_TEXT_SIZE];

	appendStringInfoChar(text, '[');
	if (stratum->name == NULL)
		appendStringInfoString(text, "null");
	else
		escape_json(text, stratum->name);
	for (int k = 0; k < summary->f->steps; k++)
	{
		const csm_reached *step = &stratum->steps[k];

		appendStringInfo(text, ", [" INT64_FORMAT ", \"%s\"", step->count,
						 csm_decimal_to_text(step->amount, summary->scale, amount));
		if (k == 0)
			appendStringInfo(
				text, ", \"%s\"",
				csm_numeric_to_text(csm_uint256_to_numeric(&step->squares, 2 * summary->scale)));
		else
		{
			append_durations(text, step->entry);
			append_durations(text, step->before);
		}
		appendStringInfoChar(text, ']');
	}
	appendStringInfoChar(text, ']');
}

static char *
summary_to_text(const csm_funnel_summary *summary)
{
	StringInfoData text;

	csm_json_start(&text);
	csm_json_put_text(&text, "definition", summary->f->text);
	if (!TIMESTAMP_IS_NOEND(summary->as_of))
	{
		csm_json_put_key(&text, "as_of");
		appendStringInfoChar(&text, '"');
		csm_usage_append_time(&text, summary->as_of);
		appendStringInfoChar(&text, '"');
	}
	csm_json_put_count(&text, "scale", summary->scale);
	csm_json_put_key(&text, "strata");
	appendStringInfoChar(&text, '[');
	for (uint32 i = 0; i < summary->strata; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (i > 0)
			appendStringInfoString(&text, ", ");
		append_stratum(&text, summary, &summary->stratum[i]);
	}
	appendStringInfoChar(&text, ']');
	csm_json_end(&text);
	return text.data;
}

PG_FUNCTION_INFO_V1(csm_funnel_summary_out);
Datum
csm_funnel_summary_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(summary_to_text(summary_argument(fcinfo, 0)));
}

CSM_CAST_TO_JSON(csm_funnel_summary)

/*
 * Reading the text form
 */

static bool
is_array(const JsonbValue *value)
{
	return value->type == jbvBinary && JsonContainerIsArray(value->val.binary.data);
}

static bool
read_sum(csm_json *json, const JsonbValue *value, int128 *sum)
{
	csm_decimal amount;

	if (!csm_json_amount_value(json, "strata", value, &amount))
		return false;
	if (amount.scale != 0 || amount.coefficient < 0)
		return csm_json_fail(json, "strata", "has a sum of lengths of time that is out of range");
	*sum = amount.coefficient;
	return true;
}

static bool
read_buckets(csm_json *json, csm_funnel_summary *summary, const JsonbValue *sum,
			 const JsonbValue *buckets, csm_durations **durations)
{
	int count = is_array(buckets) ? csm_json_length(buckets) : -1;
	int128 total = 0;
	int64 last = -1;

	if (!read_sum(json, sum, &total))
		return false;
	if (count < 0)
		return csm_json_fail(json, "strata", "has buckets that are no array");
	if (count == 0)
		return total == 0 || csm_json_fail(json, "strata", "has a sum of no lengths of time");
	csm_durations_of(summary, durations)->sum = total;
	for (int i = 0; i < count; i++)
	{
		const JsonbValue *pair = csm_json_item(buckets, i);
		int64 bucket;
		int64 accounts;

		if (!is_array(pair) || csm_json_length(pair) != 2)
			return csm_json_fail(json, "strata", "has a bucket that is no pair");
		if (!csm_json_count_value(json, "strata", csm_json_item(pair, 0), &bucket) ||
			!csm_json_count_value(json, "strata", csm_json_item(pair, 1), &accounts))
			return false;
		if (bucket <= last || bucket >= CSM_BUCKETS || accounts == 0)
			return csm_json_fail(json, "strata", "has a bucket that is out of range");
		csm_durations_add(summary, *durations, (int) bucket, accounts);
		last = bucket;
	}
	return true;
}

static bool
read_squares(csm_json *json, const JsonbValue *value, int scale, csm_uint256 *squares)
{
	Datum numeric;

	if (!csm_json_numeric_value(json, "strata", value, &numeric))
		return false;
	return csm_uint256_from_numeric(numeric, 2 * scale, squares) ||
		   csm_json_fail(json, "strata", "has a sum of squares that is out of range");
}

static bool
read_reached(csm_json *json, csm_funnel_summary *summary, const JsonbValue *item, csm_reached *step,
			 bool is_first)
{
	if (!is_array(item) || csm_json_length(item) != (is_first ? 3 : 6))
		return csm_json_fail(json, "strata", "has a step of another form");
	if (!csm_json_count_value(json, "strata", csm_json_item(item, 0), &step->count) ||
		!csm_json_amount_at_scale(json, "strata", csm_json_item(item, 1), summary->scale,
								  &step->amount))
		return false;
	if (is_first)
		return read_squares(json, csm_json_item(item, 2), summary->scale, &step->squares);
	return read_buckets(json, summary, csm_json_item(item, 2), csm_json_item(item, 3),
						&step->entry) &&
		   read_buckets(json, summary, csm_json_item(item, 4), csm_json_item(item, 5),
						&step->before);
}

static bool
read_stratum(csm_json *json, const JsonbValue *item, int i, void *into)
{
	csm_funnel_summary *summary = into;
	const JsonbValue *name;
	uint32 number;

	if (!is_array(item) || csm_json_length(item) != summary->f->steps + 1)
		return csm_json_fail(json, "strata", "must have a name and as many steps as the funnel");
	name = csm_json_item(item, 0);
	if (name->type != jbvNull && name->type != jbvString)
		return csm_json_fail(json, "strata", "must have names that are strings or null");
	if (summary->strata == CSM_STRATA_MAX)
		return csm_json_fail(json, "strata", "are too many");
	number = name->type == jbvNull
				 ? csm_summary_stratum(summary, NULL, 0, true)
				 : csm_summary_stratum(summary, name->val.string.val, name->val.string.len, false);
	if ((int) number != i)
		return csm_json_fail(json, "strata", "has a name twice");
	for (int k = 0; k < summary->f->steps; k++)
	{
		if (!read_reached(json, summary, csm_json_item(item, k + 1),
						  &summary->stratum[number].steps[k], k == 0))
			return false;
	}
	return true;
}

/* Reads an open object; NULL after a soft error. */
static csm_funnel_summary *
summary_from_json(csm_json *json)
{
	csm_funnel_summary *summary;
	csm_funnel *f;
	csm_json_items items;
	TimestampTz as_of = DT_NOEND;
	const char *problem;
	char *text = NULL;
	uint8 scale;

	if (!csm_json_text(json, "definition", &text))
		return NULL;
	f = csm_funnel_from_text(text, strlen(text), json->escontext);
	if (f == NULL)
		return NULL;
	if (csm_json_has(json, "as_of") &&
		(!csm_json_text(json, "as_of", &text) || !csm_usage_read_time(json, "as_of", text, &as_of)))
		return NULL;
	if (!csm_json_scale(json, &scale) || !csm_json_find_items(json, "strata", &items))
		return NULL;
	summary = csm_summary_new(CurrentMemoryContext, f, as_of);
	summary->scale = scale;
	if (!csm_json_each(json, &items, read_stratum, summary) || !csm_json_close(json))
		return NULL;
	problem = csm_summary_problem(summary);
	if (problem != NULL)
		ereturn(json->escontext, NULL,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input for type %s: %s", FUNNEL_SUMMARY, problem)));
	return summary;
}

PG_FUNCTION_INFO_V1(csm_funnel_summary_in);
Datum
csm_funnel_summary_in(PG_FUNCTION_ARGS)
{
	csm_json json;
	csm_funnel_summary *summary = NULL;

	if (csm_json_open_long(&json, FUNNEL_SUMMARY, PG_GETARG_CSTRING(0), "strata", fcinfo->context))
		summary = summary_from_json(&json);
	if (summary == NULL)
		PG_RETURN_NULL();
	return csm_summary_result(summary);
}

/*
 * Binary form
 */

PG_FUNCTION_INFO_V1(csm_funnel_summary_send);
Datum
csm_funnel_summary_send(PG_FUNCTION_ARGS)
{
	return PointerGetDatum(csm_summary_write(summary_argument(fcinfo, 0), csm_text_to_utf8));
}

PG_FUNCTION_INFO_V1(csm_funnel_summary_recv);
Datum
csm_funnel_summary_recv(PG_FUNCTION_ARGS)
{
	csm_reader reader = csm_reader_from_message((StringInfo) PG_GETARG_POINTER(0));
	const char *problem;
	csm_funnel_summary *summary = csm_summary_read(&reader, csm_text_from_utf8, &problem);

	if (problem == NULL)
		problem = csm_summary_problem(summary);
	if (problem != NULL)
		csm_binary_error(FUNNEL_SUMMARY, problem);
	return csm_summary_result(summary);
}

/*
 * Comparison: whatever the scale of amounts
 */

static struct varlena *
trimmed_argument(FunctionCallInfo fcinfo, int i)
{
	csm_funnel_summary *summary = summary_argument(fcinfo, i);

	csm_summary_trim(summary);
	return csm_summary_write(summary, NULL);
}

/* Index builds and sorts compare in one long-lived context. */
static int
compare_arguments(FunctionCallInfo fcinfo)
{
	csm_scratch scratch = csm_scratch_start();
	struct varlena *a;
	struct varlena *b;
	int order;

	csm_scratch_enter(&scratch);
	a = trimmed_argument(fcinfo, 0);
	b = trimmed_argument(fcinfo, 1);
	order = memcmp(VARDATA(a), VARDATA(b), Min(VARSIZE(a), VARSIZE(b)) - VARHDRSZ);
	if (order == 0)
		order = VARSIZE(a) < VARSIZE(b) ? -1 : VARSIZE(a) > VARSIZE(b);
	csm_scratch_end(&scratch);
	return order;
}

static uint64
hash_argument(FunctionCallInfo fcinfo, uint64 seed)
{
	csm_scratch scratch = csm_scratch_start();
	struct varlena *a;
	uint64 hash;

	csm_scratch_enter(&scratch);
	a = trimmed_argument(fcinfo, 0);
	hash =
		hash_bytes_extended((const unsigned char *) VARDATA(a), (int) VARSIZE(a) - VARHDRSZ, seed);
	csm_scratch_end(&scratch);
	return hash;
}

CSM_COMPARISON(csm_funnel_summary, compare_arguments, hash_argument)
