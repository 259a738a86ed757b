/*
 * ladder.c
 *		Tables of exact sums by number; ladder.h says how they are laid out.
 */
#include "base/port.h"

#include "miscadmin.h"

#include "base/hash_seed.h"
#include "base/ladder.h"

/* of a new state */
#define FIRST_SLOTS 16

/*
 * States
 */

static csm_ladder *
allocate(uint32 slots, Size rungs, csm_ladder_shape shape)
{
	Size size = sizeof(csm_ladder) + slots * sizeof(uint32) + rungs * csm_rung_size(shape);
	csm_ladder *ladder = palloc0(size);

	SET_VARSIZE(ladder, size);
	ladder->shape = shape;
	ladder->slots = slots;
	return ladder;
}

/* How many rungs an index of so many slots is for. */
static inline uint32
room_of(uint32 slots)
{
	return slots / 4 * 3;
}

static csm_ladder *
allocate_state(uint32 slots, csm_ladder_shape shape)
{
	csm_ladder *ladder = allocate(slots, room_of(slots), shape);

	ladder->seed = (uint32) csm_hash_seed;
	return ladder;
}

csm_ladder *
csm_ladder_new(const csm_ladder_type *type, bool has_amounts)
{
	csm_ladder *ladder =
		allocate_state(FIRST_SLOTS, has_amounts ? type->shape_with_amounts : type->shape);

	ladder->version = type->version;
	return ladder;
}

/* One that somebody fills with rungs in the order of their keys. */
csm_ladder *
csm_ladder_new_at_rest(const csm_ladder_type *type, bool has_amounts, int rungs)
{
	csm_ladder *ladder = allocate(0, rungs, has_amounts ? type->shape_with_amounts : type->shape);

	ladder->version = type->version;
	ladder->rungs = rungs;
	return ladder;
}

/* Enters rung i, whose key is not there yet, into the index. */
static void
enter(csm_ladder *ladder, uint32 i)
{
	uint32 *index = csm_ladder_index(ladder);
	uint32 mask = ladder->slots - 1;
	uint32 slot = csm_ladder_hash(ladder, csm_ladder_rung(ladder, i)->key) & mask;

	while (index[slot] != 0)
		slot = (slot + 1) & mask;
	index[slot] = i + 1;
}

static void
build_index(csm_ladder *ladder)
{
	memset(csm_ladder_index(ladder), 0, ladder->slots * sizeof(uint32));
	for (uint32 i = 0; i < ladder->rungs; i++)
	{
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		enter(ladder, i);
	}
}

static void
copy_header(csm_ladder *to, const csm_ladder *from)
{
	to->version = from->version;
	to->key_scale = from->key_scale;
	to->scale = from->scale;
	to->rungs = from->rungs;
	to->step = from->step;
}

static csm_ladder *
copy_to_state(const csm_ladder *from, uint32 slots)
{
	csm_ladder *ladder = allocate_state(slots, from->shape);

	Assert(from->rungs <= room_of(slots));
	copy_header(ladder, from);
	ladder->from = from->from;
	ladder->to = from->to;
	if (from->slots > 0)
		ladder->seed = from->seed;
	memcpy(csm_ladder_rung(ladder, 0), csm_ladder_rung(from, 0),
		   from->rungs * csm_rung_size(from->shape));
	build_index(ladder);
	return ladder;
}

/* A copy that can be added to. */
csm_ladder *
csm_ladder_as_state(const csm_ladder *ladder)
{
	uint32 slots = FIRST_SLOTS;

	while (room_of(slots) <= ladder->rungs)
		slots *= 2;
	return copy_to_state(ladder, slots);
}

/* Is there room for one more key in a state? */
static bool
may_have_key(const csm_ladder *ladder, const csm_ladder_type *type, int128 key)
{
	return ladder->rungs < CSM_LADDER_KEYS_MAX || key == type->free_key ||
		   (ladder->rungs == CSM_LADDER_KEYS_MAX &&
			csm_ladder_look_up(ladder, type->free_key) != NULL);
}

/* The rung of a key, a new one without sums where there is none; the state may move. */
csm_rung *
csm_ladder_find(csm_ladder **ladder, const csm_ladder_type *type, int128 key)
{
	csm_rung *rung;

	Assert((*ladder)->slots > 0);
	rung = csm_ladder_look_up(*ladder, key);
	if (likely(rung != NULL))
		return rung;
	if (!may_have_key(*ladder, type, key))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("more than %d different %s in one value", CSM_LADDER_KEYS_MAX, type->keys),
				 errhint("Round them to fewer digits.")));
	if ((*ladder)->rungs == room_of((*ladder)->slots))
		*ladder = copy_to_state(*ladder, (*ladder)->slots * 2);
	rung = csm_ladder_rung(*ladder, (*ladder)->rungs);
	rung->key = key;
	enter(*ladder, (*ladder)->rungs++);
	return rung;
}

