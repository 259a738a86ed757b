\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- Worked numbers of health scores, from pROC, scikit-learn, statsmodels or by fractions; NULLs, one side only, bad input.
SELECT plan(61);

CREATE FUNCTION near(got numrange, want numrange) RETURNS bool LANGUAGE sql IMMUTABLE AS $$
    SELECT numrange(round(lower(got), 8), round(upper(got), 8), '[]') = numrange(round(lower(want), 8), round(upper(want), 8), '[]') AND got::text ~ '^\[.*\]$'
$$;
CREATE TABLE k (score numeric, churned bool, arr numeric);
INSERT INTO k VALUES (20, true, 1000), (20, false, 500), (35, true, 2500), (35, true, 800), (40, false, 300), (50, true, 4000), (50, false, 1500), (50, false, 900), (60, false, 700), (60, false, 650), (70, true, 12000), (70, false, 3000), (75, false, 400),
    (80, false, 2200), (80, false, 1800), (85, false, 950), (90, false, 5000), (90, false, 1250), (95, false, 600), (95, true, 350);
CREATE TABLE h AS SELECT health_agg(score, churned, arr) AS h, health_agg(score, churned) AS plain, health_agg(score::float8, churned, arr) AS f, health_agg(score::float8, churned) AS pf FROM k;
CREATE FUNCTION h() RETURNS health_summary LANGUAGE sql STABLE AS 'SELECT h FROM h';

SELECT is(auc(h()), 0.69642857142857142857, 'K: auc is 39/56');
SELECT ok(near(auc_interval(h(), c), want::numrange), format('K: auc interval at %s', c)) FROM (VALUES (0.95, '[0.2938446120,0.9267279496]'), (0.8, '[0.4442974959,0.8681197460]')) v (c, want);
SELECT is((churn_recall(h(), 50), churn_precision(h(), 50), green_churn(h(), 50))::text, (3 / 6.0, 3 / 5.0, 3 / 15.0)::text, 'K: recall, precision and green churn at 50');
SELECT is((churn_recall(h(), 75), churn_precision(h(), 75), green_churn(h(), 75))::text, (5 / 6.0, 5 / 12.0, 1 / 8.0)::text, 'K: at 75');
SELECT is((churn_recall(h(), 20), churn_precision(h(), 20), green_churn(h(), 20))::text, (0 / 6.0, NULL::int, 6 / 20.0)::text, 'K: at 20 nobody is flagged');
SELECT is((churn_recall(h(), 95.01), churn_precision(h(), 95.01), green_churn(h(), 95.01))::text, (6 / 6.0, 6 / 20.0, NULL::int)::text, 'K: above all scores nobody is green');
SELECT is((churn_recall(h(), NULL), churn_precision(h(), NULL), green_churn(h(), NULL), auc(NULL::health_summary))::text, '(,,,)', 'NULL: NULL');
\set scheme 'ARRAY[''red [0,50)'', ''yellow [50,75)'', ''green [75,)'']::segment[]'
SELECT results_eq('SELECT band::text, accounts, accounts_churned, round(lower(churn_interval), 8), round(upper(churn_interval), 8), arr, arr_churned FROM health_bands(h(), ' || $s$ARRAY['red [0,50)', 'yellow [50,75)', 'green [75,)']::segment[]$s$ || ', 0.95)',
    $$ VALUES ('red [0,50)', 5::bigint, 3::bigint, 0.23072428, 0.88237923, 5100::numeric, 4300::numeric), ('yellow [50,75)', 7, 2, 0.08221892, 0.64106555, 22750, 16000), ('green [75,)', 8, 1, 0.02241749, 0.47088818, 12550, 350) $$, 'K: bands');
SELECT is((SELECT array_agg(churn || ' ' || mean_score) FROM health_bands(h(), :scheme, 0.95)), ARRAY[3/5.0 || ' ' || 150/5.0, 2/7.0 || ' ' || 410/7.0, 1/8.0 || ' ' || 690.0/8], 'K: churn and mean score of bands');
SELECT results_eq($$ SELECT band::text, accounts, accounts_churned, churn IS NULL, churn_interval IS NULL, mean_score, arr, arr_churned FROM (SELECT health_agg(NULL::numeric, c, 7) AS h FROM unnest(ARRAY[true, false, false]) c) u, health_bands(h() + u.h, ARRAY['low [0,10)', 'high [90,95)']::segment[], 0.9) $$,
    $$ VALUES ('low [0,10)', 0::bigint, 0::bigint, true, true, NULL::numeric, 0::numeric, 0::numeric), ('high [90,95)', 2, 0, false, false, 90, 6250, 0), (NULL, 21, 7, false, false, 1070 / 18.0, 34171, 20657) $$, 'an empty band; scores outside of all bands and unscored accounts come last');
