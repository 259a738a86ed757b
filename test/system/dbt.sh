#!/usr/bin/env bash
#
# integrations/dbt under the real dbt-core and dbt-postgres, in a virtual environment of their own: built twice, with late and deleted rows, fully refreshed, with the extension in
# a schema of its own, by a role that may create nothing but in its own schema; a table that does not reconcile is seen to fail.
set -euo pipefail
# shellcheck source=prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"

need_packages test
root=$SYSTEM_DIR/../..
export PGOPTIONS='-c client_min_messages=warning'
start_server
work=$SERVER_DIR/dbt
mkdir "$work"
if ! python3 -m venv "$work/venv" >"$work/pip.log" 2>&1 || ! "$work/venv/bin/pip" install -q -r "$root/test/dbt/requirements.txt" >>"$work/pip.log" 2>&1; then
	skip "the package for dbt" "dbt-core and dbt-postgres cannot be had: python3-venv and PyPI: $(tail -n 1 "$work/pip.log")"
	finish
	exit
fi
cp -r "$root/integrations/dbt" "$work/package"
cp -r "$root/test/dbt" "$work/book"
export DBT_PROFILES_DIR=$work/book DO_NOT_TRACK=1

# dbt COMMAND...: sets status, writes dbt.log
dbt()
{
	status=0
	(cd "$work/book" && "$work/venv/bin/dbt" --no-use-colors "$@") >"$work/dbt.log" 2>&1 || status=$?
}
built() { dbt "${@:2}"; [ "$status" = 0 ] || tail -n 40 "$work/dbt.log" | sed 's/^/# /'; is "$1" "$status" 0; }
contents()
{
	sql "SELECT md5(string_agg(x::text, ',' ORDER BY x::text)) FROM (SELECT 'b', b::text FROM ${1:-figures}.csm_bridge_month b UNION ALL SELECT 't', t::text FROM ${1:-figures}.csm_trailing_year t
		UNION ALL SELECT 'c', c::text FROM ${1:-figures}.csm_cohort c UNION ALL SELECT 'm', m::text FROM ${1:-figures}.csm_movement m ${2:-UNION ALL SELECT 'r', r::text FROM ${1:-figures}.csm_retention r}) x"
}
# Without the days that were reported, which stay as they were known then.
known_now() { contents "$1" ' '; }

# The descriptions are those of the views.
sql -d postgres 'CREATE DATABASE views'
sql -d views 'CREATE EXTENSION csm_metrics'
"$PSQL" -XAtq -d views -f "$root/examples/scheduled_reports.sql" -f "$root/examples/bi_views.sql" >/dev/null
is "descriptions: those of the views" "$("$PSQL" -XAtq -d views -f "$root/integrations/dbt/docs.sql" | diff - "$root/integrations/dbt/models/docs.md" | head -n 5)" ''

sql 'CREATE EXTENSION csm_metrics'
"$PSQL" -XAtq -v ON_ERROR_STOP=1 -f "$root/test/dbt/data.sql"
built "dependencies" deps
built "built, and its own tests pass" build
like "as many tests as there are" "$(grep -o 'PASS=[0-9]*' "$work/dbt.log" | tail -n 1)" 'PASS=(2[0-9]|[3-9][0-9])'
first=$(contents)

# By plain calls over the raw rows.
is "the bridge by a plain call" "$(sql "SELECT count(*) FROM (SELECT day, starting, ending, round(ndr, 8) FROM figures.csm_bridge_month WHERE currency = 'EUR' EXCEPT
	SELECT period_end - 1, starting, ending, round(ndr, 8) FROM bridge((SELECT bridge_agg(id, days(first_day, last_day + 1), paid, '1 month', '2023-02-01', '2025-02-01') FROM billing.subscription WHERE money = 'EUR' AND last_day + 1 > first_day IS NOT FALSE))) x")" 0
is "an amount by plain SQL" "$(sql "SELECT ending = (SELECT sum(paid) FROM billing.subscription WHERE money = 'USD' AND first_day <= '2024-12-31' AND coalesce(last_day >= '2024-12-31', true)) FROM figures.csm_bridge_month WHERE currency = 'USD' AND day = '2024-12-31'")" t

