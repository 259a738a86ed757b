#!/usr/bin/env bash
#
# A hot standby made by pg_basebackup: read-only, it answers everything that the primary
# answers, with temporary files and parallel plans too; promoted, it is a primary like any.
set -euo pipefail
# shellcheck source=prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"

need_packages test
basebackup=$("$PG_CONFIG" --bindir)/pg_basebackup
if [ ! -x "$basebackup" ]; then
	skip "standby" "$basebackup is not there"
	finish
	exit
fi

# The files of the server called standby, copied from the primary while that works.
make_standby()
{
	local home
	home=$(home_of standby)
	mkdir "$home"
	make_home "$home"
	quietly as_server_user "$basebackup" -h "$PGHOST" -U postgres -D "$home/data" -X stream -R -c fast
	echo "unix_socket_directories = '$home/socket'" | as_server_user tee -a "$home/data/postgresql.conf" >/dev/null
	start_cluster standby
}

# Waits until the standby has replayed what was committed on the primary, where commits are flushed.
catch_up()
{
	local lsn tries
	lsn=$(sql 'SELECT pg_current_wal_flush_lsn()')
	for ((tries = 0; tries < 600; tries++)); do
		[ "$(sql_on standby "SELECT pg_last_wal_replay_lsn() >= '$lsn'")" != t ] || return 0
		sleep 0.1
	done
	die "the standby has not replayed $lsn in a minute: $(sql_on standby 'SELECT pg_last_wal_replay_lsn()')"
}

# same NAME QUERY: both servers give the same rows, and some.
same()
{
	local got want
	if got=$(sql_on standby "$2" 2>&1) && want=$(sql "$2" 2>&1) && [ -n "$want" ]; then
		if [ "$got" = "$want" ]; then pass "$1"; else fail "$1" "$(diff <(echo "$got") <(echo "$want"))"; fi
	else
		fail "$1" "$got" "${want:-}"
	fi
}

# What is there before the copy, and what comes by WAL afterwards.
start_server "wal_level = replica" "max_wal_senders = 4" "synchronous_commit = on" "autovacuum = off" "jit = off"
sql 'CREATE EXTENSION csm_metrics'
include_on main plan.sql company.sql
make_standby
include_on main calls.sql
sql "CREATE TABLE histories AS SELECT account, grp, history_agg(valid, amount, currency) AS h, retention_agg(s, e, was) AS r FROM company GROUP BY account, grp;
	CREATE TABLE customers AS SELECT i, segment_of(arr, segment_scheme('enterprise')) AS segment FROM company;
	CREATE INDEX customers_by_segment ON customers (segment);
	CREATE INDEX histories_by_r ON histories USING hash (r);
	CREATE TABLE snapshots AS SELECT (a * 7919 % 20011)::bigint AS account, '2023-01-01'::date + (m * 7 + a) % 12 * 30 AS at, a % 977 * 0.25 AS amount
		FROM generate_series(0, 11) AS m, generate_series(1, 20000) AS a;
	ALTER TABLE company SET (parallel_workers = 2);
	ALTER TABLE snapshots SET (parallel_workers = 2);
	ANALYZE"
# Functions of one argument that is a type of the extension, over the company's column of that type.
sql "CREATE VIEW accessors AS SELECT p.oid::regprocedure::text AS name, format('SELECT i, %I(%I) FROM company WHERE %2\$I IS NOT NULL', proname, attname) AS query
	FROM pg_depend JOIN pg_proc p ON p.oid = objid JOIN pg_attribute ON attrelid = 'company'::regclass AND atttypid = proargtypes[0] AND attnum > 0 AND attname IN ('r', 'rs', 'h', 'm', 'c', 'l')
	WHERE classid = 'pg_proc'::regclass AND refclassid = 'pg_extension'::regclass AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'csm_metrics')
		AND prokind = 'f' AND pronargs = 1 AND (proname !~ '^csm_' OR proname = 'csm_coverage');
	CREATE FUNCTION temp_blocks(query text) RETURNS bigint LANGUAGE plpgsql AS \$\$
	DECLARE plan json;
	BEGIN
		EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, FORMAT json) ' || query INTO plan;
		RETURN plan -> 0 -> 'Plan' ->> 'Temp Written Blocks';
	END \$\$"
catch_up

is "the standby is one" "$(sql_on standby 'SELECT pg_is_in_recovery()')" t
like "the standby is read-only" "$(sql_error -h "$(socket_of standby)" 'CREATE TABLE t (h revenue_history)')" '25006'
none "every aggregate is called" -h "$(socket_of standby)" 'SELECT name FROM uncalled'

n=$(sql 'SELECT count(*) FROM calls')
for groups in '' grp account; do
	same "$n aggregates by ${groups:-nothing}" "SELECT name, answer_of(fingerprint(question(call, 'company', '$groups'))) FROM calls ORDER BY name"
