#!/usr/bin/env bash
#
# make test [TESTS="name ..."] [PG_CONFIG=...]
#
# Runs every test on a private server: the SQL tests (pgTAP under pg_regress), each
# example of the documentation, the demo's own tests, and those of what happens before a
# server runs; with TESTS only those SQL tests.
#
# make test-all [ONLY="name ..."] [PG_CONFIG=...]
#
# The same and then every program of test/system, each with servers of its own: other
# versions, engines, drivers, faults; with ONLY some of those programs alone.
#
# The last line counts all tests.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
# shellcheck source=../tools/lib.sh
. "$root/tools/lib.sh"

[ -n "${1:-}" ] || known_variables test TESTS

# Third-party data with known results, for the tests of those who have it.
if [ -z "${CSM_SHARED_DATA:-}" ] && [ -d "$root/../shared/data" ]; then
	CSM_SHARED_DATA=$(cd "$root/../shared/data" && pwd)
fi
export CSM_SHARED_DATA=${CSM_SHARED_DATA:-}

passed=0
failed=0
skipped=0

# Adds up the lines of TAP in files, and a failure for a runner that stopped without one.
count_tap()
{
	local status=$1 ok not_ok skip
	shift
	ok=$(cat "$@" 2>/dev/null | grep -c '^ok ') || true
	skip=$(cat "$@" 2>/dev/null | grep -ci '^ok .*# skip') || true
	not_ok=$(cat "$@" 2>/dev/null | grep -c '^not ok ') || true
	if [ "$status" != 0 ] && [ "$not_ok" = 0 ]; then
		not_ok=1
	fi
	passed=$((passed + ok - skip))
	skipped=$((skipped + skip))
	failed=$((failed + not_ok))
}

sql_tests()
{
	local status=0
	rm -rf "$CSM_ROOT/results"
	plain_make installcheck || status=$?
	[ "$status" = 0 ] || tail -n 300 "$CSM_ROOT/regression.diffs" 2>/dev/null || true
	count_tap "$status" "$CSM_ROOT"/results/*.out
}

# Runs a program that prints TAP, and shows what it skipped and what it says about failures.
tap_program()
{
	local status=0 output
	output=$(mktemp "${TMPDIR:-/tmp}/csm_metrics.tap.XXXXXX")
	"$@" >"$output" 2>&1 || status=$?
	if [ "$status" != 0 ]; then
		grep -v '^ok ' "$output" || true
	fi
	grep -i '^ok .*# skip' "$output" || true
	count_tap "$status" "$output"
	rm -f "$output"
}

other_tests()
{
	cd "$root"
	say "The first minute"
	tap_program bash test/first_minute.sh
	say "Examples of the documentation"
	tap_program perl tools/check_docs README.md doc/*.md examples/README.md
	tap_program perl tools/check_docs --functions doc/*.md
	say "Demo"
	tap_program bash demo/test.sh
}

# What one server is enough for.
one_server_tests()
{
	need_room 400
	need_packages test
	start_server
	"$PSQL" -qc 'CREATE EXTENSION csm_metrics'
	say "SQL tests"
	sql_tests
	[ -n "${TESTS:-}" ] || other_tests
	stop_server
}

# Programs with servers of their own, in the order of their names.
system_tests()
{
	local program name before
	for program in "$here"/system/*.sh; do
		name=$(basename "$program" .sh)
		[ "$name" != prelude ] || continue
		case " ${ONLY:-$name} " in *" $name "*) ;; *) continue ;; esac
		before="$passed $failed $skipped"
		SECONDS=0
		tap_program bash "$program"
		# shellcheck disable=SC2086  # three words
		set -- $before
		say "$name: $((passed - $1)) passed, $((failed - $2)) failed, $((skipped - $3)) skipped, $SECONDS s"
	done
}

[ -n "${ONLY:-}" ] || one_server_tests
[ "${1:-}" != all ] || system_tests
printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
