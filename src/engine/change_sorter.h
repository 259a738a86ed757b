/*
 * change_sorter.h
 *		Changes of accounts through time, taken in any order and given back sorted.
 *
 * A change says: from this unit of time on the amount of this account is higher by so
 * much, or: in this unit only.  Changes of one account in one unit add up, whatever their
 * order.  They are kept as 16 bytes each in one array that is sorted in place, by account
 * and then by unit; where the array cannot grow, changes that add up are
 * joined, and if that does not help the sorted array is written to a tape.  Sorted tapes
 * are merged by levels: as soon as there are as many of one level as can be read at a time,
 * they become one of the next.  This bounds memory whatever the rows are, be it a
 * million of one account, and no input makes it slower than sorting.
 *
 * An amount is a 64-bit integer at the scale of the moment.  A larger one is kept in two
 * parts, high * 2^64 + low with a signed low part, as two changes.  High and low parts are
 * added up apart from each other, so that no intermediate sum can overflow and the order
 * of the changes cannot be told from the result.
 *
 * Points are no changes: they do not add up.  They are sorted by key and then by amount, taken
 * as a number without a sign, and of equal ones one is enough.  They have one scale.
 */
#ifndef CSM_CHANGE_SORTER_H
#define CSM_CHANGE_SORTER_H

#include "base/decimal.h"
#include "engine/memory_budget.h"

/*
 * The sort key holds, from the top: 30 bits of the account's number, 32 of the unit
 * with its sign bit flipped, then two flags.
 */
#define CSM_CHANGE_ONCE       UINT64CONST(1) /* in this unit only */
#define CSM_CHANGE_HIGH       UINT64CONST(2) /* the high part of an amount */
#define CSM_CHANGE_FLAGS      UINT64CONST(3)
#define CSM_CHANGE_UNIT_SHIFT 2
#define CSM_CHANGE_SHIFT      34

typedef struct csm_change
{
	uint64 key;
	int64 amount;
} csm_change;

typedef struct csm_sorted_tape csm_sorted_tape;

typedef struct csm_change_sorter
{
	MemoryContext context;
	csm_memory_user *user;
	bool of_points;
	csm_change *changes;
	Size count;
	Size room;
	int scale; /* of the changes in memory; each tape has its own */
	int tape_count;
	int tape_room;
	csm_sorted_tape *tapes; /* the oldest and largest first */
} csm_change_sorter;

/* Called with changes in order of account and unit, at the scale of the sorter. */
typedef void (*csm_change_consumer)(void *consumer, const csm_change *changes, Size count);

extern void
csm_sorter_init(csm_change_sorter *sorter, MemoryContext context, csm_memory_user *user);
extern void csm_sorter_write_out(csm_change_sorter *sorter);
extern void csm_sorter_make_room(csm_change_sorter *sorter);
extern void csm_sorter_add_large(csm_change_sorter *sorter, uint64 key, int128 amount);
extern void csm_sorter_rescale(csm_change_sorter *sorter, int scale);
extern void csm_sorter_read(csm_change_sorter *sorter, csm_change_consumer consume, void *consumer);

static inline uint64
csm_change_key(uint32 account, int32 unit, uint64 flags)
{
	return (uint64) account << CSM_CHANGE_SHIFT |
		   (uint64) ((uint32) unit ^ 0x80000000) << CSM_CHANGE_UNIT_SHIFT | flags;
}

static inline uint32
csm_change_account(uint64 key)
{
	return (uint32) (key >> CSM_CHANGE_SHIFT);
}

static inline int32
csm_change_unit(uint64 key)
{
	return (int32) ((uint32) (key >> CSM_CHANGE_UNIT_SHIFT) ^ 0x80000000);
}

/* The order of two changes, or points. */
static inline bool
csm_change_precedes(const csm_change *a, const csm_change *b, bool of_points)
{
	return a->key != b->key ? a->key < b->key
							: of_points && (uint64) a->amount < (uint64) b->amount;
}

static inline bool
csm_fits_64_bits(int128 amount)
{
	return (int64) amount == amount;
}

static inline void
csm_sorter_add(csm_change_sorter *sorter, uint64 key, int64 amount)
{
	csm_change *change;

	if (unlikely(sorter->count == sorter->room))
		csm_sorter_make_room(sorter);
	change = &sorter->changes[sorter->count++];
	change->key = key;
	change->amount = amount;
}

/* Adds a change of any size. */
static inline void
csm_sorter_add_amount(csm_change_sorter *sorter, uint64 key, int128 amount)
{
	if (likely(csm_fits_64_bits(amount)))
		csm_sorter_add(sorter, key, (int64) amount);
	else
		csm_sorter_add_large(sorter, key, amount);
}

#endif /* CSM_CHANGE_SORTER_H */
