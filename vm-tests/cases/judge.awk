# SPDX-License-Identifier: GPL-2.0-only
# judge.awk - after json.awk: compares the records of a phase with the lines of `expect`, which come first (their file is
# the first); prints each one's name, a tab, and what is wrong with it.
BEGIN { FS = "\t" }

FNR == NR {
	expected[++expectations] = $0
	next
}

{
	flatten($0, record)
	n = ++count
	verdict[n] = record["verdict"]
	rule[n] = record["rule"]
	access[n] = record["access"]
	comm[n] = record["comm"]
	pid[n] = record["pid"]
	repeats[n] = "repeats" in record ? record["repeats"] : 1
	add(record["hook"] " " record["object"], n)
	add(record["hook"] " *", n)
}

function add(key, n) { of[key] = of[key] " " n }

function is_by(pattern, n) {
	gsub(/PID/, pid[n], pattern)
	return pattern == "" || comm[n] ~ "^(" pattern ")$"
}

# NAME HOOK VERDICT OBJECT RULE ACCESS COUNT COMM
function what_is_wrong(line,    field, numbers, i, n, total, seen, right, wrong) {
	split(line, field, "\t")
	total = split(of[field[2] " " field[4]], numbers, " ")
	for (i = 1; i <= total; i++) {
		n = numbers[i]
		if (!is_by(field[8], n) || (field[6] != "" && access[n] != field[6]))
			continue
		seen += repeats[n]
		if (verdict[n] == field[3] && (field[5] == "" || rule[n] == field[5]))
			right++
		else if (!wrong)
			wrong = n
	}
	if (field[7] != "" && field[7] != seen + 0)
		return (seen + 0) " records of " field[2] " " field[4] " " field[6] ", not " field[7]
	if (field[7] == "0" || (right && (field[7] == "" || !wrong)))
		return ""
	if (wrong)
		return "record of " field[4] " is " verdict[wrong] " by " rule[wrong] " for " access[wrong] \
			", not " field[3] " by " field[5]
	return "no record of " field[2] " " field[4] " " field[6]
}

END {
	for (i = 1; i <= expectations; i++)
		print substr(expected[i], 1, index(expected[i], "\t") - 1) "\t" what_is_wrong(expected[i])
}
