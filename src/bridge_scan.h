/*
 * bridge_scan.h
 *		The bridge straight from raw rows: from changes of accounts in any order to a run of
 *		intervals, in one pass and bounded memory.
 *
 * Rows are gathered first; from the second thousand on they are either streamed or sorted.
 *
 * Streaming works as long as the rows of each account come in the order of time, which is
 * how tables grow.  All that is kept of an account is its record in the account table: as
 * soon as a row of a later unit comes, the amount of the unit before it is final and goes
 * into the intervals, if it is another one than before.  How the accounts lie among each
 * other does not matter.  For the case that a late row comes after all, the past is kept in
 * a log; a year without a change is one entry of it.
 *
 * A late row, an amount that does not fit 64 bits or a negative total ends streaming: what
 * went into the intervals is thrown away, and the log stands for it.  All rows are
 * changes in a sorter from then on, which in the end gives them back account by account.
 * This handles everything: any order, amounts of 38 digits, changes that last, as those of
 * subscriptions do.
 *
 * When the account table has used up its half of the memory, it stays as it is.  Rows of
 * other accounts go to temporary files by a hash of their key, each of which is a smaller
 * scan of its own in the end, in the memory that the table leaves.
 */
#ifndef CSM_BRIDGE_SCAN_H
#define CSM_BRIDGE_SCAN_H

#include "engine/account_table.h"
#include "bridge_run.h"
#include "engine/change_sorter.h"
#include "engine/stretch_log.h"

/*
 * Rows wait here until their accounts have been brought into the cache, all of them at
 * the same time.
 */
typedef struct csm_row_batch
{
	int count;
	csm_lookup lookups[CSM_LOOKUPS_MAX];
	struct
	{
		int64 amount;
		int32 unit;
	} rows[CSM_LOOKUPS_MAX];
} csm_row_batch;

typedef struct csm_spill_file csm_spill_file;

typedef enum csm_scan_mode
{
	CSM_SCAN_GATHERS,
	CSM_SCAN_STREAMS,
	CSM_SCAN_SORTS
} csm_scan_mode;

/* What depends on how SQL sees a scan. */
typedef struct csm_scan_options
{
	bool has_integer_keys;
	bool is_lasting;   /* a change lasts, as opposed to one of its unit only */
	int32 multiple;    /* units between boundaries, of changes that do not last */
	Size memory_limit; /* of everything the scan keeps, buffers of files included */
	/* refuses a total below zero at a boundary */
	void (*refuse_negative)(void *caller, const csm_key *key, int boundary, int128 amount,
							int scale);
	void *caller;
} csm_scan_options;

typedef struct csm_bridge_scan
{
	MemoryContext context;
	csm_scan_options options;
	csm_scan_mode mode;
	bool is_full; /* no more accounts */
	bool is_bounded;
	int scale;       /* of the amounts that matter */
	int shown_scale; /* of any amount */
	int depth;       /* 0, and one more in a scan of a temporary file */
	Size table_bytes;
	uint64 flags;       /* of changes */
	int32 steady_after; /* units behind it are boundaries, like the unit before each of them */
	csm_account_table table;
	csm_change_sorter sorter;
	csm_scan_run run;            /* of streaming; what is known of the boundaries */
	csm_stretch_log log;         /* of streaming */
	csm_row_batch *batch;        /* of rows with integer keys, once there are many */
	csm_spill_file **partitions; /* partition_count of them, once there is one */
	int partition_count;
} csm_bridge_scan;

extern csm_bridge_scan *csm_scan_new(MemoryContext context, const csm_scan_options *options);
extern void csm_scan_set_run(csm_bridge_scan *scan, int32 first_unit, int count);
extern void csm_scan_add(csm_bridge_scan *scan, const csm_key *key, int32 unit, csm_decimal amount);
extern void csm_scan_apply_batch(csm_bridge_scan *scan);
extern void csm_scan_note_scale(csm_bridge_scan *scan, int scale);
extern void csm_scan_finish(csm_bridge_scan *scan, csm_scan_run *run);

/* csm_scan_add for a small amount at the scale of the scan, once rows are batched. */
static inline void
csm_scan_add_to_batch(csm_bridge_scan *scan, int64 key, int32 unit, int64 amount)
{
	csm_row_batch *batch = scan->batch;
	int i = batch->count++;

	batch->lookups[i].key = key;
	batch->rows[i].amount = amount;
	batch->rows[i].unit = unit;
	if (unlikely(i == CSM_LOOKUPS_MAX - 1))
		csm_scan_apply_batch(scan);
}

#endif /* CSM_BRIDGE_SCAN_H */
