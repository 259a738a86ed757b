#!/usr/bin/env bash
#
# make report [CSV=file [ENDS=inclusive] [ASOF=date] [UNIT=month] | DB=database] [OUT=report.html]
# make pictures    the charts of the sample company as doc/pictures/*.svg
#
# One HTML file about the sample company, a CSV file (as make demo takes it), or a database that has the views of examples/bi_views.sql, reached by libpq's
# environment or a connection string. It asks for nothing from anywhere. Needs Node.js; without it, make demo prints the same figures as tables.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
# shellcheck source=../tools/lib.sh
. "$root/tools/lib.sh"

known_variables report CSV ENDS ASOF UNIT DB OUT SEED
CSV=${CSV:-} DB=${DB:-} OUT=${OUT:-report.html}
[ "${1:-}" != pictures ] || { PICTURES=$root/doc/pictures OUT=/dev/null; mkdir -p "$PICTURES"; }

[ -z "$CSV" ] || [ -z "$DB" ] || die "CSV and DB: it is either a file or a database"
{ [ -w "$OUT" ] || { [ ! -e "$OUT" ] && [ -w "$(dirname "$OUT")" ]; }; } || die "OUT=$OUT cannot be written"
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
	say "The pictures need Node.js (apt-get install nodejs npm). Here are the figures as tables."
	exec env -u OUT bash "$root/demo/run.sh"
fi
[ "$here/node_modules/.package-lock.json" -nt "$here/package-lock.json" ] || (cd "$here" && quietly npm ci)

# The tables of the demo are moved beside the histories and views, which have names of their own. Sets warnings, what the demo said of the file.
prepare()
{
	local until
	start_server "jit = off" "work_mem = '64MB'"
	DEMO_SERVER=1 bash "$root/demo/run.sh" >"$SERVER_DIR/demo.txt" || die "$(cat "$SERVER_DIR/demo.txt")"
	warnings=$(awk '/^warning: / { on = 1; print; next } on && /^         / { print; next } { on = 0 }' "$SERVER_DIR/demo.txt")
	[ -z "$warnings" ] || printf '%s\n' "$warnings" >&2
	until=$("$PSQL" -XAtqc "SELECT upper(period) FROM book LIMIT 1")
	unit=$("$PSQL" -XAtqc "SELECT col_description('subscription'::regclass, attnum) FROM pg_attribute WHERE attrelid = 'subscription'::regclass AND attname = 'amount'")
	[ "$unit" != 'a month' ] || "$PSQL" -Xq -v ON_ERROR_STOP=1 -c 'UPDATE subscription SET amount = 12 * amount'
	export PGOPTIONS='-c client_min_messages=warning -c search_path=reports,public'
	"$PSQL" -Xq -v ON_ERROR_STOP=1 -c 'CREATE SCHEMA reports' -c 'ALTER TABLE public.account SET SCHEMA reports' -c 'ALTER TABLE public.subscription SET SCHEMA reports' \
		-c "DO \$\$ BEGIN IF to_regclass('public.usage_event') IS NOT NULL THEN ALTER TABLE public.usage_event SET SCHEMA reports; END IF; END \$\$" \
		-f "$root/examples/scheduled_reports.sql" -f "$root/examples/bi_views.sql" >/dev/null
	"$PSQL" -Xq -v ON_ERROR_STOP=1 -c "SELECT nightly_report('$until')" >/dev/null
}

warnings='' unit=''
work=$(mktemp -d "${TMPDIR:-/tmp}/csm_metrics.report.XXXXXX")
company=${DB:-${CSV:-Sample company}}
if [ -n "$DB" ]; then
	PSQL=${PSQL:-psql}
	export PGDATABASE=$DB
else
	prepare
fi
"$PSQL" -XAtq -v ON_ERROR_STOP=1 -v company="$(basename "$company")" -v unit="$unit" -v warnings="$warnings" -f "$here/data.sql" >"$work/data.json" ||
	die "the views could not be read: examples/scheduled_reports.sql and examples/bi_views.sql make them"
node "$here/render.mjs" "$work/data.json" "$work/report.html" ${PICTURES:+"$PICTURES"}
[ -z "${PICTURES:-}" ] || exit 0
cp "$work/report.html" "$OUT" || die "OUT=$OUT cannot be written"
rm -rf "$work"
say "$OUT: $(wc -c <"$OUT") bytes"
