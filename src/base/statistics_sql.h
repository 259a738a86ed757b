/*
 * statistics_sql.h
 *		Intervals as SQL sees them, and the exact sums they are computed from.
 */
#ifndef CSM_STATISTICS_SQL_H
#define CSM_STATISTICS_SQL_H

#include "fmgr.h"
#include "base/statistics.h"

/* Bounds are shown with this many decimal places. */
#define CSM_INTERVAL_PLACES 10

extern double csm_confidence_argument(FunctionCallInfo fcinfo, int i);
extern Datum csm_double_to_rounded(double value, int places);
extern Datum csm_bound_to_numeric(double bound);
extern Datum csm_interval_to_range(csm_interval interval);
extern Datum csm_double_to_numeric(double number);
extern double csm_numeric_to_double(Datum number);
extern double csm_ratio_to_double(Datum numerator, Datum denominator);
extern Datum
csm_squared_deviations(Datum x, Datum y, Datum x_squared, Datum y_squared, Datum x_times_y);

#endif /* CSM_STATISTICS_SQL_H */
