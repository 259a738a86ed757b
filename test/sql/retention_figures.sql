\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
\set accounts :tests '/include/accounts.sql'
\i :accounts
-- figures(retention_summary) and bridge(retention_summary): the accessors as rows, and as one row.
SELECT plan(15);

CREATE TABLE vals AS
SELECT row_number() OVER (ORDER BY shape, grp) AS id, r FROM (
    SELECT shape, i % 40 AS grp, CASE shape % 3 WHEN 0 THEN retention_agg(s, e, was)
                                      WHEN 1 THEN retention_agg(s, e, was, daterange('2024-01-01', '2024-02-01'))
                                      ELSE retention_agg(s, e, daterange('2023-12-31', '2024-12-31'), 'USD') END AS r
    FROM accounts GROUP BY shape, i % 40) v;

-- Each row has the value of the accessor of that name.
SELECT is((SELECT string_agg(figure, ' ' ORDER BY n) FROM figures((SELECT r FROM vals LIMIT 1)) WITH ORDINALITY f (figure, value, shown, meaning, n)),
    'starting new_business reactivation expansion contraction churned ending net_new accounts_starting accounts_new accounts_reactivated accounts_expanded accounts_contracted accounts_churned accounts_ending ndr ndr_low ndr_high grr logo_churn revenue_churn growth quick_ratio arpa_starting arpa_ending top_10_share',
    'figures: their names, in order');
CREATE FUNCTION accessors(r retention_summary) RETURNS TABLE (figure text, value numeric) LANGUAGE sql AS $$
    VALUES ('starting', starting(r)), ('new_business', new_business(r)), ('reactivation', reactivation(r)), ('expansion', expansion(r)), ('contraction', contraction(r)), ('churned', churned(r)), ('ending', ending(r)), ('net_new', net_new(r)),
        ('accounts_starting', accounts_starting(r)::numeric), ('accounts_new', accounts_new(r)), ('accounts_reactivated', accounts_reactivated(r)), ('accounts_expanded', accounts_expanded(r)), ('accounts_contracted', accounts_contracted(r)),
        ('accounts_churned', accounts_churned(r)), ('accounts_ending', accounts_ending(r)), ('ndr', ndr(r)), ('ndr_low', lower(ndr_interval(r, 0.95))), ('ndr_high', upper(ndr_interval(r, 0.95))), ('grr', grr(r)), ('logo_churn', logo_churn(r)),
        ('revenue_churn', revenue_churn(r)), ('growth', growth(r)), ('quick_ratio', quick_ratio(r)), ('arpa_starting', arpa_starting(r)), ('arpa_ending', arpa_ending(r)), ('top_10_share', top_share(r, 10)) $$;
SELECT is_empty('SELECT id, f.figure FROM vals, figures(r) f, accessors(r) a WHERE a.figure = f.figure AND f.value::text IS DISTINCT FROM a.value::text', 'figures: each is what its accessor gives, to the last digit');
SELECT is((SELECT count(DISTINCT f.figure) FROM vals, figures(r) f JOIN accessors((SELECT r FROM vals LIMIT 1)) USING (figure)), 26::bigint, 'figures: an accessor stands beside each');
SELECT is_empty('SELECT id, figure FROM vals, figures(r) WHERE (value IS NULL) <> (shown IS NULL)', 'figures: what is not defined is not shown');
SELECT is_empty('SELECT figure FROM figures((SELECT r FROM vals LIMIT 1)) WHERE meaning IS NULL OR length(meaning) NOT BETWEEN 10 AND 100', 'figures: each has a meaning of one line');

-- What is shown: numbers for readers, in any locale.
CREATE FUNCTION shown(r retention_summary, wanted text) RETURNS text LANGUAGE sql AS $$ SELECT string_agg(coalesce(shown, 'none'), ' | ' ORDER BY n) FROM figures(r) WITH ORDINALITY f (figure, value, shown, meaning, n) WHERE figure ~ ('^(' || wanted || ')$') $$;
SELECT is(shown(retention_agg(s, e), 'starting|new_business|expansion|churned|net_new|accounts_starting|accounts_new|ndr|grr|logo_churn|quick_ratio'), '1,001,200 | 0.50 | 999.99 | 1,200 | -199.51 | 2 | 1 | 100.0 % | 99.9 % | 50.0 % | 0.83', 'shown: amounts in whole units from 1,000 on, else with two places; percents; quotients')
FROM (VALUES (1000000.00, 1000999.99), (1200, 0), (0, 0.50)) v (s, e);
SELECT is(shown(retention_agg(999.500, 900.375, daterange('2024-01-01', '2025-01-01'), 'EUR'), 'starting|contraction|net_new|arpa_starting|accounts_starting|ndr'), '999.50 EUR | 99.13 EUR | -99.13 EUR | 1 | 90.1 % | 999.50 EUR', 'shown: the currency after amounts, two places at most');
SELECT is(shown(retention_agg(5, 7), 'starting|ending|arpa_ending'), '5 | 7 | 7.00', 'shown: no places where amounts have none; an average has two');
SELECT is(shown(retention_agg(0, 0), 'starting|ndr|quick_ratio|top_10_share|arpa_starting|accounts_ending'), '0 | 0 | none | none | none | none', 'shown: what is not defined is NULL');
SELECT is(shown(retention_agg(99999999999999999999999999999999999999, 1), 'starting|net_new'), '99,999,999,999,999,999,999,999,999,999,999,999,999 | -99,999,999,999,999,999,999,999,999,999,999,999,998', 'shown: 38 digits');
SELECT is(shown(retention_agg(999.996, 999.994), 'starting|ending'), '1,000.00 | 999.99', 'shown: what is rounded up to 1,000 keeps its places');
SELECT is((SELECT count(*) FROM figures(NULL::retention_summary)), 0::bigint, 'figures of NULL: no rows');

-- bridge of one summary: the row of an array of it.
SELECT results_eq('SELECT id, b.* FROM vals, bridge(r) b ORDER BY id', 'SELECT id, b.* FROM vals, bridge(ARRAY[r]) b ORDER BY id', 'bridge(r) is bridge(ARRAY[r])');
SELECT is((SELECT count(*) FROM bridge(NULL::retention_summary)), 0::bigint, 'bridge of NULL: no rows');
SELECT is((SELECT (period_start, period_end, starting, new, ending, ndr)::text FROM bridge((SELECT retention_agg(10, 12, daterange('2024-01-01', '2025-01-01'))))), '(2024-01-01,2025-01-01,10,0,12,1.2000000000000000)', 'bridge of one interval');

SELECT * FROM finish();
ROLLBACK;
