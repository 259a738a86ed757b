\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
SET LOCAL intervalstyle = 'postgres';
-- Damaged values of revenue_history, cohort_matrix and bridge_state: each byte of a binary value changed, each truncation, some
-- bytes more. Whatever comes in is refused with an SQLSTATE of class 22, or is a value that goes round unchanged and answers.
SELECT plan(21);
SET LOCAL log_min_messages = panic;

-- Reads bytes as a binary value of a type: what COPY writes of a bytea is what it reads of any type.
SELECT set_config('csm_metrics_test.file', coalesce((SELECT '/dev/shm' FROM pg_stat_file('/dev/shm', true) WHERE isdir), current_setting('data_directory')) || '/csm_metrics_history_corrupt.' || pg_backend_pid(), true) AS file \gset
CREATE TABLE received_history (v revenue_history);
CREATE TABLE received_cohorts (v cohort_matrix);
CREATE TABLE received_bridge (v bridge_state);
CREATE FUNCTION verdict(kind text, value bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    file CONSTANT text := current_setting('csm_metrics_test.file');
    holds bool;
BEGIN
    BEGIN
        EXECUTE format('COPY (SELECT %L::bytea) TO %L (FORMAT binary)', value, file);
        EXECUTE format('DELETE FROM received_%s', kind);
        EXECUTE format('COPY received_%s FROM %L (FORMAT binary)', kind, file);
    EXCEPTION WHEN OTHERS THEN
        RETURN sqlstate;
    END;
    EXECUTE format('SELECT csm_%1$s_send(v) = $1 AND v::text::%2$s::text = v::text AND csm_%1$s_send(v::text::%2$s) = $1 FROM received_%1$s', kind,
                   CASE kind WHEN 'history' THEN 'revenue_history' WHEN 'cohorts' THEN 'cohort_matrix' ELSE 'bridge_state' END) INTO holds USING value;
    IF holds IS NOT TRUE THEN
        RETURN 'accepted, but does not go round';
    END IF;
    IF kind = 'history' THEN
        PERFORM v + v, v - v, steps(v), first_active(v), last_active(v), close_gaps(v, '1 year'), new_after(v, '1 day'), csm_history_hash(v), v = v * 1.0 FROM received_history;
    ELSIF kind = 'cohorts' THEN
        PERFORM cohort_table(v), csm_cohorts_hash(v), v = v FROM received_cohorts;
    ELSE
        PERFORM bridge(csm_bridge_final(csm_bridge_combine(v, v))) FROM received_bridge;
    END IF;
    RETURN 'a good value';
EXCEPTION
WHEN numeric_value_out_of_range THEN
    RETURN 'a good value'; -- too large to be added to itself
WHEN OTHERS THEN
    RETURN format('accepted, but cannot be asked: %s %s', sqlstate, sqlerrm);
END $$;

CREATE TABLE accounts AS SELECT i AS account, history_agg(at, amount, '1 month', 'EUR') AS h
FROM (VALUES (1, date '2024-01-05', 10.50), (1, '2024-03-01', 99999.25), (2, '2024-02-29', 7), (3, '2024-01-01', 5), (3, '2024-02-01', 5)) v (i, at, amount) GROUP BY i;
CREATE FUNCTION one_run(bridge_state, revenue_history) RETURNS bridge_state LANGUAGE sql IMMUTABLE AS $$ SELECT csm_bridge_accum($1, $2, '2024-01-01', '2024-04-01', '1 month') $$;
CREATE AGGREGATE fold(revenue_history) (SFUNC = one_run, STYPE = bridge_state);
CREATE TABLE originals (kind text, what text, value bytea);
INSERT INTO originals SELECT 'history', what, csm_history_send(h) FROM (VALUES
    ('nothing', '{"scale": 2, "steps": []}'::revenue_history), ('three steps in a currency', (SELECT h FROM accounts WHERE account = 1)),
    ('38 digits', '{"scale": 0, "steps": [["2024-01-01", "99999999999999999999999999999999999999"], ["2024-01-02", "-99999999999999999999999999999999999999"]]}')) v (what, h);
INSERT INTO originals SELECT 'cohorts', 'three periods', csm_cohorts_send(cohort_agg(h, '2024-01-01', '2024-04-01', '1 month')) FROM accounts;
INSERT INTO originals SELECT 'cohorts', 'events', csm_cohorts_send((SELECT cohort_agg(account, first_active(h), 5.5, '1 month') FROM accounts));
INSERT INTO originals SELECT 'bridge', 'three intervals', csm_bridge_send(fold(h)) FROM accounts;
SELECT is(verdict(kind, value), 'a good value', format('as sent: %s, %s is received', kind, what)) FROM originals ORDER BY kind, what;

CREATE TABLE damages AS
SELECT kind, what, 'byte' AS damage, set_byte(value, at, byte) AS value FROM originals, generate_series(0, length(value) - 1) at,
    LATERAL (SELECT DISTINCT byte FROM unnest(ARRAY[get_byte(value, at) # 1, get_byte(value, at) # 128, 0, 255]) byte WHERE byte <> get_byte(value, at)) b
UNION ALL SELECT kind, what, 'truncated', substr(value, 1, at) FROM originals, generate_series(0, length(value) - 1) at
UNION ALL SELECT kind, what, 'longer', value || substr(value, 1, at) FROM originals, generate_series(1, 40) at;
CREATE TABLE verdicts AS SELECT kind, what, damage, verdict(kind, value) FROM damages;
SELECT is_empty(format($$ SELECT what, damage, verdict, count(*) FROM verdicts WHERE kind = %L AND verdict <> 'a good value' AND verdict !~ '^22' GROUP BY 1, 2, 3 LIMIT 5 $$, kind), 'damaged ' || kind || ': refused, or a value that holds') FROM (SELECT DISTINCT kind FROM originals) x ORDER BY kind;
SELECT is_empty(format($$ SELECT what, damage, count(*) FROM verdicts WHERE kind = %L AND damage <> 'byte' AND verdict = 'a good value' GROUP BY 1, 2 $$, kind), 'shorter and longer ' || kind || ': refused, every one') FROM (SELECT DISTINCT kind FROM originals) x ORDER BY kind;
SELECT cmp_ok((SELECT count(*) FROM verdicts WHERE kind = k AND verdict ~ '^22P03'), '>', 100::bigint, 'most damages of ' || k || ' are seen') FROM (SELECT DISTINCT kind FROM originals) x (k) ORDER BY k;
-- The same for characters of the text forms: one replaced or left out.
CREATE FUNCTION text_verdict(kind text, value text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    again text;
BEGIN
    EXECUTE format('SELECT v::text::%1$s::text FROM (SELECT $1::%1$s AS v) x', kind) INTO again USING value;
    EXECUTE format('SELECT ($1::%1$s)::text', kind) INTO value USING value;
    RETURN CASE WHEN again = value THEN 'a good value' ELSE 'accepted, but does not go round' END;
EXCEPTION WHEN OTHERS THEN
    RETURN sqlstate;
END $$;
CREATE TABLE texts (kind text, value text);
INSERT INTO texts SELECT 'revenue_history', h::text FROM accounts;
INSERT INTO texts SELECT 'cohort_matrix', (cohort_agg(h, '2024-01-01', '2024-04-01', '1 month'))::text FROM accounts;
INSERT INTO texts SELECT 'bridge_state', fold(h)::text FROM accounts;
CREATE TABLE text_verdicts AS
SELECT kind, damage, text_verdict(kind, damaged) AS verdict FROM texts, generate_series(1, length(value)) at, (VALUES (''), ('0'), ('7'), ('-'), ('"'), (',')) d (damage),
    LATERAL (SELECT overlay(value PLACING damage FROM at FOR 1) AS damaged) x;
SELECT is_empty(format($$ SELECT verdict, count(*) FROM text_verdicts WHERE kind = %L AND verdict <> 'a good value' AND verdict !~ '^22' GROUP BY 1 $$, kind), 'damaged text of ' || kind || ': refused, or a value that holds') FROM (SELECT DISTINCT kind FROM texts) x ORDER BY kind;
SELECT cmp_ok((SELECT count(*) FROM text_verdicts WHERE kind = k AND verdict ~ '^22'), '>', 300::bigint, 'most damages of the text of ' || k || ' are seen') FROM (SELECT DISTINCT kind FROM texts) x (k) ORDER BY k;
\set remove 'cat > /dev/null; rm -f "' :file '"'
COPY (SELECT) TO PROGRAM :'remove';

SELECT * FROM finish();
ROLLBACK;
