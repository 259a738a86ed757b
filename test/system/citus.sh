#!/usr/bin/env bash
#
# A company distributed by Citus over a coordinator and two workers. Every aggregate that
# combines is computed in parts on the workers, everything by account is computed there
# whole, and the answers are those of one plain server.
#
#   CITUS_DIR=/some/where test/system/citus.sh     a Citus installed by make install DESTDIR=/some/where
#
# Without CITUS_DIR the PostgreSQL in question has to have Citus; it is in no distribution.
set -euo pipefail
# shellcheck source=prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"

need_packages test
control=$("$PG_CONFIG" --sharedir)/extension/citus.control
if [ ! -f "${CITUS_DIR:-}$control" ]; then
	skip "Citus" "${CITUS_DIR:-}$control is not there: this PostgreSQL has no Citus"
	finish
	exit
fi

# The first server is the plain one.
start_server
sql 'CREATE EXTENSION csm_metrics'
include_on main plan.sql company.sql calls.sql

if [ -n "${CITUS_DIR:-}" ]; then
	cp -R "$CITUS_DIR/." "$SERVER_DIR/install/"
fi
for server in coordinator worker1 worker2; do
	add_server "$server" "shared_preload_libraries = 'citus'" "citus.coordinator_aggregation_strategy = 'disabled'" \
		"citus.shard_count = 6" "jit = off"
	sql_on "$server" 'CREATE EXTENSION citus'
done
sql_on coordinator "SELECT citus_set_coordinator_host('$(socket_of coordinator)', 5432)" >/dev/null
for server in worker1 worker2; do
	sql_on coordinator "SELECT citus_add_node('$(socket_of "$server")', 5432)" >/dev/null
done
sql_on coordinator 'CREATE EXTENSION csm_metrics'
is "the extension is on both workers" \
	"$(sql_on worker1 "SELECT count(*) FROM pg_extension WHERE extname = 'csm_metrics'")$(sql_on worker2 "SELECT count(*) FROM pg_extension WHERE extname = 'csm_metrics'")" 11

# The table's own definition, then the rows of the plain server, which also shows that values travel as text.
include_on coordinator plan.sql company.sql calls.sql
sql_on coordinator "TRUNCATE company; SELECT create_distributed_table('company', 'account')" >/dev/null
sql 'COPY company TO STDOUT' | sql_on coordinator 'COPY company FROM STDIN'
is "both workers have shards with rows" \
	"$(sql_on coordinator "SELECT count(DISTINCT nodename) || ' ' || (SELECT sum(result::int) FROM run_command_on_shards('company', 'SELECT count(*) FROM %s')) FROM citus_shards WHERE table_name = 'company'::regclass")" \
	"2 $(sql 'SELECT count(*) FROM company')"

