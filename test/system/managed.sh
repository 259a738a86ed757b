#!/usr/bin/env bash
#
# examples/managed_database.sql: a server without the extension, standing for a managed one, and a small one beside it that has it. By foreign tables and by logical
# replication the small one has the same figures as if the rows were its own; the managed one reads them back; the small one may be down for a while.
set -euo pipefail
# shellcheck source=prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"

need_packages test
if [ ! -f "$("$PG_CONFIG" --sharedir)/extension/postgres_fdw.control" ]; then
	skip "a managed database" "this PostgreSQL has no postgres_fdw"
	finish
	exit
fi
export PGOPTIONS='-c client_min_messages=warning'
start_server
add_server managed "wal_level = logical" "max_wal_senders = 8" "max_replication_slots = 8"
examples=$SYSTEM_DIR/../../examples

sql_on managed "CREATE TABLE account (account_id bigint PRIMARY KEY, name text NOT NULL, csm text);
	CREATE TABLE subscription (account_id bigint NOT NULL, product text NOT NULL, valid daterange NOT NULL, amount numeric NOT NULL);
	INSERT INTO account SELECT i, 'Account ' || i, CASE WHEN i % 3 > 0 THEN 'csm ' || i % 4 END FROM generate_series(1, 300) i;
	INSERT INTO subscription SELECT 1 + i % 300, 'p' || i % 3, daterange(date '2023-01-01' + i * 7919 % 700, CASE WHEN i % 3 > 0 THEN date '2023-01-01' + i * 7919 % 700 + 30 + i % 500 END), 100 + i * 31 % 5000
	FROM generate_series(1, 1500) i"

# part NAME SERVER DATABASE: a part of the example, and what follows it on the small server
part() { "$PSQL" -XAtq -v ON_ERROR_STOP=1 -h "$(socket_of "$2")" -d "$3" -v part="$1" -v sslmode=prefer -v host="$4" -v dbname="$5" -f "$examples/managed_database.sql"; }
small() { sql -d "$1" "$2"; }
report()
{
	"$PSQL" -XAtq -v ON_ERROR_STOP=1 -d "$1" -f "$examples/scheduled_reports.sql" -f "$examples/bi_views.sql" >/dev/null
	small "$1" "SELECT nightly_report('2025-03-02')" >/dev/null
}
figures="SELECT md5(string_agg(x::text, ',' ORDER BY x::text)) FROM (SELECT 'b', b::text FROM bi.bridge_month b UNION ALL SELECT 's', s::text FROM bi.bridge_segment_month s UNION ALL SELECT 'a', a::text FROM bi.account a) x"
state() { small "$1" "SELECT rows_come_from(), rows_are_noted(), histories_are_stale()"; }

# What the figures are where the rows are at home.
sql -d postgres 'CREATE DATABASE home'
small home 'CREATE EXTENSION csm_metrics'
sql_on managed "COPY account TO STDOUT" | small home "CREATE TABLE account (account_id bigint PRIMARY KEY, name text NOT NULL, csm text); COPY account FROM STDIN"
sql_on managed "COPY subscription TO STDOUT" | small home "CREATE TABLE subscription (account_id bigint NOT NULL, product text NOT NULL, valid daterange NOT NULL, amount numeric NOT NULL); COPY subscription FROM STDIN"
report home
home=$(small home "$figures")
is "the figures are there" "$(small home 'SELECT count(*) > 20 FROM bi.bridge_month WHERE starting > 0 OR ending > 0')" t

# First way: foreign tables.
sql -d postgres 'CREATE DATABASE by_fdw'
small by_fdw 'CREATE EXTENSION csm_metrics'
part foreign main by_fdw "$(socket_of managed)" csm
report by_fdw
is "by foreign tables: the same figures" "$(small by_fdw "$figures")" "$home"
is "by foreign tables: followed by rebuilding" "$(state by_fdw)" 'elsewhere|f|f'
is "by foreign tables: a constant is sent along" "$(small by_fdw "EXPLAIN (VERBOSE, COSTS OFF) SELECT ndr_agg(1, 1) FROM subscription WHERE amount > 100" | grep -c 'Remote SQL.*WHERE')" 1
is "by foreign tables: current_date fetches everything" "$(small by_fdw "EXPLAIN (VERBOSE, COSTS OFF) SELECT count(valid) FROM subscription WHERE lower(valid) < current_date" | grep -c 'Remote SQL.*WHERE')" 0
is "by foreign tables: one pass straight over them" "$(small by_fdw "SELECT ndr(retention_agg(account_id, valid, amount, '2024-01-01', '2025-01-01')) FROM subscription")" "$(small home "SELECT ndr(retention_agg(account_id, valid, amount, '2024-01-01', '2025-01-01')) FROM subscription")"

# Second way: logical replication.
part source managed csm '' ''
sql -d postgres 'CREATE DATABASE replicated'
small replicated 'CREATE EXTENSION csm_metrics'
part replicated main replicated "$(socket_of managed)" csm
report replicated
is "replicated: the same figures" "$(small replicated "$figures")" "$home"
is "replicated: rows are noted by row" "$(state replicated)" 'replication|t|f'

