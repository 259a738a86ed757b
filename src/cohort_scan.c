/*
 * cohort_scan.c
 *		Cohorts straight from events.
 *
 * Of an account its cohort and the last period in which it was active are remembered.
 *
 * Refunds make sums go up and down, and which account comes first must not decide whether a sum
 * on the way has too many digits.  So sums may wrap around 128 bits, which is counted, and only
 * in the end they have to fit.
 */
#include "base/port.h"

#include "cohort_scan.h"

#define NO_COHORT (-1)

typedef struct cohort_account
{
	int32 is_there;
	int32 cohort;
	int32 last_active;
} cohort_account;

StaticAssertDecl(sizeof(cohort_account) <= sizeof(csm_account), "a cohort must fit an account");

/* The account is there, in a cohort if the period is one. */
static inline void
enter_cohort(csm_cohort_consumer *consumer, cohort_account *known, int64 period)
{
	bool is_in = period >= 0 && period < consumer->matrix->periods;

	known->is_there = 1;
	known->cohort = is_in ? (int32) period : NO_COHORT;
	known->last_active = -1;
	if (is_in)
		consumer->matrix->accounts[period]++;
}

static void
begin(csm_scan_consumer *base, csm_account *account, int32 day)
{
	csm_cohort_consumer *consumer = (csm_cohort_consumer *) base;

	enter_cohort(consumer, (cohort_account *) account,
				 csm_cohorts_period_of(consumer->matrix, day));
}

static pg_noinline void
count_wrap(csm_cohort_consumer *consumer, const csm_cohort_cell *cell, int by)
{
	const csm_cohorts *m = consumer->matrix;

	if (consumer->wraps == NULL)
		consumer->wraps = palloc0(CSM_COHORTS_CELLS(m->periods) * sizeof(int32));
	consumer->wraps[cell - csm_cohorts_cells(m, 0)] += by;
}

/* What the events of an account in a unit add up to; a stretch without length is refunds alone. */
static void
take(csm_scan_consumer *base, csm_account *account, uint32 number, int32 from, int32 to,
	 int128 amount)
{
	csm_cohort_consumer *consumer = (csm_cohort_consumer *) base;
	cohort_account *known = (cohort_account *) account;
	int32 period = from - consumer->first_unit;
	csm_cohort_cell *cell;

	if (!known->is_there)
	{
		/* refunds before the first event count nowhere */
		if (to == from)
			return;
		enter_cohort(consumer, known, period);
	}
	if (known->cohort == NO_COHORT)
		return;
	cell = csm_cohorts_cells(consumer->matrix, known->cohort) + (period - known->cohort);
	if (unlikely(__builtin_add_overflow(cell->revenue, amount, &cell->revenue)))
		count_wrap(consumer, cell, amount < 0 ? -1 : 1);
	if (unlikely(to == from))
		return;
	cell->active++;
	known->last_active = period;
}

static void
end(csm_scan_consumer *base, csm_account *account, uint32 number)
{
	const cohort_account *known = (const cohort_account *) account;

	if (known->is_there && known->cohort != NO_COHORT && known->last_active >= 0)
		csm_cohorts_add_last_active(((csm_cohort_consumer *) base)->matrix, known->cohort,
									known->last_active - known->cohort);
}

/* Adds the accounts of a scan to an empty matrix. */
void
csm_cohort_consumer_init(csm_cohort_consumer *consumer, csm_cohorts *matrix, int32 first_unit)
{
	consumer->base.begin = matrix->flags & CSM_COHORTS_GIVEN ? begin : NULL;
	consumer->base.take = take;
	consumer->base.end = end;
	consumer->base.scan = NULL;
	consumer->base.is_one_by_one = false;
	consumer->matrix = matrix;
	consumer->first_unit = first_unit;
	consumer->wraps = NULL;
}

/* All accounts are there: sums have to fit. */
void
csm_cohort_consumer_finish(csm_cohort_consumer *consumer)
{
	const csm_cohort_cell *cells = csm_cohorts_cells(consumer->matrix, 0);
	int64 count = CSM_COHORTS_CELLS(consumer->matrix->periods);

	for (int64 i = 0; i < count; i++)
	{
		if (!csm_decimal_fits(cells[i].revenue) ||
			(consumer->wraps != NULL && consumer->wraps[i] != 0))
			csm_decimal_overflow();
	}
}
