-- What the users of the sample company do with the product, from October 2024 to 2025. Expects the
-- variable seed, the accounts and subscriptions of generate.sql, and its draw(). Nothing else changes by it.
--
-- An account has two users, four or eight, by its segment; most sign up when it starts, the others later. To connect a source is
-- where users of small businesses stop. Alerts are used more by accounts that stay; most that are about to leave go quiet.

CREATE TABLE usage_event (
	account_id bigint NOT NULL,
	user_id    bigint NOT NULL,
	at         timestamptz NOT NULL,
	event      text NOT NULL
);

CREATE TEMP TABLE living AS
SELECT account_id, a.segment, min(lower(valid)) AS starts, nullif(max(coalesce(upper(valid), 'infinity')), 'infinity') AS ends
FROM subscription JOIN account AS a USING (account_id) WHERE amount > 0 GROUP BY account_id, a.segment;

-- A user: when he signed up, how far he gets at the beginning, how often he comes, until when.
CREATE TEMP TABLE person AS
SELECT account_id, segment, account_id * 10 + u AS user_id, p.signup, ends - 1 AS ends,
	draw(:'seed', account_id * 10 + u, 'luck') AS luck,
	0.35 + 0.6 * draw(:'seed', account_id * 10 + u, 'habit') AS habit,
	draw(:'seed', account_id, 'alerts') < CASE WHEN ends IS NULL THEN 0.5 ELSE 0.2 END AS has_alerts,
	CASE WHEN draw(:'seed', account_id, 'quiet') < CASE WHEN ends IS NULL THEN 0.03 ELSE 0.6 END
		THEN coalesce(ends, date '2026-01-01') - 30 - floor(45 * draw(:'seed', account_id, 'since'))::int
		ELSE coalesce(ends, date '2026-01-01') END AS quiet
FROM living CROSS JOIN LATERAL generate_series(1, CASE segment WHEN 'enterprise' THEN 8 WHEN 'mid-market' THEN 4 ELSE 2 END) AS u
CROSS JOIN LATERAL (SELECT (starts + CASE WHEN u < 3 THEN 0 ELSE floor(500 * draw(:'seed', account_id * 10 + u, 'later'))::int END
	+ floor(86400 * draw(:'seed', account_id * 10 + u, 'hour')) * interval '1 second') AT TIME ZONE 'UTC' AS signup) AS p;

-- The beginning. Who does not connect a source looks for help, and then at the settings.
INSERT INTO usage_event
SELECT account_id, user_id, signup + after * (0.5 + luck), step
FROM person CROSS JOIN LATERAL (VALUES
	(interval '0', 'signup', 1.0),
	('40 minutes', 'invite', 0.8),
	('1 day',      'connect', CASE segment WHEN 'small business' THEN 0.35 ELSE 0.62 END),
	('3 days',     'report', CASE segment WHEN 'small business' THEN 0.28 ELSE 0.52 END)) AS s (after, step, below)
WHERE luck < below
UNION ALL
SELECT account_id, user_id, signup + after * (0.5 + luck), step
FROM person CROSS JOIN LATERAL (VALUES
	(interval '2 hours', 'help', 0.75), ('3 hours', 'settings', 0.65)) AS s (after, step, below)
WHERE luck < below AND luck >= CASE segment WHEN 'small business' THEN 0.35 ELSE 0.62 END;

-- The weeks after it.
INSERT INTO usage_event
SELECT account_id, user_id, at, CASE WHEN has_alerts AND what < 0.25 THEN 'alert'
	WHEN luck < 0.5 AND what < 0.5 THEN 'report' WHEN what > 0.9 THEN 'export' ELSE 'view' END
FROM person CROSS JOIN LATERAL generate_series(greatest(signup::date - date '2024-10-01', 0) / 7, (least(quiet, ends, date '2026-01-01') - date '2024-10-01') / 7) AS week
CROSS JOIN LATERAL (SELECT draw(:'seed', user_id, 'week ' || week) AS there OFFSET 0) AS w
CROSS JOIN LATERAL (SELECT there * 997 - floor(there * 997) AS what) AS x
CROSS JOIN LATERAL (SELECT (date '2024-10-01' + (7 * week + floor(7 * what)::int) + floor(86400 * there) * interval '1 second') AT TIME ZONE 'UTC' AS at) AS y
WHERE there < habit AND at > signup + interval '4 days' AND at < quiet::timestamp AT TIME ZONE 'UTC' AND (ends IS NULL OR at < ends::timestamp AT TIME ZONE 'UTC');

-- Nobody has seen the time before, or what is to come.
DELETE FROM usage_event WHERE at < '2024-10-01 00:00Z' OR at >= '2026-01-01 00:00Z';
DROP TABLE living, person;
ANALYZE usage_event;
