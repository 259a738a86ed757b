-- A schema full of traps: operators, functions and types that are named like those of the
-- server and of the extension. Each that runs writes its name into hostile.sprung, and does not
-- fail, which would undo that; what it returns is wrong.
-- The variable "names" of psql holds the names of the extension's functions, as an array.
CREATE SCHEMA IF NOT EXISTS hostile;
CREATE TABLE hostile.sprung (name text);
GRANT USAGE ON SCHEMA hostile TO PUBLIC;
GRANT ALL ON hostile.sprung TO PUBLIC;

CREATE FUNCTION pg_temp.trap(name text, arguments text, returns text, value text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE FUNCTION hostile.%I(%s) RETURNS %s LANGUAGE plpgsql AS %L', name, arguments, returns,
                   format('BEGIN INSERT INTO hostile.sprung VALUES (%L); RETURN %s; END', name, value));
EXCEPTION WHEN duplicate_function OR invalid_function_definition OR feature_not_supported OR undefined_object THEN NULL;
END $$;

SELECT count(pg_temp.trap(name, array_to_string(array_fill(type, ARRAY[arity]), ', '), CASE type WHEN 'anyelement' THEN 'anyelement' ELSE type END, '$1'))
FROM unnest((:'names'::text[] || '{sum,count,avg,min,max,length,lower,upper,daterange,numrange,date_trunc,abs,round,numeric_add,numeric_sub,numeric_mul,numeric_div,numeric_in,numeric_out,date_in,date_out,jsonb_in,range_out,textin,textout,int8in,eqsel,contsel}'::text[])) name,
     unnest('{anyelement,anyarray,numeric,text,date,integer,bigint}'::text[]) type, generate_series(1, 4) arity;

DO $$
DECLARE
    operator text;
    type text;
BEGIN
    FOREACH type IN ARRAY '{numeric,integer,bigint,text,date,interval,boolean,float8,uuid,daterange,jsonb,anyelement,anyarray}'::text[] LOOP
        FOREACH operator IN ARRAY '{=,<>,<,<=,>,>=,+,-,*,/,||,&&,@>,<@,%}'::text[] LOOP
            PERFORM pg_temp.trap('op_' || type || operator, format('a %s, b %s', type, type), CASE WHEN operator IN ('+', '-', '*', '/', '||', '%') THEN type ELSE 'boolean' END,
                                 CASE WHEN operator IN ('+', '-', '*', '/', '||', '%') THEN 'a' ELSE 'NULL::boolean' END);
            EXECUTE format('CREATE OPERATOR hostile.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = hostile.%I)', operator, type, type, 'op_' || type || operator);
        END LOOP;
    END LOOP;
    -- a type that is taken for another writes down that it was
    CREATE FUNCTION hostile.note(name text) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN INSERT INTO hostile.sprung VALUES (name); RETURN false; END';
    FOREACH type IN ARRAY '{text,date,uuid,daterange,numrange,jsonb,bytea,int4,int8,float8,bool,"numeric","interval"}'::text[] LOOP
        EXECUTE format('CREATE DOMAIN hostile.%s AS pg_catalog.%s CHECK (hostile.note(%L))', type, type, 'type ' || type);
    END LOOP;
END $$;
