/*
 * compare_sql.c
 *		Is churn falling, is a change the mix or the rate, and which segment and movement
 *		made it: figures over arrays of summaries, as SQL sees them.
 *
 * Slopes and parts are made of numerics; the interval of a slope is floating point.
 */
#include "base/port.h"

#include <math.h>

#include "fmgr.h"
#include "miscadmin.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "base/decimal_sql.h"
#include "base/statistics_sql.h"
#include "base/wire_sql.h"
#include "retention_sql.h"

/* Places that quotients are carried to, and that results are rounded to. */
#define CARRIED_PLACES 40
#define RESULT_PLACES  20

/* A quotient with many places: numeric's division keeps those of the dividend. */
static Datum
divide(Datum a, Datum b)
{
	return csm_numeric_divide(csm_numeric_round(a, CARRIED_PLACES), b);
}

/*
 * Trend: weighted least squares of a churn p over x = 1, 2 ... with weights w
 */

/* The churn of an interval and its weight; only asked of one that has starting accounts. */
typedef void (*churn_of)(const csm_retention_summary *r, Datum *churn, Datum *weight);

static void
logo_churn_of(const csm_retention_summary *r, Datum *churn, Datum *weight)
{
	*weight = csm_integer_to_numeric(r->accounts_starting);
	*churn = divide(csm_integer_to_numeric(r->accounts_churned), *weight);
}

/* As many accounts of one size as vary as much. */
static void
revenue_churn_of(const csm_retention_summary *r, Datum *churn, Datum *weight)
{
	Datum starting = csm_starting_numeric(r);

	*churn = divide(csm_decimal_to_numeric(r->starting - r->retained, r->scale), starting);
	*weight = divide(csm_numeric_multiply(starting, starting),
					 csm_uint256_to_numeric(&r->starting_squared, 2 * r->scale));
}

typedef struct trend
{
	int count; /* of intervals that have accounts */
	Datum slope;
	double variance; /* of the slope; 0 where all intervals lie on the line */
} trend;

/* Sums over the intervals; numerics. */
typedef struct trend_sums
{
	Datum w;
	Datum wx;
	Datum wxx;
	Datum wp;
	Datum wxp;
} trend_sums;

static void
add_to(Datum *sum, Datum a)
{
	*sum = csm_numeric_add(*sum, a);
}

static trend_sums
sum_up(const Datum *x, const Datum *churn, const Datum *weight, int count)
{
	Datum zero = csm_integer_to_numeric(0);
	trend_sums sums = {zero, zero, zero, zero, zero};

	for (int i = 0; i < count; i++)
	{
		Datum wx = csm_numeric_multiply(weight[i], x[i]);

		CHECK_FOR_INTERRUPTS();
		add_to(&sums.w, weight[i]);
		add_to(&sums.wx, wx);
		add_to(&sums.wxx, csm_numeric_multiply(wx, x[i]));
		add_to(&sums.wp, csm_numeric_multiply(weight[i], churn[i]));
		add_to(&sums.wxp, csm_numeric_multiply(wx, churn[i]));
	}
	return sums;
}

/* The sum of squares around the line, rounded to so many places that chance rounding is gone. */
static Datum
squares_around(const trend_sums *sums, Datum slope, const Datum *x, const Datum *churn,
			   const Datum *weight, int count)
{
	Datum base =
		divide(csm_numeric_subtract(sums->wp, csm_numeric_multiply(slope, sums->wx)), sums->w);
	Datum squares = csm_integer_to_numeric(0);

	for (int i = 0; i < count; i++)
	{
		Datum residual = csm_numeric_round(
			csm_numeric_subtract(churn[i],
								 csm_numeric_add(base, csm_numeric_multiply(slope, x[i]))),
			CARRIED_PLACES - 10);

		CHECK_FOR_INTERRUPTS();
		add_to(&squares, csm_numeric_multiply(weight[i], csm_numeric_multiply(residual, residual)));
	}
	return squares;
}

