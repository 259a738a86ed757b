-- What every file of tests starts with: lines of TAP and nothing else, and a transaction that the file rolls back.
-- A file reads it by
--     \getenv tests PG_ABS_SRCDIR
--     \set prelude :tests '/include/prelude.sql'
--     \i :prelude
\pset format unaligned
\pset tuples_only on
\set VERBOSITY terse
BEGIN;
SET LOCAL datestyle = 'ISO, YMD';
SET LOCAL client_min_messages = warning;

-- One line: the statement is refused with this SQLSTATE, a class of two characters will do, a message and a hint that match.
CREATE FUNCTION refused(statement text, state text, pattern text, description text, hint_pattern text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    message text;
    got text;
    hint text;
BEGIN
    EXECUTE statement;
    RETURN fail(description) || E'\n' || diag('not refused: ' || statement);
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, got = RETURNED_SQLSTATE, hint = PG_EXCEPTION_HINT;
    IF left(got, length(state)) = state AND message ~ pattern AND hint ~ hint_pattern THEN
        RETURN pass(description);
    END IF;
    RETURN fail(description) || E'\n' || diag(format('refused with %s: %s (hint: %s)', got, message, hint));
END $$;

\ir plan.sql

-- Reads bytes as a binary value of a type, the SQLSTATE or 00000: what COPY writes of a bytea is what it reads of any type.
-- The file is the one that csm_metrics_test.file names, the target a table of one column.
CREATE FUNCTION receive(value bytea, target regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    file CONSTANT text := current_setting('csm_metrics_test.file');
BEGIN
    EXECUTE format('COPY (SELECT %L::bytea) TO %L (FORMAT binary)', value, file);
    EXECUTE format('DELETE FROM %s', target);
    EXECUTE format('COPY %s FROM %L (FORMAT binary)', target, file);
    RETURN '00000';
EXCEPTION WHEN OTHERS THEN
    RETURN sqlstate;
END $$;
