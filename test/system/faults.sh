#!/usr/bin/env bash
#
# Faults: cancels, timeouts, terminated backends, limits of temporary files, of memory, of
# the stack, of the disk and of the size of a value, cursors and subtransactions that end
# early, leaks. After each the same backend, or a new one, gives the right answer, temporary
# files are gone, and the server has not restarted.
#
#   FAULTS_SCALE=2 FAULTS_SAMPLES=10 test/system/faults.sh      more rows, more moments of cancel
#
# What a cancel takes is measured in CPU time of the backend, which the load of the machine
# does not stretch.
set -euo pipefail

# The disk that is full is a file system in memory, of this program alone.
if [ "$(id -u)" = 0 ] && [ -z "${CSM_OWN_MOUNTS:-}" ] && unshare -m true 2>/dev/null; then
	exec env CSM_OWN_MOUNTS=1 unshare -m "$0" "$@"
fi

. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"
. "$SYSTEM_DIR/include/session.sh"
: "${FAULTS_SCALE:=1}" "${FAULTS_SAMPLES:=5}"
cancel_limit_ms=1000

need_packages test
start_server "log_error_verbosity = verbose" "shared_buffers = '64MB'" "jit = off" "max_parallel_workers_per_gather = 0" "max_stack_depth = '2MB'"
started=$(sql 'SELECT pg_postmaster_start_time()')
sql 'CREATE EXTENSION csm_metrics'
"$PSQL" -XAtq -v ON_ERROR_STOP=1 -f "$SYSTEM_DIR/include/values.sql" >/dev/null

# A little of everything, with one answer whatever happened before.
probe="SELECT md5(concat((SELECT bridge_agg(account, at, amount, '1 month', '2023-02-01', '2024-02-01') FROM snapshots),
	(SELECT bridge_agg(account, valid, amount, '1 month', '2023-02-01', '2024-02-01') FROM subscriptions),
	(SELECT rollup(v) FROM revenue_history_values WHERE i <= 8), (SELECT cohort_agg(account_name, at, amount, '1 month') FROM snapshots),
	(SELECT coverage_agg(csm, starting, 1000, 5) FROM pairs), (SELECT lift_agg(was_customer, ending, starting, csm) FROM pairs),
	(SELECT retention_agg(starting, ending, period, currency) FROM pairs WHERE currency = 'EUR'), (SELECT ndr_agg(starting, ending) FROM pairs)))"
right=$(sql "$probe")

temp_files() { sql 'SELECT count(*) FROM pg_ls_tmpdir()'; }

# goes_on NAME: what has to hold after a fault.
goes_on()
{
	is "$1: the same backend then gives the right answer" "$(ask "$probe")" "$right"
	is "$1: no temporary file is left" "$(temp_files)" 0
}

# The SQLSTATE of a statement that fails in the session, or what it answered.
state_of() { ask "$1" | sed -nE 's/^(ERROR|FATAL):  ([0-9A-Z]{5}):.*/\2/p; t end; p; :end' | head -n 1; }

rows() { echo $(($1 * FAULTS_SCALE)); }

shuffled="SELECT i * 7919 % 300007 AS account, date '2020-01-01' + (i * 104729 % 1800)::int AS at, i % 1000 AS amount FROM generate_series(1::bigint"

# ------------------------------------------------------------------------- cancel

# Cancels a query of the session when it has used so much CPU time; sets output and took, the
# CPU time from there on. Where it ends before the cancel arrives, up to three times, each time
# earlier: the run that told how long the query takes may have been a slow one.
cancel_at()
{
	local query=$1 moment=$2 before
	for _ in 1 2 3; do
		before=$(cpu_ms)
		start_asking "$query"
		wait_for_cpu $((before + moment))
		before=$(cpu_ms)
		sql "SELECT pg_cancel_backend($backend)" >/dev/null
		output=$(answer)
		took=$(($(cpu_ms) - before))
		[[ $output != *57014* ]] || break
		moment=$((moment * 3 / 4))
	done
}

