/*
 * cohorts_sql.c
 *		cohort_matrix and cohort_agg, as SQL sees them.
 *
 * Order: arguments and states, aggregates, the table, text and binary forms, comparison.
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
#include "cohort_scan.h"
#include "base/decimal_sql.h"
#include "history_scan_sql.h"
#include "history_sql.h"
#include "base/state_sql.h"
#include "base/wire_sql.h"
#include "engine/account_scan_sql.h"

#define COHORTS "cohort_matrix"

static void *
cohorts_at_rest(const void *state)
{
	return csm_cohorts_at_rest((csm_cohorts *) state);
}

static const char *
cohorts_problem(const void *value)
{
	return csm_cohorts_problem(value);
}

static const csm_value_type cohorts_type = {COHORTS, cohorts_at_rest, cohorts_problem};

static csm_cohorts *
state_from_datum(Datum datum)
{
	csm_cohorts *m = (csm_cohorts *) PG_DETOAST_DATUM(datum);

	csm_check_version(COHORTS, m->version, CSM_COHORTS_VERSION);
	return m;
}

/* A value without spare periods. */
#define PG_GETARG_COHORTS(i) csm_cohorts_at_rest(state_from_datum(PG_GETARG_DATUM(i)))

/* The first argument as a value to change: the aggregate's own, else a copy. */
static csm_cohorts *
cohorts_state(FunctionCallInfo fcinfo)
{
	csm_cohorts *m = state_from_datum(PG_GETARG_DATUM(0));
	csm_cohorts *copy;

	if (csm_in_aggregate(fcinfo))
		return m;
	copy = palloc(VARSIZE(m));
	memcpy(copy, m, VARSIZE(m));
	return copy;
}

/*
 * Aggregates
 */

/* The state that a history is the first to enter. */
static csm_cohorts *
cohorts_for_history(DateADT from, DateADT to, csm_step step, const csm_history *h)
{
	csm_cohorts *m = csm_cohorts_new(from, to, step, 0);

	memcpy(m->currency, h->currency, CSM_CURRENCY_SIZE);
	return m;
}

/* (state, history, from_date, to_date, step); a row without a history does not count. */
PG_FUNCTION_INFO_V1(csm_cohorts_accum_history);
Datum
csm_cohorts_accum_history(PG_FUNCTION_ARGS)
{
	DateADT from = csm_date_argument(fcinfo, 2, "from_date");
	DateADT to = csm_date_argument(fcinfo, 3, "to_date");
	csm_step step = csm_step_argument(fcinfo, 4, "step");
	csm_cohorts *m = PG_ARGISNULL(0) ? NULL : cohorts_state(fcinfo);
	const csm_history *h;

	if (m == NULL)
		csm_cohorts_check_count(csm_count_intervals(from, to, step), CSM_COHORTS_MADE_MAX);
	else
	{
		csm_check_same_date(m->from, from, "from_date");
		csm_check_same_date(m->to, to, "to_date");
		csm_check_same_step(m->step, step, "step");
	}
	if (!PG_ARGISNULL(1))
	{
		h = PG_GETARG_HISTORY(1);
		if (m == NULL)
			m = cohorts_for_history(from, to, step, h);
		csm_cohorts_add_history(m, h);
	}
	if (m == NULL)
		PG_RETURN_NULL();
	return csm_state_result(fcinfo, &cohorts_type, m);
}

/* Combine function and transition of rollup. */
PG_FUNCTION_INFO_V1(csm_cohorts_combine);
Datum
csm_cohorts_combine(PG_FUNCTION_ARGS)
{
	return csm_state_result(fcinfo, &cohorts_type,
							csm_cohorts_merge(cohorts_state(fcinfo), PG_GETARG_COHORTS(1)));
}

PG_FUNCTION_INFO_V1(csm_cohorts_final);
Datum
csm_cohorts_final(PG_FUNCTION_ARGS)
{
	return csm_value_result(&cohorts_type, PG_GETARG_COHORTS(0));
}

/* Of events: (state, account, at, amount, step). */
typedef struct events_state
{
	csm_account_scan *scan;
	csm_key_kind keys;
	bool is_constant; /* the step cannot vary between rows */
	csm_step step;
	int32 first_unit;
	int32 last_unit;
	DateADT day; /* of the row before; its unit */
	int32 unit;
} events_state;

