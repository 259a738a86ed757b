/*
 * stretch_log.h
 *		What streamed accounts had in the past, written down in few bytes.
 *
 * A stretch says: this account had this amount for so many units from this one on.  The
 * log is only ever read if streaming has to stop, so it is kept small: numbers of accounts
 * and units as differences to the entry before, everything in as few bytes as it needs.
 * That makes 8 to 12 bytes a stretch.  When the log has used up its memory, it goes to a
 * temporary file.
 */
#ifndef CSM_STRETCH_LOG_H
#define CSM_STRETCH_LOG_H

#include "base/port.h"

typedef struct csm_stretch
{
	uint32 account;
	int32 unit;
	int32 length; /* 0: "amount" is the scale of the amounts that follow */
	int64 amount;
} csm_stretch;

typedef struct csm_log_block csm_log_block;
typedef struct csm_spill_file csm_spill_file;

typedef struct csm_stretch_log
{
	MemoryContext context;
	csm_log_block *first;
	csm_log_block *last;
	Size allocated;     /* bytes, of all blocks */
	Size limit;         /* of that */
	csm_stretch before; /* the entry before */
	csm_spill_file *file;
	uint64 file_size;
} csm_stretch_log;

/* Called with each stretch, those of an account in the order of time. */
typedef void (*csm_stretch_consumer)(void *consumer, const csm_stretch *stretch);

extern void csm_log_init(csm_stretch_log *log, MemoryContext context);
extern void csm_log_add(csm_stretch_log *log, const csm_stretch *stretch);
extern void csm_log_read(csm_stretch_log *log, csm_stretch_consumer consume, void *consumer);
extern void csm_log_write_out(csm_stretch_log *log);
extern void csm_log_free(csm_stretch_log *log);
extern void csm_log_close(csm_stretch_log *log);

#endif /* CSM_STRETCH_LOG_H */
