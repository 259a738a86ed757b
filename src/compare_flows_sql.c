/*
 * compare_flows_sql.c
 *		segment_flows as SQL sees it: aggregate, bridge by segment with transfers, roll
 *		forward, text and binary forms, comparison.
 */
#include "base/port.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/memutils.h"

#include "base/decimal_sql.h"
#include "base/tally_sql.h"
#include "compare.h"

static void *
flows_at_rest(const void *state)
{
	return csm_tally_at_rest(state);
}

static const char *
flows_problem(const void *flows)
{
	return csm_flows_problem(flows);
}

static const csm_tally_type flows_type = {
	.value = {"segment_flows", flows_at_rest, flows_problem},
	.version = CSM_FLOWS_VERSION,
	.shape = CSM_FLOWS_SHAPE,
};

#define PG_GETARG_FLOWS(i) csm_tally_argument(fcinfo, i, &flows_type)

/*
 * Aggregate
 */

/* A missing amount is 0. */
static csm_decimal
amount_argument(FunctionCallInfo fcinfo, int i)
{
	csm_decimal none = {0, 0};

	return PG_ARGISNULL(i) ? none : csm_amount_from_numeric(PG_GETARG_DATUM(i));
}

static csm_flow_segment
segment_argument(FunctionCallInfo fcinfo, int i)
{
	csm_flow_segment segment = {NULL, 0};
	text *name;

	if (PG_ARGISNULL(i))
		return segment;
	name = PG_GETARG_TEXT_PP(i);
	segment.name = VARDATA_ANY(name);
	segment.length = (int) VARSIZE_ANY_EXHDR(name);
	return segment;
}

static csm_flow_period
period_argument(FunctionCallInfo fcinfo, int i)
{
	csm_flow_period period = {0, 0};
	DateADT from;
	DateADT to;

	if (PG_NARGS() <= i)
		return period;
	if (PG_ARGISNULL(i))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("the period must not be NULL"),
				 errhint("Leave the argument out when the period is not known.")));
	csm_period_from_range(PG_GETARG_DATUM(i), &from, &to);
	period.from = (uint64) (int64) from;
	period.to = (uint64) (int64) to;
	return period;
}

/* (state, starting, ending, was_customer, segment_at_start, segment_at_end [, period]) */
PG_FUNCTION_INFO_V1(csm_flows_accum);
Datum
csm_flows_accum(PG_FUNCTION_ARGS)
{
	csm_tally *flows = csm_tally_state(fcinfo, &flows_type);
	csm_flow_period period = period_argument(fcinfo, 6);

	csm_flows_add(&flows, &period, amount_argument(fcinfo, 1), amount_argument(fcinfo, 2),
				  !PG_ARGISNULL(3) && PG_GETARG_BOOL(3), segment_argument(fcinfo, 4),
				  segment_argument(fcinfo, 5));
	return csm_state_result(fcinfo, &flows_type.value, flows);
}

PG_FUNCTION_INFO_V1(csm_flows_combine);
Datum
csm_flows_combine(PG_FUNCTION_ARGS)
{
	/* a state or a value at rest: the first entry is of the period of all */
	csm_flows_check_same_period((csm_tally *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0)),
								(csm_tally *) PG_DETOAST_DATUM(PG_GETARG_DATUM(1)));
	return csm_tally_combine(fcinfo, &flows_type);
}

PG_FUNCTION_INFO_V1(csm_flows_final);
Datum
csm_flows_final(PG_FUNCTION_ARGS)
{
	return csm_tally_final(fcinfo, &flows_type);
}

/*
 * Segments of all cells, in the order of bytes, NULL last
 */

typedef struct cell
{
	csm_flow *flow;
	int from; /* numbers of segments */
	int to;
} cell;

typedef struct flow_table
{
	int scale;
	int cell_count;
	int segment_count;
	cell *cells;
	csm_flow_segment *segments;
} flow_table;

static int
compare_segments(const void *a, const void *b)
{
	return csm_flow_segment_compare(*(const csm_flow_segment *) a, *(const csm_flow_segment *) b);
}

static int
number_of(const flow_table *table, csm_flow_segment segment)
{
	csm_flow_segment *found = bsearch(&segment, table->segments, table->segment_count,
									  sizeof(csm_flow_segment), compare_segments);

	return (int) (found - table->segments);
}

