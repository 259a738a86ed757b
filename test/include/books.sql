-- Accounts of 60 shapes, the same on every machine: 0 to 400 accounts of up to 30 managers; NULL and zero amounts, accounts
-- without a manager, ties, display scales 0 to 12 mixed, up to 30 digits, no to many pairs of capacities. Read after prelude.sql.

-- A draw from 0 to below - 1.
CREATE FUNCTION draw(seed int, i int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT (('x' || substr(md5(seed || '/' || i), 1, 7))::bit(28)::int % below)
$$;

CREATE TABLE books AS
SELECT shape, i, draw(1, key, 7) AS grp,
       CASE WHEN draw(2, key, 100) < 12 THEN NULL ELSE 'csm ' || draw(3, key, 1 + shape % 30) END AS csm,
       CASE draw(4, key, 12) WHEN 0 THEN NULL WHEN 1 THEN 0 WHEN 2 THEN 5000 WHEN 3 THEN 5000.00
            ELSE round(draw(5, key, 250000000) * CASE WHEN shape % 11 = 0 THEN 1000000000000000.123456789012 ELSE 0.001 END, draw(6, key, 13)) END AS arr,
       CASE shape % 4 WHEN 0 THEN NULL WHEN 1 THEN 2000000 WHEN 2 THEN (ARRAY[2000000, 1000000.0, 1500000.00, NULL])[1 + draw(7, key, 4)] ELSE (ARRAY[2000000, 100000.5, NULL])[1 + draw(8, key, 3)] END AS arr_capacity,
       CASE shape % 3 WHEN 0 THEN NULL WHEN 1 THEN 50 ELSE (ARRAY[6, 20, 50, 7, NULL])[1 + draw(9, key, 5)] END AS account_capacity
FROM generate_series(1, 60) shape, LATERAL (SELECT (ARRAY[0, 1, 2, 5, 20, 100, 400])[1 + shape % 7] AS n) s, generate_series(1, n) i, LATERAL (SELECT 10000 * shape + i AS key) k;
ANALYZE books;
