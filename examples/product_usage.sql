-- Product usage beside the revenue: funnels by ARR, what the stuck did instead, lifecycle of users, adoption against NDR, depth and breadth,
-- time to value, feedback ranked by ARR, and who answers which request.
--
-- To use it, put views of the same names over your own tables in place of the first part. The second part is to be kept, the third
-- asks. Plain SQL throughout. It can be run again: it drops the schema recipe_usage first, so leave nothing else in there.
--
-- What counts:
--   * An event is (account, user, time, name). What carries no name (NULL) is not there. Conditions and properties become names:
--     CASE WHEN event = 'export' AND rows > 1000 THEN 'large export' ELSE event END; what is to be left out gets NULL. Several tables of
--     events become one by UNION ALL.
--   * A day is a day of one zone that you name, here UTC.
--   * Adoption, breadth and conversion beside NDR are associations: who uses a feature differs in other ways too.
--   * A user is there in a period in which there is an event of his. Lifecycle and rolling actives are the bridge of the ARR with an
--     amount of 1: there is no second arithmetic.

DROP SCHEMA IF EXISTS recipe_usage CASCADE;
CREATE SCHEMA recipe_usage;

-- 1. What you have.

CREATE TABLE recipe_usage.account (account text PRIMARY KEY, segment text, csm text);
CREATE TABLE recipe_usage.subscription (account text, valid daterange, amount numeric(12,2));
CREATE TABLE recipe_usage.event (account text, user_id bigint, at timestamptz, event text);
-- The features that count, and the events that show one is used.
CREATE TABLE recipe_usage.feature (event text PRIMARY KEY, feature text NOT NULL);
-- What people ask for, and who voted for it: asking for it is one thing, liking it another.
CREATE TABLE recipe_usage.idea (idea text PRIMARY KEY, delivered_on date, told_on date);
CREATE TABLE recipe_usage.vote (idea text, account text, user_id bigint, kind text CHECK (kind IN ('request', 'like')));
-- Requests, and who answers which kind of them: yours to edit.
CREATE TABLE recipe_usage.request (request int PRIMARY KEY, account text, kind text, asked_at timestamptz, answered_at timestamptz);
CREATE TABLE recipe_usage.route (kind text PRIMARY KEY, goes_to text NOT NULL CHECK (goes_to IN ('support', 'manager')));
-- Bands of depth and of breadth with what they are worth, as Gainsight gives them: yours to edit. From the low end on, the high end excluded.
CREATE TABLE recipe_usage.band (measure text CHECK (measure IN ('depth', 'breadth')), at_least numeric, color text, PRIMARY KEY (measure, at_least));
INSERT INTO recipe_usage.band VALUES ('depth', 0.5, 'green'), ('depth', 0.35, 'lime'), ('depth', 0.2, 'yellow'), ('depth', 0.1, 'orange'), ('depth', 0, 'red'),
	('breadth', 4, 'green'), ('breadth', 3, 'lime'), ('breadth', 2, 'yellow'), ('breadth', 1, 'orange'), ('breadth', 0, 'red');

-- 60 accounts with 5 users each. Most sign up in the first months of 2024; to connect a source is hard; who makes a report comes back.
CREATE VIEW recipe_usage.sample AS
SELECT a, 'account ' || a AS account, u, a * 10 + u AS user_id, a % 3 = 0 AS is_large, a * 7 % 5 < 2 AS has_alerts,
	timestamptz '2024-01-02 09:00Z' + (a * 37 + u * 11) % 150 * interval '1 day' + (a * 7 + u * 13) % 480 * interval '1 minute' AS joined,
	(a * 31 + u * 17) % 20 AS luck
FROM generate_series(1, 60) AS a, generate_series(1, 5) AS u;
INSERT INTO recipe_usage.account SELECT DISTINCT account, CASE WHEN is_large THEN 'enterprise' ELSE 'small' END, (ARRAY['ann', 'bob', NULL])[1 + a % 3] FROM recipe_usage.sample;
INSERT INTO recipe_usage.subscription
SELECT DISTINCT account, part.valid, (CASE WHEN is_large THEN 40000 ELSE 4000 END + a * 7919 % 3000) * part.share
FROM recipe_usage.sample, LATERAL (VALUES
	(daterange('2024-01-01', '2024-07-01'), 1.0),
	(daterange('2024-07-01', NULL), CASE WHEN a * 13 % 10 < CASE WHEN has_alerts THEN 1 ELSE 3 END THEN NULL WHEN a % 4 = 0 THEN 0.8 WHEN has_alerts THEN 1.25 ELSE 1.05 END)) AS part (valid, share)
