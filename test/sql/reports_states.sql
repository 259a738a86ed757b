\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The views of examples/bi_views.sql in every state: without a row, loaded but not reported, after one day, without managers, with one account; what they hold,
-- against each other and against the raw rows; replicated and foreign rows.
SELECT plan(54);
\set reports :tests '/../examples/scheduled_reports.sql'
\set views :tests '/../examples/bi_views.sql'
CREATE SCHEMA reports;
SET LOCAL search_path = reports, public;
\o /dev/null
\i :reports
\i :views
\o
CREATE FUNCTION states() RETURNS TABLE (view text, n bigint, error text) LANGUAGE plpgsql AS $$
BEGIN
    FOR view IN SELECT table_name FROM information_schema.views WHERE table_schema = 'bi' ORDER BY 1 LOOP
        error := NULL;
        BEGIN
            EXECUTE format('SELECT count(*) FROM (SELECT * FROM bi.%I OFFSET 0) x WHERE x IS DISTINCT FROM NULL', view) INTO n;
        EXCEPTION WHEN OTHERS THEN error := sqlstate || ' ' || sqlerrm;
        END;
        RETURN NEXT;
    END LOOP;
END $$;
SELECT cmp_ok((SELECT count(*) FROM states()), '>=', 18::bigint, 'there are views');
SELECT is_empty('SELECT * FROM states() WHERE error IS NOT NULL', 'without a row none fails');
SELECT results_eq('SELECT view, n FROM states() WHERE n > 0', $$ VALUES ('status', 1::bigint) $$, '... and the status has one row');
SELECT results_eq('SELECT reported_until, accounts, notes_waiting, histories_stale FROM bi.status', 'VALUES (NULL::date, 0::bigint, 0::bigint, false)', '... which says that nothing is there');
SELECT is_empty($$ SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'bi' AND coalesce(col_description(to_regclass('bi.' || table_name), ordinal_position), '') = '' $$, 'every column has a comment');
SELECT is_empty($$ SELECT table_name FROM information_schema.views WHERE table_schema = 'bi' AND obj_description(to_regclass('bi.' || table_name)) IS NULL $$, 'every view has one');
SELECT is((SELECT count(*) FROM information_schema.columns WHERE table_schema = 'bi' AND table_name IN ('bridge_month', 'trailing_year', 'retention', 'bridge_segment_month', 'bridge_step') AND column_name = 'day' AND data_type = 'date'), 5::bigint, 'a column to plot by');

-- One account, without a manager, loaded but not reported
INSERT INTO account VALUES (1, 'a "name" <script>', NULL);
INSERT INTO subscription VALUES (1, 'core', '[2024-01-15,)', 12000.50);
SELECT is_empty('SELECT * FROM states() WHERE error IS NOT NULL', 'loaded but not reported: none fails');
SELECT results_eq('SELECT view FROM states() WHERE n > 0', $$ VALUES ('status'::text) $$, '... nor has rows');
SELECT results_eq('SELECT reported_until, notes_waiting, rows_noted, histories_stale FROM bi.status', 'VALUES (NULL::date, 1::bigint, true, false)', '... and a note is waiting');
SELECT nightly_report('2025-02-11') AS n \gset
SELECT is_empty('SELECT * FROM states() WHERE error IS NOT NULL', 'one account, one day: none fails');
SELECT results_eq('SELECT reported_until, notes_waiting, accounts FROM bi.status', $$ VALUES (date '2025-02-10', 0::bigint, 1::bigint) $$, '... reported until the day before');
SELECT results_eq('SELECT csm, accounts, arr, load, arr_covered FROM bi.book', 'VALUES (NULL::text, 1::bigint, 12000.50, NULL::numeric, 0.00)', 'nobody''s accounts are a row of the books');
SELECT results_eq($$ SELECT ending FROM bi.bridge_month WHERE day = '2025-01-31' $$, '{12000.50}'::numeric[], 'the last whole month');

