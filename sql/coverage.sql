-- coverage: managers, their books and what they have room for

CREATE TYPE coverage_summary;
COMMENT ON TYPE coverage_summary IS
	'managers, their books and what they have room for';

CREATE FUNCTION csm_coverage_summary_in(cstring) RETURNS coverage_summary
	AS 'MODULE_PATHNAME', 'csm_coverage_summary_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_coverage_summary_in(cstring) IS
	'text input of coverage_summary';

CREATE FUNCTION csm_coverage_summary_out(coverage_summary) RETURNS cstring
	AS 'MODULE_PATHNAME', 'csm_coverage_summary_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_coverage_summary_out(coverage_summary) IS
	'text output of coverage_summary';

CREATE FUNCTION csm_coverage_summary_recv(internal) RETURNS coverage_summary
	AS 'MODULE_PATHNAME', 'csm_coverage_summary_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_coverage_summary_recv(internal) IS
	'binary input of coverage_summary';

CREATE FUNCTION csm_coverage_summary_send(coverage_summary) RETURNS bytea
	AS 'MODULE_PATHNAME', 'csm_coverage_summary_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_coverage_summary_send(coverage_summary) IS
	'binary output of coverage_summary';

CREATE TYPE coverage_summary (
	INPUT = csm_coverage_summary_in, OUTPUT = csm_coverage_summary_out,
	RECEIVE = csm_coverage_summary_recv, SEND = csm_coverage_summary_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = extended
);

CREATE FUNCTION csm_coverage_summary_to_json(coverage_summary) RETURNS json
	AS 'MODULE_PATHNAME', 'csm_coverage_summary_to_json' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_coverage_summary_to_json(coverage_summary) IS
	'cast of coverage_summary to json: the text form';

CREATE CAST (coverage_summary AS json) WITH FUNCTION csm_coverage_summary_to_json(coverage_summary);
CREATE CAST (coverage_summary AS jsonb) WITH INOUT;
CREATE CAST (jsonb AS coverage_summary) WITH INOUT;

-- Comparison: a total order, otherwise arbitrary

