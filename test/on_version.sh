#!/usr/bin/env bash
#
# test/on_version.sh MAJOR [COMMAND...]
#
# Builds without warnings and runs every regression test on that version of PostgreSQL,
# in a clean Debian system in a folder (tools/debian_root.sh); with a command, that
# instead. The last line counts all tests. The systems of 16 and 19 may be out of reach:
# one is Ubuntu's, the other of Debian's experimental. That counts as skipped, and is said.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../tools/lib.sh
. "$here/../tools/lib.sh"
# shellcheck source=../tools/debian_root.sh
. "$here/../tools/debian_root.sh"

[ $# -gt 0 ] || die "usage: test/on_version.sh MAJOR [COMMAND...]"
major=$1
shift
[ $# -gt 0 ] || set -- bash -c 'make -s WERROR=-Werror with_llvm=no all && exec bash test/run.sh'
if ! root=$(debian_root_for "$major"); then
	case $major in 16 | 19) ;; *) exit 1 ;; esac
	say "PostgreSQL $major is not tested: no system that has it could be made, see above"
	echo "0 passed, 0 failed, 1 skipped"
	exit
fi
in_debian_root "$root" env PG_CONFIG="/usr/lib/postgresql/$major/bin/pg_config" TESTS="${TESTS:-}" "$@"
