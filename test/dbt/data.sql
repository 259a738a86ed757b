-- 300 accounts of two currencies and some without, over two years: last days that count, open ends, gaps, several products.
CREATE SCHEMA billing;
CREATE TABLE billing.subscription (
	id bigint, money text, first_day date, last_day date, paid numeric(12,2), written timestamptz DEFAULT '2025-01-01 00:00Z');
INSERT INTO billing.subscription (id, money, first_day, last_day, paid)
SELECT i, (ARRAY['EUR', 'USD'])[1 + i % 2], start, CASE WHEN (i * 7 + n) % 3 > 0 THEN start + 40 + (i * 31 + n * 17) % 500 END, 100 + (i * 37 + n * 11) % 900 + 0.25
FROM generate_series(1, 300) AS i, generate_series(0, i % 3) AS n, LATERAL (SELECT date '2022-11-03' + (i * 13 + n * 211) % 800 AS start) AS s;
INSERT INTO billing.subscription (id, money, first_day, last_day, paid) VALUES
	(7, 'EUR', '2024-01-01', '2024-12-31', 55), (901, 'EUR', '2024-03-01', '2024-02-29', 10), (902, 'USD', '2023-01-01', NULL, 0);
