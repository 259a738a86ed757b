SELECT score, accounts, accounts_churned FROM health_table((SELECT health_agg(score, churned) FROM ages));
