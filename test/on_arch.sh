#!/usr/bin/env bash
#
# test/on_arch.sh arm64|s390x [COMMAND...]
#
# Builds without warnings for that processor and runs SQL tests on it, in emulation: a Debian
# system in a folder (tools/debian_root.sh) whose PostgreSQL is that processor's, and whose
# compiler and tools are this one's. s390x is big-endian. With a command, that instead, with
# PG_CONFIG set. The last line counts all tests.
#
#   TESTS="segment_type ..." test/on_arch.sh s390x    other SQL tests than those below
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../tools/lib.sh
. "$here/../tools/lib.sh"
# shellcheck source=../tools/debian_root.sh
. "$here/../tools/debian_root.sh"

major=18

# What depends on the order of bytes, on alignment and on the compiler: text, binary and
# damaged forms of the types, numerics read by their digits, figures worked by hand, the one
# pass against histories. Not what reads bytes as a table on x86 held them.
: "${TESTS:=bridge_histories calendar decimal history_corrupt history_type history_worked lift_worked \
retention_corrupt retention_text retention_type retention_worked segment_type tally}"

case ${1:-} in
	arm64) processor=aarch64 ;;
	s390x) processor=s390x ;;
	*) die "usage: test/on_arch.sh arm64|s390x [COMMAND...]" ;;
esac
arch=$1
shift
[ $# -gt 0 ] || set -- bash -c 'make -s WERROR=-Werror with_llvm=no all && exec test/run.sh'
! why=$(no_debian_roots || no_emulation) || die "$why"

# compiled locales are of one order of bytes, too
for suite in $(suites_of "$major"); do
	! root=$(debian_root "$suite" make perl "gcc-$processor-linux-gnu" "libc6-dev-$arch-cross" \
		qemu-user +qemu-user-binfmt locales "+libc-bin:$arch" "postgresql-$major:$arch" \
		"postgresql-client-$major:$arch" "+postgresql-server-dev-$major:$arch" "+postgresql-$major-pgtap") || break
done
[ -n "$root" ] || exit 1
# its compiler is the only one
PROCESSOR=$processor in_debian_root "$root" env LC_ALL=C PG_CONFIG="/usr/lib/postgresql/$major/bin/pg_config" TESTS="$TESTS" \
	PROCESSOR="$processor" bash -c '
		mkdir /tmp/bin
		ln -s "/usr/bin/$PROCESSOR-linux-gnu-gcc" /tmp/bin/gcc
		PATH=/tmp/bin:$PATH exec "$@"' command "$@"
