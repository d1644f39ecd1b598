# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034
# 40-reload.sh - reload by command and by signal: all or nothing.

reset_files
start_daemon --log "$work/log"

claim 'reload tells what is live now'
sed -i 's/deny.read = /allow.read = /; /^deny = open/d' "$work/policy.ini"
ctl reload
is_code 0
has out "$out" "loaded $work/policy.ini: 9 rules, generation "
has out "$out" ', in ?* ms'
ctl status
has out "$out" '1 reloads, 0 refused'

claim 'the next decision is by the new policy, and says so'
ask 'open read /srv/secret' 'open write /srv/fixed'
wait_for logged 1
is records "$(python3 "$here/fields.py" object verdict <"$work/log")" '/srv/fixed deny'

claim 'a bad policy changes nothing and comes back with all errors'
broken_policy
ctl reload
is_code 1
is out "$out" ''
has err "$err" "$work/policy.ini:4: error: unknown key 'alow' in \[open\]; did you mean 'allow'?"
has err "$err" "$work/policy.ini:5: error: "
has err "$err" 'nothing changed: the policy that was live stays'
has daemon "$(<"$work/daemon.err")" "portcullisd: $work/policy.ini:4: error: unknown key 'alow'"
ctl status
is_code 0
has out "$out" '1 reloads, 1 refused'
has out "$out" 'rules       exec 3, open 4, connect 2'
ask 'open write /srv/fixed'
wait_for logged 2
is records "$(tail -n 1 "$work/log" | python3 "$here/fields.py" object verdict rule)" '/srv/fixed deny policy.ini:8'

claim 'an expectation that fails refuses the policy'
printf '[policy]\nversion = 1\n[open]\ndefault = allow\n[expect]\ndeny = open /srv/secret read\n' >"$work/policy.ini"
ctl reload
is_code 1
has err "$err" "$work/policy.ini:6: error: 'deny = open /srv/secret read' does not hold"

claim 'a policy that others can write is refused'
printf '[policy]\nversion = 1\n' >"$work/policy.ini"
chmod 666 "$work/policy.ini"
ctl reload
is_code 1
has err "$err" "$work/policy.ini: error: "
has err "$err" 'nothing changed'
chmod 644 "$work/policy.ini"

claim 'SIGHUP reloads as well'
kill -HUP "$daemon"
wait_for said "loaded $work/policy.ini: 0 rules"
ctl status
has out "$out" '2 reloads, 3 refused'

claim 'SIGHUP with a bad policy keeps the old one'
broken_policy
kill -HUP "$daemon"
wait_for said "$work/policy.ini was not loaded: the policy that was live stays"
ctl status
has out "$out" 'rules       exec 0, open 0, connect 0'

claim 'a kernel that does not take the image is told, exit 2'
printf '[policy]\nversion = 1\n' >"$work/policy.ini"
echo 'image is too large' >"$PORTCULLIS_FAKE/apply"
ctl reload
is_code 2
has err "$err" 'the kernel did not take the policy: image is too large'
has err "$err" 'nothing changed'
rm "$PORTCULLIS_FAKE/apply"

claim 'a policy in enforce mode is not loaded over a dead hook, one in audit mode is'
echo 'open: no record of our own open' >"$PORTCULLIS_FAKE/canary"
sleep 1.1
printf '[policy]\nversion = 1\nmode = enforce\n' >"$work/policy.ini"
ctl reload
is_code 2
has err "$err" 'error: a policy in enforce mode needs all hooks live: open: no record of our own open'
printf '[policy]\nversion = 1\n' >"$work/policy.ini"
ctl reload
is_code 0

claim 'status of a dead hook is 1 and says which'
sleep 1.1
ctl status
is_code 1
has out "$out" 'state       NOT AS THE POLICY ASKS: see mode and hooks'
has out "$out" 'hooks       NOT LIVE: open: no record of our own open'
has out "$out" 'open unknown (asked: audit)'
ctl log
is_code 0
has err "$err" 'portcullisd: not all hooks are live: open: no record of our own open'
rm "$PORTCULLIS_FAKE/canary"
sleep 1.1
ctl status
is_code 0
has daemon "$(<"$work/daemon.err")" 'all hooks are live again'

claim 'mode audit overrides enforce, status is 1 until mode policy'
printf '[policy]\nversion = 1\nmode = enforce\n[open]\ndeny = /srv/secret\n' >"$work/policy.ini"
ctl reload
ctl mode audit
is_code 0
is out "$out" 'audit mode: everything is decided and recorded, nothing is refused'
ask 'open read /srv/secret'
wait_for logged 3
is records "$(tail -n 1 "$work/log" | python3 "$here/fields.py" object verdict verb mode)" '/srv/secret audit deny audit'
ctl status
is_code 1
has out "$out" 'open audit (asked: enforce)'
ctl reload
is_code 0
ctl status
is_code 1
ctl mode policy
is_code 0
is out "$out" 'mode as the policy says'
ctl status
is_code 0

claim 'the daemon is none the bigger after 300 reloads'
before=$(awk '/^VmRSS/ { print $2 }' "/proc/$daemon/status")
for ((i = 0; i < 300; i++)); do
	"$bin/policyctl" --socket "$socket" reload >/dev/null || fail "reload $i"
done
after=$(awk '/^VmRSS/ { print $2 }' "/proc/$daemon/status")
if ((after < before + 4096)) || grep -qa __asan_init "$bin/portcullisd-fake"; then pass; else fail "RSS $before → $after KiB"; fi

stop_daemon
is_code 0
