/*
 * fuzz.c
 *		csm_fuzz(type, what, options): runs libFuzzer inside a server, on one type.
 *
 * The text form of most types is read by PostgreSQL's jsonb and numeric, and whatever a
 * value is asked goes through them too, so the fuzzer comes to the server and not the
 * other way round.  This file is built into the library only by test/fuzz/run.sh, with
 * the coverage and the sanitizers of clang; the function is called in single-user mode
 * and never returns: libFuzzer ends the process.
 *
 * An input is a value in its text or in its binary form, or (what = 'merge') three of
 * them.  Whatever is refused must be refused with an SQLSTATE for bad input.  Whatever is
 * accepted must come back unchanged from its text and its binary form, equal itself, and
 * be fit to be asked everything that the extension has a function for; three values must
 * have one order and add up to the same in any order.
 *
 * Memory: the round's context hands everything of more than 64 bytes to malloc, so that
 * the address sanitizer sees what runs over the end of it or uses it after pfree.
 */
#include "base/port.h"

#include <signal.h>

#include "access/htup_details.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

/* clang's interface to libFuzzer */
extern int
LLVMFuzzerRunDriver(int *argc, char ***argv, int (*one_input)(const uint8_t *data, size_t size));
extern size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
extern size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
extern size_t
LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1, const uint8_t *data2, size_t size2,
						  uint8_t *out, size_t max_out_size, unsigned int seed);

#define MAX_QUESTIONS 200
#define PIECES        3

/* Merged values that are larger are not taken round: one input would take seconds. */
#define LARGE (256 * 1024)

typedef struct question
{
	FmgrInfo function;
	int nargs;
	NullableDatum args[4];
	bool wants_value[4]; /* the value goes here */
	bool wants_array[4]; /* or an array of it */
} question;

static struct
{
	Oid oid;
	bool merges_only;
	bool has_negative_amounts;
	FmgrInfo input;
	FmgrInfo output;
	FmgrInfo receive;
	FmgrInfo send;
	FmgrInfo combine;
	FmgrInfo finish;
	bool can_combine;
	bool can_finish;
	TypeCacheEntry *cache;
	Oid input_parameter;
	int questions;
	question question[MAX_QUESTIONS];
} type;

static MemoryContext round_context;
static ExprContext *expression;

static char last_error[200];
static long inputs;
static long accepted;

PG_FUNCTION_INFO_V1(csm_fuzz);

/*
 * Findings
 */

static void
finding(const char *what, const char *detail)
{
	fprintf(stderr, "FINDING: %s%s%s\n", what, detail ? ": " : "", detail ? detail : "");
	fprintf(stderr, "The last error was %s\n", last_error);
	abort();
}

/* An error that SQL may see for a bad value: not an internal one, nor one of the system. */
static bool
is_fit_for_input(int sqlstate)
{
	int category = ERRCODE_TO_CATEGORY(sqlstate);

	return category == ERRCODE_TO_CATEGORY(ERRCODE_DATA_EXCEPTION) ||
		   category == ERRCODE_TO_CATEGORY(ERRCODE_FEATURE_NOT_SUPPORTED) ||
		   category == ERRCODE_TO_CATEGORY(ERRCODE_PROGRAM_LIMIT_EXCEEDED);
}

/* Ends a PG_CATCH block. */
static void
forget_error(const char *when)
{
	ErrorData *error;

	MemoryContextSwitchTo(round_context);
	error = CopyErrorData();
	FlushErrorState();
	snprintf(last_error, sizeof(last_error), "%s: %s", unpack_sql_state(error->sqlerrcode),
			 error->message);
	if (!is_fit_for_input(error->sqlerrcode))
		finding("an error that no value may cause", when);
}

/*
 * Values
 */

static Datum
from_text(const char *text)
{
	return InputFunctionCall(&type.input, pstrdup(text), type.input_parameter, -1);
}

