# Reads a CSV of subscriptions or of snapshots: finds the columns by the names in the
# header, checks every line, and prints what load_csv.sql loads:
#
#   line \001 account \001 start \001 end \001 amount \001 segment \001 currency \001 manager
#
# A snapshot has its date as the start and no end. Says on standard error which columns it
# took, or what is wrong: each reason once, with its first lines and how many there are.
# Ends with status 1 then. Bytes, not characters: run it with LC_ALL=C, and without the
# bytes \000 to \002 in the file. Needs nothing that mawk, gawk, busybox or macOS lack.
#
# Variables: file, its name; check=1: prints no lines, but "subscriptions" or the date of
# the last snapshot, and "month" where the name of the amount says that it is of a month;
# quiet=1: does not say which columns, somebody has checked before.

BEGIN {
	OFS = "\001"
	known["account"] = "account account_id accountid customer customer_id customerid client client_id company company_id " \
		"organization organization_id org_id tenant tenant_id workspace_id user_id userid account_name customer_name company_name"
	known["start"] = "start_date start starts starts_at started_at start_at startdate valid_from from_date from effective_from " \
		"subscription_start subscription_start_date contract_start contract_start_date begin_date begin activated_at"
	known["end"] = "end_date end ends ends_at ended_at end_at enddate valid_to to_date to effective_to valid_until until " \
		"subscription_end subscription_end_date contract_end contract_end_date expires_at expiry_date"
	known["date"] = "date month at snapshot_date as_of as_of_date period day month_start order_date order_ts invoice_date"
	known["amount"] = "amount mrr mrr_amount mrr_usd monthly_recurring_revenue monthly_amount arr arr_amount arr_usd " \
		"annual_recurring_revenue acv revenue amount_usd price value"
	known["segment"] = "segment plan plan_tier plan_name tier product size industry region country"
	known["currency"] = "currency currency_code currency_iso currency_iso_code iso_currency iso_currency_code"
	known["manager"] = "csm csm_name csm_email customer_success_manager success_manager account_manager manager account_owner owner owner_name"
	split("account start end date amount segment currency manager", kinds, " ")
	# what UTF-8 can be, of more than one byte
	utf8 = "[\302-\337][\200-\277]|\340[\240-\277][\200-\277]|[\341-\354\356\357][\200-\277][\200-\277]|" \
		"\355[\200-\237][\200-\277]|\360[\220-\277][\200-\277][\200-\277]|[\361-\363][\200-\277][\200-\277][\200-\277]|" \
		"\364[\200-\217][\200-\277][\200-\277]"
	split("31 28 31 30 31 30 31 31 30 31 30 31", days_of, " ")
}

# -------------------------------------------------------------------- messages

function with_commas(n) {
	n = n ""
	while (match(n, /[0-9][0-9][0-9][0-9]($|,)/))
		n = substr(n, 1, RSTART) "," substr(n, RSTART + 1)
	return n
}

# A reason counts under its kind; its first lines are shown.
function bad(kind, reason) {
	if (!(kind in bad_count))
		bad_kinds[++bad_kind_count] = kind
	if (++bad_count[kind] <= 3)
		bad_lines[kind] = bad_lines[kind] "line " record_line ": " reason ": " shown(record) "\n"
	bad_total++
}

# At most 100 bytes of a line, and no half of a character.
function shown(text) {
	gsub(/\n/, " ", text)
	if (length(text) <= 100)
		return text
	text = substr(text, 1, 100)
	sub(/[\300-\377]?[\200-\277]*$/, "", text)
	return text " ..."
}

function give_up(message) {
	print message > "/dev/stderr"
	failed = 1
	exit 1
}

# ---------------------------------------------------------------------- fields

function trim(text) {
	gsub(/^[ \t\n]+|[ \t\n]+$/, "", text)
	return text
}

