-- Says which values of the schema stored a hash index does not lead to: every value is looked for through it alone.
BEGIN;
SELECT set_config('search_path', quote_ident(nspname) || ', public', true) FROM pg_extension e JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = 'csm_metrics' \gset
SET LOCAL enable_seqscan = off;
SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off;
DO $$
DECLARE
    t text;
    lost bigint;
    plan text;
BEGIN
    FOR t IN SELECT DISTINCT indrelid::regclass FROM pg_index JOIN pg_class c ON c.oid = indexrelid JOIN pg_am a ON a.oid = relam WHERE relnamespace = 'stored'::regnamespace AND amname = 'hash' LOOP
        -- the other indexes are back after the rollback
        EXECUTE (SELECT coalesce(string_agg(format('DROP INDEX %s;', indexrelid::regclass), ''), '') FROM pg_index JOIN pg_class c ON c.oid = indexrelid JOIN pg_am a ON a.oid = relam
                 WHERE indrelid = t::regclass AND amname = 'btree');
        EXECUTE format('EXPLAIN (FORMAT json) SELECT FROM %s a WHERE EXISTS (SELECT FROM %s b WHERE b.v = a.v)', t, t) INTO plan;
        EXECUTE format('SELECT count(*) FROM %s a WHERE v IS NOT NULL AND NOT EXISTS (SELECT FROM %s b WHERE b.v = a.v)', t, t) INTO lost;
        IF lost > 0 OR plan !~ 'Index (Only )?Scan' THEN
            RAISE WARNING '% values of % are not found through its hash index: %', lost, t, plan;
        END IF;
    END LOOP;
END $$;
ROLLBACK;
