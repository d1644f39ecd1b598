# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2015 # sourced by all.sh: each file uses the others' variables; pass and fail never fail
# shellcheck shell=bash
# pressure.sh - 200 threads on one CPU, half of them SCHED_IDLE: no buffer runs out, no record waits, nobody slips.
#
# Where a program can't switch preemption off (6.1), buffers may run out under full preemption: then the strictest
# verdict counts, and each of these look-ups.


prepare_pressure() {
	mkdir -p /tmp/n/p
	for name in deny-file okay-file fresh; do
		echo x >/tmp/n/p/$name
	done
	cp "$bin/subject-ok" /tmp/n/p/deny-program
	cp "$bin/subject-ok" /tmp/n/p/okay-program
}

# The counters that a pressure moves, as words: trouble, refusals decided.
pressure_counters() {
	daemon_settle
	echo "${status[troubles.no_scratch]} $((status[counters.$1.deny.decided] + status[counters.$1.audit.decided]))"
}

# pressure HOOK COUNT DENIED ALLOWED
pressure() {
	local hook=$1 count=$2 words tries slips others_tries refused others troubles=0 decided=0 troubles_after decided_after

	[[ $phase == control ]] || read -r troubles decided < <(pressure_counters "$hook")
	words=$("$bin/subject-pressure" "$@")
	read -r tries slips others_tries refused others <<<"$words"
	[[ $words =~ ^[0-9]+\ [0-9]+\ [0-9]+\ [0-9]+\ 0$ ]] || { fail "$phase: pressure on $hook" "$words" && return; }
	((tries + others_tries >= count)) && pass "$phase: pressure on $hook: tries" ||
		fail "$phase: pressure on $hook: tries" "$tries and $others_tries in 120 s, not $count"
	if [[ $phase != enforce ]]; then
		is "$phase: pressure on $hook: nobody is refused" "$((tries - slips + refused))" 0
	else
		is "$phase: pressure on $hook: slips" "$slips" 0
	fi
	[[ $phase != control ]] || return
	read -r troubles_after decided_after < <(pressure_counters "$hook")
	troubles=$((troubles_after - troubles))
	decided=$((decided_after - decided - tries))
	echo "# $kernel $phase: $hook: $tries tries of the denied, $others_tries of the allowed; $troubles without a buffer"
	if [[ $kernel == 6.1 || $kernel == 6.1-* ]]; then
		# Of the tries without a buffer those of the allowed are the ones that the strictest verdict shows in.
		((decided >= 0 && decided <= troubles)) && pass "$phase: pressure on $hook: without a buffer the strictest verdict counts" ||
			fail "$phase: pressure on $hook: without a buffer the strictest verdict counts" "$decided more denials than tries; $troubles troubles"
	else
		is "$phase: pressure on $hook: each has a buffer" "$troubles $decided $refused" "0 0 0"
	fi
}

# Nobody's records keep another's from the log.
cases_fresh() {
	local start

	start=$(($(stat -c %s "$log") + 1))
	"$o" r /tmp/n/p/fresh >/dev/null
	for ((i = 0; i < 20; i++)); do
		tail -c "+$start" "$log" | grep -q '"object":"/tmp/n/p/fresh"' && break
		sleep 0.1
	done
	((i < 20)) && pass "$phase: after the pressure a denial is logged at once" ||
		fail "$phase: after the pressure a denial is logged at once" "not within 2 s"
}

cases_pressure() {
	local n=200000

	case $kernel-$phase in
	*-control) n=2000 ;;
	6.1-full-*) ;;
	*-audit) return ;;
	esac
	pressure open $n /tmp/n/p/deny-file /tmp/n/p/okay-file
	[[ $phase == control ]] || cases_fresh
	[[ $phase != enforce ]] || pressure exec 1000 /tmp/n/p/deny-program /tmp/n/p/okay-program
	pressure connect $((n / 4)) 127.0.0.3 127.0.0.5
}

after_pressure() {
	account "accounting after the pressure" "under a flood of denials losses are counted, not absent"
}
