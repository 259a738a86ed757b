/*
 * retention.c
 *		Arithmetic of retention_sums and retention_summary; retention.h says what they hold.
 */
#include "base/port.h"

#include "base/calendar.h"
#include "retention.h"

/* Fields of one kind that follow each other in a summary: from starting, from starting_squared. */
#define SUMMARY_AMOUNTS 6
#define SUMMARY_SQUARES 3

/*
 * retention_sums
 */

/* An empty value; "size" may leave room for what embeds it. */
csm_retention_sums *
csm_sums_new(Size size)
{
	csm_retention_sums *sums = palloc0(size);

	SET_VARSIZE(sums, size);
	sums->version = CSM_RETENTION_VERSION;
	return sums;
}

/* Brings all amounts to a larger scale. */
void
csm_sums_rescale(csm_retention_sums *sums, int scale)
{
	int places = scale - sums->scale;

	sums->starting = csm_decimal_rescale(sums->starting, places);
	sums->ending_existing = csm_decimal_rescale(sums->ending_existing, places);
	sums->retained = csm_decimal_rescale(sums->retained, places);
	sums->new_business = csm_decimal_rescale(sums->new_business, places);
	sums->scale = scale;
	csm_sums_check_totals(sums);
}

/* Adds an account; no amount is negative. */
void
csm_sums_add(csm_retention_sums *sums, csm_decimal starting, csm_decimal ending)
{
	int scale = Max(starting.scale, ending.scale);

	if (scale > sums->scale)
		csm_sums_rescale(sums, scale);
	csm_sums_add_aligned(sums, csm_decimal_align(starting, sums->scale),
						 csm_decimal_align(ending, sums->scale));
}

/* Takes an account out that was added before. */
void
csm_sums_subtract(csm_retention_sums *sums, csm_decimal starting, csm_decimal ending)
{
	int128 s = csm_decimal_align(starting, sums->scale);
	int128 e = csm_decimal_align(ending, sums->scale);

	if (s > 0)
	{
		sums->starting -= s;
		sums->ending_existing -= e;
		sums->retained -= Min(s, e);
		sums->accounts_starting--;
		sums->accounts_churned -= (e == 0);
	}
	else
		sums->new_business -= e;
}

/* Adds (change = 1) or takes out (-1) an account of which only the churn is known. */
void
csm_sums_count(csm_retention_sums *sums, bool churned, int change)
{
	csm_count_add(&sums->accounts_starting, change);
	if (churned)
		csm_count_add(&sums->accounts_churned, change);
}

/* churn_agg(boolean) counts accounts without amounts */
static inline bool
is_count_alone(const csm_retention_sums *sums)
{
	return sums->starting == 0 && sums->accounts_starting > 0;
}

void
csm_sums_merge(csm_retention_sums *into, const csm_retention_sums *from)
{
	csm_retention_sums aligned = *from;

	if (unlikely((is_count_alone(into) && from->starting > 0) ||
				 (is_count_alone(from) && into->starting > 0)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("accounts that were counted without their amounts cannot be added to "
						"accounts with amounts"),
				 errhint("Add up states of one aggregate only.")));
	if (into->scale < aligned.scale)
		csm_sums_rescale(into, aligned.scale);
	csm_sums_rescale(&aligned, into->scale);
	csm_amount_add(&into->starting, aligned.starting);
	csm_amount_add(&into->ending_existing, aligned.ending_existing);
	csm_amount_add(&into->retained, aligned.retained);
	csm_amount_add(&into->new_business, aligned.new_business);
	csm_count_add(&into->accounts_starting, aligned.accounts_starting);
	csm_count_add(&into->accounts_churned, aligned.accounts_churned);
	csm_sums_check_totals(into);
}

