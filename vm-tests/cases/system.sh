# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2015 # sourced by all.sh: each file uses the others' variables; pass and fail never fail
# shellcheck shell=bash
# system.sh - [system]: each word refused, and each let pass by a policy that names the others.

declare -A ways=([userns]='userns clone' [mount]='mount remount reconfigure umount attach pivot' [bpf]=bpf [module]='module-file module'
	[ptrace]='ptrace read traceme' [kexec]=kexec)

prepare_system() {
	local way

	for way in mount remount reconfigure umount attach pivot; do
		mkdir -p /tmp/y/$way
		[[ $way == mount || $way == attach ]] || mount -t tmpfs "$way" /tmp/y/$way
	done
}

# system WORD VERDICT RULE - all ways of that word, each from the same state.
system() {
	local way

	for way in ${ways[$1]}; do
		try "$1 by $way" system "$2" "$1" "$3" -- "$bin/subject-system" "$way" "/tmp/y/$way"
		case $way in
		umount) mountpoint -q /tmp/y/umount || mount -t tmpfs umount /tmp/y/umount ;;
		esac
	done
}

# The shell's own mounts are refused too: what a case has unmounted stays so in the enforce phase only if it failed.
cases_system() {
	system userns deny 'deny = userns'
	system mount deny 'deny = mount'
	system bpf deny 'never = bpf'
	system module deny 'deny = module'
	system ptrace audit 'audit = ptrace'
	system kexec deny 'deny = kexec'
	is "$phase: /proc of another process is no ptrace" "$("$bin/subject-system" look)" OK
}

after_system() {
	own_policy "mode = $phase"$'\n[system]\nlog = all\ndefault = deny\nallow = userns\nallow = mount\nallow = bpf\nallow = kexec\nallow = module\ndeny = ptrace'
	system userns allow 'allow = userns'
	system mount allow 'allow = mount'
	system bpf allow 'allow = bpf'
	system module allow 'allow = module'
	system kexec allow 'allow = kexec'
	system ptrace deny 'deny = ptrace'
	judge
	umount -q -l /tmp/y/{mount,attach,remount,reconfigure,umount,pivot}
}
