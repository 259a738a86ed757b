/*
 * cohorts.c
 *		Arithmetic of cohort_matrix; cohorts.h says what it holds.
 */
#include "base/port.h"

#include "cohorts.h"

void
csm_cohorts_check_count(int64 periods, int most)
{
	if (periods > most)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a cohort matrix cannot have %lld periods, the most is %d",
						(long long) periods, most),
				 errhint("Use a longer step, closer bounds, or leave out rows with stray dates.")));
}

/* Are the periods calendar units, from the first that has a row to the last? */
static inline bool
has_calendar_units(int flags)
{
	return (flags & (CSM_COHORTS_EVENTS | CSM_COHORTS_BOUNDED)) == CSM_COHORTS_EVENTS;
}

/* Boundaries of the periods, by the step or by the calendar. */
static int32
bound_of(const csm_cohorts *m, int64 k)
{
	if (has_calendar_units(m->flags))
		return csm_unit_start((int32) (csm_unit_index(m->from, m->step) + k), m->step);
	return csm_step_from(m->from, m->step, k);
}

static int64
periods_between(int32 from, int32 to, csm_step step, int flags)
{
	if (has_calendar_units(flags))
		return (int64) csm_unit_index(to - 1, step) - csm_unit_index(from, step) + 1;
	return csm_whole_steps(from, to, step);
}

/* The days that count in a spacious state, [0] up to [1]. */
static inline int32 *
counting_days(const csm_cohorts *m)
{
	return csm_cohorts_bounds(m) + m->periods + 1;
}

/* Bytes from the boundaries on. */
static Size
size_of_bounds(int64 periods, int form)
{
	return (periods + (form == CSM_COHORTS_SPACIOUS ? 3 : 1)) * sizeof(int32);
}

static Size
size_of_matrix(int64 periods, int flags, int form)
{
	Size cell = sizeof(csm_cohort_cell);

	if (flags & CSM_COHORTS_LAST_ACTIVE)
		cell += sizeof(int64);
	return MAXALIGN(offsetof(csm_cohorts, accounts) + periods * sizeof(int64) +
					CSM_COHORTS_CELLS(periods) * cell + size_of_bounds(periods, form));
}

static csm_cohorts *
new_matrix(int32 from, int32 to, csm_step step, int flags, int form)
{
	int64 periods = periods_between(from, to, step, flags);
	Size size;
	csm_cohorts *m;

	Assert(periods <= CSM_COHORTS_MAX);
	if (periods == 0)
		flags &= ~CSM_COHORTS_LAST_ACTIVE;
	size = size_of_matrix(periods, flags, form);
	m = palloc0(size);
	SET_VARSIZE(m, size);
	m->version = CSM_COHORTS_VERSION;
	m->flags = flags;
	m->form = form;
	m->from = from;
	m->to = to;
	m->step = step;
	m->periods = periods;
	for (int64 k = 0; k <= periods; k++)
		csm_cohorts_bounds(m)[k] = bound_of(m, k);
	return m;
}

/* An empty matrix over bounds and a number of periods that have been checked. */
csm_cohorts *
csm_cohorts_new(int32 from, int32 to, csm_step step, int flags)
{
	return new_matrix(from, to, step, flags, CSM_COHORTS_AT_REST);
}

/* Brings all revenue to a larger scale. */
void
csm_cohorts_rescale(csm_cohorts *m, int scale)
{
	csm_cohort_cell *end = csm_cohorts_cells(m, m->periods);

	for (csm_cohort_cell *cell = csm_cohorts_cells(m, 0); cell < end; cell++)
		cell->revenue = csm_decimal_rescale(cell->revenue, scale - m->scale);
	m->scale = scale;
}

/* Makes it a matrix that does not know who was active for the last time, where it is. */
void
csm_cohorts_forget_last_active(csm_cohorts *m)
{
	const int32 *bounds = csm_cohorts_bounds(m);
	Size size = size_of_bounds(m->periods, m->form);

	if (!csm_cohorts_have_last_active(m))
		return;
	m->flags &= ~CSM_COHORTS_LAST_ACTIVE;
	memmove(csm_cohorts_bounds(m), bounds, size);
	SET_VARSIZE(m, size_of_matrix(m->periods, m->flags, m->form));
	memset((char *) csm_cohorts_bounds(m) + size, 0,
		   (char *) m + VARSIZE(m) - ((char *) csm_cohorts_bounds(m) + size));
}

