/*
 * tally.c
 *		Tables of exact sums by key; tally.h says how they are laid out.
 */
#include "base/port.h"

#include "common/hashfn.h"
#include "miscadmin.h"

#include "base/hash_seed.h"
#include "base/tally.h"

/* room of a new state */
#define FIRST_SLOTS 8
#define FIRST_ROOM  512

#define ALIGN_8(size) (((Size) (size) + 7) & ~(Size) 7)

static inline Size
sums_size(csm_tally_shape shape)
{
	return shape.amounts * sizeof(int128) + shape.products * sizeof(csm_uint256) +
		   shape.counts * sizeof(int64);
}

static inline Size
entry_size(csm_tally_shape shape, int32 name_length)
{
	return offsetof(csm_tally_entry, sums) + sums_size(shape) + shape.terms * sizeof(uint64) +
		   ALIGN_8(Max(name_length, 0));
}

static inline uint32 *
index_of(const csm_tally *tally)
{
	return (uint32 *) ((char *) tally + sizeof(csm_tally));
}

static inline Size
entries_offset(const csm_tally *tally)
{
	return sizeof(csm_tally) + tally->slots * sizeof(uint32);
}

/* Places in the index count in units of 8 bytes; 0 is free. */
static inline csm_tally_entry *
entry_at(const csm_tally *tally, uint32 place)
{
	return (csm_tally_entry *) ((char *) tally + (Size) place * 8);
}

static inline uint32
place_of(const csm_tally *tally, const csm_tally_entry *entry)
{
	return (uint32) (((char *) entry - (char *) tally) / 8);
}

/* The entry after this one, the first one after NULL; NULL after the last one. */
csm_tally_entry *
csm_tally_next(const csm_tally *tally, const csm_tally_entry *entry)
{
	char *next = entry == NULL ? (char *) tally + entries_offset(tally)
							   : (char *) entry + entry_size(tally->shape, entry->name_length);

	/* whatever walks over the entries, of which there may be millions, heeds a cancel */
	CHECK_FOR_INTERRUPTS();
	return next < (char *) tally + tally->used ? (csm_tally_entry *) next : NULL;
}

/*
 * Keys
 */

static uint32
hash_key(const csm_tally *tally, const char *name, int32 name_length, const uint64 *terms)
{
	uint64 hash =
		hash_bytes_extended((const unsigned char *) name, Max(name_length, 0), tally->seed);

	if (tally->shape.terms > 0)
		hash = hash_bytes_extended((const unsigned char *) terms,
								   tally->shape.terms * sizeof(uint64), hash);
	return (uint32) hash;
}

static bool
has_key(csm_tally_shape shape, const csm_tally_entry *entry, const char *name, int32 name_length,
		const uint64 *terms)
{
	return entry->name_length == name_length &&
		   memcmp(csm_tally_name(shape, entry), name, Max(name_length, 0)) == 0 &&
		   memcmp(csm_tally_terms(shape, entry), terms, shape.terms * sizeof(uint64)) == 0;
}

/* No name first, then by bytes, whatever the collation of the database. */
static int
compare_names(csm_tally_shape shape, const csm_tally_entry *a, const csm_tally_entry *b)
{
	int common = Max(Min(a->name_length, b->name_length), 0);
	int order = memcmp(csm_tally_name(shape, a), csm_tally_name(shape, b), common);

	if (order == 0 && a->name_length != b->name_length)
		order = a->name_length < b->name_length ? -1 : 1;
	return order;
}

static int
compare_keys(csm_tally_shape shape, const csm_tally_entry *a, const csm_tally_entry *b)
{
	const uint64 *terms_a = csm_tally_terms(shape, a);
	const uint64 *terms_b = csm_tally_terms(shape, b);
	int order = compare_names(shape, a, b);

	for (int i = 0; order == 0 && i < shape.terms; i++)
	{
		if (terms_a[i] != terms_b[i])
			order = terms_a[i] < terms_b[i] ? -1 : 1;
	}
	return order;
}

bool
csm_tally_same_name(const csm_tally *tally, const csm_tally_entry *a, const csm_tally_entry *b)
{
	return compare_names(tally->shape, a, b) == 0;
}

/*
 * States
 */

/* Without entries; "used" and "slots" are the caller's to set when it needs an index. */
static csm_tally *
allocate(uint8 version, csm_tally_shape shape, Size size)
{
	csm_tally *tally;

	if (size > CSM_TALLY_MAX_SIZE)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("too many names for one value"),
				 errdetail("A value holds at most 1 GB."), errhint("Aggregate by group.")));
	tally = palloc0(size);
	SET_VARSIZE(tally, size);
	tally->version = version;
	tally->shape = shape;
	return tally;
}

