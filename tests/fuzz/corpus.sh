#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# corpus.sh - what the fuzzers start from: the samples, the golden policies, the judge's and some random ones, and their images.
# usage: corpus.sh FOLDER IMAGE_SEED; fills FOLDER/policy, FOLDER/image and FOLDER/control.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
readonly root folder=$1 image_seed=$2
shopt -s nullglob globstar

mkdir -p "$folder"/{policy,image,control,random}
export PYTHONDONTWRITEBYTECODE=1
python3 "$root/tests/diff/generate.py" "$folder/random" 10 0 3
python3 "$root/tests/diff/selftest.py" --write "$folder/random"
number=0
for path in "$root"/policy/samples/**/*.ini "$root"/tests/golden/**/*.ini "$folder"/random/*.ini; do
	if (($(stat -c %s "$path") <= 8192)); then
		cp "$path" "$folder/policy/seed-$number.ini"
		number=$((number + 1))
	fi
done
"$image_seed" "$folder/image" "$folder"/policy/seed-*.ini
rm -rf "$folder/random"
# Each request that there is, by each who may ask: see fuzz_control.c.
for who in 0 1 2; do
	for type in 1:0 2:8 3:8 4:8 5:48 6:0 7:0 8:0; do
		length=${type#*:}
		# shellcheck disable=SC2059
		printf "\\x0$who\\x8${type%:*}\\x$(printf %x "$length")$(printf '\\0%.0s' $(seq "$length"))" >"$folder/control/seed-$who-${type%:*}"
	done
done
