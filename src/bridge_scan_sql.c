/*
 * bridge_scan_sql.c
 *		bridge_agg straight from raw rows, as SQL sees it.
 *
 * A transition function tells its form by the number of its arguments:
 *
 *		(state, account, at, amount, step)						5
 *		(state, account, at, amount, every, step)				6
 *		(state, account, at, amount, step, from, to)			7
 *		(state, account, at, amount, every, step, from, to)		8
 *
 * and those of subscriptions, with a range in place of "at", have no "every".
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
#include "engine/account_scan_sql.h"
#include "retention_sql.h"

#define STATE_ARGUMENT   0
#define ACCOUNT_ARGUMENT 1
#define TIME_ARGUMENT    2
#define AMOUNT_ARGUMENT  3

typedef struct bridge_scan_state
{
	csm_account_scan *scan;
	csm_key_kind keys;
	bool is_subscription;
	bool is_bounded;
	bool has_every;
	bool is_constant; /* no parameter can vary between rows */
	int step_argument;
	csm_step every; /* the step itself for subscriptions */
	csm_step step;
	DateADT from; /* the bounds; without any, known in the end only */
	DateADT to;
	int32 last_unit; /* no row after it matters */
	int32 earliest;  /* units of snapshots, days of starts */
	int32 latest;
	DateADT day; /* of the row before; its unit */
	int32 unit;
	TypeCacheEntry *range_type;
} bridge_scan_state;

/*
 * Parameters
 */

static bool
has_every(FunctionCallInfo fcinfo)
{
	return PG_NARGS() % 2 == 0;
}

static bool
has_bounds(FunctionCallInfo fcinfo)
{
	return PG_NARGS() >= 7;
}

static int
step_argument(FunctionCallInfo fcinfo)
{
	return AMOUNT_ARGUMENT + (has_every(fcinfo) ? 2 : 1);
}

static int
from_argument(FunctionCallInfo fcinfo)
{
	return step_argument(fcinfo) + 1;
}

/* The step, and "every", which is the same where it is not given. */
static void
read_steps(FunctionCallInfo fcinfo, bridge_scan_state *state)
{
	int i = step_argument(fcinfo);

	state->has_every = has_every(fcinfo);
	state->step_argument = i;
	if (state->has_every)
	{
		state->every = csm_unit_argument(fcinfo, AMOUNT_ARGUMENT + 1, "every");
		state->step = csm_step_argument(fcinfo, i, "step");
		csm_check_multiple(state->step, state->every);
	}
	else if (state->is_subscription && has_bounds(fcinfo))
		state->every = state->step = csm_step_argument(fcinfo, i, "step");
	else
		state->every = state->step = csm_unit_argument(fcinfo, i, "step");
}

static void
read_bounds(FunctionCallInfo fcinfo, bridge_scan_state *state)
{
	state->is_bounded = has_bounds(fcinfo);
	if (!state->is_bounded)
		return;
	state->from = csm_date_argument(fcinfo, from_argument(fcinfo), "from_date");
	state->to = csm_date_argument(fcinfo, from_argument(fcinfo) + 1, "to_date");
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
	csm_check_same_step(state->every, now.every, has_every(fcinfo) ? "every" : "step");
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

	ereport(
		ERROR,
		(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
		 errmsg("the amount of account %s is negative on %s: %s", csm_key_to_text(state->keys, key),
				csm_date_to_text(csm_step_from(state->from, state->step, boundary) - 1, day),
				csm_numeric_to_text(csm_decimal_to_numeric(amount, scale))),
		 errhint("A single row may be negative, but not what the rows of an account "
				 "add up to where figures are drawn from it.")));
}

/*
 * Transitions
 */

/* The last unit, or day, that a boundary of a bounded run lies after. */
static int32
last_unit(const bridge_scan_state *state)
{
	int64 count = csm_count_intervals(state->from, state->to, state->step);
	DateADT last_day = csm_step_from(state->from, state->step, count) - 1;

	return state->is_subscription ? last_day : csm_unit_index(last_day, state->every);
}

static bridge_scan_state *
make_state(FunctionCallInfo fcinfo, csm_key_kind keys, bool is_subscription)
{
	bridge_scan_state *state =
		MemoryContextAllocZero(csm_aggregate_context(fcinfo), sizeof(bridge_scan_state));

	state->keys = keys;
	state->is_subscription = is_subscription;
	state->is_constant = csm_has_constant_arguments(fcinfo, AMOUNT_ARGUMENT + 1);
	read_steps(fcinfo, state);
	read_bounds(fcinfo, state);
	state->day = CSM_NO_DAY;
	state->last_unit = state->is_bounded ? last_unit(state) : PG_INT32_MAX;
	state->earliest = PG_INT32_MAX;
	state->latest = PG_INT32_MIN;
	state->scan =
		csm_scan_for_aggregate(fcinfo, keys, is_subscription ? CSM_SPAN_ROWS : CSM_SNAPSHOT_ROWS);
	return state;
}

