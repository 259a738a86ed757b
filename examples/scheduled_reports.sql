-- Scheduled reports: histories that follow the raw rows, and a table from which any figure of any past day is read.
-- Copy it, and put your own tables in place of the first part; load it with psql. Only the last part needs pg_cron.
-- What it does and how to read it: doc/reports.md.

-- Some functions run with the rights of their owner (SECURITY DEFINER), and keep the search_path that there is now. Temporary objects come last on
-- it, or whoever may write rows or read views could have one by the name of a table here, and what it calls would run with these rights, too.
DO $$
DECLARE
	open_schema text;
BEGIN
	PERFORM set_config('search_path', current_setting('search_path') || ', pg_temp', false);
	SELECT string_agg(quote_ident(s), ', ') INTO open_schema FROM unnest(current_schemas(false)) AS s WHERE has_schema_privilege('public', s, 'CREATE') AND s !~ '^pg_temp_';
	IF open_schema IS NOT NULL THEN
		RAISE WARNING 'anybody may create functions in %, and what runs with your rights looks for functions there', open_schema
			USING HINT = format('REVOKE CREATE ON SCHEMA %s FROM PUBLIC;', open_schema);
	END IF;
END $$;

-- What is expected of your data.

CREATE TABLE IF NOT EXISTS account (account_id bigint PRIMARY KEY, name text NOT NULL, csm text);
CREATE TABLE IF NOT EXISTS subscription (
	account_id bigint NOT NULL, product text NOT NULL,
	valid daterange NOT NULL,                                    -- counts on start <= day < end; no end: still open
	amount numeric NOT NULL                                      -- a year; of a month: times 12 in retention_band
);

-- Histories. A trigger notes what each statement changes, as a history of its own; the nightly run adds the notes up. So
-- its cost is that of the rows that are new, however late they come and whatever day they are about, and running it
-- twice, or after a missed night, gives the same.

-- The account's key is of whatever type your subscriptions have.
CREATE TABLE account_history AS SELECT account_id, NULL::revenue_history AS history FROM subscription WITH NO DATA;
ALTER TABLE account_history ADD PRIMARY KEY (account_id), ALTER history SET NOT NULL;

-- No key on purpose: writers wait for nobody, and what is written while the nightly run is on stays for the next one.
CREATE TABLE history_change AS SELECT account_id, history AS change FROM account_history WITH NO DATA;
ALTER TABLE history_change ALTER account_id SET NOT NULL, ALTER change SET NOT NULL;

-- The history of one row; NULL with a warning for a row that can have none, such as an amount that is NaN or a start of -infinity.
CREATE FUNCTION history_of_row(account text, valid daterange, amount numeric) RETURNS revenue_history LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT history_agg(valid, amount) WHERE NOT isempty(valid));
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
	RAISE WARNING 'a subscription of account % is in no history: %', account, SQLERRM USING DETAIL = format('Its days are %s, its amount is %s.', valid, amount);
	RETURN NULL;
END $$;

-- SECURITY DEFINER: who writes subscriptions needs no rights here. A new row that can have no history is refused; one that was there before may go or be
-- mended.
CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	IF TG_OP IN ('INSERT', 'UPDATE') THEN
		INSERT INTO history_change
		SELECT account_id, history_agg(valid, amount) FROM new_row WHERE NOT isempty(valid) GROUP BY account_id;
	END IF;
	IF TG_OP IN ('DELETE', 'UPDATE') THEN
		BEGIN
			INSERT INTO history_change
			SELECT account_id, history_agg(valid, amount) * -1 FROM old_row WHERE NOT isempty(valid) GROUP BY account_id;
		EXCEPTION WHEN data_exception OR program_limit_exceeded THEN          -- one of them was never noted
			INSERT INTO history_change
			SELECT account_id, h * -1 FROM (SELECT account_id, rollup(history_of_row(account_id::text, valid, amount)) AS h FROM old_row GROUP BY account_id) x WHERE h IS NOT NULL;
		END;
	END IF;
	IF TG_OP = 'TRUNCATE' THEN
		INSERT INTO history_change
		SELECT account_id, h * -1
		FROM (SELECT account_id, rollup(history) AS h FROM (SELECT account_id, history FROM account_history UNION ALL SELECT account_id, change FROM history_change) x GROUP BY account_id) y
		WHERE h <> h - h;
	END IF;
	RETURN NULL;
