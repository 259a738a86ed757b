/*
 * survival.c
 *		Life tables: what is kept of each account, and the figures drawn from it.
 *
 * Order: rows, histories, the walk along the curve, intervals, quantiles, restricted mean,
 * projection, log-rank.
 */
#include "base/port.h"

#include <float.h>
#include <math.h>

#include "miscadmin.h"

#include "survival.h"

const csm_ladder_type csm_survival_type = {
	.name = "survival_summary",
	.key = "age",
	.keys = "ages",
	.amounts = "weights",
	.amount_scale = "weight_scale",
	.version = CSM_SURVIVAL_VERSION,
	.key_digits = CSM_SURVIVAL_AGE_DIGITS,
	.free_key = 0,
	.has_step = true,
	.shape = {.counts = 3},
	.shape_with_amounts = {.counts = 3, .amounts = 3, .squares = 3},
	.problem = csm_survival_problem,
};

/*
 * Rows
 */

static void
add_to_rung(csm_ladder *table, csm_rung *rung, int what, int128 weight)
{
	csm_count_add(&csm_rung_counts(table->shape, rung)[what], 1);
	if (csm_ladder_has_amounts(table))
	{
		int128 *amount = &csm_rung_amounts(rung)[what];

		*amount = csm_decimal_add(*amount, weight);
		if (likely(weight <= PG_INT64_MAX))
			csm_uint256_add_small_product(&csm_rung_squares(table->shape, rung)[what],
										  (uint64) weight, (uint64) weight);
		else
			csm_uint256_add_product(&csm_rung_squares(table->shape, rung)[what], weight, weight);
	}
}

/* Adds an account seen from an age to an age, both at the scale of the table. */
void
csm_survival_add(csm_ladder **table, int128 from_age, int128 to_age, bool churned,
				 const csm_decimal *weight)
{
	int128 coefficient = weight != NULL ? csm_ladder_align(*table, *weight) : 0;
	csm_rung *rung = csm_ladder_find(table, &csm_survival_type, from_age);

	add_to_rung(*table, rung, CSM_ENTERED, coefficient);
	/* the state may move here */
	rung = csm_ladder_find(table, &csm_survival_type, to_age);
	add_to_rung(*table, rung, churned ? CSM_CHURNED : CSM_CENSORED, coefficient);
}

/* Says what is wrong with a table whose rungs are right each by itself. */
const char *
csm_survival_problem(const csm_ladder *table)
{
	csm_survival_walk walk = csm_survival_start(table, NULL);
	bool has_weights = csm_ladder_has_amounts(table);

	while (csm_survival_next(&walk))
	{
		int128 weight_censored =
			has_weights ? csm_rung_amounts(csm_ladder_rung(table, walk.next - 1))[CSM_CENSORED]
						: walk.censored;

		if (walk.churned > walk.at_risk || walk.censored > walk.at_risk - walk.churned)
			return "more accounts leave at an age than are at risk";
		if (walk.weight_churned + weight_censored > walk.weight_at_risk)
			return "the weights of those who leave are larger than the weights at risk";
		if (csm_uint256_compare(&walk.squares_left, &walk.squares_came) > 0)
			return "the squared weights of those who leave are larger than those at risk";
	}
	if (walk.left != walk.came || walk.weight_left != walk.weight_came ||
		csm_uint256_compare(&walk.squares_left, &walk.squares_came) != 0)
		return "not all who entered leave";
	return NULL;
}

/*
 * Histories
 */

/* The first k, not negative, whose boundary is not before the day. */
static int64
first_boundary(int32 start, csm_step step, int32 day)
{
	int64 k;

	if (start >= day)
		return 0;
	k = csm_whole_steps(start, day, step);
	return csm_step_from(start, step, k) < day ? k + 1 : k;
}

/*
 * The first spell: from the first day with an amount to the first day after it at 0.  What
 * lies at "until" or after it is not known yet.  False when it does not start before.
 */
