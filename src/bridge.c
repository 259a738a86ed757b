/*
 * bridge.c
 *		Arithmetic of bridge_state; bridge.h says what it holds.
 */
#include "base/port.h"

#include "bridge.h"

bool
csm_bridge_is_trailing(const csm_bridge_bounds *bounds)
{
	return bounds->span.months != 0 || bounds->span.days != 0;
}

bool
csm_bridge_bounds_are_valid(const csm_bridge_bounds *bounds)
{
	return csm_period_is_valid(bounds->from, bounds->to) && csm_step_is_valid(bounds->step) &&
		   (!csm_bridge_is_trailing(bounds) || csm_step_is_valid(bounds->span));
}

/* How many intervals valid bounds have. */
int64
csm_bridge_length(const csm_bridge_bounds *bounds)
{
	return csm_whole_steps(bounds->from, bounds->to, bounds->step) + csm_bridge_is_trailing(bounds);
}

static void
period_of(const csm_bridge_bounds *bounds, int64 k, int32 *from, int32 *to)
{
	if (csm_bridge_is_trailing(bounds))
	{
		*to = csm_step_from(bounds->from, bounds->step, k);
		*from = csm_step_from(*to, bounds->span, -1);
	}
	else
	{
		*from = csm_step_from(bounds->from, bounds->step, k);
		*to = csm_step_from(bounds->from, bounds->step, k + 1);
	}
}

/* Refuses too many intervals, and those that leave the calendar. */
void
csm_bridge_check_bounds(const csm_bridge_bounds *bounds)
{
	int32 from;
	int32 to;
	char text[CSM_PERIOD_TEXT_SIZE];

	csm_check_bounds(bounds->from, bounds->to);
	csm_check_interval_count(csm_bridge_length(bounds), bounds->step);
	csm_note_left_out_day(bounds->from, bounds->to, bounds->step);
	period_of(bounds, 0, &from, &to);
	if (csm_bridge_length(bounds) > 0 && !csm_period_is_valid(from, to))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the trailing window %s starts before the first date there is",
							   csm_period_to_text(from, to, text)),
						errhint("Use a later from_date or a shorter span.")));
}

/* An empty state at rest for bounds that have been checked. */
csm_bridge *
csm_bridge_new(const csm_bridge_bounds *bounds)
{
	int64 count = csm_bridge_length(bounds);
	csm_bridge *b = palloc0(CSM_BRIDGE_SIZE(count));

	SET_VARSIZE(b, CSM_BRIDGE_SIZE(count));
	b->version = CSM_BRIDGE_VERSION;
	b->bounds = *bounds;
	b->count = count;
	for (int64 k = 0; k < count; k++)
	{
		csm_retention_summary *r = csm_bridge_interval(b, k);

		SET_VARSIZE(r, CSM_RETENTION_STATE_SIZE);
		r->version = CSM_RETENTION_VERSION;
		r->flags = CSM_RETENTION_HAS_PERIOD;
		period_of(bounds, k, &r->period_from, &r->period_to);
	}
	return b;
}

/*
 * Filling
 */

/* The run of intervals in a state that is filled. */
static inline csm_bridge_run
view_run(csm_bridge *b)
{
	csm_bridge_run run;

	memset(&run, 0, sizeof(run));
	run.count = run.room = (int) b->count;
	run.scale = b->scale;
	run.intervals = b->intervals;
	run.unchanged = (csm_unchanged *) (b->intervals + b->count * CSM_RETENTION_STATE_SIZE);
	run.listed = (int64 *) (run.unchanged + b->count + 1);
	run.per_unit = (uint64) run.listed[b->count];
	run.units = (int32 *) (run.listed + b->count + 1);
	run.multiple = csm_bridge_is_trailing(&b->bounds) ? 0 : b->bounds.step.days;
	run.first_unit = b->bounds.from - 1;
	return run;
}

/* The days before the starts of trailing windows; those before their ends are units[]. */
static inline int32 *
days_before_starts(const csm_bridge_run *run)
{
	return run->units + run->count + 1;
}

