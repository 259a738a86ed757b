/*
 * cohort_scan.h
 *		Cohorts straight from events: a matrix as a consumer of a scan.
 *
 * Units of the scan are periods, counted from "first_unit"; those before the first period make
 * an account one of no cohort.  Of members (CSM_COHORTS_GIVEN) the scan hands over the day of
 * their cohort.
 */
#ifndef CSM_COHORT_SCAN_H
#define CSM_COHORT_SCAN_H

#include "cohorts.h"
#include "engine/account_scan.h"

typedef struct csm_cohort_consumer
{
	csm_scan_consumer base;
	csm_cohorts *matrix;
	int32 first_unit; /* its first period */
	int32 *wraps;     /* of the cells' revenue around 128 bits; NULL before the first one */
} csm_cohort_consumer;

extern void
csm_cohort_consumer_init(csm_cohort_consumer *consumer, csm_cohorts *matrix, int32 first_unit);
extern void csm_cohort_consumer_finish(csm_cohort_consumer *consumer);

#endif /* CSM_COHORT_SCAN_H */
