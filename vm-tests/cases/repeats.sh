#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2034,SC2154,SC2015 # lib.sh reads and sets variables; pass and fail never fail
# repeats.sh KERNEL - inside the VM: decisions that repeat are told once in a window and counted exactly, rules count
# their hits, and a reader that stands still costs records, each of them counted, but nobody else's first.
kernel=$1
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
cases=$checkout/vm-tests/cases
. "$cases/lib.sh"
mkdir -p "${policy%/*}"
window=3

# put_policy [LINE] - one line more at its end.
put_policy() {
	cat >"$policy" <<-E
		[policy]
		version = 1
		mode = enforce
		[exec]
		deny = /tmp/r/prog
		[open]
		deny = /tmp/r/denied
		deny = /tmp/r/hammered
		audit = /tmp/r/watched
		allow.log = /tmp/r/logged
		allow = /tmp/r/plain
		allow = /tmp/r/idle
		deny.write = /tmp/r/flood/**
		deny.quiet = /tmp/r/quiet
		[connect]
		deny = 10.0.0.0/8
		$1
	E
	read_lines
}

repeats_prepare() {
	local name

	mkdir -p /tmp/r/flood
	chmod 1777 /tmp/r /tmp/r/flood
	for name in denied hammered watched logged plain idle quiet; do echo x >/tmp/r/$name; done
	cp "$bin/subject-ok" /tmp/r/prog
	cp "$busybox" /tmp/r/busybox
	put_policy ''
	daemon_config '' ${window}s
}

# read_here TIMES FILE - by this shell, which is one program.
read_here() {
	local i

	for ((i = 0; i < $1; i++)); do read -r _ <"$2"; done 2>/dev/null
}

# told OBJECT [PROGRAM] - how often it was decided about as far as the log tells: "LINES DECISIONS".
told() {
	grep -F "\"object\":\"$1\"" "$log" | grep -F "\"exe\":\"${2:-}" | awk '
		{ n = match($0, /"repeats":[0-9]+/) ? substr($0, RSTART + 10, RLENGTH - 10) : 1; lines++; sum += n }
		END { print lines + 0, sum + 0 }'
}

# hits TEXT - of the rule with that text.
hits() {
	ctl rules --json | grep -F "\"text\":\"$1\"" | sed 's/.*"hits":\([0-9]*\).*/\1/'
}

windows_end() { sleep $((window + 1)); }

repeats_told() {
	local name

	read_here 20 /tmp/r/denied
	read_here 20 /tmp/r/watched
	read_here 20 /tmp/r/logged
	for i in 1 2 3 4 5 6; do "$o" r /tmp/r/denied >/dev/null; done
	for i in 1 2 3 4 5; do "$x" /tmp/r/prog >/dev/null; done
	for i in 1 2 3 4; do "$c" tcp 10.1.2.3 80 >/dev/null; done
	"$c" tcp 10.1.2.3 81 >/dev/null
	for i in 1 2 3; do : >/tmp/r/flood/one; done 2>/dev/null
	daemon_settle
	is "the first is told at once" "$(told /tmp/r/denied /usr/bin/bash)" "1 1"
	windows_end
	is "those that follow are told in one line" "$(told /tmp/r/denied /usr/bin/bash)" "2 20"
	is "what would be denied" "$(told /tmp/r/watched)" "2 20"
	is "what is logged though it is allowed" "$(told /tmp/r/logged)" "2 20"
	is "another program is told for itself" "$(told /tmp/r/denied "$bin/subject-open")" "2 6"
	is "an exec" "$(told /tmp/r/prog)" "2 5"
	is "a connect" "$(told '10.1.2.3 port 80 tcp')" "2 4"
	is "another port is told for itself" "$(told '10.1.2.3 port 81 tcp')" "1 1"
	is "a name that is to be made" "$(told /tmp/r/flood/one)" "2 3"
	windows_end
	read_here 1 /tmp/r/denied
	daemon_settle
	is "after a window without any the next is told at once" "$(told /tmp/r/denied /usr/bin/bash)" "3 21"
	for name in /tmp/r/denied /tmp/r/watched /tmp/r/logged; do
		is "no two records of $name have one number" "$(grep -F "\"object\":\"$name\"" "$log" | grep -o '"seq":[0-9]*' | sort | uniq -d)" ''
	done
}