# cancelled NAME QUERY [STATEMENT before it]...: at moments spread over all that the query does.
cancelled()
{
	local name=$1 query=$2 total before slowest=0 took i output other=''
	shift 2
	open_session "$@"
	before=$(cpu_ms)
	output=$(ask "$query")
	total=$(($(cpu_ms) - before))
	[[ $output != *ERROR* ]] || other=$output
	for ((i = 1; i <= FAULTS_SAMPLES; i++)); do
		cancel_at "$query" $((total * i / (FAULTS_SAMPLES + 1)))
		((took <= slowest)) || slowest=$took
		[[ $output == *57014* ]] || other=$output
	done
	is "$name: cancelled at $FAULTS_SAMPLES moments of its $total ms" "${other:0:200}" ""
	is "$name: each cancel took less than $cancel_limit_ms ms" "$((slowest < cancel_limit_ms ? 1 : slowest))" 1
	goes_on "$name"
	close_session
	say "cancel: $name, $total ms: at most $slowest ms"
}

cancelled "one pass in memory" "SELECT bridge_agg(i % 100000, date '2020-01-15' + (i / 100000)::int * 30, i % 100, '1 month') IS NULL FROM generate_series(1::bigint, $(rows 4000000)) i" "SET work_mem = '256MB'"
cancelled "one pass that spills" "SELECT bridge_agg(account, at, amount, '1 month') IS NULL FROM ($shuffled, $(rows 3000000)) i) x" "SET work_mem = '2MB'"
cancelled "one pass that sorts in memory" "SELECT bridge_agg(account, at, amount, '1 month') IS NULL FROM ($shuffled, $(rows 4000000)) i) x" "SET work_mem = '1GB'"
cancelled "a history of millions of changes" "SELECT history_change_agg(date '2000-01-01' + (i * 7919 % 20000003)::int, 1) IS NULL FROM generate_series(1::bigint, $(rows 8000000)) i"
cancelled "many histories" "SELECT bridge_agg(h, '2020-01-01', '2026-01-01', '1 day') IS NULL FROM (SELECT history_agg(at, amount, '1 month') AS h FROM ($shuffled, $(rows 1500000)) i) x GROUP BY account % 3000) y"
cancelled "rollup of long arrays" "SELECT rollup(a) IS NULL FROM (SELECT bridge_agg(v, '1990-01-01', '2040-01-01', '1 day') AS a FROM revenue_history_values WHERE i = 1) x, generate_series(1, $(rows 200))"
cancelled "a table of cohorts" "SELECT count(*) FROM cohort_table((SELECT m FROM big))" "CREATE TEMP TABLE big AS SELECT cohort_agg(i, date '2020-01-01' + (i * 7919 % 2500)::int, 5, '1 day') AS m FROM generate_series(1::bigint, 100000) i"
cancelled "cohorts of events" "SELECT cohort_agg(account, at, amount, '1 day') IS NULL FROM ($shuffled, $(rows 3000000)) i) x"
cancelled "a million managers" "SELECT csm_coverage(coverage_agg(i, 10 + i % 7, 9 + i % 11, i % 5 + 1)) FROM generate_series(1::bigint, $(rows 2000000)) i"
cancelled "a million strata" "SELECT incremental(l), incremental_interval(l, 0.95) FROM (SELECT lift_agg(i % 2 = 0, i % 100, 100, 's' || i / 2) AS l FROM generate_series(1, $(rows 1500000)) i) x"
cancelled "a million ages" "SELECT survival(rollup(s), 5) FROM (SELECT survival_agg(i, i % 3 = 0) AS s FROM generate_series(1, $(rows 900000)) i GROUP BY i % 3) x"
cancelled "figures of a million ages" "SELECT restricted_mean(s, 1000), median_lifetime_interval(s, 0.9), logrank(ARRAY[s, s, s]) FROM big" "CREATE TEMP TABLE big AS SELECT survival_agg(i, i % 3 = 0) AS s FROM generate_series(1, $(rows 900000)) i"
cancelled "a million scores" "SELECT brier(h), auc_interval(h, 0.9) FROM (SELECT health_agg(i / 1000000.0, i % 3 = 0) AS h FROM generate_series(1, $(rows 900000)) i) x"
cancelled "a funnel in memory" "SELECT funnel_agg(i * 7919 % 100003, timestamp '2024-01-01' + i * interval '1 second', chr(97 + (i % 5)::int), 'a > b > c within 7 days') IS NULL FROM generate_series(1::bigint, $(rows 6000000)) i" "SET work_mem = '1GB'"
cancelled "a funnel that spills" "SELECT funnel_agg(i * 7919 % 100003, timestamp '2024-01-01' + i * interval '1 second', chr(97 + (i % 5)::int), 'a > b > c within 7 days') IS NULL FROM generate_series(1::bigint, $(rows 4000000)) i" "SET work_mem = '2MB'"
cancelled "a usage history of millions of events" "SELECT event_count(usage_history_agg(timestamp '2024-01-01' + i * 7919 % 4000037 * interval '1 second', chr(97 + (i % 5)::int))) FROM generate_series(1::bigint, $(rows 3000000)) i"
cancelled "megabytes of text" "SELECT h::revenue_history IS NULL, c::coverage_summary IS NULL, l::lift_summary IS NULL FROM big" "CREATE TEMP TABLE big AS
	SELECT (SELECT history_change_agg(date '2000-01-01' + i, 1) FROM generate_series(1, $(rows 600000)) i)::text AS h,
		(SELECT coverage_agg(i, 10, 9 + i % 11) FROM generate_series(1::bigint, $(rows 200000)) i)::text AS c,
		(SELECT lift_agg(i % 2 = 0, i % 100, 100, 's' || i / 2) FROM generate_series(1, $(rows 100000)) i)::text AS l"
