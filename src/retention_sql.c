/*
 * retention_sql.c
 *		retention_summary as SQL sees it: the type, its aggregates and what it can be asked.
 *
 * Order: states, aggregates, accessors, intervals, text and binary forms, comparison.
 * retention_sums_sql.c has the aggregates that return numbers, retention_runs_sql.c the
 * figures over runs of intervals.
 */
#include "base/port.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "base/calendar.h"
#include "base/decimal_sql.h"
#include "base/state_sql.h"
#include "base/statistics.h"
#include "base/statistics_sql.h"
#include "base/wire_sql.h"
#include "retention_sql.h"

#define SUMMARY "retention_summary"

/*
 * States
 */

csm_retention_summary *
csm_retention_from_datum(Datum datum)
{
	csm_retention_summary *r = (csm_retention_summary *) PG_DETOAST_DATUM(datum);

	csm_check_version(SUMMARY, r->version, CSM_RETENTION_VERSION);
	return r;
}

/* The same for a summary, with room for all of the largest accounts. */
csm_retention_summary *
csm_retention_state(FunctionCallInfo fcinfo)
{
	csm_retention_summary *r;

	if (PG_ARGISNULL(0))
		return csm_retention_new();
	r = PG_GETARG_SUMMARY(0);
	if (likely(csm_in_aggregate(fcinfo)) && VARSIZE(r) == CSM_RETENTION_STATE_SIZE)
		return r;
	return csm_retention_copy(r, CSM_LARGEST);
}

/* A value at rest has no spare room. */
static void *
retention_at_rest(const void *state)
{
	const csm_retention_summary *r = state;

	return csm_retention_copy(r, r->largest_count);
}

static const char *
retention_problem(const void *value)
{
	return csm_retention_problem(value);
}

const csm_value_type csm_retention_type = {SUMMARY, retention_at_rest, retention_problem};

/*
 * retention_agg and rollup
 */

/* Sets the state's period and currency, or checks that they have not changed. */
static void
set_or_check(csm_retention_summary *r, bool is_first, const csm_retention_summary *given)
{
	if (is_first)
	{
		r->flags = given->flags;
		r->period_from = given->period_from;
		r->period_to = given->period_to;
		memcpy(r->currency, given->currency, CSM_CURRENCY_SIZE);
	}
	else
		csm_retention_check_same(r, given);
}

static void
period_argument(FunctionCallInfo fcinfo, int i, csm_retention_summary *given)
{
	if (PG_ARGISNULL(i))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("the period must not be NULL"),
				 errhint("Leave the argument out when the period is not known.")));
	csm_period_from_range(PG_GETARG_DATUM(i), &given->period_from, &given->period_to);
	given->flags |= CSM_RETENTION_HAS_PERIOD;
}

/* What a row may have besides its two amounts, in this order. */
#define WITH_CUSTOMER 0x01
#define WITH_PERIOD   0x02
#define WITH_CURRENCY 0x04

/* (state, starting, ending [, was_customer] [, period] [, currency]): one row into the state. */
static Datum
accumulate(FunctionCallInfo fcinfo, int with)
{
	bool is_first = PG_ARGISNULL(0);
	csm_retention_summary *r = csm_retention_state(fcinfo);
	bool was_customer = false;
	int next = 3;
	csm_retention_summary given;

	memset(&given, 0, sizeof(given));
	if (with & WITH_CUSTOMER)
	{
		was_customer = !PG_ARGISNULL(next) && PG_GETARG_BOOL(next);
		next++;
	}
	if (with & WITH_PERIOD)
		period_argument(fcinfo, next++, &given);
	if ((with & WITH_CURRENCY) && !PG_ARGISNULL(next))
		csm_currency_from_text(PG_GETARG_TEXT_PP(next), given.currency);
	set_or_check(r, is_first, &given);
	csm_retention_add(r, csm_amount_argument(fcinfo, 1), csm_amount_argument(fcinfo, 2),
					  was_customer);
	Assert(csm_retention_problem(r) == NULL);
	return csm_state_result(fcinfo, &csm_retention_type, r);
}

