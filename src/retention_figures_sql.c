/*
 * retention_figures_sql.c
 *		What a retention_summary can be asked.
 *
 * Order: accessors, largest accounts, quota, intervals, all figures as rows.  A figure is a
 * function of a summary; its accessor, the columns of bridge() and the rows of figures() call
 * it.
 */
#include "base/port.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "base/decimal_sql.h"
#include "base/statistics.h"
#include "base/statistics_sql.h"
#include "base/wire_sql.h"
#include "retention_sql.h"

/*
 * Accessors
 */

/* A figure and its accessor. */
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

/* False where there is none: below two accounts, or where all have one NDR. */
bool
csm_interval_of_ndr(const csm_retention_summary *r, double confidence, csm_interval *interval)
{
	int64 n = r->accounts_starting;
	Datum deviations;
	Datum square;
	double ndr;
	double half;

	if (n < 2)
		return false;
	deviations = csm_squared_deviations(csm_starting_numeric(r), csm_ending_existing_numeric(r),
										csm_uint256_to_numeric(&r->starting_squared, 2 * r->scale),
										csm_uint256_to_numeric(&r->ending_squared, 2 * r->scale),
										csm_uint256_to_numeric(&r->starting_ending, 2 * r->scale));
	/* negative only in a forged value */
	if (csm_numeric_sign(deviations) <= 0)
		return false;
	ndr = csm_ratio_to_double(csm_ending_existing_numeric(r), csm_starting_numeric(r));
	square = csm_numeric_multiply(csm_starting_numeric(r), csm_starting_numeric(r));
	half = csm_student_quantile(confidence, (double) (n - 1)) *
		   sqrt(csm_ratio_to_double(csm_numeric_multiply(csm_integer_to_numeric(n), deviations),
									csm_numeric_multiply(csm_integer_to_numeric(n - 1),
														 csm_numeric_multiply(square, square))));
	interval->low = Max(0.0, ndr - half);
	interval->high = ndr + half;
	return true;
}

/*
 * GRR is a mean of min(s, e) / s weighted with s, each within 0 and 1.  Wilson's
 * interval holds for it with the number of equal weights that vary as much.
 */
bool
csm_interval_of_grr(const csm_retention_summary *r, double confidence, csm_interval *interval)
{
	csm_uint256 square = csm_uint256_product(r->starting, r->starting);
	double grr;
	double effective_n;

	if (r->starting == 0)
		return false;
	grr =
		csm_ratio_to_double(csm_decimal_to_numeric(r->retained, r->scale), csm_starting_numeric(r));
	effective_n = csm_ratio_to_double(csm_uint256_to_numeric(&square, 2 * r->scale),
									  csm_uint256_to_numeric(&r->starting_squared, 2 * r->scale));
	*interval = csm_wilson_interval(grr, effective_n, confidence);
	return true;
}

bool
csm_interval_of_logo_churn(const csm_retention_summary *r, double confidence,
						   csm_interval *interval)
{
	double n = (double) r->accounts_starting;

	if (n == 0)
		return false;
	*interval = csm_wilson_interval((double) r->accounts_churned / n, n, confidence);
	return true;
}

static Datum
interval_of(FunctionCallInfo fcinfo, csm_figure_interval interval_of_figure)
{
	double confidence = csm_confidence_argument(fcinfo, 1);
	csm_interval interval;

	if (!interval_of_figure(PG_GETARG_SUMMARY(0), confidence, &interval))
		PG_RETURN_NULL();
	return csm_interval_to_range(interval);
}

PG_FUNCTION_INFO_V1(csm_retention_ndr_interval);
Datum
csm_retention_ndr_interval(PG_FUNCTION_ARGS)
{
	return interval_of(fcinfo, csm_interval_of_ndr);
}

PG_FUNCTION_INFO_V1(csm_retention_grr_interval);
Datum
csm_retention_grr_interval(PG_FUNCTION_ARGS)
{
	return interval_of(fcinfo, csm_interval_of_grr);
}

PG_FUNCTION_INFO_V1(csm_retention_logo_churn_interval);
Datum
csm_retention_logo_churn_interval(PG_FUNCTION_ARGS)
{
	return interval_of(fcinfo, csm_interval_of_logo_churn);
}

/*
 * All figures as rows, to be read
 */

static Datum
ndr_bound(const csm_retention_summary *r, bool is_high, bool *isnull)
{
	csm_interval interval;

	*isnull = !csm_interval_of_ndr(r, 0.95, &interval);
	return *isnull ? (Datum) 0 : csm_bound_to_numeric(is_high ? interval.high : interval.low);
}

static Datum
ndr_low(const csm_retention_summary *r, bool *isnull)
{
	return ndr_bound(r, false, isnull);
}

static Datum
ndr_high(const csm_retention_summary *r, bool *isnull)
{
	return ndr_bound(r, true, isnull);
}

static Datum
top_10_share(const csm_retention_summary *r, bool *isnull)
{
	return csm_amount_ratio(sum_of_largest(r, r->largest_count).starting, r->starting, r->scale,
							isnull);
}

typedef enum figure_kind
{
	IS_AMOUNT,
	IS_AVERAGE,  /* an amount per account */
	IS_COUNT,    /* its function returns an integer */
	IS_SHARE,    /* shown as a percent */
	IS_QUOTIENT, /* shown as it is */
} figure_kind;

