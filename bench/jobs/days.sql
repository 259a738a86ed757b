SELECT bridge_agg(h, date '2014-01-01', date '2024-01-01', interval '1 day')
FROM open_histories;
