-- The sample company: 3,000 accounts of three segments, 2023 to 2025.
-- Expects the variable seed. The same seed makes the same company on every
-- machine: chance comes from md5, and the arithmetic uses nothing but + - * /.

-- A number in [0,1) that depends on its arguments alone.
CREATE FUNCTION draw(seed text, account bigint, what text) RETURNS float8
LANGUAGE sql IMMUTABLE AS
$$ SELECT ('x' || substr(md5(seed || '/' || account || '/' || what), 1, 8))::bit(32)::bigint / 4294967296.0::float8 $$;

-- How a segment behaves. Rates are chances at each renewal; upsell and addon
-- are chances a month. Small businesses renew monthly, the others yearly.
CREATE TABLE behaviour (
	segment text PRIMARY KEY, share float8,
	smallest float8, spread float8, term int,
	churn float8, shrink float8, grow float8, comeback float8, upsell float8, addon float8,
	csms text[]
);
INSERT INTO behaviour VALUES
	('enterprise',     0.05, 60000, 260000, 12, 0.050, 0.080, 0.400, 0.05, 0.0220, 0.018,
	 '{Amara,Bastian,Chiara,Dilan,Elif,Farid}'),
	('mid-market',     0.22, 12000,  48000, 12, 0.090, 0.080, 0.320, 0.08, 0.0180, 0.014,
	 '{Greta,Hugo,Ines,Jonas,Kaori,Luis}'),
	('small business', 0.73,  1200,   9000,  1, 0.018, 0.005, 0.010, 0.15, 0.0100, 0.006,
	 '{Mara,Niklas}');

-- Every account gets a name, a segment and, unless it is small, a manager.
INSERT INTO account
SELECT i,
	(ARRAY['Alder','Birch','Cedar','Dune','Ember','Fjord','Grove','Harbor','Iris','Juniper',
		'Kestrel','Lumen','Meadow','North','Opal','Pine'])[1 + floor(16 * draw(:'seed', i, 'word'))::int]
	|| ' ' ||
	(ARRAY['Logistics','Health','Retail','Energy','Software','Foods','Media','Finance',
		'Travel','Tools'])[1 + floor(10 * draw(:'seed', i, 'trade'))::int]
	|| ' ' || i,
	b.segment,
	CASE WHEN b.term = 12 OR draw(:'seed', i, 'touch') < 0.3 THEN
		csms[1 + floor(array_length(csms, 1) * draw(:'seed', i, 'csm'))::int]
	END
FROM generate_series(1, 3000) i
CROSS JOIN LATERAL (SELECT draw(:'seed', i, 'segment') AS u) x
JOIN behaviour b ON b.segment = CASE WHEN u < 0.05 THEN 'enterprise'
	WHEN u < 0.27 THEN 'mid-market' ELSE 'small business' END;

-- Lives one account month by month and writes its subscriptions.
CREATE FUNCTION live(seed text, id bigint, managed boolean, b behaviour) RETURNS void
LANGUAGE plpgsql AS
$$
DECLARE
	born    date;               -- start of the contract that renews
	today   date;
	age     int := 0;           -- months since then
	u       float8;
	size    float8;
	core    numeric;
	seats   numeric;
	since   date;
	addon   numeric := 0;
	addon_since date;
	next    numeric;
