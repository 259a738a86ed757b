/*
 * decimal.c
 *		Arithmetic of exact amounts; decimal.h says what they are.
 *
 * Only what numeric cannot do cheaply is here: adding, bringing two amounts to one
 * scale, and the 256-bit sums of squares.  Divisions and everything shown to a user
 * are numeric's.
 */
#include "base/port.h"

#include "base/decimal.h"

#define TEN_19 ((int128) UINT64CONST(10000000000000000000))

const int128 csm_power_of_ten[CSM_DECIMAL_DIGITS + 1] = {
	INT64CONST(1),
	INT64CONST(10),
	INT64CONST(100),
	INT64CONST(1000),
	INT64CONST(10000),
	INT64CONST(100000),
	INT64CONST(1000000),
	INT64CONST(10000000),
	INT64CONST(100000000),
	INT64CONST(1000000000),
	INT64CONST(10000000000),
	INT64CONST(100000000000),
	INT64CONST(1000000000000),
	INT64CONST(10000000000000),
	INT64CONST(100000000000000),
	INT64CONST(1000000000000000),
	INT64CONST(10000000000000000),
	INT64CONST(100000000000000000),
	INT64CONST(1000000000000000000),
	TEN_19,
	TEN_19 *INT64CONST(10),
	TEN_19 *INT64CONST(100),
	TEN_19 *INT64CONST(1000),
	TEN_19 *INT64CONST(10000),
	TEN_19 *INT64CONST(100000),
	TEN_19 *INT64CONST(1000000),
	TEN_19 *INT64CONST(10000000),
	TEN_19 *INT64CONST(100000000),
	TEN_19 *INT64CONST(1000000000),
	TEN_19 *INT64CONST(10000000000),
	TEN_19 *INT64CONST(100000000000),
	TEN_19 *INT64CONST(1000000000000),
	TEN_19 *INT64CONST(10000000000000),
	TEN_19 *INT64CONST(100000000000000),
	TEN_19 *INT64CONST(1000000000000000),
	TEN_19 *INT64CONST(10000000000000000),
	TEN_19 *INT64CONST(100000000000000000),
	TEN_19 *INT64CONST(1000000000000000000),
	TEN_19 *TEN_19,
};

void
csm_decimal_overflow(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("amounts add up to more than %d digits", CSM_DECIMAL_DIGITS),
			 errdetail("Sums are kept exactly, with as many decimal places as the amount that "
					   "has the most."),
			 errhint("Round the amounts to fewer decimal places.")));
}

/* Things are counted in 64 bits; only a forged value can come near the end of them. */
void
csm_count_error(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE), errmsg("too many accounts to count")));
}

/* The coefficient with "places" more decimal places. */
int128
csm_decimal_rescale(int128 coefficient, int places)
{
	int128 limit;

	Assert(places >= 0);
	if (places == 0 || coefficient == 0)
		return coefficient;
	if (places > CSM_DECIMAL_DIGITS)
		csm_decimal_overflow();
	limit = csm_power_of_ten[CSM_DECIMAL_DIGITS - places];
	if (coefficient >= limit || coefficient <= -limit)
		csm_decimal_overflow();
	return coefficient * csm_power_of_ten[places];
}

/* The coefficient of "amount" at a scale that is no smaller than its own. */
int128
csm_decimal_align(csm_decimal amount, int scale)
{
	return csm_decimal_rescale(amount.coefficient, scale - amount.scale);
}

/* The same without the error: false when it has more than 38 digits. */
bool
csm_decimal_try_align(csm_decimal amount, int scale, int128 *coefficient)
{
	int places = scale - amount.scale;
	int128 limit = csm_power_of_ten[CSM_DECIMAL_DIGITS - places];

	if (amount.coefficient >= limit || amount.coefficient <= -limit)
		return false;
	*coefficient = amount.coefficient * csm_power_of_ten[places];
	return true;
}

/*
 * -1, 0 or 1.  What cannot be brought to the other's scale within 38 digits is larger
 * than anything at that scale.
 */
int
csm_decimal_compare(csm_decimal a, csm_decimal b)
{
	int places = a.scale - b.scale;

	if (places < 0)
		return -csm_decimal_compare(b, a);
	if (places > 0)
	{
		int128 limit = csm_power_of_ten[CSM_DECIMAL_DIGITS - places];

		if (b.coefficient >= limit)
			return -1;
		if (b.coefficient <= -limit)
			return 1;
		b.coefficient *= csm_power_of_ten[places];
	}
	return a.coefficient < b.coefficient ? -1 : a.coefficient > b.coefficient;
}

/* The same amount without trailing zeros after the decimal point. */
csm_decimal
csm_decimal_trim(csm_decimal amount)
{
	while (amount.scale > 0 && amount.coefficient % 10 == 0)
	{
		amount.coefficient /= 10;
		amount.scale--;
	}
	return amount;
}