static bool
first_spell(const csm_history *h, int32 until, int32 *start, int32 *end)
{
	int i = 0;

	while (i < h->count && h->steps[i].amount <= 0)
		i++;
	if (i == h->count || h->steps[i].day >= until)
		return false;
	*start = h->steps[i].day;
	*end = PG_INT32_MAX;
	for (; i < h->count && h->steps[i].day < until; i++)
	{
		if (h->steps[i].amount < 0)
			csm_history_negative_error(h, h->steps[i].day, h->steps[i].amount);
		if (h->steps[i].amount == 0)
		{
			*end = h->steps[i].day;
			break;
		}
	}
	return true;
}

/*
 * What a window [from, to) sees of an account's first spell: step k of its life ends on the
 * boundary start + k steps, is decided on that day and belongs to the window that holds it.
 * False when no step of it does.
 */
bool
csm_lifetime_of(const csm_history *h, int32 from, int32 to, csm_step step, csm_lifetime *lifetime)
{
	csm_history_walk walk = {h, 0};
	int32 start;
	int32 end;
	int64 last;

	if (!first_spell(h, to, &start, &end))
		return false;
	last = first_boundary(start, step, to) - 1;
	lifetime->from_age = Max(0, first_boundary(start, step, from) - 1);
	lifetime->to_age = last;
	lifetime->churned = false;
	if (end < to)
	{
		int64 churned_at = first_boundary(start, step, end);

		if (churned_at <= last)
		{
			lifetime->to_age = churned_at;
			lifetime->churned = true;
		}
	}
	if (lifetime->to_age <= lifetime->from_age)
		return false;
	lifetime->amount = csm_history_amount(&walk, csm_step_from(start, step, lifetime->from_age));
	return true;
}

/*
 * The walk along the curve
 */

csm_survival_walk
csm_survival_start(const csm_ladder *table, const csm_decimal *from)
{
	csm_survival_walk walk;

	memset(&walk, 0, sizeof(walk));
	walk.table = table;
	walk.from = from;
	walk.curve = CSM_CURVE_ONE;
	return walk;
}

/* curve * kept / all, rounded to the places of the curve */
static int128
curve_times(int128 curve, int128 kept, int128 all)
{
	csm_uint256 product = csm_uint256_product(curve, kept);
	csm_uint128 remainder = csm_uint256_divide_wide(&product, (csm_uint128) all);
	int128 quotient = (int128) ((csm_uint128) product.limb[1] << 64 | product.limb[0]);

	return quotient + (remainder >= (csm_uint128) all - remainder);
}

/* What leaves an age as it was: the curve of later ones alone. */
static bool
counts(const csm_survival_walk *walk)
{
	csm_decimal age = {walk->age, walk->table->key_scale};

	return walk->weight_churned > 0 && walk->weight_churned <= walk->weight_at_risk &&
		   (walk->from == NULL || csm_decimal_compare(age, *walk->from) > 0);
}

/*
 * The variance of the logarithm: without weights Greenwood's, with weights that of the
 * infinitesimal jackknife.  a = 1 / (N - D), h = D / N; D2, N2 are sums of squared weights.
 */
static void
add_variance(csm_survival_walk *walk, double squares_at_risk, double squares_churned)
{
	double n = (double) walk->weight_at_risk;
	double d = (double) walk->weight_churned;
	double a = 1.0 / (n - d);
	double h = d / n;

	walk->variance += a * a * (squares_churned * (1.0 - 2.0 * h) + squares_at_risk * h * h) -
					  2.0 * a * (squares_churned - squares_at_risk * h) * walk->drift;
	walk->drift += a * h;
}

static void
step_without_weights(csm_survival_walk *walk)
{
	walk->weight_at_risk = walk->at_risk;
	walk->weight_churned = walk->churned;
	if (!counts(walk))
		return;
	walk->curve = curve_times(walk->curve, walk->at_risk - walk->churned, walk->at_risk);
	if (walk->churned < walk->at_risk)
		walk->variance += (double) walk->churned / (double) walk->at_risk /
						  (double) (walk->at_risk - walk->churned);
}

