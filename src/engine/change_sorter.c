/*
 * change_sorter.c
 *		Changes of accounts, sorted; change_sorter.h says what they are.
 */
#include "base/port.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "engine/change_sorter.h"

#define ST_SORT         sort_by_amount
#define ST_ELEMENT_TYPE csm_change
#define ST_COMPARE(a, b) \
	((uint64) (a)->amount < (uint64) (b)->amount ? -1 : (uint64) (a)->amount > (uint64) (b)->amount)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

#define FIRST_ROOM 16

/* Changes that are read from a tape, and handed over, at a time. */
#define BLOCK_CHANGES 64

/* Tapes that are merged at a time, as memory allows. */
#define LEAST_MERGED 6
#define MOST_MERGED  128

/* Changes in memory that are given another scale there. */
#define MOST_RESCALED 4096

/* Changes in memory that are handed over at a time. */
#define HANDED_OVER 65536

/* Bits that are sorted by at a time: a part must not need a cache line and a page too many. */
#define MAX_DIGIT_BITS 7

/* Up to this many changes are sorted by insertion. */
#define INSERTION_MAX 32

struct csm_sorted_tape
{
	LogicalTape *tape;
	int scale;
	int level; /* 0, and one more than that of what was merged into it */
};

void
csm_sorter_init(csm_change_sorter *sorter, MemoryContext context, csm_memory_user *user)
{
	memset(sorter, 0, sizeof(*sorter));
	sorter->context = context;
	sorter->user = user;
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

/* Points of one key, by amount. */
static void
sort_points(csm_change *changes, Size count)
{
	for (Size from = 0, to; from < count; from = to)
	{
		for (to = from + 1; to < count && changes[to].key == changes[from].key; to++)
			;
		if (to > from + 1)
			sort_by_amount(changes + from, to - from);
	}
}

static void
sort_changes(const csm_change_sorter *sorter)
{
	bool sorted;
	uint64 differing = differing_bits(sorter->changes, sorter->count, &sorted);

	if (!sorted)
		sort_by_bits(sorter->changes, sorter->count, differing);
	if (sorter->of_points)
		sort_points(sorter->changes, sorter->count);
}

/* Joins a change of the same account, unit and kind to the one before; false if it cannot. */
static inline bool
join_change(csm_change *last, uint64 key, int64 amount, bool of_points)
{
	int64 sum;

	if (last->key != key)
		return false;
	if (of_points)
		return last->amount == amount;
	if (__builtin_add_overflow(last->amount, amount, &sum))
		return false;
	last->amount = sum;
	return true;
}

static void
sort_and_join(csm_change_sorter *sorter)
{
	csm_change *changes = sorter->changes;
	Size last = 0;

	sort_changes(sorter);
	for (Size i = 1; i < sorter->count; i++)
	{
		if (!join_change(&changes[last], changes[i].key, changes[i].amount, sorter->of_points))
			changes[++last] = changes[i];
	}
	sorter->count = sorter->count == 0 ? 0 : last + 1;
}

/*
 * Tapes
 */

static void
remember_tape(csm_change_sorter *sorter, LogicalTape *tape, int level)
{
	csm_sorted_tape sorted = {tape, sorter->scale, level};

	if (sorter->tapes == NULL)
	{
		sorter->tape_room = LEAST_MERGED;
		sorter->tapes =
			MemoryContextAlloc(sorter->context, sizeof(csm_sorted_tape) * sorter->tape_room);
	}
	else if (sorter->tape_count == sorter->tape_room)
	{
		sorter->tape_room *= 2;
		sorter->tapes = repalloc(sorter->tapes, sizeof(csm_sorted_tape) * sorter->tape_room);
	}
	sorter->tapes[sorter->tape_count++] = sorted;
}

static void
write_changes(csm_change_sorter *sorter, LogicalTape *tape, const csm_change *changes, Size count)
{
	csm_tape_write(sorter->user->budget, tape, changes, sizeof(csm_change) * count);
}

/* Writes the changes in memory, which are sorted, to a tape. */
static void
write_tape(csm_change_sorter *sorter)
{
	LogicalTape *tape = csm_tape_new(sorter->user->budget);

	write_changes(sorter, tape, sorter->changes, sorter->count);
	csm_tape_rewind(sorter->user->budget, tape);
	remember_tape(sorter, tape, 0);
	sorter->count = 0;
}

static void
set_room(csm_change_sorter *sorter, Size room)
{
	csm_budget_change_movable(sorter->user, sizeof(csm_change) * sorter->room,
							  sizeof(csm_change) * room);
	sorter->room = room;
}

static void
free_changes(csm_change_sorter *sorter)
{
	if (sorter->changes != NULL)
		pfree(sorter->changes);
	sorter->changes = NULL;
	sorter->count = 0;
	set_room(sorter, 0);
}

/* Writes the changes in memory to a tape and gives the memory back. */
void
csm_sorter_write_out(csm_change_sorter *sorter)
{
	if (sorter->count > 0)
	{
		sort_and_join(sorter);
		write_tape(sorter);
	}
	free_changes(sorter);
}

/*
 * Merging: a binary heap of readers by the key of their next change
 */

typedef struct tape_reader
{
	LogicalTape *tape;
	int places; /* what the amounts are to be scaled up by */
	int next;
	int filled;
	csm_change block[BLOCK_CHANGES];
} tape_reader;

typedef struct merge_state
{
	csm_change_sorter *sorter;
	tape_reader **heap;
	int count;
	csm_change_consumer consume;
	void *consumer;
	int filled;
	csm_change block[BLOCK_CHANGES]; /* of merged changes */
} merge_state;

static bool
fill_block(merge_state *merge, tape_reader *reader)
{
	csm_memory_budget *budget = merge->sorter->user->budget;
	Size size = csm_tape_read(budget, reader->tape, reader->block, sizeof(reader->block));

	reader->filled = (int) (size / sizeof(csm_change));
	reader->next = 0;
	if (reader->filled > 0)
		return true;
	LogicalTapeClose(reader->tape);
	pfree(reader);
	return false;
}

static inline bool
reads_before(const merge_state *merge, const tape_reader *a, const tape_reader *b)
{
	return csm_change_precedes(&a->block[a->next], &b->block[b->next], merge->sorter->of_points);
}

static void
sift_down(merge_state *merge, int i)
{
	tape_reader *moving = merge->heap[i];

	for (;;)
	{
		int child = 2 * i + 1;

		if (child >= merge->count)
			break;
		if (child + 1 < merge->count &&
			reads_before(merge, merge->heap[child + 1], merge->heap[child]))
			child++;
		if (!reads_before(merge, merge->heap[child], moving))
			break;
		merge->heap[i] = merge->heap[child];
		i = child;
	}
	merge->heap[i] = moving;
}

/* Takes the newest tapes. */
static void
start_merge(merge_state *merge, int tapes)
{
	csm_change_sorter *sorter = merge->sorter;

	merge->heap = palloc(sizeof(tape_reader *) * tapes);
	merge->count = 0;
	merge->filled = 0;
	sorter->tape_count -= tapes;
	for (int i = 0; i < tapes; i++)
	{
		const csm_sorted_tape *tape = &sorter->tapes[sorter->tape_count + i];
		tape_reader *reader = palloc(sizeof(tape_reader));

		reader->tape = tape->tape;
		reader->places = sorter->scale - tape->scale;
		if (fill_block(merge, reader))
			merge->heap[merge->count++] = reader;
	}
	for (int i = merge->count / 2 - 1; i >= 0; i--)
		sift_down(merge, i);
}

/* Moves on after the smallest change. */
static void
advance_merge(merge_state *merge)
{
	tape_reader *reader = merge->heap[0];

	if (++reader->next == reader->filled)
	{
		CHECK_FOR_INTERRUPTS();
		if (!fill_block(merge, reader))
		{
			merge->heap[0] = merge->heap[--merge->count];
			if (merge->count == 0)
				return;
		}
	}
	sift_down(merge, 0);
}

static void
flush_block(merge_state *merge)
{
	merge->consume(merge->consumer, merge->block, merge->filled);
	merge->filled = 0;
}

static void
put_change(merge_state *merge, uint64 key, int64 amount)
{
	csm_change *last = merge->filled > 0 ? &merge->block[merge->filled - 1] : NULL;

	if (last != NULL && join_change(last, key, amount, merge->sorter->of_points))
		return;
	if (merge->filled == BLOCK_CHANGES)
		flush_block(merge);
	merge->block[merge->filled].key = key;
	merge->block[merge->filled++].amount = amount;
}

/* A change at the scale of the sorter may take two parts. */
static void
put_parts(merge_state *merge, uint64 key, int128 amount)
{
	int64 low = (int64) amount;
	int64 high = (int64) ((amount - low) >> 64);

	if (low != 0 || high == 0)
		put_change(merge, key, low);
	if (high == 0)
		return;
	if (key & CSM_CHANGE_HIGH)
		csm_decimal_overflow();
	put_change(merge, key | CSM_CHANGE_HIGH, high);
}

/* Hands over all changes of the newest tapes in order. */
static void
merge_tapes(csm_change_sorter *sorter, int tapes, csm_change_consumer consume, void *consumer)
{
	merge_state *merge = palloc(sizeof(merge_state));

	merge->sorter = sorter;
	merge->consume = consume;
	merge->consumer = consumer;
	start_merge(merge, tapes);
	while (merge->count > 0)
	{
		const tape_reader *reader = merge->heap[0];
		const csm_change *change = &reader->block[reader->next];

		put_parts(merge, change->key, csm_decimal_rescale(change->amount, reader->places));
		advance_merge(merge);
	}
	flush_block(merge);
	pfree(merge->heap);
	pfree(merge);
}

/* Takes merged changes to a tape. */
typedef struct tape_writer
{
	csm_change_sorter *sorter;
	LogicalTape *tape;
} tape_writer;

static void
write_merged(void *consumer, const csm_change *changes, Size count)
{
	tape_writer *writer = consumer;

	write_changes(writer->sorter, writer->tape, changes, count);
}

/* One tape out of the newest ones. */
static void
join_tapes(csm_change_sorter *sorter, int tapes)
{
	tape_writer writer = {sorter, csm_tape_new(sorter->user->budget)};
	int level = sorter->tapes[sorter->tape_count - tapes].level;

	merge_tapes(sorter, tapes, write_merged, &writer);
	csm_tape_rewind(sorter->user->budget, writer.tape);
	remember_tape(sorter, writer.tape, level + 1);
}

/* How many tapes can be read at a time, in memory that the array does not need meanwhile. */
static int
tapes_at_a_time(const csm_change_sorter *sorter)
{
	const csm_memory_budget *budget = sorter->user->budget;
	Size used = budget->used - sizeof(csm_change) * sorter->room;
	Size free = budget->limit - Min(used, budget->limit);
	Size affordable = free / (CSM_TAPE_SIZE + sizeof(tape_reader));

	return (int) Max(Min(affordable, MOST_MERGED), LEAST_MERGED);
}

/* Are there as many tapes of the lowest level as can be read at a time? */
static bool
is_level_full(const csm_change_sorter *sorter, int most)
{
	return sorter->tape_count >= most && sorter->tapes[sorter->tape_count - most].level ==
											 sorter->tapes[sorter->tape_count - 1].level;
}

/* Joins tapes of a level where it is full, which the array must leave memory for. */
static void
join_levels(csm_change_sorter *sorter)
{
	int most = tapes_at_a_time(sorter);

	if (!is_level_full(sorter, most))
		return;
	free_changes(sorter);
	do
		join_tapes(sorter, most);
	while (is_level_full(sorter, most));
}

/*
 * Collecting
 */

/*
 * How many changes the array may have room for.  While it is made larger there may be two
 * of them.
 */
static Size
affordable_room(csm_change_sorter *sorter)
{
	Size wanted = Max(2 * sorter->room, FIRST_ROOM);
	const csm_memory_budget *budget = sorter->user->budget;

	if (sizeof(csm_change) * wanted <= CSM_LEAST_MOVABLE / 2 ||
		csm_budget_allows(sorter->user, sizeof(csm_change) * wanted))
		return wanted;
	return (budget->limit - Min(budget->used, budget->limit)) / sizeof(csm_change);
}

static void
grow(csm_change_sorter *sorter, Size room)
{
	Size size = sizeof(csm_change) * room;

	if (sorter->changes == NULL)
		sorter->changes = MemoryContextAllocHuge(sorter->context, size);
	else
		sorter->changes = repalloc_huge(sorter->changes, size);
	set_room(sorter, room);
}

/* The array is full: joins changes or writes them out where it cannot be made larger. */
void
csm_sorter_make_room(csm_change_sorter *sorter)
{
	Size room = affordable_room(sorter);

	CHECK_FOR_INTERRUPTS();
	/* a little more would soon be full again */
	if (room >= sorter->room + sorter->room / 4 + 1)
	{
		grow(sorter, room);
		return;
	}
	sort_and_join(sorter);
	if (sorter->count <= sorter->room / 2)
		return;
	write_tape(sorter);
	join_levels(sorter);
	if (sorter->room == 0)
		grow(sorter, FIRST_ROOM);
}

/* Adds a change in two parts if need be. */
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
 * where there are many by way of a tape, which remembers its scale.
 */
void
csm_sorter_rescale(csm_change_sorter *sorter, int scale)
{
	int places = scale - sorter->scale;
	csm_change *changes;
	Size count;

	if (sorter->count > MOST_RESCALED)
		csm_sorter_write_out(sorter);
	sorter->scale = scale;
	if (sorter->count == 0)
		return;
	changes = sorter->changes;
	count = sorter->count;
	sorter->changes = NULL;
	free_changes(sorter);
	for (Size i = 0; i < count; i++)
	{
		int128 amount = csm_decimal_rescale(changes[i].amount, places);

		if ((changes[i].key & CSM_CHANGE_HIGH) == 0)
			csm_sorter_add_amount(sorter, changes[i].key, amount);
		else if (csm_fits_64_bits(amount))
			csm_sorter_add(sorter, changes[i].key, (int64) amount);
		else
			csm_decimal_overflow();
	}
	pfree(changes);
}

/* Hands over all changes, joined or not; then there are none. */
void
csm_sorter_read(csm_change_sorter *sorter, csm_change_consumer consume, void *consumer)
{
	if (sorter->tape_count == 0)
	{
		sort_changes(sorter);
		for (Size i = 0; i < sorter->count; i += HANDED_OVER)
		{
			CHECK_FOR_INTERRUPTS();
			consume(consumer, sorter->changes + i, Min(sorter->count - i, HANDED_OVER));
		}
		free_changes(sorter);
		return;
	}
	csm_sorter_write_out(sorter);
	for (;;)
	{
		int excess = sorter->tape_count - tapes_at_a_time(sorter);

		if (excess <= 0)
			break;
		join_tapes(sorter, Min(excess + 1, tapes_at_a_time(sorter)));
	}
	merge_tapes(sorter, sorter->tape_count, consume, consumer);
}
