/*
 * decimal_sql.c
 *		Amounts and PostgreSQL's numeric: in and out without loss.
 *
 * A numeric is a sign, a display scale, a weight and digits in base 10000; digit i
 * counts 10000^(weight - i).  Two of its forms are read here:
 *
 * - the form that numeric_send gives, which is PostgreSQL's public interface;
 * - the stored form (numeric.c: a two or four byte header, then the digits), several
 *   times faster; decimal_sql.h has the quickest way, for the amounts of everyday.  That form is
 *private to the server, so it is used only after the library has checked at load time that it reads
 *known values as expected. Compiled with CSM_DECIMAL_PORTABLE the library never uses it.
 *
 * The way back is numeric_recv.
 */
#include "base/port.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#include "base/decimal_sql.h"

#define BASE        CSM_NUMERIC_BASE
#define BASE_DIGITS CSM_NUMERIC_BASE_DIGITS

/* sign, as numeric_send gives it */
#define SENT_POSITIVE 0x0000
#define SENT_NEGATIVE 0x4000

/* A finite numeric taken apart; the digits may be unaligned. */
typedef struct numeric_parts
{
	bool negative;
	int scale;
	int weight;
	int ndigits;
	const char *digits;
} numeric_parts;

bool csm_stored_form_known = false;

static inline int
digit_at(const numeric_parts *parts, int i)
{
	int16 digit;

	memcpy(&digit, parts->digits + i * sizeof(int16), sizeof(int16));
	return digit;
}

/* How many decimal digits the last base-10000 digit has beyond the display scale. */
static inline int
surplus_places(const numeric_parts *parts)
{
	return BASE_DIGITS * (parts->ndigits - 1 - parts->weight) - parts->scale;
}

/*
 * The coefficient at the numeric's own scale; false when it has more than 38 digits.
 * The last digit goes in separately: it may reach beyond the display scale with zeros
 * that must not count.
 */
static bool
coefficient_from_parts(const numeric_parts *parts, int128 *coefficient)
{
	int surplus = surplus_places(parts);
	int128 value = 0;

	*coefficient = 0;
	if (parts->ndigits == 0)
		return parts->scale <= CSM_DECIMAL_DIGITS;
	if (parts->scale > CSM_DECIMAL_DIGITS || surplus >= BASE_DIGITS ||
		-surplus > CSM_DECIMAL_DIGITS)
		return false;
	for (int i = 0; i < parts->ndigits; i++)
	{
		int places = BASE_DIGITS;
		int digit = digit_at(parts, i);

		if (i == parts->ndigits - 1 && surplus > 0)
		{
			places -= surplus;
			digit /= (int) csm_power_of_ten[surplus];
		}
		if (value >= csm_power_of_ten[CSM_DECIMAL_DIGITS - places])
			return false;
		value = value * csm_power_of_ten[places] + digit;
	}
	if (surplus < 0)
	{
		if (value >= csm_power_of_ten[CSM_DECIMAL_DIGITS + surplus])
			return false;
		value *= csm_power_of_ten[-surplus];
	}
	*coefficient = parts->negative ? -value : value;
	return true;
}

/*
 * Takes the stored form apart; false for NaN, the infinities and anything that is not
 * as expected.
 */
static inline bool
parts_from_stored(const char *data, int size, numeric_parts *parts)
{
	uint16 header;
	int header_size = sizeof(uint16);

	if (size < (int) sizeof(uint16))
		return false;
	memcpy(&header, data, sizeof(uint16));
	if ((header & CSM_STORED_SPECIAL) == CSM_STORED_SPECIAL)
		return false;
	if (header & CSM_STORED_SHORT)
	{
		parts->negative = (header & CSM_STORED_SHORT_NEGATIVE) != 0;
		parts->scale = (header & CSM_STORED_SHORT_SCALE_MASK) >> CSM_STORED_SHORT_SCALE_SHIFT;
		parts->weight = header & CSM_STORED_SHORT_WEIGHT_MASK;
		if (header & CSM_STORED_SHORT_WEIGHT_SIGN)
			parts->weight -= CSM_STORED_SHORT_WEIGHT_MASK + 1;
	}
	else
	{
		int16 weight;

		if (size < (int) (sizeof(uint16) + sizeof(int16)))
			return false;
		memcpy(&weight, data + sizeof(uint16), sizeof(int16));
		header_size += sizeof(int16);
		parts->negative = (header & CSM_STORED_NEGATIVE) != 0;
		parts->scale = header & CSM_STORED_SCALE_MASK;
		parts->weight = weight;
	}
	parts->ndigits = (size - header_size) / (int) sizeof(int16);
	parts->digits = data + header_size;
	return true;
}

