/*
 * account_table.c
 *		Accounts by key; account_table.h says how they are kept.
 */
#include "base/port.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "engine/account_table.h"

#define FIRST_SLOT_BITS    4
#define FIRST_BLOCK_SIZE   512
#define LARGEST_BLOCK_SIZE (256 * 1024)

/* A small table has one segment that doubles until it is as large as all others. */
#define FIRST_ROOM 8

static uint32 *
allocate_slots(csm_account_table *table, int slot_bits)
{
	Size size = sizeof(uint32) << slot_bits;
	uint32 *slots = MemoryContextAllocHuge(table->context, size);

	memset(slots, 0xFF, size);
	table->allocated += size;
	return slots;
}

void
csm_table_init(csm_account_table *table, MemoryContext context, bool has_integer_keys)
{
	memset(table, 0, sizeof(*table));
	table->context = context;
	table->has_integer_keys = has_integer_keys;
	table->slot_bits = FIRST_SLOT_BITS;
	table->slots = allocate_slots(table, FIRST_SLOT_BITS);
	table->segment_room = 1;
	table->segments = MemoryContextAlloc(context, sizeof(csm_account *));
	table->room = FIRST_ROOM;
	table->segments[0] = MemoryContextAlloc(context, sizeof(csm_account) * FIRST_ROOM);
	table->allocated += sizeof(csm_account) * FIRST_ROOM;
}

csm_key
csm_key_of_bytes(const char *bytes, Size size)
{
	csm_key key = {.bytes = bytes, .size = size};

	key.hash = hash_bytes_extended((const unsigned char *) bytes, (int) size, csm_hash_seed);
	return key;
}

/* A stored string: its length, then its bytes. */
static inline const char *
stored_bytes(const csm_account *account, Size *size)
{
	const char *stored = (const char *) (uintptr_t) account->key;
	uint32 length;

	memcpy(&length, stored, sizeof(length));
	*size = length;
	return stored + sizeof(length);
}

csm_key
csm_table_key(const csm_account_table *table, uint32 number)
{
	const csm_account *account = csm_table_account(table, number);
	const char *bytes;
	Size size;

	if (table->has_integer_keys)
		return csm_key_of_integer((int64) account->key);
	bytes = stored_bytes(account, &size);
	return csm_key_of_bytes(bytes, size);
}

static inline bool
has_key(const csm_account *account, const csm_key *key)
{
	const char *bytes;
	Size size;

	if (key->bytes == NULL)
		return account->key == (uint64) key->integer;
	bytes = stored_bytes(account, &size);
	return size == key->size && memcmp(bytes, key->bytes, size) == 0;
}

/* The number of an account, CSM_NO_ACCOUNT when it is not there. */
uint32
csm_table_find(const csm_account_table *table, const csm_key *key)
{
	uint32 mask = csm_table_slot_mask(table);
	uint32 tag = csm_table_tag(table, key->hash);

	for (uint32 i = (uint32) key->hash & mask;; i = (i + 1) & mask)
	{
		uint32 slot = table->slots[i];

		if (slot == CSM_EMPTY_SLOT)
			return CSM_NO_ACCOUNT;
		if ((slot & ~mask) == tag && has_key(csm_table_account(table, slot & mask), key))
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
 * Looks up many keys at a time: first the slot and then the record that a key is probably
 * found in are brought into the cache, for all of them, and then compared.  A table that
 * has not filled its first segment must not grow as long as the answers are used.
 */
void
csm_table_find_integers(const csm_account_table *table, csm_lookup *lookups, int count)
{
	const uint32 *slots = table->slots;
	uint32 mask = csm_table_slot_mask(table);
	uint64 hashes[CSM_LOOKUPS_MAX];

	for (int i = 0; i < count; i++)
	{
		hashes[i] = csm_hash_integer((uint64) lookups[i].key);
		__builtin_prefetch(&slots[(uint32) hashes[i] & mask]);
	}
	for (int i = 0; i < count; i++)
	{
		uint32 number = guess_number(slots, mask, hashes[i]);

		lookups[i].number = number;
		lookups[i].account = NULL;
		/* an empty slot looks like one of an account whose tag is all ones */
		if (likely(number < table->count))
		{
			lookups[i].account = csm_table_account(table, number);
			__builtin_prefetch(lookups[i].account, 1);
		}
	}
}

static void
enter_slot(csm_account_table *table, uint64 hash, uint32 number)
{
	uint32 mask = csm_table_slot_mask(table);
	uint32 i = (uint32) hash & mask;

	while (table->slots[i] != CSM_EMPTY_SLOT)
		i = (i + 1) & mask;
	table->slots[i] = csm_table_tag(table, hash) | number;
}

static void
double_slots(csm_account_table *table)
{
	table->allocated -= sizeof(uint32) << table->slot_bits;
	pfree(table->slots);
	table->slot_bits++;
	table->slots = allocate_slots(table, table->slot_bits);
	for (uint32 i = 0; i < table->count; i++)
	{
		if ((i & 0x3FF) == 0)
			CHECK_FOR_INTERRUPTS();
		enter_slot(table, csm_table_key(table, i).hash, i);
	}
}

static void
add_segment(csm_account_table *table)
{
	int number = table->room / CSM_SEGMENT_ACCOUNTS;

	if (number == table->segment_room)
	{
		table->segment_room *= 2;
		table->segments =
			repalloc_huge(table->segments, sizeof(csm_account *) * table->segment_room);
	}
	table->segments[number] =
		MemoryContextAlloc(table->context, sizeof(csm_account) * CSM_SEGMENT_ACCOUNTS);
}

static void
grow_accounts(csm_account_table *table)
{
	uint32 added = Min(table->room, CSM_SEGMENT_ACCOUNTS);

	if (table->room < CSM_SEGMENT_ACCOUNTS)
		table->segments[0] =
			repalloc(table->segments[0], sizeof(csm_account) * (table->room + added));
	else
		add_segment(table);
	table->room += added;
	table->allocated += sizeof(csm_account) * added;
}

static char *
allocate_key(csm_account_table *table, Size size)
{
	char *bytes;

	if (size > table->block_size - table->block_used)
	{
		Size larger = Min(2 * table->block_size, LARGEST_BLOCK_SIZE);

		table->block_size = Max(Max(larger, FIRST_BLOCK_SIZE), size);
		table->block = MemoryContextAllocHuge(table->context, table->block_size);
		table->block_used = 0;
		table->allocated += table->block_size;
	}
	bytes = table->block + table->block_used;
	table->block_used += size;
	return bytes;
}

static uint64
store_key(csm_account_table *table, const csm_key *key)
{
	uint32 length = (uint32) key->size;
	char *stored;

	if (key->bytes == NULL)
		return (uint64) key->integer;
	stored = allocate_key(table, sizeof(length) + length);
	memcpy(stored, &length, sizeof(length));
	memcpy(stored + sizeof(length), key->bytes, length);
	return (uint64) (uintptr_t) stored;
}

/* Numbers a new account. */
uint32
csm_table_insert(csm_account_table *table, const csm_key *key)
{
	uint32 number = table->count;
	csm_account *account;

	Assert(number < CSM_ACCOUNTS_MAX - 1);
	/* no fuller than four fifths; a slot can never look like an empty one then */
	if ((uint64) number * 5 >= ((uint64) 4 << table->slot_bits))
		double_slots(table);
	if (number == table->room)
		grow_accounts(table);
	account = csm_table_account(table, number);
	memset(account, 0, sizeof(*account));
	account->key = store_key(table, key);
	account->unit = CSM_NO_UNIT;
	table->count++;
	enter_slot(table, key->hash, number);
	return number;
}
