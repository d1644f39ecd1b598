#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# inside.sh FOLDER PART… - inside a VM whose clock counts instructions: prints "CONFIGURATION OPERATION INSTRUCTIONS"
# lines. FOLDER holds the policies: RULES-LOG.ini (mixed), RULES-profiles-N.ini, networks.ini. A PART is a function below.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
policies=$1
opens=(open-first open-again open-long open-deep open-lone open-warm open-denied)
ops=("${opens[@]}" connect-udp connect-new connect-ip6 connect-tcp sendto mmap-exec)

# What a spawn costs depends by 1 %, as much as we add, on where the process that does it happens to lie: the middle one
# of nine processes.
spawns() {
	for _ in {1..9}; do
		"$@" /mnt/bench-ops --rounds 2 spawn
	done | sort -k 2n | sed -n 5p
}

# measure CONFIGURATION [COMMAND…] - all operations, with the command in front.
measure() {
	local configuration=$1 op cost

	shift
	while read -r op cost; do
		printf '%s %s %s\n' "$configuration" "$op" "$cost"
	done < <("$@" /mnt/bench-ops "${ops[@]}" && spawns "$@")
}

# What is recorded, with the reader stopped: what is measured is the kernel's part, and the reader would run in between.
# Few enough that the rings don't fill up.
measure_stopped() {
	local configuration=$1 reader=$2 op

	for op in "${@:3}"; do
		kill -STOP "$reader"
		/mnt/bench-ops --rounds 5 "$op" | sed "s/^/$configuration /"
		kill -CONT "$reader"
		sleep 2
	done
}

peers() {
	measure empty "$bin/bench-peers" empty
	measure d_path "$bin/bench-peers" path
	measure landlock-100 /mnt/bench-ops --landlock 100
}

