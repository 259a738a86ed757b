/*
 * history_sql.c
 *		revenue_history and its aggregates, as SQL sees them.
 *
 * Order: arguments and states, aggregates, operators, accessors, text and binary forms,
 * comparison.
 */
#include "base/port.h"

#include "access/htup_details.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "base/calendar_sql.h"
#include "base/decimal_sql.h"
#include "history_sql.h"
#include "retention.h"
#include "base/state_sql.h"
#include "base/wire_sql.h"

#define HISTORY "revenue_history"

static void *
history_at_rest(const void *state)
{
	return (void *) csm_history_at_rest(state);
}

static const char *
history_problem(const void *value)
{
	return csm_history_problem(value);
}

const csm_value_type csm_history_type = {HISTORY, history_at_rest, history_problem};

/*
 * Arguments and states
 */

/* A value without a tail. */
const csm_history *
csm_history_from_datum(Datum datum)
{
	csm_history *h = (csm_history *) PG_DETOAST_DATUM(datum);

	csm_check_version(HISTORY, h->version, CSM_HISTORY_VERSION);
	return csm_history_at_rest(h);
}

/* The first argument as a value to change: the aggregate's own, else a copy. */
static csm_history *
history_state(FunctionCallInfo fcinfo)
{
	csm_history *h;

	if (PG_ARGISNULL(0))
		return csm_history_new(8);
	h = (csm_history *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0));
	csm_check_version(HISTORY, h->version, CSM_HISTORY_VERSION);
	if (csm_in_aggregate(fcinfo))
		return h;
	return csm_history_copy(h, h->count + h->tail);
}

/* The state, with the currency in argument i, which must not vary; 0 is no argument. */
static csm_history *
history_state_in_currency(FunctionCallInfo fcinfo, int i)
{
	csm_history *h = history_state(fcinfo);
	char currency[CSM_CURRENCY_SIZE] = {0};

	if (i < PG_NARGS() && !PG_ARGISNULL(i))
		csm_currency_from_text(PG_GETARG_TEXT_PP(i), currency);
	if (PG_ARGISNULL(0))
		memcpy(h->currency, currency, CSM_CURRENCY_SIZE);
	else
		csm_currency_check_same(h->currency, currency);
	return h;
}

/* A missing amount is 0; a row of its own may be negative. */
static csm_decimal
amount_argument(FunctionCallInfo fcinfo, int i)
{
	csm_decimal zero = {0, 0};

	return PG_ARGISNULL(i) ? zero : csm_decimal_from_numeric(PG_GETARG_DATUM(i));
}

static Datum
amount_result(const csm_history *h, int128 coefficient)
{
	return csm_decimal_to_numeric(coefficient, h->scale);
}

static csm_decimal
scaled(const csm_history *h, int128 coefficient)
{
	csm_decimal amount = {coefficient, h->scale};

	return amount;
}

/*
 * Aggregates
 */

/* How the units of an origin lie on the calendar; the state has room for two bytes of it. */
static uint16
phase_argument(FunctionCallInfo fcinfo, int i, csm_step every)
{
	char text[CSM_STEP_TEXT_SIZE];

	if (every.days > PG_UINT16_MAX)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("units of %s cannot have an origin, the longest have %d days",
							   csm_step_to_text(every, text), PG_UINT16_MAX)));
	return (uint16) csm_unit_phase(csm_date_argument(fcinfo, i, "origin"), every);
}

/* A snapshot: (state, at, amount, every [, currency [, origin]]) */
PG_FUNCTION_INFO_V1(csm_history_accum_snapshot);
Datum
csm_history_accum_snapshot(PG_FUNCTION_ARGS)
{
	csm_history *h = history_state_in_currency(fcinfo, 4);
	DateADT at = csm_date_argument(fcinfo, 1, "at");
	csm_step every = csm_unit_argument(fcinfo, 3, "every");
	bool has_origin = PG_NARGS() > 5;
	uint16 phase = has_origin ? phase_argument(fcinfo, 5, every) : 0;
	int32 from;
	int32 to;

	if (PG_ARGISNULL(0))
	{
		h->every = every;
		h->phase = phase;
	}
	else
	{
		csm_check_same_step(h->every, every, "every");
		if (h->phase != phase)
			csm_history_origin_error();
	}
	if (has_origin)
		csm_unit_of_origin(PG_GETARG_DATEADT(5), every, at, &from, &to);
	else
		csm_unit_of(at, every, &from, &to);
	h = csm_history_add_stretch(h, from, to, amount_argument(fcinfo, 2));
	return csm_state_result(fcinfo, &csm_history_type, h);
}

