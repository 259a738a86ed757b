/*
 * survival_sql.c
 *		survival_summary as SQL sees it: lifetimes of histories, aggregates, the curve,
 *		intervals, quantiles, means, log-rank, projection, lifetime value.
 */
#include "base/port.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "base/calendar_sql.h"
#include "base/decimal_sql.h"
#include "base/ladder_sql.h"
#include "base/statistics_sql.h"
#include "history_scan_sql.h"
#include "history_sql.h"
#include "survival.h"

/* decimal places of what is found by iteration */
#define PROJECTION_PLACES 6

/* A lifetime value adds up as many steps. */
#define VALUE_STEPS_MAX 1000000

#define PG_GETARG_SURVIVAL(i) csm_ladder_argument(fcinfo, i, &csm_survival_type)

/*
 * Arguments
 */

static csm_decimal
age_argument(FunctionCallInfo fcinfo, int i, const char *name)
{
	return csm_not_negative_from_numeric(name, PG_GETARG_DATUM(i));
}

static void
check_share(const char *name, Datum share)
{
	csm_check_finite(name, share);
	if (csm_numeric_sign(share) < 0 ||
		csm_numeric_sign(csm_numeric_subtract(csm_integer_to_numeric(1), share)) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the %s must be between 0 and 1, not %s", name, csm_numeric_to_text(share)),
				 errhint("Use 0.05 for 5 %%.")));
}

static void
check_order(csm_decimal from, csm_decimal to, const char *from_name, const char *to_name)
{
	if (csm_decimal_compare(from, to) > 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the %s is before the %s", to_name, from_name)));
}

static Datum
decimal_to_numeric(csm_decimal value)
{
	return csm_decimal_to_numeric(value.coefficient, value.scale);
}

static Datum
curve_to_numeric(int128 curve)
{
	return csm_decimal_to_numeric(curve, CSM_CURVE_PLACES);
}

/*
 * Aggregates over ages as numbers
 */

static void
null_error(const char *name, const char *hint)
{
	ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					errmsg("the %s must not be NULL", name), errhint("%s", hint)));
}

static void
age_error(const char *name, const char *value, const char *problem)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("the %s must %s: %s", name, problem, value)));
}

/* An age of a row, as numeric or as double precision. */
static csm_decimal
row_age(FunctionCallInfo fcinfo, int i, const char *name, bool is_float8)
{
	csm_decimal age;

	if (PG_ARGISNULL(i))
		null_error(name, "Accounts that are still there have an age too, as in "
						 "coalesce(ended, current_date) - started.");
	if (is_float8)
	{
		float8 value = PG_GETARG_FLOAT8(i);

		if (!(value >= 0.0) || isinf(value))
			age_error(name, psprintf("%g", value), "be a finite number, not negative");
		return csm_key_from_float8(value);
	}
	if (numeric_is_nan(PG_GETARG_NUMERIC(i)) || numeric_is_inf(PG_GETARG_NUMERIC(i)))
		age_error(name, csm_numeric_to_text(PG_GETARG_DATUM(i)), "be a finite number");
	age = csm_decimal_from_numeric(PG_GETARG_DATUM(i));
	if (age.coefficient < 0)
		age_error(name, csm_numeric_to_text(PG_GETARG_DATUM(i)), "not be negative");
	/* a division gives 1 / 4 twenty places, of which two say something */
	if (age.scale > CSM_SURVIVAL_AGE_DIGITS ||
		age.coefficient >= csm_power_of_ten[CSM_SURVIVAL_AGE_DIGITS])
		age = csm_decimal_trim(age);
	return age;
}

static bool
row_churned(FunctionCallInfo fcinfo, int i)
{
	if (PG_ARGISNULL(i))
		null_error("flag \"churned\"",
				   "Say of every account whether it left, as in coalesce(churned, false).");
	return PG_GETARG_BOOL(i);
}

/* A missing weight is 0. */
static csm_decimal
row_weight(FunctionCallInfo fcinfo, int i)
{
	csm_decimal weight = {0, 0};

	if (!PG_ARGISNULL(i))
		weight = csm_not_negative_from_numeric("weight", PG_GETARG_DATUM(i));
	return weight;
}