# What was renamed is not what was recorded, and a file of that name is.
repeats_names() {
	read_here 3 /tmp/r/denied
	mv /tmp/r/watched /tmp/r/other
	is "a file that has another name now is judged by that" "$(read -r word </tmp/r/other && echo "$word")" x
	mv /tmp/r/other /tmp/r/watched
	cp /tmp/r/plain /tmp/r/tmp
	is "another file may not take the name" "$(mv /tmp/r/tmp /tmp/r/flood/tmp 2>/dev/null || echo refused)" refused
}

repeats_hits() {
	local before plain

	before=$(hits "deny = /tmp/r/denied")
	plain=$(hits "allow = /tmp/r/plain")
	read_here 7 /tmp/r/plain
	read_here 5 /tmp/r/quiet
	read_here 4 /tmp/r/denied
	is "hits: plain allows, remembered ones too" "$(hits "allow = /tmp/r/plain")" $((plain + 7))
	is "hits: quiet denials" "$(hits "deny.quiet = /tmp/r/quiet")" 5
	is "hits: denials, told or counted" "$(hits "deny = /tmp/r/denied")" $((before + 4))
	is "hits: of a connect" "$(hits "deny = 10.0.0.0/8")" 5
	is "hits: of an exec" "$(hits "deny = /tmp/r/prog")" 5
	is "hits: none" "$(hits "allow = /tmp/r/idle")" 0
	[[ $(ctl rules --unused) == *"allow = /tmp/r/idle"* ]] && pass "hits: what was never needed" || fail "hits: what was never needed" "$(ctl rules --unused)"
	is "hits: what was needed is not among it" "$(ctl rules --unused | grep -c 'r/plain')" 0
	put_policy "deny = 11.0.0.0/8"
	ctl reload >/tmp/reload.out 2>&1
	read_here 2 /tmp/r/plain
	is "hits: they outlive a reload" "$(hits "allow = /tmp/r/plain")" $((plain + 9))
}

repeats_last_hit() {
	local last now

	sleep 3
	read_here 1 /tmp/r/plain
	now=$(date +%s)
	last=$(ctl rules --json | grep -F '"text":"allow = /tmp/r/plain"' | sed 's/.*"last":"\([^"]*\)".*/\1/')
	last=$(date -d "$last" +%s)
	((now - last <= 2 && last - now <= 1)) && pass "hits: the last one was just now" || fail "hits: the last one was just now" "$((now - last)) s ago"
}

# Four processes, while the policy is swapped: each try is refused, and told or counted, and none twice. One that is killed
# in the middle of a try has not counted it.
repeats_storm() {
	local before decided line tries slips failed ms coalesced

	sed "s/^audit = .*/audit = \/tmp\/r\/none/" "$policy" >"$policy.other"
	read_status
	before=${status[counters.open.deny.decided]}
	line=$("$bin/subject-hammer" "$socket" 20 20000 100 "$policy" "$policy.other" /tmp/r/hammered 2>/tmp/hammer.err)
	read -r tries slips failed ms <<<"$line"
	is "storm: every open is refused" "$slips $failed" "0 0"
	windows_end
	windows_end
	daemon_settle
	decided=$((${status[counters.open.deny.decided]} - before))
	is "storm: all are told" "$(told /tmp/r/hammered | awk '{ print $2 }')" "$decided"
	is "storm: all are hits of their rule" "$(hits "deny = /tmp/r/hammered")" "$decided"
	((decided >= tries && decided <= tries + 4)) && pass "storm: the decisions are theirs" || fail "storm: the decisions are theirs" "$decided for $tries tries"
	coalesced=${status[counters.open.deny.coalesced]}
	((coalesced > tries / 2)) && pass "storm: most are counted" || fail "storm: most are counted" "$coalesced of $tries"
	echo "# $kernel: $tries tries in $ms ms, in $(told /tmp/r/hammered | awk '{ print $1 }') lines"
	is_balanced && pass "storm: the accounts balance" || fail "storm: the accounts balance" "$(ctl status | grep open)"
	# Either of the two may have been the last.
	put_policy "deny = 11.0.0.0/8"
	ctl reload >/tmp/reload.out 2>&1
}

