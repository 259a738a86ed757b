\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- Functions of examples/scheduled_reports.sql that run with the rights of their owner: a writer of rows and a reader of bi, who may make
-- temporary objects by the names that those functions use, get nothing of it.
SELECT plan(9);
\set reports :tests '/../examples/scheduled_reports.sql'
\set views :tests '/../examples/bi_views.sql'
CREATE SCHEMA reports;
SET LOCAL search_path = reports, public;
\o /dev/null
\i :reports
\i :views
\o
CREATE TABLE reports.who (name text);
CREATE ROLE csm_writer;
CREATE ROLE csm_reader;
SELECT format('GRANT TEMPORARY ON DATABASE %I TO csm_writer, csm_reader', current_database()) \gexec
GRANT USAGE ON SCHEMA reports TO csm_writer;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON reports.subscription TO csm_writer;
GRANT USAGE ON SCHEMA bi TO csm_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA bi TO csm_reader;
GRANT INSERT ON reports.who TO csm_reader, csm_writer;
GRANT USAGE ON SCHEMA reports TO csm_reader;
SELECT is((SELECT count(*) FROM pg_proc p WHERE prosecdef AND pronamespace = 'reports'::regnamespace), 5::bigint, 'five functions run with the rights of their owner');
SELECT is_empty($$ SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'reports'::regnamespace AND prosecdef AND NOT coalesce(proconfig::text ~ 'search_path=.*, pg_temp"', false) $$, 'pg_temp is the last place that they look into');

SELECT diag('A writer');
SET ROLE csm_writer;
CREATE FUNCTION pg_temp.spy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO reports.who VALUES (current_user); RETURN NULL; END $$;
CREATE TEMP TABLE history_change (account_id bigint, change revenue_history);
GRANT ALL ON pg_temp.history_change TO PUBLIC;
CREATE TRIGGER spy BEFORE INSERT ON pg_temp.history_change FOR EACH ROW EXECUTE FUNCTION pg_temp.spy();
INSERT INTO reports.subscription VALUES (1, 'core', '[2024-01-01,)', 100), (2, 'core', '[2024-01-01,)', 200);
UPDATE reports.subscription SET amount = 120 WHERE account_id = 1;
DELETE FROM reports.subscription WHERE account_id = 2;
RESET ROLE;
SELECT is_empty('TABLE reports.who', 'a trigger on a temporary table of the same name does not run');
SELECT is((SELECT count(*) FROM reports.history_change), 5::bigint, 'what is written is noted where it belongs');
SELECT is((SELECT count(*) FROM pg_temp.history_change), 0::bigint, '... and not there');
SET ROLE csm_writer;
TRUNCATE reports.subscription;
RESET ROLE;
SELECT is((SELECT count(*) FROM reports.history_change), 6::bigint, 'nor of a TRUNCATE');
DROP TABLE pg_temp.history_change;

SELECT diag('A reader');
SET ROLE csm_reader;
CREATE FUNCTION pg_temp.look() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN INSERT INTO reports.who VALUES (current_user); RETURN true; END $$;
CREATE TEMP VIEW history_difference AS SELECT 1 AS account_id, NULL::revenue_history AS stored, NULL::revenue_history AS raw WHERE pg_temp.look();
CREATE TEMP VIEW pg_class AS SELECT c.* FROM pg_catalog.pg_class c WHERE pg_temp.look();
GRANT SELECT ON pg_temp.history_difference, pg_temp.pg_class TO PUBLIC;
SELECT lives_ok('SELECT * FROM bi.status', 'the status is read');
RESET ROLE;
SELECT is_empty('TABLE reports.who', 'views of the same names are not looked at');
SET ROLE csm_reader;
SELECT throws_ok('SELECT * FROM reports.subscription', '42501', NULL, 'who may read bi may not read the rows');
RESET ROLE;
SELECT finish();
ROLLBACK;
