/*
 * stretch_log.c
 *		Stretches of accounts, in few bytes; stretch_log.h says what they are.
 */
#include "base/port.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "engine/spill_file.h"
#include "engine/stretch_log.h"

#define FIRST_BLOCK_SIZE   256
#define LARGEST_BLOCK_SIZE (64 * 1024)

/* Bytes that are read from the file at a time. */
#define READ_SIZE 8192

/* An entry is four numbers of up to 64 bits, seven bits a byte. */
#define ENTRY_SIZE_MAX 40

struct csm_log_block
{
	csm_log_block *next;
	Size size;
	Size used;
	uint8 bytes[FLEXIBLE_ARRAY_MEMBER];
};

void
csm_log_init(csm_stretch_log *log, MemoryContext context)
{
	memset(log, 0, sizeof(*log));
	log->context = context;
	log->limit = MaxAllocHugeSize;
}

static void
free_blocks(csm_stretch_log *log)
{
	while (log->first != NULL)
	{
		csm_log_block *next = log->first->next;

		pfree(log->first);
		log->first = next;
	}
	log->last = NULL;
	log->allocated = 0;
}

/* Writes all that is in memory to the file and gives the memory back. */
void
csm_log_write_out(csm_stretch_log *log)
{
	if (log->first == NULL)
		return;
	if (log->file == NULL)
		log->file = csm_spill_create(log->context);
	for (csm_log_block *block = log->first; block != NULL; block = block->next)
	{
		csm_spill_write(log->file, block->bytes, block->used);
		log->file_size += block->used;
	}
	free_blocks(log);
}

static void
add_block(csm_stretch_log *log)
{
	Size size = log->last == NULL ? FIRST_BLOCK_SIZE : Min(2 * log->last->size, LARGEST_BLOCK_SIZE);
	csm_log_block *block;

	CHECK_FOR_INTERRUPTS();
	if (log->allocated + size > log->limit && log->last != NULL)
		csm_log_write_out(log);
	block = MemoryContextAlloc(log->context, offsetof(csm_log_block, bytes) + size);
	block->next = NULL;
	block->size = size;
	block->used = 0;
	if (log->last == NULL)
		log->first = block;
	else
		log->last->next = block;
	log->last = block;
	log->allocated += size;
}

/* Seven bits a byte, the low ones first; all but the last byte have their high bit set. */
static inline uint8 *
put_number(uint8 *bytes, uint64 number)
{
	for (; number >= 0x80; number >>= 7)
		*bytes++ = (uint8) number | 0x80;
	*bytes++ = (uint8) number;
	return bytes;
}

/* Numbers near zero become small ones, whatever their sign. */
static inline uint64
fold_sign(int64 number)
{
	return (uint64) number << 1 ^ (uint64) (number >> 63);
}

static inline int64
unfold_sign(uint64 number)
{
	return (int64) (number >> 1 ^ -(number & 1));
}

void
csm_log_add(csm_stretch_log *log, const csm_stretch *stretch)
{
	uint8 *end;

	if (log->last == NULL || log->last->size - log->last->used < ENTRY_SIZE_MAX)
		add_block(log);
	end = log->last->bytes + log->last->used;
	end = put_number(end, fold_sign((int64) stretch->account - log->before.account));
	end = put_number(end, fold_sign((int64) stretch->unit - log->before.unit));
	end = put_number(end, stretch->length);
	end = put_number(end, fold_sign(stretch->amount));
	log->last->used = end - log->last->bytes;
	log->before = *stretch;
}

/* Reading: first the file, then the blocks. */
typedef struct log_reader
{
	csm_stretch_log *log;
	csm_spill_position position;
	uint64 left; /* in the file */
	const csm_log_block *block;
	const uint8 *next;
	const uint8 *end;
	uint8 buffer[READ_SIZE];
} log_reader;

/* False at the end. */
static bool
refill(log_reader *reader)
{
	CHECK_FOR_INTERRUPTS();
	if (reader->left > 0)
	{
		Size size = Min(reader->left, READ_SIZE);

		csm_spill_read(reader->log->file, &reader->position, reader->buffer, size);
		reader->left -= size;
		reader->next = reader->buffer;
		reader->end = reader->buffer + size;
		return true;
	}
	if (reader->block == NULL)
		return false;
	reader->next = reader->block->bytes;
	reader->end = reader->next + reader->block->used;
	reader->block = reader->block->next;
	return true;
}

static uint64
get_number(log_reader *reader)
{
	uint64 number = 0;
	uint8 byte;
	int shift = 0;

	do
	{
		if (reader->next == reader->end)
			(void) refill(reader);
		byte = *reader->next++;
		number |= (uint64) (byte & 0x7F) << shift;
		shift += 7;
	} while (byte & 0x80);
	return number;
}

void
csm_log_read(csm_stretch_log *log, csm_stretch_consumer consume, void *consumer)
{
	log_reader *reader = palloc0(sizeof(log_reader));
	csm_stretch stretch;

	memset(&stretch, 0, sizeof(stretch));
	reader->log = log;
	reader->left = log->file_size;
	reader->block = log->first;
	while (reader->next != reader->end || refill(reader))
	{
		stretch.account += (uint32) unfold_sign(get_number(reader));
		stretch.unit += (int32) unfold_sign(get_number(reader));
		stretch.length = (int32) get_number(reader);
		stretch.amount = unfold_sign(get_number(reader));
		consume(consumer, &stretch);
	}
	pfree(reader);
}

void
csm_log_close(csm_stretch_log *log)
{
	if (log->file != NULL)
		csm_spill_close(log->file);
	log->file = NULL;
	log->file_size = 0;
}

void
csm_log_free(csm_stretch_log *log)
{
	free_blocks(log);
	csm_log_close(log);
}