# Splits a record into f[]; returns how many there are, or -1 where the quotes do not match.
function fields_of(text,    n, quoted, rest, at) {
	if (index(text, "\"") == 0) {
		n = split(text, f, separator)
		return n == 0 ? 1 : n
	}
	n = 0
	for (;;) {
		if (separator != "\t")
			sub(/^[ \t]+/, "", text)
		if (substr(text, 1, 1) == "\"") {
			quoted = ""
			rest = substr(text, 2)
			for (;;) {
				at = index(rest, "\"")
				if (at == 0)
					return -1
				quoted = quoted substr(rest, 1, at - 1)
				rest = substr(rest, at + 1)
				if (substr(rest, 1, 1) != "\"")
					break
				quoted = quoted "\""
				rest = substr(rest, 2)
			}
			f[++n] = quoted
			sub(/^[ ]+/, "", rest)
			if (rest == "")
				return n
			if (substr(rest, 1, 1) != separator)
				return -1
			text = substr(rest, 2)
		} else {
			at = index(text, separator)
			f[++n] = at == 0 ? text : substr(text, 1, at - 1)
			if (index(f[n], "\"") > 0)
				return -1
			if (at == 0)
				return n
			text = substr(text, at + 1)
		}
	}
}

# A date as 2024-12-31, also where midnight stands after it; "" and a reason if it is none.
function day_of(name, value,    day, month, last) {
	day = value
	# midnight, and where somebody wrote it, in UTC
	sub(/[T ]00:00(:00([.]0+)?)?(Z| ?UTC|[+-]00(:?00)?)?$/, "", day)
	if (day !~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]$/) {
		if (day == "")
			bad(name " empty", name " is empty")
		else if (tolower(day) ~ /^[+-]?inf/)
			bad(name " infinite", name " is infinite; only an open end may be, and is left empty")
		else if (day ~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9][T ][0-9][0-9]:/)
			bad(name " time", name " \"" value "\" has a time of day: write the day alone, as it is in the time zone of the company")
		else
			bad(name " no date", name " \"" value "\" is not a date like 2024-12-31")
		return ""
	}
	month = substr(day, 6, 2) + 0
	last = days_of[month]
	if (month == 2 && substr(day, 1, 4) % 4 == 0 && (substr(day, 1, 4) % 100 != 0 || substr(day, 1, 4) % 400 == 0))
		last = 29
	if (month < 1 || month > 12 || day < "0001") {
		bad(name " no date", name " \"" value "\" is not a date like 2024-12-31")
		return ""
	}
	if (substr(day, 9, 2) + 0 < 1 || substr(day, 9, 2) + 0 > last + 0) {
		bad(name " no day", name " \"" value "\" is a day that does not exist")
		return ""
	}
	return day
}

# True for an amount that can be loaded; says why otherwise.
function amount_is_good(value,    digits, point) {
	if (value ~ /^[+]?([0-9]+([.][0-9]*)?|[.][0-9]+)$/) {
		digits = value
		sub(/^[+]/, "", digits)
		point = index(digits, ".")
		if ((point ? point - 1 : length(digits)) <= 20 && (!point || length(digits) - point <= 10))
			return 1
		bad("amount digits", "amount has more than 20 digits, or 10 after the point")
	} else if (value == "")
		bad("amount empty", "amount is empty")
	else if (tolower(value) ~ /^[+-]?nan$/)
		bad("amount NaN", "amount is NaN")
	else if (tolower(value) ~ /^[+-]?inf/)
		bad("amount infinite", "amount is infinite")
	else if (value ~ /^-[0-9.]+$/)
		bad("amount negative", "amount " value " is negative")
	else
		bad("amount no number", "amount \"" value "\" is not a number like 1234.56")
	return 0
}

# ---------------------------------------------------------------------- header

