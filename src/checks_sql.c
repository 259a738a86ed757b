/*
 * checks_sql.c
 *		check_subscriptions and check_snapshots, as SQL sees them.
 *
 * The table is read by one query over its columns, through SPI, whose rows come here one by
 * one without being kept, and with the rights of the caller.  A second query, which stops
 * as soon as it can, finds the accounts of the examples.
 */
#include "base/port.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "tcop/dest.h"
#include "utils/builtins.h"
#include "utils/formatting.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/typcache.h"

#include "base/calendar_sql.h"
#include "base/decimal_sql.h"
#include "base/wire_sql.h"
#include "checks.h"
#include "days_sql.h"

/* Characters of an account that are shown. */
#define SHOWN_CHARACTERS 60
/* Digits of an amount that are kept. */
#define AMOUNT_DIGITS 16
/* Rows after which memory is given back. */
#define ROWS_A_RESET 1024

/*
 * Columns
 */

typedef struct source_column
{
	char *quoted;
	Oid type; /* the base type of a domain */
	Oid collation;
} source_column;

static char *
column_names(Relation relation)
{
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; i < relation->rd_att->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(relation->rd_att, i);

		if (!attribute->attisdropped)
			appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "",
							 NameStr(attribute->attname));
	}
	return names.data;
}

static void
missing_column_error(Relation relation, const char *name, const char *argument)
{
	bool is_date = name[0] >= '0' && name[0] <= '9';

	ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
					errmsg("\"%s\" has no column \"%s\", given as the argument \"%s\"",
						   RelationGetRelationName(relation), name, argument),
					errdetail("Its columns are %s.", column_names(relation)),
					is_date ? errhint("Give a date by name: as_of => '2024-12-31'.")
							: errhint("Give the name of a column as it is, without quotes; for "
									  "an expression make a view.")));
}

static source_column
find_column(Relation relation, const char *name, const char *argument)
{
	for (int i = 0; i < relation->rd_att->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(relation->rd_att, i);

		if (!attribute->attisdropped && strcmp(NameStr(attribute->attname), name) == 0)
			return (source_column){pstrdup(quote_identifier(name)),
								   getBaseType(attribute->atttypid), attribute->attcollation};
	}
	missing_column_error(relation, name, argument);
	pg_unreachable();
}

static source_column
column_argument(FunctionCallInfo fcinfo, int i, Relation relation, const char *argument)
{
	csm_check_argument_not_null(fcinfo, i, argument);
	return find_column(relation, text_to_cstring(PG_GETARG_TEXT_PP(i)), argument);
}

static bool
type_is_moment(Oid type)
{
	return type == DATEOID || type == TIMESTAMPOID || type == TIMESTAMPTZOID;
}

static void
refuse_type(const source_column *column, const char *argument, const char *wanted)
{
	ereport(
		ERROR,
		(errcode(ERRCODE_DATATYPE_MISMATCH),
		 errmsg("the column %s, given as the argument \"%s\", is of type %s", column->quoted,
				argument, format_type_be(column->type)),
		 errdetail("It must be of type %s.", wanted),
		 type_is_range(column->type) && strcmp(argument, "starts") == 0
			 ? errhint("With a range, give the day by name: as_of => '2024-12-31'.")
		 : type_is_moment(column->type) && strcmp(argument, "valid") == 0
			 ? errhint("With a start and an end, give the currency too, NULL where there is none.")
			 : errhint("Cast it in a view, and check the view.")));
}

static void
check_moment_column(const source_column *column, const char *argument)
{
	if (!type_is_moment(column->type))
		refuse_type(column, argument, "date, timestamp or timestamptz");
}

static void
check_range_column(const source_column *column, const char *argument)
{
	if (column->type != DATERANGEOID && column->type != TSRANGEOID && column->type != TSTZRANGEOID)
		refuse_type(column, argument, "daterange, tsrange or tstzrange");
}

static void
check_amount_column(const source_column *column, const char *argument)
{
	char category;
	bool is_preferred;

	get_type_category_preferred(column->type, &category, &is_preferred);
	if (category != TYPCATEGORY_NUMERIC)
		refuse_type(column, argument, "numeric or another type of numbers");
}

