/*
 * account_scan.c
 *		Rows of accounts in any order; account_scan.h says what becomes of them.
 */
#include "base/port.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "engine/account_scan.h"

/* Fewer accounts are in the cache anyway, and rows need not wait for them. */
#define BATCHED_ACCOUNTS CSM_SEGMENT_ACCOUNTS

/* Tapes of accounts that there is no room for. */
#define MOST_PARTITIONS  32
#define LEAST_PARTITIONS 4

/* Every table may have so many bytes, so that each scan gets on. */
#define LEAST_TABLE (16 * 1024)

/*
 * What an entry of the account table means while rows come in, by its unit:
 *
 * snapshots	"base" in each unit from "since" to the one before "unit", "amount" in that one
 * events		"amount" in "unit", where "base" is 1 for an event and 0 for credits alone;
 *				"since" is the day of a member
 * spans		"base" in each unit from "since" to the one before "unit"
 * points		"since" is the mark, of the time "base", and "amount" belongs to it; all are late
 */
#define NOTHING_YET PG_INT32_MIN
#define LATE        (PG_INT32_MIN + 1)

/* A row on a tape; the words of its key follow, and the bytes of a long text. */
typedef struct spilled_row
{
	uint64 amount_low;
	int64 amount_high;
	int32 from;
	int32 to;
	int32 scale;
	int32 unused;
} spilled_row;

static inline bool
is_event(csm_row_kind kind)
{
	return kind == CSM_EVENT_ROWS || kind == CSM_MEMBER_ROWS;
}

/* Where the stretch of an event ends. */
static inline int32
end_of_event(int32 unit, int128 amount)
{
	return unit + (amount >= 0);
}

static void
write_out(csm_memory_user *user)
{
	csm_account_scan *scan =
		(csm_account_scan *) ((char *) user - offsetof(csm_account_scan, user));

	csm_sorter_write_out(&scan->sorter);
	csm_log_write_out(&scan->log);
}

csm_account_scan *
csm_scan_new(MemoryContext context, csm_memory_budget *budget, csm_key_kind keys, csm_row_kind kind)
{
	csm_account_scan *scan = MemoryContextAllocZero(context, sizeof(csm_account_scan));

	scan->context = context;
	scan->kind = kind;
	scan->user.write_out = write_out;
	csm_budget_enter(budget, &scan->user);
	csm_table_init(&scan->table, context, keys);
	csm_sorter_init(&scan->sorter, context, &scan->user);
	scan->sorter.of_points = scan->is_unordered = kind == CSM_POINT_ROWS;
	csm_log_init(&scan->log, context, &scan->user);
	return scan;
}

/*
 * Memory
 */

/*
 * The table has grown.  All tables take no more than half of the memory, because tapes of
 * other accounts are scanned in what is left; a scan of such a tape most likely has room
 * for all of its accounts and takes more.
 */
static void
share_memory(csm_account_scan *scan)
{
	csm_memory_budget *budget = scan->user.budget;
	Size limit = scan->depth == 0 ? budget->limit / 2 : budget->limit / 4 * 3;
	Size own = scan->depth == 0 ? LEAST_TABLE : Max(LEAST_TABLE, budget->limit / 8);

	csm_budget_set_table(&scan->user, scan->table.allocated);
	scan->is_full = (budget->in_tables >= limit && scan->table.allocated >= own) ||
					scan->table.count >= CSM_ACCOUNTS_MAX - 1;
	if (!csm_budget_allows(&scan->user, 0))
		write_out(&scan->user);
}

/*
 * Late accounts
 */

static void
sort_stretch(csm_account_scan *scan, uint32 number, int32 from, int32 to, int128 amount)
{
	csm_change_sorter *sorter = &scan->sorter;

	if (amount == 0 && !is_event(scan->kind))
		return;
	if (to == from + 1)
	{
		csm_sorter_add_amount(sorter, csm_change_key(number, from, CSM_CHANGE_ONCE), amount);
		return;
	}
	csm_sorter_add_amount(sorter, csm_change_key(number, from, 0), amount);
	if (to != CSM_NO_END && to != from)
		csm_sorter_add_amount(sorter, csm_change_key(number, to, 0), -amount);
}

