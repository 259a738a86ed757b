/*
 * health.h
 *		Did the health score see it coming?  Scores against what became of the accounts.
 *
 * health_summary is a ladder.  The key is a score; accounts without one are on the rung
 * without a key.  At a score are the accounts that stayed and those that churned and, where
 * they were given, the ARR of either.  A higher score is a healthier account.
 *
 * Accounts without a score count in no figure but their own and the last row of the bands.
 */
#ifndef CSM_HEALTH_H
#define CSM_HEALTH_H

#include "base/ladder.h"
#include "base/statistics.h"

#define CSM_HEALTH_VERSION 1

/* places in the counts and amounts of a rung */
#define CSM_STAYED 0
#define CSM_LEFT   1

extern const csm_ladder_type csm_health_type;

/* Accounts and their ARR, by what became of them. */
typedef struct csm_health_group
{
	int64 accounts[2];
	int128 arr[2];
} csm_health_group;

extern void csm_health_add(csm_ladder **h, int128 score, bool churned, const csm_decimal *arr);
extern void
csm_health_group_add(csm_health_group *group, const csm_ladder *h, const csm_rung *rung);
extern csm_health_group csm_health_all(const csm_ladder *h);
extern csm_health_group csm_health_below(const csm_ladder *h, csm_decimal threshold);
extern csm_health_group csm_health_unscored(const csm_ladder *h);
extern bool csm_health_auc(const csm_ladder *h, csm_uint256 *numerator, csm_uint256 *denominator);
extern bool csm_health_auc_interval(const csm_ladder *h, double confidence, csm_interval *interval);
extern const char *csm_health_problem(const csm_ladder *h);

static inline bool
csm_rung_has_score(const csm_rung *rung)
{
	return rung->key != CSM_LADDER_NO_KEY;
}

static inline csm_decimal
csm_health_score(const csm_ladder *h, const csm_rung *rung)
{
	csm_decimal score = {rung->key, h->key_scale};

	return score;
}

#endif /* CSM_HEALTH_H */