#define ACCOUNT_ARGUMENT 1
#define AT_ARGUMENT      2
#define AMOUNT_ARGUMENT  3
#define STEP_ARGUMENT    4

static pg_noinline events_state *
make_events(FunctionCallInfo fcinfo, csm_key_kind keys)
{
	events_state *state =
		MemoryContextAllocZero(csm_aggregate_context(fcinfo), sizeof(events_state));

	state->keys = keys;
	state->step = csm_unit_argument(fcinfo, STEP_ARGUMENT, "step");
	state->is_constant = csm_has_constant_arguments(fcinfo, STEP_ARGUMENT);
	state->first_unit = PG_INT32_MAX;
	state->last_unit = PG_INT32_MIN;
	state->day = CSM_NO_DAY;
	state->scan = csm_scan_for_aggregate(fcinfo, keys, CSM_EVENT_ROWS);
	return state;
}

/* A row of another day than the one before. */
static pg_noinline void
start_day(FunctionCallInfo fcinfo, events_state *state)
{
	DateADT day = csm_date_argument(fcinfo, AT_ARGUMENT, "at");

	state->unit = csm_unit_index(day, state->step);
	state->first_unit = Min(state->first_unit, state->unit);
	state->last_unit = Max(state->last_unit, state->unit);
	state->day = day;
}

static pg_noinline void
add_other_event(FunctionCallInfo fcinfo, events_state *state)
{
	csm_key key = csm_account_argument(fcinfo, ACCOUNT_ARGUMENT, state->keys);

	csm_scan_add(state->scan, &key, state->unit, state->unit + 1,
				 csm_row_amount(fcinfo, AMOUNT_ARGUMENT));
}

static pg_attribute_always_inline Datum
accumulate_event(FunctionCallInfo fcinfo, csm_key_kind keys)
{
	events_state *state;

	if (unlikely(PG_ARGISNULL(0)))
		state = make_events(fcinfo, keys);
	else
		state = (events_state *) PG_GETARG_POINTER(0);
	if (unlikely(!state->is_constant) &&
		!csm_is_same_interval(&fcinfo->args[STEP_ARGUMENT], state->step))
		csm_check_same_step(state->step, csm_unit_argument(fcinfo, STEP_ARGUMENT, "step"), "step");
	if (unlikely(PG_ARGISNULL(AT_ARGUMENT) || PG_GETARG_DATEADT(AT_ARGUMENT) != state->day))
		start_day(fcinfo, state);
	if (unlikely(!csm_scan_add_quickly(fcinfo, state->scan, keys, ACCOUNT_ARGUMENT, AMOUNT_ARGUMENT,
									   state->unit, state->unit + 1)))
		add_other_event(fcinfo, state);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(csm_cohorts_accum_event_bigint);
Datum
csm_cohorts_accum_event_bigint(PG_FUNCTION_ARGS)
{
	return accumulate_event(fcinfo, CSM_BIGINT_KEYS);
}

PG_FUNCTION_INFO_V1(csm_cohorts_accum_event_text);
Datum
csm_cohorts_accum_event_text(PG_FUNCTION_ARGS)
{
	return accumulate_event(fcinfo, CSM_TEXT_KEYS);
}

PG_FUNCTION_INFO_V1(csm_cohorts_accum_event_uuid);
Datum
csm_cohorts_accum_event_uuid(PG_FUNCTION_ARGS)
{
	return accumulate_event(fcinfo, CSM_UUID_KEYS);
}

static void
refuse_negative(void *caller, const csm_key *key, int32 day, int128 amount, int scale)
{
	const events_state *state = caller;
	char text[CSM_DATE_TEXT_SIZE];

	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("the events of account %s add up to a negative amount in the unit that "
						   "starts on %s: %s",
						   csm_key_to_text(state->keys, key), csm_date_to_text(day, text),
						   csm_numeric_to_text(csm_decimal_to_numeric(amount, scale))),
					errhint("A single event may be negative, a credit, but not their sum.")));
}

