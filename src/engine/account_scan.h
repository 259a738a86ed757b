/*
 * account_scan.h
 *		Rows of accounts in any order, given back as what each account had through time.
 *
 * This is the one engine for everything that reads raw rows.  A row says: this account has
 * this amount in the units of time from .. to - 1, where a unit is a calendar unit or a day.
 * There are five kinds of rows:
 * - snapshots, of one unit; those of an account in a unit add up, and no row means 0;
 * - events, of one unit as well; an event of 0 is one all the same, but a negative amount is
 *   a credit and no event: a unit of credits alone is a stretch without length, to = from;
 * - events of members: "to" is a day that the account has, the same in all of its rows, and a
 *   row of CSM_NO_UNIT says no more than that the account is there;
 * - spans, such as subscriptions, of any number of units or without an end; where those of
 *   an account overlap they add up;
 * - points, which are no stretches and have no amounts: each is 64 bits in a unit, and those of
 *   an account are handed over in order, unit by unit and in a unit as numbers without a sign;
 *   the same point twice may come once. Some have a mark; of an account the mark of its first
 *   marked point is kept, of two at the same time the better one.
 *
 * What comes out are the stretches of each account in the order of time, which do not
 * overlap: see csm_scan_consumer.  A figure is a consumer, and reads nothing else.
 * Every consumer can be fed by several scans in turn, and the accounts of one are in no other.
 *
 * While rows come in, what is known of an account's present is held in its entry of the
 * account table: the stretch that goes on, and the last unit.  When it is over it is
 * written to the log.  This works as long as the rows of an account come in the order of
 * time and do not overlap; how accounts lie among each other does not matter.  The first
 * row that does not fit makes its account a late one.  From then on the rows of this
 * account are changes in a sorter, and so is what the log has of it, in the end.
 *
 * Where most of many accounts are late, rows come in no order at all, and all of them are
 * late from then on: what an entry holds is not looked at any more.
 *
 * In the end the log is read once, and the accounts that are not late are led from stretch
 * to stretch all at the same time, each with 24 bytes of memory for the consumer; then the
 * changes are sorted and the late accounts follow one by one.  All amounts and all orders of
 * rows give the same stretches, but for where a stretch of equal amounts is cut in two.
 *
 * Memory is bounded by the budget that all states of an aggregate share.  When account
 * tables have used up half of it, they stay as they are.  Rows of other accounts go to
 * tapes by a hash of their key, each of which is a scan of its own in the end.
 */
#ifndef CSM_ACCOUNT_SCAN_H
#define CSM_ACCOUNT_SCAN_H

#include "engine/account_table.h"
#include "engine/change_sorter.h"
#include "engine/memory_budget.h"
#include "engine/stretch_log.h"

typedef enum csm_row_kind
{
	CSM_SNAPSHOT_ROWS,
	CSM_EVENT_ROWS,
	CSM_MEMBER_ROWS,
	CSM_SPAN_ROWS,
	CSM_POINT_ROWS
} csm_row_kind;

/* Instead of the unit of a member's event. */
#define CSM_NO_UNIT PG_INT32_MAX

/* A longer text is looked up on its own. */
#define CSM_BATCHED_TEXT 64

/*
 * Rows wait here until their accounts have been brought into the cache, all of them at
 * the same time.
 */
typedef struct csm_row_batch
{
	int count;
	uint64 keys[3 * CSM_LOOKUPS_MAX]; /* as many words each as the kind of keys has */
	csm_lookup lookups[CSM_LOOKUPS_MAX];
	struct
	{
		int64 amount;
		int32 from;
		int32 to;
	} rows[CSM_LOOKUPS_MAX];
	char (*texts)[CSM_BATCHED_TEXT]; /* of keys that are long texts */
	int64 marked[CSM_LOOKUPS_MAX];   /* of points: what belongs to the mark */
} csm_row_batch;

typedef struct csm_account_scan
{
	MemoryContext context;
	csm_memory_user user;
	csm_row_kind kind;
	bool is_full;      /* no more accounts */
	bool is_unordered; /* all accounts are late, those to come too */
	uint32 late;       /* accounts that are late */
	int scale;         /* of the amounts that matter */
	int shown_scale;   /* of any amount */
	int depth;         /* 0, and one more in a scan of a tape */
	csm_account_table table;
	csm_change_sorter sorter;
	csm_stretch_log log;
	csm_row_batch *batch;     /* once there are many accounts */
	LogicalTape **partitions; /* partition_count of them, once there is one */
	int partition_count;
	/* refuses a second day of a member */
	void (*refuse_day)(csm_key_kind keys, const csm_key *key, int32 day, int32 other);
	/* of points: is this mark better than the one that the account has of the same time? */
	bool (*is_better_mark)(const void *marks, const csm_account *account, int32 mark, int64 marked);
	const void *marks;
} csm_account_scan;

