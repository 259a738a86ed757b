/*
 * lift_sql.c
 *		lift_summary as SQL sees it: aggregate, estimator, interval, strata, returns, text
 *		and binary forms, comparison.
 */
#include "base/port.h"

#include <math.h>

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "base/decimal_sql.h"
#include "lift.h"
#include "base/statistics_sql.h"
#include "base/tally_sql.h"

#define UNTOUCHED 0
#define TOUCHED   1

static void *
lift_at_rest(const void *state)
{
	csm_lift_check_outcomes(state);
	return csm_tally_at_rest(state);
}

static const char *
lift_problem(const void *lift)
{
	return csm_lift_problem(lift);
}

static const csm_tally_type lift_type = {
	.value = {"lift_summary", lift_at_rest, lift_problem},
	.version = CSM_LIFT_VERSION,
	.shape = CSM_LIFT_SHAPE,
};

#define PG_GETARG_LIFT(i) csm_tally_argument(fcinfo, i, &lift_type)

/*
 * Aggregate
 */

/* A missing base is 0, a base that the call does not have is 1. */
static csm_decimal
base_argument(FunctionCallInfo fcinfo, int i)
{
	csm_decimal base = {PG_NARGS() > i ? 0 : 1, 0};

	if (PG_NARGS() > i && !PG_ARGISNULL(i))
	{
		base = csm_decimal_from_numeric(PG_GETARG_DATUM(i));
		if (base.coefficient < 0)
			csm_negative_error("base", PG_GETARG_DATUM(i));
	}
	return base;
}

/* One row into the state: (state, touched, outcome [, base [, stratum]]) */
PG_FUNCTION_INFO_V1(csm_lift_accum);
Datum
csm_lift_accum(PG_FUNCTION_ARGS)
{
	csm_tally *lift = csm_tally_state(fcinfo, &lift_type);
	csm_decimal outcome = {0, 0};
	csm_decimal base = base_argument(fcinfo, 3);
	text *stratum = NULL;

	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("touched must not be NULL"),
				 errhint("Say whether an account was touched, as in coalesce(touched, false).")));
	if (!PG_ARGISNULL(2))
		outcome = csm_decimal_from_numeric(PG_GETARG_DATUM(2));
	if (PG_NARGS() > 4 && !PG_ARGISNULL(4))
		stratum = PG_GETARG_TEXT_PP(4);
	csm_lift_add(&lift, stratum ? VARDATA_ANY(stratum) : "",
				 stratum ? (int) VARSIZE_ANY_EXHDR(stratum) : -1, PG_GETARG_BOOL(1), outcome, base);
	return csm_state_result(fcinfo, &lift_type.value, lift);
}

PG_FUNCTION_INFO_V1(csm_lift_combine);
Datum
csm_lift_combine(PG_FUNCTION_ARGS)
{
	return csm_tally_combine(fcinfo, &lift_type);
}

PG_FUNCTION_INFO_V1(csm_lift_final);
Datum
csm_lift_final(PG_FUNCTION_ARGS)
{
	return csm_tally_final(fcinfo, &lift_type);
}

/*
 * Estimator.  A stratum is compared when it has touched accounts, and untouched ones with
 * a base.  What the touched ones would have done untouched is their base times the rate of
 * the untouched: outcome / base.
 */

static bool
is_compared(const csm_stratum *s)
{
	return s->accounts[TOUCHED] > 0 && s->amounts[UNTOUCHED].base > 0;
}

static Datum
base_of(const csm_stratum *s, int side, int scale)
{
	return csm_decimal_to_numeric(s->amounts[side].base, scale);
}

static Datum
outcome_of(const csm_stratum *s, int side, int scale)
{
	return csm_decimal_to_numeric(s->amounts[side].gained - s->amounts[side].lost, scale);
}

/* What touching added: (outcome_t * base_u - outcome_u * base_t) / base_u */
static Datum
incremental_of(const csm_stratum *s, int scale)
{
	Datum base = base_of(s, UNTOUCHED, scale);

	return csm_numeric_divide(
		csm_numeric_subtract(
			csm_numeric_multiply(outcome_of(s, TOUCHED, scale), base),
			csm_numeric_multiply(outcome_of(s, UNTOUCHED, scale), base_of(s, TOUCHED, scale))),
		base);
}