cancelled "large values written out" "SELECT length(h::text), length(m::text), length(c::text), length(l::text) FROM big" "CREATE TEMP TABLE big AS
	SELECT (SELECT history_change_agg(date '2000-01-01' + i, 1) FROM generate_series(1, $(rows 1000000)) i) AS h,
		(SELECT cohort_agg(i, date '2020-01-01' + (i * 7919 % 1500)::int, 5, '1 day') FROM generate_series(1::bigint, 100000) i) AS m,
		(SELECT coverage_agg(i, 10, 9 + i % 11) FROM generate_series(1::bigint, $(rows 200000)) i) AS c,
		(SELECT lift_agg(i % 2 = 0, i % 100, 100, 's' || i / 2) FROM generate_series(1, $(rows 100000)) i) AS l"

# ------------------------------------------------- timeout, termination, temporary files

spills="SELECT bridge_agg(account, at, amount, '1 month') IS NULL FROM ($shuffled, 2000000) i) x"

open_session "SET work_mem = '1MB'" "SET statement_timeout = '300ms'"
is "statement_timeout stops a pass that spills" "$(state_of "$spills")" 57014
ask 'SET statement_timeout = 0' >/dev/null
goes_on "statement_timeout"

ask "SET temp_file_limit = '4MB'" >/dev/null
is "temp_file_limit stops a pass that spills" "$(state_of "$spills")" 53400
goes_on "temp_file_limit"
ask 'RESET temp_file_limit' >/dev/null

before=$(cpu_ms)
start_asking "$spills"
wait_for_cpu $((before + 500))
isnt_empty=$(temp_files)
sql "SELECT pg_terminate_backend($backend, 10000)" >/dev/null
like "a terminated backend says so" "$(answer)" '57P01'
close_session
is "there was a temporary file before it was terminated" "$((isnt_empty > 0))" 1
open_session
goes_on "pg_terminate_backend (a new backend)"
close_session

# --------------------------------------------------------------------- out of memory

