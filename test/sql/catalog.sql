\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- What the extension puts into the catalogs, of whatever concept: comments, volatility, parallel safety, ownership by the
-- extension; that it installs into a schema of its own and leaves nothing behind.
SELECT plan(38);

CREATE VIEW members AS SELECT classid, objid, pg_describe_object(classid, objid, 0) AS name FROM pg_depend
                       WHERE refclassid = 'pg_extension'::regclass AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'csm_metrics') AND deptype = 'e';
CREATE VIEW functions AS SELECT p.*, p.oid::regprocedure::text AS name FROM members JOIN pg_proc p ON p.oid = objid WHERE classid = 'pg_proc'::regclass;
CREATE VIEW aggregates AS SELECT a.*, name, proname, proparallel FROM functions JOIN pg_aggregate a ON aggfnoid = functions.oid;
CREATE VIEW types AS SELECT t.* FROM members JOIN pg_type t ON t.oid = objid WHERE classid = 'pg_type'::regclass AND t.typelem = 0 AND typtype = 'b';
-- What only aggregates, types, operators and casts call.
CREATE VIEW support AS
SELECT unnest(ARRAY[aggtransfn, aggfinalfn, aggcombinefn, aggserialfn, aggdeserialfn, aggmtransfn, aggminvtransfn, aggmfinalfn])::oid AS oid FROM aggregates
UNION SELECT unnest(ARRAY[typinput, typoutput, typreceive, typsend])::oid FROM types;

SELECT cmp_ok((SELECT count(*) FROM functions), '>', 100::bigint, 'the extension has functions to look at');
SELECT is_empty($$ SELECT name FROM functions WHERE obj_description(oid, 'pg_proc') IS NULL $$, 'every function and aggregate has a comment');
SELECT is_empty($$ SELECT typname FROM types WHERE obj_description(oid, 'pg_type') IS NULL $$, 'every type has a comment');
SELECT is_empty($$ SELECT name FROM members WHERE classid = 'pg_operator'::regclass AND obj_description(objid, 'pg_operator') IS NULL $$, 'every operator has a comment');
SELECT is_empty($$ SELECT name FROM functions WHERE proparallel <> 's' AND proname !~ '^check_s(ubscriptions|napshots)$' $$, 'every function and aggregate is PARALLEL SAFE, but those that read tables');
SELECT is_empty($$ SELECT name FROM functions WHERE provolatile <> CASE WHEN proname ~ '^check_s(ubscriptions|napshots)$' THEN 's' ELSE 'i' END $$, 'every function is IMMUTABLE, and STABLE if it reads tables');
SELECT is_empty($$ SELECT name FROM functions WHERE prosecdef OR proconfig IS NOT NULL OR proleakproof $$, 'no function is SECURITY DEFINER, has settings of its own or claims to be leakproof');
SELECT is_empty($$ SELECT name FROM functions JOIN pg_language l ON l.oid = prolang WHERE lanname = 'c' AND (prosrc !~ '^csm_' OR probin !~ '(^|/)csm_metrics$') $$, 'every C symbol starts with csm_ and is in the one library');
SELECT is_empty($$ SELECT name FROM functions JOIN pg_language l ON l.oid = prolang WHERE prokind <> 'a' AND lanname <> 'c' AND NOT (lanname = 'sql' AND prosqlbody IS NOT NULL) $$,
                'every function is in C, or in SQL that was resolved when it was created: none depends on search_path');
SELECT is_empty($$ SELECT name FROM functions WHERE prokind = 'f' AND oid NOT IN (SELECT oid FROM support) AND proargtypes[0] IN (SELECT oid FROM types UNION SELECT typarray FROM types) AND NOT proisstrict
                    AND NOT coalesce(pg_get_expr(proargdefaults, 0) ~ 'NULL', false) $$,
                'every accessor is STRICT, but those that have an argument that is NULL by default');