static bool
is_text(Oid type)
{
	return type == TEXTOID || type == VARCHAROID || type == BPCHAROID;
}

/* Accounts of other types are compared by the hash of their type, or else as text. */
static bool
is_hashable(Oid type)
{
	return OidIsValid(lookup_type_cache(type, TYPECACHE_HASH_EXTENDED_PROC)->hash_extended_proc);
}

/*
 * The rows of the source as they come
 */

/* The place of a column in the query, from 0; -1: not asked for. */
typedef struct places
{
	int account;
	int start; /* or the range */
	int end;
	int amount;
	int currency;
} places;

/* An account that an example needs. */
typedef struct wanted_account
{
	uint64 group;
	uint32 spelling;
	char *name;
} wanted_account;

typedef struct row_receiver
{
	DestReceiver pub;
	MemoryContext scratch;
	int64 rows;
	places place;
	Oid account_type;
	Oid account_collation;
	FmgrInfo *account_hash; /* NULL: text */
	Oid start_type;
	TypeCacheEntry *range_type; /* NULL: two columns */
	Oid end_type;
	csm_check *check;
	char *currencies[CSM_CHECK_CURRENCIES];
	int currency_count;
	wanted_account *wanted; /* the second query's */
	int wanted_count;
	int wanted_missing;
} row_receiver;

static inline bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* No capital letter, no blank and nothing beyond ASCII: most keys that a system has made. */
static bool
is_plain(const char *data, int length)
{
	for (int i = 0; i < length; i++)
	{
		if (IS_HIGHBIT_SET(data[i]) || is_blank(data[i]) || (data[i] >= 'A' && data[i] <= 'Z'))
			return false;
	}
	return true;
}

/* Small letters, single spaces between words, none around them. */
static char *
plain_spelling(const char *data, int length, int *plain_length)
{
	char *plain = str_tolower(data, length, DEFAULT_COLLATION_OID);
	int lower_length = (int) strlen(plain);
	int n = 0;

	for (int i = 0; i < lower_length; i++)
	{
		if (!is_blank(plain[i]))
			plain[n++] = plain[i];
		else if (n > 0 && i + 1 < lower_length && !is_blank(plain[i + 1]))
			plain[n++] = ' ';
	}
	*plain_length = n;
	return plain;
}

static void
hash_text(text *key, uint64 *group, uint32 *spelling)
{
	const char *data = VARDATA_ANY(key);
	int length = (int) VARSIZE_ANY_EXHDR(key);
	int plain_length = length;
	const char *plain = is_plain(data, length) ? data : plain_spelling(data, length, &plain_length);

	*group = hash_bytes_extended((const unsigned char *) plain, plain_length, 0);
	*spelling = plain == data ? (uint32) *group : hash_bytes((const unsigned char *) data, length);
}

/* The two hashes of an account. */
static void
hash_account(row_receiver *receiver, Datum account, uint64 *group, uint32 *spelling)
{
	if (receiver->account_hash == NULL)
		hash_text(DatumGetTextPP(account), group, spelling);
	else
	{
		*group = DatumGetUInt64(FunctionCall2Coll(
			receiver->account_hash, receiver->account_collation, account, Int64GetDatum(0)));
		*spelling = 0;
	}
}

static DateADT
day_of(Datum moment, Oid type)
{
	return type == DATEOID ? DatumGetDateADT(moment)
						   : csm_day_of_timestamp(DatumGetTimestamp(moment));
}

static void
set_start(csm_check_row *row, DateADT day)
{
	row->start = day;
	if (!DATE_NOT_FINITE(day))
		return;
	row->flags |= CSM_ROW_NO_START;
	row->start = row->end = DATEVAL_NOBEGIN;
}

static void
set_end(csm_check_row *row, DateADT day)
{
	row->end = day >= CSM_FIRST_OPEN_DAY ? DATEVAL_NOEND : day;
	if (day >= CSM_FIRST_OPEN_DAY && !DATE_IS_NOEND(day))
		row->flags |= CSM_ROW_FAR_END;
}

