/*
 * forecast.c
 *		Variances and intervals of a forecast; forecast.h says of what they are made.
 */
#include "base/port.h"

#include <math.h>

#include "forecast.h"

/*
 * The least that the ratio e / s of one account varies by, for a band in which chance has
 * shown no loss so far: lost with probability p, expanded with q, else unchanged, where p
 * and q count one account more than were seen.
 */
static double
least_spread(const csm_past *past)
{
	double lost = (past->churned + 1) / (past->accounts + 2);
	double kept = 1 - lost;
	double expanded = Min((past->expanded + 1) / (past->accounts + 2), kept);
	double growth = past->ndr - past->grr;
	double mean = kept + growth;
	double of_expanded = 1 + growth / expanded - mean;

	if (growth <= 0)
		return kept * lost;
	return lost * mean * mean + expanded * of_expanded * of_expanded +
		   (kept - expanded) * (1 - mean) * (1 - mean);
}

/* GRR with two kept and two lost accounts added, so that it is never exactly 1. */
static double
cautious_grr(const csm_past *past)
{
	return (past->grr * past->effective + 2) / (past->effective + 4);
}

/* Adds a band. */
void
csm_forecast_add(csm_forecast *forecast, const csm_past *past, double open, double open_squared)
{
	double units = open_squared + open * open / past->effective;
	double grr = cautious_grr(past);

	forecast->open += open;
	forecast->open_squared += open_squared;
	forecast->ndr_variance += Max(past->spread, least_spread(past)) * units;
	forecast->grr_variance += grr * (1 - grr) * units;
}

/* The smaller of both sides, in accounts of one size. */
double
csm_forecast_freedom(const csm_forecast *forecast, const csm_past *all)
{
	double open = forecast->open * forecast->open / forecast->open_squared;

	return Max(1, Min(all->effective, open) - 1);
}

static double
sample_variance(const double *values, int count)
{
	double mean = 0;
	double sum = 0;

	for (int i = 0; i < count; i++)
		mean += values[i] / count;
	for (int i = 0; i < count; i++)
		sum += (values[i] - mean) * (values[i] - mean);
	return sum / (count - 1);
}

/* Of at least two periods: the variance of their rates less what chance makes of it. */
csm_period_spread
csm_period_spread_of(const csm_past *periods, int count)
{
	csm_period_spread spread = {count, 0, 0};
	double *rates = palloc(sizeof(double) * count);
	double chance = 0;

	for (int i = 0; i < count; i++)
	{
		rates[i] = periods[i].ndr;
		chance += periods[i].sampling / count;
	}
	spread.ndr = Max(0, sample_variance(rates, count) - chance);
	chance = 0;
	for (int i = 0; i < count; i++)
	{
		double grr = cautious_grr(&periods[i]);

		rates[i] = periods[i].grr;
		chance += grr * (1 - grr) / periods[i].effective / count;
	}
	spread.grr = Max(0, sample_variance(rates, count) - chance);
	pfree(rates);
	return spread;
}

static double
with_spread(double variance, double open, const csm_period_spread *spread, double between)
{
	variance /= open * open;
	return spread == NULL ? variance : variance + between * (1 + 1.0 / spread->periods);
}

csm_interval
csm_ndr_forecast_interval(const csm_forecast *forecast, const csm_past *all,
						  const csm_period_spread *spread, double ndr, double confidence)
{
	double freedom = csm_forecast_freedom(forecast, all);
	double variance =
		with_spread(forecast->ndr_variance, forecast->open, spread, spread ? spread->ndr : 0);
	csm_interval interval;
	double half;

	if (spread != NULL)
		freedom = Min(freedom, spread->periods - 1);
	half = csm_student_quantile(confidence, freedom) * sqrt(variance);
	interval.low = Max(0.0, ndr - half);
	interval.high = ndr + half;
	return interval;
}

/* Wilson's form cannot reach 1 and covers too little of small books: plain, and cut. */
csm_interval
csm_grr_forecast_interval(const csm_forecast *forecast, const csm_past *all,
						  const csm_period_spread *spread, double grr, double confidence)
{
	double variance =
		with_spread(forecast->grr_variance, forecast->open, spread, spread ? spread->grr : 0);
	double quantile = csm_normal_quantile(confidence);
	csm_interval interval;

	if (spread != NULL)
		quantile = csm_student_quantile(
			confidence, Min(csm_forecast_freedom(forecast, all), spread->periods - 1));
	interval.low = Max(0.0, grr - quantile * sqrt(variance));
	interval.high = Min(1.0, grr + quantile * sqrt(variance));
	return interval;
}