WHERE part.share > 0;
INSERT INTO recipe_usage.event
SELECT account, user_id, e.at, e.event
FROM recipe_usage.sample, LATERAL (
	SELECT joined + step.after, step.event
	FROM (VALUES (interval '0', 'signup', 20), ('20 minutes', 'invite', 15), ('2 hours', 'open help', CASE WHEN luck % 3 > 0 THEN 20 END), ('1 day', 'connect', 8), ('3 days', 'report', CASE WHEN a % 5 <> 1 THEN 6 END)) AS step (after, event, below)
	WHERE luck < step.below
	UNION ALL
	SELECT joined + (7 * week + luck % 5) * interval '1 day' + visit * interval '5 hours', CASE WHEN has_alerts AND visit = 2 THEN 'alert' WHEN visit = 1 AND luck < 8 AND a % 5 <> 1 THEN 'report' WHEN luck % 4 = 1 THEN 'export' ELSE 'view' END
	FROM generate_series(1, 30) AS week, generate_series(1, 2) AS visit
	WHERE week <= CASE WHEN a % 12 = 5 THEN 4 WHEN luck < 8 THEN 30 WHEN luck < 15 THEN 9 ELSE 2 END AND (week * 7 + luck) % 4 > 0) AS e (at, event)
WHERE e.at < '2024-07-01 00:00Z';
INSERT INTO recipe_usage.feature VALUES ('report', 'reports'), ('alert', 'alerts'), ('export', 'export'), ('connect', 'sources'), ('print', 'print');
INSERT INTO recipe_usage.idea VALUES ('dark mode', '2024-05-02', '2024-05-03'), ('single sign-on', NULL, NULL), ('offline', '2024-06-01', NULL);
INSERT INTO recipe_usage.vote
SELECT idea, account, user_id, CASE WHEN luck % 3 = 0 THEN 'like' ELSE 'request' END
FROM recipe_usage.sample, LATERAL (VALUES ('dark mode', NOT is_large AND luck < 15), ('single sign-on', is_large AND u < 3), ('offline', luck = 2)) AS v (idea, voted) WHERE voted;
INSERT INTO recipe_usage.route VALUES ('bug', 'support'), ('how to', 'support'), ('invoice', 'support'), ('renewal', 'manager'), ('training', 'manager'), ('roadmap', 'manager');
INSERT INTO recipe_usage.request
SELECT user_id, account, (ARRAY['bug', 'how to', 'renewal', 'training', 'something else'])[1 + luck % 5], joined + interval '20 days', CASE WHEN luck % 4 > 0 THEN joined + interval '20 days' + luck * interval '3 hours' END
FROM recipe_usage.sample WHERE u = 1;
DROP VIEW recipe_usage.sample;

-- 2. To keep.

-- The day the report is as of: what comes later is not there yet. Yours: current_date.
CREATE VIEW recipe_usage.today AS SELECT date '2024-07-01' AS as_of;

-- What each account pays at the end of the day before, and what it has twelve months, here six, later.
CREATE FUNCTION recipe_usage.arr(day date) RETURNS TABLE (account text, segment text, arr numeric) LANGUAGE sql STABLE AS $$
	SELECT account, segment, coalesce(sum(amount) FILTER (WHERE valid @> day - 1), 0)
	FROM recipe_usage.account LEFT JOIN recipe_usage.subscription USING (account) GROUP BY account, segment
$$;

-- One history a user, topped up every night: loading an event twice does no harm.
CREATE TABLE recipe_usage.history (user_id bigint PRIMARY KEY, account text NOT NULL, h usage_history NOT NULL);
CREATE FUNCTION recipe_usage.top_up(from_time timestamptz, to_time timestamptz) RETURNS void LANGUAGE sql AS $$
	INSERT INTO recipe_usage.history AS old
	SELECT user_id, min(account), usage_history_agg(at, event) FROM recipe_usage.event WHERE at >= from_time AND at < to_time AND event IS NOT NULL GROUP BY user_id
	ON CONFLICT (user_id) DO UPDATE SET h = old.h + EXCLUDED.h
