# shellcheck shell=bash
#
# Clean Debian systems in folders, for the PostgreSQL versions that this machine does
# not have. One is made by debootstrap, once, and never changed after that.
#
#   . tools/lib.sh; . tools/debian_root.sh       after "set -euo pipefail"
#   why=$(no_debian_roots) && die "$why"
#   root=$(debian_root_for 18 valgrind)          what tests on PostgreSQL 18 need, and more
#   root=$(debian_root trixie make gcc)          or a suite and packages
#   in_debian_root "$root" make test             in a copy of this tree, as root
#   in_copy_of_root "$root" dpkg -i x.deb        and in a copy of the folder
#
# A command inside has its own /tmp, /proc, /dev and processes: nothing stays mounted
# and nothing runs on when it ends, however it ends.
#
# CSM_ROOTS is where the folders are kept. Remove it with
#   rm -rf --one-file-system "$CSM_ROOTS"

: "${CSM_ROOTS:=/var/tmp/csm_metrics_roots}"

# Says why folders cannot be made here; fails when they can.
no_debian_roots()
{
	if ! may_install; then
		echo "only root can make a Debian system in a folder"
	elif ! command -v debootstrap >/dev/null && ! command -v apt-get >/dev/null; then
		echo "debootstrap is missing"
	elif ! as_root unshare --mount --pid --fork true 2>/dev/null; then
		echo "mounts of our own are not allowed here"
	else
		return 1
	fi
}

# Debian's suites that carry a version of PostgreSQL, the one to prefer first.
suites_of()
{
	case $1 in
		15) echo bookworm ;;
		17) echo trixie ;;
		18) echo forky sid ;;
		*) die "no suite of Debian is known to have PostgreSQL $1" ;;
	esac
}

# The mirror that this machine's apt uses, empty when it says nothing of Debian.
debian_mirror()
{
	local codename
	# shellcheck source=/dev/null
	codename=$(. /etc/os-release && [ "${ID:-}" = debian ] && printf '%s' "${VERSION_CODENAME:-sid}") || return 0
	# shellcheck disable=SC2016  # the names are apt's
	apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
		awk -v codename="$codename" '$1 == codename && $2 == "main" && $3 ~ /^https?:/ && !n++ { print $3 }'
}

# Removes a folder, and nothing of another file system below it.
remove_root() { as_root rm -rf --one-file-system "$1"; }

# Servers inside are the tests' own: packages neither create nor start any.
forbid_services()
{
	as_root mkdir -p "$1/etc/postgresql-common/createcluster.d" "$1/usr/sbin"
	echo 'create_main_cluster = false' | write_as_root "$1/etc/postgresql-common/createcluster.d/csm_metrics.conf"
	printf '#!/bin/sh\nexit 101\n' | write_as_root "$1/usr/sbin/policy-rc.d"
	as_root chmod 755 "$1/usr/sbin/policy-rc.d"
}

# What runs in the namespace: mounts, then apt-get in the folder's own world. A mirror may
# be behind the date that a suite promises; debootstrap does not ask either.
# shellcheck disable=SC2016  # for the inner shell
install_inside='
	set -e
	root=$1
	shift
	mount --rbind /dev "$root/dev"
	mount -t proc proc "$root/proc"
	chroot "$root" apt-get -qq -o Acquire::Retries=3 -o Acquire::Check-Valid-Until=false update
	exec chroot "$root" apt-get -qq -y -o Acquire::Retries=3 install --no-install-recommends "$@"
'