static void
step_with_weights(csm_survival_walk *walk, const csm_rung *rung)
{
	csm_ladder_shape shape = walk->table->shape;
	const int128 *weights = csm_rung_amounts(rung);
	const csm_uint256 *squares = csm_rung_squares(shape, rung);
	csm_uint256 at_risk;

	if (rung->key == 0)
	{
		walk->weight_came = weights[CSM_ENTERED];
		walk->squares_came = squares[CSM_ENTERED];
	}
	walk->weight_at_risk = walk->weight_came - walk->weight_left;
	walk->weight_churned = weights[CSM_CHURNED];
	at_risk = walk->squares_came;
	csm_uint256_subtract(&at_risk, &walk->squares_left);
	if (counts(walk))
	{
		double churned_squares = csm_uint256_to_double(&squares[CSM_CHURNED]);

		walk->churned_weights += (double) walk->weight_churned;
		walk->churned_squares += churned_squares;
		walk->curve = curve_times(walk->curve, walk->weight_at_risk - walk->weight_churned,
								  walk->weight_at_risk);
		if (walk->weight_churned < walk->weight_at_risk)
			add_variance(walk, csm_uint256_to_double(&at_risk), churned_squares);
	}
	walk->weight_left += weights[CSM_CHURNED] + weights[CSM_CENSORED];
	csm_uint256_wrap(&walk->squares_left, &squares[CSM_CHURNED]);
	csm_uint256_wrap(&walk->squares_left, &squares[CSM_CENSORED]);
	if (rung->key != 0)
	{
		walk->weight_came += weights[CSM_ENTERED];
		csm_uint256_wrap(&walk->squares_came, &squares[CSM_ENTERED]);
	}
}

/* To the next age of the table; false after the last one. */
bool
csm_survival_next(csm_survival_walk *walk)
{
	const csm_rung *rung;
	const int64 *accounts;

	if (walk->next == walk->table->rungs)
		return false;
	if (walk->next % 65536 == 0)
		CHECK_FOR_INTERRUPTS();
	rung = csm_ladder_rung(walk->table, walk->next++);
	accounts = csm_rung_counts(walk->table->shape, rung);
	walk->age = rung->key;
	/* who enters at an age is not at risk at it, but at the start */
	if (rung->key == 0)
		walk->came = accounts[CSM_ENTERED];
	walk->at_risk = walk->came - walk->left;
	walk->churned = accounts[CSM_CHURNED];
	walk->censored = accounts[CSM_CENSORED];
	if (csm_ladder_has_amounts(walk->table))
		step_with_weights(walk, rung);
	else
		step_without_weights(walk);
	walk->left += walk->churned + walk->censored;
	if (rung->key != 0)
		walk->came += accounts[CSM_ENTERED];
	return true;
}

/* The largest age at which somebody leaves is the largest there is; 0 in an empty table. */
csm_decimal
csm_survival_last_age(const csm_ladder *table)
{
	csm_decimal age = {0, table->key_scale};

	if (table->rungs > 0)
		age.coefficient = csm_ladder_rung(table, table->rungs - 1)->key;
	return age;
}

static bool
is_after(const csm_survival_walk *walk, csm_decimal at)
{
	csm_decimal age = {walk->age, walk->table->key_scale};

	return csm_decimal_compare(age, at) > 0;
}

/* Along the curve up to an age; false when it is not known there. */
static bool
walk_to(csm_survival_walk *walk, csm_decimal at)
{
	csm_survival_walk reached = *walk;

	while (csm_survival_next(walk) && !is_after(walk, at))
		reached = *walk;
	*walk = reached;
	return walk->curve == 0 || csm_decimal_compare(at, csm_survival_last_age(walk->table)) <= 0;
}

/* The curve at an age; false when it is not known there. */
bool
csm_survival_at(const csm_ladder *table, const csm_decimal *from, csm_decimal at, int128 *curve)
{
	csm_survival_walk walk = csm_survival_start(table, from);
	bool known = walk_to(&walk, at);

	*curve = walk.curve;
	return known;
}

