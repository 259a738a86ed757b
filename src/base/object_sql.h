/*
 * object_sql.h
 *		States of aggregates that are built of many pieces: expanded objects.
 *
 * A state that is a value of its type with spare room (state_sql.h) is one piece of memory.
 * Where a state is a hash table or a tree, it is an expanded object of the type instead:
 * PostgreSQL hands it from row to row as it is, and writes it down as a value at rest as soon
 * as it is to go anywhere else, to another process, into a tuple, to another node of a cluster.
 * So an aggregate of such states needs no functions to serialize them.
 *
 * An object may be changed by the aggregate that it belongs to alone, which has the only
 * read-write pointer to it: it is never returned by anything but a transition or combine
 * function that an aggregate called.
 */
#ifndef CSM_OBJECT_SQL_H
#define CSM_OBJECT_SQL_H

#include "fmgr.h"
#include "utils/expandeddatum.h"

#include "base/state_sql.h"

typedef struct csm_object
{
	ExpandedObjectHeader header; /* whose context holds everything below */
	const csm_value_type *type;
	void *state;          /* what type->at_rest takes; set by whoever makes the object */
	void *tools;          /* what else its aggregate needs; no part of the value */
	struct varlena *flat; /* the value at rest once asked for; NULL as long as it is not */
	MemoryContext flat_context;
} csm_object;

extern csm_object *csm_object_new(FunctionCallInfo fcinfo, const csm_value_type *type);
extern csm_object *csm_object_of(Datum value, const csm_value_type *type);
extern Datum csm_object_result(FunctionCallInfo fcinfo, const csm_object *object);

/* The state of the first argument, to be changed; NULL where there is none or it is at rest. */
static inline csm_object *
csm_object_to_change(FunctionCallInfo fcinfo, const csm_value_type *type)
{
	csm_object *object;

	if (PG_ARGISNULL(0) || !VARATT_IS_EXTERNAL_EXPANDED_RW(DatumGetPointer(PG_GETARG_DATUM(0))))
		return NULL;
	object = csm_object_of(PG_GETARG_DATUM(0), type);
	if (object != NULL && object->flat != NULL)
	{
		MemoryContextDelete(object->flat_context);
		object->flat = NULL;
	}
	return object;
}

#endif /* CSM_OBJECT_SQL_H */