/* Says what is wrong with a value that came from outside, NULL when nothing is. */
const char *
csm_sums_problem(const csm_retention_sums *sums)
{
	if (sums->version != CSM_RETENTION_VERSION || sums->unused != 0)
		return "unknown format version";
	if (sums->scale > CSM_DECIMAL_DIGITS)
		return "scale out of range";
	if (sums->starting < 0 || sums->ending_existing < 0 || sums->retained < 0 ||
		sums->new_business < 0 || sums->accounts_starting < 0 || sums->accounts_churned < 0)
		return "negative amount or count";
	if (sums->starting > CSM_DECIMAL_MAX ||
		sums->ending_existing > CSM_DECIMAL_MAX - sums->new_business)
		return "amounts have too many digits";
	if (sums->retained > sums->starting || sums->retained > sums->ending_existing)
		return "retained amount is larger than the starting or the ending amount";
	if (sums->accounts_churned > sums->accounts_starting)
		return "more accounts churned than there were";
	/* churn_agg(boolean) counts accounts without amounts */
	if (sums->starting == 0
			? sums->ending_existing != 0
			: sums->starting < sums->accounts_starting || sums->accounts_starting == 0 ||
				  (sums->retained == 0) != (sums->ending_existing == 0) ||
				  (sums->retained == 0) != (sums->accounts_churned == sums->accounts_starting))
		return "accounts and amounts do not agree";
	return NULL;
}

void
csm_sums_write(csm_writer *writer, const csm_retention_sums *sums)
{
	csm_write_integer(writer, sums->version, 1);
	csm_write_integer(writer, sums->scale, 1);
	csm_write_coefficient(writer, sums->starting);
	csm_write_coefficient(writer, sums->ending_existing);
	csm_write_coefficient(writer, sums->retained);
	csm_write_coefficient(writer, sums->new_business);
	csm_write_integer(writer, sums->accounts_starting, 8);
	csm_write_integer(writer, sums->accounts_churned, 8);
}

csm_retention_sums *
csm_sums_read(csm_reader *reader, const char **problem)
{
	csm_retention_sums *sums = csm_sums_new(sizeof(csm_retention_sums));

	sums->version = csm_read_integer(reader, 1);
	sums->scale = csm_read_integer(reader, 1);
	sums->starting = csm_read_coefficient(reader);
	sums->ending_existing = csm_read_coefficient(reader);
	sums->retained = csm_read_coefficient(reader);
	sums->new_business = csm_read_coefficient(reader);
	sums->accounts_starting = csm_read_integer(reader, 8);
	sums->accounts_churned = csm_read_integer(reader, 8);
	if (reader->failed)
		*problem = "it is too short, or an amount has too many digits";
	else if (reader->next != reader->end)
		*problem = "there are bytes left over";
	else
		*problem = csm_sums_problem(sums);
	return sums;
}

/* A moving window took in (change = 1) or gave up (-1) an amount of this scale. */
void
csm_window_count_scale(csm_retention_window *window, int scale, int change)
{
	window->amounts_at_scale[scale] += change;
}

/* Without an amount at its scale, all sums of the window end in zeros: drop them. */
void
csm_window_shrink_scale(csm_retention_window *window)
{
	csm_retention_sums *sums = &window->sums;

	while (sums->scale > 0 && window->amounts_at_scale[sums->scale] == 0)
	{
		sums->starting /= 10;
		sums->ending_existing /= 10;
		sums->retained /= 10;
		sums->new_business /= 10;
		sums->scale--;
	}
}

/*
 * retention_summary
 */

static csm_retention_summary *
allocate_retention(int room)
{
	csm_retention_summary *r = palloc0(CSM_RETENTION_SIZE(room));

	SET_VARSIZE(r, CSM_RETENTION_SIZE(room));
	r->version = CSM_RETENTION_VERSION;
	return r;
}

/* An empty state with room for all of the largest accounts. */
csm_retention_summary *
csm_retention_new(void)
{
	return allocate_retention(CSM_LARGEST);
}

/* Makes an empty state of zeros, with room for all of the largest accounts. */
void
csm_retention_init(csm_retention_summary *r, int scale)
{
	SET_VARSIZE(r, CSM_RETENTION_STATE_SIZE);
	r->version = CSM_RETENTION_VERSION;
	r->scale = scale;
}

/* A copy with room for "room" largest accounts, which must suffice. */
csm_retention_summary *
csm_retention_copy(const csm_retention_summary *r, int room)
{
	csm_retention_summary *copy = allocate_retention(room);

	Assert(room >= r->largest_count);
	memcpy(copy, r, CSM_RETENTION_SIZE(r->largest_count));
	SET_VARSIZE(copy, CSM_RETENTION_SIZE(room));
	return copy;
}