#define ACCUMULATE(name, with)           \
	PG_FUNCTION_INFO_V1(name);           \
	Datum name(PG_FUNCTION_ARGS)         \
	{                                    \
		return accumulate(fcinfo, with); \
	}

/* clang-format off */
ACCUMULATE(csm_retention_accum, 0)
ACCUMULATE(csm_retention_accum_period, WITH_PERIOD)
ACCUMULATE(csm_retention_accum_currency, WITH_PERIOD | WITH_CURRENCY)
ACCUMULATE(csm_retention_accum_customer, WITH_CUSTOMER)
ACCUMULATE(csm_retention_accum_customer_period, WITH_CUSTOMER | WITH_PERIOD)
ACCUMULATE(csm_retention_accum_customer_currency, WITH_CUSTOMER | WITH_PERIOD | WITH_CURRENCY)
/* clang-format on */

/* Combine function, transition of rollup and, outside an aggregate, r + r. */
PG_FUNCTION_INFO_V1(csm_retention_combine);
Datum
csm_retention_combine(PG_FUNCTION_ARGS)
{
	csm_retention_summary *r = csm_retention_state(fcinfo);

	csm_retention_merge(r, PG_GETARG_SUMMARY(1));
	Assert(csm_retention_problem(r) == NULL);
	return csm_state_result(fcinfo, &csm_retention_type, r);
}

PG_FUNCTION_INFO_V1(csm_retention_final);
Datum
csm_retention_final(PG_FUNCTION_ARGS)
{
	return csm_value_result(&csm_retention_type, PG_GETARG_SUMMARY(0));
}

/*
 * Accessors
 */

/* Each figure is a function of a summary, which bridge() calls too, and its SQL accessor. */
#define FIGURE(name, result)                                                      \
	extern Datum csm_figure_##name(const csm_retention_summary *r, bool *isnull); \
	Datum csm_figure_##name(const csm_retention_summary *r, bool *isnull)         \
	{                                                                             \
		return (result);                                                          \
	}                                                                             \
	PG_FUNCTION_INFO_V1(csm_retention_##name);                                    \
	Datum csm_retention_##name(PG_FUNCTION_ARGS)                                  \
	{                                                                             \
		return csm_figure_##name(PG_GETARG_SUMMARY(0), &fcinfo->isnull);          \
	}

#define RATIO(name, numerator, denominator) \
	FIGURE(name, csm_amount_ratio((numerator), (denominator), r->scale, isnull))
#define COUNT_RATIO(name, numerator, denominator) \
	FIGURE(name, csm_count_ratio((numerator), (denominator), isnull))
#define PER_ACCOUNT(name, amount, count)                                       \
	FIGURE(name, csm_numeric_ratio(csm_decimal_to_numeric((amount), r->scale), \
								   csm_integer_to_numeric(count), isnull))
#define AMOUNT(name, amount) FIGURE(name, csm_decimal_to_numeric((amount), r->scale))
#define COUNT(name, count)   FIGURE(name, Int64GetDatum(count))

/* clang-format off */
RATIO(ndr, r->ending_existing, r->starting)
RATIO(grr, r->retained, r->starting)
COUNT_RATIO(logo_churn, r->accounts_churned, r->accounts_starting)
COUNT_RATIO(logo_retention, r->accounts_starting - r->accounts_churned, r->accounts_starting)
RATIO(revenue_churn, r->starting - r->retained, r->starting)
RATIO(revenue_churn_without_contraction, r->churned, r->starting)
RATIO(net_revenue_churn, r->starting - r->ending_existing, r->starting)
RATIO(net_churn_with_reactivation, r->starting - r->ending_existing - r->reactivation, r->starting)
RATIO(quick_ratio, csm_gains_of(r), r->starting - r->retained)
RATIO(quick_ratio_without_reactivation, csm_gains_of(r) - r->reactivation, r->starting - r->retained)
RATIO(growth, csm_ending_of(r) - r->starting, r->starting)

AMOUNT(starting, r->starting)
AMOUNT(ending, csm_ending_of(r))
AMOUNT(ending_existing, r->ending_existing)
AMOUNT(retained, r->retained)
AMOUNT(new_business, r->new_business)
AMOUNT(reactivation, r->reactivation)
AMOUNT(expansion, csm_expansion_of(r))
AMOUNT(contraction, csm_contraction_of(r))
AMOUNT(churned, r->churned)
AMOUNT(net_new, csm_ending_of(r) - r->starting)
PER_ACCOUNT(arpa_starting, r->starting, r->accounts_starting)
PER_ACCOUNT(arpa_ending, csm_ending_of(r), csm_accounts_ending_of(r))

COUNT(accounts_starting, r->accounts_starting)
COUNT(accounts_ending, csm_accounts_ending_of(r))
COUNT(accounts_new, r->accounts_new)
COUNT(accounts_reactivated, r->accounts_reactivated)
COUNT(accounts_expanded, r->accounts_expanded)
COUNT(accounts_contracted, r->accounts_contracted)
COUNT(accounts_churned, r->accounts_churned)
COUNT(accounts_retained, r->accounts_starting - r->accounts_churned)
/* clang-format on */

PG_FUNCTION_INFO_V1(csm_retention_period);
Datum
csm_retention_period(PG_FUNCTION_ARGS)
{
	const csm_retention_summary *r = PG_GETARG_SUMMARY(0);

	if (!csm_retention_has_period(r))
		PG_RETURN_NULL();
	return csm_period_to_range(r->period_from, r->period_to);
}

PG_FUNCTION_INFO_V1(csm_retention_currency);
Datum
csm_retention_currency(PG_FUNCTION_ARGS)
{
	const csm_retention_summary *r = PG_GETARG_SUMMARY(0);

	if (r->currency[0] == '\0')
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(r->currency));
}