/* The trend over an array of adjacent intervals of one length. */
static trend
trend_of(FunctionCallInfo fcinfo, churn_of churn_and_weight)
{
	csm_summary_array intervals = csm_adjacent_intervals(PG_GETARG_DATUM(0));
	Datum *x = palloc(sizeof(Datum) * (intervals.count + 1));
	Datum *churn = palloc(sizeof(Datum) * (intervals.count + 1));
	Datum *weight = palloc(sizeof(Datum) * (intervals.count + 1));
	trend result = {0, 0, 0};
	trend_sums sums;
	Datum spread;

	(void) csm_regular_intervals(PG_GETARG_DATUM(0));
	for (int i = 0; i < intervals.count; i++)
	{
		if (intervals.items[i]->accounts_starting == 0)
			continue;
		x[result.count] = csm_integer_to_numeric(i + 1);
		churn_and_weight(intervals.items[i], &churn[result.count], &weight[result.count]);
		result.count++;
	}
	if (result.count < 3)
		return result;
	sums = sum_up(x, churn, weight, result.count);
	/* the weighted sum of squares of x around its mean, times the sum of weights */
	spread = csm_numeric_subtract(csm_numeric_multiply(sums.w, sums.wxx),
								  csm_numeric_multiply(sums.wx, sums.wx));
	result.slope = divide(csm_numeric_subtract(csm_numeric_multiply(sums.w, sums.wxp),
											   csm_numeric_multiply(sums.wx, sums.wp)),
						  spread);
	result.variance = csm_numeric_to_double(divide(
						  csm_numeric_multiply(sums.w, squares_around(&sums, result.slope, x, churn,
																	  weight, result.count)),
						  spread)) /
					  (result.count - 2);
	return result;
}

static Datum
slope_of(FunctionCallInfo fcinfo, churn_of churn_and_weight)
{
	trend t = trend_of(fcinfo, churn_and_weight);

	if (t.count < 3)
		PG_RETURN_NULL();
	return csm_numeric_round(t.slope, RESULT_PLACES);
}

static Datum
slope_interval_of(FunctionCallInfo fcinfo, churn_of churn_and_weight)
{
	trend t = trend_of(fcinfo, churn_and_weight);
	double confidence = csm_confidence_argument(fcinfo, 1);
	csm_interval interval;
	double half;

	if (t.count < 3 || t.variance <= 0)
		PG_RETURN_NULL();
	half = csm_student_quantile(confidence, t.count - 2) * sqrt(t.variance);
	interval.low = csm_numeric_to_double(t.slope) - half;
	interval.high = csm_numeric_to_double(t.slope) + half;
	return csm_interval_to_range(interval);
}

PG_FUNCTION_INFO_V1(csm_churn_trend);
Datum
csm_churn_trend(PG_FUNCTION_ARGS)
{
	return slope_of(fcinfo, logo_churn_of);
}

PG_FUNCTION_INFO_V1(csm_churn_trend_interval);
Datum
csm_churn_trend_interval(PG_FUNCTION_ARGS)
{
	return slope_interval_of(fcinfo, logo_churn_of);
}

PG_FUNCTION_INFO_V1(csm_revenue_churn_trend);
Datum
csm_revenue_churn_trend(PG_FUNCTION_ARGS)
{
	return slope_of(fcinfo, revenue_churn_of);
}

PG_FUNCTION_INFO_V1(csm_revenue_churn_trend_interval);
Datum
csm_revenue_churn_trend_interval(PG_FUNCTION_ARGS)
{
	return slope_interval_of(fcinfo, revenue_churn_of);
}

/*
 * Mix and rate.  A segment has the share w of the denominator of all and the figure r.  Its
 * part of the change of R, the figure of all, is (w' - w) times how far the mean of r and r'
 * lies from that of R and R', which is mix, and the mean of w and w' times r' - r, the rate.
 */

