# shellcheck shell=bash
# shellcheck disable=SC2154  # here, work, scan, stored, SIZE and PEERS are run.sh's
#
# How run.sh makes its data, runs its jobs, compares answers and reads memory.
# What is measured is left in files of $work: times.JOB, answer.JOB,
# heap.JOB.TABLE.WORK_MEM.

# psql that stops at the first error.
sql() { "$PSQL" -XqAt -v ON_ERROR_STOP=1 "$@"; }

# ------------------------------------------------------------------------- data

# Six million snapshots are of about 370,000 accounts.
ROWS_PER_1000_ACCOUNTS=16200

# A quarter of the memory, as is usual; the tables fit in it.
quarter_of_memory()
{
	awk '/^MemTotal/ { mb = int($2 / 4096) } END { print (mb > 256 ? mb : 256) "MB" }' \
		/proc/meminfo 2>/dev/null || echo 256MB
}

has_function() { sql -c "SELECT '$1'::regprocedure" >/dev/null 2>&1; }

count_rows() { sql -c "SELECT count(*) FROM $1"; }

# pg_prewarm comes with contrib. Without it, a scan leaves a large table in the
# system's cache rather than in the server's.
warm_up()
{
	sql -c "SELECT pg_prewarm('$1')" >/dev/null 2>&1 || count_rows "$1" >/dev/null
}

# Leaves a table as on a quiet server: frozen, analyzed, in memory.
finish_table()
{
	sql -c "ALTER TABLE $1 SET (parallel_workers = 2)" -c "VACUUM (FREEZE, ANALYZE) $1"
	warm_up "$1"
}

# make_snapshots TABLE ROWS
make_snapshots()
{
	sql -c "SELECT write_snapshots('$1', $(($2 * 1000 / ROWS_PER_1000_ACCOUNTS)))" >/dev/null
	finish_table "$1"
}

make_histories()
{
	has_function "$stored" || return 0
	sql -c "CREATE TABLE histories AS
		SELECT account, history_agg(at, amount, interval '1 month') AS h FROM snapshots GROUP BY account"
	finish_table histories
}

has_peer() { [[ " $PEERS " == *" $1 "* ]]; }

# install_peer DIRECTORY: npm writes its own lock file when it has finished.
install_peer()
{
	[ ! "$1/node_modules/.package-lock.json" -nt "$1/package-lock.json" ] || return 0
	command -v npm >/dev/null || die "PEERS=$PEERS needs Node.js and npm: apt-get install nodejs npm"
	(cd "$1" && quietly npm ci)
}

# Exports a table and loads it into a database of DuckDB's own: make_duckdb TABLE TYPE [COLUMNS QUERY]
make_duckdb()
{
	local columns=${3:-'"day": "DATE", "amount": "DECIMAL(12,2)"'} query=${4:-"SELECT account, at, amount FROM $1"}
	has_peer duckdb || return 0
	install_peer "$here"
	sql -c "COPY ($query) TO STDOUT (FORMAT csv)" >"$work/duckdb.csv"
	node "$here/duckdb.mjs" load "$work/duckdb" "$1" "{\"account\": \"$2\", $columns}" "$work/duckdb.csv"
	rm "$work/duckdb.csv"
	touch "$work/duckdb.made"
}

duckdb_version()
{
	sed -n 's/.*"@duckdb\/node-api": "\([0-9.]*\).*/\1/p' "$here/package.json"
}

clickhouse_version() { node "$here/clickhouse/clickhouse.mjs" version; }

make_pairs()
{
	sql -c "SELECT write_pairs($SIZE)" >/dev/null
	finish_table pairs
}

make_books()
{
	sql -c "SELECT write_books($SIZE)" >/dev/null
	finish_table books
}

make_ages()
{
	sql -c "SELECT write_ages($SIZE)" >/dev/null
	finish_table ages
}

# The same accounts whatever the size of the rest: 100,000 that stay from their first day on.
make_days()
{
	sql -c 'SELECT write_open_accounts(100000)' >/dev/null
	finish_table open_subscriptions
	has_function "$stored" || return 0
	sql -c 'CREATE TABLE open_histories AS
		SELECT account, history_agg(valid, amount) AS h FROM open_subscriptions GROUP BY account'
	finish_table open_histories
}

make_both_orders()
{
	make_snapshots snapshots "$SIZE"
	sql -c "SELECT write_shuffled('shuffled', 'snapshots')" >/dev/null
	finish_table shuffled
	make_histories
	make_duckdb snapshots BIGINT
}

