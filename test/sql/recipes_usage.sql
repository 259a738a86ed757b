\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The recipe examples/product_usage.sql against plain SQL over its own rows, and worked numbers of lifecycle, rolling actives, retention, adoption and feedback.
SELECT plan(30);
\set usage :tests '/../examples/product_usage.sql'
\i :usage

-- The oracles: events one by one. A user's day is one of UTC.
CREATE VIEW seen AS SELECT DISTINCT user_id, account, (at AT TIME ZONE 'UTC')::date AS day FROM recipe_usage.event WHERE event IS NOT NULL;
CREATE FUNCTION amount_of(who text, day date) RETURNS numeric LANGUAGE sql AS $$ SELECT coalesce(sum(amount), 0) FROM recipe_usage.subscription WHERE account = who AND valid @> day - 1 $$;
CREATE FUNCTION same_figures() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT results_eq($q$ SELECT period_start, active, new, returned, resurrected, dormant FROM recipe_usage.lifecycle('2024-02-01', '2024-07-01', '1 month') $q$,
        $q$ WITH m AS (SELECT DISTINCT user_id, date_trunc('month', day)::date AS month FROM seen), p AS (SELECT generate_series(timestamp '2024-02-01', '2024-06-01', '1 month')::date AS month)
            SELECT month, (SELECT count(*) FROM m WHERE m.month = p.month),
                (SELECT count(*) FROM m WHERE m.month = p.month AND NOT EXISTS (SELECT FROM m o WHERE o.user_id = m.user_id AND o.month < m.month)),
                (SELECT count(*) FROM m WHERE m.month = p.month AND EXISTS (SELECT FROM m o WHERE o.user_id = m.user_id AND o.month = (p.month - interval '1 month')::date)),
                (SELECT count(*) FROM m WHERE m.month = p.month AND EXISTS (SELECT FROM m o WHERE o.user_id = m.user_id AND o.month < (p.month - interval '1 month')::date) AND NOT EXISTS (SELECT FROM m o WHERE o.user_id = m.user_id AND o.month = (p.month - interval '1 month')::date)),
                (SELECT count(*) FROM m WHERE m.month = (p.month - interval '1 month')::date AND NOT EXISTS (SELECT FROM m o WHERE o.user_id = m.user_id AND o.month = p.month))
            FROM p ORDER BY month $q$, 'lifecycle')
    UNION ALL SELECT is_empty($q$ SELECT * FROM (SELECT active - lag(active) OVER (ORDER BY period_start) AS change, new + resurrected - dormant AS movements FROM recipe_usage.lifecycle('2024-01-01', '2024-07-01', '1 month')) x WHERE change <> movements $q$, '... and it adds up')
    UNION ALL SELECT results_eq($q$ SELECT day, active, went_quiet FROM recipe_usage.rolling_actives(28, '2024-06-01', '2024-07-01') ORDER BY day $q$,
        $q$ SELECT d::date, (SELECT count(DISTINCT user_id) FROM seen WHERE day > d::date - 28 AND day <= d::date), (SELECT count(*) FROM (SELECT user_id FROM seen WHERE day <= d::date GROUP BY user_id HAVING max(day) = d::date - 28) x)
            FROM generate_series(timestamp '2024-06-01', '2024-06-30', '1 day') d ORDER BY d $q$, 'rolling actives, and who went quiet')
    UNION ALL SELECT results_eq($q$ SELECT account, arr, last_seen FROM recipe_usage.quiet_accounts('2024-07-01', 28) ORDER BY account $q$,
        $q$ SELECT account, amount_of(account, '2024-07-01'), (SELECT max(day) FROM seen s WHERE s.account = a.account AND day < '2024-07-01') FROM recipe_usage.account a
            WHERE amount_of(account, '2024-07-01') > 0 AND NOT EXISTS (SELECT FROM seen s WHERE s.account = a.account AND day >= '2024-06-03' AND day < '2024-07-01') ORDER BY account $q$, 'quiet accounts')
    UNION ALL SELECT results_eq($q$ SELECT feature, accounts, round(adoption, 10), round(arr_share, 10), round(ndr_users, 10), round(ndr_others, 10) FROM recipe_usage.adoption('2024-04-01', '2024-07-01', '2025-01-01') ORDER BY feature $q$,
        $q$ WITH a AS (SELECT account, amount_of(account, '2024-07-01') AS s, amount_of(account, '2025-01-01') AS e FROM recipe_usage.account),
            x AS (SELECT f.feature, a.*, EXISTS (SELECT FROM recipe_usage.event v JOIN recipe_usage.feature g USING (event) WHERE g.feature = f.feature AND v.account = a.account AND at >= '2024-04-01 00:00Z' AND at < '2024-07-01 00:00Z') AS used FROM a, (SELECT DISTINCT feature FROM recipe_usage.feature) f WHERE s > 0)
            SELECT feature, count(*) FILTER (WHERE used), round(count(*) FILTER (WHERE used)::numeric / count(*), 10), round(coalesce(sum(s) FILTER (WHERE used), 0) / sum(s), 10), round(sum(e) FILTER (WHERE used) / sum(s) FILTER (WHERE used), 10), round(sum(e) FILTER (WHERE NOT used) / sum(s) FILTER (WHERE NOT used), 10)
            FROM x GROUP BY feature ORDER BY feature $q$, 'adoption, with the NDR of users and others')
    UNION ALL SELECT results_eq($q$ SELECT account, users, round(depth, 10) FROM recipe_usage.depth_and_breadth('2024-06-01') ORDER BY account $q$,
        $q$ WITH e AS (SELECT DISTINCT account, user_id, at FROM recipe_usage.event WHERE event IS NOT NULL AND at >= '2024-05-04 00:00Z' AND at < '2024-06-01 00:00Z'),
            s AS (SELECT account, user_id, at, coalesce(at - lag(at) OVER (PARTITION BY user_id ORDER BY at) > interval '30 minutes', true) AS starts FROM e),
            u AS (SELECT account, user_id, count(*) FILTER (WHERE starts) AS sessions FROM s GROUP BY 1, 2 HAVING max(at) >= '2024-05-25 00:00Z')
            SELECT a.account, count(u.user_id), round(coalesce(avg((sessions >= 10)::int), 0), 10) FROM recipe_usage.account a LEFT JOIN u USING (account) GROUP BY a.account ORDER BY a.account $q$, 'depth: users with ten sessions')
    UNION ALL SELECT results_eq($q$ SELECT idea, accounts, arr, likes FROM recipe_usage.feedback('2024-07-01') ORDER BY idea $q$,
        $q$ SELECT idea, (SELECT count(DISTINCT account) FROM recipe_usage.vote v WHERE v.idea = i.idea AND kind = 'request'), (SELECT coalesce(sum(amount_of(account, '2024-07-01')), 0) FROM (SELECT DISTINCT account FROM recipe_usage.vote v WHERE v.idea = i.idea AND kind = 'request') x),
            (SELECT count(DISTINCT user_id) FROM recipe_usage.vote v WHERE v.idea = i.idea AND kind = 'like') FROM recipe_usage.idea i ORDER BY idea $q$, 'feedback by ARR')
    UNION ALL SELECT is((SELECT round(1 - survival(s, 7), 8) FROM recipe_usage.time_to_value('report', '2024-07-01') s),
        -- Kaplan and Meier by hand, day by day
        (WITH x AS (SELECT user_id, min(at) FILTER (WHERE event = 'signup') AS s, min(at) FILTER (WHERE event = 'report' AND at >= (SELECT min(at) FROM recipe_usage.event f WHERE f.user_id = e.user_id AND event = 'signup')) AS v FROM recipe_usage.event e GROUP BY user_id),
              d AS (SELECT floor(extract(epoch FROM coalesce(v, '2024-07-01 00:00Z') - s) / 86400)::int AS days, v IS NOT NULL AS there FROM x WHERE s < '2024-07-01 00:00Z')
         SELECT round(1 - coalesce(exp(sum(ln(1 - n::numeric / r))), 1), 8) FROM (SELECT k, (SELECT count(*) FROM d WHERE days = k AND there) AS n, (SELECT count(*) FROM d WHERE days >= k) AS r FROM generate_series(0, 7) k) x WHERE n > 0), 'time to value: the share that is there by day 7') $$;
