\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- Damaged values: each byte of a binary value changed, each truncation, each extension; the same for characters of the text form.
-- Whatever comes in is refused with an SQLSTATE of class 22, or is a value that the validator passed: one that every accessor
-- answers for and that goes round through text and binary unchanged.
SELECT plan(26);
SET LOCAL log_min_messages = panic;

-- The file is in memory where the system has such a directory: there are thousands of writes.
SELECT coalesce((SELECT '/dev/shm' FROM pg_stat_file('/dev/shm', true) WHERE isdir), current_setting('data_directory')) || '/csm_metrics_retention_corrupt.' || pg_backend_pid() AS file \gset
SELECT set_config('csm_metrics_test.file', :'file', true) AS file \gset
CREATE TABLE received (r retention_summary);
CREATE TABLE received_sums (r retention_sums);

-- Asks a value everything, and takes it round; an error comes out.
CREATE FUNCTION questions(r retention_summary) RETURNS bool LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ndr(r), grr(r), logo_churn(r), logo_retention(r), revenue_churn(r), revenue_churn_without_contraction(r), net_revenue_churn(r), net_churn_with_reactivation(r), quick_ratio(r),
            quick_ratio_without_reactivation(r), growth(r), starting(r), ending(r), ending_existing(r), retained(r), new_business(r), reactivation(r), expansion(r), contraction(r), churned(r), net_new(r),
            arpa_starting(r), arpa_ending(r), accounts_starting(r), accounts_ending(r), accounts_new(r), accounts_reactivated(r), accounts_expanded(r), accounts_contracted(r), accounts_churned(r),
            accounts_retained(r), period(r), currency(r), ndr_interval(r, 0.95), grr_interval(r, 0.95), logo_churn_interval(r, 0.95), top_share(r, 3), hhi(r), ndr_without_top(r, 3),
            quota_attainment(r, 1.1), quota_growth_attainment(r, 1.1), quota_gap(r, 1.1), csm_retention_summary_hash(r);
    IF period(r) IS NOT NULL THEN
        PERFORM bridge(ARRAY[r]), chained_ndr(ARRAY[r]), chained_grr(ARRAY[r]), flow_ndr(ARRAY[r]), mean_ndr(ARRAY[r]), weighted_ndr(ARRAY[r]);
    END IF;
    RETURN (r::text)::retention_summary = r AND (r::text)::retention_summary::text = r::text AND r::jsonb IS NOT NULL
        AND starting(r) + new_business(r) + reactivation(r) + expansion(r) - contraction(r) - churned(r) = ending(r)
        AND accounts_starting(r) + accounts_new(r) + accounts_reactivated(r) - accounts_churned(r) = accounts_ending(r)
        AND least(starting(r), ending(r), retained(r), new_business(r), reactivation(r), expansion(r), contraction(r), churned(r)) >= 0
        AND least(accounts_starting(r), accounts_ending(r), accounts_new(r), accounts_reactivated(r), accounts_expanded(r), accounts_contracted(r), accounts_churned(r), accounts_retained(r)) >= 0
        AND (ndr(r) IS NULL) = (starting(r) = 0) AND coalesce(grr(r), 0) BETWEEN 0 AND 1 AND coalesce(logo_churn(r), 0) BETWEEN 0 AND 1 AND coalesce(hhi(r), 0.5) BETWEEN 0 AND 1;
END $$;