-- A company
INSERT INTO account SELECT i, 'Account ' || i, CASE WHEN i % 3 > 0 THEN 'csm ' || i % 4 END FROM generate_series(2, 120) i;
CREATE FUNCTION draw(i int, what text, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || substr(md5(what || i), 1, 7))::bit(28)::int % below $$;
INSERT INTO subscription SELECT i, p, daterange(date '2023-01-01' + draw(i, p, 700), CASE WHEN draw(i, p || 'end', 3) > 0 THEN date '2023-01-01' + draw(i, p, 700) + draw(i, p || 'days', 600) END), round((1000 + draw(i, p || 'amount', 300000))::numeric / 4, 2)
FROM generate_series(2, 120) i, unnest('{core,extra}'::text[]) p;
INSERT INTO usage_event SELECT account_id, 'user ' || account_id, timestamptz '2025-01-02 09:00Z' + account_id * interval '1 hour' + k * interval '1 day', (ARRAY['signup', 'invite', 'connect', 'report'])[k] FROM account, generate_series(1, 1 + account_id::int % 4) k;
SELECT nightly_report('2025-02-12') AS n \gset
SELECT is_empty('SELECT * FROM states() WHERE error IS NOT NULL OR n = 0', 'a company: every view has rows');
-- The waterfall
SELECT is_empty($$ SELECT span, day FROM bi.bridge_step GROUP BY 1, 2 HAVING sum(amount) FILTER (WHERE position < 7) <> sum(amount) FILTER (WHERE position = 7) OR count(*) <> 7 $$, 'the steps of a bridge add up to its end');
SELECT is_empty($$ SELECT day FROM bi.bridge_step s JOIN bi.bridge_month b USING (day) WHERE span = 'month' AND amount <> CASE step WHEN 'starting' THEN starting WHEN 'new business' THEN new_business WHEN 'reactivation' THEN reactivation WHEN 'expansion' THEN expansion WHEN 'contraction' THEN -contraction WHEN 'churned' THEN -churned ELSE ending END $$, '... and are those of the bridge');
SELECT is_empty($$ SELECT day, position FROM (SELECT *, lag(CASE WHEN is_total OR amount >= 0 THEN bar_high ELSE bar_low END) OVER w AS before FROM bi.bridge_step WHERE span = 'month' WINDOW w AS (PARTITION BY day ORDER BY position)) x
    WHERE NOT is_total AND before <> CASE WHEN amount >= 0 THEN bar_low ELSE bar_high END $$, '... each bar starts where the one before ended');
-- By segment: transfers, to the cent
SELECT results_eq('SELECT day, sum(starting), sum(new_business), sum(reactivation), sum(churned), sum(ending) FROM bi.bridge_segment_month GROUP BY 1 HAVING sum(starting) + sum(ending) > 0 ORDER BY 1', 'SELECT day, starting, new_business, reactivation, churned, ending FROM bi.bridge_month WHERE starting + ending > 0 ORDER BY 1', 'segments add up to the bridge');
SELECT is_empty('SELECT day FROM bi.bridge_segment_month GROUP BY 1 HAVING sum(transfer_in) <> sum(transfer_out) OR sum(accounts_in) <> sum(accounts_out)', 'what moves out moves in');
SELECT is_empty('SELECT day, segment FROM bi.bridge_segment_month WHERE starting + new_business + reactivation + expansion - contraction - churned + transfer_in - transfer_out <> ending', 'each line adds up');
SELECT isnt_empty('SELECT day FROM bi.bridge_segment_month WHERE transfer_in > 0', 'something moved');
SELECT is((SELECT count(*) FROM bi.bridge_segment_month WHERE day = '2025-01-31' AND starting = (SELECT sum(amount) FROM (SELECT sum(amount) AS amount FROM subscription WHERE valid @> date '2024-12-31' GROUP BY account_id) x WHERE segment_of(amount, segment_scheme('enterprise'))::text ~ segment)), (SELECT count(*) FROM bi.bridge_segment_month WHERE day = '2025-01-31'), 'a segment starts with who was in it');
-- Survival
SELECT is((SELECT survival FROM bi.survival WHERE age = 12), (SELECT round(survival(survival_agg(history, from_date, to_date, '1 month'), 12), 10) FROM account_history, bi_bound), 'survival');
SELECT is((SELECT sum(churned) FROM bi.survival_segment), (SELECT sum(churned) FROM bi.survival), '... by segment as many leave');
SELECT is_empty('SELECT segment FROM bi.survival_segment GROUP BY segment HAVING count(*) <> max(age) + 1', '... a row for every age');
SELECT is_empty('SELECT s.age FROM bi.survival s JOIN bi.survival t ON t.age = s.age - 1 WHERE t.age > 0 AND s.at_risk > t.at_risk - t.churned + s.entered', '... at risk are at most those who stayed');
-- The books
SELECT is((SELECT sum(accounts) FROM bi.book), (SELECT accounts::numeric FROM bi.coverage), 'the books hold all accounts, with nobody''s');
SELECT is((SELECT sum(arr) FROM bi.book), (SELECT arr FROM bi.coverage), '... and all revenue');
-- Amounts as fine as the rows
SELECT is((SELECT max(scale(ending)) FROM bi.bridge_month), 2, 'amounts have the places of the rows');

