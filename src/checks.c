/*
 * checks.c
 *		What is wrong with a table of subscriptions or of snapshots; checks.h says how rows
 *		are kept.
 */
#include "base/port.h"

#include "miscadmin.h"
#include "utils/date.h"
#include "utils/memutils.h"

#include "checks.h"
#include "base/decimal.h"
#include "engine/memory_budget.h"

/* A tape for each value of the first bits of an account's hash. */
#define TAPE_BITS 8
#define TAPES     (1 << TAPE_BITS)

/* Absences of up to so many days between two terms are short. */
#define SHORT_GAP_DAYS 7
/* A renewal is booked early by up to so many days. */
#define EARLY_DAYS 92
/* So many terms are compared with one that ends; more of one account overlap by intent. */
#define EARLY_CANDIDATES 64
/* Rows of an account on so many days of a unit, on average, are daily ones, or weekly. */
#define DAILY_DAYS 3
/* Units are counted from 0001-01-01 to the end of 9998: dates beyond are typing errors. */
#define FIRST_COUNTED_DAY (-730119)

struct csm_check
{
	MemoryContext context;
	Size memory;
	bool is_snapshots;
	csm_step every;
	int32 as_of;

	csm_check_row *rows; /* in memory: all, or those of one tape */
	int64 count;
	int64 room;
	csm_memory_budget *budget;
	LogicalTape **tapes; /* NULL as long as memory is enough */
	int64 *tape_counts;

	csm_finding findings[CSM_COUNTS];
	int64 account; /* the number of the one that is looked at */
	int64 currency_rows[CSM_CHECK_CURRENCIES + 2];
	int main_currency; /* the one of most rows */
	const uint16 *currency_order;
	bool has_currencies;

	int64 *unit_rows; /* of the units from first_unit on */
	int32 first_unit;
	int64 unit_count;
	int64 unit_room;
	bool *unit_is_odd; /* too few rows, or not over: its accounts are counted */

	int64 ends_followed;   /* ends that another term of the account follows */
	int64 rows_of_several; /* rows of accounts that have several, and the open ones of them */
	int64 open_of_several;
	int64 account_units; /* pairs of an account and a unit it has rows in, and days in them */
	int64 account_days;
};

csm_check *
csm_check_new(MemoryContext context, Size memory, const csm_step *every, int32 as_of)
{
	csm_check *check = MemoryContextAllocZero(context, sizeof(csm_check));

	check->context = context;
	check->memory = memory;
	check->budget = csm_budget_new(context, memory);
	check->is_snapshots = every != NULL;
	if (every != NULL)
		check->every = *every;
	check->as_of = as_of;
	check->room = 1024;
	check->rows = MemoryContextAlloc(context, check->room * sizeof(csm_check_row));
	return check;
}

const csm_finding *
csm_check_finding(const csm_check *check, csm_problem problem)
{
	return &check->findings[problem];
}

/*
 * Rows on their way in
 */

static int
tape_of(const csm_check_row *row)
{
	return (int) (row->group >> (64 - TAPE_BITS));
}

static void
write_row(csm_check *check, const csm_check_row *row)
{
	int i = tape_of(row);

	if (check->tapes[i] == NULL)
		check->tapes[i] = csm_tape_new(check->budget);
	csm_tape_write(check->budget, check->tapes[i], row, sizeof(csm_check_row));
	check->tape_counts[i]++;
}

/* From now on rows go to tapes. */
static void
open_tapes(csm_check *check)
{
	check->tapes = MemoryContextAllocZero(check->context, TAPES * sizeof(LogicalTape *));
	check->tape_counts = MemoryContextAllocZero(check->context, TAPES * sizeof(int64));
	for (int64 i = 0; i < check->count; i++)
		write_row(check, &check->rows[i]);
	check->count = 0;
}

static void
make_room(csm_check *check, int64 room)
{
	if (room <= check->room)
		return;
	check->room = room;
	check->rows = repalloc_huge(check->rows, room * sizeof(csm_check_row));
}

