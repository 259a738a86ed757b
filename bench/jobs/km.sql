-- Kaplan and Meier as analysts write it: who is left at each age, and a product by way of logarithms.
WITH gone AS (
	SELECT duration AS age, count(*) AS gone, count(*) FILTER (WHERE churned) AS churned FROM ages GROUP BY duration
), risks AS (
	SELECT age, churned, sum(gone) OVER (ORDER BY age DESC) AS at_risk FROM gone
)
SELECT age, at_risk, churned, round(exp(sum(ln(1 - churned / at_risk)) OVER (ORDER BY age)), 10)
FROM risks ORDER BY age;
