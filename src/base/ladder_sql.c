/*
 * ladder_sql.c
 *		What the SQL wrappers of all ladders share: states, merging, comparison, text and
 *		binary forms.
 *
 * Text form: a JSON object: the step where there is one, whether there are amounts, the
 * scales, and an array for each rung in the order of keys: the key (null without one), the
 * counts, then each amount and, where the type has them, after it the sum of its squares.
 *
 * Binary form: version, scale of keys, scale of amounts, flags, step, the number of rungs
 * in four bytes, and each rung: key, counts, amounts, squares.  A rung without a key has
 * none there; a flag says that the first rung is one.
 */
#include "base/port.h"

#include <math.h>

#include "common/hashfn.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "base/ladder_sql.h"

#define HAS_AMOUNTS 0x01
#define HAS_NO_KEY  0x02

/* bytes of the binary form before the rungs */
#define HEADER_SIZE (4 + 2 * 4 + 4)

/* As it is: at rest, or a state that a final or combine function looks at. */
csm_ladder *
csm_ladder_from_datum(Datum datum, const csm_ladder_type *type)
{
	csm_ladder *ladder = (csm_ladder *) PG_DETOAST_DATUM(datum);

	csm_check_version(type->name, ladder->version, type->version);
	return ladder;
}

/* An argument at rest. */
csm_ladder *
csm_ladder_argument(FunctionCallInfo fcinfo, int i, const csm_ladder_type *type)
{
	return csm_ladder_at_rest(csm_ladder_from_datum(PG_GETARG_DATUM(i), type));
}

static void
mixed_amounts_error(const csm_ladder_type *type)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("values with and without %s cannot be added up", type->amounts),
					errhint("Make all of them by the same call.")));
}

/* The first argument as a value to change: the aggregate's own, else a copy. */
csm_ladder *
csm_ladder_state(FunctionCallInfo fcinfo, const csm_ladder_type *type, bool has_amounts)
{
	csm_ladder *ladder = csm_ladder_own_state(fcinfo, type);

	if (ladder == NULL && PG_ARGISNULL(0))
		return csm_ladder_new(type, has_amounts);
	if (ladder == NULL)
		ladder = csm_ladder_as_state(csm_ladder_from_datum(PG_GETARG_DATUM(0), type));
	if (unlikely(csm_ladder_has_amounts(ladder) != has_amounts))
		mixed_amounts_error(type);
	return ladder;
}

/* What a transition returns: the state, or a value at rest where it was called by hand. */
Datum
csm_ladder_result(FunctionCallInfo fcinfo, const csm_ladder_type *type, csm_ladder *ladder)
{
	if (likely(AggCheckCallContext(fcinfo, NULL)))
		return PointerGetDatum(ladder);
	ladder = csm_ladder_at_rest(ladder);
	Assert(csm_ladder_problem(ladder, type) == NULL);
	return PointerGetDatum(ladder);
}

void
csm_ladder_check_mergeable(const csm_ladder *a, const csm_ladder *b, const csm_ladder_type *type)
{
	char text_a[CSM_STEP_TEXT_SIZE];
	char text_b[CSM_STEP_TEXT_SIZE];

	if (csm_ladder_has_amounts(a) != csm_ladder_has_amounts(b))
		mixed_amounts_error(type);
	if (csm_step_is_same(a->step, b->step))
		return;
	if (!csm_ladder_has_step(a) || !csm_ladder_has_step(b))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("%s in whole steps and %s as numbers cannot be added up", type->keys,
							   type->keys),
						errhint("Make all values by the same call.")));
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("%s in different steps cannot be added up: %s and %s", type->keys,
						   csm_step_to_text(a->step, text_a), csm_step_to_text(b->step, text_b)),
					errhint("Make all values with the same step.")));
}

/* Bounds are known in a state alone: a value at rest may be of any of several windows. */
static void
merge_bounds(csm_ladder *into, const csm_ladder *from)
{
	bool known = into->from != into->to;

	if (known && from->from != from->to && (into->from != from->from || into->to != from->to))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("bounds vary between rows"),
				 errhint("Pass constants, or group by them; values of windows that do not "
						 "overlap can be rolled up.")));
	if (!known)
	{
		into->from = from->from;
		into->to = from->to;
	}
}

/* Combine function, transition of rollup and, outside of an aggregate, + */
Datum
csm_ladder_combine(FunctionCallInfo fcinfo, const csm_ladder_type *type)
{
	const csm_ladder *from = csm_ladder_from_datum(PG_GETARG_DATUM(1), type);
	csm_ladder *into = csm_ladder_own_state(fcinfo, type);

	if (into == NULL)
		into = csm_ladder_as_state(csm_ladder_from_datum(PG_GETARG_DATUM(0), type));
	csm_ladder_check_mergeable(into, from, type);
	merge_bounds(into, from);
	csm_ladder_merge(&into, type, from);
	return csm_ladder_result(fcinfo, type, into);
}

