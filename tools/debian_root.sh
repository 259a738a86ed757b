# shellcheck shell=bash
#
# Clean Debian systems in folders, for the PostgreSQL versions that this machine does
# not have. One is made by debootstrap, once, and never changed after that. PostgreSQL 16
# is in no suite of Debian; that system is Ubuntu's.
#
#   . tools/lib.sh; . tools/debian_root.sh       after "set -euo pipefail"
#   why=$(no_debian_roots) && die "$why"
#   root=$(debian_root_for 18 valgrind)          what tests on PostgreSQL 18 need, and more
#   root=$(debian_root trixie make gcc)          or a suite and packages
#   root=$(debian_root trixie libc6:arm64 +x)    of another processor; of x the files alone,
#                                                without what it depends on
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

# The suites that carry a version of PostgreSQL, the one to prefer first.
suites_of()
{
	case $1 in
		15) echo bookworm ;;
		16) echo noble ;;
		17) echo trixie ;;
		18) echo forky sid ;;
		19) echo experimental ;;
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

# Servers inside are the tests' own: packages neither create nor start any. Half of a folder
# is thrown away, so that dpkg need not wait for the disk.
prepare_root()
{
	as_root mkdir -p "$1/etc/dpkg/dpkg.cfg.d"
	echo force-unsafe-io | write_as_root "$1/etc/dpkg/dpkg.cfg.d/csm_metrics"
	as_root mkdir -p "$1/etc/postgresql-common/createcluster.d" "$1/usr/sbin"
	echo 'create_main_cluster = false' | write_as_root "$1/etc/postgresql-common/createcluster.d/csm_metrics.conf"
	printf '#!/bin/sh\nexit 101\n' | write_as_root "$1/usr/sbin/policy-rc.d"
	as_root chmod 755 "$1/usr/sbin/policy-rc.d"
}

# What runs in the namespace: mounts, then apt-get in the folder's own world. A mirror may
# be behind the date that a suite promises; debootstrap does not ask either. pgTAP is the
# same for every version, and that of one serves another that it is not packed for yet.
# shellcheck disable=SC2016  # for the inner shell
install_inside='
	set -e
	root=$1
	shift
	mount --rbind /dev "$root/dev"
	mount -t proc proc "$root/proc"
	installed=
	unpacked=
	for package; do
		case $package in *:*) chroot "$root" dpkg --add-architecture "${package##*:}" ;; esac
		case $package in
			+*) unpacked="$unpacked ${package#+}" ;;
			*) installed="$installed $package" ;;
		esac
	done
	get() { chroot "$root" apt-get -qq -y -o Acquire::Retries=3 -o APT::Sandbox::User=root "$@"; }
	get -o Acquire::Check-Valid-Until=false update
	get install --no-install-recommends $installed
	[ -n "$unpacked" ] || exit 0
	mkdir "$root/tmp/unpack"
	chroot "$root" sh -c "cd /tmp/unpack && apt-get -qq -o APT::Sandbox::User=root download $unpacked &&
		for deb in *.deb; do dpkg-deb -x \"\$deb\" /; done"
	rm -r "$root/tmp/unpack"
	for extension in "$root"/usr/share/postgresql/*/extension; do
		[ -e "$extension/pgtap.control" ] || cp "$root"/usr/share/postgresql/*/extension/pgtap* "$extension/"
	done
'

# The keys of Ubuntu's archive, which a package of Debian has; the folder of 17 has it.
ubuntu_keyring()
{
	local file=/usr/share/keyrings/ubuntu-archive-keyring.gpg root=
	[ -f "$file" ] || root=$(debian_root_for 17) || return 1
	printf '%s\n' "$root$file"
}

# Debian's experimental is an addition to sid: what it has of a PostgreSQL is taken from there.
add_experimental()
{
	local dir=$1/etc/apt mirror
	mirror=$(awk '/^deb / { print $2; exit }' "$dir/sources.list")
	echo "deb $mirror experimental main" | write_as_root "$dir/sources.list.d/experimental.list"
	printf '%s\n' 'Package: src:postgresql-*' 'Pin: release a=experimental' 'Pin-Priority: 500' |
		write_as_root "$dir/preferences.d/experimental"
}

