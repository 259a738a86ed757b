/*
 * days_sql.h
 *		Days out of timestamps and of ranges of them.
 */
#ifndef CSM_DAYS_SQL_H
#define CSM_DAYS_SQL_H

#include "utils/date.h"
#include "utils/rangetypes.h"
#include "utils/timestamp.h"

extern DateADT csm_day_of_timestamp(Timestamp at);
extern bool csm_moments_of_range(Datum range, Oid type, RangeBound *lower, RangeBound *upper);

#endif /* CSM_DAYS_SQL_H */
