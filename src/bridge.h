/*
 * bridge.h
 *		Runs of intervals over histories: a retention_summary for each interval.
 *
 * bridge_state is the state of bridge_agg and trailing_agg over histories: what the call
 * asks for and a slot for each interval, a retention_summary with room for its ten
 * largest accounts, that histories are added to in place.  A state that histories are added
 * to has more after its intervals: what accounts that do not change add to them, as
 * differences from interval to interval (bridge_run.h), and the days of their boundaries.
 * At rest, in text, in binary form and where two states are merged, all of it has been
 * added up and is gone.
 *
 * Interval k of a bridge is [from + k step, from + (k + 1) step), for every k at which it
 * ends by "to".  Interval k of trailing windows is [b - span, b) with b = from + k step,
 * for every k at which b is "to" or earlier; they overlap.  Either way both the starts and
 * the ends of the intervals ascend, which lets one walk through a history answer for all
 * of them.
 *
 * Invariants (csm_bridge_problem checks them): the number of intervals and their periods
 * follow from what is asked; all intervals have the currency and the scale of the state,
 * which is the largest scale of any history seen.
 */
#ifndef CSM_BRIDGE_H
#define CSM_BRIDGE_H

#include "base/calendar.h"
#include "bridge_run.h"
#include "history.h"
#include "retention.h"

#define CSM_BRIDGE_VERSION 1

/* What a call asks for. */
typedef struct csm_bridge_bounds
{
	int32 from;
	int32 to;
	csm_step step;
	csm_step span; /* of trailing windows; zero in a bridge */
} csm_bridge_bounds;

/* What comes after the intervals; old values have 0 there. */
#define CSM_BRIDGE_AT_REST 0
#define CSM_BRIDGE_FILLING 1

typedef struct csm_bridge
{
	int32 vl_len_;
	uint8 version;
	uint8 scale;
	uint16 form; /* CSM_BRIDGE_AT_REST or CSM_BRIDGE_FILLING */
	csm_bridge_bounds bounds;
	char currency[CSM_CURRENCY_SIZE];
	int64 count;
	/* each of CSM_RETENTION_STATE_SIZE; of a state that is filled, more after them */
	char intervals[FLEXIBLE_ARRAY_MEMBER];
} csm_bridge;

#define CSM_BRIDGE_SIZE(count) \
	(offsetof(csm_bridge, intervals) + (Size) (count) *CSM_RETENTION_STATE_SIZE)

/* The differences, the smallest listed amounts, and two lists of days and how dense they are. */
#define CSM_BRIDGE_FILLING_SIZE(count)                                               \
	MAXALIGN(CSM_BRIDGE_SIZE(count) + sizeof(csm_unchanged) * ((Size) (count) + 1) + \
			 sizeof(int64) * ((Size) (count) + 1) + 2 * sizeof(int32) * ((Size) (count) + 1))

/* bytes of the binary form, without its intervals */
#define CSM_BRIDGE_BINARY_SIZE (2 + 6 * 4 + CSM_CURRENCY_SIZE + 4)

extern bool csm_bridge_bounds_are_valid(const csm_bridge_bounds *bounds);
extern bool csm_bridge_is_trailing(const csm_bridge_bounds *bounds);
extern int64 csm_bridge_length(const csm_bridge_bounds *bounds);
extern void csm_bridge_check_bounds(const csm_bridge_bounds *bounds);
extern csm_bridge *csm_bridge_new(const csm_bridge_bounds *bounds);
extern csm_bridge *csm_bridge_from_header(const csm_bridge *header, const char **problem);
extern void csm_bridge_set_currency(csm_bridge *b, const char *currency);
extern void csm_bridge_raise_scale(csm_bridge *b, int scale);
extern csm_bridge *csm_bridge_add(csm_bridge *b, const csm_history *h);
extern csm_bridge *csm_bridge_at_rest(csm_bridge *b);
extern void csm_bridge_merge(csm_bridge *into, csm_bridge *from);
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
