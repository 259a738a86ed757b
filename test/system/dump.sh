#!/usr/bin/env bash
#
# Dump and restore of databases with values of every type, views, indexes and constraints,
# in every format of pg_dump, with the extension in public and in a schema of its own, into
# the same server and into one that writes dates, numbers and bytes in other ways.
set -euo pipefail
# shellcheck source=prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"
# shellcheck source=include/stored.sh
. "$SYSTEM_DIR/include/stored.sh"

need_packages test
start_server
DUMP=$("$PG_CONFIG" --bindir)/pg_dump
RESTORE=$("$PG_CONFIG" --bindir)/pg_restore

# A locale with a decimal comma, for this test alone.
export LOCPATH=$SERVER_DIR/locale
mkdir "$LOCPATH"
other_locale=C
if localedef -i de_DE -f UTF-8 "$LOCPATH/de_DE.UTF-8" 2>/dev/null; then
	other_locale=de_DE.UTF-8
fi
add_server other "datestyle = 'SQL, DMY'" "timezone = 'Pacific/Apia'" "extra_float_digits = -15" \
	"intervalstyle = 'iso_8601'" "bytea_output = 'escape'" "xmlbinary = 'hex'" \
	"lc_numeric = '$other_locale'" "lc_monetary = '$other_locale'" "lc_time = '$other_locale'"
is "the other server writes in other ways" \
	"$(sql_on other "SELECT '2024-02-01'::date, 0.1::float8 + 0.2, interval '1 month', '\\x80'::bytea")" \
	'01/02/2024|0.3|P1M|\200'

# A name that needs no quoting for what belongs to a schema.
name_of() { tr -d ' ' <<<"$1"; }

# restore FORMAT FILE DATABASE, on the server of PGHOST
restore()
{
	case $1 in
		plain) "$PSQL" -Xq -v ON_ERROR_STOP=1 -d "$3" -f "$2" >/dev/null ;;
		directory) "$RESTORE" --exit-on-error -j 2 -d "$3" "$2" ;;
		*) "$RESTORE" --exit-on-error -d "$3" "$2" ;;
	esac
}

# compare NAME SOURCE TARGET: what was recorded of the source and what the target holds
compare()
{
	is "$1: every value bit for bit, every table and view" "$(all_of "$3")" "$(cat "$SERVER_DIR/$2.all")"
	is "$1: dumped again it is the same" "$(schema_of "$3")" "$(cat "$SERVER_DIR/$2.schema")"
	is "$1: every index is whole" "$(damage_of "$3" 2>&1)" ''
}

# there_and_back SOURCE FORMAT SERVER
there_and_back()
{
	local file=$SERVER_DIR/$1.$2 target=${1}_$2 name="$1, format $2, to server $3"
	[ -e "$file" ] || succeeds "$1, format $2: dumped" "$DUMP" --format "$2" -f "$file" -d "$1"
	PGHOST=$(socket_of "$3")
	sql -d postgres "CREATE DATABASE $target"
	succeeds "$name: restored" restore "$2" "$file" "$target"
	compare "$name" "$1" "$target"
	sql -d postgres "DROP DATABASE $target"
	PGHOST=$(socket_of main)
}

for schema in public 'own schema'; do
	source=in_$(name_of "$schema")
	new_database "$source" "$schema"
	fill "$source"
	sql -d "$source" 'REVOKE EXECUTE ON FUNCTION segment_scheme(text) FROM PUBLIC'
	all_of "$source" >"$SERVER_DIR/$source.all"
	schema_of "$source" >"$SERVER_DIR/$source.schema"
	like "$source: values to look at" "$(cat "$SERVER_DIR/$source.all")" '^retention_summary\|45\|'
	for format in plain custom directory; do
		there_and_back "$source" "$format" main
		there_and_back "$source" "$format" other
	done
done
finish
