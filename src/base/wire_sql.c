/*
 * wire_sql.c
 *		What the SQL wrappers of all types share: JSON text forms, binary forms, ranges,
 *		currency codes.
 *
 * The text form of a summary is a one-line JSON object with its keys in a fixed order,
 * amounts as strings so that no client rounds them.  PostgreSQL's jsonb reads it, which
 * takes many times the memory of the text.  So a type whose text is mainly one long array
 * has the array left in the text: its items are found by their brackets and read some
 * at a time.
 */
#include "base/port.h"

#include <ctype.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/date.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/rangetypes.h"
#include "utils/tuplestore.h"
#include "utils/typcache.h"

#include "base/calendar.h"
#include "base/wire_sql.h"

/*
 * Reading
 */

bool
csm_json_fail(csm_json *json, const char *key, const char *problem)
{
	ereturn(json->escontext, false,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input for type %s: \"%s\" %s", json->type_name, key, problem)));
}

/* Amounts that cannot be brought to one scale. */
bool
csm_json_too_many_digits(csm_json *json)
{
	ereturn(json->escontext, false,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("invalid input for type %s: amounts have more than %d digits", json->type_name,
					CSM_DECIMAL_DIGITS)));
}

bool
csm_json_open(csm_json *json, const char *type_name, char *text, Node *escontext)
{
	Datum object;

	if (!csm_input_function(jsonb_in, text, escontext, &object))
		return false;
	return csm_json_open_container(json, type_name, &DatumGetJsonbP(object)->root, escontext);
}

/* Of an object that has been read already. */
bool
csm_json_open_container(csm_json *json, const char *type_name, JsonbContainer *object,
						Node *escontext)
{
	memset(json, 0, sizeof(*json));
	json->type_name = type_name;
	json->object = object;
	json->escontext = escontext;
	if (!JsonContainerIsObject(object))
		ereturn(escontext, false,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input for type %s: not a JSON object", type_name)));
	return true;
}

/*
 * Finding the long array of a text
 *
 * These look at no more than brackets, quotes and commas.  What they take for a value may
 * be none: jsonb reads every byte later and refuses it.  NULL means that something is wrong
 * here already.
 */

/* Shorter arrays are not worth it, and so many bytes of a longer one are read at a time. */
#define LONG_ARRAY 65536

static const char *
skip_space(const char *text)
{
	return text + strspn(text, " \t\n\r");
}

static const char *
skip_string(const char *text)
{
	for (text++; *text != '"'; text++)
	{
		if (*text == '\\')
			text++;
		if (*text == '\0')
			return NULL;
	}
	return text + 1;
}

/* Past a value, which is not empty. */
static const char *
skip_value(const char *text)
{
	const char *start = text;
	int depth = 0;

	do
	{
		text += strcspn(text, depth > 0 ? "\"[]{}" : "\"[]{}, \t\n\r");
		if (*text == '"')
		{
			text = skip_string(text);
			if (text == NULL)
				return NULL;
			continue;
		}
		if (*text == '[' || *text == '{')
			depth++;
		else if (*text == '\0' || depth == 0)
			break;
		else
			depth--;
		text++;
	} while (depth > 0);
	return depth > 0 || text == start ? NULL : text;
}

/* The bracket that closes the array whose items start here; counts them. */
static const char *
skip_items(const char *text, int *count)
{
	*count = 0;
	text = skip_space(text);
	if (*text == ']')
		return text;
	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		text = skip_value(text);
		if (text == NULL || *count == PG_INT32_MAX)
			return NULL;
		(*count)++;
		text = skip_space(text);
		if (*text == ']')
			return text;
		if (*text != ',')
			return NULL;
		text = skip_space(text + 1);
	}
}

/* Finds the array under the key; false when there is none, or it is short, or not plain. */
static bool
find_long_array(csm_json *json, const char *text)
{
	size_t key_length = strlen(json->long_key);
	bool found = false;

	text = skip_space(text);
	if (*text != '{')
		return false;
	do
	{
		const char *key = skip_space(text + 1);
		const char *value;
		bool is_wanted;

		if (*key != '"' || (value = skip_string(key)) == NULL)
			return false;
		is_wanted = (size_t) (value - key) == key_length + 2 &&
					memcmp(key + 1, json->long_key, key_length) == 0;
		/* an escape may be another way to write the key; and no key comes twice */
		if (memchr(key, '\\', value - key) != NULL || (is_wanted && found))
			return false;
		value = skip_space(value);
		if (*value != ':')
			return false;
		value = skip_space(value + 1);
		if (is_wanted && *value == '[')
		{
			found = true;
			json->items = value + 1;
			json->items_end = skip_items(value + 1, &json->item_count);
			text = json->items_end == NULL ? NULL : json->items_end + 1;
		}
		else
			text = skip_value(value);
		if (text == NULL)
			return false;
		text = skip_space(text);
	} while (*text == ',');
	return found && *text == '}' && json->items_end - json->items >= LONG_ARRAY;
}

