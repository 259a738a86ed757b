/*
 * funnel_summary.h
 *		How many accounts and how much ARR got how far in a funnel, and how fast, by stratum.
 *
 * What is kept of a stratum and step: how many came there, the sum of their amounts (exact),
 * and of the time from the start, and from the step before, the sum (exact) and how many there
 * are of each length, by bucket.  A bucket holds one length below 64 microseconds, and from
 * there on a 32nd of a power of two: so its middle is within 1/64 of each length in it.  Of
 * those who entered also the sum of the squares of their amounts (exact).
 *
 * While an aggregate runs, a summary is a csm_funnel_summary.  At rest it is a varlena of the
 * bytes of its binary form, names in the encoding of the database, strata in order of the bytes
 * of their names, the one without a name last:
 *		version 1, flags 1 (bit 0: as_of is known), scale 1, steps 1, as_of 8,
 *		size of the definition 2, the definition, strata 4, and of each stratum
 *		has a name 1, size 4 and the name, and of each step
 *		reached 8, amount 16; of the first step: squares 32; of each other one, twice, from the
 *		start and from the step before: sum 16, buckets 2, each bucket as its number 2, the
 *		bytes of its count 1, its count
 *
 * Invariants (csm_summary_read checks them): no step has more accounts or amount than the one
 * before; no amount without accounts; amounts are not negative; buckets ascend and have as many
 * as reached the step; sums are those of lengths in these buckets, none beyond the window; the
 * squares are possible; the definition is canonical; counts take no more bytes than they need.
 *
 * Summaries of disjoint accounts add up, where definition and as_of are the same.  Those of two
 * periods do not: a chain across the cut is lost.
 */
#ifndef CSM_FUNNEL_SUMMARY_H
#define CSM_FUNNEL_SUMMARY_H

#include "base/decimal.h"
#include "base/wire.h"
#include "funnel.h"

#define CSM_FUNNEL_SUMMARY_VERSION 1

#define CSM_STRATA_MAX 10000

/* Lengths below 64 have a bucket each, those of each power of two from there on 32. */
#define CSM_BUCKET_PAGE  32
#define CSM_BUCKET_PAGES 60
#define CSM_BUCKETS      (CSM_BUCKET_PAGE * CSM_BUCKET_PAGES)

typedef struct csm_durations
{
	int128 sum;
	int64 *pages[CSM_BUCKET_PAGES]; /* counts; NULL where there are none */
} csm_durations;

typedef struct csm_reached
{
	int64 count;
	int128 amount;
	csm_uint256 squares;   /* of the first step */
	csm_durations *entry;  /* from the start; NULL while nobody has come there */
	csm_durations *before; /* from the step before */
} csm_reached;

typedef struct csm_stratum
{
	char *name; /* NULL: it has none */
	int size;
	csm_reached *steps;
} csm_stratum;

typedef struct csm_funnel_summary
{
	MemoryContext context;
	const csm_funnel *f;
	TimestampTz as_of; /* DT_NOEND: none */
	int scale;
	uint32 strata;
	uint32 room;
	csm_stratum *stratum;
	uint32 *slots; /* numbers of strata and 1, by hash; twice as many as room */
} csm_funnel_summary;

extern csm_funnel_summary *
csm_summary_new(MemoryContext context, const csm_funnel *f, TimestampTz as_of);
extern uint32
csm_summary_stratum(csm_funnel_summary *summary, const char *bytes, int size, bool is_null);
extern void csm_summary_add(csm_funnel_summary *summary, uint32 stratum, const csm_chain *chain,
							csm_decimal amount);
extern void csm_summary_merge(csm_funnel_summary *summary, const csm_funnel_summary *other);
extern void csm_summary_trim(csm_funnel_summary *summary);
extern int csm_stratum_compare(const csm_stratum *x, const csm_stratum *y);

/* The binary form; names and definition go through "convert" where it is not NULL. */
typedef const char *(*csm_text_converter)(const char *text, int *length);
extern struct varlena *
csm_summary_write(const csm_funnel_summary *summary, csm_text_converter convert);
extern csm_funnel_summary *
csm_summary_read(csm_reader *reader, csm_text_converter convert, const char **problem);
extern const char *csm_summary_problem(const csm_funnel_summary *summary);

extern csm_durations *csm_durations_of(csm_funnel_summary *summary, csm_durations **durations);
extern void
csm_durations_add(csm_funnel_summary *summary, csm_durations *into, int bucket, int64 count);
extern int64 csm_bucket_low(int bucket);
extern int64 csm_bucket_high(int bucket);
extern int64 csm_bucket_middle(int bucket);

static inline int64
csm_durations_count(const csm_durations *durations, int bucket)
{
	const int64 *page = durations->pages[bucket / CSM_BUCKET_PAGE];

	return page == NULL ? 0 : page[bucket % CSM_BUCKET_PAGE];
}

#endif /* CSM_FUNNEL_SUMMARY_H */
