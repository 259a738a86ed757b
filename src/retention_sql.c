/*
 * retention_sql.c
 *		retention_summary and the aggregates over two amounts, as SQL sees them.
 *
 * Order: arguments and states, aggregates, accessors, intervals, figures over arrays,
 * text and binary forms, comparison.
 */
#include "base/port.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "base/calendar.h"
#include "base/decimal_sql.h"
#include "retention_sql.h"
#include "base/statistics.h"
#include "base/statistics_sql.h"
#include "base/wire_sql.h"

#define SUMS    "retention_sums"
#define SUMMARY "retention_summary"

/*
 * Arguments and states
 */

static const csm_decimal zero_amount = {0, 0};

/* A missing amount is 0. */
static inline csm_decimal
amount_argument(FunctionCallInfo fcinfo, int i)
{
	return PG_ARGISNULL(i) ? zero_amount : csm_amount_from_numeric(PG_GETARG_DATUM(i));
}

static inline bool
in_aggregate(FunctionCallInfo fcinfo)
{
	return AggCheckCallContext(fcinfo, NULL) != 0;
}

static inline csm_retention_sums *
sums_from_datum(Datum datum)
{
	csm_retention_sums *sums = (csm_retention_sums *) DatumGetPointer(datum);

	if (unlikely(VARATT_IS_EXTENDED(sums)))
		sums = (csm_retention_sums *) PG_DETOAST_DATUM(datum);
	csm_check_version(SUMS, sums->version, CSM_RETENTION_VERSION);
	return sums;
}

csm_retention_summary *
csm_retention_from_datum(Datum datum)
{
	csm_retention_summary *r = (csm_retention_summary *) PG_DETOAST_DATUM(datum);

	csm_check_version(SUMMARY, r->version, CSM_RETENTION_VERSION);
	return r;
}

/* The first argument as a value to change: the aggregate's own, else a copy. */
static inline csm_retention_sums *
sums_state(FunctionCallInfo fcinfo)
{
	csm_retention_sums *sums;
	csm_retention_sums *copy;

	if (unlikely(PG_ARGISNULL(0)))
		return csm_sums_new(sizeof(csm_retention_sums));
	sums = sums_from_datum(PG_GETARG_DATUM(0));
	if (likely(in_aggregate(fcinfo)))
		return sums;
	copy = palloc(sizeof(csm_retention_sums));
	memcpy(copy, sums, sizeof(csm_retention_sums));
	return copy;
}

/* The same for a summary, with room for all of the largest accounts. */
csm_retention_summary *
csm_retention_state(FunctionCallInfo fcinfo)
{
	csm_retention_summary *r;

	if (PG_ARGISNULL(0))
		return csm_retention_new();
	r = PG_GETARG_SUMMARY(0);
	if (likely(in_aggregate(fcinfo)) && VARSIZE(r) == CSM_RETENTION_STATE_SIZE)
		return r;
	return csm_retention_copy(r, CSM_LARGEST);
}

/* A value at rest has no spare room. */
static Datum
summary_result(const csm_retention_summary *r)
{
	return PointerGetDatum(csm_retention_copy(r, r->largest_count));
}

/* What a transition returns: the state, or a value at rest where it was called by hand. */
static Datum
summary_or_state(FunctionCallInfo fcinfo, csm_retention_summary *r)
{
	return in_aggregate(fcinfo) ? PointerGetDatum(r) : summary_result(r);
}

/*
 * Movement of one account
 */

PG_FUNCTION_INFO_V1(csm_movement);
Datum
csm_movement(PG_FUNCTION_ARGS)
{
	csm_decimal starting = amount_argument(fcinfo, 0);
	csm_decimal ending = amount_argument(fcinfo, 1);
	bool was_customer = PG_NARGS() > 2 && !PG_ARGISNULL(2) && PG_GETARG_BOOL(2);
	const char *name = csm_movement_name(starting, ending, was_customer);

	if (name == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(name));
}

/*
 * Aggregates that return numbers: transitions over retention_sums
 */

/* Everyday rows, at the scale of the sums, take a short cut; false for all others. */
static inline bool
add_short_row(FunctionCallInfo fcinfo, csm_retention_sums *sums)
{
	int64 starting;
	int64 ending;
	int starting_scale;
	int ending_scale;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || !csm_stored_form_known ||
		!csm_decimal_from_short_numeric(PG_GETARG_DATUM(1), &starting, &starting_scale) ||
		!csm_decimal_from_short_numeric(PG_GETARG_DATUM(2), &ending, &ending_scale) ||
		starting_scale != sums->scale || ending_scale != sums->scale || starting < 0 || ending < 0)
		return false;
	csm_sums_add_aligned(sums, starting, ending);
	return true;
}

