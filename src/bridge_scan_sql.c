/*
 * bridge_scan_sql.c
 *		bridge_agg straight from raw rows, as SQL sees it.
 *
 * A transition function tells its form by the number of its arguments:
 *
 *		(state, account, at, amount, step)									5
 *		(state, account, at, amount, every, step)							6
 *		(state, account, at, amount, step, from, to)						7
 *		(state, account, at, amount, every, step, from, to)					8
 *		(state, account, at, amount, currency, every, step, from, to)		9
 *
 * and those of subscriptions, with a range in place of "at", have no "every": 5, 7, and 8 with
 * a currency.  Without bounds, units are those of the calendar; with bounds they are
 * counted from from_date.
 */
#include "base/port.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rangetypes.h"
#include "utils/typcache.h"
#include "utils/timestamp.h"

#include "bridge_scan.h"
#include "base/calendar_sql.h"
#include "base/wire_sql.h"
#include "engine/raw_rows_sql.h"
#include "retention_sql.h"

typedef struct bridge_scan_state
{
	csm_raw_rows rows; /* the first field: what is told of a unit finds the rest by it */
	bool is_bounded;
	bool has_currency;
	bool has_every;
	bool is_constant; /* no parameter can vary between rows */
	int step_argument;
	csm_step every; /* the step itself for subscriptions */
	csm_step step;
	DateADT from; /* the bounds; without any, known in the end only */
	DateADT to;
	int32 earliest; /* units of snapshots, days of starts */
	int32 latest;
	char currency[CSM_CURRENCY_SIZE];
} bridge_scan_state;

/*
 * Parameters
 */

/* Which form is it? */
static void
read_form(FunctionCallInfo fcinfo, bridge_scan_state *state)
{
	int parameters = PG_NARGS() - CSM_AMOUNT_ARGUMENT - 1;

	state->has_currency = parameters == (state->rows.is_subscription ? 4 : 5);
	state->has_every = !state->rows.is_subscription && (parameters == 2 || parameters >= 4);
	state->is_bounded = parameters >= 3;
	state->step_argument = CSM_AMOUNT_ARGUMENT + 1 + state->has_currency + state->has_every;
}

/* The step, and "every", which is the same where it is not given. */
static void
read_steps(FunctionCallInfo fcinfo, bridge_scan_state *state)
{
	int i = state->step_argument;

	/* snapshots stand for calendar units, and so do subscriptions where bounds are to be found */
	if (state->rows.is_subscription && state->is_bounded)
		state->step = csm_step_argument(fcinfo, i, "step");
	else if (!state->has_every)
		state->step = csm_unit_argument(fcinfo, i, "step");
	state->every = state->step;
	if (state->has_every)
	{
		state->every = csm_unit_argument(fcinfo, i - 1, "every");
		state->step = csm_step_argument(fcinfo, i, "step");
		csm_check_multiple(state->step, state->every);
	}
}

static void
read_bounds(FunctionCallInfo fcinfo, bridge_scan_state *state)
{
	if (!state->is_bounded)
		return;
	state->from = csm_date_argument(fcinfo, state->step_argument + 1, "from_date");
	state->to = csm_date_argument(fcinfo, state->step_argument + 2, "to_date");
}

static inline bool
is_same_day(const NullableDatum *argument, DateADT day)
{
	return !argument->isnull && DatumGetDateADT(argument->value) == day;
}

/* Says which parameter is not what it was. */
static pg_noinline void
refuse_varying(FunctionCallInfo fcinfo, const bridge_scan_state *state)
{
	bridge_scan_state now = *state;

	read_steps(fcinfo, &now);
	read_bounds(fcinfo, &now);
	csm_check_same_step(state->every, now.every, state->has_every ? "every" : "step");
	csm_check_same_step(state->step, now.step, "step");
	csm_check_same_date(state->from, now.from, "from_date");
	csm_check_same_date(state->to, now.to, "to_date");
}

/* Parameters must not vary between rows. */
static inline void
check_parameters(FunctionCallInfo fcinfo, const bridge_scan_state *state)
{
	const NullableDatum *step = &fcinfo->args[state->step_argument];

	if (likely(state->is_constant))
		return;
	if (unlikely(!csm_is_same_interval(step, state->step) ||
				 (state->has_every && !csm_is_same_interval(step - 1, state->every)) ||
				 (state->is_bounded &&
				  (!is_same_day(step + 1, state->from) || !is_same_day(step + 2, state->to)))))
		refuse_varying(fcinfo, state);
}

/*
 * Negative totals
 */

static void
refuse_negative(void *caller, const csm_key *key, int boundary, int128 amount, int scale)
{
	const bridge_scan_state *state = caller;
	char day[CSM_DATE_TEXT_SIZE];

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("the amount of account %s is negative on %s: %s",
					csm_key_to_text(state->rows.keys, key),
					csm_date_to_text(csm_step_from(state->from, state->step, boundary) - 1, day),
					csm_numeric_to_text(csm_decimal_to_numeric(amount, scale))),
			 errhint("A single row may be negative, but not what the rows of an account "
					 "add up to where figures are drawn from it.")));
}

