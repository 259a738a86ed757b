/*
 * funnel_sql.c
 *		funnel_steps as SQL sees it, and how far one account gets.
 *
 * A funnel_steps is stored as its canonical text and nothing else: equal definitions have equal
 * bytes, and the order of definitions is that of their texts.
 */
#include "base/port.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "common/int.h"
#include "fmgr.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "base/calendar_sql.h"
#include "base/wire_sql.h"
#include "funnel_sql.h"
#include "usage_history_sql.h"

/* Of a history, on their way into the machine. */
#define EVENTS_AT_A_TIME 128

#define FUNNEL_STEPS "funnel_steps"

/*
 * Arguments
 */

/* Reads a definition; NULL after a soft error. */
csm_funnel *
csm_funnel_from_text(const char *text, Size size, Node *escontext)
{
	csm_funnel_problem problem = {0, NULL, NULL};
	csm_funnel *f = csm_funnel_compile(text, size, &problem);

	if (f == NULL)
		ereturn(escontext, NULL,
				(errcode(problem.sqlstate),
				 errmsg("invalid input for type %s: %s", FUNNEL_STEPS, problem.message),
				 problem.hint != NULL ? errhint("%s", problem.hint) : 0));
	return f;
}

/* A definition that stays as long as the call; the one before is likely the same. */
typedef struct csm_funnel_cache
{
	csm_funnel *f;
	Size size;
} csm_funnel_cache;

const csm_funnel *
csm_funnel_argument(FunctionCallInfo fcinfo, int i)
{
	csm_funnel_cache *cache = fcinfo->flinfo->fn_extra;
	text *stored = PG_GETARG_TEXT_PP(i);
	Size size = VARSIZE_ANY_EXHDR(stored);
	MemoryContext caller;

	if (cache != NULL && cache->size == size &&
		memcmp(cache->f->text, VARDATA_ANY(stored), size) == 0)
		return cache->f;
	if (cache == NULL)
	{
		cache = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(csm_funnel_cache));
		fcinfo->flinfo->fn_extra = cache;
	}
	/* where definitions vary from row to row, each other one is compiled for its row alone */
	if (cache->f != NULL)
		return csm_funnel_from_text(VARDATA_ANY(stored), size, NULL);
	caller = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	cache->f = csm_funnel_from_text(VARDATA_ANY(stored), size, NULL);
	cache->size = size;
	MemoryContextSwitchTo(caller);
	return cache->f;
}

static Datum
funnel_result(const csm_funnel *f)
{
	return PointerGetDatum(cstring_to_text(f->text));
}

/*
 * Input and output
 */

PG_FUNCTION_INFO_V1(csm_funnel_steps_in);
Datum
csm_funnel_steps_in(PG_FUNCTION_ARGS)
{
	char *text = PG_GETARG_CSTRING(0);
	csm_funnel *f = csm_funnel_from_text(text, strlen(text), fcinfo->context);

	if (f == NULL)
		PG_RETURN_NULL();
	return funnel_result(f);
}

PG_FUNCTION_INFO_V1(csm_funnel_steps_out);
Datum
csm_funnel_steps_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(text_to_cstring(PG_GETARG_TEXT_PP(0)));
}

PG_FUNCTION_INFO_V1(csm_funnel_steps_recv);
Datum
csm_funnel_steps_recv(PG_FUNCTION_ARGS)
{
	StringInfo message = (StringInfo) PG_GETARG_POINTER(0);
	int size;
	char *text = pq_getmsgtext(message, message->len - message->cursor, &size);

	return funnel_result(csm_funnel_from_text(text, size, NULL));
}

