/*
 * account_table.h
 *		Accounts by key, numbered in the order in which they came.
 *
 * An account is an entry of its key and what is known of it, found by number in segments
 * of 4096 entries, so that the table grows without ever being copied.  Which
 * number a key has is found in an open-addressing index of four bytes a slot: the number
 * in its low bits and, in the bits that are left over, some of the key's hash, so that a
 * slot of another account is told apart without a look at its entry.  The index of
 * 370,000 accounts is 2 MB and stays in the cache, and rows that come in the same order
 * of accounts month after month walk through the entries one after the other.  A table of
 * entries with free slots in between would be larger, and each row a leap.
 *
 * A key is one to three words of 64 bits: an integer, a uuid, or a text of up to 23 bytes
 * with its length in the last one.  Of a longer text the words are its hash, its address
 * and its length; the table keeps the bytes in blocks that never move.
 */
#ifndef CSM_ACCOUNT_TABLE_H
#define CSM_ACCOUNT_TABLE_H

#include "base/port.h"

#include "base/hash_seed.h"

/* numbers of accounts have to leave bits free in a sort key */
#define CSM_ACCOUNTS_MAX (1 << 30)
#define CSM_EMPTY_SLOT   PG_UINT32_MAX
#define CSM_NO_ACCOUNT   PG_UINT32_MAX

#define CSM_SEGMENT_BITS     12
#define CSM_SEGMENT_ACCOUNTS (1 << CSM_SEGMENT_BITS)

/* A kind of keys is the number of words. */
typedef enum csm_key_kind
{
	CSM_BIGINT_KEYS = 1,
	CSM_UUID_KEYS = 2,
	CSM_TEXT_KEYS = 3
} csm_key_kind;

typedef struct csm_key
{
	uint64 words[3];
} csm_key;

/*
 * The last byte of the words of a text is its length, or this mark of a longer text, whose
 * length is in the other bytes of that word.
 */
#define CSM_SHORT_TEXT 23
#define CSM_LONG_TEXT  0xFF
#ifdef WORDS_BIGENDIAN
#define CSM_LAST_BYTE(word)            ((word) &0xFF)
#define CSM_WITH_LAST_BYTE(word, byte) ((word) | (uint64) (byte))
#define CSM_OTHER_BYTES(word)          ((word) >> 8)
#define CSM_AS_OTHER_BYTES(value)      ((uint64) (value) << 8)
#define CSM_DROP_FIRST(word, bytes)    ((word) << 8 * (bytes))
#else
#define CSM_LAST_BYTE(word)            ((word) >> 56)
#define CSM_WITH_LAST_BYTE(word, byte) ((word) | (uint64) (byte) << 56)
#define CSM_OTHER_BYTES(word)          ((word) &UINT64CONST(0x00FFFFFFFFFFFFFF))
#define CSM_AS_OTHER_BYTES(value)      ((uint64) (value))
#define CSM_DROP_FIRST(word, bytes)    ((word) >> 8 * (bytes))
#endif

/* What is known of an account while rows come in; account_scan.c says what it means. */
typedef struct csm_account
{
	int64 amount;
	int64 base;
	int32 since;
	int32 unit;
} csm_account;

typedef struct csm_account_table
{
	MemoryContext context;
	csm_key_kind kind;
	Size entry_size;
	char **segments; /* of entries, aligned */
	char **chunks;   /* the memory that they lie in */
	uint32 *slots;
	uint32 count;
	uint32 room;
	int segment_room;
	int slot_bits;  /* there are 2^slot_bits slots */
	Size allocated; /* bytes, of everything */
	char *block;    /* of long texts, the one being filled; it starts with the address of another */
	Size block_used;
	Size block_size;
} csm_account_table;

/* What looking up many keys at a time finds. */
typedef struct csm_lookup
{
	uint64 *entry; /* where the key probably is, NULL when it has to be looked up on its own */
	uint32 number;
} csm_lookup;

#define CSM_LOOKUPS_MAX 128

