SELECT score, count(*), count(*) FILTER (WHERE churned) FROM ages GROUP BY score ORDER BY score;
