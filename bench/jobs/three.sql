SELECT ndr_agg(a, b), grr_agg(a, b), churn_agg(a, b) FROM pairs;
