\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
\set company :tests '/include/company.sql'
\i :company
\set calls :tests '/include/calls.sql'
\i :calls
-- Every aggregate that combines, by every plan that aggregates in parts: two workers, partition by partition, both. The list of
-- aggregates is the catalog's. Plans are asserted for each of them, answers are compared in the types' binary forms.
SELECT plan(23);

SELECT cmp_ok((SELECT count(*) FROM aggregates WHERE combines), '>', 40::bigint, 'there are aggregates that combine');
SELECT is_empty('SELECT name FROM uncalled', 'every aggregate of the extension is called');
SELECT is_empty('SELECT name FROM calls WHERE combines IS NULL', 'every call is of an aggregate of the extension');
SELECT is_empty('SELECT name FROM calls WHERE combines <> in_parts', 'all combine but those that run over raw rows in one pass');
SELECT is_empty('SELECT miscalled()', 'every call calls the aggregate that it is for');

-- Serial, from one table.
CREATE TABLE serial (name text, groups text, answer text, PRIMARY KEY (name, groups));
CREATE TABLE got (mode text, name text, groups text, plan text, answer text);
CREATE FUNCTION distinct_answers(call text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
BEGIN
    EXECUTE format('SELECT count(DISTINCT answer::text) FROM (%s) AS x', question(call, 'company', 'grp')) INTO n;
    RETURN n;
END $$;
SET LOCAL jit = off;
SET LOCAL max_parallel_workers_per_gather = 0;
INSERT INTO serial SELECT name, groups, answer_of(fingerprint(question(call, 'company', groups))) FROM calls, (VALUES (''), ('grp'), ('node, grp')) AS g (groups);
SELECT is_empty($$ SELECT name FROM calls WHERE plan_of(question(call, 'company', 'grp')) ~ 'Partial|Gather|Append' $$, 'serial plans are serial');
SELECT is_empty('SELECT name FROM serial WHERE answer IS NULL', 'every call has an answer');
SELECT is_empty('SELECT name, n FROM calls, distinct_answers(call) AS n WHERE n < 15', 'groups differ in their answers');

-- Runs every call that combines, or every other one, over a table: keeps the plan and the answer.
CREATE PROCEDURE run(run_mode text, source text, run_groups text, of_those boolean DEFAULT true) LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO got SELECT run_mode, name, run_groups, plan_of(fingerprint(question(call, source, run_groups))), answer_of(fingerprint(question(call, source, run_groups))) FROM calls WHERE combines = of_those;
END $$;
CREATE VIEW different AS SELECT mode, name, groups FROM got LEFT JOIN serial USING (name, groups) WHERE got.answer IS DISTINCT FROM serial.answer;

-- Two workers, the leader only gathers.
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_leader_participation = off;
ALTER TABLE company SET (parallel_workers = 2);
CALL run('two workers', 'company', '');
CALL run('two workers', 'company', 'grp');
SELECT is_empty($$ SELECT name, plan FROM got WHERE mode = 'two workers' AND plan !~ 'Finalize .*Gather.*Partial (Hash|Group)?Aggregate.*Parallel Seq Scan' $$, 'two workers: partial aggregates below Gather');
SELECT matches(plan_of(question('rollup(rs)', 'company', 'grp'), true), 'Workers Launched: [12]', 'two workers: they came');
SELECT is_empty($$ SELECT name, groups FROM different WHERE mode = 'two workers' $$, 'two workers: identical to serial');

-- What does not combine stays whole among the same settings.
CALL run('whole', 'company', '', false);
CALL run('whole', 'company', 'grp', false);
SELECT is_empty($$ SELECT name, plan FROM got WHERE mode = 'whole' AND plan ~ 'Partial' $$, 'without a combine function: never in parts');
SELECT is_empty($$ SELECT name, groups FROM different WHERE mode = 'whole' $$, 'without a combine function: identical to serial');
SET LOCAL max_parallel_workers_per_gather = 0;

-- Partition by partition, one of them without a row.
CREATE TABLE parts (LIKE company) PARTITION BY LIST (node);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES IN (2);
CREATE TABLE parts_3 PARTITION OF parts FOR VALUES IN (3);
CREATE TABLE parts_none PARTITION OF parts FOR VALUES IN (4);
INSERT INTO parts SELECT * FROM company;
ANALYZE parts;
SELECT is((SELECT count(DISTINCT tableoid) || ' of ' || (SELECT count(*) FROM pg_inherits WHERE inhparent = 'parts'::regclass) FROM parts), '3 of 4', 'three partitions have rows, one has none');
SELECT isnt_empty('SELECT grp FROM company GROUP BY grp HAVING count(DISTINCT node) < 3', 'some groups are not in every partition');
SET LOCAL enable_partitionwise_aggregate = on;
-- an Append that costs its rows would keep small tables from it
SET LOCAL cpu_tuple_cost = 1;
CALL run('partial', 'parts', '');
CALL run('partial', 'parts', 'grp');
CALL run('full', 'parts', 'node, grp');
SELECT is_empty($$ SELECT name, plan FROM got WHERE mode = 'partial' AND plan !~ 'Finalize .*Append(.*Partial (Hash|Group)?Aggregate.*Seq Scan on parts_){4}' $$, 'partition-wise by other groups: a partial aggregate for each partition below Append');
SELECT is_empty($$ SELECT name, groups FROM different WHERE mode = 'partial' $$, 'partition-wise by other groups: identical to serial');
SELECT is_empty($$ SELECT name, plan FROM got WHERE mode = 'full' AND (plan ~ 'Partial|Finalize' OR plan !~ 'Append(.*(Hash|Group)Aggregate.*Seq Scan on parts_){4}') $$, 'partition-wise by the key of the partitions: a whole aggregate for each below Append');
SELECT is_empty($$ SELECT name, groups FROM different WHERE mode = 'full' $$, 'partition-wise by the key of the partitions: identical to serial');

-- Both: workers take partitions.
SET LOCAL max_parallel_workers_per_gather = 2;
CALL run('both', 'parts', 'grp');
SELECT is_empty($$ SELECT name, plan FROM got WHERE mode = 'both' AND plan !~ 'Finalize .*Gather.*Parallel Append(.*Partial (Hash|Group)?Aggregate.*Seq Scan on parts_){4}' $$, 'partitions by two workers: partial aggregates below Parallel Append');
SELECT is_empty($$ SELECT name, groups FROM different WHERE mode = 'both' $$, 'partitions by two workers: identical to serial');
SELECT is((SELECT count(*) FROM got WHERE mode <> 'whole'), 6 * (SELECT count(*) FROM aggregates WHERE combines), 'every aggregate that combines went through every plan');

-- No rows at all.
SET LOCAL max_parallel_workers_per_gather = 0;
CREATE FUNCTION over_nothing(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    query CONSTANT text := question(call, 'parts', '') || ' WHERE account + 0 < 0';
    answer text;
BEGIN
    IF plan_of(query) !~ 'Finalize .*Partial' THEN
        RETURN 'not in parts';
    END IF;
    EXECUTE query INTO answer;
    RETURN answer;
END $$;
SELECT is_empty($$ SELECT name, answer FROM calls, over_nothing(call) AS answer WHERE combines AND answer IS NOT NULL $$, 'parts without a row: NULL');

SELECT * FROM finish();
ROLLBACK;
