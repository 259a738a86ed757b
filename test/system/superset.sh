#!/usr/bin/env bash
#
# integrations/superset: the dashboard, imported from its file into a Superset of its own, in a virtual environment; looked at in headless Chromium through a role that may read bi
# alone. What the charts were given is that of plain SELECTs. SCREENSHOT=file.png keeps a picture.
set -euo pipefail
# shellcheck source=prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"

root=$SYSTEM_DIR/../..
chromium=$(command -v chromium || command -v chromium-browser || true)
if [ -z "$chromium" ]; then
	skip "the dashboard of Superset" "there is no Chromium"
	finish
	exit
fi
need_packages test
need_room 1500
start_server
work=$SERVER_DIR/superset
mkdir "$work"
if ! python3 -m venv "$work/venv" >"$work/pip.log" 2>&1 || ! "$work/venv/bin/pip" install -q -r "$root/test/superset/requirements.txt" >>"$work/pip.log" 2>&1; then
	skip "the dashboard of Superset" "Superset cannot be had: python3-venv and PyPI: $(tail -n 1 "$work/pip.log")"
	finish
	exit
fi

"$PSQL" -Xq -v ON_ERROR_STOP=1 -c 'CREATE EXTENSION csm_metrics' -f "$root/demo/schema.sql" -f /dev/null >/dev/null
"$PSQL" -Xq -1 -v ON_ERROR_STOP=1 -v seed=1 -f "$root/demo/generate.sql" -f "$root/demo/generate_usage.sql" >/dev/null
PGOPTIONS='-c client_min_messages=warning' "$PSQL" -Xq -v ON_ERROR_STOP=1 -f "$root/examples/scheduled_reports.sql" -f "$root/examples/bi_views.sql" -c "SELECT nightly_report('2026-01-01')" >/dev/null
sql 'CREATE ROLE charts LOGIN; GRANT USAGE ON SCHEMA bi TO charts; GRANT SELECT ON ALL TABLES IN SCHEMA bi TO charts; ALTER ROLE charts SET default_transaction_read_only = on'

cp -r "$root/integrations/superset/dashboard" "$work/dashboard"
for file in "$work"/dashboard/datasets/csm_metrics/*.yaml; do
	view=$(basename "$file" .yaml)
	is "columns and comments are those of bi.$view" "$("$PSQL" -XAtq -v view="$view" -f "$root/integrations/superset/dataset.sql" | diff - "$file" | head -n 5)" ''
done

export SUPERSET_WORK=$work FLASK_APP=superset SUPERSET_CONFIG_PATH=$root/test/superset/superset_config.py PYTHONWARNINGS=ignore
superset() { "$work/venv/bin/superset" "$@"; }
quietly() { "$@" >"$work/log" 2>&1 || { tail -n 20 "$work/log" | sed 's/^/# /'; return 1; }; }
quietly superset db upgrade
quietly superset fab create-admin --username admin --firstname a --lastname b --email admin@example.com --password admin
quietly superset init
sed -i "s#^sqlalchemy_uri: .*#sqlalchemy_uri: postgresql+psycopg2://charts@/$PGDATABASE?host=$PGHOST\&port=$PGPORT#" "$work/dashboard/databases/csm_metrics.yaml"
(cd "$work" && python3 -m zipfile -c dashboard.zip dashboard)
status=0
quietly superset import-dashboards -p "$work/dashboard.zip" -u admin || status=$?
is "the file is imported" "$status" 0
status=0
quietly superset import-dashboards -p "$work/dashboard.zip" -u admin || status=$?
is "... and once more" "$status" 0

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
(exec "$work/venv/bin/superset" run -h 127.0.0.1 -p "$port" --with-threads) >"$work/superset.log" 2>&1 &
web=$!
trap 'kill $web 2>/dev/null; at_exit' EXIT
for _ in $(seq 600); do
	! grep -q 'Running on' "$work/superset.log" || break
	sleep 0.1
done
# Any other place is out of reach, so that a page that needs one says so.
look()
{
	timeout 120 "$chromium" --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$work/chromium" --window-size=1500,1980 --virtual-time-budget=60000 --enable-logging=stderr \
		--host-resolver-rules='MAP * ~NOTFOUND, EXCLUDE 127.0.0.1' "$@" "http://127.0.0.1:$port/superset/dashboard/csm_metrics/?standalone=2"
}
look --dump-dom >"$work/page.html" 2>"$work/chromium.log" || true
is "in a browser: no message" "$(grep -c CONSOLE "$work/chromium.log")" 0
is "in a browser: ten charts, none with an error" "$(grep -o 'data-test-viz-type="[a-z_0-9]*"' "$work/page.html" | wc -l | tr -d ' ') $(grep -ciE 'unexpected error|data error|no results' "$work/page.html")" '10 0'
is "in a browser: nothing was refused" "$(cat "$work/refused" 2>/dev/null)" ''
"$PSQL" -XAtqf "$root/test/superset/expected.sql" >"$work/expected"
python3 "$root/test/superset/answers.py" "$work/answers" >"$work/given"
is "each figure of each chart" "$(diff "$work/expected" "$work/given" | head -n 5)" ''
is "... and there are hundreds" "$([ "$(wc -l <"$work/given")" -gt 300 ] && echo yes)" yes
[ -z "${SCREENSHOT:-}" ] || look --screenshot="$SCREENSHOT" 2>/dev/null
finish
