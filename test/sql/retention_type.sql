\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
\set accounts :tests '/include/accounts.sql'
\i :accounts
-- retention_summary as a type: text, binary and jsonb forms, equality, order, hash, indexes, joins.
SELECT plan(48);

-- Thousands of values: without period, with one, with period and currency.
CREATE TABLE vals AS
SELECT row_number() OVER (ORDER BY shape, grp) AS id, v.* FROM (
    SELECT shape, i % 40 AS grp, CASE shape % 3 WHEN 0 THEN retention_agg(s, e, was)
                                      WHEN 1 THEN retention_agg(s, e, was, daterange('2024-01-01', '2024-02-01'))
                                      ELSE retention_agg(s, e, daterange('2023-12-31', '2024-12-31'), 'USD') END AS r
    FROM accounts GROUP BY shape, i % 40) v;
ANALYZE vals;
SELECT cmp_ok((SELECT count(DISTINCT r::text) FROM vals), '>', 1500::bigint, 'there are more than 1,500 different values');

-- Text: one line, exact, the same after a round trip.
SELECT is_empty('SELECT id FROM vals WHERE (r::text)::retention_summary::text <> r::text', 'text form: round trip gives the same text');
SELECT is_empty('SELECT id FROM vals WHERE NOT ((r::text)::retention_summary = r)', 'text form: round trip gives an equal value');
SELECT is_empty('SELECT id FROM vals WHERE csm_retention_summary_send((r::text)::retention_summary) <> csm_retention_summary_send(r)', 'text form: round trip gives the same bits');
SELECT is_empty($$ SELECT id FROM vals WHERE r::text ~ '[\n\r]' OR r::text !~ '^\{.*\}$' $$, 'text form is one line and an object');
SELECT is_empty($$ SELECT id FROM vals, jsonb_each(r::jsonb) WHERE jsonb_typeof(value) = 'number' AND value::text !~ '^[0-9]+$' $$, 'text form: only counts are numbers, amounts are decimal strings');
SELECT is((SELECT count(DISTINCT (SELECT array_agg(key ORDER BY n) FROM json_each(r::text::json) WITH ORDINALITY j (key, value, n))) FROM vals WHERE shape % 3 = 2), 1::bigint, 'text form: keys in a fixed order');
SELECT is_empty('SELECT id FROM vals WHERE r::jsonb IS DISTINCT FROM r::text::jsonb', 'the cast to jsonb is the text form');
SELECT is_empty($$ SELECT id FROM vals WHERE (E' \n' || replace(replace(r::text, ',', E' ,\t'), ':', ' : ') || E'\r\n ')::retention_summary <> r $$, 'text form: white space between the parts is read over');

-- Binary: through COPY, all values at once.
SELECT current_setting('data_directory') || '/csm_metrics_retention_type.bin' AS file \gset
\set remove 'cat > /dev/null; rm -f "' :file '"'
CREATE TABLE restored (LIKE vals);
COPY vals TO :'file' (FORMAT binary);
COPY restored FROM :'file' (FORMAT binary);
COPY (SELECT) TO PROGRAM :'remove';
SELECT is((SELECT count(*) FROM restored), (SELECT count(*) FROM vals), 'binary form: every value comes back');
SELECT is_empty('SELECT id FROM vals JOIN restored b USING (id) WHERE b.r::text IS DISTINCT FROM vals.r::text', 'binary form: round trip gives the same text');
SELECT is_empty('SELECT id FROM vals JOIN restored b USING (id) WHERE NOT (b.r = vals.r)', 'binary form: round trip gives an equal value');
SELECT is_empty('SELECT id FROM vals JOIN restored b USING (id) WHERE csm_retention_summary_send(b.r) <> csm_retention_summary_send(vals.r)', 'binary form: round trip gives the same bits');
-- What is stored, compressed or out of line is read all the same.
CREATE TABLE stored (id bigint, r retention_summary, rs retention_summary[]);
ALTER TABLE stored ALTER r SET STORAGE EXTERNAL;
INSERT INTO stored SELECT id, r, array_fill(r, ARRAY[5]) FROM vals;
SELECT is_empty('SELECT id FROM vals JOIN stored b USING (id) WHERE b.r::text <> vals.r::text OR b.rs[5]::text <> vals.r::text', 'values are the same after storing, in a column and in an array');
SELECT is((SELECT count(*) FROM stored WHERE ndr(r) IS DISTINCT FROM ndr(rs[2]) OR starting(r) <> starting(rs[5])), 0::bigint, 'accessors read stored values');
SELECT ok((SELECT rollup(stored.r)::text = rollup(vals.r)::text FROM stored JOIN vals USING (id) WHERE shape = 19), 'rollup reads stored values');

