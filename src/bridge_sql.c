/*
 * bridge_sql.c
 *		retention_agg, bridge_agg and trailing_agg over histories, as SQL sees them.
 */
#include "base/port.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"

#include "bridge.h"
#include "base/calendar_sql.h"
#include "history_scan_sql.h"
#include "history_sql.h"
#include "retention_sql.h"
#include "base/wire_sql.h"

#define BRIDGE "bridge_state"

static void *
bridge_at_rest(const void *state)
{
	return csm_bridge_at_rest((csm_bridge *) state);
}

static const char *
bridge_problem(const void *value)
{
	return csm_bridge_problem(value);
}

static const csm_value_type bridge_type = {BRIDGE, bridge_at_rest, bridge_problem};

static csm_bridge *
bridge_from_datum(Datum datum)
{
	csm_bridge *b = (csm_bridge *) PG_DETOAST_DATUM(datum);

	csm_check_version(BRIDGE, b->version, CSM_BRIDGE_VERSION);
	return b;
}

/* The first argument as a value to change: the aggregate's own, else a copy. */
static csm_bridge *
bridge_state(FunctionCallInfo fcinfo)
{
	csm_bridge *b = bridge_from_datum(PG_GETARG_DATUM(0));
	csm_bridge *copy;

	if (csm_in_aggregate(fcinfo))
		return b;
	copy = palloc(VARSIZE(b));
	memcpy(copy, b, VARSIZE(b));
	return copy;
}

/* (state, history, from_date, to_date, step [, span]) */
static csm_bridge_bounds
bounds_argument(FunctionCallInfo fcinfo)
{
	csm_bridge_bounds bounds;

	memset(&bounds, 0, sizeof(bounds));
	bounds.from = csm_date_argument(fcinfo, 2, "from_date");
	bounds.to = csm_date_argument(fcinfo, 3, "to_date");
	bounds.step = csm_step_argument(fcinfo, 4, "step");
	if (PG_NARGS() > 5)
		bounds.span = csm_step_argument(fcinfo, 5, "span");
	return bounds;
}

static void
check_bounds(const csm_bridge_bounds *bounds, const csm_bridge_bounds *given)
{
	csm_check_same_date(bounds->from, given->from, "from_date");
	csm_check_same_date(bounds->to, given->to, "to_date");
	csm_check_same_step(bounds->step, given->step, "step");
	csm_check_same_step(bounds->span, given->span, "span");
}

/* The state that a history is the first to enter. */
static csm_bridge *
bridge_for_history(const csm_bridge_bounds *bounds, const csm_history *h)
{
	csm_bridge *b = csm_bridge_new(bounds);

	csm_bridge_set_currency(b, h->currency);
	return b;
}

/* (state, history, parameters); of a row without a history only those are looked at. */
PG_FUNCTION_INFO_V1(csm_bridge_accum);
Datum
csm_bridge_accum(PG_FUNCTION_ARGS)
{
	csm_bridge_bounds bounds = bounds_argument(fcinfo);
	csm_bridge *b = PG_ARGISNULL(0) ? NULL : bridge_state(fcinfo);
	const csm_history *h;

	if (b == NULL)
	{
		csm_bridge_check_bounds(&bounds);
		if (csm_bridge_is_trailing(&bounds))
			csm_note_step_beyond_span(bounds.from, bounds.step, bounds.span);
	}
	else
		check_bounds(&b->bounds, &bounds);
	if (!PG_ARGISNULL(1))
	{
		h = PG_GETARG_HISTORY(1);
		if (b == NULL)
			b = bridge_for_history(&bounds, h);
		b = csm_bridge_add(b, h);
	}
	if (b == NULL)
		PG_RETURN_NULL();
	return csm_state_result(fcinfo, &bridge_type, b);
}

PG_FUNCTION_INFO_V1(csm_bridge_combine);
Datum
csm_bridge_combine(PG_FUNCTION_ARGS)
{
	csm_bridge *b = bridge_state(fcinfo);

	csm_bridge_merge(b, bridge_from_datum(PG_GETARG_DATUM(1)));
	return csm_state_result(fcinfo, &bridge_type, b);
}

