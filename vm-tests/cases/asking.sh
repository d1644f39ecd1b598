# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2015,SC2016 # sourced by all.sh: each file uses the others' variables; pass and fail never fail
# shellcheck shell=bash
# asking.sh - ways out of a family, into one, and to what is others', besides those of profiles.sh.

prepare_asking() {
	local name

	a=$bin/subject-asking
	mkdir -p /tmp/q/{host,fam,scripts,late,race}
	for name in not okay host/{granted,script}; do echo x >"/tmp/q/$name"; done
	for name in fam late; do
		cp "$a" "$o" "$x" "$bin/subject-system" "$busybox" "/tmp/q/$name/"
	done
	cp /usr/bin/head /tmp/q/fam/head
	cp /usr/bin/head /tmp/q/head
	cp "$o" /tmp/q/suid-open
	cp "$bin/subject-uring" /tmp/q/uring
	cp "$(realpath /lib/x86_64-linux-gnu/libutil.so.1)" /tmp/q/evil.so
	printf '#!%s sh\nshift\nexec %s "$@"\n' "$busybox" "$o" >/tmp/q/script
	printf '#!/tmp/q/script\n' >/tmp/q/chain
	printf '#!%s sh\necho OWN\n' "$busybox" >/tmp/q/scripts/run
	printf '#!%s sh\necho OTHER\nread -r x <%s 2>/dev/null && echo GRANTED\n' "$busybox" /tmp/q/host/script >/tmp/q/race/other
	chmod -R a+rX /tmp/q
	chmod a+x /tmp/q/{script,chain,scripts/run,race/other}
	chmod 4755 /tmp/q/suid-open
}

# by_fam COMMAND - what it comes to when a shell of the family runs it.
by_fam() { /tmp/q/fam/busybox sh -c "$1"; }

# as_user COMMAND… - as nobody in particular, who may use set-user-ID programs.
as_user() { setpriv --reuid 65533 --regid 65533 --clear-groups "$@"; }

# What a family starts, however it does.
cases_asking() {
	local not='deny = /tmp/q/not' open="$o r /tmp/q/not" way

	try "outside" open allow /tmp/q/not default read -- "$o" r /tmp/q/not
	try "another file" open allow /tmp/q/okay default read -- by_fam "$o r /tmp/q/okay; true"
	for way in daemon orphan subreaper vfork thread "cgroup /sys/fs/cgroup"; do
		try "family: ${way%% *}" open deny /tmp/q/not "$not" read -- by_fam "$a $way $open; true"
	done
	try "family: a user namespace" open deny /tmp/q/not "$not" read -- by_fam "unshare -Ur $open; true"
	try "family: its own mounts and root" open deny /tmp/q/not "$not" read -- \
		by_fam "unshare -Urm $busybox sh -c '$busybox mount --rbind / /mnt && exec $busybox chroot /mnt $open'"
	try "family: a PID namespace" open deny /tmp/q/not "$not" read -- by_fam "unshare -Urpf $open; true"
	# By whom the worker, or the thread that polls, has it done is the kernel's affair.
	for way in -w -p; do
		comm='try[0-9]+|iou-[a-z]+-[0-9]+' try "family: io_uring $way" open deny /tmp/q/not "$not" read -- \
			by_fam "/tmp/q/uring $way openat /tmp/q/not; true"
	done
	try "family: a set-user-ID program" open deny /tmp/q/not "$not" read -- \
		as_user /tmp/q/fam/busybox sh -c "/tmp/q/suid-open r /tmp/q/not; true"
	try "family: scripts that run scripts" open deny /tmp/q/not "$not" read -- by_fam "/tmp/q/chain r /tmp/q/not; true"
	try "family: from memory, by a thread" open deny /tmp/q/not "$not" read -- by_fam "$a thread $x -m $o $open; true"
}

# ---- Once the phases are over. ----

