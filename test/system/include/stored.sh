# shellcheck shell=bash
#
# Databases that hold values of every type and what is built on them, and what is compared
# after they went some way: for the programs of the life cycle. The server is PGHOST's.
#
#   . "$SYSTEM_DIR/include/stored.sh"      after prelude.sh
#   new_database before "own schema"
#   fill before
#   is "nothing changed" "$(all_of after)" "$(all_of before)"

INCLUDE=$SYSTEM_DIR/include

# new_database NAME SCHEMA [VERSION]: with the extension in that schema, which sessions find.
new_database()
{
	sql -d postgres "CREATE DATABASE \"$1\""
	sql -d postgres "ALTER DATABASE \"$1\" SET search_path = \"$2\", public"
	sql -d "$1" "CREATE SCHEMA IF NOT EXISTS \"$2\"" 2>/dev/null
	sql -d "$1" "CREATE EXTENSION csm_metrics SCHEMA \"$2\" ${3:+VERSION \"$3\"}"
}

# read_files DATABASE FILE...: of test/system/include
read_files()
{
	local database=$1 file
	shift
	for file in "$@"; do
		"$PSQL" -XAtq -v ON_ERROR_STOP=1 -d "$database" -f "$INCLUDE/$file"
	done
}

fill() { read_files "$1" stored_values.sql stored_forms.sql stored_objects.sql figures.sql; }

# Every value of every type as text and as its binary form, and what all tables and views hold.
all_of()
{
	sql -d "$1" 'SELECT type, id, form, sent FROM stored.forms()'
	sql -d "$1" 'SELECT * FROM stored.contents()'
}

# How a database can be made again, without the keys that pg_dump draws.
schema_of() { "$DUMP" --schema-only -d "$1" | grep -vE '^\\(un)?restrict '; }

# What is wrong with indexes: entries that are missing or out of order, values that an
# index does not lead to, for all indexes and then for those that hash.
damage_of()
{
	sql -d "$1" 'CREATE EXTENSION IF NOT EXISTS amcheck SCHEMA public' 2>/dev/null
	sql -d "$1" "SELECT public.bt_index_check(c.oid, true) FROM pg_class c JOIN pg_am a ON a.oid = relam
		WHERE relnamespace = 'stored'::regnamespace AND amname = 'btree' AND relkind = 'i'" | grep -v '^$' || true
	sql -d "$1" "SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid"
	read_files "$1" lost_by_indexes.sql
}