static void
set_range(csm_check_row *row, Datum range, TypeCacheEntry *range_type)
{
	RangeBound lower;
	RangeBound upper;
	Oid type = range_type->type_id;
	Oid moment = type == DATERANGEOID ? DATEOID : TIMESTAMPOID;
	bool is_there;

	if (type == DATERANGEOID)
	{
		bool is_empty;

		range_deserialize(range_type, DatumGetRangeTypeP(range), &lower, &upper, &is_empty);
		is_there = !is_empty;
	}
	else
		is_there = csm_moments_of_range(range, type, &lower, &upper);
	row->end = DATEVAL_NOEND;
	if (!is_there)
	{
		row->flags |= CSM_ROW_EMPTY;
		row->start = row->end = DATEVAL_NOBEGIN;
		return;
	}
	if (!upper.infinite)
		set_end(row, day_of(upper.val, moment));
	set_start(row, lower.infinite ? DATEVAL_NOBEGIN : day_of(lower.val, moment));
}

/* An amount of more digits than are kept is cut, which no comparison here minds. */
static void
set_amount(csm_check_row *row, Datum numeric)
{
	static const int64 limit = INT64CONST(10000000000000000);
	csm_decimal amount;
	int64 coefficient;
	int scale;

	if (csm_decimal_from_short_numeric(numeric, &coefficient, &scale) && scale <= AMOUNT_DIGITS)
	{
		amount.coefficient = coefficient;
		amount.scale = scale;
	}
	else if (!csm_decimal_try_from_numeric(numeric, &amount))
	{
		row->flags |= CSM_ROW_IMPOSSIBLE_AMOUNT;
		return;
	}
	while (amount.scale > AMOUNT_DIGITS ||
		   (amount.scale > 0 && (amount.coefficient >= limit || amount.coefficient <= -limit)))
	{
		amount.coefficient /= 10;
		amount.scale--;
	}
	coefficient = (int64) Max(Min(amount.coefficient, limit), -limit);
	while (amount.scale > 0 && coefficient % 10 == 0)
	{
		coefficient /= 10;
		amount.scale--;
	}
	row->amount = coefficient;
	row->scale = (uint8) amount.scale;
}

/* The number of a currency code, from 1. */
static uint16
currency_number(row_receiver *receiver, Datum datum)
{
	text *code = DatumGetTextPP(datum);
	Size length = VARSIZE_ANY_EXHDR(code);
	int i;

	for (i = 0; i < receiver->currency_count; i++)
	{
		if (strlen(receiver->currencies[i]) == length &&
			memcmp(receiver->currencies[i], VARDATA_ANY(code), length) == 0)
			return (uint16) (i + 1);
	}
	if (i == CSM_CHECK_CURRENCIES)
		return CSM_CHECK_CURRENCIES + 1;
	receiver->currencies[i] =
		MemoryContextStrdup(GetMemoryChunkContext(receiver), text_to_cstring(code));
	receiver->currency_count++;
	return (uint16) (i + 1);
}

