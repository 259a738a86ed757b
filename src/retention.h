/*
 * retention.h
 *		What happened to a set of accounts between two points in time.
 *
 * Two values carry it.  retention_sums holds just what the number-returning aggregates
 * need; a row can be taken out of it again, which is what moving windows live on.
 * retention_summary answers everything, intervals and largest accounts included.
 *
 * Both are varlenas without pointers, and are the transition states of their
 * aggregates.  All amounts of a value are coefficients at its one scale, the largest
 * display scale of any amount seen, so adding and merging are exact and their order
 * cannot be told from the result.
 *
 * Invariants (csm_retention_problem checks them all):
 * - no amount or count is negative; starting and ending stay within 38 digits;
 * - retained <= starting, retained <= ending_existing, churned <= starting - retained;
 * - an amount is zero exactly where its count is, and no smaller than its count;
 * - largest[] lists the min(accounts_starting, 10) largest accounts, descending by
 *   starting, then ending amount, and agrees with the sums;
 * - in a value at rest largest[] has no spare room; a state has room for ten, zeroed.
 */
#ifndef CSM_RETENTION_H
#define CSM_RETENTION_H

#include "base/decimal.h"
#include "base/wire.h"

#define CSM_RETENTION_VERSION 1
#define CSM_LARGEST           10

typedef struct csm_retention_sums
{
	int32 vl_len_;
	uint8 version;
	uint8 scale;
	uint16 unused;
	int128 starting;        /* S */
	int128 ending_existing; /* E' */
	int128 retained;        /* M, the sum of min(starting, ending) */
	int128 new_business;    /* of accounts that start at 0 */
	int64 accounts_starting;
	int64 accounts_churned;
} csm_retention_sums;

/*
 * The state of a moving window: it also knows how many amounts it holds at each display
 * scale, so that the scale shrinks again when the last amount of the largest one leaves.
 */
typedef struct csm_retention_window
{
	csm_retention_sums sums;
	int64 amounts_at_scale[CSM_DECIMAL_DIGITS + 1];
} csm_retention_window;

typedef struct csm_account_amounts
{
	int128 starting;
	int128 ending;
} csm_account_amounts;

#define CSM_RETENTION_HAS_PERIOD 0x01

typedef struct csm_retention_summary
{
	int32 vl_len_;
	uint8 version;
	uint8 scale;
	uint8 flags;
	uint8 largest_count;
	int32 period_from; /* days since 2000-01-01, as DateADT; 0 without a period */
	int32 period_to;
	char currency[CSM_CURRENCY_SIZE]; /* zero-padded; all zero without a code */
	int128 starting;
	int128 ending_existing;
	int128 retained;
	int128 new_business;
	int128 reactivation;
	int128 churned;
	int64 accounts_starting;
	int64 accounts_new;
	int64 accounts_reactivated;
	int64 accounts_expanded;
	int64 accounts_contracted;
	int64 accounts_churned;
	csm_uint256 starting_squared; /* over the accounts that have a starting amount */
	csm_uint256 ending_squared;
	csm_uint256 starting_ending;
	csm_account_amounts largest[FLEXIBLE_ARRAY_MEMBER];
} csm_retention_summary;

#define CSM_RETENTION_SIZE(room) \
	(offsetof(csm_retention_summary, largest) + (room) * sizeof(csm_account_amounts))
#define CSM_RETENTION_STATE_SIZE CSM_RETENTION_SIZE(CSM_LARGEST)

/* Room for any value, on the stack. */
typedef union csm_retention_buffer
{
	csm_retention_summary summary;
	char bytes[CSM_RETENTION_STATE_SIZE];
} csm_retention_buffer;

/* bytes of the binary forms */
#define CSM_RETENTION_BINARY_SIZE(listed) \
	(4 + 8 + CSM_CURRENCY_SIZE + 6 * 16 + 6 * 8 + 3 * 32 + (listed) * (2 * 16))
#define CSM_RETENTION_SUMS_BINARY_SIZE (2 + 4 * 16 + 2 * 8)

/* retention_sums */
extern csm_retention_sums *csm_sums_new(Size size);
extern void csm_sums_rescale(csm_retention_sums *sums, int scale);
extern void csm_sums_add(csm_retention_sums *sums, csm_decimal starting, csm_decimal ending);
extern void csm_sums_subtract(csm_retention_sums *sums, csm_decimal starting, csm_decimal ending);
extern void csm_sums_count(csm_retention_sums *sums, bool churned, int change);
extern void csm_sums_merge(csm_retention_sums *into, const csm_retention_sums *from);
extern const char *csm_sums_problem(const csm_retention_sums *sums);
extern void csm_sums_write(csm_writer *writer, const csm_retention_sums *sums);
extern csm_retention_sums *csm_sums_read(csm_reader *reader, const char **problem);
extern void csm_window_count_scale(csm_retention_window *window, int scale, int change);
extern void csm_window_shrink_scale(csm_retention_window *window);

