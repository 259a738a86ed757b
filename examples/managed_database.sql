-- A managed PostgreSQL where no C extension can be installed: a small server of your own beside it computes, and the managed one reads the figures back.
-- Both ways of getting at the rows, and the way back. What to mind of each: doc/managed.md.
--
--   psql -v part=source managed               in the managed database, for the second way only: a publication
--   psql -v part=foreign -v host=… small      on the small server, first way: foreign tables, nothing is copied but what a question asks for
--   psql -v part=replicated -v host=… small   on the small server, second way: the rows come by logical replication, within seconds
--   psql -v part=back -v host=… managed       in the managed database: the views of the small server, as tables to read
--
-- host, port, dbname, username and sslmode say how the other side is reached; passwords belong into a user mapping or a password file. The parts on the small server are followed by
-- examples/scheduled_reports.sql and examples/bi_views.sql, in the same schema.

\if :{?port} \else \set port 5432 \endif
\if :{?dbname} \else \set dbname csm \endif
\if :{?username} \else \set username postgres \endif
-- verify-full checks that the other side is who it says; put its certificate where libpq looks for it
\if :{?sslmode} \else \set sslmode verify-full \endif
SELECT :'part' = 'source' AS source, :'part' = 'foreign' AS "foreign", :'part' = 'replicated' AS replicated, :'part' = 'back' AS back \gset

\if :source
-- wal_level = logical, which a managed service has a switch for. A table without a primary key needs REPLICA IDENTITY FULL, or updates are refused.
ALTER TABLE subscription REPLICA IDENTITY FULL;
CREATE PUBLICATION csm_metrics FOR TABLE account, subscription;
\endif

\if :foreign
CREATE EXTENSION IF NOT EXISTS postgres_fdw;
-- fetch_size: 10,000 rows a round trip instead of 100. use_remote_estimate: plans by what the other side knows, or ANALYZE the foreign tables now and then.
CREATE SERVER billing FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host :'host', port :'port', dbname :'dbname', sslmode :'sslmode', fetch_size '10000', use_remote_estimate 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER billing OPTIONS (user :'username');
SELECT current_schema() AS here \gset
IMPORT FOREIGN SCHEMA public LIMIT TO (account, subscription) FROM SERVER billing INTO :"here";
\endif

\if :replicated
CREATE TABLE account (account_id bigint PRIMARY KEY, name text NOT NULL, csm text);
CREATE TABLE subscription (account_id bigint NOT NULL, product text NOT NULL, valid daterange NOT NULL, amount numeric NOT NULL);
SELECT format('host=%s port=%s dbname=%s user=%s sslmode=%s', :'host', :'port', :'dbname', :'username', :'sslmode') AS connection \gset
CREATE SUBSCRIPTION csm_metrics CONNECTION :'connection' PUBLICATION csm_metrics;
-- The first copy. What comes after it is noted by triggers, which scheduled_reports.sql makes.
DO $$
BEGIN
	WHILE EXISTS (SELECT FROM pg_subscription_rel WHERE srsubstate <> 'r') LOOP
		PERFORM pg_sleep(0.1);
	END LOOP;
END $$;
\endif

\if :back
CREATE EXTENSION IF NOT EXISTS postgres_fdw;
CREATE SERVER figures FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host :'host', port :'port', dbname :'dbname', sslmode :'sslmode', fetch_size '10000');
CREATE USER MAPPING FOR CURRENT_USER SERVER figures OPTIONS (user :'username');
CREATE SCHEMA bi;
IMPORT FOREIGN SCHEMA bi FROM SERVER figures INTO bi;
\endif
