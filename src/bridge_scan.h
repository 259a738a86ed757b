/*
 * bridge_scan.h
 *		The bridge straight from raw rows: a run of intervals as a consumer of a scan.
 */
#ifndef CSM_BRIDGE_SCAN_H
#define CSM_BRIDGE_SCAN_H

#include "bridge_run.h"
#include "engine/account_scan.h"

/* Refuses a total below zero at a boundary. */
typedef void (*csm_negative_refuser)(void *caller, const csm_key *key, int boundary, int128 amount,
									 int scale);

typedef struct csm_bridge_consumer
{
	csm_scan_consumer base;
	csm_bridge_run *run;
	csm_negative_refuser refuse_negative;
	void *caller;
} csm_bridge_consumer;

extern void csm_bridge_consumer_init(csm_bridge_consumer *consumer, csm_bridge_run *run,
									 csm_negative_refuser refuse_negative, void *caller);

#endif /* CSM_BRIDGE_SCAN_H */