/*
 * The same as csm_json_open for a text that is mainly the array under a key.  The object
 * has an empty one in its place.
 */
bool
csm_json_open_long(csm_json *json, const char *type_name, char *text, const char *long_key,
				   Node *escontext)
{
	csm_json found;
	StringInfoData rest;

	memset(&found, 0, sizeof(found));
	found.long_key = long_key;
	if (!find_long_array(&found, text))
		return csm_json_open(json, type_name, text, escontext);
	initStringInfo(&rest);
	appendBinaryStringInfo(&rest, text, (int) (found.items - text));
	appendStringInfoString(&rest, found.items_end);
	if (!csm_json_open(json, type_name, rest.data, escontext))
		return false;
	json->long_key = long_key;
	json->items = found.items;
	json->items_end = found.items_end;
	json->item_count = found.item_count;
	return true;
}

static JsonbValue *
find_key(csm_json *json, const char *key)
{
	return getKeyJsonValueFromContainer(json->object, key, strlen(key), NULL);
}

bool
csm_json_has(csm_json *json, const char *key)
{
	return find_key(json, key) != NULL;
}

/* The object must not hold keys that nobody asked for. */
bool
csm_json_close(csm_json *json)
{
	int keys = (int) JsonContainerSize(json->object);

	if (keys != json->keys_used)
		ereturn(
			json->escontext, false,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input for type %s: unknown keys", json->type_name),
			 errdetail("The object has %d keys, of which %d are known.", keys, json->keys_used)));
	return true;
}

static bool
require_key(csm_json *json, const char *key, JsonbValue **value)
{
	*value = find_key(json, key);
	if (*value == NULL)
		return csm_json_fail(json, key, "is missing");
	json->keys_used++;
	return true;
}

bool
csm_json_text_value(csm_json *json, const char *key, const JsonbValue *value, char **text)
{
	CHECK_FOR_INTERRUPTS();
	if (value->type != jbvString)
		return csm_json_fail(json, key, "must be a string");
	*text = pnstrdup(value->val.string.val, value->val.string.len);
	return true;
}

bool
csm_json_text(csm_json *json, const char *key, char **value)
{
	JsonbValue *found;

	return require_key(json, key, &found) && csm_json_text_value(json, key, found, value);
}

/* Digits with a sign and a decimal point: no exponent, no NaN, nothing that numeric trims. */
static bool
numeric_from_text(csm_json *json, const char *key, char *text, Datum *value)
{
	const char *rest = text + (text[0] == '-');
	size_t whole = strspn(rest, "0123456789");
	size_t places = 1;

	rest += whole;
	if (*rest == '.')
	{
		places = strspn(++rest, "0123456789");
		rest += places;
	}
	if (whole == 0 || places == 0 || *rest != '\0')
		return csm_json_fail(json, key, "must be a decimal number");
	return csm_input_function(numeric_in, text, json->escontext, value);
}

bool
csm_json_numeric_value(csm_json *json, const char *key, const JsonbValue *value, Datum *numeric)
{
	char *text = NULL;

	return csm_json_text_value(json, key, value, &text) &&
		   numeric_from_text(json, key, text, numeric);
}

bool
csm_json_numeric(csm_json *json, const char *key, Datum *value)
{
	JsonbValue *found;

	return require_key(json, key, &found) && csm_json_numeric_value(json, key, found, value);
}

bool
csm_json_amount_value(csm_json *json, const char *key, const JsonbValue *value, csm_decimal *amount)
{
	Datum numeric;
	bool is_read;

	if (!csm_json_numeric_value(json, key, value, &numeric))
		return false;
	is_read = csm_decimal_from_numeric_safe(numeric, amount, json->escontext);
	/* a value may hold millions of them */
	pfree(DatumGetPointer(numeric));
	return is_read;
}