/*
 * Keys and sums
 */

static void
key_overflow(const csm_ladder_type *type)
{
	ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					errmsg("%s have more than %d digits", type->keys, type->key_digits),
					errdetail("All %s of a value have as many decimal places as the one that has "
							  "the most.",
							  type->keys),
					errhint("Round them to fewer decimal places.")));
}

static int128
rescale_key(int128 key, int places, const csm_ladder_type *type)
{
	int128 limit;

	if (key == CSM_LADDER_NO_KEY || key == 0)
		return key;
	if (places >= type->key_digits)
		key_overflow(type);
	limit = csm_power_of_ten[type->key_digits - places];
	if (key >= limit || key <= -limit)
		key_overflow(type);
	return key * csm_power_of_ten[places];
}

/* Brings all keys of a state to a larger scale. */
static void
rescale_keys(csm_ladder *ladder, const csm_ladder_type *type, int scale)
{
	if (scale > type->key_digits)
		key_overflow(type);
	for (uint32 i = 0; i < ladder->rungs; i++)
	{
		csm_rung *rung = csm_ladder_rung(ladder, i);

		rung->key = rescale_key(rung->key, scale - ladder->key_scale, type);
	}
	ladder->key_scale = scale;
	build_index(ladder);
}

/* The coefficient of a key at the scale of the state, which is raised where it must be. */
int128
csm_ladder_align_key(csm_ladder *ladder, const csm_ladder_type *type, csm_decimal key)
{
	if (unlikely(key.scale > ladder->key_scale))
		rescale_keys(ladder, type, key.scale);
	return rescale_key(key.coefficient, ladder->key_scale - key.scale, type);
}

static void
rescale_sums(csm_ladder_shape shape, csm_rung *rung, int places)
{
	for (int i = 0; i < shape.amounts; i++)
		csm_rung_amounts(rung)[i] = csm_decimal_rescale(csm_rung_amounts(rung)[i], places);
	for (int i = 0; i < shape.squares; i++)
		csm_uint256_rescale(&csm_rung_squares(shape, rung)[i], 2 * places);
}

static void
rescale(csm_ladder *ladder, int scale)
{
	for (uint32 i = 0; i < ladder->rungs; i++)
		rescale_sums(ladder->shape, csm_ladder_rung(ladder, i), scale - ladder->scale);
	ladder->scale = scale;
}

/* The coefficient of an amount at the scale of the state, which is raised where it must be. */
int128
csm_ladder_align(csm_ladder *ladder, csm_decimal amount)
{
	if (unlikely(amount.scale > ladder->scale))
		rescale(ladder, amount.scale);
	return csm_decimal_align(amount, ladder->scale);
}

static void
add_rung(csm_ladder_shape shape, csm_rung *into, const csm_rung *from, int places)
{
	union
	{
		csm_rung rung;
		int64 alignment;
		char bytes[CSM_LADDER_MAX_SUMS];
	} copy;

	Assert(csm_rung_size(shape) <= sizeof(copy));
	memcpy(&copy, from, csm_rung_size(shape));
	rescale_sums(shape, &copy.rung, places);
	for (int i = 0; i < shape.amounts; i++)
		csm_rung_amounts(into)[i] =
			csm_decimal_add(csm_rung_amounts(into)[i], csm_rung_amounts(&copy.rung)[i]);
	for (int i = 0; i < shape.squares; i++)
		csm_uint256_add(&csm_rung_squares(shape, into)[i], &csm_rung_squares(shape, &copy.rung)[i]);
	for (int i = 0; i < shape.counts; i++)
		csm_count_add(&csm_rung_counts(shape, into)[i], csm_rung_counts(shape, &copy.rung)[i]);
}

/* Adds another ladder of the same type, shape and step to a state. */
void
csm_ladder_merge(csm_ladder **into, const csm_ladder_type *type, const csm_ladder *from)
{
	csm_ladder_shape shape = from->shape;

	Assert((*into)->shape.amounts == shape.amounts);
	if ((*into)->key_scale < from->key_scale)
		rescale_keys(*into, type, from->key_scale);
	if ((*into)->scale < from->scale)
		rescale(*into, from->scale);
	for (uint32 i = 0; i < from->rungs; i++)
	{
		const csm_rung *rung = csm_ladder_rung(from, i);
		int128 key = rescale_key(rung->key, (*into)->key_scale - from->key_scale, type);

		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		add_rung(shape, csm_ladder_find(into, type, key), rung, (*into)->scale - from->scale);
	}
}

