#!/usr/bin/env bash
#
# make demo [KEEP=1] [CSV=file [ENDS=inclusive] [ASOF=date]] [PG_CONFIG=...]
#
# Prints a retention report about a generated sample company, or about the
# subscriptions in a CSV file (account,start_date,end_date,amount[,segment]),
# on a private server that is gone afterwards unless KEEP=1.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../tools/lib.sh
. "$here/../tools/lib.sh"

CSV=${CSV:-} ENDS=${ENDS:-} ASOF=${ASOF:-} SEED=${SEED:-1}

# Refuses what is wrong before anything is installed or built.
check_arguments()
{
	case $ENDS in
		'' | exclusive | inclusive) ;;
		*) die "ENDS=$ENDS: it is either exclusive (the default) or inclusive" ;;
	esac
	if [ -n "$ASOF" ] && ! [[ $ASOF =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}$ ]]; then
		die "ASOF=$ASOF: write a date like 2024-12-31"
	fi
	[ -n "$CSV" ] || return 0
	if [ ! -f "$CSV" ] || [ ! -r "$CSV" ]; then
		die "CSV=$CSV: there is no such file that can be read"
	fi
	case $(head -c 2 "$CSV" | od -An -tx1 | tr -d ' \n') in
		fffe | feff) die "CSV=$CSV is UTF-16: save it as UTF-8" ;;
	esac
}

check_arguments

# psql that stops at the first error.
sql() { "$PSQL" -q -v ON_ERROR_STOP=1 "$@"; }

# Sets the two days that are compared: day_to, and day_from a year before it.
choose_days()
{
	if [ -z "$ASOF" ] && [ -z "$CSV" ]; then
		ASOF=2025-12-31
	fi
	day_to=$(sql -Atc "SELECT coalesce(nullif('$ASOF', '')::date, date_trunc('month', current_date)::date)" 2>/dev/null) ||
		die "ASOF=$ASOF: there is no such day"
	day_from=$(sql -Atc "SELECT (date '$day_to' - interval '1 year')::date")
}

# Numbers the lines for load_csv.sql, which names the bad ones; frees them of
# carriage returns and of the bytes that COPY would stop at.
numbered_lines()
{
	LC_ALL=C tr '\000-\002' '???' <"$CSV" |
		LC_ALL=C awk '{ sub(/\r$/, ""); gsub(/\r/, " "); printf "%d\001%s\n", NR, $0 }'
}

# Says which lines are bad, at most 20 of them, and gives up.
report_problems()
{
	local bad
	bad=$(sql -Atc 'SELECT count(*) FROM import_problem')
	[ "$bad" != 0 ] || return 0
	sql -At >&2 <<-'SQL'
		SELECT CASE line WHEN 0 THEN reason ELSE format('line %s: %s: %s', line, reason, left(text, 100)) END
		FROM import_problem ORDER BY line LIMIT 20;
		SELECT format('... and %s more', count(*) - 20) FROM import_problem HAVING count(*) > 20;
		SELECT format('%s bad line%s: nothing was loaded', count(*), CASE WHEN count(*) > 1 THEN 's' END)
		FROM import_problem WHERE line > 0 HAVING count(*) > 0;
	SQL
	stop_server
	exit 1
}

load_csv()
{
	local shift=0 encoding=UTF8
	[ "$ENDS" != inclusive ] || shift=1
	iconv -f UTF-8 -t UTF-8 <"$CSV" >/dev/null 2>&1 || encoding=LATIN1
	numbered_lines | sql -1 -At -v encoding="$encoding" -v shift="$shift" \
		-v day_from="$day_from" -v day_to="$day_to" -f "$here/load_csv.sql"
	report_problems
}

# test.sh brings a server of its own, known by PSQL and PGHOST.
[ -n "${DEMO_SERVER:-}" ] || {
	say "Building csm_metrics and starting a private server ..."
	start_server "jit = off" "work_mem = '64MB'"
}
sql -c 'SET client_min_messages = warning' -c 'CREATE EXTENSION IF NOT EXISTS csm_metrics'
sql -f "$here/schema.sql"
choose_days
if [ -n "$CSV" ]; then
	load_csv
else
	sql -1 -v seed="$SEED" -f "$here/generate.sql"
fi
sql -v day_from="$day_from" -v day_to="$day_to" -v csv="$CSV" -f "$here/report.sql"
if [ "${KEEP:-}" = 1 ]; then
	printf '\n%s\n\n%s\n%s\n%s\n\n' 'Some things to type there; doc/ says what else can be asked:' \
		'    SELECT * FROM book LIMIT 10;' '    SELECT * FROM history LIMIT 10;' '    \df *_agg'
fi