CREATE FUNCTION csm_coverage_summary_eq(coverage_summary, coverage_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_coverage_summary_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_coverage_summary_eq(coverage_summary, coverage_summary) IS
	'implementation of = operator';

CREATE FUNCTION csm_coverage_summary_ne(coverage_summary, coverage_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_coverage_summary_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_coverage_summary_ne(coverage_summary, coverage_summary) IS
	'implementation of <> operator';

CREATE FUNCTION csm_coverage_summary_lt(coverage_summary, coverage_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_coverage_summary_lt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_coverage_summary_lt(coverage_summary, coverage_summary) IS
	'implementation of < operator';

CREATE FUNCTION csm_coverage_summary_le(coverage_summary, coverage_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_coverage_summary_le' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_coverage_summary_le(coverage_summary, coverage_summary) IS
	'implementation of <= operator';

CREATE FUNCTION csm_coverage_summary_gt(coverage_summary, coverage_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_coverage_summary_gt' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_coverage_summary_gt(coverage_summary, coverage_summary) IS
	'implementation of > operator';

CREATE FUNCTION csm_coverage_summary_ge(coverage_summary, coverage_summary) RETURNS boolean
	AS 'MODULE_PATHNAME', 'csm_coverage_summary_ge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_coverage_summary_ge(coverage_summary, coverage_summary) IS
	'implementation of >= operator';

CREATE FUNCTION csm_coverage_summary_cmp(coverage_summary, coverage_summary) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_coverage_summary_cmp' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_coverage_summary_cmp(coverage_summary, coverage_summary) IS
	'btree comparison: -1, 0 or 1';

CREATE FUNCTION csm_coverage_summary_hash(coverage_summary) RETURNS integer
	AS 'MODULE_PATHNAME', 'csm_coverage_summary_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_coverage_summary_hash(coverage_summary) IS
	'hash; equal values hash alike whatever their display scale';

CREATE FUNCTION csm_coverage_summary_hash_extended(coverage_summary, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_coverage_summary_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION csm_coverage_summary_hash_extended(coverage_summary, bigint) IS
	'64-bit hash with a seed';

CREATE OPERATOR = (
	LEFTARG = coverage_summary, RIGHTARG = coverage_summary, FUNCTION = csm_coverage_summary_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (coverage_summary, coverage_summary) IS 'equal';

CREATE OPERATOR <> (
	LEFTARG = coverage_summary, RIGHTARG = coverage_summary, FUNCTION = csm_coverage_summary_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (coverage_summary, coverage_summary) IS 'not equal';

CREATE OPERATOR < (
	LEFTARG = coverage_summary, RIGHTARG = coverage_summary, FUNCTION = csm_coverage_summary_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (coverage_summary, coverage_summary) IS 'less than';

CREATE OPERATOR <= (
	LEFTARG = coverage_summary, RIGHTARG = coverage_summary, FUNCTION = csm_coverage_summary_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (coverage_summary, coverage_summary) IS 'less than or equal';

CREATE OPERATOR > (
	LEFTARG = coverage_summary, RIGHTARG = coverage_summary, FUNCTION = csm_coverage_summary_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (coverage_summary, coverage_summary) IS 'greater than';

CREATE OPERATOR >= (
	LEFTARG = coverage_summary, RIGHTARG = coverage_summary, FUNCTION = csm_coverage_summary_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (coverage_summary, coverage_summary) IS 'greater than or equal';

CREATE OPERATOR CLASS coverage_summary_btree_ops DEFAULT FOR TYPE coverage_summary USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 csm_coverage_summary_cmp(coverage_summary, coverage_summary);

CREATE OPERATOR CLASS coverage_summary_hash_ops DEFAULT FOR TYPE coverage_summary USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 csm_coverage_summary_hash(coverage_summary),
	FUNCTION 2 csm_coverage_summary_hash_extended(coverage_summary, bigint);

-- Aggregates. A manager is text; bigint 42, text 42 and uuid keys are one with their text.
-- capacity: the amount or the number of accounts that fill a manager; NULL sets no limit.

CREATE FUNCTION csm_coverage_accum(coverage_summary, text, numeric) RETURNS coverage_summary
	AS 'MODULE_PATHNAME', 'csm_coverage_accum_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_coverage_accum(coverage_summary, text, numeric) IS
	'transition: adds an account';

CREATE FUNCTION csm_coverage_accum(coverage_summary, text, numeric, numeric) RETURNS coverage_summary
	AS 'MODULE_PATHNAME', 'csm_coverage_accum_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_coverage_accum(coverage_summary, text, numeric, numeric) IS
	'transition: adds an account with a capacity in amount';

CREATE FUNCTION csm_coverage_accum(coverage_summary, text, numeric, numeric, bigint) RETURNS coverage_summary
	AS 'MODULE_PATHNAME', 'csm_coverage_accum_text' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_coverage_accum(coverage_summary, text, numeric, numeric, bigint) IS
	'transition: adds an account with capacities in amount and in accounts';

CREATE FUNCTION csm_coverage_accum(coverage_summary, bigint, numeric) RETURNS coverage_summary
	AS 'MODULE_PATHNAME', 'csm_coverage_accum_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_coverage_accum(coverage_summary, bigint, numeric) IS
	'transition: adds an account';

CREATE FUNCTION csm_coverage_accum(coverage_summary, bigint, numeric, numeric) RETURNS coverage_summary
	AS 'MODULE_PATHNAME', 'csm_coverage_accum_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_coverage_accum(coverage_summary, bigint, numeric, numeric) IS
	'transition: adds an account with a capacity in amount';

CREATE FUNCTION csm_coverage_accum(coverage_summary, bigint, numeric, numeric, bigint) RETURNS coverage_summary
	AS 'MODULE_PATHNAME', 'csm_coverage_accum_bigint' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_coverage_accum(coverage_summary, bigint, numeric, numeric, bigint) IS
	'transition: adds an account with capacities in amount and in accounts';

CREATE FUNCTION csm_coverage_accum(coverage_summary, uuid, numeric) RETURNS coverage_summary
	AS 'MODULE_PATHNAME', 'csm_coverage_accum_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_coverage_accum(coverage_summary, uuid, numeric) IS
	'transition: adds an account';

CREATE FUNCTION csm_coverage_accum(coverage_summary, uuid, numeric, numeric) RETURNS coverage_summary
	AS 'MODULE_PATHNAME', 'csm_coverage_accum_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_coverage_accum(coverage_summary, uuid, numeric, numeric) IS
	'transition: adds an account with a capacity in amount';

CREATE FUNCTION csm_coverage_accum(coverage_summary, uuid, numeric, numeric, bigint) RETURNS coverage_summary
	AS 'MODULE_PATHNAME', 'csm_coverage_accum_uuid' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 3;
COMMENT ON FUNCTION csm_coverage_accum(coverage_summary, uuid, numeric, numeric, bigint) IS
	'transition: adds an account with capacities in amount and in accounts';

CREATE FUNCTION csm_coverage_combine(coverage_summary, coverage_summary) RETURNS coverage_summary
	AS 'MODULE_PATHNAME', 'csm_coverage_combine' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_coverage_combine(coverage_summary, coverage_summary) IS
	'adds up two states, for aggregates';

CREATE FUNCTION csm_coverage_final(coverage_summary) RETURNS coverage_summary
	AS 'MODULE_PATHNAME', 'csm_coverage_final' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_coverage_final(coverage_summary) IS
	'a state in its stored form';

CREATE FUNCTION csm_coverage(coverage_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_coverage_share' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION csm_coverage(coverage_summary) IS
	'share of the amount that a manager has room for; without capacities, share that has a manager';

CREATE AGGREGATE csm_coverage(csm text, arr numeric) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE csm_coverage(csm text, arr numeric) IS
	'share of the amount with a manager; NULL without an amount';

CREATE AGGREGATE csm_coverage(csm text, arr numeric, arr_capacity numeric) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE csm_coverage(csm text, arr numeric, arr_capacity numeric) IS
	'share of the amount with a manager who has room for it; NULL without an amount';

CREATE AGGREGATE csm_coverage(csm text, arr numeric, arr_capacity numeric, account_capacity bigint) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE csm_coverage(csm text, arr numeric, arr_capacity numeric, account_capacity bigint) IS
	'share of the amount with a manager who has room for it; NULL without an amount';

CREATE AGGREGATE csm_coverage(csm bigint, arr numeric) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE csm_coverage(csm bigint, arr numeric) IS
	'share of the amount with a manager; NULL without an amount';

CREATE AGGREGATE csm_coverage(csm bigint, arr numeric, arr_capacity numeric) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE csm_coverage(csm bigint, arr numeric, arr_capacity numeric) IS
	'share of the amount with a manager who has room for it; NULL without an amount';

CREATE AGGREGATE csm_coverage(csm bigint, arr numeric, arr_capacity numeric, account_capacity bigint) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE csm_coverage(csm bigint, arr numeric, arr_capacity numeric, account_capacity bigint) IS
	'share of the amount with a manager who has room for it; NULL without an amount';

CREATE AGGREGATE csm_coverage(csm uuid, arr numeric) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE csm_coverage(csm uuid, arr numeric) IS
	'share of the amount with a manager; NULL without an amount';

CREATE AGGREGATE csm_coverage(csm uuid, arr numeric, arr_capacity numeric) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE csm_coverage(csm uuid, arr numeric, arr_capacity numeric) IS
	'share of the amount with a manager who has room for it; NULL without an amount';

CREATE AGGREGATE csm_coverage(csm uuid, arr numeric, arr_capacity numeric, account_capacity bigint) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE csm_coverage(csm uuid, arr numeric, arr_capacity numeric, account_capacity bigint) IS
	'share of the amount with a manager who has room for it; NULL without an amount';

CREATE AGGREGATE coverage_agg(csm text, arr numeric) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage_final, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE coverage_agg(csm text, arr numeric) IS
	'managers, their books and what they have room for';

CREATE AGGREGATE coverage_agg(csm text, arr numeric, arr_capacity numeric) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage_final, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE coverage_agg(csm text, arr numeric, arr_capacity numeric) IS
	'managers, their books and what they have room for';

CREATE AGGREGATE coverage_agg(csm text, arr numeric, arr_capacity numeric, account_capacity bigint) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage_final, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE coverage_agg(csm text, arr numeric, arr_capacity numeric, account_capacity bigint) IS
	'managers, their books and what they have room for';

CREATE AGGREGATE coverage_agg(csm bigint, arr numeric) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage_final, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE coverage_agg(csm bigint, arr numeric) IS
	'managers, their books and what they have room for';

CREATE AGGREGATE coverage_agg(csm bigint, arr numeric, arr_capacity numeric) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage_final, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE coverage_agg(csm bigint, arr numeric, arr_capacity numeric) IS
	'managers, their books and what they have room for';

CREATE AGGREGATE coverage_agg(csm bigint, arr numeric, arr_capacity numeric, account_capacity bigint) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage_final, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE coverage_agg(csm bigint, arr numeric, arr_capacity numeric, account_capacity bigint) IS
	'managers, their books and what they have room for';

CREATE AGGREGATE coverage_agg(csm uuid, arr numeric) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage_final, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE coverage_agg(csm uuid, arr numeric) IS
	'managers, their books and what they have room for';

CREATE AGGREGATE coverage_agg(csm uuid, arr numeric, arr_capacity numeric) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage_final, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE coverage_agg(csm uuid, arr numeric, arr_capacity numeric) IS
	'managers, their books and what they have room for';

CREATE AGGREGATE coverage_agg(csm uuid, arr numeric, arr_capacity numeric, account_capacity bigint) (
	SFUNC = csm_coverage_accum, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage_final, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE coverage_agg(csm uuid, arr numeric, arr_capacity numeric, account_capacity bigint) IS
	'managers, their books and what they have room for';

CREATE AGGREGATE rollup(coverage_summary) (
	SFUNC = csm_coverage_combine, STYPE = coverage_summary, SSPACE = 600,
	FINALFUNC = csm_coverage_final, COMBINEFUNC = csm_coverage_combine, PARALLEL = safe
);
COMMENT ON AGGREGATE rollup(coverage_summary) IS
	'adds up summaries over disjoint accounts; the parts of a manager''s book become one book';

-- Accessors

CREATE FUNCTION accounts(coverage_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_coverage_accounts' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION accounts(coverage_summary) IS
	'accounts that have an amount';

CREATE FUNCTION unassigned_accounts(coverage_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_coverage_unassigned_accounts' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION unassigned_accounts(coverage_summary) IS
	'accounts that have an amount and no manager';

CREATE FUNCTION arr(coverage_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_coverage_arr' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION arr(coverage_summary) IS
	'amount of all accounts';

CREATE FUNCTION unassigned_arr(coverage_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_coverage_unassigned_arr' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION unassigned_arr(coverage_summary) IS
	'amount of the accounts that have no manager';

CREATE FUNCTION csms(coverage_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_coverage_csms' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION csms(coverage_summary) IS
	'managers, also those whose book is empty';

CREATE FUNCTION required_csms(coverage_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_coverage_required_csms' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION required_csms(coverage_summary) IS
	'managers that the load of all accounts takes, unrounded; NULL without capacities';

CREATE FUNCTION headcount_gap(coverage_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_coverage_headcount_gap' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION headcount_gap(coverage_summary) IS
	'required managers, rounded up, less those that there are: positive, hire; NULL without capacities';

CREATE FUNCTION overloaded_csms(coverage_summary) RETURNS bigint
	AS 'MODULE_PATHNAME', 'csm_coverage_overloaded_csms' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION overloaded_csms(coverage_summary) IS
	'managers whose load is above 1';

CREATE FUNCTION arr_per_csm(coverage_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_coverage_arr_per_csm' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION arr_per_csm(coverage_summary) IS
	'amount that has a manager, per manager; NULL without managers';

CREATE FUNCTION accounts_per_csm(coverage_summary) RETURNS numeric
	AS 'MODULE_PATHNAME', 'csm_coverage_accounts_per_csm' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION accounts_per_csm(coverage_summary) IS
	'accounts that have a manager, per manager; NULL without managers';

CREATE FUNCTION books(coverage_summary) RETURNS TABLE (
		csm text, accounts bigint, arr numeric, load numeric, covered_arr numeric)
	AS 'MODULE_PATHNAME', 'csm_coverage_books' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE
	COST 100 ROWS 50;
COMMENT ON FUNCTION books(coverage_summary) IS
	'a row a manager: the book, its load (1 is full) and the part of its amount that there is room for';

-- Benchmarks

CREATE FUNCTION default_benchmarks() RETURNS TABLE (
		metric text, segment text, low numeric, high numeric, share numeric, unit text, source text, remark text)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 25
BEGIN ATOMIC
	VALUES
	('arr_per_csm', 'enterprise', 2000000::numeric, 5000000::numeric, 0.69::numeric, 'USD of ARR per manager', 'survey of customer success teams', 'share: teams above 2,000,000'),
	('arr_per_csm', 'mid-market', 2000000, 5000000, 0.42, 'USD of ARR per manager', 'survey of customer success teams', 'share: teams above 2,000,000 as published; it contradicts the median beside it, which lies above 2,000,000'),
	('arr_per_csm', 'small business', 1000000, 2000000, 0.54, 'USD of ARR per manager', 'survey of customer success teams', 'share: teams above 2,000,000 as published; it contradicts the median beside it, which lies below 2,000,000'),
	('accounts_per_csm', 'enterprise', 10, 50, NULL, 'accounts per manager', 'survey of customer success teams', NULL),
	('accounts_per_csm', 'mid-market', 100, 250, NULL, 'accounts per manager', 'survey of customer success teams', NULL),
	('accounts_per_csm', 'small business', 100, 250, 0.37, 'accounts per manager', 'survey of customer success teams', 'share: teams above 250 accounts'),
	('arr_capacity', NULL, 2000000, 2000000, NULL, 'USD of ARR per manager', 'common rule of the field', 'the amount that fills one manager'),
	('arr_capacity', 'growing fast', 1000000, 1000000, NULL, 'USD of ARR per manager', 'common rule of the field', 'the amount that fills one manager while the company grows fast'),
	('account_capacity', 'accounts of 100k', 20, 20, NULL, 'accounts per manager', 'common rule of the field', '2,000,000 over 100,000'),
	('account_capacity', 'accounts of 20k', 100, 100, NULL, 'accounts per manager', 'common rule of the field', '2,000,000 over 20,000'),
	('account_capacity', 'accounts of 5k', 400, 400, NULL, 'accounts per manager', 'common rule of the field', '2,000,000 over 5,000'),
	('account_capacity', 'accounts of 1k', 2000, 2000, NULL, 'accounts per manager', 'common rule of the field', '2,000,000 over 1,000'),
	('hours_per_quarter', NULL, 331.5, 331.5, NULL, 'hours per manager and quarter', 'arithmetic', '40 hours x 13 weeks x 75 % with customers x 85 % present'),
	('hours_per_account', NULL, 16, 16, NULL, 'hours per account and quarter', 'common rule of the field', 'managed accounts'),
	('account_capacity', 'by time', 20, 20, NULL, 'accounts per manager', 'arithmetic', '331.5 hours over 16 hours an account, about 20'),
	('contacts_per_day', NULL, 3, 5, NULL, 'contacts per manager and working day', 'common rule of the field', NULL),
	('working_days', NULL, 200, 200, NULL, 'days per year', 'common rule of the field', NULL),
	('contacts_per_account', '400 accounts per manager', 1.5, 2.5, NULL, 'contacts per account and year', 'arithmetic', '200 days x 3 to 5 contacts over 400 accounts'),
	('first_csm', 'accounts of 50k to 100k', 2, 2, NULL, 'accounts', 'common rule of the field', 'hire the first manager of the segment at two such accounts'),
	('first_csm', 'middle segment', 300000, 500000, NULL, 'USD of ARR', 'common rule of the field', 'hire the first manager of the segment at this amount'),
	('first_renewals_manager', NULL, 150, NULL, NULL, 'customers', 'common rule of the field', 'hire a renewals manager from here on'),
	('cs_cost_share', 'company below 10M', NULL, 0.20, NULL, 'share of ARR', 'survey of customer success teams', 'cost of customer success; below 20 %'),
	('cs_cost_share', 'company of 10M to 100M', NULL, 0.15, NULL, 'share of ARR', 'survey of customer success teams', 'cost of customer success; below 15 %'),
	('cs_cost_share', 'company above 100M', NULL, 0.10, 0.39, 'share of ARR', 'survey of customer success teams', 'cost of customer success; at most 10 %; share: companies below 5 %'),
	('csm_cost', NULL, 100000, 100000, NULL, 'USD per manager and year', 'common rule of the field', 'all-in; 5 % of a book of 2,000,000');
END;
COMMENT ON FUNCTION default_benchmarks() IS
	'figures of the field to start from: copy them into a table of your own and edit them there';

CREATE FUNCTION benchmark_position(value numeric, low numeric, high numeric) RETURNS text
	AS 'MODULE_PATHNAME', 'csm_benchmark_position' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION benchmark_position(value numeric, low numeric, high numeric) IS
	'below, within or above the range, both ends included; NULL is an open end; NULL without a value or a range';
