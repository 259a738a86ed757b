/*
 * bridge_run.c
 *		A run of intervals being filled; bridge_run.h says how.
 */
#include "base/port.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "bridge_run.h"

/* Boundaries every so many units. */
void
csm_run_init_even(csm_bridge_run *run, MemoryContext context, int32 first_unit, int32 multiple,
				  int count, int scale)
{
	memset(run, 0, sizeof(*run));
	run->context = context;
	run->first_unit = first_unit;
	run->multiple = multiple;
	run->count = count;
	run->scale = scale;
}

/* Units are days, and boundaries on the calendar. */
void
csm_run_init_days(csm_bridge_run *run, MemoryContext context, int32 from, csm_step step, int count,
				  int scale)
{
	csm_run_init_even(run, context, from - 1, step.days, count, scale);
	if (step.days > 0)
		return;
	run->units = MemoryContextAlloc(context, sizeof(int32) * (count + 1));
	for (int k = 0; k <= count; k++)
		run->units[k] = csm_step_from(from, step, k) - 1;
	run->per_unit = csm_days_per_day(run->units, count + 1);
}

/* csm_run_boundary for a unit after the first boundary. */
int
csm_run_search(const csm_bridge_run *run, int64 unit)
{
	if (run->multiple > 0)
		return (int) Min((unit - run->first_unit + run->multiple - 1) / run->multiple,
						 (int64) run->count + 1);
	return csm_first_after(run->units, run->count + 1, run->per_unit, unit - 1);
}

/* Takes what there is, or nothing, to a larger room; what is new is zero. */
static void *
grow_array(csm_bridge_run *run, void *array, Size old_size, Size size)
{
	array = array == NULL ? MemoryContextAllocHuge(run->context, size) : repalloc_huge(array, size);
	memset((char *) array + old_size, 0, size - old_size);
	return array;
}

/* Makes room for interval k and some more. */
void
csm_run_make_room(csm_bridge_run *run, int k)
{
	int old = run->room;
	int room = Min(Max(2 * old, k + 4), Max(run->count, k + 1));

	run->intervals = grow_array(run, run->intervals, (Size) old * CSM_RETENTION_STATE_SIZE,
								(Size) room * CSM_RETENTION_STATE_SIZE);
	run->unchanged =
		grow_array(run, run->unchanged, old == 0 ? 0 : sizeof(csm_unchanged) * (old + 1),
				   sizeof(csm_unchanged) * (room + 1));
	run->listed = grow_array(run, run->listed, sizeof(int64) * old, sizeof(int64) * room);
	run->room = room;
	for (k = old; k < room; k++)
		csm_retention_init(csm_run_interval(run, k), run->scale);
}

/* Differences of small amounts cannot wrap; larger ones are added and checked one by one. */
static void
add_large_unchanged(csm_bridge_run *run, int from, int to, int128 amount)
{
	for (int k = from; k < to; k++)
	{
		CHECK_FOR_INTERRUPTS();
		csm_retention_add_account(csm_run_interval(run, k), amount, amount, true);
	}
}

static void
list_unchanged(csm_bridge_run *run, int k, int64 amount)
{
	csm_retention_summary *r = csm_run_interval(run, k);

	const csm_account_amounts *last = &r->largest[CSM_LARGEST - 1];

	if (csm_retention_lists(r, amount))
		csm_retention_list(r, amount, amount);
	/* an amount that is listed ten times already is not looked at again */
	if (r->largest_count == CSM_LARGEST)
		run->listed[k] =
			(int64) Min(last->starting + (last->ending >= last->starting), PG_INT64_MAX);
}

