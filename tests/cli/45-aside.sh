# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2034
# 45-aside.sh - a policy is compiled aside: everything else goes on, and each answer is about the file as it was asked for.

held()
{
	[[ $(grep -c 'fake kernel: held' "$work/daemon.err") -eq $1 ]]
}

# reload_aside FILE: policyctl reload in the background; its words and then its exit code to FILE.
reload_aside()
{
	{ "$bin/policyctl" --socket "$socket" reload; echo "code $?"; } >"$1" 2>&1 &
}

ended()
{
	grep -q '^code ' "$1"
}

# Lets the loading that is held go on; the next one is held again.
release()
{
	timeout 10 tee "$PORTCULLIS_FAKE/hold" </dev/null
}

reset_files
start_daemon --log "$work/log"
mkfifo "$PORTCULLIS_FAKE/hold"

claim 'while a policy is compiled, status, log and records go on'
reload_aside "$work/first"
wait_for held 1
run timeout 2 "$bin/policyctl" --socket "$socket" status
is_code 0
has out "$out" '0 reloads, 0 refused'
ask 'open read /srv/secret'
wait_for logged 1
run timeout 2 "$bin/policyctl" --socket "$socket" log
has out "$out" /srv/secret

claim 'what is asked for meanwhile is answered by the file as it is then, by one loading for all'
printf '[policy]\nversion = 1\n[open]\ndeny = /srv/new\n' >"$work/policy.ini"
reload_aside "$work/second"
reload_aside "$work/third"
kill -HUP "$daemon"
sleep 0.3
release
wait_for ended "$work/first"
has first "$(<"$work/first")" "loaded $work/policy.ini: 9 rules, generation "
has first "$(<"$work/first")" 'code 0'
wait_for held 2
if ended "$work/second"; then fail 'the second was answered before its turn'; else pass; fi
release
wait_for ended "$work/second"
wait_for ended "$work/third"
has second "$(<"$work/second")" "loaded $work/policy.ini: 1 rules, generation "
is third "$(<"$work/third")" "$(<"$work/second")"
ctl status
has out "$out" '2 reloads, 0 refused'

claim 'a client that goes away while it waits is missed by nobody'
timeout 0.3 "$bin/policyctl" --socket "$socket" reload
wait_for held 3
release
wait_for said "1 rules, generation"
ctl status
is_code 0

claim 'SIGTERM does not wait for a policy that is being compiled'
reload_aside "$work/last"
wait_for held 4
ask '100 times open read /srv/new'
start=$SECONDS
stop_daemon
is_code 0
if ((SECONDS - start < 3)); then pass; else fail "it took $((SECONDS - start)) s"; fi
is records "$(wc -l <"$work/log")" 101
has daemon "$(<"$work/daemon.err")" '101 logged + 0 coalesced + 0 unlogged + 0 lost; 101 records taken, 0 unwritten'
wait_for ended "$work/last"
has last "$(<"$work/last")" 'closed the connection: it ended, has too many clients'
has last "$(<"$work/last")" 'code 2'
rm "$PORTCULLIS_FAKE/hold"