/* Counts a row under its unit; units are kept from the first one to the last. */
static void
count_unit(csm_check *check, int32 unit)
{
	int64 first = check->unit_count == 0 ? unit : Min(unit, check->first_unit);
	int64 last =
		check->unit_count == 0 ? unit : Max(unit, check->first_unit + check->unit_count - 1);
	int64 count = last - first + 1;
	int64 shift = check->unit_count == 0 ? 0 : check->first_unit - first;

	if (count > check->unit_room)
	{
		Size size = Max(2 * count, 64) * sizeof(int64);

		check->unit_rows = check->unit_rows == NULL ? MemoryContextAlloc(check->context, size)
													: repalloc_huge(check->unit_rows, size);
		check->unit_room = Max(2 * count, 64);
	}
	if (count != check->unit_count)
	{
		memmove(check->unit_rows + shift, check->unit_rows, check->unit_count * sizeof(int64));
		memset(check->unit_rows, 0, shift * sizeof(int64));
		memset(check->unit_rows + shift + check->unit_count, 0,
			   (count - shift - check->unit_count) * sizeof(int64));
		check->first_unit = (int32) first;
		check->unit_count = count;
	}
	check->unit_rows[unit - first]++;
}

void
csm_check_add(csm_check *check, const csm_check_row *row)
{
	csm_check_row *copy;

	check->currency_rows[row->currency]++;
	if (check->tapes == NULL && check->count == check->room)
	{
		if (check->room * 2 * sizeof(csm_check_row) <= check->memory)
			make_room(check, check->room * 2);
		else
			open_tapes(check);
	}
	if (check->tapes == NULL)
		copy = &check->rows[check->count++];
	else
		copy = &check->rows[0];
	*copy = *row;
	if (check->is_snapshots && !(row->flags & CSM_ROW_NO_START))
	{
		copy->end = csm_unit_index(row->start, check->every);
		if (row->start >= FIRST_COUNTED_DAY && row->start < CSM_FIRST_OPEN_DAY)
			count_unit(check, copy->end);
	}
	if (check->tapes != NULL)
		write_row(check, copy);
}

/*
 * Findings
 */

static void
note(csm_check *check, csm_problem problem, const csm_check_row *row, const csm_check_row *other)
{
	csm_finding *finding = &check->findings[problem];

	if (finding->example.row_count == 0)
	{
		finding->example.row_count = other == NULL ? 1 : 2;
		finding->example.rows[0] = *row;
		if (other != NULL)
			finding->example.rows[1] = *other;
	}
	finding->rows++;
	if (finding->last_account != check->account && !(row->flags & CSM_ROW_NO_ACCOUNT))
	{
		finding->last_account = check->account;
		finding->accounts++;
	}
}

static bool
has_days(const csm_check_row *row)
{
	return (row->flags & (CSM_ROW_NO_START | CSM_ROW_EMPTY)) == 0 && row->start < row->end;
}

/* Rows of an account that are the same in all. */
static bool
is_duplicate(const csm_check_row *a, const csm_check_row *b)
{
	return a->start == b->start && a->end == b->end && a->amount == b->amount &&
		   a->scale == b->scale && a->currency == b->currency && a->flags == b->flags;
}

/* What a row says by itself. */
static void
check_row(csm_check *check, const csm_check_row *row)
{
	if (row->flags & CSM_ROW_NO_ACCOUNT)
		note(check, CSM_NO_ACCOUNT, row, NULL);
	if (row->flags & CSM_ROW_NO_START)
		note(check, CSM_NO_START, row, NULL);
	else if (row->start > check->as_of && !(row->flags & CSM_ROW_EMPTY))
		note(check, CSM_FUTURE, row, NULL);
	if (row->flags & CSM_ROW_IMPOSSIBLE_AMOUNT)
		note(check, CSM_IMPOSSIBLE_AMOUNT, row, NULL);
	if (row->flags & CSM_ROW_NO_AMOUNT)
		note(check, CSM_NO_AMOUNT, row, NULL);
	if (row->flags & CSM_ROW_FAR_END)
		note(check, CSM_FAR_END, row, NULL);
	if (row->currency != check->main_currency && check->main_currency != 0)
		note(check, row->currency == 0 ? CSM_NO_CURRENCY : CSM_CURRENCIES, row, NULL);
	if (check->is_snapshots || (row->flags & CSM_ROW_NO_START))
		return;
	if ((row->flags & CSM_ROW_EMPTY) || row->start == row->end)
		note(check, CSM_NO_DAY, row, NULL);
	else if (row->end < row->start)
		note(check, CSM_END_BEFORE_START, row, NULL);
}

