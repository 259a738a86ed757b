SELECT countIf(level >= 1), countIf(level >= 2), countIf(level >= 3), countIf(level >= 4)
FROM (SELECT account, windowFunnel(604800000000)(at, event = 'signup', event = 'invite', event = 'share', event = 'pay') AS level FROM events GROUP BY account)