/*
 * Transitions
 */

/* Without bounds the run reaches from the earliest to the latest row; not too far, though. */
static pg_noinline void
extend_run(bridge_scan_state *state, int32 unit)
{
	int32 earliest = Min(state->earliest, unit);
	int32 latest = Max(state->latest, unit);
	bool is_subscription = state->rows.is_subscription;
	int32 index = is_subscription ? csm_unit_index(unit, state->step) : unit;

	csm_unit_check(csm_unit_start(index, state->every), csm_unit_start(index + 1, state->every));
	if (earliest < latest && is_subscription)
		csm_check_interval_count(csm_whole_steps(earliest, latest, state->step), state->step);
	else if (earliest < latest)
		csm_check_interval_count(csm_whole_steps(csm_unit_start(earliest + 1, state->every),
												 csm_unit_start(latest + 1, state->every),
												 state->step),
								 state->step);
	state->earliest = earliest;
	state->latest = latest;
}

static void
note_unit(csm_raw_rows *rows, int32 unit)
{
	bridge_scan_state *state = (bridge_scan_state *) rows;

	if (unlikely(unit < state->earliest || unit > state->latest))
		extend_run(state, unit);
}

/* The last unit, or day, that a boundary of a bounded run lies after. */
static int32
last_unit(const bridge_scan_state *state)
{
	int64 count = csm_count_intervals(state->from, state->to, state->step);
	DateADT last_day = csm_step_from(state->from, state->step, count) - 1;

	return state->rows.is_subscription ? last_day : csm_rows_unit_of(&state->rows, last_day);
}

static bridge_scan_state *
make_state(FunctionCallInfo fcinfo, csm_key_kind keys, bool is_subscription)
{
	bridge_scan_state *state =
		MemoryContextAllocZero(csm_aggregate_context(fcinfo), sizeof(bridge_scan_state));

	state->rows.is_subscription = is_subscription;
	read_form(fcinfo, state);
	read_steps(fcinfo, state);
	read_bounds(fcinfo, state);
	state->is_constant =
		csm_has_constant_arguments(fcinfo, CSM_AMOUNT_ARGUMENT + 1 + state->has_currency);
	state->earliest = PG_INT32_MAX;
	state->latest = PG_INT32_MIN;
	csm_rows_init(&state->rows, fcinfo, keys, is_subscription);
	csm_rows_set_every(&state->rows, state->every, state->is_bounded ? &state->from : NULL);
	if (state->is_bounded)
		state->rows.last_unit = last_unit(state);
	else
		state->rows.note = note_unit;
	if (state->has_currency && !PG_ARGISNULL(CSM_AMOUNT_ARGUMENT + 1))
		csm_currency_from_text(PG_GETARG_TEXT_PP(CSM_AMOUNT_ARGUMENT + 1), state->currency);
	return state;
}

/* All rows are in one currency, or have none. */
static pg_noinline void
check_currency(FunctionCallInfo fcinfo, const bridge_scan_state *state)
{
	char currency[CSM_CURRENCY_SIZE] = {0};
	csm_key key;

	if (!PG_ARGISNULL(CSM_AMOUNT_ARGUMENT + 1))
		csm_currency_from_text(PG_GETARG_TEXT_PP(CSM_AMOUNT_ARGUMENT + 1), currency);
	if (memcmp(currency, state->currency, CSM_CURRENCY_SIZE) == 0)
		return;
	key = csm_account_argument(fcinfo, CSM_ACCOUNT_ARGUMENT, state->rows.keys);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("amounts in different currencies cannot be added up: %s and, of account %s, %s",
					state->currency[0] ? state->currency : "none",
					csm_key_to_text(state->rows.keys, &key), currency[0] ? currency : "none"),
			 errhint("Group by the currency, or make histories and convert them with "
					 "in_currency.")));
}

static inline bridge_scan_state *
state_argument(FunctionCallInfo fcinfo, csm_key_kind keys, bool is_subscription)
{
	bridge_scan_state *state;

	if (unlikely(PG_ARGISNULL(CSM_STATE_ARGUMENT)))
		return make_state(fcinfo, keys, is_subscription);
	state = (bridge_scan_state *) PG_GETARG_POINTER(CSM_STATE_ARGUMENT);
	check_parameters(fcinfo, state);
	if (unlikely(state->has_currency))
		check_currency(fcinfo, state);
	return state;
}

