/*
 * change_sorter.c
 *		Changes of accounts, sorted; change_sorter.h says what they are.
 */
#include "base/port.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "engine/change_sorter.h"
#include "engine/spill_file.h"

#define FIRST_ROOM 16

/* More runs than this are merged into one. */
#define RUNS_MAX 128

/* Changes that are written at a time, and read from a run if there is memory for it. */
#define BLOCK_CHANGES     512
#define MIN_BLOCK_CHANGES 16

/* Bits that are sorted by at a time: a part must not need a cache line and a page too many. */
#define MAX_DIGIT_BITS 7

/* Up to this many changes are sorted by insertion. */
#define INSERTION_MAX 32

struct csm_change_run
{
	csm_spill_position start;
	uint64 count;
	int scale;
};

/* A run being read. */
typedef struct run_reader
{
	csm_spill_position position; /* of the block that follows */
	uint64 left;                 /* changes behind the block */
	int places;                  /* what the amounts are to be scaled up by */
	int next;
	int filled;
	csm_change block[FLEXIBLE_ARRAY_MEMBER];
} run_reader;

void
csm_sorter_init(csm_change_sorter *sorter, MemoryContext context)
{
	memset(sorter, 0, sizeof(*sorter));
	sorter->context = context;
	sorter->limit = MaxAllocHugeSize / sizeof(csm_change);
}

/*
 * Sorting in place: by the highest bits in which keys differ, into up to 128 parts, then
 * each part by the bits that follow; short parts by insertion.
 */

static void
sort_by_insertion(csm_change *changes, Size count)
{
	for (Size i = 1; i < count; i++)
	{
		csm_change moving = changes[i];
		Size j = i;

		for (; j > 0 && changes[j - 1].key > moving.key; j--)
			changes[j] = changes[j - 1];
		changes[j] = moving;
	}
}

/* The bits in which keys differ; also tells whether they are in order already. */
static uint64
differing_bits(const csm_change *changes, Size count, bool *sorted)
{
	uint64 differing = 0;
	uint64 disorder = 0;

	for (Size i = 1; i < count; i++)
	{
		differing |= changes[i].key ^ changes[0].key;
		disorder |= changes[i].key < changes[i - 1].key;
	}
	*sorted = disorder == 0;
	return differing;
}

/* Which bits to part by: the shift, and how many of them. */
static int
choose_digit(uint64 differing, Size count, int *bits)
{
	int highest = 63 - __builtin_clzll(differing);
	int shift;

	*bits = count < 1024 ? 5 : MAX_DIGIT_BITS;
	shift = Max(highest + 1 - *bits, 0);
	*bits = highest + 1 - shift;
	return shift;
}

static void sort_by_bits(csm_change *changes, Size count, uint64 differing);

static void
sort_by_digit(csm_change *changes, Size count, int shift, int bits, uint64 differing)
{
	Size ends[1 << MAX_DIGIT_BITS];
	Size heads[1 << MAX_DIGIT_BITS];
	int parts = 1 << bits;
	uint64 mask = parts - 1;
	Size start = 0;

	memset(ends, 0, sizeof(Size) * parts);
	for (Size i = 0; i < count; i++)
		ends[(changes[i].key >> shift) & mask]++;
	for (int i = 0; i < parts; i++)
	{
		heads[i] = start;
		start += ends[i];
		ends[i] = start;
	}
	for (int i = 0; i < parts; i++)
	{
		while (heads[i] < ends[i])
		{
			csm_change moving = changes[heads[i]];
			int part = (moving.key >> shift) & mask;

			while (part != i)
			{
				csm_change displaced = changes[heads[part]];

				changes[heads[part]++] = moving;
				moving = displaced;
				part = (moving.key >> shift) & mask;
			}
			changes[heads[i]++] = moving;
		}
	}
	start = 0;
	for (int i = 0; i < parts; i++)
	{
		sort_by_bits(changes + start, ends[i] - start, differing);
		start = ends[i];
	}
}

