/*
 * history.c
 *		Arithmetic of revenue_history; history.h says what it holds.
 */
#include "base/port.h"

#include "miscadmin.h"

#include "history.h"

/* A tail may hold millions of changes: sorting it must heed a cancel. */
#define ST_SORT          sort_changes
#define ST_ELEMENT_TYPE  csm_history_step
#define ST_COMPARE(a, b) ((a)->day < (b)->day ? -1 : (a)->day > (b)->day)
#define ST_SCOPE         static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

/* room of a fresh state */
#define SMALLEST_ROOM 8

/*
 * Building
 */

/* An empty state; ask for no more than CSM_HISTORY_STEPS_MAX. */
csm_history *
csm_history_new(int room)
{
	csm_history *h = palloc0(CSM_HISTORY_SIZE(room));

	SET_VARSIZE(h, CSM_HISTORY_SIZE(room));
	h->version = CSM_HISTORY_VERSION;
	return h;
}

static inline int
room_of(const csm_history *h)
{
	return (int) ((VARSIZE(h) - CSM_HISTORY_SIZE(0)) / sizeof(csm_history_step));
}

static inline int
used_of(const csm_history *h)
{
	return h->count + h->tail;
}

/* A copy, tail and all, with room for "room" steps, which must suffice. */
csm_history *
csm_history_copy(const csm_history *h, int room)
{
	csm_history *copy;

	if (room > CSM_HISTORY_STEPS_MAX)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("a history cannot hold more than %d changes", CSM_HISTORY_STEPS_MAX),
						errhint("Group by account, so that each history is that of one account.")));
	Assert(room >= used_of(h));
	CHECK_FOR_INTERRUPTS();
	copy = palloc(CSM_HISTORY_SIZE(room));
	memcpy(copy, h, CSM_HISTORY_SIZE(used_of(h)));
	memset(&copy->steps[used_of(h)], 0, (room - used_of(h)) * sizeof(csm_history_step));
	SET_VARSIZE(copy, CSM_HISTORY_SIZE(room));
	return copy;
}

/* A copy of a value at rest, without what only an aggregate has to know. */
csm_history *
csm_history_plain_copy(const csm_history *h)
{
	csm_history *copy = csm_history_copy(h, h->count);

	memset(&copy->every, 0, sizeof(copy->every));
	copy->phase = 0;
	return copy;
}

static void
rescale(csm_history *h, int scale)
{
	int places = scale - h->scale;

	for (int i = 0; i < used_of(h); i++)
		h->steps[i].amount = csm_decimal_rescale(h->steps[i].amount, places);
	h->scale = scale;
}

static inline int128
last_amount(const csm_history *h)
{
	return h->count > 0 ? h->steps[h->count - 1].amount : 0;
}

/* Appends a step, whose day must be later than all, unless nothing changes then. */
static inline void
append_step(csm_history *h, int32 day, int128 amount)
{
	if (amount == last_amount(h))
		return;
	h->steps[h->count].day = day;
	h->steps[h->count].amount = amount;
	h->count++;
}

/* Changes the amount of the last step, which vanishes when it changes nothing any more. */
static void
change_last_step(csm_history *h, int128 change)
{
	int32 day = h->steps[h->count - 1].day;
	int128 amount = csm_decimal_add(last_amount(h), change);

	h->count--;
	memset(&h->steps[h->count], 0, sizeof(csm_history_step));
	append_step(h, day, amount);
}

/* Merges steps and a sorted tail of the same history into an empty one with enough room. */
static void
merge_tail(csm_history *into, const csm_history *h)
{
	const csm_history_step *step = h->steps;
	const csm_history_step *steps_end = step + h->count;
	const csm_history_step *change = steps_end;
	const csm_history_step *changes_end = change + h->tail;
	int128 amount = 0;
	int128 changes = 0;

	while (step < steps_end || change < changes_end)
	{
		int32 day = change == changes_end || (step < steps_end && step->day < change->day)
						? step->day
						: change->day;

		CHECK_FOR_INTERRUPTS();
		if (step < steps_end && step->day == day)
			amount = step++->amount;
		for (; change < changes_end && change->day == day; change++)
			changes = csm_decimal_add(changes, change->amount);
		append_step(into, day, csm_decimal_add(amount, changes));
	}
}

/* Sorts the tail of a state and merges it into the steps. */
static void
compact(csm_history *h)
{
	csm_history *merged;

	if (h->tail == 0)
		return;
	sort_changes(h->steps + h->count, h->tail);
	merged = csm_history_new(used_of(h));
	merge_tail(merged, h);
	memcpy(h->steps, merged->steps, used_of(h) * sizeof(csm_history_step));
	h->count = merged->count;
	h->tail = 0;
	pfree(merged);
}