/*
 * Terms of one account: rows that have days, in order of their starts, each once.
 */
typedef struct terms
{
	const csm_check_row **rows;
	int32 *ends; /* in order */
	int64 count;
} terms;

/* The first term that starts on the day or later. */
static int64
first_start_from(const terms *t, int32 day)
{
	int64 low = 0;
	int64 high = t->count;

	while (low < high)
	{
		int64 middle = (low + high) / 2;

		if (t->rows[middle]->start < day)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
some_start_is(const terms *t, int32 day)
{
	int64 i = first_start_from(t, day);

	return i < t->count && t->rows[i]->start == day;
}

static bool
some_end_is(const terms *t, int32 day)
{
	int64 low = 0;
	int64 high = t->count;

	while (low < high)
	{
		int64 middle = (low + high) / 2;

		if (t->ends[middle] < day)
			low = middle + 1;
		else
			high = middle;
	}
	return low < t->count && t->ends[low] == day;
}

static int128
at_scale(const csm_check_row *row, int scale)
{
	return row->amount * csm_power_of_ten[scale - row->scale];
}

/* Adds to a total, which no sum of amounts that there are can overflow. */
static void
add_amount(int128 *total, int128 amount)
{
	int128 sum;

	if (!__builtin_add_overflow(*total, amount, &sum))
		*total = sum;
}

/* Is each amount at most so many hundredths of the other?  Zeros are like nothing. */
static bool
are_alike(const csm_check_row *a, const csm_check_row *b, int hundredths)
{
	int scale = Max(a->scale, b->scale);
	int128 x = at_scale(a, scale);
	int128 y = at_scale(b, scale);

	return x > 0 && x * 100 <= y * hundredths && y * 100 <= x * hundredths;
}

/* Open terms of one account: each may replace the one before it. */
static void
check_open_versions(csm_check *check, const terms *t)
{
	const csm_check_row *before = NULL;

	for (int64 i = 0; i < t->count; i++)
	{
		const csm_check_row *row = t->rows[i];

		if (row->end != DATEVAL_NOEND || row->amount == 0)
			continue;
		if (before != NULL)
			note(check, CSM_OPEN_VERSIONS, before, row);
		if (before != NULL && are_alike(before, row, 125))
			note(check, CSM_LIKE_VERSIONS, before, row);
		before = row;
		check->open_of_several++;
	}
	check->rows_of_several += t->count;
}

/*
 * A renewal that starts while the term before it still runs, and outlasts it.  One that
 * goes on where another term ended is no renewal of this one, nor is a term renewed here
 * that another one goes on after.
 */
static void
check_early_renewal(csm_check *check, const terms *t, const csm_check_row *row)
{
	int64 from;

	if (row->end == DATEVAL_NOEND || some_start_is(t, row->end))
		return;
	from = first_start_from(t, Max(row->start + 1, row->end - EARLY_DAYS));
	for (int64 i = from; i < t->count && i < from + EARLY_CANDIDATES; i++)
	{
		const csm_check_row *next = t->rows[i];

		if (next->start >= row->end)
			return;
		if (next->end > row->end && are_alike(row, next, 200) && !some_end_is(t, next->start))
		{
			note(check, CSM_EARLY_RENEWAL, row, next);
			return;
		}
	}
}

static void
check_inclusive_end(csm_check *check, const terms *t, const csm_check_row *row)
{
	int64 next;

	if (row->end == DATEVAL_NOEND || first_start_from(t, row->end) == t->count)
		return;
	check->ends_followed++;
	next = first_start_from(t, row->end + 1);
	if (next < t->count && t->rows[next]->start == row->end + 1 && !some_start_is(t, row->end))
		note(check, CSM_INCLUSIVE_END, row, t->rows[next]);
}

/* Absences of the whole account. */
static void
check_gaps(csm_check *check, const terms *t)
{
	const csm_check_row *last = t->rows[0];

	for (int64 i = 1; i < t->count; i++)
	{
		const csm_check_row *row = t->rows[i];

		if (row->start > last->end && row->start - last->end <= SHORT_GAP_DAYS)
		{
			note(check, CSM_ANY_GAP, last, row);
			if (row->start - last->end > 1)
				note(check, CSM_SHORT_GAP, last, row);
		}
		if (row->end > last->end)
			last = row;
	}
}

/*
 * Totals below zero
 */

typedef struct change
{
	int32 day;
	int128 amount;
} change;

static int
compare_changes(const void *a, const void *b)
{
	int32 x = ((const change *) a)->day;
	int32 y = ((const change *) b)->day;

	return (x > y) - (x < y);
}

static bool
counts(const csm_check_row *row)
{
	return has_days(row) && row->amount != 0;
}

/* The first row below zero of a day on which the total is. */
static const csm_check_row *
row_below_zero(const csm_check_row *rows, int64 count, int32 day)
{
	const csm_check_row *row = rows;

	for (int64 i = 0; i < count; i++)
	{
		row = &rows[i];
		if (counts(row) && row->amount < 0 && row->start <= day && day < row->end)
			break;
	}
	return row;
}

/* The first day on which the rows of an account add up to less than 0. */
static void
check_total(csm_check *check, const csm_check_row *rows, int64 count)
{
	change *changes;
	int64 n = 0;
	int128 total = 0;
	int scale = 0;
	bool is_possible = false;

	for (int64 i = 0; i < count; i++)
	{
		scale = Max(scale, rows[i].scale);
		is_possible |= rows[i].amount < 0;
	}
	if (!is_possible)
		return;
	changes = MemoryContextAllocHuge(CurrentMemoryContext, 2 * count * sizeof(change));
	for (int64 i = 0; i < count; i++)
	{
		if (!counts(&rows[i]))
			continue;
		changes[n++] = (change){rows[i].start, at_scale(&rows[i], scale)};
		changes[n++] = (change){rows[i].end, -at_scale(&rows[i], scale)};
	}
	qsort(changes, n, sizeof(change), compare_changes);
	for (int64 i = 0; i < n && changes[i].day != DATEVAL_NOEND; i++)
	{
		add_amount(&total, changes[i].amount);
		if (total >= 0 || (i + 1 < n && changes[i + 1].day == changes[i].day))
			continue;
		note(check, CSM_BELOW_ZERO, row_below_zero(rows, count, changes[i].day), NULL);
		break;
	}
	pfree(changes);
}

static int
compare_days(const void *a, const void *b)
{
	int32 x = *(const int32 *) a;
	int32 y = *(const int32 *) b;

	return (x > y) - (x < y);
}

/* Subscriptions of one account, in order. */
static void
check_subscriptions(csm_check *check, const csm_check_row *rows, int64 count)
{
	terms t = {NULL, NULL, 0};

	for (int64 i = 0; i < count; i++)
		check_row(check, &rows[i]);
	t.rows = MemoryContextAllocHuge(CurrentMemoryContext, count * sizeof(csm_check_row *));
	for (int64 i = 0; i < count; i++)
	{
		if (i > 0 && is_duplicate(&rows[i - 1], &rows[i]))
		{
			if (rows[i].amount != 0)
				note(check, CSM_DUPLICATE, &rows[i], NULL);
		}
		else if (has_days(&rows[i]) && !(rows[i].flags & CSM_ROW_IMPOSSIBLE_AMOUNT))
			t.rows[t.count++] = &rows[i];
	}
	if (t.count > 1)
	{
		t.ends = MemoryContextAllocHuge(CurrentMemoryContext, t.count * sizeof(int32));
		for (int64 i = 0; i < t.count; i++)
			t.ends[i] = t.rows[i]->end;
		qsort(t.ends, t.count, sizeof(int32), compare_days);
		check_open_versions(check, &t);
		check_gaps(check, &t);
		for (int64 i = 0; i < t.count; i++)
		{
			check_early_renewal(check, &t, t.rows[i]);
			check_inclusive_end(check, &t, t.rows[i]);
		}
		pfree(t.ends);
	}
	check_total(check, rows, count);
	pfree(t.rows);
}

/* Snapshots of one account in one unit, in order. */
static void
check_unit(csm_check *check, const csm_check_row *rows, int64 count)
{
	int64 unit = (int64) rows[0].end - check->first_unit;
	int128 total = 0;
	int scale = 0;
	const csm_check_row *negative = NULL;

	check->account_units++;
	for (int64 i = 0; i < count; i++)
		scale = Max(scale, rows[i].scale);
	for (int64 i = 0; i < count; i++)
	{
		add_amount(&total, at_scale(&rows[i], scale));
		if (rows[i].amount < 0)
			negative = &rows[i];
		if (i == 0 || rows[i].start != rows[i - 1].start)
			check->account_days++;
		if (i > 0 && !is_duplicate(&rows[i - 1], &rows[i]))
			note(check, CSM_ROWS_IN_UNIT, &rows[i - 1], &rows[i]);
		else if (i > 0 && rows[i].amount != 0)
			note(check, CSM_DUPLICATE, &rows[i], NULL);
	}
	if (total < 0)
		note(check, CSM_BELOW_ZERO, negative, NULL);
	if (unit >= 0 && unit < check->unit_count && check->unit_is_odd[unit])
		check
			->findings[unit == check->unit_count - 1 && check->findings[CSM_UNIT_NOT_OVER].rows > 0
						   ? CSM_UNIT_NOT_OVER
						   : CSM_UNIT_WITH_FEW_ROWS]
			.accounts++;
}

static void
check_snapshots(csm_check *check, const csm_check_row *rows, int64 count)
{
	int64 first = 0;

	for (int64 i = 0; i < count; i++)
		check_row(check, &rows[i]);
	for (int64 i = 1; i <= count; i++)
	{
		if (i < count && rows[i].end == rows[first].end && !(rows[i].flags & CSM_ROW_NO_START))
			continue;
		if (!(rows[first].flags & CSM_ROW_NO_START))
			check_unit(check, &rows[first], i - first);
		first = i;
	}
}

/*
 * Accounts one after the other
 */

static inline int
compare_rows(const csm_check_row *a, const csm_check_row *b)
{
	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	if (a->spelling != b->spelling)
		return a->spelling < b->spelling ? -1 : 1;
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	if (a->end != b->end)
		return a->end < b->end ? -1 : 1;
	if (a->amount != b->amount)
		return a->amount < b->amount ? -1 : 1;
	if (a->scale != b->scale)
		return a->scale < b->scale ? -1 : 1;
	if (a->currency != b->currency)
		return a->currency < b->currency ? -1 : 1;
	return (a->flags > b->flags) - (a->flags < b->flags);
}

#define ST_SORT          sort_rows
#define ST_ELEMENT_TYPE  csm_check_row
#define ST_COMPARE(a, b) compare_rows(a, b)
#define ST_SCOPE         static
#define ST_DEFINE
#define ST_CHECK_FOR_INTERRUPTS
#include "lib/sort_template.h"

static bool
is_same_account(const csm_check_row *a, const csm_check_row *b)
{
	return a->group == b->group && a->spelling == b->spelling &&
		   (a->flags & CSM_ROW_NO_ACCOUNT) == (b->flags & CSM_ROW_NO_ACCOUNT);
}

static void
check_account(csm_check *check, const csm_check_row *rows, int64 count)
{
	check->account++;
	if (rows->flags & CSM_ROW_NO_ACCOUNT)
	{
		for (int64 i = 0; i < count; i++)
			check_row(check, &rows[i]);
	}
	else if (check->is_snapshots)
		check_snapshots(check, rows, count);
	else
		check_subscriptions(check, rows, count);
}

static void
check_rows_in_memory(csm_check *check)
{
	const csm_check_row *rows = check->rows;
	int64 first = 0;

	if (check->has_currencies)
	{
		for (int64 i = 0; i < check->count; i++)
			check->rows[i].currency = check->currency_order[check->rows[i].currency];
	}
	sort_rows(check->rows, check->count);
	for (int64 i = 1; i <= check->count; i++)
	{
		if (i < check->count && is_same_account(&rows[i], &rows[first]))
			continue;
		CHECK_FOR_INTERRUPTS();
		check_account(check, &rows[first], i - first);
		if (i < check->count && rows[i].group == rows[first].group &&
			!((rows[i].flags | rows[first].flags) & CSM_ROW_NO_ACCOUNT))
			note(check, CSM_SPELLINGS, &rows[first], &rows[i]);
		first = i;
	}
}

static void
check_tapes(csm_check *check)
{
	for (int i = 0; i < TAPES; i++)
	{
		if (check->tapes[i] == NULL)
			continue;
		CHECK_FOR_INTERRUPTS();
		check->count = check->tape_counts[i];
		make_room(check, check->count);
		csm_tape_rewind(check->budget, check->tapes[i]);
		csm_tape_read_all(check->budget, check->tapes[i], check->rows,
						  check->count * sizeof(csm_check_row));
		LogicalTapeClose(check->tapes[i]);
		check_rows_in_memory(check);
	}
	csm_budget_close_tapes(check->budget);
}

/*
 * Units of the whole table
 */

static void
note_unit(csm_check *check, csm_problem problem, int64 i)
{
	csm_finding *finding = &check->findings[problem];

	finding->rows += check->unit_rows[i];
	if (finding->example.units[0] == finding->example.units[1])
		finding->example.units[0] = finding->example.units[1] = check->first_unit + (int32) i;
	if (finding->example.units[1] == check->first_unit + (int32) i)
		finding->example.units[1]++;
	check->unit_is_odd[i] = check->unit_rows[i] > 0;
}

static void
check_units(csm_check *check)
{
	int64 last = check->unit_count - 1;
	const int64 *rows = check->unit_rows;
	bool is_over;

	if (check->unit_count == 0)
		return;
	check->unit_is_odd = MemoryContextAllocZero(check->context, check->unit_count);
	is_over =
		csm_unit_start(check->first_unit + (int32) last + 1, check->every) - 1 <= check->as_of;
	if (!is_over)
		note_unit(check, CSM_UNIT_NOT_OVER, last);
	for (int64 i = 1; i < check->unit_count; i++)
	{
		if (rows[i] == 0)
			note_unit(check, CSM_UNIT_WITHOUT_ROWS, i);
		else if (2 * rows[i] < rows[i - 1] && (i == last ? is_over : 2 * rows[i] < rows[i + 1]))
			note_unit(check, CSM_UNIT_WITH_FEW_ROWS, i);
	}
}

/* The currency of most rows, and the first of those by its new number. */
static void
find_main_currency(csm_check *check, const uint16 *currency_order)
{
	int64 most = 0;

	for (int i = 1; i < CSM_CHECK_CURRENCIES + 2; i++)
	{
		int64 rows = check->currency_rows[i];
		int number = currency_order[i];

		if (rows > most || (rows == most && rows > 0 && number < check->main_currency))
		{
			most = rows;
			check->main_currency = number;
		}
	}
	check->currency_order = currency_order;
	check->has_currencies = most > 0;
}

/*
 * Which of the things that were counted are named.
 *
 * Open terms side by side are items of their own, or versions that nobody closed.  They are
 * named where their amounts are alike; all of them where hardly any term has an end.
 * An end a day before the next start is one of many where ends are inclusive, and else a gap.
 */
static void
decide(csm_check *check)
{
	csm_finding *f = check->findings;

	if (check->open_of_several * 10 < check->rows_of_several * 9)
		f[CSM_OPEN_VERSIONS] = f[CSM_LIKE_VERSIONS];
	if (f[CSM_INCLUSIVE_END].rows * 4 < check->ends_followed)
	{
		f[CSM_INCLUSIVE_END].rows = 0;
		f[CSM_SHORT_GAP] = f[CSM_ANY_GAP];
	}
	if (check->account_days >= DAILY_DAYS * check->account_units && check->account_units > 0)
	{
		f[CSM_DAILY_ROWS] = f[CSM_ROWS_IN_UNIT];
		f[CSM_ROWS_IN_UNIT].rows = 0;
	}
}

/*
 * All rows have come.  currency_order has a new number for each that currencies had on their
 * way in: one that does not depend on which came first.
 */
void
csm_check_finish(csm_check *check, const uint16 *currency_order)
{
	find_main_currency(check, currency_order);
	check_units(check);
	if (check->tapes == NULL)
		check_rows_in_memory(check);
	else
		check_tapes(check);
	decide(check);
}
