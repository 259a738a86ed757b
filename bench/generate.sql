-- The data of the bench. Everything follows from hashes of the row's own
-- number, so that the same size makes the same rows on every machine.
-- Rows are written in a fixed order by one process; synchronize_seqscans is off.

-- A number from 0 to n - 1 that depends on key and on what it is drawn for.
CREATE FUNCTION draw(key bigint, what bigint, n bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT (hashint8extended(key, what) & 9223372036854775807) % n $$;

-- Two amounts an account, the table of rows 1, 2 and 8. Of a hundred accounts
-- ten are new; the others: 8 % churn, 30 % expand, 10 % contract.
CREATE FUNCTION write_pairs(accounts bigint) RETURNS void
LANGUAGE plpgsql AS
$$
BEGIN
	CREATE TABLE pairs (a numeric(12,2) NOT NULL, b numeric(12,2) NOT NULL);
	INSERT INTO pairs
	SELECT CASE WHEN joins THEN 0 ELSE cents * 0.01 END,
		CASE WHEN joins THEN cents
			WHEN fate < 8 THEN 0
			WHEN fate < 38 THEN cents + cents * (1 + draw(i, 4, 40)) / 100
			WHEN fate < 48 THEN cents - cents * (1 + draw(i, 5, 60)) / 100
			ELSE cents END * 0.01
	FROM (SELECT i, draw(i, 1, 10) = 0 AS joins, draw(i, 2, 100) AS fate,
			1200 + draw(i, 3, 10000) * draw(i, 3, 10000) AS cents
		FROM generate_series(1, accounts) i OFFSET 0) x;
END
$$;

-- How long accounts have been there, in months, did they churn then, and their health score.
CREATE FUNCTION write_ages(accounts bigint) RETURNS void
LANGUAGE plpgsql AS
$$
BEGIN
	CREATE TABLE ages (duration numeric(5,0) NOT NULL, churned boolean NOT NULL, score numeric(5,0) NOT NULL);
	INSERT INTO ages
	SELECT least(draw(i, 51, 61), draw(i, 52, 61)), draw(i, 53, 100) < 40,
		draw(i, 54, 101)
	FROM generate_series(1, accounts) i;
END
$$;

-- Yearly amounts with the manager of each account, one of 500; one account in ten has none.
CREATE FUNCTION write_books(accounts bigint) RETURNS void
LANGUAGE plpgsql AS
$$
BEGIN
	CREATE TABLE books (a numeric(12,2) NOT NULL, b numeric(12,2) NOT NULL, csm bigint);
	INSERT INTO books
	SELECT draw(i, 31, 20000000) * 0.01, draw(i, 32, 20000000) * 0.01,
		CASE WHEN draw(i, 33, 10) > 0 THEN draw(i, 34, 500) END
	FROM generate_series(1, accounts) i;
END
$$;

-- Accounts that join in the course of six years from 2014 on and stay, at a price of their own.
CREATE FUNCTION write_open_accounts(accounts bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	CREATE TABLE open_subscriptions AS
	SELECT account, daterange(date '2014-01-01' + draw(account, 31, 2000)::int, NULL) AS valid,
		(draw(account, 32, 1000000) / 100.0)::numeric(12,2) AS amount
	FROM generate_series(1, accounts) AS account;
END $$;

-- How long each account stays: a quarter is there in the first of 36 months,
-- the others join later; three in ten leave within a year; a quarter of those
-- who leave come back after 2 to 7 months. The amount changes every 10 to 30
-- months. The order is that of a hash: neighbours in the table of snapshots
-- are no neighbours in any table of accounts.
CREATE FUNCTION write_lives(accounts bigint) RETURNS void
LANGUAGE plpgsql AS
$$
BEGIN
	CREATE TABLE life AS
	SELECT account, joined, joined + tenure AS left_at,
		joined + tenure + 2 + draw(account, 15, 6) AS returned,
		CASE WHEN draw(account, 16, 4) = 0 THEN 1 + draw(account, 17, 24) ELSE 0 END AS second,
		1200 + draw(account, 18, 2000) * draw(account, 18, 2000) AS cents,
		10 + draw(account, 19, 21) AS pace, draw(account, 20, 30) AS phase
	FROM (SELECT account,
			CASE WHEN draw(account, 11, 4) = 0 THEN 0 ELSE 1 + draw(account, 12, 35) END AS joined,
			1 + CASE WHEN draw(account, 13, 10) < 3 THEN draw(account, 14, 12)
				ELSE draw(account, 14, 100) END AS tenure
		FROM generate_series(1, accounts) account OFFSET 0) x
	ORDER BY draw(account, 10, 1 << 40), account;
END
$$;

-- A row for each account and month in which it pays, stamped on the first,
-- month by month as such a table grows.
CREATE FUNCTION write_snapshots(name text, accounts bigint) RETURNS void
LANGUAGE plpgsql AS
$$
BEGIN
	PERFORM write_lives(accounts);
	EXECUTE format('CREATE TABLE %I (account bigint NOT NULL, at date NOT NULL,
		amount numeric(12,2) NOT NULL)', name);
	FOR month IN 0 .. 35 LOOP
		EXECUTE format($sql$
			INSERT INTO %I
			SELECT account, (date '2023-01-01' + $1 * interval '1 month')::date,
				(cents + cents * (draw(account, 100 + (month + phase) / pace, 81) - 30) / 100) * 0.01
			FROM life, CAST($1 AS bigint) month
			WHERE month >= joined AND month < left_at
				OR month >= returned AND month < returned + second $sql$, name)
		USING month;
	END LOOP;
	DROP TABLE life;
END
$$;

-- The same rows in no order at all.
CREATE FUNCTION write_shuffled(name text, source text) RETURNS void
LANGUAGE plpgsql AS
$$
BEGIN
	EXECUTE format('CREATE TABLE %I AS SELECT * FROM %I
		ORDER BY draw(account, at - date ''2000-01-01'', 1 << 40), account', name, source);
END
$$;

-- Subscriptions in the order of their starts, 2.7 an account. Of ten, six follow the one before of their
-- account without a gap, renewed or at another price; the others start on any day and may overlap.
CREATE FUNCTION write_subscriptions(subscriptions bigint) RETURNS void
LANGUAGE plpgsql AS
$$
BEGIN
	CREATE TABLE subscriptions (account bigint NOT NULL, valid daterange NOT NULL, amount numeric(12,2) NOT NULL);
	INSERT INTO subscriptions
	SELECT account, daterange(start, CASE WHEN n < 3 OR draw(i, 45, 4) = 0 THEN start + 365 END),
		(1200 + draw(CASE WHEN draw(i, 44, 3) > 0 THEN account ELSE i END, 46, 100000)) * 0.01
	FROM (SELECT i, i / 3 AS account, i % 3 + 1 AS n,
			date '2022-07-01' + CASE WHEN draw(i, 40, 10) < 6 THEN draw(i / 3, 41, 500)::int + 365 * (i % 3)::int ELSE draw(i, 42, 1200)::int END AS start
		FROM generate_series(1, subscriptions) i OFFSET 0) x
	ORDER BY start, draw(i, 47, 1 << 40);
END
$$;

-- Events in the order of time, 90 days of them, 50 a user in the mean: a few users have many. No two are at one time. 68 % of them have
-- one of the five names of the heavy funnel, 15 % one of the four of the light one; there are 20 names.
CREATE FUNCTION write_events(events bigint) RETURNS void
LANGUAGE plpgsql AS
$$
DECLARE
	names text[] := ARRAY['page', 'click', 'view', 'search', 'open', 'signup', 'invite', 'share', 'pay', 'help', 'export', 'import', 'print', 'login',
		'logout', 'settings', 'comment', 'upload', 'download', 'delete'];
	-- the number of a name by its thousandth
	of_share int[] := ARRAY(SELECT n FROM unnest('{250,180,120,80,50,60,45,30,15,20,20,20,15,15,15,15,15,15,10,10}'::int[]) WITH ORDINALITY AS w (share, n), generate_series(1, share));
BEGIN
	CREATE TABLE events (account bigint NOT NULL, at timestamptz NOT NULL, event text NOT NULL);
	INSERT INTO events
	SELECT 1 + floor(u * sqrt(u) * (events / 50))::bigint,
		timestamptz '2025-01-01 00:00Z' + i * (7776000000000 / events) * interval '1 microsecond',
		names[of_share[1 + draw(i, 63, 1000)]]
	FROM generate_series(1, events) i, LATERAL (SELECT draw(i, 61, 1 << 30) / (1 << 30)::float8 AS u) AS x;
END
$$;

-- Bytes of a line of what Linux says about the memory of this process.
CREATE FUNCTION memory_bytes(line text) RETURNS bigint
LANGUAGE sql AS
$$ SELECT 1024 * substring(pg_read_file('/proc/self/status') FROM line || ':\s*(\d+) kB')::bigint $$;

-- Private memory now, and at its peak: that of all memory less the pages of
-- files and of shared memory, which only grow.
CREATE FUNCTION private_now() RETURNS bigint
LANGUAGE sql AS
$$ SELECT memory_bytes('RssAnon') $$;

CREATE FUNCTION private_peak() RETURNS bigint
LANGUAGE sql AS
$$ SELECT memory_bytes('VmHWM') - memory_bytes('RssFile') - memory_bytes('RssShmem') $$;
