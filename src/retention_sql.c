/*
 * retention_sql.c
 *		retention_summary as SQL sees it: the type and its aggregates.
 *
 * Order: states, aggregates, text and binary forms, comparison.  retention_figures_sql.c has
 * what a summary can be asked, retention_runs_sql.c what a run of them can be asked, and
 * retention_sums_sql.c the aggregates that return numbers.
 */
#include "base/port.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "base/calendar.h"
#include "base/decimal_sql.h"
#include "base/state_sql.h"
#include "base/wire_sql.h"
#include "retention_sql.h"

#define SUMMARY "retention_summary"

/*
 * States
 */

csm_retention_summary *
csm_retention_from_datum(Datum datum)
{
	csm_retention_summary *r = (csm_retention_summary *) PG_DETOAST_DATUM(datum);

	csm_check_version(SUMMARY, r->version, CSM_RETENTION_VERSION);
	return r;
}

/* The same for a summary, with room for all of the largest accounts. */
csm_retention_summary *
csm_retention_state(FunctionCallInfo fcinfo)
{
	csm_retention_summary *r;

	if (PG_ARGISNULL(0))
		return csm_retention_new();
	r = PG_GETARG_SUMMARY(0);
	if (likely(csm_in_aggregate(fcinfo)) && VARSIZE(r) == CSM_RETENTION_STATE_SIZE)
		return r;
	return csm_retention_copy(r, CSM_LARGEST);
}

/* A value at rest has no spare room. */
static void *
retention_at_rest(const void *state)
{
	const csm_retention_summary *r = state;

	return csm_retention_copy(r, r->largest_count);
}

static const char *
retention_problem(const void *value)
{
	return csm_retention_problem(value);
}

const csm_value_type csm_retention_type = {SUMMARY, retention_at_rest, retention_problem};

/*
 * retention_agg and rollup
 */

/* Sets the state's period and currency, or checks that they have not changed. */
static void
set_or_check(csm_retention_summary *r, bool is_first, const csm_retention_summary *given)
{
	if (is_first)
	{
		r->flags = given->flags;
		r->period_from = given->period_from;
		r->period_to = given->period_to;
		memcpy(r->currency, given->currency, CSM_CURRENCY_SIZE);
	}
	else
		csm_retention_check_same(r, given);
}

static void
period_argument(FunctionCallInfo fcinfo, int i, csm_retention_summary *given)
{
	if (PG_ARGISNULL(i))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("the period must not be NULL"),
				 errhint("Leave the argument out when the period is not known.")));
	csm_period_from_range(PG_GETARG_DATUM(i), &given->period_from, &given->period_to);
	given->flags |= CSM_RETENTION_HAS_PERIOD;
}

/* What a row may have besides its two amounts, in this order. */
#define WITH_CUSTOMER 0x01
#define WITH_PERIOD   0x02
#define WITH_CURRENCY 0x04

/* (state, starting, ending [, was_customer] [, period] [, currency]): one row into the state. */
static Datum
accumulate(FunctionCallInfo fcinfo, int with)
{
	bool is_first = PG_ARGISNULL(0);
	csm_retention_summary *r = csm_retention_state(fcinfo);
	bool was_customer = false;
	int next = 3;
	csm_retention_summary given;

	memset(&given, 0, sizeof(given));
	if (with & WITH_CUSTOMER)
	{
		was_customer = !PG_ARGISNULL(next) && PG_GETARG_BOOL(next);
		next++;
	}
	if (with & WITH_PERIOD)
		period_argument(fcinfo, next++, &given);
	if ((with & WITH_CURRENCY) && !PG_ARGISNULL(next))
		csm_currency_from_text(PG_GETARG_TEXT_PP(next), given.currency);
	set_or_check(r, is_first, &given);
	csm_retention_add(r, csm_amount_argument(fcinfo, 1), csm_amount_argument(fcinfo, 2),
					  was_customer);
	Assert(csm_retention_problem(r) == NULL);
	return csm_state_result(fcinfo, &csm_retention_type, r);
}

#define ACCUMULATE(name, with)           \
	PG_FUNCTION_INFO_V1(name);           \
	Datum name(PG_FUNCTION_ARGS)         \
	{                                    \
		return accumulate(fcinfo, with); \
	}