/* Makes room for one more; half of the room is free after that or after some growth. */
static csm_history *
make_room(csm_history *h)
{
	if (used_of(h) < room_of(h))
		return h;
	compact(h);
	if (h->count <= room_of(h) / 2 && h->count < room_of(h))
		return h;
	return csm_history_copy(
		h, Max(Min(2 * room_of(h), CSM_HISTORY_STEPS_MAX), Max(h->count + 1, SMALLEST_ROOM)));
}

/* Changes the amount from a day on; the change is at the state's scale. */
static csm_history *
change_aligned(csm_history *h, int32 day, int128 change)
{
	if (change == 0)
		return h;
	if (h->tail == 0 && h->count > 0 && h->steps[h->count - 1].day == day)
	{
		change_last_step(h, change);
		return h;
	}
	h = make_room(h);
	if (h->tail == 0 && (h->count == 0 || h->steps[h->count - 1].day < day))
		append_step(h, day, csm_decimal_add(last_amount(h), change));
	else
	{
		h->steps[used_of(h)].day = day;
		h->steps[used_of(h)].amount = change;
		h->tail++;
	}
	return h;
}

/* Changes the amount of a state from a day on. */
csm_history *
csm_history_change(csm_history *h, int32 day, csm_decimal change)
{
	if (change.scale > h->scale)
		rescale(h, change.scale);
	return change_aligned(h, day, csm_decimal_align(change, h->scale));
}

/* Adds an amount on the days of [from, to); an infinite "to" is open. */
csm_history *
csm_history_add_stretch(csm_history *h, int32 from, int32 to, csm_decimal amount)
{
	h = csm_history_change(h, from, amount);
	if (to != PG_INT32_MAX)
	{
		amount.coefficient = -amount.coefficient;
		h = csm_history_change(h, to, amount);
	}
	return h;
}

void
csm_history_origin_error(void)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("the argument \"origin\" varies between rows: they are of units that "
						   "start on different days"),
					errhint("Pass a constant, or group by it.")));
}

/* The states of one aggregate must have been made of rows of one unit. */
void
csm_history_check_every(const csm_history *a, const csm_history *b)
{
	char text_a[CSM_STEP_TEXT_SIZE];
	char text_b[CSM_STEP_TEXT_SIZE];

	if (!csm_step_is_valid(a->every) || !csm_step_is_valid(b->every))
		return;
	if (a->phase != b->phase)
		csm_history_origin_error();
	if (!csm_step_is_same(a->every, b->every))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the argument \"every\" varies between rows: %s and %s",
						csm_step_to_text(a->every, text_a), csm_step_to_text(b->every, text_b))));
}

/* Adds another history to a state, or with sign -1 subtracts it. */
csm_history *
csm_history_add(csm_history *h, const csm_history *other, int sign)
{
	csm_decimal change = {0, other->scale};
	int128 before = 0;

	csm_currency_check_same(h->currency, other->currency);
	if (other->scale > h->scale)
		rescale(h, other->scale);
	for (int i = 0; i < used_of(other); i++)
	{
		const csm_history_step *step = &other->steps[i];

		/* in the tail, amounts are changes */
		change.coefficient = csm_decimal_add(step->amount, -before);
		before = i + 1 < other->count ? step->amount : 0;
		change.coefficient *= sign;
		h = csm_history_change(h, step->day, change);
	}
	return h;
}

/* A value without tail and spare room: the same one, or a compacted copy. */
const csm_history *
csm_history_at_rest(const csm_history *h)
{
	csm_history *copy;
	csm_history *result;

	if (h->tail == 0 && h->count == room_of(h))
		return h;
	copy = csm_history_copy(h, used_of(h));
	compact(copy);
	result = csm_history_copy(copy, copy->count);
	pfree(copy);
	return result;
}

/* The exact product of two coefficients. */
static int128
multiply(int128 a, int128 b)
{
	csm_uint256 product = csm_uint256_product(a < 0 ? -a : a, b < 0 ? -b : b);
	int128 low = (int128) (((csm_uint128) product.limb[1] << 64) | product.limb[0]);

	if (product.limb[3] != 0 || product.limb[2] != 0 || low < 0 || !csm_decimal_fits(low))
		csm_decimal_overflow();
	return (a < 0) != (b < 0) ? -low : low;
}

