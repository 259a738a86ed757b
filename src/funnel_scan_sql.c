/*
 * funnel_scan_sql.c
 *		funnel_agg straight from raw rows, as SQL sees it:
 *
 *		(state, account, at, event, funnel [, stratum [, amount [, as_of]]])
 *
 * The rows that the funnel has to do with are points of the one engine (account_scan.h): what a
 * point says is the number of the event's name in the definition. In the end each account is led
 * through the machine of funnel.h by itself.
 *
 * Stratum and amount are those of the account's first entry row, of two at one time the
 * smaller stratum, then the larger amount. They are the mark of a point: the number of the stratum
 * and one more, and with it the amount as
 *		coefficient * 64 + scale, or, where it has no room, number of a large amount * 64 + 63.
 *
 * With "every entry" each entry has a stratum and an amount of its own. Then they are part of
 * what the point says, above the bits of the name, as the number of the pair and one more. Pairs
 * are kept in memory, one for each that is different.
 */
#include "base/port.h"

#include "common/hashfn.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/calendar_sql.h"
#include "base/decimal_sql.h"
#include "base/wire_sql.h"
#include "engine/account_scan_sql.h"
#include "funnel_sql.h"
#include "funnel_summary_sql.h"
#include "usage_history_sql.h"

#define ACCOUNT_ARGUMENT 1
#define AT_ARGUMENT      2
#define EVENT_ARGUMENT   3
#define FUNNEL_ARGUMENT  4
#define STRATUM_ARGUMENT 5
#define AMOUNT_ARGUMENT  6
#define AS_OF_ARGUMENT   7

#define SCALE_BITS   6
#define LARGE_AMOUNT 63

/* A stratum with an amount, or a large amount alone, in a table by what it is. */
typedef struct pair_key
{
	int128 coefficient;
	int32 scale;
	uint32 stratum;
} pair_key;

typedef struct pair_entry
{
	pair_key key;
	uint32 number;
	char status;
} pair_entry;

static inline uint32
hash_pair(const pair_key *key)
{
	return hash_bytes((const unsigned char *) key, sizeof(pair_key));
}

#define SH_PREFIX          pairs
#define SH_ELEMENT_TYPE    pair_entry
#define SH_KEY_TYPE        pair_key
#define SH_KEY             key
#define SH_HASH_KEY(tb, k) hash_pair(&(k))
#define SH_EQUAL(tb, a, b) (memcmp(&(a), &(b), sizeof(pair_key)) == 0)
#define SH_SCOPE           static inline
#define SH_DEFINE
#define SH_DECLARE
#include "lib/simplehash.h"

typedef struct funnel_scan
{
	csm_account_scan *scan;
	csm_key_kind keys;
	const csm_funnel *f;
	TimestampTz as_of;
	csm_funnel_summary *summary; /* whose strata are made as rows come in */
	bool is_constant;            /* the funnel and as_of cannot vary between rows */
	bool wants_others;
	bool has_marks; /* there is a stratum */
	bool is_every;  /* each entry has its own */
	int name_bits;
	uint32 last_stratum; /* of the marked row before; valid once there are any */
	MemoryContext context;
	pairs_hash *pairs;   /* NULL until there is one */
	pair_key *by_number; /* the same pairs */
	uint32 pair_room;
} funnel_scan;

/*
 * Pairs
 */

static uint32
number_of_pair(funnel_scan *state, uint32 stratum, csm_decimal amount)
{
	pair_key key;
	pair_entry *entry;
	bool found;
	uint32 number;

	memset(&key, 0, sizeof(key));
	key.coefficient = amount.coefficient;
	key.scale = amount.scale;
	key.stratum = stratum;
	if (state->pairs == NULL)
	{
		state->pairs = pairs_create(state->context, 64, NULL);
		state->pair_room = 64;
		state->by_number = MemoryContextAlloc(state->context, state->pair_room * sizeof(pair_key));
	}
	number = state->pairs->members;
	entry = pairs_insert(state->pairs, key, &found);
	if (found)
		return entry->number;
	if (state->is_every && number >= (uint32) 1 << (31 - state->name_bits))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the entries have too many different strata and amounts: more than %u",
						number)));
	if (number == state->pair_room)
	{
		state->pair_room *= 2;
		state->by_number = repalloc_huge(state->by_number, state->pair_room * sizeof(pair_key));
	}
	state->by_number[number] = key;
	entry->number = number;
	return number;
}

static csm_decimal
amount_of_pair(const funnel_scan *state, uint32 number)
{
	csm_decimal amount = {state->by_number[number].coefficient, state->by_number[number].scale};

	return amount;
}