/* clang-format off */
ACCUMULATE(csm_retention_accum, 0)
ACCUMULATE(csm_retention_accum_period, WITH_PERIOD)
ACCUMULATE(csm_retention_accum_currency, WITH_PERIOD | WITH_CURRENCY)
ACCUMULATE(csm_retention_accum_customer, WITH_CUSTOMER)
ACCUMULATE(csm_retention_accum_customer_period, WITH_CUSTOMER | WITH_PERIOD)
ACCUMULATE(csm_retention_accum_customer_currency, WITH_CUSTOMER | WITH_PERIOD | WITH_CURRENCY)
/* clang-format on */

/* Combine function, transition of rollup and, outside an aggregate, r + r. */
PG_FUNCTION_INFO_V1(csm_retention_combine);
Datum
csm_retention_combine(PG_FUNCTION_ARGS)
{
	csm_retention_summary *r = csm_retention_state(fcinfo);

	csm_retention_merge(r, PG_GETARG_SUMMARY(1));
	Assert(csm_retention_problem(r) == NULL);
	return csm_state_result(fcinfo, &csm_retention_type, r);
}

PG_FUNCTION_INFO_V1(csm_retention_final);
Datum
csm_retention_final(PG_FUNCTION_ARGS)
{
	return csm_value_result(&csm_retention_type, PG_GETARG_SUMMARY(0));
}

/*
 * Text form: a JSON object with its keys in a fixed order
 */

static void
put_square(StringInfo text, const char *key, const csm_uint256 *square, int scale)
{
	csm_json_put_numeric(text, key, csm_uint256_to_numeric(square, 2 * scale));
}

static void
put_largest(StringInfo text, const csm_retention_summary *r)
{
	csm_json_put_key(text, "largest");
	appendStringInfoChar(text, '[');
	for (int i = 0; i < r->largest_count; i++)
	{
		const csm_account_amounts *account = &r->largest[i];
		char starting[CSM_DECIMAL_TEXT_SIZE];
		char ending[CSM_DECIMAL_TEXT_SIZE];

		appendStringInfo(text, "%s[\"%s\", \"%s\"]", i > 0 ? ", " : "",
						 csm_decimal_to_text(account->starting, r->scale, starting),
						 csm_decimal_to_text(account->ending, r->scale, ending));
	}
	appendStringInfoChar(text, ']');
}

/* Adds the text form to a text. */
void
csm_retention_put(StringInfo text, const csm_retention_summary *r)
{
	appendStringInfoChar(text, '{');
	if (csm_retention_has_period(r))
	{
		csm_json_put_date(text, "period_start", r->period_from);
		csm_json_put_date(text, "period_end", r->period_to);
	}
	csm_json_put_currency(text, r->currency);
	csm_json_put_amount(text, "starting", r->starting, r->scale);
	csm_json_put_amount(text, "ending_existing", r->ending_existing, r->scale);
	csm_json_put_amount(text, "retained", r->retained, r->scale);
	csm_json_put_amount(text, "new", r->new_business, r->scale);
	csm_json_put_amount(text, "reactivation", r->reactivation, r->scale);
	csm_json_put_amount(text, "churned", r->churned, r->scale);
	csm_json_put_count(text, "accounts_starting", r->accounts_starting);
	csm_json_put_count(text, "accounts_new", r->accounts_new);
	csm_json_put_count(text, "accounts_reactivated", r->accounts_reactivated);
	csm_json_put_count(text, "accounts_expanded", r->accounts_expanded);
	csm_json_put_count(text, "accounts_contracted", r->accounts_contracted);
	csm_json_put_count(text, "accounts_churned", r->accounts_churned);
	put_square(text, "starting_squared", &r->starting_squared, r->scale);
	put_square(text, "ending_squared", &r->ending_squared, r->scale);
	put_square(text, "starting_ending", &r->starting_ending, r->scale);
	put_largest(text, r);
	csm_json_end(text);
}

static char *
retention_to_text(const csm_retention_summary *r)
{
	StringInfoData text;

	initStringInfo(&text);
	csm_retention_put(&text, r);
	return text.data;
}

