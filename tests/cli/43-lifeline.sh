# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034
# 43-lifeline.sh - a policy that would lock everybody out is not loaded, by a start or a reload, unless it is forced.

reset_files
good=$(<"$work/policy.ini")
bash=$(realpath /bin/bash)
printf '[policy]\nversion = 1\nmode = enforce\n[exec]\nallow = /**\ndeny = %s\ndeny = anon:\ndeny = foreign:/**\n' "$bash" >"$work/locked.ini"

claim 'check finds it when asked, and only then'
run "$bin/policyctl" check "$work/locked.ini"
is_code 0
run "$bin/policyctl" check --lifeline "$work/locked.ini"
is_code 1
has err "$err" "$work/locked.ini:6: error: a shell ($bash) needs to exec $bash, which this rule refuses"
run "$bin/policyctl" check --lifeline "$work/policy.ini"
is_code 0

claim 'a start is refused, with the list and the way out'
cp "$work/locked.ini" "$work/policy.ini"
run "$bin/portcullisd-fake" --policy "$work/policy.ini" --socket "$socket"
is_code 1
has err "$err" "$work/policy.ini:6: error: a shell ($bash) needs to exec $bash, which this rule refuses"
has err "$err" "load it all the same by 'policyctl reload --force', and at the start by portcullisd --force"

claim 'forced, it starts, with warnings'
start_daemon --force
has daemon "$(<"$work/daemon.err")" "warning: a shell ($bash) needs to exec $bash"
stop_daemon

claim 'a reload is refused, and changes nothing'
printf '%s\n' "$good" >"$work/policy.ini"
start_daemon
cp "$work/locked.ini" "$work/policy.ini"
ctl reload
is_code 1
has err "$err" "error: a shell ($bash) needs to exec $bash, which this rule refuses"
has err "$err" 'nothing changed: the policy that was live stays'
ctl reload --force
is_code 0
has out "$out" "warning: a shell ($bash) needs to exec $bash"

claim 'in audit mode nothing is refused to anybody'
sed -i 's/^mode = enforce/mode = audit/' "$work/policy.ini"
ctl reload
is_code 0

claim 'what is refused by default is found as well: loaders, libraries, files, and the way to the daemon'
printf '[policy]\nversion = 1\nmode = enforce\n[exec]\ndefault = deny\nallow = %s\ndeny = anon:\ndeny = foreign:/**\n[open]\ndefault = deny\ndeny = anon:\ndeny = foreign:/**\n[connect]\ndefault = deny\n' "$bash" >"$work/policy.ini"
ctl reload
is_code 1
library=$(realpath "$(ldd "$bash" | sed -n 's/.*libc.so.6 => \([^ ]*\).*/\1/p')")
has err "$err" "a shell ($bash) needs to exec $library, which the section's default refuses"
has err "$err" "a shell ($bash) needs to open $library, which the section's default refuses"
has err "$err" 'needs to open /etc/passwd, which'
hasnt err "$err" "needs to exec $bash"

claim 'what a profile refuses to its own is found, and only to them'
printf '[policy]\nversion = 1\nmode = enforce\n[profile shell]\nexe = %s\n[open shell]\ndeny = /etc/passwd\n' "$bash" >"$work/policy.ini"
ctl reload
is_code 1
has err "$err" "$work/policy.ini:7: error: a shell ($bash) needs to open /etc/passwd, which this rule refuses"
is others "$(grep -c 'which this rule' <<<"$err")" 1
stop_daemon