$$;
SELECT recipe_usage.top_up('-infinity', '2024-06-30 00:00Z');
SELECT recipe_usage.top_up('2024-06-29 00:00Z', '2024-07-01 00:00Z');

-- Users by period: active, and what became of them. The first period before from_date has to be there, or the first one is all new.
CREATE FUNCTION recipe_usage.lifecycle(from_date date, to_date date, step interval)
RETURNS TABLE (period_start date, active bigint, new bigint, returned bigint, resurrected bigint, dormant bigint, pulse numeric) LANGUAGE sql STABLE AS $$
	SELECT period_start, accounts_ending, accounts_new, accounts_starting - accounts_churned, accounts_reactivated, accounts_churned,
		(accounts_new + accounts_reactivated) / nullif(accounts_churned, 0)::numeric
	FROM bridge((SELECT bridge_agg(user_id, (at AT TIME ZONE 'UTC')::date, 1, step, from_date, to_date) FROM recipe_usage.event WHERE event IS NOT NULL))
$$;

-- Users by day who were active within so many days up to it: activity is a subscription that lasts as long as the window.
-- went_quiet are those whose last activity left the window on that day.
CREATE FUNCTION recipe_usage.rolling_actives(days int, from_date date, to_date date)
RETURNS TABLE (day date, active bigint, went_quiet bigint) LANGUAGE sql STABLE AS $$
	SELECT period_start, accounts_ending, accounts_churned
	FROM bridge((SELECT bridge_agg(user_id, daterange(d, d + days), 1, '1 day', from_date, to_date)
		FROM recipe_usage.event, LATERAL (SELECT (at AT TIME ZONE 'UTC')::date AS d) AS x WHERE event IS NOT NULL))
$$;

-- Accounts that nobody used for so many days before a day, and what hangs on them. Accounts that never used anything are there too.
CREATE FUNCTION recipe_usage.quiet_accounts(day date, days int) RETURNS TABLE (account text, segment text, arr numeric, last_seen date) LANGUAGE sql STABLE AS $$
	SELECT a.account, a.segment, a.arr, e.last_seen
	FROM recipe_usage.arr(day) AS a
	LEFT JOIN (SELECT account, max((at AT TIME ZONE 'UTC')::date) AS last_seen FROM recipe_usage.event
		WHERE (at AT TIME ZONE 'UTC')::date < day AND event IS NOT NULL GROUP BY account) AS e USING (account)
	WHERE a.arr > 0 AND coalesce(e.last_seen < day - days, true)
$$;

-- Every account beside every feature: who does not use it has to be there, or there is nobody to compare with.
CREATE FUNCTION recipe_usage.use_of_features(from_date date, to_date date) RETURNS TABLE (account text, segment text, feature text, used boolean) LANGUAGE sql STABLE AS $$
	SELECT a.account, a.segment, f.feature, u.account IS NOT NULL
	FROM recipe_usage.account AS a CROSS JOIN (SELECT DISTINCT feature FROM recipe_usage.feature) AS f
	LEFT JOIN (SELECT DISTINCT account, feature FROM recipe_usage.event JOIN recipe_usage.feature USING (event)
		WHERE (at AT TIME ZONE 'UTC')::date >= from_date AND (at AT TIME ZONE 'UTC')::date < to_date) AS u USING (account, feature)
$$;

-- Adoption by feature: accounts, their share of the ARR, and the NDR of those who use it beside the others, from a day on.
-- Features overlap, so never add these lines up.
CREATE FUNCTION recipe_usage.adoption(from_date date, day date, to_date date)
RETURNS TABLE (feature text, accounts bigint, adoption numeric, arr_share numeric, ndr_users numeric, ndr_others numeric) LANGUAGE sql STABLE AS $$
	SELECT f.feature, count(*) FILTER (WHERE used), count(*) FILTER (WHERE used)::numeric / count(*),
		coalesce(sum(s.arr) FILTER (WHERE used), 0) / nullif(sum(s.arr), 0),
		ndr_agg(s.arr, e.arr) FILTER (WHERE used), ndr_agg(s.arr, e.arr) FILTER (WHERE NOT used)
	FROM recipe_usage.use_of_features(from_date, day) AS f JOIN recipe_usage.arr(day) AS s USING (account) JOIN recipe_usage.arr(to_date) AS e USING (account)
	WHERE s.arr > 0 GROUP BY f.feature
