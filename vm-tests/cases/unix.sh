# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2015 # sourced by all.sh: each file uses the others' variables; pass and fail never fail
# shellcheck shell=bash
# unix.sh - a unix socket has one name, however it is typed and from wherever.

. "$cases/spaces.sh"
d=$bin/subject-datagram

prepare_unix() {
	mkdir -p /tmp/n/u /tmp/n/v
	"$bin/subject-listen" /tmp/n/u/deny-a /tmp/n/u/okay /tmp/n/v/deny-moved >/tmp/listen-unix.out 2>&1 &
	"$d" listen /tmp/n/u/deny-d >/tmp/listen-deny-d.out &
	"$d" listen /tmp/n/u/okay-d >/tmp/listen-okay-d.out &
	for ((i = 0; i < 50; i++)); do
		[[ $(cat /tmp/listen-unix.out /tmp/listen-{deny,okay}-d.out 2>/dev/null) == $'READY\nREADY\nREADY' ]] && break
		sleep 0.1
	done
	chmod 0777 /tmp/n/u /tmp/n/u/*
	ln -s /tmp/n/u/deny-a /tmp/n/v/link
	ln -s ../u /tmp/n/v/folder
	ln /tmp/n/u/deny-a /tmp/n/v/hardlink
}

# spelling NAME TYPED [CWD] - that a denied socket is denied by this spelling too, and the okay one beside it is not.
spelling() {
	local rule='deny = unix:/tmp/n/u/deny-*'

	try "unix, $1" connect deny unix:/tmp/n/u/deny-a "$rule" -- sh -c "cd ${3:-/} && exec $c unix $2"
	try "unix, $1, allowed" connect allow unix:/tmp/n/u/okay default -- sh -c "cd ${3:-/} && exec $c unix ${2/deny-a/okay}"
}

cases_unix() {
	local rule='deny = unix:/tmp/n/u/deny-*'

	spelling "absolute" /tmp/n/u/deny-a
	spelling "relative" deny-a /tmp/n/u
	spelling "//" //tmp///n/u//deny-a
	spelling "/./" /tmp/./n/u/./deny-a
	spelling ".." ../v/../u/deny-a /tmp/n/v
	spelling "/proc/self/cwd" /proc/self/cwd/deny-a /tmp/n/u
	spelling "/proc/self/root" /proc/self/root/tmp/n/u/deny-a
	spelling "/proc/PID/root" "/proc/$other/root/tmp/n/u/deny-a"
	spelling "symlink to the folder" /tmp/n/v/folder/deny-a
	try "unix, symlink" connect deny unix:/tmp/n/u/deny-a "$rule" -- "$c" unix /tmp/n/v/link
	try "unix, hard link: the name it was bound to" connect deny unix:/tmp/n/u/deny-a "$rule" -- "$c" unix /tmp/n/v/hardlink
	try "unix, bind mount in a private namespace" connect deny unix:/tmp/n/u/deny-a "$rule" -- \
		private "mount --bind /tmp/n/u /tmp/n/v && $c unix /tmp/n/v/deny-a"
	try "unix, bind mount of the socket itself" connect deny unix:/tmp/n/u/deny-a "$rule" -- \
		private "touch /tmp/n/v/over && mount --bind /tmp/n/u/deny-a /tmp/n/v/over && $c unix /tmp/n/v/over"
	try "unix, bind mount in a user namespace" connect deny unix:/tmp/n/u/deny-a "$rule" -- \
		user "mount --bind /tmp/n/u /tmp/n/v && $c unix /tmp/n/v/deny-a"
	try "unix, another root" connect deny unix:/tmp/n/u/deny-a "$rule" -- private "mkdir -p /mnt/root && mount --rbind / /mnt/root &&
		mount --bind /tmp/n/u /mnt/root/mnt && chroot /mnt/root $c unix /mnt/deny-a"
	try "unix, datagram sent" connect deny unix:/tmp/n/u/deny-d "$rule" -- "$d" send /tmp/n/u/../u/deny-d
	try "unix, datagram sent, allowed" connect allow unix:/tmp/n/u/okay-d default -- "$d" send /tmp/n/u/okay-d
	try "unix, datagram connected" connect deny unix:/tmp/n/u/deny-d "$rule" -- "$d" connect //tmp/n/u/deny-d
	try "unix, datagram connected, allowed" connect allow unix:/tmp/n/u/okay-d default -- "$d" connect /tmp/n/u/okay-d
	mv /tmp/n/v/deny-moved /tmp/n/u/deny-moved
	try "unix, moved after it was bound" connect deny unix:/tmp/n/u/deny-moved "$rule" -- "$c" unix /tmp/n/u/deny-moved
	mv /tmp/n/u/deny-moved /tmp/n/v/deny-moved 2>/dev/null
	is "$phase: unix, refused where it is: moved to where it isn't" $? "$([[ $phase == enforce ]] && echo 1 || echo 0)"
}

after_unix() { :; }
