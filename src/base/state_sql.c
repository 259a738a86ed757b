/*
 * state_sql.c
 *		States of aggregates that are asked for outside one; state_sql.h says why.
 */
#include "base/port.h"

#include "base/state_sql.h"

/* A state as a value at rest, checked as if it came from outside. */
Datum
csm_state_by_hand(const csm_value_type *type, const void *state)
{
	void *value = type->at_rest(state);
	const char *problem = type->problem(value);

	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the result is no valid %s: %s", type->name, problem),
				 errhint("Call the aggregate instead of the functions that it is made of.")));
	return PointerGetDatum(value);
}
