/*
 * coverage_sql.c
 *		coverage_summary as SQL sees it: aggregates, loads, accessors, books, text and
 *		binary forms, comparison.
 */
#include "base/port.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/uuid.h"

#include "coverage.h"
#include "base/decimal_sql.h"
#include "base/tally_sql.h"

static void *
coverage_at_rest(const void *state)
{
	csm_tally *coverage = csm_tally_at_rest(state);

	(void) csm_coverage_total(coverage); /* within 38 digits */
	return coverage;
}

static const char *
coverage_problem(const void *coverage)
{
	return csm_coverage_problem(coverage);
}

static const csm_tally_type coverage_type = {
	.value = {"coverage_summary", coverage_at_rest, coverage_problem},
	.version = CSM_COVERAGE_VERSION,
	.shape = CSM_COVERAGE_SHAPE,
};

#define PG_GETARG_COVERAGE(i) csm_tally_argument(fcinfo, i, &coverage_type)

/*
 * Aggregates
 */

static void
capacity_error(const char *capacity)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("a capacity must be positive, not %s", capacity),
					errhint("Use NULL for a capacity that sets no limit.")));
}

static csm_decimal
arr_capacity_argument(FunctionCallInfo fcinfo, int i)
{
	csm_decimal capacity = {0, 0};

	if (PG_NARGS() > i && !PG_ARGISNULL(i))
	{
		capacity = csm_decimal_from_numeric(PG_GETARG_DATUM(i));
		if (capacity.coefficient <= 0)
			capacity_error(csm_numeric_to_text(PG_GETARG_DATUM(i)));
	}
	return capacity;
}

static int64
account_capacity_argument(FunctionCallInfo fcinfo, int i)
{
	int64 capacity = 0;

	if (PG_NARGS() > i && !PG_ARGISNULL(i))
	{
		capacity = PG_GETARG_INT64(i);
		if (capacity <= 0)
			capacity_error(psprintf(INT64_FORMAT, capacity));
	}
	return capacity;
}

/* One row into the state: (state, manager, amount [, amount capacity [, account capacity]]) */
static Datum
accumulate(FunctionCallInfo fcinfo, const char *csm, int csm_length)
{
	static const csm_decimal zero = {0, 0};
	csm_tally *coverage = csm_tally_state(fcinfo, &coverage_type);
	csm_decimal arr = PG_ARGISNULL(2) ? zero : csm_amount_from_numeric(PG_GETARG_DATUM(2));
	csm_decimal arr_capacity = arr_capacity_argument(fcinfo, 3);
	int64 account_capacity = account_capacity_argument(fcinfo, 4);

	csm_coverage_add(&coverage, csm, csm_length, arr,
					 csm_capacities_of(arr_capacity, account_capacity));
	return csm_state_result(fcinfo, &coverage_type.value, coverage);
}

PG_FUNCTION_INFO_V1(csm_coverage_accum_text);
Datum
csm_coverage_accum_text(PG_FUNCTION_ARGS)
{
	text *csm;

	if (PG_ARGISNULL(1))
		return accumulate(fcinfo, "", -1);
	csm = PG_GETARG_TEXT_PP(1);
	return accumulate(fcinfo, VARDATA_ANY(csm), (int) VARSIZE_ANY_EXHDR(csm));
}

PG_FUNCTION_INFO_V1(csm_coverage_accum_bigint);
Datum
csm_coverage_accum_bigint(PG_FUNCTION_ARGS)
{
	char csm[MAXINT8LEN + 1];

	if (PG_ARGISNULL(1))
		return accumulate(fcinfo, "", -1);
	return accumulate(fcinfo, csm, pg_lltoa(PG_GETARG_INT64(1), csm));
}

PG_FUNCTION_INFO_V1(csm_coverage_accum_uuid);
Datum
csm_coverage_accum_uuid(PG_FUNCTION_ARGS)
{
	char *csm;

	if (PG_ARGISNULL(1))
		return accumulate(fcinfo, "", -1);
	csm = DatumGetCString(DirectFunctionCall1(uuid_out, PG_GETARG_DATUM(1)));
	return accumulate(fcinfo, csm, (int) strlen(csm));
}

