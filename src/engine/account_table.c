/*
 * account_table.c
 *		Accounts by key; account_table.h says how they are kept.
 */
#include "base/port.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "engine/account_table.h"

#define FIRST_SLOT_BITS    4
#define FIRST_BLOCK_SIZE   512
#define LARGEST_BLOCK_SIZE (256 * 1024)

/* A small table has one segment that doubles until it is as large as all others. */
#define FIRST_ROOM 8

/* Segments start where a cache line does: an entry with an integer never takes two. */
#define SEGMENT_ALIGNMENT 64

static uint32 *
allocate_slots(csm_account_table *table, int slot_bits)
{
	Size size = sizeof(uint32) << slot_bits;
	uint32 *slots = MemoryContextAllocHuge(table->context, size);

	memset(slots, 0xFF, size);
	table->allocated += size;
	return slots;
}

static void
allocate_segment(csm_account_table *table, int number, uint32 room)
{
	char *chunk = MemoryContextAlloc(table->context, table->entry_size * room + SEGMENT_ALIGNMENT);

	table->chunks[number] = chunk;
	table->segments[number] = (char *) TYPEALIGN(SEGMENT_ALIGNMENT, chunk);
}

void
csm_table_init(csm_account_table *table, MemoryContext context, csm_key_kind kind)
{
	memset(table, 0, sizeof(*table));
	table->context = context;
	table->kind = kind;
	table->entry_size = kind * sizeof(uint64) + sizeof(csm_account);
	table->slot_bits = FIRST_SLOT_BITS;
	table->slots = allocate_slots(table, FIRST_SLOT_BITS);
	table->segment_room = 1;
	table->segments = MemoryContextAlloc(context, sizeof(char *));
	table->chunks = MemoryContextAlloc(context, sizeof(char *));
	allocate_segment(table, 0, FIRST_ROOM);
	table->room = FIRST_ROOM;
	table->allocated += table->entry_size * FIRST_ROOM;
}

/*
 * Hashes.  Whoever chooses keys does not know the seed, so that they cannot choose ones
 * that collide.
 */

/* The finalizer of MurmurHash3: every bit of the input changes half of the output. */
static inline uint64
hash_word(uint64 value)
{
	value ^= csm_hash_seed;
	value ^= value >> 33;
	value *= UINT64CONST(0xff51afd7ed558ccd);
	value ^= value >> 33;
	value *= UINT64CONST(0xc4ceb9fe1a85ec53);
	value ^= value >> 33;
	return value;
}

/* Two words, by the two halves of their product. */
static inline uint64
fold(uint64 a, uint64 b)
{
	csm_uint128 product =
		(csm_uint128) (a ^ csm_hash_seed) * (b ^ csm_hash_seed ^ UINT64CONST(0x9E3779B97F4A7C15));

	return (uint64) product ^ (uint64) (product >> 64);
}

static pg_attribute_always_inline uint64
hash_key(const uint64 *key, csm_key_kind kind)
{
	switch (kind)
	{
		case CSM_BIGINT_KEYS:
			return hash_word(key[0]);
		case CSM_UUID_KEYS:
			return hash_word(fold(key[0], key[1]));
		default:
			/* the second word of a long text is no part of what it is */
			if (unlikely(CSM_LAST_BYTE(key[2]) == CSM_LONG_TEXT))
				return hash_word(key[0]);
			return hash_word(fold(key[0], key[1]) ^ key[2]);
	}
}

uint64
csm_table_hash(const csm_account_table *table, const csm_key *key)
{
	return hash_key(key->words, table->kind);
}

/* A key that refers to these bytes. */
csm_key
csm_key_of_long_text(const char *bytes, Size size)
{
	csm_key key;
	uint64 hash = size;
	uint64 pair[2];

	for (Size i = 0; i < size; i += sizeof(pair))
	{
		/* the last pair overlaps the one before */
		memcpy(pair, bytes + Min(i, size - sizeof(pair)), sizeof(pair));
		hash = fold(hash ^ pair[0], pair[1]);
	}
	key.words[0] = hash;
	key.words[1] = (uint64) (uintptr_t) bytes;
	key.words[2] = CSM_WITH_LAST_BYTE(CSM_AS_OTHER_BYTES(size), CSM_LONG_TEXT);
	return key;
}

