#!/usr/bin/env bash
#
# make bench [PEERS="duckdb clickhouse"] [SIZE=rows] [RUNS=n] [ROWS="1 2 8"] [SAVE=1] [PG_CONFIG=...]
# make bench PERF=1 [ROWS=13] [SIZE=rows] [RUNS=n]    where the time of row 3, or 13, goes: profile.sh
#
# Generates data once, runs each job and its peer in turn several times on a
# private server, checks that they give the same answer, and prints one table.
# SAVE=1 also puts the table into bench/README.md.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -z "${PERF:-}" ] || exec bash "$here/profile.sh"
# shellcheck source=../tools/lib.sh
. "$here/../tools/lib.sh"
# shellcheck source=measure.sh
. "$here/measure.sh"

known_variables bench PEERS SIZE RUNS ROWS SAVE PERF
SIZE=${SIZE:-6000000} RUNS=${RUNS:-5} ROWS=${ROWS:-} PEERS=${PEERS:-} SAVE=${SAVE:-}

sums='ndr_agg(numeric,numeric)'
scan='bridge_agg(bigint,date,numeric,interval,date,date)'
text='bridge_agg(text,date,numeric,interval,date,date)'
uuid='bridge_agg(uuid,date,numeric,interval,date,date)'
spans='bridge_agg(bigint,daterange,numeric,interval,date,date)'
events='cohort_agg(bigint,date,numeric,interval)'
banded='segment_of(numeric,segment[])'
stored='bridge_agg(revenue_history,date,date,interval)'
life='survival_agg(numeric,boolean)'
scored='health_agg(numeric,boolean)'
funnel='funnel_agg(bigint,timestamptz,text,funnel_steps)'
usage='usage_history_agg(timestamptz,text)'
funnel_stored='funnel_agg(usage_history,funnel_steps)'
life_stored='survival_agg(revenue_history,date,date,interval)'

