/*
 * segment.h
 *		A named band of amounts: a label, a low end that is included and a high end that
 *		is not; either end may be open.
 *
 * The value is kept in one canonical form, so that equal segments have equal bytes:
 * - both bounds are coefficients at one scale, the smallest that holds them;
 * - an open end is 0 and has no flag, unused bytes are 0;
 * - from < to where both ends are given;
 * - the label has 1 to 100 characters, none of them a control character, no blank at either end.
 */
#ifndef CSM_SEGMENT_H
#define CSM_SEGMENT_H

#include "base/decimal.h"
#include "base/wire.h"

#define CSM_SEGMENT_VERSION      1
#define CSM_SEGMENT_LABEL_LENGTH 100
#define CSM_SEGMENT_LABEL_SIZE   (4 * CSM_SEGMENT_LABEL_LENGTH)

#define CSM_SEGMENT_HAS_FROM 0x01
#define CSM_SEGMENT_HAS_TO   0x02

typedef struct csm_segment
{
	int32 vl_len_;
	uint8 version;
	uint8 scale;
	uint8 flags;
	uint8 unused;
	int128 from;
	int128 to;
	char label[FLEXIBLE_ARRAY_MEMBER]; /* to the end of the value; no terminating zero */
} csm_segment;

#define CSM_SEGMENT_SIZE(label_length) (offsetof(csm_segment, label) + (label_length))

/* bytes of the binary form before the label */
#define CSM_SEGMENT_BINARY_SIZE (3 + 2 * 16)

/* The three texts in 'enterprise [100000,)'; they point into it. */
typedef struct csm_segment_text
{
	const char *label;
	const char *from;
	const char *to;
	int label_length;
	int from_length;
	int to_length;
} csm_segment_text;

extern const char *csm_segment_split(const char *text, csm_segment_text *parts);
extern csm_segment *csm_segment_make(const char *label, int label_length, const csm_decimal *from,
									 const csm_decimal *to, const char **problem);
extern const char *csm_segment_problem(const csm_segment *s);
extern int csm_segment_compare(const csm_segment *a, const csm_segment *b);
extern int csm_segment_compare_labels(const csm_segment *a, const csm_segment *b);
extern bool csm_segment_contains(const csm_segment *s, csm_decimal amount);
extern void csm_segment_write(csm_writer *writer, const csm_segment *s);
extern csm_segment csm_segment_read(csm_reader *reader);
extern csm_segment *csm_segment_with_label(const csm_segment *s, const char *label, int length);

static inline int
csm_segment_label_length(const csm_segment *s)
{
	return (int) (VARSIZE(s) - offsetof(csm_segment, label));
}

static inline bool
csm_segment_has_from(const csm_segment *s)
{
	return (s->flags & CSM_SEGMENT_HAS_FROM) != 0;
}

static inline bool
csm_segment_has_to(const csm_segment *s)
{
	return (s->flags & CSM_SEGMENT_HAS_TO) != 0;
}

static inline csm_decimal
csm_segment_from(const csm_segment *s)
{
	csm_decimal from = {s->from, s->scale};

	return from;
}

static inline csm_decimal
csm_segment_to(const csm_segment *s)
{
	csm_decimal to = {s->to, s->scale};

	return to;
}

#endif /* CSM_SEGMENT_H */
