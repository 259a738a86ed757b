/*
 * funnel_summary_sql.h
 *		What the aggregates that make a funnel_summary share.
 */
#ifndef CSM_FUNNEL_SUMMARY_SQL_H
#define CSM_FUNNEL_SUMMARY_SQL_H

#include "fmgr.h"

#include "funnel_summary.h"

extern Datum csm_summary_result(const csm_funnel_summary *summary);
extern TimestampTz csm_as_of_argument(FunctionCallInfo fcinfo, int i, const csm_funnel *f);
extern void csm_funnel_check_same(const csm_funnel *f, const text *stored);
extern void csm_as_of_check_same(FunctionCallInfo fcinfo, int i, TimestampTz as_of);

#endif /* CSM_FUNNEL_SUMMARY_SQL_H */
