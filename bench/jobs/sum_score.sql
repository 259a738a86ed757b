SELECT sum(score) FROM ages;
