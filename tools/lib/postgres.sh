# shellcheck shell=bash
#
# Which PostgreSQL: finds the pg_config to build with. One that is complete (server and
# headers) comes before one that is not; of those, the first on PATH, then the newest.

CSM_OLDEST=15

# Where Debian keeps a folder for each version, and where the programs of an installation
# are found that is not on PATH; tests set other folders.
: "${CSM_DEBIAN:=/usr/lib/postgresql}"
: "${CSM_FOLDERS:=$CSM_DEBIAN/*/bin /usr/pgsql-*/bin /usr/libexec/postgresql* /usr/local/pgsql/bin
	/opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin
	/Applications/Postgres.app/Contents/Versions/*/bin}"

# The major version that a pg_config belongs to, e.g. 16.
pg_major()
{
	"$1" --version 2>/dev/null | sed -n 's/^PostgreSQL \([0-9]*\).*/\1/p'
}

# Headers are a package of their own; Debian's client brings the makefiles without them.
has_headers()
{
	[ -f "$("$1" --pgxs 2>/dev/null)" ] && [ -f "$("$1" --includedir-server 2>/dev/null)/postgres.h" ]
}

has_server() { [ -x "$("$1" --bindir 2>/dev/null)/postgres" ]; }

# Every pg_config on PATH, in its order. Debian's own asks that of another folder, which
# is the one that is meant. Fedora's headers come with another name.
pg_configs_on_path()
{
	local program bindir
	{ type -ap pg_config pg_server_config || true; } | while read -r program; do
		bindir=$("$program" --bindir 2>/dev/null) || continue
		case $bindir in
			"$CSM_DEBIAN"/*) printf '%s\n' "$bindir/pg_config" ;;
			*) printf '%s\n' "$program" ;;
		esac
	done
}

# Every pg_config in the folders, the newest version first.
pg_configs_in_folders()
{
	local dir program major
	for dir in $CSM_FOLDERS; do
		for program in "$dir/pg_config" "$dir/pg_server_config"; do
			if [ -x "$program" ]; then
				major=$(pg_major "$program")
				printf '%s %s\n' "${major:-0}" "$program"
			fi
		done
	done | sort -rn | cut -d' ' -f2-
}

# Prints the best pg_config, "complete" alone or with one that lacks the server; fails when
# there is none.
best_pg_config()
{
	local candidate headers_only='' major
	while read -r candidate; do
		major=$(pg_major "$candidate")
		if [ "${major:-0}" -lt "$CSM_OLDEST" ] || ! has_headers "$candidate"; then
			continue
		fi
		if has_server "$candidate"; then
			printf '%s\n' "$candidate"
			return 0
		fi
		: "${headers_only:=$candidate}"
	done < <(pg_configs_on_path && pg_configs_in_folders)
	[ "${1:-}" != complete ] && [ -n "$headers_only" ] && printf '%s\n' "$headers_only"
}

# A bare "pg_config" that does not exist is a default, not somebody's choice.
forget_default_pg_config()
{
	if [ "${PG_CONFIG:-}" = pg_config ] && ! command -v pg_config >/dev/null; then
		unset PG_CONFIG
	fi
}

# Sets PG_CONFIG to a complete PostgreSQL, if there is one and the caller named none.
choose_complete()
{
	forget_default_pg_config
	[ -n "${PG_CONFIG:-}" ] || PG_CONFIG=$(best_pg_config complete) || unset PG_CONFIG
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
		PG_CONFIG=$(best_pg_config) || die "PostgreSQL $CSM_OLDEST or newer with its server headers was not found:" \
			"set PG_CONFIG to its pg_config, or install it.
$(how_to_get_it)"
	fi
	major=$(pg_major "$PG_CONFIG")
	[ "${major:-0}" -ge "$CSM_OLDEST" ] ||
		die "$PG_CONFIG is of PostgreSQL ${major:-(unknown version)}: csm_metrics needs $CSM_OLDEST or newer"
	has_headers "$PG_CONFIG" ||
		die "$PG_CONFIG: the server headers of that PostgreSQL are missing: there is no" \
			"$("$PG_CONFIG" --includedir-server)/postgres.h.
$(how_to_get_it)"
	export PG_CONFIG
}
