#!/usr/bin/env bash
#
# A company whose accounts lie on three servers, asked through postgres_fdw. With the option
# "extensions" the servers compute, without it they hand over rows; either way the answers
# are those of one table with all rows, bit for bit.
set -euo pipefail
# shellcheck source=prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"

need_packages test
if [ ! -f "$("$PG_CONFIG" --sharedir)/extension/postgres_fdw.control" ]; then
	skip "postgres_fdw" "this PostgreSQL has no postgres_fdw"
	finish
	exit
fi

# The front has all rows as "company", and the shards' as "sharded" and "shard_1" to "shard_3".
start_server
sql 'CREATE EXTENSION csm_metrics'
include_on main plan.sql company.sql calls.sql
sql "CREATE EXTENSION postgres_fdw;
	CREATE TABLE sharded (LIKE company) PARTITION BY LIST (node);
	CREATE TABLE summaries (node int, grp int, r retention_summary, b retention_summary[], h revenue_history,
		m cohort_matrix, c coverage_summary, l lift_summary) PARTITION BY LIST (node)"

# What a shard works out by itself and stores.
stored="retention_agg(s, e, was, '[2024-01-01,2024-04-01)'::daterange, currency) AS r, bridge_agg(h, '2022-08-31', '2024-12-29', '1 month') AS b,
	history_agg(valid, amount, currency) AS h, cohort_agg(account, at, amount, '1 month') AS m,
	coverage_agg(csm, arr, arr_capacity, account_capacity) AS c, lift_agg(touched, outcome, base, stratum) AS l"

for n in 1 2 3; do
	add_server "shard$n"
	sql_on "shard$n" 'CREATE EXTENSION csm_metrics'
	include_on "shard$n" company.sql
	sql_on "shard$n" "DELETE FROM company WHERE node <> $n;
		CREATE TABLE summaries AS SELECT node, grp, $stored FROM company GROUP BY node, grp; ANALYZE"
	sql "CREATE SERVER shard$n FOREIGN DATA WRAPPER postgres_fdw
			OPTIONS (host '$(socket_of "shard$n")', port '5432', dbname 'csm', extensions 'csm_metrics', async_capable 'true');
		CREATE USER MAPPING FOR CURRENT_USER SERVER shard$n OPTIONS (user 'postgres');
		CREATE FOREIGN TABLE shard_$n PARTITION OF sharded FOR VALUES IN ($n) SERVER shard$n OPTIONS (table_name 'company');
		CREATE FOREIGN TABLE summaries_$n PARTITION OF summaries FOR VALUES IN ($n) SERVER shard$n OPTIONS (table_name 'summaries');
		ANALYZE shard_$n, summaries_$n"
done
sql "ALTER DATABASE csm SET enable_partitionwise_aggregate = on; ALTER DATABASE csm SET jit = off"

# Queries for what is not as it should be; a call of calls.sql is a row, so that arguments are SQL over its columns.

# other_plans CONDITION QUERY [FROM]: the calls whose plan does not meet the condition on "plan"; "start" is how the
# aggregate reads in a query to a shard.
other_plans()
{
	cat <<-SQL
		SELECT name, plan
		FROM (SELECT name, 'public\.' || split_part(name, '(', 1) || '\(' AS start, plan_of($2, false, true) AS plan FROM ${3:-calls}) AS x
		WHERE NOT coalesce($1, false)
	SQL
}

# differing QUERY QUERY [FROM]: the calls of which both queries do not give the same rows.
differing()
{
	cat <<-SQL
		SELECT name, one, other
		FROM (SELECT name, answer_of(fingerprint($1)) AS one, answer_of(fingerprint($2)) AS other FROM ${3:-calls}) AS x
		WHERE one IS DISTINCT FROM other OR one IS NULL
	SQL
}

# differing_rows QUERY QUERY: the rows that only one of them has, and a row when both are empty.
differing_rows()
{
	cat <<-SQL
		WITH one AS MATERIALIZED ($1), other AS MATERIALIZED ($2)
		(SELECT 'only one', one::text FROM one EXCEPT ALL SELECT 'only one', other::text FROM other)
		UNION ALL (SELECT 'only the other', other::text FROM other EXCEPT ALL SELECT 'only the other', one::text FROM one)
		UNION ALL SELECT 'both are empty', NULL WHERE NOT EXISTS (SELECT FROM other)
	SQL
}

calls=$(sql 'SELECT count(*) FROM calls')
merging=$(sql 'SELECT count(*) FROM merging')
none "every aggregate is called" 'SELECT name FROM uncalled UNION ALL SELECT miscalled()'
is "shards have a part of the rows each" \
	"$(sql "SELECT string_agg(n::text, ' ' ORDER BY node) = (SELECT string_agg(n::text, ' ' ORDER BY node) FROM (SELECT node, count(*) AS n FROM company GROUP BY node) AS c)
		FROM (SELECT node, count(*) AS n FROM sharded GROUP BY node) AS s")" t

