/*
 * bridge_scan.c
 *		The bridge straight from raw rows; bridge_scan.h says how.
 */
#include "base/port.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "bridge_scan.h"
#include "engine/spill_file.h"

/* Rows that are gathered before it is decided how to go on. */
#define GATHERED_ROWS 1024

/* Fewer accounts are in the cache anyway, and rows need not wait for them. */
#define BATCHED_ACCOUNTS CSM_SEGMENT_ACCOUNTS

/* Files of accounts that there is no room for; each has a buffer. */
#define MOST_PARTITIONS  32
#define LEAST_PARTITIONS 4

/* Each scan of such a file has to have room for some of its accounts. */
#define LEAST_MEMORY (32 * 1024)

/* A row in a temporary file; the string of its key follows. */
typedef struct spilled_row
{
	uint64 amount_low;
	int64 amount_high;
	int64 key; /* the integer, or the size of the string */
	int32 unit;
	int32 scale;
} spilled_row;

static void apply_change(csm_bridge_scan *scan, uint32 number, int32 unit, int128 amount);

static void share_memory(csm_bridge_scan *scan);

csm_bridge_scan *
csm_scan_new(MemoryContext context, const csm_scan_options *options)
{
	csm_bridge_scan *scan = MemoryContextAllocZero(context, sizeof(csm_bridge_scan));

	scan->context = context;
	scan->options = *options;
	scan->flags = options->is_lasting ? 0 : CSM_CHANGE_ONCE;
	csm_table_init(&scan->table, context, options->has_integer_keys);
	csm_sorter_init(&scan->sorter, context);
	csm_log_init(&scan->log, context);
	share_memory(scan);
	csm_run_init_even(&scan->run, context, 0, options->multiple, CSM_INTERVALS_MAX, 0);
	return scan;
}

/* Tells where the boundaries lie; else the first one lies behind the earliest row's unit. */
void
csm_scan_set_run(csm_bridge_scan *scan, int32 first_unit, int count)
{
	scan->run.first_unit = first_unit;
	scan->run.count = count;
	scan->is_bounded = true;
}

/*
 * Memory
 */

/* What there is to share once the accounts, and files of other accounts, have their part. */
static Size
memory_left(const csm_bridge_scan *scan)
{
	Size used = scan->table.allocated;

	if (scan->partitions != NULL)
		used += scan->partition_count * CSM_SPILL_FILE_SIZE;
	return scan->options.memory_limit - Min(used, scan->options.memory_limit / 4 * 3);
}

/*
 * The table has grown, or files have been opened.  The table takes no more than half of the
 * memory, because those files are scanned in the other half; a scan of such a file most
 * likely has room for all of its accounts and takes more.  The log gets an eighth, the sorter
 * two thirds of what is left: while its array doubles, there are two of them.
 */
static void
share_memory(csm_bridge_scan *scan)
{
	Size limit = scan->options.memory_limit;

	scan->table_bytes = scan->table.allocated;
	scan->is_full = scan->table.allocated >= (scan->depth == 0 ? limit / 2 : limit / 4 * 3) ||
					scan->table.count >= CSM_ACCOUNTS_MAX - 1;
	scan->log.limit = limit / 8;
	csm_sorter_set_limit(&scan->sorter, memory_left(scan) / 3 * 2);
}

/*
 * Streaming
 */

/* Is every unit a boundary, from the account's last one on? */
static inline bool
is_at_boundary(const csm_scan_run *run, const csm_account *account)
{
	return run->multiple == 1 && account->unit >= run->first_unit;
}

/* The cursor of a streamed account, at its last unit. */
static inline csm_bridge_cursor
account_cursor(const csm_scan_run *run, const csm_account *account)
{
	csm_bridge_cursor cursor;

	cursor.next = csm_run_boundary(run, account->unit);
	cursor.since = account->since;
	cursor.base = account->base;
	cursor.is_known = account->is_known;
	cursor.is_inside = account->is_inside;
	return cursor;
}

/* Leads the cursor over an account's last unit and the absence that follows. */
static inline void
pass_last_unit(csm_scan_run *run, csm_bridge_cursor *cursor, const csm_account *account, int until)
{
	csm_run_pass(run, cursor, csm_run_boundary(run, (int64) account->unit + 1), account->amount);
	csm_run_pass(run, cursor, until, 0);
}

