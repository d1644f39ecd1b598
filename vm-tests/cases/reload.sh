# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2015 # sourced by all.sh: each file uses the others' variables; pass and fail never fail
# shellcheck shell=bash
# reload.sh - swapping policies: what changes, what doesn't, and that nobody slips through.

write_policy() {
	printf '[policy]\nversion = 1\nmode = enforce\n[open]\n%s\n' "$2" >"$1"
}

generation() { ctl status --json | jq -r .policy.generation; }

cases_swap() {
	local before out

	echo x >/tmp/n/swap-a
	echo x >/tmp/n/swap-b
	write_policy "$policy" 'deny = /tmp/n/swap-a'
	ctl reload >/tmp/reload.out 2>&1
	is "reload: accepted" $? 0
	is "reload: first policy refuses a" "$("$o" r /tmp/n/swap-a)" EPERM
	is "reload: first policy allows b" "$("$o" r /tmp/n/swap-b)" OK
	write_policy "$policy" 'deny = /tmp/n/swap-b'
	ctl reload >/tmp/reload.out 2>&1
	is "reload: second policy allows a" "$("$o" r /tmp/n/swap-a)" OK
	is "reload: second policy refuses b" "$("$o" r /tmp/n/swap-b)" EPERM
	before=$(generation)
	write_policy "$policy" 'denny = /tmp/n/swap-a'
	out=$(ctl reload 2>&1)
	is "reload: a broken policy is refused" $? 1
	[[ $out == *"$policy:5: error:"* ]] && pass "reload: its error names file and line" || fail "reload: its error names file and line" "$out"
	is "reload: the old policy still holds" "$("$o" r /tmp/n/swap-b)$("$o" r /tmp/n/swap-a)" EPERMOK
	is "reload: the generation is the old one" "$(generation)" "$before"
	write_policy "$policy" 'deny = /tmp/n/swap-a'
	kill -HUP "$daemon"
	for ((i = 0; i < 50; i++)); do [[ $(generation) != "$before" ]] && break; done
	is "reload: SIGHUP does it too" "$("$o" r /tmp/n/swap-a)" EPERM
}

cases_hammer() {
	local tries slips refused reloads=50

	echo x >/tmp/n/canary
	write_policy "$policy" 'deny = /tmp/n/canary'
	write_policy "$policy.other" $'deny = /tmp/n/[a-m]*\nallow = /tmp/n/[b]*\nallow = /tmp/n/x*/**'
	ctl reload >/tmp/reload.out 2>&1
	read -r tries slips refused < <("$bin/subject-hammer" /tmp/n/canary "$reloads" "$policy" "$policy.other" \
		"$bin/policyctl" --socket "$socket" reload)
	is "reload hammer: slips" "$slips" 0
	is "reload hammer: refused reloads" "$refused" 0
	((tries > 1000)) && pass "reload hammer: tries" || fail "reload hammer: tries" "only $tries"
	echo "# $tries tries during $reloads reloads"
}

# The image is larger than what the programs were loaded for: other programs take over, with all that was counted.
cases_outgrow() {
	local before decided code

	write_policy "$policy" 'deny = /tmp/n/swap-a'
	ctl reload >/tmp/reload.out 2>&1
	daemon_settle
	before=$(jq .counters.open.deny.decided /tmp/status.json)
	write_policy "$policy" 'deny = /tmp/n/swap-b'
	for ((i = 0; i < 20000; i++)); do echo "deny = /srv/d$((i % 100))/file-$i-name"; done >>"$policy"
	ctl reload >/tmp/reload.out 2>&1
	code=$?
	if [[ $kernel == 6.1 || $kernel == 6.1-* ]]; then
		is "outgrow: refused where the programs can't be loaded again" $code 2
		[[ $(</tmp/reload.out) == *'outgrew the room'*'restart portcullisd'* ]] && pass "outgrow: says what to do" ||
			fail "outgrow: says what to do" "$(</tmp/reload.out)"
		is "outgrow: the old policy still holds" "$("$o" r /tmp/n/swap-a)" EPERM
		return
	fi
	is "outgrow: a policy larger than the room of the first is accepted" $code 0
	is "outgrow: it allows what the one before refused" "$("$o" r /tmp/n/swap-a)" OK
	is "outgrow: it refuses what it denies" "$("$o" r /tmp/n/swap-b)" EPERM
	daemon_settle
	decided=$(jq .counters.open.deny.decided /tmp/status.json)
	((decided > before)) && pass "outgrow: counters go on" || fail "outgrow: counters go on" "$decided after $before"
	is "outgrow: the new programs' records are taken" \
		"$(tail -n 1 "$log" | jq -r '.object + " " + .verdict')" '/tmp/n/swap-b deny'
	write_policy "$policy" 'deny = /tmp/n/swap-a'
	ctl reload >/tmp/reload.out 2>&1
	is "outgrow: back to the small policy" "$("$o" r /tmp/n/swap-b)$("$o" r /tmp/n/swap-a)" OKEPERM
}

prepare_reload() { :; }

cases_reload() { :; }

after_reload() {
	cases_swap
	cases_outgrow
	cases_hammer
	account "accounting after the hammer" "under a flood of denials losses are counted, not absent"
}
