# shellcheck shell=bash
#
# Build: makes the extension from the sources, for one PostgreSQL, one script at a time.

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

# True when the extension can be built where the sources are; not in the checkout of another
# user, on a medium that is read-only, or over what another user has built there.
can_write_tree()
{
	local path
	for path in "$CSM_ROOT" "$CSM_ROOT"/src "$CSM_ROOT"/src/*/ "$CSM_ROOT"/*.control "$CSM_ROOT"/.built-for \
		"$CSM_ROOT"/*.so "$CSM_ROOT"/csm_metrics--*.sql "$CSM_ROOT"/src/*.o "$CSM_ROOT"/src/*/*.o; do
		[ ! -e "$path" ] || [ -w "$path" ] || return 1
	done
}

# Writes the sources as they are now to standard output, as tar, without what was built from them.
tar_sources()
{
	tar -C "$CSM_ROOT" -c --exclude=./.git --exclude='*.o' --exclude='*.so' --exclude='*.bc' \
		--exclude=node_modules --exclude=./bench/data --exclude=./results --exclude=./fuzz-findings --exclude=./.built-for .
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
