# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# lib.sh - the daemon, inside a VM that measures it.
bin=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../build/bin" && pwd -P)
policy=/tmp/bench.ini
log=/dev/null
# As a default install has it, but that policies may be written while they are enforced.
config=/tmp/bench-default.conf
printf '[protect]\nfiles = no\n' >"$config"
ctl=("$bin/policyctl" --socket /tmp/bench.sock)

# Of names that aren't there: to look for each in the host's files takes a VM minutes, and its clock stands meanwhile.
put_policy() { sed 's|= /usr/|= /bench/usr/|' "$1" >"$policy"; }

# daemon_start POLICY [PROGRAM] - however long it takes: a clock that counts instructions jumps while it waits for the host.
daemon_start() {
	put_policy "$1"
	"$bin/${2:-portcullisd}" --force --policy "$policy" --socket /tmp/bench.sock --config "$config" --log "$log" 2>/tmp/bench.err &
	daemon=$!
	until "${ctl[@]}" status >/dev/null 2>&1; do
		kill -0 "$daemon" 2>/dev/null || {
			echo "bench: portcullisd has ended: $(tail -1 /tmp/bench.err)" >&2
			exit 2
		}
		sleep 1
	done
}

daemon_stop() {
	kill "$daemon"
	wait "$daemon"
}

daemon_apply() {
	put_policy "$1"
	"${ctl[@]}" reload --force >/tmp/bench.err 2>&1 || {
		echo "bench: the reload failed: $(tail -1 /tmp/bench.err)" >&2
		exit 2
	}
}

# counted FATE - of all decisions: decided, logged, coalesced, unlogged or lost.
counted() { "${ctl[@]}" status --json | awk -F'[ :,]+' -v fate="\"$1\"" '$2 == fate { n += $3 } END { print n + 0 }'; }

rss() { awk '/^VmRSS:/ { print $2 * 1024 }' "/proc/$daemon/status"; }

# What the kernel charges for the maps that the daemon holds, but for those that grow with what is in them: 6.1 charges
# these as if they were full.
map_bytes() {
	local file

	for file in "/proc/$daemon/fdinfo/"*; do
		awk '/^map_flags:/ { grows = $2 % 2 } /^memlock:/ { bytes = $2 } /^map_id:/ { id = $2 }
			END { if (id && !grows) print id, bytes }' "$file"
	done | sort -u | awk '{ n += $2 } END { print n + 0 }'
}
