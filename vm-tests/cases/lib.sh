# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2015 # sourced by all.sh: each file uses the others' variables; pass and fail never fail
# shellcheck shell=bash
# lib.sh - the daemon's life, and `try`: one action, what became of it, and what the log says of it.
#
# A group of cases is NAME.sh with its policy NAME.ini, written for enforce mode. NAME.sh has three functions:
# prepare_NAME makes the files once; cases_NAME runs once in each phase with the same words: control (no policy loaded:
# nothing may be refused, which proves that the action works at all), audit (nothing may be refused, the record says so)
# and enforce; after_NAME runs once, when the enforce phase has been judged, for what needs a policy of its own.
# One daemon serves all groups, so each group comes by a reload. A phase's records are compared by one awk for all.

# In memory: from the checkout, each start of a program fetches all of it from the host anew.
bin=/run/vm/bin
mkdir -p $bin
cp "$checkout"/build/bin/{portcullisd,portcullisd-mutants,policyctl,subject-*} "$cases"/*.awk $bin/
policy=/etc/portcullis/policy.ini
socket=/run/portcullis.sock
log=/tmp/decisions.log
busybox=/run/vm/busybox
passed=0
failed=0
phase=control
daemon=
o=$bin/subject-open
x=$bin/subject-exec
c=$bin/subject-connect
log_start=1
lost_before=0
tries=0
token=
daemon_options=()
reload_options=()
declare -A line_of control_of status status_before

# Where each instruction is emulated, a program with libraries takes a tenth of a second to start, and one without a
# hundredth. For the tests themselves those will do; what `try` runs is named by its path where that matters.
light_tools=(cp grep ln mkdir mv rm stat tail tr)
for tool in "${light_tools[@]}"; do
	eval "$tool() { $busybox $tool \"\$@\"; }"
done

# daemon_config [LINES [WINDOW]] - the daemon's settings; without a WINDOW each decision is told by itself: most cases look
# for their own. Cases write policies all the time: unless LINES has a [protect] of its own, they may.
daemon_config() {
	local more="${1:+$1$'\n'}"

	[[ $more == *'[protect]'* ]] || more+=$'[protect]\nfiles = no\n'
	mkdir -p /etc/portcullis
	printf '%s[records]\ncoalesce = %s\n' "$more" "${2:-0}" >/etc/portcullis/portcullisd.conf
}
daemon_config

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

# as USER GROUPS COMMAND… - GROUPS with commas between.
as() { setpriv --reuid "$1" --regid "$1" --groups "$2" --no-new-privs "${@:3}"; }

json() { "$busybox" awk -f $bin/json.awk -f "$bin/$1.awk" "${@:2}"; }

# The daemon's status: ${status[counters.open.deny.decided]}, and so on. By a file: not every policy lets the shell open a
# pipe.
read_status() {
	local path value

	status=()
	ctl status --json 2>/dev/null | json status >/tmp/status
	while read -r path value; do status[$path]=$value; done </tmp/status
	((${#status[@]} > 0)) || fail "the status can be read" "nothing came"
}

# add_up PATTERN - into `sum`: the values of the status whose paths are like that.
add_up() {
	local path

	sum=0
	for path in "${!status[@]}"; do
		# shellcheck disable=SC2053 # a pattern
		[[ $path != $1 ]] || sum=$((sum + status[$path]))
	done
}

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

# Another task, whose root directory a subject may go through: init is outside the family that all subjects may be in.
other=1
[[ $kernel != *-profile ]] || other=$$

# Where all subjects are in a family: its sections are asked, and never have an answer.
family_rules() {
	[[ $kernel == *-profile ]] || return 0
	printf '%s\n' '[profile subjects]' 'exe = /run/vm/family/*' '[exec subjects]' 'allow = /never/there/*' \
		'[open subjects]' 'allow = /never/there/*' '[connect subjects]' 'allow = unix:/never/there/*'
}

# policy_write GROUP MODE - the first mode is [policy]'s.
policy_write() {
	sed "0,/^mode .*/s//mode = $2/" "$cases/$1.ini" >"$policy"
	family_rules >>"$policy"
	read_lines
}

