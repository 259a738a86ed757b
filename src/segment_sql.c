/*
 * segment_sql.c
 *		segment as SQL sees it: text and binary forms, parts, membership, schemes,
 *		comparison.
 */
#include "base/port.h"

#include "access/stratnum.h"
#include "access/tupmacs.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "nodes/makefuncs.h"
#include "nodes/supportnodes.h"
#include "optimizer/clauses.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rangetypes.h"
#include "utils/typcache.h"

#include "base/decimal_sql.h"
#include "segment_sql.h"
#include "base/wire_sql.h"

#define SEGMENT "segment"

static csm_segment *
segment_from_datum(Datum datum)
{
	csm_segment *s = (csm_segment *) PG_DETOAST_DATUM(datum);

	csm_check_version(SEGMENT, s->version, CSM_SEGMENT_VERSION);
	return s;
}

#define PG_GETARG_SEGMENT(i) segment_from_datum(PG_GETARG_DATUM(i))

static Datum
from_numeric(const csm_segment *s)
{
	return csm_decimal_to_numeric(s->from, s->scale);
}

static Datum
to_numeric(const csm_segment *s)
{
	return csm_decimal_to_numeric(s->to, s->scale);
}

/*
 * Text form
 */

static char *
segment_to_text(const csm_segment *s)
{
	StringInfoData text;

	initStringInfo(&text);
	appendBinaryStringInfo(&text, s->label, csm_segment_label_length(s));
	appendStringInfoString(&text, csm_segment_has_from(s) ? " [" : " (");
	if (csm_segment_has_from(s))
		appendStringInfoString(&text, csm_numeric_to_text(from_numeric(s)));
	appendStringInfoChar(&text, ',');
	if (csm_segment_has_to(s))
		appendStringInfoString(&text, csm_numeric_to_text(to_numeric(s)));
	appendStringInfoChar(&text, ')');
	return text.data;
}

/* How much of a text that is not a segment is shown. */
#define SHOWN_BYTES 80

static csm_segment *
input_error(const char *text, const char *problem, Node *escontext)
{
	int length = (int) strlen(text);

	ereturn(escontext, NULL,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input for type %s: \"%.*s\": %s", SEGMENT,
					pg_mbcliplen(text, length, SHOWN_BYTES), text, problem),
			 errhint("Write a label, then its band, as in \"enterprise [100000,)\".")));
}

/* The amount in a part of the text; an empty part is an open end. */
static bool
bound_from_text(const char *text, int length, csm_decimal *bound, Node *escontext)
{
	Datum numeric;

	return length == 0 ||
		   (csm_input_function(numeric_in, pnstrdup(text, length), escontext, &numeric) &&
			csm_decimal_from_numeric_safe(numeric, bound, escontext));
}

/* NULL after a soft error. */
static csm_segment *
segment_from_text(const char *text, Node *escontext)
{
	csm_segment_text parts;
	csm_decimal from;
	csm_decimal to;
	csm_segment *s;
	const char *problem = csm_segment_split(text, &parts);

	if (problem != NULL)
		return input_error(text, problem, escontext);
	if (!bound_from_text(parts.from, parts.from_length, &from, escontext) ||
		!bound_from_text(parts.to, parts.to_length, &to, escontext))
		return NULL;
	s = csm_segment_make(parts.label, parts.label_length, parts.from_length > 0 ? &from : NULL,
						 parts.to_length > 0 ? &to : NULL, &problem);
	return problem == NULL ? s : input_error(text, problem, escontext);
}

PG_FUNCTION_INFO_V1(csm_segment_in);
Datum
csm_segment_in(PG_FUNCTION_ARGS)
{
	csm_segment *s = segment_from_text(PG_GETARG_CSTRING(0), fcinfo->context);

	if (s == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(s);
}

PG_FUNCTION_INFO_V1(csm_segment_out);
Datum
csm_segment_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(segment_to_text(PG_GETARG_SEGMENT(0)));
}

/*
 * Binary form
 */

