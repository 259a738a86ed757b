/*
 * decimal.h
 *		Exact amounts: a 128-bit integer coefficient and a decimal scale.
 *
 * The amount is coefficient / 10^scale.  A coefficient has at most 38 digits, in
 * every amount and in every sum; what does not fit is an error, never a rounding.
 * Sums of squares and of products of such amounts stay below 10^76 and live in
 * 256 bits, so that adding them up in any order gives the same bits.
 */
#ifndef CSM_DECIMAL_H
#define CSM_DECIMAL_H

#include "base/port.h"

#define CSM_DECIMAL_DIGITS 38

/* 10^0 .. 10^38 */
extern const int128 csm_power_of_ten[CSM_DECIMAL_DIGITS + 1];

/* The largest coefficient: 38 nines. */
#define CSM_DECIMAL_MAX (csm_power_of_ten[CSM_DECIMAL_DIGITS] - 1)

typedef struct csm_decimal
{
	int128 coefficient;
	int scale;
} csm_decimal;

/* Little-endian limbs; never negative. */
typedef struct csm_uint256
{
	uint64 limb[4];
} csm_uint256;

extern void csm_decimal_overflow(void) pg_attribute_noreturn();
extern void csm_count_error(void) pg_attribute_noreturn();
extern int128 csm_decimal_rescale(int128 coefficient, int places);
extern int128 csm_decimal_align(csm_decimal amount, int scale);
extern bool csm_decimal_try_align(csm_decimal amount, int scale, int128 *coefficient);
extern int csm_decimal_compare(csm_decimal a, csm_decimal b);
extern csm_decimal csm_decimal_trim(csm_decimal amount);

/* a sign, 39 digits, a decimal point with a 0 before it, the end */
#define CSM_DECIMAL_TEXT_SIZE 44

extern const char *csm_decimal_to_text(int128 coefficient, int scale, char *buffer);

extern void csm_uint256_add(csm_uint256 *sum, const csm_uint256 *addend);
extern void csm_uint256_wrap(csm_uint256 *sum, const csm_uint256 *addend);
extern void csm_uint256_add_product(csm_uint256 *sum, int128 a, int128 b);
extern void csm_uint256_rescale(csm_uint256 *sum, int places);
extern bool csm_uint256_try_rescale(csm_uint256 *sum, int places);
extern bool csm_uint256_multiply(csm_uint256 *sum, uint64 factor);
extern uint64 csm_uint256_divide(csm_uint256 *sum, uint64 divisor);
extern void csm_uint256_subtract(csm_uint256 *sum, const csm_uint256 *subtrahend);
extern csm_uint128 csm_uint256_divide_wide(csm_uint256 *sum, csm_uint128 divisor);
extern double csm_uint256_to_double(const csm_uint256 *a);
extern int csm_uint256_compare(const csm_uint256 *a, const csm_uint256 *b);
extern int csm_uint256_products_compare(const csm_uint256 *a, const csm_uint256 *b,
										const csm_uint256 *c, const csm_uint256 *d);
extern bool csm_uint256_is_zero(const csm_uint256 *a);
extern csm_uint256 csm_uint256_product(int128 a, int128 b);
extern int csm_uint256_spare_places(const csm_uint256 *sum, int places);
extern void csm_uint256_drop_places(csm_uint256 *sum, int places);
extern bool csm_uint256_is_within(const csm_uint256 *products, int128 a, int128 b);
extern bool csm_uint256_is_square_sum(csm_uint256 squares, int128 sum, int64 count);

static inline void
csm_count_add(int64 *into, int64 accounts)
{
	if (unlikely(__builtin_add_overflow(*into, accounts, into)))
		csm_count_error();
}

/* Is the absolute value within 38 digits? */
static inline bool
csm_decimal_fits(int128 coefficient)
{
	return coefficient <= CSM_DECIMAL_MAX && coefficient >= -CSM_DECIMAL_MAX;
}

/* An amount and the count of the accounts behind it: both zero, or a unit each at least. */
static inline bool
csm_amount_agrees(int128 coefficient, int64 accounts)
{
	return (coefficient == 0) == (accounts == 0) && coefficient >= accounts;
}

/*
 * How many of these decimal places are zeros, from the last one on.  Comparisons ask it of
 * amount after amount, so divisions are of 64 bits wherever that will do.
 */
static inline int
csm_decimal_spare_places(int128 coefficient, int places)
{
	int64 small = (int64) coefficient;

	if (coefficient == 0)
		return places;
	if (small == coefficient)
	{
		/* no number of 64 bits is divisible by 10^19 */
		places = Min(places, 18);
		while (small % (int64) csm_power_of_ten[places] != 0)
			places--;
		return places;
	}
	while (coefficient % csm_power_of_ten[places] != 0)
		places--;
	return places;
}

/* Adds two coefficients of the same scale; both are within 38 digits. */
static inline int128
csm_decimal_add(int128 a, int128 b)
{
	int128 sum;

	/* two 38-digit numbers can exceed 127 bits */
	if (unlikely(__builtin_add_overflow(a, b, &sum) || !csm_decimal_fits(sum)))
		csm_decimal_overflow();
	return sum;
}

/* The same as csm_uint256_add_product for factors of 63 bits. */
static inline void
csm_uint256_add_small_product(csm_uint256 *sum, uint64 a, uint64 b)
{
	csm_uint128 product = (csm_uint128) a * b;
	csm_uint128 low = ((csm_uint128) sum->limb[1] << 64 | sum->limb[0]) + product;

	sum->limb[0] = (uint64) low;
	sum->limb[1] = (uint64) (low >> 64);
	if (unlikely(low < product) && ++sum->limb[2] == 0)
		sum->limb[3]++;
}

#endif /* CSM_DECIMAL_H */
