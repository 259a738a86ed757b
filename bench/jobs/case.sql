SELECT count(CASE WHEN a < 25000 THEN 'small business' WHEN a < 100000 THEN 'mid-market' ELSE 'enterprise' END) FROM books;
