/*
 * terms.c
 *		Arithmetic of revenue_terms; terms.h says what it holds.
 */
#include "base/port.h"

#include "miscadmin.h"

#include "terms.h"

static inline int
compare_terms(const csm_term *a, const csm_term *b)
{
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	if (a->recorded != b->recorded)
		return a->recorded < b->recorded ? -1 : 1;
	if (a->to != b->to)
		return a->to < b->to ? -1 : 1;
	if (a->amount != b->amount)
		return a->amount < b->amount ? -1 : 1;
	return 0;
}

/* There may be millions of terms: sorting them must heed a cancel. */
#define ST_SORT          sort_terms
#define ST_ELEMENT_TYPE  csm_term
#define ST_COMPARE(a, b) compare_terms(a, b)
#define ST_SCOPE         static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

/* room of a fresh state */
#define SMALLEST_ROOM 4

/*
 * Building
 */

csm_terms *
csm_terms_new(int room)
{
	csm_terms *terms = palloc0(CSM_TERMS_SIZE(room));

	SET_VARSIZE(terms, CSM_TERMS_SIZE(room));
	terms->version = CSM_TERMS_VERSION;
	return terms;
}

static inline int
room_of(const csm_terms *terms)
{
	return (int) ((VARSIZE(terms) - CSM_TERMS_SIZE(0)) / sizeof(csm_term));
}

/* A copy with room for "room" terms, which must suffice. */
csm_terms *
csm_terms_copy(const csm_terms *terms, int room)
{
	csm_terms *copy;

	if (room > CSM_TERMS_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("an item cannot have more than %d terms", CSM_TERMS_MAX),
				 errhint("Group by item, so that terms replace only those of the same item.")));
	Assert(room >= terms->count);
	CHECK_FOR_INTERRUPTS();
	copy = palloc(CSM_TERMS_SIZE(room));
	memcpy(copy, terms, CSM_TERMS_SIZE(terms->count));
	memset(&copy->terms[terms->count], 0, (room - terms->count) * sizeof(csm_term));
	SET_VARSIZE(copy, CSM_TERMS_SIZE(room));
	return copy;
}

static void
rescale(csm_terms *terms, int scale)
{
	for (int i = 0; i < terms->count; i++)
		terms->terms[i].amount = csm_decimal_rescale(terms->terms[i].amount, scale - terms->scale);
	terms->scale = scale;
}

/* Sorts a state and drops what is there twice. */
static void
compact(csm_terms *terms)
{
	int count = Min(terms->count, 1);

	if (terms->sorted == terms->count)
		return;
	sort_terms(terms->terms, terms->count);
	for (int i = 1; i < terms->count; i++)
	{
		if (compare_terms(&terms->terms[i], &terms->terms[count - 1]) != 0)
			terms->terms[count++] = terms->terms[i];
	}
	memset(&terms->terms[count], 0, (terms->count - count) * sizeof(csm_term));
	terms->count = terms->sorted = count;
}

/*
 * Makes room for one more; half of the room is free after that or after some growth.  A
 * value without terms that was stored has no room at all, not even that half.
 */
static csm_terms *
make_room(csm_terms *terms)
{
	if (terms->count < room_of(terms))
		return terms;
	compact(terms);
	if (terms->count <= room_of(terms) / 2 && terms->count < room_of(terms))
		return terms;
	return csm_terms_copy(
		terms, Max(Min(2 * room_of(terms), CSM_TERMS_MAX), Max(terms->count + 1, SMALLEST_ROOM)));
}

/* Adds a term, whose amount is at the scale of the state. */
static csm_terms *
add_aligned(csm_terms *terms, const csm_term *term)
{
	bool in_order;

	terms = make_room(terms);
	Assert(terms->count < room_of(terms));
	in_order = terms->sorted == terms->count &&
			   (terms->count == 0 || compare_terms(&terms->terms[terms->count - 1], term) < 0);
	terms->terms[terms->count++] = *term;
	if (in_order)
		terms->sorted = terms->count;
	return terms;
}

