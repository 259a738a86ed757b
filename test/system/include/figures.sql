-- stored.figures(): one line for every function and aggregate of the extension, called with the values of stored_values.sql:
-- its name and what it says of each value, or a hash of that; an error by its SQLSTATE. What it knows no argument for says so.

-- Arguments of functions by their types, of aggregates by their names too. Rows of aggregates come from stored.accounts.
CREATE TABLE stored.argument (name text, type text, expression text);
INSERT INTO stored.argument VALUES
    (NULL, 'numeric', '1.05'), (NULL, 'integer', '3'), (NULL, 'double precision', '0.9'), (NULL, 'date', '''2024-02-01''::date'), (NULL, 'interval', '''1 month''::interval'),
    (NULL, 'text', '''USD'''), (NULL, 'boolean', 'true'), (NULL, 'bigint', '7::bigint'), (NULL, 'jsonb', '''{}''::jsonb'), (NULL, 'daterange', '''[2024-01-01,2024-04-01)''::daterange'),
    ('from_date', 'date', '''2024-01-01''::date'), ('to_date', 'date', '''2024-07-01''::date'), ('name', 'text', '''enterprise'''), ('code', 'text', '''EUR'''),
    ('starting', 'numeric', 's'), ('ending', 'numeric', 'e'), ('was_customer', 'boolean', 'was'), ('churned', 'boolean', 'was'), ('threshold', 'numeric', '5'),
    ('period', 'daterange', '''[2024-01-01,2024-04-01)''::daterange'), ('currency', 'text', '''USD'''),
    ('account', 'bigint', 'i::bigint % 40'), ('account', 'text', '''account '' || i % 40'), ('account', 'uuid', 'md5((i % 40)::text)::uuid'),
    ('at', 'date', '''2024-01-01''::date + 7 * (i / 40)'), ('valid', 'daterange', 'daterange(''2024-01-01''::date + i, ''2024-02-15''::date + 2 * i)'),
    ('amount', 'numeric', 's'), ('change', 'numeric', 's'), ('every', 'interval', '''1 month''::interval'), ('step', 'interval', '''1 month''::interval'), ('span', 'interval', '''3 months''::interval'),
    ('csm', 'bigint', 'i::bigint % 7'), ('csm', 'text', '''manager '' || i % 7'), ('csm', 'uuid', 'md5((i % 7)::text)::uuid'), ('arr', 'numeric', 's'),
    ('arr_capacity', 'numeric', '1500000'), ('account_capacity', 'bigint', '50::bigint'),
    ('touched', 'boolean', 'was'), ('outcome', 'numeric', 'coalesce(e, 0)'), ('base', 'numeric', 'coalesce(s, 0)'), ('stratum', 'text', '''s'' || i % 3'),
    ('recorded', 'timestamp with time zone', '''2024-01-01 00:00+00''::timestamptz + i * interval ''1 hour'''), ('recorded', 'timestamp without time zone', '''2024-01-01''::timestamp + i * interval ''1 hour'''), ('recorded', 'date', '''2024-01-01''::date + i'),
    ('low', 'numeric', '1'), ('high', 'numeric', '2'), ('value', 'numeric', '10'), ('cost', 'numeric', '4'), ('churn', 'numeric', '0.1'), ('discount', 'numeric', '0.05'),
    ('at', 'numeric', '7'), ('at', 'integer', '7'), ('share', 'numeric', '0.5'), ('horizon', 'numeric', '9'), ('from_age', 'numeric', '2'), ('from_age', 'double precision', '2'), ('from_age', 'integer', '2'), ('to_age', 'numeric', 'i % 30 + 3'), ('to_age', 'double precision', '(i % 30 + 3)::float8'),
    ('duration', 'numeric', 'i % 30'), ('duration', 'double precision', '(i % 30)::float8'), ('weight', 'numeric', 's'), ('score', 'numeric', 'i % 101'), ('score', 'double precision', '(i % 101)::float8'), ('kind', 'text', '''log'''),
    ('arpa', 'numeric', '10'), ('margin', 'numeric', '0.8'), ('steps', 'integer', '5'), ('years', 'numeric', '3'), ('successes', 'numeric', '3'), ('trials', 'numeric', '10');

-- The table of the values of a type or of its array type, if it is one of the extension's.
CREATE FUNCTION stored.values_of(of_type oid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT relname FROM pg_type t JOIN pg_class c ON c.relnamespace = 'stored'::regnamespace AND relname = ltrim(typname, '_') WHERE t.oid = of_type
$$;

-- What is written for the n-th argument of a function: a value of the extension is v, further ones are always the same.
CREATE FUNCTION stored.expression(p pg_proc, n int) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT expression FROM stored.argument a WHERE a.type = format_type(t, NULL) AND a.name = p.proargnames[n] AND (p.prokind = 'a' OR expression !~ '\m(i|s|e|was)\M')),
                    CASE WHEN source IS NULL THEN NULL WHEN (SELECT typelem <> 0 FROM pg_type WHERE oid = t) THEN 'ARRAY[v]' WHEN n = 1 OR p.prokind = 'a' THEN 'v'
                         ELSE format('(SELECT v FROM stored.%I WHERE id = 1)', source) END,
                    (SELECT expression FROM stored.argument a WHERE a.type = format_type(t, NULL) AND a.name IS NULL), '?')
    FROM (SELECT p.proargtypes[n - 1] AS t, stored.values_of(p.proargtypes[n - 1]) AS source) x
$$;

-- Text of what a query says, or its SQLSTATE.
CREATE FUNCTION stored.answer(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    EXECUTE query INTO answer;
    RETURN coalesce(answer, 'NULL');
EXCEPTION WHEN OTHERS THEN
    RETURN 'error ' || sqlstate;
END $$;

-- A function is asked about each value, an aggregate about each group of accounts or ten values each.
CREATE FUNCTION stored.answers(p pg_proc) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    arguments CONSTANT text := (SELECT coalesce(string_agg(stored.expression(p, n), ', ' ORDER BY n), '') FROM generate_series(1, p.pronargs) n);
    source CONSTANT text := (SELECT max(stored.values_of(t)) FROM unnest(p.proargtypes) t);
    name CONSTANT text := p.oid::regproc;
BEGIN
    IF arguments ~ '\?' THEN
        RETURN 'not called with ' || arguments;
    ELSIF p.prokind = 'a' AND source IS NOT NULL THEN
        RETURN (SELECT string_agg(stored.answer(format('SELECT %s(%s ORDER BY id) FROM stored.%I WHERE id / 10 = %s', name, arguments, source, g)), '; ' ORDER BY g) FROM generate_series(0, 5) g);
    ELSIF p.prokind = 'a' THEN
        RETURN (SELECT string_agg(stored.answer(format('SELECT %s(%s ORDER BY i) FROM stored.accounts WHERE grp = %s', name, arguments, g)), '; ' ORDER BY g) FROM generate_series(1, 6) g);
    ELSIF source IS NOT NULL THEN
        RETURN (SELECT string_agg(stored.answer(format('SELECT string_agg(r::text, '','') FROM stored.%I, LATERAL %s(%s) r WHERE id = %s', source, name, arguments, g)), '; ' ORDER BY g) FROM generate_series(1, 53) g);
    END IF;
    RETURN stored.answer(format('SELECT string_agg(r::text, '','') FROM %s(%s) r', name, arguments));
END $$;

CREATE FUNCTION stored.figures() RETURNS SETOF text LANGUAGE sql SET datestyle = 'ISO, YMD' SET timezone = 'UTC' SET bytea_output = hex AS $$
    SELECT line
    FROM pg_depend d JOIN pg_extension e ON e.oid = refobjid AND extname = 'csm_metrics' JOIN pg_proc p ON p.oid = objid AND d.classid = 'pg_proc'::regclass,
         LATERAL stored.answers(p) answers,
         LATERAL (SELECT format('%s(%s): %s', proname, (SELECT string_agg(typname, ', ' ORDER BY n) FROM unnest(proargtypes) WITH ORDINALITY a (t, n) JOIN pg_type ON pg_type.oid = t),
                                CASE WHEN length(answers) <= 80 THEN answers ELSE md5(answers) || ' of ' || length(answers) END) AS line) l
    WHERE deptype = 'e' AND refclassid = 'pg_extension'::regclass
          AND NOT proargtypes::oid[] && ARRAY['internal', 'cstring']::regtype[]::oid[] AND proname !~ '^csm_.*(accum|combine|final|rollup_arrays)'
    ORDER BY line COLLATE "C"
$$;