static inline uint32
slot_mask(const csm_account_table *table)
{
	return ((uint32) 1 << table->slot_bits) - 1;
}

/* The number of an account, CSM_NO_ACCOUNT when it is not there. */
uint32
csm_table_find(const csm_account_table *table, const csm_key *key)
{
	uint64 hash = hash_key(key->words, table->kind);
	uint32 mask = slot_mask(table);
	uint32 tag = (uint32) (hash >> 32) & ~mask;

	for (uint32 i = (uint32) hash & mask;; i = (i + 1) & mask)
	{
		uint32 slot = table->slots[i];

		if (slot == CSM_EMPTY_SLOT)
			return CSM_NO_ACCOUNT;
		if ((slot & ~mask) == tag &&
			csm_key_is_at(csm_table_entry(table, slot & mask), key->words, table->kind))
			return slot & mask;
	}
}

static pg_attribute_always_inline uint32
slot_if(uint32 slot, uint32 mask, uint32 tag, uint32 otherwise)
{
	return (slot & ~mask) == tag ? slot : otherwise;
}

/*
 * The number that the slots give for a hash, which is most probably the right one.  It may
 * be that of another account, or of none at all.  The first four slots are compared
 * without a branch for each of them, because no processor could predict in which one the
 * account is.
 */
static pg_attribute_always_inline uint32
guess_number(const uint32 *slots, uint32 mask, uint64 hash)
{
	uint32 tag = (uint32) (hash >> 32) & ~mask;
	uint32 i = (uint32) hash & mask;
	uint32 found = CSM_EMPTY_SLOT;

	found = slot_if(slots[(i + 3) & mask], mask, tag, found);
	found = slot_if(slots[(i + 2) & mask], mask, tag, found);
	found = slot_if(slots[(i + 1) & mask], mask, tag, found);
	found = slot_if(slots[i], mask, tag, found);
	for (i += 4; unlikely(found == CSM_EMPTY_SLOT); i++)
	{
		uint32 slot = slots[i & mask];

		if (slot == CSM_EMPTY_SLOT)
			return CSM_NO_ACCOUNT;
		found = slot_if(slot, mask, tag, found);
	}
	return found & mask;
}

/*
 * First the slot and then the entry that a key is probably found in are brought into the
 * cache, for all keys; whether it is there is for the caller to see.
 */
static pg_attribute_always_inline void
find_many(const csm_account_table *table, const uint64 *keys, csm_lookup *lookups, int count,
		  csm_key_kind kind)
{
	const uint32 *slots = table->slots;
	uint32 mask = slot_mask(table);
	uint64 hashes[CSM_LOOKUPS_MAX];

	for (int i = 0; i < count; i++)
	{
		hashes[i] = hash_key(keys + i * kind, kind);
		__builtin_prefetch(&slots[(uint32) hashes[i] & mask]);
	}
	for (int i = 0; i < count; i++)
	{
		uint32 number = guess_number(slots, mask, hashes[i]);

		lookups[i].number = number;
		lookups[i].entry = NULL;
		/* an empty slot looks like one of an account whose tag is all ones */
		if (likely(number < table->count))
		{
			lookups[i].entry = csm_table_entry(table, number);
			__builtin_prefetch(lookups[i].entry, 1);
			if (kind != CSM_BIGINT_KEYS)
				__builtin_prefetch((char *) lookups[i].entry + table->entry_size - 1, 1);
		}
	}
}

/* A table that has not filled its first segment must not grow while the answers are used. */
void
csm_table_find_many(const csm_account_table *table, const uint64 *keys, csm_lookup *lookups,
					int count)
{
	switch (table->kind)
	{
		case CSM_BIGINT_KEYS:
			find_many(table, keys, lookups, count, CSM_BIGINT_KEYS);
			break;
		case CSM_UUID_KEYS:
			find_many(table, keys, lookups, count, CSM_UUID_KEYS);
			break;
		default:
			find_many(table, keys, lookups, count, CSM_TEXT_KEYS);
			break;
	}
}

static void
enter_slot(csm_account_table *table, uint64 hash, uint32 number)
{
	uint32 mask = slot_mask(table);
	uint32 i = (uint32) hash & mask;

	while (table->slots[i] != CSM_EMPTY_SLOT)
		i = (i + 1) & mask;
	table->slots[i] = ((uint32) (hash >> 32) & ~mask) | number;
}

