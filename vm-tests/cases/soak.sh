#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2034,SC2154,SC2015,SC2016 # lib.sh reads and sets variables; pass and fail never fail
# soak.sh KERNEL - inside the VM: SOAK_DECISIONS decisions with reloads in between, SOAK_MOUNTS file systems that come and go, tasks that
# get no memory, and a clock that is set back. Nobody is let through, memory stays as it is, and the accounts are exact.
kernel=$1
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
cases=$checkout/vm-tests/cases
. "$cases/lib.sh"
decisions=${SOAK_DECISIONS:-400000}
mounts=${SOAK_MOUNTS:-2000}
rounds=10
# The daemon's memory from the second round on, and the kernel's that it can't have back, in KiB. Of the daemon's what is its own: of
# the rings, which it has mapped, all counts as its memory that it has looked at, however late.
readonly daemon_growth=1024 kernel_growth=16384
mkdir -p "${policy%/*}" /tmp/soak /tmp/mnt
chmod 755 /tmp/soak
for name in deny quiet $(seq 0 4095); do : >"/tmp/soak/$name"; done

soak_policy() {
	cat >"$policy" <<-E
		[policy]
		version = 1
		mode = enforce
		[open]
		deny = /tmp/soak/deny
		deny.quiet = /tmp/soak/quiet
		deny.read = /tmp/mnt/deny
		$1
		[connect]
		deny = 127.0.0.3
		[profile soak]
		exe = $bin/subject-soak
		[open soak]
		deny = /tmp/soak/other
	E
}

memory_of() { "$busybox" awk -v name="$2:" '$1 == name { print $2 }' "$1"; }

soak_decisions() {
	local round opened refused connects others wrong sum_open=0 sum_connect=0 sum_all=0 sum_wrong=0 own kernel_before start=$SECONDS
	local open=counters.open.deny.decided connect=counters.connect.deny.decided open_before connect_before

	daemon_settle
	open_before=${status[$open]}
	connect_before=${status[$connect]}
	for ((round = 0; round < rounds; round++)); do
		read -r opened refused connects others wrong < <("$bin/subject-soak" 4 $((decisions / rounds)) /tmp/soak)
		sum_open=$((sum_open + refused))
		sum_connect=$((sum_connect + connects))
		sum_all=$((sum_all + opened + refused + connects + others))
		sum_wrong=$((sum_wrong + wrong))
		soak_policy "allow = /tmp/soak/round-$round"
		ctl reload >/tmp/out 2>&1 || fail "soak: reload $round" "$(</tmp/out)"
		daemon_settle
		((round != 1)) || own=$(memory_of "/proc/$daemon/status" RssAnon) kernel_before=$(memory_of /proc/meminfo SUnreclaim)
	done
	((sum_all >= decisions)) && pass "soak: decisions" || fail "soak: decisions" "only $sum_all"
	is "soak: wrong answers" "$sum_wrong" 0
	is "soak: denied opens, as the kernel counts them" $((status[$open] - open_before)) "$sum_open"
	is "soak: denied connects, as the kernel counts them" $((status[$connect] - connect_before)) "$sum_connect"
	account "soak" "under a flood losses are counted, not absent"
	echo "# $kernel: $sum_all decisions in $((SECONDS - start)) s; the daemon has $own to $(memory_of "/proc/$daemon/status" RssAnon) KiB of its own, $(memory_of "/proc/$daemon/status" VmRSS) in all, the kernel $kernel_before to $(memory_of /proc/meminfo SUnreclaim)"
	own=$(($(memory_of "/proc/$daemon/status" RssAnon) - own))
	kernel_before=$(($(memory_of /proc/meminfo SUnreclaim) - kernel_before))
	((own < daemon_growth)) && pass "soak: the daemon's memory" || fail "soak: the daemon's memory" "it grew by $own KiB"
	((kernel_before < kernel_growth)) && pass "soak: the kernel's memory" || fail "soak: the kernel's memory" "it grew by $kernel_before KiB"
}