/* A subscription: (state, valid, amount [, currency]); a row without days does not count. */
PG_FUNCTION_INFO_V1(csm_history_accum_subscription);
Datum
csm_history_accum_subscription(PG_FUNCTION_ARGS)
{
	csm_history *h;
	DateADT from;
	DateADT to;

	if (PG_ARGISNULL(1) || !csm_stretch_from_range(PG_GETARG_DATUM(1), &from, &to))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	h = history_state_in_currency(fcinfo, 3);
	h = csm_history_add_stretch(h, from, to, amount_argument(fcinfo, 2));
	return csm_state_result(fcinfo, &csm_history_type, h);
}

/* An entry of a ledger: (state, at, change [, currency]) */
PG_FUNCTION_INFO_V1(csm_history_accum_change);
Datum
csm_history_accum_change(PG_FUNCTION_ARGS)
{
	csm_history *h = history_state_in_currency(fcinfo, 3);
	DateADT at = csm_date_argument(fcinfo, 1, "at");

	h = csm_history_change(h, at, amount_argument(fcinfo, 2));
	return csm_state_result(fcinfo, &csm_history_type, h);
}

/* Combine function of what is made of rows. */
PG_FUNCTION_INFO_V1(csm_history_combine);
Datum
csm_history_combine(PG_FUNCTION_ARGS)
{
	csm_history *h = history_state(fcinfo);
	const csm_history *other = PG_GETARG_HISTORY(1);

	csm_history_check_every(h, other);
	return csm_state_result(fcinfo, &csm_history_type, csm_history_add(h, other, 1));
}

/* Transition and combine function of rollup. */
PG_FUNCTION_INFO_V1(csm_history_add_up);
Datum
csm_history_add_up(PG_FUNCTION_ARGS)
{
	csm_history *h = csm_history_add(history_state(fcinfo), PG_GETARG_HISTORY(1), 1);

	return csm_state_result(fcinfo, &csm_history_type, h);
}

/* A value at rest, without what only the aggregate has to know. */
PG_FUNCTION_INFO_V1(csm_history_final);
Datum
csm_history_final(PG_FUNCTION_ARGS)
{
	return csm_value_result(&csm_history_type, csm_history_plain_copy(PG_GETARG_HISTORY(0)));
}

/*
 * Operators
 */

static Datum
add_histories(FunctionCallInfo fcinfo, int sign)
{
	csm_history *sum = csm_history_plain_copy(PG_GETARG_HISTORY(0));

	sum = csm_history_add(sum, PG_GETARG_HISTORY(1), sign);
	return csm_value_result(&csm_history_type, sum);
}

PG_FUNCTION_INFO_V1(csm_history_plus);
Datum
csm_history_plus(PG_FUNCTION_ARGS)
{
	return add_histories(fcinfo, 1);
}

PG_FUNCTION_INFO_V1(csm_history_minus);
Datum
csm_history_minus(PG_FUNCTION_ARGS)
{
	return add_histories(fcinfo, -1);
}

PG_FUNCTION_INFO_V1(csm_history_times);
Datum
csm_history_times(PG_FUNCTION_ARGS)
{
	return csm_value_result(
		&csm_history_type,
		csm_history_multiply(PG_GETARG_HISTORY(0), csm_decimal_from_numeric(PG_GETARG_DATUM(1))));
}

/* A factor before the history, as people write it too. */
PG_FUNCTION_INFO_V1(csm_times_history);
Datum
csm_times_history(PG_FUNCTION_ARGS)
{
	return csm_value_result(
		&csm_history_type,
		csm_history_multiply(PG_GETARG_HISTORY(1), csm_decimal_from_numeric(PG_GETARG_DATUM(0))));
}

