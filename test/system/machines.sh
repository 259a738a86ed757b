#!/usr/bin/env bash
#
# make test-all ONLY=machines [STATES="bare client ..."] [MAJOR=15]
#
# The first minute on machines in the states that people have them in: Debian systems in
# folders, of which each state changes a copy. Run alone (test/system/machines.sh), it
# prints of each state how long it took and the last line that it said.
set -euo pipefail

# shellcheck source=prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"
# shellcheck source=../../tools/debian_root.sh
. "$SYSTEM_DIR/../../tools/debian_root.sh"

ALL_STATES="bare bare_user no_network server server_user headers client two_versions not_ours no_room"

# What the scripts inside share: a user who is not root and has no sudo.
# shellcheck disable=SC2016  # for the shell inside
begin='
	set -e
	as_user() { runuser -u nobody -- env HOME=/tmp "$@"; }
'

# state NAME FOLDER SCRIPT: runs the script as root in a copy of the folder, where the
# sources are; leaves what it said in $said, its status as the last line.
state()
{
	local began=$SECONDS
	said=$(in_copy_of_root "$2" bash -c "$begin$3" 2>&1 && echo "status 0") || said="$said
status other"
	printf '# %s: %s s: %s\n' "$1" $((SECONDS - began)) "$(tail -n 2 <<<"$said" | head -n 1)"
}

# report NAME: the state ended with the report of the sample company.
report()
{
	like "$1: the report is printed" "$said" '^ csm_metrics \|'
	is "$1: all went well" "$(tail -n 1 <<<"$said")" 'status 0'
}

# Nothing of ours is there: neither make nor PostgreSQL.
# shellcheck disable=SC2016
bare='apt-get purge -qq -y --auto-remove make "postgresql*" "libpq*" >/dev/null 2>&1
	! command -v make perl pg_config
'

state_bare()
{
	state "$1" "$server" "$bare"'
		apt-get -qq update && apt-get -qq install -y --no-install-recommends git make >/dev/null 2>&1
		make demo'
	report "$1"
	state "$1, without make" "$server" "$bare"'bash demo/run.sh'
	report "$1, without make"
}

state_bare_user()
{
	state "$1" "$server" "$bare as_user bash demo/run.sh"
	like "$1: the packages are named" "$said" \
		'^    apt-get update && apt-get install --no-install-recommends gcc libc6-dev make postgresql-15 postgresql-server-dev-15$'
	is "$1: it is an error" "$(tail -n 1 <<<"$said")" 'status other'
}

state_no_network()
{
	state "$1" "$server" 'unshare --net make -s demo'
	like "$1: said in a sentence" "$said" 'a package mirror does not answer .*Is there a network'
	like "$1: with the line for later" "$said" 'apt-get update && apt-get install --no-install-recommends gcc libc6-dev postgresql-server-dev-15'
	is "$1: in seven lines" "$(wc -l <<<"$said")" 7
}

state_server()
{
	state "$1" "$server" 'make demo'
	report "$1"
	like "$1: what was missing is installed" "$said" '^installing gcc libc6-dev postgresql-server-dev-15$'
	state "$1: make" "$server" make
	like "$1: make says which file is missing" "$said" 'there is no /usr/include/postgresql/15/server/postgres.h'
}

state_server_user()
{
	state "$1" "$server" 'as_user make demo'
	like "$1: the packages are named" "$said" '^    apt-get update && apt-get install --no-install-recommends gcc libc6-dev postgresql-server-dev-15$'
}

# The headers alone are taken away, from the PostgreSQL that MAJOR names.
state_headers()
{
	local major=${MAJOR:-15} root headers
	headers=/usr/include/postgresql/$major/server
	root=$(debian_root_for "$major")
	state "$1" "$root" "rm -r $headers; make || make demo"
	like "$1: make says which file is missing" "$said" "there is no $headers/postgres.h"
	report "$1"
	like "$1: they are installed" "$said" "^installing postgresql-server-dev-$major\$"
}

state_client()
{
	state "$1" "$server" 'dpkg --purge --force-depends postgresql-15 >/dev/null 2>&1
		make 2>&1 || make demo'
	like "$1: make says which file is missing" "$said" 'there is no /usr/include/postgresql/15/server/postgres.h'
	report "$1"
	like "$1: server and headers are installed" "$said" '^installing gcc libc6-dev postgresql-15 postgresql-server-dev-15$'
}

# A newer server from packages, whose headers are not there: nothing is needed of it.
state_two_versions()
{
	# shellcheck disable=SC2016  # for the shell inside
	state "$1" "$complete" '
		cp -a /usr/lib/postgresql/15 /usr/lib/postgresql/17
		rm /usr/lib/postgresql/17/bin/pg_config
		printf "#!/bin/sh\n/usr/lib/postgresql/15/bin/pg_config \"\$@\" | sed s/15/17/g\n" >/usr/lib/postgresql/17/bin/pg_config
		chmod 755 /usr/lib/postgresql/17/bin/pg_config
		pg_config --version
		make -s with_llvm=no
		unshare --net make demo'
	like "$1: the newer one comes first on PATH" "$said" '^PostgreSQL 17'
	report "$1"
	unlike "$1: nothing is installed" "$said" '^installing'
}

# An ordinary user in the checkout of another, which has lost its x bits and is as it was.
state_not_ours()
{
	# shellcheck disable=SC2016  # for the shell inside
	state "$1" "$complete" '
		find . -type f -exec chmod a-x {} +
		everything() { find . -printf "%p %m %u %T@\n" | sort; }
		everything >/tmp/before
		as_user make -s demo
		as_user make -s test TESTS=catalog
		everything | diff /tmp/before - && echo "as it was"'
	report "$1"
	like "$1: the tests pass" "$said" '^[1-9][0-9]* passed, 0 failed, 0 skipped$'
	like "$1: nothing is changed" "$said" '^as it was$'
	state "$1, read-only" "$complete" '
		mount --bind . /media && mount -o remount,bind,ro /media && cd /media
		make -s demo'
	report "$1, read-only"
}

state_no_room()
{
	state "$1" "$complete" 'mount -t tmpfs -o size=30m tmpfs /media
		chmod 1777 /media
		TMPDIR=/media make -s demo'
	like "$1: said before anything is started" "$(head -n 2 <<<"$said")" '^/media has 30 MB free, and 100 MB are needed'
}

if why=$(no_debian_roots); then
	skip "states of a machine" "$why"
	finish
	exit
fi
# the first has the server and make alone, the other all that the tests need
server=$(debian_root bookworm make postgresql-15)
complete=''
for name in ${STATES:-$ALL_STATES}; do
	case $name in
		two_versions | not_ours | no_room) [ -n "$complete" ] || complete=$(debian_root_for 15) ;;
	esac
	"state_$name" "${name//_/ }"
done
finish
