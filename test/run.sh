#!/usr/bin/env bash
#
# make test [TESTS="name ..."] [PG_CONFIG=...]
#
# Runs every test on a private server: the SQL tests (pgTAP under pg_regress), each
# example of the documentation, the demo's own tests; with TESTS only those SQL tests.
# The last line counts them all.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
# shellcheck source=../tools/lib.sh
. "$root/tools/lib.sh"

passed=0
failed=0

# Adds up the lines of TAP in files, and a failure for a runner that stopped without one.
count_tap()
{
	local status=$1 ok not_ok
	shift
	ok=$(cat "$@" 2>/dev/null | grep -c '^ok ') || true
	not_ok=$(cat "$@" 2>/dev/null | grep -c '^not ok ') || true
	if [ "$status" != 0 ] && [ "$not_ok" = 0 ]; then
		not_ok=1
	fi
	passed=$((passed + ok))
	failed=$((failed + not_ok))
}

sql_tests()
{
	local status=0
	if [ -z "${CSM_SHARED_DATA:-}" ] && [ -d "$root/../shared/data" ]; then
		CSM_SHARED_DATA=$(cd "$root/../shared/data" && pwd)
	fi
	export CSM_SHARED_DATA=${CSM_SHARED_DATA:-}
	rm -rf "$root/results"
	plain_make installcheck || status=$?
	[ "$status" = 0 ] || tail -n 300 "$root/regression.diffs" 2>/dev/null || true
	count_tap "$status" "$root"/results/*.out
}

# Runs a program that prints TAP, and shows what it says about failures.
tap_program()
{
	local status=0 output=$SERVER_DIR/tap.out
	"$@" >"$output" 2>&1 || status=$?
	if [ "$status" != 0 ]; then
		grep -v '^ok ' "$output" || true
	fi
	count_tap "$status" "$output"
}

other_tests()
{
	cd "$root"
	say "Examples of the documentation"
	tap_program tools/check_docs README.md doc/*.md
	tap_program tools/check_docs --functions doc/*.md
	say "Demo"
	tap_program demo/test.sh
}

need_packages test
start_server
"$PSQL" -qc 'CREATE EXTENSION csm_metrics'
say "SQL tests"
sql_tests
if [ -z "${TESTS:-}" ]; then
	other_tests
fi
printf '%s passed, %s failed\n' "$passed" "$failed"
[ "$failed" = 0 ]