/* What is held of an account, in one stretch or two. */
typedef struct held_stretches
{
	int count;
	csm_stretch stretches[2];
} held_stretches;

static void
hold_stretch(held_stretches *held, uint32 number, int32 from, int32 to, int64 amount)
{
	csm_stretch stretch = {number, from, to, amount};

	held->stretches[held->count++] = stretch;
}

static held_stretches
stretches_of(const csm_account_scan *scan, uint32 number, const csm_account *account)
{
	held_stretches held = {0};
	bool is_one = account->amount == account->base;

	if (account->unit == NOTHING_YET || account->unit == LATE)
		return held;
	if (scan->kind == CSM_SPAN_ROWS)
	{
		hold_stretch(&held, number, account->since, account->unit, account->base);
		return held;
	}
	if (is_event(scan->kind))
	{
		hold_stretch(&held, number, account->unit, account->unit + (int32) account->base,
					 account->amount);
		return held;
	}
	if (account->since < account->unit)
		hold_stretch(&held, number, account->since, account->unit + is_one, account->base);
	if (held.count == 0 || !is_one)
		hold_stretch(&held, number, account->unit, account->unit + 1, account->amount);
	return held;
}

static pg_noinline void
make_late(csm_account_scan *scan, uint32 number, csm_account *account)
{
	held_stretches held = stretches_of(scan, number, account);

	for (int i = 0; i < held.count; i++)
		sort_stretch(scan, number, held.stretches[i].from, held.stretches[i].to,
					 held.stretches[i].amount);
	account->unit = LATE;
	account->amount = account->base = 0;
	scan->late++;
}

