# shellcheck shell=bash
#
# What the programs of test/system share. Each is a program by itself that prints TAP:
# it starts the servers it needs, which end with it.
#
#   . "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"      after "set -euo pipefail"
#   need_packages test
#   start_server "wal_level = replica"
#   add_server shard1
#   is "one server" "$(sql 'SELECT 1')" 1
#   is "the other" "$(sql_on shard1 'SELECT 1')" 1
#   finish
#
# make test-all ONLY="name ..." runs some of them and counts.

SYSTEM_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../../tools/lib.sh
. "$SYSTEM_DIR/../../tools/lib.sh"

tests=0
failures=0

# pass NAME, fail NAME [line of explanation]...
pass()
{
	tests=$((tests + 1))
	printf 'ok %s - %s\n' "$tests" "$1"
}

fail()
{
	local name=$1
	shift
	tests=$((tests + 1))
	failures=$((failures + 1))
	printf 'not ok %s - %s\n' "$tests" "$name"
	[ $# -eq 0 ] || printf '%s\n' "$@" | sed 's/^/#   /'
}

# skip NAME WHY: something that this machine does not have.
skip()
{
	tests=$((tests + 1))
	printf 'ok %s - %s # SKIP %s\n' "$tests" "$1" "$2"
}

# is NAME GOT WANT
is()
{
	if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "got:  $2" "want: $3"; fi
}

# like NAME TEXT REGEX, unlike NAME TEXT REGEX: extended regular expressions, line by line
like()
{
	if grep -qE -e "$3" <<<"$2"; then pass "$1"; else fail "$1" "no match of: $3" "in: $2"; fi
}

unlike()
{
	if grep -qE -e "$3" <<<"$2"; then fail "$1" "match of: $3" "in: $2"; else pass "$1"; fi
}

# succeeds NAME COMMAND...: the output of a command that fails is shown.
succeeds()
{
	local name=$1 output
	shift
	if output=$("$@" 2>&1); then pass "$name"; else fail "$name" "failed: $*" "$output"; fi
}

# The last line of a program; its status is 0 when every test passed.
finish()
{
	printf '1..%s\n' "$tests"
	[ "$failures" = 0 ]
}

# sql [option of psql]... STATEMENTS: bare values, one row a line. The last argument is
# the SQL; an error goes to standard error, and the status is psql's.
sql() { "$PSQL" -XAtq -v ON_ERROR_STOP=1 "${@:1:$#-1}" -c "${!#}"; }

# The same on a server of add_server.
sql_on() { sql -h "$(socket_of "$1")" "${@:2}"; }

# start_asserting_server [line of postgresql.conf]...
# start_server with the extension's own assertions in force: the library is built for that
# in a copy of the sources, so that nobody else's objects change.
start_asserting_server()
{
	local copy source=$CSM_ROOT
	copy=$(mktemp -d "${TMPDIR:-/tmp}/csm_metrics.asserts.XXXXXX")
	mkdir "$copy/src"
	cp -R "$source"/{Makefile,META.json,csm_metrics.control,sql} "$copy"
	cp "$source"/src/*.[ch] "$copy/src"
	CSM_ROOT=$copy COPT=-DUSE_ASSERT_CHECKING start_server "$@"
	rm -rf "$copy"
}

# What a statement that fails says, with its SQLSTATE: "ERROR:  22023: ..."
sql_error() { sql -v VERBOSITY=verbose "$@" 2>&1 || true; }
