#!/usr/bin/env bash
#
# make demo [KEEP=1] [CSV=file [ENDS=inclusive] [ASOF=date] [UNIT=month]] [PG_CONFIG=...]
#
# Prints a retention report about a generated sample company, or about a CSV file, on a
# private server that is gone afterwards unless KEEP=1. The file's header names its columns,
# in any order and among others: account, start_date, end_date, amount[, segment][, csm] for
# subscriptions, account, date, amount[, segment][, csm] for monthly snapshots.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../tools/lib.sh
. "$here/../tools/lib.sh"

known_variables demo CSV ENDS ASOF UNIT KEEP SEED
CSV=${CSV:-} ENDS=${ENDS:-} ASOF=${ASOF:-} UNIT=${UNIT:-} SEED=${SEED:-1}

# Refuses what is wrong before anything is installed or built.
check_arguments()
{
	case $ENDS in
		'' | exclusive | inclusive) ;;
		*) die "ENDS=$ENDS: it is either exclusive (the default) or inclusive" ;;
	esac
	case $UNIT in
		'' | month | year) ;;
		*) die "UNIT=$UNIT: amounts are either of a month or of a year" ;;
	esac
	if [ -n "$ASOF" ] && ! [[ $ASOF =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}$ ]]; then
		die "ASOF=$ASOF: write a date like 2024-12-31"
	fi
	[ -n "$CSV" ] || [ -z "$UNIT" ] || die "UNIT=$UNIT: it says what the amounts of a CSV file are"
	[ -n "$CSV" ] || return 0
	if [ ! -f "$CSV" ] || [ ! -r "$CSV" ]; then
		die "CSV=$CSV: there is no such file that can be read"
	fi
	case $(head -c 2 "$CSV" | od -An -tx1 | tr -d ' \n') in
		fffe | feff) die "CSV=$CSV is UTF-16: save it as UTF-8" ;;
	esac
}

# What the CSV file says, in the form that load_csv.sql reads, without the bytes that COPY
# would stop at. Ends with status 1 after saying what is wrong with the file.
read_csv()
{
	LC_ALL=C tr '\000-\002' '???' <"$CSV" | LC_ALL=C awk -v file="$CSV" "$@" -f "$here/read_csv.awk"
}

# Checks the whole file before anything is installed or built; sets every, the length of
# a snapshot, empty for subscriptions, latest, the date of the last snapshot, and unit, of
# what the amounts are.
check_csv()
{
	latest=$(read_csv -v check=1) || exit 1
	case $latest in
		*' month') unit=${UNIT:-month} latest=${latest% month} ;;
		*) unit=${UNIT:-year} ;;
	esac
	[ "$latest" != subscriptions ] || return 0
	every='1 month'
	[ -z "$ENDS" ] || die "ENDS=$ENDS: $CSV has snapshots, which have no ends"
}

load_csv()
{
	local shift=0
	[ "$ENDS" != inclusive ] || shift=1
	read_csv -v quiet=1 | sql -1 -At -v shift="$shift" -v every="$every" -v unit="$unit" \
		-v day_from="$day_from" -v day_to="$day_to" -f "$here/load_csv.sql"
}

check_arguments
every='' latest='' unit=''
[ -z "$CSV" ] || check_csv

# psql that stops at the first error.
sql() { "$PSQL" -q -v ON_ERROR_STOP=1 "$@"; }

# Sets the two days that are compared: day_to, by default the last day of the last month, and
# day_from a year before it: the last day of a month, where day_to is one. Snapshots end with
# the month of the last one: in a month without any, nobody would be a customer.
choose_days()
{
	if [ -z "$ASOF" ] && [ -z "$CSV" ]; then
		ASOF=2025-12-31
	elif [ -z "$ASOF" ] && [ -n "$every" ]; then
		ASOF=$(sql -Atc "SELECT (date_trunc('month', date '$latest') + interval '1 month' - interval '1 day')::date")
	fi
	day_to=$(sql -Atc "SELECT coalesce(nullif('$ASOF', '')::date, date_trunc('month', current_date)::date - 1)" 2>/dev/null) ||
		die "ASOF=$ASOF: there is no such day"
	day_from=$(sql -Atc "SELECT CASE extract(day FROM date '$day_to' + 1) WHEN 1
		THEN (date '$day_to' + 1 - interval '1 year')::date - 1 ELSE (date '$day_to' - interval '1 year')::date END")
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
	[ "$(sql -Atc 'SELECT count(*) FROM subscription')" != 0 ] || die "$CSV: no line has a day that counts, so there is nothing to report"
else
	sql -1 -v seed="$SEED" -f "$here/generate.sql" -f "$here/generate_usage.sql"
fi
sql -v day_from="$day_from" -v day_to="$day_to" -v csv="$CSV" -f "$here/report.sql"

# What to do after the report. at_exit says how to reach a server that is kept.
if [ "${KEEP:-}" = 1 ]; then
	printf '\n%s\n\n%s\n%s\n%s\n\n' 'Some things to type there; doc/ says what else can be asked:' \
		'    SELECT * FROM book LIMIT 10;' '    SELECT * FROM history LIMIT 10;' '    \df *_agg'
else
	printf '\n%s\n\n' 'What next:'
	[ -n "$CSV" ] || printf '    %-33s %s\n' 'make demo CSV=subscriptions.csv' \
		'about your own: account, start_date, end_date, amount'
	printf '    %-33s %s\n' 'make demo KEEP=1' 'the server stays, for SQL of your own' \
		'README.md, doc/' 'every figure and function, with examples' \
		'make && sudo make install' 'into your own PostgreSQL; then CREATE EXTENSION csm_metrics'
fi