PG_FUNCTION_INFO_V1(csm_history_convert);
Datum
csm_history_convert(PG_FUNCTION_ARGS)
{
	csm_decimal rate = csm_decimal_from_numeric(PG_GETARG_DATUM(1));
	csm_history *result;

	if (rate.coefficient <= 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a rate of exchange must be above 0, not %s",
							   csm_numeric_to_text(PG_GETARG_DATUM(1))),
						errhint("It is what one unit of the old currency costs in the new one.")));
	result = csm_history_multiply(PG_GETARG_HISTORY(0), rate);
	csm_currency_from_text(PG_GETARG_TEXT_PP(2), result->currency);
	return csm_value_result(&csm_history_type, result);
}

/*
 * Accessors
 */

PG_FUNCTION_INFO_V1(csm_history_amount_at);
Datum
csm_history_amount_at(PG_FUNCTION_ARGS)
{
	csm_history_walk walk = {PG_GETARG_HISTORY(0), 0};

	return amount_result(walk.history,
						 csm_history_amount(&walk, csm_date_argument(fcinfo, 1, "date")));
}

PG_FUNCTION_INFO_V1(csm_history_is_active);
Datum
csm_history_is_active(PG_FUNCTION_ARGS)
{
	csm_history_walk walk = {PG_GETARG_HISTORY(0), 0};

	PG_RETURN_BOOL(csm_history_amount(&walk, csm_date_argument(fcinfo, 1, "date")) > 0);
}

PG_FUNCTION_INFO_V1(csm_history_first_active_day);
Datum
csm_history_first_active_day(PG_FUNCTION_ARGS)
{
	DateADT day = csm_history_first_active(PG_GETARG_HISTORY(0));

	if (DATE_IS_NOEND(day))
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(day);
}

PG_FUNCTION_INFO_V1(csm_history_last_active_day);
Datum
csm_history_last_active_day(PG_FUNCTION_ARGS)
{
	DateADT day = csm_history_last_active(PG_GETARG_HISTORY(0));

	if (DATE_IS_NOBEGIN(day))
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(day);
}

PG_FUNCTION_INFO_V1(csm_history_currency);
Datum
csm_history_currency(PG_FUNCTION_ARGS)
{
	const csm_history *h = PG_GETARG_HISTORY(0);

	if (h->currency[0] == '\0')
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(h->currency));
}

PG_FUNCTION_INFO_V1(csm_history_close_gaps_up_to);
Datum
csm_history_close_gaps_up_to(PG_FUNCTION_ARGS)
{
	return csm_value_result(
		&csm_history_type,
		csm_history_close_gaps(PG_GETARG_HISTORY(0), csm_step_argument(fcinfo, 1, "shorter_than")));
}

PG_FUNCTION_INFO_V1(csm_history_new_after_gap);
Datum
csm_history_new_after_gap(PG_FUNCTION_ARGS)
{
	return csm_value_result(
		&csm_history_type,
		csm_history_new_after(PG_GETARG_HISTORY(0), csm_step_argument(fcinfo, 1, "longer_than")));
}

PG_FUNCTION_INFO_V1(csm_history_without_negative_parts);
Datum
csm_history_without_negative_parts(PG_FUNCTION_ARGS)
{
	return csm_value_result(&csm_history_type, csm_history_without_negatives(PG_GETARG_HISTORY(0)));
}

/* The stretches of time that have an amount, a row each. */
PG_FUNCTION_INFO_V1(csm_history_steps);
Datum
csm_history_steps(PG_FUNCTION_ARGS)
{
	const csm_history *h = PG_GETARG_HISTORY(0);
	csm_rows rows = csm_rows_start(fcinfo);

	for (int i = 0; i < h->count; i++)
	{
		int32 end = csm_history_step_end(h, i);
		Datum values[3];
		bool nulls[3] = {false, DATE_IS_NOEND(end), false};

		if (h->steps[i].amount == 0)
			continue;
		values[0] = DateADTGetDatum(h->steps[i].day);
		values[1] = DateADTGetDatum(end);
		values[2] = amount_result(h, h->steps[i].amount);
		csm_rows_put(&rows, values, nulls);
	}
	return csm_rows_end(&rows);
}

PG_FUNCTION_INFO_V1(csm_history_total);
Datum
csm_history_total(PG_FUNCTION_ARGS)
{
	csm_history_walk walk = {PG_GETARG_HISTORY(0), 0};
	DateADT from = csm_date_argument(fcinfo, 1, "from_date");
	csm_step step = csm_step_argument(fcinfo, 3, "step");
	int count = csm_count_intervals(from, csm_date_argument(fcinfo, 2, "to_date"), step);
	int128 total = 0;

	for (int k = 0; k < count; k++)
		total = csm_decimal_add(total, csm_history_amount(&walk, csm_step_from(from, step, k)));
	return amount_result(walk.history, total);
}

