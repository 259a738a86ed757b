\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- Exactness at the edges: what comes in as numeric in any form goes out as the same digits and the same display scale.
SELECT plan(58);

-- One amount alone, in and out.
CREATE FUNCTION through(amount numeric) RETURNS numeric LANGUAGE sql AS 'SELECT starting(retention_agg(amount, 0))';
SELECT is(through(amount::numeric)::text, amount::numeric::text, 'as it came: ' || amount)
FROM (VALUES (1, '0.01'), (2, '1.10'), (3, '1.00000'), (4, '100'), (5, '1e20'), (6, '1e37'), (7, '99999999999999999999999999999999999999'), (8, '0.00000000000000000000000000000000000001'), (9, '10000'), (10, '0.0001'),
             (11, '123456789.123456789'), (12, '1234567890123456789.0123456789012345678'), (13, '100000000.00000001'), (14, '9999.9999'), (16, '17014118346046923173168730371588410572')) v (n, amount)
ORDER BY n;
SELECT is(through(amount)::text, amount::text, 'as it came: ' || label)
FROM (VALUES (1, 10::numeric / 3, '10 / 3'), (2, 1::numeric / 7000000, '1 / 7000000'), (3, 2::numeric / 3, '2 / 3'), (4, 1e10::numeric / 1e10, '1e10 / 1e10'), (5, 0.5::numeric(30,20), '0.5 with 20 places'),
             (6, trunc(12345.678), 'trunc'), (7, round(0.005, 2), 'round'), (8, 5e-10 * 2, '5e-10 * 2'), (9, sqrt(2::numeric), 'sqrt(2)')) v (n, amount, label) ORDER BY n;
SELECT is((SELECT (ndr_agg(2::smallint, 3::smallint), ndr_agg(2::int, 3::int), ndr_agg(2::bigint, 3::bigint), starting(retention_agg(9223372036854775807::bigint, 1::smallint)))::text),
          '(1.5000000000000000,1.5000000000000000,1.5000000000000000,9223372036854775807)', 'smallint, integer and bigint amounts are exact numbers');

-- Every place of a number: one digit at each of 38 places, at each display scale.
SELECT is_empty($$ SELECT place, scale FROM generate_series(-38, 37) place, generate_series(0, 38) scale, LATERAL (SELECT round(('7e' || place)::numeric, scale) AS amount) a
                   WHERE scale >= -place AND place + scale < 38 AND through(amount)::text IS DISTINCT FROM amount::text $$,
                'a digit at any of 38 places, at any display scale, comes out as it came');
CREATE FUNCTION lost_half(amount numeric) RETURNS numeric LANGUAGE sql AS 'SELECT contraction(retention_agg(amount, round(amount / 2, scale(amount))))';
SELECT is_empty($$ SELECT digits, scale FROM generate_series(1, 38) digits, generate_series(0, 38) scale,
                   LATERAL (SELECT round((left('98765432109876543210987654321098765432', digits) || 'e-' || scale)::numeric, scale) AS amount) a
                   WHERE through(amount)::text IS DISTINCT FROM amount::text OR (amount > 9 AND lost_half(amount)::text IS DISTINCT FROM (amount - round(amount / 2, scale))::text) $$,
                'up to 38 digits, at any display scale, come out as they came, and subtract exactly');
-- The same read from a table, where a number is packed and lies at any address.
CREATE TABLE packed AS
SELECT row_number() OVER () AS id, repeat('x', place + 38 & 7) AS pad, round(('7e' || place)::numeric, scale) + CASE WHEN place > 3 THEN 4321 ELSE 0 END AS amount
FROM generate_series(-38, 37) place, generate_series(0, 38) scale WHERE scale >= -place AND place + scale < 38;
SELECT is_empty($$ SELECT id FROM (SELECT id, amount, starting(retention_agg(amount, NULL)) AS s, ending(retention_agg(NULL, amount)) AS e FROM packed GROUP BY id, amount) x WHERE s::text <> amount::text OR e::text <> amount::text $$,
                'numbers in a table, at any address, come out as they are');
-- Sums over mixed scales, against sum().
SELECT is_empty($$ SELECT d FROM generate_series(0, 33) d, LATERAL (SELECT retention_agg(a.x, a.y) AS r, sum(a.x) AS x, sum(a.y) AS y FROM (SELECT round((i * 7919 % 997) / 991.0, i % (d + 1)) AS x, round((i * 104729 % 883) / 881.0, (i * 3) % (d + 1)) AS y FROM generate_series(1, 80) i) a) s
                   WHERE starting(r) <> x OR ending(r) <> y OR scale(starting(r)) <> greatest(scale(x), scale(y)) OR scale(ending(r)) <> greatest(scale(x), scale(y)) $$,
                'sums over mixed scales are the sums of numeric, at the largest display scale of both amounts');
