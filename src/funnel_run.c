/*
 * funnel_run.c
 *		The machine that goes over the events of an account; funnel.h says what it answers.
 *
 * Events of one time are gathered first: a group.  Of a group a chain can take several steps
 * at once, in any order that suits it, as long as there is an event for each.  What is left of
 * the group has to lie somewhere: before the first step taken, between two of them, or after
 * the last.  Before the start of a chain everything may lie.  An event that breaks each of
 * these gaps has no place, unless the chain takes it; if it can't, then the chain counts, for
 * that event may lie after its end, but it does not live on.
 *
 * Most groups are of one event.
 */
#include "base/port.h"

#include "common/int.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"

#include "funnel.h"

/* A live chain of a level, or the one that has been found best so far. */
typedef csm_chain csm_candidate;

/* Steps in any order: what is known of each step. */
typedef struct csm_loose_step
{
	TimestampTz start;  /* the last event that a window may start with; DT_NOBEGIN: none */
	TimestampTz latest; /* the last event */
	uint32 tag;         /* of start */
	/* of each step the first event since start; DT_NOEND: none */
	TimestampTz first[CSM_FUNNEL_STEPS_MAX];
	int count; /* of them */
} csm_loose_step;

struct csm_funnel_run
{
	const csm_funnel *f;
	TimestampTz as_of;
	TimestampTz last_start; /* no chain starts after it */
	csm_chain_consumer emit;
	void *argument;

	/* the group: distinct names, and the smallest tag of each */
	TimestampTz group_at;
	int group_count;
	uint32 *group_names;
	uint32 *tags;    /* by name */
	uint64 *seen;    /* by name: the last group that it was in */
	uint64 groups;   /* so far, of all accounts */
	int64 interrupt; /* events until the next look at interrupts */

	/* the account */
	bool is_done;         /* nothing that comes can change the answer */
	bool has_entered;     /* the one entry that counts has been seen */
	TimestampTz entry_at; /* of the entry that is open */
	TimestampTz blocked;  /* every entry: the next one is later */
	uint32 alive;         /* bit i: there is a live chain of i + 1 steps */
	csm_candidate start;  /* of no steps, at the time of the group */
	csm_candidate live[CSM_FUNNEL_STEPS_MAX];
	csm_candidate best;
	csm_loose_step *loose; /* in any order */
};

static void
start_account(csm_funnel_run *run)
{
	run->group_count = 0;
	run->is_done = false;
	run->has_entered = false;
	run->blocked = DT_NOBEGIN;
	run->alive = 0;
	run->best.level = 0;
	if (run->loose == NULL)
		return;
	for (int i = 0; i < run->f->steps; i++)
	{
		run->loose[i].start = DT_NOBEGIN;
		run->loose[i].latest = DT_NOBEGIN;
		run->loose[i].count = 0;
	}
}

/* as_of is DT_NOEND where there is none. */
csm_funnel_run *
csm_funnel_run_new(const csm_funnel *f, TimestampTz as_of, csm_chain_consumer emit, void *argument)
{
	csm_funnel_run *run = palloc0(sizeof(csm_funnel_run));

	run->f = f;
	run->as_of = as_of;
	run->last_start = as_of;
	if (!TIMESTAMP_IS_NOEND(as_of) && pg_sub_s64_overflow(as_of, f->within, &run->last_start))
		run->last_start = DT_NOBEGIN;
	run->emit = emit;
	run->argument = argument;
	run->group_names = palloc((f->names + 1) * sizeof(uint32));
	run->tags = palloc((f->names + 1) * sizeof(uint32));
	run->seen = palloc0((f->names + 1) * sizeof(uint64));
	if (f->any_order)
		run->loose = palloc0(f->steps * sizeof(csm_loose_step));
	start_account(run);
	return run;
}

/* Is a time within the window of a start that lies before it? */
static inline bool
is_within(const csm_funnel_run *run, TimestampTz start, TimestampTz at)
{
	/* the difference of two timestamps may exceed 63 bits */
	return (uint64) at - (uint64) start <= (uint64) run->f->within;
}

/*
 * Which chain is better
 */

/* Of two chains of one level at one time: the later start, then the smaller times. */
static bool
is_better(const csm_candidate *a, const csm_candidate *b, int level)
{
	if (a->times[0] != b->times[0])
		return a->times[0] > b->times[0];
	for (int i = 1; i < level; i++)
	{
		if (a->times[i] != b->times[i])
			return a->times[i] < b->times[i];
	}
	return a->tag < b->tag;
}