SELECT diag('The sample rows');
SELECT same_figures();
SELECT is((SELECT count(*) FROM recipe_usage.inbox WHERE goes_to = 'support') > 0 AND (SELECT count(*) FROM recipe_usage.inbox WHERE kind IN ('renewal', 'training') AND csm <> 'support' AND goes_to <> csm) = 0, true, 'requests go to support or to the manager');
SELECT is((SELECT recipe_usage.color('depth', x) FROM unnest('{0.35}'::numeric[]) x), 'lime', 'a band starts with its low end');
SELECT lives_ok($$ SELECT recipe_usage.top_up('2024-01-01 00:00Z', '2024-07-01 00:00Z') $$, 'loaded again');
SELECT is((SELECT sum(event_count(h)) FROM recipe_usage.history), (SELECT count(*)::numeric FROM (SELECT DISTINCT user_id, at, event FROM recipe_usage.event WHERE event IS NOT NULL) x), '... and nothing counts twice');
SELECT is((SELECT funnel_agg(user_id, at, event, 'signup > invite > connect > report within 14 days') FROM recipe_usage.event), (SELECT funnel_agg(h, 'signup > invite > connect > report within 14 days') FROM recipe_usage.history), 'the funnel of the events is that of the histories');

SELECT diag('Random events');
TRUNCATE recipe_usage.event, recipe_usage.history, recipe_usage.vote;
INSERT INTO recipe_usage.event
SELECT 'account ' || 1 + u % 60, u, timestamptz '2023-12-20 00:00Z' + ('x' || left(md5(u || '/' || i), 6))::bit(24)::int % 17000000 * interval '1 second', (ARRAY['signup', 'report', 'alert', 'export', 'view', NULL])[1 + ('x' || left(md5(i || '.' || u), 4))::bit(16)::int % 6]
FROM generate_series(1, 400) u, generate_series(1, 3 + u % 90) i;
INSERT INTO recipe_usage.vote SELECT (ARRAY['dark mode', 'single sign-on', 'offline'])[1 + i % 3], 'account ' || 1 + i * 7 % 60, i % 50, CASE WHEN i % 4 = 0 THEN 'like' ELSE 'request' END FROM generate_series(1, 300) i;
SELECT lives_ok($$ SELECT recipe_usage.top_up('2023-01-01 00:00Z', '2024-09-01 00:00Z') $$, 'histories of random events');
SELECT same_figures();

