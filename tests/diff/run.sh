#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh - random policies, random objects: the reference and the engine must give the same answers.
# usage: run.sh [--kernel] [POLICIES [OBJECTS [SEED]]]; DIFF_POLICY names the binary, DIFF_KEEP a folder for the cases.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
readonly here
readonly engine=${DIFF_POLICY:-$here/../../build/bin/diff-policy}
export PYTHONDONTWRITEBYTECODE=1

kernel=()
wildest=1
if [[ ${1:-} == --kernel ]]; then
	kernel=(--kernel)
	wildest=0.4
	shift
fi
readonly policies=${1:-220} objects=${2:-500} seed=${3:-1}

if [[ ! -x $engine ]]; then
	echo "diff: no $engine: build it first" >&2
	exit 2
fi
folder=${DIFF_KEEP:-$(mktemp -d "${TMPDIR:-/tmp}/portcullis-diff.XXXXXX")}
mkdir -p "$folder"
rm -f "$folder"/*.{ini,cases,ref,out,err}

python3 "$here/generate.py" "$folder" "$policies" "$objects" "$seed" "$wildest"
python3 "$here/reference.py" "$folder"
status=0
multiplied=0
for cases in "$folder"/*.cases; do
	base=${cases%.cases}
	if "$engine" "${kernel[@]}" "$base.ini" "$cases" >"$base.out" 2>"$base.err"; then
		continue
	fi
	# Wildcards may multiply past the bound; such a policy is refused by right, if it is a rare one.
	if grep -q "because some multiply" "$base.err" && ((++multiplied <= policies / 50)); then
		rm "$base".*
		continue
	fi
	grep -v ": warning: " "$base.err" | head -n 5
	status=1
done
((multiplied == 0)) || echo "diff: $multiplied policies were past the automaton's bound, and left out"
python3 "$here/compare.py" "$folder" || status=1
if ((status)); then
	echo "diff: seed $seed; policies, objects and answers are kept in $folder"
elif [[ -z ${DIFF_KEEP:-} ]]; then
	rm -rf "$folder"
fi
exit $status
