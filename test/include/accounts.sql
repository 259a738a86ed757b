-- Accounts of 240 shapes, the same on every machine: 0 to 250 accounts; NULLs, zeros and ties from none to all;
-- display scales 0 to 30, mixed or not; up to 38 digits in total; 1 to 20 groups. Read after prelude.sql.

-- A draw from 0 to below - 1, and 40 digits.
CREATE FUNCTION draw(seed int, i int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT (('x' || substr(md5(seed || '/' || i), 1, 7))::bit(28)::int % below)
$$;
CREATE FUNCTION digits(seed int, i int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT string_agg(lpad(draw(seed + j, i, 100000000)::text, 8, '0'), '' ORDER BY j) FROM generate_series(1, 5) j
$$;
CREATE FUNCTION amount(seed int, i int, whole int, scale int) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
    SELECT (left(digits(seed, i), whole) || CASE WHEN scale > 0 THEN '.' || right(digits(seed + 100, i), scale) ELSE '' END)::numeric
$$;

CREATE TABLE shapes AS
SELECT shape, (ARRAY[0, 1, 2, 3, 5, 8, 17, 40, 100, 250])[1 + shape % 10] AS n, d AS scale, shape % 3 = 0 AS mixed,
       CASE WHEN shape % 7 = 0 THEN 35 - d ELSE least(1 + draw(2, shape, 8), 35 - d) END AS whole,
       (ARRAY[0, 0, 20, 60, 100])[1 + draw(3, shape, 5)] AS nulls, (ARRAY[0, 10, 50, 95])[1 + draw(4, shape, 4)] AS zeros,
       (ARRAY[0, 10, 100])[1 + draw(5, shape, 3)] AS ties, 1 + draw(6, shape, 20) AS groups
FROM generate_series(1, 240) shape, LATERAL (SELECT draw(1, shape, 21) + CASE WHEN shape % 4 = 0 AND shape % 7 > 0 THEN 10 ELSE 0 END AS d) s;

CREATE TABLE accounts AS
SELECT shape, i, i % groups AS grp,
       CASE WHEN draw(11, key, 100) < nulls THEN NULL
            WHEN draw(12, key, 100) < zeros THEN 0
            WHEN draw(13, key, 100) < ties THEN amount(1000 + i % 3, shape, whole, scale)
            ELSE amount(2000, key, whole, CASE WHEN mixed THEN draw(14, key, scale + 1) ELSE scale END) END AS s,
       CASE WHEN draw(21, key, 100) < nulls THEN NULL
            WHEN draw(22, key, 100) < zeros OR draw(23, key, 6) = 0 THEN 0.0
            WHEN draw(24, key, 100) < ties THEN amount(1000 + i % 3, shape, whole, scale)
            ELSE amount(3000, key, whole, CASE WHEN mixed THEN draw(25, key, scale + 1) ELSE scale END) END AS e,
       (ARRAY[true, false, NULL])[1 + draw(31, key, 3)] AS was
FROM shapes, generate_series(1, n) i, LATERAL (SELECT 1000 * shape + i AS key) k;
ANALYZE accounts;
