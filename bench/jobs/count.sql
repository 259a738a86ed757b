SELECT count(*) FROM :data;
