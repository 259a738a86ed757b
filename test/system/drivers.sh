#!/usr/bin/env bash
#
# What drivers make of the views in examples/bi_views.sql and of direct calls: node-postgres,
# psycopg2, psycopg, JDBC (text and binary transfer), ODBC. Types as the driver's metadata
# tells them, digits, days, quoting and NULLs as psql prints them; bound values, custom types,
# prepared statements, cursors, SQLSTATEs. The programs are in test/drivers.
set -euo pipefail

# shellcheck source=prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"

ROOT=$SYSTEM_DIR/../..
DRIVERS=$ROOT/test/drivers

# ------------------------------------------------------------------------- what there is

# The programs speak to sockets of the file system through what JDK 16 brought.
old_java()
{
	local major
	major=$(javac -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p')
	[ "${major:-0}" -ge 16 ] || echo "Java ${major:-unknown}; it takes 16"
}

# have DRIVER KIND: gets it; when that cannot be, a test is skipped and the status is 1.
have()
{
	local missing
	missing=$(why_not_have "driver_$2")
	if [ -z "$missing" ]; then
		need_packages "driver_$2"
		case $2 in
			jdbc) missing=$(old_java) ;;
			node) missing=$(install_node_postgres 2>&1) || missing="npm could not install pg: $missing" ;;
		esac
	fi
	[ -z "$missing" ] || skip "$1" "$missing"
	[ -z "$missing" ]
}

# npm writes its own lock file when it has finished.
install_node_postgres()
{
	[ ! "$DRIVERS/node_modules/.package-lock.json" -nt "$DRIVERS/package-lock.json" ] || return 0
	(cd "$DRIVERS" && quietly npm ci --no-audit --no-fund)
}

# -------------------------------------------------------------------------- the programs

run_node() { node "$DRIVERS/node.mjs" "$@"; }
run_psycopg2() { "$(python_with psycopg2)" "$DRIVERS/dbapi.py" psycopg2 "$@"; }
run_psycopg() { "$(python_with psycopg)" "$DRIVERS/dbapi.py" psycopg "$@"; }
run_odbc() { ODBC_DRIVER=$(odbc_driver) "$(python_with pyodbc)" "$DRIVERS/dbapi.py" pyodbc "$@"; }
run_jdbc() { java -cp "$work/classes:/usr/share/java/postgresql.jar" Jdbc "$@"; }
run_jdbc_text() { run_jdbc text "$@"; }
run_jdbc_binary() { run_jdbc binary "$@"; }

compile_jdbc() { quietly javac -encoding UTF-8 -cp /usr/share/java/postgresql.jar -d "$work/classes" "$DRIVERS/Jdbc.java"; }

# What a driver calls a type, and what its values are: the metadata's word or code (OIDs with
# Python's drivers, SQL_NUMERIC 2, SQL_BIGINT -5, SQL_TYPE_DATE 91, SQL_WLONGVARCHAR -10 and
# SQL_BIT -7 with ODBC), then the class of the language.
type_of()
{
	case $1/$2 in
		node/numeric) echo 'numeric string' ;;
		node/bigint) echo 'int8 string' ;;
		node/date) echo 'date Date' ;;
		node/text) echo 'text string' ;;
		node/boolean) echo 'bool boolean' ;;
		psycopg*/numeric) echo '1700 Decimal' ;;
		psycopg*/bigint) echo '20 int' ;;
		psycopg*/date) echo '1082 date' ;;
		psycopg*/text) echo '25 str' ;;
		psycopg*/boolean) echo '16 bool' ;;
		odbc/numeric) echo '2 Decimal' ;;
		odbc/bigint) echo '-5 int' ;;
		odbc/date) echo '91 date' ;;
		odbc/text) echo '-10 str' ;;
		odbc/boolean) echo '-7 bool' ;;
		jdbc*/numeric) echo 'numeric java.math.BigDecimal' ;;
		jdbc*/bigint) echo 'int8 java.lang.Long' ;;
		jdbc*/date) echo 'date java.sql.Date' ;;
		jdbc*/text) echo 'text java.lang.String' ;;
		jdbc*/boolean) echo 'bool java.lang.Boolean' ;;
	esac
}

# ------------------------------------------------------------------ what they should print

