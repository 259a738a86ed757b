-- Everything that the report shows, as one JSON object and by one SELECT, so that it can be asked of a read replica, from the views of examples/bi_views.sql. Charts take numbers, tables take text as it is to be read.
-- Expects the variables company, warnings (what the demo said of a CSV file) and unit (of what its amounts were: a month, a year; empty for others).
\if :{?unit}
\else
\set unit ''
\set warnings ''
\endif
\pset format unaligned
\pset tuples_only on

\set money 'FM999,999,999,999,999,999,999,999,999,990'

WITH
	year AS (SELECT * FROM bi.trailing_year WHERE starting > 0 OR ending > 0),
	now AS (SELECT * FROM year ORDER BY day DESC LIMIT 1),
	ranked_book AS (SELECT *, row_number() OVER (ORDER BY (csm IS NULL), load DESC NULLS LAST, arr DESC, csm) AS rank FROM bi.book),
	-- Ten thousand managers are a line of the fullest and one of the rest.
	shown_book AS (
	SELECT rank, coalesce(csm, 'nobody') AS csm, accounts, arr, load FROM ranked_book WHERE rank <= 15
	UNION ALL
	SELECT 16, 'the other ' || count(*), sum(accounts), sum(arr), avg(load) FROM ranked_book WHERE rank > 15 HAVING count(*) > 0)