static csm_tally *
allocate_state(uint8 version, csm_tally_shape shape, uint32 slots, Size room)
{
	Size entries = sizeof(csm_tally) + slots * sizeof(uint32);
	csm_tally *tally = allocate(version, shape, entries + room);

	tally->seed = (uint16) csm_hash_seed;
	tally->slots = slots;
	tally->used = (uint32) entries;
	return tally;
}

csm_tally *
csm_tally_new(uint8 version, csm_tally_shape shape)
{
	return allocate_state(version, shape, FIRST_SLOTS, FIRST_ROOM);
}

/* Enters an entry, whose key is not there yet, into the index. */
static void
enter(csm_tally *tally, const csm_tally_entry *entry)
{
	uint32 *index = index_of(tally);
	uint32 mask = tally->slots - 1;
	uint32 slot = entry->hash & mask;

	while (index[slot] != 0)
		slot = (slot + 1) & mask;
	index[slot] = place_of(tally, entry);
}

/* A copy with an index of so many slots and so much room after it. */
static csm_tally *
copy_to_state(const csm_tally *from, uint32 slots, Size room)
{
	csm_tally *tally = allocate_state(from->version, from->shape, slots, room);
	Size size = from->used - entries_offset(from);

	Assert(room >= size && slots > from->entries);
	memcpy((char *) tally + tally->used, (char *) from + entries_offset(from), size);
	tally->used += (uint32) size;
	tally->scale = from->scale;
	tally->entries = from->entries;
	if (from->slots > 0)
		tally->seed = from->seed;
	for (csm_tally_entry *e = csm_tally_first(tally); e != NULL; e = csm_tally_next(tally, e))
	{
		if (from->slots == 0)
			e->hash = hash_key(tally, csm_tally_name(tally->shape, e), e->name_length,
							   csm_tally_terms(tally->shape, e));
		enter(tally, e);
	}
	return tally;
}

/* The next power of two with a quarter of the slots to spare. */
static uint32
slots_for(uint64 entries)
{
	uint64 slots = FIRST_SLOTS;

	while (entries * 4 > slots * 3)
		slots *= 2;
	return (uint32) slots;
}

/* A copy that can be added to. */
csm_tally *
csm_tally_as_state(const csm_tally *tally)
{
	Size size = tally->used - entries_offset(tally);

	return copy_to_state(tally, slots_for((uint64) tally->entries * 2), Max(size * 2, FIRST_ROOM));
}

/* A copy with room for an entry of this size, and as much again as there is. */
static csm_tally *
grow(const csm_tally *tally, Size entry)
{
	Size size = tally->used - entries_offset(tally);
	uint32 slots = slots_for((uint64) tally->entries * 2);
	Size header = sizeof(csm_tally) + slots * sizeof(uint32);
	Size room = ALIGN_8((size + entry) * 2);

	if (header + room > CSM_TALLY_MAX_SIZE && header + size + entry <= CSM_TALLY_MAX_SIZE)
		room = size + entry;
	return copy_to_state(tally, slots, room);
}

/* The entry of a key, a new one without sums where there is none; the state may move. */
csm_tally_entry *
csm_tally_find(csm_tally **tally, const char *name, int32 name_length, const uint64 *terms)
{
	csm_tally *t = *tally;
	uint32 hash = hash_key(t, name, name_length, terms);
	uint32 mask = t->slots - 1;
	Size size = entry_size(t->shape, name_length);
	csm_tally_entry *entry;

	Assert(t->slots > 0);
	for (uint32 slot = hash & mask; index_of(t)[slot] != 0; slot = (slot + 1) & mask)
	{
		entry = entry_at(t, index_of(t)[slot]);
		if (entry->hash == hash && has_key(t->shape, entry, name, name_length, terms))
			return entry;
	}
	if (t->used + size > VARSIZE(t) || ((uint64) t->entries + 1) * 4 > (uint64) t->slots * 3)
		t = *tally = grow(t, size);
	entry = (csm_tally_entry *) ((char *) t + t->used);
	entry->hash = hash;
	entry->name_length = name_length;
	memcpy(csm_tally_terms(t->shape, entry), terms, t->shape.terms * sizeof(uint64));
	memcpy((char *) csm_tally_name(t->shape, entry), name, Max(name_length, 0));
	t->used += (uint32) size;
	t->entries++;
	enter(t, entry);
	return entry;
}

/*
 * Sums
 */

static void
rescale_entry(csm_tally_shape shape, csm_tally_entry *entry, int places)
{
	for (int i = 0; i < shape.amounts; i++)
		csm_tally_amounts(entry)[i] = csm_decimal_rescale(csm_tally_amounts(entry)[i], places);
	for (int i = 0; i < shape.products; i++)
		csm_uint256_rescale(&csm_tally_products(shape, entry)[i], 2 * places);
}