/* The period that contains a day, -1 or m->periods when none does. */
int64
csm_cohorts_period_of(const csm_cohorts *m, int32 day)
{
	const int32 *bounds = csm_cohorts_bounds(m);
	int count = (int) m->periods + 1;

	return csm_first_after(bounds, count, csm_days_per_day(bounds, count), day) - 1;
}

/*
 * Adds an account by its history, one stretch of the same amount after the other: the periods
 * that end in it.
 */
void
csm_cohorts_add_history(csm_cohorts *m, const csm_history *h)
{
	csm_history_walk walk = {h, 0};
	const int32 *ends = csm_cohorts_bounds(m) + 1;
	int periods = (int) m->periods;
	uint64 per_day = csm_days_per_day(ends, periods);
	int64 cohort = csm_cohorts_period_of(m, csm_history_first_active(h));
	int last_active = -1;
	int until;

	csm_currency_check_same(m->currency, h->currency);
	if (h->scale > m->scale)
		csm_cohorts_rescale(m, h->scale);
	if (cohort < 0 || cohort >= periods)
		return;
	m->accounts[cohort]++;
	for (int k = (int) cohort; k < periods; k = until)
	{
		int128 amount = csm_history_figure(&walk, ends[k] - 1);

		until = walk.next < h->count
					? csm_first_after(ends, periods, per_day, h->steps[walk.next].day)
					: periods;
		if (amount == 0)
			continue;
		amount = csm_decimal_rescale(amount, m->scale - h->scale);
		for (int64 age = k - cohort; age < until - cohort; age++)
			csm_cohorts_add_to_cell(m, cohort, age, amount);
		if (until > k)
			last_active = until - 1;
	}
	if (last_active >= 0)
		csm_cohorts_add_last_active(m, cohort, last_active - cohort);
}

static void
check_mergeable(const csm_cohorts *a, const csm_cohorts *b)
{
	bool same_kind = csm_cohorts_kind(a) == csm_cohorts_kind(b);
	bool same_bounds = a->from == b->from && a->to == b->to;

	csm_currency_check_same(a->currency, b->currency);
	if (!same_kind)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cohorts of different kinds cannot be added up"),
				 errhint("Of histories, of events without bounds, of events within bounds, and "
						 "of events with a cohort date each add up among themselves.")));
	if (!csm_step_is_same(a->step, b->step) || (!same_bounds && !has_calendar_units(a->flags)))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("cohorts over different bounds or steps cannot be added up"),
						errhint("Give every group the same from_date, to_date and step.")));
}

static void
add_last_active(int64 *target, const int64 *source, int64 ages)
{
	for (int64 k = 0; target != NULL && k < ages; k++)
		csm_count_add(&target[k], source[k]);
}

/*
 * Adds a matrix to one that covers its periods, has its scale or a larger one, and knows no more
 * of last activity.
 */
static void
add_matrix(csm_cohorts *into, const csm_cohorts *from)
{
	int64 offset = csm_cohorts_period_of(into, from->from);

	for (int64 i = 0; i < from->periods; i++)
	{
		const csm_cohort_cell *source = csm_cohorts_cells(from, i);
		csm_cohort_cell *target = csm_cohorts_cells(into, i + offset);

		csm_count_add(&into->accounts[i + offset], from->accounts[i]);
		for (int64 k = 0; k < from->periods - i; k++)
		{
			csm_count_add(&target[k].active, source[k].active);
			target[k].revenue =
				csm_decimal_add(target[k].revenue,
								csm_decimal_rescale(source[k].revenue, into->scale - from->scale));
		}
		add_last_active(csm_cohorts_last_active(into, i + offset), csm_cohorts_last_active(from, i),
						from->periods - i);
	}
}

/* A matrix without spare periods: the same one, or a copy. */
csm_cohorts *
csm_cohorts_at_rest(csm_cohorts *m)
{
	csm_cohorts *result;
	int64 offset;

	if (m->form == CSM_COHORTS_AT_REST)
		return m;
	result = csm_cohorts_new(counting_days(m)[0], counting_days(m)[1], m->step, m->flags);
	memcpy(result->currency, m->currency, CSM_CURRENCY_SIZE);
	result->scale = m->scale;
	offset = csm_cohorts_period_of(m, result->from);
	memcpy(result->accounts, m->accounts + offset, result->periods * sizeof(int64));
	for (int64 i = 0; i < result->periods; i++)
	{
		memcpy(csm_cohorts_cells(result, i), csm_cohorts_cells(m, i + offset),
			   (result->periods - i) * sizeof(csm_cohort_cell));
		if (csm_cohorts_have_last_active(m))
			memcpy(csm_cohorts_last_active(result, i), csm_cohorts_last_active(m, i + offset),
				   (result->periods - i) * sizeof(int64));
	}
	return result;
}

