#!/usr/bin/env bash
#
# The SQL tests of the types, their text and binary forms and damaged values, on a server
# whose processes run under valgrind's memcheck. An error with a function of the library
# on its stack is a failure: use of memory that nobody wrote, mostly; undefined.h has
# valgrind know what that is. (Memory is PostgreSQL's own to divide, so that valgrind sees
# overruns of whole blocks alone; for those there is the fuzzer, test/fuzz.)
#
# make test-all ONLY=valgrind [VALGRIND_TESTS="retention_type ..."]
set -euo pipefail

# shellcheck source=prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"
: "${VALGRIND_TESTS:=decimal funnel_type history_corrupt history_type retention_corrupt retention_text retention_type segment_type tally usage_type}"

restart_under_valgrind()
{
	stop_cluster main
	mkdir "$SERVER_DIR/reports"
	chmod 777 "$SERVER_DIR/reports"
	run_postgres_under valgrind --tool=memcheck --trace-children=yes --quiet --leak-check=no \
		--num-callers=25 --error-limit=no \
		"--log-file=$SERVER_DIR/reports/%p"
	start_cluster main
}

# Errors of memcheck are paragraphs of lines that start with ==PID==; the first lines of
# each kind of error once.
errors_of_ours()
{
	cat "$SERVER_DIR"/reports/* | sed -n 's/^==[0-9]*== \{0,1\}//p' |
		perl -00 -ne 'print if /\b(?:at|by) 0x[0-9A-F]+: csm_/ && !$seen{s/0x[0-9A-F]+/0x/gr}++'
}

# The library is loaded under valgrind, and not by a server that went without.
test_instruments()
{
	like "the server runs under valgrind" "$(sql "SELECT pg_read_file('/proc/self/maps')")" 'vgpreload_memcheck'
}

test_sql()
{
	local file name ok planned
	plain_make installcheck TESTS="$VALGRIND_TESTS" EXTRA_REGRESS_OPTS=--use-existing >"$SERVER_DIR/installcheck.log" 2>&1 || true
	for name in $VALGRIND_TESTS; do
		file=$CSM_ROOT/results/$name.out
		planned=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$file")
		ok=$(grep -c '^ok ' "$file") || true
		is "$name: $ok tests" "$ok" "$planned"
	done
}

test_errors()
{
	local errors
	errors=$(errors_of_ours)
	if [ -z "$errors" ]; then
		pass "no error of memcheck with a function of the library on its stack"
	else
		fail "errors of memcheck with functions of the library on their stacks" "$(head -n 200 <<<"$errors")"
	fi
}

need_packages test valgrind
build_in_copy
# by PostgreSQL's own variable for such flags
export COPT="-include $SYSTEM_DIR/undefined.h -O1"
start_server "autovacuum = off" "max_parallel_workers = 0"
# what pg_regress would do, and without valgrind in no time
sql 'CREATE DATABASE contrib_regression'
sql -d contrib_regression -c 'CREATE EXTENSION pgtap' 'CREATE EXTENSION csm_metrics'
restart_under_valgrind
test_instruments
test_sql
stop_cluster main
test_errors
finish
