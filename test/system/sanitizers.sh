#!/usr/bin/env bash
#
# Every SQL test and every example of the documentation with the library built for it:
# address and undefined-behaviour sanitizer, assertions, no -fwrapv (so that a signed
# overflow is a report). Any report, in whatever process, is a failure.
#
# PostgreSQL itself is as installed, and hands out memory in pieces of larger blocks: of
# what the library gets from palloc, the address sanitizer sees the ends of large pieces
# alone. The fuzzer sees the others: there each piece comes from malloc (test/fuzz).
set -euo pipefail

# shellcheck source=prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"

# The files that the sanitizers write reports to.
reports() { find "$SERVER_DIR/reports" -type f -size +0; }

# The server again, with the sanitizer's library in every process of it.
restart_sanitized()
{
	stop_cluster main
	mkdir "$SERVER_DIR/reports"
	chmod 777 "$SERVER_DIR/reports"
	run_postgres_under env LD_PRELOAD="$(preload_of "$(gcc -print-file-name=libasan.so)")" \
		ASAN_OPTIONS="detect_leaks=0:detect_stack_use_after_return=0:log_path=$SERVER_DIR/reports/asan" \
		UBSAN_OPTIONS="print_stacktrace=1:log_path=$SERVER_DIR/reports/ubsan"
	start_cluster main
}

# Does the server really carry the sanitizers, and the library the assertions?
test_instruments()
{
	like "the library is built with the address sanitizer" \
		"$(nm -D "$SERVER_DIR/install$("$PG_CONFIG" --pkglibdir)/csm_metrics.so")" '__asan_report_load'
	like "the library is built with assertions" \
		"$(nm -D "$SERVER_DIR/install$("$PG_CONFIG" --pkglibdir)/csm_metrics.so")" 'ExceptionalCondition'
}

# A line for each test file: how many of its tests passed.
test_sql()
{
	local file name ok not_ok planned
	plain_make installcheck >"$SERVER_DIR/installcheck.log" 2>&1 || true
	for file in "$CSM_ROOT"/results/*.out; do
		name=$(basename "$file" .out)
		planned=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$file")
		ok=$(grep -c '^ok ' "$file") || true
		not_ok=$(grep -c '^not ok ' "$file") || true
		if grep -q '^ok 1 # SKIP' "$file"; then
			skip "$name" "$(sed -n 's/^ok 1 # SKIP //p' "$file")"
		elif [ "$not_ok" = 0 ] && [ "$ok" = "$planned" ]; then
			pass "$name: $ok tests"
		else
			fail "$name: $ok of ${planned:-no} tests passed, $not_ok failed" "$(grep -A 5 '^not ok ' "$file" | head -n 40)"
		fi
	done
}

# The server's log has what a process wrote before its report, and assertions.
test_reports()
{
	local file alarms='TRAP:|terminated by signal|exited with exit code [^1]|Sanitizer|runtime error'
	is "reports of the sanitizers" "$(reports | wc -l)" 0
	for file in $(reports | head -n 5); do
		head -n 40 "$file" | sed 's/^/#   /'
	done
	unlike "reports, assertions and crashes in the server's log" \
		"$(grep -E -A 25 "$alarms" "$SERVER_DIR/server.log" | head -n 200)" "$alarms"
}

# The examples load files of the tree.
documentation() { (cd "$CSM_ROOT" && perl tools/check_docs README.md doc/*.md); }

need_packages test
build_in_copy
# by PostgreSQL's own variable for such flags
export COPT='-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-wrapv -O1 -DUSE_ASSERT_CHECKING'
start_server
restart_sanitized
sql 'CREATE EXTENSION csm_metrics'
test_instruments
test_sql
succeeds "the examples of the documentation" documentation
stop_cluster main
test_reports
finish
