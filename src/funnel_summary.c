/*
 * funnel_summary.c
 *		Making, merging, writing and reading summaries; funnel_summary.h says what they hold.
 */
#include "base/port.h"

#include "common/hashfn.h"
#include "common/int.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/hash_seed.h"
#include "funnel_summary.h"

#define HAS_AS_OF 0x01

#define FIRST_STRATA 8

/*
 * Buckets
 */

static int
bucket_of(uint64 length)
{
	int power;

	if (length < 2 * CSM_BUCKET_PAGE)
		return (int) length;
	power = pg_leftmost_one_pos64(length);
	return (power - 4) * CSM_BUCKET_PAGE + (int) ((length >> (power - 5)) - CSM_BUCKET_PAGE);
}

int64
csm_bucket_low(int bucket)
{
	if (bucket < 2 * CSM_BUCKET_PAGE)
		return bucket;
	return (int64) (CSM_BUCKET_PAGE + bucket % CSM_BUCKET_PAGE) << (bucket / CSM_BUCKET_PAGE - 1);
}

/* The longest length of a bucket. */
int64
csm_bucket_high(int bucket)
{
	if (bucket < 2 * CSM_BUCKET_PAGE)
		return bucket;
	return csm_bucket_low(bucket) + (((int64) 1 << (bucket / CSM_BUCKET_PAGE - 1)) - 1);
}

int64
csm_bucket_middle(int bucket)
{
	if (bucket < 2 * CSM_BUCKET_PAGE)
		return bucket;
	return csm_bucket_low(bucket) + ((int64) 1 << (bucket / CSM_BUCKET_PAGE - 1)) / 2;
}

csm_durations *
csm_durations_of(csm_funnel_summary *summary, csm_durations **durations)
{
	if (*durations == NULL)
		*durations = MemoryContextAllocZero(summary->context, sizeof(csm_durations));
	return *durations;
}

void
csm_durations_add(csm_funnel_summary *summary, csm_durations *into, int bucket, int64 count)
{
	int64 **page = &into->pages[bucket / CSM_BUCKET_PAGE];

	if (*page == NULL)
		*page = MemoryContextAllocZero(summary->context, CSM_BUCKET_PAGE * sizeof(int64));
	csm_count_add(&(*page)[bucket % CSM_BUCKET_PAGE], count);
}

static void
add_length(csm_funnel_summary *summary, csm_durations **durations, TimestampTz from, TimestampTz to)
{
	uint64 length = (uint64) to - (uint64) from;
	csm_durations *into = csm_durations_of(summary, durations);

	into->sum += length;
	csm_durations_add(summary, into, bucket_of(length), 1);
}

/*
 * Strata
 */

csm_funnel_summary *
csm_summary_new(MemoryContext context, const csm_funnel *f, TimestampTz as_of)
{
	csm_funnel_summary *summary = MemoryContextAllocZero(context, sizeof(csm_funnel_summary));

	summary->context = context;
	summary->f = f;
	summary->as_of = as_of;
	summary->room = FIRST_STRATA;
	summary->stratum = MemoryContextAlloc(context, summary->room * sizeof(csm_stratum));
	summary->slots = MemoryContextAllocZero(context, 2 * summary->room * sizeof(uint32));
	return summary;
}

static uint32
first_slot(const csm_funnel_summary *summary, const char *bytes, int size)
{
	uint64 hash =
		bytes == NULL ? 0 : hash_bytes_extended((const unsigned char *) bytes, size, csm_hash_seed);

	return (uint32) hash & (2 * summary->room - 1);
}

static bool
is_stratum(const csm_stratum *stratum, const char *bytes, int size)
{
	if (stratum->name == NULL || bytes == NULL)
		return stratum->name == NULL && bytes == NULL;
	return stratum->size == size && memcmp(stratum->name, bytes, size) == 0;
}

static uint32
find_slot(const csm_funnel_summary *summary, const char *bytes, int size)
{
	uint32 slot = first_slot(summary, bytes, size);

	while (summary->slots[slot] != 0 &&
		   !is_stratum(&summary->stratum[summary->slots[slot] - 1], bytes, size))
		slot = (slot + 1) & (2 * summary->room - 1);
	return slot;
}

static void
grow_strata(csm_funnel_summary *summary)
{
	summary->room *= 2;
	summary->stratum = repalloc(summary->stratum, summary->room * sizeof(csm_stratum));
	pfree(summary->slots);
	summary->slots = MemoryContextAllocZero(summary->context, 2 * summary->room * sizeof(uint32));
	for (uint32 i = 0; i < summary->strata; i++)
	{
		const csm_stratum *stratum = &summary->stratum[i];

		summary->slots[find_slot(summary, stratum->name, stratum->size)] = i + 1;
	}
}

