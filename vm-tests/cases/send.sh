# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2015 # sourced by all.sh: each file uses the others' variables; pass and fail never fail
# shellcheck shell=bash
# send.sh - messages that go to an address without a connect, and connections with several addresses.

prepare_send() {
	"$bin/subject-listen" tcp:7500 tcp:7504 >/tmp/send.out 2>&1 &
	await_ready /tmp/send.out
	modprobe sctp
	[[ ! -e /proc/sys/net/mptcp/enabled ]] || echo 1 >/proc/sys/net/mptcp/enabled
}

# sends NAME VERDICT OBJECT RULE ARGUMENT… - those of subject-send
sends() { try "send $1" connect "$2" "$3" "$4" -- "$bin/subject-send" "${@:5}"; }

cases_datagrams() {
	local d='deny = 127.0.0.3 port 7500' six='deny = ::1 port 7501' way

	for way in sendto sendmsg sendmmsg uring; do
		sends "udp, $way" deny "127.0.0.3 port 7500 udp" "$d" $way udp 127.0.0.3 7500
		[[ $way == sendmmsg ]] ||
			sends "udp, $way, other port" allow "127.0.0.3 port 7504 udp" default $way udp 127.0.0.3 7504
	done
	sends "udp, audit" audit "127.0.0.4 port 7500 udp" 'audit = 127.0.0.4 udp' sendto udp 127.0.0.4 7500
	sends "udp, AF_UNSPEC" deny "127.0.0.3 port 7500 udp" "$d" -u sendto udp 127.0.0.3 7500
	sends "udp, AF_UNSPEC, other port" allow "127.0.0.3 port 7504 udp" default -u sendto udp 127.0.0.3 7504
	sends "udp, ::1" deny "::1 port 7501 udp" "$six" sendto udp ::1 7501
	sends "udp, ::1, other port" allow "::1 port 7504 udp" default sendto udp ::1 7504
	sends "udp, mapped" deny "127.0.0.3 port 7500 udp" "$d" sendto udp ::ffff:127.0.0.3 7500
	sends "udp, an IPv4 address on an IPv6 socket" deny "127.0.0.3 port 7500 udp" "$d" -6 sendto udp 127.0.0.3 7500
	sends "udp, with ancillary data" allow "127.0.0.1 port 7504 udp" default control udp 127.0.0.1 7504
	sends "raw" deny "127.0.0.7 raw" 'deny = 127.0.0.7 raw' sendto raw 127.0.0.7 0
	# Not as TCP: raw sockets of SMC's and MPTCP's numbers send by the lowest byte of them.
	sends "raw, SMC's number" deny "127.0.0.7 raw" 'deny = 127.0.0.7 raw' sendto raw256 127.0.0.7 0
	sends "raw, MPTCP's number" deny "127.0.0.7 raw" 'deny = 127.0.0.7 raw' sendto raw262 127.0.0.7 0
	sends "raw, MPTCP's number, other address" allow "127.0.0.1 raw" default sendto raw262 127.0.0.1 0
	sends "raw, other address" allow "127.0.0.1 raw" default sendto raw 127.0.0.1 0
	sends "raw, AF_UNSPEC" deny "127.0.0.7 raw" 'deny = 127.0.0.7 raw' -u sendto raw 127.0.0.7 0
}

# unresolved NAME COMM COMMAND… - to 0.0.0.0, which may be any address of this host's: the strictest answer.
unresolved() {
	local name=$1 comm=$2 got want=OK

	shift 2
	token=try$((++tries))
	got=$(TRY=$token "$@" 2>&1)
	[[ $phase != enforce ]] || want=EPERM
	is "$phase: send $name" "${got##*$'\n'}" $want
	[[ $phase == control ]] || comm=${comm:-$token} expect "$phase: send $name: record" connect \
		"$([[ $phase == enforce ]] && echo deny || echo audit)" unresolved: '' '' ''
}

