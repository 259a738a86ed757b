-- random_call(seed) is a query that calls a function or an aggregate of the extension with
-- arguments drawn at random: half of the queries from sensible values alone, the others
-- from hostile ones too. try_calls(first, last) runs such queries and notes what came of them.
-- A value of the extension's own is read from the column @ of its table in values.sql.

CREATE TABLE callable AS
SELECT p.oid, p.proname, p.prokind, p.proretset, p.prorettype, proargtypes::oid[] AS argument_types, p.oid::regprocedure::text AS name,
       row_number() OVER (PARTITION BY p.prokind ORDER BY p.oid::regprocedure::text) - 1 AS n, count(*) OVER (PARTITION BY p.prokind) AS n_of_kind
FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid
WHERE d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_extension'::regclass AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'csm_metrics') AND d.deptype = 'e'
      AND 'internal'::regtype <> ALL (p.proargtypes::oid[]);

CREATE FUNCTION chance(p float8) RETURNS bool LANGUAGE sql VOLATILE RETURN random() < p;
CREATE FUNCTION between_of(low int, high int) RETURNS int LANGUAGE sql VOLATILE RETURN low + floor(random() * (high - low + 1))::int;
CREATE FUNCTION one_of(VARIADIC choices text[]) RETURNS text LANGUAGE sql VOLATILE RETURN choices[between_of(1, cardinality(choices))];

