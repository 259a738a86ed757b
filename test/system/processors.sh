#!/usr/bin/env bash
#
# Other processors, in emulation: arm64, and s390x, which is big-endian. SQL tests run on each;
# values of every type are the same there as here in text and in binary form, every function
# says the same of them, and what COPY wrote in binary on one is read on the other.
set -euo pipefail
# shellcheck source=prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"
# shellcheck source=../../tools/debian_root.sh
. "$CSM_ROOT/tools/debian_root.sh"

if why=$(no_debian_roots || no_emulation); then
	skip "other processors" "$why"
	finish
	exit
fi
make_roots_dir
SHARED_DIR=$(as_root mktemp -d "$CSM_ROOTS/processors.XXXXXX")
export SHARED_DIR
trap 'remove_root "$SHARED_DIR"' EXIT
as_root chmod 755 "$SHARED_DIR"

# on PROCESSOR COMMAND...
on()
{
	case $1 in
		native) "$CSM_ROOT/test/on_version.sh" 18 "${@:2}" ;;
		*) "$CSM_ROOT/test/on_arch.sh" "$@" ;;
	esac
}

# same NAME FILE OTHER [BUT]: two files of SHARED_DIR, of which the first is not empty, but for
# lines that match
same()
{
	local lines
	lines=$(wc -l <"$SHARED_DIR/$2")
	like "$1: lines to compare" "$lines" '^[1-9]'
	is "$1: $lines lines" "$(diff <(grep -vE "${4:-^$}" "$SHARED_DIR/$2") <(grep -vE "${4:-^$}" "$SHARED_DIR/$3") | cut -c1-200 | head -n 20)" ''
}

# What hangs on the order of bytes in memory: hashes, as PostgreSQL's own do, where they send
# rows, and the order of summaries that are compared by their bytes, which means nothing but that
# there is one.
big_endian='^hashed_[0-9]\||_hash(_extended)?\(|^csm_(coverage_summary|lift_summary|segment_flows|survival_summary|health_summary|revenue_terms)_(cmp|l[te]|g[te])\('

succeeds "native: values of every type" on native test/system/include/processors.sh native
for arch in arm64 s390x; do
	output=$(on "$arch" 2>&1) || true
	count=$(tail -n 1 <<<"$output")
	if [[ $count =~ ^[1-9][0-9]*\ passed,\ 0\ failed ]]; then
		pass "$arch: SQL tests: $count"
	else
		fail "$arch: SQL tests: $count" "$(grep -v '^ok ' <<<"$output" | tail -n 40)"
	fi
	succeeds "$arch: values of every type, and those of the native processor read" \
		on "$arch" test/system/include/processors.sh "$arch" native
	# the last digits of these are those of the C library
	but='^(incremental|lift)_interval\('
	[ "$arch" != s390x ] || but="$but|$big_endian"
	same "$arch: every value in text and binary, every table and view as native" "$arch" native "$but"
	same "$arch: every function says what it says natively" "$arch.figures" native.figures "$but"
	same "$arch: reads what was written natively" "$arch.from.native" native.forms
done
succeeds "native: reads what the others wrote" on native test/system/include/processors.sh again arm64 s390x
for arch in arm64 s390x; do
	same "native: reads what was written on $arch" "again.from.$arch" native.forms
done
finish
