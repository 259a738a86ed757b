SELECT string_agg(reached::text, '|' ORDER BY step)
FROM funnel_table((SELECT funnel_agg(h, 'signup > invite > share > pay within 7 days') FROM :data));
