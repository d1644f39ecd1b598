#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# all.sh KERNEL [GROUP…] - inside the VM: the cases of each group, all groups if none is named. See lib.sh.
kernel=$1
shift
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
cases=$checkout/vm-tests/cases
groups=("$@")
((${#groups[@]} > 0)) || groups=(basic connect programs names mounts races unix reload pressure life)
. "$cases/lib.sh"
for group in "${groups[@]}"; do
	# shellcheck disable=SC1090 # one of the files beside this one
	. "$cases/$group.sh"
	"prepare_$group"
done
mkdir -p "${policy%/*}"

# Each way to a name is tried in audit mode on one kernel; hooks, verbs and forms of addresses on all.
phases_of() {
	case $kernel-$1 in
	6.1-full-*) echo audit ;;
	7-* | *-basic | *-connect) echo audit enforce ;;
	*) echo enforce ;;
	esac
}

# That the actions work without a policy is seen where the same kernel is booted as it is.
phase=control
start=$SECONDS
for group in "${groups[@]}"; do
	[[ $kernel == *-full ]] || "cases_$group"
done
echo "# $kernel: control of all groups took $((SECONDS - start)) s"
policy_write "${groups[0]}" audit
if daemon_start; then
	for group in "${groups[@]}"; do
		start=$SECONDS
		for phase in $(phases_of "$group"); do
			policy_load "$group" "$phase" || continue
			"cases_$group"
			judge
		done
		"after_$group"
		echo "# $kernel: group $group took $((SECONDS - start)) s"
	done
	daemon_stop
fi
printf 'closing %d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
