/*
 * terms_sql.c
 *		revenue_terms and history_latest_agg, as SQL sees them.
 */
#include "base/port.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "base/calendar_sql.h"
#include "base/decimal_sql.h"
#include "base/state_sql.h"
#include "base/wire_sql.h"
#include "history_sql.h"
#include "terms.h"

#define TERMS "revenue_terms"

static void *
terms_at_rest(const void *state)
{
	return (void *) csm_terms_at_rest(state);
}

static const char *
terms_problem(const void *value)
{
	return csm_terms_problem(value);
}

static const csm_value_type terms_type = {TERMS, terms_at_rest, terms_problem};

static csm_terms *
terms_from_datum(Datum datum)
{
	csm_terms *terms = (csm_terms *) PG_DETOAST_DATUM(datum);

	csm_check_version(TERMS, terms->version, CSM_TERMS_VERSION);
	return terms;
}

#define PG_GETARG_TERMS(i) csm_terms_at_rest(terms_from_datum(PG_GETARG_DATUM(i)))

/* The first argument as a value to change: the aggregate's own, else a copy. */
static csm_terms *
terms_state(FunctionCallInfo fcinfo)
{
	csm_terms *terms;

	if (PG_ARGISNULL(0))
		return csm_terms_new(4);
	terms = terms_from_datum(PG_GETARG_DATUM(0));
	if (csm_in_aggregate(fcinfo))
		return terms;
	return csm_terms_copy(terms, terms->count);
}

/* The code in argument i, which must not vary; without that argument there is none. */
static void
check_currency(FunctionCallInfo fcinfo, csm_terms *terms, int i)
{
	char currency[CSM_CURRENCY_SIZE] = {0};

	if (i < PG_NARGS() && !PG_ARGISNULL(i))
		csm_currency_from_text(PG_GETARG_TEXT_PP(i), currency);
	if (PG_ARGISNULL(0))
		memcpy(terms->currency, currency, CSM_CURRENCY_SIZE);
	else
		csm_currency_check_same(terms->currency, currency);
}

/* (state, valid, amount [, recorded [, currency]]); a row without days does not count. */
static Datum
add_term(FunctionCallInfo fcinfo, int64 recorded)
{
	csm_decimal amount = {0, 0};
	csm_terms *terms;
	DateADT from;
	DateADT to;

	if (PG_ARGISNULL(1) || !csm_stretch_from_range(PG_GETARG_DATUM(1), &from, &to))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	terms = terms_state(fcinfo);
	check_currency(fcinfo, terms, 4);
	if (!PG_ARGISNULL(2))
		amount = csm_decimal_from_numeric(PG_GETARG_DATUM(2));
	terms = csm_terms_add(terms, from, to, recorded, amount);
	return csm_state_result(fcinfo, &terms_type, terms);
}

/* A timestamp with or without a time zone: both are kept alike. */
PG_FUNCTION_INFO_V1(csm_terms_accum);
Datum
csm_terms_accum(PG_FUNCTION_ARGS)
{
	bool is_recorded = PG_NARGS() > 3 && !PG_ARGISNULL(3);

	return add_term(fcinfo, is_recorded ? PG_GETARG_TIMESTAMP(3) : DT_NOBEGIN);
}

/* A day of record. */
PG_FUNCTION_INFO_V1(csm_terms_accum_date);
Datum
csm_terms_accum_date(PG_FUNCTION_ARGS)
{
	int64 recorded = DT_NOBEGIN;

	if (!PG_ARGISNULL(3))
		recorded = DatumGetTimestamp(DirectFunctionCall1(date_timestamp, PG_GETARG_DATUM(3)));
	return add_term(fcinfo, recorded);
}

PG_FUNCTION_INFO_V1(csm_terms_combine);
Datum
csm_terms_combine(PG_FUNCTION_ARGS)
{
	csm_terms *terms = csm_terms_merge(terms_state(fcinfo), PG_GETARG_TERMS(1));

	return csm_state_result(fcinfo, &terms_type, terms);
}

PG_FUNCTION_INFO_V1(csm_terms_final);
Datum
csm_terms_final(PG_FUNCTION_ARGS)
{
	const csm_terms *terms = PG_GETARG_TERMS(0);

	Assert(csm_terms_problem(terms) == NULL);
	return csm_value_result(&csm_history_type, csm_terms_history(terms));
}

