/*
 * object_sql.c
 *		Expanded objects as states of aggregates; object_sql.h says when and why.
 */
#include "base/port.h"

#include "utils/memutils.h"

#include "base/object_sql.h"

static Size
flat_size(ExpandedObjectHeader *header)
{
	csm_object *object = (csm_object *) header;

	if (object->flat == NULL)
	{
		/* whoever forms a tuple may be in a context where nothing can be given back */
		MemoryContext context =
			AllocSetContextCreate(header->eoh_context, "csm_metrics value", ALLOCSET_SMALL_SIZES);
		MemoryContext caller = MemoryContextSwitchTo(context);

		object->flat = object->type->at_rest(object->state);
		object->flat_context = context;
		MemoryContextSwitchTo(caller);
	}
	return VARSIZE(object->flat);
}

/* PostgreSQL has asked for the size before, and nothing has changed since. */
static void
flatten_into(ExpandedObjectHeader *header, void *result, Size size)
{
	csm_object *object = (csm_object *) header;

	Assert(object->flat != NULL && VARSIZE(object->flat) == size);
	memcpy(result, object->flat, size);
}

static const ExpandedObjectMethods methods = {flat_size, flatten_into};

/* A new object, that lives as long as the aggregate, or the call. */
csm_object *
csm_object_new(FunctionCallInfo fcinfo, const csm_value_type *type)
{
	MemoryContext parent;
	MemoryContext context;
	csm_object *object;

	if (AggCheckCallContext(fcinfo, &parent) == 0)
		parent = CurrentMemoryContext;
	context = AllocSetContextCreate(parent, "csm_metrics object", ALLOCSET_SMALL_SIZES);
	object = MemoryContextAllocZero(context, sizeof(csm_object));
	EOH_init_header(&object->header, &methods, context);
	object->type = type;
	return object;
}

/* The object that a value is, if it is one of this type. */
csm_object *
csm_object_of(Datum value, const csm_value_type *type)
{
	ExpandedObjectHeader *header;

	if (!VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(value)))
		return NULL;
	header = DatumGetEOHP(value);
	if (header->eoh_methods != &methods || ((csm_object *) header)->type != type)
		return NULL;
	return (csm_object *) header;
}

/* The result of a transition or combine function: the object in an aggregate, else a value. */
Datum
csm_object_result(FunctionCallInfo fcinfo, const csm_object *object)
{
	if (AggCheckCallContext(fcinfo, NULL) != 0)
		return EOHPGetRWDatum(&object->header);
	return csm_state_by_hand(object->type, object->state);
}