/* The number of a stratum, which is made where it is new. */
uint32
csm_summary_stratum(csm_funnel_summary *summary, const char *bytes, int size, bool is_null)
{
	csm_stratum *stratum;
	uint32 slot;

	if (is_null)
		bytes = NULL;
	slot = find_slot(summary, bytes, size);
	if (summary->slots[slot] != 0)
		return summary->slots[slot] - 1;
	if (summary->strata == CSM_STRATA_MAX)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("a funnel summary cannot have more than %d strata", CSM_STRATA_MAX),
						errhint("A stratum is a segment, a plan or a month, not an account.")));
	if (summary->strata == summary->room)
	{
		grow_strata(summary);
		slot = find_slot(summary, bytes, size);
	}
	stratum = &summary->stratum[summary->strata];
	stratum->name = NULL;
	stratum->size = is_null ? 0 : size;
	if (!is_null)
	{
		stratum->name = MemoryContextAlloc(summary->context, size + 1);
		memcpy(stratum->name, bytes, size);
		stratum->name[size] = '\0';
	}
	stratum->steps =
		MemoryContextAllocZero(summary->context, summary->f->steps * sizeof(csm_reached));
	summary->slots[slot] = summary->strata + 1;
	return summary->strata++;
}

/*
 * Adding
 */

static void
rescale(csm_funnel_summary *summary, int scale)
{
	int places = scale - summary->scale;

	for (uint32 i = 0; i < summary->strata; i++)
	{
		csm_reached *steps = summary->stratum[i].steps;

		csm_uint256_rescale(&steps[0].squares, 2 * places);
		for (int k = 0; k < summary->f->steps; k++)
			steps[k].amount = csm_decimal_rescale(steps[k].amount, places);
	}
	summary->scale = scale;
}

/* One account, or one entry, with its amount; the chain has at least one step. */
void
csm_summary_add(csm_funnel_summary *summary, uint32 stratum, const csm_chain *chain,
				csm_decimal amount)
{
	csm_reached *steps = summary->stratum[stratum].steps;
	int128 coefficient;

	if (unlikely(amount.scale > summary->scale))
		rescale(summary, amount.scale);
	coefficient = csm_decimal_align(amount, summary->scale);
	if (coefficient != 0)
		csm_uint256_add_product(&steps[0].squares, coefficient, coefficient);
	for (int k = 0; k < chain->level; k++)
	{
		csm_count_add(&steps[k].count, 1);
		if (coefficient != 0)
			steps[k].amount = csm_decimal_add(steps[k].amount, coefficient);
		if (k == 0)
			continue;
		add_length(summary, &steps[k].entry, chain->times[0], chain->times[k]);
		add_length(summary, &steps[k].before, chain->times[k - 1], chain->times[k]);
	}
}

static void
merge_durations(csm_funnel_summary *summary, csm_durations **into, const csm_durations *from)
{
	csm_durations *durations;

	if (from == NULL)
		return;
	durations = csm_durations_of(summary, into);
	if (__builtin_add_overflow(durations->sum, from->sum, &durations->sum) ||
		!csm_decimal_fits(durations->sum))
		csm_decimal_overflow();
	for (int bucket = 0; bucket < CSM_BUCKETS; bucket++)
	{
		int64 count = csm_durations_count(from, bucket);

		if (count > 0)
			csm_durations_add(summary, durations, bucket, count);
	}
}

/* Of the same definition and as_of: the caller has looked. */
void
csm_summary_merge(csm_funnel_summary *summary, const csm_funnel_summary *other)
{
	int places;

	if (other->scale > summary->scale)
		rescale(summary, other->scale);
	places = summary->scale - other->scale;
	for (uint32 i = 0; i < other->strata; i++)
	{
		const csm_stratum *from = &other->stratum[i];
		csm_uint256 squares = from->steps[0].squares;
		uint32 number;
		csm_reached *into;

		CHECK_FOR_INTERRUPTS();
		/* which may move the strata */
		number = csm_summary_stratum(summary, from->name, from->size, from->name == NULL);
		into = summary->stratum[number].steps;
		csm_uint256_rescale(&squares, 2 * places);
		csm_uint256_add(&into[0].squares, &squares);
		for (int k = 0; k < summary->f->steps; k++)
		{
			csm_count_add(&into[k].count, from->steps[k].count);
			into[k].amount =
				csm_decimal_add(into[k].amount, csm_decimal_rescale(from->steps[k].amount, places));
			merge_durations(summary, &into[k].entry, from->steps[k].entry);
			merge_durations(summary, &into[k].before, from->steps[k].before);
		}
	}
}

