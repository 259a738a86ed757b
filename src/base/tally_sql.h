/*
 * tally_sql.h
 *		What the SQL wrappers of all tallies share: states, comparison, text and
 *		binary forms.
 */
#ifndef CSM_TALLY_SQL_H
#define CSM_TALLY_SQL_H

#include "fmgr.h"
#include "base/state_sql.h"
#include "base/tally.h"
#include "base/wire_sql.h"

/* What tells one type of tally from another. */
typedef struct csm_tally_type
{
	csm_value_type value;
	uint8 version;
	csm_tally_shape shape;
} csm_tally_type;

extern csm_tally *csm_tally_argument(FunctionCallInfo fcinfo, int i, const csm_tally_type *type);
extern csm_tally *csm_tally_state(FunctionCallInfo fcinfo, const csm_tally_type *type);
extern Datum csm_tally_combine(FunctionCallInfo fcinfo, const csm_tally_type *type);
extern Datum csm_tally_final(FunctionCallInfo fcinfo, const csm_tally_type *type);
extern void
csm_tally_put_name(StringInfo text, const csm_tally *tally, const csm_tally_entry *entry);
extern bool csm_tally_read_row(csm_json *json, const char *key, const JsonbValue *row, int width,
							   JsonbValue *values);
extern csm_tally_entry *csm_tally_read_key(csm_json *json, const char *key, const JsonbValue *name,
										   const uint64 *terms, csm_tally **tally);
extern bool
csm_tally_read_amount(csm_json *json, csm_tally *tally, csm_decimal amount, int128 *coefficient);
extern Datum csm_tally_send(FunctionCallInfo fcinfo, const csm_tally_type *type);
extern Datum csm_tally_recv(FunctionCallInfo fcinfo, const csm_tally_type *type);
extern int csm_tally_compare_arguments(FunctionCallInfo fcinfo, const csm_tally_type *type);
extern uint64 csm_tally_hash(FunctionCallInfo fcinfo, const csm_tally_type *type, uint64 seed);

#endif /* CSM_TALLY_SQL_H */
