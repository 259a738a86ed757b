#!/usr/bin/env bash
#
# survival_agg and what is drawn from it, against R's package survival: curves, counts, three kinds
# of interval, medians with their intervals, restricted means and log-rank tests of 240 random data
# sets with ties, ages of 0, late entry and weights. Needs R with that package (r-cran-survival).
set -euo pipefail
# shellcheck source=prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"

if ! command -v Rscript >/dev/null || ! Rscript -e 'library(survival)' >/dev/null 2>&1; then
	skip "life tables against R" "R or its package survival is missing: r-cran-survival"
	finish
	exit
fi

need_packages test
start_server
sql 'CREATE EXTENSION csm_metrics'

# Sets 1 to 120: seen from the start, in two to four groups. To 180: late entry, two groups. To 240: weights.
sql "CREATE FUNCTION draw(seed int, i int, below int) RETURNS int LANGUAGE sql IMMUTABLE
		RETURN ('x' || substr(md5(seed || '/' || i), 1, 7))::bit(28)::int % below;
	CREATE TABLE account AS
	SELECT set, i, 1 + draw(1, key, groups) AS grp, f, f + CASE WHEN f > 0 OR set > 180 THEN 1 ELSE 0 END + draw(2, key, ages) * unit AS t,
		draw(3, key, 100) < churn AS churned, CASE WHEN set > 180 THEN 1 + draw(4, key, 500) ELSE 1 END AS w
	FROM generate_series(1, 240) set, LATERAL (SELECT 6 + draw(5, set, 60) AS n, 3 + draw(6, set, 40) AS ages, 20 + draw(7, set, 70) AS churn,
			CASE WHEN draw(8, set, 2) = 0 THEN 1 ELSE 0.5 END AS unit, CASE WHEN set <= 120 THEN 2 + set % 3 ELSE 2 END AS groups) s,
		generate_series(1, n) i, LATERAL (SELECT set * 1000 + i AS key) k,
		LATERAL (SELECT CASE WHEN set > 120 AND set <= 180 AND draw(9, key, 3) > 0 THEN draw(10, key, 10) ELSE 0 END AS f) e;
	UPDATE account SET t = f + 1 WHERE t <= f AND set > 120 AND set <= 180"
# a group that is empty would have another number in R
sql "DELETE FROM account WHERE set IN (SELECT set FROM account GROUP BY set HAVING count(DISTINCT grp) < 2)"

directory=$SERVER_DIR/r
mkdir "$directory"
sql '\copy account TO STDOUT (FORMAT csv, HEADER)' >"$directory/account.csv"
cat >"$directory/oracle.R" <<-'R'
	library(survival)
	options(digits = 17)
	d <- read.csv(file("stdin"))
	d$churned <- d$churned == "t"
	say <- function(set, what, at, value)
	  if (length(value) > 0) cat(paste(set, what, at, ifelse(is.na(value), "", sprintf("%.15g", value)), sep = ","), sep = "\n")
	# ages where a curve comes down to one half, or none; the intervals of medians pass over ages without an interval
	first <- function(time, curve) { hit <- which(!is.na(curve) & round(curve, 10) <= 0.5); if (length(hit)) time[hit[1]] else NA }
	for (n in unique(d$set)) {
	  x <- d[d$set == n, ]
	  late <- n > 120 && n <= 180
	  weighted <- n > 180
	  s <- if (late) Surv(x$f, x$t, x$churned) else Surv(x$t, x$churned)
	  fit <- if (weighted) survfit(s ~ 1, weights = x$w, id = x$i, robust = TRUE) else survfit(s ~ 1)
	  m <- summary(fit, times = fit$time)
	  say(n, "survival", m$time, m$surv)
	  if (!weighted) {
	    say(n, "at_risk", m$time, m$n.risk)
	    say(n, "churned", m$time, m$n.event)
	  }
	  # the standard error of the logarithm
	  se <- m$std.err / m$surv
	  churn <- x$churned
	  q <- if (weighted) sapply(m$time, function(t) { w <- x$w[churn & x$t <= t]; qt(0.95, max(1, sum(w)^2 / sum(w^2))) }) else qnorm(0.95)
	  known <- m$surv > 1e-15 & m$surv < 1 - 1e-15 & se > 0
	  clamp <- function(v) ifelse(known, pmin(1, pmax(0, v)), NA)
	  low <- clamp(m$surv ^ exp(-q * se / log(m$surv)))
	  high <- clamp(m$surv ^ exp(q * se / log(m$surv)))
	  say(n, "log-log low", m$time, low)
	  say(n, "log-log high", m$time, high)
	  say(n, "log low", m$time, clamp(m$surv * exp(-q * se)))
	  say(n, "log high", m$time, clamp(m$surv * exp(q * se)))
	  say(n, "plain low", m$time, clamp(m$surv - q * se * m$surv))
	  say(n, "plain high", m$time, clamp(m$surv + q * se * m$surv))
	  say(n, "median", 0, first(m$time, m$surv))
	  say(n, "median low", 0, first(m$time, low))
	  say(n, "median high", 0, first(m$time, high))
	  if (!weighted) {
	    tau <- max(x$t) * 0.75
	    r <- survival:::survmean(fit, rmean = tau)$matrix
	    say(n, "mean", tau, r["rmean"])
	    say(n, "mean se", tau, r["se(rmean)"])
	    g <- factor(x$grp)
	    if (late) {
	      # survdiff refuses late entry; the score test of the exact partial likelihood is the same test
	      c <- suppressWarnings(coxph(s ~ g, ties = "exact", iter.max = 0))
	      say(n, "chi square", 0, c$score)
	    } else {
	      t <- survdiff(s ~ g)
	      kept <- t$exp > 0
	      say(n, "chi square", 0, t$chisq)
	      say(n, "degrees", 0, sum(kept) - 1)
	      say(n, "p value", 0, pchisq(t$chisq, sum(kept) - 1, lower.tail = FALSE))
	      say(n, "expected 1", 0, t$exp[1])
	    }
	  }
	}
