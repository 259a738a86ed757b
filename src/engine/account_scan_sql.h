/*
 * account_scan_sql.h
 *		Aggregates over raw rows, as SQL sees them: what they have in common.
 *
 * Their state is "internal" and there is no combine function: one process sees all rows.
 * All states of such an aggregate share a budget of memory, which their transition function
 * remembers.  The final function uses a state up: FINALFUNC_MODIFY = READ_WRITE.
 */
#ifndef CSM_ACCOUNT_SCAN_SQL_H
#define CSM_ACCOUNT_SCAN_SQL_H

#include "fmgr.h"
#include "utils/date.h"

#include "base/calendar.h"
#include "base/decimal_sql.h"
#include "engine/account_scan.h"

/* Neither infinite nor a date that there is. */
#define CSM_NO_DAY (PG_INT32_MIN + 1)

extern csm_account_scan *
csm_scan_for_aggregate(FunctionCallInfo fcinfo, csm_key_kind keys, csm_row_kind kind);
extern void csm_scan_check_unused(const csm_account_scan *scan);
extern bool csm_has_constant_arguments(FunctionCallInfo fcinfo, int first);
extern bool csm_has_constant_argument(FunctionCallInfo fcinfo, int number);
extern bool csm_is_same_interval(const NullableDatum *argument, csm_step step);
extern char *csm_key_to_text(csm_key_kind kind, const csm_key *key);
extern void csm_account_null_error(void) pg_attribute_noreturn();

/* The key of an account, whose bytes may be the row's own. */
static inline csm_key
csm_account_argument(FunctionCallInfo fcinfo, int i, csm_key_kind keys)
{
	text *string;

	if (unlikely(PG_ARGISNULL(i)))
		csm_account_null_error();
	switch (keys)
	{
		case CSM_BIGINT_KEYS:
			return csm_key_of_bigint(PG_GETARG_INT64(i));
		case CSM_UUID_KEYS:
			return csm_key_of_uuid((const unsigned char *) PG_GETARG_POINTER(i));
		default:
			string = PG_GETARG_TEXT_PP(i);
			return csm_key_of_text(VARDATA_ANY(string), VARSIZE_ANY_EXHDR(string));
	}
}

/* A missing amount is 0. */
static inline csm_decimal
csm_row_amount(FunctionCallInfo fcinfo, int i)
{
	csm_decimal none = {0, 0};

	return PG_ARGISNULL(i) ? none : csm_decimal_from_numeric(PG_GETARG_DATUM(i));
}

/*
 * The quick way in, for most rows: rows are being batched, and the amount is a short one at
 * the scale of the scan.  False, and nothing has happened, for all others.
 */
static pg_attribute_always_inline bool
csm_scan_add_quickly(FunctionCallInfo fcinfo, csm_account_scan *scan, csm_key_kind keys,
					 int account, int amount, int32 from, int32 to)
{
	csm_key key;
	int64 coefficient;

	if (unlikely(scan->batch == NULL || !csm_stored_form_known || PG_ARGISNULL(account) ||
				 PG_ARGISNULL(amount)) ||
		unlikely(!csm_coefficient_from_short_numeric(PG_GETARG_DATUM(amount), scan->scale,
													 &coefficient)))
		return false;
	if (keys == CSM_TEXT_KEYS)
	{
		const struct varlena *string = (const struct varlena *) PG_GETARG_POINTER(account);

		if (unlikely(VARATT_IS_COMPRESSED(string) || VARATT_IS_EXTERNAL(string) ||
					 VARSIZE_ANY_EXHDR(string) > CSM_SHORT_TEXT))
			return false;
		key = csm_key_of_text(VARDATA_ANY(string), VARSIZE_ANY_EXHDR(string));
	}
	else
		key = csm_account_argument(fcinfo, account, keys);
	csm_scan_add_to_batch(scan, keys, &key, from, to, coefficient);
	return true;
}

#endif /* CSM_ACCOUNT_SCAN_SQL_H */
