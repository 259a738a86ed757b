/*
 * cohort_events.c
 *		Activity events by account; cohort_events.h says how they are kept.
 */
#include "base/port.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "cohort_events.h"
#include "base/hash_seed.h"

/* Keys up to this length, numbers and UUIDs among them, are kept in the table itself. */
#define SHORT_KEY 16

/* length of a fresh list */
#define SMALLEST_LIST 16

typedef struct account_key
{
	Size length;
	union
	{
		char bytes[SHORT_KEY]; /* zero-padded */
		const char *pointer;
	} value;
} account_key;

typedef struct account_entry
{
	account_key key;
	uint32 hash;
	uint32 number;
	char status;
} account_entry;

static inline const char *
bytes_of(const account_key *key)
{
	return key->length <= SHORT_KEY ? key->value.bytes : key->value.pointer;
}

static inline bool
is_same_account(const account_key *a, const account_key *b)
{
	return a->length == b->length && memcmp(bytes_of(a), bytes_of(b), a->length) == 0;
}

static inline uint32
hash_account(const account_key *key)
{
	return (uint32) hash_bytes_extended((const unsigned char *) bytes_of(key), (int) key->length,
										csm_hash_seed);
}

#define SH_PREFIX            accounts
#define SH_ELEMENT_TYPE      account_entry
#define SH_KEY_TYPE          account_key
#define SH_KEY               key
#define SH_HASH_KEY(tb, key) hash_account(&(key))
#define SH_EQUAL(tb, a, b)   is_same_account(&(a), &(b))
#define SH_STORE_HASH
#define SH_GET_HASH(tb, a) (a)->hash
#define SH_SCOPE           static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* What an account did in a calendar unit. */
typedef struct event_entry
{
	int128 amount;
	uint32 account;
	int32 unit;
} event_entry;

static inline int
compare_entries(const event_entry *a, const event_entry *b)
{
	if (a->account != b->account)
		return a->account < b->account ? -1 : 1;
	return a->unit < b->unit ? -1 : a->unit > b->unit;
}

#define ST_SORT          sort_entries
#define ST_ELEMENT_TYPE  event_entry
#define ST_COMPARE(a, b) compare_entries(a, b)
#define ST_SCOPE         static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

struct csm_cohort_events
{
	MemoryContext context;
	csm_step step;
	int scale;
	int32 first_unit;
	int32 last_unit;
	accounts_hash *accounts;
	event_entry *entries;
	int64 count;
	int64 room;
};

csm_cohort_events *
csm_cohort_events_new(MemoryContext context, csm_step step)
{
	csm_cohort_events *events = MemoryContextAllocZero(context, sizeof(csm_cohort_events));

	events->context = context;
	events->step = step;
	events->first_unit = PG_INT32_MAX;
	events->last_unit = PG_INT32_MIN;
	events->accounts = accounts_create(context, SMALLEST_LIST, NULL);
	events->room = SMALLEST_LIST;
	events->entries = MemoryContextAlloc(context, events->room * sizeof(event_entry));
	return events;
}

csm_step
csm_cohort_events_step(const csm_cohort_events *events)
{
	return events->step;
}

/* The number of an account, which it gets at its first event. */
static uint32
number_of(csm_cohort_events *events, const char *account, Size length)
{
	account_key key;
	account_entry *entry;
	bool found;

	memset(&key, 0, sizeof(key));
	key.length = length;
	if (length <= SHORT_KEY)
		memcpy(key.value.bytes, account, length);
	else
		key.value.pointer = account;
	entry = accounts_insert(events->accounts, key, &found);
	if (found)
		return entry->number;
	entry->number = events->accounts->members - 1;
	if (length > SHORT_KEY)
	{
		char *copy = MemoryContextAlloc(events->context, length);

		memcpy(copy, account, length);
		entry->key.value.pointer = copy;
	}
	return entry->number;
}

/* Makes one entry of all that an account has in a unit, in order of account and unit. */
static void
compact(csm_cohort_events *events)
{
	event_entry *last = events->entries;

	if (events->count == 0)
		return;
	sort_entries(events->entries, events->count);
	for (int64 i = 1; i < events->count; i++)
	{
		event_entry *entry = &events->entries[i];

		if (compare_entries(last, entry) == 0)
			last->amount = csm_decimal_add(last->amount, entry->amount);
		else
			*++last = *entry;
	}
	events->count = last + 1 - events->entries;
}

static void
make_room(csm_cohort_events *events)
{
	if (events->count < events->room)
		return;
	compact(events);
	if (events->count <= events->room / 2)
		return;
	events->room *= 2;
	events->entries = repalloc_huge(events->entries, events->room * sizeof(event_entry));
}

static void
rescale(csm_cohort_events *events, int scale)
{
	for (int64 i = 0; i < events->count; i++)
		events->entries[i].amount =
			csm_decimal_rescale(events->entries[i].amount, scale - events->scale);
	events->scale = scale;
}

void
csm_cohort_events_add(csm_cohort_events *events, const char *account, Size length, int32 day,
					  csm_decimal amount)
{
	event_entry entry;

	if (amount.scale > events->scale)
		rescale(events, amount.scale);
	entry.account = number_of(events, account, length);
	entry.unit = csm_unit_index(day, events->step);
	entry.amount = csm_decimal_align(amount, events->scale);
	events->first_unit = Min(events->first_unit, entry.unit);
	events->last_unit = Max(events->last_unit, entry.unit);
	make_room(events);
	events->entries[events->count++] = entry;
}

static void
negative_error(int32 day)
{
	char text[CSM_DATE_TEXT_SIZE];

	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("the events of an account add up to a negative amount in the unit that "
						   "starts on %s",
						   csm_date_to_text(day, text)),
					errhint("A single event may be negative, a credit, but not their sum.")));
}

/* Adds the entries of one account, in order of unit; returns where they end. */
static const event_entry *
add_account(csm_cohorts *m, const csm_cohort_events *events, const event_entry *entry)
{
	const event_entry *end = events->entries + events->count;
	uint32 account = entry->account;
	int32 cohort = entry->unit - events->first_unit;

	m->accounts[cohort]++;
	for (; entry < end && entry->account == account; entry++)
	{
		int32 period = entry->unit - events->first_unit;

		if (entry->amount < 0)
			negative_error(csm_cohorts_bounds(m)[period]);
		csm_cohorts_add_to_cell(m, cohort, period - cohort, entry->amount);
	}
	return entry;
}

/* The matrix of the events so far; the state may go on. */
csm_cohorts *
csm_cohort_events_matrix(csm_cohort_events *events)
{
	int32 from = csm_unit_start(events->first_unit, events->step);
	int32 to = csm_unit_start(events->last_unit + 1, events->step);
	csm_cohorts *m;
	const event_entry *entry;

	compact(events);
	csm_unit_check(from, to);
	csm_cohorts_check_count((int64) events->last_unit - events->first_unit + 1,
							CSM_COHORTS_MADE_MAX);
	m = csm_cohorts_new(from, to, events->step, CSM_COHORTS_EVENTS);
	m->scale = events->scale;
	for (entry = events->entries; entry < events->entries + events->count;)
	{
		CHECK_FOR_INTERRUPTS();
		entry = add_account(m, events, entry);
	}
	return m;
}