/*
 * Whales: how much hangs on the largest accounts
 */

/* The second argument, 1 to 10, as a number of accounts that there are. */
static int
largest_argument(FunctionCallInfo fcinfo, const csm_retention_summary *r)
{
	int k = PG_GETARG_INT32(1);

	if (k < 1 || k > CSM_LARGEST)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the number of largest accounts must be from 1 to %d, not %d",
							   CSM_LARGEST, k)));
	return Min(k, r->largest_count);
}

static csm_account_amounts
sum_of_largest(const csm_retention_summary *r, int k)
{
	csm_account_amounts sum = {0, 0};

	for (int i = 0; i < k; i++)
	{
		sum.starting += r->largest[i].starting;
		sum.ending += r->largest[i].ending;
	}
	return sum;
}

PG_FUNCTION_INFO_V1(csm_retention_top_share);
Datum
csm_retention_top_share(PG_FUNCTION_ARGS)
{
	const csm_retention_summary *r = PG_GETARG_SUMMARY(0);
	csm_account_amounts largest = sum_of_largest(r, largest_argument(fcinfo, r));

	return csm_amount_ratio(largest.starting, r->starting, r->scale, &fcinfo->isnull);
}

PG_FUNCTION_INFO_V1(csm_retention_ndr_without_top);
Datum
csm_retention_ndr_without_top(PG_FUNCTION_ARGS)
{
	const csm_retention_summary *r = PG_GETARG_SUMMARY(0);
	csm_account_amounts largest = sum_of_largest(r, largest_argument(fcinfo, r));

	return csm_amount_ratio(r->ending_existing - largest.ending, r->starting - largest.starting,
							r->scale, &fcinfo->isnull);
}

PG_FUNCTION_INFO_V1(csm_retention_hhi);
Datum
csm_retention_hhi(PG_FUNCTION_ARGS)
{
	const csm_retention_summary *r = PG_GETARG_SUMMARY(0);
	csm_uint256 square = csm_uint256_product(r->starting, r->starting);

	return csm_numeric_ratio(csm_uint256_to_numeric(&r->starting_squared, 2 * r->scale),
							 csm_uint256_to_numeric(&square, 2 * r->scale), &fcinfo->isnull);
}

