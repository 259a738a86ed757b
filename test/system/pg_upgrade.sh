#!/usr/bin/env bash
#
# pg_upgrade from PostgreSQL 15 to 17 to 18 to 19 of clusters with values of every type, indexes,
# constraints and views, made by the extension's first version and by the one of now. After
# each step every value is the same bit for bit, every function says the same, and indexes
# need no REINDEX. Then ALTER EXTENSION UPDATE, and all that again.
set -euo pipefail
# shellcheck source=prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"
# shellcheck source=../../tools/debian_root.sh
. "$CSM_ROOT/tools/debian_root.sh"

if why=$(no_debian_roots); then
	skip "pg_upgrade" "$why"
	finish
	exit
fi
make_roots_dir
SHARED_DIR=$(as_root mktemp -d "$CSM_ROOTS/upgrade.XXXXXX")
export SHARED_DIR
trap 'remove_root "$SHARED_DIR"' EXIT
as_root chmod 755 "$SHARED_DIR"

# inside MAJOR ARGUMENT...: a step of include/pg_upgrade.sh in the folder of that version.
inside()
{
	local root
	root=$(debian_root_for "$1")
	shift
	in_debian_root "$root" bash test/system/include/pg_upgrade.sh "$@"
}

# What functions say, for comparing: convert is called in_currency since 0.3.0, which also
# made the intervals of lift wider; their last digits are those of the C library.
figures_in() { sed 's/^convert(/in_currency(/' "$1" | grep -vE '^(incremental|lift)_interval\(' | cut -c1-200 | sort; }

# hold_still REPORT: what that report of all databases says against the first one.
hold_still()
{
	local database
	for database in early late now; do
		is "$1, $database: every value bit for bit, every table and view" "$(diff "$SHARED_DIR/start.$database" "$SHARED_DIR/$1.$database" | cut -c1-200 | head -n 20)" ''
		# an update may bring more functions
		is "$1, $database: every function says what it said" "$(diff <(figures_in "$SHARED_DIR/start.$database.figures") <(figures_in "$SHARED_DIR/$1.$database.figures") | grep -v '^>' | grep -vE '^[0-9]+a[0-9,]+$' | head -n 20)" ''
		is "$1, $database: every index is whole" "$(cat "$SHARED_DIR/$1.$database.damage")" ''
	done
}

report()
{
	succeeds "$2: answers" inside "$1" report "$1" "$2"
	hold_still "$2"
}

# is_of REPORT DATABASE VERSION
is_of() { is "$1, $2: version $3" "$(cat "$SHARED_DIR/$1.$2.version")" "$3"; }

now=$(sed -n 's/^   "version": "\(.*\)",$/\1/p' "$CSM_ROOT/META.json")
for major in 15 17 18; do
	succeeds "PostgreSQL $major: installed" inside "$major" install "$major"
done
succeeds "PostgreSQL 15: databases filled" inside 15 create 15
report 15 start
is_of start early 0.1.0
is_of start now "$now"
like "there are values to look at" "$(cat "$SHARED_DIR/start.early")" '^retention_summary\|45\|'
# cohorts that are made since 0.3.0 know who was active for the last time
without_redefined() { figures_in "$1" | grep -v '^cohort_agg('; }
is "0.1.0 says what it said on a server of its own" "$(diff <(without_redefined "$CSM_ROOT/test/versions/0.1.0/figures.txt") <(without_redefined "$SHARED_DIR/start.early.figures"))" ''

succeeds "15 to 17" inside 17 upgrade 15 17
report 17 upgraded_17
is "PostgreSQL is 17" "$(cut -c1-2 "$SHARED_DIR/upgraded_17.server")" 17
is_of upgraded_17 early 0.1.0
succeeds "on 17: ALTER EXTENSION UPDATE" inside 17 update 17 early
report 17 updated_17
is_of updated_17 early "$now"

succeeds "17 to 18, with links" inside 18 upgrade 17 18 --link
report 18 upgraded_18
is "PostgreSQL is 18" "$(cut -c1-2 "$SHARED_DIR/upgraded_18.server")" 18
is_of upgraded_18 late 0.1.0
succeeds "on 18: ALTER EXTENSION UPDATE" inside 18 update 18 late
report 18 updated_18
is_of updated_18 late "$now"

if (debian_root_for 19 >/dev/null); then
	succeeds "PostgreSQL 19: installed" inside 19 install 19
	succeeds "18 to 19" inside 19 upgrade 18 19
	report 19 upgraded_19
	is "PostgreSQL is 19" "$(cut -c1-2 "$SHARED_DIR/upgraded_19.server")" 19
	is_of upgraded_19 late "$now"
else
	skip "18 to 19" "no system with PostgreSQL 19 could be made"
fi
finish
