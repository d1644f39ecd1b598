#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2034,SC2154,SC2015 # lib.sh reads and sets variables; pass and fail never fail
# pins.sh KERNEL - inside the VM: what outlives the daemon. It is killed, and stopped, and started again, also with a policy that
# is wrong, and at each step of what it asks of the kernel, while a file that may not be opened is tried all the time; what was
# recorded in between is told by the next daemon.
kernel=$1
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
cases=$checkout/vm-tests/cases
. "$cases/lib.sh"
. "$cases/guard.sh"
pins=/sys/fs/bpf/portcullis
kept=/tmp/kept.log
mkdir -p "${policy%/*}" /tmp/p
chmod 755 /tmp/p
for name in denied hammered plain held a b c d; do echo x >/tmp/p/$name; done
cp "$busybox" /tmp/p/busybox

pins_policy() {
	cat >"$policy" <<-E
		[policy]
		version = 1
		mode = enforce
		[open]
		deny = /tmp/p/denied
		deny = /tmp/p/hammered
		allow = /tmp/p/plain
		$1
		[profile held]
		exe = /tmp/p/busybox
		[open held]
		deny = /tmp/p/held
	E
}

# As lib.sh's, with pins; what the log has had is kept.
pinned_start() {
	touch "$log"
	cat "$log" >>$kept
	daemon_start
}

# opens COUNT FILE - what these come to, each once.
opens() {
	for ((i = 0; i < $1; i++)); do "$o" r "$2"; done | sort -u | tr '\n' ' '
}

pinned() { cd $pins/live 2>/dev/null && printf '%s\n' * | grep -c "$1"; }

records_of() { cat $kept "$log" | grep -c "\"object\":\"$1\""; }

since_of() { ctl rules --json | grep "\"text\":\"deny = $1\"" | grep -o '"since":"[^"]*"'; }

# One that tries without end what it may not, and now and then what it may: it counts what became of it.
hammer_start() {
	# shellcheck disable=SC2016 # the other shell's
	"$busybox" sh -c 'i=0 slips=0 refused=0
		trap "echo \$i \$slips \$refused >/tmp/hammered; exit" TERM
		while :; do
			{ true </tmp/p/hammered && slips=$((slips + 1)); } 2>/dev/null
			[ $((i % 20)) -gt 0 ] || /usr/bin/true || refused=$((refused + 1))
			i=$((i + 1))
		done' &
	hammer=$!
}

hammer_end() {
	local tries slips refused

	kill $hammer
	wait $hammer
	read -r tries slips refused </tmp/hammered
	is "$1: no try slips" "$slips" 0
	is "$1: what is allowed goes on" "$refused" 0
	((tries > 100)) && pass "$1: tries were made" || fail "$1: tries were made" "$tries"
}

