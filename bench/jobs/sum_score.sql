SELECT sum(score) FROM lives;