# row|family of data|shape|job|peer|at least|aim|function it needs|names of the two
#   time   the job takes at most so many times what the peer takes
#   speed  the job is at least so many times faster
#   each   as time, of the cost of a row
#   within the job takes at most so many seconds, whatever its peer takes
#   heap   memory; the job is a table and work_mem, the target is at most so
#          many bytes an account, bytes a row, or times what the settings allow
table_rows()
{
	cat <<-ROWS
		1|pairs|time|ndr|sum|1|0.9|$sums|ndr_agg(a, b)|sum(a)
		2|pairs|speed|three|plain|2.5|4|$sums|NDR, GRR and churn together|the same by plain SQL
		2b|pairs|time|three|ndr|1.3||$sums|NDR, GRR and churn together|ndr_agg(a, b) alone
		3|snapshots|time|one_pass|count|3|2|$scan|one pass, date order|count(*)
		4|snapshots|time|one_pass_shuffled|count_shuffled|4.5|3|$scan|one pass, shuffled|count(*)
		5|snapshots|speed|one_pass|lag|20|35|$scan|one pass, date order|lag() SQL
		6a|snapshots|speed|one_pass|duckdb_1|3.5|5|$scan|one pass, date order|DuckDB, one thread
		6b|snapshots|speed|one_pass|duckdb_2|1.8|3|$scan|one pass, date order|DuckDB, two threads
		7|snapshots|speed|histories|lag|200|250|$stored|stored histories|lag() SQL on the raw rows
		7b|days|within|days|days_scan|0.5|0.2|$stored|stored histories of 100,000 open accounts, ten years by day|one pass over their subscriptions
		8a|pairs|speed|ndr_workers|ndr|1.5|1.8|$sums|ndr_agg(a, b), two workers|none
		8b|snapshots|speed|histories_workers|histories|1.5|1.8|$stored|stored histories, two workers|none
		9|growth|each|one_pass_large|one_pass_small|1.3||$scan|one pass, $(millions $((SIZE * 5))) rows|$(millions $((SIZE / 6))) rows
		10a|memory|heap|snapshots 256MB|account|48||$scan|memory of the one pass, date order
		10b|memory|heap|shuffled 256MB|row|32||$scan|memory of the one pass, shuffled
		10c|memory|heap|snapshots 4MB|limit|1||$scan|memory of the one pass, date order
		10d|memory|heap|shuffled 4MB|limit|1||$scan|memory of the one pass, shuffled
		11a|books|time|segments|case_sums|2||$banded|NDR and coverage by segment|plain sums by CASE
		11b|books|time|segment_of|case|1.5|1|$banded|segment_of|CASE
		8c|parts|speed|parts_workers|one_pass_parts|1.6||$scan|one pass over four hash partitions, two workers and the leader|over the whole table, none
		8d|parts|speed|parts_workers_alone|one_pass_parts_without_jit|1.6||$scan|the same, two workers alone, without JIT|over the whole table, none, without JIT
		12a|keys|time|one_pass_text|one_pass_bigint|1.6|1.3|$text|one pass, text keys of 18 characters|bigint keys
		12b|keys|time|one_pass_uuid|one_pass_bigint|1.4|1.2|$uuid|one pass, uuid keys|bigint keys
		12c|keys|speed|one_pass_text|duckdb_text|3||$text|one pass, text keys of 18 characters|DuckDB, one thread
		12d|keys|speed|one_pass_uuid|duckdb_uuid|3||$uuid|one pass, uuid keys|DuckDB, one thread
		13a|subscriptions|time|subscriptions|count_subscriptions|6|4|$spans|one pass, subscriptions of 36 months|count(*)
		13b|subscriptions|speed|subscriptions|duckdb_subscriptions|6|8|$spans|one pass, subscriptions of 36 months|DuckDB, one thread
		14a|snapshots|time|cohorts|count|4|2.5|$events|cohorts of events|count(*)
		14b|snapshots|speed|cohorts|count_distinct|5||$events|cohorts of events|count(DISTINCT account)
		14c|snapshots|speed|cohorts|duckdb_cohorts|2|3|$events|cohorts of events|DuckDB count(DISTINCT), one thread
		14d|keys|speed|cohorts_text|duckdb_cohorts_text|1.5||$events|cohorts of events, text keys|DuckDB count(DISTINCT), one thread
		15a|ages|time|survival|sum_age|1.5|1|$life|life table of durations|sum(duration)
		15b|ages|speed|survival|km|1||$life|life table of durations|Kaplan and Meier by plain SQL
		15c|ages|time|health|sum_score|1.5|1|$scored|health_agg, 101 scores|sum(score)
		15d|snapshots|time|histories_survival|histories|2||$life_stored|life table of stored histories|bridge_agg over them
		16a|events|time|funnel_light|count_events|2.6|2.1|$funnel|funnel of 4 steps, 15 % of the rows|count(*)
		16b|events|time|funnel_heavy|count_events|4.2|3.3|$funnel|funnel of 5 steps, 68 % of the rows|count(*)
		16c|events|time|funnel_light_shuffled|count_shuffled_events|3|2.3|$funnel|funnel of 4 steps, shuffled|count(*)
		16d|events|time|funnel_heavy_shuffled|count_shuffled_events|5.5|4.5|$funnel|funnel of 5 steps, shuffled|count(*)
		17a|events|speed|funnel_light|funnel_light_windows|4|4.5|$funnel|funnel of 4 steps|nested windows
		17b|events|speed|funnel_heavy|funnel_heavy_windows|10|13|$funnel|funnel of 5 steps|nested windows
		18a|events|speed|funnel_light|clickhouse_funnel_light|1|1.2|$funnel|funnel of 4 steps|ClickHouse windowFunnel, one thread
		18b|events|speed|funnel_heavy|clickhouse_funnel_heavy|1.5|2|$funnel|funnel of 5 steps|ClickHouse windowFunnel, one thread
		18c|events|speed|funnel_light|duckdb_funnel_light|||$funnel|funnel of 4 steps|DuckDB, one thread
		18d|events|speed|funnel_heavy|duckdb_funnel_heavy|||$funnel|funnel of 5 steps|DuckDB, one thread
		19a|events|time|usage_light|count_events|0.7|0.45|$funnel_stored|funnel of 4 steps, stored histories|count(*) of the raw rows
		19b|events|time|usage_heavy|count_events|0.7|0.45|$funnel_stored|funnel of 5 steps, stored histories|count(*) of the raw rows
		19c|events|speed|usage_paths|usage_paths_windows|40|80|$usage|paths of 4 names, stored histories|windows over the raw rows
		20a|event_memory|heap|events 256MB|event|1||$funnel|memory of the funnel of 5 steps
		20b|event_memory|heap|events 4MB|limit|1||$funnel|memory of the funnel of 5 steps
	ROWS
}

