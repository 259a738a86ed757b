/*
 * decimal_sql.h
 *		Amounts and PostgreSQL's numeric: in and out without loss.
 */
#ifndef CSM_DECIMAL_SQL_H
#define CSM_DECIMAL_SQL_H

#include "base/decimal.h"
#include "base/scratch.h"
#include "fmgr.h"
#include "nodes/nodes.h"
#include "utils/numeric.h"

extern void csm_decimal_check_stored_form(void);

extern csm_decimal csm_decimal_from_any_numeric(Datum numeric);
extern bool csm_decimal_try_from_numeric(Datum numeric, csm_decimal *amount);
extern void csm_amount_negative_error(Datum numeric) pg_attribute_noreturn();
extern void csm_negative_error(const char *name, Datum numeric) pg_attribute_noreturn();
extern void csm_check_finite(const char *name, Datum numeric);
extern void csm_check_not_negative(const char *name, Datum numeric);
extern void csm_check_not_percent(const char *name, const char *kind, Datum numeric);
extern bool csm_decimal_from_numeric_safe(Datum numeric, csm_decimal *amount, Node *escontext);
extern bool csm_uint256_from_numeric(Datum numeric, int scale, csm_uint256 *sum);

extern Datum csm_decimal_to_numeric(int128 coefficient, int scale);
extern Datum csm_uint256_to_numeric(const csm_uint256 *sum, int scale);
extern char *csm_numeric_to_text(Datum numeric);

/* For formulas; division by zero is the caller's to prevent. */
extern Datum csm_integer_to_numeric(int64 value);
extern Datum csm_numeric_add(Datum a, Datum b);
extern Datum csm_numeric_subtract(Datum a, Datum b);
extern Datum csm_numeric_multiply(Datum a, Datum b);
extern Datum csm_numeric_divide(Datum a, Datum b);
extern Datum csm_numeric_ratio(Datum numerator, Datum denominator, bool *isnull);
extern Datum csm_amount_ratio(int128 numerator, int128 denominator, int scale, bool *isnull);
extern Datum csm_count_ratio(int64 numerator, int64 denominator, bool *isnull);
extern Datum csm_numeric_round(Datum a, int places);
extern Datum csm_numeric_floor(Datum a, int places);
extern Datum csm_numeric_ceil(Datum a, int places);
extern Datum csm_numeric_absolute(Datum a);
extern int csm_numeric_sign(Datum a);

#define CSM_NUMERIC_BASE        10000
#define CSM_NUMERIC_BASE_DIGITS 4

/* header bits of the stored form */
#define CSM_STORED_SPECIAL           0xC000
#define CSM_STORED_SHORT             0x8000
#define CSM_STORED_NEGATIVE          0x4000
#define CSM_STORED_SCALE_MASK        0x3FFF
#define CSM_STORED_SHORT_NEGATIVE    0x2000
#define CSM_STORED_SHORT_SCALE_MASK  0x1F80
#define CSM_STORED_SHORT_SCALE_SHIFT 7
#define CSM_STORED_SHORT_WEIGHT_SIGN 0x0040
#define CSM_STORED_SHORT_WEIGHT_MASK 0x003F

/* set once the stored form has proved to be as expected */
extern bool csm_stored_form_known;

/*
 * The quick way in, for the amounts of everyday: a short header, at most four
 * base-10000 digits and less than 10^18 units.  False for all others.  Always inline,
 * and into 64-bit integers, so that the result stays in registers.
 */
static pg_attribute_always_inline bool
csm_decimal_from_short_numeric(Datum numeric, int64 *coefficient, int *scale)
{
	const struct varlena *stored = (const struct varlena *) DatumGetPointer(numeric);
	const char *data = VARDATA_ANY(stored);
	uint16 header;
	int ndigits;
	int weight;
	int places;
	int64 value = 0;

	if (unlikely(VARATT_IS_COMPRESSED(stored) || VARATT_IS_EXTERNAL(stored)))
		return false;
	ndigits = ((int) VARSIZE_ANY_EXHDR(stored) - (int) sizeof(uint16)) / (int) sizeof(int16);
	memcpy(&header, data, sizeof(uint16));
	if (unlikely((header & CSM_STORED_SPECIAL) != CSM_STORED_SHORT || ndigits > 4))
		return false;
	for (int i = 1; i <= ndigits; i++)
	{
		int16 digit;

		/* the digits follow the header, unaligned where the value is short */
		memcpy(&digit, data + i * sizeof(int16), sizeof(int16));
		value = value * CSM_NUMERIC_BASE + digit;
	}
	*scale = (header & CSM_STORED_SHORT_SCALE_MASK) >> CSM_STORED_SHORT_SCALE_SHIFT;
	if (unlikely(*scale > CSM_DECIMAL_DIGITS))
		return false;
	weight = header & CSM_STORED_SHORT_WEIGHT_MASK;
	if (header & CSM_STORED_SHORT_WEIGHT_SIGN)
		weight -= CSM_STORED_SHORT_WEIGHT_MASK + 1;

	/* decimal places that the digits lack, or have in excess as zeros */
	places = *scale - CSM_NUMERIC_BASE_DIGITS * (ndigits - 1 - weight);
	if (places == -2)
		value /= 100;
	else if (places >= 0 && places + CSM_NUMERIC_BASE_DIGITS * ndigits <= 18)
		value *= (int64) csm_power_of_ten[places];
	else if (places == -1)
		value /= 10;
	else if (places == -3)
		value /= 1000;
	else if (ndigits > 0)
		return false;
	*coefficient = (header & CSM_STORED_SHORT_NEGATIVE) ? -value : value;
	return true;
}

