/*
 * history.h
 *		One account's amount through time: a right-continuous step function of the day.
 *
 * A revenue_history lists the days on which the amount changes and the amount from that
 * day on; before the first of them it is 0, after the last it stays as it is.  Amounts are
 * coefficients at the one scale of the value, the largest display scale of any amount
 * that went into it, and may be negative.
 *
 * The type is also the state of its aggregates.  A state may have spare room, zeroed, and
 * after its steps a tail of single changes in no order.  A change on the last day or
 * later goes straight into the steps, any other one into the tail; a full tail is sorted
 * and merged into the steps, and where that frees less than half of the room the room
 * doubles.  So n changes take O(n log n) in any order, and a state is at most four times
 * as large as what it has to hold.
 *
 * Invariants (csm_history_problem checks those of a value at rest):
 * - days ascend, and each amount differs from the one before it, the first one from 0;
 * - amounts stay within 38 digits;
 * - at rest there is no tail and no spare room.  Such a value is unique but for its scale
 *   and for "every".
 *
 * "every" and its phase travel with the states of one aggregate, which must agree on them.
 * They are no part of the value: nothing else looks at them, and nothing that is made of a value
 *has them.
 */
#ifndef CSM_HISTORY_H
#define CSM_HISTORY_H

#include "base/calendar.h"
#include "base/decimal.h"
#include "base/wire.h"

#define CSM_HISTORY_VERSION 1

/* What fits a gigabyte. */
#define CSM_HISTORY_STEPS_MAX 40000000

typedef struct csm_history_step
{
	int128 amount; /* from that day on; in the tail, the change on that day */
	int32 day;
	int32 unused;
} csm_history_step;

typedef struct csm_history
{
	int32 vl_len_;
	uint8 version;
	uint8 scale;
	uint16 phase;   /* of the units of the rows (calendar.h); only in a state, as "every" */
	int32 count;    /* steps */
	int32 tail;     /* changes after them; only in a state */
	csm_step every; /* calendar unit of the rows; only in a state, no part of the value */
	char currency[CSM_CURRENCY_SIZE]; /* zero-padded; all zero without a code */
	csm_history_step steps[FLEXIBLE_ARRAY_MEMBER];
} csm_history;

#define CSM_HISTORY_SIZE(room) (offsetof(csm_history, steps) + (room) * sizeof(csm_history_step))

/* bytes of the binary form */
#define CSM_HISTORY_BINARY_SIZE(count) (2 + 2 * 4 + CSM_CURRENCY_SIZE + 4 + (count) * (4 + 16))

/* The binary form of a state whose rows have a phase has two bytes for it after "every". */
#define CSM_HISTORY_PHASE_VERSION 2
#define CSM_HISTORY_PHASE_SIZE    2

/* Where in a history a walk over ascending days is. */
typedef struct csm_history_walk
{
	const csm_history *history;
	int next; /* the first step after the day that was asked last */
} csm_history_walk;

/* Building; what changes a state returns it, or a larger one. */
extern csm_history *csm_history_new(int room);
extern csm_history *csm_history_copy(const csm_history *h, int room);
extern csm_history *csm_history_plain_copy(const csm_history *h);
extern csm_history *csm_history_change(csm_history *h, int32 day, csm_decimal change);
extern csm_history *
csm_history_add_stretch(csm_history *h, int32 from, int32 to, csm_decimal amount);
extern void csm_history_origin_error(void) pg_attribute_noreturn();
extern void csm_history_check_every(const csm_history *a, const csm_history *b);
extern csm_history *csm_history_add(csm_history *h, const csm_history *other, int sign);
extern const csm_history *csm_history_at_rest(const csm_history *h);
extern csm_history *csm_history_multiply(const csm_history *h, csm_decimal factor);
extern csm_history *csm_history_close_gaps(const csm_history *h, csm_step shorter_than);
extern csm_history *csm_history_without_negatives(const csm_history *h);
extern csm_history *csm_history_new_after(const csm_history *h, csm_step longer_than);

/* Asking; of values at rest. */
extern int32 csm_history_first_active(const csm_history *h);
extern int32 csm_history_last_active(const csm_history *h);
extern void
csm_history_negative_error(const csm_history *h, int32 day, int128 amount) pg_attribute_noreturn();
extern int csm_history_compare(const csm_history *a, const csm_history *b);
extern int csm_history_spare_places(const csm_history *h);

/* Wire */
extern const char *csm_history_problem(const csm_history *h);
extern void csm_history_write(csm_writer *writer, const csm_history *h);
extern csm_history *csm_history_read(csm_reader *reader, const char **problem);

/* The amount on a day; days must not descend during a walk. */
static inline int128
csm_history_amount(csm_history_walk *walk, int32 day)
{
	const csm_history *h = walk->history;

	while (walk->next < h->count && h->steps[walk->next].day <= day)
		walk->next++;
	return walk->next > 0 ? h->steps[walk->next - 1].amount : 0;
}

/* The amount on a day, where a figure is drawn from it: not negative. */
static inline int128
csm_history_figure(csm_history_walk *walk, int32 day)
{
	int128 amount = csm_history_amount(walk, day);

	if (unlikely(amount < 0))
		csm_history_negative_error(walk->history, day, amount);
	return amount;
}

/* The day on which the amount of step i ends; infinity when it does not. */
static inline int32
csm_history_step_end(const csm_history *h, int i)
{
	return i + 1 < h->count ? h->steps[i + 1].day : PG_INT32_MAX;
}

#endif /* CSM_HISTORY_H */