/* A row into the state; the weight, where the call has one, is argument "weight_at". */
static Datum
accumulate(FunctionCallInfo fcinfo, csm_decimal from, csm_decimal to, bool churned, int weight_at)
{
	bool has_weight = PG_NARGS() > weight_at;
	csm_decimal weight = {0, 0};
	csm_ladder *table;
	int128 from_age;

	if (has_weight)
		weight = row_weight(fcinfo, weight_at);
	table = csm_ladder_state(fcinfo, &csm_survival_type, has_weight);
	if (csm_ladder_has_step(table))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("ages in whole steps and ages as numbers cannot be added up")));
	/* the larger scale first: it moves the keys that are there */
	if (to.scale > table->key_scale)
		(void) csm_ladder_align_key(table, &csm_survival_type, to);
	from_age = csm_ladder_align_key(table, &csm_survival_type, from);
	csm_survival_add(&table, from_age, csm_ladder_align_key(table, &csm_survival_type, to), churned,
					 has_weight ? &weight : NULL);
	return csm_ladder_result(fcinfo, &csm_survival_type, table);
}

static const csm_decimal the_start = {0, 0};

/* Everyday rows: an age that the state has seen, at its scale; false for all others. */
static inline bool
add_known_age(csm_ladder *table, int64 age, bool churned)
{
	csm_rung *start = csm_ladder_look_up(table, 0);
	csm_rung *end = csm_ladder_look_up(table, age);

	if (unlikely(start == NULL || end == NULL))
		return false;
	csm_count_add(&csm_rung_counts(table->shape, start)[CSM_ENTERED], 1);
	csm_count_add(&csm_rung_counts(table->shape, end)[churned ? CSM_CHURNED : CSM_CENSORED], 1);
	return true;
}

/* The state that everyday rows may go into, NULL without one. */
static inline csm_ladder *
plain_state(FunctionCallInfo fcinfo)
{
	csm_ladder *table = csm_ladder_own_state(fcinfo, &csm_survival_type);

	if (table == NULL || PG_NARGS() != 3 || PG_ARGISNULL(1) || PG_ARGISNULL(2) ||
		csm_ladder_has_amounts(table) || csm_ladder_has_step(table))
		return NULL;
	return table;
}

/* (state, duration, churned [, weight]) */
PG_FUNCTION_INFO_V1(csm_survival_accum_duration);
Datum
csm_survival_accum_duration(PG_FUNCTION_ARGS)
{
	csm_ladder *table = plain_state(fcinfo);
	int64 age;
	int scale;
	csm_decimal duration;

	if (likely(table != NULL) && csm_stored_form_known &&
		csm_decimal_from_short_numeric(PG_GETARG_DATUM(1), &age, &scale) &&
		scale == table->key_scale && age >= 0 && add_known_age(table, age, PG_GETARG_BOOL(2)))
		PG_RETURN_POINTER(table);
	duration = row_age(fcinfo, 1, "duration", false);
	return accumulate(fcinfo, the_start, duration, row_churned(fcinfo, 2), 3);
}

/* The same as double precision. */
PG_FUNCTION_INFO_V1(csm_survival_accum_duration_float8);
Datum
csm_survival_accum_duration_float8(PG_FUNCTION_ARGS)
{
	csm_ladder *table = plain_state(fcinfo);
	csm_decimal duration;

	if (likely(table != NULL) && table->key_scale == 0)
	{
		float8 value = PG_GETARG_FLOAT8(1);

		if (value >= 0.0 && value < 1e15 && (double) (int64) value == value &&
			add_known_age(table, (int64) value, PG_GETARG_BOOL(2)))
			PG_RETURN_POINTER(table);
	}
	duration = row_age(fcinfo, 1, "duration", true);
	return accumulate(fcinfo, the_start, duration, row_churned(fcinfo, 2), 3);
}

static Datum
accumulate_ages(FunctionCallInfo fcinfo, bool is_float8)
{
	csm_decimal from = row_age(fcinfo, 1, "from_age", is_float8);
	csm_decimal to = row_age(fcinfo, 2, "to_age", is_float8);

	if (csm_decimal_compare(from, to) >= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("to_age must be larger than from_age: %s and %s",
						csm_numeric_to_text(decimal_to_numeric(from)),
						csm_numeric_to_text(decimal_to_numeric(to))),
				 errhint("Leave out accounts that were not observed for any time, in the open.")));
	return accumulate(fcinfo, from, to, row_churned(fcinfo, 3), 4);
}

/* (state, from_age, to_age, churned [, weight]) */
PG_FUNCTION_INFO_V1(csm_survival_accum_ages);
Datum
csm_survival_accum_ages(PG_FUNCTION_ARGS)
{
	return accumulate_ages(fcinfo, false);
}

