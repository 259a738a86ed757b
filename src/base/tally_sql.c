/*
 * tally_sql.c
 *		What the SQL wrappers of all tallies share: states, comparison, text and
 *		binary forms.
 *
 * Binary form: version, scale, the number of entries in four bytes, and each entry: the
 * length of its name in four bytes (-1: none), the name in UTF-8, terms, counts, amounts,
 * products.
 */
#include "base/port.h"

#include "common/hashfn.h"
#include "fmgr.h"
#include "lib/stringinfo.h"

#include "base/tally_sql.h"

/* As it is: at rest, or a state that a final or combine function looks at. */
static csm_tally *
tally_from_datum(Datum datum, const csm_tally_type *type)
{
	csm_tally *tally = (csm_tally *) PG_DETOAST_DATUM(datum);

	csm_check_version(type->value.name, tally->version, type->version);
	return tally;
}

/* An argument at rest. */
csm_tally *
csm_tally_argument(FunctionCallInfo fcinfo, int i, const csm_tally_type *type)
{
	return csm_tally_at_rest(tally_from_datum(PG_GETARG_DATUM(i), type));
}

/* The first argument as a value to change: the aggregate's own, else a copy. */
csm_tally *
csm_tally_state(FunctionCallInfo fcinfo, const csm_tally_type *type)
{
	csm_tally *tally;

	if (PG_ARGISNULL(0))
		return csm_tally_new(type->version, type->shape);
	tally = tally_from_datum(PG_GETARG_DATUM(0), type);
	if (likely(tally->slots > 0) && AggCheckCallContext(fcinfo, NULL))
		return tally;
	return csm_tally_as_state(tally);
}

/* Combine function and transition of rollup. */
Datum
csm_tally_combine(FunctionCallInfo fcinfo, const csm_tally_type *type)
{
	csm_tally *into = csm_tally_state(fcinfo, type);

	csm_tally_merge(&into, tally_from_datum(PG_GETARG_DATUM(1), type));
	return csm_state_result(fcinfo, &type->value, into);
}

/* Final function: the state in its stored form. */
Datum
csm_tally_final(FunctionCallInfo fcinfo, const csm_tally_type *type)
{
	return csm_value_result(&type->value, tally_from_datum(PG_GETARG_DATUM(0), type));
}

/*
 * Text form: an array of arrays, one for each entry, that start with its name
 */

void
csm_tally_put_name(StringInfo text, const csm_tally *tally, const csm_tally_entry *entry)
{
	if (csm_tally_has_name(entry))
		csm_json_put_text_value(text,
								pnstrdup(csm_tally_name(tally->shape, entry), entry->name_length));
	else
		csm_json_put_null(text);
}

/* The values in a row of the array under "key". */
bool
csm_tally_read_row(csm_json *json, const char *key, const JsonbValue *row, int width,
				   JsonbValue *values)
{
	if (csm_json_length(row) != width)
		return csm_json_fail(json, key, psprintf("must be an array of arrays of %d values", width));
	for (int i = 0; i < width; i++)
		values[i] = *csm_json_item(row, i);
	return true;
}

/* A new entry of this name; NULL after a soft error. */
csm_tally_entry *
csm_tally_read_key(csm_json *json, const char *key, const JsonbValue *name, const uint64 *terms,
				   csm_tally **tally)
{
	uint32 before = (*tally)->entries;
	char *text = NULL;
	csm_tally_entry *entry;

	if (name->type != jbvNull && !csm_json_text_value(json, key, name, &text))
		return NULL;
	entry = csm_tally_find(tally, text ? text : "", text ? (int) strlen(text) : -1, terms);
	if ((*tally)->entries == before)
	{
		(void) csm_json_fail(json, key, "names the same twice");
		return NULL;
	}
	return entry;
}

/* An amount at the scale of the tally, which is raised where it must be; false after a soft error.
 */
bool
csm_tally_read_amount(csm_json *json, csm_tally *tally, csm_decimal amount, int128 *coefficient)
{
	return csm_tally_try_align(tally, amount, coefficient) || csm_json_too_many_digits(json);
}

/*
 * Binary form
 */

/* The name in UTF-8; sets its length, -1 without a name. */
static const char *
sent_name(csm_tally_shape shape, const csm_tally_entry *entry, int *length)
{
	const char *name = csm_tally_name(shape, entry);

	*length = entry->name_length;
	return csm_tally_has_name(entry) ? csm_text_to_utf8(name, length) : name;
}

static Size
sent_size(const csm_tally *tally)
{
	csm_tally_shape shape = tally->shape;
	Size size = 2 + 4;

	for (csm_tally_entry *e = csm_tally_first(tally); e != NULL; e = csm_tally_next(tally, e))
	{
		int length;

		(void) sent_name(shape, e, &length);
		size += 4 + Max(length, 0) + 8 * (shape.terms + shape.counts) + 16 * shape.amounts +
				32 * shape.products;
	}
	if (size > CSM_TALLY_MAX_SIZE - VARHDRSZ)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("the binary form of the value is larger than 1 GB")));
	return size;
}

