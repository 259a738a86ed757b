# shellcheck shell=bash
#
# Which PostgreSQL: finds the pg_config to build with.

CSM_OLDEST=15

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
