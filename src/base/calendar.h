/*
 * calendar.h
 *		Days, steps, calendar units and the boundaries of a run of intervals.
 *
 * A day is a DateADT: days since 2000-01-01.  A period is [from, to).
 *
 * A step is a number of months or a number of days, never both: "1 month 1 day" has no
 * length that could be counted.  Weeks are days and years are months.
 *
 * Boundary k of a run of intervals is csm_step_from(from, step, k), one multiplication:
 * 31 January and 2 steps of a month are 31 March, whatever February made of the first.
 *
 * A calendar unit of a length is the stretch of the calendar that contains a day:
 * - 1, 2, 3, 4, 6 and 12 months lie on the calendar, the first one of a year starting in
 *   January; other numbers of months lie nowhere and are refused;
 * - n days, and so n weeks, are counted from Monday 2001-01-01; weeks start on Monday.
 * Units are numbered in order without gaps, which makes a fast comparison.
 *
 * Units may also start where a day says: unit k is [origin + k step, origin + (k + 1) step), for
 * any whole k.  How they lie on the calendar is their phase, 0 where they are its own units.
 *
 * What lies beyond the calendar of PostgreSQL's dates comes out as an infinite date.
 */
#ifndef CSM_CALENDAR_H
#define CSM_CALENDAR_H

#include "base/port.h"

/* "5874897-12-31 BC" and a zero */
#define CSM_DATE_TEXT_SIZE   32
#define CSM_PERIOD_TEXT_SIZE (2 * CSM_DATE_TEXT_SIZE)
/* "2147483647 months" and a zero */
#define CSM_STEP_TEXT_SIZE 32

/* Monday 2001-01-01 */
#define CSM_UNIT_EPOCH 366

/* 9999-01-01: from here on an end is open, as many systems write it. */
#define CSM_FIRST_OPEN_DAY 2921575

/* No run has more intervals. */
#define CSM_INTERVALS_MAX 100000

typedef struct csm_step
{
	int32 months;
	int32 days;
} csm_step;

extern bool csm_date_is_valid(int32 day);
extern bool csm_period_is_valid(int32 from, int32 to);
extern bool csm_whole_months(int32 from, int32 to, int *months);
extern bool csm_same_stretch(int32 from1, int32 to1, int32 from2, int32 to2);

extern bool csm_step_is_same(csm_step a, csm_step b);
extern bool csm_step_is_multiple(csm_step step, csm_step of);
extern int32 csm_step_ratio(csm_step step, csm_step of);
extern bool csm_step_is_valid(csm_step step);
extern int32 csm_step_from(int32 from, csm_step step, int64 k);
extern int64 csm_whole_steps(int32 from, int32 to, csm_step step);

extern bool csm_unit_is_valid(csm_step every);
extern int32 csm_unit_index(int32 day, csm_step every);
extern int32 csm_unit_start(int32 index, csm_step every);
extern void csm_unit_check(int32 start, int32 end);
extern void csm_unit_of(int32 day, csm_step every, int32 *start, int32 *end);
extern int64 csm_unit_index_from(int32 origin, csm_step every, int32 day);
extern void csm_unit_of_origin(int32 origin, csm_step every, int32 day, int32 *start, int32 *end);
extern int32 csm_unit_phase(int32 origin, csm_step every);
extern bool csm_unit_phase_is_valid(int32 phase, csm_step every);

extern void csm_check_bounds(int32 from, int32 to);
extern void csm_check_interval_count(int64 count, csm_step step);
extern void csm_note_left_out_day(int32 from, int32 to, csm_step step);
extern void csm_note_left_out_end(int32 from, int32 to);
extern void csm_note_step_beyond_span(int32 from, csm_step step, csm_step span);
extern int csm_count_intervals(int32 from, int32 to, csm_step step);

extern const char *csm_date_to_text(int32 day, char *buffer);
extern const char *csm_period_to_text(int32 from, int32 to, char *buffer);
extern const char *csm_step_to_text(csm_step step, char *buffer);
extern bool csm_step_from_text(const char *text, csm_step *step);

/* How many of ascending days there are to one day, times 2^32; for csm_first_after. */
static inline uint64
csm_days_per_day(const int32 *days, int count)
{
	return count < 2 ? 0 : ((uint64) (count - 1) << 32) / ((int64) days[count - 1] - days[0]);
}

/*
 * The first of ascending days that comes after a day; "count" when none does.  Boundaries lie
 * nearly evenly, so the place is where a line leads to, or next to it.
 */
static inline int
csm_first_after(const int32 *days, int count, uint64 per_day, int64 day)
{
	int i;

	if (count == 0 || day < days[0])
		return 0;
	i = (int) Min(((uint64) (day - days[0]) * per_day) >> 32, (uint64) count - 1);
	while (i < count && days[i] <= day)
		i++;
	while (days[i - 1] > day)
		i--;
	return i;
}

#endif /* CSM_CALENDAR_H */
