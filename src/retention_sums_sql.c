/*
 * retention_sums_sql.c
 *		retention_sums as SQL sees it: the aggregates over two amounts that return a number,
 *		and their moving windows.
 *
 * Order: states, movement, transitions, windows, ratios, text and binary forms.
 */
#include "base/port.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "base/decimal_sql.h"
#include "base/state_sql.h"
#include "base/wire_sql.h"
#include "retention.h"

#define SUMS "retention_sums"

/*
 * States
 */

static inline csm_retention_sums *
sums_from_datum(Datum datum)
{
	csm_retention_sums *sums = (csm_retention_sums *) DatumGetPointer(datum);

	if (unlikely(VARATT_IS_EXTENDED(sums)))
		sums = (csm_retention_sums *) PG_DETOAST_DATUM(datum);
	csm_check_version(SUMS, sums->version, CSM_RETENTION_VERSION);
	return sums;
}
static void *
sums_at_rest(const void *state)
{
	csm_retention_sums *copy = palloc(sizeof(csm_retention_sums));

	memcpy(copy, state, sizeof(csm_retention_sums));
	return copy;
}

static const char *
sums_problem(const void *value)
{
	return csm_sums_problem(value);
}

static const csm_value_type sums_type = {SUMS, sums_at_rest, sums_problem};

/* What a row or a state is added to: the aggregate's own state, else an empty value. */
static inline csm_retention_sums *
sums_state(FunctionCallInfo fcinfo)
{
	if (likely(!PG_ARGISNULL(0) && csm_in_aggregate(fcinfo)))
		return sums_from_datum(PG_GETARG_DATUM(0));
	return csm_sums_new(sizeof(csm_retention_sums));
}

/*
 * Called by hand, a function adds what it has to its first argument as two states are added
 * up, so that no other rule holds for rows.
 */
static pg_noinline Datum
sums_by_hand(FunctionCallInfo fcinfo, csm_retention_sums *sums)
{
	if (!PG_ARGISNULL(0) && !csm_in_aggregate(fcinfo))
		csm_sums_merge(sums, sums_from_datum(PG_GETARG_DATUM(0)));
	return csm_state_result(fcinfo, &sums_type, sums);
}

/* What a transition or combine function returns. */
static inline Datum
sums_result(FunctionCallInfo fcinfo, csm_retention_sums *sums)
{
	Assert(csm_sums_problem(sums) == NULL);
	if (likely(!PG_ARGISNULL(0) && (Pointer) sums == PG_GETARG_POINTER(0)))
		return PointerGetDatum(sums);
	return sums_by_hand(fcinfo, sums);
}

/* The state that a final function looks at. */
static inline const csm_retention_sums *
final_sums(FunctionCallInfo fcinfo)
{
	const csm_retention_sums *sums = sums_from_datum(PG_GETARG_DATUM(0));

	Assert(csm_sums_problem(sums) == NULL);
	return sums;
}

/* The same of a moving window. */
static inline const csm_retention_sums *
final_window(FunctionCallInfo fcinfo)
{
	const csm_retention_sums *sums = &((csm_retention_window *) PG_GETARG_POINTER(0))->sums;

	Assert(csm_sums_problem(sums) == NULL);
	return sums;
}

/*
 * Movement of one account
 */

PG_FUNCTION_INFO_V1(csm_movement);
Datum
csm_movement(PG_FUNCTION_ARGS)
{
	csm_decimal starting = csm_amount_argument(fcinfo, 0);
	csm_decimal ending = csm_amount_argument(fcinfo, 1);
	bool was_customer = PG_NARGS() > 2 && !PG_ARGISNULL(2) && PG_GETARG_BOOL(2);
	const char *name = csm_movement_name(starting, ending, was_customer);

	if (name == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(name));
}

/*
 * Aggregates that return numbers: transitions over retention_sums
 */

