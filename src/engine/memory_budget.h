/*
 * memory_budget.h
 *		What all states of an aggregate have together: memory, and a temporary file.
 *
 * GROUP BY makes a state for each group.  They share what work_mem and
 * hash_mem_multiplier allow to a hash table; one alone may take all of it.  Each state says
 * what it has: memory that stays, and memory that can move to the file.  Where there is no
 * room for more, the state with the most of the second kind writes it out, be it another
 * one than the one that asks.
 *
 * The file is a set of logical tapes of PostgreSQL: a tape is written, rewound and read
 * once, and its blocks are used again.  It counts towards temp_file_limit.  The last state
 * that leaves closes it; when a query fails, its resource owner does.
 */
#ifndef CSM_MEMORY_BUDGET_H
#define CSM_MEMORY_BUDGET_H

#include "base/port.h"

#include "lib/ilist.h"
#include "utils/logtape.h"

/* It does not pay to write out less, so every state may have that much. */
#define CSM_LEAST_MOVABLE   4096
#define CSM_MOVABLE_CLASSES 48

typedef struct csm_memory_budget
{
	MemoryContext context; /* of the query */
	Size allowed;
	Size limit; /* of that, what is left beside the file's list of free blocks */
	Size used;
	Size in_tables; /* of that, what account tables have */
	int users;
	/* those with so much to write out, by the power of two, that it is worth it */
	dlist_head movable[CSM_MOVABLE_CLASSES];
	LogicalTapeSet *tapes;
} csm_memory_budget;

/* The part of a state that the budget knows. */
typedef struct csm_memory_user
{
	csm_memory_budget *budget; /* NULL for one that has left */
	dlist_node node;           /* in the list of its class, if that has one */
	Size in_table;
	Size in_buffers; /* of tapes */
	Size movable;
	void (*write_out)(struct csm_memory_user *user); /* all that is movable */
} csm_memory_user;

/* Memory of a tape that is being written or read. */
#define CSM_TAPE_SIZE BLCKSZ

extern csm_memory_budget *csm_budget_new(MemoryContext context, Size limit);
extern void csm_budget_enter(csm_memory_budget *budget, csm_memory_user *user);
extern void csm_budget_leave(csm_memory_user *user);
extern void csm_budget_set_table(csm_memory_user *user, Size bytes);
extern void csm_budget_set_buffers(csm_memory_user *user, Size bytes);
extern void csm_budget_change_movable(csm_memory_user *user, Size from, Size to);
extern bool csm_budget_allows(csm_memory_user *user, Size more);

extern void csm_budget_close_tapes(csm_memory_budget *budget);
extern LogicalTape *csm_tape_new(csm_memory_budget *budget);
extern void
csm_tape_write(csm_memory_budget *budget, LogicalTape *tape, const void *data, Size size);
extern void csm_tape_rewind(csm_memory_budget *budget, LogicalTape *tape);
extern Size csm_tape_read(csm_memory_budget *budget, LogicalTape *tape, void *data, Size size);
extern void csm_tape_read_all(csm_memory_budget *budget, LogicalTape *tape, void *data, Size size);

#endif /* CSM_MEMORY_BUDGET_H */