# Each query at limits from what the backend has, in steps: right or out of memory, nothing else.
out_of_memory()
{
	local name=$1 query=$2 want got size step met=0 wrong=''
	want=$(sql "$query")
	open_session "SET work_mem = '1GB'" "$probe"
	for step in 1 2 4 7 11 16 24 36 54 80 120; do
		size=$(awk '$1 == "VmSize:" { print $2 }' "/proc/$backend/status")
		as_server_user prlimit --pid "$backend" --as="$(((size + step * 1024) * 1024)):"
		got=$(state_of "$query")
		as_server_user prlimit --pid "$backend" --as=unlimited:unlimited 2>/dev/null || {
			wrong="the backend is gone after ${got:-no answer}"
			break
		}
		case $got in
			53200) met=$((met + 1)) ;;
			"$want") ;;
			*) wrong=$got ;;
		esac
	done
	is "$name, short of memory: the right answer or 53200" "$wrong" ""
	is "$name, short of memory: 53200 was met" "$((met > 0))" 1
	goes_on "$name, short of memory"
	close_session
	say "out of memory: $name: 53200 at $met of 11 limits"
}

if command -v prlimit >/dev/null; then
	out_of_memory "one pass" "SELECT md5(bridge_agg(account, at, amount, '1 month')::text) FROM ($shuffled, 600000) i) x"
	out_of_memory "one pass by name" "SELECT md5(bridge_agg(account::text, at, amount, '1 month')::text) FROM ($shuffled, 300000) i) x"
	out_of_memory "a history" "SELECT md5(history_change_agg(date '2000-01-01' + (i * 7919 % 20000003)::int, 1)::text) FROM generate_series(1::bigint, 300000) i"
	out_of_memory "cohorts of events" "SELECT md5(cohort_agg(account, at, amount, '1 month')::text) FROM ($shuffled, 300000) i) x"
	out_of_memory "cohorts by name" "SELECT md5(cohort_agg(repeat('x', 20) || account, at, amount, '1 month')::text) FROM ($shuffled, 200000) i) x"
	out_of_memory "coverage" "SELECT md5(coverage_agg(i, 10 + i % 7, 9 + i % 11)::text) FROM generate_series(1::bigint, 200000) i"
	out_of_memory "lift" "SELECT md5(lift_agg(i % 2 = 0, i % 100, 100, 's' || i / 2)::text) FROM generate_series(1, 100000) i"
	out_of_memory "arrays" "SELECT md5(rollup(a)::text) FROM (SELECT bridge_agg(v, '1990-01-01', '2040-01-01', '1 day') AS a FROM revenue_history_values WHERE i = 1) x, generate_series(1, 3)"
	out_of_memory "text" "SELECT md5(string_agg(v, '')::text) FROM (SELECT (history_change_agg(date '2000-01-01' + i, 1)::text::revenue_history)::text AS v FROM generate_series(1, 100000) i) x"
else
	skip "out of memory" "there is no prlimit (util-linux)"
fi

# ----------------------------------------------------------------------------- stack

open_session "SET max_stack_depth = '100kB'"
for type in retention_summary retention_sums revenue_history bridge_state cohort_matrix coverage_summary lift_summary segment_flows revenue_terms survival_summary health_summary usage_history funnel_summary; do
	is "text of $type that is nested too deep for the stack" "$(state_of "SELECT repeat('[', 100000)::$type")" 54001
done
ask 'RESET max_stack_depth' >/dev/null
goes_on "stack depth"

# ------------------------------------------------------------- limits of size: 1 GB

is "names of more than 1 GB: coverage" "$(state_of "SELECT coverage_agg(repeat('x', 400000000) || i, 1) IS NULL FROM generate_series(1, 3) i")" 54000
is "names of more than 1 GB: lift" "$(state_of "SELECT lift_agg(true, 1, 1, repeat('x', 400000000) || i) IS NULL FROM generate_series(1, 3) i")" 54000
is "text of more than 1 GB: coverage" "$(state_of "SELECT length(coverage_agg(repeat('\"', 600000000), 1)::text)")" 54000
is "text of more than 1 GB: lift" "$(state_of "SELECT length(lift_agg(true, 1, 1, repeat('\"', 600000000))::text)")" 54000
is "an array of more than 1 GB" "$(state_of "SELECT rollup(array_fill(v, ARRAY[3000000])) IS NULL FROM retention_summary_values WHERE i = 1")" 54000
is "more intervals than there may be" "$(state_of "SELECT bridge_agg(1::bigint, '2024-01-01'::date, 1, '1 day', '2024-01-01', '3024-01-01')")" 54000
is "more periods than there may be" "$(state_of "SELECT cohort_agg(i, date '2000-01-01' + i::int, 1, '1 day') IS NULL FROM generate_series(1::bigint, 9000) i")" 54000
if [ "$FAULTS_SCALE" -ge 5 ]; then
	is "more changes than a history may have" "$(state_of "SELECT history_change_agg(date '2000-01-01' + i, i) IS NULL FROM generate_series(1, 41000000) i")" 54000
