-- Everything that the report shows, as one JSON object, from the views of examples/bi_views.sql. Charts take numbers, tables take text as it is to be read.
-- Expects the variables company, warnings (what the demo said of a CSV file) and unit (of what its amounts were: a month, a year; empty for others).
\if :{?unit}
\else
\set unit ''
\set warnings ''
\endif
\pset format unaligned
\pset tuples_only on

CREATE FUNCTION pg_temp.money(x numeric) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(to_char(round(x), 'FM999,999,999,999,999,999,999,999,999,990'), '') $$;
CREATE FUNCTION pg_temp.percent(x numeric) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(round(100 * x, 1) || ' %', '') $$;
CREATE FUNCTION pg_temp.number(n numeric, what text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT n || ' ' || what || CASE WHEN n <> 1 THEN 's' ELSE '' END $$;
CREATE FUNCTION pg_temp.month(d date) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT (ARRAY['Jan','Feb','Mar','Apr','May','Jun','Jul','Aug','Sep','Oct','Nov','Dec'])[extract(month FROM d)::int] || ' ' || extract(year FROM d) $$;
CREATE TEMP VIEW year AS SELECT * FROM bi.trailing_year WHERE starting > 0 OR ending > 0;
CREATE TEMP VIEW now AS SELECT * FROM year ORDER BY day DESC LIMIT 1;
CREATE TEMP VIEW ranked_book AS
SELECT *, row_number() OVER (ORDER BY (csm IS NULL), load DESC NULLS LAST, arr DESC, csm) AS rank FROM bi.book;
-- Ten thousand managers are a line of the fullest and one of the rest.
CREATE TEMP VIEW shown_book AS
SELECT rank, coalesce(csm, 'nobody') AS csm, accounts, arr, load FROM ranked_book WHERE rank <= 15
UNION ALL
SELECT 16, 'the other ' || count(*), sum(accounts), sum(arr), avg(load) FROM ranked_book WHERE rank > 15 HAVING count(*) > 0;

SELECT json_build_object(
	'company', :'company',
	'day', (SELECT day FROM now),
	'unit', :'unit',
	'warnings', :'warnings',
	'status', (SELECT json_build_object('reported_until', reported_until, 'stale', histories_stale) FROM bi.status),
	'tiles', (SELECT json_agg(json_build_array(label, shown, note) ORDER BY n) FROM now, LATERAL (VALUES
		(1, 'ARR', pg_temp.money(ending), pg_temp.month(day)),
		(2, 'NDR', pg_temp.percent(ndr), coalesce('95 %: ' || round(100 * ndr_low, 1) || ' to ' || round(100 * ndr_high, 1), 'no interval')),
		(3, 'GRR', pg_temp.percent(grr), 'kept, growth left out'),
		(4, 'Logo churn', pg_temp.percent(logo_churn), accounts_churned || ' of ' || pg_temp.number(accounts_starting, 'account')),
		(5, 'New ARR', pg_temp.money(new_business + reactivation), pg_temp.number(accounts_new, 'new account')),
		(6, 'Quick ratio', coalesce(round(quick_ratio, 2)::text, ''), 'won for 1 lost'),
		(7, 'Ten largest', pg_temp.percent(top_10_share), 'of the ARR a year ago'),
		(8, 'Covered', (SELECT pg_temp.percent(covered) FROM bi.coverage), (SELECT pg_temp.number(csms, 'manager') || ', ' || round(csms_required, 1) || ' required' FROM bi.coverage))) AS t (n, label, shown, note)
		WHERE n < 8 OR EXISTS (SELECT FROM bi.coverage WHERE csms > 0)),
	'bridge', (SELECT json_agg(json_build_object('step', step, 'total', is_total, 'amount', amount, 'low', bar_low, 'high', bar_high, 'text', pg_temp.money(amount)) ORDER BY position)
		FROM bi.bridge_step WHERE span = 'trailing year' AND day = (SELECT day FROM now)),
	'trend', (SELECT json_agg(json_build_object('month', pg_temp.month(day), 'ndr', ndr, 'low', greatest(ndr_low, 0), 'high', ndr_high, 'grr', grr, 'churn', logo_churn,
			'text', json_build_array(pg_temp.percent(ndr), pg_temp.percent(ndr_low), pg_temp.percent(ndr_high), pg_temp.percent(grr), pg_temp.percent(logo_churn))) ORDER BY day) FROM year WHERE ndr IS NOT NULL),
	'cohorts', (SELECT json_agg(json_build_object('cohort', extract(year FROM cohort) || ' Q' || extract(quarter FROM cohort), 'age', age, 'retention', revenue_retention, 'accounts', accounts, 'text', pg_temp.percent(revenue_retention)) ORDER BY cohort, age) FROM bi.cohort),
	'survival', (SELECT json_agg(json_build_object('segment', segment, 'age', age, 'survival', survival, 'text', pg_temp.percent(survival)) ORDER BY segment_from, age) FROM bi.survival_segment WHERE segment IS NOT NULL),
	'funnel', (SELECT json_agg(json_build_object('segment', segment, 'step', step, 'reached', reached, 'conversion', conversion, 'arr', pg_temp.money(arr), 'text', json_build_array(reached::text, pg_temp.percent(conversion), pg_temp.percent(step_conversion), pg_temp.percent(arr_conversion), coalesce(median_days::text, ''))) ORDER BY segment_from, position) FROM bi.funnel),
	'forecast', (SELECT json_build_object('from', period_start, 'to', period_end, 'arr', pg_temp.money(arr), 'ndr', json_build_array(ndr_expected_low, ndr_expected, ndr_expected_high), 'grr', json_build_array(grr_expected_low, grr_expected, grr_expected_high),
		'text', json_build_array(json_build_array('NDR', pg_temp.percent(ndr_expected), pg_temp.percent(ndr_expected_low), pg_temp.percent(ndr_expected_high)), json_build_array('GRR', pg_temp.percent(grr_expected), pg_temp.percent(grr_expected_low), pg_temp.percent(grr_expected_high))))
		FROM bi.forecast WHERE ndr_expected IS NOT NULL),
	'coverage', (SELECT json_agg(json_build_object('segment', segment, 'covered', covered, 'text', json_build_array(accounts::text, pg_temp.money(arr), pg_temp.percent(covered))) ORDER BY segment_from) FROM bi.coverage_segment WHERE EXISTS (SELECT FROM bi.coverage WHERE csms > 0)),
	'books', (SELECT json_agg(json_build_object('csm', csm, 'load', load, 'text', json_build_array(accounts::text, pg_temp.money(arr), coalesce(round(100 * load) || ' %', ''))) ORDER BY rank) FROM shown_book),
	'segments', (SELECT json_agg(json_build_object('segment', segment, 'new', won, 'expansion', grown, 'contraction', -shrunk, 'churned', -gone, 'moved', moved,
			'text', json_build_array(pg_temp.money(won), pg_temp.money(grown), pg_temp.money(-shrunk), pg_temp.money(-gone), pg_temp.money(moved))) ORDER BY segment_from)
		FROM (SELECT segment, segment_from, sum(new_business + reactivation) AS won, sum(expansion) AS grown, sum(contraction) AS shrunk, sum(churned) AS gone, sum(transfer_in - transfer_out) AS moved
			FROM bi.bridge_segment_month WHERE segment IS NOT NULL AND day > (SELECT day - interval '1 year' FROM now) GROUP BY 1, 2) AS x),
	'losses', (SELECT json_agg(json_build_object('account', account, 'text', json_build_array(csm, movement_of_year, pg_temp.money(arr_year_ago), pg_temp.money(arr), pg_temp.money(arr - arr_year_ago))) ORDER BY arr - arr_year_ago, account)
		FROM (SELECT account, coalesce(csm, '') AS csm, movement_of_year, arr_year_ago, coalesce(arr, 0) AS arr FROM bi.account WHERE coalesce(arr, 0) < arr_year_ago ORDER BY coalesce(arr, 0) - arr_year_ago, account LIMIT 10) AS x));