void
csm_terms_conflict_error(const csm_terms *terms, int32 day, int128 a, int128 b)
{
	char text[CSM_DATE_TEXT_SIZE];
	char amount_a[CSM_DECIMAL_TEXT_SIZE];
	char amount_b[CSM_DECIMAL_TEXT_SIZE];

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("two terms hold on %s: %s and %s", csm_date_to_text(day, text),
					csm_decimal_to_text(a, terms->scale, amount_a),
					csm_decimal_to_text(b, terms->scale, amount_b)),
			 errdetail("They start on one day and were recorded at one time."),
			 errhint("Pass the time of record, so that the later one holds; group by item, not by "
					 "account, where an account has several items at a time.")));
}

/*
 * Text form: a JSON object with its keys in a fixed order
 *
 * {"currency": "USD", "scale": 2, "terms": [["2024-01-01", "2024-03-01", "2023-12-20
 *10:30:00.000000", "100.00"],
 *	["2024-02-01", null, null, "120.00"]]}
 */

/* "YYYY-MM-DD HH:MM:SS.ffffff", whatever DateStyle says; no zone: UTC where there was one. */
static void
put_recorded(StringInfo text, int64 recorded)
{
	char day[CSM_DATE_TEXT_SIZE];
	int64 time = recorded % USECS_PER_DAY;
	int64 days = recorded / USECS_PER_DAY;

	if (TIMESTAMP_IS_NOBEGIN(recorded))
		appendStringInfoString(text, "null");
	else if (TIMESTAMP_IS_NOEND(recorded))
		appendStringInfoString(text, "\"infinity\"");
	else
	{
		if (time < 0)
		{
			time += USECS_PER_DAY;
			days--;
		}
		appendStringInfo(text, "\"%s %02d:%02d:%02d.%06d\"", csm_date_to_text((int32) days, day),
						 (int) (time / USECS_PER_HOUR), (int) (time / USECS_PER_MINUTE % 60),
						 (int) (time / USECS_PER_SEC % 60), (int) (time % USECS_PER_SEC));
	}
}

static void
put_term(StringInfo text, const csm_terms *terms, const csm_term *term)
{
	char day[CSM_DATE_TEXT_SIZE];
	char amount[CSM_DECIMAL_TEXT_SIZE];

	appendStringInfo(text, "[\"%s\", ", csm_date_to_text(term->from, day));
	if (term->to == PG_INT32_MAX)
		appendStringInfoString(text, "null, ");
	else
		appendStringInfo(text, "\"%s\", ", csm_date_to_text(term->to, day));
	put_recorded(text, term->recorded);
	appendStringInfo(text, ", \"%s\"]", csm_decimal_to_text(term->amount, terms->scale, amount));
}

PG_FUNCTION_INFO_V1(csm_terms_out);
Datum
csm_terms_out(PG_FUNCTION_ARGS)
{
	const csm_terms *terms = PG_GETARG_TERMS(0);
	StringInfoData text;

	csm_json_start(&text);
	csm_json_put_currency(&text, terms->currency);
	csm_json_put_count(&text, "scale", terms->scale);
	csm_json_put_key(&text, "terms");
	appendStringInfoChar(&text, '[');
	for (int i = 0; i < terms->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		appendStringInfoString(&text, i > 0 ? ", " : "");
		put_term(&text, terms, &terms->terms[i]);
	}
	appendStringInfoChar(&text, ']');
	csm_json_end(&text);
	PG_RETURN_CSTRING(text.data);
}

#define TIME_FORM "00:00:00.000000"

/* The time of day in what put_recorded writes. */
static bool
read_time(const char *text, int64 *time)
{
	int hours = 0;
	int minutes = 0;
	int seconds = 0;
	int micros = 0;

	for (int i = 0; i < (int) sizeof(TIME_FORM) - 1; i++)
	{
		if (TIME_FORM[i] == '0' ? !isdigit((unsigned char) text[i]) : text[i] != TIME_FORM[i])
			return false;
	}
	sscanf(text, "%2d:%2d:%2d.%6d", &hours, &minutes, &seconds, &micros);
	*time = ((hours * 60 + minutes) * 60 + seconds) * USECS_PER_SEC + micros;
	return hours < 24 && minutes < 60 && seconds < 60;
}