PG_FUNCTION_INFO_V1(csm_coverage_combine);
Datum
csm_coverage_combine(PG_FUNCTION_ARGS)
{
	return csm_tally_combine(fcinfo, &coverage_type);
}

PG_FUNCTION_INFO_V1(csm_coverage_final);
Datum
csm_coverage_final(PG_FUNCTION_ARGS)
{
	return csm_tally_final(fcinfo, &coverage_type);
}

/*
 * Loads
 *
 * A load is a sum of amounts and counts, each over its capacity.  It is kept as one
 * fraction over the smallest common denominator, so that it is exact, whatever
 * capacities a book mixes.
 *
 * Should the denominator need more than 38 digits, the load goes on with
 * ROUNDED_PLACES decimal places: a whole number over that power of ten.  Each addend is
 * cut there, and the sum is rounded SPARE_PLACES before it is used, which undoes what
 * was cut from up to 10^SPARE_PLACES addends.  What is asked of a load is whether it is
 * above a whole number.  A fraction that is not whole differs from the next whole number
 * by 1 / denominator at least; so the answer is exact up to denominators of
 * ROUNDED_PLACES - SPARE_PLACES digits.  Beyond that, a load which is nearer to a whole
 * number than anybody can tell counts as whole.
 */

#define ROUNDED_PLACES 1000
#define SPARE_PLACES   10

typedef struct csm_load
{
	Datum numerator;         /* numeric */
	csm_decimal denominator; /* 10^ROUNDED_PLACES stands for it in a rounded load */
	bool rounded;
} csm_load;

