/*
 * port.h
 *		The one header that knows which PostgreSQL it is compiled for.
 */
#ifndef CSM_PORT_H
#define CSM_PORT_H

#include "postgres.h"
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

#ifndef HAVE_INT128
#error "csm_metrics needs a compiler with a 128-bit integer type"
#endif

typedef unsigned PG_INT128_TYPE csm_uint128
#if defined(pg_attribute_aligned)
	pg_attribute_aligned(MAXIMUM_ALIGNOF)
#endif
		;

/* PostgreSQL 18 has another word for it. */
#ifndef pg_attribute_noreturn
#define pg_attribute_noreturn() __attribute__((noreturn))
#endif

/* Soft errors came with PostgreSQL 16, and with them input functions and range functions that
 * report softly. */
#if PG_VERSION_NUM < 160000
#define ereturn(context, value, ...)           ereport(ERROR, __VA_ARGS__)
#define csm_make_range(typcache, lower, upper) make_range(typcache, lower, upper, false)
#define csm_input_function(function, text, escontext, result)                          \
	(*(result) = DirectFunctionCall3(function, CStringGetDatum(text),                  \
									 ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)), \
	 true)
#else
#define csm_make_range(typcache, lower, upper) make_range(typcache, lower, upper, false, NULL)
#define csm_input_function(function, text, escontext, result) \
	DirectInputFunctionCallSafe(function, text, InvalidOid, -1, escontext, result)
#endif

#endif /* CSM_PORT_H */
