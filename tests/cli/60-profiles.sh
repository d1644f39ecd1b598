# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034
# 60-profiles.sh - run, attach and ps, and who may, by portcullisd.conf.

claim 'settings that are wrong keep the daemon from starting'
reset_files
printf '[profile web]\nexe = /usr/sbin/nginx\n[profile one]\nscope = process\nuser = 7\n' >>"$work/policy.ini"
printf '[run web]\nuser = nobody\ngroop = 7\n[rum web]\n[run]\n[run web ]\n[run two]\nuser = not-there\n[metrics]\nrules = many\n[records]\ncoalesce = 3601s\n' >"$work/settings.conf"
run "$bin/portcullisd-fake" --policy "$work/policy.ini" --socket "$socket" --config "$work/settings.conf"
is_code 1
is errors "$(sed "s,^portcullisd: ,,; s,$work/,,g" <<<"$err")" "\
settings.conf:3: error: unknown key 'groop' in [run web]; did you mean 'group'?
settings.conf:4: error: unknown section [rum web]; did you mean 'run'?
settings.conf:5: error: [run] needs the name of a profile; write [run NAME]
settings.conf:6: error: blank beside a bracket; write [NAME] or [KIND NAME]
settings.conf:8: error: unknown user 'not-there': not in /etc/passwd; a number does without
settings.conf:10: error: 'many' is not a number of rules in 0-1000
settings.conf:12: error: '3601s' is not a number of seconds in 0-3600
not starting: settings.conf is wrong"
run "$bin/portcullisd-fake" --policy "$work/policy.ini" --socket "$socket" --config "$work/none.conf"
is_code 1
has err "$err" 'none.conf'
chmod a+w "$work/settings.conf"
run "$bin/portcullisd-fake" --policy "$work/policy.ini" --socket "$socket" --config "$work/settings.conf"
is_code 1
has err "$err" 'settings.conf'
rm -f "$work/settings.conf"

claim 'who is in a profile is shown as a tree'
printf '[run web]\nuser = 65534\n' >"$work/settings.conf"
printf '10 1 0 web nginx\n11 10 33 web nginx\n20 12 54321 web sh\n12 10 33 web php\n30 5 0 one odd\x1b[2J\n' >"$work/fake/tasks"
start_daemon --config "$work/settings.conf"
ctl ps
is_code 0
is out "$out" "\
PROFILE               PID USER       COMMAND
web                    10 root       nginx
web                    11 www-data   ├─ nginx
web                    12 www-data   └─ php
web                    20 54321         └─ sh
one                    30 root       odd\\x1b[2J"
ctl ps --json
is_code 0
is json "$(python3 -c 'import json, sys; print([json.loads(l)["pid"] for l in sys.stdin])' <<<"$out")" '[10, 11, 20, 12, 30]'
: >"$work/fake/tasks"
ctl ps
is out "$out" 'no process is in a profile'

claim 'run starts the command as it stands'
ctl run --profile web -- printf '%s|' -n --json 'a b' --
is_code 0
is out "$out" '-n|--json|a b|--|'
ctl run --profile web sh -c 'exit 3'
is_code 3
ctl run --profile web "$work/nothing"
is_code 127
has err "$err" 'cannot start'
ctl run --profile web /
is_code 126
has daemon "$(<"$work/daemon.err")" 'was put into profile web, as user 0 asked'

claim 'run and attach say what is wrong'
ctl run --profile wob true
is_code 1
is err "$err" "error: the policy has no profile 'wob'; did you mean 'web'?"
ctl run --profile one true
is_code 1
has err "$err" 'only a family can be joined'
ctl run true
is_code 1
is err "$err" 'policyctl: run needs --profile NAME, of up to 32 characters'
ctl run --profile web
is_code 1
has err "$err" 'too few arguments for run'
ctl run --pid 3 --profile web true
is_code 1
has err "$err" 'run takes no --pid'
ctl attach --profile web
is_code 1
is err "$err" 'policyctl: attach needs --pid N'
ctl attach --profile web --pid 0
is_code 1
is err "$err" "policyctl: '0' is not the number of a process"
ctl attach --profile web --pid 1
is_code 1
has err "$err" 'that is what the host-wide rules are for'
ctl attach --profile web --pid $$
is_code 0
is out "$out" "process $$ and what it has started are in profile web"
printf '%s 1 0 web sh\n' $$ >"$work/fake/tasks"
ctl attach --profile web --pid $$
is_code 0
is out "$out" "process $$ is in profile web already"
printf '%s 1 0 one sh\n' $$ >"$work/fake/tasks"
ctl attach --profile web --pid $$
is_code 1
is err "$err" "error: process $$ is in the family of profile 'one'; a family is not left"

claim 'the socket is open to others while somebody may run'
is socket "$(stat -c %a "$socket")" 666
: >"$work/settings.conf"
ctl reload
is_code 0
is socket "$(stat -c %a "$socket" | sed 's/660/600/')" 600
printf '[run web]\nuzer = 1\n' >"$work/settings.conf"
ctl reload
is_code 1
has err "$err" "settings.conf:2: error: unknown key 'uzer' in ?run web]; did you mean 'user'"
has err "$err" 'nothing changed'

claim 'a profile that a reload takes away is told'
: >"$work/settings.conf"
printf '10 1 0 web nginx\n11 10 33 web nginx\n' >"$work/fake/tasks"
sed -i 's/profile web/profile net/' "$work/policy.ini"
ctl reload
is_code 0
has daemon "$(<"$work/daemon.err")" 'the policy has no ?profile web] any more: the host-wide rules hold for 2 processes that were in it'
stop_daemon
is_code 0
