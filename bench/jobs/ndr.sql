SELECT ndr_agg(a, b) FROM pairs;