static inline bridge_scan_state *
state_argument(FunctionCallInfo fcinfo, csm_key_kind keys, bool is_subscription)
{
	bridge_scan_state *state;

	if (unlikely(PG_ARGISNULL(STATE_ARGUMENT)))
		return make_state(fcinfo, keys, is_subscription);
	state = (bridge_scan_state *) PG_GETARG_POINTER(STATE_ARGUMENT);
	check_parameters(fcinfo, state);
	return state;
}

/* Without bounds the run reaches from the earliest to the latest row; not too far, though. */
static pg_noinline void
extend_run(bridge_scan_state *state, int32 unit)
{
	int32 earliest = Min(state->earliest, unit);
	int32 latest = Max(state->latest, unit);
	int32 index = state->is_subscription ? csm_unit_index(unit, state->step) : unit;

	csm_unit_check(csm_unit_start(index, state->every), csm_unit_start(index + 1, state->every));
	if (earliest < latest && state->is_subscription)
		csm_check_interval_count(csm_whole_steps(earliest, latest, state->step), state->step);
	else if (earliest < latest)
		csm_check_interval_count(csm_whole_steps(csm_unit_start(earliest + 1, state->every),
												 csm_unit_start(latest + 1, state->every),
												 state->step),
								 state->step);
	state->earliest = earliest;
	state->latest = latest;
}

static inline void
note_unit(bridge_scan_state *state, int32 unit)
{
	if (unlikely(unit < state->earliest || unit > state->latest))
		extend_run(state, unit);
}

/* A row of another day than the one before. */
static pg_noinline void
start_day(FunctionCallInfo fcinfo, bridge_scan_state *state)
{
	DateADT day = csm_date_argument(fcinfo, TIME_ARGUMENT, "at");
	int32 unit = csm_unit_index(day, state->every);

	if (!state->is_bounded)
		note_unit(state, unit);
	state->day = day;
	state->unit = unit;
}

/* Of a row after the last boundary no more than the display scale of its amount counts. */
static pg_noinline void
add_other_snapshot(FunctionCallInfo fcinfo, bridge_scan_state *state)
{
	csm_key key = csm_account_argument(fcinfo, ACCOUNT_ARGUMENT, state->keys);
	csm_decimal amount = csm_row_amount(fcinfo, AMOUNT_ARGUMENT);

	if (unlikely(state->unit > state->last_unit))
		csm_scan_note_scale(state->scan, amount.scale);
	else
		csm_scan_add(state->scan, &key, state->unit, state->unit + 1, amount);
}

/* Most rows are of the same day as the one before. */
static pg_attribute_always_inline Datum
add_snapshot(FunctionCallInfo fcinfo, csm_key_kind keys)
{
	bridge_scan_state *state = state_argument(fcinfo, keys, false);

	if (unlikely(PG_ARGISNULL(TIME_ARGUMENT) || PG_GETARG_DATEADT(TIME_ARGUMENT) != state->day))
		start_day(fcinfo, state);
	if (unlikely(state->unit > state->last_unit) ||
		unlikely(!csm_scan_add_quickly(fcinfo, state->scan, keys, ACCOUNT_ARGUMENT, AMOUNT_ARGUMENT,
									   state->unit, state->unit + 1)))
		add_other_snapshot(fcinfo, state);
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

/* Two dates at most, a header and flags. */
#define RANGE_SIZE_MAX 32

typedef union range_copy
{
	RangeType range;
	char bytes[RANGE_SIZE_MAX];
} range_copy;

/* As it is stored in a row, with a short header, a copy on the stack needs no memory. */
static inline const RangeType *
range_argument(FunctionCallInfo fcinfo, range_copy *copy)
{
	struct varlena *stored = (struct varlena *) PG_GETARG_POINTER(TIME_ARGUMENT);
	Size size;

	if (!VARATT_IS_SHORT(stored) || VARSIZE_SHORT(stored) > RANGE_SIZE_MAX - VARHDRSZ)
		return PG_GETARG_RANGE_P(TIME_ARGUMENT);
	size = VARSIZE_SHORT(stored) - VARHDRSZ_SHORT;
	memcpy(copy->bytes + VARHDRSZ, VARDATA_SHORT(stored), size);
	SET_VARSIZE(copy, size + VARHDRSZ);
	return &copy->range;
}

/* The days of a subscription; an open end is infinite. */
static inline void
days_of_range(bridge_scan_state *state, const RangeType *range, DateADT *start, DateADT *end)
{
	RangeBound lower;
	RangeBound upper;
	bool empty;

	if (unlikely(state->range_type == NULL))
		state->range_type = lookup_type_cache(DATERANGEOID, TYPECACHE_RANGE_INFO);
	range_deserialize(state->range_type, range, &lower, &upper, &empty);
	if (lower.infinite || !csm_date_is_valid(DatumGetDateADT(lower.val)))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a subscription must start on a day: %s",
							   OidOutputFunctionCall(F_RANGE_OUT, RangeTypePGetDatum(range))),
						errhint("Only its end may be open. Give it as daterange(start, end).")));
	*start = DatumGetDateADT(lower.val);
	*end = upper.infinite ? DATEVAL_NOEND : DatumGetDateADT(upper.val);
}