/* All amounts times a factor, exactly, so with the decimal places of both. */
csm_history *
csm_history_multiply(const csm_history *h, csm_decimal factor)
{
	csm_history *result = csm_history_plain_copy(h);

	if (h->scale + factor.scale > CSM_DECIMAL_DIGITS)
		csm_decimal_overflow();
	result->scale = h->scale + factor.scale;
	for (int i = 0; i < h->count; i++)
		result->steps[i].amount = multiply(h->steps[i].amount, factor.coefficient);
	if (factor.coefficient == 0)
	{
		result->count = 0;
		SET_VARSIZE(result, CSM_HISTORY_SIZE(0));
	}
	return result;
}

/* Is there no amount from step i to the next one?  The open end does not count. */
static inline bool
is_gap(const csm_history *h, int i)
{
	return h->steps[i].amount == 0 && i + 1 < h->count;
}

/* Fills each gap shorter than a period of grace with the amount before it. */
csm_history *
csm_history_close_gaps(const csm_history *h, csm_step shorter_than)
{
	csm_history *result = csm_history_new(h->count);

	result->scale = h->scale;
	memcpy(result->currency, h->currency, CSM_CURRENCY_SIZE);
	for (int i = 0; i < h->count; i++)
	{
		const csm_history_step *step = &h->steps[i];

		if (!is_gap(h, i) || csm_step_from(step->day, shorter_than, 1) <= step[1].day)
			append_step(result, step->day, step->amount);
	}
	SET_VARSIZE(result, CSM_HISTORY_SIZE(result->count));
	return result;
}

/* Amounts below zero become 0. */
csm_history *
csm_history_without_negatives(const csm_history *h)
{
	csm_history *result = csm_history_new(h->count);

	result->scale = h->scale;
	memcpy(result->currency, h->currency, CSM_CURRENCY_SIZE);
	for (int i = 0; i < h->count; i++)
		append_step(result, h->steps[i].day, Max(h->steps[i].amount, 0));
	SET_VARSIZE(result, CSM_HISTORY_SIZE(result->count));
	return result;
}

/* Forgets what precedes the last gap that is longer than a period. */
csm_history *
csm_history_new_after(const csm_history *h, csm_step longer_than)
{
	csm_history *result = csm_history_plain_copy(h);
	int first = 0;

	for (int i = 0; i < h->count; i++)
	{
		if (is_gap(h, i) && csm_step_from(h->steps[i].day, longer_than, 1) < h->steps[i + 1].day)
			first = i + 1;
	}
	result->count = h->count - first;
	memcpy(result->steps, h->steps + first, result->count * sizeof(csm_history_step));
	SET_VARSIZE(result, CSM_HISTORY_SIZE(result->count));
	return result;
}

/*
 * Asking
 */

/* The first day with an amount above 0; infinity when there is none. */
int32
csm_history_first_active(const csm_history *h)
{
	for (int i = 0; i < h->count; i++)
	{
		if (h->steps[i].amount > 0)
			return h->steps[i].day;
	}
	return PG_INT32_MAX;
}

/* The last day with an amount above 0: infinity when open, -infinity when there is none. */
int32
csm_history_last_active(const csm_history *h)
{
	for (int i = h->count - 1; i >= 0; i--)
	{
		int32 end = csm_history_step_end(h, i);

		if (h->steps[i].amount > 0)
			return end == PG_INT32_MAX ? end : end - 1;
	}
	return PG_INT32_MIN;
}

void
csm_history_negative_error(const csm_history *h, int32 day, int128 amount)
{
	char date_text[CSM_DATE_TEXT_SIZE];
	char amount_text[CSM_DECIMAL_TEXT_SIZE];

	ereport(
		ERROR,
		(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
		 errmsg("the amount of an account is negative on %s: %s", csm_date_to_text(day, date_text),
				csm_decimal_to_text(amount, h->scale, amount_text)),
		 errhint("Add up all histories of the account first; credits and discounts then reduce "
				 "its amount. amount_at(history, date) < 0 finds the account.")));
}

/*
 * How many decimal places no amount needs.  Equal histories of different scales look
 * alike once each has dropped them.
 */
int
csm_history_spare_places(const csm_history *h)
{
	int places = h->scale;

	for (int i = 0; i < h->count && places > 0; i++)
		places = csm_decimal_spare_places(h->steps[i].amount, places);
	return places;
}

