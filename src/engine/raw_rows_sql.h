/*
 * raw_rows_sql.h
 *		Rows of subscriptions and of snapshots on their way into a scan.
 *
 * A subscription is (account, valid daterange, amount): a span of days.  A snapshot is
 * (account, at date, amount): it stands for the whole unit that contains "at".  Units are those
 * of the calendar, or are counted from the day on which the bounds start.
 *
 * Account, time and amount are arguments 1 to 3 of each transition function.
 */
#ifndef CSM_RAW_ROWS_SQL_H
#define CSM_RAW_ROWS_SQL_H

#include "utils/rangetypes.h"
#include "utils/typcache.h"

#include "base/calendar_sql.h"
#include "engine/account_scan_sql.h"

#define CSM_STATE_ARGUMENT   0
#define CSM_ACCOUNT_ARGUMENT 1
#define CSM_TIME_ARGUMENT    2
#define CSM_AMOUNT_ARGUMENT  3

typedef struct csm_raw_rows
{
	csm_account_scan *scan;
	csm_key_kind keys;
	bool is_subscription;
	bool has_origin; /* units are counted from "origin" */
	csm_step every;  /* of snapshots */
	DateADT origin;
	int32 last_unit; /* no row after it matters */
	DateADT day;     /* of the row before; its unit */
	int32 unit;
	TypeCacheEntry *range_type;
	/* told of each unit, or day of a start, where the run has no bounds; else NULL */
	void (*note)(struct csm_raw_rows *rows, int32 unit);
} csm_raw_rows;

extern void
csm_rows_init(csm_raw_rows *rows, FunctionCallInfo fcinfo, csm_key_kind keys, bool is_subscription);
extern void csm_rows_set_every(csm_raw_rows *rows, csm_step every, const DateADT *origin);
extern int32 csm_rows_unit_of(const csm_raw_rows *rows, DateADT day);
extern DateADT csm_rows_unit_start(const csm_raw_rows *rows, int32 unit);
extern void csm_rows_start_day(FunctionCallInfo fcinfo, csm_raw_rows *rows);
extern void csm_rows_add_other_snapshot(FunctionCallInfo fcinfo, csm_raw_rows *rows);
extern void
csm_rows_add_other_span(FunctionCallInfo fcinfo, csm_raw_rows *rows, DateADT start, DateADT end);
extern void csm_rows_start_error(FunctionCallInfo fcinfo, const csm_raw_rows *rows,
								 const RangeType *range) pg_attribute_noreturn();

/* Most rows are of the same day as the one before. */
static pg_attribute_always_inline void
csm_rows_add_snapshot(FunctionCallInfo fcinfo, csm_raw_rows *rows, csm_key_kind keys)
{
	if (unlikely(PG_ARGISNULL(CSM_TIME_ARGUMENT) ||
				 PG_GETARG_DATEADT(CSM_TIME_ARGUMENT) != rows->day))
		csm_rows_start_day(fcinfo, rows);
	if (unlikely(rows->unit > rows->last_unit) ||
		unlikely(!csm_scan_add_quickly(fcinfo, rows->scan, keys, CSM_ACCOUNT_ARGUMENT,
									   CSM_AMOUNT_ARGUMENT, rows->unit, rows->unit + 1)))
		csm_rows_add_other_snapshot(fcinfo, rows);
}

/* Two dates at most, a header and flags. */
#define CSM_RANGE_SIZE_MAX 32

typedef union csm_range_copy
{
	RangeType range;
	char bytes[CSM_RANGE_SIZE_MAX];
} csm_range_copy;

/*
 * The range of a subscription, NULL for one that does not count.  As it is stored in a row,
 * with a short header, a copy on the stack needs no memory.
 */
static inline const RangeType *
csm_rows_range(FunctionCallInfo fcinfo, csm_range_copy *copy)
{
	const RangeType *range = &copy->range;
	struct varlena *stored;
	Size size;

	if (PG_ARGISNULL(CSM_TIME_ARGUMENT))
		return NULL;
	stored = (struct varlena *) PG_GETARG_POINTER(CSM_TIME_ARGUMENT);
	if (VARATT_IS_SHORT(stored) && VARSIZE_SHORT(stored) <= CSM_RANGE_SIZE_MAX - VARHDRSZ)
	{
		size = VARSIZE_SHORT(stored) - VARHDRSZ_SHORT;
		memcpy(copy->bytes + VARHDRSZ, VARDATA_SHORT(stored), size);
		SET_VARSIZE(copy, size + VARHDRSZ);
	}
	else
		range = PG_GETARG_RANGE_P(CSM_TIME_ARGUMENT);
	return RangeIsEmpty(range) ? NULL : range;
}

StaticAssertDecl(DATEVAL_NOEND == CSM_NO_END, "a span without an end is one of days");

/* What happens after the last boundary does not matter. */
static pg_attribute_always_inline void
csm_rows_add_subscription(FunctionCallInfo fcinfo, csm_raw_rows *rows, csm_key_kind keys,
						  const RangeType *range)
{
	RangeBound lower;
	RangeBound upper;
	DateADT start;
	DateADT end;
	bool empty;

	if (unlikely(rows->range_type == NULL))
		rows->range_type = lookup_type_cache(DATERANGEOID, TYPECACHE_RANGE_INFO);
	range_deserialize(rows->range_type, range, &lower, &upper, &empty);
	if (unlikely(lower.infinite || !csm_date_is_valid(DatumGetDateADT(lower.val))))
		csm_rows_start_error(fcinfo, rows, range);
	start = DatumGetDateADT(lower.val);
	end = upper.infinite ? DATEVAL_NOEND : DatumGetDateADT(upper.val);
	if (rows->note != NULL)
		rows->note(rows, start);
	if (end > rows->last_unit)
		end = CSM_NO_END;
	if (unlikely(start > rows->last_unit) ||
		unlikely(!csm_scan_add_quickly(fcinfo, rows->scan, keys, CSM_ACCOUNT_ARGUMENT,
									   CSM_AMOUNT_ARGUMENT, start, end)))
		csm_rows_add_other_span(fcinfo, rows, start, end);
}

#endif /* CSM_RAW_ROWS_SQL_H */