/* To the smallest scale that holds all amounts: summaries that differ in no more are equal. */
void
csm_summary_trim(csm_funnel_summary *summary)
{
	int spare = summary->scale;

	for (uint32 i = 0; i < summary->strata; i++)
	{
		csm_reached *steps = summary->stratum[i].steps;

		spare = Min(spare, csm_uint256_spare_places(&steps[0].squares, spare));
		for (int k = 0; k < summary->f->steps; k++)
			spare = Min(spare, csm_decimal_spare_places(steps[k].amount, spare));
	}
	for (uint32 i = 0; i < summary->strata; i++)
	{
		csm_reached *steps = summary->stratum[i].steps;

		csm_uint256_drop_places(&steps[0].squares, spare);
		for (int k = 0; k < summary->f->steps; k++)
			steps[k].amount /= csm_power_of_ten[spare];
	}
	summary->scale -= spare;
}

/*
 * Writing
 */

/* By the bytes of their names, the one without a name last. */
int
csm_stratum_compare(const csm_stratum *x, const csm_stratum *y)
{
	int order;

	if (x->name == NULL || y->name == NULL)
		return (x->name == NULL) - (y->name == NULL);
	order = memcmp(x->name, y->name, Min(x->size, y->size));
	return order != 0 ? order : x->size - y->size;
}

static int
compare_strata(const void *a, const void *b)
{
	return csm_stratum_compare(*(const csm_stratum *const *) a, *(const csm_stratum *const *) b);
}

static void
put_integer(StringInfo out, uint64 value, int bytes)
{
	for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
		appendStringInfoCharMacro(out, (char) (value >> shift));
}

static void
put_coefficient(StringInfo out, int128 value)
{
	put_integer(out, (uint64) (value >> 64), 8);
	put_integer(out, (uint64) value, 8);
}

static void
put_text(StringInfo out, const char *text, int size, int size_bytes, csm_text_converter convert)
{
	if (convert != NULL)
		text = convert(text, &size);
	put_integer(out, size, size_bytes);
	appendBinaryStringInfo(out, text, size);
}

static void
put_durations(StringInfo out, const csm_durations *durations)
{
	int start = out->len + 16;
	int buckets = 0;

	put_coefficient(out, durations == NULL ? 0 : durations->sum);
	put_integer(out, 0, 2);
	for (int bucket = 0; durations != NULL && bucket < CSM_BUCKETS; bucket++)
	{
		int64 count = csm_durations_count(durations, bucket);
		int bytes;

		if (count == 0)
			continue;
		bytes = pg_leftmost_one_pos64(count) / 8 + 1;
		put_integer(out, bucket, 2);
		put_integer(out, bytes, 1);
		put_integer(out, count, bytes);
		buckets++;
	}
	out->data[start] = (char) (buckets >> 8);
	out->data[start + 1] = (char) buckets;
}

static void
put_stratum(StringInfo out, const csm_funnel_summary *summary, const csm_stratum *stratum,
			csm_text_converter convert)
{
	put_integer(out, stratum->name != NULL, 1);
	if (stratum->name != NULL)
		put_text(out, stratum->name, stratum->size, 4, convert);
	for (int k = 0; k < summary->f->steps; k++)
	{
		const csm_reached *step = &stratum->steps[k];

		put_integer(out, step->count, 8);
		put_coefficient(out, step->amount);
		if (k == 0)
		{
			for (int limb = 3; limb >= 0; limb--)
				put_integer(out, step->squares.limb[limb], 8);
			continue;
		}
		put_durations(out, step->entry);
		put_durations(out, step->before);
	}
}

