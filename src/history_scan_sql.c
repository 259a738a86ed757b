/*
 * history_scan_sql.c
 *		Questions asked of histories, asked of raw rows, as SQL sees them.
 */
#include "base/port.h"

#include "catalog/pg_type.h"
#include "fmgr.h"

#include "base/wire_sql.h"
#include "history_scan_sql.h"

/*
 * Parameters
 */

static void
read_form(FunctionCallInfo fcinfo, csm_history_scan *scan)
{
	int count;

	scan->parameters = CSM_AMOUNT_ARGUMENT + (scan->rows.is_subscription ? 1 : 2);
	count = PG_NARGS() - scan->parameters;
	scan->has_step = count >= 3;
	scan->has_span = count >= 4;
}

static void
read_parameters(FunctionCallInfo fcinfo, csm_history_scan *scan)
{
	int i = scan->parameters;

	if (!scan->rows.is_subscription)
		scan->every = csm_unit_argument(fcinfo, i - 1, "every");
	if (scan->has_step)
		scan->step = csm_step_argument(fcinfo, i++, "step");
	if (scan->has_span)
		scan->span = csm_step_argument(fcinfo, i++, "span");
	scan->from = csm_date_argument(fcinfo, i++, "from_date");
	scan->to = csm_date_argument(fcinfo, i, "to_date");
}

/* Parameters must not vary between rows. */
static pg_noinline void
check_parameters(FunctionCallInfo fcinfo, const csm_history_scan *scan)
{
	csm_history_scan now = *scan;

	read_parameters(fcinfo, &now);
	csm_check_same_step(scan->every, now.every, "every");
	csm_check_same_step(scan->step, now.step, "step");
	csm_check_same_step(scan->span, now.span, "span");
	csm_check_same_date(scan->from, now.from, "from_date");
	csm_check_same_date(scan->to, now.to, "to_date");
}

/*
 * Transitions
 */

static csm_history_scan *
make_scan(FunctionCallInfo fcinfo, csm_key_kind keys, bool is_subscription)
{
	csm_history_scan *scan =
		MemoryContextAllocZero(csm_aggregate_context(fcinfo), sizeof(csm_history_scan));

	scan->rows.is_subscription = is_subscription;
	read_form(fcinfo, scan);
	read_parameters(fcinfo, scan);
	if (scan->has_step)
		(void) csm_count_intervals(scan->from, scan->to, scan->step);
	else
	{
		csm_check_bounds(scan->from, scan->to);
		if (is_subscription)
			csm_note_left_out_end(scan->from, scan->to);
	}
	if (scan->has_span)
		csm_note_step_beyond_span(scan->from, scan->step, scan->span);
	scan->is_constant = csm_has_constant_arguments(fcinfo, CSM_AMOUNT_ARGUMENT + 1);
	csm_rows_init(&scan->rows, fcinfo, keys, is_subscription);
	csm_rows_set_every(&scan->rows, scan->every, &scan->from);
	scan->rows.last_unit =
		is_subscription ? scan->to - 1 : csm_rows_unit_of(&scan->rows, scan->to - 1);
	return scan;
}

static inline csm_history_scan *
scan_argument(FunctionCallInfo fcinfo, csm_key_kind keys, bool is_subscription)
{
	csm_history_scan *scan;

	if (unlikely(PG_ARGISNULL(CSM_STATE_ARGUMENT)))
		return make_scan(fcinfo, keys, is_subscription);
	scan = (csm_history_scan *) PG_GETARG_POINTER(CSM_STATE_ARGUMENT);
	if (unlikely(!scan->is_constant))
		check_parameters(fcinfo, scan);
	return scan;
}

static pg_attribute_always_inline Datum
add_subscription(FunctionCallInfo fcinfo, csm_key_kind keys)
{
	csm_range_copy copy;
	const RangeType *range = csm_rows_range(fcinfo, &copy);
	csm_history_scan *scan;

	if (range == NULL)
	{
		fcinfo->isnull = PG_ARGISNULL(CSM_STATE_ARGUMENT);
		return PG_GETARG_DATUM(CSM_STATE_ARGUMENT);
	}
	scan = scan_argument(fcinfo, keys, true);
	csm_rows_add_subscription(fcinfo, &scan->rows, keys, range);
	PG_RETURN_POINTER(scan);
}

static pg_attribute_always_inline Datum
add_snapshot(FunctionCallInfo fcinfo, csm_key_kind keys)
{
	csm_history_scan *scan = scan_argument(fcinfo, keys, false);

	csm_rows_add_snapshot(fcinfo, &scan->rows, keys);
	PG_RETURN_POINTER(scan);
}

#define TRANSITION(name, add, keys) \
	PG_FUNCTION_INFO_V1(name);      \
	Datum name(PG_FUNCTION_ARGS)    \
	{                               \
		return add(fcinfo, keys);   \
	}

TRANSITION(csm_history_scan_subscription_bigint, add_subscription, CSM_BIGINT_KEYS)
TRANSITION(csm_history_scan_subscription_text, add_subscription, CSM_TEXT_KEYS)
TRANSITION(csm_history_scan_subscription_uuid, add_subscription, CSM_UUID_KEYS)
TRANSITION(csm_history_scan_snapshot_bigint, add_snapshot, CSM_BIGINT_KEYS)
TRANSITION(csm_history_scan_snapshot_text, add_snapshot, CSM_TEXT_KEYS)
TRANSITION(csm_history_scan_snapshot_uuid, add_snapshot, CSM_UUID_KEYS)

/*
 * Results
 */

/* The argument of a final function. */
csm_history_scan *
csm_history_scan_argument(FunctionCallInfo fcinfo)
{
	csm_history_scan *scan = (csm_history_scan *) PG_GETARG_POINTER(CSM_STATE_ARGUMENT);

	csm_scan_check_unused(scan->rows.scan);
	return scan;
}

typedef struct one_history
{
	const csm_history_scan *scan;
	csm_history_taker take;
	void *caller;
	const csm_key *key;
} one_history;

static int32
unit_start(void *caller, int32 unit)
{
	const csm_raw_rows *rows = &((const one_history *) caller)->scan->rows;

	return rows->is_subscription ? unit : csm_rows_unit_start(rows, unit);
}

static void
say_whose_history(void *argument)
{
	const one_history *one = argument;

	errcontext("rows of account %s", csm_key_to_text(one->scan->rows.keys, one->key));
}

static void
take_history(void *caller, const csm_key *key, const csm_history *history)
{
	one_history *one = caller;
	ErrorContextCallback callback = {error_context_stack, say_whose_history, one};

	one->key = key;
	error_context_stack = &callback;
	one->take(one->caller, history);
	error_context_stack = callback.previous;
}

/* Hands over the history of each account that has an amount. */
void
csm_history_scan_finish(csm_history_scan *scan, csm_history_taker take, void *caller)
{
	static const char no_currency[CSM_CURRENCY_SIZE] = {0};
	one_history one = {scan, take, caller, NULL};
	csm_history_consumer consumer;

	csm_history_consumer_init(&consumer, no_currency, unit_start, take_history, &one);
	csm_scan_finish(scan->rows.scan, &consumer.base);
	pfree(consumer.history);
}
