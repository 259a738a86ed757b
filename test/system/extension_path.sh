#!/usr/bin/env bash
#
# PostgreSQL 18 finds extensions outside of its own folders: installed elsewhere by DESTDIR,
# found by extension_control_path and dynamic_library_path, created and updated by an
# ordinary role, loaded by workers.
set -euo pipefail
# shellcheck source=prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"
# shellcheck source=../../tools/debian_root.sh
. "$CSM_ROOT/tools/debian_root.sh"

need_packages build
if [ "$(pg_major "$PG_CONFIG")" -lt 18 ]; then
	if why=$(no_debian_roots); then
		skip "extension_control_path" "this machine's PostgreSQL is older than 18, and $why"
		finish
		exit
	fi
	exec "$CSM_ROOT/test/on_version.sh" 18 test/system/extension_path.sh
fi

start_server
elsewhere=$SERVER_DIR/elsewhere
share=$("$PG_CONFIG" --sharedir)
lib=$("$PG_CONFIG" --pkglibdir)
# what the private server has it from otherwise
rm -rf "$SERVER_DIR/install$share/extension"/csm_metrics* "$SERVER_DIR/install$lib"/csm_metrics.so
available() { sql "SELECT count(*) FROM pg_available_extensions WHERE name = 'csm_metrics'"; }
is "it is not in the folders of the server" "$(available)" 0

succeeds "make install DESTDIR=..." plain_make install DESTDIR="$elsewhere"
# what an earlier version left behind, to update from
cp "$CSM_ROOT/test/versions/csm_metrics--0.2.0.sql" "$elsewhere$share/extension/"
sql "ALTER SYSTEM SET extension_control_path = '$elsewhere$share:\$system'"
sql "SELECT pg_reload_conf()" >/dev/null
is "the server finds its script there" "$(available)" 1
like "the library is found by another setting" "$(sql_error 'CREATE EXTENSION csm_metrics')" '58P01.*csm_metrics'
sql "ALTER SYSTEM SET dynamic_library_path = '$elsewhere$lib:\$libdir'"
sql "SELECT pg_reload_conf()" >/dev/null
is "and its own extensions as before" "$(sql "SELECT count(*) FROM pg_available_extensions WHERE name = 'plpgsql'")" 1

sql 'CREATE ROLE ann LOGIN'
sql 'CREATE DATABASE book OWNER ann'
as_ann() { sql -U ann -d book "$@"; }
succeeds "an ordinary role creates it" as_ann 'CREATE EXTENSION csm_metrics'
is "it is hers" "$(as_ann "SELECT extowner::regrole, rolsuper FROM pg_extension JOIN pg_roles r ON r.oid = extowner WHERE extname = 'csm_metrics'")" 'ann|f'
as_ann "CREATE TABLE account AS SELECT i AS id, 100.00 AS starting, CASE WHEN i % 4 > 0 THEN 120.00 END AS ending FROM generate_series(1, 10000) i"
query='SELECT round(ndr_agg(starting, ending), 4), logo_churn(retention_agg(starting, ending)) FROM account'
is "its figures" "$(as_ann "$query")" '0.9000|0.25000000000000000000'
is "its figures by workers" "$(PGOPTIONS='-c debug_parallel_query=on -c parallel_setup_cost=0' as_ann "$query")" '0.9000|0.25000000000000000000'
is "the library is the one there" "$(sql -d book "LOAD 'csm_metrics'; SELECT count(*) > 0 FROM regexp_split_to_table(pg_read_file('/proc/self/maps'), E'\n') l WHERE l LIKE '%$elsewhere$lib/csm_metrics.so'")" t

as_ann 'DROP EXTENSION csm_metrics CASCADE'
succeeds "an earlier version" as_ann "CREATE EXTENSION csm_metrics VERSION '0.2.0'"
succeeds "is updated" as_ann 'ALTER EXTENSION csm_metrics UPDATE'
is "to the newest" "$(as_ann "SELECT extversion = default_version FROM pg_extension JOIN pg_available_extensions ON name = extname WHERE extname = 'csm_metrics'")" t
is "which computes" "$(as_ann "$query")" '0.9000|0.25000000000000000000'

# As CloudNativePG mounts an image: share and lib of /extensions/NAME, after the server's own.
image=$SERVER_DIR/extensions/csm-metrics
mkdir -p "$image/share"
mv "$elsewhere$share/extension" "$image/share/"
mv "$elsewhere$lib" "$image/lib"
sql "ALTER SYSTEM SET extension_control_path = '\$system:$image/share'"
sql "ALTER SYSTEM SET dynamic_library_path = '\$libdir:$image/lib'"
sql "SELECT pg_reload_conf()" >/dev/null
is "moved while it is in use: new sessions load it from the image" "$(as_ann "$query")" '0.9000|0.25000000000000000000'
as_ann 'DROP EXTENSION csm_metrics CASCADE'
succeeds "created from the image" as_ann 'CREATE EXTENSION csm_metrics'
is "its figures there" "$(as_ann "$query")" '0.9000|0.25000000000000000000'
finish
