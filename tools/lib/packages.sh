# shellcheck shell=bash
#
# Packages: what is missing for a kind of work, and how to get it.

OS_RELEASE=/etc/os-release

# True when the PostgreSQL in question comes from the distribution's packages,
# so that apt can complete it: one in /usr/lib/postgresql, or none at all yet.
# Debian's /usr/bin/pg_config stands for one of those.
packaged()
{
	case ${PG_CONFIG:-} in
		'' | pg_config | /usr/bin/pg_config | "$CSM_DEBIAN"/*) return 0 ;;
		*) return 1 ;;
	esac
}

# The version a distribution calls its own, known to apt or, before its lists
# are loaded, from the release's name.
distribution_major()
{
	local major id
	major=$(apt-cache depends postgresql 2>/dev/null |
		sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p' | head -n 1) || true
	if [ -z "$major" ]; then
		# shellcheck source=/dev/null
		id=$(. "$OS_RELEASE" 2>/dev/null && printf '%s-%s' "${ID:-}" "${VERSION_ID:-}")
		case $id in
			debian-12) major=15 ;;
			debian-13) major=17 ;;
			ubuntu-22.04) major=14 ;;
			ubuntu-24.04) major=16 ;;
			ubuntu-25.*) major=17 ;;
		esac
	fi
	printf '%s\n' "$major"
}

# The newest server that is installed as a package, empty if there is none.
installed_major()
{
	local server
	for server in "$CSM_DEBIAN"/*/bin/postgres; do
		if [ -x "$server" ]; then
			basename "$(dirname "$(dirname "$server")")"
		fi
	done | sort -rn | head -n 1
}