/* Writes down what an account had; where all units are boundaries, this is what it had at them. */
static void
keep(csm_bridge_scan *scan, uint32 number, int32 unit, int32 length, int64 amount)
{
	csm_stretch stretch = {number, unit, length, amount};

	if (amount != 0)
		csm_log_add(&scan->log, &stretch);
}

static void
keep_scale(csm_bridge_scan *scan)
{
	csm_stretch mark = {scan->log.before.account, scan->log.before.unit, 0, scan->scale};

	csm_log_add(&scan->log, &mark);
}

/* A row of a later unit has come: the last unit is final. */
static void
close_last_unit(csm_bridge_scan *scan, uint32 number, csm_account *account, int32 until)
{
	csm_scan_run *run = &scan->run;
	csm_bridge_cursor cursor = account_cursor(run, account);
	int32 since = run->first_unit + account->since;

	if (!is_at_boundary(run, account))
		keep(scan, number, account->unit, 1, account->amount);
	else if (account->amount != account->base)
	{
		keep(scan, number, since, account->unit - since, account->base);
		since = account->unit;
	}
	if (is_at_boundary(run, account) && account->unit + 1 < until)
		keep(scan, number, since, account->unit + 1 - since, account->amount);
	pass_last_unit(run, &cursor, account, csm_run_boundary(run, until));
	account->base = (int64) cursor.base;
	account->since = cursor.since;
	account->is_known = cursor.is_known;
	account->is_inside = cursor.is_inside;
}

/* Gives the log back to the sorter; its amounts may be of a smaller scale. */
typedef struct log_taker
{
	csm_bridge_scan *scan;
	int places;
} log_taker;

static void
sort_stretch(csm_change_sorter *sorter, const csm_stretch *stretch, int128 amount)
{
	if (stretch->length == 1)
	{
		csm_sorter_add_large(
			sorter, csm_change_key(stretch->account, stretch->unit, CSM_CHANGE_ONCE), amount);
		return;
	}
	csm_sorter_add_large(sorter, csm_change_key(stretch->account, stretch->unit, 0), amount);
	csm_sorter_add_large(
		sorter, csm_change_key(stretch->account, stretch->unit + stretch->length, 0), -amount);
}

static void
take_stretch(void *consumer, const csm_stretch *stretch)
{
	log_taker *taker = consumer;

	if (stretch->length == 0)
		taker->places = taker->scan->scale - (int) stretch->amount;
	else
		sort_stretch(&taker->scan->sorter, stretch,
					 csm_decimal_rescale(stretch->amount, taker->places));
}

/* What is not in the log: the stretch that goes on, and the last unit. */
static void
sort_account(csm_bridge_scan *scan, uint32 number, const csm_account *account)
{
	int32 since = scan->run.first_unit + account->since;
	csm_stretch stretch = {number, since, account->unit - since, account->base};
	csm_stretch last = {number, account->unit, 1, account->amount};

	if (is_at_boundary(&scan->run, account) && account->base != 0)
		sort_stretch(&scan->sorter, &stretch, account->base);
	if (account->amount != 0)
		sort_stretch(&scan->sorter, &last, account->amount);
}

