/*
 * wire_sql.h
 *		What the SQL wrappers of all types share: JSON text forms, binary forms, ranges,
 *		currency codes.
 */
#ifndef CSM_WIRE_SQL_H
#define CSM_WIRE_SQL_H

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/jsonb.h"

#include "base/calendar.h"
#include "base/decimal_sql.h"
#include "base/scratch.h"
#include "base/wire.h"

/*
 * An object being read.  Every key that the type knows is asked for by name; closing
 * checks that the object holds no other.
 */
typedef struct csm_json
{
	const char *type_name;
	JsonbContainer *object;
	int keys_used;
	Node *escontext;
	const char *long_key; /* of the array that was left in the text, NULL without one */
	const char *items;    /* what is between its brackets */
	const char *items_end;
	int item_count;
} csm_json;

/* An array whose items are read one by one. */
typedef struct csm_json_items
{
	int count;
	Size bytes; /* that they take, at least */
	const char *key;
	JsonbValue array; /* of an array in the object */
} csm_json_items;

/* Reads item i; false after a soft error.  It runs in scratch memory. */
typedef bool (*csm_json_read_item)(csm_json *json, const JsonbValue *item, int i, void *into);

extern bool csm_json_open(csm_json *json, const char *type_name, char *text, Node *escontext);
extern bool csm_json_open_long(csm_json *json, const char *type_name, char *text,
							   const char *long_key, Node *escontext);
extern bool csm_json_open_container(csm_json *json, const char *type_name, JsonbContainer *object,
									Node *escontext);
extern bool csm_json_find_items(csm_json *json, const char *key, csm_json_items *items);
extern bool
csm_json_each(csm_json *json, csm_json_items *items, csm_json_read_item read, void *into);
extern bool csm_json_close(csm_json *json);
extern bool csm_json_has(csm_json *json, const char *key);
extern bool csm_json_text(csm_json *json, const char *key, char **value);
extern bool
csm_json_text_value(csm_json *json, const char *key, const JsonbValue *value, char **text);
extern bool csm_json_numeric(csm_json *json, const char *key, Datum *value);
extern bool
csm_json_numeric_value(csm_json *json, const char *key, const JsonbValue *value, Datum *numeric);
extern bool csm_json_amount(csm_json *json, const char *key, csm_decimal *value);
extern bool csm_json_boolean(csm_json *json, const char *key, bool *value);
extern bool csm_json_count(csm_json *json, const char *key, int64 *value);
extern bool
csm_json_count_value(csm_json *json, const char *key, const JsonbValue *value, int64 *count);
extern bool csm_json_date(csm_json *json, const char *key, DateADT *value);
extern bool
csm_json_date_value(csm_json *json, const char *key, const JsonbValue *value, DateADT *day);
extern bool csm_json_array(csm_json *json, const char *key, JsonbValue *array);
extern bool csm_json_amount_value(csm_json *json, const char *key, const JsonbValue *value,
								  csm_decimal *amount);
extern bool csm_json_amount_at_scale(csm_json *json, const char *key, const JsonbValue *value,
									 int scale, int128 *coefficient);
extern bool csm_json_scale(csm_json *json, uint8 *scale);
extern bool csm_json_step(csm_json *json, const char *key, csm_step *step);
extern bool csm_json_currency(csm_json *json, char *field);
extern int csm_json_length(const JsonbValue *array);
extern JsonbValue *csm_json_item(const JsonbValue *array, int i);
extern bool csm_json_fail(csm_json *json, const char *key, const char *problem);
extern bool csm_json_too_many_digits(csm_json *json);
extern bool csm_json_align(csm_json *json, csm_decimal *amounts, int count, uint8 *scale);

extern void csm_json_start(StringInfo text);
extern void csm_json_end(StringInfo text);
extern void csm_json_put_key(StringInfo text, const char *key);
extern void csm_json_put_text(StringInfo text, const char *key, const char *value);
extern void csm_json_put_numeric(StringInfo text, const char *key, Datum value);
extern void csm_json_put_amount(StringInfo text, const char *key, int128 coefficient, int scale);
extern void csm_json_put_count(StringInfo text, const char *key, int64 value);
extern void csm_json_put_date(StringInfo text, const char *key, DateADT value);

extern void csm_json_put_step(StringInfo text, const char *key, csm_step step);
extern void csm_json_put_currency(StringInfo text, const char *field);

extern void csm_json_put_array(StringInfo text);
extern void csm_json_put_text_value(StringInfo text, const char *value);
extern void csm_json_put_numeric_value(StringInfo text, Datum value);
extern void csm_json_put_count_value(StringInfo text, int64 value);
extern void csm_json_put_null(StringInfo text);