PG_FUNCTION_INFO_V1(csm_segment_send);
Datum
csm_segment_send(PG_FUNCTION_ARGS)
{
	const csm_segment *s = PG_GETARG_SEGMENT(0);
	int length = csm_segment_label_length(s);
	const char *label = csm_text_to_utf8(s->label, &length);
	csm_writer writer;
	bytea *result = csm_writer_start(&writer, CSM_SEGMENT_BINARY_SIZE + length);

	csm_segment_write(&writer, s);
	csm_write_bytes(&writer, label, length);
	PG_RETURN_BYTEA_P(result);
}

PG_FUNCTION_INFO_V1(csm_segment_recv);
Datum
csm_segment_recv(PG_FUNCTION_ARGS)
{
	csm_reader reader = csm_reader_from_message((StringInfo) PG_GETARG_POINTER(0));
	csm_segment fixed = csm_segment_read(&reader);
	int length = (int) (reader.end - reader.next);
	const char *label = csm_text_from_utf8((const char *) reader.next, &length);
	csm_segment *s = csm_segment_with_label(&fixed, label, length);
	const char *problem = reader.failed ? "it is too short, or an amount has too many digits"
										: csm_segment_problem(s);

	if (problem != NULL)
		csm_binary_error(SEGMENT, problem);
	PG_RETURN_POINTER(s);
}

/*
 * Parts
 */

PG_FUNCTION_INFO_V1(csm_segment_label);
Datum
csm_segment_label(PG_FUNCTION_ARGS)
{
	const csm_segment *s = PG_GETARG_SEGMENT(0);

	PG_RETURN_TEXT_P(cstring_to_text_with_len(s->label, csm_segment_label_length(s)));
}

PG_FUNCTION_INFO_V1(csm_segment_arr_from);
Datum
csm_segment_arr_from(PG_FUNCTION_ARGS)
{
	const csm_segment *s = PG_GETARG_SEGMENT(0);

	if (!csm_segment_has_from(s))
		PG_RETURN_NULL();
	return from_numeric(s);
}

PG_FUNCTION_INFO_V1(csm_segment_arr_to);
Datum
csm_segment_arr_to(PG_FUNCTION_ARGS)
{
	const csm_segment *s = PG_GETARG_SEGMENT(0);

	if (!csm_segment_has_to(s))
		PG_RETURN_NULL();
	return to_numeric(s);
}

PG_FUNCTION_INFO_V1(csm_segment_to_numrange);
Datum
csm_segment_to_numrange(PG_FUNCTION_ARGS)
{
	const csm_segment *s = PG_GETARG_SEGMENT(0);
	TypeCacheEntry *typcache = lookup_type_cache(NUMRANGEOID, TYPECACHE_RANGE_INFO);
	RangeBound lower = {from_numeric(s), !csm_segment_has_from(s), true, true};
	RangeBound upper = {to_numeric(s), !csm_segment_has_to(s), false, false};

	return RangeTypePGetDatum(csm_make_range(typcache, &lower, &upper));
}

/*
 * Membership: by the order of numeric, whatever its digits.  An infinite amount is in the band
 * that is open on its side; NaN is no amount and in none.
 */

/* An amount to look for, which most likely is a decimal. */
typedef struct sought_amount
{
	Datum numeric;
	bool is_decimal;
	csm_decimal decimal;
} sought_amount;

static sought_amount
amount_to_seek(Datum numeric)
{
	sought_amount amount = {.numeric = numeric};

	amount.is_decimal = csm_decimal_try_from_numeric(numeric, &amount.decimal);
	return amount;
}

static pg_noinline bool
contains_numeric(const csm_segment *s, Datum numeric)
{
	if (numeric_is_nan(DatumGetNumeric(numeric)))
		return false;
	return (!csm_segment_has_from(s) ||
			DatumGetBool(DirectFunctionCall2(numeric_ge, numeric, from_numeric(s)))) &&
		   (!csm_segment_has_to(s) ||
			DatumGetBool(DirectFunctionCall2(numeric_lt, numeric, to_numeric(s))));
}

