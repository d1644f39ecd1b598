#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2034,SC2154,SC2015 # lib.sh reads and sets variables; pass and fail never fail
# pins.sh KERNEL - inside the VM: what outlives the daemon. It is killed, and stopped, and started again, also with a policy that
# is wrong, while a file that may not be opened is tried all the time; what was recorded in between is told by the next daemon.
kernel=$1
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
cases=$checkout/vm-tests/cases
. "$cases/lib.sh"
pins=/sys/fs/bpf/portcullis
kept=/tmp/kept.log
mkdir -p "${policy%/*}" /tmp/p
chmod 755 /tmp/p
for name in denied hammered plain held; do echo x >/tmp/p/$name; done
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
		[profile held]
		exe = /tmp/p/busybox
		[open held]
		deny = /tmp/p/held
		$1
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

# One that tries without end, and says so at once if it gets through.
hammer_start() {
	# shellcheck disable=SC2016 # the other shell's
	"$busybox" sh -c 'i=0 slips=0
		trap "echo \$i \$slips >/tmp/hammered; exit" TERM
		while :; do
			{ true </tmp/p/hammered && slips=$((slips + 1)); } 2>/dev/null
			i=$((i + 1))
		done' &
	hammer=$!
}

hammer_end() {
	local tries slips

	kill $hammer
	wait $hammer
	read -r tries slips </tmp/hammered
	is "$1: no try slips" "$slips" 0
	((tries > 100)) && pass "$1: tries were made" || fail "$1: tries were made" "$tries"
}

pins_killed() {
	local before

	is "pins: links and maps" "$(pinned "^on_") $(pinned "^stub") $(pinned "denials\|passes\|counters")" "$(ctl status --json | grep -o "on_[a-z_0-9]*" | wc -l) $(pinned "^stub") 3"
	is "before" "$(opens 3 /tmp/p/denied)" "EPERM "
	/tmp/p/busybox sh -c 'read -r go; read -r x </tmp/p/held && echo OK || echo EPERM' </tmp/fifo >/tmp/held.out 2>/tmp/held.err &
	held=$!
	exec 5>/tmp/fifo
	daemon_settle
	before=$(records_of /tmp/p/denied)
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
pins_policy ''
if pinned_start; then
	pins_killed
	pins_wrong
	pins_outgrown
	pins_ended
fi
printf 'closing %d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
