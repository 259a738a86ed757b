/*
 * compare.h
 *		Where accounts went: from segment to segment, between two points in time.
 *
 * segment_flows is a tally.  A key is a cell: the segment at the start and the one at the
 * end, either of which may be NULL.  Both stand in one name, in the way that COPY writes
 * two columns: a tab between them, \N for NULL, a backslash before what would be taken for
 * either.  The terms are the period, the same in all cells, or 0 and 0 where it is unknown.
 *
 * An account that starts with nothing is filed under its segment at the end in both places,
 * one that ends with nothing under its segment at the start.  So only accounts that are
 * there at both points lie in cells that lead from one segment to another.
 *
 * Invariants (csm_flows_problem checks them all):
 * - all cells are of one period, and every cell has an account;
 * - retained <= starting, retained <= ending_existing, churned <= starting - retained;
 * - an amount is zero exactly where its count is, and no smaller than its count;
 * - in a cell between two segments nobody is new, came back or left.
 */
#ifndef CSM_COMPARE_H
#define CSM_COMPARE_H

#include "base/calendar.h"
#include "base/tally.h"

#define CSM_FLOWS_VERSION 1

/* The sums of a cell; what they mean is said in retention.h. */
typedef struct csm_flow
{
	int128 starting;
	int128 ending_existing;
	int128 retained;
	int128 new_business;
	int128 reactivation;
	int128 churned;
	int64 accounts_starting;
	int64 accounts_new;
	int64 accounts_reactivated;
	int64 accounts_expanded;
	int64 accounts_contracted;
	int64 accounts_churned;
} csm_flow;

#define CSM_FLOW_AMOUNTS 6
#define CSM_FLOW_COUNTS  6

#define CSM_FLOWS_SHAPE                                                                   \
	{                                                                                     \
		.amounts = CSM_FLOW_AMOUNTS, .products = 0, .counts = CSM_FLOW_COUNTS, .terms = 2 \
	}

/* A segment; its name is NULL where it has none, and need not end with a zero. */
typedef struct csm_flow_segment
{
	const char *name;
	int length;
} csm_flow_segment;

/* The period as the terms of a key. */
typedef struct csm_flow_period
{
	uint64 from;
	uint64 to;
} csm_flow_period;

extern void csm_flows_add(csm_tally **flows, const csm_flow_period *period, csm_decimal starting,
						  csm_decimal ending, bool was_customer, csm_flow_segment at_start,
						  csm_flow_segment at_end);
extern void csm_flows_check_same_period(const csm_tally *a, const csm_tally *b);
extern void csm_flows_check_period(const csm_tally *flows, const csm_flow_period *period);
extern bool csm_flows_have_period(const csm_tally *flows, int32 *from, int32 *to);
extern char *csm_flow_key(csm_flow_segment at_start, csm_flow_segment at_end, int *length);
extern bool csm_flow_segments(const csm_tally *flows, const csm_tally_entry *entry,
							  csm_flow_segment *at_start, csm_flow_segment *at_end);
extern bool csm_flow_segment_is_same(csm_flow_segment a, csm_flow_segment b);
extern int csm_flow_segment_compare(csm_flow_segment a, csm_flow_segment b);
extern const char *csm_flows_problem(const csm_tally *flows);

static inline csm_flow *
csm_flow_of(csm_tally_entry *entry)
{
	return (csm_flow *) entry->sums;
}

#endif /* CSM_COMPARE_H */