# The snapshots once more, by the keys of a billing system and by uuid; the third table has
# those of the first, so that all three are of one family.
make_keys()
{
	make_once snapshots make_both_orders
	sql -c "CREATE TABLE by_text AS SELECT left('cus_' || md5(account::text), 18) AS account, at, amount FROM snapshots" \
		-c 'CREATE TABLE by_uuid AS SELECT md5(account::text)::uuid AS account, at, amount FROM snapshots' \
		-c 'CREATE TABLE by_bigint AS SELECT * FROM snapshots'
	finish_table by_text
	finish_table by_uuid
	finish_table by_bigint
	make_duckdb by_text VARCHAR
	make_duckdb by_uuid UUID
}

# The snapshots once more, in four partitions by hash of the account.
make_parts()
{
	local i
	make_once snapshots make_both_orders
	sql -c 'CREATE TABLE parts (account bigint NOT NULL, at date NOT NULL, amount numeric(12,2) NOT NULL) PARTITION BY HASH (account)'
	for i in 0 1 2 3; do
		sql -c "CREATE TABLE parts_$i PARTITION OF parts FOR VALUES WITH (MODULUS 4, REMAINDER $i)"
	done
	sql -c 'INSERT INTO parts SELECT account, at, amount FROM snapshots'
	for i in 0 1 2 3; do
		finish_table "parts_$i"
	done
}

make_subscriptions()
{
	sql -c "SELECT write_subscriptions($((SIZE / 6)))" >/dev/null
	finish_table subscriptions
	make_duckdb subscriptions BIGINT '"starts": "DATE", "ends": "DATE", "amount": "DECIMAL(12,2)"' 'SELECT account, lower(valid), upper(valid), amount FROM subscriptions'
}

make_ordered_events()
{
	sql -c "SELECT write_events($((SIZE / 6 * 10)))" >/dev/null
	finish_table events
}

# 10 M events of 200,000 users where there are 6 M snapshots; in the order of time, in no order, and as a history of each user. What the peers
# get has times as microseconds.
make_events()
{
	local rows='SELECT account, (extract(epoch FROM at) * 1000000)::bigint AS at, event FROM events'
	make_once ordered_events make_ordered_events
	sql -c "CREATE TABLE shuffled_events AS SELECT * FROM events ORDER BY draw(account, extract(epoch FROM at)::bigint, 1 << 40), at"
	finish_table shuffled_events
	if has_function "$usage"; then
		sql -c 'CREATE TABLE usage_histories AS SELECT account, usage_history_agg(at, event) AS h FROM events GROUP BY account'
		finish_table usage_histories
	fi
	make_duckdb events BIGINT '"at": "BIGINT", "event": "VARCHAR"' "$rows"
	has_peer clickhouse || return 0
	install_peer "$here/clickhouse"
	sql -c "COPY ($rows) TO STDOUT (FORMAT csv)" >"$work/clickhouse.csv"
	node "$here/clickhouse/clickhouse.mjs" load "$work/clickhouse" "$work/clickhouse.csv"
	rm "$work/clickhouse.csv"
	touch "$work/clickhouse.made"
}

make_both_sizes()
{
	make_snapshots small $((SIZE / 6))
	make_snapshots large $((SIZE * 5))
}

# Makes what a family of jobs reads, unless another family has made it.
make_data()
{
	case $1 in
		pairs) make_once pairs make_pairs ;;
		snapshots | memory) make_once snapshots make_both_orders ;;
		growth) make_once growth make_both_sizes ;;
		books) make_once books make_books ;;
		ages) make_once ages make_ages ;;
		days) make_once days make_days ;;
		keys) make_once keys make_keys ;;
		parts) make_once parts make_parts ;;
		subscriptions) make_once subscriptions make_subscriptions ;;
		events) make_once events make_events ;;
		event_memory) make_once ordered_events make_ordered_events ;;
	esac
}

make_once()
{
	[ ! -f "$work/$1.made" ] || return 0
	"$2"
	touch "$work/$1.made"
}

# ------------------------------------------------------------------------- jobs

# run_sql FILE [TABLE]: prints the milliseconds, leaves the answer in $work/answer.
run_sql()
{
	sql -v data="${2:-}" <<-SQL | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p'
		\o $work/answer
		\timing on
		\i $here/jobs/$1.sql
	SQL
}

# With two workers, however cheap one process may seem to the planner.
with_workers()
{
	PGOPTIONS='-c max_parallel_workers_per_gather=2 -c parallel_setup_cost=0 -c parallel_tuple_cost=0' "$@"
}

# Partitions are shared out whole: with the leader as a third process on two cores, four of
# them take two and a half rounds, and two workers alone take two. JIT is loaded and compiles
# in each process anew.
without_jit() { PGOPTIONS='-c jit=off' "$@"; }

with_workers_alone()
{
	PGOPTIONS='-c max_parallel_workers_per_gather=2 -c parallel_setup_cost=0 -c parallel_tuple_cost=0 -c parallel_leader_participation=off -c jit=off' "$@"
}

