# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2015 # sourced by all.sh: each file uses the others' variables; pass and fail never fail
# shellcheck shell=bash
# lawful.sh - what is lawful works as it does without a policy: programs at their daily work, phase by phase.
#
# A workload is a function work_NAME of lawful/*.sh, run in a folder that has the same name in each phase. What it prints
# and its exit code are kept in the control phase and must be the same in the audit phase, under rules that would deny
# much of what it touches (lawful/audit.ini), and in the enforce phase, under a policy that refuses nothing of it.

now=/tmp/l/now
. "$cases/lawful/packages.sh"
. "$cases/lawful/services.sh"
. "$cases/lawful/programs.sh"
. "$cases/lawful/files.sh"
. "$cases/lawful/containers.sh"

# Name, and what has to be in the log of the audit phase: hook, object, rule. Some need what an earlier one made.
# A lane is run beside the other.
lanes=('package_build package_install mounts accounts jobs'
	'git database web ssh container network_space python node memory sockets trees changes search')
workloads=(
	'package_build    exec     /usr/bin/dpkg-buildpackage              deny = /usr/bin/dpkg-*'
	'package_install  exec     foreign:/bin/apt-get                    deny = foreign:/bin/apt-*'
	'git              open     /tmp/l/now/git/first/.git/config        deny = /tmp/l/**/.git/**'
	'database         connect  unix:/tmp/l/now/database/.s.PGSQL.5544  deny = unix:/tmp/l/**/.s.PGSQL.*'
	'web              open     /tmp/l/now/web/root/page                deny = /tmp/l/now/web/root/**'
	'ssh              connect  127.0.0.1~port~5522~tcp                 deny = 127.0.0.0/8 port 5000-5999'
	'container        exec     userns:                                 deny = userns:'
	'network_space    open     /run/netns/lawful                       deny = /run/netns/**'
	'mounts           open     /tmp/l/now/mounts/disk                  deny = /tmp/l/now/mounts/**'
	'python           open     /tmp/l/now/python/database              deny = /tmp/l/now/python/**'
	'node             exec     /usr/bin/node                           deny = /usr/bin/node'
	'memory           open     anon:                                   deny = anon:'
	'sockets          connect  127.0.0.1~port~5601~udp                 deny = 127.0.0.0/8 port 5600-5699'
	'trees            open     /tmp/l/now/trees/tree/secret            deny = /tmp/l/**/secret'
	'changes          open     /tmp/l/now/changes/old                  deny.write = /tmp/l/now/changes/**'
	'search           open     /tmp/l/now/search/tree/needle           deny.read = /tmp/l/now/search/**'
	'jobs             exec     /tmp/l/now/jobs/job                     deny = /tmp/l/now/jobs/**'
	'accounts         open     /etc/shadow                             deny = /etc/{shadow,gshadow}'
)

prepare_lawful() {
	modprobe -a overlay loop 2>/dev/null
	mkdir -p /tmp/l/{control,audit,enforce}
	prepare_packages
	prepare_services
	if [[ ! -x /usr/bin/node ]]; then
		echo '# no node is installed, so it is left out'
		lanes=("${lanes[@]/ node/}")
		workloads=("${workloads[@]/node */}")
	fi
}

run_work() {
	local said=/tmp/l/$phase/$1 start=${EPOCHREALTIME/.}

	mkdir -p "$now/$1"
	(
		set -e -o pipefail
		unset -f "${light_tools[@]}"
		cd "$now/$1"
		export LC_ALL=C.UTF-8 TZ=UTC
		"work_$1"
	) </dev/null >"$said" 2>&1
	echo "exit $?" >>"$said"
	echo "$1 $(((${EPOCHREALTIME/.} - start) / 100000))" >>"/tmp/l/$phase/times"
}

run_lane() {
	local name

	for name; do run_work "$name"; done
}

judge_work() {
	local name=$1 said=/tmp/l/$phase/$1 difference

	if [[ $phase == control ]]; then
		is "control: lawful: $name" "$(tail -n 1 "$said")" 'exit 0'
		[[ $(tail -n 1 "$said") == 'exit 0' ]] || sed 's/^/#   /' "$said"
	elif difference=$(diff "/tmp/l/control/$name" "$said"); then
		pass "$phase: lawful: $name does and says what it did without a policy"
	else
		fail "$phase: lawful: $name does and says what it did without a policy" "${difference//$'\n'/ | }"
	fi
}

cases_lawful() {
	local line name hook object rule pids=()

	[[ $phase != audit ]] || policy_load lawful/audit audit || return
	rm -rf "$now"
	for line in "${lanes[@]}"; do
		# shellcheck disable=SC2086 # a list of words
		run_lane $line &
		pids+=($!)
	done
	wait "${pids[@]}"
	for line in "${workloads[@]}"; do
		read -r name hook object rule <<<"$line"
		[[ -n $name ]] || continue
		judge_work "$name"
		[[ $phase != audit ]] || expect "audit: lawful: $name is recorded" "$hook" audit "${object//\~/ }" "$rule" '' ''
	done
	echo "# $kernel $phase: tenths of a second: $(tr '\n' ' ' <"/tmp/l/$phase/times")"
}

# That a refusal would have been seen.
after_refusal() {
	can_enforce || return 0
	own_policy $'mode = enforce\n[exec]\ndeny = /tmp/l/now/jobs/**'
	rm -r "$now/jobs"
	run_work jobs
	diff /tmp/l/control/jobs "/tmp/l/$phase/jobs" | grep -q '^> .*Operation not permitted'
	is "a refusal shows in what jobs says" $? 0
}

# The enforce phase has been judged, but of that it only knows what was asked for.
after_lawful() {
	refusals
	is "$phase: refusals during lawful" $((sum - refused_before)) 0
	account "accounting of lawful"
	is "troubles of lawful" "$(troubles)" ''
	after_refusal
}
