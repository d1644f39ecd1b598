# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2015 # sourced by all.sh: each file uses the others' variables; pass and fail never fail
# shellcheck disable=SC2016 # what stands in quotes is for the shells that are started
# shellcheck shell=bash
# attacks.sh - ways round by tools that know nothing of these tests, run as they are: each refused, its lawful twin passing.

# shellcheck source=vm-tests/cases/spaces.sh
. "$cases/spaces.sh"

secret='deny.read = /tmp/k/*/secret/deny-*'
fixed='deny.write = /tmp/k/*/fixed/deny-*'
refused_program='deny = /tmp/k/*/bin/deny-*'
okay_file='allow.log = /tmp/k/**/okay-*'
loader=/lib64/ld-linux-x86-64.so.2
holder=

# A folder for each phase: what a tool did in one is not to be found done in the next.
prepare_attacks() {
	local name

	mkdir -p /tmp/k/sock
	for place in /tmp/k/{control,audit,enforce}; do
		mkdir -p "$place"/{own,bin/{deny,okay}-lib,fixed}
		fill "$place/secret" ln cp-l mv cat uring handle scm
		fill "$place/fixed" rm sed truncate dd tee
		cp "$busybox" "$place/secret/busybox"
		for name in deny okay; do
			cp "$bin/subject-ok" "$place/bin/$name-ok"
			cp "$bin/subject-ok" "$place/bin/$name-ln"
			cp "$o" "$place/bin/$name-static"
			cp "$(ldd "$bin/subject-ok" | sed -n 's/.*libc.so.6 => \([^ ]*\) .*/\1/p')" "$place/bin/$name-lib/libc.so.6"
			printf '#!/bin/bash\necho OK\n' | tee "$place/bin/$name-script" >"$place/secret/$name-sh"
			printf '%s\n' 'print("OK\n")' >"$place/secret/$name-print"
			chmod 755 "$place/bin/$name-script"
		done
		cp "$place/bin/deny-script" "$place/bin/deny-read"
	done
	prepare_attacks_listeners
	prepare_attacks_holder
}

