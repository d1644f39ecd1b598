# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034
# 42-last-good.sh - a start that can't load the configured policy, or that finds one which nobody confirmed.

reset_files
good=$(<"$work/policy.ini")
more=$(sed 's|^\[open\]|&\ndeny = /srv/other|' "$work/policy.ini")
state=$work/state

claim 'a policy that is loaded is kept, for root alone'
start_daemon --state "$state"
is mode "$(stat -c %a "$state") $(stat -c %a "$state/last-good.ini")" '700 600'
run "$bin/policyctl" check "$state/last-good.ini"
is_code 0
stop_daemon

claim 'with mistakes in the configured one the last good one is in force, loudly'
printf 'nonsense\n' >"$work/policy.ini"
start_daemon --state "$state"
has daemon "$(<"$work/daemon.err")" "$work/policy.ini was not loaded; $state/last-good.ini is in force instead"
ctl status
is_code 1
has out "$out" "NOT THE CONFIGURED ONE: $work/policy.ini was not loaded; $state/last-good.ini is in force instead"
has rules "$out" 'open 4'

claim 'once the configured one is mended, a reload loads it, and all is well'
ctl reload
is_code 1
printf '%s\n' "$more" >"$work/policy.ini"
ctl reload
is_code 0
ctl status
is_code 0
hasnt out "$out" 'NOT THE CONFIGURED'
has rules "$out" 'open 5'
stop_daemon

claim 'what was loaded by a reload is the last good one, also where the file is gone'
rm "$work/policy.ini"
start_daemon --state "$state"
ctl status
is_code 1
has rules "$out" 'open 5'
stop_daemon

claim 'without a last good one there is no start'
run "$bin/portcullisd-fake" --policy "$work/policy.ini" --socket "$socket" --state "$work/none"
is_code 1
has err "$err" "portcullisd: not starting without a policy: $work/policy.ini was not loaded"
rm -rf "$work/none"

claim 'a last good one that others can write is none'
chmod 666 "$state/last-good.ini"
run "$bin/portcullisd-fake" --policy "$work/policy.ini" --socket "$socket" --state "$state"
is_code 1
chmod 600 "$state/last-good.ini"

claim 'killed during a trial, the next start loads what was confirmed'
printf '%s\n' "$good" >"$work/policy.ini"
start_daemon --state "$state"
printf '%s\n' "$more" >"$work/policy.ini"
ctl reload --confirm-within 1h
is_code 0
kill -KILL "$daemon"
wait "$daemon" 2>/dev/null
start_daemon --state "$state"
has daemon "$(<"$work/daemon.err")" "$work/policy.ini was on trial, and nobody confirmed it; $state/last-good.ini is in force instead"
ctl status
is_code 1
has rules "$out" 'open 4'

claim 'a reload by hand takes it all the same'
ctl reload
is_code 0
ctl status
is_code 0
has rules "$out" 'open 5'
stop_daemon
start_daemon --state "$state"
hasnt daemon "$(<"$work/daemon.err")" 'nobody confirmed'

claim 'confirmed, it is the last good one; what was refused meanwhile is not'
printf '%s\n' "$good" >"$work/policy.ini"
ctl reload --confirm-within 1h
is_code 0
printf 'nonsense\n' >"$work/policy.ini"
ctl reload
is_code 1
ctl confirm
is_code 0
stop_daemon
start_daemon --state "$state"
ctl status
has rules "$out" 'open 4'
stop_daemon

claim 'taken back, it is not'
printf '%s\n' "$more" >"$work/policy.ini"
start_daemon --state "$state"
printf '%s\n' "$good" >"$work/policy.ini"
ctl reload --confirm-within 1s
wait_for said 'nobody confirmed the policy'
stop_daemon
printf 'nonsense\n' >"$work/policy.ini"
start_daemon --state "$state"
ctl status
has rules "$out" 'open 5'
stop_daemon

claim 'a folder that cannot be written is told, and changes nothing else'
printf '%s\n' "$good" >"$work/policy.ini"
echo x >"$work/file"
start_daemon --state "$work/file"
has daemon "$(<"$work/daemon.err")" "$work/file/next.ini cannot be written: Not a directory: a start that can't load the policy will not find this one"
ctl status
is_code 0
stop_daemon
rm -rf "$state" "$work/file"
