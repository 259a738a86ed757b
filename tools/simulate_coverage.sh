#!/usr/bin/env bash
#
# make coverage-table: the table of simulated coverage in doc/retention.md, from
# tools/simulate_coverage.sql on a private server. Takes one to two minutes.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"

start_server "jit = off" "work_mem = '256MB'"
"$PSQL" -q -c 'CREATE EXTENSION csm_metrics'
"$PSQL" -X -q -v ON_ERROR_STOP=1 -f "$here/simulate_coverage.sql" -f "$here/simulate_forecast.sql"