/* The type of the elements is that of the function's declared result. */
static Datum
intervals_result(FunctionCallInfo fcinfo, csm_bridge *b)
{
	Oid element = get_element_type(get_func_rettype(fcinfo->flinfo->fn_oid));
	Datum *summaries = palloc(sizeof(Datum) * Max(b->count, 1));

	Assert(csm_bridge_problem(b) == NULL);
	for (int64 k = 0; k < b->count; k++)
		summaries[k] = csm_value_result(&csm_retention_type, csm_bridge_interval(b, k));
	PG_RETURN_ARRAYTYPE_P(
		construct_array(summaries, (int) b->count, element, -1, false, TYPALIGN_DOUBLE));
}

PG_FUNCTION_INFO_V1(csm_bridge_final);
Datum
csm_bridge_final(PG_FUNCTION_ARGS)
{
	return intervals_result(fcinfo, csm_bridge_at_rest(bridge_from_datum(PG_GETARG_DATUM(0))));
}

/*
 * retention_agg over histories, whose state is the summary itself
 */

static csm_retention_summary *
summary_for_history(DateADT from, DateADT to, const csm_history *h)
{
	csm_retention_summary *r = csm_retention_new();

	r->flags = CSM_RETENTION_HAS_PERIOD;
	r->period_from = from;
	r->period_to = to;
	memcpy(r->currency, h->currency, CSM_CURRENCY_SIZE);
	return r;
}

static void
add_history(csm_retention_summary *r, const csm_history *h)
{
	csm_history_walk walk = {h, 0};
	csm_decimal starting = {csm_history_figure(&walk, r->period_from - 1), h->scale};
	csm_decimal ending = {csm_history_figure(&walk, r->period_to - 1), h->scale};

	csm_currency_check_same(r->currency, h->currency);
	csm_retention_add(r, starting, ending, csm_history_first_active(h) < r->period_from);
}

/* (state, history, from_date, to_date) */
PG_FUNCTION_INFO_V1(csm_retention_accum_history);
Datum
csm_retention_accum_history(PG_FUNCTION_ARGS)
{
	DateADT from = csm_date_argument(fcinfo, 2, "from_date");
	DateADT to = csm_date_argument(fcinfo, 3, "to_date");
	csm_retention_summary *r = PG_ARGISNULL(0) ? NULL : csm_retention_state(fcinfo);
	const csm_history *h;

	csm_check_bounds(from, to);
	if (r == NULL)
		csm_note_left_out_end(from, to);
	else
	{
		csm_check_same_date(r->period_from, from, "from_date");
		csm_check_same_date(r->period_to, to, "to_date");
	}
	if (!PG_ARGISNULL(1))
	{
		h = PG_GETARG_HISTORY(1);
		if (r == NULL)
			r = summary_for_history(from, to, h);
		add_history(r, h);
	}
	if (r == NULL)
		PG_RETURN_NULL();
	return csm_state_result(fcinfo, &csm_retention_type, r);
}

/*
 * The same straight from raw rows
 */

static void
take_for_bridge(void *caller, const csm_history *h)
{
	csm_bridge **b = caller;

	*b = csm_bridge_add(*b, h);
}

PG_FUNCTION_INFO_V1(csm_trailing_scan_final);
Datum
csm_trailing_scan_final(PG_FUNCTION_ARGS)
{
	csm_history_scan *scan = csm_history_scan_argument(fcinfo);
	csm_bridge_bounds bounds;
	csm_bridge *b;

	memset(&bounds, 0, sizeof(bounds));
	bounds.from = scan->from;
	bounds.to = scan->to;
	bounds.step = scan->step;
	bounds.span = scan->span;
	csm_bridge_check_bounds(&bounds);
	b = csm_bridge_new(&bounds);
	csm_history_scan_finish(scan, take_for_bridge, &b);
	csm_bridge_raise_scale(b, csm_history_scan_scale(scan));
	return intervals_result(fcinfo, csm_bridge_at_rest(b));
}

static void
take_for_summary(void *caller, const csm_history *h)
{
	add_history(caller, h);
}

PG_FUNCTION_INFO_V1(csm_retention_scan_final);
Datum
csm_retention_scan_final(PG_FUNCTION_ARGS)
{
	csm_history_scan *scan = csm_history_scan_argument(fcinfo);
	csm_retention_summary *r = csm_retention_new();

	r->flags = CSM_RETENTION_HAS_PERIOD;
	r->period_from = scan->from;
	r->period_to = scan->to;
	csm_history_scan_finish(scan, take_for_summary, r);
	csm_retention_rescale(r, Max(r->scale, csm_history_scan_scale(scan)));
	return csm_value_result(&csm_retention_type, r);
}