StaticAssertDecl(DATEVAL_NOEND == CSM_NO_END, "a span without an end is one of days");

static pg_noinline void
add_other_days(FunctionCallInfo fcinfo, bridge_scan_state *state, DateADT start, DateADT end)
{
	csm_key key = csm_account_argument(fcinfo, ACCOUNT_ARGUMENT, state->keys);
	csm_decimal amount = csm_row_amount(fcinfo, AMOUNT_ARGUMENT);

	if (start > state->last_unit)
		csm_scan_note_scale(state->scan, amount.scale);
	else
		csm_scan_add(state->scan, &key, start, end, amount);
}

/* What happens after the last boundary does not matter. */
static pg_attribute_always_inline Datum
add_subscription(FunctionCallInfo fcinfo, csm_key_kind keys)
{
	bridge_scan_state *state;
	range_copy copy;
	const RangeType *range = NULL;
	DateADT start;
	DateADT end;

	if (!PG_ARGISNULL(TIME_ARGUMENT))
		range = range_argument(fcinfo, &copy);
	if (range == NULL || RangeIsEmpty(range))
	{
		fcinfo->isnull = PG_ARGISNULL(STATE_ARGUMENT);
		return PG_GETARG_DATUM(STATE_ARGUMENT);
	}
	state = state_argument(fcinfo, keys, true);
	days_of_range(state, range, &start, &end);
	if (!state->is_bounded)
		note_unit(state, start);
	if (end > state->last_unit)
		end = CSM_NO_END;
	if (unlikely(start > state->last_unit) ||
		unlikely(!csm_scan_add_quickly(fcinfo, state->scan, keys, ACCOUNT_ARGUMENT, AMOUNT_ARGUMENT,
									   start, end)))
		add_other_days(fcinfo, state, start, end);
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
	first =
		state->is_subscription ? csm_unit_index(state->earliest, state->step) : state->earliest + 1;
	last = state->is_subscription ? csm_unit_index(state->latest, state->step) : state->latest;
	state->from = csm_unit_start(first, state->every);
	state->to = csm_unit_start(last + 1, state->every);
}

static void
init_run(const bridge_scan_state *state, csm_bridge_run *run, int count)
{
	int scale = state->scan->shown_scale;

	if (state->is_subscription)
		csm_run_init_days(run, CurrentMemoryContext, state->from, state->step, count, scale);
	else
		csm_run_init_even(run, CurrentMemoryContext, csm_unit_index(state->from - 1, state->every),
						  csm_step_ratio(state->step, state->every), count, scale);
}

static Datum
interval_result(const bridge_scan_state *state, csm_bridge_run *run, int k)
{
	csm_retention_summary *r = csm_run_interval(run, k);

	r->flags |= CSM_RETENTION_HAS_PERIOD;
	r->period_from = csm_step_from(state->from, state->step, k);
	r->period_to = csm_step_from(state->from, state->step, k + 1);
	return csm_value_result(&csm_retention_type, r);
}

PG_FUNCTION_INFO_V1(csm_bridge_scan_final);
Datum
csm_bridge_scan_final(PG_FUNCTION_ARGS)
{
	bridge_scan_state *state = (bridge_scan_state *) PG_GETARG_POINTER(STATE_ARGUMENT);
	Oid element_type = get_element_type(get_func_rettype(fcinfo->flinfo->fn_oid));
	csm_bridge_consumer consumer;
	csm_bridge_run run;
	Datum *results;
	int count;

	csm_scan_check_unused(state->scan);
	find_bounds(state);
	count = (int) csm_whole_steps(state->from, state->to, state->step);
	csm_check_interval_count(count, state->step);
	if (count == 0)
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(element_type));
	init_run(state, &run, count);
	csm_bridge_consumer_init(&consumer, &run, refuse_negative, state);
	csm_scan_finish(state->scan, &consumer.base);
	csm_run_finish(&run, state->scan->shown_scale);
	results = palloc(sizeof(Datum) * count);
	for (int k = 0; k < count; k++)
		results[k] = interval_result(state, &run, k);
	PG_RETURN_ARRAYTYPE_P(
		construct_array(results, count, element_type, -1, false, TYPALIGN_DOUBLE));
}
