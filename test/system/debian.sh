#!/usr/bin/env bash
#
# make test-all ONLY=debian [VERSIONS="15 17 18"]
#
# Debian's packages, for each of the PostgreSQL versions in a Debian that carries it: built
# by make deb from the zip as an ordinary user, which runs the SQL tests at the first; looked at by
# lintian; installed where there is nothing but that server, used, and purged without
# a trace; tested as installed, the way autopkgtest does. The packages are of the commit:
# changes that are not committed are not tested here.
set -euo pipefail

# shellcheck source=prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"
# shellcheck source=../../tools/debian_root.sh
. "$SYSTEM_DIR/../../tools/debian_root.sh"

if why=$(no_debian_roots); then
	skip "packages" "$why"
	finish
	exit
fi
need_packages dist

# A clone of somebody else is no reason for git to refuse.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=$CSM_ROOT
if [ ! -e "$CSM_ROOT/.git" ]; then
	skip "packages" "this tree is not a clone of the repository"
	finish
	exit
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/csm_metrics.debian.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
git clone -q "$CSM_ROOT" "$work/clone"
env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$work/clone" dist
zip=$(cd "$work/clone" && ls csm_metrics-*.zip)
name=${zip%.zip}
version=${name#csm_metrics-}
unzip -q "$work/clone/$zip" -d "$work"
tree=$work/$name
cp "$work/clone/$zip" "$tree/"
files=$(find "$tree/test/sql" -name '*.sql' | wc -l)

# The commands run in the folders; what they say goes to standard error, and results to
# standard output.

# shellcheck disable=SC2016  # for the shell inside
build='
	set -e
	chown -R nobody .
	as_nobody="runuser -u nobody -- env HOME=/tmp"
	mkdir /tmp/out
	$as_nobody DEB_BUILD_OPTIONS="$1" make -o dist deb >/tmp/out/build.log 2>&1 || { tail -n 60 /tmp/out/build.log >&2; exit 1; }
	cd deb
	$as_nobody lintian --fail-on error *.changes >/tmp/out/lintian.log 2>&1 || echo failed >>/tmp/out/lintian.log
	cp *.deb *.dsc *.changes /tmp/out
	tar -C /tmp/out -c .
'

# Everything below the root with its kind, mode and owner; logs and caches may grow.
# shellcheck disable=SC2016  # for the shell inside
use='
	set -e
	everything()
	{
		find / -xdev \( -path /tmp -o -path /proc -o -path /dev -o -path /sys -o -path /var/cache -o -path /var/log \) -prune \
			-o -printf "%p %y %m %u %g\n" | sort
	}
	everything >/tmp/before
	dpkg -i "$2" >&2
	pg_createcluster "$1" main >&2
	pg_ctlcluster "$1" main start -o "-c listen_addresses=" >&2
	runuser -u postgres -- psql -Xq -c "CREATE ROLE ann LOGIN" -c "CREATE DATABASE book OWNER ann"
	sed -i "1i local book ann trust" "/etc/postgresql/$1/main/pg_hba.conf"
	pg_ctlcluster "$1" main reload
	runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -U ann -d book -f figures.sql
	pg_dropcluster --stop "$1" main >&2
	dpkg --purge "postgresql-$1-csm-metrics" >&2
	everything >/tmp/after
	diff /tmp/before /tmp/after && echo "nothing is left"
'

# shellcheck disable=SC2016  # for the shell inside
autopkgtest='
	set -e
	dpkg -i "$1" >&2
	chown -R nobody .
	runuser -u nobody -- env HOME=/tmp debian/tests/installcheck
'

# The figures by hand: NDR (150000 + 80000) / 200000 and (1500 + 1800) / 4500, GRR
# (120000 + 80000) / 200000 and (1200 + 1800) / 4500, churn 0 of 2 and 1 of 3.
cat >"$work/figures.sql" <<'SQL'
CREATE EXTENSION csm_metrics;
SELECT 'installed by', rolname, rolsuper FROM pg_extension JOIN pg_roles r ON r.oid = extowner WHERE extname = 'csm_metrics';
CREATE TABLE account (segment text, starting numeric(12,2), ending numeric(12,2));
INSERT INTO account VALUES ('enterprise', 120000, 150000), ('enterprise', 80000, 80000),
                           ('small', 1200, 1500), ('small', 900, NULL), ('small', 2400, 1800), ('small', NULL, 600);
SELECT segment, round(ndr_agg(starting, ending), 4), round(grr_agg(starting, ending), 4), round(churn_agg(starting, ending), 4)
FROM account GROUP BY segment ORDER BY segment;
CREATE TABLE kept AS SELECT segment, retention_agg(starting, ending) AS r FROM account GROUP BY segment;
SELECT 'together', round(ndr(rollup(r)), 4), starting(rollup(r)), churned(rollup(r)) FROM kept;
SELECT 'version', extversion FROM pg_extension WHERE extname = 'csm_metrics';
SQL
figures="installed by|ann|f
enterprise|1.1500|1.0000|0.0000
small|0.7333|0.6667|0.3333
together|1.1408|204500.00|900.00
version|$version"

# packages_of MAJOR [OPTIONS]: everything about one version, built with Debian's OPTIONS.
packages_of()
{
	local major=$1 options=${2:-} builder suite server out=$work/$1 deb package output
	builder=$(debian_root_for "$major" build-essential debhelper fakeroot lintian postgresql-server-dev-all)
	suite=$(basename "${builder%-*}")
	server=$(debian_root "$suite" "postgresql-$major")
	mkdir "$out"

	if CSM_ROOT=$tree in_debian_root "$builder" bash -c "$build" build "$options" >"$out/tar"; then
		pass "$suite: make deb"
	else
		fail "$suite: make deb"
		return
	fi
	tar -C "$out" -xf "$out/tar"
	[ -n "$options" ] || like "$suite: the SQL tests passed while it was built" \
		"$(grep 'tests passed' "$out/build.log" || tail -n 60 "$out/build.log")" "All $files tests passed"
	package=postgresql-$major-csm-metrics
	deb=$(cd "$out" && ls "${package}_$version"-*.deb)
	is "$suite: packages are for this PostgreSQL, and for no other" \
		"$(cd "$out" && ls ./*.deb | sed 's,^./\([^_]*\)_.*,\1,' | sort | paste -sd' ')" "$package $package-dbgsym"
	like "$suite: a source package comes with them" "$(ls "$out")" "^csm-metrics_$version-[^-]*\.dsc$"
	unlike "$suite: lintian finds no error" "$(cat "$out/lintian.log")" '^E: |^failed$'

	mkdir "$out/tree"
	cp "$out/$deb" "$work/figures.sql" "$out/tree"
	output=$(CSM_ROOT=$out/tree in_copy_of_root "$server" bash -c "$use" use "$major" "./$deb" 2>"$out/use.log") ||
		output="$output
$(tail -n 20 "$out/use.log")"
	is "$suite: installed beside the server alone, an ordinary user's figures; purged, nothing is left" \
		"$output" "$figures
nothing is left"

	cp "$out/$deb" "$tree/"
	output=$(CSM_ROOT=$tree in_copy_of_root "$builder" bash -c "$autopkgtest" autopkgtest "./$deb" 2>&1) || output="$output
failed"
	like "$suite: debian/tests/installcheck on the installed package" "$(tail -n 60 <<<"$output")" "All $files tests passed"
	unlike "$suite: its status" "$(tail -n 1 <<<"$output")" '^failed$'
	rm -f "$tree/$deb"
}

# The build's own run of the tests is tried once; those of the installed package run always.
options=''
for major in ${VERSIONS:-15 17 18}; do
	packages_of "$major" $options
	options=nocheck
done
finish
