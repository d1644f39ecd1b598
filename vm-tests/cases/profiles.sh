# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2015,SC2016 # sourced by all.sh: each file uses the others' variables; pass and fail never fail
# shellcheck shell=bash
# profiles.sh - which tasks are in a profile, that what a family starts stays in it, and how its rules join the host's.

prepare_profiles() {
	local name

	mkdir -p /tmp/p/{host,fam,other,proc,scripts,late,free}
	for name in host/{x,granted,script} never fam-not other-not proc-not script-not user-not group-not both-not late-not unit-not box-not; do
		echo x >"/tmp/p/$name"
	done
	for name in fam other proc late free; do
		cp "$bin/subject-open" "$bin/subject-exec" "$bin/subject-connect" "/tmp/p/$name/"
		cp "$busybox" "/tmp/p/$name/busybox"
	done
	cp "$bin/subject-ok" /tmp/p/fam/forbidden
	printf '#!%s sh\nexec %s "$@"\n' "$busybox" "$o" >/tmp/p/scripts/run
	# Refused by the kernel behind the hook: its interpreter is not there.
	sed 's,/lib64/ld-linux-x86-64.so.2,/lib64/ld-linux-x86-64.so.9,' /usr/bin/true >/tmp/p/fam/broken
	chmod -R a+rX /tmp/p
	chmod a+x /tmp/p/scripts/run /tmp/p/fam/broken
}

# by SHELL COMMAND - what COMMAND comes to when a shell that is in some profile runs it.
by() { "/tmp/p/$1/busybox" sh -c "$2"; }

cases_profiles() {
	local f=/tmp/p/fam/subject-open p=/tmp/p/proc/subject-open not='deny = /tmp/p/fam-not'

	try "outside: the host's denial" open deny /tmp/p/host/x 'deny.read = /tmp/p/host/**' read -- "$o" r /tmp/p/host/x
	try "outside: what a family may not" open allow /tmp/p/fam-not default read -- "$o" r /tmp/p/fam-not
	try "family: its own denial" open deny /tmp/p/fam-not "$not" read -- "$f" r /tmp/p/fam-not
	try "family: once more" open deny /tmp/p/fam-not "$not" read -- "$f" r /tmp/p/fam-not
	try "family: the host's denial" open deny /tmp/p/host/x 'deny.read = /tmp/p/host/**' read -- "$f" r /tmp/p/host/x
	try "family: what it is granted" open allow /tmp/p/host/granted 'allow = /tmp/p/host/granted' read -- "$f" r /tmp/p/host/granted
	try "outside: that grant" open deny /tmp/p/host/granted 'deny.read = /tmp/p/host/**' read -- "$o" r /tmp/p/host/granted
	try "family: nothing lifts a never" open deny /tmp/p/never 'never = /tmp/p/never' read -- "$f" r /tmp/p/never
	try "family: exec" exec deny /tmp/p/fam/forbidden 'deny = /tmp/p/fam/forbidden' -- /tmp/p/fam/subject-exec /tmp/p/fam/forbidden
	try "outside: that exec" exec allow /tmp/p/fam/forbidden default -- "$x" /tmp/p/fam/forbidden
	cases_profiles_stay "$not"
	try "process: its own denial" open deny /tmp/p/proc-not 'deny = /tmp/p/proc-not' read -- "$p" r /tmp/p/proc-not
	try "process: what it starts is outside" open allow /tmp/p/proc-not default read -- by proc "$o r /tmp/p/proc-not"
	try "process: by exec too" open allow /tmp/p/proc-not default read -- by proc "exec $o r /tmp/p/proc-not"
	try "process: enters a family" open deny /tmp/p/fam-not "$not" read -- by proc "$f r /tmp/p/fam-not"
	cases_profiles_subjects
	cases_profiles_cgroups
	cases_profiles_scripts
}

# within CGROUP COMMAND… - COMMAND, started in that cgroup, which is made if it is not there.
within() {
	mkdir -p "/sys/fs/cgroup$1" && sh -c 'echo 0 >"/sys/fs/cgroup$1/cgroup.procs" && shift && exec "$@"' - "$@"
}