/* By stratum, of one stratum the larger amount first. */
static int
compare_pairs(const void *a, const void *b, void *argument)
{
	const funnel_scan *state = argument;
	const pair_key *x = &state->by_number[*(const uint32 *) a];
	const pair_key *y = &state->by_number[*(const uint32 *) b];

	if (x->stratum != y->stratum)
		return csm_stratum_compare(&state->summary->stratum[x->stratum],
								   &state->summary->stratum[y->stratum]);
	return csm_decimal_compare((csm_decimal){y->coefficient, y->scale},
							   (csm_decimal){x->coefficient, x->scale});
}

/*
 * Amounts that go with a mark
 */

static int64
pack_amount(funnel_scan *state, csm_decimal amount)
{
	int64 packed = (int64) amount.coefficient;

	if (packed == amount.coefficient && packed >> (63 - SCALE_BITS) == 0)
		return packed << SCALE_BITS | amount.scale;
	return (int64) number_of_pair(state, 0, amount) << SCALE_BITS | LARGE_AMOUNT;
}

static csm_decimal
unpack_amount(const funnel_scan *state, int64 packed)
{
	int scale = (int) (packed & (((int64) 1 << SCALE_BITS) - 1));
	csm_decimal amount = {packed >> SCALE_BITS, scale};

	return scale == LARGE_AMOUNT ? amount_of_pair(state, (uint32) (packed >> SCALE_BITS)) : amount;
}

/* Is a mark better than the one that the account has of the same time? */
static bool
is_better_mark(const void *marks, const csm_account *account, int32 mark, int64 marked)
{
	const funnel_scan *state = marks;
	int32 held = csm_account_mark(account);

	if (mark != held)
		return csm_stratum_compare(&state->summary->stratum[mark - 1],
								   &state->summary->stratum[held - 1]) < 0;
	return csm_decimal_compare(unpack_amount(state, marked),
							   unpack_amount(state, csm_account_marked(account))) > 0;
}

/*
 * Rows
 */

static funnel_scan *
new_state(FunctionCallInfo fcinfo, csm_key_kind keys)
{
	MemoryContext context = csm_aggregate_context(fcinfo);
	MemoryContext caller = MemoryContextSwitchTo(context);
	funnel_scan *state = palloc0(sizeof(funnel_scan));
	text *stored;
	csm_funnel *f;

	csm_check_argument_not_null(fcinfo, FUNNEL_ARGUMENT, "funnel");
	stored = PG_GETARG_TEXT_PP(FUNNEL_ARGUMENT);
	f = csm_funnel_from_text(VARDATA_ANY(stored), VARSIZE_ANY_EXHDR(stored), NULL);
	state->context = context;
	state->keys = keys;
	state->f = f;
	state->as_of = csm_as_of_argument(fcinfo, AS_OF_ARGUMENT, f);
	state->summary = csm_summary_new(context, f, state->as_of);
	state->is_constant = csm_has_constant_argument(fcinfo, FUNNEL_ARGUMENT) &&
						 csm_has_constant_argument(fcinfo, AS_OF_ARGUMENT);
	state->wants_others = csm_funnel_wants_others(f);
	state->has_marks = PG_NARGS() > STRATUM_ARGUMENT;
	state->is_every = f->entry == CSM_EVERY_ENTRY;
	state->name_bits = pg_leftmost_one_pos32((uint32) f->names) + 1;
	state->scan = csm_scan_for_aggregate(fcinfo, keys, CSM_POINT_ROWS);
	state->scan->is_better_mark = is_better_mark;
	state->scan->marks = state;
	MemoryContextSwitchTo(caller);
	return state;
}

/* Errors of a row say whose it is. */
typedef struct careful_row
{
	FunctionCallInfo fcinfo;
	csm_key_kind keys;
} careful_row;

static void
say_whose_event(void *argument)
{
	const careful_row *row = argument;
	csm_key key;

	if (row->fcinfo->args[ACCOUNT_ARGUMENT].isnull)
		return;
	key = csm_account_argument(row->fcinfo, ACCOUNT_ARGUMENT, row->keys);
	errcontext("event of account %s", csm_key_to_text(row->keys, &key));
}

/* The amount of an entry. */
static csm_decimal
entry_amount(FunctionCallInfo fcinfo, csm_key_kind keys)
{
	careful_row row = {fcinfo, keys};
	ErrorContextCallback callback = {error_context_stack, say_whose_event, &row};
	csm_decimal amount = {0, 0};

	if (PG_NARGS() <= AMOUNT_ARGUMENT || PG_ARGISNULL(AMOUNT_ARGUMENT))
		return amount;
	error_context_stack = &callback;
	amount = csm_not_negative_from_numeric("amount", PG_GETARG_DATUM(AMOUNT_ARGUMENT));
	error_context_stack = callback.previous;
	return amount;
}