static void
check_retention_totals(const csm_retention_summary *r)
{
	csm_check_total((csm_uint128) r->starting);
	csm_check_total((csm_uint128) r->ending_existing + (csm_uint128) r->new_business +
					(csm_uint128) r->reactivation);
}

/* Brings all amounts to a larger scale. */
void
csm_retention_rescale(csm_retention_summary *r, int scale)
{
	int places = scale - r->scale;

	if (places == 0)
		return;
	r->starting = csm_decimal_rescale(r->starting, places);
	r->ending_existing = csm_decimal_rescale(r->ending_existing, places);
	r->retained = csm_decimal_rescale(r->retained, places);
	r->new_business = csm_decimal_rescale(r->new_business, places);
	r->reactivation = csm_decimal_rescale(r->reactivation, places);
	r->churned = csm_decimal_rescale(r->churned, places);
	check_retention_totals(r);
	csm_uint256_rescale(&r->starting_squared, 2 * places);
	csm_uint256_rescale(&r->ending_squared, 2 * places);
	csm_uint256_rescale(&r->starting_ending, 2 * places);
	for (int i = 0; i < r->largest_count; i++)
	{
		r->largest[i].starting = csm_decimal_rescale(r->largest[i].starting, places);
		r->largest[i].ending = csm_decimal_rescale(r->largest[i].ending, places);
	}
	r->scale = scale;
}

static inline bool
is_larger(const csm_account_amounts *a, const csm_account_amounts *b)
{
	if (a->starting != b->starting)
		return a->starting > b->starting;
	return a->ending > b->ending;
}

/* Enters an account into the list of the ten largest, which stays sorted. */
void
csm_retention_list(csm_retention_summary *r, int128 starting, int128 ending)
{
	csm_account_amounts account = {starting, ending};
	int i = r->largest_count;

	if (i == CSM_LARGEST)
	{
		if (!is_larger(&account, &r->largest[CSM_LARGEST - 1]))
			return;
		i--;
	}
	else
		r->largest_count++;
	for (; i > 0 && is_larger(&account, &r->largest[i - 1]); i--)
		r->largest[i] = r->largest[i - 1];
	r->largest[i] = account;
}

static inline void
add_existing(csm_retention_summary *r, int128 s, int128 e)
{
	csm_amount_add(&r->starting, s);
	csm_amount_add(&r->ending_existing, e);
	csm_amount_add(&r->retained, Min(s, e));
	csm_count_add(&r->accounts_starting, 1);
	if (e == 0)
	{
		csm_amount_add(&r->churned, s);
		r->accounts_churned++;
	}
	else if (e > s)
		r->accounts_expanded++;
	else if (e < s)
		r->accounts_contracted++;
}

/* The products of everyday amounts fit 126 bits. */
static inline void
add_squares(csm_retention_summary *r, int128 s, int128 e)
{
	if (likely((s | e) >> 63 == 0))
	{
		csm_uint256_add_small_product(&r->starting_squared, (uint64) s, (uint64) s);
		csm_uint256_add_small_product(&r->ending_squared, (uint64) e, (uint64) e);
		csm_uint256_add_small_product(&r->starting_ending, (uint64) s, (uint64) e);
	}
	else
	{
		csm_uint256_add_product(&r->starting_squared, s, s);
		csm_uint256_add_product(&r->ending_squared, e, e);
		csm_uint256_add_product(&r->starting_ending, s, e);
	}
}

static void
add_arrival(csm_retention_summary *r, int128 ending, bool was_customer)
{
	if (was_customer)
	{
		csm_amount_add(&r->reactivation, ending);
		csm_count_add(&r->accounts_reactivated, 1);
	}
	else
	{
		csm_amount_add(&r->new_business, ending);
		csm_count_add(&r->accounts_new, 1);
	}
}

/*
 * Adds an account to a state (room for ten largest); the amounts are coefficients at the
 * state's scale, and not negative.
 */
void
csm_retention_add_account(csm_retention_summary *r, int128 starting, int128 ending,
						  bool was_customer)
{
	if (starting > 0)
		add_existing(r, starting, ending);
	else if (ending > 0)
		add_arrival(r, ending, was_customer);
	check_retention_totals(r);

	/* only now are the squares known to fit */
	if (starting > 0)
	{
		add_squares(r, starting, ending);
		if (unlikely(csm_retention_lists(r, starting)))
			csm_retention_list(r, starting, ending);
	}
}

