#!/usr/bin/env bash
#
# COPY of values of every type, and of arrays and rows of them, from one server to another
# that writes in other ways, in every format; and back: the files are the same byte for byte.
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
finish
