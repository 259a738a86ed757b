\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- examples/scheduled_reports.sql and bi_views.sql: whatever is written in between, and however often the nightly run comes,
-- what is stored is what plain SQL makes of the raw rows. By a real pg_cron: test/system/cron.sh; by drivers: drivers.sh.
SELECT plan(57);
\set reports :tests '/../examples/scheduled_reports.sql'
\set views :tests '/../examples/bi_views.sql'
\set plain :tests '/include/plain_report.sql'
CREATE SCHEMA reports;
SET LOCAL search_path = reports, public;
-- rows that are there before the example is loaded
CREATE TABLE account (account_id bigint PRIMARY KEY, name text NOT NULL, csm text);
CREATE TABLE subscription (account_id bigint NOT NULL, product text NOT NULL, valid daterange NOT NULL, amount numeric NOT NULL);
INSERT INTO account SELECT i, 'Account ' || i, CASE WHEN i % 3 > 0 THEN 'csm ' || i % 4 END FROM generate_series(1, 120) i;
CREATE FUNCTION draw(i int, what text, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || substr(md5(what || i), 1, 7))::bit(28)::int % below $$;
CREATE FUNCTION rows_of(first int, last int) RETURNS SETOF subscription LANGUAGE sql AS $$
    SELECT i, p, daterange(date '2023-01-01' + draw(i, p, 700), CASE WHEN draw(i, p || 'end', 3) > 0 THEN date '2023-01-01' + draw(i, p, 700) + draw(i, p || 'days', 600) END),
           (1000 + draw(i, p || 'amount', 300000))::numeric / 4
    FROM generate_series(first, last) i, unnest('{core,extra}'::text[]) p
$$;
INSERT INTO subscription SELECT * FROM rows_of(1, 80);
\o /dev/null
\i :reports
\o
\i :plain
CREATE FUNCTION contents() RETURNS text LANGUAGE sql AS $$
    SELECT md5(string_agg(x, e'\n' ORDER BY x COLLATE "C")) FROM (SELECT account_id || ' ' || history AS x FROM account_history UNION ALL SELECT concat_ws(' ', day, span, segment, summary) FROM retention_day) y
$$;

-- The first fill, the first nights.
SELECT is(wrong_amounts('2022-12-01', '2026-01-01'), 0::bigint, 'the first fill holds what the raw rows add up to');
SELECT is((SELECT count(*) FROM history_change), 0::bigint, 'and leaves nothing to be noted');
SELECT is(nightly_report('2025-03-02'), '2025-03-01'::date, 'the first night reports yesterday');
SELECT is((SELECT count(DISTINCT day) FROM retention_day), 1::bigint, 'and no other day');
SELECT is(wrong_lines('2025-03-01', '2025-03-01'), 0::bigint, 'as plain SQL does');
SELECT is((SELECT min(n) > 0 AND count(*) = 6 AND sum(lost) > 3 AND sum(won) > 0 FROM stored_report), true, 'there is something in each segment and span');
SELECT contents() AS once \gset
SELECT nightly_report('2025-03-02') AS again \gset
SELECT is(contents(), :'once', 'running twice gives the same');

CREATE TABLE first_day AS TABLE retention_day;

