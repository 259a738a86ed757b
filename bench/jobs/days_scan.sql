SELECT bridge_agg(account, valid, amount, interval '1 day', date '2014-01-01', date '2024-01-01')
FROM open_subscriptions;