/* The message is as the protocol gives it: a buffer of its own, zero-terminated. */
static Datum
from_binary(const void *bytes, size_t size)
{
	StringInfoData message;
	Datum value;

	message.data = palloc(size + 1);
	memcpy(message.data, bytes, size);
	message.data[size] = '\0';
	message.len = (int) size;
	message.maxlen = (int) size + 1;
	message.cursor = 0;
	value = ReceiveFunctionCall(&type.receive, &message, type.input_parameter, -1);
	if (message.cursor != message.len)
		ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION), errmsg("bytes left over")));
	return value;
}

/* A binary form starts with its version, a text form with something that can be read. */
static bool
read_value(const uint8_t *data, size_t size, Datum *value)
{
	volatile bool is_read = false;

	PG_TRY()
		;
		{
			if (size > 0 && data[0] < ' ')
				*value = from_binary(data, size);
			else
			{
				char *text = pnstrdup((const char *) data, size);

				/* as every client's text is checked, before it comes to a type */
				pg_verifymbstr(text, (int) strlen(text), false);
				*value = from_text(text);
			}
			is_read = true;
		}
		PG_CATCH();
		{
			forget_error("input");
		}
		PG_END_TRY();
		return is_read;
}

static bool
same_bytes(Datum a, Datum b)
{
	const void *x = DatumGetPointer(a);
	const void *y = DatumGetPointer(b);

	return VARSIZE(x) == VARSIZE(y) && memcmp(x, y, VARSIZE(x)) == 0;
}

static bool
is_ordered(void)
{
	return OidIsValid(type.cache->cmp_proc_finfo.fn_oid);
}

static int
compare(Datum a, Datum b)
{
	int order =
		DatumGetInt32(FunctionCall2Coll(&type.cache->cmp_proc_finfo, DEFAULT_COLLATION_OID, a, b));

	return order < 0 ? -1 : order > 0;
}

static uint32
hash(Datum value)
{
	return DatumGetUInt32(
		FunctionCall1Coll(&type.cache->hash_proc_finfo, DEFAULT_COLLATION_OID, value));
}

/* Text and binary form give the same value back. */
static void
take_round(Datum value)
{
	char *text = OutputFunctionCall(&type.output, value);
	bytea *binary = SendFunctionCall(&type.send, value);
	Datum read_back = from_text(text);
	Datum received = from_binary(VARDATA(binary), VARSIZE(binary) - VARHDRSZ);

	if (!same_bytes(value, read_back))
		finding("the text form gives another value back", text);
	if (!same_bytes(value, received))
		finding("the binary form gives another value back", text);
	if (is_ordered() && (compare(value, read_back) != 0 || hash(value) != hash(read_back)))
		finding("a value does not equal itself", text);
}

/* A call that may refuse to answer, as long as the error is fit to be shown. */
static void
ask(question *q, Datum value)
{
	LOCAL_FCINFO(fcinfo, 4);
	ReturnSetInfo rows = {.type = T_ReturnSetInfo,
						  .econtext = expression,
						  .allowedModes = SFRM_Materialize | SFRM_Materialize_Random};

	InitFunctionCallInfoData(*fcinfo, &q->function, q->nargs, DEFAULT_COLLATION_OID, NULL,
							 q->function.fn_retset ? (fmNodePtr) &rows : NULL);
	for (int i = 0; i < q->nargs; i++)
	{
		fcinfo->args[i] = q->args[i];
		if (q->wants_value[i])
			fcinfo->args[i].value = value;
		if (q->wants_array[i])
			fcinfo->args[i].value =
				PointerGetDatum(construct_array(&value, 1, type.oid, type.cache->typlen,
												type.cache->typbyval, type.cache->typalign));
	}
	PG_TRY()
		;
		{
			FunctionCallInvoke(fcinfo);
		}
		PG_CATCH();
		{
			forget_error(get_func_name(q->function.fn_oid));
		}
		PG_END_TRY();
}

/* What must hold for every value. */
static void
examine(Datum value)
{
	PG_TRY()
		;
		{
			take_round(value);
		}
		PG_CATCH();
		{
			forget_error("round trip");
			finding("a value that was accepted has a form that is refused", NULL);
		}
		PG_END_TRY();
		for (int i = 0; i < type.questions; i++)
			ask(&type.question[i], value);
}