PG_FUNCTION_INFO_V1(csm_survival_accum_ages_float8);
Datum
csm_survival_accum_ages_float8(PG_FUNCTION_ARGS)
{
	return accumulate_ages(fcinfo, true);
}

/*
 * Aggregate over histories
 */

/* Bounds and step as they were in the rows before; checked when they are new. */
static void
check_window(const csm_ladder *table, DateADT from, DateADT to, csm_step step)
{
	bool known = table != NULL && table->from != table->to;

	if (!known || table->from != from || table->to != to)
		(void) csm_count_intervals(from, to, step);
	if (table == NULL)
		return;
	if (!csm_ladder_has_step(table))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("ages in whole steps and ages as numbers cannot be added up")));
	csm_check_same_step(table->step, step, "step");
}

/* The state that a lifetime goes into. */
static csm_ladder *
window_state(FunctionCallInfo fcinfo, DateADT from, DateADT to, csm_step step)
{
	csm_ladder *table = csm_ladder_state(fcinfo, &csm_survival_type, false);

	if (table->from == table->to)
	{
		table->from = from;
		table->to = to;
		table->step = step;
	}
	csm_check_same_date(table->from, from, "from_date");
	csm_check_same_date(table->to, to, "to_date");
	return table;
}

/* (state, history, from_date, to_date, step); a row without a history does not count. */
PG_FUNCTION_INFO_V1(csm_survival_accum_history);
Datum
csm_survival_accum_history(PG_FUNCTION_ARGS)
{
	DateADT from = csm_date_argument(fcinfo, 2, "from_date");
	DateADT to = csm_date_argument(fcinfo, 3, "to_date");
	csm_step step = csm_step_argument(fcinfo, 4, "step");
	csm_lifetime lifetime;
	csm_ladder *table;

	check_window(PG_ARGISNULL(0) ? NULL
								 : csm_ladder_from_datum(PG_GETARG_DATUM(0), &csm_survival_type),
				 from, to, step);
	if (PG_ARGISNULL(1) || !csm_lifetime_of(PG_GETARG_HISTORY(1), from, to, step, &lifetime))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	table = window_state(fcinfo, from, to, step);
	csm_survival_add(&table, lifetime.from_age, lifetime.to_age, lifetime.churned, NULL);
	return csm_ladder_result(fcinfo, &csm_survival_type, table);
}

/* The same straight from raw rows. */
typedef struct lifetimes
{
	const csm_history_scan *scan;
	csm_ladder *table; /* NULL before the first lifetime */
} lifetimes;

static void
take_lifetime(void *caller, const csm_history *h)
{
	lifetimes *all = caller;
	const csm_history_scan *scan = all->scan;
	csm_lifetime lifetime;

	if (!csm_lifetime_of(h, scan->from, scan->to, scan->step, &lifetime))
		return;
	if (all->table == NULL)
	{
		all->table = csm_ladder_new(&csm_survival_type, false);
		all->table->from = scan->from;
		all->table->to = scan->to;
		all->table->step = scan->step;
	}
	csm_survival_add(&all->table, lifetime.from_age, lifetime.to_age, lifetime.churned, NULL);
}