/*
 * Quota: what the accounts in a manager's book became, against a target NDR
 */

static Datum
target_argument(FunctionCallInfo fcinfo)
{
	Datum target = PG_GETARG_DATUM(1);

	csm_check_not_negative("target", target);
	csm_check_not_percent("target", "ratio", target);
	return target;
}

PG_FUNCTION_INFO_V1(csm_retention_quota_attainment);
Datum
csm_retention_quota_attainment(PG_FUNCTION_ARGS)
{
	const csm_retention_summary *r = PG_GETARG_SUMMARY(0);
	Datum target = target_argument(fcinfo);

	return csm_numeric_ratio(csm_ending_existing_numeric(r),
							 csm_numeric_multiply(csm_starting_numeric(r), target),
							 &fcinfo->isnull);
}

PG_FUNCTION_INFO_V1(csm_retention_quota_growth_attainment);
Datum
csm_retention_quota_growth_attainment(PG_FUNCTION_ARGS)
{
	const csm_retention_summary *r = PG_GETARG_SUMMARY(0);
	Datum growth_target = csm_numeric_subtract(target_argument(fcinfo), csm_integer_to_numeric(1));

	if (csm_numeric_sign(growth_target) <= 0)
		PG_RETURN_NULL();
	return csm_numeric_ratio(csm_decimal_to_numeric(r->ending_existing - r->starting, r->scale),
							 csm_numeric_multiply(csm_starting_numeric(r), growth_target),
							 &fcinfo->isnull);
}

PG_FUNCTION_INFO_V1(csm_retention_quota_gap);
Datum
csm_retention_quota_gap(PG_FUNCTION_ARGS)
{
	const csm_retention_summary *r = PG_GETARG_SUMMARY(0);

	return csm_numeric_subtract(
		csm_numeric_multiply(target_argument(fcinfo), csm_starting_numeric(r)),
		csm_ending_existing_numeric(r));
}

/*
 * Intervals
 */

PG_FUNCTION_INFO_V1(csm_retention_ndr_interval);
Datum
csm_retention_ndr_interval(PG_FUNCTION_ARGS)
{
	const csm_retention_summary *r = PG_GETARG_SUMMARY(0);
	double confidence = csm_confidence_argument(fcinfo, 1);
	int64 n = r->accounts_starting;
	Datum deviations;
	Datum square;
	double ndr;
	double half;
	csm_interval interval;

	if (n < 2)
		PG_RETURN_NULL();
	deviations = csm_squared_deviations(csm_starting_numeric(r), csm_ending_existing_numeric(r),
										csm_uint256_to_numeric(&r->starting_squared, 2 * r->scale),
										csm_uint256_to_numeric(&r->ending_squared, 2 * r->scale),
										csm_uint256_to_numeric(&r->starting_ending, 2 * r->scale));
	/* negative only in a forged value */
	if (csm_numeric_sign(deviations) <= 0)
		PG_RETURN_NULL();
	ndr = csm_ratio_to_double(csm_ending_existing_numeric(r), csm_starting_numeric(r));
	square = csm_numeric_multiply(csm_starting_numeric(r), csm_starting_numeric(r));
	half = csm_student_quantile(confidence, (double) (n - 1)) *
		   sqrt(csm_ratio_to_double(csm_numeric_multiply(csm_integer_to_numeric(n), deviations),
									csm_numeric_multiply(csm_integer_to_numeric(n - 1),
														 csm_numeric_multiply(square, square))));
	interval.low = Max(0.0, ndr - half);
	interval.high = ndr + half;
	return csm_interval_to_range(interval);
}

/*
 * GRR is a mean of min(s, e) / s weighted with s, each within 0 and 1.  Wilson's
 * interval holds for it with the number of equal weights that vary as much.
 */
