SELECT cohort, age, accounts, active, revenue
FROM cohort_table((SELECT cohort_agg(account, at, amount, interval '1 month') FROM :data))
WHERE active > 0
ORDER BY cohort, age;
