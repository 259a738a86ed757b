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

# need_room MB: refuses a TMPDIR in which there is no room, before anything is started.
need_room()
{
	local dir free
	dir=$(server_base)
	[ -w "$dir/." ] || die "TMPDIR=$dir: there is no such directory that can be written"
	free=$(df -Pk "$dir" 2>/dev/null | sed -nE '2s/.* ([0-9]+) +[0-9]+%.*/\1/p')
	[ "$((${free:-10000000} / 1024))" -ge "$1" ] ||
		die "$dir has $((free / 1024)) MB free, and $1 MB are needed: set TMPDIR to a directory that has them"
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

# ------------------------------------------------------------------ variables

# What every target may be given.
CSM_FOR_ALL="PG_CONFIG TMPDIR COPT CFLAGS CPPFLAGS LDFLAGS CC WERROR with_llvm MAKE SHELL"

# known_variables TARGET NAME...
# Refuses what "make TARGET" was given under a name that means nothing to it, and a variable
# of the environment that is one of the names but for case or two letters that changed places.
known_variables()
{
	local target=$1 name
	shift
	for name in ${CSM_GIVEN:-}; do
		case " $* $CSM_FOR_ALL " in
			*" $name "*) ;;
			*) [ "${name#CSM_}" != "$name" ] || die "make $target does not know $name: it takes $*" ;;
		esac
	done
	name=$(compgen -e | awk -v known="$*" '
		function refuse(wanted) { print $0 ": is " wanted " meant?"; exit }
		BEGIN { n = split(known, names, " ") }
		{
			upper = toupper($0)
			for (i = 1; i <= n; i++) {
				if (upper == names[i] && $0 != names[i])
					refuse(names[i])
				for (k = 1; length($0) == length(names[i]) && k < length($0); k++)
					if (upper != names[i] && substr(upper, 1, k - 1) substr(upper, k + 1, 1) substr(upper, k, 1) substr(upper, k + 2) == names[i])
						refuse(names[i])
			}
		}')
	unset CSM_GIVEN
	[ -z "$name" ] || die "make $target takes $*, and there is a variable $name"
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