/* Is this a transition, combine or final function that an aggregate calls? */
static inline bool
csm_in_aggregate(FunctionCallInfo fcinfo)
{
	return AggCheckCallContext(fcinfo, NULL) != 0;
}

/*
 * A cast to json, which is the text form.  It has to be a function: to_jsonb, row_to_json and
 * json_agg look for one, and make a string of a value that has none.
 */
#define CSM_CAST_TO_JSON(prefix)                                                 \
	PG_FUNCTION_INFO_V1(prefix##_to_json);                                       \
	Datum prefix##_to_json(PG_FUNCTION_ARGS)                                     \
	{                                                                            \
		Datum text_form = DirectFunctionCall1(prefix##_out, PG_GETARG_DATUM(0)); \
		PG_RETURN_TEXT_P(cstring_to_text(DatumGetCString(text_form)));           \
	}

extern MemoryContext csm_aggregate_context(FunctionCallInfo fcinfo);

/*
 * The rows that a set-returning function hands over all at once.  From start to end it
 * runs in a context that is reset after each row.
 */
typedef struct csm_rows
{
	struct ReturnSetInfo *set;
	csm_scratch scratch;
} csm_rows;

extern csm_rows csm_rows_start(FunctionCallInfo fcinfo);
extern void csm_rows_put(csm_rows *rows, Datum *values, bool *nulls);
extern Datum csm_rows_end(csm_rows *rows);

extern csm_reader csm_reader_from_message(StringInfo message);
extern void csm_binary_error(const char *type_name, const char *problem) pg_attribute_noreturn();
extern bytea *csm_writer_start(csm_writer *writer, int size);
extern const char *csm_text_to_utf8(const char *text, int *length);
extern const char *csm_text_from_utf8(const char *text, int *length);
extern void
csm_version_error(const char *type_name, int version, int expected) pg_attribute_noreturn();

extern void csm_period_from_range(Datum range, DateADT *from, DateADT *to);
extern bool csm_stretch_from_range(Datum range, DateADT *from, DateADT *to);
extern Datum csm_period_to_range(DateADT from, DateADT to);
extern Datum csm_numeric_range(Datum lower, Datum upper);
extern Datum csm_numeric_range_from(Datum lower);
extern void csm_currency_from_text(text *code, char *field);

/* A value of a later version of the library, seen by an earlier one? */
static inline void
csm_check_version(const char *type_name, int version, int expected)
{
	if (unlikely(version != expected))
		csm_version_error(type_name, version, expected);
}

/*
 * The comparison operators and hash functions of a type.  compare(fcinfo) is the order of
 * the first two arguments, hash(fcinfo, seed) the hash of the first.
 */
#define CSM_RELATION(symbol, compare, relation)     \
	PG_FUNCTION_INFO_V1(symbol);                    \
	Datum symbol(PG_FUNCTION_ARGS)                  \
	{                                               \
		PG_RETURN_BOOL(compare(fcinfo) relation 0); \
	}

#define CSM_COMPARISON(prefix, compare, hash)                               \
	CSM_RELATION(prefix##_eq, compare, ==)                                  \
	CSM_RELATION(prefix##_ne, compare, !=)                                  \
	CSM_RELATION(prefix##_lt, compare, <)                                   \
	CSM_RELATION(prefix##_le, compare, <=)                                  \
	CSM_RELATION(prefix##_gt, compare, >)                                   \
	CSM_RELATION(prefix##_ge, compare, >=)                                  \
	PG_FUNCTION_INFO_V1(prefix##_cmp);                                      \
	Datum prefix##_cmp(PG_FUNCTION_ARGS)                                    \
	{                                                                       \
		int order = compare(fcinfo);                                        \
                                                                            \
		/* memcmp gives numbers of other sizes on other machines */         \
		PG_RETURN_INT32((order > 0) - (order < 0));                         \
	}                                                                       \
	PG_FUNCTION_INFO_V1(prefix##_hash);                                     \
	Datum prefix##_hash(PG_FUNCTION_ARGS)                                   \
	{                                                                       \
		PG_RETURN_INT32((int32) hash(fcinfo, 0));                           \
	}                                                                       \
	PG_FUNCTION_INFO_V1(prefix##_hash_extended);                            \
	Datum prefix##_hash_extended(PG_FUNCTION_ARGS)                          \
	{                                                                       \
		PG_RETURN_INT64((int64) hash(fcinfo, (uint64) PG_GETARG_INT64(1))); \
	}

#endif /* CSM_WIRE_SQL_H */