/* An account has the same amount at both ends of the intervals from .. to - 1. */
void
csm_run_add_unchanged(csm_bridge_run *run, int from, int to, int128 amount)
{
	csm_unchanged *unchanged;

	if (amount == 0 || from >= to)
		return;
	if (unlikely((int64) amount != amount))
	{
		add_large_unchanged(run, from, to, amount);
		return;
	}
	if (to > run->room)
		csm_run_make_room(run, to - 1);
	for (int k = from; k < to; k++)
	{
		if (unlikely(amount >= run->listed[k]))
			list_unchanged(run, k, (int64) amount);
		if ((k & 0xFFF) == 0)
			CHECK_FOR_INTERRUPTS();
	}
	unchanged = run->unchanged;
	unchanged[from].accounts++;
	unchanged[to].accounts--;
	unchanged[from].total += amount;
	unchanged[to].total -= amount;
	csm_uint256_add_small_product(&unchanged[from].begun_squared, amount, amount);
	csm_uint256_add_small_product(&unchanged[to].ended_squared, amount, amount);
}

/* The account has another amount at the boundary that comes next. */
void
csm_run_change(csm_bridge_run *run, csm_bridge_cursor *cursor, int128 amount)
{
	int k = cursor->next;

	csm_run_add_unchanged(run, cursor->since, k - 1, cursor->base);
	if (k > 0)
		csm_retention_add_account(csm_run_interval(run, k - 1), cursor->base, amount,
								  cursor->is_known);
	cursor->base = amount;
	cursor->since = k;
}

/* The account's amount does not change any more up to the boundary that comes next. */
void
csm_run_end(csm_bridge_run *run, const csm_bridge_cursor *cursor)
{
	csm_run_add_unchanged(run, cursor->since, cursor->next - 1, cursor->base);
}

static void
subtract(csm_uint256 *sum, const csm_uint256 *subtrahend)
{
	csm_uint256 negated = {
		{~subtrahend->limb[0], ~subtrahend->limb[1], ~subtrahend->limb[2], ~subtrahend->limb[3]}};
	csm_uint256 one = {{1, 0, 0, 0}};

	csm_uint256_wrap(sum, &negated);
	csm_uint256_wrap(sum, &one);
}

/* Adds unchanged accounts to the intervals and forgets them. */
void
csm_run_add_up_unchanged(csm_bridge_run *run)
{
	csm_unchanged sum;

	memset(&sum, 0, sizeof(sum));
	for (int k = 0; k < run->room; k++)
	{
		sum.accounts += run->unchanged[k].accounts;
		sum.total += run->unchanged[k].total;
		csm_uint256_add(&sum.begun_squared, &run->unchanged[k].begun_squared);
		subtract(&sum.begun_squared, &run->unchanged[k].ended_squared);
		if (sum.accounts > 0)
			csm_retention_add_unchanged(csm_run_interval(run, k), sum.accounts, sum.total,
										&sum.begun_squared);
	}
	if (run->room > 0)
		memset(run->unchanged, 0, sizeof(csm_unchanged) * (run->room + 1));
}

/* Adds the intervals of a part of the accounts. */
void
csm_run_merge(csm_bridge_run *into, csm_bridge_run *from)
{
	csm_run_add_up_unchanged(from);
	for (int k = 0; k < Min(from->room, into->count); k++)
		csm_retention_merge(csm_run_interval(into, k), csm_run_interval(from, k));
}

void
csm_run_rescale(csm_bridge_run *run, int scale)
{
	csm_run_add_up_unchanged(run);
	for (int k = 0; k < run->room; k++)
		csm_retention_rescale(csm_run_interval(run, k), scale);
	run->scale = scale;
}

/* All accounts are in: completes the intervals, at the scale they are to be shown at. */
void
csm_run_finish(csm_bridge_run *run, int scale)
{
	csm_run_add_up_unchanged(run);
	for (int k = 0; k < run->count; k++)
		csm_retention_rescale(csm_run_interval(run, k), scale);
	run->scale = scale;
}

/* Frees the intervals; the boundaries stay. */
void
csm_run_free(csm_bridge_run *run)
{
	if (run->room > 0)
	{
		pfree(run->intervals);
		pfree(run->unchanged);
		pfree(run->listed);
	}
	run->intervals = NULL;
	run->unchanged = NULL;
	run->listed = NULL;
	run->room = 0;
}
