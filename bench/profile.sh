#!/usr/bin/env bash
#
# make bench PERF=1 [SIZE=rows] [RUNS=n]            the one pass over snapshots in date order, row 3
# make bench PERF=1 ROWS=13 [SIZE=rows] [RUNS=n]    over subscriptions
# make bench PERF=1 ROWS=16 [SIZE=rows] [RUNS=n]    the funnel of 5 steps over events
# make bench PERF=1 ROWS=19 [SIZE=rows] [RUNS=n]    the same over stored histories; ROWS=19c: paths of them
#
# Where the time goes: the job several times in one session of a private server under Linux's
# perf. Prints the share of each function in the processor cycles outside of the kernel, and
# the cycles of count(*) over the same rows.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../tools/lib.sh
. "$here/../tools/lib.sh"
# shellcheck source=measure.sh
. "$here/measure.sh"

SIZE=${SIZE:-6000000} RUNS=${RUNS:-5} PEERS=
usage='usage_history_agg(timestamptz,text)'
case ${ROWS:-3} in
	3) job=one_pass data=snapshots ;;
	13) job=subscriptions data=subscriptions ;;
	16) job=funnel_heavy data=events ;;
	19) job=usage_heavy data=usage_histories ;;
	19c) job=usage_paths data=usage_histories ;;
	*) die "PERF=1 ROWS=$ROWS: there is a profile of rows 3, 13, 16, 19 and 19c" ;;
esac

# statements FILE: the job RUNS times, between a line with the number of the
# process and a pause that perf starts in.
statements()
{
	echo "\\set data $data"
	echo "\\o $work/pid"
	echo "SELECT pg_backend_pid(); SELECT 1;"
	echo "\\o $work/answer"
	echo "SELECT pg_sleep(2);"
	for ((run = 0; run < RUNS; run++)); do
		echo "\\i $here/jobs/$1.sql"
	done
}

# sample FILE: leaves the samples in $work/FILE.perf
sample()
{
	local session
	rm -f "$work/pid"
	statements "$1" | sql &
	session=$!
	until [ -s "$work/pid" ]; do sleep 0.1; done
	perf record -q -e cycles:u -p "$(head -n 1 "$work/pid")" -o "$work/$1.perf"
	wait "$session"
}

report()
{
	perf report -i "$work/$1.perf" --no-children --stdio -g none --percent-limit 0.5 -F "$2" 2>/dev/null |
		sed '/^#/d; /^$/d; / 0x0/d; s/ *$//'
}

cycles()
{
	perf script -i "$work/$1.perf" -F period 2>/dev/null |
		awk -v runs="$RUNS" '{ cycles += $1 } END { print cycles / runs / 1e6 }'
}

main()
{
	command -v perf >/dev/null || die "perf was not found: apt-get install linux-perf"
	need_packages bench
	start_server "shared_buffers = '$(quarter_of_memory)'" "work_mem = '256MB'" \
		"max_parallel_workers_per_gather = 0" "synchronize_seqscans = off" "autovacuum = off"
	work=$SERVER_DIR/bench
	mkdir "$work"
	sql -c 'CREATE EXTENSION csm_metrics' -f "$here/generate.sql"
	sql -c 'CREATE EXTENSION pg_prewarm' 2>/dev/null || true
	case $data in
		snapshots) make_snapshots snapshots "$SIZE" ;;
		subscriptions) make_subscriptions ;;
		events | usage_histories) make_events ;;
	esac
	sample "$job"
	sample count
	printf '%s\n' '' 'The job, by library:' && report "$job" overhead,dso
	printf '%s\n' '' 'The job, by function, where it has a name:' && report "$job" overhead,dso,sym
	printf '\n%.0f million cycles a run, count(*) %.0f million\n' "$(cycles "$job")" "$(cycles count)"
}

main; exit
