# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034
# 44-doctor.sh - what doctor finds with a daemon whose kernel is fake: the rest of the host is whatever it is.

reset_files

# doctor - of the tests' policy and daemon.
doctor()
{
	ctl doctor --policy "$work/policy.ini" --pins "$work/none" "$@"
}

claim 'without a daemon it says how to start one'
doctor
is_code 1
has out "$out" "\[-\] daemon: $socket: No such file or directory
    remedy: systemctl start portcullisd"
has out "$out" "\[+\] policy: $work/policy.ini compiles: "

claim 'a daemon that is well is told part by part'
start_daemon
doctor
has out "$out" '\[+\] daemon: portcullisd '
has out "$out" '\[+\] live policy: the configured one, in the modes that it asks for'
has out "$out" "\[+\] hooks: each was reached by a request of the daemon's own, but for those that can't be without harm, or with the rights that it has left: fake_connect"
has out "$out" '\[\?\] pins: none: the policy ends with the daemon'
has out "$out" "\[+\] records: 0 lost in the kernel's rings (two of 65536 bytes), 0 on their way out, since the start"
has out "$out" '\[+\] troubles: no object that could not be told'

claim 'a dead hook, a forced audit, a trial'
echo 'open: no record of our own open' >"$PORTCULLIS_FAKE/canary"
sleep 1.1
doctor
is_code 1
has out "$out" '\[-\] hooks: open: no record of our own open
    remedy: sysctl kernel.ftrace_enabled=1, or else systemctl restart portcullisd'
rm "$PORTCULLIS_FAKE/canary"
sleep 1.1
ctl mode audit
doctor
is_code 1
has out "$out" '\[-\] live policy: audit is forced: nothing is refused
    remedy: policyctl mode policy'
ctl mode policy
ctl reload --confirm-within 1h
doctor
has out "$out" '\[\?\] live policy: it is on trial
    remedy: policyctl confirm, if it is to stay'
ctl confirm

claim 'a policy with a mistake is told with its place, one that others can write as well'
good=$(<"$work/policy.ini")
echo '[opne]' >>"$work/policy.ini"
doctor
is_code 1
has out "$out" "\[-\] policy: $work/policy.ini:?*: unknown section "
has out "$out" "remedy: policyctl check --lifeline $work/policy.ini tells all; until it is mended the policy before stays"
printf '%s\n' "$good" >"$work/policy.ini"
chmod 666 "$work/policy.ini"
doctor
is_code 1
has out "$out" '\[-\] policy: '
chmod 600 "$work/policy.ini"

claim 'programs get the same'
doctor --json
is lines "$(python3 -c '
import json, sys
found = json.load(sys.stdin)
print(found["fine"] == all(f["mark"] != "wrong" for f in found["findings"]),
      {f["what"]: f["mark"] for f in found["findings"]}["hooks"])' <<<"$out")" 'True fine'
stop_daemon