PG_FUNCTION_INFO_V1(csm_sums_accum);
Datum
csm_sums_accum(PG_FUNCTION_ARGS)
{
	csm_retention_sums *sums = sums_state(fcinfo);

	if (unlikely(!add_short_row(fcinfo, sums)))
		csm_sums_add(sums, amount_argument(fcinfo, 1), amount_argument(fcinfo, 2));
	PG_RETURN_POINTER(sums);
}

/*
 * An account that is not above the threshold at both ends counts as one without amounts:
 * of these only the display scale remains.
 */
static void
keep_survivor(FunctionCallInfo fcinfo, csm_decimal *starting, csm_decimal *ending)
{
	Datum number;
	csm_decimal threshold;

	if (PG_ARGISNULL(3))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("the threshold must not be NULL"),
				 errhint("Use 0 for all accounts that have an amount at both ends.")));
	number = PG_GETARG_DATUM(3);
	csm_check_finite("threshold", number);
	threshold = csm_decimal_from_numeric(number);
	if (threshold.coefficient < 0)
		csm_negative_error("threshold", number);
	if (csm_decimal_compare(*starting, threshold) <= 0 ||
		csm_decimal_compare(*ending, threshold) <= 0)
		starting->coefficient = ending->coefficient = 0;
}

PG_FUNCTION_INFO_V1(csm_survivor_accum);
Datum
csm_survivor_accum(PG_FUNCTION_ARGS)
{
	csm_retention_sums *sums = sums_state(fcinfo);
	csm_decimal starting = amount_argument(fcinfo, 1);
	csm_decimal ending = amount_argument(fcinfo, 2);

	keep_survivor(fcinfo, &starting, &ending);
	csm_sums_add(sums, starting, ending);
	PG_RETURN_POINTER(sums);
}

PG_FUNCTION_INFO_V1(csm_churned_accum);
Datum
csm_churned_accum(PG_FUNCTION_ARGS)
{
	csm_retention_sums *sums = sums_state(fcinfo);

	if (!PG_ARGISNULL(1))
		csm_sums_count(sums, PG_GETARG_BOOL(1), 1);
	PG_RETURN_POINTER(sums);
}

PG_FUNCTION_INFO_V1(csm_sums_combine);
Datum
csm_sums_combine(PG_FUNCTION_ARGS)
{
	csm_retention_sums *sums = sums_state(fcinfo);

	csm_sums_merge(sums, sums_from_datum(PG_GETARG_DATUM(1)));
	PG_RETURN_POINTER(sums);
}

/*
 * The same over moving windows.  The state is a csm_retention_window and never leaves
 * the window that owns it.
 */

static csm_retention_window *
window_state(FunctionCallInfo fcinfo)
{
	MemoryContext context = csm_aggregate_context(fcinfo);
	MemoryContext old_context;
	csm_retention_window *window;

	if (!PG_ARGISNULL(0))
		return (csm_retention_window *) PG_GETARG_POINTER(0);
	old_context = MemoryContextSwitchTo(context);
	window = (csm_retention_window *) csm_sums_new(sizeof(csm_retention_window));
	MemoryContextSwitchTo(old_context);
	return window;
}

/* Counts the display scales of a row's amounts; a missing amount has none. */
static void
count_scales(FunctionCallInfo fcinfo, csm_retention_window *window, csm_decimal starting,
			 csm_decimal ending, int change)
{
	if (!PG_ARGISNULL(1))
		csm_window_count_scale(window, starting.scale, change);
	if (!PG_ARGISNULL(2))
		csm_window_count_scale(window, ending.scale, change);
	if (change < 0)
		csm_window_shrink_scale(window);
}

static Datum
move_window(FunctionCallInfo fcinfo, bool survivors_only, int change)
{
	csm_retention_window *window = window_state(fcinfo);
	csm_decimal starting = amount_argument(fcinfo, 1);
	csm_decimal ending = amount_argument(fcinfo, 2);

	if (survivors_only)
		keep_survivor(fcinfo, &starting, &ending);
	if (change > 0)
		csm_sums_add(&window->sums, starting, ending);
	else
		csm_sums_subtract(&window->sums, starting, ending);
	count_scales(fcinfo, window, starting, ending, change);
	return PointerGetDatum(window);
}

PG_FUNCTION_INFO_V1(csm_window_accum);
Datum
csm_window_accum(PG_FUNCTION_ARGS)
{
	return move_window(fcinfo, false, 1);
}

PG_FUNCTION_INFO_V1(csm_window_remove);
Datum
csm_window_remove(PG_FUNCTION_ARGS)
{
	return move_window(fcinfo, false, -1);
}

PG_FUNCTION_INFO_V1(csm_survivor_window_accum);
Datum
csm_survivor_window_accum(PG_FUNCTION_ARGS)
{
	return move_window(fcinfo, true, 1);
}

