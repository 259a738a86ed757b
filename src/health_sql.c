/*
 * health_sql.c
 *		health_summary as SQL sees it: aggregates, figures of a score, bands, the table.
 */
#include "base/port.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "base/decimal_sql.h"
#include "base/ladder_sql.h"
#include "base/statistics_sql.h"
#include "health.h"
#include "segment_sql.h"

#define PG_GETARG_HEALTH(i) csm_ladder_argument(fcinfo, i, &csm_health_type)

/*
 * Aggregates
 */

static void
score_error(const char *value)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("the score must be a finite number, not %s", value),
					errhint("Use NULL for an account without a score.")));
}

static csm_decimal
row_score(FunctionCallInfo fcinfo, bool is_float8)
{
	if (is_float8)
	{
		float8 value = PG_GETARG_FLOAT8(1);

		if (isnan(value) || isinf(value))
			score_error(psprintf("%g", value));
		return csm_key_from_float8(value);
	}
	if (numeric_is_nan(PG_GETARG_NUMERIC(1)) || numeric_is_inf(PG_GETARG_NUMERIC(1)))
		score_error(csm_numeric_to_text(PG_GETARG_DATUM(1)));
	return csm_decimal_from_numeric(PG_GETARG_DATUM(1));
}

/* A missing ARR is 0. */
static csm_decimal
row_arr(FunctionCallInfo fcinfo)
{
	csm_decimal arr = {0, 0};

	if (!PG_ARGISNULL(3))
		arr = csm_not_negative_from_numeric("arr", PG_GETARG_DATUM(3));
	return arr;
}

/* (state, score, churned [, arr]) */
static Datum
accumulate(FunctionCallInfo fcinfo, bool is_float8)
{
	bool has_arr = PG_NARGS() > 3;
	csm_ladder *h = csm_ladder_state(fcinfo, &csm_health_type, has_arr);
	csm_decimal arr = {0, 0};
	int128 score = CSM_LADDER_NO_KEY;

	if (PG_ARGISNULL(2))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("the flag \"churned\" must not be NULL"),
						errhint("Leave out accounts whose outcome is not known yet, as in FILTER "
								"(WHERE churned IS NOT NULL).")));
	if (has_arr)
		arr = row_arr(fcinfo);
	if (!PG_ARGISNULL(1))
		score = csm_ladder_align_key(h, &csm_health_type, row_score(fcinfo, is_float8));
	csm_health_add(&h, score, PG_GETARG_BOOL(2), has_arr ? &arr : NULL);
	return csm_ladder_result(fcinfo, &csm_health_type, h);
}

/* Everyday rows: a score that the state has seen, at its scale; false for all others. */
static inline bool
add_known_score(FunctionCallInfo fcinfo, csm_ladder *h, int64 score)
{
	csm_rung *rung = csm_ladder_look_up(h, score);

	if (unlikely(rung == NULL))
		return false;
	csm_count_add(&csm_rung_counts(h->shape, rung)[PG_GETARG_BOOL(2)], 1);
	return true;
}

static inline csm_ladder *
plain_state(FunctionCallInfo fcinfo)
{
	csm_ladder *h = csm_ladder_own_state(fcinfo, &csm_health_type);

	if (h == NULL || PG_NARGS() != 3 || PG_ARGISNULL(1) || PG_ARGISNULL(2) ||
		csm_ladder_has_amounts(h))
		return NULL;
	return h;
}

PG_FUNCTION_INFO_V1(csm_health_accum);
Datum
csm_health_accum(PG_FUNCTION_ARGS)
{
	csm_ladder *h = plain_state(fcinfo);
	int64 score;
	int scale;

	if (likely(h != NULL) && csm_stored_form_known &&
		csm_decimal_from_short_numeric(PG_GETARG_DATUM(1), &score, &scale) &&
		scale == h->key_scale && add_known_score(fcinfo, h, score))
		PG_RETURN_POINTER(h);
	return accumulate(fcinfo, false);
}