millions() { awk -v n="$1" 'BEGIN { printf "%.3g M", n / 1e6 }'; }

# ------------------------------------------------------- what is to be measured

check_arguments()
{
	local number
	for number in "$SIZE" "$RUNS"; do
		[[ $number =~ ^[1-9][0-9]{0,8}$ ]] || die "SIZE and RUNS are whole numbers, not $number"
	done
	[ "$SIZE" -ge 10000 ] || die "SIZE=$SIZE: at least 10000 rows"
	for number in $ROWS; do
		[[ $number =~ ^([1-9]|1[0-9]|20)[a-d]?$ ]] || die "ROWS=$ROWS: a list of rows such as \"1 2 8b\""
	done
	for number in $PEERS; do
		case $number in
			duckdb | clickhouse) ;;
			*) die "PEERS=$PEERS: besides plain SQL, there are duckdb and clickhouse" ;;
		esac
	done
}

# 8 stands for 8a and 8b.
chosen()
{
	local number
	[ -n "$ROWS" ] || return 0
	for number in $ROWS; do
		case $1 in "$number" | "$number"[a-d]) return 0 ;; esac
	done
	return 1
}

# why_not PEER SHAPE FUNCTION: says what a row lacks; nothing when it can run.
why_not()
{
	if [[ $1 == duckdb_* ]] && ! has_peer duckdb; then
		echo "PEERS=duckdb adds it"
	elif [[ $1 == clickhouse_* ]] && ! has_peer clickhouse; then
		echo "PEERS=clickhouse adds it"
	elif [ "$2" = heap ] && [ ! -r /proc/self/status ]; then
		echo "it is measured on Linux only"
	elif ! has_function "$3"; then
		echo "the extension has no $3"
	fi
}

# Prints the rows that are asked for and possible; tells which ones are not.
select_rows()
{
	local line number shape peer needs reason
	while read -r line; do
		IFS='|' read -r number _ shape _ peer _ _ needs _ <<<"$line"
		chosen "$number" || continue
		reason=$(why_not "$peer" "$shape" "$needs")
		if [ -z "$reason" ]; then
			printf '%s\n' "$line"
		else
			say "row $number is left out: $reason"
		fi
	done < <(table_rows)
}

# The rows of a family, or of all of them.
rows_of() { awk -F'|' -v family="${1:-}" 'family == "" || $2 == family' "$work/rows"; }

# ---------------------------------------------------------------- the measuring

# Round by round, so that a busy minute of the machine strikes all alike.
measure_family()
{
	local family=$1 jobs job round
	jobs=$(rows_of "$family" | awk -F'|' '{ print $4; print $5 }' | awk '!seen[$0]++')
	for ((round = 1; round <= RUNS; round++)); do
		say "$family: round $round of $RUNS"
		for job in $jobs; do
			measure "$job"
		done
	done
	for job in $jobs; do
		check_job "$job"
	done
}