/*
 * At rest
 */

typedef const csm_rung *rung_pointer;

/* There may be a million of them: sorting must heed a cancel. */
#define ST_SORT          sort_by_key
#define ST_ELEMENT_TYPE  rung_pointer
#define ST_COMPARE(a, b) ((*(a))->key < (*(b))->key ? -1 : (*(a))->key > (*(b))->key)
#define ST_SCOPE         static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

/* Sums over all rungs have to fit too: figures are drawn from them. */
static void
check_totals(const csm_ladder *ladder)
{
	int128 amounts[UINT8_MAX] = {0};
	int64 count = 0;

	for (uint32 i = 0; i < ladder->rungs; i++)
	{
		const csm_rung *rung = csm_ladder_rung(ladder, i);

		for (int k = 0; k < ladder->shape.amounts; k++)
			amounts[k] = csm_decimal_add(amounts[k], csm_rung_amounts(rung)[k]);
		for (int k = 0; k < ladder->shape.counts; k++)
			csm_count_add(&count, csm_rung_counts(ladder->shape, rung)[k]);
	}
}

/* The form that is stored and shown; a ladder that has it already is returned as it is. */
csm_ladder *
csm_ladder_at_rest(const csm_ladder *ladder)
{
	Size size = csm_rung_size(ladder->shape);
	csm_ladder *rest;
	rung_pointer *sorted;

	if (ladder->slots == 0)
		return (csm_ladder *) ladder;
	check_totals(ladder);
	sorted = palloc(sizeof(rung_pointer) * ((Size) ladder->rungs + 1));
	for (uint32 i = 0; i < ladder->rungs; i++)
		sorted[i] = csm_ladder_rung(ladder, i);
	sort_by_key(sorted, ladder->rungs);
	rest = allocate(0, ladder->rungs, ladder->shape);
	copy_header(rest, ladder);
	for (uint32 i = 0; i < ladder->rungs; i++)
		memcpy(csm_ladder_rung(rest, i), sorted[i], size);
	pfree(sorted);
	return rest;
}

/* How many decimal places no key needs. */
static int
spare_key_places(const csm_ladder *ladder)
{
	int places = ladder->key_scale;

	for (uint32 i = 0; i < ladder->rungs && places > 0; i++)
	{
		int128 key = csm_ladder_rung(ladder, i)->key;

		while (key != CSM_LADDER_NO_KEY && key % csm_power_of_ten[places] != 0)
			places--;
	}
	return places;
}

static bool
has_spare_place(csm_ladder_shape shape, const csm_rung *rung)
{
	for (int i = 0; i < shape.amounts; i++)
	{
		if (csm_rung_amounts(rung)[i] % 10 != 0)
			return false;
	}
	for (int i = 0; i < shape.squares; i++)
	{
		csm_uint256 square = csm_rung_squares(shape, rung)[i];

		if (csm_uint256_divide(&square, 100) != 0)
			return false;
	}
	return true;
}

/* Can the last decimal place of all amounts be dropped without losing a digit? */
static bool
can_drop_place(const csm_ladder *ladder)
{
	for (uint32 i = 0; i < ladder->rungs; i++)
	{
		if (!has_spare_place(ladder->shape, csm_ladder_rung(ladder, i)))
			return false;
	}
	return ladder->scale > 0;
}

static void
drop_place(csm_ladder *ladder)
{
	for (uint32 i = 0; i < ladder->rungs; i++)
	{
		csm_rung *rung = csm_ladder_rung(ladder, i);

		CHECK_FOR_INTERRUPTS();
		for (int k = 0; k < ladder->shape.amounts; k++)
			csm_rung_amounts(rung)[k] /= 10;
		for (int k = 0; k < ladder->shape.squares; k++)
			(void) csm_uint256_divide(&csm_rung_squares(ladder->shape, rung)[k], 100);
	}
	ladder->scale--;
}

static void
drop_key_places(csm_ladder *ladder, int places)
{
	for (uint32 i = 0; i < ladder->rungs; i++)
	{
		csm_rung *rung = csm_ladder_rung(ladder, i);

		if (rung->key != CSM_LADDER_NO_KEY)
			rung->key /= csm_power_of_ten[places];
	}
	ladder->key_scale -= places;
}

/*
 * The same ladder, which is at rest, at the smallest scales that hold it: equal ladders
 * have equal bytes then.  A copy where that differs.
 */
