#!/usr/bin/env bash
#
# examples/scheduled_reports.sql under the real pg_cron: its jobs run by themselves, owned
# by a role that is no superuser, and what they store is what plain SQL makes of the raw rows.
set -euo pipefail

# shellcheck source=prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"

need_packages test
missing=$(why_not_have cron)
if [ -n "$missing" ]; then
	skip "scheduled reports under pg_cron" "$missing"
	finish
	exit
fi
need_packages cron
start_server "shared_preload_libraries = 'pg_cron'" "cron.database_name = 'csm'" \
	"cron.use_background_workers = on" "max_worker_processes = 20"

ROOT=$SYSTEM_DIR/../..
nightly='csm nightly report'
check='csm check histories'

# As the owner of the jobs.
owner() { PGUSER=reporter sql "$@"; }

# schedule JOB COMMAND: as often as this pg_cron can; since 1.5 it knows seconds.
schedule() { owner "SELECT cron.schedule('$1', '$interval', '$2')" >/dev/null; }

now() { sql 'SELECT clock_timestamp()'; }

# wait_for_run JOB COMMAND STATUS SINCE: until one that started since then has ended like that.
wait_for_run()
{
	local end=$((SECONDS + 150))
	while [ "$(owner "SELECT count(*) FROM cron.job_run_details JOIN cron.job USING (jobid)
		WHERE jobname = '$1' AND job_run_details.command = '$2' AND status = '$3'
		AND start_time > '$4' AND end_time IS NOT NULL")" = 0 ]; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.5
	done
}

# What a day's report is, to be compared with itself later.
report_of() { owner "SELECT md5(string_agg(concat_ws(' ', span, segment, summary), ';' ORDER BY span, segment)) FROM retention_day WHERE day = '$1'"; }

# ---------------------------------------------------------------- a company and its reporter

sql -c 'CREATE EXTENSION csm_metrics' -c 'CREATE EXTENSION pg_cron' -c 'CREATE ROLE reporter LOGIN' \
	-c 'CREATE SCHEMA reports AUTHORIZATION reporter' -c 'GRANT USAGE ON SCHEMA cron TO reporter' \
	'ALTER ROLE reporter SET search_path = reports, public'
version=$(sql "SELECT extversion FROM pg_extension WHERE extname = 'pg_cron'")
case $version in
	1.[0-4] | 1.[0-4][!0-9]*) interval='* * * * *' ;;
	*) interval='2 seconds' ;;
esac
printf '# pg_cron %s, jobs run at %s\n' "$version" "$interval"
PGUSER=reporter "$PSQL" -Xq -v ON_ERROR_STOP=1 -v seed=1 -f "$ROOT/demo/schema.sql" -f "$ROOT/demo/generate.sql"
# open subscriptions stay; the others move so that the company's last day is a few days ago
owner "UPDATE subscription SET valid = daterange(lower(valid) + shift, upper(valid) + shift)
	FROM (SELECT current_date - 3 - date '2025-12-31' AS shift) x"
for file in examples/scheduled_reports.sql test/include/plain_report.sql; do
	PGUSER=reporter PGOPTIONS='-c client_min_messages=warning' "$PSQL" -Xq -o /dev/null -v ON_ERROR_STOP=1 -f "$ROOT/$file"
done

is "the example schedules its jobs by name, for a role that is no superuser" \
	"$(sql "SELECT string_agg(jobname, ', ' ORDER BY jobname), bool_or(rolsuper) FROM cron.job JOIN pg_roles ON rolname = username")" \
	'csm check histories, csm forget runs, csm nightly report, csm thin report|f'
is "a job that never ran is well" "$(owner "SELECT well FROM report_job WHERE job = '$nightly'")" t

# --------------------------------------------------------- the first night, after missed ones

# its last night was five days ago; since then rows have come
owner "SELECT nightly_report(current_date - 4)" >/dev/null
first=$(owner 'SELECT min(day) FROM retention_day')
owner "INSERT INTO subscription SELECT account_id, 'more', daterange(current_date - 2, NULL), 5000 FROM account WHERE account_id % 50 = 0"
command=$(owner "SELECT command FROM cron.job WHERE jobname = '$nightly'")
before=$(owner "SELECT (now() AT TIME ZONE 'Europe/Berlin')::date - 1")
check_command=$(owner "SELECT command FROM cron.job WHERE jobname = '$check'")
since=$(now)
schedule "$nightly" "$command"
schedule "$check" "$check_command"
is "scheduling by the same name changes a job" "$(owner 'SELECT count(*) FROM cron.job')" 4
succeeds "pg_cron runs the example's own nightly job" wait_for_run "$nightly" "$command" succeeded "$since"
[ "$failures" = 0 ] || {                     # the rest would wait in vain
	sql 'SELECT jobid, status, return_message, start_time, command FROM cron.job_run_details' | sed 's/^/# /'
	finish
	exit
}
succeeds "and the example's own check" wait_for_run "$check" "$check_command" succeeded "$since"
last=$(owner 'SELECT max(day) FROM retention_day')
after=$(owner "SELECT (now() AT TIME ZONE 'Europe/Berlin')::date - 1")
case $last in
	"$before" | "$after") pass "it reports up to yesterday" ;;
	*) fail "it reports up to yesterday" "got:  $last" "want: $before or $after" ;;
