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
	csm_cohorts *m = csm_cohorts_new(from, to, step, CSM_COHORTS_LAST_ACTIVE);

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

/*
 * Of events:
 *
 *		(state, account, at, amount, step)							5
 *		(state, account, at, amount, step, from, to)				7
 *		(state, account, cohort, at, amount, step, from, to)		8: of members
 *
 * Without bounds, units are those of the calendar; with bounds they are counted from from_date.
 */
typedef struct events_state
{
	csm_account_scan *scan;
	csm_key_kind keys;
	bool is_member;
	bool is_bounded;
	bool is_constant; /* no parameter can vary between rows */
	csm_step step;
	DateADT from; /* the bounds, if there are any */
	DateADT to;
	int32 first_unit; /* of any row, without bounds */
	int32 last_unit;
	int32 end_unit; /* no row of this one or a later one matters */
	DateADT day;    /* of the row before; its unit */
	int32 unit;
} events_state;

#define ACCOUNT_ARGUMENT           1
#define COHORT_ARGUMENT            2
#define AT_ARGUMENT(is_member)     ((is_member) ? 3 : 2)
#define AMOUNT_ARGUMENT(is_member) (AT_ARGUMENT(is_member) + 1)
#define STEP_ARGUMENT(is_member)   (AT_ARGUMENT(is_member) + 2)

/* Before the first period; whoever was there then is in no cohort. */
#define UNIT_BEFORE (-1)

static void
read_parameters(FunctionCallInfo fcinfo, events_state *state)
{
	int i = STEP_ARGUMENT(state->is_member);

	state->is_bounded = PG_NARGS() > i + 1;
	state->step = state->is_bounded ? csm_step_argument(fcinfo, i, "step")
									: csm_unit_argument(fcinfo, i, "step");
	if (!state->is_bounded)
		return;
	state->from = csm_date_argument(fcinfo, i + 1, "from_date");
	state->to = csm_date_argument(fcinfo, i + 2, "to_date");
}

/* Parameters must not vary between rows. */
static pg_noinline void
check_parameters(FunctionCallInfo fcinfo, const events_state *state)
{
	events_state now = *state;

	read_parameters(fcinfo, &now);
	csm_check_same_step(state->step, now.step, "step");
	csm_check_same_date(state->from, now.from, "from_date");
	csm_check_same_date(state->to, now.to, "to_date");
}

static void
refuse_second_cohort(csm_key_kind keys, const csm_key *key, int32 day, int32 other)
{
	char text[CSM_DATE_TEXT_SIZE];
	char other_text[CSM_DATE_TEXT_SIZE];

	ereport(
		ERROR,
		(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
		 errmsg("account %s has two cohort dates: %s and %s", csm_key_to_text(keys, key),
				csm_date_to_text(day, text), csm_date_to_text(other, other_text)),
		 errhint("Each row of an account must have the same cohort date, such as the day of its "
				 "sign-up.")));
}

static pg_noinline events_state *
make_events(FunctionCallInfo fcinfo, csm_key_kind keys, bool is_member)
{
	events_state *state =
		MemoryContextAllocZero(csm_aggregate_context(fcinfo), sizeof(events_state));

	state->keys = keys;
	state->is_member = is_member;
	read_parameters(fcinfo, state);
	state->is_constant = csm_has_constant_arguments(fcinfo, STEP_ARGUMENT(is_member));
	state->first_unit = PG_INT32_MAX;
	state->last_unit = PG_INT32_MIN;
	state->end_unit = PG_INT32_MAX;
	if (state->is_bounded)
	{
		state->end_unit = csm_count_intervals(state->from, state->to, state->step);
		csm_cohorts_check_count(state->end_unit, CSM_COHORTS_MADE_MAX);
	}
	state->day = CSM_NO_DAY;
	state->scan =
		csm_scan_for_aggregate(fcinfo, keys, is_member ? CSM_MEMBER_ROWS : CSM_EVENT_ROWS);
	state->scan->refuse_day = refuse_second_cohort;
	return state;
}

/* Errors of a row say whose it is, and of what day. */
typedef struct careful_event
{
	FunctionCallInfo fcinfo;
	const events_state *state;
	ErrorContextCallback callback;
} careful_event;

