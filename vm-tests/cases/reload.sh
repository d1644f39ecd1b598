# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2015 # sourced by all.sh: each file uses the others' variables; pass and fail never fail
# shellcheck shell=bash
# reload.sh - swapping policies: what changes, what doesn't, and that nobody slips through.


write_policy() {
	printf '[policy]\nversion = 1\nmode = enforce\n[open]\n%s\n' "$2" >"$1"
}

generation() {
	read_status
	echo "${status[policy.generation]}"
}

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
	for ((i = 0; i < 50; i++)); do [[ $(generation) != "$before" ]] && break; sleep 0.1; done
	is "reload: SIGHUP does it too" "$("$o" r /tmp/n/swap-a)" EPERM
}

under_kvm() { grep -q kvm-clock /sys/devices/system/clocksource/clocksource0/available_clocksource; }

# Both policies deny the canary, by rules and states of their own. Without records: the swaps are what is wanted.
cases_hammer() {
	local tries slips refused ms reloads=${HAMMER_RELOADS:-$(under_kvm && echo 2000 || echo 200)}

	echo x >/tmp/n/canary
	write_policy "$policy" 'deny.quiet = /tmp/n/canary'
	write_policy "$policy.other" $'deny.quiet = /tmp/n/[a-m]*\nallow = /tmp/n/[b]*\nallow = /tmp/n/x*/**'
	ctl reload >/tmp/reload.out 2>&1 && pass "reload hammer: accepted" || fail "reload hammer: accepted" "$(</tmp/reload.out)"
	is "reload hammer: refused before the first swap" "$("$o" r /tmp/n/canary)" EPERM
	# A swap waits until no program runs that may have seen the old policy: not for the next tick, here.
	echo 1 >/sys/kernel/rcu_expedited
	read -r tries slips refused ms < <("$bin/subject-hammer" "$socket" $reloads $((10 * reloads)) 0 "$policy" "$policy.other" /tmp/n/canary)
	echo 0 >/sys/kernel/rcu_expedited
	is "reload hammer: slips" "$slips" 0
	is "reload hammer: refused reloads" "$refused" 0
	((tries >= 10 * reloads)) && pass "reload hammer: tries" || fail "reload hammer: tries" "only $tries"
	echo "# $kernel: $tries tries during $reloads reloads in $ms ms"
}

# Two policies that answer for a and b the other way round, by other lines and other states: GENERATION OBJECT VERDICT
# LINE of each record tells which one decided.
cases_mixing() {
	local tries slips refused ms start records

	echo x >/tmp/n/mix-a
	echo x >/tmp/n/mix-b
	write_policy "$policy" $'deny = /tmp/n/mix-a\nallow.log = /tmp/n/mix-b'
	write_policy "$policy.other" $'deny = /tmp/[!m-n]*/**\nallow = /**/mix-*/**\nallow.log = /tmp/n/mix-a\ndeny = /tmp/n/mix-b'
	ctl reload >/tmp/reload.out 2>&1
	start=$(($(stat -c %s "$log") + 1))
	read -r tries slips refused ms < <("$bin/subject-hammer" "$socket" 44 20400 50 "$policy" "$policy.other" /tmp/n/mix-a /tmp/n/mix-b)
	is "mixing: refused reloads" "$refused" 0
	daemon_settle
	tail -c "+$start" "$log" | LC_ALL=C awk -F '"' '
		{
			for (i = 2; i < NF; i++)
				if ($i ~ /^(object|verdict|rule|generation)$/ && $(i + 1) == ":")
					value[$i] = $(i + 2)
			if (sub("^/tmp/n/mix-", "", value["object"]))
				print value["generation"], value["object"], value["verdict"], value["rule"]
		}' >/tmp/mixing
	records=$(wc -l </tmp/mixing)
	((records >= 20000)) && pass "mixing: records" || fail "mixing: records" "only $records of $tries tries"
	echo "# $kernel: $records records of $tries tries in $ms ms"
	awk -v policy="$policy" '
		BEGIN {
			first["a deny " policy ":5"] = first["b allow " policy ":6"] = 1
			second["a allow " policy ":7"] = second["b deny " policy ":8"] = 1
		}
		{
			what = $2 " " $3 " " $4
			which = what in first ? 1 : what in second ? 2 : 0
			seen[which, $2]++
			if (!which || ($1 in of && of[$1] != which))
				mixed = mixed " " $1 " " what
			of[$1] = which
		}
		END {
			for (id in of)
				generations[of[id]]++
			enough = generations[1] >= 20 && generations[2] >= 20
			for (i = 1; i <= 2; i++)
				enough = enough && seen[i, "a"] > 0 && seen[i, "b"] > 0
			printf "%s\n%s\n", substr(mixed, 1, 300), enough ? "" : "generations " generations[1] + 0 " and " generations[2] + 0
		}' /tmp/mixing >/tmp/mixing.judged
	is "mixing: no record of one policy and the other" "$(sed -n 1p /tmp/mixing.judged)" ''
	is "mixing: both policies decided about both files" "$(sed -n 2p /tmp/mixing.judged)" ''
}

# The image is larger than what the programs were loaded for: other programs take over, with all that was counted.
cases_outgrow() {
	local before decided code

	write_policy "$policy" 'deny = /tmp/n/swap-a'
	ctl reload >/tmp/reload.out 2>&1
	daemon_settle
	before=${status[counters.open.deny.decided]}
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
	decided=${status[counters.open.deny.decided]}
	((decided > before)) && pass "outgrow: counters go on" || fail "outgrow: counters go on" "$decided after $before"
	is "outgrow: the new programs' records are taken" \
		"$(tail -n 1 "$log" | json status | grep -E '^(object|verdict) ' | sort | tr '\n' ' ')" 'object /tmp/n/swap-b verdict deny '
	write_policy "$policy" 'deny = /tmp/n/swap-a'
	ctl reload >/tmp/reload.out 2>&1
	is "outgrow: back to the small policy" "$("$o" r /tmp/n/swap-b)$("$o" r /tmp/n/swap-a)" OKEPERM
}

prepare_reload() { mkdir -p /tmp/n; }

cases_reload() { :; }

after_reload() {
	can_enforce || return
	cases_swap
	cases_mixing
	cases_hammer
	cases_outgrow
	account "accounting after the reloads" "under a flood of denials losses are counted, not absent"
}