/* A figure as its numerator and denominator. */
typedef struct figure
{
	const char *name;
	Datum (*numerator)(const csm_retention_summary *r);
	Datum (*denominator)(const csm_retention_summary *r);
} figure;

static Datum
retained_numeric(const csm_retention_summary *r)
{
	return csm_decimal_to_numeric(r->retained, r->scale);
}

static Datum
lost_numeric(const csm_retention_summary *r)
{
	return csm_decimal_to_numeric(r->starting - r->retained, r->scale);
}

static Datum
churned_accounts(const csm_retention_summary *r)
{
	return csm_integer_to_numeric(r->accounts_churned);
}

static Datum
starting_accounts(const csm_retention_summary *r)
{
	return csm_integer_to_numeric(r->accounts_starting);
}

static const figure figures[] = {
	{"ndr", csm_ending_existing_numeric, csm_starting_numeric},
	{"grr", retained_numeric, csm_starting_numeric},
	{"logo_churn", churned_accounts, starting_accounts},
	{"revenue_churn", lost_numeric, csm_starting_numeric},
};

static const figure *
figure_argument(FunctionCallInfo fcinfo, int i)
{
	char *name = text_to_cstring(PG_GETARG_TEXT_PP(i));

	for (int f = 0; f < (int) lengthof(figures); f++)
	{
		if (strcmp(figures[f].name, name) == 0)
			return &figures[f];
	}
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("\"%s\" is no figure that has a mix and a rate", name),
					errhint("Use ndr, grr, logo_churn or revenue_churn.")));
}

/* One of the two periods: numerics of each segment and of all, 0 where there is nothing. */
typedef struct mix_period
{
	csm_summary_array segments;
	Datum numerator;
	Datum denominator;
} mix_period;

static bool
is_absent(const mix_period *period, int i)
{
	return period->segments.items[i] == NULL || period->segments.items[i]->accounts_starting == 0;
}

static mix_period
read_period(FunctionCallInfo fcinfo, int argument, const char *name, const figure *f)
{
	mix_period period;

	period.segments = csm_summaries_or_nulls(PG_GETARG_DATUM(argument), name);
	period.numerator = csm_integer_to_numeric(0);
	period.denominator = csm_integer_to_numeric(0);
	for (int i = 0; i < period.segments.count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (is_absent(&period, i))
			continue;
		add_to(&period.numerator, f->numerator(period.segments.items[i]));
		add_to(&period.denominator, f->denominator(period.segments.items[i]));
	}
	return period;
}

static void
check_one_currency(const mix_period *before, const mix_period *after)
{
	const csm_retention_summary *first = NULL;

	for (int i = 0; i < 2 * before->segments.count; i++)
	{
		const mix_period *period = i % 2 == 0 ? before : after;
		const csm_retention_summary *r = period->segments.items[i / 2];

		if (r == NULL)
			continue;
		if (first == NULL)
			first = r;
		csm_retention_check_currency(first, r);
	}
}

/* The share of a segment; NULL in a period without a denominator. */
static Datum
share_of(const mix_period *period, int i, const figure *f, bool *isnull)
{
	Datum share = csm_integer_to_numeric(0);

	*isnull = csm_numeric_sign(period->denominator) == 0;
	if (!*isnull && !is_absent(period, i))
		share = divide(f->denominator(period->segments.items[i]), period->denominator);
	return share;
}

static Datum
figure_of(const mix_period *period, int i, const figure *f, bool *isnull)
{
	const csm_retention_summary *r = period->segments.items[i];

	*isnull = is_absent(period, i);
	return *isnull ? (Datum) 0 : divide(f->numerator(r), f->denominator(r));
}

static Datum
half_of(Datum a)
{
	return csm_numeric_multiply(a, DirectFunctionCall3(numeric_in, CStringGetDatum("0.5"),
													   ObjectIdGetDatum(InvalidOid),
													   Int32GetDatum(-1)));
}

