SELECT segment_of(a, segment_scheme('enterprise')), ndr_agg(a, b), csm_coverage(csm, b, 2000000)
FROM books GROUP BY 1 ORDER BY 1;