# measure_memory_rows FAMILY
measure_memory_rows()
{
	local job
	while IFS='|' read -r _ _ _ job _; do
		say "memory: $job"
		measure_heap "${job% *}" "${job#* }"
	done < <(rows_of "$1")
}

measure_all()
{
	local family families
	mapfile -t families < <(rows_of | awk -F'|' '!seen[$2]++ { print $2 }')
	for family in "${families[@]}"; do
		say "$family: making the data"
		make_data "$family"
		case $family in
			memory | event_memory) measure_memory_rows "$family" ;;
			*) measure_family "$family" ;;
		esac
	done
}

# -------------------------------------------------------------------- the table

# judge RATIO LEAST AIM SHAPE
judge()
{
	awk -v ratio="$1" -v least="$2" -v aim="$3" -v shape="$4" '
		function reached(target) { return shape == "speed" ? ratio >= target : ratio <= target }
		BEGIN { if (least == "") exit; print !reached(least + 0) ? "no" : aim != "" && reached(aim + 0) ? "yes, the aim too" : "yes" }'
}

# with_unit VALUE PEER: figures about memory say what they are.
with_unit()
{
	case $2 in
		account | row) echo "$1 bytes per $2" ;;
		limit) echo "$1 of the limit" ;;
		event) echo "$1 of 24 bytes an event that matters, 48 a user" ;;
		*) echo "$1" ;;
	esac
}

# target VALUE SHAPE PEER: nothing where there is none.
target()
{
	case $1/$2 in
		/*) ;;
		*/speed) echo "≥ $1" ;;
		*/within) echo "≤ $1 s" ;;
		*) echo "≤ $(with_unit "$1" "$3")" ;;
	esac
}

# quotient FORMAT A B
quotient() { awk -v a="$2" -v b="$3" "BEGIN { printf \"$1\", a / b }"; }

# ratio SHAPE JOB PEER: from the medians
ratio()
{
	local ours theirs
	ours=$(median "$2")
	theirs=$(median "$3")
	case $1 in
		time) quotient %.6f "$ours" "$theirs" ;;
		speed) quotient %.6f "$theirs" "$ours" ;;
		within) quotient %.6f "$ours" 1000 ;;
		each) quotient %.6f "$(quotient %.9f "$ours" "$(count_rows large)")" \
			"$(quotient %.9f "$theirs" "$(count_rows small)")" ;;
	esac
}

print_line() { printf '| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n' "$@"; }

print_times()
{
	local number shape job peer least aim ours theirs times
	IFS='|' read -r number _ shape job peer least aim _ ours theirs <<<"$1"
	times=$(ratio "$shape" "$job" "$peer")
	print_line "$number" "$ours" "$theirs" \
		"$(quotient '%.3f s' "$(median "$job")" 1000)" "$(quotient '%.3f s' "$(median "$peer")" 1000)" \
		"$(printf %.2f "$times")" "$(target "$least" "$shape" '')" "$(target "$aim" "$shape" '')" \
		"$(judge "$times" "$least" "$aim" "$shape")"
}

# per UNIT TABLE LIMIT: what private memory is divided by.
per()
{
	case $1 in
		account) sql -c "SELECT count(DISTINCT account) FROM $2" ;;
		row) count_rows "$2" ;;
		limit) echo "$3" ;;
		event) sql -c "SELECT 24 * count(*) FILTER (WHERE event IN ('page', 'click', 'view', 'search', 'open')) + 48 * count(DISTINCT account) FROM $2" ;;
	esac
}

# megabytes FILE: what measure_memory left there.
megabytes()
{
	local heap files
	read -r heap files <"$1"
	echo "$(quotient '%.1f MB' "$heap" 1048576), files $(quotient '%.0f MB' "$files" 1048576)"
}

