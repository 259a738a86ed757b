#!/usr/bin/env bash
#
# Every earlier version, as its own install script made it, under the library of now: it
# answers as it did; ALTER EXTENSION UPDATE makes of it what a fresh install makes, and
# drops nothing; one function has another name. test/versions holds the earlier versions; test/versions/make.sh adds one.
set -euo pipefail
# shellcheck source=prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"
# shellcheck source=include/stored.sh
. "$SYSTEM_DIR/include/stored.sh"

need_packages test
start_server

VERSIONS=$CSM_ROOT/test/versions
current=$(sql "SELECT default_version FROM pg_available_extensions WHERE name = 'csm_metrics'")
earlier=$(cd "$VERSIONS" && printf '%s\n' csm_metrics--*.sql | sed 's/^csm_metrics--\(.*\)\.sql$/\1/' | grep -vFx "$current" | sort -V)
for version in $earlier; do
	cp "$VERSIONS/csm_metrics--$version.sql" "$SERVER_DIR/install$("$PG_CONFIG" --sharedir)/extension/"
done

# Everything that the catalogs say of the extension in a database; the names of its members.
catalog_of() { read_files "$1" extension_catalog.sql; }
members_of() { catalog_of "$1" | sed -n 's/: needs: "e extension csm_metrics"$//p'; }

# What has another name since 0.3.0, the one exception: in that version and later ones.
renamed()
{
	if printf '%s\n' 0.3.0 "$1" | sort -VC; then
		sed -E 's/^(function (.*\.)?)?convert\(/\1in_currency(/'
	else
		cat
	fi
}

version_of() { sql -d "$1" "SELECT extversion FROM pg_extension WHERE extname = 'csm_metrics'"; }

# Without what is defined otherwise since 0.3.0: the interval of lift has another variance, and cohorts that are made know
# who was active for the last time.
without_redefined() { grep -Ev '^(incremental_interval|cohort_agg)\('; }

# Lines of the first that the second lacks, shortened.
lacking() { comm -23 <(LC_ALL=C sort <<<"$1") <(LC_ALL=C sort <<<"$2") | cut -c1-300 | head -n 20; }

# answers NAME DATABASE VERSION NOW: what that version's functions said of that version's values.
answers()
{
	is "$1: every value is what it was" "$(sql -d "$2" "SELECT '$3', type, id, form, sent FROM stored.forms() WHERE form IS NOT NULL" | tr '|' '\t')" \
		"$(sql -d "$2" -c 'CREATE TEMP TABLE kept (version text, type text, id int, form text, sent text, raw text)' -c "\\copy kept FROM '$VERSIONS/$3/values.copy'" \
			"SELECT version, type, id, form, sent FROM kept WHERE form IS NOT NULL ORDER BY type COLLATE \"C\", id" | tr '|' '\t')"
	is "$1: every function says what it said" "$(lacking "$(renamed "$4" <"$VERSIONS/$3/figures.txt" | without_redefined)" "$(sql -d "$2" 'SELECT * FROM stored.figures()')")" ''
}

# update DATABASE VERSION TARGET SCHEMA
update()
{
	local name="$2 to $3 in $4" before after fresh=fresh_$1
	new_database "$1" "$4" "$2"
	fill "$1"
	is "$name: installed" "$(version_of "$1")" "$2"
	answers "$name, with the library of now" "$1" "$2" "$2"
	before=$(members_of "$1")
	like "$name: members to look at" "$before" '^aggregate .*ndr_agg'
	succeeds "$name: updated" sql -d "$1" "ALTER EXTENSION csm_metrics UPDATE TO '$3'"
	is "$name: is of that version" "$(version_of "$1")" "$3"
	is "$name: nothing was dropped" "$(lacking "$(renamed "$3" <<<"$before")" "$(members_of "$1")")" ''
	answers "$name, updated" "$1" "$2" "$3"
	new_database "$fresh" "$4" "$3"
	after=$(catalog_of "$1")
	is "$name: nothing that a fresh install has not" "$(lacking "$after" "$(catalog_of "$fresh")")" ''
	is "$name: all that a fresh install has" "$(lacking "$(catalog_of "$fresh")" "$after")" ''
	like "$name: catalogs to look at" "$after" '^function .*: function: .*"prosrc": "csm_'
}

is "there is an earlier version" "$(head -n 1 <<<"$earlier")" 0.1.0
n=0
for version in $earlier; do
	for target in $earlier "$current"; do
		if [ "$version" != "$target" ] && printf '%s\n' "$version" "$target" | sort -VC; then
			n=$((n + 1))
			update "update_$n" "$version" "$target" public
			update "update_${n}_own" "$version" "$target" 'own schema'
		fi
	done
done

# Both ends of every script are versions that the tests above know.
for script in "$CSM_ROOT"/sql/csm_metrics--*--*.sql; do
	name=$(basename "$script" .sql)
	versions=${name#csm_metrics--}
	like "$name starts at a version that is kept" "$earlier" "^${versions%--*}\$"
	like "$name leads to a version that is kept, or to this one" "$earlier"$'\n'"$current" "^${versions#*--}\$"
	is "$name: psql says what to do with it" "$("$PSQL" -Xq -f "$script" 2>&1)" \
		"Use \"ALTER EXTENSION csm_metrics UPDATE TO '${versions#*--}'\" to load this file."
done
finish