# run_with_workers JOB [WITH]: a plan without workers would pass for one that gains nothing by them.
run_with_workers()
{
	local with=${2:-with_workers}
	{ echo EXPLAIN && cat "$here/jobs/$1.sql"; } | "$with" sql >"$work/plan"
	grep -q 'Workers Planned: 2' "$work/plan" || die "$1: the plan has no two workers"
	"$with" run_sql "$1"
}

# run_duckdb THREADS TABLE FILE
run_duckdb()
{
	node "$here/duckdb.mjs" run "$work/duckdb" "$1" "$2" "$here/jobs/$3.sql" >"$work/duckdb.out"
	head -n 1 "$work/duckdb.out"
	tail -n +2 "$work/duckdb.out" >"$work/answer"
}

# run_clickhouse FILE
run_clickhouse()
{
	node "$here/clickhouse/clickhouse.mjs" run "$work/clickhouse" "$here/jobs/$1.sql" >"$work/clickhouse.out"
	head -n 1 "$work/clickhouse.out"
	tail -n +2 "$work/clickhouse.out" >"$work/answer"
}

run_job()
{
	case $1 in
		count_events) run_sql count events ;;
		count_shuffled_events) run_sql count shuffled_events ;;
		funnel_light | funnel_heavy | funnel_light_windows | funnel_heavy_windows | usage_paths_windows) run_sql "$1" events ;;
		funnel_light_shuffled | funnel_heavy_shuffled) run_sql "${1%_shuffled}" shuffled_events ;;
		usage_light | usage_heavy | usage_paths) run_sql "$1" usage_histories ;;
		duckdb_funnel_*) run_duckdb 1 events "$1" ;;
		clickhouse_*) run_clickhouse "$1" ;;
		sum | ndr | three | plain | histories | days | days_scan | segments | case_sums | segment_of | case | survival | sum_age | km | health | sum_score | by_score | histories_survival) run_sql "$1" ;;
		ndr_workers | histories_workers | parts_workers) run_with_workers "${1%_workers}" ;;
		parts_workers_alone) run_with_workers parts with_workers_alone ;;
		count | one_pass | lag | cohorts | count_distinct) run_sql "$1" snapshots ;;
		one_pass_text | one_pass_uuid | one_pass_bigint) run_sql one_pass "by_${1#one_pass_}" ;;
		cohorts_text) run_sql cohorts by_text ;;
		one_pass_parts) run_sql one_pass parts ;;
		one_pass_parts_without_jit) without_jit run_sql one_pass parts ;;
		count_subscriptions) run_sql count subscriptions ;;
		subscriptions | subscription_totals) run_sql "$1" ;;
		count_shuffled | one_pass_shuffled) run_sql "${1%_shuffled}" shuffled ;;
		one_pass_small | totals_small) run_sql "${1%_small}" small ;;
		one_pass_large | totals_large) run_sql "${1%_large}" large ;;
		duckdb_[12]) run_duckdb "${1#duckdb_}" snapshots duckdb ;;
		duckdb_text | duckdb_uuid) run_duckdb 1 "by_${1#duckdb_}" duckdb ;;
		duckdb_subscriptions) run_duckdb 1 subscriptions duckdb_subscriptions ;;
		duckdb_cohorts) run_duckdb 1 snapshots duckdb_cohorts ;;
		duckdb_cohorts_text) run_duckdb 1 by_text duckdb_cohorts ;;
		*) die "there is no job $1" ;;
	esac
}

# Runs a job and notes its time. Its answer has to be the same every time.
measure()
{
	run_job "$1" >>"$work/times.$1"
	if [ ! -f "$work/answer.$1" ]; then
		mv "$work/answer" "$work/answer.$1"
	else
		cmp -s "$work/answer" "$work/answer.$1" || die "$1 gave another answer than before"
	fi
}

median()
{
	sort -n "$work/times.$1" |
		awk '{ t[NR] = $1 } END { print (t[int((NR + 1) / 2)] + t[int((NR + 2) / 2)]) / 2 }'
}

# ---------------------------------------------------------------- equal answers

# The answer of a job; one that nobody measured runs for it once.
answer()
{
	if [ ! -f "$work/answer.$1" ]; then
		run_job "$1" >/dev/null
		mv "$work/answer" "$work/answer.$1"
	fi
	cat "$work/answer.$1"
}