# What goes to files has left memory; the limit of PostgreSQL holds for every row.
print_heap()
{
	local number job unit least names heap limit used verdict where
	IFS='|' read -r number _ _ job unit least _ _ names <<<"$1"
	where=${job/ /.}
	read -r heap _ <"$work/heap.job.$where"
	limit=$(memory_limit "${job#* }")
	used=$(quotient %.6f "$heap" "$(per "$unit" "${job% *}" "$limit")")
	verdict=$(judge "$used" "$least" '' heap)
	[ "$heap" -le "$limit" ] || verdict=no
	print_line "$number" "$names, limit $(quotient '%.0f MB' "$limit" 1048576)" 'hashed GROUP BY account' \
		"$(megabytes "$work/heap.job.$where")" "$(megabytes "$work/heap.peer.$where")" \
		"$(with_unit "$(printf %.1f "$used")" "$unit")" "$(target "$least" heap "$unit")" '' "$verdict"
}

# The facts without which the figures mean little.
print_conditions()
{
	local memory
	memory=$(awk '/^MemTotal/ { printf ", %.0f GB of memory", $2 / 1048576 }' /proc/meminfo 2>/dev/null) || true
	printf '%s.\n' "PostgreSQL $(sql -c 'SHOW server_version' | cut -d' ' -f1) on $(getconf _NPROCESSORS_ONLN) cores$memory"
	[ ! -f "$work/pairs.made" ] ||
		printf '%s.\n' "Pairs of amounts: $(count_rows pairs) rows"
	[ ! -f "$work/books.made" ] || printf '%s.\n' "Books: $(count_rows books) accounts of 500 managers"
	[ ! -f "$work/ages.made" ] || printf '%s.\n' "Ages: $(count_rows ages) accounts, 61 ages, 101 scores"
	[ ! -f "$work/snapshots.made" ] ||
		printf '%s.\n' "Snapshots: $(count_rows snapshots) rows of $(per account snapshots) accounts, 36 months"
	[ ! -f "$work/ordered_events.made" ] ||
		printf '%s.\n' "Events: $(count_rows events) rows of $(per account events) users, 90 days"
	[ ! -f "$work/duckdb.made" ] || printf 'DuckDB %s.\n' "$(duckdb_version)"
	[ ! -f "$work/clickhouse.made" ] || printf 'ClickHouse %s.\n' "$(clickhouse_version)"
	printf '%s\n%s\n\n' "Each job ran $RUNS times; times are medians. The ratio is job to peer where" \
		"the target is ≤, peer to job where it is ≥."
}

print_table()
{
	local line
	print_conditions
	print_line '' job against 'the job' 'its peer' ratio target aim met
	print_line -- --- --- --: --: --: --: --: ---
	while read -r line; do
		case $line in
			*'|heap|'*) print_heap "$line" ;;
			*) print_times "$line" ;;
		esac
	done < <(rows_of)
}

# Puts the table between the two marks of the README.
save_table()
{
	awk -v table="$work/table" '
		/^<!-- table -->/ { print; print ""; while ((getline line < table) > 0) print line; print ""; skip = 1 }
		/^<!-- end of table -->/ { skip = 0 }
		!skip' "$here/README.md" >"$work/README.md"
	cat "$work/README.md" >"$here/README.md"
}

# ------------------------------------------------------------------------- main

main()
{
	check_arguments
	need_packages bench
	start_server "shared_buffers = '$(quarter_of_memory)'" "work_mem = '256MB'" \
		"max_parallel_workers_per_gather = 0" "synchronize_seqscans = off" "autovacuum = off"
	work=$SERVER_DIR/bench
	mkdir "$work"
	sql -c 'CREATE EXTENSION csm_metrics' -f "$here/generate.sql"
	sql -c 'CREATE EXTENSION pg_prewarm' 2>/dev/null || true
	select_rows >"$work/rows"
	[ -s "$work/rows" ] || die "none of the rows can be measured"
	measure_all
	print_table >"$work/table"
	cat "$work/table"
	if [ "$SAVE" = 1 ]; then save_table; fi
}

# On one line: a run takes minutes, and this file may be edited meanwhile.
main; exit
