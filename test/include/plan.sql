-- The plan of a query, without costs; "run" also says how many workers came, "detail" what each step hands on and asks of
-- other servers.
CREATE FUNCTION plan_of(query text, run bool DEFAULT false, detail bool DEFAULT false) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    plan text := '';
BEGIN
    FOR line IN EXECUTE format('EXPLAIN (COSTS OFF, ANALYZE %s, VERBOSE %s, TIMING OFF, SUMMARY OFF) %s', run::text, detail::text, query) LOOP
        plan := plan || line || E'\n';
    END LOOP;
    RETURN plan;
END $$;
