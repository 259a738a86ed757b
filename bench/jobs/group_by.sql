-- What PostgreSQL's own hash table takes for one sum an account.
SET enable_sort = off;
SELECT count(*) FROM (SELECT account, sum(amount) FROM :data GROUP BY account OFFSET 0) x;
