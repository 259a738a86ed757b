-- Billing of 90 accounts from July 2022 to 2026, the same on every machine: overlapping subscriptions, gaps, returns, open ends,
-- changes on one day, credits, NULLs, up to 33 digits, scales 0 to 6, mixed or not. Read after prelude.sql.

-- A draw from 0 to below - 1.
CREATE FUNCTION draw(seed int, i int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT (('x' || substr(md5(seed || '/' || i), 1, 7))::bit(28)::int % below)
$$;
CREATE FUNCTION amount(seed int, i int, account int) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN account % 9 = 0 THEN (draw(seed, i, 1000000) + 1) * 1000000000000000000000.000001
                WHEN draw(seed + 1, i, 12) = 0 THEN NULL
                ELSE ((draw(seed, i, 900) + 1) * 0.25)::numeric(20, 2) * CASE WHEN account % 4 = 0 THEN 1.000 ELSE 1 END END
$$;

-- What histories are about: accounts, and the days they are asked for.
CREATE TABLE days AS SELECT d::date AS day FROM generate_series('2022-06-01'::date, '2026-03-01', '1 day') d;

-- Subscriptions: 0 to 8 an account; account % 5 = 1 has gaps between them, others overlap; a NULL or empty range is no subscription.
CREATE TABLE subscriptions AS
SELECT account, i,
       CASE draw(1, key, 25) WHEN 0 THEN NULL WHEN 1 THEN 'empty'::daterange WHEN 2 THEN daterange(starts, NULL) WHEN 3 THEN daterange(starts, 'infinity')
                             ELSE daterange(starts, starts + 1 + draw(2, key, 300)) END AS valid,
       amount(10, key, account) AS amount
FROM generate_series(1, 90) account, generate_series(1, 8) i,
    LATERAL (SELECT account * 100 + i AS key) k,
    LATERAL (SELECT '2022-07-01'::date + CASE WHEN account % 5 = 1 THEN 160 * i + draw(3, key, 20) ELSE draw(3, key, 1200) END AS starts) s
WHERE i <= account % 9;

-- Snapshots: some days of some months, the first, the last or any; more than one in a month add up.
CREATE TABLE snapshots AS
SELECT account, i, ('2022-07-01'::date + draw(20, key, CASE WHEN account % 3 = 0 THEN 400 ELSE 1250 END)) AS at, amount(30, key, account) AS amount
FROM generate_series(1, 90) account, generate_series(1, 30) i, LATERAL (SELECT account * 100 + i AS key) k
WHERE i <= account % 31;

-- A ledger: ups and downs, some on one day.
CREATE TABLE ledger AS
SELECT account, i, ('2022-07-01'::date + draw(40, key, 60) * 20) AS at, amount(50, key, account) * CASE WHEN draw(41, key, 3) = 0 THEN -1 ELSE 1 END AS change
FROM generate_series(1, 90) account, generate_series(1, 40) i, LATERAL (SELECT account * 100 + i AS key) k
WHERE i <= account % 37;
ANALYZE subscriptions;
ANALYZE snapshots;
ANALYZE ledger;
