#!/usr/bin/env bash
#
# Who may install the extension, and what others can do to those who use it: no superuser is
# needed; nothing of a hostile schema runs while it is installed, updated or called; row-level
# security, privileges on functions and on columns hold; reports need no right to write.
set -euo pipefail

. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"

start_server "log_error_verbosity = verbose"
extension_dir=$SERVER_DIR/install$("$PG_CONFIG" --sharedir)/extension
version=$(sql "SELECT default_version FROM pg_available_extensions WHERE name = 'csm_metrics'")

state_of() { sql_error "$@" | sed -nE 's/^.*(ERROR|FATAL):  ([0-9A-Z]{5}):.*/\2/p' | head -n 1; }
# as ROLE [option of psql]... STATEMENTS
as() { sql -U "$@"; }

# --------------------------------------------------------------------- who installs it

sql 'CREATE ROLE stranger LOGIN; CREATE ROLE installer LOGIN; CREATE ROLE reader LOGIN'
sql 'GRANT CREATE ON DATABASE csm TO installer'
like "without CREATE on the database: refused" "$(sql_error -U stranger 'CREATE EXTENSION csm_metrics')" '42501'
as installer 'CREATE SCHEMA metrics; CREATE EXTENSION csm_metrics SCHEMA metrics'
is "with it: installed into a schema of one's own, without superuser" \
	"$(sql "SELECT extowner::regrole || ' ' || extnamespace::regnamespace FROM pg_extension WHERE extname = 'csm_metrics'")" "installer metrics"
sql 'GRANT USAGE ON SCHEMA metrics TO PUBLIC'
is "a third role uses it" "$(as reader 'SELECT metrics.ndr_agg(s, e) FROM (VALUES (75000, 125000), (25000, 0)) v (s, e)')" 1.2500000000000000
as installer 'DROP EXTENSION csm_metrics; DROP SCHEMA metrics'
is "who installed it may drop it" "$(sql "SELECT count(*) FROM pg_extension WHERE extname = 'csm_metrics'")" 0

# ------------------------------------------------------- objects that are there already

preexisting()
{
	local name=$1 statement=$2 state=$3
	sql "CREATE SCHEMA taken; GRANT ALL ON SCHEMA taken TO stranger, installer"
	as stranger -c 'SET search_path = taken' "$statement"
	is "not installed over somebody's $name" "$(state_of -U installer 'CREATE EXTENSION csm_metrics SCHEMA taken')" "$state"
	is "and nothing is left of the attempt over somebody's $name" "$(sql "SELECT count(*) FROM pg_proc WHERE prosrc LIKE 'csm\_%'")" 0
	sql -c 'SET client_min_messages = warning' 'DROP SCHEMA taken CASCADE'
}
preexisting "function" "CREATE FUNCTION movement(numeric, numeric) RETURNS text LANGUAGE sql RETURN 'mine'" 42723
preexisting "function in an aggregate's place" "CREATE FUNCTION ndr_agg(numeric, numeric) RETURNS numeric LANGUAGE sql RETURN 1" 42723
preexisting "type" "CREATE TYPE revenue_history AS (mine int)" 42710
preexisting "domain" "CREATE DOMAIN segment AS text" 42710
preexisting "table" "CREATE TABLE lift_summary (mine int)" 42710

# --------------------------------------------------------------------- a hostile schema

# What each function answers where nobody is hostile: a view for the first query of the random
# calls that has an answer. A view has its names resolved, so that only what our code looks up
# by itself can go astray later.
sql 'CREATE SCHEMA metrics; GRANT USAGE ON SCHEMA metrics TO PUBLIC; CREATE EXTENSION csm_metrics SCHEMA metrics; CREATE SCHEMA safe; GRANT USAGE ON SCHEMA safe TO PUBLIC'
PGOPTIONS='-c search_path=safe,metrics' "$PSQL" -XAtq -v ON_ERROR_STOP=1 -f "$SYSTEM_DIR/include/values.sql" -f "$SYSTEM_DIR/include/random_calls.sql"
PGOPTIONS='-c search_path=safe,metrics' sql "SELECT try_calls(1, 6000)" >/dev/null
PGOPTIONS='-c search_path=safe,metrics' sql "DO \$\$
DECLARE
	r record;
BEGIN
	CREATE TABLE answers (name text, seed int, answer text);
	FOR r IN SELECT DISTINCT ON (name) name, seed, replace(query, '@', 'extended') AS query FROM outcomes WHERE state = '00000' ORDER BY name, seed LOOP
		EXECUTE format('CREATE VIEW call_%s AS SELECT string_agg(q::text, E''\n'' ORDER BY q::text) AS answer FROM (%s) q', r.seed, r.query);
		EXECUTE format('INSERT INTO answers SELECT %L, %s, answer FROM call_%s', r.name, r.seed, r.seed);
	END LOOP;
