#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# crowd.sh FOLDER - inside a VM of four CPUs: prints "CONFIGURATION WHAT VALUE" lines. How long an open takes, in
# nanoseconds by the wall clock, while one CPU does so, and while two do; what the maps take.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
policies=$1
declare -A least=()

# hammer CONFIGURATION - the least of all turns: what else a machine does only adds.
hammer() {
	local processes took what

	for _ in {1..4}; do
		for processes in 1 2; do
			took=$("$bin/bench-hammer" $processes)
			what="$1 hammer-$processes"
			((took >= ${least[$what]:-999999999})) || least[$what]=$took
		done
	done
}

cp "$bin/bench-ops" /mnt/bench-ops
/mnt/bench-ops prepare
# By turns, because a machine is not as busy now as then.
for round in {1..3}; do
	hammer none
	daemon_start "$policies/1000-none.ini"
	hammer rules-1000
	((round > 1)) || printf 'daemon map-bytes-4-cpus %d\n' "$(map_bytes)"
	daemon_stop
done
for what in "${!least[@]}"; do
	printf '%s %d\n' "$what" "${least[$what]}"
done