/* The same state with what filling needs after its intervals. */
static csm_bridge *
start_filling(const csm_bridge *at_rest)
{
	int64 count = at_rest->count;
	csm_bridge *b = palloc0(CSM_BRIDGE_FILLING_SIZE(count));
	csm_bridge_run run;

	memcpy(b, at_rest, CSM_BRIDGE_SIZE(count));
	SET_VARSIZE(b, CSM_BRIDGE_FILLING_SIZE(count));
	b->form = CSM_BRIDGE_FILLING;
	run = view_run(b);
	for (int64 k = 0; k < count; k++)
	{
		const csm_retention_summary *r = csm_bridge_interval(b, k);

		if (csm_bridge_is_trailing(&b->bounds))
		{
			days_before_starts(&run)[k] = r->period_from - 1;
			run.units[k] = r->period_to - 1;
		}
		else
		{
			run.units[k] = r->period_from - 1;
			run.units[k + 1] = r->period_to - 1;
		}
	}
	run.listed[count] =
		(int64) csm_days_per_day(run.units, (int) count + !csm_bridge_is_trailing(&b->bounds));
	return b;
}

/* A state without anything after its intervals: the same one, or a copy. */
csm_bridge *
csm_bridge_at_rest(csm_bridge *b)
{
	csm_bridge *copy;
	csm_bridge_run run;

	if (b->form == CSM_BRIDGE_AT_REST)
		return b;
	copy = palloc(VARSIZE(b));
	memcpy(copy, b, VARSIZE(b));
	run = view_run(copy);
	csm_run_add_up_unchanged(&run);
	copy->form = CSM_BRIDGE_AT_REST;
	SET_VARSIZE(copy, CSM_BRIDGE_SIZE(b->count));
	return copy;
}

/* Brings all intervals to a larger scale. */
static void
rescale(csm_bridge *b, int scale)
{
	csm_bridge_run run = view_run(b);

	if (b->form == CSM_BRIDGE_FILLING)
		csm_run_add_up_unchanged(&run);
	for (int64 k = 0; k < b->count; k++)
		csm_retention_rescale(csm_bridge_interval(b, k), scale);
	b->scale = scale;
}

/* Brings all intervals to this scale unless theirs is larger. */
void
csm_bridge_raise_scale(csm_bridge *b, int scale)
{
	if (scale > b->scale)
		rescale(b, scale);
}

/* The first value decides on the currency. */
void
csm_bridge_set_currency(csm_bridge *b, const char *currency)
{
	memcpy(b->currency, currency, CSM_CURRENCY_SIZE);
	for (int64 k = 0; k < b->count; k++)
		memcpy(csm_bridge_interval(b, k)->currency, currency, CSM_CURRENCY_SIZE);
}

static inline int128
amount_of_step(const csm_history *h, int i, int places)
{
	return likely(places == 0) ? h->steps[i].amount
							   : csm_decimal_rescale(h->steps[i].amount, places);
}

/* Leads an account past the boundaries of a bridge. */
static void
add_to_bridge(csm_bridge_run *run, const csm_history *h, int places)
{
	csm_bridge_cursor cursor;

	memset(&cursor, 0, sizeof(cursor));
	cursor.next = csm_run_boundary(run, h->steps[0].day);
	for (int i = 0; i < h->count && cursor.next <= run->count; i++)
	{
		int until = i + 1 < h->count ? csm_run_boundary(run, h->steps[i + 1].day) : run->count + 1;
		int128 amount = amount_of_step(h, i, places);

		if (unlikely(amount < 0) && cursor.next < until)
			csm_history_negative_error(h, csm_run_unit(run, cursor.next), h->steps[i].amount);
		csm_run_pass(run, &cursor, until, amount);
	}
	csm_run_end(run, &cursor);
}

/* Where a walk over the starts or the ends of trailing windows is. */
typedef struct edge_walk
{
	const int32 *days; /* before those edges */
	int step;          /* of the history, that holds on them; -1 before the first */
	int until;         /* the first window at whose edge another one holds */
	int128 amount;
} edge_walk;

/* Goes on to the step that holds at the edge of window k. */
static void
walk_to_window(edge_walk *walk, const csm_bridge_run *run, const csm_history *h, int k, int places)
{
	if (walk->until > k)
		return;
	while (walk->step + 1 < h->count && h->steps[walk->step + 1].day <= walk->days[k])
		walk->step++;
	walk->until = walk->step + 1 < h->count
					  ? csm_first_after(walk->days, run->count, run->per_unit,
										(int64) h->steps[walk->step + 1].day - 1)
					  : run->count;
	walk->amount = walk->step < 0 ? 0 : amount_of_step(h, walk->step, places);
	if (unlikely(walk->amount < 0))
		csm_history_negative_error(h, walk->days[k], h->steps[walk->step].amount);
}