/* Brings all sums to a larger scale. */
void
csm_tally_rescale(csm_tally *tally, int scale)
{
	for (csm_tally_entry *e = csm_tally_first(tally); e != NULL; e = csm_tally_next(tally, e))
		rescale_entry(tally->shape, e, scale - tally->scale);
	tally->scale = scale;
}

/* The coefficient of an amount at the scale of the tally, which is raised where it must be. */
int128
csm_tally_align(csm_tally *tally, csm_decimal amount)
{
	if (unlikely(amount.scale > tally->scale))
		csm_tally_rescale(tally, amount.scale);
	return csm_decimal_align(amount, tally->scale);
}

/* Can the sums of an entry have that many more places?  It stays as it is. */
static bool
fits_rescaled(csm_tally_shape shape, csm_tally_entry *entry, int places)
{
	for (int i = 0; i < shape.amounts; i++)
	{
		csm_decimal sum = {csm_tally_amounts(entry)[i], 0};
		int128 coefficient;

		if (!csm_decimal_try_align(sum, places, &coefficient))
			return false;
	}
	for (int i = 0; i < shape.products; i++)
	{
		csm_uint256 product = csm_tally_products(shape, entry)[i];

		if (!csm_uint256_try_rescale(&product, 2 * places))
			return false;
	}
	return true;
}

/* The same without the error: false when an amount would have more than 38 digits. */
bool
csm_tally_try_align(csm_tally *tally, csm_decimal amount, int128 *coefficient)
{
	int places = Max(amount.scale - tally->scale, 0);
	int128 aligned;

	for (csm_tally_entry *e = csm_tally_first(tally); places > 0 && e != NULL;
		 e = csm_tally_next(tally, e))
	{
		if (!fits_rescaled(tally->shape, e, places))
			return false;
	}
	if (!csm_decimal_try_align(amount, tally->scale + places, &aligned))
		return false;
	if (places > 0)
		csm_tally_rescale(tally, amount.scale);
	/* last, it may be one of the tally's own sums */
	*coefficient = aligned;
	return true;
}

static void
add_entry(csm_tally_shape shape, csm_tally_entry *into, const csm_tally_entry *from, int places)
{
	union
	{
		csm_tally_entry entry;
		int64 alignment;
		char bytes[offsetof(csm_tally_entry, sums) + CSM_TALLY_MAX_SUMS];
	} aligned;

	Assert(sums_size(shape) <= CSM_TALLY_MAX_SUMS);
	memcpy(&aligned, from, offsetof(csm_tally_entry, sums) + sums_size(shape));
	rescale_entry(shape, &aligned.entry, places);
	for (int i = 0; i < shape.amounts; i++)
		csm_tally_amounts(into)[i] =
			csm_decimal_add(csm_tally_amounts(into)[i], csm_tally_amounts(&aligned.entry)[i]);
	for (int i = 0; i < shape.products; i++)
		csm_uint256_add(&csm_tally_products(shape, into)[i],
						&csm_tally_products(shape, &aligned.entry)[i]);
	for (int i = 0; i < shape.counts; i++)
		csm_count_add(&csm_tally_counts(shape, into)[i],
					  csm_tally_counts(shape, &aligned.entry)[i]);
}

/* Adds another tally of the same shape to a state. */
void
csm_tally_merge(csm_tally **into, const csm_tally *from)
{
	csm_tally_shape shape = from->shape;

	Assert(memcmp(&(*into)->shape, &shape, sizeof(shape)) == 0);
	if ((*into)->scale < from->scale)
		csm_tally_rescale(*into, from->scale);
	for (csm_tally_entry *e = csm_tally_first(from); e != NULL; e = csm_tally_next(from, e))
		add_entry(shape,
				  csm_tally_find(into, csm_tally_name(shape, e), e->name_length,
								 csm_tally_terms(shape, e)),
				  e, (*into)->scale - from->scale);
}

/* The sums by terms alone, as a state. */
csm_tally *
csm_tally_without_names(const csm_tally *tally)
{
	csm_tally_shape shape = tally->shape;
	csm_tally *sum = csm_tally_new(tally->version, shape);

	sum->scale = tally->scale;
	for (csm_tally_entry *e = csm_tally_first(tally); e != NULL; e = csm_tally_next(tally, e))
		add_entry(shape, csm_tally_find(&sum, "", -1, csm_tally_terms(shape, e)), e, 0);
	return sum;
}

/*
 * At rest
 */

static bool
is_empty(csm_tally_shape shape, const csm_tally_entry *entry)
{
	for (Size i = 0; i < sums_size(shape); i++)
	{
		if (entry->sums[i] != 0)
			return false;
	}
	return true;
}

typedef const csm_tally_entry *entry_pointer;