static void
drop_doubles(flow_table *table)
{
	int count = 0;

	for (int i = 0; i < table->segment_count; i++)
	{
		if (count == 0 || !csm_flow_segment_is_same(table->segments[count - 1], table->segments[i]))
			table->segments[count++] = table->segments[i];
	}
	table->segment_count = count;
}

static flow_table
read_flows(const csm_tally *flows)
{
	flow_table table;
	csm_flow_segment *ends;

	table.scale = flows->scale;
	table.cell_count = (int) flows->entries;
	table.segment_count = 0;
	table.cells = palloc_extended(sizeof(cell) * Max(flows->entries, 1), MCXT_ALLOC_HUGE);
	table.segments =
		palloc_extended(2 * sizeof(csm_flow_segment) * Max(flows->entries, 1), MCXT_ALLOC_HUGE);
	ends = palloc_extended(2 * sizeof(csm_flow_segment) * Max(flows->entries, 1), MCXT_ALLOC_HUGE);
	for (csm_tally_entry *e = csm_tally_first(flows); e != NULL; e = csm_tally_next(flows, e))
	{
		int i = table.segment_count / 2;

		CHECK_FOR_INTERRUPTS();
		table.cells[i].flow = csm_flow_of(e);
		(void) csm_flow_segments(flows, e, &ends[2 * i], &ends[2 * i + 1]);
		table.segments[table.segment_count++] = ends[2 * i];
		table.segments[table.segment_count++] = ends[2 * i + 1];
	}
	pg_qsort(table.segments, table.segment_count, sizeof(csm_flow_segment), compare_segments);
	drop_doubles(&table);
	for (int i = 0; i < table.cell_count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		table.cells[i].from = number_of(&table, ends[2 * i]);
		table.cells[i].to = number_of(&table, ends[2 * i + 1]);
	}
	pfree(ends);
	return table;
}

static Datum
segment_datum(csm_flow_segment segment, bool *isnull)
{
	*isnull = segment.name == NULL;
	return *isnull ? (Datum) 0
				   : PointerGetDatum(cstring_to_text_with_len(segment.name, segment.length));
}

PG_FUNCTION_INFO_V1(csm_segment_flow_table);
Datum
csm_segment_flow_table(PG_FUNCTION_ARGS)
{
	flow_table table = read_flows(PG_GETARG_FLOWS(0));
	csm_rows rows = csm_rows_start(fcinfo);

	for (int i = 0; i < table.cell_count; i++)
	{
		const cell *c = &table.cells[i];
		csm_uint256 ending = csm_uint256_product(c->flow->ending_existing, 1);
		int64 accounts = c->flow->accounts_starting;
		Datum values[5];
		bool nulls[5] = {false};

		csm_uint256_add_product(&ending, c->flow->new_business, 1);
		csm_uint256_add_product(&ending, c->flow->reactivation, 1);
		csm_count_add(&accounts, c->flow->accounts_new);
		csm_count_add(&accounts, c->flow->accounts_reactivated);
		values[0] = segment_datum(table.segments[c->from], &nulls[0]);
		values[1] = segment_datum(table.segments[c->to], &nulls[1]);
		values[2] = Int64GetDatum(accounts);
		values[3] = csm_decimal_to_numeric(c->flow->starting, table.scale);
		values[4] = csm_uint256_to_numeric(&ending, table.scale);
		csm_rows_put(&rows, values, nulls);
	}
	return csm_rows_end(&rows);
}

/*
 * Bridge by segment.  Movements are booked where an account started, new and reactivated
 * business where it ends.  Who stays and ends elsewhere leaves with its ending amount.
 * Sums over cells may have more than 38 digits.
 */

typedef struct segment_sums
{
	csm_uint256 starting;
	csm_uint256 ending_existing; /* of those that started here */
	csm_uint256 retained;
	csm_uint256 new_business;
	csm_uint256 reactivation;
	csm_uint256 expansion;
	csm_uint256 contraction;
	csm_uint256 churned;
	csm_uint256 transfer_in;
	csm_uint256 transfer_out;
	csm_uint256 ending;
	int64 accounts_starting;
	int64 accounts_new;
	int64 accounts_reactivated;
	int64 accounts_churned;
	int64 accounts_in;
	int64 accounts_out;
	int64 accounts_ending;
} segment_sums;

