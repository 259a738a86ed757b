/*
 * memory_budget.c
 *		Memory and temporary file of the states of an aggregate; memory_budget.h says more.
 */
#include "base/port.h"

#include "port/pg_bitutils.h"
#include "utils/memutils.h"

#include "engine/memory_budget.h"

csm_memory_budget *
csm_budget_new(MemoryContext context, Size limit)
{
	csm_memory_budget *budget = MemoryContextAllocZero(context, sizeof(csm_memory_budget));

	budget->context = context;
	budget->allowed = limit;
	budget->limit = limit;
	for (int i = 0; i < CSM_MOVABLE_CLASSES; i++)
		dlist_init(&budget->movable[i]);
	return budget;
}

void
csm_budget_enter(csm_memory_budget *budget, csm_memory_user *user)
{
	user->budget = budget;
	user->in_table = user->in_buffers = user->movable = 0;
	budget->users++;
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
	user->budget = NULL;
	if (--budget->users == 0)
		csm_budget_close_tapes(budget);
}

/* Among those that are worth writing out; 0 for others. */
static inline int
class_of(Size movable)
{
	return movable < CSM_LEAST_MOVABLE ? 0 : pg_leftmost_one_pos64(movable);
}

/*
 * A state, other than this one, that has the most to write out, to a power of two; NULL if
 * this one has more than any.
 */
static csm_memory_user *
largest_other(csm_memory_user *user)
{
	int least = Max(class_of(user->movable), class_of(CSM_LEAST_MOVABLE));

	for (int i = CSM_MOVABLE_CLASSES - 1; i >= least; i--)
	{
		dlist_iter other;

		dlist_foreach(other, &user->budget->movable[i])
		{
			if (other.cur != &user->node)
				return dlist_container(csm_memory_user, node, other.cur);
		}
	}
	return NULL;
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

		if (other == NULL)
			return false;
		other->write_out(other);
		Assert(class_of(other->movable) == 0);
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
	int old_class = class_of(user->movable);
	int new_class;

	change(user->budget, &user->movable, user->movable - from + to);
	new_class = class_of(user->movable);
	if (new_class == old_class)
		return;
	if (old_class > 0)
		dlist_delete(&user->node);
	if (new_class > 0)
		dlist_push_tail(&user->budget->movable[new_class], &user->node);
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
	/* the list has a number of eight bytes for each block, and doubles as it grows */
	budget->limit =
		budget->allowed - Min(budget->allowed / 4, 16 * (Size) LogicalTapeSetBlocks(budget->tapes));
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