# The version that packages are to be installed for.
wanted_major()
{
	local major=''
	case ${PG_CONFIG:-} in
		"$CSM_DEBIAN"/*)
			major=${PG_CONFIG#"$CSM_DEBIAN"/}
			major=${major%%/*}
			;;
		?*) major=$(pg_major "$PG_CONFIG") || true ;;
		*) major=$(best_pg_config | sed -n "s,^$CSM_DEBIAN/\([0-9]*\)/.*,\1,p") || true ;;
	esac
	[ -n "$major" ] || major=$(installed_major)
	if [ -z "$major" ] || [ "$major" -lt "$CSM_OLDEST" ]; then
		major=$(distribution_major)
	fi
	printf '%s\n' "$major"
}

# A compiler alone is not enough: the C library's headers are a package too.
compiler_works()
{
	echo '#include <stdlib.h>' | gcc -E - >/dev/null 2>&1
}

# What lets a program of test/drivers reach a server: kinds of packages named driver_...
missing_driver()
{
	case $1 in
		driver_node)
			command -v node >/dev/null || echo nodejs
			command -v npm >/dev/null || echo npm
			;;
		driver_jdbc)
			command -v javac >/dev/null || echo default-jdk-headless
			[ -f /usr/share/java/postgresql.jar ] || echo libpostgresql-jdbc-java
			;;
		driver_psycopg) [ -n "$(python_with psycopg)" ] || echo python3-psycopg ;;
		driver_psycopg2) [ -n "$(python_with psycopg2)" ] || echo python3-psycopg2 ;;
		driver_odbc)
			[ -n "$(python_with pyodbc)" ] || echo python3-pyodbc
			[ -n "$(odbc_driver)" ] || echo odbc-postgresql
			;;
	esac
}

# The first python3 that has a module: Debian's packages belong to Debian's own, which
# another one may hide.
python_with()
{
	local python
	while read -r python; do
		if "$python" -c "import $1" 2>/dev/null; then
			printf '%s\n' "$python"
			return 0
		fi
	done < <(type -ap python3)
}

# The library of PostgreSQL's ODBC driver that speaks Unicode.
odbc_driver() { find /usr/lib /usr/lib64 /usr/local/lib -name psqlodbcw.so 2>/dev/null | head -n 1; }

# libFuzzer and the sanitizers come with clang's runtime.
missing_fuzzer()
{
	local archive
	command -v clang >/dev/null || echo clang
	archive=$(clang -print-file-name="libclang_rt.fuzzer_no_main-$(uname -m).a" 2>/dev/null) || archive=
	[ -f "$archive" ] || echo libclang-rt-dev
	command -v llvm-symbolizer >/dev/null || echo llvm
}

# Prints what is missing for a kind of work, one a line, by the names of Debian's
# packages. Tests by file: software that is there counts however it came.
missing_tools()
{
	missing_driver "$1"
	compiler_works || printf '%s\n' gcc libc6-dev
	command -v make >/dev/null || echo make
	case $1 in
		dist)
			command -v git >/dev/null || echo git
			command -v unzip >/dev/null || echo unzip
			;;
		fuzz) missing_fuzzer ;;
		valgrind) [ -f /usr/include/valgrind/memcheck.h ] && command -v valgrind >/dev/null || echo valgrind ;;
	esac
	[ "$1" = build ] || command -v perl >/dev/null || echo perl
}

missing_server_packages()
{
	local kind=$1 major=$2
	local dir=$CSM_DEBIAN/$major
	[ -x "$dir/bin/postgres" ] || echo "postgresql-$major"
	has_headers "$dir/bin/pg_config" || echo "postgresql-server-dev-$major"
	if [ "$kind" = test ] && [ ! -f "/usr/share/postgresql/$major/extension/pgtap.control" ]; then
		echo "postgresql-$major-pgtap"
	fi
	if [ "$kind" = cron ] && [ ! -f "$dir/lib/pg_cron.so" ]; then
		echo "postgresql-$major-cron"
	fi
}

# Prints what a PostgreSQL lacks that no package was found for.
missing_elsewhere()
{
	has_server "$PG_CONFIG" || echo "the server program $("$PG_CONFIG" --bindir)/postgres"
	if [ "$1" = test ] && [ ! -f "$("$PG_CONFIG" --sharedir)/extension/pgtap.control" ]; then
		echo "pgTAP (https://pgtap.org)"
	fi
	if [ "$1" = cron ] && [ ! -f "$("$PG_CONFIG" --pkglibdir)/pg_cron.so" ]; then
		echo "pg_cron (https://github.com/citusdata/pg_cron)"
	fi
}

may_install()
{
	[ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

as_root()
{
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Writes standard input to a file that only root may write.
write_as_root() { as_root tee "$1" >/dev/null; }

# Debian's server package creates and starts a cluster, and starts every other
# cluster that happens to be down. Two settings hold it back; they go away with
# the subshell of install_packages.
hold_back_clusters()
{
	local dir=/etc/postgresql-common/createcluster.d policy=/usr/sbin/policy-rc.d
	local undo="as_root rm -f $dir/csm_metrics.conf"
	if [ ! -d "$dir" ]; then
		undo="$undo; as_root rmdir $dir 2>/dev/null || true"
	fi
	if [ ! -e "$policy" ]; then
		undo="$undo; as_root rm -f $policy"
	fi
	# shellcheck disable=SC2064  # the value of now is meant
	trap "$undo" EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	as_root mkdir -p "$dir"
	echo 'create_main_cluster = false' | write_as_root "$dir/csm_metrics.conf"
	if [ ! -e "$policy" ]; then
		printf '#!/bin/sh\nexit 101\n' | write_as_root "$policy"
		as_root chmod 755 "$policy"
	fi
}

# apt-get without questions, waiting for locks, leaving services as they are.
apt_get()
{
	as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
		apt-get -qq -y -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120 "$@"
}

# The line that installs packages by hand.
by_hand()
{
	local sudo=''
	[ "$(id -u)" = 0 ] || ! command -v sudo >/dev/null || sudo='sudo '
	if [ "$(id -u)" = 0 ] || [ -n "$sudo" ]; then
		echo "Install them with"
	else
		echo "Install them, as root, with"
	fi
	echo "    ${sudo}apt-get update && ${sudo}apt-get install --no-install-recommends $*"
}

# True on Ubuntu where its archive of most extensions is switched off.
universe_is_off()
{
	case " $(system_names) " in *ubuntu*) ;; *) return 1 ;; esac
	! apt-cache policy 2>/dev/null | grep -q 'c=universe'
}

# What went wrong, in a sentence, from what apt-get wrote.
why_not_installed()
{
	local line unknown
	line=$(grep -m 1 -ioE "[a-z ]*(resolving|resolve|connect to|unreachable|timed out)[^(]*" "$1") || true
	unknown=$(sed -nE "s/^E: Unable to locate package (.*)/\1/p; s/^E: Package '(.*)' has no installation candidate/\1/p" "$1" |
		sort -u | paste -sd' ' -)
	if [ -n "$line" ]; then
		echo "a package mirror does not answer (${line## }). Is there a network?"
	elif [ -z "$unknown" ]; then
		grep '^E: ' "$1" | tail -n 3 || tail -n 3 "$1"
	elif universe_is_off; then
		echo "apt does not know $unknown. Ubuntu keeps it in universe, which is off:"
		echo "    sudo apt-get install software-properties-common && sudo add-apt-repository universe"
	else
		echo "apt does not know $unknown."
	fi
}

# Installs packages; mirrors fail now and then, so it tries three times, or twice where there
# seems to be no network at all.
install_packages()
(
	say "installing $*"
	hold_back_clusters
	log=$(mktemp "${TMPDIR:-/tmp}/csm_metrics.log.XXXXXX")
	for pause in 5 15 0; do
		apt_get update >"$log" 2>&1 || true
		if apt_get install --no-install-recommends "$@" >>"$log" 2>&1; then
			rm -f "$log"
			exit 0
		fi
		[ "$pause" = 5 ] || ! grep -qE 'failure resolving|not resolve|Network is unreachable' "$log" || break
		sleep "$pause"
	done
	why=$(why_not_installed "$log")
	rm -f "$log"
	die "packages could not be installed: $why
$(by_hand "$@")"
)

# A distribution may be too old to carry a PostgreSQL that will do.
refuse_old_distribution()
{
	[ "${1:-0}" -lt "$CSM_OLDEST" ] || return 0
	die "this system's PostgreSQL is ${1:-unknown}; csm_metrics needs $CSM_OLDEST or newer." \
		"Newer ones: apt-get install postgresql-common && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh"
}

# Prints the packages of the server that are missing. The lists of a bare
# machine may be empty, and then its own version is not known before an update.
server_packages()
{
	local kind=$1 major
	major=$(wanted_major)
	if [ -z "$major" ] && may_install; then
		apt_get update >/dev/null 2>&1 || true
		major=$(wanted_major)
	fi
	refuse_old_distribution "$major"
	missing_server_packages "$kind" "$major"
}

# True for a package that apt knows; the lists of a bare machine are loaded first.
package_exists()
{
	[ -z "$(apt-cache show "$1" 2>/dev/null)" ] || return 0
	! may_install || apt_get update >/dev/null 2>&1 || true
	[ -n "$(apt-cache show "$1" 2>/dev/null)" ]
}

# why_not_have KIND: after need_packages, says what need_packages KIND could not get because
# there is no such package; nothing when all is there or can be had. Tests of what not
# every system has are skipped for that reason.
why_not_have()
{
	local missing package
	missing=$(missing_tools "$1")
	if packaged; then
		missing="$missing $(server_packages "$1")"
	else
		missing_elsewhere "$1"
	fi
	for package in $missing; do
		package_exists "$package" || echo "no package $package"
	done
}

# sudo that asks for a password is not asked from here.
or_by_sudo()
{
	! command -v sudo >/dev/null || printf '\n%s' "or type  sudo -v  and run this again: it installs them itself"
}

# Debian and Ubuntu: installs what is missing, or says the one line that does.
need_debian_packages()
{
	local missing
	missing=$(missing_tools "$1")
	if packaged; then
		missing="$missing $(server_packages "$1")" || exit 1
	fi
	# shellcheck disable=SC2086  # a list of words
	set -- $missing
	[ $# -gt 0 ] || return 0
	may_install || die "packages are missing. $(by_hand "$@")$(or_by_sudo)"
	install_packages "$@"
}

# How to get PostgreSQL and the tools where apt is not; nothing where we do not know it.
how_to_get_it()
{
	local line
	line=$(packages_elsewhere) || return 0
	printf 'On this system:\n    %s\n' "$line"
}

# The name of this system, as its makers write it: fedora, arch, alpine, macos ...
system_names()
{
	[ "$(uname -s)" != Darwin ] || echo macos
	# shellcheck source=/dev/null
	(. "$OS_RELEASE" 2>/dev/null && echo "${ID:-} ${ID_LIKE:-}") || true
}

# Prints the line that brings all there is to have, on systems without apt; fails elsewhere.
packages_elsewhere()
{
	case " $(system_names | paste -sd' ' -) " in
		*' macos '*) echo 'xcode-select --install && brew install postgresql@17' ;;
		*' fedora '* | *' rhel '*)
			echo 'sudo dnf install git make gcc redhat-rpm-config perl postgresql-server postgresql-server-devel' ;;
		*' arch '*) echo 'sudo pacman -S --needed git base-devel postgresql' ;;
		*' alpine '*) echo 'doas apk add git make gcc musl-dev bash perl postgresql postgresql-dev' ;;
		*) return 1 ;;
	esac
}

# need_packages KIND...: build, test, bench, dist, cron, driver_..., fuzz or valgrind; then finds PG_CONFIG.
need_packages()
{
	local kind missing
	choose_complete
	for kind in "$@"; do
		if command -v apt-get >/dev/null; then
			need_debian_packages "$kind"
		fi
	done
	find_pg_config
	for kind in "$@"; do
		missing=$(missing_tools "$kind" && missing_elsewhere "$kind")
		[ -z "$missing" ] || die "missing for $PG_CONFIG:" "$missing" "
$(how_to_get_it)"
	done
}
