/*
 * funnel.c
 *		Definitions of funnels: reading and writing them; funnel.h says what they mean.
 *
 *		step { arrow [ !names arrow ] step } [within time] [first entry | every entry]
 *		step & step { & step } [within time] [first entry]
 *
 * A step is a name, or several with "|" between them.  An arrow is ">" or, where nothing may
 * lie between, ">>".  A name of letters, digits, "_", ".", "-", ":", "/" and bytes above 127
 * stands as it is, any other one in double quotes, in which a backslash keeps the next byte
 * from meaning anything.  What follows a step decides what a word is, so a step may be called
 * "within" or "first".
 *
 * The canonical text has one space around arrows and words, quotes only where they are needed,
 * and the window in days, hours, minutes and seconds.
 */
#include "base/port.h"

#include "lib/stringinfo.h"
#include "utils/timestamp.h"

#include "funnel.h"

/* The names of a step or a gap that is being read; the numbers of names. */
typedef struct csm_name_set
{
	uint32 *names;
	int count;
} csm_name_set;

typedef struct csm_funnel_parser
{
	const char *next;
	const char *end;
	csm_funnel *f;
	int name_room;
	csm_name_set sets[CSM_FUNNEL_STEPS_MAX];
	csm_name_set forbidden[CSM_FUNNEL_STEPS_MAX]; /* in the gap after each step */
	int class_size[CSM_FUNNEL_STEPS_MAX];         /* names */
	csm_funnel_problem *problem;
} csm_funnel_parser;

/*
 * Problems
 */

static bool
fail(csm_funnel_parser *p, int sqlstate, const char *message, const char *hint)
{
	p->problem->sqlstate = sqlstate;
	p->problem->message = message;
	p->problem->hint = hint;
	return false;
}

/* What is left, for a message: so much that people find the place. */
static const char *
rest_of(const csm_funnel_parser *p)
{
	int size = (int) Min(p->end - p->next, 30);

	/* not within a character of several bytes */
	while (size > 0 && size < p->end - p->next && (p->next[size] & 0xC0) == 0x80)
		size--;
	return size == 0 ? "its end" : psprintf("\"%.*s\"", size, p->next);
}

static bool
malformed(csm_funnel_parser *p, const char *expected)
{
	return fail(p, ERRCODE_INVALID_TEXT_REPRESENTATION,
				psprintf("expected %s at %s", expected, rest_of(p)),
				"Write it as in 'signup > invite > \"paid plan\" within 7 days'.");
}

/*
 * Names
 */

