# shellcheck shell=bash
#
# What every script of the project needs: the right PostgreSQL, the packages to
# build against it, and a private throw-away server that has the extension.
#
#   . tools/lib.sh                 after "set -euo pipefail"
#   need_packages test             build | test | bench | dist; also finds PG_CONFIG
#   start_server "work_mem = '256MB'"
#   "$PSQL" -c 'CREATE EXTENSION csm_metrics'
#
# Nothing is written to the system's PostgreSQL and no existing cluster is
# touched: the extension is installed into a tree of links below a temporary
# directory, and the server that runs there listens on a socket nobody else
# can reach.

# The source tree to build; another value serves tests of this file.
: "${CSM_ROOT:=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)}"
CSM_OLDEST=15

# ---------------------------------------------------------------- messages

say() { printf '%s\n' "$*" >&2; }

die()
{
	say "$@"
	exit 1
}

# Runs a command without its output; shows the end of it when it fails.
quietly()
{
	local log
	log=$(mktemp "${SERVER_DIR:-${TMPDIR:-/tmp}}/csm_metrics.log.XXXXXX")
	if "$@" >"$log" 2>&1; then
		rm -f "$log"
		return 0
	fi
	say "failed: $*"
	tail -n 30 "$log" >&2
	rm -f "$log"
	return 1
}

# ------------------------------------------------------------- find PG_CONFIG

# The major version that a pg_config belongs to, e.g. 16.
pg_major()
{
	"$1" --version 2>/dev/null | sed -n 's/^PostgreSQL \([0-9]*\).*/\1/p'
}

# Headers and makefiles of extensions are a package of their own.
has_pgxs() { [ -f "$("$1" --pgxs 2>/dev/null)" ]; }

has_server() { [ -x "$("$1" --bindir 2>/dev/null)/postgres" ]; }