static pg_attribute_always_inline Datum
add_snapshot(FunctionCallInfo fcinfo, csm_key_kind keys)
{
	bridge_scan_state *state = state_argument(fcinfo, keys, false);

	csm_rows_add_snapshot(fcinfo, &state->rows, keys);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(csm_bridge_scan_snapshot_bigint);
Datum
csm_bridge_scan_snapshot_bigint(PG_FUNCTION_ARGS)
{
	return add_snapshot(fcinfo, CSM_BIGINT_KEYS);
}

PG_FUNCTION_INFO_V1(csm_bridge_scan_snapshot_text);
Datum
csm_bridge_scan_snapshot_text(PG_FUNCTION_ARGS)
{
	return add_snapshot(fcinfo, CSM_TEXT_KEYS);
}

PG_FUNCTION_INFO_V1(csm_bridge_scan_snapshot_uuid);
Datum
csm_bridge_scan_snapshot_uuid(PG_FUNCTION_ARGS)
{
	return add_snapshot(fcinfo, CSM_UUID_KEYS);
}

static pg_attribute_always_inline Datum
add_subscription(FunctionCallInfo fcinfo, csm_key_kind keys)
{
	csm_range_copy copy;
	const RangeType *range = csm_rows_range(fcinfo, &copy);
	bridge_scan_state *state;

	if (range == NULL)
	{
		fcinfo->isnull = PG_ARGISNULL(CSM_STATE_ARGUMENT);
		return PG_GETARG_DATUM(CSM_STATE_ARGUMENT);
	}
	state = state_argument(fcinfo, keys, true);
	csm_rows_add_subscription(fcinfo, &state->rows, keys, range);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(csm_bridge_scan_subscription_bigint);
Datum
csm_bridge_scan_subscription_bigint(PG_FUNCTION_ARGS)
{
	return add_subscription(fcinfo, CSM_BIGINT_KEYS);
}

PG_FUNCTION_INFO_V1(csm_bridge_scan_subscription_text);
Datum
csm_bridge_scan_subscription_text(PG_FUNCTION_ARGS)
{
	return add_subscription(fcinfo, CSM_TEXT_KEYS);
}

PG_FUNCTION_INFO_V1(csm_bridge_scan_subscription_uuid);
Datum
csm_bridge_scan_subscription_uuid(PG_FUNCTION_ARGS)
{
	return add_subscription(fcinfo, CSM_UUID_KEYS);
}

/*
 * Result
 */

/*
 * Without bounds, snapshots run from the end of the first unit, whose amounts are the
 * opening balance, to the end of the last; subscriptions from the first start to the end
 * of the unit that holds the latest start.
 */
static void
find_bounds(bridge_scan_state *state)
{
	int32 first;
	int32 last;

	if (state->is_bounded)
		return;
	first = state->rows.is_subscription ? csm_unit_index(state->earliest, state->step)
										: state->earliest + 1;
	last = state->rows.is_subscription ? csm_unit_index(state->latest, state->step) : state->latest;
	state->from = csm_unit_start(first, state->every);
	state->to = csm_unit_start(last + 1, state->every);
}

static void
init_run(const bridge_scan_state *state, csm_bridge_run *run, int count)
{
	int scale = state->rows.scan->shown_scale;

	if (state->rows.is_subscription)
		csm_run_init_days(run, CurrentMemoryContext, state->from, state->step, count, scale);
	else
		csm_run_init_even(run, CurrentMemoryContext,
						  csm_rows_unit_of(&state->rows, state->from - 1),
						  csm_step_ratio(state->step, state->every), count, scale);
}

static Datum
interval_result(const bridge_scan_state *state, csm_bridge_run *run, int k)
{
	csm_retention_summary *r = csm_run_interval(run, k);

	r->flags |= CSM_RETENTION_HAS_PERIOD;
	memcpy(r->currency, state->currency, CSM_CURRENCY_SIZE);
	r->period_from = csm_step_from(state->from, state->step, k);
	r->period_to = csm_step_from(state->from, state->step, k + 1);
	return csm_value_result(&csm_retention_type, r);
}

PG_FUNCTION_INFO_V1(csm_bridge_scan_final);
Datum
csm_bridge_scan_final(PG_FUNCTION_ARGS)
{
	bridge_scan_state *state = (bridge_scan_state *) PG_GETARG_POINTER(CSM_STATE_ARGUMENT);
	Oid element_type = get_element_type(get_func_rettype(fcinfo->flinfo->fn_oid));
	csm_bridge_consumer consumer;
	csm_bridge_run run;
	Datum *results;
	int count;

	csm_scan_check_unused(state->rows.scan);
	find_bounds(state);
	count = (int) csm_whole_steps(state->from, state->to, state->step);
	csm_check_interval_count(count, state->step);
	if (count == 0)
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(element_type));
	init_run(state, &run, count);
	csm_bridge_consumer_init(&consumer, &run, refuse_negative, state);
	csm_scan_finish(state->rows.scan, &consumer.base);
	csm_run_finish(&run, state->rows.scan->shown_scale);
	results = palloc(sizeof(Datum) * count);
	for (int k = 0; k < count; k++)
		results[k] = interval_result(state, &run, k);
	PG_RETURN_ARRAYTYPE_P(
		construct_array(results, count, element_type, -1, false, TYPALIGN_DOUBLE));
}
