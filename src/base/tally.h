/*
 * tally.h
 *		A flat table of exact sums by key: what coverage_summary and lift_summary are.
 *
 * A key is a name, or none, and a few whole numbers, its terms.  Under each key are
 * amounts, sums of products, and counts; how many of each is the shape of the tally.
 * Amounts are never negative, so that sums only grow and no order of adding them up can
 * run past 38 digits where another does not.
 *
 * The value is a varlena without pointers: a header, an index, entries.
 *
 * - As the state of an aggregate it has an index, a table of places of entries by hash
 *   with open addressing, and spare room after the entries, which are in the order of
 *   their coming.  It grows by doubling.
 * - At rest it has no index and no spare room, entries are in the order of their keys and
 *   their hashes are 0.  An entry without sums is there only where its name has no other.
 *   Equal tallies at one scale have equal bytes.
 */
#ifndef CSM_TALLY_H
#define CSM_TALLY_H

#include "base/decimal.h"
#include "base/wire.h"

/* palloc gives no more */
#define CSM_TALLY_MAX_SIZE ((Size) 0x3FFFFFFF)

/* bytes of the sums under a key, in any shape */
#define CSM_TALLY_MAX_SUMS 512

typedef struct csm_tally_shape
{
	uint8 amounts;
	uint8 products;
	uint8 counts;
	uint8 terms;
} csm_tally_shape;

typedef struct csm_tally
{
	int32 vl_len_;
	uint8 version;
	uint8 scale; /* of the amounts; products have twice that */
	uint16 seed; /* of the index; 0 at rest */
	csm_tally_shape shape;
	uint32 entries;
	uint32 slots; /* of the index, a power of two; 0 at rest */
	uint32 used;  /* bytes up to the end of the last entry */
} csm_tally;

typedef struct csm_tally_entry
{
	uint32 hash;
	int32 name_length; /* -1 without a name */
	/* amounts, products, counts, terms, the name, zeros up to a multiple of 8 bytes */
	char sums[FLEXIBLE_ARRAY_MEMBER];
} csm_tally_entry;

extern csm_tally *csm_tally_new(uint8 version, csm_tally_shape shape);
extern csm_tally *csm_tally_as_state(const csm_tally *tally);
extern csm_tally *csm_tally_at_rest(const csm_tally *tally);
extern csm_tally *csm_tally_without_names(const csm_tally *tally);
extern csm_tally_entry *
csm_tally_find(csm_tally **tally, const char *name, int32 name_length, const uint64 *terms);
extern void csm_tally_rescale(csm_tally *tally, int scale);
extern int128 csm_tally_align(csm_tally *tally, csm_decimal amount);
extern bool csm_tally_try_align(csm_tally *tally, csm_decimal amount, int128 *coefficient);
extern void csm_tally_merge(csm_tally **into, const csm_tally *from);
extern csm_tally *csm_tally_normalize(const csm_tally *tally);
extern int csm_tally_compare(const csm_tally *a, const csm_tally *b);
extern const char *csm_tally_problem(const csm_tally *tally);

extern csm_tally_entry *csm_tally_next(const csm_tally *tally, const csm_tally_entry *entry);
extern bool
csm_tally_same_name(const csm_tally *tally, const csm_tally_entry *a, const csm_tally_entry *b);

static inline csm_tally_entry *
csm_tally_first(const csm_tally *tally)
{
	return csm_tally_next(tally, NULL);
}

static inline int128 *
csm_tally_amounts(csm_tally_entry *entry)
{
	return (int128 *) entry->sums;
}

static inline csm_uint256 *
csm_tally_products(csm_tally_shape shape, csm_tally_entry *entry)
{
	return (csm_uint256 *) (csm_tally_amounts(entry) + shape.amounts);
}

static inline int64 *
csm_tally_counts(csm_tally_shape shape, csm_tally_entry *entry)
{
	return (int64 *) (csm_tally_products(shape, entry) + shape.products);
}

static inline uint64 *
csm_tally_terms(csm_tally_shape shape, const csm_tally_entry *entry)
{
	return (uint64 *) (csm_tally_counts(shape, (csm_tally_entry *) entry) + shape.counts);
}

static inline const char *
csm_tally_name(csm_tally_shape shape, const csm_tally_entry *entry)
{
	return (const char *) (csm_tally_terms(shape, entry) + shape.terms);
}

static inline bool
csm_tally_has_name(const csm_tally_entry *entry)
{
	return entry->name_length >= 0;
}

#endif /* CSM_TALLY_H */
