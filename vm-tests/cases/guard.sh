# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2015 # sourced by pins.sh: each file uses the others' variables; pass and fail never fail
# shellcheck shell=bash
# guard.sh - what is kept from everybody but the daemon, root included, and the ways out that there are.

# Others than who started it can neither end nor stop nor trace the daemon, while the policy is enforced.
pins_guarded() {
	local signal maps_opened maps_refused programs_opened programs_refused links

	daemon_config
	ctl reload >/tmp/out 2>&1
	is "guarded: a reload" $? 0
	for signal in KILL STOP TERM INT SEGV 40; do
		is "guarded: SIG$signal of a stranger's" "$("$busybox" sh -c "kill -$signal $daemon" 2>&1 | grep -c 'not permitted')" 1
	done
	# F_SETOWN, F_SETSIG, and O_ASYNC by F_SETFL: one is sent when the other end is written to, one when it is closed.
	for signal in 9 15 0; do
		perl -MSocket -e 'socketpair(A, B, AF_UNIX, SOCK_STREAM, 0) && fcntl(A, 8, shift() + 0) && fcntl(A, 10, shift() + 0) &&
			fcntl(A, 4, 020000) && syswrite(B, "x")' "$daemon" $signal
	done
	"$busybox" usleep 200000
	is "guarded: signals that the kernel sends when a file is ready" "$("$busybox" sh -c "kill -0 $daemon" 2>&1)" ''
	is "guarded: a limit" "$(word_of prlimit --pid "$daemon" --cpu=1:1)" EPERM
	is "guarded: it may be asked whether it is there, and to open its log anew" "$("$busybox" sh -c "kill -0 $daemon && kill -USR1 $daemon" 2>&1)" ''
	is "guarded: strace" "$(strace -p "$daemon" 2>&1 | grep -c 'not permitted')" 1
	is "guarded: its memory" "$("$o" r "/proc/$daemon/mem")" EACCES
	read -r maps_opened maps_refused programs_opened programs_refused links < <("$bin/subject-objects")
	((maps_refused > 15 && programs_refused > 50)) && pass "guarded: its maps and programs" ||
		fail "guarded: its maps and programs" "refused are only $maps_refused and $programs_refused"
	is "guarded: links that could be changed" "$links" 2
	is "guarded: another pin in a pin's place" "$(mkdir -p /sys/fs/bpf/other && word_of mv -T /sys/fs/bpf/other $pins/next)" EPERM
	is "guarded: a program's pin" "$(word_of rm $pins/live/on_file_open) $(word_of mv $pins/live $pins/other) $(word_of mv $pins /sys/fs/bpf/other)" \
		"EPERM EPERM EPERM"
	is "guarded: the file system of the pins" "$("$busybox" umount -l /sys/fs/bpf 2>&1 | grep -c 'Operation not permitted')" 1
	is "guarded: the one that it lies below" "$("$busybox" umount -l /sys 2>&1 | grep -c 'Operation not permitted')" 1
	is "guarded: a folder beside the live one" "$(word_of mkdir $pins/next)" EPERM
	is "guarded: other pins" "$(word_of rmdir /sys/fs/bpf/other)" OK
	read_status
	is "guarded: counted" "${status[counters.guarded]}" $((15 + maps_refused + programs_refused + links + 7))
	is "guarded: its hooks are live, with a child of its own that looks into it" "$(ctl status | grep '^hooks ')" "hooks       live"
	ctl mode audit >/tmp/out
	is "guarded: in audit mode nothing is kept from anybody" "$("$busybox" sh -c "kill -STOP $daemon && kill -CONT $daemon" 2>&1)" ''
	read -r maps_opened maps_refused programs_opened programs_refused links < <("$bin/subject-objects")
	is "guarded: nor maps, programs and links" "$maps_refused $programs_refused $links" "0 0 0"
	ctl mode policy >/tmp/out
}

