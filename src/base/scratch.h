/*
 * scratch.h
 *		Memory for one step of a loop at a time.
 *
 * A step that leaves garbage runs between enter and leave, in a context that leave empties.
 * What has to live on is made outside, or is grown by repalloc, which stays where it was
 * (so does the text that a StringInfo holds).  After an error the context goes with its
 * parent; a function that reports errors softly leaves before it returns.
 */
#ifndef CSM_SCRATCH_H
#define CSM_SCRATCH_H

#include "base/port.h"
#include "utils/memutils.h"

typedef struct csm_scratch
{
	MemoryContext keep; /* the caller's context */
	MemoryContext context;
} csm_scratch;

static inline csm_scratch
csm_scratch_start(void)
{
	csm_scratch scratch;

	scratch.keep = CurrentMemoryContext;
	scratch.context =
		AllocSetContextCreate(CurrentMemoryContext, "csm_metrics scratch", ALLOCSET_SMALL_SIZES);
	return scratch;
}

static inline void
csm_scratch_enter(const csm_scratch *scratch)
{
	MemoryContextSwitchTo(scratch->context);
}

static inline void
csm_scratch_leave(const csm_scratch *scratch)
{
	MemoryContextSwitchTo(scratch->keep);
	MemoryContextReset(scratch->context);
}

static inline void
csm_scratch_end(const csm_scratch *scratch)
{
	MemoryContextSwitchTo(scratch->keep);
	MemoryContextDelete(scratch->context);
}

#endif /* CSM_SCRATCH_H */