/*
 * What a figure makes of the accounts.  Points are taken with their unit as "from", and "account"
 * is the entry with its mark; else "account" is 24 bytes for whatever it has to remember
 * between the stretches of an account, all zeros at first.
 */
typedef struct csm_scan_consumer
{
	/* before all else, of members only: the day of the account; NULL where nothing is to be done */
	void (*begin)(struct csm_scan_consumer *consumer, csm_account *account, int32 day);
	/* the account has this amount in each unit from .. to - 1, and nothing since the stretch before
	 */
	void (*take)(struct csm_scan_consumer *consumer, csm_account *account, uint32 number,
				 int32 from, int32 to, int128 amount);
	/* the account had nothing after its last stretch */
	void (*end)(struct csm_scan_consumer *consumer, csm_account *account, uint32 number);
	csm_account_scan *scan; /* that the account is of, for csm_scan_key */
	/* accounts are handed over whole, one after the other: all of them are sorted for that */
	bool is_one_by_one;
} csm_scan_consumer;

extern csm_account_scan *csm_scan_new(MemoryContext context, csm_memory_budget *budget,
									  csm_key_kind keys, csm_row_kind kind);
extern void
csm_scan_add(csm_account_scan *scan, const csm_key *key, int32 from, int32 to, csm_decimal amount);
extern void csm_scan_add_point(csm_account_scan *scan, const csm_key *key, int32 unit, int64 point,
							   int32 mark, int64 marked);
extern void csm_scan_apply_batch(csm_account_scan *scan);
extern void csm_scan_note_scale(csm_account_scan *scan, int scale);
extern void csm_scan_finish(csm_account_scan *scan, csm_scan_consumer *consumer);

/* The key of an account that a consumer is at. */
static inline csm_key
csm_scan_key(const csm_scan_consumer *consumer, uint32 number)
{
	return csm_table_key(&consumer->scan->table, number);
}

/* csm_scan_add for a small amount at the scale of the scan, once rows are batched. */
static pg_attribute_always_inline void
csm_scan_add_to_batch(csm_account_scan *scan, csm_key_kind keys, const csm_key *key, int32 from,
					  int32 to, int64 amount)
{
	csm_row_batch *batch = scan->batch;
	int i = batch->count++;

	memcpy(batch->keys + i * keys, key->words, keys * sizeof(uint64));
	batch->rows[i].amount = amount;
	batch->rows[i].from = from;
	batch->rows[i].to = to;
	if (unlikely(i == CSM_LOOKUPS_MAX - 1))
		csm_scan_apply_batch(scan);
}

/*
 * A point in time: the high half of a time is its unit, the low one the first half of the point,
 * which leaves 32 bits to say what it is.
 */
static inline int32
csm_point_unit(int64 at)
{
	return (int32) (at >> 32);
}

static inline int64
csm_point_at(int64 at, uint32 what)
{
	return (int64) ((uint64) at << 32 | what);
}

static inline int64
csm_point_time(int32 unit, int64 point)
{
	return (int64) ((uint64) unit << 32 | (uint64) point >> 32);
}

static inline uint32
csm_point_what(int64 point)
{
	return (uint32) point;
}

/*
 * What the entry of an account holds of points: the time of the first marked one, its mark, 0 as
 * long as there is none, and what belongs to it.
 */
static inline int32
csm_account_mark(const csm_account *account)
{
	return account->since;
}

static inline int64
csm_account_marked(const csm_account *account)
{
	return account->amount;
}

/* csm_scan_add_point once rows are batched. */
static pg_attribute_always_inline void
csm_scan_add_point_to_batch(csm_account_scan *scan, csm_key_kind keys, const csm_key *key,
							int32 unit, int64 point, int32 mark, int64 marked)
{
	scan->batch->marked[scan->batch->count] = marked;
	csm_scan_add_to_batch(scan, keys, key, unit, mark, point);
}

#endif /* CSM_ACCOUNT_SCAN_H */