-- Equality ignores trailing zeros and otherwise compares everything.
SELECT ok(a.r = b.r AND NOT a.r <> b.r AND a.r::text <> b.r::text, '= ignores trailing zeros')
FROM (SELECT retention_agg(1.5, 2) AS r) a, (SELECT retention_agg(1.50000, 2.000) AS r) b;
SELECT ok(a.r = b.r, '= ignores trailing zeros of all amounts of a value')
FROM (SELECT retention_agg(s, s * 2) AS r FROM generate_series(1, 20) s) a, (SELECT retention_agg(s::numeric(20,9), (s * 2)::numeric(30,17)) AS r FROM generate_series(20, 1, -1) s) b;
CREATE TABLE wide AS SELECT shape, a.r, retention_agg(round(s, 21), round(e, 25), was) AS wider
                     FROM (SELECT shape, retention_agg(s, e, was) AS r FROM accounts WHERE shape % 7 > 0 AND shape % 4 > 0 GROUP BY shape) a JOIN accounts USING (shape) GROUP BY shape, a.r;
SELECT is_empty('SELECT shape FROM wide WHERE r <> wider', '= ignores trailing zeros, over the shapes of accounts');
SELECT cmp_ok((SELECT count(*) FROM wide WHERE r::text <> wider::text), '>', 100::bigint, 'most of them differ in display scale');
CREATE TABLE variants (what text, r retention_summary);
INSERT INTO variants VALUES
    ('base', (SELECT retention_agg(s, e) FROM (VALUES (10, 10), (30, 20)) v (s, e))),
    ('one more account that counts', (SELECT retention_agg(s, e) FROM (VALUES (10, 10), (30, 20), (0, 1)) v (s, e))),
    ('a known customer', (SELECT retention_agg(s, e, true) FROM (VALUES (10, 10), (30, 20), (0, 1)) v (s, e))),
    ('the same sums of other accounts', (SELECT retention_agg(s, e) FROM (VALUES (20, 20), (20, 10)) v (s, e))),
    ('the same sums of more accounts', (SELECT retention_agg(s, e) FROM (VALUES (5, 5), (5, 5), (30, 20)) v (s, e))),
    ('a ten times larger one', (SELECT retention_agg(s, e) FROM (VALUES (100, 100), (300, 200)) v (s, e))),
    ('a ten times smaller one', (SELECT retention_agg(s, e) FROM (VALUES (1.0, 1.0), (3.0, 2.0)) v (s, e))),
    ('a period', (SELECT retention_agg(s, e, daterange('2024-01-01', '2024-02-01')) FROM (VALUES (10, 10), (30, 20)) v (s, e))),
    ('a period that ends later', (SELECT retention_agg(s, e, daterange('2024-01-01', '2024-02-02')) FROM (VALUES (10, 10), (30, 20)) v (s, e))),
    ('a period that starts later', (SELECT retention_agg(s, e, daterange('2024-01-02', '2024-02-01')) FROM (VALUES (10, 10), (30, 20)) v (s, e))),
    ('a currency', (SELECT retention_agg(s, e, daterange('2024-01-01', '2024-02-01'), 'EUR') FROM (VALUES (10, 10), (30, 20)) v (s, e))),
    ('a currency in other case', (SELECT retention_agg(s, e, daterange('2024-01-01', '2024-02-01'), 'eur') FROM (VALUES (10, 10), (30, 20)) v (s, e))),
    ('nobody', (SELECT retention_agg(0, 0)));
