/*
 * segment_sql.h
 *		Schemes of segments as arguments of SQL functions of other concepts.
 */
#ifndef CSM_SEGMENT_SQL_H
#define CSM_SEGMENT_SQL_H

#include "fmgr.h"

#include "segment.h"

typedef struct csm_scheme
{
	int count;
	csm_segment **segments;
} csm_scheme;

extern csm_scheme csm_scheme_from_datum(Datum datum);
extern int csm_scheme_find(const csm_scheme *scheme, csm_decimal amount);

#endif /* CSM_SEGMENT_SQL_H */
