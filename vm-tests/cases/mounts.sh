# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2015 # sourced by all.sh: each file uses the others' variables; pass and fail never fail
# shellcheck shell=bash
# mounts.sh - which of the host's mounts gives a file its name, and what second instances and overlays are called.

# shellcheck source=vm-tests/cases/spaces.sh
. "$cases/spaces.sh"

denied='deny.read = /mnt/**/deny-*'
lower='deny = /tmp/m/u/lower/deny-*'

# explains NAME PATH CANONICAL - user space gives that path the name that the kernel gives it.
explains() {
	[[ $phase != enforce ]] || is "$phase: $1: explain" \
		"$("$bin/policyctl" explain --policy "$policy" open "$2" read --json | json status | sed -n 's/^canonical //p')" "$3"
}

# named NAME DIR CANONICAL WORD - opened below DIR, the files of `fill` are called by CANONICAL.
named() {
	try "$1" open deny "$3/deny-$4" "$denied" -- "$o" r "$2/deny-$4"
	try "$1, allowed" open allow "$3/okay-$4" default -- "$o" r "$2/okay-$4"
	explains "$1" "$2/deny-$4" "$3/deny-$4"
}

bind() {
	mkdir -p "$2"
	mount --bind "$1" "$2"
}

prepare_mounts() {
	modprobe -a loop overlay btrfs vfat nls_cp437 nls_ascii nls_iso8859-1 2>/dev/null
	mkdir -p /tmp/m/{p,u/{lower/deny-dir,lower/okay-dir,empty,mount,w},merged} /mnt/m/hid /mnt/{btrfs,debian,fat}
	prepare_shapes
	part /mnt/part/near a
	part /mnt/part/deep a/b/c/d
	prepare_btrfs
	prepare_vfat
	prepare_overlays
	fill /tmp/m/u/lower r cu
	cp "$busybox" /tmp/m/u/lower/deny-bin
	cp "$busybox" /tmp/m/u/lower/okay-bin
	chmod -R a+rwX /tmp/m/u
	# Copy-up takes the owner along, who has to be known in the user namespace.
	chown -R $nobody:$nobody /tmp/m/u
	mkdir -p /dev/mqueue /mnt/m/p2
	mount -t mqueue mqueue /dev/mqueue
	mount -t proc p2 /mnt/m/p2
}

prepare_shapes() {
	local fs=/mnt/m/deep/er/fs

	host_mount /mnt/m/n1 one
	host_mount /mnt/m/n1/n2 two
	host_mount /mnt/m/n1/n2/n3 three
	host_mount $fs fs
	fill $fs/sub near renamed
	bind $fs/sub /mnt/near
	echo x >$fs/source
	: >/mnt/m/deny-single
	mount --bind $fs/source /mnt/m/deny-single
	fill /mnt/m/src far moved
	bind /mnt/m/src /mnt/m/a/b/far
	fill /mnt/m/hid hidden
	: >/mnt/m/deny-ns
	mount --bind /proc/self/ns/uts /mnt/m/deny-ns
	# As ostree lays a system out: `/` and /etc are subtrees of what is mounted whole at /sysroot.
	host_mount /mnt/tree/sysroot whole
	fill /mnt/tree/sysroot/ostree/deploy/1/bin bin
	fill /mnt/tree/sysroot/ostree/deploy/1/etc etc
	bind /mnt/tree/sysroot/ostree/deploy/1 /mnt/root2
	bind /mnt/tree/sysroot/ostree/deploy/1/etc /mnt/root2/etc
}

# part MOUNT PART - of a file system nothing but that folder is mounted.
part() {
	host_mount /mnt/part/whole unseen
	fill "/mnt/part/whole/$2/folder" part again
	bind "/mnt/part/whole/$2" "$1"
	umount /mnt/part/whole
}

