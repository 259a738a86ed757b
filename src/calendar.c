/*
 * calendar.c
 *		Days, periods and whole months between them; calendar.h says how they are kept.
 */
#include "port.h"

#ifndef CSM_STANDALONE
#include "utils/date.h"
#include "utils/datetime.h"
#endif

#include "calendar.h"

/* A finite date that PostgreSQL can show. */
bool
csm_date_is_valid(int32 day)
{
	return IS_VALID_DATE(day);
}

bool
csm_period_is_valid(int32 from, int32 to)
{
	return csm_date_is_valid(from) && csm_date_is_valid(to) && from < to;
}

static void
split_date(int32 day, int *year, int *month, int *day_of_month)
{
	j2date(day + POSTGRES_EPOCH_JDATE, year, month, day_of_month);
}

static int
last_day_of_month(int year, int month)
{
	return day_tab[isleap(year)][month - 1];
}

/*
 * How many whole months after "from" is "to"?  False when it is none.  As in date
 * arithmetic, a day that a month does not have is the month's last: 31 January and
 * 28 February are a month apart, 28 February and 31 March as well.
 */
bool
csm_whole_months(int32 from, int32 to, int *months)
{
	int year1;
	int month1;
	int day1;
	int year2;
	int month2;
	int day2;

	split_date(from, &year1, &month1, &day1);
	split_date(to, &year2, &month2, &day2);
	*months = (year2 - year1) * MONTHS_PER_YEAR + month2 - month1;
	return day1 == day2 || (day1 > day2 && day2 == last_day_of_month(year2, month2)) ||
		   (day1 < day2 && day1 == last_day_of_month(year1, month1));
}

/* ISO whatever DateStyle says: text forms must not depend on settings. */
const char *
csm_date_to_text(int32 day, char *buffer)
{
	int year;
	int month;
	int day_of_month;

	split_date(day, &year, &month, &day_of_month);
	snprintf(buffer, CSM_DATE_TEXT_SIZE, "%04d-%02d-%02d%s", year > 0 ? year : 1 - year, month,
			 day_of_month, year > 0 ? "" : " BC");
	return buffer;
}

const char *
csm_period_to_text(int32 from, int32 to, char *buffer)
{
	char from_text[CSM_DATE_TEXT_SIZE];
	char to_text[CSM_DATE_TEXT_SIZE];

	csm_date_to_text(from, from_text);
	csm_date_to_text(to, to_text);
	snprintf(buffer, CSM_PERIOD_TEXT_SIZE, "[%s,%s)", from_text, to_text);
	return buffer;
}
