/*
 * decimal_sql.h
 *		Amounts and PostgreSQL's numeric: in and out without loss.
 */
#ifndef CSM_DECIMAL_SQL_H
#define CSM_DECIMAL_SQL_H

#include "decimal.h"
#include "nodes/nodes.h"
#include "utils/numeric.h"

extern void csm_decimal_check_stored_form(void);

extern csm_decimal csm_decimal_from_numeric(Datum numeric);
extern csm_decimal csm_amount_from_numeric(Datum numeric);
extern bool csm_decimal_from_numeric_safe(Datum numeric, csm_decimal *amount, Node *escontext);
extern bool csm_uint256_from_numeric_safe(Datum numeric, int scale, csm_uint256 *sum,
										  Node *escontext);

extern Datum csm_decimal_to_numeric(int128 coefficient, int scale);
extern Datum csm_uint256_to_numeric(const csm_uint256 *sum, int scale);
extern char *csm_numeric_to_text(Datum numeric);

/* For formulas; division by zero is the caller's to prevent. */
extern Datum csm_integer_to_numeric(int64 value);
extern Datum csm_numeric_add(Datum a, Datum b);
extern Datum csm_numeric_subtract(Datum a, Datum b);
extern Datum csm_numeric_multiply(Datum a, Datum b);
extern Datum csm_numeric_divide(Datum a, Datum b);
extern Datum csm_numeric_round(Datum a, int places);
extern int csm_numeric_sign(Datum a);

#endif /* CSM_DECIMAL_SQL_H */