/* The binary form, after the header of a varlena, in the current context. */
struct varlena *
csm_summary_write(const csm_funnel_summary *summary, csm_text_converter convert)
{
	const csm_stratum **sorted = palloc((summary->strata + 1) * sizeof(csm_stratum *));
	bool has_as_of = !TIMESTAMP_IS_NOEND(summary->as_of);
	uint32 strata = 0;
	StringInfoData out;

	/* some were made for accounts that did not enter in the end */
	for (uint32 i = 0; i < summary->strata; i++)
	{
		if (summary->stratum[i].steps[0].count > 0)
			sorted[strata++] = &summary->stratum[i];
	}
	qsort(sorted, strata, sizeof(csm_stratum *), compare_strata);
	initStringInfo(&out);
	put_integer(&out, 0, VARHDRSZ);
	put_integer(&out, CSM_FUNNEL_SUMMARY_VERSION, 1);
	put_integer(&out, has_as_of ? HAS_AS_OF : 0, 1);
	put_integer(&out, summary->scale, 1);
	put_integer(&out, summary->f->steps, 1);
	put_integer(&out, has_as_of ? (uint64) summary->as_of : 0, 8);
	put_text(&out, summary->f->text, (int) strlen(summary->f->text), 2, convert);
	put_integer(&out, strata, 4);
	for (uint32 i = 0; i < strata; i++)
	{
		CHECK_FOR_INTERRUPTS();
		put_stratum(&out, summary, sorted[i], convert);
	}
	SET_VARSIZE(out.data, out.len);
	return (struct varlena *) out.data;
}

/*
 * Checking
 */

static const char *
check_durations(const csm_funnel_summary *summary, const csm_durations *durations, int64 reached)
{
	int64 total = 0;
	int128 low = 0;
	int128 high = 0;

	if (durations == NULL)
		return reached == 0 ? NULL : "lengths of time are missing";
	for (int bucket = 0; bucket < CSM_BUCKETS; bucket++)
	{
		int64 count = csm_durations_count(durations, bucket);

		if (count == 0)
			continue;
		if (csm_bucket_low(bucket) > summary->f->within)
			return "a length of time is beyond the window";
		if (pg_add_s64_overflow(total, count, &total))
			return "there are too many accounts";
		low += (int128) count * csm_bucket_low(bucket);
		high += (int128) count * csm_bucket_high(bucket);
	}
	if (total != reached)
		return "there are not as many lengths of time as accounts";
	if (durations->sum < low || durations->sum > high)
		return "the sum of the lengths of time is not theirs";
	return NULL;
}

static const char *
check_step(const csm_funnel_summary *summary, const csm_reached *steps, int k)
{
	const csm_reached *step = &steps[k];
	const char *problem;

	if (step->count < 0 || (k > 0 && step->count > steps[k - 1].count) ||
		(k == 0 && step->count == 0))
		return "the number of accounts at a step is out of range";
	if (step->amount < 0 || !csm_decimal_fits(step->amount) ||
		(step->count == 0 && step->amount != 0) || (k > 0 && step->amount > steps[k - 1].amount))
		return "the amount at a step is out of range";
	if (k == 0)
		return csm_uint256_is_square_sum(step->squares, step->amount, step->count) &&
					   csm_uint256_is_within(&step->squares, step->amount, step->amount)
				   ? NULL
				   : "the squares of the amounts are not theirs";
	if (step->count == steps[k - 1].count && step->amount != steps[k - 1].amount)
		return "the amount at a step is out of range";
	problem = check_durations(summary, step->entry, step->count);
	return problem != NULL ? problem : check_durations(summary, step->before, step->count);
}

/* What is wrong with a summary; NULL when nothing is. */
const char *
csm_summary_problem(const csm_funnel_summary *summary)
{
	if (summary->scale > CSM_DECIMAL_DIGITS)
		return "the scale is out of range";
	if (!TIMESTAMP_IS_NOEND(summary->as_of) && summary->f->within == CSM_UNBOUNDED)
		return "as_of is known, but the funnel has no window";
	for (uint32 i = 0; i < summary->strata; i++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int k = 0; k < summary->f->steps; k++)
		{
			const char *problem = check_step(summary, summary->stratum[i].steps, k);

			if (problem != NULL)
				return problem;
		}
	}
	return NULL;
}

/*
 * Reading
 */

static const char *
read_text(csm_reader *reader, int size_bytes, csm_text_converter convert, int *size)
{
	const char *text = (const char *) reader->next;

	*size = (int) csm_read_integer(reader, size_bytes);
	text = (const char *) reader->next;
	if (reader->failed || *size < 0 || reader->end - reader->next < *size)
	{
		reader->failed = true;
		*size = 0;
		return "";
	}
	reader->next += *size;
	return convert == NULL ? text : convert(text, size);
}