pins_killed() {
	local before since

	is "pins: links and maps" "$(pinned "^on_") $(pinned "^stub") $(pinned "denials\|passes\|counters")" "$(ctl status --json | grep -o "on_[a-z_0-9]*" | wc -l) $(pinned "^stub") 3"
	is "before" "$(opens 3 /tmp/p/denied)" "EPERM "
	/tmp/p/busybox sh -c 'read -r go; read -r x </tmp/p/held && echo OK || echo EPERM' </tmp/fifo >/tmp/held.out 2>/tmp/held.err &
	held=$!
	exec 5>/tmp/fifo
	daemon_settle
	before=$(records_of /tmp/p/denied)
	since=$(since_of /tmp/p/denied)
	"$busybox" sleep 1
	# Hits are those of all policies that had the rule.
	is "a reload of the same" "$(ctl reload >/tmp/out 2>&1; echo $?)" 0
	folder=$(stat -c %i $pins/live)
	hammer_start
	kill -KILL "$daemon"
	wait "$daemon"
	is "killed: it refuses" "$(opens 5 /tmp/p/denied)" "EPERM "
	is "killed: it allows" "$(opens 2 /tmp/p/plain)" "OK "
	is "killed: status says that the policy goes on" "$(ctl status 2>&1 >/tmp/out | grep -c "goes on by its last policy"; ctl status >/tmp/out 2>&1; echo $?)" "1
2"
	pinned_start || return
	hammer_end "killed, and started again"
	is "the next daemon: it refuses" "$(opens 2 /tmp/p/denied)" "EPERM "
	daemon_settle
	is "the next daemon tells what was recorded in between" "$(records_of /tmp/p/denied)" $((before + 7))
	[[ ${status[counters.open.deny.decided]} -ge $((before + 7)) ]] && pass "it counts on from there" ||
		fail "it counts on from there" "${status[counters.open.deny.decided]} after $before"
	is_balanced && pass "its accounts balance" || fail "its accounts balance" "$(ctl status | grep open)"
	is "nothing was denied for want of a stub" "${status[troubles.stub]:-0}" 0
	echo go >&5
	exec 5>&-
	wait $held
	is "a task stays in its profile" "$(cat /tmp/held.out)" EPERM
	is "nothing is left of the one before" "$(ls $pins)" live
	is "it goes on with the programs that are there" "$(stat -c %i $pins/live)" "$folder"
	is "what was recorded in between has its rule" "$(cat $kept "$log" | grep '"object":"/tmp/p/denied"' | grep -vc '"rule":"/etc/portcullis/policy.ini:5"')" 0
	is "and its program" "$(cat $kept "$log" | grep '"object":"/tmp/p/denied"' | grep -vc '"exe":')" 0
	hits=$(ctl rules --json | grep -o '"text":"deny = /tmp/p/denied","hits":[0-9]*')
	is "hits are counted on" "${hits##*:} $(since_of /tmp/p/denied)" "$(records_of /tmp/p/denied) $since"
	is "the log says that it took over" "$(grep -c 'took over from an earlier daemon' /tmp/daemon.out)" 1
}

# A mode that was forced stays so; a hook that lost its pin is attached anew, with all others.
pins_kept() {
	ctl mode audit >/tmp/out
	kill -KILL "$daemon"
	wait "$daemon"
	is "killed in forced audit: it stays" "$(opens 2 /tmp/p/denied)" "OK "
	rm $pins/live/on_inode_mkdir
	pinned_start || return
	is "started: forced audit stays" "$(opens 2 /tmp/p/denied)" "OK "
	is "and is told" "$(grep -c 'audit mode is still forced' /tmp/daemon.out)" 1
	is "without a pin, all are loaded anew" "$(pinned '^on_inode_mkdir') $([[ $(stat -c %i $pins/live) == "$folder" ]] || echo anew)" "1 anew"
	ctl mode policy >/tmp/out
	is "forced audit ends" "$(opens 2 /tmp/p/denied)" "EPERM "
	is "all hooks are live" "$(ctl status | grep '^hooks ')" "hooks       live"
}

# A start that fails changes nothing.
pins_wrong() {
	hammer_start
	kill -KILL "$daemon"
	wait "$daemon"
	daemon=
	pins_policy 'deny = nonsense'
	"$bin/portcullisd" --policy "$policy" --log /tmp/other.log --socket "$socket" --pins $pins >/tmp/wrong.out 2>&1
	is "a policy that is wrong: the daemon does not start" $? 1
	is "a policy that is wrong: the old one goes on" "$(opens 2 /tmp/p/denied)" "EPERM "
	"$bin/policyctl" --socket "$socket" detach >/tmp/out 2>&1
	is "detach asks for --yes" "$? $(opens 1 /tmp/p/denied)" "1 EPERM "
	pins_policy ''
	pinned_start || return
	hammer_end "after a start that failed"
	ctl detach --yes >/tmp/out 2>&1
	is "while a daemon runs, detach is refused" "$? $(opens 1 /tmp/p/denied)" "1 EPERM "
}