done
is "there are functions to ask" "$(sql 'SELECT count(*) > 50 FROM accessors')" t
same "$(sql 'SELECT count(*) FROM accessors') functions over stored values" "SELECT name, answer_of(fingerprint(query)) FROM accessors ORDER BY name"
same "functions with more arguments" "SELECT account, r + r, ndr_interval(r, 0.95), top_share(r, 3), quota_attainment(r, 1.1), amount_at(h, '2023-06-01'), h + h, h * 2, total(h, '2023-01-01', '2024-01-01', '1 month'), movements(h, '2022-08-31', '2024-12-29', '3 months') AS movement
	FROM histories ORDER BY account, movement"

# Temporary files belong to the process and are allowed.
one_pass="SELECT bridge_agg(account, at, amount, '1 month') AS b, bridge_agg(account::text, at, amount, '1 month', '3 months') AS t FROM snapshots"
like "the one pass in 64 kB writes temporary files" "$(sql_on standby "SET work_mem = '64kB'; SELECT temp_blocks(\$\$$one_pass\$\$)")" '^[1-9][0-9]{2,}$'
same "the one pass in 64 kB" "SET work_mem = '64kB'; $one_pass"
none "the one pass in 64 kB there: as in 256 MB here" "SET work_mem = '256MB'; SELECT 'other' FROM ($one_pass) AS x WHERE md5(x::text) <> '$(sql_on standby "SET work_mem = '64kB'; SELECT md5(x::text) FROM ($one_pass) AS x")'"
is "its temporary files are gone" "$(sql_on standby 'SELECT count(*) FROM pg_ls_tmpdir()')" 0

# Workers.
forced="SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET parallel_leader_participation = off"
combining='(SELECT * FROM calls WHERE combines) AS calls'
none "$(sql "SELECT count(*) FROM $combining") aggregates by two workers: partial" -h "$(socket_of standby)" \
	"$forced; SELECT name, plan FROM (SELECT name, plan_of(question(call, 'company', 'grp')) AS plan FROM $combining) AS x WHERE plan !~ 'Finalize .*Gather.*Partial'"
like "two workers: they came" "$(sql_on standby "$forced; SELECT plan_of(question('rollup(rs)', 'company', 'grp'), true)")" 'Workers Launched: [12]'
same "aggregates by two workers" "$forced; SELECT name, answer_of(fingerprint(question(call, 'company', 'grp'))) FROM $combining ORDER BY name"
none "aggregates by two workers there: as serially here" "SELECT 1 WHERE '$(sql_on standby "$forced; SELECT md5(string_agg(answer_of(fingerprint(question(call, 'company', 'grp'))), ' ' ORDER BY name)) FROM $combining")'
	<> (SELECT md5(string_agg(answer_of(fingerprint(question(call, 'company', 'grp'))), ' ' ORDER BY name)) FROM $combining)"

# Indexes over the types came by WAL.
no_scan="SET enable_seqscan = off; SET enable_sort = off; SET enable_hashjoin = off; SET enable_mergejoin = off"
by_segment="SELECT i FROM customers WHERE segment = 'enterprise [100000,)' ORDER BY i"
by_summary="SELECT a.account, count(*) FROM histories AS a JOIN histories AS b USING (r) GROUP BY a.account ORDER BY a.account"
for index in "customers_by_segment;$by_segment" "histories_by_r;$by_summary"; do
	like "${index%%;*} is used" "$(sql_on standby "$no_scan; SELECT plan_of(\$\$${index#*;}\$\$)")" "${index%%;*}"
	same "${index%%;*}" "$no_scan; ${index#*;}"
done

# What changes on the primary arrives.
sql "UPDATE histories SET h = h * 2, r = r + r WHERE grp % 2 = 0; DELETE FROM company WHERE grp = 5"
catch_up
same "after changes: stored values" "SELECT * FROM histories ORDER BY account"
same "after changes: $n aggregates" "SELECT name, answer_of(fingerprint(question(call, 'company', ''))) FROM calls ORDER BY name"

# Promoted, it writes.
before=$(sql 'SELECT md5(string_agg(histories::text, chr(10) ORDER BY account)) FROM histories')
stop_cluster main
succeeds "the standby is promoted" as_server_user "$BINDIR/pg_ctl" -D "$(home_of standby)/data" -w -s promote
is "promoted: stored values" "$(sql_on standby 'SELECT md5(string_agg(histories::text, chr(10) ORDER BY account)) FROM histories')" "$before"
succeeds "promoted: values are stored" sql_on standby 'CREATE TABLE later AS SELECT grp, rollup(h) AS h, rollup(r) AS r FROM histories GROUP BY grp; UPDATE later SET h = close_gaps(h, $$3 months$$)'
succeeds "promoted: the extension is altered" sql_on standby 'CREATE SCHEMA metrics; ALTER EXTENSION csm_metrics SET SCHEMA metrics; ALTER EXTENSION csm_metrics UPDATE'
is "promoted: moved values are answered for" "$(sql_on standby 'SELECT count(metrics.ndr(r)) > 10 AND count(*) = 40 FROM later')" t
sql_on standby 'CREATE DATABASE another'
succeeds "promoted: the extension is created" sql_on standby -d another 'CREATE EXTENSION csm_metrics'
is "promoted: the new one answers" "$(sql_on standby -d another 'SELECT ndr_agg(s, e) FROM (VALUES (75000, 125000), (25000, 0)) AS v (s, e)')" 1.2500000000000000

finish