static pg_noinline void
stop_streaming(csm_bridge_scan *scan)
{
	log_taker taker = {scan, 0};

	scan->mode = CSM_SCAN_SORTS;
	csm_run_free(&scan->run);
	csm_log_read(&scan->log, take_stretch, &taker);
	csm_log_free(&scan->log);
	for (uint32 i = 0; i < scan->table.count; i++)
	{
		const csm_account *account = csm_table_account(&scan->table, i);

		if ((i & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
		if (account->unit != CSM_NO_UNIT)
			sort_account(scan, i, account);
	}
}

/* stream_change for what is less frequent. */
static pg_noinline bool
stream_other_change(csm_bridge_scan *scan, uint32 number, csm_account *account, int32 unit,
					int64 amount)
{
	if (unit == account->unit)
	{
		if (__builtin_add_overflow(account->amount, amount, &amount))
			return false;
		account->amount = amount;
		return true;
	}
	if (unit < account->unit || account->amount < 0 ||
		(!scan->is_bounded && unit < scan->run.first_unit))
		return false;
	if (account->unit != CSM_NO_UNIT)
		close_last_unit(scan, number, account, unit);
	account->unit = unit;
	account->amount = amount;
	return true;
}

/*
 * False, and nothing has happened, when the row cannot be streamed.  An account that had
 * in its last unit what it had before has nothing to be written down.
 */
static inline bool
stream_change(csm_bridge_scan *scan, uint32 number, csm_account *account, int32 unit, int64 amount)
{
	if (unlikely(account->unit != unit - 1 || account->amount != account->base ||
				 account->unit <= scan->steady_after))
		return stream_other_change(scan, number, account, unit, amount);
	account->unit = unit;
	account->amount = amount;
	return true;
}

static int32
earliest_unit(const csm_change *changes, Size count)
{
	int32 earliest = PG_INT32_MAX;

	for (Size i = 0; i < count; i++)
		earliest = Min(earliest, csm_change_unit(changes[i].key));
	return earliest;
}

/* Streams what was gathered. */
static void
start_streaming(csm_bridge_scan *scan)
{
	csm_change *gathered = scan->sorter.changes;
	Size count = scan->sorter.count;

	if (scan->options.is_lasting || scan->sorter.run_count > 0)
	{
		scan->mode = CSM_SCAN_SORTS;
		return;
	}
	scan->mode = CSM_SCAN_STREAMS;
	scan->run.scale = scan->scale;
	if (!scan->is_bounded)
		scan->run.first_unit = earliest_unit(gathered, count);
	scan->steady_after = scan->run.multiple == 1 ? scan->run.first_unit : PG_INT32_MAX;
	keep_scale(scan);
	scan->sorter.changes = NULL;
	scan->sorter.count = scan->sorter.room = 0;
	for (Size i = 0; i < count; i++)
	{
		uint64 key = gathered[i].key;
		int128 amount = gathered[i].amount;

		if (key & CSM_CHANGE_HIGH)
			amount = (int128) ((csm_uint128) amount << 64);
		apply_change(scan, csm_change_account(key), csm_change_unit(key), amount);
	}
	pfree(gathered);
}

/*
 * Rows of known accounts
 */

static void
apply_change(csm_bridge_scan *scan, uint32 number, int32 unit, int128 amount)
{
	if (scan->mode == CSM_SCAN_STREAMS)
	{
		if (csm_fits_64_bits(amount) &&
			stream_change(scan, number, csm_table_account(&scan->table, number), unit,
						  (int64) amount))
			return;
		stop_streaming(scan);
	}
	csm_sorter_add_large(&scan->sorter, csm_change_key(number, unit, scan->flags), amount);
	if (scan->mode == CSM_SCAN_GATHERS && scan->sorter.count >= GATHERED_ROWS)
		start_streaming(scan);
}

/* The same when rows are not gathered any more. */
static inline void
apply_small(csm_bridge_scan *scan, uint32 number, csm_account *account, int32 unit, int64 amount)
{
	if (scan->mode == CSM_SCAN_SORTS)
		csm_sorter_add(&scan->sorter, csm_change_key(number, unit, scan->flags), amount);
	else if (unlikely(!stream_change(scan, number, account, unit, amount)))
		apply_change(scan, number, unit, amount);
}

/*
 * Rows of accounts that there is no room for
 */

static void
start_partitions(csm_bridge_scan *scan)
{
	Size affordable = scan->options.memory_limit / 8 / CSM_SPILL_FILE_SIZE;

	scan->partition_count = (int) Max(Min(affordable, MOST_PARTITIONS), LEAST_PARTITIONS);
	scan->partitions =
		MemoryContextAllocZero(scan->context, sizeof(csm_spill_file *) * scan->partition_count);
	share_memory(scan);
}

static csm_spill_file *
partition_of(csm_bridge_scan *scan, const csm_key *key)
{
	uint64 hash = csm_hash_integer(key->hash + scan->depth);
	csm_spill_file **file;

	if (scan->partitions == NULL)
		start_partitions(scan);
	file = &scan->partitions[hash % scan->partition_count];
	if (*file == NULL)
		*file = csm_spill_create(scan->context);
	return *file;
}

static void
spill_row(csm_bridge_scan *scan, const csm_key *key, int32 unit, int128 amount)
{
	csm_spill_file *file = partition_of(scan, key);
	spilled_row row;

	row.amount_low = (uint64) amount;
	row.amount_high = (int64) (amount >> 64);
	row.key = key->bytes == NULL ? key->integer : (int64) key->size;
	row.unit = unit;
	row.scale = scan->scale;
	csm_spill_write(file, &row, sizeof(row));
	if (key->bytes != NULL)
		csm_spill_write(file, key->bytes, key->size);
}

static void
apply_row(csm_bridge_scan *scan, const csm_key *key, int32 unit, int128 amount)
{
	uint32 number = csm_table_find(&scan->table, key);

	if (number == CSM_NO_ACCOUNT)
	{
		if (unlikely(scan->is_full))
		{
			spill_row(scan, key, unit, amount);
			return;
		}
		number = csm_table_insert(&scan->table, key);
		if (scan->table.allocated != scan->table_bytes)
			share_memory(scan);
	}
	apply_change(scan, number, unit, amount);
}

/*
 * Rows
 */

/* Applies the rows that wait, all of them with their accounts in the cache. */
void
csm_scan_apply_batch(csm_bridge_scan *scan)
{
	csm_row_batch *batch = scan->batch;
	int count;

	if (batch == NULL || batch->count == 0)
		return;
	count = batch->count;
	batch->count = 0;
	csm_table_find_integers(&scan->table, batch->lookups, count);
	for (int i = 0; i < count; i++)
	{
		int64 key = batch->lookups[i].key;
		csm_account *account = batch->lookups[i].account;

		if (likely(account != NULL) && likely(account->key == (uint64) key))
			apply_small(scan, batch->lookups[i].number, account, batch->rows[i].unit,
						batch->rows[i].amount);
		else
		{
			csm_key other = csm_key_of_integer(key);

			apply_row(scan, &other, batch->rows[i].unit, batch->rows[i].amount);
		}
	}
}

/* Brings everything to a larger scale. */
static pg_noinline void
rescale_scan(csm_bridge_scan *scan, int scale)
{
	int places = scale - scan->scale;
	int64 limit = places <= 18 ? PG_INT64_MAX / (int64) csm_power_of_ten[places] : 0;

	csm_scan_apply_batch(scan);
	for (uint32 i = 0; scan->mode == CSM_SCAN_STREAMS && i < scan->table.count; i++)
	{
		const csm_account *account = csm_table_account(&scan->table, i);

		if (account->amount > limit || account->amount < -limit || account->base > limit)
			stop_streaming(scan);
	}
	if (scan->mode == CSM_SCAN_STREAMS)
	{
		for (uint32 i = 0; i < scan->table.count; i++)
		{
			csm_account *account = csm_table_account(&scan->table, i);

			account->amount *= (int64) csm_power_of_ten[places];
			account->base *= (int64) csm_power_of_ten[places];
		}
		csm_run_rescale(&scan->run, scale);
	}
	csm_sorter_rescale(&scan->sorter, scale);
	scan->scale = scale;
	if (scan->mode == CSM_SCAN_STREAMS)
		keep_scale(scan);
}

/* An amount that does not matter but for the display scale of the result. */
void
csm_scan_note_scale(csm_bridge_scan *scan, int scale)
{
	scan->shown_scale = Max(scan->shown_scale, scale);
}

/* The account's amount is higher by so much in this unit; or from then on, if it is lasting. */
void
csm_scan_add(csm_bridge_scan *scan, const csm_key *key, int32 unit, csm_decimal amount)
{
	int128 coefficient;

	csm_scan_note_scale(scan, amount.scale);
	if (amount.scale > scan->scale)
		rescale_scan(scan, amount.scale);
	coefficient = csm_decimal_align(amount, scan->scale);
	if (scan->batch != NULL && csm_fits_64_bits(coefficient))
	{
		csm_scan_add_to_batch(scan, key->integer, unit, (int64) coefficient);
		return;
	}
	csm_scan_apply_batch(scan);
	apply_row(scan, key, unit, coefficient);
	if (scan->batch == NULL && key->bytes == NULL && scan->mode != CSM_SCAN_GATHERS &&
		scan->table.count >= BATCHED_ACCOUNTS)
		scan->batch = MemoryContextAllocZero(scan->context, sizeof(csm_row_batch));
}

/*
 * The end: from sorted changes to the intervals
 */

typedef struct walker
{
	csm_bridge_scan *scan;
	csm_scan_run *run;
	uint32 account; /* CSM_NO_ACCOUNT before the first */
	int32 unit;     /* of the changes being added up */
	csm_bridge_cursor cursor;
	int128 level; /* low part of the amount that lasts, */
	int128 level_high;
	int128 once; /* and of what is in the unit only */
	int128 once_high;
} walker;

static void
refuse_negative(csm_bridge_scan *scan, uint32 number, int boundary, int128 amount)
{
	csm_key key = csm_table_key(&scan->table, number);

	scan->options.refuse_negative(scan->options.caller, &key, boundary, amount, scan->scale);
}

static inline int128
join_parts(int128 low, int128 high)
{
	int128 amount;

	if (likely(high == 0 && csm_fits_64_bits(low)))
		return low;
	if (__builtin_mul_overflow(high, (int128) 1 << 64, &amount) ||
		__builtin_add_overflow(amount, low, &amount) || !csm_decimal_fits(amount))
		csm_decimal_overflow();
	return amount;
}

static inline void
walk_to(walker *w, int64 unit, int128 low, int128 high)
{
	int until = csm_run_boundary(w->run, unit);
	int128 amount = join_parts(low, high);

	if (unlikely(amount < 0) && w->cursor.next < until)
		refuse_negative(w->scan, w->account, w->cursor.next, amount);
	csm_run_pass(w->run, &w->cursor, until, amount);
}

/* The unit's changes are complete, and nothing changes before "until". */
static inline void
close_unit(walker *w, int64 until)
{
	if (w->once != 0 || w->once_high != 0)
	{
		walk_to(w, (int64) w->unit + 1, w->level + w->once, w->level_high + w->once_high);
		w->once = w->once_high = 0;
	}
	walk_to(w, until, w->level, w->level_high);
}

#define END_OF_TIME ((int64) PG_INT32_MAX + 1)

static void
end_account(walker *w)
{
	if (w->account == CSM_NO_ACCOUNT)
		return;
	close_unit(w, END_OF_TIME);
	csm_run_end(w->run, &w->cursor);
}

static void
start_account(walker *w, uint32 account, int32 unit)
{
	w->account = account;
	w->unit = unit;
	w->level = w->level_high = 0;
	memset(&w->cursor, 0, sizeof(w->cursor));
	w->cursor.next = csm_run_boundary(w->run, unit);
}

static inline void
take_change(walker *w, uint64 key, int64 amount)
{
	uint32 account = csm_change_account(key);
	int32 unit = csm_change_unit(key);

	if (account != w->account)
	{
		end_account(w);
		start_account(w, account, unit);
	}
	else if (unit != w->unit)
	{
		close_unit(w, unit);
		w->unit = unit;
	}
	switch (key & CSM_CHANGE_FLAGS)
	{
		case 0:
			w->level += amount;
			break;
		case CSM_CHANGE_ONCE:
			w->once += amount;
			break;
		case CSM_CHANGE_HIGH:
			w->level_high += amount;
			break;
		default:
			w->once_high += amount;
			break;
	}
}

static void
take_merged(void *consumer, uint64 key, int64 amount)
{
	take_change(consumer, key, amount);
}

static void
take_sorted(walker *w, const csm_change *changes, Size count)
{
	for (Size i = 0; i < count; i++)
	{
		if ((i & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
		take_change(w, changes[i].key, changes[i].amount);
	}
}

static void
walk_changes(csm_bridge_scan *scan, csm_scan_run *run)
{
	walker w;

	memset(&w, 0, sizeof(w));
	w.scan = scan;
	w.run = run;
	w.account = CSM_NO_ACCOUNT;
	if (csm_sorter_sort(&scan->sorter))
		take_sorted(&w, scan->sorter.changes, scan->sorter.count);
	else
		csm_sorter_merge(&scan->sorter, take_merged, &w);
	end_account(&w);
}

/* Streamed accounts: what is still to come of each of them. */
static void
complete_stream(csm_bridge_scan *scan, csm_scan_run *run)
{
	csm_run_merge(run, &scan->run);
	for (uint32 i = 0; i < scan->table.count; i++)
	{
		const csm_account *account = csm_table_account(&scan->table, i);
		csm_bridge_cursor cursor = account_cursor(run, account);

		if ((i & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
		if (unlikely(account->amount < 0) &&
			cursor.next < csm_run_boundary(run, (int64) account->unit + 1))
			refuse_negative(scan, i, cursor.next, account->amount);
		pass_last_unit(run, &cursor, account, run->count + 1);
		csm_run_end(run, &cursor);
	}
}

/* Where a temporary file has been read to, and room for the string of a key. */
typedef struct row_reader
{
	csm_spill_file *file;
	csm_spill_position position;
	csm_spill_position end;
	bool has_integer_keys;
	char *bytes;
	Size room;
} row_reader;

static csm_key
read_key(row_reader *reader, int64 integer_or_size)
{
	if (reader->has_integer_keys)
		return csm_key_of_integer(integer_or_size);
	if ((Size) integer_or_size > reader->room)
	{
		reader->room = (Size) integer_or_size;
		reader->bytes = repalloc_huge(reader->bytes, reader->room);
	}
	csm_spill_read(reader->file, &reader->position, reader->bytes, integer_or_size);
	return csm_key_of_bytes(reader->bytes, integer_or_size);
}

static bool
read_row(row_reader *reader, csm_key *key, int32 *unit, csm_decimal *amount)
{
	spilled_row row;

	if (reader->position.segment == reader->end.segment &&
		reader->position.offset == reader->end.offset)
		return false;
	csm_spill_read(reader->file, &reader->position, &row, sizeof(row));
	*key = read_key(reader, row.key);
	*unit = row.unit;
	amount->coefficient = (int128) ((csm_uint128) row.amount_high << 64 | row.amount_low);
	amount->scale = row.scale;
	return true;
}

/* Closes the temporary files. */
static void
close_files(csm_bridge_scan *scan)
{
	csm_sorter_close(&scan->sorter);
	csm_log_close(&scan->log);
	for (int i = 0; i < scan->partition_count; i++)
	{
		if (scan->partitions[i] != NULL)
			csm_spill_close(scan->partitions[i]);
	}
	scan->partitions = NULL;
	scan->partition_count = 0;
}

/*
 * Scans a temporary file on its own.  Its accounts are in no other part, so everything
 * starts afresh, memory as well.
 */
static void
scan_partition(csm_bridge_scan *parent, csm_spill_file *file, csm_scan_run *run)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "csm_metrics partition",
												  ALLOCSET_DEFAULT_SIZES);
	csm_scan_options options = parent->options;
	csm_bridge_scan *scan;
	row_reader reader = {.file = file,
						 .end = csm_spill_end(file),
						 .has_integer_keys = parent->options.has_integer_keys,
						 .bytes = MemoryContextAlloc(context, 64),
						 .room = 64};
	csm_key key;
	int32 unit;
	csm_decimal amount;

	options.memory_limit = Max(memory_left(parent), LEAST_MEMORY);
	scan = csm_scan_new(context, &options);
	scan->depth = parent->depth + 1;
	if (!parent->options.is_lasting)
		csm_scan_set_run(scan, run->first_unit, run->count);
	while (read_row(&reader, &key, &unit, &amount))
	{
		CHECK_FOR_INTERRUPTS();
		csm_scan_add(scan, &key, unit, amount);
	}
	csm_scan_finish(scan, run);
	close_files(scan);
	MemoryContextDelete(context);
}

/*
 * Adds all accounts to a run, whose scale is no smaller than any amount's.  The scan stays
 * as it is, and more rows can be added to it.
 */
void
csm_scan_finish(csm_bridge_scan *scan, csm_scan_run *run)
{
	csm_scan_apply_batch(scan);
	if (run->scale > scan->scale)
		rescale_scan(scan, run->scale);
	/* a row of an account that there was no room for may have been the earliest */
	if (scan->mode == CSM_SCAN_STREAMS && scan->run.first_unit != run->first_unit)
		stop_streaming(scan);
	if (scan->mode == CSM_SCAN_STREAMS)
		complete_stream(scan, run);
	else
		walk_changes(scan, run);
	if (scan->partition_count == 0)
		return;
	/* they need the memory */
	csm_sorter_write_out(&scan->sorter);
	csm_log_write_out(&scan->log);
	for (int i = 0; i < scan->partition_count; i++)
	{
		if (scan->partitions[i] != NULL)
			scan_partition(scan, scan->partitions[i], run);
	}
}