# As one of two policies; which one is live shows in what it refuses.
pins_choose() {
	choice=$1
	pins_policy "deny = /tmp/p/$1"$'\n'"deny = /tmp/p/$2"
}

# Wholly the one policy or the other, never parts of both.
pins_whole() {
	local refused

	refused=$("$o" r /tmp/p/a; "$o" r /tmp/p/b; "$o" r /tmp/p/c; "$o" r /tmp/p/d)
	case ${refused//$'\n'/ } in
	"EPERM EPERM OK OK" | "OK OK EPERM EPERM") pass "$1: one policy, wholly" ;;
	*) fail "$1: one policy, wholly" "$refused" ;;
	esac
}

# pins_fault WHAT STEP [-f] - a reload, whose WHAT befalls it at that call of bpf(); with -f in the thread that prepares it.
pins_fault() {
	local tracer

	case $choice in
	a) pins_choose c d ;;
	*) pins_choose a b ;;
	esac
	strace ${3:+"$3"} -o /tmp/strace -e trace=bpf -e "inject=bpf:$1:when=$2" -p "$daemon" 2>/dev/null &
	tracer=$!
	until grep -q "^TracerPid:.*[1-9]" "/proc/$daemon/status"; do "$busybox" usleep 50000; done
	ctl reload >/tmp/reload.out 2>&1
	reloaded=$?
	if [[ $1 == signal=KILL ]]; then
		((reloaded != 0)) || kill -KILL "$daemon" 2>/dev/null
		wait "$tracer" "$daemon"
	else
		kill $tracer
		wait $tracer
	fi
	pins_whole "$1 at step $2${3:+ of preparing}"
}

# Step by step, until one comes too late for the reload.
pins_stepped() {
	local step of

	pins_choose a b
	ctl reload >/tmp/out || fail "a policy is loaded" "$(cat /tmp/out)"
	hammer_start
	for of in -f ''; do
		for ((step = 1; step < 40; step++)); do
			pins_fault signal=KILL $step $of
			((reloaded != 0)) || break
			pinned_start || return
		done
		((step > 3)) && pass "killed at each step${of:+ of preparing}" || fail "killed at each step${of:+ of preparing}" "$step steps"
		pinned_start || return
	done
	for of in -f ''; do
		for ((step = 1; step < 40; step++)); do
			pins_fault error=ENOMEM $step $of
			((reloaded != 0)) || [[ $(cat /tmp/strace) == *INJECTED* ]] || break
		done
		((step > 3)) && pass "out of memory at each step${of:+ of preparing}" || fail "out of memory at each step${of:+ of preparing}" "$step steps"
	done
	hammer_end "at each step"
	ctl reload >/tmp/out 2>&1
	is "after that: a reload" $? 0
	daemon_settle
	is "after that: sound" "$(ctl status >/tmp/status.out; echo $?)" 0
	is_balanced && pass "after that: its accounts balance" || fail "after that: its accounts balance" "$(cat /tmp/status.out)"
}

# At any moment: while it starts, at rest, in a reload.
pins_random() {
	local i

	hammer_start
	cat "$log" >>$kept
	kill -KILL "$daemon"
	wait "$daemon"
	for ((i = 0; i < 50; i++)); do
		"$bin/portcullisd" --policy "$policy" --log "$log" --socket "$socket" --pins $pins >/tmp/daemon.out 2>&1 &
		daemon=$!
		((i % 2)) || "$busybox" usleep $((RANDOM * 30))
		((i % 2)) || { ctl reload >/tmp/out 2>&1 & }
		"$busybox" usleep $((RANDOM * 30))
		kill -KILL $daemon
		wait $daemon
	done 2>/dev/null
	is "killed 50 times: it refuses" "$(opens 2 /tmp/p/denied)" "EPERM "
	pinned_start || return
	hammer_end "killed 50 times"
	daemon_settle
	is "killed 50 times: sound" "$(ctl status >/tmp/status.out; echo $?)" 0
	is_balanced && pass "killed 50 times: its accounts balance" || fail "killed 50 times: its accounts balance" "$(cat /tmp/status.out)"
	is "killed 50 times: nothing is left" "$(ls $pins)" live
}