/* Adds a term to a state, or to the larger one that it returns. */
csm_terms *
csm_terms_add(csm_terms *terms, int32 from, int32 to, int64 recorded, csm_decimal amount)
{
	csm_term term;

	memset(&term, 0, sizeof(term));
	if (amount.scale > terms->scale)
		rescale(terms, amount.scale);
	term.from = from;
	term.to = to;
	term.recorded = recorded;
	term.amount = csm_decimal_align(amount, terms->scale);
	return add_aligned(terms, &term);
}

/* The union of two sets of terms. */
csm_terms *
csm_terms_merge(csm_terms *into, const csm_terms *from)
{
	csm_currency_check_same(into->currency, from->currency);
	if (from->scale > into->scale)
		rescale(into, from->scale);
	for (int i = 0; i < from->count; i++)
	{
		csm_term term = from->terms[i];

		term.amount = csm_decimal_rescale(term.amount, into->scale - from->scale);
		into = add_aligned(into, &term);
	}
	return into;
}

/* A value without spare room: the same one, or a copy. */
const csm_terms *
csm_terms_at_rest(const csm_terms *terms)
{
	csm_terms *copy;
	csm_terms *result;

	if (terms->sorted == terms->count && terms->count == room_of(terms))
		return terms;
	copy = csm_terms_copy(terms, terms->count);
	compact(copy);
	result = csm_terms_copy(copy, copy->count);
	pfree(copy);
	return result;
}

/*
 * What holds
 */

/* Terms of one start and one time of record, which hold or do not hold together. */
typedef struct group
{
	int first;
	int end; /* after its last term, which is the one that ends last */
} group;