/* Over the compared strata; false when there are none. */
static bool
total_incremental(const csm_tally *lift, Datum *incremental)
{
	csm_running_number sum = csm_running_start(0);
	bool found = false;

	for (csm_tally_entry *e = csm_tally_first(lift); e != NULL; e = csm_tally_next(lift, e))
	{
		const csm_stratum *s = csm_stratum_of(e);

		if (!is_compared(s))
			continue;
		csm_running_enter(&sum);
		csm_running_leave(&sum, csm_numeric_add(sum.value, incremental_of(s, lift->scale)));
		found = true;
	}
	*incremental = sum.value;
	return found;
}

PG_FUNCTION_INFO_V1(csm_lift_incremental);
Datum
csm_lift_incremental(PG_FUNCTION_ARGS)
{
	Datum incremental;

	if (!total_incremental(PG_GETARG_LIFT(0), &incremental))
		PG_RETURN_NULL();
	return incremental;
}

/* Of the touched accounts in the compared strata. */
static Datum
total_base_touched(const csm_tally *lift)
{
	csm_running_number base = csm_running_start(0);

	for (csm_tally_entry *e = csm_tally_first(lift); e != NULL; e = csm_tally_next(lift, e))
	{
		if (!is_compared(csm_stratum_of(e)))
			continue;
		csm_running_enter(&base);
		csm_running_leave(
			&base, csm_numeric_add(base.value, base_of(csm_stratum_of(e), TOUCHED, lift->scale)));
	}
	return base.value;
}

PG_FUNCTION_INFO_V1(csm_lift_lift);
Datum
csm_lift_lift(PG_FUNCTION_ARGS)
{
	csm_tally *lift = PG_GETARG_LIFT(0);
	Datum incremental;

	if (!total_incremental(lift, &incremental))
		PG_RETURN_NULL();
	return csm_numeric_ratio(incremental, total_base_touched(lift), &fcinfo->isnull);
}

PG_FUNCTION_INFO_V1(csm_lift_strata_without_control);
Datum
csm_lift_strata_without_control(PG_FUNCTION_ARGS)
{
	csm_tally *lift = PG_GETARG_LIFT(0);
	int64 count = 0;

	for (csm_tally_entry *e = csm_tally_first(lift); e != NULL; e = csm_tally_next(lift, e))
	{
		const csm_stratum *s = csm_stratum_of(e);

		count += s->accounts[TOUCHED] > 0 && !is_compared(s);
	}
	PG_RETURN_INT64(count);
}

/*
 * Interval.  The variance of what touching added to a stratum is the larger of two, as each
 * alone fails somewhere:
 *
 * - by side: on each side the variance of n / (n - 1) * sum (y - R b)^2 around its own rate
 *   R, the untouched side (B_t / B_u)^2 times.  A few accounts of which none was lost have
 *   no variance of their own: the interval would be far too short.
 * - pooled: all accounts of the stratum around one rate, and of their variance for a unit of
 *   base^2 as much as the bases of the two sides take.  That is right where touching has no
 *   effect, and too short where the smaller side varies more.
 *
 * The quantile is Student's, with the degrees of freedom that the smaller side has: its
 * accounts, counted as if all were of one size, less one.
 */

/* What both sides, or the whole, of a stratum add up to; numerics. */
typedef struct csm_side
{
	Datum accounts;
	Datum base;
	Datum outcome;
	Datum base_squared;
	Datum outcome_squared;
	Datum base_times_outcome;
} csm_side;

/* Of the strata that are compared, with index 0 for the untouched, 1 for the touched. */
typedef struct csm_spread
{
	double variance;
	double base[2];
	double base_squared[2];
} csm_spread;