static int128
greatest_common_divisor(int128 a, int128 b)
{
	while (b != 0)
	{
		int128 rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

static Datum
decimal_numeric(csm_decimal amount)
{
	return csm_decimal_to_numeric(amount.coefficient, amount.scale);
}

static Datum
load_denominator(const csm_load *load)
{
	if (!load->rounded)
		return decimal_numeric(load->denominator);
	return DirectFunctionCall3(numeric_in, CStringGetDatum(psprintf("1e%d", ROUNDED_PLACES)),
							   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

/* As numeric rounds a quotient. */
static Datum
load_quotient(const csm_load *load)
{
	return csm_numeric_divide(load->numerator, load_denominator(load));
}

/* Brings the load and an addend of this denominator together; false beyond 38 digits. */
static bool
add_over_common_denominator(csm_load *load, Datum addend, csm_decimal denominator)
{
	int scale = Max(load->denominator.scale, denominator.scale);
	int128 a;
	int128 b;
	int128 common;
	int128 divisor;

	if (!csm_decimal_try_align(load->denominator, scale, &a) ||
		!csm_decimal_try_align(denominator, scale, &b))
		return false;
	divisor = greatest_common_divisor(a, b);
	if (__builtin_mul_overflow(a, b / divisor, &common) || !csm_decimal_fits(common))
		return false;
	load->numerator = csm_numeric_add(
		csm_numeric_multiply(load->numerator, csm_decimal_to_numeric(b / divisor, 0)),
		csm_numeric_multiply(addend, csm_decimal_to_numeric(a / divisor, 0)));
	load->denominator.coefficient = common;
	load->denominator.scale = scale;
	return true;
}

/* The whole number over 10^ROUNDED_PLACES that is just below. */
static Datum
rounded_numerator(Datum numerator, Datum denominator, Datum power)
{
	return DirectFunctionCall2(numeric_div_trunc, csm_numeric_multiply(numerator, power),
							   denominator);
}

/* The numbers are long: all but the sum is freed at once. */
static void
add_rounded(csm_load *load, Datum addend, csm_decimal denominator)
{
	csm_load sum = {.rounded = true};
	csm_scratch scratch = csm_scratch_start();
	Datum power;
	Datum numerator = load->numerator;

	csm_scratch_enter(&scratch);
	power = load_denominator(&sum);
	if (!load->rounded)
		numerator = rounded_numerator(numerator, decimal_numeric(load->denominator), power);
	numerator =
		csm_numeric_add(numerator, rounded_numerator(addend, decimal_numeric(denominator), power));
	MemoryContextSwitchTo(scratch.keep);
	pfree(DatumGetPointer(load->numerator));
	load->numerator = datumCopy(numerator, false, -1);
	load->rounded = true;
	csm_scratch_end(&scratch);
}

static void
add_to_load(csm_load *load, Datum addend, csm_decimal denominator)
{
	if (load->rounded)
		add_rounded(load, addend, denominator);
	else if (load->denominator.coefficient == 0)
	{
		load->numerator = addend;
		load->denominator = denominator;
	}
	else if (load->denominator.coefficient == denominator.coefficient &&
			 load->denominator.scale == denominator.scale)
		load->numerator = csm_numeric_add(load->numerator, addend);
	else if (!add_over_common_denominator(load, addend, denominator))
		add_rounded(load, addend, denominator);
}

static void
add_book_to_load(csm_load *load, const csm_book *book, int scale)
{
	if (book->arr_bound != 0)
		add_to_load(load, csm_decimal_to_numeric(book->arr_bound, scale),
					csm_arr_capacity(&book->capacities));
	if (book->accounts_bound != 0)
	{
		csm_decimal capacity = {book->capacities.accounts, 0};

		add_to_load(load, csm_integer_to_numeric(book->accounts_bound), capacity);
	}
}

static bool
has_load(const csm_load *load)
{
	return load->denominator.coefficient != 0;
}

/* After the last addend. */
static void
finish_load(csm_load *load)
{
	if (load->rounded)
		load->numerator =
			DirectFunctionCall2(numeric_round, load->numerator, Int32GetDatum(-SPARE_PLACES));
}

static bool
is_overloaded(const csm_load *load)
{
	return has_load(load) &&
		   csm_numeric_sign(csm_numeric_subtract(load->numerator, load_denominator(load))) > 0;
}

/* Rounded up, which a quotient that has been rounded already would not tell. */
static Datum
load_ceiling(const csm_load *load)
{
	Datum denominator = load_denominator(load);
	Datum whole = DirectFunctionCall2(numeric_div_trunc, load->numerator, denominator);
	Datum rest = csm_numeric_subtract(load->numerator, csm_numeric_multiply(whole, denominator));

	return csm_numeric_add(whole, csm_integer_to_numeric(csm_numeric_sign(rest)));
}

/*
 * Managers, one by one: their entries are next to each other
 */

typedef struct csm_manager
{
	const csm_tally *coverage;
	csm_tally_entry *first; /* NULL when there are no more */
	csm_tally_entry *next;  /* the first of the manager after this one */
	int128 arr;
	int64 accounts;
	csm_load load;
} csm_manager;

/* Takes in the entries of the manager that starts at "next". */
static bool
next_manager(csm_manager *m)
{
	m->first = m->next;
	m->arr = 0;
	m->accounts = 0;
	memset(&m->load, 0, sizeof(m->load));
	while (m->next != NULL && csm_tally_same_name(m->coverage, m->first, m->next))
	{
		const csm_book *book = csm_book_of(m->next);

		m->arr += book->arr;
		m->accounts += book->accounts;
		add_book_to_load(&m->load, book, m->coverage->scale);
		m->next = csm_tally_next(m->coverage, m->next);
	}
	finish_load(&m->load);
	return m->first != NULL;
}

/* Before the first manager; accounts without one come before them. */
static csm_manager
before_managers(const csm_tally *coverage)
{
	csm_manager m;

	m.coverage = coverage;
	m.next = csm_tally_first(coverage);
	while (m.next != NULL && !csm_tally_has_name(m.next))
		m.next = csm_tally_next(coverage, m.next);
	return m;
}

/* What the manager has room for of the book: all of it, or its share: amount / load. */
static Datum
covered_arr(const csm_manager *m)
{
	Datum arr = csm_decimal_to_numeric(m->arr, m->coverage->scale);

	if (!is_overloaded(&m->load))
		return arr;
	return csm_numeric_divide(csm_numeric_multiply(arr, load_denominator(&m->load)),
							  m->load.numerator);
}

/* Sum over all managers; what numerics leave behind is freed manager by manager. */
static Datum
total_covered_arr(const csm_tally *coverage)
{
	csm_manager m = before_managers(coverage);
	Datum sum = csm_integer_to_numeric(0);
	int128 whole = 0; /* of the books that their managers have room for */
	csm_scratch scratch = csm_scratch_start();

	csm_scratch_enter(&scratch);
	while (next_manager(&m))
	{
		if (!is_overloaded(&m.load))
			whole += m.arr;
		else
		{
			Datum larger = csm_numeric_add(sum, covered_arr(&m));

			MemoryContextSwitchTo(scratch.keep);
			pfree(DatumGetPointer(sum));
			sum = datumCopy(larger, false, -1);
			csm_scratch_enter(&scratch);
		}
		MemoryContextReset(scratch.context);
	}
	csm_scratch_end(&scratch);
	return csm_numeric_add(sum, csm_decimal_to_numeric(whole, coverage->scale));
}

/* The load of all accounts together, with a manager or without. */
static csm_load
total_load(const csm_tally *coverage)
{
	csm_tally *sums = csm_tally_at_rest(csm_tally_without_names(coverage));
	csm_load load;

	memset(&load, 0, sizeof(load));
	for (csm_tally_entry *e = csm_tally_first(sums); e != NULL; e = csm_tally_next(sums, e))
		add_book_to_load(&load, csm_book_of(e), sums->scale);
	finish_load(&load);
	return load;
}

/*
 * Accessors
 */

/* Also the final function of the aggregate of this name. */
PG_FUNCTION_INFO_V1(csm_coverage_share);
Datum
csm_coverage_share(PG_FUNCTION_ARGS)
{
	csm_tally *coverage = PG_GETARG_COVERAGE(0);
	csm_coverage_totals total = csm_coverage_total(coverage);

	Assert(csm_coverage_problem(coverage) == NULL);
	if (total.arr == 0)
		PG_RETURN_NULL();
	return csm_numeric_divide(total_covered_arr(coverage),
							  csm_decimal_to_numeric(total.arr, coverage->scale));
}

#define COUNT(name, count)                                                     \
	PG_FUNCTION_INFO_V1(csm_coverage_##name);                                  \
	Datum csm_coverage_##name(PG_FUNCTION_ARGS)                                \
	{                                                                          \
		csm_coverage_totals total = csm_coverage_total(PG_GETARG_COVERAGE(0)); \
		PG_RETURN_INT64(count);                                                \
	}

#define AMOUNT(name, amount)                                      \
	PG_FUNCTION_INFO_V1(csm_coverage_##name);                     \
	Datum csm_coverage_##name(PG_FUNCTION_ARGS)                   \
	{                                                             \
		csm_tally *coverage = PG_GETARG_COVERAGE(0);              \
		csm_coverage_totals total = csm_coverage_total(coverage); \
		return csm_decimal_to_numeric(amount, coverage->scale);   \
	}

/* clang-format off */
COUNT(accounts, total.accounts)
COUNT(unassigned_accounts, total.unassigned_accounts)
COUNT(csms, total.csms)
AMOUNT(arr, total.arr)
AMOUNT(unassigned_arr, total.unassigned_arr)
/* clang-format on */

PG_FUNCTION_INFO_V1(csm_coverage_required_csms);
Datum
csm_coverage_required_csms(PG_FUNCTION_ARGS)
{
	csm_load load = total_load(PG_GETARG_COVERAGE(0));

	if (!has_load(&load))
		PG_RETURN_NULL();
	return load_quotient(&load);
}

PG_FUNCTION_INFO_V1(csm_coverage_headcount_gap);
Datum
csm_coverage_headcount_gap(PG_FUNCTION_ARGS)
{
	csm_tally *coverage = PG_GETARG_COVERAGE(0);
	csm_load load = total_load(coverage);

	if (!has_load(&load))
		PG_RETURN_NULL();
	return DirectFunctionCall1(
		numeric_int8,
		csm_numeric_subtract(load_ceiling(&load),
							 csm_integer_to_numeric(csm_coverage_total(coverage).csms)));
}

PG_FUNCTION_INFO_V1(csm_coverage_overloaded_csms);
Datum
csm_coverage_overloaded_csms(PG_FUNCTION_ARGS)
{
	csm_manager m = before_managers(PG_GETARG_COVERAGE(0));
	csm_scratch scratch = csm_scratch_start();
	int64 count = 0;

	csm_scratch_enter(&scratch);
	while (next_manager(&m))
	{
		count += is_overloaded(&m.load);
		MemoryContextReset(scratch.context);
	}
	csm_scratch_end(&scratch);
	PG_RETURN_INT64(count);
}

PG_FUNCTION_INFO_V1(csm_coverage_arr_per_csm);
Datum
csm_coverage_arr_per_csm(PG_FUNCTION_ARGS)
{
	csm_tally *coverage = PG_GETARG_COVERAGE(0);
	csm_coverage_totals total = csm_coverage_total(coverage);

	return csm_numeric_ratio(
		csm_decimal_to_numeric(total.arr - total.unassigned_arr, coverage->scale),
		csm_integer_to_numeric(total.csms), &fcinfo->isnull);
}

PG_FUNCTION_INFO_V1(csm_coverage_accounts_per_csm);
Datum
csm_coverage_accounts_per_csm(PG_FUNCTION_ARGS)
{
	csm_coverage_totals total = csm_coverage_total(PG_GETARG_COVERAGE(0));

	return csm_numeric_ratio(csm_integer_to_numeric(total.accounts - total.unassigned_accounts),
							 csm_integer_to_numeric(total.csms), &fcinfo->isnull);
}

PG_FUNCTION_INFO_V1(csm_coverage_books);
Datum
csm_coverage_books(PG_FUNCTION_ARGS)
{
	csm_tally *coverage = PG_GETARG_COVERAGE(0);
	csm_manager m = before_managers(coverage);
	csm_rows rows = csm_rows_start(fcinfo);
	bool nulls[5] = {false};

	while (next_manager(&m))
	{
		const char *name = csm_tally_name(coverage->shape, m.first);
		Datum values[5];

		values[0] = PointerGetDatum(cstring_to_text_with_len(name, m.first->name_length));
		values[1] = Int64GetDatum(m.accounts);
		values[2] = csm_decimal_to_numeric(m.arr, coverage->scale);
		values[3] = has_load(&m.load) ? load_quotient(&m.load) : csm_integer_to_numeric(0);
		values[4] = covered_arr(&m);
		csm_rows_put(&rows, values, nulls);
	}
	return csm_rows_end(&rows);
}

/*
 * Benchmarks
 */

static int
compare_numerics(Datum a, Datum b)
{
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp, a, b));
}

/* Does the range lie within 0 and 1, as ranges of shares do? */
static bool
is_range_of_shares(FunctionCallInfo fcinfo)
{
	return !PG_ARGISNULL(2) &&
		   compare_numerics(PG_GETARG_DATUM(2), csm_integer_to_numeric(1)) <= 0 &&
		   csm_numeric_sign(PG_GETARG_DATUM(PG_ARGISNULL(1) ? 2 : 1)) >= 0;
}

/* A range that no value lies in is a mistake, and what NaN is compared with is no answer. */
static void
check_position(FunctionCallInfo fcinfo)
{
	static const char *const names[] = {"value", "low end", "high end"};

	for (int i = 0; i < 3; i++)
		if (!PG_ARGISNULL(i))
			csm_check_finite(names[i], PG_GETARG_DATUM(i));
	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2) &&
		compare_numerics(PG_GETARG_DATUM(1), PG_GETARG_DATUM(2)) > 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the ends of the range are not in order: %s and %s",
							   csm_numeric_to_text(PG_GETARG_DATUM(1)),
							   csm_numeric_to_text(PG_GETARG_DATUM(2))),
						errhint("Pass the value, the low end and then the high end.")));
	if (!PG_ARGISNULL(0) && is_range_of_shares(fcinfo))
		csm_check_not_percent("value", "share", PG_GETARG_DATUM(0));
}