static inline bool
contains(const csm_segment *s, const sought_amount *amount)
{
	return likely(amount->is_decimal) ? csm_segment_contains(s, amount->decimal)
									  : contains_numeric(s, amount->numeric);
}

PG_FUNCTION_INFO_V1(csm_segment_contains_numeric);
Datum
csm_segment_contains_numeric(PG_FUNCTION_ARGS)
{
	sought_amount amount = amount_to_seek(PG_GETARG_DATUM(1));

	PG_RETURN_BOOL(contains(PG_GETARG_SEGMENT(0), &amount));
}

PG_FUNCTION_INFO_V1(csm_numeric_in_segment);
Datum
csm_numeric_in_segment(PG_FUNCTION_ARGS)
{
	sought_amount amount = amount_to_seek(PG_GETARG_DATUM(0));

	PG_RETURN_BOOL(contains(PG_GETARG_SEGMENT(1), &amount));
}

/* The comparison of an expression with a bound, by numeric's own operator. */
static Expr *
compare_with_bound(Expr *amount, int strategy, Datum bound)
{
	TypeCacheEntry *typcache = lookup_type_cache(NUMERICOID, TYPECACHE_BTREE_OPFAMILY);
	Oid operator= get_opfamily_member(typcache->btree_opf, NUMERICOID, NUMERICOID, strategy);
	Const *constant = makeConst(NUMERICOID, -1, InvalidOid, -1, bound, false, false);

	return make_opclause(operator, BOOLOID, false, amount, (Expr *) constant, InvalidOid,
						 InvalidOid);
}

/* What is looked at twice must be cheap, and the same both times. */
static bool
may_be_repeated(PlannerInfo *root, Expr *amount)
{
	QualCost cost;

	if (contain_volatile_functions((Node *) amount) || contain_subplans((Node *) amount))
		return false;
	cost_qual_eval_node(&cost, (Node *) amount, root);
	return cost.startup + cost.per_tuple <= 10 * cpu_operator_cost;
}

/*
 * "amount <@ constant" as comparisons of the amount, which statistics and indexes on the
 * amount know how to deal with.
 */
static Node *
simplify_membership(PlannerInfo *root, FuncExpr *call, int amount_argument)
{
	Expr *amount = list_nth(call->args, amount_argument);
	Const *constant = list_nth(call->args, 1 - amount_argument);
	const csm_segment *s;
	Expr *below;
	Expr *above;

	if (!IsA(constant, Const) || constant->constisnull)
		return NULL;
	s = segment_from_datum(constant->constvalue);
	if (csm_segment_has_from(s) && !may_be_repeated(root, amount))
		return NULL;
	below = compare_with_bound(amount, BTLessStrategyNumber,
							   csm_segment_has_to(s)
								   ? to_numeric(s)
								   : DirectFunctionCall3(numeric_in, CStringGetDatum("NaN"),
														 ObjectIdGetDatum(InvalidOid),
														 Int32GetDatum(-1)));
	if (!csm_segment_has_from(s))
		return (Node *) below;
	above = compare_with_bound(copyObject(amount), BTGreaterEqualStrategyNumber, from_numeric(s));
	return (Node *) make_andclause(list_make2(above, below));
}

static Node *
answer_planner(FunctionCallInfo fcinfo, int amount_argument)
{
	Node *request = (Node *) PG_GETARG_POINTER(0);
	SupportRequestSimplify *simplify;

	if (!IsA(request, SupportRequestSimplify))
		return NULL;
	simplify = (SupportRequestSimplify *) request;
	return simplify_membership(simplify->root, simplify->fcall, amount_argument);
}

PG_FUNCTION_INFO_V1(csm_segment_contains_support);
Datum
csm_segment_contains_support(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(answer_planner(fcinfo, 1));
}

PG_FUNCTION_INFO_V1(csm_numeric_in_segment_support);
Datum
csm_numeric_in_segment_support(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(answer_planner(fcinfo, 0));
}

static void
check_no_nulls(ArrayType *scheme)
{
	if (array_contains_nulls(scheme))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("a scheme must not hold NULL"),
				 errhint("Leave it out, as in array_agg(s) FILTER (WHERE s IS NOT NULL).")));
}