PG_FUNCTION_INFO_V1(csm_survival_scan_final);
Datum
csm_survival_scan_final(PG_FUNCTION_ARGS)
{
	lifetimes all = {csm_history_scan_argument(fcinfo), NULL};

	csm_history_scan_finish((csm_history_scan *) all.scan, take_lifetime, &all);
	if (all.table == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(csm_ladder_at_rest(all.table));
}

PG_FUNCTION_INFO_V1(csm_survival_combine);
Datum
csm_survival_combine(PG_FUNCTION_ARGS)
{
	return csm_ladder_combine(fcinfo, &csm_survival_type);
}

PG_FUNCTION_INFO_V1(csm_survival_final);
Datum
csm_survival_final(PG_FUNCTION_ARGS)
{
	return csm_ladder_final(fcinfo, &csm_survival_type);
}

/* What one history adds: no row or one. */
PG_FUNCTION_INFO_V1(csm_survival_lifetime);
Datum
csm_survival_lifetime(PG_FUNCTION_ARGS)
{
	const csm_history *h = PG_GETARG_HISTORY(0);
	DateADT from = csm_date_argument(fcinfo, 1, "from_date");
	DateADT to = csm_date_argument(fcinfo, 2, "to_date");
	csm_step step = csm_step_argument(fcinfo, 3, "step");
	csm_rows rows = csm_rows_start(fcinfo);
	csm_lifetime lifetime;

	(void) csm_count_intervals(from, to, step);
	if (csm_lifetime_of(h, from, to, step, &lifetime))
	{
		bool nulls[4] = {false};
		Datum values[4];

		values[0] = Int32GetDatum((int32) lifetime.from_age);
		values[1] = Int32GetDatum((int32) lifetime.to_age);
		values[2] = BoolGetDatum(lifetime.churned);
		values[3] = csm_decimal_to_numeric(lifetime.amount, h->scale);
		csm_rows_put(&rows, values, nulls);
	}
	return csm_rows_end(&rows);
}

/*
 * The curve
 */

PG_FUNCTION_INFO_V1(csm_survival_curve);
Datum
csm_survival_curve(PG_FUNCTION_ARGS)
{
	int128 curve;

	if (!csm_survival_at(PG_GETARG_SURVIVAL(0), NULL, age_argument(fcinfo, 1, "age"), &curve))
		PG_RETURN_NULL();
	return curve_to_numeric(curve);
}

/* (table, from_age, at) */
PG_FUNCTION_INFO_V1(csm_survival_curve_from);
Datum
csm_survival_curve_from(PG_FUNCTION_ARGS)
{
	csm_decimal from = age_argument(fcinfo, 1, "age to start from");
	csm_decimal at = age_argument(fcinfo, 2, "age");
	int128 curve;

	check_order(from, at, "age to start from", "age");
	if (!csm_survival_at(PG_GETARG_SURVIVAL(0), &from, at, &curve))
		PG_RETURN_NULL();
	return curve_to_numeric(curve);
}

static int64
total_of(const csm_ladder *table, int what)
{
	int64 total = 0;

	for (uint32 i = 0; i < table->rungs; i++)
		csm_count_add(&total, csm_rung_counts(table->shape, csm_ladder_rung(table, i))[what]);
	return total;
}

PG_FUNCTION_INFO_V1(csm_survival_accounts);
Datum
csm_survival_accounts(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(total_of(PG_GETARG_SURVIVAL(0), CSM_ENTERED));
}

PG_FUNCTION_INFO_V1(csm_survival_accounts_churned);
Datum
csm_survival_accounts_churned(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(total_of(PG_GETARG_SURVIVAL(0), CSM_CHURNED));
}

static Datum
amount_at_risk(const csm_ladder *table, int128 amount)
{
	return csm_decimal_to_numeric(amount, csm_ladder_has_amounts(table) ? table->scale : 0);
}

/* A row for each age at which somebody leaves; who entered since the row before is in it. */
PG_FUNCTION_INFO_V1(csm_survival_table);
Datum
csm_survival_table(PG_FUNCTION_ARGS)
{
	const csm_ladder *table = PG_GETARG_SURVIVAL(0);
	csm_survival_walk walk = csm_survival_start(table, NULL);
	csm_rows rows = csm_rows_start(fcinfo);
	int64 stayed = 0;

	while (csm_survival_next(&walk))
	{
		Datum values[7];
		bool nulls[7] = {false};

		if (walk.churned == 0 && walk.censored == 0)
			continue;
		values[0] = csm_decimal_to_numeric(walk.age, table->key_scale);
		values[1] = Int64GetDatum(walk.at_risk);
		values[2] = Int64GetDatum(walk.at_risk - stayed);
		values[3] = Int64GetDatum(walk.churned);
		values[4] = Int64GetDatum(walk.censored);
		values[5] = csm_numeric_ratio(amount_at_risk(table, walk.weight_churned),
									  amount_at_risk(table, walk.weight_at_risk), &nulls[5]);
		values[6] = curve_to_numeric(walk.curve);
		csm_rows_put(&rows, values, nulls);
		stayed = walk.at_risk - walk.churned - walk.censored;
	}
	return csm_rows_end(&rows);
}

/*
 * Intervals and quantiles
 */

static csm_interval_kind
kind_argument(FunctionCallInfo fcinfo, int i)
{
	char *kind = text_to_cstring(PG_GETARG_TEXT_PP(i));

	if (strcmp(kind, "log-log") == 0)
		return CSM_INTERVAL_LOG_LOG;
	if (strcmp(kind, "log") == 0)
		return CSM_INTERVAL_LOG;
	if (strcmp(kind, "plain") != 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("there is no kind of interval \"%.40s\"", kind),
						errhint("Known are \"log-log\", \"log\" and \"plain\".")));
	return CSM_INTERVAL_PLAIN;
}

