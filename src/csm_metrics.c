/*
 * csm_metrics.c
 *		The module: what happens once when the library is loaded.
 */
#include "base/port.h"

#include "common/pg_prng.h"
#include "fmgr.h"

#include "base/decimal_sql.h"
#include "base/hash_seed.h"

#ifdef PG_MODULE_MAGIC_EXT
PG_MODULE_MAGIC_EXT(.name = "csm_metrics", .version = CSM_VERSION);
#else
PG_MODULE_MAGIC;
#endif

uint64 csm_hash_seed = 0;

void _PG_init(void);

void
_PG_init(void)
{
	csm_decimal_check_stored_form();
	csm_hash_seed = pg_prng_uint64(&pg_global_prng_state);
}
