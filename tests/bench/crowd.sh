#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# crowd.sh FOLDER - inside a VM of four CPUs: prints "CONFIGURATION WHAT VALUE" lines. How long an open takes, in
# nanoseconds by the wall clock, while one CPU does so, and while two do; what the maps take.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
policies=$1

hammer() {
	local processes

	for processes in 1 2; do
		printf '%s hammer-%d %d\n' "$1" $processes "$("$bin/bench-hammer" $processes)"
	done
}

cp "$bin/bench-ops" /mnt/bench-ops
/mnt/bench-ops prepare
hammer none
daemon_start "$policies/1000-none.ini"
hammer rules-1000
printf 'daemon map-bytes-4-cpus %d\n' "$(map_bytes)"
daemon_stop
hammer none-after
