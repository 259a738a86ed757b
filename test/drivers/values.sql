-- What is hard for a driver, as a view like the others of the schema bi: digits, trailing zeros, days around the changes of
-- calendars and clocks, text that has to be quoted, NULLs.
CREATE VIEW bi.hard AS
SELECT * FROM (VALUES
	(1::bigint, '99999999999999999999999999999999999999'::numeric, '2025-03-30'::date, 'Größe "L" d''Or'::text, true),
	(9007199254740993, 0.00000000000000000000000000000000000001, '2025-10-26', '東京 ☕ 😀', false),
	(9223372036854775807, 1234567890123456789.1234567890123456789, '2024-02-29', 'C:\temp\n', true),
	(-9223372036854775807, 100.00, '1999-12-31', '', false),
	(0, 0.000, '1970-01-01', ' blank ', NULL),
	(NULL, -0.50, '1582-10-10', '{"a": "b"}', true),
	(2, NULL, '0001-01-01', '%s ? $1 :x', true),
	(3, 1.10, '9999-12-31', NULL, true),
	(4, 0.1, NULL, 'NULL', true)) v (whole, amount, day, label, flag);

UPDATE account SET name = 'Größe "L" d''Or \ 東京 ☕' WHERE account_id = 1;
UPDATE account SET csm = 'Zoë O''Hara' WHERE csm = 'Amara';

-- A scheme whose labels have to be quoted, and a summary and a history to read and to send back.
CREATE TABLE sample AS
SELECT ARRAY['Größe "S" d''Or [0,1000)', '東京, {L} [1000,)']::segment[] AS scheme,
	retention_agg(s, e, daterange('2024-01-01', '2025-01-01'), 'EUR') AS summary,
	history_agg(date '2024-03-31', 12.50, '1 month') AS history
FROM (VALUES (99999999999999999999999999999999999.00, 1.10), (5, 0), (0, 7)) v (s, e);
