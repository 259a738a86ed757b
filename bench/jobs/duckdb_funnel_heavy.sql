-- For each step the latest start that has come so far, carried from window to window: exact, as no user has two events at one time.
WITH step_1 AS (
	SELECT account, "at", event, max(CASE WHEN event = 'page' THEN "at" END) OVER w AS s1
	FROM data WHERE event IN ('page', 'click', 'view', 'search', 'open')
	WINDOW w AS (PARTITION BY account ORDER BY "at")
), step_2 AS (
	SELECT account, "at", event, s1, max(CASE WHEN event = 'click' AND "at" - s1 <= 86400000000 THEN s1 END) OVER w AS s2
	FROM step_1 WINDOW w AS (PARTITION BY account ORDER BY "at")
), step_3 AS (
	SELECT account, "at", event, s1, s2, max(CASE WHEN event = 'view' AND "at" - s2 <= 86400000000 THEN s2 END) OVER w AS s3
	FROM step_2 WINDOW w AS (PARTITION BY account ORDER BY "at")
), step_4 AS (
	SELECT account, "at", event, s1, s2, s3, max(CASE WHEN event = 'search' AND "at" - s3 <= 86400000000 THEN s3 END) OVER w AS s4
	FROM step_3 WINDOW w AS (PARTITION BY account ORDER BY "at")
), step_5 AS (
	SELECT account, "at", event, s1, s2, s3, s4, max(CASE WHEN event = 'open' AND "at" - s4 <= 86400000000 THEN s4 END) OVER w AS s5
	FROM step_4 WINDOW w AS (PARTITION BY account ORDER BY "at")
)
SELECT count(s1), count(s2), count(s3), count(s4), count(s5)
FROM (SELECT account, max(s1) AS s1, max(s2) AS s2, max(s3) AS s3, max(s4) AS s4, max(s5) AS s5 FROM step_5 GROUP BY account) AS x
