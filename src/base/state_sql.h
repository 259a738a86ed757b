/*
 * state_sql.h
 *		The one way out of functions that make values.
 *
 * While an aggregate runs, its state is a value of its type that need not keep the rules of
 * values at rest: it may have spare room, an index, entries out of order, sums that only the
 * final function checks.  Such a state must never leave the aggregate.  So there are two
 * exits, and every function that returns a value takes one of them:
 *
 * - csm_state_result: transition and combine functions.  In an aggregate they return the
 *   state.  Called by hand, they return a value at rest that passed its validator: one that
 *   the type's input reads again, or an error.
 * - csm_value_result: final functions, operators such as +, rollup over an array, and
 *   whatever else makes a value.  It returns the value at rest.  Builds with assertions run
 *   the validator.
 *
 * What a transition changes in place must be the aggregate's own (AggCheckCallContext says
 * so), and the function must hand over the state that it got as its first argument, or a
 * later copy of it.
 */
#ifndef CSM_STATE_SQL_H
#define CSM_STATE_SQL_H

#include "fmgr.h"

/* What the exits must know of a type of values. */
typedef struct csm_value_type
{
	const char *name;
	/* The form that is stored, of a state: an error where a sum has too many digits. */
	void *(*at_rest)(const void *state);
	/* What is wrong with a value at rest, NULL when nothing is. */
	const char *(*problem)(const void *value);
} csm_value_type;

extern Datum csm_state_by_hand(const csm_value_type *type, const void *state);

/* The result of a transition or combine function. */
static inline Datum
csm_state_result(FunctionCallInfo fcinfo, const csm_value_type *type, const void *state)
{
	/* a state that is still where it was has been changed in place: the aggregate's own */
	if (likely(!PG_ARGISNULL(0) && state == PG_GETARG_POINTER(0)) ||
		AggCheckCallContext(fcinfo, NULL) != 0)
		return PointerGetDatum(state);
	return csm_state_by_hand(type, state);
}

/* The result of a function that makes a value. */
static inline Datum
csm_value_result(const csm_value_type *type, const void *state)
{
	void *value = type->at_rest(state);

	Assert(type->problem(value) == NULL);
	return PointerGetDatum(value);
}

#endif /* CSM_STATE_SQL_H */