PG_FUNCTION_INFO_V1(csm_benchmark_position);
Datum
csm_benchmark_position(PG_FUNCTION_ARGS)
{
	const char *position = "within";

	check_position(fcinfo);
	if (PG_ARGISNULL(0) || (PG_ARGISNULL(1) && PG_ARGISNULL(2)))
		PG_RETURN_NULL();
	if (!PG_ARGISNULL(1) && compare_numerics(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)) < 0)
		position = "below";
	else if (!PG_ARGISNULL(2) && compare_numerics(PG_GETARG_DATUM(0), PG_GETARG_DATUM(2)) > 0)
		position = "above";
	PG_RETURN_TEXT_P(cstring_to_text(position));
}

/*
 * Text form: a JSON object of the total amount and an array for each manager and pair of
 * capacities: manager, amount capacity, account capacity (null where there is none),
 * arr, arr_bound, accounts, accounts_bound
 */

#define BOOK_VALUES 7

static void
put_book(StringInfo text, const csm_tally *coverage, csm_tally_entry *entry)
{
	const csm_book *book = csm_book_of(entry);

	csm_json_put_array(text);
	csm_tally_put_name(text, coverage, entry);
	if (csm_has_arr_capacity(&book->capacities))
		csm_json_put_numeric_value(text, decimal_numeric(csm_arr_capacity(&book->capacities)));
	else
		csm_json_put_null(text);
	if (book->capacities.accounts != 0)
		csm_json_put_count_value(text, (int64) book->capacities.accounts);
	else
		csm_json_put_null(text);
	csm_json_put_numeric_value(text, csm_decimal_to_numeric(book->arr, coverage->scale));
	csm_json_put_numeric_value(text, csm_decimal_to_numeric(book->arr_bound, coverage->scale));
	csm_json_put_count_value(text, book->accounts);
	csm_json_put_count_value(text, book->accounts_bound);
	appendStringInfoChar(text, ']');
}