BEGIN
	IF managed AND b.term = 1 THEN                     -- small ones stay longer with a manager
		b.churn := b.churn * 0.4;
	END IF;
	u := draw(seed, id, 'start');
	born := date '2023-01-01' + floor(1095 * u * u)::int;
	u := draw(seed, id, 'size');
	size := b.smallest + b.spread * u * u * u;
	IF id <= 60 AND b.segment = 'enterprise' THEN      -- the whales
		size := size * 3 + 300000;
	END IF;
	core := round(size);
	seats := ceil(core / 400);
	since := born;
	today := born;
	IF b.term = 1 AND draw(seed, id, 'trial') < 0.3 THEN
		INSERT INTO subscription VALUES (id, 'trial', daterange(born - 14, born), 0);
	END IF;
	LOOP
		age := age + 1;
		today := (born + age * interval '1 month')::date;
		EXIT WHEN today > date '2026-08-31';
		next := core;
		u := CASE WHEN age % b.term = 0 THEN draw(seed, id, 'renew ' || today) ELSE 1 END;
		IF u < b.churn THEN
			next := 0;
		ELSIF u < b.churn + b.shrink THEN
			next := round(core * (0.5 + 0.4 * draw(seed, id, 'less ' || today))::numeric);
		ELSIF u < b.churn + b.shrink + b.grow THEN
			next := round(core * (1.08 + 0.4 * draw(seed, id, 'more ' || today))::numeric);
		ELSIF draw(seed, id, 'upsell ' || today) < b.upsell THEN
			next := round(core * 1.2);
		END IF;
		IF next <> core THEN
			INSERT INTO subscription VALUES (id, 'core', daterange(since, today), core, seats);
			IF NOT (u < b.churn + b.shrink + b.grow AND next > core AND draw(seed, id, 'price ' || today) < 0.5) THEN
				seats := ceil(seats * next / core);        -- else a higher price for the same seats
			END IF;
			core := next;
			since := today;
		END IF;
		-- the add-on comes and goes by itself, and goes with the core product
		u := draw(seed, id, 'addon ' || today);
		IF addon > 0 AND (core = 0 OR u > 0.992) THEN
			INSERT INTO subscription VALUES (id, 'add-on', daterange(addon_since, today), addon);
			addon := 0;
		ELSIF addon = 0 AND core > 0 AND u < b.addon THEN
			addon := round(core * 0.3);
			addon_since := today;
		END IF;
		IF core = 0 THEN
			EXIT WHEN draw(seed, id, 'back ' || today) >= b.comeback;
			born := today + 60 + floor(240 * draw(seed, id, 'gap ' || today))::int;
			EXIT WHEN born > date '2026-08-31';
			core := round((size * (0.5 + 0.6 * draw(seed, id, 'size ' || today)))::numeric);
			seats := ceil(core / 400);
			since := born;
			age := 0;
		END IF;
	END LOOP;
	IF core > 0 THEN
		INSERT INTO subscription VALUES (id, 'core', daterange(since, NULL), core, seats);
	END IF;
	IF addon > 0 THEN
		INSERT INTO subscription VALUES (id, 'add-on', daterange(addon_since, NULL), addon);
	END IF;
END
$$;

SELECT count(live(:'seed', account_id, csm IS NOT NULL, b)) AS lives
FROM account JOIN behaviour b USING (segment) \gset
DROP FUNCTION live;
DROP TABLE behaviour;

-- Health scores on the last day of each quarter. Of the accounts that will leave within 240 days, 72 % show it
-- more and more, the others not at all; some healthy ones look ill; one in 20 accounts has no score.
CREATE TABLE score (account_id bigint, noted_on date, score numeric, PRIMARY KEY (account_id, noted_on));
WITH history AS (SELECT account_id, history_agg(valid, amount) AS h FROM subscription GROUP BY account_id),
	leaving AS (SELECT account_id, to_date AS left_on FROM history, steps(h)
		WHERE amount_at(h, to_date) = 0 AND draw(:'seed', account_id, 'shows') < 0.72),
	scored AS (SELECT account_id, (date '2024-01-01' + quarter * interval '3 months')::date - 1 AS noted_on
		FROM history, generate_series(0, 8) AS quarter
		WHERE amount_at(h, (date '2024-01-01' + quarter * interval '3 months')::date - 1) > 0
			AND draw(:'seed', account_id, 'scored') >= 0.05)
INSERT INTO score
SELECT account_id, noted_on, greatest(0, round((100 - 55 * mood * mood - coalesce(55 - 55 * (min(left_on) FILTER (WHERE left_on > noted_on AND left_on < noted_on + 240) - noted_on) / 240.0, 0))::numeric))
FROM scored CROSS JOIN LATERAL (SELECT draw(:'seed', account_id, 'mood ' || noted_on) AS mood) AS m
LEFT JOIN leaving AS l USING (account_id)
GROUP BY account_id, noted_on, mood;
-- For that they have lived on; what happened after 2025 is not known yet.
DELETE FROM subscription WHERE lower(valid) > '2025-12-31';
UPDATE subscription SET valid = daterange(lower(valid), NULL) WHERE upper(valid) > '2025-12-31';
ANALYZE account, subscription, score;