-- New rows, rows that change, rows that go; the night after next.
INSERT INTO subscription SELECT * FROM rows_of(81, 110);
UPDATE subscription SET amount = amount * 1.1 WHERE account_id % 7 = 0;
UPDATE subscription SET valid = daterange(lower(valid), '2025-03-03') WHERE account_id % 11 = 0 AND upper_inf(valid);
UPDATE subscription SET account_id = 120 WHERE account_id = 3;
DELETE FROM subscription WHERE account_id % 13 = 0;
INSERT INTO subscription VALUES (5, 'nothing', 'empty', 1e9);
-- a day of the past, long since reported
INSERT INTO subscription VALUES (1, 'late', '[2024-01-10,2024-12-20)', 77000.25);
SELECT cmp_ok((SELECT count(*) FROM history_change), '<=', 120::bigint, 'notes are a row an account and statement');
SELECT nightly_report('2025-03-05') AS late \gset
SELECT is(:'late'::date, '2025-03-04'::date, 'a missed night is made up for');
SELECT contents() AS once \gset
SELECT nightly_report('2025-03-05') AS again \gset
SELECT is(contents(), :'once', 'running twice gives the same where there was something to add');
SELECT is(wrong_amounts('2022-12-01', '2026-01-01'), 0::bigint, 'histories follow inserts, updates of amounts, ends and accounts, deletes, late rows');
SELECT is(wrong_lines('2025-03-02', '2025-03-04'), 0::bigint, 'the days of all three nights are reported as plain SQL does');
SELECT cmp_ok(wrong_lines('2025-03-01', '2025-03-01'), '>', 0::bigint, 'the past day differs from what is known now');
SELECT bag_eq($$ SELECT * FROM retention_day WHERE day = '2025-03-01' $$, 'TABLE first_day', 'and is as it was reported');
SELECT is((SELECT write_report('2025-03-01', '2025-03-01')), 1::bigint, 'until it is asked to be written anew');
SELECT is(wrong_lines('2025-03-01', '2025-03-04'), 0::bigint, 'and then is as plain SQL does');
SELECT is((SELECT write_report('2025-02-10', '2025-02-27')), 18::bigint, 'days before the first one are filled');
SELECT is(wrong_lines('2025-02-10', '2025-02-27'), 0::bigint, 'as plain SQL does');
SELECT is((SELECT count(*) FROM stored_report WHERE day = '2025-02-28'), 0::bigint, 'days that were not asked for are not');
SELECT is((SELECT write_report('2025-03-04', '2025-03-03')), 0::bigint, 'an empty range of days is none');
SELECT nightly_report('2025-03-01') AS back \gset
SELECT is(:'back'::date, '2025-03-04'::date, 'a clock that went back does no harm');

-- The same rows, night by night or all at once: one state. An account without rows has a history of 0, or none.
CREATE TABLE history_by_night AS SELECT * FROM account_history WHERE first_active(history) IS NOT NULL;
CREATE TABLE day_by_night AS TABLE retention_day;
SELECT count(*) AS n FROM (SELECT rebuild_histories()) x \gset
SELECT bag_eq('TABLE account_history', 'TABLE history_by_night', 'kept up or rebuilt: equal histories');
DELETE FROM retention_day;
SELECT write_report('2025-02-10', '2025-02-27'), write_report('2025-03-01', '2025-03-04') \gset w
SELECT bag_eq('TABLE retention_day', 'TABLE day_by_night', 'night by night or all at once: equal summaries');

-- Rollups are those of one pass over all accounts.
SELECT results_eq($$ SELECT day, span, rollup(summary)::text FROM retention_day GROUP BY day, span ORDER BY 1, 2 $$,
                  $$ SELECT d.day, span, retention_agg(history, from_date, to_date)::text FROM (SELECT DISTINCT day FROM retention_day) d, report_span(day), account_history GROUP BY 1, 2 ORDER BY 1, 2 $$, 'segments roll up to the whole');
SELECT is((SELECT round(top_share(rollup(summary), 10), 10) FROM retention_day WHERE day = '2025-03-01' AND span = 'trailing year'),
          (SELECT round(sum(s) FILTER (WHERE rank <= 10) / sum(s), 10) FROM (SELECT s, row_number() OVER (ORDER BY s DESC) AS rank FROM (SELECT sum(amount) AS s FROM subscription WHERE valid @> date '2024-03-01' GROUP BY account_id) x) y), 'the ten largest accounts over all segments');
SELECT results_eq($$ SELECT starting, "new" + reactivation, ending FROM bridge((SELECT ARRAY[rollup(summary)] FROM retention_day WHERE day = '2025-03-04' AND span = 'month to date')) $$,
                  $$ SELECT sum(s), sum(won), sum(e) + sum(won) FROM plain_report('2025-03-04') WHERE span = 'month to date' $$, 'a bridge of a stored day');