/* Everyday rows, at the scale of the sums, take a short cut; false for all others. */
static inline bool
add_short_row(FunctionCallInfo fcinfo, csm_retention_sums *sums)
{
	int64 starting;
	int64 ending;
	int starting_scale;
	int ending_scale;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || !csm_stored_form_known ||
		!csm_decimal_from_short_numeric(PG_GETARG_DATUM(1), &starting, &starting_scale) ||
		!csm_decimal_from_short_numeric(PG_GETARG_DATUM(2), &ending, &ending_scale) ||
		starting_scale != sums->scale || ending_scale != sums->scale || starting < 0 || ending < 0)
		return false;
	csm_sums_add_aligned(sums, starting, ending);
	return true;
}

PG_FUNCTION_INFO_V1(csm_sums_accum);
Datum
csm_sums_accum(PG_FUNCTION_ARGS)
{
	csm_retention_sums *sums = sums_state(fcinfo);

	if (unlikely(!add_short_row(fcinfo, sums)))
		csm_sums_add(sums, csm_amount_argument(fcinfo, 1), csm_amount_argument(fcinfo, 2));
	return sums_result(fcinfo, sums);
}

/*
 * An account that is not above the threshold at both ends counts as one without amounts:
 * of these only the display scale remains.
 */
static void
keep_survivor(FunctionCallInfo fcinfo, csm_decimal *starting, csm_decimal *ending)
{
	Datum number;
	csm_decimal threshold;

	if (PG_ARGISNULL(3))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("the threshold must not be NULL"),
				 errhint("Use 0 for all accounts that have an amount at both ends.")));
	number = PG_GETARG_DATUM(3);
	csm_check_finite("threshold", number);
	threshold = csm_decimal_from_numeric(number);
	if (threshold.coefficient < 0)
		csm_negative_error("threshold", number);
	if (csm_decimal_compare(*starting, threshold) <= 0 ||
		csm_decimal_compare(*ending, threshold) <= 0)
		starting->coefficient = ending->coefficient = 0;
}

PG_FUNCTION_INFO_V1(csm_survivor_accum);
Datum
csm_survivor_accum(PG_FUNCTION_ARGS)
{
	csm_retention_sums *sums = sums_state(fcinfo);
	csm_decimal starting = csm_amount_argument(fcinfo, 1);
	csm_decimal ending = csm_amount_argument(fcinfo, 2);

	keep_survivor(fcinfo, &starting, &ending);
	csm_sums_add(sums, starting, ending);
	return sums_result(fcinfo, sums);
}

PG_FUNCTION_INFO_V1(csm_churned_accum);
Datum
csm_churned_accum(PG_FUNCTION_ARGS)
{
	csm_retention_sums *sums = sums_state(fcinfo);

	if (!PG_ARGISNULL(1))
		csm_sums_count(sums, PG_GETARG_BOOL(1), 1);
	return sums_result(fcinfo, sums);
}

PG_FUNCTION_INFO_V1(csm_sums_combine);
Datum
csm_sums_combine(PG_FUNCTION_ARGS)
{
	csm_retention_sums *sums = sums_state(fcinfo);

	csm_sums_merge(sums, sums_from_datum(PG_GETARG_DATUM(1)));
	return sums_result(fcinfo, sums);
}

/*
 * The same over moving windows.  The state is a csm_retention_window and never leaves
 * the window that owns it.
 */

static csm_retention_window *
window_state(FunctionCallInfo fcinfo)
{
	MemoryContext context = csm_aggregate_context(fcinfo);
	MemoryContext old_context;
	csm_retention_window *window;

	if (!PG_ARGISNULL(0))
		return (csm_retention_window *) PG_GETARG_POINTER(0);
	old_context = MemoryContextSwitchTo(context);
	window = (csm_retention_window *) csm_sums_new(sizeof(csm_retention_window));
	MemoryContextSwitchTo(old_context);
	return window;
}