R
if ! Rscript "$directory/oracle.R" <"$directory/account.csv" >"$directory/answers.csv" 2>"$directory/errors"; then
	fail "R has an answer" "$(cat "$directory/errors")"
	finish
	exit
fi
sql 'CREATE TABLE r (set int, what text, at numeric, value float8)'
sql "\copy r FROM STDIN (FORMAT csv)" <"$directory/answers.csv"

sql "CREATE TABLE tables AS SELECT set, survival_agg(t, churned) AS s FROM account WHERE set <= 120 GROUP BY set
		UNION ALL SELECT set, survival_agg(f, t, churned) FROM account WHERE set > 120 AND set <= 180 GROUP BY set UNION ALL SELECT set, survival_agg(f, t, churned, w) FROM account WHERE set > 180 GROUP BY set;
	CREATE TABLE groups AS SELECT set, array_agg(s ORDER BY grp) AS s FROM (SELECT set, grp, survival_agg(t, churned) AS s FROM account WHERE set <= 120 GROUP BY set, grp
		UNION ALL SELECT set, grp, survival_agg(f, t, churned) FROM account WHERE set > 120 AND set <= 180 GROUP BY set, grp) x GROUP BY set;
	CREATE FUNCTION answer(n int, what text, at numeric) RETURNS float8 LANGUAGE sql STABLE AS \$\$
		SELECT CASE
			WHEN what = 'survival' THEN survival(s, at) WHEN what = 'at_risk' THEN (SELECT t.at_risk FROM survival_table(s) t WHERE t.age = at) WHEN what = 'churned' THEN (SELECT t.churned FROM survival_table(s) t WHERE t.age = at)
			WHEN what ~ '^(log-log|log|plain) low' THEN lower(survival_interval(s, at, 0.9, split_part(what, ' ', 1))) WHEN what ~ '^(log-log|log|plain) high' THEN upper(survival_interval(s, at, 0.9, split_part(what, ' ', 1)))
			WHEN what = 'median' THEN median_lifetime(s) WHEN what = 'median low' THEN lower(median_lifetime_interval(s, 0.9)) WHEN what = 'median high' THEN upper(median_lifetime_interval(s, 0.9))
			WHEN what = 'mean' THEN restricted_mean(s, at) WHEN what = 'chi square' THEN (SELECT chi_square FROM logrank(groups)) WHEN what = 'degrees' THEN (SELECT degrees FROM logrank(groups))
			WHEN what = 'p value' THEN (SELECT p_value::numeric FROM logrank(groups)) WHEN what = 'expected 1' THEN (SELECT expected[1] FROM logrank(groups)) END
		FROM (SELECT s FROM tables WHERE set = n) t LEFT JOIN (SELECT set, s AS groups FROM groups) g ON g.set = n \$\$"

is "there are 240 data sets, or nearly" "$(sql 'SELECT count(DISTINCT set) > 225 FROM r')" t
is "with late entry, weights, ties and ages of 0" "$(sql "SELECT bool_or(f > 0) AND bool_or(w > 1) AND bool_or(t = 0) AND count(*) > 2 * count(DISTINCT (set, t)) FROM account")" t
for what in survival at_risk churned 'log-log low' 'log-log high' 'log low' 'log high' 'plain low' 'plain high' median 'median low' 'median high' mean 'chi square' degrees 'p value' 'expected 1'; do
	none "$what, $(sql "SELECT count(*) FROM r WHERE what = '$what'") times: as R has it" \
		"SELECT * FROM (SELECT set, what, at, value, answer(set, what, at) AS got FROM r WHERE what = '$what') x
		WHERE NOT coalesce(abs(got - value) <= 1e-8 * greatest(1, abs(value)), got IS NULL AND value IS NULL) LIMIT 10"
done
none "mean se: as R has it, where the interval is not cut" \
	"SELECT r.set, v, value FROM r JOIN tables USING (set), LATERAL (SELECT restricted_mean_interval(s, at, 0.9) AS v, restricted_mean(s, at) AS m) x
	WHERE what = 'mean se' AND value > 0 AND (v IS NULL OR upper(v) < at AND abs((upper(v) - m)::float8 - value * 1.6448536269514722) > 1e-8) LIMIT 10"
finish