-- The check, the repair.
SELECT is_empty('SELECT * FROM history_difference', 'no difference');
INSERT INTO subscription SELECT * FROM rows_of(111, 119);
SELECT is_empty('SELECT * FROM history_difference', 'nor before the next nightly run: notes count');
SET LOCAL session_replication_role = replica;
UPDATE subscription SET amount = 1 WHERE account_id IN (1, 2);
DELETE FROM subscription WHERE account_id = 4;
SET LOCAL session_replication_role = origin;
SELECT results_eq('SELECT account_id FROM history_difference ORDER BY 1', 'VALUES (1::bigint), (2), (4)', 'what is written past the triggers is found');
SELECT refused('SELECT check_histories()', 'P0001', 'accounts: 3, the first is 1$', 'and the check fails', 'rebuild_histories');
SELECT count(*) AS n FROM (SELECT rebuild_histories()) x \gset
SELECT is(wrong_amounts('2022-12-01', '2026-01-01'), 0::bigint, 'the repair');
SELECT lives_ok('SELECT check_histories()', 'the check is content');
SELECT nightly_report('2025-03-05') AS n \gset
SELECT is(wrong_amounts('2022-12-01', '2026-01-01'), 0::bigint, 'notes that the repair knew are not added again');

-- An account below zero stops the report, and the message says when; the histories can be asked which one.
SAVEPOINT below;
INSERT INTO subscription VALUES (121, 'credit', '[2025-03-05,)', -1e9);
SELECT refused($$ SELECT nightly_report('2025-03-06') $$, '22023', 'negative on 2025-03-05', 'an account below zero is no report');
ROLLBACK TO below;

-- Everything goes at once.
TRUNCATE subscription;
SELECT is_empty('SELECT * FROM history_difference', 'TRUNCATE is noted');
SELECT keep_up_histories() AS n \gset
SELECT is((SELECT count(*) FROM account_history WHERE first_active(history) IS NOT NULL), 0::bigint, 'and leaves no account with an amount');
ROLLBACK TO below;

-- Ends of months stay.
SELECT write_report('2025-01-25', '2025-03-04') AS n \gset
SELECT cmp_ok(thin_report('2025-03-03'), '>', 0::bigint, 'old days go');
SELECT is((SELECT string_agg(day::text, ' ' ORDER BY day) FROM (SELECT DISTINCT day FROM retention_day) x), '2025-01-31 2025-02-28 2025-03-03 2025-03-04', 'ends of months and days since stay');

-- Another role writes subscriptions.
CREATE ROLE csm_metrics_writer;
GRANT USAGE ON SCHEMA reports TO csm_metrics_writer;
GRANT SELECT, INSERT, DELETE ON subscription TO csm_metrics_writer;
SET LOCAL ROLE csm_metrics_writer;
SET LOCAL search_path = pg_catalog;
INSERT INTO reports.subscription VALUES (9, 'more', '[2025-03-01,)', 12345.67);
RESET ROLE;
SET LOCAL search_path = reports, public;
SELECT is((SELECT account_id || ' ' || change FROM history_change), '9 {"scale": 2, "steps": [["2025-03-01", "12345.67"]]}', 'a role without rights on the histories, from another search_path, is noted');

-- Views.
\o /dev/null
\i :views
\o
INSERT INTO usage_event SELECT account_id, 'user ' || account_id, timestamptz '2025-01-02 09:00Z' + account_id * interval '1 hour' + k * interval '1 day', (ARRAY['signup', 'invite', 'connect', 'report'])[k] FROM account, generate_series(1, 1 + account_id::int % 4) k;
CREATE FUNCTION columns_of_views(what text) RETURNS TABLE (name text) LANGUAGE plpgsql AS $$
DECLARE
    view name;
    col name;
    found_it bool;
BEGIN
    FOR view, col IN SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'bi' AND (what <> '%1$I::text ~ ''NaN''' OR data_type = 'numeric') ORDER BY 1, 2 LOOP
        EXECUTE format('SELECT bool_or(' || what || ') FROM bi.%2$I', col, view) INTO found_it;
        IF found_it THEN name := view || '.' || col; RETURN NEXT; END IF;
    END LOOP;
END $$;
SELECT nightly_report('2025-03-05') AS n \gset
SELECT write_report('2025-02-28', '2025-02-28') AS n \gset
SELECT is_empty($$ SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'bi' AND data_type NOT IN ('text', 'numeric', 'bigint', 'date', 'boolean') $$, 'views: plain types');
SELECT is_empty($$ SELECT columns_of_views('%1$I::text ~* ''nan|inf''') $$, 'no NaN, nothing infinite');
SELECT results_eq($$ SELECT table_name::text FROM information_schema.views WHERE table_schema = 'bi' EXCEPT SELECT split_part(columns_of_views('%1$I IS NOT NULL'), '.', 1) $$, $$ SELECT ''::text WHERE false $$, 'each view has rows');
SELECT is_empty($$ SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'bi' AND data_type = 'numeric' AND column_name NOT IN ('value', 'low', 'high')
                   AND column_name !~ '^after_' AND col_description(to_regclass('bi.' || table_name), ordinal_position) IS NULL $$, 'each figure says its unit');
