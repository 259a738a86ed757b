/*
 * history_sql.h
 *		revenue_history as an argument of SQL functions.
 */
#ifndef CSM_HISTORY_SQL_H
#define CSM_HISTORY_SQL_H

#include "fmgr.h"

#include "base/state_sql.h"
#include "history.h"

extern const csm_value_type csm_history_type;

extern const csm_history *csm_history_from_datum(Datum datum);

#define PG_GETARG_HISTORY(i) csm_history_from_datum(PG_GETARG_DATUM(i))

#endif /* CSM_HISTORY_SQL_H */