/* retention_summary */
extern csm_retention_summary *csm_retention_new(void);
extern void csm_retention_init(csm_retention_summary *r, int scale);
extern csm_retention_summary *csm_retention_copy(const csm_retention_summary *r, int room);
extern void csm_retention_rescale(csm_retention_summary *r, int scale);
extern void csm_retention_add_account(csm_retention_summary *r, int128 starting, int128 ending,
									  bool was_customer);
extern void csm_retention_add_unchanged(csm_retention_summary *r, int64 accounts, int128 total,
										const csm_uint256 *squared);
extern void csm_retention_list(csm_retention_summary *r, int128 starting, int128 ending);
extern void csm_retention_add(csm_retention_summary *r, csm_decimal starting, csm_decimal ending,
							  bool was_customer);
extern void csm_retention_merge(csm_retention_summary *into, const csm_retention_summary *from);
extern void
csm_retention_check_currency(const csm_retention_summary *a, const csm_retention_summary *b);
extern void
csm_retention_check_same(const csm_retention_summary *a, const csm_retention_summary *b);
extern const csm_retention_summary *
csm_retention_normalize(const csm_retention_summary *r, csm_retention_buffer *buffer);
extern int csm_retention_compare(const csm_retention_summary *a, const csm_retention_summary *b);
extern const char *csm_retention_problem(const csm_retention_summary *r);
extern void csm_retention_write(csm_writer *writer, const csm_retention_summary *r);
extern csm_retention_summary *csm_retention_read(csm_reader *reader, const char **problem);

extern const char *csm_movement_name(csm_decimal starting, csm_decimal ending, bool was_customer);
extern int64 csm_accounts_ending_of(const csm_retention_summary *r);

/*
 * Totals are added up first and checked then, once a row: the unsigned sum of three
 * 38-digit numbers still fits 128 bits.
 */
static inline void
csm_amount_add(int128 *into, int128 amount)
{
	*into = (int128) ((csm_uint128) *into + (csm_uint128) amount);
}

static inline void
csm_check_total(csm_uint128 total)
{
	if (unlikely(total > (csm_uint128) CSM_DECIMAL_MAX))
		csm_decimal_overflow();
}

/* Starting and ending totals bound every other amount. */
static inline void
csm_sums_check_totals(const csm_retention_sums *sums)
{
	csm_check_total((csm_uint128) sums->starting);
	csm_check_total((csm_uint128) sums->ending_existing + (csm_uint128) sums->new_business);
}

/* Adds an account whose amounts, not negative, are at the scale of the sums. */
static inline void
csm_sums_add_aligned(csm_retention_sums *sums, int128 starting, int128 ending)
{
	if (starting > 0)
	{
		csm_amount_add(&sums->starting, starting);
		csm_amount_add(&sums->ending_existing, ending);
		csm_amount_add(&sums->retained, Min(starting, ending));
		csm_count_add(&sums->accounts_starting, 1);
		sums->accounts_churned += (ending == 0);
	}
	else
		csm_amount_add(&sums->new_business, ending);
	csm_sums_check_totals(sums);
}

/* Figures: coefficients at the value's scale. */
typedef int128 (*csm_summary_amount)(const csm_retention_summary *r);

static inline int128
csm_starting_of(const csm_retention_summary *r)
{
	return r->starting;
}

static inline int128
csm_ending_existing_of(const csm_retention_summary *r)
{
	return r->ending_existing;
}

static inline int128
csm_retained_of(const csm_retention_summary *r)
{
	return r->retained;
}

static inline int128
csm_ending_of(const csm_retention_summary *r)
{
	return r->ending_existing + r->new_business + r->reactivation;
}

static inline int128
csm_expansion_of(const csm_retention_summary *r)
{
	return r->ending_existing - r->retained;
}

static inline int128
csm_contraction_of(const csm_retention_summary *r)
{
	return r->starting - r->retained - r->churned;
}

/* all that came, where starting - retained is all that went */
static inline int128
csm_gains_of(const csm_retention_summary *r)
{
	return r->new_business + r->reactivation + csm_expansion_of(r);
}

/* Can an account of this starting amount be among the ten largest? */
static inline bool
csm_retention_lists(const csm_retention_summary *r, int128 starting)
{
	return r->largest_count < CSM_LARGEST || starting >= r->largest[CSM_LARGEST - 1].starting;
}

static inline bool
csm_retention_has_period(const csm_retention_summary *r)
{
	return (r->flags & CSM_RETENTION_HAS_PERIOD) != 0;
}

#endif /* CSM_RETENTION_H */
