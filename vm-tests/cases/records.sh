# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2015 # sourced by all.sh: each file uses the others' variables; pass and fail never fail
# shellcheck shell=bash
# records.sh - what a record says of who it was: program, ancestors, cgroup, unit, an exec's arguments; and nothing else.

prepare_records() {
	mkdir -p /tmp/rec/long /sys/fs/cgroup/system.slice/{rec,other}.service
	cp "$bin/subject-ok" /tmp/rec/okay
	cp "$bin/subject-ok" /tmp/rec/denied
	cp "$busybox" /tmp/rec/busybox-old
	echo x >/tmp/rec/secret
}

cases_records() { :; }

# read_record OBJECT - into `record`: the last one of that object, as paths and values.
declare -A record
read_record() {
	local path value

	daemon_settle
	record=()
	while read -r path value; do record[$path]=$value; done < <(grep -F "\"object\":\"$1\"" "$log" | tail -n 1 | json status)
}

# args_are NAME OBJECT ARGUMENT… - so many, and these.
args_are() {
	local name=$1 i got='' wanted=''
	read_record "$2"
	shift 2
	for i in $(seq 0 $#); do got+="[${record[args.$i]-none}]"; done
	for i; do wanted+="[$i]"; done
	is "$name" "$got ${record[args_cut]:-}" "$wanted[none] "
}

cases_arguments() {
	local many long

	"$x" /tmp/rec/okay name 'a b' '' -- 'say "hi"' >/tmp/rec/out
	args_are "arguments: as they were passed" /tmp/rec/okay name 'a b' '' -- 'say "hi"'
	is "arguments: a refused exec is one" "$("$x" /tmp/rec/denied one two)" EPERM
	args_are "arguments: of a refused exec" /tmp/rec/denied one two
	"$x" -f /tmp/rec/okay by a descriptor >/tmp/rec/out
	args_are "arguments: execveat" /tmp/rec/okay by a descriptor
	"$x" -3 /tmp/rec/okay the 32-bit way >/tmp/rec/out
	args_are "arguments: by a 32-bit system call" /tmp/rec/okay the 32-bit way
	# shellcheck disable=SC2046 # one word each
	"$x" /tmp/rec/okay $(seq 70) >/tmp/rec/out
	read_record /tmp/rec/okay
	is "arguments: 64 of 70" "${record[args.63]-} ${record[args.64]-none} ${record[args_cut]-}" "64 none true"
	# shellcheck disable=SC2046
	"$x" /tmp/rec/okay $(seq 64) >/tmp/rec/out
	read_record /tmp/rec/okay
	is "arguments: 64 of 64" "${record[args.63]-} ${record[args_cut]-whole}" "64 whole"
	long=$(printf '%05000d' 0)
	"$x" /tmp/rec/okay "$long" >/tmp/rec/out
	read_record /tmp/rec/okay
	is "arguments: of 5,000 bytes" "$((${#record[args.0]} >= 4090 && ${#record[args.0]} <= 4096)) ${record[args_cut]-}" "1 true"
	"$x" /tmp/rec/okay a "${long:0:4000}" "${long:0:200}" z >/tmp/rec/out
	read_record /tmp/rec/okay
	is "arguments: of more than there is room for" "${#record[args.1]} ${record[args.3]-none} ${record[args_cut]-}" "4000 none true"
	"$x" -0 /tmp/rec/okay >/tmp/rec/out
	args_are "arguments: none" /tmp/rec/okay
}

# who NAME WANTED KEY… - of the last record of the secret.
who() {
	local name=$1 wanted=$2 key got=''
	shift 2
	read_record /tmp/rec/secret
	for key; do got+=" ${record[$key]-none}"; done
	is "$name" "${got# }" "$wanted"
}

cases_ancestors() {
	bash -c "bash -c '$o r /tmp/rec/secret; true'; true" >/tmp/rec/out
	who "ancestors: program" "$bin/subject-open" exe
	is "ancestors: the first is the parent" "${record[ancestors.0.pid]-}" "${record[ppid]-none}"
	is "ancestors: two shells and this one" "${record[ancestors.0.comm]-} ${record[ancestors.1.comm]-} ${record[ancestors.2.pid]-}" "bash bash $$"
	echo "if [ \$1 = 0 ]; then $o r /tmp/rec/secret; else $busybox sh \$0 \$((\$1 - 1)); fi; true" >/tmp/rec/deep
	"$busybox" sh /tmp/rec/deep 10 >/tmp/rec/out
	who "ancestors: eight of many" "busybox none" ancestors.7.comm ancestors.8.comm
	# Its parent is gone when the record is read, and so is the program.
	(bash -c "exec -a short $o r /tmp/rec/secret &" >/tmp/rec/out)
	sleep 0.5
	who "a short life" "$bin/subject-open" exe
	[[ -n ${record[ancestors.0.comm]-} ]] && pass "a short life: its parent is told" || fail "a short life: its parent is told" "nobody"
	# This shell was there before the daemon.
	: 2>/dev/null </tmp/rec/secret
	who "started before the daemon" "/usr/bin/bash $$" exe pid
	/tmp/rec/busybox-old sh -c 'mv /tmp/rec/busybox-old /tmp/rec/busybox-new; : </tmp/rec/secret' 2>/dev/null
	who "renamed while it runs: as it was started" /tmp/rec/busybox-old exe
	/tmp/rec/busybox-new sh -c ': </tmp/rec/secret' 2>/dev/null
	who "renamed: as it is started now" /tmp/rec/busybox-new exe
	unshare -m "$busybox" sh -c "mount -t tmpfs none /mnt && cp $busybox /mnt && exec /mnt/busybox cat /tmp/rec/secret" 2>/dev/null
	who "in a mount of another namespace" foreign:/busybox exe
}

# What lies in memory where another program did, which was removed, is told by its own name.
cases_removed() {
	local i

	for i in $(seq 40); do
		cp "$busybox" "/tmp/rec/busybox-made-$i"
		"/tmp/rec/busybox-made-$i" sh -c ': </tmp/rec/secret' 2>/dev/null
		rm "/tmp/rec/busybox-made-$i"
	done
	daemon_settle
	is "programs that take removed ones' places" "$(grep -F '"object":"/tmp/rec/secret"' "$log" | grep -o '"exe":"/tmp/rec/busybox-made-[0-9]*"' | sort -u | wc -l)" 40
}

# Moved while it runs, it is told again.
cases_cgroups() {
	local slice=/sys/fs/cgroup/system.slice

	bash -c "echo 0 >$slice/rec.service/cgroup.procs; : </tmp/rec/secret" 2>/dev/null
	who "cgroup and unit" "/system.slice/rec.service rec.service" cgroup unit
	bash -c "echo 0 >$slice/rec.service/cgroup.procs; : </tmp/rec/secret
		echo 0 >$slice/other.service/cgroup.procs; : </tmp/rec/secret" 2>/dev/null
	who "another cgroup" "/system.slice/other.service other.service /usr/bin/bash" cgroup unit exe
	bash -c ": </tmp/rec/secret" 2>/dev/null
	who "the root of all cgroups" "/ none" cgroup unit
}

# Long records first, so that their bytes lie where short ones are made. Read from the rings themselves.
cases_leaks() {
	local pattern leaks

	pattern=$(printf 'LEAK%.0s' $(seq 60))
	# Nobody else has them otherwise.
	cp /etc/portcullis/portcullisd.conf /tmp/rec/settings
	daemon_config $'[protect]\nfiles = no\nbpf = no'
	ctl reload >/tmp/reload.out 2>&1
	kill -STOP "$daemon"
	for _ in $(seq 20); do
		"$x" /tmp/rec/okay "$pattern" "$pattern" "$pattern" >/tmp/rec/out
		"$o" r "/tmp/rec/long/$pattern" >/tmp/rec/out
		"$x" /tmp/rec/okay a >/tmp/rec/out
		"$o" r /tmp/rec/secret >/tmp/rec/out
	done
	leaks=$("$bin/subject-ring" LEAK)
	kill -CONT "$daemon"
	cp /tmp/rec/settings /etc/portcullis/portcullisd.conf
	ctl reload >/tmp/reload.out 2>&1
	is "rings: every record ends where it says, and holds no other's bytes" "${leaks%% *}" 0
	[[ ${leaks#* } =~ ^[0-9]+$ && ${leaks#* } -ge 80 ]] && pass "rings: records" || fail "rings: records" "$leaks"
}

after_records() {
	can_enforce || return
	cases_arguments
	cases_ancestors
	cases_removed
	cases_cgroups
	cases_leaks
	account "accounting of records"
}
