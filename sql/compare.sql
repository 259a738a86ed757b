-- compare: is churn falling, is one better than the other, is it the mix or the rate, who moved from one segment to another

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
