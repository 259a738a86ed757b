#!/usr/bin/env bash
#
# The regression tests on the versions of PostgreSQL that this machine does not run
# them on, each in a clean Debian system; and that one header knows about versions.
set -euo pipefail
# shellcheck source=prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"
# shellcheck source=../../tools/debian_root.sh
. "$CSM_ROOT/tools/debian_root.sh"

need_packages build
here=$(pg_major "$PG_CONFIG")

# on_version MAJOR: one test, the number of whose parts is in its name
on_version()
{
	local log=$work/log name="regression tests on PostgreSQL $1" why count
	if why=$(no_debian_roots); then
		skip "$name" "$why"
		return 0
	fi
	if bash "$CSM_ROOT/test/on_version.sh" "$1" >"$log" 2>&1; then
		count=$(tail -n 1 "$log")
		if [ "$count" = '0 passed, 0 failed, 1 skipped' ]; then
			skip "$name" "$(tail -n 2 "$log" | head -n 1)"
			return 0
		fi
		like "$name: $count" "$count" '^[1-9][0-9]* passed, 0 failed'
	else
		fail "$name" "$(grep -v '^ok ' "$log" | tail -n 40)"
	fi
}

is "PG_VERSION_NUM is a matter of src/base/port.h alone" \
	"$(cd "$CSM_ROOT" && grep -l PG_VERSION_NUM src/*.[ch] src/*/*.[ch])" src/base/port.h

work=$(mktemp -d "${TMPDIR:-/tmp}/csm_metrics.XXXXXX")
trap 'rm -rf "$work"' EXIT
for major in 15 16 17 18 19; do
	[ "$major" = "$here" ] || on_version "$major"
done
finish