bool
csm_survival_has_late_entry(const csm_ladder *table)
{
	for (uint32 i = 0; i < table->rungs; i++)
	{
		const csm_rung *rung = csm_ladder_rung(table, i);

		if (rung->key > 0 && csm_rung_counts(table->shape, rung)[CSM_ENTERED] > 0)
			return true;
	}
	return false;
}

/*
 * Intervals
 */

static double
curve_to_double(int128 curve)
{
	return (double) curve / 1e20;
}

/*
 * The interval where the walk is; false when there is none.  With weights the quantile is
 * Student's, with as many degrees of freedom as there are churned accounts of equal weight
 * that vary as much.
 */
bool
csm_survival_interval(const csm_survival_walk *walk, csm_interval_kind kind, double confidence,
					  csm_interval *interval)
{
	double s = curve_to_double(walk->curve);
	double half;
	double quantile;

	if (walk->curve <= 0 || walk->curve >= CSM_CURVE_ONE || !(walk->variance > 0.0))
		return false;
	if (csm_ladder_has_amounts(walk->table))
	{
		double effective = walk->churned_weights * walk->churned_weights / walk->churned_squares;

		quantile = csm_student_quantile(confidence, Max(1.0, effective));
	}
	else
		quantile = csm_normal_quantile(confidence);
	half = quantile * sqrt(walk->variance);
	switch (kind)
	{
		case CSM_INTERVAL_PLAIN:
			interval->low = s - half * s;
			interval->high = s + half * s;
			break;
		case CSM_INTERVAL_LOG:
			interval->low = s * exp(-half);
			interval->high = s * exp(half);
			break;
		case CSM_INTERVAL_LOG_LOG:
			interval->low = pow(s, exp(-half / log(s)));
			interval->high = pow(s, exp(half / log(s)));
			break;
	}
	interval->low = Max(0.0, interval->low);
	interval->high = Min(1.0, interval->high);
	return !isnan(interval->low) && !isnan(interval->high);
}

bool
csm_survival_interval_at(const csm_ladder *table, csm_decimal at, csm_interval_kind kind,
						 double confidence, csm_interval *interval)
{
	csm_survival_walk walk = csm_survival_start(table, NULL);

	if (csm_ladder_has_amounts(table) && csm_survival_has_late_entry(table))
		return false;
	return walk_to(&walk, at) && csm_survival_interval(&walk, kind, confidence, interval);
}

/*
 * Quantiles
 */

/* Without the rounding a curve that is 0.5 exactly misses 0.5 in the 20th place. */
#define QUANTILE_PLACES 15

/* The first age at which the curve is at or below a share; false when there is none. */
bool
csm_survival_age_at(const csm_ladder *table, csm_decimal share, int128 *age)
{
	csm_survival_walk walk = csm_survival_start(table, NULL);
	csm_decimal one = {1, 0};

	*age = 0;
	if (csm_decimal_compare(one, share) <= 0)
		return table->rungs > 0;
	while (csm_survival_next(&walk))
	{
		csm_decimal curve = {csm_curve_round(walk.curve, QUANTILE_PLACES), QUANTILE_PLACES};

		*age = walk.age;
		if (csm_decimal_compare(curve, share) <= 0)
			return true;
	}
	return false;
}

/*
 * Restricted mean
 */

/* The age at which the walk ends, at a common scale. */
static int128
age_within(const csm_survival_walk *walk, int128 from, int128 horizon, int scale)
{
	csm_decimal age = {walk->age, walk->table->key_scale};
	int128 aligned;

	if (!csm_decimal_try_align(age, scale, &aligned) || aligned > horizon)
		return horizon;
	return Max(aligned, from);
}

/*
 * The area below the curve from an age, or the start, to the horizon, at CSM_CURVE_PLACES
 * more places than the scale; false when the curve is not known that far.
 */
