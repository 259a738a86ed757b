/*
 * ladder.h
 *		A flat table of exact sums by number: what survival_summary and health_summary are.
 *
 * The number, an age or a score, is the key of a rung: a coefficient at the one scale of
 * all keys.  A rung without a key, for what has no number, comes before all others.  On a
 * rung are counts, amounts and sums of squares of amounts; how many of each is the shape,
 * and a type has two of them, with amounts and without.  Nothing is negative but keys, so
 * that sums only grow and no order of adding them up can run past 38 digits where another
 * does not.
 *
 * The value is a varlena without pointers: a header, an index, rungs of equal size.
 *
 * - As the state of an aggregate it has an index, a table of numbers of rungs by hash with
 *   open addressing, three quarters of which may be taken, and room for as many rungs, which
 *   are in the order of their coming.  It grows by doubling.
 * - At rest it has no index and no spare room, and rungs are in the order of their keys.
 *   Equal ladders at the same scales have equal bytes.
 *
 * Invariants at rest (csm_ladder_problem checks them): keys ascend and have no more digits
 * than the type allows; every rung has a count that is not 0; all counts together stay
 * within 64 bits, all amounts of a column within 38 digits; sums of squares agree with them.
 */
#ifndef CSM_LADDER_H
#define CSM_LADDER_H

#include "base/calendar.h"
#include "base/decimal.h"

/* No ladder has more keys, that of the start and the missing one aside. */
#define CSM_LADDER_KEYS_MAX 1000000

/* The key of the rung without one, -10^38: below every number. */
#define CSM_LADDER_NO_KEY \
	(-((int128) UINT64CONST(10000000000000000000) * UINT64CONST(10000000000000000000)))

/* room for a copy of the sums on a rung, in any shape */
#define CSM_LADDER_MAX_SUMS 256

typedef struct csm_ladder_shape
{
	uint8 counts;
	uint8 amounts;
	uint8 squares; /* as many as amounts, or none */
	uint8 unused;
} csm_ladder_shape;

typedef struct csm_ladder
{
	int32 vl_len_;
	uint8 version;
	uint8 key_scale;
	uint8 scale; /* of the amounts; squares have twice that */
	uint8 unused;
	csm_ladder_shape shape;
	uint32 rungs;
	csm_step step; /* of the keys, where they are whole steps; else 0 */
	int32 from;    /* bounds of the rows of the aggregate; only in a state */
	int32 to;
	uint32 slots; /* of the index, a power of two; 0 at rest */
	uint32 seed;  /* of the index; 0 at rest */
} csm_ladder;

typedef struct csm_rung
{
	int128 key;
	char sums[FLEXIBLE_ARRAY_MEMBER]; /* amounts, squares, counts */
} csm_rung;

/* What tells one type of ladder from another. */
typedef struct csm_ladder_type
{
	const char *name;
	const char *key; /* what messages call a key */
	const char *keys;
	const char *amounts;      /* in the text form: are there amounts? */
	const char *amount_scale; /* and their scale */
	uint8 version;
	uint8 key_digits;
	int128 free_key; /* the one that does not count against the limit */
	bool has_step;
	bool has_rung_without_key;
	bool has_negative_keys;
	csm_ladder_shape shape;
	csm_ladder_shape shape_with_amounts;
	const char *(*problem)(const csm_ladder *ladder);
} csm_ladder_type;

extern csm_ladder *csm_ladder_new(const csm_ladder_type *type, bool has_amounts);
extern csm_ladder *csm_ladder_new_at_rest(const csm_ladder_type *type, bool has_amounts, int rungs);
extern csm_ladder *csm_ladder_as_state(const csm_ladder *ladder);
extern csm_ladder *csm_ladder_at_rest(const csm_ladder *ladder);
extern csm_rung *csm_ladder_find(csm_ladder **ladder, const csm_ladder_type *type, int128 key);
extern int128
csm_ladder_align_key(csm_ladder *ladder, const csm_ladder_type *type, csm_decimal key);
extern int128 csm_ladder_align(csm_ladder *ladder, csm_decimal amount);
extern void
csm_ladder_merge(csm_ladder **into, const csm_ladder_type *type, const csm_ladder *from);
extern csm_ladder *csm_ladder_normalize(const csm_ladder *ladder);
extern int csm_ladder_compare(const csm_ladder *a, const csm_ladder *b);
extern const char *csm_ladder_problem(const csm_ladder *ladder, const csm_ladder_type *type);

static inline bool
csm_ladder_has_amounts(const csm_ladder *ladder)
{
	return ladder->shape.amounts > 0;
}

static inline bool
csm_ladder_has_step(const csm_ladder *ladder)
{
	return ladder->step.months > 0 || ladder->step.days > 0;
}

static inline Size
csm_rung_size(csm_ladder_shape shape)
{
	return sizeof(int128) + shape.amounts * sizeof(int128) + shape.squares * sizeof(csm_uint256) +
		   shape.counts * sizeof(int64);
}

static inline uint32 *
csm_ladder_index(const csm_ladder *ladder)
{
	return (uint32 *) ((char *) ladder + sizeof(csm_ladder));
}

static inline csm_rung *
csm_ladder_rung(const csm_ladder *ladder, uint32 i)
{
	return (csm_rung *) ((char *) ladder + sizeof(csm_ladder) + ladder->slots * sizeof(uint32) +
						 i * csm_rung_size(ladder->shape));
}

static inline int128 *
csm_rung_amounts(const csm_rung *rung)
{
	return (int128 *) rung->sums;
}

static inline csm_uint256 *
csm_rung_squares(csm_ladder_shape shape, const csm_rung *rung)
{
	return (csm_uint256 *) (csm_rung_amounts(rung) + shape.amounts);
}

static inline int64 *
csm_rung_counts(csm_ladder_shape shape, const csm_rung *rung)
{
	return (int64 *) (csm_rung_squares(shape, rung) + shape.squares);
}

/* The slot where the search for a key starts, before it is cut to the size of the index. */
static inline uint32
csm_ladder_hash(const csm_ladder *ladder, int128 key)
{
	uint64 hash = (uint64) key + (uint64) (key >> 64) * UINT64CONST(0x9E3779B97F4A7C15);

	/* bits are mixed both ways, so that nobody can choose keys that collide without the seed */
	hash ^= (uint64) ladder->seed << 16 | ladder->seed;
	hash = (hash ^ hash >> 32) * UINT64CONST(0xD6E8FEB86659FD93);
	hash = (hash ^ hash >> 32) * UINT64CONST(0xD6E8FEB86659FD93);
	return (uint32) (hash ^ hash >> 32);
}

/* The rung of a key; NULL where there is none yet. */
static inline csm_rung *
csm_ladder_look_up(const csm_ladder *ladder, int128 key)
{
	const uint32 *index = csm_ladder_index(ladder);
	uint32 mask = ladder->slots - 1;

	for (uint32 slot = csm_ladder_hash(ladder, key) & mask; index[slot] != 0;
		 slot = (slot + 1) & mask)
	{
		csm_rung *rung = csm_ladder_rung(ladder, index[slot] - 1);

		if (likely(rung->key == key))
			return rung;
	}
	return NULL;
}

#endif /* CSM_LADDER_H */