-- One of the stored values of a type of the extension.
CREATE FUNCTION stored(type text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    n int;
BEGIN
    IF type LIKE '%[]' THEN
        RETURN format('ARRAY[%s, %s]', stored(left(type, -2)), stored(left(type, -2)));
    END IF;
    EXECUTE format('SELECT count(*) FROM %I', type || '_values') INTO n;
    RETURN format('(SELECT %s FROM %I WHERE i = %s)', CASE type WHEN 'segment' THEN 'v' ELSE '@' END, type || '_values', between_of(1, n));
END $$;

-- What a sensible person passes. Two dates next to each other are bounds, two intervals a shorter and a longer one.
CREATE FUNCTION sensible(type text, before text, after text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN CASE type
        WHEN 'numeric' THEN one_of(round(random()::numeric * 10000, between_of(0, 6))::text, between_of(0, 20)::text, '0', '100.00')
        WHEN 'date' THEN CASE WHEN after = 'date' THEN quote_literal('2023-01-01') WHEN before = 'date' THEN quote_literal('2024-01-01')
                              ELSE quote_literal(date '2022-12-01' + between_of(0, 500)) END
        WHEN 'interval' THEN quote_literal(CASE WHEN after = 'interval' THEN '1 month' WHEN before = 'interval' THEN one_of('1 year', '3 months') ELSE one_of('1 month', '3 months', '1 year', '7 days') END)
        WHEN 'daterange' THEN quote_literal(one_of('[2024-01-01,2024-02-01)', '[2023-03-15,2023-09-01)', '[2023-05-05,)'))
        WHEN 'timestamp without time zone' THEN quote_literal(one_of('2024-01-01 00:00', '2023-03-15 17:30', '2023-12-31 23:59:59.999999'))
        WHEN 'timestamp with time zone' THEN quote_literal(one_of('2024-01-01 00:00+00', '2023-03-15 17:30+00', '2023-12-31 23:59:59.999999+00'))
        WHEN 'tsrange' THEN quote_literal(one_of('[2024-01-01,2024-02-01 12:00)', '[2023-05-05 10:00,)'))
        WHEN 'tstzrange' THEN quote_literal(one_of('[2024-01-01 00:00+00,2024-02-01 12:00+00)', '[2023-05-05 10:00+00,)'))
        WHEN 'text' THEN quote_literal(one_of('EUR', 'deal_size', 'enterprise', 'manager 1'))
        WHEN 'bigint' THEN between_of(1, 20)::text
        WHEN 'integer' THEN between_of(1, 10)::text
        WHEN 'boolean' THEN one_of('true', 'false')
        WHEN 'double precision' THEN one_of('0.95', '0.5', '0.999')
        WHEN 'uuid' THEN quote_literal(md5(between_of(1, 20)::text)::uuid)
        WHEN 'retention_summary[]' THEN format('(SELECT summaries FROM arrays WHERE i = %s)', between_of(1, 4))
        WHEN 'segment[]' THEN format('(SELECT scheme FROM schemes WHERE i = %s)', one_of('1', '2', '5'))
        WHEN 'text[]' THEN quote_literal(one_of('{a,b}', '{a}', '{small,large,c}'))
        WHEN 'numeric[]' THEN format('array_fill(%s::numeric, ARRAY[%s])', between_of(1, 9), between_of(16, 17))
        ELSE stored(type) END;
END $$;

CREATE FUNCTION hostile(type text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    summary text := stored('retention_summary');
BEGIN
    IF chance(0.15) THEN
        RETURN 'NULL';
    END IF;
    RETURN CASE type
        WHEN 'numeric' THEN quote_literal(one_of('NaN', 'Infinity', '-Infinity', '-1', '-0.01', '1e38', '99999999999999999999999999999999999999', '9999999999999999999999999999999999999.9', '1e-38', '1e-39', '1e131071',
                                                 '1e-16383', '-99999999999999999999999999999999999999', '0.0000000000000000000000000000000000000', '170141183460469231731687303715884105728', '9223372036854775808'))
        WHEN 'date' THEN quote_literal(one_of('infinity', '-infinity', '4713-01-01 BC', '5874897-12-31', '1890-12-31', '2024-02-29', '5874897-01-01', '4714-11-24 BC'))
        WHEN 'interval' THEN quote_literal(one_of('0', '-1 month', '1 month 1 day', '1 hour', '178000000 years', '2147483647 days', '2147483647 months', '-2147483648 days', '1 day', '400 years', '1 year -12 mons', '1 day 24 hours'))
        WHEN 'daterange' THEN quote_literal(one_of('empty', '(,)', '(,2024-01-01)', '[-infinity,infinity]', '[infinity,)', '[2024-01-01,infinity)', '[4713-01-01 BC,5874897-12-31)', '[5874897-12-30,)'))
        WHEN 'timestamp without time zone' THEN quote_literal(one_of('infinity', '-infinity', '4714-11-24 BC', '294276-12-31 23:59:59.999999', '9999-01-01 00:00'))
        WHEN 'timestamp with time zone' THEN quote_literal(one_of('infinity', '-infinity', '4713-01-01 BC', '294276-12-31 23:59:59.999999+00', '9999-01-01 00:00+00'))
        WHEN 'tsrange' THEN quote_literal(one_of('empty', '(,)', '[-infinity,infinity]', '(2024-01-01,294276-12-31 23:59:59.999999]', '(4714-11-24 BC,9999-01-01]'))
        WHEN 'tstzrange' THEN quote_literal(one_of('empty', '(,)', '[-infinity,infinity]', '(2024-01-01 00:00+00,294276-12-31 23:59:59.999999+00]', '(4713-01-01 BC,9999-01-01 00:00+00]'))
        WHEN 'text' THEN one_of(quote_literal(''), 'repeat(''x'', 100000)', quote_literal('größer'), quote_literal(E'a\n"\\'), quote_literal('eur$'), quote_literal('SIXTEEN-LETTERS-'), 'repeat(''ü'', 300)')
        WHEN 'bigint' THEN one_of('0', '-1', '9223372036854775807', '-9223372036854775808', '2147483648')
        WHEN 'integer' THEN one_of('0', '-1', '11', '2147483647', '-2147483648')
        WHEN 'double precision' THEN quote_literal(one_of('0', '1', '-1', 'NaN', 'Infinity', '1e-300', '0.9999999999999999', '0.99999', '5e-324'))
        WHEN 'uuid' THEN quote_literal('00000000-0000-0000-0000-000000000000')
        WHEN 'boolean' THEN 'NULL'
        WHEN 'retention_summary[]' THEN one_of(format('(SELECT summaries FROM arrays WHERE i = %s)', between_of(1, 9)), format('array_fill(%s, ARRAY[3], ARRAY[5])', summary), format('ARRAY[%s, NULL]', summary),
                                               CASE WHEN chance(0.1) THEN format('array_fill(%s, ARRAY[20000])', summary) ELSE format('array_fill(%s, ARRAY[2])', summary) END)
        WHEN 'segment[]' THEN format('(SELECT scheme FROM schemes WHERE i = %s)', between_of(1, 7))
        WHEN 'text[]' THEN one_of(quote_literal('{}'), quote_literal('{NULL,""}'), quote_literal('{{a,b},{c,d}}'), 'array_fill(''x''::text, ARRAY[40])')
        WHEN 'numeric[]' THEN one_of(quote_literal('{}'), 'array_fill(''NaN''::numeric, ARRAY[16])', 'array_fill(-1::numeric, ARRAY[17])', 'array_fill(1e130000::numeric, ARRAY[16])', 'array_fill(NULL::numeric, ARRAY[17])')
        WHEN 'jsonb' THEN quote_literal(one_of('{}', '[]', 'null', '"x"', '1', '{"scale": 0, "steps": []}', '{"scale": -1, "steps": [[]]}', '{"scale": 39, "steps": null}'))
        ELSE stored(type) END;
END $$;

-- The text of a value for an input function, now and then damaged in one place.
CREATE FUNCTION written(name text, is_hostile bool) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    type text;
    value text;
BEGIN
    SELECT prorettype::regtype INTO type FROM callable WHERE callable.name = written.name;
    value := stored(type) || '::text';
    IF NOT is_hostile THEN
        RETURN format('textout(%s)', value);
    END IF;
    RETURN format('textout(%s)', CASE between_of(1, 4)
        WHEN 1 THEN quote_literal(one_of('', '{}', '[]', 'null', '{"scale": 1e999}', '{"scale": 99999999999999999999999999}', 'x', '[,)', '{"scale": 0, "steps": [["2024-13-45", "1"]]}', '{"steps": [["2024-01-01", "1e5"]], "scale": 0}'))
        WHEN 2 THEN one_of('repeat(''['', 200000)', 'repeat(''{"a":'', 200000)', 'repeat('' '', 100000)', '''label ['' || repeat(''9'', 1000) || '',)''')
        WHEN 3 THEN format('(SELECT overlay(t PLACING %L FROM %s %% length(t) + 1 FOR %s) FROM (SELECT %s AS t) x)', one_of('', '0', '7', '-', '"', ',', '.', 'null', '[]', '9999999999'), between_of(0, 500), between_of(0, 3), value)
        ELSE stored(one_of('retention_summary', 'revenue_history', 'coverage_summary')) || '::text' END);
END $$;

CREATE FUNCTION argument(name text, type text, is_hostile bool, before text, after text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    is_hostile := is_hostile AND chance(0.4);
    IF name ~ '_accum' AND before IS NULL AND type <> 'boolean' AND chance(0.5) THEN
        RETURN 'NULL::' || type; -- the state before the first row
    END IF;
    IF type = 'cstring' THEN
        RETURN written(name, is_hostile);
    ELSIF type = 'jsonb' AND (NOT is_hostile OR chance(0.5)) THEN
        RETURN stored(CASE WHEN name ~ 'cohorts' THEN 'cohort_matrix' WHEN name ~ 'history' THEN 'revenue_history' ELSE 'retention_summary' END) || '::jsonb';
    END IF;
    IF name ~ '^check_s' AND (type = 'regclass' OR (type = 'text' AND chance(0.95))) THEN
        RETURN CASE WHEN type = 'regclass' AND chance(0.1) THEN 'NULL'
                    WHEN type = 'regclass' THEN quote_literal(CASE WHEN name ~ 'regclass,(text,){4}date' THEN 'subscriptions' ELSE 'snapshots' END)
                    WHEN name ~ 'regclass,(text,){4}date' THEN quote_literal(one_of('account', 'valid', 'amount'))
                    ELSE quote_literal(one_of('account', 'at', 'amount', 'at')) END || '::' || type;
    END IF;
    IF type = 'text' AND name ~ 'usage_history|funnel' AND NOT is_hostile AND chance(0.9) THEN
        RETURN quote_literal(CASE WHEN name ~ '^active_days' THEN 'UTC' ELSE one_of('a', 'b', 'c', 'manager 1') END) || '::text';
    END IF;
    IF type = 'text' AND name ~ '^days' AND chance(0.9) THEN
        RETURN quote_literal(one_of('Europe/Berlin', 'UTC', 'america/new_york', 'UTC+3'));
    END IF;
    RETURN format('%s::%s', CASE WHEN is_hostile THEN hostile(type) ELSE sensible(type, before, after) END, type);
END $$;

-- An argument of an aggregate over rows numbered i: parameters stay the same, but for a hostile caller.
CREATE FUNCTION column_argument(name text, type text, is_hostile bool, before text, after text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    one text := argument(name, type, is_hostile, before, after);
BEGIN
    IF type = 'numeric' AND chance(0.5) THEN
        one := format('(i * %s %% 1000 / 4.0)', between_of(1, 400));
    ELSIF (type IN ('interval', 'funnel_steps') OR (type ~ '^timestamp' AND name ~ '^funnel_agg' AND before = 'numeric') OR (type = 'date' AND 'date' IN (before, after)) OR type = 'daterange') AND NOT (is_hostile AND chance(0.1)) THEN
        RETURN one;
    END IF;
    RETURN format('CASE i %% %s WHEN 0 THEN %s WHEN 1 THEN %s ELSE %s END', between_of(1, 5), argument(name, type, is_hostile, before, after), argument(name, type, is_hostile, before, after), one);
END $$;

CREATE FUNCTION random_frame() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN format('(%s ORDER BY i %s)', one_of('', 'PARTITION BY i % 3'),
                  CASE WHEN chance(0.2) THEN '' ELSE format('%s BETWEEN %s AND %s %s', one_of('ROWS', 'RANGE', 'GROUPS'), one_of('UNBOUNDED PRECEDING', '3 PRECEDING', '1 PRECEDING', 'CURRENT ROW'),
                                                           one_of('CURRENT ROW', '2 FOLLOWING', 'UNBOUNDED FOLLOWING'), one_of('', '', 'EXCLUDE CURRENT ROW', 'EXCLUDE TIES', 'EXCLUDE GROUP')) END);
END $$;

CREATE FUNCTION aggregate_query(f callable, arguments text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    filter text := CASE WHEN chance(0.3) THEN format(' FILTER (WHERE i %% %s = 0)', between_of(1, 9)) ELSE '' END;
    rows text := format('generate_series(1, %s) i', CASE WHEN chance(0.05) THEN 0 ELSE between_of(1, 40) END);
    call text := f.proname || '(' || arguments;
BEGIN
    RETURN CASE between_of(1, 6)
        WHEN 1 THEN format('SELECT %s ORDER BY i %% 7, i DESC)%s FROM %s', call, filter, rows)
        WHEN 2 THEN format('SELECT %s(DISTINCT %s)%s FROM %s', f.proname, arguments, filter, rows)
        WHEN 3 THEN format('SELECT i, %s)%s OVER %s FROM %s', call, filter, random_frame(), rows)
        WHEN 4 THEN format('SELECT i %% 3, i %% 2, %s)%s FROM %s GROUP BY %s (i %% 3, i %% 2)', call, filter, rows, one_of('ROLLUP', 'CUBE'))
        WHEN 5 THEN format('SELECT i %% 4, %s)%s, %s) FROM %s GROUP BY GROUPING SETS ((i %% 4), ())', call, filter, call, rows)
        ELSE format('SELECT %s)%s FROM %s', call, filter, rows) END;
END $$;

CREATE FUNCTION random_call(seed int, OUT name text, OUT query text) LANGUAGE plpgsql AS $$
DECLARE
    f callable;
    wanted "char";
    is_hostile bool;
    arguments text := '';
    n int;
BEGIN
    PERFORM setseed(seed % 1000003 / 1000003.0);
    wanted := one_of('f', 'a');
    SELECT c.* INTO f FROM callable c WHERE c.prokind = wanted AND c.n = seed % c.n_of_kind;
    is_hostile := chance(0.5);
    n := coalesce(cardinality(f.argument_types), 0);
    FOR k IN 1..n LOOP
        arguments := arguments || CASE WHEN k > 1 THEN ', ' ELSE '' END ||
            CASE f.prokind WHEN 'a' THEN column_argument(f.name, f.argument_types[k - 1]::regtype::text, is_hostile, f.argument_types[k - 2]::regtype::text, f.argument_types[k]::regtype::text)
                           ELSE argument(f.name, f.argument_types[k - 1]::regtype::text, is_hostile, f.argument_types[k - 2]::regtype::text, f.argument_types[k]::regtype::text) END;
    END LOOP;
    name := f.name;
    query := CASE WHEN f.prokind = 'a' THEN aggregate_query(f, arguments)
                  WHEN f.proretset THEN format('SELECT * FROM %s(%s)', f.proname, arguments)
                  WHEN f.prorettype = 'cstring'::regtype THEN format('SELECT textin(%s(%s))', f.proname, arguments)
                  ELSE format('SELECT %s(%s)', f.proname, arguments) END;
END $$;

-- Runs a query with values from one way of storage: all rows as text, or the SQLSTATE and the message.
CREATE FUNCTION outcome(query text, storage text, OUT state text, OUT answer text) LANGUAGE plpgsql AS $$
BEGIN
    IF storage = 'memory' THEN
        query := regexp_replace(query, '\(SELECT @ FROM (\w+)_values', '(SELECT v::text::\1 FROM \1_values', 'g');
    ELSE
        query := replace(query, '@', storage);
    END IF;
    EXECUTE format('SELECT string_agg(q::text, E''\n'' ORDER BY q::text) FROM (%s) q', query) INTO answer;
    state := '00000';
EXCEPTION WHEN OTHERS THEN
    state := sqlstate;
    answer := sqlerrm;
END $$;

CREATE TABLE outcomes (seed int, name text, query text, state text, message text, differs text);
CREATE FUNCTION try_calls(first int, last int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    call record;
    a record;
    b record;
BEGIN
    FOR seed IN first..last LOOP
        call := random_call(seed);
        a := outcome(call.query, one_of('extended', 'main'));
        b := outcome(call.query, one_of('memory', 'external'));
        INSERT INTO outcomes VALUES (seed, call.name, call.query, a.state, CASE WHEN a.state <> '00000' THEN a.answer END,
                                     CASE WHEN a IS DISTINCT FROM b THEN format('%s %s / %s %s', a.state, left(a.answer, 300), b.state, left(b.answer, 300)) END);
    END LOOP;
END $$;
