-- Rows of catalogs that refer to a row that is not there, by every reference that PostgreSQL knows of, and by pg_depend.
CREATE FUNCTION pg_temp.dangling() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    k record;
    line text;
BEGIN
    FOR k IN SELECT *, (SELECT string_agg(format(CASE WHEN is_array AND n = cardinality(fkcols) THEN 'unnest(%I)' ELSE '%I' END, c) || format(' AS k%s', n), ', ' ORDER BY n) FROM unnest(fkcols) WITH ORDINALITY x (c, n)) AS given,
                    (SELECT string_agg(format('p.%I = f.k%s', c, n), ' AND ' ORDER BY n) FROM unnest(pkcols) WITH ORDINALITY x (c, n)) AS found
             FROM pg_get_catalog_foreign_keys() LOOP
        EXECUTE format('SELECT string_agg(format(''%s: %%s'', f), E''\n'') FROM (SELECT ctid, %s FROM %s) f WHERE NOT EXISTS (SELECT FROM %s p WHERE %s) AND f.k%s::text NOT IN (''0'', ''-'')',
                       k.fktable, k.given, k.fktable, k.pktable, k.found, cardinality(k.fkcols)) INTO line;
        IF line IS NOT NULL THEN
            RETURN NEXT line;
        END IF;
    END LOOP;
    RETURN QUERY SELECT format('pg_depend: %s', d) FROM pg_depend d
        WHERE (classid = 'pg_proc'::regclass AND NOT EXISTS (SELECT FROM pg_proc p WHERE p.oid = objid)) OR (classid = 'pg_type'::regclass AND NOT EXISTS (SELECT FROM pg_type t WHERE t.oid = objid))
           OR (refclassid = 'pg_proc'::regclass AND NOT EXISTS (SELECT FROM pg_proc p WHERE p.oid = refobjid)) OR (refclassid = 'pg_type'::regclass AND NOT EXISTS (SELECT FROM pg_type t WHERE t.oid = refobjid))
           OR (refclassid = 'pg_extension'::regclass AND NOT EXISTS (SELECT FROM pg_extension e WHERE e.oid = refobjid));
END $$;
SELECT pg_temp.dangling();
