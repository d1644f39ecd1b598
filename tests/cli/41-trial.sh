# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034
# 41-trial.sh - what ends by itself: a policy on trial, an audit mode for some time.

reset_files
start_daemon --log "$work/log"
strict=$(<"$work/policy.ini")
more=$(sed 's|^\[open\]|&\ndeny = /srv/other|' "$work/policy.ini")
most=$(sed 's|^\[open\]|&\ndeny = /srv/other\ndeny = /srv/third|' "$work/policy.ini")

claim 'without confirmation the policy before comes back, and both are told'
ctl status
before=${out#*generation  }
before=${before%%,*}
printf '%s\n' "$more" >"$work/policy.ini"
ctl reload --confirm-within 2s
is_code 0
has out "$out" "on trial: the policy before comes back in 2 s unless 'policyctl confirm' says that this one is to stay"
ctl status
is_code 0
has out "$out" "on trial: the policy before comes back in 2 s unless 'policyctl confirm' comes"
has rules "$out" 'open 5'
wait_for said "nobody confirmed the policy: the one before is live again; $work/policy.ini still holds the other"
ctl status
is_code 0
hasnt out "$out" 'on trial'
has rules "$out" 'open 4'
hasnt generation "$out" "$before"
ask 'open read /srv/other'
sleep 0.5
is records "$(wc -l <"$work/log")" 0

claim 'what is no longer on trial cannot be confirmed'
ctl confirm
is_code 1
is err "$err" "error: no policy is on trial: either it was confirmed, or the one before is live again; 'policyctl status' tells since when"

claim 'confirmed, it stays'
ctl reload --confirm-within 2s
is_code 0
ctl confirm
is_code 0
is out "$out" 'confirmed: the policy stays'
sleep 2.5
ctl status
has rules "$out" 'open 5'
ctl confirm
is_code 1

claim 'a second trial goes back to what was confirmed, not to the first'
printf '%s\n' "$strict" >"$work/policy.ini"
ctl reload --confirm-within 1m
is_code 0
printf '%s\n' "$most" >"$work/policy.ini"
ctl reload --confirm-within 1s
is_code 0
sleep 1.5
ctl status
has rules "$out" 'open 5'

claim 'a reload without a trial ends the trial'
printf '%s\n' "$most" >"$work/policy.ini"
ctl reload --confirm-within 1s
is_code 0
ctl reload
is_code 0
sleep 1.5
ctl status
has rules "$out" 'open 6'

claim 'a policy with mistakes begins no trial'
printf 'nonsense\n' >"$work/policy.ini"
ctl reload --confirm-within 1s
is_code 1
ctl confirm
is_code 1
printf '%s\n' "$strict" >"$work/policy.ini"

claim 'audit for some time ends by itself'
ctl mode audit --for 1s
is_code 0
is out "$out" 'audit mode, for 1 s: everything is decided and recorded, nothing is refused'
ctl status
is_code 1
has out "$out" "audit is forced, for 1 s; 'policyctl mode policy' ends that"
wait_for said 'the time for audit mode is over: mode as the policy says'
ctl status
is_code 0

claim 'a mode without an end takes the place of one with an end'
ctl mode audit --for 1s
ctl mode audit
is_code 0
sleep 1.5
ctl status
is_code 1
ctl mode policy
is_code 0

claim 'what is no time is refused'
for time in 0s 5 1w 8d -1s 1ms 99999999999999999999s ''; do
	ctl reload --confirm-within "$time"
	is_code 1
	is err "$err" "policyctl: '$time' is no time between 1s and 7d; write it as 60s, 10m, 2h or 1d"
done
ctl mode policy --for 1m
is_code 1
is err "$err" "policyctl: --for goes with mode audit: the policy's own modes hold until told otherwise"
stop_daemon
