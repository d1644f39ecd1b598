#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2034,SC2154 # lib.sh reads and sets variables
# off.sh KERNEL - inside a VM that was booted with portcullis=off: the daemon does not start, and nobody is refused.
kernel=$1
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
cases=$checkout/vm-tests/cases
. "$cases/lib.sh"
. "$cases/life.sh"
mkdir -p "${policy%/*}" /tmp/n
echo x >/tmp/n/life-file
policy_write life enforce
start_refused "portcullis=off on the kernel's command line" 1 "not starting: portcullis=off is on the kernel's command line" --socket "$socket"
is "portcullis=off: nobody is refused" "$("$o" r /tmp/n/life-file)" OK
printf 'closing %d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
