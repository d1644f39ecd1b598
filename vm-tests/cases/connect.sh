# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2015 # sourced by all.sh: each file uses the others' variables; pass and fail never fail
# shellcheck shell=bash
# connect.sh - addresses in every form that the kernel takes, unix sockets, other families, and io_uring.

uring=$bin/subject-uring

prepare_connect() {
	local name names=()

	mkdir -p /tmp/n/{s,u}
	for name in deny okay audit never; do names+=("/tmp/n/s/$name-stream"); done
	for name in deny okay; do
		names+=("dgram:/tmp/n/s/$name-dgram" "seqpacket:/tmp/n/s/$name-seqpacket" "@$name-abstract" "dgram:@$name-dgram")
		for i in {itself,worker,poll}-openat{,2}; do echo x >"/tmp/n/u/$name-$i"; done
	done
	"$bin/subject-listen" tcp:7003 tcp:7006 tcp:7101 tcp:7107 "${names[@]}" >/tmp/listen.out 2>&1 &
	ln -s /tmp/n/s/deny-stream /tmp/n/s/link
	await_ready /tmp/listen.out
	echo '0 2147483647' >/proc/sys/net/ipv4/ping_group_range
}

# conn NAME VERDICT OBJECT RULE ARGUMENT… - those of subject-connect
conn() { try "connect $1" connect "$2" "$3" "$4" -- "$c" "${@:5}"; }

cases_ip() {
	local range='deny = 127.0.0.3 port 7000-7005,7010 tcp' four='deny = 127.0.0.1 port 7100' six='deny = ::1 port 7101'

	conn "tcp, range" deny "127.0.0.3 port 7003 tcp" "$range" tcp 127.0.0.3 7003
	conn "tcp, beyond the range" allow "127.0.0.3 port 7006 tcp" default tcp 127.0.0.3 7006
	conn "tcp, second of the list" deny "127.0.0.3 port 7010 tcp" "$range" tcp 127.0.0.3 7010
	conn "udp, rule for tcp" allow "127.0.0.3 port 7003 udp" default udp 127.0.0.3 7003
	conn "udp, deny" deny "127.0.0.4 port 7200 udp" 'deny = 127.0.0.4 port 7200 udp' udp 127.0.0.4 7200
	conn "tcp, rule for udp" allow "127.0.0.4 port 7200 tcp" default tcp 127.0.0.4 7200
	conn "tcp, deny of a network" deny "127.0.1.1 port 7003 tcp" 'deny = 127.0.1.0/24' tcp 127.0.1.1 7003
	conn "tcp, closer allow" allow "127.0.1.2 port 7003 tcp" 'allow = 127.0.1.2' tcp 127.0.1.2 7003
	conn "tcp, never over a closer allow" deny "127.0.2.1 port 7400 tcp" 'never = 127.0.2.1' tcp 127.0.2.1 7400
	conn "tcp, audit" audit "127.0.2.2 port 7003 tcp" 'audit = 127.0.2.2' tcp 127.0.2.2 7003
	try_quiet "connect, deny.quiet" connect deny "127.0.2.3 port 7003 tcp" -- "$c" tcp 127.0.2.3 7003
	conn "mapped" deny "127.0.0.3 port 7004 tcp" "$range" tcp ::ffff:127.0.0.3 7004
	conn "mapped, allowed" allow "127.0.0.3 port 7006 tcp" default tcp ::ffff:127.0.0.3 7006
	conn "an IPv4 address on an IPv6 socket" deny "127.0.0.4 port 7200 udp" 'deny = 127.0.0.4 port 7200 udp' -6 udp 127.0.0.4 7200
	conn "an IPv4 address on an IPv6 socket, allowed" allow "127.0.0.4 port 7201 udp" default -6 udp 127.0.0.4 7201
	conn "::1" deny "::1 port 7101 tcp" "$six" tcp ::1 7101
	conn "::1, other port" allow "::1 port 7108 udp" default udp ::1 7108
	conn "24 bytes of sockaddr_in6" deny "::1 port 7101 tcp" "$six" tcp ::1 7101 24
	conn "24 bytes, allowed" allow "::1 port 7107 tcp" default tcp ::1 7107 24
}

