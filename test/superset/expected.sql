-- The same lines by plain SELECTs.
SELECT concat_ws('|', view, key, c, v) FROM (
	SELECT 'trailing_year' AS view, day::text AS key, c, round(v, 10)::text AS v FROM bi.trailing_year,
		LATERAL (VALUES ('ARR', ending), ('NDR', ndr), ('GRR', CASE WHEN ndr IS NOT NULL THEN grr END), ('NDR, 95 % from', ndr_low), ('NDR, 95 % to', ndr_high)) m (c, v)
	UNION ALL SELECT 'bridge_step', position || ' ' || step, 'amount', round(amount, 10)::text FROM bi.bridge_step
		WHERE span = 'month' AND NOT is_total AND day = (SELECT max(day) FROM bi.bridge_step WHERE span = 'month')
	UNION ALL SELECT 'bridge_segment_month', day::text, segment, round(ending, 10)::text FROM bi.bridge_segment_month
	UNION ALL SELECT 'cohort', cohort || ' ' || age, 'revenue retention', round(revenue_retention, 10)::text FROM bi.cohort
	UNION ALL SELECT 'survival_segment', age::text, segment, round(survival, 10)::text FROM bi.survival_segment
	UNION ALL SELECT 'funnel', step, 'reached', round(sum(reached), 10)::text FROM bi.funnel GROUP BY step
	UNION ALL SELECT 'book', csm, 'load', round(load, 10)::text FROM bi.book
	UNION ALL SELECT 'forecast_segment', segment, c, round(v, 10)::text FROM bi.forecast_segment,
		LATERAL (VALUES ('arr', arr), ('ndr_expected', ndr_expected), ('grr_expected', grr_expected), ('arr_expected_loss', arr_expected_loss)) m (c, v)
	UNION ALL SELECT 'status', '', c, v FROM bi.status,
		LATERAL (VALUES ('reported_until', reported_until::text), ('histories_until', histories_until::text), ('histories_stale', histories_stale::text), ('notes_waiting', round(notes_waiting, 10)::text)) m (c, v)
	) x WHERE v IS NOT NULL ORDER BY concat_ws('|', view, key, c, v) COLLATE "C";
