/*
 * checks.h
 *		What is wrong with a table of subscriptions or of snapshots, before a figure is made of it.
 *
 * Rows are added in any order, each packed into 32 bytes.  Beyond the memory that is allowed
 * they go to tapes by the hash of their account, so that each tape holds all rows of its
 * accounts.  In the end each tape is sorted by account and day, and one account after the
 * other is looked at: no step costs more than a sort of a part of the rows, in memory.
 *
 * An account is known by two hashes.  "group" is of the key in one spelling, small letters
 * and single spaces, "spelling" of the key as it is.  Keys themselves are not kept: an
 * example is a row, and who wants its key looks for a row with the same hashes.
 *
 * What comes out does not depend on the order of the rows: an example is the first in the
 * order of hashes and days.
 */
#ifndef CSM_CHECKS_H
#define CSM_CHECKS_H

#include "base/calendar.h"

/* In the order in which they harm; the ones after CSM_PROBLEMS are for counting only. */
typedef enum csm_problem
{
	CSM_NO_ACCOUNT,
	CSM_NO_START,
	CSM_IMPOSSIBLE_AMOUNT,
	CSM_BELOW_ZERO,
	CSM_CURRENCIES,
	CSM_NO_CURRENCY,
	CSM_DAILY_ROWS,
	CSM_DUPLICATE,
	CSM_UNIT_WITHOUT_ROWS,
	CSM_UNIT_WITH_FEW_ROWS,
	CSM_UNIT_NOT_OVER,
	CSM_SPELLINGS,
	CSM_OPEN_VERSIONS,
	CSM_EARLY_RENEWAL,
	CSM_INCLUSIVE_END,
	CSM_SHORT_GAP,
	CSM_ROWS_IN_UNIT,
	CSM_END_BEFORE_START,
	CSM_NO_AMOUNT,
	CSM_NO_DAY,
	CSM_FUTURE,
	CSM_FAR_END,
	CSM_PROBLEMS,
	/* open versions of like amounts; gaps of a day as well */
	CSM_LIKE_VERSIONS = CSM_PROBLEMS,
	CSM_ANY_GAP,
	CSM_COUNTS
} csm_problem;

/* What was seen in a row before it was packed. */
#define CSM_ROW_NO_ACCOUNT        0x01
#define CSM_ROW_NO_START          0x02
#define CSM_ROW_NO_AMOUNT         0x04
#define CSM_ROW_IMPOSSIBLE_AMOUNT 0x08
#define CSM_ROW_FAR_END           0x10
#define CSM_ROW_EMPTY             0x20 /* an empty range */

/* Codes beyond this number count as one more. */
#define CSM_CHECK_CURRENCIES 200

typedef struct csm_check_row
{
	uint64 group;
	uint32 spelling;
	int32 start;     /* the day of a snapshot */
	int32 end;       /* DATEVAL_NOEND: open; the unit of a snapshot */
	uint16 currency; /* 0: none */
	uint8 scale;
	uint8 flags;
	int64 amount;
} csm_check_row;

/* One or two rows, or a stretch of units. */
typedef struct csm_example
{
	int row_count;
	csm_check_row rows[2];
	int32 units[2];
} csm_example;

typedef struct csm_finding
{
	int64 rows;
	int64 accounts;
	int64 last_account;
	csm_example example;
} csm_finding;

typedef struct csm_check csm_check;

extern csm_check *
csm_check_new(MemoryContext context, Size memory, const csm_step *every, int32 as_of);
extern void csm_check_add(csm_check *check, const csm_check_row *row);
extern void csm_check_finish(csm_check *check, const uint16 *currency_order);
extern const csm_finding *csm_check_finding(const csm_check *check, csm_problem problem);

#endif /* CSM_CHECKS_H */