PG_FUNCTION_INFO_V1(csm_coverage_summary_out);
Datum
csm_coverage_summary_out(PG_FUNCTION_ARGS)
{
	csm_tally *coverage = PG_GETARG_COVERAGE(0);
	csm_scratch scratch = csm_scratch_start();
	StringInfoData text;

	csm_json_start(&text);
	csm_json_put_numeric(&text, "arr",
						 csm_decimal_to_numeric(csm_coverage_total(coverage).arr, coverage->scale));
	csm_json_put_key(&text, "books");
	csm_json_put_array(&text);
	for (csm_tally_entry *e = csm_tally_first(coverage); e != NULL; e = csm_tally_next(coverage, e))
	{
		csm_scratch_enter(&scratch);
		put_book(&text, coverage, e);
		csm_scratch_leave(&scratch);
	}
	csm_scratch_end(&scratch);
	appendStringInfoChar(&text, ']');
	csm_json_end(&text);
	PG_RETURN_CSTRING(text.data);
}

CSM_CAST_TO_JSON(csm_coverage_summary)

static bool
read_capacities(csm_json *json, const JsonbValue *values, csm_capacities *capacities)
{
	csm_decimal arr = {0, 0};
	int64 accounts = 0;

	if (values[0].type != jbvNull)
	{
		if (!csm_json_amount_value(json, "books", &values[0], &arr))
			return false;
		if (arr.coefficient <= 0)
			return csm_json_fail(json, "books", "has a capacity that is not positive");
	}
	if (values[1].type != jbvNull)
	{
		if (!csm_json_count_value(json, "books", &values[1], &accounts))
			return false;
		if (accounts == 0)
			return csm_json_fail(json, "books", "has a capacity that is not positive");
	}
	*capacities = csm_capacities_of(arr, accounts);
	return true;
}