bool
csm_json_amount(csm_json *json, const char *key, csm_decimal *value)
{
	JsonbValue *found;

	return require_key(json, key, &found) && csm_json_amount_value(json, key, found, value);
}

bool
csm_json_count_value(csm_json *json, const char *key, const JsonbValue *value, int64 *count)
{
	Datum number;
	char *text = NULL;

	CHECK_FOR_INTERRUPTS();
	if (value->type != jbvNumeric)
		return csm_json_fail(json, key, "must be a whole number");
	text = csm_numeric_to_text(NumericGetDatum(value->val.numeric));
	if (strspn(text, "0123456789") != strlen(text) || strlen(text) > MAXINT8LEN)
		return csm_json_fail(json, key, "must be a whole number of 64 bits, not negative");
	if (!csm_input_function(int8in, text, json->escontext, &number))
		return false;
	*count = DatumGetInt64(number);
	return true;
}

bool
csm_json_boolean(csm_json *json, const char *key, bool *value)
{
	JsonbValue *found;

	if (!require_key(json, key, &found))
		return false;
	if (found->type != jbvBool)
		return csm_json_fail(json, key, "must be true or false");
	*value = found->val.boolean;
	return true;
}

bool
csm_json_count(csm_json *json, const char *key, int64 *value)
{
	JsonbValue *found;

	return require_key(json, key, &found) && csm_json_count_value(json, key, found, value);
}

/* YYYY-MM-DD, with more digits in the year and " BC" where needed */
static bool
is_iso_date(const char *text)
{
	size_t year = strspn(text, "0123456789");

	if (year < 4)
		return false;
	text += year;
	for (const char *form = "-00-00"; *form; form++, text++)
	{
		if (*form == '-' ? *text != '-' : !isdigit((unsigned char) *text))
			return false;
	}
	return *text == '\0' || strcmp(text, " BC") == 0;
}

bool
csm_json_date_value(csm_json *json, const char *key, const JsonbValue *value, DateADT *day)
{
	char *text = NULL;
	Datum date;

	if (!csm_json_text_value(json, key, value, &text))
		return false;
	/* other forms depend on settings */
	if (!is_iso_date(text))
		return csm_json_fail(json, key, "must be a date as YYYY-MM-DD");
	if (!csm_input_function(date_in, text, json->escontext, &date))
		return false;
	*day = DatumGetDateADT(date);
	return true;
}

bool
csm_json_date(csm_json *json, const char *key, DateADT *value)
{
	JsonbValue *found;

	return require_key(json, key, &found) && csm_json_date_value(json, key, found, value);
}

bool
csm_json_array(csm_json *json, const char *key, JsonbValue *array)
{
	JsonbValue *found;

	if (!require_key(json, key, &found))
		return false;
	if (found->type != jbvBinary || !JsonContainerIsArray(found->val.binary.data))
		return csm_json_fail(json, key, "must be an array");
	*array = *found;
	return true;
}

/* Brings amounts to one scale, the largest of theirs; false where one does not fit. */
bool
csm_json_align(csm_json *json, csm_decimal *amounts, int count, uint8 *scale)
{
	for (int i = 0; i < count; i++)
		*scale = Max(*scale, amounts[i].scale);
	for (int i = 0; i < count; i++)
	{
		if (!csm_decimal_try_align(amounts[i], *scale, &amounts[i].coefficient))
			return csm_json_too_many_digits(json);
		amounts[i].scale = *scale;
	}
	return true;
}

/* A decimal at a scale that is no smaller than its own. */
bool
csm_json_amount_at_scale(csm_json *json, const char *key, const JsonbValue *value, int scale,
						 int128 *coefficient)
{
	csm_decimal amount;

	if (!csm_json_amount_value(json, key, value, &amount))
		return false;
	if (amount.scale > scale)
		return csm_json_fail(json, key, "has more decimal places than \"scale\" says");
	return csm_decimal_try_align(amount, scale, coefficient) ||
		   csm_json_fail(json, key, "has too many digits");
}

bool
csm_json_scale(csm_json *json, uint8 *scale)
{
	int64 value;

	if (!csm_json_count(json, "scale", &value))
		return false;
	if (value > CSM_DECIMAL_DIGITS)
		return csm_json_fail(json, "scale", "is out of range");
	*scale = (uint8) value;
	return true;
}

bool
csm_json_step(csm_json *json, const char *key, csm_step *step)
{
	char *text = NULL;

	if (!csm_json_text(json, key, &text))
		return false;
	if (!csm_step_from_text(text, step))
		return csm_json_fail(json, key, "must be a number of months or of days");
	return true;
}