PG_FUNCTION_INFO_V1(csm_survivor_window_remove);
Datum
csm_survivor_window_remove(PG_FUNCTION_ARGS)
{
	return move_window(fcinfo, true, -1);
}

static Datum
move_churned_window(FunctionCallInfo fcinfo, int change)
{
	csm_retention_window *window = window_state(fcinfo);

	if (!PG_ARGISNULL(1))
		csm_sums_count(&window->sums, PG_GETARG_BOOL(1), change);
	return PointerGetDatum(window);
}

PG_FUNCTION_INFO_V1(csm_churned_window_accum);
Datum
csm_churned_window_accum(PG_FUNCTION_ARGS)
{
	return move_churned_window(fcinfo, 1);
}

PG_FUNCTION_INFO_V1(csm_churned_window_remove);
Datum
csm_churned_window_remove(PG_FUNCTION_ARGS)
{
	return move_churned_window(fcinfo, -1);
}

/*
 * Ratios: one numeric division of two amounts or counts, NULL over zero
 */

static Datum
divide(FunctionCallInfo fcinfo, Datum numerator, Datum denominator)
{
	return csm_numeric_ratio(numerator, denominator, &fcinfo->isnull);
}

static Datum
amount_ratio(FunctionCallInfo fcinfo, int128 numerator, int128 denominator, int scale)
{
	if (denominator == 0)
		PG_RETURN_NULL();
	return csm_numeric_divide(csm_decimal_to_numeric(numerator, scale),
							  csm_decimal_to_numeric(denominator, scale));
}

static Datum
count_ratio(FunctionCallInfo fcinfo, int64 numerator, int64 denominator)
{
	if (denominator == 0)
		PG_RETURN_NULL();
	return csm_numeric_divide(csm_integer_to_numeric(numerator),
							  csm_integer_to_numeric(denominator));
}

static Datum
sums_ndr(FunctionCallInfo fcinfo, const csm_retention_sums *r)
{
	return amount_ratio(fcinfo, r->ending_existing, r->starting, r->scale);
}

static Datum
sums_grr(FunctionCallInfo fcinfo, const csm_retention_sums *r)
{
	return amount_ratio(fcinfo, r->retained, r->starting, r->scale);
}

static Datum
sums_logo_churn(FunctionCallInfo fcinfo, const csm_retention_sums *r)
{
	return count_ratio(fcinfo, r->accounts_churned, r->accounts_starting);
}

static Datum
sums_revenue_churn(FunctionCallInfo fcinfo, const csm_retention_sums *r)
{
	return amount_ratio(fcinfo, r->starting - r->retained, r->starting, r->scale);
}

/* all that came over all that went */
static Datum
sums_quick_ratio(FunctionCallInfo fcinfo, const csm_retention_sums *r)
{
	return amount_ratio(fcinfo, r->new_business + r->ending_existing - r->retained,
						r->starting - r->retained, r->scale);
}

/* Two final functions for a figure: of a stored state, and of a moving window. */
#define SUMS_FINAL(figure)                                                                    \
	PG_FUNCTION_INFO_V1(csm_##figure##_final);                                                \
	Datum csm_##figure##_final(PG_FUNCTION_ARGS)                                              \
	{                                                                                         \
		return sums_##figure(fcinfo, sums_from_datum(PG_GETARG_DATUM(0)));                    \
	}                                                                                         \
	PG_FUNCTION_INFO_V1(csm_##figure##_window_final);                                         \
	Datum csm_##figure##_window_final(PG_FUNCTION_ARGS)                                       \
	{                                                                                         \
		return sums_##figure(fcinfo, &((csm_retention_window *) PG_GETARG_POINTER(0))->sums); \
	}

SUMS_FINAL(ndr)
SUMS_FINAL(grr)
SUMS_FINAL(logo_churn)
SUMS_FINAL(revenue_churn)
SUMS_FINAL(quick_ratio)

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

/* One row into the state; argument positions are 0 where the call has no such argument. */
static Datum
accumulate(FunctionCallInfo fcinfo, int was_customer, int period, int currency)
{
	bool is_first = PG_ARGISNULL(0);
	csm_retention_summary *r = csm_retention_state(fcinfo);
	csm_retention_summary given;

	memset(&given, 0, sizeof(given));
	if (period > 0)
		period_argument(fcinfo, period, &given);
	if (currency > 0 && !PG_ARGISNULL(currency))
		csm_currency_from_text(PG_GETARG_TEXT_PP(currency), given.currency);
	set_or_check(r, is_first, &given);
	csm_retention_add(r, amount_argument(fcinfo, 1), amount_argument(fcinfo, 2),
					  was_customer > 0 && !PG_ARGISNULL(was_customer) &&
						  PG_GETARG_BOOL(was_customer));
	return summary_or_state(fcinfo, r);
}

PG_FUNCTION_INFO_V1(csm_retention_accum);
Datum
csm_retention_accum(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, 0, 0, 0);
}

PG_FUNCTION_INFO_V1(csm_retention_accum_period);
Datum
csm_retention_accum_period(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, 0, 3, 0);
}

