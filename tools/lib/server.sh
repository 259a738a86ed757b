# shellcheck shell=bash
#
# Private server: an installation of links below a temporary directory, and servers that run there.

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

# Where the directories of servers go: the name of a socket has to be short.
server_base()
{
	local base=${TMPDIR:-/tmp}
	[ "${#base}" -le 50 ] || base=/tmp
	printf '%s\n' "$base"
}

# A new directory. The installation stays ours; data and socket are the server's own.
make_server_dir()
{
	SERVER_DIR=$(mktemp -d "$(server_base)/csm_metrics.XXXXXX")
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
	need_room 100
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
	can_write_tree || build_in_copy
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