/* The start of a unit so many units away; the day itself where the calendar ends. */
static int32
units_away(int32 day, csm_step step, int64 units)
{
	int64 index = (int64) csm_unit_index(day, step) + units;
	int32 start = csm_unit_start((int32) index, step);

	return csm_date_is_valid(start) ? start : day;
}

/*
 * A state of the same matrix that covers more days, and a quarter more on each side that it
 * has grown on: n matrices of one period each, in the order of time, copy no more than a few
 * times what they make.
 */
static csm_cohorts *
make_space(csm_cohorts *m, int32 first, int32 last)
{
	int64 needed = periods_between(first, last, m->step, m->flags);
	csm_cohorts *counting = csm_cohorts_at_rest(m);
	csm_cohorts *space;
	int64 spare;

	csm_cohorts_check_count(needed, CSM_COHORTS_MAX);
	spare = Min(needed / 4 + 4, (CSM_COHORTS_MAX - needed) / 2);
	space = new_matrix(first < counting->from ? units_away(first, m->step, -spare) : first,
					   last > counting->to ? units_away(last, m->step, spare) : last, m->step,
					   m->flags, CSM_COHORTS_SPACIOUS);
	memcpy(space->currency, m->currency, CSM_CURRENCY_SIZE);
	space->scale = m->scale;
	add_matrix(space, counting);
	return space;
}

/* Adds a matrix to another in place, unless there is no room for the sum. */
csm_cohorts *
csm_cohorts_merge(csm_cohorts *into, csm_cohorts *from)
{
	bool is_spacious = into->form == CSM_COHORTS_SPACIOUS;
	int32 first = is_spacious ? counting_days(into)[0] : into->from;
	int32 last = is_spacious ? counting_days(into)[1] : into->to;

	from = csm_cohorts_at_rest(from);
	check_mergeable(into, from);
	if (!csm_cohorts_have_last_active(from))
		csm_cohorts_forget_last_active(into);
	first = Min(first, from->from);
	last = Max(last, from->to);
	if (first < into->from || last > into->to)
		into = make_space(into, first, last);
	if (into->form == CSM_COHORTS_SPACIOUS)
	{
		counting_days(into)[0] = first;
		counting_days(into)[1] = last;
	}
	if (from->scale > into->scale)
		csm_cohorts_rescale(into, from->scale);
	if (from->periods > 0)
		add_matrix(into, from);
	return into;
}

/*
 * Comparing
 */

/* How many decimal places no revenue needs. */
int
csm_cohorts_spare_places(const csm_cohorts *m)
{
	const csm_cohort_cell *end = csm_cohorts_cells(m, m->periods);
	int places = m->scale;

	for (const csm_cohort_cell *cell = csm_cohorts_cells(m, 0); cell < end && places > 0; cell++)
		places = csm_decimal_spare_places(cell->revenue, places);
	return places;
}

/* The parts of the header that tell matrices apart; equal ones have as many periods. */
static int
compare_headers(const csm_cohorts *a, const csm_cohorts *b)
{
	int32 keys_a[] = {a->from, a->to, a->step.months, a->step.days, a->flags};
	int32 keys_b[] = {b->from, b->to, b->step.months, b->step.days, b->flags};

	for (int i = 0; i < (int) lengthof(keys_a); i++)
	{
		if (keys_a[i] != keys_b[i])
			return keys_a[i] < keys_b[i] ? -1 : 1;
	}
	return 0;
}

static int
compare_cells(const csm_cohorts *a, int spare_a, const csm_cohorts *b, int spare_b)
{
	int128 divisor_a = csm_power_of_ten[spare_a];
	int128 divisor_b = csm_power_of_ten[spare_b];
	const csm_cohort_cell *end = csm_cohorts_cells(a, a->periods);
	const csm_cohort_cell *y = csm_cohorts_cells(b, 0);

	for (const csm_cohort_cell *x = csm_cohorts_cells(a, 0); x < end; x++, y++)
	{
		int128 revenue_x = x->revenue / divisor_a;
		int128 revenue_y = y->revenue / divisor_b;

		if (x->active != y->active)
			return x->active < y->active ? -1 : 1;
		if (revenue_x != revenue_y)
			return revenue_x < revenue_y ? -1 : 1;
	}
	return 0;
}