SELECT is((SELECT string_agg(a.what || ' = ' || b.what, ', ') FROM variants a, variants b WHERE a.r = b.r AND a.what <> b.what), NULL, '= tells values apart that differ in one thing');
SELECT is_empty('SELECT 1 FROM variants a, variants b WHERE (a.r = b.r) = (a.r <> b.r)', '<> is the opposite of =');
SELECT is((SELECT count(DISTINCT r) FROM variants), 13::bigint, 'DISTINCT keeps each of them');
SELECT ok((SELECT retention_agg(s, e) FROM (VALUES (10, 20), (10, 0)) v (s, e)) = (SELECT retention_agg(s, e) FROM (VALUES (10, 0), (NULL, NULL), (10, 20), (0, 0.00)) v (s, e)),
          'accounts with 0 at both ends do not count');

-- Hash agrees with =.
CREATE TABLE twins AS SELECT id, r FROM vals UNION ALL SELECT -id, r FROM vals;
INSERT INTO twins SELECT shape * 1000000, r FROM wide UNION ALL SELECT -shape * 1000000, wider FROM wide;
CREATE TABLE singles AS SELECT DISTINCT ON (r::text) * FROM vals;
ANALYZE twins;
ANALYZE singles;
SET LOCAL enable_sort = off;
SELECT matches(plan_of('SELECT r, count(*) FROM twins GROUP BY r'), 'HashAggregate', 'GROUP BY r: the plan hashes');
SELECT is_empty('SELECT left(r::text, 60), count(*) FROM twins GROUP BY r HAVING count(*) % 2 = 1', 'hash: equal values fall into one group, whatever their display scale');
CREATE TABLE hashed AS SELECT r, count(*) AS n, min(abs(id)) AS id FROM twins GROUP BY r;
SET LOCAL enable_sort = on;
SET LOCAL enable_hashagg = off;
SELECT matches(plan_of('SELECT r, count(*) FROM twins GROUP BY r'), 'GroupAggregate.*Sort', 'GROUP BY r: the plan sorts');
SELECT is_empty('SELECT a.id FROM (SELECT r, count(*) AS n, min(abs(id)) AS id FROM twins GROUP BY r) a FULL JOIN hashed b USING (id) WHERE a.n IS DISTINCT FROM b.n', 'sort and hash make the same groups');
SET LOCAL enable_hashagg = on;
SET LOCAL enable_nestloop = off;
SET LOCAL enable_mergejoin = off;
SELECT matches(plan_of('SELECT count(*) FROM twins a JOIN singles b ON a.r = b.r'), 'Hash Join', 'join on =: the plan hashes');
CREATE TABLE by_hash AS SELECT a.id AS a, b.id AS b FROM twins a JOIN singles b ON a.r = b.r;
SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = on;
SELECT matches(plan_of('SELECT count(*) FROM twins a JOIN singles b ON a.r = b.r'), 'Merge Join', 'join on =: the plan merges');
CREATE TABLE by_merge AS SELECT a.id AS a, b.id AS b FROM twins a JOIN singles b ON a.r = b.r;
SET LOCAL enable_hashjoin = on;
SET LOCAL enable_nestloop = on;
SELECT set_eq('SELECT * FROM by_hash', 'SELECT * FROM by_merge', 'hash join and merge join find the same pairs');
SELECT cmp_ok((SELECT count(*) FROM by_hash), '>=', 2 * (SELECT count(*) FROM vals), 'the joins find each value and its twin');

