SELECT sum(duration) FROM lives;
