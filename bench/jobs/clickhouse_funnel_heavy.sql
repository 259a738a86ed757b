SELECT countIf(level >= 1), countIf(level >= 2), countIf(level >= 3), countIf(level >= 4), countIf(level >= 5)
FROM (SELECT account, windowFunnel(86400000000)(at, event = 'page', event = 'click', event = 'view', event = 'search', event = 'open') AS level FROM events GROUP BY account)
