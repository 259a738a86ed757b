/*
 * statistics.h
 *		Quantiles and the intervals built on them.
 *
 * Sampling statistics are floating point; the money they are computed from is not.
 */
#ifndef CSM_STATISTICS_H
#define CSM_STATISTICS_H

#include "base/port.h"

typedef struct csm_interval
{
	double low;
	double high;
} csm_interval;

extern double csm_normal_quantile(double confidence);
extern double csm_student_quantile(double confidence, double degrees_of_freedom);
extern double csm_chi_square_tail(double x, double degrees_of_freedom);
extern csm_interval csm_wilson_with_quantile(double share, double n, double quantile);
extern csm_interval csm_wilson_interval(double share, double n, double confidence);

#endif /* CSM_STATISTICS_H */