END $$;

-- The same by row: of a table that logical replication fills. It refuses no row: replication would stop at it, and the other side keep its log.
CREATE FUNCTION note_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	IF TG_OP IN ('INSERT', 'UPDATE') THEN
		INSERT INTO history_change SELECT NEW.account_id, h FROM history_of_row(NEW.account_id::text, NEW.valid, NEW.amount) AS h WHERE h IS NOT NULL;
	END IF;
	IF TG_OP IN ('DELETE', 'UPDATE') THEN
		INSERT INTO history_change SELECT OLD.account_id, h * -1 FROM history_of_row(OLD.account_id::text, OLD.valid, OLD.amount) AS h WHERE h IS NOT NULL;
	END IF;
	RETURN NULL;
END $$;

-- Which triggers fit? By statement, COPY included, where the rows are written here. Logical replication writes row by row and fires
-- triggers that are ENABLE ALWAYS alone. Rows of a foreign table change without any: follow them by rebuild_histories() every night.
-- Run note_changes() again when a table becomes a replicated one, after its first copy, and rebuild_histories() after it.
CREATE FUNCTION rows_come_from() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
	SELECT CASE WHEN bool_or(relkind = 'f') THEN 'elsewhere' WHEN bool_or(oid IN (SELECT srrelid FROM pg_subscription_rel)) THEN 'replication' ELSE 'here' END
	FROM pg_class WHERE oid = 'subscription'::regclass OR oid IN (SELECT relid FROM pg_partition_tree('subscription'))
$$;
CREATE FUNCTION note_changes() RETURNS text LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
	name text;
BEGIN
	FOR name IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'subscription'::regclass AND tgname ~ '^note_' AND tgparentid = 0 LOOP
		EXECUTE format('DROP TRIGGER %I ON subscription', name);
	END LOOP;
	IF rows_come_from() = 'here' THEN
		CREATE TRIGGER note_insert AFTER INSERT ON subscription REFERENCING NEW TABLE AS new_row EXECUTE FUNCTION note_change();
		CREATE TRIGGER note_update AFTER UPDATE ON subscription REFERENCING OLD TABLE AS old_row NEW TABLE AS new_row EXECUTE FUNCTION note_change();
		CREATE TRIGGER note_delete AFTER DELETE ON subscription REFERENCING OLD TABLE AS old_row EXECUTE FUNCTION note_change();
	ELSIF rows_come_from() = 'replication' THEN
		CREATE TRIGGER note_row AFTER INSERT OR UPDATE OR DELETE ON subscription FOR EACH ROW EXECUTE FUNCTION note_row();
		ALTER TABLE subscription ENABLE ALWAYS TRIGGER note_row;
	END IF;
	IF rows_come_from() <> 'elsewhere' THEN
		CREATE TRIGGER note_truncate BEFORE TRUNCATE ON subscription EXECUTE FUNCTION note_change();
		ALTER TABLE subscription ENABLE ALWAYS TRIGGER note_truncate;
	END IF;
	RETURN rows_come_from();
END $$;
SELECT note_changes();

-- Is everything that is written to the rows noted?
CREATE FUNCTION rows_are_noted() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
	SELECT coalesce(bool_or(CASE rows_come_from() WHEN 'here' THEN tgname IN ('note_insert', 'note_row') AND tgenabled IN ('O', 'A') WHEN 'replication' THEN tgname = 'note_row' AND tgenabled = 'A' END), false)
	FROM pg_trigger WHERE tgrelid = 'subscription'::regclass
$$;

-- When the histories were brought up to date with the rows.
CREATE TABLE history_state (kept_up_at timestamptz);
INSERT INTO history_state VALUES (NULL);

-- Adds the notes to the histories; returns how many accounts changed.
CREATE FUNCTION keep_up_histories() RETURNS bigint LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
	changed bigint;