bool
csm_survival_integral(const csm_ladder *table, const csm_decimal *from, csm_decimal horizon,
					  csm_uint256 *area, int *scale)
{
	csm_survival_walk walk = csm_survival_start(table, from);
	int128 curve = CSM_CURVE_ONE;
	int128 reached;
	int128 end;
	int128 begin;

	*scale = Max(Max(horizon.scale, from != NULL ? from->scale : 0), table->key_scale);
	end = csm_decimal_align(horizon, *scale);
	begin = reached = from != NULL ? csm_decimal_align(*from, *scale) : 0;
	memset(area, 0, sizeof(*area));
	while (csm_survival_next(&walk) && reached < end)
	{
		int128 age = age_within(&walk, begin, end, *scale);

		if (age > reached)
		{
			csm_uint256_add_product(area, age - reached, curve);
			reached = age;
		}
		if (age < end)
			curve = walk.curve;
	}
	if (reached < end && curve != 0)
		return false;
	return true;
}

/* Of the restricted mean from the start, which is known. */
double
csm_survival_integral_variance(const csm_ladder *table, csm_decimal horizon)
{
	csm_survival_walk walk = csm_survival_start(table, NULL);
	double unit = (double) csm_power_of_ten[table->key_scale];
	double end = (double) horizon.coefficient / (double) csm_power_of_ten[horizon.scale];
	csm_uint256 area;
	int scale;
	double total;
	double before = 0.0;
	double reached = 0.0;
	double curve = 1.0;
	double variance = 0.0;

	(void) csm_survival_integral(table, NULL, horizon, &area, &scale);
	total = csm_uint256_to_double(&area) / (double) csm_power_of_ten[scale] / 1e20;
	while (csm_survival_next(&walk) && !is_after(&walk, horizon))
	{
		double age = Min((double) walk.age / unit, end);

		before += (age - reached) * curve;
		reached = age;
		curve = curve_to_double(walk.curve);
		if (walk.churned > 0 && walk.churned < walk.at_risk)
		{
			double after = Max(0.0, total - before);

			variance += after * after * (double) walk.churned / (double) walk.at_risk /
						(double) (walk.at_risk - walk.churned);
		}
	}
	return variance;
}

/*
 * Projection: the rate at age t is alpha / (alpha + beta + t - 1)
 */

/* What is left after the churned at each whole age, from 1 on. */
typedef struct risk_table
{
	int ages;
	double *at_risk;
	double *churned;
	double total_at_risk;
	double total_churned;
} risk_table;

static void
projection_age_error(const csm_ladder *table, const csm_rung *rung)
{
	if (rung->key == 0 || rung->key % csm_power_of_ten[table->key_scale] != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a projection needs whole ages from 1 on"),
				 errhint("Use contract periods as ages: a year of an annual contract is 1.")));
	ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					errmsg("a projection takes ages up to %d", CSM_PROJECTION_AGES_MAX),
					errhint("Use contract periods as ages: a year of an annual contract is 1.")));
}

static int
whole_age(const csm_ladder *table, const csm_rung *rung)
{
	int128 unit = csm_power_of_ten[table->key_scale];

	if (rung->key % unit != 0 || rung->key / unit > CSM_PROJECTION_AGES_MAX)
		projection_age_error(table, rung);
	return (int) (rung->key / unit);
}

/* The accounts, or weights, that entered, churned and left at each age. */
static risk_table
risk_table_of(const csm_ladder *table)
{
	csm_survival_walk walk = csm_survival_start(table, NULL);
	risk_table risks = {0, NULL, NULL, 0.0, 0.0};
	int reached = 0;

	if (table->rungs > 0)
		risks.ages = whole_age(table, csm_ladder_rung(table, table->rungs - 1));
	risks.at_risk = palloc0(sizeof(double) * ((Size) risks.ages + 1));
	risks.churned = palloc0(sizeof(double) * ((Size) risks.ages + 1));
	while (csm_survival_next(&walk))
	{
		const csm_rung *rung = csm_ladder_rung(table, walk.next - 1);
		int age = whole_age(table, rung);

		if (age == 0 && (walk.churned > 0 || walk.censored > 0))
			projection_age_error(table, rung);
		/* nobody came or went between the age before and this one */
		for (int t = reached + 1; t <= age; t++)
		{
			risks.at_risk[t] = (double) walk.weight_at_risk;
			risks.total_at_risk += risks.at_risk[t];
		}
		risks.churned[age] = (double) walk.weight_churned;
		risks.total_churned += risks.churned[age];
		reached = age;
	}
	return risks;
}

