#!/usr/bin/env bash
#
# health_agg and what is drawn from it, against scikit-learn: auc, recall, precision, green churn and
# Brier of 250 random data sets with ties, with few and with many scores, of scores from 0 to 100 and
# likelihoods. Needs Python with scikit-learn (python3-sklearn).
set -euo pipefail
# shellcheck source=prelude.sh
. "$(dirname "${BASH_SOURCE[0]}")/prelude.sh"

# Debian's own Python has Debian's packages, whatever else is first in the path.
python=
for candidate in python3 /usr/bin/python3; do
	if [ -z "$python" ] && "$candidate" -c 'import sklearn' 2>/dev/null; then
		python=$candidate
	fi
done
if [ -z "$python" ]; then
	skip "health scores against scikit-learn" "Python's scikit-learn is missing: python3-sklearn"
	finish
	exit
fi

need_packages test
start_server
sql 'CREATE EXTENSION csm_metrics'

# Odd sets hold scores of up to 100, even ones likelihoods of up to three decimal places.
sql "CREATE FUNCTION draw(seed int, i int, below int) RETURNS int LANGUAGE sql IMMUTABLE
		RETURN ('x' || substr(md5(seed || '/' || i), 1, 7))::bit(28)::int % below;
	CREATE TABLE account AS
	SELECT set, CASE WHEN set % 2 = 1 THEN drawn ELSE round(drawn / 100.0, set % 3 + 1) END::numeric AS score, draw(1, key, 140) > drawn AS churned
	FROM generate_series(1, 250) set, LATERAL (SELECT 4 + draw(2, set, 120) AS n, 2 + draw(3, set, 99) AS scores) s, generate_series(1, n) i,
		LATERAL (SELECT set * 1000 + i AS key) k, LATERAL (SELECT draw(4, key, scores) AS drawn) d"

directory=$SERVER_DIR/sklearn
mkdir "$directory"
sql '\copy account TO STDOUT (FORMAT csv)' >"$directory/account.csv"
cat >"$directory/oracle.py" <<-'PYTHON'
	import csv, sys
	from collections import defaultdict
	from sklearn.metrics import brier_score_loss, precision_score, recall_score, roc_auc_score

	sets = defaultdict(list)
	for number, score, churned in csv.reader(sys.stdin):
	    sets[int(number)].append((float(score), churned == 't'))
	for number, accounts in sets.items():
	    scores = [s for s, _ in accounts]
	    churned = [c for _, c in accounts]
	    say = lambda what, at, value: print(number, what, at, '' if value is None else repr(float(value)), sep=',')
	    one_sided = len(set(churned)) == 1
	    # the larger class of scikit-learn is what has happened: churn, which low scores foretell
	    say('auc', 0, None if one_sided else roc_auc_score(churned, [-s for s in scores]))
	    for at in sorted(set(scores))[::3] + [max(scores) + 1]:
	        flagged = [s < at for s in scores]
	        green = [not f for f in flagged]
	        say('recall', at, recall_score(churned, flagged) if any(churned) else None)
	        say('precision', at, precision_score(churned, flagged) if any(flagged) else None)
	        say('green churn', at, precision_score(churned, green) if any(green) else None)
	    if number % 2 == 0:
	        stayed = [not c for c in churned]
	        brier = brier_score_loss(stayed, scores, pos_label=True)
	        say('brier', 0, brier)
	        same = sum(stayed) / len(stayed)
	        say('brier skill', 0, None if one_sided else 1 - brier / brier_score_loss(stayed, [same] * len(stayed), pos_label=True))
PYTHON
if ! "$python" "$directory/oracle.py" <"$directory/account.csv" >"$directory/answers.csv" 2>"$directory/errors"; then
	fail "scikit-learn has an answer" "$(cat "$directory/errors")"
	finish
	exit
fi
sql 'CREATE TABLE answers (set int, what text, at numeric, value float8)'
sql "\copy answers FROM STDIN (FORMAT csv)" <"$directory/answers.csv"
sql "CREATE TABLE health AS SELECT set, health_agg(score, churned) AS h FROM account GROUP BY set;
	CREATE VIEW compared AS
	SELECT a.set, what, at, value, CASE what WHEN 'auc' THEN auc(h) WHEN 'recall' THEN churn_recall(h, at) WHEN 'precision' THEN churn_precision(h, at) WHEN 'green churn' THEN green_churn(h, at)
		WHEN 'brier' THEN CASE WHEN a.set % 2 = 0 THEN brier(h) END WHEN 'brier skill' THEN CASE WHEN a.set % 2 = 0 THEN brier_skill(h) END END::float8 AS got FROM answers a JOIN health USING (set)"

is "there are 250 data sets" "$(sql 'SELECT count(DISTINCT set) FROM answers')" 250
is "with ties, and some of one side only" "$(sql "SELECT count(*) > 2 * count(DISTINCT (set, score)) AND (SELECT bool_or(value IS NULL) FROM answers WHERE what = 'auc') FROM account")" t
for what in auc recall precision 'green churn' brier 'brier skill'; do
	none "$what, $(sql "SELECT count(*) FROM answers WHERE what = '$what'") times: as scikit-learn has it" \
		"SELECT * FROM compared WHERE what = '$what' AND NOT coalesce(abs(got - value) <= 1e-12 * greatest(1, abs(value)), got IS NULL AND value IS NULL) LIMIT 10"
done
finish