static void
say_whose_event(void *argument)
{
	const careful_event *event = argument;
	int at = AT_ARGUMENT(event->state->is_member);
	char day[CSM_DATE_TEXT_SIZE];
	const char *account;
	csm_key key;

	if (event->fcinfo->args[ACCOUNT_ARGUMENT].isnull)
		return;
	key = csm_account_argument(event->fcinfo, ACCOUNT_ARGUMENT, event->state->keys);
	account = csm_key_to_text(event->state->keys, &key);
	if (event->fcinfo->args[at].isnull)
		errcontext("row of account %s", account);
	else
		errcontext("event of account %s on %s", account,
				   csm_date_to_text(DatumGetDateADT(event->fcinfo->args[at].value), day));
}

static void
start_care(careful_event *event, FunctionCallInfo fcinfo, const events_state *state)
{
	event->fcinfo = fcinfo;
	event->state = state;
	event->callback.previous = error_context_stack;
	event->callback.callback = say_whose_event;
	event->callback.arg = event;
	error_context_stack = &event->callback;
}

static void
end_care(const careful_event *event)
{
	error_context_stack = event->callback.previous;
}

/* A row of another day than the one before. */
static pg_noinline void
start_day(FunctionCallInfo fcinfo, events_state *state)
{
	careful_event event;
	DateADT day;

	start_care(&event, fcinfo, state);
	day = csm_date_argument(fcinfo, AT_ARGUMENT(state->is_member), "at");
	if (state->is_bounded)
	{
		int64 unit = csm_unit_index_from(state->from, state->step, day);

		state->unit = (int32) Max(UNIT_BEFORE, Min(unit, state->end_unit));
	}
	else
	{
		state->unit = csm_unit_index(day, state->step);
		state->first_unit = Min(state->first_unit, state->unit);
		state->last_unit = Max(state->last_unit, state->unit);
	}
	state->day = day;
	end_care(&event);
}

/* Of a row that does not matter, no more than the display scale of its amount counts. */
static pg_noinline void
add_other_event(FunctionCallInfo fcinfo, events_state *state, int32 unit, int32 to)
{
	csm_key key = csm_account_argument(fcinfo, ACCOUNT_ARGUMENT, state->keys);
	csm_decimal amount;
	careful_event event;

	start_care(&event, fcinfo, state);
	amount = csm_row_amount(fcinfo, AMOUNT_ARGUMENT(state->is_member));
	end_care(&event);
	if (unit == CSM_NO_UNIT)
	{
		csm_scan_note_scale(state->scan, amount.scale);
		amount.coefficient = 0;
		amount.scale = 0;
	}
	if (unit != CSM_NO_UNIT || state->is_member)
		csm_scan_add(state->scan, &key, unit, to, amount);
}

static pg_attribute_always_inline events_state *
events_argument(FunctionCallInfo fcinfo, csm_key_kind keys, bool is_member)
{
	events_state *state;

	if (unlikely(PG_ARGISNULL(0)))
		return make_events(fcinfo, keys, is_member);
	state = (events_state *) PG_GETARG_POINTER(0);
	if (unlikely(!state->is_constant))
		check_parameters(fcinfo, state);
	return state;
}

static pg_attribute_always_inline Datum
accumulate_event(FunctionCallInfo fcinfo, csm_key_kind keys)
{
	events_state *state = events_argument(fcinfo, keys, false);
	int at = AT_ARGUMENT(false);

	if (unlikely(PG_ARGISNULL(at) || PG_GETARG_DATEADT(at) != state->day))
		start_day(fcinfo, state);
	if (unlikely(state->unit >= state->end_unit))
		add_other_event(fcinfo, state, CSM_NO_UNIT, 0);
	else if (unlikely(!csm_scan_add_quickly(fcinfo, state->scan, keys, ACCOUNT_ARGUMENT,
											AMOUNT_ARGUMENT(false), state->unit, 0)))
		add_other_event(fcinfo, state, state->unit, 0);
	PG_RETURN_POINTER(state);
}

/* The day of an account's cohort. */
static DateADT
cohort_argument(FunctionCallInfo fcinfo, const events_state *state)
{
	careful_event event;
	DateADT cohort;

	if (likely(!PG_ARGISNULL(COHORT_ARGUMENT) &&
			   csm_date_is_valid(PG_GETARG_DATEADT(COHORT_ARGUMENT))))
		return PG_GETARG_DATEADT(COHORT_ARGUMENT);
	start_care(&event, fcinfo, state);
	cohort = csm_date_argument(fcinfo, COHORT_ARGUMENT, "cohort");
	end_care(&event);
	return cohort;
}

