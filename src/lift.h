/*
 * lift.h
 *		What touching accounts moved, by stratum.
 *
 * lift_summary is a tally.  The name is the stratum, none for accounts without one.  On
 * each side, the untouched and the touched, it holds what the estimator and its variance
 * are drawn from: the sums of base and outcome, of their squares and of their product.
 * An outcome may be negative; positive and negative ones are summed apart, so that every
 * sum only grows.
 *
 * Invariants of a value at rest (csm_lift_problem checks them all):
 * - every stratum has an account;
 * - on each side, base and gained + lost stay within 38 digits;
 * - no sum of squares is larger than the square of the sum, nor smaller than that over the
 *   number of accounts; without accounts all sums are 0.
 */
#ifndef CSM_LIFT_H
#define CSM_LIFT_H

#include "base/tally.h"

#define CSM_LIFT_VERSION 1

typedef struct csm_lift_amounts
{
	int128 base;
	int128 gained; /* positive outcomes */
	int128 lost;   /* negative ones, without their sign */
} csm_lift_amounts;

typedef struct csm_lift_products
{
	csm_uint256 base_squared;
	csm_uint256 outcome_squared;
	csm_uint256 base_gained;
	csm_uint256 base_lost;
} csm_lift_products;

/* The sums of an entry; index 0 is the untouched side, 1 the touched one. */
typedef struct csm_stratum
{
	csm_lift_amounts amounts[2];
	csm_lift_products products[2];
	int64 accounts[2];
} csm_stratum;

#define CSM_LIFT_SHAPE                                       \
	{                                                        \
		.amounts = 6, .products = 8, .counts = 2, .terms = 0 \
	}

extern void csm_lift_add(csm_tally **lift, const char *stratum, int stratum_length, bool touched,
						 csm_decimal outcome, csm_decimal base);
extern void csm_lift_check_outcomes(const csm_tally *lift);
extern const char *csm_lift_problem(const csm_tally *lift);

static inline csm_stratum *
csm_stratum_of(csm_tally_entry *entry)
{
	return (csm_stratum *) entry->sums;
}

#endif /* CSM_LIFT_H */