SELECT is((SELECT count(*) FROM bi.retention_segment v JOIN stored_report r USING (day, span, segment) WHERE (v.starting, v.accounts_starting, v.ending - v.new_business - v.reactivation, v.accounts_churned) = (s, n, e, lost) AND v.ndr IS NOT DISTINCT FROM r.ndr AND v.grr IS NOT DISTINCT FROM r.grr
           AND v.starting + v.new_business + v.reactivation + v.expansion - v.contraction - v.churned = v.ending),
          (SELECT count(*) FROM retention_day), 'retention by segment is what is stored');
SELECT results_eq('SELECT day, span, starting, ndr FROM bi.retention ORDER BY 1, 2',
                  'SELECT day, span, sum(s), round(sum(e) / sum(s), 10) FROM stored_report GROUP BY 1, 2 ORDER BY 1, 2', 'retention in all');
SELECT results_eq($$ SELECT period_start, sum(change), sum(change) FILTER (WHERE movement = 'churn') FROM bi.movement GROUP BY 1 ORDER BY 1 $$,
                  $$ SELECT period_start, net_new, -nullif(churned, 0) FROM bi.bridge_month WHERE starting + ending > 0 ORDER BY 1 $$, 'the accounts behind the bridge make it up');
SELECT results_eq($$ SELECT starting, ending FROM bi.bridge_month WHERE period_end = '2025-03-01' $$,
                  $$ SELECT sum(amount) FILTER (WHERE valid @> date '2025-01-31'), sum(amount) FILTER (WHERE valid @> date '2025-02-28') FROM subscription $$, 'the last whole month of the bridge, from the raw rows');
SELECT results_eq($$ SELECT movement_of_year, count(*), sum(arr) FROM bi.account WHERE movement_of_year IS NOT NULL GROUP BY 1 ORDER BY 1 $$,
                  $$ SELECT movement(a, z, was), count(*), sum(z)
                     FROM (SELECT coalesce(sum(amount) FILTER (WHERE valid @> date '2024-03-04'), 0) AS a, coalesce(sum(amount) FILTER (WHERE valid @> date '2025-03-04'), 0) AS z, bool_or(lower(valid) < '2024-03-05') AS was
                           FROM subscription GROUP BY account_id) x WHERE a + z > 0 GROUP BY 1 ORDER BY 1 $$, 'accounts and what they did in a year');
SELECT is((SELECT abs(sum(covered * arr) / sum(arr) - (SELECT covered FROM bi.coverage)) < 1e-9 FROM bi.coverage_segment), true, 'coverage by segment adds up to coverage');
-- The forecast by plain SQL: quarters before 1 March 2025, each account in its band at the start of each.
CREATE VIEW plain_quarter AS SELECT q, account_id, s, e, CASE WHEN s < 25000 THEN 1 WHEN s < 100000 THEN 2 ELSE 3 END AS band
    FROM (SELECT q, account_id, coalesce(sum(amount) FILTER (WHERE valid @> (date '2025-03-01' - q * interval '3 months')::date - 1), 0) AS s, coalesce(sum(amount) FILTER (WHERE valid @> (date '2025-03-01' - (q - 1) * interval '3 months')::date - 1), 0) AS e
        FROM subscription, generate_series(0, 8) q GROUP BY 1, 2) x WHERE s > 0;
CREATE VIEW plain_band AS SELECT band, count(*) FILTER (WHERE q = 0) AS n, sum(s) FILTER (WHERE q = 0) AS a, sum(e) FILTER (WHERE q > 0) / sum(s) FILTER (WHERE q > 0) AS ndr, sum(least(s, e)) FILTER (WHERE q > 0) / sum(s) FILTER (WHERE q > 0) AS grr FROM plain_quarter GROUP BY band;
SELECT results_eq('SELECT period_start, period_end, accounts, arr, round(ndr_expected, 8), round(grr_expected, 8), round(arr_expected, 4), round(arr_expected_loss, 4) FROM bi.forecast',
                  $$ SELECT date '2025-03-01', date '2025-06-01', sum(n)::bigint, sum(a), round(sum(a * ndr) / sum(a), 8), round(sum(a * grr) / sum(a), 8), round(sum(a * ndr), 4), round(sum(a * (1 - grr)), 4) FROM plain_band $$, 'the forecast is that of plain SQL');