readonly asking_fam='[profile fam]
exe = /tmp/q/fam/*
[open fam]'
readonly asking_late='[profile late]
exe = /tmp/q/late/*
[open late]
deny = /tmp/q/not'

# asking_start OUT COMMAND… - in the background, until it says READY; what is written to $to is its input.
asking_start() {
	local out=$1

	shift
	rm -f /tmp/q/in "$out"
	mkfifo /tmp/q/in
	"$@" </tmp/q/in >"$out" 2>&1 &
	asking=$!
	# For both, so that it is no matter who is gone.
	exec {to}<>/tmp/q/in
	await_ready "$out"
}

asking_end() {
	echo go >&"$to"
	exec {to}>&-
	wait "$asking"
	told=$("$busybox" tail -n 1 "$1")
}

after_asking() {
	can_enforce || return 0
	asking_threads
	asking_storm
	asking_renumber
	asking_restart
	asking_boundary
	asking_preload
	asking_swap
}

# Of a program that runs already, all threads are given its profile.
asking_threads() {
	own_policy "mode = enforce"
	asking_start /tmp/q/threads.out /tmp/q/late/subject-asking threads /tmp/q/not
	own_policy "mode = enforce
$asking_late"
	asking_end /tmp/q/threads.out
	is "threads: all are in the profile" "$told" "refused: 8 of 8 old threads, 1 new, 1 child, 1 itself"
}

# Tasks that are born all the time while their profile is loaded: from then on none is outside it.
asking_storm() {
	local what

	for what in reload start; do
		rm -f /tmp/q/go
		if [[ $what == reload ]]; then
			own_policy "mode = enforce"
		else
			own_policy "mode = enforce
$asking_late"
			daemon_stop
		fi
		asking_start /tmp/q/storm.out nice -n 19 /tmp/q/late/subject-asking storm 2 /tmp/q/go /tmp/q/not
		if [[ $what == reload ]]; then
			own_policy "mode = enforce
$asking_late"
		else
			daemon_start
		fi
		: >/tmp/q/go
		asking_end /tmp/q/storm.out
		echo "# $kernel: storm during a $what: $told"
		[[ $told == *" 800 asked, 0 passed" ]] && pass "storm: a $what: none escapes" || fail "storm: a $what: none escapes" "$told"
	done
}

# The same family at another place in each policy: its tasks never have another's rules.
asking_renumber() {
	local turn wrong=0 reloads=24 total others

	own_policy "mode = enforce
$asking_fam
deny = /tmp/q/not"
	rm -f /tmp/q/end
	asking_start /tmp/q/one.out by_fam "$a hammer /tmp/q/end /tmp/q/not /tmp/q/okay & echo READY; wait"
	for ((turn = 0; turn < reloads; turn++)); do
		others=
		for ((i = 0; i < turn % 6; i++)); do
			others+="
[profile other$i]
exe = /tmp/q/other$i
[open other$i]
allow = /tmp/q/not
deny = /tmp/q/okay"
		done
		printf '%s\n' '[policy]' 'version = 1' 'mode = enforce' "$asking_fam" 'deny = /tmp/q/not' "$others" >"$policy"
		ctl reload >/tmp/reload.out 2>&1 || fail "renumber: reload $turn" "$(</tmp/reload.out)"
	done
	: >/tmp/q/end
	asking_end /tmp/q/one.out
	read -r total wrong <<<"$told"
	echo "# $kernel: $reloads reloads that move the profile: $total times two opens"
	((total > 1000)) && is "renumber: wrong answers" "$wrong" 0 || fail "renumber: enough was asked" "$told"
}

# Without the daemon nothing is enforced; the next one finds the family again, what it had started besides.
asking_restart() {
	own_policy "mode = enforce
$asking_fam
deny = /tmp/q/not"
	asking_start /tmp/q/restart.out by_fam "echo READY; read -r x; $o r /tmp/q/not; true"
	daemon_stop
	daemon_start
	asking_end /tmp/q/restart.out
	is "restart: what it starts" "$("$busybox" sed -n 2p /tmp/q/restart.out)" EPERM
}

# What is another task's: only the way there is tried, by root's rights or those of the same user.
asking_boundary() {
	local way outside inside

	own_policy "mode = enforce
[open]
deny = /tmp/q/host/**
$asking_fam
deny = /tmp/q/not
[profile grants]
exe = /tmp/q/late/*
[open grants]
allow = /tmp/q/host/granted"
	setpriv --reuid 65533 --regid 65533 --clear-groups "$a" wait >/tmp/q/wait.out &
	outside=$!
	await_ready /tmp/q/wait.out
	for way in read write seize attach; do
		is "boundary: a family, $way" "$(as_user /tmp/q/fam/busybox sh -c "$a $way $outside; true")" EPERM
		[[ $way == read ]] || continue
		is "boundary: outside, $way" "$(as_user "$a" $way $outside)" OK
	done
	kill $outside
	wait $outside 2>/dev/null
	setpriv --reuid 65533 --regid 65533 --clear-groups /tmp/q/late/subject-asking wait >/tmp/q/wait2.out &
	inside=$!
	await_ready /tmp/q/wait2.out
	for way in seize read; do
		is "boundary: what grants, $way" "$(as_user "$a" $way $inside)" EPERM
	done
	kill $inside
	wait $inside 2>/dev/null
	is "boundary: outside, its parent traces it" "$(as_user "$busybox" sh -c "$a traceme; true")" OK
	is "boundary: a family, a parent of its own" "$(as_user /tmp/q/fam/busybox sh -c "$a traceme; true")" OK
	is "boundary: what grants, a parent of its own" "$(as_user /tmp/q/late/busybox sh -c "/tmp/q/late/subject-asking traceme; true")" OK
	is "boundary: what grants, a parent outside" "$(as_user "$busybox" sh -c "/tmp/q/late/subject-asking traceme; true")" EPERM
}

# No library gets into a program that is granted something by the environment.
asking_preload() {
	local preload='LD_PRELOAD=/tmp/q/evil.so'

	is "preload: outside" "$(env $preload /tmp/q/head -c 100000 /proc/self/maps | grep -c evil.so | sed 's/^[1-9].*/some/')" some
	own_policy "mode = enforce
