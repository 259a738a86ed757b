/*
 * bridge.c
 *		Arithmetic of bridge_state; bridge.h says what it holds.
 */
#include "base/port.h"

#include "bridge.h"

bool
csm_bridge_is_trailing(const csm_bridge_run *run)
{
	return run->span.months != 0 || run->span.days != 0;
}

bool
csm_bridge_run_is_valid(const csm_bridge_run *run)
{
	return csm_period_is_valid(run->from, run->to) && csm_step_is_valid(run->step) &&
		   (!csm_bridge_is_trailing(run) || csm_step_is_valid(run->span));
}

/* How many intervals a valid run has. */
int64
csm_bridge_length(const csm_bridge_run *run)
{
	return csm_whole_steps(run->from, run->to, run->step) + csm_bridge_is_trailing(run);
}

static void
period_of(const csm_bridge_run *run, int64 k, int32 *from, int32 *to)
{
	if (csm_bridge_is_trailing(run))
	{
		*to = csm_step_from(run->from, run->step, k);
		*from = csm_step_from(*to, run->span, -1);
	}
	else
	{
		*from = csm_step_from(run->from, run->step, k);
		*to = csm_step_from(run->from, run->step, k + 1);
	}
}

/* Refuses a run of too many intervals, or one that leaves the calendar. */
void
csm_bridge_check_run(const csm_bridge_run *run)
{
	int32 from;
	int32 to;
	char text[CSM_PERIOD_TEXT_SIZE];

	csm_check_bounds(run->from, run->to);
	csm_check_interval_count(csm_bridge_length(run), run->step);
	csm_note_left_out_day(run->from, run->to, run->step);
	period_of(run, 0, &from, &to);
	if (csm_bridge_length(run) > 0 && !csm_period_is_valid(from, to))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the trailing window %s starts before the first date there is",
							   csm_period_to_text(from, to, text)),
						errhint("Use a later from_date or a shorter span.")));
}

/* An empty state for a run that has been checked. */
csm_bridge *
csm_bridge_new(const csm_bridge_run *run)
{
	int64 count = csm_bridge_length(run);
	csm_bridge *b = palloc0(CSM_BRIDGE_SIZE(count));

	SET_VARSIZE(b, CSM_BRIDGE_SIZE(count));
	b->version = CSM_BRIDGE_VERSION;
	b->run = *run;
	b->count = count;
	for (int64 k = 0; k < count; k++)
	{
		csm_retention_summary *r = csm_bridge_interval(b, k);

		SET_VARSIZE(r, CSM_RETENTION_STATE_SIZE);
		r->version = CSM_RETENTION_VERSION;
		r->flags = CSM_RETENTION_HAS_PERIOD;
		period_of(run, k, &r->period_from, &r->period_to);
	}
	return b;
}

/* Brings all intervals to a larger scale. */
static void
rescale(csm_bridge *b, int scale)
{
	for (int64 k = 0; k < b->count; k++)
		csm_retention_rescale(csm_bridge_interval(b, k), scale);
	b->scale = scale;
}

/* The first value decides on the currency. */
void
csm_bridge_set_currency(csm_bridge *b, const char *currency)
{
	memcpy(b->currency, currency, CSM_CURRENCY_SIZE);
	for (int64 k = 0; k < b->count; k++)
		memcpy(csm_bridge_interval(b, k)->currency, currency, CSM_CURRENCY_SIZE);
}

/* The first interval that ends after a day. */
static int64
first_interval_after(const csm_bridge *b, int32 day)
{
	int64 low = 0;
	int64 high = b->count;

	while (low < high)
	{
		int64 middle = (low + high) / 2;

		if (csm_bridge_interval(b, middle)->period_to > day)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* The amount on the day before, with more decimal places. */
static inline int128
amount_before(csm_history_walk *walk, int32 day, int places)
{
	int128 amount = csm_history_figure(walk, day - 1);

	return likely(places == 0) ? amount : csm_decimal_rescale(amount, places);
}

/*
 * Adds an account.  A walk through its history follows the ends of the intervals, from the
 * first one in which there is an amount to the last one.  In a bridge each interval starts
 * where the one before ended; trailing windows take a second walk for their starts.
 */
void
csm_bridge_add(csm_bridge *b, const csm_history *h)
{
	bool is_trailing = csm_bridge_is_trailing(&b->run);
	csm_history_walk starts = {h, 0};
	csm_history_walk ends = {h, 0};
	const csm_history_walk *behind = is_trailing ? &starts : &ends;
	int32 first_active = csm_history_first_active(h);
	int128 ending;
	int places;
	int64 k;

	csm_currency_check_same(b->currency, h->currency);
	if (h->scale > b->scale)
		rescale(b, h->scale);
	places = b->scale - h->scale;
	if (h->count == 0)
		return;
	k = first_interval_after(b, h->steps[0].day);
	ending =
		k < b->count ? amount_before(&ends, csm_bridge_interval(b, k)->period_from, places) : 0;
	for (; k < b->count; k++)
	{
		csm_retention_summary *r = csm_bridge_interval(b, k);
		int128 starting = is_trailing ? amount_before(&starts, r->period_from, places) : ending;

		ending = amount_before(&ends, r->period_to, places);
		if (starting != 0 || ending != 0)
			csm_retention_add_account(r, starting, ending, first_active < r->period_from);
		else if (behind->next == h->count)
			break;
	}
}

static void
check_same_run(const csm_bridge_run *a, const csm_bridge_run *b)
{
	if (a->from != b->from || a->to != b->to || !csm_step_is_same(a->step, b->step) ||
		!csm_step_is_same(a->span, b->span))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("bounds, step or span vary between rows"),
						errhint("Pass constants, or group by them.")));
}

void
csm_bridge_merge(csm_bridge *into, const csm_bridge *from)
{
	check_same_run(&into->run, &from->run);
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

	period_of(&b->run, k, &from, &to);
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
	csm_write_integer(writer, (uint32) b->run.from, 4);
	csm_write_integer(writer, (uint32) b->run.to, 4);
	csm_write_integer(writer, (uint32) b->run.step.months, 4);
	csm_write_integer(writer, (uint32) b->run.step.days, 4);
	csm_write_integer(writer, (uint32) b->run.span.months, 4);
	csm_write_integer(writer, (uint32) b->run.span.days, 4);
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
	if (!csm_bridge_run_is_valid(&header->run))
		return "malformed bounds, step or span";
	if (header->count != csm_bridge_length(&header->run) || header->count > CSM_INTERVALS_MAX)
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
	b = csm_bridge_new(&header->run);
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
	header.run.from = (int32) csm_read_integer(reader, 4);
	header.run.to = (int32) csm_read_integer(reader, 4);
	header.run.step.months = (int32) csm_read_integer(reader, 4);
	header.run.step.days = (int32) csm_read_integer(reader, 4);
	header.run.span.months = (int32) csm_read_integer(reader, 4);
	header.run.span.days = (int32) csm_read_integer(reader, 4);
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