static csm_side
side_of(const csm_stratum *s, int side, int scale)
{
	const csm_lift_products *products = &s->products[side];
	csm_side sums;

	sums.accounts = csm_integer_to_numeric(s->accounts[side]);
	sums.base = base_of(s, side, scale);
	sums.outcome = outcome_of(s, side, scale);
	sums.base_squared = csm_uint256_to_numeric(&products->base_squared, 2 * scale);
	sums.outcome_squared = csm_uint256_to_numeric(&products->outcome_squared, 2 * scale);
	sums.base_times_outcome =
		csm_numeric_subtract(csm_uint256_to_numeric(&products->base_gained, 2 * scale),
							 csm_uint256_to_numeric(&products->base_lost, 2 * scale));
	return sums;
}

static csm_side
both_sides(const csm_side *a, const csm_side *b)
{
	csm_side sums;

	sums.accounts = csm_numeric_add(a->accounts, b->accounts);
	sums.base = csm_numeric_add(a->base, b->base);
	sums.outcome = csm_numeric_add(a->outcome, b->outcome);
	sums.base_squared = csm_numeric_add(a->base_squared, b->base_squared);
	sums.outcome_squared = csm_numeric_add(a->outcome_squared, b->outcome_squared);
	sums.base_times_outcome = csm_numeric_add(a->base_times_outcome, b->base_times_outcome);
	return sums;
}

/* n / (n - 1) * sum (y - R b)^2 with R = outcome / base; false in a forged value. */
static bool
residual_variance(const csm_side *side, double *variance)
{
	Datum deviations = csm_squared_deviations(side->base, side->outcome, side->base_squared,
											  side->outcome_squared, side->base_times_outcome);
	Datum others = csm_numeric_subtract(side->accounts, csm_integer_to_numeric(1));

	if (csm_numeric_sign(deviations) < 0)
		return false;
	*variance = csm_ratio_to_double(
		csm_numeric_multiply(side->accounts, deviations),
		csm_numeric_multiply(others, csm_numeric_multiply(side->base, side->base)));
	return true;
}

/* Adds a compared stratum; false when its variance cannot be told. */
static bool
add_spread(const csm_stratum *s, int scale, csm_spread *spread)
{
	csm_side sides[2] = {side_of(s, UNTOUCHED, scale), side_of(s, TOUCHED, scale)};
	csm_side both = both_sides(&sides[UNTOUCHED], &sides[TOUCHED]);
	double residuals[2];
	double pooled;
	double weight;

	if (s->accounts[TOUCHED] < 2 || s->accounts[UNTOUCHED] < 2 || s->amounts[TOUCHED].base == 0 ||
		!residual_variance(&sides[UNTOUCHED], &residuals[UNTOUCHED]) ||
		!residual_variance(&sides[TOUCHED], &residuals[TOUCHED]) ||
		!residual_variance(&both, &pooled))
		return false;
	weight = csm_ratio_to_double(sides[TOUCHED].base, sides[UNTOUCHED].base);
	weight *= weight;
	pooled *= csm_ratio_to_double(sides[TOUCHED].base_squared, both.base_squared) +
			  weight * csm_ratio_to_double(sides[UNTOUCHED].base_squared, both.base_squared);
	spread->variance += Max(residuals[TOUCHED] + weight * residuals[UNTOUCHED], pooled);
	for (int side = 0; side < 2; side++)
	{
		spread->base[side] += csm_numeric_to_double(sides[side].base);
		spread->base_squared[side] += csm_numeric_to_double(sides[side].base_squared);
	}
	return true;
}

/* Over the compared strata; false when one of them is too small for it, or nothing varies. */
static bool
total_spread(const csm_tally *lift, csm_spread *spread)
{
	csm_scratch scratch = csm_scratch_start();
	bool known = true;

	memset(spread, 0, sizeof(csm_spread));
	for (csm_tally_entry *e = csm_tally_first(lift); known && e != NULL;
		 e = csm_tally_next(lift, e))
	{
		csm_scratch_enter(&scratch);
		if (is_compared(csm_stratum_of(e)))
			known = add_spread(csm_stratum_of(e), lift->scale, spread);
		csm_scratch_leave(&scratch);
	}
	csm_scratch_end(&scratch);
	return known && spread->variance > 0.0;
}

