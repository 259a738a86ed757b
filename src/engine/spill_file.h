/*
 * spill_file.h
 *		Temporary files of the server, written at their end and read from anywhere.
 *
 * They count towards temp_file_limit, and go away with the transaction if nobody closes
 * them before: also when a query is cancelled.
 */
#ifndef CSM_SPILL_FILE_H
#define CSM_SPILL_FILE_H

#include "base/port.h"

/* Memory that an open file takes: a page as a buffer, and some more. */
#define CSM_SPILL_FILE_SIZE (BLCKSZ + 1024)

typedef struct csm_spill_file csm_spill_file;

typedef struct csm_spill_position
{
	int segment;
	int64 offset;
} csm_spill_position;

extern csm_spill_file *csm_spill_create(MemoryContext context);
extern csm_spill_position csm_spill_end(csm_spill_file *file);
extern void csm_spill_write(csm_spill_file *file, const void *data, Size size);
extern void
csm_spill_read(csm_spill_file *file, csm_spill_position *position, void *data, Size size);
extern void csm_spill_close(csm_spill_file *file);

#endif /* CSM_SPILL_FILE_H */
