#!/usr/bin/env bash
#
# What processors.sh runs on each processor; /srv is the same for all of them:
#   processors.sh NAME [FROM]...
# Fills a database and writes what it holds to /srv/NAME, what every function says of it to
# /srv/NAME.figures, and each table in binary to /srv/NAME.TABLE. Then it reads the tables
# that each FROM wrote, and writes what they hold here to /srv/NAME.from.FROM.
set -euo pipefail
# shellcheck source=../prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/../prelude.sh"
# shellcheck source=stored.sh
. "$SYSTEM_DIR/include/stored.sh"

tables() { sql -d here "SELECT DISTINCT type FROM stored.forms() ORDER BY type"; }

forms() { sql -d here 'SELECT type, id, form, sent FROM stored.forms()'; }

name=$1
shift
start_server 'jit = off'
new_database here public
fill here
all_of here >"/srv/$name"
sql -d here 'SELECT * FROM stored.figures()' >"/srv/$name.figures"
forms >"/srv/$name.forms"
for table in $(tables); do
	sql -d here "\\copy (SELECT * FROM stored.$table ORDER BY id) TO '/srv/$name.$table' (FORMAT binary)"
done
for from; do
	for table in $(tables); do
		sql -d here "TRUNCATE stored.$table CASCADE"
		sql -d here "\\copy stored.$table FROM '/srv/$from.$table' (FORMAT binary)"
	done
	forms >"/srv/$name.from.$from"
done