# As openSUSE lays a system out: `/` is a snapshot, and the folder of the snapshots is mounted in it.
prepare_btrfs() {
	local volume=/mnt/btrfs/@/.snapshots

	truncate -s 128M /tmp/m/btrfs.img
	mkfs.btrfs -q /tmp/m/btrfs.img >/dev/null
	mount -o loop /tmp/m/btrfs.img /mnt/btrfs
	btrfs -q subvolume create /mnt/btrfs/@
	btrfs -q subvolume create $volume
	mkdir $volume/1
	btrfs -q subvolume create $volume/1/snapshot
	fill $volume list
	fill $volume/1/snapshot/bin suse
	mkdir $volume/1/snapshot/.snapshots
	umount /mnt/btrfs
	mkdir /mnt/suse
	mount -o loop,subvol=@/.snapshots/1/snapshot /tmp/m/btrfs.img /mnt/suse
	mount -o subvol=@/.snapshots "$(findmnt -n -o SOURCE /mnt/suse | sed 's/\[.*//')" /mnt/suse/.snapshots
	# As Debian does: one subvolume, and nothing else of it.
	truncate -s 128M /tmp/m/rootfs.img
	mkfs.btrfs -q /tmp/m/rootfs.img >/dev/null
	mount -o loop /tmp/m/rootfs.img /mnt/btrfs
	btrfs -q subvolume create /mnt/btrfs/@rootfs
	fill /mnt/btrfs/@rootfs/folder part again
	umount /mnt/btrfs
	mount -o loop,subvol=@rootfs /tmp/m/rootfs.img /mnt/debian
}

prepare_vfat() {
	truncate -s 8M /tmp/m/fat.img
	mkfs.vfat /tmp/m/fat.img >/dev/null
	mount -o loop,umask=0 /tmp/m/fat.img /mnt/fat
	echo x >/mnt/fat/file.txt
}

cases_by_place() {
	local fs=/mnt/m/deep/er/fs tree=/mnt/tree/sysroot place word

	named "a mount" /mnt/m/n1 /mnt/m/n1 one
	named "a mount in a mount" /mnt/m/n1/n2 /mnt/m/n1/n2 two
	named "three mounts deep" /mnt/m/n1/n2/n3 /mnt/m/n1/n2/n3 three
	named "a subtree mounted nearer to /" $fs/sub /mnt/near near
	named "beside that subtree" $fs $fs fs
	mv $fs/sub $fs/sub2
	named "the subtree's source renamed" $fs/sub2 /mnt/near renamed
	mv $fs/sub2 $fs/sub
	named "a bind mount further down" /mnt/m/a/b/far /mnt/m/src far
	mv /mnt/m/src /mnt/m/src2
	named "the bind mount's source renamed" /mnt/m/a/b/far /mnt/m/src2 moved
	mv /mnt/m/src2 /mnt/m/src
	try "a single file mounted nearer to /" open deny /mnt/m/deny-single "$denied" -- "$o" r $fs/source
	explains "a single file mounted nearer to /" $fs/source /mnt/m/deny-single
	try "a namespace's mount" open deny /mnt/m/deny-ns "$denied" -- "$o" r /mnt/m/deny-ns
	try "a namespace that is mounted nowhere" open audit anon: 'audit.read = anon:' read -- "$o" r /proc/self/ns/net
	named "ostree: the whole" $tree $tree whole
	named "ostree: /" $tree/ostree/deploy/1/bin /mnt/root2/bin bin
	named "ostree: /etc" /mnt/root2/etc /mnt/root2/etc etc
	named "btrfs: /" /mnt/suse/.snapshots/1/snapshot/bin /mnt/suse/bin suse
	named "btrfs: /.snapshots" /mnt/suse/.snapshots /mnt/suse/.snapshots list
	for place in /mnt/part/near /mnt/part/deep /mnt/debian; do
		for word in part again; do
			named "nothing but a part is mounted: $place, $word" $place/folder $place/folder $word
		done
	done
}