PG_FUNCTION_INFO_V1(csm_health_accum_float8);
Datum
csm_health_accum_float8(PG_FUNCTION_ARGS)
{
	csm_ladder *h = plain_state(fcinfo);

	if (likely(h != NULL) && h->key_scale == 0)
	{
		float8 value = PG_GETARG_FLOAT8(1);

		if (fabs(value) < 1e15 && (double) (int64) value == value &&
			add_known_score(fcinfo, h, (int64) value))
			PG_RETURN_POINTER(h);
	}
	return accumulate(fcinfo, true);
}

PG_FUNCTION_INFO_V1(csm_health_combine);
Datum
csm_health_combine(PG_FUNCTION_ARGS)
{
	return csm_ladder_combine(fcinfo, &csm_health_type);
}

PG_FUNCTION_INFO_V1(csm_health_final);
Datum
csm_health_final(PG_FUNCTION_ARGS)
{
	return csm_ladder_final(fcinfo, &csm_health_type);
}

/*
 * Counts
 */

static int64
accounts_of(const csm_health_group *group)
{
	int64 accounts = group->accounts[CSM_STAYED];

	csm_count_add(&accounts, group->accounts[CSM_LEFT]);
	return accounts;
}

PG_FUNCTION_INFO_V1(csm_health_accounts);
Datum
csm_health_accounts(PG_FUNCTION_ARGS)
{
	csm_health_group all = csm_health_all(PG_GETARG_HEALTH(0));

	PG_RETURN_INT64(accounts_of(&all));
}

PG_FUNCTION_INFO_V1(csm_health_accounts_churned);
Datum
csm_health_accounts_churned(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(csm_health_all(PG_GETARG_HEALTH(0)).accounts[CSM_LEFT]);
}

PG_FUNCTION_INFO_V1(csm_health_unscored_accounts);
Datum
csm_health_unscored_accounts(PG_FUNCTION_ARGS)
{
	csm_health_group unscored = csm_health_unscored(PG_GETARG_HEALTH(0));

	PG_RETURN_INT64(accounts_of(&unscored));
}

/*
 * Figures of a score
 */

static Datum
count_ratio(int64 numerator, int64 denominator, bool *isnull)
{
	return csm_numeric_ratio(csm_integer_to_numeric(numerator), csm_integer_to_numeric(denominator),
							 isnull);
}

PG_FUNCTION_INFO_V1(csm_health_auc_value);
Datum
csm_health_auc_value(PG_FUNCTION_ARGS)
{
	csm_uint256 numerator;
	csm_uint256 denominator;

	if (!csm_health_auc(PG_GETARG_HEALTH(0), &numerator, &denominator))
		PG_RETURN_NULL();
	return csm_numeric_divide(csm_uint256_to_numeric(&numerator, 0),
							  csm_uint256_to_numeric(&denominator, 0));
}

PG_FUNCTION_INFO_V1(csm_health_auc_bounds);
Datum
csm_health_auc_bounds(PG_FUNCTION_ARGS)
{
	double confidence = csm_confidence_argument(fcinfo, 1);
	csm_interval interval;

	if (!csm_health_auc_interval(PG_GETARG_HEALTH(0), confidence, &interval))
		PG_RETURN_NULL();
	return csm_interval_to_range(interval);
}

static csm_health_group
group_below_argument(FunctionCallInfo fcinfo)
{
	csm_check_finite("threshold", PG_GETARG_DATUM(1));
	return csm_health_below(PG_GETARG_HEALTH(0), csm_decimal_from_numeric(PG_GETARG_DATUM(1)));
}

PG_FUNCTION_INFO_V1(csm_health_churn_recall);
Datum
csm_health_churn_recall(PG_FUNCTION_ARGS)
{
	csm_health_group below = group_below_argument(fcinfo);
	csm_health_group all = csm_health_all(PG_GETARG_HEALTH(0));

	return count_ratio(below.accounts[CSM_LEFT], all.accounts[CSM_LEFT], &fcinfo->isnull);
}