/* Counts the display scales of a row's amounts; a missing amount has none. */
static void
count_scales(FunctionCallInfo fcinfo, csm_retention_window *window, csm_decimal starting,
			 csm_decimal ending, int change)
{
	if (!PG_ARGISNULL(1))
		csm_window_count_scale(window, starting.scale, change);
	if (!PG_ARGISNULL(2))
		csm_window_count_scale(window, ending.scale, change);
	if (change < 0)
		csm_window_shrink_scale(window);
}

static Datum
move_window(FunctionCallInfo fcinfo, bool survivors_only, int change)
{
	csm_retention_window *window = window_state(fcinfo);
	csm_decimal starting = csm_amount_argument(fcinfo, 1);
	csm_decimal ending = csm_amount_argument(fcinfo, 2);

	if (survivors_only)
		keep_survivor(fcinfo, &starting, &ending);
	if (change > 0)
		csm_sums_add(&window->sums, starting, ending);
	else
		csm_sums_subtract(&window->sums, starting, ending);
	count_scales(fcinfo, window, starting, ending, change);
	return PointerGetDatum(window);
}

PG_FUNCTION_INFO_V1(csm_window_accum);
Datum
csm_window_accum(PG_FUNCTION_ARGS)
{
	return move_window(fcinfo, false, 1);
}

PG_FUNCTION_INFO_V1(csm_window_remove);
Datum
csm_window_remove(PG_FUNCTION_ARGS)
{
	return move_window(fcinfo, false, -1);
}

PG_FUNCTION_INFO_V1(csm_survivor_window_accum);
Datum
csm_survivor_window_accum(PG_FUNCTION_ARGS)
{
	return move_window(fcinfo, true, 1);
}

PG_FUNCTION_INFO_V1(csm_survivor_window_remove);
Datum
csm_survivor_window_remove(PG_FUNCTION_ARGS)
{
	return move_window(fcinfo, true, -1);
}

static Datum
move_churned_window(FunctionCallInfo fcinfo, int change)
{
	csm_retention_window *window = window_state(fcinfo);

	if (!PG_ARGISNULL(1))
		csm_sums_count(&window->sums, PG_GETARG_BOOL(1), change);
	return PointerGetDatum(window);
}

PG_FUNCTION_INFO_V1(csm_churned_window_accum);
Datum
csm_churned_window_accum(PG_FUNCTION_ARGS)
{
	return move_churned_window(fcinfo, 1);
}

PG_FUNCTION_INFO_V1(csm_churned_window_remove);
Datum
csm_churned_window_remove(PG_FUNCTION_ARGS)
{
	return move_churned_window(fcinfo, -1);
}

/*
 * Ratios
 */

static Datum
sums_ndr(const csm_retention_sums *r, bool *isnull)
{
	return csm_amount_ratio(r->ending_existing, r->starting, r->scale, isnull);
}

static Datum
sums_grr(const csm_retention_sums *r, bool *isnull)
{
	return csm_amount_ratio(r->retained, r->starting, r->scale, isnull);
}

static Datum
sums_logo_churn(const csm_retention_sums *r, bool *isnull)
{
	return csm_count_ratio(r->accounts_churned, r->accounts_starting, isnull);
}

static Datum
sums_revenue_churn(const csm_retention_sums *r, bool *isnull)
{
	return csm_amount_ratio(r->starting - r->retained, r->starting, r->scale, isnull);
}

/* all that came over all that went */
static Datum
sums_quick_ratio(const csm_retention_sums *r, bool *isnull)
{
	return csm_amount_ratio(r->new_business + r->ending_existing - r->retained,
							r->starting - r->retained, r->scale, isnull);
}

