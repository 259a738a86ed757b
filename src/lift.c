/*
 * lift.c
 *		Touched and untouched accounts by stratum; lift.h says what is kept of them.
 */
#include "base/port.h"

#include "lift.h"

StaticAssertDecl(sizeof(csm_stratum) ==
					 6 * sizeof(int128) + 8 * sizeof(csm_uint256) + 2 * sizeof(int64),
				 "csm_stratum is laid out as the sums of an entry");
StaticAssertDecl(sizeof(csm_stratum) <= CSM_TALLY_MAX_SUMS, "csm_stratum fits a tally");

/* Adds an account; the base is not negative.  A length of -1 is no stratum. */
void
csm_lift_add(csm_tally **lift, const char *stratum, int stratum_length, bool touched,
			 csm_decimal outcome, csm_decimal base)
{
	static const uint64 no_terms = 0;
	csm_stratum *s = csm_stratum_of(csm_tally_find(lift, stratum, stratum_length, &no_terms));
	csm_lift_amounts *amounts = &s->amounts[touched];
	csm_lift_products *products = &s->products[touched];
	int scale = Max(outcome.scale, base.scale);
	int128 y;
	int128 b;

	if (scale > (*lift)->scale)
		csm_tally_rescale(*lift, scale);
	y = csm_decimal_align(outcome, (*lift)->scale);
	b = csm_decimal_align(base, (*lift)->scale);
	amounts->base = csm_decimal_add(amounts->base, b);
	if (y > 0)
	{
		amounts->gained = csm_decimal_add(amounts->gained, y);
		csm_uint256_add_product(&products->base_gained, b, y);
	}
	else
	{
		y = -y;
		amounts->lost = csm_decimal_add(amounts->lost, y);
		csm_uint256_add_product(&products->base_lost, b, y);
	}
	csm_uint256_add_product(&products->base_squared, b, b);
	csm_uint256_add_product(&products->outcome_squared, y, y);
	csm_count_add(&s->accounts[touched], 1);
}

/*
 * Gained and lost add up to 38 digits at most.  No row and no merge looks at that, so that
 * it is an error in every plan or in none: both only grow.  The sum of squares has room
 * until then: it stays below 4 * 10^76.
 */
void
csm_lift_check_outcomes(const csm_tally *lift)
{
	for (csm_tally_entry *e = csm_tally_first(lift); e != NULL; e = csm_tally_next(lift, e))
	{
		const csm_lift_amounts *amounts = csm_stratum_of(e)->amounts;

		(void) csm_decimal_add(amounts[0].gained, amounts[0].lost);
		(void) csm_decimal_add(amounts[1].gained, amounts[1].lost);
	}
}

static const char *
problem_with_side(const csm_stratum *s, int side)
{
	const csm_lift_amounts *amounts = &s->amounts[side];
	const csm_lift_products *products = &s->products[side];
	int128 outcome;

	if (amounts->lost > CSM_DECIMAL_MAX - amounts->gained)
		return "amounts have too many digits";
	outcome = amounts->gained + amounts->lost;
	if (s->accounts[side] == 0 && (amounts->base != 0 || outcome != 0))
		return "there are amounts without accounts";
	if (!csm_uint256_is_within(&products->base_squared, amounts->base, amounts->base) ||
		!csm_uint256_is_within(&products->outcome_squared, outcome, outcome) ||
		!csm_uint256_is_within(&products->base_gained, amounts->base, amounts->gained) ||
		!csm_uint256_is_within(&products->base_lost, amounts->base, amounts->lost))
		return "sums of squares or products are too large for the amounts";
	if (!csm_uint256_is_square_sum(products->base_squared, amounts->base, s->accounts[side]) ||
		!csm_uint256_is_square_sum(products->outcome_squared, outcome, s->accounts[side]))
		return "sums of squares are too small for the amounts";
	return NULL;
}

/* Says what is wrong with a value that came from outside, NULL when nothing is. */
const char *
csm_lift_problem(const csm_tally *lift)
{
	const char *problem = csm_tally_problem(lift);

	/* the text form shows the scale in the amounts alone */
	if (problem == NULL && lift->entries == 0 && lift->scale > 0)
		problem = "there are decimal places without amounts";
	for (csm_tally_entry *e = csm_tally_first(lift); problem == NULL && e != NULL;
		 e = csm_tally_next(lift, e))
	{
		const csm_stratum *s = csm_stratum_of(e);

		if (s->accounts[0] == 0 && s->accounts[1] == 0)
			problem = "a stratum has no accounts";
		for (int side = 0; problem == NULL && side < 2; side++)
			problem = problem_with_side(s, side);
	}
	return problem;
}