extern void csm_table_init(csm_account_table *table, MemoryContext context, csm_key_kind kind);
extern uint32 csm_table_find(const csm_account_table *table, const csm_key *key);
extern void csm_table_find_many(const csm_account_table *table, const uint64 *keys,
								csm_lookup *lookups, int count);
extern uint32 csm_table_insert(csm_account_table *table, const csm_key *key);
extern uint64 csm_table_hash(const csm_account_table *table, const csm_key *key);
extern void csm_table_drop_index(csm_account_table *table);
extern void csm_table_free(csm_account_table *table);
extern csm_key csm_key_of_long_text(const char *bytes, Size size);

static inline csm_key
csm_key_of_bigint(int64 value)
{
	csm_key key = {{(uint64) value, 0, 0}};

	return key;
}

static inline csm_key
csm_key_of_uuid(const unsigned char *bytes)
{
	csm_key key = {{0, 0, 0}};

	memcpy(key.words, bytes, 16);
	return key;
}

static inline csm_key
csm_key_of_text(const char *bytes, Size size)
{
	csm_key key = {{0, 0, 0}};

	if (unlikely(size > CSM_SHORT_TEXT))
		return csm_key_of_long_text(bytes, size);
	if (size >= 8)
	{
		uint64 tail;

		/* the last eight bytes overlap those before, which needs no call and no loop */
		memcpy(&key.words[0], bytes, 8);
		memcpy(&tail, bytes + size - 8, 8);
		if (size > 16)
		{
			memcpy(&key.words[1], bytes + 8, 8);
			key.words[2] = CSM_DROP_FIRST(tail, 24 - size);
		}
		else if (size > 8)
			key.words[1] = CSM_DROP_FIRST(tail, 16 - size);
	}
	else
		memcpy(key.words, bytes, size);
	key.words[2] = CSM_WITH_LAST_BYTE(key.words[2], size);
	return key;
}

/* Of keys of texts. */
static inline bool
csm_key_is_long(const csm_key *key)
{
	return CSM_LAST_BYTE(key->words[2]) == CSM_LONG_TEXT;
}

static inline Size
csm_key_size(const csm_key *key)
{
	return csm_key_is_long(key) ? (Size) CSM_OTHER_BYTES(key->words[2])
								: (Size) CSM_LAST_BYTE(key->words[2]);
}

static inline const char *
csm_key_bytes(const csm_key *key)
{
	return csm_key_is_long(key) ? (const char *) (uintptr_t) key->words[1]
								: (const char *) key->words;
}

/* Are the words of an entry those of a key? */
static pg_attribute_always_inline bool
csm_key_is_at(const uint64 *entry, const uint64 *key, csm_key_kind kind)
{
	if (entry[0] != key[0])
		return false;
	if (kind == CSM_BIGINT_KEYS)
		return true;
	if (kind == CSM_TEXT_KEYS && entry[2] != key[2])
		return false;
	if (kind == CSM_TEXT_KEYS && unlikely(CSM_LAST_BYTE(key[2]) == CSM_LONG_TEXT))
		return memcmp((const char *) (uintptr_t) entry[1], (const char *) (uintptr_t) key[1],
					  CSM_OTHER_BYTES(key[2])) == 0;
	return entry[1] == key[1];
}

static inline uint64 *
csm_table_entry(const csm_account_table *table, uint32 number)
{
	return (uint64 *) (table->segments[number >> CSM_SEGMENT_BITS] +
					   (number & (CSM_SEGMENT_ACCOUNTS - 1)) * table->entry_size);
}

static inline csm_account *
csm_table_account(const csm_account_table *table, uint32 number)
{
	return (csm_account *) (csm_table_entry(table, number) + table->kind);
}

static inline csm_key
csm_table_key(const csm_account_table *table, uint32 number)
{
	csm_key key = {{0, 0, 0}};

	memcpy(key.words, csm_table_entry(table, number), table->kind * sizeof(uint64));
	return key;
}

#endif /* CSM_ACCOUNT_TABLE_H */
