\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
\set accounts :tests '/include/accounts.sql'
\i :accounts
-- Every figure against plain SQL, digit for digit and with the same display scale, over the 240 shapes of accounts.
SELECT plan(61);

-- What the shapes have to include, so that the comparisons below mean something.
SELECT ok(count(*) FILTER (WHERE scale(s) > 25) > 20 AND count(*) FILTER (WHERE s >= 1e30) > 20, 'the shapes include scales above 25 and amounts of more than 30 digits') FROM accounts;
SELECT ok(bool_or(length(replace(total::text, '.', '')) >= 37), 'the shapes include totals of 37 or 38 digits')
FROM (SELECT sum(s) AS total FROM accounts GROUP BY shape) x;
SELECT is(count(DISTINCT coalesce(movement(s, e, was), 'none')), 7::bigint, 'the shapes include every movement') FROM accounts;

-- The plain SQL. Amounts are rounded to the display scale of the shape, which adds zeros and no error.
CREATE TABLE plain AS
WITH amounts AS (
    SELECT shape, coalesce(s, 0) AS s, coalesce(e, 0) AS e, coalesce(was, false) AS was, coalesce(greatest(scale(s), scale(e)), 0) AS scale FROM accounts
), ranked AS (
    SELECT *, max(scale) OVER (PARTITION BY shape) AS d, CASE WHEN s > 0 THEN row_number() OVER (PARTITION BY shape ORDER BY s DESC, e DESC) END AS rank FROM amounts
)
SELECT shape,
       round(sum(s), d) AS starting,
       round(sum(e), d) AS ending,
       round(coalesce(sum(e) FILTER (WHERE s > 0), 0), d) AS ending_existing,
       round(coalesce(sum(least(s, e)) FILTER (WHERE s > 0), 0), d) AS retained,
       round(coalesce(sum(e) FILTER (WHERE s = 0), 0), d) AS new,
       round(coalesce(sum(e) FILTER (WHERE s = 0 AND NOT was), 0), d) AS new_known,
       round(coalesce(sum(e) FILTER (WHERE s = 0 AND was), 0), d) AS reactivation,
       round(coalesce(sum(e - s) FILTER (WHERE s > 0 AND e > s), 0), d) AS expansion,
       round(coalesce(sum(s - e) FILTER (WHERE e > 0 AND e < s), 0), d) AS contraction,
       round(coalesce(sum(s) FILTER (WHERE e = 0), 0), d) AS churned,
       count(*) FILTER (WHERE s > 0) AS n_start,
       count(*) FILTER (WHERE e > 0) AS n_end,
       count(*) FILTER (WHERE s = 0 AND e > 0) AS n_new,
       count(*) FILTER (WHERE s = 0 AND e > 0 AND NOT was) AS n_new_known,
       count(*) FILTER (WHERE s = 0 AND e > 0 AND was) AS n_reactivated,
       count(*) FILTER (WHERE s > 0 AND e > s) AS n_expanded,
       count(*) FILTER (WHERE e > 0 AND e < s) AS n_contracted,
       count(*) FILTER (WHERE s > 0 AND e = 0) AS n_churned,
       round(sum(s * s), 2 * d) AS squares,
       round(coalesce(sum(s) FILTER (WHERE rank <= 1), 0), d) AS s1, round(coalesce(sum(e) FILTER (WHERE rank <= 1), 0), d) AS e1,
       round(coalesce(sum(s) FILTER (WHERE rank <= 4), 0), d) AS s4, round(coalesce(sum(e) FILTER (WHERE rank <= 4), 0), d) AS e4,
       round(coalesce(sum(s) FILTER (WHERE rank <= 10), 0), d) AS s10, round(coalesce(sum(e) FILTER (WHERE rank <= 10), 0), d) AS e10,
       round(coalesce(sum(s) FILTER (WHERE s > 5 AND e > 5), 0), d) AS s_above, round(coalesce(sum(e) FILTER (WHERE s > 5 AND e > 5), 0), d) AS e_above
FROM ranked GROUP BY shape, d;