/* The columns share_before, share_after, figure_before, figure_after, mix and rate. */
static void
put_parts(const mix_period *before, const mix_period *after, int i, const figure *f, Datum *values,
		  bool *nulls)
{
	Datum mean_of_all;
	Datum r;
	Datum r_after;

	values[0] = share_of(before, i, f, &nulls[0]);
	values[1] = share_of(after, i, f, &nulls[1]);
	values[2] = figure_of(before, i, f, &nulls[2]);
	values[3] = figure_of(after, i, f, &nulls[3]);
	nulls[4] = nulls[5] = nulls[0] || nulls[1];
	if (nulls[4])
		return;
	values[4] = values[5] = csm_integer_to_numeric(0);
	if (nulls[2] && nulls[3])
		return;
	/* a segment that is absent takes the figure of the other period */
	r = nulls[2] ? values[3] : values[2];
	r_after = nulls[3] ? values[2] : values[3];
	mean_of_all = half_of(csm_numeric_add(divide(before->numerator, before->denominator),
										  divide(after->numerator, after->denominator)));
	values[4] = csm_numeric_multiply(
		csm_numeric_subtract(values[1], values[0]),
		csm_numeric_subtract(half_of(csm_numeric_add(r, r_after)), mean_of_all));
	values[5] = csm_numeric_multiply(half_of(csm_numeric_add(values[0], values[1])),
									 csm_numeric_subtract(r_after, r));
}

static void
read_labels(FunctionCallInfo fcinfo, Datum **labels, bool **nulls, int *count)
{
	ArrayType *array = PG_GETARG_ARRAYTYPE_P(0);

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an array of segments must have one dimension, not %d", ARR_NDIM(array))));
	deconstruct_array(array, ARR_ELEMTYPE(array), -1, false, TYPALIGN_INT, labels, nulls, count);
}

/* Two periods by segment that can be set against each other. */
static void
check_periods(int segments, const mix_period *before, const mix_period *after)
{
	if (segments != before->segments.count || segments != after->segments.count)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("there are %d segments, %d summaries before and %d after", segments,
							   before->segments.count, after->segments.count),
						errhint("Aggregate all three in one query, over a FULL JOIN of the two "
								"periods.")));
	check_one_currency(before, after);
}

PG_FUNCTION_INFO_V1(csm_mix_rate);
Datum
csm_mix_rate(PG_FUNCTION_ARGS)
{
	const figure *f = figure_argument(fcinfo, 3);
	mix_period before = read_period(fcinfo, 1, "summaries before", f);
	mix_period after = read_period(fcinfo, 2, "summaries after", f);
	Datum *labels;
	bool *label_nulls;
	int count;
	csm_rows rows;

	read_labels(fcinfo, &labels, &label_nulls, &count);
	check_periods(count, &before, &after);
	rows = csm_rows_start(fcinfo);
	for (int i = 0; i < count; i++)
	{
		Datum values[7];
		bool nulls[7];

		values[0] = labels[i];
		nulls[0] = label_nulls[i];
		put_parts(&before, &after, i, f, values + 1, nulls + 1);
		for (int c = 1; c < (int) lengthof(values); c++)
		{
			if (!nulls[c])
				values[c] = csm_numeric_round(values[c], RESULT_PLACES);
		}
		csm_rows_put(&rows, values, nulls);
	}
	return csm_rows_end(&rows);
}

/*
 * Change by segment and movement.  Expansion less contraction less what churned, over the
 * starting amount of all segments, is NDR - 1: so the change of NDR has a part for each
 * segment and movement.  Parts are rounded, and what that leaves goes to the largest one:
 * their sum is the difference of the two NDRs as ndr() gives them, to the last digit.
 */

#define MOVEMENTS 3

static Datum
negative_of(Datum a)
{
	return csm_numeric_subtract(csm_integer_to_numeric(0), a);
}

