-- NDR, GRR and logo churn by hand. The columns are NOT NULL, which spares the
-- coalesce() that real tables need.
SELECT sum(b) FILTER (WHERE a > 0) / nullif(sum(a), 0),
	sum(least(a, b)) / nullif(sum(a), 0),
	count(*) FILTER (WHERE a > 0 AND b = 0)::numeric / nullif(count(*) FILTER (WHERE a > 0), 0)
FROM pairs;