# The one of , ; and tab that the line has most of, outside of quotes.
function find_separator(text,    commas, semicolons, tabs) {
	gsub(/"[^"]*"/, "", text)
	commas = gsub(/,/, ",", text)
	semicolons = gsub(/;/, ";", text)
	tabs = gsub(/\t/, "\t", text)
	separator = ","
	if (semicolons > commas)
		separator = ";"
	if (tabs > commas && tabs > semicolons)
		separator = "\t"
}

# "Start Date" and "start-date" are start_date.
function plain_name(text) {
	text = tolower(trim(text))
	gsub(/[^a-z0-9]+/, "_", text)
	gsub(/^_+|_+$/, "", text)
	return text
}

# Sets column[kind], the first of the kind's names that the header has, and others[kind].
function find_columns(n,    i, k, kind, names, count, place) {
	for (i = 1; i <= n; i++) {
		title[i] = trim(f[i])
		place = plain_name(f[i])
		if (place != "" && !(place in at_place))
			at_place[place] = i
		else if (place != "")
			twice[place] = 1
	}
	for (k = 1; k in kinds; k++) {
		kind = kinds[k]
		count = split(known[kind], names, " ")
		for (i = 1; i <= count; i++) {
			if (!(names[i] in at_place))
				continue
			if (!(kind in column)) {
				column[kind] = at_place[names[i]]
				if (names[i] in twice)
					give_up("line " record_line ": the header has two columns " title[column[kind]] ": rename one of them")
			} else
				others[kind] = others[kind] (others[kind] == "" ? "" : ", ") title[at_place[names[i]]]
		}
	}
}

# A line is a header when it names a column, or has no field that starts as a date or number does.
function is_header(n,    i) {
	if ("account" in column || "start" in column || "amount" in column)
		return 1
	for (i = 1; i <= n; i++)
		if (trim(f[i]) ~ /^[+-]?[.]?[0-9]/)
			return 0
	return 1
}

function all_titles(n,    i, text) {
	for (i = 1; i <= n; i++)
		text = text (i > 1 ? ", " : "") title[i]
	return shown(text)
}

function need_column(kind, n, names) {
	if (kind in column)
		return
	names = known[kind]
	gsub(/ /, ", ", names)
	give_up("line " record_line ": the header has no column for the " kind "; it has: " all_titles(n) "\n" \
		"    A column for the " kind " is called one of: " names ". Rename it in the first line of the file." \
		(kind == "end" ? "\n    If nothing has ended yet, add an empty one." : ""))
}

function took(kind, text) {
	return kind " from \"" title[column[kind]] "\"" (others[kind] == "" ? "" : " (not " others[kind] ")")
}

function say_columns(    name) {
	if (quiet)
		return
	name = separator == "," ? "commas" : separator == ";" ? "semicolons" : "tabs"
	print "Reading " file ", separated by " name ", as " (snapshots ? "monthly snapshots" : "subscriptions") ": " \
		took("account") ", " (snapshots ? took("date") : took("start") ", " took("end")) ", " took("amount") \
		("segment" in column ? ", " took("segment") : "") ("currency" in column ? ", " took("currency") : "") \
		("manager" in column ? ", " took("manager") : "") "." > "/dev/stderr"
}

# Which columns there are, from the first line; true when that line was a header.
function start(n) {
	find_columns(n)
	if (is_header(n)) {
		snapshots = !("start" in column) && !("end" in column) && ("date" in column)
		need_column("account", n)
		if (!snapshots) {
			need_column("start", n)
			need_column("end", n)
		}
		need_column("amount", n)
		width = n
		say_columns()
		least = column["account"]
		if (column["amount"] > least)
			least = column["amount"]
		if (!snapshots && column["start"] > least)
			least = column["start"]
		if (!snapshots && column["end"] > least)
			least = column["end"]
		if (snapshots && column["date"] > least)
			least = column["date"]
		return 1
	}
	if (n != 4 && n != 5)
		give_up("line " record_line ": the file has no header and " n " column" (n == 1 ? "" : "s") \
			": without a header they are account,start_date,end_date,amount[,segment]")
	column["account"] = 1
	column["start"] = 2
	column["end"] = 3
	column["amount"] = 4
	column["segment"] = 5
	width = 5
	least = 4
	return 0
}