BEGIN
	LOCK TABLE account_history IN SHARE ROW EXCLUSIVE MODE;      -- one run at a time; readers are not held up
	WITH noted AS (DELETE FROM history_change RETURNING account_id, change)
	INSERT INTO account_history AS a
	SELECT account_id, rollup(change) FROM noted GROUP BY account_id
	ON CONFLICT (account_id) DO UPDATE SET history = a.history + excluded.history;
	GET DIAGNOSTICS changed = ROW_COUNT;
	UPDATE history_state SET kept_up_at = now();
	RETURN changed;
END $$;

-- All histories anew from the raw rows: the first fill, and the repair. One statement, so what is written meanwhile is
-- either in it or noted for the next run. It begins when a TRUNCATE that is on is over, which leaves nothing to see to a snapshot
-- from before.
CREATE FUNCTION rebuild_histories() RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM FROM subscription LIMIT 0;
	LOCK TABLE account_history IN SHARE ROW EXCLUSIVE MODE;
	WITH raw AS (SELECT account_id, history_agg(valid, amount) AS history FROM subscription WHERE NOT isempty(valid) GROUP BY account_id),
		noted AS (DELETE FROM history_change),
		gone AS (DELETE FROM account_history WHERE account_id NOT IN (SELECT account_id FROM raw))
	INSERT INTO account_history AS a
	SELECT account_id, history FROM raw
	ON CONFLICT (account_id) DO UPDATE SET history = excluded.history WHERE a.history <> excluded.history;
	UPDATE history_state SET kept_up_at = now();
END $$;

-- Accounts whose history is not what their raw rows say, notes included: there are none. Reads everything.
CREATE VIEW history_difference AS
SELECT account_id, stored, raw
FROM (
	SELECT account_id, rollup(history) AS stored
	FROM (SELECT account_id, history FROM account_history UNION ALL SELECT account_id, change FROM history_change) x
	GROUP BY account_id) s
FULL JOIN (
	SELECT account_id, history_agg(valid, amount) AS raw FROM subscription WHERE NOT isempty(valid) GROUP BY account_id) r USING (account_id)
WHERE stored IS DISTINCT FROM coalesce(raw, stored - stored);    -- an account without rows: 0 on all days

-- Are there any, or rows that can have no history? Views ask this: whoever looks at them need not see the rows.
CREATE FUNCTION histories_are_stale() RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN EXISTS (SELECT FROM history_difference);
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
	RETURN true;
END $$;

-- Fails where there is a difference, so that a scheduled check shows up as a failed job.
CREATE FUNCTION check_histories() RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
	accounts text;
BEGIN
	SELECT count(*) || ', the first is ' || min(account_id::text) INTO accounts FROM history_difference HAVING count(*) > 0;
	IF FOUND THEN
		RAISE EXCEPTION 'histories differ from their subscriptions, accounts: %', accounts USING HINT = 'SELECT rebuild_histories();';
	END IF;
END $$;

SELECT rebuild_histories();

-- Reports. A day is stored as it was known in the night after it, and stays so: corrections change later days, and a past
-- one only when write_report is asked to.

CREATE TABLE retention_day (day date, span text, segment segment, summary retention_summary NOT NULL, PRIMARY KEY (day, span, segment));

-- What is compared with the close of a day. Add spans of your own.
CREATE FUNCTION report_span(day date) RETURNS TABLE (span text, from_date date, to_date date) LANGUAGE sql IMMUTABLE AS $$
	VALUES ('trailing year', (day + 1 - interval '1 year')::date, day + 1),
		('month to date', date_trunc('month', day::timestamp)::date, day + 1)
$$;

-- The segment of an account: its band at the start, that of a new one at the end; who is in neither has none. A band of
-- today would be survivorship. An attribute of the account does as well, as it stood at the start. abs: retention_agg
-- refuses an account below zero, and has to see it for that.
CREATE FUNCTION retention_band(starting numeric, ending numeric) RETURNS segment LANGUAGE sql IMMUTABLE
RETURN segment_of(abs(coalesce(nullif(starting, 0), nullif(ending, 0))), segment_scheme('enterprise'));