/* Makes all accounts late, which are handed over one after the other. */
static void
sort_all(csm_account_scan *scan)
{
	for (uint32 i = 0; i < scan->table.count; i++)
	{
		csm_account *account = csm_table_account(&scan->table, i);

		if ((i & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
		if (account->unit != LATE)
			make_late(scan, i, account);
	}
	scan->is_unordered = true;
}

/*
 * Rows of known accounts
 */

/* Writes down what is over; 0 is the same as nothing, but for events. */
static inline void
write_down(csm_account_scan *scan, uint32 number, int32 from, int32 to, int64 amount)
{
	csm_stretch stretch = {number, from, to, amount};

	if (amount != 0 || is_event(scan->kind))
		csm_log_add(&scan->log, &stretch);
}

static inline bool
add_to_unit(csm_account *account, int64 amount)
{
	int64 sum;

	if (__builtin_add_overflow(account->amount, amount, &sum))
		return false;
	account->amount = sum;
	return true;
}

/* False, and nothing has happened, when the row does not fit to what is held. */
static pg_noinline bool
hold_other_snapshot(csm_account_scan *scan, uint32 number, csm_account *account, int32 unit,
					int64 amount)
{
	if (unit == account->unit)
		return add_to_unit(account, amount);
	if (account->unit == NOTHING_YET)
		account->since = unit;
	else if (unit < account->unit)
		return false;
	else
	{
		if (account->amount != account->base)
		{
			if (account->since < account->unit)
				write_down(scan, number, account->since, account->unit, account->base);
			account->since = account->unit;
			account->base = account->amount;
		}
		if (unit != account->unit + 1)
		{
			write_down(scan, number, account->since, account->unit + 1, account->base);
			account->since = unit;
		}
	}
	if (account->since == unit)
		account->base = amount;
	account->unit = unit;
	account->amount = amount;
	return true;
}

/* Most accounts had in their last unit what they had before. */
static inline bool
hold_snapshot(csm_account_scan *scan, uint32 number, csm_account *account, int32 unit, int64 amount)
{
	if (unlikely(account->unit == LATE))
		return false;
	if (unlikely(account->unit != unit - 1 || account->amount != account->base))
		return hold_other_snapshot(scan, number, account, unit, amount);
	account->unit = unit;
	account->amount = amount;
	return true;
}

static inline bool
hold_event(csm_account_scan *scan, uint32 number, csm_account *account, int32 unit, int64 amount)
{
	if (unit == account->unit)
	{
		if (!add_to_unit(account, amount))
			return false;
		account->base |= amount >= 0;
		return true;
	}
	if (unlikely(account->unit == LATE || unit < account->unit))
		return false;
	if (account->unit != NOTHING_YET)
		write_down(scan, number, account->unit, account->unit + (int32) account->base,
				   account->amount);
	account->unit = unit;
	account->amount = amount;
	account->base = amount >= 0;
	return true;
}

/* A member has one day. */
static inline void
check_day(csm_account_scan *scan, uint32 number, const csm_account *account, int32 day)
{
	csm_key key;

	if (likely(account->since == day))
		return;
	key = csm_table_key(&scan->table, number);
	scan->refuse_day(scan->table.kind, &key, account->since, day);
}

static inline bool
hold_span(csm_account_scan *scan, uint32 number, csm_account *account, int32 from, int32 to,
		  int64 amount)
{
	if (account->unit == NOTHING_YET)
	{
		account->since = from;
		account->base = amount;
	}
	else if (account->unit == LATE || from < account->unit)
		return false;
	else if (from > account->unit || amount != account->base)
	{
		write_down(scan, number, account->since, account->unit, account->base);
		account->since = from;
		account->base = amount;
	}
	account->unit = to;
	return true;
}

/* A row of an account that is late. */
static inline void
sort_row(csm_account_scan *scan, csm_row_kind kind, uint32 number, int32 from, int32 to,
		 int64 amount)
{
	if (kind == CSM_SPAN_ROWS)
		sort_stretch(scan, number, from, to, amount);
	else
		csm_sorter_add(
			&scan->sorter,
			csm_change_key(number, from, is_event(kind) && amount < 0 ? 0 : CSM_CHANGE_ONCE),
			amount);
}

static pg_noinline void
put_mark(csm_account_scan *scan, csm_account *account, int64 at, int32 mark, int64 marked)
{
	if (account->since != 0 &&
		(at > account->base ||
		 (at == account->base && !scan->is_better_mark(scan->marks, account, mark, marked))))
		return;
	account->base = at;
	account->since = mark;
	account->amount = marked;
}

static inline void
apply_point(csm_account_scan *scan, uint32 number, csm_account *account, int32 unit, int64 point,
			int32 mark, int64 marked)
{
	if (mark != 0)
		put_mark(scan, account, csm_point_time(unit, point), mark, marked);
	csm_sorter_add(&scan->sorter, csm_change_key(number, unit, 0), point);
}

static pg_attribute_always_inline void
apply_row(csm_account_scan *scan, csm_row_kind kind, uint32 number, csm_account *account,
		  int32 from, int32 to, int64 amount)
{
	bool is_held;

	switch (kind)
	{
		case CSM_SNAPSHOT_ROWS:
			is_held = hold_snapshot(scan, number, account, from, amount);
			break;
		case CSM_EVENT_ROWS:
			is_held = hold_event(scan, number, account, from, amount);
			break;
		case CSM_MEMBER_ROWS:
			check_day(scan, number, account, to);
			is_held = from == CSM_NO_UNIT || hold_event(scan, number, account, from, amount);
			break;
		default:
			is_held = hold_span(scan, number, account, from, to, amount);
			break;
	}
	if (likely(is_held))
		return;
	if (account->unit != LATE)
		make_late(scan, number, account);
	sort_row(scan, kind, number, from, to, amount);
}

/*
 * Rows of accounts that there is no room for
 */

static void
start_partitions(csm_account_scan *scan)
{
	Size affordable = scan->user.budget->limit / 8 / CSM_TAPE_SIZE;

	scan->partition_count = (int) Max(Min(affordable, MOST_PARTITIONS), LEAST_PARTITIONS);
	scan->partitions =
		MemoryContextAllocZero(scan->context, sizeof(LogicalTape *) * scan->partition_count);
	csm_budget_set_buffers(&scan->user, scan->partition_count * CSM_TAPE_SIZE);
}

static LogicalTape *
partition_of(csm_account_scan *scan, const csm_key *key)
{
	uint64 hash = csm_table_hash(&scan->table, key);
	LogicalTape **tape;

	if (scan->partitions == NULL)
		start_partitions(scan);
	/* bits that the index has not used, others at each depth */
	hash = (hash >> 32) * (2 * scan->depth + 0x9E3779B97F4A7C15);
	tape = &scan->partitions[(hash >> 32) % scan->partition_count];
	if (*tape == NULL)
		*tape = csm_tape_new(scan->user.budget);
	return *tape;
}

static void
spill_row(csm_account_scan *scan, const csm_key *key, int32 from, int32 to, int128 amount)
{
	csm_memory_budget *budget = scan->user.budget;
	LogicalTape *tape = partition_of(scan, key);
	spilled_row row = {(uint64) amount, (int64) (amount >> 64), from, to, scan->scale, 0};

	csm_tape_write(budget, tape, &row, sizeof(row));
	csm_tape_write(budget, tape, key->words, scan->table.kind * sizeof(uint64));
	if (scan->table.kind == CSM_TEXT_KEYS && csm_key_is_long(key))
		csm_tape_write(budget, tape, csm_key_bytes(key), csm_key_size(key));
}

/*
 * Rows
 */

/* A point and what belongs to its mark are handed over as one amount. */
static inline int128
point_with_mark(int64 point, int64 marked)
{
	return (int128) ((csm_uint128) marked << 64 | (uint64) point);
}

static void
apply_any_row(csm_account_scan *scan, const csm_key *key, int32 from, int32 to, int128 amount)
{
	uint32 number = csm_table_find(&scan->table, key);
	csm_account *account;

	if (number == CSM_NO_ACCOUNT)
	{
		if (unlikely(scan->is_full))
		{
			spill_row(scan, key, from, to, amount);
			return;
		}
		number = csm_table_insert(&scan->table, key);
		account = csm_table_account(&scan->table, number);
		account->unit = scan->is_unordered ? LATE : NOTHING_YET;
		if (scan->kind == CSM_MEMBER_ROWS)
			account->since = to;
		if (scan->table.allocated != scan->user.in_table)
			share_memory(scan);
	}
	account = csm_table_account(&scan->table, number);
	if (scan->kind == CSM_POINT_ROWS)
	{
		apply_point(scan, number, account, from, (int64) amount, to, (int64) (amount >> 64));
		return;
	}
	if (likely(csm_fits_64_bits(amount)))
	{
		apply_row(scan, scan->kind, number, account, from, to, (int64) amount);
		return;
	}
	if (scan->kind == CSM_MEMBER_ROWS)
		check_day(scan, number, account, to);
	if (account->unit != LATE)
		make_late(scan, number, account);
	sort_stretch(scan, number, from, is_event(scan->kind) ? end_of_event(from, amount) : to,
				 amount);
}

static pg_attribute_always_inline void
apply_batch(csm_account_scan *scan, csm_row_kind kind, bool is_unordered)
{
	csm_row_batch *batch = scan->batch;
	csm_key_kind keys = scan->table.kind;
	int count = batch->count;

	batch->count = 0;
	csm_table_find_many(&scan->table, batch->keys, batch->lookups, count);
	for (int i = 0; i < count; i++)
	{
		const csm_lookup *lookup = &batch->lookups[i];
		const uint64 *words = batch->keys + i * keys;

		if (likely(lookup->entry != NULL) && likely(csm_key_is_at(lookup->entry, words, keys)))
		{
			if (kind == CSM_POINT_ROWS)
				apply_point(scan, lookup->number, (csm_account *) (lookup->entry + keys),
							batch->rows[i].from, batch->rows[i].amount, batch->rows[i].to,
							batch->marked[i]);
			else if (is_unordered)
				sort_row(scan, kind, lookup->number, batch->rows[i].from, batch->rows[i].to,
						 batch->rows[i].amount);
			else
				apply_row(scan, kind, lookup->number, (csm_account *) (lookup->entry + keys),
						  batch->rows[i].from, batch->rows[i].to, batch->rows[i].amount);
		}
		else
		{
			csm_key key = {{0, 0, 0}};

			memcpy(key.words, words, keys * sizeof(uint64));
			apply_any_row(scan, &key, batch->rows[i].from, batch->rows[i].to,
						  kind == CSM_POINT_ROWS
							  ? point_with_mark(batch->rows[i].amount, batch->marked[i])
							  : batch->rows[i].amount);
		}
	}
}

/* Applies the rows that wait, all of them with their accounts in the cache. */
void
csm_scan_apply_batch(csm_account_scan *scan)
{
	if (scan->batch == NULL || scan->batch->count == 0)
		return;
	switch (scan->kind)
	{
		case CSM_SNAPSHOT_ROWS:
			if (scan->is_unordered)
				apply_batch(scan, CSM_SNAPSHOT_ROWS, true);
			else
				apply_batch(scan, CSM_SNAPSHOT_ROWS, false);
			break;
		case CSM_EVENT_ROWS:
			if (scan->is_unordered)
				apply_batch(scan, CSM_EVENT_ROWS, true);
			else
				apply_batch(scan, CSM_EVENT_ROWS, false);
			break;
		case CSM_MEMBER_ROWS:
			apply_batch(scan, CSM_MEMBER_ROWS, false);
			break;
		case CSM_POINT_ROWS:
			apply_batch(scan, CSM_POINT_ROWS, true);
			break;
		default:
			apply_batch(scan, CSM_SPAN_ROWS, scan->is_unordered);
			break;
	}
	/*
	 * spans of an account may overlap in any order of rows, and others be alone; members have a
	 * day in their entry
	 */
	if (unlikely(scan->late > scan->table.count / 2) && !scan->is_unordered &&
		scan->kind != CSM_SPAN_ROWS && scan->kind != CSM_MEMBER_ROWS)
		sort_all(scan);
}

static void
start_batches(csm_account_scan *scan)
{
	scan->batch = MemoryContextAllocZero(scan->context, sizeof(csm_row_batch));
	if (scan->table.kind == CSM_TEXT_KEYS)
		scan->batch->texts = MemoryContextAlloc(scan->context, CSM_BATCHED_TEXT * CSM_LOOKUPS_MAX);
}

/* A long text goes away with its row, so its bytes are copied.  False if it is too long. */
static inline bool
keep_text(csm_row_batch *batch, csm_key *key)
{
	char *bytes = batch->texts[batch->count];
	Size size = csm_key_size(key);

	if (size > CSM_BATCHED_TEXT)
		return false;
	memcpy(bytes, csm_key_bytes(key), size);
	key->words[1] = (uint64) (uintptr_t) bytes;
	return true;
}

/* Brings everything to a larger scale. */
static pg_noinline void
rescale_scan(csm_account_scan *scan, int scale)
{
	int places = scale - scan->scale;
	int64 factor = places <= 18 ? (int64) csm_power_of_ten[places] : 0;
	int64 limit = factor == 0 ? 0 : PG_INT64_MAX / factor;
	bool has_base = !is_event(scan->kind);

	csm_scan_apply_batch(scan);
	for (uint32 i = 0; i < scan->table.count; i++)
	{
		csm_account *account = csm_table_account(&scan->table, i);

		if ((i & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
		if (account->amount > limit || account->amount < -limit ||
			(has_base && (account->base > limit || account->base < -limit)))
			make_late(scan, i, account);
		account->amount *= factor;
		if (has_base)
			account->base *= factor;
	}
	csm_sorter_rescale(&scan->sorter, scale);
	csm_log_set_scale(&scan->log, scale);
	scan->scale = scale;
}

/* An amount that does not matter but for the display scale of the result. */
void
csm_scan_note_scale(csm_account_scan *scan, int scale)
{
	scan->shown_scale = Max(scan->shown_scale, scale);
}

/* Can a row of this key wait with others? */
static inline bool
can_wait(csm_account_scan *scan, csm_key *key)
{
	return scan->batch != NULL && (scan->table.kind != CSM_TEXT_KEYS || !csm_key_is_long(key) ||
								   keep_text(scan->batch, key));
}

/* A row that cannot wait. */
static void
apply_at_once(csm_account_scan *scan, const csm_key *key, int32 from, int32 to, int128 amount)
{
	csm_scan_apply_batch(scan);
	apply_any_row(scan, key, from, to, amount);
	if (scan->batch == NULL && scan->table.count >= BATCHED_ACCOUNTS)
		start_batches(scan);
}

/* A point; mark is 0 where it has none. */
void
csm_scan_add_point(csm_account_scan *scan, const csm_key *key, int32 unit, int64 point, int32 mark,
				   int64 marked)
{
	csm_key own = *key;

	if (can_wait(scan, &own))
		csm_scan_add_point_to_batch(scan, scan->table.kind, &own, unit, point, mark, marked);
	else
		apply_at_once(scan, key, unit, mark, point_with_mark(point, marked));
}

void
csm_scan_add(csm_account_scan *scan, const csm_key *key, int32 from, int32 to, csm_decimal amount)
{
	csm_key own = *key;
	int128 coefficient;

	csm_scan_note_scale(scan, amount.scale);
	if (amount.scale > scan->scale)
		rescale_scan(scan, amount.scale);
	coefficient = csm_decimal_align(amount, scan->scale);
	if (csm_fits_64_bits(coefficient) && can_wait(scan, &own))
		csm_scan_add_to_batch(scan, scan->table.kind, &own, from, to, (int64) coefficient);
	else
		apply_at_once(scan, key, from, to, coefficient);
}

/*
 * The end: late accounts, from sorted changes
 */

typedef struct walker
{
	csm_scan_consumer *consumer;
	const csm_account_table *table;
	bool is_event;
	uint32 number; /* CSM_NO_ACCOUNT before the first */
	int32 unit;    /* of the changes being added up */
	csm_account account;
	int128 level; /* low part of the amount that lasts, */
	int128 level_high;
	int128 once; /* and of what is in the unit only */
	int128 once_high;
	bool has_once;
} walker;

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
walk(walker *w, int32 from, int32 to, int128 low, int128 high)
{
	int128 amount = join_parts(low, high);

	if (amount != 0 || w->is_event)
		w->consumer->take(w->consumer, &w->account, w->number, from, to, amount);
}

/*
 * The unit's changes are complete, and nothing changes before "until".  What lasts of events are
 * the unit's credits.
 */
static inline void
close_unit(walker *w, int32 until)
{
	int32 from = w->unit;

	if (w->has_once || w->is_event)
	{
		walk(w, from, from + w->has_once, w->level + w->once, w->level_high + w->once_high);
		w->once = w->once_high = 0;
		w->has_once = false;
		from++;
	}
	if (w->is_event)
		w->level = w->level_high = 0;
	else if (from < until)
		walk(w, from, until, w->level, w->level_high);
}

static void
end_account(walker *w)
{
	if (w->number == CSM_NO_ACCOUNT)
		return;
	close_unit(w, CSM_NO_END);
	w->consumer->end(w->consumer, &w->account, w->number);
}

static void
start_account(walker *w, uint32 number, int32 unit)
{
	w->number = number;
	w->unit = unit;
	w->level = w->level_high = 0;
	w->account = *csm_table_account(w->table, number);
}

static inline void
take_change(walker *w, uint64 key, int64 amount)
{
	uint32 number = csm_change_account(key);
	int32 unit = csm_change_unit(key);

	if (number != w->number)
	{
		end_account(w);
		start_account(w, number, unit);
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
			w->has_once = true;
			break;
		case CSM_CHANGE_HIGH:
			w->level_high += amount;
			break;
		default:
			w->once_high += amount;
			w->has_once = true;
			break;
	}
}

static void
take_changes(void *consumer, const csm_change *changes, Size count)
{
	for (Size i = 0; i < count; i++)
		take_change(consumer, changes[i].key, changes[i].amount);
}

static void
walk_late_accounts(csm_account_scan *scan, csm_scan_consumer *consumer)
{
	walker w;

	memset(&w, 0, sizeof(w));
	w.consumer = consumer;
	w.table = &scan->table;
	w.is_event = is_event(scan->kind);
	w.number = CSM_NO_ACCOUNT;
	csm_sorter_read(&scan->sorter, take_changes, &w);
	end_account(&w);
}

/*
 * The end: points
 */

static void
take_points(void *argument, const csm_change *points, Size count)
{
	walker *w = argument;

	for (Size i = 0; i < count; i++)
	{
		uint32 number = csm_change_account(points[i].key);
		int32 unit = csm_change_unit(points[i].key);

		if (number != w->number)
		{
			if (w->number != CSM_NO_ACCOUNT)
				w->consumer->end(w->consumer, &w->account, w->number);
			start_account(w, number, unit);
		}
		w->consumer->take(w->consumer, &w->account, number, unit, unit, points[i].amount);
	}
}

static void
walk_points(csm_account_scan *scan, csm_scan_consumer *consumer)
{
	walker w;

	memset(&w, 0, sizeof(w));
	w.consumer = consumer;
	w.table = &scan->table;
	w.number = CSM_NO_ACCOUNT;
	csm_table_drop_index(&scan->table);
	csm_budget_set_table(&scan->user, scan->table.allocated);
	csm_sorter_read(&scan->sorter, take_points, &w);
	if (w.number != CSM_NO_ACCOUNT)
		consumer->end(consumer, &w.account, w.number);
}

/*
 * The end: the other accounts, from the log
 */

/*
 * Writes down what is held, and leaves to the consumer what has held it.  Returns which accounts
 * are late, NULL if there are none.
 */
static uint8 *
write_down_all(csm_account_scan *scan, csm_scan_consumer *consumer)
{
	uint8 *late = NULL;

	csm_table_drop_index(&scan->table);
	if (scan->late > 0)
		late = MemoryContextAllocZero(scan->context, scan->table.count / 8 + 1);
	for (uint32 i = 0; i < scan->table.count; i++)
	{
		csm_account *account = csm_table_account(&scan->table, i);
		held_stretches held = stretches_of(scan, i, account);
		int32 day = account->since;

		if ((i & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
		for (int k = 0; k < held.count; k++)
			write_down(scan, i, held.stretches[k].from, held.stretches[k].to,
					   held.stretches[k].amount);
		if (account->unit == LATE)
			late[i / 8] |= 1 << i % 8;
		memset(account, 0, sizeof(*account));
		if (consumer->begin != NULL)
			consumer->begin(consumer, account, day);
	}
	return late;
}

typedef struct log_taker
{
	csm_account_scan *scan;
	csm_scan_consumer *consumer;
	uint8 *late;
} log_taker;

static inline bool
is_late(const uint8 *late, uint32 number)
{
	return late != NULL && (late[number / 8] & 1 << number % 8) != 0;
}

/* Accounts are brought into the cache first, all of them at the same time. */
static void
take_stretches(void *argument, const csm_stretch *stretches, int count, int scale)
{
	log_taker *taker = argument;
	csm_account_scan *scan = taker->scan;

	for (int i = 0; i < count; i++)
		__builtin_prefetch(csm_table_account(&scan->table, stretches[i].account), 1);
	for (int i = 0; i < count; i++)
	{
		const csm_stretch *stretch = &stretches[i];
		int128 amount = stretch->amount;

		if (unlikely(scale < scan->scale))
			amount = csm_decimal_rescale(amount, scan->scale - scale);
		if (is_late(taker->late, stretch->account))
			sort_stretch(scan, stretch->account, stretch->from, stretch->to, amount);
		else
			taker->consumer->take(taker->consumer,
								  csm_table_account(&scan->table, stretch->account),
								  stretch->account, stretch->from, stretch->to, amount);
	}
}

static void
replay(csm_account_scan *scan, csm_scan_consumer *consumer)
{
	log_taker taker = {scan, consumer, write_down_all(scan, consumer)};

	csm_budget_set_table(&scan->user, scan->table.allocated);
	csm_log_read(&scan->log, take_stretches, &taker);
	for (uint32 i = 0; i < scan->table.count; i++)
	{
		if ((i & 0xFFFF) == 0)
			CHECK_FOR_INTERRUPTS();
		if (!is_late(taker.late, i))
			consumer->end(consumer, csm_table_account(&scan->table, i), i);
	}
	if (taker.late != NULL)
		pfree(taker.late);
}

/*
 * The end: tapes of other accounts
 */

/* A tape being read, and room for long texts. */
typedef struct row_reader
{
	csm_memory_budget *budget;
	LogicalTape *tape;
	csm_key_kind keys;
	char *bytes;
	Size room;
} row_reader;

static csm_key
read_key(row_reader *reader)
{
	csm_key key = {{0, 0, 0}};
	Size size;

	csm_tape_read_all(reader->budget, reader->tape, key.words, reader->keys * sizeof(uint64));
	if (reader->keys != CSM_TEXT_KEYS || !csm_key_is_long(&key))
		return key;
	size = csm_key_size(&key);
	if (size > reader->room)
	{
		reader->room = size;
		reader->bytes = repalloc_huge(reader->bytes, size);
	}
	csm_tape_read_all(reader->budget, reader->tape, reader->bytes, size);
	key.words[1] = (uint64) (uintptr_t) reader->bytes;
	return key;
}

static bool
read_row(row_reader *reader, csm_account_scan *scan)
{
	spilled_row row;
	csm_key key;
	csm_decimal amount;
	Size size = csm_tape_read(reader->budget, reader->tape, &row, sizeof(row));

	if (size == 0)
		return false;
	key = read_key(reader);
	amount.coefficient = (int128) ((csm_uint128) row.amount_high << 64 | row.amount_low);
	amount.scale = row.scale;
	if (scan->kind == CSM_POINT_ROWS)
		csm_scan_add_point(scan, &key, row.from, (int64) row.amount_low, row.to, row.amount_high);
	else
		csm_scan_add(scan, &key, row.from, row.to, amount);
	return true;
}

/*
 * Scans a tape on its own.  Its accounts are in no other part, so everything starts afresh,
 * memory as well.
 */
static void
scan_partition(csm_account_scan *parent, csm_memory_budget *budget, LogicalTape *tape,
			   csm_scan_consumer *consumer)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "csm_metrics tape", ALLOCSET_DEFAULT_SIZES);
	csm_account_scan *scan = csm_scan_new(context, budget, parent->table.kind, parent->kind);
	row_reader reader = {budget, tape, parent->table.kind, MemoryContextAlloc(context, 64), 64};

	scan->depth = parent->depth + 1;
	scan->refuse_day = parent->refuse_day;
	scan->is_better_mark = parent->is_better_mark;
	scan->marks = parent->marks;
	csm_scan_note_scale(scan, parent->scale);
	rescale_scan(scan, parent->scale);
	while (read_row(&reader, scan))
		CHECK_FOR_INTERRUPTS();
	LogicalTapeClose(tape);
	csm_scan_finish(scan, consumer);
	MemoryContextDelete(context);
}

static void
free_memory(csm_account_scan *scan)
{
	csm_table_free(&scan->table);
	csm_budget_set_table(&scan->user, 0);
	if (scan->batch != NULL && scan->batch->texts != NULL)
		pfree(scan->batch->texts);
	if (scan->batch != NULL)
		pfree(scan->batch);
	scan->batch = NULL;
}

/* Hands over all accounts, at the scale that is shown; the scan is over. */
void
csm_scan_finish(csm_account_scan *scan, csm_scan_consumer *consumer)
{
	csm_memory_budget *budget = scan->user.budget;

	csm_scan_apply_batch(scan);
	if (scan->shown_scale > scan->scale)
		rescale_scan(scan, scan->shown_scale);
	consumer->scan = scan;
	if (consumer->is_one_by_one)
		sort_all(scan);
	if (scan->kind == CSM_POINT_ROWS)
		walk_points(scan, consumer);
	else
	{
		replay(scan, consumer);
		walk_late_accounts(scan, consumer);
	}
	free_memory(scan);
	for (int i = 0; i < scan->partition_count; i++)
	{
		if (scan->partitions[i] != NULL)
			csm_tape_rewind(budget, scan->partitions[i]);
	}
	csm_budget_set_buffers(&scan->user, 0);
	for (int i = 0; i < scan->partition_count; i++)
	{
		if (scan->partitions[i] != NULL)
			scan_partition(scan, budget, scan->partitions[i], consumer);
	}
	csm_budget_leave(&scan->user);
}