prepare_attacks_listeners() {
	local name names=()

	for name in deny okay; do
		names+=("/tmp/k/sock/$name-stream" "dgram:/tmp/k/sock/$name-dgram" "@k-$name-stream")
	done
	"$bin/subject-listen" tcp:7600 "${names[@]}" >/tmp/listen-attacks.out 2>&1 &
	await_ready /tmp/listen-attacks.out
	chmod 777 /tmp/k/sock/*
	ln -s ../sock /tmp/k/control/folder
	cp -P /tmp/k/control/folder /tmp/k/audit/
	cp -P /tmp/k/control/folder /tmp/k/enforce/
	# Both ends without a cookie.
	echo 519 >/proc/sys/net/ipv4/tcp_fastopen
}

# A process that has the secrets open from a time without a policy, and hands them to who asks.
prepare_attacks_holder() {
	python3 -c '
import glob, os, socket
held = {path: os.open(path, os.O_RDONLY) for path in glob.glob("/tmp/k/*/secret/*-scm")}
server = socket.socket(socket.AF_UNIX)
server.bind("/tmp/k/sock/holder")
server.listen()
print("READY", flush=True)
while True:
    peer, _ = server.accept()
    socket.send_fds(peer, [b"x"], [held[peer.recv(200).decode()]])
' >/tmp/holder.out 2>&1 &
	holder=$!
	await_ready /tmp/holder.out
}

# by_tool COMMAND… - OK, EPERM if the tool said so, or what else it said. ld.so says no more than what it could not do.
by_tool() {
	local said code

	said=$(LC_ALL=C "$@" 2>&1 </dev/null)
	code=$?
	if [[ $said == *'Operation not permitted'* || $said == *'failed to map segment'* ]]; then echo EPERM; elif ((code == 0)); then echo OK; else echo "$code: $said"; fi
}

# attack NAME COMM FOLDER WORD ACCESS -- COMMAND… - by this command FOLDER/deny-WORD is refused, and okay-WORD is not.
attack() {
	local name=$1 folder=$3 word=$4 access=$5 comm=$2 rule=$secret

	shift 6
	[[ $access == read ]] || rule=$fixed
	try "$name" open deny "$folder/deny-$word" "$rule" "$access" -- by_tool "$@"
	try "$name, allowed" open allow "$folder/okay-$word" "$okay_file" "$access" -- by_tool "${@//deny-/okay-}"
}

# reads NAME COMM COMMAND… - the secret that most tools are after.
reads() { attack "$1" "$2" "$t/secret" cat read -- "${@:3}"; }

# ---- Another name for it. ----

cases_attacks_names() {
	local s=$t/secret w=$t/own

	comm='ln' try "ln" open deny "$s/deny-ln" "$secret" read -- by_tool /usr/bin/ln "$s/deny-ln" "$w/stolen-ln"
	comm='ln' try "ln, allowed" open allow "$w/okay-ln" "$okay_file" write -- by_tool /usr/bin/ln "$s/okay-ln" "$w/okay-ln"
	comm='cp' try "cp -l" open deny "$s/deny-cp-l" "$secret" read -- by_tool /usr/bin/cp -l "$s/deny-cp-l" "$w/stolen-cp-l"
	comm='cp' try "cp -l, allowed" open allow "$w/okay-cp-l" "$okay_file" write -- by_tool /usr/bin/cp -l "$s/okay-cp-l" "$w/okay-cp-l"
	comm='mv' try "mv" open deny "$s/deny-mv" "$secret" read -- by_tool /usr/bin/mv "$s/deny-mv" "$w/stolen-mv"
	comm='mv' try "mv, allowed" open allow "$w/okay-mv" "$okay_file" write -- by_tool /usr/bin/mv "$s/okay-mv" "$w/okay-mv"
	comm='ln' try "ln of a program" exec deny "$t/bin/deny-ln" "$refused_program" -- by_tool /usr/bin/ln "$t/bin/deny-ln" "$w/stolen-program"
	comm='ln' try "ln of a program, allowed" open allow "$w/okay-program" "$okay_file" write -- \
		by_tool /usr/bin/ln "$t/bin/okay-ln" "$w/okay-program"
	reads "ln -s" cat sh -c "ln -sfn $s/deny-cat $w/link && cat $w/link"
	reads "ln -s of the folder" cat sh -c "ln -sfn $s $w/folder && cat $w/folder/deny-cat"
	reads "/proc/self/root" cat cat "/proc/self/root$s/deny-cat"
	reads "/proc/self/cwd" cat sh -c "cd $s && cat /proc/self/cwd/deny-cat"
	reads "/proc/self/fd of the folder" cat bash -c "exec 9<$s && cat /proc/self/fd/9/deny-cat"
	reads "busybox cat" busybox busybox cat "$s/deny-cat"
}

# ---- A copy of it, and what it is overwritten by. ----

cases_attacks_copies() {
	local s=$t/secret w=$t/own f=$t/fixed

	reads "cp" cp /usr/bin/cp --reflink=never "$s/deny-cat" "$w/copy"
	reads "dd" dd dd "if=$s/deny-cat" of=/dev/null status=none
	reads "tar" tar tar -cf "$w/tar" -C "$s" deny-cat
	attack "rm" rm "$f" rm write -- /usr/bin/rm -f "$f/deny-rm"
	attack "sed -i" sed "$f" sed write -- /usr/bin/sed -i s/x/y/ "$f/deny-sed"
	attack "truncate" truncate "$f" truncate write -- truncate -s 0 "$f/deny-truncate"
	attack "dd over it" dd "$f" dd write -- dd if=/dev/zero "of=$f/deny-dd" count=1 status=none
	attack "tee" tee "$f" tee write -- tee -a "$f/deny-tee"
}

# ---- Another place to see it from. ----

cases_attacks_spaces() {
	local s=$t/secret w=$t/own sleeper

	reads "unshare and mount --bind" cat user "mount --bind $s $w && cat $w/deny-cat"
	reads "unshare -R" busybox setpriv --reuid $nobody --regid $nobody --clear-groups unshare -Ur -R "$s" /busybox cat /deny-cat
	reads "chroot" busybox chroot "$s" /busybox cat /deny-cat
	reads "busybox chroot" busybox busybox chroot "$s" /busybox cat /deny-cat
	reads "setpriv without any right" cat setpriv --reuid $nobody --regid $nobody --clear-groups --bounding-set -all \
		--no-new-privs cat "$s/deny-cat"
	rm -f /tmp/sleeper.out
	unshare -m bash -c "mount --bind $s $w && echo READY && exec sleep 1000" >/tmp/sleeper.out &
	sleeper=$!
	await_ready /tmp/sleeper.out
	reads "nsenter -m" cat nsenter -m -t $sleeper cat "$w/deny-cat"
	reads "nsenter --root" busybox nsenter --root="$s" /busybox cat /deny-cat
	reads "/proc/PID/root of that namespace" cat cat "/proc/$sleeper/root$w/deny-cat"
	kill $sleeper
	wait $sleeper 2>/dev/null
	# The kernel may hand an open on to a worker.
	comm='try[0-9]+|iou-wrk-[0-9]+' try "io_uring in a namespace" open deny "$s/deny-uring" "$secret" read -- \
		user "mount --bind $s $w && $bin/subject-uring openat $w/deny-uring"
	comm='try[0-9]+|iou-wrk-[0-9]+' try "io_uring in a namespace, allowed" open allow "$s/okay-uring" "$okay_file" read -- \
		user "mount --bind $s $w && $bin/subject-uring openat $w/okay-uring"
	try "a handle in a namespace" open deny "$s/deny-handle" "$secret" read -- \
		private "mount --bind $s $w && $odd handle $w deny-handle true"
	try "a handle in a namespace, allowed" open allow "$s/okay-handle" "$okay_file" read -- \
		private "mount --bind $s $w && $odd handle $w okay-handle true"
}

# ---- Programs. ----

python_memfd='
import os, sys
fd = os.memfd_create("python")
os.write(fd, open(sys.argv[1], "rb").read())
os.execve("/proc/self/fd/%d" % fd, ["busybox", "echo", "OK"], os.environ)'
perl_memfd='
my $fd = syscall(319, my $name = "perl", 0);
open(my $from, "<:raw", $ARGV[0]) && open(my $to, ">&=:raw", $fd) or die $!;
{ local $/; print {$to} readline($from); }
close($from);
$to->flush();
exec {"/proc/$$/fd/$fd"} "busybox", "echo", "OK" or die $!;'

# program NAME COMM WORD COMMAND… - by this command the program deny-WORD is not run, and okay-WORD is.
program() {
	local name=$1 comm=$2 word=$3

	shift 3
	try "$name" exec deny "$t/bin/deny-$word" "$refused_program" -- by_tool "$@"
	try "$name, allowed" exec allow "$t/bin/okay-$word" 'allow.log = /tmp/k/*/bin/okay-*' -- by_tool "${@//deny-/okay-}"
}