# Rows change in the managed database; within seconds they are noted, and the night adds them up.
change="UPDATE subscription SET amount = amount + 1 WHERE account_id % 7 = 0; DELETE FROM subscription WHERE account_id = 11; INSERT INTO subscription VALUES (12, 'new', '[2024-05-01,)', 777)"
rows="SELECT md5(string_agg(s::text, ',' ORDER BY s::text)) FROM subscription s"
catch_up()
{
	for _ in $(seq $((${seconds:-10} * 10))); do
		[ "$(small replicated "$rows")" != "$(sql_on managed "$rows")" ] || break
		sleep 0.1
	done
	is "$1: rows arrive" "$(small replicated "$rows")" "$(sql_on managed "$rows")"
}
sql_on managed "$change"
catch_up "replicated"
is "replicated: changes wait as notes, nothing is stale" "$(small replicated 'SELECT notes_waiting > 0, histories_stale FROM bi.status')" 't|f'
small replicated "SELECT nightly_report('2025-03-03')" >/dev/null
small by_fdw "SELECT nightly_report('2025-03-03')" >/dev/null
is "both ways: the same figures afterwards" "$(small replicated "$figures")" "$(small by_fdw "$figures")"
is "both ways: other ones than before" "$([ "$(small replicated "$figures")" != "$home" ] && echo yes)" yes

# A random stream of 100,000 inserts, updates and deletes, with a TRUNCATE in it.
stream()
{
	sql_on managed "DO \$\$
		DECLARE
			kind float8;
			who int;
		BEGIN
			PERFORM setseed(0.$1);
			FOR i IN 1 .. 50000 LOOP
				kind := random();
				who := 1 + floor(random() * 300)::int;
				IF kind < 0.5 THEN
					INSERT INTO subscription VALUES (who, 's' || i % 9, daterange(date '2023-01-01' + floor(random() * 700)::int, CASE WHEN random() < 0.7 THEN date '2025-01-01' + floor(random() * 400)::int END), round((random() * 1000)::numeric, 2));
				ELSIF kind < 0.8 THEN
					UPDATE subscription SET amount = round((random() * 1000)::numeric, 2), account_id = CASE WHEN random() < 0.1 THEN 1 + floor(random() * 300)::int ELSE account_id END WHERE ctid = (SELECT ctid FROM subscription WHERE account_id = who LIMIT 1);
				ELSE
					DELETE FROM subscription WHERE ctid = (SELECT ctid FROM subscription WHERE account_id = who LIMIT 1);
				END IF;
				IF i % 1000 = 0 THEN
					COMMIT;
				END IF;
			END LOOP;
		END \$\$" >/dev/null
}
sql_on managed 'CREATE INDEX ON subscription (account_id)'
small replicated 'CREATE INDEX ON subscription (account_id)'
stream 1
sql_on managed 'TRUNCATE subscription'
stream 2
seconds=600 catch_up "a random stream of 100,000 changes with a TRUNCATE"
is "the stream: nothing is stale, before the night" "$(small replicated 'SELECT count(*) FROM history_difference')" 0
small replicated "SELECT nightly_report('2025-03-05')" >/dev/null
is "the stream: nor after it" "$(small replicated 'SELECT count(*) FROM history_difference')" 0
kept=$(small replicated "$figures")
small replicated 'SELECT rebuild_histories()' >/dev/null
is "the stream: histories made anew give the same figures" "$(small replicated "$figures")" "$kept"
small by_fdw "SELECT nightly_report('2025-03-05')" >/dev/null
is "the stream: by foreign tables as well" "$(small by_fdw "$figures")" "$kept"

# What fetch_size is worth: rows without a delay between the servers, so at least that.
took()
{
	small by_fdw "ALTER SERVER billing OPTIONS (SET fetch_size '$1')"
	"$PSQL" -XAtq -d by_fdw -c '\timing on' -c "SELECT count(*) FROM (SELECT valid, amount FROM subscription OFFSET 0) x" -c "SELECT count(*) FROM (SELECT valid, amount FROM subscription OFFSET 0) x" | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' | tail -n 1
}
say "reading $(small by_fdw 'SELECT count(*) FROM subscription') rows: fetch_size 100 $(took 100) ms, 10000 $(took 10000) ms"

# The small server is down for a while: the managed one keeps what it has not sent.
stop_cluster main
sql_on managed "INSERT INTO subscription SELECT 1 + i % 300, 'later', daterange(date '2024-01-01' + i % 300, NULL), 10 FROM generate_series(1, 500) i"
is "small server down: the slot waits, and holds back its log" "$(sql_on managed "SELECT active, restart_lsn < pg_current_wal_lsn() FROM pg_replication_slots WHERE slot_name = 'csm_metrics'")" 'f|t'
start_cluster main
catch_up "small server up again"
small replicated "SELECT nightly_report('2025-03-04')" >/dev/null
is "small server up again: nothing is lost" "$(small replicated 'SELECT histories_are_stale()')" f

# A row that can have no history does not stop the others.
sql_on managed "INSERT INTO subscription VALUES (13, 'bad', '(,2025-01-01)', 'NaN'), (13, 'good', '[2024-01-01,)', 5)"
catch_up "a row that can have no history"
is "a row that can have no history: said so" "$(state replicated)" 'replication|t|t'
sql_on managed "DELETE FROM subscription WHERE product = 'bad'"
catch_up "the row is gone"
is "the row is gone: nothing is stale" "$(state replicated)" 'replication|t|f'

# The way back: the managed database reads the figures, without the extension.
part back managed csm "$(socket_of main)" replicated
is "read back: all views" "$(sql_on managed "SELECT count(*) FROM information_schema.foreign_tables WHERE foreign_table_schema = 'bi'")" "$(small replicated "SELECT count(*) FROM information_schema.views WHERE table_schema = 'bi'")"
is "read back: the same figures" "$(sql_on managed "$figures")" "$(small replicated "$figures")"
is "read back: the managed database has no extension of ours" "$(sql_on managed "SELECT count(*) FROM pg_extension WHERE extname = 'csm_metrics'")" 0
small replicated 'DROP SUBSCRIPTION csm_metrics'
finish
