# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2015 # sourced by all.sh: each file uses the others' variables; pass and fail never fail
# shellcheck shell=bash
# races.sh - names that change while files are opened, and tasks that no policy may stop.

# shellcheck source=vm-tests/cases/spaces.sh
. "$cases/spaces.sh"

storm=$bin/subject-storm
shapes=(exchange plain ancestor ancestors)

prepare_races() {
	mkdir -p /tmp/r/fw "${policy%/*}"
	echo x >/tmp/r/fw/regulatory.db
}

cases_races() { :; }

# races_load TEXT - puts that [open] section in force from here on; $names are the names that the files of all shapes have.
races_load() {
	printf '%s\n' '[policy]' 'version = 1' "mode = $phase" '[list names]' 'file = names.txt' '[open]' "$1" >"$policy"
	daemon_settle
	log_start=$(($(stat -c %s "$log") + 1))
	ctl reload --force >/tmp/reload.out 2>&1 || fail "races: the policy is accepted" "$(tr '\n' ' ' </tmp/reload.out)"
}

# write_names COUNT SHAPE… - the first COUNT names of each shape.
write_names() {
	local shape

	for shape in "${@:2}"; do
		"$storm" "$shape" | head -n "$1" | sed "s,^,/tmp/r/$shape/,"
	done >"${policy%/*}/names.txt"
}

# blow SHAPE OPENS - a storm in a folder of its own; its figures are in `figures`.
blow() {
	rm -rf "/tmp/r/$1"
	read -ra figures < <("$storm" "$1" "$2" "/tmp/r/$1")
}

records() { tail -c "+$log_start" "$log" | grep -cE "$1"; }

# What is no name of the file's is audited, and only that leaves a record.
cases_torn() {
	local shape opens=40000 total=0

	write_names 3 "${shapes[@]}"
	races_load $'default = allow\nallow.quiet = $names\naudit.read = /tmp/r/**\n'
	for shape in "${shapes[@]}"; do
		blow "$shape" $opens
		is "races: $shape: every open passes" "${figures[1]:-}" $opens
		((${figures[4]:-0} > 100)) && pass "races: $shape: renames" || fail "races: $shape: renames" "only ${figures[4]:-0}"
		total=$((total + ${figures[0]:-0}))
		daemon_settle
		is "races: $shape: names that never were" "$(records "\"object\":\"/tmp/r/$shape/")" 0
		printf '# %s: %s opens during %s renames, unresolved: %s\n' "$shape" $opens "${figures[4]:-0}" "$(records '"object":"unresolved:"')"
		log_start=$(($(stat -c %s "$log") + 1))
	done
	((total >= 100000)) && pass "races: opens" || fail "races: opens" "only $total"
	# The same with a name left out: what the cases above look for would be seen.
	write_names 1 "${shapes[@]}"
	ctl reload --force >/dev/null
	blow exchange 2000
	daemon_settle
	(($(records '"object":"/tmp/r/exchange/b+"') > 0)) && pass "races: a name out of the list is seen" ||
		fail "races: a name out of the list is seen" "no record"
}

# Both names are denied: no moment of a rename lets the file through. A folder may be renamed where the same rules cover
# all that lies in it under both names.
cases_slips() {
	local shape opens=20000

	write_names 3 exchange plain
	races_load $'default = allow\nlog = none\ndeny.read.quiet = $names\ndeny.read.quiet = /tmp/r/ancestor{,s}/**/leaf'
	for shape in "${shapes[@]}"; do
		blow "$shape" $opens
		is "races: $shape, denied: opens that slip through" "${figures[1]:-}" 0
		is "races: $shape, denied: refusals" "${figures[2]:-}" $opens
		((${figures[4]:-0} > 100)) && pass "races: $shape, denied: renames" || fail "races: $shape, denied: renames" "only ${figures[4]:-0}"
	done
	races_load $'default = allow\ndeny.read = $names\n'
	blow exchange 3000
	daemon_settle
	is "races: refused objects that are no name of the file" \
		"$(tail -c "+$log_start" "$log" | grep '"verdict":"deny"' | grep -cvE '"object":"(/tmp/r/exchange/(a{200}|b{230})|unresolved:)"')" 0
	(($(records '"object":"/tmp/r/exchange/') > 1000)) && pass "races: refusals are recorded" || fail "races: refusals are recorded" "too few"
}

# A worker of the kernel's reads a file by its path, which the policy allows nobody.
cases_kernel_thread() {
	local before after firmware=/sys/module/firmware_class/parameters/path

	printf /tmp/r/fw >$firmware
	read_status
	before=${status[counters.kernel_threads]}
	dmesg -C
	races_load "$(allowlist)"
	is "races: allowlist: the file is denied" "$("$o" r /tmp/r/fw/regulatory.db)" EPERM
	modprobe cfg80211
	for ((i = 0; i < 100; i++)); do
		dmesg | grep -q 'regulatory.db' && break
		sleep 0.1
	done
	dmesg | grep -q 'loaded regulatory.db is malformed' && pass "races: allowlist: a kernel thread reads it" ||
		fail "races: allowlist: a kernel thread reads it" "$(dmesg | tail -n 6 | tr '\n' ' ')"
	read_status
	after=${status[counters.kernel_threads]}
	((after > before)) && pass "races: kernel threads are counted" || fail "races: kernel threads are counted" "$before, then $after"
	printf '' >$firmware
}

# What this script needs, and nothing of what the daemon reads to do its work.
allowlist() {
	printf '%s\n' 'default = deny' 'allow = /{usr,dev,lib,run,sys}/**' "allow = $checkout/**" 'allow = /tmp/*' \
		'allow = /proc/modules' 'allow = /proc/cmdline' 'allow = /etc/{ld.so.cache,modprobe.d/,modprobe.d/**}' 'allow = anon:' "allow.write = $policy"
}

cases_own() {
	local own

	races_load "$(allowlist)"
	is "races: allowlist: the policy can't be read" "$("$o" r "$policy")" EPERM
	is "races: allowlist: mountinfo can't be read" "$("$o" r /proc/self/mountinfo)" EPERM
	ctl reload --force >/tmp/reload.out 2>&1
	is "races: allowlist: the daemon reloads" $? 0
	read_status
	own=${status[counters.own]:-}
	is "races: allowlist: the daemon answers" "${own:+yes}" yes
	((own > 0)) && pass "races: the daemon's own opens are counted" || fail "races: the daemon's own opens are counted" "$own"
	# The next group's policy is written and read by this script.
	races_load 'default = allow'
}

after_races() {
	cases_torn
	if can_enforce; then
		cases_slips
		cases_kernel_thread
		cases_own
	fi
	account "races: accounting" "under a flood of denials losses are counted, not absent"
}
