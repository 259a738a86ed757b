\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- Text that is no retention_summary: damaged key by key, amount by amount, character by character.
-- It is refused with 22P02, or another SQLSTATE of class 22 where a number is out of range, or it is a value that goes round.
SELECT plan(54);
SET LOCAL log_min_messages = panic;

CREATE TABLE originals (what text, r retention_summary);
INSERT INTO originals VALUES
    ('one account', (SELECT retention_agg(100, 70.5))),
    ('three accounts with period and currency', (SELECT retention_agg(s, e, daterange('2024-01-01', '2025-01-01'), 'EUR') FROM (VALUES (10, 0), (20, 30.25), (0, 5)) v (s, e))),
    ('thirty accounts of every movement', (SELECT retention_agg(i % 7, i * i % 11 / 4.0, i % 2 = 0, daterange('2023-05-01', '2023-06-01')) FROM generate_series(1, 30) i));
SELECT r::text AS one FROM originals WHERE what = 'one account' \gset
SELECT r::text AS thirty FROM originals WHERE what LIKE 'thirty%' \gset

-- An SQLSTATE, 'a good value', or what is wrong.
CREATE FUNCTION verdict(value text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    r retention_summary;
BEGIN
    r := value::retention_summary;
    IF (r::text)::retention_summary::text <> r::text OR csm_retention_summary_send((r::text)::retention_summary) <> csm_retention_summary_send(r)
       OR starting(r) + new_business(r) + reactivation(r) + expansion(r) - contraction(r) - churned(r) <> ending(r) OR least(starting(r), ending(r), contraction(r), expansion(r)) < 0
       OR accounts_starting(r) + accounts_new(r) + accounts_reactivated(r) - accounts_churned(r) <> accounts_ending(r) THEN
        RETURN 'accepted, but does not hold together: ' || value;
    END IF;
    RETURN 'a good value';
EXCEPTION WHEN OTHERS THEN
    RETURN sqlstate;
END $$;

SELECT is(verdict(text), '22P02', 'refused with 22P02: ' || label) FROM (VALUES
    (1, '', 'nothing'), (2, ' ', 'white space'), (3, '{', 'an open brace'), (4, '{}', 'an empty object'), (5, '[]', 'an array'), (6, 'null', 'null'), (7, '1.25', 'a number'), (8, '"x"', 'a string'),
    (9, :'one' || 'x', 'a letter after the object'), (10, :'one' || :'one', 'two objects'), (11, '[' || :'one' || ']', 'an object in an array'), (12, left(:'one', -1), 'the last brace missing'),
    (13, replace(:'one', ',', ',,'), 'doubled commas'), (14, replace(:'one', '"', ''''), 'single quotes'), (15, replace(:'one', ':', '='), 'equal signs'), (16, replace(:'one', '}', ',}'), 'a comma before the brace'),
    (17, '{"unknown":1,' || substr(:'one', 2), 'an unknown key at the front'), (18, left(:'one', -1) || ',"unknown":1}', 'an unknown key at the end'),
    (20, upper(:'one'), 'keys in capitals'), (21, :'one' || chr(1), 'a control character'), (24, E'\u00e9' || :'one', 'a letter outside ASCII')
) AS bad (n, text, label) ORDER BY n;

SELECT matches(verdict(text), '^(22P02|54001)$', 'refused with 22P02, or with 54001 by PostgreSQL: ' || label) FROM (VALUES
    (1, repeat('[', 100000), 'a hundred thousand brackets'), (2, repeat('{"a":', 50000), 'fifty thousand objects in each other')) AS bad (n, text, label) ORDER BY n;

-- Key by key.
CREATE FUNCTION verdicts(replacement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    -- what became of the values that differ after the replacement; a key's value is swapped in place, so that the order of keys stays
    EXECUTE format($q$ SELECT string_agg(DISTINCT key || ': ' || v, ', ')
                       FROM (SELECT key, verdict(swapped) AS v FROM (SELECT key, text, replace(text, format('%%s:%%s', to_json(key), value), format('%%s:%%s', to_json(key), %s)) AS swapped FROM spelled WHERE key <> 'currency') x WHERE swapped <> text) y
                       WHERE v !~ '^22(P02|003|007|008|023)$' $q$, replacement) INTO answer;
    RETURN answer;
END $$;
-- Values as the text form spells them, without white space.
CREATE TABLE spelled AS SELECT what, regexp_replace(r::text, '\s', '', 'g') AS text, key, regexp_replace(value::text, '\s', '', 'g') AS value FROM originals, json_each(r::text::json);
SELECT cmp_ok((SELECT count(*) FROM spelled WHERE position(to_json(key) || ':' || value IN text) > 0), '=', (SELECT count(*) FROM spelled), 'each member of the text form can be pointed at');
SELECT is(verdicts(replacement), NULL, 'each value replaced by ' || label || ': refused') FROM (VALUES
    (1, '''-1''', 'a negative number'), (2, '''"-1"''', 'a negative amount'), (3, '''"NaN"''', 'NaN'), (4, '''"1e400"''', 'a number with an exponent'), (5, '''1.5''', 'a fraction'), (6, '''true''', 'true'), (7, '''{}''', 'an object'),
    (8, '''""''', 'an empty string'), (9, '''99999999999999999999''', 'a count of 20 digits'), (10, '''"999999999999999999999999999999999999999"''', 'an amount of 39 digits'), (11, '''"12''', 'a string without end'), (12, '''''', 'nothing')
) AS bad (n, replacement, label) ORDER BY n;
SELECT is((SELECT string_agg(DISTINCT key || ': ' || v, ', ') FROM (SELECT k.key, verdict(json_object_agg(o.key, o.value ORDER BY n)::text) AS v FROM originals, json_object_keys(r::text::json) k (key), json_each(r::text::json) WITH ORDINALITY o (key, value, n) WHERE o.key <> k.key GROUP BY what, k.key) x
           WHERE v <> '22P02'), 'currency: a good value', 'each key left out: refused with 22P02, but for the currency that need not be');

-- Character by character.
CREATE TABLE damages AS
SELECT what, at, left(text, at - 1) || c || substr(text, at + 1) AS text, 'changed' AS damage FROM (SELECT what, r::text AS text FROM originals) o, generate_series(1, length(text)) at, unnest('{0,9,x,"",-,\,.," ","}","\""}'::text[]) c
UNION ALL SELECT what, at, left(text, at - 1), 'truncated' FROM (SELECT what, r::text AS text FROM originals) o, generate_series(1, length(text)) at;
CREATE TABLE judged AS SELECT *, verdict(text) AS verdict FROM damages;
SELECT cmp_ok((SELECT count(*) FROM judged), '>', 5000::bigint, 'more than five thousand damaged texts were tried');
SELECT is((SELECT string_agg(DISTINCT left(verdict, 300), E'\n') FROM judged WHERE damage = 'changed' AND verdict !~ '^22...$' AND verdict <> 'a good value'), NULL, 'each character changed: refused with class 22 or a good value');
SELECT is((SELECT string_agg(DISTINCT left(verdict, 300), E'\n') FROM judged WHERE damage = 'truncated' AND verdict <> '22P02'), NULL, 'each truncation: refused with 22P02');

-- The light state of the aggregates that return a number has a text form as well.
CREATE FUNCTION sums_verdict(value text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    r retention_sums;
BEGIN
    r := value::retention_sums;
    IF (r::text)::retention_sums::text <> r::text OR csm_grr_final(r) NOT BETWEEN 0 AND 1 OR csm_logo_churn_final(r) NOT BETWEEN 0 AND 1 OR csm_ndr_final(r) < 0 OR csm_quick_ratio_final(r) < 0 THEN
        RETURN 'accepted, but does not hold together: ' || value;
    END IF;
    RETURN 'a good value';
EXCEPTION WHEN OTHERS THEN
    RETURN sqlstate;
END $$;
CREATE TABLE sums AS SELECT r::text AS text FROM (VALUES (csm_sums_accum(csm_sums_accum(csm_sums_accum(NULL, 10, 0), 20.25, 30), 0, 5)), (csm_churned_accum(csm_churned_accum(NULL, true), false))) v (r);
SELECT is((SELECT string_agg(DISTINCT sums_verdict(text), ', ') FROM sums), 'a good value', 'retention_sums: the text form goes round');
SELECT is((SELECT string_agg(DISTINCT sums_verdict(text), ', ') FROM (VALUES (''), ('{}'), ('[]'), ('1'), ('null'), (:'one'), ('{"unknown":1}')) v (text)), '22P02', 'retention_sums: what is no such text is refused with 22P02');
SELECT is((SELECT string_agg(DISTINCT v, E'\n') FROM (SELECT sums_verdict(left(text, at - 1) || c || substr(text, at + 1)) AS v FROM sums, generate_series(1, length(text)) at, unnest('{0,9,x,"",-,\,.," ","}","\""}'::text[]) c) x
           WHERE v !~ '^22...$' AND v <> 'a good value'), NULL, 'retention_sums, each character changed: refused with class 22 or a good value');
SELECT is((SELECT string_agg(DISTINCT v, E'\n') FROM (SELECT sums_verdict(left(text, at - 1)) AS v FROM sums, generate_series(1, length(text)) at) x WHERE v <> '22P02'), NULL, 'retention_sums, each truncation: refused with 22P02');

-- A date in a value is a date whatever DateStyle says; an amount is digits.
SELECT refused(format('SELECT jsonb_set(retention_agg(1, 1, daterange(''2024-01-01'', ''2024-12-31''))::jsonb, ''{period_start}'', %L)::retention_summary', to_json(day)), '22P02', 'YYYY-MM-DD', format('%s is not a date in a value', day))
FROM unnest(ARRAY['01-02-2023', '20240102', '2024-001', '2024-01-01T10:00:00Z', 'today', '']) day;
SELECT is(period((replace(retention_agg(1, 1, daterange('0044-03-15 BC', '2024-12-31'))::text, '2024-12-31', '12024-12-31'))::retention_summary), daterange('0044-03-15 BC', '12024-12-31'), 'years before Christ and of five digits are read');
SELECT refused(format('SELECT jsonb_set(retention_agg(1, 1)::jsonb, ''{starting}'', %L)::retention_summary', to_json(amount)), '22P02', '"starting" must be a decimal number', format('"%s" is not an amount in a value', amount))
FROM unnest(ARRAY['', '1e0', ' 1']) amount;

SELECT * FROM finish();
ROLLBACK;
