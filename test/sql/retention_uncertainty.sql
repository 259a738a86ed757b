\set ECHO none
\getenv tests PG_ABS_SRCDIR
\set prelude :tests '/include/prelude.sql'
\i :prelude
-- Uncertainty and whales: intervals against the formulas written in SQL floats, quantiles given by hand.
SELECT plan(51);

-- Wilson's interval for a share p of n, in percent with one decimal and as bounds.
CREATE FUNCTION wilson(p float8, n float8, z float8) RETURNS numrange LANGUAGE sql IMMUTABLE AS $$
    SELECT numrange(greatest(0, (p + z*z/(2*n) - z*sqrt(p*(1-p)/n + z*z/(4*n*n))) / (1 + z*z/n))::numeric,
                    least(1, (p + z*z/(2*n) + z*sqrt(p*(1-p)/n + z*z/(4*n*n))) / (1 + z*z/n))::numeric, '[]')
$$;
CREATE FUNCTION percent(bounds numrange) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT round(100 * lower(bounds), 1) || ' to ' || round(100 * upper(bounds), 1)
$$;
-- Bounds that agree to nine places; both closed; the first with bounds of 10 places at most.
CREATE FUNCTION same_bounds(have numrange, want numrange) RETURNS bool LANGUAGE sql IMMUTABLE AS $$
    SELECT abs(lower(have) - lower(want)) < 0.000000001 AND abs(upper(have) - upper(want)) < 0.000000001
       AND lower_inc(have) AND upper_inc(have) AND scale(lower(have)) <= 10 AND scale(upper(have)) <= 10
$$;

-- n = 40 accounts of which k churned.
CREATE FUNCTION churned_of(k int, n int) RETURNS retention_summary LANGUAGE sql AS $$
    SELECT retention_agg(100, CASE WHEN i <= k THEN 0 ELSE 100 END) FROM generate_series(1, n) i
$$;
SELECT is(percent(logo_churn_interval(churned_of(k, 40), 0.95)), published, format('Wilson: %s of 40 churned, %s %%', k, published))
FROM (VALUES (1, 31, '62.5 to 87.7'), (2, 13, '20.1 to 48.0'), (3, 8, '10.5 to 34.8'), (4, 2, '1.4 to 16.5'), (5, 5, '5.5 to 26.1')) v (n, k, published) ORDER BY n;
SELECT ok(same_bounds(logo_churn_interval(churned_of(k, n), confidence), wilson(k::float8 / n, n, z)),
          format('logo churn interval is Wilson''s for %s of %s at %s', k, n, confidence))
FROM (VALUES (1, 0, 40, 0.95, 1.959963984540054), (2, 40, 40, 0.95, 1.959963984540054), (3, 7, 19, 0.90, 1.6448536269514727),
             (4, 1, 1, 0.99, 2.5758293035489008), (5, 3, 1000, 0.99, 2.5758293035489008)) v (o, k, n, confidence, z) ORDER BY o;

-- Accounts of uneven size, so that the effective number differs from the number.
CREATE TABLE book (s numeric, e numeric);
INSERT INTO book VALUES (1000, 1200), (500, 450), (200, 0), (50, 50), (50, 80), (25, 10), (10, 10.5), (10, 0), (400, 410), (75, 60);
CREATE TABLE summary AS SELECT retention_agg(s, e) AS r FROM book;
CREATE TABLE moments AS
SELECT count(*)::float8 AS n, sum(s)::float8 AS starting, (sum(e) / sum(s))::float8 AS ndr, (sum(least(s, e)) / sum(s))::float8 AS grr,
       (sum(s) ^ 2 / sum(s ^ 2))::float8 AS effective,
       sum((e - s * (SELECT sum(e) / sum(s) FROM book)) ^ 2)::float8 AS squares
FROM book WHERE s > 0;

SELECT ok(same_bounds(grr_interval(r, confidence), wilson(grr, effective, z)),
          format('GRR interval at %s is Wilson''s on GRR with effective n = S^2 over the sum of s^2', confidence))
FROM summary, moments, (VALUES (0.90, 1.6448536269514727), (0.95, 1.959963984540054), (0.99, 2.5758293035489008)) v (confidence, z) ORDER BY confidence;
SELECT ok(same_bounds(ndr_interval(r, confidence),
                      numrange(greatest(0, ndr - t * sqrt(n / (n - 1) * squares) / starting)::numeric, (ndr + t * sqrt(n / (n - 1) * squares) / starting)::numeric, '[]')),
          format('NDR interval at %s is the ratio estimator with Student''s t of 9 degrees of freedom', confidence))
FROM summary, moments, (VALUES (0.90, 1.8331129326562), (0.95, 2.2621571627982), (0.99, 3.2498355415921)) v (confidence, t) ORDER BY confidence;
SELECT ok(ndr_interval(r, 0.99) @> ndr_interval(r, 0.95) AND ndr_interval(r, 0.95) @> ndr_interval(r, 0.90) AND ndr_interval(r, 0.90) @> ndr(r),
          'NDR interval widens with the confidence and holds NDR') FROM summary;
SELECT ok(same_bounds(ndr_interval(r + (SELECT retention_agg(0, 1000) FROM generate_series(1, 50)), 0.95), ndr_interval(r, 0.95)),
          'NDR interval: accounts that start at 0 are not in the sample') FROM summary;