/*
 * Takes apart what numeric_send gives; false for NaN and the infinities.  The digits
 * are put into this machine's byte order in place.
 */
static bool
parts_from_sent(Datum numeric, numeric_parts *parts)
{
	bytea *sent = DatumGetByteaPP(DirectFunctionCall1(numeric_send, numeric));
	StringInfoData message;
	int sign;
	int16 *digits;

	/* read in place: values of many amounts come this way */
	message.data = VARDATA_ANY(sent);
	message.len = message.maxlen = VARSIZE_ANY_EXHDR(sent);
	message.cursor = 0;
	parts->ndigits = pq_getmsgint(&message, 2);
	parts->weight = (int16) pq_getmsgint(&message, 2);
	sign = pq_getmsgint(&message, 2);
	parts->scale = pq_getmsgint(&message, 2);
	if (sign != SENT_POSITIVE && sign != SENT_NEGATIVE)
		return false;
	parts->negative = sign == SENT_NEGATIVE;
	digits = palloc(sizeof(int16) * (parts->ndigits + 1));
	for (int i = 0; i < parts->ndigits; i++)
		digits[i] = (int16) pq_getmsgint(&message, 2);
	parts->digits = (const char *) digits;
	pfree(sent);
	return true;
}

char *
csm_numeric_to_text(Datum numeric)
{
	return DatumGetCString(DirectFunctionCall1(numeric_out, numeric));
}

/* The decimal of any numeric; an error, soft where the caller asks for it, beyond 38 digits. */
bool
csm_decimal_from_numeric_safe(Datum numeric, csm_decimal *amount, Node *escontext)
{
	numeric_parts parts;

	if (!parts_from_sent(numeric, &parts))
		ereturn(escontext, false,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an amount must be a finite number, not %s", csm_numeric_to_text(numeric)),
				 errhint("Use NULL or 0 for a missing amount.")));
	if (!coefficient_from_parts(&parts, &amount->coefficient))
		ereturn(escontext, false,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("amount %.80s has more than %d digits", csm_numeric_to_text(numeric),
						CSM_DECIMAL_DIGITS),
				 errdetail("The decimal places count too, trailing zeros included."),
				 errhint("Round the amount to fewer decimal places.")));
	amount->scale = parts.scale;
	return true;
}

/* Any stored form that can be read; false for NaN, the infinities and too many digits. */
static bool
decimal_from_stored(Datum numeric, csm_decimal *amount)
{
	struct varlena *stored = PG_DETOAST_DATUM_PACKED(numeric);
	numeric_parts parts;

	if (!parts_from_stored(VARDATA_ANY(stored), (int) VARSIZE_ANY_EXHDR(stored), &parts))
		return false;
	amount->scale = parts.scale;
	return coefficient_from_parts(&parts, &amount->coefficient);
}

/* What csm_decimal_from_numeric does with a numeric that is not short and plain. */
csm_decimal
csm_decimal_from_any_numeric(Datum numeric)
{
	csm_decimal amount;

	if (!csm_stored_form_known || !decimal_from_stored(numeric, &amount))
		(void) csm_decimal_from_numeric_safe(numeric, &amount, NULL);
	return amount;
}

/* False for NaN, the infinities and more than 38 digits. */
bool
csm_decimal_try_from_numeric(Datum numeric, csm_decimal *amount)
{
	numeric_parts parts;

	if (csm_stored_form_known && decimal_from_stored(numeric, amount))
		return true;
	if (!parts_from_sent(numeric, &parts) || !coefficient_from_parts(&parts, &amount->coefficient))
		return false;
	amount->scale = parts.scale;
	return true;
}

void
csm_amount_negative_error(Datum numeric)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("an amount must not be negative: %s", csm_numeric_to_text(numeric)),
					errhint("Add up the rows of an account first; credits and discounts then "
							"reduce its amount.")));
}

void
csm_negative_error(const char *name, Datum numeric)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("the %s must not be negative: %s", name, csm_numeric_to_text(numeric))));
}

void
csm_check_finite(const char *name, Datum numeric)
{
	if (numeric_is_nan(DatumGetNumeric(numeric)) || numeric_is_inf(DatumGetNumeric(numeric)))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the %s must be a finite number, not %s", name,
							   csm_numeric_to_text(numeric))));
}

void
csm_check_not_negative(const char *name, Datum numeric)
{
	csm_check_finite(name, numeric);
	if (csm_numeric_sign(numeric) < 0)
		csm_negative_error(name, numeric);
}