# Tools that record what we record.
recorders() {
	local tool op reader

	for tool in opensnoop:open-warm execsnoop:spawn tcpconnect:connect-tcp; do
		op=${tool#*:} tool=${tool%:*}
		command -v "$tool" >/dev/null || continue
		"$tool" >"/tmp/$tool.out" 2>&1 &
		reader=$!
		sleep 10
		measure_stopped "$tool" "$reader" "$op"
		kill $reader
		wait $reader 2>/dev/null
		(($(wc -l <"/tmp/$tool.out") > 100)) || echo "bench: $tool recorded too little: $(tail -1 "/tmp/$tool.out")" >&2
	done
}

apparmor_rules() {
	printf 'profile bench%d flags=(attach_disconnected) {\n  / r,\n  /** rmix,\n  network,\n  capability,\n' "$1"
	seq "$1" | sed 's|.*|  deny /srv/web&/u&/*.conf rw,|'
	printf '  deny /mnt/bn/d001/sub1/fdeny rw,\n}\n'
}

apparmor() {
	local count

	if [[ ! -d /sys/kernel/security/apparmor ]] || ! command -v apparmor_parser >/dev/null; then
		echo 'bench: no AppArmor here' >&2
		return
	fi
	for count in 10 1000; do
		apparmor_rules "$count" >/tmp/apparmor
		apparmor_parser -r -K /tmp/apparmor && measure "apparmor-$count" aa-exec -p "bench$count" --
	done
}

# The largest first: the room for an image is settled when the programs are loaded.
ours() {
	local rules

	daemon_start "$policies/100000-none.ini"
	printf 'daemon rss-bytes-100000 %d\n' "$(rss)"
	for rules in 100000 10000 1000 10; do
		daemon_apply "$policies/$rules-none.ini"
		measure "rules-$rules"
	done
	sed '0,/^\[open\]/s||&\nallow = /mnt/bn/**|' "$policies/1000-none.ini" >/tmp/by-rule.ini
	daemon_apply /tmp/by-rule.ini
	/mnt/bench-ops open-warm | sed 's/^/by-rule-1000 /'
	daemon_apply "$policies/networks.ini"
	measure networks-100000
	daemon_apply "$policies/1000-all.ini"
	measure_stopped logged-1000 "$daemon" "${opens[@]}" connect-udp connect-tcp spawn
	printf 'daemon lost %d\n' "$(counted lost)"
	daemon_stop
}

# With what a default install has: a thousand rules, and only what is refused recorded.
start_up() {
	daemon_start "$policies/1000-none.ini"
	sleep 5
	printf 'daemon start-instructions %d\n' "$(cut -d' ' -f1 /proc/$daemon/schedstat)"
	printf 'daemon rss-bytes-1000 %d\n' "$(rss)"
	printf 'daemon map-bytes-1-cpu %d\n' "$(map_bytes)"
	daemon_stop
	printf 'daemon load-instructions %d\n' "$("$bin/subject-bpf_load" "$bin/../bpf/portcullis/portcullis.bpf.o" | sed -n 's/.*loaded, \([0-9]*\) ns.*/\1/p')"
}

# Tasks outside profiles and in one, by a policy that has none, one or 64 of as many rules each. Before that the same by
# programs that know nothing of profiles.
profiles() {
	local count ops=(open-warm open-first open-again open-denied connect-udp connect-new connect-ip6)

	# All of them: for what is not there the daemon would watch the folder, and each open in that file system would pay.
	mkdir /mnt/bench-in
	cp /usr/bin/env /mnt/bench-in/1
	for count in {2..64}; do ln /mnt/bench-in/1 "/mnt/bench-in/$count"; done
	daemon_start "$policies/1000-none.ini" portcullisd-unaware
	measure unaware
	daemon_stop
	daemon_start "$policies/1000-profiles-64.ini"
	for count in 64 1; do
		daemon_apply "$policies/1000-profiles-$count.ini"
		measure "outside-$count"
		measure "inside-$count" "/mnt/bench-in/$count"
	done
	daemon_apply "$policies/1000-none.ini"
	measure outside-0
	daemon_stop
}

# The rate, in operations a second, at which each tool begins to lose, and what is lost of ours at three times that: eight
# processes in bursts. Without coalescing, so that each decision is a line of its own.
loads() {
	local spec tool op object done_a_second config=/tmp/bench.conf log=/tmp/bench.log

	printf '[records]\ncoalesce = 0\n[protect]\nfiles = no\n' >"$config"
	printf '[policy]\nversion = 1\n[exec]\nlog = all\n[open]\nlog = all\n[connect]\nlog = all\n' >/tmp/all.ini
	for spec in opensnoop:open:/mnt/bn execsnoop:spawn:/mnt/bench-ops 'tcpconnect:connect-tcp:127.0.0.1 port'; do
		IFS=: read -r tool op object <<<"$spec"
		load_tool
		load_ours
	done
}

# From a rate that none loses at, until one does, or until the machine does no more.
load_tool() {
	local rate reader what=loses-nothing-at

	for rate in 250 500 1000 1500 2000 3000 4000 6000 8000 12000 16000 24000; do
		"$tool" >"/tmp/$tool.out" 2>"/tmp/$tool.err" &
		reader=$!
		sleep 5
		done_a_second=$(/mnt/bench-ops --load $rate 8 "$op")
		sleep 2
		kill $reader
		wait $reader 2>/dev/null
		! grep -qi lost "/tmp/$tool.err" || what=loses-at
		[[ $what == loses-nothing-at ]] || break
		((done_a_second > rate * 9 / 10)) || break
	done
	printf '%s %s %d\n' "$tool" "$what" "$done_a_second"
}

load_ours() {
	local rate=$((3 * done_a_second / 8 * 8)) told

	daemon_start /tmp/all.ini
	# As its unit has it.
	renice -n -10 -p "$daemon" >/dev/null
	printf 'load %s %d\n' "$op" "$(/mnt/bench-ops --load $rate 8 "$op")"
	sleep 5
	told=$(grep -cF "\"object\":\"$object" "$log")
	# And its own start.
	[[ $op != spawn ]] || told=$((told - 1))
	printf 'load %s-untold %d\n' "$op" $((2 * rate - told))
	printf 'load %s-lost %d\n' "$op" "$(counted lost)"
	daemon_stop
	rm "$log"
}

# Where a process lies in memory is left to chance no further than it must be.
echo 0 >/proc/sys/kernel/randomize_va_space
sleep 3
cp "$bin/bench-ops" /mnt/bench-ops
/mnt/bench-ops prepare
measure none >/dev/null
measure none
for part in peers apparmor recorders loads start_up ours profiles; do
	[[ " ${*:2} " != *" $part "* ]] || $part
done