cases_any() {
	local four='deny = 127.0.0.1 port 7100' six='deny = ::1 port 7101' bound='deny = 127.0.0.5' type

	for type in tcp udp; do
		conn "$type 0.0.0.0" deny "127.0.0.1 port 7100 $type" "$four" $type 0.0.0.0 7100
		conn "$type 0.0.0.0, other port" allow "127.0.0.1 port 7109 $type" default $type 0.0.0.0 7109
		conn "$type 0.0.0.0, bound" deny "127.0.0.5 port 7109 $type" "$bound" -b 127.0.0.5 $type 0.0.0.0 7109
		conn "$type 0.0.0.0, bound, allowed" allow "127.0.0.9 port 7100 $type" default -b 127.0.0.9 $type 0.0.0.0 7100
		conn "$type mapped 0.0.0.0" deny "127.0.0.1 port 7100 $type" "$four" $type ::ffff:0.0.0.0 7100
		conn "$type mapped 0.0.0.0, bound" deny "127.0.0.5 port 7109 $type" "$bound" -b ::ffff:127.0.0.5 $type ::ffff:0.0.0.0 7109
		conn "$type ::" deny "::1 port 7101 $type" "$six" $type :: 7101
		conn "$type :: is 127.0.0.1 too" deny "127.0.0.1 port 7100 $type" "$four" $type :: 7100
		conn "$type ::, other port" allow "::1 port 7107 $type" default $type :: 7107
	done
	conn "udp 0.0.0.0 on an IPv6 socket" deny "127.0.0.1 port 7100 udp" "$four" -6 udp 0.0.0.0 7100
}

cases_protocols() {
	conn "icmp" deny "127.0.0.6 icmp" 'deny = 127.0.0.6 icmp' icmp 127.0.0.6 0
	conn "icmp, rule for raw" allow "127.0.0.7 icmp" default icmp 127.0.0.7 0
	conn "raw" deny "127.0.0.7 raw" 'deny = 127.0.0.7 raw' raw 127.0.0.7 0
	conn "raw, SMC's number" deny "127.0.0.7 raw" 'deny = 127.0.0.7 raw' raw256 127.0.0.7 0
	conn "raw, MPTCP's number" deny "127.0.0.7 raw" 'deny = 127.0.0.7 raw' raw262 127.0.0.7 0
	conn "raw, MPTCP's number, rule for tcp" allow "127.0.0.3 raw" default raw262 127.0.0.3 7003
	conn "raw, rule for icmp" allow "127.0.0.6 raw" default raw 127.0.0.6 0
	conn "mptcp counts as tcp" deny "127.0.0.3 port 7003 tcp" 'deny = 127.0.0.3 port 7000-7005,7010 tcp' mptcp 127.0.0.3 7003
	conn "mptcp, allowed" allow "127.0.0.3 port 7006 tcp" default mptcp 127.0.0.3 7006
	conn "netlink" deny family:netlink 'deny = family:netlink' netlink
	if modprobe -q sctp; then
		conn "sctp" deny "127.0.0.8 port 7300 sctp" 'deny = 127.0.0.8 port 7300 sctp' sctp 127.0.0.8 7300
		conn "sctp, allowed" allow "127.0.0.8 port 7301 sctp" default sctp 127.0.0.8 7301
	else
		echo "# $kernel: no module for sctp, so its two cases are left out"
	fi
	for i in udp tcp raw; do
		try_none "connect $i AF_UNSPEC disconnects" "$c" $i unspec 0
	done
}

# lengths NAME TYPE ADDRESS PORT - an address that is refused, in each length: the answer is the kernel's own where nothing
# is refused; in enforce mode it is EPERM, or the kernel's own error, and never a connection.
lengths() {
	local got line wrong=''

	token=try$((++tries))
	got=$(TRY=$token "$c" -L "${@:2}")
	if [[ $phase == control ]]; then
		control_of[lengths $1]=$got
		[[ $got == *' EINVAL'*' OK'* ]] && pass "control: lengths of $1" || fail "control: lengths of $1" "$got"
	elif [[ $phase == audit ]]; then
		is "audit: lengths of $1 end as without a policy" "$got" "${control_of[lengths $1]}"
		comm=$token expect "audit: short lengths of $1 are recorded as unresolved" connect audit unresolved: '' '' ''
	else
		while read -r line; do
			[[ $line == *' EPERM' || $line != *' OK' && $'\n'${control_of[lengths $1]}$'\n' == *$'\n'"$line"$'\n'* ]] ||
				wrong+=" $line"
		done <<<"$got"
		is "enforce: lengths of $1: connected, or another error than the kernel's own" "$wrong" ''
	fi
}

cases_lengths() {
	lengths "sockaddr_in, tcp" tcp 127.0.0.3 7003
	lengths "sockaddr_in, udp" udp 127.0.0.4 7200
	lengths "sockaddr_in6, tcp" tcp ::1 7101
	lengths "sockaddr_in6, udp" udp ::1 7101
	lengths "sockaddr_in on an IPv6 socket" -6 udp 127.0.0.4 7200
}