SELECT results_eq('SELECT accounts, arr, round(ndr_expected, 8), round(arr_expected_loss, 4) FROM bi.forecast_segment ORDER BY segment_from', 'SELECT n, a, round(ndr, 8), round(a * (1 - grr), 4) FROM plain_band ORDER BY band', 'and by segment');
SELECT ok((SELECT ndr_expected_low < ndr_expected AND ndr_expected < ndr_expected_high AND grr_expected_low < grr_expected AND grr_expected <= grr_expected_high FROM bi.forecast), 'within its intervals');
CREATE ROLE csm_metrics_tool;
GRANT USAGE ON SCHEMA bi TO csm_metrics_tool;
GRANT SELECT ON ALL TABLES IN SCHEMA bi TO csm_metrics_tool;
SET LOCAL ROLE csm_metrics_tool;
SET LOCAL search_path = pg_catalog;
SELECT count(*) = 20 AND min(n) > 0 AS tool
FROM (SELECT count(*) AS n FROM bi.retention_segment
      UNION ALL SELECT count(*) FROM bi.retention UNION ALL SELECT count(*) FROM bi.bridge_month UNION ALL SELECT count(*) FROM bi.trailing_year UNION ALL SELECT count(*) FROM bi.movement
      UNION ALL SELECT count(*) FROM bi.cohort UNION ALL SELECT count(*) FROM bi.cohort_wide UNION ALL SELECT count(*) FROM bi.account UNION ALL SELECT count(*) FROM bi.coverage
      UNION ALL SELECT count(*) FROM bi.book UNION ALL SELECT count(*) FROM bi.coverage_segment UNION ALL SELECT count(*) FROM bi.benchmark UNION ALL SELECT count(*) FROM bi.forecast UNION ALL SELECT count(*) FROM bi.forecast_segment
      UNION ALL SELECT count(*) FROM bi.bridge_step UNION ALL SELECT count(*) FROM bi.bridge_segment_month UNION ALL SELECT count(*) FROM bi.survival UNION ALL SELECT count(*) FROM bi.survival_segment UNION ALL SELECT count(*) FROM bi.funnel UNION ALL SELECT count(*) FROM bi.status) x \gset
RESET ROLE;
SET LOCAL search_path = reports, public;
SELECT is(:'tool'::boolean, true, 'a role that may see nothing but the schema bi reads all twenty views');
SELECT is(has_table_privilege('csm_metrics_tool', 'account_history', 'SELECT'), false, 'and not the histories');

-- Accounts by another type of key.
RESET ROLE;
CREATE SCHEMA by_uuid;
SET LOCAL search_path = by_uuid, public;
CREATE TABLE account (account_id uuid PRIMARY KEY, name text NOT NULL, csm text);
CREATE TABLE subscription (account_id uuid NOT NULL, product text NOT NULL, valid daterange NOT NULL, amount numeric NOT NULL);
\o /dev/null
\i :reports
\o
INSERT INTO subscription SELECT md5(i::text)::uuid, 'core', daterange(date '2024-01-01' + i, NULL), 1000 * i FROM generate_series(1, 40) i;
SELECT is(nightly_report('2025-01-16'), '2025-01-15', 'accounts by uuid: the nightly run');
SELECT is((SELECT (starting(rollup(summary)), ending(rollup(summary)))::text FROM retention_day WHERE span = 'trailing year'), '(105000,820000)', 'accounts by uuid: the report');
SET LOCAL session_replication_role = replica;
DELETE FROM subscription WHERE amount = 3000;
SET LOCAL session_replication_role = origin;
SELECT refused('SELECT check_histories()', 'P0001', 'accounts: 1, the first is ' || md5('3')::uuid || '$', 'accounts by uuid: the check', 'rebuild_histories');
SELECT * FROM finish();
ROLLBACK;
