/*
 * memory_budget.c
 *		Memory and temporary file of the states of an aggregate; memory_budget.h says more.
 */
#include "base/port.h"

#include "utils/memutils.h"

#include "engine/memory_budget.h"

/* It does not pay to write out less. */
#define LEAST_MOVED 4096

csm_memory_budget *
csm_budget_new(MemoryContext context, Size limit)
{
	csm_memory_budget *budget = MemoryContextAllocZero(context, sizeof(csm_memory_budget));

	budget->context = context;
	budget->limit = limit;
	dlist_init(&budget->users);
	return budget;
}

void
csm_budget_enter(csm_memory_budget *budget, csm_memory_user *user)
{
	user->budget = budget;
	user->in_table = user->in_buffers = user->movable = 0;
	dlist_push_tail(&budget->users, &user->node);
}

/* Closes the file, whatever is on it. */
void
csm_budget_close_tapes(csm_memory_budget *budget)
{
	if (budget->tapes != NULL)
		LogicalTapeSetClose(budget->tapes);
	budget->tapes = NULL;
}

/* Everything of this state has gone or is about to go. */
void
csm_budget_leave(csm_memory_user *user)
{
	csm_memory_budget *budget = user->budget;

	if (budget == NULL)
		return;
	csm_budget_set_table(user, 0);
	csm_budget_set_buffers(user, 0);
	csm_budget_change_movable(user, user->movable, 0);
	dlist_delete(&user->node);
	user->budget = NULL;
	if (dlist_is_empty(&budget->users))
		csm_budget_close_tapes(budget);
}

/* The state, other than this one, that has the most to write out; NULL if none is worth it. */
static csm_memory_user *
largest_other(csm_memory_user *user)
{
	csm_memory_user *largest = NULL;
	dlist_iter i;

	dlist_foreach(i, &user->budget->users)
	{
		csm_memory_user *other = dlist_container(csm_memory_user, node, i.cur);

		if (other != user && other->movable >= LEAST_MOVED &&
			(largest == NULL || other->movable > largest->movable))
			largest = other;
	}
	return largest;
}

/*
 * May a state have so many bytes more than now?  Others that have more to write out than
 * this one do so if it takes that.  When the answer is no, it has to write out itself.
 */
bool
csm_budget_allows(csm_memory_user *user, Size more)
{
	csm_memory_budget *budget = user->budget;

	while (budget->used + more > budget->limit)
	{
		csm_memory_user *other = largest_other(user);

		if (other == NULL || other->movable < user->movable)
			return false;
		other->write_out(other);
	}
	return true;
}

static inline void
change(csm_memory_budget *budget, Size *from, Size to)
{
	budget->used = budget->used - *from + to;
	*from = to;
}

void
csm_budget_set_table(csm_memory_user *user, Size bytes)
{
	user->budget->in_tables = user->budget->in_tables - user->in_table + bytes;
	change(user->budget, &user->in_table, bytes);
}

void
csm_budget_set_buffers(csm_memory_user *user, Size bytes)
{
	change(user->budget, &user->in_buffers, bytes);
}

/* A part of what is movable has become larger or smaller. */
void
csm_budget_change_movable(csm_memory_user *user, Size from, Size to)
{
	change(user->budget, &user->movable, user->movable - from + to);
}

/*
 * Tapes.  Their buffers are allocated where the caller happens to be, so each call goes by
 * way of the context of the query.
 */

LogicalTape *
csm_tape_new(csm_memory_budget *budget)
{
	MemoryContext old_context = MemoryContextSwitchTo(budget->context);
	LogicalTape *tape;

	if (budget->tapes == NULL)
		budget->tapes = LogicalTapeSetCreate(true, NULL, -1);
	tape = LogicalTapeCreate(budget->tapes);
	MemoryContextSwitchTo(old_context);
	return tape;
}

void
csm_tape_write(csm_memory_budget *budget, LogicalTape *tape, const void *data, Size size)
{
	MemoryContext old_context = MemoryContextSwitchTo(budget->context);

	LogicalTapeWrite(tape, (void *) data, size);
	MemoryContextSwitchTo(old_context);
}

/* All is written: gives back the buffer, and reading starts. */
void
csm_tape_rewind(csm_memory_budget *budget, LogicalTape *tape)
{
	MemoryContext old_context = MemoryContextSwitchTo(budget->context);

	LogicalTapeRewindForRead(tape, CSM_TAPE_SIZE);
	MemoryContextSwitchTo(old_context);
}

/* How many bytes were read: fewer than were asked for at the end only. */
Size
csm_tape_read(csm_memory_budget *budget, LogicalTape *tape, void *data, Size size)
{
	MemoryContext old_context = MemoryContextSwitchTo(budget->context);
	Size count = LogicalTapeRead(tape, data, size);

	MemoryContextSwitchTo(old_context);
	return count;
}

/* Reads what must be there. */
void
csm_tape_read_all(csm_memory_budget *budget, LogicalTape *tape, void *data, Size size)
{
	if (csm_tape_read(budget, tape, data, size) != size)
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("a temporary file is too short")));
}