cases_connect_unix() {
	local paths='deny = unix:/tmp/n/s/deny-*' kind

	conn "unix" deny unix:/tmp/n/s/deny-stream "$paths" unix /tmp/n/s/deny-stream
	conn "unix, allowed" allow unix:/tmp/n/s/okay-stream default unix /tmp/n/s/okay-stream
	conn "unix, audit" audit unix:/tmp/n/s/audit-stream 'audit = unix:/tmp/n/s/audit-*' unix /tmp/n/s/audit-stream
	conn "unix, never" deny unix:/tmp/n/s/never-stream 'never = unix:/tmp/n/s/never-*' unix /tmp/n/s/never-stream
	try "connect unix, relative" connect deny unix:/tmp/n/s/deny-stream "$paths" -- sh -c "cd /tmp/n/s && $c unix ./deny-stream"
	conn "unix, .." deny unix:/tmp/n/s/deny-stream "$paths" unix /tmp/n/u/../s//deny-stream
	conn "unix, symlink" deny unix:/tmp/n/s/deny-stream "$paths" unix /tmp/n/s/link
	conn "unix, from a socket with an autobound name" deny unix:/tmp/n/s/deny-stream "$paths" -a unix /tmp/n/s/deny-stream
	for kind in dgram seqpacket; do
		conn "unix $kind" deny unix:/tmp/n/s/deny-$kind "$paths" $kind /tmp/n/s/deny-$kind
		conn "unix $kind, allowed" allow unix:/tmp/n/s/okay-$kind default $kind /tmp/n/s/okay-$kind
	done
	conn "unix dgram, sendto" deny unix:/tmp/n/s/deny-dgram "$paths" -s dgram /tmp/n/s/deny-dgram
	conn "unix dgram, sendto, allowed" allow unix:/tmp/n/s/okay-dgram default -s dgram /tmp/n/s/okay-dgram
	conn "abstract" deny unix:@deny-abstract 'deny = unix:@deny-*' abstract deny-abstract
	conn "abstract, allowed" allow unix:@okay-abstract default abstract okay-abstract
	conn "abstract dgram" deny unix:@deny-dgram 'deny = unix:@deny-*' abstract-dgram deny-dgram
	conn "abstract dgram, sendto" deny unix:@deny-dgram 'deny = unix:@deny-*' -s abstract-dgram deny-dgram
	conn "abstract dgram, sendto, allowed" allow unix:@okay-dgram default -s abstract-dgram okay-dgram
	conn "to an autobound socket" deny '*' 'deny = unix:@?????' autobound
	try_none "send to the other end of a socketpair" "$c" pair
}

# through NAME OPTION COMM - the subject's io_uring calls are made by itself, by a worker, or by the polling thread; the
# verdict is that of its process. The kernel may hand an open on to a worker, whose name ends in a thread's number.
through() {
	local comm="$3${3:+|}try[0-9]+|iou-wrk-[0-9]+" udp='deny = 127.0.0.4 port 7200 udp' option=()
	local file=/tmp/n/u/deny-$1 okay=/tmp/n/u/okay-$1 call

	[[ -z $2 ]] || option=("$2")
	for call in openat openat2; do
		try "io_uring, $1: $call" open deny "$file-$call" 'deny = /tmp/n/u/deny-*' read -- "$uring" "${option[@]}" $call "$file-$call"
		try "io_uring, $1: $call, allowed" open allow "$okay-$call" 'allow.log = /tmp/n/u/okay-*' read -- \
			"$uring" "${option[@]}" $call "$okay-$call"
	done
	comm=$3
	try "io_uring, $1: connect" connect deny "127.0.0.4 port 7200 udp" "$udp" -- "$uring" "${option[@]}" connect 127.0.0.4 7200
	try "io_uring, $1: connect, allowed" connect allow "127.0.0.4 port 7202 udp" default -- \
		"$uring" "${option[@]}" connect 127.0.0.4 7202
}

cases_uring() {
	through itself '' ''
	through worker -w iou-wrk-PID
	through poll -p iou-sqp-PID
}

cases_connect() {
	cases_ip
	cases_any
	cases_protocols
	cases_lengths
	cases_connect_unix
	cases_uring
}

after_connect() {
	own_policy $'mode = enforce\n[connect]\ndefault = deny\nlog = all\nallow = unix:/run/portcullis.sock\nallow = 127.0.0.3'
	conn "default = deny" deny "127.0.0.4 port 7003 tcp" default tcp 127.0.0.4 7003
	conn "default = deny, IPv6" deny "::1 port 7107 tcp" default tcp ::1 7107
	conn "default = deny, unix" deny unix:/tmp/n/s/okay-stream default unix /tmp/n/s/okay-stream
	conn "default = deny, netlink" deny family:netlink default netlink
	conn "default = deny: a rule allows" allow "127.0.0.3 port 7003 tcp" 'allow = 127.0.0.3' tcp 127.0.0.3 7003
	judge
	own_policy $'mode = enforce\n[connect]\ndefault = audit\nmode = audit\ndeny = 127.0.0.3'
	conn "default = audit" audit "127.0.0.4 port 7003 tcp" default tcp 127.0.0.4 7003
	conn "mode = audit in [connect] alone" audit "127.0.0.3 port 7003 tcp" 'deny = 127.0.0.3' tcp 127.0.0.3 7003
	judge
	account "accounting of connects"
}
