/*
 * account_table.h
 *		Accounts by key, numbered in the order in which they came.
 *
 * What is known of an account is a record of 32 bytes, found by number in segments of 4096
 * records, so that the table grows without ever being copied.  Which
 * number a key has is found in an open-addressing index of four bytes a slot: the number
 * in its low bits and, in the bits that are left over, some of the key's hash, so that a
 * slot of another account is told apart without a look at its record.  The index of
 * 370,000 accounts is 2 MB and stays in the cache, and rows that come in the same order
 * of accounts month after month walk through the records one after the other.  A table of
 * records with free slots in between would be larger, and each row a leap.
 *
 * A key is an integer, kept in the record itself, or a string of bytes, kept in blocks
 * that never move, behind its length.
 */
#ifndef CSM_ACCOUNT_TABLE_H
#define CSM_ACCOUNT_TABLE_H

#include "base/port.h"

#include "base/hash_seed.h"

/* numbers of accounts have to leave bits free in a sort key */
#define CSM_ACCOUNTS_MAX (1 << 30)
#define CSM_EMPTY_SLOT   PG_UINT32_MAX
#define CSM_NO_ACCOUNT   PG_UINT32_MAX

typedef struct csm_account
{
	uint64 key;           /* the integer, or the address of the string */
	int64 amount;         /* in the last unit that the account has rows of */
	int64 base;           /* at the last boundary before that unit */
	int32 unit;           /* CSM_NO_UNIT as long as no row was streamed */
	uint32 since : 30;    /* the first boundary from which on it was "base" throughout */
	uint32 is_known : 1;  /* positive at that last boundary or before it */
	uint32 is_inside : 1; /* positive between that boundary and the last unit */
} csm_account;

#define CSM_NO_UNIT PG_INT32_MIN

#define CSM_SEGMENT_BITS     12
#define CSM_SEGMENT_ACCOUNTS (1 << CSM_SEGMENT_BITS)

/* A key as rows bring it.  "bytes" is NULL for an integer. */
typedef struct csm_key
{
	const char *bytes;
	union
	{
		int64 integer;
		Size size;
	};
	uint64 hash;
} csm_key;

typedef struct csm_account_table
{
	MemoryContext context;
	csm_account **segments;
	uint32 *slots;
	uint32 count;
	uint32 room;
	int segment_room;
	int slot_bits; /* there are 2^slot_bits slots */
	bool has_integer_keys;
	Size allocated; /* bytes, of everything */
	char *block;    /* of strings, the one being filled */
	Size block_used;
	Size block_size;
} csm_account_table;

/* Looking up integers many at a time. */
typedef struct csm_lookup
{
	int64 key;
	csm_account *account; /* NULL when it has to be looked up on its own */
	uint32 number;
} csm_lookup;

#define CSM_LOOKUPS_MAX 128

extern void csm_table_init(csm_account_table *table, MemoryContext context, bool has_integer_keys);
extern uint32 csm_table_find(const csm_account_table *table, const csm_key *key);
extern void csm_table_find_integers(const csm_account_table *table, csm_lookup *lookups, int count);
extern uint32 csm_table_insert(csm_account_table *table, const csm_key *key);
extern csm_key csm_table_key(const csm_account_table *table, uint32 number);
extern csm_key csm_key_of_bytes(const char *bytes, Size size);

/* The finalizer of MurmurHash3: every bit of the input changes half of the output. */
static inline uint64
csm_hash_integer(uint64 value)
{
	value ^= csm_hash_seed;
	value ^= value >> 33;
	value *= UINT64CONST(0xff51afd7ed558ccd);
	value ^= value >> 33;
	value *= UINT64CONST(0xc4ceb9fe1a85ec53);
	value ^= value >> 33;
	return value;
}

static inline csm_key
csm_key_of_integer(int64 value)
{
	csm_key key = {.bytes = NULL, .integer = value, .hash = csm_hash_integer((uint64) value)};

	return key;
}

static inline csm_account *
csm_table_account(const csm_account_table *table, uint32 number)
{
	return &table->segments[number >> CSM_SEGMENT_BITS][number & (CSM_SEGMENT_ACCOUNTS - 1)];
}

static inline uint32
csm_table_slot_mask(const csm_account_table *table)
{
	return ((uint32) 1 << table->slot_bits) - 1;
}

/* The part of a hash that a slot has room for, in its place. */
static inline uint32
csm_table_tag(const csm_account_table *table, uint64 hash)
{
	return (uint32) (hash >> 32) & ~csm_table_slot_mask(table);
}

#endif /* CSM_ACCOUNT_TABLE_H */
