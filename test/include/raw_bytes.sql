-- The bytes of values as tables hold them: the type raw, and casts both ways that look at nothing. Superusers only, and
-- bytes of a machine of the same kind (64 bits, little-endian).
CREATE TYPE raw;
CREATE FUNCTION raw_in(cstring) RETURNS raw AS 'byteain' LANGUAGE internal IMMUTABLE STRICT;
CREATE FUNCTION raw_out(raw) RETURNS cstring AS 'byteaout' LANGUAGE internal IMMUTABLE STRICT;
CREATE TYPE raw (INPUT = raw_in, OUTPUT = raw_out, INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended);
DO $$
DECLARE
    t regtype;
BEGIN
    FOR t IN SELECT p.oid FROM pg_type p JOIN pg_depend d ON d.classid = 'pg_type'::regclass AND d.objid = p.oid AND d.deptype = 'e'
             JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'csm_metrics' WHERE p.typtype = 'b' AND p.typelem = 0 LOOP
        EXECUTE format('CREATE CAST (%s AS raw) WITHOUT FUNCTION', t);
        EXECUTE format('CREATE CAST (raw AS %s) WITHOUT FUNCTION', t);
    END LOOP;
END $$;
