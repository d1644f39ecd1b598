# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2015 # sourced by all.sh: each file uses the others' variables; pass and fail never fail
# shellcheck shell=bash
# basic.sh - every hook, verb and access: an allow twin and a deny twin.

o=$bin/subject-open
x=$bin/subject-exec
c=$bin/subject-connect

prepare_basic() {
	local name path

	mkdir -p /tmp/n/{x/lib,s,tree/sub}
	for name in deny-{both,read,write}-{r,w,rw,rt,3} audit-r never-r never-allowed tree/{sub/a,but-this} free-{r,w,rw,rt,3}; do
		echo x >"/tmp/n/$name"
	done
	cp "$busybox" /tmp/n/x/ok
	cp "$busybox" /tmp/n/x/deny-binary
	cp /bin/dash /tmp/n/x/interp
	cp /bin/dash /tmp/n/x/deny-interp
	printf '#!/tmp/n/x/interp\necho OK\n' >/tmp/n/x/script
	printf '#!/tmp/n/x/interp\necho OK\n' >/tmp/n/x/deny-script
	printf '#!/tmp/n/x/deny-interp\necho OK\n' >/tmp/n/x/script-of-denied
	path=$(readlink -f /lib64/ld-linux-x86-64.so.2)
	cp "$path" /tmp/n/x/lib/ld-okay-linux.so.2
	cp "$path" /tmp/n/x/lib/ld-deny-linux.so.2
	# Twins of subject-ok with an ELF interpreter of their own: same length, so the bytes can be put in place.
	for name in okay deny; do
		python3 - "$bin/subject-ok" "/tmp/n/x/elf-$name" "/tmp/n/x/lib/ld-$name-linux.so.2" <<-'P'
			import sys
			old = b"/lib64/ld-linux-x86-64.so.2\0"
			new = sys.argv[3].encode() + b"\0"
			data = open(sys.argv[1], "rb").read()
			# The longer path goes where the file ends; the program header points there.
			import struct
			off, num = struct.unpack_from("<Q", data, 32)[0], struct.unpack_from("<H", data, 56)[0]
			data = bytearray(data)
			for i in range(num):
			    at = off + 56 * i
			    if struct.unpack_from("<I", data, at)[0] == 3:
			        struct.pack_into("<Q", data, at + 8, len(data))
			        struct.pack_into("<QQ", data, at + 32, len(new), len(new))
			open(sys.argv[2], "wb").write(bytes(data) + new)
		P
	done
	chmod -R a+rx /tmp/n/x
	"$bin/subject-listen" /tmp/n/s/deny-a /tmp/n/s/okay @deny-abstract @okay-abstract >/tmp/listen.out 2>&1 &
	ln -s /tmp/n/s/deny-a /tmp/n/s/link
}

cases_open() {
	local a

	for a in r w rw rt 3; do
		try "open $a, no rule" open allow /tmp/n/free-$a default -- "$o" $a /tmp/n/free-$a
		try "open $a, deny" open deny /tmp/n/deny-both-$a 'deny = /tmp/n/deny-both*' -- "$o" $a /tmp/n/deny-both-$a
	done
	for a in r rw rt 3; do
		try "open $a, deny.read" open deny /tmp/n/deny-read-$a 'deny.read = /tmp/n/deny-read*' -- "$o" $a /tmp/n/deny-read-$a
	done
	try "open w, deny.read" open allow /tmp/n/deny-read-w default -- "$o" w /tmp/n/deny-read-w
	for a in w rw rt 3; do
		try "open $a, deny.write" open deny /tmp/n/deny-write-$a 'deny.write = /tmp/n/deny-write*' -- "$o" $a /tmp/n/deny-write-$a
	done
	try "open r, deny.write" open allow /tmp/n/deny-write-r default read -- "$o" r /tmp/n/deny-write-r
	try "open r, audit" open audit /tmp/n/audit-r 'audit = /tmp/n/audit-*' read -- "$o" r /tmp/n/audit-r
	try "open r, never" open deny /tmp/n/never-r 'never = /tmp/n/never-*' -- "$o" r /tmp/n/never-r
	try "open r, never over a closer allow" open deny /tmp/n/never-allowed 'never = /tmp/n/never-*' -- "$o" r /tmp/n/never-allowed
	try "open r, deny of a tree" open deny /tmp/n/tree/sub/a 'deny = /tmp/n/tree/**' -- "$o" r /tmp/n/tree/sub/a
	try "open r, closer allow" open allow /tmp/n/tree/but-this 'allow = /tmp/n/tree/but-this' -- "$o" r /tmp/n/tree/but-this
	try "create, deny.write" open deny /tmp/n/deny-write-new 'deny.write = /tmp/n/deny-write*' write -- "$o" c /tmp/n/deny-write-new
}