SELECT is_empty($$ SELECT a.name FROM aggregates a JOIN pg_proc c ON c.oid = aggcombinefn WHERE NOT c.proisstrict $$, 'every combine function is STRICT');
SELECT is_empty($$ SELECT name FROM aggregates WHERE agginitval IS NOT NULL OR aggminitval IS NOT NULL $$, 'no aggregate has an initial value');
SELECT is_empty($$ SELECT name FROM aggregates WHERE aggcombinefn <> 0 AND (aggtranstype = 'internal'::regtype OR aggserialfn <> 0) $$, 'every aggregate that combines has a type as its state, not internal');
SELECT is_empty($$ SELECT name FROM aggregates WHERE aggcombinefn = 0 AND name !~ '^(bridge|retention|trailing|cohort|survival)_agg\((bigint|text|uuid),(date|daterange|date,date),numeric,'
                    AND name !~ '^funnel_agg\((bigint|text|uuid),timestamp with(out)? time zone,text,' $$, 'every aggregate combines, but those that run over raw rows in one pass');
SELECT is_empty($$ SELECT name FROM functions f, unnest(proargtypes) t JOIN pg_type ON pg_type.oid = t WHERE prokind = 'a' AND typtype = 'p' $$, 'the arguments of aggregates are of concrete types');
SELECT is_empty($$ SELECT name FROM aggregates WHERE aggmtransfn = 0 AND (proname IN ('ndr_agg', 'grr_agg', 'churn_agg', 'revenue_churn_agg', 'quick_ratio_agg', 'survivor_ndr_agg')) $$,
                'every aggregate of retention that returns a number has a moving form');
SELECT is((SELECT count(DISTINCT (aggtransfn, aggcombinefn, aggmtransfn, aggminvtransfn)) FROM aggregates WHERE name ~ '^(ndr|grr|churn|revenue_churn|quick_ratio)_agg\(numeric,numeric\)$'), 1::bigint,
          'the aggregates that return a number share one transition');
SELECT is_empty($$ SELECT name FROM aggregates WHERE name ~ '^(ndr|grr|churn|revenue_churn|quick_ratio)_agg\(' AND (aggfinalmodify <> 'r' OR aggmfinalmodify <> 'r') $$, 'their final functions leave the state as it is');
SELECT is_empty($$ SELECT typname FROM types WHERE typlen <> -1 OR typalign <> 'd' OR typreceive = 0 OR typsend = 0 $$, 'every type is a varlena aligned as double, with a binary form');
SELECT is_empty($$ SELECT typname FROM types WHERE typstorage NOT IN ('x', 'm', 'e') AND typname <> 'segment' $$, 'every type can be stored compressed or out of line, but segment, which is too small for it');
SELECT is_empty($$ SELECT name FROM members WHERE classid NOT IN ('pg_proc'::regclass, 'pg_type'::regclass, 'pg_operator'::regclass, 'pg_opclass'::regclass, 'pg_opfamily'::regclass, 'pg_cast'::regclass) $$,
                'the extension has no table, no trigger and nothing else than functions, types, operators, their classes, and casts');
SELECT is_empty($$ SELECT name FROM functions WHERE proacl IS NOT NULL $$, 'no function has privileges of its own');
SELECT is((SELECT extrelocatable FROM pg_extension WHERE extname = 'csm_metrics'), true, 'the extension is relocatable');
SELECT is_empty($$ SELECT pg_describe_object(refclassid, refobjid, 0) FROM pg_depend WHERE classid = 'pg_extension'::regclass AND objid = (SELECT oid FROM pg_extension WHERE extname = 'csm_metrics') AND refclassid = 'pg_extension'::regclass $$,
                'the extension needs no other');
SELECT is_empty($$ SELECT oprname FROM members JOIN pg_operator o ON o.oid = objid WHERE classid = 'pg_operator'::regclass AND oprcanhash AND NOT EXISTS (SELECT FROM pg_amop WHERE amopopr = o.oid AND amopmethod = (SELECT oid FROM pg_am WHERE amname = 'hash')) $$,
                'every operator that says it hashes is in a hash class');
SELECT is_empty($$ SELECT opcname FROM members JOIN pg_opclass c ON c.oid = objid WHERE classid = 'pg_opclass'::regclass AND NOT amvalidate(c.oid) $$, 'every operator class is complete');

