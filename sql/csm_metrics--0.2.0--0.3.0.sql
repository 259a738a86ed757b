\echo Use "ALTER EXTENSION csm_metrics UPDATE TO '0.3.0'" to load this file. \quit

-- Beside "convert" the server's own function of that name was not unique; views go on calling it
ALTER FUNCTION convert(revenue_history, numeric, text) RENAME TO in_currency;

-- Histories that are equal add up alike, whatever unit of rows they carry
CREATE FUNCTION csm_history_add_up(revenue_history, revenue_history) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_history_add_up' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_history_add_up(revenue_history, revenue_history) IS
	'transition and combination: adds up two histories';

CREATE OR REPLACE AGGREGATE rollup(revenue_history) (
	SFUNC = csm_history_add_up, STYPE = revenue_history, SSPACE = 1024,
	FINALFUNC = csm_history_final, COMBINEFUNC = csm_history_add_up, PARALLEL = safe
);

-- The planner knows what membership in a constant segment is, and segments have min and max
CREATE FUNCTION csm_segment_contains_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_segment_contains_support' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_contains_support(internal) IS
	'planner support of @>: membership in a constant segment is two comparisons';

CREATE FUNCTION csm_numeric_in_segment_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_numeric_in_segment_support' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_numeric_in_segment_support(internal) IS
	'planner support of <@: membership in a constant segment is two comparisons';

ALTER FUNCTION csm_segment_contains(segment, numeric) SUPPORT csm_segment_contains_support;
ALTER FUNCTION csm_numeric_in_segment(numeric, segment) SUPPORT csm_numeric_in_segment_support;

-- Equal segments have equal bytes
ALTER OPERATOR FAMILY segment_btree_ops USING btree ADD FUNCTION 4 (segment, segment) btequalimage(oid);

CREATE FUNCTION csm_segment_smaller(segment, segment) RETURNS segment
	AS 'MODULE_PATHNAME', 'csm_segment_smaller' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_smaller(segment, segment) IS
	'transition of min: the first of two in order';

CREATE FUNCTION csm_segment_larger(segment, segment) RETURNS segment
	AS 'MODULE_PATHNAME', 'csm_segment_larger' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_larger(segment, segment) IS
	'transition of max: the last of two in order';

CREATE AGGREGATE min(segment) (
	SFUNC = csm_segment_smaller, STYPE = segment, COMBINEFUNC = csm_segment_smaller, SORTOP = <, PARALLEL = safe
);
COMMENT ON AGGREGATE min(segment) IS
	'the first segment in order: that of the lowest band';

CREATE AGGREGATE max(segment) (
	SFUNC = csm_segment_larger, STYPE = segment, COMBINEFUNC = csm_segment_larger, SORTOP = >, PARALLEL = safe
);
COMMENT ON AGGREGATE max(segment) IS
	'the last segment in order: that of the highest band';

-- Days out of the columns that people have, and the boundaries of a run of intervals

CREATE FUNCTION days(starts date, ends date) RETURNS daterange
	AS 'MODULE_PATHNAME', 'csm_days_date_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION days(starts date, ends date) IS
	'the days on which a subscription is on, from its start to its end';

CREATE FUNCTION days(starts timestamp, ends timestamp) RETURNS daterange
	AS 'MODULE_PATHNAME', 'csm_days_timestamp_timestamp' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION days(starts timestamp, ends timestamp) IS
	'the days on which a subscription is on, from its start to its end';

CREATE FUNCTION days(starts date, ends date, zone text) RETURNS daterange
	AS 'MODULE_PATHNAME', 'csm_days_date_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION days(starts date, ends date, zone text) IS
	'the days on which a subscription is on, from its start to its end; moments in the zone that is named';

CREATE FUNCTION days(starts date, ends timestamp, zone text) RETURNS daterange
	AS 'MODULE_PATHNAME', 'csm_days_date_timestamp' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION days(starts date, ends timestamp, zone text) IS
	'the days on which a subscription is on, from its start to its end; moments in the zone that is named';

CREATE FUNCTION days(starts date, ends timestamptz, zone text) RETURNS daterange
	AS 'MODULE_PATHNAME', 'csm_days_date_timestamptz' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION days(starts date, ends timestamptz, zone text) IS
	'the days on which a subscription is on, from its start to its end; moments in the zone that is named';

CREATE FUNCTION days(starts timestamp, ends date, zone text) RETURNS daterange
	AS 'MODULE_PATHNAME', 'csm_days_timestamp_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION days(starts timestamp, ends date, zone text) IS
	'the days on which a subscription is on, from its start to its end; moments in the zone that is named';

CREATE FUNCTION days(starts timestamp, ends timestamp, zone text) RETURNS daterange
	AS 'MODULE_PATHNAME', 'csm_days_timestamp_timestamp' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION days(starts timestamp, ends timestamp, zone text) IS
	'the days on which a subscription is on, from its start to its end; moments in the zone that is named';

CREATE FUNCTION days(starts timestamp, ends timestamptz, zone text) RETURNS daterange
	AS 'MODULE_PATHNAME', 'csm_days_timestamp_timestamptz' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION days(starts timestamp, ends timestamptz, zone text) IS
	'the days on which a subscription is on, from its start to its end; moments in the zone that is named';

CREATE FUNCTION days(starts timestamptz, ends date, zone text) RETURNS daterange
	AS 'MODULE_PATHNAME', 'csm_days_timestamptz_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION days(starts timestamptz, ends date, zone text) IS
	'the days on which a subscription is on, from its start to its end; moments in the zone that is named';

CREATE FUNCTION days(starts timestamptz, ends timestamp, zone text) RETURNS daterange
	AS 'MODULE_PATHNAME', 'csm_days_timestamptz_timestamp' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION days(starts timestamptz, ends timestamp, zone text) IS
	'the days on which a subscription is on, from its start to its end; moments in the zone that is named';

CREATE FUNCTION days(starts timestamptz, ends timestamptz, zone text) RETURNS daterange
	AS 'MODULE_PATHNAME', 'csm_days_timestamptz_timestamptz' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION days(starts timestamptz, ends timestamptz, zone text) IS
	'the days on which a subscription is on, from its start to its end; moments in the zone that is named';

CREATE FUNCTION days(valid tsrange) RETURNS daterange
	AS 'MODULE_PATHNAME', 'csm_days_tsrange' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION days(tsrange) IS
	'the days on which a subscription is on, of its range';

CREATE FUNCTION days(valid tstzrange, zone text) RETURNS daterange
	AS 'MODULE_PATHNAME', 'csm_days_tstzrange' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION days(tstzrange, text) IS
	'the days on which a subscription is on, of its range in the zone that is named';

CREATE FUNCTION intervals(from_date date, to_date date, step interval)
	RETURNS TABLE (period_start date, period_end date)
	AS 'MODULE_PATHNAME', 'csm_intervals' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100 ROWS 36;
COMMENT ON FUNCTION intervals(date, date, interval) IS
	'a row an interval [from_date + k * step, from_date + (k + 1) * step) that ends by to_date';
CREATE FUNCTION ndr_forecast(past retention_summary[], open retention_summary[]) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_ndr_forecast' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION ndr_forecast(past retention_summary[], open retention_summary[]) IS
	'NDR to expect of the open amounts, each band at the NDR of its past accounts; NULL without a past or when nothing is open';

CREATE FUNCTION grr_forecast(past retention_summary[], open retention_summary[]) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_grr_forecast' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION grr_forecast(past retention_summary[], open retention_summary[]) IS
	'GRR to expect of the open amounts, each band at the GRR of its past accounts; NULL without a past or when nothing is open';

CREATE FUNCTION ndr_forecast_interval(past retention_summary[], open retention_summary[], confidence double precision) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_ndr_forecast_interval_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION ndr_forecast_interval(past retention_summary[], open retention_summary[], confidence double precision) IS
	'interval of ndr_forecast, chance only: too narrow where rates move from period to period';

CREATE FUNCTION ndr_forecast_interval(past retention_summary[], open retention_summary[], run retention_summary[], confidence double precision) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_ndr_forecast_interval_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION ndr_forecast_interval(past retention_summary[], open retention_summary[], run retention_summary[], confidence double precision) IS
	'interval of ndr_forecast, chance and the ups and downs between the periods of the run; NULL with fewer than three periods';

CREATE FUNCTION grr_forecast_interval(past retention_summary[], open retention_summary[], confidence double precision) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_grr_forecast_interval_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION grr_forecast_interval(past retention_summary[], open retention_summary[], confidence double precision) IS
	'interval of grr_forecast, chance only: too narrow where rates move from period to period';

CREATE FUNCTION grr_forecast_interval(past retention_summary[], open retention_summary[], run retention_summary[], confidence double precision) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_grr_forecast_interval_sql' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION grr_forecast_interval(past retention_summary[], open retention_summary[], run retention_summary[], confidence double precision) IS
	'interval of grr_forecast, chance and the ups and downs between the periods of the run; NULL with fewer than three periods';

CREATE FUNCTION churn_trend(retention_summary[]) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_churn_trend' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION churn_trend(retention_summary[]) IS
	'change of logo churn from one interval to the next, by weighted least squares; negative: it falls; NULL with fewer than three intervals that have accounts';

CREATE FUNCTION churn_trend_interval(retention_summary[], confidence double precision) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_churn_trend_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION churn_trend_interval(retention_summary[], confidence double precision) IS
	'interval of churn_trend; NULL as it is, and where all intervals lie on one line';

CREATE FUNCTION revenue_churn_trend(retention_summary[]) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_revenue_churn_trend' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION revenue_churn_trend(retention_summary[]) IS
	'change of revenue churn from one interval to the next, by weighted least squares; negative: it falls; NULL with fewer than three intervals that have accounts';

CREATE FUNCTION revenue_churn_trend_interval(retention_summary[], confidence double precision) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_revenue_churn_trend_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION revenue_churn_trend_interval(retention_summary[], confidence double precision) IS
	'interval of revenue_churn_trend; NULL as it is, and where all intervals lie on one line';

CREATE FUNCTION mix_rate(segment text[], before retention_summary[], after retention_summary[], figure text DEFAULT 'ndr') RETURNS TABLE (
		segment text, share_before numeric, share_after numeric, figure_before numeric, figure_after numeric, mix numeric, rate numeric)
	AS 'MODULE_PATHNAME', 'csm_mix_rate' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	COST 100 ROWS 10;
COMMENT ON FUNCTION mix_rate(segment text[], before retention_summary[], after retention_summary[], figure text) IS
	'by segment, how much of the change of a figure comes from the mix of segments and how much from the rate within; figure: ndr, grr, logo_churn, revenue_churn';

CREATE TYPE segment_flows;
COMMENT ON TYPE segment_flows IS
	'accounts by segment at the start and at the end: what stayed, moved, came and went';

CREATE FUNCTION csm_segment_flows_in(cstring) RETURNS segment_flows
	AS 'MODULE_PATHNAME', 'csm_segment_flows_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_flows_in(cstring) IS
	'text input of segment_flows';

CREATE FUNCTION csm_segment_flows_out(segment_flows) RETURNS cstring
	AS 'MODULE_PATHNAME', 'csm_segment_flows_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_flows_out(segment_flows) IS
	'text output of segment_flows';

CREATE FUNCTION csm_segment_flows_recv(internal) RETURNS segment_flows
	AS 'MODULE_PATHNAME', 'csm_segment_flows_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_flows_recv(internal) IS
	'binary input of segment_flows';

CREATE FUNCTION csm_segment_flows_send(segment_flows) RETURNS bytea
	AS 'MODULE_PATHNAME', 'csm_segment_flows_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_flows_send(segment_flows) IS
	'binary output of segment_flows';

CREATE TYPE segment_flows (
	INPUT = csm_segment_flows_in, OUTPUT = csm_segment_flows_out,
	RECEIVE = csm_segment_flows_recv, SEND = csm_segment_flows_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);

CREATE FUNCTION csm_segment_flows_to_json(segment_flows) RETURNS json
	AS 'MODULE_PATHNAME', 'csm_segment_flows_to_json' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_flows_to_json(segment_flows) IS
	'cast of segment_flows to json: the text form';

CREATE CAST (segment_flows AS json) WITH FUNCTION csm_segment_flows_to_json(segment_flows);
CREATE CAST (segment_flows AS jsonb) WITH INOUT;
CREATE CAST (jsonb AS segment_flows) WITH INOUT;

-- Comparison: a total order, otherwise arbitrary

CREATE FUNCTION csm_segment_flows_eq(segment_flows, segment_flows) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_segment_flows_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_flows_eq(segment_flows, segment_flows) IS
	'implementation of = operator';

CREATE FUNCTION csm_segment_flows_ne(segment_flows, segment_flows) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_segment_flows_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_flows_ne(segment_flows, segment_flows) IS
	'implementation of <> operator';

CREATE FUNCTION csm_segment_flows_lt(segment_flows, segment_flows) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_segment_flows_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_flows_lt(segment_flows, segment_flows) IS
	'implementation of < operator';

CREATE FUNCTION csm_segment_flows_le(segment_flows, segment_flows) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_segment_flows_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_flows_le(segment_flows, segment_flows) IS
	'implementation of <= operator';

CREATE FUNCTION csm_segment_flows_gt(segment_flows, segment_flows) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_segment_flows_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_flows_gt(segment_flows, segment_flows) IS
	'implementation of > operator';

CREATE FUNCTION csm_segment_flows_ge(segment_flows, segment_flows) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_segment_flows_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_flows_ge(segment_flows, segment_flows) IS
	'implementation of >= operator';

CREATE FUNCTION csm_segment_flows_cmp(segment_flows, segment_flows) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_segment_flows_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_flows_cmp(segment_flows, segment_flows) IS
	'btree comparison: -1, 0 or 1';

CREATE FUNCTION csm_segment_flows_hash(segment_flows) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_segment_flows_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_flows_hash(segment_flows) IS
	'hash; equal values hash alike whatever their display scale';

