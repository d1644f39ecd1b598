#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2034,SC2154,SC2015 # lib.sh reads and sets variables; pass and fail never fail
# clock.sh KERNEL - inside a VM whose clock advances one nanosecond per instruction: what a reload of 1,000 rules takes, and
# that nothing is lost of the load that the README promises.
kernel=$1
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
cases=$checkout/vm-tests/cases
. "$cases/lib.sh"
mkdir -p "${policy%/*}"
# 100 ms of a processor that does two instructions per nanosecond, in millions.
bound=200

# Opens a second, by eight processes in bursts, each of another file.
load=24000

# All that the daemon ran for so far, its ended threads included.
cpu_time() { awk '{ print $14 + $15 }' "/proc/$daemon/stat"; }

cases_reload_cost() {
	local i before took

	# In enforce mode files of the host are read for the lifeline check: while the guest waits for them its clock runs ahead.
	sed -i 's/^mode .*/mode = audit/' "$policy"
	for ((i = 0; i < 1000; i++)); do
		printf 'deny = /srv/%d/data-%d/*.conf\n' $((i % 37)) $i
	done >>"$policy"
	daemon_start || return
	before=$(cpu_time)
	for ((i = 0; i < 10; i++)); do
		ctl reload >/tmp/reload.out 2>&1 || fail "reload $i of 1,000 rules" "$(tr '\n' ' ' </tmp/reload.out)"
	done
	# Ticks of 10 ms, for ten reloads: milliseconds for one.
	took=$(($(cpu_time) - before))
	read_status
	echo "# $kernel: reload of 1,000 rules: $took million instructions; ${status[policy.reload_us]} us with the wait for other CPUs"
	((took > 1 && took < bound)) && pass "reload of 1,000 rules takes less than $bound million instructions" ||
		fail "reload of 1,000 rules takes less than $bound million instructions" "$took"
	daemon_stop
}

cases_load() {
	local ops=/mnt/bench-ops done_a_second

	mount -t tmpfs load /mnt
	cp "$checkout/build/bin/bench-ops" $ops
	$ops prepare
	echo 'log = all' >>"$policy"
	daemon_start || return
	# As its unit has it.
	renice -n -10 -p "$daemon" >/tmp/out
	done_a_second=$($ops --load $load 8 open)
	daemon_settle
	is "load: opens a second" "$done_a_second" $load
	is "load: each is a line" "$(grep -cF '"object":"/mnt/bn/' "$log")" $((2 * load))
	is "load: none is lost" "${status[counters.open.allow.lost]}" 0
	is_balanced && pass "load: the accounts balance" || fail "load: the accounts balance" "$(ctl status | grep open)"
	daemon_stop
}

for part in reload_cost load; do
	printf '[policy]\nversion = 1\nmode = enforce\n[open]\n' >"$policy"
	"cases_$part"
done
printf 'closing %d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
