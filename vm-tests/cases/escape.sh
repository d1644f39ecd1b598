# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2015 # sourced by all.sh: each file uses the others' variables; pass and fail never fail
# shellcheck shell=bash
# escape.sh - chains of random steps by an ordinary user: none reads, writes, runs or reaches what the policy refuses.
#
# ESCAPE_SECONDS (20) is how long, ESCAPE_SEED (any) where it begins. What a chain did is told with its seed, by which
# it does it again: ESCAPE_SEED=… ESCAPE_SECONDS=0 vm-tests/run KERNEL escape, with the same ESCAPE_WITHOUT.
# ESCAPE_WITHOUT is kinds of steps to leave out, between commas.

escape=$bin/subject-escape
escape_seed=${ESCAPE_SEED:-$((RANDOM << 15 | RANDOM))}
broker=

# A process of that user that had all of it open before there was a policy.
escape_broker() {
	[[ -z $broker ]] || { kill "$broker" && wait "$broker"; } 2>/dev/null
	rm -f /tmp/broker.out
	"$escape" broker >/tmp/broker.out 2>&1 &
	broker=$!
	await_ready /tmp/broker.out
}

prepare_escape() {
	printf '#!/tmp/e/bin/tool\n' >/run/vm/okay-script
	chmod 755 /run/vm/okay-script
	# Both ends without a cookie.
	echo 519 >/proc/sys/net/ipv4/tcp_fastopen
	chmod 1777 /tmp
	"$escape" make || fail "escape: the files are made" "$?"
	escape_broker
}

# escape_run SECONDS [seen] - what is told of a chain goes before the result of the case.
escape_run() {
	local words=("$@")

	(($1 != 0)) || words=()
	"$escape" "$escape_seed" "${words[@]}" >/tmp/escape.out 2>&1
	sed "s/^# /# $kernel: $phase: /" /tmp/escape.out
	closing=$(tail -n 1 /tmp/escape.out)
}

# Without a policy each sort of escape is seen, or there would be nothing to ask for.
escape_control() {
	local sort

	escape_run 60 seen
	for sort in read write run reach; do
		grep -qE "^# escapes:.* $sort [1-9]" /tmp/escape.out && pass "control: chains $sort what they are after" ||
			fail "control: chains $sort what they are after" "$closing"
	done
	# What they did is made good, what they carried out is gone (places of chain.c; /tmp/c and /tmp/y are folders of other groups), and
	# the broker has that open.
	rm -rf /tmp/e /tmp/[abfxz]
	rm -f /tmp/[cy] 2>/dev/null
	"$escape" make
	escape_broker
}

cases_escape() {
	local closing

	[[ $phase != control ]] || { escape_control && return; }
	escape_run "${ESCAPE_SECONDS:-20}"
	is "enforce: $closing, from seed $escape_seed on: escapes" "${closing##*, }" "0 escapes"
	is "enforce: chains that got stuck" "$(grep -c '^# stuck: seed' /tmp/escape.out)" 0
}

after_escape() { account "accounting of escapes"; }