/* Adds an account to a state (room for ten largest); no amount is negative. */
void
csm_retention_add(csm_retention_summary *r, csm_decimal starting, csm_decimal ending,
				  bool was_customer)
{
	int scale = Max(starting.scale, ending.scale);

	if (scale > r->scale)
		csm_retention_rescale(r, scale);
	csm_retention_add_account(r, csm_decimal_align(starting, r->scale),
							  csm_decimal_align(ending, r->scale), was_customer);
}

/*
 * Adds accounts that are the same at both ends, given by their number, their total and
 * the sum of their squares; the caller lists the largest of them.
 */
void
csm_retention_add_unchanged(csm_retention_summary *r, int64 accounts, int128 total,
							const csm_uint256 *squared)
{
	csm_count_add(&r->accounts_starting, accounts);
	r->starting = csm_decimal_add(r->starting, total);
	r->ending_existing = csm_decimal_add(r->ending_existing, total);
	csm_amount_add(&r->retained, total);
	check_retention_totals(r);
	csm_uint256_add(&r->starting_squared, squared);
	csm_uint256_add(&r->ending_squared, squared);
	csm_uint256_add(&r->starting_ending, squared);
}

static void
period_error(const csm_retention_summary *a, const csm_retention_summary *b)
{
	char text_a[CSM_PERIOD_TEXT_SIZE] = "unknown";
	char text_b[CSM_PERIOD_TEXT_SIZE] = "unknown";

	if (csm_retention_has_period(a))
		csm_period_to_text(a->period_from, a->period_to, text_a);
	if (csm_retention_has_period(b))
		csm_period_to_text(b->period_from, b->period_to, text_b);
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("retention over different periods cannot be added up: %s and %s", text_a,
						   text_b),
					errhint("Group by the period. Adjacent periods are chained, not added up: see "
							"chained_ndr().")));
}

/* Only values in one currency can be set against each other. */
void
csm_retention_check_currency(const csm_retention_summary *a, const csm_retention_summary *b)
{
	csm_currency_check_same(a->currency, b->currency);
}

/* Only values over one period and in one currency add up. */
void
csm_retention_check_same(const csm_retention_summary *a, const csm_retention_summary *b)
{
	if (a->flags != b->flags || a->period_from != b->period_from || a->period_to != b->period_to)
		period_error(a, b);
	csm_retention_check_currency(a, b);
}

/* All accounts of a value can be counted, those that arrived included. */
static void
check_retention_accounts(const csm_retention_summary *r)
{
	int64 accounts = r->accounts_starting;

	csm_count_add(&accounts, r->accounts_new);
	csm_count_add(&accounts, r->accounts_reactivated);
}

/* Adds "from" to a state (room for ten largest). */
void
csm_retention_merge(csm_retention_summary *into, const csm_retention_summary *from)
{
	csm_retention_check_same(into, from);
	if (into->scale < from->scale)
		csm_retention_rescale(into, from->scale);
	else if (into->scale > from->scale)
	{
		csm_retention_summary *aligned = csm_retention_copy(from, from->largest_count);

		csm_retention_rescale(aligned, into->scale);
		from = aligned;
	}
	csm_amount_add(&into->starting, from->starting);
	csm_amount_add(&into->ending_existing, from->ending_existing);
	csm_amount_add(&into->retained, from->retained);
	csm_amount_add(&into->new_business, from->new_business);
	csm_amount_add(&into->reactivation, from->reactivation);
	csm_amount_add(&into->churned, from->churned);
	check_retention_totals(into);
	csm_count_add(&into->accounts_starting, from->accounts_starting);
	csm_count_add(&into->accounts_new, from->accounts_new);
	csm_count_add(&into->accounts_reactivated, from->accounts_reactivated);
	csm_count_add(&into->accounts_expanded, from->accounts_expanded);
	csm_count_add(&into->accounts_contracted, from->accounts_contracted);
	csm_count_add(&into->accounts_churned, from->accounts_churned);
	check_retention_accounts(into);
	csm_uint256_add(&into->starting_squared, &from->starting_squared);
	csm_uint256_add(&into->ending_squared, &from->ending_squared);
	csm_uint256_add(&into->starting_ending, &from->starting_ending);
	for (int i = 0; i < from->largest_count; i++)
		csm_retention_list(into, from->largest[i].starting, from->largest[i].ending);
}