static void
write_entry(csm_writer *writer, csm_tally_shape shape, csm_tally_entry *entry)
{
	int length;
	const char *name = sent_name(shape, entry, &length);

	csm_write_integer(writer, (uint32) length, 4);
	csm_write_bytes(writer, name, Max(length, 0));
	for (int i = 0; i < shape.terms; i++)
		csm_write_integer(writer, csm_tally_terms(shape, entry)[i], 8);
	for (int i = 0; i < shape.counts; i++)
		csm_write_integer(writer, csm_tally_counts(shape, entry)[i], 8);
	for (int i = 0; i < shape.amounts; i++)
		csm_write_coefficient(writer, csm_tally_amounts(entry)[i]);
	for (int i = 0; i < shape.products; i++)
		csm_write_uint256(writer, &csm_tally_products(shape, entry)[i]);
}

Datum
csm_tally_send(FunctionCallInfo fcinfo, const csm_tally_type *type)
{
	csm_tally *tally = csm_tally_argument(fcinfo, 0, type);
	csm_writer writer;
	bytea *result = csm_writer_start(&writer, (int) sent_size(tally));

	csm_write_integer(&writer, tally->version, 1);
	csm_write_integer(&writer, tally->scale, 1);
	csm_write_integer(&writer, tally->entries, 4);
	for (csm_tally_entry *e = csm_tally_first(tally); e != NULL; e = csm_tally_next(tally, e))
		write_entry(&writer, tally->shape, e);
	PG_RETURN_BYTEA_P(result);
}

/* Reads an entry into the state; false when it is not one, or its key is there twice. */
static bool
read_entry(csm_reader *reader, csm_tally **tally)
{
	csm_tally_shape shape = (*tally)->shape;
	int length = (int32) csm_read_integer(reader, 4);
	const char *name = "";
	uint64 terms[UINT8_MAX];
	uint32 before = (*tally)->entries;
	csm_tally_entry *entry;

	if (length < -1 || length > reader->end - reader->next)
		return false;
	if (length >= 0)
	{
		int sent_length = length;

		name = csm_text_from_utf8((const char *) reader->next, &length);
		reader->next += sent_length;
	}
	for (int i = 0; i < shape.terms; i++)
		terms[i] = csm_read_integer(reader, 8);
	if (reader->failed)
		return false;
	entry = csm_tally_find(tally, name, length, terms);
	for (int i = 0; i < shape.counts; i++)
		csm_tally_counts(shape, entry)[i] = (int64) csm_read_integer(reader, 8);
	for (int i = 0; i < shape.amounts; i++)
		csm_tally_amounts(entry)[i] = csm_read_coefficient(reader);
	for (int i = 0; i < shape.products; i++)
		csm_tally_products(shape, entry)[i] = csm_read_uint256(reader);
	return !reader->failed && (*tally)->entries > before;
}

Datum
csm_tally_recv(FunctionCallInfo fcinfo, const csm_tally_type *type)
{
	csm_reader reader = csm_reader_from_message((StringInfo) PG_GETARG_POINTER(0));
	csm_tally *tally = csm_tally_new(type->version, type->shape);
	uint8 version = csm_read_integer(&reader, 1);
	uint32 entries;
	const char *problem;

	tally->scale = csm_read_integer(&reader, 1);
	entries = csm_read_integer(&reader, 4);
	if (version != type->version)
		csm_binary_error(type->value.name, "unknown format version");
	if (tally->scale > CSM_DECIMAL_DIGITS)
		csm_binary_error(type->value.name, "scale out of range");
	for (uint32 i = 0; i < entries; i++)
	{
		if (!read_entry(&reader, &tally))
			csm_binary_error(type->value.name, "an entry is cut off, malformed or there twice");
	}
	if (reader.failed || reader.next != reader.end)
		csm_binary_error(type->value.name, "it is too short, or there are bytes left over");
	problem = type->value.problem(tally);
	if (problem != NULL)
		csm_binary_error(type->value.name, problem);
	PG_RETURN_POINTER(csm_tally_at_rest(tally));
}

/*
 * Comparison
 */

int
csm_tally_compare_arguments(FunctionCallInfo fcinfo, const csm_tally_type *type)
{
	csm_tally *a = csm_tally_argument(fcinfo, 0, type);
	csm_tally *b = csm_tally_argument(fcinfo, 1, type);
	int order = csm_tally_compare(a, b);

	/* index builds and sorts call this in one long-lived context */
	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	return order;
}

uint64
csm_tally_hash(FunctionCallInfo fcinfo, const csm_tally_type *type, uint64 seed)
{
	csm_tally *tally = csm_tally_argument(fcinfo, 0, type);
	csm_tally *normal = csm_tally_normalize(tally);
	uint64 hash = hash_bytes_extended((const unsigned char *) normal, (int) VARSIZE(normal), seed);

	if (normal != tally)
		pfree(normal);
	PG_FREE_IF_COPY(tally, 0);
	return hash;
}
