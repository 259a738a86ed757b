-- stored.forms(raw): every value of the tables of the schema stored, as text and in binary, as its type's own functions
-- write it; with raw also the bytes that are stored, after raw_bytes.sql. The text is the same whatever the session's settings.
CREATE FUNCTION stored.forms(raw bool DEFAULT false) RETURNS TABLE (type text, id int, form text, sent text, kept text)
    LANGUAGE plpgsql SET datestyle = 'ISO, YMD' SET bytea_output = hex AS $$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT c.relname, p.typsend::text AS send FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'v' JOIN pg_type p ON p.oid = a.atttypid
             WHERE c.relnamespace = 'stored'::regnamespace AND c.relkind = 'r' AND c.relname = p.typname ORDER BY c.relname COLLATE "C" LOOP
        RETURN QUERY EXECUTE format('SELECT %L::text, id, v::text, encode(%s(v), ''hex''), %s FROM stored.%I ORDER BY id', t.relname, t.send,
                                    CASE WHEN raw THEN 'substr(v::raw::text, 3)' ELSE 'NULL::text' END, t.relname);
    END LOOP;
END $$;