Datum
csm_ladder_final(FunctionCallInfo fcinfo, const csm_ladder_type *type)
{
	csm_ladder *ladder = csm_ladder_argument(fcinfo, 0, type);

	Assert(csm_ladder_problem(ladder, type) == NULL);
	PG_RETURN_POINTER(ladder);
}

/*
 * Keys
 */

/*
 * The decimal that the cast to numeric gives, of at most 15 digits; the caller has refused
 * what is not finite.  The short cut is for numbers with few decimal places: a decimal of
 * 15 digits or fewer is the only one of that length near the number that it makes.
 */
csm_decimal
csm_key_from_float8(float8 value)
{
	static const double powers[] = {1.0, 10.0, 100.0, 1000.0, 10000.0};
	csm_decimal key;

	for (key.scale = 0; key.scale < (int) lengthof(powers); key.scale++)
	{
		double scaled = value * powers[key.scale];

		if (fabs(scaled) >= 1e15)
			break;
		key.coefficient = (int64) rint(scaled);
		if ((double) (int64) key.coefficient / powers[key.scale] == value)
			return key;
	}
	return csm_decimal_from_numeric(DirectFunctionCall1(float8_numeric, Float8GetDatum(value)));
}

/*
 * Text form
 */

static void
put_rung(StringInfo text, const csm_ladder *ladder, const csm_rung *rung)
{
	csm_ladder_shape shape = ladder->shape;

	csm_json_put_array(text);
	if (rung->key == CSM_LADDER_NO_KEY)
		csm_json_put_null(text);
	else
		csm_json_put_numeric_value(text, csm_decimal_to_numeric(rung->key, ladder->key_scale));
	for (int i = 0; i < shape.counts; i++)
		csm_json_put_count_value(text, csm_rung_counts(shape, rung)[i]);
	for (int i = 0; i < shape.amounts; i++)
	{
		csm_json_put_numeric_value(
			text, csm_decimal_to_numeric(csm_rung_amounts(rung)[i], ladder->scale));
		if (shape.squares > 0)
			csm_json_put_numeric_value(
				text, csm_uint256_to_numeric(&csm_rung_squares(shape, rung)[i], 2 * ladder->scale));
	}
	appendStringInfoChar(text, ']');
}

Datum
csm_ladder_out(FunctionCallInfo fcinfo, const csm_ladder_type *type)
{
	csm_ladder *ladder = csm_ladder_argument(fcinfo, 0, type);
	csm_scratch scratch = csm_scratch_start();
	StringInfoData text;

	csm_json_start(&text);
	if (csm_ladder_has_step(ladder))
		csm_json_put_step(&text, "step", ladder->step);
	csm_json_put_key(&text, type->amounts);
	appendStringInfoString(&text, csm_ladder_has_amounts(ladder) ? "true" : "false");
	csm_json_put_count(&text, "scale", ladder->key_scale);
	if (csm_ladder_has_amounts(ladder))
		csm_json_put_count(&text, type->amount_scale, ladder->scale);
	csm_json_put_key(&text, "rows");
	csm_json_put_array(&text);
	for (uint32 i = 0; i < ladder->rungs; i++)
	{
		csm_scratch_enter(&scratch);
		CHECK_FOR_INTERRUPTS();
		put_rung(&text, ladder, csm_ladder_rung(ladder, i));
		csm_scratch_leave(&scratch);
	}
	csm_scratch_end(&scratch);
	appendStringInfoChar(&text, ']');
	csm_json_end(&text);
	PG_RETURN_CSTRING(text.data);
}

static bool
read_key(csm_json *json, const JsonbValue *value, const csm_ladder_type *type, csm_ladder *ladder,
		 csm_rung *rung)
{
	if (value->type == jbvNull && type->has_rung_without_key)
	{
		rung->key = CSM_LADDER_NO_KEY;
		return true;
	}
	return csm_json_amount_at_scale(json, "rows", value, ladder->key_scale, &rung->key);
}

static bool
read_square(csm_json *json, const JsonbValue *value, int scale, csm_uint256 *square)
{
	Datum numeric;

	if (!csm_json_numeric_value(json, "rows", value, &numeric))
		return false;
	if (!csm_uint256_from_numeric(numeric, 2 * scale, square))
		return csm_json_fail(json, "rows",
							 "must hold sums of squares from 0 to 10^76, with no more than twice "
							 "the decimal places of the amounts");
	pfree(DatumGetPointer(numeric));
	return true;
}