-- Writes the report of past days, as far as is known now, over what is stored of them: the back-fill, and the correction
-- of days that were reported wrong. Returns how many days there were.
CREATE FUNCTION write_report(first_day date, last_day date) RETURNS bigint LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
	today date;
BEGIN
	DELETE FROM retention_day WHERE day BETWEEN first_day AND last_day;
	FOR i IN 0 .. last_day - first_day LOOP
		today := first_day + i;
		INSERT INTO retention_day
		SELECT today, span, band, retention_agg(history, from_date, to_date)
		FROM (SELECT span, from_date, to_date, history,
				retention_band(amount_at(history, from_date - 1), amount_at(history, to_date - 1)) AS band
			FROM report_span(today), account_history OFFSET 0) x
		WHERE band IS NOT NULL
		GROUP BY span, band;
	END LOOP;
	RETURN greatest(last_day - first_day + 1, 0);
END $$;

-- Name your time zone here: when a day is over is a matter of where you are, not of the server's clock.
CREATE FUNCTION report_zone() RETURNS text LANGUAGE sql IMMUTABLE RETURN 'Europe/Berlin'::text;

-- The nightly run: histories, anew where their rows come from elsewhere, then every day that has no report yet, up to yesterday.
-- Returns the last day that is reported.
CREATE FUNCTION nightly_report(today date DEFAULT (now() AT TIME ZONE report_zone())::date) RETURNS date
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
	IF rows_are_noted() THEN
		PERFORM keep_up_histories();
	ELSE
		PERFORM rebuild_histories();
	END IF;
	PERFORM write_report(coalesce((SELECT max(day) + 1 FROM retention_day), today - 1), today - 1);
	RETURN (SELECT max(day) FROM retention_day);
END $$;

-- Old days are dropped, ends of months stay. Returns how many rows went.
CREATE FUNCTION thin_report(before date) RETURNS bigint LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
	dropped bigint;
BEGIN
	DELETE FROM retention_day WHERE day < before AND extract(day FROM day + 1) > 1;
	GET DIAGNOSTICS dropped = ROW_COUNT;
	RETURN dropped;
END $$;

DO $$ BEGIN PERFORM set_config('search_path', regexp_replace(current_setting('search_path'), ', pg_temp$', ''), false); END $$;

-- The schedule, where pg_cron is installed in this database. Times are GMT, before pg_cron 1.5 always, from then on unless
-- cron.timezone says otherwise: 02:15 there is 03:15 or 04:15 in Berlin, after the end of the day all year round. In Los
-- Angeles a day ends at 07:00 or 08:00 GMT. The owner of the jobs needs no superuser: GRANT USAGE ON SCHEMA cron TO owner.
-- Running this part again changes the jobs of these names, it adds none.

SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_cron') AS pg_cron \gset
\if :pg_cron
SELECT cron.schedule('csm nightly report', '15 2 * * *', format('SELECT %I.nightly_report()', current_schema));
SELECT cron.schedule('csm check histories', '0 4 * * 0', format('SELECT %I.check_histories()', current_schema));
SELECT cron.schedule('csm thin report', '30 4 1 * *', format('SELECT %I.thin_report(current_date - 400)', current_schema));
SELECT cron.schedule('csm forget runs', '45 4 * * *', $$DELETE FROM cron.job_run_details WHERE end_time < now() - interval '90 days'$$);

-- The last run of each job that came to an end, and how far the report goes. Whoever watches the server asks for rows that
-- are not well, and for a report that is late.
CREATE VIEW report_job AS
SELECT jobname AS job, schedule, active, status, return_message AS message, start_time, end_time - start_time AS took,
	coalesce(status = 'succeeded', true) AND active AS well, (SELECT max(day) FROM retention_day) AS reported_until
FROM cron.job j
LEFT JOIN LATERAL (
	SELECT * FROM cron.job_run_details d
	WHERE d.jobid = j.jobid AND status IN ('succeeded', 'failed')
	ORDER BY runid DESC LIMIT 1) d USING (jobid)
WHERE jobname LIKE 'csm %';
\endif