/* Two final functions for a figure: of a stored state, and of a moving window. */
#define SUMS_FINAL(figure)                                           \
	PG_FUNCTION_INFO_V1(csm_##figure##_final);                       \
	Datum csm_##figure##_final(PG_FUNCTION_ARGS)                     \
	{                                                                \
		return sums_##figure(final_sums(fcinfo), &fcinfo->isnull);   \
	}                                                                \
	PG_FUNCTION_INFO_V1(csm_##figure##_window_final);                \
	Datum csm_##figure##_window_final(PG_FUNCTION_ARGS)              \
	{                                                                \
		return sums_##figure(final_window(fcinfo), &fcinfo->isnull); \
	}

SUMS_FINAL(ndr)
SUMS_FINAL(grr)
SUMS_FINAL(logo_churn)
SUMS_FINAL(revenue_churn)
SUMS_FINAL(quick_ratio)

/*
 * Text form: a JSON object with its keys in a fixed order
 */

PG_FUNCTION_INFO_V1(csm_retention_sums_in);
Datum
csm_retention_sums_in(PG_FUNCTION_ARGS)
{
	static const char *const keys[] = {"starting", "ending_existing", "retained", "new"};
	csm_json json;
	csm_decimal amounts[lengthof(keys)];
	csm_retention_sums *sums = csm_sums_new(sizeof(csm_retention_sums));
	const char *problem;

	if (!csm_json_open(&json, SUMS, PG_GETARG_CSTRING(0), fcinfo->context))
		PG_RETURN_NULL();
	for (int i = 0; i < (int) lengthof(keys); i++)
	{
		if (!csm_json_amount(&json, keys[i], &amounts[i]))
			PG_RETURN_NULL();
	}
	if (!csm_json_align(&json, amounts, lengthof(keys), &sums->scale) ||
		!csm_json_count(&json, "accounts_starting", &sums->accounts_starting) ||
		!csm_json_count(&json, "accounts_churned", &sums->accounts_churned) ||
		!csm_json_close(&json))
		PG_RETURN_NULL();
	sums->starting = amounts[0].coefficient;
	sums->ending_existing = amounts[1].coefficient;
	sums->retained = amounts[2].coefficient;
	sums->new_business = amounts[3].coefficient;
	problem = csm_sums_problem(sums);
	if (problem != NULL)
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input for type %s: %s", SUMS, problem)));
	PG_RETURN_POINTER(sums);
}

PG_FUNCTION_INFO_V1(csm_retention_sums_out);
Datum
csm_retention_sums_out(PG_FUNCTION_ARGS)
{
	const csm_retention_sums *sums = sums_from_datum(PG_GETARG_DATUM(0));
	StringInfoData text;

	csm_json_start(&text);
	csm_json_put_amount(&text, "starting", sums->starting, sums->scale);
	csm_json_put_amount(&text, "ending_existing", sums->ending_existing, sums->scale);
	csm_json_put_amount(&text, "retained", sums->retained, sums->scale);
	csm_json_put_amount(&text, "new", sums->new_business, sums->scale);
	csm_json_put_count(&text, "accounts_starting", sums->accounts_starting);
	csm_json_put_count(&text, "accounts_churned", sums->accounts_churned);
	csm_json_end(&text);
	PG_RETURN_CSTRING(text.data);
}

/*
 * Binary form
 */

PG_FUNCTION_INFO_V1(csm_retention_sums_send);
Datum
csm_retention_sums_send(PG_FUNCTION_ARGS)
{
	csm_writer writer;
	bytea *result = csm_writer_start(&writer, CSM_RETENTION_SUMS_BINARY_SIZE);

	csm_sums_write(&writer, sums_from_datum(PG_GETARG_DATUM(0)));
	PG_RETURN_BYTEA_P(result);
}

PG_FUNCTION_INFO_V1(csm_retention_sums_recv);
Datum
csm_retention_sums_recv(PG_FUNCTION_ARGS)
{
	csm_reader reader = csm_reader_from_message((StringInfo) PG_GETARG_POINTER(0));
	const char *problem;
	csm_retention_sums *sums = csm_sums_read(&reader, &problem);

	if (problem != NULL)
		csm_binary_error(SUMS, problem);
	PG_RETURN_POINTER(sums);
}