cases_by_change() {
	host_mount /mnt/m/mv1 moving
	"$o" r /mnt/m/mv1/okay-moving >/dev/null
	mkdir -p /mnt/m/mv2
	mount --move /mnt/m/mv1 /mnt/m/mv2
	named "mount --move" /mnt/m/mv2 /mnt/m/mv2 moving
	umount /mnt/m/mv2
	host_mount /mnt/m/pile under
	try "below another mount, held" open deny /mnt/m/pile/deny-under "$denied" -- \
		"$o" -b "mount -t tmpfs over /mnt/m/pile" r /mnt/m/pile/deny-under
	fill /mnt/m/pile over
	named "a mount over a mount" /mnt/m/pile /mnt/m/pile over
	umount /mnt/m/pile
	umount /mnt/m/pile
	try "a tree hidden by a mount, held" open deny /mnt/m/hid/deny-hidden "$denied" -- \
		"$o" -b "mount -t tmpfs hides /mnt/m/hid" r /mnt/m/hid/deny-hidden
	umount /mnt/m/hid
	# The walk to the new mount is the first there is.
	daemon_pause
	host_mount /mnt/m/fresh/fs fresh
	bind /mnt/m/fresh/fs /mnt/fresh
	named "mounted twice while the daemon is stopped" /mnt/m/fresh/fs /mnt/fresh fresh
	umount /mnt/fresh
	named "then once again" /mnt/m/fresh/fs /mnt/m/fresh/fs fresh
	umount /mnt/m/fresh/fs
	daemon_continue
}

# instance NAME OBJECT RULE SPACES MOUNT ACCESS FILE - a second instance, mounted in a namespace of its own.
instance() {
	try "$1" open deny "$2" "$3" -- unshare "$4" bash -c "mount $5 /tmp/m/p && $o $6 /tmp/m/p/$7"
}

cases_by_instance() {
	local domainname=/proc/sys/kernel/domainname lo=devices/virtual/net/lo/mtu records=1

	instance "second procfs" $domainname "deny.write = $domainname" -m "-t proc p" w sys/kernel/domainname
	try "second procfs of the host" open deny $domainname "deny.write = $domainname" -- "$o" w /mnt/m/p2/sys/kernel/domainname
	explains "second procfs of the host" /mnt/m/p2/sys/kernel/domainname $domainname
	instance "second sysfs" /sys/$lo "deny = /sys/$lo" -mn "-t sysfs s" r $lo
	instance "second devpts" /dev/pts/ptmx "deny = /dev/pts/ptmx" -m "-t devpts -o newinstance,ptmxmode=666 d" r ptmx
	[[ $phase == enforce ]] || records=2
	instance "second mqueue" /dev/mqueue/deny-q "deny = /dev/mqueue/deny-*" -im "-t mqueue q" c deny-q
	records=1
	try "second bpffs" open deny /sys/fs/bpf/deny-d "deny.read = /sys/fs/bpf/deny-*" -- \
		private "mount -t bpf b /tmp/m/p && mkdir /tmp/m/p/deny-d && $o d /tmp/m/p/deny-d"
	instance "securityfs elsewhere" /sys/kernel/security/lsm "deny = /sys/kernel/security/lsm" -m "-t securityfs s" r lsm
	instance "tracefs elsewhere" /sys/kernel/tracing/trace_clock "deny = /sys/kernel/tracing/trace_clock" -m \
		"-t tracefs t" r trace_clock
}

# over COMMAND - as nobody, with an overlay that can be written to over /tmp/m/u/lower.
over() {
	local w=/tmp/m/u/w

	user "mount -t tmpfs t $w && mkdir $w/up $w/wk && mount -t overlay o \
		-o lowerdir=/tmp/m/u/lower,upperdir=$w/up,workdir=$w/wk,userxattr /tmp/m/u/mount && cd /tmp/m/u/mount && $1"
}

cases_by_user_overlay() {
	try "user's overlay: read" open deny /tmp/m/u/lower/deny-r "$lower" -- over "$o r deny-r"
	is "$phase: user's overlay: read, allowed" "$(over "$o r okay-r")" OK
	try "user's overlay: copy-up" open deny /tmp/m/u/lower/deny-cu "$lower" read -- over "$o w deny-cu"
	is "$phase: user's overlay: copy-up, allowed" "$(over "$o w okay-cu")" OK
	try "user's overlay: opendir" open deny /tmp/m/u/lower/deny-dir "$lower" -- over "$o d deny-dir"
	is "$phase: user's overlay: opendir, allowed" "$(over "$o d okay-dir")" OK
	try "user's overlay: exec" exec deny /tmp/m/u/lower/deny-bin 'deny = /tmp/m/u/lower/deny-b*' -- over "$x ./deny-bin echo OK"
	is "$phase: user's overlay: exec, allowed" "$(over "$x ./okay-bin echo OK")" OK
}