static int
compare_codes(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

/* Puts the codes in order; returns the new number of each old one. */
static uint16 *
sort_currencies(row_receiver *receiver)
{
	uint16 *order = palloc0((CSM_CHECK_CURRENCIES + 2) * sizeof(uint16));
	char *before[CSM_CHECK_CURRENCIES];

	memcpy(before, receiver->currencies, sizeof(before));
	qsort(receiver->currencies, receiver->currency_count, sizeof(char *), compare_codes);
	for (int i = 0; i < receiver->currency_count; i++)
	{
		for (int j = 0; j < receiver->currency_count; j++)
		{
			if (before[i] == receiver->currencies[j])
				order[i + 1] = (uint16) (j + 1);
		}
	}
	order[CSM_CHECK_CURRENCIES + 1] = CSM_CHECK_CURRENCIES + 1;
	return order;
}

static void
set_when(row_receiver *receiver, TupleTableSlot *slot, csm_check_row *row)
{
	const places *place = &receiver->place;
	int start = place->start;

	if (slot->tts_isnull[start])
	{
		/* a NULL range is ignored, as an empty one is */
		if (receiver->range_type != NULL)
		{
			row->flags |= CSM_ROW_EMPTY;
			row->start = row->end = DATEVAL_NOBEGIN;
		}
		else
			set_start(row, DATEVAL_NOBEGIN);
	}
	else if (receiver->range_type != NULL)
		set_range(row, slot->tts_values[start], receiver->range_type);
	else
	{
		row->end = DATEVAL_NOEND;
		if (place->end >= 0 && !slot->tts_isnull[place->end])
			set_end(row, day_of(slot->tts_values[place->end], receiver->end_type));
		set_start(row, day_of(slot->tts_values[start], receiver->start_type));
	}
}

static bool
receive_row(TupleTableSlot *slot, DestReceiver *self)
{
	row_receiver *receiver = (row_receiver *) self;
	const places *place = &receiver->place;
	MemoryContext old_context = MemoryContextSwitchTo(receiver->scratch);
	csm_check_row row;

	memset(&row, 0, sizeof(row));
	slot_getallattrs(slot);
	if (slot->tts_isnull[place->account])
		row.flags |= CSM_ROW_NO_ACCOUNT;
	else
		hash_account(receiver, slot->tts_values[place->account], &row.group, &row.spelling);
	set_when(receiver, slot, &row);
	if (slot->tts_isnull[place->amount])
		row.flags |= CSM_ROW_NO_AMOUNT;
	else
		set_amount(&row, slot->tts_values[place->amount]);
	if (place->currency >= 0 && !slot->tts_isnull[place->currency])
		row.currency = currency_number(receiver, slot->tts_values[place->currency]);
	csm_check_add(receiver->check, &row);
	MemoryContextSwitchTo(old_context);
	if (++receiver->rows % ROWS_A_RESET == 0)
		MemoryContextReset(receiver->scratch);
	return true;
}

/* The name of an account, cut where it is long. */
static char *
name_of_account(row_receiver *receiver, Datum account)
{
	Oid output;
	bool is_varlena;
	char *name;
	int length;

	getTypeOutputInfo(receiver->account_type, &output, &is_varlena);
	name = OidOutputFunctionCall(output, account);
	length = (int) strlen(name);
	if (pg_mbstrlen(name) <= SHOWN_CHARACTERS)
		return name;
	length = pg_mbcharcliplen(name, length, SHOWN_CHARACTERS);
	return psprintf("%.*s ...", length, name);
}

/* Takes the name of an account that is wanted; the query ends when none is missing. */
static bool
receive_account(TupleTableSlot *slot, DestReceiver *self)
{
	row_receiver *receiver = (row_receiver *) self;
	MemoryContext old_context = MemoryContextSwitchTo(receiver->scratch);
	uint64 group;
	uint32 spelling;

	slot_getallattrs(slot);
	if (!slot->tts_isnull[0])
	{
		hash_account(receiver, slot->tts_values[0], &group, &spelling);
		for (int i = 0; i < receiver->wanted_count; i++)
		{
			wanted_account *wanted = &receiver->wanted[i];

			if (wanted->group != group || wanted->spelling != spelling || wanted->name != NULL)
				continue;
			MemoryContextSwitchTo(GetMemoryChunkContext(receiver));
			wanted->name = name_of_account(receiver, slot->tts_values[0]);
			MemoryContextSwitchTo(receiver->scratch);
			receiver->wanted_missing--;
		}
	}
	MemoryContextSwitchTo(old_context);
	if (++receiver->rows % ROWS_A_RESET == 0)
		MemoryContextReset(receiver->scratch);
	return receiver->wanted_missing > 0;
}

static void
start_rows(DestReceiver *self, int operation, TupleDesc typeinfo)
{
}

static void
end_rows(DestReceiver *self)
{
}

/* Reads only, with the snapshot of the query that calls. */
static void
run_query(const char *query, row_receiver *receiver,
		  bool (*receive)(TupleTableSlot *slot, DestReceiver *self))
{
	SPIExecuteOptions options;
	int result;

	receiver->pub.receiveSlot = receive;
	receiver->pub.rStartup = start_rows;
	receiver->pub.rShutdown = end_rows;
	receiver->pub.rDestroy = end_rows;
	receiver->pub.mydest = DestTuplestore; /* neither none nor that of SPI */
	memset(&options, 0, sizeof(options));
	options.read_only = true;
	options.dest = &receiver->pub;
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	result = SPI_execute_extended(query, &options);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_extended failed: %s", SPI_result_code_string(result));
	SPI_finish();
}

/*
 * Words
 */

typedef struct words
{
	const char *problem;
	const char *advice;
} words;

static const words subscription_words[CSM_PROBLEMS] = {
	[CSM_NO_ACCOUNT] = {"missing account",
						"Aggregates refuse the row. Give it an account, or leave it out."},
	[CSM_NO_START] =
		{"missing start",
		 "Aggregates refuse the row, which must start on a day. Give it one, or leave it out."},
	[CSM_IMPOSSIBLE_AMOUNT] = {"impossible amount",
							   "NaN, infinite or of more than 38 digits: aggregates refuse it. "
							   "Correct it, or leave the row out."},
	[CSM_BELOW_ZERO] = {"total below zero",
						"On some day the rows of the account add up to less than 0: a figure drawn "
						"from it is an error. Correct the credit, or its days."},
	[CSM_CURRENCIES] = {"several currencies",
						"They add up as if they were one. Convert first, group by currency, or "
						"pass the currency to the aggregate, which refuses the mix."},
	[CSM_NO_CURRENCY] =
		{"missing currency",
		 "Other rows have one. Aggregates that are given the currency refuse the mix."},
	[CSM_DUPLICATE] = {"exact duplicate", "Both rows count. If one was loaded twice, use SELECT "
										  "DISTINCT, with a key of the row if there is one."},
	[CSM_SPELLINGS] = {"one account in several spellings",
					   "Each spelling is an account of its own: one churns, another is new. Make "
					   "them one, as by lower(trim(account))."},
	[CSM_OPEN_VERSIONS] =
		{"two open versions",
		 "Both count and add up. If the later one replaces the other, end the other where it "
		 "starts, or use history_latest_agg by item. If they are items of their own, all is well."},
	[CSM_EARLY_RENEWAL] =
		{"early renewal",
		 "Both terms count while they overlap: an expansion, then a contraction that never was. "
		 "End the old term where the new one starts, or use history_latest_agg by item."},
	[CSM_INCLUSIVE_END] = {"inclusive end",
						   "The end is the day before the next start, so it seems to be the last "
						   "day that counts. Read as the first day that does not, it leaves a day "
						   "without revenue: add a day to the ends."},
	[CSM_SHORT_GAP] =
		{"short gap",
		 "A few days of nothing between two terms: churn and reactivation where a boundary falls "
		 "into them. If the renewal was late, use close_gaps(history, '8 days')."},
	[CSM_END_BEFORE_START] = {"end before start",
							  "The row counts on no day. Are the two exchanged?"},
	[CSM_NO_AMOUNT] = {"missing amount",
					   "It counts as 0: nobody is a customer by this row. Is the price elsewhere?"},
	[CSM_NO_DAY] = {"no day", "It ends on the day it starts, so it counts on none. If ends are the "
							  "last day that counts, add a day to them."},
	[CSM_FUTURE] =
		{"start in the future",
		 "It starts after as_of: booked, not yet revenue. Bounds that end by as_of leave it out."},
	[CSM_FAR_END] = {"end in the year 9999", "It means no end. days(starts, ends) reads it so; a "
											 "range of your own lasts until that year."},
};

static const words snapshot_words[CSM_PROBLEMS] = {
	[CSM_NO_ACCOUNT] = {"missing account",
						"Aggregates refuse the row. Give it an account, or leave it out."},
	[CSM_NO_START] =
		{"missing date",
		 "Aggregates refuse the row, which must be of a day. Give it one, or leave it out."},
	[CSM_IMPOSSIBLE_AMOUNT] = {"impossible amount",
							   "NaN, infinite or of more than 38 digits: aggregates refuse it. "
							   "Correct it, or leave the row out."},
	[CSM_BELOW_ZERO] = {"total below zero",
						"The rows of the account in that unit add up to less than 0: a figure "
						"drawn from it is an error. Correct the credit."},
	[CSM_DAILY_ROWS] =
		{"daily rows under a longer unit",
		 "Rows of one unit add up: daily rows in a month are some 30 times too much. Pass every => "
		 "'1 day' and a step, or keep the last row of each unit."},
	[CSM_DUPLICATE] = {"exact duplicate", "Both rows count. If a load ran twice, use SELECT "
										  "DISTINCT, with a key of the row if there is one."},
	[CSM_UNIT_WITHOUT_ROWS] = {"unit without rows",
							   "A unit without a row is 0: every customer churns in it and returns "
							   "after it. Load it, or choose bounds that leave it out."},
	[CSM_UNIT_WITH_FEW_ROWS] = {"unit with few rows",
								"Less than half of those before and after it. Who lacks a row has "
								"churned: was only a part loaded?"},
	[CSM_UNIT_NOT_OVER] = {"last unit not over",
						   "It ends after as_of. Who has no row in it yet counts as churned: end "
						   "the run before it, with its first day as to_date."},
	[CSM_SPELLINGS] = {"one account in several spellings",
					   "Each spelling is an account of its own: one churns, another is new. Make "
					   "them one, as by lower(trim(account))."},
	[CSM_ROWS_IN_UNIT] = {"several rows in a unit",
						  "Rows of one unit add up. That is right for products or orders, and too "
						  "much where a later row replaces an earlier one."},
	[CSM_NO_AMOUNT] = {"missing amount",
					   "It counts as 0: nobody is a customer by this row. Is the price elsewhere?"},
	[CSM_FUTURE] = {"date in the future",
					"It lies after as_of. Bounds that end by as_of leave it out."},
};

static void
put_amount(StringInfo text, const row_receiver *receiver, const csm_check_row *row)
{
	if (row->flags & CSM_ROW_NO_AMOUNT)
		appendStringInfoString(text, ", no amount");
	else if (row->flags & CSM_ROW_IMPOSSIBLE_AMOUNT)
		appendStringInfoString(text, ", no amount that can be");
	else
		appendStringInfo(text, ", %s",
						 csm_numeric_to_text(csm_decimal_to_numeric(row->amount, row->scale)));
	if (row->currency > 0 && row->currency <= CSM_CHECK_CURRENCIES)
		appendStringInfo(text, " %s", receiver->currencies[row->currency - 1]);
}

static void
put_row(StringInfo text, const row_receiver *receiver, const csm_check_row *row, bool is_snapshot)
{
	char day[CSM_DATE_TEXT_SIZE];

	if (row->flags & CSM_ROW_EMPTY)
		appendStringInfoString(text, "no day");
	else if (row->flags & CSM_ROW_NO_START)
		appendStringInfoString(text, is_snapshot ? "no date" : "no start");
	else
		appendStringInfoString(text, csm_date_to_text(row->start, day));
	if (!is_snapshot && !(row->flags & (CSM_ROW_EMPTY | CSM_ROW_NO_START)))
	{
		if (row->end == DATEVAL_NOEND)
			appendStringInfoString(text, row->flags & CSM_ROW_FAR_END ? " to 9999" : " on");
		else
			appendStringInfo(text, " to %s", csm_date_to_text(row->end, day));
	}
	put_amount(text, receiver, row);
}

static const char *
wanted_name(const row_receiver *receiver, const csm_check_row *row)
{
	if (row->flags & CSM_ROW_NO_ACCOUNT)
		return "no account";
	for (int i = 0; i < receiver->wanted_count; i++)
	{
		if (receiver->wanted[i].group == row->group &&
			receiver->wanted[i].spelling == row->spelling && receiver->wanted[i].name != NULL)
			return receiver->wanted[i].name;
	}
	return "?";
}

static char *
example_text(const row_receiver *receiver, csm_problem problem, const csm_example *example,
			 const csm_step *every)
{
	StringInfoData text;
	char period[CSM_PERIOD_TEXT_SIZE];

	initStringInfo(&text);
	if (problem == CSM_SPELLINGS)
		appendStringInfo(&text, "\"%s\" and \"%s\"", wanted_name(receiver, &example->rows[0]),
						 wanted_name(receiver, &example->rows[1]));
	else if (example->row_count == 0)
		appendStringInfoString(&text, csm_period_to_text(csm_unit_start(example->units[0], *every),
														 csm_unit_start(example->units[1], *every),
														 period));
	else
	{
		appendStringInfo(&text, "%s: ", wanted_name(receiver, &example->rows[0]));
		for (int i = 0; i < example->row_count; i++)
		{
			if (i > 0)
				appendStringInfoString(&text, "; ");
			put_row(&text, receiver, &example->rows[i], every != NULL);
		}
	}
	return text.data;
}

/*
 * The functions
 */

static bool
is_found(const csm_finding *finding)
{
	return finding->rows > 0 || finding->example.units[0] != finding->example.units[1];
}

/* Adds the accounts of an example to those that the second query looks for. */
static void
want_accounts(row_receiver *receiver, const csm_example *example)
{
	for (int i = 0; i < example->row_count; i++)
	{
		const csm_check_row *row = &example->rows[i];

		if (row->flags & CSM_ROW_NO_ACCOUNT)
			continue;
		receiver->wanted[receiver->wanted_count++] =
			(wanted_account){row->group, row->spelling, NULL};
		receiver->wanted_missing++;
	}
}

static void
find_wanted_accounts(row_receiver *receiver, const char *query)
{
	receiver->wanted = palloc0(2 * CSM_PROBLEMS * sizeof(wanted_account));
	for (csm_problem problem = 0; problem < CSM_PROBLEMS; problem++)
	{
		const csm_finding *finding = csm_check_finding(receiver->check, problem);

		if (is_found(finding))
			want_accounts(receiver, &finding->example);
	}
	if (receiver->wanted_count > 0)
		run_query(query, receiver, receive_account);
}

static Datum
put_findings(FunctionCallInfo fcinfo, const row_receiver *receiver, const csm_step *every)
{
	const words *all_words = every == NULL ? subscription_words : snapshot_words;
	csm_rows rows = csm_rows_start(fcinfo);

	for (csm_problem problem = 0; problem < CSM_PROBLEMS; problem++)
	{
		const csm_finding *finding = csm_check_finding(receiver->check, problem);
		Datum values[5];
		bool nulls[5] = {false};

		if (!is_found(finding) || all_words[problem].problem == NULL)
			continue;
		values[0] = CStringGetTextDatum(all_words[problem].problem);
		values[1] = Int64GetDatum(finding->rows);
		values[2] = Int64GetDatum(finding->accounts);
		values[3] = CStringGetTextDatum(example_text(receiver, problem, &finding->example, every));
		values[4] = CStringGetTextDatum(all_words[problem].advice);
		csm_rows_put(&rows, values, nulls);
	}
	return csm_rows_end(&rows);
}

typedef struct columns
{
	source_column account;
	source_column start; /* or the range */
	source_column end;
	source_column amount;
	source_column currency;
} columns;

static char *
as_type(const source_column *column, Oid type, const char *name)
{
	return column->type == type ? column->quoted
								: psprintf("%s::pg_catalog.%s", column->quoted, name);
}

/* How the account is asked for, and compared. */
static char *
set_account(row_receiver *receiver, const source_column *column)
{
	receiver->account_type = column->type;
	receiver->account_collation = column->collation;
	if (is_text(column->type))
		return pstrdup(column->quoted);
	if (!is_hashable(column->type))
	{
		receiver->account_type = TEXTOID;
		return psprintf("%s::pg_catalog.text", column->quoted);
	}
	receiver->account_hash = palloc(sizeof(FmgrInfo));
	fmgr_info(lookup_type_cache(column->type, TYPECACHE_HASH_EXTENDED_PROC)->hash_extended_proc,
			  receiver->account_hash);
	return pstrdup(column->quoted);
}

static Datum
run_check(FunctionCallInfo fcinfo, Relation relation, const columns *c, const csm_step *every,
		  DateADT as_of)
{
	char *source = quote_qualified_identifier(get_namespace_name(RelationGetNamespace(relation)),
											  RelationGetRelationName(relation));
	row_receiver *receiver = palloc0(sizeof(row_receiver));
	char *account = set_account(receiver, &c->account);
	StringInfoData query;
	int place = 2;

	initStringInfo(&query);
	receiver->scratch = AllocSetContextCreate(CurrentMemoryContext, "csm_metrics check row",
											  ALLOCSET_DEFAULT_SIZES);
	receiver->place = (places){0, 1, -1, -1, -1};
	appendStringInfo(&query, "SELECT %s, %s", account, c->start.quoted);
	receiver->start_type = c->start.type;
	if (type_is_range(c->start.type))
		receiver->range_type = lookup_type_cache(c->start.type, TYPECACHE_RANGE_INFO);
	if (c->end.quoted != NULL)
	{
		receiver->place.end = place++;
		receiver->end_type = c->end.type;
		appendStringInfo(&query, ", %s", c->end.quoted);
	}
	receiver->place.amount = place++;
	appendStringInfo(&query, ", %s", as_type(&c->amount, NUMERICOID, "numeric"));
	if (c->currency.quoted != NULL)
	{
		receiver->place.currency = place++;
		appendStringInfo(&query, ", %s", as_type(&c->currency, TEXTOID, "text"));
	}
	appendStringInfo(&query, " FROM %s", source);
	relation_close(relation, NoLock);

	receiver->check = csm_check_new(
		AllocSetContextCreate(CurrentMemoryContext, "csm_metrics check", ALLOCSET_DEFAULT_SIZES),
		get_hash_memory_limit(), every, as_of);
	run_query(query.data, receiver, receive_row);
	csm_check_finish(receiver->check, sort_currencies(receiver));
	find_wanted_accounts(receiver, psprintf("SELECT %s FROM %s", account, source));
	return put_findings(fcinfo, receiver, every);
}

/* The table or view; the query takes the same lock and checks the rights. */
static Relation
source_argument(FunctionCallInfo fcinfo)
{
	Relation source;

	csm_check_argument_not_null(fcinfo, 0, "source");
	source = try_relation_open(PG_GETARG_OID(0), AccessShareLock);
	if (source == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
						errmsg("there is no table with OID %u", PG_GETARG_OID(0))));
	return source;
}

