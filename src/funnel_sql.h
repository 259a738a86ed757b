/*
 * funnel_sql.h
 *		Definitions of funnels as SQL hands them over.
 */
#ifndef CSM_FUNNEL_SQL_H
#define CSM_FUNNEL_SQL_H

#include "fmgr.h"

#include "funnel.h"
#include "usage_history.h"

extern csm_funnel *csm_funnel_from_text(const char *text, Size size, Node *escontext);
extern const csm_funnel *csm_funnel_argument(FunctionCallInfo fcinfo, int i);
extern uint32 *csm_funnel_numbers(const csm_funnel *f, const csm_usage_reader *reader);
extern void
csm_funnel_run_history(csm_funnel_run *run, const csm_funnel *f, const csm_usage_history *h);

#endif /* CSM_FUNNEL_SQL_H */