static double
degrees_of_freedom(const csm_spread *spread)
{
	double alike[2];

	for (int side = 0; side < 2; side++)
		alike[side] = spread->base[side] * spread->base[side] / spread->base_squared[side];
	return Max(1.0, Min(alike[0], alike[1]) - 1.0);
}

/* Half the interval of incremental; false when there is none. */
static bool
half_interval(const csm_tally *lift, double confidence, Datum *half)
{
	csm_spread spread;

	if (!total_spread(lift, &spread))
		return false;
	*half = csm_double_to_numeric(csm_student_quantile(confidence, degrees_of_freedom(&spread)) *
								  sqrt(spread.variance));
	return true;
}

/* Rounded outwards, so that an interval of small amounts is never one of nothing. */
static Datum
range_around(Datum center, Datum half, int places)
{
	return csm_numeric_range(csm_numeric_floor(csm_numeric_subtract(center, half), places),
							 csm_numeric_ceil(csm_numeric_add(center, half), places));
}

PG_FUNCTION_INFO_V1(csm_lift_incremental_interval);
Datum
csm_lift_incremental_interval(PG_FUNCTION_ARGS)
{
	csm_tally *lift = PG_GETARG_LIFT(0);
	double confidence = csm_confidence_argument(fcinfo, 1);
	Datum incremental;
	Datum half;

	if (!total_incremental(lift, &incremental) || !half_interval(lift, confidence, &half))
		PG_RETURN_NULL();
	return range_around(incremental, half, lift->scale);
}

PG_FUNCTION_INFO_V1(csm_lift_lift_interval);
Datum
csm_lift_lift_interval(PG_FUNCTION_ARGS)
{
	csm_tally *lift = PG_GETARG_LIFT(0);
	double confidence = csm_confidence_argument(fcinfo, 1);
	Datum base = total_base_touched(lift);
	Datum incremental;
	Datum half;

	if (!total_incremental(lift, &incremental) || !half_interval(lift, confidence, &half))
		PG_RETURN_NULL();
	return range_around(csm_numeric_divide(incremental, base), csm_numeric_divide(half, base),
						CSM_INTERVAL_PLACES);
}

PG_FUNCTION_INFO_V1(csm_lift_strata);
Datum
csm_lift_strata(PG_FUNCTION_ARGS)
{
	csm_tally *lift = PG_GETARG_LIFT(0);
	int scale = lift->scale;
	csm_rows rows = csm_rows_start(fcinfo);

	for (csm_tally_entry *e = csm_tally_first(lift); e != NULL; e = csm_tally_next(lift, e))
	{
		const csm_stratum *s = csm_stratum_of(e);
		Datum values[10] = {0};
		bool nulls[10] = {false};

		nulls[0] = !csm_tally_has_name(e);
		if (!nulls[0])
			values[0] = PointerGetDatum(
				cstring_to_text_with_len(csm_tally_name(lift->shape, e), e->name_length));
		values[1] = Int64GetDatum(s->accounts[TOUCHED]);
		values[2] = Int64GetDatum(s->accounts[UNTOUCHED]);
		values[3] = base_of(s, TOUCHED, scale);
		values[4] = base_of(s, UNTOUCHED, scale);
		values[5] = outcome_of(s, TOUCHED, scale);
		values[6] = outcome_of(s, UNTOUCHED, scale);
		values[7] = csm_numeric_ratio(values[5], values[3], &nulls[7]);
		values[8] = csm_numeric_ratio(values[6], values[4], &nulls[8]);
		nulls[9] = !is_compared(s);
		if (!nulls[9])
			values[9] = incremental_of(s, scale);
		csm_rows_put(&rows, values, nulls);
	}
	return csm_rows_end(&rows);
}

/*
 * Returns: what the work brought against what it cost
 */

static Datum
finite_argument(FunctionCallInfo fcinfo, int i, const char *name)
{
	csm_check_finite(name, PG_GETARG_DATUM(i));
	return PG_GETARG_DATUM(i);
}

static Datum
not_negative_argument(FunctionCallInfo fcinfo, int i, const char *name)
{
	csm_check_not_negative(name, PG_GETARG_DATUM(i));
	return PG_GETARG_DATUM(i);
}

