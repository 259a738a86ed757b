/*
 * terms.h
 *		Terms of one item that replace each other: plan logs, renewals, versions of a row.
 *
 * A term holds on the days [from, to), for an amount, and was recorded at some time.  On each
 * day, of the terms that contain it, the one that starts last holds; among those of one start
 * the one recorded last; among those, equal amounts count once, and different ones are an
 * error.  What holds is a revenue_history, which csm_terms_history makes.
 *
 * revenue_terms is the state of history_latest_agg, and nothing else: a set of terms.  Amounts
 * are coefficients at the one scale of the value.  A state may have spare room, zeroed, and
 * its terms may be in no order and repeat each other; where it has no room left, it is sorted,
 * and where that frees less than half of it, the room doubles.
 *
 * Invariants (csm_terms_problem checks those of a value at rest): the terms ascend strictly by
 * start, time of record, end and amount, so a value is unique; each has a day; amounts stay
 * within 38 digits; at rest there is no spare room.
 */
#ifndef CSM_TERMS_H
#define CSM_TERMS_H

#include "datatype/timestamp.h"

#include "base/calendar.h"
#include "base/decimal.h"
#include "base/wire.h"
#include "history.h"

#define CSM_TERMS_VERSION 1

/* What fits a gigabyte. */
#define CSM_TERMS_MAX 30000000

typedef struct csm_term
{
	int128 amount;
	int64 recorded; /* a timestamp; -infinity where it is not known */
	int32 from;
	int32 to; /* infinity when open */
} csm_term;

typedef struct csm_terms
{
	int32 vl_len_;
	uint8 version;
	uint8 scale;
	uint16 unused;
	int32 count;
	int32 sorted; /* so many of them are in order and differ; all of them at rest */
	char currency[CSM_CURRENCY_SIZE];
	csm_term terms[FLEXIBLE_ARRAY_MEMBER];
} csm_terms;

#define CSM_TERMS_SIZE(room) (offsetof(csm_terms, terms) + (Size) (room) * sizeof(csm_term))

/* bytes of the binary form */
#define CSM_TERMS_BINARY_SIZE(count) (2 + CSM_CURRENCY_SIZE + 4 + (count) * (4 + 4 + 8 + 16))

extern csm_terms *csm_terms_new(int room);
extern csm_terms *csm_terms_copy(const csm_terms *terms, int room);
extern csm_terms *
csm_terms_add(csm_terms *terms, int32 from, int32 to, int64 recorded, csm_decimal amount);
extern csm_terms *csm_terms_merge(csm_terms *into, const csm_terms *from);
extern const csm_terms *csm_terms_at_rest(const csm_terms *terms);
extern csm_history *csm_terms_history(const csm_terms *terms);
extern const char *csm_terms_problem(const csm_terms *terms);
extern void csm_terms_write(csm_writer *writer, const csm_terms *terms);
extern csm_terms *csm_terms_read(csm_reader *reader, const char **problem);
extern void csm_terms_conflict_error(const csm_terms *terms, int32 day, int128 a, int128 b)
	pg_attribute_noreturn();

#endif /* CSM_TERMS_H */
