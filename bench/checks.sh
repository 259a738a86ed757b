#!/usr/bin/env bash
#
# [SIZE=rows] [RUNS=n] [PG_CONFIG=...] bench/checks.sh
#
# How long check_subscriptions takes over a table, in times of count(*), one process each,
# with the server's own work_mem: keys of bigint and two dates, then keys of text and a range.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../tools/lib.sh
. "$here/../tools/lib.sh"

SIZE=${SIZE:-30000000} RUNS=${RUNS:-3}

# The median time of a query in milliseconds; it runs once more before.
median()
{
	local i
	"$PSQL" -XAtqc "$1" >/dev/null
	for ((i = 0; i < RUNS; i++)); do
		"$PSQL" -XAtq -c '\timing on' -c "$1" | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p'
	done | sort -n | sed -n "$(((RUNS + 1) / 2))p"
}

# measure NAME TABLE CHECK
measure()
{
	local count check
	count=$(median "SELECT count(*) FROM $2")
	check=$(median "SELECT count(*) FROM $3")
	awk -v name="$1" -v count="$count" -v check="$check" -v rows="$SIZE" 'BEGIN {
		printf "%s, %.3g M rows: count(*) %.2f s, check_subscriptions %.2f s: %.1f times\n",
			name, rows / 1e6, count / 1000, check / 1000, check / count }'
}

start_server "max_parallel_workers_per_gather = 0" "shared_buffers = '2GB'" "jit = off"
"$PSQL" -q -v ON_ERROR_STOP=1 -v size="$SIZE" <<-'SQL'
	CREATE EXTENSION csm_metrics;
	CREATE UNLOGGED TABLE two_dates AS
	SELECT i % (:size / 10) * 7919 AS account, start AS starts,
		CASE WHEN i % 10 > 0 THEN start + 30 + (i % 400)::int END AS ends, (i % 1000 + 0.5)::numeric(12,2) AS amount
	FROM generate_series(1, :size::bigint) i, LATERAL (SELECT date '2020-01-01' + (i * 31 % 1800)::int) x (start);
	VACUUM ANALYZE two_dates;
SQL
measure "bigint keys, two dates" two_dates "check_subscriptions('two_dates', 'account', 'starts', 'ends', 'amount', NULL)"
"$PSQL" -q -v ON_ERROR_STOP=1 <<-'SQL'
	CREATE UNLOGGED TABLE ranges AS
	SELECT 'cus_' || substr(md5(account::text), 1, 14) AS account, days(starts, ends) AS valid, amount FROM two_dates;
	DROP TABLE two_dates;
	VACUUM ANALYZE ranges;
SQL
measure "keys of 18 characters, ranges" ranges "check_subscriptions('ranges', 'account', 'valid', 'amount')"
stop_server
