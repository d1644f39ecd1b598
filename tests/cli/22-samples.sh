# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
# 22-samples.sh - the shipped policies and lists: fine as they lie here, fine where they are installed.

# sample_is_fine FILE: no error, no warning, expectations hold.
sample_is_fine()
{
	claim "${1##*/} is fine"
	ctl check "$1"
	is_code 0
	has out "$out" ' 0 warnings'
	hasnt err "$err" 'warning:'
	hasnt err "$err" 'error:'
}

claim 'samples and lists are installed beside each other'
run cmake --install "$bin/.." --prefix "$work/usr"
is_code 0
for sample in "$here"/../../policy/samples/*.ini; do
	sample_is_fine "$sample"
	sample_is_fine "$work/usr/share/portcullis/samples/${sample##*/}"
done

for list in "$here"/../../policy/lists/*.txt; do
	word=${list##*/}
	word=${word%.txt}
	claim "the list $word says what it is for, and is used"
	has 'its first line' "$(head -n 1 "$list")" "# $word - "
	has 'its head' "$(sed '/^[^#]/q' "$list")" 'Not in it: '
	has users "$(grep -l "^file = ../lists/$word.txt$" "$here"/../../policy/samples/*.ini "$here"/../../vm-tests/cases/samples/*.ini)" .ini
done
