/*
 * retention_sql.h
 *		retention_summary as SQL functions of other concepts need it.
 */
#ifndef CSM_RETENTION_SQL_H
#define CSM_RETENTION_SQL_H

#include "fmgr.h"

#include "retention.h"

extern csm_retention_summary *csm_retention_from_datum(Datum datum);
extern csm_retention_summary *csm_retention_state(FunctionCallInfo fcinfo);
extern char *csm_retention_to_text(const csm_retention_summary *r);
extern csm_retention_summary *csm_retention_from_text(char *text, Node *escontext);

#define PG_GETARG_SUMMARY(i) csm_retention_from_datum(PG_GETARG_DATUM(i))

#endif /* CSM_RETENTION_SQL_H */