/*
 * Three values
 */

/* As rollup() does it. */
static bool
merge(Datum a, Datum b, Datum *sum)
{
	volatile bool is_merged = false;

	PG_TRY()
		;
		{
			*sum = FunctionCall2(&type.combine, a, b);
			if (type.can_finish)
				*sum = FunctionCall1(&type.finish, *sum);
			is_merged = true;
		}
		PG_CATCH();
		{
			forget_error("merge");
		}
		PG_END_TRY();
		return is_merged;
}

/*
 * Merging may not tell who came first.  But where amounts may be negative, 38 digits may be
 * too few on one way to a sum, and not on another.
 */
static void
merge_all(const Datum *value)
{
	Datum ab;
	Datum ba = PointerGetDatum(NULL);
	Datum bc;
	Datum ab_c;
	Datum a_bc;
	bool is_merged = merge(value[0], value[1], &ab);

	if (is_merged != merge(value[1], value[0], &ba) && !type.has_negative_amounts)
		finding("two values merge in one order alone", NULL);
	if (!is_merged || DatumGetPointer(ba) == NULL || VARSIZE(DatumGetPointer(ab)) > LARGE)
		return;
	if (!same_bytes(ab, ba))
		finding("merging depends on the order", NULL);
	examine(ab);
	if (merge(value[1], value[2], &bc) && VARSIZE(DatumGetPointer(bc)) <= LARGE &&
		merge(ab, value[2], &ab_c) && merge(value[0], bc, &a_bc) && !same_bytes(ab_c, a_bc))
		finding("merging depends on the grouping", NULL);
}

/* A total order, and equal hashes of what is equal. */
static void
order_all(const Datum *value)
{
	int ab = compare(value[0], value[1]);
	int bc = compare(value[1], value[2]);
	int ac = compare(value[0], value[2]);

	if (ab != -compare(value[1], value[0]))
		finding("comparing depends on the order", NULL);
	if (ab == bc && ac != ab)
		finding("the order is not transitive", NULL);
	if (ab == 0 && (ac != bc || hash(value[0]) != hash(value[1])))
		finding("equal values differ in order or hash", NULL);
}

/*
 * Inputs: one value, or pieces each with its length in two bytes before it
 */

typedef struct piece
{
	const uint8_t *data;
	size_t size;
} piece;

static void
split(const uint8_t *data, size_t size, piece *pieces)
{
	const uint8_t *end = data + size;

	for (int i = 0; i < PIECES; i++)
	{
		size_t announced = 0;

		if (end - data >= 2)
		{
			announced = (size_t) data[0] << 8 | data[1];
			data += 2;
		}
		pieces[i].data = data;
		pieces[i].size = Min(announced, (size_t) (end - data));
		data += pieces[i].size;
	}
}

static size_t
join(const piece *pieces, uint8_t *out, size_t room)
{
	size_t used = 0;

	for (int i = 0; i < PIECES && room - used > 2; i++)
	{
		size_t size = Min(Min(pieces[i].size, room - used - 2), 0xFFFF);

		out[used++] = (uint8_t) (size >> 8);
		out[used++] = (uint8_t) size;
		memcpy(out + used, pieces[i].data, size);
		used += size;
	}
	return used;
}

static void
examine_pieces(const uint8_t *data, size_t size)
{
	piece pieces[PIECES];
	Datum value[PIECES];

	split(data, size, pieces);
	for (int i = 0; i < PIECES; i++)
	{
		if (!read_value(pieces[i].data, pieces[i].size, &value[i]))
			return;
	}
	accepted++;
	if (is_ordered())
		order_all(value);
	if (type.can_combine)
		merge_all(value);
}

