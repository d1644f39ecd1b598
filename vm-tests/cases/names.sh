# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2015 # sourced by all.sh: each file uses the others' variables; pass and fail never fail
# shellcheck shell=bash
# names.sh - names can't be faked: each way to reach a file by another name, and what it is called then.

# shellcheck source=vm-tests/cases/spaces.sh
. "$cases/spaces.sh"

own='deny.read = /tmp/n/own/**'
newline=$'/tmp/n/own/new\nline'
latin=$'/tmp/n/own/caf\xe9'
declare -A regex_of
# Mounts and files that last over all phases; what a case makes itself has the phase in its name.
prepare_names() {
	local path=/tmp/n/deep name

	mkdir -p /tmp/n/{own,long,far,longer,free,overlay/{lower1,lower2,merged},user/{lower,empty,mount},gone/lazy,chroot,tmpfile} \
		/mnt/{reused,loop,unmounted}
	for name in chroot chroot-user bind proc-root symlink dots unlinked-{control,audit,enforce} pivot fd fifo device; do
		echo x >"/tmp/n/own/$name"
	done
	ln -s /tmp/n/own/symlink /tmp/n/free/symlink
	echo x >/tmp/n/own/linked
	ln /tmp/n/own/linked /tmp/n/free/hardlink
	for ((i = 0; i < 100; i++)); do path+=/d$i; done
	mkdir -p "$path"
	echo x >"$path/leaf"
	deep=$path/leaf
	printf -v long '%0255d' 0
	long=/tmp/n/long/${long//0/d}
	echo x >"$long"
	echo x >"${long/dddd/eeee}"
	echo x >"$newline"
	echo x >"$latin"
	for name in deny okay; do
		echo x >/tmp/n/overlay/lower1/$name-a
		echo x >/tmp/n/user/lower/$name-a
	done
	prepare_far
	prepare_odd
	chmod -R a+rwX /tmp/n/user /tmp/n/own
	fill /tmp/n/image loop handle
	image /tmp/n/a.img /tmp/n/image
	cp /tmp/n/a.img /tmp/n/b.img
	modprobe loop
}

prepare_far() {
	printf -v far256 '/d%.0s' {1..252}
	printf -v far_long '%0255d' 0
	printf -v far_long "/${far_long//0/d}%.0s" {1..20}
	{
		"$far" make /tmp/n/far 252 1 deny-256 && "$far" make /tmp/n/far 252 1 okay-256 &&
			"$far" make /tmp/n/far 253 1 deny-257 && "$far" make /tmp/n/longer 20 255 deny-long &&
			"$far" make /tmp/n/longer 20 255 okay-long
	} >/dev/null || fail "deep trees are made" "subject-far"
}

prepare_odd() {
	rm /tmp/n/own/{fifo,device}
	mkfifo /tmp/n/own/fifo /tmp/n/free/fifo
	mknod /tmp/n/own/device c 1 3
	mknod /tmp/n/free/device c 1 3
	mkdir -p /tmp/n/odd
	fill /tmp/n/odd clone idmap handle
}

# refused NAME REGEX -- COMMAND… - a denial whose object has no name that could be told beforehand.
refused() {
	local name=$1 regex=$2 want=OK

	shift 3
	[[ $phase != enforce ]] || want=EPERM
	is "$phase: $name" "$("$@" 2>&1)" $want
	[[ $phase == control ]] || regex_of[$name]=$regex
}

# Looks for a record of each case of `refused`.
judge_refused() {
	local name
	local -A verdict=([audit]=audit [enforce]=deny)

	daemon_settle
	for name in "${!regex_of[@]}"; do
		tail -c "+$log_start" "$log" | grep -E "${regex_of[$name]}" | grep -q "\"verdict\":\"${verdict[$phase]:-}\"" &&
			pass "$phase: $name: record" || fail "$phase: $name: record" "none of ${regex_of[$name]}"
	done
	regex_of=()
}

hex() { printf %s "$1" | od -An -v -tx1 | tr -d ' \n'; }

cases_by_path() {
	try "chroot as root" open deny /tmp/n/own/chroot "$own" -- "$o" -c /tmp/n r /own/chroot
	try "chroot as nobody in a user namespace" open deny /tmp/n/own/chroot-user "$own" -- "$o" -u $nobody -n -c /tmp/n r /own/chroot-user
	try "pivot_root" open deny /tmp/n/own/pivot "$own" -- "$o" -P /tmp/n r /own/pivot
	try "bind mount in a private namespace" open deny /tmp/n/own/bind "$own" -- \
		private "mount --bind /tmp/n/own /tmp/n/free && $o r /tmp/n/free/bind"
	try "symlink" open deny /tmp/n/own/symlink "$own" -- "$o" r /tmp/n/free/symlink
	try ".." open deny /tmp/n/own/dots "$own" -- "$o" r /tmp/n/free/../../n/own/./dots
	try "hard link: its own name counts" open allow /tmp/n/free/hardlink default -- "$o" r /tmp/n/free/hardlink
	try "/proc/PID/root" open deny /tmp/n/own/proc-root "$own" -- "$o" r "/proc/$other/root/tmp/n/own/proc-root"
	try "renamed while held" open deny "/tmp/n/own/moved-$phase" "$own" -- \
		"$o" -b "mv /tmp/n/free/moving-$phase /tmp/n/own/moved-$phase" r "/tmp/n/free/moving-$phase"
	try "unlinked, by /proc/self/fd" open deny "/tmp/n/own/unlinked-$phase" "$own" -- \
		"$o" -b "rm /tmp/n/own/unlinked-$phase" r "/tmp/n/own/unlinked-$phase"
	try "100 levels deep" open deny "$deep" 'deny.read = /tmp/n/deep/**/leaf' -- "$o" r "$deep"
	try "a name of 255 bytes" open deny "$long" 'deny.read = /tmp/n/long/dddd*' -- "$o" r "$long"
	try "a name of 255 bytes, allowed" open allow "${long/dddd/eeee}" default -- "$o" r "${long/dddd/eeee}"
}

cases_by_mount() {
	host_mount /mnt/late late
	try "mounted after the start" open deny /mnt/late/deny-late 'deny.read = /mnt/late/deny-*' -- "$o" r /mnt/late/deny-late
	try "mounted after the start, allowed" open allow /mnt/late/okay-late default -- "$o" r /mnt/late/okay-late
	umount /mnt/late
	daemon_pause
	host_mount /mnt/stopped stopped
	try "mounted while the daemon is stopped" open deny /mnt/stopped/deny-stopped 'deny.read = /mnt/stopped/deny-*' -- \
		"$o" r /mnt/stopped/deny-stopped
	try "mounted while the daemon is stopped, allowed" open allow /mnt/stopped/okay-stopped default -- \
		"$o" r /mnt/stopped/okay-stopped
	umount /mnt/stopped
	daemon_continue
	rm -rf /mnt/after
	host_mount /mnt/before/b renamed
	"$o" r /mnt/before/b/okay-renamed >/dev/null
	mv /mnt/before /mnt/after
	try "directory above a mount renamed" open deny /mnt/after/b/deny-renamed 'deny.read = /mnt/after/b/deny-*' -- \
		"$o" r /mnt/after/b/deny-renamed
	umount /mnt/after/b
	rm -rf /mnt/after
	host_mount /tmp/n/gone/lazy lazy
	try "lazily unmounted" open deny foreign:/deny-lazy 'deny.read = foreign:/deny-*' -- \
		"$o" -b "umount -l /tmp/n/gone/lazy" r /tmp/n/gone/lazy/deny-lazy
	umount -l /tmp/n/gone/lazy 2>/dev/null
	try "tmpfs of a private namespace" open deny foreign:/deny-private 'deny.read = foreign:/deny-*' -- \
		private "mount -t tmpfs t /tmp/n/own && echo x 2>/dev/null >/tmp/n/own/free && mv /tmp/n/own/free /tmp/n/own/deny-private &&
			$o r /tmp/n/own/deny-private"
}

# A host's tmpfs comes and goes: afterwards `device` is its number, free again.
device_free() {
	host_mount /mnt/reused reused
	"$o" r /mnt/reused/okay-reused >/dev/null
	device=$(stat -c %d /mnt/reused)
	umount /mnt/reused
}

# reused_by WHO ACCESS - opens a file on a tmpfs that is just like the one that went.
reused_by() {
	"$1" "$reuse $device /mnt/reused $busybox sh -c 'echo x >/mnt/reused/new && mv /mnt/reused/new /mnt/reused/deny-reused &&
		exec $o $2 /mnt/reused/deny-reused'"
}

cases_by_device() {
	local audited='audit = userns:' foreign='deny.read = foreign:/deny-*'

	device_free
	try "a user's tmpfs with a reused number" open audit userns: "$audited" read -- reused_by user r
	try "root's private tmpfs with a reused number" open deny foreign:/deny-reused "$foreign" read -- reused_by private r
	daemon_pause
	device_free
	try "the daemon is stopped: a user's tmpfs with a reused number" open audit userns: "$audited" read+write -- \
		reused_by user rw
	try "the daemon is stopped: root's private tmpfs with a reused number" open deny foreign:/deny-reused "$foreign" \
		read+write -- reused_by private rw
	daemon_continue
	device_free
	try "exec on a user's tmpfs with a reused number" exec deny userns: 'deny = userns:' -- \
		user "$reuse $device /mnt/reused $busybox sh -c 'cp $busybox /mnt/reused/tool && exec $x /mnt/reused/tool echo OK'"
	host_mount /mnt/reused
	cp "$busybox" /mnt/reused/tool
	try "exec on the host's own" exec allow /mnt/reused/tool 'allow = /mnt/reused/**' -- "$x" /mnt/reused/tool echo OK
	umount /mnt/reused
}

# The file system gives a new file the number of the one that went.
cases_by_inode() {
	local number

	echo x >/mnt/loop/okay-first
	"$o" r /mnt/loop/okay-first >/dev/null
	number=$(stat -c %i /mnt/loop/okay-first)
	rm /mnt/loop/okay-first
	echo x >/mnt/loop/deny-second
	is "$phase: inode: the second has the first's number" "$(stat -c %i /mnt/loop/deny-second)" "$number"
	try "inode: a denied file with an allowed one's number" open deny /mnt/loop/deny-second 'deny.read = /mnt/loop/deny-*' -- \
		"$o" r /mnt/loop/deny-second
	rm /mnt/loop/deny-second
	echo x >/mnt/loop/okay-third
	is "$phase: inode: the third has it too" "$(stat -c %i /mnt/loop/okay-third)" "$number"
	try "inode: an allowed file with a denied one's number" open allow /mnt/loop/okay-third default -- "$o" r /mnt/loop/okay-third
	rm /mnt/loop/okay-third
}

# Two copies of one image: inode numbers, generations, uuid and, by the loop device, the device number are the same.
cases_by_loop() {
	local loop first second

	loop=$(losetup -f --show /tmp/n/a.img)
	mount "$loop" /mnt/loop
	try "loop: the host's" open deny /mnt/loop/deny-loop 'deny.read = /mnt/loop/deny-*' -- "$o" r /mnt/loop/deny-loop
	cases_by_inode
	first=$(stat -c %d:%i /mnt/loop/okay-loop)
	umount /mnt/loop
	losetup -d "$loop"
	losetup "$loop" /tmp/n/b.img
	second=$(private "mount $loop /mnt/loop && stat -c %d:%i /mnt/loop/okay-loop")
	is "$phase: loop: a copy has the same numbers" "$second" "$first"
	try "loop: a copy mounted by root in private" open deny foreign:/deny-loop 'deny.read = foreign:/deny-*' -- \
		private "mount $loop /mnt/loop && $o r /mnt/loop/deny-loop"
	try "loop: a copy mounted by root in private, allowed" open allow foreign:/okay-loop default -- \
		private "mount $loop /mnt/loop && $o r /mnt/loop/okay-loop"
	losetup -d "$loop"
}

cases_by_overlay() {
	local m=/tmp/n/overlay/merged

	mount -t overlay o -o lowerdir=/tmp/n/overlay/lower1:/tmp/n/overlay/lower2 $m
	try "overlay of the host" open deny $m/deny-a 'deny.read = /tmp/n/overlay/merged/deny-*' -- "$o" r $m/deny-a
	try "overlay of the host, allowed" open allow $m/okay-a default -- "$o" r $m/okay-a
	[[ $phase == control ]] || {
		expect "$phase: overlay of the host: one record" open allow $m/okay-a default '' 1
		expect "$phase: overlay of the host: none of the layer" open allow /tmp/n/overlay/lower1/okay-a '' '' 0
	}
	try "overlay of a user over a denied file" open deny /tmp/n/user/lower/deny-a 'deny.read = /tmp/n/user/lower/deny-*' -- \
		user "mount -t overlay o -o lowerdir=/tmp/n/user/lower:/tmp/n/user/empty /tmp/n/user/mount && $o r /tmp/n/user/mount/deny-a"
}

cases_by_exec() {
	local copy="mount -t tmpfs t /usr/bin && $busybox cp $busybox /usr/bin/evil && $x /usr/bin/evil echo OK"

	try "exec below a user's tmpfs over /usr/bin" exec deny userns: 'deny = userns:' -- user "$copy"
	try "exec below root's private tmpfs over /usr/bin" exec deny foreign:/evil 'deny = foreign:/**' -- private "$copy"
}

cases_by_length() {
	local rule='deny.read = /tmp/n/far/**/deny-*' object=/tmp/n/longer$far_long

	try "256 names" open deny "/tmp/n/far$far256/deny-256" "$rule" -- "$far" open /tmp/n/far 252 1 deny-256
	try "256 names, allowed" open allow "/tmp/n/far$far256/okay-256" default -- "$far" open /tmp/n/far 252 1 okay-256
	try "257 names" open deny unresolved: '' -- "$far" open /tmp/n/far 253 1 deny-257
	try "5 KB of name" open deny "${object::4096}" 'deny.read = /tmp/n/longer/**/deny-*' -- "$far" open /tmp/n/longer 20 255 deny-long
	try "5 KB of name, allowed" open allow "${object::4096}" default -- "$far" open /tmp/n/longer 20 255 okay-long
	refused "a name with a newline" "\"object_hex\":\"$(hex "$newline")\"" -- "$o" r "$newline"
	refused "a name that is no UTF-8" "\"object_hex\":\"$(hex "$latin")\"" -- "$o" r "$latin"
}

cases_by_odd_means() {
	local rule='deny.read = /tmp/n/odd/deny-*' image=/tmp/n/a.img

	refused "O_TMPFILE" '"object":"/tmp/n/tmpfile/#[0-9]+"' -- "$odd" tmpfile /tmp/n/tmpfile
	is "$phase: O_TMPFILE, allowed" "$("$odd" tmpfile /tmp/n/free)" OK
	try "memfd by /proc/self/fd" open audit anon: 'audit.read = anon:' read -- "$odd" memfd
	try "FIFO" open deny /tmp/n/own/fifo "$own" -- "$o" rw /tmp/n/own/fifo
	try "FIFO, allowed" open allow /tmp/n/free/fifo default -- "$o" rw /tmp/n/free/fifo
	try "device node" open deny /tmp/n/own/device "$own" -- "$o" r /tmp/n/own/device
	try "device node, allowed" open allow /tmp/n/free/device default -- "$o" r /tmp/n/free/device
	mkdir /tmp/n/own/rmdir
	try "removed directory" open deny /tmp/n/own/rmdir "$own" -- "$o" -b "rmdir /tmp/n/own/rmdir" d /tmp/n/own/rmdir
	try "detached copy of a mount" open deny /tmp/n/odd/deny-clone "$rule" -- "$odd" clone /tmp/n/odd deny-clone
	try "detached copy of a mount, allowed" open allow /tmp/n/odd/okay-clone default -- "$odd" clone /tmp/n/odd okay-clone
	try "tmpfs that is mounted nowhere" open deny foreign:/deny-fsmount 'deny.read = foreign:/deny-*' read -- "$odd" fsmount deny-fsmount
	try "tmpfs that is mounted nowhere, allowed" open allow foreign:/okay-fsmount default read -- "$odd" fsmount okay-fsmount
	try "handle" open deny /tmp/n/odd/deny-handle "$rule" -- "$odd" handle /tmp/n/odd deny-handle true
	mount -o loop $image /mnt/loop
	try "mount with mapped owners" open deny /mnt/loop/deny-loop 'deny.read = /mnt/loop/deny-*' -- "$odd" idmap /mnt/loop deny-loop
	try "mount with mapped owners, allowed" open allow /mnt/loop/okay-loop default -- "$odd" idmap /mnt/loop okay-loop
	# Out of the caches: the handle's file then hangs below nothing.
	try "handle of a forgotten file" open deny unresolved: '' -- "$odd" handle /mnt/loop okay-handle \
		"umount /mnt/loop && mount -o loop $image /mnt/loop"
	umount /mnt/loop
}

cases_names() {
	echo x >"/tmp/n/free/moving-$phase"
	cases_by_path
	cases_by_length
	cases_by_odd_means
	cases_by_overlay
	cases_by_exec
	cases_by_mount
	cases_by_device
	cases_by_loop
	umount /tmp/n/overlay/merged
	judge_refused
}

# A file that nobody can name is judged by the default like any other.
after_names() {
	own_policy "mode = $phase"$'\n[exec]\ndefault = deny\nlog = all\nallow = /{usr,run}/**'
	try "exec of a memfd, exec allowlist" exec deny anon: default -- "$x" -m "$busybox" echo OK
	try "exec of a named file, exec allowlist" exec allow "$busybox" 'allow = /{usr,run}/**' -- "$x" "$busybox" echo OK
	judge
}