/*
 * Ratios from here on are taken for percents that somebody forgot to divide by 100: nobody
 * aims at five times the revenue, or spends five times what comes in.
 */
#define PERCENT_FROM 5

void
csm_check_not_percent(const char *name, const char *kind, Datum numeric)
{
	Datum hundredth;

	if (csm_numeric_sign(csm_numeric_subtract(numeric, csm_integer_to_numeric(PERCENT_FROM))) < 0)
		return;
	hundredth = csm_numeric_multiply(numeric, csm_decimal_to_numeric(1, 2));
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("the %s must be a %s, not %s", name, kind, csm_numeric_to_text(numeric)),
					errhint("Use %s for %s %%.", csm_numeric_to_text(hundredth),
							csm_numeric_to_text(numeric))));
}

/* Reads the sum of squares that a numeric stands for; false unless it is one at no more than
 * "scale" decimal places stands for. */
bool
csm_uint256_from_numeric(Datum numeric, int scale, csm_uint256 *sum)
{
	numeric_parts parts;
	int surplus;
	bool fits = true;

	memset(sum, 0, sizeof(*sum));
	if (!parts_from_sent(numeric, &parts) || parts.negative || parts.scale > scale)
		fits = false;
	else if (parts.ndigits > 0)
	{
		parts.scale = scale;
		surplus = surplus_places(&parts);
		fits = surplus < BASE_DIGITS && -surplus <= 2 * CSM_DECIMAL_DIGITS && parts.ndigits <= 20;
		for (int i = 0; fits && i < parts.ndigits; i++)
		{
			bool partial = i == parts.ndigits - 1 && surplus > 0;
			int places = partial ? BASE_DIGITS - surplus : BASE_DIGITS;
			int digit = digit_at(&parts, i);
			csm_uint256 addend = {{0}};

			addend.limb[0] = partial ? digit / (int) csm_power_of_ten[surplus] : digit;
			fits = csm_uint256_multiply(sum, (uint64) csm_power_of_ten[places]) &&
				   (sum->limb[3] >> 63) == 0;
			csm_uint256_add(sum, &addend);
		}
		for (; fits && surplus < 0; surplus++)
			fits = csm_uint256_multiply(sum, 10);
	}
	return fits;
}