static int
one_input(const uint8_t *data, size_t size)
{
	Datum value;

	MemoryContextSwitchTo(round_context);
	inputs++;
	if (type.merges_only)
		examine_pieces(data, size);
	else if (read_value(data, size, &value))
	{
		accepted++;
		examine(value);
	}
	MemoryContextReset(round_context);
	return 0;
}

/* Changes one piece, or makes two of them the same; the others stay whole. */
size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	static uint8_t changed[0x10000];
	static uint8_t joined[0x40000];
	piece pieces[PIECES];
	int i = seed % PIECES;
	size_t room;

	if (!type.merges_only)
		return LLVMFuzzerMutate(data, size, max_size);
	split(data, size, pieces);
	if (seed / PIECES % 8 == 0)
		pieces[i] = pieces[(i + 1) % PIECES];
	else
	{
		memcpy(changed, pieces[i].data, pieces[i].size);
		room = Min(sizeof(changed) - 1, Max(pieces[i].size, max_size / PIECES));
		pieces[i].size = LLVMFuzzerMutate(changed, pieces[i].size, room);
		pieces[i].data = changed;
	}
	size = join(pieces, joined, Min(max_size, sizeof(joined)));
	memcpy(data, joined, size);
	return size;
}

/* Each piece from either of two inputs. */
size_t
LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1, const uint8_t *data2, size_t size2,
						  uint8_t *out, size_t max_out_size, unsigned int seed)
{
	piece pieces[PIECES];
	piece others[PIECES];

	if (!type.merges_only)
		return 0;
	split(data1, size1, pieces);
	split(data2, size2, others);
	for (int i = 0; i < PIECES; i++)
	{
		if (seed >> i & 1)
			pieces[i] = others[(seed >> 3) % PIECES];
	}
	return join(pieces, out, max_out_size);
}

/*
 * Preparing
 */