# The same as rows of numbers: what bridge_agg returns goes through bridge().
figures()
{
	case $1 in
		one_pass* | subscriptions | histories | histories_workers)
			answer "$1" >"$work/summaries"
			sql <<-SQL
				\set summaries \`cat $work/summaries\`
				SELECT * FROM bridge(:'summaries'::retention_summary[])
			SQL
			;;
		*) answer "$1" ;;
	esac
}

# same JOB PEER COLUMNS [COLUMNS OF PEER]
same()
{
	figures "$1" | cut -d'|' -f"$3" >"$work/left"
	figures "$2" | cut -d'|' -f"${4:-$3}" >"$work/right"
	[ -s "$work/left" ] || die "$1 gave no answer"
	diff "$work/left" "$work/right" >&2 || die "$1 and $2 give different answers"
}

# To the last bit, with the sums of squares and the largest accounts in it.
identical()
{
	answer "$1" >"$work/left"
	answer "$2" >"$work/right"
	[ -s "$work/left" ] || die "$1 gave no answer"
	cmp -s "$work/left" "$work/right" || die "$1 and $2 are not identical"
}

# Every job of csm_metrics is held against SQL that has nothing of it.
check_job()
{
	case $1 in
		ndr | ndr_workers) same "$1" plain 1 ;;
		three) same three plain 1- ;;
		segments) same segments case_sums 2 ;;
		segment_of) same segment_of case 1 ;;
		one_pass) same one_pass lag 1- ;;
		one_pass_text | one_pass_uuid | one_pass_bigint) identical "$1" one_pass ;;
		subscriptions) same subscriptions subscription_totals 9,17 1- ;;
		cohorts) same cohorts count_distinct 1,2,4,5 1- ;;
		cohorts_text) identical cohorts_text cohorts ;;
		parts_workers* | one_pass_parts*) identical "$1" one_pass ;;
		duckdb_subscriptions) same subscriptions duckdb_subscriptions 3-9 1- ;;
		duckdb_cohorts*) same cohorts "$1" 1,2,4,5 1- ;;
		one_pass_shuffled | histories | histories_workers)
			same "$1" lag 1-
			if has_function "$scan"; then identical "$1" one_pass; fi
			;;
		days) identical days days_scan ;;
		funnel_light | funnel_heavy) same "$1" "$1_windows" 1- ;;
		funnel_light_shuffled | funnel_heavy_shuffled) same "$1" "${1%_shuffled}" 1- ;;
		usage_light | usage_heavy) same "$1" "${1/usage/funnel}_windows" 1- ;;
		usage_paths) same usage_paths usage_paths_windows 1- ;;
		duckdb_funnel_* | clickhouse_funnel_*) same "$1" "${1#*_}_windows" 1- ;;
		survival) same survival km 1- ;;
		health) same health by_score 1- ;;
		duckdb_*) same one_pass "$1" 1-17 ;;
		one_pass_small | one_pass_large) same "$1" "${1/one_pass/totals}" 2,9,17 1- ;;
	esac
}

# ----------------------------------------------------------------------- memory

# Bytes that PostgreSQL lets a hash table have: memory_limit WORK_MEM
memory_limit()
{
	sql -c "SELECT (pg_size_bytes('$1') * current_setting('hash_mem_multiplier')::float8)::bigint"
}

# Bytes written to temporary files so far. They are counted when a session
# ends, which takes a moment.
temporary_bytes()
{
	sleep 1
	sql -c 'SELECT temp_bytes FROM pg_stat_database WHERE datname = current_database()'
}

# peak_memory FILE TABLE WORK_MEM: prints by how many bytes the private memory of
# the backend rose at its peak. The job runs over no rows first, because code that is
# loaded and catalogs that are read are no memory of the job.
peak_memory()
{
	sql -v data="$2" <<-SQL
		SET jit = off;
		SET work_mem = '$3';
		CREATE TEMP TABLE nothing AS SELECT * FROM :data LIMIT 0;
		\set rows :data
		\set data nothing
		\o /dev/null
		\i $here/jobs/$1.sql
		SELECT private_peak();
		SELECT private_now() AS before \gset
		\set data :rows
		\o $work/answer
		\i $here/jobs/$1.sql
		\o
		SELECT private_peak() - :before;
	SQL
}

# Leaves "bytes in memory, bytes in files" of a job: measure_memory FILE TABLE WORK_MEM job|peer
measure_memory()
{
	local files heap
	files=$(temporary_bytes)
	heap=$(peak_memory "$@")
	echo "$heap $(($(temporary_bytes) - files))" >"$work/heap.$4.$2.$3"
}

# The job and its peer; little memory must not change the answer.
# measure_heap TABLE WORK_MEM
measure_heap()
{
	local job=one_pass file=one_pass peer=group_by
	case $1 in
		shuffled) job=one_pass_shuffled ;;
		events) job=funnel_heavy file=funnel_heavy peer=group_by_user ;;
	esac
	answer "$job" >"$work/left"
	measure_memory "$peer" "$@" peer
	measure_memory "$file" "$@" job
	cmp -s "$work/answer" "$work/left" || die "$1 at work_mem = $2 gave another answer"
}