/* Adds an account to trailing windows: window by window only where it changes in them. */
static void
add_to_windows(csm_bridge_run *run, const csm_history *h, int places)
{
	edge_walk starts = {.days = days_before_starts(run), .step = -1};
	edge_walk ends = {.days = run->units, .step = -1};
	int32 first_active = csm_history_first_active(h);
	int k = csm_first_after(ends.days, run->count, run->per_unit, (int64) h->steps[0].day - 1);

	while (k < run->count)
	{
		int until;

		walk_to_window(&starts, run, h, k, places);
		walk_to_window(&ends, run, h, k, places);
		until = Min(starts.until, ends.until);
		if (starts.amount == ends.amount)
			csm_run_add_unchanged(run, k, until, starts.amount);
		else
			for (int j = k; j < until; j++)
				csm_retention_add_account(csm_run_interval(run, j), starts.amount, ends.amount,
										  first_active <= starts.days[j]);
		k = until;
	}
}

/* Adds an account to a state, or to the larger one that it returns. */
csm_bridge *
csm_bridge_add(csm_bridge *b, const csm_history *h)
{
	csm_bridge_run run;

	csm_currency_check_same(b->currency, h->currency);
	if (b->form == CSM_BRIDGE_AT_REST)
		b = start_filling(b);
	if (h->scale > b->scale)
		rescale(b, h->scale);
	if (h->count == 0 || b->count == 0)
		return b;
	run = view_run(b);
	if (csm_bridge_is_trailing(&b->bounds))
		add_to_windows(&run, h, b->scale - h->scale);
	else
		add_to_bridge(&run, h, b->scale - h->scale);
	return b;
}

static void
check_same_bounds(const csm_bridge_bounds *a, const csm_bridge_bounds *b)
{
	if (a->from != b->from || a->to != b->to || !csm_step_is_same(a->step, b->step) ||
		!csm_step_is_same(a->span, b->span))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("bounds, step or span vary between rows"),
						errhint("Pass constants, or group by them.")));
}

/* Adds a state to another one in place. */
void
csm_bridge_merge(csm_bridge *into, csm_bridge *from)
{
	from = csm_bridge_at_rest(from);
	check_same_bounds(&into->bounds, &from->bounds);
	csm_currency_check_same(into->currency, from->currency);
	if (from->scale > into->scale)
		rescale(into, from->scale);
	for (int64 k = 0; k < into->count; k++)
		csm_retention_merge(csm_bridge_interval(into, k), csm_bridge_interval(from, k));
}

/*
 * Wire
 */

/* Is a summary, valid as such, what belongs at this place of the run? */
static const char *
problem_with_place(const csm_bridge *b, int64 k, const csm_retention_summary *r)
{
	int32 from;
	int32 to;

	period_of(&b->bounds, k, &from, &to);
	if (!csm_retention_has_period(r) || r->period_from != from || r->period_to != to)
		return "an interval has another period than its place in the run";
	if (memcmp(r->currency, b->currency, CSM_CURRENCY_SIZE) != 0)
		return "an interval is in another currency";
	if (r->scale != b->scale)
		return "an interval has another scale than the whole";
	return NULL;
}

/* Puts in an interval that came from outside and is valid; says what is wrong with it. */
const char *
csm_bridge_set(csm_bridge *b, int64 k, const csm_retention_summary *r)
{
	csm_retention_summary *interval = csm_bridge_interval(b, k);
	const char *problem = problem_with_place(b, k, r);

	if (problem != NULL)
		return problem;
	memcpy(interval, r, CSM_RETENTION_SIZE(r->largest_count));
	SET_VARSIZE(interval, CSM_RETENTION_STATE_SIZE);
	return NULL;
}

int
csm_bridge_binary_size(const csm_bridge *b)
{
	Size size = CSM_BRIDGE_BINARY_SIZE;

	for (int64 k = 0; k < b->count; k++)
		size += 4 + CSM_RETENTION_BINARY_SIZE(csm_bridge_interval(b, k)->largest_count);
	return (int) size;
}