static const char *
read_durations(csm_reader *reader, csm_funnel_summary *summary, csm_durations **durations)
{
	int128 sum = csm_read_coefficient(reader);
	int buckets = (int) csm_read_integer(reader, 2);
	int last = -1;

	if (buckets == 0)
		return sum == 0 ? NULL : "the sum of the lengths of time is not theirs";
	csm_durations_of(summary, durations)->sum = sum;
	for (int i = 0; i < buckets && !reader->failed; i++)
	{
		int bucket = (int) csm_read_integer(reader, 2);
		int bytes = (int) csm_read_integer(reader, 1);
		uint64 count;

		if (bucket <= last || bucket >= CSM_BUCKETS || bytes < 1 || bytes > 8)
			return "a bucket is out of range";
		count = csm_read_integer(reader, bytes);
		if (count == 0 || count > PG_INT64_MAX || (bytes > 1 && count >> (8 * (bytes - 1)) == 0))
			return "a count is out of range";
		csm_durations_add(summary, *durations, bucket, (int64) count);
		last = bucket;
	}
	return NULL;
}

static const char *
read_stratum(csm_reader *reader, csm_funnel_summary *summary, csm_text_converter convert)
{
	bool has_name = csm_read_integer(reader, 1) != 0;
	int size = 0;
	const char *name = has_name ? read_text(reader, 4, convert, &size) : NULL;
	uint32 known = summary->strata;
	uint32 number;
	csm_reached *steps;

	if (reader->failed)
		return NULL;
	if (name != NULL && memchr(name, '\0', size) != NULL)
		return "the name of a stratum has a zero byte";
	/* which may move the strata */
	number = csm_summary_stratum(summary, name, size, !has_name);
	steps = summary->stratum[number].steps;
	if (summary->strata == known)
		return "a stratum comes twice";
	for (int k = 0; k < summary->f->steps && !reader->failed; k++)
	{
		const char *problem;

		steps[k].count = (int64) csm_read_integer(reader, 8);
		steps[k].amount = csm_read_coefficient(reader);
		if (k == 0)
		{
			steps[k].squares = csm_read_uint256(reader);
			continue;
		}
		problem = read_durations(reader, summary, &steps[k].entry);
		if (problem == NULL)
			problem = read_durations(reader, summary, &steps[k].before);
		if (problem != NULL)
			return problem;
	}
	return NULL;
}

/*
 * Reads the binary form, in the current context.  What was written here is trusted to be as it
 * was written, but for its size; csm_summary_problem says if it may be trusted.
 */
csm_funnel_summary *
csm_summary_read(csm_reader *reader, csm_text_converter convert, const char **problem)
{
	csm_funnel_problem reason = {0, NULL, NULL};
	csm_funnel_summary *summary;
	csm_funnel *f;
	const char *text;
	TimestampTz as_of;
	uint32 strata;
	int version = (int) csm_read_integer(reader, 1);
	int flags = (int) csm_read_integer(reader, 1);
	int scale = (int) csm_read_integer(reader, 1);
	int steps = (int) csm_read_integer(reader, 1);
	int size;

	as_of = (TimestampTz) csm_read_integer(reader, 8);
	text = read_text(reader, 2, convert, &size);
	strata = (uint32) csm_read_integer(reader, 4);
	*problem = "it is cut off";
	if (reader->failed)
		return NULL;
	*problem = "it is of another version";
	if (version != CSM_FUNNEL_SUMMARY_VERSION)
		return NULL;
	*problem = "the definition is not valid";
	f = csm_funnel_compile(text, size, &reason);
	if (f == NULL || (int) strlen(f->text) != size || memcmp(f->text, text, size) != 0 ||
		f->steps != steps)
		return NULL;
	*problem = "flags, scale or as_of are out of range";
	if ((flags & ~HAS_AS_OF) != 0 || scale > CSM_DECIMAL_DIGITS ||
		((flags & HAS_AS_OF) != 0 ? !IS_VALID_TIMESTAMP(as_of) : as_of != 0))
		return NULL;
	summary = csm_summary_new(CurrentMemoryContext, f, flags != 0 ? as_of : DT_NOEND);
	summary->scale = scale;
	*problem = "there are too many strata";
	if (strata > CSM_STRATA_MAX)
		return NULL;
	*problem = NULL;
	for (uint32 i = 0; i < strata && *problem == NULL && !reader->failed; i++)
		*problem = read_stratum(reader, summary, convert);
	if (*problem == NULL && (reader->failed || reader->next != reader->end))
		*problem = reader->failed ? "it is cut off" : "bytes are left over";
	return *problem == NULL ? summary : NULL;
}
