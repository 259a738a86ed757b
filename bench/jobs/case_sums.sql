-- Sums that compute less: coverage here is the share with a manager, however full.
SELECT CASE WHEN a < 25000 THEN '1 small business' WHEN a < 100000 THEN '2 mid-market' ELSE '3 enterprise' END,
	sum(b) FILTER (WHERE a > 0) / nullif(sum(a), 0), sum(b) FILTER (WHERE csm IS NOT NULL) / nullif(sum(b), 0)
FROM books GROUP BY 1 ORDER BY 1;