SELECT is((SELECT starting(retention_agg(s, 0))::text FROM (VALUES (1e20), (0.00000000000000001), (5)) v (s)), '100000000000000000005.00000000000000001', 'far apart amounts add up without loss');
SELECT is((SELECT starting(retention_agg(0.1, 0))::text FROM generate_series(1, 100000)), '10000.0', 'a tenth added up 100,000 times is 10,000.0');
SELECT is((SELECT starting(retention_agg(s, NULL))::text FROM (VALUES (NULL::numeric), (1.5), (0.000)) v (s)), '1.500', 'the display scale is the largest of any amount, a zero too; a NULL has none');

SELECT is((SELECT scale(ndr_agg(s, e)) FROM (VALUES (3, 1), (0, 1.0000000000000000000000000)) v (s, e)), 25, 'the display scale of a ratio is the largest of any amount, of new business too');
SELECT is((SELECT scale(ndr(retention_agg(s, e))) FROM (VALUES (3, 1), (0.0000000000000000000000000, 0)) v (s, e)), 25, 'the display scale of a ratio is the largest of any amount, of an account that does not count too');
SELECT is((SELECT scale(survivor_ndr_agg(s, e, 2)) FROM (VALUES (3, 4), (3, 1.0000000000000000000000000)) v (s, e)), 25, 'the display scale of a ratio is the largest of any amount, of an account at or below the threshold too');

-- The limit of 38 digits, from below and from above.
SELECT is((SELECT starting(retention_agg(s, 0)) FROM (VALUES (99999999999999999999999999999999999998), (1)) v (s)), 99999999999999999999999999999999999999, 'a total of 38 nines is within the limit');
SELECT refused('SELECT retention_agg(s, 0) FROM (VALUES (99999999999999999999999999999999999999), (1)) v (s)', '22003', '38 digits', 'one more is out of range');
SELECT is((SELECT ending(retention_agg(s, e)) FROM (VALUES (1, 99999999999999999999999999999999999998), (0, 1)) v (s, e)), 99999999999999999999999999999999999999, 'an ending total of 38 nines, existing and new, is within the limit');
SELECT refused('SELECT retention_agg(s, e) FROM (VALUES (1, 99999999999999999999999999999999999998), (0, 2)) v (s, e)', '22003', '38 digits', 'one more of new business is out of range');
SELECT is((SELECT (ndr(r), hhi(r), top_share(r, 1))::text FROM (SELECT retention_agg(99999999999999999999999999999999999999, 99999999999999999999999999999999999999) AS r) x),
          '(1.00000000000000000000,1.00000000000000000000,1.00000000000000000000)', 'squares of 38 digits are within 256 bits');
SELECT ok((SELECT upper(ndr_interval(retention_agg(s, e), 0.95)) BETWEEN 0.9 AND 100 FROM (VALUES (49999999999999999999999999999999999999, 39999999999999999999999999999999999999), (49999999999999999999999999999999999999, 59999999999999999999999999999999999999)) v (s, e)),
          'intervals are drawn from squares of 38 digits');
SELECT refused('SELECT ndr_agg(1e-39, 1)', '22003', '', '39 decimal places are out of range');
SELECT refused('SELECT ndr_agg(round(1, 70), 1)', '22003', '', '70 decimal places are out of range, zeros though they are');
SELECT refused('SELECT ndr_agg(1, round(0, 39))', '22003', '', 'a zero with 39 decimal places is out of range');
SELECT refused(format('SELECT ndr_agg(1e-%s, 1e-%1$s) OVER (ROWS 1 PRECEDING) FROM generate_series(1, 5)', places), '22003', '', format('%s decimal places are out of range for a moving window', places))
FROM unnest(ARRAY[39, 40, 54, 62, 63, 64, 80]) places;
SELECT refused('SELECT retention_agg(1e-63, 2e-63)', '22003', '', '63 decimal places are out of range for a summary');
SELECT is(movement(1e37, 0.05), 'contraction', 'movement compares amounts too far apart for one scale: contraction');
SELECT is(movement(0.00000000000000000001, 1e37), 'expansion', 'movement compares amounts too far apart for one scale: expansion');
SELECT is((SELECT survivor_ndr_agg(1.00, 1.00, 1e37)), NULL, 'a threshold may be too far from the amounts for one scale');
SELECT refused($$ SELECT csm_sums_accum('{"starting":"10000000000000000000","ending_existing":"10000000000000000000","retained":"10000000000000000000","new":"0","accounts_starting":9223372036854775807,"accounts_churned":0}', 1, 1) $$,
               '22003', 'too many accounts', 'a forged count cannot wrap');
SELECT refused($$ SELECT jsonb_set(jsonb_set(jsonb_set(r::jsonb, '{new}', '"1e18"'), '{accounts_new}', '9223372036854775807'), '{accounts_starting}', '1')::retention_summary FROM (SELECT retention_agg(1, 1) + retention_agg(0, 1) AS r) x $$,
               '22P02', '', 'forged text is refused');
SELECT refused('SELECT ndr_agg(1, 1e38)', '22003', '', '39 digits are out of range');

SELECT * FROM finish();
ROLLBACK;