fi
goes_on "limits of size"
close_session

# ----------------------------------------------------- cursors and subtransactions

groups="SELECT account % 5, bridge_agg(account, at, amount, '1 month') FROM ($shuffled, 600000) i) x GROUP BY 1"
open_session "SET work_mem = '256kB'" "SET enable_hashagg = off"
ask "BEGIN; DECLARE c CURSOR FOR $groups" >/dev/null
ask 'FETCH 1 FROM c' >/dev/null
is "a cursor that is open has a temporary file" "$(($(temp_files) > 0))" 1
ask 'CLOSE c; COMMIT' >/dev/null
goes_on "a cursor that is closed early"
for end in 'ROLLBACK TO s; COMMIT' 'ROLLBACK' 'RELEASE s; COMMIT' 'ROLLBACK TO s; FETCH 1 FROM outer_one; ROLLBACK' 'SELECT 1/0; ROLLBACK'; do
	ask "BEGIN; DECLARE outer_one CURSOR FOR $groups; FETCH 1 FROM outer_one; SAVEPOINT s; DECLARE c CURSOR FOR $groups" >/dev/null
	ask 'FETCH 2 FROM c; FETCH 1 FROM outer_one' >/dev/null
	ask "$end" >/dev/null
	goes_on "cursors that end in: $end"
done
ask "DO \$\$ BEGIN FOR n IN 1..20 LOOP BEGIN
	PERFORM bridge_agg(account, at, amount / (account + n * 1000 - 300000 + 7), '1 month') FROM ($shuffled, 100000) i) x;
	EXCEPTION WHEN division_by_zero OR invalid_parameter_value THEN NULL; END; END LOOP; END \$\$" >/dev/null
goes_on "passes that fail inside subtransactions"
ask "DO \$\$ DECLARE r record; BEGIN FOR r IN $groups LOOP EXIT; END LOOP; END \$\$" >/dev/null
goes_on "a loop that is left early"
close_session

# ----------------------------------------------------------------------- disk full

if [ -n "${CSM_OWN_MOUNTS:-}" ] && mkdir "$SERVER_DIR/full" && mount -t tmpfs -o size=6m,mode=777 tmpfs "$SERVER_DIR/full" 2>/dev/null; then
	as_server_user mkdir "$SERVER_DIR/full/space"
	sql "CREATE TABLESPACE full_one LOCATION '$SERVER_DIR/full/space'"
	open_session "SET work_mem = '1MB'" "SET temp_tablespaces = full_one"
	is "the disk is full: a pass that spills" "$(state_of "$spills")" 53100
	is "the disk is full: the same backend then gives the right answer" "$(ask "$probe")" "$right"
	is "the disk is full: no temporary file is left" "$(find "$SERVER_DIR/full" -type f | wc -l)" 0
	close_session
	sql 'DROP TABLESPACE full_one'
	umount "$SERVER_DIR/full"
else
	skip "the disk is full" "only root with mounts of its own can make a small disk"
fi

# ---------------------------------------------------------------------------- leaks