static int
compare_last_active(const csm_cohorts *a, const csm_cohorts *b)
{
	if (!csm_cohorts_have_last_active(a))
		return 0;
	return memcmp(csm_cohorts_last_active(a, 0), csm_cohorts_last_active(b, 0),
				  CSM_COHORTS_CELLS(a->periods) * sizeof(int64));
}

/* A total order: by bounds, then by what means nothing but is the same for equals. */
int
csm_cohorts_compare(const csm_cohorts *a, const csm_cohorts *b)
{
	int order = compare_headers(a, b);
	int spare_a;
	int spare_b;

	if (order != 0)
		return order;
	spare_a = csm_cohorts_spare_places(a);
	spare_b = csm_cohorts_spare_places(b);
	order = (a->scale - spare_a) - (b->scale - spare_b);
	if (order == 0)
		order = memcmp(a->currency, b->currency, CSM_CURRENCY_SIZE);
	if (order == 0)
		order = memcmp(a->accounts, b->accounts, a->periods * sizeof(int64));
	if (order == 0)
		order = compare_cells(a, spare_a, b, spare_b);
	if (order == 0)
		order = compare_last_active(a, b);
	return order < 0 ? -1 : order > 0;
}

/*
 * Wire
 */

/* Each kind of matrix is one of those before it as well. */
static bool
flags_are_valid(const csm_cohorts *m)
{
	int kind = csm_cohorts_kind(m);

	if (csm_cohorts_have_last_active(m) && m->periods == 0)
		return false;
	return kind == 0 || kind == CSM_COHORTS_EVENTS ||
		   kind == (CSM_COHORTS_EVENTS | CSM_COHORTS_BOUNDED) ||
		   kind == (CSM_COHORTS_EVENTS | CSM_COHORTS_BOUNDED | CSM_COHORTS_GIVEN);
}

const char *
csm_cohorts_problem_with_header(const csm_cohorts *m)
{
	if (m->version != CSM_COHORTS_VERSION)
		return "unknown format version";
	if (m->scale > CSM_DECIMAL_DIGITS)
		return "scale out of range";
	if (!flags_are_valid(m))
		return "unknown flags";
	if (!csm_currency_field_is_valid(m->currency))
		return "malformed currency code";
	if (!csm_period_is_valid(m->from, m->to) || !csm_step_is_valid(m->step))
		return "malformed bounds or step";
	if (has_calendar_units(m->flags))
	{
		if (!csm_unit_is_valid(m->step) ||
			csm_unit_start(csm_unit_index(m->from, m->step), m->step) != m->from ||
			csm_unit_start(csm_unit_index(m->to, m->step), m->step) != m->to)
			return "bounds are not those of calendar units";
	}
	if (m->periods > CSM_COHORTS_MAX ||
		m->periods != periods_between(m->from, m->to, m->step, m->flags))
		return "the number of periods is wrong";
	return NULL;
}

static const char *
problem_with_cell(const csm_cohorts *m, const csm_cohort_cell *cell, int64 accounts)
{
	bool events = (m->flags & CSM_COHORTS_EVENTS) != 0;

	if (cell->active < 0 || cell->active > accounts)
		return "more accounts are active than there are";
	if (!csm_decimal_fits(cell->revenue) || (!events && cell->revenue < 0))
		return "revenue is out of range";
	if (cell->active == 0 ? cell->revenue > 0 : !events && cell->revenue < cell->active)
		return "accounts and revenue do not agree";
	return NULL;
}

/* Who is active at an age is active for the last time at that age or later. */
static bool
last_active_agrees(const csm_cohorts *m, int64 cohort)
{
	const csm_cohort_cell *cells = csm_cohorts_cells(m, cohort);
	const int64 *last_active = csm_cohorts_last_active(m, cohort);
	int64 or_later = 0;

	for (int64 k = m->periods - cohort - 1; k >= 0; k--)
	{
		if (last_active[k] < 0 || last_active[k] > cells[k].active)
			return false;
		or_later += last_active[k];
		if (or_later < cells[k].active || or_later > m->accounts[cohort])
			return false;
	}
	return true;
}

