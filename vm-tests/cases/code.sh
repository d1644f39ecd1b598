# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2015 # sourced by all.sh: each file uses the others' variables; pass and fail never fail
# shellcheck shell=bash
# code.sh - memory that is to be executed, and descriptors that come from another process.

code=$bin/subject-code
give=$bin/subject-pass

prepare_code() {
	local name

	mkdir -p /tmp/c
	for name in deny-{map,protect} audit-map {deny,okay}-check okay-{map,protect,written,writable} deny-program okay-program deny-library.so; do
		cp "$bin/subject-ok" "/tmp/c/$name"
	done
	cp "$(readlink -f /lib/x86_64-linux-gnu/libpthread.so.0)" /tmp/c/deny-library.so
	cp /tmp/c/deny-library.so /tmp/c/okay-library.so
	for name in secret-{taken,stolen,added} open-{taken,stolen,added} kept-{taken,read}; do echo x >"/tmp/c/$name"; done
	chmod -R a+rX /tmp/c
	# Opened before there is a policy: whoever receives one of these is judged then.
	"$give" hold held r:/tmp/c/secret-taken r:/tmp/c/open-taken w:/tmp/c/kept-taken r:/tmp/c/kept-read \
		r:/tmp/c/secret-stolen r:/tmp/c/open-stolen pipe memfd r:/tmp/c/secret-added r:/tmp/c/open-added >/tmp/held.out 2>&1 &
	await_ready /tmp/held.out
	read -ra held </tmp/held.out
}

# loads NAME OBJECT VERDICT RULE COMMAND… - a program that isn't started as one but read; what it prints ends in OK.
loads() {
	local name=$1 object=$2 verdict=$3 rule=$4 got want=OK
	shift 4

	token=try$((++tries))
	got=$("$@" 2>&1)
	[[ $phase != enforce || $verdict != deny ]] || want=refused
	case $got in
	*OK) got=OK ;;
	*'failed to map segment'*) got=refused ;;
	esac
	is "$phase: $name" "$got" $want
	[[ $phase != control ]] || return 0
	[[ $phase == enforce || $verdict != deny ]] || verdict=audit
	expect "$phase: $name" exec "$verdict" "$object" "$rule" '' ''
}

cases_map() {
	local d='deny = /tmp/c/deny-*'

	try "mmap of a denied program" exec deny /tmp/c/deny-map "$d" -- "$code" map /tmp/c/deny-map
	try "mmap of an audited program" exec audit /tmp/c/audit-map 'audit = /tmp/c/audit-*' -- "$code" map /tmp/c/audit-map
	try "mmap" exec allow /tmp/c/okay-map default -- "$code" map /tmp/c/okay-map
	try "mprotect of a denied program" exec deny /tmp/c/deny-protect "$d" -- "$code" protect /tmp/c/deny-protect
	try "mprotect" exec allow /tmp/c/okay-protect default -- "$code" protect /tmp/c/okay-protect
	try "mmap of a memfd" exec deny anon: 'deny = anon:' -- "$code" memfd
	loads "ld.so by hand" /tmp/c/deny-program deny "$d" /lib64/ld-linux-x86-64.so.2 /tmp/c/deny-program
	loads "ld.so by hand, allowed" /tmp/c/okay-program allow default /lib64/ld-linux-x86-64.so.2 /tmp/c/okay-program
	loads "dlopen" /tmp/c/deny-library.so deny "$d" python3 -c 'import ctypes; ctypes.CDLL("/tmp/c/deny-library.so"); print("OK")'
	loads "dlopen, allowed" /tmp/c/okay-library.so allow default \
		python3 -c 'import ctypes; ctypes.CDLL("/tmp/c/okay-library.so"); print("OK")'
}