PG_FUNCTION_INFO_V1(csm_funnel_steps_send);
Datum
csm_funnel_steps_send(PG_FUNCTION_ARGS)
{
	text *stored = PG_GETARG_TEXT_PP(0);
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendtext(&message, VARDATA_ANY(stored), (int) VARSIZE_ANY_EXHDR(stored));
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

/* A window that has a fixed length; NULL is none. */
static int64
window_argument(FunctionCallInfo fcinfo, int i)
{
	Interval *interval;
	int64 days;
	int64 within;

	if (PG_ARGISNULL(i))
		return CSM_UNBOUNDED;
	interval = PG_GETARG_INTERVAL_P(i);
	if (interval->month != 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the window of a funnel must not be in months, which have no fixed "
							   "length"),
						errhint("Say it in days, as in '30 days'.")));
	if (pg_mul_s64_overflow(interval->day, USECS_PER_DAY, &days) ||
		pg_add_s64_overflow(days, interval->time, &within) || within == CSM_UNBOUNDED)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the window of a funnel is out of range")));
	if (within < 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the window of a funnel is negative")));
	return within;
}

/* (steps, within): each step is one name, as it is. */
PG_FUNCTION_INFO_V1(csm_funnel_of);
Datum
csm_funnel_of(PG_FUNCTION_ARGS)
{
	StringInfoData buffer;
	Datum *items;
	bool *nulls;
	int count;
	int64 within = window_argument(fcinfo, 1);

	csm_check_argument_not_null(fcinfo, 0, "steps");
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), TEXTOID, -1, false, TYPALIGN_INT, &items, &nulls,
					  &count);
	if (count == 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a funnel must have at least one step")));
	initStringInfo(&buffer);
	for (int i = 0; i < count; i++)
	{
		text *name;

		if (nulls[i])
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
							errmsg("step %d of a funnel must not be NULL", i + 1)));
		if (i > 0)
			appendStringInfoString(&buffer, " > ");
		name = DatumGetTextPP(items[i]);
		csm_name_append(&buffer, VARDATA_ANY(name), (int) VARSIZE_ANY_EXHDR(name));
	}
	if (within != CSM_UNBOUNDED)
	{
		appendStringInfoString(&buffer, " within");
		csm_within_append(&buffer, within);
	}
	return funnel_result(csm_funnel_from_text(buffer.data, buffer.len, NULL));
}

static ArrayType *
labels_of(const csm_funnel *f)
{
	Datum items[CSM_FUNNEL_STEPS_MAX];

	for (int i = 0; i < f->steps; i++)
		items[i] = CStringGetTextDatum(f->step[i].label);
	return construct_array(items, f->steps, TEXTOID, -1, false, TYPALIGN_INT);
}

PG_FUNCTION_INFO_V1(csm_funnel_labels);
Datum
csm_funnel_labels(PG_FUNCTION_ARGS)
{
	PG_RETURN_ARRAYTYPE_P(labels_of(csm_funnel_argument(fcinfo, 0)));
}

/*
 * One account
 */

/* The names of a history as the funnel numbers them. */
uint32 *
csm_funnel_numbers(const csm_funnel *f, const csm_usage_reader *reader)
{
	uint32 *numbers = palloc((reader->names + 1) * sizeof(uint32));
	const unsigned char *next = reader->names_start;

	for (int i = 0; i < reader->names; i++)
	{
		numbers[i] = csm_funnel_find(f, (const char *) next + 1, *next);
		next += 1 + *next;
	}
	return numbers;
}

/* Goes over the events of a history. */
void
csm_funnel_run_history(csm_funnel_run *run, const csm_funnel *f, const csm_usage_history *h)
{
	bool wants_others = csm_funnel_wants_others(f);
	csm_funnel_event events[EVENTS_AT_A_TIME];
	int count = 0;
	csm_usage_reader reader;
	uint32 *numbers;
	TimestampTz at;
	uint32 name;

	csm_usage_reader_init(&reader, h);
	numbers = csm_funnel_numbers(f, &reader);
	while (csm_usage_next(&reader, &at, &name))
	{
		events[count].at = at;
		events[count].name = numbers[name];
		count += numbers[name] != 0 || wants_others;
		if (unlikely(count == EVENTS_AT_A_TIME))
		{
			csm_funnel_run_events(run, events, count);
			count = 0;
		}
	}
	csm_funnel_run_events(run, events, count);
	csm_funnel_run_end(run);
	pfree(numbers);
}