-- Beside the server's own functions and operators: a call of one of those with untyped literals means what it meant before. A view is made of the
-- call, which is not run then; what it means is its own or, once the extension is looked at too, must not have become another one's.
CREATE VIEW beside AS
SELECT DISTINCT format('%I(%s)', b.proname, array_to_string(array_fill('NULL'::text, ARRAY[n]), ', ')) AS call
FROM pg_proc b, generate_series(b.pronargs - b.pronargdefaults, b.pronargs::int) n
WHERE b.pronamespace = 'pg_catalog'::regnamespace AND b.proname IN (SELECT proname FROM functions)
UNION
SELECT DISTINCT format(CASE side WHEN 1 THEN 'NULL::%3$s OPERATOR(%2$s) NULL' ELSE 'NULL OPERATOR(%2$s) NULL::%4$s' END, '', o.oprname, format_type(o.oprleft, NULL), format_type(o.oprright, NULL))
FROM pg_operator o, generate_series(1, 2) side
WHERE o.oprnamespace = 'pg_catalog'::regnamespace AND o.oprkind = 'b' AND o.oprname IN (SELECT oprname FROM members JOIN pg_operator ON oid = objid WHERE classid = 'pg_operator'::regclass);
CREATE FUNCTION meaning(call text, path text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('search_path', path, true);
    EXECUTE 'CREATE VIEW pg_temp.asked AS SELECT ' || call || ' AS answer';
    RETURN (SELECT coalesce(string_agg(pg_describe_object(d.refclassid, d.refobjid, 0), ', '), 'the server''s')
            FROM pg_rewrite r JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
            WHERE r.ev_class = 'pg_temp.asked'::regclass AND d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass));
EXCEPTION WHEN OTHERS THEN
    RETURN sqlstate;
END $$;
CREATE FUNCTION what_changes(calls text) RETURNS TABLE (call text, alone text, beside_ours text) LANGUAGE plpgsql AS $$
DECLARE
    path CONSTANT text := current_setting('search_path');
BEGIN
    FOR call IN EXECUTE calls LOOP
        alone := public.meaning(call, 'pg_catalog');
        DROP VIEW IF EXISTS pg_temp.asked;
        beside_ours := public.meaning(call, path);
        DROP VIEW IF EXISTS pg_temp.asked;
        PERFORM set_config('search_path', path, true);
        IF alone = 'the server''s' AND beside_ours <> alone THEN
            RETURN NEXT;
        END IF;
    END LOOP;
END $$;
SELECT cmp_ok((SELECT count(*) FROM beside), '>', 50::bigint, 'there are functions and operators of the server that share a name with one of ours');
SELECT is_empty($$ SELECT * FROM what_changes('SELECT call FROM beside') $$, 'a call of one of those with untyped literals means what it means without the extension');
CREATE FUNCTION convert(revenue_history, numeric, text) RETURNS revenue_history LANGUAGE sql AS 'SELECT $1';
SELECT results_eq($$ SELECT beside_ours FROM what_changes('SELECT ''convert(NULL, NULL, NULL)''') $$, $$ VALUES ('42725'::text) $$, 'as a function called convert would not');
DROP FUNCTION convert(revenue_history, numeric, text);