/* The first term of a group that still holds on a day; there is one. */
static int
first_that_holds(const csm_term *terms, const group *g, int32 day)
{
	int low = g->first;
	int high = g->end - 1;

	while (low < high)
	{
		int middle = low + (high - low) / 2;

		if (terms[middle].to > day)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* From term i on, are all terms of its group of one amount?  Answers for each term. */
static bool *
mark_uniform(const csm_terms *terms)
{
	bool *uniform = MemoryContextAllocHuge(CurrentMemoryContext, Max(terms->count, 1));

	for (int i = terms->count - 1; i >= 0; i--)
	{
		const csm_term *term = &terms->terms[i];
		bool is_last = i + 1 == terms->count || term[1].from != term->from ||
					   term[1].recorded != term->recorded;

		uniform[i] = is_last || (uniform[i + 1] && term[1].amount == term->amount);
	}
	return uniform;
}

/* The amount of a group on a day on which no other one is before it. */
static int128
amount_of_group(const csm_terms *terms, const bool *uniform, const group *g, int32 day)
{
	int i = first_that_holds(terms->terms, g, day);

	if (!uniform[i])
	{
		int other = i + 1;

		while (terms->terms[other].amount == terms->terms[i].amount)
			other++;
		csm_terms_conflict_error(terms, day, terms->terms[i].amount, terms->terms[other].amount);
	}
	return terms->terms[i].amount;
}

static csm_history *
add_stretch(csm_history *h, int32 from, int32 to, const csm_terms *terms, int128 amount)
{
	csm_decimal decimal = {amount, terms->scale};

	return csm_history_add_stretch(h, from, to, decimal);
}

/*
 * The history of what holds, of terms at rest.
 *
 * Groups in their order each come before all earlier ones, as long as they hold.  Those that
 * may still hold are a stack, and the one on top holds.  It does so until it ends or until the
 * next one starts.
 */
csm_history *
csm_terms_history(const csm_terms *terms)
{
	csm_history *h = csm_history_new(2);
	group *stack =
		MemoryContextAllocHuge(CurrentMemoryContext, sizeof(group) * (Max(terms->count, 1)));
	bool *uniform = mark_uniform(terms);
	int depth = 0;
	int next = 0;
	int32 day = PG_INT32_MIN;

	memcpy(h->currency, terms->currency, CSM_CURRENCY_SIZE);
	h->scale = terms->scale;
	while (next < terms->count || depth > 0)
	{
		int32 next_start = next < terms->count ? terms->terms[next].from : PG_INT32_MAX;

		CHECK_FOR_INTERRUPTS();
		while (depth > 0 && terms->terms[stack[depth - 1].end - 1].to <= day)
			depth--;
		if (depth > 0 && day < next_start)
		{
			const group *top = &stack[depth - 1];
			int32 end = Min(terms->terms[top->end - 1].to, next_start);

			h = add_stretch(h, day, end, terms, amount_of_group(terms, uniform, top, day));
			day = end;
		}
		else if (next < terms->count)
		{
			group g = {next, next};

			while (g.end < terms->count && terms->terms[g.end].from == terms->terms[next].from &&
				   terms->terms[g.end].recorded == terms->terms[next].recorded)
				g.end++;
			stack[depth++] = g;
			day = next_start;
			next = g.end;
		}
		if (day == PG_INT32_MAX)
			break;
	}
	pfree(stack);
	pfree(uniform);
	return h;
}

/*
 * Wire
 */

static bool
recorded_is_valid(int64 recorded)
{
	return TIMESTAMP_NOT_FINITE(recorded) || IS_VALID_TIMESTAMP(recorded);
}

/* Says what is wrong with a value that came from outside, NULL when nothing is. */
const char *
csm_terms_problem(const csm_terms *terms)
{
	if (terms->version != CSM_TERMS_VERSION || terms->unused != 0)
		return "unknown format version";
	if (terms->scale > CSM_DECIMAL_DIGITS)
		return "scale out of range";
	if (!csm_currency_field_is_valid(terms->currency))
		return "malformed currency code";
	for (int i = 0; i < terms->count; i++)
	{
		const csm_term *term = &terms->terms[i];

		if (!csm_date_is_valid(term->from) ||
			(term->to != PG_INT32_MAX && !csm_date_is_valid(term->to)) || term->from >= term->to)
			return "the days of a term are out of order or out of range";
		if (!recorded_is_valid(term->recorded))
			return "a time of record is out of range";
		if (!csm_decimal_fits(term->amount))
			return "an amount has too many digits";
		if (i > 0 && compare_terms(&term[-1], term) >= 0)
			return "its terms are not in order";
	}
	return NULL;
}

/* Big-endian; of a value at rest. */
void
csm_terms_write(csm_writer *writer, const csm_terms *terms)
{
	csm_write_integer(writer, terms->version, 1);
	csm_write_integer(writer, terms->scale, 1);
	csm_write_bytes(writer, terms->currency, CSM_CURRENCY_SIZE);
	csm_write_integer(writer, (uint32) terms->count, 4);
	for (int i = 0; i < terms->count; i++)
	{
		csm_write_integer(writer, (uint32) terms->terms[i].from, 4);
		csm_write_integer(writer, (uint32) terms->terms[i].to, 4);
		csm_write_integer(writer, (uint64) terms->terms[i].recorded, 8);
		csm_write_coefficient(writer, terms->terms[i].amount);
	}
}

/* Reads and validates; the memory taken is bounded by the bytes that are there. */
csm_terms *
csm_terms_read(csm_reader *reader, const char **problem)
{
	csm_terms header;
	csm_terms *terms;
	uint64 count;

	memset(&header, 0, sizeof(header));
	header.version = csm_read_integer(reader, 1);
	header.scale = csm_read_integer(reader, 1);
	csm_read_bytes(reader, header.currency, CSM_CURRENCY_SIZE);
	count = csm_read_integer(reader, 4);
	if (reader->failed || count > CSM_TERMS_MAX ||
		count * (4 + 4 + 8 + 16) != (uint64) (reader->end - reader->next))
	{
		*problem = "its length is wrong";
		return NULL;
	}
	terms = csm_terms_copy(&header, (int) count);
	terms->count = terms->sorted = (int32) count;
	for (int i = 0; i < terms->count; i++)
	{
		terms->terms[i].from = (int32) csm_read_integer(reader, 4);
		terms->terms[i].to = (int32) csm_read_integer(reader, 4);
		terms->terms[i].recorded = (int64) csm_read_integer(reader, 8);
		terms->terms[i].amount = csm_read_coefficient(reader);
	}
	*problem = reader->failed ? "an amount has too many digits" : csm_terms_problem(terms);
	return terms;
}