/* Sorts changes whose keys differ in these bits at most. */
static void
sort_by_bits(csm_change *changes, Size count, uint64 differing)
{
	int shift;
	int bits;

	if (count <= INSERTION_MAX)
	{
		sort_by_insertion(changes, count);
		return;
	}
	if (differing == 0)
		return;
	CHECK_FOR_INTERRUPTS();
	shift = choose_digit(differing, count, &bits);
	sort_by_digit(changes, count, shift, bits, differing & ((UINT64CONST(1) << shift) - 1));
}

static void
sort_changes(csm_change *changes, Size count)
{
	bool sorted;
	uint64 differing = differing_bits(changes, count, &sorted);

	if (!sorted)
		sort_by_bits(changes, count, differing);
}

/* Joins changes of the same account, unit and kind. */
static Size
join_changes(csm_change *changes, Size count)
{
	Size last = 0;

	for (Size i = 1; i < count; i++)
	{
		int64 sum;

		if (changes[i].key == changes[last].key &&
			!__builtin_add_overflow(changes[i].amount, changes[last].amount, &sum))
			changes[last].amount = sum;
		else
			changes[++last] = changes[i];
	}
	return count == 0 ? 0 : last + 1;
}

static void
sort_and_join(csm_change_sorter *sorter)
{
	sort_changes(sorter->changes, sorter->count);
	sorter->count = join_changes(sorter->changes, sorter->count);
}

/*
 * Runs in a temporary file
 */

static void
start_run(csm_change_sorter *sorter, csm_change_run *run, int scale)
{
	run->start = csm_spill_end(sorter->file);
	run->count = 0;
	run->scale = scale;
}

static void
write_changes(csm_change_sorter *sorter, csm_change_run *run, const csm_change *changes, Size count)
{
	csm_spill_write(sorter->file, changes, sizeof(csm_change) * count);
	run->count += count;
}

static void merge_all_runs(csm_change_sorter *sorter);

/* Writes the changes in memory, which are sorted, as a run. */
static void
write_run(csm_change_sorter *sorter)
{
	csm_change_run *run;

	if (sorter->file == NULL)
	{
		sorter->file = csm_spill_create(sorter->context);
		sorter->runs = MemoryContextAlloc(sorter->context, sizeof(csm_change_run) * RUNS_MAX);
	}
	run = &sorter->runs[sorter->run_count++];
	start_run(sorter, run, sorter->scale);
	write_changes(sorter, run, sorter->changes, sorter->count);
	sorter->count = 0;
}

static void
free_changes(csm_change_sorter *sorter)
{
	if (sorter->changes != NULL)
		pfree(sorter->changes);
	sorter->changes = NULL;
	sorter->count = sorter->room = 0;
}

/* Writes the changes in memory as a run and gives the memory back. */
void
csm_sorter_write_out(csm_change_sorter *sorter)
{
	if (sorter->count > 0)
	{
		sort_and_join(sorter);
		write_run(sorter);
	}
	free_changes(sorter);
	if (sorter->run_count == RUNS_MAX)
		merge_all_runs(sorter);
}

/* How much memory there is; what is in use beyond that goes to the file. */
void
csm_sorter_set_limit(csm_change_sorter *sorter, Size bytes)
{
	sorter->limit = Max(bytes / sizeof(csm_change), FIRST_ROOM);
	if (sorter->room > sorter->limit)
		csm_sorter_write_out(sorter);
}

static void
grow(csm_change_sorter *sorter)
{
	Size room = Min(Max(2 * sorter->room, FIRST_ROOM), sorter->limit);
	Size size = sizeof(csm_change) * room;

	if (sorter->changes == NULL)
		sorter->changes = MemoryContextAllocHuge(sorter->context, size);
	else
		sorter->changes = repalloc_huge(sorter->changes, size);
	sorter->room = room;
}