/* One array of "books" into the state. */
static bool
read_book(csm_json *json, const JsonbValue *row, csm_tally **coverage)
{
	JsonbValue values[BOOK_VALUES];
	csm_capacities capacities;
	csm_decimal arr;
	csm_decimal arr_bound;
	int64 accounts;
	int64 accounts_bound;
	csm_tally_entry *entry;
	csm_book *book;

	if (!csm_tally_read_row(json, "books", row, BOOK_VALUES, values) ||
		!read_capacities(json, &values[1], &capacities) ||
		!csm_json_amount_value(json, "books", &values[3], &arr) ||
		!csm_json_amount_value(json, "books", &values[4], &arr_bound) ||
		!csm_json_count_value(json, "books", &values[5], &accounts) ||
		!csm_json_count_value(json, "books", &values[6], &accounts_bound))
		return false;
	entry = csm_tally_read_key(json, "books", &values[0], (const uint64 *) &capacities, coverage);
	if (entry == NULL)
		return false;
	book = csm_book_of(entry);
	book->accounts = accounts;
	book->accounts_bound = accounts_bound;
	/* one at a time: a larger scale changes all that is there */
	return csm_tally_read_amount(json, *coverage, arr, &book->arr) &&
		   csm_tally_read_amount(json, *coverage, arr_bound, &book->arr_bound);
}

