\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
\set raw_rows :tests '/include/raw_rows.sql'
\i :raw_rows
-- What is asked of histories and of raw rows has one answer, bit for bit; units that start where the bounds start; currencies; whose row it was.
SELECT plan(44);

CREATE TABLE account_histories AS SELECT account, history_agg(valid, amount) AS h FROM subscriptions GROUP BY account;
CREATE TABLE bounds (b int GENERATED ALWAYS AS IDENTITY, step interval, span interval, from_date date, to_date date);
INSERT INTO bounds (step, span, from_date, to_date) VALUES ('1 month', '1 year', '2023-01-01', '2025-01-01'), ('3 months', '3 months', '2023-01-31', '2024-12-15'), ('10 days', '100 days', '2023-05-05', '2024-02-01'), ('1 month', '2 months', '2019-01-01', '2019-06-01');
CREATE TABLE by_history AS
SELECT b, retention_agg(h, from_date, to_date)::text AS retention, trailing_agg(h, from_date, to_date, step, span)::text AS over_windows, cohort_agg(h, from_date, to_date, step)::text AS cohorts, survival_agg(h, from_date, to_date, step)::text AS survival
FROM bounds, account_histories GROUP BY b;
CREATE PROCEDURE check_subscriptions_by(name text, account text, ordering text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('INSERT INTO raw SELECT %L, b, retention_agg(%2$s, valid, amount, from_date, to_date %3$s)::text, trailing_agg(%2$s, valid, amount, step, span, from_date, to_date %3$s)::text,
        cohort_agg(%2$s, valid, amount, step, from_date, to_date %3$s)::text, survival_agg(%2$s, valid, amount, step, from_date, to_date %3$s)::text FROM bounds, subscriptions GROUP BY b', name, account, ordering);
END $$;
CREATE TABLE raw (name text, b int, retention text, over_windows text, cohorts text, survival text);
CALL check_subscriptions_by('bigint', 'account', 'ORDER BY i');
CALL check_subscriptions_by('text', '''account '' || account', 'ORDER BY i DESC');
CALL check_subscriptions_by('uuid', 'md5(account::text)::uuid', 'ORDER BY md5(i::text)');
CALL check_subscriptions_by('long text', 'repeat(md5(account::text), 20)', 'ORDER BY account, i');
SET LOCAL work_mem = '64kB';
CALL check_subscriptions_by('little memory', 'account', 'ORDER BY md5(i::text)');
RESET work_mem;
SELECT is((SELECT count(*) FROM raw), 20::bigint, 'subscriptions: four runs in five ways');
SELECT is_empty('SELECT name, b FROM raw JOIN by_history h USING (b) WHERE raw.retention IS DISTINCT FROM h.retention', 'retention_agg');
SELECT is_empty('SELECT name, b FROM raw JOIN by_history h USING (b) WHERE raw.over_windows IS DISTINCT FROM h.over_windows', 'trailing_agg');
SELECT is_empty('SELECT name, b FROM raw JOIN by_history h USING (b) WHERE raw.cohorts IS DISTINCT FROM h.cohorts', 'cohort_agg');
SELECT is_empty('SELECT name, b FROM raw JOIN by_history h USING (b) WHERE raw.survival IS DISTINCT FROM h.survival', 'survival_agg');
SELECT is((SELECT array_agg(DISTINCT survival IS NULL) FROM by_history), '{f,t}', 'where nobody was there before the end, survival has no lifetime: NULL in both ways');
SELECT ok((SELECT accounts_reactivated(retention::retention_summary) > 3 AND accounts_churned(retention::retention_summary) > 3 FROM by_history WHERE b = 1), 'accounts left and came back');

-- Snapshots, with units that start where the bounds start.
CREATE TABLE snapshot_bounds (b int GENERATED ALWAYS AS IDENTITY, every interval, step interval, span interval, from_date date, to_date date);
INSERT INTO snapshot_bounds (every, step, span, from_date, to_date) VALUES ('1 month', '3 months', '1 year', '2023-01-01', '2024-10-01'), ('3 months', '3 months', '6 months', '2023-02-01', '2024-08-01'), ('7 days', '28 days', '56 days', '2023-01-01', '2023-12-03'),
    ('1 month', '1 month', '2 months', '2023-01-31', '2024-06-30'), ('4 months', '4 months', '8 months', '2022-12-10', '2024-08-20');
CREATE TABLE snapshots_by_history AS
SELECT b, shape, retention_agg(h, from_date, to_date)::text AS retention, trailing_agg(h, from_date, to_date, step, span)::text AS over_windows, bridge_agg(h, from_date, to_date, step)::text AS bridge
FROM (SELECT b, shape, account, step, span, from_date, to_date, history_agg(at, amount, every, NULL, from_date) AS h FROM snapshot_bounds, snapshots WHERE shape IN (0, 1, 3) GROUP BY b, shape, account, step, span, from_date, to_date) x GROUP BY b, shape;
CREATE TABLE raw_snapshots AS
SELECT b, shape, retention_agg(account, at, amount, every, from_date, to_date ORDER BY i)::text AS retention, trailing_agg(account::text, at, amount, every, step, span, from_date, to_date ORDER BY md5(i::text))::text AS over_windows,
       bridge_agg(md5(account::text)::uuid, at, amount, every, step, from_date, to_date ORDER BY late, i)::text AS bridge, bridge_agg(account, at, amount, 'EUR', every, step, from_date, to_date) AS in_euros
FROM snapshot_bounds, snapshots WHERE shape IN (0, 1, 3) GROUP BY b, shape;
SELECT is((SELECT count(*) FROM raw_snapshots JOIN snapshots_by_history USING (b, shape)), 15::bigint, 'snapshots: five runs of three companies');
SELECT is_empty('SELECT b, shape FROM raw_snapshots r JOIN snapshots_by_history h USING (b, shape) WHERE r.retention IS DISTINCT FROM h.retention', 'retention_agg over snapshots');
SELECT is_empty('SELECT b, shape FROM raw_snapshots r JOIN snapshots_by_history h USING (b, shape) WHERE r.over_windows IS DISTINCT FROM h.over_windows', 'trailing_agg over snapshots');
SELECT is_empty('SELECT b, shape FROM raw_snapshots r JOIN snapshots_by_history h USING (b, shape) WHERE r.bridge IS DISTINCT FROM h.bridge', 'bridge_agg over snapshots');
SELECT is_empty($$ SELECT b, shape FROM raw_snapshots WHERE in_euros::text <> replace(bridge, '"currency": null', '"currency": "EUR"') AND (SELECT bool_or(currency(r) IS DISTINCT FROM 'EUR') FROM unnest(in_euros) r) $$, 'with a currency');
-- By plain SQL, without any history.
SELECT is_empty($$ SELECT b, shape FROM raw_snapshots JOIN snapshot_bounds USING (b) WHERE bridge IS DISTINCT FROM coalesce(snapshots_oracle(shape, every, step, from_date, to_date), '{}')::text $$, 'bridge_agg within bounds by plain SQL');

-- Worked: units that start where the bounds start.
CREATE TABLE quarters (account int, at date, amount numeric);
INSERT INTO quarters VALUES (1, '2023-11-01', 100), (1, '2024-02-01', 120), (1, '2024-05-01', 150);
SELECT results_eq($$ SELECT starting, ending FROM bridge((SELECT bridge_agg(account, at, amount, '3 months', '2024-02-01', '2024-08-01') FROM quarters)) $$, 'VALUES (100::numeric, 120::numeric), (120, 150)', 'fiscal quarters from February');
SELECT results_eq($$ SELECT starting, ending FROM bridge((SELECT bridge_agg(account, at, amount, '1 month', '3 months', '2024-02-01', '2024-08-01') FROM quarters)) $$, 'VALUES (0::numeric, 0::numeric), (0, 0)', 'every month: nothing in the months before the ends');
SELECT results_eq($$ SELECT starting, ending FROM bridge((SELECT bridge_agg(1, d, 10, '7 days', '2024-01-07', '2024-01-28') FROM unnest('{2023-12-31,2024-01-07,2024-01-14,2024-01-21}'::date[]) d)) $$, 'VALUES (10::numeric, 10::numeric), (10, 10), (10, 10)', 'weeks from Sunday');
SELECT is((SELECT row(starting(r), ending(r))::text FROM (SELECT retention_agg(account, at, amount, '3 months', '2024-02-01', '2024-08-01') AS r FROM quarters) x), '(100,150)', 'retention_agg in the same units');

-- Worked: what a newcomer types first.
CREATE TABLE subscription (account text, starts date, ends date, amount numeric, currency text);
INSERT INTO subscription VALUES ('acme', '2023-06-01', NULL, 500, 'EUR'), ('birch', '2023-09-01', '2024-09-01', 300, 'EUR'), ('birch', '2024-09-01', NULL, 200, 'EUR'), ('cedar', '2023-01-01', '2024-06-01', 200, 'EUR'), ('doyle', '2024-02-01', NULL, 50, 'EUR');
SELECT is((SELECT ndr(retention_agg(account, days(starts, ends), amount, '2024-01-01', '2025-01-01')) FROM subscription), 0.70000000000000000000, 'ndr(retention_agg(...)) of subscriptions');
SELECT results_eq($$ SELECT cohort, age, active, revenue FROM cohort_table((SELECT cohort_agg(account, days(starts, ends), amount, '1 year', '2023-01-01', '2025-01-01') FROM subscription)) $$, $$ VALUES (date '2023-01-01', 0, 3::bigint, 1000::numeric), ('2023-01-01', 1, 2, 700), ('2024-01-01', 0, 1, 50) $$, 'cohorts');
SELECT is((SELECT round(survival(survival_agg(account, days(starts, ends), amount, '1 month', '2023-01-01', '2025-01-01'), 17), 4) FROM subscription), 0.5000, 'survival: one of the two who were there at 17 months left');

-- Currencies.
SELECT is((SELECT array_agg(DISTINCT currency(r)) FROM unnest((SELECT bridge_agg(account, days(starts, ends), amount, currency, '1 month', '2024-01-01', '2025-01-01') FROM subscription)) r), '{EUR}', 'the currency is that of the result');
SELECT is((SELECT array_agg(ending(r)) FROM unnest((SELECT bridge_agg(account, days(starts, ends), amount, NULL, '1 year', '2024-01-01', '2025-01-01') FROM subscription)) r), '{750}', 'no currency');
INSERT INTO subscription VALUES ('fuji', '2024-03-01', NULL, 10000, 'JPY');
SELECT refused($$ SELECT bridge_agg(account, days(starts, ends), amount, currency, '1 month', '2024-01-01', '2025-01-01') FROM subscription $$, '22023', 'different currencies.*EUR.*fuji.*JPY', 'two currencies in one run', 'in_currency');
SELECT refused($$ SELECT bridge_agg(account, starts, amount, currency, '1 month', '1 month', '2024-01-01', '2025-01-01') FROM (SELECT * FROM subscription ORDER BY account DESC) x $$, '22023', 'JPY.*doyle.*EUR', 'two currencies of snapshots');
SELECT refused($$ SELECT bridge_agg(account, days(starts, ends), amount, nullif(currency, 'JPY'), '1 month', '2024-01-01', '2025-01-01') FROM subscription $$, '22023', 'none', 'a known and an unknown one');
SELECT is((SELECT count(*) FROM (SELECT currency, bridge_agg(account, days(starts, ends), amount, currency, '1 month', '2024-01-01', '2025-01-01') FROM subscription GROUP BY currency) x), 2::bigint, 'by currency');
SELECT refused($$ SELECT bridge_agg(account, days(starts, ends), amount, 'much too long a code', '1 month', '2024-01-01', '2025-01-01') FROM subscription $$, '22023', 'much too long', 'what is no code');

-- Errors name the account.
CREATE FUNCTION context_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE message text; state text; context text;
BEGIN
    EXECUTE statement;
    RETURN 'none';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, state = RETURNED_SQLSTATE, context = PG_EXCEPTION_CONTEXT;
    RETURN state || ' ' || message || ' | ' || split_part(context, E'\n', 1);
END $$;
SELECT matches(context_of($$ SELECT bridge_agg('acme'::text, daterange(NULL, '2024-03-01'), 5, '1 month', '2024-01-01', '2025-01-01') $$), '^22023 a subscription of account acme must start on a day: \(,2024-03-01\)', 'a subscription without a start');
SELECT matches(context_of($$ SELECT retention_agg(7, daterange(NULL, '2024-03-01'), 5, '2024-01-01', '2025-01-01') $$), '^22023 a subscription of account 7 must start', '... by any aggregate');
SELECT matches(context_of($$ SELECT bridge_agg('acme'::text, daterange('2024-01-01', '2024-03-01'), 'NaN', '1 month', '2024-01-01', '2025-01-01') $$), '^22023 .*NaN.* \| row of account acme', 'NaN');
SELECT matches(context_of($$ SELECT trailing_agg(md5('x')::uuid, date '2024-01-01', 'Infinity', '1 month', '1 month', '1 year', '2024-01-01', '2025-01-01') $$), '^22023 .*\| row of account 9dd4e461-268c-8034-f5c8-564e155c67a6', 'an infinite amount');
SELECT matches(context_of($$ SELECT bridge_agg('acme'::text, 'infinity'::date, 5, '1 month', '2024-01-01', '2025-01-01') $$), '^22023 .*\| row of account acme', 'an infinite date');
SELECT matches(context_of($$ SELECT bridge_agg('acme'::text, NULL::date, 5, '1 month', '2024-01-01', '2025-01-01') $$), '^22004 .*\| row of account acme', 'a missing date');
SELECT matches(context_of($$ SELECT retention_agg(a, daterange('2024-01-01', NULL), x, '2024-01-01', '2025-01-01') FROM (VALUES ('acme', 5), ('birch', -5)) v (a, x) $$), '^22023 .*negative on 2024-12-31: -5 \| rows of account birch', 'a negative total');
SELECT matches(context_of($$ SELECT retention_agg(NULL::text, daterange('2024-01-01', NULL), 5, '2024-01-01', '2025-01-01') $$), '^22004 the argument "account"', 'no account');

-- Parameters.
SELECT refused($$ SELECT retention_agg(account, days(starts, ends), amount, from_date, '2025-01-01') FROM subscription, (VALUES (date '2024-01-01'), ('2024-02-01')) v (from_date) $$, '22023', 'from_date', 'bounds that vary between rows');
SELECT refused($$ SELECT trailing_agg(account, days(starts, ends), amount, '1 month', span, '2024-01-01', '2025-01-01') FROM subscription, (VALUES (interval '1 year'), ('2 years')) v (span) $$, '22023', 'span', 'a span that varies');
SELECT refused($$ SELECT retention_agg(account, days(starts, ends), amount, '2025-01-01', '2024-01-01') FROM subscription $$, '22023', '', 'bounds in the wrong order');
SELECT refused($$ SELECT retention_agg(account, days(starts, ends), amount, NULL, '2024-01-01') FROM subscription $$, '22004', 'from_date', 'a bound that is NULL');
SELECT refused($$ SELECT retention_agg(account, starts, amount, '0 days', '2024-01-01', '2025-01-01') FROM subscription $$, '22023', 'every', 'units of no length');
SELECT refused($$ SELECT retention_agg(account, starts, amount, '1 month 1 day', '2024-01-01', '2025-01-01') FROM subscription $$, '22023', 'every', 'units of mixed length');
SELECT is((SELECT retention_agg(account, 'empty'::daterange, amount, '2024-01-01', '2025-01-01') FROM subscription), NULL, 'empty ranges alone: NULL, as without rows');
SELECT is((SELECT retention_agg(account, days(starts, ends), amount, '2024-01-01', '2025-01-01') FROM subscription WHERE false), NULL, 'no rows: NULL');
SELECT is((SELECT ending(retention_agg(1, daterange('2030-01-01', NULL), 1.000, '2024-01-01', '2025-01-01'))), 0.000, 'rows after the end alone: nobody, at the scale of the amounts');
SELECT finish();
ROLLBACK;
