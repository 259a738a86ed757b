#!/usr/bin/env bash
#
# make test-all ONLY=rpm
#
# The RPM package of packaging/csm_metrics.spec, built from the zip of make dist in a Debian
# system that has rpm, against Debian's PostgreSQL: linted, source and binary package built,
# and the files that it would install are those of make install. It is not installed by a
# distribution of RPM. The package is of the commit: what is not committed is not tested here.
set -euo pipefail

# shellcheck source=prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"
# shellcheck source=../../tools/debian_root.sh
. "$SYSTEM_DIR/../../tools/debian_root.sh"

if why=$(no_debian_roots); then
	skip "RPM package" "$why"
	finish
	exit
fi
need_packages dist

# A clone of somebody else is no reason for git to refuse.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=$CSM_ROOT
if [ ! -e "$CSM_ROOT/.git" ]; then
	skip "RPM package" "this tree is not a clone of the repository"
	finish
	exit
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/csm_metrics.rpm.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
git clone -q "$CSM_ROOT" "$work/clone"
env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$work/clone" dist
zip=$(cd "$work/clone" && ls csm_metrics-*.zip)
version=${zip#csm_metrics-}
version=${version%.zip}

# Results to standard output, what the commands say to files that are shown when they fail.
# shellcheck disable=SC2016  # for the shell inside
build='
	exec 2>&1
	where="--define=debug_package\ %{nil} --define=pgmajorversion\ 18 --define=pginstdir\ /usr/lib/postgresql/18"
	rpm() { eval "$1 $where --define=_topdir\ /tmp/rpm \"\${@:2}\""; }
	mkdir -p /tmp/rpm/SOURCES
	cp csm_metrics-*.zip /tmp/rpm/SOURCES/
	echo "@@ spec"
	rpm rpmspec -q --srpm --queryformat "%{NAME} %{VERSION} %{LICENSE}\n" packaging/csm_metrics.spec
	echo "@@ lint"
	rpmlint packaging/csm_metrics.spec
	echo "@@ build"
	rpm rpmbuild -ba --nodeps packaging/csm_metrics.spec >/tmp/build.log 2>&1 && echo built || tail -n 40 /tmp/build.log
	echo "@@ packages"
	(cd /tmp/rpm && find . -name "*.rpm") | sort
	echo "@@ files"
	command rpm -qlp /tmp/rpm/RPMS/*/csm_metrics_18-0*.rpm | grep -vE "/(doc|licenses|.build-id)(/|$)" | sort
	echo "@@ make install"
	make -s PG_CONFIG=/usr/lib/postgresql/18/bin/pg_config with_llvm=no DESTDIR=/tmp/to install >/dev/null
	(cd /tmp/to && find . -type f -printf "/%P\n") | sort
	echo "@@"
'
root=$(debian_root_for 18 rpm rpmlint unzip)
output=$(CSM_ROOT=$work/clone in_debian_root "$root" bash -c "$build") || true
# part NAME: the lines below "@@ NAME"
part() { sed -n "/^@@ $1\$/,/^@@/p" <<<"$output" | grep -v '^@@' || true; }

is "the specification can be read" "$(part spec)" "csm_metrics_18 $version PostgreSQL"
like "rpmlint finds no error" "$(part lint)" ' 0 errors'
is "source and binary package are built" "$(part build)" built
like "the source package" "$(part packages)" "^\./SRPMS/csm_metrics_18-$version-1.*\.src\.rpm$"
is "it installs what make install does" "$(part files)" "$(part 'make install')"
like "which is something" "$(part files)" 'csm_metrics\.so$'
is "the newest change in it is of this version" \
	"$(sed -n '/^%changelog/,$s/^\* .* - \([0-9.]*\)-[0-9]*$/\1/p' "$CSM_ROOT/packaging/csm_metrics.spec" | head -n 1)" "$version"
finish