/* Amounts as they were read; their scales may still differ. */
#define SUMMARY_AMOUNTS 6

static bool
read_largest(csm_json *json, csm_decimal *amounts, int *count)
{
	JsonbValue array;
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue value;
	int depth = 0;
	int in_pair = 0;

	*count = 0;
	if (!csm_json_array(json, "largest", &array))
		return false;
	iterator = JsonbIteratorInit(array.val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &value, false)) != WJB_DONE)
	{
		if (token == WJB_BEGIN_ARRAY && depth < 2)
		{
			depth++;
			in_pair = 0;
		}
		else if (token == WJB_END_ARRAY)
		{
			if (depth == 2 && in_pair != 2)
				break;
			depth--;
		}
		else if (token == WJB_ELEM && depth == 2 && in_pair < 2 && *count < 2 * CSM_LARGEST)
		{
			if (!csm_json_amount_value(json, "largest", &value, &amounts[*count]))
				return false;
			(*count)++;
			in_pair++;
		}
		else
			break;
	}
	if (token != WJB_DONE)
		return csm_json_fail(json, "largest", "must be an array of at most 10 pairs of amounts");
	return true;
}

static bool
read_counts(csm_json *json, csm_retention_summary *r)
{
	return csm_json_count(json, "accounts_starting", &r->accounts_starting) &&
		   csm_json_count(json, "accounts_new", &r->accounts_new) &&
		   csm_json_count(json, "accounts_reactivated", &r->accounts_reactivated) &&
		   csm_json_count(json, "accounts_expanded", &r->accounts_expanded) &&
		   csm_json_count(json, "accounts_contracted", &r->accounts_contracted) &&
		   csm_json_count(json, "accounts_churned", &r->accounts_churned);
}

static bool
read_squares(csm_json *json, csm_retention_summary *r)
{
	static const char *const keys[] = {"starting_squared", "ending_squared", "starting_ending"};
	csm_uint256 *squares[] = {&r->starting_squared, &r->ending_squared, &r->starting_ending};

	for (int i = 0; i < (int) lengthof(keys); i++)
	{
		Datum numeric;

		if (!csm_json_numeric(json, keys[i], &numeric))
			return false;
		if (!csm_uint256_from_numeric(numeric, 2 * r->scale, squares[i]))
			return csm_json_fail(json, keys[i],
								 "must be a number from 0 to 10^76, with no more "
								 "than twice the decimal places of the amounts");
	}
	return true;
}

static bool
read_period_and_currency(csm_json *json, csm_retention_summary *r)
{
	if (csm_json_has(json, "period_start") || csm_json_has(json, "period_end"))
	{
		if (!csm_json_date(json, "period_start", &r->period_from) ||
			!csm_json_date(json, "period_end", &r->period_to))
			return false;
		r->flags |= CSM_RETENTION_HAS_PERIOD;
	}
	return csm_json_currency(json, r->currency);
}

static bool
read_amounts(csm_json *json, csm_retention_summary *r)
{
	static const char *const keys[SUMMARY_AMOUNTS] = {
		"starting", "ending_existing", "retained", "new", "reactivation", "churned",
	};
	int128 *fields[SUMMARY_AMOUNTS] = {
		&r->starting,     &r->ending_existing, &r->retained,
		&r->new_business, &r->reactivation,    &r->churned,
	};
	csm_decimal amounts[SUMMARY_AMOUNTS + 2 * CSM_LARGEST];
	csm_decimal *largest = amounts + SUMMARY_AMOUNTS;
	int listed;

	for (int i = 0; i < SUMMARY_AMOUNTS; i++)
	{
		if (!csm_json_amount(json, keys[i], &amounts[i]))
			return false;
	}
	if (!read_largest(json, largest, &listed) ||
		!csm_json_align(json, amounts, SUMMARY_AMOUNTS + listed, &r->scale))
		return false;
	for (int i = 0; i < SUMMARY_AMOUNTS; i++)
		*fields[i] = amounts[i].coefficient;
	r->largest_count = listed / 2;
	for (int i = 0; i < r->largest_count; i++)
	{
		r->largest[i].starting = largest[2 * i].coefficient;
		r->largest[i].ending = largest[2 * i + 1].coefficient;
	}
	return true;
}

