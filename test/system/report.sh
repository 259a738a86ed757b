#!/usr/bin/env bash
#
# make report: the same bytes twice and in another time zone, no request to anywhere, hostile names escaped, numbers equal to SQL, in every state of a database, by a role that
# may read bi alone; looked at in headless Chromium where that is there. Needs Node.js with npm.
set -euo pipefail
# shellcheck source=prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"

need_packages test
root=$SYSTEM_DIR/../..
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
	skip "the report" "it needs Node.js: apt-get install nodejs npm"
	finish
	exit
fi
export PGOPTIONS='-c client_min_messages=warning -c search_path=reports,public'
start_server
work=$SERVER_DIR/report
mkdir "$work"
out=$work/out.html

# report NAME=VALUE...: sets status, leaves $out
report() { status=0; rm -f "$out"; env "$@" OUT="$out" bash "$root/report/run.sh" >"$work/log" 2>&1 || status=$?; }
text() { sed -e 's/<[^>]*>/ /g' "$out" | tr -s ' \n' ' '; }
load()
{
	sql -d postgres "CREATE DATABASE $1"
	"$PSQL" -Xq -v ON_ERROR_STOP=1 -d "$1" -c 'CREATE EXTENSION csm_metrics SCHEMA public' -c 'CREATE SCHEMA reports' -f "$root/examples/scheduled_reports.sql" -f "$root/examples/bi_views.sql" >/dev/null
}

# The sample company, on a server of its own.
env -u PGOPTIONS OUT="$work/1.html" bash "$root/report/run.sh" 2>"$work/log" || sed 's/^/# /' "$work/log"
env -u PGOPTIONS OUT="$work/2.html" TZ=Pacific/Apia LC_ALL=C bash "$root/report/run.sh" 2>"$work/log" || sed 's/^/# /' "$work/log"
is "twice, in another time zone: the same bytes" "$(cmp "$work/1.html" "$work/2.html" && echo same)" same
# Other versions of Node.js, where npm has them.
"$PSQL" -XAtq -d postgres -c 'CREATE DATABASE versions' >/dev/null
"$PSQL" -Xq -v ON_ERROR_STOP=1 -d versions -c 'CREATE EXTENSION csm_metrics SCHEMA public' -c 'CREATE SCHEMA reports' -f "$root/examples/scheduled_reports.sql" -f "$root/examples/bi_views.sql" \
	-c "INSERT INTO account SELECT i, 'Account ' || i, 'csm ' || i % 5 FROM generate_series(1, 200) i" -c "INSERT INTO subscription SELECT i, 'core', daterange(date '2023-01-01' + i * 3, CASE WHEN i % 4 = 0 THEN date '2024-12-01' + i END), 100 + i * 7919 % 9000 FROM generate_series(1, 200) i" -c "SELECT nightly_report('2025-03-01')" >/dev/null
"$PSQL" -XAtq -d versions -v company='Versions' -f "$root/report/data.sql" >"$work/data.json"
node "$root/report/render.mjs" "$work/data.json" "$work/here.html"
for version in 18 22; do
	mkdir "$work/node$version"
	if (cd "$work/node$version" && npm init -y && npm install "node@$version") >"$work/log" 2>&1 && "$work/node$version/node_modules/node/bin/node" --version >"$work/log" 2>&1; then
		"$work/node$version/node_modules/node/bin/node" "$root/report/render.mjs" "$work/data.json" "$work/$version.html"
		is "Node.js $version: the same bytes as $(node --version)" "$(cmp "$work/here.html" "$work/$version.html" && echo same)" same
	else
		skip "Node.js $version" "it cannot be had: $(tail -n 1 "$work/log")"
	fi