# 6.14 and later. The open is told as that of an exec, the check as what it is; a refused open is the end of it.
cases_check() {
	local records=2

	[[ $kernel == 7* ]] || return 0
	try "AT_EXECVE_CHECK" exec allow /tmp/c/okay-check default -- "$code" check /tmp/c/okay-check
	[[ $phase != enforce ]] || records=1
	try "AT_EXECVE_CHECK of a denied program" exec deny /tmp/c/deny-check 'deny = /tmp/c/deny-*' -- "$code" check /tmp/c/deny-check
	[[ $phase != control ]] || return 0
	daemon_settle
	is "$phase: AT_EXECVE_CHECK is recorded as a check" "$(tail -c "+$log_start" "$log" |
		grep '"operation":"check"' | sed 's/.*"object":"\([^"]*\)".*/\1/' | sort | tr '\n' ' ')" \
		"$([[ $phase == enforce ]] || echo '/tmp/c/deny-check ')/tmp/c/okay-check "
}

# Audited here: what needs no file of its own is refused by a policy of its own below.
cases_jit() {
	local way

	for way in anonymous anonymous-protect shared-protect shm heap; do
		try "jit: $way" exec audit jit: 'audit = jit:' -- "$code" $way
	done
	for way in written writable; do
		try "jit: $way" exec allow /tmp/c/okay-$way default -- "$code" $way /tmp/c/okay-$way
		comm=$token expect "$phase: jit: $way: jit:" exec audit jit: 'audit = jit:' '' 1
	done
}

cases_receive() {
	local r='deny.read = /tmp/c/secret-*' w='deny.write = /tmp/c/kept-*'

	try "SCM_RIGHTS of a secret" open deny /tmp/c/secret-taken "$r" read -- "$give" take held 0
	try "SCM_RIGHTS" open allow /tmp/c/open-taken 'allow.log = /tmp/c/open-*' read -- "$give" take held 1
	try "SCM_RIGHTS, for writing" open deny /tmp/c/kept-taken "$w" write -- "$give" take held 2
	is "$phase: SCM_RIGHTS, for reading alone" "$("$give" take held 3)" OK
	try "pidfd_getfd of a secret" open deny /tmp/c/secret-stolen "$r" read -- "$give" steal "${held[1]}" "${held[6]}"
	try "pidfd_getfd" open allow /tmp/c/open-stolen 'allow.log = /tmp/c/open-*' read -- "$give" steal "${held[1]}" "${held[7]}"
	try "seccomp's addfd of a secret" open deny /tmp/c/secret-added "$r" read -- "$give" addfd held 8
	try "seccomp's addfd" open allow /tmp/c/open-added 'allow.log = /tmp/c/open-*' read -- "$give" addfd held 9
	is "$phase: SCM_RIGHTS of a pipe" "$("$give" take held 6)" OK
	is "$phase: SCM_RIGHTS of a memfd" "$("$give" take held 7)" OK
}

cases_code() {
	cases_map
	cases_check
	cases_jit
	cases_receive
}

after_code() {
	local way

	own_policy "mode = $phase"$'\n[exec]\nlog = none\ndeny.log = jit:\n[open]\ndeny.write = anon:'
	for way in anonymous anonymous-protect shared-protect shm heap remap; do
		try "deny = jit:: $way" exec deny jit: 'deny.log = jit:' -- "$code" $way
	done
	for way in written writable; do
		try "deny = jit:: $way" exec deny jit: 'deny.log = jit:' -- "$code" $way /tmp/c/okay-$way
	done
	is "deny = jit:: an unchanged file" "$("$code" map /tmp/c/okay-map)" OK
	try "deny.write = anon:: SCM_RIGHTS of a memfd" open deny anon: 'deny.write = anon:' -- "$give" take held 7
	judge
	# What was never opened by a name is nobody's to judge by a default.
	own_policy "mode = $phase"$'\n[open]\ndefault = deny\nallow = /**\nallow.read = anon:'
	is "default = deny: SCM_RIGHTS of a pipe" "$("$give" take held 6)" OK
	is "default = deny: SCM_RIGHTS of a memfd" "$("$give" take held 7)" OK
	is "default = deny: fchmod of a memfd" "$("$code" chmod)" OK
}