/* Reads an open object; NULL after a soft error. */
static csm_retention_summary *
retention_from_json(csm_json *json)
{
	csm_retention_summary *r = csm_retention_new();
	const char *problem;

	if (!read_period_and_currency(json, r) || !read_amounts(json, r) || !read_counts(json, r) ||
		!read_squares(json, r) || !csm_json_close(json))
		return NULL;
	problem = csm_retention_problem(r);
	if (problem != NULL)
		ereturn(json->escontext, NULL,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input for type %s: %s", SUMMARY, problem)));
	return csm_retention_copy(r, r->largest_count);
}

/* Of jsonb; NULL after a soft error. */
csm_retention_summary *
csm_retention_from_container(JsonbContainer *object, Node *escontext)
{
	csm_json json;

	if (!csm_json_open_container(&json, SUMMARY, object, escontext))
		return NULL;
	return retention_from_json(&json);
}

PG_FUNCTION_INFO_V1(csm_retention_summary_in);
Datum
csm_retention_summary_in(PG_FUNCTION_ARGS)
{
	csm_json json;
	csm_retention_summary *r = NULL;

	if (csm_json_open(&json, SUMMARY, PG_GETARG_CSTRING(0), fcinfo->context))
		r = retention_from_json(&json);
	if (r == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(r);
}

PG_FUNCTION_INFO_V1(csm_retention_summary_out);
Datum
csm_retention_summary_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(retention_to_text(PG_GETARG_SUMMARY(0)));
}

CSM_CAST_TO_JSON(csm_retention_summary)

PG_FUNCTION_INFO_V1(csm_retention_summary_to_jsonb);
Datum
csm_retention_summary_to_jsonb(PG_FUNCTION_ARGS)
{
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(retention_to_text(PG_GETARG_SUMMARY(0))));
}

PG_FUNCTION_INFO_V1(csm_retention_summary_from_jsonb);
Datum
csm_retention_summary_from_jsonb(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(csm_retention_from_container(&PG_GETARG_JSONB_P(0)->root, NULL));
}

/*
 * Binary forms
 */

PG_FUNCTION_INFO_V1(csm_retention_summary_send);
Datum
csm_retention_summary_send(PG_FUNCTION_ARGS)
{
	const csm_retention_summary *r = PG_GETARG_SUMMARY(0);
	csm_writer writer;
	bytea *result = csm_writer_start(&writer, CSM_RETENTION_BINARY_SIZE(r->largest_count));

	csm_retention_write(&writer, r);
	PG_RETURN_BYTEA_P(result);
}

PG_FUNCTION_INFO_V1(csm_retention_summary_recv);
Datum
csm_retention_summary_recv(PG_FUNCTION_ARGS)
{
	csm_reader reader = csm_reader_from_message((StringInfo) PG_GETARG_POINTER(0));
	const char *problem;
	csm_retention_summary *r = csm_retention_read(&reader, &problem);

	if (problem != NULL)
		csm_binary_error(SUMMARY, problem);
	PG_RETURN_POINTER(r);
}

/*
 * Comparison
 */

static int
compare_arguments(FunctionCallInfo fcinfo)
{
	csm_retention_summary *a = PG_GETARG_SUMMARY(0);
	csm_retention_summary *b = PG_GETARG_SUMMARY(1);
	int order = csm_retention_compare(a, b);

	/* index builds and sorts call this in one long-lived context */
	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	return order;
}

static uint64
hash_argument(FunctionCallInfo fcinfo, uint64 seed)
{
	csm_retention_summary *r = PG_GETARG_SUMMARY(0);
	csm_retention_buffer buffer;
	const csm_retention_summary *normal = csm_retention_normalize(r, &buffer);
	uint64 hash = hash_bytes_extended((const unsigned char *) normal, (int) VARSIZE(normal), seed);

	PG_FREE_IF_COPY(r, 0);
	return hash;
}

CSM_COMPARISON(csm_retention_summary, compare_arguments, hash_argument)