PG_FUNCTION_INFO_V1(csm_retention_grr_interval);
Datum
csm_retention_grr_interval(PG_FUNCTION_ARGS)
{
	const csm_retention_summary *r = PG_GETARG_SUMMARY(0);
	double confidence = csm_confidence_argument(fcinfo, 1);
	csm_uint256 square = csm_uint256_product(r->starting, r->starting);
	double grr;
	double effective_n;

	if (r->starting == 0)
		PG_RETURN_NULL();
	grr =
		csm_ratio_to_double(csm_decimal_to_numeric(r->retained, r->scale), csm_starting_numeric(r));
	effective_n = csm_ratio_to_double(csm_uint256_to_numeric(&square, 2 * r->scale),
									  csm_uint256_to_numeric(&r->starting_squared, 2 * r->scale));
	return csm_interval_to_range(csm_wilson_interval(grr, effective_n, confidence));
}

PG_FUNCTION_INFO_V1(csm_retention_logo_churn_interval);
Datum
csm_retention_logo_churn_interval(PG_FUNCTION_ARGS)
{
	const csm_retention_summary *r = PG_GETARG_SUMMARY(0);
	double confidence = csm_confidence_argument(fcinfo, 1);
	double n = (double) r->accounts_starting;

	if (n == 0)
		PG_RETURN_NULL();
	return csm_interval_to_range(
		csm_wilson_interval((double) r->accounts_churned / n, n, confidence));
}

/*
 * Text form: a JSON object with its keys in a fixed order
 */

static void
put_square(StringInfo text, const char *key, const csm_uint256 *square, int scale)
{
	csm_json_put_numeric(text, key, csm_uint256_to_numeric(square, 2 * scale));
}

static void
put_largest(StringInfo text, const csm_retention_summary *r)
{
	csm_json_put_key(text, "largest");
	appendStringInfoChar(text, '[');
	for (int i = 0; i < r->largest_count; i++)
	{
		const csm_account_amounts *account = &r->largest[i];
		char starting[CSM_DECIMAL_TEXT_SIZE];
		char ending[CSM_DECIMAL_TEXT_SIZE];

		appendStringInfo(text, "%s[\"%s\", \"%s\"]", i > 0 ? ", " : "",
						 csm_decimal_to_text(account->starting, r->scale, starting),
						 csm_decimal_to_text(account->ending, r->scale, ending));
	}
	appendStringInfoChar(text, ']');
}

char *
csm_retention_to_text(const csm_retention_summary *r)
{
	StringInfoData text;

	csm_json_start(&text);
	if (csm_retention_has_period(r))
	{
		csm_json_put_date(&text, "period_start", r->period_from);
		csm_json_put_date(&text, "period_end", r->period_to);
	}
	csm_json_put_currency(&text, r->currency);
	csm_json_put_amount(&text, "starting", r->starting, r->scale);
	csm_json_put_amount(&text, "ending_existing", r->ending_existing, r->scale);
	csm_json_put_amount(&text, "retained", r->retained, r->scale);
	csm_json_put_amount(&text, "new", r->new_business, r->scale);
	csm_json_put_amount(&text, "reactivation", r->reactivation, r->scale);
	csm_json_put_amount(&text, "churned", r->churned, r->scale);
	csm_json_put_count(&text, "accounts_starting", r->accounts_starting);
	csm_json_put_count(&text, "accounts_new", r->accounts_new);
	csm_json_put_count(&text, "accounts_reactivated", r->accounts_reactivated);
	csm_json_put_count(&text, "accounts_expanded", r->accounts_expanded);
	csm_json_put_count(&text, "accounts_contracted", r->accounts_contracted);
	csm_json_put_count(&text, "accounts_churned", r->accounts_churned);
	put_square(&text, "starting_squared", &r->starting_squared, r->scale);
	put_square(&text, "ending_squared", &r->ending_squared, r->scale);
	put_square(&text, "starting_ending", &r->starting_ending, r->scale);
	put_largest(&text, r);
	csm_json_end(&text);
	return text.data;
}

/* Amounts as they were read; their scales may still differ. */
#define SUMMARY_AMOUNTS 6

