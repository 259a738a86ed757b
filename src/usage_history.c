/*
 * usage_history.c
 *		Making usage histories and reading them; usage_history.h says what they hold.
 */
#include "base/port.h"

#include "common/hashfn.h"
#include "common/int.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/hash_seed.h"
#include "usage_history.h"

#define ST_SORT         sort_events
#define ST_ELEMENT_TYPE csm_usage_event
#define ST_COMPARE(a, b)                               \
	((a)->at != (b)->at ? ((a)->at < (b)->at ? -1 : 1) \
						: ((a)->name < (b)->name ? -1 : (a)->name > (b)->name))
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

/* With fewer events than that nothing is gained by dropping those that came before. */
#define COMPACT_FROM 4096

#define FIRST_EVENTS 8
#define FIRST_NAMES  8
#define FIRST_BYTES  64

/* bytes of a varint, at most */
#define VARINT_MAX 10

/*
 * Reading
 */

/* A value at rest, and so a whole one. */
void
csm_usage_reader_init(csm_usage_reader *reader, const csm_usage_history *h)
{
	const unsigned char *next = (const unsigned char *) VARDATA_ANY(h);
	uint64 first;
	int unit;

	reader->end = next + VARSIZE_ANY_EXHDR(h);
	unit = next[1];
	next += 2;
	reader->names = (int) csm_usage_read_varint(&next, reader->end);
	reader->names_start = next;
	for (int i = 0; i < reader->names; i++)
		next += 1 + *next;
	reader->events = (int64) csm_usage_read_varint(&next, reader->end);
	reader->left = reader->events;
	reader->unit = unit == 6 ? 1000000 : unit == 3 ? 1000 : 1;
	first = csm_usage_read_varint(&next, reader->end);
	reader->at = ((first >> 1) ^ -(first & 1)) * reader->unit;
	reader->next = next;
}

/* All names in order; NULL where there is none. */
const csm_usage_name *
csm_usage_read_names(const csm_usage_reader *reader)
{
	const unsigned char *next = reader->names_start;
	csm_usage_name *names;

	if (reader->names == 0)
		return NULL;
	names = palloc(reader->names * sizeof(csm_usage_name));
	for (int i = 0; i < reader->names; i++)
	{
		names[i].size = *next;
		names[i].bytes = (const char *) next + 1;
		next += 1 + names[i].size;
	}
	return names;
}

static int
compare_names(const char *a, int a_size, const char *b, int b_size)
{
	int order = memcmp(a, b, Min(a_size, b_size));

	return order != 0 ? order : a_size - b_size;
}

/*
 * Checking: nothing is taken for granted here
 */

static bool
check_varint(const unsigned char **next, const unsigned char *end, uint64 *value)
{
	*value = 0;
	for (int i = 0; i < VARINT_MAX && *next < end; i++)
	{
		unsigned char byte = *(*next)++;

		if (i == VARINT_MAX - 1 && byte > 1)
			return false;
		*value |= (uint64) (byte & 0x7F) << (7 * i);
		if ((byte & 0x80) == 0)
			return byte != 0 || i == 0;
	}
	return false;
}

static const char *
check_names(const unsigned char **next, const unsigned char *end, uint64 names)
{
	const unsigned char *before = NULL;

	for (uint64 i = 0; i < names; i++)
	{
		const unsigned char *name = *next;

		if (name == end || end - name - 1 < *name)
			return "a name is cut off";
		if (before != NULL &&
			compare_names((const char *) before + 1, *before, (const char *) name + 1, *name) >= 0)
			return "names are not in order";
		before = name;
		*next += 1 + *name;
	}
	return NULL;
}

static const char *
check_events(const unsigned char *next, const unsigned char *end, uint64 names, uint64 events,
			 uint64 zigzag, int unit)
{
	uint64 length = unit == 6 ? 1000000 : unit == 3 ? 1000 : 1;
	int64 at = (int64) ((zigzag >> 1) ^ -(zigzag & 1));
	uint64 last_name = 0;
	bool *is_used = palloc0(Max(names, 1));
	uint64 used = 0;
	bool fits_more = unit != 6;

	if (pg_mul_s64_overflow(at, (int64) length, &at))
		return "a time is out of range";
	for (uint64 i = 0; i < events; i++)
	{
		uint64 delta;
		uint64 name;
		int128 next_at;

		if (!check_varint(&next, end, &delta) || !check_varint(&next, end, &name))
			return "an event is cut off";
		if (name >= names)
			return "an event has a name that is not there";
		if (i == 0 ? delta != 0 : (delta == 0 && name <= last_name))
			return "events are not in order";
		/* the first and the last time that there are lie more than 2^63 microseconds apart */
		next_at = at + (int128) delta * length;
		if (next_at > PG_INT64_MAX || !IS_VALID_TIMESTAMP((int64) next_at))
			return "a time is out of range";
		at = (int64) next_at;
		fits_more = fits_more && at % (int64) (length * 1000) == 0;
		used += !is_used[name];
		is_used[name] = true;
		last_name = name;
	}
	if (next != end)
		return "bytes are left over";
	if (used != names)
		return "a name is that of no event";
	if (fits_more && events > 0)
		return "the unit is too small";
	return NULL;
}

