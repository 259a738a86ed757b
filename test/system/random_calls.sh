#!/usr/bin/env bash
#
# Calls every function and aggregate of the extension with arguments drawn at random, valid
# and hostile, plain, ordered, distinct, filtered, over moving frames and grouping sets, on a
# library with its assertions in force. An error has an SQLSTATE of the few that are allowed,
# and the outcome does not depend on how a value is stored: in memory, compressed, out of
# line, with a short header.
#
#   RANDOM_CALLS=20000 RANDOM_SEED=1 test/system/random_calls.sh
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"
: "${RANDOM_CALLS:=20000}" "${RANDOM_SEED:=1}"

# Out of range, NULL, invalid parameter, text and binary forms, limits; a calendar unit beyond
# the last date; and what the server's own parsers of dates and JSON say about text.
allowed="'00000', '22003', '22004', '22023', '22P02', '22P03', '54000', '22008'"
of_text="'22007', '54001', '22P05'"
# no such column, a column of another type; PostgreSQL itself refuses what runs over raw rows as a window function
of_columns="'42703', '42804'"

start_asserting_server "log_error_verbosity = verbose"
started=$(sql 'SELECT pg_postmaster_start_time()')
sql 'CREATE EXTENSION csm_metrics'
"$PSQL" -XAtq -v ON_ERROR_STOP=1 -f "$SYSTEM_DIR/include/values.sql" -f "$SYSTEM_DIR/include/random_calls.sql"

# a transaction each thousand, so that a crash tells about where it was
for ((first = RANDOM_SEED; first < RANDOM_SEED + RANDOM_CALLS; first += 1000)); do
	last=$((first + 999))
	limit=$((RANDOM_SEED + RANDOM_CALLS - 1))
	if ! sql "SELECT try_calls($first, $((last < limit ? last : limit)))" >"$SERVER_DIR/calls" 2>&1; then
		fail "calls $first to $last" "$(cat "$SERVER_DIR/calls")"
		break
	fi
done

# some more in parallel workers
parallel=$(sql "SELECT name FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query')")
first=$((RANDOM_SEED + RANDOM_CALLS))
last=$((first + RANDOM_CALLS / 40 - 1))
succeeds "calls in parallel workers" sql -c "SET $parallel = on" "SELECT try_calls($first, $last)"

is "as many calls as were asked for" "$(sql 'SELECT count(*) FROM outcomes')" "$((RANDOM_CALLS + RANDOM_CALLS / 40))"
is "each error has an SQLSTATE that is allowed" \
	"$(sql "SELECT seed, state, message, query FROM outcomes WHERE state NOT IN ($allowed) AND NOT (state IN ($of_text) AND name ~ 'cstring|jsonb') AND NOT (state IN ($of_columns) AND name ~ '^check_s') AND NOT (state = '0A000' AND message ~ 'does not support use as a window function') LIMIT 3")" ""
is "the outcome is the same however a value is stored" \
	"$(sql "SELECT seed, differs, query FROM outcomes WHERE differs IS NOT NULL LIMIT 3")" ""
if [ "$RANDOM_CALLS" -ge 20000 ]; then
	is "every function and aggregate was called" "$(sql "SELECT name FROM callable EXCEPT SELECT name FROM outcomes")" ""
	is "each of them gave an answer now and then" "$(sql "SELECT name FROM callable EXCEPT SELECT name FROM outcomes WHERE state = '00000'")" ""
fi
is "a third of the calls at least is answered" "$(sql "SELECT count(*) FILTER (WHERE state = '00000') * 3 > count(*) FROM outcomes")" t
is "errors of every kind were met" \
	"$(sql "SELECT string_agg(DISTINCT state, ' ' ORDER BY state) FROM outcomes WHERE state IN ('22003', '22004', '22023', '22P02', '54000')")" \
	"22003 22004 22023 22P02 54000"
is "the server went on all the time" "$(sql 'SELECT pg_postmaster_start_time()')" "$started"
is "no crash, panic or failed assertion in the server's log" "$(grep -E -m 3 'TRAP:|PANIC:|terminated by signal|XX00[0-9]' "$SERVER_DIR/server.log" || true)" ""

say "$(sql "SELECT count(*) || ' calls: ' || (SELECT string_agg(state || ' ' || n, ', ' ORDER BY state) FROM (SELECT state, count(*) AS n FROM outcomes GROUP BY state) x) FROM outcomes")"
finish
