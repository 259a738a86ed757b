\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
\set accounts :tests '/include/accounts.sql'
\i :accounts
\set raw_bytes :tests '/include/raw_bytes.sql'
\i :raw_bytes
-- The order of retention_summary: what it is, for indexes that an earlier version has built, and what it costs.
SELECT plan(9);

-- Values without a zero too many: no amount of their accounts ends in one, and all of them are in the value: up to ten largest, one that is new.
CREATE TABLE narrow AS
SELECT row_number() OVER (ORDER BY shape, grp, c) AS id, v.* FROM (
    SELECT shape, i % 40 AS grp, c, CASE c WHEN 0 THEN retention_agg(trim_scale(s), trim_scale(e), was)
                                      WHEN 1 THEN retention_agg(trim_scale(s), trim_scale(e), was, daterange('2024-01-01', '2024-02-01'))
                                      WHEN 2 THEN retention_agg(trim_scale(s), trim_scale(e), daterange('1999-12-31', '2024-12-31'), 'USD')
                                      ELSE retention_agg(trim_scale(s), trim_scale(e), daterange('1999-12-31', '2024-12-31'), 'EUR') END AS r
    FROM accounts, generate_series(0, 3) c GROUP BY shape, i % 40, c) v WHERE accounts_starting(r) <= 10 AND accounts_new(r) <= 1 AND accounts_reactivated(r) <= 1;
CREATE TABLE wide AS SELECT id, rollup(x) AS r FROM narrow, LATERAL (VALUES (r), (csm_retention_accum(CASE WHEN period(r) IS NULL THEN csm_retention_accum(NULL, 0::numeric(40, 32), 0)
    WHEN currency(r) IS NULL THEN csm_retention_accum(NULL, 0::numeric(40, 32), 0, period(r)) ELSE csm_retention_accum(NULL, 0::numeric(40, 32), 0, period(r), currency(r)) END, 0, 0, period(r), currency(r)))) v (x)
WHERE starting(r) < 1e5 AND ending(r) < 1e5 AND period(r) IS NOT NULL AND currency(r) IS NOT NULL GROUP BY id;

-- The bytes, as memcmp compares them, after period and currency; a period is a number of days.
CREATE TABLE places AS
SELECT id, r, row_number() OVER (ORDER BY period(r) IS NOT NULL, lower(period(r)), upper(period(r)), rpad(currency(r), 15) COLLATE "C" NULLS FIRST, length(r::raw::text), r::raw::text COLLATE "C") AS place FROM narrow;
SELECT cmp_ok((SELECT count(DISTINCT r) FROM narrow), '>', 3000::bigint, 'there are values to put in order');
SELECT is_empty('SELECT id FROM (SELECT *, row_number() OVER (ORDER BY r, id) AS n, min(place) OVER (PARTITION BY r) AS first, rank() OVER (ORDER BY r) AS rank FROM places) x WHERE rank <> first', 'values are in the order of their bytes, after period and currency');
SELECT is_empty('SELECT a.id FROM wide JOIN narrow a USING (id) WHERE wide.r <> a.r', 'trailing zeros do not matter for =');
SELECT cmp_ok((SELECT count(*) FROM wide JOIN narrow USING (id) WHERE wide.r::text <> narrow.r::text), '>', 800::bigint, 'there are values with trailing zeros');
SELECT is_empty('SELECT id FROM (SELECT id, rank() OVER (ORDER BY w.r) AS a, rank() OVER (ORDER BY narrow.r) AS b FROM wide w JOIN narrow USING (id)) x WHERE a <> b', 'trailing zeros do not matter for the order');
SELECT is_empty('SELECT id FROM (SELECT id, rank() OVER (ORDER BY CASE WHEN id % 2 = 0 THEN w.r ELSE narrow.r END) AS a, rank() OVER (ORDER BY narrow.r) AS b FROM wide w JOIN narrow USING (id)) x WHERE a <> b', 'nor where only some have them');
SELECT is_empty('SELECT 1 FROM (SELECT csm_retention_summary_hash(w.r) AS a, csm_retention_summary_hash(narrow.r) AS b, csm_retention_summary_hash_extended(w.r, 7) AS c, csm_retention_summary_hash_extended(narrow.r, 7) AS d FROM wide w JOIN narrow USING (id)) x WHERE a <> b OR c <> d', 'nor for the hash');

-- What sorting costs where all values have 17 zeros too many: about 20 times what it costs without them, once 400 times.
CREATE FUNCTION time_to_sort(source regclass) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
    best float8;
    started timestamptz;
    took float8;
BEGIN
    FOR i IN 1 .. 5 LOOP
        started := clock_timestamp();
        EXECUTE format('SELECT count(*) FROM (SELECT r FROM %s ORDER BY r OFFSET 0) x', source);
        took := extract(epoch FROM clock_timestamp() - started);
        best := least(best, took);
    END LOOP;
    RETURN best;
END $$;
CREATE TABLE short_ones AS SELECT g, retention_agg(((g * 7 + i * 13) % 997)::numeric, ((g * 3 + i * 5) % 991)::numeric) AS r FROM generate_series(1, 2000) g, generate_series(1, 12) i GROUP BY g;
CREATE TABLE long_ones AS SELECT g, retention_agg(((g * 7 + i * 13) % 997)::numeric(20, 9), ((g * 3 + i * 5) % 991)::numeric(30, 17)) AS r FROM generate_series(1, 2000) g, generate_series(1, 12) i GROUP BY g;
SELECT ok(bool_and(long_ones.r = short_ones.r), 'the values to sort are equal') FROM short_ones JOIN long_ones USING (g);
SELECT cmp_ok(time_to_sort('long_ones') / time_to_sort('short_ones'), '<', 100::float8, 'sorting values with trailing zeros takes less than a hundred times as long as without');

SELECT * FROM finish();
ROLLBACK;