/* The stratum of an entry; most are that of the entry before. */
static uint32
entry_stratum(FunctionCallInfo fcinfo, funnel_scan *state)
{
	bool is_null = PG_ARGISNULL(STRATUM_ARGUMENT);
	text *name = is_null ? NULL : PG_GETARG_TEXT_PP(STRATUM_ARGUMENT);
	const csm_stratum *last;

	if (state->summary->strata > 0 && !is_null)
	{
		last = &state->summary->stratum[state->last_stratum];
		if (last->name != NULL && last->size == (int) VARSIZE_ANY_EXHDR(name) &&
			memcmp(last->name, VARDATA_ANY(name), last->size) == 0)
			return state->last_stratum;
	}
	state->last_stratum = csm_summary_stratum(state->summary, is_null ? NULL : VARDATA_ANY(name),
											  is_null ? 0 : (int) VARSIZE_ANY_EXHDR(name), is_null);
	return state->last_stratum;
}

/* A time that is not there, or infinite. */
static pg_noinline void
refuse_time(FunctionCallInfo fcinfo, csm_key_kind keys)
{
	careful_row row = {fcinfo, keys};
	ErrorContextCallback callback = {error_context_stack, say_whose_event, &row};

	error_context_stack = &callback;
	(void) csm_usage_time(fcinfo, AT_ARGUMENT, "at");
	error_context_stack = callback.previous;
}

/* The key of a row, whose bytes may be the row's own. */
static pg_attribute_always_inline csm_key
account_argument(FunctionCallInfo fcinfo, csm_key_kind keys)
{
	const struct varlena *string = (const struct varlena *) PG_GETARG_POINTER(ACCOUNT_ARGUMENT);

	if (keys == CSM_TEXT_KEYS &&
		likely(!VARATT_IS_COMPRESSED(string) && !VARATT_IS_EXTERNAL(string)))
		return csm_key_of_text(VARDATA_ANY(string), VARSIZE_ANY_EXHDR(string));
	return csm_account_argument(fcinfo, ACCOUNT_ARGUMENT, keys);
}

static pg_attribute_always_inline void
add_event(FunctionCallInfo fcinfo, funnel_scan *state, csm_key_kind keys, TimestampTz at,
		  uint32 name)
{
	csm_key key = account_argument(fcinfo, keys);
	uint32 what = name;
	int32 mark = 0;
	int64 marked = 0;

	if (state->has_marks && csm_funnel_enters(state->f, name))
	{
		csm_decimal amount = entry_amount(fcinfo, keys);
		uint32 stratum = entry_stratum(fcinfo, state);

		if (state->is_every)
			what |= (number_of_pair(state, stratum, amount) + 1) << state->name_bits;
		else
		{
			mark = (int32) stratum + 1;
			marked = pack_amount(state, amount);
		}
	}
	if (likely(state->scan->batch != NULL && (keys != CSM_TEXT_KEYS || !csm_key_is_long(&key))))
		csm_scan_add_point_to_batch(state->scan, keys, &key, csm_point_unit(at),
									csm_point_at(at, what), mark, marked);
	else
		csm_scan_add_point(state->scan, &key, csm_point_unit(at), csm_point_at(at, what), mark,
						   marked);
}

static pg_attribute_always_inline Datum
accumulate(FunctionCallInfo fcinfo, csm_key_kind keys)
{
	funnel_scan *state;
	const struct varlena *event;
	TimestampTz at;
	uint32 name;

	if (unlikely(PG_ARGISNULL(EVENT_ARGUMENT)))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_POINTER(PG_GETARG_POINTER(0));
	}
	if (unlikely(PG_ARGISNULL(ACCOUNT_ARGUMENT)))
		csm_account_null_error();
	at = PG_GETARG_TIMESTAMPTZ(AT_ARGUMENT);
	if (unlikely(PG_ARGISNULL(AT_ARGUMENT) || TIMESTAMP_NOT_FINITE(at)))
		refuse_time(fcinfo, keys);
	if (unlikely(PG_ARGISNULL(0)))
		state = new_state(fcinfo, keys);
	else
	{
		state = (funnel_scan *) PG_GETARG_POINTER(0);
		if (unlikely(!state->is_constant))
		{
			csm_check_argument_not_null(fcinfo, FUNNEL_ARGUMENT, "funnel");
			csm_funnel_check_same(state->f, PG_GETARG_TEXT_PP(FUNNEL_ARGUMENT));
			csm_as_of_check_same(fcinfo, AS_OF_ARGUMENT, state->as_of);
		}
	}
	event = (const struct varlena *) PG_GETARG_POINTER(EVENT_ARGUMENT);
	if (unlikely(VARATT_IS_COMPRESSED(event) || VARATT_IS_EXTERNAL(event)))
		event = PG_GETARG_TEXT_PP(EVENT_ARGUMENT);
	name = csm_funnel_find(state->f, VARDATA_ANY(event), VARSIZE_ANY_EXHDR(event));
	if (at <= state->as_of && (name != 0 || state->wants_others))
		add_event(fcinfo, state, keys, at, name);
	PG_RETURN_POINTER(state);
}

