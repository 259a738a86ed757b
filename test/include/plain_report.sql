-- What examples/scheduled_reports.sql stores, beside what plain SQL makes of the raw rows.

-- Day, span and segment with S, E', M, N, accounts lost, revenue won, NDR, GRR and logo churn, of one day, from the raw rows.
CREATE FUNCTION plain_report(day date) RETURNS TABLE (day date, span text, segment text, s numeric, e numeric, m numeric, n bigint, lost bigint, won numeric, ndr numeric, grr numeric, churn numeric)
LANGUAGE sql AS $$
    SELECT $1, span, segment, s, e, m, n, lost, won, round(e / nullif(s, 0), 10), round(m / nullif(s, 0), 10), round(lost / nullif(n, 0)::numeric, 10)
    FROM (SELECT span, CASE WHEN size < 25000 THEN 'small business' WHEN size < 100000 THEN 'mid-market' ELSE 'enterprise' END AS segment,
                 sum(a) AS s, coalesce(sum(z) FILTER (WHERE a > 0), 0) AS e, sum(least(a, z)) AS m, count(*) FILTER (WHERE a > 0) AS n,
                 count(*) FILTER (WHERE a > 0 AND z = 0) AS lost, coalesce(sum(z) FILTER (WHERE a = 0), 0) AS won
          FROM (SELECT span, account_id, a, z, CASE WHEN a > 0 THEN a ELSE z END AS size
                FROM (SELECT span, account_id, coalesce(sum(amount) FILTER (WHERE valid @> before), 0) AS a, coalesce(sum(amount) FILTER (WHERE valid @> $1), 0) AS z
                      FROM subscription, (VALUES ('trailing year', ($1 + 1 - interval '1 year')::date - 1), ('month to date', date_trunc('month', $1::timestamp)::date - 1)) v (span, before)
                      GROUP BY span, account_id) x) y
          WHERE size > 0
          GROUP BY 1, 2) z
$$;

CREATE VIEW stored_report AS
SELECT day, span, label(segment) AS segment, starting(r) AS s, ending_existing(r) AS e, retained(r) AS m, accounts_starting(r) AS n, accounts_churned(r) AS lost,
       new_business(r) + reactivation(r) AS won, round(ndr(r), 10) AS ndr, round(grr(r), 10) AS grr, round(logo_churn(r), 10) AS churn
FROM (SELECT day, span, segment, summary AS r FROM retention_day) x;

-- Lines that only one of the two has: none where the report is right.
CREATE FUNCTION wrong_lines(first_day date, last_day date) RETURNS bigint LANGUAGE sql AS $$
    WITH plain AS (SELECT p.* FROM generate_series(0, $2 - $1) i, plain_report($1 + i) p), stored AS (SELECT * FROM stored_report WHERE day BETWEEN $1 AND $2)
    SELECT count(*) FROM ((TABLE plain EXCEPT ALL TABLE stored) UNION ALL (TABLE stored EXCEPT ALL TABLE plain)) x
$$;

-- Accounts and days of a coarse grid on which the stored history is not what the raw rows add up to.
CREATE FUNCTION wrong_amounts(first_day date, last_day date) RETURNS bigint LANGUAGE sql AS $$
    WITH days AS (SELECT $1 + 13 * i AS day FROM generate_series(0, ($2 - $1) / 13) i),
         raw AS (SELECT day, account_id, sum(amount) AS amount FROM days JOIN subscription ON valid @> day GROUP BY 1, 2),
         stored AS (SELECT day, account_id, amount_at(history, day) AS amount FROM days, account_history)
    SELECT count(*) FROM raw FULL JOIN stored USING (day, account_id) WHERE coalesce(raw.amount, 0) IS DISTINCT FROM coalesce(stored.amount, 0)
$$;
