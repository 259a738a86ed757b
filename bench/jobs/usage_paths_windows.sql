WITH anchored AS (
	SELECT account, at, event, min(at) FILTER (WHERE event = 'search') OVER (PARTITION BY account) AS anchor FROM :data
), numbered AS (
	SELECT account, event, row_number() OVER (PARTITION BY account ORDER BY at) AS n FROM anchored WHERE at >= anchor
)
SELECT path, count(*)
FROM (SELECT array_agg(event ORDER BY n) AS path FROM numbered WHERE n <= 4 GROUP BY account) AS x
GROUP BY path ORDER BY 2 DESC, 1 LIMIT 20;