const char *
csm_cohorts_problem_with_cells(const csm_cohorts *m)
{
	bool all_come_at_age_0 =
		(m->flags & CSM_COHORTS_EVENTS) != 0 && (m->flags & CSM_COHORTS_GIVEN) == 0;
	const char *problem = NULL;

	for (int64 i = 0; i < m->periods && problem == NULL; i++)
	{
		const csm_cohort_cell *cells = csm_cohorts_cells(m, i);

		if (m->accounts[i] < 0)
			return "a number of accounts is negative";
		if (all_come_at_age_0 && cells[0].active != m->accounts[i])
			return "accounts are missing at age 0";
		for (int64 k = 0; k < m->periods - i && problem == NULL; k++)
			problem = problem_with_cell(m, &cells[k], m->accounts[i]);
		if (problem == NULL && csm_cohorts_have_last_active(m) && !last_active_agrees(m, i))
			return "last activity does not agree with activity";
	}
	return problem;
}

/* Says what is wrong with a value, NULL when nothing is. */
const char *
csm_cohorts_problem(const csm_cohorts *m)
{
	const char *problem = csm_cohorts_problem_with_header(m);

	return problem != NULL ? problem : csm_cohorts_problem_with_cells(m);
}

/* Big-endian; the boundaries follow from the header. */
void
csm_cohorts_write(csm_writer *writer, const csm_cohorts *m)
{
	const csm_cohort_cell *end = csm_cohorts_cells(m, m->periods);

	csm_write_integer(writer, m->version, 1);
	csm_write_integer(writer, m->scale, 1);
	csm_write_integer(writer, m->flags, 1);
	csm_write_integer(writer, (uint32) m->from, 4);
	csm_write_integer(writer, (uint32) m->to, 4);
	csm_write_integer(writer, (uint32) m->step.months, 4);
	csm_write_integer(writer, (uint32) m->step.days, 4);
	csm_write_bytes(writer, m->currency, CSM_CURRENCY_SIZE);
	csm_write_integer(writer, (uint32) m->periods, 4);
	for (int64 i = 0; i < m->periods; i++)
		csm_write_integer(writer, m->accounts[i], 8);
	for (const csm_cohort_cell *cell = csm_cohorts_cells(m, 0); cell < end; cell++)
	{
		csm_write_integer(writer, cell->active, 8);
		csm_write_coefficient(writer, cell->revenue);
	}
	for (int64 k = 0; csm_cohorts_have_last_active(m) && k < CSM_COHORTS_CELLS(m->periods); k++)
		csm_write_integer(writer, csm_cohorts_last_active(m, 0)[k], 8);
}

static void
read_header(csm_reader *reader, csm_cohorts *header)
{
	memset(header, 0, sizeof(*header));
	header->version = csm_read_integer(reader, 1);
	header->scale = csm_read_integer(reader, 1);
	header->flags = csm_read_integer(reader, 1);
	header->from = (int32) csm_read_integer(reader, 4);
	header->to = (int32) csm_read_integer(reader, 4);
	header->step.months = (int32) csm_read_integer(reader, 4);
	header->step.days = (int32) csm_read_integer(reader, 4);
	csm_read_bytes(reader, header->currency, CSM_CURRENCY_SIZE);
	header->periods = (int64) csm_read_integer(reader, 4);
}

/* Reads and validates; the memory taken is bounded by the bytes that are there. */
csm_cohorts *
csm_cohorts_read(csm_reader *reader, const char **problem)
{
	int64 size = reader->end - reader->next;
	csm_cohorts header;
	csm_cohorts *m;
	csm_cohort_cell *end;

	read_header(reader, &header);
	*problem = csm_cohorts_problem_with_header(&header);
	if (*problem == NULL && size != CSM_COHORTS_BINARY_SIZE(header.periods, header.flags))
		*problem = "its length is wrong";
	if (*problem != NULL)
		return NULL;
	m = csm_cohorts_new(header.from, header.to, header.step, header.flags);
	m->scale = header.scale;
	memcpy(m->currency, header.currency, CSM_CURRENCY_SIZE);
	for (int64 i = 0; i < m->periods; i++)
		m->accounts[i] = (int64) csm_read_integer(reader, 8);
	end = csm_cohorts_cells(m, m->periods);
	for (csm_cohort_cell *cell = csm_cohorts_cells(m, 0); cell < end; cell++)
	{
		cell->active = (int64) csm_read_integer(reader, 8);
		cell->revenue = csm_read_coefficient(reader);
	}
	for (int64 k = 0; csm_cohorts_have_last_active(m) && k < CSM_COHORTS_CELLS(m->periods); k++)
		csm_cohorts_last_active(m, 0)[k] = (int64) csm_read_integer(reader, 8);
	*problem = reader->failed ? "an amount has too many digits" : csm_cohorts_problem_with_cells(m);
	return m;
}