/*
 * Text form: a JSON object with its keys in a fixed order
 */

PG_FUNCTION_INFO_V1(csm_bridge_out);
Datum
csm_bridge_out(PG_FUNCTION_ARGS)
{
	const csm_bridge *b = csm_bridge_at_rest(bridge_from_datum(PG_GETARG_DATUM(0)));
	csm_scratch scratch = csm_scratch_start();
	StringInfoData text;

	csm_json_start(&text);
	csm_json_put_date(&text, "from_date", b->bounds.from);
	csm_json_put_date(&text, "to_date", b->bounds.to);
	csm_json_put_step(&text, "step", b->bounds.step);
	if (csm_bridge_is_trailing(&b->bounds))
		csm_json_put_step(&text, "span", b->bounds.span);
	csm_json_put_currency(&text, b->currency);
	csm_json_put_count(&text, "scale", b->scale);
	csm_json_put_key(&text, "intervals");
	appendStringInfoChar(&text, '[');
	for (int64 k = 0; k < b->count; k++)
	{
		CHECK_FOR_INTERRUPTS();
		csm_scratch_enter(&scratch);
		appendStringInfoString(&text, k > 0 ? ", " : "");
		csm_retention_put(&text, csm_bridge_interval(b, k));
		csm_scratch_leave(&scratch);
	}
	csm_scratch_end(&scratch);
	appendStringInfoChar(&text, ']');
	csm_json_end(&text);
	PG_RETURN_CSTRING(text.data);
}

static bool
read_interval(csm_json *json, const JsonbValue *item, int k, void *into)
{
	csm_retention_summary *r;
	const char *problem;

	if (item->type != jbvBinary)
		return csm_json_fail(json, "intervals", "must be an array of summaries");
	r = csm_retention_from_container(item->val.binary.data, json->escontext);
	if (r == NULL)
		return false;
	problem = csm_bridge_set(into, k, r);
	return problem == NULL || csm_json_fail(json, "intervals", problem);
}

/* NULL after a soft error. */
static csm_bridge *
bridge_from_text(char *text, Node *escontext)
{
	csm_json json;
	csm_bridge header;
	csm_bridge *b;
	csm_json_items items;
	const char *problem;

	memset(&header, 0, sizeof(header));
	header.version = CSM_BRIDGE_VERSION;
	if (!csm_json_open_long(&json, BRIDGE, text, "intervals", escontext) ||
		!csm_json_date(&json, "from_date", &header.bounds.from) ||
		!csm_json_date(&json, "to_date", &header.bounds.to) ||
		!csm_json_step(&json, "step", &header.bounds.step) ||
		(csm_json_has(&json, "span") && !csm_json_step(&json, "span", &header.bounds.span)) ||
		!csm_json_currency(&json, header.currency) || !csm_json_scale(&json, &header.scale) ||
		!csm_json_find_items(&json, "intervals", &items) || !csm_json_close(&json))
		return NULL;
	header.count = items.count;
	b = csm_bridge_from_header(&header, &problem);
	if (b == NULL)
		ereturn(escontext, NULL,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input for type %s: %s", BRIDGE, problem)));
	return csm_json_each(&json, &items, read_interval, b) ? b : NULL;
}

PG_FUNCTION_INFO_V1(csm_bridge_in);
Datum
csm_bridge_in(PG_FUNCTION_ARGS)
{
	csm_bridge *b = bridge_from_text(PG_GETARG_CSTRING(0), fcinfo->context);

	if (b == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(b);
}

/*
 * Binary form
 */

PG_FUNCTION_INFO_V1(csm_bridge_send);
Datum
csm_bridge_send(PG_FUNCTION_ARGS)
{
	const csm_bridge *b = csm_bridge_at_rest(bridge_from_datum(PG_GETARG_DATUM(0)));
	csm_writer writer;
	bytea *result = csm_writer_start(&writer, csm_bridge_binary_size(b));

	csm_bridge_write(&writer, b);
	PG_RETURN_BYTEA_P(result);
}

PG_FUNCTION_INFO_V1(csm_bridge_recv);
Datum
csm_bridge_recv(PG_FUNCTION_ARGS)
{
	csm_reader reader = csm_reader_from_message((StringInfo) PG_GETARG_POINTER(0));
	const char *problem;
	csm_bridge *b = csm_bridge_read(&reader, &problem);

	if (problem != NULL)
		csm_binary_error(BRIDGE, problem);
	PG_RETURN_POINTER(b);
}
