/*
 * compare.c
 *		Flows of accounts between segments; compare.h says what is kept of them.
 */
#include "base/port.h"

#include "compare.h"

StaticAssertDecl(sizeof(csm_flow) ==
					 CSM_FLOW_AMOUNTS * sizeof(int128) + CSM_FLOW_COUNTS * sizeof(int64),
				 "csm_flow is laid out as the sums of an entry");

/*
 * Cells
 */

bool
csm_flow_segment_is_same(csm_flow_segment a, csm_flow_segment b)
{
	return csm_flow_segment_compare(a, b) == 0;
}

/* The order of bytes; NULL comes last. */
int
csm_flow_segment_compare(csm_flow_segment a, csm_flow_segment b)
{
	int order;

	if (a.name == NULL || b.name == NULL)
		return (a.name == NULL) - (b.name == NULL);
	order = memcmp(a.name, b.name, Min(a.length, b.length));
	return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

static char *
put_segment(char *key, csm_flow_segment segment)
{
	if (segment.name == NULL)
	{
		*key++ = '\\';
		*key++ = 'N';
		return key;
	}
	for (int i = 0; i < segment.length; i++)
	{
		if (segment.name[i] == '\\' || segment.name[i] == '\t')
			*key++ = '\\';
		*key++ = segment.name[i];
	}
	return key;
}

/* The name of a cell; no byte of a character of several bytes is a tab or a backslash. */
char *
csm_flow_key(csm_flow_segment at_start, csm_flow_segment at_end, int *length)
{
	Size room = 2 * ((Size) at_start.length + at_end.length) + 5;
	char *key = palloc_extended(room, MCXT_ALLOC_HUGE);
	char *end = put_segment(key, at_start);

	*end++ = '\t';
	end = put_segment(end, at_end);
	if (end - key > (ptrdiff_t) CSM_TALLY_MAX_SIZE)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("the names of two segments take more than 1 GB")));
	*length = (int) (end - key);
	return key;
}

/* Reads a segment up to a tab or the end; NULL when it is not one. */
static const char *
take_segment(const char *key, const char *end, csm_flow_segment *segment)
{
	char *name;
	int length = 0;

	segment->name = NULL;
	segment->length = 0;
	if (end - key >= 2 && key[0] == '\\' && key[1] == 'N')
		return key + 2;
	name = palloc(end - key + 1);
	for (; key < end && *key != '\t'; key++)
	{
		if (*key == '\\')
		{
			key++;
			if (key == end || (*key != '\\' && *key != '\t'))
				return NULL;
		}
		name[length++] = *key;
	}
	name[length] = '\0';
	segment->name = name;
	segment->length = length;
	return key;
}

/* The segments of a cell; false when its name is not that of one. */
bool
csm_flow_segments(const csm_tally *flows, const csm_tally_entry *entry, csm_flow_segment *at_start,
				  csm_flow_segment *at_end)
{
	const char *key = csm_tally_name(flows->shape, entry);
	const char *end = key + entry->name_length;

	if (!csm_tally_has_name(entry))
		return false;
	key = take_segment(key, end, at_start);
	if (key == NULL || key == end || *key != '\t')
		return false;
	key = take_segment(key + 1, end, at_end);
	return key != NULL && key == end;
}

/*
 * Periods
 */

static csm_flow_period
period_of(const csm_tally *flows, const csm_tally_entry *entry)
{
	const uint64 *terms = csm_tally_terms(flows->shape, entry);
	csm_flow_period period = {terms[0], terms[1]};

	return period;
}

static bool
is_same_period(const csm_flow_period *a, const csm_flow_period *b)
{
	return a->from == b->from && a->to == b->to;
}

static const char *
period_to_text(const csm_flow_period *period, char *buffer)
{
	if (period->from == 0 && period->to == 0)
		return "unknown";
	return csm_period_to_text((int32) period->from, (int32) period->to, buffer);
}

/* Refuses a period other than that of the cells that are there. */
void
csm_flows_check_period(const csm_tally *flows, const csm_flow_period *period)
{
	const csm_tally_entry *first = csm_tally_first(flows);
	csm_flow_period known;
	char text[CSM_PERIOD_TEXT_SIZE];
	char known_text[CSM_PERIOD_TEXT_SIZE];

	if (first == NULL)
		return;
	known = period_of(flows, first);
	if (unlikely(!is_same_period(&known, period)))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("flows of different periods cannot be added up: %s and %s",
							   period_to_text(&known, known_text), period_to_text(period, text)),
						errhint("Group by the period.")));
}

void
csm_flows_check_same_period(const csm_tally *a, const csm_tally *b)
{
	const csm_tally_entry *first = csm_tally_first(b);
	csm_flow_period period;

	if (first == NULL)
		return;
	period = period_of(b, first);
	csm_flows_check_period(a, &period);
}

/* The period, where it is known. */
bool
csm_flows_have_period(const csm_tally *flows, int32 *from, int32 *to)
{
	const csm_tally_entry *first = csm_tally_first(flows);
	csm_flow_period period;

	if (first == NULL)
		return false;
	period = period_of(flows, first);
	*from = (int32) period.from;
	*to = (int32) period.to;
	return period.from != 0 || period.to != 0;
}

/*
 * Accounts
 */