cases_profiles_cgroups() {
	local name deep='' unit=/tmp/p/unit-not box=/tmp/p/box-not

	try "unit: the service" open deny $unit "deny = $unit" read -- within /system.slice/web@a.service "$o" r $unit
	try "unit: below it" open deny $unit "deny = $unit" read -- within /system.slice/web@a.service/worker/7 "$o" r $unit
	try "unit: of another slice" open deny $unit "deny = $unit" read -- within /a.slice/a-b.slice/web@b.service "$o" r $unit
	try "unit: another one" open allow $unit default read -- within /system.slice/web.service "$o" r $unit
	try "unit: of a user's own manager" open allow $unit default read -- \
		within /user.slice/user-1.slice/user@1.service/app.slice/web@a.service "$o" r $unit
	try "unit: a process that moves there, before it starts a program" open allow $unit default read -- \
		python3 -c "open('/sys/fs/cgroup/system.slice/web@a.service/cgroup.procs', 'w').write('0'); open('$unit'); print('OK')"
	try "unit: that one's next program" open deny $unit "deny = $unit" read -- \
		python3 -c "import os; open('/sys/fs/cgroup/system.slice/web@a.service/cgroup.procs', 'w').write('0'); os.execv('$o', ['$o', 'r', '$unit'])"
	try "cgroup: it matches" open deny $box "deny = $box" read -- within /boxes.slice/box-1.scope "$o" r $box
	try "cgroup: below it" open deny $box "deny = $box" read -- within /boxes.slice/box-1.scope/init "$o" r $box
	try "cgroup: beside it" open allow $box default read -- within /boxes.slice/box.scope "$o" r $box
	try "cgroup: above it" open allow $box default read -- within /boxes.slice "$o" r $box
	# Past what is looked at: it might be anything, so it may nothing.
	name=$(printf '%0200d' 0)
	for _ in 1 2 3 4 5 6; do deep+=/$name; done
	try "cgroup: a path that is too long" open deny $box default read -- within "$deep" "$o" r $box
}

# What a family starts, however it does.
cases_profiles_stay() {
	local not=$1 open="$o r /tmp/p/fam-not"

	try "family: what it starts" open deny /tmp/p/fam-not "$not" read -- by fam "$open; true"
	try "family: exec" open deny /tmp/p/fam-not "$not" read -- by fam "exec $open"
	try "family: double fork" open deny /tmp/p/fam-not "$not" read -- by fam "( ( $open ) & wait )"
	try "family: setsid" open deny /tmp/p/fam-not "$not" read -- by fam "$busybox setsid $open"
	try "family: nohup" open deny /tmp/p/fam-not "$not" read -- by fam "/usr/bin/nohup $open"
	try "family: posix_spawn" open deny /tmp/p/fam-not "$not" read -- by fam \
		"python3 -c 'import os; os.waitpid(os.posix_spawn(\"$o\", [\"$o\", \"r\", \"/tmp/p/fam-not\"], os.environ), 0)'"
	try "family: a program of another family" open deny /tmp/p/fam-not "$not" read -- by fam \
		"/tmp/p/other/subject-open r /tmp/p/fam-not"
	try "family: that one's rules don't count" open allow /tmp/p/other-not default read -- by fam \
		"/tmp/p/other/subject-open r /tmp/p/other-not"
	try "family: a program of process scope" open deny /tmp/p/fam-not "$not" read -- by fam "/tmp/p/proc/subject-open r /tmp/p/fam-not"
	try "family: another user" open deny /tmp/p/fam-not "$not" read -- by fam "/usr/bin/setpriv --reuid 65534 $open"
	try "family: a program in memory" open deny /tmp/p/fam-not "$not" read -- by fam "$x -m $o $open"
	try "family: a new cgroup" open deny /tmp/p/fam-not "$not" read -- by fam \
		"mkdir -p /sys/fs/cgroup/p && echo 0 >/sys/fs/cgroup/p/cgroup.procs && $open"
	try "family: a failed exec changes nothing" open allow /tmp/p/fam-not default read -- \
		bash -c "shopt -s execfail; exec /tmp/p/fam/broken 2>/dev/null; exec $open"
}

cases_profiles_subjects() {
	try "user: its own denial" open deny /tmp/p/user-not 'deny = /tmp/p/user-not' read -- as 65534 1 "$o" r /tmp/p/user-not
	try "user: others" open allow /tmp/p/user-not default read -- as 65533 1 "$o" r /tmp/p/user-not
	try "group: a supplementary one" open deny /tmp/p/group-not 'deny = /tmp/p/group-not' read -- \
		as 65533 1,12345,54321 "$o" r /tmp/p/group-not
	try "group: another value of the key" open deny /tmp/p/group-not 'deny = /tmp/p/group-not' read -- \
		as 65533 7,8,12346 "$o" r /tmp/p/group-not
	try "group: the primary one" open deny /tmp/p/group-not 'deny = /tmp/p/group-not' read -- \
		setpriv --regid 12345 --clear-groups "$o" r /tmp/p/group-not
	try "group: others" open allow /tmp/p/group-not default read -- as 65533 1,12344,54321 "$o" r /tmp/p/group-not
	try "user and group: both" open deny /tmp/p/both-not 'deny = /tmp/p/both-not' read -- as 65534 12345 "$o" r /tmp/p/both-not
	try "user and group: more is asked, so it is chosen" open allow /tmp/p/user-not default read -- \
		as 65534 12345 "$o" r /tmp/p/user-not
}