static bool
read_rung(csm_json *json, const JsonbValue *row, const csm_ladder_type *type, csm_ladder *ladder,
		  csm_rung *rung)
{
	csm_ladder_shape shape = ladder->shape;
	int width = 1 + shape.counts + shape.amounts + shape.squares;
	int next = 1;

	if (csm_json_length(row) != width)
		return csm_json_fail(json, "rows",
							 psprintf("must be an array of arrays of %d values", width));
	if (!read_key(json, csm_json_item(row, 0), type, ladder, rung))
		return false;
	for (int i = 0; i < shape.counts; i++)
	{
		if (!csm_json_count_value(json, "rows", csm_json_item(row, next++),
								  &csm_rung_counts(shape, rung)[i]))
			return false;
	}
	for (int i = 0; i < shape.amounts; i++)
	{
		if (!csm_json_amount_at_scale(json, "rows", csm_json_item(row, next++), ladder->scale,
									  &csm_rung_amounts(rung)[i]))
			return false;
		if (shape.squares > 0 && !read_square(json, csm_json_item(row, next++), ladder->scale,
											  &csm_rung_squares(shape, rung)[i]))
			return false;
	}
	return true;
}

/* What stands before the rows; the scale of amounts is there only with amounts. */
static bool
read_header(csm_json *json, const csm_ladder_type *type, csm_ladder *header, bool *has_amounts,
			JsonbValue *rows)
{
	int64 scale = 0;

	memset(header, 0, sizeof(*header));
	if (csm_json_has(json, "step") && !csm_json_step(json, "step", &header->step))
		return false;
	if (!csm_json_boolean(json, type->amounts, has_amounts) ||
		!csm_json_scale(json, &header->key_scale) ||
		(*has_amounts && !csm_json_count(json, type->amount_scale, &scale)))
		return false;
	if (scale > CSM_DECIMAL_DIGITS)
		return csm_json_fail(json, type->amount_scale, "is out of range");
	header->scale = (uint8) scale;
	return csm_json_array(json, "rows", rows) && csm_json_close(json);
}

/* NULL after a soft error. */
static csm_ladder *
ladder_from_text(char *text, const csm_ladder_type *type, Node *escontext)
{
	csm_json json;
	csm_ladder header;
	csm_ladder *ladder;
	JsonbValue rows;
	bool has_amounts = false;
	const char *problem;

	if (!csm_json_open(&json, type->name, text, escontext) ||
		!read_header(&json, type, &header, &has_amounts, &rows))
		return NULL;
	if (csm_json_length(&rows) > CSM_LADDER_KEYS_MAX + 1)
		ereturn(escontext, NULL,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("invalid input for type %s: more than %d different %s", type->name,
						CSM_LADDER_KEYS_MAX, type->keys)));
	ladder = csm_ladder_new_at_rest(type, has_amounts, csm_json_length(&rows));
	ladder->key_scale = header.key_scale;
	ladder->scale = header.scale;
	ladder->step = header.step;
	for (uint32 i = 0; i < ladder->rungs; i++)
	{
		if (!read_rung(&json, csm_json_item(&rows, (int) i), type, ladder,
					   csm_ladder_rung(ladder, i)))
			return NULL;
	}
	problem = csm_ladder_problem(ladder, type);
	if (problem != NULL)
		ereturn(escontext, NULL,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input for type %s: %s", type->name, problem)));
	return ladder;
}