static void
add(csm_uint256 *sum, int128 amount)
{
	csm_uint256_add_product(sum, amount, 1);
}

static void
add_to_start(segment_sums *s, const csm_flow *flow)
{
	add(&s->starting, flow->starting);
	add(&s->ending_existing, flow->ending_existing);
	add(&s->retained, flow->retained);
	add(&s->expansion, flow->ending_existing - flow->retained);
	add(&s->contraction, flow->starting - flow->retained - flow->churned);
	add(&s->churned, flow->churned);
	csm_count_add(&s->accounts_starting, flow->accounts_starting);
	csm_count_add(&s->accounts_churned, flow->accounts_churned);
}

static void
add_to_end(segment_sums *s, const csm_flow *flow)
{
	add(&s->new_business, flow->new_business);
	add(&s->reactivation, flow->reactivation);
	add(&s->ending, flow->ending_existing);
	add(&s->ending, flow->new_business);
	add(&s->ending, flow->reactivation);
	csm_count_add(&s->accounts_new, flow->accounts_new);
	csm_count_add(&s->accounts_reactivated, flow->accounts_reactivated);
	csm_count_add(&s->accounts_ending, flow->accounts_starting - flow->accounts_churned);
	csm_count_add(&s->accounts_ending, flow->accounts_new);
	csm_count_add(&s->accounts_ending, flow->accounts_reactivated);
}

static segment_sums *
add_up_segments(const flow_table *table)
{
	segment_sums *sums = palloc_extended(sizeof(segment_sums) * Max(table->segment_count, 1),
										 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);

	for (int i = 0; i < table->cell_count; i++)
	{
		const cell *c = &table->cells[i];

		CHECK_FOR_INTERRUPTS();
		add_to_start(&sums[c->from], c->flow);
		add_to_end(&sums[c->to], c->flow);
		if (c->from == c->to)
			continue;
		add(&sums[c->from].transfer_out, c->flow->ending_existing);
		add(&sums[c->to].transfer_in, c->flow->ending_existing);
		csm_count_add(&sums[c->from].accounts_out, c->flow->accounts_starting);
		csm_count_add(&sums[c->to].accounts_in, c->flow->accounts_starting);
	}
	return sums;
}

PG_FUNCTION_INFO_V1(csm_segment_bridge);
Datum
csm_segment_bridge(PG_FUNCTION_ARGS)
{
	flow_table table = read_flows(PG_GETARG_FLOWS(0));
	segment_sums *sums = add_up_segments(&table);
	csm_rows rows = csm_rows_start(fcinfo);

	for (int i = 0; i < table.segment_count; i++)
	{
		const segment_sums *s = &sums[i];
		const csm_uint256 *amounts[] = {&s->starting,    &s->new_business, &s->reactivation,
										&s->expansion,   &s->contraction,  &s->churned,
										&s->transfer_in, &s->transfer_out, &s->ending};
		int64 counts[] = {s->accounts_starting, s->accounts_new, s->accounts_reactivated,
						  s->accounts_churned,  s->accounts_in,  s->accounts_out,
						  s->accounts_ending};
		Datum values[1 + lengthof(amounts) + lengthof(counts) + 3];
		bool nulls[lengthof(values)] = {false};
		int n = 0;

		values[n] = segment_datum(table.segments[i], &nulls[n]);
		n++;
		for (int a = 0; a < (int) lengthof(amounts); a++)
			values[n++] = csm_uint256_to_numeric(amounts[a], table.scale);
		for (int c = 0; c < (int) lengthof(counts); c++)
			values[n++] = Int64GetDatum(counts[c]);
		values[n] = csm_numeric_ratio(csm_uint256_to_numeric(&s->ending_existing, table.scale),
									  values[1], &nulls[n]);
		n++;
		values[n] = csm_numeric_ratio(csm_uint256_to_numeric(&s->retained, table.scale), values[1],
									  &nulls[n]);
		n++;
		values[n] = csm_numeric_ratio(csm_integer_to_numeric(s->accounts_churned),
									  csm_integer_to_numeric(s->accounts_starting), &nulls[n]);
		csm_rows_put(&rows, values, nulls);
	}
	return csm_rows_end(&rows);
}

