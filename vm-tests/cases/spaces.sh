# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034 # sourced by groups of cases, whose variables it uses and which use its own
# shellcheck shell=bash
# spaces.sh - namespaces, mounts and files for the groups that are about names.

odd=$bin/subject-odd
far=$bin/subject-far
reuse=$bin/subject-reuse
nobody=65534

# The words of a shell of its own, as root in a private mount namespace, or as nobody in a user namespace too.
private() { unshare -m sh -c "$1"; }
user() { setpriv --reuid $nobody --regid $nobody --clear-groups unshare -Urm sh -c "$1"; }

# fill DIR WORD… - a file to be denied and one to be allowed for each word.
fill() {
	local dir=$1 word

	shift
	mkdir -p "$dir"
	for word; do
		echo x >"$dir/okay-$word"
		cp "$dir/okay-$word" "$dir/new"
		mv "$dir/new" "$dir/deny-$word"
	done
}

# host_mount DIR WORD… - a new tmpfs on the host, filled.
host_mount() {
	mkdir -p "$1"
	mount -t tmpfs late "$1"
	fill "$@"
}

daemon_pause() { [[ -z $daemon ]] || kill -STOP "$daemon"; }
daemon_continue() { [[ -z $daemon ]] || kill -CONT "$daemon"; }

# image FILE DIR - an ext4 image that holds DIR. With a journal: without one a number that was just free is passed over, for some seconds.
image() {
	truncate -s 16M "$1"
	mkfs.ext4 -q -d "$2" "$1"
}