# A query's rows as one text, without what differs between servers.
for server in main coordinator; do
	sql_on "$server" "CREATE FUNCTION rows_of(query text) RETURNS text LANGUAGE plpgsql AS \$\$
		DECLARE
			one record;
			rows text[];
		BEGIN
			FOR one IN EXECUTE query LOOP
				rows := rows || one::text;
			END LOOP;
			RETURN (SELECT count(*) || ' rows ' || md5(string_agg(r, ';' ORDER BY r COLLATE \"C\")) FROM unnest(rows) AS r);
		END \$\$"
done

# same NAME QUERY [FROM [QUERY]]: for each call both servers give the same rows; the plain one's query may be another.
same()
{
	local name=$1 got want
	if got=$(sql_on coordinator "SELECT name, rows_of($2) FROM ${3:-calls} ORDER BY name" 2>&1) &&
		want=$(sql "SELECT name, rows_of(${4:-$2}) FROM ${3:-calls} ORDER BY name" 2>&1) &&
		[ "$(grep -c ' rows ' <<<"$want")" -gt 0 ]; then
		if [ "$got" = "$want" ]; then pass "$name"; else fail "$name" "$(diff <(echo "$got") <(echo "$want"))"; fi
	else
		fail "$name" "$got" "${want:-}"
	fi
}

# planned NAME CONDITION QUERY [FROM]: for each call the coordinator's plan meets a condition.
planned()
{
	local rows
	if rows=$(sql_on coordinator "SELECT name, plan FROM (SELECT name, 'public\.' || split_part(name, '(', 1) || '\(' AS start, plan_of($3, false, true) AS plan FROM ${4:-calls}) AS x
			WHERE NOT coalesce($2, false)" 2>&1) && [ -z "$rows" ]; then pass "$1"; else fail "$1" "$rows"; fi
}

none "every aggregate is called" -h "$(socket_of coordinator)" 'SELECT name FROM uncalled'
combining='(SELECT * FROM calls WHERE combines) AS calls'
n=$(sql "SELECT count(*) FROM $combining")
all=$(sql 'SELECT count(*) FROM calls')

# In parts: by groups that lie on all shards, over everything, and where most shards have no row.
parts="plan ~ ('Custom Scan \(Citus Adaptive\).*Task Count: 6.*Query: SELECT [^\n]*worker_partial_agg\(''' || start)"
for groups in grp ''; do
	what=${groups:-nothing}
	planned "$n aggregates by $what: partial on the workers" "$parts" "question(call, 'company', '$groups')" "$combining"
	same "$n aggregates by $what: as plain" "question(call, 'company', '$groups')" "$combining"
done
planned "$n aggregates over few rows: partial on the workers" "$parts" "question(call, 'company', '') || ' WHERE grp = 5'" "$combining"
same "$n aggregates over few rows: as plain" "question(call, 'company', '') || ' WHERE grp = 5'" "$combining"
same "$n aggregates over no rows: as plain" "question(call, 'company', '') || ' WHERE grp = -1'" "$combining"

# Whole: by account, which the table is distributed by.
planned "$all aggregates by account: whole on the workers" \
	"plan ~ ('Custom Scan \(Citus Adaptive\).*Query: SELECT [^\n]*' || start || '[^\n]*GROUP BY account') AND plan !~ 'worker_partial_agg'" "question(call, 'company', 'account')"
same "$all aggregates by account: as plain" "question(call, 'company', 'account')"
same "$all aggregates of one account: as plain" "question(call, 'company', '') || ' WHERE account = 4002'"

# Runs over raw rows, whole by account and merged by rollup.
by_account="question('rollup(answer)', '(' || question(call, 'company', 'grp, account') || ') AS accounts', 'grp')"
runs='(SELECT * FROM merging WHERE NOT in_parts) AS calls'
m=$(sql "SELECT count(*) FROM $runs")
planned "$m runs over raw rows merged: whole by account on the workers, rollup in parts" \
	"plan ~ ('Query: SELECT [^\n]*worker_partial_agg\(''public\.rollup\([^\n]*' || start || '[^\n]*GROUP BY [^\n]*account')" "$by_account" "$runs"
same "$m runs over raw rows merged: as plain" "$by_account" "$runs" "question(call, 'company', 'grp')"
like "runs over raw rows by group: cannot be done in parts" "$(sql_error -h "$(socket_of coordinator)" "SELECT grp, bridge_agg(account, at, amount, '1 month') FROM company GROUP BY grp")" 'unsupported aggregate function bridge_agg'
gathered="set_config('citus.coordinator_aggregation_strategy', 'row-gather', true) IS NOT NULL"
same "$((all - n)) runs over raw rows by group: rows gathered, as plain" "question(call, 'company', 'grp')" "(SELECT * FROM calls WHERE NOT combines AND $gathered) AS calls"

# Histories made by account, and asked in parts, in one query or stored.
histories="'(SELECT account, grp, history_agg(valid, amount, currency) AS h FROM company GROUP BY account, grp) AS histories'"
of_histories="(SELECT * FROM calls WHERE name ~ 'revenue_history') AS calls"
planned "histories by account: whole on the workers, what is asked of them in parts" \
	"plan ~ ('Query: SELECT [^\n]*worker_partial_agg\(''' || start || '[^\n]*public\.history_agg\([^\n]*GROUP BY [^\n]*account')" "question(call, $histories, 'grp')" "$of_histories"
same "histories by account: as plain" "question(call, $histories, 'grp')" "$of_histories"
sql_on coordinator "CREATE TABLE histories (account bigint, grp int, h revenue_history);
	SELECT create_distributed_table('histories', 'account');
	INSERT INTO histories SELECT account, grp, history_agg(valid, amount, currency) FROM company GROUP BY account, grp" >/dev/null
planned "stored histories: asked in parts" "$parts" "question(call, 'histories', 'grp')" "$of_histories"
same "stored histories: as plain" "question(call, 'histories', 'grp')" "$of_histories" "question(call, $histories, 'grp')"
same "stored histories joined to the company: as plain" "'SELECT csm, bridge_agg(histories.h, ''2022-08-31'', ''2024-12-29'', ''1 month'') FROM histories JOIN (SELECT DISTINCT account, csm FROM company) AS c USING (account) GROUP BY csm'" \
	"(VALUES ('join')) AS v (name)" "'SELECT csm, bridge_agg(histories.h, ''2022-08-31'', ''2024-12-29'', ''1 month'') FROM ' || $histories || ' JOIN (SELECT DISTINCT account, csm FROM company) AS c USING (account) GROUP BY csm'"

# Several aggregates, filters, figures of merged values, conditions on values and segments.
while IFS= read -r -d ';' query; do
	query=${query#$'\n'}
	same "$query" "\$query\$$query\$query\$" "(VALUES ('query')) AS v (name)"
done <<-'SQL'
	SELECT grp, ndr_agg(s, e), grr_agg(s, e), retention_agg(s, e, was), bridge_agg(h, '2022-08-31', '2024-12-29', '1 month'), csm_coverage(csm, arr), count(*) FROM company GROUP BY grp;
	SELECT grp, ndr_agg(s, e) FILTER (WHERE arr > 10), rollup(r) FILTER (WHERE touched) FROM company GROUP BY grp HAVING ndr_agg(s, e) > 0.9 ORDER BY ndr_agg(s, e);
	SELECT grp, ndr(rollup(r)), ndr_interval(rollup(r), 0.9), top_share(rollup(r), 3), csm_coverage(rollup(c)), incremental(rollup(l)) FROM company GROUP BY grp;
	SELECT segment_of(arr, segment_scheme('enterprise')), ndr_agg(s, e) FROM company WHERE ndr(r) > 0.5 AND 'large [1000,)'::segment @> arr GROUP BY 1;
	SELECT b.* FROM (SELECT bridge_agg(h, '2022-08-31', '2024-12-29', '1 month') AS rs FROM company) AS x, bridge(rs) AS b;
SQL
like "intervals that differ: refused by the coordinator" "$(sql_error -h "$(socket_of coordinator)" "SELECT retention_agg(s, e, daterange('2024-01-01', '2024-02-01'::date + (account % 5)::int)) FROM company")" '22023'

finish
