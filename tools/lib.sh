# shellcheck shell=bash
#
# What every script of the project needs: the right PostgreSQL, the packages to
# build against it, and a private throw-away server that has the extension.
#
#   . tools/lib.sh                 after "set -euo pipefail"
#   need_packages test             build | test | bench | dist; also finds PG_CONFIG
#   start_server "work_mem = '256MB'"
#   "$PSQL" -c 'CREATE EXTENSION csm_metrics'
#
# Nothing is written to the system's PostgreSQL and no existing cluster is
# touched: the extension is installed into a tree of links below a temporary
# directory, and the server that runs there listens on a socket nobody else
# can reach.

# The source tree to build; another value serves tests of this file.
: "${CSM_ROOT:=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)}"

# ---------------------------------------------------------------- messages

say() { printf '%s\n' "$*" >&2; }

die()
{
	say "$@"
	exit 1
}

# Runs a command without its output; shows the end of it when it fails.
quietly()
{
	local log
	log=$(mktemp "${SERVER_DIR:-${TMPDIR:-/tmp}}/csm_metrics.log.XXXXXX")
	if "$@" >"$log" 2>&1; then
		rm -f "$log"
		return 0
	fi
	say "failed: $*"
	tail -n 30 "$log" >&2
	rm -f "$log"
	return 1
}

# ------------------------------------------------------------------- the rest

# shellcheck source=lib/postgres.sh
. "${BASH_SOURCE[0]%.sh}/postgres.sh"
# shellcheck source=lib/packages.sh
. "${BASH_SOURCE[0]%.sh}/packages.sh"
# shellcheck source=lib/build.sh
. "${BASH_SOURCE[0]%.sh}/build.sh"
# shellcheck source=lib/server.sh
. "${BASH_SOURCE[0]%.sh}/server.sh"