/* What an account did, NULL when it has no amount at either end. */
const char *
csm_movement_name(csm_decimal starting, csm_decimal ending, bool was_customer)
{
	int order = csm_decimal_compare(ending, starting);

	if (starting.coefficient == 0)
		return order == 0 ? NULL : was_customer ? "reactivation" : "new";
	if (ending.coefficient == 0)
		return "churn";
	return order > 0 ? "expansion" : order < 0 ? "contraction" : "unchanged";
}

int64
csm_accounts_ending_of(const csm_retention_summary *r)
{
	int64 accounts = r->accounts_starting - r->accounts_churned;

	csm_count_add(&accounts, r->accounts_new);
	csm_count_add(&accounts, r->accounts_reactivated);
	return accounts;
}

/*
 * Comparing
 *
 * Equal values may differ in display scale.  The smallest scale that holds a value exactly
 * makes a form of it that is unique; the order is that of its bytes, after period and
 * currency.  Sorts and ANALYZE compare often, so a comparison makes no such form: it counts
 * the decimal places that each value can spare, and drops them where two fields differ.
 */

/* How many decimal places no amount and no square needs. */
static int
spare_places(const csm_retention_summary *r)
{
	const int128 *amounts = &r->starting;
	const int128 *largest = &r->largest[0].starting;
	int places = r->scale;

	for (int i = 0; i < SUMMARY_AMOUNTS && places > 0; i++)
		places = csm_decimal_spare_places(amounts[i], places);
	for (int i = 0; i < 2 * r->largest_count && places > 0; i++)
		places = csm_decimal_spare_places(largest[i], places);
	for (int i = 0; i < SUMMARY_SQUARES && places > 0; i++)
		places = csm_uint256_spare_places(&(&r->starting_squared)[i], places);
	return places;
}

/*
 * Brings a copy to the smallest scale, without spare room.  It lives in a buffer of the
 * caller: hashes are made in contexts where what they allocate would pile up.
 */
const csm_retention_summary *
csm_retention_normalize(const csm_retention_summary *r, csm_retention_buffer *buffer)
{
	csm_retention_summary *normal = &buffer->summary;
	Size size = CSM_RETENTION_SIZE(r->largest_count);
	int spare = spare_places(r);
	int128 divisor = csm_power_of_ten[spare];

	memcpy(buffer, r, size);
	SET_VARSIZE(normal, size);
	normal->scale -= spare;
	for (int i = 0; i < SUMMARY_AMOUNTS; i++)
		(&normal->starting)[i] /= divisor;
	for (int i = 0; i < SUMMARY_SQUARES; i++)
		csm_uint256_drop_places(&(&normal->starting_squared)[i], spare);
	for (int i = 0; i < normal->largest_count; i++)
	{
		normal->largest[i].starting /= divisor;
		normal->largest[i].ending /= divisor;
	}
	return normal;
}

/* Compares the bytes of amounts without the places that their values can spare. */
static int
compare_amounts(const int128 *a, int spare_a, const int128 *b, int spare_b, int count)
{
	for (int i = 0; i < count; i++)
	{
		int128 x = a[i];
		int128 y = b[i];

		if (spare_a == spare_b && x == y)
			continue;
		x /= csm_power_of_ten[spare_a];
		y /= csm_power_of_ten[spare_b];
		if (x != y)
			return memcmp(&x, &y, sizeof(int128));
	}
	return 0;
}

static int
compare_squares(const csm_uint256 *a, int spare_a, const csm_uint256 *b, int spare_b)
{
	for (int i = 0; i < SUMMARY_SQUARES; i++)
	{
		csm_uint256 x = a[i];
		csm_uint256 y = b[i];
		int order;

		csm_uint256_drop_places(&x, spare_a);
		csm_uint256_drop_places(&y, spare_b);
		order = memcmp(&x, &y, sizeof(csm_uint256));
		if (order != 0)
			return order;
	}
	return 0;
}

