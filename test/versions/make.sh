#!/usr/bin/env bash
#
# test/versions/make.sh VERSION COMMIT
#
# Keeps what a released version did, for the tests of later ones, made by that version's
# own code on a private server:
#   test/versions/csm_metrics--VERSION.sql   its install script
#   test/versions/VERSION/values.copy        values of every type: version, type, id, text,
#                                            binary form, bytes as a table holds them
#   test/versions/VERSION/figures.txt        what every function says of those values
#
# 0.1.0 is commit 2badb69.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# = 2 ] || { echo "usage: test/versions/make.sh VERSION COMMIT" >&2; exit 1; }
version=$1

# The version's own sources, built and installed beside this tree.
CSM_ROOT=$(mktemp -d "${TMPDIR:-/tmp}/csm_metrics.XXXXXX")
trap 'rm -rf "$CSM_ROOT"' EXIT
git -C "$here/../.." archive "$2" | tar -x -C "$CSM_ROOT"

# shellcheck source=../../tools/lib.sh
. "$here/../../tools/lib.sh"
need_packages build
start_server
trap 'stop_server; rm -rf "$CSM_ROOT"' EXIT

[ -f "$CSM_ROOT/csm_metrics--$version.sql" ] || die "commit $2 is not of version $version"
mkdir -p "$here/$version"
cp "$CSM_ROOT/csm_metrics--$version.sql" "$here/"
"$PSQL" -Xq -v ON_ERROR_STOP=1 -c 'CREATE EXTENSION csm_metrics' \
	-f "$here/../system/include/stored_values.sql" -f "$here/../system/include/stored_forms.sql" \
	-f "$here/../system/include/figures.sql" -f "$here/../include/raw_bytes.sql" 2>/dev/null
"$PSQL" -Xqc "\\copy (SELECT '$version', * FROM stored.forms(raw => true)) TO '$here/$version/values.copy'"
"$PSQL" -XAtqc 'SELECT * FROM stored.figures()' >"$here/$version/figures.txt"