Datum
csm_ladder_in(FunctionCallInfo fcinfo, const csm_ladder_type *type)
{
	csm_ladder *ladder = ladder_from_text(PG_GETARG_CSTRING(0), type, fcinfo->context);

	if (ladder == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(ladder);
}

/*
 * Binary form
 */

static bool
starts_without_key(const csm_ladder *ladder)
{
	return ladder->rungs > 0 && csm_ladder_rung(ladder, 0)->key == CSM_LADDER_NO_KEY;
}

static void
write_rung(csm_writer *writer, csm_ladder_shape shape, const csm_rung *rung)
{
	if (rung->key != CSM_LADDER_NO_KEY)
		csm_write_coefficient(writer, rung->key);
	for (int i = 0; i < shape.counts; i++)
		csm_write_integer(writer, csm_rung_counts(shape, rung)[i], 8);
	for (int i = 0; i < shape.amounts; i++)
		csm_write_coefficient(writer, csm_rung_amounts(rung)[i]);
	for (int i = 0; i < shape.squares; i++)
		csm_write_uint256(writer, &csm_rung_squares(shape, rung)[i]);
}

/* Bytes of the binary form: a rung takes as many as in memory. */
static int64
sent_size(csm_ladder_shape shape, uint32 rungs, bool no_key)
{
	return HEADER_SIZE + (int64) (rungs * csm_rung_size(shape)) - (no_key ? sizeof(int128) : 0);
}

Datum
csm_ladder_send(FunctionCallInfo fcinfo, const csm_ladder_type *type)
{
	csm_ladder *ladder = csm_ladder_argument(fcinfo, 0, type);
	bool no_key = starts_without_key(ladder);
	csm_writer writer;
	bytea *result =
		csm_writer_start(&writer, (int) sent_size(ladder->shape, ladder->rungs, no_key));

	csm_write_integer(&writer, ladder->version, 1);
	csm_write_integer(&writer, ladder->key_scale, 1);
	csm_write_integer(&writer, ladder->scale, 1);
	csm_write_integer(
		&writer, (csm_ladder_has_amounts(ladder) ? HAS_AMOUNTS : 0) | (no_key ? HAS_NO_KEY : 0), 1);
	csm_write_integer(&writer, (uint32) ladder->step.months, 4);
	csm_write_integer(&writer, (uint32) ladder->step.days, 4);
	csm_write_integer(&writer, ladder->rungs, 4);
	for (uint32 i = 0; i < ladder->rungs; i++)
		write_rung(&writer, ladder->shape, csm_ladder_rung(ladder, i));
	PG_RETURN_BYTEA_P(result);
}

static void
read_binary_rung(csm_reader *reader, csm_ladder_shape shape, csm_rung *rung, bool no_key)
{
	rung->key = no_key ? CSM_LADDER_NO_KEY : csm_read_coefficient(reader);
	for (int i = 0; i < shape.counts; i++)
		csm_rung_counts(shape, rung)[i] = (int64) csm_read_integer(reader, 8);
	for (int i = 0; i < shape.amounts; i++)
		csm_rung_amounts(rung)[i] = csm_read_coefficient(reader);
	for (int i = 0; i < shape.squares; i++)
		csm_rung_squares(shape, rung)[i] = csm_read_uint256(reader);
}

/* The memory taken is bounded by the bytes that are there. */
Datum
csm_ladder_recv(FunctionCallInfo fcinfo, const csm_ladder_type *type)
{
	csm_reader reader = csm_reader_from_message((StringInfo) PG_GETARG_POINTER(0));
	int64 size = reader.end - reader.next;
	uint8 version = csm_read_integer(&reader, 1);
	uint8 key_scale = csm_read_integer(&reader, 1);
	uint8 scale = csm_read_integer(&reader, 1);
	uint8 flags = csm_read_integer(&reader, 1);
	csm_step step;
	uint32 rungs;
	csm_ladder *ladder;
	const char *problem;

	step.months = (int32) csm_read_integer(&reader, 4);
	step.days = (int32) csm_read_integer(&reader, 4);
	rungs = csm_read_integer(&reader, 4);
	if (version != type->version)
		csm_binary_error(type->name, "unknown format version");
	if ((flags & ~(HAS_AMOUNTS | HAS_NO_KEY)) != 0 || ((flags & HAS_NO_KEY) && rungs == 0))
		csm_binary_error(type->name, "unknown flags");
	if (step.months < 0 || step.days < 0)
		csm_binary_error(type->name, "malformed step");
	if (rungs > CSM_LADDER_KEYS_MAX + 1 ||
		size != sent_size(flags & HAS_AMOUNTS ? type->shape_with_amounts : type->shape, rungs,
						  flags & HAS_NO_KEY))
		csm_binary_error(type->name, "its length is wrong");
	ladder = csm_ladder_new_at_rest(type, flags & HAS_AMOUNTS, (int) rungs);
	ladder->key_scale = key_scale;
	ladder->scale = scale;
	ladder->step = step;
	for (uint32 i = 0; i < rungs; i++)
		read_binary_rung(&reader, ladder->shape, csm_ladder_rung(ladder, i),
						 i == 0 && (flags & HAS_NO_KEY));
	problem = reader.failed ? "an amount has too many digits" : csm_ladder_problem(ladder, type);
	if (problem != NULL)
		csm_binary_error(type->name, problem);
	PG_RETURN_POINTER(ladder);
}

/*
 * Comparison
 */

int
csm_ladder_compare_arguments(FunctionCallInfo fcinfo, const csm_ladder_type *type)
{
	csm_ladder *a = csm_ladder_argument(fcinfo, 0, type);
	csm_ladder *b = csm_ladder_argument(fcinfo, 1, type);
	int order = csm_ladder_compare(a, b);

	/* index builds and sorts call this in one long-lived context */
	PG_FREE_IF_COPY(a, 0);
	PG_FREE_IF_COPY(b, 1);
	return order;
}

uint64
csm_ladder_hash_argument(FunctionCallInfo fcinfo, const csm_ladder_type *type, uint64 seed)
{
	csm_ladder *ladder = csm_ladder_argument(fcinfo, 0, type);
	csm_ladder *normal = csm_ladder_normalize(ladder);
	uint64 hash = hash_bytes_extended((const unsigned char *) normal, (int) VARSIZE(normal), seed);

	if (normal != ladder)
		pfree(normal);
	PG_FREE_IF_COPY(ladder, 0);
	return hash;
}
