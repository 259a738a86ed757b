-- What PostgreSQL's own hash table takes for one count a user.
SET enable_sort = off;
SELECT count(*) FROM (SELECT account, count(*) FROM :data GROUP BY account OFFSET 0) x;
