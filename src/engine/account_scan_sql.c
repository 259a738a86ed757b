/*
 * account_scan_sql.c
 *		Aggregates over raw rows, as SQL sees them; account_scan_sql.h says more.
 */
#include "base/port.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/primnodes.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "base/calendar_sql.h"
#include "base/wire_sql.h"
#include "engine/account_scan_sql.h"

/* Room for the name of a key in a message. */
#define KEY_TEXT_MAX 80

/*
 * The budget of all states that a transition function makes.  It may be remembered with
 * the function, because one process sees all rows.
 */
static csm_memory_budget *
budget_of(FmgrInfo *transition)
{
	/* the rest is for what malloc() leaves unused, and for the result */
	if (transition->fn_extra == NULL)
		transition->fn_extra = csm_budget_new(transition->fn_mcxt, get_hash_memory_limit() / 6 * 5);
	return transition->fn_extra;
}

/* The state goes away, used up or not. */
static void
leave_budget(Datum argument)
{
	csm_account_scan *scan = (csm_account_scan *) DatumGetPointer(argument);

	csm_budget_leave(&scan->user);
}

csm_account_scan *
csm_scan_for_aggregate(FunctionCallInfo fcinfo, csm_key_kind keys, csm_row_kind kind)
{
	MemoryContext context = csm_aggregate_context(fcinfo);
	csm_account_scan *scan = csm_scan_new(context, budget_of(fcinfo->flinfo), keys, kind);

	AggRegisterCallback(fcinfo, leave_budget, PointerGetDatum(scan));
	return scan;
}

/* An aggregate of somebody else may call a final function twice. */
void
csm_scan_check_unused(const csm_account_scan *scan)
{
	if (scan->user.budget == NULL)
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("the state of an aggregate over raw rows can be used once only"),
						errhint("Declare the aggregate with FINALFUNC_MODIFY = READ_WRITE.")));
}

/* Most parameters are constants of the query, which spares a look at them with each row. */
bool
csm_has_constant_arguments(FunctionCallInfo fcinfo, int first)
{
	const Aggref *aggregate = AggGetAggref(fcinfo);
	int i = 1;
	ListCell *cell;

	if (aggregate == NULL)
		return false;
	foreach (cell, aggregate->args)
	{
		const TargetEntry *entry = lfirst_node(TargetEntry, cell);

		if (i >= first && !entry->resjunk && !IsA(entry->expr, Const))
			return false;
		i++;
	}
	return true;
}

/* Is one argument of the transition function, if it is there, a constant of the query? */
bool
csm_has_constant_argument(FunctionCallInfo fcinfo, int number)
{
	const Aggref *aggregate = AggGetAggref(fcinfo);
	const TargetEntry *entry;

	if (number >= PG_NARGS())
		return true;
	if (aggregate == NULL || list_length(aggregate->args) < number)
		return false;
	entry = list_nth_node(TargetEntry, aggregate->args, number - 1);
	return IsA(entry->expr, Const);
}

bool
csm_is_same_interval(const NullableDatum *argument, csm_step step)
{
	const Interval *interval = DatumGetIntervalP(argument->value);

	return !argument->isnull && interval->month == step.months && interval->day == step.days &&
		   interval->time == 0;
}

char *
csm_key_to_text(csm_key_kind kind, const csm_key *key)
{
	switch (kind)
	{
		case CSM_BIGINT_KEYS:
			return psprintf("%lld", (long long) key->words[0]);
		case CSM_UUID_KEYS:
			return DatumGetCString(DirectFunctionCall1(uuid_out, PointerGetDatum(key->words)));
		default:
			return pnstrdup(csm_key_bytes(key),
							pg_mbcliplen(csm_key_bytes(key), csm_key_size(key), KEY_TEXT_MAX));
	}
}

void
csm_account_null_error(void)
{
	ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					errmsg("the argument \"account\" must not be NULL"),
					errhint("Leave such rows out, as in FILTER (WHERE account IS NOT NULL).")));
}
