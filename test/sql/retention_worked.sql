\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- The worked numbers: published arithmetic that every way of asking must reproduce.
-- Each figure is asked twice, of the aggregate that returns a number and of a retention_summary.
SELECT plan(80);

CREATE TABLE worked (example text, s numeric, e numeric);
INSERT INTO worked VALUES
    ('1', 75000, 125000), ('1', 25000, 0),
    ('2', 10, 0), ('2', 30, 20), ('2', 30, 40), ('2', 30, 30),
    ('3', 900000, 0), ('3', 3000000, 2400000), ('3', 3000000, 4800000), ('3', 3100000, 3100000),
    ('5a', NULL, 20), ('5a', 100, 108), ('5a', 10, 7), ('5a', 5, 0),
    ('5b', 0, 2000000), ('5b', 4000000, 5000000), ('5b', 700000, 500000), ('5b', 300000, NULL),
    ('6', 60, 66), ('6', 40, 44),
    ('7 first', 50, 50), ('7 first', 30, 10),
    ('7 second', 15, 0), ('7 second', 5, 5);

CREATE TABLE july (usr text, amount numeric);
CREATE TABLE august (usr text, amount numeric);
INSERT INTO july VALUES ('u1', 20), ('u2', 50), ('u3', 30), ('u5', 15), ('u6', 25), ('u7', 40);
INSERT INTO august VALUES ('u2', 50), ('u3', 20), ('u6', 35), ('u4', 15);
INSERT INTO worked SELECT '4', july.amount, august.amount FROM july FULL JOIN august USING (usr);

