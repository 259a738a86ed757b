/*
 * bridge_run.h
 *		A run of intervals being filled, account by account.
 *
 * Time is counted in units here: calendar units of snapshots, or days.  Boundary k of the
 * run comes after the unit csm_run_unit(k), the one that holds the day before it; an
 * account's amount at the boundary is its amount in that unit.  An account is led past
 * the boundaries in their order by a cursor.  As long as its amount stays the same, the
 * cursor just moves on; when it changes, the interval of the change gets its share, and
 * the intervals before it, those of the stretch that has ended, get theirs.
 *
 * A stretch that covers many intervals costs each of them no more than a look at its list
 * of largest accounts: what unchanged accounts add to the sums is kept as differences
 * from interval to interval, and added up in the end.
 *
 * The intervals lie one after the other, each a summary with room for its ten largest
 * accounts.  A run that grows allocates them; another one is a view of what lies in a flat
 * state (bridge.h).
 */
#ifndef CSM_BRIDGE_RUN_H
#define CSM_BRIDGE_RUN_H

#include "base/calendar.h"
#include "retention.h"

/* Unchanged accounts that begin in an interval, less those that end before it. */
typedef struct csm_unchanged
{
	int128 total;
	int64 accounts;
	csm_uint256 begun_squared;
	csm_uint256 ended_squared;
} csm_unchanged;

typedef struct csm_bridge_run
{
	MemoryContext context;
	int32 first_unit; /* of boundary 0 */
	int32 multiple;   /* units between boundaries, 0 where units[] tells */
	int32 *units;     /* of the boundaries, where they are not evenly spaced */
	uint64 per_unit;  /* boundaries; csm_days_per_day */
	int count;        /* intervals, one less than boundaries */
	int scale;
	int room;                 /* of intervals */
	char *intervals;          /* states, each of CSM_RETENTION_STATE_SIZE */
	csm_unchanged *unchanged; /* room + 1 of them */
	int64 *listed;            /* no smaller unchanged amount is among the largest */
} csm_bridge_run;

/* Where an account has got to. */
typedef struct csm_bridge_cursor
{
	int next;       /* the boundary that comes next; count + 1 after the last one */
	int since;      /* the first boundary of the stretch that ends before it */
	int128 base;    /* the amount at the boundaries of the stretch */
	bool is_known;  /* positive at that boundary or before it */
	bool is_inside; /* positive since that boundary */
} csm_bridge_cursor;

extern void csm_run_init_even(csm_bridge_run *run, MemoryContext context, int32 first_unit,
							  int32 multiple, int count, int scale);
extern void csm_run_init_days(csm_bridge_run *run, MemoryContext context, int32 from, csm_step step,
							  int count, int scale);
extern int csm_run_search(const csm_bridge_run *run, int64 unit);
extern void csm_run_make_room(csm_bridge_run *run, int k);
extern void csm_run_add_unchanged(csm_bridge_run *run, int from, int to, int128 amount);
extern void csm_run_add_up_unchanged(csm_bridge_run *run);
extern void csm_run_change(csm_bridge_run *run, csm_bridge_cursor *cursor, int128 amount);
extern void csm_run_end(csm_bridge_run *run, const csm_bridge_cursor *cursor);
extern void csm_run_merge(csm_bridge_run *into, csm_bridge_run *from);
extern void csm_run_rescale(csm_bridge_run *run, int scale);
extern void csm_run_finish(csm_bridge_run *run, int scale);
extern void csm_run_free(csm_bridge_run *run);

/* The unit before boundary k. */
static inline int32
csm_run_unit(const csm_bridge_run *run, int k)
{
	return run->multiple > 0 ? run->first_unit + k * run->multiple : run->units[k];
}

/* The first boundary in this unit or after it, count + 1 when there is none. */
static inline int
csm_run_boundary(const csm_bridge_run *run, int64 unit)
{
	int64 distance = unit - run->first_unit;

	if (distance <= 0)
		return 0;
	if (run->multiple == 1)
		return (int) Min(distance, (int64) run->count + 1);
	return csm_run_search(run, unit);
}

static inline csm_retention_summary *
csm_run_interval(csm_bridge_run *run, int k)
{
	if (unlikely(k >= run->room))
		csm_run_make_room(run, k);
	return (csm_retention_summary *) (run->intervals + (Size) k * CSM_RETENTION_STATE_SIZE);
}

/*
 * Leads an account past the boundaries up to "until", not included, at each of which it
 * has this amount, not negative.  The stretch may end before the next boundary.
 */
static inline void
csm_run_pass(csm_bridge_run *run, csm_bridge_cursor *cursor, int until, int128 amount)
{
	if (cursor->next >= until)
	{
		cursor->is_inside |= amount > 0;
		return;
	}
	if (amount != cursor->base)
		csm_run_change(run, cursor, amount);
	cursor->is_known |= cursor->is_inside || amount > 0;
	cursor->is_inside = false;
	cursor->next = until;
}

#endif /* CSM_BRIDGE_RUN_H */
