# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2015,SC2016 # sourced by all.sh: each file uses the others' variables; pass and fail never fail
# shellcheck shell=bash
# joins.sh - policyctl run, attach and ps: who gets into a family, who may, and that nobody leaves.

prepare_joins() {
	mkdir -p /tmp/j/other /etc/portcullis
	echo x >/tmp/j/not
	echo x >/tmp/j/other-not
	cp "$bin/subject-open" "$busybox" /tmp/j/other/
	chmod -R a+rX /tmp/j
	daemon_config $'[run box]\nuser = 65534\ngroup = 12345'
}

cases_joins() { :; }

joins_policy() {
	own_policy "mode = enforce
[profile box]
[open box]
deny = /tmp/j/not
$1
[profile other]
exe = /tmp/j/other/*
[open other]
deny = /tmp/j/other-not
[profile solo]
scope = process
user = 65530"
}

# joins_refused NAME WHY COMMAND… - it is, with those words.
joins_refused() {
	local name=$1 why=$2 code=0

	shift 2
	"$@" >/tmp/j/out 2>&1 || code=$?
	is "$name: exit code" $code 1
	grep -qF -- "$why" /tmp/j/out && pass "$name: it says why" || fail "$name: it says why" "$(</tmp/j/out)"
}

after_joins() {
	can_enforce || { daemon_config; return 0; }
	joins_policy
	joins_run
	joins_may
	joins_attach
	joins_storm
	joins_ps
	daemon_config
}

joins_run() {
	local run=(ctl run --profile box --) open="$o r /tmp/j/not"

	is "outside" "$($open)" OK
	is "run: the profile's denial" "$("${run[@]}" $open)" EPERM
	is "run: what it starts" "$("${run[@]}" "$busybox" sh -c "( $busybox setsid $open & ) ; wait; sleep 1")" EPERM
	is "run: a program of another family" "$("${run[@]}" /tmp/j/other/subject-open r /tmp/j/other-not)" OK
	is "run: the command's exit code" "$("${run[@]}" "$busybox" sh -c 'exit 37'; echo $?)" 37
	is "run: no such command" "$("${run[@]}" nosuchcommand 2>/dev/null; echo $?)" 127
	joins_refused "run in its own family" 'a family is not left' "${run[@]}" "$bin/policyctl" --socket $socket run --profile box -- "$o" r /tmp/j/not
	joins_refused "run in a family" 'is in the family of profile' "${run[@]}" "$bin/policyctl" --socket $socket run --profile other -- "$o" r /tmp/j/not
	joins_refused "run in a family by exe" "family of profile 'other'" /tmp/j/other/busybox sh -c "$bin/policyctl --socket $socket run --profile box -- $o r /tmp/j/not"
	joins_refused "run: a profile that is not there" "has no profile 'bix'; did you mean 'box'?" ctl run --profile bix -- "$o" r /tmp/j/not
	joins_refused "run: of process scope" 'only a family can be joined' ctl run --profile solo -- "$o" r /tmp/j/not
}

# Who may: by portcullisd.conf, which a reload reads again.
joins_may() {
	local run=("$bin/policyctl" --socket $socket run --profile box -- "$o" r /tmp/j/not)

	is "may: the user that is named" "$(as 65534 1 "${run[@]}")" EPERM
	is "may: a group that is named" "$(as 65533 1,12345 "${run[@]}")" EPERM
	is "may: another user" "$(as 65533 1 "${run[@]}" >/dev/null 2>&1; echo $?)" 2
	joins_refused "may: another profile" "may not run commands in profile 'other'" \
		as 65534 1 "$bin/policyctl" --socket $socket run --profile other -- "$o" r /tmp/j/not
	joins_refused "may: attach" 'only root may put a running process' as 65534 1 "$bin/policyctl" --socket $socket attach --profile box --pid $$
	joins_refused "may: the status" 'permission denied' as 65534 1 "$bin/policyctl" --socket $socket status
	daemon_config $'[run box]\nuser = 65533\nuzer = 1'
	joins_refused "a reload with a mistake in portcullisd.conf" "portcullisd.conf:3: error: unknown key 'uzer' in [run box]; did you mean 'user'?" ctl reload
	is "may: it stays as it was" "$(as 65534 1 "${run[@]}")" EPERM
	daemon_config $'[run box]\nuser = 65533'
	joins_policy
	is "may: no longer" "$(as 65534 1 "${run[@]}" >/dev/null 2>&1; echo $?)" 2
	is "may: now" "$(as 65533 1 "${run[@]}")" EPERM
}

# joins_ask LINE… - lets each of the shells that wait for a line run it.
joins_ask() {
	local i line

	: >/tmp/j/answers
	for i in a b c; do echo "$1" >"/tmp/j/in.$i"; done
	for ((i = 0; i < 300; i++)); do
		(($(wc -l </tmp/j/answers) == 3)) && break
		sleep 0.1
	done
	answers=$(sort /tmp/j/answers | tr '\n' ' ')
}

# A process, its child and that one's child, and a process with threads.
joins_attach() {
	local open="$o r /tmp/j/not" loop='while :; do read -r line </tmp/j/in.$0 || exit; $line >>/tmp/j/answers; done' first threads
	local script='
import os, sys, threading
def ask():
    while True:
        with open(sys.argv[1]) as f: f.readline()
        try:
            open("/tmp/j/not").close(); word = "OK"
        except PermissionError: word = "EPERM"
        open("/tmp/j/answers", "a").write(word + "\n")
threading.Thread(target=ask).start()
print("READY", flush=True)
threading.Event().wait()'

	rm -f /tmp/j/in.*
	for i in a b c; do mkfifo /tmp/j/in.$i; done
	"$busybox" sh -c "($busybox sh -c '$busybox sh -c '\''$loop'\'' c & $loop' b) & $loop" a &
	first=$!
	joins_ask "$open"
	is "attach: before" "$answers" "OK OK OK "
	is "attach: it is told" "$(ctl attach --profile box --pid $first)" "process $first and what it has started are in profile box"
	joins_ask "$open"
	is "attach: it, its child, and that one's" "$answers" "EPERM EPERM EPERM "
	is "attach: once more" "$(ctl attach --profile box --pid $first)" "process $first is in profile box already"
	joins_refused "attach: into another" 'a family is not left' ctl attach --profile other --pid $first
	is "attach: it is listed" "$(ctl ps --json | grep -c '"profile":"box"')" 3
	kill $(ctl ps --json | sed 's/.*"pid":\([0-9]*\).*/\1/')
	wait $first 2>/dev/null
	python3 -c "$script" /tmp/j/in.a >/tmp/j/threads &
	threads=$!
	await_ready /tmp/j/threads
	: >/tmp/j/answers
	is "attach: a process with threads" "$(ctl attach --profile box --pid $threads >/dev/null; echo $?)" 0
	echo >/tmp/j/in.a
	for ((i = 0; i < 100; i++)); do [[ -s /tmp/j/answers ]] && break; sleep 0.1; done
	is "attach: another thread of it" "$(</tmp/j/answers)" EPERM
	joins_refused "attach: a thread" 'there is no process' ctl attach --profile box --pid "$(ls /proc/$threads/task | sort -n | tail -n 1)"
	joins_refused "attach: a kernel thread" 'there is no process' ctl attach --profile box --pid 2
	joins_refused "attach: the first process" 'that is what the host-wide rules are for' ctl attach --profile box --pid 1
	joins_refused "attach: nobody" 'there is no process' ctl attach --profile box --pid 4000000
	kill $threads
	wait $threads 2>/dev/null
}