/* Digit i, where 0 is the header; 0 unless it is wanted. */
static pg_attribute_always_inline int64
csm_stored_digit(const char *data, int i, bool wanted)
{
	int16 digit;

	memcpy(&digit, data + i * sizeof(int16), sizeof(int16));
	return digit & -(int64) wanted;
}

/*
 * The same for one row after the other: an amount of this scale, not negative, of one to
 * three digits.  There is no branch for their number, which no processor could predict.
 */
static pg_attribute_always_inline bool
csm_coefficient_from_short_numeric(Datum numeric, int scale, int64 *coefficient)
{
	const struct varlena *stored = (const struct varlena *) DatumGetPointer(numeric);
	const char *data = VARDATA_ANY(stored);
	uint16 header;
	int ndigits;
	int weight;
	int places;
	int64 value;

	if (likely(VARATT_IS_SHORT(stored)))
		ndigits = ((int) VARSIZE_SHORT(stored) - VARHDRSZ_SHORT) / (int) sizeof(int16) - 1;
	else if (!VARATT_IS_COMPRESSED(stored))
		ndigits = (int) ((VARSIZE(stored) - VARHDRSZ) / sizeof(int16)) - 1;
	else
		return false;
	/* none is zero, or a value stored elsewhere */
	if (unlikely(ndigits < 1 || ndigits > 3))
		return false;
	memcpy(&header, data, sizeof(uint16));
	weight = header & (CSM_STORED_SHORT_WEIGHT_MASK | CSM_STORED_SHORT_WEIGHT_SIGN);
	if (unlikely((header ^ weight) != (CSM_STORED_SHORT | scale << CSM_STORED_SHORT_SCALE_SHIFT)))
		return false;
	/* seven bits with a sign */
	weight = (weight ^ CSM_STORED_SHORT_WEIGHT_SIGN) - CSM_STORED_SHORT_WEIGHT_SIGN;

	/* decimal places that the digits lack, and those of one more digit, which are dropped */
	places = scale - CSM_NUMERIC_BASE_DIGITS * (ndigits - 1 - weight) + CSM_NUMERIC_BASE_DIGITS;
	if (unlikely(places < 0 || places + CSM_NUMERIC_BASE_DIGITS * ndigits > 18))
		return false;
	value = csm_stored_digit(data, 1, ndigits == 3);
	value = value * CSM_NUMERIC_BASE + csm_stored_digit(data, ndigits - 1, ndigits >= 2);
	value = value * CSM_NUMERIC_BASE + csm_stored_digit(data, ndigits, true);
	*coefficient = value * (int64) csm_power_of_ten[places] / CSM_NUMERIC_BASE;
	return true;
}

/*
 * A number that many steps lead to.  Each step may leave garbage: between enter and leave
 * it runs in a context of its own, out of which only the number is copied.
 */
typedef struct csm_running_number
{
	Datum value; /* numeric */
	csm_scratch scratch;
} csm_running_number;

extern csm_running_number csm_running_start(int64 value);
extern void csm_running_enter(csm_running_number *number);
extern void csm_running_leave(csm_running_number *number, Datum value);

/* The decimal of a numeric; an error beyond 38 digits. */
static inline csm_decimal
csm_decimal_from_numeric(Datum numeric)
{
	int64 coefficient;
	csm_decimal amount;

	if (likely(csm_stored_form_known) &&
		likely(csm_decimal_from_short_numeric(numeric, &coefficient, &amount.scale)))
	{
		amount.coefficient = coefficient;
		return amount;
	}
	return csm_decimal_from_any_numeric(numeric);
}

/* An amount that figures are drawn from: not negative. */
static inline csm_decimal
csm_amount_from_numeric(Datum numeric)
{
	csm_decimal amount = csm_decimal_from_numeric(numeric);

	if (unlikely(amount.coefficient < 0))
		csm_amount_negative_error(numeric);
	return amount;
}

/* Argument i as such an amount; a missing one is 0. */
static inline csm_decimal
csm_amount_argument(FunctionCallInfo fcinfo, int i)
{
	csm_decimal zero = {0, 0};

	return PG_ARGISNULL(i) ? zero : csm_amount_from_numeric(PG_GETARG_DATUM(i));
}

/* The same of an argument that messages call by its name. */
static inline csm_decimal
csm_not_negative_from_numeric(const char *name, Datum numeric)
{
	int64 coefficient;
	csm_decimal amount;

	if (likely(csm_stored_form_known) &&
		likely(csm_decimal_from_short_numeric(numeric, &coefficient, &amount.scale)) &&
		likely(coefficient >= 0))
	{
		amount.coefficient = coefficient;
		return amount;
	}
	csm_check_not_negative(name, numeric);
	return csm_decimal_from_any_numeric(numeric);
}

#endif /* CSM_DECIMAL_SQL_H */