END \$\$"
functions=$(sql 'SELECT count(*) FROM safe.answers')
is "nearly every function has a query with an answer" "$((functions >= $(sql 'SELECT count(*) FROM safe.callable') - 12))" 1
names=$(sql "SELECT array_agg(DISTINCT proname) FROM pg_proc WHERE pronamespace = 'metrics'::regnamespace")
objects="SELECT md5(string_agg(o, ',' ORDER BY o)) FROM (SELECT replace(pg_describe_object(classid, objid, 0), extnamespace::regnamespace || '.', '')
	|| coalesce((SELECT pg_get_function_result(objid) || prosrc || coalesce(replace(pg_get_function_sqlbody(objid), extnamespace::regnamespace || '.', ''), '') FROM pg_proc p WHERE classid = 'pg_proc'::regclass AND p.oid = objid AND prokind = 'f'), '') AS o
	FROM pg_depend, pg_extension e WHERE refclassid = 'pg_extension'::regclass AND refobjid = e.oid AND extname = 'csm_metrics' AND deptype = 'e') x"
# pg_describe_object leaves out schemas that are in search_path
objects_of() { sql -c "SET search_path = $1" "$objects"; }
usual_objects=$(objects_of metrics)

set_traps() { "$PSQL" -XAtq -v ON_ERROR_STOP=1 -v names="$names" -f "$SYSTEM_DIR/include/hostile.sql" >/dev/null; }
sprung() { sql 'SELECT string_agg(DISTINCT name, chr(32)) FROM hostile.sprung'; }
set_traps
hostile_path='hostile, metrics, pg_catalog'

is "there are traps for operators, functions and types" \
	"$(sql "SELECT (SELECT count(*) > 150 FROM pg_operator WHERE oprnamespace = 'hostile'::regnamespace) AND (SELECT count(*) > 1000 FROM pg_proc WHERE pronamespace = 'hostile'::regnamespace)
		AND (SELECT count(*) > 10 FROM pg_type WHERE typnamespace = 'hostile'::regnamespace AND typtype = 'd')")" t
sql -c "SET search_path = $hostile_path" "SELECT 1::numeric + 1::numeric, length('x'::pg_catalog.text)" >/dev/null
is "a trap that is stepped on is noted" "$(sprung)" "length op_numeric+"
sql 'TRUNCATE hostile.sprung'

while IFS='|' read -r name seed; do
	got=$(sql -c "SET search_path = $hostile_path" "TABLE safe.call_$seed" 2>&1) || true
	[ "$got" = "$(sql "SELECT answer FROM safe.answers WHERE seed = $seed")" ] || different="${different:-} $name"
done < <(sql 'SELECT name, seed FROM safe.answers')
is "each of $functions functions answers the same with the hostile schema first" "${different:-}" ""
is "and none of the traps was stepped on" "$(sprung)" ""
sql "CREATE TABLE safe.ours AS SELECT proname, proargtypes FROM pg_proc WHERE pronamespace = 'metrics'::regnamespace"
sql -c 'SET client_min_messages = warning' 'DROP EXTENSION csm_metrics CASCADE'

# installed FROM: the extension is there, as it always is, and no trap was stepped on.
installed()
{
	is "$1: no trap was stepped on" "$(sprung)" ""
	is "$1: the extension is the usual one" "$(objects_of "$2")" "$usual_objects"
	is "$1: it works" "$(sql "SELECT $2.ndr($2.retention_agg(s, e)), (SELECT count(*) FROM $2.default_benchmarks()), $2.benchmark_position(1.0, 2.0, 3.0) FROM (VALUES (4.0, 5.0), (4.0, 3.0)) v (s, e)")" "1.00000000000000000000|25|below"
	sql 'DROP EXTENSION csm_metrics; TRUNCATE hostile.sprung'
}
sql 'CREATE SCHEMA elsewhere'
sql -c "SET search_path = $hostile_path" 'CREATE EXTENSION csm_metrics SCHEMA elsewhere'
installed "installed with a hostile search_path" elsewhere

# The schema that it goes into has traps, but for those with the very name and arguments of a
# function of ours, in whose place nothing is installed.
sql "SELECT format('DROP FUNCTION %s;', p.oid::regprocedure) FROM pg_proc p JOIN safe.ours USING (proname, proargtypes) WHERE pronamespace = 'hostile'::regnamespace" | "$PSQL" -XAtq -v ON_ERROR_STOP=1
sql 'CREATE EXTENSION csm_metrics SCHEMA hostile'
installed "installed into a hostile schema" hostile