/* A row for each interval in which the account did something. */
PG_FUNCTION_INFO_V1(csm_history_movements);
Datum
csm_history_movements(PG_FUNCTION_ARGS)
{
	csm_history_walk walk = {PG_GETARG_HISTORY(0), 0};
	DateADT from = csm_date_argument(fcinfo, 1, "from_date");
	csm_step step = csm_step_argument(fcinfo, 3, "step");
	int count = csm_count_intervals(from, csm_date_argument(fcinfo, 2, "to_date"), step);
	int32 first_active = csm_history_first_active(walk.history);
	int128 ending = count > 0 ? csm_history_figure(&walk, from - 1) : 0;
	int32 end = from;
	csm_rows rows = csm_rows_start(fcinfo);

	for (int k = 1; k <= count; k++)
	{
		int128 starting = ending;
		int32 start = end;
		Datum values[6];
		bool nulls[6] = {false};

		end = csm_step_from(from, step, k);
		ending = csm_history_figure(&walk, end - 1);
		if (starting == ending)
			continue;
		values[0] = DateADTGetDatum(start);
		values[1] = DateADTGetDatum(end);
		values[2] = CStringGetTextDatum(csm_movement_name(
			scaled(walk.history, starting), scaled(walk.history, ending), first_active < start));
		values[3] = amount_result(walk.history, ending - starting);
		values[4] = amount_result(walk.history, starting);
		values[5] = amount_result(walk.history, ending);
		csm_rows_put(&rows, values, nulls);
	}
	return csm_rows_end(&rows);
}

/*
 * Text form: a JSON object with its keys in a fixed order
 *
 * {"currency": "USD", "scale": 2, "steps": [["2024-01-01", "100.00"], ["2024-07-01", "0.00"]]}
 */

static char *
history_to_text(const csm_history *h)
{
	StringInfoData text;

	csm_json_start(&text);
	csm_json_put_currency(&text, h->currency);
	if (csm_step_is_valid(h->every))
		csm_json_put_step(&text, "every", h->every);
	if (h->phase != 0)
		csm_json_put_count(&text, "phase", h->phase);
	csm_json_put_count(&text, "scale", h->scale);
	csm_json_put_key(&text, "steps");
	appendStringInfoChar(&text, '[');
	for (int i = 0; i < h->count; i++)
	{
		char day[CSM_DATE_TEXT_SIZE];
		char amount[CSM_DECIMAL_TEXT_SIZE];

		CHECK_FOR_INTERRUPTS();
		appendStringInfo(&text, "%s[\"%s\", \"%s\"]", i > 0 ? ", " : "",
						 csm_date_to_text(h->steps[i].day, day),
						 csm_decimal_to_text(h->steps[i].amount, h->scale, amount));
	}
	appendStringInfoChar(&text, ']');
	csm_json_end(&text);
	return text.data;
}

static bool
read_step(csm_json *json, const JsonbValue *pair, int i, void *into)
{
	csm_history *h = into;
	csm_history_step *step = &h->steps[i];

	h->count = i + 1;
	if (csm_json_length(pair) != 2)
		return csm_json_fail(json, "steps", "must be an array of pairs of a day and an amount");
	return csm_json_date_value(json, "steps", csm_json_item(pair, 0), &step->day) &&
		   csm_json_amount_at_scale(json, "steps", csm_json_item(pair, 1), h->scale, &step->amount);
}

static bool
read_phase(csm_json *json, uint16 *phase)
{
	int64 count;

	if (!csm_json_count(json, "phase", &count))
		return false;
	if (count < 1 || count > PG_UINT16_MAX)
		return csm_json_fail(json, "phase", "is out of range");
	*phase = (uint16) count;
	return true;
}