# ----------------------------------------------------------------------- lines

function field(kind) { return column[kind] <= here ? trim(f[column[kind]]) : "" }

function is_null(value) { return value == "" || value == "NULL" || value == "null" || value == "\\N" }

# Checks one line and prints it.
function take(n,    account, first, last, amount, segment, currency, manager) {
	here = n
	if (n < least || n > width) {
		bad("columns", "it has " n " column" (n == 1 ? "" : "s") " instead of " (least < width ? least " to " : "") width)
		return
	}
	account = field("account")
	if (account == "") {
		bad("account empty", "account is empty")
		return
	}
	first = field(snapshots ? "date" : "start")
	first = day_of(snapshots ? "date" : "start_date", first)
	if (first == "")
		return
	last = ""
	if (!snapshots && !is_null(field("end"))) {
		last = day_of("end_date", field("end"))
		if (last == "")
			return
	}
	amount = field("amount")
	if (!amount_is_good(amount))
		return
	segment = "segment" in column ? field("segment") : ""
	if (segment == "NULL" || segment == "\\N")
		segment = ""
	currency = "currency" in column ? toupper(field("currency")) : ""
	if (is_null(currency))
		currency = ""
	gsub(/\n/, " ", account)
	gsub(/\n/, " ", segment)
	gsub(/\n/, " ", currency)
	manager = "manager" in column ? field("manager") : ""
	if (is_null(manager))
		manager = ""
	gsub(/\n/, " ", manager)
	rows++
	if (first > latest)
		latest = first
	if (!check)
		print record_line, account, first, last, amount, segment, currency, manager
}

# A record is whole: one line, or more where a quoted field has line ends in it.
function record_is_whole(    n, rest) {
	if (record ~ /^[ \t\n]*$/)
		return
	if (record ~ /[\200-\377]/) {
		rest = record
		gsub(utf8, "", rest)
		if (rest ~ /[\200-\377]/) {
			bad("UTF-8", "not UTF-8 text")
			return
		}
	}
	if (separator == "")
		find_separator(record)
	n = fields_of(record)
	if (n < 0) {
		bad("quotes", "the quotes do not match")
		return
	}
	if (!started) {
		started = 1
		if (start(n))
			return
	}
	take(n)
}

{
	sub(/\r$/, "")
	gsub(/\r/, " ")
	if (NR == 1)
		sub(/^\357\273\277/, "")
	if (open_lines == 0) {
		record = $0
		record_line = NR
		quotes = 0
	} else
		record = record "\n" $0
	if (index($0, "\""))
		quotes += gsub(/"/, "\"", $0)
	if (quotes % 2 == 0 || ++open_lines > 200) {
		open_lines = 0
		record_is_whole()
	}
}

END {
	if (failed)
		exit 1
	if (open_lines > 0)
		record_is_whole()
	for (i = 1; i <= bad_kind_count; i++) {
		kind = bad_kinds[i]
		printf "%s", bad_lines[kind] > "/dev/stderr"
		if (bad_count[kind] > 3)
			print "... and " with_commas(bad_count[kind] - 3) " more lines of that kind" > "/dev/stderr"
	}
	if (bad_total > 0) {
		print with_commas(bad_total) " bad line" (bad_total == 1 ? "" : "s") ": nothing was loaded" > "/dev/stderr"
		exit 1
	}
	if (rows == 0) {
		print "there are no lines to load" > "/dev/stderr"
		exit 1
	}
	if (check)
		print (snapshots ? latest : "subscriptions") (plain_name(title[column["amount"]]) ~ /^(mrr|monthly)/ ? " month" : "")
}
