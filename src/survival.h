/*
 * survival.h
 *		How long accounts stay: a life table, and the figures drawn from it.
 *
 * survival_summary is a ladder.  The key is an age, not negative, of up to 18 digits.  At
 * an age are the accounts that entered, that churned and that were last seen (censored),
 * and with weights the sums of their weights and of the squares of those.
 *
 * An account is observed over ages (from, to].  It is at risk at every age after the one at
 * which it entered up to the one at which it left; who entered at age 0, the start itself,
 * is at risk at age 0 as well.
 *
 * Invariants (csm_survival_problem checks them, beside those of any ladder):
 * - at every age no more leave than are at risk, neither accounts nor weights;
 * - all who entered leave.
 *
 * The curve is kept in units of 10^-20: each step of it is rounded to 20 places.
 */
#ifndef CSM_SURVIVAL_H
#define CSM_SURVIVAL_H

#include "base/ladder.h"
#include "base/statistics.h"
#include "history.h"

#define CSM_SURVIVAL_VERSION    1
#define CSM_SURVIVAL_AGE_DIGITS 18

/* decimal places of the curve, and 1 */
#define CSM_CURVE_PLACES 20
#define CSM_CURVE_ONE    (csm_power_of_ten[CSM_CURVE_PLACES])

/* Ages of a projection, groups of a log-rank test; no more. */
#define CSM_PROJECTION_AGES_MAX 1000000
#define CSM_LOGRANK_GROUPS_MAX  500

/* places in the counts, amounts and squares of a rung */
#define CSM_ENTERED  0
#define CSM_CHURNED  1
#define CSM_CENSORED 2

extern const csm_ladder_type csm_survival_type;

/* The table from its first age on, with the curve and what intervals are made of. */
typedef struct csm_survival_walk
{
	const csm_ladder *table;
	const csm_decimal *from; /* the curve of those alive at this age; NULL: of all */
	uint32 next;
	int64 left; /* accounts gone before the next age */
	int64 came; /* and accounts that entered before it */
	int128 weight_left;
	int128 weight_came;
	csm_uint256 squares_left;
	csm_uint256 squares_came;
	double drift; /* sum of a h before the next age */

	/* at the age reached */
	int128 age;
	int64 at_risk;
	int64 churned;
	int64 censored;
	int128 weight_at_risk; /* accounts, where there are no weights */
	int128 weight_churned;
	int128 curve;
	double variance; /* of the logarithm of the curve */
	double churned_weights;
	double churned_squares;
} csm_survival_walk;

typedef enum csm_interval_kind
{
	CSM_INTERVAL_PLAIN,
	CSM_INTERVAL_LOG,
	CSM_INTERVAL_LOG_LOG
} csm_interval_kind;

/* What an account's history says between two days; ages are whole steps. */
typedef struct csm_lifetime
{
	int64 from_age;
	int64 to_age;
	bool churned;
	int128 amount; /* on the first day of it, at the scale of the history */
} csm_lifetime;

typedef struct csm_projection
{
	bool has_maximum;
	double alpha;
	double beta;
	double rate; /* the constant rate where there is no finite maximum */
	double log_likelihood;
} csm_projection;

typedef struct csm_logrank
{
	double chi_square;
	int degrees;
	double p_value;
	int64 *observed;
	double *expected;
} csm_logrank;

extern void csm_survival_add(csm_ladder **table, int128 from_age, int128 to_age, bool churned,
							 const csm_decimal *weight);
extern bool
csm_lifetime_of(const csm_history *h, int32 from, int32 to, csm_step step, csm_lifetime *lifetime);
extern const char *csm_survival_problem(const csm_ladder *table);

extern csm_survival_walk csm_survival_start(const csm_ladder *table, const csm_decimal *from);
extern bool csm_survival_next(csm_survival_walk *walk);
extern csm_decimal csm_survival_last_age(const csm_ladder *table);
extern bool
csm_survival_at(const csm_ladder *table, const csm_decimal *from, csm_decimal at, int128 *curve);
extern bool csm_survival_has_late_entry(const csm_ladder *table);
extern bool csm_survival_interval(const csm_survival_walk *walk, csm_interval_kind kind,
								  double confidence, csm_interval *interval);
extern bool
csm_survival_interval_at(const csm_ladder *table, csm_decimal at, csm_interval_kind kind,
						 double confidence, csm_interval *interval);
extern bool csm_survival_age_at(const csm_ladder *table, csm_decimal share, int128 *age);
extern bool csm_survival_integral(const csm_ladder *table, const csm_decimal *from,
								  csm_decimal horizon, csm_uint256 *area, int *scale);
extern double csm_survival_integral_variance(const csm_ladder *table, csm_decimal horizon);
extern bool csm_survival_project(const csm_ladder *table, csm_projection *projection);
extern double csm_projected_survival(const csm_projection *projection, int at);
extern bool csm_survival_logrank(const csm_ladder **tables, int groups, csm_logrank *result);

static inline int128
csm_curve_round(int128 curve, int places)
{
	int128 unit = csm_power_of_ten[CSM_CURVE_PLACES - places];

	return (curve + unit / 2) / unit;
}

#endif /* CSM_SURVIVAL_H */