soak_mounts() {
	local refused wrong busy start=$SECONDS before

	before=$(memory_of /proc/meminfo SUnreclaim)
	read -r refused wrong busy < <("$bin/subject-soak" mounts "$mounts" /tmp/mnt)
	is "mounts: each file is known by its name" "$refused $wrong" "$mounts 0"
	before=$(($(memory_of /proc/meminfo SUnreclaim) - before))
	echo "# $kernel: $mounts mounts in $((SECONDS - start)) s; the kernel's memory grew by $before KiB; $busy times one was busy"
	((before < kernel_growth)) && pass "mounts: the kernel's memory" || fail "mounts: the kernel's memory" "it grew by $before KiB"
	account "mounts" "they are denials, one after the other"
}

# A cgroup without memory, in which everything forks and is killed; a program in a profile, too.
soak_memory() {
	local bomb=/sys/fs/cgroup/soak tries=0 slips=0 refused=0 said killed bomber end=$((SECONDS + 20))

	mountpoint -q /sys/fs/cgroup || mount -t cgroup2 cgroup2 /sys/fs/cgroup
	echo +memory +pids >/sys/fs/cgroup/cgroup.subtree_control
	mkdir -p $bomb
	echo $((16 << 20)) >$bomb/memory.max
	echo 0 2>/dev/null >$bomb/memory.swap.max
	echo 100 >$bomb/pids.max
	# shellcheck disable=SC2016
	"$busybox" sh -c 'echo 0 >'$bomb'/cgroup.procs
		bomb() { x=$(head -c 1000000 /dev/zero | tr "\0" x); bomb & bomb & wait; }
		while :; do bomb; done' >/dev/null 2>&1 &
	bomber=$!
	for ((tries = 0; tries < 300 && SECONDS < end; tries++)); do
		said=$("$busybox" sh -c "echo 0 >$bomb/cgroup.procs; exec $o r /tmp/soak/deny" 2>/dev/null)
		[[ $said != *OK* ]] || slips=$((slips + 1))
		[[ $said != *EPERM* ]] || refused=$((refused + 1))
	done
	is "memory: $tries tries to slip" "$slips" 0
	((refused > 0)) && pass "memory: some came as far as to be refused" || fail "memory: some came as far as to be refused" "none"
	is "memory: outside of it nothing is refused that may be" "$("$o" r /tmp/soak/1)" OK
	killed=$(grep '^oom_kill ' $bomb/memory.events)
	echo "# $kernel: $killed, for want of memory"
	((${killed#* } > 0)) && pass "memory: there was none" || fail "memory: there was none" "nobody was killed"
	echo 1 >$bomb/cgroup.kill
	wait $bomber
	is "memory: the daemon is well" "$(ctl status >/dev/null 2>&1; echo $?)" 0
	account "memory" "there may be too many records"
}

# Time as people tell it goes back by a day, and forth again.
soak_clock() {
	local now

	now=$(date +%s)
	daemon_config '' 2s
	daemon_settle
	date -s "@$((now - 86400))" >/dev/null
	ctl mode audit --for 2s >/tmp/out
	"$o" r /tmp/soak/deny >/dev/null
	daemon_settle
	is "clock: the record has the clock's time" "$(tail -n 1 "$log" | grep -c "\"time\":\"$(date +%Y-%m-%dT)")" 1
	is "clock: audit mode" "$("$o" r /tmp/soak/deny)" OK
	sleep 3
	is "clock: ends by itself" "$("$o" r /tmp/soak/deny)" EPERM
	ctl reload --confirm-within 2s >/tmp/out 2>&1
	is "clock: a reload on trial" $? 0
	sleep 4
	is "clock: goes back by itself" "$(ctl confirm >/tmp/out 2>&1; echo $?)" 1
	date -s "@$((now + 10))" >/dev/null
	is "clock: set right again" "$("$o" r /tmp/soak/deny) $(ctl status >/dev/null 2>&1; echo $?)" "EPERM 0"
	account "clock"
}

# As a default install has it, but that cases may write policies.
daemon_config '' 10s
soak_policy ''
if daemon_start; then
	soak_decisions
	soak_mounts
	soak_memory
	lost_before=$(daemon_settle; add_up 'counters.*.lost'; echo "$sum")
	soak_clock
	daemon_stop
fi
printf 'closing %d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
