/*
 * statistics_sql.c
 *		Intervals as SQL sees them, and the exact sums they are computed from.
 */
#include "base/port.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "base/decimal_sql.h"
#include "base/statistics_sql.h"
#include "base/wire_sql.h"

double
csm_confidence_argument(FunctionCallInfo fcinfo, int i)
{
	double confidence = PG_GETARG_FLOAT8(i);

	/* written so that NaN fails */
	if (!(confidence > 0.0 && confidence < 1.0))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the confidence must be between 0 and 1, not %g", confidence),
						errhint("Use 0.95 for a 95 %% interval.")));
	return confidence;
}

Datum
csm_double_to_rounded(double value, int places)
{
	return DirectFunctionCall3(numeric_in, CStringGetDatum(psprintf("%.*f", places, value)),
							   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

Datum
csm_bound_to_numeric(double bound)
{
	return csm_double_to_rounded(bound, CSM_INTERVAL_PLACES);
}

Datum
csm_interval_to_range(csm_interval interval)
{
	return csm_numeric_range(csm_bound_to_numeric(interval.low),
							 csm_bound_to_numeric(interval.high));
}

/* With all digits of the double. */
Datum
csm_double_to_numeric(double number)
{
	return DirectFunctionCall3(numeric_in, CStringGetDatum(psprintf("%.17g", number)),
							   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

double
csm_numeric_to_double(Datum number)
{
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8, number));
}

double
csm_ratio_to_double(Datum numerator, Datum denominator)
{
	return csm_numeric_to_double(csm_numeric_divide(numerator, denominator));
}

/*
 * Of pairs with the sums x and y: the sum of (y_i - R x_i)^2 with R = y / x, times x^2.
 * That is a whole number of units: it is the difference of large numbers and formed
 * exactly.
 */
Datum
csm_squared_deviations(Datum x, Datum y, Datum x_squared, Datum y_squared, Datum x_times_y)
{
	Datum cross = csm_numeric_multiply(csm_numeric_multiply(x, y), x_times_y);

	return csm_numeric_add(
		csm_numeric_subtract(csm_numeric_multiply(csm_numeric_multiply(x, x), y_squared),
							 csm_numeric_add(cross, cross)),
		csm_numeric_multiply(csm_numeric_multiply(y, y), x_squared));
}