PG_FUNCTION_INFO_V1(csm_health_churn_precision);
Datum
csm_health_churn_precision(PG_FUNCTION_ARGS)
{
	csm_health_group below = group_below_argument(fcinfo);

	return count_ratio(below.accounts[CSM_LEFT], accounts_of(&below), &fcinfo->isnull);
}

PG_FUNCTION_INFO_V1(csm_health_green_churn);
Datum
csm_health_green_churn(PG_FUNCTION_ARGS)
{
	csm_health_group below = group_below_argument(fcinfo);
	csm_health_group all = csm_health_all(PG_GETARG_HEALTH(0));

	return count_ratio(all.accounts[CSM_LEFT] - below.accounts[CSM_LEFT],
					   accounts_of(&all) - accounts_of(&below), &fcinfo->isnull);
}

static Datum
score_numeric(const csm_ladder *h, const csm_rung *rung)
{
	return csm_decimal_to_numeric(rung->key, h->key_scale);
}

static void
check_likelihood(const csm_ladder *h, const csm_rung *rung)
{
	if (rung->key < 0 || rung->key > csm_power_of_ten[h->key_scale])
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the score %s is no likelihood: it is not between 0 and 1",
							   csm_numeric_to_text(score_numeric(h, rung))),
						errhint("A score is the probability that the account stays; divide by "
								"100 where it is in percent.")));
}

/* The squared distances of the scores from what happened: 1 stayed, 0 churned. */
static Datum
squared_distances(const csm_ladder *h)
{
	csm_running_number sum = csm_running_start(0);
	Datum one = csm_integer_to_numeric(1);

	for (uint32 i = 0; i < h->rungs; i++)
	{
		const csm_rung *rung = csm_ladder_rung(h, i);
		const int64 *accounts = csm_rung_counts(h->shape, rung);
		Datum score;
		Datum rest;

		if (!csm_rung_has_score(rung))
			continue;
		check_likelihood(h, rung);
		csm_running_enter(&sum);
		score = score_numeric(h, rung);
		rest = csm_numeric_subtract(one, score);
		csm_running_leave(
			&sum, csm_numeric_add(
					  sum.value,
					  csm_numeric_add(
						  csm_numeric_multiply(csm_numeric_multiply(score, score),
											   csm_integer_to_numeric(accounts[CSM_LEFT])),
						  csm_numeric_multiply(csm_numeric_multiply(rest, rest),
											   csm_integer_to_numeric(accounts[CSM_STAYED])))));
	}
	return sum.value;
}

PG_FUNCTION_INFO_V1(csm_health_brier);
Datum
csm_health_brier(PG_FUNCTION_ARGS)
{
	const csm_ladder *h = PG_GETARG_HEALTH(0);
	csm_health_group all = csm_health_all(h);

	return csm_numeric_ratio(squared_distances(h), csm_integer_to_numeric(accounts_of(&all)),
							 &fcinfo->isnull);
}

/* 1 - squares n / (churned stayed): against a score that is the same for all */
PG_FUNCTION_INFO_V1(csm_health_brier_skill);
Datum
csm_health_brier_skill(PG_FUNCTION_ARGS)
{
	const csm_ladder *h = PG_GETARG_HEALTH(0);
	csm_health_group all = csm_health_all(h);
	Datum pairs = csm_numeric_multiply(csm_integer_to_numeric(all.accounts[CSM_LEFT]),
									   csm_integer_to_numeric(all.accounts[CSM_STAYED]));
	Datum squares =
		csm_numeric_multiply(squared_distances(h), csm_integer_to_numeric(accounts_of(&all)));

	return csm_numeric_ratio(csm_numeric_subtract(pairs, squares), pairs, &fcinfo->isnull);
}

/*
 * Bands
 */

/* What is told of the accounts in a band; scores below 0 are added up apart. */
typedef struct band
{
	csm_health_group group;
	int64 scored;
	csm_uint256 score_sum;
	csm_uint256 below_zero;
} band;