# The reader stands still under full load: a user's denials can't keep another's from being recorded.
repeats_frozen() {
	local before lost flooders=() path tries user start=$SECONDS

	daemon_settle
	for path in "${!status[@]}"; do status_before[$path]=${status[$path]}; done
	log_start=$(wc -l <"$log")
	kill -STOP "$daemon"
	for user in 1000 1001; do
		# shellcheck disable=SC2016 # the other shell's
		setpriv --reuid $user --clear-groups /tmp/r/busybox sh -c 'i=0 slips=0; end=$(($(date +%s) + 10))
			while [ $((i % 100)) != 0 ] || [ "$(date +%s)" -lt $end ]; do
				true >/tmp/r/flood/$0-$i && slips=$((slips + 1))
				i=$((i + 1))
			done 2>/dev/null
			echo $i $slips >/tmp/r/flooded-$0' $user &
		flooders+=($!)
	done
	sleep 9
	setpriv --reuid 2000 --clear-groups "$o" r /tmp/r/denied >/tmp/r/other
	wait "${flooders[@]}"
	kill -CONT "$daemon"
	is "frozen: who asks once is refused" "$(cat /tmp/r/other)" EPERM
	cat /tmp/r/flooded-{1000,1001} >/tmp/r/flooded
	tries=$(awk '{ sum += $1 } END { print sum }' /tmp/r/flooded)
	is "frozen: no denial is missed" "$(awk '{ sum += $2 } END { print sum }' /tmp/r/flooded)" 0
	windows_end
	daemon_settle
	lost=$((${status[counters.open.deny.lost]} - ${status_before[counters.open.deny.lost]}))
	((lost > 0)) && pass "frozen: some records are lost" || fail "frozen: some records are lost" "of $tries none"
	is "frozen: each decision is recorded, counted or lost" \
		"$((${status[counters.open.deny.decided]} - ${status_before[counters.open.deny.decided]}))" $((tries + 1))
	is "frozen: what is told and what is lost is all" "$(tail -n +$((log_start + 1)) "$log" | grep '"verdict":"deny"' | awk '
		{ n += match($0, /"repeats":[0-9]+/) ? substr($0, RSTART + 10, RLENGTH - 10) : 1 } END { print n }')" \
		$((tries + 1 - lost))
	is "frozen: another user's one denial is recorded" \
		"$(tail -n +$((log_start + 1)) "$log" | grep -F '"object":"/tmp/r/denied"' | grep -c '"uid":2000')" 1
	is_balanced && pass "frozen: the accounts balance" || fail "frozen: the accounts balance" "$(ctl status | grep open)"
	before=$(told /tmp/r/watched)
	read_here 1 /tmp/r/watched
	daemon_settle
	is "frozen: it goes on by itself" "$(told /tmp/r/watched)" "$((${before% *} + 1)) $((${before#* } + 1))"
	echo "# $kernel: $tries denials in $((SECONDS - start)) s before a reader that stood still, $lost lost"
}

repeats_end() {
	read_here 5 /tmp/r/logged
	daemon_stop
	# What was counted last is told at the end.
	is "at the end all is told" "$(tail -n 1 /tmp/daemon.out | grep -c 'do not balance')" 0
	grep -q '"object":"/tmp/r/logged".*"repeats":4' "$log" && pass "at the end: the last line" || fail "at the end: the last line" "$(tail -n 1 "$log" | cut -c1-100)"
}

repeats_prepare
if daemon_start; then
	repeats_told
	repeats_names
	repeats_hits
	repeats_last_hit
	repeats_storm
	repeats_frozen
	repeats_end
fi
printf 'closing %d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