PG_FUNCTION_INFO_V1(csm_return_on_cost);
Datum
csm_return_on_cost(PG_FUNCTION_ARGS)
{
	Datum value = finite_argument(fcinfo, 0, "value");
	Datum cost = not_negative_argument(fcinfo, 1, "cost");

	return csm_numeric_ratio(csm_numeric_subtract(value, cost), cost, &fcinfo->isnull);
}

PG_FUNCTION_INFO_V1(csm_return_multiple);
Datum
csm_return_multiple(PG_FUNCTION_ARGS)
{
	Datum value = finite_argument(fcinfo, 0, "value");

	return csm_numeric_ratio(value, not_negative_argument(fcinfo, 1, "cost"), &fcinfo->isnull);
}

PG_FUNCTION_INFO_V1(csm_annuity);
Datum
csm_annuity(PG_FUNCTION_ARGS)
{
	Datum arr = not_negative_argument(fcinfo, 0, "amount");
	Datum churn = not_negative_argument(fcinfo, 1, "churn rate");
	Datum discount = not_negative_argument(fcinfo, 2, "discount rate");

	return csm_numeric_ratio(arr, csm_numeric_add(churn, discount), &fcinfo->isnull);
}

/*
 * Text form: a JSON object of an array for each stratum: its name (null where there is
 * none), then for the untouched and for the touched: accounts, base, gained, lost,
 * base_squared, outcome_squared, base_gained, base_lost
 */

#define SIDE_VALUES    8
#define STRATUM_VALUES (1 + 2 * SIDE_VALUES)

static void
put_side(StringInfo text, const csm_stratum *s, int side, int scale)
{
	const csm_lift_amounts *amounts = &s->amounts[side];
	const csm_lift_products *products = &s->products[side];

	csm_json_put_count_value(text, s->accounts[side]);
	csm_json_put_numeric_value(text, csm_decimal_to_numeric(amounts->base, scale));
	csm_json_put_numeric_value(text, csm_decimal_to_numeric(amounts->gained, scale));
	csm_json_put_numeric_value(text, csm_decimal_to_numeric(amounts->lost, scale));
	csm_json_put_numeric_value(text, csm_uint256_to_numeric(&products->base_squared, 2 * scale));
	csm_json_put_numeric_value(text, csm_uint256_to_numeric(&products->outcome_squared, 2 * scale));
	csm_json_put_numeric_value(text, csm_uint256_to_numeric(&products->base_gained, 2 * scale));
	csm_json_put_numeric_value(text, csm_uint256_to_numeric(&products->base_lost, 2 * scale));
}

PG_FUNCTION_INFO_V1(csm_lift_summary_out);
Datum
csm_lift_summary_out(PG_FUNCTION_ARGS)
{
	csm_tally *lift = PG_GETARG_LIFT(0);
	csm_scratch scratch = csm_scratch_start();
	StringInfoData text;

	csm_json_start(&text);
	csm_json_put_key(&text, "strata");
	csm_json_put_array(&text);
	for (csm_tally_entry *e = csm_tally_first(lift); e != NULL; e = csm_tally_next(lift, e))
	{
		csm_scratch_enter(&scratch);
		csm_json_put_array(&text);
		csm_tally_put_name(&text, lift, e);
		put_side(&text, csm_stratum_of(e), UNTOUCHED, lift->scale);
		put_side(&text, csm_stratum_of(e), TOUCHED, lift->scale);
		appendStringInfoChar(&text, ']');
		csm_scratch_leave(&scratch);
	}
	csm_scratch_end(&scratch);
	appendStringInfoChar(&text, ']');
	csm_json_end(&text);
	PG_RETURN_CSTRING(text.data);
}

CSM_CAST_TO_JSON(csm_lift_summary)

static bool
read_side_amounts(csm_json *json, const JsonbValue *values, csm_tally *lift, csm_stratum *s,
				  int side)
{
	int128 *amounts[] = {&s->amounts[side].base, &s->amounts[side].gained, &s->amounts[side].lost};

	if (!csm_json_count_value(json, "strata", &values[0], &s->accounts[side]))
		return false;
	for (int i = 0; i < (int) lengthof(amounts); i++)
	{
		csm_decimal amount;

		if (!csm_json_amount_value(json, "strata", &values[1 + i], &amount) ||
			!csm_tally_read_amount(json, lift, amount, amounts[i]))
			return false;
	}
	return true;
}