static void
add_to_band(band *b, const csm_ladder *h, const csm_rung *rung)
{
	csm_health_group here = {{0}, {0}};
	int64 accounts;

	csm_health_group_add(&b->group, h, rung);
	if (!csm_rung_has_score(rung))
		return;
	csm_health_group_add(&here, h, rung);
	accounts = accounts_of(&here);
	csm_count_add(&b->scored, accounts);
	if (rung->key >= 0)
		csm_uint256_add_product(&b->score_sum, rung->key, accounts);
	else
		csm_uint256_add_product(&b->below_zero, -rung->key, accounts);
}

static Datum
mean_score(const csm_ladder *h, const band *b)
{
	return csm_numeric_divide(
		csm_numeric_subtract(csm_uint256_to_numeric(&b->score_sum, h->key_scale),
							 csm_uint256_to_numeric(&b->below_zero, h->key_scale)),
		csm_integer_to_numeric(b->scored));
}

static void
put_band(csm_rows *rows, const csm_ladder *h, const band *b, Datum segment, double confidence)
{
	int64 accounts = accounts_of(&b->group);
	int64 churned = b->group.accounts[CSM_LEFT];
	Datum values[8] = {0};
	bool nulls[8] = {false};

	values[0] = segment;
	nulls[0] = segment == (Datum) 0;
	values[1] = Int64GetDatum(accounts);
	values[2] = Int64GetDatum(churned);
	values[3] = count_ratio(churned, accounts, &nulls[3]);
	nulls[4] = accounts == 0;
	if (!nulls[4])
		values[4] = csm_interval_to_range(csm_wilson_interval((double) churned / (double) accounts,
															  (double) accounts, confidence));
	nulls[5] = b->scored == 0;
	if (!nulls[5])
		values[5] = mean_score(h, b);
	nulls[6] = nulls[7] = !csm_ladder_has_amounts(h);
	if (!nulls[6])
	{
		values[6] = csm_decimal_to_numeric(
			csm_decimal_add(b->group.arr[CSM_STAYED], b->group.arr[CSM_LEFT]), h->scale);
		values[7] = csm_decimal_to_numeric(b->group.arr[CSM_LEFT], h->scale);
	}
	csm_rows_put(rows, values, nulls);
}

/*
 * (health, scheme, confidence): a row for each band, and one for what is in none of them.
 * A score belongs to the first band that holds it, as with segment_of.
 */
PG_FUNCTION_INFO_V1(csm_health_bands);
Datum
csm_health_bands(PG_FUNCTION_ARGS)
{
	const csm_ladder *h = PG_GETARG_HEALTH(0);
	csm_scheme scheme = csm_scheme_from_datum(PG_GETARG_DATUM(1));
	double confidence = csm_confidence_argument(fcinfo, 2);
	band *bands = palloc0(sizeof(band) * (scheme.count + 1));
	csm_rows rows;

	for (uint32 i = 0; i < h->rungs; i++)
	{
		const csm_rung *rung = csm_ladder_rung(h, i);
		int k = scheme.count;

		if (csm_rung_has_score(rung))
			k = csm_scheme_find(&scheme, csm_health_score(h, rung));
		add_to_band(&bands[k], h, rung);
	}
	rows = csm_rows_start(fcinfo);
	for (int k = 0; k < scheme.count; k++)
		put_band(&rows, h, &bands[k], PointerGetDatum(scheme.segments[k]), confidence);
	if (accounts_of(&bands[scheme.count].group) > 0)
		put_band(&rows, h, &bands[scheme.count], (Datum) 0, confidence);
	return csm_rows_end(&rows);
}

