SELECT survival_agg(h, date '2023-02-01', date '2026-01-01', interval '1 month') FROM histories;
