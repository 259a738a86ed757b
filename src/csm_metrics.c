/*
 * csm_metrics.c
 *		The module: what happens once when the library is loaded.
 */
#include "port.h"

#include "fmgr.h"

#include "decimal_sql.h"

#ifdef PG_MODULE_MAGIC_EXT
PG_MODULE_MAGIC_EXT(.name = "csm_metrics", .version = CSM_VERSION);
#else
PG_MODULE_MAGIC;
#endif

void _PG_init(void);

void
_PG_init(void)
{
	csm_decimal_check_stored_form();
}