#define TRANSITION(name, keys)           \
	PG_FUNCTION_INFO_V1(name);           \
	Datum name(PG_FUNCTION_ARGS)         \
	{                                    \
		return accumulate(fcinfo, keys); \
	}

TRANSITION(csm_funnel_accum_bigint, CSM_BIGINT_KEYS)
TRANSITION(csm_funnel_accum_text, CSM_TEXT_KEYS)
TRANSITION(csm_funnel_accum_uuid, CSM_UUID_KEYS)

/*
 * The end
 */

typedef struct funnel_consumer
{
	csm_scan_consumer base;
	funnel_scan *state;
	csm_funnel_run *run;
	const csm_account *account; /* that is running */
	uint32 *ranks;              /* of pairs, by number */
	uint32 *ranked;             /* pairs by rank */
	uint32 name_mask;
} funnel_consumer;

static void
take_event(csm_scan_consumer *base, csm_account *account, uint32 number, int32 from, int32 to,
		   int128 amount)
{
	funnel_consumer *consumer = (funnel_consumer *) base;
	int64 point = (int64) amount;
	uint32 what = csm_point_what(point);
	uint32 pair = what >> consumer->state->name_bits;

	csm_funnel_run_event(consumer->run, csm_point_time(from, point), what & consumer->name_mask,
						 pair == 0 ? 0 : consumer->ranks[pair - 1]);
}

static void
end_account(csm_scan_consumer *base, csm_account *account, uint32 number)
{
	funnel_consumer *consumer = (funnel_consumer *) base;

	consumer->account = account;
	csm_funnel_run_end(consumer->run);
}

/* A chain that counts, with what its entry says. */
static void
count_chain(void *argument, const csm_chain *chain)
{
	funnel_consumer *consumer = argument;
	funnel_scan *state = consumer->state;
	csm_decimal amount = {0, 0};
	uint32 stratum;

	if (!state->has_marks)
		stratum = csm_summary_stratum(state->summary, NULL, 0, true);
	else if (state->is_every)
	{
		uint32 pair = consumer->ranked[chain->tag];

		stratum = state->by_number[pair].stratum;
		amount = amount_of_pair(state, pair);
	}
	else
	{
		stratum = (uint32) csm_account_mark(consumer->account) - 1;
		amount = unpack_amount(state, csm_account_marked(consumer->account));
	}
	csm_summary_add(state->summary, stratum, chain, amount);
}

/* Of entries at one time the one with the smallest tag counts: the rank of its pair. */
static void
rank_pairs(funnel_consumer *consumer)
{
	funnel_scan *state = consumer->state;
	uint32 count = state->is_every && state->pairs != NULL ? state->pairs->members : 0;

	if (count == 0)
		return;
	consumer->ranks = MemoryContextAllocHuge(state->context, count * sizeof(uint32));
	consumer->ranked = MemoryContextAllocHuge(state->context, count * sizeof(uint32));
	for (uint32 i = 0; i < count; i++)
		consumer->ranked[i] = i;
	qsort_arg(consumer->ranked, count, sizeof(uint32), compare_pairs, state);
	for (uint32 i = 0; i < count; i++)
		consumer->ranks[consumer->ranked[i]] = i;
}

PG_FUNCTION_INFO_V1(csm_funnel_scan_final);
Datum
csm_funnel_scan_final(PG_FUNCTION_ARGS)
{
	funnel_scan *state = (funnel_scan *) PG_GETARG_POINTER(0);
	funnel_consumer consumer = {.base = {.take = take_event, .end = end_account}, .state = state};

	csm_scan_check_unused(state->scan);
	consumer.name_mask = ((uint32) 1 << state->name_bits) - 1;
	rank_pairs(&consumer);
	consumer.run = csm_funnel_run_new(state->f, state->as_of, count_chain, &consumer);
	csm_scan_finish(state->scan, &consumer.base);
	return csm_summary_result(state->summary);
}