/* No account can be found or added any more. */
void
csm_table_drop_index(csm_account_table *table)
{
	table->allocated -= sizeof(uint32) << table->slot_bits;
	pfree(table->slots);
	table->slots = NULL;
}

static void
double_slots(csm_account_table *table)
{
	csm_table_drop_index(table);
	table->slot_bits++;
	table->slots = allocate_slots(table, table->slot_bits);
	for (uint32 i = 0; i < table->count; i++)
	{
		if ((i & 0x3FF) == 0)
			CHECK_FOR_INTERRUPTS();
		enter_slot(table, hash_key(csm_table_entry(table, i), table->kind), i);
	}
}

static void
add_segment(csm_account_table *table)
{
	int number = table->room / CSM_SEGMENT_ACCOUNTS;

	if (number == table->segment_room)
	{
		table->segment_room *= 2;
		table->segments = repalloc_huge(table->segments, sizeof(char *) * table->segment_room);
		table->chunks = repalloc_huge(table->chunks, sizeof(char *) * table->segment_room);
	}
	allocate_segment(table, number, CSM_SEGMENT_ACCOUNTS);
}

/* The only segment, as long as it is a small one. */
static void
double_segment(csm_account_table *table)
{
	char *chunk = table->chunks[0];
	const char *entries = table->segments[0];

	allocate_segment(table, 0, 2 * table->room);
	memcpy(table->segments[0], entries, table->entry_size * table->room);
	pfree(chunk);
}

static void
grow_accounts(csm_account_table *table)
{
	uint32 added = Min(table->room, CSM_SEGMENT_ACCOUNTS);

	if (table->room < CSM_SEGMENT_ACCOUNTS)
		double_segment(table);
	else
		add_segment(table);
	table->room += added;
	table->allocated += table->entry_size * added;
}

static void
add_block(csm_account_table *table, Size size)
{
	Size larger = Min(2 * table->block_size, LARGEST_BLOCK_SIZE);
	char *before = table->block;

	table->block_size = Max(Max(larger, FIRST_BLOCK_SIZE), sizeof(char *) + size);
	table->block = MemoryContextAllocHuge(table->context, table->block_size);
	memcpy(table->block, &before, sizeof(char *));
	table->block_used = sizeof(char *);
	table->allocated += table->block_size;
}

/* The key again, with its bytes in memory of the table. */
static csm_key
keep_bytes(csm_account_table *table, const csm_key *key)
{
	csm_key kept = *key;
	Size size = csm_key_size(key);

	if (size > table->block_size - table->block_used)
		add_block(table, size);
	memcpy(table->block + table->block_used, csm_key_bytes(key), size);
	kept.words[1] = (uint64) (uintptr_t) (table->block + table->block_used);
	table->block_used += size;
	return kept;
}

/* Numbers a new account, of which nothing is known: all zeros. */
uint32
csm_table_insert(csm_account_table *table, const csm_key *key)
{
	uint32 number = table->count;
	csm_key kept = *key;
	uint64 *entry;

	Assert(number < CSM_ACCOUNTS_MAX - 1);
	/* no fuller than four fifths; a slot can never look like an empty one then */
	if ((uint64) number * 5 >= ((uint64) 4 << table->slot_bits))
		double_slots(table);
	if (number == table->room)
		grow_accounts(table);
	if (table->kind == CSM_TEXT_KEYS && csm_key_is_long(key))
		kept = keep_bytes(table, key);
	entry = csm_table_entry(table, number);
	memcpy(entry, kept.words, table->kind * sizeof(uint64));
	memset(entry + table->kind, 0, sizeof(csm_account));
	table->count++;
	enter_slot(table, hash_key(entry, table->kind), number);
	return number;
}

void
csm_table_free(csm_account_table *table)
{
	for (uint32 i = 0; i * CSM_SEGMENT_ACCOUNTS < table->room; i++)
		pfree(table->chunks[i]);
	pfree(table->chunks);
	pfree(table->segments);
	if (table->slots != NULL)
		pfree(table->slots);
	while (table->block != NULL)
	{
		char *before;

		memcpy(&before, table->block, sizeof(char *));
		pfree(table->block);
		table->block = before;
	}
	table->allocated = 0;
}
