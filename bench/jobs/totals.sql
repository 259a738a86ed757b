-- What the bridge must end with, month by month.
SELECT (at + interval '1 month')::date, sum(amount), count(*)
FROM :data
WHERE at >= '2023-02-01'
GROUP BY at ORDER BY at;
