/*
 * calendar_sql.h
 *		Dates and intervals as SQL hands them over.
 */
#ifndef CSM_CALENDAR_SQL_H
#define CSM_CALENDAR_SQL_H

#include "fmgr.h"
#include "utils/date.h"

#include "base/calendar.h"

/* "name" is what messages call the argument: "step", "every", "from_date" ... */
extern void csm_check_argument_not_null(FunctionCallInfo fcinfo, int i, const char *name);
extern DateADT csm_date_argument(FunctionCallInfo fcinfo, int i, const char *name);
extern csm_step csm_step_argument(FunctionCallInfo fcinfo, int i, const char *name);
extern csm_step csm_unit_argument(FunctionCallInfo fcinfo, int i, const char *name);
extern void csm_check_same_step(csm_step a, csm_step b, const char *name);
extern void csm_check_same_date(DateADT a, DateADT b, const char *name);
extern void csm_check_multiple(csm_step step, csm_step every);

#endif /* CSM_CALENDAR_SQL_H */