esac
is "and every night that was missed" "$(owner 'SELECT count(DISTINCT day) = max(day) - min(day) + 1 AND count(DISTINCT day) > 3 FROM retention_day')" t
is "as plain SQL does from the raw rows" "$(owner "SELECT wrong_lines('$first'::date + 1, '$last')")" 0
is "which finds something in each segment and span" \
	"$(owner "SELECT count(*), min(n) > 0, sum(lost) > 9, sum(won) > 0 FROM stored_report WHERE day = '$last'")" '6|t|t|t'
is "histories are what the raw rows add up to" "$(owner "SELECT wrong_amounts('$last'::date - 800, '$last'::date + 30)")" 0
is "nothing is left to be noted" "$(owner 'SELECT count(*) FROM history_change')" 0
is "the run is the owner's" "$(owner "SELECT DISTINCT username, database, status FROM cron.job_run_details WHERE command = '$command' AND end_time IS NOT NULL")" \
	'reporter|csm|succeeded'
is "and the monitor says so" "$(owner "SELECT status, well, reported_until FROM report_job WHERE job = '$nightly'")" "succeeded|t|$last"

# ------------------------------------------ new rows, corrections of the past, the next night

reported=$(report_of "$last")
owner "INSERT INTO subscription SELECT account_id, 'new', daterange('$last'::date + 1, NULL), 40000 FROM account WHERE account_id % 40 = 1;
	INSERT INTO subscription SELECT account_id, 'late', daterange('$last'::date - 500, '$last'::date - 20), 12000.50 FROM account WHERE account_id % 60 = 2;
	UPDATE subscription SET amount = amount * 2 WHERE account_id % 70 = 3;
	DELETE FROM subscription WHERE account_id % 80 = 4"
# a history that no row accounts for, of long ago: no figure shows it, the check has to
owner "INSERT INTO account_history VALUES (0, '{\"scale\": 0, \"steps\": [[\"2001-01-01\", \"1\"], [\"2001-02-01\", \"0\"]]}')"
next=$(owner "SELECT '$last'::date + 1")
since=$(now)
schedule "$nightly" "SELECT reports.nightly_report(date ''$next'' + 1)"
succeeds "pg_cron runs the next night's job" wait_for_run "$nightly" "SELECT reports.nightly_report(date ''$next'' + 1)" succeeded "$since"
is "it reports the next day" "$(owner "SELECT max(day) FROM retention_day")" "$next"
is "as plain SQL does" "$(owner "SELECT wrong_lines('$next', '$next')")" 0
is "histories follow the rows that are new, late, changed, gone" \
	"$(owner "SELECT wrong_amounts('$last'::date - 800, '$last'::date + 30)")" 0
is "a past day stays as it was reported" "$(report_of "$last")" "$reported"
is "although more is known now" "$(owner "SELECT wrong_lines('$last', '$last') > 0")" t
is "until it is written anew" "$(owner "SELECT write_report('$last', '$last'); SELECT wrong_lines('$last', '$last')")" $'1\n0'

# ------------------------------------------------------------------- a job that has to fail

succeeds "the check fails" wait_for_run "$check" "$check_command" failed "$since"
like "and names the account" \
	"$(owner "SELECT return_message FROM cron.job_run_details WHERE status = 'failed' AND command = '$check_command' ORDER BY runid LIMIT 1")" \
	'^ERROR: .*accounts: 1, the first is 0'
is "the monitor shows it" "$(owner "SELECT well FROM report_job WHERE job = '$check'")" f

# --------------------------------------------------- writers while histories are brought up

owner 'DELETE FROM account_history WHERE account_id = 0'
# write SEED: 1500 transactions, each with a row more, one changed, sometimes one less
write()
{
	owner "DO \$\$ BEGIN
		FOR i IN 1 .. 1500 LOOP
			INSERT INTO subscription VALUES (1 + ($1 * 7919 + i * 31) % 40, 'busy', daterange('$last'::date - i, NULL), i);
			UPDATE subscription SET amount = amount + 1 WHERE product = 'busy' AND account_id = 1 + ($1 + i) % 40 AND amount = i - 3;
			DELETE FROM subscription WHERE product = 'busy' AND account_id = 1 + i % 40 AND amount = i - 9;
			COMMIT;
		END LOOP;
	END \$\$"
}
# run TIMES FUNCTION: each a transaction
run() { owner "DO \$\$ BEGIN FOR i IN 1 .. $1 LOOP PERFORM $2; COMMIT; END LOOP; END \$\$"; }
workers=()
# the rebuild comes to its end first: what it lost, nothing would repair
for work in 'write 1' 'write 2' 'write 3' 'run 40 keep_up_histories()' 'run 40 keep_up_histories()' 'run 2 rebuild_histories()'; do
	{ $work && date +%s%N >"$SERVER_DIR/end.${work//[^a-z0-9]/.}"; } &
	workers+=($!)
done
status=0
for worker in "${workers[@]}"; do
	wait "$worker" || status=1
done
is "three writers, two nightly runs, one rebuild at the same time end well" "$status" 0
is "the rebuild before the writers" "$(cd "$SERVER_DIR" && sort -n end.run.2.* end.write.* | head -n 1)" "$(cat "$SERVER_DIR"/end.run.2.*)"
is "and no change is lost or counted twice" "$(owner "SELECT count(*) FROM history_difference")" 0
owner 'SELECT keep_up_histories()' >/dev/null
is "and histories are what the raw rows add up to" "$(owner "SELECT wrong_amounts('$last'::date - 800, '$last'::date + 30)")" 0
finish