/* An event before the day of the cohort counts nowhere, but its account is there. */
static pg_attribute_always_inline Datum
accumulate_member(FunctionCallInfo fcinfo, csm_key_kind keys)
{
	events_state *state = events_argument(fcinfo, keys, true);
	DateADT cohort = cohort_argument(fcinfo, state);
	int at = AT_ARGUMENT(true);
	int32 unit = CSM_NO_UNIT;

	if (likely(!PG_ARGISNULL(at)))
	{
		if (unlikely(PG_GETARG_DATEADT(at) != state->day))
			start_day(fcinfo, state);
		if (likely(state->day >= cohort && state->unit < state->end_unit))
			unit = state->unit;
	}
	if (unlikely(!csm_scan_add_quickly(fcinfo, state->scan, keys, ACCOUNT_ARGUMENT,
									   AMOUNT_ARGUMENT(true), unit, cohort)))
		add_other_event(fcinfo, state, unit, cohort);
	PG_RETURN_POINTER(state);
}

#define TRANSITION(name, accumulate, keys) \
	PG_FUNCTION_INFO_V1(name);             \
	Datum name(PG_FUNCTION_ARGS)           \
	{                                      \
		return accumulate(fcinfo, keys);   \
	}

TRANSITION(csm_cohorts_accum_event_bigint, accumulate_event, CSM_BIGINT_KEYS)
TRANSITION(csm_cohorts_accum_event_text, accumulate_event, CSM_TEXT_KEYS)
TRANSITION(csm_cohorts_accum_event_uuid, accumulate_event, CSM_UUID_KEYS)
TRANSITION(csm_cohorts_accum_member_bigint, accumulate_member, CSM_BIGINT_KEYS)
TRANSITION(csm_cohorts_accum_member_text, accumulate_member, CSM_TEXT_KEYS)
TRANSITION(csm_cohorts_accum_member_uuid, accumulate_member, CSM_UUID_KEYS)

/* The empty matrix that events make up. */
static csm_cohorts *
cohorts_for_events(events_state *state)
{
	int flags = CSM_COHORTS_EVENTS | CSM_COHORTS_LAST_ACTIVE;
	int32 from;
	int32 to;

	if (state->is_bounded)
	{
		state->first_unit = 0;
		return csm_cohorts_new(state->from, state->to, state->step,
							   flags | CSM_COHORTS_BOUNDED |
								   (state->is_member ? CSM_COHORTS_GIVEN : 0));
	}
	from = csm_unit_start(state->first_unit, state->step);
	to = csm_unit_start(state->last_unit + 1, state->step);
	csm_unit_check(from, to);
	csm_cohorts_check_count((int64) state->last_unit - state->first_unit + 1, CSM_COHORTS_MADE_MAX);
	return csm_cohorts_new(from, to, state->step, flags);
}

PG_FUNCTION_INFO_V1(csm_cohorts_events_final);
Datum
csm_cohorts_events_final(PG_FUNCTION_ARGS)
{
	events_state *state = (events_state *) PG_GETARG_POINTER(0);
	csm_cohort_consumer consumer;
	csm_cohorts *m;

	csm_scan_check_unused(state->scan);
	m = cohorts_for_events(state);
	m->scale = state->scan->shown_scale;
	csm_cohort_consumer_init(&consumer, m, state->first_unit);
	csm_scan_finish(state->scan, &consumer.base);
	csm_cohort_consumer_finish(&consumer);
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
	m = csm_cohorts_new(scan->from, scan->to, scan->step, CSM_COHORTS_LAST_ACTIVE);
	csm_history_scan_finish(scan, take_for_cohorts, m);
	if (csm_history_scan_scale(scan) > m->scale)
		csm_cohorts_rescale(m, csm_history_scan_scale(scan));
	return csm_value_result(&cohorts_type, m);
}

/*
 * The table
 */

#define TABLE_COLUMNS    7
#define ACTIVITY_COLUMNS 9