CREATE FUNCTION csm_segment_flows_hash_extended(segment_flows, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_segment_flows_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_segment_flows_hash_extended(segment_flows, bigint) IS
	'64-bit hash with a seed';

CREATE OPERATOR = (
	LEFTARG = segment_flows, RIGHTARG = segment_flows, FUNCTION = csm_segment_flows_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (segment_flows, segment_flows) IS 'equal';

CREATE OPERATOR <> (
	LEFTARG = segment_flows, RIGHTARG = segment_flows, FUNCTION = csm_segment_flows_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (segment_flows, segment_flows) IS 'not equal';

CREATE OPERATOR < (
	LEFTARG = segment_flows, RIGHTARG = segment_flows, FUNCTION = csm_segment_flows_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (segment_flows, segment_flows) IS 'less than';

CREATE OPERATOR <= (
	LEFTARG = segment_flows, RIGHTARG = segment_flows, FUNCTION = csm_segment_flows_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (segment_flows, segment_flows) IS 'less than or equal';

CREATE OPERATOR > (
	LEFTARG = segment_flows, RIGHTARG = segment_flows, FUNCTION = csm_segment_flows_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (segment_flows, segment_flows) IS 'greater than';

CREATE OPERATOR >= (
	LEFTARG = segment_flows, RIGHTARG = segment_flows, FUNCTION = csm_segment_flows_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (segment_flows, segment_flows) IS 'greater than or equal';

CREATE OPERATOR CLASS segment_flows_btree_ops DEFAULT FOR TYPE segment_flows USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 csm_segment_flows_cmp(segment_flows, segment_flows);

CREATE OPERATOR CLASS segment_flows_hash_ops DEFAULT FOR TYPE segment_flows USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 csm_segment_flows_hash(segment_flows),
	FUNCTION 2 csm_segment_flows_hash_extended(segment_flows, bigint);

-- Aggregate

CREATE FUNCTION csm_flows_accum(segment_flows, numeric, numeric, boolean, text, text) RETURNS segment_flows
	AS 'MODULE_PATHNAME', 'csm_flows_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_flows_accum(segment_flows, numeric, numeric, boolean, text, text) IS
	'transition: adds an account';

CREATE FUNCTION csm_flows_accum(segment_flows, numeric, numeric, boolean, text, text, daterange) RETURNS segment_flows
	AS 'MODULE_PATHNAME', 'csm_flows_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_flows_accum(segment_flows, numeric, numeric, boolean, text, text, daterange) IS
	'transition: adds an account';

CREATE FUNCTION csm_flows_combine(segment_flows, segment_flows) RETURNS segment_flows
	AS 'MODULE_PATHNAME', 'csm_flows_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_flows_combine(segment_flows, segment_flows) IS
	'adds up two states, for aggregates';

CREATE FUNCTION csm_flows_final(segment_flows) RETURNS segment_flows
	AS 'MODULE_PATHNAME', 'csm_flows_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_flows_final(segment_flows) IS
	'a state in its stored form';

CREATE AGGREGATE segment_flow_agg(starting numeric, ending numeric, was_customer boolean, segment_at_start text, segment_at_end text) (
	SFUNC = csm_flows_accum, STYPE = segment_flows, SSPACE = 1000,
	FINALFUNC = csm_flows_final, COMBINEFUNC = csm_flows_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE segment_flow_agg(starting numeric, ending numeric, was_customer boolean, segment_at_start text, segment_at_end text) IS
	'accounts by segment at the start and at the end';

CREATE AGGREGATE segment_flow_agg(starting numeric, ending numeric, was_customer boolean, segment_at_start text, segment_at_end text, period daterange) (
	SFUNC = csm_flows_accum, STYPE = segment_flows, SSPACE = 1000,
	FINALFUNC = csm_flows_final, COMBINEFUNC = csm_flows_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE segment_flow_agg(starting numeric, ending numeric, was_customer boolean, segment_at_start text, segment_at_end text, period daterange) IS
	'accounts by segment at the start and at the end of a period';

CREATE AGGREGATE rollup(segment_flows) (
	SFUNC = csm_flows_combine, STYPE = segment_flows, SSPACE = 1000,
	FINALFUNC = csm_flows_final, COMBINEFUNC = csm_flows_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE rollup(segment_flows) IS
	'adds up flows of disjoint accounts over the same period, cell by cell';

CREATE FUNCTION csm_flows_add(segment_flows, segment_flows) RETURNS segment_flows
	AS 'MODULE_PATHNAME', 'csm_flows_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_flows_add(segment_flows, segment_flows) IS
	'implementation of + operator';

CREATE OPERATOR + (
	LEFTARG = segment_flows, RIGHTARG = segment_flows, FUNCTION = csm_flows_add, COMMUTATOR = +
);
COMMENT ON OPERATOR + (segment_flows, segment_flows) IS
	'adds up flows of disjoint accounts over the same period';

-- Accessors

CREATE FUNCTION segment_bridge(segment_flows) RETURNS TABLE (
		segment text, starting numeric, new numeric, reactivation numeric, expansion numeric, contraction numeric, churned numeric,
		transfer_in numeric, transfer_out numeric, ending numeric,
		accounts_starting bigint, accounts_new bigint, accounts_reactivated bigint, accounts_churned bigint,
		accounts_in bigint, accounts_out bigint, accounts_ending bigint, ndr numeric, grr numeric, logo_churn numeric)
	AS 'MODULE_PATHNAME', 'csm_segment_bridge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	COST 100 ROWS 10;
COMMENT ON FUNCTION segment_bridge(segment_flows) IS
	'a row a segment: the bridge with what moved in from other segments and out to them; all columns but the transfers add up to the bridge of the company';

CREATE FUNCTION segment_flow_table(segment_flows) RETURNS TABLE (
		from_segment text, to_segment text, accounts bigint, starting numeric, ending numeric)
	AS 'MODULE_PATHNAME', 'csm_segment_flow_table' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	COST 100 ROWS 30;
COMMENT ON FUNCTION segment_flow_table(segment_flows) IS
	'a row for each pair of segments at the start and at the end: accounts and amounts';

CREATE FUNCTION roll_forward(segment_flows, steps integer) RETURNS TABLE (
		step integer, segment text, amount numeric)
	AS 'MODULE_PATHNAME', 'csm_roll_forward' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	COST 100 ROWS 100;
COMMENT ON FUNCTION roll_forward(segment_flows, steps integer) IS
	'amounts by segment after each of so many further periods in which accounts go where they went; new business left out';

-- Casts to json by function: to_jsonb, row_to_json and json_agg make objects of summaries, not strings

CREATE FUNCTION csm_retention_summary_to_json(retention_summary) RETURNS json
	AS 'MODULE_PATHNAME', 'csm_retention_summary_to_json' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_retention_summary_to_json(retention_summary) IS
	'cast of retention_summary to json: the text form';
CREATE CAST (retention_summary AS json) WITH FUNCTION csm_retention_summary_to_json(retention_summary);

CREATE FUNCTION csm_history_to_json(revenue_history) RETURNS json
	AS 'MODULE_PATHNAME', 'csm_history_to_json' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_history_to_json(revenue_history) IS
	'cast of revenue_history to json: the text form';
CREATE CAST (revenue_history AS json) WITH FUNCTION csm_history_to_json(revenue_history);

CREATE FUNCTION csm_cohorts_to_json(cohort_matrix) RETURNS json
	AS 'MODULE_PATHNAME', 'csm_cohorts_to_json' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_cohorts_to_json(cohort_matrix) IS
	'cast of cohort_matrix to json: the text form';
CREATE CAST (cohort_matrix AS json) WITH FUNCTION csm_cohorts_to_json(cohort_matrix);

CREATE FUNCTION csm_coverage_summary_to_json(coverage_summary) RETURNS json
	AS 'MODULE_PATHNAME', 'csm_coverage_summary_to_json' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_coverage_summary_to_json(coverage_summary) IS
	'cast of coverage_summary to json: the text form';
CREATE CAST (coverage_summary AS json) WITH FUNCTION csm_coverage_summary_to_json(coverage_summary);

CREATE FUNCTION csm_lift_summary_to_json(lift_summary) RETURNS json
	AS 'MODULE_PATHNAME', 'csm_lift_summary_to_json' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_lift_summary_to_json(lift_summary) IS
	'cast of lift_summary to json: the text form';
CREATE CAST (lift_summary AS json) WITH FUNCTION csm_lift_summary_to_json(lift_summary);

-- Matrices that are rolled up have spare periods until the end
CREATE FUNCTION csm_cohorts_final(cohort_matrix) RETURNS cohort_matrix
	AS 'MODULE_PATHNAME', 'csm_cohorts_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_cohorts_final(cohort_matrix) IS
	'the value of a state: without spare periods';

CREATE OR REPLACE AGGREGATE rollup(cohort_matrix) (
	SFUNC = csm_cohorts_combine, STYPE = cohort_matrix, SSPACE = 16384,
	FINALFUNC = csm_cohorts_final, COMBINEFUNC = csm_cohorts_combine, PARALLEL = safe
);

-- What is wrong with a table of subscriptions or of snapshots, before a figure is made of it

CREATE FUNCTION check_subscriptions(source regclass, account text, valid text, amount text,
		currency text DEFAULT NULL, as_of date DEFAULT CURRENT_DATE)
	RETURNS TABLE (problem text, rows bigint, accounts bigint, example text, advice text)
	AS 'MODULE_PATHNAME', 'csm_check_subscriptions_ranges' LANGUAGE C STABLE PARALLEL UNSAFE
	COST 1000000 ROWS 10;
COMMENT ON FUNCTION check_subscriptions(regclass, text, text, text, text, date) IS
	'what is wrong with a table of subscriptions that have a range: a row a problem, the most harmful first';

CREATE FUNCTION check_subscriptions(source regclass, account text, starts text, ends text, amount text,
		currency text, as_of date DEFAULT CURRENT_DATE)
	RETURNS TABLE (problem text, rows bigint, accounts bigint, example text, advice text)
	AS 'MODULE_PATHNAME', 'csm_check_subscriptions_columns' LANGUAGE C STABLE PARALLEL UNSAFE
	COST 1000000 ROWS 10;
COMMENT ON FUNCTION check_subscriptions(regclass, text, text, text, text, text, date) IS
	'what is wrong with a table of subscriptions that have a start and an end: a row a problem, the most harmful first';

CREATE FUNCTION check_snapshots(source regclass, account text, at text, amount text, every interval,
		as_of date DEFAULT CURRENT_DATE)
	RETURNS TABLE (problem text, rows bigint, accounts bigint, example text, advice text)
	AS 'MODULE_PATHNAME', 'csm_check_snapshots' LANGUAGE C STABLE PARALLEL UNSAFE
	COST 1000000 ROWS 10;
COMMENT ON FUNCTION check_snapshots(regclass, text, text, text, interval, date) IS
	'what is wrong with a table of snapshots: a row a problem, the most harmful first';
-- The interval of lift is wide enough where few were touched
CREATE FUNCTION lift_interval(lift_summary, confidence double precision) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_lift_lift_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION lift_interval(lift_summary, confidence double precision) IS
	'interval of lift: that of incremental over the base of the touched accounts; NULL where that is';
COMMENT ON FUNCTION incremental_interval(lift_summary, confidence double precision) IS
	'interval of incremental by Student''s t; NULL when a side of a stratum has fewer than two accounts';
-- survival: how long accounts stay, and what that is worth

CREATE TYPE survival_summary;
COMMENT ON TYPE survival_summary IS
	'life table: at each age how many accounts entered, churned and were last seen, what curves and lifetimes are drawn from';

CREATE FUNCTION csm_survival_summary_in(cstring) RETURNS survival_summary
	AS 'MODULE_PATHNAME', 'csm_survival_summary_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_survival_summary_in(cstring) IS
	'text input of survival_summary';

CREATE FUNCTION csm_survival_summary_out(survival_summary) RETURNS cstring
	AS 'MODULE_PATHNAME', 'csm_survival_summary_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_survival_summary_out(survival_summary) IS
	'text output of survival_summary';

CREATE FUNCTION csm_survival_summary_recv(internal) RETURNS survival_summary
	AS 'MODULE_PATHNAME', 'csm_survival_summary_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_survival_summary_recv(internal) IS
	'binary input of survival_summary';

CREATE FUNCTION csm_survival_summary_send(survival_summary) RETURNS bytea
	AS 'MODULE_PATHNAME', 'csm_survival_summary_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_survival_summary_send(survival_summary) IS
	'binary output of survival_summary';

CREATE TYPE survival_summary (
	INPUT = csm_survival_summary_in, OUTPUT = csm_survival_summary_out,
	RECEIVE = csm_survival_summary_recv, SEND = csm_survival_summary_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);

CREATE FUNCTION csm_survival_summary_to_json(survival_summary) RETURNS json
	AS 'MODULE_PATHNAME', 'csm_survival_summary_to_json' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_survival_summary_to_json(survival_summary) IS
	'cast of survival_summary to json: the text form';

CREATE CAST (survival_summary AS json) WITH FUNCTION csm_survival_summary_to_json(survival_summary);
CREATE CAST (survival_summary AS jsonb) WITH INOUT;
CREATE CAST (jsonb AS survival_summary) WITH INOUT;

-- Comparison: a total order, otherwise arbitrary

CREATE FUNCTION csm_survival_summary_eq(survival_summary, survival_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_survival_summary_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_survival_summary_eq(survival_summary, survival_summary) IS
	'implementation of = operator';

CREATE FUNCTION csm_survival_summary_ne(survival_summary, survival_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_survival_summary_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_survival_summary_ne(survival_summary, survival_summary) IS
	'implementation of <> operator';

CREATE FUNCTION csm_survival_summary_lt(survival_summary, survival_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_survival_summary_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_survival_summary_lt(survival_summary, survival_summary) IS
	'implementation of < operator';

CREATE FUNCTION csm_survival_summary_le(survival_summary, survival_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_survival_summary_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_survival_summary_le(survival_summary, survival_summary) IS
	'implementation of <= operator';

CREATE FUNCTION csm_survival_summary_gt(survival_summary, survival_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_survival_summary_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_survival_summary_gt(survival_summary, survival_summary) IS
	'implementation of > operator';

CREATE FUNCTION csm_survival_summary_ge(survival_summary, survival_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_survival_summary_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_survival_summary_ge(survival_summary, survival_summary) IS
	'implementation of >= operator';

CREATE FUNCTION csm_survival_summary_cmp(survival_summary, survival_summary) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_survival_summary_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_survival_summary_cmp(survival_summary, survival_summary) IS
	'btree comparison: -1, 0 or 1';

CREATE FUNCTION csm_survival_summary_hash(survival_summary) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_survival_summary_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_survival_summary_hash(survival_summary) IS
	'hash; equal values hash alike whatever their display scale';

CREATE FUNCTION csm_survival_summary_hash_extended(survival_summary, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_survival_summary_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_survival_summary_hash_extended(survival_summary, bigint) IS
	'64-bit hash with a seed';

CREATE OPERATOR = (
	LEFTARG = survival_summary, RIGHTARG = survival_summary, FUNCTION = csm_survival_summary_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (survival_summary, survival_summary) IS 'equal';

CREATE OPERATOR <> (
	LEFTARG = survival_summary, RIGHTARG = survival_summary, FUNCTION = csm_survival_summary_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (survival_summary, survival_summary) IS 'not equal';

CREATE OPERATOR < (
	LEFTARG = survival_summary, RIGHTARG = survival_summary, FUNCTION = csm_survival_summary_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (survival_summary, survival_summary) IS 'less than';

CREATE OPERATOR <= (
	LEFTARG = survival_summary, RIGHTARG = survival_summary, FUNCTION = csm_survival_summary_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (survival_summary, survival_summary) IS 'less than or equal';

CREATE OPERATOR > (
	LEFTARG = survival_summary, RIGHTARG = survival_summary, FUNCTION = csm_survival_summary_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (survival_summary, survival_summary) IS 'greater than';

CREATE OPERATOR >= (
	LEFTARG = survival_summary, RIGHTARG = survival_summary, FUNCTION = csm_survival_summary_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (survival_summary, survival_summary) IS 'greater than or equal';

CREATE OPERATOR CLASS survival_summary_btree_ops DEFAULT FOR TYPE survival_summary USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 csm_survival_summary_cmp(survival_summary, survival_summary);

CREATE OPERATOR CLASS survival_summary_hash_ops DEFAULT FOR TYPE survival_summary USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 csm_survival_summary_hash(survival_summary),
	FUNCTION 2 csm_survival_summary_hash_extended(survival_summary, bigint);

-- Aggregates

CREATE FUNCTION csm_survival_accum(survival_summary, numeric, boolean) RETURNS survival_summary
	AS 'MODULE_PATHNAME', 'csm_survival_accum_duration' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_survival_accum(survival_summary, numeric, boolean) IS
	'transition: adds an account';

CREATE FUNCTION csm_survival_accum(survival_summary, numeric, boolean, numeric) RETURNS survival_summary
	AS 'MODULE_PATHNAME', 'csm_survival_accum_duration' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_survival_accum(survival_summary, numeric, boolean, numeric) IS
	'transition: adds an account';

CREATE FUNCTION csm_survival_accum(survival_summary, double precision, boolean) RETURNS survival_summary
	AS 'MODULE_PATHNAME', 'csm_survival_accum_duration_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_survival_accum(survival_summary, double precision, boolean) IS
	'transition: adds an account';

CREATE FUNCTION csm_survival_accum(survival_summary, double precision, boolean, numeric) RETURNS survival_summary
	AS 'MODULE_PATHNAME', 'csm_survival_accum_duration_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_survival_accum(survival_summary, double precision, boolean, numeric) IS
	'transition: adds an account';

CREATE FUNCTION csm_survival_accum(survival_summary, numeric, numeric, boolean) RETURNS survival_summary
	AS 'MODULE_PATHNAME', 'csm_survival_accum_ages' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_survival_accum(survival_summary, numeric, numeric, boolean) IS
	'transition: adds an account';

CREATE FUNCTION csm_survival_accum(survival_summary, numeric, numeric, boolean, numeric) RETURNS survival_summary
	AS 'MODULE_PATHNAME', 'csm_survival_accum_ages' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_survival_accum(survival_summary, numeric, numeric, boolean, numeric) IS
	'transition: adds an account';

CREATE FUNCTION csm_survival_accum(survival_summary, double precision, double precision, boolean) RETURNS survival_summary
	AS 'MODULE_PATHNAME', 'csm_survival_accum_ages_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_survival_accum(survival_summary, double precision, double precision, boolean) IS
	'transition: adds an account';

CREATE FUNCTION csm_survival_accum(survival_summary, double precision, double precision, boolean, numeric) RETURNS survival_summary
	AS 'MODULE_PATHNAME', 'csm_survival_accum_ages_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_survival_accum(survival_summary, double precision, double precision, boolean, numeric) IS
	'transition: adds an account';

CREATE FUNCTION csm_survival_accum(survival_summary, revenue_history, date, date, interval) RETURNS survival_summary
	AS 'MODULE_PATHNAME', 'csm_survival_accum_history' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_survival_accum(survival_summary, revenue_history, date, date, interval) IS
	'transition: adds what a window sees of an account';

CREATE FUNCTION csm_survival_combine(survival_summary, survival_summary) RETURNS survival_summary
	AS 'MODULE_PATHNAME', 'csm_survival_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_survival_combine(survival_summary, survival_summary) IS
	'adds up two states, for aggregates and +';

CREATE FUNCTION csm_survival_final(survival_summary) RETURNS survival_summary
	AS 'MODULE_PATHNAME', 'csm_survival_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_survival_final(survival_summary) IS
	'a state in its stored form';

CREATE AGGREGATE survival_agg(duration numeric, churned boolean) (
	SFUNC = csm_survival_accum, STYPE = survival_summary, SSPACE = 1024,
	FINALFUNC = csm_survival_final, COMBINEFUNC = csm_survival_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE survival_agg(duration numeric, churned boolean) IS
	'life table of accounts that were all seen from their start: how long, and did they churn then';

CREATE AGGREGATE survival_agg(duration numeric, churned boolean, weight numeric) (
	SFUNC = csm_survival_accum, STYPE = survival_summary, SSPACE = 1024,
	FINALFUNC = csm_survival_final, COMBINEFUNC = csm_survival_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE survival_agg(duration numeric, churned boolean, weight numeric) IS
	'life table of accounts that were all seen from their start, each with a weight, such as its ARR';

CREATE AGGREGATE survival_agg(from_age numeric, to_age numeric, churned boolean) (
	SFUNC = csm_survival_accum, STYPE = survival_summary, SSPACE = 1024,
	FINALFUNC = csm_survival_final, COMBINEFUNC = csm_survival_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE survival_agg(from_age numeric, to_age numeric, churned boolean) IS
	'life table of accounts that were seen from an age to an age, as those that were there already when the records begin';

CREATE AGGREGATE survival_agg(from_age numeric, to_age numeric, churned boolean, weight numeric) (
	SFUNC = csm_survival_accum, STYPE = survival_summary, SSPACE = 1024,
	FINALFUNC = csm_survival_final, COMBINEFUNC = csm_survival_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE survival_agg(from_age numeric, to_age numeric, churned boolean, weight numeric) IS
	'life table of accounts that were seen from an age to an age, each with a weight';

CREATE AGGREGATE survival_agg(duration double precision, churned boolean) (
	SFUNC = csm_survival_accum, STYPE = survival_summary, SSPACE = 1024,
	FINALFUNC = csm_survival_final, COMBINEFUNC = csm_survival_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE survival_agg(duration double precision, churned boolean) IS
	'life table of accounts that were all seen from their start: how long, and did they churn then';

CREATE AGGREGATE survival_agg(duration double precision, churned boolean, weight numeric) (
	SFUNC = csm_survival_accum, STYPE = survival_summary, SSPACE = 1024,
	FINALFUNC = csm_survival_final, COMBINEFUNC = csm_survival_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE survival_agg(duration double precision, churned boolean, weight numeric) IS
	'life table of accounts that were all seen from their start, each with a weight, such as its ARR';

CREATE AGGREGATE survival_agg(from_age double precision, to_age double precision, churned boolean) (
	SFUNC = csm_survival_accum, STYPE = survival_summary, SSPACE = 1024,
	FINALFUNC = csm_survival_final, COMBINEFUNC = csm_survival_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE survival_agg(from_age double precision, to_age double precision, churned boolean) IS
	'life table of accounts that were seen from an age to an age, as those that were there already when the records begin';

CREATE AGGREGATE survival_agg(from_age double precision, to_age double precision, churned boolean, weight numeric) (
	SFUNC = csm_survival_accum, STYPE = survival_summary, SSPACE = 1024,
	FINALFUNC = csm_survival_final, COMBINEFUNC = csm_survival_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE survival_agg(from_age double precision, to_age double precision, churned boolean, weight numeric) IS
	'life table of accounts that were seen from an age to an age, each with a weight';

CREATE AGGREGATE survival_agg(h revenue_history, from_date date, to_date date, step interval) (
	SFUNC = csm_survival_accum, STYPE = survival_summary, SSPACE = 1024,
	FINALFUNC = csm_survival_final, COMBINEFUNC = csm_survival_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE survival_agg(h revenue_history, from_date date, to_date date, step interval) IS
	'life table in whole steps, of what a window sees of the first spell of each account';

CREATE AGGREGATE rollup(survival_summary) (
	SFUNC = csm_survival_combine, STYPE = survival_summary, SSPACE = 1024,
	FINALFUNC = csm_survival_final, COMBINEFUNC = csm_survival_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE rollup(survival_summary) IS
	'adds up life tables of disjoint accounts, or of windows of the same ones that do not overlap';

CREATE OPERATOR + (
	LEFTARG = survival_summary, RIGHTARG = survival_summary, FUNCTION = csm_survival_combine, COMMUTATOR = +
);
COMMENT ON OPERATOR + (survival_summary, survival_summary) IS
	'adds up two life tables of disjoint accounts or windows';

-- What one history adds

CREATE FUNCTION lifetime(h revenue_history, from_date date, to_date date, step interval) RETURNS TABLE (
		from_age integer, to_age integer, churned boolean, amount numeric)
	AS 'MODULE_PATHNAME', 'csm_survival_lifetime' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 1;
COMMENT ON FUNCTION lifetime(h revenue_history, from_date date, to_date date, step interval) IS
	'what a window sees of the first spell of an account: the ages in whole steps, whether it churned, its amount at the first; no row when it sees nothing';

-- The curve

CREATE FUNCTION survival(survival_summary, at numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_survival_curve' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION survival(survival_summary, at numeric) IS
	'share of accounts that are still there at an age, by Kaplan and Meier; NULL beyond the last age';

CREATE FUNCTION survival(survival_summary, from_age numeric, at numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_survival_curve_from' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION survival(survival_summary, from_age numeric, at numeric) IS
	'the same of those that are there at from_age';

CREATE FUNCTION survival_interval(survival_summary, at numeric, confidence double precision, kind text DEFAULT 'log-log') RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_survival_curve_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION survival_interval(survival_summary, at numeric, confidence double precision, kind text) IS
	'interval of survival: log-log, log or plain; NULL where the curve is 1 or 0';

CREATE FUNCTION age_at(survival_summary, share numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_survival_quantile' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION age_at(survival_summary, share numeric) IS
	'the first age at which no more than the share is still there; NULL when never';

CREATE FUNCTION median_lifetime(survival_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_survival_median' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION median_lifetime(survival_summary) IS
	'the first age at which no more than half of the accounts are still there; NULL when never';

CREATE FUNCTION median_lifetime_interval(survival_summary, confidence double precision, kind text DEFAULT 'log-log') RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_survival_median_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION median_lifetime_interval(survival_summary, confidence double precision, kind text) IS
	'interval of median_lifetime: from the first age whose interval of survival reaches one half to the first whose interval is below it; open when never';

CREATE FUNCTION restricted_mean(survival_summary, horizon numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_survival_restricted_mean' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION restricted_mean(survival_summary, horizon numeric) IS
	'mean lifetime within a horizon: the area below the curve; NULL beyond the last age';

CREATE FUNCTION restricted_mean(survival_summary, from_age numeric, horizon numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_survival_restricted_mean_from' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION restricted_mean(survival_summary, from_age numeric, horizon numeric) IS
	'mean time from an age to a horizon of those that are there at that age';

CREATE FUNCTION restricted_mean_interval(survival_summary, horizon numeric, confidence double precision) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_survival_restricted_mean_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION restricted_mean_interval(survival_summary, horizon numeric, confidence double precision) IS
	'normal interval of restricted_mean; NULL with weights';

CREATE FUNCTION survival_table(survival_summary) RETURNS TABLE (
		age numeric, at_risk bigint, entered bigint, churned bigint, censored bigint, hazard numeric,
		survival numeric)
	AS 'MODULE_PATHNAME', 'csm_survival_table' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 100;
COMMENT ON FUNCTION survival_table(survival_summary) IS
	'a row for each age at which accounts leave: at risk, entered since the row before, churned, last seen, churned over at risk, and the curve';

CREATE FUNCTION accounts(survival_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_survival_accounts' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION accounts(survival_summary) IS
	'accounts, each counted once a window';

CREATE FUNCTION accounts_churned(survival_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_survival_accounts_churned' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION accounts_churned(survival_summary) IS
	'accounts that churned';

-- Comparing, projecting, valuing

CREATE FUNCTION logrank(survival_summary[], OUT chi_square numeric, OUT degrees integer, OUT p_value double precision,
	OUT observed bigint[], OUT expected numeric[]) RETURNS record
	AS 'MODULE_PATHNAME', 'csm_survival_logrank_test' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION logrank(survival_summary[]) IS
	'log-rank test: do the groups differ, over all ages? NULL when nobody churned or fewer than two groups had anybody at risk then';

CREATE FUNCTION projection(survival_summary, OUT alpha numeric, OUT beta numeric, OUT log_likelihood numeric) RETURNS record
	AS 'MODULE_PATHNAME', 'csm_survival_projection' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500;
COMMENT ON FUNCTION projection(survival_summary) IS
	'shifted beta-geometric curve that fits best: the churn rate at age t is alpha / (alpha + beta + t - 1); NULL when nobody churned';

CREATE FUNCTION projected_survival(survival_summary, at integer) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_survival_projected' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 500;
COMMENT ON FUNCTION projected_survival(survival_summary, at integer) IS
	'share of accounts that stay for so many steps by the projection, beyond the data too';

CREATE FUNCTION lifetime_value(survival_summary, arpa numeric, margin numeric, steps integer, discount numeric DEFAULT 0,
	from_age integer DEFAULT 0) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_survival_lifetime_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION lifetime_value(survival_summary, arpa numeric, margin numeric, steps integer, discount numeric,
	from_age integer) IS
	'what an account is worth over so many steps, each paid at its start, by the curve; NULL where the curve is not known';

CREATE FUNCTION lifetime_value(arpa numeric, margin numeric, churn numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_survival_textbook_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION lifetime_value(arpa numeric, margin numeric, churn numeric) IS
	'the textbook figure: arpa * margin / churn; NULL at a churn of 0';

CREATE FUNCTION annual_churn(churn numeric, years numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_survival_annual_churn' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION annual_churn(churn numeric, years numeric) IS
	'churn of one year, from the churn of a term of some years: 1 - (1 - churn)^(1 / years)';

-- health: did the health score see churn coming?

CREATE TYPE health_summary;
COMMENT ON TYPE health_summary IS
	'at each health score how many accounts stayed and how many churned, with their ARR: what figures of the score are drawn from';

CREATE FUNCTION csm_health_summary_in(cstring) RETURNS health_summary
	AS 'MODULE_PATHNAME', 'csm_health_summary_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_health_summary_in(cstring) IS
	'text input of health_summary';

CREATE FUNCTION csm_health_summary_out(health_summary) RETURNS cstring
	AS 'MODULE_PATHNAME', 'csm_health_summary_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_health_summary_out(health_summary) IS
	'text output of health_summary';

CREATE FUNCTION csm_health_summary_recv(internal) RETURNS health_summary
	AS 'MODULE_PATHNAME', 'csm_health_summary_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_health_summary_recv(internal) IS
	'binary input of health_summary';

CREATE FUNCTION csm_health_summary_send(health_summary) RETURNS bytea
	AS 'MODULE_PATHNAME', 'csm_health_summary_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_health_summary_send(health_summary) IS
	'binary output of health_summary';

CREATE TYPE health_summary (
	INPUT = csm_health_summary_in, OUTPUT = csm_health_summary_out,
	RECEIVE = csm_health_summary_recv, SEND = csm_health_summary_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);

CREATE FUNCTION csm_health_summary_to_json(health_summary) RETURNS json
	AS 'MODULE_PATHNAME', 'csm_health_summary_to_json' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_health_summary_to_json(health_summary) IS
	'cast of health_summary to json: the text form';

CREATE CAST (health_summary AS json) WITH FUNCTION csm_health_summary_to_json(health_summary);
CREATE CAST (health_summary AS jsonb) WITH INOUT;
CREATE CAST (jsonb AS health_summary) WITH INOUT;

-- Comparison: a total order, otherwise arbitrary

CREATE FUNCTION csm_health_summary_eq(health_summary, health_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_health_summary_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_health_summary_eq(health_summary, health_summary) IS
	'implementation of = operator';

CREATE FUNCTION csm_health_summary_ne(health_summary, health_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_health_summary_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_health_summary_ne(health_summary, health_summary) IS
	'implementation of <> operator';

CREATE FUNCTION csm_health_summary_lt(health_summary, health_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_health_summary_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_health_summary_lt(health_summary, health_summary) IS
	'implementation of < operator';

CREATE FUNCTION csm_health_summary_le(health_summary, health_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_health_summary_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_health_summary_le(health_summary, health_summary) IS
	'implementation of <= operator';

CREATE FUNCTION csm_health_summary_gt(health_summary, health_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_health_summary_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_health_summary_gt(health_summary, health_summary) IS
	'implementation of > operator';

CREATE FUNCTION csm_health_summary_ge(health_summary, health_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_health_summary_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_health_summary_ge(health_summary, health_summary) IS
	'implementation of >= operator';

CREATE FUNCTION csm_health_summary_cmp(health_summary, health_summary) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_health_summary_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_health_summary_cmp(health_summary, health_summary) IS
	'btree comparison: -1, 0 or 1';

CREATE FUNCTION csm_health_summary_hash(health_summary) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_health_summary_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_health_summary_hash(health_summary) IS
	'hash; equal values hash alike whatever their display scale';

CREATE FUNCTION csm_health_summary_hash_extended(health_summary, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_health_summary_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_health_summary_hash_extended(health_summary, bigint) IS
	'64-bit hash with a seed';

CREATE OPERATOR = (
	LEFTARG = health_summary, RIGHTARG = health_summary, FUNCTION = csm_health_summary_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (health_summary, health_summary) IS 'equal';

CREATE OPERATOR <> (
	LEFTARG = health_summary, RIGHTARG = health_summary, FUNCTION = csm_health_summary_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (health_summary, health_summary) IS 'not equal';

CREATE OPERATOR < (
	LEFTARG = health_summary, RIGHTARG = health_summary, FUNCTION = csm_health_summary_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (health_summary, health_summary) IS 'less than';

CREATE OPERATOR <= (
	LEFTARG = health_summary, RIGHTARG = health_summary, FUNCTION = csm_health_summary_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (health_summary, health_summary) IS 'less than or equal';

CREATE OPERATOR > (
	LEFTARG = health_summary, RIGHTARG = health_summary, FUNCTION = csm_health_summary_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (health_summary, health_summary) IS 'greater than';

CREATE OPERATOR >= (
	LEFTARG = health_summary, RIGHTARG = health_summary, FUNCTION = csm_health_summary_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (health_summary, health_summary) IS 'greater than or equal';

CREATE OPERATOR CLASS health_summary_btree_ops DEFAULT FOR TYPE health_summary USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 csm_health_summary_cmp(health_summary, health_summary);

CREATE OPERATOR CLASS health_summary_hash_ops DEFAULT FOR TYPE health_summary USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 csm_health_summary_hash(health_summary),
	FUNCTION 2 csm_health_summary_hash_extended(health_summary, bigint);

-- Aggregates

CREATE FUNCTION csm_health_accum(health_summary, numeric, boolean) RETURNS health_summary
	AS 'MODULE_PATHNAME', 'csm_health_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_health_accum(health_summary, numeric, boolean) IS
	'transition: adds an account';

CREATE FUNCTION csm_health_accum(health_summary, numeric, boolean, numeric) RETURNS health_summary
	AS 'MODULE_PATHNAME', 'csm_health_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_health_accum(health_summary, numeric, boolean, numeric) IS
	'transition: adds an account';

CREATE FUNCTION csm_health_accum(health_summary, double precision, boolean) RETURNS health_summary
	AS 'MODULE_PATHNAME', 'csm_health_accum_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_health_accum(health_summary, double precision, boolean) IS
	'transition: adds an account';

CREATE FUNCTION csm_health_accum(health_summary, double precision, boolean, numeric) RETURNS health_summary
	AS 'MODULE_PATHNAME', 'csm_health_accum_float8' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_health_accum(health_summary, double precision, boolean, numeric) IS
	'transition: adds an account';

CREATE FUNCTION csm_health_combine(health_summary, health_summary) RETURNS health_summary
	AS 'MODULE_PATHNAME', 'csm_health_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_health_combine(health_summary, health_summary) IS
	'adds up two states, for aggregates and +';

CREATE FUNCTION csm_health_final(health_summary) RETURNS health_summary
	AS 'MODULE_PATHNAME', 'csm_health_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_health_final(health_summary) IS
	'a state in its stored form';

CREATE AGGREGATE health_agg(score numeric, churned boolean) (
	SFUNC = csm_health_accum, STYPE = health_summary, SSPACE = 1024,
	FINALFUNC = csm_health_final, COMBINEFUNC = csm_health_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE health_agg(score numeric, churned boolean) IS
	'scores of accounts, higher is healthier, and whether they churned afterwards';

CREATE AGGREGATE health_agg(score numeric, churned boolean, arr numeric) (
	SFUNC = csm_health_accum, STYPE = health_summary, SSPACE = 1024,
	FINALFUNC = csm_health_final, COMBINEFUNC = csm_health_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE health_agg(score numeric, churned boolean, arr numeric) IS
	'scores of accounts, higher is healthier, whether they churned afterwards, and their ARR';

CREATE AGGREGATE health_agg(score double precision, churned boolean) (
	SFUNC = csm_health_accum, STYPE = health_summary, SSPACE = 1024,
	FINALFUNC = csm_health_final, COMBINEFUNC = csm_health_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE health_agg(score double precision, churned boolean) IS
	'scores of accounts, higher is healthier, and whether they churned afterwards';

CREATE AGGREGATE health_agg(score double precision, churned boolean, arr numeric) (
	SFUNC = csm_health_accum, STYPE = health_summary, SSPACE = 1024,
	FINALFUNC = csm_health_final, COMBINEFUNC = csm_health_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE health_agg(score double precision, churned boolean, arr numeric) IS
	'scores of accounts, higher is healthier, whether they churned afterwards, and their ARR';

CREATE AGGREGATE rollup(health_summary) (
	SFUNC = csm_health_combine, STYPE = health_summary, SSPACE = 1024,
	FINALFUNC = csm_health_final, COMBINEFUNC = csm_health_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE rollup(health_summary) IS
	'adds up summaries over disjoint accounts, score by score';

CREATE OPERATOR + (
	LEFTARG = health_summary, RIGHTARG = health_summary, FUNCTION = csm_health_combine, COMMUTATOR = +
);
COMMENT ON OPERATOR + (health_summary, health_summary) IS
	'adds up two summaries over disjoint accounts';

-- Accessors

CREATE FUNCTION accounts(health_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_health_accounts' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION accounts(health_summary) IS
	'accounts that have a score';

CREATE FUNCTION accounts_churned(health_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_health_accounts_churned' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION accounts_churned(health_summary) IS
	'accounts with a score that churned';

CREATE FUNCTION unscored_accounts(health_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_health_unscored_accounts' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION unscored_accounts(health_summary) IS
	'accounts without a score';

CREATE FUNCTION auc(health_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_health_auc_value' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION auc(health_summary) IS
	'the chance that of an account that churned and one that stayed the churned one had the lower score, equal scores counting one half; NULL when nobody or everybody churned';

CREATE FUNCTION auc_interval(health_summary, confidence double precision) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_health_auc_bounds' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION auc_interval(health_summary, confidence double precision) IS
	'interval of auc; NULL when fewer than two accounts churned or stayed, or when the score separates them perfectly';

CREATE FUNCTION churn_recall(health_summary, threshold numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_health_churn_recall' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION churn_recall(health_summary, threshold numeric) IS
	'share of the churned accounts whose score was below the threshold; NULL when nobody churned';

CREATE FUNCTION churn_precision(health_summary, threshold numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_health_churn_precision' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION churn_precision(health_summary, threshold numeric) IS
	'share of the accounts below the threshold that churned; NULL when there are none';

CREATE FUNCTION green_churn(health_summary, threshold numeric) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_health_green_churn' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION green_churn(health_summary, threshold numeric) IS
	'share of the accounts at or above the threshold that churned nevertheless; NULL when there are none';

CREATE FUNCTION brier(health_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_health_brier' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION brier(health_summary) IS
	'mean squared distance of the score, a likelihood of staying between 0 and 1, from what happened';

CREATE FUNCTION brier_skill(health_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_health_brier_skill' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION brier_skill(health_summary) IS
	'1 - brier over that of a likelihood that is the same for all; NULL when nobody or everybody churned';

CREATE FUNCTION health_bands(health_summary, scheme segment[], confidence double precision) RETURNS TABLE (
		band segment, accounts bigint, accounts_churned bigint, churn numeric, churn_interval numrange,
		mean_score numeric, arr numeric, arr_churned numeric)
	AS 'MODULE_PATHNAME', 'csm_health_bands' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200 ROWS 4;
COMMENT ON FUNCTION health_bands(health_summary, scheme segment[], confidence double precision) IS
	'a row for each band of the scheme, and one for scores outside of all bands and accounts without a score: accounts, churn with its interval, mean score, ARR';

CREATE FUNCTION health_table(health_summary) RETURNS TABLE (
		score numeric, accounts bigint, accounts_churned bigint, arr numeric, arr_churned numeric,
		churn_recall numeric, churn_precision numeric)
	AS 'MODULE_PATHNAME', 'csm_health_table' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 100;
COMMENT ON FUNCTION health_table(health_summary) IS
	'a row for each score, with recall and precision of flagging all accounts at or below it';

CREATE FUNCTION wilson_interval(successes numeric, trials numeric, confidence double precision) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_health_wilson_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION wilson_interval(successes numeric, trials numeric, confidence double precision) IS
	'interval of a share by Wilson: so many successes of so many trials; NULL without trials';
CREATE FUNCTION without_negatives(revenue_history) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_history_without_negative_parts' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION without_negatives(revenue_history) IS
	'the history with 0 where the amount is below zero';

-- terms: what holds of terms that replace each other

CREATE TYPE revenue_terms;
COMMENT ON TYPE revenue_terms IS
	'transition state of history_latest_agg: the terms of one item';

CREATE FUNCTION csm_terms_in(cstring) RETURNS revenue_terms
	AS 'MODULE_PATHNAME', 'csm_terms_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_terms_in(cstring) IS
	'text input of revenue_terms';

CREATE FUNCTION csm_terms_out(revenue_terms) RETURNS cstring
	AS 'MODULE_PATHNAME', 'csm_terms_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_terms_out(revenue_terms) IS
	'text output of revenue_terms';

CREATE FUNCTION csm_terms_recv(internal) RETURNS revenue_terms
	AS 'MODULE_PATHNAME', 'csm_terms_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_terms_recv(internal) IS
	'binary input of revenue_terms';

CREATE FUNCTION csm_terms_send(revenue_terms) RETURNS bytea
	AS 'MODULE_PATHNAME', 'csm_terms_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_terms_send(revenue_terms) IS
	'binary output of revenue_terms';

CREATE TYPE revenue_terms (
	INPUT = csm_terms_in, OUTPUT = csm_terms_out,
	RECEIVE = csm_terms_recv, SEND = csm_terms_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);

CREATE FUNCTION csm_terms_combine(revenue_terms, revenue_terms) RETURNS revenue_terms
	AS 'MODULE_PATHNAME', 'csm_terms_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_terms_combine(revenue_terms, revenue_terms) IS
	'puts two sets of terms together';

CREATE FUNCTION csm_terms_final(revenue_terms) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_terms_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_terms_final(revenue_terms) IS
	'the history of what holds on each day';

CREATE FUNCTION csm_terms_accum(revenue_terms, daterange, numeric) RETURNS revenue_terms
	AS 'MODULE_PATHNAME', 'csm_terms_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION csm_terms_accum(revenue_terms, daterange, numeric) IS
	'transition: a term';

CREATE AGGREGATE history_latest_agg(valid daterange, amount numeric) (
	SFUNC = csm_terms_accum, STYPE = revenue_terms, SSPACE = 512,
	FINALFUNC = csm_terms_final, COMBINEFUNC = csm_terms_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE history_latest_agg(valid daterange, amount numeric) IS
	'one item from terms that replace each other: the one that starts last holds';

CREATE FUNCTION csm_terms_accum(revenue_terms, daterange, numeric, timestamptz) RETURNS revenue_terms
	AS 'MODULE_PATHNAME', 'csm_terms_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION csm_terms_accum(revenue_terms, daterange, numeric, timestamptz) IS
	'transition: a term';

CREATE AGGREGATE history_latest_agg(valid daterange, amount numeric, recorded timestamptz) (
	SFUNC = csm_terms_accum, STYPE = revenue_terms, SSPACE = 512,
	FINALFUNC = csm_terms_final, COMBINEFUNC = csm_terms_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE history_latest_agg(valid daterange, amount numeric, recorded timestamptz) IS
	'one item from terms that replace each other: the one that starts last holds, then the one recorded last';

CREATE FUNCTION csm_terms_accum(revenue_terms, daterange, numeric, timestamp) RETURNS revenue_terms
	AS 'MODULE_PATHNAME', 'csm_terms_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION csm_terms_accum(revenue_terms, daterange, numeric, timestamp) IS
	'transition: a term';

CREATE AGGREGATE history_latest_agg(valid daterange, amount numeric, recorded timestamp) (
	SFUNC = csm_terms_accum, STYPE = revenue_terms, SSPACE = 512,
	FINALFUNC = csm_terms_final, COMBINEFUNC = csm_terms_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE history_latest_agg(valid daterange, amount numeric, recorded timestamp) IS
	'one item from terms that replace each other: the one that starts last holds, then the one recorded last';

CREATE FUNCTION csm_terms_accum(revenue_terms, daterange, numeric, date) RETURNS revenue_terms
	AS 'MODULE_PATHNAME', 'csm_terms_accum_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION csm_terms_accum(revenue_terms, daterange, numeric, date) IS
	'transition: a term';

CREATE AGGREGATE history_latest_agg(valid daterange, amount numeric, recorded date) (
	SFUNC = csm_terms_accum, STYPE = revenue_terms, SSPACE = 512,
	FINALFUNC = csm_terms_final, COMBINEFUNC = csm_terms_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE history_latest_agg(valid daterange, amount numeric, recorded date) IS
	'one item from terms that replace each other: the one that starts last holds, then the one recorded last';

CREATE FUNCTION csm_terms_accum(revenue_terms, daterange, numeric, timestamptz, text) RETURNS revenue_terms
	AS 'MODULE_PATHNAME', 'csm_terms_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION csm_terms_accum(revenue_terms, daterange, numeric, timestamptz, text) IS
	'transition: a term';

CREATE AGGREGATE history_latest_agg(valid daterange, amount numeric, recorded timestamptz, currency text) (
	SFUNC = csm_terms_accum, STYPE = revenue_terms, SSPACE = 512,
	FINALFUNC = csm_terms_final, COMBINEFUNC = csm_terms_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE history_latest_agg(valid daterange, amount numeric, recorded timestamptz, currency text) IS
	'one item from terms that replace each other: the one that starts last holds, then the one recorded last; in a currency';

CREATE FUNCTION csm_terms_accum(revenue_terms, daterange, numeric, timestamp, text) RETURNS revenue_terms
	AS 'MODULE_PATHNAME', 'csm_terms_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION csm_terms_accum(revenue_terms, daterange, numeric, timestamp, text) IS
	'transition: a term';

CREATE AGGREGATE history_latest_agg(valid daterange, amount numeric, recorded timestamp, currency text) (
	SFUNC = csm_terms_accum, STYPE = revenue_terms, SSPACE = 512,
	FINALFUNC = csm_terms_final, COMBINEFUNC = csm_terms_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE history_latest_agg(valid daterange, amount numeric, recorded timestamp, currency text) IS
	'one item from terms that replace each other: the one that starts last holds, then the one recorded last; in a currency';

CREATE FUNCTION csm_terms_accum(revenue_terms, daterange, numeric, date, text) RETURNS revenue_terms
	AS 'MODULE_PATHNAME', 'csm_terms_accum_date' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION csm_terms_accum(revenue_terms, daterange, numeric, date, text) IS
	'transition: a term';

CREATE AGGREGATE history_latest_agg(valid daterange, amount numeric, recorded date, currency text) (
	SFUNC = csm_terms_accum, STYPE = revenue_terms, SSPACE = 512,
	FINALFUNC = csm_terms_final, COMBINEFUNC = csm_terms_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE history_latest_agg(valid daterange, amount numeric, recorded date, currency text) IS
	'one item from terms that replace each other: the one that starts last holds, then the one recorded last; in a currency';
-- A summary to be read: its figures as rows, its bridge as a row

CREATE FUNCTION bridge(retention_summary) RETURNS TABLE (
		period_start date, period_end date,
		starting numeric, "new" numeric, reactivation numeric, expansion numeric,
		contraction numeric, churned numeric, ending numeric, net_new numeric,
		accounts_starting bigint, accounts_new bigint, accounts_reactivated bigint,
		accounts_expanded bigint, accounts_contracted bigint, accounts_churned bigint,
		accounts_ending bigint,
		ndr numeric, grr numeric, logo_churn numeric, quick_ratio numeric)
	AS 'MODULE_PATHNAME', 'csm_retention_bridge_row' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	COST 100 ROWS 1;
COMMENT ON FUNCTION bridge(retention_summary) IS
	'the ARR bridge of one interval: a row from the starting to the ending amount';

CREATE FUNCTION figures(retention_summary) RETURNS TABLE (
		figure text, value numeric, shown text, meaning text)
	AS 'MODULE_PATHNAME', 'csm_retention_figures' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	COST 100 ROWS 26;
COMMENT ON FUNCTION figures(retention_summary) IS
	'all figures as rows, to be read: name, value, the value as people write it, what it means';
-- What reads raw rows uses its state up: no window functions any more, and files are closed when a group ends

CREATE OR REPLACE AGGREGATE bridge_agg(account bigint, at date, amount numeric, step interval) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);

CREATE OR REPLACE AGGREGATE bridge_agg(account bigint, at date, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);

CREATE OR REPLACE AGGREGATE bridge_agg(account bigint, at date, amount numeric, every interval, step interval) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);

CREATE OR REPLACE AGGREGATE bridge_agg(account bigint, at date, amount numeric, every interval, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);

CREATE OR REPLACE AGGREGATE bridge_agg(account bigint, valid daterange, amount numeric, step interval) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);

CREATE OR REPLACE AGGREGATE bridge_agg(account bigint, valid daterange, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);

CREATE OR REPLACE AGGREGATE bridge_agg(account text, at date, amount numeric, step interval) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);

CREATE OR REPLACE AGGREGATE bridge_agg(account text, at date, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);

CREATE OR REPLACE AGGREGATE bridge_agg(account text, at date, amount numeric, every interval, step interval) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);

CREATE OR REPLACE AGGREGATE bridge_agg(account text, at date, amount numeric, every interval, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);

CREATE OR REPLACE AGGREGATE bridge_agg(account text, valid daterange, amount numeric, step interval) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);

CREATE OR REPLACE AGGREGATE bridge_agg(account text, valid daterange, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);

CREATE OR REPLACE AGGREGATE bridge_agg(account uuid, at date, amount numeric, step interval) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);

CREATE OR REPLACE AGGREGATE bridge_agg(account uuid, at date, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);

CREATE OR REPLACE AGGREGATE bridge_agg(account uuid, at date, amount numeric, every interval, step interval) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);

CREATE OR REPLACE AGGREGATE bridge_agg(account uuid, at date, amount numeric, every interval, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);

CREATE OR REPLACE AGGREGATE bridge_agg(account uuid, valid daterange, amount numeric, step interval) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);

CREATE OR REPLACE AGGREGATE bridge_agg(account uuid, valid daterange, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);

CREATE OR REPLACE AGGREGATE cohort_agg(account bigint, at date, amount numeric, step interval) (
	SFUNC = csm_cohorts_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_cohorts_events_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);

CREATE OR REPLACE AGGREGATE cohort_agg(account text, at date, amount numeric, step interval) (
	SFUNC = csm_cohorts_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_cohorts_events_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);

CREATE OR REPLACE AGGREGATE cohort_agg(account uuid, at date, amount numeric, step interval) (
	SFUNC = csm_cohorts_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_cohorts_events_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);

-- Snapshots whose units are counted from a day
CREATE FUNCTION csm_history_accum_snapshot(revenue_history, date, numeric, interval, text, date) RETURNS revenue_history
	AS 'MODULE_PATHNAME', 'csm_history_accum_snapshot' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_accum_snapshot(revenue_history, date, numeric, interval, text, date) IS
	'transition: adds a snapshot of a unit that is counted from a day';

CREATE AGGREGATE history_agg(at date, amount numeric, every interval, currency text, origin date) (
	SFUNC = csm_history_accum_snapshot, STYPE = revenue_history, SSPACE = 256,
	FINALFUNC = csm_history_final, COMBINEFUNC = csm_history_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE history_agg(at date, amount numeric, every interval, currency text, origin date) IS
	'history of snapshots, each of the unit that contains its date, counted from the origin; a missing unit is 0';
CREATE FUNCTION csm_bridge_scan_accum(internal, bigint, daterange, numeric, text, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_subscription_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, bigint, daterange, numeric, text, interval, date, date) IS
	'transition: adds a subscription of an account in a currency';

CREATE FUNCTION csm_bridge_scan_accum(internal, bigint, date, numeric, text, interval, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_snapshot_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, bigint, date, numeric, text, interval, interval, date, date) IS
	'transition: adds a snapshot of an account in a currency';

CREATE FUNCTION csm_bridge_scan_accum(internal, text, daterange, numeric, text, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_subscription_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, text, daterange, numeric, text, interval, date, date) IS
	'transition: adds a subscription of an account in a currency';

CREATE FUNCTION csm_bridge_scan_accum(internal, text, date, numeric, text, interval, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_snapshot_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, text, date, numeric, text, interval, interval, date, date) IS
	'transition: adds a snapshot of an account in a currency';

CREATE FUNCTION csm_bridge_scan_accum(internal, uuid, daterange, numeric, text, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_subscription_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, uuid, daterange, numeric, text, interval, date, date) IS
	'transition: adds a subscription of an account in a currency';

CREATE FUNCTION csm_bridge_scan_accum(internal, uuid, date, numeric, text, interval, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_bridge_scan_snapshot_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_bridge_scan_accum(internal, uuid, date, numeric, text, interval, interval, date, date) IS
	'transition: adds a snapshot of an account in a currency';

CREATE AGGREGATE bridge_agg(account bigint, valid daterange, amount numeric, currency text, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account bigint, valid daterange, amount numeric, currency text, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of subscriptions in one currency, between two dates';

CREATE AGGREGATE bridge_agg(account bigint, at date, amount numeric, currency text, every interval, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account bigint, at date, amount numeric, currency text, every interval, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of snapshots in one currency, between two dates';

CREATE AGGREGATE bridge_agg(account text, valid daterange, amount numeric, currency text, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account text, valid daterange, amount numeric, currency text, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of subscriptions in one currency, between two dates';

CREATE AGGREGATE bridge_agg(account text, at date, amount numeric, currency text, every interval, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account text, at date, amount numeric, currency text, every interval, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of snapshots in one currency, between two dates';

CREATE AGGREGATE bridge_agg(account uuid, valid daterange, amount numeric, currency text, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account uuid, valid daterange, amount numeric, currency text, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of subscriptions in one currency, between two dates';

CREATE AGGREGATE bridge_agg(account uuid, at date, amount numeric, currency text, every interval, step interval, from_date date, to_date date) (
	SFUNC = csm_bridge_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_bridge_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE bridge_agg(account uuid, at date, amount numeric, currency text, every interval, step interval, from_date date, to_date date) IS
	'the ARR bridge straight from rows of snapshots in one currency, between two dates';

CREATE FUNCTION csm_history_scan_accum(internal, bigint, daterange, numeric, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_subscription_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, bigint, daterange, numeric, date, date) IS
	'transition: adds a subscription of an account';

CREATE FUNCTION csm_history_scan_accum(internal, bigint, date, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_snapshot_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, bigint, date, numeric, interval, date, date) IS
	'transition: adds a snapshot of an account';

CREATE FUNCTION csm_history_scan_accum(internal, bigint, daterange, numeric, interval, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_subscription_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, bigint, daterange, numeric, interval, interval, date, date) IS
	'transition: adds a subscription of an account';

CREATE FUNCTION csm_history_scan_accum(internal, bigint, date, numeric, interval, interval, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_snapshot_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, bigint, date, numeric, interval, interval, interval, date, date) IS
	'transition: adds a snapshot of an account';

CREATE FUNCTION csm_history_scan_accum(internal, bigint, daterange, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_subscription_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, bigint, daterange, numeric, interval, date, date) IS
	'transition: adds a subscription of an account';

CREATE FUNCTION csm_history_scan_accum(internal, text, daterange, numeric, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_subscription_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, text, daterange, numeric, date, date) IS
	'transition: adds a subscription of an account';

CREATE FUNCTION csm_history_scan_accum(internal, text, date, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_snapshot_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, text, date, numeric, interval, date, date) IS
	'transition: adds a snapshot of an account';

CREATE FUNCTION csm_history_scan_accum(internal, text, daterange, numeric, interval, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_subscription_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, text, daterange, numeric, interval, interval, date, date) IS
	'transition: adds a subscription of an account';

CREATE FUNCTION csm_history_scan_accum(internal, text, date, numeric, interval, interval, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_snapshot_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, text, date, numeric, interval, interval, interval, date, date) IS
	'transition: adds a snapshot of an account';

CREATE FUNCTION csm_history_scan_accum(internal, text, daterange, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_subscription_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, text, daterange, numeric, interval, date, date) IS
	'transition: adds a subscription of an account';

CREATE FUNCTION csm_history_scan_accum(internal, uuid, daterange, numeric, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_subscription_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, uuid, daterange, numeric, date, date) IS
	'transition: adds a subscription of an account';

CREATE FUNCTION csm_history_scan_accum(internal, uuid, date, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_snapshot_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, uuid, date, numeric, interval, date, date) IS
	'transition: adds a snapshot of an account';

CREATE FUNCTION csm_history_scan_accum(internal, uuid, daterange, numeric, interval, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_subscription_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, uuid, daterange, numeric, interval, interval, date, date) IS
	'transition: adds a subscription of an account';

CREATE FUNCTION csm_history_scan_accum(internal, uuid, date, numeric, interval, interval, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_snapshot_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, uuid, date, numeric, interval, interval, interval, date, date) IS
	'transition: adds a snapshot of an account';

CREATE FUNCTION csm_history_scan_accum(internal, uuid, daterange, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_history_scan_subscription_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_history_scan_accum(internal, uuid, daterange, numeric, interval, date, date) IS
	'transition: adds a subscription of an account';

CREATE FUNCTION csm_retention_scan_final(internal) RETURNS retention_summary
	AS 'MODULE_PATHNAME', 'csm_retention_scan_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION csm_retention_scan_final(internal) IS
	'reads the rows of each account as its history';

CREATE FUNCTION csm_trailing_scan_final(internal) RETURNS retention_summary[]
	AS 'MODULE_PATHNAME', 'csm_trailing_scan_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION csm_trailing_scan_final(internal) IS
	'reads the rows of each account as its history';

CREATE FUNCTION csm_cohorts_scan_final(internal) RETURNS cohort_matrix
	AS 'MODULE_PATHNAME', 'csm_cohorts_scan_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION csm_cohorts_scan_final(internal) IS
	'reads the rows of each account as its history';

CREATE FUNCTION csm_survival_scan_final(internal) RETURNS survival_summary
	AS 'MODULE_PATHNAME', 'csm_survival_scan_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION csm_survival_scan_final(internal) IS
	'reads the rows of each account as its history';

CREATE AGGREGATE retention_agg(account bigint, valid daterange, amount numeric, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_retention_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE retention_agg(account bigint, valid daterange, amount numeric, from_date date, to_date date) IS
	'what happened to subscriptions between two dates, straight from rows';

CREATE AGGREGATE retention_agg(account bigint, at date, amount numeric, every interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_retention_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE retention_agg(account bigint, at date, amount numeric, every interval, from_date date, to_date date) IS
	'what happened to accounts between two dates, straight from rows of snapshots';

CREATE AGGREGATE trailing_agg(account bigint, valid daterange, amount numeric, step interval, span interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_trailing_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE trailing_agg(account bigint, valid daterange, amount numeric, step interval, span interval, from_date date, to_date date) IS
	'trailing windows straight from rows of subscriptions';

CREATE AGGREGATE trailing_agg(account bigint, at date, amount numeric, every interval, step interval, span interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_trailing_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE trailing_agg(account bigint, at date, amount numeric, every interval, step interval, span interval, from_date date, to_date date) IS
	'trailing windows straight from rows of snapshots';

CREATE AGGREGATE cohort_agg(account bigint, valid daterange, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_cohorts_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE cohort_agg(account bigint, valid daterange, amount numeric, step interval, from_date date, to_date date) IS
	'cohorts by the period of the first active day, straight from rows of subscriptions';

CREATE AGGREGATE survival_agg(account bigint, valid daterange, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_survival_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE survival_agg(account bigint, valid daterange, amount numeric, step interval, from_date date, to_date date) IS
	'how long accounts stay, straight from rows of subscriptions';

CREATE AGGREGATE retention_agg(account text, valid daterange, amount numeric, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_retention_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE retention_agg(account text, valid daterange, amount numeric, from_date date, to_date date) IS
	'what happened to subscriptions between two dates, straight from rows';

CREATE AGGREGATE retention_agg(account text, at date, amount numeric, every interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_retention_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE retention_agg(account text, at date, amount numeric, every interval, from_date date, to_date date) IS
	'what happened to accounts between two dates, straight from rows of snapshots';

CREATE AGGREGATE trailing_agg(account text, valid daterange, amount numeric, step interval, span interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_trailing_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE trailing_agg(account text, valid daterange, amount numeric, step interval, span interval, from_date date, to_date date) IS
	'trailing windows straight from rows of subscriptions';

CREATE AGGREGATE trailing_agg(account text, at date, amount numeric, every interval, step interval, span interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_trailing_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE trailing_agg(account text, at date, amount numeric, every interval, step interval, span interval, from_date date, to_date date) IS
	'trailing windows straight from rows of snapshots';

CREATE AGGREGATE cohort_agg(account text, valid daterange, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_cohorts_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE cohort_agg(account text, valid daterange, amount numeric, step interval, from_date date, to_date date) IS
	'cohorts by the period of the first active day, straight from rows of subscriptions';

CREATE AGGREGATE survival_agg(account text, valid daterange, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_survival_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE survival_agg(account text, valid daterange, amount numeric, step interval, from_date date, to_date date) IS
	'how long accounts stay, straight from rows of subscriptions';

CREATE AGGREGATE retention_agg(account uuid, valid daterange, amount numeric, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_retention_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE retention_agg(account uuid, valid daterange, amount numeric, from_date date, to_date date) IS
	'what happened to subscriptions between two dates, straight from rows';

CREATE AGGREGATE retention_agg(account uuid, at date, amount numeric, every interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_retention_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE retention_agg(account uuid, at date, amount numeric, every interval, from_date date, to_date date) IS
	'what happened to accounts between two dates, straight from rows of snapshots';

CREATE AGGREGATE trailing_agg(account uuid, valid daterange, amount numeric, step interval, span interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_trailing_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE trailing_agg(account uuid, valid daterange, amount numeric, step interval, span interval, from_date date, to_date date) IS
	'trailing windows straight from rows of subscriptions';

CREATE AGGREGATE trailing_agg(account uuid, at date, amount numeric, every interval, step interval, span interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_trailing_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE trailing_agg(account uuid, at date, amount numeric, every interval, step interval, span interval, from_date date, to_date date) IS
	'trailing windows straight from rows of snapshots';

CREATE AGGREGATE cohort_agg(account uuid, valid daterange, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_cohorts_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE cohort_agg(account uuid, valid daterange, amount numeric, step interval, from_date date, to_date date) IS
	'cohorts by the period of the first active day, straight from rows of subscriptions';

CREATE AGGREGATE survival_agg(account uuid, valid daterange, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_history_scan_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = csm_survival_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE survival_agg(account uuid, valid daterange, amount numeric, step interval, from_date date, to_date date) IS
	'how long accounts stay, straight from rows of subscriptions';

-- Cohorts of events with bounds, and with a cohort date as well; who was active then or later

CREATE FUNCTION csm_cohorts_accum(internal, bigint, date, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_cohorts_accum_event_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_cohorts_accum(internal, bigint, date, numeric, interval, date, date) IS
	'transition: adds an event of an account, within bounds';

CREATE FUNCTION csm_cohorts_accum(internal, text, date, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_cohorts_accum_event_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_cohorts_accum(internal, text, date, numeric, interval, date, date) IS
	'transition: adds an event of an account, within bounds';

CREATE FUNCTION csm_cohorts_accum(internal, uuid, date, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_cohorts_accum_event_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_cohorts_accum(internal, uuid, date, numeric, interval, date, date) IS
	'transition: adds an event of an account, within bounds';

CREATE FUNCTION csm_cohorts_accum(internal, bigint, date, date, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_cohorts_accum_member_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_cohorts_accum(internal, bigint, date, date, numeric, interval, date, date) IS
	'transition: adds an event of an account whose cohort is given';

CREATE FUNCTION csm_cohorts_accum(internal, text, date, date, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_cohorts_accum_member_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_cohorts_accum(internal, text, date, date, numeric, interval, date, date) IS
	'transition: adds an event of an account whose cohort is given';

CREATE FUNCTION csm_cohorts_accum(internal, uuid, date, date, numeric, interval, date, date) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_cohorts_accum_member_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_cohorts_accum(internal, uuid, date, date, numeric, interval, date, date) IS
	'transition: adds an event of an account whose cohort is given';

CREATE AGGREGATE cohort_agg(account bigint, at date, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_cohorts_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_cohorts_events_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE cohort_agg(account bigint, at date, amount numeric, step interval, from_date date, to_date date) IS
	'cohorts of accounts by the period of their first event, active by their events in each period that is over at to_date';

CREATE AGGREGATE cohort_agg(account text, at date, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_cohorts_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_cohorts_events_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE cohort_agg(account text, at date, amount numeric, step interval, from_date date, to_date date) IS
	'cohorts of accounts by the period of their first event, active by their events in each period that is over at to_date';

CREATE AGGREGATE cohort_agg(account uuid, at date, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_cohorts_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_cohorts_events_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE cohort_agg(account uuid, at date, amount numeric, step interval, from_date date, to_date date) IS
	'cohorts of accounts by the period of their first event, active by their events in each period that is over at to_date';

CREATE AGGREGATE cohort_agg(account bigint, cohort date, at date, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_cohorts_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_cohorts_events_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE cohort_agg(account bigint, cohort date, at date, amount numeric, step interval, from_date date, to_date date) IS
	'cohorts of accounts by a date that is given, such as their sign-up, active by their events in each period that is over at to_date';

CREATE AGGREGATE cohort_agg(account text, cohort date, at date, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_cohorts_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_cohorts_events_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE cohort_agg(account text, cohort date, at date, amount numeric, step interval, from_date date, to_date date) IS
	'cohorts of accounts by a date that is given, such as their sign-up, active by their events in each period that is over at to_date';

CREATE AGGREGATE cohort_agg(account uuid, cohort date, at date, amount numeric, step interval, from_date date, to_date date) (
	SFUNC = csm_cohorts_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_cohorts_events_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE cohort_agg(account uuid, cohort date, at date, amount numeric, step interval, from_date date, to_date date) IS
	'cohorts of accounts by a date that is given, such as their sign-up, active by their events in each period that is over at to_date';

CREATE FUNCTION cohort_activity(cohort_matrix) RETURNS TABLE (
		cohort date, age integer, accounts bigint, active bigint, revenue numeric,
		logo_retention numeric, revenue_retention numeric, active_or_later bigint, last_active bigint)
	AS 'MODULE_PATHNAME', 'csm_cohorts_activity' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	COST 100 ROWS 100;
COMMENT ON FUNCTION cohort_activity(cohort_matrix) IS
	'the rows of cohort_table and, by age, how many accounts were active then or later, and how many for the last time';

-- Differences, and the change of NDR by segment and movement

CREATE FUNCTION ndr_difference(a retention_summary, b retention_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_ndr_difference' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ndr_difference(a retention_summary, b retention_summary) IS
	'NDR of a less that of b, two sets of accounts over one period';

CREATE FUNCTION ndr_difference_interval(a retention_summary, b retention_summary, confidence double precision) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_ndr_difference_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION ndr_difference_interval(a retention_summary, b retention_summary, confidence double precision) IS
	'interval of ndr_difference for disjoint accounts, of the two intervals as Newcombe does; NULL where a or b has none';

CREATE FUNCTION grr_difference(a retention_summary, b retention_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_grr_difference' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION grr_difference(a retention_summary, b retention_summary) IS
	'GRR of a less that of b, two sets of accounts over one period';

CREATE FUNCTION grr_difference_interval(a retention_summary, b retention_summary, confidence double precision) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_grr_difference_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION grr_difference_interval(a retention_summary, b retention_summary, confidence double precision) IS
	'interval of grr_difference for disjoint accounts, of the two intervals as Newcombe does; NULL where a or b has none';

CREATE FUNCTION logo_churn_difference(a retention_summary, b retention_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_logo_churn_difference' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION logo_churn_difference(a retention_summary, b retention_summary) IS
	'logo churn of a less that of b, two sets of accounts over one period';

CREATE FUNCTION logo_churn_difference_interval(a retention_summary, b retention_summary, confidence double precision) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_logo_churn_difference_interval' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION logo_churn_difference_interval(a retention_summary, b retention_summary, confidence double precision) IS
	'interval of logo_churn_difference for disjoint accounts, of the two intervals as Newcombe does; NULL where a or b has none';

CREATE FUNCTION csm_paired_accum(numeric[], numeric, numeric, numeric, numeric) RETURNS numeric[]
	AS 'MODULE_PATHNAME', 'csm_paired_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_paired_accum(numeric[], numeric, numeric, numeric, numeric) IS
	'transition: adds an account with its amounts in two periods';

CREATE FUNCTION csm_paired_accum(numeric[], numeric, numeric, numeric, numeric, double precision) RETURNS numeric[]
	AS 'MODULE_PATHNAME', 'csm_paired_interval_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_paired_accum(numeric[], numeric, numeric, numeric, numeric, double precision) IS
	'transition: adds an account with its amounts in two periods';

CREATE FUNCTION csm_paired_combine(numeric[], numeric[]) RETURNS numeric[]
	AS 'MODULE_PATHNAME', 'csm_paired_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_paired_combine(numeric[], numeric[]) IS
	'adds up two states of ndr_difference_agg';

CREATE FUNCTION csm_paired_interval_combine(numeric[], numeric[]) RETURNS numeric[]
	AS 'MODULE_PATHNAME', 'csm_paired_interval_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_paired_interval_combine(numeric[], numeric[]) IS
	'adds up two states of ndr_difference_interval_agg';

CREATE FUNCTION csm_paired_final(numeric[]) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_paired_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION csm_paired_final(numeric[]) IS
	'final function of ndr_difference_agg';

CREATE FUNCTION csm_paired_interval_final(numeric[]) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_paired_interval_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION csm_paired_interval_final(numeric[]) IS
	'final function of ndr_difference_interval_agg';

CREATE AGGREGATE ndr_difference_agg(s0 numeric, e0 numeric, s1 numeric, e1 numeric) (
	SFUNC = csm_paired_accum, STYPE = numeric[], SSPACE = 400,
	FINALFUNC = csm_paired_final, COMBINEFUNC = csm_paired_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE ndr_difference_agg(s0 numeric, e0 numeric, s1 numeric, e1 numeric) IS
	'NDR of the second period less that of the first, over accounts with their amounts at both ends of both';

CREATE AGGREGATE ndr_difference_interval_agg(s0 numeric, e0 numeric, s1 numeric, e1 numeric, confidence double precision) (
	SFUNC = csm_paired_accum, STYPE = numeric[], SSPACE = 400,
	FINALFUNC = csm_paired_interval_final, COMBINEFUNC = csm_paired_interval_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE ndr_difference_interval_agg(s0 numeric, e0 numeric, s1 numeric, e1 numeric, confidence double precision) IS
	'interval of ndr_difference_agg: ratio estimator of the difference of the same accounts in two periods; NULL below two accounts in either, or at zero variance';

CREATE FUNCTION ndr_change(segment text[], before retention_summary[], after retention_summary[]) RETURNS TABLE (
		segment text, expansion numeric, contraction numeric, churned numeric, total numeric)
	AS 'MODULE_PATHNAME', 'csm_ndr_change' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	COST 100 ROWS 10;
COMMENT ON FUNCTION ndr_change(segment text[], before retention_summary[], after retention_summary[]) IS
	'NDR after less NDR before, by segment and movement; the parts add up to it exactly';

-- usage_history: what one account did through time

CREATE TYPE usage_history;
COMMENT ON TYPE usage_history IS
	'what one account did: a set of events, each a time and a name';

CREATE FUNCTION csm_usage_history_in(cstring) RETURNS usage_history
	AS 'MODULE_PATHNAME', 'csm_usage_history_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_usage_history_in(cstring) IS
	'text input of usage_history';

CREATE FUNCTION csm_usage_history_out(usage_history) RETURNS cstring
	AS 'MODULE_PATHNAME', 'csm_usage_history_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_usage_history_out(usage_history) IS
	'text output of usage_history';

CREATE FUNCTION csm_usage_history_recv(internal) RETURNS usage_history
	AS 'MODULE_PATHNAME', 'csm_usage_history_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_usage_history_recv(internal) IS
	'binary input of usage_history';

CREATE FUNCTION csm_usage_history_send(usage_history) RETURNS bytea
	AS 'MODULE_PATHNAME', 'csm_usage_history_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_usage_history_send(usage_history) IS
	'binary output of usage_history';

CREATE TYPE usage_history (
	INPUT = csm_usage_history_in, OUTPUT = csm_usage_history_out,
	RECEIVE = csm_usage_history_recv, SEND = csm_usage_history_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);

CREATE FUNCTION csm_usage_history_to_json(usage_history) RETURNS json
	AS 'MODULE_PATHNAME', 'csm_usage_history_to_json' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_usage_history_to_json(usage_history) IS
	'cast of usage_history to json: the text form';

CREATE CAST (usage_history AS json) WITH FUNCTION csm_usage_history_to_json(usage_history);
CREATE CAST (usage_history AS jsonb) WITH INOUT;
CREATE CAST (jsonb AS usage_history) WITH INOUT;

-- Comparison: a total order, otherwise arbitrary

CREATE FUNCTION csm_usage_history_eq(usage_history, usage_history) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_usage_history_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_usage_history_eq(usage_history, usage_history) IS
	'implementation of = operator';

CREATE FUNCTION csm_usage_history_ne(usage_history, usage_history) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_usage_history_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_usage_history_ne(usage_history, usage_history) IS
	'implementation of <> operator';

CREATE FUNCTION csm_usage_history_lt(usage_history, usage_history) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_usage_history_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_usage_history_lt(usage_history, usage_history) IS
	'implementation of < operator';

CREATE FUNCTION csm_usage_history_le(usage_history, usage_history) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_usage_history_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_usage_history_le(usage_history, usage_history) IS
	'implementation of <= operator';

CREATE FUNCTION csm_usage_history_gt(usage_history, usage_history) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_usage_history_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_usage_history_gt(usage_history, usage_history) IS
	'implementation of > operator';

CREATE FUNCTION csm_usage_history_ge(usage_history, usage_history) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_usage_history_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_usage_history_ge(usage_history, usage_history) IS
	'implementation of >= operator';

CREATE FUNCTION csm_usage_history_cmp(usage_history, usage_history) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_usage_history_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_usage_history_cmp(usage_history, usage_history) IS
	'btree comparison: -1, 0 or 1';

CREATE FUNCTION csm_usage_history_hash(usage_history) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_usage_history_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_usage_history_hash(usage_history) IS
	'hash';

CREATE FUNCTION csm_usage_history_hash_extended(usage_history, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_usage_history_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_usage_history_hash_extended(usage_history, bigint) IS
	'64-bit hash with a seed';

CREATE OPERATOR = (
	LEFTARG = usage_history, RIGHTARG = usage_history, FUNCTION = csm_usage_history_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (usage_history, usage_history) IS 'equal';

CREATE OPERATOR <> (
	LEFTARG = usage_history, RIGHTARG = usage_history, FUNCTION = csm_usage_history_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (usage_history, usage_history) IS 'not equal';

CREATE OPERATOR < (
	LEFTARG = usage_history, RIGHTARG = usage_history, FUNCTION = csm_usage_history_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (usage_history, usage_history) IS 'less than';

CREATE OPERATOR <= (
	LEFTARG = usage_history, RIGHTARG = usage_history, FUNCTION = csm_usage_history_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (usage_history, usage_history) IS 'less than or equal';

CREATE OPERATOR > (
	LEFTARG = usage_history, RIGHTARG = usage_history, FUNCTION = csm_usage_history_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (usage_history, usage_history) IS 'greater than';

CREATE OPERATOR >= (
	LEFTARG = usage_history, RIGHTARG = usage_history, FUNCTION = csm_usage_history_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (usage_history, usage_history) IS 'greater than or equal';

CREATE OPERATOR CLASS usage_history_btree_ops DEFAULT FOR TYPE usage_history USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 csm_usage_history_cmp(usage_history, usage_history);

CREATE OPERATOR CLASS usage_history_hash_ops DEFAULT FOR TYPE usage_history USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 csm_usage_history_hash(usage_history),
	FUNCTION 2 csm_usage_history_hash_extended(usage_history, bigint);

-- Aggregates

CREATE FUNCTION csm_usage_accum(usage_history, timestamp with time zone, text) RETURNS usage_history
	AS 'MODULE_PATHNAME', 'csm_usage_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_usage_accum(usage_history, timestamp with time zone, text) IS
	'transition: adds an event';

CREATE FUNCTION csm_usage_accum(usage_history, timestamp without time zone, text) RETURNS usage_history
	AS 'MODULE_PATHNAME', 'csm_usage_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_usage_accum(usage_history, timestamp without time zone, text) IS
	'transition: adds an event, whose time is one of UTC';

CREATE FUNCTION csm_usage_combine(usage_history, usage_history) RETURNS usage_history
	AS 'MODULE_PATHNAME', 'csm_usage_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_usage_combine(usage_history, usage_history) IS
	'implementation of + operator';

CREATE FUNCTION csm_usage_final(usage_history) RETURNS usage_history
	AS 'MODULE_PATHNAME', 'csm_usage_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_usage_final(usage_history) IS
	'the history of the events of a state';

CREATE AGGREGATE usage_history_agg(at timestamp with time zone, event text) (
	SFUNC = csm_usage_accum, STYPE = usage_history, SSPACE = 1024,
	FINALFUNC = csm_usage_final, COMBINEFUNC = csm_usage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE usage_history_agg(at timestamp with time zone, event text) IS
	'what an account did: the set of its events, in any order and however often they come';

CREATE AGGREGATE usage_history_agg(at timestamp without time zone, event text) (
	SFUNC = csm_usage_accum, STYPE = usage_history, SSPACE = 1024,
	FINALFUNC = csm_usage_final, COMBINEFUNC = csm_usage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE usage_history_agg(at timestamp without time zone, event text) IS
	'the same for times without a zone, which are those of UTC';

CREATE AGGREGATE rollup(usage_history) (
	SFUNC = csm_usage_combine, STYPE = usage_history, SSPACE = 1024,
	FINALFUNC = csm_usage_final, COMBINEFUNC = csm_usage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE rollup(usage_history) IS
	'the union of histories: an event that several of them have counts once';

CREATE OPERATOR + (
	LEFTARG = usage_history, RIGHTARG = usage_history, FUNCTION = csm_usage_combine, COMMUTATOR = +
);
COMMENT ON OPERATOR + (usage_history, usage_history) IS
	'the union of two histories; adding one twice changes nothing';

-- What is in a history

CREATE FUNCTION events(usage_history) RETURNS TABLE (at timestamp with time zone, event text)
	AS 'MODULE_PATHNAME', 'csm_usage_events' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 100;
COMMENT ON FUNCTION events(usage_history) IS
	'the events of a history, a row each, by time and name';

CREATE FUNCTION event_count(usage_history) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_usage_event_count' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION event_count(usage_history) IS
	'how many events there are';

CREATE FUNCTION event_count(usage_history, event text) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_usage_event_count' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION event_count(usage_history, event text) IS
	'how many events of a name there are';

CREATE FUNCTION first_at(usage_history) RETURNS timestamp with time zone
	AS 'MODULE_PATHNAME', 'csm_usage_first_at' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION first_at(usage_history) IS
	'the time of the first event; NULL without any';

CREATE FUNCTION first_at(usage_history, event text) RETURNS timestamp with time zone
	AS 'MODULE_PATHNAME', 'csm_usage_first_at' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION first_at(usage_history, event text) IS
	'the time of the first event of a name; NULL without any';

CREATE FUNCTION last_at(usage_history) RETURNS timestamp with time zone
	AS 'MODULE_PATHNAME', 'csm_usage_last_at' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION last_at(usage_history) IS
	'the time of the last event; NULL without any';

CREATE FUNCTION last_at(usage_history, event text) RETURNS timestamp with time zone
	AS 'MODULE_PATHNAME', 'csm_usage_last_at' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION last_at(usage_history, event text) IS
	'the time of the last event of a name; NULL without any';

CREATE FUNCTION keep(usage_history, events text[]) RETURNS usage_history
	AS 'MODULE_PATHNAME', 'csm_usage_keep' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION keep(usage_history, events text[]) IS
	'the history of the events of some names alone';

CREATE FUNCTION during(usage_history, period tstzrange) RETURNS usage_history
	AS 'MODULE_PATHNAME', 'csm_usage_during' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION during(usage_history, period tstzrange) IS
	'the history of the events within a period alone';

-- Days, ages, paths

CREATE FUNCTION active_days(usage_history, zone text) RETURNS date[]
	AS 'MODULE_PATHNAME', 'csm_usage_active_days' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION active_days(usage_history, zone text) IS
	'the days of a zone on which there is an event, ascending';

CREATE FUNCTION ages(usage_history, step interval, start text DEFAULT NULL, return text DEFAULT NULL, zone text DEFAULT NULL) RETURNS integer[]
	AS 'MODULE_PATHNAME', 'csm_usage_ages' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50;
COMMENT ON FUNCTION ages(usage_history, step interval, start text, return text, zone text) IS
	'how many steps after its first start event the account came back, ascending and each once; NULL without a start event';

CREATE FUNCTION paths_from(usage_history, event text, depth integer, pause interval DEFAULT NULL, collapse boolean DEFAULT true) RETURNS SETOF text[]
	AS 'MODULE_PATHNAME', 'csm_usage_paths_from' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20 ROWS 1;
COMMENT ON FUNCTION paths_from(usage_history, event text, depth integer, pause interval, collapse boolean) IS
	'what came next: so many names from the first event of a name on, a path for each stretch without a longer silence';

CREATE FUNCTION paths_to(usage_history, event text, depth integer, pause interval DEFAULT NULL, collapse boolean DEFAULT true) RETURNS SETOF text[]
	AS 'MODULE_PATHNAME', 'csm_usage_paths_to' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20 ROWS 1;
COMMENT ON FUNCTION paths_to(usage_history, event text, depth integer, pause interval, collapse boolean) IS
	'how they got there: so many names up to the first event of a name, a path for each stretch without a longer silence';
-- funnel: how far accounts get in a journey of steps

CREATE TYPE funnel_steps;
COMMENT ON TYPE funnel_steps IS
	'the steps of a funnel with its gaps, its window and what counts as an entry';

CREATE FUNCTION csm_funnel_steps_in(cstring) RETURNS funnel_steps
	AS 'MODULE_PATHNAME', 'csm_funnel_steps_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_steps_in(cstring) IS
	'text input of funnel_steps';

CREATE FUNCTION csm_funnel_steps_out(funnel_steps) RETURNS cstring
	AS 'MODULE_PATHNAME', 'csm_funnel_steps_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_steps_out(funnel_steps) IS
	'text output of funnel_steps';

CREATE FUNCTION csm_funnel_steps_recv(internal) RETURNS funnel_steps
	AS 'MODULE_PATHNAME', 'csm_funnel_steps_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_steps_recv(internal) IS
	'binary input of funnel_steps';

CREATE FUNCTION csm_funnel_steps_send(funnel_steps) RETURNS bytea
	AS 'MODULE_PATHNAME', 'csm_funnel_steps_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_steps_send(funnel_steps) IS
	'binary output of funnel_steps';

CREATE TYPE funnel_steps (
	INPUT = csm_funnel_steps_in, OUTPUT = csm_funnel_steps_out,
	RECEIVE = csm_funnel_steps_recv, SEND = csm_funnel_steps_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);

-- Comparison: a total order, otherwise arbitrary

CREATE FUNCTION csm_funnel_steps_eq(funnel_steps, funnel_steps) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_funnel_steps_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_steps_eq(funnel_steps, funnel_steps) IS
	'implementation of = operator';

CREATE FUNCTION csm_funnel_steps_ne(funnel_steps, funnel_steps) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_funnel_steps_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_steps_ne(funnel_steps, funnel_steps) IS
	'implementation of <> operator';

CREATE FUNCTION csm_funnel_steps_lt(funnel_steps, funnel_steps) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_funnel_steps_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_steps_lt(funnel_steps, funnel_steps) IS
	'implementation of < operator';

CREATE FUNCTION csm_funnel_steps_le(funnel_steps, funnel_steps) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_funnel_steps_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_steps_le(funnel_steps, funnel_steps) IS
	'implementation of <= operator';

CREATE FUNCTION csm_funnel_steps_gt(funnel_steps, funnel_steps) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_funnel_steps_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_steps_gt(funnel_steps, funnel_steps) IS
	'implementation of > operator';

CREATE FUNCTION csm_funnel_steps_ge(funnel_steps, funnel_steps) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_funnel_steps_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_steps_ge(funnel_steps, funnel_steps) IS
	'implementation of >= operator';

CREATE FUNCTION csm_funnel_steps_cmp(funnel_steps, funnel_steps) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_funnel_steps_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_steps_cmp(funnel_steps, funnel_steps) IS
	'btree comparison: -1, 0 or 1';

CREATE FUNCTION csm_funnel_steps_hash(funnel_steps) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_funnel_steps_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_steps_hash(funnel_steps) IS
	'hash';

CREATE FUNCTION csm_funnel_steps_hash_extended(funnel_steps, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_funnel_steps_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_steps_hash_extended(funnel_steps, bigint) IS
	'64-bit hash with a seed';

CREATE OPERATOR = (
	LEFTARG = funnel_steps, RIGHTARG = funnel_steps, FUNCTION = csm_funnel_steps_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (funnel_steps, funnel_steps) IS 'equal';

CREATE OPERATOR <> (
	LEFTARG = funnel_steps, RIGHTARG = funnel_steps, FUNCTION = csm_funnel_steps_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (funnel_steps, funnel_steps) IS 'not equal';

CREATE OPERATOR < (
	LEFTARG = funnel_steps, RIGHTARG = funnel_steps, FUNCTION = csm_funnel_steps_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (funnel_steps, funnel_steps) IS 'less than';

CREATE OPERATOR <= (
	LEFTARG = funnel_steps, RIGHTARG = funnel_steps, FUNCTION = csm_funnel_steps_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (funnel_steps, funnel_steps) IS 'less than or equal';

CREATE OPERATOR > (
	LEFTARG = funnel_steps, RIGHTARG = funnel_steps, FUNCTION = csm_funnel_steps_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (funnel_steps, funnel_steps) IS 'greater than';

CREATE OPERATOR >= (
	LEFTARG = funnel_steps, RIGHTARG = funnel_steps, FUNCTION = csm_funnel_steps_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (funnel_steps, funnel_steps) IS 'greater than or equal';

CREATE OPERATOR CLASS funnel_steps_btree_ops DEFAULT FOR TYPE funnel_steps USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 csm_funnel_steps_cmp(funnel_steps, funnel_steps);

CREATE OPERATOR CLASS funnel_steps_hash_ops DEFAULT FOR TYPE funnel_steps USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 csm_funnel_steps_hash(funnel_steps),
	FUNCTION 2 csm_funnel_steps_hash_extended(funnel_steps, bigint);

CREATE FUNCTION funnel_of(steps text[], within interval DEFAULT NULL) RETURNS funnel_steps
	AS 'MODULE_PATHNAME', 'csm_funnel_of' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION funnel_of(steps text[], within interval) IS
	'a funnel of steps that are names as they are, and a window; NULL: without one';

CREATE FUNCTION steps(funnel_steps) RETURNS text[]
	AS 'MODULE_PATHNAME', 'csm_funnel_labels' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION steps(funnel_steps) IS
	'the steps of a funnel: the name of each, or its names';

-- One account

CREATE FUNCTION furthest(usage_history, funnel funnel_steps) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_funnel_furthest' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION furthest(usage_history, funnel funnel_steps) IS
	'how many steps the account got; 0 when it never entered; the furthest of its entries where each counts';

CREATE FUNCTION chain(usage_history, funnel funnel_steps) RETURNS TABLE (entry integer, step integer, event text, at timestamp with time zone)
	AS 'MODULE_PATHNAME', 'csm_funnel_chain' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 ROWS 4;
COMMENT ON FUNCTION chain(usage_history, funnel funnel_steps) IS
	'the chain that counts, a row a step; one for each entry where each counts';

-- Of many accounts

CREATE TYPE funnel_summary;
COMMENT ON TYPE funnel_summary IS
	'how many accounts and how much ARR got how far in a funnel, and how fast, by stratum';

CREATE FUNCTION csm_funnel_summary_in(cstring) RETURNS funnel_summary
	AS 'MODULE_PATHNAME', 'csm_funnel_summary_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_summary_in(cstring) IS
	'text input of funnel_summary';

CREATE FUNCTION csm_funnel_summary_out(funnel_summary) RETURNS cstring
	AS 'MODULE_PATHNAME', 'csm_funnel_summary_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_summary_out(funnel_summary) IS
	'text output of funnel_summary';

CREATE FUNCTION csm_funnel_summary_recv(internal) RETURNS funnel_summary
	AS 'MODULE_PATHNAME', 'csm_funnel_summary_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_summary_recv(internal) IS
	'binary input of funnel_summary';

CREATE FUNCTION csm_funnel_summary_send(funnel_summary) RETURNS bytea
	AS 'MODULE_PATHNAME', 'csm_funnel_summary_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_summary_send(funnel_summary) IS
	'binary output of funnel_summary';

CREATE TYPE funnel_summary (
	INPUT = csm_funnel_summary_in, OUTPUT = csm_funnel_summary_out,
	RECEIVE = csm_funnel_summary_recv, SEND = csm_funnel_summary_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);

CREATE FUNCTION csm_funnel_summary_to_json(funnel_summary) RETURNS json
	AS 'MODULE_PATHNAME', 'csm_funnel_summary_to_json' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_summary_to_json(funnel_summary) IS
	'cast of funnel_summary to json: the text form';

CREATE CAST (funnel_summary AS json) WITH FUNCTION csm_funnel_summary_to_json(funnel_summary);
CREATE CAST (funnel_summary AS jsonb) WITH INOUT;
CREATE CAST (jsonb AS funnel_summary) WITH INOUT;

-- Comparison: a total order, otherwise arbitrary

CREATE FUNCTION csm_funnel_summary_eq(funnel_summary, funnel_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_funnel_summary_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_summary_eq(funnel_summary, funnel_summary) IS
	'implementation of = operator';

CREATE FUNCTION csm_funnel_summary_ne(funnel_summary, funnel_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_funnel_summary_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_summary_ne(funnel_summary, funnel_summary) IS
	'implementation of <> operator';

CREATE FUNCTION csm_funnel_summary_lt(funnel_summary, funnel_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_funnel_summary_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_summary_lt(funnel_summary, funnel_summary) IS
	'implementation of < operator';

CREATE FUNCTION csm_funnel_summary_le(funnel_summary, funnel_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_funnel_summary_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_summary_le(funnel_summary, funnel_summary) IS
	'implementation of <= operator';

CREATE FUNCTION csm_funnel_summary_gt(funnel_summary, funnel_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_funnel_summary_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_summary_gt(funnel_summary, funnel_summary) IS
	'implementation of > operator';

CREATE FUNCTION csm_funnel_summary_ge(funnel_summary, funnel_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_funnel_summary_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_summary_ge(funnel_summary, funnel_summary) IS
	'implementation of >= operator';

CREATE FUNCTION csm_funnel_summary_cmp(funnel_summary, funnel_summary) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_funnel_summary_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_summary_cmp(funnel_summary, funnel_summary) IS
	'btree comparison: -1, 0 or 1';

CREATE FUNCTION csm_funnel_summary_hash(funnel_summary) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_funnel_summary_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_summary_hash(funnel_summary) IS
	'hash; equal values hash alike whatever their display scale';

CREATE FUNCTION csm_funnel_summary_hash_extended(funnel_summary, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_funnel_summary_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_funnel_summary_hash_extended(funnel_summary, bigint) IS
	'64-bit hash with a seed';

CREATE OPERATOR = (
	LEFTARG = funnel_summary, RIGHTARG = funnel_summary, FUNCTION = csm_funnel_summary_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (funnel_summary, funnel_summary) IS 'equal';

CREATE OPERATOR <> (
	LEFTARG = funnel_summary, RIGHTARG = funnel_summary, FUNCTION = csm_funnel_summary_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (funnel_summary, funnel_summary) IS 'not equal';

CREATE OPERATOR < (
	LEFTARG = funnel_summary, RIGHTARG = funnel_summary, FUNCTION = csm_funnel_summary_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (funnel_summary, funnel_summary) IS 'less than';

CREATE OPERATOR <= (
	LEFTARG = funnel_summary, RIGHTARG = funnel_summary, FUNCTION = csm_funnel_summary_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (funnel_summary, funnel_summary) IS 'less than or equal';

CREATE OPERATOR > (
	LEFTARG = funnel_summary, RIGHTARG = funnel_summary, FUNCTION = csm_funnel_summary_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (funnel_summary, funnel_summary) IS 'greater than';

CREATE OPERATOR >= (
	LEFTARG = funnel_summary, RIGHTARG = funnel_summary, FUNCTION = csm_funnel_summary_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (funnel_summary, funnel_summary) IS 'greater than or equal';

CREATE OPERATOR CLASS funnel_summary_btree_ops DEFAULT FOR TYPE funnel_summary USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 csm_funnel_summary_cmp(funnel_summary, funnel_summary);

CREATE OPERATOR CLASS funnel_summary_hash_ops DEFAULT FOR TYPE funnel_summary USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 csm_funnel_summary_hash(funnel_summary),
	FUNCTION 2 csm_funnel_summary_hash_extended(funnel_summary, bigint);

-- Aggregates

CREATE FUNCTION csm_funnel_accum(funnel_summary, usage_history, funnel_steps) RETURNS funnel_summary
	AS 'MODULE_PATHNAME', 'csm_funnel_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50;
COMMENT ON FUNCTION csm_funnel_accum(funnel_summary, usage_history, funnel_steps) IS
	'transition: adds an account';

CREATE FUNCTION csm_funnel_accum(funnel_summary, usage_history, funnel_steps, text) RETURNS funnel_summary
	AS 'MODULE_PATHNAME', 'csm_funnel_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50;
COMMENT ON FUNCTION csm_funnel_accum(funnel_summary, usage_history, funnel_steps, text) IS
	'transition: adds an account';

CREATE FUNCTION csm_funnel_accum(funnel_summary, usage_history, funnel_steps, text, numeric) RETURNS funnel_summary
	AS 'MODULE_PATHNAME', 'csm_funnel_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50;
COMMENT ON FUNCTION csm_funnel_accum(funnel_summary, usage_history, funnel_steps, text, numeric) IS
	'transition: adds an account';

CREATE FUNCTION csm_funnel_accum(funnel_summary, usage_history, funnel_steps, text, numeric, timestamp with time zone) RETURNS funnel_summary
	AS 'MODULE_PATHNAME', 'csm_funnel_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 50;
COMMENT ON FUNCTION csm_funnel_accum(funnel_summary, usage_history, funnel_steps, text, numeric, timestamp with time zone) IS
	'transition: adds an account';

CREATE FUNCTION csm_funnel_combine(funnel_summary, funnel_summary) RETURNS funnel_summary
	AS 'MODULE_PATHNAME', 'csm_funnel_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_funnel_combine(funnel_summary, funnel_summary) IS
	'implementation of + operator';

CREATE FUNCTION csm_funnel_final(funnel_summary) RETURNS funnel_summary
	AS 'MODULE_PATHNAME', 'csm_funnel_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_funnel_final(funnel_summary) IS
	'the summary of a state';

CREATE AGGREGATE funnel_agg(history usage_history, funnel funnel_steps) (
	SFUNC = csm_funnel_accum, STYPE = funnel_summary, SSPACE = 8192,
	FINALFUNC = csm_funnel_final, COMBINEFUNC = csm_funnel_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(history usage_history, funnel funnel_steps) IS
	'how far accounts get in a funnel, from their histories';

CREATE AGGREGATE funnel_agg(history usage_history, funnel funnel_steps, stratum text) (
	SFUNC = csm_funnel_accum, STYPE = funnel_summary, SSPACE = 8192,
	FINALFUNC = csm_funnel_final, COMBINEFUNC = csm_funnel_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(history usage_history, funnel funnel_steps, stratum text) IS
	'how far accounts get in a funnel, from their histories, by stratum';

CREATE AGGREGATE funnel_agg(history usage_history, funnel funnel_steps, stratum text, amount numeric) (
	SFUNC = csm_funnel_accum, STYPE = funnel_summary, SSPACE = 8192,
	FINALFUNC = csm_funnel_final, COMBINEFUNC = csm_funnel_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(history usage_history, funnel funnel_steps, stratum text, amount numeric) IS
	'how far accounts and their ARR get in a funnel, from their histories, by stratum';

CREATE AGGREGATE funnel_agg(history usage_history, funnel funnel_steps, stratum text, amount numeric, as_of timestamp with time zone) (
	SFUNC = csm_funnel_accum, STYPE = funnel_summary, SSPACE = 8192,
	FINALFUNC = csm_funnel_final, COMBINEFUNC = csm_funnel_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(history usage_history, funnel funnel_steps, stratum text, amount numeric, as_of timestamp with time zone) IS
	'how far accounts and their ARR get in a funnel as of a time, from their histories, by stratum: accounts whose window is still open do not count';

CREATE AGGREGATE rollup(funnel_summary) (
	SFUNC = csm_funnel_combine, STYPE = funnel_summary, SSPACE = 8192,
	FINALFUNC = csm_funnel_final, COMBINEFUNC = csm_funnel_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE rollup(funnel_summary) IS
	'adds up summaries of the same funnel over disjoint accounts, stratum by stratum';

CREATE OPERATOR + (
	LEFTARG = funnel_summary, RIGHTARG = funnel_summary, FUNCTION = csm_funnel_combine, COMMUTATOR = +
);
COMMENT ON OPERATOR + (funnel_summary, funnel_summary) IS
	'adds up two summaries of the same funnel over disjoint accounts';

-- Figures

CREATE FUNCTION funnel_table(funnel_summary) RETURNS TABLE (
		stratum text, step integer, event text, reached bigint, stopped bigint, amount numeric, conversion numeric,
		step_conversion numeric, amount_conversion numeric, median_time interval, median_step_time interval)
	AS 'MODULE_PATHNAME', 'csm_funnel_table' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50 ROWS 10;
COMMENT ON FUNCTION funnel_table(funnel_summary) IS
	'a row for each stratum and step: how many reached it and stopped there, their amount, the shares of those who entered and of the step before, median times';

CREATE FUNCTION conversion(funnel_summary, step integer DEFAULT NULL) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_funnel_conversion' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION conversion(funnel_summary, step integer) IS
	'share of those who entered that reached a step, the last one by default; NULL when nobody entered';

CREATE FUNCTION amount_conversion(funnel_summary, step integer DEFAULT NULL) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_funnel_amount_conversion' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION amount_conversion(funnel_summary, step integer) IS
	'the same by amount; NULL without an amount';

CREATE FUNCTION conversion_interval(funnel_summary, confidence double precision, step integer DEFAULT NULL) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_funnel_conversion_interval' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION conversion_interval(funnel_summary, confidence double precision, step integer) IS
	'confidence interval of conversion: Wilson''s; NULL when nobody entered';

CREATE FUNCTION amount_conversion_interval(funnel_summary, confidence double precision, step integer DEFAULT NULL) RETURNS numrange
	AS 'MODULE_PATHNAME', 'csm_funnel_amount_interval' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20;
COMMENT ON FUNCTION amount_conversion_interval(funnel_summary, confidence double precision, step integer) IS
	'confidence interval of amount_conversion: Wilson''s with effective n; NULL without an amount';

CREATE FUNCTION time_to(funnel_summary, step integer, q double precision) RETURNS interval
	AS 'MODULE_PATHNAME', 'csm_funnel_time_to' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION time_to(funnel_summary, step integer, q double precision) IS
	'quantile of the time from the start to a step, within 1/64; NULL when nobody reached it';

CREATE FUNCTION step_time(funnel_summary, step integer, q double precision) RETURNS interval
	AS 'MODULE_PATHNAME', 'csm_funnel_step_time' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION step_time(funnel_summary, step integer, q double precision) IS
	'quantile of the time from the step before to a step, within 1/64; NULL when nobody reached it and for the first step';

CREATE FUNCTION definition(funnel_summary) RETURNS funnel_steps
	AS 'MODULE_PATHNAME', 'csm_funnel_definition' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION definition(funnel_summary) IS
	'the funnel that a summary is of';

-- How far accounts get in a funnel, straight from rows of events: one pass, rows in any order

CREATE FUNCTION csm_funnel_accum(internal, bigint, timestamp with time zone, text, funnel_steps) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, bigint, timestamp with time zone, text, funnel_steps) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, bigint, timestamp with time zone, text, funnel_steps, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, bigint, timestamp with time zone, text, funnel_steps, text) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, bigint, timestamp with time zone, text, funnel_steps, text, numeric) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, bigint, timestamp with time zone, text, funnel_steps, text, numeric) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, bigint, timestamp with time zone, text, funnel_steps, text, numeric, timestamp with time zone) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, bigint, timestamp with time zone, text, funnel_steps, text, numeric, timestamp with time zone) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, bigint, timestamp without time zone, text, funnel_steps) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, bigint, timestamp without time zone, text, funnel_steps) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, bigint, timestamp without time zone, text, funnel_steps, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, bigint, timestamp without time zone, text, funnel_steps, text) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, bigint, timestamp without time zone, text, funnel_steps, text, numeric) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, bigint, timestamp without time zone, text, funnel_steps, text, numeric) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, bigint, timestamp without time zone, text, funnel_steps, text, numeric, timestamp with time zone) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, bigint, timestamp without time zone, text, funnel_steps, text, numeric, timestamp with time zone) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, text, timestamp with time zone, text, funnel_steps) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, text, timestamp with time zone, text, funnel_steps) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, text, timestamp with time zone, text, funnel_steps, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, text, timestamp with time zone, text, funnel_steps, text) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, text, timestamp with time zone, text, funnel_steps, text, numeric) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, text, timestamp with time zone, text, funnel_steps, text, numeric) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, text, timestamp with time zone, text, funnel_steps, text, numeric, timestamp with time zone) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, text, timestamp with time zone, text, funnel_steps, text, numeric, timestamp with time zone) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, text, timestamp without time zone, text, funnel_steps) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, text, timestamp without time zone, text, funnel_steps) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, text, timestamp without time zone, text, funnel_steps, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, text, timestamp without time zone, text, funnel_steps, text) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, text, timestamp without time zone, text, funnel_steps, text, numeric) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, text, timestamp without time zone, text, funnel_steps, text, numeric) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, text, timestamp without time zone, text, funnel_steps, text, numeric, timestamp with time zone) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, text, timestamp without time zone, text, funnel_steps, text, numeric, timestamp with time zone) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, uuid, timestamp with time zone, text, funnel_steps) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, uuid, timestamp with time zone, text, funnel_steps) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, uuid, timestamp with time zone, text, funnel_steps, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, uuid, timestamp with time zone, text, funnel_steps, text) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, uuid, timestamp with time zone, text, funnel_steps, text, numeric) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, uuid, timestamp with time zone, text, funnel_steps, text, numeric) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, uuid, timestamp with time zone, text, funnel_steps, text, numeric, timestamp with time zone) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, uuid, timestamp with time zone, text, funnel_steps, text, numeric, timestamp with time zone) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, uuid, timestamp without time zone, text, funnel_steps) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, uuid, timestamp without time zone, text, funnel_steps) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, uuid, timestamp without time zone, text, funnel_steps, text) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, uuid, timestamp without time zone, text, funnel_steps, text) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, uuid, timestamp without time zone, text, funnel_steps, text, numeric) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, uuid, timestamp without time zone, text, funnel_steps, text, numeric) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_accum(internal, uuid, timestamp without time zone, text, funnel_steps, text, numeric, timestamp with time zone) RETURNS internal
	AS 'MODULE_PATHNAME', 'csm_funnel_accum_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csm_funnel_accum(internal, uuid, timestamp without time zone, text, funnel_steps, text, numeric, timestamp with time zone) IS
	'transition: adds an event';

CREATE FUNCTION csm_funnel_scan_final(internal) RETURNS funnel_summary
	AS 'MODULE_PATHNAME', 'csm_funnel_scan_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION csm_funnel_scan_final(internal) IS
	'leads each account through the funnel';

CREATE AGGREGATE funnel_agg(account bigint, at timestamp with time zone, event text, funnel funnel_steps) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account bigint, at timestamp with time zone, event text, funnel funnel_steps) IS
	'how far accounts get in a funnel, from their events';

CREATE AGGREGATE funnel_agg(account bigint, at timestamp with time zone, event text, funnel funnel_steps, stratum text) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account bigint, at timestamp with time zone, event text, funnel funnel_steps, stratum text) IS
	'how far accounts get in a funnel, from their events, by stratum: that of the first entry row';

CREATE AGGREGATE funnel_agg(account bigint, at timestamp with time zone, event text, funnel funnel_steps, stratum text, amount numeric) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account bigint, at timestamp with time zone, event text, funnel funnel_steps, stratum text, amount numeric) IS
	'how far accounts and their ARR get in a funnel, from their events: stratum and amount of the first entry row';

CREATE AGGREGATE funnel_agg(account bigint, at timestamp with time zone, event text, funnel funnel_steps, stratum text, amount numeric, as_of timestamp with time zone) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account bigint, at timestamp with time zone, event text, funnel funnel_steps, stratum text, amount numeric, as_of timestamp with time zone) IS
	'how far accounts and their ARR get in a funnel as of a time, from their events: accounts whose window is still open do not count';

CREATE AGGREGATE funnel_agg(account bigint, at timestamp without time zone, event text, funnel funnel_steps) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account bigint, at timestamp without time zone, event text, funnel funnel_steps) IS
	'how far accounts get in a funnel, from their events; times are those of UTC';

CREATE AGGREGATE funnel_agg(account bigint, at timestamp without time zone, event text, funnel funnel_steps, stratum text) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account bigint, at timestamp without time zone, event text, funnel funnel_steps, stratum text) IS
	'how far accounts get in a funnel, from their events, by stratum: that of the first entry row; times are those of UTC';

CREATE AGGREGATE funnel_agg(account bigint, at timestamp without time zone, event text, funnel funnel_steps, stratum text, amount numeric) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account bigint, at timestamp without time zone, event text, funnel funnel_steps, stratum text, amount numeric) IS
	'how far accounts and their ARR get in a funnel, from their events: stratum and amount of the first entry row; times are those of UTC';

CREATE AGGREGATE funnel_agg(account bigint, at timestamp without time zone, event text, funnel funnel_steps, stratum text, amount numeric, as_of timestamp with time zone) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account bigint, at timestamp without time zone, event text, funnel funnel_steps, stratum text, amount numeric, as_of timestamp with time zone) IS
	'how far accounts and their ARR get in a funnel as of a time, from their events: accounts whose window is still open do not count; times are those of UTC';

CREATE AGGREGATE funnel_agg(account text, at timestamp with time zone, event text, funnel funnel_steps) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account text, at timestamp with time zone, event text, funnel funnel_steps) IS
	'how far accounts get in a funnel, from their events';

CREATE AGGREGATE funnel_agg(account text, at timestamp with time zone, event text, funnel funnel_steps, stratum text) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account text, at timestamp with time zone, event text, funnel funnel_steps, stratum text) IS
	'how far accounts get in a funnel, from their events, by stratum: that of the first entry row';

CREATE AGGREGATE funnel_agg(account text, at timestamp with time zone, event text, funnel funnel_steps, stratum text, amount numeric) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account text, at timestamp with time zone, event text, funnel funnel_steps, stratum text, amount numeric) IS
	'how far accounts and their ARR get in a funnel, from their events: stratum and amount of the first entry row';

CREATE AGGREGATE funnel_agg(account text, at timestamp with time zone, event text, funnel funnel_steps, stratum text, amount numeric, as_of timestamp with time zone) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account text, at timestamp with time zone, event text, funnel funnel_steps, stratum text, amount numeric, as_of timestamp with time zone) IS
	'how far accounts and their ARR get in a funnel as of a time, from their events: accounts whose window is still open do not count';

CREATE AGGREGATE funnel_agg(account text, at timestamp without time zone, event text, funnel funnel_steps) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account text, at timestamp without time zone, event text, funnel funnel_steps) IS
	'how far accounts get in a funnel, from their events; times are those of UTC';

CREATE AGGREGATE funnel_agg(account text, at timestamp without time zone, event text, funnel funnel_steps, stratum text) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account text, at timestamp without time zone, event text, funnel funnel_steps, stratum text) IS
	'how far accounts get in a funnel, from their events, by stratum: that of the first entry row; times are those of UTC';

CREATE AGGREGATE funnel_agg(account text, at timestamp without time zone, event text, funnel funnel_steps, stratum text, amount numeric) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account text, at timestamp without time zone, event text, funnel funnel_steps, stratum text, amount numeric) IS
	'how far accounts and their ARR get in a funnel, from their events: stratum and amount of the first entry row; times are those of UTC';

CREATE AGGREGATE funnel_agg(account text, at timestamp without time zone, event text, funnel funnel_steps, stratum text, amount numeric, as_of timestamp with time zone) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account text, at timestamp without time zone, event text, funnel funnel_steps, stratum text, amount numeric, as_of timestamp with time zone) IS
	'how far accounts and their ARR get in a funnel as of a time, from their events: accounts whose window is still open do not count; times are those of UTC';

CREATE AGGREGATE funnel_agg(account uuid, at timestamp with time zone, event text, funnel funnel_steps) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account uuid, at timestamp with time zone, event text, funnel funnel_steps) IS
	'how far accounts get in a funnel, from their events';

CREATE AGGREGATE funnel_agg(account uuid, at timestamp with time zone, event text, funnel funnel_steps, stratum text) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account uuid, at timestamp with time zone, event text, funnel funnel_steps, stratum text) IS
	'how far accounts get in a funnel, from their events, by stratum: that of the first entry row';

CREATE AGGREGATE funnel_agg(account uuid, at timestamp with time zone, event text, funnel funnel_steps, stratum text, amount numeric) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account uuid, at timestamp with time zone, event text, funnel funnel_steps, stratum text, amount numeric) IS
	'how far accounts and their ARR get in a funnel, from their events: stratum and amount of the first entry row';

CREATE AGGREGATE funnel_agg(account uuid, at timestamp with time zone, event text, funnel funnel_steps, stratum text, amount numeric, as_of timestamp with time zone) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account uuid, at timestamp with time zone, event text, funnel funnel_steps, stratum text, amount numeric, as_of timestamp with time zone) IS
	'how far accounts and their ARR get in a funnel as of a time, from their events: accounts whose window is still open do not count';

CREATE AGGREGATE funnel_agg(account uuid, at timestamp without time zone, event text, funnel funnel_steps) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account uuid, at timestamp without time zone, event text, funnel funnel_steps) IS
	'how far accounts get in a funnel, from their events; times are those of UTC';

CREATE AGGREGATE funnel_agg(account uuid, at timestamp without time zone, event text, funnel funnel_steps, stratum text) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account uuid, at timestamp without time zone, event text, funnel funnel_steps, stratum text) IS
	'how far accounts get in a funnel, from their events, by stratum: that of the first entry row; times are those of UTC';

CREATE AGGREGATE funnel_agg(account uuid, at timestamp without time zone, event text, funnel funnel_steps, stratum text, amount numeric) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account uuid, at timestamp without time zone, event text, funnel funnel_steps, stratum text, amount numeric) IS
	'how far accounts and their ARR get in a funnel, from their events: stratum and amount of the first entry row; times are those of UTC';

CREATE AGGREGATE funnel_agg(account uuid, at timestamp without time zone, event text, funnel funnel_steps, stratum text, amount numeric, as_of timestamp with time zone) (
	SFUNC = csm_funnel_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = csm_funnel_scan_final, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = safe
);
COMMENT ON AGGREGATE funnel_agg(account uuid, at timestamp without time zone, event text, funnel funnel_steps, stratum text, amount numeric, as_of timestamp with time zone) IS
	'how far accounts and their ARR get in a funnel as of a time, from their events: accounts whose window is still open do not count; times are those of UTC';