# policy_load GROUP MODE - from here on that policy decides, and `judge` looks at what is logged from here on.
policy_load() {
	local path

	policy_write "$1" "$2"
	daemon_settle
	: >/tmp/expected
	refusals
	refused_before=$sum
	add_up 'counters.*.lost'
	lost_before=$sum
	for path in "${!status[@]}"; do status_before[$path]=${status[$path]}; done
	log_start=$(($(stat -c %s "$log") + 1))
	ctl reload "${reload_options[@]}" >/tmp/reload.out 2>&1 && return 0
	fail "$2: the policy of $1 is accepted" "$(tr '\n' ' ' </tmp/reload.out)"
	return 1
}

# What runs in the background says READY into that file, which is not there before.
await_ready() {
	for ((i = 0; i < 600; i++)); do
		grep -qs READY "$1" && return
		sleep 0.1
	done
	fail "${1##*/}: READY" "nothing came"
}

is_missing() { [[ ! -e $1 ]]; }

# wait_until COMMAND… - half a minute at most.
wait_until() {
	for ((i = 0; i < 300; i++)); do
		"$@" 2>/dev/null && return
		sleep 0.1
	done
	return 1
}

# own_policy TEXT - what follows is judged by that policy, as in the enforce phase.
own_policy() {
	{
		printf '%s\n' '[policy]' 'version = 1' "$1"
		family_rules
	} >"$policy"
	read_lines
	daemon_settle
	log_start=$(($(stat -c %s "$log") + 1))
	ctl reload >/tmp/reload.out 2>&1
	is "the policy with '${1%%$'\n'*}' is accepted" $? 0
}

daemon_start() {
	: >"$log"
	# Before the daemon is there: the one before it was ready, too.
	: >/tmp/daemon.out
	# As the unit has it: else those who hammer leave it little of the CPU.
	nice -n -10 "$bin/portcullisd" --policy "$policy" --log "$log" --socket "$socket" "${daemon_options[@]}" >/tmp/daemon.out 2>&1 &
	daemon=$!
	for ((i = 0; i < 900; i++)); do
		grep -q 'ready:' /tmp/daemon.out && return 0
		kill -0 "$daemon" 2>/dev/null || break
		sleep 0.1
	done
	fail "the daemon starts" "$(tr '\n' ' ' </tmp/daemon.out)"
	return 1
}

daemon_stop() {
	local code=0

	kill -TERM "$daemon" 2>/dev/null
	wait "$daemon" || code=$?
	is "SIGTERM ends the daemon cleanly" $code 0
	((code == 0)) || tail -n 5 /tmp/daemon.out
	daemon=
}

is_balanced() {
	local path

	for path in "${!status[@]}"; do
		[[ $path != *.balanced || ${status[$path]} == true ]] || return 1
	done
}

# Waits until what was decided up to now is in the log, and reads the status.
daemon_settle() {
	local logged sum

	[[ -n $daemon ]] || return 0
	read_status
	add_up 'counters.*.logged'
	logged=$sum
	for ((i = 0; i < 50; i++)); do
		[[ ${status[records.taken]} -ge $logged ]] && is_balanced && break
		sleep 0.1
		read_status
	done
}

# Into `sum`: how many decisions have been refusals, by the last status.
refusals() { add_up 'counters.*.deny.decided'; }

# What has gone wrong since the group's policy was loaded, by the last status.
troubles() {
	local path

	for path in "${!status[@]}"; do
		[[ $path != troubles.* || ${status[$path]} == "${status_before[$path]}" ]] || echo "$path=${status[$path]}"
	done
}

