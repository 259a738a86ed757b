/*
 * segment.c
 *		Named bands of amounts; segment.h says how they are kept.
 */
#include "base/port.h"

#include "mb/pg_wchar.h"

#include "segment.h"

/* White space as it may stand around the parts of the text form. */
static inline bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void
trim(const char **text, int *length)
{
	while (*length > 0 && is_space(**text))
	{
		(*text)++;
		(*length)--;
	}
	while (*length > 0 && is_space((*text)[*length - 1]))
		(*length)--;
}

/* Where the band starts: the last opening bracket; -1 without one. */
static int
find_band(const char *text, int length)
{
	while (--length >= 0 && text[length] != '[' && text[length] != '(')
		;
	return length;
}

/*
 * Takes 'label [from,to)' apart; says what is wrong with it, NULL when nothing is.
 * A label may hold brackets: the band, which holds none inside, is the end of the text.
 */
const char *
csm_segment_split(const char *text, csm_segment_text *parts)
{
	int length = (int) strlen(text);
	int band;
	const char *comma;

	trim(&text, &length);
	if (length > 0 && text[length - 1] == ']')
		return "the high end of a band is excluded: end it with \")\"";
	if (length == 0 || text[length - 1] != ')' || (band = find_band(text, length)) < 0)
		return "the band is missing";
	parts->label = text;
	parts->label_length = band;
	trim(&parts->label, &parts->label_length);

	parts->from = text + band + 1;
	comma = memchr(parts->from, ',', length - band - 2);
	if (comma == NULL)
		return "the band must hold two amounts and a comma";
	parts->from_length = (int) (comma - parts->from);
	parts->to = comma + 1;
	parts->to_length = (int) (text + length - 1 - parts->to);
	trim(&parts->from, &parts->from_length);
	trim(&parts->to, &parts->to_length);
	if (text[band] == '(' && parts->from_length > 0)
		return "the low end of a band is included: start it with \"[\"";
	return NULL;
}

/* The fixed part and a label; one that is too long is cut where it is seen to be. */
csm_segment *
csm_segment_with_label(const csm_segment *s, const char *label, int length)
{
	int kept = Min(length, CSM_SEGMENT_LABEL_SIZE + 1);
	csm_segment *result = palloc(CSM_SEGMENT_SIZE(kept));

	memcpy(result, s, offsetof(csm_segment, label));
	SET_VARSIZE(result, CSM_SEGMENT_SIZE(kept));
	memcpy(result->label, label, kept);
	return result;
}

/* A segment in its canonical form, open ends are NULL; or a problem. */
csm_segment *
csm_segment_make(const char *label, int label_length, const csm_decimal *from,
				 const csm_decimal *to, const char **problem)
{
	const csm_decimal open = {0, 0};
	csm_decimal low = from ? csm_decimal_trim(*from) : open;
	csm_decimal high = to ? csm_decimal_trim(*to) : open;
	csm_segment fixed;
	csm_segment *s;

	memset(&fixed, 0, sizeof(fixed));
	fixed.version = CSM_SEGMENT_VERSION;
	fixed.scale = Max(low.scale, high.scale);
	fixed.flags = (from ? CSM_SEGMENT_HAS_FROM : 0) | (to ? CSM_SEGMENT_HAS_TO : 0);
	if (!csm_decimal_try_align(low, fixed.scale, &fixed.from) ||
		!csm_decimal_try_align(high, fixed.scale, &fixed.to))
	{
		*problem = "the bounds together have more than 38 digits";
		return NULL;
	}
	s = csm_segment_with_label(&fixed, label, label_length);
	*problem = csm_segment_problem(s);
	return s;
}

static const char *
problem_with_label(const char *label, int length)
{
	if (length == 0)
		return "the label is empty";
	if (length > CSM_SEGMENT_LABEL_SIZE ||
		pg_mbstrlen_with_len(label, length) > CSM_SEGMENT_LABEL_LENGTH)
		return "the label is longer than 100 characters";
	for (int i = 0; i < length; i++)
	{
		if ((unsigned char) label[i] < 0x20 || label[i] == 0x7F)
			return "the label has control characters";
	}
	if (label[0] == ' ' || label[length - 1] == ' ')
		return "the label has a blank at an end";
	return NULL;
}

/* Says what is wrong with a value that came from outside, NULL when nothing is. */
const char *
csm_segment_problem(const csm_segment *s)
{
	if (s->version != CSM_SEGMENT_VERSION || s->unused != 0)
		return "unknown format version";
	if ((s->flags & ~(CSM_SEGMENT_HAS_FROM | CSM_SEGMENT_HAS_TO)) != 0)
		return "unknown flags";
	if (s->scale > CSM_DECIMAL_DIGITS)
		return "scale out of range";
	if ((!csm_segment_has_from(s) && s->from != 0) || (!csm_segment_has_to(s) && s->to != 0))
		return "an open end has an amount";
	if (s->scale > 0 && s->from % 10 == 0 && s->to % 10 == 0)
		return "the bounds have trailing zeros";
	if (csm_segment_has_from(s) && csm_segment_has_to(s) && s->from >= s->to)
		return "the band is empty: its low end must be below its high end";
	return problem_with_label(s->label, csm_segment_label_length(s));
}

bool
csm_segment_contains(const csm_segment *s, csm_decimal amount)
{
	return (!csm_segment_has_from(s) || csm_decimal_compare(amount, csm_segment_from(s)) >= 0) &&
		   (!csm_segment_has_to(s) || csm_decimal_compare(amount, csm_segment_to(s)) < 0);
}

/* By bytes, whatever the collation of the database. */
int
csm_segment_compare_labels(const csm_segment *a, const csm_segment *b)
{
	int length_a = csm_segment_label_length(a);
	int length_b = csm_segment_label_length(b);
	int order = memcmp(a->label, b->label, Min(length_a, length_b));

	if (order == 0)
		order = length_a - length_b;
	return order < 0 ? -1 : order > 0;
}

/* By low end, then high end, an open one lowest and highest; then by label. */
int
csm_segment_compare(const csm_segment *a, const csm_segment *b)
{
	int order;

	if (csm_segment_has_from(a) != csm_segment_has_from(b))
		return csm_segment_has_from(a) ? 1 : -1;
	order = csm_decimal_compare(csm_segment_from(a), csm_segment_from(b));
	if (order != 0)
		return order;
	if (csm_segment_has_to(a) != csm_segment_has_to(b))
		return csm_segment_has_to(a) ? -1 : 1;
	order = csm_decimal_compare(csm_segment_to(a), csm_segment_to(b));
	return order != 0 ? order : csm_segment_compare_labels(a, b);
}

/*
 * Binary form: version, scale, flags, both bounds, and the label to the end
 */

void
csm_segment_write(csm_writer *writer, const csm_segment *s)
{
	csm_write_integer(writer, s->version, 1);
	csm_write_integer(writer, s->scale, 1);
	csm_write_integer(writer, s->flags, 1);
	csm_write_coefficient(writer, s->from);
	csm_write_coefficient(writer, s->to);
}

/* The fixed part; the label is what is left. */
csm_segment
csm_segment_read(csm_reader *reader)
{
	csm_segment fixed;

	memset(&fixed, 0, sizeof(fixed));
	fixed.version = csm_read_integer(reader, 1);
	fixed.scale = csm_read_integer(reader, 1);
	fixed.flags = csm_read_integer(reader, 1);
	fixed.from = csm_read_coefficient(reader);
	fixed.to = csm_read_coefficient(reader);
	return fixed;
}