static bool
read_largest(csm_json *json, csm_decimal *amounts, int *count)
{
	JsonbValue array;
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue value;
	int depth = 0;
	int in_pair = 0;

	*count = 0;
	if (!csm_json_array(json, "largest", &array))
		return false;
	iterator = JsonbIteratorInit(array.val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &value, false)) != WJB_DONE)
	{
		if (token == WJB_BEGIN_ARRAY && depth < 2)
		{
			depth++;
			in_pair = 0;
		}
		else if (token == WJB_END_ARRAY)
		{
			if (depth == 2 && in_pair != 2)
				break;
			depth--;
		}
		else if (token == WJB_ELEM && depth == 2 && in_pair < 2 && *count < 2 * CSM_LARGEST)
		{
			if (!csm_json_amount_value(json, "largest", &value, &amounts[*count]))
				return false;
			(*count)++;
			in_pair++;
		}
		else
			break;
	}
	if (token != WJB_DONE)
		return csm_json_fail(json, "largest", "must be an array of at most 10 pairs of amounts");
	return true;
}

static bool
read_counts(csm_json *json, csm_retention_summary *r)
{
	return csm_json_count(json, "accounts_starting", &r->accounts_starting) &&
		   csm_json_count(json, "accounts_new", &r->accounts_new) &&
		   csm_json_count(json, "accounts_reactivated", &r->accounts_reactivated) &&
		   csm_json_count(json, "accounts_expanded", &r->accounts_expanded) &&
		   csm_json_count(json, "accounts_contracted", &r->accounts_contracted) &&
		   csm_json_count(json, "accounts_churned", &r->accounts_churned);
}

static bool
read_squares(csm_json *json, csm_retention_summary *r)
{
	static const char *const keys[] = {"starting_squared", "ending_squared", "starting_ending"};
	csm_uint256 *squares[] = {&r->starting_squared, &r->ending_squared, &r->starting_ending};

	for (int i = 0; i < (int) lengthof(keys); i++)
	{
		Datum numeric;

		if (!csm_json_numeric(json, keys[i], &numeric))
			return false;
		if (!csm_uint256_from_numeric(numeric, 2 * r->scale, squares[i]))
			return csm_json_fail(json, keys[i],
								 "must be a number from 0 to 10^76, with no more "
								 "than twice the decimal places of the amounts");
	}
	return true;
}

static bool
read_period_and_currency(csm_json *json, csm_retention_summary *r)
{
	if (csm_json_has(json, "period_start") || csm_json_has(json, "period_end"))
	{
		if (!csm_json_date(json, "period_start", &r->period_from) ||
			!csm_json_date(json, "period_end", &r->period_to))
			return false;
		r->flags |= CSM_RETENTION_HAS_PERIOD;
	}
	return csm_json_currency(json, r->currency);
}

static bool
read_amounts(csm_json *json, csm_retention_summary *r)
{
	static const char *const keys[SUMMARY_AMOUNTS] = {
		"starting", "ending_existing", "retained", "new", "reactivation", "churned",
	};
	int128 *fields[SUMMARY_AMOUNTS] = {
		&r->starting,     &r->ending_existing, &r->retained,
		&r->new_business, &r->reactivation,    &r->churned,
	};
	csm_decimal amounts[SUMMARY_AMOUNTS + 2 * CSM_LARGEST];
	csm_decimal *largest = amounts + SUMMARY_AMOUNTS;
	int listed;

	for (int i = 0; i < SUMMARY_AMOUNTS; i++)
	{
		if (!csm_json_amount(json, keys[i], &amounts[i]))
			return false;
	}
	if (!read_largest(json, largest, &listed) ||
		!csm_json_align(json, amounts, SUMMARY_AMOUNTS + listed, &r->scale))
		return false;
	for (int i = 0; i < SUMMARY_AMOUNTS; i++)
		*fields[i] = amounts[i].coefficient;
	r->largest_count = listed / 2;
	for (int i = 0; i < r->largest_count; i++)
	{
		r->largest[i].starting = largest[2 * i].coefficient;
		r->largest[i].ending = largest[2 * i + 1].coefficient;
	}
	return true;
}