cases_profiles_scripts() {
	try "script: by its name" open deny /tmp/p/script-not 'deny = /tmp/p/script-not' read -- /tmp/p/scripts/run r /tmp/p/script-not
	try "script: its name grants nothing" open deny /tmp/p/host/script 'deny.read = /tmp/p/host/**' read -- \
		/tmp/p/scripts/run r /tmp/p/host/script
}

# ---- Once the phases are over. ----

# late NAME - a shell of that folder that does what it is told: into `told`.
late_start() {
	mkfifo "/tmp/p/$1.in" 2>/dev/null
	rm -f "/tmp/p/$1.out"
	"/tmp/p/late/busybox" sh -c "$2" <"/tmp/p/$1.in" >"/tmp/p/$1.out" 2>&1 &
}

late_policy() {
	own_policy "mode = enforce
[profile $1]
exe = /tmp/p/late/*
[open $1]
deny = /tmp/p/late-not"
}

# The answers of shells that wait for a line in their pipes: each says what an open of theirs came to.
late_ask() {
	echo "$o r /tmp/p/late-not" >&"$1"
	for ((i = 0; i < 300; i++)); do
		[[ -s /tmp/p/$2.out ]] && break
		sleep 0.1
	done
	late=$(<"/tmp/p/$2.out")
	: >"/tmp/p/$2.out"
}

after_profiles() {
	local one two

	can_enforce || return 0
	grep -q '"profile":"fam"' "$log" && pass "records name the profile" || fail "records name the profile" "none does"
	own_policy "mode = enforce"
	late_start one 'while read -r line; do $line; done'
	exec {one}>/tmp/p/one.in
	# A child of one that is going to be in a family, with another program.
	late_start two "exec 3<&0; $busybox sh -c 'while read -r line; do \$line; done' <&3 & wait"
	exec {two}>/tmp/p/two.in
	late_ask "$one" one
	is "late: nothing is refused yet" "$late" OK
	late_ask "$two" two
	is "late: nor to the child" "$late" OK
	late_policy late
	late_ask "$one" one
	is "late: a running program is given its profile" "$late" EPERM
	late_ask "$two" two
	is "late: and what it had started" "$late" EPERM
	late_policy late
	late_ask "$two" two
	is "late: a family survives a reload" "$late" EPERM
	late_policy later
	late_ask "$two" two
	is "late: without its profile the host's rules hold" "$late" OK
	own_policy "mode = enforce"
	late_ask "$one" one
	is "late: no profile" "$late" OK
	exec {one}>&- {two}>&-
	connects_by_profile
	bomb
	boundary
	grants
	program_lengths
}

# What a plain connect was answered is remembered for those alone who are in the same profile.
connects_by_profile() {
	local round mine=/tmp/p/fam/subject-connect six=::ffff:127.0.0.9 before

	own_policy "mode = enforce
[profile fam]
exe = /tmp/p/fam/*
[connect]
log = none
deny.quiet = 127.0.0.7 port 10
[connect fam]
deny.quiet = 127.0.0.9
deny.quiet = 127.0.0.8 port 9 tcp
deny.quiet = ::1 port 7"
	read_status
	before=${status[counters.connect.allow.decided]}
	for round in first again; do
		is "connects, $round: outside" "$("$c" udp 127.0.0.9 9) $("$c" udp $six 9) $("$c" udp ::1 7)" 'OK OK OK'
		is "connects, $round: a family" "$($mine udp 127.0.0.9 9) $($mine udp $six 9) $($mine udp ::1 7)" 'EPERM EPERM EPERM'
		is "connects, $round: a family, elsewhere" "$($mine udp 127.0.0.7 9) $($mine udp ::1 8)" 'OK OK'
		is "connects, $round: another port" "$("$c" udp 127.0.0.7 10) $($mine udp 127.0.0.7 10)" 'EPERM EPERM'
		is "connects, $round: another protocol" "$($mine udp 127.0.0.8 9) $($mine tcp 127.0.0.8 9)" 'OK EPERM'
	done
	read_status
	# With the question itself.
	is "connects: each is counted" $((${status[counters.connect.allow.decided]} - before)) 13
}

# Each of many short tasks of a family asks once; some are orphans.
bomb() {
	local count=${PROFILES_BOMB:-2000} got start

	own_policy "mode = enforce
[profile fam]
exe = /tmp/p/fam/*
[open fam]
log = none
deny = /tmp/p/fam-not"
	start=$SECONDS
	got=$(/tmp/p/fam/busybox sh -c 'i=0; while [ $i -lt '"$count"' ]; do
		( ( read -r x </tmp/p/fam-not ) 2>/dev/null && echo ESCAPED ) &
		( read -r x </tmp/p/fam-not ) 2>/dev/null && echo ESCAPED
		i=$((i + 2)); [ $((i % 50)) -gt 1 ] || wait
	done; wait; echo DONE')
	is "$count short tasks: none escapes" "$got" DONE
	echo "# $kernel: $count short tasks took $((SECONDS - start)) s"
}

# What belongs to tasks outside a family is not a member's to take: memory, what /proc shows of it, descriptors.
boundary() {
	local getfd='
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
fd = libc.syscall(438, os.pidfd_open(int(sys.argv[1])), 0, 0)
print("OK" if fd >= 0 else ctypes.get_errno())'

	local look='cat /proc/$PPID/environ >/dev/null 2>&1 && echo OK || echo REFUSED'

	# Root passes that on 6.15 and later, with CAP_PERFMON: no security module is asked.
	is "boundary: outside, /proc/PID/environ" "$(as 65533 1 "$busybox" sh -c "$busybox sh -c '$look'; true")" OK
	is "boundary: a family, /proc/PID/environ" "$(as 65533 1 "$busybox" sh -c "/tmp/p/fam/busybox sh -c '$look'; true")" REFUSED
	python3 -c 'import time; time.sleep(1000)' &
	outside=$!
	is "boundary: a family, /proc/PID/mem" "$(by fam "exec 3</proc/$outside/mem && echo OK" 2>/dev/null || echo REFUSED)" REFUSED
	is "boundary: outside, a descriptor" "$(python3 -c "$getfd" $outside)" OK
	is "boundary: a family, a descriptor" "$(by fam "python3 -c '$getfd' $outside")" 1
	is "boundary: a family, its own child" "$(by fam 'sleep 100 & cat /proc/$!/environ >/dev/null && echo OK; kill $!')" OK
	kill $outside
	wait $outside 2>/dev/null
	daemon_settle
	grep -q '"rule":"family"' "$log" && pass "boundary: the record says so" || fail "boundary: the record says so" "no record"
}

# A profile that grants what the host denies: its programs start as set-user-ID ones do, and nobody who could change what
# they do is granted it.
grants() {
	local traced='
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
child = os.fork()
if child == 0:
    libc.ptrace(0, 0, 0, 0)
    os.execv(sys.argv[1], sys.argv[1:])
while not os.WIFEXITED(os.waitpid(child, 0)[1]):
    libc.ptrace(7, child, 0, 0)'

	own_policy 'mode = enforce
[open]
deny.read = /tmp/p/host/**
[profile fam]
exe = /tmp/p/fam/*
[open fam]
allow = /tmp/p/host/granted
[profile other]
exe = /tmp/p/other/*
[open other]
deny = /tmp/p/fam-not'
	is "grants: it is granted" "$(/tmp/p/fam/subject-open r /tmp/p/host/granted)" OK
	is "grants: not to a traced program" "$(python3 -c "$traced" /tmp/p/fam/subject-open r /tmp/p/host/granted)" EPERM
	is "grants: AT_SECURE" "$(by fam 'od -An -tu8 -w16 /proc/self/auxv' | "$busybox" awk '$1 == 23 { print $2 }')" 0
	is "grants: AT_SECURE at the start" "$(/tmp/p/fam/busybox od -An -tu8 -w16 /proc/self/auxv | "$busybox" awk '$1 == 23 { print $2 }')" 1
	is "grants: no AT_SECURE where nothing is granted" \
		"$(/tmp/p/other/busybox od -An -tu8 -w16 /proc/self/auxv | "$busybox" awk '$1 == 23 { print $2 }')" 0
}

# Programs' names as they lie in a dentry, and such as are too long for that; each starts anew what the cache knows by then.
program_lengths() {
	local length name names=()

	for length in 7 8 9 31 32 33 39 40 41 240; do
		name=$(printf '%*s' "$length" '')
		name=${name// /n}
		names+=("$name")
		cp "$bin/subject-open" "/tmp/p/free/$name"
		cp "$bin/subject-open" "/tmp/p/free/${name%?}x"
	done
	own_policy "mode = enforce
[profile free]
exe = /tmp/p/free/n*n
[open free]
deny = /tmp/p/late-not"
	for name in "${names[@]}"; do
		is "a program's name of ${#name}: its profile" \
			"$(for _ in 1 2 3; do "/tmp/p/free/$name" r /tmp/p/late-not; done | tr '\n' ' ')" "EPERM EPERM EPERM "
		is "a program's name of ${#name}: none for another" \
			"$(for _ in 1 2 3; do "/tmp/p/free/${name%?}x" r /tmp/p/late-not; done | tr '\n' ' ')" "OK OK OK "
		daemon_settle
		is "a program's name of ${#name}: in its records" "$(grep -cF "\"exe\":\"/tmp/p/free/$name\"" "$log")" 3
	done
}