/* A total order: by currency, then by what means nothing but is the same for equals. */
int
csm_history_compare(const csm_history *a, const csm_history *b)
{
	int order = memcmp(a->currency, b->currency, CSM_CURRENCY_SIZE);
	int spare_a;
	int spare_b;

	if (order != 0)
		return order < 0 ? -1 : 1;
	if (a->count != b->count)
		return a->count < b->count ? -1 : 1;
	if (a->scale == b->scale &&
		memcmp(a->steps, b->steps, a->count * sizeof(csm_history_step)) == 0)
		return 0;
	spare_a = csm_history_spare_places(a);
	spare_b = csm_history_spare_places(b);
	if (a->scale - spare_a != b->scale - spare_b)
		return a->scale - spare_a < b->scale - spare_b ? -1 : 1;
	for (int i = 0; i < a->count; i++)
	{
		int128 amount_a = a->steps[i].amount / csm_power_of_ten[spare_a];
		int128 amount_b = b->steps[i].amount / csm_power_of_ten[spare_b];

		if (a->steps[i].day != b->steps[i].day)
			return a->steps[i].day < b->steps[i].day ? -1 : 1;
		if (amount_a != amount_b)
			return amount_a < amount_b ? -1 : 1;
	}
	return 0;
}

/*
 * Wire
 */

static const char *
problem_with_steps(const csm_history *h)
{
	for (int i = 0; i < h->count; i++)
	{
		const csm_history_step *step = &h->steps[i];

		if (!csm_date_is_valid(step->day))
			return "a day is out of range";
		if (!csm_decimal_fits(step->amount))
			return "an amount has too many digits";
		if (i > 0 && step->day <= step[-1].day)
			return "the days of its steps do not ascend";
		if (step->amount == (i > 0 ? step[-1].amount : 0))
			return "a step does not change the amount";
	}
	return NULL;
}

/* Says what is wrong with a value that came from outside, NULL when nothing is. */
const char *
csm_history_problem(const csm_history *h)
{
	if (h->version != CSM_HISTORY_VERSION)
		return "unknown format version";
	if (h->scale > CSM_DECIMAL_DIGITS)
		return "scale out of range";
	if ((h->every.months != 0 || h->every.days != 0) && !csm_unit_is_valid(h->every))
		return "malformed calendar unit";
	if (h->phase != 0 && !csm_unit_phase_is_valid(h->phase, h->every))
		return "malformed phase of the calendar unit";
	if (!csm_currency_field_is_valid(h->currency))
		return "malformed currency code";
	return problem_with_steps(h);
}

/* Big-endian, as ever; of a value without a tail. */
void
csm_history_write(csm_writer *writer, const csm_history *h)
{
	csm_write_integer(writer, h->phase != 0 ? CSM_HISTORY_PHASE_VERSION : h->version, 1);
	csm_write_integer(writer, h->scale, 1);
	csm_write_integer(writer, (uint32) h->every.months, 4);
	csm_write_integer(writer, (uint32) h->every.days, 4);
	if (h->phase != 0)
		csm_write_integer(writer, h->phase, CSM_HISTORY_PHASE_SIZE);
	csm_write_bytes(writer, h->currency, CSM_CURRENCY_SIZE);
	csm_write_integer(writer, h->count, 4);
	for (int i = 0; i < h->count; i++)
	{
		csm_write_integer(writer, (uint32) h->steps[i].day, 4);
		csm_write_coefficient(writer, h->steps[i].amount);
	}
}

/* Reads and validates; the memory taken is bounded by the bytes that are there. */
csm_history *
csm_history_read(csm_reader *reader, const char **problem)
{
	csm_history header;
	csm_history *h;
	uint64 count;

	memset(&header, 0, sizeof(header));
	header.version = csm_read_integer(reader, 1);
	header.scale = csm_read_integer(reader, 1);
	header.every.months = (int32) csm_read_integer(reader, 4);
	header.every.days = (int32) csm_read_integer(reader, 4);
	if (header.version == CSM_HISTORY_PHASE_VERSION)
	{
		header.phase = csm_read_integer(reader, CSM_HISTORY_PHASE_SIZE);
		/* without one, it is of the first version */
		if (header.phase != 0)
			header.version = CSM_HISTORY_VERSION;
	}
	csm_read_bytes(reader, header.currency, CSM_CURRENCY_SIZE);
	count = csm_read_integer(reader, 4);
	if (reader->failed || count > CSM_HISTORY_STEPS_MAX ||
		count * (4 + 16) != (uint64) (reader->end - reader->next))
	{
		*problem = "its length is wrong";
		return NULL;
	}
	h = csm_history_copy(&header, (int) count);
	h->count = (int32) count;
	for (int i = 0; i < h->count; i++)
	{
		h->steps[i].day = (int32) csm_read_integer(reader, 4);
		h->steps[i].amount = csm_read_coefficient(reader);
	}
	*problem = reader->failed ? "an amount has too many digits" : csm_history_problem(h);
	return h;
}
