#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# all.sh KERNEL GROUP… - inside the VM: the cases of each group. See lib.sh.
kernel=$1
shift
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
cases=$checkout/vm-tests/cases
groups=("$@")
# Below a shell of the family, this one and all that it starts are members: see family_rules.
if [[ $kernel == *-profile && -z ${IN_FAMILY:-} ]]; then
	mkdir -p /run/vm/family
	cp /run/vm/busybox /run/vm/family/
	IN_FAMILY=1 /run/vm/family/busybox sh -c '"$@"; exit $?' sh bash "$cases/all.sh" "$kernel" "$@"
	exit
fi
. "$cases/lib.sh"
for group in "${groups[@]}"; do
	# shellcheck disable=SC1090 # one of the files beside this one
	. "$cases/$group.sh"
	"prepare_$group"
done
mkdir -p "${policy%/*}"

# Hooks, verbs and forms of addresses go through all phases on all kernels. Of the ways to a name, one kernel shows that
# each works without a policy and passes in audit mode; on the others the record of the denial proves whose it was.
phases_of() {
	case $kernel-$1 in
	# What is compared needs something to be compared with.
	6.1-full-lawful) echo control audit ;;
	6.*-lawful) echo control enforce ;;
	6.1-full-*) echo audit ;;
	*-profile-connect) echo control enforce ;;
	*-full-* | *-profile-* | *-samples-*) echo enforce ;;
	*-escape | 7-attacks | 7-asking | 7-samples) echo control enforce ;;
	7-* | *-basic | *-connect) echo control audit enforce ;;
	*) echo enforce ;;
	esac
}

phase=control
start=$SECONDS
for group in "${groups[@]}"; do
	[[ $(phases_of "$group") != control* ]] || "cases_$group"
done
echo "# $kernel: control took $((SECONDS - start)) s"
policy_write "${groups[0]}" audit
if daemon_start; then
	for group in "${groups[@]}"; do
		start=$SECONDS
		for phase in $(phases_of "$group"); do
			[[ $phase != control ]] || continue
			policy_load "$group" "$phase" || continue
			"cases_$group"
			judge
		done
		"after_$group"
		echo "# $kernel: group $group took $((SECONDS - start)) s"
	done
	[[ $kernel != *-profile ]] || is "all subjects that are recorded were in the family" \
		"$(grep '"comm":"try' "$log" | grep -vc '"profile":"subjects"')" 0
	daemon_stop
fi
printf 'closing %d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