/*
 * The first band that holds the amount.  Millions of rows are classified by the same
 * array, so its elements are looked at where they are: they are aligned, and never
 * compressed or out of line.
 */
PG_FUNCTION_INFO_V1(csm_segment_of);
Datum
csm_segment_of(PG_FUNCTION_ARGS)
{
	sought_amount arr = amount_to_seek(PG_GETARG_DATUM(0));
	ArrayType *scheme = PG_GETARG_ARRAYTYPE_P(1);
	int count = ArrayGetNItems(ARR_NDIM(scheme), ARR_DIMS(scheme));
	int offset =
		ARR_HASNULL(scheme) ? scheme->dataoffset : (int) ARR_OVERHEAD_NONULLS(ARR_NDIM(scheme));
	char *item = (char *) scheme + offset;

	check_no_nulls(scheme);
	for (int i = 0; i < count; i++)
	{
		csm_segment *s = segment_from_datum(PointerGetDatum(item));

		if (contains(s, &arr))
			PG_RETURN_POINTER(s);
		item = att_addlength_pointer(item, -1, item);
		item = (char *) att_align_nominal(item, TYPALIGN_DOUBLE);
	}
	PG_RETURN_NULL();
}

/*
 * Schemes
 */

/* An array of segments; NULL in it is refused. */
csm_scheme
csm_scheme_from_datum(Datum datum)
{
	ArrayType *array = DatumGetArrayTypeP(datum);
	csm_scheme scheme;
	Datum *items;

	check_no_nulls(array);
	deconstruct_array(array, ARR_ELEMTYPE(array), -1, false, TYPALIGN_DOUBLE, &items, NULL,
					  &scheme.count);
	scheme.segments = palloc(sizeof(csm_segment *) * Max(scheme.count, 1));
	for (int i = 0; i < scheme.count; i++)
		scheme.segments[i] = segment_from_datum(items[i]);
	return scheme;
}

/* The place of the first band that holds the amount, the number of bands when none does. */
int
csm_scheme_find(const csm_scheme *scheme, csm_decimal amount)
{
	int i = 0;

	while (i < scheme->count && !csm_segment_contains(scheme->segments[i], amount))
		i++;
	return i;
}

static int
compare_items(const void *a, const void *b)
{
	return csm_segment_compare(*(csm_segment *const *) a, *(csm_segment *const *) b);
}

static int
compare_labels(const void *a, const void *b)
{
	return csm_segment_compare_labels(*(csm_segment *const *) a, *(csm_segment *const *) b);
}

static void
check_labels_differ(csm_segment **items, int count)
{
	csm_segment **sorted = palloc(sizeof(csm_segment *) * count);

	memcpy(sorted, items, sizeof(csm_segment *) * count);
	qsort(sorted, count, sizeof(csm_segment *), compare_labels);
	for (int i = 1; i < count; i++)
	{
		if (csm_segment_compare_labels(sorted[i - 1], sorted[i]) == 0)
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("two segments of the scheme have the label \"%.*s\"",
								   csm_segment_label_length(sorted[i]), sorted[i]->label)));
	}
}

static void
overlap_error(const csm_segment *a, const csm_segment *b)
{
	/* it ends where the first of them does */
	const csm_segment *last =
		csm_segment_has_to(a) && (!csm_segment_has_to(b) ||
								  csm_decimal_compare(csm_segment_to(a), csm_segment_to(b)) < 0)
			? a
			: b;

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("segments \"%s\" and \"%s\" overlap from %s to %s", segment_to_text(a),
					segment_to_text(b),
					csm_segment_has_from(b) ? csm_numeric_to_text(from_numeric(b)) : "-infinity",
					csm_segment_has_to(last) ? csm_numeric_to_text(to_numeric(last)) : "infinity"),
			 errhint("The high end of a band is excluded: let the next one start there.")));
}

