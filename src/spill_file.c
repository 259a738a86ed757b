/*
 * spill_file.c
 *		Temporary files of the server.
 *
 * A BufFile has one position for reading and writing; here the end, where writing goes
 * on, is remembered across reads.
 */
#include "port.h"

#include "storage/buffile.h"

#include "spill_file.h"

struct csm_spill_file
{
	BufFile *file;
	csm_spill_position end;
	bool at_end; /* the position is the end, and "end" is out of date */
};

csm_spill_file *
csm_spill_create(MemoryContext context)
{
	MemoryContext old_context = MemoryContextSwitchTo(context);
	csm_spill_file *file = palloc0(sizeof(csm_spill_file));

	file->file = BufFileCreateTemp(false);
	file->at_end = true;
	MemoryContextSwitchTo(old_context);
	return file;
}

static void
seek(csm_spill_file *file, csm_spill_position position)
{
	if (BufFileSeek(file->file, position.segment, position.offset, SEEK_SET) != 0)
		ereport(ERROR,
				(errcode_for_file_access(), errmsg("could not seek in a temporary file: %m")));
}

static csm_spill_position
tell(csm_spill_file *file)
{
	csm_spill_position position;
	off_t offset;

	BufFileTell(file->file, &position.segment, &offset);
	position.offset = offset;
	return position;
}

csm_spill_position
csm_spill_end(csm_spill_file *file)
{
	if (file->at_end)
		file->end = tell(file);
	return file->end;
}

void
csm_spill_write(csm_spill_file *file, const void *data, Size size)
{
	if (!file->at_end)
		seek(file, file->end);
	file->at_end = true;
	BufFileWrite(file->file, (void *) data, size);
}

/* Reads so many bytes and moves the position on. */
void
csm_spill_read(csm_spill_file *file, csm_spill_position *position, void *data, Size size)
{
	file->end = csm_spill_end(file);
	file->at_end = false;
	seek(file, *position);
	if (BufFileRead(file->file, data, size) != size)
		ereport(ERROR,
				(errcode_for_file_access(), errmsg("could not read from a temporary file: %m")));
	*position = tell(file);
}

void
csm_spill_close(csm_spill_file *file)
{
	BufFileClose(file->file);
	pfree(file);
}
