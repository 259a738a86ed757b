-- Loads a CSV of subscriptions, all of it or nothing:
--   account,start_date,end_date,amount[,segment]
-- Reads "number of the line, byte 1, line" from standard input, which run.sh
-- makes. Expects the variables encoding (UTF8, or LATIN1 for a file that is not),
-- shift (days added to each end: 0, or 1 for inclusive ends), day_from and
-- day_to (the two days compared).
-- What is wrong goes to import_problem; then account and subscription stay empty.

CREATE TABLE import_line (line bigint, bytes text);
CREATE TABLE import_problem (line bigint, reason text, text text);

-- Latin-1 takes any byte: of a file that is not UTF-8 each line is tried below,
-- where the wrong ones can be named.
SET client_encoding TO :'encoding';
\copy import_line FROM pstdin (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')
RESET client_encoding;

-- The UTF-8 text in those bytes, NULL if it is none.
CREATE FUNCTION pg_temp.utf8(bytes text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
BEGIN
	RETURN convert_from(convert_to(bytes, 'LATIN1'), 'UTF8');
EXCEPTION WHEN OTHERS THEN
	RETURN NULL;
END
$$;

-- The fields of a line that has quotes in it; NULL if they do not match.
CREATE FUNCTION pg_temp.quoted_fields(line text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT AS
$$
BEGIN
	IF line !~ '^(\s*"([^"]|"")*"\s*|[^",]*)(,(\s*"([^"]|"")*"\s*|[^",]*))*$' THEN
		RETURN NULL;
	END IF;
	RETURN (SELECT array_agg(CASE WHEN f LIKE '"%'
					THEN replace(substr(f, 2, length(f) - 2), '""', '"') ELSE f END ORDER BY n)
			FROM regexp_matches(',' || line, ',(\s*"(?:[^"]|"")*"\s*|[^",]*)', 'g')
					WITH ORDINALITY AS m(field, n),
				LATERAL btrim(field[1], E' \t') AS f);
END
$$;

-- What is wrong with a date, NULL if nothing is. Only 2024-12-31 is read: other
-- ways to write a date mean different days to different people.
CREATE FUNCTION pg_temp.date_problem(name text, value text) RETURNS text
LANGUAGE sql IMMUTABLE AS
$$
	SELECT CASE
		WHEN value ~ '^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$' THEN NULL
		WHEN value = '' THEN name || ' is empty'
		WHEN value ~* '^[+-]?inf' THEN name || ' is infinite; only an open end may be, and is left empty'
		WHEN value !~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' OR value < '0001'
			THEN name || ' "' || value || '" is not a date like 2024-12-31'
		WHEN right(value, 2)::int > extract(day FROM
			make_date(left(value, 4)::int, substr(value, 6, 2)::int, 1) + interval '1 month' - interval '1 day')
			THEN name || ' "' || value || '" is a day that does not exist'
	END
$$;

CREATE FUNCTION pg_temp.amount_problem(value text) RETURNS text
LANGUAGE sql IMMUTABLE AS
$$
	SELECT CASE
		WHEN value ~ '^[+]?([0-9]{1,20}([.][0-9]{0,10})?|[.][0-9]{1,10})$' THEN NULL
		WHEN value = '' THEN 'amount is empty'
		WHEN value ~* '^[+-]?nan$' THEN 'amount is NaN'
		WHEN value ~* '^[+-]?inf' THEN 'amount is infinite'
		WHEN value ~ '^-[0-9.]+$' THEN 'amount ' || value || ' is negative'
		WHEN value ~ '^[+]?[0-9]*[.]?[0-9]*$' AND value ~ '[0-9]'
			THEN 'amount has more than 20 digits, or 10 after the point'
		ELSE 'amount "' || value || '" is not a number like 1234.56'
	END
$$;

-- The lines as text; those that are empty do not count.
CREATE TEMP TABLE import_text AS
SELECT line, bytes,
	CASE WHEN octet_length(bytes) = length(bytes) THEN bytes
		WHEN :'encoding' = 'LATIN1' THEN pg_temp.utf8(bytes)
		WHEN line = 1 THEN ltrim(bytes, U&'\FEFF')
		ELSE bytes END AS text
FROM import_line
WHERE btrim(bytes, E' \t') <> '';

-- Their fields. A first line without a digit in its date and amount is a header.
CREATE TEMP TABLE import_field AS
SELECT line, coalesce(text, bytes) AS text, text IS NOT NULL AS is_utf8, f,
	btrim(f[1], E' \t') AS account, btrim(f[2], E' \t') AS start_date, btrim(f[3], E' \t') AS end_date,
	btrim(f[4], E' \t') AS amount, coalesce(btrim(f[5], E' \t'), '') AS segment
FROM import_text,
	LATERAL (SELECT CASE WHEN strpos(text, '"') = 0 THEN string_to_array(text, ',')
		ELSE pg_temp.quoted_fields(text) END OFFSET 0) AS x(f);

SELECT coalesce(min(line), 0) AS header
FROM import_field
WHERE line = (SELECT min(line) FROM import_text)
	AND start_date <> '' AND amount <> '' AND start_date || amount !~ '[0-9]' \gset

INSERT INTO import_problem
SELECT line, 'the header has the columns in another order than account,start_date,end_date,amount[,segment]', text
FROM import_field
WHERE line = :header
	AND lower(account || ',' || start_date || ',' || end_date || ',' || amount)
		<> 'account,start_date,end_date,amount'
	AND string_to_array(lower(replace(array_to_string(f, ','), ' ', '')), ',')
		@> '{account,start_date,end_date,amount}';
DELETE FROM import_field WHERE line = :header;

INSERT INTO import_problem
SELECT line, reason, text
FROM import_field,
	LATERAL (SELECT CASE
		WHEN NOT is_utf8 THEN 'not UTF-8 text'
		WHEN f IS NULL THEN 'the quotes do not match'
		WHEN cardinality(f) NOT IN (4, 5) THEN format('it has %s column%s instead of 4 or 5%s', cardinality(f),
			CASE WHEN cardinality(f) <> 1 THEN 's' END,
			CASE WHEN strpos(text, ';') > 0 THEN '; separate them by commas, not semicolons' END)
		WHEN account = '' THEN 'account is empty'
		ELSE coalesce(pg_temp.date_problem('start_date', start_date),
			CASE WHEN end_date <> '' THEN pg_temp.date_problem('end_date', end_date) END,
			pg_temp.amount_problem(amount))
		END OFFSET 0) AS x(reason)
WHERE reason IS NOT NULL AND NOT EXISTS (SELECT FROM import_problem);

-- From here on the fields can be cast.
CREATE TEMP TABLE import_row AS
SELECT line, text, account, start_date::date AS first_day,
	nullif(end_date, '')::date + :shift AS stop_day, amount::numeric AS amount, segment
FROM import_field
WHERE line NOT IN (SELECT line FROM import_problem)
	AND NOT EXISTS (SELECT FROM import_problem WHERE line = :header);

INSERT INTO import_problem
SELECT line, format('end_date lies before start_date %s', first_day), text
FROM import_row WHERE stop_day < first_day;

INSERT INTO import_problem
SELECT 0, 'there are no lines to load', '' WHERE NOT EXISTS (SELECT FROM import_field);

SELECT NOT EXISTS (SELECT FROM import_problem) AS good \gset
\if :good

ANALYZE import_row;

-- An account's segment is the one it had at the start, of its largest
-- subscription; that of a new account, at the end.
INSERT INTO account
SELECT row_number() OVER (), account, coalesce(nullif(segment, ''), '(no segment)')
FROM (
	SELECT DISTINCT ON (account) account, segment
	FROM import_row, LATERAL daterange(first_day, stop_day) AS valid
	ORDER BY account, amount > 0 AND valid @> :'day_from'::date DESC,
		amount > 0 AND valid @> :'day_to'::date DESC, segment = '', amount DESC, line
) AS x;

INSERT INTO subscription
SELECT account_id, 'subscription', daterange(first_day, stop_day), amount
FROM import_row JOIN account ON name = account
WHERE stop_day IS NULL OR stop_day > first_day;

SELECT format('Read %s lines: %s accounts, %s subscriptions.', (SELECT count(*) FROM import_field),
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
\endif
