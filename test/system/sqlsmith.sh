#!/usr/bin/env bash
#
# Random SQL by sqlsmith over a database with values, views, functions and aggregates of every
# kind that the extension has, on a library with its assertions in force. No query may crash
# the server, lose the connection, end in an internal error of ours, or outlive the timeout.
#
#   SQLSMITH_QUERIES=5000 SQLSMITH_SEED=1 test/system/sqlsmith.sh
#   make sqlsmith           100,000 queries
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"
: "${SQLSMITH_QUERIES:=5000}" "${SQLSMITH_SEED:=1}"
timeout_seconds=3 # sqlsmith itself sets one second
overdue_seconds=15

if ! command -v sqlsmith >/dev/null; then
	if command -v apt-get >/dev/null && may_install && (install_packages sqlsmith); then :; else
		skip "random SQL" "sqlsmith is not installed (Debian's package sqlsmith)"
		finish
		exit
	fi
fi

start_asserting_server "log_error_verbosity = verbose" "log_line_prefix = '%m [%p] %e '" \
	"log_min_error_statement = error" "statement_timeout = '${timeout_seconds}s'" "lock_timeout = '1s'" \
	"max_parallel_workers_per_gather = 2" "parallel_setup_cost = 10" "min_parallel_table_scan_size = 0" \
	"temp_file_limit = '500MB'" "work_mem = '8MB'"
started=$(sql 'SELECT pg_postmaster_start_time()')
sql 'CREATE EXTENSION csm_metrics'
"$PSQL" -XAtq -v ON_ERROR_STOP=1 -c 'SET statement_timeout = 0' -f "$SYSTEM_DIR/include/values.sql"
# What runs is not a superuser: no files, no programs, no settings of the server. Each of its
# queries is rolled back.
sql 'CREATE ROLE smith LOGIN; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO smith'
log_before=$(wc -c <"$SERVER_DIR/server.log")

# Queries that neither the timeout nor a cancel stops, seen from outside.
watch_for_overdue()
{
	while sleep 2; do
		sql "SELECT format('%s: %s', now() - query_start, query) FROM pg_stat_activity
			 WHERE state = 'active' AND pid <> pg_backend_pid() AND backend_type LIKE '%client%'
			 AND now() - query_start > interval '$overdue_seconds s'" >>"$SERVER_DIR/overdue" 2>&1 || true
	done
}
watch_for_overdue &
watcher=$!

status=0
sqlsmith --target="host=$PGHOST port=$PGPORT dbname=$PGDATABASE user=smith" --exclude-catalog \
	--seed="$SQLSMITH_SEED" --max-queries="$SQLSMITH_QUERIES" --verbose >"$SERVER_DIR/smith.log" 2>&1 || status=$?
kill "$watcher"
wait "$watcher" 2>/dev/null || true

tail -c "+$log_before" "$SERVER_DIR/server.log" >"$SERVER_DIR/new.log"
log=$SERVER_DIR/new.log
codes=$(sed -nE 's/^[^[]*\[[0-9]+\] ([0-9A-Z]{5}) (ERROR|FATAL|PANIC): .*/\1/p' "$log" | sort | uniq -c | sort -rn | awk '{print $2, $1}' | paste -sd ',')
# internal errors, with where they were raised; not those that PostgreSQL's own functions give
# for type modifiers, literals and numbers of catalog rows drawn at random
own='amvalidate|intervaltypmod(out|leastfield)|AdjustIntervalForTypmod|coerce_type|multirange_intersect_agg_transfn'
internal=$(sed -nE 's/^.*\] XX[0-9A-Z]{3} ((ERROR|FATAL|PANIC|LOCATION): .*)/\1/p' "$log" | sed -E 'N; s/\n/ /' |
	grep -vE "LOCATION:  ($own)," || true)

# what our own code raises: its SQLSTATE and where
ours=$(cd "$CSM_ROOT/src" && printf '%s|' *.c)
raised=$(sed -nE "s/^.*\] ([0-9A-Z]{5}) LOCATION: +([a-z_0-9]+), (${ours%|}):.*/\1 \2/p" "$log")

is "sqlsmith ended by itself" "$status" 0
# its progress: a character a query, C for a connection that broke
is "the connection was never lost" "$(grep -E '^[.eStC]+$' "$SERVER_DIR/smith.log" | grep -c C || true)" 0
is "the server went on all the time" "$(sql 'SELECT pg_postmaster_start_time()')" "$started"
is "no crash, panic or failed assertion in the server's log" "$(grep -E -m 3 'TRAP:|PANIC:|terminated by signal' "$log" || true)" ""
is "no internal error" "$(head -n 20 <<<"$internal")" ""
is "our own errors have the SQLSTATEs that they should" "$(grep -vE '^(22003|22004|22008|22023|22P02|22P03|54000) ' <<<"$raised" | sort | uniq -c || true)" ""
is "and there are some" "$(($(wc -l <<<"$raised") > SQLSMITH_QUERIES / 1000))" 1
is "no query outlived the timeout of $timeout_seconds s" "$(head -n 3 "$SERVER_DIR/overdue" 2>/dev/null)" ""
ran=$(grep -E '^[.eStC]+$' "$SERVER_DIR/smith.log" | tr -d '\n')
is "as many queries as were asked for" "${#ran}" "$SQLSMITH_QUERIES"
answered=$(tr -dc . <<<"$ran" | wc -c)
is "a third of them at least is answered" "$((answered * 3 >= ${#ran}))" 1

say "our own errors: $(cut -d ' ' -f 1 <<<"$raised" | sort | uniq -c | awk '{print $2, $1}' | paste -sd ',')"
say "sqlsmith: ${#ran} queries, $answered answered; errors by SQLSTATE: $codes"
finish
