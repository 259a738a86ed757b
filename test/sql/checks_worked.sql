\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The checks of raw tables: tables that hold all problems, the sample company, which holds none, whatever can be a source, and
-- what is refused.
SELECT plan(55);

CREATE TABLE everything (customer text, starts date, ends date, amount numeric, currency text);
INSERT INTO everything VALUES
    (NULL, '2024-01-01', NULL, 1, 'EUR'), ('nostart', NULL, '2024-05-01', 1, 'EUR'), ('forever', '-infinity', '2024-05-01', 1, 'EUR'), ('nan', '2024-01-01', NULL, 'NaN', 'EUR'),
    ('neg', '2024-01-01', NULL, 10, 'EUR'), ('neg', '2024-03-01', '2024-04-01', -15, 'EUR'), ('credit', '2024-01-01', NULL, 10, 'EUR'), ('credit', '2024-03-01', '2024-04-01', -10, 'EUR'),
    ('jp', '2024-01-01', NULL, 10000, 'JPY'), ('nocur', '2024-01-01', NULL, 100, NULL),
    ('dup', '2024-01-01', '2024-05-01', 100, 'EUR'), ('dup', '2024-01-01', '2024-05-01', 100.00, 'EUR'),
    ('Acme Inc', '2024-01-01', '2024-03-01', 7, 'EUR'), ('acme  inc ', '2024-03-01', '2024-08-01', 7, 'EUR'), ('MÜLLER', '2024-01-01', NULL, 3, 'EUR'), ('müller', '2023-01-01', '2024-01-01', 3, 'EUR'),
    ('s2', '2024-01-01', NULL, 50, 'EUR'), ('s2', '2024-02-15', NULL, 50, 'EUR'), ('addon', '2024-01-01', NULL, 100, 'EUR'), ('addon', '2024-02-15', NULL, 30, 'EUR'),
    ('ren', '2023-04-01', '2024-04-01', 40, 'EUR'), ('ren', '2024-02-01', '2025-02-01', 50, 'EUR'),
    ('incl', '2023-01-01', '2023-12-31', 40, 'EUR'), ('incl', '2024-01-01', '2024-12-31', 50, 'EUR'), ('gap', '2023-01-01', '2023-12-31', 40, 'EUR'), ('gap', '2024-01-03', '2024-12-31', 50, 'EUR'),
    ('rev', '2024-03-01', '2024-02-01', 5, 'EUR'), ('noamt', '2024-01-01', NULL, NULL, 'EUR'), ('same', '2024-01-01', '2024-01-01', 5, 'EUR'),
    ('fut', '2030-01-01', NULL, 5, 'EUR'), ('far', '2024-01-01', '9999-12-31', 5, 'EUR');