/* The code may be missing. */
bool
csm_json_currency(csm_json *json, char *field)
{
	char *code = NULL;

	if (!csm_json_has(json, "currency"))
		return true;
	if (!csm_json_text(json, "currency", &code))
		return false;
	if (!csm_currency_is_valid(code, strlen(code)))
		return csm_json_fail(json, "currency", "is not a currency code");
	memcpy(field, code, strlen(code));
	return true;
}

/* -1 when it is no array */
int
csm_json_length(const JsonbValue *array)
{
	if (array->type != jbvBinary || !JsonContainerIsArray(array->val.binary.data))
		return -1;
	return JsonContainerSize(array->val.binary.data);
}

JsonbValue *
csm_json_item(const JsonbValue *array, int i)
{
	return getIthJsonbValueFromContainer(array->val.binary.data, i);
}

/*
 * The items of an array, one by one
 */

bool
csm_json_find_items(csm_json *json, const char *key, csm_json_items *items)
{
	memset(items, 0, sizeof(*items));
	items->key = key;
	if (!csm_json_array(json, key, &items->array))
		return false;
	if (json->long_key != NULL && strcmp(key, json->long_key) == 0)
	{
		items->count = json->item_count;
		items->bytes = json->items_end - json->items;
	}
	else
	{
		items->count = csm_json_length(&items->array);
		items->bytes = items->array.val.binary.len;
	}
	return true;
}

/* Reads the items of an array, of which the first is item "first" of all. */
static bool
each_of_array(csm_json *json, const JsonbValue *array, int first, csm_json_read_item read,
			  void *into)
{
	csm_scratch scratch = csm_scratch_start();
	int count = csm_json_length(array);
	bool is_read = true;

	for (int i = 0; is_read && i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		csm_scratch_enter(&scratch);
		is_read = read(json, csm_json_item(array, i), first + i, into);
		csm_scratch_leave(&scratch);
	}
	csm_scratch_end(&scratch);
	return is_read;
}

/* Some of the items that are left, as an array of their own; moves on past them. */
static char *
next_items(const char **next, const char *end)
{
	const char *start = skip_space(*next);
	const char *stop;
	StringInfoData part;

	do
	{
		stop = skip_value(skip_space(*next));
		/* past the comma, or to the closing bracket */
		*next = skip_space(stop);
		if (*next < end)
			(*next)++;
	} while (*next < end && stop - start < LONG_ARRAY);
	initStringInfo(&part);
	appendStringInfoChar(&part, '[');
	appendBinaryStringInfo(&part, start, (int) (stop - start));
	appendStringInfoChar(&part, ']');
	return part.data;
}

static bool
each_of_text(csm_json *json, int count, csm_json_read_item read, void *into)
{
	csm_scratch scratch = csm_scratch_start();
	const char *next = json->items;
	bool is_read = true;

	for (int i = 0; is_read && i < count;)
	{
		Datum part;
		JsonbValue array;

		csm_scratch_enter(&scratch);
		is_read = csm_input_function(jsonb_in, next_items(&next, json->items_end), json->escontext,
									 &part);
		if (is_read)
		{
			array.type = jbvBinary;
			array.val.binary.data = &DatumGetJsonbP(part)->root;
			is_read = each_of_array(json, &array, i, read, into);
			i += csm_json_length(&array);
		}
		csm_scratch_leave(&scratch);
	}
	csm_scratch_end(&scratch);
	return is_read;
}

/* Reads all items in their order; false after a soft error. */
bool
csm_json_each(csm_json *json, csm_json_items *items, csm_json_read_item read, void *into)
{
	if (json->long_key != NULL && strcmp(items->key, json->long_key) == 0)
		return each_of_text(json, items->count, read, into);
	return each_of_array(json, &items->array, 0, read, into);
}

/*
 * Writing
 */

void
csm_json_start(StringInfo text)
{
	initStringInfo(text);
	appendStringInfoChar(text, '{');
}

void
csm_json_end(StringInfo text)
{
	appendStringInfoChar(text, '}');
}

/* A comma, unless something opened just before. */
static void
separate(StringInfo text)
{
	if (strchr("{[", text->data[text->len - 1]) == NULL)
		appendStringInfoString(text, ", ");
}

