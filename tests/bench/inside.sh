#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# inside.sh FOLDER - inside a VM whose clock counts instructions: prints "CONFIGURATION OPERATION INSTRUCTIONS" lines.
# FOLDER holds the policies: RULES-LOG.ini (mixed), networks.ini.
set -uo pipefail
bin=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../build/bin" && pwd -P)
policies=$1
ops=(open-first open-again open-lone open-warm open-denied connect-udp connect-tcp sendto mmap-exec spawn)
policy=/tmp/bench.ini
ctl=("$bin/policyctl" --socket /tmp/bench.sock)

# measure CONFIGURATION [COMMAND…] - all operations, with the command in front.
measure() {
	local configuration=$1 op cost

	shift
	while read -r op cost; do
		printf '%s %s %s\n' "$configuration" "$op" "$cost"
	done < <("$@" /mnt/bench-ops "${ops[@]}")
}

# One at a time, with the daemon stopped: what is measured is the kernel's part, and the daemon would run in between.
measure_logged() {
	local op

	for op in "${ops[@]}"; do
		kill -STOP "$daemon"
		/mnt/bench-ops "$op" | sed "s/^/$1 /"
		kill -CONT "$daemon"
		"${ctl[@]}" status >/dev/null
	done
}

peers() {
	measure empty "$bin/bench-peers" empty
	measure d_path "$bin/bench-peers" path
	measure landlock-100 /mnt/bench-ops --landlock 100
}

apparmor_rules() {
	printf 'profile bench%d flags=(attach_disconnected) {\n  / r,\n  /** rmix,\n  network,\n  capability,\n' "$1"
	seq "$1" | sed 's|.*|  deny /srv/web&/u&/*.conf rw,|'
	printf '  deny /mnt/bn/d001/sub1/fdeny rw,\n}\n'
}

apparmor() {
	local count

	[[ -d /sys/kernel/security/apparmor ]] && command -v apparmor_parser >/dev/null || return
	for count in 10 1000; do
		apparmor_rules "$count" >/tmp/apparmor
		apparmor_parser -r -K /tmp/apparmor && measure "apparmor-$count" aa-exec -p "bench$count" --
	done
}

daemon_start() {
	cp "$1" "$policy"
	"$bin/portcullisd" --policy "$policy" --socket /tmp/bench.sock --log /dev/null &
	daemon=$!
	for _ in {1..600}; do
		"${ctl[@]}" status >/dev/null 2>&1 && return
		sleep 1
	done
	echo "bench: portcullisd does not answer" >&2
	exit 2
}

daemon_apply() {
	cp "$1" "$policy"
	"${ctl[@]}" reload >/dev/null || exit 2
}

# The largest first: the room for an image is settled when the programs are loaded.
ours() {
	local rules

	daemon_start "$policies/100000-none.ini"
	for rules in 100000 10000 1000 10; do
		daemon_apply "$policies/$rules-none.ini"
		measure "rules-$rules" env --
	done
	daemon_apply "$policies/networks.ini"
	measure networks-100000 env --
	daemon_apply "$policies/1000-all.ini"
	measure_logged rules-1000-logged
	"${ctl[@]}" status --json >"$policies/status-$(uname -r).json"
}

sleep 3
cp "$bin/bench-ops" /mnt/bench-ops
/mnt/bench-ops prepare
measure none >/dev/null
measure none
peers
apparmor
ours