/* What the movements of a segment added to NDR, where anybody starts at all. */
static void
read_movements(const mix_period *period, int i, Datum *parts)
{
	const csm_retention_summary *r = period->segments.items[i];

	for (int m = 0; m < MOVEMENTS; m++)
		parts[m] = csm_integer_to_numeric(0);
	if (is_absent(period, i))
		return;
	parts[0] = csm_decimal_to_numeric(csm_expansion_of(r), r->scale);
	parts[1] = negative_of(csm_decimal_to_numeric(csm_contraction_of(r), r->scale));
	parts[2] = negative_of(csm_decimal_to_numeric(r->churned, r->scale));
	for (int m = 0; m < MOVEMENTS; m++)
		parts[m] = divide(parts[m], period->denominator);
}

/* A change is that between two periods: each side is of one. */
static void
check_one_period(const mix_period *period)
{
	const csm_retention_summary *first = NULL;

	for (int i = 0; i < period->segments.count; i++)
	{
		const csm_retention_summary *r = period->segments.items[i];

		if (r == NULL)
			continue;
		if (first == NULL)
			first = r;
		csm_retention_check_same(first, r);
	}
}

/* The parts, MOVEMENTS a segment, whose sum is exactly the change of NDR. */
static Datum *
change_parts(const mix_period *before, const mix_period *after)
{
	int count = before->segments.count * MOVEMENTS;
	Datum *parts = palloc_extended(sizeof(Datum) * Max(count, 1), MCXT_ALLOC_HUGE);
	bool isnull;
	Datum rest =
		csm_numeric_subtract(csm_numeric_ratio(after->numerator, after->denominator, &isnull),
							 csm_numeric_ratio(before->numerator, before->denominator, &isnull));
	int largest = 0;

	for (int i = 0; i < before->segments.count; i++)
	{
		Datum was[MOVEMENTS];
		Datum is[MOVEMENTS];

		CHECK_FOR_INTERRUPTS();
		read_movements(before, i, was);
		read_movements(after, i, is);
		for (int m = 0; m < MOVEMENTS; m++)
		{
			int n = i * MOVEMENTS + m;

			parts[n] = csm_numeric_round(csm_numeric_subtract(is[m], was[m]), RESULT_PLACES);
			rest = csm_numeric_subtract(rest, parts[n]);
			if (csm_numeric_sign(csm_numeric_subtract(csm_numeric_absolute(parts[n]),
													  csm_numeric_absolute(parts[largest]))) > 0)
				largest = n;
		}
	}
	parts[largest] = csm_numeric_add(parts[largest], rest);
	return parts;
}

PG_FUNCTION_INFO_V1(csm_ndr_change);
Datum
csm_ndr_change(PG_FUNCTION_ARGS)
{
	mix_period before = read_period(fcinfo, 1, "summaries before", &figures[0]);
	mix_period after = read_period(fcinfo, 2, "summaries after", &figures[0]);
	bool is_known;
	Datum *parts = NULL;
	Datum *labels;
	bool *label_nulls;
	int count;
	csm_rows rows;

	read_labels(fcinfo, &labels, &label_nulls, &count);
	check_periods(count, &before, &after);
	check_one_period(&before);
	check_one_period(&after);
	is_known = csm_numeric_sign(before.denominator) > 0 && csm_numeric_sign(after.denominator) > 0;
	if (is_known)
		parts = change_parts(&before, &after);
	rows = csm_rows_start(fcinfo);
	for (int i = 0; i < count; i++)
	{
		Datum values[2 + MOVEMENTS] = {labels[i]};
		bool nulls[2 + MOVEMENTS] = {label_nulls[i]};

		for (int m = 1; m < (int) lengthof(values); m++)
			nulls[m] = !is_known;
		if (is_known)
		{
			memcpy(values + 1, parts + i * MOVEMENTS, sizeof(Datum) * MOVEMENTS);
			values[1 + MOVEMENTS] =
				csm_numeric_add(csm_numeric_add(values[1], values[2]), values[3]);
		}
		csm_rows_put(&rows, values, nulls);
	}
	return csm_rows_end(&rows);
}
