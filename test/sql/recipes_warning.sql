\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The recipe examples/early_warning.sql: both lists and their checks against plain SQL over the raw rows; nothing of the time after the day of a list is in it.
SELECT plan(22);
\set warning :tests '/../examples/early_warning.sql'
\i :warning
CREATE FUNCTION draw(i int, j int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT ('x' || left(md5(i || '/' || j), 7))::bit(28)::int % below $$;

-- The oracle: rows looked up day by day.
CREATE FUNCTION amount_of(who text, day date) RETURNS numeric LANGUAGE sql AS $$ SELECT coalesce(sum(amount), 0) FROM recipe_warning.subscription WHERE account = who AND valid @> day $$;
CREATE FUNCTION score_of(who text, day date) RETURNS numeric LANGUAGE sql AS $$ SELECT score FROM recipe_warning.score WHERE account = who AND noted_on <= day ORDER BY noted_on DESC LIMIT 1 $$;
CREATE FUNCTION band_of(score numeric) RETURNS text LANGUAGE sql AS $$ SELECT CASE WHEN score IS NULL THEN 'none' WHEN score < 50 THEN 'red' WHEN score < 75 THEN 'yellow' ELSE 'green' END $$;
CREATE FUNCTION plain_book(day date) RETURNS TABLE (account text, arr numeric, score numeric) LANGUAGE sql AS $$
    SELECT account, a, score_of(account, day - 1) FROM (SELECT account, amount_of(account, day - 1) AS a FROM (SELECT DISTINCT account FROM recipe_warning.subscription) d) x WHERE a > 0 $$;
CREATE FUNCTION plain_warnings(day date) RETURNS TABLE (account text, arr numeric, band text, score numeric, fall_30 numeric, fall_90 numeric, next_renewal date, expected_loss numeric) LANGUAGE sql AS $$
    WITH past AS MATERIALIZED (
        SELECT band_of(score) AS band, count(*) AS n, sum(arr) AS s, sum(arr - least(arr, amount_of(account, (day - (k - 1) * interval '3 months')::date - 1))) AS lost
        FROM generate_series(1, 8) k, plain_book((day - k * interval '3 months')::date) GROUP BY 1)
    SELECT account, arr, band_of(score), score, score_of(account, day - 31) - score, score_of(account, day - 91) - score,
        (SELECT min(due_on) FROM recipe_warning.renewal r WHERE r.account = b.account AND due_on >= day AND noted_on < day),
        round(arr * coalesce((SELECT lost / s FROM past WHERE band = band_of(score) AND n > 1), (SELECT sum(lost) / sum(s) FROM past)), 10)
    FROM plain_book(day) b $$;
CREATE FUNCTION plain_readiness(day date) RETURNS TABLE (account text, readiness int, not_yet_bought text[]) LANGUAGE sql AS $$
    SELECT account, (coalesce(score, 0) >= 75)::int
        + coalesce((SELECT paid_for > 0 AND used >= 0.8 * paid_for FROM recipe_warning.usage u WHERE u.account = b.account AND noted_on < day ORDER BY noted_on DESC LIMIT 1), false)::int
        + (NOT EXISTS (SELECT FROM recipe_warning.subscription s WHERE s.account = b.account AND upper(valid) >= day - interval '1 year' AND upper(valid) < day AND amount_of(account, upper(valid)) < amount_of(account, upper(valid) - 1)))::int
        + (NOT EXISTS (SELECT FROM recipe_warning.renewal r WHERE r.account = b.account AND due_on >= day AND due_on < day + 180 AND noted_on < day AND expected < due
            AND NOT EXISTS (SELECT FROM recipe_warning.renewal l WHERE l.account = r.account AND l.due_on = r.due_on AND l.noted_on < day AND l.noted_on > r.noted_on)))::int
        + (missing IS NOT NULL)::int, missing
    FROM plain_book(day) b, LATERAL (SELECT array_agg(product ORDER BY product) AS missing FROM recipe_warning.product p
        WHERE NOT EXISTS (SELECT FROM recipe_warning.subscription s WHERE s.account = b.account AND s.product = p.product AND valid @> day - 1 AND amount > 0)) m $$;
CREATE FUNCTION same_lists(day date) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT results_eq(format('SELECT account, arr, band, score, fall_30, fall_90, next_renewal, round(expected_loss, 10) FROM recipe_warning.warnings(%L) ORDER BY account COLLATE "C"', day), format('SELECT * FROM plain_warnings(%L) ORDER BY account COLLATE "C"', day), 'early warning by plain SQL')
    UNION ALL SELECT results_eq(format('SELECT account, readiness, not_yet_bought FROM recipe_warning.readiness(%L) ORDER BY account COLLATE "C"', day), format('SELECT * FROM plain_readiness(%L) ORDER BY account COLLATE "C"', day), 'readiness by plain SQL') $$;
-- P(a lower score for who left) by pairs.
CREATE FUNCTION plain_auc(query text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE r numeric;
BEGIN
    EXECUTE 'WITH x AS (' || query || ') SELECT round(avg(CASE WHEN a.v < b.v THEN 1 WHEN a.v = b.v THEN 0.5 ELSE 0 END), 12) FROM x a, x b WHERE a.hit AND NOT b.hit AND a.v IS NOT NULL AND b.v IS NOT NULL' INTO r;
    RETURN r;
END $$;

SELECT diag('The sample rows');
SELECT same_lists('2025-01-01');
SELECT results_eq('SELECT round(sum(expected_loss), 6) FROM recipe_warning.early_warning', $$ WITH p AS (SELECT band, retention_agg(arr, amount_at(h, period_end - 1)) AS past FROM intervals('2023-01-01', '2025-01-01', '3 months'), recipe_warning.book(period_start) GROUP BY band),
    o AS (SELECT band, retention_agg(arr, NULL) AS open FROM recipe_warning.book('2025-01-01') GROUP BY band)
    SELECT round((1 - grr_forecast(array_agg(past ORDER BY band), array_agg(open ORDER BY band))) * starting(rollup(open)), 6) FROM p FULL JOIN o USING (band) $$, 'expected losses add up to that of grr_forecast');
SELECT ok((SELECT bool_and(expected_loss >= 0 AND expected_loss <= arr) AND count(*) FILTER (WHERE fall_30 > 0) > 0 AND count(*) FILTER (WHERE fall_30 < 0) > 0 FROM recipe_warning.early_warning), 'no account loses more than it has; scores fall and rise');
SELECT is((SELECT count(*) FROM recipe_warning.ready_to_expand r JOIN plain_readiness('2025-01-01') p USING (account) WHERE p.readiness = 5), (SELECT count(*) FROM plain_readiness('2025-01-01') WHERE readiness = 5), 'ready: all five hold');
SELECT ok((SELECT count(*) > 5 FROM recipe_warning.ready_to_expand), '... for some');
SELECT is((SELECT round(auc(recipe_warning.check_score('2024-01-01', '2025-01-01')), 12)), plain_auc($$ SELECT score AS v, amount_of(account, '2024-12-31') = 0 AS hit FROM plain_book('2024-01-01') $$), 'the check of the score, by pairs of accounts');
SELECT is((SELECT round(auc(recipe_warning.check_readiness('2024-01-01', '2025-01-01')), 12)), plain_auc($$ SELECT -readiness AS v, amount_of(account, '2024-12-31') > amount_of(account, '2023-12-31') AS hit FROM plain_readiness('2024-01-01') $$), 'the check of readiness, by pairs of accounts');
SELECT is((SELECT accounts_churned(recipe_warning.check_readiness('2024-01-01', '2025-01-01'))), (SELECT count(*) FROM plain_book('2024-01-01') WHERE amount_of(account, '2024-12-31') > arr), 'who expanded');
SELECT ok((SELECT auc(recipe_warning.check_score('2024-01-01', '2025-01-01')) > 0.5 AND auc(recipe_warning.check_readiness('2024-01-01', '2025-01-01')) > 0.5), 'both are better than a coin here');

SELECT diag('Random companies');
TRUNCATE recipe_warning.subscription, recipe_warning.score, recipe_warning.usage, recipe_warning.renewal;
INSERT INTO recipe_warning.subscription SELECT 'a' || i % 50, (ARRAY['core', 'analytics', 'support', NULL])[1 + draw(1, i, 4)], daterange(date '2022-06-01' + draw(2, i, 800), CASE WHEN draw(3, i, 4) = 0 THEN date '2022-06-01' + draw(2, i, 800) + 1 + draw(4, i, 900) END), draw(5, i, 1000000) / 100.0 FROM generate_series(1, 220) i;
INSERT INTO recipe_warning.score SELECT DISTINCT ON (1, 2) 'a' || draw(6, i, 37), date '2022-06-01' + draw(7, i, 1200), 30 + draw(8, i, 1000) / 10.0 FROM generate_series(1, 900) i ORDER BY 1, 2, i;
INSERT INTO recipe_warning.usage SELECT DISTINCT ON (1, 2) 'a' || draw(9, i, 38), date '2022-06-01' + draw(10, i, 1200), draw(11, i, 120), draw(12, i, 4) * 20 FROM generate_series(1, 900) i ORDER BY 1, 2, i;
INSERT INTO recipe_warning.renewal SELECT DISTINCT ON (1, 2, 3) 'a' || draw(13, i, 39), date '2024-06-01' + 90 * draw(14, i, 10), date '2024-01-01' + draw(15, i, 500), 100, 80 + 10 * draw(16, i, 3) FROM generate_series(1, 300) i ORDER BY 1, 2, 3, i;
SELECT same_lists(day) FROM unnest('{2025-01-01,2024-10-01}'::date[]) day;
SELECT is((SELECT string_agg(DISTINCT readiness::text, ',' ORDER BY readiness::text) FROM recipe_warning.readiness('2025-01-01')), '1,2,3,4,5', 'readiness of all kinds');
SELECT ok((SELECT count(*) FILTER (WHERE cut_on IS NULL) * count(*) FILTER (WHERE cut_on IS NOT NULL) * count(*) FILTER (WHERE use IS NULL) * count(*) FILTER (WHERE renewal_in_danger IS NOT NULL) * count(*) FILTER (WHERE not_yet_bought IS NULL) > 0 FROM recipe_warning.readiness('2025-01-01')), '... and each condition holds for some and fails for some');
SELECT ok((SELECT count(*) FILTER (WHERE band = 'none') > 0 AND bool_and(fall_30 IS NULL AND score IS NULL) FILTER (WHERE band = 'none') FROM recipe_warning.early_warning), 'an account without a score has no fall, and an expected loss');
SELECT is((SELECT round(auc(recipe_warning.check_score('2024-07-01', '2025-01-01')), 12)), plain_auc($$ SELECT score AS v, amount_of(account, '2024-12-31') = 0 AS hit FROM plain_book('2024-07-01') $$), 'the check of the score, by pairs');
SELECT is((SELECT round(auc(recipe_warning.check_readiness('2024-07-01', '2025-01-01')), 12)), plain_auc($$ SELECT -readiness AS v, amount_of(account, '2024-12-31') > amount_of(account, '2024-06-30') AS hit FROM plain_readiness('2024-07-01') $$), 'the check of readiness, by pairs');
SELECT is((SELECT unscored_accounts(recipe_warning.check_score('2024-07-01', '2025-01-01'))), (SELECT count(*) FROM plain_book('2024-07-01') WHERE score IS NULL), 'accounts without a score are counted apart');
-- What is noted on the day of the list or after it, and what happens then, changes nothing.
CREATE TABLE made AS SELECT * FROM recipe_warning.early_warning;
CREATE TABLE ready AS SELECT account, readiness, not_yet_bought, cut_on, use FROM recipe_warning.readiness('2025-01-01');
INSERT INTO recipe_warning.score SELECT 'a' || i, date '2025-01-01', 1 FROM generate_series(0, 39) i ON CONFLICT (account, noted_on) DO UPDATE SET score = 1;
INSERT INTO recipe_warning.usage SELECT 'a' || i, date '2025-01-01', 1, 1 FROM generate_series(0, 39) i ON CONFLICT (account, noted_on) DO UPDATE SET used = 1, paid_for = 1;
INSERT INTO recipe_warning.renewal SELECT 'a' || i, date '2025-01-02', date '2025-01-01', 100, 0 FROM generate_series(0, 39) i ON CONFLICT DO NOTHING;
DELETE FROM recipe_warning.subscription WHERE lower(valid) >= '2025-01-01';
UPDATE recipe_warning.subscription SET valid = valid * '(,2025-01-01)';
SELECT results_eq('SELECT * FROM recipe_warning.early_warning', 'SELECT * FROM made ORDER BY expected_loss DESC, account', 'early warning has nothing of the time after it');
SELECT results_eq($$ SELECT account, readiness, not_yet_bought, cut_on, use FROM recipe_warning.readiness('2025-01-01') ORDER BY account $$, 'SELECT * FROM ready ORDER BY account', 'nor has readiness');
SELECT finish();
ROLLBACK;
