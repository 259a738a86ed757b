/*
 * compare_difference_sql.c
 *		Is one really better than the other: the difference of two figures and its interval.
 *
 * Two summaries are of disjoint accounts.  Then the interval of the difference is made of
 * the two that are there (Newcombe): each end is as far away as the root of the two squared
 * half-widths that face each other.
 *
 * Two periods of the same accounts are paired: an account that pays much in one pays much in
 * the other, and who grew before may shrink now.  A summary does not say which account is
 * which, so this is an aggregate over rows.  Its state is an array of exact sums, numeric as
 * everybody can read it, whose elements "paired_sum" names.
 */
#include "base/port.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "base/decimal_sql.h"
#include "base/statistics_sql.h"
#include "retention_sql.h"

/*
 * Disjoint accounts
 */

static void
check_periods_comparable(const csm_retention_summary *a, const csm_retention_summary *b)
{
	bool one_unknown = csm_retention_has_period(a) != csm_retention_has_period(b);

	if (!one_unknown && a->period_from == b->period_from && a->period_to == b->period_to)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 one_unknown ? errmsg("one summary has a period, the other has none")
						 : errmsg("the summaries are of different periods"),
			 errdetail("The difference is that of two sets of accounts over one period."),
			 errhint("Two periods of the same accounts are compared account by account, with "
					 "ndr_difference_agg.")));
}

static Datum
difference_of(FunctionCallInfo fcinfo, csm_retention_figure figure)
{
	const csm_retention_summary *a = PG_GETARG_SUMMARY(0);
	const csm_retention_summary *b = PG_GETARG_SUMMARY(1);
	bool a_isnull = false;
	bool b_isnull = false;
	Datum of_a;
	Datum of_b;

	check_periods_comparable(a, b);
	of_a = figure(a, &a_isnull);
	of_b = figure(b, &b_isnull);
	if (a_isnull || b_isnull)
		PG_RETURN_NULL();
	return csm_numeric_subtract(of_a, of_b);
}

static Datum
difference_interval_of(FunctionCallInfo fcinfo, csm_retention_figure figure,
					   csm_figure_interval interval_of)
{
	const csm_retention_summary *a = PG_GETARG_SUMMARY(0);
	const csm_retention_summary *b = PG_GETARG_SUMMARY(1);
	double confidence = csm_confidence_argument(fcinfo, 2);
	bool isnull = false;
	csm_interval of_a;
	csm_interval of_b;
	csm_interval difference;
	double value_a;
	double value_b;

	check_periods_comparable(a, b);
	/* what has an interval has a value */
	if (!interval_of(a, confidence, &of_a) || !interval_of(b, confidence, &of_b))
		PG_RETURN_NULL();
	value_a = csm_numeric_to_double(figure(a, &isnull));
	value_b = csm_numeric_to_double(figure(b, &isnull));
	difference.low = value_a - value_b - hypot(value_a - of_a.low, of_b.high - value_b);
	difference.high = value_a - value_b + hypot(of_a.high - value_a, value_b - of_b.low);
	return csm_interval_to_range(difference);
}

