SELECT path, count(*) FROM :data, paths_from(h, 'search', 4, collapse => false) AS path GROUP BY path ORDER BY 2 DESC, 1 LIMIT 20;
