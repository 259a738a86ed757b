/*
 * forecast.h
 *		What the open book will do, by what accounts in the same bands did before.
 *
 * A band is described by the figures of its past accounts and by the sums of its open
 * amounts.  The variance of the forecast has two parts: each open account may do what it
 * likes (the sum of squares of open amounts), and the rate of the band is known from so
 * many accounts only (the square of the sum over the effective number).  A run of earlier
 * periods adds the third one: the rate itself moves from period to period.
 *
 * These are sampling statistics in floating point.  The forecast itself is exact and made
 * by forecast_sql.c.
 */
#ifndef CSM_FORECAST_H
#define CSM_FORECAST_H

#include "base/statistics.h"

/* Accounts of a time that is over; S, E' and M are starting, ending, retained amounts. */
typedef struct csm_past
{
	double accounts;  /* N */
	double churned;   /* accounts */
	double expanded;  /* accounts */
	double ndr;       /* E' / S */
	double grr;       /* M / S */
	double effective; /* S^2 over the sum of s^2: as many accounts of one size */
	double spread;    /* N / (N - 1) sum (e - R s)^2 over the sum of s^2 */
	double sampling;  /* N / (N - 1) sum (e - R s)^2 over S^2: the variance of E' / S */
} csm_past;

/* Sums of variances over bands, in units of the open amount, squared. */
typedef struct csm_forecast
{
	double open;         /* the sum of open amounts */
	double open_squared; /* the sum of their squares */
	double ndr_variance;
	double grr_variance;
} csm_forecast;

/* What periods have in common: how far their rates lie apart beyond chance. */
typedef struct csm_period_spread
{
	int periods; /* T */
	double ndr;  /* tau^2 */
	double grr;
} csm_period_spread;

extern void
csm_forecast_add(csm_forecast *forecast, const csm_past *past, double open, double open_squared);
extern double csm_forecast_freedom(const csm_forecast *forecast, const csm_past *all);
extern csm_period_spread csm_period_spread_of(const csm_past *periods, int count);
extern csm_interval
csm_ndr_forecast_interval(const csm_forecast *forecast, const csm_past *all,
						  const csm_period_spread *spread, double ndr, double confidence);
extern csm_interval
csm_grr_forecast_interval(const csm_forecast *forecast, const csm_past *all,
						  const csm_period_spread *spread, double grr, double confidence);

#endif /* CSM_FORECAST_H */