# Lower files of each phase's own: after a copy-up there is nothing more to copy.
prepare_overlays() {
	local way

	for way in control audit enforce allowlist; do
		fill /mnt/ov/$way/lower/dir in
		mkdir /mnt/ov/$way/{upper,work}
		echo x | tee /mnt/ov/$way/lower/{r,cu,linked} >/dev/null
		ln /mnt/ov/$way/lower/{linked,again}
	done
}

host_overlay() {
	mount -t overlay o -o "lowerdir=/mnt/ov/$1/lower,upperdir=/mnt/ov/$1/upper,workdir=/mnt/ov/$1/work" /tmp/m/merged
}

cases_by_host_overlay() {
	local m=/tmp/m/merged layer

	host_overlay "$phase"
	try "overlay: read" open allow $m/r default read -- "$o" r $m/r
	try "overlay: copy-up" open allow $m/cu default write -- "$o" w $m/cu
	stat "/mnt/ov/$phase/lower/again" >/dev/null
	try "overlay: a file with two names" open allow $m/linked default -- "$o" r $m/linked
	try "overlay: opendir" open allow $m/dir default -- "$o" d $m/dir
	umount $m
	[[ $phase != control ]] || return 0
	for name in r cu dir; do
		expect "$phase: overlay: one record of $name" open allow $m/$name default '' 1
		for layer in lower upper; do
			expect "$phase: overlay: none of $layer/$name" open allow "/mnt/ov/$phase/$layer/$name" '' '' 0
		done
	done
}

cases_mounts() {
	cases_by_place
	cases_by_change
	cases_by_instance
	cases_by_user_overlay
	cases_by_host_overlay
	try "vfat: case folds" open deny unresolved: '' read -- "$o" r /mnt/fat/FILE.TXT
	cases_strangers
}

# An allowlist of merged names: what the overlay opens on its own behalf needs no rule.
# More mounts than a file system's list is followed for, and never a quiet moment: both are any user's to make.
cases_strangers() {
	local failed remounts before=0

	[[ $phase != audit ]] || return 0
	mkdir -p /mnt/event
	[[ $phase == control ]] || { read_status && before=${status[troubles.mounts]}; }
	read -r failed remounts < <("$bin/subject-crowd" 1000 1500 2000 /usr/bin/true /mnt/event)
	is "$phase: strangers' mounts: opens of the host's files that fail" "$failed" 0
	((remounts > 100)) && pass "$phase: strangers' mounts: they never rest" || fail "$phase: strangers' mounts: they never rest" "$remounts"
	[[ $phase != control ]] || return 0
	read_status
	is "$phase: strangers' mounts: names that can't be told" "${status[troubles.mounts]}" "$before"
}

after_mounts() {
	can_enforce || return 0
	cat >"$policy" <<-EOF
		[policy]
		version = 1
		mode = enforce
		[open]
		default = deny
		allow = /{usr,dev,lib,proc,sys,run,etc}/**
		allow = $checkout/**
		allow = /tmp/*
		allow = /tmp/m/merged/**
		allow = /mnt/ov/allowlist/upper/**
		allow = unresolved:
	EOF
	host_overlay allowlist
	ctl reload --force >/tmp/reload.out 2>&1
	is "allowlist: the policy is accepted" $? 0
	is "allowlist: a layer's file" "$("$o" r /mnt/ov/allowlist/lower/r)" EPERM
	is "allowlist: read" "$("$o" r /tmp/m/merged/r)" OK
	is "allowlist: copy-up" "$("$o" w /tmp/m/merged/cu)" OK
	# The folder is made in the work directory and moved to the upper one.
	is "allowlist: copy-up of a folder" "$("$o" c /tmp/m/merged/dir/new)" OK
	ls /tmp/m/merged/dir >/dev/null
	is "allowlist: ls" $? 0
	is "vfat: allowed by name" "$("$o" r /mnt/fat/File.Txt)" OK
	umount /tmp/m/merged
}