/* (table, at, confidence, kind) */
PG_FUNCTION_INFO_V1(csm_survival_curve_interval);
Datum
csm_survival_curve_interval(PG_FUNCTION_ARGS)
{
	csm_decimal at = age_argument(fcinfo, 1, "age");
	double confidence = csm_confidence_argument(fcinfo, 2);
	csm_interval_kind kind = kind_argument(fcinfo, 3);
	csm_interval interval;

	if (!csm_survival_interval_at(PG_GETARG_SURVIVAL(0), at, kind, confidence, &interval))
		PG_RETURN_NULL();
	return csm_interval_to_range(interval);
}

static const csm_decimal half = {5, 1};

static Datum
age_at(FunctionCallInfo fcinfo, csm_decimal share)
{
	const csm_ladder *table = PG_GETARG_SURVIVAL(0);
	int128 age;

	if (!csm_survival_age_at(table, share, &age))
		PG_RETURN_NULL();
	return csm_decimal_to_numeric(age, table->key_scale);
}

PG_FUNCTION_INFO_V1(csm_survival_quantile);
Datum
csm_survival_quantile(PG_FUNCTION_ARGS)
{
	check_share("share", PG_GETARG_DATUM(1));
	return age_at(fcinfo, csm_decimal_from_numeric(PG_GETARG_DATUM(1)));
}

PG_FUNCTION_INFO_V1(csm_survival_median);
Datum
csm_survival_median(PG_FUNCTION_ARGS)
{
	return age_at(fcinfo, half);
}

/* A bound as it is shown is at or below one half. */
static bool
is_half_or_less(double bound)
{
	return bound <= 0.5 + 0.5e-10;
}

/*
 * (table, confidence, kind): from the first age whose low end is at or below one half to
 * the first whose high end is; ages without an interval are passed over.
 */
PG_FUNCTION_INFO_V1(csm_survival_median_interval);
Datum
csm_survival_median_interval(PG_FUNCTION_ARGS)
{
	const csm_ladder *table = PG_GETARG_SURVIVAL(0);
	double confidence = csm_confidence_argument(fcinfo, 1);
	csm_interval_kind kind = kind_argument(fcinfo, 2);
	csm_survival_walk walk = csm_survival_start(table, NULL);
	bool found = false;
	Datum low = (Datum) 0;

	if (csm_ladder_has_amounts(table) && csm_survival_has_late_entry(table))
		PG_RETURN_NULL();
	while (csm_survival_next(&walk))
	{
		csm_interval interval;

		/* between churns the interval is as before */
		if (walk.weight_churned == 0 || !csm_survival_interval(&walk, kind, confidence, &interval))
			continue;
		if (!found && is_half_or_less(interval.low))
		{
			found = true;
			low = csm_decimal_to_numeric(walk.age, table->key_scale);
		}
		if (is_half_or_less(interval.high))
			return csm_numeric_range(low, csm_decimal_to_numeric(walk.age, table->key_scale));
	}
	if (!found)
		PG_RETURN_NULL();
	return csm_numeric_range_from(low);
}

/*
 * Restricted mean
 */

static csm_decimal
horizon_argument(FunctionCallInfo fcinfo, int i)
{
	csm_decimal horizon;

	csm_check_finite("horizon", PG_GETARG_DATUM(i));
	horizon = csm_decimal_from_numeric(PG_GETARG_DATUM(i));
	if (horizon.coefficient <= 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the horizon must be larger than 0, not %s",
							   csm_numeric_to_text(PG_GETARG_DATUM(i)))));
	return horizon;
}

static Datum
restricted_mean(FunctionCallInfo fcinfo, const csm_decimal *from, csm_decimal horizon)
{
	csm_uint256 area;
	int scale;

	if (!csm_survival_integral(PG_GETARG_SURVIVAL(0), from, horizon, &area, &scale))
		PG_RETURN_NULL();
	return csm_uint256_to_numeric(&area, scale + CSM_CURVE_PLACES);
}

PG_FUNCTION_INFO_V1(csm_survival_restricted_mean);
Datum
csm_survival_restricted_mean(PG_FUNCTION_ARGS)
{
	return restricted_mean(fcinfo, NULL, horizon_argument(fcinfo, 1));
}

