/*
 * history_scan.c
 *		The history of each account straight from raw rows, one after the other.
 */
#include "base/port.h"

#include "history_scan.h"

#define FIRST_ROOM 16

/* From this day on it is another amount, unless it is the same. */
static void
add_step(csm_history_consumer *consumer, int32 day, int128 amount)
{
	csm_history *h = consumer->history;
	int128 before = h->count > 0 ? h->steps[h->count - 1].amount : 0;

	if (amount == before)
		return;
	if (h->count == consumer->room)
	{
		if (consumer->room >= CSM_HISTORY_STEPS_MAX)
			ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
							errmsg("an account has more than %d changes", CSM_HISTORY_STEPS_MAX)));
		consumer->room = Min(2 * consumer->room, CSM_HISTORY_STEPS_MAX);
		h = consumer->history = repalloc(h, CSM_HISTORY_SIZE(consumer->room));
	}
	h->steps[h->count].amount = amount;
	h->steps[h->count].day = day;
	h->steps[h->count].unused = 0;
	h->count++;
}

static void
take(csm_scan_consumer *base, csm_account *account, uint32 number, int32 from, int32 to,
	 int128 amount)
{
	csm_history_consumer *consumer = (csm_history_consumer *) base;
	int32 day = consumer->unit_start(consumer->caller, from);

	if (consumer->end != day && consumer->history->count > 0)
		add_step(consumer, consumer->end, 0);
	add_step(consumer, day, amount);
	consumer->end = to == CSM_NO_END ? CSM_NO_END : consumer->unit_start(consumer->caller, to);
}

static void
end(csm_scan_consumer *base, csm_account *account, uint32 number)
{
	csm_history_consumer *consumer = (csm_history_consumer *) base;
	csm_key key = csm_scan_key(base, number);
	csm_history *h;

	if (consumer->end != CSM_NO_END && consumer->history->count > 0)
		add_step(consumer, consumer->end, 0);
	h = consumer->history;
	h->scale = (uint8) base->scan->scale;
	SET_VARSIZE(h, CSM_HISTORY_SIZE(h->count));
	consumer->take(consumer->caller, &key, h);
	h->count = 0;
	consumer->end = CSM_NO_END;
}

void
csm_history_consumer_init(csm_history_consumer *consumer, const char *currency,
						  int32 (*unit_start)(void *caller, int32 unit),
						  void (*take_history)(void *caller, const csm_key *key,
											   const csm_history *history),
						  void *caller)
{
	memset(consumer, 0, sizeof(*consumer));
	consumer->base.begin = NULL;
	consumer->base.take = take;
	consumer->base.end = end;
	consumer->base.is_one_by_one = true;
	consumer->room = FIRST_ROOM;
	consumer->history = csm_history_new(FIRST_ROOM);
	memcpy(consumer->history->currency, currency, CSM_CURRENCY_SIZE);
	consumer->end = CSM_NO_END;
	consumer->unit_start = unit_start;
	consumer->take = take_history;
	consumer->caller = caller;
}