csm_ladder *
csm_ladder_normalize(const csm_ladder *ladder)
{
	int key_places = spare_key_places(ladder);
	csm_ladder *normal;

	if (key_places == 0 && !can_drop_place(ladder))
		return (csm_ladder *) ladder;
	normal = palloc(VARSIZE(ladder));
	memcpy(normal, ladder, VARSIZE(ladder));
	drop_key_places(normal, key_places);
	while (can_drop_place(normal))
		drop_place(normal);
	return normal;
}

/* A total order of ladders at rest; it means nothing but is 0 for equal ones only. */
int
csm_ladder_compare(const csm_ladder *a, const csm_ladder *b)
{
	csm_ladder *x = csm_ladder_normalize(a);
	csm_ladder *y = csm_ladder_normalize(b);
	/* the size is among the first bytes */
	int order = memcmp(x, y, Min(VARSIZE(x), VARSIZE(y)));

	/* sorts and index builds call this in one long-lived context */
	if (x != a)
		pfree(x);
	if (y != b)
		pfree(y);
	return order < 0 ? -1 : order > 0;
}

/*
 * Validation
 */

static const char *
problem_with_key(const csm_ladder *ladder, const csm_ladder_type *type, uint32 i)
{
	int128 key = csm_ladder_rung(ladder, i)->key;

	if (i > 0 && key <= csm_ladder_rung(ladder, i - 1)->key)
		return "its rows are not in order";
	if (key == CSM_LADDER_NO_KEY)
		return type->has_rung_without_key ? NULL : "a row has no number";
	if (key < 0 && !type->has_negative_keys)
		return "a number is negative";
	if (key >= csm_power_of_ten[type->key_digits] || key <= -csm_power_of_ten[type->key_digits])
		return "a number has too many digits";
	return NULL;
}

/* Adds the rung to the totals. */
static const char *
problem_with_sums(const csm_ladder *ladder, const csm_rung *rung, int128 *amounts, int64 *total)
{
	csm_ladder_shape shape = ladder->shape;
	const int64 *counts = csm_rung_counts(shape, rung);
	int64 before = *total;

	for (int i = 0; i < shape.counts; i++)
	{
		if (counts[i] < 0 || __builtin_add_overflow(*total, counts[i], total))
			return "a count is negative, or there are too many accounts";
	}
	if (*total == before)
		return "a row has no accounts";
	for (int i = 0; i < shape.amounts; i++)
	{
		int128 amount = csm_rung_amounts(rung)[i];

		if (amount < 0 || !csm_decimal_fits(amount) || amount > CSM_DECIMAL_MAX - amounts[i])
			return "an amount is negative, or there are too many digits";
		if (amount > 0 && counts[i] == 0)
			return "there is an amount without accounts";
		amounts[i] += amount;
	}
	for (int i = 0; i < shape.squares; i++)
	{
		csm_uint256 square = csm_rung_squares(shape, rung)[i];
		int128 amount = csm_rung_amounts(rung)[i];

		if (!csm_uint256_is_within(&square, amount, amount) ||
			!csm_uint256_is_square_sum(square, amount, counts[i]))
			return "sums of squares do not agree with the amounts";
	}
	return NULL;
}

/*
 * Says what is wrong with a ladder at rest that came from outside, NULL when nothing is.
 * The first counts belong to the amounts, in the same order.
 */
const char *
csm_ladder_problem(const csm_ladder *ladder, const csm_ladder_type *type)
{
	int128 amounts[UINT8_MAX] = {0};
	int64 total = 0;
	const char *problem = NULL;

	if (ladder->key_scale > type->key_digits || ladder->scale > CSM_DECIMAL_DIGITS)
		return "scale out of range";
	if (!csm_ladder_has_amounts(ladder) && ladder->scale > 0)
		return "there are decimal places without amounts";
	/* both are the first that can be */
	if (ladder->rungs > CSM_LADDER_KEYS_MAX && (ladder->rungs > CSM_LADDER_KEYS_MAX + 1 ||
												csm_ladder_rung(ladder, 0)->key != type->free_key))
		return "there are too many rows";
	if (ladder->rungs == 0 && (ladder->key_scale > 0 || ladder->scale > 0))
		return "there are decimal places without rows";
	if (csm_ladder_has_step(ladder) &&
		(!type->has_step || !csm_step_is_valid(ladder->step) || ladder->key_scale > 0))
		return "malformed step";
	for (uint32 i = 0; problem == NULL && i < ladder->rungs; i++)
	{
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		problem = problem_with_key(ladder, type, i);
		if (problem == NULL)
			problem = problem_with_sums(ladder, csm_ladder_rung(ladder, i), amounts, &total);
	}
	return problem != NULL ? problem : type->problem(ladder);
}