/* What is wrong with a value; NULL when nothing is. */
const char *
csm_usage_problem(const csm_usage_history *h)
{
	const unsigned char *next = (const unsigned char *) VARDATA_ANY(h);
	const unsigned char *end = next + VARSIZE_ANY_EXHDR(h);
	const char *problem;
	uint64 names;
	uint64 events;
	uint64 zigzag;
	int unit;

	if (end - next < 5 || next[0] != CSM_USAGE_VERSION)
		return "it is cut off or of another version";
	unit = next[1];
	if (unit != 0 && unit != 3 && unit != 6)
		return "the unit is unknown";
	next += 2;
	if (!check_varint(&next, end, &names) || names > CSM_USAGE_NAMES_MAX)
		return "the number of names is out of range";
	problem = check_names(&next, end, names);
	if (problem != NULL)
		return problem;
	if (!check_varint(&next, end, &events) || events > (uint64) (end - next))
		return "the number of events is out of range";
	if (!check_varint(&next, end, &zigzag) || (events == 0 && (zigzag != 0 || unit != 6)))
		return "the first time is out of range";
	return check_events(next, end, names, events, zigzag, unit);
}

/*
 * Building
 */

csm_usage_builder *
csm_usage_builder_new(MemoryContext context)
{
	csm_usage_builder *builder = MemoryContextAllocZero(context, sizeof(csm_usage_builder));

	builder->context = context;
	builder->is_sorted = true;
	return builder;
}

static uint32
hash_of_name(const char *bytes, int size)
{
	return (uint32) hash_bytes_extended((const unsigned char *) bytes, size, csm_hash_seed);
}

static inline bool
is_name_at(const csm_usage_builder *builder, uint32 number, const char *bytes, int size)
{
	const char *name = builder->name_bytes + builder->names[number];

	return (unsigned char) name[0] == size && memcmp(name + 1, bytes, size) == 0;
}

static void
put_slot(csm_usage_builder *builder, uint32 number)
{
	const char *name = builder->name_bytes + builder->names[number];
	uint32 mask = 2 * builder->name_room - 1;
	uint32 slot = hash_of_name(name + 1, (unsigned char) name[0]) & mask;

	while (builder->slots[slot] != 0)
		slot = (slot + 1) & mask;
	builder->slots[slot] = number + 1;
}

static void
grow_names(csm_usage_builder *builder)
{
	MemoryContext context = builder->context;
	uint32 room = builder->name_room == 0 ? FIRST_NAMES : 2 * builder->name_room;

	if (builder->name_room == 0)
	{
		builder->names = MemoryContextAlloc(context, room * sizeof(uint32));
		builder->name_bytes = MemoryContextAlloc(context, FIRST_BYTES);
		builder->bytes_room = FIRST_BYTES;
	}
	else
	{
		builder->names = repalloc(builder->names, room * sizeof(uint32));
		pfree(builder->slots);
	}
	builder->slots = MemoryContextAllocZero(context, 2 * room * sizeof(uint32));
	builder->name_room = room;
	for (uint32 i = 0; i < builder->name_count; i++)
		put_slot(builder, i);
}

static void
check_name(const csm_usage_builder *builder, const char *bytes, int size)
{
	if (size > CSM_USAGE_NAME_MAX)
		ereport(
			ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("the name of an event has %d bytes, more than %d", size, CSM_USAGE_NAME_MAX),
			 errdetail("It starts with \"%.*s\".", pg_mbcliplen(bytes, size, 40), bytes)));
	if (builder->name_count == CSM_USAGE_NAMES_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a usage history cannot hold more than %d names", CSM_USAGE_NAMES_MAX),
				 errhint("A name says what happened; what it happened to belongs into the "
						 "account or into a column of its own.")));
}

/* The number of a name, from 0 on; -1 of one that is new. */
static int
find_name(const csm_usage_builder *builder, const char *bytes, int size)
{
	uint32 mask = 2 * builder->name_room - 1;
	uint32 slot;

	if (builder->name_room == 0 || size > CSM_USAGE_NAME_MAX)
		return -1;
	slot = hash_of_name(bytes, size) & mask;
	for (; builder->slots[slot] != 0; slot = (slot + 1) & mask)
	{
		if (is_name_at(builder, builder->slots[slot] - 1, bytes, size))
			return (int) builder->slots[slot] - 1;
	}
	return -1;
}

