/*
 * retention_sql.h
 *		retention_summary as SQL functions of other concepts need it.
 */
#ifndef CSM_RETENTION_SQL_H
#define CSM_RETENTION_SQL_H

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/jsonb.h"

#include "base/decimal_sql.h"
#include "base/state_sql.h"
#include "base/statistics.h"
#include "retention.h"

extern const csm_value_type csm_retention_type;

extern csm_retention_summary *csm_retention_from_datum(Datum datum);
extern csm_retention_summary *csm_retention_state(FunctionCallInfo fcinfo);
extern void csm_retention_put(StringInfo text, const csm_retention_summary *r);
extern csm_retention_summary *csm_retention_from_container(JsonbContainer *object, Node *escontext);

/* A figure as its accessor returns it; sets *isnull where it is NULL. */
typedef Datum (*csm_retention_figure)(const csm_retention_summary *r, bool *isnull);

#define CSM_FIGURE(name) \
	extern Datum csm_figure_##name(const csm_retention_summary *r, bool *isnull)

CSM_FIGURE(starting);
CSM_FIGURE(new_business);
CSM_FIGURE(reactivation);
CSM_FIGURE(expansion);
CSM_FIGURE(contraction);
CSM_FIGURE(churned);
CSM_FIGURE(ending);
CSM_FIGURE(net_new);
CSM_FIGURE(accounts_starting);
CSM_FIGURE(accounts_new);
CSM_FIGURE(accounts_reactivated);
CSM_FIGURE(accounts_expanded);
CSM_FIGURE(accounts_contracted);
CSM_FIGURE(accounts_churned);
CSM_FIGURE(accounts_ending);
CSM_FIGURE(ndr);
CSM_FIGURE(grr);
CSM_FIGURE(logo_churn);
CSM_FIGURE(quick_ratio);

/* The interval of a figure; false where it has none. */
typedef bool (*csm_figure_interval)(const csm_retention_summary *r, double confidence,
									csm_interval *interval);

extern bool
csm_interval_of_ndr(const csm_retention_summary *r, double confidence, csm_interval *interval);
extern bool
csm_interval_of_grr(const csm_retention_summary *r, double confidence, csm_interval *interval);
extern bool csm_interval_of_logo_churn(const csm_retention_summary *r, double confidence,
									   csm_interval *interval);

/* An array of summaries; the functions that read one refuse what does not fit them. */
typedef struct csm_summary_array
{
	int count;
	csm_retention_summary **items;
} csm_summary_array;

extern csm_summary_array csm_summaries_or_nulls(Datum datum, const char *name);
extern csm_summary_array csm_adjacent_intervals(Datum datum);
extern csm_summary_array csm_regular_intervals(Datum datum);

static inline Datum
csm_starting_numeric(const csm_retention_summary *r)
{
	return csm_decimal_to_numeric(r->starting, r->scale);
}

static inline Datum
csm_ending_existing_numeric(const csm_retention_summary *r)
{
	return csm_decimal_to_numeric(r->ending_existing, r->scale);
}

#define PG_GETARG_SUMMARY(i) csm_retention_from_datum(PG_GETARG_DATUM(i))

#endif /* CSM_RETENTION_SQL_H */