/* (source, account, valid, amount, currency, as_of) */
PG_FUNCTION_INFO_V1(csm_check_subscriptions_ranges);
Datum
csm_check_subscriptions_ranges(PG_FUNCTION_ARGS)
{
	Relation source = source_argument(fcinfo);
	columns c;

	memset(&c, 0, sizeof(c));
	c.account = column_argument(fcinfo, 1, source, "account");
	c.start = column_argument(fcinfo, 2, source, "valid");
	check_range_column(&c.start, "valid");
	c.amount = column_argument(fcinfo, 3, source, "amount");
	check_amount_column(&c.amount, "amount");
	if (!PG_ARGISNULL(4))
		c.currency = column_argument(fcinfo, 4, source, "currency");
	return run_check(fcinfo, source, &c, NULL, csm_date_argument(fcinfo, 5, "as_of"));
}

/* (source, account, starts, ends, amount, currency, as_of) */
PG_FUNCTION_INFO_V1(csm_check_subscriptions_columns);
Datum
csm_check_subscriptions_columns(PG_FUNCTION_ARGS)
{
	Relation source = source_argument(fcinfo);
	columns c;

	memset(&c, 0, sizeof(c));
	c.account = column_argument(fcinfo, 1, source, "account");
	c.start = column_argument(fcinfo, 2, source, "starts");
	check_moment_column(&c.start, "starts");
	c.end = column_argument(fcinfo, 3, source, "ends");
	check_moment_column(&c.end, "ends");
	c.amount = column_argument(fcinfo, 4, source, "amount");
	check_amount_column(&c.amount, "amount");
	if (!PG_ARGISNULL(5))
		c.currency = column_argument(fcinfo, 5, source, "currency");
	return run_check(fcinfo, source, &c, NULL, csm_date_argument(fcinfo, 6, "as_of"));
}

/* (source, account, at, amount, every, as_of) */
PG_FUNCTION_INFO_V1(csm_check_snapshots);
Datum
csm_check_snapshots(PG_FUNCTION_ARGS)
{
	Relation source = source_argument(fcinfo);
	csm_step every = csm_unit_argument(fcinfo, 4, "every");
	columns c;

	memset(&c, 0, sizeof(c));
	c.account = column_argument(fcinfo, 1, source, "account");
	c.start = column_argument(fcinfo, 2, source, "at");
	check_moment_column(&c.start, "at");
	c.amount = column_argument(fcinfo, 3, source, "amount");
	check_amount_column(&c.amount, "amount");
	return run_check(fcinfo, source, &c, &every, csm_date_argument(fcinfo, 5, "as_of"));
}
