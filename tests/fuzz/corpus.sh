#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# corpus.sh - what the fuzzers start from: the samples, the golden policies, the judge's and some random ones, and their images.
# usage: corpus.sh FOLDER IMAGE_SEED; fills FOLDER/policy and FOLDER/image.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
readonly root folder=$1 image_seed=$2
shopt -s nullglob globstar

mkdir -p "$folder"/{policy,image,random}
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
