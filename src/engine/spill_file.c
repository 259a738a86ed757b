/*
 * spill_file.c
 *		Temporary files of the server.
 *
 * A BufFile has one position for reading and writing; here the end, where writing goes
 * on, is remembered across reads.
 *
 * A file is closed when the memory context that it was made in is reset, unless its
 * resource owner has closed it before.  That happens where a query fails inside a
 * subtransaction: its files go at once, its memory only when the cursor is closed.  By
 * then the number of the file may be that of another one, so the release is noted.
 */
#include "base/port.h"

#include "access/xact.h"
#include "lib/ilist.h"
#include "storage/buffile.h"
#include "utils/resowner.h"

#include "engine/spill_file.h"

struct csm_spill_file
{
	BufFile *file;
	csm_spill_position end;
	bool at_end;         /* the position is the end, and "end" is out of date */
	ResourceOwner owner; /* NULL once it has closed the file */
	dlist_node node;
	MemoryContextCallback reset;
};

/* The open files, whose owners may be released before their memory is. */
static dlist_head open_files = DLIST_STATIC_INIT(open_files);

static void
note_release(ResourceReleasePhase phase, bool is_commit, bool is_top, void *unused)
{
	dlist_iter i;

	if (phase != RESOURCE_RELEASE_AFTER_LOCKS)
		return;
	dlist_foreach(i, &open_files)
	{
		csm_spill_file *file = dlist_container(csm_spill_file, node, i.cur);

		if (file->owner == CurrentResourceOwner)
			file->owner = NULL;
	}
}

/* The memory goes: closes the file, unless its owner has done that or is about to. */
static void
close_on_reset(void *argument)
{
	csm_spill_file *file = argument;

	if (file->file == NULL)
		return;
	if (!IsTransactionState())
		file->owner = NULL;
	csm_spill_close(file);
}

csm_spill_file *
csm_spill_create(MemoryContext context)
{
	static bool is_registered = false;
	MemoryContext old_context = MemoryContextSwitchTo(context);
	csm_spill_file *file = palloc0(sizeof(csm_spill_file));

	file->file = BufFileCreateTemp(false);
	file->at_end = true;
	file->owner = CurrentResourceOwner;
	if (!is_registered)
		RegisterResourceReleaseCallback(note_release, NULL);
	is_registered = true;
	dlist_push_head(&open_files, &file->node);
	file->reset.func = close_on_reset;
	file->reset.arg = file;
	MemoryContextRegisterResetCallback(context, &file->reset);
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
	BufFile *buffile = file->file;

	dlist_delete(&file->node);
	file->file = NULL; /* the rest stays for close_on_reset */
	if (file->owner != NULL)
		BufFileClose(buffile);
}
