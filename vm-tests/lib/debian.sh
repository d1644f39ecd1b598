# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# shellcheck disable=SC2154 # cache: set by kernels.sh
# debian.sh - makes the small Debian with systemd that --systemd boots, and keeps it in the cache.
#
# It is of the host's release, so that what is built on the host finds its libraries there. The file's name holds a sum of
# all that it was made from: a longer list of packages makes a new one.

# An idle host with a login, two logs, an inetd, and clients that reach the network; last the libraries of our programs.
readonly debian_packages=(systemd-sysv udev kmod dbus libpam-systemd cron openssh-server rsyslog logrotate openbsd-inetd
	iproute2 procps curl netcat-openbsd libbpf1 libinih1 libyajl2 libncursesw6)
# Nobody reads there.
readonly debian_options=(--variant=minbase --quiet --dpkgopt='path-exclude=/usr/share/doc/*'
	--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*')

debian_release() {
	# shellcheck disable=SC1091 # the host's
	(. /etc/os-release && printf '%s\n' "${VERSION_CODENAME:-}")
}

debian_name() {
	local sum

	sum=$(printf '%s\n' "${debian_packages[@]}" "${debian_options[@]}" | cksum)
	printf '%s-%s.tar\n' "$(debian_release)" "${sum%% *}"
}

# debian_make NAME - mmdebstrap goes by apt's own mirror, with its security updates, and writes the tar itself.
debian_make() {
	local release include new=$cache/debian/.new.$1

	release=$(debian_release)
	apt_suites | grep -qx "$release" || die "this host is no Debian of a release that is known here: '$release'"
	say "making a Debian $release with systemd, a minute"
	printf -v include ',%s' "${debian_packages[@]}"
	apt_write_sources | grep -E " $release(-security)? " |
		as_root env -u APT_CONFIG mmdebstrap "${debian_options[@]}" --format=tar --include="${include#,}" "$release" - - \
			>"$new" || die "cannot make a Debian $release: see above"
	mv "$new" "$cache/debian/$1"
}

# debian_ensure - prints the name of the file below debian/ in the cache. Two at once wait for each other.
debian_ensure() {
	local name

	name=$(debian_name)
	mkdir -p "$cache/debian"
	(
		flock 9
		[[ -e $cache/debian/$name ]] || debian_make "$name"
	) 9>"$cache/debian.lock" || return
	printf '%s\n' "$name"
}
