#!/usr/bin/env bash
#
# make test-all ONLY=dist
#
# The zip that make dist builds for PGXN: what is in it, that the same commit gives the
# same bytes, that META.json keeps to the specification, that every place says the same
# version, and that the extension builds, installs and passes its tests from the unpacked
# zip alone, without git. The zip is of the commit: changes that are not committed are
# not tested here.
set -euo pipefail

# shellcheck source=prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"
# shellcheck source=../../tools/debian_root.sh
. "$SYSTEM_DIR/../../tools/debian_root.sh"

need_packages test dist

# A clone of somebody else is no reason for git to refuse.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=$CSM_ROOT
if ! git -C "$CSM_ROOT" rev-parse -q --verify HEAD >/dev/null 2>&1 || [ ! -e "$CSM_ROOT/.git" ]; then
	skip "make dist" "this tree is not a clone of the repository"
	finish
	exit
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/csm_metrics.dist.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"

committed() { git -C "$CSM_ROOT" show "HEAD:$1"; }

# A clone of the commit, so that nothing else in the tree plays a part.
git clone -q "$CSM_ROOT" "$work/clone"
version=$(committed META.json | perl -MJSON::PP -0777 -ne 'print decode_json($_)->{version}')
name=csm_metrics-$version
zip=$work/clone/$name.zip
tree=$work/empty/$name

# ------------------------------------------------------------------- the zip

dist() { env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL "$@" make -s -C "$work/clone" dist; }

succeeds "make dist builds $name.zip" dist TZ=UTC
if [ ! -f "$zip" ]; then
	finish
	exit
fi
mv "$zip" "$work/first.zip"
sleep 2 # a time of day in it would show
(umask 077 && dist TZ=Pacific/Auckland LC_ALL=C)
succeeds "built again, elsewhere in time and with another umask: the same bytes" cmp "$work/first.zip" "$zip"

mkdir "$work/empty"
succeeds "unzip" unzip -q "$zip" -d "$work/empty"

# The files of the commit but links and those of the clone alone, under one folder.
wanted=$(git -C "$CSM_ROOT" ls-tree -r HEAD |
	sed -n 's/^100[0-9]* blob [0-9a-f]*\t//p' | grep -vE '^\.ci/|(^|/)\.git[a-z]*$' | sed "s,^,$name/," | sort)
found=$(cd "$work/empty" && find . ! -type d -printf '%P\n' | sort)
is "every file that belongs, and no other" "$(diff <(echo "$wanted") <(echo "$found") || true)" ""
is "one folder at the top" "$(ls -A "$work/empty")" "$name"
products="\.(o|so|bc|a|zip|deb|gz)$|^$name/(results/|regression\.|csm_metrics--|\.built-for|bench/data/)|/node_modules/"
is "no build products" "$(grep -E "$products" <<<"$found" || true)" ""
is "nothing of continuous integration or git" "$(grep -E '/\.(ci|github|gitlab|git)' <<<"$found" || true)" ""
is "only plain files and folders: PGXN's client knows no links" \
	"$(find "$work/empty" ! -type f ! -type d)" ""
for file in META.json Makefile LICENSE README.md CHANGELOG.md csm_metrics.control debian/rules test/run.sh; do
	like "it holds $file" "$found" "^$name/$file\$"
done

# ---------------------------------------------------------- META.json, version

succeeds "META.json keeps to the PGXN Meta Spec" perl "$CSM_ROOT/tools/check_meta" "$tree/META.json"
is "version in provides" \
	"$(perl -MJSON::PP -0777 -ne 'print decode_json($_)->{provides}{csm_metrics}{version}' "$tree/META.json")" "$version"
is "version in csm_metrics.control" \
	"$(sed -n "s/^default_version = '\(.*\)'$/\1/p" "$tree/csm_metrics.control")" "$version"
is "newest version in CHANGELOG.md" \
	"$(sed -n 's/^## \[*\([0-9][^] ]*\).*/\1/p' "$tree/CHANGELOG.md" | head -n 1)" "$version"
is "version in debian/changelog, before Debian's own number" \
	"$(sed -n '1s/^csm-metrics (\(.*\)-[^-]*) .*/\1/p' "$tree/debian/changelog")" "$version"