PG_FUNCTION_INFO_V1(csm_retention_accum_currency);
Datum
csm_retention_accum_currency(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, 0, 3, 4);
}

PG_FUNCTION_INFO_V1(csm_retention_accum_customer);
Datum
csm_retention_accum_customer(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, 3, 0, 0);
}

PG_FUNCTION_INFO_V1(csm_retention_accum_customer_period);
Datum
csm_retention_accum_customer_period(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, 3, 4, 0);
}

PG_FUNCTION_INFO_V1(csm_retention_accum_customer_currency);
Datum
csm_retention_accum_customer_currency(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, 3, 4, 5);
}

/* Combine function, transition of rollup and, outside an aggregate, r + r. */
PG_FUNCTION_INFO_V1(csm_retention_combine);
Datum
csm_retention_combine(PG_FUNCTION_ARGS)
{
	csm_retention_summary *r = csm_retention_state(fcinfo);

	csm_retention_merge(r, PG_GETARG_SUMMARY(1));
	return summary_or_state(fcinfo, r);
}

PG_FUNCTION_INFO_V1(csm_retention_final);
Datum
csm_retention_final(PG_FUNCTION_ARGS)
{
	return summary_result(PG_GETARG_SUMMARY(0));
}

/*
 * Accessors
 */

#define RATIO(name, numerator, denominator)                                \
	PG_FUNCTION_INFO_V1(csm_retention_##name);                             \
	Datum csm_retention_##name(PG_FUNCTION_ARGS)                           \
	{                                                                      \
		const csm_retention_summary *r = PG_GETARG_SUMMARY(0);             \
		return amount_ratio(fcinfo, (numerator), (denominator), r->scale); \
	}

#define COUNT_RATIO(name, numerator, denominator)               \
	PG_FUNCTION_INFO_V1(csm_retention_##name);                  \
	Datum csm_retention_##name(PG_FUNCTION_ARGS)                \
	{                                                           \
		const csm_retention_summary *r = PG_GETARG_SUMMARY(0);  \
		return count_ratio(fcinfo, (numerator), (denominator)); \
	}

#define PER_ACCOUNT(name, amount, count)                                  \
	PG_FUNCTION_INFO_V1(csm_retention_##name);                            \
	Datum csm_retention_##name(PG_FUNCTION_ARGS)                          \
	{                                                                     \
		const csm_retention_summary *r = PG_GETARG_SUMMARY(0);            \
		return divide(fcinfo, csm_decimal_to_numeric((amount), r->scale), \
					  csm_integer_to_numeric(count));                     \
	}

#define AMOUNT(name, amount)                                   \
	PG_FUNCTION_INFO_V1(csm_retention_##name);                 \
	Datum csm_retention_##name(PG_FUNCTION_ARGS)               \
	{                                                          \
		const csm_retention_summary *r = PG_GETARG_SUMMARY(0); \
		return csm_decimal_to_numeric((amount), r->scale);     \
	}

#define COUNT(name, count)                                     \
	PG_FUNCTION_INFO_V1(csm_retention_##name);                 \
	Datum csm_retention_##name(PG_FUNCTION_ARGS)               \
	{                                                          \
		const csm_retention_summary *r = PG_GETARG_SUMMARY(0); \
		PG_RETURN_INT64(count);                                \
	}

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

	return amount_ratio(fcinfo, largest.starting, r->starting, r->scale);
}

PG_FUNCTION_INFO_V1(csm_retention_ndr_without_top);
Datum
csm_retention_ndr_without_top(PG_FUNCTION_ARGS)
{
	const csm_retention_summary *r = PG_GETARG_SUMMARY(0);
	csm_account_amounts largest = sum_of_largest(r, largest_argument(fcinfo, r));

	return amount_ratio(fcinfo, r->ending_existing - largest.ending, r->starting - largest.starting,
						r->scale);
}

PG_FUNCTION_INFO_V1(csm_retention_hhi);
Datum
csm_retention_hhi(PG_FUNCTION_ARGS)
{
	const csm_retention_summary *r = PG_GETARG_SUMMARY(0);
	csm_uint256 square = csm_uint256_product(r->starting, r->starting);

	return divide(fcinfo, csm_uint256_to_numeric(&r->starting_squared, 2 * r->scale),
				  csm_uint256_to_numeric(&square, 2 * r->scale));
}

/*
 * Quota: what the accounts in a manager's book became, against a target NDR
 */

static Datum
target_argument(FunctionCallInfo fcinfo)
{
	Datum target = PG_GETARG_DATUM(1);

	csm_check_not_negative("target", target);
	return target;
}

static Datum
starting_numeric(const csm_retention_summary *r)
{
	return csm_decimal_to_numeric(r->starting, r->scale);
}

static Datum
ending_existing_numeric(const csm_retention_summary *r)
{
	return csm_decimal_to_numeric(r->ending_existing, r->scale);
}

PG_FUNCTION_INFO_V1(csm_retention_quota_attainment);
Datum
csm_retention_quota_attainment(PG_FUNCTION_ARGS)
{
	const csm_retention_summary *r = PG_GETARG_SUMMARY(0);
	Datum target = target_argument(fcinfo);

	return divide(fcinfo, ending_existing_numeric(r),
				  csm_numeric_multiply(starting_numeric(r), target));
}

PG_FUNCTION_INFO_V1(csm_retention_quota_growth_attainment);
Datum
csm_retention_quota_growth_attainment(PG_FUNCTION_ARGS)
{
	const csm_retention_summary *r = PG_GETARG_SUMMARY(0);
	Datum growth_target = csm_numeric_subtract(target_argument(fcinfo), csm_integer_to_numeric(1));

	if (csm_numeric_sign(growth_target) <= 0)
		PG_RETURN_NULL();
	return divide(fcinfo, csm_decimal_to_numeric(r->ending_existing - r->starting, r->scale),
				  csm_numeric_multiply(starting_numeric(r), growth_target));
}

PG_FUNCTION_INFO_V1(csm_retention_quota_gap);
Datum
csm_retention_quota_gap(PG_FUNCTION_ARGS)
{
	const csm_retention_summary *r = PG_GETARG_SUMMARY(0);

	return csm_numeric_subtract(csm_numeric_multiply(target_argument(fcinfo), starting_numeric(r)),
								ending_existing_numeric(r));
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
	deviations = csm_squared_deviations(starting_numeric(r), ending_existing_numeric(r),
										csm_uint256_to_numeric(&r->starting_squared, 2 * r->scale),
										csm_uint256_to_numeric(&r->ending_squared, 2 * r->scale),
										csm_uint256_to_numeric(&r->starting_ending, 2 * r->scale));
	/* negative only in a forged value */
	if (csm_numeric_sign(deviations) <= 0)
		PG_RETURN_NULL();
	ndr = csm_ratio_to_double(ending_existing_numeric(r), starting_numeric(r));
	square = csm_numeric_multiply(starting_numeric(r), starting_numeric(r));
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
	grr = csm_ratio_to_double(csm_decimal_to_numeric(r->retained, r->scale), starting_numeric(r));
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
 * Figures over a run of intervals: arrays of summaries
 */

typedef struct summary_array
{
	int count;
	csm_retention_summary **items;
} summary_array;

static summary_array
summaries_from_datum(Datum datum)
{
	ArrayType *array = DatumGetArrayTypeP(datum);
	summary_array result = {0, NULL};
	Datum *items;
	bool *nulls;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an array of intervals must have one dimension, not %d", ARR_NDIM(array))));
	deconstruct_array(array, ARR_ELEMTYPE(array), -1, false, TYPALIGN_DOUBLE, &items, &nulls,
					  &result.count);
	result.items = palloc(sizeof(*result.items) * Max(result.count, 1));
	for (int i = 0; i < result.count; i++)
	{
		if (nulls[i])
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
							errmsg("interval %d of the array is NULL", i + 1),
							errhint("Leave it out, as in array_agg(r) FILTER (WHERE r IS NOT "
									"NULL).")));
		result.items[i] = csm_retention_from_datum(items[i]);
	}
	return result;
}

static void
check_one_currency(const summary_array *intervals)
{
	for (int i = 1; i < intervals->count; i++)
		csm_retention_check_currency(intervals->items[0], intervals->items[i]);
}

static void
check_periods_known(const summary_array *intervals)
{
	for (int i = 0; i < intervals->count; i++)
	{
		if (!csm_retention_has_period(intervals->items[i]))
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("the period of interval %d is not known", i + 1),
							errhint("Give it to retention_agg as daterange(from, to).")));
	}
}

static void
interval_error(const summary_array *intervals, int i, const char *problem)
{
	const csm_retention_summary *before = intervals->items[i - 1];
	const csm_retention_summary *r = intervals->items[i];
	char text_before[CSM_PERIOD_TEXT_SIZE];
	char text[CSM_PERIOD_TEXT_SIZE];

	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("%s: %s follows %s", problem,
						   csm_period_to_text(r->period_from, r->period_to, text),
						   csm_period_to_text(before->period_from, before->period_to, text_before)),
					errhint("Order the array by period, as in array_agg(r ORDER BY period(r)).")));
}

