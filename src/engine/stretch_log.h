/*
 * stretch_log.h
 *		What accounts had, in the order in which it became known, in few bytes.
 *
 * A stretch says: this account had this amount in the units of time from this one up to
 * that one.  Numbers of accounts and units are written as differences to the entry before,
 * everything in as few bytes as it needs.
 * That makes 7 to 12 bytes a stretch.  When the log has used up its memory, it goes to a
 * tape.  It is read once.
 */
#ifndef CSM_STRETCH_LOG_H
#define CSM_STRETCH_LOG_H

#include "base/port.h"
#include "engine/memory_budget.h"

/* The end of a stretch that stays. */
#define CSM_NO_END PG_INT32_MAX

typedef struct csm_stretch
{
	uint32 account;
	int32 from;
	int32 to; /* the first unit that is not in it; "from" for one without length */
	int64 amount;
} csm_stretch;

typedef struct csm_log_block csm_log_block;

typedef struct csm_stretch_log
{
	MemoryContext context;
	csm_memory_user *user;
	csm_log_block *first;
	csm_log_block *last;
	Size allocated;     /* bytes, of all blocks */
	csm_stretch before; /* the entry before */
	LogicalTape *tape;  /* of what does not fit, NULL without any */
	bool is_read;       /* nothing is written any more */
} csm_stretch_log;

/* Stretches that are handed over at a time. */
#define CSM_STRETCHES_MAX 64

/* Called with stretches whose amounts are of one scale. */
typedef void (*csm_stretch_consumer)(void *consumer, const csm_stretch *stretches, int count,
									 int scale);

extern void csm_log_init(csm_stretch_log *log, MemoryContext context, csm_memory_user *user);
extern void csm_log_add(csm_stretch_log *log, const csm_stretch *stretch);
extern void csm_log_set_scale(csm_stretch_log *log, int scale);
extern void csm_log_write_out(csm_stretch_log *log);
extern void csm_log_read(csm_stretch_log *log, csm_stretch_consumer consume, void *consumer);

#endif /* CSM_STRETCH_LOG_H */