/* Whatever the locale says. */
static bool
is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_space(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
is_bare(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c >= 0x80 ||
		   (c != '\0' && strchr("_.-:/", c) != NULL);
}

void
csm_name_append(StringInfo text, const char *bytes, int size)
{
	bool needs_quotes = size == 0;

	for (int i = 0; i < size; i++)
		needs_quotes = needs_quotes || !is_bare((unsigned char) bytes[i]);
	if (!needs_quotes)
	{
		appendBinaryStringInfo(text, bytes, size);
		return;
	}
	appendStringInfoChar(text, '"');
	for (int i = 0; i < size; i++)
	{
		if (bytes[i] == '"' || bytes[i] == '\\')
			appendStringInfoChar(text, '\\');
		appendStringInfoChar(text, bytes[i]);
	}
	appendStringInfoChar(text, '"');
}

static uint32
hash_name(const char *bytes, Size size)
{
	uint64 first = 0;
	uint64 last = 0;

	/* enough to tell names apart; what is left is compared */
	if (size >= 8)
	{
		memcpy(&first, bytes, 8);
		memcpy(&last, bytes + size - 8, 8);
	}
	else if (size >= 4)
	{
		memcpy(&first, bytes, 4);
		memcpy(&last, bytes + size - 4, 4);
	}
	else
	{
		for (Size i = 0; i < size; i++)
			first = first << 8 | (unsigned char) bytes[i];
	}
	first = (first ^ size) * UINT64CONST(0x9E3779B97F4A7C15) + last;
	return (uint32) ((first * UINT64CONST(0xD6E8FEB86659FD93)) >> 32);
}

static bool
is_name(const csm_funnel_name *name, const char *bytes, Size size)
{
	return (Size) name->size == size && memcmp(name->bytes, bytes, size) == 0;
}

uint32
csm_funnel_find_like(const csm_funnel *f, const char *bytes, Size size)
{
	uint32 slot = hash_name(bytes, size) & f->slot_mask;

	while (f->slots[slot] != 0 && !is_name(&f->name[f->slots[slot]], bytes, size))
		slot = (slot + 1) & f->slot_mask;
	return f->slots[slot];
}

static void
insert_slot(csm_funnel *f, uint32 number)
{
	uint32 slot = hash_name(f->name[number].bytes, f->name[number].size) & f->slot_mask;

	while (f->slots[slot] != 0)
		slot = (slot + 1) & f->slot_mask;
	f->slots[slot] = number;
	f->is_like[csm_name_likeness(f->name[number].bytes, f->name[number].size)] = true;
}

/* Makes room for one more name; the slots stay at most half full. */
static void
make_room(csm_funnel_parser *p)
{
	csm_funnel *f = p->f;

	if (f->names + 1 < p->name_room)
		return;
	p->name_room *= 2;
	f->name = repalloc(f->name, p->name_room * sizeof(csm_funnel_name));
	f->slot_mask = 2 * p->name_room - 1;
	f->slots = palloc0((f->slot_mask + 1) * sizeof(uint32));
	for (int i = 1; i <= f->names; i++)
		insert_slot(f, i);
}

static uint32
number_of(csm_funnel_parser *p, char *bytes, int size)
{
	csm_funnel *f = p->f;
	uint32 number = csm_funnel_find(f, bytes, size);

	if (number != 0)
		return number;
	make_room(p);
	number = ++f->names;
	f->name[number].bytes = bytes;
	f->name[number].size = size;
	f->name[number].step_class = -1;
	f->name[number].breaks = 0;
	insert_slot(f, number);
	return number;
}

static bool
read_quoted(csm_funnel_parser *p, char *bytes, int *size)
{
	for (p->next++; p->next < p->end && *p->next != '"'; p->next++)
	{
		if (*p->next == '\\' && ++p->next == p->end)
			break;
		bytes[(*size)++] = *p->next;
	}
	if (p->next >= p->end)
		return malformed(p, "a double quote");
	p->next++;
	return true;
}

static bool
read_name(csm_funnel_parser *p, uint32 *number)
{
	char *bytes = palloc(p->end - p->next + 1);
	int size = 0;

	if (p->next < p->end && *p->next == '"')
	{
		if (!read_quoted(p, bytes, &size))
			return false;
	}
	else
	{
		while (p->next < p->end && is_bare((unsigned char) *p->next))
			bytes[size++] = *p->next++;
		if (size == 0)
			return malformed(p, "the name of an event");
	}
	if (size > CSM_EVENT_NAME_MAX)
		return fail(
			p, ERRCODE_PROGRAM_LIMIT_EXCEEDED,
			psprintf("the name of an event has %d bytes, more than %d", size, CSM_EVENT_NAME_MAX),
			NULL);
	*number = number_of(p, bytes, size);
	return true;
}

static void
skip_space(csm_funnel_parser *p)
{
	while (p->next < p->end && is_space((unsigned char) *p->next))
		p->next++;
}

static bool
accept_word(csm_funnel_parser *p, const char *word)
{
	int size = (int) strlen(word);

	skip_space(p);
	if (p->end - p->next < size || pg_strncasecmp(p->next, word, size) != 0 ||
		(p->end - p->next > size && is_bare((unsigned char) word[size - 1]) &&
		 is_bare((unsigned char) p->next[size])))
		return false;
	p->next += size;
	return true;
}

static bool
holds(const csm_name_set *set, uint32 number)
{
	for (int i = 0; i < set->count; i++)
	{
		if (set->names[i] == number)
			return true;
	}
	return false;
}

/* name { | name } */
static bool
read_names(csm_funnel_parser *p, csm_name_set *set)
{
	int room = 4;

	set->names = palloc(room * sizeof(uint32));
	set->count = 0;
	do
	{
		uint32 number = 0;

		skip_space(p);
		if (!read_name(p, &number))
			return false;
		if (set->count == room)
		{
			room *= 2;
			set->names = repalloc(set->names, room * sizeof(uint32));
		}
		if (!holds(set, number))
			set->names[set->count++] = number;
	} while (accept_word(p, "|"));
	return true;
}

/*
 * Steps
 */

/* All names of the step are new, or they are all those of an earlier step. */
static bool
assign_class(csm_funnel_parser *p, const csm_name_set *set, int *step_class)
{
	csm_funnel *f = p->f;
	bool agrees = true;

	*step_class = f->name[set->names[0]].step_class;
	for (int i = 1; i < set->count; i++)
		agrees = agrees && f->name[set->names[i]].step_class == *step_class;
	if (!agrees || (*step_class >= 0 && p->class_size[*step_class] != set->count))
		return fail(p, ERRCODE_INVALID_PARAMETER_VALUE,
					"two steps have some of their names in common, but not all",
					"Give both the same names, or names of their own.");
	if (*step_class >= 0)
		return true;
	*step_class = f->classes++;
	p->class_size[*step_class] = set->count;
	for (int i = 0; i < set->count; i++)
		f->name[set->names[i]].step_class = *step_class;
	return true;
}

static bool
read_step(csm_funnel_parser *p)
{
	csm_funnel *f = p->f;
	csm_name_set set;
	int step_class;

	skip_space(p);
	if (p->next < p->end && *p->next == '!')
		return f->steps == 0 ? fail(p, ERRCODE_INVALID_PARAMETER_VALUE,
									"what is forbidden has to lie between two steps",
									"Write it as in 'a > !x > b'.")
							 : malformed(p, "the name of an event");
	if (!read_names(p, &set))
		return false;
	if (f->steps == CSM_FUNNEL_STEPS_MAX)
		return fail(p, ERRCODE_INVALID_PARAMETER_VALUE,
					psprintf("a funnel has at most %d steps", CSM_FUNNEL_STEPS_MAX), NULL);
	if (!assign_class(p, &set, &step_class))
		return false;
	if (f->any_order && f->steps_of_class[step_class] != 0)
		return fail(p, ERRCODE_INVALID_PARAMETER_VALUE,
					"a name comes twice among steps in any order",
					"Name each event once between \"&\".");
	f->step[f->steps].step_class = step_class;
	f->steps_of_class[step_class] |= (uint32) 1 << f->steps;
	p->sets[f->steps++] = set;
	return true;
}

/* After ">": what is forbidden, and the arrow after it. */
static bool
read_forbidden(csm_funnel_parser *p)
{
	csm_name_set *set = &p->forbidden[p->f->steps - 1];

	if (!accept_word(p, "!"))
		return true;
	if (!read_names(p, set))
		return false;
	skip_space(p);
	if (p->next < p->end && *p->next == '>' && (p->next + 1 == p->end || p->next[1] != '>'))
	{
		p->next++;
		return true;
	}
	if (p->next < p->end && *p->next == '>')
		return malformed(p, "\">\", as \">>\" lets nothing through at all,");
	return fail(p, ERRCODE_INVALID_PARAMETER_VALUE,
				"what is forbidden has to lie between two steps", "Write it as in 'a > !x > b'.");
}

static bool
read_steps(csm_funnel_parser *p)
{
	csm_funnel *f = p->f;

	if (!read_step(p))
		return false;
	for (;;)
	{
		skip_space(p);
		if (p->next == p->end || (*p->next != '>' && *p->next != '&'))
			return true;
		if (*p->next == '&')
		{
			if (f->steps > 1 && !f->any_order)
				return malformed(p, "\">\" as before");
			f->any_order = true;
			p->next++;
		}
		else if (f->any_order)
			return malformed(p, "\"&\" as before");
		else if (accept_word(p, ">>"))
			f->closed_gaps |= (uint32) 1 << (f->steps - 1);
		else
		{
			p->next++;
			if (!read_forbidden(p))
				return false;
		}
		if (!read_step(p))
			return false;
	}
}

/*
 * The window and the entry
 */

typedef struct csm_unit_word
{
	const char *word;
	int64 length; /* 0: it has none */
} csm_unit_word;

static const csm_unit_word unit_words[] = {
	{"days", USECS_PER_DAY},
	{"day", USECS_PER_DAY},
	{"d", USECS_PER_DAY},
	{"hours", USECS_PER_HOUR},
	{"hour", USECS_PER_HOUR},
	{"h", USECS_PER_HOUR},
	{"minutes", USECS_PER_MINUTE},
	{"minute", USECS_PER_MINUTE},
	{"mins", USECS_PER_MINUTE},
	{"min", USECS_PER_MINUTE},
	{"m", USECS_PER_MINUTE},
	{"seconds", USECS_PER_SEC},
	{"second", USECS_PER_SEC},
	{"secs", USECS_PER_SEC},
	{"sec", USECS_PER_SEC},
	{"s", USECS_PER_SEC},
	{"weeks", 7 * USECS_PER_DAY},
	{"week", 7 * USECS_PER_DAY},
	{"w", 7 * USECS_PER_DAY},
	{"months", 0},
	{"month", 0},
	{"mons", 0},
	{"mon", 0},
	{"years", 0},
	{"year", 0},
	{"quarters", 0},
	{"quarter", 0},
};

static bool
window_out_of_range(csm_funnel_parser *p)
{
	return fail(p, ERRCODE_INVALID_PARAMETER_VALUE, "the window of a funnel is out of range", NULL);
}

/* A whole number, or seconds with a fraction, as microseconds of a unit of a second. */
static bool
read_number(csm_funnel_parser *p, int64 *whole, int64 *millionths)
{
	int64 place = 100000;

	*whole = 0;
	*millionths = 0;
	if (p->next < p->end && *p->next == '-')
		return fail(p, ERRCODE_INVALID_PARAMETER_VALUE, "the window of a funnel is negative", NULL);
	if (p->next == p->end || !is_digit((unsigned char) *p->next))
		return malformed(p, "a number of days, hours, minutes or seconds");
	for (; p->next < p->end && is_digit((unsigned char) *p->next); p->next++)
	{
		*whole = *whole * 10 + (*p->next - '0');
		if (*whole > PG_INT64_MAX / USECS_PER_DAY)
			return window_out_of_range(p);
	}
	if (p->next == p->end || *p->next != '.')
		return true;
	for (p->next++; p->next < p->end && is_digit((unsigned char) *p->next); p->next++)
	{
		*millionths += (*p->next - '0') * place;
		place /= 10;
	}
	return true;
}

static bool
read_unit(csm_funnel_parser *p, int64 *length)
{
	for (int i = 0; i < (int) lengthof(unit_words); i++)
	{
		if (!accept_word(p, unit_words[i].word))
			continue;
		*length = unit_words[i].length;
		if (*length == 0)
			return fail(
				p, ERRCODE_INVALID_PARAMETER_VALUE,
				psprintf("the window of a funnel cannot be in %s, which have no fixed length",
						 unit_words[i].word),
				"Say it in days, as in \"within 30 days\".");
		return true;
	}
	return malformed(p, "days, hours, minutes or seconds");
}

static bool
read_window(csm_funnel_parser *p)
{
	csm_funnel *f = p->f;

	f->within = 0;
	do
	{
		int64 whole;
		int64 millionths;
		int64 length = 0;
		int64 part;

		skip_space(p);
		if (!read_number(p, &whole, &millionths) || !read_unit(p, &length))
			return false;
		if (millionths != 0 && length != USECS_PER_SEC)
			return fail(p, ERRCODE_INVALID_PARAMETER_VALUE,
						"only seconds of the window of a funnel have a fraction",
						"Write 1 day 12 hours for a day and a half.");
		if (__builtin_mul_overflow(whole, length, &part) ||
			__builtin_add_overflow(part, millionths, &part) ||
			__builtin_add_overflow(f->within, part, &f->within) || f->within == CSM_UNBOUNDED)
			return window_out_of_range(p);
		skip_space(p);
	} while (p->next < p->end && (is_digit((unsigned char) *p->next) || *p->next == '-'));
	return true;
}

static bool
read_entry(csm_funnel_parser *p)
{
	if (accept_word(p, "first"))
		p->f->entry = CSM_FIRST_ENTRY;
	else if (accept_word(p, "every"))
		p->f->entry = CSM_EVERY_ENTRY;
	else
		return true;
	if (!accept_word(p, "entry"))
		return malformed(p, "the word entry");
	if (p->f->any_order && p->f->entry == CSM_EVERY_ENTRY)
		return fail(p, ERRCODE_INVALID_PARAMETER_VALUE,
					"steps in any order (\"&\") have no entries to count each of", NULL);
	return true;
}

/*
 * The canonical text
 */

static void
append_names(StringInfo text, const csm_funnel *f, const csm_name_set *set)
{
	for (int i = 0; i < set->count; i++)
	{
		const csm_funnel_name *name = &f->name[set->names[i]];

		if (i > 0)
			appendStringInfoChar(text, '|');
		csm_name_append(text, name->bytes, name->size);
	}
}

void
csm_within_append(StringInfo text, int64 within)
{
	static const struct
	{
		const char *word;
		int64 length;
	} parts[] = {{"day", USECS_PER_DAY}, {"hour", USECS_PER_HOUR}, {"minute", USECS_PER_MINUTE}};
	int64 rest = within;

	for (int i = 0; i < (int) lengthof(parts); i++)
	{
		int64 count = rest / parts[i].length;

		rest %= parts[i].length;
		if (count > 0)
			appendStringInfo(text, " " INT64_FORMAT " %s%s", count, parts[i].word,
							 count == 1 ? "" : "s");
	}
	if (rest == 0 && within != 0)
		return;
	appendStringInfo(text, " " INT64_FORMAT, rest / USECS_PER_SEC);
	if (rest % USECS_PER_SEC != 0)
	{
		char fraction[8];
		int size = snprintf(fraction, sizeof(fraction), "%06d", (int) (rest % USECS_PER_SEC));

		while (fraction[size - 1] == '0')
			fraction[--size] = '\0';
		appendStringInfo(text, ".%s", fraction);
	}
	appendStringInfo(text, " second%s", rest == USECS_PER_SEC ? "" : "s");
}

static void
append_gap(StringInfo text, const csm_funnel_parser *p, int gap)
{
	if (p->f->any_order)
		appendStringInfoString(text, " & ");
	else if (p->f->closed_gaps >> gap & 1)
		appendStringInfoString(text, " >> ");
	else if (p->forbidden[gap].count > 0)
	{
		appendStringInfoString(text, " > !");
		append_names(text, p->f, &p->forbidden[gap]);
		appendStringInfoString(text, " > ");
	}
	else
		appendStringInfoString(text, " > ");
}

static char *
name_text(const csm_funnel_name *name)
{
	return pnstrdup(name->bytes, name->size);
}

static void
write_canonical(csm_funnel_parser *p)
{
	csm_funnel *f = p->f;
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < f->steps; i++)
	{
		int start;

		if (i > 0)
			append_gap(&text, p, i - 1);
		start = text.len;
		append_names(&text, f, &p->sets[i]);
		f->step[i].label = p->sets[i].count > 1 ? pstrdup(text.data + start)
												: name_text(&f->name[p->sets[i].names[0]]);
	}
	if (f->within != CSM_UNBOUNDED)
	{
		appendStringInfoString(&text, " within");
		csm_within_append(&text, f->within);
	}
	if (f->entry != CSM_ANY_ENTRY)
		appendStringInfoString(&text,
							   f->entry == CSM_FIRST_ENTRY ? " first entry" : " every entry");
	f->text = text.data;
}