static void
note_level(void *argument, const csm_chain *chain)
{
	int *level = argument;

	*level = Max(*level, chain->level);
}

PG_FUNCTION_INFO_V1(csm_funnel_furthest);
Datum
csm_funnel_furthest(PG_FUNCTION_ARGS)
{
	const csm_funnel *f = csm_funnel_argument(fcinfo, 1);
	int level = 0;

	csm_funnel_run_history(csm_funnel_run_new(f, DT_NOEND, note_level, &level), f,
						   csm_usage_argument(fcinfo, 0));
	PG_RETURN_INT32(level);
}

typedef struct csm_chain_rows
{
	csm_rows rows;
	const csm_funnel *f;
	const csm_usage_history *h;
	int entry;
} csm_chain_rows;

/* The label of the step that is taken i-th; in any order that is another one each time. */
static const char *
label_at(const csm_chain_rows *out, const csm_chain *chain, int i, uint32 *taken)
{
	csm_usage_reader reader;
	uint32 *numbers;
	TimestampTz at;
	uint32 name;

	if (!out->f->any_order)
		return out->f->step[i].label;
	csm_usage_reader_init(&reader, out->h);
	numbers = csm_funnel_numbers(out->f, &reader);
	while (csm_usage_next(&reader, &at, &name))
	{
		int step = out->f->name[numbers[name]].step_class;

		if (at != chain->times[i] || step < 0 || (*taken >> step & 1) != 0)
			continue;
		*taken |= (uint32) 1 << step;
		return out->f->step[step].label;
	}
	return "";
}

static void
put_chain(void *argument, const csm_chain *chain)
{
	csm_chain_rows *out = argument;
	uint32 taken = 0;

	/* only what a row leaves behind is emptied after it, not what the run needs */
	csm_scratch_enter(&out->rows.scratch);
	out->entry++;
	for (int i = 0; i < chain->level; i++)
	{
		Datum values[4];
		bool nulls[4] = {false};

		values[0] = Int32GetDatum(out->entry);
		values[1] = Int32GetDatum(i + 1);
		values[2] = CStringGetTextDatum(label_at(out, chain, i, &taken));
		values[3] = TimestampTzGetDatum(chain->times[i]);
		csm_rows_put(&out->rows, values, nulls);
	}
	MemoryContextSwitchTo(out->rows.scratch.keep);
}

PG_FUNCTION_INFO_V1(csm_funnel_chain);
Datum
csm_funnel_chain(PG_FUNCTION_ARGS)
{
	csm_chain_rows out;
	csm_funnel_run *run;

	out.f = csm_funnel_argument(fcinfo, 1);
	out.h = csm_usage_argument(fcinfo, 0);
	out.entry = 0;
	run = csm_funnel_run_new(out.f, DT_NOEND, put_chain, &out);
	out.rows = csm_rows_start(fcinfo);
	MemoryContextSwitchTo(out.rows.scratch.keep);
	csm_funnel_run_history(run, out.f, out.h);
	return csm_rows_end(&out.rows);
}

/*
 * Comparison
 */

static int
compare_arguments(FunctionCallInfo fcinfo)
{
	text *a = PG_GETARG_TEXT_PP(0);
	text *b = PG_GETARG_TEXT_PP(1);
	Size a_size = VARSIZE_ANY_EXHDR(a);
	Size b_size = VARSIZE_ANY_EXHDR(b);
	int order = memcmp(VARDATA_ANY(a), VARDATA_ANY(b), Min(a_size, b_size));

	if (order == 0 && a_size != b_size)
		order = a_size < b_size ? -1 : 1;
	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	return order;
}

static uint64
hash_argument(FunctionCallInfo fcinfo, uint64 seed)
{
	text *stored = PG_GETARG_TEXT_PP(0);
	uint64 hash = hash_bytes_extended((const unsigned char *) VARDATA_ANY(stored),
									  (int) VARSIZE_ANY_EXHDR(stored), seed);

	PG_FREE_IF_COPY(stored, 0);
	return hash;
}

CSM_COMPARISON(csm_funnel_steps, compare_arguments, hash_argument)