static const struct
{
	const char *name;
	figure_kind kind;
	csm_retention_figure value;
	const char *meaning;
} all_figures[] = {
	{"starting", IS_AMOUNT, csm_figure_starting, "amount at the start"},
	{"new_business", IS_AMOUNT, csm_figure_new_business,
	 "won from accounts that were never customers before"},
	{"reactivation", IS_AMOUNT, csm_figure_reactivation, "won from accounts that came back"},
	{"expansion", IS_AMOUNT, csm_figure_expansion, "what accounts that stayed pay more"},
	{"contraction", IS_AMOUNT, csm_figure_contraction, "what accounts that stayed pay less"},
	{"churned", IS_AMOUNT, csm_figure_churned, "what accounts paid that left"},
	{"ending", IS_AMOUNT, csm_figure_ending, "amount at the end"},
	{"net_new", IS_AMOUNT, csm_figure_net_new, "ending - starting"},
	{"accounts_starting", IS_COUNT, csm_figure_accounts_starting,
	 "accounts with an amount at the start"},
	{"accounts_new", IS_COUNT, csm_figure_accounts_new, "accounts that are new"},
	{"accounts_reactivated", IS_COUNT, csm_figure_accounts_reactivated, "accounts that came back"},
	{"accounts_expanded", IS_COUNT, csm_figure_accounts_expanded, "accounts that pay more"},
	{"accounts_contracted", IS_COUNT, csm_figure_accounts_contracted, "accounts that pay less"},
	{"accounts_churned", IS_COUNT, csm_figure_accounts_churned, "accounts that left"},
	{"accounts_ending", IS_COUNT, csm_figure_accounts_ending, "accounts with an amount at the end"},
	{"ndr", IS_SHARE, csm_figure_ndr,
	 "of the starting amount is what those accounts pay at the end"},
	{"ndr_low", IS_SHARE, ndr_low, "low end of the 95 % interval of ndr"},
	{"ndr_high", IS_SHARE, ndr_high, "high end of it: smaller differences may be chance"},
	{"grr", IS_SHARE, csm_figure_grr, "of the starting amount was kept, growth left out"},
	{"logo_churn", IS_SHARE, csm_figure_logo_churn, "of the accounts at the start left"},
	{"revenue_churn", IS_SHARE, csm_figure_revenue_churn,
	 "of the starting amount was lost, by churn and contraction"},
	{"growth", IS_SHARE, csm_figure_growth, "of the starting amount is net_new"},
	{"quick_ratio", IS_QUOTIENT, csm_figure_quick_ratio,
	 "won (new, returned, expanded) for 1 lost"},
	{"arpa_starting", IS_AVERAGE, csm_figure_arpa_starting, "amount per account at the start"},
	{"arpa_ending", IS_AVERAGE, csm_figure_arpa_ending, "amount per account at the end"},
	{"top_10_share", IS_SHARE, top_10_share,
	 "of the starting amount is that of the ten largest accounts"},
};

/* A number with a comma between thousands, whatever the locale. */
static void
put_thousands(StringInfo text, const char *number)
{
	int whole;

	if (*number == '-')
		appendStringInfoChar(text, *number++);
	whole = (int) strspn(number, "0123456789");
	for (int i = 0; i < whole; i++)
	{
		if (i > 0 && (whole - i) % 3 == 0)
			appendStringInfoChar(text, ',');
		appendStringInfoChar(text, number[i]);
	}
	appendStringInfoString(text, number + whole);
}

static void
put_rounded(StringInfo text, Datum number, int places)
{
	put_thousands(text, csm_numeric_to_text(csm_numeric_round(number, places)));
}

/* Cents say nothing in an amount of thousands. */
static void
put_amount_to_read(StringInfo text, const csm_retention_summary *r, Datum amount, int places)
{
	Datum thousand = csm_integer_to_numeric(1000);
	Datum above = csm_numeric_subtract(csm_numeric_absolute(amount), thousand);

	put_rounded(text, amount, csm_numeric_sign(above) >= 0 ? 0 : places);
	if (r->currency[0] != '\0')
		appendStringInfo(text, " %s", r->currency);
}

/* A figure as people write it. */
static char *
figure_to_read(const csm_retention_summary *r, figure_kind kind, Datum value)
{
	StringInfoData text;

	initStringInfo(&text);
	switch (kind)
	{
		case IS_AMOUNT:
			put_amount_to_read(&text, r, value, r->scale > 0 ? 2 : 0);
			break;
		case IS_AVERAGE:
			put_amount_to_read(&text, r, value, 2);
			break;
		case IS_COUNT:
			put_rounded(&text, value, 0);
			break;
		case IS_SHARE:
			put_rounded(&text, csm_numeric_multiply(value, csm_integer_to_numeric(100)), 1);
			appendStringInfoString(&text, " %");
			break;
		case IS_QUOTIENT:
			put_rounded(&text, value, 2);
			break;
	}
	return text.data;
}

/* (figure, value, shown, meaning) */
PG_FUNCTION_INFO_V1(csm_retention_figures);
Datum
csm_retention_figures(PG_FUNCTION_ARGS)
{
	const csm_retention_summary *r = PG_GETARG_SUMMARY(0);
	csm_rows rows = csm_rows_start(fcinfo);

	for (int i = 0; i < (int) lengthof(all_figures); i++)
	{
		Datum values[4];
		bool nulls[4] = {false};
		Datum value = all_figures[i].value(r, &nulls[1]);

		if (all_figures[i].kind == IS_COUNT)
			value = csm_integer_to_numeric(DatumGetInt64(value));
		values[0] = CStringGetTextDatum(all_figures[i].name);
		values[1] = value;
		nulls[2] = nulls[1];
		if (!nulls[2])
			values[2] = CStringGetTextDatum(figure_to_read(r, all_figures[i].kind, value));
		values[3] = CStringGetTextDatum(all_figures[i].meaning);
		csm_rows_put(&rows, values, nulls);
	}
	return csm_rows_end(&rows);
}
