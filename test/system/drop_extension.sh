#!/usr/bin/env bash
#
# DROP EXTENSION: leaves the catalogs as they were; is refused while something uses the
# extension; with CASCADE takes columns of its types and what is built on them, and no
# table, row or other column.
set -euo pipefail
# shellcheck source=prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"
# shellcheck source=include/stored.sh
. "$SYSTEM_DIR/include/stored.sh"

need_packages test
start_server "autovacuum = off"

# Every row of every catalog, one line a catalog.
catalogs_of() { read_files "$1" catalogs.sql; }
# Rows of catalogs that name what is not there.
dangling_of() { read_files "$1" dangling.sql | head -n 20; }
rows_of()
{
	sql -d "$1" 'SELECT (SELECT count(*) FROM stored.retention_summary), (SELECT sum(id) FROM stored.deals),
		(SELECT sum(arr) FROM stored.deals), (SELECT sum(id) FROM stored.together), (SELECT sum(s) FROM stored.accounts)'
}

for schema in public 'own schema'; do
	database=empty_${schema% *}
	sql -d postgres "CREATE DATABASE $database"
	sql -d "$database" "CREATE SCHEMA IF NOT EXISTS \"$schema\"" 2>/dev/null
	before=$(catalogs_of "$database")
	like "$schema: catalogs to look at" "$before" '^pg_proc [1-9]'
	sql -d "$database" "CREATE EXTENSION csm_metrics SCHEMA \"$schema\""
	unlike "$schema: installed, they are others" "$(catalogs_of "$database")" "^$(grep '^pg_proc ' <<<"$before")\$"
	is "$schema: installed, nothing dangles" "$(dangling_of "$database")" ''
	sql -d "$database" 'DROP EXTENSION csm_metrics'
	is "$schema: dropped, every catalog is what it was" "$(catalogs_of "$database")" "$before"
done

new_database used 'own schema'
fill used
before=$(all_of used)
rows=$(rows_of used)
like "used: refused" "$(sql_error -d used 'DROP EXTENSION csm_metrics')" '^ERROR:  2BP01: cannot drop extension csm_metrics because other objects depend on it'
is "used: nothing happened" "$(all_of used)" "$before"
is "used: nor when dropping is rolled back" "$(sql -d used -c 'BEGIN; DROP EXTENSION csm_metrics CASCADE; ROLLBACK' 'SELECT 1' 2>/dev/null)" 1
is "rolled back: everything is there" "$(all_of used)" "$before"
is "rolled back: every index is whole" "$(damage_of used 2>&1)" ''
sql -d used 'CREATE EXTENSION IF NOT EXISTS amcheck SCHEMA public; DROP EXTENSION csm_metrics CASCADE' 2>/dev/null

# A column of a type goes, what is generated from it, and what is partitioned by it; domains,
# views and functions go; other columns and all rows stay.
is "cascaded: tables that are left, and their columns" \
	"$(sql -d used "SELECT relname, string_agg(attname, ' ' ORDER BY attnum) FROM pg_class c LEFT JOIN pg_attribute ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped WHERE relnamespace = 'stored'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'c') GROUP BY relname ORDER BY relname COLLATE \"C\"")" \
	"accounts|grp i s e was
argument|name type expression
bands|
bridge_state|id
cohort_matrix|id
coverage_summary|id
deals|id arr
funnel_steps|id
funnel_summary|id
health_summary|id
lift_summary|id
pair|
retention_summary|id
retention_sums|id
revenue_history|id
revenue_terms|id
segment|id
segment_flows|id
survival_summary|id
together|id pair
usage_history|id
ways|id"
is "cascaded: all rows are left" "$(rows_of used)" "$rows"
is "cascaded: indexes that are left" "$(sql -d used "SELECT string_agg(relname, ' ') FROM pg_class WHERE relnamespace = 'stored'::regnamespace AND relkind = 'i'")" 'deals_pkey'
is "cascaded: nothing of the extension is left" \
	"$(sql -d used "SELECT proname FROM pg_proc WHERE probin ~ 'csm_metrics' UNION SELECT typname FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace WHERE nspname = 'own schema'")" ''
is "cascaded: nothing dangles" "$(dangling_of used)" ''
sql -d used 'CREATE EXTENSION csm_metrics'
sql -d used 'DROP SCHEMA stored CASCADE' 2>/dev/null
fill used
is "installed again: everything is what it was" "$(all_of used)" "$before"
finish