/* Each band must start where the one before it ends. */
static void
check_adjacent(const csm_segment *a, const csm_segment *b)
{
	int order = 1;

	if (csm_segment_has_to(a) && csm_segment_has_from(b))
		order = csm_decimal_compare(csm_segment_to(a), csm_segment_from(b));
	if (order > 0)
		overlap_error(a, b);
	if (order < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the scheme has a gap from %s to %s", csm_numeric_to_text(to_numeric(a)),
						csm_numeric_to_text(from_numeric(b))),
				 errdetail("It lies between \"%s\" and \"%s\".", segment_to_text(a),
						   segment_to_text(b))));
}

PG_FUNCTION_INFO_V1(csm_check_scheme);
Datum
csm_check_scheme(PG_FUNCTION_ARGS)
{
	ArrayType *scheme = PG_GETARG_ARRAYTYPE_P(0);
	csm_segment **items;
	int count;

	check_no_nulls(scheme);
	deconstruct_array(scheme, ARR_ELEMTYPE(scheme), -1, false, TYPALIGN_DOUBLE, (Datum **) &items,
					  NULL, &count);
	if (count == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the scheme has no segments")));
	qsort(items, count, sizeof(csm_segment *), compare_items);
	for (int i = 1; i < count; i++)
		check_adjacent(items[i - 1], items[i]);
	check_labels_differ(items, count);
	PG_RETURN_ARRAYTYPE_P(
		construct_array((Datum *) items, count, ARR_ELEMTYPE(scheme), -1, false, TYPALIGN_DOUBLE));
}

/* The field's conventions; amounts are yearly and, by convention, in USD. */
static const struct
{
	const char *name;
	int count;
	const char *segments[5];
} schemes[] = {
	{"deal_size",
	 5,
	 {"<1k [0,1000)", "1k+ [1000,5000)", "5k+ [5000,20000)", "20k+ [20000,100000)",
	  "100k+ [100000,)"}},
	{"enterprise",
	 3,
	 {"small business [0,25000)", "mid-market [25000,100000)", "enterprise [100000,)"}},
};

PG_FUNCTION_INFO_V1(csm_segment_scheme);
Datum
csm_segment_scheme(PG_FUNCTION_ARGS)
{
	char *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	Oid element_type = get_element_type(get_func_rettype(fcinfo->flinfo->fn_oid));
	Datum items[lengthof(schemes[0].segments)];

	for (int i = 0; i < (int) lengthof(schemes); i++)
	{
		if (strcmp(name, schemes[i].name) != 0)
			continue;
		for (int k = 0; k < schemes[i].count; k++)
			items[k] = PointerGetDatum(segment_from_text(schemes[i].segments[k], NULL));
		PG_RETURN_ARRAYTYPE_P(
			construct_array(items, schemes[i].count, element_type, -1, false, TYPALIGN_DOUBLE));
	}
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("there is no scheme \"%.*s\"",
						   pg_mbcliplen(name, (int) strlen(name), SHOWN_BYTES), name),
					errhint("Known are \"deal_size\" and \"enterprise\"; a scheme of your own is "
							"an array of segments.")));
}

/*
 * Comparison; equal segments have equal bytes
 */

static int
compare_arguments(FunctionCallInfo fcinfo)
{
	return csm_segment_compare(PG_GETARG_SEGMENT(0), PG_GETARG_SEGMENT(1));
}

/* Transitions of min and max, of which a NULL is none of the values. */
PG_FUNCTION_INFO_V1(csm_segment_smaller);
Datum
csm_segment_smaller(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(PG_GETARG_DATUM(compare_arguments(fcinfo) <= 0 ? 0 : 1));
}

PG_FUNCTION_INFO_V1(csm_segment_larger);
Datum
csm_segment_larger(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(PG_GETARG_DATUM(compare_arguments(fcinfo) >= 0 ? 0 : 1));
}

static uint64
hash_argument(FunctionCallInfo fcinfo, uint64 seed)
{
	const csm_segment *s = PG_GETARG_SEGMENT(0);

	return hash_bytes_extended((const unsigned char *) VARDATA(s), VARSIZE(s) - VARHDRSZ, seed);
}

CSM_COMPARISON(csm_segment, compare_arguments, hash_argument)