/* When the scale of the amounts is known. */
static bool
read_side_products(csm_json *json, const JsonbValue *values, const csm_tally *lift, csm_stratum *s,
				   int side)
{
	csm_lift_products *products = &s->products[side];
	csm_uint256 *sums[] = {&products->base_squared, &products->outcome_squared,
						   &products->base_gained, &products->base_lost};

	for (int i = 0; i < (int) lengthof(sums); i++)
	{
		Datum numeric;

		if (!csm_json_numeric_value(json, "strata", &values[4 + i], &numeric))
			return false;
		if (!csm_uint256_from_numeric(numeric, 2 * lift->scale, sums[i]))
			return csm_json_fail(json, "strata",
								 "must hold sums of squares from 0 to 10^76, with "
								 "no more than twice the decimal places of the "
								 "amounts");
	}
	return true;
}

/* One array of "strata" into the state. */
static bool
read_stratum(csm_json *json, const JsonbValue *row, csm_tally **lift)
{
	static const uint64 no_terms = 0;
	JsonbValue values[STRATUM_VALUES];
	const JsonbValue *untouched = values + 1;
	const JsonbValue *touched = values + 1 + SIDE_VALUES;
	csm_tally_entry *entry;
	csm_stratum *s;

	if (!csm_tally_read_row(json, "strata", row, STRATUM_VALUES, values))
		return false;
	entry = csm_tally_read_key(json, "strata", &values[0], &no_terms, lift);
	if (entry == NULL)
		return false;
	s = csm_stratum_of(entry);
	return read_side_amounts(json, untouched, *lift, s, UNTOUCHED) &&
		   read_side_amounts(json, touched, *lift, s, TOUCHED) &&
		   read_side_products(json, untouched, *lift, s, UNTOUCHED) &&
		   read_side_products(json, touched, *lift, s, TOUCHED);
}

/* NULL after a soft error. */
static csm_tally *
lift_from_text(char *text, Node *escontext)
{
	csm_json json;
	JsonbValue strata;
	const char *problem;
	csm_tally *lift = csm_tally_new(CSM_LIFT_VERSION, lift_type.shape);

	if (!csm_json_open(&json, lift_type.value.name, text, escontext) ||
		!csm_json_array(&json, "strata", &strata) || !csm_json_close(&json))
		return NULL;
	for (int i = 0; i < csm_json_length(&strata); i++)
	{
		if (!read_stratum(&json, csm_json_item(&strata, i), &lift))
			return NULL;
	}
	problem = csm_lift_problem(lift);
	if (problem != NULL)
		ereturn(escontext, NULL,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input for type %s: %s", lift_type.value.name, problem)));
	return csm_tally_at_rest(lift);
}

PG_FUNCTION_INFO_V1(csm_lift_summary_in);
Datum
csm_lift_summary_in(PG_FUNCTION_ARGS)
{
	csm_tally *lift = lift_from_text(PG_GETARG_CSTRING(0), fcinfo->context);

	if (lift == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(lift);
}

PG_FUNCTION_INFO_V1(csm_lift_summary_send);
Datum
csm_lift_summary_send(PG_FUNCTION_ARGS)
{
	return csm_tally_send(fcinfo, &lift_type);
}

PG_FUNCTION_INFO_V1(csm_lift_summary_recv);
Datum
csm_lift_summary_recv(PG_FUNCTION_ARGS)
{
	return csm_tally_recv(fcinfo, &lift_type);
}

static int
compare_arguments(FunctionCallInfo fcinfo)
{
	return csm_tally_compare_arguments(fcinfo, &lift_type);
}

static uint64
hash_argument(FunctionCallInfo fcinfo, uint64 seed)
{
	return csm_tally_hash(fcinfo, &lift_type, seed);
}

CSM_COMPARISON(csm_lift_summary, compare_arguments, hash_argument)
