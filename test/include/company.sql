-- A company of 500 accounts in one wide table that has the arguments of every aggregate, the same on every machine: forty
-- groups of 1 to 40 accounts, five rows an account; NULLs, zeros, ties, credits, display scales 0 to 12 mixed or not, up to 30
-- digits, a group without any argument. Accounts lie on one of three nodes. What runs a plan by parts is asked over it.

-- A draw from 0 to below - 1, and a decimal of so many digits before and after the point.
CREATE FUNCTION draw(seed int, i int, below int) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT ('x' || left(md5(seed::text || '/' || i::text), 7))::bit(28)::int % below
$$;
CREATE FUNCTION digits(seed int, i int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT translate(md5(seed::text || '/' || i::text), 'abcdef', '123456')
$$;
CREATE FUNCTION amount(seed int, i int, whole int, scale int) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
    SELECT (left(digits(seed, i), whole) || '.' || right(digits(seed, i), scale))::numeric
$$;

CREATE TABLE company (
    i int NOT NULL, account bigint NOT NULL, account_text text NOT NULL, account_uuid uuid NOT NULL, node int NOT NULL, grp int NOT NULL, currency text NOT NULL,
    s numeric, e numeric, was boolean,
    csm text, csm_number bigint, csm_uuid uuid, arr numeric, arr_capacity numeric, account_capacity bigint,
    touched boolean NOT NULL, outcome numeric, base numeric, stratum text,
    at date NOT NULL, amount numeric, valid daterange, change numeric,
    h revenue_history, r retention_summary, rs retention_summary[], m cohort_matrix, c coverage_summary, l lift_summary, f segment_flows,
    age numeric NOT NULL, score numeric, sv survival_summary, hs health_summary,
    moment timestamptz NOT NULL, moment_utc timestamp NOT NULL, u usage_history, fs funnel_summary
);

INSERT INTO company (i, account, account_text, account_uuid, node, grp, currency, s, e, was, csm, csm_number, csm_uuid, arr, arr_capacity, account_capacity, touched, outcome, base, stratum, at, amount, valid, change, age, score, moment, moment_utc)
SELECT i, account, account::text, md5(account::text)::uuid, 1 + draw(1, account, 3), grp, 'EUR',
       CASE WHEN empty OR draw(2, i, 9) = 0 THEN NULL WHEN draw(2, i, 9) = 1 THEN 0 WHEN draw(2, i, 9) = 2 THEN 125.50 ELSE amount(10, i, whole, scale) END,
       CASE WHEN empty OR draw(3, i, 9) = 0 THEN NULL WHEN draw(3, i, 9) = 1 THEN 0 WHEN draw(3, i, 9) = 2 THEN 125.50 ELSE amount(20, i, whole, scale) END,
       (ARRAY[true, false, NULL])[1 + draw(4, i, 3)],
       'csm ' || manager, manager, md5(manager::text)::uuid,
       CASE WHEN empty THEN NULL WHEN draw(6, i, 9) = 0 THEN 0 ELSE amount(30, i, least(whole, 9), scale) END,
       (ARRAY[2000000, 100000.5, NULL])[1 + draw(7, i, 3)], (ARRAY[6, 20, 50, 7, NULL])[1 + draw(8, i, 5)],
       draw(9, i, 3) = 0, CASE WHEN empty THEN NULL ELSE amount(40, i, whole, scale) - amount(50, i, whole, scale) * 0.5 END,
       CASE WHEN draw(11, i, 9) = 0 THEN NULL ELSE amount(60, i, whole, scale) END, (ARRAY['small', 'large', NULL])[1 + draw(12, i, 3)],
       first + draw(13, i, 900),
       CASE WHEN empty OR draw(14, i, 12) = 0 THEN NULL ELSE amount(70, i, whole, scale) END,
       CASE WHEN empty OR draw(15, i, 15) = 0 THEN NULL WHEN draw(15, i, 15) = 1 THEN 'empty' WHEN draw(15, i, 15) = 2 THEN daterange(first + part * 100, NULL)
            ELSE daterange(first + part * 100 + draw(16, i, 200), first + part * 100 + 201 + draw(17, i, 300)) END,
       CASE WHEN empty THEN NULL ELSE amount(80, i, whole, scale) - amount(90, i, whole, scale) END,
       round(draw(20, i, 60) * 0.5, scale % 3), CASE WHEN empty OR draw(21, i, 10) = 0 THEN NULL ELSE round(draw(22, i, 101) * 0.37, scale % 4) END,
       (first + draw(13, i, 900))::timestamp AT TIME ZONE 'UTC', (first + draw(13, i, 900))::timestamp
FROM generate_series(0, 39) AS grp,
     LATERAL (SELECT (ARRAY[1, 2, 5, 15, 40])[1 + grp % 5] AS accounts, grp % 13 = 12 AS empty, CASE WHEN grp % 8 = 7 THEN 18 ELSE 1 + grp % 8 END AS whole) AS g,
     generate_series(1, accounts) AS n, generate_series(1, 5) AS part,
     LATERAL (SELECT grp * 1000 + n AS account, (grp * 1000 + n) * 10 + part AS i, '2022-07-01'::date + draw(18, grp * 1000 + n, 400) AS first) AS a,
     LATERAL (SELECT CASE WHEN empty OR draw(5, i, 8) = 0 THEN NULL ELSE draw(5, i, 30) END AS manager, CASE WHEN grp % 3 = 0 THEN draw(19, i, 13) ELSE grp % 13 END AS scale) AS x;

-- A value of each type a row, as if stored before.
UPDATE company SET h = made.h, r = made.r, c = made.c, l = made.l, f = made.f, sv = made.sv, hs = made.hs, u = made.u, fs = made.fs
FROM (SELECT i, history_agg(valid, amount, currency) AS h, retention_agg(s, e, was, '[2024-01-01,2024-04-01)', currency) AS r,
             coverage_agg(csm, arr, arr_capacity, account_capacity) AS c, lift_agg(touched, outcome, base, stratum) AS l,
             segment_flow_agg(s, e, was, stratum, csm, '[2024-01-01,2024-04-01)') AS f,
             survival_agg(age, touched, arr) AS sv, health_agg(score, touched, arr) AS hs,
             usage_history_agg(moment, stratum) AS u, funnel_agg(i, moment, stratum, 'small | large > x within 400 days', csm, arr) AS fs
      FROM company GROUP BY i) AS made
WHERE made.i = company.i AND grp % 13 < 12;
UPDATE company SET rs = made.rs, m = made.m
FROM (SELECT i, bridge_agg(h, '2023-01-01', '2024-01-01', '3 months') AS rs, cohort_agg(h, '2022-07-01', '2024-07-01', '3 months') AS m FROM company GROUP BY i) AS made
WHERE made.i = company.i;
ANALYZE company;