SELECT ok(same_bounds(grr_interval(r + (SELECT retention_agg(0, 1000) FROM generate_series(1, 50)), 0.95), grr_interval(r, 0.95)),
          'GRR interval: accounts that start at 0 are not in the sample') FROM summary;

-- Other degrees of freedom: n accounts of 100, the first ends at 100 + d.
CREATE FUNCTION one_differs(n int, d numeric) RETURNS retention_summary LANGUAGE sql AS $$
    SELECT retention_agg(100, CASE WHEN i = 1 THEN 100 + d ELSE 100 END) FROM generate_series(1, n) i
$$;
-- There R = 1 + d/(100 n), the squares sum to d^2 (1 - 1/n), var(R) = d^2/(100 n)^2.
SELECT ok(same_bounds(ndr_interval(one_differs(n, d), confidence),
                      numrange(greatest(0, 1 + d / 100 / n - t * d / 100 / n)::numeric(20, 15), (1 + d / 100 / n + t * d / 100 / n)::numeric(20, 15), '[]')),
          format('NDR interval of %s accounts at %s: t of %s degrees of freedom', n, confidence, n - 1))
FROM (VALUES (1, 2, 10.0, 0.90, 6.313751514675), (2, 2, 10, 0.95, 12.706204736175), (3, 3, 10, 0.95, 4.3026527297495), (4, 4, 100, 0.5, 0.7648923284043453), (5, 5, 100, 0.95, 2.7764451051978),
             (6, 30, 1000, 0.99, 2.7563859036706), (7, 40, 1000, 0.95, 2.0226909200368), (8, 51, 1000, 0.999, 3.496012881811139), (9, 100, 1000, 0.95, 1.9842169515864), (10, 200, 10000, 0.99, 2.6007602160585),
             (11, 10001, 1000000, 0.95, 1.960201239890626), (12, 10002, 1000000, 0.95, 1.960201216164641), (13, 20001, 1000000, 0.99, 2.576075153017255), (14, 20001, 1000000, 0.5, 0.6745020171411137)) v (o, n, d, confidence, t)
ORDER BY o;
SELECT is(lower(ndr_interval((SELECT retention_agg(100, e) FROM (VALUES (0), (300)) v (e)), 0.99)), 0::numeric, 'NDR interval: low end not below 0');
SELECT is(ndr_interval((SELECT retention_agg(100, 120)), 0.95), NULL, 'NDR interval is NULL below two accounts');
SELECT is(ndr_interval((SELECT retention_agg(x, 1.5 * x) FROM generate_series(1, 9) x), 0.95), NULL, 'NDR interval is NULL at zero variance');
SELECT is(ndr_interval((SELECT retention_agg(0, 5) FROM generate_series(1, 9) x), 0.95), NULL, 'NDR interval is NULL without a starting base');
SELECT is(grr_interval((SELECT retention_agg(0, 5) FROM generate_series(1, 9) x), 0.95), NULL, 'GRR interval is NULL without a starting base');
SELECT is(logo_churn_interval((SELECT retention_agg(0, 5) FROM generate_series(1, 9) x), 0.95), NULL, 'logo churn interval is NULL without a starting base');

-- Whales: order by s, then e, descending.
SELECT is(top_share(r, k), (SELECT sum(s) FROM (SELECT s FROM book ORDER BY s DESC, e DESC LIMIT k) x) / (SELECT sum(s) FROM book),
          format('top_share(r, %s) is the share of S of the %s largest accounts', k, k))
FROM summary, (VALUES (1), (5), (10)) v (k) ORDER BY k;
SELECT is(ndr_without_top(r, k), (SELECT sum(e) / sum(s) FROM (SELECT s, e FROM book ORDER BY s DESC, e DESC OFFSET k) x),
          format('ndr_without_top(r, %s) is NDR without the %s largest accounts', k, k))
FROM summary, (VALUES (1), (4), (9)) v (k) ORDER BY k;
SELECT is(ndr_without_top(r, 10), NULL, 'NDR without the k largest is NULL where k is N') FROM summary;
SELECT is(top_share(retention_agg(s, e), 10), 1::numeric, 'top_share is 1 where k is above N') FROM book WHERE s > 400;
SELECT is(ndr_without_top(retention_agg(s, e), 10), NULL, 'NDR without the k largest is NULL where k is above N') FROM book WHERE s > 400;
SELECT is(ndr_without_top(retention_agg(s, e), 1), 20.0 / 100, 'whales of equal s: the one that ends higher is the larger')
FROM (VALUES (100, 20), (100, 70)) v (s, e);
SELECT is(hhi(r), (SELECT sum(s ^ 2) / sum(s) ^ 2 FROM book), 'Herfindahl is the sum of s^2 over S^2') FROM summary;
SELECT is(ARRAY[top_share(n.r, 3), hhi(n.r), ndr_without_top(n.r, 3)], ARRAY[NULL, NULL, NULL]::numeric[], 'whale figures are NULL without a starting base')
FROM (SELECT retention_agg(0, 5) AS r FROM generate_series(1, 9)) n;

SELECT * FROM finish();
ROLLBACK;