major=$(sed -n 's/^Package: postgresql-\([0-9]*\)-csm-metrics$/\1/p' "$tree/debian/control")
is "debian/control is what pg_buildext makes of debian/control.in" \
	"$(diff <(sed "s/PGVERSION/$major/g" "$tree/debian/control.in") "$tree/debian/control" || true)" ""

# ------------------------------------------------------------ built from itself

# Whoever calls git in there fails, and is found out.
mkdir "$work/bin"
printf '#!/bin/sh\necho "$*" >>%s\nexit 1\n' "$work/git-was-called" >"$work/bin/git"
chmod 755 "$work/bin/git"
PATH=$work/bin:$PATH

CSM_ROOT=$tree
succeeds "make" plain_make all
[ -f "$tree/csm_metrics.so" ] || { finish; exit; }

# make install, into the tree of a private server
start_server
trap 'rm -rf "$work"; at_exit' EXIT
is "installed: the control file, the scripts, the library" \
	"$(cd "$SERVER_DIR/install" && find . -name 'csm_metrics*' -path '*/extension/*' -printf '%f\n' -o -name csm_metrics.so -printf '%f\n' | sort)" \
	"$( (printf '%s\n' csm_metrics.so "csm_metrics--$version.sql" csm_metrics.control && cd "$tree/sql" && ls csm_metrics--*) | sort)"
sql 'CREATE EXTENSION csm_metrics'
is "the extension's version" "$(sql "SELECT extversion FROM pg_extension WHERE extname = 'csm_metrics'")" "$version"

succeeds "make installcheck" plain_make installcheck
results=$(cat "$tree"/results/*.out)
is "it ran every file of test/sql" "$(find "$tree/results" -name '*.out' | wc -l)" "$(find "$tree/test/sql" -name '*.sql' | wc -l)"
unlike "no test failed" "$results" '^not ok|^# Looks like'
like "tests ran" "$results" '^ok 1 '

succeeds "make test there, with a server of its own" \
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u CSM_ROOT -u SERVER_DIR make -s -C "$tree" test TESTS=catalog
is "no part of it called git" "$(cat "$work/git-was-called" 2>/dev/null)" ""
stop_server
rm -rf "$tree/results" "$tree"/*.so "$tree"/src/*.o "$tree"/src/*/*.o "$tree"/csm_metrics--*.sql "$tree/.built-for"

# ----------------------------------------------------------- by PGXN's client

# As a user of PGXN meets it: install, load, check, uninstall, from the file.
# shellcheck disable=SC2016  # for the shell inside
by_client='
	set -e
	extension=$(pg_config --sharedir)/extension
	pgxn install "$1" >/tmp/log 2>&1 || { tail -n 40 /tmp/log; exit 1; }
	ls "$extension"/csm_metrics.control
	pg_createcluster -p 5432 15 main >/tmp/log 2>&1
	pg_ctlcluster 15 main start -o "-c listen_addresses="
	mkdir check
	chown -R postgres .
	cd check
	export HOME=/tmp
	runuser -u postgres -- createdb csm
	runuser -u postgres -- pgxn load --yes -d csm "$1"
	runuser -u postgres -- psql -XAtd csm -c "SELECT round(ndr_agg(starting, ending), 4) FROM (VALUES (100.00, 110.00), (50.00, NULL)) AS v (starting, ending)"
	runuser -u postgres -- env TESTS="catalog decimal retention_worked" pgxn check -d contrib_regression "$1"
	runuser -u postgres -- pgxn unload --yes -d csm "$1"
	pgxn uninstall "$1" >/tmp/log 2>&1 || { tail -n 40 /tmp/log; exit 1; }
	! ls "$extension"/csm_metrics* "$(pg_config --pkglibdir)"/csm_metrics* 2>/dev/null
	echo "nothing is left"
'
if why=$(no_debian_roots); then
	skip "PGXN's client" "$why"
else
	cp "$zip" "$tree/$name.zip"
	root=$(debian_root_for 15 pgxnclient postgresql-server-dev-15)
	output=$(in_copy_of_root "$root" bash -c "$by_client" client "/tmp/csm_metrics/$name.zip" 2>&1) || output="$output
failed"
	unlike "pgxn: every step works" "$output" '^failed$'
	like "pgxn install: CREATE EXTENSION of pgxn load finds it, and it computes" "$output" '^0\.7333$'
	like "pgxn check: the tests pass" "$output" 'All 3 tests passed'
	like "pgxn uninstall leaves nothing" "$output" '^nothing is left$'
fi

finish