/* NULL after a soft error. */
static csm_tally *
coverage_from_text(char *text, Node *escontext)
{
	csm_json json;
	JsonbValue books;
	csm_decimal arr;
	int128 total;
	const char *problem;
	csm_tally *coverage = csm_tally_new(CSM_COVERAGE_VERSION, coverage_type.shape);

	if (!csm_json_open(&json, coverage_type.value.name, text, escontext) ||
		!csm_json_amount(&json, "arr", &arr) || !csm_json_array(&json, "books", &books) ||
		!csm_json_close(&json))
		return NULL;
	for (int i = 0; i < csm_json_length(&books); i++)
	{
		if (!read_book(&json, csm_json_item(&books, i), &coverage))
			return NULL;
	}
	if (!csm_tally_read_amount(&json, coverage, arr, &total))
		return NULL;
	problem = csm_coverage_problem(coverage);
	coverage = csm_tally_at_rest(coverage);
	if (problem == NULL && csm_coverage_total(coverage).arr != total)
		problem = "the books do not add up to \"arr\"";
	if (problem != NULL)
		ereturn(escontext, NULL,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input for type %s: %s", coverage_type.value.name, problem)));
	return coverage;
}

PG_FUNCTION_INFO_V1(csm_coverage_summary_in);
Datum
csm_coverage_summary_in(PG_FUNCTION_ARGS)
{
	csm_tally *coverage = coverage_from_text(PG_GETARG_CSTRING(0), fcinfo->context);

	if (coverage == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(coverage);
}

PG_FUNCTION_INFO_V1(csm_coverage_summary_send);
Datum
csm_coverage_summary_send(PG_FUNCTION_ARGS)
{
	return csm_tally_send(fcinfo, &coverage_type);
}

PG_FUNCTION_INFO_V1(csm_coverage_summary_recv);
Datum
csm_coverage_summary_recv(PG_FUNCTION_ARGS)
{
	return csm_tally_recv(fcinfo, &coverage_type);
}

static int
compare_arguments(FunctionCallInfo fcinfo)
{
	return csm_tally_compare_arguments(fcinfo, &coverage_type);
}

static uint64
hash_argument(FunctionCallInfo fcinfo, uint64 seed)
{
	return csm_tally_hash(fcinfo, &coverage_type, seed);
}

CSM_COMPARISON(csm_coverage_summary, compare_arguments, hash_argument)
