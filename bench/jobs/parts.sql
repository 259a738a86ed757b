SELECT rollup(r)
FROM (SELECT bridge_agg(account, at, amount, interval '1 month', date '2023-02-01', date '2026-01-01') AS r FROM parts_0
	UNION ALL SELECT bridge_agg(account, at, amount, interval '1 month', date '2023-02-01', date '2026-01-01') FROM parts_1
	UNION ALL SELECT bridge_agg(account, at, amount, interval '1 month', date '2023-02-01', date '2026-01-01') FROM parts_2
	UNION ALL SELECT bridge_agg(account, at, amount, interval '1 month', date '2023-02-01', date '2026-01-01') FROM parts_3) AS part;