# try NAME HOOK VERDICT OBJECT RULE [ACCESS] -- COMMAND…
#
# VERDICT is what enforce mode does: allow, audit, deny. RULE is the rule's line in the policy (blanks as one), or
# "default". The command prints OK, or the error's name, as its last word; what is not refused ends as in the control
# phase. A subject takes the word in TRY for its name as a task, so its records are told from all others, and there is
# exactly one, or as many as `records=2 try …` says. For another program say `comm=curl try …`; without that, anybody's
# record of the object will do.
try() {
	local name=$1 hook=$2 verdict=$3 object=$4 rule=$5 access='' comm=${comm:-} count='' got last
	shift 5
	[[ $1 == -- ]] || { access=$1 && shift; }
	shift
	token=try$((++tries))
	[[ $* != *subject-* ]] || { comm=${comm:-$token} && count=${records:-1}; }
	got=$(TRY=$token "$@" 2>&1)
	last=${got##*$'\n'}
	if [[ $phase == enforce && $verdict == deny ]]; then
		[[ $last == EPERM ]] || { fail "$phase: $name" "not refused: $got" && return; }
	elif [[ $phase == control || -z ${control_of[$group $name]:-} ]]; then
		[[ $last == OK || $last == ECONNREFUSED ]] || { fail "$phase: $name" "$got" && return; }
		control_of[$group $name]=$last
	elif [[ $last != "${control_of[$group $name]}" ]]; then
		fail "$phase: $name" "$got, without a policy ${control_of[$group $name]}" && return
	fi
	if [[ $phase == control ]]; then
		pass "$phase: $name"
		return
	fi
	[[ $phase == enforce || $verdict != deny ]] || verdict=audit
	expect "$phase: $name" "$hook" "$verdict" "$object" "$rule" "$access" "$count"
}

# try_quiet NAME HOOK VERDICT OBJECT -- COMMAND… - as `try`, but the decision is counted and leaves no record.
try_quiet() {
	local name=$1 hook=$2 verdict=$3 object=$4 happens=$3 got counter before
	shift 5
	[[ $phase != audit || $verdict != deny ]] || happens=audit
	counter=counters.$hook.$happens.unlogged
	[[ $phase == control ]] || { read_status && before=${status[$counter]}; }
	token=try$((++tries))
	got=$(TRY=$token "$@" 2>&1)
	[[ $phase$verdict == enforcedeny ]] && is "$phase: $name" "$got" EPERM || is "$phase: $name" "$got" OK
	[[ $phase != control ]] || return 0
	read_status
	is "$phase: $name: counted" $((status[$counter] - before)) 1
	comm=$token expect "$phase: $name: no record" "$hook" $happens "$object" '' '' 0
}

# try_none NAME COMMAND… - passes in each phase and is no decision.
try_none() {
	local name=$1
	shift
	token=try$((++tries))
	is "$phase: $name" "$(TRY=$token "$@")" OK
	comm=$token expect "$phase: $name: no record" connect '' '*' '' '' 0
}

# What a command comes to, as a word: OK, EPERM if it says so, or all that it says.
word_of() {
	local said code

	said=$(LC_ALL=C.UTF-8 "$@" 2>&1)
	code=$?
	case $said in
	*'Operation not permitted'*) echo EPERM ;;
	*) ((code == 0)) && echo OK || echo "exit $code: $said" ;;
	esac
}

# expect NAME HOOK VERDICT OBJECT RULE ACCESS COUNT - records that have to be in the log when the phase ends. Empty RULE,
# ACCESS: any; OBJECT *: any; COUNT: exactly so many, and all alike; empty: one at least. `comm=$token expect …` asks for
# records of the last try's subject. A comm is a regular expression, in which PID is the record's pid.
expect() {
	local line=$5
	[[ $phase != control ]] || return 0
	if [[ $5 != default && $5 != tree && -n $5 ]]; then
		line=${line_of[$5]:-}
		[[ -n $line ]] || { fail "$1" "no line '$5' in the policy" && return; }
		line=$policy:$line
	fi
	printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$line" "$6" "$7" "${comm:-}" >>/tmp/expected
}

# Judges what `expect` collected, and that audit mode refused nobody.
judge() {
	local name why
	daemon_settle
	# The records of a flood take awk minutes.
	[[ ! -s /tmp/expected ]] || while IFS=$'\t' read -r name why; do
		if [[ -z $why ]]; then pass "$name"; else fail "$name" "$why"; fi
	done < <(tail -c "+$log_start" "$log" | json judge /tmp/expected -)
	: >/tmp/expected
	[[ $phase == audit ]] || return 0
	refusals
	is "audit: refusals during $group" $((sum - refused_before)) 0
	is "audit: records of refusals during $group" "$(tail -c "+$log_start" "$log" | grep -c '"verdict":"deny"')" 0
}

# At rest each decision is logged, coalesced, unlogged or lost, and under no load none is lost.
account() {
	local path fate wrong='' sum

	daemon_settle
	for path in "${!status[@]}"; do
		[[ $path == counters.*.decided ]] || continue
		fate=${path%.decided}
		sum=$((status[$fate.logged] + status[$fate.coalesced] + status[$fate.unlogged] + status[$fate.lost]))
		((status[$path] == sum)) || wrong+=" $fate: ${status[$path]} decided, $sum told"
	done
	is "$1: decided = logged + coalesced + unlogged + lost" "$wrong" ''
	add_up 'counters.*.lost'
	[[ -n ${2:-} ]] || is "$1: lost" $((sum - lost_before)) 0
}