$$;

-- The same as a comparison with an interval, like with like by segment.
CREATE FUNCTION recipe_usage.effect_of_features(from_date date, day date, to_date date)
RETURNS TABLE (feature text, lift numeric, lift_interval numrange) LANGUAGE sql STABLE AS $$
	SELECT feature, lift(l), lift_interval(l, 0.95)
	FROM (SELECT f.feature, lift_agg(used, e.arr, s.arr, s.segment) AS l
		FROM recipe_usage.use_of_features(from_date, day) AS f JOIN recipe_usage.arr(day) AS s USING (account) JOIN recipe_usage.arr(to_date) AS e USING (account)
		WHERE s.arr > 0 GROUP BY f.feature) AS x
$$;

-- The band that a measure lies in.
CREATE FUNCTION recipe_usage.color(which text, measured numeric) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT color FROM recipe_usage.band WHERE measure = which AND at_least <= measured ORDER BY at_least DESC LIMIT 1
$$;

-- Depth: the share of the users seen in the last 7 days who have 10 sessions in 4 weeks; a session ends with 30 minutes of silence.
-- Breadth: of the features that count, how many are used by enough users (a share of the users seen) to be green or lime themselves. The day itself is left out.
CREATE FUNCTION recipe_usage.depth_and_breadth(day date) RETURNS TABLE (account text, users bigint, depth numeric, depth_color text, breadth bigint, breadth_color text) LANGUAGE sql STABLE AS $$
	WITH seen AS (
			SELECT account, user_id, during(h, tstzrange((day - 28)::timestamp AT TIME ZONE 'UTC', day::timestamp AT TIME ZONE 'UTC')) AS h
			FROM recipe_usage.history WHERE event_count(during(h, tstzrange((day - 7)::timestamp AT TIME ZONE 'UTC', day::timestamp AT TIME ZONE 'UTC'))) > 0),
		deep AS (
			SELECT account, count(*) AS users, count(*) FILTER (WHERE sessions >= 10)::numeric / count(*) AS depth
			FROM (SELECT account, (SELECT count(*) FROM paths_from(h, NULL, 1, '30 minutes')) AS sessions FROM seen) AS x GROUP BY account),
		wide AS (
			SELECT account, count(*) FILTER (WHERE recipe_usage.color('depth', share) IN ('green', 'lime')) AS breadth
			FROM (SELECT account, feature, count(DISTINCT user_id)::numeric / max(users) AS share
				FROM seen JOIN deep USING (account), LATERAL events(h) AS e JOIN recipe_usage.feature USING (event) GROUP BY account, feature) AS x GROUP BY account)
	SELECT a.account, coalesce(d.users, 0), coalesce(d.depth, 0), recipe_usage.color('depth', coalesce(d.depth, 0)), coalesce(w.breadth, 0), recipe_usage.color('breadth', coalesce(w.breadth, 0))
	FROM recipe_usage.account AS a LEFT JOIN deep AS d USING (account) LEFT JOIN wide AS w USING (account)
$$;

-- How many of the key features an account uses, with its ARR.
CREATE FUNCTION recipe_usage.features_used(from_date date, day date) RETURNS TABLE (used bigint, accounts bigint, arr numeric) LANGUAGE sql STABLE AS $$
	SELECT used, count(*), sum(arr)
	FROM (SELECT account, count(*) FILTER (WHERE used) AS used FROM recipe_usage.use_of_features(from_date, day) GROUP BY account) AS x
	JOIN recipe_usage.arr(day) USING (account) WHERE arr > 0 GROUP BY used
$$;

