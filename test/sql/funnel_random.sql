\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The machine against brute force: random accounts with many ties, all orders that agree with time, all chains. 20,000 accounts and 15 definitions; what is
-- compared is the level and every time of the chain that counts.
SELECT plan(9);
SET LOCAL jit = off;
SET LOCAL work_mem = '256MB';
CREATE FUNCTION instant(hour int) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$ SELECT timestamptz '2024-01-01 00:00Z' + hour * interval '1 hour' $$;

-- Up to five events of four names at five hours: sets, so an event that comes twice is one.
CREATE TEMP TABLE event AS
SELECT DISTINCT a AS account, ('x' || left(md5(a || '/' || i), 4))::bit(16)::int % 5 AS hour, substr('abcx', 1 + ('x' || left(md5(i || '.' || a), 4))::bit(16)::int % 4, 1) AS name
FROM generate_series(1, 20000) a, generate_series(1, 1 + a % 5) i;
CREATE TEMP TABLE history AS SELECT account, usage_history_agg(instant(hour), name) AS h FROM event GROUP BY account;

-- Every order that agrees with time, as two arrays. Accounts that have the same events share one.
CREATE TEMP TABLE kind AS
SELECT row_number() OVER () AS kind, events, array_agg(account) AS accounts FROM (SELECT account, array_agg(hour || name ORDER BY hour, name) AS events FROM event GROUP BY account) x GROUP BY events;
CREATE TEMP TABLE ordered AS
WITH RECURSIVE grow (kind, rest, hours, names) AS (
    SELECT kind, events, '{}'::int[], '{}'::text[] FROM kind
    UNION ALL
    SELECT kind, array_remove(rest, e), hours || left(e, 1)::int, names || right(e, 1) FROM grow, unnest(rest) e WHERE left(e, 1) = left(rest[1], 1))
SELECT row_number() OVER () AS id, kind, hours, names FROM grow WHERE rest = '{}';
ANALYZE kind, ordered;

-- 15 definitions, taken apart by hand: the names of each step, and what the gap after it forbids: nothing, everything (*), or names.
CREATE TEMP TABLE definition (d serial, f text, steps text[], gaps text[], within int);
INSERT INTO definition (f, steps, gaps, within) VALUES
    ('a > b > c', '{a,b,c}', '{"","",""}', NULL),
    ('a > b > c within 2 hours', '{a,b,c}', '{"","",""}', 2),
    ('a > a', '{a,a}', '{"",""}', NULL),
    ('a > a > b within 3 hours', '{a,a,b}', '{"","",""}', 3),
    ('a >> b', '{a,b}', '{*,""}', NULL),
    ('a >> b >> c', '{a,b,c}', '{*,*,""}', NULL),
    ('a > b >> c within 4 hours', '{a,b,c}', '{"",*,""}', 4),
    ('a > !x > b', '{a,b}', '{x,""}', NULL),
    ('a > b > !x > c within 5 hours', '{a,b,c}', '{"",x,""}', 5),
    ('a > !a > b', '{a,b}', '{a,""}', NULL),
    ('a > !b > c > b', '{a,c,b}', '{b,"",""}', NULL),
    ('a|b > c', '{ab,c}', '{"",""}', NULL),
    ('a > b|x > a within 3 hours', '{a,bx,a}', '{"","",""}', 3),
    ('a|b > a|b > c', '{ab,ab,c}', '{"","",""}', NULL),
    ('a >> a|b > x', NULL, NULL, NULL);
-- a name in two steps that are neither equal nor disjoint is no definition
SELECT throws_ok($$ SELECT 'a >> a|b > x'::funnel_steps $$, '22023', NULL, 'overlapping steps');
UPDATE definition SET f = 'a > !x|c > b >> a', steps = '{a,b,a}', gaps = '{xc,*,""}' WHERE steps IS NULL;