static double
projection_likelihood(const risk_table *risks, double alpha, double beta)
{
	double sum = risks->total_churned * log(alpha);

	for (int t = 1; t <= risks->ages; t++)
		sum += (risks->at_risk[t] - risks->churned[t]) * log(beta + t - 1.0) -
			   risks->at_risk[t] * log(alpha + beta + t - 1.0);
	return sum;
}

/* Gradient and Hessian by the logarithms of alpha and beta. */
static void
projection_slope(const risk_table *risks, double alpha, double beta, double *slope, double *hessian)
{
	double a1 = 0.0;
	double a2 = 0.0;
	double b1 = 0.0;
	double b2 = 0.0;
	double by_alpha;
	double by_beta;

	for (int t = 1; t <= risks->ages; t++)
	{
		double all = alpha + beta + t - 1.0;
		double rest = beta + t - 1.0;
		double kept = risks->at_risk[t] - risks->churned[t];

		a1 += risks->at_risk[t] / all;
		a2 += risks->at_risk[t] / (all * all);
		b1 += kept / rest;
		b2 += kept / (rest * rest);
	}
	by_alpha = risks->total_churned / alpha - a1;
	by_beta = b1 - a1;
	slope[0] = alpha * by_alpha;
	slope[1] = beta * by_beta;
	hessian[0] = alpha * alpha * (a2 - risks->total_churned / (alpha * alpha)) + alpha * by_alpha;
	hessian[1] = alpha * beta * a2;
	hessian[2] = beta * beta * (a2 - b2) + beta * by_beta;
}

/*
 * Newton's method with a ridge: where the step does not lead up, the ridge grows, which
 * turns it towards the gradient and makes it shorter.
 */
static void
maximize_projection(const risk_table *risks, csm_projection *projection)
{
	double rate = risks->total_churned / risks->total_at_risk;
	double log_alpha = 0.0;
	double log_beta = log((1.0 - rate) / rate);
	double best = projection_likelihood(risks, exp(log_alpha), exp(log_beta));
	double ridge = 1e-3;

	for (int i = 0; i < 500 && ridge < 1e20; i++)
	{
		double slope[2];
		double hessian[3];
		double determinant;
		double step[2];
		double found;
		double scale;

		CHECK_FOR_INTERRUPTS();
		projection_slope(risks, exp(log_alpha), exp(log_beta), slope, hessian);
		scale = ridge * (fabs(hessian[0]) + fabs(hessian[2]) + DBL_MIN);
		hessian[0] -= scale;
		hessian[2] -= scale;
		determinant = hessian[0] * hessian[2] - hessian[1] * hessian[1];
		step[0] = -(hessian[2] * slope[0] - hessian[1] * slope[1]) / determinant;
		step[1] = -(hessian[0] * slope[1] - hessian[1] * slope[0]) / determinant;
		if (!(hessian[0] < 0.0 && determinant > 0.0) || fabs(step[0]) + fabs(step[1]) > 20.0)
		{
			ridge *= 10.0;
			continue;
		}
		found = projection_likelihood(risks, exp(log_alpha + step[0]), exp(log_beta + step[1]));
		if (fabs(step[0]) + fabs(step[1]) < 1e-13)
			break;
		if (!(found >= best - fabs(best) * 1e-15))
		{
			ridge = Max(ridge, 1e-12) * 10.0;
			continue;
		}
		log_alpha += step[0];
		log_beta += step[1];
		best = found;
		ridge = ridge < 1e-14 ? 0.0 : ridge / 100.0;
	}
	projection->alpha = exp(log_alpha);
	projection->beta = exp(log_beta);
	projection->log_likelihood = best;
}

/*
 * Is there a finite maximum?  Only where rates fall: on the edge, where the rate is the same
 * at all ages, the sum of (t - 1) ((N - D) rate / (1 - rate) - D) is the slope inwards.  It
 * is a whole number of units times a positive one, and formed exactly.
 */