/* The array is full: joins changes or writes them out where it cannot be made larger. */
void
csm_sorter_make_room(csm_change_sorter *sorter)
{
	CHECK_FOR_INTERRUPTS();
	if (sorter->room == sorter->limit)
	{
		sort_and_join(sorter);
		if (sorter->count <= sorter->room / 2)
			return;
		write_run(sorter);
		if (sorter->run_count < RUNS_MAX)
			return;
		csm_sorter_write_out(sorter);
	}
	grow(sorter);
}

/* Adds a change of any size, in two parts if need be. */
void
csm_sorter_add_large(csm_change_sorter *sorter, uint64 key, int128 amount)
{
	int64 low = (int64) amount;
	int64 high = (int64) ((amount - low) >> 64);

	if (low != 0 || high == 0)
		csm_sorter_add(sorter, key, low);
	if (high != 0)
		csm_sorter_add(sorter, key | CSM_CHANGE_HIGH, high);
}

/*
 * All changes from now on come at a larger scale.  Those in memory are brought to it,
 * where there are many by way of a run, which remembers its scale.
 */
void
csm_sorter_rescale(csm_change_sorter *sorter, int scale)
{
	int places = scale - sorter->scale;
	csm_change *changes = sorter->changes;
	Size count = sorter->count;

	if (count > 0 && count >= sorter->limit / 2)
	{
		csm_sorter_write_out(sorter);
		count = 0;
	}
	sorter->scale = scale;
	if (count == 0)
		return;
	sorter->changes = NULL;
	sorter->count = sorter->room = 0;
	for (Size i = 0; i < count; i++)
	{
		int128 amount = csm_decimal_rescale(changes[i].amount, places);

		if ((changes[i].key & CSM_CHANGE_HIGH) == 0)
			csm_sorter_add_large(sorter, changes[i].key, amount);
		else if (csm_fits_64_bits(amount))
			csm_sorter_add(sorter, changes[i].key, (int64) amount);
		else
			csm_decimal_overflow();
	}
	pfree(changes);
}

/*
 * Merging: a binary heap of readers by the key of their next change
 */

typedef struct merge_state
{
	csm_change_sorter *sorter;
	int block_changes;
	run_reader **heap;
	int count;
} merge_state;

static bool
fill_block(merge_state *merge, run_reader *reader)
{
	Size count = Min(reader->left, (Size) merge->block_changes);

	if (count == 0)
		return false;
	csm_spill_read(merge->sorter->file, &reader->position, reader->block,
				   sizeof(csm_change) * count);
	reader->left -= count;
	reader->filled = (int) count;
	reader->next = 0;
	return true;
}

static inline uint64
next_key(const run_reader *reader)
{
	return reader->block[reader->next].key;
}

static void
sift_down(merge_state *merge, int i)
{
	run_reader *moving = merge->heap[i];

	for (;;)
	{
		int child = 2 * i + 1;

		if (child >= merge->count)
			break;
		if (child + 1 < merge->count &&
			next_key(merge->heap[child + 1]) < next_key(merge->heap[child]))
			child++;
		if (next_key(moving) <= next_key(merge->heap[child]))
			break;
		merge->heap[i] = merge->heap[child];
		i = child;
	}
	merge->heap[i] = moving;
}

static void
start_merge(merge_state *merge, csm_change_sorter *sorter)
{
	merge->sorter = sorter;
	merge->block_changes = Max(Min(sorter->limit / RUNS_MAX, BLOCK_CHANGES), MIN_BLOCK_CHANGES);
	merge->heap = palloc(sizeof(run_reader *) * Max(sorter->run_count, 1));
	merge->count = 0;
	for (int i = 0; i < sorter->run_count; i++)
	{
		run_reader *reader =
			palloc(offsetof(run_reader, block) + sizeof(csm_change) * merge->block_changes);

		reader->position = sorter->runs[i].start;
		reader->left = sorter->runs[i].count;
		reader->places = sorter->scale - sorter->runs[i].scale;
		if (fill_block(merge, reader))
			merge->heap[merge->count++] = reader;
		else
			pfree(reader);
	}
	for (int i = merge->count / 2 - 1; i >= 0; i--)
		sift_down(merge, i);
}