PG_FUNCTION_INFO_V1(csm_cohorts_events_final);
Datum
csm_cohorts_events_final(PG_FUNCTION_ARGS)
{
	events_state *state = (events_state *) PG_GETARG_POINTER(0);
	csm_cohort_consumer consumer;
	csm_cohorts *m;
	int32 from = csm_unit_start(state->first_unit, state->step);
	int32 to = csm_unit_start(state->last_unit + 1, state->step);

	csm_scan_check_unused(state->scan);
	csm_unit_check(from, to);
	csm_cohorts_check_count((int64) state->last_unit - state->first_unit + 1, CSM_COHORTS_MADE_MAX);
	m = csm_cohorts_new(from, to, state->step, CSM_COHORTS_EVENTS);
	m->scale = state->scan->shown_scale;
	csm_cohort_consumer_init(&consumer, m, state->first_unit, refuse_negative, state);
	csm_scan_finish(state->scan, &consumer.base);
	return csm_value_result(&cohorts_type, m);
}

static void
take_for_cohorts(void *caller, const csm_history *h)
{
	csm_cohorts_add_history(caller, h);
}

/* Of subscriptions: (state, account, valid, amount, step, from_date, to_date). */
PG_FUNCTION_INFO_V1(csm_cohorts_scan_final);
Datum
csm_cohorts_scan_final(PG_FUNCTION_ARGS)
{
	csm_history_scan *scan = csm_history_scan_argument(fcinfo);
	csm_cohorts *m;

	csm_cohorts_check_count(csm_count_intervals(scan->from, scan->to, scan->step),
							CSM_COHORTS_MADE_MAX);
	m = csm_cohorts_new(scan->from, scan->to, scan->step, 0);
	csm_history_scan_finish(scan, take_for_cohorts, m);
	if (csm_history_scan_scale(scan) > m->scale)
		csm_cohorts_rescale(m, csm_history_scan_scale(scan));
	return csm_value_result(&cohorts_type, m);
}

/*
 * The table
 */

static void
put_cell(csm_rows *rows, const csm_cohorts *m, int64 cohort, int64 age)
{
	const csm_cohort_cell *cell = csm_cohorts_cells(m, cohort) + age;
	int128 first_revenue = csm_cohorts_cells(m, cohort)->revenue;
	Datum values[7];
	bool nulls[7] = {false};

	values[0] = DateADTGetDatum(csm_cohorts_bounds(m)[cohort]);
	values[1] = Int32GetDatum((int32) age);
	values[2] = Int64GetDatum(m->accounts[cohort]);
	values[3] = Int64GetDatum(cell->active);
	values[4] = csm_decimal_to_numeric(cell->revenue, m->scale);
	values[5] = csm_count_ratio(cell->active, m->accounts[cohort], &nulls[5]);
	values[6] = csm_amount_ratio(cell->revenue, first_revenue, m->scale, &nulls[6]);
	csm_rows_put(rows, values, nulls);
}

/* A row for each cell of the cohorts that have accounts. */
PG_FUNCTION_INFO_V1(csm_cohorts_table);
Datum
csm_cohorts_table(PG_FUNCTION_ARGS)
{
	const csm_cohorts *m = PG_GETARG_COHORTS(0);
	csm_rows rows = csm_rows_start(fcinfo);

	for (int64 cohort = 0; cohort < m->periods; cohort++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int64 age = 0; m->accounts[cohort] > 0 && age < m->periods - cohort; age++)
			put_cell(&rows, m, cohort, age);
	}
	return csm_rows_end(&rows);
}

/*
 * Text form: a JSON object with its keys in a fixed order.  A cohort is its number of
 * accounts, how many of them were active by age, and their revenue by age.
 *
 * {"from_date": "2024-01-01", "to_date": "2024-03-01", "step": "1 month", "scale": 2,
 *	"cohorts": [[2, [2, 1], ["300.00", "100.00"]], [0, [0], ["0.00"]]]}
 */