/* Period, currency, and the number of largest accounts, which is the length of the value. */
static int
compare_headers(const csm_retention_summary *a, const csm_retention_summary *b)
{
	int order;

	if (a->flags != b->flags)
		return a->flags < b->flags ? -1 : 1;
	if (a->period_from != b->period_from)
		return a->period_from < b->period_from ? -1 : 1;
	if (a->period_to != b->period_to)
		return a->period_to < b->period_to ? -1 : 1;
	order = memcmp(a->currency, b->currency, CSM_CURRENCY_SIZE);
	return order != 0 ? order : (int) a->largest_count - (int) b->largest_count;
}

/* All that follows, at the smallest scale of each. */
static int
compare_figures(const csm_retention_summary *a, const csm_retention_summary *b)
{
	int spare_a = spare_places(a);
	int spare_b = spare_places(b);
	int order = (a->scale - spare_a) - (b->scale - spare_b);

	if (order == 0)
		order = compare_amounts(&a->starting, spare_a, &b->starting, spare_b, SUMMARY_AMOUNTS);
	if (order == 0)
		order = memcmp(&a->accounts_starting, &b->accounts_starting,
					   offsetof(csm_retention_summary, starting_squared) -
						   offsetof(csm_retention_summary, accounts_starting));
	if (order == 0)
		order = compare_squares(&a->starting_squared, spare_a, &b->starting_squared, spare_b);
	if (order == 0)
		order = compare_amounts(&a->largest[0].starting, spare_a, &b->largest[0].starting, spare_b,
								2 * a->largest_count);
	return order;
}

/*
 * A total order: by period, then currency, so that sorting reads well; then by bytes,
 * which means nothing but is the same for equal values.  Indexes are built on it: it never
 * changes.
 */
int
csm_retention_compare(const csm_retention_summary *a, const csm_retention_summary *b)
{
	int order = compare_headers(a, b);

	if (order == 0 &&
		!(a->scale == b->scale && memcmp(&a->starting, &b->starting,
										 CSM_RETENTION_SIZE(a->largest_count) -
											 offsetof(csm_retention_summary, starting)) == 0))
		order = compare_figures(a, b);
	return order < 0 ? -1 : order > 0;
}

/*
 * Validating
 */

static const char *
problem_with_amounts(const csm_retention_summary *r)
{
	if (r->starting < 0 || r->ending_existing < 0 || r->retained < 0 || r->new_business < 0 ||
		r->reactivation < 0 || r->churned < 0)
		return "an amount is negative";
	/* in steps that cannot overflow: each amount alone is within 38 digits */
	if (!csm_decimal_fits(r->starting) || !csm_decimal_fits(r->ending_existing) ||
		!csm_decimal_fits(r->new_business) || !csm_decimal_fits(r->reactivation) ||
		r->new_business > CSM_DECIMAL_MAX - r->ending_existing ||
		r->reactivation > CSM_DECIMAL_MAX - r->ending_existing - r->new_business)
		return "amounts have too many digits";
	if (r->retained > r->starting || r->retained > r->ending_existing)
		return "the retained amount is larger than the starting or the ending amount";
	if (r->churned > r->starting - r->retained)
		return "more was churned than was lost";
	return NULL;
}

static const char *
problem_with_accounts(const csm_retention_summary *r)
{
	int64 left = r->accounts_starting;

	if (r->accounts_starting < 0 || r->accounts_new < 0 || r->accounts_reactivated < 0 ||
		r->accounts_expanded < 0 || r->accounts_contracted < 0 || r->accounts_churned < 0)
		return "a count is negative";
	if (r->accounts_new > PG_INT64_MAX - left ||
		r->accounts_reactivated > PG_INT64_MAX - left - r->accounts_new)
		return "too many accounts to count";
	if (r->accounts_churned > left)
		return "more accounts moved than there were";
	left -= r->accounts_churned;
	if (!csm_amount_agrees(r->retained, left))
		return "accounts and amounts do not agree";
	if (r->accounts_expanded > left || r->accounts_contracted > left - r->accounts_expanded)
		return "more accounts moved than there were";
	if (!csm_amount_agrees(r->starting, r->accounts_starting) ||
		!csm_amount_agrees(r->new_business, r->accounts_new) ||
		!csm_amount_agrees(r->reactivation, r->accounts_reactivated) ||
		!csm_amount_agrees(r->churned, r->accounts_churned) ||
		!csm_amount_agrees(csm_expansion_of(r), r->accounts_expanded) ||
		!csm_amount_agrees(csm_contraction_of(r), r->accounts_contracted))
		return "accounts and amounts do not agree";
	return NULL;
}