-- Dropped, and installed into a schema of its own.
CREATE VIEW everything AS
SELECT 'pg_proc' AS catalog, oid FROM pg_proc UNION ALL SELECT 'pg_type', oid FROM pg_type UNION ALL SELECT 'pg_operator', oid FROM pg_operator UNION ALL SELECT 'pg_cast', oid FROM pg_cast
UNION ALL SELECT 'pg_opclass', oid FROM pg_opclass UNION ALL SELECT 'pg_opfamily', oid FROM pg_opfamily UNION ALL SELECT 'pg_amop', oid FROM pg_amop UNION ALL SELECT 'pg_amproc', oid FROM pg_amproc
UNION ALL SELECT 'pg_class', oid FROM pg_class UNION ALL SELECT 'pg_namespace', oid FROM pg_namespace UNION ALL SELECT 'pg_description', objoid FROM pg_description WHERE classoid <> 'pg_database'::regclass;
DROP EXTENSION csm_metrics;
SELECT is_empty($$ SELECT proname FROM pg_proc WHERE prosrc ~ '^csm_' OR probin ~ 'csm_metrics' UNION SELECT typname FROM pg_type WHERE typname ~ 'retention|revenue_history|coverage|cohort' $$, 'DROP EXTENSION leaves no function and no type');
CREATE SCHEMA metrics;
CREATE TEMP TABLE before AS SELECT * FROM everything;
INSERT INTO before SELECT 'pg_class', 'before'::regclass UNION SELECT 'pg_type', reltype FROM pg_class WHERE oid = 'before'::regclass UNION SELECT 'pg_type', typarray FROM pg_type JOIN pg_class c ON c.oid = typrelid WHERE c.oid = 'before'::regclass;
INSERT INTO before SELECT 'pg_class', reltoastrelid FROM pg_class WHERE oid = 'before'::regclass AND reltoastrelid <> 0;
INSERT INTO before SELECT 'pg_class', indexrelid FROM pg_index JOIN pg_class c ON c.reltoastrelid = indrelid WHERE c.oid = 'before'::regclass;
CREATE EXTENSION csm_metrics SCHEMA metrics;
SELECT is((SELECT string_agg(DISTINCT pg_describe_object(classid, objid, 0), ', ') FROM members LEFT JOIN pg_proc p ON classid = 'pg_proc'::regclass AND p.oid = objid
           WHERE p.pronamespace <> 'metrics'::regnamespace), NULL, 'installed into a schema of its own: every function is there');
SELECT is((SELECT metrics.ndr_agg(s, e) FROM (VALUES (75000, 125000), (25000, 0)) v (s, e)), 1.25, 'in a schema of its own: ndr_agg works without it in search_path');
SELECT is((SELECT metrics.ndr(metrics.rollup(r OPERATOR(metrics.+) r)) FROM (SELECT metrics.retention_agg(s, e) AS r FROM (VALUES (75000, 125000), (25000, 0)) v (s, e)) x), 1.25,
          'in a schema of its own: retention_agg, +, rollup and ndr work without it in search_path');
SELECT is((SELECT count(*) FROM (SELECT DISTINCT metrics.retention_agg(i, 2)::text::metrics.retention_summary AS r FROM generate_series(1, 3) i GROUP BY i % 1) x), 1::bigint, 'in a schema of its own: text form and DISTINCT work');
SELECT is((SELECT ending FROM metrics.bridge(ARRAY[(SELECT metrics.retention_agg(1, 2, daterange('2024-01-01', '2024-02-01')))])), 2::numeric, 'in a schema of its own: bridge works');
CREATE SCHEMA elsewhere;
ALTER EXTENSION csm_metrics SET SCHEMA elsewhere;
SELECT is((SELECT elsewhere.grr(elsewhere.retention_agg(s, e)) FROM (VALUES (75000, 125000), (25000, 0)) v (s, e)), 0.75, 'moved to another schema: works');
DROP SCHEMA elsewhere CASCADE;
CREATE SCHEMA IF NOT EXISTS elsewhere;
DROP SCHEMA elsewhere;
SELECT is_empty($$ SELECT pg_describe_object(catalog::regclass, oid, 0) FROM (SELECT * FROM everything EXCEPT SELECT * FROM before) x $$, 'installed and dropped: the catalogs are as before');
-- A user who may create in the database may install it.
CREATE ROLE csm_metrics_test_user;
SELECT format('GRANT CREATE ON DATABASE %I TO csm_metrics_test_user', current_database()) AS grant_it \gset
:grant_it;
GRANT CREATE ON SCHEMA public, metrics TO csm_metrics_test_user;
SET LOCAL ROLE csm_metrics_test_user;
CREATE EXTENSION csm_metrics SCHEMA metrics;
RESET ROLE;
SELECT is((SELECT extowner::regrole::text FROM pg_extension WHERE extname = 'csm_metrics'), 'csm_metrics_test_user', 'no superuser is needed to install it');

SELECT * FROM finish();
ROLLBACK;