/* There may be millions of them: sorting must heed a cancel. */
#define ST_SORT                 sort_by_key
#define ST_ELEMENT_TYPE         entry_pointer
#define ST_COMPARE_ARG_TYPE     const csm_tally_shape
#define ST_COMPARE(a, b, shape) compare_keys(*(shape), *(a), *(b))
#define ST_SCOPE                static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

static entry_pointer *
sort_entries(const csm_tally *tally)
{
	entry_pointer *sorted = palloc(sizeof(entry_pointer) * ((Size) tally->entries + 1));
	uint32 n = 0;

	for (csm_tally_entry *e = csm_tally_first(tally); e != NULL; e = csm_tally_next(tally, e))
		sorted[n++] = e;
	sort_by_key(sorted, n, &tally->shape);
	return sorted;
}

/* The form that is stored and shown; a tally that has it already is returned as it is. */
csm_tally *
csm_tally_at_rest(const csm_tally *tally)
{
	csm_tally_shape shape = tally->shape;
	csm_tally *rest;
	entry_pointer *sorted;

	if (tally->slots == 0)
		return (csm_tally *) tally;
	rest = allocate(tally->version, shape, sizeof(csm_tally) + tally->used - entries_offset(tally));
	rest->scale = tally->scale;
	rest->used = sizeof(csm_tally);
	sorted = sort_entries(tally);
	for (uint32 i = 0; i < tally->entries; i++)
	{
		const csm_tally_entry *entry = sorted[i];
		csm_tally_entry *copy = (csm_tally_entry *) ((char *) rest + rest->used);

		CHECK_FOR_INTERRUPTS();
		if (is_empty(shape, entry) && i + 1 < tally->entries &&
			compare_names(shape, entry, sorted[i + 1]) == 0)
			continue;
		memcpy(copy, entry, entry_size(shape, entry->name_length));
		copy->hash = 0;
		rest->used += (uint32) entry_size(shape, entry->name_length);
		rest->entries++;
	}
	pfree(sorted);
	SET_VARSIZE(rest, rest->used);
	return rest;
}

/* Can the last decimal place be dropped without losing a digit? */
static bool
can_drop_place(const csm_tally *tally)
{
	csm_tally_shape shape = tally->shape;

	for (csm_tally_entry *e = csm_tally_first(tally); e != NULL; e = csm_tally_next(tally, e))
	{
		for (int i = 0; i < shape.amounts; i++)
		{
			if (csm_tally_amounts(e)[i] % 10 != 0)
				return false;
		}
		for (int i = 0; i < shape.products; i++)
		{
			csm_uint256 product = csm_tally_products(shape, e)[i];

			if (csm_uint256_divide(&product, 100) != 0)
				return false;
		}
	}
	return true;
}

static void
drop_place(csm_tally *tally)
{
	csm_tally_shape shape = tally->shape;

	for (csm_tally_entry *e = csm_tally_first(tally); e != NULL; e = csm_tally_next(tally, e))
	{
		for (int i = 0; i < shape.amounts; i++)
			csm_tally_amounts(e)[i] /= 10;
		for (int i = 0; i < shape.products; i++)
			(void) csm_uint256_divide(&csm_tally_products(shape, e)[i], 100);
	}
	tally->scale--;
}

/*
 * The same tally, which is at rest, at the smallest scale that holds it: equal tallies
 * have equal bytes then.  A copy where that differs.
 */
csm_tally *
csm_tally_normalize(const csm_tally *tally)
{
	csm_tally *normal = (csm_tally *) tally;

	if (tally->scale == 0 || !can_drop_place(tally))
		return normal;
	normal = palloc(VARSIZE(tally));
	memcpy(normal, tally, VARSIZE(tally));
	do
		drop_place(normal);
	while (normal->scale > 0 && can_drop_place(normal));
	return normal;
}

/* A total order of tallies at rest; it means nothing but is 0 for equal ones only. */
int
csm_tally_compare(const csm_tally *a, const csm_tally *b)
{
	csm_tally *x = csm_tally_normalize(a);
	csm_tally *y = csm_tally_normalize(b);
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
 * Says what is wrong with sums that came from outside, NULL when nothing is.  The rest of
 * the form is right by construction: what comes in is added up entry by entry.
 */
const char *
csm_tally_problem(const csm_tally *tally)
{
	csm_tally_shape shape = tally->shape;

	for (csm_tally_entry *e = csm_tally_first(tally); e != NULL; e = csm_tally_next(tally, e))
	{
		for (int i = 0; i < shape.amounts; i++)
		{
			if (csm_tally_amounts(e)[i] < 0 || !csm_decimal_fits(csm_tally_amounts(e)[i]))
				return "an amount is negative or has too many digits";
		}
		for (int i = 0; i < shape.counts; i++)
		{
			if (csm_tally_counts(shape, e)[i] < 0)
				return "a count is negative";
		}
	}
	return NULL;
}