/* The columns of cohort_table. */
static void
cell_values(const csm_cohorts *m, int64 cohort, int64 age, Datum *values, bool *nulls)
{
	const csm_cohort_cell *cell = csm_cohorts_cells(m, cohort) + age;
	int128 first_revenue = csm_cohorts_cells(m, cohort)->revenue;

	values[0] = DateADTGetDatum(csm_cohorts_bounds(m)[cohort]);
	values[1] = Int32GetDatum((int32) age);
	values[2] = Int64GetDatum(m->accounts[cohort]);
	values[3] = Int64GetDatum(cell->active);
	values[4] = csm_decimal_to_numeric(cell->revenue, m->scale);
	values[5] = csm_count_ratio(cell->active, m->accounts[cohort], &nulls[5]);
	/* nothing can be said in shares of refunds */
	values[6] = csm_amount_ratio(cell->revenue, Max(first_revenue, 0), m->scale, &nulls[6]);
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
		{
			Datum values[TABLE_COLUMNS];
			bool nulls[TABLE_COLUMNS] = {false};

			cell_values(m, cohort, age, values, nulls);
			csm_rows_put(&rows, values, nulls);
		}
	}
	return csm_rows_end(&rows);
}

/* How many accounts of a cohort were active at any age. */
static int64
ever_active(const csm_cohorts *m, int64 cohort)
{
	int64 sum = 0;

	for (int64 age = 0; csm_cohorts_have_last_active(m) && age < m->periods - cohort; age++)
		sum += csm_cohorts_last_active(m, cohort)[age];
	return sum;
}

static void
put_activity(csm_rows *rows, const csm_cohorts *m, int64 cohort)
{
	int64 or_later = ever_active(m, cohort);

	for (int64 age = 0; age < m->periods - cohort; age++)
	{
		Datum values[ACTIVITY_COLUMNS];
		bool nulls[ACTIVITY_COLUMNS] = {false};

		cell_values(m, cohort, age, values, nulls);
		nulls[7] = nulls[8] = !csm_cohorts_have_last_active(m);
		values[7] = Int64GetDatum(or_later);
		values[8] = Int64GetDatum(nulls[8] ? 0 : csm_cohorts_last_active(m, cohort)[age]);
		or_later -= DatumGetInt64(values[8]);
		csm_rows_put(rows, values, nulls);
	}
}

/* The rows of cohort_table, with active_or_later and last_active. */
PG_FUNCTION_INFO_V1(csm_cohorts_activity);
Datum
csm_cohorts_activity(PG_FUNCTION_ARGS)
{
	const csm_cohorts *m = PG_GETARG_COHORTS(0);
	csm_rows rows = csm_rows_start(fcinfo);

	for (int64 cohort = 0; cohort < m->periods; cohort++)
	{
		CHECK_FOR_INTERRUPTS();
		if (m->accounts[cohort] > 0)
			put_activity(&rows, m, cohort);
	}
	return csm_rows_end(&rows);
}

/*
 * Text form: a JSON object with its keys in a fixed order.  A cohort is its number of
 * accounts, how many of them were active by age, their revenue by age, and how many were active
 * for the last time by age, unless that is not known.
 *
 * {"from_date": "2024-01-01", "to_date": "2024-03-01", "step": "1 month", "scale": 2,
 *	"cohorts": [[2, [2, 1], ["300.00", "100.00"], [1, 1]], [0, [0], ["0.00"], [0]]]}
 *
 * Calendar units are a "unit" instead of a "step"; within bounds, "cohort" says what puts an
 * account into one.
 */

#define BY_FIRST_EVENT "first event"
#define BY_GIVEN_DATE  "given date"

static void
put_counts(StringInfo text, const int64 *counts, Size distance, int64 ages)
{
	appendStringInfoChar(text, '[');
	for (int64 k = 0; k < ages; k++)
		appendStringInfo(text, "%s" INT64_FORMAT, k > 0 ? ", " : "",
						 *(const int64 *) ((const char *) counts + k * distance));
	appendStringInfoChar(text, ']');
}

static void
put_cohort(StringInfo text, const csm_cohorts *m, int64 cohort)
{
	const csm_cohort_cell *cells = csm_cohorts_cells(m, cohort);
	int64 ages = m->periods - cohort;

	appendStringInfo(text, "%s[" INT64_FORMAT ", ", cohort > 0 ? ", " : "", m->accounts[cohort]);
	put_counts(text, &cells->active, sizeof(csm_cohort_cell), ages);
	appendStringInfoString(text, ", [");
	for (int64 k = 0; k < ages; k++)
	{
		char revenue[CSM_DECIMAL_TEXT_SIZE];

		appendStringInfo(text, "%s\"%s\"", k > 0 ? ", " : "",
						 csm_decimal_to_text(cells[k].revenue, m->scale, revenue));
	}
	appendStringInfoChar(text, ']');
	if (csm_cohorts_have_last_active(m))
	{
		appendStringInfoString(text, ", ");
		put_counts(text, csm_cohorts_last_active(m, cohort), sizeof(int64), ages);
	}
	appendStringInfoChar(text, ']');
}