static inline void
copy_chain(csm_candidate *into, const csm_candidate *from, int level)
{
	into->level = level;
	into->tag = from->tag;
	memcpy(into->times, from->times, level * sizeof(TimestampTz));
}

/* A chain that has just come to a level may be the answer. */
static void
note_best(csm_funnel_run *run, const csm_candidate *chain, int level)
{
	csm_candidate *best = &run->best;

	if (level < best->level ||
		(level == best->level &&
		 (best->times[level - 1] < chain->times[level - 1] || !is_better(chain, best, level))))
		return;
	copy_chain(best, chain, level);
}

/* A chain of some steps with more of them, all at one time. */
static inline void
extend(csm_candidate *into, const csm_candidate *from, int from_level, int level, TimestampTz at)
{
	copy_chain(into, from, from_level);
	into->level = level;
	for (int i = from_level; i < level; i++)
		into->times[i] = at;
}

/* The chain lives on; of those of its level the best does. */
static inline void
keep_alive(csm_funnel_run *run, const csm_candidate *chain, int level)
{
	uint32 bit = (uint32) 1 << (level - 1);

	if ((run->alive & bit) != 0 && !is_better(chain, &run->live[level - 1], level))
		return;
	copy_chain(&run->live[level - 1], chain, level);
	run->alive |= bit;
}

/*
 * Entries
 */

/* May a chain start with the first step at this time?  Opens the entry, where entries count. */
static bool
open_entry(csm_funnel_run *run, TimestampTz at)
{
	switch (run->f->entry)
	{
		case CSM_ANY_ENTRY:
			return at <= run->last_start;
		case CSM_FIRST_ENTRY:
			if (run->has_entered)
				return false;
			run->has_entered = true;
			run->is_done = at > run->last_start;
			return !run->is_done;
		case CSM_EVERY_ENTRY:
			if (run->has_entered || at <= run->blocked || at > run->last_start)
				return false;
			run->has_entered = true;
			run->entry_at = at;
			return true;
	}
	return false;
}

static void
close_entry(csm_funnel_run *run, TimestampTz end)
{
	run->emit(run->argument, &run->best);
	run->best.level = 0;
	run->alive = 0;
	run->has_entered = false;
	run->blocked = end;
}

/* An open entry whose window has passed. */
static inline void
close_passed_entry(csm_funnel_run *run, TimestampTz at)
{
	if (run->f->entry == CSM_EVERY_ENTRY && run->has_entered && !is_within(run, run->entry_at, at))
		close_entry(run, run->entry_at + run->f->within);
}

/* After a group: is the answer there, or the entry over? */
static inline void
after_group(csm_funnel_run *run, TimestampTz at)
{
	bool is_complete = run->best.level == run->f->steps;

	if (run->f->entry == CSM_EVERY_ENTRY)
	{
		if (run->has_entered && (is_complete || run->alive == 0))
			close_entry(run, at);
	}
	else if (is_complete ||
			 (run->f->entry == CSM_FIRST_ENTRY && run->has_entered && run->alive == 0))
		run->is_done = true;
}

/*
 * Steps in their order
 */

/* The chain of some steps that is alive; of none, one that starts here. */
static inline bool
source_of(csm_funnel_run *run, uint32 alive, bool starts, int level, TimestampTz at,
		  const csm_candidate **source)
{
	if (level == 0)
		return starts;
	if ((alive >> (level - 1) & 1) == 0)
		return false;
	*source = &run->live[level - 1];
	return is_within(run, (*source)->times[0], at);
}

static void
take_step(csm_funnel_run *run, const csm_candidate *source, int from_level, int level,
		  TimestampTz at, bool lives_on)
{
	csm_candidate chain;

	extend(&chain, source, from_level, level, at);
	note_best(run, &chain, level);
	if (lives_on && level < run->f->steps)
		keep_alive(run, &chain, level);
}