/*
 * The amount with all its decimal places, as numeric writes it, in a buffer of
 * CSM_DECIMAL_TEXT_SIZE.
 */
const char *
csm_decimal_to_text(int128 coefficient, int scale, char *buffer)
{
	csm_uint128 rest = coefficient < 0 ? -(csm_uint128) coefficient : (csm_uint128) coefficient;
	char *next = buffer + CSM_DECIMAL_TEXT_SIZE;

	*--next = '\0';
	for (int places = 0; places <= scale || rest > 0; places++)
	{
		if (places == scale && scale > 0)
			*--next = '.';
		*--next = (char) ('0' + (int) (rest % 10));
		rest /= 10;
	}
	if (coefficient < 0)
		*--next = '-';
	return next;
}

/* Adds modulo 2^256 and returns the carry. */
static csm_uint128
add_limbs(csm_uint256 *sum, const csm_uint256 *addend)
{
	csm_uint128 carry = 0;

	for (int i = 0; i < 4; i++)
	{
		carry += (csm_uint128) sum->limb[i] + addend->limb[i];
		sum->limb[i] = (uint64) carry;
		carry >>= 64;
	}
	return carry;
}

void
csm_uint256_add(csm_uint256 *sum, const csm_uint256 *addend)
{
	csm_uint128 carry PG_USED_FOR_ASSERTS_ONLY = add_limbs(sum, addend);

	Assert(carry == 0);
}

/* Adds modulo 2^256, for differences that come out right in the end. */
void
csm_uint256_wrap(csm_uint256 *sum, const csm_uint256 *addend)
{
	(void) add_limbs(sum, addend);
}

csm_uint256
csm_uint256_product(int128 a, int128 b)
{
	uint64 a_low = (uint64) a;
	uint64 a_high = (uint64) ((csm_uint128) a >> 64);
	uint64 b_low = (uint64) b;
	uint64 b_high = (uint64) ((csm_uint128) b >> 64);
	csm_uint128 low = (csm_uint128) a_low * b_low;
	csm_uint128 middle1 = (csm_uint128) a_low * b_high;
	csm_uint128 middle2 = (csm_uint128) a_high * b_low;
	csm_uint128 high = (csm_uint128) a_high * b_high;
	csm_uint128 carry;
	csm_uint256 product;

	Assert(a >= 0 && b >= 0);
	product.limb[0] = (uint64) low;
	carry = (low >> 64) + (uint64) middle1 + (uint64) middle2;
	product.limb[1] = (uint64) carry;
	carry = (carry >> 64) + (middle1 >> 64) + (middle2 >> 64) + (uint64) high;
	product.limb[2] = (uint64) carry;
	product.limb[3] = (uint64) ((carry >> 64) + (high >> 64));
	return product;
}

void
csm_uint256_add_product(csm_uint256 *sum, int128 a, int128 b)
{
	csm_uint256 product = csm_uint256_product(a, b);

	csm_uint256_add(sum, &product);
}

/* Multiplies in place; false when the product needs more than 256 bits. */
bool
csm_uint256_multiply(csm_uint256 *sum, uint64 factor)
{
	csm_uint128 carry = 0;

	for (int i = 0; i < 4; i++)
	{
		carry += (csm_uint128) sum->limb[i] * factor;
		sum->limb[i] = (uint64) carry;
		carry >>= 64;
	}
	return carry == 0;
}

/* Divides in place and returns the remainder. */
uint64
csm_uint256_divide(csm_uint256 *sum, uint64 divisor)
{
	csm_uint128 remainder = 0;

	for (int i = 3; i >= 0; i--)
	{
		if (remainder == 0 && sum->limb[i] == 0)
			continue;
		remainder = (remainder << 64) | sum->limb[i];
		sum->limb[i] = (uint64) (remainder / divisor);
		remainder %= divisor;
	}
	return (uint64) remainder;
}

/* The same for a divisor that may need more than 64 bits, but less than 128. */
csm_uint128
csm_uint256_divide_wide(csm_uint256 *sum, csm_uint128 divisor)
{
	csm_uint128 remainder = 0;

	if (divisor >> 64 == 0)
		return csm_uint256_divide(sum, (uint64) divisor);
	Assert(divisor >> 127 == 0);
	for (int bit = 255; bit >= 0; bit--)
	{
		uint64 *limb = &sum->limb[bit / 64];
		uint64 mask = UINT64CONST(1) << (bit % 64);

		remainder = remainder << 1 | ((*limb & mask) != 0);
		*limb &= ~mask;
		if (remainder >= divisor)
		{
			remainder -= divisor;
			*limb |= mask;
		}
	}
	return remainder;
}