/* Each interval must start where the one before it ended. */
static summary_array
adjacent_intervals(Datum datum)
{
	summary_array intervals = summaries_from_datum(datum);

	check_periods_known(&intervals);
	check_one_currency(&intervals);
	for (int i = 1; i < intervals.count; i++)
	{
		if (intervals.items[i]->period_from != intervals.items[i - 1]->period_to)
			interval_error(&intervals, i, "intervals must be adjacent");
	}
	return intervals;
}

/* A stretch of time: a number of months if it is one, else a number of days. */
static bool
is_same_stretch(int32 from1, int32 to1, int32 from2, int32 to2)
{
	int months1;
	int months2;

	return to1 - from1 == to2 - from2 ||
		   (csm_whole_months(from1, to1, &months1) && csm_whole_months(from2, to2, &months2) &&
			months1 == months2);
}

/* All of one length, each as far after the one before it. */
static summary_array
regular_intervals(Datum datum)
{
	summary_array intervals = summaries_from_datum(datum);
	csm_retention_summary **r = intervals.items;

	check_periods_known(&intervals);
	check_one_currency(&intervals);
	for (int i = 1; i < intervals.count; i++)
	{
		if (r[i]->period_from <= r[i - 1]->period_from)
			interval_error(&intervals, i, "intervals must be in order");
		if (!is_same_stretch(r[0]->period_from, r[0]->period_to, r[i]->period_from,
							 r[i]->period_to))
			interval_error(&intervals, i, "intervals must be of one length");
		if (!is_same_stretch(r[0]->period_from, r[1]->period_from, r[i - 1]->period_from,
							 r[i]->period_from))
			interval_error(&intervals, i, "intervals must come at equal steps");
	}
	return intervals;
}

