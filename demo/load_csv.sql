-- Loads what read_csv.awk makes of a CSV file, from standard input. Expects the variables
-- shift (days added to each end: 0, or 1 for inclusive ends), every (how long a snapshot
-- stands: '1 month'; empty for subscriptions), day_from and day_to (the two days compared).

CREATE TEMP TABLE import_row (line bigint, account text, first_day date, stop_day date, amount numeric, segment text);
\copy import_row FROM pstdin (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')

UPDATE import_row SET stop_day = stop_day + :shift WHERE :shift <> 0;

-- A snapshot stands for the whole month that its date lies in.
UPDATE import_row
SET first_day = date_trunc('month', first_day), stop_day = date_trunc('month', first_day) + interval '1 month'
WHERE :'every' <> '';

ANALYZE import_row;

-- An account's segment is the one it had at the start, of its largest
-- subscription; that of a new account, at the end.
INSERT INTO account
SELECT row_number() OVER (), account, coalesce(segment, '(no segment)')
FROM (
	SELECT DISTINCT ON (account) account, segment
	FROM import_row, LATERAL daterange(first_day, stop_day) AS valid
	ORDER BY account, amount > 0 AND valid @> :'day_from'::date DESC,
		amount > 0 AND valid @> :'day_to'::date DESC, segment IS NULL, amount DESC, line
) AS x;

INSERT INTO subscription
SELECT account_id, CASE :'every' WHEN '' THEN 'subscription' ELSE 'snapshot' END, daterange(first_day, stop_day), amount
FROM import_row JOIN account ON name = account
WHERE stop_day IS NULL OR stop_day > first_day;

SELECT format('Read %s lines: %s accounts, %s subscriptions.', (SELECT count(*) FROM import_row),
	(SELECT count(*) FROM account), (SELECT count(*) FROM subscription));

SELECT format('%s with start = end ignored: they last no day.', count(*))
FROM import_row WHERE stop_day = first_day HAVING count(*) > 0;

-- Ends that are meant to be inclusive betray themselves: the next contract of
-- the account starts a day later.
SELECT format(E'warning: %s of %s ends lie one day before the account\'s next start. If the ends are inclusive,\n'
	'         run it again with ENDS=inclusive; read as exclusive, each leaves a day without revenue.',
	adjacent, followed)
FROM (
	SELECT count(*) FILTER (WHERE n.account IS NOT NULL) AS adjacent,
		count(*) AS followed
	FROM (SELECT account, stop_day, max(first_day) OVER (PARTITION BY account) AS latest
		FROM import_row WHERE stop_day IS DISTINCT FROM first_day) AS r
	LEFT JOIN (SELECT DISTINCT account, first_day FROM import_row) AS n
		ON n.account = r.account AND n.first_day = r.stop_day + 1
	WHERE r.latest >= r.stop_day
) AS x
WHERE :shift = 0 AND adjacent >= 2 AND adjacent * 4 >= followed;

SELECT format(E'warning: no subscription is active on %s or on %s: all figures are 0 or NULL.\n'
	'         The file runs from %s to %s; choose another day with ASOF=.',
	:'day_from', :'day_to', min(first_day), coalesce(max(stop_day)::text, 'an open end'))
FROM import_row
HAVING NOT coalesce(bool_or(daterange(first_day, stop_day) @> :'day_from'::date
	OR daterange(first_day, stop_day) @> :'day_to'::date), false);

ANALYZE account, subscription;
