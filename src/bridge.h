/*
 * bridge.h
 *		Runs of intervals over histories: a retention_summary for each interval.
 *
 * bridge_state is the state of bridge_agg and trailing_agg over histories: the parameters
 * of the run and a slot for each interval, a retention_summary with room for its ten
 * largest accounts, that histories are added to in place.
 *
 * Interval k of a bridge is [from + k step, from + (k + 1) step), for every k at which it
 * ends by "to".  Interval k of trailing windows is [b - span, b) with b = from + k step,
 * for every k at which b is "to" or earlier; they overlap.  Either way both the starts and
 * the ends of the intervals ascend, which lets one walk through a history answer for all
 * of them.
 *
 * Invariants (csm_bridge_problem checks them): the number of intervals and their periods
 * follow from the parameters; all intervals have the currency and the scale of the state,
 * which is the largest scale of any history seen.
 */
#ifndef CSM_BRIDGE_H
#define CSM_BRIDGE_H

#include "base/calendar.h"
#include "history.h"
#include "retention.h"

#define CSM_BRIDGE_VERSION 1

typedef struct csm_bridge_run
{
	int32 from;
	int32 to;
	csm_step step;
	csm_step span; /* of trailing windows; zero in a bridge */
} csm_bridge_run;

typedef struct csm_bridge
{
	int32 vl_len_;
	uint8 version;
	uint8 scale;
	uint16 unused;
	csm_bridge_run run;
	char currency[CSM_CURRENCY_SIZE];
	int64 count;
	char intervals[FLEXIBLE_ARRAY_MEMBER]; /* each of CSM_RETENTION_STATE_SIZE */
} csm_bridge;

#define CSM_BRIDGE_SIZE(count) \
	(offsetof(csm_bridge, intervals) + (Size) (count) *CSM_RETENTION_STATE_SIZE)

/* bytes of the binary form, without its intervals */
#define CSM_BRIDGE_BINARY_SIZE (2 + 6 * 4 + CSM_CURRENCY_SIZE + 4)

extern bool csm_bridge_run_is_valid(const csm_bridge_run *run);
extern bool csm_bridge_is_trailing(const csm_bridge_run *run);
extern int64 csm_bridge_length(const csm_bridge_run *run);
extern void csm_bridge_check_run(const csm_bridge_run *run);
extern csm_bridge *csm_bridge_new(const csm_bridge_run *run);
extern csm_bridge *csm_bridge_from_header(const csm_bridge *header, const char **problem);
extern void csm_bridge_set_currency(csm_bridge *b, const char *currency);
extern void csm_bridge_add(csm_bridge *b, const csm_history *h);
extern void csm_bridge_merge(csm_bridge *into, const csm_bridge *from);
extern const char *csm_bridge_problem(const csm_bridge *b);
extern const char *csm_bridge_set(csm_bridge *b, int64 k, const csm_retention_summary *r);
extern void csm_bridge_write(csm_writer *writer, const csm_bridge *b);
extern csm_bridge *csm_bridge_read(csm_reader *reader, const char **problem);
extern int csm_bridge_binary_size(const csm_bridge *b);

static inline csm_retention_summary *
csm_bridge_interval(const csm_bridge *b, int64 k)
{
	return (csm_retention_summary *) (b->intervals + k * CSM_RETENTION_STATE_SIZE);
}

#endif /* CSM_BRIDGE_H */