#define DIFFERENCE(name)                                                                  \
	PG_FUNCTION_INFO_V1(csm_##name##_difference);                                         \
	Datum csm_##name##_difference(PG_FUNCTION_ARGS)                                       \
	{                                                                                     \
		return difference_of(fcinfo, csm_figure_##name);                                  \
	}                                                                                     \
	PG_FUNCTION_INFO_V1(csm_##name##_difference_interval);                                \
	Datum csm_##name##_difference_interval(PG_FUNCTION_ARGS)                              \
	{                                                                                     \
		return difference_interval_of(fcinfo, csm_figure_##name, csm_interval_of_##name); \
	}

DIFFERENCE(ndr)
DIFFERENCE(grr)
DIFFERENCE(logo_churn)

/*
 * The same accounts in two periods
 */

typedef enum paired_sum
{
	ACCOUNTS_0, /* that start the first period with an amount */
	ACCOUNTS_1,
	SUM_S0,
	SUM_E0,
	SUM_S1,
	SUM_E1,
	SUM_S0_S0,
	SUM_S0_E0,
	SUM_E0_E0,
	SUM_S1_S1,
	SUM_S1_E1,
	SUM_E1_E1,
	SUM_S0_S1,
	SUM_S0_E1,
	SUM_E0_S1,
	SUM_E0_E1,
	PAIRED_SUMS,
	CONFIDENCE = PAIRED_SUMS, /* of the aggregate that returns an interval */
} paired_sum;

/* The sums of a state; an error where it is none, which only a call by hand can bring. */
static Datum *
read_sums(Datum state, int count)
{
	ArrayType *array = DatumGetArrayTypeP(state);
	Datum *sums;
	bool *nulls;
	int found;

	if (ARR_NDIM(array) == 1 && ARR_ELEMTYPE(array) == NUMERICOID && !array_contains_nulls(array))
	{
		deconstruct_array(array, NUMERICOID, -1, false, TYPALIGN_INT, &sums, &nulls, &found);
		if (found == count)
		{
			for (int i = 0; i < count; i++)
				csm_check_finite("sum of a state", sums[i]);
			return sums;
		}
	}
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("this is no state of a difference: %d numbers are expected", count)));
}

static Datum
write_sums(Datum *sums, int count)
{
	return PointerGetDatum(construct_array(sums, count, NUMERICOID, -1, false, TYPALIGN_INT));
}

static void
add_to(Datum *sum, Datum a)
{
	*sum = csm_numeric_add(*sum, a);
}

/* The amounts of an account in one period; an ending amount counts of who started. */
typedef struct paired_amounts
{
	bool counts;
	Datum s;
	Datum e;
} paired_amounts;

static paired_amounts
amounts_argument(FunctionCallInfo fcinfo, int i)
{
	csm_decimal s = csm_amount_argument(fcinfo, i);
	csm_decimal e = csm_amount_argument(fcinfo, i + 1);
	paired_amounts amounts;

	amounts.counts = s.coefficient > 0;
	amounts.s = csm_decimal_to_numeric(s.coefficient, s.scale);
	amounts.e = csm_decimal_to_numeric(amounts.counts ? e.coefficient : 0, e.scale);
	return amounts;
}

static void
add_period(Datum *sums, const paired_amounts *a, paired_sum accounts, paired_sum amounts,
		   paired_sum squares)
{
	add_to(&sums[accounts], csm_integer_to_numeric(1));
	add_to(&sums[amounts], a->s);
	add_to(&sums[amounts + 1], a->e);
	add_to(&sums[squares], csm_numeric_multiply(a->s, a->s));
	add_to(&sums[squares + 1], csm_numeric_multiply(a->s, a->e));
	add_to(&sums[squares + 2], csm_numeric_multiply(a->e, a->e));
}

/* The sums before this row, or zeros; the caller fills in the confidence. */
static Datum *
sums_before(FunctionCallInfo fcinfo, int count)
{
	Datum *sums;

	if (!PG_ARGISNULL(0))
		return read_sums(PG_GETARG_DATUM(0), count);
	sums = palloc(sizeof(Datum) * count);
	for (int i = 0; i < count; i++)
		sums[i] = csm_integer_to_numeric(0);
	return sums;
}

static void
add_account(FunctionCallInfo fcinfo, Datum *sums)
{
	paired_amounts before = amounts_argument(fcinfo, 1);
	paired_amounts after = amounts_argument(fcinfo, 3);

	if (before.counts)
		add_period(sums, &before, ACCOUNTS_0, SUM_S0, SUM_S0_S0);
	if (after.counts)
		add_period(sums, &after, ACCOUNTS_1, SUM_S1, SUM_S1_S1);
	if (!before.counts || !after.counts)
		return;
	add_to(&sums[SUM_S0_S1], csm_numeric_multiply(before.s, after.s));
	add_to(&sums[SUM_S0_E1], csm_numeric_multiply(before.s, after.e));
	add_to(&sums[SUM_E0_S1], csm_numeric_multiply(before.e, after.s));
	add_to(&sums[SUM_E0_E1], csm_numeric_multiply(before.e, after.e));
}

PG_FUNCTION_INFO_V1(csm_paired_accum);
Datum
csm_paired_accum(PG_FUNCTION_ARGS)
{
	Datum *sums = sums_before(fcinfo, PAIRED_SUMS);

	add_account(fcinfo, sums);
	return write_sums(sums, PAIRED_SUMS);
}

static void
check_confidence_same(Datum a, Datum b)
{
	if (csm_numeric_sign(csm_numeric_subtract(a, b)) != 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the confidence varies between rows: %s and %s",
							   csm_numeric_to_text(a), csm_numeric_to_text(b))));
}

PG_FUNCTION_INFO_V1(csm_paired_interval_accum);
Datum
csm_paired_interval_accum(PG_FUNCTION_ARGS)
{
	Datum *sums = sums_before(fcinfo, PAIRED_SUMS + 1);
	Datum confidence;

	if (PG_ARGISNULL(5))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("the confidence must not be NULL"),
				 errhint("Use 0.95 for a 95 %% interval.")));
	confidence = csm_double_to_numeric(csm_confidence_argument(fcinfo, 5));
	if (PG_ARGISNULL(0))
		sums[CONFIDENCE] = confidence;
	check_confidence_same(sums[CONFIDENCE], confidence);
	add_account(fcinfo, sums);
	return write_sums(sums, PAIRED_SUMS + 1);
}

static Datum
combine_sums(FunctionCallInfo fcinfo, int count)
{
	Datum *sums = read_sums(PG_GETARG_DATUM(0), count);
	Datum *others = read_sums(PG_GETARG_DATUM(1), count);

	if (count > PAIRED_SUMS)
		check_confidence_same(sums[CONFIDENCE], others[CONFIDENCE]);
	for (int i = 0; i < PAIRED_SUMS; i++)
		add_to(&sums[i], others[i]);
	return write_sums(sums, count);
}