/* Moves on behind the smallest change. */
static void
advance_merge(merge_state *merge)
{
	run_reader *reader = merge->heap[0];

	if (++reader->next == reader->filled)
	{
		CHECK_FOR_INTERRUPTS();
		if (!fill_block(merge, reader))
		{
			pfree(reader);
			merge->heap[0] = merge->heap[--merge->count];
			if (merge->count == 0)
				return;
		}
	}
	sift_down(merge, 0);
}

/* Hands over a change at the scale of the sorter, which may take two parts. */
static inline void
hand_over(csm_change_consumer consume, void *consumer, uint64 key, int128 amount)
{
	int64 low = (int64) amount;
	int64 high = (int64) ((amount - low) >> 64);

	if (low != 0 || high == 0)
		consume(consumer, key, low);
	if (high == 0)
		return;
	if (key & CSM_CHANGE_HIGH)
		csm_decimal_overflow();
	consume(consumer, key | CSM_CHANGE_HIGH, high);
}

/* Hands over all changes of the runs in order of account and unit. */
void
csm_sorter_merge(csm_change_sorter *sorter, csm_change_consumer consume, void *consumer)
{
	merge_state merge;

	start_merge(&merge, sorter);
	while (merge.count > 0)
	{
		const run_reader *reader = merge.heap[0];
		const csm_change *change = &reader->block[reader->next];

		hand_over(consume, consumer, change->key,
				  csm_decimal_rescale(change->amount, reader->places));
		advance_merge(&merge);
	}
	pfree(merge.heap);
}

/* Collects merged changes into a run of a new file. */
typedef struct run_writer
{
	csm_change_sorter *sorter; /* of the new file */
	csm_change_run run;
	csm_change block[BLOCK_CHANGES];
	int filled;
} run_writer;

static void
flush_block(run_writer *writer)
{
	write_changes(writer->sorter, &writer->run, writer->block, writer->filled);
	writer->filled = 0;
}

static void
append_to_run(void *consumer, uint64 key, int64 amount)
{
	run_writer *writer = consumer;
	csm_change *last = writer->filled > 0 ? &writer->block[writer->filled - 1] : NULL;
	int64 sum;

	if (last != NULL && last->key == key && !__builtin_add_overflow(last->amount, amount, &sum))
	{
		last->amount = sum;
		return;
	}
	if (writer->filled == BLOCK_CHANGES)
		flush_block(writer);
	writer->block[writer->filled].key = key;
	writer->block[writer->filled++].amount = amount;
}

/* One run out of many, so that reading never needs more than so many blocks of memory. */
static void
merge_all_runs(csm_change_sorter *sorter)
{
	csm_change_sorter merged = *sorter;
	run_writer *writer = palloc(sizeof(run_writer));

	merged.file = csm_spill_create(sorter->context);
	writer->sorter = &merged;
	writer->filled = 0;
	start_run(&merged, &writer->run, sorter->scale);
	csm_sorter_merge(sorter, append_to_run, writer);
	flush_block(writer);
	csm_spill_close(sorter->file);
	sorter->file = merged.file;
	sorter->runs[0] = writer->run;
	sorter->run_count = 1;
	pfree(writer);
}

/*
 * Sorts; true when all changes are in memory, sorter->changes, and false when they have to
 * be read by csm_sorter_merge.  More can be added afterwards.
 */
bool
csm_sorter_sort(csm_change_sorter *sorter)
{
	if (sorter->run_count == 0)
	{
		sort_changes(sorter->changes, sorter->count);
		return true;
	}
	csm_sorter_write_out(sorter);
	return false;
}

void
csm_sorter_close(csm_change_sorter *sorter)
{
	if (sorter->file != NULL)
		csm_spill_close(sorter->file);
	sorter->file = NULL;
	sorter->run_count = 0;
}