# One shard computes, whatever the aggregate; the front gets a row a group.
whole="plan ~ ('^Foreign Scan\n.*Remote SQL: SELECT .*' || start || '.*GROUP BY')"
if [ "$(pg_major "$PG_CONFIG")" -lt 17 ]; then
	# Up to 16 an array type is no member of its element's extension, and what takes or returns one stays here.
	none "arrays of types of the extension: rows travel, before PostgreSQL 17" "$(differing_rows \
		"SELECT name FROM ($(other_plans "$whole" "question(call, 'shard_1', 'grp')")) AS others" \
		"SELECT name FROM calls JOIN pg_proc p ON p.oid = to_regprocedure(name)
		WHERE EXISTS (SELECT FROM unnest(proargtypes || prorettype) AS t JOIN pg_type ON pg_type.oid = t WHERE typname ~ '^_')
			OR position('::segment[]' IN call) > 0")"
	succeeds "array types become members" sql 'ALTER EXTENSION csm_metrics ADD TYPE retention_summary[]; ALTER EXTENSION csm_metrics ADD TYPE segment[]'
fi
none "$calls aggregates over one shard: computed there" \
	"$(other_plans "$whole" "question(call, 'shard_1', 'grp')")"
none "$calls aggregates over one shard: as plain" \
	"$(differing "question(call, 'shard_1', 'grp')" "question(call, '(SELECT * FROM company WHERE node = 1) AS company', 'grp')")"

# All shards at once, group by group of the key.
each="plan ~ ('Append\n(.*Async Foreign Scan\n[^>]*Remote SQL: SELECT [^>]*' || start || '[^>]*GROUP BY[^>]*){3}$') AND plan !~ 'Partial'"
none "$calls aggregates by node: computed on each shard, asynchronously" \
	"$(other_plans "$each" "question(call, 'sharded', 'node, grp')")"
none "$calls aggregates by node: as plain" \
	"$(differing "question(call, 'sharded', 'node, grp')" "question(call, 'company', 'node, grp')")"

# Other groups than the key's: the shards' values, merged by the front.
none "$merging aggregates merged over nodes by group: computed on each shard, asynchronously" \
	"$(other_plans "$each" "merged(call, 'sharded', 'grp')" merging)"
none "$merging aggregates merged over nodes by group: as plain" \
	"$(differing "merged(call, 'sharded', 'grp')" "question(call, 'company', 'grp')" merging)"
none "$merging aggregates merged over nodes to one: computed on each shard, asynchronously" \
	"$(other_plans "$each" "merged(call, 'sharded', '')" merging)"
none "$merging aggregates merged over nodes to one: as plain" \
	"$(differing "merged(call, 'sharded', '')" "question(call, 'company', '')" merging)"
none "figures of what is merged: those of plain aggregates" "$(differing_rows \
	"SELECT grp, ndr(r), grr(r), logo_churn(r), quick_ratio(r), csm_coverage(c) FROM (
		SELECT grp, rollup(r) AS r, rollup(c) AS c
		FROM (SELECT grp, node, retention_agg(s, e) AS r, coverage_agg(csm, arr, arr_capacity) AS c FROM sharded GROUP BY grp, node) AS nodes GROUP BY grp) AS merged" \
	"SELECT grp, ndr_agg(s, e), grr_agg(s, e), churn_agg(s, e), quick_ratio_agg(s, e), csm_coverage(csm, arr, arr_capacity) FROM company GROUP BY grp")"

# What is not by the key is worked out by the front from rows, still partition by partition.
none "by other groups without rollup: rows travel, aggregates are partial" \
	"$(other_plans "plan ~ 'Finalize' AND plan !~ start AND plan ~ '(.*Partial[^>]*->  Foreign Scan[^>]*Remote SQL: SELECT [^>]*){3}$'" "question(call, 'sharded', 'grp')" '(SELECT * FROM calls WHERE in_parts) AS calls')"
none "by other groups without rollup: as plain" \
	"$(differing "question(call, 'sharded', 'grp')" "question(call, 'company', 'grp')")"

# Values that the shards have stored.
none "stored values of the shards, merged by group: as plain" "$(differing_rows \
	"SELECT grp, rollup(r), rollup(b), rollup(h), rollup(m), rollup(c), rollup(l) FROM summaries GROUP BY grp" \
	"SELECT grp, $stored FROM company GROUP BY grp")"
none "stored values, merged on each shard, asynchronously: as plain" "$(differing_rows \
	"SELECT rollup(r), rollup(b), rollup(h) FROM (SELECT node, rollup(r) AS r, rollup(b) AS b, rollup(h) AS h FROM summaries GROUP BY node) AS nodes" \
	"SELECT rollup(r), rollup(b), rollup(h) FROM (SELECT $stored FROM company) AS x")"
is "stored values, merged on each shard, asynchronously" "$(sql "SELECT plan_of('SELECT node, rollup(r), rollup(b), rollup(h) FROM summaries GROUP BY node', false, true)" | grep -c -e 'Async Foreign Scan' -e 'Remote SQL: SELECT node, public.rollup(r), public.rollup(b), public.rollup(h) FROM public.summaries GROUP BY 1')" 6
like "stored values of one shard: merged there" "$(sql "SELECT plan_of('SELECT rollup(r), rollup(b), rollup(h) FROM summaries_2', false, true)")" 'Remote SQL: SELECT public.rollup\(r\), public.rollup\(b\), public.rollup\(h\) FROM public.summaries$'