# bootstrap DIR SUITE PACKAGES: one attempt. debootstrap that is older than the suite
# is told to treat it as sid. The packages are apt's work: debootstrap cannot order the
# configuration of many.
bootstrap()
{
	local dir=$1 suite=$2 packages=$3 script=sid mirror keyring options=()
	mirror=$(debian_mirror)
	case $suite in
		experimental) suite=sid ;;
		noble)
			script=gutsy mirror=''
			keyring=$(ubuntu_keyring) || return 1
			options=(--components='main,universe' --merged-usr --keyring="$keyring" --force-check-gpg)
			;;
	esac
	[ ! -e "/usr/share/debootstrap/scripts/$suite" ] || script=$suite
	prepare_root "$dir"
	quietly as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C \
		unshare --mount --pid --fork --kill-child \
		debootstrap --variant=minbase --include=ca-certificates "${options[@]}" "$suite" "$dir" \
		"$mirror" "/usr/share/debootstrap/scripts/$script" || return 1
	[ "$2" != experimental ] || add_experimental "$dir"
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

# debian_root_for MAJOR [PACKAGE]...: a folder that can build and test on a version of
# PostgreSQL. Its headers and makefiles are there without the compilers that they are
# packed with.
debian_root_for()
{
	local major=$1 suite pgtap
	shift
	for suite in $(suites_of "$major"); do
		pgtap=postgresql-$major-pgtap
		case $major in
			17) set -- ubuntu-archive-keyring "$@" ;;
			19) pgtap=+postgresql-18-pgtap ;;
		esac
		if debian_root "$suite" make gcc libc6-dev perl "postgresql-$major" \
			"+postgresql-server-dev-$major" "$pgtap" "$@"; then
			return 0
		fi
	done
	return 1
}

# Says why programs of another processor cannot run here; fails when they can. They run by
# handlers that are our own, of a user namespace, which Linux has since 6.7: the machine's
# are not touched, and are enough by themselves where it has them.
no_emulation()
{
	if ! as_root unshare --user --map-root-user --mount --pid --fork \
		mount -t binfmt_misc none /proc/sys/fs/binfmt_misc 2>/dev/null; then
		echo "this kernel has no binfmt_misc of its own for a user namespace (Linux 6.7)"
	else
		return 1
	fi
}

# A user namespace that has all users. Only a process outside of it may say so, and what
# was executed before that has no rights in it.
# shellcheck disable=SC2016  # for the inner shells
with_users='
	pid=$$
	own=$(readlink /proc/self/ns/user)
	(
		until now=$(readlink "/proc/$pid/ns/user") && [ "$now" != "$own" ]; do sleep 0.1; done
		echo 0 0 4294967295 >"/proc/$pid/gid_map"
		echo 0 0 4294967295 >"/proc/$pid/uid_map"
	) &
	exec unshare --user --mount --pid --fork --kill-child bash -c '\''
		while [ -z "$(cat /proc/self/uid_map)" ]; do sleep 0.1; done
		exec "$@"
	'\'' users "$@"
'

# What runs in the namespace: mounts, then the command in the folder's own world.
# shellcheck disable=SC2016  # for the inner shell
inside='
	set -e
	root=$1 work=$2 data=$3 shared=$4 processor=$5
	shift 5
	mount --bind "$work" "$root/tmp"
	mount --rbind /dev "$root/dev"
	mount -t tmpfs tmpfs "$root/dev/shm"
	mount -t proc proc "$root/proc"
	if [ -n "$processor" ]; then
		mount -t binfmt_misc none "$root/proc/sys/fs/binfmt_misc"
		chroot "$root" sh -c "cat /usr/lib/binfmt.d/qemu-$processor.conf >/proc/sys/fs/binfmt_misc/register"
	fi
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
# SHARED_DIR names is /srv inside. Where PROCESSOR names one as qemu does, programs of it
# run as well; the folder has qemu-user and the files of qemu-user-binfmt then.
in_debian_root()
(
	root=$1
	shift
	spaces=(unshare --mount --pid --fork --kill-child)
	[ -z "${PROCESSOR:-}" ] || spaces=(bash -c "$with_users" users)
	make_roots_dir
	work=$(as_root mktemp -d "$CSM_ROOTS/work.XXXXXX")
	trap 'remove_root "$work"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	as_root chmod 1777 "$work"
	as_root mkdir "$work/csm_metrics"
	tar_sources | as_root tar -C "$work/csm_metrics" -x --no-same-owner
	as_root "${spaces[@]}" \
		bash -c "$inside" inside "$root" "$work" "$(shared_data)" "${SHARED_DIR:-}" "${PROCESSOR:-}" "$@"
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