# The policy's files are not written to but by programs that it names, nor what hooks hang on.
pins_files() {
	local before

	pins_policy ''
	cat >>"$policy" <<-E
		[profile editors]
		exe = /tmp/p/editor/busybox
		[open editors]
		allow.write = /etc/portcullis/**
	E
	mkdir -p /tmp/p/editor
	cp "$busybox" /tmp/p/editor/busybox
	daemon_config $'[protect]\nfiles = yes'
	ctl reload >/tmp/out 2>&1
	is "files: a reload" $? 0
	is "files: the policy" "$("$o" w "$policy") $(word_of rm "$policy") $(word_of mv "$policy" "$policy.old") $(word_of mv /etc/portcullis /etc/other)" \
		"EPERM EPERM EPERM EPERM"
	is "files: the settings" "$("$o" w /etc/portcullis/portcullisd.conf)" EPERM
	is "files: the switch of ftrace" "$("$o" w /proc/sys/kernel/ftrace_enabled)" EPERM
	is "files: they can be read" "$("$o" r "$policy")" OK
	is "files: by a program that the policy names" "$(/tmp/p/editor/busybox sh -c "echo '; edited' >>$policy && echo OK")" OK
	daemon_settle
	is "files: the record names the rule" "$(tail -n 1 "$log" | grep -c '"object":"/proc/sys/kernel/ftrace_enabled","rule":"\[protect\] files:')" 1
	before=$(ctl rules | grep -c '\[protect\] files:')
	((before > 2)) && pass "files: the rules are told" || fail "files: the rules are told" "$(ctl rules)"
	ctl mode audit >/tmp/out
	is "files: in audit mode they are root's" "$("$o" w "$policy")" OK
	daemon_config
	ctl reload >/tmp/out 2>&1
	ctl mode policy >/tmp/out
	is "files: a reload takes the change" "$("$o" w "$policy")" OK
}

# Begins in audit mode, whatever was there.
pins_recovered() {
	pinned_start || return
	daemon_stop
	daemon_options=(--pins "$pins" --recover)
	pinned_start || return
	daemon_options=(--pins "$pins")
	is "recovered: nothing is refused" "$(opens 2 /tmp/p/denied)" "OK "
	ctl mode policy >/tmp/out
	is "recovered: until it is asked for" "$(opens 2 /tmp/p/denied)" "EPERM "
}

# The last: neither the policy nor what is pinned can be ended.
pins_sealed() {
	local before maps_opened maps_refused programs_opened programs_refused

	ctl mode audit >/tmp/out
	daemon_config $'[protect]\nfiles = no\nsealed = yes'
	ctl reload >/tmp/out 2>&1
	is "sealed: not in audit mode" "$(ctl mode policy >/tmp/out 2>&1; echo $?)" 0
	is "sealed: by the mode that it asks for" "$(ctl status | grep -c 'sealed:')" 1
	is "sealed: mode" "$(ctl mode audit 2>&1 | grep -c 'sealed: policy and mode stay')" 1
	pins_policy 'allow = /tmp/p/x'
	before=$(ctl status --json | json status | grep '^policy.generation')
	is "sealed: reload" "$(ctl reload 2>&1 | grep -c 'sealed: policy and mode stay')" 1
	daemon_stop
	read -r maps_opened maps_refused programs_opened programs_refused _ < <("$bin/subject-objects")
	is "sealed: maps and programs, when the daemon has ended" "$maps_opened $programs_opened $((maps_refused > 15)) $((programs_refused > 50))" "0 0 1 1"
	is "sealed: what would be in the next one's way" "$(word_of mkdir $pins/next)" EPERM
	is "sealed: a pin" "$(word_of rm $pins/live/on_file_open)" EPERM
	is "sealed: detach" "$(ctl detach --yes 2>&1 | grep -c 'sealed: it ends when the host is booted again')" 1
	cp "$bin/portcullisd" /tmp/p/other
	is "sealed: another program" "$(/tmp/p/other --policy "$policy" --socket "$socket" --pins $pins 2>&1 | grep -c 'Operation not permitted')" 1
	is "sealed: recovery" "$("$bin/portcullisd" --recover --policy "$policy" --socket "$socket" --pins $pins 2>&1 | grep -c 'is sealed: it ends')" 1
	pinned_start || return
	is "sealed: the same one goes on" "$(ctl status --json | json status | grep '^policy.generation') $(opens 2 /tmp/p/denied)" "$before EPERM "
	daemon_stop
}
