#!/usr/bin/env bash
#
# Makes the seeds of the fuzzer, test/fuzz/corpus/TARGET/, from real values: the queries
# of seeds.sql on a private server. Run it when a type or its forms change.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../system/prelude.sh
. "$here/../system/prelude.sh"

need_packages test
start_server
sql 'CREATE EXTENSION csm_metrics'
rm -rf "$here/corpus"
sql -f "$here/seeds.sql" 'SELECT target, name, contents FROM seeds ORDER BY 1, 2' |
	while IFS='|' read -r target name contents; do
		mkdir -p "$here/corpus/$target"
		perl -e 'print pack("H*", $ARGV[0])' "$contents" >"$here/corpus/$target/$name"
	done
du -sh "$here/corpus"