static bool
has_finite_maximum(const csm_ladder *table)
{
	csm_survival_walk walk = csm_survival_start(table, NULL);
	csm_uint256 kept_by_age = {{0}};
	csm_uint256 churned_by_age = {{0}};
	csm_uint256 kept = {{0}};
	csm_uint256 churned = {{0}};
	int reached = 0;

	while (csm_survival_next(&walk))
	{
		int age = whole_age(table, csm_ladder_rung(table, walk.next - 1));

		/* the ages between two rungs: as many at risk, none of whom leave */
		int128 between = (int128) age - reached;
		int128 ages = (between * (reached + age - 1)) / 2;

		csm_uint256_add_product(&kept_by_age, walk.weight_at_risk, ages);
		csm_uint256_add_product(&kept, walk.weight_at_risk, between);
		csm_uint256_add_product(&churned_by_age, walk.weight_churned, Max(age - 1, 0));
		csm_uint256_add_product(&churned, walk.weight_churned, 1);
		reached = age;
	}
	csm_uint256_subtract(&kept_by_age, &churned_by_age);
	csm_uint256_subtract(&kept, &churned);
	return csm_uint256_products_compare(&kept_by_age, &churned, &churned_by_age, &kept) > 0;
}

/* False when nobody churned. */
bool
csm_survival_project(const csm_ladder *table, csm_projection *projection)
{
	risk_table risks = risk_table_of(table);

	if (risks.total_churned == 0.0)
		return false;
	projection->rate = risks.total_churned / risks.total_at_risk;
	projection->has_maximum = has_finite_maximum(table);
	if (projection->has_maximum)
		maximize_projection(&risks, projection);
	else
	{
		double kept = risks.total_at_risk - risks.total_churned;

		projection->log_likelihood = risks.total_churned * log(projection->rate) +
									 (kept > 0.0 ? kept * log1p(-projection->rate) : 0.0);
	}
	pfree(risks.at_risk);
	pfree(risks.churned);
	return true;
}

/* The share that stays for so many steps. */
double
csm_projected_survival(const csm_projection *projection, int at)
{
	double a = projection->alpha;
	double b = projection->beta;

	if (at == 0)
		return 1.0;
	if (!projection->has_maximum)
		return pow(1.0 - projection->rate, at);
	return exp(lgamma(b + at) - lgamma(b) - lgamma(a + b + at) + lgamma(a + b));
}

/*
 * Log-rank
 */

typedef struct logrank_sums
{
	int groups;
	int64 *at_risk;
	int64 *churned;
	double *variance; /* groups x groups */
} logrank_sums;

/* One age at which somebody churned: what each group had to expect. */
static void
add_logrank_age(logrank_sums *sums, csm_logrank *result)
{
	double n = 0.0;
	double d = 0.0;
	double factor;

	for (int g = 0; g < sums->groups; g++)
	{
		n += (double) sums->at_risk[g];
		d += (double) sums->churned[g];
		result->observed[g] += sums->churned[g];
	}
	if (n <= 0.0 || d <= 0.0)
		return;
	factor = n > 1.0 ? d * (n - d) / (n - 1.0) : 0.0;
	for (int g = 0; g < sums->groups; g++)
	{
		double share = (double) sums->at_risk[g] / n;

		result->expected[g] += share * d;
		if (share == 0.0 || factor == 0.0)
			continue;
		for (int k = 0; k < sums->groups; k++)
			sums->variance[g * sums->groups + k] +=
				share * ((g == k) - (double) sums->at_risk[k] / n) * factor;
	}
}