SELECT diag('Worked numbers');
-- 37: three users on day 0, one returns on day 1, one on day 5
CREATE TEMP TABLE three AS SELECT * FROM (VALUES (1, date '2024-01-01'), (2, '2024-01-01'), (3, '2024-01-01'), (1, '2024-01-02'), (2, '2024-01-06')) v (user_id, day);
SELECT results_eq($$ SELECT active FROM cohort_table((SELECT cohort_agg(user_id, day, NULL, '1 day', '2024-01-01', '2024-01-08') FROM three)) WHERE cohort = '2024-01-01' ORDER BY age LIMIT 7 $$, '{3,1,0,0,0,1,0}'::bigint[], '37: on day k');
SELECT results_eq($$ SELECT active FROM cohort_table((SELECT cohort_agg(close_gaps(h, '10 years'), '2024-01-01', '2024-01-08', '1 day') FROM (SELECT history_agg(day, 1, '1 day') AS h FROM three GROUP BY user_id) x)) WHERE cohort = '2024-01-01' ORDER BY age LIMIT 7 $$, '{3,2,1,1,1,1,0}'::bigint[], '... on day k or later');
-- 38
SELECT results_eq($$ SELECT active FROM cohort_table((SELECT cohort_agg(u, date '2024-01-01' + d, NULL, '1 day', '2024-01-01', '2024-01-04') FROM (VALUES (0, 80), (1, 50), (2, 60)) v (d, n), generate_series(0, n - 1) u)) WHERE cohort = '2024-01-01' ORDER BY age $$, '{80,50,60}'::bigint[], '38: 80, 50, 60');
-- 39, 40: five users
CREATE TEMP TABLE five AS SELECT u, make_date(2024, 1, d) AS day FROM (VALUES (1, '{2,3,9,17}'::int[]), (2, '{4,23}'), (3, '{10,11,16}'), (4, '{15,24}'), (5, '{2,8,25}')) v (u, ds), unnest(ds) d;
SELECT results_eq($$ SELECT accounts_new, accounts_starting - accounts_churned, accounts_reactivated, accounts_churned, accounts_ending FROM bridge((SELECT bridge_agg(u, day, 1, '1 week', '2024-01-01', '2024-01-29') FROM five)) ORDER BY period_start $$,
    'VALUES (3::bigint, 0::bigint, 0::bigint, 0::bigint, 3::bigint), (1, 2, 0, 1, 3), (1, 2, 0, 1, 3), (0, 1, 2, 2, 3)', '39: new, returning, resurrected, dormant, active by week');