/* (table, from_age, horizon) */
PG_FUNCTION_INFO_V1(csm_survival_restricted_mean_from);
Datum
csm_survival_restricted_mean_from(PG_FUNCTION_ARGS)
{
	csm_decimal from = age_argument(fcinfo, 1, "age to start from");
	csm_decimal horizon = horizon_argument(fcinfo, 2);

	if (csm_decimal_compare(from, horizon) >= 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the horizon %s is not after the age to start from, %s",
							   csm_numeric_to_text(PG_GETARG_DATUM(2)),
							   csm_numeric_to_text(PG_GETARG_DATUM(1))),
						errhint("The horizon is an age, not a length.")));
	return restricted_mean(fcinfo, &from, horizon);
}

PG_FUNCTION_INFO_V1(csm_survival_restricted_mean_interval);
Datum
csm_survival_restricted_mean_interval(PG_FUNCTION_ARGS)
{
	const csm_ladder *table = PG_GETARG_SURVIVAL(0);
	csm_decimal horizon = horizon_argument(fcinfo, 1);
	double confidence = csm_confidence_argument(fcinfo, 2);
	double end = (double) horizon.coefficient / (double) csm_power_of_ten[horizon.scale];
	csm_uint256 area;
	int scale;
	double mean;
	double distance;
	csm_interval interval;

	if (csm_ladder_has_amounts(table) ||
		!csm_survival_integral(table, NULL, horizon, &area, &scale))
		PG_RETURN_NULL();
	mean = csm_uint256_to_double(&area) / (double) csm_power_of_ten[scale] / 1e20;
	distance =
		csm_normal_quantile(confidence) * sqrt(csm_survival_integral_variance(table, horizon));
	if (!(distance > 0.0))
		PG_RETURN_NULL();
	interval.low = Max(0.0, mean - distance);
	interval.high = Min(end, mean + distance);
	return csm_interval_to_range(interval);
}

/*
 * Log-rank
 */

static Datum
row_result(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	TupleDesc description;

	if (get_call_result_type(fcinfo, NULL, &description) != TYPEFUNC_COMPOSITE)
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("the function returns a row, where none is wanted")));
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(description), values, nulls));
}

/* The tables of an array, NULL for a group without accounts; they must have one step. */
static const csm_ladder **
tables_argument(FunctionCallInfo fcinfo, int i, int *count)
{
	ArrayType *array = PG_GETARG_ARRAYTYPE_P(i);
	const csm_ladder **tables;
	const csm_ladder *first = NULL;
	Datum *items;
	bool *nulls;

	deconstruct_array(array, ARR_ELEMTYPE(array), -1, false, TYPALIGN_DOUBLE, &items, &nulls,
					  count);
	if (*count > CSM_LOGRANK_GROUPS_MAX)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("a log-rank test takes at most %d groups", CSM_LOGRANK_GROUPS_MAX)));
	tables = palloc0(sizeof(*tables) * Max(*count, 1));
	for (int k = 0; k < *count; k++)
	{
		if (nulls[k])
			continue;
		tables[k] = csm_ladder_at_rest(csm_ladder_from_datum(items[k], &csm_survival_type));
		if (first == NULL)
			first = tables[k];
		else if (!csm_step_is_same(first->step, tables[k]->step))
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("ages in different steps cannot be compared"),
							errhint("Make all values with the same step.")));
	}
	return tables;
}

