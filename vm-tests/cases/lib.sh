# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2015 # sourced by all.sh: each file uses the others' variables; pass and fail never fail
# shellcheck shell=bash
# lib.sh - the daemon's life, and `try`: one action, what became of it, and what the log says of it.
#
# A group of cases is NAME.sh with its policy NAME.ini, written for enforce mode. NAME.sh has three functions:
# prepare_NAME makes the files once; cases_NAME runs once in each phase with the same words: control (no policy loaded:
# nothing may be refused, which proves that the action works at all), audit (nothing may be refused, the record says so)
# and enforce; after_NAME runs once, when the enforce phase has been judged, for what needs a policy of its own.
# One daemon serves all groups, so each group comes by a reload. A phase's records are compared by one jq for all.

bin=$checkout/build/bin
policy=/etc/portcullis/policy.ini
socket=/run/portcullis.sock
log=/tmp/decisions.log
busybox=/run/vm/busybox
passed=0
failed=0
phase=control
daemon=
log_start=1
declare -A line_of

pass() {
	printf 'ok %s %s\n' "$kernel" "$1"
	passed=$((passed + 1))
}

fail() {
	printf 'not ok %s %s: %s\n' "$kernel" "$1" "$2"
	failed=$((failed + 1))
}

# is NAME GOT WANTED
is() {
	if [[ $2 == "$3" ]]; then pass "$1"; else fail "$1" "got '$2', not '$3'"; fi
}

ctl() { "$bin/policyctl" --socket "$socket" "$@"; }

# Linux 6.1 with full preemption has no enforce phase: life.sh tests that it is refused.
can_enforce() { [[ $kernel != 6.1-full ]]; }

# Reads where each line of the policy stands: line_of[TEXT], blanks as one.
read_lines() {
	local text number=0

	line_of=()
	while read -r text; do
		number=$((number + 1))
		while [[ $text == *'  '* ]]; do text=${text//  / }; done
		[[ -z $text ]] || line_of[$text]=$number
	done <"$policy"
}

# policy_write GROUP MODE
policy_write() {
	sed "s/^mode .*/mode = $2/" "$cases/$1.ini" >"$policy"
	read_lines
}

# policy_load GROUP MODE - from here on that policy decides, and `judge` looks at what is logged from here on.
policy_load() {
	policy_write "$1" "$2"
	daemon_settle
	: >/tmp/expected
	log_start=$(($(stat -c %s "$log") + 1))
	ctl reload >/tmp/reload.out 2>&1 && return 0
	fail "$2: the policy of $1 is accepted" "$(tr '\n' ' ' </tmp/reload.out)"
	return 1
}

daemon_start() {
	: >"$log"
	"$bin/portcullisd" --policy "$policy" --log "$log" --socket "$socket" >/tmp/daemon.out 2>&1 &
	daemon=$!
	for ((i = 0; i < 300; i++)); do
		grep -q 'ready:' /tmp/daemon.out && return 0
		kill -0 "$daemon" 2>/dev/null || break
		sleep 0.1
	done
	fail "the daemon starts" "$(tr '\n' ' ' </tmp/daemon.out)"
	return 1
}

daemon_stop() {
	kill -TERM "$daemon" 2>/dev/null
	wait "$daemon"
	is "SIGTERM ends the daemon cleanly" $? 0
	daemon=
}

# Waits until each decision is accounted for: nothing is on its way to the log.
daemon_settle() {
	for ((i = 0; i < 50; i++)); do
		ctl status --json >/tmp/status.json 2>/dev/null
		jq -e '[.counters[] | objects[]? | select(.balanced == false)] == []' /tmp/status.json >/dev/null && break
		sleep 0.1
	done
	sleep 0.3
}

# try NAME HOOK VERDICT OBJECT RULE [ACCESS] -- COMMAND…
#
# VERDICT is what enforce mode does: allow, audit, deny. RULE is the rule's line in the policy (blanks as one), or
# "default". The command prints OK, or the error's name, as its last word.
try() {
	local name=$1 hook=$2 verdict=$3 object=$4 rule=$5 access='' got last
	shift 5
	[[ $1 == -- ]] || { access=$1 && shift; }
	shift
	got=$("$@" 2>&1)
	last=${got##*$'\n'}
	if [[ $phase == enforce && $verdict == deny ]]; then
		[[ $last == *EPERM || $got == *'Operation not permitted'* ]] || {
			fail "$phase: $name" "not refused: $got" && return
		}
	elif [[ $last != OK && $last != *ECONNREFUSED ]]; then
		fail "$phase: $name" "$got" && return
	fi
	if [[ $phase == control ]]; then
		pass "$phase: $name"
		return
	fi
	[[ $phase == enforce || $verdict != deny ]] || verdict=audit
	expect "$phase: $name" "$hook" "$verdict" "$object" "$rule" "$access" ''
}

# expect NAME HOOK VERDICT OBJECT RULE ACCESS COUNT - a record that has to be in the log when the phase ends.
expect() {
	local line=$5
	if [[ $5 != default && -n $5 ]]; then
		line=${line_of[$5]:-}
		[[ -n $line ]] || { fail "$1" "no line '$5' in the policy" && return; }
		line=$policy:$line
	fi
	printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$line" "$6" "$7" >>/tmp/expected
}

# Judges what `expect` collected. A name may have several records; each of them must have the verdict.
judge() {
	local name why
	daemon_settle
	while IFS=$'\t' read -r name why; do
		if [[ -z $why ]]; then pass "$name"; else fail "$name" "$why"; fi
	done < <(jq -rn --rawfile expected /tmp/expected '
		(reduce inputs as $r ({}; .[$r.hook + " " + $r.object] += [$r])) as $log
		| $expected | split("\n")[] | select(. != "") | split("\t") as [$name, $hook, $verdict, $object, $rule, $access, $count]
		| (($log[$hook + " " + $object] // []) | map(select($access == "" or .access == $access))) as $seen
		| ($seen | map(select(.verdict == $verdict and ($rule == "" or .rule == $rule)))) as $right
		| [$name,
		   if $count != "" then
			($seen | map(1 + ((.repeats // 1) - 1)) | add // 0) as $n
			| if ($n | tostring) == $count then "" else "\($n) records of \($object), not \($count)" end
		   elif ($right | length) > 0 then ""
		   elif ($seen | length) > 0 then
			"record of \($object) is \($seen[0] | {verdict, rule, access} | tostring), not \($verdict) by \($rule)"
		   else "no record of \($hook) \($object) \($access)" end]
		| @tsv' < <(tail -c "+$log_start" "$log"))
	: >/tmp/expected
}

# At rest each decision is logged, coalesced, unlogged or lost, and under no load none is lost.
account() {
	daemon_settle
	is "$1: decided = logged + coalesced + unlogged + lost" "$(jq -c '[.counters[] | objects[]? |
		select(.decided != .logged + .coalesced + .unlogged + .lost)]' /tmp/status.json)" '[]'
	[[ -n ${2:-} ]] || is "$1: lost" "$(jq '[.counters[] | objects[]?.lost] | add' /tmp/status.json)" 0
}