cases_exec() {
	local d='deny = /tmp/n/x/deny-*'

	try "exec binary" exec allow /tmp/n/x/ok default -- "$x" /tmp/n/x/ok echo OK
	try "exec binary, deny" exec deny /tmp/n/x/deny-binary "$d" -- "$x" /tmp/n/x/deny-binary echo OK
	try "exec script: script" exec allow /tmp/n/x/script default -- "$x" /tmp/n/x/script
	[[ $phase == control ]] || expect "$phase: exec script: interpreter" exec allow /tmp/n/x/interp default '' ''
	try "exec script, script denied" exec deny /tmp/n/x/deny-script "$d" -- "$x" /tmp/n/x/deny-script
	try "exec script, interpreter denied" exec deny /tmp/n/x/deny-interp "$d" -- "$x" /tmp/n/x/script-of-denied
	[[ $phase == control ]] || expect "$phase: exec script of a denied interpreter: script" exec allow /tmp/n/x/script-of-denied default '' ''
	try "exec ELF interpreter" exec allow /tmp/n/x/lib/ld-okay-linux.so.2 default -- "$x" /tmp/n/x/elf-okay
	try "exec ELF interpreter, deny" exec deny /tmp/n/x/lib/ld-deny-linux.so.2 'deny = /tmp/n/x/lib/ld-deny*' -- "$x" /tmp/n/x/elf-deny
	try "exec memfd" exec deny anon: 'deny = anon:' -- "$x" -m "$busybox" echo OK
}

cases_connect() {
	local range='deny = 127.0.0.3 port 7000-7005,7010 tcp' four='deny = 127.0.0.1 port 7100' six='deny = ::1 port 7101'
	local paths='deny = unix:/tmp/n/s/deny-*'

	try "connect tcp, range" connect deny "127.0.0.3 port 7003 tcp" "$range" -- "$c" tcp 127.0.0.3 7003
	try "connect tcp, beyond the range" connect allow "127.0.0.3 port 7006 tcp" default -- "$c" tcp 127.0.0.3 7006
	try "connect tcp, second of the list" connect deny "127.0.0.3 port 7010 tcp" "$range" -- "$c" tcp 127.0.0.3 7010
	try "connect udp, rule for tcp" connect allow "127.0.0.3 port 7003 udp" default -- "$c" udp 127.0.0.3 7003
	try "connect udp, deny" connect deny "127.0.0.4 port 7200 udp" 'deny = 127.0.0.4 port 7200 udp' -- "$c" udp 127.0.0.4 7200
	try "connect tcp, rule for udp" connect allow "127.0.0.4 port 7200 tcp" default -- "$c" tcp 127.0.0.4 7200
	try "connect mapped" connect deny "127.0.0.3 port 7004 tcp" "$range" -- "$c" tcp ::ffff:127.0.0.3 7004
	try "connect 0.0.0.0" connect deny "127.0.0.1 port 7100 udp" "$four" -- "$c" udp 0.0.0.0 7100
	try "connect 0.0.0.0, other port" connect allow "127.0.0.1 port 7109 udp" default -- "$c" udp 0.0.0.0 7109
	try "connect ::1" connect deny "::1 port 7101 tcp" "$six" -- "$c" tcp ::1 7101
	try "connect ::" connect deny "::1 port 7101 udp" "$six" -- "$c" udp :: 7101
	try "connect :: is 127.0.0.1 too" connect deny "127.0.0.1 port 7100 tcp" "$four" -- "$c" tcp :: 7100
	try "connect ::1, other port" connect allow "::1 port 7108 udp" default -- "$c" udp ::1 7108
	try "connect 24 bytes of sockaddr_in6" connect deny "::1 port 7101 tcp" "$six" -- "$c" tcp ::1 7101 24
	try "connect 24 bytes, allowed" connect allow "::1 port 7107 tcp" default -- "$c" tcp ::1 7107 24
	is "$phase: connect AF_UNSPEC" "$("$c" unspec)" OK
	try "connect unix" connect deny unix:/tmp/n/s/deny-a "$paths" -- "$c" unix /tmp/n/s/deny-a
	try "connect unix, allowed" connect allow unix:/tmp/n/s/okay default -- "$c" unix /tmp/n/s/okay
	try "connect unix, relative" connect deny unix:/tmp/n/s/deny-a "$paths" -- sh -c "cd /tmp/n/s && $c unix ./deny-a"
	try "connect unix, .." connect deny unix:/tmp/n/s/deny-a "$paths" -- "$c" unix /tmp/n/x/../s//deny-a
	try "connect unix, symlink" connect deny unix:/tmp/n/s/deny-a "$paths" -- "$c" unix /tmp/n/s/link
	try "connect abstract" connect deny unix:@deny-abstract 'deny = unix:@deny-*' -- "$c" abstract deny-abstract
	try "connect abstract, allowed" connect allow unix:@okay-abstract default -- "$c" abstract okay-abstract
	try "connect family" connect deny family:netlink 'deny = family:netlink' -- "$c" netlink
}

cases_basic() {
	cases_open
	cases_exec
	cases_connect
}

after_basic() {
	account "accounting"
	is "troubles" "$(jq -c '[.troubles | to_entries[] | select(.value > 0)]' /tmp/status.json)" '[]'
}