/* One event at its time. */
static void
run_single(csm_funnel_run *run, TimestampTz at)
{
	const csm_funnel *f = run->f;
	uint32 number = run->group_names[0];
	int step_class = f->name[number].step_class;
	uint32 was_alive = run->alive;
	uint32 steps;
	bool starts;

	run->alive &= ~f->name[number].breaks;
	if (step_class < 0)
		return;
	/* from the last one on, so that no chain takes the event twice */
	steps = f->steps_of_class[step_class] & ((was_alive << 1) | 1);
	if (steps == 0)
		return;
	starts = step_class == 0 && open_entry(run, at);
	run->start.tag = run->tags[number];
	while (steps != 0)
	{
		int level = pg_leftmost_one_pos32(steps) + 1;
		const csm_candidate *source = &run->start;

		steps &= ~((uint32) 1 << (level - 1));
		if (source_of(run, was_alive, starts, level - 1, at, &source))
			take_step(run, source, level - 1, level, at, true);
	}
}

/*
 * Can what the chain does not take of the group be placed, if it takes the steps after
 * from_level up to level, so many of each class?
 */
static bool
rest_has_place(const csm_funnel_run *run, int from_level, int level, const int *used)
{
	const csm_funnel *f = run->f;
	int homeless[CSM_FUNNEL_STEPS_MAX] = {0};
	uint32 gaps;

	/* before its start there is room for all */
	if (from_level == 0)
		return true;
	/* from the gap after step from_level to the one after step level */
	gaps = (uint32) ((((uint64) 1 << level) - 1) & ~(((uint64) 1 << (from_level - 1)) - 1));
	for (int i = 0; i < run->group_count; i++)
	{
		const csm_funnel_name *name = &f->name[run->group_names[i]];

		if ((name->breaks & gaps) != gaps)
			continue;
		if (name->step_class < 0 || ++homeless[name->step_class] > used[name->step_class])
			return false;
	}
	return true;
}

/* The smallest tag of the events of the group that a chain can start with. */
static uint32
tag_of_start(const csm_funnel_run *run)
{
	uint32 tag = PG_UINT32_MAX;

	for (int i = 0; i < run->group_count; i++)
	{
		uint32 number = run->group_names[i];

		if (csm_funnel_enters(run->f, number))
			tag = Min(tag, run->tags[number]);
	}
	return tag;
}

/* Several events at one time. */
static void
run_group(csm_funnel_run *run, TimestampTz at)
{
	const csm_funnel *f = run->f;
	int available[CSM_FUNNEL_STEPS_MAX] = {0};
	uint32 breaks = 0;
	uint32 was_alive = run->alive;
	bool starts;

	for (int i = 0; i < run->group_count; i++)
	{
		const csm_funnel_name *name = &f->name[run->group_names[i]];

		breaks |= name->breaks;
		if (name->step_class >= 0)
			available[name->step_class]++;
	}
	starts = available[0] > 0 && open_entry(run, at);
	run->start.tag = tag_of_start(run);
	run->alive &= ~breaks;
	/* from the last level on: what lives at lower ones is still that of before the group */
	for (int level = f->steps; level >= 1; level--)
	{
		int used[CSM_FUNNEL_STEPS_MAX] = {0};

		for (int from_level = level - 1; from_level >= 0; from_level--)
		{
			int step_class = f->step[from_level].step_class;
			const csm_candidate *source = &run->start;

			if (++used[step_class] > available[step_class])
				break;
			if (source_of(run, was_alive, starts, from_level, at, &source))
				take_step(run, source, from_level, level, at,
						  level < f->steps && rest_has_place(run, from_level, level, used));
		}
	}
}

/*
 * Steps in any order
 */

static int
compare_times(const void *a, const void *b)
{
	TimestampTz x = *(const TimestampTz *) a;
	TimestampTz y = *(const TimestampTz *) b;

	return x < y ? -1 : x > y;
}

/* A window starts with this step: what it holds of each step. */
static void
start_window(csm_funnel_run *run, int step, TimestampTz at)
{
	csm_loose_step *window = &run->loose[step];

	window->start = at;
	window->count = 0;
	for (int i = 0; i < run->f->steps; i++)
	{
		window->first[i] = run->loose[i].latest == at ? at : DT_NOEND;
		window->count += run->loose[i].latest == at;
	}
}

static void
note_window(csm_funnel_run *run, const csm_loose_step *window)
{
	csm_candidate *best = &run->best;

	best->level = 0;
	best->tag = window->tag;
	for (int i = 0; i < run->f->steps; i++)
	{
		if (!TIMESTAMP_IS_NOEND(window->first[i]))
			best->times[best->level++] = window->first[i];
	}
	qsort(best->times, best->level, sizeof(TimestampTz), compare_times);
}