CREATE FUNCTION named(problem text, rows bigint, accounts bigint, example text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws('|', problem, rows, accounts, CASE WHEN accounts < 2 OR example LIKE '[%' THEN example END) -- of several accounts the first by its hash
$$;
SELECT is(named(problem, rows, accounts, example), expected, 'subscriptions: ' || split_part(expected, '|', 1)) FROM (SELECT c.*, row_number() OVER () AS n FROM check_subscriptions('everything', 'customer', 'starts', 'ends', 'amount', 'currency', '2024-12-31') c) c
FULL JOIN unnest(ARRAY[
    'missing account|1|0|no account: 2024-01-01 on, 1 EUR', 'missing start|2|2', 'impossible amount|1|1|nan: 2024-01-01 on, no amount that can be EUR',
    'total below zero|1|1|neg: 2024-03-01 to 2024-04-01, -15 EUR', 'several currencies|1|1|jp: 2024-01-01 on, 10000 JPY', 'missing currency|1|1|nocur: 2024-01-01 on, 100',
    'exact duplicate|1|1|dup: 2024-01-01 to 2024-05-01, 100 EUR', 'one account in several spellings|2|2',
    'two open versions|1|1|s2: 2024-01-01 on, 50 EUR; 2024-02-15 on, 50 EUR', 'early renewal|1|1|ren: 2023-04-01 to 2024-04-01, 40 EUR; 2024-02-01 to 2025-02-01, 50 EUR',
    'inclusive end|1|1|incl: 2023-01-01 to 2023-12-31, 40 EUR; 2024-01-01 to 2024-12-31, 50 EUR', 'short gap|1|1|gap: 2023-01-01 to 2023-12-31, 40 EUR; 2024-01-03 to 2024-12-31, 50 EUR',
    'end before start|1|1|rev: 2024-03-01 to 2024-02-01, 5 EUR', 'missing amount|1|1|noamt: 2024-01-01 on, no amount EUR', 'no day|1|1|same: 2024-01-01 to 2024-01-01, 5 EUR',
    'start in the future|1|1|fut: 2030-01-01 on, 5 EUR', 'end in the year 9999|1|1|far: 2024-01-01 to 9999, 5 EUR']) WITH ORDINALITY e (expected, n) USING (n) ORDER BY n;

CREATE TABLE monthly (id int, at timestamp, amount float8);
INSERT INTO monthly SELECT i, m, 10 FROM generate_series(1, 100) i, generate_series(timestamp '2024-01-15', '2024-10-15', '1 month') m WHERE m <> '2024-05-15' AND (m <> '2024-08-15' OR i < 10);
INSERT INTO monthly VALUES (NULL, '2024-01-01', 1), (1, NULL, 1), (1, 'infinity', 1), (2, '2024-02-15', 'NaN'), (3, '2024-02-15', 10), (4, '2024-03-01', -25), (5, '2024-03-16', NULL);
SELECT is(named(problem, rows, accounts, example), expected, 'snapshots: ' || split_part(expected, '|', 1)) FROM (SELECT c.*, row_number() OVER () AS n FROM check_snapshots('monthly', 'id', 'at', 'amount', '1 month', '2024-10-14') c) c
FULL JOIN unnest(ARRAY[
    'missing account|1|0|no account: 2024-01-01, 1', 'missing date|2|1|1: no date, 1', 'impossible amount|1|1|2: 2024-02-15, no amount that can be', 'total below zero|1|1|4: 2024-03-01, -25',
    'exact duplicate|1|1|3: 2024-02-15, 10', 'unit without rows|0|0|[2024-05-01,2024-06-01)', 'unit with few rows|9|9|[2024-08-01,2024-09-01)', 'last unit not over|100|100|[2024-10-01,2024-11-01)',
    'several rows in a unit|3|3', 'missing amount|1|1|5: 2024-03-16, no amount', 'date in the future|100|100']) WITH ORDINALITY e (expected, n) USING (n) ORDER BY n;
CREATE TABLE daily AS SELECT i, d::date AS at, 10 AS amount FROM generate_series(1, 10) i, generate_series(timestamp '2024-01-01', '2024-10-31', '1 day') d;
SELECT results_eq($$ SELECT problem, rows, accounts FROM check_snapshots('daily', 'i', 'at', 'amount', '1 month', '2024-10-31') $$, $$ VALUES ('daily rows under a longer unit', 2950::bigint, 10::bigint) $$, 'daily rows by the month');
SELECT is_empty($$ SELECT * FROM check_snapshots('daily', 'i', 'at', 'amount', '1 day', '2024-10-31') $$, 'daily rows by the day: nothing');

-- The same rows by other ways in.
CREATE VIEW as_range AS SELECT customer, days(starts, ends) AS valid, amount::numeric(20, 3) AS amount, currency::varchar(3) AS "the ""Currency""" FROM everything WHERE amount <> 'NaN' AND starts > '-infinity';
SELECT bag_eq($$ SELECT problem, rows, accounts FROM check_subscriptions('as_range', 'customer', 'valid', 'amount', 'the "Currency"', as_of => '2024-12-31') $$,
    $$ SELECT CASE problem WHEN 'end before start' THEN 'no day' ELSE problem END AS problem, sum(rows)::bigint AS rows, sum(accounts)::bigint AS accounts FROM check_subscriptions('everything', 'customer', 'starts', 'ends', 'amount', 'currency', '2024-12-31')
       WHERE problem NOT IN ('missing start', 'impossible amount', 'missing amount', 'end in the year 9999') GROUP BY 1 $$, 'a view with ranges, a name that needs quotes, other types');
SELECT results_eq($$ SELECT problem FROM check_subscriptions('as_range', 'customer', 'valid', 'amount', as_of => '2030-12-31') EXCEPT SELECT problem FROM check_subscriptions('everything', 'customer', 'starts', 'ends', 'amount', NULL, '2030-12-31') $$, ARRAY[]::text[], 'without a currency none is named');
CREATE TABLE parts (LIKE everything) PARTITION BY HASH (customer);
CREATE TABLE parts_0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
SELECT is_empty($$ SELECT * FROM check_subscriptions('parts', 'customer', 'starts', 'ends', 'amount', 'currency') $$, 'an empty table: nothing');
INSERT INTO parts SELECT * FROM everything ORDER BY md5(customer);
SELECT results_eq($$ SELECT * FROM check_subscriptions('parts', 'customer', 'starts', 'ends', 'amount', 'currency', '2024-12-31') $$, $$ SELECT * FROM check_subscriptions('everything', 'customer', 'starts', 'ends', 'amount', 'currency', '2024-12-31') $$,
    'a partitioned table, rows in another order: the same, examples too');

-- Nothing depends on the order of the rows: ties of currencies, units and dates that are typing errors.
CREATE TABLE tie (n int, customer text, starts date, amount numeric, currency text);
INSERT INTO tie VALUES (1, 'a', '2024-01-01', 1, 'USD'), (2, 'b', '2024-01-01', 1, 'EUR'), (3, 'c', '2024-01-01', 1, 'CHF'), (4, 'c', '2024-01-01', 1, 'GBP');
CREATE VIEW upwards AS SELECT * FROM tie ORDER BY n;
CREATE VIEW downwards AS SELECT * FROM tie ORDER BY n DESC;
SELECT results_eq($$ SELECT * FROM check_subscriptions('upwards', 'customer', 'starts', 'starts', 'amount', 'currency') $$, $$ SELECT * FROM check_subscriptions('downwards', 'customer', 'starts', 'starts', 'amount', 'currency') $$, 'currencies of as many rows each, in two orders');
SELECT is((SELECT rows FROM check_subscriptions('upwards', 'customer', 'starts', 'starts', 'amount', 'currency') WHERE problem = 'several currencies'), 3::bigint, 'all but the first by its code');
UPDATE tie SET starts = (ARRAY['0024-01-15', '4000-01-01 BC', '5874897-12-31', '2024-03-01']::date[])[n];
SELECT results_eq($$ SELECT * FROM check_snapshots('upwards', 'customer', 'starts', 'amount', '1 day') $$, $$ SELECT * FROM check_snapshots('downwards', 'customer', 'starts', 'amount', '1 day') $$, 'dates of all times, in two orders');
SELECT is((SELECT example FROM check_snapshots('upwards', 'customer', 'starts', 'amount', '1 month') WHERE problem = 'unit without rows'), '[0024-02-01,2024-03-01)', 'a year of two digits makes two thousand years without a row');
SELECT refused('SELECT * FROM check_snapshots(99999999::oid::regclass, ''a'', ''b'', ''c'', ''1 month'')', '42P01', '99999999', 'a table that is gone');

-- Amounts at the ends of what there is.
CREATE TABLE large AS SELECT 'x' AS customer, date '2024-01-01' + i % 3 AS starts, NULL::date AS ends, amount FROM generate_series(1, 200) i,
    unnest(ARRAY[repeat('9', 38)::numeric, -repeat('9', 38)::numeric, ('0.' || repeat('0', 37) || '1')::numeric, 1e38, 1234567890.12345678901234567890]) amount;
SELECT results_eq($$ SELECT problem, rows FROM check_subscriptions('large', 'customer', 'starts', 'ends', 'amount', NULL) ORDER BY 1 $$,
    $$ VALUES ('exact duplicate', 591::bigint), ('impossible amount', 200) $$, 'amounts of 38 digits and of more');
UPDATE large SET amount = -1 WHERE amount = 1e38;
SELECT is((SELECT rows FROM check_subscriptions('large', 'customer', 'starts', 'ends', 'amount', NULL) WHERE problem = 'impossible amount'), NULL, 'they are possible');

-- Rights.
CREATE ROLE csm_metrics_reader;
SELECT format('GRANT USAGE ON SCHEMA %I TO csm_metrics_reader', current_schema()) AS grant_it \gset
:grant_it;
GRANT EXECUTE ON FUNCTION refused, named TO csm_metrics_reader;
SET LOCAL ROLE csm_metrics_reader;
SELECT refused($$ SELECT * FROM check_subscriptions('everything', 'customer', 'starts', 'ends', 'amount', 'currency') $$, '42501', 'permission denied for .*everything', 'a table that the caller may not read');
RESET ROLE;
GRANT SELECT ON everything TO csm_metrics_reader;
ALTER TABLE everything ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_account ON everything FOR SELECT TO csm_metrics_reader USING (customer = 'far');
SET LOCAL ROLE csm_metrics_reader;
SELECT results_eq($$ SELECT problem, rows FROM check_subscriptions('everything', 'customer', 'starts', 'ends', 'amount', 'currency') $$, $$ VALUES ('end in the year 9999', 1::bigint) $$, 'row-level security: the rows that the caller may see');
RESET ROLE;

-- Refused.
SELECT refused($$ SELECT * FROM check_subscriptions('everything', 'account', 'starts', 'ends', 'amount', 'currency') $$, '42703', '"everything" has no column "account"', 'a column that there is not');
SELECT refused($$ SELECT * FROM check_subscriptions('everything', 'lower(customer)', 'starts', 'ends', 'amount', 'currency') $$, '42703', 'no column "lower\(customer\)"', 'an expression', 'make a view');
SELECT refused($$ SELECT * FROM check_subscriptions('everything', 'ctid', 'starts', 'ends', 'amount', 'currency') $$, '42703', 'no column', 'a system column');
SELECT refused($$ SELECT * FROM check_subscriptions('everything', 'customer', 'currency', 'ends', 'amount', 'currency') $$, '42804', 'argument "starts", is of type text', 'a start that is a text', 'view');
SELECT refused($$ SELECT * FROM check_subscriptions('everything', 'customer', 'starts', 'ends', 'customer', 'currency') $$, '42804', 'argument "amount", is of type text', 'an amount that is a text');
SELECT refused($$ SELECT * FROM check_subscriptions('everything', 'customer', 'starts', 'ends', 'amount') $$, '42804', 'argument "valid", is of type date', 'two columns without the currency', 'give the currency too');
SELECT refused($$ SELECT * FROM check_subscriptions('as_range', 'customer', 'valid', 'amount', 'the "Currency"', date 'infinity') $$, '22023', 'as_of', 'an infinite as_of');
SELECT refused($$ SELECT * FROM check_subscriptions('as_range', 'customer', 'valid', 'amount', NULL, '2024-12-31') $$, '42804', 'argument "starts", is of type daterange', 'as_of by place beside a range', 'as_of =>');
SELECT refused($$ SELECT * FROM check_subscriptions(NULL, 'customer', 'valid', 'amount') $$, '22004', 'source', 'no source');
SELECT refused($$ SELECT * FROM check_snapshots('monthly', 'id', 'at', 'amount', '5 months') $$, '22023', 'every', 'a unit that is none');
CREATE VIEW endless AS SELECT i AS id, date '2024-01-01' AS at, 1 AS amount FROM generate_series(1, 1000) i, generate_series(1, 1000) j, generate_series(1, 1000) k, generate_series(1, 1000) l;
CREATE FUNCTION cancelled(statement text) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN EXECUTE statement; RETURN false; EXCEPTION WHEN query_canceled THEN RETURN true; END $$;
SET LOCAL statement_timeout = '200ms';
SELECT ok(cancelled($$ SELECT * FROM check_snapshots('endless', 'id', 'at', 'amount', '1 month') $$), 'it can be cancelled');
SET LOCAL statement_timeout = 0;

-- The sample company holds none of them.
\set seed 1
\set company_schema :tests '/../demo/schema.sql'
\set company :tests '/../demo/generate.sql'
\i :company_schema
\i :company
SELECT is_empty($$ SELECT * FROM check_subscriptions('subscription', 'account_id', 'valid', 'amount', as_of => '2025-12-31') $$, 'the sample company, as of its last day: nothing');

SELECT * FROM finish();
ROLLBACK;
