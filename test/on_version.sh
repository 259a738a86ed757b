#!/usr/bin/env bash
#
# test/on_version.sh MAJOR [COMMAND...]
#
# Builds without warnings and runs every regression test on that version of PostgreSQL,
# in a clean Debian system in a folder (tools/debian_root.sh); with a command, that
# instead. The last line counts all tests.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../tools/lib.sh
. "$here/../tools/lib.sh"
# shellcheck source=../tools/debian_root.sh
. "$here/../tools/debian_root.sh"

[ $# -gt 0 ] || die "usage: test/on_version.sh MAJOR [COMMAND...]"
major=$1
shift
[ $# -gt 0 ] || set -- bash -c 'make -s WERROR=-Werror with_llvm=no all && exec test/run.sh'
root=$(debian_root_for "$major")
in_debian_root "$root" env PG_CONFIG="/usr/lib/postgresql/$major/bin/pg_config" TESTS="${TESTS:-}" "$@"
