# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154 # sourced by lawful.sh
# shellcheck shell=bash
# containers.sh - a container that any user can make, a network of its own, file systems mounted for a while.

# As nobody: user, mount, process, host name and network namespaces, and an overlay as the root.
work_container() {
	mkdir -p image/{bin,dev,etc,mnt,old,proc,tmp} space
	cp "$busybox" image/bin/busybox
	ln -s busybox image/bin/sh
	echo from the image >image/etc/settings
	cat >image/bin/job <<-'S'
		#!/bin/busybox sh
		# Without programs beside it, busybox starts itself for each.
		id -u; hostname; ps -o pid,comm
		cat /etc/settings
		echo changed >/etc/settings
		mv /etc/settings /etc/moved
		mkdir -p /etc/d/e; mv /etc/d /d; ls -d /d/e
		ln -s moved /etc/link; cat /etc/link
		rm /bin/sh; ls /bin
		cp /bin/busybox /tmp/own; /tmp/own echo a program of its own
		mount -t tmpfs t /mnt; cp /bin/busybox /mnt/; /mnt/busybox echo from a tmpfs
		ip link set lo up; ping -c 1 -W 5 127.0.0.1 >/dev/null && echo ping
		unshare -Um busybox sh -c 'mount -t tmpfs t /tmp; echo nested >/tmp/a; cat /tmp/a'
		cat /proc/1/comm; ls /old
		exit 6
	S
	chmod +x image/bin/job
	chown -R 65534:65534 .
	setpriv --reuid 65534 --regid 65534 --clear-groups unshare -Urmpfun --mount-proc "$busybox" sh -e -c '
		hostname box
		mount -t tmpfs space space
		mkdir space/upper space/work space/root
		mount -t overlay -o lowerdir=image,upperdir=space/upper,workdir=space/work,userxattr root space/root
		cd space/root
		mount -t proc proc proc
		mount --rbind /dev dev
		pivot_root . old
		exec chroot . /bin/busybox sh -c "umount -l /old; exec job"' || echo "container: $?"
	cat image/etc/settings
}

work_network_space() {
	ip netns add lawful
	ip netns exec lawful "$busybox" sh -c 'ip link set lo up; ip -o addr show lo
		nc -l -p 5999 -s 127.0.0.1 & sleep 0.2; echo across | nc 127.0.0.1 5999; wait; mount | grep -c " /sys "'
	ip netns del lawful
	ip netns list
}

work_mounts() {
	mkdir -p point bound merged
	truncate -s 8M disk
	mkfs.ext4 -q disk
	mount -o loop disk point
	mkdir -p point/dir point/upper point/work
	echo on disk >point/file
	mv point/file point/dir/
	mount --bind point/dir bound
	mount -o remount,ro,bind bound
	cp disk bound/file || echo "read-only: $?"
	umount bound
	mount -t overlay o -o lowerdir=point/dir,upperdir=point/upper,workdir=point/work merged
	echo more >>merged/file
	mv merged/file merged/moved
	cat merged/moved point/dir/file
	find point/upper -printf '%M %P\n' | sort
	umount merged point
	mount -t tmpfs -o size=1M small point
	head -c 2M /dev/zero >point/much || echo "full: $?"
	umount point
}