/* The window that holds most, of those the one that starts last; only more than before counts. */
static void
find_best_window(csm_funnel_run *run, TimestampTz at)
{
	const csm_loose_step *best = NULL;

	for (int i = 0; i < run->f->steps; i++)
	{
		const csm_loose_step *window = &run->loose[i];

		if (TIMESTAMP_IS_NOBEGIN(window->start) || !is_within(run, window->start, at) ||
			window->count <= run->best.level)
			continue;
		if (best == NULL || window->count > best->count ||
			(window->count == best->count && window->start > best->start))
			best = window;
	}
	if (best != NULL)
		note_window(run, best);
	run->is_done = run->best.level == run->f->steps;
}

static void
run_loose_group(csm_funnel_run *run, TimestampTz at)
{
	const csm_funnel *f = run->f;
	uint32 steps = 0;
	bool may_start;

	for (int i = 0; i < run->group_count; i++)
	{
		int step_class = f->name[run->group_names[i]].step_class;

		if (step_class >= 0)
			steps |= f->steps_of_class[step_class];
	}
	if (steps == 0)
		return;
	may_start = at <= run->last_start;
	if (f->entry == CSM_FIRST_ENTRY)
	{
		run->is_done = !run->has_entered && !may_start;
		may_start = may_start && !run->has_entered;
		run->has_entered = true;
	}
	for (int step = 0; step < f->steps; step++)
	{
		if ((steps >> step & 1) == 0)
			continue;
		run->loose[step].latest = at;
		for (int i = 0; i < f->steps; i++)
		{
			csm_loose_step *window = &run->loose[i];

			if (TIMESTAMP_IS_NOBEGIN(window->start) || !TIMESTAMP_IS_NOEND(window->first[step]))
				continue;
			window->first[step] = at;
			window->count++;
		}
	}
	for (int step = 0; may_start && step < f->steps; step++)
	{
		if ((steps >> step & 1) == 0)
			continue;
		start_window(run, step, at);
		run->loose[step].tag = tag_of_start(run);
	}
	find_best_window(run, at);
}

/*
 * Events
 */

/* All events of one time are there. */
static inline void
end_group(csm_funnel_run *run)
{
	TimestampTz at = run->group_at;

	if (run->group_count > 0 && !run->is_done)
	{
		if (run->f->any_order)
			run_loose_group(run, at);
		else
		{
			close_passed_entry(run, at);
			if (run->group_count == 1)
				run_single(run, at);
			else
				run_group(run, at);
			after_group(run, at);
		}
	}
	run->group_count = 0;
}

/* The events of an account, in order of time; at one time in any order and any number of times. */
static pg_attribute_always_inline void
run_event(csm_funnel_run *run, TimestampTz at, uint32 name, uint32 tag)
{
	if (run->is_done || at > run->as_of)
		return;
	if (unlikely(--run->interrupt < 0))
	{
		CHECK_FOR_INTERRUPTS();
		run->interrupt = 10000;
	}
	if (run->group_count > 0 && run->group_at != at)
	{
		end_group(run);
		if (run->is_done)
			return;
	}
	if (run->group_count == 0)
	{
		run->group_at = at;
		run->groups++;
	}
	if (run->seen[name] == run->groups)
	{
		run->tags[name] = Min(run->tags[name], tag);
		return;
	}
	run->seen[name] = run->groups;
	run->tags[name] = tag;
	run->group_names[run->group_count++] = name;
}

void
csm_funnel_run_event(csm_funnel_run *run, TimestampTz at, uint32 name, uint32 tag)
{
	run_event(run, at, name, tag);
}

/* The same, of several. */
void
csm_funnel_run_events(csm_funnel_run *run, const csm_funnel_event *events, int count)
{
	for (int i = 0; i < count && !run->is_done; i++)
		run_event(run, events[i].at, events[i].name, 0);
}

/* The account is over: hands over its chain, or that of its last entry; one without any gets none.
 */
void
csm_funnel_run_end(csm_funnel_run *run)
{
	end_group(run);
	if (run->best.level > 0)
		run->emit(run->argument, &run->best);
	start_account(run);
}