SELECT results_eq($$ SELECT accounts_ending FROM bridge((SELECT bridge_agg(u, daterange(day, day + 7), 1, '1 day', '2024-01-09', '2024-01-19') FROM five)) ORDER BY period_start $$, '{3,4,3,3,3,3,3,2,3,3}'::bigint[], '40: active within 7 days');
-- 41, 42: six accounts
CREATE TEMP TABLE six AS SELECT * FROM (VALUES (1, 100000, 120000, '{reports,api}'::text[]), (2, 80000, 80000, '{reports}'), (3, 10000, 12000, '{reports,alerts}'), (4, 10000, 0, '{}'), (5, 5000, 5000, '{api}'), (6, 5000, 2000, '{}')) v (a, s, e, uses);
SELECT results_eq($$ SELECT f, round(avg((f = ANY (uses))::int), 4), round(coalesce(sum(s) FILTER (WHERE f = ANY (uses)), 0)::numeric / sum(s), 4), round(ndr_agg(s, e) FILTER (WHERE f = ANY (uses)), 4), round(ndr_agg(s, e) FILTER (WHERE NOT f = ANY (uses)), 4) FROM six, unnest('{reports,api,alerts,export}'::text[]) WITH ORDINALITY u (f, o) GROUP BY f, o ORDER BY o $$,
    $$ VALUES ('reports', 0.5, 0.9048, 1.1158, 0.35), ('api', 0.3333, 0.5, 1.1905, 0.8952), ('alerts', 0.1667, 0.0476, 1.2, 1.035), ('export', 0, 0, NULL, 1.0429) $$, '41: adoption, by ARR, NDR of users and of others');
SELECT results_eq($$ SELECT cardinality(uses), count(*), sum(s) FROM six GROUP BY 1 ORDER BY 1 $$, 'VALUES (0, 2::bigint, 15000::bigint), (1, 2, 85000), (2, 2, 110000)', '42: features used');
-- 43: votes
SELECT results_eq($$ SELECT idea, sum(e) FROM (SELECT DISTINCT idea, a FROM (VALUES ('dark mode', 1), ('dark mode', 1), ('dark mode', 3), ('sso', 2), ('sso', 4), ('offline', 5), ('offline', 6)) v (idea, a)) x JOIN six USING (a) GROUP BY idea ORDER BY idea $$, $$ VALUES ('dark mode', 132000::bigint), ('offline', 7000), ('sso', 80000) $$, '43: feedback by ARR');
SELECT * FROM finish();
ROLLBACK;