static void
put_cohort(StringInfo text, const csm_cohorts *m, int64 cohort)
{
	const csm_cohort_cell *cells = csm_cohorts_cells(m, cohort);
	int64 ages = m->periods - cohort;

	appendStringInfo(text, "%s[" INT64_FORMAT ", [", cohort > 0 ? ", " : "", m->accounts[cohort]);
	for (int64 k = 0; k < ages; k++)
		appendStringInfo(text, "%s" INT64_FORMAT, k > 0 ? ", " : "", cells[k].active);
	appendStringInfoString(text, "], [");
	for (int64 k = 0; k < ages; k++)
	{
		char revenue[CSM_DECIMAL_TEXT_SIZE];

		appendStringInfo(text, "%s\"%s\"", k > 0 ? ", " : "",
						 csm_decimal_to_text(cells[k].revenue, m->scale, revenue));
	}
	appendStringInfoString(text, "]]");
}

static char *
cohorts_to_text(const csm_cohorts *m)
{
	StringInfoData text;

	csm_json_start(&text);
	csm_json_put_date(&text, "from_date", m->from);
	csm_json_put_date(&text, "to_date", m->to);
	csm_json_put_step(&text, m->flags & CSM_COHORTS_EVENTS ? "unit" : "step", m->step);
	csm_json_put_currency(&text, m->currency);
	csm_json_put_count(&text, "scale", m->scale);
	csm_json_put_key(&text, "cohorts");
	appendStringInfoChar(&text, '[');
	for (int64 cohort = 0; cohort < m->periods; cohort++)
	{
		CHECK_FOR_INTERRUPTS();
		put_cohort(&text, m, cohort);
	}
	appendStringInfoChar(&text, ']');
	csm_json_end(&text);
	return text.data;
}

static bool
read_cohort(csm_json *json, const JsonbValue *cohort, int i, void *into)
{
	csm_cohorts *m = into;
	JsonbValue *active;
	JsonbValue *revenue;

	if (csm_json_length(cohort) != 3 ||
		csm_json_length(active = csm_json_item(cohort, 1)) != m->periods - i ||
		csm_json_length(revenue = csm_json_item(cohort, 2)) != m->periods - i)
		return csm_json_fail(json, "cohorts", "does not have the shape of a triangle");
	if (!csm_json_count_value(json, "cohorts", csm_json_item(cohort, 0), &m->accounts[i]))
		return false;
	for (int64 k = 0; k < m->periods - i; k++)
	{
		csm_cohort_cell *cell = csm_cohorts_cells(m, i) + k;

		if (!csm_json_count_value(json, "cohorts", csm_json_item(active, (int) k), &cell->active) ||
			!csm_json_amount_at_scale(json, "cohorts", csm_json_item(revenue, (int) k), m->scale,
									  &cell->revenue))
			return false;
	}
	return true;
}

static bool
read_header(csm_json *json, csm_cohorts *header, csm_json_items *items)
{
	const char *step = csm_json_has(json, "unit") ? "unit" : "step";

	memset(header, 0, sizeof(*header));
	header->version = CSM_COHORTS_VERSION;
	header->flags = strcmp(step, "unit") == 0 ? CSM_COHORTS_EVENTS : 0;
	if (!csm_json_date(json, "from_date", &header->from) ||
		!csm_json_date(json, "to_date", &header->to) || !csm_json_step(json, step, &header->step) ||
		!csm_json_currency(json, header->currency) || !csm_json_scale(json, &header->scale) ||
		!csm_json_find_items(json, "cohorts", items) || !csm_json_close(json))
		return false;
	header->periods = items->count;
	return true;
}

/* Bytes that a cell takes, whoever wrote it: the memory taken is bounded by what is there. */
#define CELL_BYTES 4