# Another build takes over, or is killed while it does; what was there before goes on until then.
pins_upgraded() {
	local step folder

	cp "$checkout/build/bin/portcullisd-unaware" $bin/
	folder=$(stat -c %i $pins/live)
	hammer_start
	kill -KILL "$daemon"
	wait "$daemon"
	for step in 300 700; do
		strace -o /tmp/strace -e trace=bpf -e "inject=bpf:signal=KILL:when=$step" "$bin/portcullisd-unaware" \
			--policy "$policy" --log "$log" --socket "$socket" --pins $pins >/tmp/daemon.out 2>&1
		is "another build is killed at step $step" "$(opens 2 /tmp/p/denied)" "EPERM "
	done 2>/dev/null
	mv "$bin/portcullisd" "$bin/portcullisd-aware"
	mv "$bin/portcullisd-unaware" "$bin/portcullisd"
	pinned_start || return
	[[ $(stat -c %i $pins/live) != "$folder" ]] && pass "another build takes over" || fail "another build takes over" "$(ls $pins)"
	is "it says so" "$(grep -c 'of another build' /tmp/daemon.out)" 1
	is "nothing is left of the other" "$(ls $pins)" live
	kill -KILL "$daemon"
	wait "$daemon"
	mv "$bin/portcullisd-aware" "$bin/portcullisd"
	pinned_start || return
	hammer_end "upgraded, and back"
	daemon_settle
	is_balanced && pass "upgraded, and back: its accounts balance" || fail "upgraded, and back: its accounts balance" "$(ctl status)"
}

# A larger image takes other programs, which are pinned then.
pins_outgrown() {
	local i more=${policy%/*}/policy.d/more.ini

	[[ $kernel != 6.1-* ]] || return 0
	mkdir -p "${more%/*}"
	{
		echo '[open]'
		for ((i = 0; i < 60000; i++)); do printf 'deny = /srv/%d/data-%d.conf\n' $((i % 97)) $i; done
	} >"$more"
	ctl reload >/tmp/reload.out 2>&1
	is "a policy that outgrew the programs is loaded" "$?" 0
	hammer_start
	kill -KILL "$daemon"
	wait "$daemon"
	is "outgrown: the new one goes on without the daemon" "$(opens 2 /tmp/p/denied) $("$o" r /srv/1/data-1.conf)" "EPERM  ENOENT"
	rm "$more"
	pinned_start || return
	hammer_end "outgrown"
}

pins_ended() {
	daemon_stop
	is "stopped: it refuses" "$(opens 2 /tmp/p/denied)" "EPERM "
	"$bin/policyctl" --socket "$socket" detach --yes >/tmp/out 2>&1
	is "detach ends it" "$? $(opens 2 /tmp/p/denied)" "0 OK "
	is "nothing is pinned" "$([[ -e $pins ]] || echo none)" none
	"$bin/policyctl" --socket "$socket" detach --yes >/tmp/out 2>&1
	is "detach: nothing is there" $? 1
}

mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf
mkfifo /tmp/fifo
: >$kept
daemon_options=(--pins "$pins")
# It is killed and traced here.
daemon_config $'[protect]\nsignals = no\ntracing = no\nbpf = no\nfiles = no'
pins_policy ''
if pinned_start; then
	pins_killed
	pins_kept
	pins_wrong
	pins_random
	pins_stepped
	pins_upgraded
	pins_outgrown
	pins_guarded
	pins_files
	pins_ended
	pins_recovered && pins_sealed
fi
printf 'closing %d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