# A call a hundred thousand times, once in one query and once as queries of their own, must not
# make the backend grow.
open_session 'SELECT 1'
while IFS='|' read -r name call; do
	query="DO \$\$ BEGIN FOR n IN 1..%s LOOP PERFORM $call; END LOOP; END \$\$"
	# shellcheck disable=SC2059  # the number goes in
	ask "$(printf "$query" 2000)" >/dev/null
	before=$(memory_kb VmRSS)
	# shellcheck disable=SC2059
	output=$(ask "$(printf "$query" 100000)")
	grown=$(($(memory_kb VmRSS) - before))
	is "a hundred thousand times: $name" "$output$((grown < 2048 ? 0 : grown))" 0
done <<-'CALLS'
	ndr_agg|ndr_agg(s, 5), grr_agg(s, 5) FROM generate_series(1, 3) s
	retention_agg|retention_agg(s, 5, daterange('2024-01-01', '2024-02-01'), 'EUR') FROM generate_series(1, 3) s
	history_agg|history_agg(date '2024-01-01' + s * 40, 5, '1 month') FROM generate_series(1, 3) s
	bridge_agg of a history|bridge_agg(v, '2023-01-01', '2024-01-01', '1 year') FROM revenue_history_values WHERE i = 1
	bridge_agg in one pass|bridge_agg(s, date '2024-01-01' + s, 5, '1 month') FROM generate_series(1, 3) s
	bridge_agg in one pass by name|bridge_agg(s::text, date '2024-01-01' + s, 5, '1 month') FROM generate_series(1, 3) s
	cohort_agg of events|cohort_agg(s, date '2024-01-01' + s, 5, '1 month') FROM generate_series(1, 3) s
	coverage_agg|csm_coverage(coverage_agg(s, 5, 3)) FROM generate_series(1, 3) s
	survival_agg|survival(survival_agg(s, s > 1), 2), median_lifetime_interval(survival_agg(s, s > 1, 5), 0.9) FROM generate_series(1, 3) s
	usage_history_agg|event_count(usage_history_agg(timestamp '2024-01-01' + s * interval '1 day', 'e' || s)) FROM generate_series(1, 3) s
	funnel_agg|conversion(funnel_agg(s, timestamp '2024-01-01' + s * interval '1 day', 'e' || s, 'e1 > e2', 'x' || s, s)) FROM generate_series(1, 3) s
	health_agg|auc(health_agg(s, s > 1)), brier(health_agg(s / 3.0, s > 1, 5)) FROM generate_series(1, 3) s
	lift_agg|incremental(lift_agg(s > 1, 5, 3)) FROM generate_series(1, 3) s
	windows|ndr_agg(s, 5) OVER (ORDER BY s ROWS 1 PRECEDING) FROM generate_series(1, 3) s
	accessors|ndr(v), grr(v), period(v), ndr_interval(v, 0.95) FROM retention_summary_values WHERE i = 3
	text of a summary|v::text::retention_summary FROM retention_summary_values WHERE i = 3
	text of a history|external::text::revenue_history FROM revenue_history_values WHERE i = 4
	sets of rows|count(*) FROM coverage_summary_values, books(v) WHERE i = 4
	errors|csm_history_accum_change(NULL, '2024-01-01', 5)
CALLS
ask "CREATE FUNCTION pg_temp.failing() RETURNS void LANGUAGE plpgsql AS \$\$ BEGIN
	PERFORM bridge_agg(s, date '2024-01-01' + s, 5, '1 month'), history_agg(date '2024-01-01', -s / (s - 3), '1 month') FROM generate_series(1, 3) s;
	EXCEPTION WHEN division_by_zero THEN NULL; END \$\$" >/dev/null
ask "SELECT count(pg_temp.failing()) FROM generate_series(1, 2000)" >/dev/null
before=$(memory_kb VmRSS)
ask "SELECT count(pg_temp.failing()) FROM generate_series(1, 50000)" >/dev/null
grown=$(($(memory_kb VmRSS) - before))
is "fifty thousand times: an error in a subtransaction" "$((grown < 2048 ? 0 : grown))" 0
close_session

