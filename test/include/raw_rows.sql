-- Raw rows of revenue of every kind, the same on every machine, and what a bridge over them is in plain SQL. Read after prelude.sql.

CREATE FUNCTION draw(seed int, i int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT (('x' || substr(md5(seed || '/' || i), 1, 7))::bit(28)::int % below)
$$;

-- 0: monthly, two decimal places; 1: any scale, credits, NULLs and zeros, several rows a day; 2: up to 30 digits among small ones;
-- 3: a few rows only, dated anywhere in four years; 4: amounts at the end of 64 bits.
-- i is the order in which the rows came, late those that came after their time.
CREATE TABLE snapshots AS
SELECT row_number() OVER (PARTITION BY shape ORDER BY at, account, part) AS i, draw(1, key + part, 50) = 0 AS late, *
FROM (SELECT shape, account, part, key,
             CASE WHEN shape = 3 THEN '2022-01-01'::date + draw(2, key, 1461) ELSE ('2022-11-01'::date + m * interval '1 month')::date + draw(3, key, 28) END AS at,
             CASE WHEN shape = 1 AND draw(5, key, 20) = 0 THEN NULL
                  WHEN draw(6, key, 15) = 0 THEN 0
                  WHEN part = 1 THEN round(-0.25 * amount, draw(4, key, 4))
                  ELSE amount END AS amount
      FROM (VALUES (0, 160), (1, 110), (2, 110), (3, 40), (4, 110)) AS shapes(shape, accounts),
           generate_series(0, 23) AS m, generate_series(1, accounts) AS account, generate_series(0, 1) AS part,
           LATERAL (SELECT shape * 100000 + m * 1000 + account AS key) AS k,
           LATERAL (SELECT CASE shape WHEN 2 THEN (CASE draw(8, shape * 1000 + account, 4) WHEN 0 THEN '123456789012345678901234567.89' ELSE '12.5' END)::numeric * (1 + draw(9, account * 30 + m / 4, 5))
                                      WHEN 4 THEN 9223372036854775807::numeric - (draw(9, key, 3) - draw(11, shape * 1000 + account, 2))
                                      WHEN 1 THEN round((1 + draw(9, key, 100000)) / 997.0, draw(10, key, 5)) ELSE round((1 + draw(9, account * 30 + m / 3, 90000)) / 100.0, 2) END AS amount) AS a
      WHERE m BETWEEN draw(12, shape * 1000 + account, 20) - 6 AND 6 + draw(13, shape * 1000 + account, 24)
        AND draw(14, key / 3, 9) > 0 AND (shape <> 3 OR m < 4) AND (part = 0 OR (shape = 1 AND draw(15, key, 4) = 0))) AS rows;

-- Subscriptions that overlap, touch, leave gaps, stay open; some are credits on a larger one.
CREATE TABLE subscriptions AS
SELECT row_number() OVER (ORDER BY lower(valid), account, n, part) AS i, * FROM (
    SELECT account, n, part, CASE WHEN draw(24, key, 25) = 0 THEN NULL
                                  WHEN draw(25, key, 25) = 0 THEN daterange(start, start)
                                  WHEN part = 0 AND draw(26, key, 8) = 0 THEN daterange(start, CASE WHEN draw(27, key, 2) = 0 THEN 'infinity'::date END)
                                  WHEN part = 0 THEN daterange(start, start + days)
                                  ELSE daterange(start + days / 4, start + days / 2) END AS valid,
           CASE WHEN part = 1 THEN -0.125 * amount ELSE amount END AS amount
    FROM generate_series(1, 120) AS account, generate_series(1, 5) AS n, generate_series(0, 1) AS part,
         LATERAL (SELECT account * 10 + n AS key) AS k,
         LATERAL (SELECT '2022-06-20'::date + draw(21, key, 900) AS start, 4 + draw(22, key, 500) AS days, round((1 + draw(23, key, 70000)) / 7.0, draw(28, key, 4)) AS amount) AS a
    WHERE part = 0 OR draw(29, key, 5) = 0) AS rows;

-- The first day of the calendar unit that holds a day.
CREATE FUNCTION unit_of(day date, every interval) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN every < '28 days' THEN '2001-01-01'::date + (floor((day - '2001-01-01'::date) / extract(day FROM every)) * extract(day FROM every))::int
                ELSE make_date(extract(year FROM day)::int, ((extract(month FROM day)::int - 1) / months) * months + 1, 1) END
    FROM (SELECT (extract(year FROM every) * 12 + extract(month FROM every))::int AS months) AS m
$$;

-- The same where units are counted from a day; the calendar's where that is NULL.
CREATE FUNCTION unit_of(day date, every interval, origin date) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN origin IS NULL THEN unit_of(day, every)
                WHEN every < '28 days' THEN origin + (floor((day - origin) / extract(day FROM every)) * extract(day FROM every))::int
                ELSE (SELECT max((origin + k * every)::date) FROM generate_series(guess - 1, guess + 1) AS k WHERE (origin + k * every)::date <= day) END
    FROM (SELECT floor(((extract(year FROM day) - extract(year FROM origin)) * 12 + extract(month FROM day) - extract(month FROM origin)) / nullif(extract(year FROM every) * 12 + extract(month FROM every), 0))::int AS guess) AS g
$$;

-- What the pairs of amounts at the boundaries make, k by k; amounts at one scale.
CREATE FUNCTION numbered_intervals(from_date date, to_date date, step interval) RETURNS TABLE (k int, b date, c date) LANGUAGE sql IMMUTABLE AS $$
    SELECT k, (from_date + k * step)::date, (from_date + (k + 1) * step)::date FROM generate_series(0, 3000) AS k WHERE (from_date + (k + 1) * step)::date <= to_date
$$;

CREATE FUNCTION snapshots_oracle(of_shape int, every interval, step interval, from_date date DEFAULT NULL, to_date date DEFAULT NULL) RETURNS retention_summary[] LANGUAGE sql STABLE AS $$
    WITH shown AS (SELECT max(scale(amount)) AS places FROM snapshots WHERE shape = of_shape),
    amounts AS MATERIALIZED (SELECT account, unit_of(at, every, from_date) AS unit, round(coalesce(sum(amount), 0), places) AS amount FROM snapshots, shown WHERE shape = of_shape GROUP BY account, unit, places),
    bounds AS (SELECT coalesce(from_date, (min(unit) + every)::date) AS f, coalesce(to_date, (max(unit) + every)::date) AS t FROM amounts),
    runs AS MATERIALIZED (SELECT k, b, c, unit_of(b - 1, every, from_date) AS bu, unit_of(c - 1, every, from_date) AS cu FROM bounds, numbered_intervals(f, t, step)),
    pairs AS (SELECT k, b, c, coalesce(s.amount, round(0, places)) AS s, coalesce(e.amount, round(0, places)) AS e, first <= bu AS known
              FROM runs CROSS JOIN (SELECT account, min(unit) FILTER (WHERE amount > 0) AS first FROM amounts GROUP BY account) AS a CROSS JOIN shown
              LEFT JOIN amounts AS s ON s.account = a.account AND s.unit = bu
              LEFT JOIN amounts AS e ON e.account = a.account AND e.unit = cu)
    SELECT array_agg(r ORDER BY k) FROM (SELECT k, retention_agg(s, e, known, daterange(b, c)) AS r FROM pairs GROUP BY k, b, c) AS i
$$;

CREATE FUNCTION subscriptions_oracle(step interval, from_date date DEFAULT NULL, to_date date DEFAULT NULL) RETURNS retention_summary[] LANGUAGE sql STABLE AS $$
    WITH rows AS MATERIALIZED (SELECT account, lower(valid) AS start, coalesce(upper(valid), 'infinity') AS stop, amount FROM subscriptions WHERE NOT isempty(valid)),
    shown AS (SELECT max(scale(amount)) AS places FROM rows),
    bounds AS (SELECT coalesce(from_date, unit_of(min(start), step)) AS f, coalesce(to_date, (unit_of(max(start), step) + step)::date) AS t FROM rows),
    runs AS MATERIALIZED (SELECT k, b, c FROM bounds, numbered_intervals(f, t, step)),
    days AS (SELECT account, start AS day FROM rows UNION SELECT account, stop FROM rows WHERE stop < 'infinity' UNION SELECT account, b - 1 FROM rows, runs UNION SELECT account, c - 1 FROM rows, runs),
    amounts AS MATERIALIZED (SELECT account, day, coalesce(sum(amount) FILTER (WHERE start <= day AND day < stop), 0) AS amount FROM days JOIN rows USING (account) GROUP BY account, day),
    pairs AS (SELECT k, b, c, round(s.amount, places) AS s, round(e.amount, places) AS e, first < b AS known
              FROM runs CROSS JOIN (SELECT account, min(day) FILTER (WHERE amount > 0) AS first FROM amounts GROUP BY account) AS a CROSS JOIN shown
              JOIN amounts AS s ON s.account = a.account AND s.day = b - 1
              JOIN amounts AS e ON e.account = a.account AND e.day = c - 1)
    SELECT array_agg(r ORDER BY k) FROM (SELECT k, retention_agg(s, e, known, daterange(b, c)) AS r FROM pairs GROUP BY k, b, c) AS i
$$;