done
is "no request to anywhere" "$(grep -oE '(src|href|url\(|@import)[^>]{0,80}' "$work/1.html" | grep -vE 'url\(#zr[0-9]+-|href="#' | head -n 3)" ''
is "no script" "$(grep -ci '<script' "$work/1.html")" 0
is "nine charts in four forms" "$(grep -c '<svg' "$work/1.html")" 36
is "each chart has its numbers" "$(grep -o '<details>' "$work/1.html" | wc -l | tr -d ' ')" 9

# States: nothing, loaded and not reported, one account, names that bite, ten thousand managers.
load states
report DB=states
is "without a row" "$status $(text | grep -c 'Nothing has been reported yet')" '0 1'
sql -d states "INSERT INTO account VALUES (1, '<script>alert(\"1\")</script> & ''Söhne'' שלום 🚀', '</svg><b>\"boss\"</b>'); INSERT INTO subscription VALUES (1, 'core', '[2024-01-15,2025-02-01)', 12000.50)"
report DB=states
is "loaded and not reported" "$status $(text | grep -c 'Nothing has been reported yet')" '0 1'
sql -d states "SELECT nightly_report('2025-03-01')" >/dev/null
report DB=states
is "one account that left" "$status" 0
is "its name is text" "$(grep -c '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;Söhne&#39; שלום 🚀' "$out")$(grep -ci '<script\|<b>"boss' "$out" || true)" 10
sql -d states "UPDATE subscription SET amount = 1; INSERT INTO account SELECT i, 'Account ' || i, CASE WHEN i % 50 > 0 THEN 'csm ' || i % 10007 END FROM generate_series(2, 12000) i;
	INSERT INTO subscription SELECT i, 'core', daterange(date '2023-01-01' + i % 700, CASE WHEN i % 3 = 0 THEN date '2025-01-01' + i % 50 END), 100 + i * 7919 % 90000 FROM generate_series(2, 12000) i; SELECT nightly_report('2025-03-02')" >/dev/null
report DB=states
is "ten thousand managers: the fullest and the rest" "$status $(text | grep -oE 'the other [0-9]+' | head -n 1)" "0 the other $(sql -d states 'SELECT count(*) - 15 FROM bi.book')"

