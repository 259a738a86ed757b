-- Loads what read_csv.awk makes of a CSV file, from standard input. Expects the variables
-- shift (days added to each end: 0, or 1 for inclusive ends), every (how long a snapshot
-- stands: '1 month'; empty for subscriptions), day_from and day_to (the two days compared),
-- unit (of what the amounts are: month, year).

CREATE TEMP TABLE import_row (line bigint, account text, first_day date, stop_day date, amount numeric, segment text, currency text,
	manager text);
\copy import_row FROM pstdin (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')

UPDATE import_row SET stop_day = stop_day + :shift WHERE :shift <> 0;
ANALYZE import_row;

SELECT format('Read %s lines of %s accounts.', count(*), count(DISTINCT account)) FROM import_row;

-- What may make the figures wrong, in the words of the checks that anybody can ask for.
CREATE TEMP VIEW import_check AS
SELECT * FROM check_subscriptions('import_row', 'account', 'first_day', 'stop_day', 'amount', 'currency') WHERE :'every' = ''
UNION ALL
SELECT * FROM check_subscriptions('import_row', 'account', 'first_day', 'stop_day', 'amount', 'currency')
WHERE :'every' <> '' AND problem IN ('several currencies', 'missing currency')
UNION ALL
SELECT * FROM check_snapshots('import_row', 'account', 'first_day', 'amount', '1 month') WHERE :'every' <> '';

SELECT format(E'warning: %s: %s row%s of %s account%s, as %s\n         %s%s', problem,
	rows, CASE WHEN rows <> 1 THEN 's' END, accounts, CASE WHEN accounts <> 1 THEN 's' END, example, advice,
	CASE problem WHEN 'inclusive end' THEN E'\n         Here: run it again with ENDS=inclusive.'
		WHEN 'several currencies' THEN E'\n         Here: keep the lines of one currency, or convert them.' END)
FROM import_check;

-- A snapshot stands for the whole month that its date lies in.
UPDATE import_row
SET first_day = date_trunc('month', first_day), stop_day = date_trunc('month', first_day) + interval '1 month'
WHERE :'every' <> '';

-- An account's segment is the one it had at the start, of its largest
-- subscription; that of a new account, at the end. Its manager is the one it has at the
-- end, or the last one, where it is gone.
INSERT INTO account
SELECT row_number() OVER (), account, coalesce(segment, '(no segment)'), manager
FROM (
	SELECT DISTINCT ON (account) account, segment
	FROM import_row, LATERAL days(first_day, stop_day) AS valid
	ORDER BY account, amount > 0 AND valid @> :'day_from'::date DESC,
		amount > 0 AND valid @> :'day_to'::date DESC, segment IS NULL, amount DESC, line
) AS x JOIN (
	SELECT DISTINCT ON (account) account, manager
	FROM import_row, LATERAL days(first_day, stop_day) AS valid
	ORDER BY account, amount > 0 AND valid @> :'day_to'::date DESC,
		manager IS NULL, first_day DESC, amount DESC, line
) AS y USING (account);

INSERT INTO subscription
SELECT account_id, CASE :'every' WHEN '' THEN 'subscription' ELSE 'snapshot' END, valid, amount
FROM import_row JOIN account ON name = account, LATERAL days(first_day, stop_day) AS valid
WHERE NOT isempty(valid);

SELECT format(E'warning: no subscription is active on %s or on %s: all figures are 0 or NULL.\n'
	'         The file runs from %s to %s; choose another day with ASOF=.',
	:'day_from', :'day_to', min(first_day), coalesce(max(stop_day)::text, 'an open end'))
FROM import_row
HAVING NOT coalesce(bool_or(days(first_day, stop_day) @> :'day_from'::date
	OR days(first_day, stop_day) @> :'day_to'::date), false);

-- What make report goes by: it shows yearly revenue.
SELECT format('COMMENT ON COLUMN subscription.amount IS %L', 'a ' || :'unit') \gexec
ANALYZE account, subscription;