# In one query: what sorts and hashes compare is freed, and so is what a value of many parts
# leaves behind part by part.
sql "CREATE TABLE big_lift AS SELECT lift_agg(i % 2 = 0, i % 100, 100 + i % 7, 's' || i / 4) AS l FROM generate_series(0, 399999) i"
while IFS='|' read -r name limit_kb query; do
	open_session "SET work_mem = '4MB'" "$probe"
	before=$(memory_kb VmHWM)
	output=$(ask "$query")
	grown=$(($(memory_kb VmHWM) - before))
	is "in one query: $name" "$([[ $output != *ERROR* ]] || echo "$output")$((grown < limit_kb ? 0 : grown))" 0
	close_session
done <<-'QUERIES'
	histories out of line sorted|30000|SELECT count(*) FROM (SELECT DISTINCT external FROM revenue_history_values, generate_series(1, 500)) x
	summaries of more scale compared|30000|SELECT count(*) FROM (SELECT DISTINCT c FROM (SELECT coverage_agg(s, 10.00) AS c FROM generate_series(1, 100) s) x, generate_series(1, 20000)) y
	matrices hashed|30000|SELECT count(*) FROM (SELECT external, count(*) FROM cohort_matrix_values, generate_series(1, 3000) GROUP BY 1) x
	text of long histories|90000|SELECT max(length(external::text)) FROM revenue_history_values, generate_series(1, 500)
	histories merged|30000|SELECT count(v + external) FROM revenue_history_values, generate_series(1, 500) WHERE i BETWEEN 1 AND 8
	one row each|30000|SELECT count(first_active(external)) FROM revenue_history_values, generate_series(1, 5000)
	the text of a history of half a million steps|100000|SELECT length(history_change_agg(date '2000-01-01' + i, i)::text) FROM generate_series(1, 500000) i
	the text of a million cohorts by age|90000|SELECT length(cohort_agg(i, date '2020-01-01' + (i * 7919 % 1500)::int, 5, '1 day')::text) FROM generate_series(1::bigint, 100000) i
	the text of many strata|213000|SELECT length(lift_agg(i % 2 = 0, i % 100, 100, 's' || i / 2)::text) FROM generate_series(1, 200000) i
	many strata added up|110000|SELECT incremental(l), lift(l) FROM big_lift
	the interval of many strata|61000|SELECT incremental_interval(l, 0.9) FROM big_lift
	moving frames|30000|SELECT max(n) FROM (SELECT ndr_agg(i, 5) OVER (ORDER BY i ROWS 10 PRECEDING) AS n FROM generate_series(1, 200000) i) x
QUERIES

# ------------------------------------------------------------------------ chosen names

# Names of pieces that a hash by words of eight bytes does not tell apart, whatever it starts
# from: bit 63 of a word, and bits 63 and 31 of the next.
sql "CREATE DATABASE latin1 ENCODING LATIN1 LOCALE 'C' TEMPLATE template0"
database=$PGDATABASE
export PGDATABASE=latin1
sql 'CREATE EXTENSION csm_metrics'
sql "CREATE TABLE chosen AS SELECT string_agg(CASE i >> b & 1 WHEN 0 THEN repeat('!', 16) ELSE format('!!!!!!!%1\$s!!!%1\$s!!!%1\$s', chr(161)) END, '' ORDER BY b) AS name
	FROM generate_series(0, 32767) i, generate_series(0, 14) b GROUP BY i"
open_session
before=$(cpu_ms)
is "chosen names: all of them count" "$(ask 'SELECT csms(coverage_agg(name, 1, 5)), strata_without_control(lift_agg(true, 1, 1, name)) FROM chosen')" '32768|32768'
took=$(($(cpu_ms) - before))
is "chosen names: no slower than others" "$((took < 1000 ? 0 : took))" 0
close_session
PGDATABASE=$database

# -------------------------------------------------------------------------- at the end

is "the server went on all the time" "$(sql 'SELECT pg_postmaster_start_time()')" "$started"
is "no crash, panic or internal error in the server's log" "$(grep -E -m 3 'TRAP:|PANIC:|terminated by signal|ERROR:  XX' "$SERVER_DIR/server.log" || true)" ""
finish
