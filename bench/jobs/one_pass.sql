SELECT bridge_agg(account, at, amount, interval '1 month', date '2023-02-01', date '2026-01-01')
FROM :data;