PG_FUNCTION_INFO_V1(csm_paired_combine);
Datum
csm_paired_combine(PG_FUNCTION_ARGS)
{
	return combine_sums(fcinfo, PAIRED_SUMS);
}

PG_FUNCTION_INFO_V1(csm_paired_interval_combine);
Datum
csm_paired_interval_combine(PG_FUNCTION_ARGS)
{
	return combine_sums(fcinfo, PAIRED_SUMS + 1);
}

/* NDR of the second period less that of the first; false where one has none. */
static bool
paired_difference(const Datum *sums, Datum *difference)
{
	bool isnull_0 = false;
	bool isnull_1 = false;
	Datum ndr_0 = csm_numeric_ratio(sums[SUM_E0], sums[SUM_S0], &isnull_0);
	Datum ndr_1 = csm_numeric_ratio(sums[SUM_E1], sums[SUM_S1], &isnull_1);

	if (isnull_0 || isnull_1)
		return false;
	*difference = csm_numeric_subtract(ndr_1, ndr_0);
	return true;
}

PG_FUNCTION_INFO_V1(csm_paired_final);
Datum
csm_paired_final(PG_FUNCTION_ARGS)
{
	Datum difference;

	if (!paired_difference(read_sums(PG_GETARG_DATUM(0), PAIRED_SUMS), &difference))
		PG_RETURN_NULL();
	return difference;
}

/*
 * The sum of d^2 over the accounts, with d = (e1 - R1 s1) / S1 - (e0 - R0 s0) / S0.  The
 * numerator, over S0^4 S1^4, is the difference of large numbers and formed exactly.  False
 * where it is 0.
 */
static bool
paired_squares(const Datum *sums, double *squares)
{
	Datum square_0 = csm_numeric_multiply(sums[SUM_S0], sums[SUM_S0]);
	Datum square_1 = csm_numeric_multiply(sums[SUM_S1], sums[SUM_S1]);
	Datum own_0 = csm_squared_deviations(sums[SUM_S0], sums[SUM_E0], sums[SUM_S0_S0],
										 sums[SUM_E0_E0], sums[SUM_S0_E0]);
	Datum own_1 = csm_squared_deviations(sums[SUM_S1], sums[SUM_E1], sums[SUM_S1_S1],
										 sums[SUM_E1_E1], sums[SUM_S1_E1]);
	Datum both = csm_numeric_subtract(
		csm_numeric_add(
			csm_numeric_multiply(csm_numeric_multiply(sums[SUM_S0], sums[SUM_S1]), sums[SUM_E0_E1]),
			csm_numeric_multiply(csm_numeric_multiply(sums[SUM_E0], sums[SUM_E1]),
								 sums[SUM_S0_S1])),
		csm_numeric_add(
			csm_numeric_multiply(csm_numeric_multiply(sums[SUM_S0], sums[SUM_E1]), sums[SUM_E0_S1]),
			csm_numeric_multiply(csm_numeric_multiply(sums[SUM_E0], sums[SUM_S1]),
								 sums[SUM_S0_E1])));
	Datum covered = csm_numeric_multiply(csm_numeric_multiply(square_0, square_1), both);
	Datum quad_0 = csm_numeric_multiply(square_0, square_0);
	Datum quad_1 = csm_numeric_multiply(square_1, square_1);
	Datum numerator = csm_numeric_subtract(
		csm_numeric_add(csm_numeric_multiply(own_0, quad_1), csm_numeric_multiply(own_1, quad_0)),
		csm_numeric_add(covered, covered));

	/* negative only in a forged state */
	if (csm_numeric_sign(numerator) <= 0)
		return false;
	*squares = csm_ratio_to_double(numerator, csm_numeric_multiply(quad_0, quad_1));
	return true;
}

PG_FUNCTION_INFO_V1(csm_paired_interval_final);
Datum
csm_paired_interval_final(PG_FUNCTION_ARGS)
{
	Datum *sums = read_sums(PG_GETARG_DATUM(0), PAIRED_SUMS + 1);
	double n =
		Min(csm_numeric_to_double(sums[ACCOUNTS_0]), csm_numeric_to_double(sums[ACCOUNTS_1]));
	double confidence = csm_numeric_to_double(sums[CONFIDENCE]);
	Datum difference;
	csm_interval interval;
	double squares;
	double half;

	if (n < 2 || !(confidence > 0 && confidence < 1) || !paired_difference(sums, &difference) ||
		!paired_squares(sums, &squares))
		PG_RETURN_NULL();
	half = csm_student_quantile(confidence, n - 1) * sqrt(n / (n - 1) * squares);
	interval.low = csm_numeric_to_double(difference) - half;
	interval.high = csm_numeric_to_double(difference) + half;
	return csm_interval_to_range(interval);
}
