/*
 * stretch_log.c
 *		Stretches of accounts, in few bytes; stretch_log.h says what they are.
 *
 * An entry is four numbers of seven bits a byte: what kind it is of, with the length of
 * the stretch, then account and unit, then the amount.
 */
#include "base/port.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "engine/stretch_log.h"

#define FIRST_BLOCK_SIZE   256
#define LARGEST_BLOCK_SIZE (64 * 1024)

/* Bytes that are read from the tape at a time. */
#define READ_SIZE 8192

#define ENTRY_SIZE_MAX 40

/* Instead of a length. */
#define ENTRY_OF_SCALE 0
#define ENTRY_OPEN     1
#define ENTRY_LENGTHS  2 /* a length is this much larger */

struct csm_log_block
{
	csm_log_block *next;
	Size size;
	Size used;
	uint8 bytes[FLEXIBLE_ARRAY_MEMBER];
};

void
csm_log_init(csm_stretch_log *log, MemoryContext context, csm_memory_user *user)
{
	memset(log, 0, sizeof(*log));
	log->context = context;
	log->user = user;
}

static void
set_allocated(csm_stretch_log *log, Size allocated)
{
	csm_budget_change_movable(log->user, log->allocated, allocated);
	log->allocated = allocated;
}

/* Frees the first block. */
static void
free_block(csm_stretch_log *log)
{
	csm_log_block *block = log->first;

	log->first = block->next;
	if (log->first == NULL)
		log->last = NULL;
	set_allocated(log, log->allocated - block->size);
	pfree(block);
}

/* Writes all that is in memory to the tape and gives the memory back. */
void
csm_log_write_out(csm_stretch_log *log)
{
	csm_memory_budget *budget = log->user->budget;

	if (log->is_read || log->first == NULL)
		return;
	if (log->tape == NULL)
		log->tape = csm_tape_new(budget);
	while (log->first != NULL)
	{
		csm_tape_write(budget, log->tape, log->first->bytes, log->first->used);
		free_block(log);
	}
}

/* The log may take an eighth of all memory, if there is so much. */
static bool
may_grow(csm_stretch_log *log, Size size)
{
	return log->allocated + size <= CSM_LEAST_MOVABLE / 4 ||
		   (log->allocated + size <= log->user->budget->limit / 8 &&
			csm_budget_allows(log->user, size));
}

static void
add_block(csm_stretch_log *log)
{
	Size size = log->last == NULL ? FIRST_BLOCK_SIZE : Min(2 * log->last->size, LARGEST_BLOCK_SIZE);
	csm_log_block *block;

	CHECK_FOR_INTERRUPTS();
	if (!may_grow(log, size))
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
	set_allocated(log, log->allocated + size);
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

static inline uint8 *
room_for_entry(csm_stretch_log *log)
{
	if (log->last == NULL || log->last->size - log->last->used < ENTRY_SIZE_MAX)
		add_block(log);
	return log->last->bytes + log->last->used;
}

void
csm_log_add(csm_stretch_log *log, const csm_stretch *stretch)
{
	uint8 *end = room_for_entry(log);
	int64 length = (int64) stretch->to - stretch->from;

	end = put_number(end, stretch->to == CSM_NO_END ? ENTRY_OPEN : length + ENTRY_LENGTHS);
	end = put_number(end, fold_sign((int64) stretch->account - log->before.account));
	end = put_number(end, fold_sign((int64) stretch->from - log->before.from));
	end = put_number(end, fold_sign(stretch->amount));
	log->last->used = end - log->last->bytes;
	log->before.account = stretch->account;
	log->before.from = stretch->from;
}

/* The scale of the amounts that follow. */
void
csm_log_set_scale(csm_stretch_log *log, int scale)
{
	uint8 *end = room_for_entry(log);

	end = put_number(end, ENTRY_OF_SCALE);
	end = put_number(end, scale);
	log->last->used = end - log->last->bytes;
}

/* Reading: first the tape, then the blocks, which are freed on the way. */
typedef struct log_reader
{
	csm_stretch_log *log;
	bool has_block; /* the first one is being read */
	const uint8 *next;
	const uint8 *end;
	uint8 buffer[READ_SIZE];
} log_reader;

static bool
read_tape(log_reader *reader)
{
	csm_stretch_log *log = reader->log;
	Size size = csm_tape_read(log->user->budget, log->tape, reader->buffer, READ_SIZE);

	reader->next = reader->buffer;
	reader->end = reader->buffer + size;
	if (size > 0)
		return true;
	LogicalTapeClose(log->tape);
	log->tape = NULL;
	return false;
}

/* False at the end. */
static bool
refill(log_reader *reader)
{
	csm_stretch_log *log = reader->log;

	CHECK_FOR_INTERRUPTS();
	if (log->tape != NULL && read_tape(reader))
		return true;
	if (reader->has_block)
		free_block(log);
	reader->has_block = log->first != NULL;
	if (!reader->has_block)
		return false;
	reader->next = log->first->bytes;
	reader->end = reader->next + log->first->used;
	return true;
}

static inline uint64
get_number(log_reader *reader)
{
	uint64 number = 0;
	uint8 byte;
	int shift = 0;

	do
	{
		if (unlikely(reader->next == reader->end) && !refill(reader))
			ereport(ERROR,
					(errcode(ERRCODE_DATA_CORRUPTED), errmsg("a temporary file is too short")));
		byte = *reader->next++;
		number |= (uint64) (byte & 0x7F) << shift;
		shift += 7;
	} while (byte & 0x80);
	return number;
}

/* Hands over all entries; then there are none. */
void
csm_log_read(csm_stretch_log *log, csm_stretch_consumer consume, void *consumer)
{
	log_reader *reader = palloc0(sizeof(log_reader));
	csm_stretch stretches[CSM_STRETCHES_MAX];
	csm_stretch before = {0, 0, 0, 0};
	int count = 0;
	int scale = 0;

	reader->log = log;
	log->is_read = true;
	if (log->tape != NULL)
		csm_tape_rewind(log->user->budget, log->tape);
	while (reader->next != reader->end || refill(reader))
	{
		uint64 length = get_number(reader);

		if (length == ENTRY_OF_SCALE || count == CSM_STRETCHES_MAX)
		{
			consume(consumer, stretches, count, scale);
			count = 0;
		}
		if (length == ENTRY_OF_SCALE)
		{
			scale = (int) get_number(reader);
			continue;
		}
		before.account += (uint32) unfold_sign(get_number(reader));
		/* a difference may have a bit more than a unit */
		before.from = (int32) ((uint32) before.from + (uint32) unfold_sign(get_number(reader)));
		before.to =
			length == ENTRY_OPEN ? CSM_NO_END : (int32) (before.from + length - ENTRY_LENGTHS);
		before.amount = unfold_sign(get_number(reader));
		stretches[count++] = before;
	}
	consume(consumer, stretches, count, scale);
	pfree(reader);
}
