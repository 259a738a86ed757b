-- One line for every table of the catalog: how many rows, and a hash of all that they say.
CREATE FUNCTION pg_temp.catalogs() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    c text;
    line text;
BEGIN
    FOR c IN SELECT relname FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r' ORDER BY relname LOOP
        EXECUTE format('SELECT format(''%I %%s %%s'', count(*), md5(string_agg(t::text, E''\n'' ORDER BY t::text COLLATE "C"))) FROM %I t '
                       -- without what this session made to look at them
                       'WHERE t::text !~ ''pg_temp|pg_toast_temp'' AND NOT (%L = ''pg_depend'' AND t::text ~ %L)', c, c, c, 'pg_temp.catalogs'::regproc::oid) INTO line;
        RETURN NEXT line;
    END LOOP;
END $$;
BEGIN;
SELECT pg_temp.catalogs();
ROLLBACK;