-- Days from the first signup to the first event that is worth it. Who is not there yet is there, with the days so far: the median of those who
-- made it would be a median of survivors.
CREATE FUNCTION recipe_usage.time_to_value(value_event text, day date) RETURNS survival_summary LANGUAGE sql STABLE AS $$
	SELECT survival_agg(floor(extract(epoch FROM coalesce(reached, day::timestamp AT TIME ZONE 'UTC') - started) / 86400)::int, reached IS NOT NULL)
	FROM (SELECT first_at(h, 'signup') AS started, first_at(during(h, tstzrange(first_at(h, 'signup'), day::timestamp AT TIME ZONE 'UTC')), value_event) AS reached
		FROM recipe_usage.history WHERE first_at(h, 'signup') < day::timestamp AT TIME ZONE 'UTC') AS x
$$;

-- Feedback by the ARR behind it: an account counts once for an idea, however many of its users ask. Likes are counted apart.
CREATE FUNCTION recipe_usage.feedback(day date) RETURNS TABLE (idea text, accounts bigint, arr numeric, likes bigint, delivered boolean, told boolean) LANGUAGE sql STABLE AS $$
	SELECT i.idea, count(a.account), coalesce(sum(a.arr), 0),
		(SELECT count(DISTINCT (account, user_id)) FROM recipe_usage.vote AS l WHERE l.idea = i.idea AND l.kind = 'like'),
		coalesce(i.delivered_on < day, false), coalesce(i.told_on < day, false)
	FROM recipe_usage.idea AS i
	LEFT JOIN (SELECT DISTINCT idea, account FROM recipe_usage.vote WHERE kind = 'request') AS v USING (idea)
	LEFT JOIN recipe_usage.arr(day) AS a USING (account)
	GROUP BY i.idea
$$;

-- Requests by who answers them. A kind that nobody has routed goes to the manager, where there is one: better asked twice than lost.
CREATE VIEW recipe_usage.inbox AS
SELECT q.request, q.account, q.kind, q.asked_at, q.answered_at, coalesce(a.csm, 'support') AS csm,
	CASE WHEN coalesce(r.goes_to, 'manager') = 'manager' AND a.csm IS NOT NULL THEN a.csm ELSE 'support' END AS goes_to
FROM recipe_usage.request AS q LEFT JOIN recipe_usage.route AS r USING (kind) LEFT JOIN recipe_usage.account AS a USING (account);

-- 3. Ask.

\echo 'The funnel by segment: how far users get within 14 days of their signup; who is still within them is left out'
SELECT stratum AS segment, step, event, reached, stopped, round(conversion, 3) AS conversion, round(step_conversion, 3) AS step_conversion, median_step_time
FROM funnel_table((SELECT funnel_agg(e.user_id, e.at, e.event, 'signup > invite > connect > report within 14 days', a.segment, NULL, as_of::timestamp AT TIME ZONE 'UTC')
	FROM recipe_usage.event AS e JOIN recipe_usage.account AS a USING (account), recipe_usage.today GROUP BY as_of));

\echo 'The same by account and ARR: an account is as far as the best of its users; the interval says what 60 accounts can tell'
SELECT segment, round(conversion(s), 3) AS accounts, round(amount_conversion(s), 3) AS by_arr, amount_conversion_interval(s, 0.95)
FROM (SELECT segment, funnel_agg(h, 'signup > invite > connect > report within 14 days', NULL, arr) AS s
	FROM (SELECT account, rollup(h) AS h FROM recipe_usage.history GROUP BY account) AS x JOIN recipe_usage.arr('2024-07-01') USING (account) GROUP BY segment) AS y ORDER BY segment;

\echo 'What did users do next who invited others and did not connect a source?'
SELECT path, count(*) AS users
FROM recipe_usage.history, paths_from(h, 'invite', 3) AS path
WHERE furthest(h, 'signup > invite > connect > report within 14 days') = 2 GROUP BY path ORDER BY users DESC, path LIMIT 5;

\echo 'Users by month: new + resurrected - dormant is the change of the active'
SELECT period_start, active, new, returned, resurrected, dormant, round(pulse, 2) AS pulse FROM recipe_usage.lifecycle('2024-02-01', '2024-07-01', '1 month');

\echo 'Active by day, of the last week: by day, by 7 and by 28 days; stickiness is the first over the last'
SELECT day, d.active AS dau, w.active AS wau, m.active AS mau, round(d.active / nullif(m.active, 0)::numeric, 3) AS stickiness, m.went_quiet
FROM recipe_usage.rolling_actives(1, '2024-06-24', '2024-07-01') AS d JOIN recipe_usage.rolling_actives(7, '2024-06-24', '2024-07-01') AS w USING (day)
JOIN recipe_usage.rolling_actives(28, '2024-06-24', '2024-07-01') AS m USING (day) ORDER BY day;