/* Reads an open object; NULL after a soft error. */
static csm_history *
history_from_json(csm_json *json)
{
	csm_history *header = csm_history_new(0);
	csm_history *h;
	csm_json_items items;
	const char *problem;

	if (!csm_json_currency(json, header->currency) ||
		(csm_json_has(json, "every") && !csm_json_step(json, "every", &header->every)) ||
		(csm_json_has(json, "phase") && !read_phase(json, &header->phase)) ||
		!csm_json_scale(json, &header->scale) || !csm_json_find_items(json, "steps", &items))
		return NULL;
	h = csm_history_copy(header, items.count);
	if (!csm_json_each(json, &items, read_step, h) || !csm_json_close(json))
		return NULL;
	problem = csm_history_problem(h);
	if (problem != NULL)
		ereturn(json->escontext, NULL,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input for type %s: %s", HISTORY, problem)));
	return h;
}

PG_FUNCTION_INFO_V1(csm_history_in);
Datum
csm_history_in(PG_FUNCTION_ARGS)
{
	csm_json json;
	csm_history *h = NULL;

	if (csm_json_open_long(&json, HISTORY, PG_GETARG_CSTRING(0), "steps", fcinfo->context))
		h = history_from_json(&json);
	if (h == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(h);
}

PG_FUNCTION_INFO_V1(csm_history_out);
Datum
csm_history_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(history_to_text(PG_GETARG_HISTORY(0)));
}

CSM_CAST_TO_JSON(csm_history)

PG_FUNCTION_INFO_V1(csm_history_to_jsonb);
Datum
csm_history_to_jsonb(PG_FUNCTION_ARGS)
{
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(history_to_text(PG_GETARG_HISTORY(0))));
}

PG_FUNCTION_INFO_V1(csm_history_from_jsonb);
Datum
csm_history_from_jsonb(PG_FUNCTION_ARGS)
{
	csm_json json;

	(void) csm_json_open_container(&json, HISTORY, &PG_GETARG_JSONB_P(0)->root, NULL);
	PG_RETURN_POINTER(history_from_json(&json));
}

/*
 * Binary form
 */

PG_FUNCTION_INFO_V1(csm_history_send);
Datum
csm_history_send(PG_FUNCTION_ARGS)
{
	const csm_history *h = PG_GETARG_HISTORY(0);
	csm_writer writer;
	int size = CSM_HISTORY_BINARY_SIZE(h->count) + (h->phase != 0 ? CSM_HISTORY_PHASE_SIZE : 0);
	bytea *result = csm_writer_start(&writer, size);

	csm_history_write(&writer, h);
	PG_RETURN_BYTEA_P(result);
}

PG_FUNCTION_INFO_V1(csm_history_recv);
Datum
csm_history_recv(PG_FUNCTION_ARGS)
{
	csm_reader reader = csm_reader_from_message((StringInfo) PG_GETARG_POINTER(0));
	const char *problem;
	csm_history *h = csm_history_read(&reader, &problem);

	if (problem != NULL)
		csm_binary_error(HISTORY, problem);
	PG_RETURN_POINTER(h);
}

/*
 * Comparison
 */

/* Index builds and sorts compare in one long-lived context. */
static void
free_if_copy(FunctionCallInfo fcinfo, int i, const csm_history *h)
{
	if ((const void *) h != DatumGetPointer(PG_GETARG_DATUM(i)))
		pfree((void *) h);
}

static int
compare_arguments(FunctionCallInfo fcinfo)
{
	const csm_history *a = PG_GETARG_HISTORY(0);
	const csm_history *b = PG_GETARG_HISTORY(1);
	int order = csm_history_compare(a, b);

	free_if_copy(fcinfo, 0, a);
	free_if_copy(fcinfo, 1, b);
	return order;
}

/* Equal histories hash alike whatever their scale. */
static uint64
hash_argument(FunctionCallInfo fcinfo, uint64 seed)
{
	const csm_history *h = PG_GETARG_HISTORY(0);
	int spare = csm_history_spare_places(h);
	uint64 hash = hash_bytes_extended((const unsigned char *) h->currency, CSM_CURRENCY_SIZE, seed);

	for (int i = 0; i < h->count; i++)
	{
		csm_history_step step = h->steps[i];

		step.amount /= csm_power_of_ten[spare];
		hash = hash_combine64(
			hash, hash_bytes_extended((const unsigned char *) &step, sizeof(step), seed));
	}
	free_if_copy(fcinfo, 0, h);
	return hash;
}

CSM_COMPARISON(csm_history, compare_arguments, hash_argument)
