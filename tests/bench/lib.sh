# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# lib.sh - the daemon, inside a VM that measures it.
bin=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../build/bin" && pwd -P)
policy=/tmp/bench.ini
ctl=("$bin/policyctl" --socket /tmp/bench.sock)

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

daemon_stop() {
	kill "$daemon"
	wait "$daemon"
}

daemon_apply() {
	cp "$1" "$policy"
	"${ctl[@]}" reload >/dev/null || exit 2
}

rss() { awk '/^VmRSS:/ { print $2 * 1024 }' "/proc/$daemon/status"; }

# What the kernel charges for the maps that the daemon holds.
map_bytes() {
	local fd

	for fd in "/proc/$daemon/fdinfo/"*; do
		grep -q ^map_type "$fd" && awk '/^memlock:/ { print $2 } /^map_id:/ { print "id", $2 }' "$fd" | paste -sd' '
	done | sort -u | awk '{ for (i = 1; i <= NF; i++) if ($i == "id") i++; else n += $i } END { print n + 0 }'
}