\echo 'Of 28 days, on how many was a user there?'
SELECT segment_of(days, '{"1 or 2 [1,3)","3 to 5 [3,6)","6 and more [6,)"}') AS days, count(*) AS users
FROM (SELECT cardinality(active_days(during(h, '[2024-06-03 00:00Z,2024-07-01 00:00Z)'), 'UTC')) AS days FROM recipe_usage.history) AS x WHERE days > 0 GROUP BY 1 ORDER BY 1;

\echo 'Who went quiet, and how much ARR hangs on it'
SELECT * FROM recipe_usage.quiet_accounts('2024-07-01', 28) ORDER BY arr DESC, account LIMIT 5;

\echo 'Do they come back, by week since the signup? Only users who have been there long enough: the others are no zeros'
SELECT week, count(*) AS users, round(avg((week = ANY (ages))::int), 3) AS came_back, round(avg((week <= (SELECT max(a) FROM unnest(ages) AS a))::int), 3) AS then_or_later
FROM (SELECT h, ages(h, '7 days', 'signup') AS ages FROM recipe_usage.history) AS x, generate_series(0, 8, 2) AS week
WHERE first_at(h, 'signup') + (week + 1) * interval '7 days' <= '2024-07-01 00:00Z' GROUP BY week ORDER BY week;

\echo 'Adoption by feature in the second quarter, and the NDR of the half year after it'
SELECT feature, accounts, round(adoption, 3) AS adoption, round(arr_share, 3) AS arr_share, round(ndr_users, 3) AS ndr_users, round(ndr_others, 3) AS ndr_others
FROM recipe_usage.adoption('2024-04-01', '2024-07-01', '2025-01-01') ORDER BY adoption DESC, feature;

\echo 'Is that more than chance, segment by segment? An association, all the same'
SELECT feature, round(lift, 3) AS lift, lift_interval FROM recipe_usage.effect_of_features('2024-04-01', '2024-07-01', '2025-01-01') ORDER BY lift DESC NULLS LAST, feature;

\echo 'And accounts that made a report in time, against those that did not'
SELECT round(lift(l), 3) AS lift, lift_interval(l, 0.95)
FROM (SELECT lift_agg(furthest(h, 'signup > invite > connect > report within 14 days') = 4, e.arr, s.arr, s.segment) AS l
	FROM (SELECT account, rollup(h) AS h FROM recipe_usage.history GROUP BY account) AS x JOIN recipe_usage.arr('2024-07-01') AS s USING (account) JOIN recipe_usage.arr('2025-01-01') AS e USING (account)) AS y;

\echo 'Depth and breadth, by color'
SELECT depth_color, breadth_color, count(*) AS accounts, sum(arr) AS arr FROM recipe_usage.depth_and_breadth('2024-06-01') JOIN recipe_usage.arr('2024-06-01') USING (account) GROUP BY 1, 2 ORDER BY 4 DESC;

\echo 'Time to the first report: how many are there by day 3, 7, 14; the share that is not there yet stays in the figure'
SELECT day, round(1 - survival(s, day), 3) AS there, accounts(s) AS users FROM recipe_usage.time_to_value('report', '2024-07-01') AS s, unnest('{3,7,14}'::int[]) AS day;

\echo 'Feedback by the ARR behind it'
SELECT * FROM recipe_usage.feedback('2024-07-01') ORDER BY arr DESC;
SELECT round(sum(arr) FILTER (WHERE delivered) / sum(arr), 3) AS delivered_by_arr, count(*) FILTER (WHERE told) AS loops_closed, count(*) FILTER (WHERE delivered) AS delivered FROM recipe_usage.feedback('2024-07-01');

\echo 'Requests: who has to answer, and how long it takes'
SELECT goes_to, count(*) AS requests, count(*) FILTER (WHERE answered_at IS NULL) AS open, percentile_disc(0.5) WITHIN GROUP (ORDER BY answered_at - asked_at) AS median_answer FROM recipe_usage.inbox GROUP BY goes_to ORDER BY goes_to;
