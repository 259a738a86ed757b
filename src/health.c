/*
 * health.c
 *		Scores and churn: what is kept of each account, and the figures drawn from it.
 */
#include "base/port.h"

#include <math.h>

#include "miscadmin.h"

#include "health.h"

const csm_ladder_type csm_health_type = {
	.name = "health_summary",
	.key = "score",
	.keys = "scores",
	.amounts = "arr",
	.amount_scale = "arr_scale",
	.version = CSM_HEALTH_VERSION,
	.key_digits = CSM_DECIMAL_DIGITS,
	.free_key = CSM_LADDER_NO_KEY,
	.has_rung_without_key = true,
	.has_negative_keys = true,
	.shape = {.counts = 2},
	.shape_with_amounts = {.counts = 2, .amounts = 2},
	.problem = csm_health_problem,
};

/* What any ladder has to be is all that there is to ask. */
const char *
csm_health_problem(const csm_ladder *h)
{
	return NULL;
}

/* Adds an account by its score at the scale of the state, or CSM_LADDER_NO_KEY. */
void
csm_health_add(csm_ladder **h, int128 score, bool churned, const csm_decimal *arr)
{
	int128 amount = arr != NULL ? csm_ladder_align(*h, *arr) : 0;
	csm_rung *rung = csm_ladder_find(h, &csm_health_type, score);

	csm_count_add(&csm_rung_counts((*h)->shape, rung)[churned], 1);
	if (arr != NULL)
		csm_rung_amounts(rung)[churned] = csm_decimal_add(csm_rung_amounts(rung)[churned], amount);
}

/*
 * Groups of scores
 */

void
csm_health_group_add(csm_health_group *group, const csm_ladder *h, const csm_rung *rung)
{
	for (int i = 0; i < 2; i++)
	{
		csm_count_add(&group->accounts[i], csm_rung_counts(h->shape, rung)[i]);
		if (csm_ladder_has_amounts(h))
			group->arr[i] = csm_decimal_add(group->arr[i], csm_rung_amounts(rung)[i]);
	}
}

/* All that have a score. */
csm_health_group
csm_health_all(const csm_ladder *h)
{
	csm_health_group group = {{0}, {0}};

	for (uint32 i = 0; i < h->rungs; i++)
	{
		if (csm_rung_has_score(csm_ladder_rung(h, i)))
			csm_health_group_add(&group, h, csm_ladder_rung(h, i));
	}
	return group;
}

/* Those whose score is below the threshold. */
csm_health_group
csm_health_below(const csm_ladder *h, csm_decimal threshold)
{
	csm_health_group group = {{0}, {0}};

	for (uint32 i = 0; i < h->rungs; i++)
	{
		const csm_rung *rung = csm_ladder_rung(h, i);

		if (csm_rung_has_score(rung) &&
			csm_decimal_compare(csm_health_score(h, rung), threshold) < 0)
			csm_health_group_add(&group, h, rung);
	}
	return group;
}

csm_health_group
csm_health_unscored(const csm_ladder *h)
{
	csm_health_group group = {{0}, {0}};

	if (h->rungs > 0 && !csm_rung_has_score(csm_ladder_rung(h, 0)))
		csm_health_group_add(&group, h, csm_ladder_rung(h, 0));
	return group;
}

/*
 * How well the score tells them apart
 */

/*
 * Of all pairs of one that churned and one that stayed, those in which the churned one had
 * the lower score, and half of those with equal scores: twice that over twice the pairs.
 * False when there is no pair.
 */
bool
csm_health_auc(const csm_ladder *h, csm_uint256 *numerator, csm_uint256 *denominator)
{
	csm_health_group all = csm_health_all(h);
	int64 churned_below = 0;

	memset(numerator, 0, sizeof(*numerator));
	memset(denominator, 0, sizeof(*denominator));
	for (uint32 i = 0; i < h->rungs; i++)
	{
		const csm_rung *rung = csm_ladder_rung(h, i);
		const int64 *accounts = csm_rung_counts(h->shape, rung);

		if (!csm_rung_has_score(rung))
			continue;
		csm_uint256_add_product(numerator, accounts[CSM_STAYED], churned_below);
		churned_below += accounts[CSM_LEFT];
		csm_uint256_add_product(numerator, accounts[CSM_STAYED], churned_below);
	}
	csm_uint256_add_product(denominator, all.accounts[CSM_STAYED], all.accounts[CSM_LEFT]);
	(void) csm_uint256_multiply(denominator, 2);
	return all.accounts[CSM_STAYED] > 0 && all.accounts[CSM_LEFT] > 0;
}

/*
 * DeLong's variance: of each account, the share of the other side that it is on the right
 * side of; the variances of that among the churned and among the stayed, each over its
 * number.
 */
static double
auc_variance(const csm_ladder *h, const csm_health_group *all, double auc)
{
	double churned = (double) all->accounts[CSM_LEFT];
	double stayed = (double) all->accounts[CSM_STAYED];
	double stayed_below = 0.0;
	double churned_below = 0.0;
	double of_churned = 0.0;
	double of_stayed = 0.0;

	for (uint32 i = 0; i < h->rungs; i++)
	{
		const csm_rung *rung = csm_ladder_rung(h, i);
		double c = (double) csm_rung_counts(h->shape, rung)[CSM_LEFT];
		double s = (double) csm_rung_counts(h->shape, rung)[CSM_STAYED];
		double right;

		if (!csm_rung_has_score(rung))
			continue;
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		right = (stayed - stayed_below - s / 2.0) / stayed - auc;
		of_churned += c * right * right;
		right = (churned_below + c / 2.0) / churned - auc;
		of_stayed += s * right * right;
		stayed_below += s;
		churned_below += c;
	}
	return of_churned / (churned - 1.0) / churned + of_stayed / (stayed - 1.0) / stayed;
}

/* Wilson's interval with as many accounts as would vary as much; false without a variance. */
bool
csm_health_auc_interval(const csm_ladder *h, double confidence, csm_interval *interval)
{
	csm_health_group all = csm_health_all(h);
	int64 smaller = Min(all.accounts[CSM_STAYED], all.accounts[CSM_LEFT]);
	csm_uint256 numerator;
	csm_uint256 denominator;
	double auc;
	double variance;

	if (smaller < 2 || !csm_health_auc(h, &numerator, &denominator))
		return false;
	auc = csm_uint256_to_double(&numerator) / csm_uint256_to_double(&denominator);
	variance = auc_variance(h, &all, auc);
	if (!(variance > 0.0) || !(auc > 0.0 && auc < 1.0))
		return false;
	*interval = csm_wilson_with_quantile(auc, auc * (1.0 - auc) / variance,
										 csm_student_quantile(confidence, (double) (smaller - 1)));
	return true;
}
