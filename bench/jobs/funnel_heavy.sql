SELECT string_agg(reached::text, '|' ORDER BY step)
FROM funnel_table((SELECT funnel_agg(account, at, event, 'page > click > view > search > open within 1 day') FROM :data));
