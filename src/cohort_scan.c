/*
 * cohort_scan.c
 *		Cohorts straight from events.
 *
 * Of an account the period of its first event is remembered, which is its cohort.
 */
#include "base/port.h"

#include "cohort_scan.h"

typedef struct cohort_account
{
	int32 cohort;
	int32 is_there;
} cohort_account;

StaticAssertDecl(sizeof(cohort_account) <= sizeof(csm_account), "a cohort must fit an account");

static pg_noinline void
refuse(csm_cohort_consumer *consumer, uint32 number, int32 period, int128 amount)
{
	csm_key key = csm_scan_key(&consumer->base, number);

	consumer->refuse_negative(consumer->caller, &key, csm_cohorts_bounds(consumer->matrix)[period],
							  amount, consumer->matrix->scale);
}

/* What the events of an account in a unit add up to. */
static void
take(csm_scan_consumer *base, csm_account *account, uint32 number, int32 from, int32 to,
	 int128 amount)
{
	csm_cohort_consumer *consumer = (csm_cohort_consumer *) base;
	cohort_account *known = (cohort_account *) account;
	int32 period = from - consumer->first_unit;

	if (!known->is_there)
	{
		known->is_there = 1;
		known->cohort = period;
		consumer->matrix->accounts[period]++;
	}
	if (unlikely(amount < 0))
		refuse(consumer, number, period, amount);
	csm_cohorts_add_to_cell(consumer->matrix, known->cohort, period - known->cohort, amount);
}

static void
end(csm_scan_consumer *base, csm_account *account, uint32 number)
{
}

void
csm_cohort_consumer_init(csm_cohort_consumer *consumer, csm_cohorts *matrix, int32 first_unit,
						 void (*refuse_negative)(void *, const csm_key *, int32, int128, int),
						 void *caller)
{
	consumer->base.take = take;
	consumer->base.end = end;
	consumer->base.scan = NULL;
	consumer->base.is_one_by_one = false;
	consumer->matrix = matrix;
	consumer->first_unit = first_unit;
	consumer->refuse_negative = refuse_negative;
	consumer->caller = caller;
}
