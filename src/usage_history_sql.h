/*
 * usage_history_sql.h
 *		Usage histories and times of events as SQL hands them over.
 */
#ifndef CSM_USAGE_HISTORY_SQL_H
#define CSM_USAGE_HISTORY_SQL_H

#include "fmgr.h"
#include "utils/timestamp.h"

#include "base/wire_sql.h"
#include "usage_history.h"

extern csm_usage_history *csm_usage_argument(FunctionCallInfo fcinfo, int i);
extern TimestampTz csm_usage_time(FunctionCallInfo fcinfo, int i, const char *name);
extern void csm_usage_append_time(StringInfo text, TimestampTz at);
extern bool csm_usage_read_time(csm_json *json, const char *key, char *text, TimestampTz *at);

#endif /* CSM_USAGE_HISTORY_SQL_H */
