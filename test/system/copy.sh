#!/usr/bin/env bash
#
# COPY of values of every type, and of arrays and rows of them, from one server to another
# that writes in other ways, in every format; and back: the files are the same byte for byte.
# And from one encoding to another.
set -euo pipefail
# shellcheck source=prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"
# shellcheck source=include/stored.sh
. "$SYSTEM_DIR/include/stored.sh"

need_packages test
start_server
add_server other "datestyle = 'SQL, DMY'" "timezone = 'Pacific/Apia'" "bytea_output = 'escape'"
new_database there 'own schema'
fill there
tables=$(sql -d there "SELECT relname FROM pg_class WHERE relnamespace = 'stored'::regnamespace AND relkind = 'r' AND NOT relispartition AND relname NOT IN ('accounts', 'argument', 'deals', 'bands')")
types=$(sql -d there "SELECT count(*) FROM pg_type t JOIN pg_depend d ON d.objid = t.oid AND classid = 'pg_type'::regclass AND deptype = 'e' WHERE refclassid = 'pg_extension'::regclass AND typtype = 'b' AND typelem = 0")
is "a table for every type, and tables of arrays and rows" "$(wc -l <<<"$tables")" $((types + 2))

# The same tables without a row, on the other server, with the extension in public.
(
	PGHOST=$(socket_of other)
	new_database here public
	fill here
	for table in $tables; do
		sql -d here "TRUNCATE stored.$table"
	done
)

# copy_there TABLE FORMAT
copy_there()
{
	local file=$SERVER_DIR/$1.$2
	sql -d there "\\copy (SELECT * FROM stored.$1 ORDER BY id) TO '$file' (FORMAT $2)" &&
		sql -h "$(socket_of other)" -d here "\\copy stored.$1 FROM '$file' (FORMAT $2)" &&
		sql -h "$(socket_of other)" -d here "\\copy (SELECT * FROM stored.$1 ORDER BY id) TO '$file.again' (FORMAT $2)"
}

text_of() { sql -d "$1" "SELECT t FROM stored.$2 t ORDER BY id"; }

for table in $tables; do
	for format in binary text csv; do
		succeeds "$table, $format: copied there and back" copy_there "$table" "$format"
		is "$table, $format: the same values" "$(PGHOST=$(socket_of other) && text_of here "$table")" "$(text_of there "$table")"
		# arrays and rows hold the oids of their elements' types in binary
		[ "$table $format" = 'together binary' ] ||
			is "$table, $format: byte for byte" "$(cmp "$SERVER_DIR/$table.$format" "$SERVER_DIR/$table.$format.again" 2>&1)" ''
		[ "$format" = csv ] || sql -h "$(socket_of other)" -d here "TRUNCATE stored.$table"
	done
done
is "what is there now is what was there" \
	"$(PGHOST=$(socket_of other) && sql -d here 'SELECT * FROM stored.forms()')" "$(sql -d there 'SELECT * FROM stored.forms()')"

# Names go wherever their letters are known, and bytes of no encoding to where there is none.
named="SELECT (repeat(convert_from('\xE9', 'LATIN1'), 100) || ' [1,2)')::segment AS s,
	(SELECT coverage_agg(convert_from('\xE9', 'LATIN1') || i, i, 3, 2) FROM generate_series(1, 3) i) AS c,
	(SELECT lift_agg(i % 2 = 0, i, 2, convert_from('\xE9', 'LATIN1')) FROM generate_series(1, 4) i) AS l,
	h, f, (SELECT funnel_agg(h, f, 'at ' || event) FROM events(h)) AS s2
	FROM (SELECT usage_history_agg('2024-01-01 00:00Z'::timestamptz, convert_from('\xE9', 'LATIN1')) AS h, (convert_from('\xE9', 'LATIN1') || ' > b')::funnel_steps AS f) AS x"
sql -d there "CREATE TABLE public.named AS $named"
for encoding in LATIN1 UTF8 SQL_ASCII; do
	sql -d postgres "CREATE DATABASE ${encoding,,} ENCODING $encoding LOCALE 'C' TEMPLATE template0"
	sql -d "${encoding,,}" 'CREATE EXTENSION csm_metrics'
	sql -d "${encoding,,}" 'CREATE TABLE named (s segment, c coverage_summary, l lift_summary, h usage_history, f funnel_steps, s2 funnel_summary)'
done

# copy_named FROM TO FORMAT ENCODING: the rows of a database into an empty table of another.
copy_named()
{
	sql -d "$2" 'TRUNCATE named'
	PGCLIENTENCODING=$4 sql -d "$1" "\\copy named TO '$SERVER_DIR/named' (FORMAT $3)" &&
		PGCLIENTENCODING=$4 sql -d "$2" "\\copy named FROM '$SERVER_DIR/named' (FORMAT $3)"
}

for format in binary text; do
	succeeds "from UTF8 to LATIN1, $format" copy_named there latin1 "$format" UTF8
	succeeds "and to UTF8 again, $format" copy_named latin1 utf8 "$format" UTF8
	is "names are the same, $format" "$(sql -d utf8 'SELECT * FROM named')" "$(sql -d there 'SELECT * FROM public.named')"
done
sql -d sql_ascii "INSERT INTO named SELECT (E'\\351' || ' [1,2)')::segment, coverage_agg(E'\\351', 1, 3), lift_agg(true, 1, 2, E'\\351'),
	h, f, funnel_agg(h, f, E'\\351')
	FROM (SELECT usage_history_agg('2024-01-01 00:00Z'::timestamptz, E'\\351') AS h, (E'\\351' || ' > b')::funnel_steps AS f) AS x GROUP BY h, f"
bytes=$(PGCLIENTENCODING=SQL_ASCII sql -d sql_ascii 'SELECT md5(n::text) FROM named n')
sql -d postgres 'CREATE DATABASE sql_ascii_too TEMPLATE sql_ascii'
for format in binary text; do
	succeeds "bytes of no encoding, $format" copy_named sql_ascii sql_ascii_too "$format" SQL_ASCII
	is "bytes are the same, $format" "$(sql -d sql_ascii_too 'SELECT md5(n::text) FROM named n')" "$bytes"
done
finish
