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