static bool
read_recorded(csm_json *json, JsonbValue *value, int64 *recorded)
{
	char *text;
	int length;
	int64 time;
	DateADT day;
	JsonbValue date;

	if (value->type == jbvNull)
	{
		*recorded = DT_NOBEGIN;
		return true;
	}
	if (!csm_json_text_value(json, "terms", value, &text))
		return false;
	if (strcmp(text, "infinity") == 0)
	{
		*recorded = DT_NOEND;
		return true;
	}
	length = (int) strlen(text) - (int) sizeof(TIME_FORM);
	if (length < 0 || text[length] != ' ' || !read_time(text + length + 1, &time))
		return csm_json_fail(json, "terms", "must have times as YYYY-MM-DD HH:MM:SS.ffffff");
	date = *value;
	date.val.string.len = length;
	if (!csm_json_date_value(json, "terms", &date, &day))
		return false;
	if (__builtin_mul_overflow((int64) day, USECS_PER_DAY, recorded) ||
		__builtin_add_overflow(*recorded, time, recorded))
		return csm_json_fail(json, "terms", "has a time out of range");
	return true;
}

static bool
read_term(csm_json *json, const JsonbValue *item, int i, void *into)
{
	csm_terms *terms = into;
	csm_term *term = &terms->terms[i];
	JsonbValue *to;

	terms->count = terms->sorted = i + 1;
	if (csm_json_length(item) != 4)
		return csm_json_fail(json, "terms",
							 "must be an array of start, end, time of record and amount");
	to = csm_json_item(item, 1);
	term->to = PG_INT32_MAX;
	return csm_json_date_value(json, "terms", csm_json_item(item, 0), &term->from) &&
		   (to->type == jbvNull || csm_json_date_value(json, "terms", to, &term->to)) &&
		   read_recorded(json, csm_json_item(item, 2), &term->recorded) &&
		   csm_json_amount_at_scale(json, "terms", csm_json_item(item, 3), terms->scale,
									&term->amount);
}

/* NULL after a soft error. */
static csm_terms *
terms_from_text(char *text, Node *escontext)
{
	csm_json json;
	csm_json_items items;
	csm_terms header;
	csm_terms *terms;
	const char *problem;

	memset(&header, 0, sizeof(header));
	header.version = CSM_TERMS_VERSION;
	if (!csm_json_open_long(&json, TERMS, text, "terms", escontext) ||
		!csm_json_currency(&json, header.currency) || !csm_json_scale(&json, &header.scale) ||
		!csm_json_find_items(&json, "terms", &items))
		return NULL;
	terms = csm_terms_copy(&header, items.count);
	if (!csm_json_each(&json, &items, read_term, terms) || !csm_json_close(&json))
		return NULL;
	problem = csm_terms_problem(terms);
	if (problem != NULL)
		ereturn(escontext, NULL,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input for type %s: %s", TERMS, problem)));
	return terms;
}

PG_FUNCTION_INFO_V1(csm_terms_in);
Datum
csm_terms_in(PG_FUNCTION_ARGS)
{
	csm_terms *terms = terms_from_text(PG_GETARG_CSTRING(0), fcinfo->context);

	if (terms == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(terms);
}

/*
 * Binary form
 */

PG_FUNCTION_INFO_V1(csm_terms_send);
Datum
csm_terms_send(PG_FUNCTION_ARGS)
{
	const csm_terms *terms = PG_GETARG_TERMS(0);
	csm_writer writer;
	bytea *result = csm_writer_start(&writer, CSM_TERMS_BINARY_SIZE(terms->count));

	csm_terms_write(&writer, terms);
	PG_RETURN_BYTEA_P(result);
}

PG_FUNCTION_INFO_V1(csm_terms_recv);
Datum
csm_terms_recv(PG_FUNCTION_ARGS)
{
	csm_reader reader = csm_reader_from_message((StringInfo) PG_GETARG_POINTER(0));
	const char *problem;
	csm_terms *terms = csm_terms_read(&reader, &problem);

	if (problem != NULL)
		csm_binary_error(TERMS, problem);
	PG_RETURN_POINTER(terms);
}