-- One row a shape, no rows included. r without, k with what was known before; p and c with period and currency.
CREATE TABLE measured AS
SELECT shapes.shape, a.* FROM shapes, LATERAL (
    SELECT ndr_agg(s, e), grr_agg(s, e), churn_agg(s, e), churn_agg(coalesce(e, 0) = 0) FILTER (WHERE s > 0) AS churn_flag_agg, revenue_churn_agg(s, e), quick_ratio_agg(s, e),
           survivor_ndr_agg(s, e, 5), retention_agg(s, e) AS r, retention_agg(s, e, was) AS k,
           retention_agg(s, e, daterange('2024-01-01', '2024-02-01')) AS p, retention_agg(s, e, daterange('2024-01-01', '2024-02-01'), 'EUR') AS c,
           retention_agg(s, e, was, daterange('2024-01-01', '2024-02-01')) AS kp
    FROM accounts WHERE accounts.shape = shapes.shape) a;

-- The shapes in which an expression over measured is not, digit for digit, the expression over plain.
CREATE FUNCTION differing(have text, want text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT format(''shape %%s: %%s, expected %%s'', shape, (%1$s)::text, (%2$s)::text)
                                 FROM measured LEFT JOIN plain USING (shape) WHERE (%1$s)::text IS DISTINCT FROM (%2$s)::text ORDER BY shape LIMIT 3', have, want);
END $$;

SELECT is_empty(format('SELECT differing(%L, %L)', have, want), have || ' = ' || label)
FROM (VALUES
    (1, 'ndr_agg', 'ending_existing / nullif(starting, 0)', 'E''/S'),
    (2, 'grr_agg', 'retained / nullif(starting, 0)', 'M/S'),
    (3, 'churn_agg', 'n_churned::numeric / nullif(n_start, 0)', 'churned accounts / N'),
    (4, 'churn_flag_agg', 'n_churned::numeric / nullif(n_start, 0)', 'churned accounts / N'),
    (5, 'revenue_churn_agg', '(churned + contraction) / nullif(starting, 0)', '(churned + contraction)/S'),
    (6, 'quick_ratio_agg', '(new + expansion) / nullif(contraction + churned, 0)', '(new + reactivation + expansion)/(contraction + churned)'),
    (7, 'survivor_ndr_agg', 'e_above / nullif(s_above, 0)', 'ending/starting of accounts above the threshold at both ends'),
    (11, 'ndr(r)', 'ending_existing / nullif(starting, 0)', 'E''/S'),
    (12, 'grr(r)', 'retained / nullif(starting, 0)', 'M/S'),
    (13, 'logo_churn(r)', 'n_churned::numeric / nullif(n_start, 0)', 'churned accounts / N'),
    (14, 'logo_retention(r)', '(n_start - n_churned)::numeric / nullif(n_start, 0)', '(N - churned accounts) / N'),
    (15, 'revenue_churn(r)', '(churned + contraction) / nullif(starting, 0)', '(churned + contraction)/S'),
    (16, 'revenue_churn_without_contraction(r)', 'churned / nullif(starting, 0)', 'churned/S'),
    (17, 'net_revenue_churn(r)', '(churned + contraction - expansion) / nullif(starting, 0)', '(churned + contraction - expansion)/S'),
    (18, 'net_churn_with_reactivation(k)', '(churned + contraction - expansion - reactivation) / nullif(starting, 0)', '(churned + contraction - expansion - reactivation)/S'),
    (19, 'net_churn_with_reactivation(r)', '(churned + contraction - expansion) / nullif(starting, 0)', 'the same with no reactivation known'),
    (20, 'quick_ratio(r)', '(new + expansion) / nullif(contraction + churned, 0)', '(new + reactivation + expansion)/(contraction + churned)'),
    (21, 'quick_ratio(k)', '(new_known + reactivation + expansion) / nullif(contraction + churned, 0)', 'the same, reactivation told from new'),
    (22, 'quick_ratio_without_reactivation(k)', '(new_known + expansion) / nullif(contraction + churned, 0)', '(new + expansion)/(contraction + churned)'),
    (23, 'growth(r)', '(ending - starting) / nullif(starting, 0)', '(ending - starting)/starting'),
    (31, 'starting(r)', 'starting', 'sum of s'),
    (32, 'ending(r)', 'ending', 'sum of e'),
    (33, 'ending_existing(r)', 'ending_existing', 'sum of e over s > 0'),
    (34, 'retained(r)', 'retained', 'sum of the lesser of s and e'),
    (35, 'new_business(r)', 'new', 'sum of e over s = 0'),
    (36, 'new_business(k)', 'new_known', 'sum of e over s = 0, not known before'),
    (37, 'reactivation(r)', 'new - new', '0 where nobody says what was known before'),
    (38, 'reactivation(k)', 'reactivation', 'sum of e over s = 0, known before'),
    (39, 'expansion(r)', 'expansion', 'sum of e - s over e > s > 0'),
    (40, 'contraction(r)', 'contraction', 'sum of s - e over 0 < e < s'),
    (41, 'churned(r)', 'churned', 'sum of s over e = 0'),
    (42, 'net_new(r)', 'ending - starting', 'ending - starting'),
    (43, 'arpa_starting(r)', 'starting / nullif(n_start, 0)', 'amount / accounts at the start'),
    (44, 'arpa_ending(r)', 'ending / nullif(n_end, 0)', 'amount / accounts at the end'),
    (51, 'accounts_starting(r)', 'n_start', 'accounts with s > 0'),
    (52, 'accounts_ending(r)', 'n_end', 'accounts with e > 0'),
    (53, 'accounts_new(r)', 'n_new', 'accounts with s = 0 < e'),
    (54, 'accounts_new(k)', 'n_new_known', 'accounts with s = 0 < e, not known before'),
    (55, 'accounts_reactivated(r)', '0 * n_new', '0 where nobody says what was known before'),
    (56, 'accounts_reactivated(k)', 'n_reactivated', 'accounts with s = 0 < e, known before'),
    (57, 'accounts_expanded(r)', 'n_expanded', 'accounts with e > s > 0'),
    (58, 'accounts_contracted(r)', 'n_contracted', 'accounts with 0 < e < s'),
    (59, 'accounts_churned(r)', 'n_churned', 'accounts with s > 0 = e'),
    (60, 'accounts_retained(r)', 'n_start - n_churned', 'N - churned'),
    (71, 'top_share(r, 1)', 's1 / nullif(starting, 0)', 'share of S of the largest account'),
    (72, 'top_share(r, 4)', 's4 / nullif(starting, 0)', 'share of S of the 4 largest'),
    (73, 'top_share(r, 10)', 's10 / nullif(starting, 0)', 'share of S of the 10 largest'),
    (74, 'ndr_without_top(r, 1)', '(ending_existing - e1) / nullif(starting - s1, 0)', 'NDR without the largest'),
    (75, 'ndr_without_top(r, 4)', '(ending_existing - e4) / nullif(starting - s4, 0)', 'NDR without the 4 largest'),
    (76, 'ndr_without_top(r, 10)', '(ending_existing - e10) / nullif(starting - s10, 0)', 'NDR without the 10 largest'),
    (77, 'hhi(r)', 'squares / nullif(starting * starting, 0)', 'sum of s^2 over S^2'),
    (78, 'quota_gap(r, 1)', 'starting - ending_existing', 'S - E'' at a target of 1')
) AS figure (n, have, want, label) ORDER BY n;

SELECT is_empty($$ SELECT shape, k FROM measured WHERE starting(k) + new_business(k) + reactivation(k) + expansion(k) - contraction(k) - churned(k) <> ending(k) $$,
                'identity of the amounts: starting + new + reactivation + expansion - contraction - churned = ending');
SELECT is_empty($$ SELECT shape, k FROM measured WHERE accounts_starting(k) + accounts_new(k) + accounts_reactivated(k) - accounts_churned(k) <> accounts_ending(k) $$,
                'identity of the accounts: starting + new + reactivated - churned = ending');
SELECT is_empty($$ SELECT shape FROM measured WHERE (ndr(r), grr(r), logo_churn(r), starting(r)) IS DISTINCT FROM (ndr(p), grr(p), logo_churn(p), starting(p))
                                              OR (ndr(r), grr(r), logo_churn(r), starting(r)) IS DISTINCT FROM (ndr(c), grr(c), logo_churn(c), starting(c))
                                              OR (quick_ratio(k), reactivation(k)) IS DISTINCT FROM (quick_ratio(kp), reactivation(kp)) $$,
                'the forms with period and currency give the same figures');
SELECT is_empty($$ SELECT shape FROM measured WHERE r IS NOT NULL AND (period(r) IS NOT NULL OR period(p) <> '[2024-01-01,2024-02-01)' OR period(c) <> period(p) OR period(kp) <> period(p)
                                                                       OR currency(p) IS NOT NULL OR currency(c) <> 'EUR') $$,
                'period and currency are the ones given, NULL where none was');
SELECT is((SELECT count(*) FROM measured WHERE r IS NULL), (SELECT count(*) FROM shapes WHERE n = 0), 'the summary of no rows is NULL, of rows that do not count it is not');
SELECT cmp_ok((SELECT count(*) FROM measured WHERE ndr(r) IS NOT NULL), '>', 150::bigint, 'most shapes have figures');

SELECT * FROM finish();
ROLLBACK;
