\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The recipe examples/presold.sql: the worked numbers, cases one at a time, and random terms against plain SQL that looks up days.
SELECT plan(18);
\set presold :tests '/../examples/presold.sql'
\i :presold
CREATE FUNCTION draw(i int, j int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || left(md5(i || '/' || j), 7))::bit(28)::int % below $$;
CREATE FUNCTION parts(from_date date, to_date date) RETURNS text LANGUAGE sql AS $$ SELECT row(sum(starting), sum(scheduled), sum(ending), round(sum(presold), 2), round(sum(earned), 2))::text FROM recipe_presold.by_account(from_date, to_date) $$;

SELECT diag('The worked numbers');
SELECT is(parts('2024-01-01', '2025-01-01'), '(100.00,20.00,150.00,20.00,30.00)', '100, a ramp to 120, 150 at the end: 20 and 30');
SELECT results_eq($$ SELECT round(ndr(actual), 10), round(ndr(earned), 10), expansion(actual), expansion(earned) FROM recipe_presold.summary('2024-01-01', '2025-01-01') $$, 'VALUES (1.5, 1.3, 50.00, 30.00)', 'NDR 1.5, earned 1.3');

SELECT diag('One case at a time');
CREATE FUNCTION with_terms(terms text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
    TRUNCATE recipe_presold.term;
    EXECUTE 'INSERT INTO recipe_presold.term VALUES ' || terms;
    RETURN parts('2024-01-01', '2025-01-01');
END $$;
SELECT is(with_terms($$ ('a', 'x', '[2023-03-01,2024-03-01)', 100, '2023-02-01'), ('a', 'x', '[2024-03-01,2025-03-01)', 100, '2024-02-01') $$), '(100.00,0.00,100.00,0.00,0.00)', 'a renewal at the same price');
SELECT is(with_terms($$ ('a', 'x', '[2023-03-01,2024-03-01)', 100, '2023-02-01'), ('a', 'x', '[2024-03-01,2025-03-01)', 110, '2023-12-31') $$), '(100.00,10.00,110.00,10.00,0.00)', 'a renewal that was signed ahead');
SELECT is(with_terms($$ ('a', 'x', '[2023-03-01,2024-03-01)', 100, '2023-02-01') $$), '(100.00,0.00,0.00,0.00,0.00)', 'a term that simply ends was not scheduled to end');
SELECT is(with_terms($$ ('a', 'x', '[2023-03-01,)', 100, '2023-02-01'), ('a', 'x', '[2024-06-01,)', 120, '2023-02-01'), ('a', 'x', '[2024-06-01,)', 110, '2024-05-01') $$), '(100.00,20.00,110.00,10.00,0.00)', 'a ramp that was talked down: what came of it');
SELECT is(with_terms($$ ('a', 'x', '[2023-03-01,)', 100, '2023-02-01'), ('a', 'y', '[2023-03-01,)', 30, '2023-02-01'), ('a', 'y', '[2024-05-01,)', 0, '2023-12-01'), ('a', 'x', '[2024-05-01,)', 150, '2024-04-01') $$), '(130.00,-30.00,150.00,0.00,20.00)', 'notice was scheduled: nothing of what came instead is pre-sold');
SELECT is(with_terms($$ ('a', 'x', '[2023-01-01,2023-12-01)', 100, '2022-12-01'), ('a', 'x', '[2023-12-01,2024-12-01)', 100, '2024-02-01'), ('a', 'y', '[2024-04-01,2025-04-01)', 40, '2023-11-01'), ('b', 'x', '[2024-02-01,)', 70, '2023-11-01') $$), '(100.00,110.00,110.00,0.00,0.00)', 'a renewal that was booked late; new accounts are no expansion');
SELECT is(with_terms($$ ('a', 'x', '[2023-01-01,2023-12-01)', 100, '2022-12-01'), ('a', 'x', '[2023-12-01,2025-12-01)', 100, '2024-02-01'), ('a', 'y', '[2024-04-01,2025-04-01)', 40, '2023-11-01') $$), '(100.00,40.00,140.00,40.00,0.00)', '... and what was sold before beside it');
SELECT is(with_terms($$ ('a', 'x', '[2023-03-01,)', 100, NULL), ('a', 'x', '[2024-03-01,)', 130, NULL) $$), '(100.00,0.00,130.00,0.00,30.00)', 'a term whose day of signing is not known was signed on its first day');

SELECT diag('Random terms');
TRUNCATE recipe_presold.term;
INSERT INTO recipe_presold.term
SELECT DISTINCT ON (account, item, starts, coalesce(signed, starts)) account, item, daterange(starts, ends), amount, signed
FROM (SELECT 'a' || draw(1, i, 300) AS account, (ARRAY['x', 'y'])[1 + draw(2, i, 2)] AS item, date '2023-01-01' + draw(3, i, 800) AS starts,
        CASE WHEN draw(4, i, 3) > 0 THEN date '2023-01-01' + draw(3, i, 800) + 1 + draw(5, i, 700) END AS ends, CASE WHEN draw(6, i, 12) = 0 THEN NULL ELSE draw(7, i, 100000) / 100.0 END AS amount,
        CASE WHEN draw(8, i, 10) > 0 THEN date '2023-01-01' + draw(3, i, 800) - 300 + draw(9, i, 330) END AS signed
    FROM generate_series(1, 1300) AS i) AS x
ORDER BY account, item, starts, coalesce(signed, starts), amount;
-- The amount of an item on a day by the terms that were signed before a day; what ends last goes on where it had not ended.
CREATE FUNCTION plain(who text, what text, day date, known date) RETURNS numeric LANGUAGE sql AS $$
    SELECT coalesce((SELECT amount FROM recipe_presold.term AS t
        WHERE account = who AND item = what AND (known IS NULL OR coalesce(signed, lower(valid)) < known) AND lower(valid) <= day AND (upper_inf(valid) OR upper(valid) > day
            OR known <= upper(valid) AND NOT EXISTS (SELECT FROM recipe_presold.term AS o WHERE o.account = who AND o.item = what AND coalesce(o.signed, lower(o.valid)) < known AND (upper_inf(o.valid) OR upper(o.valid) > upper(t.valid))))
        ORDER BY lower(valid) DESC, coalesce(signed, lower(valid)) DESC LIMIT 1), 0) $$;
CREATE FUNCTION plain_account(from_date date, to_date date) RETURNS TABLE (account text, s numeric, c numeric, e numeric) LANGUAGE sql AS $$
    SELECT account, sum(plain(account, item, from_date - 1, NULL)), sum(plain(account, item, to_date - 1, from_date) - plain(account, item, from_date - 1, from_date)), sum(plain(account, item, to_date - 1, NULL))
    FROM (SELECT DISTINCT account, item FROM recipe_presold.term) AS x GROUP BY account $$;
CREATE TABLE ends AS SELECT period_start, period_end, a.* FROM intervals('2024-01-01', '2024-10-01', '3 months'), plain_account(period_start, period_end) AS a UNION ALL SELECT '2024-01-01', '2025-01-01', a.* FROM plain_account('2024-01-01', '2025-01-01') AS a;
SELECT results_eq($$ SELECT period_start, period_end, b.account, starting, scheduled, ending FROM (SELECT DISTINCT period_start, period_end FROM ends) p, recipe_presold.by_account(period_start, period_end) b ORDER BY 1, 2, 3 $$,
    'SELECT * FROM ends WHERE s <> 0 OR e <> 0 ORDER BY 1, 2, 3', 'three quarters and a year: start, scheduled and end of each account');
SELECT results_eq($$ SELECT period_start, period_end, b.account, presold, earned FROM (SELECT DISTINCT period_start, period_end FROM ends) p, recipe_presold.by_account(period_start, period_end) b WHERE presold <> 0 OR earned <> 0 ORDER BY 1, 2, 3 $$,
    $$ SELECT period_start, period_end, account, CASE WHEN c <= 0 THEN 0 WHEN c < e - s THEN c ELSE e - s END, CASE WHEN c <= 0 THEN e - s WHEN c < e - s THEN e - s - c ELSE 0 END FROM ends WHERE s > 0 AND e > s ORDER BY 1, 2, 3 $$, '... pre-sold and earned');
SELECT results_eq($$ SELECT round(ndr(actual), 15), round(ndr(earned), 15), round(grr(earned), 15), expansion(actual), expansion(earned) FROM recipe_presold.summary('2024-01-01', '2025-01-01') $$,
    $$ SELECT round(sum(e) / sum(s), 15), round(sum(e - CASE WHEN c > 0 AND e > s THEN least(c, e - s) ELSE 0 END) / sum(s), 15), round(sum(least(s, e)) / sum(s), 15), sum(greatest(e - s, 0)),
        sum(CASE WHEN e > s THEN e - s - CASE WHEN c > 0 THEN least(c, e - s) ELSE 0 END ELSE 0 END) FROM ends WHERE s > 0 AND period_end = '2025-01-01' $$, '... NDR and earned NDR; GRR is the same');
SELECT is((SELECT row(new_business(actual), reactivation(actual), contraction(actual), churned(actual))::text FROM recipe_presold.summary('2024-01-01', '2025-01-01')), (SELECT row(new_business(earned), reactivation(earned), contraction(earned), churned(earned))::text FROM recipe_presold.summary('2024-01-01', '2025-01-01')), 'all other movements are the same');
SELECT is((SELECT sum(presold + earned) FROM recipe_presold.by_account('2024-01-01', '2025-01-01')), (SELECT expansion(retention_agg(h, '2024-01-01', '2025-01-01')) FROM recipe_presold.history), 'both parts add up to the expansion of the bridge from histories');
SELECT ok((SELECT count(*) FILTER (WHERE presold > 0 AND earned > 0) > 3 AND count(*) FILTER (WHERE presold > 0 AND earned = 0) > 3 AND count(*) FILTER (WHERE scheduled > presold AND starting > 0) > 3 AND count(*) FILTER (WHERE scheduled < 0) > 3 FROM recipe_presold.by_account('2024-01-01', '2025-01-01')), 'all kinds of accounts are there');
SELECT ok((SELECT count(*) > 10 FROM ends JOIN recipe_presold.term USING (account) WHERE period_end = '2025-01-01' AND s > 0 AND e > 0 AND upper(valid) BETWEEN '2024-01-01' AND '2024-12-31'), '... terms that end within the year too');
SELECT is((SELECT count(*) FROM recipe_presold.signed_before('2020-01-01')), 0::bigint, 'nothing was signed before the first term');
SELECT finish();
ROLLBACK;