-- A total order.
CREATE TABLE sample AS SELECT row_number() OVER (ORDER BY r) AS place, r FROM (SELECT r FROM twins WHERE id % 17 = 0 UNION ALL SELECT r FROM variants) x;
SELECT is_empty('SELECT 1 FROM sample a, sample b WHERE a.place < b.place AND NOT (a.r <= b.r AND b.r >= a.r AND NOT a.r > b.r AND NOT b.r < a.r)', 'sorted values are in order, each pair of them');
SELECT is_empty('SELECT 1 FROM sample a, sample b WHERE (a.r < b.r)::int + (a.r = b.r)::int + (a.r > b.r)::int <> 1', 'of two values one is less, equal or greater');
SELECT is_empty('SELECT 1 FROM sample a, sample b WHERE (a.r <= b.r) <> (a.r < b.r OR a.r = b.r) OR (a.r >= b.r) <> (a.r > b.r OR a.r = b.r)', '<= and >= include =');
SELECT results_eq('SELECT r::text FROM (SELECT DISTINCT r FROM variants) x ORDER BY r', 'SELECT r::text FROM variants ORDER BY r', 'DISTINCT and ORDER BY go together');

-- Indexes.
SELECT r AS needle FROM vals WHERE shape = 17 ORDER BY grp LIMIT 1 \gset
\set probe 'SELECT count(*), min(id) FROM vals WHERE r = ' '$$' :needle '$$'
CREATE TABLE expected AS :probe;
SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = off;
CREATE INDEX vals_hash ON vals USING hash (r);
SELECT matches(plan_of(:'probe'), 'Index.* using vals_hash', 'hash index: the plan uses it');
SELECT results_eq(:'probe', 'SELECT * FROM expected', 'hash index: it finds what a scan finds');
DROP INDEX vals_hash;
CREATE INDEX vals_btree ON vals USING btree (r);
SELECT matches(plan_of(:'probe'), 'Index.* using vals_btree', 'btree index: the plan uses it');
SELECT results_eq(:'probe', 'SELECT * FROM expected', 'btree index: it finds what a scan finds');
SET LOCAL enable_seqscan = on;
CREATE TABLE keyed (r retention_summary PRIMARY KEY);
INSERT INTO keyed SELECT retention_agg(1.5, 2);
SELECT throws_ok('INSERT INTO keyed SELECT retention_agg(1.50, 2.00)', '23505', NULL, 'a primary key takes values that differ in display scale alone as equal');

-- NULL.
SELECT is((SELECT r + NULL FROM variants WHERE what = 'base'), NULL, 'r + NULL is NULL');
SELECT is((SELECT rollup(r) FROM variants WHERE false), NULL, 'rollup of no rows is NULL');
SELECT is((SELECT rollup(NULL::retention_summary)), NULL, 'rollup of NULLs alone is NULL');
SELECT is((SELECT (ndr(r), grr(r), logo_churn(r), logo_retention(r), revenue_churn(r), revenue_churn_without_contraction(r), net_revenue_churn(r), net_churn_with_reactivation(r), growth(r), arpa_starting(r))::text
           FROM (SELECT retention_agg(0, 5) AS r) x), '(,,,,,,,,,)', 'a zero denominator makes the ratio NULL');
SELECT is((SELECT (quick_ratio(r), quick_ratio_without_reactivation(r), arpa_ending(r))::text FROM (SELECT retention_agg(0, 0) AS r) x), '(,,)', 'a zero denominator makes quick ratio and ARPA NULL');
SELECT is((SELECT (starting(r), ending(r), net_new(r), accounts_starting(r), accounts_ending(r))::text FROM (SELECT retention_agg(0, 0.00) AS r) x), '(0.00,0.00,0.00,0,0)',
          'amounts and counts of accounts that do not count are 0, at their display scale');
SELECT is((SELECT (ndr_agg(0, 5), grr_agg(NULL, 5), churn_agg(0, 5), revenue_churn_agg(0, NULL), quick_ratio_agg(5, 5), survivor_ndr_agg(0, 5, 0))::text), '(,,,,,)',
          'a zero denominator makes the aggregates that return numbers NULL');

SELECT * FROM finish();
ROLLBACK;