/*
 * Roll forward: the amounts of the end go where those of the start went, again and again
 */

/* Places that each step is rounded to. */
#define ROLL_PLACES 20

/* What becomes of "amount", of which "part" of "whole" goes one way. */
static Datum
share_of(Datum amount, Datum part, Datum whole)
{
	/* the places of the dividend are those of the quotient at least */
	return csm_numeric_divide(csm_numeric_multiply(csm_numeric_round(amount, ROLL_PLACES), part),
							  whole);
}

typedef struct roll
{
	flow_table table;
	segment_sums *sums;
	csm_uint256 starting; /* of all segments */
	csm_uint256 ending_existing;
	Datum *amounts; /* numeric, of each segment; in one of two contexts */
	MemoryContext now;
	MemoryContext next;
} roll;

static Datum *
copy_numbers(const Datum *numbers, int count)
{
	Datum *copies = palloc_extended(sizeof(Datum) * Max(count, 1), MCXT_ALLOC_HUGE);

	for (int i = 0; i < count; i++)
		copies[i] = csm_numeric_round(numbers[i], ROLL_PLACES);
	return copies;
}

/* One step, into the other context. */
static void
roll_on(roll *r)
{
	int count = r->table.segment_count;
	int scale = r->table.scale;
	MemoryContext scratch =
		AllocSetContextCreate(CurrentMemoryContext, "roll forward", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old_context = MemoryContextSwitchTo(scratch);
	Datum *next = palloc_extended(sizeof(Datum) * Max(count, 1), MCXT_ALLOC_HUGE);

	for (int i = 0; i < count; i++)
	{
		next[i] = csm_integer_to_numeric(0);
		if (csm_uint256_is_zero(&r->sums[i].starting))
			next[i] = share_of(r->amounts[i], csm_uint256_to_numeric(&r->ending_existing, scale),
							   csm_uint256_to_numeric(&r->starting, scale));
	}
	for (int i = 0; i < r->table.cell_count; i++)
	{
		const cell *c = &r->table.cells[i];

		CHECK_FOR_INTERRUPTS();
		if (c->flow->starting == 0)
			continue;
		next[c->to] = csm_numeric_add(
			next[c->to],
			share_of(r->amounts[c->from], csm_decimal_to_numeric(c->flow->ending_existing, scale),
					 csm_uint256_to_numeric(&r->sums[c->from].starting, scale)));
	}
	MemoryContextSwitchTo(r->next);
	next = copy_numbers(next, count);
	MemoryContextSwitchTo(old_context);
	MemoryContextDelete(scratch);
	MemoryContextReset(r->now);
	scratch = r->now;
	r->now = r->next;
	r->next = scratch;
	r->amounts = next;
}

static void
start_roll(roll *r, const csm_tally *flows)
{
	MemoryContext old_context;

	r->table = read_flows(flows);
	r->sums = add_up_segments(&r->table);
	r->now = AllocSetContextCreate(CurrentMemoryContext, "amounts", ALLOCSET_DEFAULT_SIZES);
	r->next = AllocSetContextCreate(CurrentMemoryContext, "amounts", ALLOCSET_DEFAULT_SIZES);
	memset(&r->starting, 0, sizeof(r->starting));
	memset(&r->ending_existing, 0, sizeof(r->ending_existing));
	old_context = MemoryContextSwitchTo(r->now);
	r->amounts = palloc_extended(sizeof(Datum) * Max(r->table.segment_count, 1), MCXT_ALLOC_HUGE);
	for (int i = 0; i < r->table.segment_count; i++)
	{
		csm_uint256_add(&r->starting, &r->sums[i].starting);
		csm_uint256_add(&r->ending_existing, &r->sums[i].ending_existing);
		r->amounts[i] = csm_uint256_to_numeric(&r->sums[i].ending, r->table.scale);
	}
	MemoryContextSwitchTo(old_context);
}

PG_FUNCTION_INFO_V1(csm_roll_forward);
Datum
csm_roll_forward(PG_FUNCTION_ARGS)
{
	int32 steps = PG_GETARG_INT32(1);
	bool is_known;
	csm_rows rows;
	roll r;

	if (steps < 1)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the number of steps must be at least 1, not %d", steps)));
	start_roll(&r, PG_GETARG_FLOWS(0));
	if ((int64) steps * r.table.segment_count > CSM_INTERVALS_MAX)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("%d steps of %d segments are more than %d rows", steps,
							   r.table.segment_count, CSM_INTERVALS_MAX),
						errhint("Ask for fewer steps, or group small segments together.")));
	/* nobody started: nothing is known of where accounts go */
	is_known = !csm_uint256_is_zero(&r.starting);
	rows = csm_rows_start(fcinfo);
	for (int step = 1; step <= steps; step++)
	{
		if (is_known)
			roll_on(&r);
		for (int i = 0; i < r.table.segment_count; i++)
		{
			Datum values[3] = {Int32GetDatum(step), 0, 0};
			bool nulls[3] = {false, false, !is_known};

			values[1] = segment_datum(r.table.segments[i], &nulls[1]);
			values[2] = r.amounts[i];
			csm_rows_put(&rows, values, nulls);
		}
	}
	return csm_rows_end(&rows);
}