-- An expression over the accounts of one example, computed.
CREATE FUNCTION ask(example text, expression text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    answer numeric;
BEGIN
    EXECUTE format('SELECT %s FROM worked WHERE example = $1', expression) INTO answer USING example;
    RETURN answer;
END $$;

SELECT is(ask(example, aggregate || '(s, e)'), value, 'worked number ' || example || ': ' || aggregate || ' is ' || label)
FROM (VALUES
    (1, '1', 'ndr_agg', 1.25, '1.25'),
    (2, '2', 'revenue_churn_agg', 0.20, '0.20'),
    (3, '3', 'grr_agg', 0.85, '0.85'),
    (4, '3', 'ndr_agg', 1.03, '1.03'),
    (5, '4', 'churn_agg', 3.0 / 6, '3/6'),
    (6, '4', 'revenue_churn_agg', 85.0 / 180, '85/180'),
    (7, '4', 'ndr_agg', 105.0 / 180, '105/180'),
    (8, '5a', 'quick_ratio_agg', 3.5, '3.5'),
    (9, '5b', 'quick_ratio_agg', 6, '6'),
    (10, '6', 'ndr_agg', 1.10, '1.10'),
    (11, '6', 'grr_agg', 1, '1.00')
) AS worked_number (n, example, aggregate, value, label) ORDER BY n;

SELECT is(ask(example, accessor || '(retention_agg(s, e))'), value, 'worked number ' || example || ': ' || accessor || '(r) is ' || label)
FROM (VALUES
    (1, '1', 'ndr', 1.25, '1.25'),
    (2, '1', 'starting', 100000, '100,000'),
    (3, '1', 'ending', 125000, '125,000'),
    (4, '2', 'revenue_churn', 0.20, '0.20'),
    (5, '2', 'net_revenue_churn', 0.10, '0.10'),
    (6, '2', 'revenue_churn_without_contraction', 0.10, '0.10'),
    (7, '3', 'grr', 0.85, '0.85'),
    (8, '3', 'ndr', 1.03, '1.03'),
    (9, '3', 'contraction', 600000, '0.6 M'),
    (10, '3', 'churned', 900000, '0.9 M'),
    (11, '3', 'expansion', 1800000, '1.8 M'),
    (12, '4', 'starting', 180, '180'),
    (13, '4', 'logo_churn', 3.0 / 6, '3/6'),
    (14, '4', 'logo_retention', 3.0 / 6, '3/6'),
    (15, '4', 'accounts_starting', 6, '6'),
    (16, '4', 'accounts_new', 1, '1'),
    (17, '4', 'accounts_churned', 3, '3'),
    (18, '4', 'accounts_retained', 3, '3'),
    (19, '4', 'accounts_expanded', 1, '1'),
    (20, '4', 'accounts_contracted', 1, '1'),
    (21, '4', 'accounts_ending', 4, '4'),
    (22, '4', 'revenue_churn', 85.0 / 180, '85/180'),
    (23, '4', 'ndr', 105.0 / 180, '105/180'),
    (24, '4', 'ending_existing', 105, '105'),
    (25, '4', 'new_business', 15, '15'),
    (26, '5a', 'quick_ratio', 3.5, '3.5'),
    (27, '5b', 'quick_ratio', 6, '6'),
    (28, '6', 'ndr', 1.10, '1.10'),
    (29, '6', 'grr', 1, '1.00')
) AS worked_number (n, example, accessor, value, label) ORDER BY n;

SELECT isnt(ask('4', 'ndr_agg(s, e)'), 0.6667, 'worked number 4: the account that is new in August is not counted into NDR');
SELECT is(round((SELECT ndr_agg(july.amount, august.amount) FROM july JOIN august USING (usr)), 4), 1.0,
          'worked number 4: the inner join that loses churned rows gives 1.0, the classic mistake, and so is told apart');

-- 7: the mix of two segments.
SELECT is(ask('7 first', 'ndr_agg(s, e)'), 0.75, 'worked number 7: first segment 75 %');
SELECT is(ask('7 second', 'ndr_agg(s, e)'), 0.25, 'worked number 7: second segment 25 %');
SELECT is((SELECT ndr_agg(s, e) FROM worked WHERE example LIKE '7%'), 0.65, 'worked number 7: 65 % overall, in one aggregate');
SELECT is((SELECT ndr(rollup(r)) FROM (SELECT retention_agg(s, e) AS r FROM worked WHERE example LIKE '7%' GROUP BY example) x), 0.65,
          'worked number 7: 65 % overall, rolled up from the two segments');
SELECT is((SELECT ndr(a.r + b.r) FROM (SELECT retention_agg(s, e) AS r FROM worked WHERE example = '7 first') a,
                                      (SELECT retention_agg(s, e) AS r FROM worked WHERE example = '7 second') b), 0.65,
          'worked number 7: 65 % overall, from r + r');

-- Movement: what one account did between the two points.
SELECT is(movement(s, e), expected, format('movement(%s, %s) is %s', coalesce(s::text, 'NULL'), coalesce(e::text, 'NULL'), coalesce(expected, 'NULL')))
FROM (VALUES
    (1, 0::numeric, 5::numeric, 'new'), (2, NULL, 5, 'new'), (3, 5, 7, 'expansion'), (4, 5, 5.00, 'unchanged'), (5, 5, 3, 'contraction'),
    (6, 5, 0, 'churn'), (7, 5, NULL, 'churn'), (8, 0, 0, NULL), (9, NULL, NULL, NULL), (10, 0.00, NULL, NULL)
) AS case_of (n, s, e, expected) ORDER BY n;
SELECT is(movement(s, e, was), expected,
          format('movement(%s, %s, %s) is %s', coalesce(s::text, 'NULL'), coalesce(e::text, 'NULL'), coalesce(was::text, 'NULL'), coalesce(expected, 'NULL')))
FROM (VALUES
    (1, 0::numeric, 5::numeric, true, 'reactivation'), (2, 0, 5, false, 'new'), (3, NULL, 5, NULL::boolean, 'new'), (4, NULL, 5, true, 'reactivation'),
    (5, 5, 7, true, 'expansion'), (6, 5, 0, false, 'churn'), (7, 0, 0, true, NULL)
) AS case_of (n, s, e, was, expected) ORDER BY n;

-- The quota of the book: 100 accounts worth 1.0 M, target 1.20, 1.1 M at the end.
CREATE TABLE quota AS SELECT retention_agg(10000, 11000) AS r FROM generate_series(1, 100);
SELECT is(round(quota_attainment(r, 1.20), 3), 0.917, 'quota: 91.7 % attained') FROM quota;
SELECT is(quota_attainment(r, 1.20), 1100000 / (1000000 * 1.20), 'quota attainment is NDR over the target, one division') FROM quota;
SELECT is(quota_growth_attainment(r, 1.20), 0.5, 'quota: 50 % of the growth') FROM quota;
SELECT is(quota_gap(r, 1.20), 100000::numeric, 'quota: 0.1 M missing') FROM quota;
SELECT is(quota_gap(r, 1.05), -50000::numeric, 'quota gap is negative where the target is passed') FROM quota;
SELECT is(quota_growth_attainment(r, 1), NULL, 'quota growth attainment is NULL at a target of 1') FROM quota;
SELECT is(quota_growth_attainment(r, 0.9), NULL, 'quota growth attainment is NULL at a target below 1') FROM quota;
SELECT is(quota_attainment(r, NULL), NULL, 'quota attainment is NULL without a target') FROM quota;
SELECT is(quota_attainment(r, 0), NULL, 'quota attainment is NULL at a target of 0') FROM quota;
SELECT is((SELECT quota_gap(retention_agg(s, e), 2) FROM worked WHERE example = '4'), 255::numeric,
          'quota: new business never counts towards it (2 * 180 - 105)');

-- Rows that are customers at the start, told as churned or not.
SELECT is((SELECT churn_agg(churned) FROM (VALUES (true), (false), (false), (NULL), (true)) v (churned)), 0.5,
          'churn_agg(churned) is churned over known rows, NULL rows do not count');
SELECT is((SELECT churn_agg(churned) FROM (VALUES (NULL::boolean), (NULL)) v (churned)), NULL, 'churn_agg(churned) of NULL rows alone is NULL');
SELECT is((SELECT churn_agg(churned) FROM (VALUES (true)) v (churned) WHERE false), NULL, 'churn_agg(churned) of no rows is NULL');

-- Survivor-biased NDR: churn vanishes, and so does all at or below the threshold.
SELECT is((SELECT survivor_ndr_agg(s, e, 0) FROM worked WHERE example = '4'), 105.0 / 105, 'survivor-biased NDR of worked number 4 is 1.0');
SELECT is((SELECT survivor_ndr_agg(s, e, 20) FROM worked WHERE example = '4'), 85.0 / 75, 'survivor-biased NDR: above the threshold at both ends, not at it');
SELECT is((SELECT survivor_ndr_agg(s, e, 1000) FROM worked WHERE example = '4'), NULL, 'survivor-biased NDR is NULL where nobody is above the threshold');

SELECT * FROM finish();
ROLLBACK;