/* Decimal places to which each step of a chain is rounded. */
#define CHAIN_PLACES 20

typedef int128 (*summary_amount)(const csm_retention_summary *r);

static int128
amount_starting(const csm_retention_summary *r)
{
	return r->starting;
}

/* expansion - contraction - churned */
static int128
amount_net_of_existing(const csm_retention_summary *r)
{
	return r->ending_existing - r->starting;
}

static int128
amount_ending_existing(const csm_retention_summary *r)
{
	return r->ending_existing;
}

static int128
amount_retained(const csm_retention_summary *r)
{
	return r->retained;
}

/* The product of amount / starting, left to right; NULL where one of them is. */
static Datum
chained_ratio(FunctionCallInfo fcinfo, summary_amount amount)
{
	summary_array intervals = adjacent_intervals(PG_GETARG_DATUM(0));
	csm_running_number product = csm_running_start(1);

	if (intervals.count == 0)
		PG_RETURN_NULL();
	for (int i = 0; i < intervals.count; i++)
	{
		const csm_retention_summary *r = intervals.items[i];
		Datum ratio;

		if (r->starting == 0)
			PG_RETURN_NULL();
		csm_running_enter(&product);
		ratio =
			csm_numeric_divide(csm_decimal_to_numeric(amount(r), r->scale), starting_numeric(r));
		csm_running_leave(
			&product, csm_numeric_round(csm_numeric_multiply(product.value, ratio), CHAIN_PLACES));
	}
	return product.value;
}

PG_FUNCTION_INFO_V1(csm_retention_chained_ndr);
Datum
csm_retention_chained_ndr(PG_FUNCTION_ARGS)
{
	return chained_ratio(fcinfo, amount_ending_existing);
}

PG_FUNCTION_INFO_V1(csm_retention_chained_grr);
Datum
csm_retention_chained_grr(PG_FUNCTION_ARGS)
{
	return chained_ratio(fcinfo, amount_retained);
}

/* The sum of an amount over the intervals. */
static Datum
sum_over(const summary_array *intervals, summary_amount amount)
{
	csm_running_number sum = csm_running_start(0);

	for (int i = 0; i < intervals->count; i++)
	{
		const csm_retention_summary *r = intervals->items[i];

		csm_running_enter(&sum);
		csm_running_leave(&sum,
						  csm_numeric_add(sum.value, csm_decimal_to_numeric(amount(r), r->scale)));
	}
	return sum.value;
}

PG_FUNCTION_INFO_V1(csm_retention_flow_ndr);
Datum
csm_retention_flow_ndr(PG_FUNCTION_ARGS)
{
	summary_array intervals = adjacent_intervals(PG_GETARG_DATUM(0));

	if (intervals.count == 0 || intervals.items[0]->starting == 0)
		PG_RETURN_NULL();
	return csm_numeric_add(csm_integer_to_numeric(1),
						   csm_numeric_divide(sum_over(&intervals, amount_net_of_existing),
											  starting_numeric(intervals.items[0])));
}

