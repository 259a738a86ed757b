-- For each step the latest start that has come so far, carried from window to window: exact, as no user has two events at one time.
WITH step_1 AS (
	SELECT account, "at", event, max(CASE WHEN event = 'signup' THEN "at" END) OVER w AS s1
	FROM data WHERE event IN ('signup', 'invite', 'share', 'pay')
	WINDOW w AS (PARTITION BY account ORDER BY "at")
), step_2 AS (
	SELECT account, "at", event, s1, max(CASE WHEN event = 'invite' AND "at" - s1 <= 604800000000 THEN s1 END) OVER w AS s2
	FROM step_1 WINDOW w AS (PARTITION BY account ORDER BY "at")
), step_3 AS (
	SELECT account, "at", event, s1, s2, max(CASE WHEN event = 'share' AND "at" - s2 <= 604800000000 THEN s2 END) OVER w AS s3
	FROM step_2 WINDOW w AS (PARTITION BY account ORDER BY "at")
), step_4 AS (
	SELECT account, "at", event, s1, s2, s3, max(CASE WHEN event = 'pay' AND "at" - s3 <= 604800000000 THEN s3 END) OVER w AS s4
	FROM step_3 WINDOW w AS (PARTITION BY account ORDER BY "at")
)
SELECT count(s1), count(s2), count(s3), count(s4)
FROM (SELECT account, max(s1) AS s1, max(s2) AS s2, max(s3) AS s3, max(s4) AS s4 FROM step_4 GROUP BY account) AS x