PG_FUNCTION_INFO_V1(csm_survival_logrank_test);
Datum
csm_survival_logrank_test(PG_FUNCTION_ARGS)
{
	int groups;
	const csm_ladder **tables = tables_argument(fcinfo, 0, &groups);
	csm_logrank result;
	Datum *observed;
	Datum *expected;
	Datum values[5];
	bool nulls[5] = {false};

	result.observed = palloc0(sizeof(int64) * Max(groups, 1));
	result.expected = palloc0(sizeof(double) * Max(groups, 1));
	if (!csm_survival_logrank(tables, groups, &result))
		PG_RETURN_NULL();
	observed = palloc(sizeof(Datum) * groups);
	expected = palloc(sizeof(Datum) * groups);
	for (int g = 0; g < groups; g++)
	{
		observed[g] = Int64GetDatum(result.observed[g]);
		expected[g] = csm_bound_to_numeric(result.expected[g]);
	}
	values[0] = csm_bound_to_numeric(result.chi_square);
	values[1] = Int32GetDatum(result.degrees);
	values[2] = Float8GetDatum(result.p_value);
	values[3] = PointerGetDatum(construct_array(observed, groups, INT8OID, sizeof(int64),
												FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	values[4] =
		PointerGetDatum(construct_array(expected, groups, NUMERICOID, -1, false, TYPALIGN_INT));
	return row_result(fcinfo, values, nulls);
}

/*
 * Projection
 */

PG_FUNCTION_INFO_V1(csm_survival_projection);
Datum
csm_survival_projection(PG_FUNCTION_ARGS)
{
	csm_projection projection;
	Datum values[3];
	bool nulls[3] = {false};

	if (!csm_survival_project(PG_GETARG_SURVIVAL(0), &projection))
		PG_RETURN_NULL();
	nulls[0] = nulls[1] = !projection.has_maximum;
	if (projection.has_maximum)
	{
		values[0] = csm_double_to_rounded(projection.alpha, PROJECTION_PLACES);
		values[1] = csm_double_to_rounded(projection.beta, PROJECTION_PLACES);
	}
	values[2] = csm_double_to_rounded(projection.log_likelihood, PROJECTION_PLACES);
	return row_result(fcinfo, values, nulls);
}

PG_FUNCTION_INFO_V1(csm_survival_projected);
Datum
csm_survival_projected(PG_FUNCTION_ARGS)
{
	int32 at = PG_GETARG_INT32(1);
	csm_projection projection;

	if (at < 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the age must not be negative: %d", at)));
	if (!csm_survival_project(PG_GETARG_SURVIVAL(0), &projection))
		PG_RETURN_NULL();
	return csm_bound_to_numeric(csm_projected_survival(&projection, at));
}

/*
 * Lifetime value
 */

static void
check_value_arguments(FunctionCallInfo fcinfo, int arpa, int margin)
{
	csm_check_not_negative("amount per account", PG_GETARG_DATUM(arpa));
	check_share("margin", PG_GETARG_DATUM(margin));
}

static void
check_steps(int32 steps)
{
	if (steps < 1)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the number of steps must be 1 or more, not %d", steps)));
	if (steps > VALUE_STEPS_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a lifetime value takes at most %d steps, not %d", VALUE_STEPS_MAX, steps),
				 errhint("Use longer steps.")));
}

/* A curve that is asked for ages that do not descend. */
typedef struct curve_reader
{
	csm_survival_walk walk;
	csm_survival_walk ahead; /* one age further */
	bool has_ahead;
	csm_decimal last_age;
} curve_reader;

static bool
curve_at(curve_reader *reader, int64 age, int128 *curve)
{
	csm_decimal at = {age, 0};

	while (reader->has_ahead)
	{
		csm_decimal next = {reader->ahead.age, reader->ahead.table->key_scale};

		if (csm_decimal_compare(next, at) > 0)
			break;
		reader->walk = reader->ahead;
		reader->has_ahead = csm_survival_next(&reader->ahead);
	}
	*curve = reader->walk.curve;
	return *curve == 0 || csm_decimal_compare(at, reader->last_age) <= 0;
}

static curve_reader
curve_reader_start(const csm_ladder *table, const csm_decimal *from)
{
	curve_reader reader;

	reader.walk = reader.ahead = csm_survival_start(table, from);
	reader.has_ahead = csm_survival_next(&reader.ahead);
	reader.last_age = csm_survival_last_age(table);
	return reader;
}

/*
 * (table, arpa, margin, steps, discount, from_age): each step is paid at its start.  From
 * age 0 it is the curve of all who came, of whom some may have left at once.
 */
PG_FUNCTION_INFO_V1(csm_survival_lifetime_value);
Datum
csm_survival_lifetime_value(PG_FUNCTION_ARGS)
{
	const csm_ladder *table = PG_GETARG_SURVIVAL(0);
	int32 steps = PG_GETARG_INT32(3);
	int32 from_age = PG_GETARG_INT32(5);
	csm_decimal from = {from_age, 0};
	curve_reader reader;
	Datum growth;
	csm_running_number sum;
	csm_running_number worth;

	check_value_arguments(fcinfo, 1, 2);
	check_steps(steps);
	csm_check_not_negative("discount", PG_GETARG_DATUM(4));
	if (from_age < 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the age to start from must not be negative: %d", from_age)));
	reader = curve_reader_start(table, from_age > 0 ? &from : NULL);
	growth = csm_numeric_add(csm_integer_to_numeric(1), PG_GETARG_DATUM(4));
	sum = csm_running_start(0);
	worth = csm_running_start(1);
	for (int32 k = 0; k < steps; k++)
	{
		int128 curve;

		if (!curve_at(&reader, (int64) from_age + k, &curve))
			PG_RETURN_NULL();
		if (curve == 0)
			break;
		csm_running_enter(&sum);
		csm_running_leave(
			&sum, csm_numeric_add(
					  sum.value,
					  csm_numeric_round(csm_numeric_multiply(curve_to_numeric(curve), worth.value),
										2 * CSM_CURVE_PLACES)));
		csm_running_enter(&worth);
		csm_running_leave(
			&worth, csm_numeric_round(csm_numeric_divide(
										  csm_numeric_round(worth.value, CSM_CURVE_PLACES), growth),
									  CSM_CURVE_PLACES));
	}
	return csm_numeric_round(
		csm_numeric_multiply(csm_numeric_multiply(PG_GETARG_DATUM(1), PG_GETARG_DATUM(2)),
							 sum.value),
		CSM_CURVE_PLACES);
}

/* (arpa, margin, churn): the textbook figure */
PG_FUNCTION_INFO_V1(csm_survival_textbook_value);
Datum
csm_survival_textbook_value(PG_FUNCTION_ARGS)
{
	check_value_arguments(fcinfo, 0, 1);
	check_share("churn", PG_GETARG_DATUM(2));
	return csm_numeric_ratio(csm_numeric_multiply(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)),
							 PG_GETARG_DATUM(2), &fcinfo->isnull);
}

/*
 * The churn of one year where the churn of a term of some years is known:
 * 1 - (1 - churn)^(1 / years).  Logarithms are taken to twice the places of the result.
 */
PG_FUNCTION_INFO_V1(csm_survival_annual_churn);
Datum
csm_survival_annual_churn(PG_FUNCTION_ARGS)
{
	Datum one = csm_integer_to_numeric(1);
	Datum kept;
	Datum years = PG_GETARG_DATUM(1);

	check_share("churn", PG_GETARG_DATUM(0));
	csm_check_finite("number of years", years);
	if (csm_numeric_sign(years) <= 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the number of years must be larger than 0, not %s",
							   csm_numeric_to_text(years))));
	kept = csm_numeric_subtract(one, PG_GETARG_DATUM(0));
	if (csm_numeric_sign(kept) > 0)
	{
		/* display scales are what numeric's logarithm and exponential are exact to */
		kept = DirectFunctionCall1(
			numeric_ln, DirectFunctionCall2(numeric_mul, kept,
											csm_decimal_to_numeric(csm_power_of_ten[37], 37)));
		kept = DirectFunctionCall1(numeric_exp, csm_numeric_divide(kept, years));
	}
	return csm_numeric_round(csm_numeric_subtract(one, kept), CSM_CURVE_PLACES);
}

