-- The two tables that the sample company and a CSV file are loaded into, and a
-- formatter for the report.

CREATE TABLE account (
	account_id bigint PRIMARY KEY,
	name       text NOT NULL,
	segment    text NOT NULL,
	csm        text                 -- customer success manager, NULL: none
);

-- A subscription counts on every day start <= day < end; an open end is NULL.
-- Those of one account that overlap add up.
CREATE TABLE subscription (
	account_id bigint NOT NULL,     -- of account; no foreign key, for speed
	product    text NOT NULL,
	valid      daterange NOT NULL,
	amount     numeric NOT NULL,
	seats      numeric              -- NULL: not known
);

-- Figures for readers: 1.0789 becomes 107.9 %, 1234567.8 becomes 1,234,568.
CREATE FUNCTION pad(figure text, width int) RETURNS text
LANGUAGE sql IMMUTABLE AS
$$ SELECT lpad(figure, greatest(width, length(figure))) $$;

CREATE FUNCTION pct(ratio numeric) RETURNS text
LANGUAGE sql IMMUTABLE AS
$$ SELECT pad(coalesce(round(100 * ratio, 1) || ' %', 'none'), 7) $$;

CREATE FUNCTION pct(bounds numrange) RETURNS text
LANGUAGE sql IMMUTABLE AS
$$ SELECT coalesce(pad(round(100 * lower(bounds), 1)::text, 5) || ' to '
	|| pad(round(100 * upper(bounds), 1)::text, 5), 'none') $$;

CREATE FUNCTION whole(amount numeric) RETURNS text
LANGUAGE sql IMMUTABLE AS
$$ SELECT pad(to_char(amount, 'FM999,999,999,999,999,999,999,999,990'), 11) $$;

CREATE FUNCTION thousands(amount numeric) RETURNS text
LANGUAGE sql IMMUTABLE AS
$$ SELECT pad(to_char(amount / 1000, 'FM999,999,999,999,999,999,999,990'), 7) $$;
