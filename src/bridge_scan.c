/*
 * bridge_scan.c
 *		The bridge straight from raw rows.
 *
 * Between its stretches an account is a cursor of the run, which fits what the scan has for
 * it.
 */
#include "base/port.h"

#include "bridge_scan.h"

typedef struct packed_cursor
{
	uint64 base_low;
	int64 base_high;
	int32 next;
	uint32 since : 30;
	uint32 is_known : 1;
	uint32 is_inside : 1;
} packed_cursor;

StaticAssertDecl(sizeof(packed_cursor) <= sizeof(csm_account), "a cursor must fit an account");

static inline csm_bridge_cursor
unpack(const csm_account *account)
{
	const packed_cursor *packed = (const packed_cursor *) account;
	csm_bridge_cursor cursor;

	cursor.next = packed->next;
	cursor.since = packed->since;
	cursor.base = (int128) ((csm_uint128) packed->base_high << 64 | packed->base_low);
	cursor.is_known = packed->is_known;
	cursor.is_inside = packed->is_inside;
	return cursor;
}

static inline void
pack(csm_account *account, const csm_bridge_cursor *cursor)
{
	packed_cursor *packed = (packed_cursor *) account;

	packed->base_low = (uint64) cursor->base;
	packed->base_high = (int64) (cursor->base >> 64);
	packed->next = cursor->next;
	packed->since = cursor->since;
	packed->is_known = cursor->is_known;
	packed->is_inside = cursor->is_inside;
}

/* A stretch of an account, after a time without anything. */
static void
take(csm_scan_consumer *base, csm_account *account, uint32 number, int32 from, int32 to,
	 int128 amount)
{
	csm_bridge_consumer *consumer = (csm_bridge_consumer *) base;
	csm_bridge_cursor cursor = unpack(account);
	int until = csm_run_boundary(consumer->run, to);

	csm_run_pass(consumer->run, &cursor, csm_run_boundary(consumer->run, from), 0);
	if (unlikely(amount < 0) && cursor.next < until)
	{
		csm_key key = csm_scan_key(base, number);

		consumer->refuse_negative(consumer->caller, &key, cursor.next, amount,
								  consumer->run->scale);
	}
	csm_run_pass(consumer->run, &cursor, until, amount);
	pack(account, &cursor);
}

static void
end(csm_scan_consumer *base, csm_account *account, uint32 number)
{
	csm_bridge_consumer *consumer = (csm_bridge_consumer *) base;
	csm_bridge_cursor cursor = unpack(account);

	csm_run_pass(consumer->run, &cursor, consumer->run->count + 1, 0);
	csm_run_end(consumer->run, &cursor);
}

void
csm_bridge_consumer_init(csm_bridge_consumer *consumer, csm_bridge_run *run,
						 csm_negative_refuser refuse_negative, void *caller)
{
	consumer->base.begin = NULL;
	consumer->base.take = take;
	consumer->base.end = end;
	consumer->base.scan = NULL;
	consumer->base.is_one_by_one = false;
	consumer->run = run;
	consumer->refuse_negative = refuse_negative;
	consumer->caller = caller;
}