static char *
cohorts_to_text(const csm_cohorts *m)
{
	StringInfoData text;

	csm_json_start(&text);
	csm_json_put_date(&text, "from_date", m->from);
	csm_json_put_date(&text, "to_date", m->to);
	csm_json_put_step(&text, csm_cohorts_kind(m) == CSM_COHORTS_EVENTS ? "unit" : "step", m->step);
	if (m->flags & CSM_COHORTS_BOUNDED)
		csm_json_put_text(&text, "cohort",
						  m->flags & CSM_COHORTS_GIVEN ? BY_GIVEN_DATE : BY_FIRST_EVENT);
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

/* What a cohort was in 0.2.0 and before: accounts, active ones, revenue. */
#define PARTS_BEFORE 3

static bool
read_cohort(csm_json *json, const JsonbValue *cohort, int i, void *into)
{
	csm_cohorts *m = into;
	JsonbValue *active;
	JsonbValue *revenue;
	JsonbValue *last_active = NULL;
	int parts = csm_json_length(cohort);

	/* the first cohort says whether last activity is known */
	if (i == 0 && parts == PARTS_BEFORE)
		csm_cohorts_forget_last_active(m);
	if (parts != PARTS_BEFORE + csm_cohorts_have_last_active(m) ||
		csm_json_length(active = csm_json_item(cohort, 1)) != m->periods - i ||
		csm_json_length(revenue = csm_json_item(cohort, 2)) != m->periods - i ||
		(parts > PARTS_BEFORE &&
		 csm_json_length(last_active = csm_json_item(cohort, 3)) != m->periods - i))
		return csm_json_fail(json, "cohorts", "does not have the shape of a triangle");
	if (!csm_json_count_value(json, "cohorts", csm_json_item(cohort, 0), &m->accounts[i]))
		return false;
	for (int64 k = 0; k < m->periods - i; k++)
	{
		csm_cohort_cell *cell = csm_cohorts_cells(m, i) + k;

		if (!csm_json_count_value(json, "cohorts", csm_json_item(active, (int) k), &cell->active) ||
			!csm_json_amount_at_scale(json, "cohorts", csm_json_item(revenue, (int) k), m->scale,
									  &cell->revenue) ||
			(last_active != NULL &&
			 !csm_json_count_value(json, "cohorts", csm_json_item(last_active, (int) k),
								   &csm_cohorts_last_active(m, i)[k])))
			return false;
	}
	return true;
}

/* What puts accounts into cohorts: only events within bounds say so. */
static bool
read_kind(csm_json *json, csm_cohorts *header)
{
	char *by;

	if (csm_json_has(json, "unit"))
		header->flags = CSM_COHORTS_EVENTS;
	if (!csm_json_has(json, "cohort"))
		return true;
	if (!csm_json_text(json, "cohort", &by))
		return false;
	header->flags |= CSM_COHORTS_EVENTS | CSM_COHORTS_BOUNDED;
	if (strcmp(by, BY_GIVEN_DATE) == 0)
		header->flags |= CSM_COHORTS_GIVEN;
	return (csm_json_has(json, "step") &&
			(strcmp(by, BY_GIVEN_DATE) == 0 || strcmp(by, BY_FIRST_EVENT) == 0)) ||
		   csm_json_fail(json, "cohort", "is no kind of cohort");
}

static bool
read_header(csm_json *json, csm_cohorts *header, csm_json_items *items)
{
	const char *step = csm_json_has(json, "unit") ? "unit" : "step";

	memset(header, 0, sizeof(*header));
	header->version = CSM_COHORTS_VERSION;
	if (!read_kind(json, header) || !csm_json_date(json, "from_date", &header->from) ||
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
		m = csm_cohorts_new(header.from, header.to, header.step,
							header.flags | CSM_COHORTS_LAST_ACTIVE);
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
	bytea *result = csm_writer_start(&writer, (int) CSM_COHORTS_BINARY_SIZE(m->periods, m->flags));

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
