# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2015 # sourced by all.sh: each file uses the others' variables; pass and fail never fail
# shellcheck shell=bash
# names.sh - names can't be faked: each way to reach a file by another name, and what it is called then.

own='deny = /tmp/n/own/**'
nobody=65534

# The words of a shell of its own, as root in a private mount namespace, or as nobody in a user namespace too.
private() { unshare -m bash -c "$1"; }
user() { setpriv --reuid $nobody --regid $nobody --clear-groups unshare -Urm bash -c "$1"; }

# Mounts and files that last over both phases; what a case makes itself has the phase in its name.
prepare_names() {
	local path=/tmp/n/deep name

	mkdir -p /tmp/n/{own,long,free,overlay/{lower1,lower2,merged},user/{lower,empty,mount},gone/lazy,chroot,p2}
	for name in chroot chroot-user bind proc-root symlink dots unlinked-{control,audit,enforce} pivot fd; do
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
	for name in deny-a okay; do
		echo x >/tmp/n/overlay/lower1/$name
		echo x >/tmp/n/user/lower/$name
	done
	chmod -R a+rwX /tmp/n/user /tmp/n/own
}

# A mount on the host, made anew in each phase: PLACE, then FILE in it.
host_mount() {
	mkdir -p "$1"
	mount -t tmpfs late "$1"
	echo x >"$1/$2"
	echo x >"$1/okay"
}

cases_by_path() {
	try "chroot as root" open deny /tmp/n/own/chroot "$own" -- "$o" -c /tmp/n r /own/chroot
	try "chroot as nobody in a user namespace" open deny /tmp/n/own/chroot-user "$own" -- "$o" -u $nobody -n -c /tmp/n r /own/chroot-user
	try "pivot_root" open deny /tmp/n/own/pivot "$own" -- "$o" -P /tmp/n r /own/pivot
	try "bind mount in a private namespace" open deny /tmp/n/own/bind "$own" -- \
		private "mount --bind /tmp/n/own /tmp/n/free && $o r /tmp/n/free/bind"
	try "symlink" open deny /tmp/n/own/symlink "$own" -- "$o" r /tmp/n/free/symlink
	try ".." open deny /tmp/n/own/dots "$own" -- "$o" r /tmp/n/free/../../n/own/./dots
	try "hard link: its own name counts" open allow /tmp/n/free/hardlink default -- "$o" r /tmp/n/free/hardlink
	try "/proc/PID/root" open deny /tmp/n/own/proc-root "$own" -- "$o" r /proc/1/root/tmp/n/own/proc-root
	try "renamed while held" open deny "/tmp/n/own/moved-$phase" "$own" -- \
		"$o" -b "mv /tmp/n/free/moving-$phase /tmp/n/own/moved-$phase" r "/tmp/n/free/moving-$phase"
	try "unlinked, by /proc/self/fd" open deny "/tmp/n/own/unlinked-$phase" "$own" -- \
		"$o" -b "rm /tmp/n/own/unlinked-$phase" r "/tmp/n/own/unlinked-$phase"
	try "100 levels deep" open deny "$deep" 'deny = /tmp/n/deep/**/leaf' -- "$o" r "$deep"
	try "a name of 255 bytes" open deny "$long" 'deny = /tmp/n/long/dddd*' -- "$o" r "$long"
	try "a name of 255 bytes, allowed" open allow "${long/dddd/eeee}" default -- "$o" r "${long/dddd/eeee}"
}

cases_by_mount() {
	host_mount /mnt/late deny-late
	try "mounted after the start" open deny /mnt/late/deny-late 'deny = /mnt/late/deny-*' -- "$o" r /mnt/late/deny-late
	try "mounted after the start, allowed" open allow /mnt/late/okay default -- "$o" r /mnt/late/okay
	umount /mnt/late
	[[ -z $daemon ]] || kill -STOP "$daemon"
	host_mount /mnt/stopped deny-stopped
	try "mounted while the daemon is stopped" open deny /mnt/stopped/deny-stopped 'deny = /mnt/stopped/deny-*' -- \
		"$o" r /mnt/stopped/deny-stopped
	umount /mnt/stopped
	[[ -z $daemon ]] || kill -CONT "$daemon"
	rm -rf /mnt/after
	host_mount /mnt/before/b deny-renamed
	"$o" r /mnt/before/b/okay >/dev/null
	mv /mnt/before /mnt/after
	try "directory above a mount renamed" open deny /mnt/after/b/deny-renamed 'deny = /mnt/after/b/deny-*' -- \
		"$o" r /mnt/after/b/deny-renamed
	umount /mnt/after/b
	rm -rf /mnt/after
	try "second procfs" open deny /proc/sys/kernel/domainname 'deny.write = /proc/sys/kernel/domainname' -- \
		private "mount -t proc p2 /tmp/n/p2 && $o w /tmp/n/p2/sys/kernel/domainname"
	host_mount /tmp/n/gone/lazy deny-lazy
	try "lazily unmounted" open deny foreign:/deny-lazy 'deny = foreign:/deny-*' -- \
		"$o" -b "umount -l /tmp/n/gone/lazy" r /tmp/n/gone/lazy/deny-lazy
	umount -l /tmp/n/gone/lazy 2>/dev/null
	try "tmpfs of a private namespace" open deny foreign:/deny-private 'deny = foreign:/deny-*' -- \
		private "mount -t tmpfs t /tmp/n/own && echo x 2>/dev/null >/tmp/n/own/free && mv /tmp/n/own/free /tmp/n/own/deny-private &&
			$o r /tmp/n/own/deny-private"
	host_mount /mnt/reused deny-reused
	"$o" r /mnt/reused/okay >/dev/null
	umount /mnt/reused
	try "tmpfs of a user with a reused device number" open audit userns: 'audit = userns:' -- \
		user "mount -t tmpfs t /mnt/reused && touch /mnt/reused/okay 2>/dev/null; $o c /mnt/reused/okay"
}

cases_by_overlay() {
	local m=/tmp/n/overlay/merged

	mount -t overlay o -o lowerdir=/tmp/n/overlay/lower1:/tmp/n/overlay/lower2 $m
	try "overlay of the host" open deny $m/deny-a 'deny = /tmp/n/overlay/merged/deny-*' -- "$o" r $m/deny-a
	try "overlay of the host, allowed" open allow $m/okay default -- "$o" r $m/okay
	[[ $phase == control ]] || {
		expect "$phase: overlay of the host: one record" open allow $m/okay default '' 1
		expect "$phase: overlay of the host: none of the layer" open allow /tmp/n/overlay/lower1/okay '' '' 0
	}
	try "overlay of a user over a denied file" open deny /tmp/n/user/lower/deny-a 'deny = /tmp/n/user/lower/deny-*' -- \
		user "mount -t overlay o -o lowerdir=/tmp/n/user/lower:/tmp/n/user/empty /tmp/n/user/mount && $o r /tmp/n/user/mount/deny-a"
}

cases_by_exec() {
	local copy="mount -t tmpfs t /usr/bin && $busybox cp $busybox /usr/bin/evil && $x /usr/bin/evil echo OK"

	try "exec below a user's tmpfs over /usr/bin" exec deny userns: 'deny = userns:' -- user "$copy"
	try "exec below root's private tmpfs over /usr/bin" exec deny foreign:/evil 'deny = foreign:/**' -- private "$copy"
}

cases_names() {
	echo x >"/tmp/n/free/moving-$phase"
	cases_by_path
	cases_by_overlay
	cases_by_exec
	cases_by_mount
	umount /tmp/n/overlay/merged
}

after_names() { :; }