/* NULL after a soft error. */
csm_retention_summary *
csm_retention_from_text(char *text, Node *escontext)
{
	csm_json json;
	csm_retention_summary *r = csm_retention_new();
	const char *problem;

	if (!csm_json_open(&json, SUMMARY, text, escontext) || !read_period_and_currency(&json, r) ||
		!read_amounts(&json, r) || !read_counts(&json, r) || !read_squares(&json, r) ||
		!csm_json_close(&json))
		return NULL;
	problem = csm_retention_problem(r);
	if (problem != NULL)
		ereturn(escontext, NULL,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input for type %s: %s", SUMMARY, problem)));
	return csm_retention_copy(r, r->largest_count);
}

PG_FUNCTION_INFO_V1(csm_retention_summary_in);
Datum
csm_retention_summary_in(PG_FUNCTION_ARGS)
{
	csm_retention_summary *r = csm_retention_from_text(PG_GETARG_CSTRING(0), fcinfo->context);

	if (r == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(r);
}

PG_FUNCTION_INFO_V1(csm_retention_summary_out);
Datum
csm_retention_summary_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(csm_retention_to_text(PG_GETARG_SUMMARY(0)));
}

CSM_CAST_TO_JSON(csm_retention_summary)

PG_FUNCTION_INFO_V1(csm_retention_summary_to_jsonb);
Datum
csm_retention_summary_to_jsonb(PG_FUNCTION_ARGS)
{
	return DirectFunctionCall1(jsonb_in,
							   CStringGetDatum(csm_retention_to_text(PG_GETARG_SUMMARY(0))));
}

PG_FUNCTION_INFO_V1(csm_retention_summary_from_jsonb);
Datum
csm_retention_summary_from_jsonb(PG_FUNCTION_ARGS)
{
	Jsonb *object = PG_GETARG_JSONB_P(0);

	PG_RETURN_POINTER(
		csm_retention_from_text(JsonbToCString(NULL, &object->root, VARSIZE(object)), NULL));
}

/*
 * Binary forms
 */

PG_FUNCTION_INFO_V1(csm_retention_summary_send);
Datum
csm_retention_summary_send(PG_FUNCTION_ARGS)
{
	const csm_retention_summary *r = PG_GETARG_SUMMARY(0);
	csm_writer writer;
	bytea *result = csm_writer_start(&writer, CSM_RETENTION_BINARY_SIZE(r->largest_count));

	csm_retention_write(&writer, r);
	PG_RETURN_BYTEA_P(result);
}

PG_FUNCTION_INFO_V1(csm_retention_summary_recv);
Datum
csm_retention_summary_recv(PG_FUNCTION_ARGS)
{
	csm_reader reader = csm_reader_from_message((StringInfo) PG_GETARG_POINTER(0));
	const char *problem;
	csm_retention_summary *r = csm_retention_read(&reader, &problem);

	if (problem != NULL)
		csm_binary_error(SUMMARY, problem);
	PG_RETURN_POINTER(r);
}

/*
 * Comparison
 */

static int
compare_arguments(FunctionCallInfo fcinfo)
{
	csm_retention_summary *a = PG_GETARG_SUMMARY(0);
	csm_retention_summary *b = PG_GETARG_SUMMARY(1);
	int order = csm_retention_compare(a, b);

	/* index builds and sorts call this in one long-lived context */
	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	return order;
}

static uint64
hash_argument(FunctionCallInfo fcinfo, uint64 seed)
{
	csm_retention_summary *r = PG_GETARG_SUMMARY(0);
	csm_retention_buffer buffer;
	const csm_retention_summary *normal = csm_retention_normalize(r, &buffer);
	uint64 hash = hash_bytes_extended((const unsigned char *) normal, (int) VARSIZE(normal), seed);

	PG_FREE_IF_COPY(r, 0);
	return hash;
}

CSM_COMPARISON(csm_retention_summary, compare_arguments, hash_argument)