-- The funnel
SELECT results_eq($$ SELECT position, step, sum(reached), sum(arr) FROM bi.funnel GROUP BY 1, 2 ORDER BY 1 $$, $$ SELECT k::bigint, (ARRAY['signup', 'invite', 'connect', 'report'])[k], count(*)::numeric, sum(arr) FROM bi.account, generate_series(1, 4) k WHERE arr > 0 AND k <= 1 + account_id::int % 4 GROUP BY 1, 2 ORDER BY 1 $$, 'the funnel by plain SQL, in accounts and revenue');

-- A tool that may see bi and nothing else
CREATE ROLE csm_metrics_tool;
GRANT USAGE ON SCHEMA bi TO csm_metrics_tool;
GRANT SELECT ON ALL TABLES IN SCHEMA bi TO csm_metrics_tool;
SET LOCAL ROLE csm_metrics_tool;
SET LOCAL search_path = pg_catalog;
SELECT reported_until AS until, histories_stale AS stale FROM bi.status \gset
RESET ROLE;
SET LOCAL search_path = reports, public;
SELECT is(:'until' || ' ' || :'stale', '2025-02-11 f', 'the status by a role that sees bi alone');

-- Rows that come past the triggers are seen to be missing; row triggers that are ENABLE ALWAYS note them
SET LOCAL session_replication_role = replica;
UPDATE subscription SET amount = amount + 1 WHERE account_id = 5;
SET LOCAL session_replication_role = origin;
SELECT is((SELECT histories_stale FROM bi.status), true, 'replicated rows without a trigger: stale');
SELECT count(*) AS n FROM (SELECT rebuild_histories()) x \gset
SELECT is((SELECT histories_stale FROM bi.status), false, '... until they are rebuilt');
CREATE OR REPLACE FUNCTION rows_come_from() RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'replication'::text $$;
SELECT is(note_changes(), 'replication', 'triggers by row, for a replicated table');
SET LOCAL session_replication_role = replica;
UPDATE subscription SET amount = amount + 1, account_id = 6 WHERE account_id = 5;
DELETE FROM subscription WHERE account_id = 7;
INSERT INTO subscription VALUES (8, 'late', '[2024-03-01,2024-09-01)', 777), (8, 'nothing', 'empty', 1);
SET LOCAL session_replication_role = origin;
SELECT results_eq('SELECT rows_noted, histories_stale, notes_waiting > 0 FROM bi.status', 'VALUES (true, false, true)', '... replicated rows are noted');
SELECT nightly_report('2025-02-13') AS n \gset
SELECT is_empty('SELECT * FROM history_difference', '... and the night adds them up');
CREATE OR REPLACE FUNCTION rows_come_from() RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'elsewhere'::text $$;
SELECT note_changes() AS n \gset
INSERT INTO subscription VALUES (9, 'foreign', '[2024-03-01,2024-09-01)', 888);
SELECT results_eq('SELECT rows_noted, histories_stale FROM bi.status', 'VALUES (false, true)', 'foreign rows: stale, and said so');
SELECT nightly_report('2025-02-14') AS n \gset
SELECT is((SELECT histories_stale FROM bi.status), false, '... until the night rebuilds them');