/* Builds a numeric through numeric_recv. */
static Datum
numeric_from_magnitude(csm_uint256 magnitude, bool negative, int scale)
{
	/* 10^77 in base 10000, and a partial group on either side of the decimal point */
	int16 groups[22];
	int ngroups = 0;
	int partial = scale % BASE_DIGITS;
	char bytes[(4 + lengthof(groups)) * sizeof(int16) + 1];
	StringInfoData message = {.data = bytes, .maxlen = sizeof(bytes)};

	if (partial != 0)
	{
		uint64 low = csm_uint256_divide(&magnitude, (uint64) csm_power_of_ten[partial]);

		groups[ngroups++] = (int16) (low * (uint64) csm_power_of_ten[BASE_DIGITS - partial]);
	}
	while (!csm_uint256_is_zero(&magnitude))
		groups[ngroups++] = (int16) csm_uint256_divide(&magnitude, BASE);

	pq_sendint16(&message, ngroups);
	pq_sendint16(&message, ngroups - 1 - (scale + BASE_DIGITS - 1) / BASE_DIGITS);
	pq_sendint16(&message, negative ? SENT_NEGATIVE : SENT_POSITIVE);
	pq_sendint16(&message, scale);
	while (ngroups > 0)
		pq_sendint16(&message, groups[--ngroups]);
	return DirectFunctionCall3(numeric_recv, PointerGetDatum(&message),
							   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

Datum
csm_uint256_to_numeric(const csm_uint256 *sum, int scale)
{
	return numeric_from_magnitude(*sum, false, scale);
}

Datum
csm_decimal_to_numeric(int128 coefficient, int scale)
{
	csm_uint128 absolute = coefficient < 0 ? -(csm_uint128) coefficient : (csm_uint128) coefficient;
	csm_uint256 magnitude = {{(uint64) absolute, (uint64) (absolute >> 64), 0, 0}};

	return numeric_from_magnitude(magnitude, coefficient < 0, scale);
}

Datum
csm_integer_to_numeric(int64 value)
{
	return NumericGetDatum(int64_to_numeric(value));
}

Datum
csm_numeric_add(Datum a, Datum b)
{
	return DirectFunctionCall2(numeric_add, a, b);
}

Datum
csm_numeric_subtract(Datum a, Datum b)
{
	return DirectFunctionCall2(numeric_sub, a, b);
}

Datum
csm_numeric_multiply(Datum a, Datum b)
{
	return DirectFunctionCall2(numeric_mul, a, b);
}

Datum
csm_numeric_divide(Datum a, Datum b)
{
	return DirectFunctionCall2(numeric_div, a, b);
}

/* NULL over zero. */
Datum
csm_numeric_ratio(Datum numerator, Datum denominator, bool *isnull)
{
	*isnull = csm_numeric_sign(denominator) == 0;
	return *isnull ? (Datum) 0 : csm_numeric_divide(numerator, denominator);
}

/* The same of two amounts at one scale, and of two counts. */
Datum
csm_amount_ratio(int128 numerator, int128 denominator, int scale, bool *isnull)
{
	*isnull = denominator == 0;
	return *isnull ? (Datum) 0
				   : csm_numeric_divide(csm_decimal_to_numeric(numerator, scale),
										csm_decimal_to_numeric(denominator, scale));
}

Datum
csm_count_ratio(int64 numerator, int64 denominator, bool *isnull)
{
	*isnull = denominator == 0;
	return *isnull ? (Datum) 0
				   : csm_numeric_divide(csm_integer_to_numeric(numerator),
										csm_integer_to_numeric(denominator));
}

Datum
csm_numeric_round(Datum a, int places)
{
	return DirectFunctionCall2(numeric_round, a, Int32GetDatum(places));
}

/* To so many places: never above a where "sign" is -1, never below it where it is 1. */
static Datum
cut_numeric(Datum a, int places, int sign)
{
	Datum cut = DirectFunctionCall2(numeric_trunc, a, Int32GetDatum(places));

	if (csm_numeric_sign(csm_numeric_subtract(a, cut)) == sign)
		cut = csm_numeric_add(cut, csm_decimal_to_numeric(sign, places));
	return cut;
}

Datum
csm_numeric_floor(Datum a, int places)
{
	return cut_numeric(a, places, -1);
}

Datum
csm_numeric_ceil(Datum a, int places)
{
	return cut_numeric(a, places, 1);
}

Datum
csm_numeric_absolute(Datum a)
{
	return DirectFunctionCall1(numeric_abs, a);
}

/* -1, 0 or 1; NaN counts as positive, as numeric's order has it */
int
csm_numeric_sign(Datum a)
{
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp, a, csm_integer_to_numeric(0)));
}

/*
 * Reads known values from their stored form, by either way; run once when the library is
 * loaded.
 */
void
csm_decimal_check_stored_form(void)
{
	static const struct
	{
		const char *text;
		int64 coefficient;
		int scale;
	} known[] = {
		{"0.00", 0, 2},
		{"-1234567.8901", INT64CONST(-12345678901), 4},
		{"0.000120", 120, 6},
		{"100000000", 100000000, 0},
		{"10000.00", 1000000, 2},
		{"123456789012.34", INT64CONST(12345678901234), 2},
		{"0.0000000000000000000000000000000000007", 7, 37},
		{"42.0000000000000000", INT64CONST(420000000000000000), 16},
	};

#ifdef CSM_DECIMAL_PORTABLE
	return;
#endif
	for (int i = 0; i < (int) lengthof(known); i++)
	{
		Datum numeric = DirectFunctionCall3(numeric_in, CStringGetDatum(known[i].text),
											ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
		csm_decimal amount;
		int64 quick;
		int quick_scale;

		if (!decimal_from_stored(numeric, &amount) || amount.scale != known[i].scale ||
			amount.coefficient != known[i].coefficient)
			return;
		if (csm_decimal_from_short_numeric(numeric, &quick, &quick_scale) &&
			(quick_scale != amount.scale || quick != amount.coefficient))
			return;
		if (csm_coefficient_from_short_numeric(numeric, amount.scale, &quick) &&
			quick != amount.coefficient)
			return;
	}
	csm_stored_form_known = true;
}

csm_running_number
csm_running_start(int64 value)
{
	csm_running_number number;

	number.value = csm_integer_to_numeric(value);
	number.scratch = csm_scratch_start();
	return number;
}

void
csm_running_enter(csm_running_number *number)
{
	CHECK_FOR_INTERRUPTS();
	csm_scratch_enter(&number->scratch);
}

void
csm_running_leave(csm_running_number *number, Datum value)
{
	void *before = DatumGetPointer(number->value);

	MemoryContextSwitchTo(number->scratch.keep);
	number->value = datumCopy(value, false, -1);
	pfree(before);
	csm_scratch_leave(&number->scratch);
}