# An update runs scripts as well: those from earlier versions, and one that is the whole of ours.
cp -n "$CSM_ROOT"/test/versions/csm_metrics--*.sql "$extension_dir"
echo '-- nothing' >"$extension_dir/csm_metrics--0.0.1.sql"
ln "$extension_dir/csm_metrics--$version.sql" "$extension_dir/csm_metrics--0.0.1--$version.sql"
for earlier in $(sql "SELECT version FROM pg_available_extension_versions WHERE name = 'csm_metrics' AND version <> '$version'"); do
	for schema in elsewhere hostile; do
		sql "CREATE EXTENSION csm_metrics SCHEMA $schema VERSION '$earlier'"
		sql -c "SET search_path = $hostile_path" 'ALTER EXTENSION csm_metrics UPDATE'
		installed "updated from $earlier in the schema $schema with a hostile search_path" $schema
	done
done
rm -f "$extension_dir"/csm_metrics--0.0.1*.sql

# ------------------------------------------------------------- rights of those who read

sql "CREATE EXTENSION csm_metrics SCHEMA metrics;
	CREATE TABLE book (account bigint, tenant text, at date, starting numeric, ending numeric, was_customer bool);
	INSERT INTO book SELECT i, CASE WHEN i % 2 = 0 THEN 'reader' ELSE 'other' END, date '2024-01-15' + i % 12 * 30, CASE WHEN i % 2 = 1 THEN -i ELSE i END, 5, false FROM generate_series(1, 1000) i;
	CREATE TABLE kept AS SELECT tenant, metrics.retention_agg(abs(starting), ending) AS r FROM book GROUP BY tenant;
	GRANT SELECT ON book, kept TO reader"
report="SELECT metrics.ndr_agg(starting, ending), metrics.bridge_agg(account, at, ending, '1 month'), metrics.coverage_agg(tenant, ending), metrics.rollup(h) FROM (SELECT b.*, metrics.history_agg(at, ending, '1 month') OVER (PARTITION BY account) AS h FROM book b) x WHERE starting > 0"
is "a role that may only read gets reports, in a transaction that only reads" \
	"$(as reader -c 'SET default_transaction_read_only = on' -c "SET work_mem = '64kB'" "$report")" "$(sql "$report")"
like "and it cannot write" "$(sql_error -U reader 'INSERT INTO book (account) VALUES (1)')" 42501

# Rows of others have negative amounts, which any figure refuses by name and value.
sql "ALTER TABLE book ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON book USING (tenant = current_user);
	CREATE VIEW own WITH (security_barrier) AS SELECT * FROM book WHERE tenant = 'reader'; GRANT SELECT ON own TO reader"
is "row-level security: an aggregate sees what the role may see" "$(as reader 'SELECT metrics.accounts_starting(metrics.retention_agg(starting, ending)) FROM book')" 500
for from in book own; do
	for condition in "metrics.movement(starting, ending) = 'expansion'" "metrics.movement(starting, ending, was_customer) IS NOT NULL" \
		"metrics.annuity(starting, 0.1, 0.1) > 100" "metrics.csm_sums_accum(NULL, starting, ending)::text <> ''"; do
		like "asked about all rows it fails: $condition" "$(sql_error "SELECT count(*) FROM book WHERE $condition")" 22023
		got=$(as reader "SELECT count(*) >= 0 FROM $from WHERE $condition" 2>&1) || true
		is "$from: a condition is not asked about rows that the role may not see: $condition" "$got" t
	done
done

sql 'REVOKE EXECUTE ON FUNCTION metrics.ndr_agg(numeric, numeric), metrics.ndr(metrics.retention_summary) FROM PUBLIC'
like "EXECUTE revoked: an aggregate" "$(sql_error -U reader 'SELECT metrics.ndr_agg(starting, ending) FROM book')" 42501
like "EXECUTE revoked: an accessor" "$(sql_error -U reader 'SELECT metrics.ndr(r) FROM kept')" 42501
is "the others go on" "$(as reader 'SELECT metrics.grr_agg(10, 5), count(metrics.grr(r)) FROM kept')" "0.50000000000000000000|2"
sql 'REVOKE SELECT ON book FROM reader; GRANT SELECT (account, at, ending, tenant) ON book TO reader'
like "a column without the privilege" "$(sql_error -U reader 'SELECT metrics.grr_agg(starting, ending) FROM book')" 42501
is "columns with it" "$(as reader "SELECT cardinality(metrics.bridge_agg(account, at, ending, '1 month')) FROM book")" 10

is "no crash, panic or internal error in the server's log" "$(grep -E -m 3 'TRAP:|PANIC:|terminated by signal|ERROR:  XX' "$SERVER_DIR/server.log" || true)" ""
finish
