/*
 * coverage.c
 *		Books of managers; coverage.h says what they hold.
 */
#include "base/port.h"

#include "coverage.h"

StaticAssertDecl(sizeof(csm_book) == 2 * sizeof(int128) + 2 * sizeof(int64) + 4 * sizeof(uint64),
				 "csm_book is laid out as the sums of an entry");

/* Neither capacity is negative; 0 is no limit. */
csm_capacities
csm_capacities_of(csm_decimal arr, int64 accounts)
{
	csm_decimal capacity = csm_decimal_trim(arr);
	csm_capacities capacities;

	capacities.arr_high = (uint64) ((csm_uint128) capacity.coefficient >> 64);
	capacities.arr_low = (uint64) capacity.coefficient;
	capacities.arr_scale = capacity.scale;
	capacities.accounts = accounts;
	return capacities;
}

/*
 * Does the load of an account come from its amount rather than from its number?  That is
 * amount / amount capacity >= 1 / account capacity, without dividing.
 */
static bool
is_bound_by_arr(csm_decimal arr, const csm_capacities *capacities)
{
	csm_decimal capacity = csm_arr_capacity(capacities);
	int scale = Max(arr.scale, capacity.scale);
	int128 aligned;
	csm_uint256 product;
	csm_uint256 limit;

	if (capacities->accounts == 0 || !csm_has_arr_capacity(capacities))
		return csm_has_arr_capacity(capacities);
	/* an amount that does not fit the capacity's scale is larger than any that does */
	if (!csm_decimal_try_align(arr, scale, &aligned))
		return true;
	product = csm_uint256_product(aligned, (int64) capacities->accounts);
	limit = csm_uint256_product(capacity.coefficient, csm_power_of_ten[scale - capacity.scale]);
	return csm_uint256_compare(&product, &limit) >= 0;
}

/*
 * Adds an account of a manager; a length of -1 is none.  An account without an amount
 * leaves no more than the manager's name.
 */
void
csm_coverage_add(csm_tally **coverage, const char *csm, int csm_length, csm_decimal arr,
				 csm_capacities capacities)
{
	static const csm_capacities no_capacities = {0, 0, 0, 0};
	int128 coefficient = csm_tally_align(*coverage, arr);
	csm_book *book;

	if (coefficient == 0)
	{
		if (csm_length >= 0)
			(void) csm_tally_find(coverage, csm, csm_length, (const uint64 *) &no_capacities);
		return;
	}
	book = csm_book_of(csm_tally_find(coverage, csm, csm_length, (const uint64 *) &capacities));
	book->arr = csm_decimal_add(book->arr, coefficient);
	csm_count_add(&book->accounts, 1);
	if (is_bound_by_arr(arr, &capacities))
		book->arr_bound += coefficient;
	else if (capacities.accounts != 0)
		csm_count_add(&book->accounts_bound, 1);
}

/* Of a value at rest; more than 38 digits in all are an error. */
csm_coverage_totals
csm_coverage_total(const csm_tally *coverage)
{
	csm_coverage_totals total;
	csm_tally_entry *before = NULL;

	memset(&total, 0, sizeof(total));
	for (csm_tally_entry *e = csm_tally_first(coverage); e != NULL;
		 before = e, e = csm_tally_next(coverage, e))
	{
		const csm_book *book = csm_book_of(e);

		total.arr = csm_decimal_add(total.arr, book->arr);
		csm_count_add(&total.accounts, book->accounts);
		total.has_capacities |= csm_has_capacity(&book->capacities);
		if (!csm_tally_has_name(e))
		{
			total.unassigned_arr += book->arr;
			total.unassigned_accounts += book->accounts;
		}
		else if (before == NULL || !csm_tally_same_name(coverage, before, e))
			total.csms++;
	}
	return total;
}

static const char *
problem_with_capacities(const csm_capacities *capacities)
{
	csm_decimal arr = csm_arr_capacity(capacities);

	if (!csm_decimal_fits(arr.coefficient) || arr.coefficient < 0 ||
		capacities->accounts > PG_INT64_MAX)
		return "a capacity is out of range";
	if (capacities->arr_scale > CSM_DECIMAL_DIGITS ||
		(capacities->arr_scale > 0 && arr.coefficient % 10 == 0))
		return "a capacity has trailing zeros";
	return NULL;
}

static const char *
problem_with_book(const csm_book *book)
{
	bool has_arr = csm_has_arr_capacity(&book->capacities);
	bool has_accounts = book->capacities.accounts != 0;

	if (!csm_amount_agrees(book->arr, book->accounts))
		return "accounts and amounts do not agree";
	if (!has_arr && !has_accounts)
		return book->arr_bound == 0 && book->accounts_bound == 0
				   ? NULL
				   : "there is a load without a capacity";
	if (book->accounts_bound > book->accounts ||
		!csm_amount_agrees(book->arr_bound, book->accounts - book->accounts_bound) ||
		!csm_amount_agrees(book->arr - book->arr_bound, book->accounts_bound) ||
		(!has_accounts && book->accounts_bound != 0) || (!has_arr && book->arr_bound != 0))
		return "loads and accounts do not agree";
	return NULL;
}

/* Says what is wrong with a value that came from outside, NULL when nothing is. */
const char *
csm_coverage_problem(const csm_tally *coverage)
{
	const char *problem = csm_tally_problem(coverage);
	int128 total = 0;
	int64 accounts = 0;

	for (csm_tally_entry *e = csm_tally_first(coverage); problem == NULL && e != NULL;
		 e = csm_tally_next(coverage, e))
	{
		const csm_book *book = csm_book_of(e);

		problem = problem_with_capacities(&book->capacities);
		if (problem == NULL && book->accounts == 0 &&
			(!csm_tally_has_name(e) || csm_has_capacity(&book->capacities)))
			problem = "an entry has no accounts";
		if (problem == NULL)
			problem = problem_with_book(book);
		if (problem == NULL && book->arr > CSM_DECIMAL_MAX - total)
			problem = "amounts have too many digits";
		if (problem == NULL && book->accounts > PG_INT64_MAX - accounts)
			problem = "too many accounts to count";
		if (problem == NULL)
		{
			total += book->arr;
			accounts += book->accounts;
		}
	}
	return problem;
}