$asking_fam
deny = /tmp/q/not"
	is "preload: a family that is granted nothing" \
		"$(env $preload /tmp/q/fam/head -c 100000 /proc/self/maps | grep -c evil.so | sed 's/^[1-9].*/some/')" some
	own_policy "mode = enforce
[open]
deny = /tmp/q/host/**
$asking_fam
allow = /tmp/q/host/granted"
	is "preload: one that is" "$(env $preload /tmp/q/fam/head -c 100000 /proc/self/maps | grep -c evil.so)" 0
}

# A script's link is turned to another text between the kernel's look at its name and the interpreter's.
asking_swap() {
	local tries=300 got

	own_policy "mode = enforce
[open]
deny = /tmp/q/host/**
[profile script]
exe = /tmp/q/scripts/*
[open script]
allow = /tmp/q/host/script"
	ln -sf /tmp/q/scripts/run /tmp/q/race/link
	"$busybox" sh -c 'cd /tmp/q/race; while [ ! -e stop ]; do
		'"$busybox"' ln -sf other new; '"$busybox"' mv -f new link
		'"$busybox"' ln -sf ../scripts/run new; '"$busybox"' mv -f new link; done' &
	got=$("$busybox" sh -c 'i=0; while [ $i -lt '$tries' ]; do /tmp/q/race/link; i=$((i + 1)); done' 2>&1)
	: >/tmp/q/race/stop
	wait $!
	echo "# $kernel: of $tries scripts behind a link that turns, $(grep -c OTHER <<<"$got") ran the other text"
	grep -q OTHER <<<"$got" && grep -q OWN <<<"$got" && pass "swap: both texts are run" || fail "swap: both texts are run" "${got:0:100}"
	is "swap: the other text is granted nothing" "$(grep -c GRANTED <<<"$got")" 0
}