# bootstrap DIR SUITE PACKAGES: one attempt. debootstrap that is older than the suite
# is told to treat it as sid. The packages are apt's work: debootstrap cannot order the
# configuration of many.
bootstrap()
{
	local dir=$1 suite=$2 packages=$3 script=sid
	[ ! -e "/usr/share/debootstrap/scripts/$suite" ] || script=$suite
	forbid_services "$dir"
	quietly as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C \
		unshare --mount --pid --fork --kill-child \
		debootstrap --variant=minbase --include=ca-certificates "$suite" "$dir" \
		"$(debian_mirror)" "/usr/share/debootstrap/scripts/$script" || return 1
	# shellcheck disable=SC2086  # a list of words
	quietly as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C \
		unshare --mount --pid --fork --kill-child \
		bash -c "$install_inside" install "$dir" ${packages//,/ }
}

# Makes a folder under another name first, so that half of one is never used.
# Mirrors fail now and then: three times.
make_root()
{
	local root=$1 new pause
	# apt knows its mirrors by name once their lists are there
	[ -n "$(debian_mirror)" ] || ! command -v apt-get >/dev/null || quietly apt_get update || true
	for pause in 10 30 0; do
		new=$(as_root mktemp -d "$root.XXXXXX")
		as_root chmod 755 "$new"
		if bootstrap "$new" "$2" "$3"; then
			as_root rm -rf "$new/var/cache/apt/archives" "$new/var/lib/apt/lists"
			as_root mv -T "$new" "$root"
			return 0
		fi
		remove_root "$new"
		sleep "$pause"
	done
	return 1
}

# The place of all folders, which nobody but root may have prepared.
make_roots_dir()
{
	as_root mkdir -p -m 755 "$CSM_ROOTS"
	[ "$(stat -c %u "$CSM_ROOTS")" = 0 ] || die "$CSM_ROOTS is not root's: set CSM_ROOTS to another directory"
	CSM_ROOTS=$(cd "$CSM_ROOTS" && pwd -P)
}

need_debootstrap()
{
	local why
	! why=$(no_debian_roots) || die "$why"
	if ! command -v debootstrap >/dev/null || [ ! -f /usr/share/keyrings/debian-archive-keyring.gpg ]; then
		install_packages debootstrap debian-archive-keyring
	fi
}

# debian_root SUITE PACKAGE...: prints the folder; makes it when there is none yet.
debian_root()
{
	local suite=$1 packages root
	shift
	packages=$(printf '%s\n' "$@" | sort -u | paste -sd,)
	need_debootstrap
	make_roots_dir
	root=$CSM_ROOTS/$suite-$(sha256sum <<<"$packages" | cut -c1-12)
	if [ ! -d "$root" ]; then
		as_root touch "$root.lock"
		(
			flock 9
			[ -d "$root" ] || { say "making $root: $packages" && make_root "$root" "$suite" "$packages"; }
		) 9<"$root.lock" || return 1
	fi
	printf '%s\n' "$root"
}

# debian_root_for MAJOR [PACKAGE]...: a folder that can build and test on a version of PostgreSQL.
debian_root_for()
{
	local major=$1 suite
	shift
	for suite in $(suites_of "$major"); do
		if debian_root "$suite" make gcc libc6-dev perl "postgresql-$major" \
			"postgresql-server-dev-$major" "postgresql-$major-pgtap" "$@"; then
			return 0
		fi
	done
	return 1
}

# What runs in the namespace: mounts, then the command in the folder's own world.
# shellcheck disable=SC2016  # for the inner shell
inside='
	set -e
	root=$1 work=$2 data=$3 shared=$4
	shift 4
	mount --bind "$work" "$root/tmp"
	mount --rbind /dev "$root/dev"
	mount -t tmpfs tmpfs "$root/dev/shm"
	mount -t proc proc "$root/proc"
	[ -z "$shared" ] || mount --bind "$shared" "$root/srv"
	[ -z "$data" ] || { mount --bind "$data" "$root/mnt" && mount -o remount,bind,ro "$root/mnt"; }
	exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 TERM=dumb \
		${data:+CSM_SHARED_DATA=/mnt} bash -c '\''cd /tmp/csm_metrics && exec "$@"'\'' command "$@"
'

# The folder of data of the tests, where there is one.
shared_data()
{
	local dir=${CSM_SHARED_DATA:-$CSM_ROOT/../shared/data}
	[ ! -d "$dir" ] || (cd "$dir" && pwd -P)
}

# in_debian_root ROOT COMMAND...: as root in a copy of this tree, /tmp/csm_metrics inside,
# which is removed at the end. COMMAND may be "env NAME=VALUE ... command". A directory that
# SHARED_DIR names is /srv inside.
in_debian_root()
(
	root=$1
	shift
	make_roots_dir
	work=$(as_root mktemp -d "$CSM_ROOTS/work.XXXXXX")
	trap 'remove_root "$work"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	as_root chmod 1777 "$work"
	as_root mkdir "$work/csm_metrics"
	tar_sources | as_root tar -C "$work/csm_metrics" -x --no-same-owner
	as_root unshare --mount --pid --fork --kill-child \
		bash -c "$inside" inside "$root" "$work" "$(shared_data)" "${SHARED_DIR:-}" "$@"
)

# The same for a command that changes the folder: in a copy of it, which is removed too.
in_copy_of_root()
(
	make_roots_dir
	copy=$(as_root mktemp -d "$CSM_ROOTS/copy.XXXXXX")
	trap 'remove_root "$copy"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	as_root cp -a --reflink=auto "$1/." "$copy"
	in_debian_root "$copy" "${@:2}"
)