cases_attacks_programs() {
	local b=$t/bin

	program "busybox sh" busybox static busybox sh -c "$b/deny-static r /"
	program "env" env ok env "$b/deny-ok"
	program "setpriv" setpriv ok setpriv --no-new-privs "$b/deny-ok"
	program "chroot" chroot static chroot "$b" /deny-static r /
	program "script" bash script bash -c "$b/deny-script"
	comm='python3' try "python: memfd" exec deny anon: 'deny = anon:' -- by_tool python3 -c "$python_memfd" "$busybox"
	comm='perl' try "perl: memfd" exec deny anon: 'deny = anon:' -- by_tool perl -MIO::Handle -e "$perl_memfd" "$busybox"
	program "python" python3 ok python3 -c 'import os, sys; os.execv(sys.argv[1], ["ok"])' "$b/deny-ok"
}

# What an interpreter reads is a file that is read: the rules of [open] refuse it, however it comes by it, and those of
# [exec] don't see it. Where the shell opens it for the interpreter (`<`), the shell is who is refused.
cases_attacks_scripts() {
	local s=$t/secret

	attack "bash FILE" bash "$s" sh read -- bash "$s/deny-sh"
	attack "bash <FILE" bash "$s" sh read -- bash -c "bash <$s/deny-sh"
	attack "cat | bash" cat "$s" sh read -- bash -c "set -o pipefail; cat $s/deny-sh | bash"
	attack "bash .FILE" bash "$s" sh read -- bash -c ". $s/deny-sh"
	attack "busybox sh FILE" busybox "$s" sh read -- busybox sh "$s/deny-sh"
	attack "perl FILE" perl "$s" print read -- perl "$s/deny-print"
	attack "python <FILE" bash "$s" print read -- bash -c "exec python3 <$s/deny-print"
	comm='bash' try "a script that may not be run, read by bash" open allow "$t/bin/deny-read" \
		'allow.log = /tmp/k/*/bin/deny-read' read -- by_tool bash "$t/bin/deny-read"
}