SELECT json_build_object(
	'company', :'company',
	'day', (SELECT day FROM now),
	'unit', :'unit',
	'warnings', :'warnings',
	'status', (SELECT json_build_object('reported_until', reported_until, 'stale', histories_stale) FROM bi.status),
	'tiles', (SELECT json_agg(json_build_array(label, shown, note) ORDER BY n) FROM now, LATERAL (VALUES
		(1, 'ARR', to_char(round(ending), :'money'), to_char(day, 'Mon YYYY')),
		(2, 'NDR', round(100 * ndr, 1) || ' %', coalesce('95 %: ' || round(100 * ndr_low, 1) || ' to ' || round(100 * ndr_high, 1), 'no interval')),
		(3, 'GRR', round(100 * grr, 1) || ' %', 'kept, growth left out'),
		(4, 'Logo churn', round(100 * logo_churn, 1) || ' %', accounts_churned || ' of ' || accounts_starting || ' account' || CASE WHEN accounts_starting <> 1 THEN 's' ELSE '' END),
		(5, 'New ARR', to_char(round(new_business + reactivation), :'money'), accounts_new || ' new account' || CASE WHEN accounts_new <> 1 THEN 's' ELSE '' END),
		(6, 'Quick ratio', round(quick_ratio, 2)::text, 'won for 1 lost'),
		(7, 'Ten largest', round(100 * top_10_share, 1) || ' %', 'of the ARR a year ago'),
		(8, 'Covered', (SELECT round(100 * covered, 1) || ' %' FROM bi.coverage), (SELECT csms || ' manager' || CASE WHEN csms <> 1 THEN 's' ELSE '' END || ', ' || round(csms_required, 1) || ' required' FROM bi.coverage))) AS t (n, label, shown, note)
		WHERE n < 8 OR EXISTS (SELECT FROM bi.coverage WHERE csms > 0)),
	'bridge', (SELECT json_agg(json_build_object('step', step, 'total', is_total, 'amount', amount, 'low', bar_low, 'high', bar_high, 'text', to_char(round(amount), :'money')) ORDER BY position)
		FROM bi.bridge_step WHERE span = 'trailing year' AND day = (SELECT day FROM now)),
	'trend', (SELECT json_agg(json_build_object('month', to_char(day, 'Mon YYYY'), 'ndr', ndr, 'low', greatest(ndr_low, 0), 'high', ndr_high, 'grr', grr, 'churn', logo_churn,
			'text', json_build_array(round(100 * ndr, 1) || ' %', round(100 * ndr_low, 1) || ' %', round(100 * ndr_high, 1) || ' %', round(100 * grr, 1) || ' %', round(100 * logo_churn, 1) || ' %')) ORDER BY day) FROM year WHERE ndr IS NOT NULL),
	'cohorts', (SELECT json_agg(json_build_object('cohort', extract(year FROM cohort) || ' Q' || extract(quarter FROM cohort), 'age', age, 'retention', revenue_retention, 'accounts', accounts, 'text', round(100 * revenue_retention, 1) || ' %') ORDER BY cohort, age) FROM bi.cohort),
	'survival', (SELECT json_agg(json_build_object('segment', segment, 'age', age, 'survival', survival, 'text', round(100 * survival, 1) || ' %') ORDER BY segment_from, age) FROM bi.survival_segment WHERE segment IS NOT NULL),
	'funnel', (SELECT json_agg(json_build_object('segment', segment, 'step', step, 'reached', reached, 'conversion', conversion, 'arr', to_char(round(arr), :'money'), 'text', json_build_array(reached::text, round(100 * conversion, 1) || ' %', round(100 * step_conversion, 1) || ' %', round(100 * arr_conversion, 1) || ' %', coalesce(median_days::text, ''))) ORDER BY segment_from, position) FROM bi.funnel),
	'forecast', (SELECT json_build_object('from', period_start, 'to', period_end, 'arr', to_char(round(arr), :'money'), 'ndr', json_build_array(ndr_expected_low, ndr_expected, ndr_expected_high), 'grr', json_build_array(grr_expected_low, grr_expected, grr_expected_high),
		'text', json_build_array(json_build_array('NDR', round(100 * ndr_expected, 1) || ' %', round(100 * ndr_expected_low, 1) || ' %', round(100 * ndr_expected_high, 1) || ' %'), json_build_array('GRR', round(100 * grr_expected, 1) || ' %', round(100 * grr_expected_low, 1) || ' %', round(100 * grr_expected_high, 1) || ' %')))
		FROM bi.forecast WHERE ndr_expected IS NOT NULL),
	'coverage', (SELECT json_agg(json_build_object('segment', segment, 'covered', covered, 'text', json_build_array(accounts::text, to_char(round(arr), :'money'), round(100 * covered, 1) || ' %')) ORDER BY segment_from) FROM bi.coverage_segment WHERE EXISTS (SELECT FROM bi.coverage WHERE csms > 0)),
	'books', (SELECT json_agg(json_build_object('csm', csm, 'load', load, 'text', json_build_array(accounts::text, to_char(round(arr), :'money'), round(100 * load) || ' %')) ORDER BY rank) FROM shown_book),
	'segments', (SELECT json_agg(json_build_object('segment', segment, 'new', won, 'expansion', grown, 'contraction', -shrunk, 'churned', -gone, 'moved', moved,
			'text', json_build_array(to_char(round(won), :'money'), to_char(round(grown), :'money'), to_char(round(-shrunk), :'money'), to_char(round(-gone), :'money'), to_char(round(moved), :'money'))) ORDER BY segment_from)
		FROM (SELECT segment, segment_from, sum(new_business + reactivation) AS won, sum(expansion) AS grown, sum(contraction) AS shrunk, sum(churned) AS gone, sum(transfer_in - transfer_out) AS moved
			FROM bi.bridge_segment_month WHERE segment IS NOT NULL AND day > (SELECT day - interval '1 year' FROM now) GROUP BY 1, 2) AS x),
	'losses', (SELECT json_agg(json_build_object('account', account, 'text', json_build_array(csm, movement_of_year, to_char(round(arr_year_ago), :'money'), to_char(round(arr), :'money'), to_char(round(arr - arr_year_ago), :'money'))) ORDER BY arr - arr_year_ago, account)
		FROM (SELECT account, coalesce(csm, '') AS csm, movement_of_year, arr_year_ago, coalesce(arr, 0) AS arr FROM bi.account WHERE coalesce(arr, 0) < arr_year_ago ORDER BY coalesce(arr, 0) - arr_year_ago, account LIMIT 10) AS x));
