SELECT age, at_risk, churned, round(survival, 10)
FROM survival_table((SELECT survival_agg(duration, churned) FROM ages));