/*
 * Text form: a JSON object with period_start and period_end where they are known, and an
 * array for each cell: the segments at the start and at the end, then six amounts and six
 * numbers of accounts
 */

#define CELL_VALUES (2 + CSM_FLOW_AMOUNTS + CSM_FLOW_COUNTS)

static void
put_segment(StringInfo text, csm_flow_segment segment)
{
	if (segment.name == NULL)
		csm_json_put_null(text);
	else
		csm_json_put_text_value(text, pnstrdup(segment.name, segment.length));
}

static void
put_cell(StringInfo text, const csm_tally *flows, csm_tally_entry *entry)
{
	csm_flow_segment at_start;
	csm_flow_segment at_end;

	(void) csm_flow_segments(flows, entry, &at_start, &at_end);
	csm_json_put_array(text);
	put_segment(text, at_start);
	put_segment(text, at_end);
	for (int i = 0; i < CSM_FLOW_AMOUNTS; i++)
		csm_json_put_numeric_value(
			text, csm_decimal_to_numeric(csm_tally_amounts(entry)[i], flows->scale));
	for (int i = 0; i < CSM_FLOW_COUNTS; i++)
		csm_json_put_count_value(text, csm_tally_counts(flows->shape, entry)[i]);
	appendStringInfoChar(text, ']');
}

PG_FUNCTION_INFO_V1(csm_segment_flows_out);
Datum
csm_segment_flows_out(PG_FUNCTION_ARGS)
{
	csm_tally *flows = PG_GETARG_FLOWS(0);
	csm_scratch scratch = csm_scratch_start();
	StringInfoData text;
	int32 from;
	int32 to;

	csm_json_start(&text);
	if (csm_flows_have_period(flows, &from, &to))
	{
		csm_json_put_date(&text, "period_start", from);
		csm_json_put_date(&text, "period_end", to);
	}
	csm_json_put_key(&text, "cells");
	csm_json_put_array(&text);
	for (csm_tally_entry *e = csm_tally_first(flows); e != NULL; e = csm_tally_next(flows, e))
	{
		csm_scratch_enter(&scratch);
		put_cell(&text, flows, e);
		csm_scratch_leave(&scratch);
	}
	csm_scratch_end(&scratch);
	appendStringInfoChar(&text, ']');
	csm_json_end(&text);
	PG_RETURN_CSTRING(text.data);
}

CSM_CAST_TO_JSON(csm_segment_flows)

static bool
read_period(csm_json *json, csm_flow_period *period)
{
	DateADT from;
	DateADT to;

	period->from = period->to = 0;
	if (!csm_json_has(json, "period_start") && !csm_json_has(json, "period_end"))
		return true;
	if (!csm_json_date(json, "period_start", &from) || !csm_json_date(json, "period_end", &to))
		return false;
	period->from = (uint64) (int64) from;
	period->to = (uint64) (int64) to;
	if (period->from == 0 && period->to == 0)
		return csm_json_fail(json, "period_end", "must be after period_start");
	return true;
}