/* All groups age by age: each walk waits until the common age has come to its own. */
static void
sum_logrank(const csm_ladder **tables, logrank_sums *sums, csm_logrank *result)
{
	csm_survival_walk *walks = palloc(sizeof(csm_survival_walk) * sums->groups);
	bool *ahead = palloc0(sizeof(bool) * sums->groups);

	for (int g = 0; g < sums->groups; g++)
	{
		if (tables[g] != NULL)
		{
			walks[g] = csm_survival_start(tables[g], NULL);
			ahead[g] = csm_survival_next(&walks[g]);
		}
	}
	for (;;)
	{
		csm_decimal age = {0, 0};
		bool found = false;

		CHECK_FOR_INTERRUPTS();
		for (int g = 0; g < sums->groups; g++)
		{
			csm_decimal own = {0, 0};

			if (!ahead[g])
				continue;
			own.coefficient = walks[g].age;
			own.scale = tables[g]->key_scale;
			if (!found || csm_decimal_compare(own, age) < 0)
				age = own;
			found = true;
		}
		if (!found)
			break;
		for (int g = 0; g < sums->groups; g++)
		{
			csm_decimal own = {0, 0};

			sums->at_risk[g] = sums->churned[g] = 0;
			if (!ahead[g])
				continue;
			own.coefficient = walks[g].age;
			own.scale = tables[g]->key_scale;
			/* before its own next age nobody of the group comes or goes */
			sums->at_risk[g] = walks[g].at_risk;
			if (csm_decimal_compare(own, age) == 0)
				sums->churned[g] = walks[g].churned;
		}
		add_logrank_age(sums, result);
		for (int g = 0; g < sums->groups; g++)
		{
			csm_decimal own = {0, 0};

			if (!ahead[g])
				continue;
			own.coefficient = walks[g].age;
			own.scale = tables[g]->key_scale;
			if (csm_decimal_compare(own, age) == 0)
				ahead[g] = csm_survival_next(&walks[g]);
		}
	}
	pfree(walks);
	pfree(ahead);
}

/*
 * x' V^-1 x over the groups in "rows" by elimination; V is symmetric and at least
 * semidefinite.  A pivot that is nothing but rounding adds neither to the sum nor to the
 * degrees of freedom.
 */
static double
quadratic_form(double *v, double *x, int n, int *rank)
{
	double largest = 0.0;
	double sum = 0.0;

	*rank = 0;
	for (int i = 0; i < n; i++)
		largest = Max(largest, v[i * n + i]);
	for (int i = 0; i < n; i++)
	{
		double pivot = v[i * n + i];

		CHECK_FOR_INTERRUPTS();
		if (!(pivot > largest * 1e-12))
			continue;
		sum += x[i] * x[i] / pivot;
		(*rank)++;
		for (int j = i + 1; j < n; j++)
		{
			double factor = v[j * n + i] / pivot;

			x[j] -= factor * x[i];
			for (int k = i; k < n; k++)
				v[j * n + k] -= factor * v[i * n + k];
		}
	}
	return sum;
}

/* Observed and expected are the caller's, of one number a group; false: no test. */
bool
csm_survival_logrank(const csm_ladder **tables, int groups, csm_logrank *result)
{
	logrank_sums sums;
	double *matrix;
	double *excess;
	int *kept;
	int n = 0;

	sums.groups = groups;
	sums.at_risk = palloc0(sizeof(int64) * Max(groups, 1));
	sums.churned = palloc0(sizeof(int64) * Max(groups, 1));
	sums.variance = palloc0(sizeof(double) * Max(groups * groups, 1));
	sum_logrank(tables, &sums, result);

	kept = palloc(sizeof(int) * Max(groups, 1));
	for (int g = 0; g < groups; g++)
	{
		if (result->expected[g] > 0.0)
			kept[n++] = g;
	}
	/* the last group says nothing that the others have not said */
	n--;
	if (n < 1)
		return false;
	matrix = palloc(sizeof(double) * n * n);
	excess = palloc(sizeof(double) * n);
	for (int i = 0; i < n; i++)
	{
		excess[i] = (double) result->observed[kept[i]] - result->expected[kept[i]];
		for (int j = 0; j < n; j++)
			matrix[i * n + j] = sums.variance[kept[i] * groups + kept[j]];
	}
	result->chi_square = quadratic_form(matrix, excess, n, &result->degrees);
	if (result->degrees == 0)
		return false;
	result->p_value = csm_chi_square_tail(result->chi_square, result->degrees);
	return true;
}