-- Accounts that the table account does not know, and managers that are blank
INSERT INTO account VALUES (902, 'Blank', ' '), (903, 'Empty', '');
INSERT INTO subscription VALUES (901, 'core', '[2024-03-01,)', 5000), (902, 'core', '[2024-03-01,)', 70), (903, 'core', '[2024-03-01,)', 7);
SELECT nightly_report('2025-02-15') AS n \gset
SELECT results_eq('SELECT account, csm FROM bi.account WHERE account_id > 900 ORDER BY 1', $$ VALUES ('901', NULL::text), ('Blank', NULL), ('Empty', NULL) $$, 'an account that is not known has its key for a name; a blank manager is nobody');
SELECT is((SELECT sum(amount) FROM subscription WHERE valid @> date '2025-02-14'), (SELECT sum(arr) FROM bi.account), 'accounts add up to the raw rows');
SELECT results_eq('SELECT sum(arr), sum(accounts) FROM bi.book', 'SELECT sum(arr), count(*)::numeric FROM bi.account WHERE arr > 0', '... so do books');
SELECT is_empty('SELECT day, net_new FROM bi.bridge_month b WHERE net_new <> (SELECT coalesce(sum(change), 0) FROM bi.movement m WHERE m.period_start = b.period_start)', '... and movements to the bridge of each month');

-- Rows that can have no history: refused where they are written here, followed by a warning where they are replicated, and mended afterwards
CREATE OR REPLACE FUNCTION rows_come_from() RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'here'::text $$;
SELECT note_changes() AS n \gset
SELECT throws_ok($$ INSERT INTO subscription VALUES (905, 'core', '[2024-03-01,)', 'NaN') $$, '22023', NULL, 'a row without a possible history is refused');
CREATE OR REPLACE FUNCTION rows_come_from() RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'replication'::text $$;
SELECT note_changes() AS n \gset
SET LOCAL session_replication_role = replica;
SET LOCAL client_min_messages = error;
SELECT lives_ok($$ INSERT INTO subscription VALUES (905, 'core', '[2024-03-01,)', 'NaN'), (905, 'since ever', '(,2025-01-01)', 10), (905, 'good', '[2024-03-01,)', 33) $$, '... but not where it is replicated');
SET LOCAL session_replication_role = origin;
SELECT is((SELECT nightly_report('2025-02-16')), date '2025-02-15', '... the night goes on with the others');
SELECT is((SELECT arr FROM bi.account WHERE account_id = 905), 33.00, '... and counts them');
SELECT is((SELECT histories_stale FROM bi.status), true, '... and says that the histories do not hold all rows');
SELECT is_empty('SELECT * FROM states() WHERE error IS NOT NULL', '... no view fails');
SELECT results_eq($$ SELECT problem FROM check_subscriptions('subscription', 'account_id', 'valid', 'amount') WHERE example LIKE '905%' ORDER BY 1 $$, $$ VALUES ('impossible amount'), ('missing start') $$, '... the checks name the rows');
SET LOCAL session_replication_role = replica;
UPDATE subscription SET amount = 500 WHERE amount = 'NaN';
DELETE FROM subscription WHERE product = 'since ever';
SET LOCAL session_replication_role = origin;
SELECT nightly_report('2025-02-17') AS n \gset
SELECT results_eq('SELECT histories_stale, (SELECT arr FROM bi.account WHERE account_id = 905) FROM bi.status', 'VALUES (false, 533.00)', 'mended rows count, and nothing is stale');
-- the same where they are written here, of rows from before the triggers
CREATE OR REPLACE FUNCTION rows_come_from() RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'here'::text $$;
SET LOCAL session_replication_role = replica;
INSERT INTO subscription VALUES (906, 'core', '[2024-03-01,)', 'NaN'), (906, 'more', '[2024-03-01,)', 'Infinity');
SET LOCAL session_replication_role = origin;
SELECT note_changes() AS n \gset
UPDATE subscription SET amount = 1 WHERE account_id = 906 AND amount = 'NaN';
DELETE FROM subscription WHERE amount = 'Infinity';
SELECT nightly_report('2025-02-18') AS n \gset
SELECT results_eq('SELECT histories_stale, (SELECT arr FROM bi.account WHERE account_id = 906) FROM bi.status', 'VALUES (false, 1.00)', 'rows from before the triggers can be mended');
TRUNCATE subscription;
SELECT is((SELECT histories_stale FROM bi.status), false, 'TRUNCATE is noted');
SELECT nightly_report('2025-02-19') AS n \gset
SELECT is((SELECT count(*) FROM bi.account), 0::bigint, '... and nothing is left');
SELECT * FROM finish();
ROLLBACK;