PG_FUNCTION_INFO_V1(csm_retention_mean_ndr);
Datum
csm_retention_mean_ndr(PG_FUNCTION_ARGS)
{
	summary_array intervals = regular_intervals(PG_GETARG_DATUM(0));
	csm_running_number sum = csm_running_start(0);
	int64 count = 0;

	for (int i = 0; i < intervals.count; i++)
	{
		const csm_retention_summary *r = intervals.items[i];

		if (r->starting == 0)
			continue;
		csm_running_enter(&sum);
		csm_running_leave(&sum,
						  csm_numeric_add(sum.value, csm_numeric_divide(ending_existing_numeric(r),
																		starting_numeric(r))));
		count++;
	}
	return divide(fcinfo, sum.value, csm_integer_to_numeric(count));
}

PG_FUNCTION_INFO_V1(csm_retention_weighted_ndr);
Datum
csm_retention_weighted_ndr(PG_FUNCTION_ARGS)
{
	summary_array intervals = regular_intervals(PG_GETARG_DATUM(0));

	return divide(fcinfo, sum_over(&intervals, amount_ending_existing),
				  sum_over(&intervals, amount_starting));
}

/* Transition and combine function of rollup over arrays: interval by interval. */
PG_FUNCTION_INFO_V1(csm_retention_rollup_arrays);
Datum
csm_retention_rollup_arrays(PG_FUNCTION_ARGS)
{
	summary_array a = summaries_from_datum(PG_GETARG_DATUM(0));
	summary_array b = summaries_from_datum(PG_GETARG_DATUM(1));
	Datum *merged = palloc(sizeof(Datum) * Max(a.count, 1));

	if (a.count != b.count)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("arrays of %d and of %d intervals cannot be added up", a.count, b.count),
				 errhint("Give every group the same bounds, so that each has the same "
						 "intervals.")));
	for (int i = 0; i < a.count; i++)
	{
		csm_retention_summary *r = csm_retention_copy(a.items[i], CSM_LARGEST);

		CHECK_FOR_INTERRUPTS();

		csm_retention_merge(r, b.items[i]);
		merged[i] = summary_result(r);
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(merged, a.count,
										  ARR_ELEMTYPE(DatumGetArrayTypeP(PG_GETARG_DATUM(0))), -1,
										  false, TYPALIGN_DOUBLE));
}

