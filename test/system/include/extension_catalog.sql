-- Everything the catalogs say of the extension, one line an object and kind of entry, by names and not by oids: what differs
-- between two databases differs in what somebody would notice. With search_path = '' so that names are complete.
SET search_path = '';
CREATE TEMP VIEW member AS
SELECT d.classid, d.objid, format('%s %s', i.type, i.identity) AS name
FROM pg_catalog.pg_depend d, LATERAL pg_catalog.pg_identify_object(classid, objid, 0) i
WHERE refclassid = 'pg_catalog.pg_extension'::regclass AND deptype = 'e' AND refobjid = (SELECT oid FROM pg_catalog.pg_extension WHERE extname = 'csm_metrics');

-- Rows of catalogs as objects: every column of a kind that shows a name stays, every oid is replaced by a name or goes.
CREATE TEMP VIEW entry AS
SELECT name, 'function' AS kind, to_jsonb(p) - '{oid,pronamespace,proargtypes,proallargtypes,proargdefaults,prosqlbody}'::text[]
       || jsonb_build_object('proowner', proowner::regrole, 'prolang', (SELECT lanname FROM pg_catalog.pg_language l WHERE l.oid = prolang), 'prorettype', prorettype::regtype, 'provariadic', provariadic::regtype,
                             'arguments', pg_get_function_arguments(p.oid), 'result', pg_get_function_result(p.oid), 'body', pg_get_function_sqlbody(p.oid)) AS entry
FROM member JOIN pg_catalog.pg_proc p ON classid = 'pg_catalog.pg_proc'::regclass AND p.oid = objid
UNION ALL
SELECT name, 'aggregate', to_jsonb(a) - 'aggfnoid' || jsonb_build_object('aggtranstype', aggtranstype::regtype, 'aggmtranstype', aggmtranstype::regtype, 'aggsortop', aggsortop::regoperator)
FROM member JOIN pg_catalog.pg_aggregate a ON classid = 'pg_catalog.pg_proc'::regclass AND aggfnoid = objid
UNION ALL
SELECT name, 'type', to_jsonb(t) - '{oid,typnamespace,typarray}'::text[]
       || jsonb_build_object('typowner', typowner::regrole, 'typelem', typelem::regtype, 'typrelid', typrelid::regclass, 'typbasetype', typbasetype::regtype, 'typcollation', typcollation::regcollation,
                             'array', (SELECT format('%s %s %s %s', a.oid::regtype, a.typalign, a.typstorage, a.typelem::regtype) FROM pg_catalog.pg_type a WHERE a.oid = t.typarray))
FROM member JOIN pg_catalog.pg_type t ON classid = 'pg_catalog.pg_type'::regclass AND t.oid = objid
UNION ALL
SELECT name, 'operator', to_jsonb(o) - '{oid,oprnamespace}'::text[]
       || jsonb_build_object('oprowner', oprowner::regrole, 'oprleft', oprleft::regtype, 'oprright', oprright::regtype, 'oprresult', oprresult::regtype, 'oprcom', oprcom::regoperator, 'oprnegate', oprnegate::regoperator)
FROM member JOIN pg_catalog.pg_operator o ON classid = 'pg_catalog.pg_operator'::regclass AND o.oid = objid
UNION ALL
SELECT name, 'cast', to_jsonb(c) - 'oid' || jsonb_build_object('castsource', castsource::regtype, 'casttarget', casttarget::regtype, 'castfunc', castfunc::regprocedure)
FROM member JOIN pg_catalog.pg_cast c ON classid = 'pg_catalog.pg_cast'::regclass AND c.oid = objid
UNION ALL
SELECT name, 'operator class', to_jsonb(c) - '{oid,opcnamespace}'::text[]
       || jsonb_build_object('opcowner', opcowner::regrole, 'opcmethod', (SELECT amname FROM pg_catalog.pg_am a WHERE a.oid = opcmethod), 'opcintype', opcintype::regtype, 'opckeytype', opckeytype::regtype,
                             'opcfamily', (SELECT opfname FROM pg_catalog.pg_opfamily f WHERE f.oid = opcfamily))
FROM member JOIN pg_catalog.pg_opclass c ON classid = 'pg_catalog.pg_opclass'::regclass AND c.oid = objid
UNION ALL
SELECT name, 'operator family', to_jsonb(f) - '{oid,opfnamespace}'::text[] || jsonb_build_object('opfowner', opfowner::regrole, 'opfmethod', (SELECT amname FROM pg_catalog.pg_am a WHERE a.oid = opfmethod))
FROM member JOIN pg_catalog.pg_opfamily f ON classid = 'pg_catalog.pg_opfamily'::regclass AND f.oid = objid
UNION ALL
SELECT name, 'operator of family', to_jsonb(o) - '{oid,amopfamily}'::text[]
       || jsonb_build_object('amoplefttype', amoplefttype::regtype, 'amoprighttype', amoprighttype::regtype, 'amopopr', amopopr::regoperator, 'amopmethod', (SELECT amname FROM pg_catalog.pg_am a WHERE a.oid = amopmethod))
FROM member JOIN pg_catalog.pg_amop o ON classid = 'pg_catalog.pg_opfamily'::regclass AND amopfamily = objid
UNION ALL
SELECT name, 'function of family', to_jsonb(o) - '{oid,amprocfamily}'::text[] || jsonb_build_object('amproclefttype', amproclefttype::regtype, 'amprocrighttype', amprocrighttype::regtype)
FROM member JOIN pg_catalog.pg_amproc o ON classid = 'pg_catalog.pg_opfamily'::regclass AND amprocfamily = objid
UNION ALL
SELECT name, 'comment', to_jsonb(description) FROM member JOIN pg_catalog.pg_description d ON d.classoid = classid AND objoid = objid
UNION ALL
SELECT name, 'privileges of the extension', to_jsonb(p) - '{objoid,classoid}'::text[] FROM member JOIN pg_catalog.pg_init_privs p ON p.classoid = classid AND objoid = objid
UNION ALL
SELECT name, 'needs', to_jsonb(format('%s %s', deptype, pg_describe_object(refclassid, refobjid, refobjsubid))) FROM member JOIN pg_catalog.pg_depend d USING (classid, objid)
UNION ALL
SELECT 'extension', 'extension', to_jsonb(e) - '{oid,extversion}'::text[] || jsonb_build_object('extowner', extowner::regrole, 'extnamespace', extnamespace::regnamespace)
FROM pg_catalog.pg_extension e WHERE extname = 'csm_metrics';

SELECT line FROM entry, LATERAL format('%s: %s: %s', name, kind, entry) line ORDER BY line COLLATE "C";