# Functions and operators in conditions, and below aggregates.
conditions="ndr(r) > 1.1;arr <@ 'large [1000,)'::segment;'large [1000,)'::segment @> arr;is_active(h, '2023-06-01');r = r + r;currency(r) = currency;ending(r) > 0 AND accounts_starting(r) < 5"
while IFS= read -r -d ';' condition; do
	plan=$(sql "SELECT plan_of(\$\$SELECT i FROM sharded WHERE $condition\$\$, false, true)")
	is "WHERE $condition: asked of the three shards" "$(grep -c 'Remote SQL: .* WHERE ' <<<"$plan") $(grep -c 'Filter:' <<<"$plan")" "3 0"
	none "WHERE $condition: as plain" "$(differing_rows "SELECT i FROM sharded WHERE $condition" "SELECT i FROM company WHERE $condition")"
done <<<"$conditions;"
like "GROUP BY segment: on the shard" "$(sql "SELECT plan_of('SELECT segment_of(arr, segment_scheme(''enterprise'')), ndr_agg(s, e), max(ndr(r)) FROM shard_1 GROUP BY 1', false, true)")" \
	'Remote SQL: SELECT public.segment_of\(arr, .*public.ndr_agg\(s, e\), max\(public.ndr\(r\)\) FROM public.company GROUP BY 1'
none "GROUP BY segment: as plain" "$(differing_rows \
	"SELECT segment_of(arr, segment_scheme('enterprise')), ndr_agg(s, e), max(ndr(r)) FROM shard_1 GROUP BY 1" \
	"SELECT segment_of(arr, segment_scheme('enterprise')), ndr_agg(s, e), max(ndr(r)) FROM company WHERE node = 1 GROUP BY 1")"
like "FILTER: on the shard" "$(sql "SELECT plan_of('SELECT ndr_agg(s, e) FILTER (WHERE arr > 10) FROM shard_1', false, true)")" 'Remote SQL: SELECT public.ndr_agg\(s, e\) FILTER'

# A constant of type text has no column's collation: postgres_fdw keeps the aggregate at home.
unlike "a text constant as currency: not computed on the shard" "$(sql "SELECT plan_of('SELECT history_agg(valid, amount, ''EUR'') FROM shard_1', false, true)")" 'Remote SQL: .*history_agg'

unlike "a cast by way of text: not computed on the shard" "$(sql "SELECT plan_of('SELECT bridge_agg(account::text, at, amount, ''1 month'') FROM shard_1', false, true)")" 'Remote SQL: .*bridge_agg'
unlike "ROLLUP: not computed on the shard" "$(sql "SELECT plan_of('SELECT grp, ndr_agg(s, e) FROM shard_1 GROUP BY ROLLUP (grp)', false, true)")" 'Remote SQL: .*ndr_agg'

# What cannot be merged is refused by the front, as on one server.
like "intervals that differ between shards: refused" "$(sql_error "SELECT rollup(x) FROM (SELECT node, retention_agg(s, e, daterange('2024-01-01', '2024-01-01'::date + 30 + node)) AS x FROM sharded GROUP BY node) AS n")" '22023'

# Foreign tables can be checked like others.
none "check_subscriptions of three shards: as plain" \
	"$(differing_rows "SELECT * FROM check_subscriptions('sharded', 'account', 'valid', 'amount', 'currency', as_of => '2024-12-31')" "SELECT * FROM check_subscriptions('company', 'account', 'valid', 'amount', 'currency', as_of => '2024-12-31')")"

# Without the option, all is computed here.
for n in 1 2 3; do
	sql "ALTER SERVER shard$n OPTIONS (DROP extensions)"
done
none "$calls aggregates without the option: rows travel" \
	"$(other_plans "plan !~ start AND plan ~ 'Remote SQL: SELECT .* FROM public.company'" "question(call, 'shard_1', 'grp')")"
none "$calls aggregates without the option: as plain" \
	"$(differing "question(call, 'sharded', 'node, grp')" "question(call, 'company', 'node, grp')")"
none "$merging aggregates merged over nodes without the option: as plain" \
	"$(differing "merged(call, 'sharded', 'grp')" "question(call, 'company', 'grp')" merging)"

if [ "$(pg_major "$PG_CONFIG")" -lt 17 ]; then
	like "with array types as members: the extension is not moved" "$(sql_error 'CREATE SCHEMA other; ALTER EXTENSION csm_metrics SET SCHEMA other')" 'cannot alter array type'
	succeeds "array types taken out: the extension is moved" sql 'ALTER EXTENSION csm_metrics DROP TYPE retention_summary[]; ALTER EXTENSION csm_metrics DROP TYPE segment[]; CREATE SCHEMA other; ALTER EXTENSION csm_metrics SET SCHEMA other'
	succeeds "array types as members: the extension is dropped" sql 'ALTER EXTENSION csm_metrics ADD TYPE other.retention_summary[]; DROP EXTENSION csm_metrics CASCADE'
fi

finish
