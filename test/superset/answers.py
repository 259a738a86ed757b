# What the charts were given, as lines: view, key, column, value. python3 answers.py FILE
import datetime
import json
import re
import sys

KEYS = ("day", "bar", "since", "age", "step", "csm", "segment")
DAYS = ("day", "reported_until", "histories_until")


def text(column, value):
    if column in DAYS:
        return datetime.datetime.fromtimestamp(value / 1000, datetime.timezone.utc).isoformat()[:19].replace("T00:00:00", "")
    if isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool)):
        return "%.10f" % value
    return str(value).lower()


lines = set()
for line in open(sys.argv[1]):
    for result in json.loads(line)["result"]:
        view = re.search(r"FROM bi\.(\w+)", result["query"]).group(1)
        for row in result["data"]:
            key = " ".join(str(row[k]) if k not in DAYS else text(k, row[k]) for k in KEYS if k in row)
            lines |= {"|".join((view, key, c, text(c, v))) for c, v in row.items() if c not in KEYS and c not in ("rank", "last_day") and v is not None}
print("\n".join(sorted(lines)))
