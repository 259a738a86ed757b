/*
 * calendar.h
 *		Days, periods and whole months between them.
 *
 * A day is a DateADT: days since 2000-01-01.  A period is [from, to).
 */
#ifndef CSM_CALENDAR_H
#define CSM_CALENDAR_H

#include "port.h"

/* "5874897-12-31 BC" and a zero */
#define CSM_DATE_TEXT_SIZE   32
#define CSM_PERIOD_TEXT_SIZE (2 * CSM_DATE_TEXT_SIZE)

extern bool csm_date_is_valid(int32 day);
extern bool csm_period_is_valid(int32 from, int32 to);
extern bool csm_whole_months(int32 from, int32 to, int *months);
extern const char *csm_date_to_text(int32 day, char *buffer);
extern const char *csm_period_to_text(int32 from, int32 to, char *buffer);

#endif /* CSM_CALENDAR_H */