static const char *
problem_with_squares(const csm_retention_summary *r)
{
	if (!csm_uint256_is_within(&r->starting_squared, r->starting, r->starting) ||
		!csm_uint256_is_within(&r->ending_squared, r->ending_existing, r->ending_existing) ||
		!csm_uint256_is_within(&r->starting_ending, r->starting, r->ending_existing) ||
		!csm_uint256_is_square_sum(r->starting_squared, r->starting, r->accounts_starting) ||
		!csm_uint256_is_square_sum(r->ending_squared, r->ending_existing, r->accounts_starting) ||
		csm_uint256_is_zero(&r->starting_ending) != (r->retained == 0))
		return "sums of squares do not agree with the amounts";
	return NULL;
}

/* What the listed accounts add up to; false when the list itself is wrong. */
static bool
sum_largest(const csm_retention_summary *r, csm_retention_summary *total)
{
	for (int i = 0; i < r->largest_count; i++)
	{
		const csm_account_amounts *account = &r->largest[i];

		if (account->starting <= 0 || account->starting > r->starting - total->starting ||
			account->ending < 0 || account->ending > r->ending_existing - total->ending_existing ||
			(i > 0 && is_larger(account, account - 1)))
			return false;
		add_existing(total, account->starting, account->ending);
		csm_uint256_add_product(&total->starting_squared, account->starting, account->starting);
		csm_uint256_add_product(&total->ending_squared, account->ending, account->ending);
		csm_uint256_add_product(&total->starting_ending, account->starting, account->ending);
	}
	return true;
}

/* Does the rest, what is not listed, fit an amount, a count and a sum of squares? */
static const char *
problem_with_rest(const csm_retention_summary *r, const csm_retention_summary *listed)
{
	int64 rest = r->accounts_starting - listed->accounts_starting;
	int128 rest_starting = r->starting - listed->starting;

	if (listed->retained > r->retained || listed->churned > r->churned ||
		listed->accounts_churned > r->accounts_churned ||
		listed->accounts_expanded > r->accounts_expanded ||
		listed->accounts_contracted > r->accounts_contracted ||
		csm_uint256_compare(&listed->starting_squared, &r->starting_squared) > 0 ||
		csm_uint256_compare(&listed->ending_squared, &r->ending_squared) > 0 ||
		csm_uint256_compare(&listed->starting_ending, &r->starting_ending) > 0)
		return "the largest accounts exceed the sums";
	if (rest == 0)
	{
		if (rest_starting != 0 || listed->ending_existing != r->ending_existing ||
			listed->retained != r->retained ||
			csm_uint256_compare(&listed->starting_squared, &r->starting_squared) != 0 ||
			csm_uint256_compare(&listed->ending_squared, &r->ending_squared) != 0 ||
			csm_uint256_compare(&listed->starting_ending, &r->starting_ending) != 0)
			return "the largest accounts are all there are, but do not make up the sums";
	}
	else if (rest_starting < rest ||
			 rest_starting / rest > r->largest[r->largest_count - 1].starting)
		return "the largest accounts are not the largest";
	return NULL;
}

static const char *
problem_with_largest(const csm_retention_summary *r)
{
	csm_retention_summary listed;

	if (r->largest_count != Min(r->accounts_starting, CSM_LARGEST))
		return "the number of largest accounts is wrong";
	memset(&listed, 0, sizeof(listed));
	if (!sum_largest(r, &listed))
		return "the largest accounts are out of order, or exceed the sums";
	return problem_with_rest(r, &listed);
}

static const char *
problem_with_header(const csm_retention_summary *r)
{
	if (r->version != CSM_RETENTION_VERSION)
		return "unknown format version";
	if (r->scale > CSM_DECIMAL_DIGITS)
		return "scale out of range";
	if ((r->flags & ~CSM_RETENTION_HAS_PERIOD) != 0)
		return "unknown flags";
	if (!csm_currency_field_is_valid(r->currency))
		return "malformed currency code";
	if (csm_retention_has_period(r) ? !csm_period_is_valid(r->period_from, r->period_to)
									: r->period_from != 0 || r->period_to != 0)
		return "malformed period";
	return NULL;
}

