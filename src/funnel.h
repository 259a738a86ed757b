/*
 * funnel.h
 *		How far an account gets: the definition of a funnel, and the machine that runs it.
 *
 * An event is a time and a name; of one account events are a set, ordered by time.  What
 * happened at one time has no order: any order that agrees with time counts.  A chain takes
 * the steps of a funnel from the first one on, each by an event of its own that is later in
 * the order than the one before.  It ends within the window of its start, and between two
 * steps nothing lies that the gap forbids.  Of all orders and all chains the longest counts;
 * of those the one complete first; of those the one that started last; of those the one whose
 * times are smallest, step by step.
 *
 * In any order ("&") what counts is the most distinct steps within one window: the earliest
 * end, then the latest start, then the smallest times.
 *
 * A definition is stored as its canonical text, and compiled once for a query.  Names are
 * numbered from 1 on; 0 is a name that the funnel does not know.  The names of two steps are
 * the same or have none in common: so steps fall into classes, and of events at one time it
 * is enough to count how many there are of each class.
 *
 * The machine goes once over the events in order of time.  For each level it keeps one live
 * chain, the one that started last: whatever could go on with another, could go on with this
 * one, for what a gap forbids ends both.  So it needs memory for the steps and for the names
 * of one time, and time for the events.
 */
#ifndef CSM_FUNNEL_H
#define CSM_FUNNEL_H

#include "datatype/timestamp.h"
#include "lib/stringinfo.h"

#include "base/port.h"

#define CSM_FUNNEL_STEPS_MAX 32
#define CSM_FUNNEL_TEXT_MAX  8192
#define CSM_EVENT_NAME_MAX   255

/* Instead of a time: there is no end. */
#define CSM_UNBOUNDED PG_INT64_MAX

typedef enum csm_funnel_entry
{
	CSM_ANY_ENTRY,
	CSM_FIRST_ENTRY,
	CSM_EVERY_ENTRY
} csm_funnel_entry;

typedef struct csm_funnel_name
{
	char *bytes;
	int size;
	int step_class; /* the steps that it is named in; -1: only in gaps */
	uint32 breaks;  /* bit i: it must not lie between step i and i + 1, from 0 on */
} csm_funnel_name;

typedef struct csm_funnel_step
{
	char *label; /* its name; where there are several, as in the canonical text */
	int step_class;
} csm_funnel_step;

typedef struct csm_funnel
{
	char *text; /* canonical */
	csm_funnel_entry entry;
	bool any_order;
	int64 within; /* microseconds, or CSM_UNBOUNDED */
	int steps;
	int classes;
	int names;          /* numbered 1 .. names */
	uint32 closed_gaps; /* bit i: nothing at all may lie between step i and i + 1 */
	csm_funnel_step step[CSM_FUNNEL_STEPS_MAX];
	uint32 steps_of_class[CSM_FUNNEL_STEPS_MAX]; /* bit i: step i, from 0 on */
	csm_funnel_name *name;                       /* names + 1 of them; 0 stands for all others */
	uint32 *slots;                               /* names by hash */
	uint32 slot_mask;
	bool is_like[256]; /* some name has this likeness */
} csm_funnel;

/* Why a text is no definition. */
typedef struct csm_funnel_problem
{
	int sqlstate;
	const char *message;
	const char *hint; /* may be NULL */
} csm_funnel_problem;

typedef struct csm_chain
{
	int level;
	uint32 tag; /* of the event that it started with */
	TimestampTz times[CSM_FUNNEL_STEPS_MAX];
} csm_chain;

typedef void (*csm_chain_consumer)(void *argument, const csm_chain *chain);

typedef struct csm_funnel_event
{
	TimestampTz at;
	uint32 name;
} csm_funnel_event;

typedef struct csm_funnel_run csm_funnel_run;

extern csm_funnel *csm_funnel_compile(const char *text, Size size, csm_funnel_problem *problem);
extern uint32 csm_funnel_find_like(const csm_funnel *f, const char *bytes, Size size);
extern void csm_name_append(StringInfo text, const char *bytes, int size);
extern void csm_within_append(StringInfo text, int64 within);

extern csm_funnel_run *
csm_funnel_run_new(const csm_funnel *f, TimestampTz as_of, csm_chain_consumer emit, void *argument);
extern void csm_funnel_run_event(csm_funnel_run *run, TimestampTz at, uint32 name, uint32 tag);
extern void csm_funnel_run_events(csm_funnel_run *run, const csm_funnel_event *events, int count);
extern void csm_funnel_run_end(csm_funnel_run *run);

/* What tells most names from those of a definition, without a look at all of their bytes. */
static inline uint8
csm_name_likeness(const char *bytes, Size size)
{
	return size == 0 ? 0
					 : (uint8) ((uint8) bytes[0] * 7 + (uint8) bytes[size - 1] * 31 +
								(uint8) bytes[size / 2] * 3 + size * 13);
}

/* The number of a name, 0 for one that is not in the definition. */
static inline uint32
csm_funnel_find(const csm_funnel *f, const char *bytes, Size size)
{
	return f->is_like[csm_name_likeness(bytes, size)] ? csm_funnel_find_like(f, bytes, size) : 0;
}

/* Can names that the funnel does not know change anything? */
static inline bool
csm_funnel_wants_others(const csm_funnel *f)
{
	return f->closed_gaps != 0;
}

/* Can an event of this name be the start of a chain? */
static inline bool
csm_funnel_enters(const csm_funnel *f, uint32 name)
{
	int step_class = f->name[name].step_class;

	return f->any_order ? step_class >= 0 : step_class == 0;
}

#endif /* CSM_FUNNEL_H */