-- All chains of all orders: the position of the last event, and the hours.
CREATE TEMP TABLE chains AS
WITH RECURSIVE chain (id, kind, d, last, times) AS (
    SELECT o.id, o.kind, d.d, p, ARRAY[hours[p]] FROM ordered o, definition d, generate_subscripts(names, 1) p WHERE strpos(steps[1], names[p]) > 0
    UNION ALL
    SELECT c.id, c.kind, c.d, p, times || hours[p]
    FROM chain c JOIN ordered o USING (id) JOIN definition d USING (d), generate_series(last + 1, cardinality(names)) p
    WHERE strpos(steps[cardinality(times) + 1], names[p]) > 0 AND (within IS NULL OR hours[p] - times[1] <= within)
      AND CASE gaps[cardinality(times)] WHEN '' THEN true WHEN '*' THEN p = last + 1 ELSE NOT names[last + 1:p - 1] && string_to_array(gaps[cardinality(times)], NULL) END)
SELECT DISTINCT kind, d, times FROM chain;
CREATE INDEX ON chains (kind, d);
ANALYZE chains;
SELECT cmp_ok((SELECT count(*) FROM chains), '>', 20000::bigint, 'there are chains to choose from');

-- The longest; of those the one complete first, started last, with the smallest times.
CREATE TEMP TABLE any_entry AS
SELECT DISTINCT ON (kind, d) kind, d, times FROM chains ORDER BY kind, d, cardinality(times) DESC, times[cardinality(times)], times[1] DESC, times;
CREATE TEMP TABLE first_entry AS
SELECT DISTINCT ON (kind, d) kind, d, times FROM (SELECT *, min(times[1]) OVER (PARTITION BY kind, d) AS first FROM chains) x WHERE times[1] = first
ORDER BY kind, d, cardinality(times) DESC, times[cardinality(times)], times;
ANALYZE any_entry, first_entry, history, definition;
CREATE FUNCTION hours_of(h usage_history, f text) RETURNS int[] LANGUAGE sql AS $$
    SELECT array_agg((extract(epoch FROM at - instant(0)) / 3600)::int ORDER BY step) FROM chain(h, f::funnel_steps) $$;
CREATE FUNCTION differences(entry text) RETURNS TABLE (f text, events text, brute_force int[], machine int[]) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT d.f || %L, k.events::text, times, have FROM kind k JOIN history ON account = accounts[1] CROSS JOIN definition d
        LEFT JOIN %s USING (kind, d), LATERAL (SELECT hours_of(h, d.f || %L) AS have OFFSET 0) m WHERE times IS DISTINCT FROM have LIMIT 5', entry, CASE entry WHEN '' THEN 'any_entry' ELSE 'first_entry' END, entry);
END $$;
SELECT is_empty($$ SELECT * FROM differences('') $$, 'any entry: the chain that counts is that of brute force');
SELECT is_empty($$ SELECT * FROM differences(' first entry') $$, 'first entry: likewise');

-- The aggregate over all accounts: how many reached each step, and when, as exact counts of lengths.
SELECT is_empty($$
    SELECT d.f, x.* FROM definition d, LATERAL (
        (SELECT step, reached FROM funnel_table((SELECT funnel_agg(h, d.f::funnel_steps) FROM history)) EXCEPT ALL
         SELECT s, sum(cardinality(accounts)) FILTER (WHERE cardinality(times) >= s) FROM any_entry e JOIN kind USING (kind), generate_series(1, cardinality(d.steps)) s WHERE e.d = d.d GROUP BY s)) x $$,
    'funnel_agg: as many at each step as by brute force');
