# shellcheck shell=bash
#
# One backend that stays connected while a program watches it from outside.
#
#   open_session "SET work_mem = '4MB'"
#   ask 'SELECT 1'            prints what psql prints, errors with their SQLSTATE
#   start_asking 'SELECT ...'; ...; answer
#   $backend                  its process; cpu_ms its CPU time
#   close_session

# open_session [STATEMENT]...
open_session()
{
	coproc SESSION { exec "$PSQL" -XAtq -v VERBOSITY=verbose 2>&1; }
	session=$SESSION_PID
	# subshells do not see the file descriptors of a coprocess, but copies of them
	exec {to_session}>&"${SESSION[1]}" {from_session}<&"${SESSION[0]}"
	backend=$(ask 'SELECT pg_backend_pid()')
	local statement
	for statement in "$@"; do ask "$statement" >/dev/null; done
}

close_session()
{
	tell '\q'
	exec {to_session}>&- {from_session}<&-
	wait "$session" 2>/dev/null || true
}

# psql may be gone, after a crash or a terminated backend: then nothing is answered.
trap '' PIPE
tell() { printf '%s\n' "$@" 2>/dev/null >&"$to_session" || true; }

start_asking() { tell "$1" ';' '\echo [answered]'; }

# Prints up to the answer's end; nothing more when psql went away.
answer()
{
	local line
	while IFS= read -r line <&"$from_session"; do
		[ "$line" != '[answered]' ] || return 0
		printf '%s\n' "$line"
	done
}

ask()
{
	start_asking "$1"
	answer
}

# CPU time of the backend in milliseconds: what the load of the machine does not stretch.
cpu_ms()
{
	local fields
	read -r -a fields <"/proc/$backend/stat"
	printf '%s\n' $(((fields[13] + fields[14]) * 1000 / CLOCK_TICKS))
}
CLOCK_TICKS=$(getconf CLK_TCK)

# memory_kb NAME: VmRSS or VmHWM of the backend
memory_kb() { awk -v name="$1:" '$1 == name { print $2 }' "/proc/$backend/status"; }

# Waits until the backend has used so much CPU time in all, or has answered.
wait_for_cpu()
{
	local until=$1
	while [ "$(cpu_ms)" -lt "$until" ] && ! read -r -t 0 -u "$from_session"; do
		sleep 0.05
	done
}