/*
 * Text and binary forms, comparison
 */

PG_FUNCTION_INFO_V1(csm_survival_summary_in);
Datum
csm_survival_summary_in(PG_FUNCTION_ARGS)
{
	return csm_ladder_in(fcinfo, &csm_survival_type);
}

PG_FUNCTION_INFO_V1(csm_survival_summary_out);
Datum
csm_survival_summary_out(PG_FUNCTION_ARGS)
{
	return csm_ladder_out(fcinfo, &csm_survival_type);
}

CSM_CAST_TO_JSON(csm_survival_summary)

PG_FUNCTION_INFO_V1(csm_survival_summary_send);
Datum
csm_survival_summary_send(PG_FUNCTION_ARGS)
{
	return csm_ladder_send(fcinfo, &csm_survival_type);
}

PG_FUNCTION_INFO_V1(csm_survival_summary_recv);
Datum
csm_survival_summary_recv(PG_FUNCTION_ARGS)
{
	return csm_ladder_recv(fcinfo, &csm_survival_type);
}

static int
compare_arguments(FunctionCallInfo fcinfo)
{
	return csm_ladder_compare_arguments(fcinfo, &csm_survival_type);
}

static uint64
hash_argument(FunctionCallInfo fcinfo, uint64 seed)
{
	return csm_ladder_hash_argument(fcinfo, &csm_survival_type, seed);
}

CSM_COMPARISON(csm_survival_summary, compare_arguments, hash_argument)
