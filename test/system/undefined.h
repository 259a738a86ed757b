/*
 * undefined.h
 *		Tells valgrind that what palloc gives has no value yet.
 *
 * PostgreSQL gives out memory of blocks that it got long ago, where whatever lay in them
 * before counts as written.  The library is built with this header in front of every file
 * when it runs under valgrind.
 */
#include "postgres.h"

#include <valgrind/memcheck.h>

static inline void *
csm_undefined_palloc(Size size)
{
	void *memory = palloc(size);

	(void) VALGRIND_MAKE_MEM_UNDEFINED(memory, size);
	return memory;
}

static inline void *
csm_undefined_alloc(MemoryContext context, Size size)
{
	void *memory = MemoryContextAlloc(context, size);

	(void) VALGRIND_MAKE_MEM_UNDEFINED(memory, size);
	return memory;
}

#define palloc             csm_undefined_palloc
#define MemoryContextAlloc csm_undefined_alloc
