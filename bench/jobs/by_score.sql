SELECT score, count(*), count(*) FILTER (WHERE churned) FROM lives GROUP BY score ORDER BY score;