/* Subtracts what is not larger. */
void
csm_uint256_subtract(csm_uint256 *sum, const csm_uint256 *subtrahend)
{
	csm_uint256 complement = {{1, 0, 0, 0}};
	csm_uint256 inverse = {
		{~subtrahend->limb[0], ~subtrahend->limb[1], ~subtrahend->limb[2], ~subtrahend->limb[3]}};

	csm_uint256_wrap(&complement, &inverse);
	csm_uint256_wrap(sum, &complement);
}

double
csm_uint256_to_double(const csm_uint256 *a)
{
	double value = 0.0;

	for (int i = 3; i >= 0; i--)
		value = value * 18446744073709551616.0 + (double) a->limb[i];
	return value;
}

/*
 * Multiplies by 10^places.  The caller has rescaled the plain sums before, which
 * bounds the squares: the square of a 38-digit number fits.
 */
void
csm_uint256_rescale(csm_uint256 *sum, int places)
{
	if (!csm_uint256_try_rescale(sum, places))
		csm_decimal_overflow();
}

/* The same for sums that nothing bounds: false when it does not fit. */
bool
csm_uint256_try_rescale(csm_uint256 *sum, int places)
{
	while (places > 0)
	{
		int step = Min(places, 18);

		if (!csm_uint256_multiply(sum, (uint64) csm_power_of_ten[step]))
			return false;
		places -= step;
	}
	return true;
}

/* Divides by 10^places, what is left over is lost; says whether nothing was. */
static bool
drop_places(csm_uint256 *sum, int places)
{
	bool is_exact = true;

	while (places > 0)
	{
		int step = Min(places, 18);

		is_exact &= csm_uint256_divide(sum, (uint64) csm_power_of_ten[step]) == 0;
		places -= step;
	}
	return is_exact;
}

/* How many of these decimal places of an amount its square, or a sum of them, does not need. */
int
csm_uint256_spare_places(const csm_uint256 *sum, int places)
{
	csm_uint256 rest = *sum;
	int spare = 0;

	/* mostly all of them, or none */
	if (places == 0 || csm_uint256_is_zero(sum) || drop_places(&rest, 2 * places))
		return places;
	for (rest = *sum; spare < places && csm_uint256_divide(&rest, 100) == 0; spare++)
		;
	return spare;
}

/* The sum for amounts with so many decimal places less, which it does not need. */
void
csm_uint256_drop_places(csm_uint256 *sum, int places)
{
	(void) drop_places(sum, 2 * places);
}

int
csm_uint256_compare(const csm_uint256 *a, const csm_uint256 *b)
{
	for (int i = 3; i >= 0; i--)
	{
		if (a->limb[i] != b->limb[i])
			return a->limb[i] < b->limb[i] ? -1 : 1;
	}
	return 0;
}

/* The product in eight limbs. */
static void
multiply_wide(const csm_uint256 *a, const csm_uint256 *b, uint64 *product)
{
	memset(product, 0, 8 * sizeof(uint64));
	for (int i = 0; i < 4; i++)
	{
		csm_uint128 carry = 0;

		for (int k = 0; k < 4; k++)
		{
			carry += (csm_uint128) a->limb[i] * b->limb[k] + product[i + k];
			product[i + k] = (uint64) carry;
			carry >>= 64;
		}
		product[i + 4] = (uint64) carry;
	}
}

/* a b against c d, in as many bits as it takes */
int
csm_uint256_products_compare(const csm_uint256 *a, const csm_uint256 *b, const csm_uint256 *c,
							 const csm_uint256 *d)
{
	uint64 x[8];
	uint64 y[8];

	multiply_wide(a, b, x);
	multiply_wide(c, d, y);
	for (int i = 7; i >= 0; i--)
	{
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	}
	return 0;
}

bool
csm_uint256_is_zero(const csm_uint256 *a)
{
	return (a->limb[0] | a->limb[1] | a->limb[2] | a->limb[3]) == 0;
}

/* A sum of products is no larger than the product of the sums a and b. */
bool
csm_uint256_is_within(const csm_uint256 *products, int128 a, int128 b)
{
	csm_uint256 bound = csm_uint256_product(a, b);

	return csm_uint256_compare(products, &bound) <= 0;
}

/* By Cauchy and Schwarz, sum^2 <= count * sum of squares. */
bool
csm_uint256_is_square_sum(csm_uint256 squares, int128 sum, int64 count)
{
	csm_uint256 sum_squared = csm_uint256_product(sum, sum);

	/* a product beyond 256 bits is large enough */
	return !csm_uint256_multiply(&squares, (uint64) count) ||
		   csm_uint256_compare(&sum_squared, &squares) <= 0;
}