# While the process forks without end, each time with much to copy: no child that asks after the word was given passes.
joins_storm() {
	local storm script='
import mmap, os, sys
keep = [mmap.mmap(-1, 4096, prot=mmap.PROT_READ if i % 2 else mmap.PROT_READ | mmap.PROT_WRITE) for i in range(30000)]
print("READY", flush=True)
refused = 0
while refused < 3:
    child = os.fork()
    if child == 0:
        word = os.path.exists("/tmp/j/word")
        try:
            open("/tmp/j/not").close()
            os._exit(2 if word else 0)
        except PermissionError:
            os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    refused += code == 1
    if code == 2:
        print("ESCAPED", flush=True)
        sys.exit()
print("NONE", flush=True)'

	for round in 1 2 3; do
		rm -f /tmp/j/word /tmp/j/storm
		python3 -c "$script" >/tmp/j/storm 2>&1 &
		storm=$!
		await_ready /tmp/j/storm
		ctl attach --profile box --pid $storm >/dev/null
		: >/tmp/j/word
		wait $storm
		is "a storm of forks, $round: none escapes" "$(tail -n 1 /tmp/j/storm)" NONE
	done
}

joins_ps() {
	local got before

	ctl run --profile box -- "$busybox" sh -c "$busybox sleep 100 & $busybox setsid $busybox sleep 100 & echo READY; wait" >/tmp/j/ready &
	await_ready /tmp/j/ready
	sleep 1
	got=$(ctl ps | $busybox awk 'NR == 1 || $1 == "box" { $2 = "-"; print }')
	is "ps: a tree" "$got" "PROFILE - USER COMMAND
box - root busybox
box - root ├─ busybox
box - root └─ busybox"
	before=$(wc -l </tmp/daemon.out)
	own_policy "mode = enforce
[profile boxes]
[open boxes]
deny = /tmp/j/not"
	tail -n +$((before + 1)) /tmp/daemon.out | grep -q 'no \[profile box\] any more: .* 3 processes' && pass "a profile is taken away: it is told" ||
		fail "a profile is taken away: it is told" "$(tail -n 3 /tmp/daemon.out)"
	kill $(ctl ps --json | sed 's/.*"pid":\([0-9]*\).*/\1/')
	wait $! 2>/dev/null
}
