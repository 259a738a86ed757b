/*
 * usage_history.h
 *		What one account did: a set of events, each a time and a name.
 *
 * The same name at the same time twice is one event, so adding a history to itself changes
 * nothing.  Events are in order of time, and at one time in order of the bytes of their names.
 *
 * A usage_history is a varlena, maybe with a short header, of these bytes:
 *		version		1 byte
 *		unit		1 byte: all times are multiples of 10^unit microseconds: 6, 3 or 0
 *		names		varint: how many there are
 *		the names	each a byte of length and so many bytes, ascending
 *		events		varint: how many there are
 *		first time	varint: zigzag of the first time in units; 0 without events
 *		the events	each a varint of the units since the one before (0 for the first) and a
 *					varint of the number of its name, from 0 on
 * A varint has 7 bits in each byte, the low ones first, and the high bit where more follow.
 *
 * Invariants (csm_usage_problem checks them): events ascend, names ascend, each name is one of
 * an event, the unit is the largest that fits all times, no varint is longer than it has to be.
 * So equal sets have equal bytes.
 *
 * An aggregate gathers events in a builder, in the order in which they come, and sorts them in
 * the end; where they are many, also whenever it is full, so that events that come again and
 * again take no room.  A builder is no value: it never leaves the aggregate.
 */
#ifndef CSM_USAGE_HISTORY_H
#define CSM_USAGE_HISTORY_H

#include "datatype/timestamp.h"

#include "base/port.h"

#define CSM_USAGE_VERSION   1
#define CSM_USAGE_NAME_MAX  255
#define CSM_USAGE_NAMES_MAX 65535

typedef struct varlena csm_usage_history;

typedef struct csm_usage_name
{
	const char *bytes; /* no zero at its end */
	int size;
} csm_usage_name;

typedef struct csm_usage_event
{
	TimestampTz at;
	uint32 name;
} csm_usage_event;

/* A walk over the events of a history. */
typedef struct csm_usage_reader
{
	const unsigned char *names_start; /* the names, each after a byte of its length */
	const unsigned char *next;
	const unsigned char *end;
	int names;
	int64 events; /* of the history */
	int64 left;   /* that are still to come */
	uint64 unit;
	uint64 at; /* of the last event, a TimestampTz */
} csm_usage_reader;

/* Events of one account on their way to be a history. */
typedef struct csm_usage_builder
{
	MemoryContext context;
	csm_usage_event *events;
	int64 count;
	int64 room;
	bool is_sorted;   /* by time and number of the name, without repetition */
	char *name_bytes; /* each name after a byte of its length */
	uint32 *names;    /* where they are, in the order in which they came */
	uint32 *slots;    /* numbers of names and 1, by hash */
	uint32 bytes_used;
	uint32 bytes_room;
	uint32 name_count;
	uint32 name_room; /* half as many as slots */
} csm_usage_builder;

/* Asking */
extern void csm_usage_reader_init(csm_usage_reader *reader, const csm_usage_history *h);
extern const csm_usage_name *csm_usage_read_names(const csm_usage_reader *reader);
extern const char *csm_usage_problem(const csm_usage_history *h);

/* Building */
extern csm_usage_builder *csm_usage_builder_new(MemoryContext context);
extern bool csm_usage_has_room(const csm_usage_builder *builder, const char *bytes, int size);
extern uint32 csm_usage_number(csm_usage_builder *builder, const char *bytes, int size);
extern void csm_usage_put(csm_usage_builder *builder, TimestampTz at, uint32 name);
extern void csm_usage_add_history(csm_usage_builder *builder, const csm_usage_history *h);
extern void csm_usage_add_builder(csm_usage_builder *builder, csm_usage_builder *other);
extern csm_usage_history *csm_usage_build(csm_usage_builder *builder);

/* The bytes of a varint that is known to be whole, in bytes that end there. */
static inline uint64
csm_usage_read_varint(const unsigned char **next, const unsigned char *end)
{
	const unsigned char *byte = *next;
	uint64 value;

#ifndef WORDS_BIGENDIAN
	/* up to eight bytes at a time: which is the last one, then the parts are put together */
	if (likely(end - byte >= 8))
	{
		uint64 last;

		memcpy(&value, byte, 8);
		last = ~value & UINT64CONST(0x8080808080808080);
		if (likely(last != 0))
		{
			/* ones up to the high bit of the last byte */
			value &= last ^ (last - 1);
			*next = byte + (__builtin_ctzll(last) + 1) / 8;
			value &= UINT64CONST(0x7F7F7F7F7F7F7F7F);
			value = (value & UINT64CONST(0x007F007F007F007F)) |
					(value & UINT64CONST(0x7F007F007F007F00)) >> 1;
			value = (value & UINT64CONST(0x00003FFF00003FFF)) |
					(value & UINT64CONST(0x3FFF00003FFF0000)) >> 2;
			return (value & UINT64CONST(0x000000000FFFFFFF)) |
				   (value & UINT64CONST(0x0FFFFFFF00000000)) >> 4;
		}
	}
#endif
	value = *byte & 0x7F;
	for (int shift = 7; *byte & 0x80; shift += 7)
		value |= (uint64) (*++byte & 0x7F) << shift;
	*next = byte + 1;
	return value;
}

/* The next event, by time and by the bytes of its name; false after the last one. */
static inline bool
csm_usage_next(csm_usage_reader *reader, TimestampTz *at, uint32 *name)
{
	if (reader->left == 0)
		return false;
	reader->left--;
	reader->at += csm_usage_read_varint(&reader->next, reader->end) * reader->unit;
	*at = (TimestampTz) reader->at;
	*name = (uint32) csm_usage_read_varint(&reader->next, reader->end);
	return true;
}

#endif /* CSM_USAGE_HISTORY_H */