# Twice: nothing is written.
sql 'CREATE TABLE rows_before AS SELECT ctid::text AS place, xmin::text AS writer, account_id, currency FROM figures.csm_history'
built "built again" build
is "built again: the same figures" "$(contents)" "$first"
is "built again: no history is written" "$(sql 'SELECT count(*) FROM figures.csm_history h FULL JOIN rows_before b ON b.account_id = h.account_id AND b.currency IS NOT DISTINCT FROM h.currency WHERE h.ctid::text IS DISTINCT FROM b.place OR h.xmin::text IS DISTINCT FROM b.writer')" 0

# Late rows, corrected and deleted ones.
sql "INSERT INTO billing.subscription VALUES (5, 'EUR', '2023-05-01', '2024-01-31', 999, now()), (950, 'USD', '2024-02-01', NULL, 44, now());
	UPDATE billing.subscription SET paid = paid + 1, written = now() WHERE id = 20; DELETE FROM billing.subscription WHERE id = 30"
dbt test --select csm_history
is "before the run, histories are seen to be stale" "$((status != 0))$(grep -c 'FAIL .*history_is_fresh' "$work/dbt.log")" 11
built "late, corrected and deleted rows" build
is "late rows: other figures" "$([ "$(contents)" != "$first" ] && echo yes)" yes
is "late rows: accounts without rows are gone" "$(sql 'SELECT count(*) FROM figures.csm_history WHERE account_id = 30')" 0
second=$(contents)
now=$(known_now figures)
reports=$(sql "SELECT md5(string_agg(r::text, ',' ORDER BY r::text)) FROM figures.csm_retention_day r")
built "full refresh" build --full-refresh
is "full refresh: the same figures" "$(contents)" "$second"
is "full refresh: days that were reported stay" "$(sql "SELECT md5(string_agg(r::text, ',' ORDER BY r::text)) FROM figures.csm_retention_day r")" "$reports"

# A day later one more day is reported.
built "the next day" build --vars '{csm_until: "2025-02-16"}'
is "the next day: one more is reported" "$(sql 'SELECT count(DISTINCT day) || $$ $$ || max(day) FROM figures.csm_retention_day')" '8 2025-02-15'

# A failing reconciliation.
sql "UPDATE figures.csm_bridge_month SET ending = ending + 0.01 WHERE day = '2024-06-30' AND currency = 'EUR'"
dbt test --select csm_bridge_month
is "a bridge that does not add up fails" "$((status != 0))" 1
like "... by its reconciliation" "$(cat "$work/dbt.log")" 'FAIL [0-9]+ csm_metrics_reconciles_csm_bridge_month'

# The extension in a schema of its own, a role that may create in its own schema only, no extension at all.
sql 'ALTER ROLE postgres RESET ALL; CREATE SCHEMA metrics; CREATE ROLE builder LOGIN; CREATE SCHEMA built AUTHORIZATION builder; GRANT USAGE ON SCHEMA billing, metrics TO builder; GRANT SELECT ON ALL TABLES IN SCHEMA billing TO builder;
	REVOKE CREATE ON DATABASE csm FROM PUBLIC; REVOKE CREATE ON SCHEMA public FROM PUBLIC; DROP SCHEMA figures CASCADE; DROP EXTENSION csm_metrics CASCADE' 2>/dev/null
dbt build
like "without the extension: what to do" "$(cat "$work/dbt.log")" 'CREATE EXTENSION csm_metrics'
sql 'CREATE EXTENSION csm_metrics SCHEMA metrics'
dbt build
like "in a schema of its own: what to set" "$(cat "$work/dbt.log")" 'set the var csm_schema'
PGUSER=builder DBT_SCHEMA=built built "in a schema of its own, by a role that may create nothing else" build --vars '{csm_schema: metrics}'
is "in a schema of its own: the same figures" "$(known_now built)" "$now"
finish