static bool
read_segment(csm_json *json, const JsonbValue *value, csm_flow_segment *segment)
{
	char *name;

	segment->name = NULL;
	segment->length = 0;
	if (value->type == jbvNull)
		return true;
	if (!csm_json_text_value(json, "cells", value, &name))
		return false;
	segment->name = name;
	segment->length = (int) strlen(name);
	return true;
}

/* A new cell of this name; NULL after a soft error. */
static csm_tally_entry *
read_key(csm_json *json, const JsonbValue *values, const csm_flow_period *period, csm_tally **flows)
{
	uint64 terms[2] = {period->from, period->to};
	uint32 before = (*flows)->entries;
	csm_tally_entry *entry;
	csm_flow_segment at_start;
	csm_flow_segment at_end;
	char *key;
	int length;

	if (!read_segment(json, &values[0], &at_start) || !read_segment(json, &values[1], &at_end))
		return NULL;
	key = csm_flow_key(at_start, at_end, &length);
	entry = csm_tally_find(flows, key, length, terms);
	if ((*flows)->entries == before)
	{
		(void) csm_json_fail(json, "cells", "names the same twice");
		return NULL;
	}
	return entry;
}

static bool
read_cell(csm_json *json, const JsonbValue *row, const csm_flow_period *period, csm_tally **flows)
{
	JsonbValue values[CELL_VALUES];
	csm_tally_entry *entry;

	if (!csm_tally_read_row(json, "cells", row, CELL_VALUES, values))
		return false;
	entry = read_key(json, values, period, flows);
	if (entry == NULL)
		return false;
	for (int i = 0; i < CSM_FLOW_AMOUNTS; i++)
	{
		csm_decimal amount;

		if (!csm_json_amount_value(json, "cells", &values[2 + i], &amount) ||
			!csm_tally_read_amount(json, *flows, amount, &csm_tally_amounts(entry)[i]))
			return false;
	}
	for (int i = 0; i < CSM_FLOW_COUNTS; i++)
	{
		if (!csm_json_count_value(json, "cells", &values[2 + CSM_FLOW_AMOUNTS + i],
								  &csm_tally_counts((*flows)->shape, entry)[i]))
			return false;
	}
	return true;
}

/* NULL after a soft error. */
static csm_tally *
flows_from_text(char *text, Node *escontext)
{
	csm_json json;
	JsonbValue cells;
	const char *problem;
	csm_flow_period period;
	csm_tally *flows = csm_tally_new(CSM_FLOWS_VERSION, flows_type.shape);

	if (!csm_json_open(&json, flows_type.value.name, text, escontext) ||
		!read_period(&json, &period) || !csm_json_array(&json, "cells", &cells) ||
		!csm_json_close(&json))
		return NULL;
	for (int i = 0; i < csm_json_length(&cells); i++)
	{
		if (!read_cell(&json, csm_json_item(&cells, i), &period, &flows))
			return NULL;
	}
	problem = csm_flows_problem(flows);
	if (problem != NULL)
		ereturn(escontext, NULL,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input for type %s: %s", flows_type.value.name, problem)));
	return csm_tally_at_rest(flows);
}

PG_FUNCTION_INFO_V1(csm_segment_flows_in);
Datum
csm_segment_flows_in(PG_FUNCTION_ARGS)
{
	csm_tally *flows = flows_from_text(PG_GETARG_CSTRING(0), fcinfo->context);

	if (flows == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(flows);
}

PG_FUNCTION_INFO_V1(csm_segment_flows_send);
Datum
csm_segment_flows_send(PG_FUNCTION_ARGS)
{
	return csm_tally_send(fcinfo, &flows_type);
}

PG_FUNCTION_INFO_V1(csm_segment_flows_recv);
Datum
csm_segment_flows_recv(PG_FUNCTION_ARGS)
{
	return csm_tally_recv(fcinfo, &flows_type);
}

static int
compare_arguments(FunctionCallInfo fcinfo)
{
	return csm_tally_compare_arguments(fcinfo, &flows_type);
}

static uint64
hash_argument(FunctionCallInfo fcinfo, uint64 seed)
{
	return csm_tally_hash(fcinfo, &flows_type, seed);
}

CSM_COMPARISON(csm_segment_flows, compare_arguments, hash_argument)
