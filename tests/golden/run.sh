#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh - broken policies and their exact diagnostics. Usage: run.sh POLICYCTL [CASE...]
#
# A case is NN-name.ini, or a directory NN-name with a policy.ini; `policyctl check` on it must exit with 1 and write
# exactly NN-name.err to standard error, and nothing to standard output.
set -euo pipefail

if [ $# -lt 1 ]; then
	echo "usage: $0 POLICYCTL [CASE...]" >&2
	exit 2
fi
policyctl=$(realpath -- "$1")
shift
cd "$(dirname "${BASH_SOURCE[0]}")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cases=("$@")
if [ ${#cases[@]} -eq 0 ]; then
	cases=([0-9]*.ini [0-9]*/)
fi

failed=0
for entry in "${cases[@]}"; do
	entry=${entry%/}
	wanted=${entry%.ini}.err
	code=0
	"$policyctl" check "$entry" >"$scratch/out" 2>"$scratch/err" || code=$?
	if [ "$code" -ne 1 ]; then
		echo "FAIL $entry: exit code $code instead of 1"
	elif ! diff -u --label "$wanted" --label found "$wanted" "$scratch/err"; then
		echo "FAIL $entry: other diagnostics"
	elif [ -s "$scratch/out" ]; then
		echo "FAIL $entry: something on standard output"
	else
		continue
	fi
	failed=$((failed + 1))
done

# An .err without its policy would never be looked at.
for wanted in [0-9]*.err; do
	if [ ! -e "${wanted%.err}.ini" ] && [ ! -d "${wanted%.err}" ]; then
		echo "FAIL $wanted: no policy of that name"
		failed=$((failed + 1))
	fi
done

echo "golden: $((${#cases[@]} - failed)) of ${#cases[@]} passed"
[ "$failed" -eq 0 ]
