# SPDX-License-Identifier: GPL-2.0-only
# table.awk - figures (WHERE WHAT VALUE) as tables: a row an operation, a column a configuration; what it adds to none.
{
	split($2, what, ":")
	value[$1, what[1], what[2]] = $3
	if ($1 != "host")
		kernels[$1] = 1
}

function row(kernel, op, n,    i, text, none) {
	none = value[kernel, "none", op]
	text = sprintf("%-12s %8s", op, none)
	for (i = 1; i <= n; i++)
		text = text ((kernel, shown[i], op) in value ? sprintf(" %+7d", value[kernel, shown[i], op] - none) : sprintf(" %7s", "-"))
	print text
}

# table(COLUMNS, first and second line of the head, how the second begins, ROWS) - of the kernels for which there is one.
function table(columns, firsts, seconds, what, rows,    n, ops, op, head, below, kernel, i) {
	n = split(columns, shown, " ")
	split(firsts, head, " ")
	split(seconds, below, " ")
	ops = split(rows, op, " ")
	for (kernel in kernels) {
		for (i = 1; i <= n && !((kernel, shown[i], op[1]) in value); i++)
			;
		if (i > n)
			continue
		printf "%-12s %8s", "Linux " kernel, "no LSM"
		for (i = 1; i <= n; i++)
			printf " %7s", head[i]
		printf "\n%-12s %8s", what, ""
		for (i = 1; i <= n; i++)
			printf " %7s", below[i] == "." ? "" : below[i]
		printf "\n"
		for (i = 1; i <= ops; i++)
			row(kernel, op[i], n)
		printf "\n"
	}
}

END {
	table("empty d_path landlock-100 apparmor-10 apparmor-1000 rules-10 rules-1000 rules-10000 rules-100000 networks-100000 logged-1000",
	      "empty d_path landl. apparm. apparm. ours ours ours ours ours ours",
	      ". . 100 10 1,000 10 1,000 10,000 100,000 CIDRs logged", "rules",
	      "open-warm open-first open-again open-long open-deep open-lone open-denied connect-udp connect-new connect-ip6 connect-tcp sendto mmap-exec spawn")
	table("unaware outside-0 outside-1 outside-64 inside-1 inside-64",
	      "unaware outside outside outside inside inside", ". 0 1 64 1 64", "profiles",
	      "open-warm open-first open-again open-denied connect-udp connect-new connect-ip6 spawn")
	for (key in value) {
		split(key, part, SUBSEP)
		if (part[1] == "host" || part[2] ~ /^daemon$|^load$|snoop$|^tcpconnect$|^by-rule-1000$/ || part[3] ~ /^hammer/)
			printf "%-7s %-14s %-20s %14.0f\n", part[1], part[2], part[3], value[key] | "sort"
	}
}
