/*
 * ladder_sql.h
 *		What the SQL wrappers of all ladders share: states, merging, comparison, text and
 *		binary forms.
 */
#ifndef CSM_LADDER_SQL_H
#define CSM_LADDER_SQL_H

#include "fmgr.h"
#include "base/ladder.h"
#include "base/wire_sql.h"

extern csm_ladder *csm_ladder_from_datum(Datum datum, const csm_ladder_type *type);
extern csm_ladder *csm_ladder_argument(FunctionCallInfo fcinfo, int i, const csm_ladder_type *type);
extern csm_ladder *
csm_ladder_state(FunctionCallInfo fcinfo, const csm_ladder_type *type, bool has_amounts);
extern Datum
csm_ladder_result(FunctionCallInfo fcinfo, const csm_ladder_type *type, csm_ladder *ladder);
extern void
csm_ladder_check_mergeable(const csm_ladder *a, const csm_ladder *b, const csm_ladder_type *type);
extern Datum csm_ladder_combine(FunctionCallInfo fcinfo, const csm_ladder_type *type);
extern Datum csm_ladder_final(FunctionCallInfo fcinfo, const csm_ladder_type *type);
extern Datum csm_ladder_in(FunctionCallInfo fcinfo, const csm_ladder_type *type);
extern Datum csm_ladder_out(FunctionCallInfo fcinfo, const csm_ladder_type *type);
extern Datum csm_ladder_send(FunctionCallInfo fcinfo, const csm_ladder_type *type);
extern Datum csm_ladder_recv(FunctionCallInfo fcinfo, const csm_ladder_type *type);
extern int csm_ladder_compare_arguments(FunctionCallInfo fcinfo, const csm_ladder_type *type);
extern uint64
csm_ladder_hash_argument(FunctionCallInfo fcinfo, const csm_ladder_type *type, uint64 seed);

extern csm_decimal csm_key_from_float8(float8 value);

/* A state that is the aggregate's own is changed in place. */
static inline csm_ladder *
csm_ladder_own_state(FunctionCallInfo fcinfo, const csm_ladder_type *type)
{
	csm_ladder *ladder;

	if (unlikely(PG_ARGISNULL(0)))
		return NULL;
	ladder = (csm_ladder *) DatumGetPointer(PG_GETARG_DATUM(0));
	if (unlikely(VARATT_IS_EXTENDED(ladder) || ladder->version != type->version ||
				 ladder->slots == 0 || !AggCheckCallContext(fcinfo, NULL)))
		return NULL;
	return ladder;
}

#endif /* CSM_LADDER_SQL_H */
