/*
 * coverage.h
 *		Managers, their books and what they have room for.
 *
 * coverage_summary is a tally.  The name is the manager, none for accounts without one;
 * the terms are the capacities that the accounts under it were given, so that each
 * account counts with its own.  The load of an account is the larger of
 * amount / amount capacity and 1 / account capacity.  Which one it is can be told at
 * once, and so the load of a book is one sum of amounts and one count for each pair of
 * capacities, and divisions come last.
 *
 * Invariants (csm_coverage_problem checks them all):
 * - accounts without an amount are no customers; a manager who has no other is an entry
 *   without sums and without capacities;
 * - arr_bound <= arr, accounts_bound <= accounts; without capacities both are 0, with one
 *   capacity the other is 0 and this one complete;
 * - what all entries add up to stays within 38 digits.
 */
#ifndef CSM_COVERAGE_H
#define CSM_COVERAGE_H

#include "base/tally.h"

#define CSM_COVERAGE_VERSION 1

/* Room for 0 is no limit. */
typedef struct csm_capacities
{
	uint64 arr_high; /* coefficient, without trailing zeros */
	uint64 arr_low;
	uint64 arr_scale;
	uint64 accounts;
} csm_capacities;

/* The sums and terms of an entry. */
typedef struct csm_book
{
	int128 arr;
	int128 arr_bound;     /* of the accounts whose load comes from their amount */
	int64 accounts;       /* that have an amount */
	int64 accounts_bound; /* whose load comes from their number */
	csm_capacities capacities;
} csm_book;

#define CSM_COVERAGE_SHAPE                                   \
	{                                                        \
		.amounts = 2, .products = 0, .counts = 2, .terms = 4 \
	}

typedef struct csm_coverage_totals
{
	int128 arr;
	int128 unassigned_arr;
	int64 accounts;
	int64 unassigned_accounts;
	int64 csms;
	bool has_capacities;
} csm_coverage_totals;

extern csm_capacities csm_capacities_of(csm_decimal arr, int64 accounts);
extern void csm_coverage_add(csm_tally **coverage, const char *csm, int csm_length, csm_decimal arr,
							 csm_capacities capacities);
extern csm_coverage_totals csm_coverage_total(const csm_tally *coverage);
extern const char *csm_coverage_problem(const csm_tally *coverage);

static inline csm_book *
csm_book_of(csm_tally_entry *entry)
{
	return (csm_book *) entry->sums;
}

static inline csm_decimal
csm_arr_capacity(const csm_capacities *capacities)
{
	csm_decimal arr;

	arr.coefficient = (int128) (((csm_uint128) capacities->arr_high << 64) | capacities->arr_low);
	arr.scale = (int) capacities->arr_scale;
	return arr;
}

static inline bool
csm_has_arr_capacity(const csm_capacities *capacities)
{
	return (capacities->arr_high | capacities->arr_low) != 0;
}

static inline bool
csm_has_capacity(const csm_capacities *capacities)
{
	return csm_has_arr_capacity(capacities) || capacities->accounts != 0;
}

#endif /* CSM_COVERAGE_H */