/* A rollup of a single array has not seen what is in it. */
PG_FUNCTION_INFO_V1(csm_retention_rollup_arrays_final);
Datum
csm_retention_rollup_arrays_final(PG_FUNCTION_ARGS)
{
	(void) summaries_from_datum(PG_GETARG_DATUM(0));
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

/* An accessor of one value as a column of bridge(): the same figure, the same NULLs. */
static Datum
figure_of(PGFunction accessor, csm_retention_summary *r, bool *isnull)
{
	LOCAL_FCINFO(fcinfo, 1);
	Datum result;

	InitFunctionCallInfoData(*fcinfo, NULL, 1, InvalidOid, NULL, NULL);
	fcinfo->args[0].value = PointerGetDatum(r);
	fcinfo->args[0].isnull = false;
	result = accessor(fcinfo);
	*isnull = fcinfo->isnull;
	return result;
}

PG_FUNCTION_INFO_V1(csm_retention_bridge);
Datum
csm_retention_bridge(PG_FUNCTION_ARGS)
{
	static const PGFunction columns[] = {
		csm_retention_starting,
		csm_retention_new_business,
		csm_retention_reactivation,
		csm_retention_expansion,
		csm_retention_contraction,
		csm_retention_churned,
		csm_retention_ending,
		csm_retention_net_new,
		csm_retention_accounts_starting,
		csm_retention_accounts_new,
		csm_retention_accounts_reactivated,
		csm_retention_accounts_expanded,
		csm_retention_accounts_contracted,
		csm_retention_accounts_churned,
		csm_retention_accounts_ending,
		csm_retention_ndr,
		csm_retention_grr,
		csm_retention_logo_churn,
		csm_retention_quick_ratio,
	};
	summary_array intervals = summaries_from_datum(PG_GETARG_DATUM(0));
	Datum values[2 + lengthof(columns)];
	bool nulls[2 + lengthof(columns)];
	csm_rows rows = csm_rows_start(fcinfo);

	for (int i = 0; i < intervals.count; i++)
	{
		csm_retention_summary *r = intervals.items[i];

		values[0] = DateADTGetDatum(r->period_from);
		values[1] = DateADTGetDatum(r->period_to);
		nulls[0] = nulls[1] = !csm_retention_has_period(r);
		for (int c = 0; c < (int) lengthof(columns); c++)
			values[2 + c] = figure_of(columns[c], r, &nulls[2 + c]);
		csm_rows_put(&rows, values, nulls);
	}
	return csm_rows_end(&rows);
}

/*
 * Text form: a JSON object with its keys in a fixed order
 */

static void
put_amount(StringInfo text, const char *key, int128 coefficient, int scale)
{
	csm_json_put_numeric(text, key, csm_decimal_to_numeric(coefficient, scale));
}

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

		appendStringInfo(text, "%s[\"%s\", \"%s\"]", i > 0 ? ", " : "",
						 csm_numeric_to_text(csm_decimal_to_numeric(account->starting, r->scale)),
						 csm_numeric_to_text(csm_decimal_to_numeric(account->ending, r->scale)));
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
	put_amount(&text, "starting", r->starting, r->scale);
	put_amount(&text, "ending_existing", r->ending_existing, r->scale);
	put_amount(&text, "retained", r->retained, r->scale);
	put_amount(&text, "new", r->new_business, r->scale);
	put_amount(&text, "reactivation", r->reactivation, r->scale);
	put_amount(&text, "churned", r->churned, r->scale);
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

/* Brings amounts to one scale, the largest of theirs; false where one does not fit. */
static bool
align_amounts(csm_json *json, csm_decimal *amounts, int count, uint8 *scale)
{
	for (int i = 0; i < count; i++)
		*scale = Max(*scale, amounts[i].scale);
	for (int i = 0; i < count; i++)
	{
		csm_decimal *amount = &amounts[i];
		int128 limit = csm_power_of_ten[CSM_DECIMAL_DIGITS - (*scale - amount->scale)];

		if (amount->coefficient >= limit || amount->coefficient <= -limit)
			return csm_json_too_many_digits(json);
		amount->coefficient *= csm_power_of_ten[*scale - amount->scale];
		amount->scale = *scale;
	}
	return true;
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
		!align_amounts(json, amounts, SUMMARY_AMOUNTS + listed, &r->scale))
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

PG_FUNCTION_INFO_V1(csm_retention_sums_in);
Datum
csm_retention_sums_in(PG_FUNCTION_ARGS)
{
	static const char *const keys[] = {"starting", "ending_existing", "retained", "new"};
	csm_json json;
	csm_decimal amounts[lengthof(keys)];
	csm_retention_sums *sums = csm_sums_new(sizeof(csm_retention_sums));
	const char *problem;

	if (!csm_json_open(&json, SUMS, PG_GETARG_CSTRING(0), fcinfo->context))
		PG_RETURN_NULL();
	for (int i = 0; i < (int) lengthof(keys); i++)
	{
		if (!csm_json_amount(&json, keys[i], &amounts[i]))
			PG_RETURN_NULL();
	}
	if (!align_amounts(&json, amounts, lengthof(keys), &sums->scale) ||
		!csm_json_count(&json, "accounts_starting", &sums->accounts_starting) ||
		!csm_json_count(&json, "accounts_churned", &sums->accounts_churned) ||
		!csm_json_close(&json))
		PG_RETURN_NULL();
	sums->starting = amounts[0].coefficient;
	sums->ending_existing = amounts[1].coefficient;
	sums->retained = amounts[2].coefficient;
	sums->new_business = amounts[3].coefficient;
	problem = csm_sums_problem(sums);
	if (problem != NULL)
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input for type %s: %s", SUMS, problem)));
	PG_RETURN_POINTER(sums);
}

PG_FUNCTION_INFO_V1(csm_retention_sums_out);
Datum
csm_retention_sums_out(PG_FUNCTION_ARGS)
{
	const csm_retention_sums *sums = sums_from_datum(PG_GETARG_DATUM(0));
	StringInfoData text;

	csm_json_start(&text);
	put_amount(&text, "starting", sums->starting, sums->scale);
	put_amount(&text, "ending_existing", sums->ending_existing, sums->scale);
	put_amount(&text, "retained", sums->retained, sums->scale);
	put_amount(&text, "new", sums->new_business, sums->scale);
	csm_json_put_count(&text, "accounts_starting", sums->accounts_starting);
	csm_json_put_count(&text, "accounts_churned", sums->accounts_churned);
	csm_json_end(&text);
	PG_RETURN_CSTRING(text.data);
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

PG_FUNCTION_INFO_V1(csm_retention_sums_send);
Datum
csm_retention_sums_send(PG_FUNCTION_ARGS)
{
	csm_writer writer;
	bytea *result = csm_writer_start(&writer, CSM_RETENTION_SUMS_BINARY_SIZE);

	csm_sums_write(&writer, sums_from_datum(PG_GETARG_DATUM(0)));
	PG_RETURN_BYTEA_P(result);
}

PG_FUNCTION_INFO_V1(csm_retention_sums_recv);
Datum
csm_retention_sums_recv(PG_FUNCTION_ARGS)
{
	csm_reader reader = csm_reader_from_message((StringInfo) PG_GETARG_POINTER(0));
	const char *problem;
	csm_retention_sums *sums = csm_sums_read(&reader, &problem);

	if (problem != NULL)
		csm_binary_error(SUMS, problem);
	PG_RETURN_POINTER(sums);
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
