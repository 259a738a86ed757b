#!/usr/bin/env bash
#
# What pg_upgrade.sh runs inside the folders of each version of PostgreSQL; /srv is the
# same in all of them:
#   pg_upgrade.sh install MAJOR        an installation in /srv/pgMAJOR, with the extension
#   pg_upgrade.sh create MAJOR         a cluster in /srv/clusterMAJOR, its databases filled
#   pg_upgrade.sh upgrade OLD NEW      a cluster of NEW from that of OLD
#   pg_upgrade.sh report MAJOR NAME    what its databases hold, to /srv/NAME.DATABASE
#   pg_upgrade.sh update MAJOR DATABASE    ALTER EXTENSION UPDATE
set -euo pipefail
# shellcheck source=../prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/../prelude.sh"
# shellcheck source=stored.sh
. "$SYSTEM_DIR/include/stored.sh"

# uses MAJOR: the variables of lib.sh and psql that mean this installation and its cluster.
uses()
{
	BINDIR=/srv/pg$1/usr/lib/postgresql/$1/bin
	CLUSTER=cluster$1
	SERVER_DIR=/srv
	choose_server_user
	export PSQL=$BINDIR/psql PGHOST=/srv/$CLUSTER/socket PGPORT=5432 PGUSER=postgres
	# the numbers of users differ from one folder to the next
	if [ -d "/srv/$CLUSTER" ]; then
		chown -R "$SERVER_USER" "/srv/$CLUSTER"
	fi
}

install_version()
{
	local major=$1 to=/srv/pg$1
	mkdir -p "$to/usr/lib/postgresql" "$to/usr/share/postgresql"
	cp -rL "/usr/lib/postgresql/$major" "$to/usr/lib/postgresql/"
	cp -rL "/usr/share/postgresql/$major" "$to/usr/share/postgresql/"
	PG_CONFIG=/usr/lib/postgresql/$major/bin/pg_config
	quietly plain_make all
	quietly plain_make install DESTDIR="$to"
	cp "$CSM_ROOT"/test/versions/csm_metrics--*.sql "$to/usr/share/postgresql/$major/extension/"
	# what the programs of this version load, for folders of later ones
	mkdir "$to/libraries"
	ldd "$to/usr/lib/postgresql/$major"/{bin/postgres,bin/pg_ctl,bin/psql,lib/plpgsql.so} |
		sed -nE 's,.*=> (/[^ ]*) .*,\1,p' | sort -u | xargs cp -Lt "$to/libraries"
}

# Libraries that this folder lacks, and only those, from those of an earlier version.
add_missing_libraries()
{
	local name found=yes from=/srv/pg$1
	export LD_LIBRARY_PATH=$from/missing
	mkdir -p "$LD_LIBRARY_PATH"
	while [ -n "$found" ]; do
		found=''
		for name in $(ldd "$from/usr/lib/postgresql/$1"/bin/{postgres,pg_ctl,pg_resetwal,pg_controldata} "$LD_LIBRARY_PATH"/* 2>/dev/null |
			sed -n 's/^\t\(.*\) => not found$/\1/p' | sort -u); do
			cp "$from/libraries/$name" "$LD_LIBRARY_PATH/"
			found=yes
		done
	done
}

make_cluster()
{
	mkdir "/srv/$CLUSTER"
	make_home "/srv/$CLUSTER"
	quietly as_server_user "$BINDIR/initdb" -D "/srv/$CLUSTER/data" -U postgres -A trust \
		--locale=C.UTF-8 --encoding=UTF8 --no-sync --data-checksums
	write_settings "/srv/$CLUSTER" 'jit = off' | as_server_user tee -a "/srv/$CLUSTER/data/postgresql.conf" >/dev/null
}

# Databases that are updated early, late, and one that starts with the version of now.
create()
{
	make_cluster
	start_cluster "$CLUSTER"
	new_database early public 0.1.0
	new_database late 'own schema' 0.1.0
	new_database now 'own schema'
	for database in early late now; do
		fill "$database"
	done
	stop_cluster "$CLUSTER"
}

upgrade()
{
	local old=$1 new=$2 work=/srv/work$2
	uses "$old"
	add_missing_libraries "$old"
	uses "$new"
	make_cluster
	mkdir "$work"
	chown "$SERVER_USER" "$work"
	(
		cd "$work"
		runuser -u "$SERVER_USER" -- "$BINDIR/pg_upgrade" -U postgres -s "$work" "${@:3}" \
			-b "/srv/pg$old/usr/lib/postgresql/$old/bin" -d "/srv/cluster$old/data" \
			-B "$BINDIR" -D "/srv/$CLUSTER/data" >/srv/pg_upgrade.log 2>&1
	) || {
		tail -n 30 /srv/pg_upgrade.log
		return 1
	}
}

report()
{
	local database
	start_cluster "$CLUSTER"
	for database in early late now; do
		all_of "$database" >"/srv/$1.$database"
		sql -d "$database" 'SELECT * FROM stored.figures()' >"/srv/$1.$database.figures"
		damage_of "$database" >"/srv/$1.$database.damage" 2>&1
		sql -d "$database" "SELECT extversion FROM pg_extension WHERE extname = 'csm_metrics'" >"/srv/$1.$database.version"
	done
	sql -d postgres 'SHOW server_version_num' >"/srv/$1.server"
	stop_cluster "$CLUSTER"
}

update()
{
	start_cluster "$CLUSTER"
	sql -d "$1" 'ALTER EXTENSION csm_metrics UPDATE'
	stop_cluster "$CLUSTER"
}

forget_pg_environment
case $1 in
	install) install_version "$2" ;;
	upgrade) upgrade "${@:2}" ;;
	*) uses "$2" && "$1" "${@:3}" ;;
esac
