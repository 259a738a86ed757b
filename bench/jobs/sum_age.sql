SELECT sum(duration) FROM ages;