SELECT is((SELECT count(*) FROM health_bands(h(), '{}', 0.9)), 1::bigint, 'no bands: everybody is outside');
SELECT is((SELECT string_agg(concat_ws(' ', band, arr, arr_churned), ', ') FROM health_bands((SELECT plain FROM h), ARRAY['red [0,50)']::segment[], 0.9)), 'red [0,50), ', 'without ARR there is none in the bands');
SELECT results_eq('SELECT score, accounts, accounts_churned, arr, arr_churned, churn_recall, churn_precision FROM health_table(h())',
    $$ SELECT score, count(*), count(*) FILTER (WHERE churned), sum(arr), coalesce(sum(arr) FILTER (WHERE churned), 0), sum(count(*) FILTER (WHERE churned)) OVER w / 6, sum(count(*) FILTER (WHERE churned)) OVER w / sum(count(*)) OVER w FROM k GROUP BY score WINDOW w AS (ORDER BY score) ORDER BY score $$, 'K: the table');
SELECT is((accounts(h()), accounts_churned(h()), unscored_accounts(h()))::text, '(20,6,0)', 'K: accounts');

-- L: likelihoods of staying.
CREATE TABLE l AS SELECT rtrim(x, '+')::numeric AS p, x ~ '\+' AS churned FROM string_to_table('.95 .9 .9+ .8 .75 .6+ .6 .5+ .3+ .2', ' ') x;
SELECT is((SELECT (brier(health_agg(p, churned)), round(brier_skill(health_agg(p, churned)), 10))::text FROM l), '(0.24250000000000000000,-0.0104166667)', 'L: brier and its skill');
SELECT is((SELECT health_agg(p::float8, churned) = health_agg(p, churned) FROM l), true, 'L: as double precision');
SELECT is((SELECT (brier(health_agg(p, true)), brier_skill(health_agg(p, true)), brier(health_agg(p, false)), brier_skill(health_agg(p, false)))::text FROM (VALUES (0.5), (1)) v (p)), '(0.62500000000000000000,,0.12500000000000000000,)', 'everybody or nobody churned: no skill');

-- One side, one account, no account.
SELECT is((SELECT (auc(h), auc_interval(h, 0.95))::text FROM (SELECT health_agg(s, c) AS h FROM (VALUES (1, true), (2, true), (5, false), (6, false)) v (s, c)) x), '(1.00000000000000000000,)', 'perfect separation: no interval');
SELECT is((SELECT (auc(h), auc_interval(h, 0.95), churn_recall(h, 3), churn_precision(h, 3), green_churn(h, 3))::text FROM (SELECT health_agg(s, true) AS h FROM generate_series(1, 4) s) x), '(,,0.50000000000000000000,1.00000000000000000000,1.00000000000000000000)', 'everybody churned');
SELECT is((SELECT (auc(h), auc_interval(h, 0.95), churn_recall(h, 3), churn_precision(h, 3), green_churn(h, 3))::text FROM (SELECT health_agg(s, false) AS h FROM generate_series(1, 4) s) x), '(,,,0.00000000000000000000,0.00000000000000000000)', 'nobody churned');
SELECT is((SELECT (auc(h), auc_interval(h, 0.95))::text FROM (SELECT health_agg(s, s = 1) AS h FROM generate_series(1, 4) s) x), '(1.00000000000000000000,)', 'one churned: no interval');
SELECT is((SELECT (auc(h), auc_interval(h, 0.95))::text FROM (SELECT health_agg(7, s > 2) AS h FROM generate_series(1, 4) s) x), '(0.50000000000000000000,)', 'one score: one half, no interval');
SELECT is((SELECT auc(health_agg(-score, churned)) FROM k), 1 - auc(h()), 'scores turned round: 1 - auc');
SELECT is((SELECT health_agg(score, churned) FROM k WHERE false), NULL, 'no rows: NULL');
SELECT is((SELECT rollup(h) FROM h WHERE false), NULL, 'nothing to roll up: NULL');
SELECT is((accounts(u), accounts_churned(u), unscored_accounts(u), auc(u), brier(u), brier_skill(u), churn_recall(u, 5))::text, '(0,0,2,,,,)', 'unscored accounts count in no figure but their own') FROM (SELECT health_agg(NULL::numeric, c) AS u FROM unnest(ARRAY[true, false]) c) x;
SELECT is(u::text, '{"arr": false, "scale": 0, "rows": [[null, 1, 1]]}', 'text of unscored accounts') FROM (SELECT health_agg(NULL::numeric, c) AS u FROM unnest(ARRAY[true, false]) c) x;
SELECT is((auc(e), accounts(e), brier(e))::text, '(,0,)', 'an empty summary') FROM (SELECT '{"arr": false, "scale": 0, "rows": []}'::health_summary AS e) x;