cases_unresolved() {
	local send=$bin/subject-send

	unresolved "udp, 0.0.0.0" '' "$send" sendto udp 0.0.0.0 7504
	unresolved "udp, 0.0.0.0, bound" '' "$send" -b 127.0.0.5 sendto udp 0.0.0.0 7504
	unresolved "udp, 0.0.0.0 with ancillary data" '' "$send" control udp 0.0.0.0 7504
	unresolved "udp, connect to 0.0.0.0 by an interface" python3 python3 -S -c '
import socket, struct
IP_UNICAST_IF = 50
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.setsockopt(socket.IPPROTO_IP, IP_UNICAST_IF, struct.pack("!I", socket.if_nametoindex("lo")))
try:
    udp.connect(("0.0.0.0", 7504))
    print("OK")
except PermissionError:
    print("EPERM")'
}

# To the kernel, without an address and without a connect.
cases_netlink() {
	comm=python3 try "send to netlink without an address" connect deny family:netlink 'deny = family:netlink' -- python3 -S -c '
import socket, struct
route = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
RTM_GETLINK, NLM_F_REQUEST, NLM_F_DUMP = 18, 1, 0x300
try:
    route.send(struct.pack("IHHIIBxxx", 20, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 1, 0, 0))
    print("OK" if route.recv(16) else "nothing")
except PermissionError:
    print("EPERM")'
}

cases_streams() {
	local d='deny = 127.0.0.3 port 7500' way

	for way in fastopen fastopen-msg; do
		sends "tcp, $way" deny "127.0.0.3 port 7500 tcp" "$d" $way tcp 127.0.0.3 7500
		sends "tcp, $way, other port" allow "127.0.0.3 port 7504 tcp" default $way tcp 127.0.0.3 7504
		[[ $kernel == 6.1 || $kernel == 6.1-* ]] || {
			sends "mptcp, $way" deny "127.0.0.3 port 7500 tcp" "$d" $way mptcp 127.0.0.3 7500
			sends "mptcp, $way, other port" allow "127.0.0.3 port 7504 tcp" default $way mptcp 127.0.0.3 7504
		}
	done
}

cases_sctp() {
	local d='deny = 127.0.0.8 port 7503 sctp'

	[[ -d /proc/net/sctp ]] || { fail "$phase: sctp" "no module" && return; }
	sends "sctp, one of several addresses" deny "127.0.0.8 port 7503 sctp" "$d" connectx sctp 127.0.0.1,127.0.0.8 7503
	sends "sctp, first of several addresses" deny "127.0.0.8 port 7503 sctp" "$d" connectx sctp 127.0.0.8,127.0.0.1 7503
	sends "sctp, several addresses" allow "127.0.0.9 port 7503 sctp" default connectx sctp 127.0.0.1,127.0.0.9 7503
}

cases_send() {
	cases_datagrams
	cases_unresolved
	cases_netlink
	cases_streams
	cases_sctp
}

# subflows - how many a connection has made to the address that its peer has announced, after a while.
subflows() {
	python3 -S -c '
import socket, time
MPTCP, SOL_MPTCP, MPTCP_INFO = 262, 284, 1
listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, MPTCP)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("0.0.0.0", 7510))
listener.listen()
client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, MPTCP)
client.connect(("127.0.0.1", 7510))
server = listener.accept()[0]
made = 0
for turn in range(20):
    client.send(b"x")
    server.send(server.recv(9))
    client.recv(9)
    made = client.getsockopt(SOL_MPTCP, MPTCP_INFO, 1)[0]
    if made:
        break
    time.sleep(0.1)
print(made)'
}

# 6.4 and later. A worker of the kernel makes them.
cases_subflows() {
	[[ $kernel != 6.1 && $kernel != 6.1-* ]] || return 0
	own_policy "mode = $phase"$'\n[connect]\nlog = all\nallow = 127.0.0.1 port 7510'
	ip mptcp limits set subflows 2 add_addr_accepted 2
	ip mptcp endpoint add 127.0.0.2 dev lo signal
	is "a further subflow of MPTCP, nothing denied" "$(subflows)" 1
	own_policy "mode = $phase"$'\n[connect]\nlog = all\ndeny = 192.0.2.1'
	is "a further subflow of MPTCP, something denied" "$(subflows)" 0
	expect "a further subflow of MPTCP, something denied: record" connect deny unresolved: 'deny = 192.0.2.1' '' ''
	judge
	ip mptcp endpoint flush
}

after_send() {
	cases_subflows
	account "accounting of messages"
}