SELECT is_empty($$
    SELECT d.f FROM definition d WHERE time_to((SELECT funnel_agg(h, d.f::funnel_steps) FROM history), 2, 0.5) IS DISTINCT FROM
        (SELECT time_to(funnel_agg(two, 'p > q'), 2, 0.5) FROM (SELECT usage_history_agg(instant(CASE e WHEN 'p' THEN 0 ELSE hours END), e) AS two FROM
            (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY times[2] - times[1]) AS hours FROM any_entry e JOIN kind USING (kind), unnest(accounts) WHERE e.d = d.d AND cardinality(times) >= 2) m, unnest('{p,q}'::text[]) e) t) $$,
    'time_to: the median of brute force');

-- In any order: the most distinct steps within a window, the earliest end, then the latest start.
CREATE TEMP TABLE windows AS
SELECT kind, w AS within, s.hour AS starts, e.hour AS ends, (SELECT count(DISTINCT name) FROM (SELECT left(x, 1)::int AS hour, right(x, 1) AS name FROM unnest(events) x) y WHERE hour BETWEEN s.hour AND e.hour AND name IN ('a', 'b', 'c')) AS steps
FROM kind, unnest('{0,1,3,6}'::int[]) w, LATERAL (SELECT DISTINCT left(x, 1)::int AS hour FROM unnest(events) x WHERE right(x, 1) <> 'x') s, LATERAL (SELECT DISTINCT left(x, 1)::int AS hour FROM unnest(events) x WHERE right(x, 1) <> 'x') e
WHERE e.hour - s.hour BETWEEN 0 AND w;
ANALYZE windows;
SELECT is_empty($$
    SELECT events, within, want, have FROM (SELECT DISTINCT ON (kind, within) kind, within, ARRAY[steps, starts, ends] AS want FROM windows ORDER BY kind, within, steps DESC, ends, starts DESC) x
    JOIN kind USING (kind) JOIN history ON account = accounts[1], LATERAL (SELECT ARRAY[count(*), min(extract(epoch FROM at - instant(0)) / 3600)::int, max(extract(epoch FROM at - instant(0)) / 3600)::int] AS have FROM chain(h, format('a & b & c within %s hours', within)::funnel_steps)) m
    WHERE want IS DISTINCT FROM have LIMIT 5 $$, 'in any order: the most within a window');

-- Every entry, where no gap forbids anything: one after the other, each from the first start after the end of the one before.
CREATE TEMP TABLE entries AS
WITH RECURSIVE entry (kind, d, n, times, ended) AS (
    SELECT kind, d, 0, NULL::int[], -1 FROM kind, definition WHERE gaps = array_fill(''::text, ARRAY[cardinality(gaps)]) AND within IS NOT NULL
    UNION ALL
    SELECT e.kind, e.d, n + 1, c.times, CASE WHEN cardinality(c.times) = cardinality(steps) THEN c.times[cardinality(c.times)] ELSE c.times[1] + within END
    FROM entry e JOIN definition USING (d), LATERAL (
        SELECT times FROM chains c WHERE c.kind = e.kind AND c.d = e.d AND times[1] > e.ended
        ORDER BY times[1], cardinality(times) DESC, times[cardinality(times)], times LIMIT 1) c)
SELECT kind, d, array_agg(times::text ORDER BY n) AS chains FROM entry WHERE n > 0 GROUP BY kind, d;
ANALYZE entries;
SELECT cmp_ok((SELECT count(*) FROM entries WHERE cardinality(chains) > 1), '>', 100::bigint, 'there are accounts with several entries');
SELECT is_empty($$
    SELECT f, events, chains, have FROM entries JOIN kind USING (kind) JOIN definition USING (d) JOIN history ON account = accounts[1],
    LATERAL (SELECT array_agg(times::text ORDER BY entry) AS have FROM (SELECT entry, array_agg((extract(epoch FROM at - instant(0)) / 3600)::int ORDER BY step) AS times FROM chain(h, (f || ' every entry')::funnel_steps) GROUP BY entry) x) m
    WHERE chains IS DISTINCT FROM have LIMIT 5 $$, 'every entry: one after the other');
SELECT * FROM finish();
ROLLBACK;
