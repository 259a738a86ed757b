/*
 * history_scan.h
 *		The history of each account straight from raw rows, one after the other.
 *
 * What is asked of histories can be asked of raw rows this way: the same arithmetic reads the
 * same values, so both give the same answer.
 */
#ifndef CSM_HISTORY_SCAN_H
#define CSM_HISTORY_SCAN_H

#include "engine/account_scan.h"
#include "history.h"

typedef struct csm_history_consumer
{
	csm_scan_consumer base;
	csm_history *history; /* of the account that comes; its room is kept */
	int room;
	int32 end; /* of the last stretch */
	/* the day on which a unit starts */
	int32 (*unit_start)(void *caller, int32 unit);
	/* takes the history of an account, which is its own no longer after that */
	void (*take)(void *caller, const csm_key *key, const csm_history *history);
	void *caller;
} csm_history_consumer;

extern void csm_history_consumer_init(csm_history_consumer *consumer, const char *currency,
									  int32 (*unit_start)(void *caller, int32 unit),
									  void (*take)(void *caller, const csm_key *key,
												   const csm_history *history),
									  void *caller);

#endif /* CSM_HISTORY_SCAN_H */