/* What an argument that is not the value itself is given; false for types without one. */
static bool
find_argument(Oid oid, NullableDatum *argument)
{
	argument->isnull = false;
	switch (oid)
	{
		case NUMERICOID:
			argument->value = DirectFunctionCall3(numeric_in, CStringGetDatum("0.95"),
												  ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
			return true;
		case INT4OID:
			argument->value = Int32GetDatum(2);
			return true;
		case INT8OID:
			argument->value = Int64GetDatum(2);
			return true;
		case BOOLOID:
			argument->value = BoolGetDatum(true);
			return true;
		case TEXTOID:
			argument->value = PointerGetDatum(cstring_to_text("EUR"));
			return true;
		case DATEOID:
			argument->value = DirectFunctionCall1(date_in, CStringGetDatum("2024-07-01"));
			return true;
		case INTERVALOID:
			argument->value = DirectFunctionCall3(interval_in, CStringGetDatum("1 month"),
												  ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
			return true;
		default:
			return false;
	}
}

static void
add_question(Oid oid)
{
	question *q = &type.question[type.questions];
	Oid *types;

	if (get_func_signature(oid, &types, &q->nargs) == InvalidOid || q->nargs > 4)
		return;
	for (int i = 0; i < q->nargs; i++)
	{
		q->wants_value[i] = types[i] == type.oid;
		q->wants_array[i] = types[i] == get_array_type(type.oid);
		if (!q->wants_value[i] && !q->wants_array[i] && !find_argument(types[i], &q->args[i]))
			return;
	}
	if (type.questions == MAX_QUESTIONS - 1)
		elog(ERROR, "more than %d functions", MAX_QUESTIONS - 1);
	fmgr_info(oid, &q->function);
	type.questions++;
}

#define QUESTIONS                                                                                  \
	"SELECT p.oid, p.oid = c.oid, p.oid = r.aggfinalfn FROM pg_type t"                             \
	" JOIN pg_proc p ON p.prokind = 'f' AND p.proargtypes[0] IN (t.oid, t.typarray)"               \
	" AND p.prolang = (SELECT oid FROM pg_language WHERE lanname = 'c')"                           \
	" JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'" \
	" LEFT JOIN pg_proc c ON c.proname ~ '^csm_.*_combine$' AND c.proargtypes[0] = t.oid"          \
	" LEFT JOIN (pg_aggregate r JOIN pg_proc rp ON rp.oid = r.aggfnoid AND rp.proname = 'rollup')" \
	" ON rp.proargtypes[0] = t.oid WHERE t.oid = $1 ORDER BY p.oid"

static bool
flag_of(HeapTuple row, int column)
{
	bool isnull;
	Datum flag = SPI_getbinval(row, SPI_tuptable->tupdesc, column, &isnull);

	return !isnull && DatumGetBool(flag);
}

/* Every function of the extension that takes the type. */
static void
find_questions(void)
{
	Oid types[] = {OIDOID};
	Datum values[] = {ObjectIdGetDatum(type.oid)};
	MemoryContext keep = CurrentMemoryContext;

	SPI_connect();
	SPI_execute_with_args(QUESTIONS, 1, types, values, NULL, true, 0);
	MemoryContextSwitchTo(keep);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		bool isnull;
		HeapTuple row = SPI_tuptable->vals[i];
		Oid oid = DatumGetObjectId(SPI_getbinval(row, SPI_tuptable->tupdesc, 1, &isnull));

		add_question(oid);
		if (flag_of(row, 2))
		{
			fmgr_info(oid, &type.combine);
			type.can_combine = true;
		}
		if (flag_of(row, 3))
		{
			fmgr_info(oid, &type.finish);
			type.can_finish = true;
		}
	}
	SPI_finish();
	MemoryContextSwitchTo(keep);
}

static void
find_type(Oid oid)
{
	Oid function;
	bool is_varlena;

	type.oid = oid;
	type.has_negative_amounts = strcmp(format_type_be(oid), "revenue_history") == 0;
	type.cache = lookup_type_cache(oid, TYPECACHE_CMP_PROC_FINFO | TYPECACHE_HASH_PROC_FINFO);
	getTypeInputInfo(oid, &function, &type.input_parameter);
	fmgr_info(function, &type.input);
	getTypeOutputInfo(oid, &function, &is_varlena);
	fmgr_info(function, &type.output);
	getTypeBinaryInputInfo(oid, &function, &type.input_parameter);
	fmgr_info(function, &type.receive);
	getTypeBinaryOutputInfo(oid, &function, &is_varlena);
	fmgr_info(function, &type.send);
	find_questions();
}

/* The options as a command line. */
static char **
command_line(ArrayType *options, int *argc)
{
	Datum *elements;
	char **argv;

	deconstruct_array(options, TEXTOID, -1, false, TYPALIGN_INT, &elements, NULL, argc);
	argv = palloc0((*argc + 2) * sizeof(char *));
	argv[0] = "csm_fuzz";
	for (int i = 0; i < *argc; i++)
		argv[i + 1] = TextDatumGetCString(elements[i]);
	(*argc)++;
	return argv;
}

static void
report(void)
{
	fprintf(stderr, "csm_fuzz: %ld inputs, %ld accepted, %d questions, combine %d, finish %d\n",
			inputs, accepted, type.questions, type.can_combine, type.can_finish);
}

Datum
csm_fuzz(PG_FUNCTION_ARGS)
{
	MemoryContext keep = MemoryContextSwitchTo(TopMemoryContext);
	int argc;
	char **argv;

	find_type(PG_GETARG_OID(0));
	type.merges_only = strcmp(text_to_cstring(PG_GETARG_TEXT_PP(1)), "merge") == 0;
	argv = command_line(PG_GETARG_ARRAYTYPE_P(2), &argc);
	round_context = GenerationContextCreate(TopMemoryContext, "csm_fuzz round", 0, 1024, 1024);
	expression = CreateStandaloneExprContext();
	expression->ecxt_per_query_memory = round_context;
	atexit(report);

	/* libFuzzer leaves handlers alone that it finds */
	signal(SIGALRM, SIG_DFL);
	signal(SIGFPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	LLVMFuzzerRunDriver(&argc, &argv, one_input);
	MemoryContextSwitchTo(keep);
	PG_RETURN_VOID();
}
