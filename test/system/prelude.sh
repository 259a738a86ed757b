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
# start_server with the extension's own assertions in force.
start_asserting_server()
{
	build_in_copy
	COPT=-DUSE_ASSERT_CHECKING start_server "$@"
}

# What a statement that fails says, with its SQLSTATE: "ERROR:  22023: ..."
sql_error() { sql -v VERBOSITY=verbose "$@" 2>&1 || true; }

# include_on NAME FILE...: runs files of test/include on a server; the first one is called main.
include_on()
{
	local name=$1 file
	shift
	for file in "$@"; do
		"$PSQL" -XAtq -v ON_ERROR_STOP=1 -h "$(socket_of "$name")" -f "$SYSTEM_DIR/../include/$file" >/dev/null
	done
}

# none NAME [option of psql]... QUERY: a query that has to run and to find nothing; shows what it finds.
none()
{
	local name=$1 rows
	shift
	if rows=$(sql "$@" 2>&1) && [ -z "$rows" ]; then pass "$name"; else fail "$name" "$rows"; fi
}

# The value of LD_PRELOAD under which a server takes a library with the address sanitizer:
# preload_of RUNTIME. The shim says why it is needed.
preload_of()
{
	local shim=$SERVER_DIR/asan_first.so
	[ -f "$shim" ] || gcc -shared -fPIC -Wl,-z,initfirst -o "$shim" "$SYSTEM_DIR/asan_first.c"
	printf '%s:%s' "$1" "$shim"
}

# run_postgres_under COMMAND...: from the next start on, the servers of this script and
# all their processes run under a command.
run_postgres_under()
{
	mv "$BINDIR/postgres" "$BINDIR/postgres.real"
	printf '#!/bin/sh\nexec %s "$@"\n' "$(printf '%q ' "$@" "$BINDIR/postgres.real")" >"$BINDIR/postgres"
	chmod 755 "$BINDIR/postgres"
}