void
csm_json_put_key(StringInfo text, const char *key)
{
	CHECK_FOR_INTERRUPTS();
	separate(text);
	appendStringInfo(text, "\"%s\": ", key);
}

void
csm_json_put_text(StringInfo text, const char *key, const char *value)
{
	csm_json_put_key(text, key);
	escape_json(text, value);
}

void
csm_json_put_numeric(StringInfo text, const char *key, Datum value)
{
	csm_json_put_text(text, key, csm_numeric_to_text(value));
}

void
csm_json_put_amount(StringInfo text, const char *key, int128 coefficient, int scale)
{
	char buffer[CSM_DECIMAL_TEXT_SIZE];

	csm_json_put_text(text, key, csm_decimal_to_text(coefficient, scale, buffer));
}

void
csm_json_put_count(StringInfo text, const char *key, int64 value)
{
	csm_json_put_key(text, key);
	appendStringInfo(text, INT64_FORMAT, value);
}

void
csm_json_put_date(StringInfo text, const char *key, DateADT value)
{
	char buffer[CSM_DATE_TEXT_SIZE];

	csm_json_put_text(text, key, csm_date_to_text(value, buffer));
}

void
csm_json_put_step(StringInfo text, const char *key, csm_step step)
{
	char buffer[CSM_STEP_TEXT_SIZE];

	csm_json_put_text(text, key, csm_step_to_text(step, buffer));
}

/* Nothing where there is no code. */
void
csm_json_put_currency(StringInfo text, const char *field)
{
	if (field[0] != '\0')
		csm_json_put_text(text, "currency", field);
}

/* Arrays; the caller closes each with a bracket. */
void
csm_json_put_array(StringInfo text)
{
	CHECK_FOR_INTERRUPTS();
	if (text->data[text->len - 1] != ' ')
		separate(text);
	appendStringInfoChar(text, '[');
}

void
csm_json_put_text_value(StringInfo text, const char *value)
{
	separate(text);
	escape_json(text, value);
}

void
csm_json_put_numeric_value(StringInfo text, Datum value)
{
	csm_json_put_text_value(text, csm_numeric_to_text(value));
}

void
csm_json_put_count_value(StringInfo text, int64 value)
{
	separate(text);
	appendStringInfo(text, INT64_FORMAT, value);
}

void
csm_json_put_null(StringInfo text)
{
	separate(text);
	appendStringInfoString(text, "null");
}

/*
 * Where a transition over internal keeps its state.  SQL cannot call such a function but
 * through an aggregate, because no expression has the type internal.
 */
MemoryContext
csm_aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "transition called outside an aggregate");
	return context;
}

/*
 * Rows
 */

csm_rows
csm_rows_start(FunctionCallInfo fcinfo)
{
	csm_rows rows;

	InitMaterializedSRF(fcinfo, 0);
	rows.set = (ReturnSetInfo *) fcinfo->resultinfo;
	rows.scratch = csm_scratch_start();
	csm_scratch_enter(&rows.scratch);
	return rows;
}

void
csm_rows_put(csm_rows *rows, Datum *values, bool *nulls)
{
	CHECK_FOR_INTERRUPTS();
	tuplestore_putvalues(rows->set->setResult, rows->set->setDesc, values, nulls);
	MemoryContextReset(rows->scratch.context);
}

Datum
csm_rows_end(csm_rows *rows)
{
	csm_scratch_end(&rows->scratch);
	return (Datum) 0;
}

/*
 * Binary forms
 */

/* A reader over the rest of the message, which counts as consumed. */
csm_reader
csm_reader_from_message(StringInfo message)
{
	csm_reader reader;

	reader.next = (const unsigned char *) message->data + message->cursor;
	reader.end = (const unsigned char *) message->data + message->len;
	reader.failed = false;
	message->cursor = message->len;
	return reader;
}

void
csm_binary_error(const char *type_name, const char *problem)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					errmsg("invalid binary input for type %s: %s", type_name, problem)));
}

bytea *
csm_writer_start(csm_writer *writer, int size)
{
	bytea *result = palloc(VARHDRSZ + size);

	SET_VARSIZE(result, VARHDRSZ + size);
	writer->next = (unsigned char *) VARDATA(result);
	writer->end = writer->next + size;
	return result;
}

/* Of bytes whose encoding nobody knows nothing can be converted. */
static int
text_encoding(void)
{
	return GetDatabaseEncoding() == PG_SQL_ASCII ? PG_SQL_ASCII : PG_UTF8;
}

