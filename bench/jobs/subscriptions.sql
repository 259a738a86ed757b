SELECT bridge_agg(account, valid, amount, interval '1 month', date '2023-01-01', date '2026-01-01')
FROM subscriptions;