/* Says what is wrong with a value that came from outside, NULL when nothing is. */
const char *
csm_retention_problem(const csm_retention_summary *r)
{
	const char *(*const checks[])(const csm_retention_summary *) = {
		problem_with_header,  problem_with_amounts, problem_with_accounts,
		problem_with_squares, problem_with_largest,
	};
	const char *problem = NULL;

	for (int i = 0; problem == NULL && i < (int) lengthof(checks); i++)
		problem = checks[i](r);
	return problem;
}

/*
 * Binary form: the fields in their order, big-endian
 */

void
csm_retention_write(csm_writer *writer, const csm_retention_summary *r)
{
	csm_write_integer(writer, r->version, 1);
	csm_write_integer(writer, r->scale, 1);
	csm_write_integer(writer, r->flags, 1);
	csm_write_integer(writer, r->largest_count, 1);
	csm_write_integer(writer, (uint32) r->period_from, 4);
	csm_write_integer(writer, (uint32) r->period_to, 4);
	csm_write_bytes(writer, r->currency, CSM_CURRENCY_SIZE);
	csm_write_coefficient(writer, r->starting);
	csm_write_coefficient(writer, r->ending_existing);
	csm_write_coefficient(writer, r->retained);
	csm_write_coefficient(writer, r->new_business);
	csm_write_coefficient(writer, r->reactivation);
	csm_write_coefficient(writer, r->churned);
	csm_write_integer(writer, r->accounts_starting, 8);
	csm_write_integer(writer, r->accounts_new, 8);
	csm_write_integer(writer, r->accounts_reactivated, 8);
	csm_write_integer(writer, r->accounts_expanded, 8);
	csm_write_integer(writer, r->accounts_contracted, 8);
	csm_write_integer(writer, r->accounts_churned, 8);
	csm_write_uint256(writer, &r->starting_squared);
	csm_write_uint256(writer, &r->ending_squared);
	csm_write_uint256(writer, &r->starting_ending);
	for (int i = 0; i < r->largest_count; i++)
	{
		csm_write_coefficient(writer, r->largest[i].starting);
		csm_write_coefficient(writer, r->largest[i].ending);
	}
}

static void
read_fixed_part(csm_reader *reader, csm_retention_summary *r)
{
	r->version = csm_read_integer(reader, 1);
	r->scale = csm_read_integer(reader, 1);
	r->flags = csm_read_integer(reader, 1);
	r->largest_count = csm_read_integer(reader, 1);
	r->period_from = (int32) csm_read_integer(reader, 4);
	r->period_to = (int32) csm_read_integer(reader, 4);
	csm_read_bytes(reader, r->currency, CSM_CURRENCY_SIZE);
	r->starting = csm_read_coefficient(reader);
	r->ending_existing = csm_read_coefficient(reader);
	r->retained = csm_read_coefficient(reader);
	r->new_business = csm_read_coefficient(reader);
	r->reactivation = csm_read_coefficient(reader);
	r->churned = csm_read_coefficient(reader);
	r->accounts_starting = csm_read_integer(reader, 8);
	r->accounts_new = csm_read_integer(reader, 8);
	r->accounts_reactivated = csm_read_integer(reader, 8);
	r->accounts_expanded = csm_read_integer(reader, 8);
	r->accounts_contracted = csm_read_integer(reader, 8);
	r->accounts_churned = csm_read_integer(reader, 8);
	r->starting_squared = csm_read_uint256(reader);
	r->ending_squared = csm_read_uint256(reader);
	r->starting_ending = csm_read_uint256(reader);
}

/* Reads and validates; the result has no spare room. */
csm_retention_summary *
csm_retention_read(csm_reader *reader, const char **problem)
{
	csm_retention_summary *r = csm_retention_new();

	read_fixed_part(reader, r);
	if (r->largest_count > CSM_LARGEST)
	{
		*problem = "the number of largest accounts is wrong";
		return NULL;
	}
	for (int i = 0; i < r->largest_count; i++)
	{
		r->largest[i].starting = csm_read_coefficient(reader);
		r->largest[i].ending = csm_read_coefficient(reader);
	}
	if (reader->failed)
		*problem = "it is too short, or an amount has too many digits";
	else if (reader->next != reader->end)
		*problem = "there are bytes left over";
	else
		*problem = csm_retention_problem(r);
	return csm_retention_copy(r, r->largest_count);
}