/* Is there room for a name?  For one that is known already there always is. */
bool
csm_usage_has_room(const csm_usage_builder *builder, const char *bytes, int size)
{
	return builder->name_count < CSM_USAGE_NAMES_MAX || find_name(builder, bytes, size) >= 0;
}

/* The number of a name, from 0 on; a new one is added. */
uint32
csm_usage_number(csm_usage_builder *builder, const char *bytes, int size)
{
	int known = find_name(builder, bytes, size);

	if (known >= 0)
		return (uint32) known;
	check_name(builder, bytes, size);
	if (builder->name_count == builder->name_room)
		grow_names(builder);
	if (builder->bytes_used + 1 + size > builder->bytes_room)
	{
		builder->bytes_room = Max(2 * builder->bytes_room, builder->bytes_used + 1 + size);
		builder->name_bytes = repalloc(builder->name_bytes, builder->bytes_room);
	}
	builder->names[builder->name_count] = builder->bytes_used;
	builder->name_bytes[builder->bytes_used] = (char) size;
	memcpy(builder->name_bytes + builder->bytes_used + 1, bytes, size);
	builder->bytes_used += 1 + size;
	put_slot(builder, builder->name_count);
	return builder->name_count++;
}

/* Sorts the events and drops those that came before. */
static void
sort_builder(csm_usage_builder *builder)
{
	int64 kept = 0;

	if (builder->is_sorted)
		return;
	sort_events(builder->events, builder->count);
	for (int64 i = 0; i < builder->count; i++)
	{
		if (kept > 0 && builder->events[i].at == builder->events[kept - 1].at &&
			builder->events[i].name == builder->events[kept - 1].name)
			continue;
		builder->events[kept++] = builder->events[i];
	}
	builder->count = kept;
	builder->is_sorted = true;
}

static void
grow_events(csm_usage_builder *builder)
{
	if (builder->room == 0)
	{
		builder->room = FIRST_EVENTS;
		builder->events =
			MemoryContextAlloc(builder->context, builder->room * sizeof(csm_usage_event));
		return;
	}
	if (builder->count >= COMPACT_FROM)
		sort_builder(builder);
	if (builder->count <= builder->room / 2)
		return;
	builder->room *= 2;
	builder->events = repalloc_huge(builder->events, builder->room * sizeof(csm_usage_event));
}

/* An event, by the number of its name. */
void
csm_usage_put(csm_usage_builder *builder, TimestampTz at, uint32 name)
{
	csm_usage_event *last;

	if (builder->count == builder->room)
		grow_events(builder);
	last = builder->count == 0 ? NULL : &builder->events[builder->count - 1];
	if (last != NULL && last->at == at && last->name == name)
		return;
	if (last != NULL && (at < last->at || (at == last->at && name < last->name)))
		builder->is_sorted = false;
	builder->events[builder->count].at = at;
	builder->events[builder->count].name = name;
	builder->count++;
}

/* The union with a history. */
void
csm_usage_add_history(csm_usage_builder *builder, const csm_usage_history *h)
{
	csm_usage_reader reader;
	const csm_usage_name *names;
	uint32 *numbers;
	TimestampTz at;
	uint32 name;

	csm_usage_reader_init(&reader, h);
	names = csm_usage_read_names(&reader);
	numbers = palloc((reader.names + 1) * sizeof(uint32));
	for (int i = 0; i < reader.names; i++)
		numbers[i] = csm_usage_number(builder, names[i].bytes, names[i].size);
	while (csm_usage_next(&reader, &at, &name))
		csm_usage_put(builder, at, numbers[name]);
}

void
csm_usage_add_builder(csm_usage_builder *builder, csm_usage_builder *other)
{
	uint32 *numbers = palloc((other->name_count + 1) * sizeof(uint32));

	for (uint32 i = 0; i < other->name_count; i++)
	{
		const char *name = other->name_bytes + other->names[i];

		numbers[i] = csm_usage_number(builder, name + 1, (unsigned char) name[0]);
	}
	for (int64 i = 0; i < other->count; i++)
		csm_usage_put(builder, other->events[i].at, numbers[other->events[i].name]);
}

/*
 * The stored form
 */

static int
varint_size(uint64 value)
{
	int size = 1;

	for (; value >= 0x80; value >>= 7)
		size++;
	return size;
}

static unsigned char *
write_varint(unsigned char *next, uint64 value)
{
	for (; value >= 0x80; value >>= 7)
		*next++ = (unsigned char) (value | 0x80);
	*next++ = (unsigned char) value;
	return next;
}

typedef struct csm_ranked_name
{
	const char *bytes;
	int size;
	uint32 number;
} csm_ranked_name;