-- Wilson.
SELECT ok(near(wilson_interval(a, b, 0.95), want::numrange), format('%s of %s', a, b)) FROM (VALUES (9, 41, '[0.1200317478,0.3670500599]'), (22, 63, '[0.2432598902,0.4724853923]')) v (a, b, want);
SELECT is((wilson_interval(0, 0, 0.9), wilson_interval(NULL, 3, 0.9), lower(wilson_interval(0, 5, 0.9)), upper(wilson_interval(5, 5, 0.9)))::text, '(,,0.0000000000,1.0000000000)', 'wilson_interval at its ends');

-- The same however it is made and put together.
SELECT is((SELECT (h = f AND plain = pf AND h::text::health_summary = h AND h::jsonb::health_summary = h AND plain::text::health_summary::text = plain::text)::text FROM h), 'true', 'as double precision, through text and jsonb: the same value');
SELECT is((SELECT rollup(x)::text FROM (SELECT health_agg(score, churned, arr) AS x FROM k GROUP BY arr % 3) y), (h())::text, 'K: rolled up');
SELECT is((SELECT health_agg(score, churned, arr ORDER BY arr)::text FROM k), (h())::text, 'K: in another order');
SELECT is((health_agg(1, true, 5.5) + health_agg(0.25, false, 2))::text, '{"arr": true, "scale": 2, "arr_scale": 1, "rows": [["0.25", 1, 0, "2.0", "0.0"], ["1.00", 0, 1, "0.0", "5.5"]]}', '+');
SELECT is(health_agg(1, true, 2) = health_agg(1.0, true, 2.00) AND health_agg(1, true, 2) <> health_agg(1, false, 2), true, 'display scale does not count');
SELECT is((SELECT auc(health_agg(s, c)) FROM (VALUES (0.123456789012345678901234567890, true), (0.123456789012345678901234567891, false), (0.9, false)) v (s, c)), 1::numeric, 'scores of 30 decimal places are told apart');
SELECT is((SELECT auc(health_agg(s, c)) FROM (VALUES (-5, true), (-5.5, false), (1e-12, true), (2e-5::float8, false)) v (s, c)), 0.5, 'negative and tiny scores');
SELECT is((SELECT health_agg(score, churned, NULL) = health_agg(score, churned, 0) FROM k), true, 'a NULL ARR is 0');

-- Bad input.
SELECT refused('SELECT ' || call, state, pattern, format('%s is refused with %s', call, state), hint)
FROM (VALUES (1, 'health_agg(50, NULL)', '22004', 'churned', 'FILTER'), (2, 'brier(h())', '22023', '20 is no likelihood', 'divide by 100'), (3, 'brier_skill(h())', '22023', 'likelihood', '100'), (4, 'health_agg(''NaN''::numeric, true)', '22023', 'NaN', ''), (5, 'health_agg(''-Infinity''::float8, true)', '22023', 'nf', ''),
    (6, 'health_agg(''NaN''::float8, true)', '22023', '(?i)nan', ''), (7, 'health_agg(1, true, -1)', '22023', 'arr', ''), (8, 'health_agg(1, true, ''NaN'')', '22023', 'arr', ''), (9, 'health_agg(1, true) + health_agg(1, true, 1)', '22023', 'with and without arr', ''), (10, 'churn_recall(h(), ''NaN'')', '22023', 'threshold', ''),
    (11, 'auc_interval(h(), 1)', '22023', 'confidence', ''), (12, 'health_bands(h(), ARRAY[NULL]::segment[], 0.9)', '22004', 'NULL', ''), (13, 'health_bands(h(), ''{}'', 0)', '22023', 'confidence', ''), (14, 'wilson_interval(2, 1, 0.9)', '22023', '2 of 1', ''), (15, 'wilson_interval(1.5, 3, 0.9)', '22023', 'whole', ''),
    (16, 'wilson_interval(-1, 3, 0.9)', '22023', 'negative', ''), (17, 'wilson_interval(1, ''Infinity'', 0.9)', '22023', 'finite', ''), (18, 'brier(health_agg(-0.1, true))', '22023', 'likelihood', ''), (19, 'health_agg(i, true) FROM generate_series(1, 1000001) i', '54000', '1000000 different scores', 'Round'),
    (20, 'health_agg(x, true) FROM unnest(ARRAY[1e30, 1e-10]) x', '22003', 'scores have more than 38 digits', 'Round'), (21, 'rollup(h) FROM (SELECT h FROM h UNION ALL SELECT plain FROM h) x', '22023', 'arr', '')) v (n, call, state, pattern, hint) ORDER BY n;

SELECT * FROM finish();
ROLLBACK;
