#!/usr/bin/env bash
#
# integrations/observable: built by Observable Framework over the views of the sample company, by a role that may read bi alone; looked at in headless Chromium. Needs Node.js with
# npm and its packages.
set -euo pipefail
# shellcheck source=prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"

need_packages test
root=$SYSTEM_DIR/../..
why=''
if ! command -v node >/dev/null || ! command -v npm >/dev/null || ! command -v python3 >/dev/null; then why="it needs Node.js with npm, and Python to serve files"; fi
start_server
work=$SERVER_DIR/page
mkdir "$work"
(cd "$root/integrations/observable" && tar -c --exclude=node_modules --exclude=dist --exclude=.observablehq .) | tar -C "$work" -x
if [ -z "$why" ] && ! (cd "$work" && npm ci --no-audit --no-fund >"$work/npm.log" 2>&1); then why="its packages cannot be had: $(tail -n 1 "$work/npm.log")"; fi
if [ -n "$why" ]; then
	skip "the page of Observable Framework" "$why"
	finish
	exit
fi

"$PSQL" -Xq -v ON_ERROR_STOP=1 -c 'CREATE EXTENSION csm_metrics' -f "$root/demo/schema.sql" -f /dev/null >/dev/null
"$PSQL" -Xq -1 -v ON_ERROR_STOP=1 -v seed=1 -f "$root/demo/generate.sql" -f "$root/demo/generate_usage.sql" >/dev/null
PGOPTIONS='-c client_min_messages=warning' "$PSQL" -Xq -v ON_ERROR_STOP=1 -f "$root/examples/scheduled_reports.sql" -f "$root/examples/bi_views.sql" -c "SELECT nightly_report('2026-01-01')" >/dev/null
sql 'CREATE ROLE charts LOGIN; GRANT USAGE ON SCHEMA bi TO charts; GRANT SELECT ON ALL TABLES IN SCHEMA bi TO charts'
export OBSERVABLE_TELEMETRY_DISABLE=true
status=0
(cd "$work" && PGUSER=charts PATH="$(dirname "$PSQL"):$PATH" npx observable build) >"$work/build.log" 2>&1 || status=$?
[ "$status" = 0 ] || tail -n 20 "$work/build.log" | sed 's/^/# /'
is "it is built, by a role that sees bi alone" "$status" 0
is "no page or style sheet names another place" "$(grep -rhoE 'https?://[a-z0-9.]+' "$work/dist" --include=*.html --include=*.css | grep -v '^http://www.w3.org$' | head -n 3)" ''
is "its data is that of the view" "$(python3 -c 'import json, glob, sys; print(len(json.load(open(glob.glob(sys.argv[1] + "/dist/_file/data/cohort.*.json")[0]))))' "$work")" "$(sql 'SELECT count(*) FROM bi.cohort')"

chromium=$(command -v chromium || command -v chromium-browser || true)
if [ -z "$chromium" ]; then
	skip "in a browser" "there is no Chromium"
	finish
	exit
fi
(cd "$work/dist" && exec python3 -c '
import http.server, sys
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
open(sys.argv[1], "w").write(str(server.server_address[1]))
server.serve_forever()' "$work/port") >"$work/http.log" 2>&1 &
web=$!
trap 'kill $web 2>/dev/null; at_exit' EXIT
until [ -s "$work/port" ]; do sleep 0.1; done
page=http://127.0.0.1:$(cat "$work/port")/
timeout 60 "$chromium" --headless --no-sandbox --disable-gpu --user-data-dir="$work/chromium" --virtual-time-budget=10000 --enable-logging=stderr --dump-dom "$page" >"$work/page.html" 2>"$work/chromium.log" || true
is "in a browser: no message" "$(grep -c 'CONSOLE' "$work/chromium.log")" 0
is "in a browser: four charts" "$(grep -o '<svg[^>]*class="plot' "$work/page.html" | wc -l | tr -d ' ')" 4
like "in a browser: reported until" "$(sed -e 's/<[^>]*>//g' "$work/page.html")" 'Reported until 2025-12-31'
is "in a browser: every file is there" "$(grep -E '"GET [^"]*" [45]' "$work/http.log" | grep -vc favicon)" 0
finish