static int
compare_ranked(const void *a, const void *b)
{
	const csm_ranked_name *x = a;
	const csm_ranked_name *y = b;

	return compare_names(x->bytes, x->size, y->bytes, y->size);
}

/* Names in order of their bytes, and events by them. */
static csm_ranked_name *
rank_names(csm_usage_builder *builder)
{
	csm_ranked_name *ranked = palloc((builder->name_count + 1) * sizeof(csm_ranked_name));
	uint32 *ranks = palloc((builder->name_count + 1) * sizeof(uint32));
	bool in_order = true;

	for (uint32 i = 0; i < builder->name_count; i++)
	{
		const char *name = builder->name_bytes + builder->names[i];

		ranked[i].bytes = name + 1;
		ranked[i].size = (unsigned char) name[0];
		ranked[i].number = i;
	}
	qsort(ranked, builder->name_count, sizeof(csm_ranked_name), compare_ranked);
	for (uint32 i = 0; i < builder->name_count; i++)
	{
		in_order = in_order && ranked[i].number == i;
		ranks[ranked[i].number] = i;
	}
	if (in_order)
		return ranked;
	/* the order of events at one time is another one by rank; most times have one event */
	for (int64 i = 0; i < builder->count; i++)
	{
		builder->events[i].name = ranks[builder->events[i].name];
		if (i > 0 && builder->events[i].at == builder->events[i - 1].at)
			builder->is_sorted = false;
	}
	return ranked;
}

static int
largest_unit(const csm_usage_builder *builder)
{
	int unit = 6;

	for (int64 i = 0; i < builder->count && unit > 0; i++)
	{
		TimestampTz at = builder->events[i].at;

		if (unit == 6 && at % 1000000 != 0)
			unit = 3;
		if (unit == 3 && at % 1000 != 0)
			unit = 0;
	}
	return unit;
}

static void
too_large_error(const csm_usage_builder *builder)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("a usage history cannot hold " INT64_FORMAT " events, it would be larger "
					"than 1 GB",
					builder->count),
			 errhint("Group by account, so that each history is that of one account.")));
}

static Size
stored_size(const csm_usage_builder *builder, uint64 length, uint64 zigzag)
{
	Size size = 2 + varint_size(builder->name_count) + builder->bytes_used +
				varint_size(builder->count) + varint_size(zigzag);
	TimestampTz before = builder->count > 0 ? builder->events[0].at : 0;

	for (int64 i = 0; i < builder->count; i++)
	{
		uint64 delta = (uint64) builder->events[i].at - (uint64) before;

		size += varint_size(delta / length) + varint_size(builder->events[i].name);
		before = builder->events[i].at;
	}
	return size;
}

static csm_usage_history *
write_history(csm_usage_builder *builder, const csm_ranked_name *names)
{
	int unit = largest_unit(builder);
	int64 length = unit == 6 ? 1000000 : unit == 3 ? 1000 : 1;
	int64 first = builder->count > 0 ? builder->events[0].at / length : 0;
	uint64 zigzag = ((uint64) first << 1) ^ (uint64) (first >> 63);
	Size size = stored_size(builder, length, zigzag);
	TimestampTz before = builder->count > 0 ? builder->events[0].at : 0;
	csm_usage_history *h;
	unsigned char *next;

	if (size > MaxAllocSize - VARHDRSZ)
		too_large_error(builder);
	h = palloc(VARHDRSZ + size);
	SET_VARSIZE(h, VARHDRSZ + size);
	next = (unsigned char *) VARDATA(h);
	*next++ = CSM_USAGE_VERSION;
	*next++ = (unsigned char) unit;
	next = write_varint(next, builder->name_count);
	for (uint32 i = 0; i < builder->name_count; i++)
	{
		*next++ = (unsigned char) names[i].size;
		memcpy(next, names[i].bytes, names[i].size);
		next += names[i].size;
	}
	next = write_varint(next, builder->count);
	next = write_varint(next, zigzag);
	for (int64 i = 0; i < builder->count; i++)
	{
		next = write_varint(next, ((uint64) builder->events[i].at - (uint64) before) / length);
		next = write_varint(next, builder->events[i].name);
		before = builder->events[i].at;
	}
	Assert(next == (unsigned char *) VARDATA(h) + size);
	return h;
}

csm_usage_history *
csm_usage_build(csm_usage_builder *builder)
{
	csm_usage_builder copy;
	csm_ranked_name *names;

	sort_builder(builder);
	copy = *builder;
	/* a final function may be called again: what ranks change are events of its own */
	copy.events =
		MemoryContextAllocHuge(CurrentMemoryContext, (copy.count + 1) * sizeof(csm_usage_event));
	if (copy.count > 0)
		memcpy(copy.events, builder->events, copy.count * sizeof(csm_usage_event));
	names = rank_names(&copy);
	sort_builder(&copy);
	return write_history(&copy, names);
}
