#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# all.sh KERNEL - inside the VM: all cases, as control, in audit mode, in enforce mode. See lib.sh.
kernel=$1
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
cases=$checkout/vm-tests/cases
. "$cases/lib.sh"
. "$cases/basic.sh"
. "$cases/names.sh"
. "$cases/reload.sh"

run_cases() {
	cases_open
	cases_exec
	cases_connect
	cases_names
}

mkdir -p /etc/portcullis
: >/tmp/expected
cp "$cases/policy.ini" "$policy"
prepare_basic
prepare_names
run_cases
phase=audit
sed -i 's/^mode .*/mode = audit/' "$policy"
if daemon_start; then
	cases_open
	cases_exec
	cases_connect
	judge
	daemon_stop
fi
phase=enforce
cp "$cases/policy.ini" "$policy"
if daemon_start; then
	run_cases
	judge
	cases_reload
	daemon_stop
fi
printf 'closing %d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
