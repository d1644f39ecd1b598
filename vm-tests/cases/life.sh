# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2015 # sourced by all.sh: each file uses the others' variables; pass and fail never fail
# shellcheck shell=bash
# life.sh - a second daemon, one that is killed, a kernel that can't enforce, hooks that are switched off.


prepare_life() {
	mkdir -p /tmp/n
	echo x >/tmp/n/life-file
}

cases_life() {
	try "life: denied" open deny /tmp/n/life-file 'deny = /tmp/n/life-*' -- "$o" r /tmp/n/life-file
}

# start_refused NAME CODE TEXT ARG… - a daemon that doesn't start, and says why.
start_refused() {
	local name=$1 code=$2 text=$3 out got
	shift 3
	out=$(timeout 60 "$bin/portcullisd" --policy "$policy" "$@" 2>&1)
	got=$?
	is "$name" $got "$code"
	[[ $out == *"$text"* ]] && pass "$name: says why" || fail "$name: says why" "$out"
}

# A kernel that can't enforce is told at the start and at each reload, with the remedy, and nothing changes.
cases_no_enforce() {
	local out before remedy='preemption: full; remedy: boot with preempt=voluntary'

	read_status
	before=${status[policy.generation]}
	policy_write life enforce
	out=$(ctl reload 2>&1)
	is "a reload into enforce mode is refused" $? 2
	[[ $out == *"$remedy"* ]] && pass "a reload into enforce mode is refused with the remedy" ||
		fail "a reload into enforce mode is refused with the remedy" "$out"
	read_status
	is "a refused reload changes nothing" "${status[policy.generation]} ${status[mode.effective.open]}" "$before audit"
	is "a refused reload refuses nobody" "$("$o" r /tmp/n/life-file)" OK
	start_refused "no start in enforce mode" 2 "$remedy" --socket /run/another.sock
	policy_write life audit
}

# While ftrace is off no program runs, and nobody is refused: the status must tell.
cases_ftrace() {
	local off

	# Linux 7.3 and later refuse it while programs hang on ftrace.
	if ! sysctl -qw kernel.ftrace_enabled=0 2>/dev/null; then
		is "kernel.ftrace_enabled=0 is refused: hooks run" "$("$o" r /tmp/n/life-file)" EPERM
		return
	fi
	sleep 1.1
	off=$("$o" r /tmp/n/life-file)
	ctl status >/tmp/status.out 2>&1
	is "kernel.ftrace_enabled=0 is told by the status" $? 1
	grep -q 'NOT LIVE' /tmp/status.out && pass "kernel.ftrace_enabled=0: hooks not live" ||
		fail "kernel.ftrace_enabled=0: hooks not live" "$(tr '\n' ' ' </tmp/status.out)"
	sysctl -qw kernel.ftrace_enabled=1
	sleep 1.1
	ctl status >/tmp/status.out 2>&1
	is "kernel.ftrace_enabled=1 brings the hooks back" $? 0
	echo "# $kernel: while kernel.ftrace_enabled is 0 a denied open is $off"
}

# Without pins what was enforced ends with the daemon; the next one starts as if nothing had been.
cases_killed() {
	kill -KILL "$daemon"
	wait "$daemon" 2>/dev/null
	is "killed: nobody is refused" "$("$o" r /tmp/n/life-file)" OK
	daemon_start || return
	pass "killed: the next daemon starts"
	is "killed: the next daemon refuses as the mode says" "$("$o" r /tmp/n/life-file)" "$refused"
	is "killed: the next daemon is asked" "$(ctl status >/dev/null 2>&1; echo $?)" 0
}

after_life() {
	local refused=OK

	! can_enforce || refused=EPERM
	is "life: refused as the mode says" "$("$o" r /tmp/n/life-file)" $refused
	start_refused "a second daemon" 1 "portcullisd is already running with pid $daemon, which holds $socket.lock" \
		--socket "$socket"
	can_enforce || cases_no_enforce
	cases_ftrace
	cases_killed
}