static void
add_existing(csm_flow *flow, int128 starting, int128 ending)
{
	flow->starting = csm_decimal_add(flow->starting, starting);
	flow->ending_existing = csm_decimal_add(flow->ending_existing, ending);
	flow->retained = csm_decimal_add(flow->retained, Min(starting, ending));
	csm_count_add(&flow->accounts_starting, 1);
	flow->accounts_expanded += ending > starting;
	flow->accounts_contracted += ending > 0 && ending < starting;
	if (ending == 0)
	{
		flow->churned = csm_decimal_add(flow->churned, starting);
		flow->accounts_churned++;
	}
}

static void
add_new(csm_flow *flow, int128 ending, bool was_customer)
{
	int128 *amount = was_customer ? &flow->reactivation : &flow->new_business;

	*amount = csm_decimal_add(*amount, ending);
	csm_count_add(was_customer ? &flow->accounts_reactivated : &flow->accounts_new, 1);
}

/* Adds an account; its amounts are not negative. */
void
csm_flows_add(csm_tally **flows, const csm_flow_period *period, csm_decimal starting,
			  csm_decimal ending, bool was_customer, csm_flow_segment at_start,
			  csm_flow_segment at_end)
{
	uint64 terms[2] = {period->from, period->to};
	int scale = Max(starting.scale, ending.scale);
	csm_tally_entry *entry;
	char *key;
	int length;

	/* no account at all: neither its period nor its decimal places count */
	if (starting.coefficient == 0 && ending.coefficient == 0)
		return;
	csm_flows_check_period(*flows, period);
	if (scale > (*flows)->scale)
		csm_tally_rescale(*flows, scale);
	if (starting.coefficient == 0)
		at_start = at_end;
	else if (ending.coefficient == 0)
		at_end = at_start;
	key = csm_flow_key(at_start, at_end, &length);
	entry = csm_tally_find(flows, key, length, terms);
	pfree(key);
	if (starting.coefficient > 0)
		add_existing(csm_flow_of(entry), csm_decimal_align(starting, (*flows)->scale),
					 csm_decimal_align(ending, (*flows)->scale));
	else
		add_new(csm_flow_of(entry), csm_decimal_align(ending, (*flows)->scale), was_customer);
}

/*
 * Validity
 */

static const char *
problem_with_flow(const csm_flow *flow)
{
	if (flow->retained > flow->starting || flow->retained > flow->ending_existing ||
		flow->churned > flow->starting - flow->retained)
		return "amounts contradict each other";
	if (!csm_amount_agrees(flow->starting, flow->accounts_starting) ||
		!csm_amount_agrees(flow->new_business, flow->accounts_new) ||
		!csm_amount_agrees(flow->reactivation, flow->accounts_reactivated) ||
		!csm_amount_agrees(flow->churned, flow->accounts_churned) ||
		!csm_amount_agrees(flow->ending_existing - flow->retained, flow->accounts_expanded) ||
		!csm_amount_agrees(flow->starting - flow->retained - flow->churned,
						   flow->accounts_contracted))
		return "an amount and its number of accounts contradict each other";
	if (flow->accounts_churned > flow->accounts_starting ||
		!csm_amount_agrees(flow->retained, flow->accounts_starting - flow->accounts_churned) ||
		flow->accounts_expanded >
			flow->accounts_starting - flow->accounts_churned - flow->accounts_contracted)
		return "numbers of accounts contradict each other";
	if (flow->accounts_starting == 0 && flow->accounts_new == 0 && flow->accounts_reactivated == 0)
		return "a cell has no accounts";
	return NULL;
}

static bool
is_period(const csm_flow_period *period)
{
	int32 from = (int32) period->from;
	int32 to = (int32) period->to;

	if (period->from == 0 && period->to == 0)
		return true;
	return (uint64) (int64) from == period->from && (uint64) (int64) to == period->to &&
		   csm_period_is_valid(from, to);
}

static const char *
problem_with_cell(const csm_tally *flows, csm_tally_entry *entry)
{
	const csm_flow *flow = csm_flow_of(entry);
	csm_flow_period period = period_of(flows, entry);
	csm_flow_period first = period_of(flows, csm_tally_first(flows));
	csm_flow_segment at_start;
	csm_flow_segment at_end;

	if (!is_period(&period) || !is_same_period(&period, &first))
		return "the period is malformed or not the same in all cells";
	if (!csm_flow_segments(flows, entry, &at_start, &at_end))
		return "the name of a cell is malformed";
	if (!csm_flow_segment_is_same(at_start, at_end) &&
		(flow->accounts_new > 0 || flow->accounts_reactivated > 0 || flow->accounts_churned > 0))
		return "an account between two segments is new, came back or left";
	return problem_with_flow(flow);
}

/* Says what is wrong with a value that came from outside, NULL when nothing is. */
const char *
csm_flows_problem(const csm_tally *flows)
{
	const char *problem = csm_tally_problem(flows);

	/* the text form shows the scale in the amounts alone */
	if (problem == NULL && flows->entries == 0 && flows->scale > 0)
		problem = "there are decimal places without amounts";
	for (csm_tally_entry *e = csm_tally_first(flows); problem == NULL && e != NULL;
		 e = csm_tally_next(flows, e))
		problem = problem_with_cell(flows, e);
	return problem;
}