# Every pg_config worth looking at, the newest version first.
pg_config_candidates()
{
	local dir major
	for dir in /usr/lib/postgresql/*/bin; do
		if [ -x "$dir/pg_config" ]; then
			major=$(pg_major "$dir/pg_config")
			printf '%s %s\n' "${major:-0}" "$dir/pg_config"
		fi
	done | sort -rn | cut -d' ' -f2-
	command -v pg_config || true
}

# Prints the best pg_config: one that is complete before one that lacks the server.
best_pg_config()
{
	local candidate headers_only='' major
	while read -r candidate; do
		major=$(pg_major "$candidate")
		if [ "${major:-0}" -lt "$CSM_OLDEST" ] || ! has_pgxs "$candidate"; then
			continue
		fi
		if has_server "$candidate"; then
			printf '%s\n' "$candidate"
			return 0
		fi
		: "${headers_only:=$candidate}"
	done < <(pg_config_candidates)
	[ -n "$headers_only" ] && printf '%s\n' "$headers_only"
}

# A bare "pg_config" that does not exist is a default, not somebody's choice.
forget_default_pg_config()
{
	if [ "${PG_CONFIG:-}" = pg_config ] && ! command -v pg_config >/dev/null; then
		unset PG_CONFIG
	fi
}

# Sets and exports PG_CONFIG; the caller's own value wins.
find_pg_config()
{
	local major
	forget_default_pg_config
	if [ -n "${PG_CONFIG:-}" ]; then
		command -v "$PG_CONFIG" >/dev/null || die "PG_CONFIG=$PG_CONFIG: there is no such program"
		PG_CONFIG=$(command -v "$PG_CONFIG")
		PG_CONFIG=$(cd "$(dirname "$PG_CONFIG")" && pwd)/$(basename "$PG_CONFIG")
	else
		PG_CONFIG=$(best_pg_config) ||
			die "PostgreSQL $CSM_OLDEST or newer with its headers was not found: set PG_CONFIG to its pg_config"
	fi
	major=$(pg_major "$PG_CONFIG")
	[ "${major:-0}" -ge "$CSM_OLDEST" ] ||
		die "$PG_CONFIG is of PostgreSQL ${major:-(unknown version)}: csm_metrics needs $CSM_OLDEST or newer"
	has_pgxs "$PG_CONFIG" ||
		die "$PG_CONFIG: the headers and makefiles of that PostgreSQL are missing ($("$PG_CONFIG" --pgxs))"
	export PG_CONFIG
}

# ------------------------------------------------------------------- packages

# True when the PostgreSQL in question comes from the distribution's packages,
# so that apt can complete it: one in /usr/lib/postgresql, or none at all yet.
# Debian's /usr/bin/pg_config stands for one of those.
packaged()
{
	case ${PG_CONFIG:-} in
		'' | pg_config | /usr/bin/pg_config | /usr/lib/postgresql/*) return 0 ;;
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
		id=$(. /etc/os-release 2>/dev/null && printf '%s-%s' "${ID:-}" "${VERSION_ID:-}")
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
	for server in /usr/lib/postgresql/*/bin/postgres; do
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
		/usr/lib/postgresql/*)
			major=${PG_CONFIG#/usr/lib/postgresql/}
			major=${major%%/*}
			;;
		?*) major=$(pg_major "$PG_CONFIG") || true ;;
		*) major=$(best_pg_config | sed -n 's,^/usr/lib/postgresql/\([0-9]*\)/.*,\1,p') || true ;;
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
	local dir=/usr/lib/postgresql/$major
	[ -x "$dir/bin/postgres" ] || echo "postgresql-$major"
	[ -f "$dir/lib/pgxs/src/makefiles/pgxs.mk" ] || echo "postgresql-server-dev-$major"
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

# Installs packages; mirrors fail now and then, so it tries three times.
install_packages()
(
	say "installing $*"
	hold_back_clusters
	for pause in 5 15 0; do
		quietly apt_get update || true
		if quietly apt_get install --no-install-recommends "$@"; then
			exit 0
		fi
		sleep "$pause"
	done
	die "these packages could not be installed: $*"
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
		quietly apt_get update || true
		major=$(wanted_major)
	fi
	refuse_old_distribution "$major"
	missing_server_packages "$kind" "$major"
}

# True for a package that apt knows; the lists of a bare machine are loaded first.
package_exists()
{
	[ -z "$(apt-cache show "$1" 2>/dev/null)" ] || return 0
	! may_install || quietly apt_get update || true
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
	may_install || die "packages are missing; install them with
    sudo apt-get install --no-install-recommends $*"
	install_packages "$@"
}

# need_packages KIND...: build, test, bench, dist, cron, driver_..., fuzz or valgrind; then finds PG_CONFIG.
need_packages()
{
	local kind missing
	for kind in "$@"; do
		if command -v apt-get >/dev/null; then
			need_debian_packages "$kind"
		fi
	done
	find_pg_config
	for kind in "$@"; do
		missing=$(missing_tools "$kind" && missing_elsewhere "$kind")
		[ -z "$missing" ] || die "missing for $PG_CONFIG:" "$missing"
	done
}

# ---------------------------------------------------------------------- build

# make without the options of a make that may have called us: its job server
# is out of reach, and its variables are in the environment anyway.
plain_make()
{
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$CSM_ROOT" \
		PG_CONFIG="$PG_CONFIG" with_llvm=no "$@"
}

# Objects of another PostgreSQL look up to date and would not load.
clean_if_other_server()
{
	local stamp=$CSM_ROOT/.built-for now
	now="$("$PG_CONFIG" --version) $("$PG_CONFIG" --pkglibdir)"
	if [ -f "$stamp" ] && [ "$(cat "$stamp")" != "$now" ]; then
		quietly plain_make clean || return 1
	fi
	[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$now" ] || echo "$now" >"$stamp"
}

# root may build in a tree that is somebody else's: give them what was made.
give_to_owner()
{
	local owner
	owner=$(find "$CSM_ROOT" -maxdepth 0 -printf '%U:%G' 2>/dev/null) || return 0
	if [ "$(id -u)" = 0 ] && [ "${owner%%:*}" != 0 ]; then
		find "$CSM_ROOT" -name .git -prune -o -uid 0 -newer "$1" -exec chown -h "$owner" {} +
	fi
}

# Runs a command while nobody else builds in the same tree.
alone_in_tree()
{
	if command -v flock >/dev/null; then
		(flock 9 && "$@" 9<&-) 9<"$CSM_ROOT"
	else
		"$@"
	fi
}

# Writes the sources as they are now to standard output, as tar, without what was built from them.
tar_sources()
{
	tar -C "$CSM_ROOT" -c --exclude-vcs --exclude='*.o' --exclude='*.so' --exclude='*.bc' \
		--exclude=node_modules --exclude=./bench/data --exclude=./results --exclude=./.built-for .
}

# What is built from here on is built in a copy of the sources, which goes away with the
# script. For builds by other flags, whose objects would look up to date to others.
build_in_copy()
{
	CSM_COPY=$(mktemp -d "${TMPDIR:-/tmp}/csm_metrics.source.XXXXXX")
	trap 'at_exit' EXIT
	tar_sources | tar -C "$CSM_COPY" -x --no-same-owner
	CSM_ROOT=$CSM_COPY
}

# Builds what is out of date and installs it into the private tree.
build_extension()
{
	local jobs
	jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
	touch "$SERVER_DIR/began"
	clean_if_other_server || return 1
	quietly plain_make -j"$jobs" all || return 1
	quietly plain_make install DESTDIR="$SERVER_DIR/install" || return 1
	give_to_owner "$SERVER_DIR/began"
}

# --------------------------------------------------------------- private tree

# Fills a directory of the tree with links to what is in the system's.
link_entries()
{
	local from=$1 to=$SERVER_DIR/install$1
	mkdir -p "$to"
	find "$from" -mindepth 1 -maxdepth 1 -exec ln -sfn {} "$to" \;
}

# The same for one of its subdirectories, which make install writes into.
unfold()
{
	[ -d "$1" ] || return 0
	rm -f "$SERVER_DIR/install$1"
	link_entries "$1"
}

# PostgreSQL finds its files relative to where its programs really are, so
# copied programs and linked files in the system's own layout make a complete
# installation that the extension can be added to.
make_tree()
{
	local bin share lib program
	bin=$("$PG_CONFIG" --bindir)
	share=$("$PG_CONFIG" --sharedir)
	lib=$("$PG_CONFIG" --pkglibdir)
	mkdir -p "$SERVER_DIR/install$bin"
	for program in postgres initdb pg_ctl; do
		cp "$bin/$program" "$SERVER_DIR/install$bin/"
	done
	BINDIR=$SERVER_DIR/install$bin
	link_entries "$share"
	unfold "$share/extension"
	link_entries "$lib"
	unfold "$lib/bitcode"
	# an installed csm_metrics must not shine through
	rm -rf "$SERVER_DIR/install$share/extension"/csm_metrics* \
		"$SERVER_DIR/install$lib"/csm_metrics.* \
		"$SERVER_DIR/install$lib/bitcode"/csm_metrics*
	"$BINDIR/pg_ctl" --version >/dev/null 2>&1 ||
		die "programs cannot be run from $SERVER_DIR: set TMPDIR to a directory that allows it"
}

# -------------------------------------------------------------------- server

# PostgreSQL refuses to run as root.
choose_server_user()
{
	local user
	SERVER_USER=''
	[ "$(id -u)" = 0 ] || return 0
	for user in postgres nobody; do
		if id "$user" >/dev/null 2>&1; then
			SERVER_USER=$user
			return 0
		fi
	done
	die "root cannot run PostgreSQL, and there is no user postgres or nobody"
}

# Elsewhere than in the caller's directory, which that user may not see.
as_server_user()
(
	cd /
	if [ -z "$SERVER_USER" ]; then
		"$@"
	elif command -v runuser >/dev/null; then
		runuser -u "$SERVER_USER" -- "$@"
	else
		su -s /bin/sh "$SERVER_USER" -c "$(printf '%q ' "$@")"
	fi
)

# A new directory with room for the name of a socket, which has to be short.
# The installation stays ours; data and socket are the server's own.
make_server_dir()
{
	local base=${TMPDIR:-/tmp}
	[ "${#base}" -le 50 ] || base=/tmp
	SERVER_DIR=$(mktemp -d "$base/csm_metrics.XXXXXX")
	SERVER_DIR=$(cd "$SERVER_DIR" && pwd -P)
	make_home "$SERVER_DIR"
	as_server_user test -x "$SERVER_DIR" ||
		die "user $SERVER_USER cannot reach $SERVER_DIR: set TMPDIR to a directory it can"
}

# The directory of the server called main, or of another one beside it.
home_of()
{
	case $1 in
		main) printf '%s\n' "$SERVER_DIR" ;;
		*) printf '%s\n' "$SERVER_DIR/$1" ;;
	esac
}

# What a server needs in its directory.
make_home()
{
	mkdir -m 700 "$1/data" "$1/socket"
	(umask 077 && : >"$1/server.log")
	if [ -n "$SERVER_USER" ]; then
		chmod 711 "$1"
		chown "$SERVER_USER" "$1/data" "$1/socket" "$1/server.log"
	fi
}

# Nothing of the caller's own PostgreSQL settings may reach the private server.
forget_pg_environment()
{
	local name
	for name in $(compgen -e PG); do
		[ "$name" = PG_CONFIG ] || unset "$name"
	done
	export PSQLRC=/dev/null
}

# The settings of a server whose data may be lost, then those of the caller.
# write_settings HOME [line]...
write_settings()
{
	local home=$1
	shift
	cat <<-CONF
		listen_addresses = ''
		unix_socket_directories = '$home/socket'
		port = 5432
		fsync = off
		synchronous_commit = off
		full_page_writes = off
		wal_level = minimal
		max_wal_senders = 0
		max_wal_size = '4GB'
		checkpoint_timeout = '1h'
		timezone = 'UTC'
		lc_messages = 'C'
	CONF
	[ $# -eq 0 ] || printf '%s\n' "$@"
}

# init_cluster HOME [line of postgresql.conf]...
init_cluster()
{
	local home=$1 locale=C
	if locale -a 2>/dev/null | grep -qixE 'c\.utf-?8'; then
		locale=C.UTF-8
	fi
	quietly as_server_user "$BINDIR/initdb" -D "$home/data" -U postgres -A trust \
		--locale="$locale" --encoding=UTF8 --no-sync --no-instructions ||
		die "initdb failed"
	write_settings "$@" | as_server_user tee -a "$home/data/postgresql.conf" >/dev/null
}

# start_cluster NAME, stop_cluster NAME [fast|immediate]: one of the servers of this script.
start_cluster()
{
	local home
	home=$(home_of "$1")
	as_server_user "$BINDIR/pg_ctl" -D "$home/data" -l "$home/server.log" \
		-w -t 60 -s start >/dev/null 2>&1 </dev/null || {
		tail -n 20 "$home/server.log" >&2
		die "the private server did not start"
	}
}

stop_cluster()
{
	as_server_user "$BINDIR/pg_ctl" -D "$(home_of "$1")/data" -m "${2:-fast}" -w -t 30 -s stop >/dev/null 2>&1
}

# add_server NAME [line of postgresql.conf]...
# One more server of the same installation, empty, beside the one of start_server;
# PGHOST of it is $(socket_of NAME), everything else is the same.
add_server()
{
	local name=$1 home
	shift
	home=$(home_of "$name")
	mkdir "$home"
	make_home "$home"
	init_cluster "$home" "$@"
	start_cluster "$name"
	"$PSQL" -h "$home/socket" -qd postgres -c 'CREATE DATABASE csm' || die "the private server does not answer"
}

socket_of() { printf '%s/socket\n' "$(home_of "$1")"; }

# shellcheck disable=SC2120  # the settings are optional
# start_server [line of postgresql.conf]...
# Sets SERVER_DIR and SERVER_USER, exports PSQL, PGHOST, PGPORT, PGUSER, PGDATABASE; the database
# is empty, without the extension. Sets the EXIT trap: a script with one of
# its own calls stop_server in it.
start_server()
{
	[ -z "${SERVER_DIR:-}" ] || die "start_server: this script has a server already"
	need_packages build
	forget_pg_environment
	choose_server_user
	trap 'at_exit' EXIT
	trap 'KEEP=; exit 129' HUP
	trap 'KEEP=; exit 130' INT
	trap 'KEEP=; exit 143' TERM
	umask 022
	make_server_dir
	make_tree
	alone_in_tree build_extension || die "the extension cannot be built or installed"
	init_cluster "$SERVER_DIR" "$@"
	start_cluster main
	PSQL=$("$PG_CONFIG" --bindir)/psql
	export PSQL PGHOST=$SERVER_DIR/socket PGPORT=5432 PGUSER=postgres PGDATABASE=csm
	"$PSQL" -qd postgres -c 'CREATE DATABASE csm' || die "the private server does not answer"
}

# Stops the servers that start_server and add_server started, and no other, and
# removes their files.
stop_server()
{
	local dir=${SERVER_DIR:-} home name
	case $dir in
		*/csm_metrics.*) [ -d "$dir" ] || return 0 ;;
		*) return 0 ;;
	esac
	cd /
	for home in "$dir" "$dir"/*/; do
		if [ -f "$home/data/postmaster.pid" ]; then
			name=main
			[ "$home" = "$dir" ] || name=$(basename "$home")
			stop_cluster "$name" || stop_cluster "$name" immediate || true
		fi
	done
	SERVER_DIR=''
	rm -rf "$dir"
}

# The EXIT trap: KEEP=1 leaves the server and says how to reach and to stop it.
at_exit()
{
	local status=$?
	trap - EXIT
	[ -z "${CSM_COPY:-}" ] || rm -rf "$CSM_COPY"
	if [ "${KEEP:-}" = 1 ] && [ -f "${SERVER_DIR:-}/data/postmaster.pid" ]; then
		server_lines
	else
		stop_server
	fi
	exit "$status"
}

# How to connect to a server that is kept, and how to get rid of it.
server_lines()
{
	local stop="$BINDIR/pg_ctl -D $SERVER_DIR/data -m fast stop"
	[ -z "$SERVER_USER" ] || stop="su -s /bin/sh $SERVER_USER -c '$stop'"
	printf '%s\n' "The server is still running. Connect:" \
		"" "    $PSQL -h $PGHOST -p $PGPORT -U $PGUSER $PGDATABASE" "" \
		"Stop and remove it:" \
		"" "    $stop && rm -rf $SERVER_DIR"
}
