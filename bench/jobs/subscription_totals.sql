-- Ending and accounts at the end of each month.
SELECT sum(amount), count(DISTINCT account)
FROM generate_series(timestamp '2023-01-01', '2025-12-01', '1 month') m JOIN subscriptions ON valid @> (m + interval '1 month')::date - 1
GROUP BY m ORDER BY m;
