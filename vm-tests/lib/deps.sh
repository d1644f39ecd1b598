# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# deps.sh - the packages that building and testing need, and how to get the missing ones.

# libclang-rt-dev is compiler-rt for whichever clang is the default.
readonly build_packages=(clang llvm libclang-rt-dev clang-format gcc cmake ninja-build pkg-config
	libbpf-dev libelf-dev zlib1g-dev libcap-dev libseccomp-dev libinih-dev libcmocka-dev libncurses-dev libsystemd-dev libyajl-dev
	libmicrohttpd-dev bpftool liburing-dev tmux chromium)
readonly vm_packages=(qemu-system-x86 busybox-static kmod cpio xz-utils zstd util-linux iproute2
	debian-archive-keyring mmdebstrap)
# What the VM tests put under policy; socat, ncat and python3 are what attackers are said to use.
readonly subject_packages=(nginx-light curl openssh-server e2fsprogs btrfs-progs dosfstools socat ncat python3
	postgresql git dpkg-dev fakeroot rsync acl libcap2-bin php-fpm w3m strace)
# promtool looks at the metrics, and a real Prometheus scrapes them; the log is rotated by the shipped sample; a journald
# (of systemd, which need not run) takes entries.
readonly output_packages=(prometheus curl logrotate systemd)
# For ./dev bench alone, which dev has.
# shellcheck disable=SC2034
readonly bench_packages=(apparmor libbpf-tools)
# Used where the release has it: a second compiler whose objects every kernel must load.
readonly optional_packages=(clang-19)

deps_missing() {
	local package status
	local -A have=()

	while read -r status package; do
		[[ $status != installed ]] || have[${package%%:*}]=1
	done < <(dpkg-query -W -f '${db:Status-Status} ${binary:Package}\n' "$@" 2>/dev/null)
	for package in "$@"; do
		[[ -n ${have[$package]:-} ]] || printf '%s\n' "$package"
	done
}

as_root() {
	if ((EUID == 0)); then
		"$@"
	else
		sudo "$@"
	fi
}

# Services of the installed packages must not start: the asked script says no, and an own one comes back.
deps_install_quietly() {
	# shellcheck disable=SC2016 # expanded by the shell that runs as root
	as_root env DEBIAN_FRONTEND=noninteractive bash -c '
		set -e
		guard=/usr/sbin/policy-rc.d
		restore() {
			rm -f "$guard"
			[[ ! -e $guard.portcullis && ! -L $guard.portcullis ]] || mv "$guard.portcullis" "$guard"
		}
		[[ ! -e $guard && ! -L $guard ]] || mv "$guard" "$guard.portcullis"
		trap restore EXIT
		printf "#!/bin/sh\nexit 101\n" >"$guard"
		chmod 755 "$guard"
		apt-get install -y -q --no-install-recommends "$@"
	' deps "$@"
}

deps_main() {
	local missing optional package

	mapfile -t missing < <(deps_missing "${build_packages[@]}" "${vm_packages[@]}" "${subject_packages[@]}" \
		"${output_packages[@]}")
	mapfile -t optional < <(deps_missing "${optional_packages[@]}")
	if ((${#missing[@]} > 0)); then
		as_root apt-get -q update || say "some package lists could not be fetched"
	fi
	for package in "${optional[@]}"; do
		[[ -z $(apt-cache madison "$package" 2>/dev/null) ]] || missing+=("$package")
	done
	((${#missing[@]} > 0)) || return 0
	say "installing ${missing[*]}"
	deps_install_quietly "${missing[@]}"
	# The guest mounts its kernel's modules there, and can't make a folder on the host's tree.
	[[ -d /usr/lib/modules ]] || as_root mkdir -p /usr/lib/modules
}
