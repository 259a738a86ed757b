SELECT sum(a) FROM pairs;