/* A row for each score: flagged are the accounts at or below it. */
PG_FUNCTION_INFO_V1(csm_health_table);
Datum
csm_health_table(PG_FUNCTION_ARGS)
{
	const csm_ladder *h = PG_GETARG_HEALTH(0);
	csm_health_group all = csm_health_all(h);
	csm_health_group flagged = {{0}, {0}};
	csm_rows rows = csm_rows_start(fcinfo);

	for (uint32 i = 0; i < h->rungs; i++)
	{
		const csm_rung *rung = csm_ladder_rung(h, i);
		csm_health_group here = {{0}, {0}};
		Datum values[7] = {0};
		bool nulls[7] = {false};

		if (!csm_rung_has_score(rung))
			continue;
		csm_health_group_add(&here, h, rung);
		csm_health_group_add(&flagged, h, rung);
		values[0] = score_numeric(h, rung);
		values[1] = Int64GetDatum(accounts_of(&here));
		values[2] = Int64GetDatum(here.accounts[CSM_LEFT]);
		nulls[3] = nulls[4] = !csm_ladder_has_amounts(h);
		if (!nulls[3])
		{
			values[3] = csm_decimal_to_numeric(
				csm_decimal_add(here.arr[CSM_STAYED], here.arr[CSM_LEFT]), h->scale);
			values[4] = csm_decimal_to_numeric(here.arr[CSM_LEFT], h->scale);
		}
		values[5] = count_ratio(flagged.accounts[CSM_LEFT], all.accounts[CSM_LEFT], &nulls[5]);
		values[6] = count_ratio(flagged.accounts[CSM_LEFT], accounts_of(&flagged), &nulls[6]);
		csm_rows_put(&rows, values, nulls);
	}
	return csm_rows_end(&rows);
}

/*
 * Wilson's interval of any share
 */

static void
check_whole(const char *name, Datum number)
{
	csm_check_not_negative(name, number);
	if (csm_numeric_sign(csm_numeric_subtract(number, csm_numeric_round(number, 0))) != 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the %s must be a whole number, not %s", name,
							   csm_numeric_to_text(number))));
}

/* (successes, trials, confidence) */
PG_FUNCTION_INFO_V1(csm_health_wilson_interval);
Datum
csm_health_wilson_interval(PG_FUNCTION_ARGS)
{
	Datum successes = PG_GETARG_DATUM(0);
	Datum trials = PG_GETARG_DATUM(1);
	double confidence = csm_confidence_argument(fcinfo, 2);
	double n;

	check_whole("number of successes", successes);
	check_whole("number of trials", trials);
	if (csm_numeric_sign(csm_numeric_subtract(trials, successes)) < 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("there are more successes than trials: %s of %s",
							   csm_numeric_to_text(successes), csm_numeric_to_text(trials))));
	if (csm_numeric_sign(trials) == 0)
		PG_RETURN_NULL();
	n = DatumGetFloat8(DirectFunctionCall1(numeric_float8, trials));
	return csm_interval_to_range(
		csm_wilson_interval(csm_ratio_to_double(successes, trials), n, confidence));
}

/*
 * Text and binary forms, comparison
 */

PG_FUNCTION_INFO_V1(csm_health_summary_in);
Datum
csm_health_summary_in(PG_FUNCTION_ARGS)
{
	return csm_ladder_in(fcinfo, &csm_health_type);
}

PG_FUNCTION_INFO_V1(csm_health_summary_out);
Datum
csm_health_summary_out(PG_FUNCTION_ARGS)
{
	return csm_ladder_out(fcinfo, &csm_health_type);
}

CSM_CAST_TO_JSON(csm_health_summary)

PG_FUNCTION_INFO_V1(csm_health_summary_send);
Datum
csm_health_summary_send(PG_FUNCTION_ARGS)
{
	return csm_ladder_send(fcinfo, &csm_health_type);
}

PG_FUNCTION_INFO_V1(csm_health_summary_recv);
Datum
csm_health_summary_recv(PG_FUNCTION_ARGS)
{
	return csm_ladder_recv(fcinfo, &csm_health_type);
}

static int
compare_arguments(FunctionCallInfo fcinfo)
{
	return csm_ladder_compare_arguments(fcinfo, &csm_health_type);
}

static uint64
hash_argument(FunctionCallInfo fcinfo, uint64 seed)
{
	return csm_ladder_hash_argument(fcinfo, &csm_health_type, seed);
}

CSM_COMPARISON(csm_health_summary, compare_arguments, hash_argument)
