/*
 * history_scan_sql.h
 *		Questions asked of histories, asked of raw rows, as SQL sees them.
 *
 * A transition function tells its form by the number of its arguments.  Of subscriptions:
 *
 *		(state, account, valid, amount, from, to)								6
 *		(state, account, valid, amount, step, from, to)							7
 *		(state, account, valid, amount, step, span, from, to)					8
 *
 * Snapshots have "at" in place of the range, and "every" after the amount.  The concept that
 * is asked has the final function.
 */
#ifndef CSM_HISTORY_SCAN_SQL_H
#define CSM_HISTORY_SCAN_SQL_H

#include "engine/raw_rows_sql.h"
#include "history_scan.h"

typedef struct csm_history_scan
{
	csm_raw_rows rows;
	int parameters; /* argument that is the first of them */
	bool is_constant;
	bool has_step;
	bool has_span;
	csm_step every;
	csm_step step;
	csm_step span;
	DateADT from;
	DateADT to;
} csm_history_scan;

typedef void (*csm_history_taker)(void *caller, const csm_history *history);

extern csm_history_scan *csm_history_scan_argument(FunctionCallInfo fcinfo);
extern void csm_history_scan_finish(csm_history_scan *scan, csm_history_taker take, void *caller);

/* The scale of every amount that is handed over, once there is nothing more to come. */
static inline int
csm_history_scan_scale(const csm_history_scan *scan)
{
	return scan->rows.scan->shown_scale;
}

#endif /* CSM_HISTORY_SCAN_SQL_H */
