#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2034,SC2154 # lib.sh reads and sets variables
# nobpf.sh KERNEL - inside a VM that was booted without bpf among the security modules: the daemon does not start.
kernel=$1
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
cases=$checkout/vm-tests/cases
. "$cases/lib.sh"
. "$cases/life.sh"
mkdir -p "${policy%/*}"
modules=$(</sys/kernel/security/lsm)
for mode in audit enforce; do
	policy_write life $mode
	start_refused "no BPF LSM: no start in $mode mode" 2 \
		"BPF LSM: $modules; remedy: add lsm=$modules,bpf to the kernel command line (Debian: GRUB_CMDLINE_LINUX in" \
		--socket "$socket"
done
printf 'closing %d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