# Numbers are those of SQL.
for figure in "ARR|SELECT to_char(round(ending), 'FM999,999,999,990')" "NDR|SELECT round(100 * ndr, 1) || ' %'" "GRR|SELECT round(100 * grr, 1) || ' %'" "Logo churn|SELECT round(100 * logo_churn, 1) || ' %'" "Quick ratio|SELECT round(quick_ratio, 2)"; do
	is "the tile ${figure%%|*}" "$(grep -oE "<span>${figure%%|*}</span><b>[^<]*" "$out" | sed 's/.*<b>//')" "$(sql -d states "${figure#*|} FROM bi.trailing_year ORDER BY day DESC LIMIT 1")"
done
is "the bridge" "$(grep -oE '<th>(starting|new business|expansion|churned|ending)</th><td>[^<]*' "$out" | sed 's/.*<td>//' | head -n 5 | tr '\n' '|')" \
	"$(sql -d states "SELECT string_agg(to_char(round(amount), 'FM999,999,999,990'), '|' ORDER BY position) || '|' FROM bi.bridge_step WHERE span = 'trailing year' AND day = (SELECT max(day) FROM bi.trailing_year) AND step IN ('starting', 'new business', 'expansion', 'churned', 'ending')")"

# A role that may read bi and nothing else; a file that cannot be written; a database without views.
sql -d states 'CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA bi TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA bi TO reader'
report DB=states
cp "$out" "$work/owner.html"
report DB=states PGUSER=reader
is "by a role that sees bi alone: the same" "$status $(cmp "$out" "$work/owner.html" && echo same)" '0 same'
report DB=states PGOPTIONS="-c default_transaction_read_only=on -c search_path=pg_catalog -c DateStyle=German,DMY -c standard_conforming_strings=off -c TimeZone=Pacific/Apia"
is "where nothing may be written, as on a read replica, and with other settings: the same" "$status $(cmp "$out" "$work/owner.html" && echo same)" '0 same'
status=0
env DB=states OUT="$work/no/such/folder.html" bash "$root/report/run.sh" >"$work/log" 2>&1 || status=$?
is "a file that cannot be written" "$status $(grep -c 'cannot be written' "$work/log")" '1 1'
report DB=postgres
is "a database without the views" "$((status != 0)) $(grep -c 'examples/bi_views.sql make them' "$work/log")" '1 1'
printf 'account,start_date,end_date,amount\na,2024-01-01,,10\nb,2024-13-01,,10\n' >"$work/bad.csv"
report CSV="$work/bad.csv"
is "a file with a bad line: nothing is written" "$((status != 0)) $([ -e "$out" ] && echo there)" '1 '

# A file: monthly amounts are made yearly, warnings are shown, managers are those of now; without managers nothing is said of them.
printf 'customer,month,mrr,currency,plan,Account Owner\na,2023-11-01,1000,EUR,x,ann\nb,2023-11-01,2000.50,EUR,x,bob\n<i>c,2023-11-01,500,USD,x,\na,2024-11-01,1100,EUR,x,bob\nb,2024-11-01,1500.25,EUR,y,bob\nd,2024-11-01,700,EUR,y,\n' >"$work/mrr.csv"
tile() { grep -oE "<span>$1</span><b>[^<]*</b><span>[^<]*" "$out" | sed -E 's/.*<b>([^<]*)<.*>/\1; /'; }
report CSV="$work/mrr.csv"
is "a file of monthly amounts: ARR is twelve times that" "$status $(tile ARR) $(text | grep -c 'ARR is twelve times what the file says of a month')" "0 39,603; Nov 2024 1"
is "its NDR" "$(tile NDR)" "$(sql -d postgres "SELECT round(100 * (1100 + 1500.25) / 3500.50, 1)") %; $(tile NDR | sed 's/.*; //')"
is "its warnings are on the page and on the terminal" "$(grep -c '<li dir="auto"><strong>several currencies: 1 row of 1 account, as &lt;i&gt;c: ' "$out") $(grep -c '^warning: several currencies' "$work/log")" '1 1'
is "its managers" "$(tile Covered | sed 's/,.*//') $(grep -oE '<th>bob</th><td>2</td><td>31,203' "$out" | head -n 1)" "$(sql -d postgres "SELECT round(100 * (1100 + 1500.25) / 3300.25, 1)") %; 1 manager <th>bob</th><td>2</td><td>31,203"
report CSV="$work/mrr.csv" UNIT=year
is "unless UNIT says that they are yearly" "$status $(tile ARR)" '0 3,300; Nov 2024'
printf 'account,start_date,end_date,amount\na,2023-01-01,,10\n' >"$work/plain.csv"
report CSV="$work/plain.csv" ASOF=2024-12-31
is "a file without managers: no tile and no chart of them" "$status $(text | grep -cE 'Covered|Who is looked after') $(text | grep -c 'are taken to be of a year')" '0 0 1'
report CSV="$work/plain.csv" ASOF=2022-12-31
is "a day without revenue: says so" "$status $(text | grep -c 'There is no revenue on the days that are compared: ASOF=')" '0 1'

# Looked at.
chromium=$(command -v chromium || command -v chromium-browser || true)
if [ -z "$chromium" ]; then
	skip "in a browser" "there is no Chromium"
else
	for width in 1240 420; do
		timeout 60 "$chromium" --headless --no-sandbox --disable-gpu --user-data-dir="$work/chromium" --window-size=$width,3000 --enable-logging=stderr --screenshot="$work/$width.png" "file://$work/1.html" >"$work/chromium.log" 2>&1 || true
		is "in a browser of $width pixels: no message" "$(grep -c 'CONSOLE' "$work/chromium.log")" 0
		is "in a browser of $width pixels: a picture" "$([ "$(wc -c <"$work/$width.png")" -gt 50000 ] && echo yes)" yes
	done
fi
finish
