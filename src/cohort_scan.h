/*
 * cohort_scan.h
 *		Cohorts straight from events: a matrix as a consumer of a scan.
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
	/* refuses what an account's events in the unit that starts on a day add up to */
	void (*refuse_negative)(void *caller, const csm_key *key, int32 day, int128 amount, int scale);
	void *caller;
} csm_cohort_consumer;

extern void
csm_cohort_consumer_init(csm_cohort_consumer *consumer, csm_cohorts *matrix, int32 first_unit,
						 void (*refuse_negative)(void *, const csm_key *, int32, int128, int),
						 void *caller);

#endif /* CSM_COHORT_SCAN_H */
