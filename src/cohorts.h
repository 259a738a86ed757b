/*
 * cohorts.h
 *		Cohorts by age: who came when, and what became of them.
 *
 * A cohort_matrix covers a run of periods.  Its cohort i are the accounts whose first
 * active day lies in period i; its cell (i, k) says how many of them were active in period
 * i + k, and with what revenue.  There is no cell past the last period, so the cells make
 * up a triangle, cohort by cohort.
 *
 * Of histories, period k is [from + k step, from + (k + 1) step), and "active" and revenue
 * are as of its last day.  Accounts that were active before "from" are in no cohort.
 *
 * Of events, active is who had an event in the period, and revenue is the sum of the amounts,
 * which is signed: a row of a negative amount is a refund and no event.  There are three kinds:
 * - without bounds, periods are calendar units; such a matrix reaches from the first unit with
 *   a row to the last, and merging two of them extends both;
 * - with bounds, periods are those of histories; accounts whose first event comes before "from"
 *   are in no cohort;
 * - of given cohorts, with bounds too, an account's cohort is the period of a day that it has,
 *   whether or when it had an event.
 *
 * last_active (i, k) says how many accounts of cohort i were active at age k for the last time.
 * Matrices of version 0.2.0 and before have none, and a sum with one of them has none.
 *
 * The layout is the header, the number of accounts of each cohort, the cells, last_active if it
 * is there, and the boundaries of the periods, of which there is one more than periods.
 *
 * A state that matrices of events are added to may have spare periods before and after those
 * that count, so that it does not move with every period that it grows by.  Which ones count
 * stands after the boundaries then.  A value at rest has none.
 *
 * Invariants (csm_cohorts_problem checks them): bounds, step and number of periods agree; no
 * count is negative; no cell has more active accounts than the cohort has accounts; revenue of
 * histories is positive where an account is active and 0 elsewhere, and revenue of events is not
 * positive where none is; accounts of events are all active at age 0, unless their cohorts are
 * given; of those active at an age, each is active for the last time at that age or later.
 */
#ifndef CSM_COHORTS_H
#define CSM_COHORTS_H

#include "base/calendar.h"
#include "base/decimal.h"
#include "history.h"
#include "base/wire.h"

#define CSM_COHORTS_VERSION     1
#define CSM_COHORTS_EVENTS      0x01
#define CSM_COHORTS_BOUNDED     0x02 /* of events: with bounds */
#define CSM_COHORTS_GIVEN       0x04 /* with bounds: cohorts are given */
#define CSM_COHORTS_LAST_ACTIVE 0x08 /* last_active is there; never without cells */

#define CSM_COHORTS_AT_REST  0
#define CSM_COHORTS_SPACIOUS 1

/*
 * Periods.  More would not fit half a gigabyte; and what is made of rows has to be sure to fit
 * jsonb too, which ends at 256 MB.
 */
#define CSM_COHORTS_MAX      5000
#define CSM_COHORTS_MADE_MAX 2500

typedef struct csm_cohort_cell
{
	int128 revenue;
	int64 active;
} csm_cohort_cell;

typedef struct csm_cohorts
{
	int32 vl_len_;
	uint8 version;
	uint8 scale;
	uint8 flags;
	uint8 form; /* CSM_COHORTS_AT_REST or CSM_COHORTS_SPACIOUS */
	int32 from;
	int32 to;
	csm_step step;
	int64 periods;
	char currency[CSM_CURRENCY_SIZE];
	int64 accounts[FLEXIBLE_ARRAY_MEMBER];
} csm_cohorts;

#define CSM_COHORTS_CELLS(periods) ((periods) * ((periods) + 1) / 2)

/* bytes of the binary form */
#define CSM_COHORTS_BINARY_SIZE(periods, flags)         \
	(3 + 4 * 4 + CSM_CURRENCY_SIZE + 4 + (periods) *8 + \
	 CSM_COHORTS_CELLS(periods) * (8 + 16 + ((flags) &CSM_COHORTS_LAST_ACTIVE ? 8 : 0)))

extern void csm_cohorts_check_count(int64 periods, int most);
extern csm_cohorts *csm_cohorts_new(int32 from, int32 to, csm_step step, int flags);
extern void csm_cohorts_rescale(csm_cohorts *m, int scale);
extern int64 csm_cohorts_period_of(const csm_cohorts *m, int32 day);
extern void csm_cohorts_add_history(csm_cohorts *m, const csm_history *h);
extern void csm_cohorts_forget_last_active(csm_cohorts *m);
extern csm_cohorts *csm_cohorts_at_rest(csm_cohorts *m);
extern csm_cohorts *csm_cohorts_merge(csm_cohorts *into, csm_cohorts *from);
extern int csm_cohorts_compare(const csm_cohorts *a, const csm_cohorts *b);
extern int csm_cohorts_spare_places(const csm_cohorts *m);
extern const char *csm_cohorts_problem_with_header(const csm_cohorts *m);
extern const char *csm_cohorts_problem_with_cells(const csm_cohorts *m);
extern const char *csm_cohorts_problem(const csm_cohorts *m);
extern void csm_cohorts_write(csm_writer *writer, const csm_cohorts *m);
extern csm_cohorts *csm_cohorts_read(csm_reader *reader, const char **problem);

/* All cells, cohort by cohort; those of a cohort follow each other by age. */
static inline csm_cohort_cell *
csm_cohorts_cells(const csm_cohorts *m, int64 cohort)
{
	csm_cohort_cell *cells = (csm_cohort_cell *) (m->accounts + m->periods);

	return cells + cohort * m->periods - cohort * (cohort - 1) / 2;
}

/* An account of the cohort was active at that age. */
static inline void
csm_cohorts_add_to_cell(csm_cohorts *m, int64 cohort, int64 age, int128 revenue)
{
	csm_cohort_cell *cell = csm_cohorts_cells(m, cohort) + age;

	cell->active++;
	cell->revenue = csm_decimal_add(cell->revenue, revenue);
}

static inline bool
csm_cohorts_have_last_active(const csm_cohorts *m)
{
	return (m->flags & CSM_COHORTS_LAST_ACTIVE) != 0;
}

/* Flags of the kind of matrix alone. */
static inline int
csm_cohorts_kind(const csm_cohorts *m)
{
	return m->flags & ~CSM_COHORTS_LAST_ACTIVE;
}

/* Numbers as the cells have; NULL where they are not known. */
static inline int64 *
csm_cohorts_last_active(const csm_cohorts *m, int64 cohort)
{
	int64 *all = (int64 *) csm_cohorts_cells(m, m->periods);

	if (!csm_cohorts_have_last_active(m))
		return NULL;
	return all + (csm_cohorts_cells(m, cohort) - csm_cohorts_cells(m, 0));
}

/* An account of the cohort was active at that age for the last time. */
static inline void
csm_cohorts_add_last_active(csm_cohorts *m, int64 cohort, int64 age)
{
	if (csm_cohorts_have_last_active(m))
		csm_cohorts_last_active(m, cohort)[age]++;
}

/* Period k is [bounds[k], bounds[k + 1]). */
static inline int32 *
csm_cohorts_bounds(const csm_cohorts *m)
{
	if (csm_cohorts_have_last_active(m))
		return (int32 *) csm_cohorts_last_active(m, m->periods);
	return (int32 *) csm_cohorts_cells(m, m->periods);
}

#endif /* CSM_COHORTS_H */