/* Big-endian; each interval follows the number of its bytes. */
void
csm_bridge_write(csm_writer *writer, const csm_bridge *b)
{
	csm_write_integer(writer, b->version, 1);
	csm_write_integer(writer, b->scale, 1);
	csm_write_integer(writer, (uint32) b->bounds.from, 4);
	csm_write_integer(writer, (uint32) b->bounds.to, 4);
	csm_write_integer(writer, (uint32) b->bounds.step.months, 4);
	csm_write_integer(writer, (uint32) b->bounds.step.days, 4);
	csm_write_integer(writer, (uint32) b->bounds.span.months, 4);
	csm_write_integer(writer, (uint32) b->bounds.span.days, 4);
	csm_write_bytes(writer, b->currency, CSM_CURRENCY_SIZE);
	csm_write_integer(writer, (uint32) b->count, 4);
	for (int64 k = 0; k < b->count; k++)
	{
		const csm_retention_summary *r = csm_bridge_interval(b, k);

		csm_write_integer(writer, CSM_RETENTION_BINARY_SIZE(r->largest_count), 4);
		csm_retention_write(writer, r);
	}
}

static const char *
problem_with_header(const csm_bridge *header)
{
	if (header->version != CSM_BRIDGE_VERSION)
		return "unknown format version";
	if (header->scale > CSM_DECIMAL_DIGITS)
		return "scale out of range";
	if (!csm_currency_field_is_valid(header->currency))
		return "malformed currency code";
	if (!csm_bridge_bounds_are_valid(&header->bounds))
		return "malformed bounds, step or span";
	if (header->count != csm_bridge_length(&header->bounds) || header->count > CSM_INTERVALS_MAX)
		return "the number of intervals is wrong";
	return NULL;
}

/* Says what is wrong with a value, NULL when nothing is. */
const char *
csm_bridge_problem(const csm_bridge *b)
{
	const char *problem = problem_with_header(b);

	for (int64 k = 0; problem == NULL && k < b->count; k++)
	{
		problem = csm_retention_problem(csm_bridge_interval(b, k));
		if (problem == NULL)
			problem = problem_with_place(b, k, csm_bridge_interval(b, k));
	}
	return problem;
}

/* An empty state for a header that came from outside, or what is wrong with that. */
csm_bridge *
csm_bridge_from_header(const csm_bridge *header, const char **problem)
{
	csm_bridge *b;

	*problem = problem_with_header(header);
	if (*problem != NULL)
		return NULL;
	b = csm_bridge_new(&header->bounds);
	csm_bridge_set_currency(b, header->currency);
	b->scale = header->scale;
	return b;
}

static const char *
read_interval(csm_reader *reader, csm_bridge *b, int64 k)
{
	csm_reader part = *reader;
	uint64 size = csm_read_integer(&part, 4);
	csm_retention_summary *r;
	const char *problem;

	if (part.failed || size > (uint64) (part.end - part.next))
		return "it is too short";
	part.end = part.next + size;
	reader->next = part.end;
	r = csm_retention_read(&part, &problem);
	return problem != NULL ? problem : csm_bridge_set(b, k, r);
}

/* Reads and validates; the memory taken is bounded by the bytes that are there. */
csm_bridge *
csm_bridge_read(csm_reader *reader, const char **problem)
{
	csm_bridge header;
	csm_bridge *b;

	memset(&header, 0, sizeof(header));
	header.version = csm_read_integer(reader, 1);
	header.scale = csm_read_integer(reader, 1);
	header.bounds.from = (int32) csm_read_integer(reader, 4);
	header.bounds.to = (int32) csm_read_integer(reader, 4);
	header.bounds.step.months = (int32) csm_read_integer(reader, 4);
	header.bounds.step.days = (int32) csm_read_integer(reader, 4);
	header.bounds.span.months = (int32) csm_read_integer(reader, 4);
	header.bounds.span.days = (int32) csm_read_integer(reader, 4);
	csm_read_bytes(reader, header.currency, CSM_CURRENCY_SIZE);
	header.count = (int64) csm_read_integer(reader, 4);
	if (reader->failed ||
		header.count * CSM_RETENTION_BINARY_SIZE(0) > (int64) (reader->end - reader->next))
	{
		*problem = "it is too short";
		return NULL;
	}
	b = csm_bridge_from_header(&header, problem);
	for (int64 k = 0; *problem == NULL && k < b->count; k++)
		*problem = read_interval(reader, b, k);
	if (*problem == NULL && reader->next != reader->end)
		*problem = "there are bytes left over";
	return b;
}