# ---- Listeners. ----

# reach NAME COMM OBJECT RULE COMMAND… - its twin is at 127.0.0.2, or called okay.
reach() {
	local name=$1 comm=$2 object=$3 rule=$4 okay

	shift 4
	okay=${object//127.0.0.3/127.0.0.2}
	try "$name" connect deny "$object" "$rule" -- by_tool "$@"
	set -- "${@//127.0.0.3/127.0.0.2}"
	rule=${rule//127.0.0.3/127.0.0.2}
	rule=${rule//deny/okay}
	try "$name, allowed" connect allow "${okay//deny/okay}" "allow.log = ${rule#* = }" -- by_tool "${@//deny-/okay-}"
}

cases_attacks_sockets() {
	local range='deny = 127.0.0.3 port 7600-7602' path='deny = unix:/tmp/k/sock/deny-*' tcp='127.0.0.3 port 7600 tcp'
	local stream=unix:/tmp/k/sock/deny-stream

	reach "socat TCP4" socat "$tcp" "$range" socat -u OPEN:/dev/null TCP4:127.0.0.3:7600
	reach "socat TCP6 to a mapped address" socat "$tcp" "$range" socat -u OPEN:/dev/null 'TCP6:[::ffff:127.0.0.3]:7600'
	reach "ncat" ncat "$tcp" "$range" ncat --send-only 127.0.0.3 7600
	reach "bash /dev/tcp" bash "$tcp" "$range" bash -c 'exec 9<>/dev/tcp/127.0.0.3/7600'
	reach "curl --tcp-fastopen" curl "$tcp" "$range" attacks_curl --tcp-fastopen http://127.0.0.3:7600/
	reach "ncat -u" ncat "127.0.0.3 port 7601 udp" "$range" ncat -u --send-only 127.0.0.3 7601
	reach "socat UDP4" socat "127.0.0.3 port 7601 udp" "$range" socat -u OPEN:/dev/null UDP4:127.0.0.3:7601
	reach "socat UNIX" socat $stream "$path" socat -u OPEN:/dev/null UNIX-CONNECT:/tmp/k/sock/deny-stream
	reach "socat UNIX, symlink and .." socat $stream "$path" \
		socat -u OPEN:/dev/null "UNIX-CONNECT:$t/folder/../sock/deny-stream"
	reach "ncat -U, relative" ncat $stream "$path" bash -c 'cd /tmp/k/sock && exec ncat -U --send-only ./deny-stream'
	reach "ncat -U in a namespace" ncat $stream "$path" user "mount --bind /tmp/k/sock $t/own &&
		exec ncat -U --send-only $t/own/deny-stream"
	reach "socat UNIX-SENDTO" socat unix:/tmp/k/sock/deny-dgram "$path" \
		bash -c 'echo x | socat -u - UNIX-SENDTO:/tmp/k/sock/deny-dgram'
	reach "socat ABSTRACT" socat unix:@k-deny-stream 'deny = unix:@k-deny-*' socat -u OPEN:/dev/null ABSTRACT-CONNECT:k-deny-stream
}

# The listener says nothing: that it was reached is enough. curl hides why it could not connect.
attacks_curl() {
	local said

	said=$(curl -sv --max-time 2 "$@" 2>&1)
	[[ $said != *'not permitted'* ]] || echo 'Operation not permitted'
	[[ $said == *'Connected to'* || $said == *'not permitted'* ]]
}

# ---- Code that is mapped, not started. ----

cases_attacks_code() {
	local b=$t/bin

	program "ld.so PROGRAM" ld-linux-x86-64 ok "$loader" "$b/deny-ok"
	program "ld.so in a namespace" ld-linux-x86-64 ok user "mount --bind $b $t/own && exec $loader $t/own/deny-ok"
	comm='cat' try "a library from a refused folder" exec deny "$b/deny-lib/libc.so.6" 'deny = /tmp/k/*/bin/deny-lib/**' -- \
		by_tool env "LD_LIBRARY_PATH=$b/deny-lib" cat /dev/null
	comm='cat' try "a library from a refused folder, allowed" exec allow "$b/okay-lib/libc.so.6" \
		'allow.log = /tmp/k/*/bin/okay-lib/**' -- by_tool env "LD_LIBRARY_PATH=$b/okay-lib" cat /dev/null
	comm='python3' try "python: executable memory" exec deny jit: 'deny = jit:' -- \
		by_tool python3 -c 'import mmap; mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)'
}

# ---- Messages without a connect. ----

cases_attacks_messages() {
	local range='deny = 127.0.0.3 port 7600-7602'

	reach "socat UDP4-SENDTO" socat "127.0.0.3 port 7602 udp" "$range" bash -c 'echo x | socat -u - UDP4-SENDTO:127.0.0.3:7602'
	reach "python: MSG_FASTOPEN" python3 "127.0.0.3 port 7600 tcp" "$range" python3 -c \
		'import socket; socket.socket().sendto(b"x", socket.MSG_FASTOPEN, ("127.0.0.3", 7600))'
	reach "python: sendmsg" python3 "127.0.0.3 port 7601 udp" "$range" python3 -c \
		'import socket; socket.socket(type=socket.SOCK_DGRAM).sendmsg([b"x"], [], 0, ("127.0.0.3", 7601))'
}

# ---- Descriptors from another process. ----

# The kernel drops what the receiver may not have: the message comes without it.
cases_attacks_descriptors() {
	local ask='
import socket, sys
peer = socket.socket(socket.AF_UNIX)
peer.connect("/tmp/k/sock/holder")
peer.send(sys.argv[1].encode())
print("have it" if socket.recv_fds(peer, 1, 1)[1] else "Operation not permitted")'
	local take='
import ctypes, os, sys
pid, path = int(sys.argv[1]), sys.argv[2]
fd = next(int(n) for n in os.listdir("/proc/%d/fd" % pid) if os.readlink("/proc/%d/fd/%s" % (pid, n)) == path)
libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(438, libc.syscall(434, pid, 0), fd, 0) < 0: sys.exit(os.strerror(ctypes.get_errno()))'

	attack "SCM_RIGHTS" python3 "$t/secret" scm read -- python3 -c "$ask" "$t/secret/deny-scm"
	attack "pidfd_getfd" python3 "$t/secret" scm read -- python3 -c "$take" "$holder" "$t/secret/deny-scm"
	attack "/proc/PID/fd" bash "$t/secret" scm read -- bash -c 'for fd in /proc/'"$holder"'/fd/*; do
		[[ $(readlink "$fd") != '"$t/secret/deny-scm"' ]] || { : <"$fd" && exit; }; done; exit 1'
}

cases_attacks() {
	t=/tmp/k/$phase
	cases_attacks_names
	cases_attacks_copies
	cases_attacks_spaces
	cases_attacks_programs
	cases_attacks_scripts
	cases_attacks_sockets
	cases_attacks_code
	cases_attacks_messages
	cases_attacks_descriptors
}

after_attacks() {
	kill "$holder"
	account "accounting of attacks"
}
