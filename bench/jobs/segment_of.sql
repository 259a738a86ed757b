SELECT count(segment_of(a, segment_scheme('enterprise'))) FROM books;