# The same calls by psql, with the values written into the statement.
expected_facts()
{
	"$PSQL" -XAtq -v ON_ERROR_STOP=1 -F $'\t' -P null=null <<-'SQL'
		SELECT 'ndr', ndr_agg(100.00, 125.00);
		SELECT 'ndr of nothing', ndr_agg(0, 5);
		SELECT '38 digits', starting(retention_agg(99999999999999999999999999999999999999, NULL));
		SELECT 'churn', churn_agg(true);
		SELECT 'retention', retention_agg(3.50, 4, daterange('2024-01-01', '2025-01-01'), 'EUR');
		SELECT 'snapshot', history_agg('2024-02-29'::date, 12.50, '1 month');
		SELECT 'subscription', history_agg('[2024-02-29,)'::daterange, 12.50);
		SELECT 'segment', 'Größe "L" d''Or';
		SELECT 'scheme', 'Größe "L" d''Or, 東京';
		SELECT 'summary as text', summary FROM sample;
		SELECT 'summary and back', 'true';
		SELECT 'history as text', history FROM sample;
		SELECT 'history and back', 'true';
		SELECT 'scheme as text', scheme FROM sample;
		SELECT 'scheme and back', 'true';
		SELECT 'prepared', concat_ws(' ', ndr(summary), '0.00', '東京, {L}') FROM sample;
		SELECT 'plans for all values', 'true';
		SELECT 'cursor', count(*) || ' ' || sum(change) FROM bi.movement;
		SELECT 'negative amount', '22023';
		SELECT 'too many digits', '22003';
		SELECT 'malformed text', '22P02';
		SELECT 'no unit', '22023';
		SELECT 'no step', '22004';
		SELECT 'after errors', ndr_agg(2, 3.0);
	SQL
	case $1 in
		node) printf '%s\t%s\n' 'summary in binary' true 'history in binary' true 'malformed binary' 22P03 ;;
		psycopg) printf '%s\t%s\n' 'summary in binary' true 'history in binary' true ;;
		jdbc_text) printf '%s\t%s\n' formats 00000 ;;
		jdbc_binary) printf '%s\t%s\n' formats 11100 ;;            # numeric, bigint, date; not boolean, not custom
	esac
}

expected_types()
{
	local column type
	while IFS='|' read -r column type; do
		printf '%s\t%s\n' "$column" "$(type_of "$1" "$type")"
	done < <(sql "SELECT column_name, data_type FROM information_schema.columns
		WHERE (table_schema, table_name) = ('bi', '$2') ORDER BY ordinal_position")
}

# same NAME FILE FILE: what is, what should be; as sets of lines.
same()
{
	local difference
	if difference=$(diff <(LC_ALL=C sort "$2") <(LC_ALL=C sort "$3") | head -n 20); then pass "$1"; else fail "$1" "$difference"; fi
}

# check NAME DRIVER: all views and calls east of Greenwich, days once more far in the west.
check()
{
	local name=$1 driver=$2 view out=$work/$2
	mkdir "$out" "$out.west"
	# shellcheck disable=SC2086  # a list of words
	if ! TZ=Pacific/Auckland "run_$driver" "$out" $views >"$out/facts" 2>"$out/log"; then
		fail "$name" "$(cat "$out/log")"
		return
	fi
	for view in $views; do
		expected_types "$driver" "$view" >"$out/expected"
		same "$name: types of $view" "$out/$view.types" "$out/expected"
		same "$name: rows of $view" "$out/$view.rows" "$work/$view"
	done
	expected_facts "$driver" >"$out/expected"
	same "$name: calls" "$out/facts" "$out/expected"
	TZ=America/Los_Angeles "run_$driver" "$out.west" hard account >/dev/null 2>&1 || true
	for view in hard account; do
		same "$name: rows of $view, in another time zone" "$out.west/$view.rows" "$work/$view"
	done
}

# ---------------------------------------------------------------------------- the company

need_packages test
start_server
work=$SERVER_DIR/drivers
mkdir -p "$work/classes"
sql 'CREATE EXTENSION csm_metrics'
for file in demo/schema.sql demo/generate.sql demo/generate_usage.sql examples/scheduled_reports.sql examples/bi_views.sql; do
	PGOPTIONS='-c client_min_messages=warning' "$PSQL" -Xq -o /dev/null -v ON_ERROR_STOP=1 -v seed=1 -f "$ROOT/$file"
done
sql -o /dev/null "SELECT write_report('2025-11-25', '2025-12-31')"
"$PSQL" -Xq -v ON_ERROR_STOP=1 -f "$DRIVERS/values.sql"
views=$(sql "SELECT string_agg(table_name, ' ' ORDER BY table_name) FROM information_schema.views WHERE table_schema = 'bi'")
for view in $views; do
	sql "COPY (SELECT * FROM bi.$view) TO STDOUT" >"$work/$view"
	[ -s "$work/$view" ] || fail "$view has rows"
done
is "there are views to read" "$(wc -w <<<"$views")" 21

# ---------------------------------------------------------------------------- the drivers

if have "node-postgres" node; then check "node-postgres" node; fi
if have "psycopg2" psycopg2; then check "psycopg2" psycopg2; fi
if have "psycopg" psycopg; then check "psycopg" psycopg; fi
if have "JDBC" jdbc; then
	succeeds "the program for JDBC compiles" compile_jdbc
	check "JDBC, text" jdbc_text
	check "JDBC, binary" jdbc_binary
fi
if have "ODBC" odbc; then check "ODBC" odbc; fi
finish
