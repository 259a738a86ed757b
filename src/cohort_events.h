/*
 * cohort_events.h
 *		Activity events by account, collected in any order for a cohort matrix.
 *
 * The state lives in one memory context: a hash table that numbers the accounts, and a
 * list of what each account did in each calendar unit.  When the list is full it is
 * sorted and the entries of an account in a unit become one; where that frees less than
 * half of it the list doubles.  So n events take O(n log n), and the list is at most four
 * times as long as accounts have active units.
 */
#ifndef CSM_COHORT_EVENTS_H
#define CSM_COHORT_EVENTS_H

#include "cohorts.h"

typedef struct csm_cohort_events csm_cohort_events;

extern csm_cohort_events *csm_cohort_events_new(MemoryContext context, csm_step step);
extern csm_step csm_cohort_events_step(const csm_cohort_events *events);
extern void csm_cohort_events_add(csm_cohort_events *events, const char *account, Size length,
								  int32 day, csm_decimal amount);
extern csm_cohorts *csm_cohort_events_matrix(csm_cohort_events *events);

#endif /* CSM_COHORT_EVENTS_H */