-- What a damaged value comes to: an SQLSTATE, 'a good value', or what is wrong.
CREATE FUNCTION verdict(value bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text := receive(value, 'received');
    r retention_summary;
BEGIN
    IF state <> '00000' THEN
        RETURN state;
    END IF;
    SELECT received.r INTO r FROM received;
    IF csm_retention_summary_send(r) <> value THEN
        RETURN 'other bits than were sent: ' || encode(value, 'hex');
    END IF;
    IF questions(r) IS NOT TRUE THEN
        RETURN 'accepted, but does not hold together: ' || r::text;
    END IF;
    RETURN 'a good value';
EXCEPTION WHEN OTHERS THEN
    RETURN format('accepted, but cannot be asked: %s %s %s', sqlstate, sqlerrm, encode(value, 'hex'));
END $$;

CREATE TABLE originals (what text, value bytea, r retention_summary);
INSERT INTO originals SELECT what, csm_retention_summary_send(r), r FROM (VALUES
    ('no account that counts', (SELECT retention_agg(0, 0.00))),
    ('three accounts with period and currency', (SELECT retention_agg(s, e, daterange('2024-01-01', '2025-01-01'), 'EUR') FROM (VALUES (10, 0), (20, 30.25), (0, 5)) v (s, e))),
    ('thirty accounts of every movement', (SELECT retention_agg(i % 7, i * i % 11 / 4.0, i % 2 = 0, daterange('2023-05-01', '2023-06-01')) FROM generate_series(1, 30) i)),
    ('38 digits', (SELECT retention_agg(s, e) FROM (VALUES (99999999999999999999999999999999999998, 99999999999999999999999999999999999997), (1, 2)) v (s, e)))
) v (what, r);
SELECT is(verdict(value), 'a good value', 'as sent: ' || what || ' is received') FROM originals ORDER BY length(value), what;

CREATE TABLE damages AS
SELECT what, 'byte' AS damage, at, set_byte(value, at, byte) AS value FROM originals, generate_series(0, length(value) - 1) at,
    LATERAL (SELECT DISTINCT byte FROM unnest(ARRAY[get_byte(value, at) # 1, get_byte(value, at) # 128, 0, 255]) byte WHERE byte <> get_byte(value, at)) b
UNION ALL SELECT what, 'truncation', at, substr(value, 1, at) FROM originals, generate_series(0, length(value) - 1) at WHERE what ~ '^three'
UNION ALL SELECT what, 'extension', at, value || decode(repeat('00', at), 'hex') FROM originals, generate_series(1, 8) at
UNION ALL SELECT what, 'extension', at, value || decode(repeat('ff', at), 'hex') FROM originals, generate_series(1, 8) at
UNION ALL SELECT what, 'extension', 0, value || value FROM originals;
CREATE TABLE verdicts AS SELECT *, verdict(value) AS verdict FROM damages;
SELECT cmp_ok((SELECT count(*) FROM verdicts), '>', 4000::bigint, 'more than four thousand damaged binary values were tried');
SELECT is((SELECT string_agg(DISTINCT left(verdict, 400), E'\n') FROM verdicts WHERE what = o.what AND damage = 'byte' AND verdict !~ '^22...$' AND verdict <> 'a good value'), NULL,
          'each byte changed: refused with class 22 or a good value, from ' || what) FROM originals o ORDER BY length(value), what;
SELECT is((SELECT string_agg(DISTINCT left(verdict, 400), E'\n') FROM verdicts WHERE what = o.what AND damage = 'truncation' AND verdict <> '22P03'), NULL,
          'each truncation: refused with 22P03, from ' || what) FROM originals o WHERE what ~ '^three' ORDER BY length(value), what;
SELECT is((SELECT string_agg(DISTINCT left(verdict, 400), E'\n') FROM verdicts WHERE what = o.what AND damage = 'extension' AND verdict <> '22P03'), NULL,
          'each extension: refused with 22P03, from ' || what) FROM originals o ORDER BY length(value), what;
SELECT is((SELECT string_agg(DISTINCT left(verdict, 400), E'\n') FROM verdicts WHERE at = 0 AND damage = 'byte' AND verdict <> '22P03'), NULL, 'the version byte changed: refused with 22P03');
SELECT cmp_ok((SELECT count(*) FILTER (WHERE verdict = '22P03') FROM verdicts WHERE damage = 'byte'), '>', (SELECT count(*) * 3 / 4 FROM verdicts WHERE damage = 'byte'),
              'more than three of four changed bytes are noticed');

-- Random bytes, and sizes that lie.
SELECT is((SELECT string_agg(DISTINCT left(v, 400), E'\n') FROM (SELECT verdict(decode(string_agg(md5(seed || '/' || j), ''), 'hex')) AS v FROM generate_series(1, 150) seed, generate_series(1, 1 + seed % 40) j GROUP BY seed) x
           WHERE v <> '22P03'), NULL, 'bytes drawn at random: refused with 22P03');
SELECT is((SELECT string_agg(DISTINCT left(v, 400), E'\n') FROM (SELECT verdict(set_byte('\x01'::bytea || decode(string_agg(md5(seed || '/' || j), ''), 'hex'), 3, seed % 12)) AS v FROM generate_series(1, 150) seed, generate_series(1, 20) j GROUP BY seed) x
           WHERE v <> '22P03'), NULL, 'bytes drawn at random behind a good version: refused with 22P03');

-- The light state of the aggregates that return a number is a type as well.
CREATE FUNCTION sums_verdict(value bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text := receive(value, 'received_sums');
    r retention_sums;
BEGIN
    IF state <> '00000' THEN
        RETURN state;
    END IF;
    SELECT received_sums.r INTO r FROM received_sums;
    IF csm_retention_sums_send(r) <> value OR (r::text)::retention_sums::text <> r::text OR csm_retention_sums_send((r::text)::retention_sums) <> value THEN
        RETURN 'other bits than were sent: ' || encode(value, 'hex');
    END IF;
    PERFORM csm_ndr_final(r), csm_grr_final(r), csm_logo_churn_final(r), csm_revenue_churn_final(r), csm_quick_ratio_final(r), csm_sums_combine(r, csm_sums_accum(NULL, 0, 0));
    RETURN CASE WHEN coalesce(csm_grr_final(r), 0) BETWEEN 0 AND 1 AND coalesce(csm_logo_churn_final(r), 0) BETWEEN 0 AND 1 THEN 'a good value' ELSE 'does not hold together: ' || r::text END;
EXCEPTION WHEN OTHERS THEN
    RETURN format('accepted, but cannot be asked: %s %s %s', sqlstate, sqlerrm, encode(value, 'hex'));
END $$;
CREATE TABLE sums_originals AS
SELECT what, csm_retention_sums_send(r) AS value FROM (VALUES ('three accounts', csm_sums_accum(csm_sums_accum(csm_sums_accum(NULL, 10, 0), 20.25, 30), 0, 5)),
    ('flags', csm_churned_accum(csm_churned_accum(NULL, true), false))) v (what, r);
SELECT is(sums_verdict(value), 'a good value', 'retention_sums as sent: ' || what) FROM sums_originals ORDER BY what;
SELECT is((SELECT string_agg(DISTINCT left(v, 400), E'\n') FROM (
               SELECT sums_verdict(set_byte(value, at, (get_byte(value, at) # flip))) AS v FROM sums_originals, generate_series(0, length(value) - 1) at, unnest('{1,128,255}'::int[]) flip) x
           WHERE v !~ '^22...$' AND v <> 'a good value'), NULL, 'retention_sums, each byte changed: refused with class 22 or a good value');
SELECT is((SELECT string_agg(DISTINCT left(v, 400), E'\n') FROM (
               SELECT sums_verdict(substr(value, 1, at)) AS v FROM sums_originals, generate_series(0, length(value) - 1) at UNION SELECT sums_verdict(value || '\x00') FROM sums_originals) x
           WHERE v <> '22P03'), NULL, 'retention_sums, each truncation and an extension: refused with 22P03');
SELECT is(csm_retention_sums_send(a.r), a.bits, 'retention_sums: a transition called by hand leaves its argument alone')
FROM (SELECT r, csm_retention_sums_send(r) AS bits FROM csm_sums_accum(NULL, 10, 7.5) r) a, LATERAL (SELECT csm_sums_accum(a.r, 5, 5.25), csm_sums_combine(a.r, a.r)) b WHERE b IS NOT NULL;
SELECT refused($$ SELECT (retention_agg(0, 1)::jsonb || '{"accounts_new": 5000000000000000000, "new": "5000000000000000000"}')::retention_summary
                       + (retention_agg(0, 1, true)::jsonb || '{"accounts_reactivated": 5000000000000000000, "reactivation": "5000000000000000000"}')::retention_summary $$,
               '22003', 'too many accounts', 'more accounts in all than 64 bits count do not add up to a value that could not be read back');
SELECT refused(format('SELECT csm_sums_combine(%s, %s)', a, b), '22023', 'without their amounts', 'retention_sums: ' || what)
FROM (VALUES ('csm_churned_accum(NULL, true)', 'csm_sums_accum(NULL, 0.5, 7)', 'counts and amounts do not make a sum that could be read back'),
             ('csm_sums_accum(NULL, 0.5, 7)', 'csm_churned_accum(NULL, true)', 'nor do amounts and counts')) v (a, b, what);
\set remove 'cat > /dev/null; rm -f "' :file '"'
COPY (SELECT) TO PROGRAM :'remove';

SELECT * FROM finish();
ROLLBACK;
