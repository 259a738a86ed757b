#!/usr/bin/env bash
#
# make coverage-table [ONLY="lift ..."]
#
# The tables of simulated coverage in doc/<concept>.md: runs tools/coverage/<concept>.sql, each in
# a database of its own on a private server. A new table is a new file of that name here. Takes
# about two minutes a file.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib.sh
. "$here/../lib.sh"

start_server "jit = off" "work_mem = '256MB'" "max_parallel_workers_per_gather = 0"
for table in "$here"/*.sql; do
	concept=$(basename "$table" .sql)
	case " ${ONLY:-$concept} " in *" $concept "*) ;; *) continue ;; esac
	say "doc/$concept.md"
	"$PSQL" -q -c "CREATE DATABASE coverage_$concept"
	"$PSQL" -q -d "coverage_$concept" -c 'CREATE EXTENSION csm_metrics'
	"$PSQL" -X -q -d "coverage_$concept" -v ON_ERROR_STOP=1 -f "$table"
done