/*
 * Texts in binary forms are UTF-8, but in a database of SQL_ASCII, where they are as they
 * come; both change the length where the text changes.
 */
const char *
csm_text_to_utf8(const char *text, int *length)
{
	const char *converted = pg_server_to_any(text, *length, text_encoding());

	if (converted != text)
		*length = (int) strlen(converted);
	return converted;
}

const char *
csm_text_from_utf8(const char *text, int *length)
{
	const char *converted = pg_any_to_server(text, *length, text_encoding());

	if (converted != text)
		*length = (int) strlen(converted);
	return converted;
}

void
csm_version_error(const char *type_name, int version, int expected)
{
	ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					errmsg("%s value has format version %d, this library reads version %d",
						   type_name, version, expected),
					errhint("Install the csm_metrics library that wrote it, or a later one.")));
}

/*
 * Dates, ranges, currency codes
 */

static bool
bounds_of_range(Datum range, RangeBound *lower, RangeBound *upper)
{
	TypeCacheEntry *typcache = lookup_type_cache(DATERANGEOID, TYPECACHE_RANGE_INFO);
	bool empty;

	/* a daterange is always in its canonical form [from, to) */
	range_deserialize(typcache, DatumGetRangeTypeP(range), lower, upper, &empty);
	return !empty;
}

static bool
is_finite(const RangeBound *bound)
{
	return !bound->infinite && !DATE_NOT_FINITE(DatumGetDateADT(bound->val));
}

void
csm_period_from_range(Datum range, DateADT *from, DateADT *to)
{
	RangeBound lower;
	RangeBound upper;

	if (!bounds_of_range(range, &lower, &upper))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the period must not be empty"),
				 errhint("Give it as daterange(from, to), with from before to.")));
	if (!is_finite(&lower) || !is_finite(&upper))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the period %s must have a first and a last day",
							   OidOutputFunctionCall(F_RANGE_OUT, range)),
						errhint("Give it as daterange(from, to).")));
	*from = DatumGetDateADT(lower.val);
	*to = DatumGetDateADT(upper.val);
}

/* The days of a subscription: false when there are none; an open end is infinite. */
bool
csm_stretch_from_range(Datum range, DateADT *from, DateADT *to)
{
	RangeBound lower;
	RangeBound upper;

	if (!bounds_of_range(range, &lower, &upper))
		return false;
	if (!is_finite(&lower))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a subscription must have a finite start"),
						errhint("Only its end may be open.")));
	*from = DatumGetDateADT(lower.val);
	*to = is_finite(&upper) ? DatumGetDateADT(upper.val) : DATEVAL_NOEND;
	return true;
}

static Datum
range_of(Oid type, Datum lower_value, Datum upper_value, bool upper_inclusive)
{
	TypeCacheEntry *typcache = lookup_type_cache(type, TYPECACHE_RANGE_INFO);
	RangeBound lower = {lower_value, false, true, true};
	RangeBound upper = {upper_value, false, upper_inclusive, false};

	return RangeTypePGetDatum(csm_make_range(typcache, &lower, &upper));
}

Datum
csm_period_to_range(DateADT from, DateADT to)
{
	return range_of(DATERANGEOID, DateADTGetDatum(from), DateADTGetDatum(to), false);
}

/* closed at both ends */
Datum
csm_numeric_range(Datum lower, Datum upper)
{
	return range_of(NUMRANGEOID, lower, upper, true);
}

/* open above */
Datum
csm_numeric_range_from(Datum lower_value)
{
	TypeCacheEntry *typcache = lookup_type_cache(NUMRANGEOID, TYPECACHE_RANGE_INFO);
	RangeBound lower = {lower_value, false, true, true};
	RangeBound upper = {(Datum) 0, true, false, false};

	return RangeTypePGetDatum(csm_make_range(typcache, &lower, &upper));
}

void
csm_currency_from_text(text *code, char *field)
{
	int length = VARSIZE_ANY_EXHDR(code);

	memset(field, 0, CSM_CURRENCY_SIZE);
	if (!csm_currency_is_valid(VARDATA_ANY(code), length))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("\"%.*s\" is not a currency code",
							   pg_mbcliplen(VARDATA_ANY(code), length, 40), VARDATA_ANY(code)),
						errhint("Use 1 to %d letters, digits, \"_\", \".\" or \"-\", such as USD.",
								CSM_CURRENCY_SIZE - 1)));
	memcpy(field, VARDATA_ANY(code), length);
}
