# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034
# 20-offline.sh - check: what needs no daemon.

reset_files

claim 'a fine policy is called fine'
ctl check "$work/policy.ini"
is_code 0
has out "$out" "$work/policy.ini: fine: 9 rules, [0-9]* bytes, "

claim 'a folder stands for its policy.ini'
ctl check "$work"
is_code 0
has out "$out" 'fine: 9 rules'

claim 'all errors are shown in one run, with their lines'
broken_policy
ctl check "$work/policy.ini"
is_code 1
has err "$err" "$work/policy.ini:4: error: unknown key 'alow' in \[open\]; did you mean 'allow'?"
has err "$err" "$work/policy.ini:5: error: "
is out "$out" ''

claim 'an expectation that does not hold is an error'
reset_files
printf 'allow = open /srv/secret read\n' >>"$work/policy.ini"
ctl check "$work/policy.ini"
is_code 1
has err "$err" "$work/policy.ini:23: error: 'allow = open /srv/secret read' does not hold"

claim 'expectations of [system] are checked'
reset_files
printf 'deny = system userns\n[system]\ndeny = userns\nallow = mount\n' >>"$work/policy.ini"
ctl check "$work/policy.ini"
is_code 0
has out "$out" 'fine: 11 rules'
sed -i 's/^allow = mount$/deny = mounts/' "$work/policy.ini"
ctl check "$work/policy.ini"
is_code 1
is err "$err" "$work/policy.ini:26: error: 'mounts' is no object of [system]; did you mean 'mount'?"
sed -i 's/^deny = mounts$/allow = bpf/; s/^deny = userns$/audit = userns/' "$work/policy.ini"
ctl check "$work/policy.ini"
is_code 1
is err "$err" "$work/policy.ini:23: error: 'deny = system userns' does not hold: audit by $work/policy.ini:25 'audit = userns'"

claim 'a policy that is not there is told'
ctl check "$work/none.ini"
is_code 1
has err "$err" "$work/none.ini: error: "
has err "$err" 'No such file or directory'