/* Reads an open object; NULL after a soft error. */
static csm_cohorts *
cohorts_from_json(csm_json *json)
{
	csm_cohorts header;
	csm_cohorts *m = NULL;
	csm_json_items items;
	const char *problem;

	if (!read_header(json, &header, &items))
		return NULL;
	problem = csm_cohorts_problem_with_header(&header);
	if (problem == NULL && items.bytes < (Size) CSM_COHORTS_CELLS(header.periods) * CELL_BYTES)
	{
		(void) csm_json_fail(json, "cohorts", "does not have the shape of a triangle");
		return NULL;
	}
	if (problem == NULL)
	{
		m = csm_cohorts_new(header.from, header.to, header.step, header.flags);
		m->scale = header.scale;
		memcpy(m->currency, header.currency, CSM_CURRENCY_SIZE);
		if (!csm_json_each(json, &items, read_cohort, m))
			return NULL;
		problem = csm_cohorts_problem_with_cells(m);
	}
	if (problem != NULL)
		ereturn(json->escontext, NULL,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input for type %s: %s", COHORTS, problem)));
	return m;
}

PG_FUNCTION_INFO_V1(csm_cohorts_in);
Datum
csm_cohorts_in(PG_FUNCTION_ARGS)
{
	csm_json json;
	csm_cohorts *m = NULL;

	if (csm_json_open_long(&json, COHORTS, PG_GETARG_CSTRING(0), "cohorts", fcinfo->context))
		m = cohorts_from_json(&json);
	if (m == NULL)
		PG_RETURN_NULL();
	return csm_state_result(fcinfo, &cohorts_type, m);
}

PG_FUNCTION_INFO_V1(csm_cohorts_out);
Datum
csm_cohorts_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(cohorts_to_text(PG_GETARG_COHORTS(0)));
}

CSM_CAST_TO_JSON(csm_cohorts)

PG_FUNCTION_INFO_V1(csm_cohorts_to_jsonb);
Datum
csm_cohorts_to_jsonb(PG_FUNCTION_ARGS)
{
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(cohorts_to_text(PG_GETARG_COHORTS(0))));
}

PG_FUNCTION_INFO_V1(csm_cohorts_from_jsonb);
Datum
csm_cohorts_from_jsonb(PG_FUNCTION_ARGS)
{
	csm_json json;

	(void) csm_json_open_container(&json, COHORTS, &PG_GETARG_JSONB_P(0)->root, NULL);
	PG_RETURN_POINTER(cohorts_from_json(&json));
}

/*
 * Binary form
 */

PG_FUNCTION_INFO_V1(csm_cohorts_send);
Datum
csm_cohorts_send(PG_FUNCTION_ARGS)
{
	const csm_cohorts *m = PG_GETARG_COHORTS(0);
	csm_writer writer;
	bytea *result = csm_writer_start(&writer, (int) CSM_COHORTS_BINARY_SIZE(m->periods));

	csm_cohorts_write(&writer, m);
	PG_RETURN_BYTEA_P(result);
}

PG_FUNCTION_INFO_V1(csm_cohorts_recv);
Datum
csm_cohorts_recv(PG_FUNCTION_ARGS)
{
	csm_reader reader = csm_reader_from_message((StringInfo) PG_GETARG_POINTER(0));
	const char *problem;
	csm_cohorts *m = csm_cohorts_read(&reader, &problem);

	if (problem != NULL)
		csm_binary_error(COHORTS, problem);
	PG_RETURN_POINTER(m);
}

/*
 * Comparison
 */

static int
compare_arguments(FunctionCallInfo fcinfo)
{
	csm_cohorts *a = PG_GETARG_COHORTS(0);
	csm_cohorts *b = PG_GETARG_COHORTS(1);
	int order = csm_cohorts_compare(a, b);

	/* index builds and sorts call this in one long-lived context */
	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	return order;
}

/* Equal matrices hash alike whatever their scale. */
static uint64
hash_argument(FunctionCallInfo fcinfo, uint64 seed)
{
	csm_cohorts *m = PG_GETARG_COHORTS(0);
	int128 divisor = csm_power_of_ten[csm_cohorts_spare_places(m)];
	const csm_cohort_cell *end = csm_cohorts_cells(m, m->periods);
	uint64 hash = hash_bytes_extended((const unsigned char *) csm_cohorts_bounds(m),
									  (int) ((m->periods + 1) * sizeof(int32)), seed);

	for (const csm_cohort_cell *cell = csm_cohorts_cells(m, 0); cell < end; cell++)
	{
		csm_cohort_cell normal = {cell->revenue / divisor, cell->active};

		hash = hash_combine64(
			hash, hash_bytes_extended((const unsigned char *) &normal, sizeof(normal), seed));
	}
	PG_FREE_IF_COPY(m, 0);
	return hash;
}

CSM_COMPARISON(csm_cohorts, compare_arguments, hash_argument)