/* What each name breaks; closed gaps are broken by all names, known or not. */
static void
mark_breaks(csm_funnel_parser *p)
{
	csm_funnel *f = p->f;

	for (int number = 0; number <= f->names; number++)
		f->name[number].breaks = f->closed_gaps;
	for (int gap = 0; gap < f->steps; gap++)
	{
		for (int i = 0; i < p->forbidden[gap].count; i++)
			f->name[p->forbidden[gap].names[i]].breaks |= (uint32) 1 << gap;
	}
}

/* The compiled form, in the current memory context; NULL, and the problem, when there is one. */
csm_funnel *
csm_funnel_compile(const char *text, Size size, csm_funnel_problem *problem)
{
	csm_funnel_parser *p = palloc0(sizeof(csm_funnel_parser));

	p->next = text;
	p->end = text + size;
	p->problem = problem;
	p->name_room = 8;
	p->f = palloc0(sizeof(csm_funnel));
	p->f->within = CSM_UNBOUNDED;
	p->f->name = palloc0(p->name_room * sizeof(csm_funnel_name));
	p->f->name[0].step_class = -1;
	p->f->slot_mask = 2 * p->name_room - 1;
	p->f->slots = palloc0((p->f->slot_mask + 1) * sizeof(uint32));
	if (size > CSM_FUNNEL_TEXT_MAX)
		(void) fail(p, ERRCODE_PROGRAM_LIMIT_EXCEEDED,
					psprintf("it has %zu bytes, more than %d", size, CSM_FUNNEL_TEXT_MAX), NULL);
	else if (read_steps(p) && (!accept_word(p, "within") || read_window(p)) && read_entry(p))
	{
		skip_space(p);
		if (p->next == p->end)
		{
			mark_breaks(p);
			write_canonical(p);
			/* quotes and units may make it longer than what was read */
			if (strlen(p->f->text) <= CSM_FUNNEL_TEXT_MAX)
				return p->f;
			(void) fail(p, ERRCODE_PROGRAM_LIMIT_EXCEEDED,
						psprintf("it has more than %d bytes", CSM_FUNNEL_TEXT_MAX), NULL);
		}
		else
			(void) malformed(p, p->f->any_order ? "\"&\", a window or an entry"
												: "an arrow, a window or an entry");
	}
	return NULL;
}
